/**
 * The log as C2SP tlog-tiles serves it, under `/log/<log>/`: checkpoints and hash tiles, to anyone, since
 * they say nothing but that the log grew. Leaves are for auditors and are not served here.
 */

import { Hono } from 'hono'
import { fromDecimal } from '../ledger/checkpoint.ts'
import { tilePath, tileWidth } from '../ledger/tiles.ts'
import type { Archive } from '../log-ports.ts'
import type { World } from '../ports.ts'
import type { SecurityEvent } from './guard.ts'
import { problem } from './problem.ts'
import { type Trace, trace } from './trace.ts'

/** The files of a gateway's logs as a value: `app.fetch` answers a Request. */
export function logApi(
  world: Pick<World, 'gateway' | 'random'>,
  archive: Pick<Archive, 'get'>,
  log: (event: SecurityEvent) => void,
) {
  const app = new Hono<{ Variables: Trace & { lasts?: true } }>()
  app.use(async (c, next) => {
    await next()
    // After `trace`, which lets nobody keep an answer.
    if (c.get('lasts')) c.res.headers.set('Cache-Control', 'public, max-age=31536000, immutable')
  })
  app.use(trace(world.random))
  app.notFound((c) => problem(c.get('traceId'), 'not-found'))
  app.onError((error, c) => {
    const traceId = c.get('traceId')
    log({ event: 'failed', why: error.name, traceId })
    return problem(traceId, 'internal')
  })
  app.get('/log/*', async (c) => {
    const file = fileOf(c.req.path, world.gateway)
    const bytes = file && (await archive.get(file.path))
    if (file === undefined || bytes === undefined) return c.notFound()
    if (file.lasts) c.set('lasts', true)
    return c.body(Uint8Array.from(bytes), 200, { 'Content-Type': file.type })
  })
  return app
}

/** A file of the archive, its media type, and whether it never changes once it is there. */
type Served = { readonly path: string; readonly type: string; readonly lasts: boolean }

/** The file that an address names. Addresses of any other form never reach the archive. */
function fileOf(address: string, gateway: string): Served | undefined {
  const [, log = '', rest = ''] =
    /^\/log\/([a-z0-9.-]+\/(?:[a-z]{2}|interpol|europol)\/[0-9]{4})\/(.+)$/.exec(address) ?? []
  if (!log.startsWith(`${gateway}/`)) return undefined
  const path = `${log}/${rest}`
  const type = 'text/plain; charset=utf-8'
  if (rest === 'checkpoint') return { path, type, lasts: false }
  const [, size = ''] = /^checkpoints\/(.*)$/.exec(rest) ?? []
  if (fromDecimal(size) !== undefined) return { path, type, lasts: true }
  return isTile(rest) ? { path, type: 'application/octet-stream', lasts: true } : undefined
}

/** Whether it is the path of a hash tile as the specification writes it: no other leads to the same. */
function isTile(path: string): boolean {
  const [, level = '', place = '', width = tileWidth] =
    /^tile\/([0-9]{1,2})\/((?:x[0-9]{3}\/){0,4}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path) ??
    []
  const index = Number(place.replaceAll(/[x/]/g, ''))
  return Number(level) <= 63 && path === tilePath(Number(level), index, Number(width))
}
