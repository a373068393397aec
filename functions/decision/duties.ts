/** The duties on a disclosure: one of each kind, the stricter of two, with its deadline. */

import { after, hoursOf } from '../policy/history.ts'
import { duties } from '../policy/obligations.ts'
import type { PolicyObligation } from '../policy/policy.ts'
import { type Judgement, type Owed, onWhom } from './combine.ts'

/** A duty as it is stated in an answer. */
export type Obligation = {
  readonly code: string
  readonly text: string
  readonly onWhom: 'requester' | 'holder'
  readonly value?: string
  /** ISO 8601: an instant where the moment of the decision is known, else the duration after it. */
  readonly due?: string
}

/** The earliest deadline for an answer among the rules that read nothing of the record. */
export function deadline(judgement: Judgement, at: string | undefined): string | undefined {
  const answers = judgement.applicable
    .flatMap(({ findings }) => findings)
    .filter(({ truth }) => truth !== 'fails')
    .flatMap((finding) =>
      (finding.rule.rule.then.obligations ?? []).map((duty) => ({ duty, finding })),
    )
    .filter(({ duty }) => duty.code === 'O-ANSWER')
  return obligations(answers, at)[0]?.due
}

/** One duty of each code (and value, where values have no order); of two, the stricter. */
export function obligations(owed: readonly Owed[], at: string | undefined): readonly Obligation[] {
  const byKey = new Map<string, PolicyObligation>()
  for (const { duty } of owed) {
    const scale = duties[duty.code]?.scale ?? []
    const ranked = duty.value !== undefined && scale.includes(duty.value)
    const key = ranked || duty.value === undefined ? duty.code : `${duty.code} ${duty.value}`
    const other = byKey.get(key)
    byKey.set(key, other === undefined ? duty : stricter(other, duty, scale))
  }
  return [...byKey.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, duty]) => stated(duty, at))
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

function stated(duty: PolicyObligation, at: string | undefined): Obligation {
  const { code, value, within } = duty
  return {
    code,
    text: (duties[code]?.text ?? code).replace('{value}', value ?? 'as the law says'),
    onWhom: onWhom(duty),
    ...(value === undefined ? {} : { value }),
    ...(within === undefined ? {} : { due: at === undefined ? within : after(at, within) }),
  }
}
