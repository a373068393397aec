/** The lawyer's hour on the desk, in a real browser: on a screen and on a phone, light and dark. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDesk } from '../../../functions/workbench/desk/desk.ts'
import { launch } from '../../browser/chromium.ts'
import { printed } from '../../browser/sheets.ts'
import { copyOfPolicies, removeCopies } from '../../cli/in-process.ts'
import { newestOwn } from '../../own-law.ts'

const folder = copyOfPolicies()
let browser: Browser | undefined
let desk: Awaited<ReturnType<typeof openDesk>>
let context: BrowserContext
let page: Page
const odd: string[] = []
const origin = () => new URL(desk.link).origin
beforeAll(async () => {
  desk = await openDesk(folder, 0, { data: folder, url: 'http://127.0.0.1:9' }, () => new Date())
  browser = await launch()
  if (browser === undefined) return
  // The check runs scripts in the page, which its policy refuses.
  context = await browser.newContext({ bypassCSP: true })
  page = await context.newPage()
  page.on('console', (message) => odd.push(message.text()))
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin()}/`)) odd.push(request.url())
  })
}, 60_000)
afterAll(async () => {
  await browser?.close()
  desk.close()
  removeCopies()
})

const draft = 'eu/exchange/2027-01-01'
const button = (name: string) => page.getByRole('button', { name, exact: true })

test('a lawyer reads a law, tries a case, raises a threshold, sees who is refused, and cannot sign it before its cases agree', async (c) => {
  if (browser === undefined) return c.skip()
  await page.goto(desk.link)
  expect(new URL(page.url()).pathname).toBe('/')

  await page.getByRole('link', { name: 'Try a case' }).first().click()
  await page.fill('[id="holder.jurisdiction"]', 'DE')
  await page.fill('[id="requester.jurisdiction"]', 'US')
  await button('Start from an ordinary request').click()
  await page.selectOption('[id="risk.torture"]', '')
  await button('Decide').click()
  expect(await page.locator('#answer').textContent()).toContain(
    'Not decided yet: somebody can still supply what is missing',
  )
  expect(await page.textContent('main')).toContain('What would help')

  await page.goto(`${origin()}/law/${newestOwn('eu/exchange').page}`)
  await page.fill('#day', '2027-01-01')
  await page.fill('#change', 'Raises the threshold to two years.')
  await button('Start a draft').click()
  const text = await page.inputValue('#text')
  const raised = text.replace(
    /("request\.offence\.maxCustodyMonthsHolder" \}, )12\b/,
    (_, before: string) => `${before}24`,
  )
  expect(raised).not.toBe(text)
  await page.fill('#text', raised)
  await button('Save').click()
  expect(await page.getByRole('status').textContent()).toContain('saved')
  expect(readFileSync(join(folder, `${draft}.json`), 'utf8')).toBe(raised)

  // A field prints only what is seen of it. Kills: a sheet that ends in the middle of the law.
  const unspaced = (written: string) => written.replaceAll(/\s/g, '')
  const sheets = unspaced((await printed(page)).join(''))
  for (const part of [raised.slice(0, 200), raised.slice(-200)])
    expect(sheets).toContain(unspaced(part))

  await page.getByRole('link', { name: 'What it changes' }).click()
  await button('Compare').click()
  // The page looks again by itself until it is done.
  await page.locator('ins').first().waitFor()
  expect(await page.locator('ins').allTextContents()).toContain('24')
  const turned = page.locator('.two').first()
  expect(await turned.textContent()).toMatch(/Before.*Released.*After.*Denied/s)

  // Its cases still want the old threshold, so nobody can sign yet.
  await page.goto(`${origin()}/sign?file=${draft}.json`)
  await page.fill('#why', 'The threshold is raised.')
  await page.setInputFiles('#key', join(folder, 'demonstration-keys/legal.json'))
  await page.fill('#version', '2027-01-01')
  await button('Sign').click()
  expect(await page.textContent('main')).toContain('cases of `eu/exchange` fail')
}, 240_000)

const pages = [
  '/',
  `/law/${newestOwn('de/police').page}`,
  '/law/lists/led-adequacy',
  '/try?ordinary=1&holder.jurisdiction=DE&requester.jurisdiction=US&decide=1',
  '/unchecked',
  `/unchecked/plan?file=${newestOwn('de/police').path}`,
  '/timeline?folder=de',
  '/facts',
  '/new',
  `/edit?file=${draft}.json`,
  `/compare?after=${draft.replace(/\/([^/]+)$/, '@$1')}`,
  `/cover?file=${draft}.json`,
  `/impact?file=${draft}.json`,
  `/sign?file=${draft}.json`,
]

test('every page fits a screen and a phone, is readable by everybody, and loads nothing from elsewhere', async (c) => {
  if (browser === undefined) return c.skip()
  odd.length = 0
  for (const path of pages)
    for (const [width, colorScheme] of [
      [1280, 'light'],
      [360, 'dark'],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 800 })
      await page.goto(origin() + path)
      const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      expect(over, `${path} at ${width}`).toBeLessThanOrEqual(0)
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
        .analyze()
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
        path,
      ).toEqual([])
    }
  expect(odd).toEqual([])
  const pdf = await page.pdf({ format: 'A4' })
  expect(pdf.length).toBeGreaterThan(5000)
}, 240_000)
