/**
 * One run: a stage, journeys that start on it, and how it ends. What starts when, who is next and what
 * goes wrong is left to `random.ts` and `pairs.ts`.
 */

import './at-once.ts'
import { answer } from '../../functions/answer/answer.ts'
import type { Answered } from '../../functions/answer/reply/reply.ts'
import { actOnSubject } from '../../functions/audit/act-on-subject.ts'
import { seal } from '../../functions/sealing/seal.ts'
import { type SweepBounds, sealAll } from '../../functions/sealing/sweep.ts'
import { acts, agencies, books, clients, records } from './cast.ts'
import type { Chance } from './chance.ts'
import { type Mutate, type Ports, portsOf, type Stage } from './ports.ts'
import { type Ended, type Process, StoreAway, startScheduler } from './scheduler.ts'
import { statementsOf } from './statements.ts'
import { freshStores } from './stores.ts'

/** What a run came to. */
export type Outcome = {
  readonly steps: number
  readonly crashes: number
  readonly faults: number
  /** How often each fault befell each operation: `ledger.put lost`. */
  readonly tried: ReadonlyMap<string, number>
  /** Of everything that happened, in order. */
  readonly hash: number
  /** The first statement that did not hold. */
  readonly wrong?: string
}

export type ActName = keyof typeof acts
export type Play = ReturnType<typeof startPlay>

/** Most steps until everything is at rest, once nothing goes wrong any more. */
const restMax = 6000

/** Sets up a stage. */
export function startPlay({
  chance,
  start,
  witnesses,
  quorum,
  mutate = {},
  jurisdictions = ['DE', 'FR', 'GB'],
  lagMs = () => 0,
  trace,
}: {
  readonly chance: Chance
  readonly start: string
  readonly witnesses: number
  readonly quorum: number
  /** Whose agencies are registered, so that the clock seals their logs. */
  readonly jurisdictions?: readonly string[]
  readonly mutate?: Mutate
  readonly lagMs?: (eid: string) => number
  readonly trace?: string[] | undefined
}) {
  const stores = freshStores()
  const statements = statementsOf(stores, quorum)
  let wrong: string | undefined
  const violate = (what: string | undefined) => {
    wrong ??= what
  }
  const scheduler = startScheduler(
    Date.parse(start),
    () => {
      if (wrong === undefined) violate(statements.check())
    },
    trace,
  )
  const hints = new Map<string, string[]>()
  const stage: Stage = {
    scheduler,
    stores,
    chance,
    law: { book: books[0] ?? { policies: [], lists: [] } },
    versions: records.map(() => 0),
    witnesses,
    quorum,
    agencies: agencies.filter(({ jurisdiction }) => jurisdictions.includes(jurisdiction)),
    hinted: (log, eid) => hints.set(log, [...(hints.get(log) ?? []), eid]),
    shownAt: new Map(),
    lagMs,
    mutate,
    unexpected: (process, error) =>
      violate(`an error that cannot be: ${process.name}: ${wordsOf(error)}`),
  }
  const asking = new Map<number, 'asking' | 'answered' | 'failed'>()
  const acting = new Map<ActName, 'acting' | 'done' | 'failed'>()
  /** Whether an erasure was itself erased, so that the same call does not complete it any more. */
  let isLost = false

  /** Starts a process; what it ends with is looked at. */
  const begin = <T>(
    name: string,
    ahead: number,
    journey: (ports: Ports, process: Process) => Promise<T>,
    then: (ended: Ended<T>) => void = () => undefined,
  ): Process =>
    scheduler.spawn(
      name,
      ahead,
      (process) => journey(portsOf(process, stage), process),
      (ended) => {
        if (ended !== 'crashed' && 'error' in ended && !mayHappen(ended.error))
          violate(`an error that cannot be: ${name}: ${wordsOf(ended.error)}`)
        then(ended)
      },
    )

  const play = {
    stage,
    hints,
    asking,
    acting,
    violate,
    get wrong() {
      return wrong
    },

    /** A client sends its request, once more if it did before. */
    ask(index: number, ahead = 0): Process {
      const { call, request } = of(clients, index)
      asking.set(index, 'asking')
      const journey = async (ports: Ports, process: Process): Promise<Answered['kind']> => {
        const answered = await answer(call, request, ports)
        // Until it is sent the process may still freeze or end.
        await scheduler.operate(process, 'send', () => {
          if (answered.kind === 'answered')
            stores.said.push({ kind: 'answered', client: index, body: answered.body })
          if (answered.kind === 'record-changed') {
            const { receipt, reply } = answered
            stores.said.push({ kind: 'told', client: index, outcome: reply.outcome, receipt })
          }
        })
        return answered.kind
      }
      return begin(`client-${index}`, ahead, journey, (ended) => {
        const kind = ended === 'crashed' || 'error' in ended ? 'unavailable' : ended.value
        if (asking.get(index) !== 'answered')
          asking.set(index, kind === 'unavailable' ? 'failed' : 'answered')
        if (!['answered', 'record-changed', 'erased', 'unavailable'].includes(kind))
          violate(`client ${index} was told ${kind}`)
      })
    },

    /** A holder acts, once more if it did before. */
    act(name: ActName, ahead = 0): Process {
      const { id, call, body } = acts[name]
      acting.set(name, 'acting')
      const journey = async (ports: Ports, process: Process) => {
        const acted = await actOnSubject(call, body, ports)
        await scheduler.operate(process, 'send', () => {
          if (acted.kind === 'done')
            stores.said.push({ kind: 'certified', act: id, receipt: acted.certificate.receipt })
        })
        // Time was up: it says so, and the same call is to come again.
        return acted.kind === 'done' && acted.certificate.incomplete ? 'unavailable' : acted.kind
      }
      return begin(`act-${name}`, ahead, journey, (ended) => {
        const kind = ended === 'crashed' || 'error' in ended ? 'unavailable' : ended.value
        // Another that began before may not have done what this one left.
        if (kind === 'unavailable') acting.set(name, 'failed')
        else if (acting.get(name) !== 'failed') acting.set(name, 'done')
        isLost ||= kind === 'erased' && name.startsWith('erase')
        if (!ofActs[name].includes(kind)) violate(`${name} was told ${kind}`)
      })
    },

    /** A sealer is given hints of a log. */
    seal: (log: string, eids: readonly string[], ahead = 0, until?: Date): Process =>
      begin('sealer', ahead, (ports) => seal(log, eids, ports, until)),

    /** A sealer is woken by the clock. */
    sweep: (ahead = 0, bounds: SweepBounds = {}): Process =>
      begin(
        'clock',
        ahead,
        (ports) => sealAll(ports, bounds),
        (ended) => {
          if (ended === 'crashed' || 'error' in ended) return
          for (const swept of ended.value)
            if ('error' in swept && !mayHappen(swept.error))
              violate(`an error that cannot be: ${swept.log}: ${wordsOf(swept.error)}`)
        },
      ),

    /** Lets everything run to rest, in order and without faults. */
    async rest(): Promise<void> {
      for (let steps = 0; wrong === undefined; steps++) {
        await scheduler.quiet()
        if (scheduler.waiting.length === 0) return
        if (steps >= restMax) violate('L1: it does not come to rest')
        scheduler.turn(0)
      }
    },

    /** Whoever got no answer asks again. */
    again(): void {
      for (const [index, state] of asking) if (state === 'failed') play.ask(index)
      for (const [name, state] of acting) if (state === 'failed') play.act(name)
    },

    /** All that waits for somebody to come again is done; then everything must be as it should. */
    async end(): Promise<Outcome> {
      await play.rest()
      for (const [index, state] of asking)
        if (state !== 'answered') {
          play.ask(index)
          await play.rest()
          if (asking.get(index) !== 'answered') violate(`L1: client ${index} gets no answer`)
        }
      const finish = async (name: ActName) => {
        play.act(name)
        await play.rest()
        if (acting.get(name) !== 'done') violate(`L1: ${name} does not come to an end`)
      }
      for (const [name, state] of [...acting]) if (state !== 'done') await finish(name)
      await leaveLess()
      // By now the index shows everything, and then nobody is left who began before.
      const sweepAfter = async (...allMinutes: readonly number[]) => {
        for (const minutes of allMinutes) {
          scheduler.pass(minutes * minute)
          play.sweep()
          await play.rest()
        }
      }
      await sweepAfter(11, 0, 90)
      if (isLost) {
        scheduler.pass(Date.parse('2028-01-02') - scheduler.now)
        await finish('expireNext')
        await sweepAfter(11, 90)
      }
      if (wrong === undefined) violate(statements.checkEnd())
      const { steps, crashes, faults } = scheduler.count
      const found = wrong === undefined ? {} : { wrong }
      return { steps, crashes, faults, tried: scheduler.tried, hash: scheduler.hash, ...found }
    },
  }
  /**
   * Calls to seal that have no time at all, and no hints: each leaves fewer entries of manifests unmarked than
   * the one before. Whoever took a manifest and ended has lost it by now.
   */
  const leaveLess = async (): Promise<void> => {
    scheduler.pass(minute)
    const manifests = [...stores.manifests.rows]
    for (const log of new Set(manifests.map(([key]) => key.split(' ')[0] ?? ''))) {
      const own = manifests.filter(([key]) => key.startsWith(`${log} `))
      const placed = own.reduce((sum, [, { length }]) => sum + length, 0)
      const left = () => {
        const { marked = 0, filed = 0 } = stores.heads.get(log) ?? {}
        return placed - marked - filed
      }
      for (let was = left(); was > 0 && wrong === undefined; was = left()) {
        play.seal(log, [], 0, new Date(scheduler.now))
        await play.rest()
        if (left() >= was) violate(`L3: ${was} entries of ${log} wait, and ${left()} after a call`)
      }
    }
  }
  return play
}

/** What an act may come to; what was erased or held meanwhile may not be anything else. */
const ofActs: Readonly<Record<ActName, readonly string[]>> = {
  hold: ['done', 'erased', 'unavailable'],
  restrict: ['done', 'erased', 'unavailable'],
  erase: ['done', 'held', 'erased', 'unavailable'],
  eraseOther: ['done', 'held', 'erased', 'unavailable'],
  lift: ['done', 'nothing-to-lift', 'erased', 'unavailable'],
  expire: ['done', 'not-expired', 'erased', 'unavailable'],
  expireNext: ['done', 'unavailable'],
}

/** Errors with which a journey may end, so that somebody comes again. */
const mayHappen = (error: unknown): boolean =>
  error instanceof StoreAway ||
  (error instanceof Error && /others kept changing what was signed last/.test(error.message))

const wordsOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)

/** The one at an index that is known to be there. */
export function of<T>(all: readonly T[], index: number): T {
  const one = all[index]
  if (one === undefined) throw new Error(`there is none at ${index}`)
  return one
}

/** ms */
export const minute = 60_000
