/** The chain `law` in DynamoDB, beside the register, and a running instance's law, read anew each minute. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { ComityError } from '../failure.ts'
import type { Book } from '../policy/book.ts'
import type { Runnable } from '../policy/carried.ts'
import { belowFloor, headsOf } from '../policy/floor.ts'
import { type LawNow, lawNow, lawThen, type NotHeld } from '../policy/law.ts'
import {
  emptyLaw,
  type FloorBody,
  type FollowedLaw,
  followLaw,
  type LawKeys,
  type LawState,
  type LawStatement,
  lawChain,
  tipAt,
} from '../policy/law-chain.ts'
import { digestOfSet, type LawSet } from '../policy/set.ts'
import type { Law } from '../ports.ts'
import { sharing } from './aws-post.ts'
import type { RefusedLaw } from './carried-law.ts'
import type { Marks } from './chains-dynamodb.ts'
import { putStatement, readChain } from './chains-dynamodb.ts'

/** How old a read may be, ms. INVARIANT (a minute): if the store is away for longer, nothing is answered. */
const freshMs = 60_000
/** Some instance saw statements that the chain no longer has. */
const gone = { at: 0, why: 'somebody has seen other statements of it, or more' }
/** How many earlier laws an instance remembers, for replays of entries that name them. */
const earlierMax = 8

/** Reads the chain as written, and checks all of it. */
export const readLawChain = async (
  client: DynamoDBClient,
  table: string,
  keys: LawKeys,
  seen: LawState = emptyLaw,
): Promise<FollowedLaw> =>
  followLaw(await readChain(client, table, lawChain, Math.max(1, seen.tip.number)), keys, seen)

/** Puts a statement after the last one, durably; false if another came first. */
export const stateInLawChain = (
  client: DynamoDBClient,
  table: string,
  statement: LawStatement,
): Promise<boolean> => putStatement(client, table, statement)

/** Where an instance reads its law. */
export type LawSource = {
  readonly client: DynamoDBClient
  readonly table: string
  readonly marks: Marks
  readonly now: () => Date
  /** Called with the reason when nothing is permitted any more. */
  readonly unheld: (why: string) => void
  /** The law that the instance was deployed with. */
  readonly law: Runnable
  /** Fetches the law of a set by the set's digest, or why this build refuses it; undefined if it is not where sets are kept. */
  readonly fetch?: (set: string) => Promise<Runnable | RefusedLaw | undefined>
}

/**
 * The law of an instance: that of its own set, or of the set that everybody must take, without what is
 * suspended. Rejects if its set may not start. Where the set that everybody must take is not to be had, or this build
 * refuses it, nothing is permitted: an answer is an open denial, and no failure, however often instances start anew.
 *
 * INVARIANT (never by absence): an instance uses no chain that is shorter than the one it has seen, or differs
 * from it, and none that it read more than a minute ago. While the chain does not hold, nothing is permitted.
 */
export async function runningLaw(source: LawSource): Promise<Law> {
  const held: Held = { own: source.law, state: emptyLaw, stood: false, earlier: new Map() }
  let reading: Promise<LawNow> | undefined
  const anew = (): Promise<LawNow> => {
    if (reading !== undefined) return sharing(reading, anew)
    reading = readAnew(held, source).finally(() => {
      reading = undefined
    })
    return reading
  }
  const now = async (): Promise<LawNow> => {
    const { read } = held
    const isFresh = read && Math.abs(source.now().getTime() - read.at) < freshMs
    return read !== undefined && isFresh ? read.now : anew()
  }

  await anew()
  if (held.unheld !== undefined && !held.unheld.mayStart)
    throw new ComityError(`couldn’t load policies: ${held.unheld.why}`)

  return {
    now,
    async anew() {
      // A read that began earlier may have read less.
      await reading?.catch(() => undefined)
      return anew()
    },
    files: () => held.own.files,
    async asOf(ref, set, statements) {
      await now()
      if (ref.tip.number > held.state.tip.number) await anew()
      return bookThen(held, ref, set, statements)
    },
  }
}

/** What an instance holds of the law. */
type Held = {
  own: Runnable
  state: LawState
  /** Whether the set was once at or above the floor: a floor raised later stops no running instance. */
  stood: boolean
  read?: { readonly at: number; readonly now: LawNow }
  /** Why nothing is permitted now, if so, and whether an instance may start so. */
  unheld?: Unheld | undefined
  readonly earlier: Map<string, Book>
}

type Unheld = { readonly why: string; readonly mayStart: boolean }

async function readAnew(held: Held, source: LawSource): Promise<LawNow> {
  // Taken before we ask the store, whose answer may miss what is written meanwhile.
  const at = source.now().getTime()
  const before = { ...held }
  const first = await readMarked(held, source)
  // Statements that another instance saw may have arrived since we read.
  const { state, broken } = first.broken === gone ? await readMarked(held, source) : first
  held.state = state
  const unheld =
    broken === undefined
      ? ((await standing(held, source)) ?? stoppedBy(state))
      : { why: brokenWhy(broken), mayStart: true }
  const why = unheld?.why
  if (why !== undefined && why !== before.unheld?.why) source.unheld(why)
  const isSame =
    before.own === held.own && before.state.tip === state.tip && before.unheld?.why === why
  held.unheld = unheld
  // The same law stays the same object, so that what was derived from it stays, too.
  const now =
    held.read !== undefined && isSame ? held.read.now : lawNow(held.own, state, why !== undefined)
  held.read = { at, now }
  return now
}

/** INVARIANT (a stop is held): whoever starts meanwhile permits nothing, either. */
const stoppedBy = ({ stop }: LawState): Unheld | undefined =>
  stop && { why: `statement ${stop.number} of \`law\` stopped it`, mayStart: true }

const brokenWhy = (broken: NonNullable<FollowedLaw['broken']>): string =>
  broken === gone
    ? `the chain \`law\` is not what was seen: ${gone.why}`
    : `statement ${broken.at} of \`law\` does not count: ${broken.why}`

/** Reads the chain, and checks it against what any instance has seen. */
async function readMarked(
  { own, state }: Held,
  { client, table, marks }: LawSource,
): Promise<FollowedLaw> {
  const followed = await readLawChain(client, table, own, state)
  if (followed.broken !== undefined) return followed
  const { tip, statements, begins } = followed.state
  const seen = await marks.of(lawChain, tip.number + 1, ...(tip === state.tip ? [] : [tip.number]))
  if (seen.has(tip.number + 1)) return { ...followed, broken: gone }
  const isSeen = tip === state.tip || seen.get(tip.number) === tip.digest
  if (isSeen || (await marks.see(lawChain, statements, begins))) return followed
  return { ...followed, state, broken: gone }
}

/** Takes the set that everybody must take, if ours is below the floor; says why our set still may not count. */
async function standing(held: Held, { fetch }: LawSource): Promise<Unheld | undefined> {
  const { floor, take } = held.state
  const below = belowFloor(held.own, floor)
  if (below === undefined) {
    held.stood = true
    return undefined
  }
  if (take === undefined || belowFloor(held.own, take) === undefined)
    return held.stood ? undefined : { why: below, mayStart: false }
  const fetched = await fetch?.(take.set)
  const told = `the set ${take.set} is to be taken everywhere`
  if (fetched !== undefined && 'refused' in fetched)
    return { why: `${told}, and this build does not take it: ${fetched.refused}`, mayStart: true }
  if (fetched === undefined || digestOfSet(fetched.set) !== take.set)
    return { why: `${told}, and is not where sets are kept`, mayStart: true }
  held.own = fetched
  held.earlier.clear()
  held.stood = true
  return undefined
}

/** The book that decided then, which is remembered, or why there is none. */
async function bookThen(
  held: Held,
  ...[ref, set, statements]: Parameters<Law['asOf']>
): Promise<Book | NotHeld> {
  const { earlier } = held
  const key = JSON.stringify(ref)
  const known = earlier.get(key)
  if (known !== undefined) return known
  const heads =
    ref.set === digestOfSet(held.own.set)
      ? headsOf(held.own.set)
      : (statedHeads(held.state, ref.set) ?? (await headsIn(set)))
  if (heads === undefined) return { why: `the set ${ref.set} is not known here` }
  const isHere = ref.broken || tipAt(held.state, ref.tip.number)?.digest === ref.tip.digest
  // The log has the statements that the chain lost before it began anew.
  const then = isHere ? held.state : followLaw(await statements(), held.own).state
  const book = lawThen(held.own, then, ref, heads)
  if ('why' in book) return book
  if (earlier.size >= earlierMax) earlier.clear()
  earlier.set(key, book)
  return book
}

/** The heads of a set that was once stated as a floor. */
const statedHeads = ({ statements }: LawState, set: string): FloorBody['heads'] | undefined =>
  statements.flatMap(({ body }) => ('set' in body && body.set === set ? [body.heads] : []))[0]

async function headsIn(
  set: () => Promise<Pick<LawSet, 'folders'> | undefined>,
): Promise<FloorBody['heads'] | undefined> {
  const found = await set()
  return found && headsOf(found)
}
