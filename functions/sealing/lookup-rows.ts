/** The rows by which auditors find an entry. The sealer writes them; erasure removes those of a person. */

import { fileInInbox } from '../answer/inbox-rows.ts'
import { decisionIn, type Opened, type OpenedEntry, openAny } from '../answer/opened.ts'
import type { Decision } from '../decision/decide.ts'
import { identifierOf } from '../decision/record.ts'
import { foldCase, storedRequestSchema } from '../decision/request.ts'
import { readLeaf } from '../ledger/entry.ts'
import { readBundle, tileWidth } from '../ledger/tiles.ts'
import type { AuditLine, Dimension, LookupRow, SealWorld } from '../log-ports.ts'
import type { Durable, Inbox, Stored } from '../ports.ts'

/** A pseudonym under the key of a jurisdiction (`Secrets.pseudonym`). */
type Pseudonym = (jurisdiction: string, identifier: string) => string

/** The identifier under which a case is filed: the agency that leads it, and its reference. */
export const caseIdentifier = (agency: string, caseReference: string): string =>
  ['case', agency, caseReference].join('\u001f')

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
      ...distinct([line.holder, line.agency]).map((id) => row('agency', id)),
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

/** The rows that are filed under a person or a case, which an erasure removes. */
export const rowsOfPerson = (rows: readonly LookupRow[]): readonly LookupRow[] =>
  rows.filter(({ key: { by } }) => by === 'subject' || by === 'case')

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
  const { success, data } = storedRequestSchema.safeParse(JSON.parse(evidence.body))
  return success ? [identifierOf(data.subject)] : []
}

function casesOf(opened: OpenedEntry): readonly string[] {
  if (opened.kind === 'decision')
    return namesOf(opened.values.call.agency, opened.values.matter.caseReference)
  const scope = attestationIn(opened)?.scope
  return scope !== undefined && 'caseReference' in scope
    ? namesOf(scope.requester, scope.caseReference)
    : []
}

const attestationIn = (opened: OpenedEntry | undefined) =>
  opened?.kind === 'attestation' && 'attestation' in opened.values
    ? opened.values.attestation
    : undefined

/** A case as written, and as compared. The second finds references written differently. */
const namesOf = (agency: string, reference: string): readonly string[] =>
  [reference, foldCase(reference)].map((each) => caseIdentifier(agency, each))

/** The line that shows an entry to one side in a list. */
export function lineOf(
  { leaf }: Stored,
  opened: OpenedEntry | undefined,
  side: AuditLine['side'],
): AuditLine {
  const { matter, decision, told } = decisionIn(opened) ?? {}
  const call = opened !== undefined && 'call' in opened.values ? opened.values.call : undefined
  const holder = matter?.holder ?? attestationIn(opened)?.holder
  const shown: Pick<Decision, 'reasons'> | undefined = side === 'holder' ? decision : told?.reply
  const policies = side === 'holder' ? leaf.pol : (told?.reply.policies ?? leaf.pol)
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
    ...(matter === undefined ? {} : { purpose: matter.purpose }),
    ...(leaf.out === undefined ? {} : { outcome: leaf.out }),
    ...(leaf.standing === undefined ? {} : { standing: leaf.standing }),
    ...(side === 'holder' && decision !== undefined && decision.outcome !== leaf.out
      ? { decided: decision.outcome }
      : {}),
    ...(leaf.dryRun ? { dryRun: true as const } : {}),
    rules: distinct((shown?.reasons ?? []).map(({ rule }) => rule)),
    policies: policies.map(({ id, version }) => `${id}@${version}`),
  }
}

const distinct = (values: readonly (string | null | undefined)[]): readonly string[] => [
  ...new Set(values.filter((value): value is string => typeof value === 'string' && value !== '')),
]

// The sealer files entries where auditors look for them.

/** The parts of the world that filing needs. */
type FileWorld = Pick<SealWorld, 'now' | 'subjectKeys' | 'secrets' | 'lookups'>

/**
 * Writes the rows of entries, durable once it returns; for an entry whose key was erased, only those from its
 * leaf. Repeating it changes nothing. With an inbox, denials also reach those who could change them: only
 * here are rows written that rest on the record, where no caller can time them.
 *
 * INVARIANT (erased stays erased): if a key is erased while its rows are written, the person's rows go with
 * it: either we see that the key is gone, or the erasure finds the rows. If we write rows after the erasure
 * and crash before checking, its note clears them once nobody can still be writing.
 */
export async function fileRows(
  entries: readonly Durable[],
  world: FileWorld,
  inbox?: Pick<Inbox, 'put' | 'decidedAgain'>,
): Promise<void> {
  const { subjectKeys, lookups, now } = world
  const kids = [...new Set(entries.map(({ kid }) => kid))]
  const look = async () =>
    new Map(await Promise.all(kids.map(async (kid) => [kid, await subjectKeys.open(kid)] as const)))
  const keys = await look()
  const opener = { subjectKeys: { ...subjectKeys, open: async (kid: string) => keys.get(kid) } }
  const opened = await Promise.all(entries.map((entry) => openAny(entry, opener)))
  const rows = entries.flatMap((entry, i) => lookupRows(entry, opened[i], world.secrets.pseudonym))
  const ofPersons = new Set(rowsOfPerson(rows))
  await lookups.file([...ofPersons])
  await lookups.put(rows.filter((row) => !ofPersons.has(row)))
  if (inbox !== undefined)
    await Promise.all(entries.map((entry, i) => fileInInbox(entry, opened[i], inbox)))

  const left = await look()
  const erased = entries.filter(({ kid }) => left.get(kid) === undefined)
  await lookups.unfile(
    erased.map(({ leaf }) => leaf.eid),
    now().toISOString(),
  )
}

// Files the entries of a log again after the look-up table was lost.

/**
 * Files entries from an index on, one bundle at a time, until `until`. Returns the index to continue from, or
 * undefined once everything in the tree is filed. Nothing of an erased person comes back, since nothing opens
 * it; entries that the ledger has lost are skipped. Sealing may go on meanwhile.
 */
export async function refile(
  log: string,
  from: number,
  world: SealWorld,
  until: Date,
): Promise<number | undefined> {
  const { size } = await world.sealing.head(log)
  const get = (path: string) => world.archive.get(`${log}/${path}`)
  for (let at = Math.floor(from / tileWidth); at * tileWidth < size; at++) {
    if (world.now() >= until) return at * tileWidth
    const width = Math.min(tileWidth, size - at * tileWidth)
    const leaves = (await readBundle(at, width, get)).map(readLeaf)
    const eids = leaves.flatMap((leaf) => (typeof leaf === 'string' ? [] : [leaf.eid]))
    await fileRows([...(await world.ledger.readAll(eids)).values()], world)
  }
  return undefined
}
