/** What whoever acted on a person's part of the log is given for the file. */

import * as z from 'zod'
import type { AboutSubject } from '../answer/said.ts'
import { entryIdSchema } from '../decision/request.ts'
import type { Expired } from './retain.ts'
import { type ActName, type Order, orderSchema } from './subject-act.ts'

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
export type Certificate = z.infer<typeof certificateSchema>

/** What an act on so many keys came to, in sentences that name nobody. */
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
        'What is left of an entry names nobody, and its proofs still hold.',
        'What an office refused, found a risk of or doubts stays under a pseudonym until it ends or is taken back, and so does what was refused in a case: without it, data would go that must not.',
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
        ...missed,
        ...narrowed,
        later,
      ]
    case 'lift':
      return [about, 'Other holds and restrictions on the same keys stand.']
  }
}

const orderSays = ({ by, reference, documentDigest }: Order): string =>
  `It was ordered by ${by === 'court' ? 'a court' : 'the supervisory authority'}: ${reference}, a document with the SHA-256 ${documentDigest}.`

/** What is left of what was destroyed, where this gateway runs, and what it cannot know. */
export const remainsSayings = (backupDays: number, backupsLapse: string): string[] => [
  backupDays === 0
    ? 'The keys are in no file of the gateway’s store any more, and it makes no backup.'
    : `The keys are in no backup that the gateway makes. What offices vouched for in these matters can be brought back from one until ${backupsLapse}.`,
  'What the gateway cannot know: copies that others made, such as a snapshot of a disk or of a whole machine; and what a disk or a provider keeps of what was overwritten or removed.',
]

/** What an expiry came to. */
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
