/** How a decision turns under another law, by deciding it twice; what the fast way is held against. */

import type { Asked } from '../../functions/decision/alike.ts'
import { decide, decideUnseen } from '../../functions/decision/decide.ts'
import type { Item } from '../../functions/decision/facts.ts'
import type { Turned, TwoLaws } from '../../functions/decision/two-laws.ts'

/** `release → deny final`, or undefined where nothing turns: nothing is skipped, nothing remembered. */
export function turnBy({ before, after }: TwoLaws, { facts, items }: Asked): string | undefined {
  const numbered = items.map((item, i) => ({ ...item, id: String(i) }) as Item)
  const was = decide(before, { ...facts }, numbered)
  const is = decide(after, { ...facts }, numbered)
  const refused = [before, after].map((now) => decideUnseen(now, { ...facts }) !== undefined)
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
