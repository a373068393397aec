/**
 * What a verifier has against whoever runs a log: what it saw of it before. A log that was emptied, cut,
 * put back to an earlier state or forked agrees with itself; it does not agree with that.
 */

import * as z from 'zod'
import { type Checkpoint, openCheckpoint, parseCheckpoint } from '../ledger/checkpoint.ts'
import { rootOf } from '../ledger/merkle.ts'
import { parseNote, type VerifierKey } from '../ledger/note.ts'
import { count, hash, instant, isLogName } from '../ledger/verify-files.ts'
import type { findingList } from './verify-findings.ts'
import type { HeldFile } from './verify-outside.ts'
import type { Rebuilt } from './verify-sealing.ts'
import type { StampsOfLog } from './verify-stamps.ts'
import type { UsedKey } from './verify-trust.ts'

/** What became of a log. Programs may rely on these names. */
export type VerifiedLog = {
  readonly log: string
  /** How many entries there are, in whatever state. */
  readonly entries: number
  /** How many have a place in the tree, and the root over them (base64); null if a leaf is lost. */
  readonly size: number
  readonly root: string | null
  /** The size of the newest checkpoint that the log signed, how many cosigned it, and when first. */
  readonly signed: number
  /** The root that it signed (base64url); null if it signed none. */
  readonly signedRoot: string | null
  readonly cosigned: number
  readonly seen: string | null
  /** Entries that are not in a signed tree yet, and not late. */
  readonly pending: number
  /** The keys by which its newest tree is its own. */
  readonly keys: readonly UsedKey[]
  /** Since when it was there, by authorities outside. Whose word that is, does not count for the keys. */
  readonly stamps: StampsOfLog
}

/** A state: how large each log was, and the root over it, when it was last found whole. */
export const seenFile = z.strictObject({
  v: z.literal(1),
  at: instant,
  logs: z.array(z.strictObject({ log: z.string().refine(isLogName), size: count, root: hash })),
})
/** What was seen of logs before. */
export type Seen = z.infer<typeof seenFile>

/** A tree that a log is said to have had: by the state of a verifier, or by a note that somebody kept. */
export type HeldTree = Checkpoint & {
  /** The file that says so. */
  readonly name: string
  /** Of a note: its bytes, which the log must have signed. */
  readonly note?: string
}

/** Trees of a state, and of checkpoints; names those that are none. */
export function readTrees(
  since: { readonly name: string; readonly seen: Seen } | undefined,
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

/** Whether a log still begins with a tree that it had. */
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

/** What to remember of logs that were found whole: of each the newest tree that it signed. */
export const remember = (at: string, logs: readonly VerifiedLog[]): z.input<typeof seenFile> => ({
  v: 1,
  at,
  logs: logs.flatMap(({ log, signed, signedRoot }) =>
    signedRoot === null ? [] : [{ log, size: signed, root: signedRoot }],
  ),
})
