/** Looks for the dearest decision: facts by chance, then one changed at a time for as long as it gets dearer. */

import { beforeFetch, decideAndTell } from '../../functions/decision/decide.ts'
import type { Facts } from '../../functions/decision/facts.ts'
import { isRecordFact, isWorkedOut } from '../../functions/policy/fact-types.ts'
import type { InForce } from '../../functions/policy/history.ts'
import { vocabulary } from '../../functions/policy/vocabulary.ts'

/** What is asked, for the classes of these items, and what is held. */
export type Asked = { readonly facts: Facts; readonly items: readonly Facts[] }
/** A request, and the µs that deciding on it costs. */
export type Dear = Asked & { readonly micros: number }

/** Decides as a request is: class by class before the fetch, then in full and as it may be told. */
function asRun(now: InForce, { facts, items }: Asked): unknown {
  const stated = { ...facts }
  const classes = items.map((item) => String(item['item.class']))
  const before = beforeFetch(now, stated, classes)
  if (before.refusal !== undefined) return before
  const held = items.map((item, i) => ({ id: String(i), facts: item }))
  return decideAndTell(now, stated, held, undefined, before)
}

/** The dearest decision that a search of so many steps finds, from several starts. */
export function worstDecision(now: InForce, steps: number, seed: number): Dear {
  const chance = random(seed)
  const names = Object.keys(vocabulary).filter((name) => !isWorkedOut(name) && name !== 'asOf')
  /** How much somebody has attested: the less, the more there is to remedy. */
  let attested = 0
  const changed = ({ facts, items }: Asked, name: string): Asked => {
    const fact = vocabulary[name]
    const isSilent = fact?.attester !== undefined && chance() > attested
    const silent = chance() < 0.5 ? fact?.unattested : undefined
    const value = () => (isSilent ? silent : anyValue(name, now, chance))
    return isRecordFact(name)
      ? { facts, items: items.map((item) => ({ ...item, [name]: value() })) }
      : { facts: { ...facts, [name]: value() }, items }
  }
  const anew = () =>
    costing(
      now,
      names.reduce(changed, {
        facts: { asOf: now.asOf },
        items: Array.from({ length: 1 + Math.floor(chance() * 3) }, () => ({})),
      }),
    )
  let worst = anew()
  let here = worst
  for (let i = 0; i < steps; i++) {
    if (i % stepsEach === 0) {
      attested = 0.3 * chance()
      here = Array.from({ length: startsEach }, anew).reduce(dearer)
    }
    here = dearer(here, costing(now, changed(here, anyOf(names, chance) ?? '')))
    worst = dearer(worst, here)
  }
  // What one moment made dear is not believed.
  return costing(now, worst)
}

/** Steps from one start, and requests by chance of which the dearest is that start. */
const stepsEach = 300
const startsEach = 30

const dearer = (a: Dear, b: Dear): Dear => (b.micros > a.micros ? b : a)

/** The least of five runs, so that what else the machine does is not counted. */
function costing(now: InForce, { facts, items }: Asked): Dear {
  let micros = Number.POSITIVE_INFINITY
  for (let i = 0; i < 5; i++) {
    const start = process.hrtime.bigint()
    asRun(now, { facts, items })
    micros = Math.min(micros, Number(process.hrtime.bigint() - start) / 1000)
  }
  return { facts, items, micros }
}

type Chance = () => number

const parties = ['DE', 'FR', 'NL', 'CH', 'GB', 'US', 'NO', 'BR', 'EUROPOL', 'INTERPOL'] as const

function anyValue(name: string, now: InForce, chance: Chance): unknown {
  const fact = vocabulary[name]
  switch (fact?.type) {
    case 'enum':
      return anyOf(Object.keys(fact.values), chance)
    case 'boolean':
      return chance() < 0.5
    case 'integer':
      return anyOf([0, 1, 3, 6, 11, 12, 14, 36, 48, 60, 240], chance)
    case 'list':
      return Object.keys(fact.values ?? {}).filter(() => chance() < 0.2)
    default:
      if (name.endsWith('.jurisdiction')) return anyOf(parties, chance)
      if (name === 'request.instrument')
        return anyOf(['none', ...Object.keys(now.instruments)], chance)
      return `${anyOf(parties, chance)}-POL`
  }
}

const anyOf = <T>(all: readonly T[], chance: Chance): T | undefined =>
  all[Math.floor(chance() * all.length)]

/** Numbers from 0 to 1, the same for one seed (mulberry32). */
function random(seed: number): Chance {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
