/** Looks for what goes wrong: in random runs by their seeds, and in the pieces with every two faults. */

import { type MutantName, mutants } from './mutants.ts'
import {
  type At,
  isRead,
  type PieceName,
  type Played,
  paired,
  pieceFaults,
  pieceNames,
  playPiece,
  single,
  windowOf,
} from './pairs.ts'
import { runSeed } from './random.ts'
import type { Outcome } from './run.ts'

/** Runs that one core does in one go. */
export type Job = { readonly mutant?: MutantName | undefined } & (
  | { readonly from: number; readonly seeds: number }
  /** A piece, with every fault at an operation, and with every second one that is not far behind it. */
  | { readonly piece: PieceName; readonly operation: number }
)

/** A run in which a statement did not hold. */
export type Found = {
  readonly wrong: string
  /** What plays it again: `--seed 7`, or `--faults sealing:3=lost,20=away`. */
  readonly again: string
}

/** What runs came to. */
export type Tally = {
  runs: number
  steps: number
  crashes: number
  faults: number
  /** How often each fault befell each operation: `ledger.put lost`. */
  readonly tried: Map<string, number>
  /** In how many runs a statement did not hold, and the first of them. */
  failed: number
  first?: Found | undefined
}

/** Of no run yet. */
export const emptyTally = (): Tally => ({
  runs: 0,
  steps: 0,
  crashes: 0,
  faults: 0,
  tried: new Map(),
  failed: 0,
})

/** Adds what further runs came to. */
export function add(tally: Tally, more: Omit<Tally, 'tried'> & Pick<Outcome, 'tried'>): void {
  tally.runs += more.runs
  tally.steps += more.steps
  tally.crashes += more.crashes
  tally.faults += more.faults
  tally.failed += more.failed
  tally.first ??= more.first
  for (const [what, times] of more.tried)
    tally.tried.set(what, times + (tally.tried.get(what) ?? 0))
}

/** Does a job. */
export async function search(job: Job): Promise<Tally> {
  const tally = emptyTally()
  const mutate = job.mutant === undefined ? {} : mutants[job.mutant]
  const note = (outcome: Outcome, again: string) => {
    const { wrong } = outcome
    const first = wrong === undefined ? undefined : { wrong, again }
    add(tally, { ...outcome, runs: 1, failed: first === undefined ? 0 : 1, first })
  }
  if ('seeds' in job) {
    for (let seed = job.from; seed < job.from + job.seeds; seed++)
      note(await runSeed(seed, mutate), `--seed ${seed}`)
    return tally
  }

  const { piece, operation } = job
  const play = async (faults: readonly At[]) => {
    const played = await playPiece(piece, faults, mutate)
    note(played, `--faults ${writeFaults(piece, faults)}`)
    return played
  }
  /** With one fault, and then with each second one from an operation on. */
  const playWith = async (one: At, from: (played: Played) => number) => {
    const played = await play([one])
    const { operations } = played
    const end = Math.min(from(played) + windowOf(piece), operations.length)
    for (let later = from(played); later < end; later++)
      for (const other of paired(later, operations[later] ?? '')) await play([one, other])
  }
  const { operations } = await play([])
  const name = operations[operation] ?? ''
  const firsts = paired(operation, name).map(([, fault]) => fault)
  for (const one of single(operation))
    if (firsts.some((fault) => fault === one[1])) await playWith(one, () => operation + 1)
    else await play([one])
  if (!isRead(name)) await playWith([operation, 'pause'], ({ woken }) => woken)
  return tally
}

/** Every job of a piece. */
export async function jobsOf(piece: PieceName, mutant?: MutantName): Promise<readonly Job[]> {
  const { operations } = await playPiece(piece, [], mutant === undefined ? {} : mutants[mutant])
  return operations.map((_, operation) => ({ piece, operation, mutant }))
}

/** A piece and its faults in one word: `sealing:3=lost,20=away`. */
export const writeFaults = (piece: PieceName, all: readonly At[]): string =>
  `${piece}:${all.map(([operation, fault]) => `${operation}=${fault}`).join(',')}`

/** The piece and its faults as `writeFaults` wrote them; undefined of anything else. */
export function readFaults(
  text: string,
): { readonly piece: PieceName; readonly faults: readonly At[] } | undefined {
  const [name, list = ''] = text.split(':')
  const piece = pieceNames.find((each) => each === name)
  const faults: At[] = []
  for (const each of list === '' ? [] : list.split(',')) {
    const [operation = '', kind] = each.split('=')
    const fault = pieceFaults.find((one) => one === kind)
    if (!/^\d+$/.test(operation) || fault === undefined) return undefined
    faults.push([Number(operation), fault])
  }
  return piece && { piece, faults }
}
