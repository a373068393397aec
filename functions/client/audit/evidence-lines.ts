/** What the command says of a bundle that it just made. */

import type { CheckedBundle } from '../../proof/evidence-check.ts'
import { bundleLines } from '../../proof/verdict.ts'
import { type Auditor, countryOf } from './audit-call.ts'

/** The lines of a bundle just made: who asked, which logs it is of, its entries, and how to make it again. */
export function madeLines(
  checked: CheckedBundle,
  { as, agency, officer, purpose }: Auditor,
  others: readonly Auditor[],
): readonly string[] {
  const notes = Object.entries(checked.manifest?.checkpoints ?? {})
  const logs = notes.map(([log]) => log).join(' and ') || 'no log'
  const asOf = notes.map(([log, note]) => `${log}=${note.split('\n')[1]}`)
  return [
    `Asked as ${as}, officer ${officer}, for ${purpose}: what ${countryOf(agency)} may see in ${logs}, and in no other log.`,
    ...others.map(
      (other) =>
        `${countryOf(other.agency)} has entries of it in a log of its own: add --as ${other.as} and another --out.`,
    ),
    ...bundleLines(checked),
    ...(asOf.length === 0
      ? []
      : [`The same file again: --as ${as} --purpose ${purpose} --at ${asOf.join(' ')}`]),
  ]
}
