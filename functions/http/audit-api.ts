/** The audit API, made from its world: for auditors, legal editors, and whoever needs two keys. */

import { Hono } from 'hono'
import { filteredPageSchema, filterSchema } from '../audit/entry-filter.ts'
import { asNdjson, linesAsCsv } from '../audit/line-table.ts'
import { countDecisions, type Listed, listDecisions } from '../audit/list-decisions.ts'
import { factsPageSchema, loggedFactsPage } from '../audit/logged-facts-page.ts'
import { pseudonymOf, pseudonymOfSchema } from '../audit/pseudonyms.ts'
import { lookSchema, proveDecision, seeDecision } from '../audit/see-decision.ts'
import type { AuditWorld } from '../log-ports.ts'
import { type GuardedContext, type Mount, notShown, shown } from './audit-answers.ts'
import { auditOpenApi } from './audit-openapi.ts'
import { failed } from './failure.ts'
import { bodyAs, type Guarded, guard, type Log, queryAs } from './guard.ts'
import { problem } from './problem.ts'
import { trace } from './trace.ts'

/** The API as a value: `app.fetch` answers a Request. `log` takes lines about calls. */
export function auditApi(world: AuditWorld, log: Log, mounts: readonly Mount[] = []) {
  const app = new Hono<{ Variables: Guarded }>()
  app.use(trace(world.random, log))
  app.notFound((c) => problem(c.get('traceId'), 'not-found'))
  app.onError((error, c) => failed(c.get('traceId'), error, world.isStoreAway, log))

  app.get('/audit/openapi.json', (c) => c.json(auditOpenApi(world.origin, mounts)))

  app.use('/v1/*', guard(world, log))

  app.get('/v1/decisions', async (c) => {
    const query = queryAs(c, filteredPageSchema)
    if ('response' in query) return query.response
    const listed = await listDecisions(c.get('call'), query.value, world)
    return listed.kind === 'listed' ? page(c, listed) : notShown(c, listed, log)
  })

  app.get('/v1/decisions/count', async (c) => {
    const query = queryAs(c, filterSchema)
    if ('response' in query) return query.response
    const counted = await countDecisions(c.get('call'), query.value, world)
    if (counted.kind !== 'counted') return notShown(c, counted, log)
    const { consulted, total, outcomes, standings, complete } = counted
    return shown(c, consulted, { total, outcomes, standings, complete })
  })

  app.get('/v1/decisions/:id', async (c) => {
    const query = queryAs(c, lookSchema)
    if ('response' in query) return query.response
    const { purpose } = query.value
    const seen = await seeDecision(c.get('call'), c.req.param('id'), purpose, world)
    return seen.kind === 'seen' ? shown(c, seen.consulted, seen.entry) : notShown(c, seen, log)
  })

  app.get('/v1/decisions/:id/proof', async (c) => {
    const query = queryAs(c, lookSchema)
    if ('response' in query) return query.response
    const { purpose } = query.value
    const proved = await proveDecision(c.get('call'), c.req.param('id'), purpose, world)
    if (proved.kind !== 'proved') return notShown(c, proved, log)
    const { consulted, text } = proved
    return text === undefined
      ? problem(c.get('traceId'), 'not-sealed')
      : shown(c, consulted, text, { 'Content-Type': 'text/plain; charset=utf-8' })
  })

  app.post('/v1/pseudonyms', async (c) => {
    const body = bodyAs(c, pseudonymOfSchema)
    if ('response' in body) return body.response
    const named = await pseudonymOf(c.get('call'), body.value, world)
    if (named.kind !== 'named') return notShown(c, named, log)
    const parameter = 'subject' in body.value ? 'subject' : 'case'
    return shown(c, named.consulted, { [parameter]: named.pseudonyms[0] })
  })

  app.get('/v1/facts', async (c) => {
    const query = queryAs(c, factsPageSchema)
    if ('response' in query) return query.response
    const found = await loggedFactsPage(c.get('call'), query.value, world)
    if (found.kind !== 'page') return notShown(c, found, log)
    const { consulted, facts, next } = found
    return shown(c, consulted, { facts, ...(next === undefined ? {} : { next }) })
  })

  for (const { routes } of mounts) app.route('/', routes(world, log))
  return app
}

/** Whether an address is one of the audit API: for a door that serves both APIs. */
export function isAuditPath(app: ReturnType<typeof auditApi>): (path: string) => boolean {
  const routes = app.routes.filter(({ method }) => method !== 'ALL')
  // `/v1/decisions` of `/v1/decisions/:id`: neither API has one of the other's.
  const served = [...new Set(routes.map(({ path }) => /^(\/[^/:]+){1,2}/.exec(path)?.[0] ?? path))]
  return (path) => served.some((each) => path === each || path.startsWith(`${each}/`))
}

/** A page in the form that was asked for; each form says where the next one is. */
function page(c: GuardedContext, { consulted, entries, next }: Listed): Response {
  const accepted = c.req.header('accept') ?? ''
  const link = next === undefined ? {} : { Link: `<${addressOf(c, next)}>; rel="next"` }
  if (accepted.includes('text/csv')) {
    const type = 'text/csv; charset=utf-8; header=present'
    return shown(c, consulted, linesAsCsv(entries), { 'Content-Type': type, ...link })
  }
  if (accepted.includes('application/x-ndjson'))
    return shown(c, consulted, asNdjson(entries), {
      'Content-Type': 'application/x-ndjson',
      ...link,
    })
  return shown(c, consulted, { entries, ...(next === undefined ? {} : { next }) }, link)
}

/** The address of the next page: the same question from another place. */
function addressOf(c: GuardedContext, cursor: string): string {
  const url = new URL(c.get('call').url)
  url.searchParams.set('cursor', cursor)
  return `${url.pathname}${url.search}`
}
