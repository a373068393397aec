/**
 * What stands behind the commitments of an entry, by its kind: the one place that says so. An entry of an earlier
 * version may lack what a member calls optional; nothing here may become stricter.
 */

import * as z from 'zod'
import type { AttestationBody, Countersignature } from '../decision/attestation.ts'
import type { DecidedItem, Decision } from '../decision/decide.ts'
import type { Facts, Item } from '../decision/facts.ts'
import type { Sources } from '../decision/gather.ts'
import type { Approver } from '../identity/approval.ts'
import type { EntryKind } from '../ledger/entry.ts'
import type { Period } from '../policy/retention.ts'
import type { LawSet } from '../policy/set.ts'
import type { KeptAttestation, KeptObjection } from '../ports.ts'
import type { Reply } from './reply.ts'
import type { Call } from './signed-call.ts'

/** A value that a commitment holds to what was written: only that it is there is looked at. */
const value = <T>() => z.custom<T>((given) => typeof given === 'object' && given !== null)
const values = <T>() => z.custom<readonly T[]>((given) => Array.isArray(given))

/** Who called for an act, and under whose pseudonym its entry is kept. */
const act = { call: value<Call>(), subject: z.object({ asked: z.string() }).readonly() }

/** What there is about a subject, as the entry of an act on it says. */
const about = z
  .object({
    /** Pseudonyms that were looked under. */
    subjects: values<string>(),
    /** Ids of entries. */
    entries: values<string>(),
    /** Ids of the keys that open them. */
    keys: values<string>(),
    /** Whose keys these are, by pseudonym; absent in acts of before they were noted. */
    owners: values<string>().optional(),
    /** How many of the identifiers that were given fit several records, as far as the log shows. */
    shared: z.int(),
    /**
     * How many of the entries each other jurisdiction asked for: its auditors are told. Absent in acts of
     * before they were.
     */
    requesters: value<Readonly<Record<string, number>>>().optional(),
  })
  .readonly()
export type AboutSubject = z.infer<typeof about>

const onSubject = z.object({
  ...act,
  /** What was asked, without the approval. */
  act: value<object>(),
  approver: value<Approver>(),
  /** Of an expiry there is none. */
  about: about.optional(),
  /** By which an expiry was due. */
  period: value<Period>().optional(),
})

/** What an entry says was done to a record. */
const recordAct = z
  .object({
    what: z.enum(['put', 'correct', 'erase']),
    recordId: z.string(),
    /** When the record was last changed, where the clock of whoever entered this was not past it. */
    after: z.string().optional(),
  })
  .readonly()
export type RecordAct = z.infer<typeof recordAct>

/**
 * What the entry of an attestation says: the body, with what its call and the register add. Whom it is about
 * it says by their requests alone: one of several people may be erased, and the entry stays.
 */
export type SaidAttestation = AttestationBody & Pick<KeptAttestation, 'as' | 'entersFor'>

/** What the entry of an objection says. */
type SaidObjection = Omit<KeptObjection, 'id' | 'agency' | 'enteredBy' | 'enteredAt'> & {
  readonly ground: string
}

/** What each kind of entry says. */
export const saidSchemas = {
  decision: z.object({
    call: value<Call>(),
    subject: z
      .object({
        /** The identifier asked for, and those of every record found (before 2026-11-26: by record), by pseudonym. */
        asked: z.string(),
        match: z.string(),
        found: values<string | readonly string[]>(),
      })
      .readonly(),
    matter: z
      .object({
        caseReference: z.string(),
        purpose: z.string(),
        holder: z.string(),
        /** The first request of the matter, and when it was made; absent before matters had an id. */
        id: z.string().optional(),
        since: z.string().optional(),
        /** The classes that were asked for; absent before each was judged before the fetch. */
        classes: values<string>().optional(),
        /** Before matters had an id: the open denials that this request asked again, the last one first. */
        asked: values<string>().optional(),
      })
      .readonly(),
    facts: z.object({ facts: value<Facts>(), sources: value<Sources>() }).readonly(),
    items: values<Item>(),
    decision: value<Decision>(),
    told: z
      .object({
        reply: value<Reply>(),
        decided: values<DecidedItem>(),
        recordId: z.string().nullable(),
        paySalt: z.string(),
      })
      .readonly(),
  }),
  /** Of somebody who was added to one that stands: the person alone. */
  attestation: z.union([
    z.object({ ...act, attestation: value<SaidAttestation>() }),
    z.object({ ...act, person: z.string() }),
  ]),
  /** The attestation or objection that ends. */
  withdrawal: z.object({ ...act, attestation: z.string() }),
  countersignature: z.object({ ...act, signature: value<Countersignature>() }),
  objection: z.object({ ...act, objection: value<SaidObjection>() }),
  review: z.object({ ...act, review: z.object({ ground: z.string() }).readonly() }),
  record: z.object({ ...act, act: recordAct }),
  consultation: z.object({
    ...act,
    consultation: z
      .object({
        purpose: z.string(),
        /** What was asked, in the words of the call. */
        question: value<Readonly<Record<string, unknown>>>(),
        /** The entries of which the answer showed anything, in its order. */
        shown: values<string>(),
      })
      .readonly(),
  }),
  erasure: onSubject,
  restriction: onSubject,
  hold: onSubject,
  lift: onSubject,
  /** The gateway's own: no agency called for them, and they are about nobody. */
  set: z.object({ set: value<LawSet>() }),
  statement: z.object({ statement: value<object>() }),
} as const satisfies Readonly<Record<EntryKind, z.ZodType>>

/** What an entry of each kind says. */
export type Said = {
  readonly [K in EntryKind]: Readonly<z.infer<(typeof saidSchemas)[K]>>
}
/** Those that an agency called for. */
export type ActKind = Exclude<EntryKind, 'decision' | 'set' | 'statement'>
