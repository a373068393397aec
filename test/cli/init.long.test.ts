/** `comity init` over a store that speaks DynamoDB's API: run twice, killed after each write, and where something is lost. */

import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tablesIn } from '../../functions/adapters/create-tables.ts'
import { type Rows, rowsIn } from '../../functions/adapters/dynamodb.ts'
import { tables } from '../../functions/adapters/tables.ts'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { removeFolders, runDoor, temporaryFolder } from '../demo/process.ts'
import { everything, listen, type Store, startDynalite } from '../dynalite.ts'

let store: Store
beforeAll(async () => {
  store = await startDynalite()
})
afterAll(async () => {
  await store.close()
  removeFolders()
})

/** A gateway to be, on tables of its own. */
function newSite(name: string) {
  const folder = temporaryFolder()
  const named = Object.values(tables).map(({ variable, localName }) => [
    variable,
    `${name}-${localName}`,
  ])
  const names: Record<string, string> = Object.fromEntries(named)
  const settings = {
    ...names,
    ...{ COMITY_DYNAMODB_ENDPOINT: store.endpoint, COMITY_ORIGIN: 'https://gateway.example' },
    ...{ COMITY_GATEWAY: 'comity.site', COMITY_ENVIRONMENT: 'dev', COMITY_BACKUP_DAYS: '0' },
    ...{ COMITY_REGISTRARS: JSON.stringify(demonstrationRegistrars) },
    ...{ COMITY_LAW_KEYS: '0'.repeat(64), COMITY_ARCHIVE: join(folder, 'log') },
    COMITY_KEYS: join(folder, 'keys'),
  }
  const keys = join(folder, 'keys')
  const start = (more: NodeJS.ProcessEnv = {}, site = join(folder, 'site.json')) =>
    runDoor(['functions/comity.mjs', 'init', '--site', site], {
      ...settings,
      ...more,
    })
  const own = async () =>
    (await tablesIn(store.client)).filter((each) => each.startsWith(`${name}-`)).sort()
  const rows = (variable: string): Rows => rowsIn(store.client, names[variable] ?? '')
  return {
    folder,
    keys,
    start,
    own,
    rows,
    async init(...how: Parameters<typeof start>) {
      const { ended, output } = start(...how)
      return { ...(await ended), ...output }
    },
    /** Everything that it has made, as it is. */
    async kept() {
      const files = existsSync(keys) ? readdirSync(keys).sort() : []
      const all = (await own()).map((each) => everything(rowsIn(store.client, each)))
      return JSON.stringify([
        await own(),
        await Promise.all(all),
        files.map((each) => [each, readFileSync(join(keys, each)).toString('base64')]),
      ])
    },
  }
}
type NewSite = ReturnType<typeof newSite>

/** That all of it is there, once. */
async function expectMade(site: NewSite) {
  expect(readdirSync(site.keys).filter((each) => !/\.[0-9a-f]{16}$/.test(each))).toEqual([
    'checkpoint.pem',
    'master.key',
  ])
  expect(await site.own()).toHaveLength(Object.keys(tables).length)
  const [keys, copies, signatures] = await Promise.all(
    ['KEYS', 'ATTESTATIONS', 'SIGNATURES'].map((each) =>
      everything(site.rows(`COMITY_${each}_TABLE`)),
    ),
  )
  // Of the signatures the key, and whose store it is.
  expect([keys?.length, signatures?.length]).toEqual([1, 2])
  expect(copies).toEqual(keys)
  const before = await site.kept()
  const again = await site.init()
  expect([again.code, again.stderr]).toEqual([0, ''])
  expect(again.stdout).not.toMatch(/^made/m)
  expect(again.stdout).toMatch(/^there {2}the secrets$/m)
  expect(await site.kept()).toBe(before)
}

/** The store, by a way that ends a process right after the write of this number took effect. */
async function endingAfter(write: number, kill: () => void) {
  let writes = 0
  const server = createServer(async (request, answer) => {
    const body = await text(request)
    const target = String(request.headers['x-amz-target'])
    // A cast: this SDK's headers are one text each.
    const headers = request.headers as Record<string, string>
    const { host: _, connection: __, 'content-length': ___, ...rest } = headers
    const given = await fetch(store.endpoint, { method: 'POST', headers: rest, body })
    const said = Buffer.from(await given.arrayBuffer())
    if (/\.(CreateTable|PutItem)$/.test(target)) writes += 1
    if (writes >= write) return kill()
    answer.writeHead(given.status, { 'content-type': 'application/x-amz-json-1.0' }).end(said)
  })
  return { endpoint: await listen(server), close: () => server.close(), writes: () => writes }
}

describe('comity init', () => {
  // Kills: a second key, or second secrets; a run that says nothing of what there is.
  test('makes what a gateway keeps, says so, and changes nothing the second time', async () => {
    const site = newSite('whole')
    const made = await site.init()
    expect([made.code, made.stderr]).toEqual([0, ''])
    for (const what of ['tables: whole-comity', 'the secrets', 'checkpoint.pem', 'site.json'])
      expect(made.stdout).toMatch(new RegExp(`^made  .*${what}`, 'm'))
    expect(made.stdout).toContain('comity policy floor')
    await expectMade(site)
  }, 60_000)

  const count = Object.keys(tables).length
  // Kills: a half-made thing that stands in its own way, or is made a second time.
  test.each([1, count - 1, count, count + 1, count + 2, count + 3])(
    'goes on from where it was killed: after write %i',
    async (write) => {
      const site = newSite(`killed-${write}`)
      let kill = () => undefined as unknown
      const way = await endingAfter(write, () => kill())
      const settings = { COMITY_DYNAMODB_ENDPOINT: way.endpoint }
      const { child, ended } = site.start(settings)
      kill = () => child.kill('SIGKILL')
      expect(await ended).toEqual({ code: null, signal: 'SIGKILL' })
      way.close()
      const on = await site.init()
      expect([on.code, on.stderr]).toEqual([0, ''])
      await expectMade(site)
    },
    60_000,
  )

  // Kills: keys or secrets that take the place of others that are lost: a second history.
  test('makes no other in the place of what is lost, and nothing else then', async () => {
    const site = newSite('lost')
    await site.init()
    const refused = async (says: RegExp) => {
      const before = await site.kept()
      const { code, stderr } = await site.init()
      expect([code, stderr]).toEqual([1, expect.stringMatching(says)])
      expect(stderr).toContain('Nothing was made')
      expect(await site.kept()).toBe(before)
    }
    const away = join(site.folder, 'away')
    for (const name of ['checkpoint.pem', 'master.key']) {
      cpSync(join(site.keys, name), away)
      rmSync(join(site.keys, name))
      await refused(new RegExp(`${name}. is not there; copy it from a machine that has it`))
      cpSync(away, join(site.keys, name))
    }
    for (const table of ['COMITY_KEYS_TABLE', 'COMITY_ATTESTATIONS_TABLE'])
      for (const { pk, sk } of await everything(site.rows(table)))
        if (pk && sk) await site.rows(table).remove({ pk, sk })
    await refused(/no secrets; put `lost-comity-keys` back/)
    for (const { pk } of await everything(site.rows('COMITY_SIGNATURES_TABLE')))
      if (pk) await site.rows('COMITY_SIGNATURES_TABLE').remove({ pk })
    await site.rows('COMITY_DECISIONS_TABLE').put({ pk: { S: 'E#1' }, sk: { S: '0' } })
    await refused(/has entries and no secrets; put `lost-comity-keys` back/)
  }, 60_000)

  // Kills: a second gateway's logs in the store of another.
  test('takes no store of another gateway', async () => {
    const site = newSite('named')
    await site.init()
    const { code, stderr } = await site.init({ COMITY_GATEWAY: 'comity.other' })
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('another gateway than `comity.other`'),
    ])
  }, 60_000)

  // Kills: a stack trace for a fault of the operator's own; a password in a file that everybody reads, or on a screen.
  test('says a fault of a setting or place in one sentence, and keeps a password to itself', async () => {
    const site = newSite('faults')
    const file = join(site.folder, 'file')
    writeFileSync(file, '')
    const faults: readonly Parameters<typeof site.init>[] = [
      [{ COMITY_KEYS: file }],
      [{}, join(site.folder, 'none', 'site.json')],
      [{ COMITY_DYNAMODB_ENDPOINT: 'http://somebody:swordfish@127.0.0.1:1' }],
    ]
    for (const fault of faults) {
      const { code, stdout, stderr } = await site.init(...fault)
      expect(code).not.toBe(0)
      expect(stderr).toMatch(/^couldn’t .+/)
      expect(stderr).not.toMatch(/\n {4}at /)
      expect(stdout + stderr).not.toContain('swordfish')
    }
  }, 60_000)

  // Kills: the second of two that would begin a history of its own; a file of another store that is written over.
  test('lets one of two that begin at once begin, and writes over no file', async () => {
    const site = newSite('two')
    const elsewhere = { COMITY_KEYS: join(site.folder, 'other') }
    const both = await Promise.all([site.init(), site.init(elsewhere)])
    expect(both.filter(({ code }) => code === 0)).toHaveLength(1)
    const other = newSite('site')
    writeFileSync(join(other.folder, 'site.json'), '{"endpoint":"http://127.0.0.1:1"}')
    const { stderr } = await other.init()
    expect(stderr).toContain('names something else than the settings do; move it away')
    expect([await other.own(), existsSync(other.keys)]).toEqual([[], false])
  }, 60_000)
})
