/** The lawyer's hour in a real browser, from a changed threshold to who is affected, and from two keys to law that counts. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPolicies } from '../../../functions/adapters/policies-files.ts'
import { agencyKey } from '../../../functions/demo/keys.ts'
import { openDesk } from '../../../functions/workbench/desk/desk.ts'
import { seededDecisions } from '../../bench/impact.ts'
import { launch } from '../../browser/chromium.ts'
import { printed } from '../../browser/sheets.ts'
import { copyOfPolicies, removeCopies } from '../../cli/in-process.ts'
import { writeProfile } from '../../cli/profile.ts'
import { removeFolders, temporaryFolder } from '../../demo/process.ts'
import { newestOwn } from '../../own-law.ts'
import { serving } from '../../serving.ts'
import { today } from './browser.ts'

const browser: Browser | undefined = await launch()
const folder = copyOfPolicies()
const now = `${today}T12:00:00Z`
const decisions = [...seededDecisions(200, 3, readPolicies(folder).book, now)]
let gateway: Awaited<ReturnType<typeof serving>> | undefined
let desk: Awaited<ReturnType<typeof openDesk>>
let page: Page
const odd: string[] = []
beforeAll(async () => {
  if (browser === undefined) return
  const data = temporaryFolder()
  const key = await agencyKey(join(data, 'agencies'), 'DE-LEGAL')
  writeProfile(data, 'http://localhost:1', new Map([['DE-LEGAL', key]]), ['DE-LEGAL'])
  gateway = await serving(() => Response.json({ facts: decisions }))
  desk = await openDesk(folder, 0, { data, url: gateway.url }, () => new Date(now))
  // Nothing here needs a script.
  const context = await browser.newContext({ javaScriptEnabled: false })
  page = await context.newPage()
  page.on('console', (message) => odd.push(message.text()))
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(desk.link).origin)) odd.push(request.url())
  })
  await page.goto(desk.link)
}, 60_000)
afterAll(async () => {
  await browser?.close()
  await gateway?.close()
  desk?.close()
  removeCopies()
  await removeFolders()
})

const at = (path: string) => page.goto(new URL(desk.link).origin + path)
const button = (name: string) => page.getByRole('button', { name, exact: true })
const main = async () => String(await page.locator('main').textContent()).replaceAll(/\s+/g, ' ')
/** Writes something else into the file that is open, and saves it. */
async function write(from: string | RegExp, to: string): Promise<void> {
  const text = await page.inputValue('#text')
  const changed = text.replace(from, to)
  expect(changed).not.toBe(text)
  await page.fill('#text', changed)
  await button('Save').click()
  expect(await page.getByRole('status').textContent()).toContain('saved')
}

// Kills: a page of impact that needs a script, says no counts, or names a decision.
test.skipIf(browser === undefined)(
  'a lawyer changes a threshold and sees how many logged decisions it would turn, without scripts, and prints it',
  async () => {
    await at(`/law/${newestOwn('eu/exchange').page}`)
    await page.fill('#day', '2027-01-01')
    await page.fill('#change', 'Raises the threshold to two years.')
    await button('Start a draft').click()
    await write(/(?<="request\.offence\.maxCustodyMonthsHolder" \}, )12\b/, '24')
    await page.getByRole('link', { name: 'Impact' }).click()
    await page.fill('#as', 'DE-LEGAL')
    await page.fill('#officer', 'editor-1')
    await page.fill('#last', '900')
    await button('Replay').click()
    // On a busy machine the page says how far it is, and looks again by itself.
    await page.getByText('would change').first().waitFor()
    expect(await main()).toMatch(/[1-9]\d* would change \(\d+\.\d %\).*200 decisions from/)
    expect(await main()).toContain("the maximum custody under the holder's law:")
    const html = await page.content()
    expect(decisions.filter(({ id }) => html.includes(id))).toEqual([])
    const sheets = (await printed(page)).join('').replaceAll(/\s/g, '')
    expect(sheets).toContain('wouldchange(')
    expect(sheets).not.toContain('Replay')
  },
  240_000,
)

// Kills: a draft that counts by one person's signature; a key that stays on the page.
test.skipIf(browser === undefined)(
  'two people sign a correction, each with a key file of their own, and only then it counts',
  async () => {
    await at('/law/gb/assistance/2017-01-01')
    await page.selectOption('#kind', 'correction')
    await page.fill('#change', 'It is called otherwise.')
    await button('Start a draft').click()
    await write('"title": "', '"title": "Corrected: ')
    const sealedAt = () =>
      readPolicies(folder).book.policies.find(
        ({ id, version }) => id === 'gb/assistance' && version === '2017-01-01.r2',
      )?.sealedAt
    const sign = async (name: string): Promise<void> => {
      const file = join(folder, `demonstration-keys/${name}.json`)
      await page.setInputFiles('#key', file)
      await page.fill('#version', '2017-01-01.r2')
      await button('Sign').click()
      expect(await page.content()).not.toContain(JSON.parse(readFileSync(file, 'utf8')).jwk.d)
    }
    await page.getByRole('link', { name: 'Sign it' }).click()
    await page.fill('#why', 'A slip is corrected.')
    await sign('legal')
    expect(await main()).toContain('It waits for data protection')
    expect(sealedAt()).toBeUndefined()
    await sign('data-protection')
    expect(await main()).toContain('sealed gb/assistance/2017-01-01.r2.json')
    expect(sealedAt()).toBe(`${today}T12:00:00.000Z`)
    expect(odd).toEqual([])
  },
  240_000,
)
