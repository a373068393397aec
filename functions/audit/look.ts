/** A look at the log. It is the only way to be shown any of it, and the look itself is entered first. */

import * as z from 'zod'
import { enterLook, looksOf } from '../answer/entries/looks.ts'
import type { PageCall, SignedCall } from '../answer/entries/signed-call.ts'
import type { Unavailable } from '../answer/entries/writer.ts'
import { type Action, actorOf, authorize } from '../identity/authorize.ts'
import { canonicalBytes, digestOf } from '../ledger/evidence.ts'
import type { AuditWorld } from '../log-ports.ts'

/**
 * What a log may be used for (LED art. 25(2)). Every look states one purpose. Courts, too, ask whether an
 * exchange was lawful (LED art. 54), and then they need what is kept as evidence.
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

/**
 * What an officer looks at on a page for the work at hand, and not to check the log: requests of his own agency, and
 * what a request would be told. It is entered like any look.
 */
export const ownWork = 'own-work'

/** Whether a look is for a court. Only a court is shown what is kept as evidence (LED art. 16(3)). */
export const isForCourt = (purpose: Purpose): boolean =>
  purpose === 'criminal-proceedings' || purpose === 'proceedings-on-lawfulness'

/**
 * Who looks: an office, through its officer. `action` is the name under which the question is entered, `jti` that of a signed
 * call, which is answered alike if it is sent again.
 */
export type Asker = ReturnType<typeof actorOf<SignedCall['agency']>> & {
  readonly action: string
  readonly jti?: string
}

/** One row of the table of looks. */
export type Look<
  Asked extends LookedFor = LookedFor<Purpose>,
  InPath extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> = PageLook<Asked, InPath, Answer> & {
  readonly method: 'GET' | 'POST'
  /** The path, as OpenAPI writes it. */
  readonly path: string
  readonly summary: string
  /** The media type of an answer that is not JSON. */
  readonly media?: string
  /** Other media types in which the asker may want the answer. */
  readonly forms?: readonly string[]
  /** The problems of this look, besides those of every look. */
  readonly problems: readonly ('not-found' | 'not-your-role' | 'not-sealed')[]
  /** Writes the answer in one of `forms`. */
  written?(form: string, answer: Plain<z.infer<Answer>>): string
}

type LookedFor<For extends string = Purpose | typeof ownWork> = z.ZodType<{ readonly purpose: For }>

/** A look that pages alone may have: what every look is made of. */
export type PageLook<
  Asked extends LookedFor = LookedFor,
  InPath extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> = {
  /** The right that the look needs. */
  readonly right: Action
  /** The look's name in its entry; by default the name of the right. */
  readonly action?: string
  /** The look is at one entry. An asker who may not see it gets the same answer as if it did not exist. */
  readonly isOfOne?: true
  /** The parameters of the path. A path that does not fit them is not found. */
  readonly inPath?: InPath
  /** The query of a GET or the body of a POST. Each has a `purpose`. */
  readonly question: Asked
  readonly answer: readonly [says: string, schema: Answer]
  /** Reads the answer. Nothing is shown yet. */
  read(
    asked: z.infer<Asked> & z.infer<InPath>,
    asker: Asker,
    world: AuditWorld,
  ): Promise<LookRead<Plain<z.infer<Answer>>> | NotShown>
}

/** A value, read-only all the way down. */
export type Plain<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer Each)[]
    ? readonly Plain<Each>[]
    : T extends object
      ? { readonly [Name in keyof T]: Plain<T[Name]> }
      : T

/** What was read for a look, and what the look's entry says. */
export type LookRead<Answer = unknown> = {
  /** What was asked, in the words of the call. */
  readonly question: Readonly<Record<string, unknown>>
  /** The ids of all entries of which the answer shows anything, in the answer's order. */
  readonly shown: readonly string[]
  /** The identifier of the one person or case that the look is about; the look is erased with them. */
  readonly subject?: string
} & (
  | {
      readonly answer: Answer
      /** What a repeat does not change: all of the answer, unless some is signed anew, or each repeat is to be entered. */
      readonly same?: unknown
    }
  /** A look without an answer is entered, too. */
  | { readonly answer?: never; readonly instead: NotShown }
)

/** Why nothing is shown: a problem, or a fault of the question. */
export type NotShown =
  | { readonly kind: 'not-found' | 'not-your-role' | 'not-sealed' }
  | { readonly kind: 'invalid'; readonly pointer: string; readonly detail: string }
  | Unavailable

/** A fault of the question that no schema can see: where it is, and what to do. */
export const invalid = (pointer: string, detail: string): NotShown => ({
  ...{ kind: 'invalid', pointer, detail },
})

/** There is no such thing, or it is not the asker's to see. */
export const notFound = { kind: 'not-found' } as const

declare const logged: unique symbol

/**
 * An answer whose look is in the ledger. INVARIANT (no look unseen): only `openLook` makes one, and no answer
 * leaves without one.
 */
export type Shown = {
  readonly kind: 'shown'
  readonly answer: unknown
  readonly [logged]: true
}

/**
 * Checks the caller's right, reads, enters the look in the log of its jurisdiction, and only then shows: to a system
 * whose agency signed, or to an officer on a page.
 */
export async function openLook(
  look: PageLook,
  call: SignedCall | PageCall,
  asked: { readonly purpose: Purpose | typeof ownWork },
  world: AuditWorld,
): Promise<Shown | NotShown> {
  const { right, action = right, isOfOne } = look
  const asker = { ...actorOf(call), action, ...('jti' in call && { jti: call.jti }) }
  const own = { holder: asker.jurisdiction, owner: asker.id }
  if (authorize(asker, right, own) === undefined)
    return isOfOne ? notFound : { kind: 'not-your-role' }
  const read = await look.read(asked, asker, yielding(world))
  if ('kind' in read) return read
  const unavailable = await entered(call, asked.purpose, action, read, world)
  if (unavailable !== undefined) return unavailable
  if ('instead' in read) return read.instead
  // A cast: the brand has no value.
  return { kind: 'shown', answer: read.answer } as Shown
}

/** The same world, whose keys come each in a turn of its own: opening an entry is what a look spends its time on. */
function yielding({ turn, subjectKeys, ...world }: AuditWorld): AuditWorld {
  if (turn === undefined) return { ...world, subjectKeys }
  const inTurn =
    (open: typeof subjectKeys.open): typeof subjectKeys.open =>
    async (kid) => {
      const key = await open(kid)
      await turn()
      return key
    }
  const [open, openToAct] = [inTurn(subjectKeys.open), inTurn(subjectKeys.openToAct)]
  return { ...world, turn, subjectKeys: { ...subjectKeys, open, openToAct } }
}

/** How long the same look stays one entry, ms: a quarter of an hour by the clock. */
const quarterMs = 15 * 60_000

/** The number of the quarter of an hour that a moment is in. */
export const quarterHour = (ts: string): number => Math.floor(Date.parse(ts) / quarterMs)

/**
 * Makes the entry of a look durable, or returns why it could not. If the same officer looks again for the same
 * purpose, in the same quarter of an hour, and gets the same answer, the look is in the ledger already: all of
 * that makes up the entry's id.
 */
async function entered(
  call: SignedCall | PageCall,
  purpose: Purpose | typeof ownWork,
  action: string,
  { question, shown, subject, ...read }: LookRead,
  world: AuditWorld,
): Promise<Unavailable | undefined> {
  const { agency, officer } = call
  const at = world.now().toISOString()
  const consultation = { purpose, question: { action, ...question }, shown }
  const answered = 'instead' in read ? read.instead : (read.same ?? read.answer)
  const answer = digestOf(answered instanceof Uint8Array ? answered : canonicalBytes(answered))
  const same = {
    agency: agency.id,
    officer,
    ...('jws' in call ? { kid: call.kid } : { login: call.session.iss }),
    ...consultation,
    answer,
    quarter: quarterHour(at),
  }
  return enterLook(call, consultation, subject ?? looksOf(agency.id), at, same, world)
}
