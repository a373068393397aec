/** A call whose signature was verified, with the bytes that it signed. */

import type { Verified } from '../identity/signature.ts'

/** A verified call: who called, with which bytes, to which address. */
export type SignedCall = Verified & {
  readonly method: string
  readonly url: string
  /** The exact text of the body; empty if there is none. */
  readonly body: string
}

/** What identifies a call: two calls with the same `jti` are one call if all of this is equal. */
export const callOf = ({ agency, officer, method, url, bodyDigest }: SignedCall) => ({
  agency: agency.id,
  officer,
  method,
  url,
  body: bodyDigest ?? null,
})
export type Call = ReturnType<typeof callOf>

/** Whether two calls are the same call. */
export const isSameCall = (a: Call, b: Call): boolean =>
  a.agency === b.agency &&
  a.officer === b.officer &&
  a.method === b.method &&
  a.url === b.url &&
  a.body === b.body
