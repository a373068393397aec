/** What leaves by rule alone, and what a person decides. */

import type { CompiledRule, Policy } from '../policy/book.ts'
import { claimsThatBind, isRecordFact, knownValue } from '../policy/fact-types.ts'
import { holds, type Known, knowing, placeOf, type Truth } from '../policy/logic.ts'
import { answersNo } from '../policy/vouching.ts'
import { bindingIn, mayCover } from './arranged.ts'
import type { Blocker, Owed } from './blocker.ts'
import type { Applicable } from './evaluate.ts'
import type { Facts, Item, ListsForItems } from './facts.ts'
import { withhold } from './treatment.ts'

/**
 * Whether a rule reads more than the question says. The requester names the classes it asks for, so reading
 * an item's class shows nothing of the record, unless the class is unknown: then it is none of those.
 */
export const readsRecord = (
  { readsRecord: any, readsItem }: Pick<CompiledRule, 'readsRecord' | 'readsItem'>,
  { facts, asBefore }: Item,
): boolean =>
  readsItem || (any && (asBefore || knownValue('item.class', facts['item.class']) === undefined))

/**
 * INVARIANT (a person decides): the blockers of an item that no officer has released. Either a ground
 * reserves it to an officer who has not decided or has refused; or the same person was refused before under
 * another description, or found to be at risk under another identifier; or the officer asks for more persons
 * in the case than the holder lets go by rule alone. A ground without `automation` lets
 * nothing leave by rule alone.
 *
 * Only what the question alone requires is told; otherwise the answer is that of no hit.
 */
export function reserved(
  item: Item,
  policies: readonly Applicable[],
  { request, own }: { readonly request: Known; readonly own: Known },
): readonly Blocker[] {
  const decision = own.get('release.decision')
  if (decision === 'release' || item.asBefore) return []
  const against = (told: boolean, missing: readonly string[], policy?: Applicable['policy']) =>
    ({
      because: 'reserved',
      treatment: withhold,
      told,
      missing,
      ...(policy === undefined ? {} : { policy }),
    }) as const
  const found: Blocker[] = []
  if (request.get('request.redescribed') === true) found.push(against(true, []))
  if (request.get('request.manyPersons') === true) found.push({ ...against(true, []), many: true })
  const ofRecord = ['item.redescribed', 'item.foundAgainst']
  if (ofRecord.some((name) => own.get(name) === true)) found.push(against(false, []))
  let asked: Known | undefined
  for (const { policy } of policies) {
    if (policy.file.kind !== 'ground') continue
    // INVARIANT (not knowing is stricter): a decision that is not known may be a refusal.
    if (decision === 'none' && policy.byRule.some((each) => holds(each, own) === 'holds')) continue
    const { missing } = byRuleAlone(policy, own)
    asked ??= askedOnly(request, own)
    const known = asked
    const fromQuestion = policy.byRule.map((each): Truth => {
      const truth = holds(each, known)
      return truth === 'unanswerable' && !readsRecord(each, item) ? 'fails' : truth
    })
    const isCertain = fromQuestion.every((truth) => truth === 'fails')
    if (item.unseen !== undefined && !isCertain) continue
    const unknown = decision === undefined ? ['release.decision'] : []
    found.push(against(isCertain, [...unknown, ...missing], policy))
  }
  return found
}

/**
 * INVARIANT (an answered no is heard): what keeps back an item that would leave by rule alone while some office's
 * answer is no, whichever rules read it. It only makes a person decide; where the law itself says no, its own rule
 * does. It is never told: of a record that nobody has seen nothing leaves anyway.
 */
export function blockersByNo(item: Item, own: Known): readonly Blocker[] {
  const isDecided = own.get('release.decision') === 'release'
  if (isDecided || item.unseen !== undefined || item.asBefore || item.unheard) return []
  const answeredNo = answersNo((name) => own.get(name), own.get('request.purpose'))
  const missing = answeredNo.filter((name) => own.get(name) === undefined)
  if (answeredNo.length === 0) return []
  return [{ because: 'reserved', treatment: withhold, told: false, missing, answeredNo }]
}

/**
 * What `blockersByNo` hears of some items, each by item, fact and value: an officer's release reaches no further than what was
 * answered when he was shown it.
 */
export const noesOn = (facts: Facts, items: readonly Item[]): readonly string[] =>
  items.flatMap(({ id, facts: own }) => {
    const answerTo = (name: string) => knownValue(name, (isRecordFact(name) ? own : facts)[name])
    return answersNo(answerTo, answerTo('request.purpose')).map((name) =>
      JSON.stringify([id, name, answerTo(name) ?? null]),
    )
  })

/** Whether a ground lets an item leave by rule alone, and which facts are missing for that. */
function byRuleAlone({ byRule }: Policy, own: Known) {
  const answers = byRule.map((each) => holds(each, own))
  const missing = byRule.flatMap((each, i) =>
    answers[i] === 'unanswerable' ? each.facts.filter((name) => own.get(name) === undefined) : [],
  )
  return { lets: answers.includes('holds'), missing }
}

/** Whether two versions differ in what they let leave by rule alone, on what is known. */
export function differsByRule(before: Policy, after: Policy, known: Known): boolean {
  const [was, is] = [before, after].map((each) => ({
    ...byRuleAlone(each, known),
    says: each.file.automation !== undefined,
  }))
  if (was?.lets && is?.lets) return false
  return JSON.stringify(was) !== JSON.stringify(is)
}

/** What the question says: the whole request, and the item's class with what follows from it. */
function askedOnly(request: Known, own: Known): Known {
  const values = request.values.slice()
  values[placeOf('item.class')] = own.get('item.class')
  return knowing(values, (name) => (isRecordFact(name) ? undefined : own.follow(name)))
}

/** What imposes the duties on claims, and those of arrangements. */
const statedBy = 'comity/stated'

/**
 * INVARIANT (a claim only tightens): each claim that the answer rests on, as a duty with its value. Those are
 * the claims that an applicable policy reads, those by which an attestation was chosen, and those by which an
 * arrangement covers. The arrangements' own duties are added.
 */
export function stated(
  item: Item,
  { claims, isArranged }: Claims,
  own: Known,
  { arrangements }: ListsForItems,
): readonly Owed[] {
  if (item.asBefore) return []
  const chosen = own.get('request.restsOn')
  const near = isArranged ? bindingIn(arrangements, own) : undefined
  const covering = mayCover(near, own).map(({ entry }) => entry)
  const rests = new Set([
    ...(Array.isArray(chosen) ? chosen : []),
    ...(covering.length === 0 ? [] : ['request.purpose']),
    ...(covering.every(({ threshold }) => threshold === undefined) ? [] : [penaltyStated]),
  ])
  const bound = claims.flatMap(({ claim, owed, readers }) => {
    if (rests.has(claim)) return [owed]
    return readers === undefined ? [] : [readers]
  })
  const arranged = covering.flatMap(({ duties, cites }) =>
    duties.map((code) => ({ duty: { code }, by: statedBy, cites: [cites] })),
  )
  return [...bound, ...arranged]
}

/** What the requester claims, by the policies that apply: the same for every item. */
export type Claims = {
  /** The duty of each claim: if the answer rests on it anyway, and if policies read it. */
  readonly claims: readonly {
    readonly claim: string
    readonly owed: Owed
    readonly readers: Owed | undefined
  }[]
  readonly isArranged: boolean
}

/** Finds them: once for all items of a request. */
export function claimsIn(request: Known, policies: readonly Applicable[]): Claims {
  const claims = claimsThatBind.flatMap((claim) => {
    const value = request.get(claim)
    if (value === undefined || value === 'none') return []
    const duty = { code: 'O-STATED', value: `${claim} = ${value}` }
    const owed: Owed = { duty, by: statedBy, cites: [] }
    const readers = policies
      .map(({ policy }) => policy)
      .filter((policy) => policy.claims.includes(claim))
    return [{ claim, owed, readers: readers.length === 0 ? undefined : { ...owed, readers } }]
  })
  const isArranged = policies.some(({ policy }) => policy.readsArrangements)
  return { claims, isArranged }
}

/** The claim by which an arrangement with a threshold covers. */
const penaltyStated = 'request.offence.maxCustodyMonthsRequester'

/** Whether the requester may be told of a duty: the question alone imposes it. */
export const isDutyTold = ({ finding, by }: Owed, item: Item): boolean =>
  by === statedBy || (finding !== undefined && !readsRecord(finding.rule, item))
