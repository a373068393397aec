/** Servers of tests, on this machine at a free port. */

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'

/** Answers calls as `fetch` does, until it is closed. */
export async function serving(fetch: (request: Request) => Response | Promise<Response>) {
  const server = serve({ fetch, port: 0 })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = () => new Promise((resolve) => server.close(resolve))
  return { url: `http://localhost:${port}`, close }
}
