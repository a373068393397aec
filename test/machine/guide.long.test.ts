/**
 * The guide for machines of one's own (infra/MACHINES.md), typed as a new operator does in `prod`: from keys that each person
 * makes, and an empty store, to a log that somebody verifies. Nothing here but commands and the files that they name.
 */

import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  copyOfProject,
  end,
  freePort,
  removeFolders,
  runDoor,
  temporaryFolder,
} from '../demo/process.ts'
import { writeOwnLaw } from '../own-law.ts'
import { stores } from './stores.ts'

afterAll(removeFolders)

/** Longest a machine may take to start, and to go by what was stated, ms. */
const [startMsMax, statedMsMax] = [55_000, 65_000]

const gateway = ['--gateway', 'comity.guide']
const why = ['--why', 'Their letter of 20 November asks for it.']
// The law is this operator's: a copy of the program's folder, as each has one.
const project = copyOfProject()
const policies = join(project, 'policies')

async function said(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { ended, output } = runDoor(['functions/comity.mjs', ...args], env, project)
  return { ...(await ended), ...output }
}
async function does(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { code, stdout, stderr } = await said(args, env)
  expect(code, `${args.join(' ')}\n${stderr}`).toBe(0)
  return stdout
}

const people = {
  registrar: ['registrar-a', 'registrar-b', 'registrar-c'],
  legal: ['legal-a'],
  'data-protection': ['protection-a'],
  release: ['release-a', 'release-b'],
} as const
/** Whoever signs is in `prod`, with one key in reach. */
const signer = { COMITY_ENVIRONMENT: 'prod' }
const machines = new Map<string, string>()
const keys = (...kids: readonly string[]) => [
  '--key',
  ...kids.map((kid) => join(machines.get(kid) ?? '', `${kid}.json`)),
]

/** Each makes a key on a machine of their own; gives the list of their roles, as whoever collects them checks it. */
async function collected(...roles: readonly (keyof typeof people)[]) {
  const handed: string[] = []
  for (const role of roles)
    for (const kid of people[role]) {
      const own = temporaryFolder()
      machines.set(kid, own)
      const meant = ['--role', role, '--person', `Invented ${kid}`, ...gateway, '--folder', own]
      const file = join(temporaryFolder(), `${kid}.public.json`)
      writeFileSync(file, await does(['key', 'new', kid, ...meant]))
      handed.push(file)
    }
  return does(['key', 'check', ...handed, ...gateway])
}

const agencies = [
  { id: 'DE-POL', authorityType: 'police', holdsRecords: true },
  { id: 'FR-SPOC', authorityType: 'spoc', holdsRecords: false },
  { id: 'NL-POL', authorityType: 'police', holdsRecords: false },
].map((each) => ({
  ...{ ...each, name: `Invented ${each.id}`, jurisdiction: each.id.slice(0, 2) },
  ...{ timeZone: 'Europe/Berlin', channels: ['siena'], attests: [], cannotHonour: [] },
  requestsPerMinute: 600,
}))
const request = {
  holder: 'DE-POL',
  subject: { name: { given: 'No', family: 'Body' }, birthDate: '1980-01-01' },
  ...{ classes: ['identification'], purpose: 'investigation', instrument: 'none' },
  ...{ channel: 'siena', caseReference: 'C-1', stage: 'suspect', urgency: 'none' },
  offence: { category: 'ordinary', maxCustodyMonths: 60 },
  necessity: { statement: 'To find whoever did it.', strictlyNecessaryClasses: [] },
}

let registrars = ''
let lawKeys = ''
let version = ''

// Kills: a set that a sealer signs; a law of a deployment that only demonstration keys can begin.
beforeAll(async () => {
  rmSync(policies, { recursive: true })
  writeOwnLaw(policies)
  registrars = await collected('registrar')
  writeFileSync(join(policies, 'sealers.json'), await collected('legal', 'data-protection'))
  writeFileSync(join(policies, 'release-keys.json'), await collected('release'))
  const begin = ['--why', 'We seal the law by which we decide.']
  await does(['policy', 'begin', ...keys('legal-a'), ...begin, '--yes'], signer)
  await does(['policy', 'begin', ...keys('protection-a'), '--yes'], signer)
  rmSync(join(policies, 'set.json'), { force: true })
  for (const kid of people.release) await does(['policy', 'set', ...keys(kid), '--yes'], signer)
  const law = runDoor(['functions/serve.ts', '--law-keys'], {}, project)
  await law.ended
  lawKeys = law.output.stdout.trim()
  const grounds = globSync('*/*/[0-9]*.json', { cwd: policies }).filter(
    (each) =>
      !each.endsWith('.test.json') &&
      JSON.parse(readFileSync(join(policies, each), 'utf8')).kind === 'ground',
  )
  version = grounds.sort()[0]?.replace(/\/([^/]+)\.json$/, '@$1') ?? ''
}, 120_000)

describe.each(stores.filter(({ isThere }) => isThere))('Over $name', ({ start }) => {
  test('an operator gets from nothing to a log that others verify, with a key revoked, a law suspended, and all of it stopped and lifted', async () => {
    const store = await start()
    const folder = temporaryFolder()
    const port = await freePort()
    const url = `http://localhost:${port}`
    const settings = {
      ...{ ...store.environment, COMITY_ENVIRONMENT: 'prod', COMITY_GATEWAY: 'comity.guide' },
      ...{ COMITY_ORIGIN: url, COMITY_HOLDS: 'DE', COMITY_REGISTRARS: registrars },
      ...{ COMITY_LAW_KEYS: lawKeys, COMITY_ARCHIVE: join(folder, 'log') },
      ...{ COMITY_KEYS: join(folder, 'keys'), COMITY_BACKUP_DAYS: '0' },
      COMITY_LISTEN: `127.0.0.1:${port}`,
      COMITY_QUORUM_AGREED: 'nobody outside vouches that all are shown one log',
    }
    const site = join(folder, 'site.json')
    const told = ['--yes', '--deployed', site]
    const made = await does(['init', '--site', site], settings)
    await does(['policy', 'floor', ...keys('release-a', 'release-b'), ...told])
    const data = { COMITY_DATA: folder }
    for (const agency of agencies) {
      const [file, half] = [
        join(folder, `${agency.id}.json`),
        join(folder, `${agency.id}.pub.json`),
      ]
      writeFileSync(file, JSON.stringify(agency))
      writeFileSync(half, await does(['agency', 'key', 'new', agency.id], data))
      const joining = join(folder, `${agency.id}.joining.json`)
      const joins = ['agency', 'add', file, '--public-key', half, ...why, '--out', joining]
      await does([...joins, ...keys('registrar-a'), ...told])
      await does(['agency', 'sign', joining, ...keys('registrar-b'), ...told])
    }

    const machine = runDoor(['functions/serve.ts'], settings, project)
    await expect
      .poll(() => machine.output.stdout + machine.output.stderr, { timeout: startMsMax })
      .toContain('"event":"ready"')
    writeFileSync(join(folder, 'request.json'), JSON.stringify(request))
    const ask = (id: string) =>
      said(
        ...[
          [
            'request',
            'send',
            join(folder, 'request.json'),
            '--as',
            id,
            '--json',
            '--url',
            url,
          ].concat(['--key', join(folder, `agencies/${id}.json`), '--officer', 'o-1']),
        ],
        data,
      )
    const codesOf = async (id: string) => {
      const { stdout, stderr } = await ask(id)
      const { reasons } = JSON.parse(stdout || `{"reasons":[{"code":${JSON.stringify(stderr)}}]}`)
      return reasons.map(({ code }: { code: string }) => code) as readonly string[]
    }
    expect(await codesOf('FR-SPOC')).not.toContain('policy-suspended')

    const found = ['--why', 'A key of the gateway was found on a market.']
    await does(['policy', 'suspend', version, ...keys('legal-a'), ...told, ...found])
    await does(['policy', 'stop', ...keys('release-b'), ...told, ...found])
    await expect
      .poll(() => machine.output.stdout, { timeout: statedMsMax })
      .toMatch(/law-unheld.*stopped it/)
    expect(await codesOf('FR-SPOC')).toContain('policy-suspended')
    const alone = await said(['policy', 'resume', ...keys('release-b'), ...told, ...found])
    expect([alone.code, alone.stderr]).toEqual([3, expect.stringContaining('two different')])
    await does(['policy', 'resume', ...keys('release-a', 'release-b'), ...told, ...found])
    const suspended = await does(['policy', 'suspended', '--deployed', site])
    expect(suspended).toContain(version.replace('@', '/'))
    expect(suspended).not.toContain('Everything is stopped')
    const { kid } = JSON.parse(readFileSync(join(folder, 'FR-SPOC.pub.json'), 'utf8'))
    await does(['agency', 'key', 'revoke', 'FR-SPOC', kid, ...keys('registrar-c'), ...told, ...why])
    await expect
      .poll(async () => JSON.stringify(await ask('FR-SPOC')), {
        timeout: statedMsMax,
        interval: 2000,
      })
      .toMatch(/revoked|401/)
    await expect
      .poll(() => codesOf('NL-POL'), { timeout: statedMsMax, interval: 2000 })
      .not.toContain('policy-suspended')

    const [, checkpointKey = ''] = /--checkpoint-key (\S+)/.exec(made) ?? []
    const pin = ['--checkpoint-key', checkpointKey, '--country', 'DE', 'FR', 'NL', '--url', url]
    writeFileSync(join(project, 'pinned.json'), await does(['log', 'pin', ...gateway, ...pin]))
    const verified = async () => {
      const out = temporaryFolder()
      await does(['log', 'export', '--out', out, '--deployed', site])
      return said(['log', 'verify', out, '--trust', join(project, 'pinned.json')])
    }
    // Whole, by keys that the operator alone vouches for.
    await expect.poll(verified, { timeout: statedMsMax, interval: 2000 }).toMatchObject({ code: 7 })
    await end(machine.child, 'SIGTERM')
    await store.close()
  }, 300_000)
})
