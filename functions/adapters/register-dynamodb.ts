/** The register of agencies: signed statements in DynamoDB, read anew each minute. None counts unsigned. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { ComityError } from '../failure.ts'
import { lookAtNobody } from '../identity/nobody.ts'
import type { Agency } from '../identity/register.ts'
import {
  faultWords,
  type Registrar,
  type Registrars,
  registrarsChain,
  registrarsIn,
  type StatementFault,
} from '../identity/registrars.ts'
import { agencyInRows, chainOf, type Registered } from '../identity/statements.ts'
import { emptyTip, type Link, type Tip } from '../policy/chain.ts'
import type { Chain, Register } from '../ports.ts'
import { sharing } from './aws-post.ts'
import type { Marks, SeenMarks } from './chains-dynamodb.ts'
import { readChain, readChains } from './chains-dynamodb.ts'

/** How old a read may be, ms. INVARIANT (a minute): if the store is away for longer, nothing is answered. */
const freshMs = 60_000
/** How many unregistered names to remember: 1000 take about 200 KB. */
const unknownMax = 1000

/** The rows of a chain from one read. */
type Read = {
  readonly rows: readonly unknown[]
  /** The rows as text. If the text is the same, signatures included, so is the verdict. */
  readonly text: string
  /** Whether some instance has seen more of the chain. */
  readonly isShort: boolean
  /** The digest of the last statement that some instance has seen, if it was asked for. */
  readonly seen?: string | undefined
  readonly readAt: number
  /** The number of the read. A read that began earlier never replaces a later one. */
  readonly turn: number
}
/** What rows say of the registrars. */
type JudgedRegistrars = { readonly read: Read; readonly judged: Registrars | StatementFault }
/** The verdict on rows, and the registrars by whom they were judged. */
type Judged = {
  readonly read: Read
  readonly by: Registrars
  readonly verdict: Registered | StatementFault | undefined
}

/**
 * The register.
 *
 * INVARIANT (signed): write access to the table alone gives nobody anything. What an agency is comes from
 * statements that two registrars signed, out of the set that the deployment pins.
 *
 * INVARIANT (forward): an instance accepts no chain that is shorter than the one it has seen, or differs from
 * it. From its start on it accepts no registrars from before the deployment's `floor`, and so no agency from
 * before what those registrars saw of it.
 *
 * With `marks`, it also believes no chain of which any instance saw more, or saw other statements, and none before it is
 * marked, so that every other misses what this one saw.
 *
 * INVARIANT (a name costs the same): we remember that a name is unknown for as long as we remember an agency,
 * and the first look at a name checks signatures whether it is known or not. So the time we take does not tell
 * which names are registered. Nobody can fill this memory: the oldest unknown name goes, never a known agency.
 */
export const dynamodbRegister = (
  client: DynamoDBClient,
  table: string,
  now: () => Date,
  pinned: readonly Registrar[],
  floor: Tip = emptyTip,
  marks?: Marks,
): Register => {
  const held: Held = {
    source: { client, table, now, pinned, marks },
    known: new Map(),
    unknown: new Map(),
    seen: new Map([[registrarsChain, floor]]),
    marked: new Map(),
    judging: new Map(),
    turns: 0,
  }
  return {
    agency: async (id) => agencyIn(id, await judgedNow(held, id)),

    async chains(id) {
      const by = await registrarsNow(held)
      const own = await judgedNow(held, id)
      const { verdict } = own
      return [
        chainIn(registrarsChain, held.registrars?.read, by.tip),
        ...(verdict === undefined || isFault(verdict)
          ? []
          : [chainIn(chainOf(id), own.read, verdict.tip)]),
      ]
    },

    async all(malformed = () => undefined) {
      const first = await scanned(held)
      // As in `anew`: what does not hold is read once more before it is reported.
      const { agencies, faulty } = first.faulty.length === 0 ? first : await scanned(held)
      for (const id of faulty) malformed(id)
      return agencies
    },
  }
}

/** What an instance reads, and what it remembers. */
type Held = {
  readonly source: {
    readonly client: DynamoDBClient
    readonly table: string
    readonly now: () => Date
    readonly pinned: readonly Registrar[]
    readonly marks: Marks | undefined
  }
  readonly known: Map<string, Judged>
  readonly unknown: Map<string, Judged>
  readonly seen: Map<string, Tip>
  /** The digest of the last statement up to which each chain was marked as seen. */
  readonly marked: Map<string, string>
  /** The agencies that are being read: whoever asks meanwhile waits for the same read. */
  readonly judging: Map<string, Promise<Judged>>
  registrars?: JudgedRegistrars
  turns: number
}

/** The verdict on an agency, read anew if the last read was a minute ago. */
function judgedNow(held: Held, id: string): Promise<Judged> {
  const before = held.judging.get(id)
  if (before !== undefined) return sharing(before, () => judgedNow(held, id))
  const judging = judgedAlone(held, id).finally(() => held.judging.delete(id))
  held.judging.set(id, judging)
  return judging
}

async function judgedAlone(held: Held, id: string): Promise<Judged> {
  const by = await registrarsNow(held)
  const last = held.known.get(id) ?? held.unknown.get(id)
  const isLast = last !== undefined && isFresh(held, last.read)
  if (isLast && last.by === by && isMarked(held, chainOf(id), last.verdict)) return last
  const fresh = isLast ? last.read : await read(held, chainOf(id))
  const judged = await takeSeen(held, id, fresh, by)
  return isFault(judged.verdict) ? anew(held, id) : judged
}

/**
 * Reads registrars and agency once more: one may have changed after the other was read. This verdict stands.
 */
async function anew(held: Held, id: string): Promise<Judged> {
  const by = await registrarsAnew(held)
  return takeSeen(held, id, await read(held, chainOf(id)), by)
}

async function registrarsNow(held: Held): Promise<Registrars> {
  const { registrars: last } = held
  const isLast = last !== undefined && isFresh(held, last.read)
  return isLast && isMarked(held, registrarsChain, last.judged)
    ? counting(last.judged)
    : registrarsAnew(held)
}

const registrarsAnew = async (held: Held): Promise<Registrars> =>
  counting(await takeRegistrarsSeen(held, await read(held, registrarsChain)))

/** Judges what was read of the registrars; a fault if some instance saw other statements. */
async function takeRegistrarsSeen(held: Held, of: Read): Promise<Registrars | StatementFault> {
  const { read: taken, judged } = takeRegistrars(held, of)
  if (isFault(judged) || (await isSeenSo(held, registrarsChain, taken, judged.tip))) return judged
  held.registrars = { read: taken, judged: shorter(taken) }
  return held.registrars.judged
}

/** Every agency about which there is or was a statement, in one scan. */
async function scanned(held: Held) {
  const { client, table, marks } = held.source
  const as = begin(held)
  const chains = await readChains(client, table)
  const rowsOf = (chain: string) => chains.get(chain) ?? []
  const prefix = chainOf('')
  const named = [...chains.keys(), ...[...held.known.keys()].map(chainOf)]
  const stated = new Set(named.filter((each) => each.startsWith(prefix)))
  const numbers = [registrarsChain, ...stated].map(
    (chain) => [chain, toLookFor(held, chain, rowsOf(chain))] as const,
  )
  const seen = await marks?.ofEach(new Map(numbers))
  const readOf = (chain: string) => as(rowsOf(chain), seen?.get(chain))
  const by = await takeRegistrarsSeen(held, readOf(registrarsChain))
  const judged = [...stated].map(async (chain) => {
    const id = chain.slice(prefix.length)
    const { verdict } = isFault(by) ? { verdict: by } : await takeSeen(held, id, readOf(chain), by)
    return { id, verdict }
  })
  const agencies: Agency[] = []
  const faulty: string[] = []
  for (const { id, verdict } of await Promise.all(judged))
    if (isFault(verdict)) faulty.push(id)
    else if (verdict !== undefined) agencies.push(verdict.agency)
  return { agencies, faulty }
}

function begin(held: Held) {
  held.turns += 1
  const begun = { readAt: held.source.now().getTime(), turn: held.turns }
  return (rows: readonly unknown[], seen?: SeenMarks): Read => {
    const [text, last] = [JSON.stringify(rows), rows.length]
    return { rows, text, isShort: seen?.has(last + 1) ?? false, seen: seen?.get(last), ...begun }
  }
}

/** The numbers of the marks that say whether any instance has seen more than these rows, or others. */
const toLookFor = ({ marked }: Held, chain: string, { length: last }: readonly unknown[]) =>
  last === 0 || marked.has(chain) ? [last + 1] : [last + 1, last]

async function read(held: Held, chain: string): Promise<Read> {
  const first = await readOnce(held, chain)
  // Statements that another instance saw may have arrived since we read.
  return first.isShort ? readOnce(held, chain) : first
}

async function readOnce(held: Held, chain: string): Promise<Read> {
  const { client, table, marks } = held.source
  // Taken before we ask the store, whose answer may miss what is written meanwhile.
  const as = begin(held)
  const rows = await readChain(client, table, chain)
  return as(rows, await marks?.of(chain, ...toLookFor(held, chain, rows)))
}

/** Marks the statements of a chain that holds as seen; false if some instance saw others. */
async function isSeenSo(
  { source: { marks }, marked }: Held,
  chain: string,
  { rows, seen }: Read,
  { digest }: Tip,
): Promise<boolean> {
  if (marks === undefined || marked.get(chain) === digest) return true
  // A cast: the chain was judged, and holds.
  if (seen !== digest && !(await marks.see(chain, rows as readonly Link<unknown>[], 1)))
    return false
  marked.set(chain, digest)
  return true
}

/** Whether what was judged was marked as seen, if it has to be: marking it may have failed. */
const isMarked = (
  { source: { marks }, marked }: Held,
  chain: string,
  judged: Registrars | Registered | StatementFault | undefined,
): boolean =>
  marks === undefined ||
  judged === undefined ||
  isFault(judged) ||
  marked.get(chain) === judged.tip.digest

/** Whether a read is less than a minute from now, either way: a clock set back must not keep reads fresh. */
const isFresh = ({ source }: Held, { readAt }: Read): boolean =>
  Math.abs(source.now().getTime() - readAt) < freshMs

function takeRegistrars(held: Held, of: Read): JudgedRegistrars {
  const { registrars: last, seen, source } = held
  if (last !== undefined && last.read.turn > of.turn) return last
  const judged = of.isShort
    ? shorter(of)
    : last?.read.text === of.text && !last.read.isShort
      ? last.judged
      : registrarsIn(of.rows, source.pinned, seen.get(registrarsChain) ?? emptyTip)
  if (!isFault(judged)) seen.set(registrarsChain, judged.tip)
  held.registrars = { read: of, judged }
  return held.registrars
}

/** Judges what was read of an agency; a fault if some instance saw other statements. */
async function takeSeen(held: Held, id: string, of: Read, by: Registrars): Promise<Judged> {
  const judged = take(held, id, of, by)
  const { verdict } = judged
  if (verdict === undefined || isFault(verdict)) return judged
  if (await isSeenSo(held, chainOf(id), judged.read, verdict.tip)) return judged
  const other = { ...judged, verdict: shorter(of) }
  held.known.set(id, other)
  return other
}

function take({ known, unknown, seen }: Held, id: string, of: Read, by: Registrars): Judged {
  const last = known.get(id) ?? unknown.get(id)
  if (last !== undefined && last.by === by && last.read.turn > of.turn) return last
  if (last === undefined && of.rows.length === 0) lookAtNobody(by)
  const isSame = last !== undefined && last.by === by && last.read.text === of.text
  const verdict = of.isShort
    ? shorter(of)
    : isSame && !last.read.isShort
      ? last.verdict
      : agencyInRows(id, of.rows, by, seen.get(id) ?? emptyTip)
  const judged = { read: of, by, verdict }
  known.delete(id)
  unknown.delete(id)
  ;(verdict === undefined ? unknown : known).set(id, judged)
  if (verdict !== undefined && !isFault(verdict)) seen.set(id, verdict.tip)
  const [oldest] = unknown.keys()
  if (oldest !== undefined && unknown.size > unknownMax) unknown.delete(oldest)
  return judged
}

/** The fault of a chain that is not what some instance saw. */
const shorter = ({ rows }: Read): StatementFault => ({
  fault: 'shorter-than-seen',
  at: rows.length,
})

/** A chain that holds, so each of its rows is a statement. */
function chainIn(name: string, read: Read | undefined, tip: Tip): Chain {
  // A cast: the chain was judged, and holds.
  const statements = (read?.rows ?? []) as readonly Link<unknown>[]
  return { name, tip, statements }
}

const isFault = (
  judged: Registered | Registrars | StatementFault | undefined,
): judged is StatementFault => judged !== undefined && 'fault' in judged

/** The registrars, or why nobody is believed. */
function counting(registrars: Registrars | StatementFault): Registrars {
  if (!isFault(registrars)) return registrars
  const { fault, at } = registrars
  throw new ComityError(
    `couldn’t read the registrars: statement ${at} does not count: ${faultWords[fault]}`,
  )
}

function agencyIn(id: string, { verdict }: Judged): Agency | undefined {
  if (!isFault(verdict)) return verdict?.agency
  const { fault, at } = verdict
  throw new ComityError(
    `couldn’t read agency \`${id}\`: statement ${at} does not count: ${faultWords[fault]}`,
  )
}
