/**
 * What each kind of entry says: the one place that defines the values behind its commitments. Entries of
 * earlier versions may lack optional members; nothing here may become stricter.
 */

import * as z from 'zod'
import type { AttestationBody, CaseName, Countersignature } from '../../decision/attestation.ts'
import type { DecidedItem, Decision } from '../../decision/decide.ts'
import type { Facts, Item } from '../../decision/facts.ts'
import type { Sources } from '../../decision/gather.ts'
import { keptFileSchema } from '../../decision/record.ts'
import type { Delivery } from '../../decision/request.ts'
import type { Approver } from '../../identity/approval.ts'
import type { EntryKind } from '../../ledger/entry.ts'
import type { Period } from '../../policy/retention.ts'
import type { LawSet } from '../../policy/set.ts'
import type { FoundRecord, KeptAttestation, KeptObjection } from '../../ports.ts'
import type { Reply } from '../reply/reply-schema.ts'
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
    /**
     * Ids of further keys, and their owners: they open entries that were asked by other identifiers and of which nothing was
     * told. The act is on what was found alone. Absent in older acts, and where there are none.
     */
    untold: values<{ readonly kid: string; readonly owner: string }>().optional(),
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

/** What the gateway tells of an open denial. */
export const reminderKinds = ['reminder', 'overdue', 'escalation', 'answerable'] as const
/** One of these. */
export type ReminderKind = (typeof reminderKinds)[number]

/** What has become of something that left, as whoever got it is told: each asks them to act. */
export const changeKinds = ['corrected', 'restricted', 'erased'] as const
/** One of these. */
export type ChangeKind = (typeof changeKinds)[number]

/** What agencies are told became of what they got: a recall asks for one of the others. */
export const messageKinds = [...changeKinds, 'recalled'] as const
/** One of these. */
export type MessageKind = (typeof messageKinds)[number]

/**
 * That something which left has changed since, to whom it left; and, under the same members, that nobody there
 * has said yet that they acted.
 */
const messageSchema = z
  .object({
    what: z.enum([...messageKinds, 'reminder', 'overdue', 'escalation']),
    /** Of a recall: what whoever got it must do. */
    ask: z.enum(['restricted', 'erased']).optional(),
    /** Whoever must act; of an escalation, the holder. */
    to: z.string(),
    /** The answer by which it left. */
    request: z.string(),
    holder: z.string(),
    requester: z.string(),
    /** Absent where what the log keeps of the person is erased or restricted: it would lead to them. */
    caseReference: z.string().optional(),
    /** Ids of the items of that answer. */
    items: values<string>(),
    /** The entry of the change, or of the recall. */
    cause: z.string(),
    due: z.string(),
    /** Of a reminder and what follows it: the first notice. */
    of: z.string().optional(),
  })
  .readonly()
export type Message = z.infer<typeof messageSchema>

/** A notice: what of which denial, to whom. */
const reminderSchema = z
  .object({
    what: z.enum(reminderKinds),
    to: z.string(),
    request: z.string(),
    matter: z.string(),
    holder: z.string(),
    requester: z.string(),
    caseReference: z.string(),
    /** When it is due, and by whose time. */
    due: z.string(),
    dueBy: z.enum(['law', 'holder']),
  })
  .readonly()

/**
 * That an alarm of an auditor's office went off: whose officer had how many of what, in which time; or, without an officer,
 * that it could not be counted, since more was done there than the `count` of lines that were read.
 */
const alarmSchema = z
  .object({
    what: z.literal('alarm'),
    /** The office that set it; the entry of that is `previous`. */
    to: z.string(),
    agency: z.string(),
    officer: z.string().nullable(),
    by: z.string(),
    days: z.int(),
    over: z.int(),
    count: z.int(),
    from: z.string(),
    until: z.string(),
  })
  .readonly()

/** A recall: of what, and what is asked of whoever got it. Its ground is in the call alone. */
const recallSchema = z
  .object({
    holder: z.string(),
    cause: value<
      | { readonly policy: string }
      | { readonly attestation: string }
      | { readonly record: string; readonly items?: readonly string[] | undefined }
      | { readonly key: { readonly agency: string; readonly kid: string; readonly since: string } }
      | { readonly entries: readonly string[] }
    >(),
    ask: z.enum(['restricted', 'erased']),
    days: z.int(),
  })
  .readonly()
export type Recall = z.infer<typeof recallSchema>

/** What was done to a record. */
const recordAct = z
  .object({
    what: z.enum(['put', 'correct', 'erase', 'file']),
    recordId: z.string(),
    /** Of `file`: the item whose content came, and its value since then. */
    file: keptFileSchema.extend({ item: z.string() }).optional(),
    /** When the record was last changed, if the clock at this entry was not past that time. */
    after: z.string().optional(),
    /**
     * What became of items that may have left: of these, or of all that the record had. An erasure is of all, and
     * says nothing here. Absent in older entries.
     */
    changed: values<ChangedItems>().optional(),
    /** The record is in the holder's own system: only what became of it is said here. */
    own: z.literal(true).optional(),
  })
  .readonly()
/** Items of a record of which the same is to be told; all of them, where none are named. */
export type ChangedItems = { readonly how: ChangeKind; readonly items?: readonly string[] }
export type RecordAct = z.infer<typeof recordAct>

/**
 * What the entry of an attestation says: the body, with what its call and the register add. It names people
 * by their requests alone, so that it stays when one of several people is erased.
 */
export type AttestationValues = AttestationBody & Pick<KeptAttestation, 'as' | 'entersFor'>

/** What the entry of an objection says. */
type ObjectionValues = Omit<KeptObjection, 'id' | 'agency' | 'enteredBy' | 'enteredAt'> & {
  readonly ground: string
}

/** What each kind of entry says. */
export const valueSchemas = {
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
        /** What the gateway and the holder's own system signed, if that was asked. */
        exchange: value<NonNullable<FoundRecord['exchange']>>().optional(),
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
    z.object({
      ...act,
      attestation: value<AttestationValues>(),
      /** The case of a matter, so that it is found among what is about the case. Absent in older ones. */
      inCase: value<CaseName>().optional(),
    }),
    z.object({ ...act, person: z.string() }),
  ]),
  /** The attestation, objection or refusal that ends; of a refusal also the denial, and the agency that it tells. */
  withdrawal: z.object({
    ...act,
    attestation: z.string(),
    refused: z.object({ request: z.string(), to: z.string() }).readonly().optional(),
  }),
  countersignature: z.object({
    ...act,
    signature: value<Countersignature>(),
    /** Of a recall: the holder whose recall `previous` is. */
    recalls: z.string().optional(),
  }),
  recall: z.object({ ...act, recall: recallSchema }),
  objection: z.object({ ...act, objection: value<ObjectionValues>() }),
  review: z.object({
    ...act,
    review: z
      .object({
        ground: z.string(),
        /** Of the asker, the holder; of the answer, who asked. Absent in older entries. */
        holder: z.string().optional(),
        to: z.string().optional(),
      })
      .readonly(),
  }),
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
        /** As in a decision, if an officer looked at what the holder's own system says now. */
        exchange: value<NonNullable<FoundRecord['exchange']>>().optional(),
      })
      .readonly(),
  }),
  erasure: onSubject,
  restriction: onSubject,
  hold: onSubject,
  lift: onSubject,
  delivery: z.object({ ...act, delivery: value<Delivery>() }),
  /** A duty on the answer `previous` that its holder did; or what an agency did as the notice `previous` asked. */
  duty: z.object({
    ...act,
    duty: z.object({ code: z.string(), value: z.string().optional() }).readonly(),
  }),
  /** What an office answered to the open denial `previous`, and the agency that it tells. */
  response: z.object({
    ...act,
    response: z
      .object({ what: z.enum(['refuse', 'ask-back']), text: z.string(), to: z.string() })
      .readonly(),
  }),
  /** A file of the answer `previous` that was given to whoever may have it. The salt is in the answer alone. */
  file: z.object({
    ...act,
    file: keptFileSchema.omit({ salt: true }).extend({ item: z.string() }).readonly(),
    inCase: value<CaseName>(),
  }),
  /** The gateway's own, as the next two: no agency called for them. */
  notice: z.object({
    subject: act.subject,
    notice: z.union([reminderSchema, messageSchema, alarmSchema]),
  }),
  /** These are about no person. */
  set: z.object({ set: value<LawSet>() }),
  statement: z.object({ statement: value<object>() }),
} as const satisfies Readonly<Record<EntryKind, z.ZodType>>

/** What an entry of each kind says. */
export type Values = {
  readonly [K in EntryKind]: Readonly<z.infer<(typeof valueSchemas)[K]>>
}
/** The kinds other than decisions that an agency calls for. */
export type ActKind = Exclude<EntryKind, 'decision' | 'notice' | 'set' | 'statement'>
