/** Events by reader and log, in DynamoDB: one row each, beside the inboxes. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { EventRow, Events, FiledEvent } from '../inbox-ports.ts'
import { itemKey, jsonOf, keyOfItem, rowsIn, textOf } from './dynamodb.ts'

/**
 * Events, partitioned by reader, and sorted by log, then by the place of the entry. A row for each log leads to
 * it; this process writes it once.
 */
export const dynamodbEvents = (client: DynamoDBClient, table: string): Events => {
  const rows = rowsIn(client, table)
  const known = new Set<string>()
  const lead = async (to: string, log: string) => {
    const name = `${to} ${log}`
    if (known.has(name)) return
    await rows.put(itemKey(partOf(to), `${logs}${log}`))
    known.add(name)
  }
  return {
    async file(filed) {
      const leads = new Map(filed.map(({ to, log }) => [`${to} ${log}`, { to, log }]))
      // The leads first, so that no event is where nobody looks.
      await Promise.all([...leads.values()].map(({ to, log }) => lead(to, log)))
      await Promise.all(
        filed.map(({ to, log, index, event }) =>
          rows.put({
            ...itemKey(partOf(to), `${placeOf(log, index)}#${event.kind}`),
            event: { S: JSON.stringify(event) },
          }),
        ),
      )
    },

    async logs(to) {
      const { Items = [] } = await rows.page(partOf(to), {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :logs)',
        values: { ':logs': { S: logs } },
      })
      return Items.map((item) => textOf(item, 'sk').slice(logs.length))
    },

    async forget(to, log) {
      const { Items = [], LastEvaluatedKey } = await rows.page(partOf(to), {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :log)',
        values: { ':log': { S: `at#${log}#` } },
        Limit: forgottenAtOnce,
      })
      await Promise.all(Items.map((item) => rows.remove(keyOfItem(item))))
      if (LastEvaluatedKey !== undefined) return false
      // Last, so that whatever is left is found again.
      await rows.remove(itemKey(partOf(to), `${logs}${log}`))
      known.delete(`${to} ${log}`)
      return true
    },

    async list(to, log, { from, until }, limit) {
      if (from >= until) return []
      const { Items = [] } = await rows.page(partOf(to), {
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :until',
        // No row is at the bound itself: a row's place has its kind behind it.
        values: { ':from': { S: placeOf(log, from) }, ':until': { S: placeOf(log, until) } },
        Limit: limit,
      })
      return Items.map((item): EventRow => {
        const [, , index] = textOf(item, 'sk').split('#')
        // A cast, since only the sealer writes here.
        const event = jsonOf(item, 'event') as FiledEvent
        return { to, log, index: Number(index), event }
      })
    },
  }
}

/** How many rows one call removes. */
const forgottenAtOnce = 100

const partOf = (to: string): string => `O#events#${to}`
/** What the rows that lead to logs begin with. */
const logs = 'log#'
/** Zero padded, so that places sort by number. */
const placeOf = (log: string, index: number): string =>
  `at#${log}#${String(index).padStart(12, '0')}`
