/** Decides entries again: the same policy bytes and the same facts give the same decision. */

import * as z from 'zod'
import { decideOn, type Seen, unheard } from '../answer/ask/record.ts'
import { lawOf } from '../answer/entries/law.ts'
import { type Opened, openKept } from '../answer/entries/reader.ts'
import { decisionWhole } from '../answer/entries/short-form.ts'
import { beforeFetch, type Decision } from '../decision/decide.ts'
import { searchMax } from '../decision/remedies.ts'
import { entryIdSchema } from '../decision/request.ts'
import { waived } from '../decision/ways.ts'
import { hasFailed } from '../failure.ts'
import { authorize } from '../identity/authorize.ts'
import { commitment, type Leaf, logOf, type Refs, refsOf } from '../ledger/entry.ts'
import type { DecidesAgain } from '../ledger/evidence.ts'
import { isLogName } from '../ledger/verify-files.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { Book, Version } from '../policy/book.ts'
import { inForce } from '../policy/history.ts'
import { withoutPermits } from '../policy/law.ts'
import { spanAt } from '../policy/suspension.ts'
import type { Stored, World } from '../ports.ts'
import { type Asker, type LookRead, type NotShown, notFound, purposeSchema } from './look.ts'
import { type FoundEntry, publishedHead, sealedEntries } from './sealed-entries.ts'

/** Most entries to decide again in one call. */
export const replayedMax = 500

const index = z.int().nonnegative()
const purpose = purposeSchema
const log = z.string().refine(isLogName, 'the name of a log, such as comity.example/de/2026')

/** The body of `POST /v1/replays`. */
export const replaysSchema = z.union([
  z
    .strictObject({ purpose, log, from: index, until: index.describe('Exclusive.') })
    .refine(({ from, until }) => from < until && until - from <= replayedMax, {
      message: `from one place to a later one, at most ${replayedMax} of them`,
      path: ['until'],
    }),
  z.strictObject({ purpose, log, indices: z.array(index).min(1).max(replayedMax) }),
  z.strictObject({ purpose, entries: z.array(entryIdSchema).min(1).max(300) }),
])
type Replays = z.infer<typeof replaysSchema>

/** An entry that is now decided differently, was changed, or cannot be decided here. `index` is null if it was asked for by its id. */
const differingSchema = z.strictObject({
  id: z.string(),
  index: z.int().nullable(),
  why: z.string(),
})

/** The answer: how many entries are decided the same, which are not, and of which that cannot be said here. */
export const replayedSchema = z.strictObject({
  same: z.int(),
  erased: z.int().describe('Their keys are gone. Of entries by place, the proofs hold as before.'),
  notDecisions: z.int(),
  differs: z.array(differingSchema),
  unknown: z
    .array(differingSchema)
    .optional()
    .describe(
      'Decided by law that this gateway does not have: ask one that runs newer law. Absent from an older gateway, which ' +
        'has them in `differs`.',
    ),
})

/** Decides entries again, each by the law as it was known when the entry was made. */
export async function replayLog(
  asked: Replays,
  asker: Asker,
  world: AuditWorld,
): Promise<NotShown | LookRead<z.infer<typeof replayedSchema>>> {
  const found = await entriesOf(asked, asker, world)
  if (found === undefined) return notFound
  const counts = { same: 0, erased: 0, notDecisions: 0 }
  const differs: z.infer<typeof differingSchema>[] = []
  const unknown: typeof differs = []
  for (const entry of found) {
    const replayed = await replayAt(entry, world)
    if ('why' in replayed)
      (replayed.kind === 'differs' ? differs : unknown).push({
        id: entry.eid,
        index: entry.index ?? null,
        why: replayed.why,
      })
    else counts[replayed.kind === 'not-a-decision' ? 'notDecisions' : replayed.kind] += 1
  }
  const { purpose: _, ...question } = asked
  const shown = [...differs, ...unknown].map(({ id }) => id)
  return { question, shown, answer: { ...counts, differs, unknown } }
}

/** An entry, with its place if it was asked for by place. */
type Asked = FoundEntry & { readonly index?: number }

/** The entries asked for; undefined if one belongs to another jurisdiction or does not exist. */
async function entriesOf(
  asked: Replays,
  agency: Asker,
  world: AuditWorld,
): Promise<readonly Asked[] | undefined> {
  if ('entries' in asked) {
    const eids = [...new Set(asked.entries)]
    const stored = await world.ledger.readAll(eids)
    const entries = eids.flatMap((eid) => {
      const entry = stored.get(eid)
      if (entry === undefined) return []
      const right = authorize(agency, 'replay', { holder: entry.leaf.hj })
      return right === undefined ? [] : [{ eid, stored: entry }]
    })
    return entries.length < eids.length ? undefined : entries
  }
  if (!asked.log.startsWith(logOf(world.gateway, agency.jurisdiction, ''))) return undefined
  const head = await publishedHead(asked.log, world)
  const indices =
    'indices' in asked
      ? asked.indices
      : Array.from({ length: asked.until - asked.from }, (_, i) => asked.from + i)
  if (head === undefined || indices.some((each) => each >= head.size)) return undefined
  return sealedEntries(head, indices, world)
}

async function replayAt(entry: Asked, world: AuditWorld): ReturnType<typeof replay> {
  if ('wrong' in entry) return { kind: 'differs', why: entry.wrong }
  try {
    return await replay(entry.stored, world)
  } catch (error) {
    if (world.isStoreAway(error) || hasFailed(error, 'newer')) throw error
    return { kind: 'differs', why: 'it cannot be opened: somebody changed it' }
  }
}

/** The result of replaying an entry. */
type Replayed =
  | { readonly kind: 'same' }
  /** Its key is gone. A proof can still show that it was in the ledger. */
  | { readonly kind: 'erased' }
  | { readonly kind: 'not-a-decision' }
  | { readonly kind: 'differs'; readonly why: string }
  /** The law that decided is newer than that held here. */
  | { readonly kind: 'unknown'; readonly why: string }

/** Replays an entry by the law as it was known when it was made. Throws if the entry was changed. */
export async function replay(
  stored: Stored,
  world: Pick<World, 'law' | 'ledger' | 'subjectKeys'>,
): Promise<Replayed> {
  const { leaf } = stored
  if (leaf.t !== 'decision') return { kind: 'not-a-decision' }
  const opened = await openKept(stored, world)
  if (opened === undefined || opened.isLeft) return { kind: 'erased' }
  const law = await lawOf(leaf, world)
  if ('why' in law) return { kind: law.isNewer ? 'unknown' : 'differs', why: law.why }
  const why = decidedAgain(leaf, opened, law)
  return why === undefined ? { kind: 'same' } : { kind: 'differs', why }
}

/** Replays an entry from a bundle of evidence. Throws if the bundle lacks some of the values needed. */
export const decidesAgain: DecidesAgain = (leaf, refs, values, book) => {
  // Casts: for a decision, these are the values that were entered.
  const once = values as unknown as Opened
  const kept = values.decision as Parameters<typeof decisionWhole>[1]
  const opened = { ...once, decision: decisionWhole(leaf, kept) }
  return decidedAgain(leaf, opened, asNamed(book, refs, leaf.law))
}

/**
 * Narrows a bundle's law to what one entry names, since the bundle also has law that other entries name: only
 * the policies that applied, with suspensions as known at the statement that the entry names.
 */
function asNamed({ policies, lists }: Book, { pol, lists: read }: Refs, law: Leaf['law']): Book {
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
 * Decides an entry's facts again by `book`, the law as it was known then, and says in words what differs;
 * undefined if nothing does.
 */
export function decidedAgain(
  leaf: Leaf,
  opened: Pick<Opened, 'subject' | 'matter' | 'facts' | 'items' | 'decision'>,
  book: Book,
): string | undefined {
  const rules = inForce(book, leaf.ts, leaf.ts)
  // A cast: the ledger keeps as text what `see` found.
  const match = opened.subject.match as Seen['match']
  const { facts } = opened.facts
  // Entries from before matters had an id: no ground then reserved anything to a person, so none does here.
  const { classes } = opened.matter
  const before = beforeFetch(
    rules,
    facts,
    classes,
    leaf.ts,
    classes === undefined ? true : undefined,
  )
  // Up to version 4 an answered no counted only where a rule read it.
  const items = leaf.v < 5 ? opened.items.map(unheard) : opened.items
  const { decision, told } = decideOn(match, rules, facts, items, leaf.ts, before)
  const now = { pol: decision.policies, lists: rules.listVersions }
  const other = otherVersion(leaf, opened.decision.policies, now)
  if (other !== undefined) return other
  const of = (reading: (of: Decision) => Decision) =>
    otherwise(leaf, opened.decision, reading(decision), reading(told), classes)
  const why = of((same) => same)
  if (why === undefined || of(beforeWaivers) === undefined) return undefined
  // Before a law that does not hold made every denial an open one.
  const { unheld, ...asBefore } = book
  return unheld && decidedAgain(leaf, opened, asBefore) === undefined ? undefined : why
}

/** Says in words in what a decision, as it was made and as it was told, is not that of the entry. */
function otherwise(
  leaf: Leaf,
  then: Decision,
  decision: Decision,
  told: Decision,
  classes: readonly string[] | undefined,
): string | undefined {
  if (told.outcome !== leaf.out) return `the outcome is ${told.outcome}; it was ${leaf.out}`
  const isCut = [decision, then].some(({ todoComplete }) => todoComplete === false)
  // Before parts of an answer, and classes, had steps of their own.
  const isOfWhole =
    leaf.out === 'redact'
      ? leaf.standing === undefined
      : (classes ?? []).length > 1 && then.todo.every((step) => step.classes === undefined)
  const isSame = told.standing === leaf.standing
  if (!isSame && !(isOfWhole && (isCut || leaf.out === 'redact')))
    return `a denial is ${told.standing}; it was ${leaf.standing}`
  const compared = isOfWhole
    ? withoutStanding
    : classes === undefined || isCut
      ? withoutRemedies
      : unordered
  if (digestOf(compared(decision)) !== digestOf(compared(then)))
    return 'the outcome is the same; the reasons, items or duties are not'
  return undefined
}

/**
 * A decision as it was made while a waiver that nobody had given counted as one that was refused: without the
 * remedies that need one, and final if there are no others.
 */
function beforeWaivers(decision: Decision): Decision {
  const waive = decision.todo.filter(({ fact }) => fact === waived)
  if (waive.length === 0) return decision
  const waiving = new Set(waive.map(({ alternative }) => alternative))
  const todo = decision.todo.filter(({ alternative }) => !waiving.has(alternative))
  return { ...decision, todo, ...(todo.length === 0 ? { standing: 'final' } : {}) }
}

/** Says in words that a version is not the one that decided; undefined if all are. */
function otherVersion(leaf: Leaf, policies: Refs['pol'], now: Refs): string | undefined {
  const then = refsOf(leaf, now)
  const digests = new Map([...now.pol, ...now.lists].map((each) => [nameOf(each), each.digest]))
  const other = [...policies, ...(then?.pol ?? []), ...(then?.lists ?? [])].find(
    (each) => digests.get(nameOf(each)) !== each.digest,
  )
  if (other !== undefined) return `${nameOf(other)} is not the version that decided`
  return then === undefined ? 'a list is not the version that decided' : undefined
}

/**
 * Drops remedies, which decide nothing: before matters had an id, a different search found fewer of them; and
 * where one was cut off, another may have found others.
 */
const withoutRemedies = ({ todo: _, todoComplete: __, ...rest }: Decision) => rest

/** Drops what follows from remedies, too: they were searched for otherwise, or not at all. */
const withoutStanding = ({ standing: _, ...rest }: Decision) => withoutRemedies(rest)

/**
 * Ignores the order of remedies, which has changed since. If the limit cut them off, drops them, since another
 * order may have kept others. They decide nothing.
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

/** A digest that is equal for equal values, whatever the order of their names. */
const digestOf = (value: unknown): string => commitment({ salt: '', value })
