/** The keys of subjects in DynamoDB, each wrapped under its jurisdiction's key. */

import { randomBytes } from 'node:crypto'
import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { ComityError } from '../failure.ts'
import { quarterOf } from '../ledger/entry.ts'
import type { EarlierKeys, Generation, SubjectKey, SubjectKeys } from '../ports.ts'
import { seal, unseal } from './aes-gcm.ts'
import { bytesOf, type Item, newestOf, queryAll, textOf, tookEffect } from './dynamodb.ts'

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

  const rowsOf = (pk: string): Promise<readonly Item[]> =>
    queryAll(client, {
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
    })

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
  const make = async (
    jurisdiction: string,
    pk: string,
    generation: number,
    made: { readonly quarter: string; readonly discloses: boolean },
  ) => {
    const kid = randomBytes(16).toString('base64url')
    const kek = randomBytes(32)
    const sk = sortKey(generation)
    await putNew({ ...wayTo(kid), of: { S: pk }, generation: { S: sk }, hj: { S: jurisdiction } })
    const wrapped = seal(wrapKey(jurisdiction), kek, contextOf(pk, sk))
    const key = {
      kid: { S: kid },
      quarter: { S: made.quarter },
      ...(made.discloses ? { disclosed: { BOOL: true } } : {}),
      state: { S: 'active' },
      wrapped: { B: wrapped },
    }
    return (await putNew({ pk: { S: pk }, sk: { S: sk }, ...key })) ? { kid, kek } : undefined
  }

  /** The row of the key that an id names; undefined if there is none any more. */
  const keyOf = async (kid: string) => {
    const { pk, sk } = wayTo(kid)
    const way = await read(pk.S, sk.S)
    const item = way && (await read(textOf(way, 'of'), textOf(way, 'generation')))
    if (way === undefined || item === undefined || !isActive(item) || item.kid?.S !== kid)
      return undefined
    return { item, jurisdiction: textOf(way, 'hj') }
  }

  /** Changes the row of a key that still opens, on a further condition; whether it did. */
  const change = async (
    kid: string,
    update: string,
    condition: string,
    names: Readonly<Record<string, string>>,
    values: Item = {},
  ): Promise<boolean> => {
    const key = await keyOf(kid)
    if (key === undefined) return false
    const command = new UpdateItemCommand({
      TableName: table,
      Key: { pk: { S: textOf(key.item, 'pk') }, sk: { S: textOf(key.item, 'sk') } },
      UpdateExpression: update,
      ConditionExpression: `kid = :kid AND attribute_exists(#wrapped) AND ${condition}`,
      ExpressionAttributeNames: { '#wrapped': 'wrapped', ...names },
      ExpressionAttributeValues: { ':kid': { S: kid }, ...values },
    })
    return tookEffect(client.send(command))
  }

  /** Adds an act to those that hold or restrict a key, unless it was lifted. */
  const add = (to: 'heldBy' | 'restrictedBy', kid: string, act: string): Promise<boolean> =>
    change(
      kid,
      'ADD #to :acts',
      'NOT contains(lifted, :act)',
      { '#to': to },
      { ':act': { S: act }, ':acts': { SS: [act] } },
    )

  return {
    async keyFor(jurisdiction, pseudonym, at, discloses = false) {
      const pk = pkOf(jurisdiction, pseudonym)
      const made = { quarter: quarterOf(at), discloses }
      const isFit = (item: Item) =>
        isActive(item) &&
        !isRestricted(item) &&
        (item.quarter?.S ?? '') >= made.quarter &&
        (!discloses || item.disclosed?.BOOL === true)
      for (let race = 0; race < racesMax; race++) {
        const item = await newestOf(client, table, pk)
        const next = 1 + (item === undefined ? 0 : generationOf(item))
        const key: SubjectKey | undefined =
          item !== undefined && isFit(item)
            ? { kid: textOf(item, 'kid'), kek: kekIn(item, wrapKey(jurisdiction)) }
            : await make(jurisdiction, pk, next, made)
        if (key !== undefined) return key
      }
      throw new ComityError('couldn’t make a subject’s key: others kept making and erasing it')
    },

    async open(kid) {
      const key = await keyOf(kid)
      return key && kekIn(key.item, wrapKey(key.jurisdiction))
    },

    async openToAct(kid) {
      const key = await keyOf(kid)
      return key && !isRestricted(key.item) ? kekIn(key.item, wrapKey(key.jurisdiction)) : undefined
    },

    async generations(jurisdiction, pseudonym) {
      return (await rowsOf(pkOf(jurisdiction, pseudonym))).filter(isActive).map(generationIn)
    },

    async shred(kid, keptFrom) {
      const isOld = ' AND (attribute_not_exists(disclosed) OR quarter < :keptFrom)'
      const isShredded = await change(
        kid,
        'SET #state = :shredded REMOVE #wrapped, heldBy, restrictedBy, lifted, disclosed',
        `attribute_not_exists(heldBy)${keptFrom === undefined ? '' : isOld}`,
        { '#state': 'state' },
        {
          ':shredded': { S: 'shredded' },
          ...(keptFrom === undefined ? {} : { ':keptFrom': { S: keptFrom } }),
        },
      )
      if (isShredded) return 'shredded'
      // An answer that was lost, or another who was first, has destroyed it as well.
      const key = await keyOf(kid)
      if (key === undefined) return 'shredded'
      return keptFrom === undefined || key.item.heldBy !== undefined ? 'held' : 'kept'
    },

    async forget(jurisdiction, pseudonym) {
      for (const item of await rowsOf(pkOf(jurisdiction, pseudonym))) {
        const kid = item.kid?.S
        if (kid === undefined || isActive(item)) continue
        // The row last: by it the other is found.
        await client.send(new DeleteItemCommand({ TableName: table, Key: wayTo(kid) }))
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: { pk: { S: textOf(item, 'pk') }, sk: { S: textOf(item, 'sk') } },
            UpdateExpression: 'REMOVE kid',
          }),
        )
      }
    },

    hold: (kid, act) => add('heldBy', kid, act),
    restrict: (kid, act) => add('restrictedBy', kid, act),

    async lift(kid, act) {
      await change(
        kid,
        'ADD lifted :acts DELETE heldBy :acts, restrictedBy :acts',
        'attribute_exists(pk)',
        {},
        { ':acts': { SS: [act] } },
      )
    },

    async isRestricted(kid) {
      const key = await keyOf(kid)
      return key !== undefined && isRestricted(key.item)
    },
  }
}

/** The keys that retention is about: a scan of the whole table, a few times a year. */
export const dynamodbEarlierKeys = (client: DynamoDBClient, table: string): EarlierKeys =>
  async function* (jurisdiction, quarter) {
    const condition =
      'begins_with(pk, :of) AND quarter < :quarter AND attribute_exists(kid) AND attribute_not_exists(heldBy)'
    const scan = {
      TableName: table,
      FilterExpression: condition,
      ExpressionAttributeValues: {
        ':of': { S: pkOf(jurisdiction, '') },
        ':quarter': { S: quarter },
      },
      ConsistentRead: true,
    }
    for await (const { Items = [] } of paginateScan({ client }, scan))
      yield* Items.map(generationIn)
  }

/**
 * The row that leads from an entry to its key. The id is random, so that an entry, which stays, says
 * nothing of whom it was about once this row and the key are gone.
 */
const wayTo = (kid: string) => ({ pk: { S: `KID#${kid}` }, sk: { S: 'way' } })

const pkOf = (jurisdiction: string, pseudonym: string): string => `K#${jurisdiction}#${pseudonym}`

const generationIn = (item: Item): Generation => ({
  kid: textOf(item, 'kid'),
  subject: textOf(item, 'pk').split('#')[2] ?? '',
  isHeld: item.heldBy !== undefined,
})

const isActive = (item: Item): boolean =>
  item.state?.S === 'active' && item.wrapped?.B !== undefined

const isRestricted = (item: Item): boolean => item.restrictedBy !== undefined

/** The row's place is part of what is authenticated: a row copied to another subject opens nothing. */
const kekIn = (item: Item, key: Uint8Array): Uint8Array =>
  unseal(key, bytesOf(item, 'wrapped'), contextOf(textOf(item, 'pk'), textOf(item, 'sk')))

const contextOf = (pk: string, sk: string): string => `${pk}\u001f${sk}`

/** Zero padded, so that generations sort by number. */
const sortKey = (generation: number): string => String(generation).padStart(6, '0')
const generationOf = (item: Item): number => Number(textOf(item, 'sk'))
