/**
 * Two small pieces that are played in one fixed order, with every single fault at every operation, and
 * with every two faults that are not far apart: what chance alone leaves out.
 */

import { gateway } from './cast.ts'
import { chanceOf } from './chance.ts'
import type { Mutate } from './ports.ts'
import { type Outcome, type Play, startPlay } from './run.ts'
import type { Fault } from './scheduler.ts'

const log = `${gateway}/de/2026`
const hints = (play: Play) => play.hints.get(log) ?? []

/** What starts at once, and then the next once all of that is at rest. */
type Piece = readonly ((play: Play) => void)[]

/** Whoever got no answer asks again, and the clock comes round: once more with faults. */
const again: Piece = [
  (play) => {
    for (const [index, state] of play.asking) if (state !== 'answered') play.ask(index)
    for (const [name, state] of play.acting) if (state !== 'done') play.act(name)
  },
  (play) => play.sweep(),
]

const pieces = {
  /** Requests, one of them sent twice at once, and sealers, two of them at once. */
  sealing: [
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
  /** A person who is asked for, held, to be erased meanwhile, let go, and erased. */
  erasing: [
    (play) => play.ask(0),
    (play) => play.seal(log, hints(play)),
    (play) => {
      play.act('hold')
      play.act('erase')
    },
    (play) => play.act('lift'),
    (play) => play.act('eraseOther'),
    ...again,
  ],
} as const satisfies Readonly<Record<string, Piece>>

export type PieceName = keyof typeof pieces
export const pieceNames = Object.keys(pieces) as PieceName[]

/** A fault at an operation, counted from 0. */
export type At = readonly [operation: number, fault: Fault]

/** What a piece came to, and every operation before its end, in order. */
export type Played = Outcome & { readonly operations: readonly string[] }

/** Plays a piece with these faults. */
export async function playPiece(
  name: PieceName,
  faults: readonly At[],
  mutate: Mutate = {},
  trace?: string[],
): Promise<Played> {
  const play = startPlay({
    chance: chanceOf(0),
    start: '2026-12-29T09:00:00.000Z',
    witnesses: 1,
    quorum: 1,
    jurisdictions: ['DE'],
    mutate,
    trace,
  })
  const { scheduler } = play.stage
  const planned = new Map(faults)
  const operations: string[] = []
  for (const start of pieces[name]) {
    start(play)
    for (;;) {
      await scheduler.quiet()
      const [next] = scheduler.waiting
      if (next === undefined || play.wrong !== undefined) break
      scheduler.pass(1)
      scheduler.turn(0, planned.get(operations.length))
      operations.push(next.name)
    }
  }
  return { ...(await play.end()), operations }
}

/** How many operations there may be from one fault to the next. */
export const windowOf: Readonly<Record<PieceName, number>> = { sealing: 40, erasing: 12 }

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

const isRead = (name: string): boolean =>
  /\.(read|readAll|settle|head|manifest|placeOf|since|get|list|newest|open|generations|look|earlier|isRestricted|find|last|receipt)$/.test(
    name,
  )
