/**
 * Stamping: once a day an outside authority states that each log's newest checkpoint existed (RFC 3161).
 * Nothing waits for it; what it does not answer, it is asked again later.
 */

import { ComityError, hasFailed } from '../failure.ts'
import { stampPath, writeStamp } from '../ledger/time-stamp.ts'
import type { Authority, SealWorld } from '../log-ports.ts'
import { newestPublished } from './publish.ts'
import { logsOf } from './sweep.ts'

/** The parts of the world that stamping needs. */
export type StampWorld = Pick<SealWorld, 'gateway' | 'now' | 'register' | 'archive' | 'vkey'> & {
  readonly authority: Authority
}

/**
 * The result for a log: stamped now, stamped earlier today, or without a checkpoint yet; or why not, with
 * `isAway` if the authority did not answer at all.
 */
export type Stamped =
  | { readonly kind: 'stamped' | 'stands' | 'empty' }
  | { readonly kind: 'unstamped'; readonly why: string; readonly isAway: boolean }

/** The result with its log. An `error` means that the archive was away, or was changed. */
type StampedLog = { readonly log: string } & (Stamped | { readonly error: unknown })

/** How far the authority's clock may be from ours, ms. */
const clocksMs = 60_000

/**
 * Stamps the newest checkpoint of each log that has no stamp today. A failure of one log does not affect
 * others; once the authority is away, the remaining logs wait for the next time.
 */
export async function stampAll(world: StampWorld): Promise<readonly StampedLog[]> {
  const all: StampedLog[] = []
  for (const log of await logsOf(world)) {
    const one: StampedLog = await stampLog(log, world).then(
      (stamped) => ({ log, ...stamped }),
      (error: unknown) => ({ log, error }),
    )
    all.push(one)
    if ('isAway' in one && one.isAway) break
  }
  return all
}

async function stampLog(log: string, world: StampWorld): Promise<Stamped> {
  const { archive, authority, now } = world
  if ((await archive.get(stampPath(log, now().getTime()))) !== undefined) return { kind: 'stands' }
  const { size } = await newestPublished(log, world)
  if (size === 0) return { kind: 'empty' }
  const note = await archive.get(`${log}/checkpoints/${size}`)
  if (note === undefined) throw new ComityError(`couldn’t stamp ${log}: its checkpoint is not kept`)
  const answer = await authority.stamp(note)
  if (answer.kind !== 'stamped')
    return { kind: 'unstamped', why: answer.why, isAway: answer.kind === 'away' }
  const { ms, token } = answer
  if (Math.abs(ms - now().getTime()) > clocksMs) {
    const why = `it says that it is ${new Date(ms).toISOString()}, which is not what we have`
    return { kind: 'unstamped', why, isAway: false }
  }
  try {
    // INVARIANT (one a day): if several stamp at once, the first stamp of a day stands.
    await archive.put(stampPath(log, ms), writeStamp({ size, token }))
    return { kind: 'stamped' }
  } catch (error) {
    if (hasFailed(error, 'conflict')) return { kind: 'stands' }
    throw error
  }
}
