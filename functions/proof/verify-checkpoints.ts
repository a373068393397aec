/** Checks every checkpoint that a log keeps: who signed it, who cosigned it, and when. */

import {
  type Checkpoint,
  type Cosigner,
  openCheckpoint,
  openCosigned,
} from '../ledger/checkpoint.ts'
import { quorumOf } from '../ledger/looks-log.ts'
import { parseNote, type VerifierKey } from '../ledger/note.ts'
import { type ExportFiles, type Trust, textOf } from '../ledger/verify-files.ts'
import { clocksMs, type Report } from './verify-findings.ts'

/** A checkpoint that the log signed. */
export type SignedCheckpoint = Checkpoint & {
  readonly file: string
  readonly note: string
  /** The pinned witnesses that cosigned it. */
  readonly cosigners: readonly Cosigner[]
}

/** The checkpoints of a log. */
export type Checkpoints = {
  /** Those that count, the smallest first. The one published as the newest comes last, a second time. */
  readonly all: readonly SignedCheckpoint[]
  /** The size of the one published as the newest; null if none is published, undefined if it does not count. */
  readonly published: number | null | undefined
}

/**
 * The checkpoints that the log signed. `published` are keys that may have signed besides the pinned ones, and
 * do not count.
 */
export async function readCheckpoints(
  files: ExportFiles,
  log: string,
  key: VerifierKey,
  { witnesses, quorum: most }: Trust,
  published: readonly VerifierKey[],
  report: Report,
): Promise<Checkpoints> {
  const quorum = quorumOf(log, most)
  const folder = `${log}/checkpoints`
  const names = (await files.list(folder)).toSorted((a, b) => Number(a) - Number(b))
  const kept: SignedCheckpoint[] = []
  for (const name of names) {
    const signed = await read(`${folder}/${name}`)
    if (signed === undefined) continue
    if (String(signed.size) === name) kept.push(signed)
    else report('checkpoint-differs', { file: signed.file }, `it is of ${signed.size} entries`)
  }
  inOrder(kept, report)
  const file = `${log}/checkpoint`
  const newest = await read(file)
  if (newest !== undefined) {
    checkNewest(newest)
    return { all: [...kept, newest], published: newest.size }
  }
  return { all: kept, published: (await files.get(file)) === undefined ? null : undefined }

  function checkNewest({ size, root, note }: SignedCheckpoint): void {
    const same = kept.find((each) => each.size === size)
    if (!names.includes(String(size)))
      report('missing', { file: `${folder}/${size}` }, 'the published checkpoint is not kept')
    else if (same && Buffer.compare(same.root, root) !== 0)
      report('two-views', { file }, `the log signed two trees of ${size} entries`)
    else if (same && same.note !== note)
      report('checkpoint-differs', { file }, `it has other bytes than checkpoints/${size}`)
  }

  async function read(file: string): Promise<SignedCheckpoint | undefined> {
    const bytes = await files.get(file)
    if (bytes === undefined) return undefined
    const note = textOf(bytes)
    const opened = openCheckpoint(note, key)
    if ('wrong' in opened) {
      report('checkpoint-signature', { file }, opened.wrong)
      return undefined
    }
    const stranger = strangerOf(note, [key, ...witnesses, ...published])
    if (stranger !== undefined)
      report('checkpoint-signature', { file }, `\`${stranger}\` signed with a key nobody publishes`)
    const cosigned = openCosigned(note, key, witnesses, 0)
    const cosigners = 'wrong' in cosigned ? [] : cosigned.cosigners
    if ('wrong' in cosigned) report('checkpoint-cosignatures', { file }, cosigned.wrong)
    else if (cosigners.length < quorum)
      report('checkpoint-cosignatures', { file }, `cosigned by ${cosigners.length}, not ${quorum}`)
    return { ...opened.checkpoint, file, note, cosigners }
  }
}

/** When the first witness saw a checkpoint, milliseconds since the epoch; undefined if none did. */
export const seenAt = ({ cosigners }: SignedCheckpoint): number | undefined =>
  cosigners.length === 0 ? undefined : Math.min(...cosigners.map(({ seconds }) => seconds)) * 1000

/** No witness may have seen a larger tree before a smaller one, but for a clock that was set. */
function inOrder(checkpoints: readonly SignedCheckpoint[], report: Report): void {
  const last = new Map<string, number>()
  for (const { file, cosigners } of checkpoints)
    for (const { name, seconds } of cosigners) {
      const latest = last.get(name) ?? 0
      if (seconds + clocksMs / 1000 < latest)
        report('checkpoint-time', { file }, `${name} cosigned it before a smaller one`)
      last.set(name, Math.max(seconds, latest))
    }
}

/** The name of a signer of a note that is none of these keys, if there is one. */
function strangerOf(note: string, keys: readonly VerifierKey[]): string | undefined {
  const read = parseNote(note)
  if ('wrong' in read) return undefined
  return read.note.signatures.find(
    (each) => !keys.some(({ name, keyId }) => name === each.name && keyId === each.keyId),
  )?.name
}
