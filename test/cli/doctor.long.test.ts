/** `comity doctor`, on a gateway that runs, with each thing made bad that it looks at. */

import { randomBytes } from 'node:crypto'
import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { Check } from '../../functions/cli/doctor/check.ts'
import { checkLaw } from '../../functions/cli/doctor/law.ts'
import { checkStore } from '../../functions/cli/doctor/log.ts'
import { addDoctor, checkDisk, checkNode } from '../../functions/cli/doctor.ts'
import { openLocalStore } from '../../functions/demo/store.ts'
import {
  copyOfProject,
  type Local,
  removeFolders,
  startLocal,
  temporaryFolder,
} from '../demo/process.ts'
import { listen } from '../dynalite.ts'
import { writeOwnLaw } from '../own-law.ts'
import { sealOf } from '../policy/sealing.ts'
import { startSealed } from '../proof/exported.ts'
import { copyOfPolicies, edit, removeCopies, rewrite, run, sealAgain } from './in-process.ts'

let gateway: Local
let root: string
beforeAll(async () => {
  root = projectOfOwnLaw()
  gateway = await startLocal({ data: temporaryFolder(), folder: root })
  // What was entered at the start is sealed by a clock, each second, one log after the other.
  for (const country of ['de', 'gb']) {
    const checkpoint = `${gateway.origin}/log/${logOf(country)}/checkpoint`
    while ((await fetch(checkpoint)).status !== 200) await pause(50)
  }
})

/** The log of a country, this year. */
const logOf = (country: string) => `comity.local/${country}/${new Date().getUTCFullYear()}`

/** A copy of the project with the law that tests own. */
function projectOfOwnLaw(): string {
  const folder = copyOfProject()
  rmSync(join(folder, 'policies'), { recursive: true })
  writeOwnLaw(join(folder, 'policies'))
  return folder
}

afterAll(async () => {
  await gateway.interrupt()
  await removeFolders()
  removeCopies()
})

const found = z.strictObject({
  checks: z.array(
    z.strictObject({
      mark: z.enum(['ok', 'warning', 'fault']),
      looked: z.string(),
      found: z.string(),
      fix: z.string().optional(),
    }),
  ),
})

/** What the doctor finds, in words and as programs read it. */
const patient = () => ({ root, data: gateway.data, url: gateway.origin, openStore: openLocalStore })
const ask = (args: readonly string[], more: Partial<ReturnType<typeof patient>> = {}) =>
  run((program) => addDoctor(program, { ...patient(), ...more }), '', ['doctor', ...args])

async function doctor(
  args: readonly string[] = [],
  more: Partial<ReturnType<typeof patient>> = {},
) {
  const { code, stdout } = await ask([...args, '--json'], more)
  const { checks } = found.parse(JSON.parse(stdout))
  const of = (looked: string) => checks.find((each) => each.looked === looked)
  return { code, checks, of, bad: checks.filter(({ mark }) => mark !== 'ok') }
}

/** Every fault has its place, what to do about it, and code 1. */
async function expectFault(looked: string, words: RegExp, ran: ReturnType<typeof doctor>) {
  const { code, of } = await ran
  expect(of(looked)).toMatchObject({ mark: 'fault', found: expect.stringMatching(words) })
  expect(of(looked)?.fix).toMatch(/\S{2,} \S/)
  expect(code).toBe(1)
}

const jsonAt = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
const trust = () => jsonAt(join(gateway.data, 'trust.json'))
const keysWith = (change: object): string => {
  const file = join(temporaryFolder(), 'keys.json')
  writeFileSync(file, JSON.stringify({ ...trust(), ...change }))
  return file
}

describe('A gateway that is fit', () => {
  test('is found to be so, but for keys that only a trial may trust', async () => {
    const { code, bad, checks } = await doctor()
    expect(bad.map(({ looked, mark }) => [looked, mark])).toEqual([
      ['Sealers', 'warning'],
      ['Set of the law', 'warning'],
    ])
    expect(bad[0]?.found).toContain('demonstration keys, with which anybody can seal')
    expect(code).toBe(0)
    expect(checks.map(({ looked }) => looked)).toEqual(
      expect.arrayContaining(['Node', 'Policies', 'Gateway', 'Clock', `Log ${logOf('de')}`]),
    )
  })

  test('is described in a line for each look, with the mark as a word, and no secret', async () => {
    const { code, stdout } = await ask([])
    expect(code).toBe(0)
    for (const line of stdout.split('\n').slice(0, -1))
      expect(line).toMatch(/^(ok {5}|warning|fault {2}) {2}[A-Z][^:]*: \S.*\.$/)
    expect(stdout).toMatch(/^warning {2}Sealers: .+ Fix: outside a trial, put your own sealers/m)
    expect(stdout.split('\n').at(-1)).toBe('2 warnings.')
    const { privateJwk } = jsonAt(join(gateway.data, 'agencies/FR-SPOC.json'))
    expect(stdout).not.toContain(privateJwk.d)
    expect(stdout).not.toMatch(/Beispiel|PRIVATE KEY/)
  })
})

describe('This machine', () => {
  test('needs the Node that everything was tested with', () => {
    expect(checkNode('22.9.0')).toMatchObject({ mark: 'fault', found: '22.9.0 is too old' })
    expect(checkNode('26.0.0').mark).toBe('warning')
    expect(checkNode('24.21.0').mark).toBe('ok')
  })

  // Kills: any version taken for the one that is wanted; a fault that ends with code 0.
  test('needs the packages that package.json names', async () => {
    const other = projectOfOwnLaw()
    edit<{ dependencies: Record<string, string> }>(other, 'package.json', ({ dependencies }) => {
      Object.assign(dependencies, { hono: '4.0.0', 'not-installed': '1.0.0' })
    })
    const words = /^hono is \S+, not 4\.0\.0, not-installed is not there$/
    await expectFault('Packages', words, doctor([], { root: other }))
  })

  // Kills: a look at the rights of all others that forgets the group.
  test.skipIf(process.platform === 'win32')('keeps keys from others', async () => {
    const key = join(gateway.data, 'agencies/FR-SPOC.json')
    chmodSync(key, 0o640)
    await expectFault('Key files', /^others can read agencies\/FR-SPOC\.json$/, doctor())
    chmodSync(key, 0o600)
    expect((await doctor()).of('Key files')?.mark).toBe('ok')
  })

  test('must have the data where COMITY_DATA says', async () => {
    await expectFault('Key files', /^there are none in /, doctor([], { data: temporaryFolder() }))
  })

  // A file system without a byte of room, on every Linux.
  test.runIf(process.platform === 'linux')('must have room for entries', () => {
    expect(checkDisk('/proc')).toMatchObject({ mark: 'fault', looked: 'Disk' })
    expect(checkDisk(root).mark).toBe('ok')
  })
})

describe('The law', () => {
  const version = 'gb/assistance@2017-01-01'
  const file = 'gb/assistance/2017-01-01.json'
  const law = (folder: string, now = new Date()) => {
    const { checks } = checkLaw(folder, now)
    return (looked: string): Check | undefined => checks.find((each) => each.looked === looked)
  }
  /** Seals a file after all others of its folder. */
  const sealNext = (folder: string, path: string) =>
    sealAgain(folder, path.replace(/\/.*/, ''), (said) => [
      ...said,
      sealOf({ path, text: readFileSync(join(folder, path), 'utf8') }, new Date().toISOString()),
    ])
  test('is not read if a sealed file changed', () => {
    const folder = copyOfPolicies()
    rewrite(folder, file, (text) => `${text} `)
    expect(law(folder)('Policies')).toMatchObject({
      mark: 'fault',
      found: expect.stringMatching(
        /^1 fault, .+ gb\/assistance\/2017-01-01\.json: the file changed/,
      ),
    })
  })

  test('is not read without its seals', () => {
    expect(law(temporaryFolder())('Policies')).toMatchObject({
      mark: 'fault',
      found: expect.stringMatching(/^couldn’t read them: .*sealers\.json/),
    })
  })

  test('trusts sealers of one’s own without a warning', () => {
    const folder = copyOfPolicies()
    expect(law(folder)('Sealers')?.mark).toBe('warning')
    type Sealers = { kid: string; jwk: { x: string } }[]
    // A name is anybody's: the key itself counts.
    edit<Sealers>(folder, 'sealers.json', (all) => {
      for (const each of all) each.kid = each.kid.replace('demonstration-', 'ministry-')
    })
    expect(law(folder)('Sealers')?.mark).toBe('warning')
    edit<Sealers>(folder, 'sealers.json', (all) => {
      for (const each of all) each.jwk.x = randomBytes(32).toString('base64url')
    })
    expect(law(folder)('Sealers')?.mark).toBe('ok')
  })

  test('is a set that a release signed: with demonstration keys in a trial, and else not at all', () => {
    const folder = copyOfPolicies()
    expect(law(folder)('Set of the law')).toMatchObject({
      mark: 'warning',
      found: expect.stringContaining('demonstration keys, with which anybody can sign a set'),
    })
    edit<{ jwk: { x: string } }[]>(folder, 'release-keys.json', (all) => {
      for (const each of all) each.jwk.x = randomBytes(32).toString('base64url')
    })
    expect(law(folder)('Set of the law')).toMatchObject({
      mark: 'fault',
      found: 'set.json: there is no signed set of the law',
    })
  })

  // Kills: a seal of one person that is passed over.
  test('names drafts, and those that one person has signed', () => {
    const folder = copyOfPolicies()
    cpSync(join(folder, file), join(folder, 'gb/assistance/2030-01-01.json'))
    expect(law(folder)('Drafts')).toMatchObject({
      mark: 'ok',
      found: 'gb/assistance@2030-01-01: not in force',
    })
    sealNext(folder, 'gb/assistance/2030-01-01.json')
    edit<{ signatures: string[] }[]>(folder, 'gb/seals.json', (all) => all.at(-1)?.signatures.pop())
    expect(law(folder)('Drafts')).toMatchObject({
      mark: 'warning',
      found: 'gb/assistance/2030-01-01.json: one person signed, and it does not count yet',
    })
  })

  // Kills: an entry taken for ended though another goes on with it.
  test('tells what begins within thirty days, and warns of entries that end', () => {
    const folder = copyOfPolicies()
    const inDays = (days: number) =>
      new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
    const next = `gb/assistance/${inDays(20)}.json`
    cpSync(join(folder, file), join(folder, next))
    sealNext(folder, next)
    expect(law(folder)('Next 30 days')).toMatchObject({
      mark: 'ok',
      found: `gb/assistance@${inDays(20)} begins on ${inDays(20)}`,
    })
    const before = new Date(Date.now() - 15 * 86_400_000)
    expect(law(folder, before)('Next 30 days')?.found).toBe('no version begins, no entry ends')
    const list = sealedIn(folder, 'lists/gb-approved')
    const corrected = list.replace('.json', '.r2.json')
    cpSync(join(folder, list), join(folder, corrected))
    edit<{ members: { until?: string }[] }>(folder, corrected, ({ members }) => {
      // Of the first, another entry goes on; of the last, none does.
      for (const member of [members[0], members.at(-1)])
        if (member !== undefined) member.until = inDays(10)
    })
    sealNext(folder, corrected)
    expect(law(folder)('Next 30 days')).toMatchObject({
      mark: 'warning',
      found: expect.stringMatching(
        new RegExp(
          `^(?!.*led-states)\\S+ is on lists/gb-approved until ${inDays(10)} only, gb/assistance@`,
        ),
      ),
    })
  })

  /** The first file of a list or policy that is sealed. */
  const sealedIn = (folder: string, id: string): string =>
    new RegExp(`"(${id}/[^"]+)"`).exec(
      readFileSync(join(folder, id.replace(/\/.*/, '/seals.json')), 'utf8'),
    )?.[1] ?? ''

  test('of the gateway must be that of this folder', async () => {
    const other = projectOfOwnLaw()
    sealAgain(join(other, 'policies'), 'gb', (said) =>
      said.filter(({ body }) => body.path !== file),
    )
    const { of } = await doctor([], { root: other })
    expect(of('Law of the gateway')).toMatchObject({
      mark: 'warning',
      found: `it differs from this folder in ${version}`,
    })
  })
})

describe('Over the network', () => {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  type Answer = { readonly body: string; readonly date: Date }

  /** The gateway, with something on the way that changes what it answers to a path. */
  async function through(path: RegExp, change: (answer: Answer) => Partial<Answer>) {
    const server = createServer(async (request, response) => {
      const answer = await fetch(new URL(request.url ?? '', gateway.origin))
      const told = { body: await answer.text(), date: new Date() }
      const { body, date } = { ...told, ...(path.test(request.url ?? '') ? change(told) : {}) }
      response.sendDate = false
      response.writeHead(answer.status, { date: date.toUTCString(), connection: 'close' })
      response.end(body)
    })
    servers.push(server)
    return listen(server)
  }
  const withKeys = (url: string) => ['--url', url, '--trust', join(gateway.data, 'trust.json')]

  test('a gateway must be there', async () => {
    const ran = doctor([], { url: 'http://localhost:1' })
    await expectFault('Gateway', /^http:\/\/localhost:1 does not answer \(\w+\)$/, ran)
    // What rests on it is not looked at, and so not found to be well.
    expect((await ran).of('Clock')).toBeUndefined()
  })

  // Kills: any host taken for this machine.
  test('an address without TLS is a fault anywhere but on this machine', async () => {
    const ran = doctor(['--url', 'http://gateway.invalid'])
    await expectFault('Address', /is reached without TLS$/, ran)
  })

  // Kills: an origin that is shown and not compared.
  test('calls must be signed for the address that the gateway knows itself by', async () => {
    const url = await through(/^\/nothing/, () => ({}))
    const words = new RegExp(`^it is called as ${url}, but knows itself as ${gateway.origin};`)
    await expectFault('Origin', words, doctor(withKeys(url)))
    const audit = ['--url', gateway.origin, '--audit-url', url]
    await expectFault('Audit origin', words, doctor(audit))
    expect((await doctor(audit)).of('Origin')?.mark).toBe('ok')
  })

  // Kills: one limit for both directions; a clock that is only compared where it is ahead.
  test.each([
    {
      seconds: -45,
      mark: 'fault',
      says: /^this machine’s is 4[456] s ahead .* 30 s ahead is refused$/,
    },
    { seconds: -20, mark: 'warning', says: /^this machine’s is (19|20|21) s ahead of/ },
    { seconds: 45, mark: 'warning', says: /^this machine’s is 4[456] s behind/ },
    { seconds: 320, mark: 'fault', says: /behind .* is out of date at once$/ },
  ])('a gateway’s clock that is $seconds s ahead is a $mark', async ({ seconds, mark, says }) => {
    const date = () => ({ date: new Date(Date.now() + seconds * 1000) })
    const url = await through(/^\/healthz/, date)
    const { of } = await doctor(withKeys(url))
    expect(of('Clock')).toMatchObject({ mark, found: expect.stringMatching(says) })
  })

  test('what answers must be a gateway', async () => {
    const url = await through(/^\/healthz/, () => ({ body: '{"status":"ill"}' }))
    await expectFault('Gateway', /not a gateway’s$/, doctor(['--url', url]))
  })

  // Kills: pinned keys that are not looked for.
  test('receipts need a key that is published, and the one that was pinned', async () => {
    const url = await through(/jwks/, () => ({ body: '{"keys":[]}' }))
    await expectFault('Receipt keys', /^none is published$/, doctor(['--url', url]))
    const [key] = trust().receipts.keys
    const other = keysWith({ receipts: { keys: [{ ...key, kid: 'another' }] } })
    const ran = doctor(['--trust', other])
    await expectFault('Receipt keys', /^another was pinned and is not published$/, ran)
  })

  test('the build is the one that is meant', async () => {
    const ran = doctor(['--build', 'f'.repeat(64)])
    await expectFault('Build', /^[0-9a-f]{64} runs, not f{64}$/, ran)
    const other = projectOfOwnLaw()
    rewrite(other, 'functions/access.ts', (text) => `${text}\n`)
    expect((await doctor([], { root: other })).of('Build')?.mark).toBe('warning')
  })

  // Kills: a checkpoint that is read and not verified.
  test('a checkpoint must bear the signature of its log', async () => {
    const change = ({ body }: Answer) => ({ body: body.replace(/^\d+$/m, '7') })
    const url = await through(/\/log\/comity\.local\/de\//, change)
    const words = /^its checkpoint does not hold: .* does not fit the text$/
    await expectFault(`Log ${logOf('de')}`, words, doctor(withKeys(url)))
    expect((await doctor(withKeys(url))).of(`Log ${logOf('gb')}`)?.mark).toBe('ok')
  })

  // Kills: cosignatures that are counted and not held to the quorum.
  test('a checkpoint must have its quorum of witnesses', async () => {
    const ran = doctor(['--trust', keysWith({ quorum: 2 })])
    await expectFault(`Log ${logOf('de')}`, /cosigned by 1 of 1, .*; it takes 2$/, ran)
    const { of } = await doctor(['--trust', keysWith({ quorum: 0 })])
    expect(of('Quorum')).toMatchObject({ mark: 'warning' })
  })

  test('without pinned keys the log is not looked at, and that is said', async () => {
    const { of } = await doctor(['--url', gateway.origin])
    expect(of('Log')).toMatchObject({ mark: 'warning', fix: expect.stringContaining('--trust') })
  })

  test('an audit address alone is wrong usage', async () => {
    const { code, stderr } = await ask(['--audit-url', 'https://audit.example'])
    expect([code, stderr]).toEqual([2, 'say which gateway is meant, too: --url'])
  })
})

describe('In the store', () => {
  let sealed: Awaited<ReturnType<typeof startSealed>>
  beforeAll(async () => {
    sealed = await startSealed()
  })
  afterAll(() => sealed.close())

  const look = async () => {
    const { client, tables } = sealed.gateway.store
    const open = async () => ({ client, tables, archive: '', close: async () => {} })
    const checks = await checkStore('', open, ['comity.test/de/2026'], sealed.gateway.clock.now)
    return (looked: string) => checks.find((each) => each.looked === looked)
  }

  // Kills: entries counted before their minute is over, or though they are sealed.
  test('an entry that nobody seals for a minute is a fault, and before that none', async () => {
    await sealed.append('DE', 2)
    await sealed.seal()
    await sealed.append('DE', 1)
    expect((await look())('Sealing')?.mark).toBe('ok')
    sealed.pass(61)
    expect((await look())('Sealing')).toMatchObject({
      mark: 'fault',
      found: '1 entry waits for longer than 60 s, in comity.test/de/2026',
    })
    // Kills: an entry that is missed for a place which a clock noted that was ahead.
    const { sealing } = sealed.world
    const head = await sealing.head('comity.test/de/2026')
    await sealing.advance('comity.test/de/2026', head, {
      ...head,
      sweptUntil: '2099-01-01T00:00:00.000Z',
    })
    expect((await look())('Sealing')?.mark).toBe('fault')
    await sealed.seal()
    expect((await look())('Sealing')?.mark).toBe('ok')
  })

  // Kills: a look that ends with the first thousand.
  test('every entry that waits is counted, up to now', async () => {
    for (let wave = 0; wave < 4; wave += 1) {
      await sealed.append('DE', 260)
      sealed.pass(1)
    }
    sealed.pass(61)
    expect((await look())('Sealing')?.found).toContain('1,040 entries wait for longer than 60 s')
  })

  // Kills: an agency named that has turned its key.
  test('an agency whose last key ends within thirty days is named', async () => {
    const agency = (await sealed.gateway.world.register.all()).find(({ id }) => id === 'FR-SPOC')
    const [key] = agency?.keys ?? []
    if (key === undefined) throw new Error('there is no key')
    const until = new Date(sealed.gateway.clock.now.getTime() + 10 * 86_400_000).toISOString()
    expect((await look())('Keys of agencies')?.mark).toBe('ok')
    await sealed.gateway.change('FR-SPOC', { keys: [{ ...key, until }] })
    expect((await look())('Keys of agencies')).toMatchObject({
      mark: 'warning',
      found: `the last of FR-SPOC ends ${until}`,
    })
    await sealed.gateway.change('FR-SPOC', {
      keys: [
        { ...key, until },
        { ...key, kid: 'next' },
      ],
    })
    expect((await look())('Keys of agencies')?.mark).toBe('ok')
  })

  test('that does not open is a fault', async () => {
    const closed = async () => {
      throw new Error('couldn’t read the logs')
    }
    const [check] = await checkStore('', closed, [], new Date())
    expect(check).toMatchObject({ mark: 'fault', found: 'couldn’t read the logs' })
  })
})
