/** A call whose signature was verified, with the bytes that it signed; and what a page asks, which nobody signs. */

import type { Verified } from '../../identity/signature.ts'
import { readCall } from '../../ledger/agency-call.ts'
import type { Evidence } from '../../ledger/entry.ts'

/** A verified call: who called, with which bytes, to which address. */
export type SignedCall = Verified & {
  readonly method: string
  readonly url: string
  /** The exact text of the body; empty if there is none. */
  readonly body: string
  /** The bytes of a body that is a file: `body` is empty then, so that no entry keeps them. */
  readonly file?: Uint8Array
}

/**
 * What an officer asked for on a page, by a session. It may be a look and nothing else: nobody signed it, so its entry
 * is the gateway's own word.
 */
export type PageCall = Pick<SignedCall, 'agency' | 'officer' | 'method' | 'url'> & {
  /** Who said who the officer is, and when they proved it there. */
  readonly session: { readonly iss: string; readonly provedAt: string }
}

/** What an entry says of the call that made it. */
export type Call = {
  readonly agency: string
  readonly officer: string
  readonly method: string
  readonly url: string
  readonly body: string | null
  /** Of a look on a page. */
  readonly session?: PageCall['session']
}

/** What an entry keeps of the call that made it. */
export const callOf = (call: SignedCall | PageCall): Call => ({
  agency: call.agency.id,
  officer: call.officer,
  method: call.method,
  url: call.url,
  ...('jws' in call ? { body: call.bodyDigest ?? null } : { body: null, session: call.session }),
})

/**
 * Whether an entry under a call's id was made by the same call. Another key of the agency makes another call: else
 * whoever stole one would get again what left to the other, without an entry, and no recall of it would find that.
 */
export function isCallOf(
  entry: { readonly call: Call; readonly evidence: Evidence },
  signed: SignedCall,
): boolean {
  const [before, now] = [entry.call, callOf(signed)]
  return (
    before.agency === now.agency &&
    before.officer === now.officer &&
    before.method === now.method &&
    before.url === now.url &&
    before.body === now.body &&
    readCall(entry.evidence.jws)?.head.kid === signed.kid
  )
}
