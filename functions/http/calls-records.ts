/** Calls of holders: records kept here, their files, their own systems, and what becomes of what left. */

import type { Context } from 'hono'
import * as z from 'zod'
import { answerQuestion, waitingQuestions } from '../answer/ask/questions.ts'
import type { SignedCall } from '../answer/entries/signed-call.ts'
import { fetchMinutes, type GivenFile, giveFile } from '../answer/handovers/file.ts'
import { recall, recallSchema, signRecall } from '../answer/messages/recall.ts'
import {
  answerNotice,
  changeSchema,
  didSchema,
  recipientsOf,
  recipientsPageSchema,
  recipientsQuerySchema,
  sayChanged,
} from '../answer/messages/recipients.ts'
import { keepFile } from '../answer/records/file.ts'
import { correct, correctionSchema, erase, keep, keptSchema } from '../answer/records/records.ts'
import { systemAnswerSchema } from '../decision/question.ts'
import { keptFileSchema, recordId } from '../decision/record.ts'
import { actorOf } from '../identity/authorize.ts'
import { fileBytesMax, fileTypes } from '../picture/limits.ts'
import type { World } from '../ports.ts'
import { done, recalled, waitSchema } from './bodies.ts'
import { type CallRows, call, page } from './calls.ts'
import { faultSchema } from './faults.ts'
import type { Guarded } from './guard.ts'
import { ofBody, ofEntry } from './openapi-document.ts'
import { problem } from './problem.ts'

type C = Context<{ Variables: Guarded }>

const waitingSchema = z.object({
  questions: z.array(z.string()).describe('Each as the gateway signed it.'),
})
const kept = done.extend({
  warnings: z.array(faultSchema).describe('What of the record will not leave as it is, and why.'),
})
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

/** The rows. */
export const callsOnRecords = {
  'GET /v1/questions': call({
    summary: 'For a holder’s own system: the questions that wait for it.',
    description:
      'Each is a compact JWS (`typ` `comity-question+jwt`) by the key of receipts: `id`, `aud` (the ' +
      'holder), `entry`, `nonce`, `exp`, `subject` and `classes`. It waits until its `exp`, a few seconds.',
    query: waitSchema,
    answers: {
      200: ['20 at most; none if none came in time', waitingSchema],
    },
    problems: ['invalid-request', 'not-your-role'],
    take: async ({ call, query, world }) => {
      const { kind, ...waiting } = await waitingQuestions(call, query.wait, world)
      return kind === 'waiting' ? page(waiting) : { kind }
    },
  }),
  'POST /v1/questions/:id': call({
    summary: 'For a holder’s own system: the answer to a question.',
    description:
      'The first answer stands. It names the digest of the question, so that what you sign answers ' +
      'this question alone. The record has an identifier that was asked for, and no item of another ' +
      'class. 256 KB at most.',
    body: systemAnswerSchema(),
    answers: {
      200: ['The same answer again', z.strictObject({ id: z.string() })],
      201: ['It is taken', z.strictObject({ id: z.string() })],
    },
    problems: [...ofBody, 'not-found', 'not-your-role'],
    take: ({ call, id, body, world }) => answerQuestion(call, id, body, world),
  }),
  'PUT /v1/records/:id': call({
    summary: 'Create or replace a record of your own.',
    description:
      'If another change of the record comes between, a file that is sent or an item that is corrected, it is not ' +
      'made: 409 `record-changed`, with the receipt of its entry. Look at what is there, and send it anew.',
    body: keptSchema,
    answers: { 200: ['The same call again', kept], 201: ['It is kept', kept] },
    problems: [...ofBody, ...ofEntry, 'not-a-holder', 'not-found', 'record-changed'],
    take: ({ call, id, body, world }) => keepNamed(call, id, body, world),
  }),
  'PATCH /v1/records/:id': call({
    summary: 'Correct or restrict items of a record of your own.',
    description:
      'If the record, one of these items or a file that you name goes meanwhile, it is not made: 409 ' +
      '`record-changed`, with the receipt of its entry.',
    body: correctionSchema,
    answers: { 200: ['The same call again', done], 201: ['It is corrected', done] },
    problems: [...ofBody, ...ofEntry, 'not-a-holder', 'not-found', 'record-changed'],
    take: ({ call, id, body, world }) => correct(call, id, body, world),
  }),
  'DELETE /v1/records/:id': call({
    summary: 'Erase a record of your own.',
    answers: { 200: ['The same call again', done], 201: ['It is erased', done] },
    problems: [...ofEntry, 'not-a-holder', 'not-found', 'not-erased'],
    take: ({ call, id, world }) => erase(call, id, world),
  }),
  'PUT /v1/records/:id/files/:item': call({
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
    take: ({ call, id, c, world }) => takeFile(c, call, id, world),
  }),
  'GET /v1/access-requests/:id/files/:item': call({
    summary: 'Fetch a file that left by an answer to you.',
    description:
      `As often as needed for ${fetchMinutes} minutes after the answer, by the officer who asked; of what was ` +
      'provided unasked, as long as it can be collected; of an answer that leaves by another way, by the officer ' +
      'of the holder who sends it. Only what left whole. Each call is an entry of the log before anything ' +
      'leaves; its receipt is in `Comity-Receipt`, the markings in `Comity-Handling`, the codes of your duties in ' +
      '`Comity-Duties`. The file is the one of the answer if `digest` there is base64url of the ' +
      'SHA-256 of 0x04, `salt` and these bytes. If something else would leave by now, nothing leaves.',
    path: itemOf('request'),
    file: ['The file', ...fileTypes],
    problems: [
      ...ofEntry,
      ...(['not-found', 'invalid-request', 'record-changed'] as const),
      ...(['too-late', 'file-gone'] as const),
    ],
    take: ({ call, id, c, world }) => fileIn(c, call, id, world),
  }),
  'POST /v1/corrections': call({
    summary: 'Say what became of a record in your own system, so that whoever got it is told.',
    description:
      'For a holder that answers from a system of its own, after it corrected, restricted or erased there. Of ' +
      'records that you keep here, the call that changes them says it. It is an entry of the log.',
    body: changeSchema,
    answers: { 200: ['The same call again', done], 201: ['It is entered', done] },
    problems: [...ofBody, ...ofEntry, 'not-a-holder'],
    take: ({ call, body, world }) => sayChanged(call, body, world),
  }),
  'GET /v1/corrections/:id': call({
    summary: 'Who was told of a change of yours to what left, and who says that they acted.',
    description:
      'The id is that of the entry of the change: a `PUT`, `PATCH` or `DELETE` of a record, a correction of ' +
      'your own system, or an erasure or restriction of what the log keeps of a person. Whoever got an item that changed has an event, and seven days; who has not said by then ' +
      'that they acted is named to you by an event, and stays here without `done`.',
    query: recipientsQuerySchema,
    answers: { 200: ['A page, perhaps an empty one', recipientsPageSchema] },
    problems: ['invalid-request', 'not-found'],
    take: async ({ call, id, query, world }) =>
      page(await recipientsOf(actorOf(call), 'record', id, query.after, world)),
  }),
  'POST /v1/recalls': call({
    summary: 'Recall, as an officer of the holder, what rested on something wrong.',
    description:
      'It takes effect once data protection of your state has signed it: then whoever got it from you has an ' +
      'event `recalled`, must do as `ask` says in so many days, and say so. It is an entry of the log.',
    body: recallSchema,
    answers: { 200: ['The same call again', recalled], 201: ['It is entered', recalled] },
    problems: [...ofBody, ...ofEntry, 'not-your-role'],
    take: ({ call, body, world }) => recall(call, body, world),
  }),
  'GET /v1/recalls/:id': call({
    summary:
      'Who was told of a recall, and who says that they acted; for its holder and who signs it.',
    query: recipientsQuerySchema,
    answers: { 200: ['A page, perhaps an empty one', recipientsPageSchema] },
    problems: ['invalid-request', 'not-found'],
    take: async ({ call, id, query, world }) =>
      page(await recipientsOf(actorOf(call), 'recall', id, query.after, world)),
  }),
  'POST /v1/recalls/:id/signatures': call({
    summary: 'Sign a recall for data protection of the holder’s state.',
    description: 'From then on whoever got it is told.',
    answers: { 200: ['The same call again', done], 201: ['It is signed', done] },
    problems: [...ofEntry, 'not-found'],
    take: ({ call, id, world }) => signRecall(call, id, world),
  }),
  'POST /v1/notices/:id/done': call({
    summary: 'Say what you did with what you were told of, once.',
    description:
      'The id is `entry` of an event `corrected`, `restricted`, `erased` or `recalled`. It is an entry of the log.',
    body: didSchema,
    answers: { 200: ['The same call again', done], 201: ['It is entered', done] },
    problems: [...ofBody, ...ofEntry, 'not-found', 'already-done'],
    take: ({ call, id, body, world }) => answerNotice(call, id, body, world),
  }),
} satisfies CallRows

async function keepNamed(
  asked: SignedCall,
  given: string,
  body: z.infer<typeof keptSchema>,
  world: World,
) {
  const id = recordId.safeParse(given)
  if (!id.success) return { kind: 'no-such-record' } as const
  const { kept: made, warnings } = await keep(asked, id.data, body, world)
  return made.kind === 'done' ? { ...made, warnings } : made
}

async function takeFile(c: C, asked: SignedCall, id: string, world: World) {
  const type = c.req.header('content-type') ?? ''
  if (!fileTypes.some((each) => each === type))
    return problem(c.get('traceId'), 'unsupported-media-type')
  const { kept: made, value } = await keepFile(
    asked,
    { id, item: c.req.param('item') ?? '', type },
    world,
  )
  return made.kind === 'done' ? { ...made, value } : made
}

async function fileIn(c: C, asked: SignedCall, id: string, world: World) {
  const item = c.req.param('item') ?? ''
  const given = await giveFile(asked, id, item, world)
  return given.kind === 'given' ? fileOf(given, item) : given
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
