/**
 * How a function reaches AWS without the SDK. It takes a tenth of a second of an instance's start to read and run the
 * SDK; its services take a signed `POST` of JSON. What does not go well at once is left to the SDK, which is read then.
 */

import { Agent as HttpAgent, request as overHttp } from 'node:http'
import { Agent as HttpsAgent, request as overHttps } from 'node:https'
import type { Post, Service, ServiceAddress } from '../functions/adapters/short-way.ts'
import { defaultProvider } from './lambda-credentials.ts'

/** What an adapter tells the SDK of its own. */
export type ClientConfig = {
  readonly endpoint?: string
  readonly requestHandler?: {
    readonly connectionTimeout?: number
    readonly requestTimeout?: number
  }
}

/** How a service is reached; undefined where only the SDK knows its address. */
export function reached(
  service: string,
  { endpoint, requestHandler = {} }: ClientConfig,
  env: Environment = process.env,
): Pick<Service, 'place' | 'region' | 'credentials' | 'post'> | undefined {
  const region = env.AWS_REGION
  const place = region === undefined ? undefined : placeOf(service, region, endpoint, env)
  if (region === undefined || place === undefined) return undefined
  return { place, region, credentials: defaultProvider(), post: poster(requestHandler) }
}

type Environment = Readonly<Record<string, string | undefined>>

/** Regions whose services are at `<service>.<region>.amazonaws.com`; not those of China, or of partitions of their own. */
const usualRegion = /^(?!cn-)[a-z]{2}-(gov-)?(?!iso)[a-z]+-\d$/
/** What has the SDK look for services elsewhere. */
const elsewhere = ['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT'] as const

function placeOf(
  service: string,
  region: string,
  endpoint: string | undefined,
  env: Environment,
): ServiceAddress | undefined {
  if (elsewhere.some((name) => env[name] !== undefined)) return undefined
  const named = endpoint ?? env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? env.AWS_ENDPOINT_URL
  if (named === undefined && !usualRegion.test(region)) return undefined
  const url = new URL(named ?? `https://${service}.${region}.amazonaws.com`)
  const { protocol, hostname, port, pathname: path } = url
  return { protocol, hostname, path, ...(port !== '' && { port: Number(port) }) }
}

/** Most connections at once; further calls wait for one. */
const sockets = { keepAlive: true, maxSockets: 200 }
const agents = { http: new HttpAgent(sockets), https: new HttpsAgent(sockets) }

/**
 * Sends over connections that stay open. Rejects where a connection, or an answer, takes longer than it may, ms. While
 * an instance sleeps, the service closes what was open: then the call goes out once more on a connection of its own.
 */
const poster =
  (times: NonNullable<ClientConfig['requestHandler']>): Post =>
  async (request) => {
    const { protocol } = request.place
    const first = await sent(request, protocol === 'http:' ? agents.http : agents.https, times)
    const answered = first === 'closed' ? await sent(request, false, times) : first
    if (answered === 'closed') throw new Error('the connection was closed')
    return answered
  }

/** Sends once; `closed` if the connection had been used before, and was closed meanwhile. */
const sent = (
  { place: { protocol, ...place }, headers, body }: Parameters<Post>[0],
  agent: HttpAgent | false,
  { connectionTimeout = 1000, requestTimeout = 3000 }: NonNullable<ClientConfig['requestHandler']>,
): Promise<Awaited<ReturnType<Post>> | 'closed'> =>
  new Promise((resolve, reject) => {
    const isPlain = protocol === 'http:'
    const call = (isPlain ? overHttp : overHttps)({ ...place, method: 'POST', headers, agent })
    const end = () => call.destroy(new Error('it took too long'))
    const isLate = setTimeout(end, requestTimeout)
    call.on('socket', (socket) => {
      if (!socket.connecting) return
      const isUnconnected = setTimeout(end, connectionTimeout)
      const isConnected = () => clearTimeout(isUnconnected)
      socket.once(isPlain ? 'connect' : 'secureConnect', isConnected)
      call.once('close', isConnected)
    })
    call.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }),
      )
    })
    call.on('error', (error: NodeJS.ErrnoException) => {
      const isClosed = error.code === 'ECONNRESET' || error.code === 'EPIPE'
      if (call.reusedSocket && isClosed) resolve('closed')
      else reject(error)
    })
    call.on('close', () => clearTimeout(isLate))
    call.end(body)
  })

/** A command, as adapters make them: its name in the SDK, and its input. */
export type Command = { readonly name: string; readonly input: object }

/** The class of a command. */
export const commandOf = (name: string) =>
  class implements Command {
    readonly name = name
    readonly input: object
    constructor(input: object) {
      this.input = input
    }
  }
