/** An officer of the holder sees a picture that would leave, as they were shown it by a look that they signed. */

import * as z from 'zod'
import { identifierOf, isKeptFile, keptFileSchema, recordId } from '../../decision/record.ts'
import { entryIdSchema } from '../../decision/request.ts'
import { actorOf } from '../../identity/authorize.ts'
import { readCall } from '../../ledger/agency-call.ts'
import { passDigest } from '../../ledger/file.ts'
import type { FileType } from '../../picture/limits.ts'
import { valueIn } from '../../policy/json.ts'
import type { World } from '../../ports.ts'
import { enterLook } from '../entries/looks.ts'
import { openAny, requestIn } from '../entries/reader.ts'
import type { PageCall } from '../entries/signed-call.ts'
import type { Unavailable } from '../entries/writer.ts'
import { considerLook, decidable, wouldLeaveSchema } from './would-leave.ts'

/** 32 random bytes, base64url. */
const passSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** Which picture: of which look at which request, and what opens the pictures of that look. */
export const pictureSchema = z.strictObject({
  request: entryIdSchema,
  look: entryIdSchema,
  item: recordId,
  pass: passSchema,
})
export type AskedPicture = z.infer<typeof pictureSchema>

/** The picture; or that there is none to be seen, whatever there is. */
export type SeenPicture =
  | { readonly kind: 'seen'; readonly type: FileType; readonly content: Uint8Array }
  | { readonly kind: 'not-found' }
  | Unavailable

/** How long after a look its pictures can be seen, ms. Ours, as of files that left: what is held may change. */
const seenMs = 15 * 60_000

/** What the entry of a look says of the pictures that it showed, beside what was asked. */
const shownPicturesSchema = z.looseObject({
  action: z.literal('see-proposal'),
  id: entryIdSchema,
  record: recordId,
  pass: passSchema,
  pictures: z.array(keptFileSchema.omit({ salt: true }).extend({ item: recordId })),
})

/**
 * Shows a picture to the officer who looked, for a quarter of an hour. The right to it is that of the look, which their
 * passkey or their agency's key signed, and what that look alone was told in answer; a session has none, nor has whoever
 * names an officer and a look. That it was seen is an entry first.
 */
export async function seePicture(
  call: PageCall,
  { request, look, item, pass }: AskedPicture,
  world: World,
): Promise<SeenPicture> {
  const { agency, officer } = call
  const stored = await world.ledger.read(look)
  if (stored?.leaf.t !== 'consultation') return none
  const opened = await openAny(stored, world)
  if (opened?.kind !== 'consultation') return none
  const { call: by, consultation } = opened.values
  const isOwn = by.agency === agency.id && by.officer === officer && by.session === undefined
  const { data: said } = shownPicturesSchema.safeParse(consultation.question)
  const picture = said?.pictures.find((each) => each.item === item)
  const at = world.now()
  const isFresh = at.getTime() - Date.parse(stored.leaf.ts) <= seenMs
  const isTold = said?.pass === passDigest(pass)
  if (!isOwn || !isFresh || !isTold || said?.id !== request || picture === undefined) return none
  // As the register has it now: an office that may not decide any more sees nothing.
  const found = await decidable(request, actorOf(call), world)
  if (found === undefined) return none
  // INVARIANT (no more than would leave now): what stopped it since the look, stops it here.
  const kid = readCall(opened.evidence.jws)?.head.kid
  const { data: body } = wouldLeaveSchema.safeParse(valueIn(opened.evidence.body))
  if (kid === undefined || body === undefined) return none
  const looked = await considerLook({ agency, officer, kid }, look, body, found, world)
  const leaves = looked?.considered.disclosure.items.find((each) => each.id === item)?.value
  if (leaves === undefined || !isKeptFile(leaves) || leaves.digest !== picture.digest) return none
  const place = { holder: found.holder.id, record: said.record, digest: picture.digest }
  const kept = await world.files.get(place)
  // A picture that another took the place of, or whose person was erased or is kept as evidence only, opens no more.
  const kek = kept && (await world.subjectKeys.openToAct(kept.kid))
  if (kept === undefined || kek === undefined) return none
  const content = kept.open(kek)
  const question = { action: 'see-picture', id: request, look, item, digest: picture.digest }
  const shown = { purpose: 'lawfulness', question, shown: [look] }
  const same = { agency: agency.id, officer, login: call.session.iss, ...shown }
  const person = identifierOf(requestIn(found.opened).subject)
  // INVARIANT (no look unseen): nothing is shown before its entry is durable. Of the same look there is one.
  const unavailable = await enterLook(call, shown, person, at.toISOString(), same, world)
  return unavailable ?? { kind: 'seen', type: picture.type, content }
}

const none = { kind: 'not-found' } as const
