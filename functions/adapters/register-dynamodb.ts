/** The register of agencies: signed statements in DynamoDB, read anew each minute, and never believed unsigned. */

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
import type { Marks } from './chains-dynamodb.ts'
import { readChain, readChains } from './chains-dynamodb.ts'

/** How old a read may be, ms. INVARIANT (a minute): with the store away for longer, nothing is answered. */
const freshMs = 60_000
/** How many names that are in no register are remembered: 1000 cost about 200 KB. */
const unknownMax = 1000

/** Rows of a chain as read once. */
type Read = {
  readonly rows: readonly unknown[]
  /** The same as text: what reads alike to the last signature comes to the same. */
  readonly text: string
  /** Whether somebody has seen more of it. */
  readonly isShort: boolean
  readonly readAt: number
  /** Which read it was: one that was begun earlier never takes the place of a later one. */
  readonly turn: number
}
/** What rows came to, and by which registrars. */
type Judged = {
  readonly read: Read
  readonly by: Registrars
  readonly verdict: Registered | StatementFault | undefined
}

/**
 * The register.
 *
 * INVARIANT (signed): whoever can write to the table alone gives nobody anything: what an agency is
 * comes from statements that two registrars signed, from the set that the deployment pins.
 *
 * INVARIANT (forward): an instance takes no chain that is shorter or other than the one it has seen; nor,
 * from its start on, registrars who are from before the `floor` of the deployment, and so no agency from
 * before what they saw of it.
 *
 * Nor does it believe one of which anybody saw more, or other statements, as far as `marks` are given.
 *
 * INVARIANT (a name costs the same): that an agency is not there is remembered as long as an agency is,
 * and the first look at a name costs signatures whether it is there or not, so that how long we take
 * does not tell which names are registered. Nobody can fill this memory: of unknown names the oldest
 * goes, and never a known agency.
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
      // As in `anew`: what does not hold is looked at once more before it is said.
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
  /** How far each chain was marked as seen, by the digest of its end. */
  readonly marked: Map<string, string>
  registrars?: { readonly read: Read; readonly judged: Registrars | StatementFault }
  turns: number
}

/** What is known of an agency, read anew if that was a minute ago. */
async function judgedNow(held: Held, id: string): Promise<Judged> {
  const by = await registrarsNow(held)
  const last = held.known.get(id) ?? held.unknown.get(id)
  if (last !== undefined && last.by === by && isFresh(held, last.read)) return last
  const fresh =
    last !== undefined && isFresh(held, last.read) ? last.read : await read(held, chainOf(id))
  const judged = await takeSeen(held, id, fresh, by)
  return isFault(judged.verdict) ? anew(held, id) : judged
}

/** Both read once more: one may have been read before the other changed. What they come to stands. */
async function anew(held: Held, id: string): Promise<Judged> {
  const by = await registrarsAnew(held)
  return takeSeen(held, id, await read(held, chainOf(id)), by)
}

const registrarsNow = async (held: Held): Promise<Registrars> =>
  held.registrars !== undefined && isFresh(held, held.registrars.read)
    ? counting(held.registrars.judged)
    : registrarsAnew(held)

async function registrarsAnew(held: Held): Promise<Registrars> {
  const fresh = await read(held, registrarsChain)
  const by = counting(takeRegistrars(held, fresh))
  if (await isSeenSo(held, registrarsChain, fresh, by.tip)) return by
  held.registrars = { read: fresh, judged: shorter(fresh) }
  return counting(held.registrars.judged)
}

/** Every agency of which something is or was stated, at one look. */
async function scanned(held: Held) {
  const { client, table } = held.source
  const as = begin(held)
  const chains = await readChains(client, table)
  const by = takeRegistrars(held, as(chains.get(registrarsChain) ?? []))
  const prefix = chainOf('')
  const stated = [...chains.keys(), ...[...held.known.keys()].map(chainOf)]
  const agencies: Agency[] = []
  const faulty: string[] = []
  for (const chain of new Set(stated.filter((each) => each.startsWith(prefix)))) {
    const id = chain.slice(prefix.length)
    const verdict = isFault(by) ? by : take(held, id, as(chains.get(chain) ?? []), by).verdict
    if (isFault(verdict)) faulty.push(id)
    else if (verdict !== undefined) agencies.push(verdict.agency)
  }
  return { agencies, faulty }
}

function begin(held: Held) {
  held.turns += 1
  const begun = { readAt: held.source.now().getTime(), turn: held.turns }
  return (rows: readonly unknown[]): Read => {
    const text = JSON.stringify(rows)
    return { rows, text, isShort: false, ...begun }
  }
}

async function read(held: Held, chain: string): Promise<Read> {
  const first = await readOnce(held, chain)
  // What somebody else has seen may have come since.
  return first.isShort ? readOnce(held, chain) : first
}

async function readOnce(held: Held, chain: string): Promise<Read> {
  const { client, table, marks } = held.source
  // Before the store is asked: what is written meanwhile may not be in the answer.
  const as = begin(held)
  const rows = await readChain(client, table, chain)
  const isShort = (await marks?.of(chain, rows.length + 1)) !== undefined
  return { ...as(rows), isShort }
}

/** Marks the statements of a chain that holds; whether they are those that anybody saw. */
async function isSeenSo(
  { source: { marks }, marked }: Held,
  chain: string,
  { rows }: Read,
  { digest }: Tip,
): Promise<boolean> {
  if (marks === undefined || marked.get(chain) === digest) return true
  // A cast: the chain was judged, and holds.
  if (!(await marks.see(chain, rows as readonly Link<unknown>[], 1))) return false
  marked.set(chain, digest)
  return true
}

/** Without its sign, so that a clock set back makes nothing young. */
const isFresh = ({ source }: Held, { readAt }: Read): boolean =>
  Math.abs(source.now().getTime() - readAt) < freshMs

function takeRegistrars(held: Held, of: Read): Registrars | StatementFault {
  const { registrars: last, seen, source } = held
  if (last !== undefined && last.read.turn > of.turn) return last.judged
  const judged = of.isShort
    ? shorter(of)
    : last?.read.text === of.text && !last.read.isShort
      ? last.judged
      : registrarsIn(of.rows, source.pinned, seen.get(registrarsChain) ?? emptyTip)
  if (!isFault(judged)) seen.set(registrarsChain, judged.tip)
  held.registrars = { read: of, judged }
  return judged
}

/** What is read of an agency, unless anybody saw other statements of it. */
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

/** Of a chain that is not what was seen. */
const shorter = ({ rows }: Read): StatementFault => ({
  fault: 'shorter-than-seen',
  at: rows.length,
})

/** A chain that holds, so that each row is a statement. */
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
