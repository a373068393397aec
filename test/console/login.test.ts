/** Logging in to look: who gets a session, what ends it, and what nobody gets by it. */

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openidProvider } from '../../functions/adapters/login-openid.ts'
import { dynamodbStatements } from '../../functions/adapters/register-statements.ts'
import { agencyKey } from '../../functions/demo/keys.ts'
import { startLogin } from '../../functions/demo/login.ts'
import { demonstrationRegistrars, signed } from '../../functions/identity/registrars.ts'
import { type Body, chainOf } from '../../functions/identity/statements.ts'
import { nextLink } from '../../functions/policy/chain.ts'
import { holding } from '../identity/registering.ts'
import { origin } from '../world.ts'
import { type Seen, type Site, startConsole, tokenIn } from './browsing.ts'

let site: Site
beforeAll(async () => {
  site = await startConsole()
})
afterAll(() => site.close())

const paula = 'p-1001'
const session = '__Host-comity'
const begun = '__Host-comity-login'
/** Nobody who is not logged in is shown more than where to log in. */
const isAtLogin = ({ url, text }: Seen) =>
  new URL(url).pathname === '/console/login' && text.includes('Who can say who you are?')
const isIn = ({ url, text }: Seen) => url.startsWith(origin) && text.includes('auditor-1, DE-DPA')
const whys = () => site.lines.flatMap((line) => ('why' in line ? [line.why] : []))
/** Some minutes later, by the gateway's clock. */
async function later<T>(minutes: number, act: () => Promise<T>): Promise<T> {
  const before = site.clock.now
  site.clock.now = new Date(before.getTime() + minutes * 60_000)
  try {
    return await act()
  } finally {
    site.clock.now = before
  }
}

describe('An officer whom an agency named', () => {
  test('logs in, sees pages of the office, and gets back to the page that was asked for', async () => {
    const browser = site.browser()
    const asked = await browser.get('/console/office')
    expect(isAtLogin(asked)).toBe(true)
    const seen = await browser.logIn(paula, '/console/login?by=0&next=/console/office')
    expect(seen.url).toBe(`${origin}/console/office`)
    expect(seen.text).toContain('Invented Data Protection Authority of Germany')
    expect(isIn(seen)).toBe(true)
  })

  // Kills: a page that takes `HEAD` for a form, and says that it is not of the session.
  test('gets of HEAD what GET answers, without a body, logged in or not', async () => {
    const browser = site.browser()
    const heads = async (path: string) => {
      const both = (['GET', 'HEAD'] as const).map((method) =>
        browser.step(`${origin}${path}`, { method }),
      )
      const [got, head] = await Promise.all(both)
      expect([head?.status, head?.headers.get('location')]).toEqual([
        got?.status,
        got?.headers.get('location'),
      ])
      expect(await head?.text()).toBe('')
      return head?.status
    }
    expect(await heads('/console')).toBe(303)
    expect(await heads('/console/login')).toBe(200)
    await browser.logIn(paula)
    expect(await heads('/console/office')).toBe(200)
    expect(await heads('/console/nowhere')).toBe(404)
  })

  test('has a cookie that no script reads and no other site sends with a form', async () => {
    const browser = site.browser()
    const answer = await browser.step(await browser.returning(paula))
    const set = answer.headers.getSetCookie().find((each) => each.startsWith(`${session}=`))
    expect(set).toMatch(
      /^__Host-comity=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
  })

  // Kills: a session stored under its own secret.
  test('has a session that nobody gets from the table', async () => {
    const browser = site.browser()
    await browser.logIn(paula)
    const sessions = await site.store.rows.sessions.everything()
    expect(sessions.length).toBeGreaterThan(0)
    expect(JSON.stringify(sessions)).not.toContain(browser.cookies.get(session))
  })

  test('is out after a quarter of an hour without a page, and after twelve hours with them', async () => {
    const browser = site.browser()
    await browser.logIn(paula)
    expect(await later(14, () => browser.get('/console/office').then(isIn))).toBe(true)
    expect(await later(28, () => browser.get('/console/office').then(isIn))).toBe(true)
    expect(await later(44, () => browser.get('/console/office').then(isAtLogin))).toBe(true)

    const steady = site.browser()
    await steady.logIn(paula)
    for (let minutes = 14; minutes <= 720; minutes += 14)
      expect(await later(minutes, () => steady.get('/console/office').then(isIn))).toBe(true)
    expect(await later(722, () => steady.get('/console/office').then(isAtLogin))).toBe(true)
  })

  test('is not led to another site by a link to the login', async () => {
    for (const next of [
      '//evil.example',
      'https://evil.example',
      '/console/../x',
      '/console\\@x',
    ]) {
      const path = `/console/login?by=0&next=${encodeURIComponent(next)}`
      expect((await site.browser().logIn(paula, path)).url).toBe(`${origin}/console/health`)
    }
  })
})

describe('Nobody else gets a session', () => {
  test('by a login that no agency named; the page says how it is named', async () => {
    const browser = site.browser()
    // The second provider knows the same person, by the same `sub`: to the register that is somebody else.
    const seen = await browser.logIn(paula, '/console/login?by=1')
    expect(seen.status).toBe(403)
    expect(seen.text).toContain(`--issuer ${site.logins[1]?.settings.iss} --subject ${paula}`)
    expect(browser.cookies.has(session)).toBe(false)
    expect(whys()).toContain('login-not-named')
  })

  // Kills: a state that is not compared.
  test('by a return with another state', async () => {
    const browser = site.browser()
    const url = new URL(await browser.returning(paula))
    url.searchParams.set('state', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')
    expect((await browser.go(url.href)).status).toBe(403)
    expect(browser.cookies.has(session)).toBe(false)
  })

  // Kills: a login that was begun and may end twice.
  test('by the same return again, even with all cookies of then', async () => {
    const browser = site.browser()
    const url = await browser.returning(paula)
    const kept = new Map(browser.cookies)
    expect(isIn(await browser.go(url))).toBe(true)
    browser.cookies.clear()
    for (const [name, value] of kept) browser.cookies.set(name, value)
    expect((await browser.go(url)).status).toBe(403)
    // The provider, which takes no code twice, is not even asked.
    expect(whys().at(-1)).toBe('login-not-begun')
    expect(browser.cookies.has(session)).toBe(false)
  })

  // Kills: a code that is taken without the verifier of the browser that asked (RFC 7636).
  test('by a code that another browser was given', async () => {
    const stolen = new URL(await site.browser().returning(paula)).searchParams.get('code')
    const thief = site.browser()
    const url = new URL(await thief.returning('p-1002'))
    url.searchParams.set('code', String(stolen))
    expect((await thief.go(url.href)).status).toBe(403)
    expect(thief.cookies.has(session)).toBe(false)
  })

  // Kills: a return that is taken from whichever browser (login CSRF).
  test('in a browser that did not begin the login', async () => {
    const url = await site.browser().returning(paula)
    const victim = site.browser()
    expect((await victim.go(url)).status).toBe(403)
    const other = site.browser()
    await other.returning('p-1002')
    expect((await other.go(url)).status).toBe(403)
    expect(victim.cookies.has(session) || other.cookies.has(session)).toBe(false)
  })

  // Kills: an issuer that is not compared (RFC 9207), or a return that any provider may use.
  test('by the answer of one provider where another was asked', async () => {
    const browser = site.browser()
    const url = await browser.returning(paula)
    expect(new URL(url).searchParams.get('iss')).toBe(site.logins[0]?.settings.iss)
    const there = url.replace('/login/0/', '/login/1/')
    expect((await browser.go(there)).status).toBe(403)

    const named = site.browser()
    const mixed = new URL(await named.returning(paula))
    mixed.searchParams.set('iss', String(site.logins[1]?.settings.iss))
    expect((await named.go(mixed.href)).status).toBe(403)

    const unnamed = site.browser()
    const bare = new URL(await unnamed.returning(paula))
    bare.searchParams.delete('iss')
    expect((await unnamed.go(bare.href)).status).toBe(403)
    for (const each of [browser, named, unnamed]) expect(each.cookies.has(session)).toBe(false)
  })

  test('by a return after ten minutes', async () => {
    const browser = site.browser()
    const url = await browser.returning(paula)
    expect((await later(11, () => browser.go(url))).status).toBe(403)
  })

  // Kills: a session that goes on under the secret that the browser came with.
  test('by a cookie that was planted before somebody logged in', async () => {
    const attacker = site.browser()
    await attacker.logIn('p-1002')
    const planted = String(attacker.cookies.get(session))
    const victim = site.browser()
    victim.cookies.set(session, planted)
    expect(isIn(await victim.logIn(paula))).toBe(true)
    expect(victim.cookies.get(session)).not.toBe(planted)
    // What was planted is over: the attacker sees nothing of the victim, nor anything at all.
    expect(isAtLogin(await attacker.get('/console/office'))).toBe(true)
  })
})

describe('A session ends', () => {
  test('when its officer logs out; the cookie of before shows nothing', async () => {
    const browser = site.browser()
    await browser.logIn(paula)
    const secret = String(browser.cookies.get(session))
    const page = await browser.get('/console/office')
    const out = await browser.post('/console/logout', { token: tokenIn(page) })
    expect(out.text).toContain('You are logged out')
    expect(browser.cookies.has(session)).toBe(false)
    browser.cookies.set(session, secret)
    expect(isAtLogin(await browser.get('/console/office'))).toBe(true)
  })

  // Kills: a session of another office that outlives the one that it was made from.
  test('when its officer logs out, even while another office is chosen', async () => {
    const browser = site.browser()
    await browser.logIn(paula)
    const token = tokenIn(await browser.get('/console/office'))
    const headers = { origin, 'content-type': 'application/x-www-form-urlencoded' }
    const send = (path: string, more: object) => {
      const body = new URLSearchParams({ token, ...more }).toString()
      return browser.step(`${origin}${path}`, { method: 'POST', headers, body })
    }
    const office = { agency: 'DE-DPA', officer: 'auditor-1' }
    const [chosen, out] = await Promise.all([
      send('/console/office', office),
      send('/console/logout', {}),
    ])
    const cookies = chosen.headers.getSetCookie().join()
    const [, given] = /__Host-comity=([\w-]{43})/.exec(cookies) ?? []
    const isOut = (await out.text()).includes('You are logged out')
    expect(isOut).toBe(given === undefined)
  })

  // Kills: a form without the session's token, or from another site, that is taken.
  test('by no form of another site, nor by one without its token', async () => {
    const browser = site.browser()
    await browser.logIn(paula)
    const token = tokenIn(await browser.get('/console/office'))
    const other = site.browser()
    await other.logIn('p-1002')
    const foreign = tokenIn(await other.get('/console/office'))
    const refused = await Promise.all([
      browser.post('/console/logout', {}),
      browser.post('/console/logout', { token: foreign }),
      browser.post('/console/logout', { token }, { origin: 'https://evil.example' }),
      browser.post('/console/logout', { token }, { origin: '' }),
    ])
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403])
    expect(whys()).toContain('form-of-another-site')
    expect(isIn(await browser.get('/console/office'))).toBe(true)
  })

  test('by no other shape of a body, whatever it says', async () => {
    const browser = site.browser()
    await browser.logIn(paula)
    const token = tokenIn(await browser.get('/console/office'))
    const as = (type: string) =>
      browser.post('/console/logout', { token }, { 'content-type': type })
    expect((await as('application/json')).status).toBe(415)
    expect((await as('text/plain')).status).toBe(415)
    expect(
      (await browser.post('/console/logout', { token, more: 'x'.repeat(131_072) })).status,
    ).toBe(413)
    expect(isIn(await browser.get('/console/office'))).toBe(true)
  })

  test('within a minute once the agency ends its officer', async () => {
    const browser = site.browser()
    await browser.logIn('p-1002')
    const { client, tables } = site.store
    const register = dynamodbStatements(client, tables.register, demonstrationRegistrars)
    const { verdict: registrars } = await register.registrars()
    const { verdict } = await register.chain('GB-DPA', holding(registrars))
    const why = 'She left the office.'
    const body: Body = { act: 'end-officers', officers: ['auditor-1'], why }
    const { kid, privateJwk: jwk } = await agencyKey(join(site.data, 'second-keys'), 'GB-DPA')
    const at = site.clock.now.toISOString()
    const link = nextLink(chainOf('GB-DPA'), holding(verdict).tip, at, body)
    expect(await register.enter(signed(link, [{ kid, jwk }]))).toBe(true)
    site.clock.pass(61_000)
    expect(isAtLogin(await browser.get('/console/office'))).toBe(true)
    expect(whys()).toContain('officer-not-named')
    // A new login finds nobody, either.
    expect((await site.browser().logIn('p-1002')).status).toBe(403)
  })
})

test('Too many pages of one session in a minute are refused', async () => {
  const browser = site.browser()
  await browser.logIn(paula)
  const statuses: number[] = []
  for (let i = 0; i < 125; i += 1)
    statuses.push((await browser.step(`${origin}/console/office`)).status)
  expect(statuses.slice(0, 110)).not.toContain(429)
  expect(statuses).toContain(429)
})

test('No line for operators says who logged in, or by what', () => {
  const lines = JSON.stringify(site.lines)
  for (const secret of ['p-100', 'Paula', begun, 'code=', 'state='])
    expect(lines).not.toContain(secret)
})

test('A provider of invented people, or one without TLS, is for trials alone', async () => {
  await expect(startLogin('prod', returnTo, 0)).rejects.toThrow()
  await expect(startLogin(undefined, returnTo, 0)).rejects.toThrow()
  const settings = site.logins[0]?.settings
  if (settings === undefined) throw new Error('there is no login')
  expect(() => openidProvider(settings)).toThrow()
})
const returnTo = `${origin}/console/login/0/return`
