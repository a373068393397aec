/** Counts what lists have, without reading an entry; and what was counted of days that are over. */

import type { AuditLine, EntryCount, LookupRow } from '../log-ports.ts'
import { bytesOf, itemKey, jsonOf, type Rows, type TableItem, textOf } from './dynamodb.ts'
import { countedAs, listsPk, placedBytes, type Range, spanLength, spanMs } from './lookup-lists.ts'
import { kinds, rowKey } from './rows.ts'

/** Most answers of the store to read for one count, 1 MB each: of a million entries sealed in fifties, and more. */
const countPagesMax = 60

/**
 * Counts all of a jurisdiction in whole spans of time; undefined for another time, and if there is too much to read, or a
 * list that does not say what to count. Days that were counted when they were over are read as that, and all others list by
 * list.
 */
export async function count(
  rows: Rows,
  jurisdiction: string,
  range: Range,
): Promise<readonly EntryCount[] | undefined> {
  const { from, upTo } = range
  if (from >= upTo) return []
  const isEdge = (at: string) => at.length === 24 && Date.parse(at) % spanMs === 0
  if (!((from === '0' || isEdge(from)) && (upTo === '~' || isEdge(upTo)))) return undefined
  const counting: Counting = { counts: new Map(), known: new Map(), pagesLeft: countPagesMax }
  let at = from
  for (const { day, counted } of await countedDays(rows, jurisdiction, range)) {
    if (at < day && !(await countLists(rows, jurisdiction, { from: at, upTo: day }, counting)))
      return undefined
    for (const { count, ...what } of counted) add(counting, JSON.stringify(what), count)
    at = dayAfter(day)
  }
  const isRead = at >= upTo || (await countLists(rows, jurisdiction, { from: at, upTo }, counting))
  return isRead ? countsIn(counting) : undefined
}

/** A count as far as it was made. */
type Counting = {
  readonly counts: Map<string, number>
  readonly known: Map<string, readonly string[]>
  pagesLeft: number
}

const add = ({ counts }: Pick<Counting, 'counts'>, what: string, count: number): void =>
  void counts.set(what, (counts.get(what) ?? 0) + count)

const countsIn = ({ counts }: Counting): readonly EntryCount[] =>
  // A cast, since `countedAs` wrote it.
  [...counts].map(([what, count]) => ({ ...(JSON.parse(what) as EntryCount), count }))

const between = ({ from, upTo }: Range) => ({
  KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
  values: { ':from': { S: from }, ':until': { S: upTo } },
})

/** Counts the lists of a time; false if there is too much to read, or a list does not say what to count. */
async function countLists(
  rows: Rows,
  jurisdiction: string,
  range: Range,
  counting: Counting,
): Promise<boolean> {
  let [span, ofSpan]: [string, TableItem[]] = ['', []]
  const counted = { ...between(range), ProjectionExpression: 'sk, placed, countedAs, kinds' }
  for await (const page of rows.pages(listsPk(jurisdiction, 'all', ''), counted)) {
    if (counting.pagesLeft-- === 0) return false
    for (const list of page) {
      if (list.countedAs === undefined) return false
      // Lists that have an entry in common are of one span, and so follow each other.
      const of = textOf(list, 'sk').slice(0, spanLength)
      if (of !== span) {
        countIn(ofSpan, counting)
        ;[span, ofSpan] = [of, []]
      }
      ofSpan.push(list)
    }
  }
  countIn(ofSpan, counting)
  return true
}

/** What each entry of a list is counted as, by the texts that name it: there are few, and many lists. */
function kindsOf(list: TableItem, known: Map<string, readonly string[]>): readonly string[] {
  const text = textOf(list, 'kinds')
  const found = known.get(text)
  if (found !== undefined) return found
  // A cast, since only the sealer writes here.
  const kinds = (jsonOf(list, 'kinds') as readonly AuditLine[]).map(countedAs)
  known.set(text, kinds)
  return kinds
}

/** Adds the entries of the lists of one span to `counts`, each once, by its time and whole id. */
function countIn(lists: readonly TableItem[], counting: Pick<Counting, 'counts' | 'known'>): void {
  const seen = new Set<string>()
  for (const list of lists) {
    const kinds = kindsOf(list, counting.known)
    // Only lists of one span can have an entry in common.
    const placed = lists.length === 1 ? undefined : Buffer.from(bytesOf(list, 'placed'))
    for (const [at, kind] of bytesOf(list, 'countedAs').entries()) {
      const place = placed?.toString('latin1', at * placedBytes, (at + 1) * placedBytes)
      if (place !== undefined && seen.has(place)) continue
      if (place !== undefined) seen.add(place)
      add(counting, kinds[kind] ?? '', 1)
    }
  }
}

// Days that are over are counted once. A row has what was counted of a day, and how often: whoever counts read the row
// before the lists, and writes only if nobody counted meanwhile, so that the last count has seen all lists of before.

const dayMs = 86_400_000
/** How long after its end a day is counted, ms; from half of that on, what is still filed in it counts it anew. */
const restMs = 7_200_000
/** Most days to count at once. */
const daysMax = 60

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
const dayAfter = (day: string): string => dayOf(Date.parse(day) + dayMs)
const endOf = (day: string): number => Date.parse(day) + dayMs
const daysPk = (jurisdiction: string) => rowKey(kinds.day, jurisdiction)

/** The days of a range that were counted as a whole, the oldest first. */
async function countedDays(rows: Rows, jurisdiction: string, range: Range) {
  const { upTo } = range
  const days: { readonly day: string; readonly counted: readonly EntryCount[] }[] = []
  for await (const page of rows.pages(daysPk(jurisdiction), between(range)))
    for (const item of page) {
      const day = textOf(item, 'sk')
      const isWhole = upTo === '~' || endOf(day) <= Date.parse(upTo)
      // A cast, since `countDay` wrote it.
      if (isWhole) days.push({ day, counted: jsonOf(item, 'counts') as readonly EntryCount[] })
    }
  return days
}

/**
 * Counts the days that are over by `at` and were not counted yet, at most so many, since the first of which there is a
 * list. Clocks may differ by an hour.
 */
export async function tally(rows: Rows, jurisdiction: string, at: string): Promise<void> {
  const newest = { KeyConditionExpression: 'pk = :pk', Limit: 1 }
  const last = await rows.page(daysPk(jurisdiction), { ...newest, ScanIndexForward: false })
  const [counted] = last.Items ?? []
  const first =
    counted === undefined
      ? (await rows.page(listsPk(jurisdiction, 'all', ''), newest)).Items?.[0]
      : undefined
  if (counted === undefined && first === undefined) return
  let day =
    counted === undefined ? textOf(first ?? {}, 'sk').slice(0, 10) : dayAfter(textOf(counted, 'sk'))
  for (let left = daysMax; left > 0 && endOf(day) + restMs <= Date.parse(at); left -= 1) {
    await countDay(rows, jurisdiction, day)
    day = dayAfter(day)
  }
}

/** Counts anew the days of what was filed once they were over: somebody may have counted them. */
export async function recount(rows: Rows, filed: readonly LookupRow[], at: string): Promise<void> {
  const late = filed.filter(
    ({ line }) => endOf(line.ts.slice(0, 10)) + restMs / 2 <= Date.parse(at),
  )
  const days = new Set(late.map(({ key, line }) => `${key.jurisdiction} ${line.ts.slice(0, 10)}`))
  for (const each of days) {
    const [jurisdiction = '', day = ''] = each.split(' ')
    await countDay(rows, jurisdiction, day)
  }
}

/** Counts a day; where its lists cannot be counted, it stays as it was. */
async function countDay(rows: Rows, jurisdiction: string, day: string): Promise<void> {
  const key = itemKey(daysPk(jurisdiction), day)
  for (;;) {
    const times = (await rows.get(key))?.times
    const counting: Counting = { counts: new Map(), known: new Map(), pagesLeft: countPagesMax }
    if (!(await countLists(rows, jurisdiction, { from: day, upTo: dayAfter(day) }, counting)))
      return
    const values = {
      ':counts': { S: JSON.stringify(countsIn(counting)) },
      ':times': { N: String(Number(times?.N ?? 0) + 1) },
      ...(times === undefined ? {} : { ':before': times }),
    }
    const terms = {
      if: times === undefined ? 'attribute_not_exists(times)' : 'times = :before',
      values,
    }
    if (await rows.update(key, 'SET counts = :counts, times = :times', terms)) return
  }
}
