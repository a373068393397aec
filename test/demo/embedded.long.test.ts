/** What was removed from the store of one machine is in none of its files, whatever else goes on. */

import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ScanCommand } from '@aws-sdk/client-dynamodb'
import internals, { type Level } from 'dynalite/db/index.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTables } from '../../functions/adapters/create-tables.ts'
import { dynamodb, getAll, putAll, rowsIn } from '../../functions/adapters/dynamodb.ts'
import { dynamodbSubjectKeys } from '../../functions/adapters/subject-keys-dynamodb.ts'
import { localTableNames } from '../../functions/adapters/tables.ts'
import { type Embedded, openEmbedded } from '../../functions/demo/embedded.ts'
import { removeFolders, temporaryFolder } from './process.ts'
import { filesWith, rowOfKey } from './recover.ts'

const folder = join(temporaryFolder(), 'dynamodb')
const { keys: table } = localTableNames()
const wrapKey = randomBytes(32)
const moment = '2026-11-25T09:00:00.000Z'

let store: Embedded
let client: ReturnType<typeof dynamodb>
/** The database beneath. */
let level: Level
const { create } = internals
internals.create = (options) => {
  const made = create(options)
  level = made.db
  return made
}
const open = async () => {
  store = await openEmbedded(folder)
  client = dynamodb(store.endpoint)
}
beforeAll(async () => {
  await open()
  await createTables(client, localTableNames())
})
afterAll(async () => {
  client.destroy()
  await store.close()
  await removeFolders()
})

const subjectKeys = () => dynamodbSubjectKeys(client, table, () => wrapKey)
/** A fresh subject’s key, and all by which a thief could know it. */
async function freshKey() {
  const pseudonym = randomBytes(16).toString('base64url')
  const { kid, kek } = await subjectKeys().keyFor('DE', pseudonym, moment)
  const row = await rowOfKey(client, table, 'DE', pseudonym)
  return { kid, secrets: [kek, row] }
}
const query = (pk: string) => rowsIn(client, table).all(pk)

describe('The store', () => {
  /** The status of a call that reads a table, as a page or a program of this machine can send it. */
  const read = (headers: Readonly<Record<string, string>>, method = 'POST', path = '/') =>
    new Promise<{ readonly status: number | undefined; readonly allowed: unknown }>(
      (resolve, reject) => {
        const { hostname, port } = new URL(store.endpoint)
        const call = request({ hostname, port, method, path, headers: { ...asSdk, ...headers } })
        call.on('response', (response) => {
          response.resume()
          const allowed = response.headers['access-control-allow-origin']
          resolve({ status: response.statusCode, allowed })
        })
        call.on('error', reject)
        call.end(method === 'POST' ? JSON.stringify({ TableName: table }) : undefined)
      },
    )
  const asSdk = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'DynamoDB_20120810.Scan',
    'x-amz-date': '20261125T090000Z',
  }
  const signed = (key: string) =>
    `AWS4-HMAC-SHA256 Credential=${key}/20261125/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0`
  const refused = { status: 403, allowed: undefined }

  // Kills: a store that any page opens, be it by another origin or by a name that was bound to this address anew.
  test('answers only who knows the secret of this start, and no page', async () => {
    const { username: secret, host } = new URL(store.endpoint)
    const own = { authorization: signed(secret) }
    expect(await read(own)).toEqual({ status: 200, allowed: undefined })
    expect(await read({ ...own, origin: 'https://page.example' })).toEqual(refused)
    expect(await read({ ...own, origin: `http://${host}` })).toEqual(refused)
    expect(await read({ ...own, host: `page.example:${host.split(':')[1]}` })).toEqual(refused)
    expect(await read({ ...own, host: 'localhost' })).toEqual(refused)
    expect(await read({ authorization: signed('local') })).toEqual(refused)
    expect(await read({})).toEqual(refused)
    expect(await read({ origin: 'https://page.example' }, 'OPTIONS')).toEqual(refused)
    expect(await read({}, 'GET')).toEqual(refused)
    const query = `/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${secret}/20261125/local/dynamodb/aws4_request&X-Amz-Signature=0&X-Amz-SignedHeaders=host&X-Amz-Date=20261125T090000Z`
    expect(await read({}, 'POST', query)).toEqual(refused)
  })

  test('has another secret at each start', async () => {
    const { username } = new URL(store.endpoint)
    expect(username).toHaveLength(43)
    client.destroy()
    await store.close()
    await open()
    expect(new URL(store.endpoint).username).toHaveLength(43)
    expect(new URL(store.endpoint).username).not.toBe(username)
  })
})

describe('The files of the store', () => {
  const bytes = () =>
    readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)

  // Kills: iterators that nobody closes, so that LevelDB keeps every file that there was when each was made.
  test('grow with what is kept, and not with what is asked, replaced and removed', async () => {
    const blob = () => ({ S: randomBytes(3000).toString('base64') })
    const itemAt = (i: number) => ({ pk: { S: 'G' }, sk: { S: String(i) }, blob: blob() })
    const put = () =>
      putAll(
        client,
        table,
        Array.from({ length: 100 }, (_, i) => itemAt(i)),
      )
    const ask = async () => {
      await query('G')
      await getAll(
        client,
        table,
        Array.from({ length: 100 }, (_, i) => ({ pk: { S: 'G' }, sk: { S: String(i) } })),
      )
      await client.send(new ScanCommand({ TableName: table, Limit: 20 }))
    }
    await put()
    await store.purge()
    const before = bytes()
    for (let round = 0; round < 12; round++) {
      await Promise.all([ask(), put()])
      if (round % 4 === 3) await store.purge()
    }
    // It was written over twelve times.
    expect(bytes() - before).toBeLessThan(200_000)
  })
})

describe('A key that was destroyed', () => {
  // Kills: no compaction; one alone, which leaves what is fresh in LevelDB’s lowest level.
  test('is in no file once the store was purged, be it the first there is', async () => {
    const { kid, secrets } = await freshKey()
    expect(filesWith(folder, secrets)).not.toEqual([])
    await subjectKeys().shred(kid)
    // The danger is there: what was replaced is still written.
    expect(filesWith(folder, secrets)).not.toEqual([])
    await store.purge()
    expect(filesWith(folder, secrets)).toEqual([])
  })

  // Kills: the same for what is beside other data, or was compacted while it counted.
  test('is in no file, where there is much beside it and it lies deeper', async () => {
    const keys = [await freshKey()]
    for (let i = 0; i < 300; i++) {
      const blob = { S: randomBytes(6000).toString('base64') }
      const Item = { pk: { S: `B#${i}` }, sk: { S: 'blob' }, blob }
      await rowsIn(client, table).put(Item)
      if (i % 100 === 0) keys.push(await freshKey())
    }
    await store.purge()
    for (const { kid } of keys) await subjectKeys().shred(kid)
    const secrets = keys.flatMap((each) => each.secrets)
    expect(filesWith(folder, secrets)).not.toEqual([])
    await store.purge()
    expect(filesWith(folder, secrets)).toEqual([])
    const Key = { pk: { S: 'B#7' }, sk: { S: 'blob' } }
    expect((await rowsIn(client, table).get(Key))?.blob?.S).toHaveLength(8000)
  })

  // Kills: iterators that stay open, with every file that there was; a purge that does not wait for them.
  test('is in no file, though others read all the while, from before on', async () => {
    let isOver = false
    const readers = Array.from({ length: 12 }, async () => {
      while (!isOver) await client.send(new ScanCommand({ TableName: table }))
    })
    try {
      const { kid, secrets } = await freshKey()
      await subjectKeys().shred(kid)
      await store.purge()
      expect(filesWith(folder, secrets)).toEqual([])
    } finally {
      isOver = true
      await Promise.all(readers)
    }
  })

  // Kills: a purge that leaves the files which were being read while it rewrote them.
  test('is in no file, though one who began to read during the purge reads on after it', async () => {
    const { kid, secrets } = await freshKey()
    await subjectKeys().shred(kid)
    const purged = store.purge()
    await pause(1)
    const reading = level.values()
    await reading.next()
    let isClosed = false
    void pause(400).then(async () => {
      isClosed = true
      await reading.return?.()
    })
    await purged
    expect(filesWith(folder, secrets)).toEqual([])
    expect(isClosed).toBe(true)
  })

  // Kills: a purge for which a reader is gone whose last read is still under way, as on a busy machine.
  test('is in no file, though one who gave up reading takes a while to end', async () => {
    const { kid, secrets } = await freshKey()
    const reading = level.values()
    await reading.next()
    const close = reading.close.bind(reading)
    reading.close = () => pause(400).then(close)
    await subjectKeys().shred(kid)
    const over = reading.return?.()
    await store.purge()
    expect(filesWith(folder, secrets)).toEqual([])
    await over
  })

  // Kills: a purge that waits for what nobody reads any more.
  test('takes no longer to be gone for all that was read before', async () => {
    for (let i = 0; i < 200; i++) await query(`B#${i}`)
    const start = performance.now()
    await store.purge()
    expect(performance.now() - start).toBeLessThan(20_000)
  })

  // Kills: a purge at once with another, that answers for what came after it began.
  test('is in no file for each of many that are destroyed at once', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, freshKey))
    await Promise.all(
      keys.map(async ({ kid, secrets }) => {
        await subjectKeys().shred(kid)
        await store.purge()
        expect(filesWith(folder, secrets)).toEqual([])
      }),
    )
  })

  test('is in no file once the store is opened anew and purged, where the process died before', async () => {
    const { kid, secrets } = await freshKey()
    await subjectKeys().shred(kid)
    await store.close()
    await open()
    expect(filesWith(folder, secrets)).not.toEqual([])
    await store.purge()
    expect(filesWith(folder, secrets)).toEqual([])
    expect(readdirSync(folder).some((file) => readFileSync(join(folder, file)).length > 0)).toBe(
      true,
    )
  })
})
