/**
 * The shell blocks of the legal teams' and the operators' pages: each is typed here as it is written, but for what
 * stands for something else, or is in the list of those that take more than one machine.
 */

import { createHash } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { copyOfProject, type Local, removeFolders, root, startLocal } from './process.ts'
import { folderToType, typed } from './typed.ts'

afterAll(removeFolders)

const pages = ['policies', 'infra', 'DRILLS', 'MACHINES', 'RUNBOOK'].map((name) =>
  name === name.toUpperCase() ? `infra/${name}.md` : `${name}/README.md`,
)
const blocks = pages.flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].map(
    ([, code = '']) => ({ page, code: code.replaceAll(/^ {2,4}(?=\S)/gm, '') }),
  ),
)

const cloud = 'it asks AWS, which takes an account'
/** How a block begins that is not typed here, by its page, and why not. */
const notHere: readonly (readonly [page: string, start: string, why: string])[] = [
  ['infra/README.md', 'npx comity log pin', `${cloud}: for the public key in KMS`],
  ['infra/README.md', 'S=Comity-prod', `${cloud}: for the stack that failed`],
  ['infra/README.md', 'aws lambda list-versions', cloud],
  ['infra/DRILLS.md', 'S=Comity-prod', `${cloud}: it names functions and tables of the stack`],
  ['infra/DRILLS.md', 'aws s3 sync', `${cloud}; test/drills looks whether logs are whole`],
  ['infra/DRILLS.md', 'order ', 'it calls a function of the cloud; test/drills plays it'],
  ['infra/DRILLS.md', 'npx comity policy set', 'the set for everybody goes into a bucket of AWS'],
  ['infra/DRILLS.md', 'T=$(table', cloud],
  ['infra/DRILLS.md', 'aws dynamodb', cloud],
  ['infra/DRILLS.md', 'L=comity', 'it calls a function of the cloud; test/drills plays it'],
  ['infra/DRILLS.md', 'aws lambda get-policy', cloud],
  ['infra/DRILLS.md', 'jq -r', 'it opens the door of a function of the cloud'],
  ['infra/DRILLS.md', 'E=eu-west-1', `${cloud}, in two Regions`],
  ['infra/MACHINES.md', 'pkcs11-tool', 'test/machine/module-keys.long.test.ts types it'],
  [
    'infra/MACHINES.md',
    'npx comity policy floor',
    'it names a database; test/machine/guide.long.test.ts types it',
  ],
  ['infra/MACHINES.md', 'npx comity policy stop', 'test/machine/guide.long.test.ts types it'],
  ['infra/MACHINES.md', 'npx comity log pin', 'test/machine/guide.long.test.ts types it'],
  ['infra/MACHINES.md', 'sha256sum', 'test/infra/pack.long.test.ts types it, without a network'],
  ['infra/RUNBOOK.md', 'aws ', cloud],
]
const isHere = ({ page, code }: (typeof blocks)[number]) =>
  !notHere.some(([of, start]) => of === page && code.startsWith(start))
const here = blocks.filter(isHere)

const key = (name: string) => `policies/demonstration-keys/${name}.json`
const law = 'policies/de/irg-92/2026-02-14.json'

describe.skipIf(process.platform === 'win32')('Whoever types the blocks of a page', () => {
  let gateway: Local
  let store: Store
  // The law is sealed anew here: a copy.
  const project = copyOfProject()
  const unasked = ['policy seal', 'policy set', 'policy suspend', 'agency add', 'agency sign']
  const folder = folderToType(project, unasked)
  const asked = new Set<string>()
  beforeAll(async () => {
    store = await startDynalite()
    gateway = await startLocal({ data: join(folder, '.comity'), folder: project })
  }, 120_000)
  afterAll(async () => {
    await gateway?.interrupt()
    await store?.close()
  })

  /** Types the block that begins so, with what stands for something else put in. */
  async function type(start: string, put: Readonly<Record<string, string>> = {}, more = {}) {
    const found = here.filter(({ code }) => code.startsWith(start))
    expect(found.map(({ code }) => code)).toHaveLength(1)
    asked.add(found[0]?.code ?? '')
    const code = Object.entries(put).reduce(
      (text, [name, value]) => text.replaceAll(new RegExp(name, 'g'), value),
      found[0]?.code ?? '',
    )
    return typed(code, folder, { PORT: String(gateway.port), ...more })
  }

  // Kills: a seal of a file where it lies that the command does not make.
  test('seals a correction with the demonstration’s keys', { timeout: 300_000 }, async () => {
    const file = join(folder, law)
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace(/"change": "/, '"change": "A slip is corrected. '))
    const { stderr, failed } = await type('npx comity policy seal', {
      FILE: law,
      '…': 'A slip is corrected.',
    })
    expect([stderr, failed]).toEqual(['', []])
    const digest = createHash('sha256').update(readFileSync(file)).digest('hex')
    expect(readFileSync(join(folder, 'policies/de/seals.sha256'), 'utf8')).toContain(digest)
  })

  test('signs a text by a certificate', async () => {
    const made =
      'openssl req -x509 -newkey rsa:2048 -nodes -keyout you.key -out you.pem -subj /CN=You'
    expect((await typed(made, folder, {})).failed).toEqual([])
    writeFileSync(join(folder, 'seal.txt'), '{"act":"seal"}')
    expect((await type('openssl cms')).failed).toEqual([])
    const check =
      'openssl cms -verify -binary -inform DER -in seal.txt.p7s -content seal.txt -certfile you.pem -noverify'
    expect((await typed(check, folder, {})).failed).toEqual([])
  })

  test('makes a key for a sealer, which its owner alone can read', async () => {
    expect((await type('npx comity key new')).failed).toEqual([])
    expect(statSync(join(folder, 'legal-2027.json')).mode & 0o777).toBe(0o600)
    const { kid, jwk } = JSON.parse(readFileSync(join(folder, 'legal-2027.public.json'), 'utf8'))
    expect([kid, Object.keys(jwk).sort()]).toEqual(['legal-2027', ['crv', 'kty', 'x']])
  })

  // Every statement is proved of every holder on every day to come.
  test('signs a set', { timeout: 400_000 }, async () => {
    const { stderr, stdout, failed } = await type('npx comity policy set', {
      RELEASE_KEY_1: key('release-1'),
      RELEASE_KEY_2: key('release-2'),
    })
    expect([failed, stderr]).toEqual([[], ''])
    expect(stdout).toContain('set.json')
  })

  test('suspends a version', { timeout: 120_000 }, async () => {
    const { stdout, failed } = await type('npx comity policy suspend', { YOUR_KEY: key('legal') })
    expect(failed).toEqual([])
    expect(stdout).toContain('de/irg-92@2026-02-14: suspended since ')
  })

  test('lets an agency join', { timeout: 120_000 }, async () => {
    const agency = {
      ...{ id: 'SE-POL', name: 'Invented Police of Sweden', jurisdiction: 'SE' },
      ...{ authorityType: 'police', timeZone: 'Europe/Stockholm', channels: ['siena'] },
      ...{ attests: [], cannotHonour: [], holdsRecords: false, requestsPerMinute: 60 },
    }
    writeFileSync(join(folder, 'agency.json'), JSON.stringify(agency))
    const register = { register: store.tables.register, registrars: demonstrationRegistrars }
    writeFileSync(join(folder, 'register.json'), JSON.stringify(register))
    const made = await typed('npx comity agency key new SE-POL > key.json', folder, {})
    expect(made.failed).toEqual([])
    const put = { 'MINE(?=[^\n]*\\\\\n)': key('registrar-1'), MINE: key('registrar-2') }
    const why = { '…': 'Their letter of 20 November.' }
    const aws = { AWS_ENDPOINT_URL: store.endpoint, AWS_REGION: 'eu-central-1' }
    const nobody = { AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none' }
    const { stdout, stderr, failed } = await type(
      'npx comity agency add',
      { ...put, ...why },
      { ...aws, ...nobody },
    )
    expect([stderr, failed]).toEqual(['', []])
    expect(stdout).toMatch(/\nEntered\. /)
  })

  test('has the doctor look', { timeout: 120_000 }, async () => {
    const { stdout, failed } = await type('npx comity doctor', {
      '(AUDIT_)?URL': gateway.origin,
      'pinned\\.json': '.comity/trust.json',
    })
    expect(failed).toEqual([])
    expect(stdout).toMatch(/^ok +Gateway: /m)
    expect(stdout).not.toMatch(/^fault/m)
  })

  // Kills: a block that nobody types, and that no reason is given for.
  test('finds no others', () => {
    expect(here.map(({ code }) => code).filter((code) => !asked.has(code))).toEqual([])
    expect(
      notHere.filter(
        ([of, start]) => !blocks.some(({ page, code }) => of === page && code.startsWith(start)),
      ),
    ).toEqual([])
  })
})
