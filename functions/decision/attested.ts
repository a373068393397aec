/** Which attestations count for a matter: the one function that matches them. */

import { type FactValue, factTypes } from '../policy/fact-types.ts'
import { isAgainst, type ScopeKind, scopesOf, vouching } from '../policy/vouching.ts'
import {
  aheadDaysMax,
  type CaseName,
  dayMs,
  lastingDaysMax,
  type Scope,
  statementsOf,
  type Attestation as Whole,
  type Objection as WholeObjection,
} from './attestation.ts'
import { agencyIdPattern, foldCase } from './request.ts'

/** An attestation as it is matched. Its `ground` plays no part. */
type Attestation = Omit<Whole, 'ground'>
/** An objection as it is matched, without its `ground`. */
export type Doubt = Omit<WholeObjection, 'ground'>

/** What attestations are matched against. */
export type Matter = {
  readonly holder: string
  /** The id of the matter's first request. A request without `previous` starts a matter of its own. */
  readonly id: string
  readonly requester: string
  readonly requesterJurisdiction: string
  readonly caseReference: string
  readonly purpose: string
  readonly offenceCategory: string
  /** The pseudonym of the identifier asked for, never of the record found. */
  readonly asked: string
  /** Whether the law of both sides presumes that the data asked for is necessary. */
  readonly necessityPresumed: boolean
}

/** An attested value, the ids behind it, and the requester's claims by which they were chosen. */
type AttestedFact = {
  readonly value: FactValue | undefined
  readonly ids: readonly string[]
  readonly restsOn: readonly string[]
}

/** Facts by name; `item.originConsent` by name and originator: `item.originConsent@BE`. */
export type AttestedFacts = ReadonlyMap<string, AttestedFact>

const breadth: Readonly<Record<ScopeKind, number>> = { matter: 0, case: 1, general: 2 }

/**
 * The attested value of each fact of a matter at the instant `at`. Each office's narrowest answer counts, and
 * what it has found since against a disclosure in the case. Where offices differ, the fact is unknown; but a
 * refusal or a found risk prevails, and "not known yet" never hides an answer. While an objection stands, the
 * facts that it reaches are unknown, unless they are refused.
 */
export function attested(
  all: readonly Attestation[],
  objections: readonly Doubt[],
  matter: Matter,
  at: string,
): AttestedFacts {
  const byFact = new Map<string, Counting[]>()
  const now = Date.parse(at)
  for (const attestation of all) {
    if (!isInTime(attestation, now)) continue
    for (const { fact, value } of statementsOf(attestation)) {
      const reached = counts(attestation, fact, value, matter)
      if (reached === undefined) continue
      const key = keyOf(fact, attestation.originator)
      byFact.set(key, [...(byFact.get(key) ?? []), { attestation, fact, value, reached }])
    }
  }
  const values = new Map<string, AttestedFact>()
  for (const [key, found] of byFact) values.set(key, answerOf(found))
  for (const objection of objections) {
    const { holder, facts, originator, id } = objection
    const persons = doubted(objection, all)
    if (holder !== matter.holder || !reach({ ...objection, persons }, matter, true)) continue
    for (const fact of facts) {
      const key = keyOf(fact, originator)
      const said = values.get(key)
      if (said !== undefined && isAgainst(fact, said.value)) continue
      values.set(key, { value: undefined, ids: [...(said?.ids ?? []), id].sort(), restsOn: [] })
    }
  }
  return values
}

/**
 * A statement against a disclosure about people of a case, or an objection about them. An objection has no
 * values.
 */
export type Against = {
  readonly id: string
  /** Pseudonyms of the identifiers by which they were asked for. */
  readonly persons: readonly string[]
  readonly scope: Scope
  readonly added: readonly string[]
  readonly facts: readonly { readonly fact: string; readonly value?: FactValue }[]
  readonly office: string
  readonly enteredAt: string
}

/**
 * Everything said against a disclosure about anyone in the case of a matter. What is about the identifier
 * asked for counts; a record may show that the rest is about the same person.
 */
export function againstInCase(
  all: readonly Attestation[],
  objections: readonly Doubt[],
  matter: Matter,
  at: string,
): readonly Against[] {
  const isOfCase = ({ holder, scope, inCase }: Attestation | Doubt) => {
    const of = scope.kind === 'case' ? scope : inCase
    return holder === matter.holder && of !== undefined && isSameCase(of, matter)
  }
  const now = Date.parse(at)
  const found = all
    .filter((each) => isOfCase(each) && isInTime(each, now))
    .map((each) => ({
      persons: each.persons ?? [],
      facts: statementsOf(each).filter(
        ({ fact, value }) => isAgainst(fact, value) && whyNever(each, fact) === undefined,
      ),
      ...{ id: each.id, scope: each.scope, added: each.added ?? [] },
      ...{ office: officeOf(each), enteredAt: each.enteredAt },
    }))
  const doubts = objections.filter(isOfCase).map((each) => ({
    persons: doubted(each, all) ?? [],
    facts: each.facts.map((fact) => ({ fact })),
    ...{
      id: each.id,
      scope: each.scope,
      added: all.filter(isDoubted(each)).flatMap(({ added = [] }) => added),
    },
    ...{ office: each.agency, enteredAt: each.enteredAt },
  }))
  return [...found, ...doubts].filter(({ facts }) => facts.length > 0)
}

/**
 * What remains of an attestation when its person is erased: its statements against a disclosure, until it
 * ends. Without them, data would leave that must not. Undefined if nothing remains.
 */
export function leftOf(attestation: Attestation, at: string): Attestation | undefined {
  const { release: _, also: __, ...rest } = attestation
  // Nobody can ask again about a matter whose case is not known.
  const isReached = rest.scope.kind !== 'matter' || rest.inCase !== undefined
  const [first, ...also] = statementsOf(attestation).filter(({ fact, value }) =>
    isAgainst(fact, value),
  ) as readonly Pick<Attestation, 'fact' | 'value'>[]
  if (first === undefined || !isReached || Date.parse(rest.until) <= Date.parse(at))
    return undefined
  return { ...rest, ...first, ...(also.length === 0 ? {} : { also: [...also] }) }
}

/** Whether an attestation is the one objected to, and has the objection's scope. */
const isDoubted =
  ({ against, scope }: Pick<Doubt, 'against' | 'scope'>) =>
  (of: Attestation): boolean =>
    of.id === against && JSON.stringify(of.scope) === JSON.stringify(scope)

/** The persons that an objection reaches. If it has its attestation's scope, also those named there since. */
function doubted(
  { against, scope, persons }: Doubt,
  all: readonly Attestation[],
): readonly string[] | undefined {
  const of = all.filter(isDoubted({ against, scope })).filter((each) => each.persons !== undefined)
  return of.length > 0 ? [...(persons ?? []), ...of.flatMap((each) => each.persons ?? [])] : persons
}

type Counting = {
  readonly attestation: Attestation
  readonly fact: string
  readonly value: FactValue
  readonly reached: ScopeKind
}

const keyOf = (fact: string, originator: string | undefined): string =>
  fact === 'item.originConsent' && originator !== undefined ? `${fact}@${originator}` : fact

/** `now` in ms since the epoch. */
const isInTime = ({ from, until }: Attestation, now: number): boolean =>
  Date.parse(from) <= now && now < Date.parse(until)

/**
 * Whether a value says that nobody has answered yet. A refusal or a found risk is an answer, even if it may
 * change.
 */
const isOpen = (fact: string, value: FactValue): boolean =>
  (factTypes[fact]?.open ?? []).includes(String(value)) && !isAgainst(fact, value)

/** The office whose word it is. Older rows name no office; there it is the signer. */
export const officeOf = ({
  decidedBy,
  attester,
}: Pick<Attestation, 'decidedBy' | 'attester'>): string =>
  agencyIdPattern.test(decidedBy) ? decidedBy : attester

function answerOf(found: readonly Counting[]): AttestedFact {
  const [only, ...others] = found
  if (only !== undefined && others.length === 0)
    return { value: only.value, ids: [only.attestation.id], restsOn: claimsOf(only) }
  const byOffice = new Map<string, Counting[]>()
  for (const each of found) {
    const office = officeOf(each.attestation)
    byOffice.set(office, [...(byOffice.get(office) ?? []), each])
  }
  const narrowest = [...byOffice.values()].flatMap((own) => {
    const least = Math.min(...own.map(({ reached }) => breadth[reached]))
    const narrow = own.filter(({ reached }) => breadth[reached] === least)
    const answers = narrow.filter(({ fact, value }) => !isOpen(fact, value))
    const wider = own.filter(
      ({ fact, value, reached }) => breadth[reached] > least && isAgainst(fact, value),
    )
    if (answers.length === 0) return [...narrow, ...wider]
    const isSince = ({ attestation: { enteredAt } }: Counting) =>
      // Of two entered at the same instant, either may be the later.
      answers.every(({ attestation }) => attestation.enteredAt <= enteredAt)
    return [...narrow, ...wider.filter((each) => each.reached === 'case' && isSince(each))]
  })
  const answered = narrowest.filter(({ fact, value }) => !isOpen(fact, value))
  const counting = answered.length > 0 ? answered : narrowest
  const against = counting.filter(({ fact, value }) => isAgainst(fact, value))
  const deciding = against.length > 0 ? against : counting
  const distinct = new Set(deciding.map(({ value }) => JSON.stringify(value)))
  return {
    value: distinct.size === 1 ? deciding[0]?.value : worst(deciding),
    ids: deciding.map(({ attestation: { id } }) => id).sort(),
    restsOn: [...new Set(deciding.flatMap(claimsOf))],
  }
}

/**
 * The gravest of several risks (the vocabulary lists graver ones later); undefined where other values differ.
 */
function worst(deciding: readonly Counting[]): FactValue | undefined {
  const { fact } = deciding[0] ?? {}
  const against = vouching[fact ?? '']?.against ?? []
  return against.findLast((each) => deciding.some(({ value }) => value === each))
}

/** The claims of the requester by which an attestation was chosen. */
const claimsOf = ({ reached, attestation: { scope } }: Counting): readonly string[] => {
  if (reached === 'case') return ['request.caseReference']
  if (scope.kind !== 'general') return []
  return [
    ...(scope.purpose === undefined ? [] : ['request.purpose']),
    ...(scope.offenceCategory === undefined ? [] : ['request.offence.category']),
  ]
}

/** Why an attestation does not count for a fact. */
export type NotCounting =
  | 'scope-not-of-fact'
  | 'persons-not-named'
  | 'life-and-limb-by-claim'
  | 'too-long'
  | 'too-far-ahead'
  | 'not-countersigned'
  | 'not-of-that-office'
  | 'necessity-not-presumed'
  | 'office-has-not-signed'

/**
 * The scope in which an attestation counts for a fact of a matter; undefined if it does not. Its period is
 * not checked here.
 */
function counts(
  attestation: Attestation,
  fact: string,
  value: FactValue,
  matter: Matter,
): ScopeKind | undefined {
  if (attestation.holder !== matter.holder) return undefined
  const reached = reach(attestation, matter, isAgainst(fact, value))
  if (whyNever(attestation, fact) !== undefined) return undefined
  const isPresumed = !vouching[fact]?.generalIfPresumed || matter.necessityPresumed
  return reached === 'general' && !isPresumed ? undefined : reached
}

/** Why an attestation, as it stands, counts for no matter at all; undefined if it may count. */
export function whyNever(attestation: Attestation, fact: string): NotCounting | undefined {
  const { scope, signatures = [], decidedBy, attester, entersFor, documentDigest } = attestation
  const { lifeAndLimb } = vouching[fact] ?? {}
  const { value } = statementsOf(attestation).find((each) => each.fact === fact) ?? {}
  if (!scopesOf(fact, value).includes(scope.kind)) return 'scope-not-of-fact'
  if (!isOfItsOffice(attestation, fact)) return 'not-of-that-office'
  const isLimited = scope.kind === 'general' && (scope.purpose ?? scope.offenceCategory)
  if (lifeAndLimb && isLimited) return 'life-and-limb-by-claim'
  // INVARIANT (not knowing is stricter): a statement against a disclosure counts however far and long it
  // reaches.
  const tooFar = isAgainst(fact, value) ? undefined : tooFarFor(attestation)
  if (tooFar !== undefined) return tooFar
  if (scope.kind === 'general' && !signatures.some(({ as }) => as === 'data-protection'))
    return 'not-countersigned'
  if (officeOf(attestation) === attester) return undefined
  if (signatures.some(({ agency, as }) => as === 'office' && agency === decidedBy)) return undefined
  const isEntered = entersFor && documentDigest !== undefined && !lifeAndLimb
  return isEntered ? undefined : 'office-has-not-signed'
}

/** Why it reaches too far: people whom it does not name, or a time that is too long or too far ahead. */
function tooFarFor({
  scope,
  persons,
  enteredAt,
  from,
  until,
}: Attestation): NotCounting | undefined {
  const days = (start: string, end: string) => (Date.parse(end) - Date.parse(start)) / dayMs
  if (scope.kind === 'matter') return undefined
  if (scope.kind === 'case' && persons === undefined) return 'persons-not-named'
  if (!(days(from, until) <= lastingDaysMax)) return 'too-long'
  const isFarAhead = scope.kind === 'general' && !(days(enteredAt, from) <= aheadDaysMax)
  return isFarAhead ? 'too-far-ahead' : undefined
}

/**
 * A fact counts only from the kind of office that may judge it. The holder's officer may also state that an
 * originator's consent is open.
 */
function isOfItsOffice(attestation: Attestation, fact: string): boolean {
  const { as, attester, holder } = attestation
  const of = factTypes[fact]?.attester
  // Older rows have no `as`. They count where the holder itself states what its officers judge.
  if (as === undefined) return of === 'holder-officer' && attester === holder
  if (as === of) return true
  const said = statementsOf(attestation).find((each) => each.fact === fact)
  return (
    of === 'originator' && as === 'holder-officer' && said !== undefined && isOpen(fact, said.value)
  )
}

/**
 * The scope in which a statement reaches a matter; undefined if it does not. One that lets data leave reaches
 * no further than its scope. One against a disclosure also reaches every request in the case for the same
 * person, whatever matter it was made on: the requester cannot shed it by asking anew.
 */
function reach(
  { scope, persons, inCase }: Reaching,
  matter: Matter,
  against: boolean,
): ScopeKind | undefined {
  const isAsked = (of: CaseName) =>
    isSameCase(of, matter) && (persons === undefined || persons.includes(matter.asked))
  switch (scope.kind) {
    case 'matter':
      if (scope.matter === matter.id) return 'matter'
      return against && inCase !== undefined && isAsked(inCase) ? 'case' : undefined
    case 'case':
      return isAsked(scope) ? 'case' : undefined
    case 'general':
      return scope.requester === matter.requesterJurisdiction &&
        (scope.purpose ?? matter.purpose) === matter.purpose &&
        (scope.offenceCategory ?? matter.offenceCategory) === matter.offenceCategory
        ? 'general'
        : undefined
  }
}

type Reaching = Pick<Whole, 'scope' | 'inCase'> & {
  readonly persons?: readonly string[] | undefined
}

/** Whether both name the same case of the same agency. */
export const isSameCase = (of: CaseName, matter: CaseName): boolean =>
  of.requester === matter.requester && foldCase(of.caseReference) === foldCase(matter.caseReference)
