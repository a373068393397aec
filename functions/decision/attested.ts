/** Which attestations count for a matter: the one function that matches them. */

import { type FactValue, vocabulary } from '../policy/vocabulary.ts'
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
import { agencyId, foldCase } from './request.ts'

/** What is matched: why an office may say so does not count. */
type Attestation = Omit<Whole, 'ground'>
/** A doubt, as it is matched. */
export type Doubt = Omit<WholeObjection, 'ground'>

/** What attestations are matched against. */
export type Matter = {
  readonly holder: string
  /** The id of its first request: a request that asks nothing again is the first of its own. */
  readonly id: string
  readonly requester: string
  readonly requesterJurisdiction: string
  readonly caseReference: string
  readonly purpose: string
  readonly offenceCategory: string
  /** The identifier asked for, by pseudonym; never that of the record found. */
  readonly asked: string
  /** Whether the law of both presumes that what is asked for is necessary. */
  readonly necessityPresumed: boolean
}

/** The value of a fact that is attested, by which attestations, and the claims that chose them. */
type AttestedFact = {
  readonly value: FactValue | undefined
  readonly ids: readonly string[]
  readonly restsOn: readonly string[]
}

/** Facts by name; `item.originConsent` by name and originator: `item.originConsent@BE`. */
export type AttestedFacts = ReadonlyMap<string, AttestedFact>

const breadth: Readonly<Record<ScopeKind, number>> = { matter: 0, case: 1, general: 2 }

/**
 * The attested value of each fact of a matter at an instant. Of one office the narrowest answer counts, and
 * what it found against a disclosure in the case since; where offices differ the fact is unknown, but a
 * refusal or a risk that was found counts at once, and "not known yet" hides nothing. While an objection
 * stands, what it reaches is unknown, unless refused.
 */
export function attested(
  all: readonly Attestation[],
  objections: readonly Doubt[],
  matter: Matter,
  at: string,
): AttestedFacts {
  const byFact = new Map<string, Counting[]>()
  for (const attestation of all) {
    if (!isInTime(attestation, at)) continue
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

/** Something said against a disclosure about people of a case, or doubted of them: of a doubt, no values. */
export type Against = {
  readonly id: string
  /** By the identifiers that were asked for, by pseudonym. */
  readonly persons: readonly string[]
  readonly scope: Scope
  readonly added: readonly string[]
  readonly facts: readonly { readonly fact: string; readonly value?: FactValue }[]
  readonly office: string
  readonly enteredAt: string
}

/**
 * All that is said against a disclosure about people of the case of a matter, whoever was asked for. It counts
 * for whom the matter asks for; who else is the same person, a record may say.
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
  const found = all
    .filter((each) => isOfCase(each) && isInTime(each, at))
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
    ...{ id: each.id, scope: each.scope, added: all.find(isDoubted(each))?.added ?? [] },
    ...{ office: each.agency, enteredAt: each.enteredAt },
  }))
  return [...found, ...doubts].filter(({ facts }) => facts.length > 0)
}

/**
 * What is left of an attestation when the person whom it is about is erased: what it found against a
 * disclosure, as long as it lasts, since without it data would go that must not. Undefined if nothing is.
 */
export function leftOf(attestation: Attestation, at: string): Attestation | undefined {
  const { release: _, also: __, ...rest } = attestation
  // Of a matter whose case is not known, nobody can ask again.
  const isReached = rest.scope.kind !== 'matter' || rest.inCase !== undefined
  const [first, ...also] = statementsOf(attestation).filter(({ fact, value }) =>
    isAgainst(fact, value),
  ) as readonly Pick<Attestation, 'fact' | 'value'>[]
  if (first === undefined || !isReached || Date.parse(rest.until) <= Date.parse(at))
    return undefined
  return { ...rest, ...first, ...(also.length === 0 ? {} : { also: [...also] }) }
}

/** Whether it is what an objection is against, which was made as far as that reaches. */
const isDoubted =
  ({ against, scope }: Pick<Doubt, 'against' | 'scope'>) =>
  (of: Attestation): boolean =>
    of.id === against && JSON.stringify(of.scope) === JSON.stringify(scope)

/** The persons of an objection: made as far as its attestation reaches, also whom that names since. */
function doubted(
  { against, scope, persons }: Doubt,
  all: readonly Attestation[],
): readonly string[] | undefined {
  const of = all.find(isDoubted({ against, scope }))
  return of?.persons !== undefined ? [...(persons ?? []), ...of.persons] : persons
}

type Counting = {
  readonly attestation: Attestation
  readonly fact: string
  readonly value: FactValue
  readonly reached: ScopeKind
}

const keyOf = (fact: string, originator: string | undefined): string =>
  fact === 'item.originConsent' && originator !== undefined ? `${fact}@${originator}` : fact

const isInTime = ({ from, until }: Attestation, at: string): boolean =>
  Date.parse(from) <= Date.parse(at) && Date.parse(at) < Date.parse(until)

/** Nobody has answered yet; what refuses or finds a risk is an answer, though it may change. */
const isOpen = (fact: string, value: FactValue): boolean =>
  (vocabulary[fact]?.open ?? []).includes(String(value)) && !isAgainst(fact, value)

/** The office whose word it is: before offices were named, that of the signer. */
export const officeOf = ({
  decidedBy,
  attester,
}: Pick<Attestation, 'decidedBy' | 'attester'>): string =>
  agencyId.safeParse(decidedBy).success ? decidedBy : attester

function answerOf(found: readonly Counting[]): AttestedFact {
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
      // Of one instant nobody can say which came last.
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

/** Of several risks the graver, which the vocabulary lists later; of anything else that differs, nothing. */
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

/** How far it reached to count for a fact of a matter; undefined if it does not. Its time is not looked at. */
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

/** Why an attestation counts for no matter at all, as it stands. */
export function whyNever(attestation: Attestation, fact: string): NotCounting | undefined {
  const { scope, signatures = [], decidedBy, attester, entersFor, documentDigest } = attestation
  const { lifeAndLimb } = vouching[fact] ?? {}
  const { value } = statementsOf(attestation).find((each) => each.fact === fact) ?? {}
  if (!scopesOf(fact, value).includes(scope.kind)) return 'scope-not-of-fact'
  if (!isOfItsOffice(attestation, fact)) return 'not-of-that-office'
  const isLimited = scope.kind === 'general' && (scope.purpose ?? scope.offenceCategory)
  if (lifeAndLimb && isLimited) return 'life-and-limb-by-claim'
  // INVARIANT (not knowing is stricter): what was found against it stands, for all the case and however long.
  const tooFar = isAgainst(fact, value) ? undefined : tooFarFor(attestation)
  if (tooFar !== undefined) return tooFar
  if (scope.kind === 'general' && !signatures.some(({ as }) => as === 'data-protection'))
    return 'not-countersigned'
  if (officeOf(attestation) === attester) return undefined
  if (signatures.some(({ agency, as }) => as === 'office' && agency === decidedBy)) return undefined
  const isEntered = entersFor && documentDigest !== undefined && !lifeAndLimb
  return isEntered ? undefined : 'office-has-not-signed'
}

/** Whether it would reach people whom it does not name, or last longer than anybody looks ahead. */
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

/** A fact counts from the kind of office that may judge it; that consent cannot be had, from the holder. */
function isOfItsOffice(attestation: Attestation, fact: string): boolean {
  const { as, attester, holder } = attestation
  const of = vocabulary[fact]?.attester
  // Before the kind was kept, the holder's own word on what its officers judge.
  if (as === undefined) return of === 'holder-officer' && attester === holder
  if (as === of) return true
  const said = statementsOf(attestation).find((each) => each.fact === fact)
  return (
    of === 'originator' && as === 'holder-officer' && said !== undefined && isOpen(fact, said.value)
  )
}

/**
 * How a word reaches a matter; undefined if it does not. What lets data go reaches no further than its
 * scope. What is against it, the requester does not shed by asking anew: it reaches all of the case in which
 * somebody asks for the same person, whatever matter it was said of.
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

/** Whether two name one case of one agency. */
export const isSameCase = (of: CaseName, matter: CaseName): boolean =>
  of.requester === matter.requester && foldCase(of.caseReference) === foldCase(matter.caseReference)
