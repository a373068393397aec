/**
 * What the answering wing needs from outside for offices: denials that wait, what they are told without asking,
 * reviews, handovers by another way; and whom officers asked for.
 */

import type { CaseName } from './decision/attestation.ts'
import type { Delivery } from './decision/request.ts'

/** A denial that waits for a kind of office. */
export type InboxRow = {
  readonly holder: string
  /**
   * `holder-officer`, `holder-ministry`, or `originator:BE`; `holder` of a row that is put for the first two at once,
   * and listed for each.
   */
  readonly audience: string
  readonly eid: string
  /** When it was decided, or put before a person. */
  readonly ts: string
  readonly requester: string
  /** Whether the requester says that a life is in danger. */
  readonly urgent: boolean
  /** When it was found that nobody will wait for it again. */
  readonly ended?: string
  /** Of a row that is listed: it is both offices' one row, so it ends, and goes, for both. */
  readonly isOfBoth?: true
}

/** The audience of a row for both kinds of offices of a holder. */
export const bothOffices = 'holder'

/** An open denial, when the clock is to look at it next, and whose turn that counts as; older rows name nobody. */
export type DueRow = {
  readonly holder: string
  readonly eid: string
  readonly at: string
  readonly requester?: string
}

/** Denials by holder and kind of office: the inbox of those who could change them. */
export type Inbox = {
  /** Durable once it returns. Repeating it changes nothing, and a row that has ended stays so. */
  put(row: InboxRow): Promise<void>
  /**
   * For each requester at most `limit` threats to life and `limit` others, the newest of each, unordered: one
   * requester's number of denials does not hide another's.
   */
  list(holder: string, audience: string, limit: number): Promise<readonly InboxRow[]>
  /** Marks the row as ended at a moment. */
  end(row: InboxRow, at: string): Promise<void>
  remove(row: InboxRow): Promise<void>
  /** Has the clock look at a denial at a moment. Durable once it returns; repeating it changes nothing. */
  watch(of: DueRow): Promise<void>
  unwatch(of: DueRow): Promise<void>
  /**
   * Denials of a holder whose moment has come by `until`: of each requester at most `limit`, its oldest first. They
   * take turns, so that many denials of one hold up nobody else’s.
   */
  dueFor(holder: string, until: string, limit: number): Promise<readonly DueRow[]>
  /** Records when an office first had a denial before it. Durable once it returns; the first time stands. */
  seen(eid: string, office: string, at: string): Promise<void>
  /** Those of these denials that an office has not had before it. */
  unseen(eids: readonly string[], office: string): Promise<readonly string[]>
  /** When offices first had a denial before them, by office. */
  seenBy(eid: string): Promise<ReadonlyMap<string, string>>
  /** The newest `limit` threats to life of a kind of office with `ts` at or after `from`, the oldest first. */
  urgent(
    holder: string,
    audience: string,
    from: string,
    limit: number,
  ): Promise<readonly InboxRow[]>
  /** Records that a matter was decided again, by an entry of `ts`; the latest stands. */
  decidedAgain(matter: string, ts: string): Promise<void>
  /** When a matter was last decided again; undefined if it was not. */
  lastDecided(matter: string): Promise<string | undefined>
}

/** Why an agency is told something. */
export const eventKinds = [
  'denial-to-decide',
  'answer-to-send',
  'review-asked',
  'disclosed',
  'provided',
  'duty-due',
  'refused',
  'asked-back',
  'taken-back',
  'reviewed',
  'objected',
  'reminder',
  'overdue',
  'escalation',
  'answerable',
  'corrected',
  'restricted',
  'erased',
  'recalled',
  'acted-by-passkey',
  'alarm',
] as const

/** What an agency is told of an entry: ids and codes alone, and no more than it may see anyway. */
export type FiledEvent = {
  readonly kind: (typeof eventKinds)[number]
  /** The entry that it follows from, and the time of that. */
  readonly entry: string
  readonly at: string
  /** The request that it is about, and the matter of that. */
  readonly request?: string
  readonly matter?: string
  readonly holder?: string
  readonly requester?: string
  /** The office that acted. */
  readonly office?: string
  /** Of an act by a passkey: the officer of the reader whose it is. */
  readonly officer?: string
  readonly urgent?: true
  /** When somebody must have acted. */
  readonly due?: string
  /** Of a notice about a denial: who is reminded, or told. */
  readonly to?: string
  /**
   * Of what rests on the record: who of the office is told, the holder itself and whoever may vouch for one of these
   * facts. Nobody sees this.
   */
  readonly only?: readonly string[]
  /** The classes of which something left. */
  readonly classes?: readonly string[]
  readonly duties?: readonly NamedDuty[]
  /** The entry that changed what left, and the items of the answer; that set an alarm; or that an objection doubts. */
  readonly cause?: string
  readonly items?: readonly string[]
  /** Of a recall: what whoever got them must do. */
  readonly ask?: 'restricted' | 'erased'
}

/** A duty by its code; `value` where duties of one code differ by it. */
export type NamedDuty = {
  readonly code: string
  readonly value?: string | undefined
  readonly due?: string | undefined
}

/** An event at its place: that of its entry in the log. An entry has at most one of a kind for each reader. */
export type EventRow = {
  /** Who is told: see `toAgency` and `toOffice`. */
  readonly to: string
  readonly log: string
  readonly index: number
  readonly event: FiledEvent
}

/**
 * Events by reader and log. INVARIANT (filed before marked): the events of an entry are filed before it is
 * marked as sealed, so whoever reads no further than a log is marked misses none that is filed later.
 */
export type Events = {
  /** Durable once it returns. Repeating it changes nothing. */
  file(rows: readonly EventRow[]): Promise<void>
  /** The logs that have events for a reader. */
  logs(to: string): Promise<readonly string[]>
  /**
   * Removes what a reader was told of the entries of a log, once the law's period for that log is over; false if more may
   * be left.
   */
  forget(to: string, log: string): Promise<boolean>
  /** Events at or after the place `from` and before `until`, in order, at most `limit`. */
  list(
    to: string,
    log: string,
    range: { readonly from: number; readonly until: number },
    limit: number,
  ): Promise<readonly EventRow[]>
}

/** A denial that was put before a person: the entry that did so, and the entry that answered. */
export type Review = {
  readonly id: string
  readonly at: string
  readonly answer?: { readonly id: string; readonly office: string; readonly at: string }
}

/** Denials that were put before a person, once each. */
export type Reviews = {
  get(eid: string): Promise<Review | undefined>
  /** Puts the review, durably, if there is none, and returns the one that stands. */
  ask(eid: string, review: Review): Promise<Review>
  answer(eid: string, answer: NonNullable<Review['answer']>): Promise<void>
}

/** A handover by another way, and the entry that says so. */
export type Handover = Delivery & { readonly id: string }

/** Handovers by another way, by request; the first that is put stands, durable once `put` returns. */
export type Handovers = {
  get(eid: string): Promise<Handover | undefined>
  put(eid: string, handover: Handover): Promise<void>
}

/** A duty on an answer that its holder said is done: the entry that says so, and when. */
export type KeptDuty = Omit<NamedDuty, 'due'> & { readonly id: string; readonly at: string }

/** Duties that holders did, by request; of one code and value the first that is put stands. */
export type Duties = {
  of(eid: string): Promise<readonly KeptDuty[]>
  /** Puts it, durably, if there is none, and returns the one that stands. */
  put(eid: string, duty: KeptDuty): Promise<KeptDuty>
}

/** That an office refused an open denial or asked back, and the entry that has its words. */
export type Responded = {
  readonly what: 'refuse' | 'ask-back'
  readonly office: string
  readonly id: string
  readonly at: string
  /** Of a refusal that the office took back: the entry that says so, and when. */
  readonly takenBack?: { readonly id: string; readonly at: string }
}

/**
 * What offices answered, by request; of one office and kind the first that is put stands, until it is taken back.
 */
export type Responses = {
  /** Never an older view. */
  of(eid: string): Promise<readonly Responded[]>
  /** Puts it, durably, if there is none, and returns the one that stands. */
  put(eid: string, response: Responded): Promise<Responded>
  /**
   * Says, durably, that a refusal was taken back by an entry, whether the refusal is there yet or not; the first stands.
   */
  takeBack(
    eid: string,
    by: { readonly refusal: string; readonly id: string; readonly at: string },
  ): Promise<void>
}

/** That an agency was told what became of something it got, and by when it must have acted. */
export type MessageSent = {
  /** The entry of the change. */
  readonly cause: string
  /** The notice, and when it was entered. */
  readonly id: string
  readonly at: string
  readonly what: 'corrected' | 'restricted' | 'erased' | 'recalled'
  readonly to: string
  /** The answer by which it got that, and ids of its items. */
  readonly request: string
  readonly items: readonly string[]
  readonly due: string
}

/** What an agency says that it did as a notice asked: its entry, and when. */
export type ActOnMessage = {
  readonly did: 'corrected' | 'restricted' | 'erased'
  readonly id: string
  readonly at: string
}

/** How far the answers were looked for that a change is about: the last place of this round. */
export type Search = {
  readonly round: number
  /** When it began. */
  readonly begun: string
  readonly place?: string
}

/** That data protection has signed a recall: its entry, and when. */
export type RecallSigned = { readonly id: string; readonly office: string; readonly at: string }

/** What was told of changes, by the entry of the change; and how far its readers were looked for. */
export type Messages = {
  /** Durable once it returns. Repeating it changes nothing. */
  put(told: MessageSent): Promise<void>
  /** Whether what an answer gave was recalled. */
  isRecalled(request: string): Promise<boolean>
  /**
   * Keeps in what an answer would still give, durably: a provision that was recalled, of which nobody is told who had
   * nothing; or what became something else in its holder's own system.
   */
  keepIn(request: string): Promise<void>
  /** Says that a provision was collected, durably. Repeating it changes nothing. */
  collect(request: string): Promise<void>
  isCollected(request: string): Promise<boolean>
  /** What was told, and who acted, by recipient; at most `limit` after a notice of the page before. */
  of(
    cause: string,
    after: Pick<MessageSent, 'to' | 'id'> | undefined,
    limit: number,
  ): Promise<readonly (MessageSent & { readonly done?: ActOnMessage })[]>
  /** What was done as a notice asked; undefined if nobody has said so. */
  done(of: Pick<MessageSent, 'cause' | 'to' | 'id'>): Promise<ActOnMessage | undefined>
  /** Says that it was done, durably, unless that was said; returns what stands. */
  did(of: Pick<MessageSent, 'cause' | 'to' | 'id'>, did: ActOnMessage): Promise<ActOnMessage>
  /** Says that a recall is signed, durably; the first signature stands. */
  sign(recall: string, by: RecallSigned): Promise<void>
  signed(recall: string): Promise<RecallSigned | undefined>
  /** Says that a change was refused after its entry was made; or, for good, that a retry made it after all. */
  refuse(cause: string, isRefused: boolean): Promise<void>
  /** Says, durably, that a change is about to be tried again at a moment; the latest stands. */
  retry(cause: string, at: string): Promise<void>
  tried(cause: string): Promise<{ readonly isRefused: boolean; readonly at?: string }>
  /** Undefined before the search began. */
  search(cause: string): Promise<Search | undefined>
  /** Durable once it returns. */
  keepSearch(cause: string, search: Search): Promise<void>
}

/** Entries of a holder's jurisdiction as auditors find them, the newest first; of decisions, with their outcome. */
export type EntryLists = {
  list(
    key: {
      readonly jurisdiction: string
      readonly by: 'subject' | 'policy' | 'all'
      readonly value: string
    },
    range: { readonly from?: string; readonly until?: string; readonly before?: string },
    limit: number,
  ): Promise<readonly { readonly id: string; readonly ts: string; readonly outcome?: string }[]>
}

/** Whom officers asked for in a case, by pseudonyms for that case alone. */
export type PersonsAsked = {
  /**
   * Remembers the person, asked for in a year (`2026`), then says whether the officer has asked for more than `most` in
   * the case: true too where that is unknown. Durable once it returns, and never an older view. Repeating it changes nothing.
   */
  isBeyond(
    holder: string,
    of: CaseName,
    officer: string,
    person: string,
    most: number,
    year: string,
  ): Promise<boolean>
  /**
   * Forgets whom officers asked a holder for last in a year before this one (`2027`); false if more may be left. Repeating
   * it changes nothing.
   */
  forget(holder: string, before: string): Promise<boolean>
}

/** What is remembered of a refusal, without a readable name, case or description. */
export type Refusal = {
  /** The request, and when it was decided. */
  readonly id: string
  readonly ts: string
  /** The identifier asked for, as a pseudonym for this case alone. */
  readonly asked: string
  /** Other identifiers of the person, in the same form; the same number whatever was found. Never told. */
  readonly found: readonly string[]
  /** Purpose and offence, as a keyed digest. */
  readonly described: string
  readonly stage: string
  /** The classes of which nothing left, as told; absent if nothing left at all. */
  readonly classes?: readonly string[]
}

/** Refusals by the requester's case: one look-up finds them, whoever was asked for. */
export type Refusals = {
  /**
   * The refusals of a case, never an older view; undefined if there are more than one look-up reads. Of those that
   * described the matter as `except` does, none need be among them.
   */
  of(
    holder: string,
    of: CaseName,
    except?: Pick<Refusal, 'described' | 'stage'>,
  ): Promise<readonly Refusal[] | undefined>
  /**
   * Durable once it returns. Repeating it changes nothing. Written from the entry, as rows of the inbox are, before
   * anybody gives the answer.
   */
  put(holder: string, of: CaseName, refusal: Refusal): Promise<void>
}
