/** What an officer may sign with a passkey: a closed list of calls, each for whom the agency named for it. */

import type { Officer, OfficerRole } from './officers.ts'

const request = '/v1/access-requests/[^/]+'
/**
 * The calls, and the duties of which the officer needs one. The agency's own keys answer for whom they sign, so much
 * of what they may call asks for no named officer; a passkey answers for its officer alone. What each duty is needed
 * for in the matter itself, the table of rights says (`authorize.ts`).
 */
const calls: readonly (readonly [path: string, duties: readonly OfficerRole[]])[] = [
  ['/v1/access-requests', ['ask']],
  [`${request}/proposal`, ['release']],
  // Its requester asks for it, and an officer of the holder answers.
  [`${request}/review`, ['ask', 'release']],
  [`${request}/responses`, ['attest', 'release']],
  [`${request}/package`, ['attest']],
  [`${request}/delivery`, ['attest']],
  ['/v1/attestations', ['attest', 'release']],
  ['/v1/attestations/[^/]+/objections', ['attest', 'release']],
]

/** Whether a call is one that this officer may sign with a passkey. */
export const maySignByPasskey = (
  { may }: Pick<Officer, 'may'>,
  { method, path }: { readonly method: string; readonly path: string },
): boolean =>
  method === 'POST' &&
  calls.some(
    ([form, duties]) =>
      new RegExp(`^${form}$`).test(path) && duties.some((each) => may.includes(each)),
  )
