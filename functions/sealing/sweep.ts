/** Sweeps all logs from time to time: seals what no hint named, and what a crash left behind. */

import { logOf } from '../ledger/entry.ts'
import { isLooksLog, withLooks } from '../ledger/looks-log.ts'
import type { SealWorld } from '../log-ports.ts'
import { partyPattern } from '../policy/fact-types.ts'
import { type Sealed, seal } from './seal.ts'

/**
 * How late an entry may show in the index, or its rows be filed, ms: clocks differ, calls take time, the
 * index lags.
 */
const marginMs = 3_600_000
/** How often a log is swept from `sweptUntil` on, ms, so that what shows late is found. */
const wholeMs = 900_000
/**
 * How far before the last sweep that left nothing a quick one looks, ms: longer than a call takes. For an act on
 * a person, which must miss nothing, it looks back further.
 */
const [backMs, actBackMs] = [60_000, 600_000]
/** How long a log is swept after its year is over, ms. */
const afterYearMs = 31 * 86_400_000
/** Entries in a page of the index. */
const pageMax = 1000
/** How many logs are swept at once: each holds a page and a manifest in memory. */
const logsAtOnce = 8

/** The result for a log. An `error` means that it was not sealed completely. */
export type Swept = (Sealed | { readonly log: string; readonly error: unknown }) & {
  /** Age of the oldest unsealed entry that the sweep found, 0 if there is none; absent if it came to no end. */
  readonly unsealedSeconds?: number
}

/** What to sweep. */
export type SweepBounds = {
  /** No further step is begun after it. */
  readonly until?: Date
  /**
   * `whole`: every log from where all was seen sealed, an hour before. `new`: from the last sweep that left
   * nothing, but now and then the whole; `act`: from ten minutes before that.
   */
  readonly what?: 'whole' | 'new' | 'act'
  /** Only the logs of this jurisdiction. */
  readonly jurisdiction?: string
  /** Called for each agency whose statements do not hold. */
  readonly notBelieved?: (agency: string) => void
}

/**
 * Seals every log of every jurisdiction in the register: this year's, and in January the last one's. A failure
 * of one log does not affect others; a failure outside any log is listed under the gateway. However much waits,
 * every log gets further.
 */
export async function sealAll(
  { sealer, ...alone }: SealWorld,
  bounds: SweepBounds = {},
): Promise<readonly Swept[]> {
  const { jurisdiction, until, notBelieved, what } = bounds
  // An act waits for nobody, also not for one that has taken a manifest and ended.
  const world = sealer === undefined || what === 'act' ? alone : { ...alone, sealer }
  const own = jurisdiction === undefined ? '' : logOf(world.gateway, jurisdiction, '')
  const logs = (await logsOf(world, notBelieved)).filter((log) => log.startsWith(own))
  const swept: Swept[] = []
  // The next log that nobody sweeps yet.
  let next = 0
  const sweepNext = async (): Promise<void> => {
    const [at, log] = [next, logs[next]]
    next += 1
    if (log === undefined) return
    swept[at] = await sweepLog(log, world, bounds).catch((error: unknown) => ({ log, error }))
    await sweepNext()
  }
  const sweeping = Array.from({ length: logsAtOnce }, sweepNext)
  const cleared = (jurisdiction === undefined ? clear(world, until) : Promise.resolve()).then(
    () => [],
    (error: unknown) => [{ log: world.gateway, error }],
  )
  await Promise.all(sweeping)
  return [...swept, ...(await cleared)]
}

/** Removes what was left of erased entries, once nobody can still be filing them. */
async function clear({ lookups, now }: SealWorld, until?: Date): Promise<void> {
  const at = before(now().toISOString(), marginMs)
  while (!(await lookups.clear(at))) if (until !== undefined && now() >= until) return
}

/**
 * The logs that may still grow, and those of looks: of every jurisdiction in the register, this year's and, for a
 * month, the last year's.
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
    ...named.filter((each) => partyPattern.test(each)),
  ]
  const logs = jurisdictions.flatMap((each) => years.map((ts) => logOf(gateway, each, ts)))
  return [...new Set(logs.flatMap(withLooks))].sort()
}

/** Seals what the index shows, page by page, and notes how far all is sealed. */
async function sweepLog(
  log: string,
  world: SealWorld,
  { until, what = 'whole' }: SweepBounds,
): Promise<Swept> {
  const { sealing, now } = world
  const begun = now().toISOString()
  const { from, last, isWhole, isFirst } = await startOf(log, begun, what, sealing)
  let swept: Sealed | { readonly log: string; readonly error: unknown } | undefined
  let [sealed, shown, clearUntil, isClear, isComplete] = [0, 0, '', true, true]
  let oldest: number | undefined | 'unknown'
  let unseen = 0
  for await (const page of pagesSince(log, from, world)) {
    isComplete &&= swept === undefined || until === undefined || now() < until
    const waiting = page.filter(({ isSealed }) => !isSealed)
    if (!isComplete) {
      // Nobody knows what comes after this page; but all before is sealed, where nothing older was left.
      unseen = Math.max(1, waiting.length)
      oldest ??= ageOf(waiting[0], world)
      break
    }
    shown += page.length
    if (isClear) clearUntil = (waiting[0] ?? page.at(-1))?.ts ?? clearUntil
    isClear &&= waiting.length === 0
    if (swept !== undefined && waiting.length === 0) continue
    const hints = waiting.map(({ eid }) => eid)
    swept = await seal(log, hints, world, until).catch((error: unknown) => ({ log, error }))
    // If this fails, the reason why the log is not sealed matters more.
    oldest ??= await oldestOf(waiting, world).catch(() => 'unknown' as const)
    isComplete = !('error' in swept) && swept.left === 0
    if ('sealed' in swept) sealed += swept.sealed
  }
  const age = oldest ?? (isComplete ? 0 : 'unknown')
  const known = age === 'unknown' ? {} : { unsealedSeconds: age }
  if (swept === undefined || 'error' in swept) return { log, error: swept?.error, ...known }
  const isAll = isComplete && oldest === undefined && (isFirst || shown > 0)
  const looked = isAll ? begun : lookedUntil(begun, clearUntil)
  if (looked > last) await sealing.look(log, looked)
  if (isWhole) {
    await noteSwept(log, isComplete && isClear ? begun : clearUntil, world)
    // Once for a jurisdiction.
    if (!isLooksLog(log)) await world.lookups.tally(jurisdictionIn(log), begun)
  }
  // INVARIANT (left until looked at): an act on a person goes ahead only if nothing is left, so what the sweep had no
  // time to look at is.
  return { ...swept, sealed, left: Math.max(swept.left, unseen), ...known }
}

/**
 * What is noted of a sweep that left something, so that the next one goes on where all before is sealed: it looks from
 * there on, however much of what came after the last whole look is sealed by now. What is that old and shows only later
 * took longer than a call does, as ever.
 */
function lookedUntil(begun: string, clearUntil: string): string {
  const at = clearUntil === '' ? '' : before(clearUntil, -backMs)
  return at < begun ? at : begun
}

/** From where a sweep looks, and whether that is where the log was last seen sealed as a whole. */
async function startOf(
  log: string,
  begun: string,
  what: NonNullable<SweepBounds['what']>,
  { head, looked }: SealWorld['sealing'],
) {
  const [{ sweptUntil }, last] = await Promise.all([head(log), looked(log)])
  const isUnknown = sweptUntil === '' || sweptUntil > begun
  const isDue = isUnknown || Date.parse(begun) - Date.parse(sweptUntil) >= marginMs + wholeMs
  const isFirst = last === ''
  // Noted by a clock further ahead than clocks differ: nobody knows when that was, so all is looked at and noted anew.
  const isAhead = sweptUntil > begun || last > before(begun, -marginMs)
  if (what === 'whole' || isFirst || isAhead || (what === 'new' && isDue))
    return {
      from: isUnknown ? '0' : before(sweptUntil, marginMs),
      last: isAhead ? '' : last,
      isWhole: true,
      isFirst,
    }
  // Whoever noted it may have a clock that is ahead.
  const since = last < begun ? last : begun
  return { from: before(since, what === 'act' ? actBackMs : backMs), last, isWhole: false, isFirst }
}

/** Moves the place where the next whole sweep starts. */
async function noteSwept(log: string, clearUntil: string, { sealing, now }: SealWorld) {
  const at = now().toISOString()
  const [to = ''] = [clearUntil, before(at, marginMs)].sort()
  const head = await sealing.head(log)
  // If another moves the head meanwhile, the next one looks at a few entries more.
  if (to > head.sweptUntil || head.sweptUntil > at)
    await sealing.advance(log, head, { ...head, sweptUntil: to })
}

/** The jurisdiction that a log is of: `DE` of `comity.example/de/2026`. */
const jurisdictionIn = (log: string): string => log.split('/').at(-2)?.toUpperCase() ?? ''

/** Entry ids and times. */
type Waiting = readonly { readonly eid: string; readonly ts: string }[]

/** How long the oldest still unsealed entry has waited, s; undefined if all are sealed by now. */
async function oldestOf(
  waiting: Waiting,
  { sealing, now }: SealWorld,
): Promise<number | undefined> {
  const places = await sealing.placesOf(waiting.map(({ eid }) => eid))
  return ageOf(
    waiting.find(({ eid }) => !places.has(eid)),
    { now },
  )
}

const ageOf = (entry: Waiting[number] | undefined, { now }: Pick<SealWorld, 'now'>) =>
  entry && Math.max(0, Math.floor((now().getTime() - Date.parse(entry.ts)) / 1000))

/**
 * The entries of a log that the index shows from a time on, the oldest first, and whether each is sealed: page
 * by page, at least one.
 */
export async function* pagesSince(
  log: string,
  from: string,
  { sealing, sweep, atOnce }: Pick<SealWorld, 'sealing' | 'sweep' | 'atOnce'>,
) {
  let [at, limit] = [from, atOnce?.page ?? pageMax]
  let known = new Set<string>()
  for (;;) {
    const page = await sweep.since(log, at, limit)
    const fresh = page.filter(({ eid }) => !known.has(eid))
    const places = await sealing.placesOf(fresh.map(({ eid }) => eid))
    yield fresh.map(({ eid, ts }) => ({ eid, ts, isSealed: places.has(eid) }))
    const last = page.at(-1)
    if (last === undefined || page.length < limit) return
    // A page full of one instant gets us no further; a larger page does.
    if (last.ts === at) limit *= 2
    at = last.ts
    known = new Set(page.flatMap(({ eid, ts }) => (ts === at ? eid : [])))
  }
}

const before = (ts: string, ms: number): string => new Date(Date.parse(ts) - ms).toISOString()
