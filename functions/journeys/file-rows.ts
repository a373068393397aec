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
 * person with it: either we see that it is gone, or the erasure finds the rows. If we crash before we
 * look, whoever files the entry again, or erases again, finds them by the note.
 */
export async function fileRows(entries: readonly Durable[], world: FileWorld): Promise<void> {
  const { subjectKeys, lookups } = world
  const kids = [...new Set(entries.map(({ kid }) => kid))]
  const keys = new Map(
    await Promise.all(kids.map(async (kid) => [kid, await subjectKeys.open(kid)] as const)),
  )
  const opener = { subjectKeys: { ...subjectKeys, open: async (kid: string) => keys.get(kid) } }
  const gone = entries.filter(({ kid }) => keys.get(kid) === undefined)
  await lookups.unfile(gone.map(({ leaf }) => leaf.eid))
  const rowsOf = async (entry: Durable) =>
    lookupRows(entry, await openAny(entry, opener), world.secrets.pseudonym)
  const rows = (await Promise.all(entries.map(rowsOf))).flat()
  const ofPersons = new Set(rowsOfPerson(rows))
  await lookups.file([...ofPersons])
  await lookups.put(rows.filter((row) => !ofPersons.has(row)))

  const opened = kids.filter((kid) => keys.get(kid) !== undefined)
  const now = await Promise.all(opened.map((kid) => subjectKeys.open(kid)))
  const erased = new Set(opened.filter((_, at) => now[at] === undefined))
  await lookups.unfile(entries.filter(({ kid }) => erased.has(kid)).map(({ leaf }) => leaf.eid))
}
