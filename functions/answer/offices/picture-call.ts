/** A look at a picture from one function to another: as it is sent, and as it is answered. */

import * as z from 'zod'
import { agencyId } from '../../decision/request.ts'
import { fileTypes } from '../../picture/limits.ts'
import type { World } from '../../ports.ts'
import type { PageCall } from '../entries/signed-call.ts'
import { type AskedPicture, pictureSchema, type SeenPicture, seePicture } from './picture.ts'

/** Who looks at which picture. The agency is named, and read from the register where it is answered. */
export const lookedPictureSchema = z.strictObject({
  asked: pictureSchema,
  agency: agencyId,
  officer: z.string().max(64),
  method: z.literal('GET'),
  url: z.url().max(2000),
  session: z.strictObject({ iss: z.string().max(255), provedAt: z.iso.datetime() }),
})

const answerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('seen'), type: z.enum(fileTypes), content: z.base64() }),
  z.strictObject({ kind: z.literal('not-found') }),
  z.strictObject({ kind: z.literal('unavailable'), why: z.string() }),
])

/** Answers such a look. */
export async function pictureOf(
  { asked, agency: id, ...call }: z.infer<typeof lookedPictureSchema>,
  world: World,
): Promise<z.infer<typeof answerSchema>> {
  const agency = await world.register.agency(id)
  if (agency === undefined) return { kind: 'not-found' }
  const seen = await seePicture({ ...call, agency }, asked, world)
  if (seen.kind !== 'seen') return seen
  return { ...seen, content: Buffer.from(seen.content).toString('base64') }
}

/** Asks for a picture of whoever answers such looks. */
export async function pictureFrom(
  send: (event: unknown) => Promise<unknown>,
  { agency, officer, method, url, session }: PageCall,
  asked: AskedPicture,
): Promise<SeenPicture> {
  const picture = { asked, agency: agency.id, officer, method, url, session }
  const seen = answerSchema.parse(await send({ picture }))
  if (seen.kind !== 'seen') return seen
  return { ...seen, content: Buffer.from(seen.content, 'base64') }
}
