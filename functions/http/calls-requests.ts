/** Calls about what was answered, and to give unasked. */

import type { Context } from 'hono'
import * as z from 'zod'
import type { SignedCall } from '../answer/entries/signed-call.ts'
import { collect, provide } from '../answer/handovers/provision.ts'
import { lookUp, prove, standingReplySchema } from '../answer/look-up.ts'
import { viewOf, wouldLeaveViewSchema } from '../answer/offices/would-leave-view.ts'
import { answerSchema } from '../answer/reply/reply-schema.ts'
import { provisionSchema } from '../decision/request.ts'
import { entryId } from '../ledger/entry.ts'
import type { World } from '../ports.ts'
import { inCallersLanguages } from './accept-language.ts'
import { type CallRows, call } from './calls.ts'
import type { Guarded } from './guard.ts'
import { ofBody, ofEntry } from './openapi-document.ts'

type C = Context<{ Variables: Guarded }>
const notFound = { kind: 'not-found' } as const

/** The rows. */
export const callsOnRequests = {
  'GET /v1/access-requests': call({
    summary: 'Find a decision of your own by its jti.',
    query: z.strictObject({ jti: z.string() }),
    answers: { 200: ['The decision, without data', standingReplySchema] },
    problems: ['invalid-request', 'not-found'],
    take: async ({ call, query, c, world }) =>
      standing(c, await lookUp(call, entryId(call.agency.id, query.jti), world), world),
  }),
  'GET /v1/access-requests/:id': call({
    summary: 'Look at a decision of your own.',
    answers: { 200: ['The decision, without data', standingReplySchema] },
    problems: ['not-found'],
    take: async ({ call, id, c, world }) => standing(c, await lookUp(call, id, world), world),
  }),
  'GET /v1/access-requests/:id/proof': call({
    summary: 'The proof that an entry is in the log, once it is sealed (C2SP tlog-proof).',
    file: ['The proof', 'text/plain; charset=utf-8'],
    problems: ['not-found', 'not-sealed'],
    take: ({ call, id, c, world }) => proofOf(c, call, id, world),
  }),
  'POST /v1/provisions': call({
    summary: 'Provide data of your own unasked, as an officer of the holder.',
    description:
      'It is judged by your law as if `to` had asked: what only a requester could say is unknown, and a ' +
      'policy that speaks of requests alone permits nothing. Without `shown`, the answer is what would leave, ' +
      'as for a proposal, and the look is an entry. With the `shown` that it gave, the entry is ' +
      'made, `to` is told by an event, and nothing else leaves than you were shown. If you may release, your ' +
      'call is the decision that the law reserves to a person; else an open denial says what is missing.',
    body: provisionSchema(),
    answers: {
      200: [
        'What would leave; or the same call again: the same decision',
        z.union([answerSchema, wouldLeaveViewSchema]),
      ],
      201: ['The decision, without data', answerSchema],
    },
    problems: [
      ...ofBody,
      ...ofEntry,
      'not-your-role',
      'served-elsewhere',
      'record-changed',
      'not-as-shown',
    ],
    take: async ({ call, body, c, world }) =>
      answeredIn(c, await provide(call, body, world), world),
  }),
  'GET /v1/provisions/:id': call({
    summary: 'Collect what was provided to your agency.',
    description:
      'As often as needed for 14 days. Each call is an entry of the log before anything leaves. If something ' +
      'else would leave by now, nothing leaves. Sign with the key of the channel that the provision names.',
    answers: { 200: ['The decision, with its data and your duties', answerSchema] },
    problems: [...ofEntry, 'invalid-request', 'not-found', 'record-changed', 'too-late'],
    take: async ({ call, id, c, world }) => answeredIn(c, await collect(call, id, world), world),
  }),
} satisfies CallRows

async function standing(c: C, found: Awaited<ReturnType<typeof lookUp>>, world: World) {
  return found === undefined ? notFound : c.json(await inCallersLanguages(c, found, world.law))
}

async function proofOf(c: C, asked: SignedCall, id: string, world: World) {
  const found = await lookUp(asked, id, world)
  if (found === undefined) return notFound
  const proved = await prove(found.id, world)
  return proved.kind === 'proved'
    ? c.body(proved.text, 200, { 'Content-Type': 'text/plain; charset=utf-8' })
    : ({ kind: 'not-sealed' } as const)
}

async function answeredIn(
  c: C,
  given: Awaited<ReturnType<typeof provide | typeof collect>>,
  world: World,
) {
  if (given.kind === 'seen') return c.json(viewOf(given.wouldLeave))
  if (given.kind !== 'answered' && given.kind !== 'collected') return given
  const isFirst = given.kind === 'answered' && given.first
  if (given.kind === 'answered') c.set('outcome', given.body.outcome)
  return c.json(await inCallersLanguages(c, given.body, world.law), isFirst ? 201 : 200)
}
