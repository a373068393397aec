/**
 * What decides is stated in numbered chains: the law, the register. A log has each statement as an entry before the
 * first entry that rests on it.
 */

import {
  type Entry,
  type EntryKind,
  entryId,
  type Leaf,
  makeEntry,
  requestDigest,
} from '../ledger/entry.ts'
import { quarterOf } from '../ledger/quarter.ts'
import { digestOfLink, type Link } from '../policy/chain.ts'
import type { Chain, World } from '../ports.ts'
import { openAny } from './opened.ts'

/** The id under which a log has a statement of a chain, by its number. */
export const statementId = (log: string, chain: string, number: number): string =>
  entryId('comity statement', [log, chain, number].join('\u001f'))

/** What entering works with. */
export type StatedWorld = Pick<World, 'ledger' | 'subjectKeys' | 'secrets' | 'build' | 'random'>

/** How far a log was seen to have a chain. */
const hasUntil = new WeakMap<World['ledger'], Map<string, number>>()

/** Enters what a log lacks of a chain; why not, if it could not be made durable. */
export async function enterChain(
  log: string,
  jurisdiction: string,
  { name, tip, statements }: Chain,
  at: string,
  world: StatedWorld,
): Promise<Unavailable | undefined> {
  const known = hasUntil.get(world.ledger) ?? new Map<string, number>()
  hasUntil.set(world.ledger, known)
  const key = `${log} ${name}`
  const last = known.get(key) ?? 0
  if (last >= tip.number) return undefined
  const fresh = statements.filter(({ number }) => number > last)
  const idOf = ({ number }: Link<unknown>) => statementId(log, name, number)
  const stored = await world.ledger.readAll(fresh.map(idOf))
  for (const statement of fresh) {
    const eid = idOf(statement)
    if (stored.has(eid)) continue
    const stated = { chain: name, number: statement.number, digest: digestOfLink(statement) }
    const header = { t: 'statement', eid, stated } as const
    const appended = await enterOwn(header, { log, jurisdiction, at }, { statement }, world)
    if (appended.kind === 'unavailable') return appended
  }
  known.set(key, tip.number)
  return undefined
}

/** What could not be made durable, and why. */
export type Unavailable = { readonly kind: 'unavailable'; readonly why: string }

/** The statements of a chain that a log has, up to a number, as far as they open. */
export async function statementsIn(
  log: string,
  chain: string,
  until: number,
  world: Pick<World, 'ledger' | 'subjectKeys'>,
): Promise<readonly unknown[]> {
  const ids = Array.from({ length: until }, (_, i) => statementId(log, chain, i + 1))
  const stored = await world.ledger.readAll(ids)
  const opened = ids.map(async (id) => {
    const entry = stored.get(id)
    // A cast: an entry under this id is made here alone.
    const values = (entry && (await openAny(entry, world)))?.values
    return (values as { readonly statement?: unknown } | undefined)?.statement
  })
  return (await Promise.all(opened)).filter((each) => each !== undefined)
}

/** Enters what the gateway says by itself: no agency called for it, and it is about nobody. */
export async function enterOwn(
  header: Pick<Leaf, 'eid' | 'stated' | 'law'> & {
    readonly t: Extract<EntryKind, 'set' | 'statement'>
  },
  { log, jurisdiction, at }: Readonly<Record<'log' | 'jurisdiction' | 'at', string>>,
  said: Readonly<Record<string, unknown>>,
  { ledger, subjectKeys, secrets, build, random }: StatedWorld,
): ReturnType<World['ledger']['append']> {
  const ts = justBefore(at)
  const pseudonym = secrets.pseudonym(jurisdiction, 'statements')
  const key = await subjectKeys.keyFor(jurisdiction, pseudonym, ts)
  const entry: Entry = makeEntry(
    {
      ...{ ...header, log, ts, hj: jurisdiction, aj: jurisdiction, pol: [], lists: [] },
      ...{ eng: build, req: requestDigest('') },
    },
    said,
    { jws: '', body: '' },
    key,
    Buffer.from(random(16)).toString('base64url'),
    random,
  )
  return ledger.append(entry)
}

/** A millisecond earlier, so that it has its place before what rests on it; but of the same quarter and its keys. */
function justBefore(at: string): string {
  const before = new Date(Date.parse(at) - 1).toISOString()
  return quarterOf(before) === quarterOf(at) ? before : at
}
