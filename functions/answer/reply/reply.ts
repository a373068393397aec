/** What an agency is told: the answer to an access request, without the data that leaves. */

import type { Decision } from '../../decision/decide.ts'
import type { Disclosure } from '../../decision/disclose.ts'
import type { AnswerBody, Reply } from './reply-schema.ts'

/** The result of a request. All but `answered` leave the gateway without data. */
export type Answered =
  | { readonly kind: 'answered'; readonly first: boolean; readonly body: AnswerBody }
  /** Something else would leave now, whatever the reason: the decision stands, but nothing leaves by it. */
  | { readonly kind: 'record-changed'; readonly reply: Reply; readonly receipt: string }
  | { readonly kind: 'jti-reused' }
  | { readonly kind: 'erased' }
  /** The caller is an auditor, an approver or a legal editor. */
  | { readonly kind: 'not-your-role' }
  | { readonly kind: 'no-such-holder' }
  /** The day of birth is yet to come. */
  | { readonly kind: 'born-later' }
  /** Who is to have what is provided unasked is no agency that could ask. */
  | { readonly kind: 'no-such-recipient' }
  /** Something else would leave than the officer was shown. */
  | { readonly kind: 'not-as-shown' }
  /** Another gateway serves the holder’s records; `gateway` is its origin, if the register has it. */
  | { readonly kind: 'served-elsewhere'; readonly gateway: string | undefined }
  /** `previous` is not a request that this one may ask again. */
  | { readonly kind: 'another-matter' }
  /** The signing key belongs to another channel than the request names, or to none that is known. */
  | { readonly kind: 'another-channel'; readonly channel: string | undefined }
  | { readonly kind: 'unavailable'; readonly why: string }

/** Whether data left by an answer, in whichever way. */
export const hasLeft = ({ dryRun, classes }: Reply): boolean =>
  !dryRun && Object.values(classes).includes('released')

/**
 * Whether data leaves in the answer itself. What leaves by another way is only in the package that an officer of the
 * holder makes, and what is provided unasked only in what its recipient collects.
 */
export const leavesHere = ({ deliverBy, provided }: Reply): boolean =>
  deliverBy === undefined && provided === undefined

/** When an answer is due. `dueUnder` has the articles, where it is the law's time. */
export type Due = Pick<Reply, 'dueUnder'> & {
  readonly answerBy: string
  readonly dueBy: NonNullable<Reply['dueBy']>
}

/** When what is open was told to be due. Older ones were told of the law's time alone. */
export const dueIn = ({ standing, answerBy, dueBy = 'law', dueUnder }: Reply): Due | undefined =>
  standing !== 'open' || answerBy === undefined
    ? undefined
    : { answerBy, dueBy, ...(dueUnder && { dueUnder }) }

/** What an open answer says of whom to phone: for each step the ids of offices, and each office once. */
export type ToPhone = {
  readonly ask: readonly (readonly string[])[]
  readonly offices: NonNullable<Reply['offices']>
}

/** Makes the reply from a told decision and its disclosure. */
export function replyOf(
  about: {
    readonly id: string
    readonly at: string
    readonly holder: string
    readonly classes: readonly string[]
    readonly dryRun: boolean
    readonly matter: string
    readonly received: Reply['receivedBy']
    readonly deliverBy: Reply['deliverBy']
    readonly provided: Reply['provided']
    /** The officer's decision that released it. */
    readonly released: { readonly id: string; readonly decidedBy: string } | undefined
    /** Of an open answer. */
    readonly waits: { readonly due: Due; readonly phone: ToPhone } | undefined
    /** When a duty is due, by the calendar of whoever owes it. */
    readonly dutyDue: (of: Decision['obligations'][number]) => string | undefined
  },
  told: Decision,
  disclosure: Disclosure,
): Reply {
  const left = new Set(disclosure.items.map((item) => item.class))
  const { outcome, standing, reasons, missing, todo: steps, policies, obligations } = told
  const { due, phone } = about.waits ?? {}
  return {
    id: about.id,
    outcome,
    ...(standing === undefined ? {} : { standing }),
    ...(about.dryRun ? { dryRun: true as const } : {}),
    decidedAt: about.at,
    decidedBy:
      about.released === undefined
        ? { kind: 'rule' }
        : {
            kind: 'officer',
            office: about.released.decidedBy,
            attestation: about.released.id,
          },
    matter: about.matter,
    holder: about.holder,
    ...(about.received && { receivedBy: about.received }),
    ...(about.deliverBy && { deliverBy: about.deliverBy }),
    ...(about.provided && { provided: about.provided }),
    // The same objects as decided, so that the entry finds at once what was told of them. Casts: none is changed.
    reasons: reasons as Reply['reasons'],
    missing: [...missing],
    todo: steps.map(({ due: _, ...step }, i) => ({
      ...(step as Reply['todo'][number]),
      ...(due && { due: due.answerBy }),
      ...(phone?.ask[i]?.length ? { ask: [...phone.ask[i]] } : {}),
    })),
    ...(told.todoComplete === undefined ? {} : { todoComplete: told.todoComplete }),
    policies: [...policies],
    obligations: obligations.filter(isOwed).map((each) => {
      const due = about.dutyDue(each) ?? (each.code === 'O-DEL' ? disclosure.deleteBy : undefined)
      const told = due === each.due ? each : { ...each, due }
      return told as Reply['obligations'][number]
    }),
    handling: [...disclosure.handling],
    classes: Object.fromEntries(
      about.classes.map((each) => [each, left.has(each) ? 'released' : 'not released']),
    ),
    ...due,
    ...(phone?.offices.length ? { offices: [...phone.offices] } : {}),
  }
}

/** Duties are of what leaves, and what leaves was answered. */
export const isOwed = ({ code }: Decision['obligations'][number]): boolean => code !== 'O-ANSWER'
