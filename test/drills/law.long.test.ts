/** Drill: a release of the law, its canary and its way back; and the floor's rows meddled with (`infra/DRILLS.md`). */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fileArchive } from '../../functions/adapters/archive-files.ts'
import { endingWithin } from '../../functions/adapters/aws-post.ts'
import { lawFrom } from '../../functions/adapters/carried-law.ts'
import { dynamodbMarks } from '../../functions/adapters/chains-dynamodb.ts'
import { createTables } from '../../functions/adapters/create-tables.ts'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { readLawChain, runningLaw } from '../../functions/adapters/law-dynamodb.ts'
import { lawToRun } from '../../functions/adapters/policies-files.ts'
import { localTableNames } from '../../functions/adapters/tables.ts'
import type { Runnable } from '../../functions/policy/carried.ts'
import { inForce } from '../../functions/policy/history.ts'
import { run as opened } from '../../functions/policy/read-book.ts'
import { digestOfKeys } from '../../functions/policy/set.ts'
import { addPolicyFloor } from '../../functions/workbench/commands/policy-floor.ts'
import { addPolicySet } from '../../functions/workbench/commands/policy-set.ts'
import { type Fault, startFaults } from '../adapters/faults.ts'
import { putStatement, removeStatement } from '../chain-rows.ts'
import { copyOfPolicies, removeCopies, rewrite, run, sealAgain } from '../cli/in-process.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { sealOf } from '../policy/sealing.ts'

const table = localTableNames().register
const guidance = 'gb/assistance/2017-01-01.json'

let store: Store
let folder: string
let keys: readonly string[]
beforeAll(async () => {
  store = await startDynalite()
  await createTables(store.client, localTableNames())
})
afterAll(() => store.close())
afterAll(removeCopies)
afterAll(() => rmSync(place.data, { recursive: true }))
beforeEach(async () => {
  for (const number of [1, 2, 3]) {
    await remove(number)
    // As nobody can: a gateway that has seen nothing.
    await store.rows.decisions.remove({ pk: { S: `M#law#${number}` } })
  }
  folder = copyOfPolicies('own')
  keys = [1, 2].map((n) => join(folder, `demonstration-keys/release-${n}.json`))
})

const remove = (number: number) => removeStatement(store, 'law', number)
const put = (number: number, statement: string) => putStatement(store, 'law', number, statement)

const chain = () => readLawChain(store.client, table, opened(lawToRun(folder)))

const place = {
  data: mkdtempSync(join(tmpdir(), 'comity-archive-')),
  openStore: async () => ({ client: store.client, close: async () => undefined }),
}
const floor = (...more: readonly string[]) =>
  run((policy, at) => addPolicyFloor(policy, at, place as never), folder, [
    ...['floor', '--key', ...keys, '--yes'],
    ...more,
  ])
/** A release: signs the set of what is sealed, and gives what an instance would start on. */
async function release(): Promise<Runnable> {
  const { stderr } = await run(addPolicySet, folder, ['set', '--key', ...keys, '--yes'])
  expect(stderr).toBe('')
  return opened(lawToRun(folder))
}
type Fetch = NonNullable<Parameters<typeof runningLaw>[0]['fetch']>
const start = (
  law: Runnable,
  at = table,
  fetch?: Fetch,
  unheld: (why: string) => void = () => undefined,
) =>
  runningLaw({
    ...{ client: store.client, table: at, now: () => new Date(), law },
    ...(fetch && { fetch }),
    unheld,
    marks: dynamodbMarks(store.client, localTableNames().decisions),
  })

/** How many policies may permit anything where this law starts. */
async function permits(law: Runnable): Promise<number> {
  const { book } = await (await start(law)).now()
  const at = new Date().toISOString()
  const { policies, suspended } = inForce(book, at, at)
  return policies.length - suspended.size
}

function sealMore(revision: number): void {
  const path = guidance.replace('.json', `.r${revision}.json`)
  const text = readFileSync(join(folder, guidance), 'utf8')
  rewrite(folder, path, () => text)
  sealAgain(folder, 'gb', (said) => [...said, sealOf({ path, text }, new Date().toISOString())])
}

describe('A release of the law', () => {
  test('needs a floor before anything starts', async () => {
    const law = await release()
    await expect(start(law)).rejects.toThrow('couldn’t load policies: no floor is stated')
    expect((await floor()).stdout).toMatch(/^The first floor\.[\s\S]*as statement 1$/)
    await start(law)
  })

  // Kills: a read that ends for all who share it when the time is up of the call that began it.
  test('is read once more for whoever has time left, if who began to read it has none', async () => {
    const law = await release()
    await floor()
    let [now, slowMs] = [Date.now(), 0]
    const line = await startFaults(store.endpoint, () => pause<Fault>(slowMs, 'none'))
    const client = dynamodb(line.endpoint)
    const running = await runningLaw({
      ...{ client, table, now: () => new Date(now), law, unheld: () => undefined },
      marks: dynamodbMarks(client, localTableNames().decisions),
    })
    now += 61_000
    slowMs = 200
    const first = endingWithin(100, () => running.now().catch((each: Error) => each))
    const second = endingWithin(10_000, () => running.now())
    expect(await first).toBeInstanceOf(Error)
    expect((await second).named?.ref.tip.number).toBe(1)
    client.destroy()
    await line.cut()
  })

  // Kills: a floor that a release raises before its canary has ended, or one that never rises.
  test('runs beside the one before, comes back after an alarm, and is the floor once it stays', async () => {
    const before = await release()
    await floor()
    sealMore(2)
    const canary = await release()
    await start(canary)
    await start(before)
    // An alarm: the set before takes all calls again. Then the next one stays.
    await start(before)
    sealMore(3)
    const after = await release()
    const { stdout } = await floor()
    const [, now, then] = /^- gb: seal (\d+) \((\d+) before\)$/m.exec(stdout) ?? []
    expect(Number(now) - Number(then)).toBe(2)
    await start(after)
    for (const old of [before, canary])
      await expect(start(old)).rejects.toThrow(/older than may start.*gb\/seals\.json/)
  })

  test('that denied too much goes back with a reason, and not without', async () => {
    await release()
    sealMore(2)
    const wrong = await release()
    await floor()
    sealAgain(folder, 'gb', (said) => said.slice(0, -1))
    const before = await release()
    expect(await floor()).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('it goes down; say why'),
    })
    expect((await floor('--why', 'The last set denied too much.')).code).toBe(0)
    await start(before)
    await start(wrong)
  })

  // Kills: a set that is stated before it lies where it is taken from (policy-floor.ts, `archiveOf`).
  test('that corrects is taken by whoever runs on less, from the archive and without a deployment', async () => {
    const before = await release()
    await floor()
    sealMore(2)
    await release()
    const { stdout } = await floor('--everywhere')
    expect(stdout).toContain('Whoever runs on less takes this set within a minute.')
    const { set } = (await chain()).state.floor ?? {}
    const archive = fileArchive(join(place.data, 'log'), () => 'none')
    const fetch = lawFrom(archive, digestOfKeys(lawToRun(folder)), true)
    const { book } = await (await start(before, table, fetch)).now()
    const versions = book.policies
      .filter(({ id }) => id === 'gb/assistance')
      .map((each) => each.version)
    expect(versions).toEqual(['2017-01-01', '2017-01-01.r2'])
    // Kills: an instance that fails at its start, and so answers nobody, beside others that deny, openly, and say why.
    const said: string[] = []
    let isThere = false
    const late: Fetch = async (which) => (isThere ? fetch(which) : undefined)
    const without = await start(before, table, late, (why) => said.push(why))
    expect((await without.now()).named?.ref.broken).toBe(true)
    // Kills: an instance that stays without the law until somebody starts it anew.
    isThere = true
    const { book: found, named } = await without.anew()
    expect([named?.ref.broken, found.unheld]).toEqual([undefined, undefined])
    expect(found.policies.length).toBe(book.policies.length)
    expect(await permits(before)).toBe(0)
    expect(said).toEqual([
      `the set ${set} is to be taken everywhere, and is not where sets are kept`,
    ])
    // The next deployment carries it.
    await start(opened(lawToRun(folder)))
  })

  // Kills: a set that one build of several refuses, by which every call of that one fails, and no alarm says why.
  test('that this build refuses lets nothing go, in an instance that runs as in one that starts, and says why', async () => {
    const before = await release()
    await floor()
    const said: string[] = []
    const why = 'couldn’t load policies: gb/assistance: Unrecognized key: "onlyIf"'
    const fetch: Fetch = async () => ({ refused: why })
    let at = Date.now()
    const starting = () =>
      runningLaw({
        ...{ client: store.client, table, now: () => new Date(at), law: before, fetch },
        unheld: (each) => said.push(each),
        marks: dynamodbMarks(store.client, localTableNames().decisions),
      })
    const runs = await starting()
    sealMore(2)
    await release()
    await floor('--everywhere')
    at += 61_000
    for (const law of [runs, await starting()]) {
      const { book, named } = await law.now()
      const now = new Date().toISOString()
      const { policies, suspended } = inForce(book, now, now)
      expect(suspended.size).toBe(policies.length)
      expect(named?.ref.broken).toBe(true)
    }
    expect(said).toHaveLength(2)
    for (const each of said) expect(each).toContain(`and this build does not take it: ${why}`)
  })

  test('states nothing on a dry run, or with one key, or twice', async () => {
    const law = await release()
    expect((await floor('--dry-run')).stdout).toContain('The first floor.')
    await expect(start(law)).rejects.toThrow('no floor is stated')
    keys = keys.slice(0, 1)
    expect((await floor()).stderr).toContain('two release keys sign it')
    keys = [1, 2].map((n) => join(folder, `demonstration-keys/release-${n}.json`))
    await floor()
    expect((await floor()).stderr).toContain('it is this set already')
  })
})

describe('Whoever may write to the table', () => {
  let old: Runnable
  let now: Runnable
  beforeEach(async () => {
    old = await release()
    await floor()
    sealMore(2)
    now = await release()
    await floor()
  })

  test('starts nothing older by planting a row, by deleting the first or all, or with the table gone', async () => {
    await put(3, JSON.stringify({ chain: 'law', number: 3, body: { act: 'floor', heads: {} } }))
    for (const law of [old, now]) expect(await permits(law)).toBe(0)
    expect(await floor('--why', 'Somebody meddled with it.')).toMatchObject({
      code: 5,
      stderr: expect.stringContaining(
        'statement 3 does not count: it is not a statement of this form',
      ),
    })
    await remove(3)
    expect(await permits(now)).toBeGreaterThan(0)
    await remove(1)
    for (const law of [old, now]) expect(await permits(law)).toBe(0)
    // All rows gone: whoever starts knows that there were some.
    await remove(2)
    for (const law of [old, now]) expect(await permits(law)).toBe(0)
    await expect(start(now, 'not-there')).rejects.toThrow()
  })
})
