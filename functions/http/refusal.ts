/** Answers calls that are refused or fail, and writes what belongs in the security log. */

import type { answer } from '../answer/answer.ts'
import type { TakenAnswer } from '../answer/ask/questions.ts'
import type { Delivered, Packed } from '../answer/handovers/delivery.ts'
import type { Fetched } from '../answer/handovers/file.ts'
import type { Collected } from '../answer/handovers/provision.ts'
import type { DutyDone } from '../answer/messages/disclosures.ts'
import type { RecallMade } from '../answer/messages/recall.ts'
import type { ChangeResult, NoticeAnswered } from '../answer/messages/recipients.ts'
import type { attest } from '../answer/offices/attestation.ts'
import type { ResponseMade } from '../answer/offices/response.ts'
import type { Reviewed } from '../answer/offices/review.ts'
import type { seeWouldLeave } from '../answer/offices/would-leave.ts'
import type { Kept } from '../answer/records/records.ts'
import type { Acted } from '../audit/act-on-subject.ts'
import type { NotShown } from '../audit/look.ts'
import { keepingSays, lawUnheldSays } from '../audit/retention.ts'
import { errorWords, hasFailed } from '../failure.ts'
import { approvalFaults } from '../identity/approval.ts'
import type { Log } from './guard.ts'
import { type ProblemCode, type ProblemDetails, problem } from './problem.ts'

type Result =
  | Awaited<ReturnType<typeof answer | typeof attest | typeof seeWouldLeave>>
  | Acted
  | Kept
  | Fetched
  | NotShown
  | Packed
  | Collected
  | Delivered
  | Reviewed
  | TakenAnswer
  | DutyDone
  | ResponseMade
  | ChangeResult
  | NoticeAnswered
  | RecallMade
  | { readonly kind: 'no-such-change' }
/** Why nothing was done or shown. */
export type Refused = Exclude<
  Result,
  { readonly kind: 'answered' | 'collected' | 'done' | 'given' | 'packed' | 'seen' | 'taken' }
>

const changedSays =
  'What the store has is not what was written there: somebody or something changed it. Whoever runs the gateway ' +
  'finds where by the number of this call; keep the store as it is, and check the log with `comity log verify`.'

/** An entry says itself in which format it is; whether it was changed to say so, the check of the log alone finds. */
const newerSays =
  'What was read says that a newer version wrote it. Where none runs, somebody or something changed it: then waiting helps ' +
  'nobody. Whoever runs the gateway checks the log with `comity log verify`, which names an entry that is not as it was sealed.'

/** Answers an unexpected error. That the store was changed is said, since whoever asks has to act on it. */
export function failed(
  traceId: string,
  error: unknown,
  isStoreAway: (error: unknown) => boolean,
  log: Log,
): Response {
  log({ event: 'failed', why: errorWords(error), traceId })
  if (hasFailed(error, 'newer'))
    return problem(traceId, 'newer-build', { members: { detail: newerSays } })
  if (hasFailed(error, 'changed'))
    return problem(traceId, 'internal', { members: { detail: changedSays } })
  return problem(traceId, isStoreAway(error) ? 'not-durable' : 'internal')
}

/** Answers a call that was refused, could not be entered, or reuses the `jti` of another call. */
export function refused(traceId: string, why: Refused, log: Log): Response {
  if (why.kind === 'unavailable') log({ event: 'failed', why: why.why, traceId })
  if (why.kind === 'jti-reused') log({ event: 'jti-reused', why: why.kind, traceId })
  const [code, details] = told(why)
  return problem(traceId, code, details)
}

/** A problem, and what it says besides its code. */
type Told = readonly [ProblemCode, ProblemDetails?]

/** For a fault that no schema can see, says where it is and what to do; otherwise says which problem it is. */
function told(why: Refused): Told {
  const at = (pointer: string, detail: string): Told => [
    'invalid-request',
    { errors: [{ pointer, detail }] },
  ]
  switch (why.kind) {
    case 'invalid':
      return at(why.pointer, why.detail)
    case 'no-such-holder':
      return at('/holder', 'no agency of this id keeps records here')
    case 'born-later':
      return at('/subject/birthDate', 'a day that has been')
    case 'no-such-recipient':
      return at('/to', 'no agency of this id asks for data here')
    case 'another-matter':
      return at(
        '/previous',
        'this does not ask the same again, or not in time: ask without `previous`',
      )
    case 'another-channel':
      return at('/channel', keyOf(why.channel))
    case 'no-such-matter':
      return at(why.pointer, 'no request of this holder and case has this id')
    case 'no-such-office':
      return at(
        '/decidedBy',
        'no office of this id may decide this; name the office that did, by its id in the register',
      )
    case 'document-needed':
      return at(
        '/documentDigest',
        'the decision of another office needs the digest of its document',
      )
    case 'release-too-long':
      return at('/until', `a decision to release stands for ${why.hours} hours at most`)
    case 'too-far-ahead':
      return at('/from', `what is said of a country begins within ${why.days} days`)
    case 'no-such-duty':
      return at('/code', 'no duty of your own on this answer has this code and value')
    case 'not-as-told':
      return at('/did', `that is not what the notice asks; say one of ${why.may.join(', ')}`)
    case 'no-such-item':
      return at(`/items/${why.index}/id`, 'the record has no item of this id')
    case 'no-such-content':
      return at(
        `/items/${why.index}/value/digest`,
        'no item of the record has this file: send its content by PUT /v1/records/{id}/files/{item}, and write only its type until then',
      )
    case 'repeated-ids':
      return at(
        '/items',
        'items of the record share an id, so that nobody can tell which is meant; put the whole record, each item with an id of its own',
      )
    case 'not-approved':
      return at('/approval', approvalFaults[why.why])
    case 'another-call':
      return at('/jti', 'it must be the `jti` of the call itself')
    case 'nothing-to-lift':
      return at('/ends', 'your jurisdiction has no hold or restriction of this id')
    case 'not-expired':
      return at(
        '/before',
        why.unheld
          ? `the period of the law is unknown now: ${lawUnheldSays}`
          : 'the period of the law is not over, or there is none',
      )
    case 'too-much':
      return at('/subjects', 'there are more entries about them than one act may take')
    default:
      return problemOf(why)
  }
}

/** What is said of a key that is not of the channel. */
const keyOf = (channel: string | undefined): string =>
  channel === undefined
    ? 'the key that signed is registered for no channel, and its agency is on several: sign with the key of the channel by which this leaves'
    : `the key that signed is registered for \`${channel}\`: name that channel, or sign with the key of the other`

/** Refusals that point at no member of the call. Most have the code of their problem as `kind`. */
type Refusal = Extract<
  Refused,
  {
    readonly kind:
      | ProblemCode
      | 'unavailable'
      | `no-such-${'record' | 'request' | 'attestation' | 'question' | 'notice' | 'change'}`
      | `no-such-${'provision' | 'file' | 'recall'}`
      | 'overtaken'
  }
>

function problemOf(why: Refusal): Told {
  switch (why.kind) {
    case 'unavailable':
      return ['not-durable']
    case 'no-such-record':
    case 'no-such-request':
    case 'no-such-attestation':
    case 'no-such-question':
    case 'no-such-notice':
    case 'no-such-change':
    case 'no-such-provision':
    case 'no-such-file':
    case 'no-such-recall':
      return ['not-found']
    case 'record-changed': {
      const { reply: decision, receipt } = why
      return ['record-changed', { members: { decision, receipt } }]
    }
    case 'served-elsewhere': {
      const { gateway } = why
      const where = gateway === undefined ? 'the register names no gateway that does' : gateway
      const detail = `this gateway does not serve the records of that state: ${where}`
      const errors = [{ pointer: '/holder', detail }]
      return [
        'served-elsewhere',
        { errors, ...(gateway !== undefined && { members: { gateway } }) },
      ]
    }
    case 'order-needed': {
      const { keeping } = why
      return ['order-needed', { members: { detail: keepingSays(keeping), ...keeping } }]
    }
    case 'overtaken': {
      const { kind: _, ...members } = why
      const detail =
        'another change of this record came between, and yours was not made: look at what is there, and send it anew'
      return ['record-changed', { members: { detail, ...members } }]
    }
    case 'not-erased':
    case 'held': {
      const { kind, ...members } = why
      return [kind, { members }]
    }
    default:
      return [why.kind]
  }
}
