/** Gives a file that left by an answer to whoever may have it, each time as an entry first. */

import { isKeptFile, type KeptFile } from '../../decision/record.ts'
import { entryIdSchema } from '../../decision/request.ts'
import { ComityError } from '../../failure.ts'
import { actorOf, authorize } from '../../identity/authorize.ts'
import { type Agency, channelOfKey } from '../../identity/register.ts'
import { fileDigest } from '../../ledger/file.ts'
import type { Stored, World } from '../../ports.ts'
import { requesterId } from '../ask/requester.ts'
import { changed, isOtherChannel, stillLeaves } from '../ask/still-leaves.ts'
import { type Recorded, record } from '../entries/act.ts'
import { type Opened, openKept } from '../entries/reader.ts'
import type { SignedCall } from '../entries/signed-call.ts'
import { idOf } from '../entries/writer.ts'
import type { Answered } from '../reply/reply.ts'
import type { Reply } from '../reply/reply-schema.ts'
import { collectDays } from './provision.ts'

/**
 * How long after an answer its files can be fetched, minutes. Ours: long enough for a slow line and a retry; later,
 * the law and the record are to be looked at anew.
 */
export const fetchMinutes = 15

/** A file as it is given, with the markings and duties of its answer. */
export type GivenFile = {
  readonly kind: 'given'
  readonly file: KeptFile
  readonly content: Uint8Array
  /** Of the entry that says so. */
  readonly receipt: string
  readonly reply: Pick<Reply, 'id' | 'handling' | 'obligations'>
}

/** The result of fetching a file. */
export type Fetched =
  | GivenFile
  /** None left by an answer that is the caller's, whatever there is. */
  | { readonly kind: 'no-such-file' }
  | { readonly kind: 'too-late' }
  /** Its content was destroyed, or is not kept. */
  | { readonly kind: 'file-gone' }
  | Exclude<Answered, { readonly kind: 'answered' }>
  | Exclude<Recorded, { readonly kind: 'recorded' }>

/**
 * The content of an item that left whole, by an answer of the caller's own; by one that leaves by another way, to the
 * officer of the holder who sends it. If anything else would leave by now, nothing does.
 */
export async function giveFile(
  call: SignedCall,
  id: string,
  item: string,
  world: World,
): Promise<Fetched> {
  const stored = entryIdSchema.safeParse(id).success ? await world.ledger.read(id) : undefined
  const opened = stored && (await openKept(stored, world))
  if (stored === undefined || stored.leaf.dryRun || opened === undefined) return none
  const { reply, decided, recordId } = opened.told
  const right = rightTo(call, stored, opened)
  const left = decided.some((each) => each.id === item && each.treatment.kind === 'release')
  const holder = right && (await world.register.agency(reply.holder))
  if (right === undefined || holder === undefined || recordId === null || !left) return none
  const ageMs = world.now().getTime() - Date.parse(reply.decidedAt)
  if (ageMs > right.forMs) return { kind: 'too-late' }
  const channel = channelOfKey(call.agency, call.kid)
  if (right.isTheirs && isOtherChannel(channel, opened)) return { kind: 'another-channel', channel }
  const answer = { stored, opened, holder }
  const leaves = await stillLeaves(answer, { entry: idOf(call) }, world)
  if (leaves.kind !== 'leaves') return leaves
  const file = leaves.disclosure.items.find((each) => each.id === item)?.value
  if (file === undefined || !isKeptFile(file)) return none
  const content = await contentOf(file, holder, recordId, world)
  if (content === 'restricted') return changed(answer, world)
  if (content === undefined) return { kind: 'file-gone' }
  const { salt: _, ...said } = file
  const { hj } = stored.leaf
  const inCase = { requester: requesterId(opened), caseReference: opened.matter.caseReference }
  const says = { file: { ...said, item }, inCase }
  const subject = { pseudonym: opened.subject.asked }
  // INVARIANT (no entry, no release): the bytes leave only once it is durable that they do.
  const recorded = await record('file', call, hj, subject, says, world, id)
  if (recorded.kind !== 'recorded') return recorded
  // Whoever has a part of a provision is told what becomes of it.
  if (right.isProvided) await world.messages.collect(id)
  await world.filesGiven.put(id, { item, id: idOf(call), at: recorded.ts })
  return { kind: 'given', file, content, receipt: recorded.receipt, reply }
}

const none = { kind: 'no-such-file' } as const

/** Why a caller may fetch what left by an answer, and for how long. */
type Right = {
  readonly forMs: number
  /** Whether it left to the caller: the channel of the key is then that of the request. */
  readonly isTheirs: boolean
  /** Whether nobody asked for it. */
  readonly isProvided?: true
}

/**
 * The right to the files of an answer; undefined if the caller has none. Of an answer by this gateway, only the
 * officer who asked has it, as of a retry.
 */
function rightTo(call: SignedCall, { leaf }: Stored, opened: Opened): Right | undefined {
  const { agency, officer } = call
  const { reply } = opened.told
  if (reply.outcome === 'deny') return undefined
  if (reply.provided !== undefined) {
    const of = { holder: leaf.hj, owner: requesterId(opened) }
    if (authorize(agency, 'collect', of) === undefined) return undefined
    return { forMs: collectDays * 86_400_000, isTheirs: true, isProvided: true }
  }
  if (reply.receivedBy !== undefined || reply.deliverBy !== undefined) {
    const of = { holder: leaf.hj, keeper: opened.matter.holder }
    if (authorize(actorOf(call), 'deliver', of) === undefined) return undefined
    return { forMs: Number.POSITIVE_INFINITY, isTheirs: false }
  }
  const { agency: owner, officer: asker } = opened.call
  if (authorize(agency, 'read-answer', { holder: leaf.hj, owner }) === undefined) return undefined
  return officer === asker ? { forMs: fetchMinutes * 60_000, isTheirs: true } : undefined
}

/** The content of a file; `restricted` while it is kept as evidence only; undefined if it is gone. */
async function contentOf(
  file: KeptFile,
  holder: Agency,
  record: string,
  { files, subjectKeys }: World,
): Promise<Uint8Array | 'restricted' | undefined> {
  const kept = await files.get({ holder: holder.id, record, digest: file.digest })
  if (kept === undefined) return undefined
  const kek = await subjectKeys.openToAct(kept.kid)
  if (kek === undefined)
    return (await subjectKeys.isRestricted(kept.kid)) ? 'restricted' : undefined
  const content = kept.open(kek)
  if (content.length !== file.length || fileDigest(file.salt, content) !== file.digest)
    throw new ComityError(
      'couldn’t give a file: its content is not the one that was kept',
      'changed',
    )
  return content
}
