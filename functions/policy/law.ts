/** The law by which a gateway decides: the files of one set, and which of them are suspended. */

import type { Book, Policy, Version } from './book.ts'
import type { Runnable } from './carried.ts'
import { reaches, type Tip } from './chain.ts'
import { type FloorBody, type LawState, type LawStatement, tipAt, versionKey } from './law-chain.ts'
import { type SealedFile, sealedUntil } from './seal.ts'
import { digestOfSet, type LawSet } from './set.ts'
import { type Suspended, spanAt, spanOf } from './suspension.ts'

/** What an entry says of the law that decided: the set, and how far the chain `law` had been read. */
export type LawRef = {
  /** Digest of the set, hex. */
  readonly set: string
  readonly tip: Tip
  /** The chain did not hold, so nothing was permitted. */
  readonly broken?: true
}

/** Why the law that decided is not to be had here. */
export type NotHeld = {
  readonly why: string
  /** It is newer than the law here; if absent, what an entry names is not what was sealed. */
  readonly isNewer?: true
}

/** The law at a moment, and its name; an entry by a law without a name records none. */
export type LawNow = {
  readonly book: Book
  readonly named?: {
    readonly ref: LawRef
    readonly set: LawSet
    readonly statements: readonly LawStatement[]
  }
}

/**
 * The law of a set, with the suspensions that the chain states; if the chain is broken, nothing is permitted.
 */
export function lawNow(
  { book, set }: Pick<Runnable, 'book' | 'set'>,
  state: LawState,
  isBroken: boolean,
): LawNow {
  const { statements, tip } = state
  const ref = { set: digestOfSet(set), tip }
  const own = { book: suspending(book, state), named: { ref, set, statements } }
  return isBroken ? withoutPermits(own) : own
}

/**
 * The law with every policy suspended, for a gateway that cannot know which are, or what the law is: it permits
 * nothing, and what it refuses is not the last word.
 */
export function withoutPermits({ book, named }: LawNow): LawNow {
  const always = [{ from: '1970-01-01T00:00:00Z' }]
  return {
    book: {
      ...book,
      policies: book.policies.map((each) => ({ ...each, suspensions: always })),
      unheld: true,
    },
    ...(named && { named: { ...named, ref: { ...named.ref, broken: true } } }),
  }
}

/** The book without suspensions that statements made, or that `withoutPermits` did. */
export const unsuspended = ({ unheld, ...book }: Book): Book => ({
  ...book,
  policies: book.policies.map(({ suspensions = [], ...each }) => {
    const spans = unheld ? [] : suspensions.filter(({ ends }) => ends === undefined)
    return spans.length === 0 ? each : { ...each, suspensions: spans }
  }),
})

const pathOf = ({ id, version }: Version): string => `${id}/${version}.json`

/**
 * A suspension counts for everyone who knows its statement, whatever time its signer wrote. Each entry says
 * which statements were known.
 */
const fromItsStatement = (each: Suspended) => ({ ...spanOf(each), from: '1970-01-01T00:00:00Z' })

const suspending = (book: Book, { suspensions }: LawState): Book => ({
  ...book,
  policies: book.policies.map((policy): Policy => {
    const own = suspensions.get(versionKey(pathOf(policy), policy.digest))
    return own === undefined ? policy : { ...policy, suspensions: own.map(fromItsStatement) }
  }),
})

/**
 * The law by which an entry was decided, rebuilt from a law that is as new or newer; or why that is not
 * possible. `heads` are the last seals of the set that the entry names.
 */
export function lawThen(
  { book, folders }: Runnable,
  state: LawState,
  ref: LawRef,
  heads: FloorBody['heads'],
): Book | NotHeld {
  if (!ref.broken && ref.tip.number > 0 && tipAt(state, ref.tip.number)?.digest !== ref.tip.digest)
    return { why: `statement ${ref.tip.number} of \`law\`, which it names, is not the one here` }
  const sealed = new Map<string, SealedFile>()
  for (const [folder, head] of Object.entries(heads)) {
    const own = folders.get(folder)
    const seal = `seal ${head.number} of \`${folder}\`, which its set has,`
    if (own === undefined || head.number > own.tips.length)
      return { why: `${seal} is not here: start a newer law`, isNewer: true }
    if (!reaches(own.tips, head)) return { why: `${seal} is not the one here` }
    for (const each of sealedUntil(own, head.number)) sealed.set(...each)
  }
  const asThen = <V extends Version>(version: V, file: Version = version): readonly V[] => {
    const own = sealed.get(pathOf(file))
    if (own === undefined) return []
    const { retiredAt: _, suspensions = [], ...rest } = version
    const spans = suspensions.flatMap((each) =>
      each.ends === undefined ? each : (spanAt(each, ref.tip.number) ?? []),
    )
    return [
      {
        ...(rest as V),
        sealedAt: own.sealedAt,
        ...(own.retiredAt === undefined ? {} : { retiredAt: own.retiredAt }),
        ...(spans.length === 0 ? {} : { suspensions: spans }),
      },
    ]
  }
  const known = {
    policies: suspending(book, state).policies.flatMap((each) => asThen(each)),
    lists: book.lists.flatMap((each) => asThen(each, asFile(each))),
  }
  return ref.broken ? withoutPermits({ book: known }).book : known
}

/** A list with the id of its file. */
const asFile = <V extends Version>(list: V): V => ({ ...list, id: `lists/${list.id}` })
