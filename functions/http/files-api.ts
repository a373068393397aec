/** Routes for files of records: their content from the holder, and to whoever it left to. */

import { Hono } from 'hono'
import * as z from 'zod'
import { fetchMinutes, type GivenFile, giveFile } from '../answer/give-file.ts'
import { keepFile } from '../answer/keep-file.ts'
import { keptFileSchema } from '../decision/record.ts'
import { fileBytesMax, fileTypes } from '../picture/limits.ts'
import type { World } from '../ports.ts'
import type { Guarded, Log } from './guard.ts'
import { type Operations, ofEntry } from './openapi-document.ts'
import { problem } from './problem.ts'
import { refused } from './refusal.ts'

type App = Hono<{ Variables: Guarded }>

/** The routes. */
export function filesApi(world: World, log: Log): App {
  const app: App = new Hono()
  app.put('/records/:id/files/:item', async (c) => {
    const [traceId, type] = [c.get('traceId'), c.req.header('content-type') ?? '']
    if (!fileTypes.some((each) => each === type)) return problem(traceId, 'unsupported-media-type')
    const { id, item } = c.req.param()
    const { kept, value } = await keepFile(c.get('call'), { id, item, type }, world)
    if (kept.kind !== 'done') return refused(traceId, kept, log)
    return c.json({ id: kept.id, receipt: kept.receipt, value }, kept.first ? 201 : 200)
  })
  app.get('/access-requests/:id/files/:item', async (c) => {
    const { id, item } = c.req.param()
    const given = await giveFile(c.get('call'), id, item, world)
    return given.kind === 'given' ? fileOf(given, item) : refused(c.get('traceId'), given, log)
  })
  return app
}

/** The bytes of a file, with its markings and duties. It is saved and not shown, whatever asks for it. */
function fileOf({ file, content, receipt, reply }: GivenFile, item: string): Response {
  const ending = file.type === 'image/png' ? 'png' : 'jpg'
  const duties = reply.obligations.filter(({ onWhom }) => onWhom === 'requester')
  return new Response(new Uint8Array(content), {
    headers: {
      'Content-Type': file.type,
      'Content-Disposition': `attachment; filename="${item}.${ending}"`,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
      'Comity-Receipt': receipt,
      ...(reply.handling.length === 0 ? {} : { 'Comity-Handling': reply.handling.join(', ') }),
      ...(duties.length === 0
        ? {}
        : { 'Comity-Duties': [...new Set(duties.map(({ code }) => code))].join(', ') }),
      Link: `</v1/access-requests/${reply.id}>; rel="describedby"`,
    },
  })
}

const taken = z.strictObject({
  id: z.string(),
  receipt: z.string(),
  value: keptFileSchema.describe('The value of the item from now on.'),
})

const itemOf = (of: string) =>
  z.object({
    id: z.string().describe(`The id of the ${of}.`),
    item: z.string().describe(`The item of the ${of}, by its id.`),
  })

/** What the document says of them. */
export const fileOperations: Operations = {
  '/v1/records/{id}/files/{item}': {
    put: {
      summary: 'Send the content of an item of your own record: a photograph, or a print.',
      description:
        `The body is the file, ${fileBytesMax} bytes at most, by its own first bytes what Content-Type says; the ` +
        'signature covers it as any body. The item is one of an element that holds an image; in the record its ' +
        'value may be `{ "type": "image/jpeg" }` until then, and it is withheld. What the file says ' +
        'besides its picture (EXIF, XMP, comments, thumbnails, colour profiles, whatever follows its end) is ' +
        'dropped, and only the rest is kept; what cannot be stripped so is refused, and says why. `digest` is ' +
        'base64url of the SHA-256 of 0x04, `salt` and the bytes that are kept. Another content is a correction of ' +
        'the item, and whoever got the one before is told.',
      path: itemOf('record'),
      sends: fileTypes,
      answers: { 200: ['The same call again', taken], 201: ['It is kept', taken] },
      problems: [
        ...ofEntry,
        ...(['unsupported-media-type', 'invalid-request', 'not-a-holder', 'not-found'] as const),
      ],
    },
  },
  '/v1/access-requests/{id}/files/{item}': {
    get: {
      summary: 'Fetch a file that left by an answer to you.',
      description:
        `As often as needed for ${fetchMinutes} minutes after the answer, by the officer who asked; of what was ` +
        'provided unasked, as long as it can be collected; of an answer that leaves by another way, by the officer ' +
        'of the holder who sends it. Only what left whole. Each call is an entry of the log before anything ' +
        'leaves; its receipt is in `Comity-Receipt`, the markings in `Comity-Handling`, the codes of your duties in ' +
        '`Comity-Duties`. The file is the one of the answer if `digest` there is base64url of the ' +
        'SHA-256 of 0x04, `salt` and these bytes. If the record has changed since, or what let it leave was taken ' +
        'back or recalled, nothing leaves.',
      path: itemOf('request'),
      file: ['The file', ...fileTypes],
      problems: [
        ...ofEntry,
        ...(['not-found', 'invalid-request', 'record-changed', 'restricted'] as const),
        ...(['too-late', 'file-gone'] as const),
      ],
    },
  },
}
