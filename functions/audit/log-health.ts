/** How a log stands, by what it has published: no entry is read, and no person is looked at. */

import { openCosigned } from '../ledger/checkpoint.ts'
import { proveConsistency, verifyConsistency } from '../ledger/merkle.ts'
import { parseVkey } from '../ledger/note.ts'
import { tileReader } from '../ledger/tiles.ts'
import type { AuditWorld } from '../log-ports.ts'
import { type PublishedHead, publishedHead, sealedEntries } from './sealed-entries.ts'

/** A tree head that somebody noted, the root in hex. */
export type NotedHead = { readonly size: number; readonly root: string }

/** How a log stands. */
export type LogHealth = {
  readonly log: string
  /** The newest published checkpoint; absent if there is none. */
  readonly published?: NotedHead & {
    readonly witnesses: readonly { readonly name: string; readonly at: string }[]
  }
  /** How many entries are in the tree, and how many of them auditors already find. */
  readonly size: number
  readonly filed: number
  /** When the newest entry in the tree was made; absent if there is none, or it is gone. */
  readonly newest?: string
  /** Every entry of an earlier time was seen sealed; empty before the first sweep. */
  readonly sweptUntil: string
  /** Whether the published tree contains the head that was noted; absent if none was. */
  readonly grewFromNoted?: boolean
}

/**
 * How a log stands. `noted` is a head that the asker saw before: only that is a memory against whoever runs the
 * gateway. Throws if what is published is not signed as this gateway’s checkpoints are.
 */
export async function healthOf(
  log: string,
  noted: NotedHead | undefined,
  world: Pick<
    AuditWorld,
    'archive' | 'sealing' | 'vkey' | 'witnessVkeys' | 'quorum' | 'ledger' | 'isStoreAway'
  >,
): Promise<LogHealth> {
  const [{ size, marked, sweptUntil }, published] = await Promise.all([
    world.sealing.head(log),
    publishedHead(log, world),
  ])
  const state = { log, size, filed: marked, sweptUntil }
  if (published === undefined) return { ...state, ...(noted && { grewFromNoted: false }) }
  const [last] = await sealedEntries(published, [published.size - 1], world)
  const keys = [world.vkey(log), ...world.witnessVkeys].flatMap((vkey) => {
    const read = parseVkey(vkey)
    return 'key' in read ? [read.key] : []
  })
  const [logKey, ...witnessKeys] = keys
  const opened = logKey && openCosigned(published.note, logKey, witnessKeys, world.quorum)
  const cosigners = opened && 'cosigners' in opened ? opened.cosigners : []
  return {
    ...state,
    ...(last && 'stored' in last && { newest: last.stored.leaf.ts }),
    published: {
      size: published.size,
      root: Buffer.from(published.root).toString('hex'),
      witnesses: cosigners.map(({ name, seconds }) => ({
        name,
        at: new Date(seconds * 1000).toISOString(),
      })),
    },
    ...(noted && { grewFromNoted: await contains(published, noted, world) }),
  }
}

/** Whether the published tree begins with the one that was noted. What tiles say counts only as far as both roots show it. */
async function contains(
  { log, size, root }: PublishedHead,
  noted: NotedHead,
  { archive }: Pick<AuditWorld, 'archive'>,
): Promise<boolean> {
  if (noted.size > size) return false
  const read = tileReader(size, (path) => archive.get(`${log}/${path}`))
  const proof = await proveConsistency(noted.size, size, read)
  return verifyConsistency(noted.size, Buffer.from(noted.root, 'hex'), size, root, proof)
}
