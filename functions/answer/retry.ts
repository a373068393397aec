/** Answers a retry: the same decision, and the same data if it is still the same. */

import { type Disclosure, disclose, holdAgainst, nothingLeaves } from '../decision/disclose.ts'
import type { HeldRecord } from '../decision/record.ts'
import type { Agency } from '../identity/register.ts'
import { commitment, type Leaf } from '../ledger/entry.ts'
import { receiptPayload } from '../ledger/receipt.ts'
import type { Book } from '../policy/book.ts'
import { dayIn, inForce } from '../policy/history.ts'
import type { Stored, World } from '../ports.ts'
import { pseudonymIn } from './consider.ts'
import { lawOf } from './law.ts'
import { type Opened, open } from './opened.ts'
import type { Answered } from './reply.ts'
import { callOf, isSameCall, type SignedCall } from './signed-call.ts'

/** The result of a retry: the entry, and what it may give again. */
type Repeat =
  | Exclude<Answered, { readonly kind: 'answered' }>
  | { readonly kind: 'same'; readonly opened: Opened; readonly disclosure: Disclosure }

/**
 * Answers from the entry that stands. Nothing leaves that does not match the entry's commitment. If the
 * record has changed since, or may no longer be kept, the decision and receipt are given without data.
 * Nothing leaves from an entry that is kept as evidence only.
 */
export async function repeat(
  call: SignedCall,
  stored: Stored,
  holder: Agency,
  world: World,
): Promise<Repeat> {
  if (stored.leaf.t !== 'decision') return { kind: 'jti-reused' }
  const opened = await open(stored, world)
  const receipt = () => world.secrets.receipt(receiptPayload(stored.leaf, stored.leafHash))
  if (opened === undefined)
    return (await world.subjectKeys.isRestricted(stored.kid))
      ? { kind: 'restricted', decision: saidByLeaf(stored.leaf), receipt: await receipt() }
      : { kind: 'erased' }
  if (!isSameCall(opened.call, callOf(call))) return { kind: 'jti-reused' }
  const { recordId, paySalt, reply } = opened.told
  // If nothing left, the record is not read, as if none were held: a call can be repeated and timed.
  const hasLeft = Object.values(reply.classes).includes('released')
  const record =
    recordId === null || !hasLeft ? undefined : await world.holder.get(holder, recordId)
  const law = await lawOf(stored.leaf, world)
  // Without the law that decided, it is unknown what left of the record.
  if (typeof law === 'string') return { kind: 'unavailable', why: `couldn’t answer again: ${law}` }
  const disclosure = disclosedAgain(record, stored, opened, holder, law, world)
  const today = dayIn(world.now().toISOString(), holder.timeZone)
  // What the holder may no longer keep is not given again, just as it would not be to a new request.
  const isKept = disclosure.deleteBy === undefined || disclosure.deleteBy >= today
  if (isKept && commitment({ salt: paySalt, value: disclosure }) === stored.leaf.pay)
    return { kind: 'same', opened, disclosure }
  return { kind: 'record-changed', reply, receipt: await receipt() }
}

/** What is known of a decision without opening it. A leaf names no person. */
const saidByLeaf = ({ eid, ts, out, standing }: Leaf) => ({
  id: eid,
  decidedAt: ts,
  ...(out === undefined ? {} : { outcome: out }),
  ...(standing === undefined ? {} : { standing }),
})

/** What would leave of the record as it is now. */
function disclosedAgain(
  record: HeldRecord | undefined,
  { leaf }: Stored,
  { told, call, matter }: Opened,
  holder: Agency,
  law: Book,
  world: World,
): Disclosure {
  if (told.recordId === null) return nothingLeaves
  const { elements } = inForce(law, leaf.ts, leaf.ts)
  const classes = Object.keys(told.reply.classes)
  const inCase = pseudonymIn(matter, call.agency, holder, world)
  const items = record?.items ?? []
  const disclosure = disclose(items, told.decided, classes, elements, inCase)
  holdAgainst(disclosure, items, told.decided, classes, elements, inCase)
  return disclosure
}
