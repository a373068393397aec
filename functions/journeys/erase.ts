/** Destroys the keys of a subject's entries, and the rows by which auditors find them under the person. */

import type { LookupRow } from '../log-ports.ts'
import { type About, type AboutWorld, linesOf, openAll } from './entries-about.ts'
import { lookupRows, rowsOfPerson } from './lookup-rows.ts'

/** Entries worked on at once. */
const atOnce = 100

/**
 * Destroys what there is about a subject, gone once it returns; how many keys were kept, since a hold
 * came first. What a crash left half done, the same again completes: rows go while the entries that
 * name them still open, and keys only after all rows did.
 */
export async function destroy(
  jurisdiction: string,
  about: About,
  world: AboutWorld,
): Promise<number> {
  const { lookups, subjectKeys } = world
  const rowsByKey = await rowsOf(jurisdiction, about, world)
  const rows = [...rowsByKey.values()].flat()
  await removeAll(rows, world)
  const kept: string[] = []
  for (const kid of about.keys) if ((await subjectKeys.shred(kid)) === 'held') kept.push(kid)
  // Whoever was filing these entries has seen that the key is gone, or has written by now.
  await removeAll(rows, world)
  await lookups.put(kept.flatMap((kid) => rowsByKey.get(kid) ?? []))
  for (const subject of about.subjects) await removeUnreadable(jurisdiction, subject, world)
  return kept.length
}

/** The rows of a person that the entries under these keys have, by key: those that came since, too. */
async function rowsOf(
  jurisdiction: string,
  { entries, keys, subjects }: About,
  world: AboutWorld,
): Promise<ReadonlyMap<string, readonly LookupRow[]>> {
  const since = await Promise.all(
    subjects.map((each) => linesOf(jurisdiction, each, world.lookups)),
  )
  const eids = [...new Set([...entries, ...since.flat().map(({ id }) => id)])]
  const rows = new Map<string, LookupRow[]>(keys.map((kid) => [kid, []]))
  for (let at = 0; at < eids.length; at += atOnce)
    for (const { stored, opened } of await openAll(eids.slice(at, at + atOnce), world))
      rows
        .get(stored.kid)
        ?.push(...rowsOfPerson(lookupRows(stored, opened, world.secrets.pseudonym)))
  return rows
}

/** Removes rows, many at once and in any order. */
export async function removeAll(
  rows: readonly LookupRow[],
  { lookups }: Pick<AboutWorld, 'lookups'>,
): Promise<void> {
  for (let at = 0; at < rows.length; at += atOnce)
    await Promise.all(rows.slice(at, at + atOnce).map((row) => lookups.remove([row])))
}

/** Rows under a pseudonym of entries that do not open any more: of one made while we were at it. */
async function removeUnreadable(
  jurisdiction: string,
  subject: string,
  world: AboutWorld,
): Promise<void> {
  const lines = await linesOf(jurisdiction, subject, world.lookups)
  const open = await openAll(
    lines.map(({ id }) => id),
    world,
  )
  const readable = new Set(open.map(({ stored }) => stored.leaf.eid))
  const key = { jurisdiction, by: 'subject', value: subject } as const
  await removeAll(
    lines.filter(({ id }) => !readable.has(id)).map((line) => ({ key, line })),
    world,
  )
}
