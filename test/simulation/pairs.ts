/**
 * Three small pieces that are played in one fixed order, with every single fault at every operation, with
 * every two faults that are not far apart, and with every process that is put aside before it writes and
 * goes on when all others are done: what chance alone leaves out.
 */

import { gateway } from './cast.ts'
import { chanceOf } from './chance.ts'
import type { Mutate } from './ports.ts'
import { minute, type Outcome, type Play, startPlay } from './run.ts'
import { type Fault, faults, type Process } from './scheduler.ts'

const log = `${gateway}/de/2026`
const hints = (play: Play) => play.hints.get(log) ?? []

/** What starts at once, and then the next once all of that is at rest. */
type Steps = readonly ((play: Play) => void)[]
type Piece = {
  readonly start: string
  /** How many operations there may be from one fault to the next. */
  readonly window: number
  readonly steps: Steps
}

/** Whoever got no answer asks again, and the clock comes round: once more with faults. */
const again: Steps = [(play) => play.again(), (play) => play.sweep()]

/** Requests, one of them sent twice at once, and sealers, two of them at once. */
const sealing: Piece = {
  start: '2026-12-29T09:00:00.000Z',
  window: 40,
  steps: [
    (play) => {
      play.ask(0)
      play.ask(0)
    },
    (play) => play.seal(log, hints(play)),
    (play) => play.ask(1),
    (play) => {
      play.seal(log, hints(play))
      play.seal(log, hints(play))
    },
    ...again,
  ],
}

/** A person who is asked for, held, to be erased meanwhile, let go, and erased. */
const erasing: Piece = {
  start: '2026-12-29T09:00:00.000Z',
  window: 12,
  steps: [
    (play) => play.ask(0),
    (play) => play.seal(log, hints(play)),
    (play) => {
      play.act('hold')
      play.act('erase')
    },
    (play) => play.act('lift'),
    (play) => play.act('erase'),
    ...again,
  ],
}

/** A person of whom all that is kept expires at the turn of the year, and who is held at that moment. */
const expiring: Piece = {
  start: '2026-12-31T23:59:59.000Z',
  window: 12,
  steps: [
    (play) => play.ask(0),
    (play) => play.seal(log, hints(play)),
    (play) => {
      play.stage.scheduler.pass(minute)
      play.act('expire')
      play.act('hold')
    },
    (play) => play.act('lift'),
    (play) => play.act('expire'),
    ...again,
  ],
}

const pieces = { sealing, erasing, expiring } as const satisfies Readonly<Record<string, Piece>>

export type PieceName = keyof typeof pieces
export const pieceNames = Object.keys(pieces) as PieceName[]

/** A fault at an operation, counted from 0; `pause`: its process is put aside before it. */
export type At = readonly [operation: number, fault: Fault | 'pause']
export const pieceFaults = [...faults, 'pause'] as const

/** What a piece came to. */
export type Played = Outcome & {
  /** Every operation before its end, in order. */
  readonly operations: readonly string[]
  /** How many of them there were before whoever was put aside went on. */
  readonly woken: number
}

/** Plays a piece with these faults. */
export async function playPiece(
  name: PieceName,
  given: readonly At[],
  mutate: Mutate = {},
  trace?: string[],
): Promise<Played> {
  const { start, steps } = pieces[name]
  const play = startPlay({
    chance: chanceOf(0),
    start,
    witnesses: 1,
    quorum: 1,
    jurisdictions: ['DE'],
    mutate,
    trace,
  })
  const { scheduler } = play.stage
  const planned = new Map(given)
  const paused = new Set<Process>()
  const operations: string[] = []
  const rest = async () => {
    for (;;) {
      await scheduler.quiet()
      const next = scheduler.waiting.findIndex(({ process }) => !paused.has(process))
      const one = scheduler.waiting[next]
      if (one === undefined || play.wrong !== undefined) return
      const fault = planned.get(operations.length)
      planned.delete(operations.length)
      if (fault === 'pause') {
        paused.add(one.process)
        continue
      }
      scheduler.pass(1)
      scheduler.turn(next, fault)
      operations.push(one.name)
    }
  }
  for (const begin of steps) {
    begin(play)
    await rest()
  }
  const woken = operations.length
  paused.clear()
  await rest()
  return { ...(await play.end()), operations, woken }
}

/** How many operations there may be from one fault to the next. */
export const windowOf = (name: PieceName): number => pieces[name].window

/** What is tried at an operation alone. */
export const single = (operation: number): readonly At[] =>
  (['crash-before', 'crash-after', 'lost', 'away', 'twice'] as const).map((fault) => [
    operation,
    fault,
  ])

/**
 * What is tried at an operation together with another. A process that ends before it writes again might
 * as well have ended after it wrote last; and it is the same whether it is the question or the answer of
 * a read that is lost.
 */
export const paired = (operation: number, name: string): readonly At[] =>
  (isRead(name) ? (['away'] as const) : (['crash-after', 'lost', 'away'] as const)).map((fault) => [
    operation,
    fault,
  ])

/** Whether an operation changes nothing. */
export const isRead = (name: string): boolean =>
  /\.(read|readAll|settle|head|manifest|placeOf|placesOf|looked|since|get|list|newest|open|generations|look|earlier|isRestricted|find|last|receipt|due)$/.test(
    name,
  )
