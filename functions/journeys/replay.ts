/** An entry decided again: the same policy bytes and the same facts give the same decision. */

import { commitment } from '../ledger/entry.ts'
import { inForce } from '../policy/history.ts'
import type { Stored, World } from '../ports.ts'
import { open } from './opened.ts'
import { decideOn, type Seen } from './see.ts'

/** What came of replaying an entry. */
export type Replayed =
  | { readonly kind: 'same' }
  /** Its key is gone; that it was in the ledger can still be proved. */
  | { readonly kind: 'erased' }
  | { readonly kind: 'not-a-decision' }
  | { readonly kind: 'differs'; readonly why: string }

/** Replays an entry on the law as it was known at its moment. Throws if the entry was changed. */
export async function replay(
  stored: Stored,
  world: Pick<World, 'book' | 'subjectKeys'>,
): Promise<Replayed> {
  const { leaf } = stored
  if (leaf.t !== 'decision') return { kind: 'not-a-decision' }
  const opened = await open(stored, world)
  if (opened === undefined) return { kind: 'erased' }
  const rules = inForce(world.book, leaf.ts, leaf.ts)
  // A cast: the ledger keeps what `see` found as text.
  const match = opened.subject.match as Seen['match']
  const { decision, told } = decideOn(match, rules, opened.facts.facts, opened.items, leaf.ts)
  const digests = new Map(
    decision.policies.map(({ id, version, digest }) => [`${id}@${version}`, digest]),
  )
  const other = leaf.pol.find(
    ({ id, version, digest }) => digests.get(`${id}@${version}`) !== digest,
  )
  if (other !== undefined)
    return { kind: 'differs', why: `${other.id}@${other.version} is not the version that decided` }
  if (told.outcome !== leaf.out)
    return { kind: 'differs', why: `the outcome is ${told.outcome}; it was ${leaf.out}` }
  if (digestOf(decision) !== digestOf(opened.decision))
    return { kind: 'differs', why: 'the outcome is the same; the reasons, items or duties are not' }
  return { kind: 'same' }
}

/** Equal for equal values, in whatever order their names stand. */
const digestOf = (value: unknown): string => commitment({ salt: '', value })
