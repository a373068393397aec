/** The request-access API, made from its world. */

import { type Context, Hono } from 'hono'
import { answer } from '../answer/answer.ts'
import {
  correct,
  correctionSchema,
  erase,
  type Kept,
  keep,
  keptRecordSchema,
} from '../answer/keep.ts'
import { lookUp, prove } from '../answer/look-up.ts'
import { recordId } from '../decision/record.ts'
import { accessRequestSchema } from '../decision/request.ts'
import type { Warning } from '../decision/warnings.ts'
import { entryId } from '../ledger/entry.ts'
import type { World } from '../ports.ts'
import { onTheBeat, type Pause } from './beat.ts'
import { failed, notEntered } from './failure.ts'
import { bodyAs, type Guarded, guard, type Log } from './guard.ts'
import { officersApi } from './officers-api.ts'
import { openApi } from './openapi.ts'
import { policiesApi } from './policies-api.ts'
import { invalid, problem } from './problem.ts'
import { trace } from './trace.ts'

/**
 * The API as a value: `app.fetch` answers a Request. `log` takes lines about calls. A door gives the
 * pause that keeps answers on the beat; without one they leave as they come.
 */
export function accessApi(world: World, log: Log, pause?: Pause) {
  const app = new Hono<{ Variables: Guarded }>()
  if (pause !== undefined) app.use(onTheBeat(pause))
  app.use(trace(world.random, log))
  app.notFound((c) => problem(c.get('traceId'), 'not-found'))
  app.onError((error, c) => failed(c.get('traceId'), error, world.isStoreAway, log))

  app.get('/healthz', (c) => c.json({ status: 'ok', build: world.build }))
  app.get('/.well-known/jwks.json', (c) => c.json(world.secrets.jwks))
  app.get('/openapi.json', (c) => c.json(openApi(world.origin)))
  app.route('/v1', policiesApi(world))

  app.use('/v1/*', guard(world, log))

  app.post('/v1/access-requests', async (c) => {
    const body = bodyAs(c, accessRequestSchema)
    if ('response' in body) return body.response
    const answered = await answer(c.get('call'), body.value, world)
    switch (answered.kind) {
      case 'answered':
        c.set('outcome', answered.body.outcome)
        return c.json(answered.body, answered.first ? 201 : 200)
      case 'record-changed': {
        const { reply: decision, receipt } = answered
        return problem(c.get('traceId'), 'record-changed', { members: { decision, receipt } })
      }
      case 'restricted': {
        const { kind, ...members } = answered
        return problem(c.get('traceId'), kind, { members })
      }
      case 'not-your-role':
        return problem(c.get('traceId'), answered.kind)
      case 'no-such-holder':
        return invalid(c.get('traceId'), '/holder', 'no agency of this id keeps records here')
      case 'served-elsewhere': {
        const { gateway } = answered
        const where = gateway === undefined ? 'the register names no gateway that does' : gateway
        const detail = `this gateway does not serve the records of that state: ${where}`
        return problem(c.get('traceId'), 'served-elsewhere', {
          errors: [{ pointer: '/holder', detail }],
          ...(gateway === undefined ? {} : { members: { gateway } }),
        })
      }
      case 'another-matter':
        return invalid(
          c.get('traceId'),
          '/previous',
          'this does not ask the same again, or not in time: ask without `previous`',
        )
      case 'another-channel':
        return invalid(
          c.get('traceId'),
          '/channel',
          `the key that signed is registered for \`${answered.channel}\`: name that channel, or sign with the key of the other`,
        )
      default:
        return notEntered(c.get('traceId'), answered, log)
    }
  })

  app.get('/v1/access-requests', async (c) => {
    const call = c.get('call')
    const found = await lookUp(call, entryId(call.agency.id, c.req.query('jti') ?? ''), world)
    return found === undefined ? problem(c.get('traceId'), 'not-found') : c.json(found)
  })

  app.get('/v1/access-requests/:id', async (c) => {
    const found = await lookUp(c.get('call'), c.req.param('id'), world)
    return found === undefined ? problem(c.get('traceId'), 'not-found') : c.json(found)
  })

  app.get('/v1/access-requests/:id/proof', async (c) => {
    const found = await lookUp(c.get('call'), c.req.param('id'), world)
    if (found === undefined) return problem(c.get('traceId'), 'not-found')
    const proved = await prove(found.id, world)
    return proved.kind === 'proved'
      ? c.body(proved.text, 200, { 'Content-Type': 'text/plain; charset=utf-8' })
      : problem(c.get('traceId'), 'not-sealed')
  })

  app.route('/v1', officersApi(world, log))

  app.put('/v1/records/:id', async (c) => {
    const body = bodyAs(c, keptRecordSchema)
    if ('response' in body) return body.response
    const id = recordId.safeParse(c.req.param('id'))
    if (!id.success) return problem(c.get('traceId'), 'not-found')
    const { kept, warnings } = await keep(c.get('call'), id.data, body.value, world)
    return done(c, kept, { warnings })
  })
  app.patch('/v1/records/:id', async (c) => {
    const body = bodyAs(c, correctionSchema)
    if ('response' in body) return body.response
    return done(c, await correct(c.get('call'), c.req.param('id'), body.value, world))
  })
  app.delete('/v1/records/:id', async (c) =>
    done(c, await erase(c.get('call'), c.req.param('id'), world)),
  )
  return app

  function done(
    c: Context<{ Variables: Guarded }>,
    result: Kept,
    more: { readonly warnings?: readonly Warning[] } = {},
  ): Response {
    switch (result.kind) {
      case 'done': {
        const { id, receipt, first } = result
        return c.json({ id, receipt, ...more }, first ? 201 : 200)
      }
      case 'not-erased': {
        const { id, receipt } = result
        return problem(c.get('traceId'), 'not-erased', { members: { id, receipt } })
      }
      case 'no-such-record':
        return problem(c.get('traceId'), 'not-found')
      case 'no-such-item':
        return invalid(
          c.get('traceId'),
          `/items/${result.index}/id`,
          'the record has no item of this id',
        )
      case 'repeated-ids':
        return invalid(
          c.get('traceId'),
          '/items',
          'items of the record share an id, so that nobody can tell which is meant; put the whole record, each item with an id of its own',
        )
      case 'not-a-holder':
        return problem(c.get('traceId'), result.kind)
      default:
        return notEntered(c.get('traceId'), result, log)
    }
  }
}
