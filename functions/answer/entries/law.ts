/** Enters the law in a log before the first decision by it. */

import {
  entryId,
  type Leaf,
  logOf,
  policyNames,
  quarterOf,
  type Refs,
  refOf,
  refsOf,
} from '../../ledger/entry.ts'
import type { Book } from '../../policy/book.ts'
import { inForce } from '../../policy/history.ts'
import { type LawNow, type NotHeld, unsuspended } from '../../policy/law.ts'
import { lawChain } from '../../policy/law-chain.ts'
import type { World } from '../../ports.ts'
import { openAny } from './reader.ts'
import { enterChains, notIt, type StatedWorld, statementId, statementsIn } from './statements.ts'
import { enterOwn, type Unavailable } from './writer.ts'

/**
 * The id of a set's entry in a log: a new one each quarter, since keys of entries end by quarter, so that no
 * entry outlives the entry of the set that it names.
 */
const setId = (log: string, set: string, ts: string): string =>
  entryId('comity set', [log, set, quarterOf(ts)].join('\u001f'))

/** The ids of the law's entries that a decision's leaf names: its set, and the last statement. */
export const lawEntriesOf = ({ log, law, ts }: Leaf): readonly string[] =>
  law === undefined ? [] : [setId(log, law.set, ts), statementId(log, lawChain, law.tip.number)]

/** The sets' entries that each ledger was seen to have. */
const setsIn = new WeakMap<World['ledger'], Set<string>>()

/**
 * The law now in force for a holder's jurisdiction. Once this returns, that jurisdiction's log has the set
 * and every statement of the chain.
 *
 * INVARIANT (entered before it decides): an entry names no set and no statement that its log lacks.
 */
export async function lawIn(
  jurisdiction: string,
  at: string,
  world: StatedWorld & Pick<World, 'law' | 'gateway'>,
): Promise<LawNow | Unavailable> {
  const law = await world.law.now()
  if (law.named === undefined) return law
  const { ref, set, statements } = law.named
  const log = logOf(world.gateway, jurisdiction, at)
  const chain = { name: lawChain, tip: ref.tip, statements }
  const eid = setId(log, ref.set, at)
  const known = setsIn.get(world.ledger) ?? new Set<string>()
  setsIn.set(world.ledger, known)
  const [unavailable, there] = await Promise.all([
    enterChains([{ jurisdiction, log, chain }], at, world),
    known.has(eid) ? undefined : world.ledger.read(eid),
  ])
  if (unavailable !== undefined) return unavailable
  if (known.has(eid)) return law
  // By the set alone: how far the chain had come when it was entered is another matter.
  const isIt = (leaf: Leaf) => leaf.t === 'set' && leaf.law?.set === ref.set
  if (there === undefined) {
    const entry = { kind: 'set', at, jurisdiction, said: { set } } as const
    const leaf = { law: { set: ref.set, tip: ref.tip } }
    const unmade = await enterOwn(eid, { ...entry, leaf }, isIt, world)
    if (unmade !== undefined) return unmade
  } else if (!isIt(there.leaf)) return notIt(eid, `the set ${ref.set}`)
  known.add(eid)
  return law
}

/** The law by which an entry was decided, or why it is unknown here. */
export async function lawOf(
  leaf: Leaf,
  world: Pick<World, 'law' | 'ledger' | 'subjectKeys'>,
): Promise<Book | NotHeld> {
  const { law, log, ts } = leaf
  // Entries from before `law` do not say what was suspended then, and today's statements are not about them.
  if (law === undefined) return unsuspended((await world.law.now()).book)
  const set = async () => {
    const stored = await world.ledger.read(setId(log, law.set, ts))
    const opened = stored && (await openAny(stored, world))
    return opened?.kind === 'set' ? opened.values.set : undefined
  }
  return world.law.asOf(law, set, () => statementsIn(log, lawChain, law.tip.number, world))
}

/**
 * The versions of the law that an entry names, by the law that decided it (`lawOf`); undefined if that law is not
 * what decided.
 */
export function refsIn(leaf: Leaf, book: Book): Refs | undefined {
  const byName = new Map(book.policies.map((each) => [`${each.id}@${each.version}`, each]))
  const policies = policyNames(leaf).map((name) => byName.get(name))
  return refsOf(leaf, {
    pol: policies.filter((each) => each !== undefined).map(refOf),
    lists: inForce(book, leaf.ts, leaf.ts).listVersions.map(refOf),
  })
}
