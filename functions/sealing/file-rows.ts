/** The sealer files entries where auditors look for them. */

import { fileInInbox } from '../answer/inbox-rows.ts'
import { openAny } from '../answer/opened.ts'
import type { SealWorld } from '../log-ports.ts'
import type { Durable, Inbox } from '../ports.ts'
import { lookupRows, rowsOfPerson } from './lookup-rows.ts'

/** What filing works with. */
export type FileWorld = Pick<SealWorld, 'now' | 'subjectKeys' | 'secrets' | 'lookups'>

/**
 * Writes the rows of entries, durable once it returns; of an entry whose key was erased, those that
 * its leaf gives. The same entries twice is once. With an inbox, denials come before those who could
 * change them: a row that rests on the record is written here alone, where no caller can time it.
 *
 * INVARIANT (erased stays erased): a key that is erased while its rows are written takes those of the
 * person with it: either we see that it is gone, or the erasure finds the rows. What we write after it
 * came, and crash before we look, is cleared by its note once nobody can be writing any more.
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
