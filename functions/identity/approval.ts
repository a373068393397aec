/** The approval of an act on a person's part of the log: a second office signs exactly that act. */

import { hash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { compactVerify, decodeProtectedHeader } from 'jose'
import * as z from 'zod'
import { valueIn } from '../policy/json.ts'
import { actorOf, asOffice, authorize } from './authorize.ts'
import type { Agency, AgencyKey } from './register.ts'
import { type CallKey, signedJwt } from './sign.ts'
import type { Verified } from './signature.ts'

/** A type of its own (RFC 8725 §3.11), so that no call passes for an approval, nor the reverse. */
const approvalType = 'comity-approval+jwt'
/** Longest time between an approval and its act, s: seven days. */
const approvalSecondsMax = 7 * 86_400
/** How far the approver's clock may be ahead of ours, s. */
const aheadSecondsMax = 30

/** An act as approved: all its members except the approval. */
export type ApprovedAct = Readonly<
  Record<string, string | readonly string[] | Readonly<Record<string, string>> | undefined>
>

/** base64url SHA-256 of the act's canonical JSON (RFC 8785). */
export const actDigest = (act: ApprovedAct): string =>
  hash('sha256', canonicalize(act) ?? '', 'base64url')

const header = z.strictObject({
  alg: z.enum(['ES256', 'EdDSA']),
  typ: z.literal(approvalType),
  kid: z.string().max(64),
})

const claims = z.strictObject({
  iss: z.string().max(64),
  sub: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  iat: z.int().nonnegative(),
  exp: z.int().nonnegative(),
  act_sha256: z.string().length(43),
})

/** Why an approval does not count, in words for its sender. */
export const approvalFaults = {
  malformed: `it is no compact JWS of type ${approvalType} with exactly the members it must have`,
  'approver-unknown': 'the register has no such office',
  'same-agency': 'the office that approves must be another than the agency that acts',
  'may-not-approve': 'the register does not let this office approve',
  'another-jurisdiction': 'the office that approves must be of the agency’s own jurisdiction',
  'key-unknown': 'the register has no such key of the office, or for another algorithm',
  'same-key': 'it is signed with a key of the agency that acts',
  'key-revoked': 'its key was revoked',
  'key-not-valid': 'its key was not valid when it was signed, or is no more',
  'signature-wrong': 'its signature does not hold',
  'officer-not-named': 'the office has named its officers, and this one not to approve',
  'same-person': 'whoever approves must be another person than the one who acts',
  'another-act': 'it approves another act than this one',
  'lifetime-wrong': 'it must end within seven days of its beginning',
  'issued-in-future': 'it was issued in the future',
  expired: 'it has expired; have the act approved anew',
} as const
/** Why an approval does not count, as a code. */
export type ApprovalRefusal = keyof typeof approvalFaults

/** Who approved an act. */
export type Approver = { readonly agency: string; readonly officer: string; readonly kid: string }

/**
 * Decides whether `jws` is another office's approval of exactly this act by this caller, now: from another
 * agency of the caller's jurisdiction with the right to approve, with another key, by another person. The
 * refusal names the first check that failed. Rejects only if `world.agency` does.
 */
export async function verifyApproval(
  jws: string,
  act: ApprovedAct,
  by: Pick<Verified, 'agency' | 'officer'>,
  world: {
    /** Seconds since the epoch. */
    readonly now: number
    readonly agency: (id: string) => Promise<Agency | undefined>
  },
): Promise<{ readonly approver: Approver } | { readonly refused: ApprovalRefusal }> {
  const read = readApproval(jws)
  if (read === undefined) return { refused: 'malformed' }
  const { kid, alg, iss, sub, iat, exp, act_sha256: digest } = read

  const office = await world.agency(iss)
  if (office?.id !== iss) return { refused: 'approver-unknown' }
  const faultOfOffice = mayNotApprove(office, by.agency)
  if (faultOfOffice !== undefined) return { refused: faultOfOffice }

  const key = office.keys.find((each) => each.kid === kid && each.alg === alg)
  if (key === undefined) return { refused: 'key-unknown' }
  // For a P-256 key, comparing `x` is enough: who has the key also has its mirror image.
  if (by.agency.keys.some(({ jwk }) => jwk.x === key.jwk.x)) return { refused: 'same-key' }
  if (key.status !== 'active') return { refused: 'key-revoked' }
  if (!isValid(key, iat, world.now)) return { refused: 'key-not-valid' }
  if (!(await isSignedBy(jws, key))) return { refused: 'signature-wrong' }

  const approver = actorOf({ agency: office, officer: sub })
  // Checked only after the signature, so that nobody else learns whom the office named.
  if (authorize(approver, 'approve', { holder: by.agency.jurisdiction }) === undefined)
    return { refused: 'officer-not-named' }
  if (sub === by.officer) return { refused: 'same-person' }
  if (digest !== actDigest(act)) return { refused: 'another-act' }
  if (!(exp > iat && exp - iat <= approvalSecondsMax)) return { refused: 'lifetime-wrong' }
  // Written so that a clock of NaN lets nothing through.
  if (!(iat <= world.now + aheadSecondsMax)) return { refused: 'issued-in-future' }
  if (!(world.now < exp)) return { refused: 'expired' }
  return { approver: { agency: office.id, officer: sub, kid } }
}

/** Approves an act: the other half of `verifyApproval`. Times are seconds since the epoch. */
export const signApproval = (
  act: ApprovedAct,
  key: CallKey,
  by: {
    readonly agency: string
    readonly officer: string
    readonly iat: number
    readonly exp?: number
  },
): Promise<string> => {
  const { agency: iss, officer: sub, iat, exp = iat + approvalSecondsMax } = by
  return signedJwt({ iss, sub, iat, exp, act_sha256: actDigest(act) }, approvalType, key)
}

/** The content of an approval, not believed before the signature is checked. */
function readApproval(jws: string) {
  const [, payload = '', , ...more] = jws.split('.')
  if (more.length > 0) return undefined
  try {
    const value = valueIn(Buffer.from(payload, 'base64url').toString('utf8'))
    return { ...header.parse(decodeProtectedHeader(jws)), ...claims.parse(value) }
  } catch {
    return undefined
  }
}

function mayNotApprove(office: Agency, agency: Agency): ApprovalRefusal | undefined {
  if (office.id === agency.id) return 'same-agency'
  const may = ({ jurisdiction: holder }: Agency) =>
    authorize(asOffice(office), 'approve', { holder }) !== undefined
  if (may(agency)) return undefined
  return may(office) ? 'another-jurisdiction' : 'may-not-approve'
}

/** Valid both when it signed and now, so that nobody can backdate an approval with an expired key. */
const isValid = ({ from, until }: AgencyKey, iat: number, now: number): boolean =>
  secondsOf(from) <= iat && (until === undefined || now <= secondsOf(until))

const secondsOf = (instant: string) => Date.parse(instant) / 1000

const isSignedBy = (jws: string, { jwk, alg }: AgencyKey): Promise<boolean> =>
  compactVerify(jws, jwk, { algorithms: [alg] }).then(
    () => true,
    () => false,
  )
