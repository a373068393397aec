/**
 * Checks a log by what it publishes to everybody, its newest checkpoint and its hash tiles, against the keys that a
 * reader brings, and against the tree that the reader saw before. The caller supplies the files.
 */

import { ComityError } from '../failure.ts'
import {
  type Checkpoint,
  type Cosigner,
  openCosigned,
  parseCheckpoint,
} from '../ledger/checkpoint.ts'
import {
  type Hash,
  proveConsistency,
  proveInclusion,
  type ReadHash,
  readFrontier,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../ledger/merkle.ts'
import { parseNote } from '../ledger/note.ts'
import { type GetFile, tileReader } from '../ledger/tiles.ts'
import { logKeyOf, textOf } from '../ledger/verify-files.ts'
import { keysOf, type TrustFile, type UsedKey, wordOf } from './verify-trust.ts'

/** What a log is held to. */
export type PublishedHeldTo = {
  /** Without it, nobody vouches that the checkpoint is the log's. */
  readonly trust?: TrustFile | undefined
  /** The tree that the reader saw last. */
  readonly seen?: Pick<Checkpoint, 'size' | 'root'> | undefined
  /** A leaf that must stand at this place. */
  readonly leaf?: { readonly hash: Hash; readonly index: number } | undefined
}

/** Why what is published does not hold. Pages may rely on these codes. */
export type PublishedFault = {
  readonly code:
    | 'no-checkpoint'
    | 'unknown-key'
    | 'signature'
    | 'rolled-back'
    | 'forked'
    | 'tiles'
    | 'not-in-log'
  readonly says: string
}

/** What was found: it holds if there is no fault. */
export type PublishedLog = {
  readonly faults: readonly PublishedFault[]
  readonly head?: Checkpoint
  readonly cosigners: readonly Cosigner[]
  /** The keys by which the checkpoint counts; none without a trust file. */
  readonly keys: readonly UsedKey[]
}

/** Checks a log. Rejects only if `get` does: whoever cannot read knows nothing. */
export async function checkPublished(
  log: string,
  get: GetFile,
  { trust, seen, leaf }: PublishedHeldTo,
): Promise<PublishedLog> {
  const failed = (code: PublishedFault['code'], says: string) => ({
    ...{ faults: [{ code, says }], cosigners: [], keys: [] },
  })
  const bytes = await get('checkpoint')
  if (bytes === undefined) return failed('no-checkpoint', `${log} publishes no checkpoint`)
  const opened = openedBy(log, textOf(bytes), trust)
  if ('code' in opened) return failed(opened.code, opened.says)
  const { head, cosigners, keys } = opened
  const known = { head, cosigners, keys }
  if (seen !== undefined && seen.size > head.size) {
    const says = `${log} has ${head.size} entries, and had ${seen.size}: it was rolled back`
    return { ...known, faults: [{ code: 'rolled-back', says }] }
  }
  const read = tileReader(head.size, get)
  try {
    // Only then does another fault speak of the log, and not of damaged tiles.
    if (!isSame(rootOf(await readFrontier(head.size, read)), head.root)) {
      const says = `the tiles of ${log} do not make up the root that it signed: they were changed`
      return { ...known, faults: [{ code: 'tiles', says }] }
    }
    const faults = [
      ...(seen === undefined ? [] : await grownFrom(seen, head, read)),
      ...(leaf === undefined ? [] : await placed(leaf, head, read)),
    ]
    return { ...known, faults }
  } catch (error) {
    if (!(error instanceof ComityError)) throw error
    return { ...known, faults: [{ code: 'tiles', says: error.message }] }
  }
}

type Opened = Required<Pick<PublishedLog, 'head' | 'cosigners' | 'keys'>>

/** The checkpoint, by the keys of the reader; without any, as it stands. */
function openedBy(
  log: string,
  note: string,
  trust: TrustFile | undefined,
): Opened | PublishedFault {
  const wrong = (says: string): PublishedFault => ({ code: 'signature', says })
  if (trust === undefined) {
    const read = parseNote(note)
    const parsed = 'wrong' in read ? read : parseCheckpoint(read.note.text)
    if ('wrong' in parsed) return wrong(parsed.wrong)
    return parsed.checkpoint.origin === log
      ? { head: parsed.checkpoint, cosigners: [], keys: [] }
      : wrong(`the checkpoint is of another log than ${log}`)
  }
  const key = logKeyOf(log, trust)
  if (key === undefined)
    return {
      code: 'unknown-key',
      says: `the trust file has no key of ${log}: it is of another log`,
    }
  const { witnesses, quorum } = trust
  const opened = openCosigned(note, key, witnesses, quorum)
  if ('wrong' in opened) return wrong(opened.wrong)
  const { checkpoint: head, cosigners } = opened
  return { head, cosigners, keys: keysOf(key, cosigners, trust, (name) => wordOf(name, trust)) }
}

async function grownFrom(
  seen: NonNullable<PublishedHeldTo['seen']>,
  { origin, size, root }: Checkpoint,
  read: ReadHash,
): Promise<readonly PublishedFault[]> {
  const path = await proveConsistency(seen.size, size, read)
  if (verifyConsistency(seen.size, seen.root, size, root, path)) return []
  const says = `${origin} does not show that it grew from the ${seen.size} entries that were seen: it has forked, is another log, or its tiles were changed`
  return [{ code: 'forked', says }]
}

async function placed(
  { hash, index }: NonNullable<PublishedHeldTo['leaf']>,
  { origin, size, root }: Checkpoint,
  read: ReadHash,
): Promise<readonly PublishedFault[]> {
  const isThere =
    index < size &&
    verifyInclusion(hash, index, size, await proveInclusion(index, size, read), root)
  const says = `${origin} does not show this entry at place ${index + 1}: the entry, its place or the tiles were changed`
  return isThere ? [] : [{ code: 'not-in-log', says }]
}

const isSame = (a: Hash, b: Hash): boolean => Buffer.compare(a, b) === 0
