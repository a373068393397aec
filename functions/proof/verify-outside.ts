/** Checks what people hold against an exported log: receipts that they were given, and proofs. */

import canonicalize from 'canonicalize'
import { decodeProtectedHeader, importJWK } from 'jose'
import { type Checkpoint, openCosigned, parseCheckpoint } from '../ledger/checkpoint.ts'
import { type LogProof, parseProof } from '../ledger/log-proof.ts'
import { rootOf, verifyInclusion } from '../ledger/merkle.ts'
import { parseNote, type VerifierKey } from '../ledger/note.ts'
import { type ReceiptPayload, readReceipt } from '../ledger/receipt.ts'
import { millisecondsOf, type Trust } from '../ledger/verify-files.ts'
import type { findingList } from './verify-findings.ts'
import type { Rebuilt } from './verify-sealing.ts'

/** A file that somebody holds. */
export type HeldFile = { readonly name: string; readonly text: string }

/** A receipt that a pinned key signed. */
export type HeldReceipt = { readonly name: string; readonly payload: ReceiptPayload }

/** Reads receipts; names those that no pinned key signed. */
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

/** A proof that can be read. Nothing of it is checked. */
export type HeldProof = {
  readonly name: string
  readonly proof: LogProof
  readonly checkpoint: Checkpoint
}

/** Reads proofs; names those that are none. */
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

/** Whether a log keeps what a receipt promised. */
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

/** Whether a log is the one that a proof was made of. */
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

/** Whether no other text is the same JWS: the last character of a part may have bits to spare. */
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
