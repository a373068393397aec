/** Whom an officer asked for in a case, in DynamoDB: one row for each person, however often asked for. */

import { createHash } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { foldCase } from '../decision/request.ts'
import type { PersonsAsked } from '../inbox-ports.ts'
import { itemKey, keptKey, keyOfItem, rowsIn, textOf } from './dynamodb.ts'
import { kinds, type RowKey, rowKey } from './rows.ts'

/**
 * The persons, in the table of attestations. A row holds pseudonyms for its case alone, from which nobody is
 * found.
 */
export const dynamodbPersonsAsked = (client: DynamoDBClient, table: string): PersonsAsked => ({
  async isBeyond(holder, { requester, caseReference }, officer, person, most, year) {
    // Hashed, since agencies name cases and officers freely.
    const place = JSON.stringify([foldCase(caseReference), officer])
    const hash = createHash('sha256').update(place, 'utf8').digest('base64url')
    const pk = rowKey(kinds.asked, holder, requester, hash)
    const rows = rowsIn(client, table)
    // INVARIANT (never more than the bound): the row is there before the count, which reads what was last
    // written, so of many that come at once at least the last counts all.
    await Promise.all([
      rows.put({ ...itemKey(pk, person), year: { S: year } }),
      rows.put(itemKey(leadsOf(holder), [year, pk, person].join('|'))),
    ])
    const { Items = [], LastEvaluatedKey } = await rows.page(pk, { Limit: most + 1 })
    return Items.length > most || LastEvaluatedKey !== undefined
  },

  async forget(holder, before) {
    const rows = rowsIn(client, table)
    const { Items = [], LastEvaluatedKey } = await rows.page(leadsOf(holder), {
      KeyConditionExpression: 'pk = :pk AND sk < :before',
      values: { ':before': { S: before } },
      Limit: 100,
    })
    for (const lead of Items) {
      const [, pk = '', person = ''] = textOf(lead, 'sk').split('|')
      // One that was asked for again since has a lead of that year, too.
      const isOld = { if: '#year < :before', names: { '#year': 'year' } }
      await rows.remove(keptKey(pk, person), { ...isOld, values: { ':before': { S: before } } })
      await rows.remove(keyOfItem(lead))
    }
    return LastEvaluatedKey === undefined
  },
})

/** What leads to persons by the year in which they were asked for. */
const leadsOf = (holder: string): RowKey => rowKey(kinds.askedIn, holder)
