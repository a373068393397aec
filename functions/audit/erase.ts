/**
 * Destroys the keys of a subject's entries, the rows by which auditors find them under the person, and what
 * offices vouched for in their matters.
 */

import type { AboutSubject } from '../answer/said.ts'
import type { World } from '../ports.ts'
import { type AboutWorld, linesOf, unreadable } from './entries-about.ts'

/** Entries worked on at once. */
const atOnce = 100

/**
 * Destroys what there is about a subject, gone once it returns; how many of its keys are gone, since a
 * hold may have come first, or something left meanwhile that is kept from the quarter `keptFrom` on. What
 * a crash left half done, the same again completes: rows are found by the notes of them, which need no
 * key. Keys go first: whoever files an entry looks afterwards whether its key is still there.
 */
export async function destroy(
  jurisdiction: string,
  about: AboutSubject,
  keptFrom: string | undefined,
  world: AboutWorld & Pick<World, 'attestations'>,
): Promise<number> {
  let gone = 0
  for (const kid of about.keys)
    if ((await world.subjectKeys.shred(kid, keptFrom)) === 'shredded') gone += 1
  // Those that were made since the act was planned are listed under the person.
  const since = await Promise.all(
    about.subjects.map((each) => linesOf(jurisdiction, each, world.lookups)),
  )
  const eids = [...new Set([...about.entries, ...since.flat().map(({ id }) => id)])]
  const at = world.now().toISOString()
  for (let i = 0; i < eids.length; i += atOnce)
    await world.lookups.unfile(await unreadable(eids.slice(i, i + atOnce), world), at)
  for (const owner of about.owners ?? []) {
    await world.attestations.forget(owner, at)
    await world.subjectKeys.forget(jurisdiction, owner)
  }
  return gone
}
