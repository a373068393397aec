/** The inbox of offices, and denials put before a person, in DynamoDB. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import { deliverySchema } from '../decision/request.ts'
import type { FileFetch, FilesGiven } from '../file-ports.ts'
import {
  bothOffices,
  type DueRow,
  type Duties,
  type Handovers,
  type Inbox,
  type InboxRow,
  type KeptDuty,
  type Responded,
  type Responses,
  type Review,
  type Reviews,
} from '../inbox-ports.ts'
import { itemKey, jsonOf, type Rows, rowsIn, type TableItem, textOf } from './dynamodb.ts'
import { kinds, type RowKey, rowKey } from './rows.ts'

/**
 * Denials, partitioned by holder and kind of office, and sorted by requester, then threats to life apart from
 * others, then by time.
 */
export const dynamodbInbox = (client: DynamoDBClient, table: string): Inbox => {
  const rows = rowsIn(client, table)
  return {
    async put(row) {
      const requester = { S: row.requester }
      const urgent = urgentKeys(row).map((key) => rows.put({ ...key, requester }))
      await Promise.all([rows.putNew(keyOf(row)), ...urgent])
    },

    async list(holder, audience, limit) {
      const parts = [audience, ...(ofHolder.includes(audience) ? [bothOffices] : [])]
      const [before, ...found] = await Promise.all([
        earlier(rows, holder, audience),
        ...parts.map(async (part) =>
          (await newestOfEach(rows, partOf({ holder, audience: part }), limit)).map((item) =>
            rowIn(item, { holder, audience, ...(part === bothOffices && { isOfBoth: true }) }),
          ),
        ),
      ])
      // A denial with an old row has a new row as well if it ended or was put again.
      const distinct = new Map(
        [...before, ...found.flat()].map((row) => [`${row.ts}#${row.eid}`, row]),
      )
      return parts.length === 1 ? [...distinct.values()] : newestRows([...distinct.values()], limit)
    },

    async end(row, at) {
      await rows.put({ ...keyOf(row), ended: { S: at } })
    },

    async remove(row) {
      const keys = [keyOf(row), earlierKeyOf(row), ...urgentKeys(row)]
      await Promise.all(keys.map((key) => rows.remove(key)))
    },

    async urgent(holder, audience, from, limit) {
      const { Items = [] } = await rows.page(urgentPart({ holder, audience }), {
        KeyConditionExpression: 'pk = :pk AND sk >= :from',
        values: { ':from': { S: from } },
        ScanIndexForward: false,
        Limit: limit,
      })
      return Items.reverse().map((item): InboxRow => {
        const [ts = '', eid = ''] = textOf(item, 'sk').split('#')
        return { holder, audience, eid, ts, requester: textOf(item, 'requester'), urgent: true }
      })
    },

    ...clock(rows),
    ...sightings(rows),

    async decidedAgain(matter, ts) {
      const at = { S: ts }
      const isLater = 'attribute_not_exists(ts) OR ts < :ts'
      await rows.put({ ...againKey(matter), ts: at }, { if: isLater, values: { ':ts': at } })
    },

    async lastDecided(matter) {
      const item = await rows.get(againKey(matter))
      return item && textOf(item, 'ts')
    },
  }
}

/** Denials by holder, sorted by requester, then by when to look at them. */
const clock = (rows: Rows): Pick<Inbox, 'watch' | 'unwatch' | 'dueFor'> => ({
  async watch(of) {
    await rows.put(watchKey(of))
  },

  async unwatch(of) {
    await rows.remove(watchKey(of))
  },

  async dueFor(holder, until, limit) {
    const found: (readonly DueRow[])[] = []
    for (let after = ' '; ; ) {
      const { Items = [] } = await rows.page(watchPart(holder), {
        KeyConditionExpression: 'pk = :pk AND sk > :after',
        values: { ':after': { S: after } },
        Limit: limit,
      })
      const all = Items.map((item) => dueIn(holder, textOf(item, 'sk')))
      const [first] = all
      if (first === undefined) break
      const own = all.filter(({ requester }) => requester === first.requester)
      found.push(own.filter(({ at }) => at <= until))
      // The rest of this one is passed over unread. Older rows, which begin with a time, come before all others.
      after = first.requester === undefined ? ':' : `${first.requester}#~`
    }
    const turns = Math.max(0, ...found.map(({ length }) => length))
    return Array.from({ length: turns }, (_, turn) =>
      found.flatMap((own) => own[turn] ?? []),
    ).flat()
  },
})

/** Which offices have had a denial before them, by denial. */
const sightings = (rows: Rows): Pick<Inbox, 'seen' | 'unseen' | 'seenBy'> => {
  // Offices look again and again: each instance asks once.
  const known = new Set<string>()
  const know = (name: string) => {
    if (known.size >= knownMax) known.clear()
    known.add(name)
  }
  return {
    async seen(eid, office, at) {
      await rows.putNew({ ...itemKey(seenPart(eid), office), at: { S: at } })
      know(`${eid} ${office}`)
    },

    async unseen(eids, office) {
      const asked = eids.filter((eid) => !known.has(`${eid} ${office}`))
      const found = await Promise.all(asked.map((eid) => rows.get(itemKey(seenPart(eid), office))))
      for (const [i, eid] of asked.entries()) if (found[i]) know(`${eid} ${office}`)
      return asked.filter((_, i) => found[i] === undefined)
    },

    async seenBy(eid) {
      const items = await rows.all(seenPart(eid))
      return new Map(items.map((item) => [textOf(item, 'sk'), textOf(item, 'at')]))
    },
  }
}

/** Most sightings that an instance remembers: about 1 MB. */
const knownMax = 10_000

const watchPart = (holder: string): RowKey => rowKey(kinds.due, holder)

const watchKey = ({ holder, requester, eid, at }: DueRow) =>
  itemKey(watchPart(holder), [...(requester ? [requester] : []), at, eid].join('#'))

const dueIn = (holder: string, sk: string): DueRow => {
  const [eid = '', at = '', requester] = sk.split('#').reverse()
  return { holder, eid, at, ...(requester && { requester }) }
}

const seenPart = (eid: string): RowKey => rowKey(kinds.seen, eid)

/** The newest `limit` rows of each requester and kind. Passes over the rest, mostly without reading it. */
async function newestOfEach(rows: Rows, pk: string, limit: number): Promise<readonly TableItem[]> {
  const items: TableItem[] = []
  // Sorts after every agency.
  let before = '~'
  let [whose, count] = ['', 0]
  for (;;) {
    const { Items = [], LastEvaluatedKey } = await rows.page(pk, {
      KeyConditionExpression: 'pk = :pk AND sk < :before',
      values: { ':before': { S: before } },
      ScanIndexForward: false,
      Limit: limit,
    })
    for (const item of Items) {
      before = textOf(item, 'sk')
      const own = before.slice(0, before.indexOf('#') + 3)
      count = own === whose ? count + 1 : 1
      whose = own
      if (count <= limit) items.push(item)
    }
    if (LastEvaluatedKey === undefined) return items
    if (count >= limit) before = whose
  }
}

/** Rows in the old form. None are added any more, and each ends with its matter. */
async function earlier(rows: Rows, holder: string, audience: string): Promise<readonly InboxRow[]> {
  const parts = [true, false].map(async (urgent) => {
    const items = await rows.all(earlierPart({ holder, audience, urgent }))
    return items.map((item): InboxRow => {
      const [ts = '', eid = ''] = textOf(item, 'sk').split('#')
      return { holder, audience, eid, ts, requester: textOf(item, 'requester'), urgent }
    })
  })
  return (await Promise.all(parts)).flat()
}

const partOf = ({ holder, audience }: Pick<InboxRow, 'holder' | 'audience'>): RowKey =>
  rowKey(kinds.waiting, holder, audience)

const keyOf = ({ requester, urgent, ts, eid, holder, audience, isOfBoth }: InboxRow) =>
  itemKey(
    partOf({ holder, audience: isOfBoth ? bothOffices : audience }),
    `${requester}#${urgent ? 'u' : 'o'}#${ts}#${eid}`,
  )

const rowIn = (
  item: TableItem,
  of: Pick<InboxRow, 'holder' | 'audience' | 'isOfBoth'>,
): InboxRow => {
  const [requester = '', kind, ts = '', eid = ''] = textOf(item, 'sk').split('#')
  const ended = item.ended === undefined ? {} : { ended: textOf(item, 'ended') }
  return { ...of, eid, ts, requester, urgent: kind === 'u', ...ended }
}

/** The kinds of offices that may have a row in common. */
const ofHolder = ['holder-officer', 'holder-ministry']

/** Of each requester and kind the newest `limit` rows. */
const newestRows = (rows: readonly InboxRow[], limit: number): readonly InboxRow[] =>
  [...Map.groupBy(rows, ({ requester, urgent }) => `${requester} ${urgent}`).values()].flatMap(
    (own) => own.sort((a, b) => (`${a.ts} ${a.eid}` < `${b.ts} ${b.eid}` ? 1 : -1)).slice(0, limit),
  )

/** Threats to life once more, by time alone, so that the newest are found without reading all others. */
const urgentPart = ({ holder, audience }: Pick<InboxRow, 'holder' | 'audience'>): RowKey =>
  rowKey(kinds.urgent, holder, audience)

const urgentKeys = ({ holder, audience, isOfBoth, urgent, ts, eid }: InboxRow) => {
  const audiences = isOfBoth || audience === bothOffices ? ofHolder : [audience]
  return urgent
    ? audiences.map((each) => itemKey(urgentPart({ holder, audience: each }), `${ts}#${eid}`))
    : []
}

const againKey = (matter: string) => itemKey(rowKey(kinds.again, matter), 'again')

const earlierPart = (row: Pick<InboxRow, 'holder' | 'audience' | 'urgent'>): RowKey =>
  rowKey(kinds.waitingBefore, row.holder, row.audience, row.urgent ? 'urgent' : 'ordinary')

const earlierKeyOf = (row: InboxRow) => itemKey(earlierPart(row), `${row.ts}#${row.eid}`)

const reviewSchema = z.strictObject({
  id: z.string(),
  at: z.string(),
  answer: z.strictObject({ id: z.string(), office: z.string(), at: z.string() }).optional(),
})

/** Denials put before a person: one row each, written once. */
export const dynamodbReviews = (client: DynamoDBClient, table: string): Reviews => {
  const rows = rowsIn(client, table)
  const key = (eid: string) => itemKey(rowKey(kinds.after, eid), 'review')
  const get = async (eid: string): Promise<Review | undefined> => {
    const item = await rows.get(key(eid))
    if (item === undefined) return undefined
    const answer = item.answer === undefined ? {} : { answer: jsonOf(item, 'answer') }
    return reviewSchema.parse({ ...Object(jsonOf(item, 'review')), ...answer }) as Review
  }
  return {
    get,

    async ask(eid, review) {
      await rows.putNew({ ...key(eid), review: { S: JSON.stringify(review) } })
      return (await get(eid)) ?? review
    },

    async answer(eid, answer) {
      await rows.update(key(eid), 'SET answer = if_not_exists(answer, :answer)', {
        values: { ':answer': { S: JSON.stringify(answer) } },
      })
    },
  }
}

const sentSchema = deliverySchema.extend({ id: z.string() })

/** Handovers by another way: one row each, written once. */
export const dynamodbHandovers = (client: DynamoDBClient, table: string): Handovers => {
  const rows = rowsIn(client, table)
  const key = (eid: string) => itemKey(rowKey(kinds.after, eid), 'delivery')
  return {
    async get(eid) {
      const item = await rows.get(key(eid))
      return item && sentSchema.parse(jsonOf(item, 'delivery'))
    },

    async put(eid, made) {
      await rows.putNew({ ...key(eid), delivery: { S: JSON.stringify(made) } })
    },
  }
}

/** Duties that holders did: one row each, written once. */
export const dynamodbDuties = (client: DynamoDBClient, table: string): Duties =>
  onceEach(client, table, 'duty', ({ code, value = '' }: KeptDuty) => `${code}#${value}`)

/** A refusal that was taken back, by the entry `id`. */
type TakenBack = { readonly refusal: string; readonly id: string; readonly at: string }

/**
 * What offices answered: one row for each and kind, written once, and one more for each that was taken back. That it
 * was is a row of its own, by the refusal: a restore may find it first.
 */
export const dynamodbResponses = (client: DynamoDBClient, table: string): Responses => {
  const made = onceEach(client, table, 'response', (of: Responded & { readonly turn: number }) =>
    [of.office, of.what, ...(of.turn === 0 ? [] : [of.turn])].join('#'),
  )
  const ended = onceEach(client, table, 'taken-back', ({ refusal }: TakenBack) => refusal)
  const of = async (eid: string): Promise<readonly Responded[]> => {
    // What is taken back meanwhile was made before.
    const responses = await made.of(eid)
    const byRefusal = new Map((await ended.of(eid)).map(({ refusal, ...by }) => [refusal, by]))
    return responses.map(({ turn: _, ...each }) => {
      const takenBack = byRefusal.get(each.id)
      return { ...each, ...(takenBack && { takenBack }) }
    })
  }
  return {
    of,

    async put(eid, { takenBack: _, ...response }) {
      const { office, what, id } = response
      const own = (await of(eid)).filter((each) => each.office === office && each.what === what)
      const stands = own.find((each) => each.id === id || each.takenBack === undefined)
      if (stands !== undefined) return stands
      const { turn, ...put } = await made.put(eid, { ...response, turn: own.length })
      return put
    },

    async takeBack(eid, by) {
      await ended.put(eid, by)
    },
  }
}

/** Files that were given: one row for each time. */
export const dynamodbFilesGiven = (client: DynamoDBClient, table: string): FilesGiven =>
  onceEach(client, table, 'file', ({ item, id }: FileFetch) => `${item}#${id}`)

/** Rows of a request under a name, of which the first of each key stands. */
function onceEach<T>(
  client: DynamoDBClient,
  table: string,
  name: string,
  keyOfRow: (row: T) => string,
) {
  const rows = rowsIn(client, table)
  // A cast, since only `put` writes here.
  const rowIn = (item: TableItem) => jsonOf(item, name) as T
  return {
    async of(eid: string): Promise<readonly T[]> {
      const { Items = [] } = await rows.page(rowKey(kinds.after, eid), {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :name)',
        values: { ':name': { S: `${name}#` } },
      })
      return Items.map(rowIn)
    },

    async put(eid: string, row: T): Promise<T> {
      const key = itemKey(rowKey(kinds.after, eid), `${name}#${keyOfRow(row)}`)
      if (await rows.putNew({ ...key, [name]: { S: JSON.stringify(row) } })) return row
      const stands = await rows.get(key)
      return stands === undefined ? row : rowIn(stands)
    },
  }
}
