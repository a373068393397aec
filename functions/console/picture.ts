/** A picture that would leave, to the officer of the holder who looked at it a moment ago. */

import { type AskedPicture, pictureSchema } from '../answer/offices/picture.ts'
import { type Html, html } from '../answer/reply/html.ts'
import { say } from '../answer/reply/say.ts'
import type { KeptFile } from '../decision/record.ts'
import { problem } from '../http/problem.ts'
import { refused } from '../http/refusal.ts'
import { callOnPage, type Looking } from './looking.ts'
import type { PageContext } from './visitor.ts'

/** Where a picture is, and how it stands on a page. A browser asks for it at once; it keeps none of it. */
export const pictureHtml = (
  { request, look, item, pass }: AskedPicture,
  element: string,
  { digest, length }: Pick<KeptFile, 'digest' | 'length'>,
): Html =>
  html`<img class="picture" src="/console/inbox/${request}/pictures/${look}/${item}/${pass}" alt="${say('picture.alt', { element })}"><br><small class="soft">${say('picture.bytes', { length, digest })}</small>`

/** The picture itself, if the officer's look of the last quarter of an hour showed that it would leave. */
export async function picture(c: PageContext, { world, log }: Looking): Promise<Response> {
  const traceId = c.get('traceId')
  const { id: request, look, item, pass } = c.req.param()
  const asked = pictureSchema.safeParse({ request, look, item, pass }).data
  if (asked === undefined || world.api === undefined) return problem(traceId, 'not-found')
  const call = callOnPage(c, world)
  // What opens a picture stands in no entry.
  const url = call.url.slice(0, -`/${asked.pass}`.length)
  const seen = await world.api.picture({ ...call, url }, asked)
  if (seen.kind !== 'seen') return refused(traceId, seen, log)
  // `pageHeaders` adds that nobody keeps it, that it is what it says, and that no other site shows it.
  return c.body(new Uint8Array(seen.content), 200, {
    'Content-Type': seen.type,
    'Content-Disposition': 'inline',
  })
}
