/** The law that decides in a log: what it is is entered there before the first decision by it. */

import { entryId, type Leaf, logOf } from '../ledger/entry.ts'
import type { Book } from '../policy/book.ts'
import { type LawNow, withoutPermits } from '../policy/law.ts'
import { lawChain } from '../policy/law-chain.ts'
import type { LawSet } from '../policy/set.ts'
import type { World } from '../ports.ts'
import { openAny } from './opened.ts'
import { enterChains, enterOwn, type StatedWorld, statementId } from './stated.ts'

/** The id under which a log has what a set is. */
const setId = (log: string, set: string): string => entryId('comity set', [log, set].join('\u001f'))

/** The entries of the law that the entry of a decision names: its set, and the last statement. */
export const lawEntriesOf = ({ log, law }: Leaf): readonly string[] =>
  law === undefined ? [] : [setId(log, law.set), statementId(log, lawChain, law.tip.number)]

/** Which sets a log was seen to have. */
const setsIn = new WeakMap<World['ledger'], Set<string>>()

type LawWorld = StatedWorld & Pick<World, 'law' | 'gateway'>
type Unavailable = { readonly kind: 'unavailable'; readonly why: string }

/**
 * The law of now for the decisions of a holder's jurisdiction. Its log has the set, and every statement of
 * the chain, once this returns. Where the log has one that the chain has not, or another, the chain was cut: then
 * nothing is permitted.
 *
 * INVARIANT (entered before it decides): an entry names no set and no statement that its log has not.
 */
export async function lawIn(jurisdiction: string, world: LawWorld): Promise<LawNow | Unavailable> {
  const law = await world.law.now()
  const first = await enter(law, jurisdiction, world)
  if (first.kind !== 'behind') return first.kind === 'unavailable' ? first : law
  // Another instance may have read the chain after this one did.
  const anew = await world.law.anew()
  const second = await enter(anew, jurisdiction, world)
  if (second.kind === 'behind') return withoutPermits(anew)
  return second.kind === 'unavailable' ? second : anew
}

async function enter({ named }: LawNow, jurisdiction: string, world: LawWorld) {
  if (named === undefined) return { kind: 'entered' } as const
  const { ref, set, statements, begins } = named
  const log = logOf(world.gateway, jurisdiction, world.now().toISOString())
  const chain = { name: lawChain, tip: ref.tip, begins, statements }
  const entered = await enterChains(log, jurisdiction, [chain], world)
  return entered.kind === 'entered' ? enterSet(log, jurisdiction, set, ref, world) : entered
}

async function enterSet(
  log: string,
  jurisdiction: string,
  set: LawSet,
  law: NonNullable<Leaf['law']>,
  world: LawWorld,
): Promise<{ readonly kind: 'entered' } | Unavailable> {
  const eid = setId(log, law.set)
  const known = setsIn.get(world.ledger) ?? new Set<string>()
  setsIn.set(world.ledger, known)
  if (known.has(eid)) return { kind: 'entered' }
  if ((await world.ledger.read(eid)) === undefined) {
    const { set: digest, tip } = law
    const header = { t: 'set', eid, law: { set: digest, tip } } as const
    const appended = await enterOwn(header, log, jurisdiction, { set }, world)
    if (appended.kind === 'unavailable') return appended
  }
  known.add(eid)
  return { kind: 'entered' }
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
