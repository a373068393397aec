/**
 * One run: a stage set up by a seed, journeys that start on it, and how it ends. `weather` decides what
 * goes wrong; `script` plays a fixed piece.
 */

import './at-once.ts'
import { type Acted, actOnSubject } from '../../functions/journeys/act-on-subject.ts'
import { type Answered, answer } from '../../functions/journeys/answer.ts'
import { seal } from '../../functions/journeys/seal.ts'
import { sealAll } from '../../functions/journeys/sweep.ts'
import { ArchiveConflict } from '../../functions/log-ports.ts'
import { acts, agencies, books, clients, gateway, records } from './cast.ts'
import { type Chance, chanceOf } from './chance.ts'
import { type Mutate, type Ports, portsOf, type Stage, skew } from './ports.ts'
import { type Ended, type Process, StoreAway, startScheduler } from './scheduler.ts'
import { statementsOf } from './statements.ts'
import { freshStores } from './stores.ts'

/** What a run came to. */
export type Outcome = {
  readonly steps: number
  readonly crashes: number
  readonly faults: number
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
  readonly lagMs?: () => number
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
            const { reply, receipt } = answered
            const { outcome } = reply
            stores.said.push({ kind: 'told', client: index, outcome, receipt })
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
      if (acting.get(name) !== 'done') acting.set(name, 'acting')
      const journey = async (ports: Ports, process: Process): Promise<Acted['kind']> => {
        const acted = await actOnSubject(call, body, ports)
        await scheduler.operate(process, 'send', () => {
          if (acted.kind === 'done')
            stores.said.push({ kind: 'certified', act: id, receipt: acted.certificate.receipt })
        })
        return acted.kind
      }
      return begin(`act-${name}`, ahead, journey, (ended) => {
        const kind = ended === 'crashed' || 'error' in ended ? 'unavailable' : ended.value
        if (acting.get(name) !== 'done')
          acting.set(name, kind === 'unavailable' ? 'failed' : 'done')
        if (!ofActs[name].includes(kind)) violate(`${name} was told ${kind}`)
      })
    },

    /** A sealer is given hints of a log. */
    seal: (log: string, eids: readonly string[], ahead = 0, until?: Date): Process =>
      begin('sealer', ahead, (ports) => seal(log, eids, ports, until)),

    /** A sealer is woken by the clock. */
    sweep: (ahead = 0, from?: string): Process =>
      begin(
        'clock',
        ahead,
        (ports) => sealAll(ports, from === undefined ? {} : { from }),
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

    /** All that waits for somebody to come again is done; then everything must be as it should. */
    async end(): Promise<Outcome> {
      await play.rest()
      for (const [index, state] of asking)
        if (state !== 'answered') {
          play.ask(index)
          await play.rest()
          if (asking.get(index) !== 'answered') violate(`L1: client ${index} gets no answer`)
        }
      for (const [name, state] of acting)
        if (state !== 'done') {
          play.act(name)
          await play.rest()
          if (acting.get(name) !== 'done') violate(`L1: ${name} does not come to an end`)
        }
      // By now the index shows everything.
      scheduler.pass(11 * minute)
      for (let round = 0; round < 2; round++) {
        play.sweep()
        await play.rest()
      }
      if (wrong === undefined) violate(statements.checkEnd())
      const { steps, crashes, faults } = scheduler.count
      const found = wrong === undefined ? {} : { wrong }
      return { steps, crashes, faults, hash: scheduler.hash, ...found }
    },
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
}

/** Errors with which a journey may end, so that somebody comes again. */
const mayHappen = (error: unknown): boolean =>
  error instanceof StoreAway ||
  (error instanceof Error && /others kept changing what was signed last/.test(error.message))

const wordsOf = (error: unknown): string =>
  error instanceof ArchiveConflict || error instanceof Error
    ? `${error.name}: ${error.message}`
    : String(error)

function of<T>(all: readonly T[], index: number): T {
  const one = all[index]
  if (one === undefined) throw new Error(`there is none at ${index}`)
  return one
}

const minute = 60_000

/** One run of a seed. */
export async function runSeed(
  seed: number,
  mutate: Mutate = {},
  trace?: string[],
): Promise<Outcome> {
  const chance = chanceOf(seed)
  const isLagging = chance.oneIn(3)
  const [witnesses, quorum] = chance.pick([
    [0, 0],
    [1, 1],
    [2, 1],
    [3, 2],
  ] as const)
  const play = startPlay({
    chance,
    start: chance.oneIn(4)
      ? `2026-12-31T23:59:${30 + chance.below(30)}.000Z`
      : '2026-12-29T09:00:00.000Z',
    witnesses,
    quorum,
    mutate,
    lagMs: () => (isLagging ? chance.below(10 * minute) : 0),
    trace,
  })
  const { scheduler, law, versions } = play.stage
  const faultEvery = chance.pick([0, 60, 25, 10])
  const sleepEvery = chance.pick([0, 60, 30])
  const starts = plan(play, chance)
  let away: { readonly what: string; readonly until: number } | undefined

  for (;;) {
    await scheduler.quiet()
    if (play.wrong !== undefined) break
    const { steps } = scheduler.count
    scheduler.pass(chance.oneIn(60) ? chance.below(5 * minute) : chance.below(40))
    if (chance.oneIn(150)) law.book = chance.pick(books)
    if (chance.oneIn(150)) versions[chance.below(versions.length)] = chance.below(2)
    if (away === undefined && faultEvery > 0 && chance.oneIn(faultEvery * 6))
      away = { what: chance.pick(services), until: steps + 5 + chance.below(30) }
    if (away !== undefined && steps > away.until) away = undefined

    const ready = scheduler.waiting.flatMap(({ process }, at) =>
      process.asleepUntil > steps ? [] : [at],
    )
    if (starts.length > 0 && (ready.length === 0 || chance.oneIn(10))) {
      starts.pop()?.()
      continue
    }
    if (ready.length === 0) {
      if (scheduler.waiting.length === 0) break
      for (const { process } of scheduler.waiting) process.asleepUntil = 0
      continue
    }
    const at = chance.pick(ready)
    const one = of(scheduler.waiting, at)
    // Whoever is about to write is worth stopping most: it wakes up to a world that went on.
    const every = /put|advance|propose|mark|make|shred|hold/.test(one.name)
      ? sleepEvery / 5
      : sleepEvery
    if (sleepEvery > 0 && one.process.asleepUntil === 0 && chance.oneIn(every)) {
      // Others go on, for long; but nobody writes an entry an hour after he began.
      one.process.asleepUntil = steps + 10 + chance.below(200)
      if (chance.oneIn(4)) scheduler.pass(chance.below(12 * minute))
      continue
    }
    if (away !== undefined && one.name.startsWith(away.what)) scheduler.turn(at, 'away')
    else if (faultEvery > 0 && chance.oneIn(faultEvery)) scheduler.turn(at, chance.pick(faulty))
    else scheduler.turn(at, chance.oneIn(10) ? 'slow' : undefined)
  }
  if (chance.oneIn(2)) for (const { process } of [...scheduler.waiting]) scheduler.crash(process)
  return play.end()
}

const faulty = ['crash-before', 'crash-after', 'lost', 'away', 'twice'] as const
const services = [
  'signer',
  'witness',
  'archive',
  'keys',
  'lookups',
  'sealing',
  'ledger',
  'key.sign',
]

/** What starts in a run, in the order of chance. */
function plan(play: Play, chance: Chance): (() => void)[] {
  const { hints, stage } = play
  const starts: (() => void)[] = []
  const asked = chance.shuffled(clients.map((_, i) => i)).slice(0, 1 + chance.below(4))
  for (const index of asked)
    for (let times = 1 + chance.below(3); times > 0; times--)
      starts.push(() => play.ask(index, skew(stage)))
  for (let times = chance.below(3); times > 0; times--) starts.push(() => play.sweep(skew(stage)))
  for (let times = chance.below(7); times > 0; times--)
    starts.push(() => {
      const logs = [...hints.keys()]
      const log = logs.length === 0 ? `${gateway}/de/2026` : chance.pick(logs)
      const all = [...(hints.get(log) ?? []), ...noise(play, chance)]
      const few = chance.oneIn(2) ? 1 + chance.below(2) : all.length
      const some = chance.shuffled(all.filter(() => !chance.oneIn(5))).slice(0, few)
      const until = chance.oneIn(3) ? new Date(stage.scheduler.now) : undefined
      play.seal(log, some, skew(stage), until)
    })
  const all = chance.shuffled(starts)
  // Acts come one soon after the other, so that they meet.
  const at = chance.below(all.length)
  return [...all.slice(0, at), ...actsOf(play, chance), ...all.slice(at)]
}

/** Acts on people, in a third of the runs. */
function actsOf(play: Play, chance: Chance): readonly (() => void)[] {
  if (!chance.oneIn(3)) return []
  const names = chance.oneIn(2)
    ? chance.pick([
        ['erase', 'hold'],
        ['lift', 'hold', 'hold'],
        ['erase', 'lift', 'hold'],
      ] as const)
    : chance.shuffled(Object.keys(acts) as ActName[]).slice(0, 1 + chance.below(3))
  const twice = names.filter(() => chance.oneIn(3))
  return [...names, ...twice].map((name) => () => play.act(name, skew(play.stage)))
}

/** Hints that are doubled, of no entry, or of another log. */
function noise({ hints }: Play, chance: Chance): readonly string[] {
  if (!chance.oneIn(3)) return []
  const others = [...hints.values()].flat()
  return [...chance.shuffled(others).slice(0, 3), 'A'.repeat(43)]
}
