/** Describes the request-access API in OpenAPI 3.1, from the schemas that the API itself uses. */

import * as z from 'zod'
import { standingReplySchema } from '../answer/look-up.ts'
import {
  disclosuresPageSchema,
  disclosuresQuerySchema,
  dutyDoneSchema,
} from '../answer/messages/disclosures.ts'
import { eventsPageSchema } from '../answer/messages/events.ts'
import { endingsSchema } from '../answer/offices/expiry.ts'
import { inboxPageSchema } from '../answer/offices/inbox.ts'
import { proposalSchema } from '../answer/offices/proposal.ts'
import { proposalViewSchema } from '../answer/offices/proposal-view.ts'
import { responseSchema } from '../answer/offices/response.ts'
import { correctionSchema, keptSchema } from '../answer/records/records.ts'
import { answerSchema } from '../answer/reply/reply-schema.ts'
import { attestationSchema } from '../decision/attestation-sent.ts'
import { systemAnswerSchema } from '../decision/question.ts'
import { accessRequestSchema, deliverySchema } from '../decision/request.ts'
import { afterSchema, objectionSchema, personSchema, reviewSchema, waitSchema } from './bodies.ts'
import { eventsQuerySchema } from './events-api.ts'
import { faultSchema } from './faults.ts'
import { correctionOperations, done } from './openapi-corrections.ts'
import { documentOf, type Operations, ofBody, ofEntry } from './openapi-document.ts'
import { fileOperations } from './openapi-files.ts'
import { provisionOperations } from './openapi-provisions.ts'

const waitingSchema = z.object({
  questions: z.array(z.string()).describe('Each as the gateway signed it.'),
})

const ended = done.extend({
  says: z
    .string()
    .optional()
    .describe(
      'What this does not do, and what does: what rested on an attestation is not recalled.',
    ),
})
const kept = done.extend({
  warnings: z.array(faultSchema).describe('What of the record will not leave as it is, and why.'),
})
const anything = z.looseObject({})

/** Every operation, by path and method. */
const operations: Operations = {
  '/v1/access-requests': {
    post: {
      summary: 'Ask for data. A refusal is an answer, not an error.',
      description:
        'An open denial says in `todo` what is missing, and who can supply it. Once it is supplied, ask ' +
        'again with the id of the denial as `previous`: the same subject, case, purpose and offence, for ' +
        'no class more. All of these are one `matter`.',
      body: accessRequestSchema,
      answers: {
        200: ['The same call again: the same decision', answerSchema],
        201: ['The decision', answerSchema],
      },
      problems: [
        ...ofBody,
        ...ofEntry,
        'not-your-role',
        'served-elsewhere',
        'record-changed',
        'restricted',
      ],
    },
    get: {
      summary: 'Find a decision of your own by its jti.',
      query: z.object({ jti: z.string() }),
      answers: { 200: ['The decision, without data', standingReplySchema] },
      problems: ['not-found'],
    },
  },
  '/v1/access-requests/{id}': {
    get: {
      summary: 'Look at a decision of your own.',
      answers: { 200: ['The decision, without data', standingReplySchema] },
      problems: ['not-found'],
    },
  },
  '/v1/access-requests/{id}/proof': {
    get: {
      summary: 'The proof that an entry is in the log, once it is sealed (C2SP tlog-proof).',
      file: ['The proof', 'text/plain; charset=utf-8'],
      problems: ['not-found', 'not-sealed'],
    },
  },
  ...provisionOperations,
  '/v1/questions': {
    get: {
      summary: 'For a holder’s own system: the questions that wait for it.',
      description:
        'Each is a compact JWS (`typ` `comity-question+jwt`) by the key of receipts: `id`, `aud` (the ' +
        'holder), `entry`, `nonce`, `exp`, `subject` and `classes`. It waits until its `exp`, a few seconds.',
      query: waitSchema,
      answers: {
        200: ['20 at most; none if none came in time', waitingSchema],
      },
      problems: ['invalid-request', 'not-your-role'],
    },
  },
  '/v1/questions/{id}': {
    post: {
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
    },
  },
  '/v1/attestations': {
    post: {
      summary: 'Vouch for a fact, or decide on a release.',
      description:
        'The scope says for what it counts: one `matter`, by the id of any request of it; the `persons` of ' +
        'a `case`, for a year at most; or a country in `general`, for a year at most that begins within ' +
        '31 days, and once data protection has signed it. Facts that are judged in the single case have ' +
        'no general scope; of offences, and of what threatens people in a country, only what speaks against ' +
        'a disclosure is said of a case. If `decidedBy` is another office than yours, it counts once that ' +
        'office has signed it. ' +
        'A decision to release is `release.decision` for one matter, with `release.shown` from the ' +
        'proposal; it stands for 72 hours at most.',
      body: attestationSchema,
      answers: { 200: ['The same call again', done], 201: ['It counts from now on', done] },
      problems: [...ofBody, ...ofEntry, 'may-not-attest'],
    },
    get: {
      summary:
        'General attestations of yours, or for you, that end within 30 days; and what stands by decisions on releases.',
      answers: { 200: ['The first to end comes first', endingsSchema] },
    },
  },
  '/v1/attestations/{id}': {
    delete: {
      summary: 'Take an attestation, an objection or a refusal of your own back.',
      description:
        'Another office’s cannot be taken back: object to it, and what it says is unknown. Of a refusal, give the ' +
        'id of its entry: the requester is told by `taken-back`, and the denial waits for your office again, unless ' +
        'it was asked again since, or all that was missing is said by now; `says` says which.',
      answers: { 200: ['The same call again', ended], 201: ['It counts no more', ended] },
      problems: [...ofEntry, 'may-not-attest', 'not-found'],
    },
  },
  '/v1/attestations/{id}/signatures': {
    post: {
      summary: 'Sign it as the office that decided, or for data protection.',
      description: 'Without its signature, what waits for it counts for no request.',
      answers: { 200: ['The same call again', done], 201: ['It is signed', done] },
      problems: [...ofEntry, 'not-found'],
    },
  },
  '/v1/attestations/{id}/persons': {
    post: {
      summary: 'Add a person to those of a case, by a request in which they were asked for.',
      description: 'Only the office that attested the case may; the request must be of that case.',
      body: personSchema,
      answers: { 200: ['The same call again', done], 201: ['It counts for them, too', done] },
      problems: [...ofBody, ...ofEntry, 'not-found'],
    },
  },
  '/v1/attestations/{id}/objections': {
    post: {
      summary: 'Doubt what it says: while the objection stands, the fact is unknown.',
      description:
        'The holder may object, and whoever may attest the same fact. An objection never lifts a ' +
        'refusal. Whoever made it takes it back by its id, as an attestation.',
      body: objectionSchema,
      answers: { 200: ['The same call again', ended], 201: ['It stands from now on', ended] },
      problems: [...ofBody, ...ofEntry, 'may-not-attest', 'not-found'],
    },
  },
  '/v1/inbox': {
    get: {
      summary: 'Denials that your office could change; each requester gets its turn.',
      description:
        'The first five threats to life of each requester come before all else; then requesters take turns, ' +
        'the newest denial of each first, so that no agency’s many hide another’s. `todo` is what your ' +
        'office could supply, and by when; `because` says why an officer must look himself. A denial is ' +
        'listed while it waits for you: no more once all is said, again if that is withdrawn or ends.',
      query: afterSchema,
      answers: { 200: ['A page; `next` asks for more', inboxPageSchema] },
      problems: ['invalid-request'],
    },
  },
  '/v1/events': {
    get: {
      summary: 'What your agency is told without asking: each event once sealed, none left out.',
      description:
        'Ask again with `next` as `after`; keep it only once the page is worked off, and an event that comes ' +
        'twice has the id that it had. `denial-to-decide` and `answer-to-send` go to the offices in whose ' +
        'inbox the request is, `provided` to whom data was given unasked, `disclosed` and, by a denial, `duty-due` to the holder, `review-asked` to its ' +
        'officers; `refused`, `asked-back`, `taken-back` (the office refuses no more) and `reviewed` to the requester. `reminder`, `overdue` and ' +
        '`escalation` of an open denial go to the office in `to`, to the holder and to whoever asked; so does ' +
        '`answerable`: all that it said to be missing is attested. `corrected`, `restricted` and `erased` go to ' +
        'whoever got the `items` of its answer to `request`: do so with what you have of them by `due`, and say so; ' +
        'of what was corrected, ask again for what stands. `recalled` goes to whoever got what rested on something ' +
        'wrong: do as `ask` says. If you do not, `reminder`, `overdue` and `escalation` ' +
        'with the same `cause` follow, to you and to the holder. `acted-by-passkey` goes to the agency of the ' +
        '`officer` whose passkey signed the entry. `alarm` goes to the office of auditors that set it by the entry `cause`: ' +
        'for whom it went off, or that it could not be counted, the entry says. `objected` goes to the office whose ' +
        'attestation `cause` another office doubts, and to the holder, who recalls what left by it if that was wrong: its ' +
        'facts are unknown meanwhile. Who doubts is not said, and `matter` only where that one alone was vouched for. ' +
        'Events come in the order in which their entries are ' +
        'sealed, which is that of a matter, but for an entry that a fault kept from being sealed: `at` is ' +
        'when it was entered. ' +
        'An office that is given a right later is told from the beginning. A call that waits counts as one.',
      query: eventsQuerySchema,
      answers: { 200: ['A page, perhaps an empty one', eventsPageSchema] },
      problems: ['invalid-request', 'not-your-role'],
    },
  },
  '/v1/access-requests/{id}/proposal': {
    post: {
      summary: 'See, as the holder’s officer, what would leave if you released it.',
      description:
        'Nothing leaves by looking; the look is an entry of the log. Send `facts` that you would vouch ' +
        'for with the decision, items to be `takenOut`, and, of several records that fit, the `record` ' +
        'of the person. Then decide by an attestation of `release.decision` that repeats `shown` and ' +
        'what you sent. If anything else would leave when the requester asks again, your decision does ' +
        'not count for it.',
      body: proposalSchema,
      answers: { 200: ['What would leave, what would stay, and why', proposalViewSchema] },
      problems: [...ofBody, ...ofEntry, 'may-not-attest', 'not-found'],
    },
  },
  '/v1/access-requests/{id}/package': {
    post: {
      summary: 'Make the package of an answer that leaves by another way, as the holder’s officer.',
      description:
        'Of a request with `receivedBy`, or one with `deliverBy` of which something leaves: the answer as the ' +
        'requester is told it, with the data, as JSON, or as one page to print for `Accept: text/html`. ' +
        'Making it is an entry of the log. If the record has changed since the decision, it is refused: the ' +
        'request is to be asked anew.',
      answers: { 200: ['The answer, with its data', answerSchema] },
      problems: [...ofEntry, 'not-found', 'record-changed'],
    },
  },
  '/v1/access-requests/{id}/delivery': {
    post: {
      summary: 'Say by which way and number an answer left, as the holder’s officer.',
      description: 'It is an entry of the log, and the requester sees it beside the answer.',
      body: deliverySchema,
      answers: { 200: ['The same call again', done], 201: ['It is entered', done] },
      problems: [...ofBody, ...ofEntry, 'not-found'],
    },
  },
  '/v1/access-requests/{id}/responses': {
    post: {
      summary: 'Refuse an open denial with a ground, or ask back, as an office that it names.',
      description:
        'Each once. It is an entry of the log; the requester reads it beside the answer, and is told by an ' +
        'event. It settles nothing: a denial that was refused leaves your inbox until you take the refusal back by ' +
        '`DELETE /v1/attestations/{id}`, after which you may refuse it again, ten times in all; and one that you ask back ' +
        'on stays until the requester asks again.',
      body: responseSchema,
      answers: { 200: ['The same call again', done], 201: ['It is entered', done] },
      problems: [...ofBody, ...ofEntry, 'not-found', 'already-done'],
    },
  },
  '/v1/disclosures': {
    get: {
      summary: 'What left of your own records, to whom, and under which duties of yours.',
      query: disclosuresQuerySchema,
      answers: { 200: ['A page, perhaps an empty one', disclosuresPageSchema] },
      problems: ['invalid-request', 'not-your-role'],
    },
  },
  '/v1/disclosures/{id}/duties': {
    post: {
      summary: 'Say that a duty of yours on an answer is done, once.',
      description: 'The id is that of the request. It is an entry of the log.',
      body: dutyDoneSchema,
      answers: { 200: ['The same call again', done], 201: ['It is entered', done] },
      problems: [...ofBody, ...ofEntry, 'not-found', 'already-done'],
    },
  },
  '/v1/access-requests/{id}/review': {
    post: {
      summary:
        'Put a denial of your own before a person, once; or answer it as the holder’s officer.',
      description:
        'An answer changes no decision: whoever asked learns that an officer looked. To release what was ' +
        'denied, the officer decides on a proposal. A passkey puts it there for the officer who asked, or by one ' +
        'whom the agency named for `desk`; an agency’s own key may for any officer of it. ' +
        'To others of the agency a colleague’s denial is as one that does not exist.',
      body: reviewSchema,
      answers: { 200: ['The same call again', done], 201: ['It is entered', done] },
      problems: [...ofBody, ...ofEntry, 'not-found', 'already-reviewed'],
    },
  },
  '/v1/records/{id}': {
    put: {
      summary: 'Create or replace a record of your own.',
      description:
        'If another change of the record comes between, a file that is sent or an item that is corrected, it is not ' +
        'made: 409 `record-changed`, with the receipt of its entry. Look at what is there, and send it anew.',
      body: keptSchema,
      answers: { 200: ['The same call again', kept], 201: ['It is kept', kept] },
      problems: [...ofBody, ...ofEntry, 'not-a-holder', 'not-found', 'record-changed'],
    },
    patch: {
      summary: 'Correct or restrict items of a record of your own.',
      description:
        'If the record, one of these items or a file that you name goes meanwhile, it is not made: 409 ' +
        '`record-changed`, with the receipt of its entry.',
      body: correctionSchema,
      answers: { 200: ['The same call again', done], 201: ['It is corrected', done] },
      problems: [...ofBody, ...ofEntry, 'not-a-holder', 'not-found', 'record-changed'],
    },
    delete: {
      summary: 'Erase a record of your own.',
      answers: { 200: ['The same call again', done], 201: ['It is erased', done] },
      problems: [...ofEntry, 'not-a-holder', 'not-found', 'not-erased'],
    },
  },
  ...fileOperations,
  ...correctionOperations,
  '/v1/policies': {
    get: { summary: 'What is in force.', answers: { 200: ['Today', anything] }, open: true },
  },
  '/v1/policies/{folder}/{name}': {
    get: {
      summary: 'One version, its name written as `<policy>@<version>`.',
      answers: { 200: ['The version', anything] },
      problems: ['not-found'],
      open: true,
    },
  },
  '/v1/vocabulary': {
    get: {
      summary: 'Every fact that a rule may read, every duty, every confidence mark.',
      answers: { 200: ['The vocabulary', anything] },
      open: true,
    },
  },
  '/openapi.json': {
    get: { summary: 'This document.', answers: { 200: ['OpenAPI 3.1', anything] }, open: true },
  },
  '/.well-known/jwks.json': {
    get: {
      summary: 'The public keys of receipts (RFC 7517).',
      answers: { 200: ['A JWK Set', anything] },
      open: true,
    },
  },
  '/healthz': {
    get: { summary: 'Whether it runs.', answers: { 200: ['It runs', anything] }, open: true },
  },
}

/** The document for a gateway at `origin`. */
export const openApi = (origin: string): Readonly<Record<string, unknown>> =>
  documentOf('Comity: the request-access API', operations, origin)
