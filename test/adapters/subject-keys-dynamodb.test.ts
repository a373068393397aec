import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import {
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { dynamodbSubjectKeys } from '../../functions/adapters/subject-keys-dynamodb.ts'
import type { SubjectKeys } from '../../functions/ports.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { type Fault, startFaults } from './faults.ts'

const wrapKey = (jurisdiction: string) => createHash('sha256').update(jurisdiction).digest()
const someone = () => randomBytes(16).toString('base64url')

let store: Store
let keys: SubjectKeys
beforeAll(async () => {
  store = await startDynalite()
  keys = dynamodbSubjectKeys(store.client, store.tables.keys, wrapKey)
})
afterAll(() => store.close())

const rowsOf = async (subject: string) => {
  const command = new QueryCommand({
    TableName: store.tables.keys,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: `K#DE#${subject}` } },
  })
  return (await store.client.send(command)).Items ?? []
}
const sortKey = (generation: number) => String(generation).padStart(6, '0')
const rowOf = async (subject: string, generation: number) => {
  const Key = { pk: { S: `K#DE#${subject}` }, sk: { S: sortKey(generation) } }
  return (await store.client.send(new GetItemCommand({ TableName: store.tables.keys, Key }))).Item
}
const put = (Item: object) =>
  store.client.send(new PutItemCommand({ TableName: store.tables.keys, Item: { ...Item } }))
const shred = (subject: string, generation: number) =>
  store.client.send(
    new UpdateItemCommand({
      TableName: store.tables.keys,
      Key: { pk: { S: `K#DE#${subject}` }, sk: { S: sortKey(generation) } },
      UpdateExpression: 'SET #state = :shredded REMOVE #wrapped',
      ExpressionAttributeNames: { '#state': 'state', '#wrapped': 'wrapped' },
      ExpressionAttributeValues: { ':shredded': { S: 'shredded' } },
    }),
  )
const hex = (bytes: Uint8Array | undefined) =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString('hex')

describe('The key of a subject', () => {
  test('is made once, and opens by its id', async () => {
    const subject = someone()
    const first = await keys.keyFor('DE', subject)
    // Kills: an id made from the subject, which an entry would keep for ever.
    expect(first.kid).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(first.kid).not.toContain(subject)
    expect(first.kek).toHaveLength(32)
    const again = await keys.keyFor('DE', subject)
    expect([again.kid, hex(again.kek)]).toEqual([first.kid, hex(first.kek)])
    expect(hex(await keys.open(first.kid))).toBe(hex(first.kek))
  })

  // Kills: one key for all subjects, or for all jurisdictions.
  test('is nobody else’s, nor that of the same pseudonym elsewhere', async () => {
    const subject = someone()
    const all = await Promise.all([
      keys.keyFor('DE', subject),
      keys.keyFor('FR', subject),
      keys.keyFor('DE', someone()),
    ])
    expect(new Set(all.map(({ kek }) => hex(kek))).size).toBe(3)
  })

  // Kills: an unconditional put; answering with a key that lost the race.
  test('is one, when a thousand ask for it at once', async () => {
    const subject = someone()
    const all = await Promise.all(Array.from({ length: 1000 }, () => keys.keyFor('DE', subject)))
    expect(new Set(all.map(({ kek, kid }) => `${kid} ${hex(kek)}`)).size).toBe(1)
    expect(await rowsOf(subject)).toHaveLength(1)
  })

  // Kills: a key at rest in clear.
  test('is nowhere in the store as it is', async () => {
    const subject = someone()
    const { kek } = await keys.keyFor('DE', subject)
    const [row] = await rowsOf(subject)
    expect(row?.wrapped?.B).toHaveLength(60)
    expect(hex(row?.wrapped?.B)).not.toContain(hex(kek))
  })

  // Kills: no look at the state; the oldest instead of the newest; sort keys that are not padded;
  // a generation that is used twice.
  test('has a successor each time it was erased, and never comes back', async () => {
    const subject = someone()
    const seen = new Set<string | undefined>()
    const ids = new Set<string>()
    for (let generation = 1; generation <= 11; generation++) {
      const { kid, kek } = await keys.keyFor('DE', subject)
      ids.add(kid)
      seen.add(hex(kek))
      await shred(subject, generation)
      expect(await keys.open(kid)).toBeUndefined()
    }
    ids.add((await keys.keyFor('DE', subject)).kid)
    expect([seen.size, ids.size]).toEqual([11, 12])
    expect(await rowOf(subject, 12)).toBeDefined()
  })

  test('is one successor, however many ask at once after an erasure', async () => {
    const subject = someone()
    await keys.keyFor('DE', subject)
    await shred(subject, 1)
    const all = await Promise.all(Array.from({ length: 50 }, () => keys.keyFor('DE', subject)))
    expect(new Set(all.map(({ kek, kid }) => `${kid} ${hex(kek)}`)).size).toBe(1)
    expect(await rowsOf(subject)).toHaveLength(2)
  })

  // Kills: a row marked as erased that still opens because its bytes were left behind.
  test('does not open once its row says that it was erased', async () => {
    const subject = someone()
    const { kid } = await keys.keyFor('DE', subject)
    await put({ ...(await rowOf(subject, 1)), state: { S: 'shredded' } })
    expect(await keys.open(kid)).toBeUndefined()
    expect((await keys.keyFor('DE', subject)).kid).not.toBe(kid)
    expect(await rowOf(subject, 2)).toBeDefined()
  })

  test('does not open by an id under which none was made', async () => {
    for (const kid of ['', 'x', someone(), 'SECRETS', `K#DE#${someone()}`])
      expect(await keys.open(kid)).toBeUndefined()
  })

  // Kills: no look at whose key the row holds, so that a way left by a lost race would open another.
  test('does not open by an id that was made and lost its race', async () => {
    const subject = someone()
    const { kid } = await keys.keyFor('DE', subject)
    await put({ ...(await rowOf(subject, 1)), kid: { S: 'of-another' } })
    expect(await keys.open(kid)).toBeUndefined()
  })
})

describe('A wrapped key', () => {
  // Kills: no AAD; an AAD without the subject, or without the generation.
  test('does not open in another subject’s row, nor in another generation’s', async () => {
    const [one, other] = [someone(), someone()]
    const { kid } = await keys.keyFor('DE', one)
    await keys.keyFor('DE', other)
    await put({ ...(await rowOf(one, 1)), wrapped: (await rowOf(other, 1))?.wrapped })
    await expect(keys.open(kid)).rejects.toThrow(/^couldn’t decrypt/)
    await expect(keys.keyFor('DE', one)).rejects.toThrow(/^couldn’t decrypt/)
    await put({ ...(await rowOf(other, 1)), sk: { S: sortKey(2) } })
    await expect(keys.keyFor('DE', other)).rejects.toThrow(/^couldn’t decrypt/)
  })

  // Kills: one wrap key for all jurisdictions.
  test('does not open under another jurisdiction’s key', async () => {
    const subject = someone()
    const { kid } = await keys.keyFor('DE', subject)
    const french = dynamodbSubjectKeys(store.client, store.tables.keys, () => wrapKey('FR'))
    await expect(french.open(kid)).rejects.toThrow(/^couldn’t decrypt/)
  })

  // Kills: a mode without authentication, a shortened tag.
  test('does not open when any one of its bytes is another', async () => {
    const subject = someone()
    const { kid } = await keys.keyFor('DE', subject)
    const row = await rowOf(subject, 1)
    const wrapped = row?.wrapped?.B ?? new Uint8Array()
    for (let i = 0; i < wrapped.length; i++) {
      const flipped = Buffer.from(wrapped)
      flipped.writeUInt8(flipped.readUInt8(i) ^ 1, i)
      await put({ ...row, wrapped: { B: flipped } })
      await expect(keys.open(kid)).rejects.toThrow(/^couldn’t decrypt/)
    }
    for (const length of [0, 12, 27, 28, 59]) {
      await put({ ...row, wrapped: { B: wrapped.subarray(0, length) } })
      await expect(keys.open(kid)).rejects.toThrow(/couldn’t/)
    }
  })
})

describe('A wrapped key that is empty', () => {
  // Kills: a tag shorter than 128 bits, which is guessed sooner.
  test('does not open with a shortened tag', async () => {
    const subject = someone()
    const { kid } = await keys.keyFor('DE', subject)
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', wrapKey('DE'), nonce)
    cipher.setAAD(Buffer.from(`K#DE#${subject}\u001f000001`)).final()
    const wrapped = { B: Buffer.concat([nonce, cipher.getAuthTag().subarray(0, 12)]) }
    await put({ ...(await rowOf(subject, 1)), wrapped })
    await expect(keys.open(kid)).rejects.toThrow(/^couldn’t decrypt/)
  })
})

describe('When the store fails while a key is made', () => {
  // Kills: giving out a key whose row is not in the store.
  test.each<Fault>(['dropped', 'answer-lost', 'throttled', 'failed', 'failed-applied'])(
    '%s: a key that was given out is the one in the store',
    async (fault) => {
      for (const extent of ['once', 'always']) {
        const line = await startFaults(store.endpoint, ({ operation, indexOfOperation }) =>
          operation === 'PutItem' && (extent === 'always' || indexOfOperation === 0)
            ? fault
            : 'none',
        )
        const client = dynamodb(line.endpoint)
        const subject = someone()
        const through = dynamodbSubjectKeys(client, store.tables.keys, wrapKey)
        const given = await through.keyFor('DE', subject).catch(() => undefined)
        const stands = await keys.keyFor('DE', subject)
        if (extent === 'once') expect(given).toBeDefined()
        if (given !== undefined) expect(hex(given.kek)).toBe(hex(stands.kek))
        client.destroy()
        await line.cut()
      }
    },
  )

  // Kills: a cache, or a read that gives an older view.
  test('every look is at what was last written, each time', async () => {
    const line = await startFaults(store.endpoint, () => 'none')
    const client = dynamodb(line.endpoint)
    const through = dynamodbSubjectKeys(client, store.tables.keys, wrapKey)
    const { kid } = await through.keyFor('DE', someone())
    await through.open(kid)
    await through.open(kid)
    const reads = line.calls.filter(({ operation }) => operation !== 'PutItem')
    expect(reads.map(({ operation }) => operation)).toEqual([
      'Query',
      ...Array.from({ length: 4 }, () => 'GetItem'),
    ])
    expect(reads.every(({ body }) => body.ConsistentRead === true)).toBe(true)
    client.destroy()
    await line.cut()
  })
})
