/** A look at the log, and the one way to be shown any of it: the look itself is entered first. */

import * as z from 'zod'
import { enter, type Unavailable } from '../answer/enter.ts'
import { callOf, type SignedCall } from '../answer/signed-call.ts'
import { enterRegistered } from '../answer/stated.ts'
import { type Action, actorOf, authorize } from '../identity/authorize.ts'
import { canonicalBytes, digestOf } from '../ledger/evidence.ts'
import type { AuditWorld } from '../log-ports.ts'

/**
 * What a log may be used for (LED art. 25(2)); whoever looks states one. Whether the exchange was lawful
 * is also asked in court (LED art. 54): then what is kept as evidence is needed.
 */
export const purposeSchema = z
  .enum([
    'lawfulness',
    'self-monitoring',
    'integrity-and-security',
    'criminal-proceedings',
    'proceedings-on-lawfulness',
  ])
  .describe('What the look is for (LED art. 25(2)). It is entered with the look.')
export type Purpose = z.infer<typeof purposeSchema>

/** Whether a look is for a court, which alone is shown what is kept as evidence (LED art. 16(3)). */
export const isForCourt = (purpose: Purpose): boolean =>
  purpose === 'criminal-proceedings' || purpose === 'proceedings-on-lawfulness'

/** Whoever looks: an office by its officer, and by what name the question is entered. */
export type Asker = ReturnType<typeof actorOf<SignedCall['agency']>> & { readonly action: string }

/** One row of the table of looks. */
export type Look<
  Asked extends z.ZodType<{ readonly purpose: Purpose }> = z.ZodType<{ readonly purpose: Purpose }>,
  InPath extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> = {
  /** The right that it takes. */
  readonly right: Action
  /** What the look is called in its entry; as the right, unless said. */
  readonly action?: string
  /** It is of one entry: whoever may not see that is told what is told of one that does not exist. */
  readonly isOfOne?: true
  readonly method: 'GET' | 'POST'
  /** As OpenAPI writes it. */
  readonly path: string
  /** The parameters of the path; what does not fit them does not exist. */
  readonly inPath?: InPath
  readonly summary: string
  /** The query of a GET, the body of a POST. Each has a `purpose`. */
  readonly question: Asked
  readonly answer: readonly [says: string, schema: Answer]
  /** The media type of an answer that is not JSON. */
  readonly media?: string
  /** Other forms in which it may be asked for, by media type. */
  readonly forms?: readonly string[]
  /** Beside those that every look can meet. */
  readonly problems: readonly ('not-found' | 'not-your-role' | 'not-sealed')[]
  /** The answer in one of these forms. */
  written?(form: string, answer: Plain<z.infer<Answer>>): string
  /** Reads what would be answered. Nothing of it is shown yet. */
  read(
    asked: z.infer<Asked> & z.infer<InPath>,
    asker: Asker,
    world: AuditWorld,
  ): Promise<LookRead<Plain<z.infer<Answer>>> | NotShown>
}

/** A value that nobody changes. */
export type Plain<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer Each)[]
    ? readonly Plain<Each>[]
    : T extends object
      ? { readonly [Name in keyof T]: Plain<T[Name]> }
      : T

/** What was read for a look, and what its entry says of it. */
export type LookRead<Answer = unknown> = {
  /** What was asked, in the words of the call. */
  readonly question: Readonly<Record<string, unknown>>
  /** The entries of which the answer shows anything, in its order. */
  readonly shown: readonly string[]
  /** Identifier of the one person or case it is about: the look is erased together with them. */
  readonly subject?: string
} & (
  | {
      readonly answer: Answer
      /** What is the same when the same is answered; the answer itself, unless something in it is signed anew. */
      readonly same?: unknown
    }
  /** That there is no answer is entered, too. */
  | { readonly answer?: never; readonly instead: NotShown }
)

/** Why nothing is shown: a problem, or a fault of the question. */
export type NotShown =
  | { readonly kind: 'not-found' | 'not-your-role' | 'not-sealed' }
  | { readonly kind: 'invalid'; readonly pointer: string; readonly detail: string }
  | Unavailable

/** There is no such thing, or it is another's. */
export const notFound = { kind: 'not-found' } as const

declare const logged: unique symbol

/**
 * An answer whose look is in the ledger. INVARIANT (no look unseen): only `openLook` makes one, and whatever
 * leaves needs one.
 */
export type Shown = {
  readonly kind: 'shown'
  readonly answer: unknown
  readonly [logged]: true
}

/** Asks whether the caller may look, reads, enters the look into the log of its jurisdiction, and only then shows. */
export async function openLook(
  look: Look,
  call: SignedCall,
  asked: { readonly purpose: Purpose },
  world: AuditWorld,
): Promise<Shown | NotShown> {
  const { right, action = right, isOfOne } = look
  const asker = { ...actorOf(call), action }
  if (authorize(asker, right, { holder: asker.jurisdiction }) === undefined)
    return isOfOne ? notFound : { kind: 'not-your-role' }
  const read = await look.read(asked, asker, world)
  if ('kind' in read) return read
  const unavailable = await enterLook(call, asked.purpose, action, read, world)
  if (unavailable !== undefined) return unavailable
  if ('instead' in read) return read.instead
  // A cast: the brand has no value.
  return { kind: 'shown', answer: read.answer } as Shown
}

/** How long the same look stays one entry, ms; quarters of an hour of the clock. */
const quarterMs = 15 * 60_000

/** In which quarter of an hour a moment is. */
export const quarterHour = (ts: string): number => Math.floor(Date.parse(ts) / quarterMs)

/**
 * Makes the entry of a look durable; why not, if it could not be. Whoever asks the same for the same and is
 * answered the same, within a quarter of an hour, is in the ledger already: the id of the entry says all of that.
 */
async function enterLook(
  call: SignedCall,
  purpose: Purpose,
  action: string,
  { question, shown, subject, ...read }: LookRead,
  world: AuditWorld,
): Promise<Unavailable | undefined> {
  const { agency, officer } = call
  const { jurisdiction } = agency
  const at = world.now().toISOString()
  const behind = await enterRegistered([agency], at, world)
  if (behind !== undefined) return behind
  const pseudonym = world.secrets.pseudonym(jurisdiction, subject ?? `consultations:${agency.id}`)
  const consultation = { purpose, question: { action, ...question }, shown }
  const said = { call: callOf(call), subject: { asked: pseudonym }, consultation }
  const answered = 'instead' in read ? read.instead : (read.same ?? read.answer)
  const answer = digestOf(answered instanceof Uint8Array ? answered : canonicalBytes(answered))
  const same = {
    agency: agency.id,
    officer,
    kid: call.kid,
    ...consultation,
    answer,
    quarter: quarterHour(at),
  }
  const entry = { kind: 'consultation', at, jurisdiction, pseudonym, said } as const
  const appended = await enter(call, entry, world, { same })
  return appended.kind === 'unavailable' ? appended : undefined
}
