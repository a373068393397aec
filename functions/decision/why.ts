/** Why a request is decided as it is: what each rule of each policy that applies said of the facts. */

import type { CompiledRule } from '../policy/book.ts'
import { application, holds, type Known, namesOf, not, type Truth, walk } from '../policy/logic.ts'
import type { Automation, Logic } from '../policy/policy.ts'
import { mark, type Titles, type Wording, wording } from '../policy/words.ts'
import type { Judged, Judgement } from './combine.ts'
import { type Applicable, type Finding, missingFacts } from './evaluate.ts'

/** One answer, and the items of which it is given. */
export type AnswerForItems = {
  readonly truth: Truth
  readonly items: readonly string[]
  /** The facts that would have to be known. */
  readonly missing: readonly string[]
  /** What was known of the first of these items. */
  readonly known: Known
}

/** What one policy that applies said. */
export type PolicyWhy = Pick<Applicable, 'policy' | 'definitely' | 'suspended'> & {
  readonly rules: readonly {
    readonly rule: CompiledRule
    readonly answers: readonly AnswerForItems[]
  }[]
  /** Of a ground: what lets an item leave without an officer. */
  readonly byRule: readonly {
    readonly said: Automation['byRule'][number]
    readonly answers: readonly AnswerForItems[]
  }[]
  /** The items on which an officer decides. */
  readonly reserved: readonly string[]
}

/** Every policy that applies, and what each of its rules said, item by item where they differ. */
export const whyOf = ({ applicable, items }: Judgement): readonly PolicyWhy[] =>
  applicable.map(({ policy, definitely, suspended }) => ({
    ...{ policy, definitely, suspended },
    rules: policy.rules.map((rule) => ({
      rule,
      answers: answersFor(items, ({ known, findings }) => {
        const finding = findings.find((each) => each.rule === rule)
        return finding === undefined ? none : answered(finding, known)
      }),
    })),
    byRule:
      policy.file.kind === 'ground'
        ? (policy.file.automation?.byRule ?? []).flatMap((said, i) => {
            const condition = policy.byRule[i]
            return condition === undefined
              ? []
              : [{ said, answers: answersFor(items, ({ known }) => alone(condition, known)) }]
          })
        : [],
    reserved: items
      .filter(({ blockers }) =>
        blockers.some((each) => each.because === 'reserved' && each.policy === policy),
      )
      .map(({ id }) => id),
  }))

type Answered = Pick<AnswerForItems, 'truth' | 'missing'>
const none: Answered = { truth: 'fails', missing: [] }

const answered = (finding: Finding, known: Known): Answered => ({
  truth: finding.truth,
  missing: missingFacts(finding, known),
})

function alone(condition: CompiledRule['when'], known: Known): Answered {
  const truth = holds(condition, known)
  const unknown = condition.facts.filter((name) => known.get(name) === undefined)
  return { truth, missing: truth === 'unanswerable' ? unknown : [] }
}

function answersFor(
  items: readonly Judged[],
  answerOn: (item: Judged) => Answered,
): readonly AnswerForItems[] {
  const all = items.map((item) => ({ id: item.id, known: item.known, ...answerOn(item) }))
  return [...Map.groupBy(all, ({ truth }) => truth).values()].flatMap((same) => {
    const [first] = same
    if (first === undefined) return []
    const missing = [...new Set(same.flatMap((each) => each.missing))]
    return [{ ...first, items: same.map(({ id }) => id), missing }]
  })
}

/** A line of a condition with its answer. */
export type ConditionLine = {
  /** 0 for the condition as a whole. */
  readonly depth: number
  /** `a`, `b1`; empty for the condition as a whole. */
  readonly label: string
  readonly text: string
  readonly truth: Truth
  /** False if the answer would be the same whatever this part said. */
  readonly needed: boolean
  /** The facts that it reads, if it is a single statement. */
  readonly reads: readonly string[]
}

/** A condition line by line, each with its answer on what is known. */
export const answeredLines = (
  logic: Logic,
  known: Known,
  titles: Titles,
): readonly ConditionLine[] => linesOf(wording(logic, titles), known, 0, '', true)

function linesOf(
  words: Wording,
  known: Known,
  depth: number,
  label: string,
  needed: boolean,
): readonly ConditionLine[] {
  const line = { depth, label, truth: truthOf(words, known), needed }
  if (words.kind === 'statement') return [{ ...line, text: words.text, reads: namesOf(words.of) }]
  const decisive = application(words.of)[0] === 'and' ? 'fails' : 'holds'
  const isDecided = walk(words.of, known) === decisive
  const parts = words.parts.flatMap((part, i) => {
    const counts = !isDecided || truthOf(part, known) === decisive
    return linesOf(part, known, depth + 1, label + mark(label, i), needed && counts)
  })
  return [{ ...line, text: `${words.head}:`, reads: [] }, ...parts]
}

function truthOf({ of, affirmed }: Wording, known: Known): Truth {
  const truth = walk(of, known)
  return affirmed ? truth : not(truth)
}
