/** What a machine does of its own accord, round after round: seal, stamp, and look at what is due. */

import { setTimeout as pause } from 'node:timers/promises'
import { tick } from '../answer/upkeep/clock.ts'
import { watchAlarms, watchMs } from '../audit/watch-alarms.ts'
import type { Sessions } from '../console-ports.ts'
import { agencyId } from '../decision/request.ts'
import { whyOf } from '../failure.ts'
import type { Lines } from '../lines.ts'
import type { AuditWorld, SealWorld } from '../log-ports.ts'
import type { World } from '../ports.ts'
import { type StampWorld, stampAll } from '../sealing/stamp.ts'
import { type Swept, sealAll } from '../sealing/sweep.ts'
import { sweptLine, troubleOf } from './seal-lines.ts'

/**
 * Time between rounds of sealing, and of stamping, ms. A log already stamped today costs one look at a file.
 */
const [sealMs, stampMs] = [1000, 60_000]
/** Time between looks at the denials whose time has come, ms. */
const clockMs = 10_000
/** Time between removals of logins that ended, ms. */
const forgetMs = 600_000
/** After this long a round begins nothing more, ms, so that the gateway stops soon when it is told to. */
const roundMs = 1500

/** Takes what operators must know. */
export type SayLine = (line: Lines[keyof Lines]) => void

/** Seals every log, round after round, until stopped. */
export const keepSealing = (world: SealWorld, say: SayLine) =>
  again(sealMs, async () => {
    const bounds = { what: 'new', until: soon(world), notBelieved: notBelieved(say) } as const
    const all = await sealAll(world, bounds).catch(failedIn(world.gateway))
    for (const each of all) {
      const trouble = troubleOf(each, world.isStoreAway)
      if (trouble !== undefined) say(trouble)
    }
    say(sweptLine(all, world.gateway))
    return all.some((each) => !('error' in each) && each.left > 0)
  })

const failedIn =
  (log: string) =>
  (error: unknown): readonly Swept[] => [{ log, error }]

/** Says the id of an agency only if it is well formed: somebody else may have written the row. */
const notBelieved = (say: SayLine) => (id: string) => {
  const { success, data: agency } = agencyId.safeParse(id)
  say({ event: 'agency-not-believed', ...(success ? { agency } : {}) })
}

/** Has the newest checkpoint of each log stamped once a day, until stopped. */
export const keepStamping = (world: StampWorld, say: SayLine) =>
  again(stampMs, async () => {
    const all = await stampAll(world).catch((error: unknown) => [{ log: world.gateway, error }])
    for (const each of all) {
      const { log } = each
      const own = 'why' in each ? each.why : undefined
      const why = 'error' in each ? whyOf(`couldn’t stamp ${log}`, each.error) : own
      if (why !== undefined) say({ event: 'unstamped', log, why })
    }
  })

/** Looks at the denials whose time has come, until stopped. */
export const keepTime = (world: World, say: SayLine) =>
  again(clockMs, async () => {
    const notLooked = (error: unknown) =>
      say({ event: 'not-looked-at', why: whyOf('couldn’t look at a denial', error) })
    await tick(world, soon(world), notLooked).then(
      (ticked) => say({ event: 'ticked', ...ticked }),
      notLooked,
    )
  })

/** Looks whether alarms of auditors went off, until stopped. */
export const keepWatching = (world: AuditWorld, say: SayLine) =>
  again(watchMs, async () => {
    const notLooked = (error: unknown) =>
      say({ event: 'not-looked-at', why: whyOf('couldn’t look at an alarm', error) })
    await watchAlarms(world, soon(world), notLooked).then(
      (watched) => say({ event: 'watched', ...watched }),
      notLooked,
    )
  })

/**
 * Removes logins that have ended, until stopped: neither PostgreSQL nor a DynamoDB on one machine does so by itself,
 * and who was logged in when is nobody's to read later.
 */
export const keepForgetting = (
  sessions: Pick<Sessions, 'forget'>,
  { now }: Pick<World, 'now'>,
  say: SayLine,
) =>
  again(forgetMs, () =>
    sessions.forget(now().getTime()).catch((error: unknown) => {
      say({ event: 'not-looked-at', why: whyOf('couldn’t remove logins that ended', error) })
    }),
  )

const soon = ({ now }: Pick<World, 'now'>): Date => new Date(now().getTime() + roundMs)

/**
 * Repeats `turn` until stopped, at once where it says that there is more to do. `stop` returns once nothing runs any
 * more.
 */
function again(everyMs: number, turn: () => Promise<unknown>) {
  const stopping = new AbortController()
  const { signal } = stopping
  const run = async () => {
    while (!signal.aborted) {
      const isMore = (await turn()) === true
      if (!isMore) await pause(everyMs, undefined, { signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    stop: () => {
      stopping.abort()
      return running
    },
  }
}

/** For so long after it was last meant, the same trouble of a log is not told again, ms. */
const quietMs = 300_000
/** Most troubles to remember. */
const troublesMax = 1000

/** Passes on what people have to read: no counts of rounds, and the same trouble of a log only once. */
export function newsOnly(say: SayLine, now: () => number): SayLine {
  const meant = new Map<string, number>()
  return (line) => {
    if (line.event === 'swept') return
    if ((line.event === 'ticked' || line.event === 'watched') && line.looked === 0) return
    if (!('log' in line)) return say(line)
    const trouble = JSON.stringify(line)
    const last = meant.get(trouble)
    if (meant.size > troublesMax) meant.clear()
    meant.set(trouble, now())
    if (last === undefined || now() - last > quietMs) say(line)
  }
}
