/** `comity policy explain`: decides from facts alone, and says what each rule made of them. */

import * as z from 'zod'
import { type Judged, judge, unseenItems } from '../decision/combine.ts'
import { type Decision, decide } from '../decision/decide.ts'
import { missingFacts } from '../decision/evaluate.ts'
import { type Facts, type Item, unattested } from '../decision/facts.ts'
import { itemOf } from '../law/cases.ts'
import { automationWords } from '../law/clauses.ts'
import type { Book, Policy } from '../policy/book.ts'
import { type InForce, inForce } from '../policy/history.ts'
import { holds } from '../policy/logic.ts'
import { suggest } from '../policy/suggest.ts'
import { knownValue, vocabulary } from '../policy/vocabulary.ts'
import { headline, paint, reasonLines, section, todoLines } from './say.ts'

/** A facts file; an item's keys are its `item.*` facts. */
export const caseSchema = z.strictObject({
  asOf: z.union([z.iso.date(), z.iso.datetime()]).optional(),
  facts: z.record(z.string(), z.unknown()),
  items: z
    .array(z.looseObject({ id: z.string() }))
    .max(100)
    .default([]),
})
type FactsFile = z.infer<typeof caseSchema>

/** A decision, what it rests on, and what was not understood in the facts. */
type Explained = {
  readonly decision: Decision
  /** Whether a rule decided alone, or an officer whose decision to release is among the facts. */
  readonly decidedBy: 'rule' | 'officer'
  readonly tree: readonly string[]
  readonly warnings: readonly string[]
}

/** Decides a facts file as of a day, on the policies sealed by `asKnown` (an instant). */
export function explain(file: FactsFile, book: Book, asOf: string, asKnown: string): Explained {
  const now = inForce(book, asOf, asKnown)
  const facts: Facts = { asOf: asOf.slice(0, 10), ...unattested, ...file.facts }
  const items = file.items.map(itemOf)
  const decision = decide(now, facts, items, asOf.length === 10 ? undefined : asOf)
  const isReleased = knownValue('release.decision', facts['release.decision']) === 'release'
  return {
    decision,
    decidedBy: isReleased ? 'officer' : 'rule',
    tree: tree(now, facts, items),
    warnings: warnings(file.facts, items),
  }
}

/** The decision as programs read it. */
export const explainedJson = ({ decision, decidedBy }: Explained) => ({
  outcome: decision.outcome,
  standing: decision.standing ?? null,
  decidedBy,
  reasons: decision.reasons,
  missing: decision.missing,
  todo: decision.todo,
  items: decision.items.map(({ id, treatment: { kind, ...how }, rules }) => ({
    id,
    treatment: kind,
    ...how,
    rules,
  })),
  obligations: decision.obligations,
  policies: decision.policies,
  ...(decision.answerBy === undefined ? {} : { answerBy: decision.answerBy }),
})

/** The decision as people read it. */
export function explainedLines(explained: Explained): readonly string[] {
  const { decision, decidedBy, tree: rules } = explained
  const { outcome, standing, reasons, items, obligations, todo, missing } = decision
  return [
    headline(outcome, standing),
    paint('dim', decidedBy === 'rule' ? 'Decided by rule alone.' : 'Decided by an officer.'),
    ...reasons.flatMap(reasonLines),
    ...section(
      'Not known',
      missing.map((fact) => `- ${labelOf(fact)} (${fact})`),
    ),
    ...todoLines(todo.map((step) => ({ ...step, to: step.to as string }) as never)),
    ...section(
      'Items',
      items.map(
        ({ id, treatment, rules: ids }) => `- ${id}: ${treatment.kind} (${ids.join(', ')})`,
      ),
    ),
    ...section(
      'Duties',
      obligations.map(({ code, text, onWhom }) => `- ${text} [${code}, ${onWhom}]`),
    ),
    '',
    ...rules,
    paint('dim', 'An engineering reading, not legal advice.'),
  ]
}

const marks = {
  holds: paint('green', 'held   '),
  fails: paint('dim', 'failed '),
  unanswerable: paint('yellow', 'unknown'),
} as const

/** Every policy that applies, and what each of its rules said, item by item where they differ. */
function tree(now: InForce, facts: Facts, items: readonly Item[]): readonly string[] {
  const judgement = judge(now, facts, items.length === 0 ? unseenItems(undefined) : items)
  return judgement.applicable.flatMap(({ policy, definitely, suspended }) => [
    `${policy.file.title}  ${paint('dim', `${policy.id}@${policy.version}, a ${policy.file.kind}`)}${suspended ? paint('yellow', '  suspended: it permits nothing') : ''}`,
    `  ${definitely ? marks.holds : marks.unanswerable}  ${policy.file.applies.says}`,
    ...policy.rules.flatMap((rule) => {
      const all = judgement.items.map((item) => ({
        id: item.id,
        finding: item.findings.find((each) => each.rule === rule),
      }))
      const answers = Map.groupBy(all, ({ finding }) => finding?.truth ?? 'fails')
      return [...answers].map(([truth, same]) => {
        const which = rule.readsRecord ? whichOf(same, items) : ''
        const missing = [
          ...new Set(
            same.flatMap(({ finding }) => (finding === undefined ? [] : missingFacts(finding))),
          ),
        ]
        const unknown =
          missing.length === 0 ? '' : paint('yellow', ` not known: ${missing.join(', ')}`)
        const { says, cites } = rule.rule
        return `    ${marks[truth]}  ${says}${which}${unknown} ${paint('dim', cites.join('; '))}`
      })
    }),
    ...(policy.file.kind === 'ground' ? whoDecides(policy, judgement.items) : []),
  ])
}

/** What a ground let go by rule alone, or reserves to a person, item by item where they differ. */
function whoDecides(policy: Policy, items: readonly Judged[]): readonly string[] {
  const byRule = policy.byRule.flatMap((each, i) => {
    const { says = '', cites = [] } = policy.file.automation?.byRule[i] ?? {}
    const answers = Map.groupBy(items, ({ known }) => holds(each, known))
    return [...answers].map(([truth, same]) => {
      const missing = each.facts.filter((name) =>
        same.some(({ known }) => known.get(name) === undefined),
      )
      const unknown =
        truth !== 'unanswerable' ? '' : paint('yellow', ` not known: ${missing.join(', ')}`)
      return `    ${marks[truth]}  by rule alone: ${says}${whichOf(same, items)}${unknown} ${paint('dim', cites.join('; '))}`
    })
  })
  const reserved = items.filter(({ blockers }) =>
    blockers.some((each) => each.because === 'reserved' && each.policy === policy),
  )
  const { says, cites } = policy.file.automation ?? {
    says: automationWords(undefined)[0],
    cites: [],
  }
  return [
    ...byRule,
    ...(reserved.length === 0
      ? []
      : [
          `    ${paint('yellow', 'waits  ')}  an officer decides: ${says}${whichOf(reserved, items)} ${paint('dim', cites.join('; '))}`,
        ]),
  ]
}

/** ` (item 2)`, if there are several items. */
const whichOf = (some: readonly { readonly id: string }[], all: readonly unknown[]): string =>
  all.length > 1 ? ` (item ${some.map(({ id }) => id).join(', ')})` : ''

const labelOf = (fact: string): string => vocabulary[fact]?.label ?? fact

/** Facts that no rule can read as they are written; they count as unknown. */
function warnings(facts: Facts, items: readonly Item[]): readonly string[] {
  const all = [...Object.entries(facts), ...items.flatMap((item) => Object.entries(item.facts))]
  return all.flatMap(([name, value]) => {
    if (!Object.hasOwn(vocabulary, name))
      return [
        `there is no fact \`${name}\`${suggest(name, Object.keys(vocabulary))}; it counts as unknown`,
      ]
    if (value === null || knownValue(name, value) !== undefined) return []
    return [`\`${name}\` is never \`${JSON.stringify(value)}\`; it counts as unknown`]
  })
}
