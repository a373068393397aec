/**
 * An officer's first act in a real Chromium, with an authenticator of its own (CDP, `WebAuthn`): makes a passkey, has it
 * entered, and signs. The pages are the console's own, served at its own origin.
 */

import { AxeBuilder } from '@axe-core/playwright'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { logInAs, makePasskey, openAt } from '../browser/at-site.ts'
import { launch } from '../browser/chromium.ts'
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

test.skipIf(browser === undefined)(
  'An officer makes a passkey, has it entered by the agency, and asks back with it, in a browser',
  async () => {
    if (browser === undefined) return
    const { page, said } = await openAt(site, browser, 360)
    await logInAs(page, 'Frieda Beispiel', '/console/passkey')
    const key = await makePasskey(page, site, 'DE-POL')
    expect(key.passkey).toMatchObject({ officer: 'officer-1', origin })

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
    expect(said).toEqual([])
  },
  120_000,
)

// Kills: a phone that has one and refuses the second; a second that takes the place of the first, as an authenticator does
// with one of the same user handle (WebAuthn 3 §5.4.3); a handle that says whose it is (§14.6.1).
test.skipIf(browser === undefined)(
  'An officer who asks by two channels has a passkey for each on one phone, and each signs',
  async () => {
    if (browser === undefined) return
    const { page } = await openAt(site, browser, 360)
    await page.addInitScript(`{
      const create = navigator.credentials.create.bind(navigator.credentials)
      navigator.credentials.create = (asked) => {
        sessionStorage.handles = (sessionStorage.handles ?? '') + asked.publicKey.user.id + ' '
        return create(asked)
      }
    }`)
    await logInAs(page, 'Fleur Exemple', '/console/passkey')
    const made = [
      await makePasskey(page, site, 'FR-SPOC'),
      await makePasskey(page, site, 'FR-SPOC'),
    ]
    const handles = String(await page.evaluate('sessionStorage.handles'))
      .trim()
      .split(' ')
    expect([handles.length, new Set(handles).size]).toEqual([2, 2])
    await page.goto(`${origin}/console/passkey`)
    for (const { passkey } of made) {
      const id = JSON.stringify([...Buffer.from(passkey.credential, 'base64url')])
      const signs = page.evaluate(`navigator.credentials.get({ publicKey: {
        challenge: new Uint8Array(32), userVerification: 'required',
        allowCredentials: [{ type: 'public-key', id: new Uint8Array(${id}) }],
      } }).then(({ type }) => type)`)
      expect(await signs).toBe('public-key')
    }
  },
  120_000,
)
