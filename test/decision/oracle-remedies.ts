/**
 * What would remedy a refusal, found by trying every set of attestations: the second reading of what
 * `remediesOf` promises. Sets come by size, then by who is asked, by fact and value; one that has all steps of an earlier
 * remedy is left out, whatever the value of a number.
 */

import { type Facts, read, world } from './oracle.ts'
import { answers, judge, type Asked as OracleItem, ofRequest, strictest } from './oracle-told.ts'
import type { WrittenPolicy } from './write.ts'

/** A value of a fact, or one more member of a list. */
export type Step = { readonly fact: string; readonly value: string | number | boolean }

type Asked = {
  readonly policies: readonly WrittenPolicy[]
  readonly facts: Facts
  /** Those that the refusal is about. */
  readonly items: readonly OracleItem[]
  /** Whether only what may be told counts. */
  readonly told: boolean
}

/** One more than are offered: whether there are more is said. */
const soughtMax = 7
const isItem = (name: string) => name.startsWith('item.')
const isList = (name: string) => world[name]?.type === 'list'

/** The first remedies, one more than are offered, in order; undefined where there are too many sets to try. */
export function remedies(given: Asked, triedMax: number): readonly (readonly Step[])[] | undefined {
  const asked = { ...given, facts: ofRequest(given.facts) }
  const steps = stepsOf(asked)
  const found: (readonly Step[])[] = []
  let tried = 0
  /** Goes through the sets of one size that begin with these steps; false once it is enough. */
  const through = (begun: readonly Step[], from: number, size: number): boolean => {
    if (found.some((remedy) => contains(begun, remedy))) return true
    if (begun.length === size) {
      tried += 1
      if (works(asked, begun)) found.push(begun)
      return found.length < soughtMax && tried < triedMax
    }
    for (let i = from; i < steps.length; i++) {
      const next = steps[i]
      if (next === undefined) break
      if (!isList(next.fact) && begun.some(({ fact }) => fact === next.fact)) continue
      if (!through([...begun, next], i + 1, size)) return false
    }
    return true
  }
  const sizes = new Set(steps.map(({ fact, value }) => (isList(fact) ? `${fact} ${value}` : fact)))
  for (let size = 1; size <= sizes.size; size++)
    if (!through([], 0, size)) return found.length === soughtMax ? found : undefined
  return found
}

const contains = (larger: readonly Step[], smaller: readonly Step[]): boolean =>
  smaller.every((step) =>
    larger.some(
      ({ fact, value }) =>
        fact === step.fact && (world[fact]?.type === 'integer' || value === step.value),
    ),
  )

/** What an officer refused, as the requester is told, stays: no step is offered that would only hide it. */
const isRefused = ({ policies, facts, told }: Asked, item: OracleItem): boolean =>
  told &&
  facts['release.decision'] === 'refuse' &&
  judge(policies, facts, item, 'item').against.some(
    (each) => each.told && each.code === 'human-decision',
  )

/** The same of a ground that keeps it as long as it is not known whether an officer refused. */
const unsure = ({ policies, facts, told }: Asked, item: OracleItem): readonly string[] =>
  told && read(facts, 'release.decision') === undefined
    ? judge(policies, facts, item, 'item').against.flatMap(({ told: isTold, code, rule }) =>
        isTold && code === 'human-decision' ? [rule] : [],
      )
    : []

/** Whether an item can leave once the steps are attested; of it, where they are still open. */
const works = (given: Asked, steps: readonly Step[]): boolean => {
  const { policies, facts, items, told } = given
  return items.some((item) => {
    if (isRefused(given, item)) return false
    const ofItem = steps.filter(({ fact }) => isItem(fact) && isOpen(fact, item.facts))
    const request = attested(
      facts,
      steps.filter(({ fact }) => !isItem(fact)),
    )
    const asked = { id: item.id, facts: attested(item.facts, ofItem) }
    const { against } = judge(policies, request, asked, 'item')
    if (against.some(({ rule }) => unsure(given, item).includes(rule))) return false
    return strictest(against.filter((each) => each.told || !told)) !== 'withhold'
  })
}

function attested(facts: Facts, steps: readonly Step[]): Facts {
  const after: Record<string, unknown> = { ...facts }
  for (const { fact, value } of steps)
    after[fact] = isList(fact)
      ? [...((read(after, fact) as readonly string[] | undefined) ?? []), value]
      : value
  return after
}

/** Whether nobody has answered a fact yet. */
export function isOpen(name: string, facts: Facts): boolean {
  const value = read(facts, name)
  const { attestable: may = false, open } = world[name] ?? {}
  if (!may) return false
  // Nobody can be asked for an item that nobody is said to have given.
  if (value === undefined && name === 'item.originConsent')
    return read(facts, 'item.origin') !== undefined
  if (value === undefined) return true
  return open !== undefined && (Array.isArray(value) || open.includes(String(value)))
}

/** An officer of the holder is asked first, then its ministry, then the state that the data is from. */
const askedAs = (name: string): number =>
  name === 'item.originConsent'
    ? 2
    : /^(assurance|approval)[.]|^(arrangement[.]unlisted|risk[.]mitigation)$/.test(name)
      ? 1
      : 0

/** No rule need read these: whoever reserves, refuses by discretion or asks for an answer does. */
const always = ['discretion.waived', 'release.decision', ...Object.keys(answers)]
/** Nobody is asked to find a risk, or to refuse. */
const sole: Readonly<Record<string, readonly string[]>> = { risk: ['none'], release: ['release'] }

/** Every step that may be asked for, by fact and value. */
function stepsOf({ policies, facts, items }: Asked): readonly Step[] {
  const text = JSON.stringify(policies)
  const all = Object.keys(world)

    .filter((name) => always.includes(name) || text.includes(`"var":"${name}"`))
    .filter((name) =>
      [facts, ...items.map((item) => item.facts)].some((of, i) =>
        i === 0 ? !isItem(name) && isOpen(name, of) : isItem(name) && isOpen(name, of),
      ),
    )
  const inOrder = [0, 1, 2].flatMap((rank) => all.filter((name) => askedAs(name) === rank).sort())
  return inOrder.flatMap((fact) => {
    const { open = [], unattested = [], type, values = [] } = world[fact] ?? {}
    const isAsked = (value: unknown) => ![...open, ...unattested].includes(String(value))
    const none = sole[fact.split('.')[0] ?? ''] ?? values
    const every: readonly Step['value'][] =
      type === 'integer' ? numbersIn(text, items) : type === 'list' ? sought(fact) : none
    return every.filter(isAsked).map((value) => ({ fact, value }))
  })

  function sought(list: string): readonly string[] {
    const had = (read(facts, list) as readonly string[] | undefined) ?? []
    const classes = items.map((item) => read({ ...facts, ...item.facts }, 'item.class'))
    const waivable = policies.flatMap(({ id, rules }) =>
      rules
        .filter(({ nature, then }) => nature === 'discretionary' && then.effect !== 'permit')
        .map((rule) => `${id}/${rule.id}`),
    )
    const all =
      list === 'discretion.waived' ? waivable : classes.filter((each) => each !== undefined)
    return [...new Set(all.map(String))].filter((each) => !had.includes(each)).sort()
  }
}

/** Numbers on either side of every number that a condition may compare with. */
function numbersIn(text: string, items: readonly OracleItem[]): readonly number[] {
  const stated = [...text.matchAll(/[[,:](\d+)[\],}]/g)].map(([, digits]) => Number(digits))
  const ages = items.map((item) => read(item.facts, 'item.ageAtEvent')).filter(Number.isInteger)
  const all = [0, ...[...stated, ...ages.map(Number)].flatMap((each) => [each, each + 1])]
  return [...new Set(all)].sort((a, b) => a - b)
}
