/** All logs, from time to time: seals what no hint told of, and what a crash left behind. */

import { logOf } from '../ledger/entry.ts'
import type { SealWorld } from '../log-ports.ts'
import { type Sealed, seal } from './seal.ts'

/**
 * How late an entry may show in the index, and its rows be filed, ms: clocks differ, calls take time, the
 * index lags.
 */
const marginMs = 3_600_000
/** How long a log is looked at after its year is over, ms. */
const afterYearMs = 31 * 86_400_000
/** Entries in a page of the index, and looked up at once. */
const pageMax = 1000
const atOnce = 100

/** What became of a log: an `error` means that it was not sealed to the end. */
export type Swept = (Sealed | { readonly log: string; readonly error: unknown }) & {
  /** Age of the oldest entry that is still unsealed, 0 if none is; only where all were looked for, and found out. */
  readonly unsealedSeconds?: number
}

/**
 * Seals every log of every jurisdiction in the register: this year's, and in January the last one's.
 * Looks for entries from where the last sweep saw all sealed; or only for those not before `from`.
 * What goes wrong with one log stays with it; what goes wrong with none stands under the gateway. Tells of
 * whom what is stated does not hold.
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

/** Removes what was left of erased entries, now that nobody can be filing them any more. */
async function clear({ lookups, now }: SealWorld, until?: Date): Promise<void> {
  const before = earlier(now().toISOString())
  while (!(await lookups.clear(before))) if (until !== undefined && now() >= until) return
}

/** The logs that may still grow: those of every jurisdiction in the register, this year's and, for a month, the last's. */
export async function logsOf(
  { register, gateway, now }: Pick<SealWorld, 'register' | 'gateway' | 'now'>,
  notBelieved: (agency: string) => void = () => undefined,
): Promise<readonly string[]> {
  const at = now().getTime()
  const years = [at - afterYearMs, at].map((each) => new Date(each).toISOString())
  // Of an agency whose row nobody can read, what its id begins with: its log goes on.
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

/** Seals what the index shows, and moves the place from which the next sweep looks. */
async function sweepLog(log: string, world: SealWorld, until?: Date): Promise<Swept> {
  const { sweptUntil } = await world.sealing.head(log)
  const from = sweptUntil === '' ? '0' : earlier(sweptUntil)
  const { waiting, clearUntil } = await unsealedSince(log, from, world)
  const sealed = await seal(log, [...waiting.keys()], world, until).catch((error: unknown) => ({
    log,
    error,
  }))
  // If that cannot be found out, why the log is not sealed matters more.
  const oldest = await oldestOf(waiting, world).catch(() => undefined)
  const swept = oldest === undefined ? sealed : { ...sealed, unsealedSeconds: oldest }
  if ('error' in swept) return swept
  const [to = ''] = [clearUntil, earlier(world.now().toISOString())].sort()
  const head = await world.sealing.head(log)
  // If another moves the head meanwhile, the next sweep looks at a little more.
  if (to > head.sweptUntil) await world.sealing.advance(log, head, { ...head, sweptUntil: to })
  return swept
}

/** How long the oldest entry has waited that is unsealed still, s; 0 if all are sealed by now. */
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

/** Entries that the index shows and that are not sealed, with their times, the oldest first; every one of an earlier time than `clearUntil` is. */
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
    // A page of one instant does not get us further, a larger one does.
    if (last.ts === at) limit *= 2
    at = last.ts
  }
}

const earlier = (ts: string): string => new Date(Date.parse(ts) - marginMs).toISOString()
