/** A denial is open when somebody can still supply what is missing, and then it says what. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Decision, decide, decideUnseen, type Todo } from '../../functions/decision/decide.ts'
import { type Facts, read, world } from './oracle.ts'
import { attestable, nowFor, openSetups, type Setup } from './setups.ts'

type Step = Pick<Todo, 'fact' | 'to'>

/** The offered cures, each a set of steps that are needed together. */
const curesOf = ({ todo }: Decision): readonly (readonly Step[])[] => [
  ...Map.groupBy(todo, ({ alternative }) => alternative).values(),
]

/** Whether nobody has answered this yet. */
function isOpen(name: string, facts: Facts): boolean {
  const value = read(facts, name)
  const { attestable: may = false, open } = world[name] ?? {}
  if (!may) return false
  if (value === undefined) return true
  return open !== undefined && (Array.isArray(value) || open.includes(String(value)))
}

/** Values that are no answer, that nobody vouches for, or that nobody is asked to find. */
const notAnswers = (fact: string): readonly string[] => [
  ...(fact.startsWith('risk.') ? ['substantial', 'real'] : []),
  ...(world[fact]?.open ?? []),
  ...(world[fact]?.unattested ?? []),
]

const isItem = (name: string) => name.startsWith('item.')

/** What is known once the steps are attested, of every item where they are still open. */
function attest({ policies, facts, items }: Setup, steps: readonly Step[]): Setup {
  const set = (onto: Facts, some: readonly Step[]): Facts => ({
    ...onto,
    ...Object.fromEntries(some.map(({ fact, to }) => [fact, to])),
  })
  const ofRequest = steps.filter(({ fact }) => !isItem(fact))
  return {
    policies,
    facts: set(facts, ofRequest),
    items: items.map((item) => {
      const open = steps.filter(({ fact }) => isItem(fact) && isOpen(fact, item.facts))
      return { ...item, facts: set(item.facts, open) }
    }),
  }
}

const decided = ({ policies, facts, items }: Setup) => decide(nowFor(policies), facts, items)

/** Runs over denials only, open or final. */
const overDenials = (
  standing: Decision['standing'],
  numRuns: number,
  check: (setup: Setup, denial: Decision) => void,
  replay: { readonly seed?: number; readonly path?: string } = {},
) =>
  fc.assert(
    fc.property(openSetups, (setup) => {
      const decision = decided(setup)
      fc.pre(decision.standing === standing)
      check(setup, decision)
    }),
    { numRuns, ...replay },
  )

// Killed: a cure that was not tried (cures.ts, `curesOf`).
test('a cure that is offered works', () => {
  overDenials('open', 150, (setup, denial) => {
    const cures = curesOf(denial)
    expect(cures).not.toEqual([])
    for (const steps of cures)
      expect(decided(attest(setup, steps)).outcome, JSON.stringify(steps)).not.toBe('deny')
  })
})

// Killed: a denial with one cure called final (decide.ts, `assemble`).
test('a denial that nothing would cure is final, and offers nothing', () => {
  overDenials('final', 40, (_, denial) => expect(denial.todo).toEqual([]))
})

test('a cure that is offered before the fetch lifts the refusal before the fetch', () => {
  fc.assert(
    fc.property(openSetups, (setup) => {
      const now = nowFor(setup.policies)
      const refusal = decideUnseen(now, setup.facts)
      fc.pre(refusal?.standing === 'open')
      for (const steps of refusal === undefined ? [] : curesOf(refusal))
        expect(decideUnseen(now, attest(setup, steps).facts)).toBeUndefined()
    }),
    { numRuns: 60 },
  )
})

// Killed: cures that are not cut down to what is needed (cures.ts, `withoutNeedless`).
test('no step of a cure can be left out, and no cure contains another', () => {
  overDenials('open', 300, isSmallest)
})

test('a step that only another step made needful is left out with it', () => {
  const found =
    '1262:1:6:6:6:9:9:10:9:10:1:9:9:15:20:22:22:21:21:21:21:21:13:17:17:17:17:17:17:17:17:17:17:17:17:17:24:24:23:22'
  overDenials('open', 1, isSmallest, { seed: -6629530, path: found })
})

function isSmallest(setup: Setup, denial: Decision): void {
  const cures = curesOf(denial)
  const keys = cures.map((steps) => steps.map((step) => `${step.fact}=${String(step.to)}`))
  for (const [i, larger] of keys.entries())
    for (const [j, smaller] of keys.entries())
      if (i !== j) expect(smaller.every((step) => larger.includes(step))).toBe(false)
  for (const steps of cures)
    for (const left of steps) {
      const rest = steps.filter((step) => step !== left)
      if (rest.length > 0) expect(decided(attest(setup, rest)).outcome).toBe('deny')
    }
}

// Killed: any text counted as open (cures.ts, `isOpen`); an open value offered as an answer
// (`waysToChange`).
test('a cure touches only what nobody has answered, and answers it', () => {
  overDenials('open', 60, ({ facts, items }, denial) => {
    for (const { fact, to } of denial.todo) {
      const holders = isItem(fact) ? items.map((item) => item.facts) : [facts]
      expect(
        holders.some((each) => isOpen(fact, each)),
        `${fact} is answered`,
      ).toBe(true)
      if (!Array.isArray(to)) expect(notAnswers(fact)).not.toContain(to)
    }
  })
})

/** Each single attestation that somebody could still make. */
const attestations: readonly Step[] = attestable
  .filter((name) => ['enum', 'boolean'].includes(world[name]?.type ?? ''))
  .flatMap((fact) => (world[fact]?.values ?? []).map((to) => ({ fact, to })))
  .filter(({ fact, to }) => !notAnswers(fact).includes(String(to)))

// Killed: redactions that must be lifted too (cures.ts, `curesOf`); exceptions of permits and the
// first permit not sought (`waysToLift`); what is known of an item not read.
test('a denial that one attestation would lift is open', () => {
  overDenials('final', 120, (setup) => {
    for (const step of attestations) {
      const { fact } = step
      if (!isItem(fact) && !isOpen(fact, setup.facts)) continue
      const after = decided(attest(setup, [step]))
      expect(after.outcome, JSON.stringify(step)).toBe('deny')
    }
  })
})
