/** Routes to look at what was answered. */

import { Hono } from 'hono'
import { lookUp, prove } from '../answer/look-up.ts'
import { entryId } from '../ledger/entry.ts'
import type { World } from '../ports.ts'
import { inCallersLanguages } from './accept-language.ts'
import type { Guarded } from './guard.ts'
import { problem } from './problem.ts'

type App = Hono<{ Variables: Guarded }>

/** The routes. */
export function answersApi(world: World): App {
  const app: App = new Hono()
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
