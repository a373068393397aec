/** The archive for machines without a network: unpacked where there is none, it runs, and the doctor is content. */

import { execFileSync, spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTables } from '../../functions/adapters/create-tables.ts'
import { lawToRun } from '../../functions/adapters/policies-files.ts'
import { postgresAt, postgresClient } from '../../functions/adapters/postgres.ts'
import { localTableNames } from '../../functions/adapters/tables.ts'
import { demonstrationFloor } from '../../functions/demo/enrol.ts'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { run } from '../../functions/policy/read-book.ts'
import { buildVerifyPage, buildVerifyScript } from '../../functions/proof/browser/build.ts'
import {
  freePort,
  plainEnvironment,
  removeFolders,
  root,
  temporaryFolder,
} from '../demo/process.ts'
import { postgresPrograms, startPostgres } from '../postgres.ts'

/** Runs something where there is no network but the machine's own loopback. */
const alone = (script: string) => [
  process.getuid?.() === 0 ? '-n' : '-rn',
  ...['sh', '-c', `ip link set lo up && ${script}`],
]
const mayBeAlone = spawnSync('unshare', alone('true')).status === 0
const isPossible = mayBeAlone && postgresPrograms !== undefined
if (!isPossible)
  console.error(
    'SKIPPED: the archive without a network: it takes PostgreSQL and a namespace of its own',
  )

/** What infra/MACHINES.md has its readers type, for an archive of this name. */
function typedFor(name: string): readonly string[] {
  const page = readFileSync(join(root, 'infra/MACHINES.md'), 'utf8')
  const [, block = ''] = /```sh\n(sha256sum [\s\S]+?)```/.exec(page) ?? []
  const lines = block.replaceAll(/comity-0\.1\.0-linux-x64/g, name).split('\n')
  return lines.map((line) => line.replace(/ +#.*$/, '')).filter((line) => line !== '')
}

let folder: string
let archive: string
let told: string
beforeAll(() => {
  const packed = temporaryFolder()
  const args = ['infra/pack.ts', packed]
  const said = execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  ;[archive = '', told = ''] = said.split('\n')
  const to = temporaryFolder()
  execFileSync('tar', ['-xf', archive, '-C', to])
  folder = globSync(join(to, 'comity-*'))[0] ?? ''
}, 300_000)
afterAll(removeFolders, 300_000)

const json = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8'))

describe('The archive', () => {
  // Kills: a package that is left out of the bill, or in it and not there.
  test('lists in its bill of materials exactly the packages that are in it', () => {
    const listed: string[] = json('sbom.cdx.json').components.map(
      ({ purl }: { readonly purl: string }) => decodeURIComponent(purl),
    )
    const there = globSync('node_modules/**/package.json', { cwd: folder })
      .filter((path) => /(^|\/)node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path))
      .map(json)
      .map(({ name, version }) => `pkg:npm/${name}@${version}`)
    expect([...new Set(listed)].sort()).toEqual([...new Set(there)].sort())
    expect(there.length).toBeGreaterThan(40)
    expect(there.some((each) => each.includes('/aws-cdk'))).toBe(false)
  })

  // Kills: a console that cannot verify in a browser where nothing can be built.
  test('has the script that checks in a browser, the same bytes as within verify.html', () => {
    const script = readFileSync(join(folder, 'functions/verify.js'), 'utf8')
    expect(script).toBe(buildVerifyScript())
    expect(buildVerifyPage()).toContain(script)
  })

  // Kills: a lock or a bill with the address of a registry; a script that runs when it is installed.
  test('says nowhere from where anything is downloaded, and runs nothing when it is unpacked', () => {
    for (const file of ['package.json', 'sbom.cdx.json'])
      expect(readFileSync(join(folder, file), 'utf8')).not.toMatch(/registry\.|\.tgz|"resolved"/)
    expect(json('package.json')).not.toHaveProperty('scripts')
    expect(globSync('{package-lock.json,.npmrc}', { cwd: folder })).toEqual([])
  })

  // Kills: a page that checks or unpacks another name than that of the archive.
  test.skipIf(process.platform !== 'linux')('is checked and unpacked as the page says', () => {
    const name = basename(archive, '.tar.gz')
    const [sum = '', unpack = ''] = typedFor(name)
    const cwd = dirname(archive)
    expect(told).toContain(execFileSync('sh', ['-c', sum], { cwd, encoding: 'utf8' }).slice(0, 64))
    execFileSync('sh', ['-c', unpack], { cwd })
    expect(readdirSync(join(cwd, name))).toEqual(readdirSync(folder))
  })

  test.skipIf(!isPossible)(
    'runs where there is no network: makes its store, serves, and passes the doctor',
    { timeout: 300_000 },
    async () => {
      const { address, close } = await startPostgres(postgresPrograms ?? '')
      const database = postgresAt(address)
      const data = temporaryFolder()
      mkdirSync(join(data, 'keys'), { mode: 0o700 })
      const policies = join(folder, 'policies')
      const url = `http://127.0.0.1:${await freePort()}`
      const env = {
        ...plainEnvironment,
        // Nothing of this machine but what every system has.
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        COMITY_POSTGRES: address,
        COMITY_ORIGIN: url,
        COMITY_LISTEN: url.slice('http://'.length),
        COMITY_GATEWAY: 'comity.site',
        COMITY_ENVIRONMENT: 'dev',
        COMITY_REGISTRARS: JSON.stringify(demonstrationRegistrars),
        COMITY_ARCHIVE: join(data, 'log'),
        COMITY_KEYS: join(data, 'keys'),
        COMITY_BACKUP_DAYS: '0',
      }
      const offline = (script: string, more = {}) =>
        spawnSync('unshare', alone(script), {
          env: { ...env, ...more },
          cwd: data,
          encoding: 'utf8',
        })
      try {
        const client = postgresClient(database)
        await createTables(client, localTableNames())
        const law = run(lawToRun(policies))
        await demonstrationFloor(client, localTableNames().register, policies, law)
        const { stdout } = offline(`${folder}/bin/serve --law-keys`)
        const keys = { COMITY_LAW_KEYS: stdout.trim() }
        const [, , create = '', doctorOf = ''] = typedFor(folder)
        expect(offline(create, keys)).toMatchObject({
          status: 0,
          stderr: '',
        })
        const script = `
          : > served
          ${folder}/bin/serve > served & served=$!
          for i in $(seq 600); do grep -q ready served && break; sleep 0.1; done
          ${doctorOf.replace('http://127.0.0.1:8787', url)}; code=$?
          kill $served; wait $served; exit $code`
        writeFileSync(join(data, 'script'), script)
        const doctor = offline('sh script', keys)
        expect(doctor.stderr).toBe('')
        expect(doctor.stdout).not.toMatch(/^fault/m)
        expect(doctor.stdout).toMatch(/^ok +Packages: \d+ as package\.json names them/m)
        expect(doctor.stdout).toMatch(/^ok +Gateway: /m)
        expect(doctor.status).toBe(0)
      } finally {
        await database.end()
        await close()
      }
    },
  )
})
