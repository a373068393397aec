/** The officers that an agency names, and what each may decide for it. */

import * as z from 'zod'
import { signersMin, whySchema } from './registrars.ts'

/**
 * What an officer may decide: to release what no rule lets leave, to attest facts or object to them, to sign
 * for data protection, to look into the log, to read facts as a legal editor, to act on a person’s part of
 * the log. To ask takes no naming, since it rests on the agency's signature; `ask` is for
 * who asks by a browser, and their passkey: they see what they asked themselves. `desk` is for who runs the shift: they
 * see what all of the agency asked, to hand it over.
 */
export const officerRoles = [
  'release',
  'attest',
  'approve',
  'audit',
  'edit',
  'act-on-subjects',
  'ask',
  'desk',
] as const
/** One of these. */
export type OfficerRole = (typeof officerRoles)[number]

/** An officer by the id in `sub` of a call, which identifies nobody outside the agency. */
const officerId = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/)
/**
 * Who an officer is to a login provider: its issuer, and its name for them (OpenID Connect Core §2, `iss` and `sub`).
 * Without TLS only on this machine.
 */
export const loginSchema = z.strictObject({
  iss: z
    .url()
    .max(255)
    .regex(
      /^(https:\/\/|http:\/\/localhost[:/])/,
      'an issuer such as https://login.police.example',
    ),
  sub: z.string().regex(/^[\x21-\x7e]{1,255}$/),
})
export type Login = z.infer<typeof loginSchema>
/** The schema of a named officer. With `login`, they may look by a browser. */
export const officerSchema = z.strictObject({
  id: officerId,
  may: z.array(z.enum(officerRoles)).min(1).max(officerRoles.length),
  login: loginSchema.optional(),
})
/** An officer, and everything that they may decide. */
export type Officer = z.infer<typeof officerSchema>

const onceMax = 50
/** An agency names officers, or changes what they may decide. Two of its own keys sign. */
export const namingSchema = z.strictObject({
  act: z.literal('name-officers'),
  officers: z
    .array(officerSchema)
    .min(1)
    .max(onceMax)
    .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'each officer once'),
  why: whySchema,
})
/** Ends officers of an agency. One signature is enough. */
export const endingSchema = z.strictObject({
  act: z.literal('end-officers'),
  officers: z.array(officerId).min(1).max(onceMax),
  why: whySchema,
})

/** An officer with the keys that named them, and when. */
export type NamedOfficer = Officer & { readonly by: readonly string[]; readonly at: string }

/** The rights of an agency that limit what its officers may decide. */
type Rights = {
  readonly role?: 'auditor' | 'approver' | 'legal-editor' | undefined
  readonly attests: readonly { readonly facts: readonly string[] }[]
  readonly entersFor?: readonly string[] | undefined
  readonly holdsRecords: boolean
}

/** Whether an agency has the right that an officer's role is part of. */
function hasDuty(
  { role, attests, entersFor = [], holdsRecords }: Rights,
  of: OfficerRole,
): boolean {
  switch (of) {
    case 'approve':
      return role === 'approver'
    case 'audit':
      return role === 'auditor'
    case 'edit':
      return role === 'legal-editor'
    case 'ask':
    case 'desk':
      return role === undefined
    case 'act-on-subjects':
      return role === undefined && holdsRecords
    case 'attest':
      return role === undefined && attests.length + entersFor.length > 0
    case 'release':
      return (
        role === undefined &&
        attests.some(({ facts }) => facts.includes('release.decision') || facts.includes('*'))
      )
  }
}

/** The officers after some were named, or named anew, by the agency's keys; or why that does not count. */
export function named(
  before: readonly NamedOfficer[] = [],
  { officers }: Pick<z.infer<typeof namingSchema>, 'officers'>,
  rights: Rights,
  keys: readonly { readonly kid: string; readonly jwk: { readonly x: string } }[],
  at: string,
): readonly NamedOfficer[] | 'right-unknown' | 'signatures-missing' {
  if (!officers.every(({ may }) => may.every((each) => hasDuty(rights, each))))
    return 'right-unknown'
  if (new Set(keys.map(({ jwk }) => jwk.x)).size < signersMin) return 'signatures-missing'
  const by = keys.map(({ kid }) => kid)
  const others = before.filter(({ id }) => !officers.some((each) => each.id === id))
  return [...others, ...officers.map((each) => ({ ...each, by, at }))]
}

/**
 * The officers without those ended. An agency that has ever named officers keeps a list, even an empty one.
 */
export const withoutThem = (
  before: readonly NamedOfficer[] = [],
  { officers }: Pick<z.infer<typeof endingSchema>, 'officers'>,
): readonly NamedOfficer[] | 'officer-unknown' =>
  officers.every((id) => before.some((each) => each.id === id))
    ? before.filter(({ id }) => !officers.includes(id))
    : 'officer-unknown'

/**
 * The officers named only by keys that were never compromised. The signer states the time of a statement, so
 * everything that a compromised key ever named stops counting.
 */
export const namedByItself = (
  all: readonly NamedOfficer[],
  keys: readonly { readonly kid: string; readonly compromisedSince?: string }[],
): readonly Officer[] =>
  all
    .filter(({ by }) =>
      keys.every(({ kid, compromisedSince: since }) => !by.includes(kid) || since === undefined),
    )
    .map(({ by: _, at: __, ...officer }) => officer)
