/** What a bundle of evidence came to when it was checked, in words and as JSON. */

import type { CheckedBundle, EvidenceFinding } from '../ledger/evidence-check.ts'
import type { CheckedEntry } from '../ledger/evidence-entry.ts'

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
