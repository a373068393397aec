/** The law that decides in a log: what it is is entered there before the first decision by it. */

import { type Entry, entryId, type Leaf, logOf, makeEntry, requestDigest } from '../ledger/entry.ts'
import type { Book } from '../policy/book.ts'
import { digestOfLink, type Tip } from '../policy/chain.ts'
import { type LawNow, withoutPermits } from '../policy/law.ts'
import type { LawStatement } from '../policy/law-chain.ts'
import type { LawSet } from '../policy/set.ts'
import type { Law, World } from '../ports.ts'
import { openAny } from './opened.ts'

/** The id under which a log has a statement of the chain `law`, by its number. */
const statementId = (log: string, number: number): string =>
  entryId('comity law', [log, number].join('\u001f'))

/** The id under which a log has what a set is. */
const setId = (log: string, set: string): string => entryId('comity set', [log, set].join('\u001f'))

/** The entries of the law that the entry of a decision names: its set, and the last statement. */
export const lawEntriesOf = ({ log, law }: Leaf): readonly string[] =>
  law === undefined ? [] : [setId(log, law.set), statementId(log, law.tip.number)]

/** What a log was last seen to have: until which statement, which set, and when that was looked at. */
type Looked = { readonly number: number; readonly set: string; readonly at: number }
const lookedAt = new WeakMap<Law, Map<string, Looked>>()
/** How often a log is looked at for statements that are not known here, ms. */
const againMs = 60_000
/** Keys that the ledger reads at once. */
const atOnce = 100

type LawWorld = Pick<
  World,
  'law' | 'ledger' | 'subjectKeys' | 'secrets' | 'gateway' | 'build' | 'random' | 'now'
>

/**
 * The law of now for the decisions of a holder's jurisdiction. Its log has the set, and every statement of
 * the chain, once this returns. Where the log has one that the chain has not, or another, the chain was cut: then
 * nothing is permitted.
 *
 * INVARIANT (entered before it decides): an entry names no set and no statement that its log has not.
 */
export async function lawIn(
  jurisdiction: string,
  world: LawWorld,
): Promise<LawNow | { readonly kind: 'unavailable'; readonly why: string }> {
  const law = await world.law.now()
  if (law.named === undefined) return law
  const log = logOf(world.gateway, jurisdiction, world.now().toISOString())
  const looked = lookedAt.get(world.law) ?? new Map<string, Looked>()
  lookedAt.set(world.law, looked)
  const last = looked.get(log)
  if (last !== undefined && isKnown(last, law.named.ref, world)) return law
  const first = await look(law, log, jurisdiction, last, world)
  // Another instance may have read the chain after this one did.
  const found = first === 'behind' ? await lookAnew(log, jurisdiction, last, world) : first
  if (found === 'behind') return withoutPermits(law)
  if (found.kind === 'unavailable') return found
  const { ref } = found.law.named ?? law.named
  looked.set(log, { number: ref.tip.number, set: ref.set, at: world.now().getTime() })
  return found.law
}

const isKnown = (
  last: Looked,
  { tip, set }: NonNullable<LawNow['named']>['ref'],
  world: LawWorld,
): boolean =>
  last.number === tip.number &&
  last.set === set &&
  Math.abs(world.now().getTime() - last.at) < againMs

/** What an entry of the law holds. */
type Entered = { readonly set: LawSet } | { readonly statement: LawStatement }

type Found =
  | 'behind'
  | { readonly kind: 'entered'; readonly law: LawNow }
  | { readonly kind: 'unavailable'; readonly why: string }

const lookAnew = async (
  log: string,
  jurisdiction: string,
  last: Looked | undefined,
  world: LawWorld,
): Promise<Found> => look(await world.law.anew(), log, jurisdiction, last, world)

/** Enters in a log what it lacks; `behind` if it has what the chain lacks. */
async function look(
  law: LawNow,
  log: string,
  jurisdiction: string,
  last: Looked | undefined,
  world: LawWorld,
): Promise<Found> {
  if (law.named === undefined) return { kind: 'entered', law }
  const { ref, set, statements, begins } = law.named
  const fresh = statements.filter(({ number }) => number > (last?.number ?? 0))
  const named = new Map<string, { readonly tip: Tip; readonly said: Entered }>([
    [setId(log, ref.set), { tip: ref.tip, said: { set } }],
  ])
  for (const statement of fresh) {
    const tip = { number: statement.number, digest: digestOfLink(statement) }
    named.set(statementId(log, statement.number), { tip, said: { statement } })
  }
  const next = statementId(log, ref.tip.number + 1)
  const stored = await readAll([...named.keys(), next], world)
  if (stored.has(next)) return 'behind'
  for (const [eid, { tip, said }] of named) {
    const other = stored.get(eid)?.leaf.law?.tip
    const isOther = other !== undefined && other.digest !== tip.digest
    if ('statement' in said && isOther && tip.number >= begins) return 'behind'
  }
  for (const [eid, { tip, said }] of named) {
    if (stored.has(eid)) continue
    const entry = await entryOf(eid, log, jurisdiction, { set: ref.set, tip }, said, world)
    const appended = await world.ledger.append(entry)
    if (appended.kind === 'unavailable') return appended
  }
  return { kind: 'entered', law }
}

async function readAll(eids: readonly string[], { ledger }: LawWorld) {
  const parts = Array.from({ length: Math.ceil(eids.length / atOnce) }, (_, i) =>
    ledger.readAll(eids.slice(i * atOnce, (i + 1) * atOnce)),
  )
  return new Map((await Promise.all(parts)).flatMap((each) => [...each]))
}

/** An entry of the gateway's own: no agency called for it, and it is about nobody. */
async function entryOf(
  eid: string,
  log: string,
  jurisdiction: string,
  law: NonNullable<Leaf['law']>,
  said: Entered,
  { subjectKeys, secrets, build, random, now }: LawWorld,
): Promise<Entry> {
  const ts = now().toISOString()
  const key = await subjectKeys.keyFor(jurisdiction, secrets.pseudonym(jurisdiction, 'law'), ts)
  return makeEntry(
    {
      ...{ t: 'law', log, eid, ts, hj: jurisdiction, aj: jurisdiction, pol: [], lists: [] },
      ...{ eng: build, req: requestDigest(''), law },
    },
    said,
    { jws: '', body: '' },
    key,
    Buffer.from(random(16)).toString('base64url'),
    random,
  )
}

/** The law by which an entry was decided, or why it is not known here. */
export async function lawOf(
  leaf: Leaf,
  world: Pick<World, 'law' | 'ledger' | 'subjectKeys'>,
): Promise<Book | string> {
  if (leaf.law === undefined) return (await world.law.now()).book
  return world.law.asOf(leaf.law, async () => {
    const stored = await world.ledger.read(setId(leaf.log, leaf.law?.set ?? ''))
    const opened = stored && (await openAny(stored, world))
    // A cast: an entry under this id is made here alone.
    return (opened?.values as { readonly set?: LawSet } | undefined)?.set
  })
}
