/** Describes how files of records are sent and fetched. */

import * as z from 'zod'
import { fetchMinutes } from '../answer/handovers/file.ts'
import { keptFileSchema } from '../decision/record.ts'
import { fileBytesMax, fileTypes } from '../picture/limits.ts'
import { type Operations, ofEntry } from './openapi-document.ts'

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

/** Their operations. */
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
        'record-changed',
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
