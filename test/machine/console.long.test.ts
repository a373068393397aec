/** The console of a gateway on machines of one's own, with a real login provider. */

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { fileLoginKey } from '../../functions/adapters/key-files.ts'
import { dynamodbSessions } from '../../functions/adapters/sessions-dynamodb.ts'
import { returnTo } from '../../functions/console/login.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { type LocalLogin, startLogin } from '../../functions/demo/login.ts'
import { namePeople } from '../../functions/demo/people.ts'
import { browserOf, tokenIn } from '../console/browsing.ts'
import { freePort, removeFolders } from '../demo/process.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { origin, type Served, type Site, startSite } from './site.ts'

let store: Store
let site: Site
let login: LocalLogin
let machines: readonly Served[]

beforeAll(async () => {
  store = await startDynalite()
  const port = await freePort()
  const logins = [
    { iss: `http://localhost:${port}`, name: 'Police login', clientId: 'comity-console' },
  ]
  site = await startSite(dynamodb(store.endpoint), {
    COMITY_DYNAMODB_ENDPOINT: store.endpoint,
    COMITY_LOGINS: JSON.stringify(logins),
    COMITY_ADDRESS_HEADER: 'x-real-ip',
  })
  const { config, keys, data } = site
  const key = await fileLoginKey(join(config.COMITY_KEYS, 'login.pem'), false)
  login = await startLogin('dev', returnTo(origin, 0), port, key)
  const client = dynamodb(store.endpoint)
  await namePeople(client, config.COMITY_REGISTER_TABLE, keys, login.settings.iss, data, new Date())
  machines = await Promise.all([site.start(), site.start()])
}, 180_000)

afterAll(async () => {
  await Promise.all((machines ?? []).map((each) => each.end('SIGTERM')))
  await login?.stop()
  await store?.close()
  await removeFolders()
})

/** A browser before a load balancer: each step goes to another machine. */
function browser(address = '192.0.2.1') {
  let turn = 0
  return browserOf(origin, (url, init) => {
    const { pathname, search } = new URL(url)
    turn += 1
    const { port } = machines[turn % machines.length] ?? { port: 0 }
    const headers = { ...Object(init.headers), 'x-real-ip': address }
    return fetch(`http://127.0.0.1:${port}${pathname}${search}`, { ...init, headers })
  })
}

describe('An auditor at a gateway on machines of one’s own', () => {
  test('logs in, finds a decision and logs out, whichever machine answers', async () => {
    const paula = browser()
    // The register believes what is a minute old at most.
    await expect
      .poll(async () => (await paula.logIn('p-1001')).text, { timeout: 90_000, interval: 2000 })
      .toContain('auditor-1, DE-DPA')
    const [example] = examples
    const [machine] = machines
    if (example === undefined || machine === undefined) throw new Error('nobody asks')
    const { agency, officer, request: body } = example
    await machine.send(agency, officer, { method: 'POST', path: '/v1/access-requests', body })
    const search = () => paula.get('/console/search?purpose=lawfulness')
    // Found once it is sealed.
    await expect
      .poll(async () => (await search()).text, { timeout: 30_000, interval: 1000 })
      .toContain('/console/entries/')
    const found = await search()
    const out = await paula.post('/console/logout', { token: tokenIn(found) })
    expect(out.text).toContain('You are logged out')
    // The provider may know her still; the gateway does not.
    expect(paula.cookies.has('__Host-comity')).toBe(false)
  }, 120_000)

  test('is not kept from the login by one network that begins hundreds', async () => {
    const flood = browser('198.51.100.7')
    const begin = async () => (await flood.step(`${origin}/console/login`)).status
    let statuses: number[] = []
    // Each machine counts on its own, and a minute may begin meanwhile, in which all count anew.
    for (let i = 0; i < 20 && !statuses.includes(429); i += 1)
      statuses = await Promise.all(Array.from({ length: 60 }, begin))
    expect(statuses).toContain(429)
    expect((await browser('203.0.113.9').step(`${origin}/console/login`)).status).toBe(303)
  }, 60_000)
})

describe('Whoever runs the machines', () => {
  test('is told the key to name at the provider, and nothing of its private half', () => {
    const [, told = ''] = /login\.pem; for the login providers: (.*)/.exec(site.created) ?? []
    const { keys } = JSON.parse(told)
    expect(keys).toEqual([
      expect.objectContaining({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' }),
    ])
    expect(keys[0]).not.toHaveProperty('d')
  })

  test('keeps no login that has ended: a store that forgets nothing by itself is rid of it', async () => {
    const sessions = dynamodbSessions(dynamodb(store.endpoint), site.config.COMITY_SESSIONS_TABLE)
    const now = Date.now()
    const begun = { iss: 'i', state: 's', nonce: 'n', verifier: 'v', next: '/console', anew: false }
    await sessions.begin('over', { ...begun, until: now - 5000 })
    await sessions.begin('open', { ...begun, until: now + 60_000 })
    await sessions.forget(now)
    expect(await sessions.take('over')).toBeUndefined()
    expect(await sessions.take('open')).toMatchObject({ state: 's' })
  })
})
