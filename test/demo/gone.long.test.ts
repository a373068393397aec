/** Whoever takes every file of the data folder, the master key among them, reads nothing that was erased. */

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, expect, test } from 'vitest'
import { dynamodb, rowsIn } from '../../functions/adapters/dynamodb.ts'
import { fileWrapper } from '../../functions/adapters/key-files.ts'
import { openSecrets } from '../../functions/adapters/secrets.ts'
import { dynamodbSubjectKeys } from '../../functions/adapters/subject-keys-dynamodb.ts'
import { localTableNames } from '../../functions/adapters/tables.ts'
import { openEmbedded } from '../../functions/demo/embedded.ts'
import { itemOf, personOf } from '../answer/people.ts'
import { everything } from '../dynalite.ts'
import { picture } from '../picture/pictures.ts'
import { plainEnvironment, removeFolders, root, startLocal, temporaryFolder } from './process.ts'
import { asItStands, filesWith, recover, rowOfKey } from './recover.ts'

afterAll(removeFolders)

/** Runs `comity` as somebody does who stands in the folder with `.comity`. */
async function comity(folder: string, port: number, ...args: readonly string[]) {
  const child = spawn(process.execPath, [join(root, 'functions/comity.mjs'), ...args], {
    cwd: folder,
    env: { ...plainEnvironment, PORT: String(port), COMITY_DATA: '.comity' },
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { stdout, stderr, code: Number(code) }
}

// Kills: a store that keeps destroyed keys in its files; one that is rewritten after it was answered, or
// only when it starts, or never then; a copy of a key anywhere else in the folder.
test('once `comity subject erase` has returned, no file of the folder opens an erased entry', async () => {
  const folder = temporaryFolder()
  const data = join(folder, '.comity')
  const gateway = await startLocal({ data })
  writeFileSync(join(folder, 'order.txt'), 'The order, as it was served.')
  const copyOf = (name: string) => {
    const copy = join(folder, name)
    // As a disk is that is taken out: files of several moments would not open. Windows cannot stop a process.
    const isStopped = process.platform !== 'win32' && process.kill(gateway.pid, 'SIGSTOP')
    asItStands(() => {
      rmSync(copy, { recursive: true, force: true })
      cpSync(data, copy, { recursive: true })
    })
    if (isStopped) process.kill(gateway.pid, 'SIGCONT')
    return copy
  }

  const before = copyOf('before')
  const who = ['--as', 'DE-POL', '--officer', 'officer-1', '--ground', 'The person asked for it.']
  const second = ['--approver', 'DE-DPO', '--approving-officer', 'officer-2']
  const order = ['--ordered-by', 'court', '--order-reference', 'VG Wiesbaden 6 K 34/26']
  const erased = await comity(
    ...[folder, gateway.port, 'subject', 'erase', '--subject', '.comity/examples/release.json'],
    ...[...who, ...second, ...order, '--order-document', 'order.txt'],
  )
  // While it runs still: what it has promised is done.
  const after = copyOf('after')
  expect(erased.stderr).toBe('')
  expect(erased.stdout).toContain('\n- The keys are in no file of the gateway’s store any more')
  expect(erased.code).toBe(0)
  const [, entries = '0'] = /It is about (\d+) entries/.exec(erased.stdout) ?? []

  const [had, has] = [await recover(before), await recover(after)]
  const gone = [...had.byGateway].filter((eid) => !has.byGateway.has(eid))
  // One of them is the command's own look for whom it is about.
  expect(gone).toHaveLength(Number(entries) - 1)
  expect(gone.length).toBeGreaterThanOrEqual(2)
  // The thief finds keys in files: those of before, and of whoever was not erased. Some he misses, since the store
  // compresses what it writes and cuts it into blocks.
  for (const { byThief, byGateway } of [had, has])
    expect(byThief.size).toBeGreaterThan(byGateway.size / 3)
  for (const eid of gone) expect(has.byThief).not.toContain(eid)

  // What a record said that is erased is in no file either.
  const value = randomBytes(32).toString('hex')
  const { id, ...body } = personOf('R-1', [itemOf('report', { value })])
  const path = `/v1/records/${id}`
  const put = await gateway.send('DE-POL', 'officer-1', { method: 'PUT', path, body })
  expect(put.status).toBe(201)
  expect(filesWith(join(data, 'dynamodb'), [Buffer.from(value)])).not.toEqual([])
  expect((await gateway.send('DE-POL', 'officer-1', { method: 'DELETE', path })).status).toBe(201)
  expect(filesWith(data, [Buffer.from(value)])).toEqual([])

  // Nor is a photograph that was replaced or erased, nor its key: the master key is in the folder.
  const face = { element: 'nc:PersonDigitalImage', class: 'identification' } as const
  const { id: _, ...announced } = personOf('R-2', [
    itemOf('name', { id: 'face', ...face, value: { type: 'image/jpeg' } }),
  ])
  const of = '/v1/records/R-2'
  const call = (method: string, body?: object) =>
    gateway.send('DE-POL', 'officer-1', { method, path: of, ...(body && { body }) })
  expect((await call('PUT', announced)).status).toBe(201)
  const send = async (name: 'baseline' | 'grey') => {
    const path = `${of}/files/face`
    const sent = { method: 'PUT', path, body: picture(name) }
    expect((await gateway.send('DE-POL', 'officer-1', sent)).status).toBe(201)
    return wrappedOfFiles(data)
  }
  const first = await send('baseline')
  expect(filesWith(data, first)).not.toEqual([])
  const anew = await send('grey')
  expect(filesWith(data, first)).toEqual([])
  expect(filesWith(data, anew)).not.toEqual([])
  expect((await call('DELETE')).status).toBe(201)
  expect(filesWith(data, anew)).toEqual([])
  await gateway.interrupt()

  // What a gateway destroyed that died before it had rewritten its files goes when the next one starts.
  const secrets = await destroyOne(data)
  expect(filesWith(data, secrets)).not.toEqual([])
  const next = await startLocal({ data })
  // It is ready before its files are rewritten.
  await expect.poll(() => filesWith(data, secrets)).toEqual([])
  await next.interrupt()
}, 180_000)

/** The keys of files that a running gateway has, each as it is kept. */
async function wrappedOfFiles(data: string): Promise<readonly Uint8Array[]> {
  const { endpoint } = JSON.parse(readFileSync(join(data, 'store.json'), 'utf8'))
  const client = dynamodb(endpoint)
  const items = await everything(rowsIn(client, localTableNames().keys))
  client.destroy()
  return items.flatMap(({ pk, wrapped }) =>
    pk?.S?.startsWith('K#DE#files.') && wrapped?.B ? [wrapped.B] : [],
  )
}

/** Destroys the key of somebody in a folder as a gateway does that dies then; gives the key as it was. */
async function destroyOne(data: string): Promise<readonly Uint8Array[]> {
  const store = await openEmbedded(join(data, 'dynamodb'))
  const client = dynamodb(store.endpoint)
  const { keys: table } = localTableNames()
  const { wrapKey } = await openSecrets(client, table, fileWrapper(join(data, 'master.key')))
  const subjectKeys = dynamodbSubjectKeys(client, table, wrapKey)
  const { kid, kek } = await subjectKeys.keyFor('FR', 'nobody', '2026-11-25T09:00:00.000Z')
  const wrapped = await rowOfKey(client, table, 'FR', 'nobody')
  await subjectKeys.shred(kid)
  client.destroy()
  await store.close()
  return [kek, wrapped]
}
