/**
 * A time-stamping authority over HTTP, on loopback.
 *
 *     const authority = await startAuthority()
 *     authority.stamps(bytes)                       // what it stamps from now on; before, it answers 503
 *     authority.close()
 */

import { createServer } from 'node:http'
import { listen } from '../dynalite.ts'
import { answerOf, makeAuthority } from './authority.ts'

/** Its address and its certificate, for the settings of a sealer. */
export async function startAuthority() {
  const made = makeAuthority()
  let bytes: Uint8Array | undefined
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk)
    if (bytes === undefined) return response.writeHead(503).end()
    // The number of the request comes before `certReq`, which is last.
    const nonce = Buffer.concat(chunks).subarray(-11, -3)
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
