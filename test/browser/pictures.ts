/**
 * Takes the pictures of the guides from a gateway as `npm start` runs it, with its invented people: `npm run pictures`.
 * `npm run pictures -- FOLDER` puts them elsewhere, each at 1280 and 360 px and light and dark, to be looked at.
 */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { requestOf } from '../answer/people.ts'
import { removeFolders, startLocal, temporaryFolder } from '../demo/process.ts'
import { enterPasskey, giveAuthenticator, logIn, sign, visit } from './acting.ts'
import { launch } from './chromium.ts'

const [elsewhere] = process.argv.slice(2)
const folder = elsewhere ?? join(import.meta.dirname, 'pictures')
mkdirSync(folder, { recursive: true })
const browser = await launch()
if (browser === undefined) process.exit(1)
const local = await startLocal({ data: temporaryFolder() })

/** Every width and scheme, to be looked at; for the guides, one. */
const sizes =
  elsewhere === undefined
    ? ([[760, 'light']] as const)
    : ([
        [1280, 'light'],
        [1280, 'dark'],
        [360, 'light'],
        [360, 'dark'],
      ] as const)

async function take(page: Page, name: string): Promise<void> {
  for (const [width, colorScheme] of sizes) {
    await page.setViewportSize({ width, height: elsewhere === undefined ? 430 : 1400 })
    await page.emulateMedia({ colorScheme })
    const of = elsewhere === undefined ? '' : `-${width}-${colorScheme}`
    await page.screenshot({ path: join(folder, `${name}${of}.png`) })
  }
}

try {
  const auditor = await visit(browser, local, 'Paula Prüfer')
  const looked = `${local.origin}/console/search?purpose=lawfulness`
  // What was asked at the start is sealed soon.
  for (let i = 0; i < 60; i += 1) {
    await auditor.page.goto(looked)
    if ((await auditor.page.locator('table a').count()) > 0) break
    await auditor.page.waitForTimeout(1000)
  }
  await take(auditor.page, 'search')
  await auditor.page.locator('table a').first().click()
  await take(auditor.page, 'decision')
  await auditor.page.goto(`${local.origin}/console/health`)
  await take(auditor.page, 'health')
  await auditor.page.goto(`${local.origin}/console/figures?purpose=lawfulness`)
  await take(auditor.page, 'figures')
  await auditor.close()

  const { page, close } = await visit(browser, local, 'Peter Sample')
  await giveAuthenticator(page)
  await enterPasskey(page, local, 'GB-POL')
  await take(page, 'passkey')
  await logIn(page, local.origin, 'Peter Sample')
  const body = requestOf({ holder: 'GB-POL', subject: { recordId: 'GB-POL-0001' } })
  const asked = { ...body, caseReference: 'DE-2026-0031' }
  await local.send('DE-POL', 'officer-1', {
    method: 'POST',
    path: '/v1/access-requests',
    body: asked,
  })
  await page.goto(`${local.origin}/console/inbox`)
  await take(page, 'inbox')
  await page.locator('h2 a', { hasText: 'DE-2026-0031' }).click()
  await page.waitForURL('**/console/inbox/*')
  if (elsewhere !== undefined) await take(page, 'waiting')
  await page.locator('select[name="fact:necessity.case"]').first().selectOption('necessary')
  await page.getByRole('button', { name: 'Show what would leave' }).click()
  await page.locator('form[data-credential]').waitFor()
  await take(page, 'signing')
  await sign(page)
  await take(page, 'would-leave')
  await close()
} finally {
  await browser.close()
  await local.interrupt()
  await removeFolders()
}
