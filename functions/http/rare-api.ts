/** Every call but to ask: an instance reads it once one of them comes. `access-api.ts` says which they are. */

import { type Context, Hono } from 'hono'
import type { World } from '../ports.ts'
import { answersApi } from './answers-api.ts'
import { eventsApi } from './events-api.ts'
import { filesApi } from './files-api.ts'
import type { Guarded, Log } from './guard.ts'
import { landingPage } from './landing.ts'
import { officersApi } from './officers-api.ts'
import { policiesApi } from './policies-api.ts'
import { provisionsApi } from './provisions-api.ts'
import { questionsApi } from './questions-api.ts'
import { recordsApi } from './records-api.ts'

/** The call as it came, behind the guard. */
type Outer = Context<{ Variables: Guarded }>
type App = Hono<{ Bindings: Outer; Variables: Guarded }>

/** Answers a call behind the guard. */
export function rareApi(
  world: World,
  log: Log,
  waitMs?: number,
): (c: Outer) => Response | Promise<Response> {
  const { fetch } = rareApp(world, log, waitMs)
  return (c) => fetch(c.req.raw, c)
}

/** The routes. Each call comes with the context that it has outside. */
export function rareApp(world: World, log: Log, waitMs?: number): App {
  const app: App = new Hono()
  // What goes wrong is the outer API's to answer.
  app.onError((error) => {
    throw error
  })
  app.use(async (c, next) => {
    const outer = c.env
    c.set('traceId', outer.get('traceId'))
    c.set('call', outer.get('call'))
    await next()
    // For the line of the call.
    const outcome = c.get('outcome')
    if (outcome !== undefined) outer.set('outcome', outcome)
  })
  app.get('/', (c) => c.html(landingPage(world.gateway)))
  app.route('/v1', policiesApi(world))
  for (const part of [
    answersApi(world),
    provisionsApi(world, log),
    officersApi(world, log),
    eventsApi(world, log, waitMs),
    recordsApi(world, log),
    filesApi(world, log),
    questionsApi(world, log),
  ])
    app.route('/v1', part)
  return app
}
