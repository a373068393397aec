/**
 * What each kind of entry says: the one place that defines the values behind its commitments. Entries of
 * earlier versions may lack optional members; nothing here may become stricter.
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

/** A value that its commitment protects from change: only its presence is checked. */
const value = <T>() => z.custom<T>((given) => typeof given === 'object' && given !== null)
const values = <T>() => z.custom<readonly T[]>((given) => Array.isArray(given))

/** The call that asked for an act, and the pseudonym whose key keeps its entry. */
const act = { call: value<Call>(), subject: z.object({ asked: z.string() }).readonly() }

/** What the log holds about a subject, as the entry of an act on them says. */
const about = z
  .object({
    /** Pseudonyms that were searched. */
    subjects: values<string>(),
    /** Ids of entries. */
    entries: values<string>(),
    /** Ids of the keys that open those entries. */
    keys: values<string>(),
    /** The owners of those keys, by pseudonym; absent in older acts. */
    owners: values<string>().optional(),
    /** How many of the given identifiers fit several records, as far as the log shows. */
    shared: z.int(),
    /**
     * How many of the entries each other jurisdiction asked for, so that its auditors are told. Absent in
     * older acts.
     */
    requesters: value<Readonly<Record<string, number>>>().optional(),
  })
  .readonly()
export type AboutSubject = z.infer<typeof about>

const onSubject = z.object({
  ...act,
  /** The act that was asked for, without the approval. */
  act: value<object>(),
  approver: value<Approver>(),
  /** Absent for an expiry. */
  about: about.optional(),
  /** The period by which an expiry was due. */
  period: value<Period>().optional(),
})

/** What was done to a record. */
const recordAct = z
  .object({
    what: z.enum(['put', 'correct', 'erase']),
    recordId: z.string(),
    /** When the record was last changed, if the clock at this entry was not past that time. */
    after: z.string().optional(),
  })
  .readonly()
export type RecordAct = z.infer<typeof recordAct>

/**
 * What the entry of an attestation says: the body, with what its call and the register add. It names people
 * by their requests alone, so that it stays when one of several people is erased.
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
        /**
         * Pseudonyms of the identifier asked for, and of those of every record found (before 2026-11-26: one
         * list per record).
         */
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
        /** The first request of the matter, and its time; absent before matters had an id. */
        id: z.string().optional(),
        since: z.string().optional(),
        /** The classes asked for; absent before each was judged before the fetch. */
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
  /** The second form adds a person to an attestation that stands, and names only the person. */
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
        /** The question, in the words of the call. */
        question: value<Readonly<Record<string, unknown>>>(),
        /** The entries of which the answer showed anything, in order. */
        shown: values<string>(),
      })
      .readonly(),
  }),
  erasure: onSubject,
  restriction: onSubject,
  hold: onSubject,
  lift: onSubject,
  /** The gateway's own: no agency called for them, and they are about no person. */
  set: z.object({ set: value<LawSet>() }),
  statement: z.object({ statement: value<object>() }),
} as const satisfies Readonly<Record<EntryKind, z.ZodType>>

/** What an entry of each kind says. */
export type Said = {
  readonly [K in EntryKind]: Readonly<z.infer<(typeof saidSchemas)[K]>>
}
/** The kinds other than decisions that an agency calls for. */
export type ActKind = Exclude<EntryKind, 'decision' | 'set' | 'statement'>
