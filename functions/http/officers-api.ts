/** What officers do on denials and attestations: see, decide, vouch, sign, object, take back. */

import { type Context, Hono } from 'hono'
import * as z from 'zod'
import {
  type AttestationDone,
  addPerson,
  attest,
  countersign,
  object,
  withdraw,
} from '../answer/attest.ts'
import { endingSoon } from '../answer/ending.ts'
import { inboxOf } from '../answer/inbox.ts'
import { shownProposal } from '../answer/proposal-view.ts'
import { proposalSchema, propose } from '../answer/propose.ts'
import { type Reviewed, review } from '../answer/review.ts'
import { attestationSchema, scopeSchema } from '../decision/attestation.ts'
import { freeText } from '../decision/free-text.ts'
import { entryIdSchema } from '../decision/request.ts'
import type { World } from '../ports.ts'
import { notEntered } from './failure.ts'
import { bodyAs, type Guarded, type Log, queryAs } from './guard.ts'
import { invalid, problem } from './problem.ts'

/** The body of an objection: how far it reaches; without a scope, as far as the attestation. */
export const objectionSchema = z.strictObject({
  scope: scopeSchema.optional(),
  ground: freeText(600).min(8).describe('Why. Shown to the holder’s side alone.'),
})
/** The body that adds a person: a request of the case in which they were asked for. */
export const personSchema = z.strictObject({ request: entryIdSchema })
/** The body that puts a denial before a person, or answers it. */
export const reviewSchema = z.strictObject({
  ground: freeText(2000).min(8).describe('Why. Shown to the holder’s side alone.'),
})
/** Where a page of an inbox begins. */
export const afterSchema = z.strictObject({
  after: z.string().max(300).optional().describe('`next` of the page before.'),
})

type App = Hono<{ Variables: Guarded }>

/** The routes of officers, behind the guard. */
export function officersApi(world: World, log: Log): App {
  const app: App = new Hono()

  app.get('/inbox', async (c) => {
    const query = queryAs(c, afterSchema)
    if ('response' in query) return query.response
    const page = await inboxOf(c.get('call').agency, query.value.after, world)
    if (!('kind' in page)) return c.json(page)
    return invalid(
      c.get('traceId'),
      '/after',
      'it is not the `next` of a page that your office was given today; ask without it',
    )
  })

  app.post('/access-requests/:id/proposal', async (c) => {
    const body = bodyAs(c, proposalSchema)
    if ('response' in body) return body.response
    const proposed = await propose(c.get('call'), c.req.param('id'), body.value, world)
    switch (proposed.kind) {
      case 'proposed':
        return c.json(shownProposal(proposed.proposal))
      case 'no-such-request':
        return problem(c.get('traceId'), 'not-found')
      case 'may-not-attest':
        return problem(c.get('traceId'), proposed.kind)
      default:
        return notEntered(c.get('traceId'), proposed, log)
    }
  })
  app.post('/access-requests/:id/review', async (c) => {
    const body = bodyAs(c, reviewSchema)
    if ('response' in body) return body.response
    const reviewed = await review(c.get('call'), c.req.param('id'), body.value.ground, world)
    return done(c, reviewed)
  })

  app.post('/attestations', async (c) => {
    const body = bodyAs(c, attestationSchema)
    if ('response' in body) return body.response
    return done(c, await attest(c.get('call'), body.value, world))
  })
  app.get('/attestations', async (c) =>
    c.json({ ending: await endingSoon(c.get('call').agency, world) }),
  )
  app.delete('/attestations/:id', async (c) =>
    done(c, await withdraw(c.get('call'), c.req.param('id'), world)),
  )
  app.post('/attestations/:id/signatures', async (c) =>
    done(c, await countersign(c.get('call'), c.req.param('id'), world)),
  )
  app.post('/attestations/:id/persons', async (c) => {
    const body = bodyAs(c, personSchema)
    if ('response' in body) return body.response
    return done(c, await addPerson(c.get('call'), c.req.param('id'), body.value.request, world))
  })
  app.post('/attestations/:id/objections', async (c) => {
    const body = bodyAs(c, objectionSchema)
    if ('response' in body) return body.response
    return done(c, await object(c.get('call'), c.req.param('id'), body.value, world))
  })
  return app

  function done(c: Context<{ Variables: Guarded }>, result: AttestationDone | Reviewed): Response {
    const traceId = c.get('traceId')
    switch (result.kind) {
      case 'done': {
        const { id, receipt, first } = result
        return c.json({ id, receipt }, first ? 201 : 200)
      }
      case 'no-such-attestation':
      case 'no-such-request':
        return problem(traceId, 'not-found')
      case 'may-not-attest':
      case 'already-reviewed':
        return problem(traceId, result.kind)
      case 'no-such-matter':
        return invalid(traceId, result.pointer, 'no request of this holder and case has this id')
      case 'no-such-office':
        return invalid(
          traceId,
          '/decidedBy',
          'no office of this id may decide this; name the office that did, by its id in the register',
        )
      case 'document-needed':
        return invalid(
          traceId,
          '/documentDigest',
          'the decision of another office needs the digest of its document',
        )
      case 'release-too-long':
        return invalid(
          traceId,
          '/until',
          `a decision to release stands for ${result.hours} hours at most`,
        )
      case 'too-far-ahead':
        return invalid(
          traceId,
          '/from',
          `what is said of a country begins within ${result.days} days`,
        )
      default:
        return notEntered(traceId, result, log)
    }
  }
}
