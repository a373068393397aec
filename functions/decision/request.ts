/** What an agency asks for. */

import * as z from 'zod'
import { enumOf, itemClasses, partyPattern } from '../policy/fact-types.ts'
import { onFirstUse } from '../policy/first-use.ts'
import { freeText, storedText, type Text } from './free-text.ts'
import { subjectOf } from './record.ts'

/** Longest body of a call, bytes; a larger one is answered 413. */
export const bodyBytesMax = 16 * 1024

/** The form of an agency's id. */
export const agencyIdPattern = /^[A-Z]{2,8}(-[A-Z0-9]{2,16}){1,2}$/
/** Jurisdiction and name of an agency, as registered. */
export const agencyId = z.string().regex(agencyIdPattern, 'an agency id such as DE-BKA')

/** The id of an entry: base64url of 32 bytes. */
export const entryIdSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'an id as given in an answer')

/** A sensitivity class. */
export const classSchema = z.enum(itemClasses)

/** A case of the requester, as the requester names it. */
export const caseReference = freeText(80)

/**
 * A case reference as it is compared: spaces, letter case, the kind of dash and invisible characters make no
 * difference.
 */
export const foldCase = (reference: string): string =>
  reference
    .normalize('NFKC')
    .toLowerCase()
    .toUpperCase()
    // Spaces, the braille blank, and characters that show as nothing (Unicode, Default_Ignorable_Code_Point).
    .replace(/[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}\u2800]/gu, '')
    .replace(/\p{Dash}/gu, '-')
    .normalize('NFKC')

/** The name of an authority as it is compared: its letters and digits alone, without accents, in capitals. */
export const foldName = (name: string): string =>
  name
    .normalize('NFKD')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

/** Other ways by which requests come and answers go, and the channel that a way stands for, if for one. */
export const ways = {
  siena: 'siena',
  'i-24-7': 'interpol',
  sirene: 'sirene',
  'e-codex': undefined,
  letter: undefined,
} as const satisfies Readonly<Record<string, string | undefined>>
/** One of these. */
export type Way = keyof typeof ways
const waySchema = z.enum(Object.keys(ways) as [Way, ...Way[]])
/** The body of `POST /v1/access-requests/{id}/delivery`. */
export const deliverySchema = z.strictObject({
  by: waySchema.describe('The way by which it left.'),
  number: freeText(80).describe('Its number there.'),
  sentAt: z.iso.datetime(),
})
/** How an answer left by another way. */
export type Delivery = z.infer<typeof deliverySchema>

/** Item facts that a dry run supposes, by their names without `item.`. */
const hypothesis = z.strictObject({
  class: classSchema,
  role: enumOf('item.role').optional(),
  minor: z.boolean().optional(),
  ageAtEvent: z.int().min(0).max(130).optional(),
  origin: z.string().max(20).optional(),
  originConsent: enumOf('item.originConsent').optional(),
  system: enumOf('item.system').optional(),
  quality: enumOf('item.quality').optional(),
  status: enumOf('item.status').optional(),
  youthRecord: enumOf('item.youthRecord').optional(),
  yearsSinceEvent: z.int().min(0).max(130).optional(),
  yearsSinceValidation: z.int().min(0).max(130).optional(),
  obtainedUnder: z.string().max(40).optional(),
  indicatesOffence: enumOf('item.indicatesOffence').optional(),
})

/** A request, its text checked by `text`. */
const requestOf = (text: Text) =>
  z
    .strictObject({
      holder: agencyId,
      subject: subjectOf(text),
      classes: z.array(classSchema).min(1).max(15),
      purpose: enumOf('request.purpose'),
      /** Id of the instrument relied on, or `none`. */
      instrument: text(40),
      channel: enumOf('request.channel'),
      offence: z.strictObject({
        category: enumOf('request.offence.category'),
        description: text(400).optional(),
        /** Longest custodial sentence under the requester's law, months. */
        maxCustodyMonths: z.int().min(0).max(1200),
      }),
      stage: enumOf('request.stage'),
      urgency: enumOf('request.urgency'),
      necessity: z.strictObject({
        statement: text(2000),
        /** The classes that the requester calls strictly necessary: a wish, not an attestation. */
        strictlyNecessaryClasses: z.array(classSchema).max(15),
      }),
      /** Assurances that the requester gives; the holder's ministry attests them once verified. */
      assurances: z
        .strictObject({
          deathPenalty: z.literal('given').optional(),
          reciprocity: z.literal('given').optional(),
        })
        .optional(),
      caseReference: text(80),
      /** The request came by another way, and an officer of the holder enters it. Who asks is his word. */
      receivedBy: z
        .strictObject({
          way: waySchema,
          number: text(80),
          receivedAt: z.iso.datetime(),
          /** base64url SHA-256 of the message as it came. */
          digest: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'the SHA-256 of the message, base64url'),
          from: z.strictObject({
            name: text(160),
            jurisdiction: z.string().regex(partyPattern, 'a country such as FR'),
            authorityType: enumOf('requester.authorityType'),
            /** Codes of the duties that its own law forbids it to keep; `[]` if it is known that none. */
            cannotHonour: z.array(text(20)).max(30),
          }),
        })
        .optional(),
      /** The answer is to leave by another way: an officer of the holder sends it. */
      deliverBy: waySchema.optional(),
      /** Decide and explain on `hypotheses`; fetch and disclose nothing. */
      dryRun: z.literal(true).optional(),
      hypotheses: z.array(hypothesis).min(1).max(20).optional(),
      /** The open denial that is asked again. */
      previous: entryIdSchema.optional(),
    })
    .refine((request) => request.hypotheses === undefined || request.dryRun === true, {
      message: 'hypotheses go with a dry run; leave them out, or set `dryRun` to true',
      path: ['hypotheses'],
    })
    .refine(
      ({ receivedBy, channel }) => {
        const own = receivedBy && ways[receivedBy.way]
        return own === undefined || own === channel
      },
      { message: 'name the channel by which it came', path: ['channel'] },
    )
    .refine(
      ({ receivedBy }) => receivedBy === undefined || foldName(receivedBy.from.name).length > 1,
      {
        message: 'name the authority that asks, as it calls itself',
        path: ['receivedBy', 'from', 'name'],
      },
    )
    .refine(({ receivedBy, deliverBy }) => receivedBy === undefined || deliverBy === undefined, {
      message: 'what came by another way is answered by it anyway; leave `deliverBy` out',
      path: ['deliverBy'],
    })
/** The body of `POST /v1/access-requests`. What leaves by a channel is judged by the law of that channel. */
export const accessRequestSchema = requestOf(freeText)
  .refine(
    ({ deliverBy, channel }) => {
      const own = deliverBy && ways[deliverBy]
      return own === undefined || own === channel
    },
    { message: 'name the channel by which the answer is to leave', path: ['channel'] },
  )
  .refine(({ classes }) => new Set(classes).size === classes.length, {
    message: 'each class once',
    path: ['classes'],
  })
/** A request as an entry may hold it, perhaps from before the rules for text. */
export const storedRequestSchema = onFirstUse(() => requestOf(storedText))
type Asked = z.infer<typeof accessRequestSchema>
/**
 * What an agency asks for; or what a holder provides unasked, as if the recipient had asked for it. Nobody then
 * claims what only a requester could.
 */
export type AccessRequest = Omit<Asked, 'stage' | 'offence'> & {
  readonly stage?: Asked['stage'] | undefined
  readonly offence: Omit<Asked['offence'], 'maxCustodyMonths'> & {
    readonly maxCustodyMonths?: number | undefined
  }
  /** Of what is provided unasked: to whom. */
  readonly provided?: { readonly to: string }
}

/** A provision, its text checked by `text`. */
function provisionOf(text: Text, request: ReturnType<typeof requestOf>) {
  const { subject, classes: asked, purpose, instrument, channel, urgency } = request.shape
  return z.strictObject({
    holder: agencyId.describe('Your own agency, which gives.'),
    to: agencyId.describe('The agency that is to have it.'),
    ...{ subject, classes: asked, purpose, instrument, channel, urgency },
    offence: z.strictObject({
      category: enumOf('request.offence.category'),
      description: text(400).optional(),
    }),
    /** Why the recipient needs it. */
    ground: text(2000).describe('Why it is needed there.'),
    caseReference: text(80).describe('A case of yours.'),
    shown: z
      .string()
      .max(100)
      .optional()
      .describe(
        'What you were shown, as that answer names it. Without it nothing leaves: you are shown.',
      ),
    previous: entryIdSchema.optional().describe('An open denial of yours that this asks again.'),
  })
}
/** The body of `POST /v1/provisions`. */
export const provisionSchema = onFirstUse(() => provisionOf(freeText, accessRequestSchema))
export type Provision = z.infer<ReturnType<typeof provisionOf>>
const storedProvisionSchema = onFirstUse(() => provisionOf(storedText, storedRequestSchema()))

/** A provision, read as if its recipient had asked for it. */
export const requestOfProvision = ({
  to,
  ground,
  shown: _,
  ...provision
}: Provision): AccessRequest => ({
  ...provision,
  necessity: { statement: ground, strictlyNecessaryClasses: [] },
  provided: { to },
})

/** The request that a call made, from its body; throws if it is none. */
export function requestFrom(body: string): AccessRequest {
  const value: unknown = JSON.parse(body)
  const { success, data } = storedProvisionSchema().safeParse(value)
  return success ? requestOfProvision(data) : storedRequestSchema().parse(value)
}
