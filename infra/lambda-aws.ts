/**
 * How a function reaches AWS without the SDK. It takes a tenth of a second of an instance's start to read and run the
 * SDK; its services take a signed `POST` of JSON. What does not go well at once is left to the SDK, which is read then.
 */

import { poster, type Times } from '../functions/adapters/aws-post.ts'
import type { Service, ServiceAddress } from '../functions/adapters/dynamodb-direct.ts'
import { defaultProvider } from './lambda-credentials.ts'

/** What an adapter tells the SDK of its own. */
export type ClientConfig = {
  readonly endpoint?: string
  readonly requestHandler?: Times
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
