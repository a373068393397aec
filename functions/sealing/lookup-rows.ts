/** The rows by which auditors find an entry. The sealer writes them; erasure removes those of a person. */

import { requesterId } from '../answer/ask/requester.ts'
import { decisionIn, type Opened, type OpenedEntry, openAny } from '../answer/entries/reader.ts'
import type { Values } from '../answer/entries/values.ts'
import { doubtedIn, eventsOf, type ManyAtOnce } from '../answer/messages/event-kinds.ts'
import { type Filing, fileInInbox } from '../answer/reminders/inbox-rows.ts'
import type { Decision } from '../decision/decide.ts'
import { identifierOf } from '../decision/record.ts'
import { foldCase, storedRequestSchema } from '../decision/request.ts'
import { ComityError } from '../failure.ts'
import type { Events } from '../inbox-ports.ts'
import { policyNames } from '../ledger/entry.ts'
import type { AuditLine, Dimension, LookupRow, SealWorld } from '../log-ports.ts'
import type { Durable, Stored } from '../ports.ts'
import { taggedOf } from './tags.ts'

/** A pseudonym under the key of a jurisdiction (`Secrets.pseudonym`). */
type Pseudonym = (jurisdiction: string, identifier: string) => string

/**
 * The identifier under which a case is filed: the agency that leads it, and its reference as references are
 * compared, so that one written differently is found.
 */
export const caseIdentifier = (agency: string, caseReference: string): string =>
  ['case', agency, foldCase(caseReference)].join('\u001f')

/**
 * The rows of an entry: for the holder's side, and for the requester's if it is of another jurisdiction. The
 * same entry always gives the same rows. If its key was erased (`opened` undefined), only what the leaf says
 * is left.
 */
export function lookupRows(
  entry: Stored,
  opened: OpenedEntry | undefined,
  pseudonym: Pseudonym,
): readonly LookupRow[] {
  const { hj, aj } = entry.leaf
  const sides = hj === aj ? (['holder'] as const) : (['holder', 'requester'] as const)
  const own = sides.flatMap((side) => {
    const jurisdiction = side === 'holder' ? hj : aj
    const line = lineOf(entry, opened, side)
    const row = (by: Dimension, value: string): LookupRow => ({
      key: { jurisdiction, by, value },
      line,
    })
    const inJurisdiction = (identifier: string) => pseudonym(jurisdiction, identifier)
    return [
      row('all', ''),
      ...(line.outcome === undefined ? [] : [row('outcome', line.outcome)]),
      ...distinct(line.policies.map((each) => each.split('@')[0] ?? '')).map((id) =>
        row('policy', id),
      ),
      ...distinct([line.holder, line.agency, line.requester]).map((id) => row('agency', id)),
      ...(line.agency === undefined || line.officer === undefined
        ? []
        : [row('officer', `${line.agency}/${line.officer}`)]),
      ...personalRows(entry, opened, side, inJurisdiction, line),
    ]
  })
  return [...own, ...noticeRows(entry, opened)]
}

/**
 * The rows by which auditors on the requesters' side learn of an erasure: how many entries of their side it
 * covered, but not about whom or by whom.
 */
function noticeRows(entry: Stored, opened: OpenedEntry | undefined): readonly LookupRow[] {
  const about = opened?.kind === 'erasure' ? opened.values.about : undefined
  return Object.entries(about?.requesters ?? {}).map(([jurisdiction, erasedEntries]) => ({
    key: { jurisdiction, by: 'all', value: '' },
    line: { ...lineOf(entry, undefined, 'requester'), aj: jurisdiction, erasedEntries },
  }))
}

/** Of an entry's rows, those that do not follow from its leaf: an expiry of the key removes them. */
export function rowsOfKey(
  entry: Stored,
  rows: readonly LookupRow[],
  pseudonym: Pseudonym,
): readonly LookupRow[] {
  const name = ({ key: { jurisdiction, by, value } }: LookupRow) => `${jurisdiction} ${by} ${value}`
  const stays = new Set(lookupRows(entry, undefined, pseudonym).map(name))
  return rows.filter((row) => !stays.has(name(row)))
}

function personalRows(
  entry: Stored,
  opened: OpenedEntry | undefined,
  side: AuditLine['side'],
  inJurisdiction: (identifier: string) => string,
  line: AuditLine,
): readonly LookupRow[] {
  if (opened === undefined) return []
  const jurisdiction = side === 'holder' ? entry.leaf.hj : entry.leaf.aj
  const subjects =
    side === 'holder' ? subjectsOf(opened) : askedBy(entry, opened).map(inJurisdiction)
  const cases = casesOf(opened).map(inJurisdiction)
  return [
    ...distinct(subjects).map((value) => ({
      key: { jurisdiction, by: 'subject' as const, value },
      line,
    })),
    ...distinct(cases).map((value) => ({
      key: { jurisdiction, by: 'case' as const, value },
      line,
    })),
  ]
}

/** Pseudonyms of everyone that the holder's side of an entry is about: asked for, and found. */
function subjectsOf({ values }: OpenedEntry): readonly string[] {
  if (!('subject' in values)) return []
  const { asked, found = [] } = values.subject as Partial<Opened['subject']>
  return distinct([asked, ...found.flat()])
}

/** The person asked for, in the requester's own words, which its own side may know. */
function askedBy(entry: Stored, { evidence }: OpenedEntry): readonly string[] {
  if (entry.leaf.t !== 'decision') return []
  const { success, data } = storedRequestSchema().safeParse(JSON.parse(evidence.body))
  return success ? [identifierOf(data.subject)] : []
}

function casesOf(opened: OpenedEntry): readonly string[] {
  if (opened.kind === 'decision')
    return [caseIdentifier(requesterId(opened.values), opened.values.matter.caseReference)]
  if (opened.kind === 'notice') {
    const { notice } = opened.values
    if (notice.what === 'alarm') return []
    const { requester, caseReference } = notice
    return caseReference === undefined ? [] : [caseIdentifier(requester, caseReference)]
  }
  const inCase = 'inCase' in opened.values ? opened.values.inCase : undefined
  if (inCase !== undefined) return [caseIdentifier(inCase.requester, inCase.caseReference)]
  const scope = attestationIn(opened)?.scope
  return scope !== undefined && 'caseReference' in scope
    ? [caseIdentifier(scope.requester, scope.caseReference)]
    : []
}

const attestationIn = (opened: OpenedEntry | undefined) =>
  opened?.kind === 'attestation' && 'attestation' in opened.values
    ? opened.values.attestation
    : undefined

/** The line that shows an entry to one side in a list. */
export function lineOf(
  { leaf }: Stored,
  opened: OpenedEntry | undefined,
  side: AuditLine['side'],
): AuditLine {
  const { matter, decision, told } = decisionIn(opened) ?? {}
  const call = opened !== undefined && 'call' in opened.values ? opened.values.call : undefined
  const notice = opened?.kind === 'notice' ? opened.values.notice : undefined
  // Of a call from another state, what was asked and shown is the holder's.
  const isOwn = side === 'holder' && opened?.kind === 'consultation'
  const look = isOwn ? opened.values.consultation : undefined
  const concerned = notice && 'holder' in notice ? notice.holder : undefined
  const holder = matter?.holder ?? concerned ?? attestationIn(opened)?.holder
  const shown: Pick<Decision, 'reasons'> | undefined = side === 'holder' ? decision : told?.reply
  const policies =
    side === 'holder' || told === undefined
      ? policyNames(leaf)
      : policyNames({ pol: told.reply.policies })
  return {
    id: leaf.eid,
    ts: leaf.ts,
    kind: leaf.t,
    side,
    log: leaf.log,
    hj: leaf.hj,
    aj: leaf.aj,
    ...(holder === undefined ? {} : { holder }),
    ...(call === undefined ? {} : { agency: call.agency, officer: call.officer }),
    ...(notice && { notice: notice.what, to: notice.to }),
    ...(notice && 'requester' in notice && { requester: notice.requester }),
    ...(told?.reply.receivedBy === undefined ? {} : { requester: told.reply.receivedBy.from.id }),
    ...(told?.reply.provided === undefined ? {} : { requester: told.reply.provided.to }),
    ...(matter === undefined ? {} : { purpose: matter.purpose }),
    ...(look && { purpose: look.purpose, look: actionOf(look), shown: look.shown.length }),
    ...(leaf.out === undefined ? {} : { outcome: leaf.out }),
    ...(leaf.standing === undefined ? {} : { standing: leaf.standing }),
    ...(side === 'holder' && decision !== undefined && decision.outcome !== leaf.out
      ? { decided: decision.outcome }
      : {}),
    ...(leaf.dryRun ? { dryRun: true as const } : {}),
    rules: distinct((shown?.reasons ?? []).map(({ rule }) => rule)),
    policies,
  }
}

/** Which look it was, by the name in the table of looks. */
const actionOf = ({ question }: Values['consultation']['consultation']): string =>
  typeof question.action === 'string' ? question.action : 'unknown'

const distinct = (values: readonly (string | null | undefined)[]): readonly string[] => [
  ...new Set(values.filter((value): value is string => typeof value === 'string' && value !== '')),
]

// The sealer files entries where auditors look for them.

/** How many entries of a manifest are filed together, and so have lists in common: what one call reads. */
export const filedAtOnce = 100

/** How many of them reach inboxes at once, each by several writes: few enough not to wait for a connection. */
const inInboxAtOnce = 10

/** The parts of the world that filing needs. A deployed sealer may read entries and keys many at a time, and only so. */
type FileWorld = Pick<SealWorld, 'now' | 'secrets' | 'lookups'> & ManyAtOnce

/** Where agencies are told of entries, and the place of each entry in its log, by id. */
type Telling = {
  readonly places: ReadonlyMap<string, number>
  readonly events: Pick<Events, 'file'>
} & (Filing | { readonly inbox?: undefined })

/**
 * Writes the rows of entries, durable once it returns; for an entry whose key was erased, only those from its
 * leaf. Repeating it with the same entries changes nothing. Agencies are told of entries that have a place; with
 * an inbox, denials also reach those who could change them, and what was refused is remembered: only here are rows written that rest on the record,
 * where no caller can time them.
 *
 * INVARIANT (erased stays erased): if a key is erased while its rows are written, the person's rows go with
 * it: either we see that the key is gone, or the erasure finds the rows. If we write rows after the erasure
 * and crash before checking, its note clears them once nobody can still be writing.
 */
export async function fileRows(
  entries: readonly Durable[],
  world: FileWorld,
  telling: Telling,
): Promise<void> {
  const { places, events } = telling
  await filing(entries, world, async (rows, opened) => {
    // What was refused first: whoever asked finds the answer in lists.
    if (telling.inbox !== undefined)
      for (let at = 0; at < entries.length; at += inInboxAtOnce)
        await Promise.all(
          entries
            .slice(at, at + inInboxAtOnce)
            .map((entry, i) => fileInInbox(entry, opened[at + i], telling)),
        )
    await world.lookups.file(rows, taggedOf(entries, opened, rows, places, world.secrets))
    await world.lookups.put(rows)
    await world.lookups.recount(rows, world.now().toISOString())
    const doubted = await doubtedIn(opened, world)
    await events.file(
      entries.flatMap((entry, i) => {
        const index = places.get(entry.leaf.eid)
        return index === undefined ? [] : eventsOf(entry, opened[i], index, doubted[i])
      }),
    )
  })
}

/** Files entries whose key opens less by now: of what they go on to show, nothing is absent meanwhile. */
export const fileLess = (
  entries: readonly Durable[],
  world: FileWorld,
  places: ReadonlyMap<string, number>,
): Promise<void> =>
  filing(entries, world, async (rows, opened) => {
    await world.lookups.replace(rows, taggedOf(entries, opened, rows, places, world.secrets))
    await world.lookups.put(rows)
    await world.lookups.recount(rows, world.now().toISOString())
  })

/** Files entries again that were filed before: what they show now is what their keys still open. */
export const fileAgain = (entries: readonly Durable[], world: FileWorld): Promise<void> =>
  filing(entries, world, (rows) => world.lookups.file(rows))

async function filing(
  entries: readonly Durable[],
  { subjectKeys, lookups, secrets, now }: FileWorld,
  file: (rows: readonly LookupRow[], opened: readonly (OpenedEntry | undefined)[]) => Promise<void>,
): Promise<void> {
  const kids = [...new Set(entries.map(({ kid }) => kid))]
  const keys = await subjectKeys.openEach(kids)
  const opener = { subjectKeys: { open: async (kid: string) => keys.get(kid) } }
  const opened = await Promise.all(entries.map((entry) => openAny(entry, opener)))
  const rows = entries.flatMap((entry, i) => lookupRows(entry, opened[i], secrets.pseudonym))
  await file(rows, opened)

  const left = await subjectKeys.openEach(kids)
  const erased = entries.filter(({ kid }) => !left.has(kid))
  await lookups.unfile(
    erased.map(({ leaf }) => leaf.eid),
    now().toISOString(),
  )
}

// Files the entries of a log again after the look-up table was lost.

/**
 * Files entries from an index on, one manifest at a time, until `until`. Returns the index to continue from, or
 * undefined once everything in the tree is filed. The same entries go together as when they were sealed, so that
 * what is still there is written again and not twice. Nothing of an erased person comes back, since nothing opens
 * it; entries that the ledger has lost are skipped. Sealing may go on meanwhile.
 */
export async function refile(
  log: string,
  from: number,
  world: SealWorld,
  until: Date,
): Promise<number | undefined> {
  const { size } = await world.sealing.head(log)
  for (let at = from; at < size; ) {
    if (world.now() >= until) return at
    const placed = await world.sealing.manifest(log, at)
    if (placed === undefined)
      throw new ComityError(`couldn’t file ${log} from ${at}: no manifest starts there`)
    for (let i = 0; i < placed.length; i += filedAtOnce) {
      const eids = placed.slice(i, i + filedAtOnce).map(({ eid }) => eid)
      const places = new Map(eids.map((eid, k) => [eid, at + i + k]))
      const { events } = world
      await fileRows([...(await world.ledger.readAll(eids)).values()], world, { places, events })
    }
    at += placed.length
  }
  return undefined
}
