/** Findings → what happens to each item, and what stands against it. */

import type { CompiledRule, Policy } from '../policy/book.ts'
import type { InForce } from '../policy/history.ts'
import type { Known } from '../policy/logic.ts'
import type { Rule } from '../policy/policy.ts'
import { type FactValue, isRecordFact } from '../policy/vocabulary.ts'
import type { Blocker, Owed } from './blocker.ts'
import { type Applicable, applicable, type Finding, find } from './evaluate.ts'
import { derive, type Facts, type Item, known, withItem } from './facts.ts'
import { marked } from './markings.ts'
import { onWhom, owed } from './owed.ts'
import { isDutyTold, readsRecord, reserved, stated } from './reserved.ts'
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
 * blocker of an unseen item holds whatever the record contains, so it shows nothing of the record.
 */
export function judge(now: InForce, stated: Facts, asked: readonly Item[]): Judgement {
  const { facts, request, applicable: found } = questionOf(now, stated)
  const alike = new Map<string, Judged>()
  const items = asked.map((item) => {
    const kind = kindOf(item)
    const judged =
      alike.get(kind) ?? judgeItem(item, found, { now, request, own: withItem(request, item, now) })
    alike.set(kind, judged)
    return { ...judged, id: item.id }
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
 * Judges the items again with some facts changed, on which no other facts depend. Of an item's own facts,
 * only those that are `open` there change. Policies and rules that read none of them keep their findings.
 */
export function judgeChanged(
  { now, request, asked, applicable: before, items }: Judgement,
  changes: Changes,
  open: (name: string, known: Known) => boolean,
): readonly Judged[] {
  const ofItems = changes.filter(([name]) => isRecordFact(name))
  const ofRequest = changes.filter(([name]) => !isRecordFact(name))
  const laid = (known: Known, all: Changes): Known => {
    const over = new Map(all)
    return { get: (name) => over.get(name) ?? known.get(name) }
  }
  const names = new Set(changes.map(([name]) => name))
  const reads = ({ reads: read }: { readonly reads: readonly string[] }) =>
    read.some((name) => names.has(name))
  const changed = laid(request, ofRequest)
  const found = applicable(now, changed, { of: before, reads })
  return asked.map((item, i) => {
    const { known: own = changed, findings = [] } = items[i] ?? {}
    const said = new Map(findings.map((finding) => [finding.rule, finding]))
    const stands = (rule: CompiledRule) => (reads(rule) ? undefined : said.get(rule))
    const all = laid(own, [...ofRequest, ...ofItems.filter(([name]) => open(name, own))])
    return judgeItem(item, found, { now, request: changed, own: all }, stands)
  })
}

/** What is known of the request alone, and together with one item. */
type Knowledge = { readonly now: InForce; readonly request: Known; readonly own: Known }

/**
 * Judges one item by the policies that apply. `stands` gives the finding of a rule where it is known already.
 */
function judgeItem(
  item: Item,
  found: readonly Applicable[],
  knowledge: Knowledge,
  stands: (rule: CompiledRule) => Finding | undefined = () => undefined,
): Judged {
  const perPolicy = found.map((each) => ({
    ...each,
    findings: [
      ...each.findings,
      ...each.itemRules.map(
        (rule) => stands(rule) ?? find(each.policy, rule, knowledge.own, each.suspended),
      ),
    ],
  }))
  return judgeOne(item, perPolicy, knowledge)
}

type Question = Pick<Judgement, 'now' | 'facts' | 'request' | 'applicable'>

/** A request is judged before the fetch and after it. What is common to both is computed once. */
function questionOf(now: InForce, stated: Facts): Question {
  const before = questions.get(stated)
  if (before?.now === now) return before
  const facts = derive(stated, now)
  const request = known(facts, now.lists)
  const question = { now, facts, request, applicable: applicable(now, request) }
  questions.set(stated, question)
  return question
}

const questions = new WeakMap<Facts, Question>()

function judgeOne(item: Item, policies: readonly Applicable[], knowledge: Knowledge): Judged {
  const { own: facts } = knowledge
  const blockers: Blocker[] = []
  const permits: Finding[] = []
  for (const { policy, suspended, findings } of policies) {
    for (const finding of findings) {
      const blocker = refusal(finding, item)
      if (blocker !== undefined) blockers.push(blocker)
    }
    const permitting = findings.filter(({ rule }) => rule.rule.then.effect === 'permit')
    // Whatever the record holds, nothing in it makes a suspended permit count.
    const holding = suspended ? [] : permitting.filter((finding) => permitted(finding, item))
    permits.push(...holding)
    if (policy.file.kind !== 'ground' || holding.length > 0) continue
    if (suspended) blockers.push({ because: 'suspended', treatment: withhold, policy, told: true })
    else
      blockers.push({
        because: 'silence',
        treatment: withhold,
        policy,
        permits: permitting,
        told:
          policy.file.otherwise?.tell !== undefined ||
          !permitting.some(({ rule }) => readsRecord(rule, item)),
      })
  }
  if (!policies.some((each) => each.definitely && isOwnGround(each.policy, facts)))
    blockers.push({ because: 'no-policy', treatment: withhold, told: true })
  if (item.unseen === undefined && facts.get('item.class') === undefined)
    blockers.push({ because: 'unknown-class', treatment: withhold, told: false })
  blockers.push(...reserved(item, policies, knowledge))
  const findings = policies.flatMap((each) => each.findings)
  const own = [...marked(item), ...stated(item, policies, facts, knowledge.now)]
  blockers.push(...unhonoured([...owed(findings, release, item), ...own], facts, item))
  const treatment = blockers.reduce((all, each) => join(all, each.treatment), release)
  const duties = [...owed(findings, treatment, item), ...(treatment.kind === 'withhold' ? [] : own)]
  // A blocker of an unseen item is certain whatever the record holds, so telling it shows nothing of the
  // record.
  const said =
    item.unseen === undefined ? blockers : blockers.map((each) => ({ ...each, told: true }))
  return { id: item.id, known: facts, treatment, blockers: said, permits, findings, duties }
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
  const { then } = finding.rule.rule
  if (then.effect !== 'deny' && then.effect !== 'redact') return undefined
  if (finding.truth === 'fails') return undefined
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
const permitted = ({ rule, truth }: Finding, item: Item): boolean =>
  truth === 'holds' || (item.unseen !== undefined && readsRecord(rule, item) && truth !== 'fails')

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
