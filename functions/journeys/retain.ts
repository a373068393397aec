/** What the log keeps of people expires with the period of the holder's law, quarter by quarter. */

import { startOf } from '../ledger/quarter.ts'
import type { LookupRow } from '../log-ports.ts'
import type { EarlierKeys, Generation } from '../ports.ts'
import { type AboutWorld, type OpenEntry, openAll } from './entries-about.ts'
import { removeAll } from './erase.ts'
import { fileRows } from './file-rows.ts'
import { lookupRows } from './lookup-rows.ts'
import { readLines } from './read-lines.ts'

/** Keys worked on at once, and entries read at once. */
const keysAtOnce = 10
const entriesAtOnce = 100

/** What expired in one go. */
export type Expired = {
  readonly entries: number
  readonly keys: number
  /** Whether all did; if not, time was up, and the same again goes on. */
  readonly isComplete: boolean
}

/**
 * Destroys the keys of a jurisdiction that are of a quarter before this one and not held, whomever they
 * are of, and all rows but what the leaves say. Begins no further key once it is late.
 */
export async function expire(
  jurisdiction: string,
  before: string,
  world: AboutWorld & { readonly earlierKeys: EarlierKeys },
  isLate: () => boolean,
): Promise<Expired> {
  let [entries, keys] = [0, 0]
  const work = async (batch: readonly Generation[]) => {
    const each = batch.map((key) => expireKey(key, jurisdiction, before, world))
    for (const expired of await Promise.all(each)) {
      if (expired === undefined) continue
      entries += expired
      keys += 1
    }
  }
  let batch: Generation[] = []
  for await (const key of world.earlierKeys(jurisdiction, before)) {
    if (isLate()) return { entries, keys, isComplete: false }
    batch.push(key)
    if (batch.length < keysAtOnce) continue
    await work(batch)
    batch = []
  }
  await work(batch)
  return { entries, keys, isComplete: true }
}

/** How many entries a key opened that is destroyed now; undefined if a hold came first. */
async function expireKey(
  { kid, subject }: Generation,
  jurisdiction: string,
  before: string,
  world: AboutWorld,
): Promise<number | undefined> {
  const key = { jurisdiction, by: 'subject', value: subject } as const
  const [until, done] = [startOf(before), new Map<string, OpenEntry>()]
  for (let range: { until: string; before?: string } = { until }; ; ) {
    const { lines, reached } = await readLines(world.lookups, {
      key,
      range,
      wanted: ({ side }) => side === 'holder',
      limit: entriesAtOnce,
      readMax: entriesAtOnce,
    })
    const open = await openAll(
      lines.map(({ id }) => id),
      world,
    )
    for (const entry of open) {
      if (entry.stored.kid !== kid) continue
      await reduceRows(entry, key, world)
      done.set(entry.stored.leaf.eid, entry)
    }
    if (reached === undefined) break
    range = { until, before: reached }
  }
  if ((await world.subjectKeys.shred(kid)) === 'shredded') {
    // What was filed again meanwhile, and the notes of all.
    await world.lookups.unfile([...done.keys()])
    return done.size
  }
  await fileRows([...(await world.ledger.readAll([...done.keys()])).values()], world)
  return undefined
}

/** Leaves what the leaf says. The row by which the entry was found goes last, so that a crash loses none. */
async function reduceRows(
  { stored, opened }: OpenEntry,
  foundBy: LookupRow['key'],
  world: AboutWorld,
): Promise<void> {
  const nameOf = ({ key }: Pick<LookupRow, 'key'>) => `${key.jurisdiction} ${key.by} ${key.value}`
  const left = lookupRows(stored, undefined, world.secrets.pseudonym)
  await world.lookups.put(left)
  const stays = new Set(left.map(nameOf))
  const gone = lookupRows(stored, opened, world.secrets.pseudonym).filter(
    (row) => !stays.has(nameOf(row)),
  )
  const isLast = (row: LookupRow) => nameOf(row) === nameOf({ key: foundBy })
  await removeAll(
    gone.filter((row) => !isLast(row)),
    world,
  )
  await removeAll(gone.filter(isLast), world)
}
