/** The sealer files entries where auditors look for them. */

import type { SealWorld } from '../log-ports.ts'
import type { Durable } from '../ports.ts'
import { lookupRows, rowsOfPerson } from './lookup-rows.ts'
import { openAny } from './opened.ts'

/** What filing works with. */
export type FileWorld = Pick<SealWorld, 'subjectKeys' | 'secrets' | 'lookups'>

/**
 * Writes the rows of entries, durable once it returns; of an entry whose key was erased, those that
 * its leaf gives. The same entries twice is once.
 *
 * INVARIANT (erased stays erased): a key that is erased while its rows are written takes those of the
 * person with it: either we see that it is gone, or the erasure finds the rows.
 */
export async function fileRows(entries: readonly Durable[], world: FileWorld): Promise<void> {
  const { subjectKeys, lookups } = world
  const kids = [...new Set(entries.map(({ kid }) => kid))]
  const keys = new Map(
    await Promise.all(kids.map(async (kid) => [kid, await subjectKeys.open(kid)] as const)),
  )
  const opener = { subjectKeys: { ...subjectKeys, open: async (kid: string) => keys.get(kid) } }
  const filed = await Promise.all(
    entries.map(async (entry) => {
      const opened = await openAny(entry, opener)
      return { kid: entry.kid, rows: lookupRows(entry, opened, world.secrets.pseudonym) }
    }),
  )
  await lookups.put(filed.flatMap(({ rows }) => rows))

  const opened = kids.filter((kid) => keys.get(kid) !== undefined)
  const now = await Promise.all(opened.map((kid) => subjectKeys.open(kid)))
  const erased = new Set(opened.filter((_, at) => now[at] === undefined))
  if (erased.size > 0)
    await lookups.remove(
      filed.filter(({ kid }) => erased.has(kid)).flatMap(({ rows }) => rowsOfPerson(rows)),
    )
}
