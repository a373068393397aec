/** Whether one decision is looser than another, said in sentences. */

import { judge } from '../../functions/decision/combine.ts'
import type { Decision } from '../../functions/decision/decide.ts'
import { type Obligation, obligations } from '../../functions/decision/duties.ts'
import type { Item } from '../../functions/decision/facts.ts'
import { outcomeOf, type Treatment } from '../../functions/decision/treatment.ts'
import type { InForce } from '../../functions/policy/history.ts'
import type { Facts } from './oracle.ts'

/** What may not be loosened. */
export type Outline = Pick<Decision, 'outcome' | 'obligations'> & {
  readonly items: readonly { readonly id: string; readonly treatment: Treatment }[]
}

/** A decision without its reasons and remedies, which take longer than all the rest. */
export function outline(now: InForce, facts: Facts, items: readonly Item[]): Outline {
  const judged = judge(now, facts, items).items
  return {
    outcome: outcomeOf(judged.map(({ treatment }) => treatment)),
    items: judged,
    obligations: obligations(
      judged.flatMap(({ duties }) => duties),
      () => [],
    ),
  }
}

const rank = { release: 0, redact: 1, deny: 2 } as const

/** Whether `a` shows something that `b` does not. */
export function shows(a: Treatment, b: Treatment): boolean {
  if (a.kind === 'withhold' || b.kind === 'release') return false
  if (a.kind !== b.kind) return true
  return a.kind === 'mask' && b.kind === 'mask' && a.keepLast > b.keepLast
}

/** In what `after` is looser than `before`; nothing if it is as strict. */
export function loosened(before: Outline, after: Outline): readonly string[] {
  const wrong: string[] = []
  if (rank[after.outcome] < rank[before.outcome])
    wrong.push(`the outcome went from ${before.outcome} to ${after.outcome}`)
  for (const { id, treatment } of after.items) {
    const earlier = before.items.find((item) => item.id === id)?.treatment
    if (earlier !== undefined && shows(treatment, earlier))
      wrong.push(`item ${id} went from ${earlier.kind} to ${treatment.kind}`)
  }
  if (leaving(before) === leaving(after))
    for (const duty of before.obligations)
      if (!after.obligations.some((each) => isAsStrict(each, duty)))
        wrong.push(`the duty ${duty.code} was dropped`)
  return wrong
}

const leaving = ({ items }: Outline) =>
  items
    .filter(({ treatment }) => treatment.kind !== 'withhold')
    .map(({ id }) => id)
    .sort()
    .join()

const marks = ['RESTRICTED', 'CONFIDENTIAL'].map((mark) => `INTERPOL ${mark}`)

function isAsStrict(a: Obligation, b: Obligation): boolean {
  if (a.code !== b.code || hours(a.due) > hours(b.due)) return false
  return a.value === b.value || marks.indexOf(a.value ?? '') > marks.indexOf(b.value ?? '')
}

/** The hours in `P30D` or `PT48H`. */
function hours(duration: string | undefined): number {
  const [, count, unit] = /^PT?(\d+)([DH])$/.exec(duration ?? '') ?? []
  if (count === undefined) return Number.POSITIVE_INFINITY
  return Number(count) * (unit === 'D' ? 24 : 1)
}

/** What must not depend on the order of anything: reasons as a set, treatments by item. */
export function unordered(decision: Decision) {
  const sorted = (all: readonly unknown[]) => all.map((each) => JSON.stringify(each)).sort()
  return {
    outcome: decision.outcome,
    standing: decision.standing,
    reasons: sorted(decision.reasons.map((each) => ({ ...each, cites: [...each.cites].sort() }))),
    missing: sorted(decision.missing),
    obligations: sorted(
      decision.obligations.map((each) => ({ ...each, cites: [...each.cites].sort() })),
    ),
    items: sorted(
      decision.items.map(({ id, treatment, rules }) => ({
        id,
        treatment,
        rules: [...rules].sort(),
      })),
    ),
  }
}
