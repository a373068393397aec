/** Facts that a named officer vouches for, and which of them count for a request. */

import * as z from 'zod'
import { enumOf } from '../policy/policy.ts'
import { type FactValue, knownValue, vocabulary } from '../policy/vocabulary.ts'
import { agencyId, caseReference, entryIdSchema } from './request.ts'

const jurisdiction = z.string().regex(/^([A-Z]{2}|INTERPOL|EUROPOL)$/)
const officer = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/)

/** What an attestation is about: one request, one case of an agency, or a country as a rule. */
const scope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('request'), request: entryIdSchema }),
  z.strictObject({ kind: z.literal('case'), requester: agencyId, caseReference }),
  z.strictObject({
    kind: z.literal('standing'),
    requester: jurisdiction,
    purpose: enumOf('request.purpose').optional(),
    offenceCategory: enumOf('request.offence.category').optional(),
  }),
])
export type Scope = z.infer<typeof scope>

const mayBeAttested = (fact: string, value: unknown): boolean =>
  knownValue(fact, value) !== undefined &&
  (vocabulary[fact]?.attestable?.includes(String(value)) ?? true)

/** The body of `POST /v1/attestations`. */
export const attestationSchema = z
  .strictObject({
    holder: agencyId,
    fact: z.enum(
      Object.keys(vocabulary).filter((name) => vocabulary[name]?.attester !== undefined) as [
        string,
        ...string[],
      ],
    ),
    value: z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).max(30)]),
    scope,
    /** For `item.originConsent`: whose data the consent is about. */
    originator: jurisdiction.optional(),
    /** Why the officer may say so. */
    ground: z
      .string()
      .min(8)
      .max(600)
      .regex(/^\P{Cc}*$/u, 'no control characters'),
    /** base64url SHA-256 of the document behind it. */
    documentDigest: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43}$/)
      .optional(),
    from: z.iso.datetime(),
    until: z.iso.datetime(),
    decidedBy: officer,
  })
  .refine(({ fact, value }) => mayBeAttested(fact, value), {
    message: 'not a value of this fact; GET /v1/vocabulary lists them',
    path: ['value'],
  })
  .refine(({ from, until }) => Date.parse(from) < Date.parse(until), {
    message: 'an attestation ends after it begins',
    path: ['until'],
  })
  .refine(
    ({ fact, originator }) => (fact === 'item.originConsent') === (originator !== undefined),
    {
      message: 'the originator goes with `item.originConsent`, and with nothing else',
      path: ['originator'],
    },
  )
export type AttestationBody = z.infer<typeof attestationSchema>

/** An attestation as kept: its id is that of its entry. */
export type Attestation = AttestationBody & {
  readonly id: string
  /** The agency and officer that entered it. */
  readonly attester: string
  readonly enteredBy: string
  readonly enteredAt: string
}

/** What an attestation is matched against. */
export type Matter = {
  readonly request: readonly string[]
  readonly requester: string
  readonly requesterJurisdiction: string
  readonly caseReference: string
  readonly purpose: string
  readonly offenceCategory: string
}

const breadth: Readonly<Record<Scope['kind'], number>> = { request: 0, case: 1, standing: 2 }

/**
 * The attested value of each fact at an instant. The narrower scope counts before the wider; two of
 * one scope that disagree leave the fact unknown.
 * `item.originConsent` is keyed with the originator: `item.originConsent@BE`.
 */
export function attested(
  all: readonly Attestation[],
  matter: Matter,
  at: string,
): ReadonlyMap<string, { readonly value: FactValue | undefined; readonly ids: readonly string[] }> {
  const byFact = new Map<string, Attestation[]>()
  const now = Date.parse(at)
  for (const each of all) {
    const valid = Date.parse(each.from) <= now && now < Date.parse(each.until)
    if (!valid || !matches(each.scope, matter)) continue
    const key = each.originator === undefined ? each.fact : `${each.fact}@${each.originator}`
    byFact.set(key, [...(byFact.get(key) ?? []), each])
  }
  const values = new Map<string, { value: FactValue | undefined; ids: readonly string[] }>()
  for (const [key, found] of byFact) {
    const narrowest = Math.min(...found.map(({ scope: { kind } }) => breadth[kind]))
    const counting = found.filter(({ scope: { kind } }) => breadth[kind] === narrowest)
    const distinct = new Set(counting.map(({ value }) => JSON.stringify(value)))
    const value = distinct.size === 1 ? counting[0]?.value : undefined
    values.set(key, { value, ids: counting.map(({ id }) => id).sort() })
  }
  return values
}

function matches(scope: Scope, matter: Matter): boolean {
  switch (scope.kind) {
    case 'request':
      return matter.request.includes(scope.request)
    case 'case':
      return scope.requester === matter.requester && scope.caseReference === matter.caseReference
    case 'standing':
      return (
        scope.requester === matter.requesterJurisdiction &&
        (scope.purpose ?? matter.purpose) === matter.purpose &&
        (scope.offenceCategory ?? matter.offenceCategory) === matter.offenceCategory
      )
  }
}
