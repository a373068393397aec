/**
 * Checkpoints: what a log signs of its tree, C2SP tlog-checkpoint (c2sp.org/tlog-checkpoint), and what
 * witnesses cosign. Here a log's key has the log's origin as its name.
 */

import { ComityError } from '../failure.ts'
import { quorumOf } from './looks-log.ts'
import { emptyRoot, type Hash } from './merkle.ts'
import { fromBase64, type NoteSigner, openNote, type VerifierKey } from './note.ts'

/** A log at a size. */
export type Checkpoint = { readonly origin: string; readonly size: number; readonly root: Hash }

/** A witness that saw a checkpoint, and its last time: seconds since the epoch. */
export type Cosigner = { readonly name: string; readonly seconds: number }

/** The text that a log signs. Throws if it would not read back. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  const text = `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`
  const read = parseCheckpoint(text)
  if ('wrong' in read) throw new ComityError(`couldn’t write the checkpoint: ${read.wrong}`)
  return text
}

/**
 * Reads the text of a checkpoint, or says what is wrong with it. Ignores extension lines, as the
 * specification allows: no witness vouches for them.
 */
export function parseCheckpoint(
  text: string,
): { readonly checkpoint: Checkpoint } | { readonly wrong: string } {
  const lines = text.split('\n')
  if (lines.pop() !== '' || lines.length < 3 || lines.includes(''))
    return { wrong: 'the checkpoint is not three lines or more, none of them empty' }
  const [origin = '', sizeLine = '', rootLine = ''] = lines
  const size = fromDecimal(sizeLine)
  if (size === undefined) return { wrong: 'the size of the checkpoint is not a plain number' }
  const root = fromBase64(rootLine)
  if (root?.length !== 32) return { wrong: 'the root of the checkpoint is not 32 bytes in base64' }
  if (size === 0 && Buffer.compare(root, emptyRoot) !== 0)
    return { wrong: 'the checkpoint is of no leaves but has another root than the empty tree' }
  return { checkpoint: { origin, size, root } }
}

/** Opens a checkpoint that its log signed. */
export function openCheckpoint(
  note: string,
  logKey: VerifierKey,
): { readonly checkpoint: Checkpoint } | { readonly wrong: string } {
  const opened = openCosigned(note, logKey, [], 0)
  return 'wrong' in opened ? opened : { checkpoint: opened.checkpoint }
}

/**
 * Opens a checkpoint that its log signed and at least `quorum` of the witnesses cosigned, of a log of looks none. A
 * witness counts once, however many names its key was given.
 */
export function openCosigned(
  note: string,
  logKey: VerifierKey,
  witnessKeys: readonly VerifierKey[],
  quorum: number,
):
  | { readonly checkpoint: Checkpoint; readonly cosigners: readonly Cosigner[] }
  | { readonly wrong: string } {
  if (logKey.type !== 1) return { wrong: `the key ${logKey.name} is a witness’s, not a log’s` }
  const opened = openNote(note, [logKey, ...witnessKeys])
  if ('wrong' in opened) return opened
  if (!opened.signed.some(({ key }) => key === logKey))
    return { wrong: `the log ${logKey.name} did not sign the checkpoint` }
  const read = parseCheckpoint(opened.text)
  if ('wrong' in read) return read
  const { checkpoint } = read
  if (checkpoint.origin !== logKey.name)
    return { wrong: `the checkpoint is of another log than ${logKey.name}` }
  const cosigners = cosignersOf(opened.signed)
  // Not `<`, which is false for NaN.
  if (!(cosigners.length >= quorumOf(logKey.name, quorum)))
    return { wrong: `${cosigners.length} of the witnesses cosigned, not ${quorum}` }
  return { checkpoint, cosigners }
}

/** A number as the specifications write it: decimal, no sign, no leading zero. */
export const fromDecimal = (text: string): number | undefined =>
  /^(0|[1-9][0-9]{0,15})$/.test(text) && Number.isSafeInteger(Number(text))
    ? Number(text)
    : undefined

function cosignersOf(signed: readonly NoteSigner[]): readonly Cosigner[] {
  const byKey = new Map<string, Cosigner>()
  for (const { key, seconds } of signed) {
    if (seconds === undefined) continue
    const id = Buffer.from(key.publicKey).toString('hex')
    if (seconds >= (byKey.get(id)?.seconds ?? 0)) byKey.set(id, { name: key.name, seconds })
  }
  return [...byKey.values()]
}
