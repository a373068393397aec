/** An agency looks at a decision of its own: never at data, never at another's. */

import * as z from 'zod'
import { entryIdSchema } from '../decision/request.ts'
import { authorize } from '../identity/authorize.ts'
import { receiptPayload } from '../ledger/receipt.ts'
import type { World } from '../ports.ts'
import { isCured } from './inbox.ts'
import { open } from './opened.ts'
import { replySchema } from './reply.ts'
import type { SignedCall } from './signed-call.ts'

/** A decision that stands; `cured` says of an open denial that it is worth asking again. */
export const standingReplySchema = replySchema.extend({
  cured: z.boolean().optional(),
  review: z
    .strictObject({
      askedAt: z.iso.datetime(),
      answeredAt: z.iso.datetime().optional(),
      by: z.string().optional().describe('The office whose officer looked at it.'),
    })
    .optional()
    .describe('Of a denial that was put before a person.'),
  receipt: z.string(),
})
export type StandingReply = z.infer<typeof standingReplySchema>

/** The decision of that id if it is this agency's; what is another's is like what does not exist. */
export async function lookUp(
  call: SignedCall,
  eid: string,
  world: World,
): Promise<StandingReply | undefined> {
  if (!entryIdSchema.safeParse(eid).success) return undefined
  const stored = await world.ledger.read(eid)
  if (stored?.leaf.t !== 'decision') return undefined
  const opened = await open(stored, world)
  const owner = opened?.call.agency ?? ''
  const right = authorize(call.agency, 'read-answer', { holder: stored.leaf.hj, owner })
  if (opened === undefined || right === undefined) return undefined
  const { reply } = opened.told
  const receipt = await world.secrets.receipt(receiptPayload(stored.leaf, stored.leafHash))
  const asked = await world.reviews.get(eid)
  const review =
    asked === undefined
      ? {}
      : {
          review: {
            askedAt: asked.at,
            ...(asked.answer && { answeredAt: asked.answer.at, by: asked.answer.office }),
          },
        }
  if (reply.standing !== 'open') return { ...reply, ...review, receipt }
  return { ...reply, ...review, cured: await isCured(stored, opened, world), receipt }
}
