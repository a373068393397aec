/** Sweeps all logs from time to time: seals what no hint named, and what a crash left behind. */

import { logOf } from '../ledger/entry.ts'
import type { SealWorld } from '../log-ports.ts'
import { type Sealed, seal } from './seal.ts'

/**
 * How late an entry may show in the index, or its rows be filed, ms: clocks differ, calls take time, the
 * index lags.
 */
const marginMs = 3_600_000
/** How long a log is swept after its year is over, ms. */
const afterYearMs = 31 * 86_400_000
/** Entries in a page of the index; and entries looked up together. */
const pageMax = 1000
const atOnce = 100

/** The result for a log. An `error` means that it was not sealed completely. */
export type Swept = (Sealed | { readonly log: string; readonly error: unknown }) & {
  /**
   * Age of the oldest unsealed entry, 0 if there is none. Only present if all were looked for, and
   * successfully.
   */
  readonly unsealedSeconds?: number
}

/**
 * Seals every log of every jurisdiction in the register: this year's, and in January the last one's. Looks
 * for entries from where the last sweep saw everything sealed; or, with `from`, only for those not before it.
 * A failure of one log does not affect others; a failure outside any log is listed under the gateway. Calls
 * `notBelieved` for each agency whose statements do not hold.
 */
export async function sealAll(
  world: SealWorld,
  {
    from,
    until,
    notBelieved,
  }: {
    readonly from?: string
    readonly until?: Date
    readonly notBelieved?: (agency: string) => void
  } = {},
): Promise<readonly Swept[]> {
  const logs = await logsOf(world, notBelieved)
  const swept = logs.map((log) =>
    (from === undefined ? sweepLog(log, world, until) : sealFrom(log, from, world, until)).catch(
      (error: unknown) => ({ log, error }),
    ),
  )
  const cleared = (from === undefined ? clear(world, until) : Promise.resolve()).then(
    () => [],
    (error: unknown) => [{ log: world.gateway, error }],
  )
  return [...(await Promise.all(swept)), ...(await cleared)]
}

/** Removes what was left of erased entries, once nobody can still be filing them. */
async function clear({ lookups, now }: SealWorld, until?: Date): Promise<void> {
  const before = earlier(now().toISOString())
  while (!(await lookups.clear(before))) if (until !== undefined && now() >= until) return
}

/**
 * The logs that may still grow: of every jurisdiction in the register, this year's and, for a month, the last
 * year's.
 */
export async function logsOf(
  { register, gateway, now }: Pick<SealWorld, 'register' | 'gateway' | 'now'>,
  notBelieved: (agency: string) => void = () => undefined,
): Promise<readonly string[]> {
  const at = now().getTime()
  const years = [at - afterYearMs, at].map((each) => new Date(each).toISOString())
  // For an agency whose row cannot be read, the prefix of its id: its log goes on.
  const named: string[] = []
  const agencies = await register.all((id) => {
    named.push(id.split('-')[0] ?? '')
    notBelieved(id)
  })
  const jurisdictions = [
    ...agencies.map(({ jurisdiction }) => jurisdiction),
    ...named.filter((each) => /^([A-Z]{2}|INTERPOL|EUROPOL)$/.test(each)),
  ]
  const logs = jurisdictions.flatMap((each) => years.map((ts) => logOf(gateway, each, ts)))
  return [...new Set(logs)].sort()
}

async function sealFrom(log: string, from: string, world: SealWorld, until?: Date) {
  const { waiting } = await unsealedSince(log, from, world)
  return seal(log, [...waiting.keys()], world, until)
}

/** Seals what the index shows, and moves the place where the next sweep starts. */
async function sweepLog(log: string, world: SealWorld, until?: Date): Promise<Swept> {
  const { sweptUntil } = await world.sealing.head(log)
  const from = sweptUntil === '' ? '0' : earlier(sweptUntil)
  const { waiting, clearUntil } = await unsealedSince(log, from, world)
  const sealed = await seal(log, [...waiting.keys()], world, until).catch((error: unknown) => ({
    log,
    error,
  }))
  // If this fails, the reason why the log is not sealed matters more.
  const oldest = await oldestOf(waiting, world).catch(() => undefined)
  const swept = oldest === undefined ? sealed : { ...sealed, unsealedSeconds: oldest }
  if ('error' in swept) return swept
  const [to = ''] = [clearUntil, earlier(world.now().toISOString())].sort()
  const head = await world.sealing.head(log)
  // If another sweep moves the head meanwhile, the next one looks at a few entries more.
  if (to > head.sweptUntil) await world.sealing.advance(log, head, { ...head, sweptUntil: to })
  return swept
}

/** How long the oldest still unsealed entry has waited, s; 0 if all are sealed by now. */
async function oldestOf(
  waiting: ReadonlyMap<string, string>,
  { sealing, now }: SealWorld,
): Promise<number> {
  const entries = [...waiting]
  for (let at = 0; at < entries.length; at += atOnce) {
    const some = entries.slice(at, at + atOnce)
    const places = await Promise.all(some.map(([eid]) => sealing.placeOf(eid)))
    const [, ts] = some[places.indexOf(undefined)] ?? []
    if (ts !== undefined) return Math.max(0, Math.floor((now().getTime() - Date.parse(ts)) / 1000))
  }
  return 0
}

/**
 * Unsealed entries in the index with their times, the oldest first. Every entry earlier than `clearUntil` is
 * sealed.
 */
export async function unsealedSince(
  log: string,
  from: string,
  world: Pick<SealWorld, 'sealing' | 'sweep'>,
) {
  const waiting = new Map<string, string>()
  let [at, limit] = [from, pageMax]
  let [clearUntil, isClear] = ['', true]
  for (;;) {
    const page = await world.sweep.since(log, at, limit)
    for (let i = 0; i < page.length; i += atOnce) {
      const some = page.slice(i, i + atOnce)
      const places = await Promise.all(some.map(({ eid }) => world.sealing.placeOf(eid)))
      for (const [each, { eid, ts }] of some.entries()) {
        if (isClear) clearUntil = ts
        if (places[each] !== undefined) continue
        isClear = false
        waiting.set(eid, ts)
      }
    }
    const last = page.at(-1)
    if (last === undefined || page.length < limit) return { waiting, clearUntil }
    // A page full of one instant gets us no further; a larger page does.
    if (last.ts === at) limit *= 2
    at = last.ts
  }
}

const earlier = (ts: string): string => new Date(Date.parse(ts) - marginMs).toISOString()
