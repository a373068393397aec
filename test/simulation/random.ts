/** One run of a seed: what starts when, who is next and what goes wrong, all by chance. */

import { shardOf } from '../../functions/adapters/ledger-dynamodb.ts'
import { books, clients, gateway } from './cast.ts'
import { type Chance, chanceOf } from './chance.ts'
import { type Mutate, skew } from './ports.ts'
import { minute, type Outcome, of, type Play, startPlay } from './run.ts'

/** How long a process lives at most, ms. */
const lifeMax = 30 * minute

/**
 * Where a run has its faults: everywhere, or at one thing alone and there often. Faults that are everywhere
 * end most processes before they come to what is done last.
 */
type Focus = {
  readonly at: RegExp
  readonly every: number
  /** How many steps there are from one service that is away for a while to the next; 0: none is. */
  readonly away: number
  /** What there is most of in it. */
  readonly about?: 'people' | 'publishing'
}
const focuses: readonly Focus[] = [
  { at: /^$/, every: 1, away: 0 },
  { at: /./, every: 40, away: 200 },
  { at: /./, every: 12, away: 80 },
  { at: /^(ledger|records|secrets|send|keys\.(newest|make))/, every: 5, away: 0 },
  { at: /^(sealing\.(propose|advance|mark)|archive\.(put|replace))/, every: 6, away: 0 },
  {
    at: /^(signer|witness|memory|key\.|archive\.replace)/,
    every: 20,
    away: 200,
    about: 'publishing',
  },
  {
    at: /^(keys\.open|lookups\.(note|put|unfiled|get|remove))/,
    every: 6,
    away: 0,
    about: 'people',
  },
  {
    at: /^(keys\.(hold|restrict|lift|shred|look|list|forget.*|earlier|generations)|lookups\.(list|unfiled|remove|due|forget|done))/,
    every: 8,
    away: 0,
    about: 'people',
  },
]
const writes =
  /\.(put|note|unfiled|propose|advance|mark|replace|remove|forget|make|shred|hold|restrict|lift|sign)$/

/** How many witnesses there are, and how many of them must cosign. */
type Quorum = readonly [witnesses: number, quorum: number]
const few: readonly Quorum[] = [
  [0, 0],
  [0, 0],
  [1, 1],
]
const many: readonly Quorum[] = [
  [1, 1],
  [2, 1],
  [3, 2],
]

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

/** One run of a seed. */
export async function runSeed(
  seed: number,
  mutate: Mutate = {},
  trace?: string[],
): Promise<Outcome> {
  const chance = chanceOf(seed)
  const focus = chance.pick(focuses)
  /** How long the index takes: none of it, all of it, or one part of it beside others that are quick. */
  const lagging = chance.pick(['none', 'none', 'all', 'part'] as const)
  const isSmall = focus.about !== undefined || chance.oneIn(2)
  const isWitnessed = focus.about === 'publishing' || !isSmall
  const [witnesses, quorum] = chance.pick(isWitnessed ? many : few)
  const play = startPlay({
    chance,
    start: chance.oneIn(focus.about === 'people' ? 2 : 4)
      ? `2026-12-31T23:59:${30 + chance.below(30)}.000Z`
      : '2026-12-29T09:00:00.000Z',
    witnesses,
    quorum,
    ...(isSmall ? { jurisdictions: ['DE'] } : {}),
    mutate,
    lagMs: (eid) =>
      lagging === 'all' || (lagging === 'part' && shardOf(eid) === 0)
        ? chance.below(10 * minute)
        : 0,
    trace,
  })
  const { scheduler, law, versions } = play.stage
  const sleepEvery = chance.pick([0, 60, 30])
  const starts = plan(play, chance, focus.about)
  let tries = chance.below(3)
  let away: { readonly what: string; readonly until: number } | undefined

  for (;;) {
    await scheduler.quiet()
    if (play.wrong !== undefined) break
    const { steps } = scheduler.count
    scheduler.pass(chance.oneIn(60) ? chance.below(5 * minute) : chance.below(40))
    if (chance.oneIn(800)) scheduler.pass(90 * minute)
    if (chance.oneIn(150)) law.book = chance.pick(books)
    if (chance.oneIn(150)) versions[chance.below(versions.length)] = chance.below(2)
    if (away === undefined && focus.away > 0 && chance.oneIn(focus.away))
      away = { what: chance.pick(services), until: steps + 5 + chance.below(30) }
    if (away !== undefined && steps > away.until) away = undefined

    for (const { process } of [...scheduler.waiting])
      if (scheduler.now - process.bornAt > lifeMax) scheduler.crash(process)
    const ready = scheduler.waiting.flatMap(({ process }, at) =>
      process.asleepUntil > steps ? [] : [at],
    )
    if (starts.length > 0 && (ready.length === 0 || chance.oneIn(10))) {
      starts.pop()?.()
      continue
    }
    if (ready.length === 0) {
      if (scheduler.waiting.length === 0) {
        if (tries-- === 0) break
        if (focus.about === 'people' && chance.oneIn(2)) {
          scheduler.pass(90 * minute)
          play.sweep()
        }
        play.again()
        continue
      }
      for (const { process } of scheduler.waiting)
        process.asleepUntil = Math.min(process.asleepUntil, steps)
      continue
    }
    const at = chance.pick(ready)
    const one = of(scheduler.waiting, at)
    // Whoever is about to write is worth stopping most: it wakes up to a world that went on.
    const isFocused = focus.about !== undefined && focus.at.test(one.name)
    const every = writes.test(one.name) ? (isFocused ? 4 : sleepEvery / 5) : sleepEvery
    if (sleepEvery > 0 && one.process.asleepUntil === 0 && chance.oneIn(every)) {
      // Others go on, for long; but nobody writes an entry an hour after he began.
      one.process.asleepUntil = steps + 10 + chance.below(200)
      if (chance.oneIn(4)) scheduler.pass(chance.below(12 * minute))
      continue
    }
    const hasSlept = one.process.asleepUntil > 0
    if (away !== undefined && one.name.startsWith(away.what)) scheduler.turn(at, 'away')
    else if (focus.at.test(one.name) && chance.oneIn(isFocused && hasSlept ? 4 : focus.every))
      scheduler.turn(at, chance.pick(faulty))
    else scheduler.turn(at, chance.oneIn(10) ? 'slow' : undefined)
  }
  if (chance.oneIn(2)) for (const { process } of [...scheduler.waiting]) scheduler.crash(process)
  return play.end()
}

/** What starts in a run, in the order of chance. */
function plan(play: Play, chance: Chance, about: Focus['about']): (() => void)[] {
  const { hints, stage } = play
  const hasActs = about === 'people' || (about === undefined && chance.oneIn(5))
  const starts: (() => void)[] = []
  const jurisdictions = new Set(stage.agencies.map(({ jurisdiction }) => jurisdiction))
  const all = clients.flatMap((each, i) => (jurisdictions.has(each.holderJurisdiction) ? [i] : []))
  const asked = chance.shuffled(all).slice(0, 1 + chance.below(hasActs ? 2 : 4))
  for (const index of asked)
    for (let times = 1 + chance.below(2); times > 0; times--)
      starts.push(() => play.ask(index, skew(stage)))
  /** Some have as long as it takes, some no time at all, and some must stop on the way. */
  const until = () =>
    chance.oneIn(3)
      ? new Date(stage.scheduler.now + (chance.oneIn(2) ? 0 : chance.below(1000)))
      : undefined
  for (let times = chance.below(3); times > 0; times--)
    starts.push(() => {
      const at = until()
      const what = chance.pick(['whole', 'new', 'new'] as const)
      play.sweep(skew(stage), { what, ...(at === undefined ? {} : { until: at }) })
    })
  for (let times = chance.below(6) + (about === 'publishing' ? 2 : 0); times > 0; times--)
    starts.push(() => {
      const logs = [...hints.keys()]
      const log = logs.length === 0 ? `${gateway}/de/2026` : chance.pick(logs)
      const all = [...(hints.get(log) ?? []), ...noise(play, chance)]
      const few = chance.oneIn(2) ? 1 + chance.below(2) : all.length
      const some = chance.shuffled(all.filter(() => !chance.oneIn(5))).slice(0, few)
      play.seal(log, some, skew(stage), until())
    })
  const inOrder = chance.shuffled(starts)
  // Acts come one soon after the other, so that they meet.
  const at = chance.below(inOrder.length)
  const acting = hasActs ? actsOf(play, chance) : []
  return [...inOrder.slice(0, at), ...acting, ...inOrder.slice(at)]
}

const actsInAnyOrder = ['hold', 'erase', 'lift', 'eraseOther', 'restrict', 'expire'] as const

function actsOf(play: Play, chance: Chance): readonly (() => void)[] {
  const names = chance.oneIn(2)
    ? chance.pick([
        ['erase', 'hold'],
        ['lift', 'hold', 'hold'],
        ['erase', 'lift', 'hold'],
        ['restrict', 'eraseOther'],
        ['expire', 'hold'],
      ] as const)
    : chance.shuffled(actsInAnyOrder).slice(0, 1 + chance.below(3))
  const twice = names.filter(() => chance.oneIn(3))
  return [...names, ...twice].map((name) => () => play.act(name, skew(play.stage)))
}

/** Hints that are doubled, of no entry, or of another log. */
function noise({ hints }: Play, chance: Chance): readonly string[] {
  if (!chance.oneIn(4)) return []
  const others = [...hints.values()].flat()
  return [...chance.shuffled(others).slice(0, 3), 'A'.repeat(43)]
}
