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
  const known = new Map<string, Judged>()
  const unknown = new Map<string, Judged>()
  const seen = new Map<string, Tip>([[registrarsChain, floor]])
  let registrars: { readonly read: Read; readonly judged: Registrars | StatementFault } | undefined

  let turns = 0
  const begin = () => {
    const begun = { readAt: now().getTime(), turn: ++turns }
    return (rows: readonly unknown[]): Read => {
      const text = JSON.stringify(rows)
      return { rows, text, isShort: false, ...begun }
    }
  }
  const readOnce = async (chain: string): Promise<Read> => {
    // Before the store is asked: what is written meanwhile may not be in the answer.
    const as = begin()
    const rows = await readChain(client, table, chain)
    const isShort = (await marks?.of(chain, rows.length + 1)) !== undefined
    return { ...as(rows), isShort }
  }
  const read = async (chain: string): Promise<Read> => {
    const first = await readOnce(chain)
    // What somebody else has seen may have come since.
    return first.isShort ? readOnce(chain) : first
  }
  /** How far each chain was marked as seen, by the digest of its end. */
  const marked = new Map<string, string>()
  /** Marks the statements of a chain that holds; whether they are those that anybody saw. */
  const isSeenSo = async (chain: string, { rows }: Read, { digest }: Tip): Promise<boolean> => {
    if (marks === undefined || marked.get(chain) === digest) return true
    // A cast: the chain was judged, and holds.
    if (!(await marks.see(chain, rows as readonly Link<unknown>[], 1))) return false
    marked.set(chain, digest)
    return true
  }
  // Without its sign, so that a clock set back makes nothing young.
  const isFresh = ({ readAt }: Read) => Math.abs(now().getTime() - readAt) < freshMs

  const takeRegistrars = (of: Read): Registrars | StatementFault => {
    const last = registrars
    if (last !== undefined && last.read.turn > of.turn) return last.judged
    const judged = of.isShort
      ? shorter(of)
      : last?.read.text === of.text && !last.read.isShort
        ? last.judged
        : registrarsIn(of.rows, pinned, seen.get(registrarsChain) ?? emptyTip)
    if (!isFault(judged)) seen.set(registrarsChain, judged.tip)
    registrars = { read: of, judged }
    return judged
  }

  const take = (id: string, of: Read, by: Registrars): Judged => {
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

  const registrarsAnew = async (): Promise<Registrars> => {
    const fresh = await read(registrarsChain)
    const by = counting(takeRegistrars(fresh))
    if (await isSeenSo(registrarsChain, fresh, by.tip)) return by
    registrars = { read: fresh, judged: shorter(fresh) }
    return counting(registrars.judged)
  }
  const registrarsNow = async (): Promise<Registrars> =>
    registrars !== undefined && isFresh(registrars.read)
      ? counting(registrars.judged)
      : registrarsAnew()

  /** What is read of an agency, unless anybody saw other statements of it. */
  const takeSeen = async (id: string, of: Read, by: Registrars): Promise<Judged> => {
    const judged = take(id, of, by)
    const { verdict } = judged
    if (verdict === undefined || isFault(verdict)) return judged
    if (await isSeenSo(chainOf(id), judged.read, verdict.tip)) return judged
    const other = { ...judged, verdict: shorter(of) }
    known.set(id, other)
    return other
  }

  /** Both read once more: one may have been read before the other changed. What they come to stands. */
  const anew = async (id: string): Promise<Judged> => {
    const by = await registrarsAnew()
    return takeSeen(id, await read(chainOf(id)), by)
  }

  /** What is known of an agency, read anew if that was a minute ago. */
  const judgedNow = async (id: string): Promise<Judged> => {
    const by = await registrarsNow()
    const last = known.get(id) ?? unknown.get(id)
    if (last !== undefined && last.by === by && isFresh(last.read)) return last
    const fresh = last !== undefined && isFresh(last.read) ? last.read : await read(chainOf(id))
    const judged = await takeSeen(id, fresh, by)
    return isFault(judged.verdict) ? anew(id) : judged
  }

  /** Every agency of which something is or was stated, at one look. */
  const scanned = async () => {
    const as = begin()
    const chains = await readChains(client, table)
    const by = takeRegistrars(as(chains.get(registrarsChain) ?? []))
    const prefix = chainOf('')
    const stated = [...chains.keys(), ...[...known.keys()].map(chainOf)]
    const agencies: Agency[] = []
    const faulty: string[] = []
    for (const chain of new Set(stated.filter((each) => each.startsWith(prefix)))) {
      const id = chain.slice(prefix.length)
      const verdict = isFault(by) ? by : take(id, as(chains.get(chain) ?? []), by).verdict
      if (isFault(verdict)) faulty.push(id)
      else if (verdict !== undefined) agencies.push(verdict.agency)
    }
    return { agencies, faulty }
  }

  return {
    agency: async (id) => agencyIn(id, await judgedNow(id)),

    async chains(id) {
      const by = await registrarsNow()
      const own = await judgedNow(id)
      const { verdict } = own
      return [
        chainIn(registrarsChain, registrars?.read, by.tip),
        ...(verdict === undefined || isFault(verdict)
          ? []
          : [chainIn(chainOf(id), own.read, verdict.tip)]),
      ]
    },

    async all(malformed = () => undefined) {
      const first = await scanned()
      // As in `anew`: what does not hold is looked at once more before it is said.
      const { agencies, faulty } = first.faulty.length === 0 ? first : await scanned()
      for (const id of faulty) malformed(id)
      return agencies
    },
  }
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
  return { name, tip, begins: 1, statements }
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
