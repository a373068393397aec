/** What an officer may sign with a passkey: a closed list of calls, each for whom the agency named for it. */

import type { Officer, OfficerRole } from './officers.ts'
import type { Agency } from './register.ts'

const request = '/v1/access-requests/[^/]+'
/**
 * The calls, and the duties of which the officer needs one. The agency's own keys answer for whom they sign, so much
 * of what they may call asks for no named officer; a passkey answers for its officer alone. What each duty is needed
 * for in the matter itself, the table of rights says (`authorize.ts`).
 */
const calls: readonly (readonly [method: string, path: string, duties: readonly OfficerRole[]])[] =
  [
    // To ask, or for the holder to enter what came by another way.
    ['POST', '/v1/access-requests', ['ask', 'attest']],
    ['POST', `${request}/proposal`, ['release']],
    // Who asked, or runs the shift, asks for it (`answer/offices/review.ts`), and an officer of the holder answers.
    ['POST', `${request}/review`, ['ask', 'desk', 'release']],
    ['POST', `${request}/responses`, ['attest', 'release']],
    ['POST', `${request}/package`, ['attest']],
    ['POST', `${request}/delivery`, ['attest']],
    ['POST', '/v1/attestations', ['attest', 'release']],
    ['POST', '/v1/attestations/[^/]+/objections', ['attest', 'release']],
    ['DELETE', '/v1/attestations/[^/]+', ['attest', 'release']],
  ]

/** Whether a call is one that this officer may sign with a passkey. */
export const maySignByPasskey = (
  { may }: Pick<Officer, 'may'>,
  { method, path }: { readonly method: string; readonly path: string },
): boolean =>
  calls.some(
    ([by, form, duties]) =>
      by === method &&
      new RegExp(`^${form}$`).test(path) &&
      duties.some((each) => may.includes(each)),
  )

type ByKey = { readonly agency: Pick<Agency, 'passkeys' | 'officers'>; readonly kid: string }

const isByPasskey = ({ agency, kid }: ByKey): boolean =>
  (agency.passkeys ?? []).some((passkey) => passkey.kid === kid)

/**
 * Whether a call by a passkey would reach beyond one matter. What is said of a case or a country, doubted or taken back
 * there, is the agency's own word, by its own keys: no naming of an officer speaks of it, and no page shows whom it
 * would reach.
 */
export const isBeyondPasskey = (call: ByKey, scope: { readonly kind: string }): boolean =>
  scope.kind !== 'matter' && isByPasskey(call)

/** Whether a passkey signed a call whose body is for officers of another duty than its own. */
export const isPasskeyWithout = (
  call: ByKey & { readonly officer: string },
  duty: OfficerRole,
): boolean =>
  isByPasskey(call) &&
  call.agency.officers?.some(({ id, may }) => id === call.officer && may.includes(duty)) !== true
