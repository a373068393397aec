/** What a holder keeps on a subject, and by what a subject is asked for. */

import * as z from 'zod'
import { enumOf } from '../policy/policy.ts'
import { classes } from '../policy/vocabulary.ts'

const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}*$/u, 'no control characters')

/** The id of a record or of one of its items. */
export const recordId = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'letters, digits, dot, hyphen')

/** A full name and a birth date, in any case and Unicode form. */
const spelt = text(100).regex(/\p{L}/u, 'at least one letter')
const name = z.strictObject({ given: spelt, family: spelt })
const document = z.strictObject({
  number: text(40).regex(/[\p{L}\p{N}]/u, 'at least one letter or digit'),
  country: z.string().regex(/^[A-Z]{2}$/),
})

/** By what a subject is asked for. */
export const subjectSchema = z.union([
  z.strictObject({ recordId }),
  z.strictObject({ document }),
  z.strictObject({ name, birthDate: z.iso.date() }),
])
export type Subject = z.infer<typeof subjectSchema>

const address = z.strictObject({
  street: text(200).optional(),
  city: text(100).optional(),
  region: text(100).optional(),
  country: z.string().regex(/^[A-Z]{2}$/),
})

/** One item: a value, whom it is about, and where it comes from. */
export const recordItemSchema = z.strictObject({
  id: recordId,
  /** NIEM name, or `ext:` where NIEM has none; one of the `elements` list. */
  element: z.string().min(2).max(80),
  class: z.enum(Object.keys(classes) as [keyof typeof classes, ...(keyof typeof classes)[]]),
  value: z.union([text(2000), z.number(), address]),
  role: enumOf('item.role'),
  /** Whether the person was under 18 at the event, and the age then, if known. */
  minor: z.boolean().optional(),
  ageAtEvent: z.int().min(0).max(130).optional(),
  eventDate: z.iso.date().optional(),
  /** Who gave the item to the holder; absent for its own. */
  originator: z
    .string()
    .regex(/^([A-Z]{2}|INTERPOL|EUROPOL)$/)
    .optional(),
  system: enumOf('item.system'),
  quality: enumOf('item.quality'),
  status: enumOf('item.status'),
  youthRecord: enumOf('item.youthRecord'),
  /** The last day on which the holder may keep it. */
  retentionUntil: z.iso.date().optional(),
  /** Handling codes that travel with the item. */
  handling: z.array(z.string().regex(/^[A-Za-z0-9:+ -]{1,40}$/)).max(8),
})
export type RecordItem = z.infer<typeof recordItemSchema>

/** A record: by what it can be asked for, and its items. */
export const recordSchema = z.strictObject({
  id: recordId,
  names: z.array(name).max(20),
  birthDates: z.array(z.iso.date()).max(5),
  documents: z.array(document).max(20),
  /** Items beyond this many belong in another record. */
  items: z.array(recordItemSchema).max(100),
})
export type HeldRecord = z.infer<typeof recordSchema>

/** A name, compared after Unicode (NFKC) and case folding, without marks, spaces or punctuation. */
export const foldName = (name: { readonly given: string; readonly family: string }): string =>
  [name.family, name.given].map(fold).join(' ')

/** Upper case folds more than lower case does: ß and ẞ, ς, ı and ligatures. Ł and L stay apart. */
const fold = (word: string): string =>
  word
    .normalize('NFKD')
    .toLowerCase()
    .toUpperCase()
    // Marks, punctuation, spaces, symbols, invisible characters, and letters used as apostrophes.
    .replace(/[\p{M}\p{P}\p{Z}\p{S}\p{Cf}\u02b0-\u02ff]/gu, '')
    .normalize('NFC')

const foldNumber = (number: string): string =>
  number
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

/** An identifier in one canonical form: what a look-up and a pseudonym are computed from. */
export function identifierOf(subject: Subject): string {
  if ('recordId' in subject) return `record:${subject.recordId}`
  if ('document' in subject)
    return `document:${subject.document.country}:${foldNumber(subject.document.number)}`
  return `person:${foldName(subject.name)}:${subject.birthDate}`
}

/** Every identifier by which a record may be asked for. */
export function identifiersOf(record: HeldRecord): readonly string[] {
  return [
    identifierOf({ recordId: record.id }),
    ...record.documents.map((each) => identifierOf({ document: each })),
    ...record.names.flatMap((each) =>
      record.birthDates.map((birthDate) => identifierOf({ name: each, birthDate })),
    ),
  ]
}

/** The ids that more than one item of a record has: nobody can say which of them was judged. */
export function repeatedIds(items: readonly { readonly id: string }[]): ReadonlySet<string> {
  const ids = items.map(({ id }) => id)
  return new Set(ids.filter((id, at) => ids.indexOf(id) !== at))
}
