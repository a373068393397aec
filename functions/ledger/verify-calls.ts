/**
 * Signed calls that somebody holds: an agency's own word of when it called. Whoever runs the gateway has
 * every other key, its receipts' too, so nothing else shows that an entry is as old as it says.
 */

import { compactVerify } from 'jose'
import * as z from 'zod'
import { parseJson } from '../policy/json.ts'
import { entryId, requestDigest } from './entry.ts'
import { hash, readExactly } from './verify-files.ts'
import type { findingList } from './verify-findings.ts'
import type { HeldFile } from './verify-outside.ts'
import { type TrustFile, type UsedKey, wordOf } from './verify-trust.ts'

/** A line of a file of calls: an entry, and the call that its agency signed (JWS, compact). */
export const callLine = z.strictObject({
  eid: z.string().refine((text) => hash.safeParse(text).success),
  jws: z.string(),
})

/** Signed calls by entry. */
export type Calls = ReadonlyMap<string, string>

/** Reads files of calls; names lines that are none. */
export function readCalls(
  files: readonly HeldFile[],
  { reportOf }: ReturnType<typeof findingList>,
): Calls {
  const calls = new Map<string, string>()
  for (const { name, text } of files)
    for (const [i, line] of text.split('\n').entries()) {
      if (line === '') continue
      const call = readExactly(line, callLine)
      if (call !== undefined) calls.set(call.eid, call.jws)
      else reportOf(null)('form', { file: name, line: i + 1 }, 'the line is not a call')
    }
  return calls
}

const header = z.looseObject({ alg: z.enum(['ES256', 'EdDSA', 'Ed25519']), kid: z.string() })
const claims = z.looseObject({ iss: z.string(), jti: z.string(), iat: z.number(), exp: z.number() })

/** The pinned key by which a call shows that its entry was made at a time; undefined if none does. */
export async function keyCovering(
  jws: string,
  { eid, req }: { readonly eid: string; readonly req: string },
  ms: number,
  trust: Pick<TrustFile, 'agencies' | 'sources'>,
): Promise<UsedKey | undefined> {
  const [head = '', payload = ''] = jws.split('.')
  const by = partOf(head, header)
  const said = partOf(payload, claims)
  if (by === undefined || said === undefined) return undefined
  if (entryId(said.iss, said.jti) !== eid || requestDigest(`${head}.${payload}`) !== req)
    return undefined
  if (!(said.iat <= ms / 1000 && ms / 1000 <= said.exp)) return undefined
  const agency = trust.agencies?.find(({ id }) => id === said.iss)
  const key = agency?.keys.find(({ kid }) => kid === by.kid)
  if (key === undefined || (key.alg === 'ES256') !== (by.alg === 'ES256')) return undefined
  if (!(Date.parse(key.from) <= ms && (key.until === undefined || ms <= Date.parse(key.until))))
    return undefined
  const isSigned = await compactVerify(jws, { ...key.jwk }, { algorithms: [by.alg] }).then(
    () => true,
    () => false,
  )
  if (!isSigned) return undefined
  const name = `${said.iss}/${by.kid}`
  return { use: 'agency', key: name, word: wordOf(name, trust) }
}

function partOf<T>(part: string, schema: z.ZodType<T>): T | undefined {
  const parsed = parseJson(Buffer.from(part, 'base64url').toString('utf8'))
  return 'fault' in parsed ? undefined : schema.safeParse(parsed.value).data
}
