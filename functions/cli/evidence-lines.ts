/** What a bundle of evidence came to when it was checked, in words and as JSON. */

import type { CheckedBundle, EvidenceFinding } from '../ledger/evidence-check.ts'
import type { CheckedEntry } from '../ledger/evidence-entry.ts'
import { countryOf, type Look } from './audit-call.ts'

/** What is wrong, file by file. */
export const findingLines = (
  name: string,
  findings: readonly EvidenceFinding[],
): readonly string[] => [
  `${name} does NOT hold:`,
  ...findings.map(({ file, says }) => `- ${file ?? 'the zip'}: ${says}`),
]

/** Each entry with what was proved of it, and what the bundle says of itself. */
export const bundleLines = ({ manifest, entries }: CheckedBundle): readonly string[] => [
  ...entries.flatMap((entry, i) => entryLines(entry, manifest?.entries[i]?.index ?? 0)),
  ...(manifest?.says ?? []),
]

/** The same of a bundle that was just made: as whom, of which logs, and how to have it again. */
export function madeLines(
  checked: CheckedBundle,
  { as, officer, purpose }: Look,
  others: readonly string[],
): readonly string[] {
  const notes = Object.entries(checked.manifest?.checkpoints ?? {})
  const logs = notes.map(([log]) => log).join(' and ') || 'no log'
  const asOf = notes.map(([log, note]) => `${log}=${note.split('\n')[1]}`)
  return [
    `Asked as ${as}, officer ${officer}, for ${purpose}: what ${countryOf(as)} may see in ${logs}, and in no other log.`,
    ...others.map(
      (other) =>
        `${countryOf(other)} has entries of it in a log of its own: add --as ${other} and another --out.`,
    ),
    ...bundleLines(checked),
    ...(asOf.length === 0
      ? []
      : [`The same file again: --as ${as} --purpose ${purpose} --at ${asOf.join(' ')}`]),
  ]
}

function entryLines(entry: CheckedEntry, index: number): readonly string[] {
  const { leaf, side, closed, isSigned, isDecidedAgain, cosigners } = entry
  const what = leaf.out === undefined ? leaf.t : (outcomes[leaf.out] ?? leaf.out)
  const proved = [
    `in the log ${leaf.log} at index ${index}, witnessed by ${cosigners}`,
    ...(isSigned ? ['the call signed by its agency'] : []),
    ...(isDecidedAgain ? ['decided again, the same'] : []),
    ...(closed === undefined ? [] : [`${closed}: nothing of a person is in it`]),
    ...(side === 'requester' ? ['as its requester knows it'] : []),
  ]
  return [
    `- ${leaf.ts.slice(0, 19).replace('T', ' ')} UTC, ${what}: ${proved.join('; ')}`,
    `  id ${leaf.eid}`,
  ]
}

const outcomes: Readonly<Record<string, string>> = {
  release: 'released',
  redact: 'released in part',
  deny: 'denied',
}

/** The same for programs, which may rely on these names. */
export const bundleJson = (
  { findings, fingerprint, manifest, entries }: CheckedBundle,
  key: string | undefined,
) => ({
  holds: findings.length === 0 && key !== undefined,
  fingerprint: fingerprint ?? null,
  findings,
  entries: entries.map(({ leaf, side, closed, isSigned, isDecidedAgain, cosigners }, i) => ({
    id: leaf.eid,
    ts: leaf.ts,
    kind: leaf.t,
    ...(leaf.out === undefined ? {} : { outcome: leaf.out }),
    log: leaf.log,
    index: manifest?.entries[i]?.index ?? null,
    side,
    ...(closed === undefined ? {} : { closed }),
    signed: isSigned,
    decidedAgain: isDecidedAgain,
    cosigners,
  })),
  question: manifest?.question ?? null,
  tooEarly: manifest?.tooEarly ?? [],
  completeness: manifest?.completeness ?? null,
})
