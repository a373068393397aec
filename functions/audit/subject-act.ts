/**
 * Acts on what the log keeps of a person: what a holder sends, what prevents an erasure, and the certificate
 * that the holder gets.
 */

import * as z from 'zod'
import { endOf, matterIn } from '../answer/ask/matter.ts'
import { decisionIn } from '../answer/entries/reader.ts'
import type { AboutSubject } from '../answer/entries/values.ts'
import { entryIdSchema } from '../decision/request.ts'
import { keptUntil, type Period } from '../policy/retention.ts'
import type { World } from '../ports.ts'
import type { OpenEntry } from './entries-about.ts'
import type { Keeping } from './retention.ts'

const sentence = z
  .string()
  .min(8)
  .max(600)
  .regex(/^\P{Cc}*$/u, 'no control characters')

const why = {
  ground: sentence.describe('Why, without a name.'),
  cites: z.array(z.string().min(2).max(120)).max(10),
  jti: z
    .string()
    .regex(/^[A-Za-z0-9_-]{22,64}$/)
    .describe('That of the call which carries the act: an approval serves one call.'),
  approval: z
    .string()
    .max(2048)
    .describe('Compact JWS of an approver over the digest of all other members.'),
}

const subjects = z
  .array(z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'a pseudonym of POST /v1/subject-pseudonyms'))
  .min(1)
  .max(20)

/** Who orders the erasure of data that the law still keeps. The act's entry and certificate name the order. */
export const orderSchema = z
  .strictObject({
    by: z.enum(['supervisory-authority', 'court']),
    reference: z
      .string()
      .min(2)
      .max(120)
      .regex(/^\P{Cc}*$/u, 'no control characters')
      .describe('By what that office finds it, without a name.'),
    documentDigest: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43}$/)
      .describe('base64url SHA-256 of the document.'),
  })
  .describe('Who orders it, where the law still keeps what would go.')
export type Order = z.infer<typeof orderSchema>

/** The body of `POST /v1/subject-acts`. */
export const subjectActSchema = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('erase'), subjects, order: orderSchema.optional(), ...why }),
  z.strictObject({ act: z.enum(['restrict', 'hold']), subjects, ...why }),
  z.strictObject({
    act: z.literal('lift'),
    ends: entryIdSchema.describe('The hold or restriction that ends.'),
    ...why,
  }),
  z.strictObject({
    act: z.literal('expire'),
    before: z
      .string()
      .regex(/^\d{4}-Q[1-4]$/, 'a quarter such as 2027-Q1')
      .describe('What is of an earlier quarter expires, as far as the period of the law is over.'),
    ...why,
  }),
])
export type SubjectAct = z.infer<typeof subjectActSchema>

/** The name of an act. */
export type ActName = SubjectAct['act']

/**
 * What the law still keeps of these entries, or undefined if nothing: disclosures younger than `period` (all
 * disclosures, if there is no period), and matters that are not over (LED art. 25).
 */
export function keepingOf(
  entries: readonly OpenEntry[],
  period: Period | undefined,
  world: Pick<World, 'now' | 'matterDays'>,
): Keeping | undefined {
  const now = world.now()
  const today = now.toISOString().slice(0, 10)
  const endsOf = ({ stored }: OpenEntry) =>
    period === undefined ? undefined : keptUntil(period.yearsMin, stored.leaf.ts)
  const disclosures = entries
    .filter(isDisclosure)
    .map(endsOf)
    .filter((end) => !(end && end < today))
  const open = openMatters(entries)
    .map((matter) => endOf(matter, world))
    .filter((end) => end >= now.getTime())
    .map((end) => new Date(end).toISOString().slice(0, 10))
  if (disclosures.length + open.length === 0) return undefined
  const ends = [...disclosures, ...open]
  const until = ends.includes(undefined) ? undefined : ends.toSorted().at(-1)
  return {
    disclosures: disclosures.length,
    open: open.length,
    ...(until === undefined ? {} : { until }),
    ...(period === undefined || disclosures.length === 0 ? {} : { cites: period.cites }),
  }
}

/**
 * The ids of denials that were put before a person who has not answered. Both the request for a review and its
 * answer name the denial: an entry by an agency other than the requester is the answer.
 */
export function unanswered(entries: readonly OpenEntry[]): readonly string[] {
  const callers = new Map(entries.map(({ stored, opened }) => [stored.leaf.eid, callerIn(opened)]))
  const reviews = entries.filter(({ stored }) => stored.leaf.t === 'review')
  const byDenial = Map.groupBy(reviews, ({ stored }) => stored.leaf.previous ?? '')
  return [...byDenial]
    .filter(([denial, all]) => all.every(({ opened }) => callerIn(opened) === callers.get(denial)))
    .map(([denial]) => denial)
}

const callerIn = ({ values }: OpenEntry['opened']): string | undefined =>
  'call' in values ? values.call.agency : undefined

/** Whether an entry is a disclosure, by its leaf. */
const isDisclosure = ({ stored: { leaf } }: OpenEntry): boolean =>
  leaf.t === 'file' || (leaf.t === 'decision' && leaf.out !== 'deny' && !leaf.dryRun)

/** The matters whose latest answer is an open denial. */
function openMatters(entries: readonly OpenEntry[]) {
  const decisions = entries.filter(({ stored: { leaf } }) => leaf.t === 'decision' && !leaf.dryRun)
  // By the `previous` they name, not by their times: clocks may differ.
  const askedAgain = new Set(decisions.map(({ stored }) => stored.leaf.previous))
  const open = decisions.filter(
    ({ stored: { leaf } }) => leaf.standing === 'open' && !askedAgain.has(leaf.eid),
  )
  const matters = open.flatMap(({ stored, opened }) => {
    const decided = decisionIn(opened)
    return decided === undefined ? [] : [matterIn(stored, decided)]
  })
  return [...new Map(matters.map((each) => [each.id, each])).values()]
}

/** The answer to `POST /v1/subject-acts`. */
export const certificateSchema = z.strictObject({
  id: entryIdSchema.describe('The entry of the act.'),
  act: z.enum(['erase', 'restrict', 'hold', 'lift', 'expire']),
  entries: z.int().describe('How many entries it is about.'),
  keys: z.int().describe('On how many keys it took effect.'),
  order: orderSchema.optional().describe('By whose order it was done.'),
  receipt: z.string(),
  backupsLapse: z.iso
    .datetime()
    .optional()
    .describe(
      'Of an erasure: from when on no backup of this gateway holds anything of it; it knows of no copies that others made.',
    ),
  incomplete: z
    .literal(true)
    .optional()
    .describe('Time was up: the same call again goes on, and says what it did then.'),
  says: z.array(z.string()),
})
export type ActCertificate = z.infer<typeof certificateSchema>

/** What an act did, in sentences that name nobody. `done` is on how many keys it took effect. */
export function sayings(
  act: Exclude<ActName, 'expire'>,
  { entries, keys, shared, requesters = {} }: AboutSubject,
  done: number,
  order?: Order,
): string[] {
  const left = keys.length - done
  const about = `It is about ${count(entries.length, 'entry', 'entries')} under ${count(keys.length, 'key', 'keys')}.`
  const narrowed =
    shared === 0
      ? []
      : [
          `Of the identifiers given, ${shared} fit several records; of these only the entries that were asked by them are meant. Name the record or a document as well.`,
        ]
  const missed =
    left === 0
      ? []
      : [`${count(left, 'key was', 'keys were')} not: erased before, or this was lifted already.`]
  const told = (what: string) =>
    `Whoever got something by these entries is told to ${what} it (Dir. (EU) 2016/680 art. 16(6)): \`GET /v1/corrections/{id}\` with the id of this act lists who, and who did.`
  const later =
    'Entries of a later quarter of a year, and those by which something leaves for the first time in one, have keys of their own, and need an act of their own.'
  switch (act) {
    case 'erase':
      return [
        about,
        `${count(done, 'key was', 'keys were')} destroyed: what the entries say of people can never be read again, and auditors find none of them under the person or a case.`,
        ...(left === 0
          ? []
          : [
              `${count(left, 'key was', 'keys were')} kept, since a hold came first, or something left under them meanwhile: what they open was not erased.`,
            ]),
        ...(order === undefined ? [] : [orderSays(order)]),
        ...Object.entries(requesters).map(
          ([jurisdiction, n]) =>
            `${count(n, 'entry is', 'entries are')} of calls from ${jurisdiction}, whose auditors are told how many.`,
        ),
        ...narrowed,
        'No identifier was followed through an entry that fitted several people.',
        told('erase'),
        'What is left of an entry names nobody, and its proofs still hold.',
        'What an office refused, found a risk of or doubts stays under a pseudonym until it ends or is taken back, and so does what was refused in a case: without it, data would go that must not.',
        untoldSays('destroyed'),
        'If the record has files, their contents were destroyed with these keys.',
        'Not part of this: the record itself, what is said of countries, the logs of other jurisdictions, and whatever is asked from now on.',
      ]
    case 'hold':
      return [
        about,
        `${count(done, 'key is', 'keys are')} held: what they open cannot be erased until this hold is lifted.`,
        ...missed,
        ...narrowed,
        later,
      ]
    case 'restrict':
      return [
        about,
        `${count(done, 'key is', 'keys are')} restricted: what they open is shown as evidence only, until this is lifted.`,
        untoldSays('restricted'),
        told('restrict'),
        ...missed,
        ...narrowed,
        later,
      ]
    case 'lift':
      return [about, 'Other holds and restrictions on the same keys stand.']
  }
}

/** The same in every certificate: only the act's entry says whether there were any. */
const untoldSays = (how: 'destroyed' | 'restricted'): string =>
  `Whoever asked by an identifier that is not named here, and was told nothing, is told nothing by this: what was found for them is ${how}, and what they asked and were told stays until an act names that identifier. Of how many keys, the entry of this act says to the supervisory authority alone.`

const orderSays = ({ by, reference, documentDigest }: Order): string =>
  `It was ordered by ${by === 'court' ? 'a court' : 'the supervisory authority'}: ${reference}, a document with the SHA-256 ${documentDigest}.`

/** What may remain of destroyed data where this gateway runs, and what the gateway cannot know. */
export const remainsSayings = (backupDays: number, backupsLapse: string): string[] => [
  backupDays === 0
    ? 'The keys are in no file of the gateway’s store any more, and it makes no backup.'
    : `The keys are in no backup that the gateway makes. What offices vouched for in these matters can be brought back from one until ${backupsLapse}.`,
  'What the gateway cannot know: copies that others made, such as a snapshot of a disk or of a whole machine; and what a disk or a provider keeps of what was overwritten or removed.',
]

/** What expired in one call. */
export type Expired = {
  readonly entries: number
  readonly keys: number
  /** Whether everything expired. If not, time ran out, and repeating the call continues. */
  readonly isComplete: boolean
}

/** What an expiry did, in sentences. */
export const expirySayings = (
  before: string,
  cites: string,
  { entries, keys, isComplete }: Expired,
): string[] => [
  `What the log keeps of people in entries before ${before} has expired by ${cites}.`,
  `${count(keys, 'key was', 'keys were')} destroyed in this call, of ${count(entries, 'entry', 'entries')}: what they say of people, officers included, can never be read again.`,
  'Keys that are held were left, and so were those made before keys had quarters.',
  ...(isComplete ? [] : ['There is more: send the same call again.']),
]

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`
