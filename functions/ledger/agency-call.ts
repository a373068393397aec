/** A call that an agency signed, as evidence of what it asked for and when: see `identity/signature.ts`. */

import { compactVerify } from 'jose'
import * as z from 'zod'
import { valueIn } from '../policy/json.ts'
import { faultOfAssertion, passkeyType } from '../policy/passkey.ts'
import { entryId, type Leaf, requestDigest } from './entry.ts'
import type { agencyKey } from './evidence.ts'

const claimsSchema = z.looseObject({
  iss: z.string(),
  sub: z.string(),
  jti: z.string(),
  iat: z.number(),
  exp: z.number(),
  htm: z.string(),
  htu: z.string(),
  request_body_sha256: z.string().optional(),
})
const headerSchema = z.strictObject({
  alg: z.enum(['ES256', 'EdDSA', 'Ed25519']),
  typ: z.enum(['comity-request+jwt', passkeyType]),
  kid: z.string(),
})

/** A signed call, read but not checked. */
export type AgencyCall = {
  readonly jws: string
  readonly head: z.infer<typeof headerSchema>
  readonly claims: z.infer<typeof claimsSchema>
}

/** Reads a compact JWS, or what a passkey signed, as a call; undefined if it is not one. */
export function readCall(jws: string): AgencyCall | undefined {
  const [header = '', payload = ''] = jws.split('.')
  const head = partOf(header, headerSchema)
  const claims = partOf(payload, claimsSchema)
  return head === undefined || claims === undefined ? undefined : { jws, head, claims }
}

function partOf<T>(part: string, schema: z.ZodType<T>): T | undefined {
  return schema.safeParse(valueIn(Buffer.from(part, 'base64url').toString('utf8'))).data
}

/** Where a log is looked at, by what the look is called in its entry. `audit/looks.ts` has the same. */
export const lookAddresses: Readonly<Record<string, readonly [method: string, path: string]>> = {
  'list-entries': ['GET', '/v1/decisions'],
  'count-entries': ['GET', '/v1/decisions/count'],
  'read-entry': ['GET', '/v1/decisions/{id}'],
  'prove-entry': ['GET', '/v1/decisions/{id}/proof'],
  'make-pseudonym': ['POST', '/v1/pseudonyms'],
  'read-facts': ['GET', '/v1/facts'],
  'report-subject': ['POST', '/v1/subject-reports'],
  'profile-officer': ['POST', '/v1/officer-profiles'],
  'rank-officers': ['POST', '/v1/officer-rankings'],
  'set-alarm': ['POST', '/v1/alarms'],
  'read-alarms': ['GET', '/v1/alarms'],
  'read-deadlines': ['GET', '/v1/deadlines'],
  'count-period': ['GET', '/v1/figures'],
  'report-year': ['GET', '/v1/reports/{year}'],
  sample: ['GET', '/v1/samples'],
  'pull-decisions': ['GET', '/v1/decision-events'],
  'create-evidence': ['POST', '/v1/evidence'],
  replay: ['POST', '/v1/replays'],
  'name-subject': ['POST', '/v1/subject-pseudonyms'],
}

/** Whether a call is a look of this name; without one, whether it is any look. */
export function isLook({ htm, htu }: { htm: string; htu: string }, action?: string): boolean {
  const path = URL.parse(htu)?.pathname ?? ''
  const fits = ([method, template]: readonly [string, string]) =>
    method === htm && new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path)
  return Object.entries(lookAddresses).some(
    ([name, address]) => (action === undefined || name === action) && fits(address),
  )
}

/** Whether an entry of a look says what the call says that was signed for it: which look, and what for. */
export function isSameLook(
  { claims }: Pick<AgencyCall, 'claims'>,
  body: string,
  said: unknown,
): boolean {
  const { purpose, question } = Object(said) as { purpose?: unknown; question?: unknown }
  const { action } = Object(question) as { action?: unknown }
  if (typeof action !== 'string' || !isLook(claims, action)) return false
  if (body === '') return URL.parse(claims.htu)?.searchParams.get('purpose') === purpose
  const asked = valueIn(body)
  return asked !== undefined && (Object(asked) as { purpose?: unknown }).purpose === purpose
}

/** What is known of the entry that a call should have made, and its time, ms. */
export type EnteredCall = Pick<Leaf, 't' | 'eid' | 'req'> & { readonly ms: number }

/**
 * How far an entry may be from the time in which its call was good, s: for clocks and transit. The gateway
 * accepts a caller's clock that is ahead, and a key may end before what it signed is entered. With less
 * slack, callers could make an honest entry look wrong.
 */
const slackSeconds = 60

const secondsOf = (instant: string): number => Date.parse(instant) / 1000

/** Why a call is not the one that made an entry, signed with this key at that time; undefined if it is. */
export async function wrongCall(
  { jws, head, claims }: AgencyCall,
  { t, eid, req, ms }: EnteredCall,
  key: z.infer<typeof agencyKey> | undefined,
): Promise<string | undefined> {
  const { iss, sub, jti, iat, exp } = claims
  // A look is one entry, whichever of its calls came first: its id does not come from a call.
  const isOfLook = t === 'consultation' && isLook(claims)
  if (!isOfLook && entryId(iss, jti) !== eid) return 'its agency signed another call'
  const signed = jws.slice(0, jws.lastIndexOf('.'))
  if (requestDigest(signed) !== req) return 'the leaf is of another call'
  if (key === undefined) return `the manifest has no such key of ${iss}`
  const isStill = key.until === undefined || ms / 1000 <= secondsOf(key.until) + slackSeconds
  if (!(secondsOf(key.from) <= ms / 1000 && isStill)) return `the key of ${iss} was not valid then`
  if (!(iat - slackSeconds <= ms / 1000 && ms / 1000 <= exp + slackSeconds))
    return 'its agency signed the call at another time'
  const algorithms = key.alg === 'ES256' ? ['ES256'] : ['EdDSA', 'Ed25519']
  if (!algorithms.includes(head.alg)) return `the key of ${iss} is for another algorithm`
  const { passkey } = key
  if ((head.typ === passkeyType) !== (passkey !== undefined))
    return `the key of ${iss} is for calls of another type`
  if (passkey !== undefined) {
    if (passkey.officer !== sub) return `the passkey is of another officer of ${iss}`
    const part = jws.slice(signed.length + 1)
    const fault = await faultOfAssertion(signed, part, { ...key, passkey })
    return fault && `the passkey of an officer of ${iss} did not sign it: ${fault}`
  }
  const isSigned = await compactVerify(jws, { ...key.jwk }, { algorithms }).then(
    () => true,
    () => false,
  )
  return isSigned ? undefined : `the signature of ${iss} does not hold`
}
