/** The request-access API, made from its world. */

import type { Context } from 'hono'
// With a router that builds nothing before the first call.
import { Hono } from 'hono/tiny'
import { answer } from '../answer/answer.ts'
import { accessRequestSchema } from '../decision/request.ts'
import type { World } from '../ports.ts'
import { inCallersLanguages } from './accept-language.ts'
import { document } from './document.ts'
import { bodyAs, type Guarded, guard, type Log } from './guard.ts'
import { problem } from './problem.ts'
import { failed, refused } from './refusal.ts'
import { type CallName, type DoorCall, openCalls, type RareCall, signedCalls } from './routes.ts'
import { onTheBeat, type Pause, trace } from './trace.ts'

type App = Hono<{ Variables: Guarded }>
type Handler = (c: Context<{ Variables: Guarded }>) => Response | Promise<Response>

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

  const ofDoor: Readonly<Record<DoorCall, Handler>> = {
    'GET /healthz': (c) => c.json({ status: 'ok', build: world.build }),
    'GET /.well-known/jwks.json': (c) => c.json(world.secrets.jwks),
    'GET /openapi.json': document(async () => {
      // Read once somebody asks: no other call needs what describes the API, and a start would wait for it.
      const { openApi } = await import('./openapi.ts')
      return openApi(world.origin)
    }),
    'POST /v1/access-requests': async (c) => {
      const body = await bodyAs(c, accessRequestSchema)
      if ('response' in body) return body.response
      const answered = await answer(c.get('call'), body.value, world)
      if (answered.kind !== 'answered') return refused(c.get('traceId'), answered, log)
      c.set('outcome', answered.body.outcome)
      const said = await inCallersLanguages(c, answered.body, world.law)
      return c.json(said, answered.first ? 201 : 200)
    },
  }
  const isOfDoor = (call: CallName): call is DoorCall => Object.hasOwn(ofDoor, call)
  // Most instances are asked for data alone, and a start would wait for all the rest: its table is read with the
  // first of its calls. What could not be read is read again with the next.
  const later =
    (call: RareCall): Handler =>
    async (c) => {
      const { takeRare } = await import('./rare-api.ts')
      return takeRare(call, c, world, log, waitMs)
    }
  const add = (calls: readonly CallName[]) => {
    for (const call of calls) {
      const [method = '', path = ''] = call.split(' ')
      app.on(method, path, isOfDoor(call) ? ofDoor[call] : later(call))
    }
  }

  app.get('/', async (c) => {
    const { landingPage } = await import('./landing.ts')
    return c.html(landingPage(world.gateway))
  })
  add(openCalls)
  app.use('/v1/*', guard(world, log))
  add(signedCalls)
  return app
}
