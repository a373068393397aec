/**
 * What decides is stated in numbered chains: the law, the register. A log has each statement as an entry before the
 * first entry that rests on it, so that nobody can take one away who cannot take the log away, too.
 */

import {
  type Entry,
  type EntryKind,
  entryId,
  type Leaf,
  makeEntry,
  requestDigest,
} from '../ledger/entry.ts'
import { digestOfLink, type Link } from '../policy/chain.ts'
import type { Chain, World } from '../ports.ts'

/** The id under which a log has a statement of a chain, by its number. */
export const statementId = (log: string, chain: string, number: number): string =>
  entryId('comity statement', [log, chain, number].join('\u001f'))

/** What entering works with. */
export type StatedWorld = Pick<
  World,
  'ledger' | 'subjectKeys' | 'secrets' | 'build' | 'random' | 'now'
>

/** How far a log was last seen to have a chain, and when. */
type Looked = { readonly number: number; readonly at: number }
const lookedAt = new WeakMap<World['ledger'], Map<string, Looked>>()
/** How often a log is looked at for statements that are not known here, ms. */
const againMs = 60_000
/** Keys that the ledger reads at once. */
const atOnce = 100

/** What came of it: a chain that is `behind` has fewer statements than the log, or others. */
export type EnteredChains =
  | { readonly kind: 'entered' }
  | { readonly kind: 'behind'; readonly chain: string }
  | { readonly kind: 'unavailable'; readonly why: string }

/**
 * Enters what a log lacks of these chains. The log is looked at again each minute, so that a chain that was cut
 * is found out by whoever knew nothing of it before.
 */
export async function enterChains(
  log: string,
  jurisdiction: string,
  chains: readonly Chain[],
  world: StatedWorld,
): Promise<EnteredChains> {
  const looked = lookedAt.get(world.ledger) ?? new Map<string, Looked>()
  lookedAt.set(world.ledger, looked)
  const now = world.now().getTime()
  const keyOf = ({ name }: Chain) => `${log} ${name}`
  const due = chains.filter((chain) => {
    const last = looked.get(keyOf(chain))
    return last?.number !== chain.tip.number || Math.abs(now - last.at) >= againMs
  })
  if (due.length === 0) return { kind: 'entered' }
  const wanted = due.map((chain) => {
    const from = looked.get(keyOf(chain))?.number ?? 0
    return { chain, fresh: chain.statements.filter(({ number }) => number > from) }
  })
  const stored = await readAll(
    wanted.flatMap(({ chain: { name, tip }, fresh }) =>
      [...fresh.map(({ number }) => number), tip.number + 1].map((number) =>
        statementId(log, name, number),
      ),
    ),
    world,
  )
  for (const { chain, fresh } of wanted) {
    const { name, tip, begins } = chain
    const isOther = ({ number, ...link }: Link<unknown>) => {
      const other = stored.get(statementId(log, name, number))?.leaf.stated?.digest
      return number >= begins && other !== undefined && other !== digestOfLink({ number, ...link })
    }
    if (stored.has(statementId(log, name, tip.number + 1)) || fresh.some(isOther))
      return { kind: 'behind', chain: name }
    for (const statement of fresh) {
      const eid = statementId(log, name, statement.number)
      if (stored.has(eid)) continue
      const stated = { chain: name, number: statement.number, digest: digestOfLink(statement) }
      const said = { statement }
      const appended = await enterOwn(
        { t: 'statement', eid, stated },
        log,
        jurisdiction,
        said,
        world,
      )
      if (appended.kind === 'unavailable') return appended
    }
    looked.set(keyOf(chain), { number: tip.number, at: now })
  }
  return { kind: 'entered' }
}

/** Entries by their ids, as many as there are. */
export async function readAll(eids: readonly string[], { ledger }: Pick<World, 'ledger'>) {
  const parts = Array.from({ length: Math.ceil(eids.length / atOnce) }, (_, i) =>
    ledger.readAll(eids.slice(i * atOnce, (i + 1) * atOnce)),
  )
  return new Map((await Promise.all(parts)).flatMap((each) => [...each]))
}

/** Enters what the gateway says by itself: no agency called for it, and it is about nobody. */
export async function enterOwn(
  header: Pick<Leaf, 'eid' | 'stated' | 'law'> & {
    readonly t: Extract<EntryKind, 'set' | 'statement'>
  },
  log: string,
  jurisdiction: string,
  said: Readonly<Record<string, unknown>>,
  { ledger, subjectKeys, secrets, build, random, now }: StatedWorld,
): ReturnType<World['ledger']['append']> {
  const ts = now().toISOString()
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
