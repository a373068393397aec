/**
 * Signed calls that somebody holds: an agency's own word of when it called. Whoever runs the gateway has
 * every other key, its receipts' too, so nothing else shows that an entry is as old as it says.
 */

import * as z from 'zod'
import { readCall, wrongCall } from '../ledger/agency-call.ts'
import { hash, readExactly } from '../ledger/verify-files.ts'
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

/** The pinned key by which a call shows that its entry was made at a time; undefined if none does. */
export async function keyCovering(
  jws: string,
  entered: { readonly eid: string; readonly req: string; readonly ms: number },
  trust: Pick<TrustFile, 'agencies' | 'sources'>,
): Promise<UsedKey | undefined> {
  const call = readCall(jws)
  if (call === undefined) return undefined
  const agency = trust.agencies?.find(({ id }) => id === call.claims.iss)
  const key = agency?.keys.find(({ kid }) => kid === call.head.kid)
  if ((await wrongCall(call, entered, key)) !== undefined) return undefined
  const name = `${call.claims.iss}/${call.head.kid}`
  return { use: 'agency', key: name, word: wordOf(name, trust) }
}
