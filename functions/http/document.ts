/** Documents that describe an API: made once for as long as an instance lives, since whoever asks for them signs nothing. */

import type { Context } from 'hono'
import { requestDigest } from '../ledger/entry.ts'

/**
 * Answers with what `make` gives, as JSON whose bytes are made once; 304 to whoever has them (RFC 9110 §13.1.2). What
 * could not be made is made again for the next.
 */
export function document(make: () => object | Promise<object>): (c: Context) => Promise<Response> {
  let made: Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly etag: string }> | undefined
  const makeOnce = async () => {
    const text = JSON.stringify(await make())
    return { bytes: new TextEncoder().encode(text), etag: `"${requestDigest(text)}"` }
  }
  return async (c) => {
    made ??= makeOnce().catch((error: unknown) => {
      made = undefined
      throw error
    })
    const { bytes, etag } = await made
    c.header('etag', etag)
    c.header('cache-control', 'no-cache')
    const had = c.req.header('if-none-match')?.split(',') ?? []
    const isHad = (each: string) => ['*', etag].includes(each.trim().replace(/^W\//, ''))
    if (had.some(isHad)) return c.body(null, 304)
    c.header('content-type', 'application/json')
    return c.body(bytes)
  }
}
