/** A gateway, a holder's own system, its bridge and an old system that asks, each a process, none with a port outside. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { dynamodbRegister } from '../../functions/adapters/register-dynamodb.ts'
import { localTableNames } from '../../functions/adapters/tables.ts'
import { answerSchema } from '../../functions/answer/reply/reply-schema.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { enrol } from '../../functions/demo/enrol.ts'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { itemOf, personOf } from '../answer/people.ts'
import {
  freePort,
  type Local,
  plainEnvironment,
  removeFolders,
  root,
  startLocal,
  temporaryFolder,
} from '../demo/process.ts'

const home = temporaryFolder()
const data = join(home, 'data')
const state = join(home, 'state')
const children: ChildProcess[] = []
let gateway: Local
let bridge: ChildProcess
let system: string
let said = ''

beforeAll(async () => {
  gateway = await startLocal({ data })
  await joinWithSystem()
  const records = join(home, 'records.json')
  const person = personOf('S-1', [itemOf('name'), itemOf('account')])
  writeFileSync(
    records,
    JSON.stringify([{ ...person, names: [{ given: 'Anton', family: 'Beispiel' }] }]),
  )
  const port = await freePort()
  system = `http://127.0.0.1:${port}/`
  await start(['test/partners/holder.mjs', records, String(port)])
  await startBridge()
}, 180_000)
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await removeFolders()
})

async function start(args: readonly string[]): Promise<ChildProcess> {
  const env = { ...plainEnvironment, PORT: String(gateway.port), COMITY_DATA: data }
  const child = spawn(process.execPath, args, { cwd: root, env })
  children.push(child)
  child.stderr.on('data', (chunk) => (said += chunk))
  await once(child.stdout, 'data')
  return child
}

async function startBridge(): Promise<void> {
  const args = ['bridge', '--as', 'DE-POL', '--answers', system, '--state', state]
  bridge = await start(['functions/comity.mjs', ...args])
}

/** Two registrars state that the holder has a system of its own, which fetches its questions. */
async function joinWithSystem(): Promise<void> {
  const { endpoint } = JSON.parse(readFileSync(join(data, 'store.json'), 'utf8'))
  const client = dynamodb(endpoint)
  const { register } = localTableNames()
  const agencies = dynamodbRegister(client, register, () => new Date(), demonstrationRegistrars)
  const holder = await agencies.agency('DE-POL')
  if (holder === undefined) throw new Error('no holder')
  await enrol(client, register, [{ ...holder, system: {} }], new Date())
  client.destroy()
  // The gateway believes what it read for a minute.
  await gateway.interrupt()
  gateway = await startLocal({ data, port: gateway.port })
}

const request = examples.find(({ file }) => file === 'release.json')?.request ?? {}
const ask = async (number: string) => {
  const body = { ...request, classes: ['identification'], caseReference: number }
  const call = { method: 'POST', path: '/v1/access-requests', body }
  return answerSchema.parse(await (await gateway.send('FR-SPOC', 'officer-7', call)).json())
}
const entryOf = (question: string): string =>
  JSON.parse(Buffer.from(question.split('.')[1] ?? '', 'base64url').toString()).entry
const values = ({ records }: Awaited<ReturnType<typeof ask>>) =>
  records.flatMap(({ items }) => items.map(({ value }) => value))

// Kills: a bridge that takes a question for another holder's or gateway's; one that leaves the digest out.
test('what the holder’s own system says leaves, and its bridge keeps what the gateway asked', async () => {
  const answers = await Promise.all(['S-1', 'S-2', 'S-3'].map(ask))
  expect(answers.map(values)).toEqual(Array(3).fill(['Anton Beispiel']))
  const ids = answers.map(({ id }) => id)
  const lines = readFileSync(join(state, 'questions.ndjson'), 'utf8').trim().split('\n')
  // A gateway asks for its examples when it starts; a bridge that starts within that second keeps that question too.
  const kept = lines
    .map((line): string => JSON.parse(line).question)
    .filter((question) => ids.includes(entryOf(question)))
  expect(kept.map(entryOf).toSorted()).toEqual(ids.toSorted())
  const digests = kept.map((question) => createHash('sha256').update(question).digest('base64url'))
  expect(new Set(digests).size).toBe(3)
}, 60_000)

// Kills: an error, or a wait without end, where the holder is away; a bridge that does not come back.
test('while its bridge is away the denial is open, and once it is back the same question is answered', async () => {
  const ended = once(bridge, 'exit')
  bridge.kill('SIGKILL')
  await ended
  const began = performance.now()
  const away = await ask('S-4')
  expect(performance.now() - began).toBeLessThan(20_000)
  expect(away).toMatchObject({ outcome: 'deny', standing: 'open', records: [] })
  expect(away.reasons.map(({ code }) => code)).toEqual(['holder-away'])
  await startBridge()
  expect(values(await ask('S-5'))).toEqual(['Anton Beispiel'])
}, 60_000)

test('and the bridge’s log names nobody', () => {
  expect(said).toContain('"event":"question"')
  expect(said).not.toMatch(/Anton|Beispiel|1979|officer/)
})
