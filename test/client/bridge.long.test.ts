/** Gateway, `comity bridge` and an old system that cannot sign, as three processes, two of which are killed. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dynamodb, rowsIn } from '../../functions/adapters/dynamodb.ts'
import { localTableNames } from '../../functions/adapters/tables.ts'
import { examples } from '../../functions/demo/demonstration.ts'
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
const folder = join(home, 'folder')
let gateway: Local
let port: number
let bridge: ChildProcess
let said = ''

beforeAll(async () => {
  gateway = await startLocal({ data })
  port = await freePort()
  await startBridge()
}, 180_000)
afterAll(async () => {
  bridge.kill('SIGKILL')
  await removeFolders()
})

const command = ['functions/comity.mjs', 'bridge', '--as', 'FR-SPOC']
const run = (args: readonly string[]) =>
  spawn(process.execPath, [...command, ...args], {
    cwd: root,
    env: { ...plainEnvironment, PORT: String(gateway.port), COMITY_DATA: data },
  })

async function startBridge(): Promise<void> {
  bridge = run(['--listen', `127.0.0.1:${port}`, '--folder', folder])
  bridge.stderr?.on('data', (chunk) => (said += chunk))
  await once(bridge.stdout ?? bridge, 'data')
}

async function killBridge(): Promise<void> {
  const ended = once(bridge, 'exit')
  bridge.kill('SIGKILL')
  await ended
  await startBridge()
}

/** The decisions that the gateway's store has, by the keys of their entries. */
async function decisions(): Promise<ReadonlySet<string>> {
  const { endpoint } = JSON.parse(readFileSync(join(data, 'store.json'), 'utf8'))
  const client = dynamodb(endpoint)
  const all: string[] = []
  for await (const items of rowsIn(client, localTableNames().decisions).scan())
    for (const { pk, leaf } of items)
      if (Buffer.from(leaf?.B ?? []).includes('"t":"decision"')) all.push(String(pk?.S))
  client.destroy()
  return new Set(all)
}

// Kills: a bridge that keeps an id after it sent it; one that gives up while the gateway is away.
test('200 asked, 200 answered, 200 entries, none twice, though the gateway is killed thrice and the bridge once', async () => {
  const before = await decisions()
  const old = spawn(
    process.execPath,
    ['test/partners/old-system.mjs', `http://127.0.0.1:${port}`, '200'],
    {
      cwd: root,
      env: plainEnvironment,
    },
  )
  const ended = text(old.stdout)
  let answered = 0
  old.stdout.on('data', (chunk: Buffer) => {
    answered += chunk.toString().split('\n').length - 1
  })
  const reaches = (count: number) =>
    vi.waitFor(() => expect(answered).toBeGreaterThanOrEqual(count), {
      timeout: 120_000,
      interval: 5,
    })
  for (const [kill, count] of [30, 70, 110].entries()) {
    await reaches(count)
    await gateway.kill()
    if (kill === 1) await killBridge()
    gateway = await startLocal({ data, port: gateway.port })
  }
  const answers = (await ended)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(answers.filter(({ status }) => status !== 200 && status !== 201)).toEqual([])
  const ids = answers.map(({ body }) => JSON.parse(body).id)
  expect(new Set(answers.map(({ number }) => number)).size).toBe(200)
  expect(new Set(ids).size).toBe(200)
  const made = [...(await decisions())].filter((pk) => !before.has(pk))
  // A gateway that starts plays its examples; else there is nothing that was not answered.
  expect(made.length - 3 * examples.length).toBe(200)
  expect(ids.filter((id) => !made.some((pk) => pk.includes(id)))).toEqual([])
  // Were nothing under way at the kills, they would show nothing.
  expect(said).toContain('"event":"waiting"')
  expect(said.replaceAll(/"jti":"[^"]+"/g, '')).not.toMatch(/Anton|Q-\d|OLD-/)
}, 300_000)

// Kills: a question that is removed before its answer comes; one that gets a fresh id after a kill.
test('Questions in files are each answered once, though bridge and gateway are killed meanwhile', async () => {
  const before = await decisions()
  const request = JSON.parse(readFileSync(join(data, 'examples/release.json'), 'utf8'))
  for (let i = 0; i < 20; i++) {
    const part = join(folder, `${i}.part`)
    writeFileSync(part, JSON.stringify({ ...request, caseReference: `FILE-${i}` }))
    renameSync(part, join(folder, 'in', `${i}.json`))
  }
  const out = () => readdirSync(join(folder, 'out'))
  await vi.waitFor(() => expect(out().length).toBeGreaterThan(0), { timeout: 60_000, interval: 5 })
  await gateway.kill()
  await killBridge()
  gateway = await startLocal({ data, port: gateway.port })
  await vi.waitFor(() => expect(out()).toHaveLength(20), { timeout: 120_000, interval: 50 })
  const answers = out().map((file) => JSON.parse(readFileSync(join(folder, 'out', file), 'utf8')))
  expect(answers.filter(({ outcome }) => outcome === undefined)).toEqual([])
  const made = [...(await decisions())].filter((pk) => !before.has(pk))
  expect(made.length - examples.length).toBe(20)
  expect(readdirSync(join(folder, 'in'))).toEqual([])
}, 300_000)

// Kills: two processes that each give a question an id of their own; a lock that outlives who held it.
test('A second bridge on the same state says who has it, and ends; a killed one does not hold it', async () => {
  const second = run(['--listen', `127.0.0.1:${await freePort()}`])
  const [words, [code]] = await Promise.all([text(second.stderr), once(second, 'close')])
  expect(words).toContain(`another bridge (process ${bridge.pid}) uses \``)
  expect(code).toBe(2)
  await killBridge()
})

test('With --json, a bridge prints a line of JSON for whatever happens', async () => {
  const [own, state] = [await freePort(), join(home, 'other')]
  const child = run(['--listen', `127.0.0.1:${own}`, '--state', state, '--json'])
  let lines = ''
  child.stdout.on('data', (chunk) => (lines += chunk))
  await once(child.stdout, 'data')
  await fetch(`http://127.0.0.1:${own}/v1/events`)
  child.kill()
  await once(child, 'close')
  const events = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).event)
  expect([events[0], events.at(-1)]).toEqual(['serving', 'answered'])
})

test('A key that others can read is not used', async () => {
  const key = join(data, 'agencies/FR-SPOC.json')
  chmodSync(key, 0o640)
  for (const args of [
    [...command, '--state', join(home, 'third')],
    ['functions/comity.mjs', 'inbox', '--as', 'FR-SPOC'],
  ]) {
    const env = { ...plainEnvironment, PORT: String(gateway.port), COMITY_DATA: data }
    const child = spawn(process.execPath, args, { cwd: root, env })
    const [words, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
    expect(words).toMatch(/^others can read the key: chmod 600 `.*FR-SPOC\.json`\n$/)
    expect(code).toBe(2)
  }
  chmodSync(key, 0o600)
})
