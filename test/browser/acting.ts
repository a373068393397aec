/**
 * An officer at a browser of `npm start`, with a passkey that the agency entered by the command line.
 *
 *     const { page, said } = await visit(browser, local, 'Peter Sample', { width: 360 })
 *     await giveAuthenticator(page)
 *     await enterPasskey(page, local, 'GB-POL')       // within a minute, the register has it
 */

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { type Local, plainEnvironment, root } from '../demo/process.ts'

/** A page of somebody who logged in, and all that the browser had to say of it. */
export async function visit(
  browser: Browser,
  { origin }: Pick<Local, 'origin'>,
  who: string,
  of: { width?: number; height?: number; colorScheme?: 'light' | 'dark'; scripts?: boolean } = {},
) {
  const { width = 1280, height = 800, colorScheme = 'light', scripts = true } = of
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    javaScriptEnabled: scripts,
  })
  const page = await context.newPage()
  const said: string[] = []
  page.on('console', (line) => said.push(line.text()))
  page.on('pageerror', (error) => said.push(String(error)))
  page.on('request', (request) => {
    const { hostname } = new URL(request.url())
    if (hostname !== 'localhost') said.push(`elsewhere: ${request.url()}`)
  })
  await logIn(page, origin, who)
  return { page, said, close: () => context.close() }
}

/** Logs somebody in as they may be asked at any time; they prove anew who they are. */
export async function logIn(page: Page, origin: string, who: string): Promise<void> {
  await page.goto(`${origin}/console/login?anew&next=/console/office`)
  await page.getByRole('button', { name: who }).click()
  await page.waitForURL('**/console/office')
}

/** Gives a page's browser an authenticator that verifies its user (CDP, `WebAuthn`). */
export async function giveAuthenticator(page: Page): Promise<void> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
      ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    },
  })
}

/** Makes a passkey on the officer's page, has two keys of the agency enter it, and waits until it counts. */
export async function enterPasskey(page: Page, { origin, data }: Local, agency: string) {
  await page.goto(`${origin}/console/passkey`)
  await page.getByLabel('What you call it').fill('Phone')
  const channel = page.getByLabel('The channel that it signs on')
  if (await channel.isVisible()) await channel.selectOption('siena')
  await page.getByRole('button', { name: 'Make a passkey' }).click()
  await page.getByText('Your passkey is made').waitFor()
  await page.getByText('What is in the file').click()
  const file = join(data, 'passkey.json')
  writeFileSync(file, String(await page.locator('details pre').textContent()))
  const keys = ['agencies', 'second-keys'].map((folder) => join(data, folder, `${agency}.json`))
  const why = 'The officer read us its fingerprint by phone.'
  execFileSync(
    process.execPath,
    [
      'functions/comity.mjs',
      ...['agency', 'passkey', 'add', agency, file, '--why', why, '--yes', '--key', ...keys],
    ],
    { cwd: root, env: { ...plainEnvironment, COMITY_DATA: data } },
  )
  // A gateway goes by what the register says within a minute.
  await page.goto(`${origin}/console/passkey`)
  while (!(await page.getByText(`on ${origin}`).isVisible())) {
    await page.waitForTimeout(1000)
    await page.reload()
  }
}

/** Signs what a page shows, by its first button in the form that asks for the passkey. */
export async function sign(page: Page): Promise<void> {
  await page.locator('form[data-credential] button').first().click()
  await page.waitForURL('**/console/acts')
}
