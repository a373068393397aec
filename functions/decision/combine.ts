/** Findings → what happens to each item, and what stands against it. */

import type { CompiledRule, Policy } from '../policy/book.ts'
import { type FactValue, isRecordFact } from '../policy/fact-types.ts'
import type { InForce } from '../policy/history.ts'
import { changing, type Known } from '../policy/logic.ts'
import type { Rule } from '../policy/policy.ts'
import type { Blocker, Owed } from './blocker.ts'
import { type Applicable, applicable, type Finding, findAll, speaksTo } from './evaluate.ts'
import { type Facts, type Item, requestOf, withItem } from './facts.ts'
import { onWhom, owed } from './item-duties.ts'
import { marked } from './markings.ts'
import {
  blockersByNo,
  type Claims,
  claimsIn,
  isDutyTold,
  readsRecord,
  reserved,
  stated,
} from './reserved.ts'
import { join, release, type Treatment, withhold } from './treatment.ts'

/** What happens to one item, and why. */
export type Judged = {
  readonly id: string
  /** What was known of the request and this item. */
  readonly known: Known
  readonly treatment: Treatment
  readonly blockers: readonly Blocker[]
  readonly permits: readonly Finding[]
  readonly findings: readonly Finding[]
  readonly duties: readonly Owed[]
}

/** Everything that was found on a request. */
export type Judgement = {
  readonly now: InForce
  /** What was stated of the request. */
  readonly facts: Facts
  /** The items that were judged: those of the record, or stand-ins for one not yet seen (`unseenItems`). */
  readonly asked: readonly Item[]
  readonly request: Known
  readonly applicable: readonly Applicable[]
  readonly items: readonly Judged[]
}

type Redaction = Extract<Rule['then'], { readonly effect: 'redact' }>

/**
 * Judges each item by every policy that applies to the request; items that are alike are judged once. A
 * blocker of an unseen item holds whatever the record contains, so it shows nothing of the record. `before`
 * is a judgement of other items: what it found of the request alone counts here, too, if both are one request.
 */
export function judge(
  now: InForce,
  facts: Facts,
  asked: readonly Item[],
  before?: Judgement,
): Judgement {
  const isSame = before?.now === now && before.facts === facts
  const { request, applicable: found } = isSame ? before : applicableTo(now, facts)
  const alike = new Map<string, Judged>()
  const claims = claimsIn(request, found)
  const items = asked.map((item) => {
    const kind = asked.length === 1 ? '' : kindOf(item)
    const judged =
      alike.get(kind) ??
      judgeItem(item, found, { now, request, own: withItem(request, item, now), claims })
    alike.set(kind, judged)
    return judged.id === item.id ? judged : { ...judged, id: item.id }
  })
  return { now, facts, asked, request, applicable: found, items }
}

/**
 * What is judged before the fetch: one item for each class asked for, or a single one of which nothing is
 * known.
 */
export const unseenItems = (classes: readonly string[] | undefined): readonly Item[] =>
  classes === undefined
    ? [{ id: '', facts: {}, unseen: 'whole' }]
    : // No item of a record has such an id: `recordId` allows no colon.
      [...new Set(classes)].map((each) => ({
        id: `asked:${each}`,
        facts: { 'item.class': each },
        unseen: 'beside-class',
      }))

/** New values by fact. */
type Changes = readonly (readonly [string, FactValue])[]

/**
 * What stands against an item once some of its facts or the request's have changed, on which no other facts depend.
 * Policies and rules that read none of them keep their findings.
 */
export function againstOnce(
  changes: Changes,
  { now, request, applicable: before }: Pick<Judgement, 'now' | 'request' | 'applicable'>,
  { known, findings }: Judged,
  item: Item,
): readonly Blocker[] {
  const changed = changes.map(([name]) => name)
  const ofRequest = changing(
    request,
    changes.filter(([name]) => !isRecordFact(name)),
  )
  const own = changing(known, changes)
  const found = applicable(now, ofRequest, { found: before, changed })
  const stands = (policy: Policy) =>
    before.some((each) => each.policy === policy)
      ? {
          found: findings.filter((each) => each.policy === policy && each.rule.readsRecord),
          changed,
        }
      : undefined
  const claims = claimsIn(ofRequest, found)
  return weigh(item, found, { now, request: ofRequest, own, claims }, stands).blockers
}

/** What is known of the request alone, and together with one item. */
type Knowledge = {
  readonly now: InForce
  readonly request: Known
  readonly own: Known
  readonly claims: Claims
}

/** Judges one item by the policies that apply. */
function judgeItem(item: Item, policies: readonly Applicable[], knowledge: Knowledge): Judged {
  const { blockers, permits, findings, leaving } = weigh(item, policies, knowledge)
  const treatment = joined(blockers)
  const duties = treatment.kind === 'withhold' ? owed(findings, treatment, item) : leaving
  return { id: item.id, known: knowledge.own, treatment, blockers, permits, findings, duties }
}

/** What all of these together leave of an item. */
export const joined = (blockers: readonly Blocker[]): Treatment =>
  blockers.reduce((all, { treatment }) => join(all, treatment), release)

/**
 * What stands against an item, what permits it, and which duties lie on it if it leaves. `stands` gives what was
 * found of the item for a policy before some facts changed.
 */
function weigh(
  item: Item,
  policies: readonly Applicable[],
  knowledge: Knowledge,
  stands: (policy: Policy) => Parameters<typeof findAll>[3] = () => undefined,
) {
  const { own } = knowledge
  const blockers: Blocker[] = []
  const permits: Finding[] = []
  const findings: Finding[] = []
  for (const each of policies) {
    const { policy, suspended } = each
    const from = findings.length
    findings.push(...each.findings)
    if (each.itemRules.all.length > 0)
      findings.push(...findAll(each, each.itemRules, own, stands(policy)))
    const said = findings.slice(from)
    let isPermitted = false
    for (const finding of said) {
      const blocker = refusal(finding, item)
      if (blocker !== undefined) blockers.push(blocker)
      // Whatever the record holds, nothing in it makes a suspended permit count.
      if (suspended || !isPermit(finding, item) || !speaksTo(finding.rule, own)) continue
      permits.push(finding)
      isPermitted = true
    }
    if (policy.file.kind !== 'ground' || isPermitted) continue
    if (suspended) blockers.push({ because: 'suspended', treatment: withhold, policy, told: true })
    else blockers.push(silence(policy, said, item, own))
  }
  if (!policies.some((each) => each.definitely && isOwnGround(each.policy, own)))
    blockers.push({ because: 'no-policy', treatment: withhold, told: true })
  if (item.unseen === undefined && own.get('item.class') === undefined)
    blockers.push({ because: 'unknown-class', treatment: withhold, told: false })
  blockers.push(...reserved(item, policies, knowledge))
  const leaving = [
    ...owed(findings, release, item),
    ...marked(item),
    ...stated(item, knowledge.claims, own, knowledge.now),
  ]
  blockers.push(...unhonoured(leaving, own, item))
  if (joined(blockers).kind !== 'withhold') blockers.push(...blockersByNo(item, own))
  // A blocker of an unseen item is certain whatever the record holds, so telling it shows nothing of the
  // record.
  const told = (each: Blocker): Blocker => ({ ...each, told: true })
  const against = item.unseen === undefined ? blockers : blockers.map(told)
  return { blockers: against, permits, findings, leaving }
}

/** What is found of a request alone. */
function applicableTo(now: InForce, facts: Facts): Pick<Judgement, 'request' | 'applicable'> {
  const request = requestOf(facts, now)
  return { request, applicable: applicable(now, request) }
}

/**
 * Whether the effect of a rule on an item may be told: the rule reads nothing of the record, or has a `tell`.
 */
export const mayBeTold = (rule: CompiledRule, item: Item): boolean =>
  !readsRecord(rule, item) || ('tell' in rule.rule.then && rule.rule.then.tell !== undefined)

/**
 * The blocker of a deny or redact that does not fail. On an unseen item, a rule that reads the record must
 * hold.
 */
function refusal(finding: Finding, item: Item): Blocker | undefined {
  if (finding.truth === 'fails') return undefined
  const { then } = finding.rule.rule
  if (then.effect !== 'deny' && then.effect !== 'redact') return undefined
  const isUnsure = item.unseen !== undefined && readsRecord(finding.rule, item)
  if (isUnsure && finding.truth !== 'holds') return undefined
  const treatment = then.effect === 'deny' ? withhold : treatmentOf(then, item)
  return { because: 'rule', treatment, finding, told: mayBeTold(finding.rule, item) }
}

/** The treatment that a redaction wants, or `withhold` where the value does not allow it. */
function treatmentOf(then: Redaction, { cannot = [] }: Item): Treatment {
  const { treatment: kind } = then
  if (kind === 'mask')
    return cannot.includes(kind) ? withhold : { kind, keepLast: then.keepLast ?? 0 }
  return kind === 'generalise' && cannot.includes(kind) ? withhold : { kind }
}

/** A permit counts if it holds. On an unseen item, one that reads the record counts if it may still hold. */
const isPermit = ({ rule, truth }: Finding, item: Item): boolean =>
  truth !== 'fails' &&
  rule.rule.then.effect === 'permit' &&
  (truth === 'holds' || (item.unseen !== undefined && readsRecord(rule, item)))

/** A ground of which no permit counts. */
function silence(policy: Policy, findings: readonly Finding[], item: Item, own: Known): Blocker {
  const isPermit = (rule: CompiledRule) => rule.rule.then.effect === 'permit' && speaksTo(rule, own)
  const all = policy.rules.filter(isPermit)
  if (all.length === 0 && own.get('request.unasked') === true)
    return { because: 'unasked', treatment: withhold, policy, told: true }
  const told =
    policy.file.otherwise?.tell !== undefined || !all.some((rule) => readsRecord(rule, item))
  const permits = findings.filter(({ rule }) => isPermit(rule))
  return { because: 'silence', treatment: withhold, policy, permits, told }
}

/** A ground in the holder's own folder. */
export const isOwnGround = ({ folder, file }: Policy, facts: Known): boolean => {
  const holder = facts.get('holder.jurisdiction')
  return file.kind === 'ground' && typeof holder === 'string' && folder === holder.toLowerCase()
}

/** Blocks an item if the requester's own law forbids, or may forbid, it to keep one of the item's duties. */
function unhonoured(duties: readonly Owed[], facts: Known, item: Item): readonly Blocker[] {
  const all = duties.filter(({ duty }) => onWhom(duty) === 'requester')
  const cannot = facts.get('requester.cannotHonour')
  const unknown = !Array.isArray(cannot)
  const kept = unknown ? all : all.filter(({ duty }) => cannot.includes(duty.code))
  if (kept.length === 0) return []
  const told = kept.some((each) => isDutyTold(each, item))
  return [{ because: 'duty', treatment: withhold, owed: kept, unknown, told }]
}

// Kinds of items, and stand-ins that are judged beside the items held, so that the amount of work shows
// nothing of the record.

/**
 * Fewest kinds of items that are judged, whatever is held. A record of no more kinds than this costs as much
 * as no record; each further kind costs extra.
 */
export const kindsJudged = 8

/** Everything that the judgement of an item rests on. Items of one kind are judged alike. */
export const kindOf = ({ id: _, ...rest }: Item): string => JSON.stringify(rest)

/**
 * Items that nobody holds, each of a kind of its own, of the classes looked for. As with most items held, all
 * their facts are known. Each is withheld, for a reason that is not told.
 */
export const standIns = (classes: readonly string[], count: number): readonly Item[] =>
  Array.from({ length: classes.length === 0 ? 0 : count }, (_, i) => ({
    id: String(i),
    facts: { ...kept, 'item.class': classes[i % classes.length], 'item.yearsSinceEvent': i },
  }))

const kept = {
  'item.role': 'suspect',
  'item.minor': false,
  'item.ageAtEvent': 35,
  'item.origin': 'holder',
  'item.originConsent': 'own-data',
  'item.system': 'national',
  'item.obtainedUnder': 'none',
  'item.indicatesOffence': 'not-asked',
  'item.quality': 'verified',
  'item.status': 'review-overdue',
  'item.youthRecord': 'none',
  'item.redescribed': false,
  'item.foundAgainst': false,
} as const
