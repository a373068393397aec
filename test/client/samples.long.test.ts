/** The samples for integrators, each run as it is shipped, in a folder that has nothing else of us. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installPackage } from '../cli/installed.ts'
import {
  freePort,
  type Local,
  plainEnvironment,
  removeFolders,
  root,
  startLocal,
  temporaryFolder,
} from '../demo/process.ts'

let folder: string
let gateway: Local
let bridge: ChildProcess | undefined
beforeAll(async () => {
  folder = installPackage().folder
  for (const file of readdirSync(join(folder, 'node_modules/comity/samples')))
    copyFileSync(join(folder, 'node_modules/comity/samples', file), join(folder, file))
  gateway = await startLocal({ data: join(temporaryFolder(), 'data') })
}, 120_000)
afterAll(async () => {
  bridge?.kill()
  await removeFolders()
})

/** Whether this machine has a program; if not, says what is therefore not tested. */
function has(...[command = '', ...args]: readonly string[]): boolean {
  const found = spawnSync(command, args).status === 0
  if (!found) console.warn(`SKIPPED: there is no \`${[command, ...args].join(' ')}\` here`)
  return found
}

const key = () => join(gateway.data, 'agencies/FR-SPOC.json')
const request = () => join(gateway.data, 'examples/release.json')
const who = () => [gateway.origin, 'FR-SPOC', 'officer-7', key()]

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const options = { cwd: folder, env: { ...plainEnvironment, ...env }, encoding: 'utf8' } as const
  const { status, stdout, stderr } = spawnSync(command, args, options)
  return { status, stdout, stderr, jti: /^jti (\S+)/m.exec(stderr)?.[1] ?? '' }
}

/** What the gateway itself says of a call. */
const answerOf = async (jti: string) => {
  const path = `/v1/access-requests?jti=${jti}`
  return (await (await gateway.send('FR-SPOC', 'officer-7', { path })).json()) as { id: string }
}

test.skipIf(!has('openssl', 'version') || !has('curl', '--version'))(
  'A shell asks with curl and openssl, and again gets the same answer',
  async () => {
    const first = run('bash', ['ask.sh', ...who(), request()])
    expect([first.status, first.stderr]).toEqual([0, `jti ${first.jti}\n`])
    const { id, outcome, records } = JSON.parse(first.stdout)
    expect([outcome, records.length]).toEqual(['release', 1])
    expect(await answerOf(first.jti)).toMatchObject({ id })
    const again = run('bash', ['ask.sh', ...who(), request()], { JTI: first.jti })
    expect(JSON.parse(again.stdout)).toMatchObject({ id, outcome })
    // Each signature is another: r or s begins with zeros in one of 128.
    for (let i = 0; i < 10; i++)
      expect(run('bash', ['ask.sh', ...who(), request()], { JTI: first.jti }).status).toBe(0)
  },
)

test.skipIf(!has('python3', '-c', 'import cryptography'))(
  'Python asks, and again gets the same answer; a fault is said as the gateway says it',
  async () => {
    const first = run('python3', ['ask.py', ...who(), request()])
    expect([first.status, first.stderr]).toEqual([0, `jti ${first.jti}\n`])
    const { id, outcome } = JSON.parse(first.stdout)
    expect(outcome).toBe('release')
    expect(await answerOf(first.jti)).toMatchObject({ id })
    const again = run('python3', ['ask.py', ...who(), request(), first.jti])
    expect(JSON.parse(again.stdout)).toMatchObject({ id, outcome })
    writeFileSync(join(folder, 'faulty.json'), '{}')
    const faulty = run('python3', ['ask.py', ...who(), 'faulty.json'])
    expect([faulty.status, faulty.stderr.includes('"code":"invalid-request"')]).toEqual([1, true])
  },
)

test('TypeScript asks by the generated types, and again gets the same answer', async () => {
  const first = run(process.execPath, ['ask.ts', ...who(), request()])
  expect([first.status, first.stderr]).toEqual([0, `jti ${first.jti}\n`])
  const [headline, ...lines] = first.stdout.trim().split('\n')
  const { id } = await answerOf(first.jti)
  expect(headline).toBe(`release  ${id}`)
  expect(lines).toContain('nc:PersonFullName "Anton Beispiel"')
  const again = run(process.execPath, ['ask.ts', ...who(), request(), first.jti])
  expect(again.stdout).toBe(first.stdout)
})

/** Compiles a program against the types of the installed package; gives what the compiler says. */
function compiled(name: string, program: string): string {
  writeFileSync(join(folder, name), program)
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024']
  const node = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')]
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  return run(process.execPath, [tsc, ...flags, ...node, name]).stdout
}

// Kills: types that are all `unknown` or `any`, by which everything compiles.
test('The generated types accept the sample, and refuse what the gateway would', () => {
  const sample = readFileSync(join(folder, 'ask.ts'), 'utf8')
  expect(compiled('sample.ts', sample)).toBe('')
  const wrong = [
    ['an operation', "'POST /v1/access-requests'", "'POST /v1/access-request'"],
    ['a field of the answer', 'id, outcome, standing', 'id, outcomes, standing'],
    ['a status', 'answer.status === 201', 'answer.status === 204'],
    [
      'a body',
      "call('POST /v1/access-requests', { body }",
      "call('POST /v1/access-requests', { body: { ...body, stage: 'none' } }",
    ],
    ['a body that is missing', '{ body }, jti', '{}, jti'],
  ] as const
  for (const [what, right, other] of wrong) {
    expect(sample).toContain(right)
    expect([what, compiled('wrong.ts', sample.replaceAll(right, other))]).toEqual([
      what,
      expect.stringMatching(/^wrong\.ts.*error TS/),
    ])
  }
})

test.skipIf(!has('javac', '-version'))(
  'Java 8 asks through the bridge, and again gets the same answer',
  async () => {
    const port = await freePort()
    const address = `127.0.0.1:${port}`
    const at = [
      '--as',
      'FR-SPOC',
      '--officer',
      'officer-7',
      '--key',
      key(),
      '--url',
      gateway.origin,
    ]
    mkdirSync(join(folder, 'state'))
    bridge = spawn(
      join(folder, 'node_modules/.bin/comity'),
      ['bridge', ...at, '--listen', address, '--state', 'state'],
      { cwd: folder, env: plainEnvironment },
    )
    await once(bridge.stdout ?? bridge, 'data')
    // What is not in Java 8 does not compile.
    expect(run('javac', ['-Xlint:-options', '--release', '8', 'Ask.java'])).toMatchObject({
      status: 0,
      stderr: '',
    })
    const ask = (number: string) =>
      run('java', ['Ask', `http://${address}`, 'officer-7', number, request()])
    const first = ask('4711')
    expect([first.status, first.stderr]).toEqual([0, ''])
    const { id, outcome } = JSON.parse(first.stdout)
    expect(outcome).toBe('release')
    expect(JSON.parse(ask('4711').stdout).id).toBe(id)
    expect(JSON.parse(ask('4712').stdout).id).not.toBe(id)
  },
)

test('No sample is longer than 60 lines', () => {
  const lines = readdirSync(join(root, 'test/samples')).map(
    (file) => readFileSync(join(root, 'test/samples', file), 'utf8').split('\n').length,
  )
  expect(Math.max(...lines)).toBeLessThanOrEqual(60)
})
