/** The time stamps of a bundle of evidence: by when an outsider says that each entry was there. */

import { paths } from '../ledger/evidence.ts'
import { type KeptStamp, readStampFile, stampOf, stampPath } from '../ledger/time-stamp.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { ShownEntry } from './evidence-files.ts'
import { headIn, type PublishedHead } from './sealed-entries.ts'

/** Days after an entry on which its stamp is looked for, its own among them: an authority may be away for some. */
const daysMax = 8
const dayMs = 86_400_000

/** An entry, in the checkpoint that was stamped. */
type StampedEntry = { readonly entry: ShownEntry; readonly head: PublishedHead }

/**
 * For each entry the first stamp, by day, of a checkpoint that has it and is no larger than the one as of
 * which is asked: the tokens by path, and which checkpoint is to be proved.
 */
export async function stampsOf(
  shown: readonly ShownEntry[],
  world: Pick<AuditWorld, 'archive' | 'vkey' | 'witnessVkeys' | 'quorum'>,
): Promise<{
  readonly tokens: ReadonlyMap<string, Uint8Array>
  readonly stamped: readonly StampedEntry[]
}> {
  const found = new Map<string, ReturnType<typeof keptAt>>()
  const at = (log: string, ms: number) => {
    const path = stampPath(log, ms)
    const known = found.get(path) ?? keptAt(path, log, world)
    found.set(path, known)
    return known
  }
  const tokens = new Map<string, Uint8Array>()
  const stamped: StampedEntry[] = []
  for (const entry of shown) {
    const { log, size } = entry.head
    const ms = Date.parse(entry.stored.leaf.ts)
    const days = Array.from({ length: daysMax }, (_, day) => at(log, ms + day * dayMs))
    const first = (await Promise.all(days)).find(
      (each) => each !== undefined && each.head.size > entry.index && each.head.size <= size,
    )
    if (first === undefined) continue
    tokens.set(paths.stamp(log, first.head.size), first.stamp.token)
    stamped.push({ entry, head: first.head })
  }
  return { tokens, stamped }
}

/**
 * A stamp and its checkpoint; undefined of one that does not hold, which those who verify the log are told, or
 * whose checkpoint other witnesses cosigned than there are now.
 */
async function keptAt(
  path: string,
  log: string,
  world: Pick<AuditWorld, 'archive' | 'vkey' | 'witnessVkeys' | 'quorum'>,
): Promise<{ readonly stamp: KeptStamp; readonly head: PublishedHead } | undefined> {
  const bytes = await world.archive.get(path)
  const stamp = bytes && readStampFile(bytes)
  const note = stamp && (await world.archive.get(`${log}/checkpoints/${stamp.size}`))
  const head = note && headIn(log, note, world)
  if (stamp === undefined || head === undefined || 'wrong' in head) return undefined
  return 'stamp' in stampOf(stamp.token, Buffer.from(head.note)) ? { stamp, head } : undefined
}
