/**
 * A witness (C2SP tlog-witness): it cosigns a tree head of a log if the tree only grew since the last one it
 * cosigned. The caller is not authenticated: the log's signature is enough.
 */

import { type Checkpoint, fromDecimal, parseCheckpoint } from '../ledger/checkpoint.ts'
import { emptyRoot, type Hash, verifyConsistency } from '../ledger/merkle.ts'
import {
  cosignText,
  fromBase64,
  type Note,
  openNote,
  parseNote,
  signatureLine,
  type VerifierKey,
  writeNote,
} from '../ledger/note.ts'
import type { Memory } from '../log-ports.ts'
import type { SigningKey } from '../ports.ts'

/** What a witness needs. */
export type WitnessWorld = {
  /** Its own verifier key, of type 0x04; `signing` signs for it and for nothing else. */
  readonly key: VerifierKey
  readonly signing: SigningKey
  readonly memory: Memory
  /** The key of a log that it watches; undefined for any other. */
  readonly logKey: (origin: string) => VerifierKey | undefined
}

/** The result of submitting a checkpoint. */
export type Submitted =
  /** One signature line. */
  | { readonly kind: 'cosigned'; readonly line: string }
  /** It last cosigned another size, where the proof must start. */
  | { readonly kind: 'stale'; readonly size: number }
  | { readonly kind: 'malformed' | 'unknown-log' | 'not-signed'; readonly why: string }
  /** `evidence`: the log signed it, but nobody showed that it extends what the log signed before. */
  | { readonly kind: 'inconsistent'; readonly why: string; readonly evidence: string }

/** Most hashes of a proof. */
const proofMax = 63

/**
 * Answers `add-checkpoint`: its body, and the time of the call in seconds. However many calls come at once,
 * what it has cosigned never shrinks and never forks.
 */
export async function addCheckpoint(
  body: string,
  seconds: number,
  world: WitnessWorld,
): Promise<Submitted> {
  const read = readBody(body)
  if ('wrong' in read) return malformed(read.wrong)
  const { from, proof, written, note } = read
  const key = world.logKey(note.text.slice(0, note.text.indexOf('\n')))
  if (key === undefined) return { kind: 'unknown-log', why: 'this log is not watched here' }
  const opened = openNote(written, [key])
  if ('wrong' in opened) return { kind: 'not-signed', why: opened.wrong }
  const inconsistent = (why: string): Submitted => ({
    kind: 'inconsistent',
    why,
    evidence: signedBy(key, note),
  })
  const head = readHead(note.text)
  if ('wrong' in head) return head.empty ? inconsistent(head.wrong) : malformed(head.wrong)
  const { origin, size, root } = head.checkpoint
  if (from > size) return malformed('the old size is larger than the checkpoint’s')

  const last = (await world.memory.last(origin)) ?? { size: 0, root: emptyRoot }
  if (from !== last.size) return { kind: 'stale', size: last.size }
  if (!verifyConsistency(from, last.root, size, root, proof))
    return inconsistent(`the proof does not lead from the tree of ${from} to this one`)
  // INVARIANT (remember, then sign): whatever crashes or comes meanwhile, nothing is signed that could be
  // forgotten, and nothing smaller than was signed before.
  if (size > from && !(await world.memory.advance(origin, from, { size, root })))
    return { kind: 'stale', size: (await world.memory.last(origin))?.size ?? 0 }
  const signature = await cosignText(note.text, world.key, seconds, world.signing.sign)
  return { kind: 'cosigned', line: signatureLine(signature) }
}

const malformed = (why: string): Submitted => ({ kind: 'malformed', why })

type Body = {
  readonly from: number
  readonly proof: readonly Hash[]
  readonly written: string
  readonly note: Note
}

/** `old <size>`, a line for each hash of the proof, an empty line, the checkpoint. */
function readBody(body: string): Body | { readonly wrong: string } {
  const end = body.indexOf('\n\n')
  if (end === -1) return { wrong: 'there is no empty line before a checkpoint' }
  const [old = '', ...lines] = body.slice(0, end).split('\n')
  const from = old.startsWith('old ') ? fromDecimal(old.slice('old '.length)) : undefined
  if (from === undefined) return { wrong: 'the first line is not `old` and a plain number' }
  if (lines.length > proofMax) return { wrong: `the proof has more than ${proofMax} lines` }
  const proof = lines.map(fromBase64).filter((hash) => hash !== undefined)
  if (proof.length < lines.length || proof.some(({ length }) => length !== 32))
    return { wrong: 'a line of the proof is not 32 bytes in base64' }
  const written = body.slice(end + 2)
  const read = parseNote(written)
  return 'wrong' in read ? read : { from, proof, written, note: read.note }
}

/** The tree head. `empty` if it has no leaves but another root, which is no fault of form. */
function readHead(
  text: string,
): { readonly checkpoint: Checkpoint } | { readonly wrong: string; readonly empty: boolean } {
  const read = parseCheckpoint(text)
  return 'wrong' in read ? { ...read, empty: text.split('\n')[1] === '0' } : read
}

/** The note with only the log’s signatures. */
const signedBy = ({ name, keyId }: VerifierKey, { text, signatures }: Note): string =>
  writeNote({
    text,
    signatures: signatures.filter((each) => each.name === name && each.keyId === keyId),
  })
