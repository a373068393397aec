/** What a holder keeps on a subject, and how a subject is asked for. */

import * as z from 'zod'
import { fileBytesMax, fileTypes } from '../picture/limits.ts'
import { enumOf, itemClasses, partyPattern } from '../policy/fact-types.ts'
import { onFirstUse } from '../policy/first-use.ts'
import { yearsBetween } from '../policy/history.ts'
import { freeText, storedText, type Text } from './free-text.ts'

/** The id of a record or of one of its items. */
export const recordId = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'letters, digits, dot, hyphen')

/** A full name, in any case and Unicode form. */
const nameOf = (text: Text) => {
  const spelt = text(100).regex(/\p{L}/u, 'at least one letter')
  return z.strictObject({ given: spelt, family: spelt })
}
const documentOf = (text: Text) =>
  z.strictObject({
    number: text(40).regex(/[\p{L}\p{N}]/u, 'at least one letter or digit'),
    country: z.string().regex(/^[A-Z]{2}$/),
  })

/** How a subject is asked for, its text checked by `text`. */
export const subjectOf = (text: Text) =>
  z.union([
    z.strictObject({ recordId }),
    z.strictObject({ document: documentOf(text) }),
    z.strictObject({ name: nameOf(text), birthDate: z.iso.date() }),
  ])
/** How a subject is asked for. */
export const subjectSchema = subjectOf(freeText)
export type Subject = z.infer<typeof subjectSchema>

const addressOf = (text: Text) =>
  z.strictObject({
    street: text(200).optional(),
    city: text(100).optional(),
    region: text(100).optional(),
    country: z.string().regex(/^[A-Z]{2}$/),
  })

const digestText = z.string().regex(/^[A-Za-z0-9_-]{43}$/, '43 letters, digits, - and _')
/** A file that is kept: a salted commitment to its bytes (`ledger/file.ts`), with the salt. */
export const keptFileSchema = z.strictObject({
  type: z.enum(fileTypes).describe('What the file is.'),
  length: z
    .int()
    .min(1)
    .max(fileBytesMax)
    .meta({ description: 'How many bytes it has.', examples: [48_211] }),
  digest: digestText.meta({
    description: 'base64url of the SHA-256 of 0x04, the salt and the bytes of the file.',
    examples: ['Kq3vT0m8cXb1nYw7uRz5eLg2hJd9sPf4aQo6iVt0xBk'],
  }),
  salt: digestText.meta({
    description: '32 random bytes, base64url, by which the digest says nothing to others.',
    examples: ['bH0nYw7uRz5eLg2hJd9sPf4aQo6iVt0xBkKq3vT0m8c'],
  }),
})
export type KeptFile = z.infer<typeof keptFileSchema>
/** A file as the value of an item; one whose content has not come yet says its type alone. */
const fileSchema = z.union([keptFileSchema, z.strictObject({ type: keptFileSchema.shape.type })])

/** One item: a value, whom it is about, and where it comes from. */
const itemOf = (text: Text) =>
  z.strictObject({
    id: recordId,
    /** NIEM name, or `ext:` where NIEM has none; one of the `elements` list. */
    element: text(80).min(2),
    class: z.enum(itemClasses),
    value: z.union([text(2000), z.number(), addressOf(text), fileSchema]),
    role: enumOf('item.role'),
    /** Whether the person was under 18 at the event, and the age then, if known. */
    minor: z.boolean().optional(),
    ageAtEvent: z.int().min(0).max(130).optional(),
    eventDate: z.iso.date().optional(),
    /** When the holder last reviewed and validated it, where its law asks for that. */
    validatedOn: z.iso.date().optional(),
    /** The instrument under which the holder got it, or `none`; unknown if left out. */
    obtainedUnder: text(40).optional(),
    /** Who gave the item to the holder; the holder's own jurisdiction, or absent outside shared systems, for its own. */
    originator: z.string().regex(partyPattern).optional(),
    system: enumOf('item.system'),
    quality: enumOf('item.quality'),
    status: enumOf('item.status'),
    youthRecord: enumOf('item.youthRecord'),
    /** The last day on which the holder may keep it. */
    retentionUntil: z.iso.date().optional(),
    /** Handling codes that travel with the item. */
    handling: z.array(z.string().regex(/^[A-Za-z0-9:+ -]{1,40}$/)).max(8),
  })
/** An item as it may come in. */
export const recordItemSchema = onFirstUse(() => itemOf(freeText))
/** An item as stored, perhaps from before the rules for text. */
export const storedItemSchema = onFirstUse(() => itemOf(storedText))
export type RecordItem = z.infer<ReturnType<typeof itemOf>>
type ItemValue = RecordItem['value']

/**
 * Systems in which what others gave lies beside the holder's own, so that silence of an item tells nothing. Each has
 * rules that let the holder's own go where another's waits.
 */
const sharedSystems: readonly RecordItem['system'][] = [
  'SIS',
  'customs',
  'financial-intelligence',
  'joint-team',
  'mutual-assistance',
]

/** Who gave an item to a holder of `own` jurisdiction, `holder` for its own; undefined where the record has to say. */
export function originOf(item: RecordItem, own: string): string | undefined {
  const { originator } = item
  if (originator === undefined) {
    const system = systemOf(item, own)
    return system === undefined || sharedSystems.includes(system) ? undefined : 'holder'
  }
  return originator === own ? 'holder' : originator
}

/**
 * The system that binds an item: what came to the holder by an alert or a joint team stays bound by it in the holder's
 * own files, too (Reg. (EU) 2018/1862 arts 56, 57(1) and 65; FD 2002/465/JHA art. 1(10)). Undefined where the item says
 * that it lies in another shared system: which law binds it nobody knows, and it stays.
 */
export function systemOf(item: RecordItem, own: string): RecordItem['system'] | undefined {
  const { originator, system } = item
  const source = sourceOf(item)
  if (originator === own || source === undefined || source === system) return system
  if (system === 'national') return source
  return sharedSystems.includes(system) ? undefined : system
}

/** The shared system whose law the instrument of an item names, if it names one, by a code or as the regulation itself. */
function sourceOf({ obtainedUnder = '' }: RecordItem): RecordItem['system'] | undefined {
  if (/^(SIS(?![A-Z])|EU-2018\/186[012]$)/i.test(obtainedUnder.trim())) return 'SIS'
  return /^EU-2002\/465$/i.test(obtainedUnder.trim()) ? 'joint-team' : undefined
}

/** Roles in which an item is surely of the record's own person. */
const ownRoles: readonly RecordItem['role'][] = ['suspect', 'convicted', 'missing']

/**
 * Whether an item says that it is of an adult, while it or every birth date of the record says that they were under 18
 * then: nobody knows which.
 */
export function isOfBothAges(
  { minor, ageAtEvent = 18, eventDate, role }: RecordItem,
  birthDates: readonly string[],
): boolean {
  if (minor !== false) return false
  const isYoung =
    ownRoles.includes(role) &&
    eventDate !== undefined &&
    birthDates.length > 0 &&
    birthDates.every((each) => yearsBetween(each, eventDate) < 18)
  return ageAtEvent < 18 || isYoung
}

/** Whether a value is a file, whether or not its content has come. */
export const isFile = (value: ItemValue): value is z.infer<typeof fileSchema> =>
  typeof value === 'object' && 'type' in value

/** Whether a value is a file of which there is a content. */
export const isKeptFile = (value: unknown): value is KeptFile =>
  typeof value === 'object' && value !== null && 'digest' in value && 'salt' in value

/** A record: its identifiers, and its items. */
const recordOf = (text: Text, item: ReturnType<typeof itemOf>) =>
  z.strictObject({
    id: recordId,
    names: z.array(nameOf(text)).max(20),
    birthDates: z.array(z.iso.date()).max(5),
    documents: z.array(documentOf(text)).max(20),
    /** Items beyond this many belong in another record. */
    items: z.array(item).max(100),
  })

/** Adds an issue for each item that repeats an earlier id: nobody could tell the two apart. */
export const distinctIds = (
  items: readonly { readonly id: string }[],
  context: z.RefinementCtx,
): void => {
  items.forEach(({ id }, i) => {
    if (items.findIndex((each) => each.id === id) < i)
      context.addIssue({
        code: 'custom',
        path: [i, 'id'],
        message: 'an item before it has this id; give each an id of its own',
      })
  })
}

/** The ids that more than one item has. */
export function repeatedIds(items: readonly { readonly id: string }[]): ReadonlySet<string> {
  const [seen, repeated] = [new Set<string>(), new Set<string>()]
  for (const { id } of items) (seen.has(id) ? repeated : seen).add(id)
  return repeated
}

/**
 * A record as stored, perhaps from before items had distinct ids and before the rules for text. It is read as
 * it is; the decision says what may leave.
 */
export const storedRecordSchema = onFirstUse(() => recordOf(storedText, storedItemSchema()))

/** A record as it may come in. The check is on `items`, since `omit` drops a check on the whole record. */
export const recordSchema = onFirstUse(() => {
  const made = recordOf(freeText, recordItemSchema())
  return made.extend({ items: made.shape.items.superRefine(distinctIds) })
})
export type HeldRecord = z.infer<ReturnType<typeof recordOf>>

/** The record without the contents of its files: nothing is kept here of a holder's own system. */
export const withoutContents = (record: HeldRecord): HeldRecord => ({
  ...record,
  items: record.items.map((item) =>
    isFile(item.value) ? { ...item, value: { type: item.value.type } } : item,
  ),
})

/** A name, compared after Unicode (NFKC) and case folding, without marks, spaces or punctuation. */
const foldName = (name: Name, marks: RegExp): string =>
  [name.family, name.given].map((word) => fold(word, marks)).join(' ')
type Name = { readonly given: string; readonly family: string }

const anyMark = /\p{M}/gu
/** Marks without which a word is still the same: accents and points, and not the vowel signs of India or か beside が. */
const accents =
  /(?=[\p{Script=Inherited}\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}])(?![\u3099\u309a])\p{M}/gu

/** Upper case folds more than lower case does: ß and ẞ, ς, ı and ligatures. Ł and L stay apart. */
const fold = (word: string, marks: RegExp): string =>
  word
    .normalize('NFKD')
    .toLowerCase()
    .toUpperCase()
    .replace(marks, '')
    // Punctuation, spaces, symbols, invisible characters, and letters used as apostrophes.
    .replace(/[\p{P}\p{Z}\p{S}\p{Cf}\u02b0-\u02ff]/gu, '')
    .normalize('NFC')

const foldNumber = (number: string): string =>
  number
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '')

/** An identifier in one canonical form: what a look-up and a pseudonym are computed from. */
export function identifierOf(subject: Subject, marks = anyMark): string {
  if ('recordId' in subject) return `record:${subject.recordId}`
  if ('document' in subject)
    return `document:${subject.document.country}:${foldNumber(subject.document.number)}`
  return `person:${foldName(subject.name, marks)}:${subject.birthDate}`
}

/** The same, apart for two names of which only the marks differ: राम and रमा have one identifier, and are two people. */
export const spellingOf = (subject: Subject): string => identifierOf(subject, accents)

/**
 * Every form of an identifier to look for, at most four: a name as written, and as in a machine-readable
 * zone. Müller is also looked for as Mueller, and is found by Muller and by Mueller.
 */
export function identifiersFor(subject: Subject, marks = anyMark): readonly string[] {
  if (!('name' in subject)) return [identifierOf(subject)]
  const { name, birthDate } = subject
  const forms = [name.family, transliterate(name.family)].flatMap((family) =>
    [name.given, transliterate(name.given)].map((given) => ({ given, family })),
  )
  return [...new Set(forms.map((each) => identifierOf({ name: each, birthDate }, marks)))]
}

/** Every identifier by which a record may be asked for. */
export function identifiersOf(record: HeldRecord, marks = anyMark): readonly string[] {
  return [
    identifierOf({ recordId: record.id }),
    ...record.documents.map((each) => identifierOf({ document: each })),
    ...record.names.flatMap((name) =>
      record.birthDates.flatMap((birthDate) => identifiersFor({ name, birthDate }, marks)),
    ),
  ]
}

/** Whether a record has an identifier that a subject is asked for by. */
export function isAbout(record: HeldRecord, subject: Subject, marks = anyMark): boolean {
  const wanted = identifiersFor(subject, marks)
  return identifiersOf(record, marks).some((each) => wanted.includes(each))
}

/** Whether it is so by the spelling of a name, too: another record is perhaps another person's. */
export const isSurelyAbout = (record: HeldRecord, subject: Subject): boolean =>
  // Where no name has other marks than accents, its spelling is its identifier.
  !('name' in subject) ||
  ![subject.name, ...record.names].some(hasOtherMarks) ||
  isAbout(record, subject, accents)

const hasOtherMarks = ({ given, family }: Name): boolean =>
  `${given} ${family}`.normalize('NFKD').replace(accents, '').search(anyMark) >= 0

// How names stand in the machine-readable zone of a passport or visa.

/**
 * The letters that ICAO Doc 9303-3, section 6.A, transliterates otherwise than by dropping their marks. Where
 * it gives a choice, this is the first. Of the others, `A`, `O`, `U` and `N` are the letters without marks,
 * and nobody looks for `NXX` and `UXX`.
 */
const transliterations: Readonly<Record<string, string>> = {
  Ä: 'AE',
  Å: 'AA',
  Æ: 'AE',
  Ð: 'D',
  Đ: 'D',
  Ħ: 'H',
  Ł: 'L',
  Ŋ: 'N',
  Ö: 'OE',
  Ø: 'OE',
  Œ: 'OE',
  Þ: 'TH',
  Ŧ: 'T',
  Ü: 'UE',
}

/** A word with these letters transliterated, in upper case; all others as they are. */
const transliterate = (word: string): string =>
  word
    .normalize('NFKC')
    .toUpperCase()
    .replace(/\P{ASCII}/gu, (letter) => transliterations[letter] ?? letter)
