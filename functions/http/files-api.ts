/** Routes for files of records: their content from the holder, and to whoever it left to. */

import { Hono } from 'hono'
import { type GivenFile, giveFile } from '../answer/handovers/file.ts'
import { keepFile } from '../answer/records/file.ts'
import { fileTypes } from '../picture/limits.ts'
import type { World } from '../ports.ts'
import type { Guarded, Log } from './guard.ts'
import { problem } from './problem.ts'
import { refused } from './refusal.ts'

type App = Hono<{ Variables: Guarded }>

/** The routes. */
export function filesApi(world: World, log: Log): App {
  const app: App = new Hono()
  app.put('/records/:id/files/:item', async (c) => {
    const [traceId, type] = [c.get('traceId'), c.req.header('content-type') ?? '']
    if (!fileTypes.some((each) => each === type)) return problem(traceId, 'unsupported-media-type')
    const { id, item } = c.req.param()
    const { kept, value } = await keepFile(c.get('call'), { id, item, type }, world)
    if (kept.kind !== 'done') return refused(traceId, kept, log)
    return c.json({ id: kept.id, receipt: kept.receipt, value }, kept.first ? 201 : 200)
  })
  app.get('/access-requests/:id/files/:item', async (c) => {
    const { id, item } = c.req.param()
    const given = await giveFile(c.get('call'), id, item, world)
    return given.kind === 'given' ? fileOf(given, item) : refused(c.get('traceId'), given, log)
  })
  return app
}

/** The bytes of a file, with its markings and duties. It is saved and not shown, whatever asks for it. */
function fileOf({ file, content, receipt, reply }: GivenFile, item: string): Response {
  const ending = file.type === 'image/png' ? 'png' : 'jpg'
  const duties = reply.obligations.filter(({ onWhom }) => onWhom === 'requester')
  return new Response(new Uint8Array(content), {
    headers: {
      'Content-Type': file.type,
      'Content-Disposition': `attachment; filename="${item}.${ending}"`,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
      'Comity-Receipt': receipt,
      ...(reply.handling.length === 0 ? {} : { 'Comity-Handling': reply.handling.join(', ') }),
      ...(duties.length === 0
        ? {}
        : { 'Comity-Duties': [...new Set(duties.map(({ code }) => code))].join(', ') }),
      Link: `</v1/access-requests/${reply.id}>; rel="describedby"`,
    },
  })
}
