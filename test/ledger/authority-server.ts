/**
 * A time-stamping authority over HTTP, on loopback.
 *
 *     const authority = await startAuthority()
 *     authority.stamps(bytes)                       // what it stamps from now on; before, it answers 503
 *     authority.close()
 */

import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { listen } from '../dynalite.ts'
import { answerOf, makeAuthority } from './authority.ts'

/** Its address and its certificate, for the settings of a sealer. */
export async function startAuthority() {
  const made = makeAuthority()
  let bytes: Uint8Array | undefined
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    if (bytes === undefined) return response.writeHead(503).end()
    // The number of the request comes before `certReq`, which is last.
    const nonce = body.subarray(-11, -3)
    const at = `${new Date().toISOString().slice(0, 19)}Z`
    return response.end(answerOf(made.stamp(bytes, at, { nonce })))
  })
  return {
    settings: JSON.stringify({
      url: await listen(server),
      certificate: made.trusted.certificate,
    }),
    stamps: (of: Uint8Array | undefined) => {
      bytes = of
    },
    close: () => server.close(),
  }
}
