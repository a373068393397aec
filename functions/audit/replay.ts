/** An entry decided again: the same policy bytes and the same facts give the same decision. */

import { lawOf } from '../answer/law.ts'
import { type Opened, openKept } from '../answer/opened.ts'
import { decideOn, type Seen } from '../answer/see.ts'
import { beforeFetch, type Decision } from '../decision/decide.ts'
import { searchMax } from '../decision/remedies.ts'
import { commitment, type Leaf } from '../ledger/entry.ts'
import type { DecidesAgain } from '../ledger/evidence.ts'
import type { Book, Version } from '../policy/book.ts'
import { inForce } from '../policy/history.ts'
import { withoutPermits } from '../policy/law.ts'
import { spanAt } from '../policy/suspension.ts'
import type { Stored, World } from '../ports.ts'

/** What came of replaying an entry. */
export type Replayed =
  | { readonly kind: 'same' }
  /** Its key is gone; that it was in the ledger can still be proved. */
  | { readonly kind: 'erased' }
  | { readonly kind: 'not-a-decision' }
  | { readonly kind: 'differs'; readonly why: string }

/** Replays an entry on the law as it was known at its moment. Throws if the entry was changed. */
export async function replay(
  stored: Stored,
  world: Pick<World, 'law' | 'ledger' | 'subjectKeys'>,
): Promise<Replayed> {
  const { leaf } = stored
  if (leaf.t !== 'decision') return { kind: 'not-a-decision' }
  const opened = await openKept(stored, world)
  if (opened === undefined) return { kind: 'erased' }
  const law = await lawOf(leaf, world)
  const why = typeof law === 'string' ? law : decidedAgain(leaf, opened, law)
  return why === undefined ? { kind: 'same' } : { kind: 'differs', why }
}

/** The same of what a bundle of evidence shows of an entry; throws if that is not all that it needs. */
export const decidesAgain: DecidesAgain = (leaf, values, book) =>
  // A cast: of a decision, these are the values that were entered.
  decidedAgain(leaf, values as unknown as Opened, asNamed(book, leaf))

/**
 * The law of a bundle as the entry names it: the policies that applied and no other, and of suspensions what
 * was known by the statement that it names. A bundle has law that other entries name, too.
 */
function asNamed({ policies, lists }: Book, { pol, lists: read, law }: Leaf): Book {
  const named = policies
    .filter((each) => pol.some(({ id, version }) => id === each.id && version === each.version))
    .map(({ suspensions = [], ...each }) => {
      const spans = suspensions.flatMap((span) =>
        span.ends === undefined ? span : ((law && spanAt(span, law.tip.number)) ?? []),
      )
      return spans.length === 0 ? each : { ...each, suspensions: spans }
    })
  const isRead = (each: Version) =>
    read.every(({ id, version }) => id !== each.id || version === each.version)
  const book = { policies: named, lists: lists.filter(isRead) }
  return law?.broken ? withoutPermits({ book }).book : book
}

/**
 * What is other than it was, in words, if the facts of an entry are decided again on the law of a book
 * as it was known then; undefined if nothing is.
 */
export function decidedAgain(
  leaf: Leaf,
  opened: Pick<Opened, 'subject' | 'matter' | 'facts' | 'items' | 'decision'>,
  book: Book,
): string | undefined {
  const rules = inForce(book, leaf.ts, leaf.ts)
  // A cast: the ledger keeps what `see` found as text.
  const match = opened.subject.match as Seen['match']
  const { facts } = opened.facts
  // Before matters had an id, no ground said what a person decides: what was decided then stays so.
  const { classes } = opened.matter
  const before = beforeFetch(
    rules,
    facts,
    classes,
    leaf.ts,
    classes === undefined ? true : undefined,
  )
  const { decision, told } = decideOn(match, rules, facts, opened.items, leaf.ts, before)
  const digests = new Map(
    [...decision.policies, ...rules.listVersions].map((each) => [nameOf(each), each.digest]),
  )
  const other = [...leaf.pol, ...leaf.lists].find(
    (each) => digests.get(nameOf(each)) !== each.digest,
  )
  if (other !== undefined) return `${nameOf(other)} is not the version that decided`
  if (told.outcome !== leaf.out) return `the outcome is ${told.outcome}; it was ${leaf.out}`
  if (told.standing !== leaf.standing)
    return `a denial is ${told.standing}; it was ${leaf.standing}`
  const compared = classes === undefined ? withoutRemedies : unordered
  if (digestOf(compared(decision)) !== digestOf(compared(opened.decision)))
    return 'the outcome is the same; the reasons, items or duties are not'
  return undefined
}

/** Of that time, too: remedies were sought in another way, which found fewer. They decide nothing. */
const withoutRemedies = ({ todo: _, todoComplete: __, ...rest }: Decision) => rest

/**
 * In which order remedies are offered has changed since, and with it which they are where more were found
 * than are offered. They decide nothing.
 */
function unordered({ todo, ...rest }: Decision) {
  const offered = [...Map.groupBy(todo, ({ alternative }) => alternative).values()]
  const remedies = offered.map((steps) =>
    digestOf(steps.map(({ alternative: _, ...step }) => digestOf(step)).sort()),
  )
  return { ...rest, ...(offered.length < searchMax.offered ? { todo: remedies.sort() } : {}) }
}

const nameOf = ({ id, version }: { readonly id: string; readonly version: string }): string =>
  `${id}@${version}`

/** Equal for equal values, in whatever order their names stand. */
const digestOf = (value: unknown): string => commitment({ salt: '', value })
