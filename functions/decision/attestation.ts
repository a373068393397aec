/** Facts that a named office vouches for: the body as sent, and the attestation as kept. */

import * as z from 'zod'
import {
  type Attester,
  enumOf,
  type FactValue,
  factTypes,
  partyPattern,
} from '../policy/fact-types.ts'
import { freeText, storedText, type Text } from './free-text.ts'
import { agencyId, entryIdSchema } from './request.ts'

const jurisdiction = z.string().regex(partyPattern)
const factName = z.enum(
  Object.keys(factTypes).filter((name) => factTypes[name]?.attester !== undefined) as [
    string,
    ...string[],
  ],
)
const factValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).max(30)])

/**
 * How far an attestation reaches: one matter, named by any of its requests; persons in an agency's case, each
 * named by a request that asked for them; or a country. Older rows of a case have no `persons`.
 */
const scopeOf = (text: Text) =>
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('matter'), matter: entryIdSchema }),
    z.strictObject({
      kind: z.literal('case'),
      requester: agencyId,
      caseReference: text(80),
      persons: z.array(entryIdSchema).min(1).max(20).optional(),
    }),
    z.strictObject({
      kind: z.literal('general'),
      requester: jurisdiction,
      purpose: enumOf('request.purpose').optional(),
      offenceCategory: enumOf('request.offence.category').optional(),
    }),
  ])
/** A scope as it is sent. */
export const scopeSchema = scopeOf(freeText)
/** A scope as a stored row may hold it: some rows are older than the rules for text. */
export const storedScopeSchema = scopeOf(storedText)
export type Scope = z.infer<typeof scopeSchema>

/** What an officer decided on: exactly what he was shown. */
export const releaseSchema = z.strictObject({
  shown: z
    .string()
    .regex(/^[A-Za-z0-9_-]{22}$/)
    .describe('`shown` of the proposal that the officer saw.'),
  record: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .optional()
    .describe('Of several records that fit: the one that is the person’s.'),
  takenOut: z
    .array(z.string().regex(/^[A-Za-z0-9._-]{1,64}$/))
    .max(100)
    .optional()
    .describe('Items that the officer takes out.'),
})

/** Longest that an attestation of a case or a country lasts, days. */
export const lastingDaysMax = 366
/**
 * How far ahead a general attestation may begin, days. Without this bound, one could be chained to another.
 */
export const aheadDaysMax = 31
/** Longest that a decision to release stands, hours, where the holder sets nothing shorter. */
export const releaseHoursMax = 72
/** One day, ms. */
export const dayMs = 86_400_000

/** The facts that one act states about one matter, with their values. */
export const statementsSchema = z
  .array(z.strictObject({ fact: factName, value: factValue }))
  .min(1)
  .max(12)

/** The fields of an attestation, before they are checked against one another. */
export const attestationShape = z.strictObject({
  holder: agencyId,
  fact: factName,
  value: factValue,
  /** Further facts of one matter that the same act decides. */
  also: statementsSchema.optional(),
  scope: scopeSchema,
  /** For `item.originConsent`: whose data the consent is about. */
  originator: jurisdiction.optional(),
  /** With `release.decision` = `release`: what is released. */
  release: releaseSchema.optional(),
  /** Why the office may say so. Shown to the holder's side alone. */
  ground: freeText(600).min(8),
  /** base64url SHA-256 of the document behind it. */
  documentDigest: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/)
    .optional(),
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  /** The office of the register that decided. If it is not the signer's, it signs too. */
  decidedBy: agencyId,
})
type Body = z.infer<typeof attestationShape>

/** The checked body of an attestation. */
export type AttestationBody = Body

/** Every fact of an act with its value. */
export const statementsOf = ({
  fact,
  value,
  also = [],
}: Pick<AttestationBody, 'fact' | 'value' | 'also'>): readonly {
  readonly fact: string
  readonly value: FactValue
}[] => [{ fact, value }, ...also]

/** A signature of another office under an attestation. */
export type Countersignature = {
  readonly agency: string
  readonly officer: string
  readonly as: 'office' | 'data-protection'
}

/** One signed call that acted on an attestation or objection, and the agency's key that signed it. */
export type KeyUse = {
  readonly did: 'sign' | 'add-person' | 'withdraw'
  readonly agency: string
  readonly kid: string
  /** When it was entered. */
  readonly at: string
  /** For `sign`, the role of the signature; for `add-person`, the request that named the person. */
  readonly of?: string
  /** Its entry, which has the signed call; absent from older rows. */
  readonly entry?: string
  /** No signed call was found that says so. Never in a row: whoever compares it with its entry says so. */
  readonly isUnsigned?: true
}

/** A case of an agency, as the agency names it. */
export type CaseName = { readonly requester: string; readonly caseReference: string }

/** An attestation as kept. Its id is the id of its entry. */
export type Attestation = AttestationBody & {
  readonly id: string
  /** The agency and officer that entered it. */
  readonly attester: string
  readonly enteredBy: string
  readonly enteredAt: string
  /** The attester's key that signed it. Like `uses`, absent from older rows. */
  readonly kid?: string
  readonly uses?: readonly KeyUse[]
  /** The kind of office that entered it; absent from older rows. */
  readonly as?: Attester
  /** For a matter or case: pseudonyms of the identifiers by which its persons were asked for. */
  readonly persons?: readonly string[]
  /** For a case: the requests that have added persons since. */
  readonly added?: readonly string[]
  /**
   * For a matter: its case. Absent from rows older than the rule that a refusal or risk reaches the whole
   * case.
   */
  readonly inCase?: CaseName
  readonly signatures?: readonly Countersignature[]
  /** Whether the register lets the signer enter the decisions of `decidedBy`. */
  readonly entersFor?: true
  /** No signed call was found that says all of this. Never in a row, as in `KeyUse`. */
  readonly isUnsigned?: true
}

/** An agency concerned doubts a fact. While the objection stands, the fact is unknown wherever it reaches. */
export type Objection = {
  readonly id: string
  readonly holder: string
  /** The attestation that it was made against. */
  readonly against: string
  readonly facts: readonly string[]
  readonly originator?: string
  readonly scope: Scope
  readonly persons?: readonly string[]
  readonly inCase?: CaseName
  readonly agency: string
  readonly enteredBy: string
  readonly enteredAt: string
  readonly uses?: readonly KeyUse[]
  readonly ground: string
}
