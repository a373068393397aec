/** Logging out, and the next officer at the same browser: nobody goes on as the last one. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { origin } from '../world.ts'
import { type Browser, type Seen, type Site, startConsole, tokenIn } from './browsing.ts'

let site: Site
beforeAll(async () => {
  site = await startConsole()
})
afterAll(() => site.close())

const fleur = 'p-1005'
const logOut = async (browser: Browser) =>
  browser.post('/console/logout', { token: tokenIn(await browser.get('/console/office')) })
/** Whether the provider asks who somebody is, and does not simply say whom it knew. */
const isAsked = ({ url, text }: Seen) => !url.startsWith(origin) && text.includes('Who are you?')
const isIn = ({ text }: Seen) => text.includes('officer-7, FR-SPOC')
/** Sends the provider's own form by which its session of before ends. */
const ended = (browser: Browser, { text }: Seen) => {
  const [, action = '', xsrf] =
    /action="([^"]+)"[\s\S]*name="xsrf" value="([^"]+)"/.exec(text) ?? []
  return browser.go(action, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `xsrf=${xsrf}&logout=yes`,
  })
}
const hrefIn = ({ text }: Seen, words: string) =>
  (new RegExp(`href="([^"]+)">${words}`).exec(text)?.[1] ?? '').replaceAll('&#38;', '&')

// Kills: a login after a logout that the provider answers by itself, as whoever sat here before.
test('Whoever logs in where somebody logged out is asked who they are, and is themselves', async () => {
  const browser = site.browser()
  expect(isIn(await browser.logIn(fleur))).toBe(true)
  const out = await logOut(browser)
  expect(out.text).toContain('You are logged out')
  const asked = await browser.get('/console/login?by=0')
  expect(isAsked(asked)).toBe(true)
  const chosen = await browser.go(`${asked.url}/p-1007`, { method: 'POST' })
  const next = await ended(browser, chosen)
  expect(next.text).toContain('officer-8, FR-SPOC')
  // The mark of the logout is gone with it.
  expect([...browser.cookies.keys()]).toEqual(['__Host-comity'])
})

// NIST SP 800-63B-4 §2.3.3: after a time without use they prove anew who they are.
// Kills: a session that ended for want of use, and goes on by a provider that asks nobody.
test('Whoever comes back after the end of a session is asked who they are', async () => {
  const browser = site.browser()
  await browser.logIn(fleur)
  const before = site.clock.now
  site.clock.now = new Date(before.getTime() + 16 * 60_000)
  const back = await browser.get('/console/requests')
  site.clock.now = before
  expect(new URL(back.url).pathname).toBe('/console/login')
  expect(isAsked(await browser.get(hrefIn(back, 'Login of this machine')))).toBe(true)
})

// Kills: whoever presses "Log out" after a while, is told that another site may have sent the form, and thinks they are in.
test('Whoever logs out once their session has ended is told that they are logged out', async () => {
  const browser = site.browser()
  const before = site.clock.now
  await browser.logIn(fleur)
  const token = tokenIn(await browser.get('/console/office'))
  site.clock.now = new Date(before.getTime() + 16 * 60_000)
  const out = await browser.post('/console/logout', { token })
  expect(out.status).toBe(200)
  expect(out.text).toContain('You are logged out')
  // It is gone for good: the clock that goes back brings nobody in.
  site.clock.now = before
  expect(new URL((await browser.get('/console/office')).url).pathname).toBe('/console/login')
  // The same form once more, as from another tab.
  const twice = await browser.post('/console/logout', { token })
  expect(twice.status).toBe(200)
  expect(twice.text).toContain('You are logged out')
  expect(isAsked(await browser.get('/console/login?by=0'))).toBe(true)
})

test('Another site logs nobody out, and is told nothing', async () => {
  const browser = site.browser()
  await browser.logIn(fleur)
  const form = { method: 'POST', body: 'token=none' }
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  for (const cookies of [true, false]) {
    if (!cookies) browser.cookies.clear()
    const headers = { ...type, origin: 'https://elsewhere.test' }
    const out = await browser.step(`${origin}/console/logout`, { ...form, headers })
    expect(out.status).toBe(403)
    expect(out.headers.get('clear-site-data')).toBeNull()
  }
})

// OpenID Connect RP-Initiated Logout 1.0 §2: without a hint of whom, the provider asks before it ends its session.
test('Whoever logs out may log out at the provider, too, by an address that names nobody', async () => {
  const browser = site.browser()
  await browser.logIn(fleur)
  const leave = new URL(hrefIn(await logOut(browser), 'Log out at'))
  expect([...leave.searchParams.keys()].sort()).toEqual(['client_id', 'post_logout_redirect_uri'])
  const asks = await browser.go(leave.href)
  expect(asks.text).toContain('Log out here, too?')
  const out = await ended(browser, asks)
  expect(out.url).toBe(`${origin}/console/logged-out`)
  expect(out.text).toContain('You are logged out')
  // The provider itself knows nobody here any more, even for a login that does not ask anew.
  browser.cookies.clear()
  expect(isAsked(await browser.get('/console/login?by=0'))).toBe(true)
})

test('A browser drops what it kept of pages when somebody logs out', async () => {
  const browser = site.browser()
  await browser.logIn(fleur)
  const token = tokenIn(await browser.get('/console/office'))
  const out = await browser.step(`${origin}/console/logout`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ token }).toString(),
  })
  expect(out.headers.get('clear-site-data')).toBe('"cache"')
  expect(out.headers.get('cache-control')).toBe('no-store')
})

// Last, since it ends the provider.
test('A provider that is away keeps nobody logged in here', async () => {
  const browser = site.browser()
  await browser.logIn(fleur)
  for (const each of site.logins) await each.stop()
  const out = await logOut(browser)
  expect(out.text).toContain('You are logged out')
  expect(browser.cookies.has('__Host-comity')).toBe(false)
})
