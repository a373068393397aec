/** A key in a hardware module signs calls: SoftHSM, by the tool of OpenSC. Left out, loudly, where they are not installed. */

import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pkcs11Key } from '../../functions/adapters/pkcs11.ts'
import { startBridge } from '../../functions/client/bridge.ts'
import { keptIds } from '../../functions/client/kept-ids.ts'
import { keyIn, signedCall } from '../../functions/client/send.ts'
import { requestOfMember } from '../answer/people.ts'
import { freePort } from '../demo/process.ts'
import { isModuleHere, startToken } from '../softhsm.ts'
import { freshJti, type Gateway, origin, startGateway } from '../world.ts'

describe.skipIf(!isModuleHere)('A key in a hardware module', () => {
  let gateway: Gateway
  let token: ReturnType<typeof startToken>
  let uri: string
  beforeAll(async () => {
    token = startToken('agency')
    // The first key of the token is another.
    for (const [name, id] of [
      ['answers', '01'],
      ['requests', '02'],
    ] as const)
      token.make(name, ['--keypairgen', '--key-type', 'EC:prime256v1', '--id', id])
    uri = token.uri('requests')
    gateway = await startGateway()
    const { kid, jwk } = pkcs11Key(uri)
    const from = '2000-01-01T00:00:00Z'
    await gateway.change('FR-SPOC', { keys: [{ kid, jwk, alg: 'ES256', status: 'active', from }] })
  })
  afterAll(async () => {
    await gateway?.close()
    token?.remove()
  })

  // Kills: a signature in another form than JWS has it; one over another digest; one of the token's first key, whatever its name.
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
    const ids = keptIds(join(token.folder, 'state'))
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

  // Kills: a key that is taken for another of the token, with nothing to tell them apart.
  test('is refused in words where it cannot be used', () => {
    expect(() => keyIn('pkcs11:token=agency')).toThrow(/no `module-path`/)
    expect(() => keyIn(token.uri('none'))).toThrow(
      'couldn’t use the key of the module: no key of the token is named `none`',
    )
    token.make('unmarked', ['--keypairgen', '--key-type', 'EC:prime256v1'])
    expect(() => keyIn(token.uri('unmarked'))).toThrow(/give `unmarked` an id of its own/)
    token.make('alike', ['--keypairgen', '--key-type', 'EC:prime256v1', '--id', '01'])
    expect(() => keyIn(token.uri('answers'))).toThrow(/give `answers` an id of its own/)
    token.make('requests', ['--keypairgen', '--key-type', 'EC:prime256v1', '--id', '03'])
    expect(() => keyIn(uri)).toThrow(/more than one key of the token is named `requests`/)
    chmodSync(token.pin, 0o644)
    expect(() => keyIn(uri)).toThrow(/others can read the PIN: chmod 600/)
    chmodSync(token.pin, 0o600)
    expect(() => keyIn(uri.replace('token=agency', 'token=away'))).toThrow(
      /couldn’t use the key of the module: No slot with token named "away" found/,
    )
  })

  // Kills: a wrong PIN that is sent again and again, until the token locks itself; one in a message.
  test('is not asked again with a PIN that it refused', () => {
    writeFileSync(token.pin, '9999\n')
    expect(() => keyIn(uri)).toThrow(/C_Login failed: rv = CKR_PIN_INCORRECT/)
    expect(() => keyIn(uri)).toThrow(/it refused this PIN, which is not tried again/)
    expect(() => keyIn(uri)).not.toThrow(/9999/)
    writeFileSync(token.pin, '1234\n')
    expect(() => keyIn(token.uri('unmarked'))).toThrow(/an id of its own/)
  })
})
