/** Posts to an outside server that may answer anything: limits time and bytes, and follows no redirect. */

import { bytesUpTo } from './bytes-up-to.ts'

/** The answer. */
export type Answer = {
  readonly status: number
  /** The media type without its parameters. */
  readonly type: string
  readonly bytes: Uint8Array
}

/** What to send, and how long and for how much to wait. */
type Asked = {
  readonly body: string | Uint8Array
  readonly type?: string
  /** Headers beside it, by names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** The longest answer we accept. */
  readonly bytesMax: number
}

/** The answer, or why there is none. The reason never quotes the other side. */
export async function post(
  url: string,
  { body, type, headers = {}, timeoutMs, bytesMax }: Asked,
): Promise<Answer | { readonly why: string }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: typeof body === 'string' ? body : Uint8Array.from(body),
      headers: { ...headers, ...(type === undefined ? {} : { 'content-type': type }) },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const { status } = response
    if (status >= 500 || status === 429) {
      await response.body?.cancel()
      return { why: `it answered ${status}` }
    }
    const bytes = await bytesUpTo(bytesMax, response.body)
    if (bytes === undefined) return { why: 'its answer is too long' }
    const [answered = ''] = (response.headers.get('content-type') ?? '').split(';')
    return { status, type: answered, bytes }
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError'
    return { why: late ? `no answer within ${timeoutMs} ms` : 'it could not be reached' }
  }
}
