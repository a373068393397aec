/** What an agency asks for. */

import * as z from 'zod'
import { enumOf } from '../policy/policy.ts'
import { classes } from '../policy/vocabulary.ts'
import { freeText, storedText, type Text } from './free-text.ts'
import { subjectOf } from './record.ts'

/** Longest body of a call, bytes; a larger one is answered 413. */
export const bodyBytesMax = 16 * 1024

/** Jurisdiction and name of an agency, as registered. */
export const agencyId = z
  .string()
  .regex(/^[A-Z]{2,8}(-[A-Z0-9]{2,16}){1,2}$/, 'an agency id such as DE-BKA')

/** The id of an entry: base64url of 32 bytes. */
export const entryIdSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'an id as given in an answer')

/** A sensitivity class. */
export const classSchema = z.enum(
  Object.keys(classes) as [keyof typeof classes, ...(keyof typeof classes)[]],
)

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
/** The body of `POST /v1/access-requests`. */
export const accessRequestSchema = requestOf(freeText)
/** A request as an entry may hold it, perhaps from before the rules for text. */
export const storedRequestSchema = requestOf(storedText)
export type AccessRequest = z.infer<typeof accessRequestSchema>
