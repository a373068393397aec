/** Answers a retry: the same decision, and the same data if that still leaves. */

import { type Disclosure, disclose, holdAgainst, nothingLeaves } from '../../decision/disclose.ts'
import type { HeldRecord } from '../../decision/record.ts'
import { hasFailed } from '../../failure.ts'
import type { Agency } from '../../identity/register.ts'
import { commitment } from '../../ledger/entry.ts'
import type { Book } from '../../policy/book.ts'
import { inForce } from '../../policy/history.ts'
import type { Durable, Stored, World } from '../../ports.ts'
import { lawOf } from '../entries/law.ts'
import { type Opened, openKept } from '../entries/reader.ts'
import { isCallOf, type SignedCall } from '../entries/signed-call.ts'
import type { Answered } from '../reply/reply.ts'
import { pseudonymIn } from './decision.ts'
import { rememberEntry } from './refusals.ts'
import { requesterId } from './requester.ts'
import { type StillLeaves, stillLeaves } from './still-leaves.ts'

/** The result of a retry: what its entry says, and what may leave by it again. */
type Repeat =
  | Exclude<Answered, { readonly kind: 'answered' }>
  | { readonly kind: 'same'; readonly opened: Opened; readonly leaves: StillLeaves }

/** Answers from the entry that stands; `isRefused` if the call would be refused by now, so that its data stays. */
export async function repeat(
  call: SignedCall,
  stored: Durable,
  holder: Agency,
  isRefused: boolean,
  world: World,
): Promise<Repeat> {
  if (stored.leaf.t !== 'decision') return { kind: 'jti-reused' }
  const opened = await openKept(stored, world)
  if (opened === undefined) return { kind: 'erased' }
  if (!isCallOf(opened, call)) return { kind: 'jti-reused' }
  // The first attempt may have ended before it did.
  await rememberEntry(stored, opened, world)
  const opening = { entry: stored.leaf.eid, isRetry: true, isRefused } as const
  const leaves = await stillLeaves({ stored, opened, holder }, opening, world)
  return leaves.kind === 'leaves' ? { kind: 'same', opened, leaves } : leaves
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
