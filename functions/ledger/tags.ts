/**
 * Tags of sealed entries: whom and which cases each is about, made when it was sealed, bound to its leaf and its place.
 * Whoever has the tags of all leaves of a tree knows which entries are about a matter without opening the others.
 * The bytes are in FORMAT.md, *Lookups*, *Tags*.
 */

import { ComityError } from '../failure.ts'

/** Places of a log whose tags are kept together: few enough for 1 KB, one unit of writing. */
export const tagBlock = 16

/** The tags of one entry. */
export type Tagged = {
  readonly eid: string
  readonly index: number
  /** What it is about; undefined if its key was gone, so that nobody knows. */
  readonly tags: readonly string[] | undefined
  /** Binds the tags to the leaf and its place. */
  readonly seal: string
}

/** Bytes of a tag, of the start of an id, and of a seal. */
const [tagBytes, idBytes, sealBytes] = [4, 4, 8]
/** In place of the number of tags. */
const gone = 0xffff
const headBytes = 1 + idBytes + 2

/** The tag of a pseudonym: its first four bytes. Of a million tags another’s is one by a chance of 1 to 4,000. */
export const tagOf = (pseudonym: string): string =>
  Buffer.from(pseudonym, 'base64url').subarray(0, tagBytes).toString('hex')

/** Different tags, in an order that says nothing. */
export const tagsOf = (pseudonyms: readonly string[]): readonly string[] =>
  [...new Set(pseudonyms.map(tagOf))].sort()

/**
 * The rule by which an entry is tagged (FORMAT.md). Whoever changes what an entry has tags of takes another word, so that
 * tags by an older rule count for nothing, and the entries are opened.
 */
const tagRule = 'tags'

/** What the seal of an entry’s tags covers, under the key of the log’s jurisdiction. */
export const sealedTags = (
  log: string,
  index: number,
  leafHash: Uint8Array,
  tags: readonly string[],
): string =>
  [tagRule, log, index, Buffer.from(leafHash).toString('base64url'), ...tags].join('\u001f')

/** A seal as it is kept: the first eight bytes of the pseudonym of what it covers. */
export const sealOf = (pseudonym: string): string =>
  Buffer.from(pseudonym, 'base64url').subarray(0, sealBytes).toString('hex')

/** Tags of entries of one block as bytes. */
export const writeTags = (entries: readonly Tagged[]): Buffer =>
  Buffer.concat(entries.map(tagsBytes))

function tagsBytes({ eid, index, tags, seal }: Tagged): Buffer {
  const head = Buffer.alloc(headBytes)
  head.writeUInt8(index % tagBlock)
  head.write(eid.slice(0, 8), 1, idBytes, 'base64url')
  head.writeUInt16BE(tags?.length ?? gone, 1 + idBytes)
  if (tags === undefined) return head
  if (tags.length >= gone) throw new ComityError(`couldn’t tag ${eid}: it is about too many`)
  return Buffer.concat([head, Buffer.from(tags.join('') + seal, 'hex')])
}

/** What is kept of an entry’s tags. */
export type KeptTags = Omit<Tagged, 'eid'>

/** The tags in these bytes, of the block that begins at `start`. Bytes that are cut off end them. */
export const readTags = (bytes: Uint8Array, start: number): readonly KeptTags[] =>
  slotsIn(bytes).map(({ at, count, from }) => {
    const index = start + (bytes[at] ?? 0)
    if (count === gone) return { index, tags: undefined, seal: '' }
    const text = Buffer.from(bytes.subarray(from, from + count * tagBytes)).toString('hex')
    const tags = Array.from({ length: count }, (_, i) => text.slice(i * 8, i * 8 + 8))
    const sealed = from + count * tagBytes
    const seal = Buffer.from(bytes.subarray(sealed, sealed + sealBytes)).toString('hex')
    return { index, tags, seal }
  })

/** The same bytes without what these entries are about, or with `instead`; undefined if they have nothing of it. */
export function withoutTags(
  bytes: Uint8Array,
  eids: ReadonlySet<string>,
  instead: readonly Tagged[] = [],
): Buffer | undefined {
  const idOf = (eid: string) => Buffer.from(eid, 'base64url').toString('hex', 0, idBytes)
  const ids = new Set([...eids].map(idOf))
  let isOther = false
  const parts = slotsIn(bytes).map(({ at, count, end }) => {
    const id = Buffer.from(bytes.subarray(at + 1, at + 1 + idBytes)).toString('hex')
    const own = instead.find((each) => each.index % tagBlock === bytes[at] && idOf(each.eid) === id)
    if (own === undefined && (count === gone || !ids.has(id))) return bytes.subarray(at, end)
    isOther = true
    if (own !== undefined) return tagsBytes(own)
    return Buffer.concat([bytes.subarray(at, at + 1 + idBytes), Buffer.from([0xff, 0xff])])
  })
  return isOther ? Buffer.concat(parts) : undefined
}

/** Where each entry’s tags are in the bytes. */
function slotsIn(bytes: Uint8Array) {
  const slots: { at: number; count: number; from: number; end: number }[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + headBytes <= bytes.length; ) {
    const count = view.getUint16(at + 1 + idBytes)
    const from = at + headBytes
    const end = count === gone ? from : from + count * tagBytes + sealBytes
    if (end > bytes.length) break
    slots.push({ at, count, from, end })
    at = end
  }
  return slots
}
