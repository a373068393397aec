/**
 * The schemas of a policy file and a shared list. Types are inferred from them, and `test/editor-schema.ts` makes schemas
 * for editors from them. A gateway does not read this file: it runs what was checked when it was sealed.
 */

import * as z from 'zod'
import { enumOf, safeguards } from './fact-types.ts'
import { english, type Language, languageName, languageTags } from './language.ts'
import { duties } from './obligations.ts'
import { confidence, sentence, sentenceOf } from './sentence.ts'

/** JSON Logic as written; `dialect.ts` checks which part of it is allowed. */
export type Logic =
  | boolean
  | number
  | string
  | readonly Logic[]
  | { readonly [operator: string]: Logic }

const logic: z.ZodType<Logic> = z
  .lazy(() =>
    z.union([z.boolean(), z.number(), z.string(), z.array(logic), z.record(z.string(), logic)]),
  )
  .meta({ id: 'condition' })

const kebab = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower case letters, digits and hyphens')
// A cast: `Object.fromEntries` forgets the names.
const translated = Object.fromEntries(
  languageTags.map((tag) => [
    tag,
    sentenceOf(600)
      .optional()
      .describe(`The sentence in ${languageName(tag)}.`),
  ]),
) as Record<Language, z.ZodOptional<z.ZodString>>
/** A sentence as it is written, and as it is read: in English. `Version.translations` has the others. */
const says = z
  .union([sentence, z.strictObject({ en: sentence, ...translated })])
  .meta({ id: 'sentence' })
  .transform(english)
const day = z.iso.date()
const cites = z.array(z.string().min(2).max(200)).min(1).max(12)

const code = kebab.describe('Stable reason code that agency systems may read.')

const obligation = z.strictObject({
  code: z.enum(Object.keys(duties) as [string, ...string[]]),
  /** ISO 8601 duration in hours or days, from the decision. */
  within: z
    .string()
    .regex(/^P(T\d{1,4}H|\d{1,4}D)$/)
    .optional(),
  value: z.string().min(1).max(80).optional(),
})
export type PolicyObligation = z.infer<typeof obligation>

const obligations = z.array(obligation).max(12).optional()

/** An article under which a reason that shows something of the record may be told. */
const tell = z.strictObject({ cites })

const treatment = z.enum(['generalise', 'mask', 'pseudonymise', 'withhold'])

const then = z.discriminatedUnion('effect', [
  z.strictObject({ effect: z.literal('permit'), code, obligations }),
  z.strictObject({ effect: z.literal('deny'), code, obligations, tell: tell.optional() }),
  z.strictObject({
    effect: z.literal('redact'),
    treatment,
    /** For `mask`: how many characters at the end stay readable. */
    keepLast: z.int().min(0).max(8).optional(),
    code,
    obligations,
    tell: tell.optional(),
  }),
  z.strictObject({ effect: z.literal('oblige'), obligations: z.array(obligation).min(1).max(12) }),
])

const exception = z.strictObject({ says, cites, confidence, when: logic, obligations })

const nature = z.enum(['mandatory', 'discretionary', 'choice'])

const rule = z.strictObject({
  id: kebab,
  says,
  cites,
  nature,
  confidence,
  /** If the rule reads a claim: the article that lets the holder rely on it. */
  relies: z.strictObject({ cites }).optional(),
  when: logic,
  unless: z.array(exception).max(6).optional(),
  /** A condition that `says` or `cites` names and `when` does not test, and the rule or fact that does. */
  testedElsewhere: z
    .array(
      z.strictObject({
        words: z.string().min(3).max(120).describe('As they stand in `says` or `cites`.'),
        by: z.string().min(3).max(120).describe('A fact, or a rule that refuses without it.'),
      }),
    )
    .min(1)
    .max(6)
    .optional(),
  then,
})
export type Rule = z.infer<typeof rule>
export type Exception = z.infer<typeof exception>

/**
 * For a ground: what may leave by rule alone. What no alternative in `byRule` allows needs the decision of a
 * named officer. `says` is that sentence, with the article that reserves it, or marked `choice`.
 */
const automation = z.strictObject({
  says,
  cites,
  nature: z.enum(['mandatory', 'choice']),
  confidence,
  byRule: z
    .array(
      z.strictObject({
        says,
        cites,
        nature: z.enum(['mandatory', 'choice']),
        confidence,
        when: logic,
      }),
    )
    .max(8)
    .describe('Each alternative that lets an item go without an officer; none: nothing does.'),
})
export type Automation = z.infer<typeof automation>

const head = {
  $schema: z.string().optional(),
  title: z.string().min(3).max(160),
  notice: z.literal('An engineering reading, not legal advice.'),
  change: sentence.describe('What this version changes.'),
  owner: z.string().min(3).max(80),
  timeZone: z.string().min(3).max(40).describe('IANA time zone whose days count.'),
  unchecked: z.array(sentence).max(20).optional().describe('What counsel must check first.'),
  translated: z
    .partialRecord(z.enum(languageTags), confidence)
    .optional()
    .describe(
      'Of each language in which sentences stand beside English: how well that was checked.',
    ),
}

/** One version of a policy: what the law says from a day on. */
export const policySchema = z
  .strictObject({
    ...head,
    instrument: z.strictObject({ name: z.string().min(3).max(240), url: z.url().optional() }),
    kind: z.enum(['ground', 'limit']),
    /** A repealed policy permits nothing and limits nothing from its day on. */
    repealed: z.literal(true).optional(),
    /** Policy id → rule id (or `otherwise`, or `<rule>/unless`) → this policy's own articles. */
    transposes: z.record(z.string(), z.record(z.string(), cites)).optional(),
    applies: z.strictObject({ says, cites, confidence, when: logic }),
    /** What a ground's silence means. */
    otherwise: z.strictObject({ code, says, cites, confidence, tell: tell.optional() }).optional(),
    /** What leaves by rule alone, and what needs a person. A ground without it cannot be sealed. */
    automation: automation.optional(),
    rules: z.array(rule).max(64),
  })
  .refine(({ kind, automation: said }) => kind === 'ground' || said === undefined, {
    message:
      'a limit gives nothing, so nothing leaves by it; reserve with a rule that reads `release.decision`',
    path: ['automation'],
  })
  .refine((policy) => (policy.kind === 'ground') === (policy.otherwise !== undefined), {
    message: 'a ground says what its silence means in `otherwise`; a limit has none',
    path: ['otherwise'],
  })
export type PolicyFile = z.infer<typeof policySchema>

const allDuties = z.array(z.enum(Object.keys(duties) as [string, ...string[]]))

/** A sentence about all of the law: of every holder that it binds, on every day, for all facts. */
export const statementSchema = z
  .strictObject({
    $schema: z.string().optional(),
    notice: head.notice,
    says,
    /** The articles that ask for it; a choice of ours may have none. */
    cites: cites.optional(),
    nature: z.enum(['mandatory', 'choice']),
    confidence,
    holders: logic.optional().describe('Whom it binds: by the holder alone. All without it.'),
    when: logic
      .optional()
      .describe('Where it speaks: where this holds, or is not known. Everywhere without it.'),
    unless: logic.optional().describe('Where it does not speak: where this holds.'),
    never: z
      .enum(['leaves', 'leaves-by-rule-alone'])
      .optional()
      .describe('Nothing leaves; or nothing without an officer.'),
    always: allDuties.min(1).max(12).optional().describe('What leaves has all these duties.'),
    knownAgainst: z
      .array(
        z.strictObject({
          because: sentence,
          cites,
          until: day.describe('The last day on which this is accepted.'),
          when: logic,
        }),
      )
      .min(1)
      .max(12)
      .optional()
      .describe('Where the law is known not to keep it, and why that is accepted for now.'),
  })
  .refine(({ never, always }) => (never === undefined) !== (always === undefined), {
    message: 'a statement says what never leaves, or which duties always lie on what does',
    path: ['never'],
  })
  .refine(({ nature, cites: own }) => nature === 'choice' || own !== undefined, {
    message: 'what is mandatory cites the articles that ask for it; else it is a `choice`',
    path: ['cites'],
  })
export type StatementFile = z.infer<typeof statementSchema>

const from = day
const until = day.optional()
const source = { from, until, cites: z.string().min(2).max(200), confidence }

const years = z.int().min(0).max(100)

/** How long a holder's log keeps what it says of a disclosure: whole years after the year of the entry. */
const kept = z
  .strictObject({
    yearsMin: years,
    /** Older entries are deleted; absent if the law does not require it. */
    yearsMax: years.optional(),
    nature: z.enum(['mandatory', 'choice']),
  })
  .refine(({ yearsMin, yearsMax = yearsMin }) => yearsMax >= yearsMin, {
    message: 'nothing is deleted before it may be: `yearsMax` is no less than `yearsMin`',
    path: ['yearsMax'],
  })
export type RetentionYears = z.infer<typeof kept>

const member = z.union([
  z.strictObject({ value: z.string().min(1).max(80), ...source, kept: kept.optional() }),
  /** All members of another list, on the days on which they are members there. */
  z.strictObject({ membersOf: z.string(), ...source }),
])

const element = z.strictObject({
  value: z.string().min(1).max(80),
  class: z.array(z.string()).min(1).max(3),
  /** The kind of value, which decides how it is generalised. */
  holds: z.enum(['text', 'date', 'address', 'number', 'identifier', 'image']),
})

/** Agencies in the register by their ids, such as `DE-BKA`. */
const agencies = z.array(z.string().min(4).max(40)).min(1).max(40)
const ownDays = { from: day.optional(), until }

const party = z.union([
  /** A state or body, and which of its agencies; all of them if `agencies` is absent. */
  z.strictObject({ value: z.string().min(2).max(80), agencies: agencies.optional(), ...ownDays }),
  /** All members of another list, on the days on which they are members there. */
  z.strictObject({
    membersOf: z.string(),
    except: z.array(z.string().min(2).max(80)).min(1).max(40).optional(),
    ...ownDays,
  }),
])

/** What an instrument between states or agencies covers: parties, channel, authorities, purposes, data. */
export const arrangementSchema = z
  .strictObject({
    id: z.string().regex(/^[A-Z0-9]+(-[A-Z0-9]+)*$/, 'capital letters, digits and hyphens'),
    title: z.string().min(3).max(160),
    kind: z
      .enum(['police', 'mla', 'provider', 'carrier', 'vetting', 'safeguards-only', 'channel'])
      .describe('Only `police` and `mla` cover a request, and `vetting` one for another purpose.'),
    parties: z.array(party).min(1).max(80),
    multilateral: z
      .literal(true)
      .optional()
      .describe('Each party is bound to each other; without it, the first side to the second.'),
    direction: z
      .enum(['both', 'to-first', 'to-second'])
      .describe('To which of two sides data may go.'),
    binding: z.boolean(),
    safeguards: z.enum(safeguards),
    channels: z.array(enumOf('request.channel')).max(10),
    authorities: z.array(enumOf('requester.authorityType')).max(10),
    purposes: z.array(enumOf('request.purpose')).max(12),
    classes: z.array(enumOf('item.class')).min(1).max(15).optional().describe('All without it.'),
    excludes: z.array(enumOf('item.class')).min(1).max(15).optional(),
    threshold: z.strictObject({ maxCustodyMonthsRequester: z.int().min(1).max(1200) }).optional(),
    duties: allDuties.max(12),
    suspensions: z
      .array(z.strictObject({ from, until, cites: source.cites }))
      .max(20)
      .optional(),
    ...source,
  })
  .refine(({ multilateral, parties }) => multilateral === true || parties.length === 2, {
    message: 'an arrangement has two sides, or is `multilateral`',
    path: ['parties'],
  })
  .refine(({ multilateral, direction }) => multilateral !== true || direction === 'both', {
    message: 'where all are bound to all, the direction is `both`',
    path: ['direction'],
  })
export type ArrangementEntry = z.infer<typeof arrangementSchema>

/** What a holder's own notice lets it give abroad from one of its systems. */
const routineUse = z.strictObject({
  agency: z.string().min(4).max(40),
  system: enumOf('item.system'),
  use: enumOf('item.routineUse').exclude(['none']),
  ...source,
})

/** A dated list shared by policies. */
export const listSchema = z.strictObject({
  ...head,
  /** What it means to be on the list. */
  says,
  /** For a list of an instrument's parties: the id by which a request relies on it. */
  instrument: z.string().max(40).optional(),
  notYet: sentence
    .optional()
    .describe('Of an instrument that binds nobody yet: why. The requester is told.'),
  members: z.array(member).max(300).optional(),
  elements: z.array(element).max(300).optional(),
  arrangements: z.array(arrangementSchema).max(300).optional(),
  routineUses: z.array(routineUse).max(300).optional(),
})
export type ListFile = z.infer<typeof listSchema>
