/** The audit API, made from its world: for auditors, legal editors, and acts that need two offices. */

import { type Context, Hono } from 'hono'
import * as z from 'zod'
import type { SubjectWorld } from '../audit/act-on-subject.ts'
import { type Look, openLook, type Shown } from '../audit/look.ts'
import { looks } from '../audit/looks.ts'
import type { AuditWorld } from '../log-ports.ts'
import { document } from './document.ts'
import { bodyAs, type Guarded, guard, type Log, queryAs } from './guard.ts'
import { logFileOperations, logFiles } from './log-api.ts'
import { documentOf, type Operation, type Operations, ofBody } from './openapi-document.ts'
import { problem } from './problem.ts'
import { failed, refused } from './refusal.ts'
import { actOnSubjects, subjectActOperations } from './subjects-api.ts'
import { trace } from './trace.ts'

/** The ports that only acts on a person need. */
export type ActPorts = Pick<SubjectWorld, 'seal' | 'earlierKeys' | 'remains'>

/**
 * The API as a value: `app.fetch` answers a Request. `log` takes lines about calls. Without `acts`, nobody can
 * act on a person.
 */
export function auditApi(world: AuditWorld, log: Log, acts?: ActPorts) {
  const app = new Hono<{ Variables: Guarded }>()
  app.use(trace(world.random, log))
  app.notFound((c) => problem(c.get('traceId'), 'not-found'))
  app.onError((error, c) => failed(c.get('traceId'), error, world.isStoreAway, log))

  app.get(
    '/audit/openapi.json',
    document(() => auditOpenApi(world.origin)),
  )
  app.route('/', logFiles(world))

  app.use('/v1/*', guard(world, log))
  for (const look of Object.values<Look>(looks))
    app.on(look.method, look.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (c) => {
      const traceId = c.get('traceId')
      const asked = await (look.method === 'GET' ? queryAs : bodyAs)(c, look.question)
      if ('response' in asked) return asked.response
      const inPath = (look.inPath ?? z.object({})).safeParse(c.req.param())
      if (!inPath.success) return problem(traceId, 'not-found')
      const shown = await openLook(
        look,
        c.get('call'),
        { ...asked.value, ...Object(inPath.data) },
        world,
      )
      return shown.kind === 'shown' ? answered(c, look, shown) : refused(traceId, shown, log)
    })
  if (acts !== undefined) app.route('/', actOnSubjects({ ...world, ...acts }, log))
  return app
}

/** The OpenAPI document for a gateway at `origin`. */
export const auditOpenApi = (origin: string): Readonly<Record<string, unknown>> => {
  const byPath = Map.groupBy(Object.values<Look>(looks), ({ path }) => path)
  const paths: Operations = Object.fromEntries(
    [...byPath].map(([path, all]) => [
      path,
      Object.fromEntries(all.map((look) => [look.method.toLowerCase(), operationOf(look)])),
    ]),
  )
  const own: Operations = {
    '/audit/openapi.json': {
      get: {
        summary: 'This document.',
        answers: { 200: ['OpenAPI 3.1', z.looseObject({})] },
        open: true,
      },
    },
  }
  const operations = { ...paths, ...subjectActOperations, ...logFileOperations, ...own }
  return documentOf('Comity: the audit API', operations, origin)
}

/** How the document describes a look. */
const operationOf = ({ summary, inPath, ...look }: Look): Operation => ({
  summary,
  ...(inPath && { path: inPath }),
  ...(look.method === 'GET' ? { query: look.question } : { body: look.question }),
  ...(look.media === undefined
    ? { answers: { 200: look.answer } }
    : { file: [look.answer[0], look.media] }),
  ...(look.forms && { forms: look.forms }),
  problems: [...(look.method === 'POST' ? ofBody : []), 'invalid-request', ...look.problems],
})

/** Tells whether a path belongs to the audit API, for a door that serves both APIs. */
export function isAuditPath(app: ReturnType<typeof auditApi>): (path: string) => boolean {
  const routes = app.routes.filter(({ method }) => method !== 'ALL')
  // The first two segments, such as `/v1/decisions` of `/v1/decisions/:id`: the two APIs share none.
  const served = [...new Set(routes.map(({ path }) => /^(\/[^/:]+){1,2}/.exec(path)?.[0] ?? path))]
  return (path) => served.some((each) => path === each || path.startsWith(`${each}/`))
}

/** Answers a look in the form that was asked for. INVARIANT (no look unseen): only what is `Shown` leaves. */
function answered(c: Context<{ Variables: Guarded }>, look: Look, { answer }: Shown): Response {
  const { media, forms = [] } = look
  const accepted = c.req.header('accept') ?? ''
  const form = forms.find((each) => accepted.includes(each.split(';')[0] ?? each))
  // A cast: only pages have other `forms`, and a page may have `next`.
  const { next } = answer as { readonly next?: string }
  const headers = {
    'Content-Type': form ?? media ?? 'application/json',
    ...(media === 'application/zip' && {
      'Content-Disposition': 'attachment; filename="evidence.zip"',
    }),
    ...(forms.length > 0 && next && { Link: `<${addressOf(c, next)}>; rel="next"` }),
  }
  if (form !== undefined) return c.body(look.written?.(form, answer) ?? '', 200, headers)
  if (answer instanceof Uint8Array) return c.body(Uint8Array.from(answer), 200, headers)
  return c.body(typeof answer === 'string' ? answer : JSON.stringify(answer), 200, headers)
}

/** The address of the next page: the same question with another cursor. */
function addressOf(c: Context<{ Variables: Guarded }>, cursor: string): string {
  const url = new URL(c.get('call').url)
  url.searchParams.set('cursor', cursor)
  return `${url.pathname}${url.search}`
}
