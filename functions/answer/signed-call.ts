/** A call whose signature was verified, with the bytes that it signed. */

import type { Verified } from '../identity/signature.ts'

/** The call as verified: who, with which bytes, to which address. */
export type SignedCall = Verified & {
  readonly method: string
  readonly url: string
  /** The exact text of the body; empty if there is none. */
  readonly body: string
}

/** Who called, with what: two calls with one `jti` are the same call if all of this is the same. */
export const callOf = ({ agency, officer, method, url, bodyDigest }: SignedCall) => ({
  agency: agency.id,
  officer,
  method,
  url,
  body: bodyDigest ?? null,
})
export type Call = ReturnType<typeof callOf>

/** Whether two calls are one. */
export const isSameCall = (a: Call, b: Call): boolean =>
  a.agency === b.agency &&
  a.officer === b.officer &&
  a.method === b.method &&
  a.url === b.url &&
  a.body === b.body
