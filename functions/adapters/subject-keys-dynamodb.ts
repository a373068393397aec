/** The keys of subjects in DynamoDB, each wrapped under its jurisdiction's key. */

import { randomBytes } from 'node:crypto'
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { SubjectKey, SubjectKeys } from '../ports.ts'
import { seal, unseal } from './aes-gcm.ts'
import { bytesOf, type Item, newestOf, textOf, tookEffect } from './dynamodb.ts'

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
  const read = async (pk: string, sk: string): Promise<Item | undefined> => {
    const Key = { pk: { S: pk }, sk: { S: sk } }
    const command = new GetItemCommand({ TableName: table, Key, ConsistentRead: true })
    return (await client.send(command)).Item
  }

  const putNew = (item: Item): Promise<boolean> => {
    const condition = 'attribute_not_exists(pk)'
    const command = new PutItemCommand({
      TableName: table,
      Item: item,
      ConditionExpression: condition,
    })
    return tookEffect(client.send(command))
  }

  /** The way to the key is written first: a way to a key that was never made leads to nothing. */
  const make = async (jurisdiction: string, pk: string, generation: number) => {
    const kid = randomBytes(16).toString('base64url')
    const kek = randomBytes(32)
    const sk = sortKey(generation)
    await putNew({ ...wayTo(kid), of: { S: pk }, generation: { S: sk }, hj: { S: jurisdiction } })
    const wrapped = seal(wrapKey(jurisdiction), kek, contextOf(pk, sk))
    const key = { kid: { S: kid }, state: { S: 'active' }, wrapped: { B: wrapped } }
    return (await putNew({ pk: { S: pk }, sk: { S: sk }, ...key })) ? { kid, kek } : undefined
  }

  /** The row of the key that an id names; undefined if there is none any more. */
  const keyOf = async (kid: string) => {
    const { pk, sk } = wayTo(kid)
    const way = await read(pk.S, sk.S)
    const item = way && (await read(textOf(way, 'of'), textOf(way, 'generation')))
    if (way === undefined || item === undefined || textOf(item, 'kid') !== kid) return undefined
    return { item, jurisdiction: textOf(way, 'hj') }
  }

  return {
    async keyFor(jurisdiction, pseudonym) {
      const pk = `K#${jurisdiction}#${pseudonym}`
      for (let race = 0; race < racesMax; race++) {
        const item = await newestOf(client, table, pk)
        const key: SubjectKey | undefined =
          item !== undefined && isActive(item)
            ? { kid: textOf(item, 'kid'), kek: kekIn(item, wrapKey(jurisdiction)) }
            : await make(jurisdiction, pk, 1 + (item === undefined ? 0 : generationOf(item)))
        if (key !== undefined) return key
      }
      throw new Error('couldn’t make a subject’s key: others kept making and erasing it')
    },

    async open(kid) {
      const key = await keyOf(kid)
      if (key === undefined || !isActive(key.item)) return undefined
      return kekIn(key.item, wrapKey(key.jurisdiction))
    },

    async isRestricted(kid) {
      return (await keyOf(kid))?.item.restricted?.BOOL === true
    },
  }
}

/**
 * The row that leads from an entry to its key. The id is random, so that an entry, which stays, says
 * nothing of whom it was about once this row and the key are gone.
 */
const wayTo = (kid: string) => ({ pk: { S: `KID#${kid}` }, sk: { S: 'way' } })

const isActive = (item: Item): boolean =>
  item.state?.S === 'active' && item.wrapped?.B !== undefined

/** The row's place is part of what is authenticated: a row copied to another subject opens nothing. */
const kekIn = (item: Item, key: Uint8Array): Uint8Array =>
  unseal(key, bytesOf(item, 'wrapped'), contextOf(textOf(item, 'pk'), textOf(item, 'sk')))

const contextOf = (pk: string, sk: string): string => `${pk}\u001f${sk}`

/** Zero padded, so that generations sort by number. */
const sortKey = (generation: number): string => String(generation).padStart(6, '0')
const generationOf = (item: Item): number => Number(textOf(item, 'sk'))
