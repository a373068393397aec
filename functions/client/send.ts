/** The calls of commands, signed with an agency's key or open to anybody, and their answers. */

import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { type Command, Option } from 'commander'
import * as z from 'zod'
import { isPkcs11, pkcs11Key } from '../adapters/pkcs11.ts'
import { ComityError } from '../failure.ts'
import { type CallKey, signCall } from '../identity/sign.ts'
import { url } from '../terminal/arguments.ts'
import { exitCodes, Failure, misuse } from '../terminal/exit.ts'
import { readJson } from '../terminal/files.ts'
import { problemLines } from '../terminal/say.ts'
import { type Gateway, signerOf } from './profile.ts'

/** For whom a call is sent, where to, and which call it is. */
export type Sender = {
  readonly agency: string
  readonly officer: string
  /** The gateway's address, without a path; the signature names it. */
  readonly url: string
  /** The file of the agency's private key. */
  readonly key: string
  /** The id of the call; a second call with the same id is a retry. */
  readonly jti: string
}

/** A fresh id for a call: 128 random bits. */
export const freshJti = (): string => randomBytes(16).toString('base64url')

/** A private key file of an agency. */
export const keyFile = z.strictObject({
  kid: z.string(),
  alg: z.enum(['ES256', 'EdDSA']),
  privateJwk: z.looseObject({ kty: z.string(), crv: z.string(), x: z.string(), d: z.string() }),
})

/** The key in a file, or in a hardware module, to sign with. Throws a Failure if others can read it, as ssh does. */
export function keyIn(file: string): CallKey {
  if (isPkcs11(file)) return inModule(() => pkcs11Key(file))
  const key = readJson(file, keyFile)
  // Windows has no such bits, and standard input is nobody else's.
  if (file !== '-' && process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
    throw misuse(`others can read the key: chmod 600 \`${file}\``)
  return key
}

/** What is asked of a key in a hardware module; why it could not be used is said as a Failure. */
export function inModule<T>(ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    throw error instanceof ComityError ? misuse(error.message) : error
  }
}

/** Whether the same call may be answered otherwise later: too slow, too often, or the gateway's own fault. */
export const mayPass = (status: number): boolean =>
  [408, 425, 429].includes(status) || status >= 500

/** A call: `asked` fills the path, and the rest goes into the query or, for a POST, into the body. */
export function callFor(
  { method, path }: { readonly method: 'GET' | 'POST'; readonly path: string },
  asked: Readonly<Record<string, unknown>>,
): { readonly method: string; readonly path: string; readonly body: string | undefined } {
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name) =>
    encodeURIComponent(String(asked[name])),
  )
  const rest = Object.entries(asked).filter(
    ([name, value]) => value !== undefined && !path.includes(`{${name}}`),
  )
  if (method === 'POST')
    return { method, path: address, body: JSON.stringify(Object.fromEntries(rest)) }
  const query = new URLSearchParams()
  for (const [name, value] of rest) query.set(name, String(value))
  return { method, path: `${address}?${query}`, body: undefined }
}

/** Sends one call and gives back status and parsed body. Throws a Failure if there is no answer. */
export async function send(
  sender: Sender,
  method: string,
  path: string,
  body: string | undefined,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await answerTo(sender, method, path, body)
  try {
    return { status: response.status, body: await response.json() }
  } catch {
    throw unanswered(sender, method)
  }
}

/** Sends one call and gives back the answer as it comes, of type `accept`. Throws a Failure if there is none. */
export async function answerTo(
  sender: Sender,
  method: string,
  path: string,
  body: string | { readonly type: string; readonly bytes: Buffer<ArrayBuffer> } | undefined,
  accept = 'application/json',
): Promise<Response> {
  const sent =
    typeof body === 'object'
      ? body
      : { type: json, bytes: body === undefined ? body : Buffer.from(body, 'utf8') }
  const call = { method, path, body: sent.bytes, type: sent.type }
  const { url, init } = await signedCall(sender, keyIn(sender.key), call, new Date())
  try {
    return await fetch(url, { ...init, headers: { ...init.headers, accept } })
  } catch {
    throw unanswered(sender, method)
  }
}

/** Sends the call of a command for a file or a page. Throws a Failure with the problem, if it is one. */
export async function answered(
  options: Calling,
  gateway: Gateway,
  ...[method, path, body, accept]: readonly [
    method: string,
    path: string,
    body?: Parameters<typeof answerTo>[3],
    accept?: string,
  ]
): Promise<Response> {
  const sender = { ...callerOf(options, gateway), jti: options.jti ?? freshJti() }
  const response = await answerTo(sender, method, path, body, accept)
  if (response.ok) return response
  throw new Failure(problemLines(await response.json()).join('\n'))
}

const json = 'application/json'

/** A call with its signature, as `fetch` takes it. */
export async function signedCall(
  { agency, officer, url: gateway, jti }: Omit<Sender, 'key'>,
  key: Parameters<typeof signCall>[1],
  call: { method: string; path: string; body: Buffer<ArrayBuffer> | undefined; type?: string },
  now: Date,
): Promise<{ readonly url: string; readonly init: RequestInit }> {
  const { method, path, body, type: of = json } = call
  const { origin: audience } = new URL(gateway)
  const url = `${audience}${path}`
  const iat = Math.floor(now.getTime() / 1000)
  const claims = { agency, officer, audience, iat, jti }
  const sent = body === undefined ? {} : { body }
  const authorization = await signCall({ method, url, ...sent }, key, claims)
  const type = body === undefined ? {} : { 'content-type': of }
  return { url, init: { method, headers: { authorization, ...type }, ...sent } }
}

function unanswered({ url, jti }: Sender, method: string): Failure {
  const again = method === 'GET' ? '' : ` To ask again safely, add \`--jti ${jti}\``
  return new Failure(`no answer from ${new URL(url).origin}; is the gateway running?${again}`)
}

/** Who calls, and how the answer is printed. */
export type Calling = {
  /** An identity of the profile, or an agency. */
  readonly as: string
  readonly officer?: string
  readonly url: string
  readonly key?: string
  readonly jti?: string
  readonly json?: true
}

/** Adds to a command the options that say who calls. */
export const asAgency = (command: Command, gateway: Gateway): Command =>
  command
    .requiredOption('--as <name>', 'who signs, as the profile names it; or an agency')
    .option(
      '--key <file>',
      'the private key that signs, a file or pkcs11:…; without it, as the profile says',
    )
    .option('--officer <id>', 'the acting officer; without it, as the profile says')
    .option('--url <url>', 'the gateway', url, gateway.url)
    .option('--json', 'print the answer as JSON')

/** The same for a call that makes an entry, which may be sent again. */
export const actingAs = (command: Command, gateway: Gateway): Command =>
  asAgency(command, gateway).addOption(
    new Option('--jti <id>', 'the id of the call; the same again is a retry').default(
      freshJti(),
      'a fresh one',
    ),
  )

/** A path with what of its query is said. */
export function pathOf(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const said = Object.entries(query).flatMap(([name, value]) =>
    value ? [[name, value] as [string, string]] : [],
  )
  return said.length === 0 ? path : `${path}?${new URLSearchParams(said)}`
}

/** Prints lines for people. */
export const print = (lines: readonly string[]): void => console.log(lines.join('\n'))

/** Who signs a call, and what for. */
export const callerOf = ({ as, officer, url, key }: Calling, gateway: Gateway) =>
  signerOf({ as, officer, url, key }, gateway)

/** The answer to an act: its entry, and what it does not do. */
export const doneSchema = z.looseObject({ id: z.string(), says: z.string().optional() })

/**
 * Sends a call; prints the answer as JSON, or `lines` of it: of an act, what is said once it is done, and its id. A
 * problem is printed, and fails.
 */
export async function call(
  options: Calling,
  gateway: Gateway,
  [method, path, body]: readonly [method: string, path: string, body?: unknown],
  lines: string | ((body: unknown) => readonly string[]),
): Promise<void> {
  const { jti = freshJti() } = options
  const sender = { ...callerOf(options, gateway), jti }
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await send(sender, method, path, text)
  const answered = answer.status === 200 || answer.status === 201
  if (!answered) process.exitCode = exitCodes.unexpected
  if (options.json) print([JSON.stringify(answer.body, null, 2)])
  else if (!answered) throw new Failure(problemLines(answer.body).join('\n'))
  else if (typeof lines === 'function') print(lines(answer.body))
  else {
    const { id, says } = doneSchema.parse(answer.body)
    print([lines, ...(says === undefined ? [] : [says]), `id ${id}`])
  }
}
