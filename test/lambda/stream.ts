/** Events of the sealer, as DynamoDB and EventBridge make them. */

import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { rowsIn } from '../../functions/adapters/dynamodb.ts'
import type { Deployed } from './deployed.ts'

type Item = Readonly<Record<string, AttributeValue>>

/** The item of an entry, as it is stored. */
export async function itemOf({ store, names }: Deployed, eid: string): Promise<Item> {
  const item = await rowsIn(store.client, names.decisions).get({ pk: { S: `D#${eid}` } })
  if (item === undefined) throw new Error(`no entry ${eid}`)
  return item
}

/** The event of new items in the stream of the ledger, in this order. */
export const streamOf = (items: readonly Item[]) => ({
  Records: items.map((item, at) => ({
    eventID: String(at).padStart(32, '0'),
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'eu-central-1',
    dynamodb: {
      ApproximateCreationDateTime: 1_795_564_800,
      Keys: { pk: item.pk },
      NewImage: asJson(item),
      SequenceNumber: sequenceOf(at),
      SizeBytes: 1024,
      StreamViewType: 'NEW_IMAGE',
    },
    eventSourceARN: 'arn:aws:dynamodb:eu-central-1:1:table/Decisions/stream/2026',
  })),
})

/** The event of an entry that was overwritten, with what stands there now, or removed. */
export const changeOf = (eventName: 'MODIFY' | 'REMOVE', item: Item) => {
  const { Records } = streamOf([item])
  return {
    Records: Records.map(({ dynamodb: { NewImage, ...dynamodb }, ...record }) => ({
      ...record,
      eventName,
      dynamodb: eventName === 'REMOVE' ? dynamodb : { ...dynamodb, NewImage },
    })),
  }
}

/** The number of the record at a place of an event. */
export const sequenceOf = (at: number): string => `4421584500000000017450${at}`

/** The clock's event. */
export const tick = {
  version: '0',
  id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '111122223333',
  time: '2026-11-25T09:00:00Z',
  region: 'eu-central-1',
  resources: ['arn:aws:events:eu-central-1:111122223333:rule/Clock'],
  detail: {},
}

/** Bytes are base64 in an event. */
const asJson = (item: Item) =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      value.B === undefined ? value : { B: Buffer.from(value.B).toString('base64') },
    ]),
  )
