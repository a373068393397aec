/**
 * What a verifier holds against the operator of a log: what it saw of the log before. A log that was emptied,
 * cut, reset to an earlier state or forked agrees with itself, but not with that.
 */

import canonicalize from 'canonicalize'
import { decodeProtectedHeader, importJWK } from 'jose'
import * as z from 'zod'
import {
  type Checkpoint,
  openCheckpoint,
  openCosigned,
  parseCheckpoint,
} from '../ledger/checkpoint.ts'
import { type LogProof, parseProof } from '../ledger/log-proof.ts'
import { rootOf, verifyInclusion } from '../ledger/merkle.ts'
import { parseNote, type VerifierKey } from '../ledger/note.ts'
import { type ReceiptPayload, readReceipt } from '../ledger/receipt.ts'
import {
  count,
  hash,
  instant,
  isLogName,
  millisecondsOf,
  type Trust,
} from '../ledger/verify-files.ts'
import type { findingList } from './verify-findings.ts'
import type { Rebuilt } from './verify-sealing.ts'
import type { StampsOfLog } from './verify-stamps.ts'
import type { UsedKey } from './verify-trust.ts'

/** The result for a log. Programs may rely on these names. */
export type VerifiedLog = {
  readonly log: string
  /** How many entries there are, in any state. */
  readonly entries: number
  /** How many have a place in the tree, and the root over them (base64); null if a leaf is lost. */
  readonly size: number
  readonly root: string | null
  /**
   * The size of the newest checkpoint that the log signed; below, its cosigners and when one first saw it.
   */
  readonly signed: number
  /** The root that it signed (base64url); null if it signed none. */
  readonly signedRoot: string | null
  readonly cosigned: number
  readonly seen: string | null
  /** Entries that are not in a signed tree yet, but not late. */
  readonly pending: number
  /** The keys that show its newest tree to be its own. */
  readonly keys: readonly UsedKey[]
  /**
   * The times by which outside authorities say it existed. Who vouches for those authorities does not count
   * for `keys`.
   */
  readonly stamps: StampsOfLog
}

/** A state: the size and root of each log when it was last found whole. */
export const seenFile = z.strictObject({
  v: z.literal(1),
  at: instant,
  logs: z.array(z.strictObject({ log: z.string().refine(isLogName), size: count, root: hash })),
})
/** What was seen of logs before. */
export type SeenLogs = z.infer<typeof seenFile>

/** A tree that a log had, by a verifier's state or by a note that somebody kept. */
export type HeldTree = Checkpoint & {
  /** The file that states it. */
  readonly name: string
  /** For a note: its text, which the log must have signed. */
  readonly note?: string
}

/** Reads the trees of a state and of checkpoints; reports malformed ones. */
export function readTrees(
  since: { readonly name: string; readonly seen: SeenLogs } | undefined,
  checkpoints: readonly HeldFile[],
  { reportOf }: ReturnType<typeof findingList>,
): readonly HeldTree[] {
  const seen = (since?.seen.logs ?? []).map(({ log, size, root }) => ({
    name: since?.name ?? '',
    origin: log,
    size,
    root,
  }))
  const kept = checkpoints.flatMap(({ name, text }): readonly HeldTree[] => {
    const note = parseNote(text)
    const read = 'wrong' in note ? note : parseCheckpoint(note.note.text)
    if ('checkpoint' in read) return [{ name, note: text, ...read.checkpoint }]
    reportOf(null)('checkpoint-signature', { file: name }, read.wrong)
    return []
  })
  return [...seen, ...kept]
}

/** Checks that a log still begins with a tree that it had. */
export function checkTree(
  { name, note, size, root }: HeldTree,
  { log, tree, frontiers, report }: Pick<Rebuilt, 'log' | 'tree' | 'frontiers' | 'report'>,
  key: VerifierKey | undefined,
): void {
  const { length } = tree.hashes
  const where = { file: name }
  const wrong = note !== undefined && key !== undefined ? wrongNote(note, key) : undefined
  const frontier = frontiers.get(size)
  if (wrong !== undefined) report('checkpoint-signature', where, wrong)
  else if (size > length)
    report(
      'truncated',
      { ...where, index: length },
      `${log} had ${size} entries, and has ${length}`,
    )
  else if (frontier && Buffer.compare(rootOf(frontier), root) !== 0)
    report('two-views', where, `${log} had another tree of ${size} entries`)
}

function wrongNote(note: string, key: VerifierKey): string | undefined {
  const opened = openCheckpoint(note, key)
  return 'wrong' in opened ? opened.wrong : undefined
}

/** What to remember of logs found whole: the newest tree that each signed. */
export const remember = (at: string, logs: readonly VerifiedLog[]): z.input<typeof seenFile> => ({
  v: 1,
  at,
  logs: logs.flatMap(({ log, signed, signedRoot }) =>
    signedRoot === null ? [] : [{ log, size: signed, root: signedRoot }],
  ),
})

// Checks what people hold against an exported log: receipts and proofs.

/** A file that somebody holds. */
export type HeldFile = { readonly name: string; readonly text: string }

/** A receipt that a pinned key signed. */
export type HeldReceipt = { readonly name: string; readonly payload: ReceiptPayload }

/** Reads receipts; reports those that no pinned key signed. */
export async function readReceipts(
  receipts: readonly HeldFile[],
  { receipts: { keys } }: Trust,
  { reportOf }: ReturnType<typeof findingList>,
): Promise<readonly HeldReceipt[]> {
  const read: HeldReceipt[] = []
  for (const { name, text } of receipts)
    try {
      if (!isExact(text.trim())) throw new Error('it could be written otherwise')
      const { kid } = decodeProtectedHeader(text.trim())
      const jwk = keys.find((each) => each.kid === kid)
      if (jwk === undefined) throw new Error('its key is not pinned')
      const key = await importJWK(jwk, 'ES256')
      if (key instanceof Uint8Array) throw new Error('its key is no public key')
      read.push({ name, payload: await readReceipt(text.trim(), key) })
    } catch {
      reportOf(null)('receipt-invalid', { file: name }, 'no pinned key signed it as a receipt')
    }
  return read
}

/** A proof, read but not checked. */
export type HeldProof = {
  readonly name: string
  readonly proof: LogProof
  readonly checkpoint: Checkpoint
}

/** Reads proofs; reports malformed ones. */
export function readProofs(
  proofs: readonly HeldFile[],
  { reportOf }: ReturnType<typeof findingList>,
): readonly HeldProof[] {
  return proofs.flatMap(({ name, text }) => {
    const read = readProof(text)
    if ('proof' in read) return [{ name, ...read }]
    reportOf(null)('proof-invalid', { file: name }, read.wrong)
    return []
  })
}

/** Checks that a log keeps what a receipt promised. */
export function checkReceipt(
  { name, payload }: HeldReceipt,
  { entries, tree, signedSize, at, report }: Rebuilt,
  indexOf: ReadonlyMap<string, number>,
): void {
  const { eid, lh, ts, sealBy } = payload
  const where = { file: name, entry: eid }
  const entry = entries.get(eid)
  const index = indexOf.get(eid)
  const inTree = index === undefined ? undefined : tree.hashes[index]
  const hashes = [entry && Buffer.from(entry.hash, 'hex'), inTree].filter(
    (hash) => hash !== undefined,
  )
  if (hashes.some((hash) => Buffer.from(hash).toString('base64url') !== lh))
    report('receipt-differs', where, 'the entry under its id has another leaf hash')
  else if (entry?.payload && canonicalize(entry.payload) !== canonicalize(payload))
    report('receipt-differs', where, 'it says something else than the leaf of its entry')
  const isPromised = hashes.length === 0 ? ts : sealBy
  if ((index ?? signedSize) >= signedSize && (millisecondsOf(isPromised) ?? 0) < at)
    report('receipt-broken', where, 'its time to be in a signed tree has passed, and it is in none')
}

/** Checks that a log is the one that a proof was made from. */
export function checkProof(
  { name, proof, checkpoint: { size, root } }: HeldProof,
  { log, tree, frontiers, report }: Rebuilt,
  key: VerifierKey,
  { witnesses, quorum }: Trust,
): void {
  const where = { file: name, index: proof.index }
  const { length } = tree.hashes
  const opened = openCosigned(proof.checkpoint, key, witnesses, quorum)
  const frontier = frontiers.get(size)
  const hash = tree.hashes[proof.index]
  if ('wrong' in opened) report('proof-invalid', where, opened.wrong)
  else if (proof.index >= size)
    report('proof-invalid', where, `its checkpoint is of ${size} entries only`)
  else if (size > length)
    report('truncated', where, `${log} was signed with ${size} entries, and has ${length}`)
  else if (frontier && Buffer.compare(rootOf(frontier), root) !== 0)
    report('two-views', where, `${log} was signed with another tree of ${size} entries`)
  else if (hash && !verifyInclusion(hash, proof.index, size, proof.path, root))
    report('proof-invalid', where, 'its path does not lead from the entry at its index to the root')
}

/** Whether this is the only text of the JWS: the last character of a part may have spare bits. */
const isExact = (jws: string): boolean =>
  jws.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)

function readProof(
  text: string,
): { readonly proof: LogProof; readonly checkpoint: Checkpoint } | { readonly wrong: string } {
  const read = parseProof(text)
  if ('wrong' in read) return read
  const note = parseNote(read.proof.checkpoint)
  if ('wrong' in note) return note
  const checkpoint = parseCheckpoint(note.note.text)
  return 'wrong' in checkpoint ? checkpoint : { ...read, ...checkpoint }
}
