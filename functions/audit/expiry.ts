/** What the law's period for the log ends: keys that expire, with what they open, whoever is their subject. */

import { openAny } from '../answer/entries/reader.ts'
import { startOf } from '../ledger/entry.ts'
import type { LookupKey, LookupRow } from '../log-ports.ts'
import type { Durable, EarlierKeys, Generation, World } from '../ports.ts'
import { fileAgain, lookupRows, rowsOfKey } from '../sealing/lookup-rows.ts'
import type { AboutWorld, OpenEntry } from './entries-about.ts'
import { readLines } from './read-lines.ts'
import { type Expired, unanswered } from './subject-act.ts'

type ExpiryWorld = AboutWorld & Pick<World, 'attestations'>

/** How many entries, and how many keys, are worked on at once. */
const atOnce = 100
const keysAtOnce = 10

/**
 * Destroys every key of a jurisdiction that is from a quarter earlier than `before` and not held, whoever its
 * subject is, and all rows except those that the leaves give. Starts no further keys once `isLate`.
 */
export async function expire(
  jurisdiction: string,
  before: string,
  world: ExpiryWorld & { readonly earlierKeys: EarlierKeys },
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
 * Destroys one key and returns how many entries it opened, also if a crash had interrupted this before.
 * Undefined if the key is held, or if one of its denials waits for a person.
 *
 * The key goes first, since a hold may come until then. Before that, all rows that will go are noted, so that
 * after a crash they can be found without the key.
 */
async function expireKey(
  { kid, subject }: Generation,
  jurisdiction: string,
  before: string,
  world: ExpiryWorld,
): Promise<number | undefined> {
  const { lookups, subjectKeys, secrets } = world
  const under = (range: Range) =>
    entriesUnder(kid, { jurisdiction, by: 'subject', value: subject }, range, world)
  const all: Durable[] = []
  const open: OpenEntry[] = []
  const ranges: Range[] = [{ until: startOf(before) }]
  // What was told later of an answer is under the key of that answer. Of looks, of which there are many, nothing is told.
  const later: Range = { from: startOf(before) }
  for (const range of ranges) {
    for await (const entries of under(range)) {
      all.push(...entries)
      const going: LookupRow[] = []
      for (const stored of entries) {
        const opened = await openAny(stored, world)
        if (opened !== undefined) open.push({ stored, opened })
        const rows = lookupRows(stored, opened, secrets.pseudonym)
        going.push(...rowsOfKey(stored, rows, secrets.pseudonym))
      }
      await lookups.note(going)
    }
    if (range !== later && all.some(({ leaf }) => leaf.t !== 'consultation')) ranges.push(later)
  }
  // A denial that waits for a person counts as held.
  if (unanswered(open).length > 0 || (await subjectKeys.shred(kid)) === 'held') {
    // Filed again: a note may name more rows than a later erasure of the person should remove.
    await fileAgain(all, world)
    return undefined
  }
  let count = 0
  // Reads them again, since others may have been filed meanwhile; the later ones first, to which the others lead after a crash.
  for (const range of ranges.toReversed())
    for await (const entries of under(range)) {
      await fileAgain(entries, world)
      count += entries.length
    }
  // Before what leads here again after a crash. While a later key of the person stands, so does what was vouched for them.
  if ((await subjectKeys.generations(jurisdiction, subject)).length === 0)
    await world.attestations.forget(subject, world.now().toISOString())
  await subjectKeys.forget(jurisdiction, subject)
  return count
}

/** Between which times entries are looked for. */
type Range = Parameters<AboutWorld['lookups']['list']>[1]

/** The entries of a key, as listed under its subject, one page at a time. */
async function* entriesUnder(
  kid: string,
  key: LookupKey,
  times: Range,
  { lookups, ledger }: AboutWorld,
): AsyncGenerator<readonly Durable[]> {
  for (let range = times; ; ) {
    const { lines, reached } = await readLines(lookups, {
      key,
      range,
      wanted: ({ side }) => side === 'holder',
      limit: atOnce,
      readMax: atOnce,
    })
    const entries = await ledger.readAll(lines.map(({ id }) => id))
    yield [...entries.values()].filter((entry) => entry.kid === kid)
    if (reached === undefined) return
    range = { ...range, before: reached }
  }
}
