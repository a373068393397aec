/**
 * The embedded store of a machine that loses power: a write is on disk before it is answered, as the system's calls show.
 * Left out, loudly, where they cannot be traced.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'comity-power-'))
afterAll(() => rmSync(folder, { recursive: true }))

const isThere = spawnSync('strace', ['-f', 'true'], { stdio: 'ignore' }).status === 0
if (!isThere) console.warn('SKIPPED: power loss, since strace can’t trace here')

const [writes, traced] = [10, join(folder, 'calls')]
/** Puts, changes and removes items as the gateway does, and says so once each is answered. */
const program = `
  import { writeSync } from 'node:fs'
  import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
  import { createTables } from './functions/adapters/create-tables.ts'
  import { dynamodb } from './functions/adapters/dynamodb.ts'
  import { localTableNames } from './functions/adapters/tables.ts'
  import { openEmbedded } from './functions/demo/embedded.ts'
  const store = await openEmbedded(process.argv[1], true)
  const client = dynamodb(store.endpoint)
  const { decisions, keys } = localTableNames()
  await createTables(client, localTableNames())
  await store.settle()
  writeSync(1, 'settled\\n')
  for (let i = 0; i < ${writes}; i += 1) {
    const pk = { pk: { S: 'D#' + i } }
    const Item = { ...pk, ts: { S: '2026-11-28T00:00:00.000Z' }, logShard: { S: 'log#0' } }
    await client.send(new PutItemCommand({ TableName: decisions, Item }))
    writeSync(1, 'answered\\n')
    const Key = { pk: { S: 'K#' + i }, sk: { S: 'key' } }
    const UpdateExpression = 'SET att = :w'
    const ExpressionAttributeValues = { ':w': { S: 'w' } }
    const to = { TableName: keys, Key }
    await client.send(new UpdateItemCommand({ ...to, UpdateExpression, ExpressionAttributeValues }))
    writeSync(1, 'answered\\n')
    await client.send(new DeleteItemCommand(to))
    writeSync(1, 'answered\\n')
  }
  process.exit(0)
`

// Kills: a put, a change or a removal that is answered while only the system's memory has it; a first filling that is
// taken to be there, and is not.
test.skipIf(!isThere)('has every answered write on disk', { timeout: 60_000 }, () => {
  const calls = ['-f', '-y', '-s', '16', '-e', 'trace=write,writev,pwrite64,fdatasync,fsync']
  const node = [process.execPath, '--input-type=module', '-e', program, join(folder, 'store')]
  const { status, stderr } = spawnSync('strace', [...calls, '-o', traced, ...node], {
    ...{ cwd: root, encoding: 'utf8' },
  })
  expect([status, stderr]).toEqual([0, ''])
  let [isOnDisk, answered, written, pending, tables] = [true, 0, 0, 0, 0]
  for (const call of readFileSync(traced, 'utf8').split('\n')) {
    const isOfStore = /<[^>]*\/store\/\d+\.log>/.test(call)
    if (isOfStore && /\bp?write(v|64)?\(/.test(call)) {
      isOnDisk = false
      written += 1
    } else if (isOfStore && /\bf(data)?sync\(.*= 0$/.test(call)) isOnDisk = true
    else if (isOfStore && /\bf(data)?sync\(.*unfinished/.test(call)) pending += 1
    else if (/f(data)?sync resumed.*= 0$/.test(call) && pending > 0) {
      pending -= 1
      isOnDisk = true
    } else if (/\bf(data)?sync\(.*\/store\/\d+\.ldb>/.test(call)) tables += 1
    else if (call.includes('"settled')) {
      expect(tables).toBeGreaterThan(0)
      isOnDisk = true
    } else if (call.includes('"answered')) {
      answered += 1
      expect(isOnDisk, `answer ${answered}`).toBe(true)
    }
  }
  expect(answered).toBe(3 * writes)
  expect(written).toBeGreaterThanOrEqual(answered)
})
