/** The request-access API, made from its world. */

import type { Context } from 'hono'
// With a router that builds nothing before the first call.
import { Hono } from 'hono/tiny'
import { answer } from '../answer/answer.ts'
import { accessRequestSchema } from '../decision/request.ts'
import type { World } from '../ports.ts'
import { inCallersLanguages } from './accept-language.ts'
import { bodyAs, type Guarded, guard, type Log } from './guard.ts'
import { problem } from './problem.ts'
import type { rareApi } from './rare-api.ts'
import { failed, refused } from './refusal.ts'
import { onTheBeat, type Pause, trace } from './trace.ts'

type App = Hono<{ Variables: Guarded }>

/**
 * Calls that are read once one of them comes, and what they answer with: most instances are asked for data
 * alone, and a start would wait for all the rest. `rare-api.ts` has them; a test holds the two alike.
 */
export const later = {
  open: ['GET /', 'GET /v1/policies', 'GET /v1/policies/:folder/:name', 'GET /v1/vocabulary'],
  signed: [
    'GET /v1/access-requests',
    'GET /v1/access-requests/:id',
    'GET /v1/access-requests/:id/proof',
    'POST /v1/provisions',
    'GET /v1/provisions/:id',
    'GET /v1/inbox',
    'POST /v1/access-requests/:id/proposal',
    'POST /v1/access-requests/:id/package',
    'POST /v1/access-requests/:id/delivery',
    'POST /v1/access-requests/:id/review',
    'POST /v1/access-requests/:id/responses',
    'POST /v1/disclosures/:id/duties',
    'POST /v1/attestations',
    'GET /v1/attestations',
    'DELETE /v1/attestations/:id',
    'POST /v1/attestations/:id/signatures',
    'POST /v1/attestations/:id/persons',
    'POST /v1/attestations/:id/objections',
    'GET /v1/events',
    'GET /v1/disclosures',
    'GET /v1/corrections/:id',
    'GET /v1/recalls/:id',
    'PUT /v1/records/:id',
    'PATCH /v1/records/:id',
    'DELETE /v1/records/:id',
    'POST /v1/corrections',
    'POST /v1/recalls',
    'POST /v1/recalls/:id/signatures',
    'POST /v1/notices/:id/done',
    'PUT /v1/records/:id/files/:item',
    'GET /v1/access-requests/:id/files/:item',
    'GET /v1/questions',
    'POST /v1/questions/:id',
  ],
} as const

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

  let inner: ReturnType<typeof rareApi> | undefined
  const takeLater = async (c: Context<{ Variables: Guarded }>): Promise<Response> => {
    // Kept is what was made of it: what could not be read is read again with the next call.
    const read = await import('./rare-api.ts')
    inner ??= read.rareApi(world, log, waitMs)
    return inner(c)
  }
  const addLater = (routes: readonly string[]) => {
    for (const each of routes) {
      const [method = '', path = ''] = each.split(' ')
      app.on(method, path, takeLater)
    }
  }

  addLater(later.open)
  app.get('/healthz', (c) => c.json({ status: 'ok', build: world.build }))
  app.get('/.well-known/jwks.json', (c) => c.json(world.secrets.jwks))
  app.get('/openapi.json', async (c) => {
    // Read once somebody asks: no other call needs what describes the API, and a start would wait for it.
    const { openApi } = await import('./openapi.ts')
    return c.json(openApi(world.origin))
  })

  app.use('/v1/*', guard(world, log))
  app.post('/v1/access-requests', async (c) => {
    const body = await bodyAs(c, accessRequestSchema)
    if ('response' in body) return body.response
    const answered = await answer(c.get('call'), body.value, world)
    if (answered.kind !== 'answered') return refused(c.get('traceId'), answered, log)
    c.set('outcome', answered.body.outcome)
    const said = await inCallersLanguages(c, answered.body, world.law)
    return c.json(said, answered.first ? 201 : 200)
  })
  addLater(later.signed)
  return app
}
