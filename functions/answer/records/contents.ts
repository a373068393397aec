/** Contents of files of records: kept beside the record that names them, and destroyed with their keys. */

import { type HeldRecord, isFile, isKeptFile, type RecordItem } from '../../decision/record.ts'
import { ComityError } from '../../failure.ts'
import type { Agency } from '../../identity/register.ts'
import { canonical } from '../../ledger/canonical.ts'
import { fileDigest } from '../../ledger/file.ts'
import type { World } from '../../ports.ts'
import type { RecordAct } from '../entries/values.ts'

/** An item's file, as the entry of its content says it. */
export type ActFile = NonNullable<RecordAct['file']>

/**
 * Under which name the keys of a record's files are: beside those of the holder's acts on the record, which end with
 * their quarters.
 */
export const filesOf = (pseudonym: string): string => `files.${pseudonym}`

/** The record once an item has a file. */
export const withFile =
  ({ item, ...value }: ActFile) =>
  (record: HeldRecord): HeldRecord => ({
    ...record,
    items: record.items.map((each) => (each.id === item ? { ...each, value } : each)),
  })

/**
 * Keeps a content, under a key of its own, then has the item say so, and destroys those that it took the place of.
 * Returns whether there is the item.
 */
export async function putContent(
  agency: Agency,
  id: string,
  file: ActFile,
  content: Uint8Array,
  entry: { readonly eid: string; readonly ts: string },
  world: World,
): Promise<boolean> {
  if (fileDigest(file.salt, content) !== file.digest)
    throw new ComityError('couldn’t keep a file: another build stripped it otherwise')
  const owner = filesOf(world.secrets.pseudonym(agency.jurisdiction, `kept:${id}`))
  const place = { holder: agency.id, record: id, digest: file.digest }
  const keyed = () => world.subjectKeys.forFile(agency.jurisdiction, owner)
  const put = () => world.files.put(place, content, keyed, world.now().toISOString())
  return changingContents(agency, id, world, async () => {
    await put()
    const before = new Set([file.digest])
    // What the record names when it changes: another content may have come since this one was sent.
    const isThere = await world.holder.correct(agency, id, entry, (record) => {
      for (const digest of contentsOf(record.items)) before.add(digest)
      const isItem = record.items.some((each) => each.id === file.item)
      return isItem ? withFile(file)(record) : undefined
    })
    // Anew, if it was taken before it was named.
    if (isThere) await put()
    await dropContents(agency, id, [...before], world)
    return isThere
  })
}

/**
 * Makes a change after which the record may not name contents that it had, and notes that first: what a crash leaves of
 * them, `sweepContents` destroys.
 */
export async function changingContents(
  agency: Agency,
  record: string,
  { files, now, random }: Pick<World, 'files' | 'now' | 'random'>,
  change: () => Promise<boolean>,
): Promise<boolean> {
  const id = Buffer.from(random(12)).toString('base64url')
  const begun = { record, at: now().toISOString(), id }
  await files.begin(agency.id, begun)
  const isDone = await change()
  await files.end(agency.id, begun)
  return isDone
}

/** How long after a change began its call is surely over, ms. */
const overMs = 3_600_000

/**
 * Destroys contents that no record of a holder names, where a change began an hour ago and did not end. What came since
 * then may be about to be named, and stays. `failed` is called with why a record could not be looked at.
 */
export async function sweepContents(
  agency: Agency,
  world: World,
  until: Date,
  failed: (why: unknown) => void,
): Promise<void> {
  const before = new Date(world.now().getTime() - overMs).toISOString()
  for (const begun of await world.files.begun(agency.id, before)) {
    if (world.now() >= until) return
    try {
      await dropContents(agency, begun.record, undefined, world, before)
      await world.files.end(agency.id, begun)
    } catch (error) {
      if (world.isStoreAway(error)) throw error
      // A record that cannot be read holds up no other: it comes last, and is looked at in an hour again.
      await world.files.begin(agency.id, { ...begun, at: world.now().toISOString() })
      await world.files.end(agency.id, begun)
      failed(error)
    }
  }
}

/**
 * Destroys those of these contents that the record does not name any more, their keys first, so that no copy of the
 * table opens them. Without `digests`, all that there are; with `before`, only those that came earlier.
 *
 * INVARIANT (what is named is there): it takes a content, then looks once more whether the record names it; `putContent`
 * has the record name it, then looks whether it was taken. Whatever falls together, one of them sees the other.
 */
export async function dropContents(
  agency: Agency,
  id: string,
  digests: readonly string[] | undefined,
  { files, holder, subjectKeys }: World,
  before = '~',
): Promise<void> {
  if (digests?.length === 0) return
  const namedNow = async () => contentsOf((await holder.get(agency, id))?.items ?? [])
  const named = await namedNow()
  for (const { digest, kid, at } of await files.list(agency.id, id)) {
    if ((at ?? '') >= before || named.includes(digest) || !(digests?.includes(digest) ?? true))
      continue
    const of = { holder: agency.id, record: id, digest }
    // Whoever brought it again meanwhile is about to name it.
    if (!(await files.take(of, kid, at)) || (await namedNow()).includes(digest)) continue
    await subjectKeys.shred(kid)
    await files.remove(of, kid)
  }
}

/** The digests of the contents that items name. */
export const contentsOf = (items: readonly Pick<RecordItem, 'value'>[]): readonly string[] =>
  items.flatMap(({ value }) => (isKeptFile(value) ? [value.digest] : []))

/**
 * The first of these items that names a content which none of the record has: a content comes by a call of its own,
 * and stays while it is named.
 */
export function unknownContent(
  items: readonly { readonly value?: RecordItem['value'] | undefined }[],
  held: readonly RecordItem[],
): number | undefined {
  const known = held.filter(({ value }) => isFile(value)).map(({ value }) => canonical(value))
  const at = items.findIndex(
    ({ value }) => value !== undefined && isKeptFile(value) && !known.includes(canonical(value)),
  )
  return at < 0 ? undefined : at
}
