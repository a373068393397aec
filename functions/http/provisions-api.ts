/** Routes to give unasked, and to collect what was given. */

import { Hono } from 'hono'
import { collect, provide } from '../answer/handovers/provision.ts'
import { shownProposal } from '../answer/offices/proposal-view.ts'
import { provisionSchema } from '../decision/request.ts'
import type { World } from '../ports.ts'
import { inCallersLanguages } from './accept-language.ts'
import { bodyAs, type Guarded, type Log } from './guard.ts'
import { refused } from './refusal.ts'

type App = Hono<{ Variables: Guarded }>

/** The routes. */
export function provisionsApi(world: World, log: Log): App {
  const app: App = new Hono()
  app.post('/provisions', async (c) => {
    const body = await bodyAs(c, provisionSchema())
    if ('response' in body) return body.response
    const provided = await provide(c.get('call'), body.value, world)
    if (provided.kind === 'proposed') return c.json(shownProposal(provided.proposal))
    if (provided.kind !== 'answered') return refused(c.get('traceId'), provided, log)
    c.set('outcome', provided.body.outcome)
    const said = await inCallersLanguages(c, provided.body, world.law)
    return c.json(said, provided.first ? 201 : 200)
  })
  app.get('/provisions/:id', async (c) => {
    const collected = await collect(c.get('call'), c.req.param('id'), world)
    return collected.kind === 'collected'
      ? c.json(await inCallersLanguages(c, collected.body, world.law))
      : refused(c.get('traceId'), collected, log)
  })
  return app
}
