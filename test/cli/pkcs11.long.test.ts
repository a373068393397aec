/** A key in a hardware module signs calls: SoftHSM, by the tool of OpenSC. Left out, loudly, where they are not installed. */

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBridge } from '../../functions/cli/bridge.ts'
import { keptIds } from '../../functions/cli/kept-ids.ts'
import { pkcs11Key } from '../../functions/cli/pkcs11.ts'
import { keyIn, signedCall } from '../../functions/cli/send.ts'
import { requestOfMember } from '../answer/people.ts'
import { freePort } from '../local/process.ts'
import { freshJti, type Gateway, origin, startGateway } from '../world.ts'

const module = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib64/pkcs11/libsofthsm2.so'].find(
  (each) => existsSync(each),
)
const isHere = module !== undefined && spawnSync('pkcs11-tool', ['--help']).error === undefined
if (!isHere) console.warn('SoftHSM or pkcs11-tool is not installed: keys in modules are not tested')

const folder = mkdtempSync(join(tmpdir(), 'comity-hsm-'))
const pin = join(folder, 'pin')
const uri = `pkcs11:token=agency;object=requests?module-path=${module}&pin-source=${pin}`

describe.skipIf(!isHere)('A key in a hardware module', () => {
  let gateway: Gateway
  beforeAll(async () => {
    mkdirSync(join(folder, 'tokens'))
    writeFileSync(join(folder, 'hsm.conf'), `directories.tokendir = ${join(folder, 'tokens')}\n`)
    process.env.SOFTHSM2_CONF = join(folder, 'hsm.conf')
    writeFileSync(pin, '1234\n', { mode: 0o600 })
    const init = [
      '--init-token',
      '--free',
      '--label',
      'agency',
      '--so-pin',
      '5678',
      '--pin',
      '1234',
    ]
    execFileSync('softhsm2-util', init)
    const make = ['--module', String(module), '--token-label', 'agency', '--login', '--pin', '1234']
    const key = ['--keypairgen', '--key-type', 'EC:prime256v1', '--label', 'requests']
    execFileSync('pkcs11-tool', [...make, ...key], { stdio: 'ignore' })
    gateway = await startGateway()
    const { kid, jwk } = pkcs11Key(uri)
    const from = '2000-01-01T00:00:00Z'
    await gateway.change('FR-SPOC', { keys: [{ kid, jwk, alg: 'ES256', status: 'active', from }] })
  })
  afterAll(async () => {
    await gateway?.close()
    rmSync(folder, { recursive: true })
  })

  // Kills: a signature in another form than JWS has it; one over another digest.
  test('signs a call that the gateway takes as its agency’s', async () => {
    const from = { agency: 'FR-SPOC', officer: 'officer-7', url: origin, jti: freshJti() }
    const body = Buffer.from(JSON.stringify(requestOfMember()))
    const sent = { method: 'POST', path: '/v1/access-requests', body }
    const { url, init } = await signedCall(from, keyIn(uri), sent, gateway.clock.now)
    const response = await gateway.app.request(url, init)
    expect([response.status, await response.json()]).toMatchObject([201, { holder: 'DE-POL' }])
    // Another body than was signed.
    const other = { ...init, body: Buffer.from('{}') }
    expect((await gateway.app.request(url, other)).status).toBe(401)
  })

  test('signs for the bridge, as often as an old system asks', async () => {
    const port = await freePort()
    const ids = keptIds(join(folder, 'state'))
    const sending = {
      agency: 'FR-SPOC',
      url: origin,
      key: keyIn(uri),
      ids,
      log: () => {},
      forMs: 1,
    }
    const real = globalThis.fetch
    const stop = await startBridge(sending, 'officer-7', `127.0.0.1:${port}`, undefined)
    globalThis.fetch = (async (to: string, init: RequestInit) =>
      String(to).startsWith(origin)
        ? gateway.app.request(String(to), init)
        : real(to, init)) as typeof fetch
    gateway.clock.now = new Date()
    try {
      const ask = (number: string) =>
        real(`http://127.0.0.1:${port}/v1/access-requests`, {
          method: 'POST',
          headers: { 'idempotency-key': number },
          body: JSON.stringify(requestOfMember({ caseReference: `CASE-${number}` })),
        })
      const answers = await Promise.all(['1', '2', '3'].map(ask))
      expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    } finally {
      globalThis.fetch = real
      stop()
    }
  })

  test('is refused in words where it cannot be used', () => {
    expect(() => keyIn('pkcs11:token=agency')).toThrow(/pin-source/)
    expect(() => keyIn(uri.replace('object=requests', 'object=none'))).toThrow(
      /couldn’t read the key/,
    )
    chmodSync(pin, 0o644)
    expect(() => keyIn(uri)).toThrow(/others can read the PIN/)
    chmodSync(pin, 0o600)
    writeFileSync(pin, '9999\n')
    expect(() => keyIn(uri)).toThrow(/couldn’t read the key/)
    expect(() => keyIn(uri)).not.toThrow(/9999/)
    writeFileSync(pin, '1234\n')
  })
})
