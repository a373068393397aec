/** The keys of subjects in DynamoDB, each wrapped under its jurisdiction's key. */

import { randomBytes } from 'node:crypto'
import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
import type { SubjectKey, SubjectKeys } from '../ports.ts'
import { seal, unseal } from './aes-gcm.ts'
import { bytesOf, type Item, textOf, tookEffect } from './dynamodb.ts'

/** How often we look again after another made the same generation; each time one more is there. */
const racesMax = 5

/**
 * Subjects' keys. `wrapKey` gives the key of a jurisdiction under which they are wrapped.
 * An erased key's row stays, without the key, so that no generation is ever made twice.
 */
export const dynamodbSubjectKeys = (
  client: DynamoDBClient,
  table: string,
  wrapKey: (jurisdiction: string) => Uint8Array,
): SubjectKeys => {
  const newest = async (pk: string): Promise<Item | undefined> => {
    const command = new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
      ScanIndexForward: false,
      Limit: 1,
      ConsistentRead: true,
    })
    return (await client.send(command)).Items?.[0]
  }

  const make = async (jurisdiction: string, pk: string, generation: number) => {
    const kek = randomBytes(32)
    const sk = sortKey(generation)
    const wrapped = seal(wrapKey(jurisdiction), kek, contextOf(pk, sk))
    const command = new PutItemCommand({
      TableName: table,
      Item: { pk: { S: pk }, sk: { S: sk }, state: { S: 'active' }, wrapped: { B: wrapped } },
      ConditionExpression: 'attribute_not_exists(pk)',
    })
    const made = await tookEffect(client.send(command))
    return made ? { kid: kidOf(pk, sk), kek } : undefined
  }

  return {
    async keyFor(jurisdiction, pseudonym) {
      const pk = `K#${jurisdiction}#${pseudonym}`
      for (let race = 0; race < racesMax; race++) {
        const item = await newest(pk)
        const key: SubjectKey | undefined =
          item !== undefined && isActive(item)
            ? { kid: kidOf(pk, textOf(item, 'sk')), kek: kekIn(item, wrapKey(jurisdiction)) }
            : await make(jurisdiction, pk, 1 + (item === undefined ? 0 : generationOf(item)))
        if (key !== undefined) return key
      }
      throw new Error('couldn’t make a subject’s key: others kept making and erasing it')
    },

    async open(kid) {
      const { pk, jurisdiction, generation } = parse(kid)
      const command = new GetItemCommand({
        TableName: table,
        Key: { pk: { S: pk }, sk: { S: sortKey(generation) } },
        ConsistentRead: true,
      })
      const { Item: item } = await client.send(command)
      return item === undefined || !isActive(item) ? undefined : kekIn(item, wrapKey(jurisdiction))
    },
  }
}

const isActive = (item: Item): boolean =>
  item.state?.S === 'active' && item.wrapped?.B !== undefined

/** The row's place is part of what is authenticated: a row copied to another subject opens nothing. */
const kekIn = (item: Item, key: Uint8Array): Uint8Array =>
  unseal(key, bytesOf(item, 'wrapped'), contextOf(textOf(item, 'pk'), textOf(item, 'sk')))

const contextOf = (pk: string, sk: string): string => `${pk}\u001f${sk}`

/** Zero padded, so that generations sort by number. */
const sortKey = (generation: number): string => String(generation).padStart(6, '0')
const generationOf = (item: Item): number => Number(textOf(item, 'sk'))
const kidOf = (pk: string, sk: string): string => `${pk}#g${Number(sk)}`

function parse(kid: string) {
  const groups = /^(?<pk>K#(?<jurisdiction>[^#]+)#[^#]+)#g(?<generation>[1-9]\d{0,5})$/.exec(
    kid,
  )?.groups
  const { pk, jurisdiction, generation } = groups ?? {}
  if (pk === undefined || jurisdiction === undefined || generation === undefined)
    throw new Error('couldn’t open a subject’s key: its id is not one that we made')
  return { pk, jurisdiction, generation: Number(generation) }
}
