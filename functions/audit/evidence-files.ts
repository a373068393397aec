/**
 * What goes into a bundle of evidence: entries as far as the office may see them, the law that they name, and time
 * stamps that show by when each was in the log.
 */

import { refsIn } from '../answer/entries/law.ts'
import { entryIn, type Opened, openingsOf } from '../answer/entries/reader.ts'
import type { Reply } from '../answer/reply/reply-schema.ts'
import { wasChanged } from '../failure.ts'
import type { Sight } from '../identity/authorize.ts'
import { callKeysOf } from '../identity/register.ts'
import type { Refs } from '../ledger/entry.ts'
import { type EntryFile, type ManifestParts, paths } from '../ledger/evidence.ts'
import { type KeptStamp, readStampFile, stampOf, stampPath } from '../ledger/time-stamp.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { Book, List, SourceFile, Version } from '../policy/book.ts'
import type { End, Span } from '../policy/suspension.ts'
import type { Stored } from '../ports.ts'
import { isForCourt, type Purpose } from './look.ts'
import { headIn, type PublishedHead } from './sealed-entries.ts'

/** What may be seen of an entry. Entries other than decisions have only some of these values. */
type Shown = {
  readonly values: Partial<Omit<Opened, 'evidence'>> & { readonly reply?: Reply | undefined }
  readonly evidence: Opened['evidence']
}

/** An entry as the bundle shows it, and its place in the log. */
export type ShownEntry = {
  readonly stored: Stored
  readonly index: number
  readonly head: PublishedHead
  readonly file: EntryFile
  /** What may be seen of it; absent if it is closed. */
  readonly opened?: Shown
}

/** Openings that the requester's side may see: what its own agency said. */
const ownSide = ['call', 'matter']

/**
 * The file of an entry. The holder's side sees all of it except `told`, whose salt would let one guess the
 * values that left. Only a court sees `told`, and only a court sees restricted entries.
 */
export async function entryFileOf(
  stored: Stored,
  sight: Sight,
  purpose: Purpose,
  { subjectKeys }: Pick<AuditWorld, 'subjectKeys'>,
): Promise<{ readonly file: EntryFile; readonly opened?: Shown }> {
  const { leafBytes, kid } = stored
  const isShownToCourt = isForCourt(purpose)
  const about = {
    v: 1,
    side: sight === 'whole' ? 'holder' : 'requester',
    leaf: Buffer.from(leafBytes).toString('base64url'),
  } as const
  const kek = await subjectKeys.open(kid)
  if (kek === undefined) return { file: { ...about, closed: 'erased' } }
  const findings = sight === 'whole' ? 'findings' : undefined
  if (!isShownToCourt && (await subjectKeys.isRestricted(kid, findings)))
    return { file: { ...about, closed: 'restricted' } }

  const kept = openingsOf(stored, kek)
  if (kept === undefined || (kept.isLeft && findings))
    return { file: { ...about, closed: 'erased' } }
  const { evidence } = kept
  const isShown = (name: string) =>
    sight === 'whole' ? name !== 'told' || isShownToCourt : ownSide.includes(name)
  const openings = Object.fromEntries(
    Object.entries(kept.openings).filter(([name]) => isShown(name)),
  )
  const said = entryIn(stored, kept).values
  const told = 'told' in said ? said.told : undefined
  const reply = told === undefined || 'told' in openings ? {} : { reply: told.reply }
  const values = Object.fromEntries(Object.entries(said).filter(([name]) => isShown(name)))
  return {
    file: { ...about, openings, evidence, ...reply },
    opened: { values: { ...values, reply: told?.reply }, evidence },
  }
}

/** A version of the law: its title, its exact text, and when it was sealed, retired or suspended. */
export type LawFile = {
  readonly title: string
  readonly text: string
  readonly stands: {
    readonly sealedAt?: string
    readonly retiredAt?: string
    readonly suspensions?: (Span & { ends?: End[] })[]
  }
}

/** An entry, and the law that decided it. */
export type Decided = ShownEntry & { readonly law: Book; readonly refs: Refs }

/** The entry with the law that decided it. Throws if somebody changed that law. */
export function decidedBy(entry: ShownEntry, law: Book): Decided {
  const { leaf } = entry.stored
  const refs = refsIn(leaf, law)
  if (refs === undefined)
    throw wasChanged(`couldn’t make evidence: the law is not there as it decided ${leaf.eid}`)
  return {
    ...entry,
    file: { ...entry.file, ...(leaf.refs === undefined ? {} : { refs }) },
    law,
    refs,
  }
}

/**
 * Every version of the law that entries name, by path, each as it was known at the last entry that names it.
 * Throws if the text that decided is no longer there: then somebody changed it.
 */
export function lawFiles(
  shown: readonly Decided[],
  sources: readonly SourceFile[],
): ReadonlyMap<string, LawFile> {
  const byTip = shown.toSorted((a, b) => tipOf(a) - tipOf(b))
  const texts = new Map(sources.map(({ path, text }) => [`policies/${path}`, text]))
  const files = new Map<string, LawFile>()
  const add = (version: Titled | undefined, path: string, latest: string) => {
    const text = texts.get(path)
    if (version === undefined || text === undefined)
      throw wasChanged(`couldn’t make evidence: ${path} is not there as it decided`)
    files.set(path, { title: version.file.title, text, stands: standing(version, latest) })
  }
  for (const { law, stored, refs } of byTip) {
    const versions = new Map(
      [...law.policies, ...law.lists].map((each) => [paths.law(each), each as Titled]),
    )
    for (const ref of [...refs.pol, ...refs.lists]) {
      const version = versions.get(paths.law(ref))
      const own = version?.digest === ref.digest ? version : undefined
      add(own, paths.law(ref), stored.leaf.ts)
    }
  }
  // A policy may name a list that was not yet in force, and so empty: the bundle adds its oldest version.
  const named = new Set(
    shown.flatMap(({ refs }) => [...refs.pol, ...refs.lists].map(({ id }) => id)),
  )
  const last = byTip.at(-1)
  const oldest = (a: List, b: List) => (a.version < b.version ? -1 : 1)
  for (const list of files.size === 0 ? [] : (last?.law.lists ?? []).toSorted(oldest))
    if (!named.has(list.id)) {
      named.add(list.id)
      add(list, paths.law(list), last?.stored.leaf.ts ?? '')
    }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** How far the chain of the law was known at an entry; 0 if the entry does not say. */
const tipOf = ({ stored: { leaf } }: Decided): number => leaf.law?.tip.number ?? 0

type Titled = Version & { readonly file: { readonly title: string } }

/** What was known of a version at the moment `latest`. What came later is not part of the evidence. */
function standing(
  { sealedAt, retiredAt, suspensions = [] }: Version,
  latest: string,
): LawFile['stands'] {
  const isKnown = (moment: string | undefined): moment is string =>
    moment !== undefined && Date.parse(moment) <= Date.parse(latest)
  const spans = suspensions
    .filter(({ from }) => isKnown(from))
    .map(({ from, until, ends }) => ({
      from,
      ...(until === undefined ? {} : { until }),
      ...(ends && { ends: [...ends] }),
    }))
  return {
    ...(isKnown(sealedAt) ? { sealedAt } : {}),
    ...(isKnown(retiredAt) ? { retiredAt } : {}),
    ...(spans.length === 0 ? {} : { suspensions: spans }),
  }
}

/** The agencies that called in these entries, with the keys that the register has of them. */
export async function agenciesOf(
  shown: readonly ShownEntry[],
  { register }: Pick<AuditWorld, 'register'>,
): Promise<ManifestParts['keys']['agencies']> {
  const ids = new Set(shown.map(({ opened }) => callerOf(opened)))
  const agencies = await Promise.all(
    [...ids].map(async (id) => (id === undefined ? undefined : register.agency(id))),
  )
  return agencies
    .filter((each) => each !== undefined)
    .map((agency) => ({
      ...{ id: agency.id, name: agency.name, jurisdiction: agency.jurisdiction },
      keys: callKeysOf(agency).map(({ channel: _, compromisedSince: __, ...key }) => key),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** The names of the agencies that called or were asked, as registered. */
export async function namesOf(
  shown: readonly ShownEntry[],
  { register }: Pick<AuditWorld, 'register'>,
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>()
  for (const { opened } of shown) {
    for (const id of [callerOf(opened), opened?.values.matter?.holder])
      if (id !== undefined && !names.has(id))
        names.set(
          id,
          (await register.agency(id))?.name ?? 'an agency that is not registered any more',
        )
  }
  return names
}

/** The agency that called, whatever the entry's kind. */
const callerOf = (opened: Shown | undefined): string | undefined => opened?.values.call?.agency

/** On how many days to look for a stamp, from the entry's own day on: the authority may be down for a few. */
const daysMax = 8
const dayMs = 86_400_000

/** An entry, and the stamped checkpoint that has it. */
type StampedEntry = { readonly entry: ShownEntry; readonly head: PublishedHead }

/**
 * For each entry, the first stamp, by day, of a checkpoint that has the entry and is no larger than the
 * checkpoint asked for. Returns the tokens by path, and the checkpoint in which to prove each entry.
 */
export async function stampsOf(
  shown: readonly ShownEntry[],
  world: Pick<AuditWorld, 'archive' | 'vkey' | 'witnessVkeys' | 'quorum'>,
): Promise<{
  readonly tokens: ReadonlyMap<string, Uint8Array>
  readonly stamped: readonly StampedEntry[]
}> {
  const found = new Map<string, ReturnType<typeof keptAt>>()
  const at = (log: string, ms: number) => {
    const path = stampPath(log, ms)
    const known = found.get(path) ?? keptAt(path, log, world)
    found.set(path, known)
    return known
  }
  const tokens = new Map<string, Uint8Array>()
  const stamped: StampedEntry[] = []
  for (const entry of shown) {
    const { log, size } = entry.head
    const ms = Date.parse(entry.stored.leaf.ts)
    const days = Array.from({ length: daysMax }, (_, day) => at(log, ms + day * dayMs))
    const first = (await Promise.all(days)).find(
      (each) => each !== undefined && each.head.size > entry.index && each.head.size <= size,
    )
    if (first === undefined) continue
    tokens.set(paths.stamp(log, first.head.size), first.stamp.token)
    stamped.push({ entry, head: first.head })
  }
  return { tokens, stamped }
}

/**
 * A stamp and its checkpoint. Undefined if the stamp does not hold (verifying the log reports that), or if the
 * witnesses who cosigned its checkpoint are not those of today.
 */
async function keptAt(
  path: string,
  log: string,
  world: Pick<AuditWorld, 'archive' | 'vkey' | 'witnessVkeys' | 'quorum'>,
): Promise<{ readonly stamp: KeptStamp; readonly head: PublishedHead } | undefined> {
  const bytes = await world.archive.get(path)
  const stamp = bytes && readStampFile(bytes)
  const note = stamp && (await world.archive.get(`${log}/checkpoints/${stamp.size}`))
  const head = note && headIn(log, note, world)
  if (stamp === undefined || head === undefined || 'wrong' in head) return undefined
  return 'stamp' in stampOf(stamp.token, Buffer.from(head.note)) ? { stamp, head } : undefined
}
