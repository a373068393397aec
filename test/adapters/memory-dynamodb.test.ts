import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { dynamodbMemory } from '../../functions/adapters/memory-dynamodb.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { startFaults } from './faults.ts'

let store: Store
beforeAll(async () => {
  store = await startDynalite()
})
afterAll(() => store.close())

const memoryOf = (name: string) => dynamodbMemory(store.client, store.tables.signatures, name)
const head = (size: number) => ({ size, root: randomBytes(32) })
const plain = (last: { readonly size: number; readonly root: Uint8Array } | undefined) =>
  last && { size: last.size, root: Buffer.from(last.root) }

describe('What one that signs remembers', () => {
  // Kills: one memory for all logs, or for all that sign.
  test('is of one log and of itself', async () => {
    const memory = memoryOf('a')
    expect(await memory.last('one')).toBeUndefined()
    const first = head(3)
    expect(await memory.advance('one', 0, first)).toBe(true)
    expect(plain(await memory.last('one'))).toEqual(first)
    expect(await memory.last('two')).toBeUndefined()
    expect(await memoryOf('b').last('one')).toBeUndefined()
  })

  // Kills: a write without its condition.
  test('is replaced only by who knew it', async () => {
    const memory = memoryOf('c')
    const first = head(3)
    await memory.advance('log', 0, first)
    for (const from of [0, 2, 4]) expect(await memory.advance('log', from, head(9))).toBe(false)
    expect(plain(await memory.last('log'))).toEqual(first)
    expect(await memory.advance('log', 3, head(9))).toBe(true)
    expect(await memory.advance('nothing', 3, head(9))).toBe(false)
    expect(await memory.last('nothing')).toBeUndefined()
  })

  test('is that of one of fifty at once', async () => {
    const memory = memoryOf('d')
    for (const from of [0, 1]) {
      const heads = Array.from({ length: 50 }, () => head(from + 1))
      const all = await Promise.all(heads.map((each) => memory.advance('log', from, each)))
      expect(all.filter(Boolean)).toHaveLength(1)
      expect(plain(await memory.last('log'))).toEqual(heads[all.indexOf(true)])
    }
  })

  // Kills: an older view, which would let it sign beside what it signed.
  test('is read as it was last written', async () => {
    const line = await startFaults(store.endpoint, () => 'none')
    const client = dynamodb(line.endpoint)
    await dynamodbMemory(client, store.tables.signatures, 'e').last('log')
    expect(line.calls.map(({ body }) => body.ConsistentRead)).toEqual([true])
    client.destroy()
    await line.cut()
  })
})
