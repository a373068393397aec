/** The request-access API, made from its world. */

import { type Context, Hono } from 'hono'
import type * as z from 'zod'
import { answer } from '../answer/answer.ts'
import { addPerson, attest, countersign, object, withdraw } from '../answer/attest.ts'
import { deliver, pack } from '../answer/deliver.ts'
import { dutyDoneSchema, keepDuty } from '../answer/disclosures.ts'
import { endingSoon } from '../answer/ending.ts'
import { inboxOf } from '../answer/inbox.ts'
import { correct, correctionSchema, erase, keep, keptRecordSchema } from '../answer/keep.ts'
import { lookUp, prove } from '../answer/look-up.ts'
import { packagePage } from '../answer/package-page.ts'
import { shownProposal } from '../answer/proposal-view.ts'
import { proposalSchema, propose } from '../answer/propose.ts'
import { answerQuestion, waitingQuestions } from '../answer/questions.ts'
import { recall, recallSchema, signRecall } from '../answer/recall.ts'
import { respond, responseSchema } from '../answer/respond.ts'
import { review } from '../answer/review.ts'
import type { SignedCall } from '../answer/signed-call.ts'
import { answerNotice, changeSchema, didSchema, sayChanged } from '../answer/told.ts'
import { attestationSchema } from '../decision/attestation.ts'
import { systemAnswerSchema } from '../decision/question.ts'
import { recordId } from '../decision/record.ts'
import { accessRequestSchema, deliverySchema } from '../decision/request.ts'
import { entryId } from '../ledger/entry.ts'
import type { World } from '../ports.ts'
import { inCallersLanguages } from './accept-language.ts'
import { afterSchema, objectionSchema, personSchema, reviewSchema, waitSchema } from './bodies.ts'
import { eventsApi } from './events-api.ts'
import { filesApi } from './files-api.ts'
import { bodyAs, type Guarded, guard, type Log, queryAs } from './guard.ts'
import { landingPage } from './landing.ts'
import { policiesApi } from './policies-api.ts'
import { invalid, problem } from './problem.ts'
import { provisionsApi } from './provisions-api.ts'
import { failed, type Refused, refused } from './refusal.ts'
import { onTheBeat, type Pause, trace } from './trace.ts'

type App = Hono<{ Variables: Guarded }>

/**
 * The API as a value: `app.fetch` answers a Request. `log` takes lines about calls. `pause` keeps answers on
 * the beat; without it they leave at once. `waitMs` bounds how long a call may wait for an event.
 */
export function accessApi(world: World, log: Log, pause?: Pause, waitMs?: number): App {
  const app: App = new Hono()
  if (pause !== undefined) app.use(onTheBeat(pause))
  app.use(trace(world.random, log))
  app.notFound((c) => problem(c.get('traceId'), 'not-found'))
  app.onError((error, c) => failed(c.get('traceId'), error, world.isStoreAway, log))

  app.get('/', (c) => c.html(landingPage(world.gateway)))
  app.get('/healthz', (c) => c.json({ status: 'ok', build: world.build }))
  app.get('/.well-known/jwks.json', (c) => c.json(world.secrets.jwks))
  app.get('/openapi.json', async (c) => {
    // Read once somebody asks: no other call needs what describes the API, and a start would wait for it.
    const { openApi } = await import('./openapi.ts')
    return c.json(openApi(world.origin))
  })
  app.route('/v1', policiesApi(world))

  app.use('/v1/*', guard(world, log))
  app.route('/v1', requestsApi(world, log))
  app.route('/v1', provisionsApi(world, log))
  app.route('/v1', officersApi(world, log))
  app.route('/v1', eventsApi(world, log, waitMs))
  app.route('/v1', recordsApi(world, log))
  app.route('/v1', filesApi(world, log))
  app.route('/v1', questionsApi(world, log))
  return app
}

/** Routes to ask, and to look at what was answered. */
function requestsApi(world: World, log: Log): App {
  const app: App = new Hono()
  app.post('/access-requests', async (c) => {
    const body = bodyAs(c, accessRequestSchema)
    if ('response' in body) return body.response
    const answered = await answer(c.get('call'), body.value, world)
    if (answered.kind !== 'answered') return refused(c.get('traceId'), answered, log)
    c.set('outcome', answered.body.outcome)
    const said = await inCallersLanguages(c, answered.body, world.law)
    return c.json(said, answered.first ? 201 : 200)
  })
  app.get('/access-requests', async (c) => {
    const call = c.get('call')
    const found = await lookUp(call, entryId(call.agency.id, c.req.query('jti') ?? ''), world)
    if (found === undefined) return problem(c.get('traceId'), 'not-found')
    return c.json(await inCallersLanguages(c, found, world.law))
  })
  app.get('/access-requests/:id', async (c) => {
    const found = await lookUp(c.get('call'), c.req.param('id'), world)
    if (found === undefined) return problem(c.get('traceId'), 'not-found')
    return c.json(await inCallersLanguages(c, found, world.law))
  })
  app.get('/access-requests/:id/proof', async (c) => {
    const found = await lookUp(c.get('call'), c.req.param('id'), world)
    if (found === undefined) return problem(c.get('traceId'), 'not-found')
    const proved = await prove(found.id, world)
    return proved.kind === 'proved'
      ? c.body(proved.text, 200, { 'Content-Type': 'text/plain; charset=utf-8' })
      : problem(c.get('traceId'), 'not-sealed')
  })
  return app
}

/** Routes for officers' acts on denials and attestations: see, decide, vouch, sign, object, take back. */
function officersApi(world: World, log: Log): App {
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
    const body = bodyAs(c, proposalSchema)
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
  app.get('/attestations', async (c) =>
    c.json({ ending: await endingSoon(c.get('call').agency, world) }),
  )
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

/** Routes for the records of holders that have no system of their own. */
function recordsApi(world: World, log: Log): App {
  const app: App = new Hono()
  const { act, actOn } = acting(log)
  app.put(
    '/records/:id',
    actOn(keptRecordSchema, async (call, body, given) => {
      const id = recordId.safeParse(given)
      if (!id.success) return { kind: 'no-such-record' }
      const { kept, warnings } = await keep(call, id.data, body, world)
      return kept.kind === 'done' ? { ...kept, warnings } : kept
    }),
  )
  app.patch(
    '/records/:id',
    actOn(correctionSchema, (call, body, id) => correct(call, id, body, world)),
  )
  app.delete(
    '/records/:id',
    act((call, id) => erase(call, id, world)),
  )
  app.post(
    '/corrections',
    actOn(changeSchema, (call, body) => sayChanged(call, body, world)),
  )
  app.post(
    '/recalls',
    actOn(recallSchema, (call, body) => recall(call, body, world)),
  )
  app.post(
    '/recalls/:id/signatures',
    act((call, id) => signRecall(call, id, world)),
  )
  app.post(
    '/notices/:id/done',
    actOn(didSchema, (call, body, id) => answerNotice(call, id, body, world)),
  )
  return app
}

/** Routes for holders' own systems. */
function questionsApi(world: World, log: Log): App {
  const app: App = new Hono()
  app.get('/questions', async (c) => {
    const query = queryAs(c, waitSchema)
    if ('response' in query) return query.response
    const { kind, ...waiting } = await waitingQuestions(c.get('call'), query.value.wait, world)
    return kind === 'waiting' ? c.json(waiting) : refused(c.get('traceId'), { kind }, log)
  })
  app.post('/questions/:id', async (c) => {
    const body = bodyAs(c, systemAnswerSchema)
    if ('response' in body) return body.response
    const taken = await answerQuestion(c.get('call'), c.req.param('id'), body.value, world)
    if (taken.kind !== 'taken') return refused(c.get('traceId'), taken, log)
    return c.json({ id: taken.id }, taken.first ? 201 : 200)
  })
  return app
}

/** The result of an act, and what the answer says besides its entry. */
type Done =
  | {
      readonly kind: 'done'
      readonly first: boolean
      readonly id: string
      readonly receipt: string
      readonly warnings?: readonly unknown[]
      readonly says?: string
    }
  | Refused

type Handled = (c: Context<{ Variables: Guarded }>) => Promise<Response>

/** Handlers for acts: `act` without a body, `actOn` with one. `id` comes from the path. */
function acting(log: Log) {
  const done = (c: Context<{ Variables: Guarded }>, result: Done): Response => {
    if (result.kind !== 'done') return refused(c.get('traceId'), result, log)
    const { id, receipt, first, warnings, says } = result
    const answer = { id, receipt, ...(warnings && { warnings }), ...(says && { says }) }
    return c.json(answer, first ? 201 : 200)
  }
  const idIn = (c: Context) => c.req.param('id') ?? ''
  return {
    act:
      (take: (call: SignedCall, id: string) => Promise<Done>): Handled =>
      async (c) =>
        done(c, await take(c.get('call'), idIn(c))),

    actOn:
      <T>(
        schema: z.ZodType<T>,
        take: (call: SignedCall, body: T, id: string) => Promise<Done>,
      ): Handled =>
      async (c) => {
        const body = bodyAs(c, schema)
        if ('response' in body) return body.response
        return done(c, await take(c.get('call'), body.value, idIn(c)))
      },
  }
}
