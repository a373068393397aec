/** `comity init`: run twice, killed after each write, where something is lost, and for another gateway. */

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
import { stores } from '../machine/stores.ts'

type Opened = Awaited<ReturnType<(typeof stores)[number]['start']>>

let store: Store
beforeAll(async () => {
  store = await startDynalite()
})
afterAll(async () => {
  await store.close()
  removeFolders()
})

const dynalite = (): Pick<Opened, 'client' | 'environment'> => ({
  client: store.client,
  environment: { COMITY_DYNAMODB_ENDPOINT: store.endpoint },
})

/** A gateway to be, on tables of its own. */
function newSite(name: string, { client, environment } = dynalite()) {
  const folder = temporaryFolder()
  const named = Object.values(tables).map(({ variable, localName }) => [
    variable,
    `${name}-${localName}`,
  ])
  const names: Record<string, string> = Object.fromEntries(named)
  const settings = {
    ...names,
    ...environment,
    COMITY_ORIGIN: 'https://gateway.example',
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
    (await tablesIn(client)).filter((each) => each.startsWith(`${name}-`)).sort()
  const rows = (variable: string): Rows => rowsIn(client, names[variable] ?? '')
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
      const all = (await own()).map((each) => everything(rowsIn(client, each)))
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
  const before = await site.kept()
  // As a kill within the making of a key leaves it.
  writeFileSync(join(site.keys, 'master.key.0123456789abcdef'), 'half')
  const again = await site.init()
  expect([again.code, again.stderr]).toEqual([0, ''])
  expect(again.stdout).not.toMatch(/^made/m)
  expect(again.stdout).toMatch(/^there {2}the secrets$/m)
  expect(await site.kept()).toBe(before)
  expect(readdirSync(site.keys).sort()).toEqual(['checkpoint.pem', 'master.key'])
  expect(await site.own()).toHaveLength(Object.keys(tables).length)
  const [keys, copies, signatures] = await Promise.all(
    ['KEYS', 'ATTESTATIONS', 'SIGNATURES'].map((each) =>
      everything(site.rows(`COMITY_${each}_TABLE`)),
    ),
  )
  // Of the signatures the key, whose store it is, and its format.
  expect([keys?.length, signatures?.length]).toEqual([1, 3])
  expect(copies).toEqual(keys)
}

type Given = { readonly status: number; readonly said: string }

/** The store, by a way that does with each call what it is told; without an answer, it gives none. */
async function wayBy(
  passing: (call: string, pass: () => Promise<Given>) => Promise<Given | undefined>,
) {
  const server = createServer(async (request, answer) => {
    const body = await text(request)
    // A cast: this SDK's headers are one text each.
    const headers = request.headers as Record<string, string>
    const { host: _, connection: __, 'content-length': ___, ...rest } = headers
    const pass = async () => {
      const given = await fetch(store.endpoint, { method: 'POST', headers: rest, body })
      return { status: given.status, said: await given.text() }
    }
    const given = await passing(String(request.headers['x-amz-target']).split('.')[1] ?? '', pass)
    if (given === undefined) return
    answer.writeHead(given.status, { 'content-type': 'application/x-amz-json-1.0' }).end(given.said)
  })
  return { endpoint: await listen(server), close: () => server.close() }
}

/** It ends a process right after the write of this number took effect. */
function endingAfter(write: number, kill: () => void) {
  let writes = 0
  return wayBy(async (call, pass) => {
    const given = await pass()
    if (call === 'CreateTable' || call === 'PutItem') writes += 1
    if (writes < write) return given
    kill()
    return undefined
  })
}

/** It shows the store as it was right before somebody else began it, until the first write of secrets. */
function asBefore() {
  const unseen = ['ListTables', 'Query', 'Query']
  return wayBy(async (call, pass) => {
    const at = unseen.indexOf(call)
    if (at < 0) return pass()
    unseen.splice(at, 1)
    return { status: 200, said: call === 'Query' ? '{"Items":[],"Count":0}' : '{"TableNames":[]}' }
  })
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
  test.each([1, count - 1, count, count + 1, count + 2, count + 3, count + 4])(
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

  // Kills: keys of the one who came too late, which somebody copies to every machine as those of the store.
  test('leaves no keys where another began the store in the same moment', async () => {
    const site = newSite('late')
    await site.init()
    const [before, COMITY_KEYS] = [await site.kept(), join(site.folder, 'other')]
    const way = await asBefore()
    const late = await site.init(
      { COMITY_KEYS, COMITY_DYNAMODB_ENDPOINT: way.endpoint },
      join(site.folder, 'late.json'),
    )
    way.close()
    expect([late.code, late.stderr]).toEqual([
      1,
      expect.stringMatching(/another began this store .*; copy .*master.key/),
    ])
    expect(readdirSync(COMITY_KEYS)).toEqual([])
    expect(await site.kept()).toBe(before)
  }, 60_000)

  // Kills: a stack trace for a fault of the operator's own; a password in a file that everybody reads, or on a screen.
  test('says a fault of a setting or place in one sentence, and keeps a password to itself', async () => {
    const site = newSite('faults')
    const file = join(site.folder, 'file')
    writeFileSync(file, '')
    const faults = [
      [
        /^couldn’t make `.*file.checkpoint.pem`: .*; name one in COMITY_KEYS$/,
        { COMITY_KEYS: file },
      ],
      [
        /site.json` can’t be written \(ENOENT\); make its folder/,
        {},
        join(site.folder, 'none/site.json'),
      ],
      [
        /^couldn’t init: COMITY_DYNAMODB_ENDPOINT: take the name and password out/,
        { COMITY_DYNAMODB_ENDPOINT: 'http://somebody:swordfish@127.0.0.1:1' },
      ],
    ] as const
    for (const [says, settings, file] of faults) {
      const { code, stdout, stderr } = await site.init(settings, file)
      expect([code, stdout, stderr.trim()]).toEqual([1, '', expect.stringMatching(says)])
      expect(stderr.trim()).not.toMatch(/\n|swordfish/)
      expect(await site.own()).toEqual([])
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

describe.each(stores.filter(({ isThere }) => isThere))('Over $name, comity init', ({ start }) => {
  let opened: Opened
  beforeAll(async () => {
    opened = await start()
  })
  afterAll(() => opened.close())

  // Kills: keys or secrets that take the place of others that are lost: a second history.
  test('makes no other in the place of what is lost, and nothing else then', async () => {
    const site = newSite('lost', opened)
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
    const signed = site.rows('COMITY_SIGNATURES_TABLE')
    for (const { pk } of await everything(signed)) if (pk) await signed.remove({ pk })
    await site.rows('COMITY_DECISIONS_TABLE').put({ pk: { S: 'E#1' }, sk: { S: '0' } })
    await refused(/has entries and no secrets; put `lost-comity-keys` back/)
  }, 60_000)

  // Kills: an older version that goes on in a newer store, or calls it changed.
  test('takes no store of a newer format', async () => {
    const site = newSite('newer', opened)
    await site.init()
    const file = join(site.folder, 'site.json')
    const upgrade = runDoor(['functions/comity.mjs', 'upgrade', '--deployed', file], {})
    expect([(await upgrade.ended).code, upgrade.output.stderr]).toEqual([0, ''])
    expect(upgrade.output.stdout).toContain('The store has format 1.')
    const signed = site.rows('COMITY_SIGNATURES_TABLE')
    const row = { pk: { S: 'signer#format' }, size: { N: '7' }, root: { B: Buffer.from('9.1.0') } }
    await signed.put(row)
    const before = await site.kept()
    const { code, stdout, stderr } = await site.init()
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      'couldn’t go on: the store has format 7, and this version reads up to 1; run Comity 9.1.0 or later on it, or restore the store as it was before that version\n',
    ])
    expect(await site.kept()).toBe(before)
  }, 60_000)

  // Kills: a second gateway's logs in the store of another.
  test('takes no store of another gateway', async () => {
    const site = newSite('named', opened)
    await site.init()
    const { code, stderr } = await site.init({ COMITY_GATEWAY: 'comity.other' })
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/store of `comity.site`, and COMITY_GATEWAY says `comity.other`; give/),
    ])
  }, 60_000)
})
