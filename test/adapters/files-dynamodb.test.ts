/** Contents of files in the store: whole or not at all, whatever write fails. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { dynamodbFiles } from '../../functions/adapters/files-dynamodb.ts'
import { type Store, startDynalite } from '../dynalite.ts'

let store: Store
beforeAll(async () => {
  store = await startDynalite()
})
afterAll(() => store.close())

const content = Buffer.from(Array.from({ length: 800_000 }, (_, i) => (i * 7919) % 251))
const key = { kid: 'kid-1', kek: new Uint8Array(32).fill(7) }
const place = (digest: string) => ({ holder: 'DE-POL', record: 'R-1', digest })

/** A client of which only so many writes reach the store. */
const failingAfter = (writes: number) => {
  let left = writes
  const send = (command: { constructor: { name: string } }) => {
    if (command.constructor.name === 'PutItemCommand' && left-- <= 0)
      return Promise.reject(new Error('the store is away'))
    return store.client.send(command as Parameters<Store['client']['send']>[0])
  }
  return dynamodbFiles(
    { ...store.client, send } as unknown as Store['client'],
    store.tables.records,
  )
}

const at = '2026-11-28T09:00:00.000Z'

// Kills: a content that is read in part after a crash, or that no removal finds.
test('A crash after any write leaves nothing that is read, and the next call completes it', async () => {
  const files = dynamodbFiles(store.client, store.tables.records)
  for (const writes of [0, 1, 2, 3, 4]) {
    const of = place(`digest-${writes}`)
    const put = failingAfter(writes).put(of, content, async () => key, at)
    await expect(put).rejects.toThrow('the store is away')
    expect([await files.has(of), await files.get(of)]).toEqual([false, undefined])
    await files.put(of, content, async () => ({ ...key, kid: 'kid-2' }), at)
    const found = await files.get(of)
    expect(found?.kid).toBe('kid-2')
    expect(found && Buffer.from(found.open(key.kek)).equals(content)).toBe(true)
    for (const kid of ['kid-1', 'kid-2']) await files.remove(of, kid)
    expect(await files.get(of)).toBeUndefined()
  }
  expect(await files.list('DE-POL', 'R-1')).toEqual([])
})

// Kills: an attempt that is removed and whose key stays, so that a copy of its rows opens for ever.
test('Of two attempts at once one stands, and the other is listed beside it, to go with it', async () => {
  const files = dynamodbFiles(store.client, store.tables.records)
  const of = place('digest-both')
  const kids = ['kid-a', 'kid-b']
  await Promise.all(kids.map((kid) => files.put(of, content, async () => ({ ...key, kid }), at)))
  const listed = await files.list('DE-POL', 'R-1')
  expect(listed.map(({ kid }) => kid).sort()).toEqual(kids)
  const found = await files.get(of)
  expect(kids).toContain(found?.kid)
  expect(found && Buffer.from(found.open(key.kek)).equals(content)).toBe(true)
  // What was copied to another record opens nothing.
  expect(() => found?.open(new Uint8Array(32))).toThrow(/decrypt/)
  for (const kid of kids) await files.remove(of, kid)
  expect([await files.list('DE-POL', 'R-1'), await files.has(of)]).toEqual([[], false])
})

// Kills: a removal by digest alone, which takes what a later attempt brought.
test('What a crash left is removed without what came again under another key', async () => {
  const files = dynamodbFiles(store.client, store.tables.records)
  const of = { ...place('digest-again'), record: 'R-2' }
  await expect(failingAfter(2).put(of, content, async () => key, at)).rejects.toThrow('away')
  await files.put(of, content, async () => ({ ...key, kid: 'kid-2' }), at)
  await files.remove(of, 'kid-1')
  const found = await files.get(of)
  expect(found && Buffer.from(found.open(key.kek)).equals(content)).toBe(true)
  expect((await files.list('DE-POL', 'R-2')).map(({ kid }) => kid)).toEqual(['kid-2'])
})

// Kills: a content that goes though it came again; one that is taken for there while it goes.
test('Of a content that goes and one that comes again, either stays or is brought anew', async () => {
  const files = dynamodbFiles(store.client, store.tables.records)
  const later = '2026-11-28T10:30:00.000Z'
  const kept = { ...place('digest-kept'), record: 'R-3' }
  await files.put(kept, content, async () => key, at)
  await files.put(kept, content, async () => ({ ...key, kid: 'kid-2' }), later)
  expect(await files.take(kept, 'kid-1', at)).toBe(false)
  expect(await files.take(kept, 'kid-1', undefined)).toBe(false)

  const going = { ...place('digest-going'), record: 'R-4' }
  await files.put(going, content, async () => key, at)
  for (let twice = 0; twice < 2; twice++) expect(await files.take(going, 'kid-1', at)).toBe(true)
  await files.put(going, content, async () => ({ ...key, kid: 'kid-2' }), later)
  await files.remove(going, 'kid-1')
  const found = await files.get(going)
  expect(found?.kid).toBe('kid-2')
  expect(found && Buffer.from(found.open(key.kek)).equals(content)).toBe(true)
})
