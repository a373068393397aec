/** The result of checking a bundle of evidence, in words and as JSON. */

import type { CheckedBundle } from './evidence-check.ts'
import type { CheckedEntry, EvidenceFinding } from './evidence-entry.ts'
import { isFromOutside, type UsedKey, type Word } from './verify-trust.ts'

/** What is wrong, file by file. */
export const findingLines = (
  name: string,
  findings: readonly EvidenceFinding[],
): readonly string[] => [
  `${name} does NOT hold:`,
  ...findings.map(({ file, says }) => `- ${file ?? 'the zip'}: ${says}`),
]

/**
 * Whether a bundle holds, and by whose word: no reader may take the gateway's word for another's. `how` says where a
 * trust file goes.
 */
export function verdictLines(
  name: string,
  { word, keys }: CheckedBundle,
  how = 'add --trust FILE',
): readonly string[] {
  const weak = keys.filter((each) => !isFromOutside(each.word))
  const says: Readonly<Record<Word, string>> = {
    publication:
      'holds: every key that it was checked with was had in another way than from the gateway.',
    paper:
      'holds: every key that it was checked with was had in another way than from the gateway.',
    gateway: 'is as the gateway says, by its own word: nobody else vouches for these keys.',
    demonstration:
      'is as it says, by demonstration keys: whoever made it could have made them all.',
    file: 'is as the key that signed it says, by its own word: these keys stand in the file alone. Whoever has that key could have made them.',
  }
  return [
    `${name} ${says[word]}`,
    ...weak.map((each) => `  ${keyWords(each)}`),
    ...(weak.length === 0 || word === 'demonstration'
      ? []
      : [`  To know more, get them from their owners, write them into a trust file, and ${how}.`]),
  ]
}

/** A key that was used, and whose word it is: `the log’s key … : had on paper`. */
export const keyWords = ({ use, key, word }: UsedKey): string =>
  `${uses[use]} ${key}: ${words[word]}`

const uses: Readonly<Record<UsedKey['use'], string>> = {
  log: 'the log’s key',
  witness: 'the witness’s key',
  receipt: 'the receipt’s key',
  agency: 'the agency’s key',
  evidence: 'the key that signed the file',
  authority: 'the time-stamping authority’s certificate',
}
const words: Readonly<Record<Word, string>> = {
  publication: 'its owner publishes it',
  paper: 'had on paper',
  gateway: 'had from the gateway',
  demonstration: 'a demonstration key',
  file: 'in the file alone',
}

/**
 * Each entry with what was proved about it; and what the bundle says about itself, which nobody checked: it is marked, so that it
 * reads as no line of what was proved, whatever it says.
 */
export const bundleLines = ({ manifest, entries }: CheckedBundle): readonly string[] => [
  ...entries.flatMap((entry, i) => entryLines(entry, manifest?.entries[i]?.index ?? 0)),
  ...(manifest?.says ?? []).map((each) => `The gateway says: ${each}`),
]

function entryLines(entry: CheckedEntry, index: number): readonly string[] {
  const { leaf, side, closed, isSigned, isDecidedAgain, cosigners, keys, stamp } = entry
  const own = (...of: readonly UsedKey['use'][]) =>
    keys.some(({ use, word }) => of.includes(use) && word === 'file') ? ', by keys of the file' : ''
  const what = leaf.out === undefined ? leaf.t : (outcomes[leaf.out] ?? leaf.out)
  const proved = [
    `in the log ${leaf.log} at index ${index}, witnessed by ${cosigners}${own('log', 'witness')}`,
    ...(isSigned ? [`the call signed by its agency${own('agency')}`] : []),
    ...(stamp === undefined ? [] : [stampWords(stamp)]),
    ...(isDecidedAgain ? ['decided again, the same'] : []),
    ...(closed === undefined ? [] : [`${closed}: nothing of a person is in it`]),
    ...(side === 'requester' ? ['as its requester knows it'] : []),
  ]
  return [
    `- ${leaf.ts.slice(0, 19).replace('T', ' ')} UTC, ${what}: ${proved.join('; ')}`,
    `  id ${leaf.eid}`,
  ]
}

/** What a stamp proves: that the entry existed before a time, not when it was made. */
const stampWords = (stamp: NonNullable<CheckedEntry['stamp']>): string =>
  stamp === 'unnamed'
    ? 'stamped by an authority that you do not name, which counts for nothing'
    : `it existed before ${stamp.at}, says ${stamp.authority} (its certificate: ${words[stamp.key.word]})`

const outcomes: Readonly<Record<string, string>> = {
  release: 'released',
  redact: 'released in part',
  deny: 'denied',
}

/** The same for programs, which may rely on these names. */
export const bundleJson = ({
  findings,
  fingerprint,
  manifest,
  entries,
  word,
  keys,
}: CheckedBundle) => ({
  holds: findings.length === 0 && isFromOutside(word),
  word,
  keys,
  fingerprint: fingerprint ?? null,
  findings,
  entries: entries.map(({ leaf, side, closed, isSigned, isDecidedAgain, cosigners, stamp }, i) => ({
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
    ...(stamp === undefined ? {} : { stamp }),
  })),
  question: manifest?.question ?? null,
  tooEarly: manifest?.tooEarly ?? [],
  completeness: manifest?.completeness ?? null,
})
