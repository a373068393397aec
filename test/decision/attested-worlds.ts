/** Attestations, objections and matters to be matched: mostly sound, each with a slip or two. */

import fc from 'fast-check'
import {
  type Act,
  type Asking,
  attestable,
  type Case,
  type Doubt,
  type Scope,
} from './attested-oracle.ts'

export type World = {
  readonly acts: readonly Act[]
  readonly doubts: readonly Doubt[]
  readonly asking: Asking
  readonly at: string
}

const at = '2026-11-24T10:00:00Z'
const days = (n: number) => new Date(Date.parse(at) + n * 86_400_000).toISOString()
const asking: Asking = {
  holder: 'DE-BKA',
  id: 'matter-1',
  requester: 'US-POL',
  requesterJurisdiction: 'US',
  caseReference: 'K-1',
  purpose: 'investigation',
  offenceCategory: 'ordinary',
  asked: 'person-1',
  necessityPresumed: true,
}

const seldom = <T, U>(sound: T, ...slips: readonly U[]): fc.Arbitrary<T | U> =>
  fc.oneof(
    { arbitrary: fc.constant<T | U>(sound), weight: 10 },
    { arbitrary: fc.constantFrom<T | U>(...slips), weight: 2 },
  )

const limits = fc.oneof(
  { arbitrary: fc.constant({}), weight: 3 },
  fc.constant({ purpose: 'investigation' }),
  fc.constant({ offenceCategory: 'ordinary' }),
  fc.constant({ purpose: 'prosecution' }),
  fc.constant({ offenceCategory: 'terrorism' }),
  fc.constant({ purpose: 'investigation', offenceCategory: 'ordinary' }),
)

const references = seldom('K-1', 'K-2', ' k-1', 'K\u200b-\u00a01', 'K\u20111')
/** The case of a matter; none where it is from before that was kept. */
const cases = fc.option(
  fc.record({ requester: seldom('US-POL', 'US-FBI'), caseReference: references }),
  { nil: undefined, freq: 5 },
)

const scopeOf = (kind: Scope['kind']): fc.Arbitrary<Scope> => {
  switch (kind) {
    case 'matter':
      return fc.constantFrom('matter-1', 'matter-1', 'matter-2').map((matter) => ({ kind, matter }))
    case 'case':
      return fc.record({
        kind: fc.constant(kind),
        requester: seldom('US-POL', 'US-FBI'),
        caseReference: references,
      })
    case 'general':
      return fc
        .tuple(seldom('US', 'GB'), limits)
        .map(([requester, limit]) => ({ kind, requester, ...limit }))
  }
}

const kinds = ['matter', 'case', 'general'] as const
const absent = <T extends object>(all: T): T =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T

const persons = seldom<readonly string[], readonly string[] | undefined>(
  ['person-1', 'person-3'],
  ['person-2'],
  undefined,
)
const spans = fc.oneof(
  { arbitrary: fc.constant([-10, 20]), weight: 8 },
  fc.constantFrom([0, 20], [-10, 0], [1, 20], [-20, -1], [-100, 266], [-100, 267], [-1, 400]),
)

const signer = fc.oneof(
  // Who decided signs itself; is another office; or was a person, before offices decided.
  { arbitrary: fc.constant({ attester: 'DE-BKA', decidedBy: 'DE-BKA' }), weight: 4 },
  { arbitrary: fc.constant({ attester: 'DE-MIN', decidedBy: 'DE-MIN' }), weight: 2 },
  { arbitrary: fc.constant({ attester: 'DE-BKA', decidedBy: 'DE-MIN' }), weight: 3 },
  { arbitrary: fc.constant({ attester: 'DE-BKA', decidedBy: 'Anna Muster' }), weight: 1 },
  { arbitrary: fc.constant({ attester: 'DE-MIN', decidedBy: 'Anna Muster' }), weight: 1 },
)
const signature = fc.record({
  agency: fc.constantFrom('DE-BKA', 'DE-MIN', 'DE-DSB'),
  as: fc.constantFrom('office', 'data-protection'),
})

const factOf = (fact: string): fc.Arbitrary<Omit<Act, 'id'>> => {
  const { office = 'originator', values = [], scopes = [] } = attestable[fact] ?? {}
  const kind = fc.oneof(
    { arbitrary: fc.constantFrom(...scopes), weight: 9 },
    { arbitrary: fc.constantFrom(...kinds), weight: 1 },
  )
  return fc
    .record({
      holder: seldom('DE-BKA', 'FR-PN'),
      value: fc.constantFrom(...values),
      also: fc.option(another(fact), { nil: undefined, freq: 4 }),
      scope: kind.chain(scopeOf),
      persons,
      inCase: cases,
      originator: fc.constantFrom('BE', 'NL'),
      span: spans,
      ahead: seldom(0, 31, 32, -5),
      signer,
      as: seldom(office, undefined, 'holder-officer', 'holder-ministry', 'originator'),
      signatures: fc.option(fc.array(signature, { maxLength: 2 }), { nil: undefined, freq: 3 }),
      isDoublySigned: fc.boolean(),
      entersFor: fc.constantFrom(true as const, undefined),
      documentDigest: fc.constantFrom('digest', undefined),
    })
    .map(({ span: [from = 0, until = 0], ahead, signer: by, isDoublySigned, ...rest }) =>
      absent({
        ...rest,
        fact,
        ...by,
        ...ofScope(rest),
        ...(isOfOrigin(fact, ...(rest.also ?? [])) ? {} : { originator: undefined }),
        signatures:
          isDoublySigned && rest.scope.kind === 'general'
            ? [...(rest.signatures ?? []), { agency: 'DE-DSB', as: 'data-protection' }]
            : rest.signatures,
        enteredAt: days(from - ahead),
        from: days(from),
        until: days(until),
      }),
    ) as fc.Arbitrary<Omit<Act, 'id'>>
}

/** A country has no people; a matter is of a case. */
type Reaching = {
  readonly scope: Scope
  readonly persons?: readonly string[] | undefined
  readonly inCase?: Case | undefined
}
const ofScope = ({ scope, persons, inCase }: Reaching) => ({
  persons: scope.kind === 'general' ? undefined : persons,
  inCase: scope.kind === 'matter' ? inCase : undefined,
})

const isOfOrigin = (fact: string, ...also: readonly { readonly fact: string }[]) =>
  [fact, ...also.map((each) => each.fact)].includes('item.originConsent')

/** Another fact that the same act decides. */
const another = (but: string) =>
  fc
    .constantFrom(...Object.keys(attestable).filter((each) => each !== but))
    .chain((fact) =>
      fc.constantFrom(...(attestable[fact]?.values ?? [])).map((value) => [{ fact, value }]),
    )

const doubtOf = (facts: readonly string[]) =>
  fc
    .record({
      holder: seldom('DE-BKA', 'FR-PN'),
      facts: fc.subarray([...facts], { minLength: 1 }),
      originator: fc.constantFrom('BE', undefined),
      scope: fc.constantFrom(...kinds).chain(scopeOf),
      persons,
      inCase: cases,
    })
    .map((rest) => absent({ ...rest, ...ofScope(rest) })) as fc.Arbitrary<Omit<Doubt, 'id'>>

/** What one office said one day after another, of the matter and of others of its case. */
const ofOneOffice: fc.Arbitrary<World> = fc
  .constantFrom('necessity.case', 'consent.person', 'item.originConsent', 'assurance.specialty')
  .chain((fact) =>
    fc
      .array(
        fc.record({
          day: fc.constantFrom(-3, -2, -1),
          value: fc.constantFrom(...(attestable[fact]?.values ?? [])),
          matter: fc.constantFrom('matter-1', 'matter-2'),
        }),
        { minLength: 2, maxLength: 4 },
      )
      .map((said) => ({
        ...{ doubts: [], asking, at },
        acts: said.map(({ day, value, matter }, i) =>
          absent({
            ...{
              id: `a${i}`,
              holder: 'DE-BKA',
              attester: 'DE-BKA',
              decidedBy: 'DE-BKA',
              fact,
              value,
            },
            ...{ as: attestable[fact]?.office, scope: { kind: 'matter', matter } as const },
            ...{ persons: ['person-1'], inCase: { requester: 'US-POL', caseReference: 'K-1' } },
            originator: isOfOrigin(fact) ? 'BE' : undefined,
            ...{ enteredAt: days(day), from: days(-10), until: days(20) },
          }),
        ) as unknown as readonly Act[],
      })),
  )

/** A matter, and what was said of one or two facts of it. */
const ofMany: fc.Arbitrary<World> = fc
  .uniqueArray(fc.constantFrom(...Object.keys(attestable)), { minLength: 1, maxLength: 2 })
  .chain((facts) =>
    fc.record({
      acts: fc.array(fc.constantFrom(...facts).chain(factOf), { maxLength: 5 }),
      doubts: fc.array(doubtOf(facts), { maxLength: 2 }),
      isDoubted: fc.boolean(),
      caseReference: references,
      necessityPresumed: fc.boolean(),
    }),
  )
  .map(
    ({ acts, doubts, isDoubted, ...asked }): World => ({
      acts: acts.map((act, i) => ({ ...act, id: `a${i}` })),
      doubts: (isDoubted ? doubts : []).map((doubt, i) => ({ ...doubt, id: `d${i}` })),
      asking: { ...asking, ...asked },
      at,
    }),
  )

/** Both. */
export const worlds: fc.Arbitrary<World> = fc.oneof(
  { arbitrary: ofMany, weight: 5 },
  { arbitrary: ofOneOffice, weight: 1 },
)
