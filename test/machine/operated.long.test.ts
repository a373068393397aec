/**
 * A gateway on machines of one's own, from an empty store, by nothing but what its operator has: the program, its guide's
 * commands, and one file that names the store.
 */

import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { end, freePort, removeFolders, root, runDoor, temporaryFolder } from '../demo/process.ts'
import { startDynalite } from '../dynalite.ts'
import { postgresPrograms, startPostgres } from '../postgres.ts'

afterAll(removeFolders)

/** Longest a machine may take to start, and to go by what was stated, ms. */
const [startMsMax, statedMsMax] = [55_000, 65_000]

const stores = [
  {
    name: 'PostgreSQL',
    isThere: postgresPrograms !== undefined,
    async start() {
      const { address, close } = await startPostgres(postgresPrograms ?? '')
      return { settings: { COMITY_POSTGRES: address }, file: { postgres: address }, close }
    },
  },
  {
    name: 'a store that speaks DynamoDB’s API',
    isThere: true,
    async start() {
      const { endpoint, close } = await startDynalite()
      return { settings: { COMITY_DYNAMODB_ENDPOINT: endpoint }, file: { endpoint }, close }
    },
  },
]

/** A version of a ground, whichever is the first that ships. */
const version = globSync('*/*/[0-9]*.json', { cwd: join(root, 'policies') })
  .filter((each) => !each.endsWith('.test.json'))
  .sort()
  .find((each) => JSON.parse(readFileSync(join(root, 'policies', each), 'utf8')).kind === 'ground')
  ?.replace(/\/([^/]+)\.json$/, '@$1')
if (version === undefined) throw new Error('no law ships')
const keys = join(root, 'policies/demonstration-keys')
const key = (...names: readonly string[]) => ['--key', ...names.map((n) => join(keys, `${n}.json`))]
const why = ['--why', 'Their letter of 20 November asks for it.']
const agencyOf = (id: string, authorityType: string, holdsRecords: boolean) => ({
  ...{ id, name: `Invented ${id}`, jurisdiction: id.slice(0, 2), authorityType, holdsRecords },
  ...{ timeZone: 'Europe/Berlin', channels: ['siena'], attests: [], cannotHonour: [] },
  requestsPerMinute: 600,
})
const request = {
  holder: 'DE-POL',
  subject: { name: { given: 'No', family: 'Body' }, birthDate: '1980-01-01' },
  ...{ classes: ['identification'], purpose: 'investigation', instrument: 'none' },
  ...{ channel: 'siena', caseReference: 'C-1', stage: 'suspect', urgency: 'none' },
  offence: { category: 'ordinary', maxCustodyMonths: 60 },
  necessity: { statement: 'To find whoever did it.', strictlyNecessaryClasses: [] },
}

const there = stores.filter(({ isThere }) => isThere)
describe.each(there)('Over $name', ({ name, start }) => {
  // Kills: a floor, an agency or a revoked key that only a gateway in the cloud can be told of.
  test('an empty store becomes a gateway that answers, and a leaked key is refused, by commands alone', async () => {
    const store = await start()
    const folder = temporaryFolder()
    const port = await freePort()
    const law = runDoor(['functions/serve.ts', '--law-keys'], {})
    await law.ended
    const settings = {
      ...store.settings,
      ...{ COMITY_ORIGIN: `http://localhost:${port}`, COMITY_GATEWAY: 'comity.site' },
      ...{ COMITY_ENVIRONMENT: 'dev', COMITY_REGISTRARS: JSON.stringify(demonstrationRegistrars) },
      ...{ COMITY_LAW_KEYS: law.output.stdout.trim(), COMITY_ARCHIVE: join(folder, 'log') },
      ...{ COMITY_KEYS: join(folder, 'keys'), COMITY_BACKUP_DAYS: '0' },
      COMITY_LISTEN: `127.0.0.1:${port}`,
    }
    const site = join(folder, 'site.json')
    const said = async (...args: readonly string[]) => {
      const data = { COMITY_DATA: folder }
      const { ended, output } = runDoor(['functions/comity.mjs', ...args], data)
      return { ...(await ended), ...output }
    }
    const does = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await said(...args, '--deployed', site)
      expect(code, `${args.join(' ')}\n${stderr}`).toBe(0)
      return stdout
    }

    for (const said of ['made', 'there']) {
      const made = runDoor(['functions/comity.mjs', 'init', '--site', site], settings)
      expect(await made.ended, made.output.stderr).toMatchObject({ code: 0 })
      for (const each of ['the secrets', '.*master.key', '.*site.json'])
        expect(made.output.stdout).toMatch(new RegExp(`^${said} +${each}`, 'm'))
    }
    await does('policy', 'floor', ...key('release-1', 'release-2'), '--yes')
    for (const agency of [agencyOf('DE-POL', 'police', true), agencyOf('FR-SPOC', 'spoc', false)]) {
      const file = join(folder, `${agency.id}.json`)
      writeFileSync(file, JSON.stringify(agency))
      const made = await said('agency', 'key', 'new', agency.id)
      writeFileSync(join(folder, `${agency.id}.public.json`), made.stdout)
      const publicKey = ['--public-key', join(folder, `${agency.id}.public.json`)]
      const two = key('registrar-1', 'registrar-2')
      await does('agency', 'add', file, ...publicKey, ...two, '--yes', ...why)
    }
    expect(await does('agency', 'list')).toMatch(/DE-POL .*active[\s\S]*FR-SPOC .*active/)

    const machine = runDoor(['functions/serve.ts'], settings)
    await expect
      .poll(() => machine.output.stdout, { timeout: startMsMax })
      .toContain('"event":"ready"')
    writeFileSync(join(folder, 'request.json'), JSON.stringify(request))
    const own = join(folder, 'agencies/FR-SPOC.json')
    const ask = () =>
      said(
        ...['request', 'send', join(folder, 'request.json'), '--as', 'FR-SPOC', '--key', own],
        ...['--officer', 'o-1', '--url', settings.COMITY_ORIGIN, '--json'],
      )
    const answered = await ask()
    expect(JSON.parse(answered.stdout), answered.stderr).toMatchObject({ outcome: 'deny' })

    const stopAndResume = async () => {
      const found = ['--why', 'A key of the gateway was found on a market.']
      await does('policy', 'stop', ...key('release-2'), '--yes', ...found)
      await expect
        .poll(() => machine.output.stdout, { timeout: statedMsMax })
        .toMatch(/law-unheld.*stopped it/)
      const stopped = await ask()
      expect(JSON.parse(stopped.stdout), stopped.stderr).toMatchObject({
        ...{ outcome: 'deny', standing: 'open' },
        reasons: expect.arrayContaining([expect.objectContaining({ code: 'policy-suspended' })]),
      })
      expect(await does('policy', 'suspended')).toContain('Everything is stopped since')
      const alone = await said(
        ...['policy', 'resume', ...key('release-2'), '--yes', ...found, '--deployed', site],
      )
      expect([alone.code, alone.stderr]).toEqual([3, expect.stringContaining('two different')])
      await does('policy', 'resume', ...key('release-1', 'release-2'), '--yes', ...found)
      expect(await does('policy', 'suspended')).toContain('Nothing is suspended')
    }
    // It takes a minute: over one store.
    if (name === there[0]?.name) await stopAndResume()

    const { kid } = JSON.parse(readFileSync(join(folder, 'FR-SPOC.public.json'), 'utf8'))
    const stolen = ['--why', 'It was on a notebook that was stolen, says their desk.']
    await does('agency', 'key', 'revoke', 'FR-SPOC', kid, ...key('registrar-1'), '--yes', ...stolen)
    const struck = ['--why', 'A court struck the rule down this morning.']
    await does('policy', 'suspend', version, ...key('legal'), '--yes', ...struck)
    await expect
      .poll(async () => (await ask()).stdout + (await ask()).stderr, { timeout: statedMsMax })
      .toMatch(/revoked|key-revoked|401/)
    expect(await does('agency', 'show', 'FR-SPOC')).toContain('revoked')
    await end(machine.child, 'SIGTERM')
    await store.close()
  }, 240_000)

  // Kills: a misspelt name that is taken for none.
  test('a file that names something else, or not what a command needs, says so', async () => {
    const store = await start()
    const folder = temporaryFolder()
    const site = join(folder, 'site.json')
    const list = () => runDoor(['functions/comity.mjs', 'agency', 'list', '--deployed', site], {})
    writeFileSync(site, JSON.stringify(store.file))
    const unnamed = list()
    expect(await unnamed.ended).toMatchObject({ code: 2 })
    expect(unnamed.output.stderr).toContain('names no `registrars`')
    writeFileSync(site, JSON.stringify({ ...store.file, registrar: [] }))
    const misspelt = list()
    expect(await misspelt.ended).toMatchObject({ code: 2 })
    expect(misspelt.output.stderr).toContain('registrar')
    await store.close()
  }, 60_000)
})
