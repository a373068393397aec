/** How a decision turns under another law, by deciding it twice; what the fast way is held against. */

import { beforeFetch, type Decision, decide } from '../../functions/decision/decide.ts'
import type { Item } from '../../functions/decision/facts.ts'
import type { Asked } from '../../functions/law/alike.ts'
import type { Turned, TwoLaws } from '../../functions/law/two-laws.ts'

/** `release → deny final`, or undefined where nothing turns: nothing is skipped, nothing remembered. */
export function turnBy({ before, after }: TwoLaws, { facts, items }: Asked): string | undefined {
  // Nobody asked for a person's decision then.
  const asBefore = 'release.decision' in facts ? undefined : true
  const numbered = items.map(
    (item, i) => ({ ...item, id: String(i), ...(asBefore && { asBefore }) }) as Item,
  )
  const answer = (now: TwoLaws['before']) => {
    const { refusal } = beforeFetch(now, { ...facts }, undefined, undefined, asBefore)
    const decided =
      items.length > 0 ? decide(now, { ...facts }, numbered) : (refusal ?? decide(now, facts, []))
    return { decided, isRefused: refusal !== undefined }
  }
  const answers = [before, after].map(answer)
  const [was, is] = answers.map(({ decided }) => decided) as [Decision, Decision]
  const refused = answers.map(({ isRefused }) => isRefused)
  if (items.length === 0 && refused[0] && !refused[1])
    return `${was.outcome} ${was.standing} → undecided`
  const all = [was, is].map((each) => [each.outcome, each.standing].join(' ').trim())
  const treatments = [was, is].map((each) => JSON.stringify(each.items.map((i) => i.treatment)))
  return all[0] === all[1] && treatments[0] === treatments[1] ? undefined : all.join(' → ')
}

/** The same words for what was worked out. */
export const turnWords = (turned: Turned | undefined): string | undefined =>
  turned &&
  [turned.before, turned.after]
    .map((each) => [each.outcome, each.standing].join(' ').trim())
    .join(' → ')
