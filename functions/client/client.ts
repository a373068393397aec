/**
 * A client for programs in TypeScript or JavaScript, which the package gives as `comity/client`. Its types are made
 * of the gateway's documents when the package is made (`infra/client-types.ts`).
 */

import { freshJti, keyIn, signedCall } from './send.ts'

/** Who calls, and where. */
export type ClientOf = {
  readonly agency: string
  /** The acting officer. */
  readonly officer: string
  /** The gateway's address, without a path. */
  readonly url: string
  /** The file of the agency's private key. */
  readonly key: string
}

/** What fills an operation's address, and what is sent. */
type Filling = {
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

/**
 * Gives a function that calls an operation (`POST /v1/access-requests`) and resolves to status and body, whatever the
 * status is: a value if the body is JSON, else text, else bytes. A call with the same `jti` is a retry, and safe. It
 * follows no redirection, and rejects if there is no answer.
 */
export function client({ key, ...from }: ClientOf) {
  const signing = keyIn(key)
  return async (
    operation: string,
    { path = {}, query = {}, body }: Filling = {},
    jti = freshJti(),
  ) => {
    const [method = '', route = ''] = operation.split(' ')
    const filled = route.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name] ?? ''))
    const asked = new URLSearchParams()
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) asked.set(name, String(value))
    const sent = {
      method,
      path: asked.size === 0 ? filled : `${filled}?${asked}`,
      body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
    }
    const { url, init } = await signedCall({ ...from, jti }, signing, sent, new Date())
    const response = await fetch(url, { ...init, redirect: 'error' })
    return { status: response.status, body: await bodyOf(response) }
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? ''
  if (/[/+]json\b/.test(type)) return response.json()
  return type.startsWith('text/') ? response.text() : new Uint8Array(await response.arrayBuffer())
}
