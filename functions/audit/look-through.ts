/**
 * Which entries of a log are about a matter, whatever the log's size: by the tags that were made when they were sealed,
 * for every leaf of the signed tree; an entry without tags is opened.
 */

import { type OpenedEntry, openAny } from '../answer/entries/reader.ts'
import { hasFailed, wasChanged } from '../failure.ts'
import type { Completeness } from '../ledger/evidence.ts'
import { frontierOf, type Hash, rootOf } from '../ledger/merkle.ts'
import { type KeptTags, sealedTags, sealOf, tagOf } from '../ledger/tags.ts'
import { readLeafHashes } from '../ledger/tiles.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { Stored } from '../ports.ts'
import { lookupRows } from '../sealing/lookup-rows.ts'
import { mattersOf } from '../sealing/tags.ts'
import { type EntryAt, type PublishedHead, sealedEntries } from './sealed-entries.ts'

/** Most entries to open for one bundle. */
const openedMax = 10_000
/** Entries to open at once: one entry bundle of the log. */
const atOnce = 256

/** The case or person that entries are about, by pseudonym. */
export type EvidenceMatter = {
  readonly jurisdiction: string
  readonly by: 'case' | 'subject'
  readonly value: string
}

type LookWorld = Pick<
  AuditWorld,
  'ledger' | 'archive' | 'isStoreAway' | 'subjectKeys' | 'secrets' | 'lookups' | 'turn'
>

/**
 * The entries of these logs, all of the matter's jurisdiction, that are about it, and what can be claimed about all
 * others.
 */
export async function lookThrough(
  heads: readonly PublishedHead[],
  matter: EvidenceMatter,
  world: LookWorld,
): Promise<{
  readonly about: readonly (EntryAt & { readonly stored: Stored })[]
  readonly completeness: Completeness
}> {
  const about: (EntryAt & { readonly stored: Stored })[] = []
  const count = {
    ...{ examined: 0, tagged: 0, erased: 0, damaged: 0, notExamined: 0 },
    ...{ looks: 0, records: 0 },
  }
  const opener = remembering(world)
  let left = openedMax
  for (const head of heads) {
    const { toOpen, tagged, hasLeaf } = await byTags(head, matter, world)
    count.tagged += tagged
    const some = toOpen.slice(0, left)
    left -= some.length
    count.notExamined += toOpen.length - some.length
    for (let from = 0; from < some.length; from += atOnce) {
      const indices = some.slice(from, from + atOnce)
      const entries = await sealedEntries(head, indices, world, hasLeaf)
      await opener.ask(entries.flatMap((entry) => ('stored' in entry ? [entry.stored.kid] : [])))
      for (const entry of entries) {
        const read = 'stored' in entry ? await openWhole(entry.stored, opener, world) : 'damaged'
        if (typeof read === 'string') count[read] += 1
        else count.examined += 1
        if ('wrong' in entry || typeof read === 'string') continue
        if (!isAbout(entry.stored, read, matter, world)) continue
        const { t } = entry.stored.leaf
        if (t === 'consultation') count.looks += 1
        else if (t === 'record') count.records += 1
        else about.push(entry)
      }
    }
  }
  const claimed = count.erased + count.damaged + count.notExamined === 0
  return { about, completeness: { claimed, ...count } }
}

/**
 * Sorts all leaves of a tree by their tags: how many are about others, and which are to be opened, those with a tag of
 * the matter first, then those without tags that hold, and last those whose key is said to be gone.
 *
 * INVARIANT (no leaf left out): leaves are counted from the tree itself, whose root is the checkpoint's; tags only sort
 * them. Tags count only if their seal is of this leaf at this place, and a key is gone only if it does not open, so that
 * whoever changes, moves or removes tags makes an entry be opened, and never one be missed.
 */
async function byTags(
  { log, size, root }: PublishedHead,
  { jurisdiction, value }: EvidenceMatter,
  { archive, lookups, secrets, turn }: LookWorld,
) {
  const [hashes, kept] = await Promise.all([
    readLeafHashes(size, (path) => archive.get(`${log}/${path}`)),
    lookups.tags(log, size),
  ])
  if (Buffer.compare(rootOf(frontierOf(hashes)), root) !== 0)
    throw wasChanged(`couldn’t use ${log}: its tiles do not lead to its checkpoint`)
  const wanted = tagOf(value)
  const holds = (leafHash: Hash, { index, tags = [], seal }: KeptTags) =>
    seal === sealOf(secrets.pseudonym(jurisdiction, sealedTags(log, index, leafHash, tags)))
  /** Of each leaf: whether its tags have the matter's; undefined without tags that hold. */
  const found: (boolean | 'erased' | undefined)[] = Array.from({ length: size })
  for (const each of kept) {
    const [known, leafHash] = [found[each.index], hashes[each.index]]
    if (each.index % atOnce === 0) await turn?.()
    if (leafHash === undefined) continue
    if (each.tags === undefined) found[each.index] = known ?? 'erased'
    else if (typeof known !== 'boolean' && holds(leafHash, each))
      found[each.index] = each.tags.includes(wanted)
  }
  const placesOf = (what: (typeof found)[number]) =>
    found.flatMap((each, index) => (each === what ? [index] : []))
  const toOpen = [true, undefined, 'erased' as const].flatMap(placesOf)
  const hasLeaf = async (index: number, hash: Hash) =>
    Buffer.compare(hash, hashes[index] ?? Buffer.of()) === 0
  return { toOpen, tagged: size - toOpen.length, hasLeaf }
}

type Opener = Pick<AuditWorld, 'subjectKeys'>

async function openWhole(
  stored: Stored,
  opener: Opener,
  { isStoreAway }: Pick<AuditWorld, 'isStoreAway'>,
): Promise<OpenedEntry | 'erased' | 'damaged'> {
  try {
    return (await openAny(stored, opener)) ?? 'erased'
  } catch (error) {
    if (isStoreAway(error) || hasFailed(error, 'newer')) throw error
    return 'damaged'
  }
}

/** Asks for each key only once, so that one search sees one state of the keys; `ask` asks for many at once. */
export function remembering({
  subjectKeys,
  isStoreAway,
  turn,
}: Opener & Pick<AuditWorld, 'isStoreAway' | 'turn'>) {
  const keys = new Map<string, ReturnType<typeof subjectKeys.open>>()
  const open: typeof subjectKeys.open = async (kid) => {
    const known = keys.get(kid)
    if (known !== undefined) await turn?.()
    const key = known ?? subjectKeys.open(kid)
    keys.set(kid, key)
    return key
  }
  const ask = async (kids: readonly string[]): Promise<void> => {
    const fresh = kids.filter((kid) => !keys.has(kid))
    const found = await subjectKeys.openEach(fresh).catch((error: unknown) => {
      if (isStoreAway(error)) throw error
      // One of them was changed: then each is asked for alone.
      return undefined
    })
    if (found !== undefined) for (const kid of fresh) keys.set(kid, Promise.resolve(found.get(kid)))
  }
  return { subjectKeys: { ...subjectKeys, open }, ask }
}

/** Whether an entry is about this matter: of another state's log, as far as it was filed here. */
function isAbout(
  stored: Stored,
  opened: OpenedEntry,
  { jurisdiction, by, value }: EvidenceMatter,
  { secrets }: Pick<AuditWorld, 'secrets'>,
): boolean {
  const rows = lookupRows(stored, opened, secrets.pseudonym)
  if (stored.leaf.hj === jurisdiction)
    return mattersOf(stored, opened, rows, secrets)[by].includes(value)
  return rows.some(
    ({ key }) => key.jurisdiction === jurisdiction && key.by === by && key.value === value,
  )
}

/** Of entries that were found by a row, which anybody may have put there who can change tables: those that are about it. */
export async function onlyAbout(
  entries: Iterable<Stored>,
  matter: EvidenceMatter,
  world: Pick<AuditWorld, 'subjectKeys' | 'secrets'>,
): Promise<readonly Stored[]> {
  const about: Stored[] = []
  for (const stored of entries) {
    const opened = await openAny(stored, world)
    if (opened !== undefined && isAbout(stored, opened, matter, world)) about.push(stored)
  }
  return about
}
