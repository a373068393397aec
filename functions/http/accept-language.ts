/** Which languages a caller wants sentences in (RFC 9110 §12.5.4), and which the answer is in. */

import type { Context } from 'hono'
import { parseAccept } from 'hono/utils/accept'
import type { SpokenAnswer } from '../answer/reply/languages.ts'
import { isLanguage, type Language } from '../policy/language.ts'
import type { World } from '../ports.ts'

/** Most bytes of the header that are read. */
const headerBytesMax = 1_000

/**
 * The languages wanted before English, the most wanted first; each range is found by its first part, so that `de-AT`
 * finds `de` (RFC 4647 §3.4). English is always there, so that what comes after it, or after `*`, is not looked for.
 */
export function languagesWanted(header: string | undefined): readonly Language[] {
  if (header === undefined || header.length > headerBytesMax) return []
  const wanted = parseAccept(header)
    .filter(({ q }) => q > 0)
    .map(({ type }) => type.toLowerCase().split('-')[0] ?? '')
  const end = wanted.findIndex((tag) => tag === 'en' || tag === '*')
  const before = end === -1 ? wanted : wanted.slice(0, end)
  return [...new Set(before.filter(isLanguage))]
}

/** An answer with its sentences in the caller's languages; says in `Content-Language` which those are. */
export async function inCallersLanguages<A extends SpokenAnswer>(
  c: Context,
  answer: A,
  law: World['law'],
): Promise<A> {
  const wanted = languagesWanted(c.req.header('Accept-Language'))
  if (wanted.length === 0) {
    c.header('Content-Language', 'en')
    return answer
  }
  // Read once somebody asks: most callers read English, and a start would wait for it.
  const { inLanguages, languagesIn } = await import('../answer/reply/languages.ts')
  const said = inLanguages(answer, (await law.now()).book, wanted)
  c.header('Content-Language', languagesIn(said))
  return said
}
