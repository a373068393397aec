/** What was told of changes to what left, and who acted, in DynamoDB: beside the inboxes. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { ActOnMessage, MessageSent, Messages, RecallSigned, Search } from '../inbox-ports.ts'
import { itemKey, jsonOf, rowsIn, textOf } from './dynamodb.ts'
import { kinds, type RowKey, rowKey } from './rows.ts'

/** Messages, partitioned by the entry of the change, and sorted by recipient; what was done is set on each once. */
export const dynamodbMessages = (client: DynamoDBClient, table: string): Messages => {
  const rows = rowsIn(client, table)
  const doneIn = async (of: Pick<MessageSent, 'cause' | 'to' | 'id'>) => {
    const item = await rows.get(keyOf(of))
    // A cast, since only `did` writes it.
    return item?.done === undefined ? undefined : (jsonOf(item, 'done') as ActOnMessage)
  }
  return {
    async put(told) {
      // First, so that whoever was told is not given it again.
      if (told.what === 'recalled') await rows.putNew(recalledOf(told.request))
      await rows.putNew({ ...keyOf(told), told: { S: JSON.stringify(told) } })
    },

    isRecalled: async (request) => (await rows.get(recalledOf(request))) !== undefined,

    async keepIn(request) {
      await rows.putNew(recalledOf(request))
    },

    async collect(request) {
      await rows.putNew(collectedOf(request))
    },

    isCollected: async (request) => (await rows.get(collectedOf(request))) !== undefined,

    async of(cause, after, limit) {
      const from = after === undefined ? '' : placeOf(after)
      const { Items = [] } = await rows.page(partOf(cause), {
        KeyConditionExpression: 'pk = :pk AND sk > :from',
        values: { ':from': { S: `${toldOf}${from}` } },
        Limit: limit,
      })
      // Casts, since only the sealer and `did` write here.
      return Items.filter((item) => textOf(item, 'sk').startsWith(toldOf)).map((item) => ({
        ...(jsonOf(item, 'told') as MessageSent),
        ...(item.done && { done: jsonOf(item, 'done') as ActOnMessage }),
      }))
    },

    done: doneIn,

    async did(of, did) {
      await rows.update(keyOf(of), 'SET done = if_not_exists(done, :done)', {
        if: 'attribute_exists(pk)',
        values: { ':done': { S: JSON.stringify(did) } },
      })
      return (await doneIn(of)) ?? did
    },

    async sign(recall, by) {
      await rows.putNew({ ...signedOf(recall), signed: { S: JSON.stringify(by) } })
    },

    async signed(recall) {
      const item = await rows.get(signedOf(recall))
      return item && (jsonOf(item, 'signed') as RecallSigned)
    },

    async refuse(cause, isRefused) {
      await rows.update(refusedOf(cause), 'SET refused = :refused', {
        ...(isRefused ? { if: 'attribute_not_exists(refused) OR refused = :refused' } : {}),
        values: { ':refused': { BOOL: isRefused } },
      })
    },

    async retry(cause, at) {
      await rows.update(refusedOf(cause), 'SET tried = :at', {
        if: 'attribute_not_exists(tried) OR tried < :at',
        values: { ':at': { S: at } },
      })
    },

    async tried(cause) {
      const item = await rows.get(refusedOf(cause))
      const { refused, tried } = item ?? {}
      return { isRefused: refused?.BOOL === true, ...(tried?.S && { at: tried.S }) }
    },

    async search(cause) {
      const item = await rows.get(searchOf(cause))
      return item && (jsonOf(item, 'search') as Search)
    },

    async keepSearch(cause, search) {
      await rows.put({ ...searchOf(cause), search: { S: JSON.stringify(search) } })
    },
  }
}

const partOf = (cause: string): RowKey => rowKey(kinds.told, cause)
/** What the rows of messages begin with; the search comes before them. */
const toldOf = 'to#'
const placeOf = ({ to, id }: Pick<MessageSent, 'to' | 'id'>): string => `${to}#${id}`
const keyOf = ({ cause, ...of }: Pick<MessageSent, 'cause' | 'to' | 'id'>) =>
  itemKey(partOf(cause), `${toldOf}${placeOf(of)}`)
const recalledOf = (request: string) => itemKey(partOf(request), 'recalled')
const collectedOf = (request: string) => itemKey(partOf(request), 'collected')
const refusedOf = (cause: string) => itemKey(partOf(cause), 'refused')
const signedOf = (recall: string) => itemKey(partOf(recall), 'signed')
const searchOf = (cause: string) => itemKey(partOf(cause), 'search')
