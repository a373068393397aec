/**
 * A Chromium whose site is a console in this process: its own pages at its own origin, and the login provider over its
 * own wire.
 *
 *     const { page, said } = await openAt(site, browser, 360)
 *     await logInAs(page, 'Frieda Beispiel')
 *     await makePasskey(page, site, 'DE-POL')         // counts at once: the clock goes on by a minute
 */

import type { Browser, Page, Route } from 'playwright-core'
import { type NewPasskey, newPasskeySchema } from '../../functions/identity/register.ts'
import type { Site } from '../console/browsing.ts'
import { stateByItself } from '../identity/entered-passkey.ts'
import { origin } from '../world.ts'
import { giveAuthenticator } from './acting.ts'

/** Answers what the browser asks. Where one leads on, a page leads: an interception follows no redirect. */
async function serve(route: Route, site: Site): Promise<void> {
  const request = route.request()
  const [url, method, body] = [request.url(), request.method(), request.postData()]
  const headers = await request.allHeaders()
  const init = { method, headers, ...(body === null ? {} : { body }), redirect: 'manual' } as const
  const answer = url.startsWith(origin)
    ? await site.pages.request(url, init)
    : await fetch(url, init)
  const cookies = answer.headers.getSetCookie().join('\n')
  const { location, ...given } = Object.fromEntries(answer.headers)
  const set = cookies === '' ? {} : { 'set-cookie': cookies }
  if (location === undefined) {
    const bytes = Buffer.from(await answer.arrayBuffer())
    return route.fulfill({ status: answer.status, headers: { ...given, ...set }, body: bytes })
  }
  const led = new URL(location, url).href.replaceAll('&', '&amp;')
  await route.fulfill({
    headers: { 'content-type': 'text/html', ...set },
    body: `<!doctype html><meta http-equiv="refresh" content="0;url=${led}">`,
  })
}

/** A page of a new browser with an authenticator that verifies its user; and all that the browser had to say. */
export async function openAt(site: Site, browser: Browser, width: number) {
  const context = await browser.newContext({ viewport: { width, height: 800 } })
  await context.route('**/*', (route) => serve(route, site))
  const page = await context.newPage()
  await giveAuthenticator(page)
  const said: string[] = []
  // Chromium would have RS256 offered, too; the register takes no key of RSA.
  page.on('console', (line) => line.text().includes('pubKeyCredParams') || said.push(line.text()))
  page.on('pageerror', (error) => said.push(String(error)))
  return { page, said }
}

/** Logs somebody in, and leads them to a page. */
export async function logInAs(page: Page, who: string, next: string): Promise<void> {
  await page.goto(`${origin}/console/login?by=0&anew&next=${next}`)
  await page.getByRole('button', { name: who }).click()
  await page.waitForURL(`**${next}`)
}

/** Makes a passkey on the officer's page, and has two keys of the agency enter it. */
export async function makePasskey(
  page: Page,
  site: Site,
  agency: string,
  on = 'siena',
): Promise<NewPasskey> {
  await page.goto(`${origin}/console/passkey`)
  await page.getByLabel('What you call it').fill('Phone')
  const channel = page.getByLabel('The channel that it signs on')
  if (await channel.isVisible()) await channel.selectOption(on)
  await page.getByRole('button', { name: 'Make a passkey' }).click()
  await page.getByText('Your passkey is made').waitFor()
  await page.getByText('What is in the file').click()
  const file = await page.locator('details pre').textContent()
  const key = newPasskeySchema.parse(JSON.parse(String(file)))
  const why = 'She read us the fingerprint by phone.'
  await stateByItself(site, agency, { act: 'add-passkey', key, why }, site.data)
  site.clock.pass(61_000)
  return key
}
