/** The change of a shift at one browser, in a real Chromium over `npm start`: one officer logs out, the next logs in. */

import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { visit } from '../browser/acting.ts'
import { launch } from '../browser/chromium.ts'
import { type Local, removeFolders, startLocal, temporaryFolder } from '../demo/process.ts'

const browser: Browser | undefined = await launch()
let local: Local
beforeAll(async () => {
  if (browser !== undefined) local = await startLocal({ data: temporaryFolder() })
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await local?.interrupt()
  await removeFolders()
})

const seen = async (page: Page) => String(await page.locator('body').textContent())

describe.skipIf(browser === undefined)('The next officer at the same browser', () => {
  test('sees nothing of the last by going back, and logs in as herself', async () => {
    if (browser === undefined) return
    const { page, close } = await visit(browser, local, 'Fleur Exemple')
    await page.goto(`${local.origin}/console/ask`)
    await page.locator('[name="subject.name.given"]').fill('Anton')
    await page.goto(`${local.origin}/console/requests`)
    expect(await seen(page)).toContain('officer-7, FR-SPOC')
    // By keyboard.
    await page.getByRole('button', { name: 'Log out' }).press('Enter')
    await page.getByText('You are logged out').first().waitFor()
    for (let i = 0; i < 3; i += 1) {
      await page.goBack().catch(() => undefined)
      const text = await seen(page)
      expect(text).not.toContain('officer-7, FR-SPOC')
      expect(text).not.toContain('Anton')
    }
    await page.goto(`${local.origin}/console`)
    await page.getByRole('button', { name: 'Colette Suivante' }).click()
    await page.waitForURL('**/console/requests')
    expect(await seen(page)).toContain('officer-8, FR-SPOC')
    await close()
  }, 120_000)

  test('is asked by the provider who she is, once the last logged out there, too', async () => {
    if (browser === undefined) return
    const { page, said, close } = await visit(browser, local, 'Fleur Exemple', { width: 360 })
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('link', { name: 'Log out at Login of this machine' }).click()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.waitForURL('**/console/logged-out')
    await page.context().clearCookies({ domain: 'localhost', name: /comity/ })
    await page.goto(`${local.origin}/console`)
    await page.getByText('Who are you?').first().waitFor()
    // Chromium says that it dropped what it kept.
    expect(said.filter((line) => !line.startsWith('Clear-Site-Data'))).toEqual([])
    await close()
  }, 120_000)
})
