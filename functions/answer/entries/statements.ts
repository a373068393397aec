/**
 * The law and the register are numbered chains of statements. A log gets each statement as an entry before
 * the first entry that rests on it.
 */

import type { Agency } from '../../identity/register.ts'
import { entryId, type Leaf, logOf } from '../../ledger/entry.ts'
import { looksLogOf } from '../../ledger/looks-log.ts'
import { digestOfLink, type Link } from '../../policy/chain.ts'
import type { Chain, World } from '../../ports.ts'
import { openAny } from './reader.ts'
import { type EnterWorld, enterOwn, type Unavailable } from './writer.ts'

/** The id of a statement's entry in a log, by chain and number. */
export const statementId = (log: string, chain: string, number: number): string =>
  entryId('comity statement', [log, chain, number].join('\u001f'))

/** The parts of the world that entering statements needs. */
export type StatedWorld = EnterWorld & Pick<World, 'secrets' | 'sealed'>

/** The number up to which each log was seen to have a chain. */
const hasUntil = new WeakMap<World['ledger'], Map<string, number>>()

/** A chain, and the log of a jurisdiction that must have it. */
type ChainFor = { readonly jurisdiction: string; readonly log: string; readonly chain: Chain }

/**
 * Enters the statements that logs lack of these chains; returns why, if one could not be made durable. What the logs
 * have of all of them is read at once.
 */
export async function enterChains(
  chains: readonly ChainFor[],
  at: string,
  world: StatedWorld,
): Promise<Unavailable | undefined> {
  const known = hasUntil.get(world.ledger) ?? new Map<string, number>()
  hasUntil.set(world.ledger, known)
  const lacking = chains.flatMap(({ jurisdiction, log, chain: { name, tip, statements } }) => {
    const key = `${log} ${name}`
    const last = known.get(key) ?? 0
    if (last >= tip.number) return []
    const idOf = ({ number }: Link<unknown>) => statementId(log, name, number)
    const fresh = statements.flatMap((each) =>
      each.number > last ? [[idOf(each), each] as const] : [],
    )
    return [{ jurisdiction, log, name, key, until: tip.number, fresh }]
  })
  if (lacking.length === 0) return undefined
  const stored = await world.ledger.readAll(
    lacking.flatMap(({ fresh }) => fresh.map(([eid]) => eid)),
  )
  for (const { jurisdiction, log, name, key, until, fresh } of lacking) {
    // Two agencies of one jurisdiction have one log, and the same registrars.
    if ((known.get(key) ?? 0) >= until) continue
    for (const [eid, statement] of fresh) {
      const stated = { chain: name, number: statement.number, digest: digestOfLink(statement) }
      const isIt = (leaf: Leaf) => leaf.t === 'statement' && isSame(leaf.stated, stated)
      const there = stored.get(eid)
      if (there !== undefined && isIt(there.leaf)) continue
      if (there !== undefined) return notIt(eid, `statement ${stated.number} of ${name}`)
      const entry = { kind: 'statement', at, jurisdiction, said: { statement } } as const
      const unavailable = await enterOwn(eid, { ...entry, leaf: { stated, log } }, isIt, world)
      if (unavailable !== undefined) return unavailable
    }
    known.set(key, until)
  }
  return undefined
}

const isSame = (a: Leaf['stated'], b: NonNullable<Leaf['stated']>): boolean =>
  a?.chain === b.chain && a.number === b.number && a.digest === b.digest

/** Why nothing rests on an entry that somebody else wrote under the id of one of the gateway's own. */
export const notIt = (eid: string, what: string): Unavailable => ({
  kind: 'unavailable',
  why: `couldn’t append entry: ${eid} is not ${what}, of which it has the id`,
})

/** The statements of a chain in a log, up to a number, as far as they open. */
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
    const stated = entry && (await openAny(entry, world))
    return stated?.kind === 'statement' ? stated.values.statement : undefined
  })
  return (await Promise.all(opened)).filter((each) => each !== undefined)
}

// The register that an entry rests on is entered in the log first.

/**
 * Enters the statements on these agencies and on the registrars in the log of each agency's own jurisdiction, and for a
 * look in that of looks, so that the other does not grow; returns why, if one could not be made durable.
 */
export async function enterRegistered(
  agencies: readonly Agency[],
  at: string,
  world: StatedWorld & Pick<World, 'register' | 'gateway'>,
  forLook = false,
): Promise<Unavailable | undefined> {
  const { chains } = world.register
  if (chains === undefined) return undefined
  const all: ChainFor[] = []
  for (const agency of agencies) {
    const { id, jurisdiction } = agency
    // If the register was read again meanwhile, it may say that the signing key is no longer the agency's.
    if ((await world.register.agency(id)) !== agency)
      return { kind: 'unavailable', why: `what is stated of ${id} has changed: send it again` }
    const own = logOf(world.gateway, jurisdiction, at)
    const log = forLook ? looksLogOf(own) : own
    for (const chain of await chains(id)) all.push({ jurisdiction, log, chain })
  }
  return enterChains(all, at, world)
}
