/** A denial is open when somebody can still supply what is missing, and then it says what. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judge } from '../../functions/decision/combine.ts'
import { type Decision, decide, decideAndTell, type Todo } from '../../functions/decision/decide.ts'
import { type Remedy, remediesOf as search, searchMax } from '../../functions/decision/remedies.ts'
import { decideUnseen } from './before-fetch.ts'
import { type Facts, read, world } from './oracle.ts'
import { attestable, type Item, nowFor, openSetups, type Setup } from './setups.ts'
import {
  deny,
  is,
  isNot,
  type Json,
  permit,
  quiet,
  quietItem,
  type WrittenPolicy,
  type WrittenRule,
} from './write.ts'

type Step = Pick<Todo, 'fact' | 'to'>

/** The offered remedies, each a set of steps that are needed together. */
const remediesOf = ({ todo }: Decision): readonly (readonly Step[])[] => [
  ...Map.groupBy(todo, ({ alternative }) => alternative).values(),
]

/** Whether nobody has answered this yet. */
function isOpen(name: string, facts: Facts): boolean {
  const value = read(facts, name)
  const { attestable: may = false, open } = world[name] ?? {}
  if (!may) return false
  // Of an item that does not say who gave it, nobody can be asked whether they consent.
  if (value === undefined)
    return name !== 'item.originConsent' || read(facts, 'item.origin') !== undefined
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

// Killed: a remedy that was not tried (remedies.ts, `isFree`).
test('a remedy that is offered works', () => {
  overDenials('open', 150, (setup, denial) => {
    const remedies = remediesOf(denial)
    expect(remedies).not.toEqual([])
    for (const steps of remedies)
      expect(decided(attest(setup, steps)).outcome, JSON.stringify(steps)).not.toBe('deny')
  })
})

// Killed: a denial with one remedy called final (decide.ts, `assemble`).
test('a denial that nothing would remedy is final, and offers nothing', () => {
  overDenials('final', 40, (_, denial) => expect(denial.todo).toEqual([]))
})

test('a remedy that is offered before the fetch lifts the refusal before the fetch', () => {
  fc.assert(
    fc.property(openSetups, (setup) => {
      const now = nowFor(setup.policies)
      const refusal = decideUnseen(now, setup.facts)
      fc.pre(refusal?.standing === 'open')
      for (const steps of refusal === undefined ? [] : remediesOf(refusal))
        expect(decideUnseen(now, attest(setup, steps).facts)).toBeUndefined()
    }),
    { numRuns: 60 },
  )
})

// Killed: a set that contains a remedy offered (remedies.ts, `isNeedless`).
test('no step of a remedy can be left out, and no remedy contains another', () => {
  overDenials('open', 300, isSmallest)
})

test('a step that only another step made needful is left out with it', () => {
  const found =
    '1262:1:6:6:6:9:9:10:9:10:1:9:9:15:20:22:22:21:21:21:21:21:13:17:17:17:17:17:17:17:17:17:17:17:17:17:24:24:23:22'
  overDenials('open', 1, isSmallest, { seed: -6629530, path: found })
})

function isSmallest(setup: Setup, denial: Decision): void {
  const remedies = remediesOf(denial)
  const keys = remedies.map((steps) => steps.map((step) => `${step.fact}=${String(step.to)}`))
  for (const [i, larger] of keys.entries())
    for (const [j, smaller] of keys.entries())
      if (i !== j) expect(smaller.every((step) => larger.includes(step))).toBe(false)
  for (const steps of remedies)
    for (const left of steps) {
      const rest = steps.filter((step) => step !== left)
      if (rest.length > 0) expect(decided(attest(setup, rest)).outcome).toBe('deny')
    }
}

// Killed: any text counted as open (steps.ts, `isOpen`); an open value offered as an answer
// (`valuesToTry`).
test('a remedy touches only what nobody has answered, and answers it', () => {
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

// Killed: redactions that must be lifted too (obstacles.ts, `obstaclesOf`); exceptions of permits and
// the first permit not sought (`speaking`); what is known of an item not read.
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

/** Facts of which one value is good, and it. */
const good = {
  'approval.minister': 'given',
  'assurance.deathPenalty': 'given-and-verified',
  'assurance.reciprocity': 'given',
  'assurance.specialty': 'given',
  'consent.person': 'given',
  'match.confirmation': 'confirmed',
  'necessity.case': 'necessary',
  'risk.mitigation': 'possible',
  'risk.persecution': 'none',
  'risk.torture': 'none',
  'risk.unfairTrial': 'none',
  'threat.life': 'imminent',
  'transfer.caseCheck': 'clean',
  'transfer.rightsOverride': 'no',
} as const
const goods = Object.entries(good)

/** Law that wants one good of each fact in a ring and those that are so far from it. */
const ring = (...apart: readonly (readonly number[])[]): readonly WrittenPolicy[] => [
  { id: 'de/own', kind: 'ground', rules: [permit('always', true)] },
  {
    id: 'eu/a',
    kind: 'limit',
    rules: goods.flatMap((_, i) =>
      apart.map((some, k) => {
        const facts = [0, ...some].flatMap((far) =>
          goods.slice((i + far) % goods.length).slice(0, 1),
        )
        return deny(`r${i}-${k}`, { and: facts.map(([fact, value]) => isNot(fact, value)) })
      }),
    ),
  },
]
const plain: Setup = {
  policies: ring([1]),
  facts: {
    ...quiet,
    // Nobody has answered what the rules ask.
    ...Object.fromEntries(goods.map(([fact]) => [fact, null])),
    'holder.jurisdiction': 'DE',
    'requester.cannotHonour': [],
    'discretion.waived': [],
  },
  items: [{ id: '1', facts: { ...quietItem, 'item.class': 'case' } }],
}

// Killed: a search that was cut called complete; a denial of which nothing is known called final
// (remedies.ts, `isStillOpen`).
test('a denial is open while nobody knows what would remedy it, and says that the search was cut', () => {
  const denial = decided({ ...plain, policies: ring([1, 3], [2, 6], [4, 9], [5, 7]) })
  expect(denial).toMatchObject({ outcome: 'deny', standing: 'open', todo: [], todoComplete: false })
})

test('six remedies are offered, and that there are more is said', () => {
  const denial = decided(plain)
  expect(remediesOf(denial).map(({ length }) => length)).toEqual([8, 8, 9, 9, 9, 9])
  expect(denial.todoComplete).toBe(false)
})

// Killed: six that are all there are, said to be some (remedies.ts, `remediesOf`).
test('a search that comes to its end says nothing of it', () => {
  for (const count of [1, 5, 6, 7]) {
    const either = { and: goods.slice(0, count).map(([fact, value]) => isNot(fact, value)) }
    const denial = decided({
      ...plain,
      policies: [
        { id: 'de/own', kind: 'ground', rules: [permit('always', true)] },
        { id: 'eu/a', kind: 'limit', rules: [deny('unless-one', either)] },
      ],
    })
    expect(remediesOf(denial)).toHaveLength(Math.min(count, 6))
    expect(denial.todoComplete).toBe(count > 6 ? false : undefined)
  }
})

/** Law whose only refusal is this rule, and what the holder's ground lets leave otherwise. */
const refusing = (rule: WrittenRule, applies: Json = true): Setup => ({
  ...hidden,
  policies: [
    { id: 'de/own', kind: 'ground', rules: [permit('always', true)] },
    { id: 'eu/a', kind: 'limit', applies, rules: [rule] },
  ],
})

// Killed: a refusal that reads nothing of which anybody could attest something, given up (remedies.ts, `start`).
test('a refusal that the holder may decide not to use is remedied by that decision', () => {
  const may = refusing(deny('may', true, { nature: 'discretionary' }))
  const denial = decided({ ...may, facts: { ...may.facts, 'discretion.waived': null } })
  expect(remediesOf(denial)).toMatchObject([[{ fact: 'discretion.waived', to: ['eu/a/may'] }]])
  const must = decided(refusing(deny('must', true)))
  expect(must).toMatchObject({ outcome: 'deny', standing: 'final', todo: [] })
})

// Killed: a policy that applied before some facts changed, taken to apply still (evaluate.ts, `applicable`).
test('a refusal is remedied by what makes its policy not apply', () => {
  const denial = decided(refusing(deny('all', true), isNot('assurance.specialty', 'given')))
  expect(remediesOf(denial)).toMatchObject([[{ fact: 'assurance.specialty', to: 'given' }]])
})

/** Law of which an untold rule keeps an informant's item back where the told one was lifted by a life in danger. */
const hidden: Setup = {
  policies: [
    { id: 'de/own', kind: 'ground', rules: [permit('always', true)] },
    {
      id: 'eu/a',
      kind: 'limit',
      rules: [
        deny('said', {
          and: [isNot('threat.life', 'imminent'), isNot('assurance.specialty', 'given')],
        }),
        deny('unsaid', {
          and: [
            { '===': [{ var: 'threat.life' }, 'imminent'] },
            { '===': [{ var: 'item.role' }, 'informant'] },
          ],
        }),
        deny('hidden', { '===': [{ var: 'item.role' }, 'victim'] }),
      ],
    },
  ],
  facts: {
    ...quiet,
    'holder.jurisdiction': 'DE',
    'requester.cannotHonour': [],
    'discretion.waived': [],
    'threat.life': 'none',
    'assurance.specialty': 'none',
    'release.decision': 'release',
  },
  items: [
    { id: '1', facts: { ...quietItem, 'item.class': 'case', 'item.role': 'informant' } },
    { id: '2', facts: { ...quietItem, 'item.class': 'case', 'item.role': 'victim' } },
  ],
}

// Killed: one reading of what counts for both (decide.ts, `everything` and `whatMayBeTold` exchanged).
test('the ledger offers what works on everything, an answer what works on what it may tell', () => {
  const { decision, told } = decideAndTell(nowFor(hidden.policies), hidden.facts, hidden.items)
  const specialty = [{ fact: 'assurance.specialty', to: 'given' }]
  expect(remediesOf(decision)).toMatchObject([specialty])
  expect(remediesOf(decided(hidden))).toMatchObject([specialty])
  expect(remediesOf(told)).toMatchObject([[{ fact: 'threat.life', to: 'imminent' }], specialty])
})

/**
 * An officer refused. The ground that the question alone reserves to an officer applies perhaps; the other one
 * lets everything leave by rule, but no refused thing, and that it keeps it may not be told.
 */
const refused: Setup = {
  policies: [
    { id: 'de/own', kind: 'ground', rules: [permit('always', true)] },
    {
      id: 'de/b',
      kind: 'ground',
      applies: is('request.offence.isOffenceForHolder', true),
      rules: [permit('always', true)],
      automation: [],
    },
  ],
  facts: {
    ...quiet,
    'holder.jurisdiction': 'DE',
    'requester.cannotHonour': [],
    'discretion.waived': [],
    'release.decision': 'refuse',
  },
  items: [{ id: '1', facts: { ...quietItem, 'item.class': 'identification' } }],
}

// Killed: a ground that reserves, lifted by its not applying, whatever the officer decided (obstacles.ts,
// `reserving`).
test('what an officer refused is final: no step is offered that would only hide the refusal', () => {
  const { decision, told } = decideAndTell(nowFor(refused.policies), refused.facts, refused.items)
  for (const denial of [decision, told])
    expect(denial).toMatchObject({ outcome: 'deny', standing: 'final', todo: [] })
  const stated = { 'request.offence.isOffenceForHolder': false }
  expect(decided({ ...refused, facts: { ...refused.facts, ...stated } }).outcome).toBe('deny')
  const undecided = { ...refused, facts: { ...refused.facts, 'release.decision': 'none' } }
  expect(decided(undecided)).toMatchObject({ outcome: 'deny', standing: 'open' })
})

/** The remedies of one setup, by a search that may spend so much. */
const searched = ({ policies, facts, items }: Setup, effort: number) => {
  const judgement = judge(nowFor(policies), facts, items)
  return search(judgement, judgement.items, () => true, { ...searchMax, effort })
}

// Killed: levels out of order (remedies.ts, `remediesOf`).
test('a search that may spend less finds no other remedies, and says if it was cut', () => {
  fc.assert(
    fc.property(openSetups, fc.integer({ min: 1, max: 200 }), (setup, effort) => {
      const all = searched(setup, searchMax.effort)
      fc.pre(all.complete && all.remedies.length > 0)
      const { remedies, complete } = searched(setup, effort)
      if (complete) expect(remedies).toEqual(all.remedies)
      else if (all.remedies.length < searchMax.offered)
        for (const remedy of remedies) expect(all.remedies).toContainEqual(remedy)
      else expect(remedies.map(sizeOf)).toEqual(all.remedies.slice(0, remedies.length).map(sizeOf))
    }),
    { numRuns: 60 },
  )
})

const sizeOf = (remedy: Remedy): number => remedy.length

// Killed: items that are alike searched one by one (remedies.ts, `begin`).
test('a hundred items that are alike cost what one costs', () => {
  const [item] = plain.items
  const items = Array.from({ length: 100 }, (_, i) => ({ ...item, id: String(i) }) as Item)
  for (const effort of [40, 60, 80, 120, 200])
    expect(searched({ ...plain, items }, effort)).toEqual(searched(plain, effort))
})
