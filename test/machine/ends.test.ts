/** Whatever a machine answers, its calls to the store have an end: that of whoever waits. */

import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerEndsMs } from '../../functions/adapters/answer-ends.ts'
import { fileArchive } from '../../functions/adapters/archive-files.ts'
import { leftMs } from '../../functions/adapters/aws-post.ts'
import { openidProvider } from '../../functions/adapters/login-openid.ts'
import { demonstrationFloor } from '../../functions/demo/enrol.ts'
import { agencyKey } from '../../functions/demo/keys.ts'
import { callAs } from '../../functions/demo/seed.ts'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { openMachine } from '../../functions/machine/machine.ts'
import { readMachineConfig } from '../../functions/machine/settings.ts'
import { run } from '../../functions/policy/read-book.ts'
import { digestOfKeys } from '../../functions/policy/set.ts'
import { removeFolders, root, temporaryFolder } from '../demo/process.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { lawOf } from '../policy/sealing.ts'
import { worldLaw } from '../world-law.ts'

const origin = 'https://gateway.example'
const folder = temporaryFolder()
/** How much time was left at each call to the store, ms. */
const left: number[] = []
let store: Store
let machine: Awaited<ReturnType<typeof openMachine>>

beforeAll(async () => {
  store = await startDynalite()
  store.client.middlewareStack.add((next) => (args) => {
    left.push(leftMs())
    return next(args)
  })
  const found = lawOf(worldLaw, '2026-01-01T00:00:00Z')
  const [law, lawKeys] = [run(found), digestOfKeys(found)]
  const config = readMachineConfig({
    COMITY_DYNAMODB_ENDPOINT: store.endpoint,
    COMITY_ORIGIN: origin,
    COMITY_GATEWAY: 'comity.site',
    COMITY_ENVIRONMENT: 'dev',
    COMITY_REGISTRARS: JSON.stringify(demonstrationRegistrars),
    COMITY_LAW_KEYS: lawKeys,
    COMITY_ARCHIVE: join(folder, 'log'),
    COMITY_KEYS: join(folder, 'keys'),
    COMITY_BACKUP_DAYS: '0',
  })
  const { client } = store
  await demonstrationFloor(client, config.COMITY_REGISTER_TABLE, join(root, 'policies'), law)
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const same = async (bytes: Uint8Array) => bytes
  const login = { iss: 'http://localhost:1', name: 'Login', clientId: 'c', proof: () => undefined }
  machine = await openMachine(config, {
    ...{ client, law, lawKeys, build: 'a test', witnesses: [], quorum: 0 },
    key: {
      publicKey: Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }).subarray(12)),
      sign: async (bytes) => sign(null, bytes, privateKey),
    },
    wrapper: { wrap: same, unwrap: same },
    archive: fileArchive(config.COMITY_ARCHIVE, randomUUID),
    remains: { purge: async () => undefined, backupDays: 0 },
    providers: [openidProvider(login, true)],
    say: () => undefined,
  })
}, 60_000)
afterAll(async () => {
  await store.close()
  await removeFolders()
})

const app = {
  request: async (url: string, init: RequestInit) => machine.fetch(new Request(url, init)),
}
const ask = async (agency: string, path: string) => {
  const keys = new Map([[agency, await agencyKey(folder, agency)]])
  const call = { method: 'GET', path, jti: randomUUID() }
  return callAs(app, origin, keys, agency, 'officer-1', call, new Date())
}
const cookie = `__Host-comity=${'s'.repeat(43)}`

// Kills: pages, or an auditor’s look, that go on for ever where a store is slow; a look through a whole log that ends
// as soon as a call of an agency.
test.each([
  ['an agency', answerEndsMs.machine, () => ask('DE-POL', '/v1/inbox')],
  [
    'an auditor',
    answerEndsMs.machineLooks,
    () => ask('DE-DPA', '/v1/decisions?purpose=lawfulness'),
  ],
  [
    'a browser',
    answerEndsMs.machineLooks,
    () => app.request(`${origin}/console/inbox`, { headers: { cookie } }),
  ],
] as const)('What %s is answered has an end', async (_, endMs, act) => {
  left.length = 0
  await act()
  expect(left.length).toBeGreaterThan(0)
  for (const each of left) {
    expect(each).toBeLessThanOrEqual(endMs)
    expect(each).toBeGreaterThan(endMs - 10_000)
  }
})

// Kills: rounds that end with an answer.
test('A machine’s rounds have bounds of their own', async () => {
  left.length = 0
  const stop = machine.start()
  await expect.poll(() => left.length).toBeGreaterThan(0)
  await stop()
  expect(left.every((each) => each === Number.POSITIVE_INFINITY)).toBe(true)
})
