/** Which duties lie on one item, and who must keep them. */

import { duties, type Party } from '../policy/obligations.ts'
import type { PolicyObligation } from '../policy/policy.ts'
import type { Owed } from './blocker.ts'
import type { Finding } from './evaluate.ts'
import type { Item } from './facts.ts'
import { readsRecord } from './reserved.ts'
import type { Treatment } from './treatment.ts'

/** Who must keep a duty. */
export const onWhom = (duty: PolicyObligation): Party => duties[duty.code]?.onWhom ?? 'requester'

/**
 * The duties on one item. On one that leaves: those of every permit, duty and exception that does
 * not fail, and of the redactions that are applied. On one that stays: those of the refusals.
 */
export function owed(
  findings: readonly Finding[],
  treatment: Treatment,
  item: Item,
): readonly Owed[] {
  const leaves = treatment.kind !== 'withhold'
  const all: Owed[] = []
  for (const finding of findings) {
    if (finding.truth === 'fails' && finding.when === 'fails') continue
    const { then } = finding.rule.rule
    if (item.unseen !== undefined && readsRecord(finding.rule, item)) continue
    const { id, rule } = finding.rule
    const refuses = then.effect === 'deny' || then.effect === 'redact'
    if (finding.truth !== 'fails' && (leaves || refuses))
      for (const duty of then.obligations ?? [])
        all.push({ duty, finding, by: id, cites: rule.cites })
    if (!leaves || finding.when === 'fails') continue
    for (const { exception, truth } of finding.exceptions)
      for (const duty of truth === 'fails' ? [] : (exception.obligations ?? []))
        all.push({ duty, finding, by: `${id}/unless`, cites: exception.cites })
  }
  return all
}
