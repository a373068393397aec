/** Every command that signs law prints what it did as JSON, in one shape, and asks and shows beside it. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { createTables } from '../../../functions/adapters/create-tables.ts'
import { localTableNames } from '../../../functions/adapters/tables.ts'
import { addPolicyAnchor } from '../../../functions/workbench/commands/policy-anchor.ts'
import { addPolicyFloor } from '../../../functions/workbench/commands/policy-floor.ts'
import { addPolicySet } from '../../../functions/workbench/commands/policy-set.ts'
import { addPolicySuspend } from '../../../functions/workbench/commands/policy-suspend.ts'
import {
  addPolicyRetire,
  addPolicySeal,
  addPolicyWithdraw,
} from '../../../functions/workbench/commands/seal.ts'
import { copyOfPolicies, removeCopies, run } from '../../cli/in-process.ts'
import { type Store, startDynalite } from '../../dynalite.ts'
import { newestOwn } from '../../own-law.ts'

/** As `policies/README.md` has it, and nothing besides. */
const shape = z.strictObject({
  act: z.enum([
    'seal',
    'retire',
    'withdraw',
    'set',
    'floor',
    'suspend',
    'lift',
    'confirm',
    'anchor',
  ]),
  done: z.boolean(),
  of: z.array(
    z
      .strictObject({ path: z.string(), set: z.string(), sha256: z.string(), waitsFor: z.string() })
      .partial()
      .extend({ counts: z.boolean() }),
  ),
  statement: z.int().optional(),
  says: z.array(z.string()),
})

const sealed = 'gb/assistance/2017-01-01.json'
const correction = 'gb/assistance/2017-01-01.r2.json'
const why = ['--why', 'A slip is corrected.']
const unnoticed = ['--unnoticed', 'Nothing differs on the days around it.']

const { name: ground } = newestOwn('gb/police-data')
let store: Store
let folder: string
const data = mkdtempSync(join(tmpdir(), 'comity-law-act-'))
const place = {
  data,
  openStore: async () => ({ client: store.client, close: async () => undefined }),
}
const key = (...names: string[]) => [
  '--key',
  ...names.map((name) => join(folder, `demonstration-keys/${name}.json`)),
]
const [legal, protection] = ['legal', 'data-protection']
const both = () => key(legal, protection)
const releases = () => key('release-1', 'release-2')

beforeAll(async () => {
  // What people are shown, on standard error.
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  vi.useFakeTimers({ now: new Date('2026-12-01T10:00:00Z'), toFake: ['Date'] })
  store = await startDynalite()
  await createTables(store.client, localTableNames())
  folder = copyOfPolicies('own')
  const text = readFileSync(join(folder, sealed), 'utf8')
  const cases = readFileSync(join(folder, sealed.replace('.json', '.test.json')), 'utf8')
  writeFileSync(
    join(folder, correction),
    text
      .replace(/"change": ".*"/, '"change": "It is called otherwise."')
      .replace('"title": "', '"title": "Corrected: '),
  )
  writeFileSync(
    join(folder, correction.replace('.json', '.test.json')),
    cases
      .replace(/"about": ".*"/, '"about": "gb/assistance@2017-01-01.r2"')
      .replace(/"asOf": ".*"/, '"asOf": "2026-11-24"'),
  )
})
afterAll(async () => {
  vi.useRealTimers()
  await store.close()
  rmSync(data, { recursive: true })
  removeCopies()
})

type Add = Parameters<typeof run>[0]
const placed =
  (add: typeof addPolicyFloor): Add =>
  (policy, at) =>
    add(policy, at, place as never)
/** What a command prints, which is one object and nothing else. */
async function told(add: Add, ...args: readonly string[]) {
  const { code, stdout, stderr } = await run(add, folder, [...args, '--json'])
  expect(code, stderr).toBe(0)
  return shape.parse(JSON.parse(stdout))
}

// Kills: a shape for each command; lines for people among the JSON; a signature that is said to count alone.
test('Sealing, taking back and retiring', async () => {
  const first = await told(
    addPolicySeal,
    'seal',
    correction,
    ...key(legal),
    ...why,
    ...unnoticed,
    '--yes',
  )
  const of = { path: correction, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }
  expect(first).toMatchObject({
    act: 'seal',
    done: true,
    of: [{ ...of, counts: false, waitsFor: 'data protection' }],
  })
  expect(first.says.join('\n')).toContain('Why: A slip is corrected.')
  expect(await told(addPolicyWithdraw, 'withdraw', correction)).toEqual({
    act: 'withdraw',
    done: true,
    of: [{ ...of, counts: false }],
    says: [`taken back ${correction}`],
  })
  const whole = await told(
    addPolicySeal,
    'seal',
    correction,
    ...both(),
    ...why,
    ...unnoticed,
    '--yes',
  )
  expect(whole.of).toEqual([{ ...of, counts: true }])
  const retired = await told(addPolicyRetire, 'retire', correction, ...both(), ...why, '--yes')
  expect(retired).toMatchObject({ act: 'retire', done: true, of: [{ ...of, counts: true }] })
}, 120_000)

test('Writing a statement down, which signs nothing', async () => {
  const file = join(data, 'seal.txt')
  const written = await told(addPolicyRetire, 'retire', sealed, '--statement', file, ...why)
  expect(written).toMatchObject({
    act: 'retire',
    done: false,
    of: [{ path: sealed, counts: false }],
  })
  expect(written.says.at(-1)).toContain('--cms')
}, 120_000)

test('The set, the floor, a suspension and its lift, and a chain begun anew', async () => {
  const one = await told(addPolicySet, 'set', ...key('release-1'), '--yes')
  expect(one).toMatchObject({
    act: 'set',
    of: [{ counts: false, waitsFor: 'another release key' }],
  })
  const set = await told(addPolicySet, 'set', ...releases(), '--yes')
  const [{ set: name = '' } = {}] = set.of
  expect(set.of).toEqual([{ set: expect.stringMatching(/^[0-9a-f]{64}$/), counts: true }])
  const floor = placed(addPolicyFloor)
  const dry = await told(floor, 'floor', ...releases(), '--dry-run')
  expect(dry).toMatchObject({ act: 'floor', done: false, of: [{ set: name, counts: false }] })
  expect(dry.statement).toBeUndefined()
  const stated = await told(floor, 'floor', ...releases(), '--yes')
  expect(stated).toMatchObject({ done: true, of: [{ set: name, counts: true }], statement: 1 })
  const suspend = placed(addPolicySuspend)
  const suspended = await told(suspend, 'suspend', ground, ...key(legal), ...why, '--yes')
  const of = { path: `${ground.replace('@', '/')}.json`, sha256: expect.any(String) }
  const waitsFor = 'data protection'
  expect(suspended).toMatchObject({ act: 'suspend', of: [{ ...of, counts: true, waitsFor }] })
  const confirmed = await told(suspend, 'suspend', ground, ...key(protection), '--yes')
  expect(confirmed).toMatchObject({ act: 'confirm', statement: 3, of: [{ ...of, counts: true }] })
  expect(confirmed.of[0]?.waitsFor).toBeUndefined()
  const lift = await told(suspend, 'suspend', ground, ...key(legal), ...why, '--lift', '--yes')
  expect(lift).toMatchObject({ act: 'lift', of: [{ ...of, counts: false, waitsFor }] })
  const anchor = placed(addPolicyAnchor)
  const anew = await told(anchor, 'anchor', ...releases(), ...why, '--seen', '6', '--yes')
  expect(anew).toMatchObject({
    act: 'anchor',
    done: true,
    of: [{ set: name, counts: true }],
    statement: 7,
  })
}, 120_000)
