/**
 * Looks through whole logs for what is about a person or a case, so that it can be said that there is
 * no other entry, or plainly of how many entries nobody can say it.
 */

import { storedKeptSchema } from '../answer/keep.ts'
import { type OpenedEntry, openAny } from '../answer/opened.ts'
import { identifierOf, identifiersOf } from '../decision/record.ts'
import type { Completeness } from '../ledger/evidence.ts'
import type { AuditWorld } from '../log-ports.ts'
import type { Stored } from '../ports.ts'
import { lookupRows } from '../sealing/lookup-rows.ts'
import { type PublishedHead, sealedEntries } from './sealed-entries.ts'

/** Most entries that are looked through for one bundle. */
export const examinedMax = 10_000
/** Entries looked through at once: a bundle of the log. */
const atOnce = 256

/** Whom or what entries are about, by pseudonym. */
export type Matter = {
  readonly jurisdiction: string
  readonly by: 'case' | 'subject'
  readonly value: string
}

/** The entries of these logs that are about a matter, and what can be said of all others. */
export async function lookThrough(
  heads: readonly PublishedHead[],
  matter: Matter,
  world: Pick<AuditWorld, 'ledger' | 'archive' | 'isStoreAway' | 'subjectKeys' | 'secrets'>,
): Promise<{ readonly about: readonly Stored[]; readonly completeness: Completeness }> {
  const about: Stored[] = []
  const count = { examined: 0, erased: 0, damaged: 0, notExamined: 0, looks: 0, records: 0 }
  const opener = remembering(world)
  let left = examinedMax
  for (const { log, size } of heads) {
    const some = Math.min(size, left)
    left -= some
    count.notExamined += size - some
    for (let from = 0; from < some; from += atOnce) {
      const indices = Array.from({ length: Math.min(atOnce, some - from) }, (_, i) => from + i)
      for (const entry of await sealedEntries(log, size, indices, world)) {
        const read = 'stored' in entry ? await openWhole(entry.stored, opener, world) : 'damaged'
        if (typeof read === 'string') count[read] += 1
        else count.examined += 1
        if ('wrong' in entry || typeof read === 'string') continue
        if (!isAbout(entry.stored, read, matter, world)) continue
        const { t } = entry.stored.leaf
        if (t === 'consultation') count.looks += 1
        else if (t === 'record') count.records += 1
        else about.push(entry.stored)
      }
    }
  }
  const claimed = count.erased + count.damaged + count.notExamined === 0
  return { about, completeness: { claimed, ...count } }
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
    if (isStoreAway(error)) throw error
    return 'damaged'
  }
}

/** Asks for each key once: what is looked through is looked through as of one moment. */
function remembering({ subjectKeys }: Opener): Opener {
  const keys = new Map<string, ReturnType<typeof subjectKeys.open>>()
  const open: typeof subjectKeys.open = (kid) => {
    const key = keys.get(kid) ?? subjectKeys.open(kid)
    keys.set(kid, key)
    return key
  }
  return { subjectKeys: { ...subjectKeys, open } }
}

/** By the rows under which auditors find it; acts on a person and on a record stand under other names. */
function isAbout(
  stored: Stored,
  opened: OpenedEntry,
  { jurisdiction, by, value }: Matter,
  { secrets }: Pick<AuditWorld, 'secrets'>,
): boolean {
  // A cast: acts have one of these members, and other entries do not.
  const { about, act } = opened.values as {
    readonly about?: { readonly subjects: readonly string[] }
    readonly act?: { readonly recordId?: string }
  }
  const identifiers =
    act?.recordId === undefined ? [] : identifiersIn(act.recordId, opened.evidence.body)
  return (
    (by === 'subject' &&
      (about?.subjects.includes(value) === true ||
        identifiers.some((each) => secrets.pseudonym(jurisdiction, each) === value))) ||
    lookupRows(stored, opened, secrets.pseudonym).some(
      ({ key }) => key.jurisdiction === jurisdiction && key.by === by && key.value === value,
    )
  )
}

/** By what the record of an act on it is asked for, as far as the act says. */
function identifiersIn(id: string, body: string): readonly string[] {
  const kept = body === '' ? undefined : storedKeptSchema.safeParse(JSON.parse(body)).data
  return kept === undefined ? [identifierOf({ recordId: id })] : identifiersOf({ id, ...kept })
}
