/** Tags of sealed entries in the look-up table: one item for each block of places of a log. */

import type { Tagged } from '../ledger/tags.ts'
import { readTags, tagBlock, withoutTags, writeTags } from '../ledger/tags.ts'
import type { Lookups } from '../log-ports.ts'
import { type ItemKey, inParts, itemKey, type Rows, type TableItem, textOf } from './dynamodb.ts'
import { kinds, prefixOf, type RowKey, rowKey } from './rows.ts'

const tagsPk = (log: string): RowKey => rowKey(kinds.tags, log)
const tagsSk = (index: number): string =>
  String(index - (index % tagBlock)).padStart('000000000000'.length, '0')

/** The key of the item that has the tags of an entry. */
export const tagsKey = (log: string, { index }: Tagged): ItemKey =>
  itemKey(tagsPk(log), tagsSk(index))

/** Whether a key is that of tags. */
export const isTagsKey = ({ pk }: ItemKey): boolean => pk.S.startsWith(prefixOf(kinds.tags))

/** What was filed together is one attribute of the block, named after its first place. */
const partName = (index: number): string => `t${index % tagBlock}`
const isPartName = (name: string): boolean => /^t\d+$/.test(name)

/** Keeps the tags of entries that are filed together. Repeating it changes nothing. */
export async function putTags(rows: Rows, log: string, tagged: readonly Tagged[]): Promise<void> {
  const sorted = tagged.toSorted((a, b) => a.index - b.index)
  const blocks = Map.groupBy(sorted, ({ index }) => tagsSk(index))
  await Promise.all(
    [...blocks].map(([sk, some]) =>
      rows.update(itemKey(tagsPk(log), sk), 'SET #part = :tags', {
        names: { '#part': partName(some[0]?.index ?? 0) },
        values: { ':tags': { B: writeTags(some) } },
      }),
    ),
  )
}

/** Most blocks that one page is asked for: several pages at once are quicker than one after the other. */
const blocksAtOnce = 1024

/** All tags of the places of a log below `size`. */
export const tagsBelow: (rows: Rows) => Lookups['tags'] = (rows) => async (log, size) => {
  const starts = Array.from(
    { length: Math.ceil(size / (blocksAtOnce * tagBlock)) },
    (_, i) => i * blocksAtOnce * tagBlock,
  )
  const parts = await inParts(starts, 1, async ([from = 0]) => {
    const found: TableItem[] = []
    const blocks = {
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
      values: {
        ':from': { S: tagsSk(from) },
        ':until': { S: tagsSk(Math.min(from + blocksAtOnce * tagBlock, size) - 1) },
      },
    }
    for await (const page of rows.pages(tagsPk(log), blocks)) found.push(...page)
    return found
  })
  return parts.flat().flatMap((item) => {
    const start = Number(textOf(item, 'sk'))
    return Object.entries(item).flatMap(([name, { B }]) =>
      isPartName(name) && B !== undefined ? readTags(B, start) : [],
    )
  })
}

/** Takes what these entries are about out of an item of tags, or puts in its place, at once, what they are about now. */
export async function takeTags(
  rows: Rows,
  key: ItemKey,
  eids: ReadonlySet<string>,
  instead: readonly Tagged[] = [],
): Promise<void> {
  for (;;) {
    const item = await rows.get(key)
    let isTaken = true
    for (const [name, value] of Object.entries(item ?? {})) {
      const left = isPartName(name) && value.B && withoutTags(value.B, eids, instead)
      if (!left) continue
      const terms = {
        if: '#part = :old',
        names: { '#part': name },
        values: { ':old': value, ':left': { B: left } },
      }
      isTaken = (await rows.update(key, 'SET #part = :left', terms)) && isTaken
    }
    if (isTaken) return
  }
}
