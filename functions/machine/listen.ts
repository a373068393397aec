/** Listening at an address, and ending in time. */

import { createServer } from 'node:net'
import { type HttpBindings, serve } from '@hono/node-server'
import { ComityError, faultOf } from '../failure.ts'
import { type BoundedCaller, type Bounds, boundedDoor } from './bounds.ts'

/** How long calls that are under way may go on when the process is told to end, ms. */
const leaveMs = 1000
/**
 * How long ending may take, ms. What goes on then is cut: no step of sealing needs the next, and nothing was
 * answered that is not durable.
 */
const endMs = 2700

/**
 * How long a caller may take to say who it is, and to have sent all, ms: two bodies, one of them read once its signature
 * held. Checked each second.
 */
const timesMs = { headersTimeout: 5000, requestTimeout: 25_000, connectionsCheckingInterval: 1000 }

/** What is served where. */
export type Listening = Bounds & {
  readonly fetch: (request: Request, caller: BoundedCaller) => Response | Promise<Response>
  readonly host: string
  readonly port: number
  /** The variable that names another port. */
  readonly variable: string
}

/** A server that listens. Throws a sentence if it cannot. */
export const listen = ({ fetch, host, port, variable, ...bounds }: Listening) =>
  new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const door = boundedDoor(bounds)
    const bounded = (request: Request, { incoming }: HttpBindings) =>
      door.take(request, incoming.socket, (caller) => fetch(request, caller))
    const options = { fetch: bounded as never, hostname: host, port, serverOptions: timesMs }
    const server = serve(options, () => {
      server.off('error', fail)
      resolve(server)
    })
    server.on('connection', door.connected)
    const fail = (error: Error) => reject(notListening({ host, port, variable }, error))
    server.on('error', fail)
  })

/** Throws the same sentence at once, where it takes long until `listen`. */
export const expectFree = ({
  host,
  port,
  variable,
}: Pick<Listening, 'host' | 'port' | 'variable'>) =>
  new Promise<void>((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => reject(notListening({ host, port, variable }, error)))
    server.listen(port, host, () => server.close(() => resolve()))
  })

function notListening(
  { host, port, variable }: Pick<Listening, 'host' | 'port' | 'variable'>,
  error: Error,
) {
  const code = faultOf(error)
  const why =
    code === 'EADDRINUSE'
      ? `port ${port} is in use; set ${variable}`
      : `nobody can listen on ${host}:${port} here (${code}); set ${variable}`
  return new ComityError(`couldn’t start: ${why}`)
}

/**
 * When the process is told to end: takes no further call, lets those under way end, then lets `stop` end the rest,
 * and exits within three seconds.
 */
export function endOnSignal(
  servers: readonly Awaited<ReturnType<typeof listen>>[],
  stopRounds: () => Promise<void>,
  close: () => Promise<void>,
): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, async () => {
      setTimeout(() => process.exit(0), endMs)
      // Whoever waits for an event is not waited for.
      setTimeout(() => {
        for (const each of servers) if ('closeAllConnections' in each) each.closeAllConnections()
      }, leaveMs)
      const closed = servers.map((each) => new Promise((done) => each.close(done)))
      await Promise.all([...closed, stopRounds()])
      await close()
      process.exit(0)
    })
}
