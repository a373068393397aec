/**
 * Destroys the keys of a subject's entries, the rows by which auditors find them under the person, and what
 * offices vouched for in their matters.
 */

import type { World } from '../ports.ts'
import { type About, type AboutWorld, linesOf, unreadable } from './entries-about.ts'

/** Entries worked on at once. */
const atOnce = 100

/**
 * Destroys what there is about a subject, gone once it returns; how many keys were kept, since a hold
 * came first. What a crash left half done, the same again completes: rows are found by the notes of
 * them, which need no key. Keys go first: whoever files an entry looks afterwards whether its key
 * is still there.
 */
export async function destroy(
  jurisdiction: string,
  about: About,
  world: AboutWorld & Pick<World, 'attestations'>,
): Promise<number> {
  const kept = new Set<string>()
  for (const kid of about.keys) if ((await world.subjectKeys.shred(kid)) === 'held') kept.add(kid)
  // Those that were made since the act was planned are listed under the person.
  const since = await Promise.all(
    about.subjects.map((each) => linesOf(jurisdiction, each, world.lookups)),
  )
  const eids = [...new Set([...about.entries, ...since.flat().map(({ id }) => id)])]
  const at = world.now().toISOString()
  for (let i = 0; i < eids.length; i += atOnce)
    await world.lookups.unfile(await unreadable(eids.slice(i, i + atOnce), world), at)
  for (const owner of about.owners ?? []) {
    await world.attestations.forget(owner)
    await world.subjectKeys.forget(jurisdiction, owner)
  }
  return kept.size
}
