/** Routes for officers' acts on denials and attestations. */

import { Hono } from 'hono'
import { deliver, pack } from '../answer/handovers/delivery.ts'
import { packagePage } from '../answer/handovers/package-page.ts'
import { dutyDoneSchema, keepDuty } from '../answer/messages/disclosures.ts'
import { addPerson, attest, countersign, object } from '../answer/offices/attestation.ts'
import { decisionsStanding, endingSoon } from '../answer/offices/expiry.ts'
import { inboxOf } from '../answer/offices/inbox.ts'
import { proposalSchema, propose } from '../answer/offices/proposal.ts'
import { shownProposal } from '../answer/offices/proposal-view.ts'
import { respond, responseSchema } from '../answer/offices/response.ts'
import { review } from '../answer/offices/review.ts'
import { withdraw } from '../answer/offices/withdrawal.ts'
import { attestationSchema } from '../decision/attestation-sent.ts'
import { deliverySchema } from '../decision/request.ts'
import type { World } from '../ports.ts'
import { inCallersLanguages } from './accept-language.ts'
import { acting } from './acts.ts'
import { afterSchema, objectionSchema, personSchema, reviewSchema } from './bodies.ts'
import { bodyAs, type Guarded, type Log, queryAs } from './guard.ts'
import { invalid } from './problem.ts'
import { refused } from './refusal.ts'

type App = Hono<{ Variables: Guarded }>

/** Routes for officers' acts on denials and attestations: see, decide, vouch, sign, object, take back. */
export function officersApi(world: World, log: Log): App {
  const app: App = new Hono()
  const { act, actOn } = acting(log)
  app.get('/inbox', async (c) => {
    const query = queryAs(c, afterSchema)
    if ('response' in query) return query.response
    const page = await inboxOf(c.get('call'), query.value.after, world)
    if (!('kind' in page)) return c.json(page)
    return invalid(
      c.get('traceId'),
      '/after',
      'it is not the `next` of a page that your office was given today; ask without it',
    )
  })
  app.post('/access-requests/:id/proposal', async (c) => {
    const body = await bodyAs(c, proposalSchema)
    if ('response' in body) return body.response
    const proposed = await propose(c.get('call'), c.req.param('id'), body.value, world)
    return proposed.kind === 'proposed'
      ? c.json(shownProposal(proposed.proposal))
      : refused(c.get('traceId'), proposed, log)
  })
  app.post('/access-requests/:id/package', async (c) => {
    const packed = await pack(c.get('call'), c.req.param('id'), world)
    if (packed.kind !== 'packed') return refused(c.get('traceId'), packed, log)
    const body = await inCallersLanguages(c, packed.body, world.law)
    return c.req.header('accept')?.includes('text/html')
      ? c.html(packagePage(body, packed.request, world.gateway))
      : c.json(body)
  })
  app.post(
    '/access-requests/:id/delivery',
    actOn(deliverySchema, (call, body, id) => deliver(call, id, body, world)),
  )
  app.post(
    '/access-requests/:id/review',
    actOn(reviewSchema, (call, { ground }, id) => review(call, id, ground, world)),
  )
  app.post(
    '/access-requests/:id/responses',
    actOn(responseSchema, (call, body, id) => respond(call, id, body, world)),
  )
  app.post(
    '/disclosures/:id/duties',
    actOn(dutyDoneSchema, (call, body, id) => keepDuty(call, id, body, world)),
  )
  app.post(
    '/attestations',
    actOn(attestationSchema, (call, body) => attest(call, body, world)),
  )
  app.get('/attestations', async (c) => {
    const { agency } = c.get('call')
    const ending = await endingSoon(agency, world)
    return c.json({ ending, ...(await decisionsStanding(agency, world)) })
  })
  app.delete(
    '/attestations/:id',
    act((call, id) => withdraw(call, id, world)),
  )
  app.post(
    '/attestations/:id/signatures',
    act((call, id) => countersign(call, id, world)),
  )
  app.post(
    '/attestations/:id/persons',
    actOn(personSchema, (call, { request }, id) => addPerson(call, id, request, world)),
  )
  app.post(
    '/attestations/:id/objections',
    actOn(objectionSchema, (call, body, id) => object(call, id, body, world)),
  )
  return app
}
