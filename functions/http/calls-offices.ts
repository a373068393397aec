/** Calls of offices: what waits for them, what they say, and what they are told. */

import type { Context } from 'hono'
import { deliver, type Packed, pack } from '../answer/handovers/delivery.ts'
import {
  disclosuresAfter,
  disclosuresPageSchema,
  disclosuresQuerySchema,
  dutyDoneSchema,
  keepDuty,
} from '../answer/messages/disclosures.ts'
import { eventsPageSchema } from '../answer/messages/events.ts'
import { addPerson, attest, countersign, object } from '../answer/offices/attestation.ts'
import { decisionsStanding, endingSoon, endingsSchema } from '../answer/offices/expiry.ts'
import { inboxOf, inboxPageSchema } from '../answer/offices/inbox.ts'
import { respond, responseSchema } from '../answer/offices/response.ts'
import { review } from '../answer/offices/review.ts'
import { takeBack } from '../answer/offices/withdrawal.ts'
import { seeWouldLeave, wouldLeaveSchema } from '../answer/offices/would-leave.ts'
import { viewOf, wouldLeaveViewSchema } from '../answer/offices/would-leave-view.ts'
import { answerSchema } from '../answer/reply/reply-schema.ts'
import { attestationSchema } from '../decision/attestation-sent.ts'
import { deliverySchema } from '../decision/request.ts'
import type { World } from '../ports.ts'
import { inCallersLanguages } from './accept-language.ts'
import { afterSchema, done, ended, objectionSchema, personSchema, reviewSchema } from './bodies.ts'
import { type CallRows, call, page } from './calls.ts'
import { eventsQuerySchema, waitForEvents } from './events-wait.ts'
import type { Guarded } from './guard.ts'
import { ofBody, ofEntry } from './openapi-document.ts'

/** The rows. */
export const callsOfOffices = {
  'POST /v1/attestations': call({
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
    take: ({ call, body, world }) => attest(call, body, world),
  }),
  'GET /v1/attestations': call({
    summary:
      'General attestations of yours, or for you, that end within 30 days; and what stands by decisions on releases.',
    answers: { 200: ['The first to end comes first', endingsSchema] },
    take: async ({ call: { agency }, world }) =>
      page({
        ending: await endingSoon(agency, world),
        ...(await decisionsStanding(agency, world)),
      }),
  }),
  'DELETE /v1/attestations/:id': call({
    summary: 'Take an attestation, an objection or a refusal of your own back.',
    description:
      'Another office’s cannot be taken back: object to it, and what it says is unknown. Of a refusal, give the ' +
      'id of its entry: the requester is told by `taken-back`, and the denial waits for your office again, unless ' +
      'it was asked again since, or all that was missing is said by now; `says` says which.',
    answers: { 200: ['The same call again', ended], 201: ['It counts no more', ended] },
    problems: [...ofEntry, 'may-not-attest', 'not-found'],
    take: ({ call, id, world }) => takeBack(call, id, world),
  }),
  'POST /v1/attestations/:id/signatures': call({
    summary: 'Sign it as the office that decided, or for data protection.',
    description: 'Without its signature, what waits for it counts for no request.',
    answers: { 200: ['The same call again', done], 201: ['It is signed', done] },
    problems: [...ofEntry, 'not-found'],
    take: ({ call, id, world }) => countersign(call, id, world),
  }),
  'POST /v1/attestations/:id/persons': call({
    summary: 'Add a person to those of a case, by a request in which they were asked for.',
    description: 'Only the office that attested the case may; the request must be of that case.',
    body: personSchema,
    answers: { 200: ['The same call again', done], 201: ['It counts for them, too', done] },
    problems: [...ofBody, ...ofEntry, 'not-found'],
    take: ({ call, id, body, world }) => addPerson(call, id, body.request, world),
  }),
  'POST /v1/attestations/:id/objections': call({
    summary: 'Doubt what it says: while the objection stands, the fact is unknown.',
    description:
      'The holder may object, and whoever may attest the same fact. An objection never lifts a ' +
      'refusal. Whoever made it takes it back by its id, as an attestation.',
    body: objectionSchema,
    answers: { 200: ['The same call again', ended], 201: ['It stands from now on', ended] },
    problems: [...ofBody, ...ofEntry, 'may-not-attest', 'not-found'],
    take: ({ call, id, body, world }) => object(call, id, body, world),
  }),
  'GET /v1/inbox': call({
    summary: 'Denials that your office could change; each requester gets its turn.',
    description:
      'The first five threats to life of each requester come before all else; then requesters take turns, ' +
      'the newest denial of each first, so that no agency’s many hide another’s. `todo` is what your ' +
      'office could supply, and by when; `because` says why an officer must look himself. A denial is ' +
      'listed while it waits for you: no more once all is said, again if that is withdrawn or ends.',
    query: afterSchema,
    answers: { 200: ['A page; `next` asks for more', inboxPageSchema] },
    problems: ['invalid-request'],
    take: async ({ call, query, world }) => {
      const waiting = await inboxOf(call, query.after, world)
      return 'kind' in waiting ? anotherDay : page(waiting)
    },
  }),
  'GET /v1/events': call({
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
    take: (asked) => waitForEvents(asked),
  }),
  'POST /v1/access-requests/:id/proposal': call({
    summary: 'See, as the holder’s officer, what would leave if you released it.',
    description:
      'Nothing leaves by looking; the look is an entry of the log. Send `facts` that you would vouch ' +
      'for with the decision, items to be `takenOut`, and, of several records that fit, the `record` ' +
      'of the person. Then decide by an attestation of `release.decision` that repeats `shown` and ' +
      'what you sent. If anything else would leave when the requester asks again, your decision does ' +
      'not count for it.',
    body: wouldLeaveSchema,
    answers: { 200: ['What would leave, what would stay, and why', wouldLeaveViewSchema] },
    problems: [...ofBody, ...ofEntry, 'may-not-attest', 'not-found'],
    take: async ({ call, id, body, world }) => seenIn(await seeWouldLeave(call, id, body, world)),
  }),
  'POST /v1/access-requests/:id/package': call({
    summary: 'Make the package of an answer that leaves by another way, as the holder’s officer.',
    description:
      'Of a request with `receivedBy`, or one with `deliverBy` of which something leaves: the answer as the ' +
      'requester is told it, with the data, as JSON, or as one page to print for `Accept: text/html`. ' +
      'Making it is an entry of the log. If the record has changed since the decision, it is refused: the ' +
      'request is to be asked anew.',
    answers: { 200: ['The answer, with its data', answerSchema] },
    problems: [...ofEntry, 'not-found', 'record-changed'],
    take: async ({ call, id, c, world }) => packageIn(c, await pack(call, id, world), world),
  }),
  'POST /v1/access-requests/:id/delivery': call({
    summary: 'Say by which way and number an answer left, as the holder’s officer.',
    description: 'It is an entry of the log, and the requester sees it beside the answer.',
    body: deliverySchema,
    answers: { 200: ['The same call again', done], 201: ['It is entered', done] },
    problems: [...ofBody, ...ofEntry, 'not-found'],
    take: ({ call, id, body, world }) => deliver(call, id, body, world),
  }),
  'POST /v1/access-requests/:id/responses': call({
    summary: 'Refuse an open denial with a ground, or ask back, as an office that it names.',
    description:
      'Each once. It is an entry of the log; the requester reads it beside the answer, and is told by an ' +
      'event. It settles nothing: a denial that was refused leaves your inbox until you take the refusal back by ' +
      '`DELETE /v1/attestations/{id}`, after which you may refuse it again, ten times in all; and one that you ask back ' +
      'on stays until the requester asks again.',
    body: responseSchema,
    answers: { 200: ['The same call again', done], 201: ['It is entered', done] },
    problems: [...ofBody, ...ofEntry, 'not-found', 'already-done'],
    take: ({ call, id, body, world }) => respond(call, id, body, world),
  }),
  'GET /v1/disclosures': call({
    summary: 'What left of your own records, to whom, and under which duties of yours.',
    query: disclosuresQuerySchema,
    answers: { 200: ['A page, perhaps an empty one', disclosuresPageSchema] },
    problems: ['invalid-request', 'not-your-role'],
    take: async ({ call, query, world }) =>
      page(await disclosuresAfter(call.agency, query.after, world)),
  }),
  'POST /v1/disclosures/:id/duties': call({
    summary: 'Say that a duty of yours on an answer is done, once.',
    description: 'The id is that of the request. It is an entry of the log.',
    body: dutyDoneSchema,
    answers: { 200: ['The same call again', done], 201: ['It is entered', done] },
    problems: [...ofBody, ...ofEntry, 'not-found', 'already-done'],
    take: ({ call, id, body, world }) => keepDuty(call, id, body, world),
  }),
  'POST /v1/access-requests/:id/review': call({
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
    take: ({ call, id, body, world }) => review(call, id, body.ground, world),
  }),
} satisfies CallRows

async function packageIn(c: Context<{ Variables: Guarded }>, packed: Packed, world: World) {
  if (packed.kind !== 'packed') return packed
  const body = await inCallersLanguages(c, packed.body, world.law)
  if (!c.req.header('accept')?.includes('text/html')) return c.json(body)
  const { packagePage } = await import('../answer/handovers/package-page.ts')
  return c.html(packagePage(body, packed.request, world.gateway))
}

const seenIn = (made: Awaited<ReturnType<typeof seeWouldLeave>>) =>
  made.kind === 'seen' ? page(viewOf(made.wouldLeave)) : made

const anotherDay = {
  kind: 'invalid',
  pointer: '/after',
  detail: 'it is not the `next` of a page that your office was given today; ask without it',
} as const
