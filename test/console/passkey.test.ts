/**
 * An officer's first act in a real Chromium, with an authenticator of its own (CDP, `WebAuthn`): makes a passkey, has it
 * entered, and signs. The pages are the console's own, served at its own origin.
 */

import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newPasskeySchema } from '../../functions/identity/register.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { launch } from '../browser/chromium.ts'
import { stateByItself } from '../identity/entered-passkey.ts'
import { answered, origin } from '../world.ts'
import { type Site, startConsole } from './browsing.ts'

const browser: Browser | undefined = await launch()
let site: Site
let asked: string
beforeAll(async () => {
  site = await startConsole()
  await site.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  const request = requestOf({ holder: 'DE-POL', caseReference: 'FR-9' })
  asked = (await answered(await site.ask('FR-SPOC', 'officer-7', request))).id
  await site.fileAll([asked])
})
afterAll(async () => {
  await browser?.close()
  await site.close()
})

/**
 * Answers what the browser asks: the console in this process, the login provider over its own wire. Where one leads on,
 * the browser is led by a page, since an interception does not follow redirects.
 */
async function serve(route: Route): Promise<void> {
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

/** A page with an authenticator that verifies its user; and all that the browser had to say. */
async function open(on: Browser): Promise<{ readonly page: Page; readonly said: string[] }> {
  const context = await on.newContext({ viewport: { width: 360, height: 800 } })
  await context.route('**/*', serve)
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
      ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    },
  })
  const said: string[] = []
  page.on('console', (line) => said.push(line.text()))
  page.on('pageerror', (error) => said.push(String(error)))
  return { page, said }
}

test.skipIf(browser === undefined)(
  'An officer makes a passkey, has it entered by the agency, and asks back with it, in a browser',
  async () => {
    if (browser === undefined) return
    const { page, said } = await open(browser)
    await page.goto(`${origin}/console/login?by=0&next=/console/passkey`)
    await page.getByRole('button', { name: 'Frieda Beispiel' }).click()
    await page.getByRole('button', { name: 'Make a passkey' }).click()
    await page.getByText('Your passkey is made').waitFor()
    await page.getByText('What is in the file').click()
    const file = await page.locator('details pre').textContent()
    const key = newPasskeySchema.parse(JSON.parse(String(file)))
    expect(key.passkey).toMatchObject({ officer: 'officer-1', origin })
    const why = 'She read us the fingerprint by phone.'
    await stateByItself(site, 'DE-POL', { act: 'add-passkey', key, why }, site.data)
    site.clock.now = new Date(site.clock.now.getTime() + 61_000)

    await page.goto(`${origin}/console/inbox/${asked}`)
    await page.getByText('Ask back', { exact: true }).click()
    await page.getByLabel('Your question').fill('Which of the two do you mean?')
    await page.getByRole('button', { name: 'Ask back …' }).click()
    await page.getByRole('button', { name: 'Ask back', exact: true }).waitFor()
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
    await page.getByRole('button', { name: 'Ask back', exact: true }).click()
    await page.getByText('Your office has answered').waitFor()
    const [, id = ''] =
      /([\w-]{43})/.exec(String(await page.locator('dd code').textContent())) ?? []
    const { opened } = await site.entry(id)
    expect(opened.call).toMatchObject({ agency: 'DE-POL', officer: 'officer-1' })
    // Chromium would have RS256 offered, too; the register takes no key of RSA.
    expect(said.filter((line) => !line.includes('pubKeyCredParams'))).toEqual([])
  },
  30_000,
)
