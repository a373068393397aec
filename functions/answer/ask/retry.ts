/** Answers a retry: the same decision, and the same data if it is still the same. */

import { type Disclosure, disclose, holdAgainst, nothingLeaves } from '../../decision/disclose.ts'
import type { HeldRecord } from '../../decision/record.ts'
import { hasFailed } from '../../failure.ts'
import type { Agency } from '../../identity/register.ts'
import { commitment, type Leaf } from '../../ledger/entry.ts'
import { receiptPayload } from '../../ledger/receipt.ts'
import type { Book } from '../../policy/book.ts'
import { dayIn, inForce } from '../../policy/history.ts'
import type { Stored, World } from '../../ports.ts'
import { lawOf } from '../entries/law.ts'
import { type Opened, open, openKept } from '../entries/reader.ts'
import { isCallOf, type SignedCall } from '../entries/signed-call.ts'
import type { Answered } from '../reply/reply.ts'
import { pseudonymIn } from './decision.ts'
import { recordAgain } from './holder.ts'
import { rememberEntry } from './refusals.ts'
import { requesterId } from './requester.ts'

/** The result of a retry: the entry, and what it may give again. */
type Repeat =
  | Exclude<Answered, { readonly kind: 'answered' }>
  | { readonly kind: 'same'; readonly opened: Opened; readonly disclosure: Disclosure }

/**
 * Answers from the entry that stands. Nothing leaves that does not match the entry's commitment. If the
 * record has changed since, may no longer be kept, or was recalled, the decision and receipt are given without data.
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
  const kept = opened ?? (await openKept(stored, world))
  if (kept === undefined) return { kind: 'erased' }
  if (!isCallOf(kept, call)) return { kind: 'jti-reused' }
  // The first attempt may have ended before it did.
  await rememberEntry(stored, kept, world)
  if (opened === undefined) {
    const receipt = await receiptOf(stored, world)
    return { kind: 'restricted', decision: leafSummary(stored.leaf), receipt }
  }
  // Whoever provides unasked gets no data, so nothing of the record changes its answer.
  if (opened.told.reply.provided) return { kind: 'same', opened, disclosure: nothingLeaves }
  return givenAgain(stored, opened, holder, world)
}

/** What an open entry may give again. */
async function givenAgain(
  stored: Stored,
  opened: Opened,
  holder: Agency,
  world: World,
): Promise<Repeat> {
  const { recordId, reply } = opened.told
  // If nothing left, the record is not read, as if none were held: a call can be repeated and timed.
  const hasLeft = !reply.dryRun && Object.values(reply.classes).includes('released')
  const changed = async () =>
    ({ kind: 'record-changed', reply, receipt: await receiptOf(stored, world) }) as const
  // Before anybody is asked for the record.
  if (hasLeft && (await world.messages.isRecalled(stored.leaf.eid))) return changed()
  const record =
    recordId === null || !hasLeft
      ? undefined
      : await recordAgain(
          holder,
          recordId,
          { entry: stored.leaf.eid, asked: opened.subject.asked },
          world,
        )
  const law = await lawOf(stored.leaf, world)
  // Without the law that decided, it is unknown what left of the record.
  if ('why' in law) return { kind: 'unavailable', why: `couldn’t answer again: ${law.why}` }
  const disclosure = disclosedAgain(record, stored, opened, holder, law, world)
  const today = dayIn(world.now().toISOString(), holder.timeZone)
  // What the holder may no longer keep is not given again, just as it would not be to a new request.
  const isKept = disclosure.deleteBy === undefined || disclosure.deleteBy >= today
  if (isKept && isWhatLeft(disclosure, stored, opened)) return { kind: 'same', opened, disclosure }
  return changed()
}

const isWhatLeft = (value: Disclosure, { leaf }: Stored, { told }: Opened): boolean =>
  commitment({ salt: told.paySalt, value }) === leaf.pay

/** Whether a record that the gateway keeps is still as it was when it left by an entry. */
export async function isAsItLeft(
  stored: Stored,
  opened: Opened,
  holder: Agency,
  world: World,
): Promise<boolean> {
  const law = await lawOf(stored.leaf, world)
  if ('why' in law) return false
  const record = await readable(holder, opened.told.recordId ?? '', world)
  return isWhatLeft(disclosedAgain(record, stored, opened, holder, law, world), stored, opened)
}

/** The record; undefined also if it cannot be read. */
const readable = (holder: Agency, id: string, world: World): Promise<HeldRecord | undefined> =>
  world.holder.get(holder, id).catch((error: unknown) => {
    if (hasFailed(error, 'changed')) return undefined
    throw error
  })

const receiptOf = ({ leaf, leafHash }: Stored, { secrets }: World): Promise<string> =>
  secrets.receipt(receiptPayload(leaf, leafHash))

/** What is known of a decision without opening it. A leaf names no person. */
export const leafSummary = ({ eid, ts, out, standing }: Leaf) => ({
  id: eid,
  decidedAt: ts,
  ...(out === undefined ? {} : { outcome: out }),
  ...(standing === undefined ? {} : { standing }),
})

/** What would leave of the record as it is now. */
function disclosedAgain(
  record: HeldRecord | undefined,
  { leaf }: Stored,
  opened: Opened,
  holder: Agency,
  law: Book,
  world: World,
): Disclosure {
  const { told, matter } = opened
  if (told.recordId === null) return nothingLeaves
  const { elements } = inForce(law, leaf.ts, leaf.ts)
  const classes = Object.keys(told.reply.classes)
  const inCase = pseudonymIn(matter, requesterId(opened), holder, world)
  const items = record?.items ?? []
  const disclosure = disclose(items, told.decided, classes, elements, inCase)
  holdAgainst(disclosure, items, told.decided, classes, elements, inCase)
  return disclosure
}
