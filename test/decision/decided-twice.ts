/** How a decision turns under another law, by deciding it twice; what the fast way is held against. */

import { beforeFetch, type Decision, decideAndTell } from '../../functions/decision/decide.ts'
import type { Facts, Item } from '../../functions/decision/facts.ts'
import type { Asked, Turned } from '../../functions/workbench/law/differ.ts'
import type { TwoLaws } from '../../functions/workbench/law/law.ts'
import { quiet, quietItem } from './write.ts'

/** What is left out of a comparison: the words and articles of a rule, and which versions applied. */
const words = new Set(['says', 'cites', 'confidence', 'text', 'policies', 'onWhom'])
const withoutWords = (answer: unknown): string =>
  JSON.stringify(answer, (name, value) => (words.has(name) ? undefined : value))

/** `release → deny final`, or undefined where nothing turns: nothing is skipped, nothing remembered. */
export function turnBy({ before, after }: TwoLaws, { facts, items }: Asked): string | undefined {
  // Nobody asked for a person's decision then.
  const asBefore = 'release.decision' in facts ? undefined : true
  // Nor was an answered no heard before each of the questions was asked.
  const isUnheard = (item: Facts) =>
    [...Object.keys(quiet), ...Object.keys(quietItem)].some(
      (name) => (item[name] ?? facts[name] ?? undefined) === undefined,
    )
  const numbered = items.map((item, i) => {
    const unheard = isUnheard(item.facts) && { unheard: true as const }
    return { ...item, id: String(i), ...(asBefore && { asBefore }), ...unheard } as Item
  })
  const at = '2026-03-01T08:00:00.000Z'
  const answer = (now: TwoLaws['before']) => {
    const { refusal } = beforeFetch(now, { ...facts }, undefined, at, asBefore)
    if (items.length > 0) return decideAndTell(now, { ...facts }, numbered, at)
    return refusal && { decision: refusal, told: refusal }
  }
  const [was, is] = [answer(before), answer(after)]
  if (withoutWords(was) === withoutWords(is)) return undefined
  const [a, b] = [was, is].map((each) => each && outcomeWords(each.decision))
  return `${a ?? 'deny final'} → ${b ?? 'undecided'}`
}

const outcomeWords = ({ outcome, standing }: Pick<Decision, 'outcome' | 'standing'>): string =>
  [outcome, standing].join(' ').trim()

/** The same words for what was worked out. */
export const turnWords = (turned: Pick<Turned, 'before' | 'after'> | undefined) =>
  turned &&
  [turned.before, turned.after]
    .map((each) => [each.outcome, each.standing].join(' ').trim())
    .join(' → ')
