/** `comity policy explain`: decides from facts alone, and says what each rule made of them. */

import type { Command } from 'commander'
import * as z from 'zod'
import { sealedPolicies } from '../../adapters/policies-files.ts'
import { judge, unseenItems } from '../../decision/combine.ts'
import { type Decision, decide } from '../../decision/decide.ts'
import { type Facts, type Item, unattested } from '../../decision/facts.ts'
import { type AnswerForItems, type PolicyWhy, whyOf } from '../../decision/why.ts'
import type { Book } from '../../policy/book.ts'
import { knownValue } from '../../policy/fact-types.ts'
import { inForce } from '../../policy/history.ts'
import { suggest } from '../../policy/suggest.ts'
import { vocabulary } from '../../policy/vocabulary.ts'
import { day } from '../../terminal/arguments.ts'
import { printed } from '../../terminal/columns.ts'
import { exitCodes, Failure } from '../../terminal/exit.ts'
import { readJson } from '../../terminal/files.ts'
import { argumentLines, headline, paint, section, todoLines } from '../../terminal/say.ts'
import { itemOf } from '../law/cases.ts'
import { automationWords } from '../law/clauses.ts'

/** Adds `explain` to `comity policy`. */
export function addExplain(policy: Command, policies: string): void {
  policy
    .command('explain')
    .description('Decide from facts alone on the sealed policies, and say why.')
    .requiredOption('--facts <file>', 'JSON: { "asOf", "facts": {}, "items": [{ "id", … }] }')
    .option('--as-of <day>', 'decide as of this day, whatever the file says', day)
    .option('--json', 'print the decision as JSON')
    .action((options: { facts: string; asOf?: string; json?: true }) => {
      const file = readJson(options.facts, caseSchema)
      const now = new Date().toISOString()
      const book = sealedBook(policies)
      const explained = explain(file, book, options.asOf ?? file.asOf ?? now, now)
      for (const warning of explained.warnings) console.error(`${options.facts}: ${warning}`)
      printed(options.json, explainedJson(explained), () => explainedLines(explained))
    })
}

function sealedBook(policies: string): Book {
  try {
    return sealedPolicies(policies)
  } catch (error) {
    throw new Failure(
      error instanceof Error ? error.message : String(error),
      exitCodes.invalidPolicy,
    )
  }
}

/** A facts file; an item's keys are its `item.*` facts. */
export const caseSchema = z.strictObject({
  asOf: z.union([z.iso.date(), z.iso.datetime()]).optional(),
  facts: z.record(z.string(), z.unknown()),
  items: z
    .array(z.looseObject({ id: z.string() }))
    .max(100)
    .default([]),
})
export type FactsFile = z.infer<typeof caseSchema>

/** A decision, what it rests on, and what was not understood in the facts. */
export type Explained = {
  readonly decision: Decision
  /** Whether a rule decided alone, or an officer whose decision to release is among the facts. */
  readonly decidedBy: 'rule' | 'officer'
  /** The holder's jurisdiction; empty if it is not known. */
  readonly holder: string
  readonly why: readonly PolicyWhy[]
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
    holder: String(knownValue('holder.jurisdiction', facts['holder.jurisdiction']) ?? ''),
    why: whyOf(judge(now, facts, items.length === 0 ? unseenItems(undefined) : items)),
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
  const { decision, decidedBy, holder, why } = explained
  const { outcome, standing, items, obligations, todo, missing } = decision
  return [
    headline(outcome, standing),
    paint('dim', decidedBy === 'rule' ? 'Decided by rule alone.' : 'Decided by an officer.'),
    ...argumentLines(decision, holder),
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
    ...treeLines(why, decision.items.length),
    paint('dim', 'An engineering reading, not legal advice.'),
  ]
}

const marks = {
  holds: paint('green', 'held   '),
  fails: paint('dim', 'failed '),
  unanswerable: paint('yellow', 'unknown'),
} as const

/** Every policy that applies, and what each of its rules said, item by item where they differ. */
const treeLines = (why: readonly PolicyWhy[], itemCount: number): readonly string[] =>
  why.flatMap(({ policy, definitely, suspended, rules, byRule, reserved }) => {
    const line = (
      said: string,
      cites: readonly string[],
      { truth, items, missing }: AnswerForItems,
    ) => {
      const which = items.length > 0 ? whichOf(items, itemCount) : ''
      const unknown =
        missing.length === 0 ? '' : paint('yellow', ` not known: ${missing.join(', ')}`)
      return `    ${marks[truth]}  ${said}${which}${unknown} ${paint('dim', cites.join('; '))}`
    }
    const { says = automationWords(undefined)[0], cites = [] } = policy.file.automation ?? {}
    return [
      `${policy.file.title}  ${paint('dim', `${policy.id}@${policy.version}, a ${policy.file.kind}`)}${suspended ? paint('yellow', '  suspended: it permits nothing') : ''}`,
      `  ${definitely ? marks.holds : marks.unanswerable}  ${policy.file.applies.says}`,
      ...rules.flatMap(({ rule, answers }) =>
        answers.map((each) =>
          line(rule.rule.says, rule.rule.cites, rule.readsRecord ? each : { ...each, items: [] }),
        ),
      ),
      ...byRule.flatMap(({ said, answers }) =>
        answers.map((each) => line(`by rule alone: ${said.says}`, said.cites, each)),
      ),
      ...(reserved.length === 0
        ? []
        : [
            `    ${paint('yellow', 'waits  ')}  an officer decides: ${says}${whichOf(reserved, itemCount)} ${paint('dim', cites.join('; '))}`,
          ]),
    ]
  })

/** ` (item 2)`, if there are several items. */
const whichOf = (some: readonly string[], itemCount: number): string =>
  itemCount > 1 ? ` (item ${some.join(', ')})` : ''

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
