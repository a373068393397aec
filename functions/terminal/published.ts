/** What a gateway publishes: calls that nobody signs. */

import type * as z from 'zod'

/** How long to wait for an answer, ms: as long as a start in the cloud may take. */
const answerMs = 10_000

/** Gets a public document, or says why not. */
export async function published<T>(
  url: string,
  path: string,
  schema: z.ZodType<T>,
): Promise<{ readonly body: T; readonly date: string | null } | { readonly why: string }> {
  try {
    const response = await fetch(new URL(path, url), {
      signal: AbortSignal.timeout(answerMs),
      // The caller may be busy for seconds before its next call, and the connection may be closed meanwhile.
      headers: { connection: 'close' },
    })
    if (response.status !== 200) return { why: `answers with status ${response.status}` }
    const { success, data } = schema.safeParse(await response.json())
    return success
      ? { body: data, date: response.headers.get('date') }
      : { why: 'answers something that is not a gateway’s' }
  } catch (error) {
    return { why: `does not answer (${codeOf(error)})` }
  }
}

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `TimeoutError`, … */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { cause } = error
  if (cause instanceof Error && 'code' in cause) return String(cause.code)
  return error.name
}
