/** Signs a call with an agency's key and sends it. */

import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { signCall } from '../identity/sign.ts'
import { Failure } from './exit.ts'
import { readJson } from './files.ts'

/** Whom a call is sent for, where to, and which call it is. */
export type Sender = {
  readonly agency: string
  readonly officer: string
  /** The gateway's address, without a path: what the signature is for. */
  readonly url: string
  /** The file of its private key. */
  readonly key: string
  /** The id of the call; the same again is a retry. */
  readonly jti: string
}

/** A fresh id for a call: 128 random bits. */
export const freshJti = (): string => randomBytes(16).toString('base64url')

/** A private key file of an agency. */
export const keyFile = z.strictObject({
  kid: z.string(),
  alg: z.enum(['ES256', 'EdDSA']),
  privateJwk: z.looseObject({ kty: z.string(), d: z.string() }),
})

/** The key in a file, to sign with. */
export const keyIn = (file: string): Parameters<typeof signCall>[1] =>
  // A cast: whatever else the key needs, it is imported with.
  readJson(file, keyFile) as Parameters<typeof signCall>[1]

/** The call for an address: what is asked goes into its path, and into its query or, of a POST, its body. */
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

/** Sends one call and gives back the answer as it comes. Throws a Failure if there is none. */
export async function answerTo(
  sender: Sender,
  method: string,
  path: string,
  body: string | undefined,
): Promise<Response> {
  const call = { method, path, body: body === undefined ? undefined : Buffer.from(body, 'utf8') }
  const { url, init } = await signedCall(sender, keyIn(sender.key), call, new Date())
  try {
    return await fetch(url, init)
  } catch {
    throw unanswered(sender, method)
  }
}

/** A call with its signature, as `fetch` takes it. */
export async function signedCall(
  { agency, officer, url: gateway, jti }: Omit<Sender, 'key'>,
  key: Parameters<typeof signCall>[1],
  { method, path, body }: { method: string; path: string; body: Buffer<ArrayBuffer> | undefined },
  now: Date,
): Promise<{ readonly url: string; readonly init: RequestInit }> {
  const { origin: audience } = new URL(gateway)
  const url = `${audience}${path}`
  const iat = Math.floor(now.getTime() / 1000)
  const claims = { agency, officer, audience, iat, jti }
  const sent = body === undefined ? {} : { body }
  const authorization = await signCall({ method, url, ...sent }, key, claims)
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  return { url, init: { method, headers: { authorization, ...type }, ...sent } }
}

function unanswered({ url, jti }: Sender, method: string): Failure {
  const again = method === 'GET' ? '' : ` To ask again safely, add \`--jti ${jti}\``
  return new Failure(`no answer from ${new URL(url).origin}; is the gateway running?${again}`)
}
