/** What the log keeps of people expires with the period of the holder's law, quarter by quarter. */

import { openAny } from '../answer/opened.ts'
import { startOf } from '../ledger/entry.ts'
import type { LookupKey, LookupRow } from '../log-ports.ts'
import type { Durable, EarlierKeys, Generation } from '../ports.ts'
import { fileRows, lookupRows } from '../sealing/lookup-rows.ts'
import type { AboutWorld, OpenEntry } from './entries-about.ts'
import { unanswered } from './keeping.ts'
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

/**
 * How many entries a key opened that is destroyed now, or was before a crash; undefined if a hold came first.
 *
 * Nothing goes before the key does, since it may be held until then. What is to go is noted before, all of
 * it, so that after a crash it is found with no key.
 */
async function expireKey(
  { kid, subject }: Generation,
  jurisdiction: string,
  before: string,
  world: AboutWorld,
): Promise<number | undefined> {
  const { lookups, subjectKeys, secrets } = world
  const under = () =>
    entriesUnder(kid, { jurisdiction, by: 'subject', value: subject }, before, world)
  const all: Durable[] = []
  const open: OpenEntry[] = []
  for await (const entries of under()) {
    all.push(...entries)
    const going = entries.map(async (stored) => {
      const opened = await openAny(stored, world)
      if (opened !== undefined) open.push({ stored, opened })
      const stays = new Set(lookupRows(stored, undefined, secrets.pseudonym).map(nameOf))
      const rows = lookupRows(stored, opened, secrets.pseudonym)
      return rows.filter((row) => !stays.has(nameOf(row)))
    })
    await lookups.file((await Promise.all(going)).flat())
  }
  // A denial that is before a person waits for him, as if it were held.
  if (unanswered(open).length > 0 || (await subjectKeys.shred(kid)) === 'held') {
    // The notes say more than an erasure of the person should take.
    await fileRows(all, world)
    return undefined
  }
  let count = 0
  // Once more, since others were filed meanwhile.
  for await (const entries of under()) {
    await fileRows(entries, world)
    count += entries.length
  }
  await subjectKeys.forget(jurisdiction, subject)
  return count
}

const nameOf = ({ key }: LookupRow): string => `${key.jurisdiction} ${key.by} ${key.value}`

/** Entries of a key, listed under its subject: a page at a time. */
async function* entriesUnder(
  kid: string,
  key: LookupKey,
  before: string,
  { lookups, ledger }: AboutWorld,
): AsyncGenerator<readonly Durable[]> {
  for (let range: { until: string; before?: string } = { until: startOf(before) }; ; ) {
    const { lines, reached } = await readLines(lookups, {
      key,
      range,
      wanted: ({ side }) => side === 'holder',
      limit: entriesAtOnce,
      readMax: entriesAtOnce,
    })
    const entries = await ledger.readAll(lines.map(({ id }) => id))
    yield [...entries.values()].filter((entry) => entry.kid === kid)
    if (reached === undefined) return
    range = { ...range, before: reached }
  }
}
