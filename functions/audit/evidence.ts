/**
 * Evidence for a court: entries of the log with their proofs and the law they name, under one signed
 * manifest. The same question at the same checkpoints gives the same bytes.
 */

import * as z from 'zod'
import { lawEntriesOf, lawOf } from '../answer/entries/law.ts'
import { entryIdSchema } from '../decision/request.ts'
import { ComityError } from '../failure.ts'
import { authorize } from '../identity/authorize.ts'
import type { Agency } from '../identity/register.ts'
import { logOf } from '../ledger/entry.ts'
import {
  type Completeness,
  canonicalBytes,
  type ManifestParts,
  makeBundle,
  paths,
} from '../ledger/evidence.ts'
import { writeProof } from '../ledger/log-proof.ts'
import { holderOf, isLooksLog } from '../ledger/looks-log.ts'
import { proveInclusion, verifyInclusion } from '../ledger/merkle.ts'
import { sealedBy } from '../ledger/receipt.ts'
import { readLeafHashes, tileReader } from '../ledger/tiles.ts'
import { isLogName, keysFile } from '../ledger/verify-files.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { Stored } from '../ports.ts'
import {
  agenciesOf,
  type Decided,
  decidedBy,
  entryFileOf,
  lawFiles,
  namesOf,
  type ShownEntry,
  stampsOf,
} from './evidence-files.ts'
import { pageOf } from './evidence-page.ts'
import { readmeOf, sayingsOf } from './evidence-words.ts'
import {
  type Asker,
  invalid,
  type LookRead,
  type NotShown,
  notFound,
  purposeSchema,
} from './look.ts'
import { type EvidenceMatter, lookThrough, onlyAbout } from './look-through.ts'
import { readLines } from './read-lines.ts'
import { leavesOf, type PublishedHead, publishedHead } from './sealed-entries.ts'

/** Most bytes of a bundle: a Lambda answer holds 6 MB, in base64. */
const bytesMax = 4 * 1024 * 1024

/** Makes a bundle of what the asker’s office may see. */
export async function createEvidence(
  question: EvidenceQuestion,
  agency: Asker,
  world: AuditWorld,
): Promise<NotShown | LookRead<Uint8Array>> {
  const heads = await headsFor(question, agency.jurisdiction, world)
  if ('kind' in heads) return heads
  const found = await findEvidence(agency, question, heads, world)
  if (found === undefined) return notFound
  const { shown } = found
  const sizes = [...heads].map(([log, { size }]) => [log, size])
  const look = {
    question: { ...question, at: Object.fromEntries(sizes) },
    shown: shown.map(({ stored }) => stored.leaf.eid),
  }
  const tooMuch = { ...look, shown: [], instead: tooMuchFor(shown.length) }
  if (shown.length > entriesMax) return tooMuch
  const decided = await withLawOf(shown, world)
  if ('kind' in decided) return decided
  const zip = await pack(agency, question, { ...found, decided }, heads, world)
  return zip.length > bytesMax ? tooMuch : { ...look, answer: zip }
}

const tooMuchFor = (entries: number): NotShown =>
  invalid(
    '/entries',
    `it is too much for one bundle, ${entries} entries; ask for fewer than that, and at most ${entriesMax}, by their ids`,
  )

/** Each entry with the law that decided it, or why this gateway does not know that law. */
async function withLawOf(
  shown: readonly ShownEntry[],
  world: AuditWorld,
): Promise<readonly Decided[] | { readonly kind: 'unavailable'; readonly why: string }> {
  const decided: Decided[] = []
  for (const each of shown) {
    const law = await lawOf(each.stored.leaf, world)
    if ('why' in law) return { kind: 'unavailable', why: `couldn’t make evidence: ${law.why}` }
    decided.push(decidedBy(each, law))
  }
  return decided
}

async function pack(
  agency: Agency,
  { at: _, entries, ...of }: EvidenceQuestion,
  found: FoundEntries & { readonly decided: readonly Decided[] },
  used: Heads,
  world: AuditWorld,
): Promise<Uint8Array> {
  const shown = found.decided
  const heads = [...used.values()].sort((a, b) => (a.log < b.log ? -1 : 1))
  const files = new Map<string, Uint8Array>()
  for (const each of shown) {
    const { eid } = each.stored.leaf
    files.set(paths.entry(eid), canonicalBytes(each.file))
    files.set(paths.proof(eid), Buffer.from(await proofOf(each, world)))
  }
  const { tokens, stamped } = await stampsOf(shown, world)
  for (const [path, token] of tokens) files.set(path, token)
  for (const { entry, head } of stamped)
    files.set(
      paths.stamped(entry.stored.leaf.eid),
      Buffer.from(await proofOf({ ...entry, head }, world)),
    )
  const law = lawFiles(found.decided, world.law.files())
  for (const [path, { text }] of law) files.set(path, Buffer.from(text))
  const by = entries !== undefined ? 'entries' : of.case === undefined ? 'subject' : 'case'
  const parts: ManifestParts = {
    gateway: world.gateway,
    question: {
      office: agency.id,
      jurisdiction: agency.jurisdiction,
      ...of,
      ...(entries && { entries: [...new Set(entries)].sort() }),
    },
    checkpoints: Object.fromEntries(heads.map(({ log, note }) => [log, note])),
    entries: shown.map(({ stored: { leaf }, index }) => ({ eid: leaf.eid, log: leaf.log, index })),
    tooEarly: [...found.tooEarly],
    ...(found.completeness && { completeness: found.completeness }),
    says: sayingsOf({ by, jurisdiction: agency.jurisdiction, heads, ...found }),
    keys: {
      v: 1,
      logs: heads.map(({ log }) => world.vkey(log)),
      witnesses: [...world.witnessVkeys],
      quorum: world.quorum,
      receipts: keysFile.shape.receipts.parse({
        keys: world.secrets.jwks.keys.filter(({ kty }) => kty === 'EC'),
      }),
      agencies: await agenciesOf(shown, world),
    },
    law: Object.fromEntries([...law].map(([path, { stands }]) => [path, stands])),
  }
  const about = { parts, law, names: await namesOf(shown, world) }
  files.set('page.html', Buffer.from(pageOf(about, shown, world.secrets.evidence.publicKey)))
  files.set('README.txt', Buffer.from(readmeOf(world.gateway)))
  return makeBundle(parts, files, world.secrets.evidence)
}

/** The proof that the entry's checkpoint has the entry. Throws if the proof does not hold. */
async function proofOf(
  { stored, index, head: { log, size, root, note } }: ShownEntry,
  { archive }: AuditWorld,
): Promise<string> {
  const read = tileReader(size, (path) => archive.get(`${log}/${path}`))
  const path = await proveInclusion(index, size, read)
  if (!verifyInclusion(stored.leafHash, index, size, path, root))
    throw new ComityError(
      `couldn’t prove ${stored.leaf.eid}: the tiles of ${log} do not lead to its checkpoint`,
    )
  return writeProof({ index, path, checkpoint: note })
}

/** Most entries of one bundle. */
const entriesMax = 100
/** The year of the first log. */
const firstYear = 2026

const pseudonym = z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'a pseudonym of POST /v1/pseudonyms')

/** The body of `POST /v1/evidence`. */
export const evidenceSchema = z
  .strictObject({
    purpose: purposeSchema,
    case: pseudonym.optional(),
    subject: pseudonym.optional(),
    entries: z.array(entryIdSchema).min(1).max(entriesMax).optional(),
    at: z
      .record(
        z.string().refine(isLogName, 'the name of a log, such as comity.example/de/2026'),
        z.int().nonnegative(),
      )
      .refine((at) => Object.keys(at).length <= 20, 'at most 20 logs')
      .optional()
      .describe('Sizes of checkpoints by log, and then of these logs alone; else the newest.'),
  })
  .refine(
    ({ case: ofCase, subject, entries }) =>
      [ofCase, subject, entries].filter((each) => each !== undefined).length === 1,
    { message: 'ask for one of `case`, `subject` and `entries`', path: ['entries'] },
  )
type EvidenceQuestion = z.infer<typeof evidenceSchema>

/** Checkpoints by log. */
type Heads = Map<string, PublishedHead>

/**
 * The checkpoints at which to answer a question: those in `at`, or else the newest of each of the asker's own
 * logs. `placed` adds the checkpoints of other logs when it finds entries there.
 */
async function headsFor(
  { at, entries }: EvidenceQuestion,
  jurisdiction: string,
  world: AuditWorld,
): Promise<Heads | NotShown> {
  const heads: Heads = new Map()
  for (const [log, size] of Object.entries(at ?? {})) {
    // INVARIANT (nobody sees a look): another jurisdiction's log of looks has no checkpoint of any size.
    const isHidden = isLooksLog(log) && holderOf(log, world.gateway) !== jurisdiction
    const head = isHidden ? undefined : await publishedHead(log, world, size)
    if (head === undefined) return invalid('/at', 'a log has no checkpoint of this size')
    heads.set(log, head)
  }
  if (at !== undefined || entries !== undefined) return heads
  for (const log of logsUntilNow(jurisdiction, world)) {
    const head = await publishedHead(log, world)
    if (head !== undefined) heads.set(head.log, head)
  }
  return heads
}

/** The logs that a jurisdiction may have, one for each year. */
function logsUntilNow(jurisdiction: string, { gateway, now }: AuditWorld): readonly string[] {
  const years = now().getUTCFullYear() - firstYear + 1
  return Array.from({ length: years }, (_, i) => logOf(gateway, jurisdiction, `${firstYear + i}`))
}

/** Whether every log of a jurisdiction that has entries has a checkpoint here: without one, nothing is known of a year. */
async function allPublished(
  heads: Heads,
  jurisdiction: string,
  world: AuditWorld,
): Promise<boolean> {
  const others = logsUntilNow(jurisdiction, world).filter((log) => !heads.has(log))
  const sizes = await Promise.all(others.map(async (log) => (await world.sealing.head(log)).size))
  return sizes.every((size) => size === 0)
}

/** Most lines to read when finding entries. */
const linesMax = 2000

/** Most entries of the law to add to those that were asked for. */
const lawEntriesMax = 50

/** What was found. */
type FoundEntries = {
  /** Sorted by log and place. */
  readonly shown: readonly ShownEntry[]
  /** Ids that were asked for, but that these checkpoints do not have yet. */
  readonly tooEarly: readonly string[]
  readonly completeness?: Completeness
}

/** Finds the entries; undefined if an id asked for does not exist, or is not the asker's to see. */
async function findEvidence(
  agency: Agency,
  question: EvidenceQuestion,
  heads: Heads,
  world: AuditWorld,
): Promise<FoundEntries | undefined> {
  const indices = new Map<string, number>()
  const indexOf = indexIn(indices, world)
  const place = (entries: Iterable<Stored>) =>
    placed(entries, agency, question, { heads, indexOf }, world)
  if (question.entries !== undefined) {
    const eids = [...new Set(question.entries)]
    const stored = [...(await world.ledger.readAll(eids)).values()]
    const seen = stored.filter((each) => sightOf(agency, each) !== undefined)
    return seen.length < eids.length ? undefined : withLaw(await place(seen), place, world)
  }
  const { jurisdiction } = agency
  const { case: ofCase, subject = '' } = question
  const matter: EvidenceMatter =
    ofCase === undefined
      ? { jurisdiction, by: 'subject', value: subject }
      : { jurisdiction, by: 'case', value: ofCase }
  const ours = logOf(world.gateway, jurisdiction, '')
  const own = [...heads.values()].filter(({ log }) => log.startsWith(ours))
  const { about, completeness } = await lookThrough(own, matter, world)
  const found = new Map(about.map(({ stored }) => [stored.leaf.eid, stored]))
  for (const { eid, index } of about) indices.set(eid, index)
  // Rows lead to what is in other logs, and to what of the own ones was not looked at.
  const isLookedAt = (log: string) =>
    completeness.notExamined === 0 && own.some((head) => head.log === log)
  const { lines } = await readLines(world.lookups, {
    key: matter,
    range: {},
    wanted: ({ kind, log }) => kind !== 'consultation' && kind !== 'record' && !isLookedAt(log),
    limit: linesMax,
    readMax: Number.POSITIVE_INFINITY,
  })
  const listed = await world.ledger.readAll(lines.map(({ id }) => id))
  for (const each of await onlyAbout(listed.values(), matter, world)) found.set(each.leaf.eid, each)
  // `tooEarly` is empty: entries later than the checkpoints were not asked for.
  const isAll = question.at !== undefined || (await allPublished(heads, jurisdiction, world))
  const claimed = completeness.claimed && own.length > 0 && isAll
  return {
    ...(await withLaw(await place(found.values()), place, world)),
    tooEarly: [],
    completeness: { ...completeness, claimed },
  }
}

/**
 * Adds the entries of the law that decisions name: the set, and the last statement that was known. Adds none
 * for decisions seen from the requester's side, none that the asker may not see, and none that these
 * checkpoints do not have.
 */
async function withLaw(
  found: FoundEntries,
  place: (entries: Iterable<Stored>) => Promise<FoundEntries>,
  { ledger }: Pick<AuditWorld, 'ledger'>,
): Promise<FoundEntries> {
  const shown = new Set(found.shown.map(({ stored }) => stored.leaf.eid))
  const named = new Set(
    found.shown.flatMap(({ stored, file }) =>
      file.side === 'holder' ? lawEntriesOf(stored.leaf) : [],
    ),
  )
  const more = [...named].filter((eid) => !shown.has(eid))
  const law = await place((await ledger.readAll(more.slice(0, lawEntriesMax))).values())
  return { ...found, shown: [...found.shown, ...law.shown].sort(byPlace) }
}

const sightOf = (agency: Agency, { leaf }: Stored) =>
  authorize(agency, 'create-evidence', { holder: leaf.hj, requester: leaf.aj })

/** The index of an entry in the tree of a checkpoint; undefined if that does not have it. */
type IndexOf = (stored: Stored, head: PublishedHead) => Promise<number | undefined>

/**
 * Finds entries in trees: `known` are those that a tree itself gave, others are where their marks say. Whoever can remove or
 * change a mark makes the whole tree be looked through, once an entry must be sealed, and never one be said to come too late.
 */
function indexIn(known: ReadonlyMap<string, number>, world: AuditWorld): IndexOf {
  const trees = new Map<string, ReturnType<typeof readLeafHashes>>()
  return async ({ leaf: { eid, ts }, leafHash }, head) => {
    const given = known.get(eid)
    if (given !== undefined && given < head.size) return given
    const index = (await world.sealing.placeOf(eid))?.index ?? head.size
    if (index < head.size && (await leavesOf(head, world)(index, leafHash))) return index
    if (sealedBy(ts) >= world.now().toISOString()) return undefined
    const { log, size } = head
    const tree =
      trees.get(log) ?? readLeafHashes(size, (path) => world.archive.get(`${log}/${path}`))
    trees.set(log, tree)
    const found = (await tree).findIndex((each) => Buffer.compare(each, leafHash) === 0)
    return found < 0 ? undefined : found
  }
}

async function placed(
  entries: Iterable<Stored>,
  agency: Agency,
  { at, purpose }: EvidenceQuestion,
  { heads, indexOf }: { readonly heads: Heads; readonly indexOf: IndexOf },
  world: AuditWorld,
): Promise<FoundEntries> {
  const shown: ShownEntry[] = []
  const tooEarly: string[] = []
  for (const stored of entries) {
    const { eid, log } = stored.leaf
    const sight = sightOf(agency, stored)
    if (sight === undefined) continue
    const head = heads.get(log) ?? (at === undefined ? await publishedHead(log, world) : undefined)
    if (head !== undefined) heads.set(log, head)
    const index = head && (await indexOf(stored, head))
    if (head === undefined || index === undefined) tooEarly.push(eid)
    else
      shown.push({
        stored,
        index,
        head,
        ...(await entryFileOf(stored, sight, purpose, world)),
      })
  }
  return { shown: shown.sort(byPlace), tooEarly: tooEarly.sort() }
}

const byPlace = (a: ShownEntry, b: ShownEntry): number =>
  a.head.log === b.head.log ? a.index - b.index : a.head.log < b.head.log ? -1 : 1
