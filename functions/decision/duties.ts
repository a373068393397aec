/** The duties on a disclosure: the strictest of each kind, with its deadline. */

import { claimLabels } from '../policy/fact-types.ts'
import { hoursOf } from '../policy/history.ts'
import { duties } from '../policy/obligations.ts'
import type { PolicyObligation } from '../policy/policy.ts'
import type { Owed } from './blocker.ts'
import type { Judgement } from './combine.ts'
import type { LawTime } from './due.ts'
import type { Finding } from './evaluate.ts'
import { onWhom } from './item-duties.ts'
import { type Transposed, transposed } from './reasons.ts'

/** A duty as it is stated in an answer. */
export type Obligation = {
  readonly code: string
  readonly text: string
  readonly onWhom: 'requester' | 'holder'
  readonly cites: readonly string[]
  readonly value?: string
  /** ISO 8601: an instant where the moment of the decision is known, else the duration after it. */
  readonly due?: string
}

/** The shortest time for an answer among the rules that read nothing of the record. */
export const deadline = (judgement: Judgement): string | undefined =>
  timed(judgement)
    .map(({ within }) => within)
    .toSorted(byDuration)[0]

/** Every time that the law sets for a duty, by rules that read nothing of the record; for an answer, unless said. */
export function lawTimes(judgement: Judgement, code = 'O-ANSWER'): readonly LawTime[] {
  const national = transposed(judgement)
  return timed(judgement, code).map(({ finding: { policy, rule }, within }) => ({
    within,
    policy: policy.id,
    cites: [...rule.rule.cites, ...national(rule.id)],
  }))
}

function timed({ applicable }: Judgement, duty = 'O-ANSWER') {
  const found: { readonly finding: Finding; readonly within: string }[] = []
  for (const { findings } of applicable)
    for (const finding of findings) {
      if (finding.truth === 'fails') continue
      for (const { code, within } of finding.rule.rule.then.obligations ?? [])
        if (code === duty && within !== undefined) found.push({ finding, within })
    }
  return found
}

/**
 * One duty of each code (and value, where values have no order), with the articles of all that
 * impose it; of two, the stricter. `transposed` gives the national articles of a rule.
 */
export function obligations(owed: readonly Owed[], transposed: Transposed): readonly Obligation[] {
  const byKey = new Map<string, { duty: PolicyObligation; readonly cites: Set<string> }>()
  // Items share most of their duties: one rule's duty is read once.
  const once = new Map<PolicyObligation, Owed>()
  for (const each of owed) once.set(each.duty, each)
  for (const { duty, by, cites: own } of once.values()) {
    const { value } = duty
    const scales = duties[duty.code]?.scales
    const at = scales?.findIndex((scale) => value === undefined || scale.includes(value)) ?? -1
    const scale = scales?.[at] ?? []
    const place = at > 0 ? ` ${at}` : ''
    const key = duty.code + (at < 0 && value !== undefined ? ` ${value}` : place)
    const other = byKey.get(key)
    const each = other ?? { duty, cites: new Set() }
    if (other !== undefined) each.duty = stricter(other.duty, duty, scale)
    else byKey.set(key, each)
    for (const cite of own) each.cites.add(cite)
    for (const cite of transposed(by)) each.cites.add(cite)
  }
  return [...byKey.keys()].sort().flatMap((key) => {
    const each = byKey.get(key)
    return each === undefined ? [] : [stated(each.duty, [...each.cites])]
  })
}

function stricter(
  a: PolicyObligation,
  b: PolicyObligation,
  scale: readonly string[],
): PolicyObligation {
  const value = scale.indexOf(a.value ?? '') >= scale.indexOf(b.value ?? '') ? a.value : b.value
  const within = [a.within, b.within].filter((each) => each !== undefined).toSorted(byDuration)[0]
  return {
    code: a.code,
    ...(value === undefined ? {} : { value }),
    ...(within === undefined ? {} : { within }),
  }
}

const byDuration = (a: string, b: string) => hoursOf(a) - hoursOf(b)

function stated(duty: PolicyObligation, cites: readonly string[]): Obligation {
  const { code, value, within } = duty
  return {
    code,
    text: (duties[code]?.text ?? code).replace('{value}', () => inWords(value)),
    onWhom: onWhom(duty),
    cites,
    ...(value === undefined ? {} : { value }),
    ...(within === undefined ? {} : { due: within }),
  }
}

const labels = new Map(Object.entries(claimLabels))

/** The value of a duty, in words. A claim (`request.purpose = investigation`) is given by its label. */
function inWords(value: string | undefined): string {
  const [claim = '', stated] = (value ?? 'as the law says').split(' = ')
  const label = labels.get(claim)
  return label === undefined || stated === undefined ? claim : `${label} (${stated})`
}
