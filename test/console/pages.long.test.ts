/**
 * The console in a real Chromium, as `npm start` runs it: each page on a desk and on a phone, light and dark, with
 * scripts off as people may have them.
 */

import { gzipSync } from 'node:zlib'
import { AxeBuilder } from '@axe-core/playwright'
import chromium from '@sparticuz/chromium'
import { type Browser, type Page, chromium as playwright } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { examples } from '../../functions/demo/demonstration.ts'
import { printed } from '../browser/sheets.ts'
import { type Local, removeFolders, startLocal, temporaryFolder } from '../demo/process.ts'
import { isAborted } from './visit.ts'

const isHere = process.platform === 'linux' && process.arch === 'x64'
if (!isHere) console.warn('SKIPPED: the console in a browser; its Chromium runs on Linux x64 alone')

let local: Local
let browser: Browser
beforeAll(async () => {
  if (!isHere) return
  local = await startLocal({ data: temporaryFolder() })
  browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: ['--no-sandbox', '--headless=shell', '--disable-gpu'],
  })
  // What was asked at the start is sealed soon.
  const { page, close } = await visit('Paula Prüfer', 1280, 'light')
  const isThere = async () => expect(await linksOn(page)).toBeGreaterThan(0)
  await vi.waitFor(isThere, { timeout: 60_000, interval: 500 })
  await close()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await local?.interrupt()
  await removeFolders()
})

/** A page of somebody who logged in, and all that the browser had to say of it. */
async function visit(who: string, width: number, colorScheme: 'light' | 'dark', scripts = false) {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme,
    javaScriptEnabled: scripts,
  })
  const page = await context.newPage()
  const said: string[] = []
  page.on('console', (line) => said.push(line.text()))
  page.on('pageerror', (error) => said.push(String(error)))
  page.on('requestfailed', (request) => isAborted(request) || said.push(`failed: ${request.url()}`))
  page.on('request', (request) => {
    const { hostname } = new URL(request.url())
    if (hostname !== 'localhost') said.push(`elsewhere: ${request.url()}`)
  })
  await page.goto(`${local.origin}/console`)
  await page.getByRole('button', { name: who }).click()
  // Whole, so that whoever goes on at once does not end it.
  await page.waitForURL(/\/console\/(health|inbox)/)
  return { page, said, close: () => context.close() }
}

const searched = '/console/search?purpose=lawfulness'
/** How many decisions the search shows. */
async function linksOn(page: Page): Promise<number> {
  await page.goto(local.origin + searched)
  return page.locator('table a').count()
}

/** The address of the newest decision's page. */
async function entryOf(page: Page): Promise<string> {
  await page.goto(local.origin + searched)
  return String(await page.locator('table a').first().getAttribute('href'))
}

describe.skipIf(!isHere)('The console in Chromium', () => {
  test('has no fault of accessibility on an officer’s page, either', async () => {
    const { page, said, close } = await visit('Peter Sample', 360, 'light', true)
    const main = await page.locator('main').textContent()
    expect(main).toContain('US-2026-0009')
    const { violations } = await new AxeBuilder({ page }).analyze()
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
    expect(said).toEqual([])
    await close()
  }, 120_000)

  // WCAG 2.2 A and AA, as far as a machine can tell. Kills: a colour too faint, a field without a name, a page too wide.
  test.each([
    [1280, 'light'],
    [1280, 'dark'],
    [360, 'light'],
    [360, 'dark'],
  ] as const)(
    'has no fault of accessibility at %i px, %s, loads nothing from elsewhere, and is never wider than it',
    async (width, scheme) => {
      const { page, said, close } = await visit('Paula Prüfer', width, scheme, true)
      const entry = await entryOf(page)
      const paths = ['/console/health', '/console/search', searched, entry, '/console/office']
      for (const path of [
        ...paths,
        '/console/looks?purpose=lawfulness',
        '/console/deadlines?purpose=lawfulness',
        '/console/figures?purpose=lawfulness&from=2026-01-01&until=2099-01-01',
        '/console/officers?purpose=lawfulness&agency=FR-SPOC&by=denials&from=2026-01-01&until=2099-01-01',
        '/console/officer?purpose=lawfulness&agency=FR-SPOC&officer=officer-7&from=2026-01-01&until=2099-01-01',
        '/console/alarms?purpose=lawfulness',
        '/console/nowhere',
      ]) {
        await page.goto(local.origin + path)
        // Pages under 20 KB, as a browser is sent them.
        expect(gzipSync(await page.content()).length, path).toBeLessThan(20_000)
        await page.evaluate(
          "document.querySelectorAll('details').forEach((each) => (each.open = true))",
        )
        const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
        const { violations, passes } = await new AxeBuilder({ page }).withTags(tags).analyze()
        const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
        expect(found, path).toEqual([])
        expect(passes.length, path).toBeGreaterThan(5)
        const wide = await page.evaluate('document.documentElement.scrollWidth')
        expect(wide, path).toBeLessThanOrEqual(width)
      }
      // The browser itself notes the page that is not there.
      expect(said.filter((each) => !each.includes('404'))).toEqual([])
      await close()
    },
    120_000,
  )

  // Kills: a button on paper; a list that does not say of what; the auditor's name on what is to be published.
  test('prints what was asked and found, and nothing that one presses', async () => {
    const { page, close } = await visit('Paula Prüfer', 1280, 'light', true)
    const onPaper = async (path: string) => {
      await page.goto(local.origin + path)
      return printed(page)
    }
    const unspaced = (sheets: readonly string[]) => sheets.join('').replaceAll(/\s/g, '')
    const found = unspaced(await onPaper(`${searched}&requester=FR-SPOC`))
    expect(found).toContain('Whatyoulookfor:lawfulnessofprocessing;Whoasked:FR-SPOC')
    expect(found).not.toMatch(/Byapersonoracase|Changethesearch|AsaTable/)
    const health = unspaced(await onPaper('/console/health'))
    expect(health).toContain('Inthelogupto')
    expect(health).not.toMatch(/Checkagain|Forget|ChooseFile/)
    const figures = '/console/figures?purpose=lawfulness&from=2026-01-01&until=2099-01-01'
    const sheets = await onPaper(`${figures}&publish=yes`)
    for (const sheet of sheets) {
      expect(unspaced([sheet])).toMatch(
        /Figurestopublish,2026-01to20\d\d-\d\d\.comity\.local\.Made20/,
      )
      expect(unspaced([sheet])).not.toMatch(/auditor-1|DE-DPA|Prüfer/)
    }
    expect(unspaced(await onPaper(figures))).toContain('Byauditor-1ofDE-DPA,printed20')
    await close()
  }, 120_000)

  test('lets an auditor find, read, decide again and see the look, by keyboard and without scripts', async () => {
    const { page, said, close } = await visit('Paula Prüfer', 360, 'light')
    await page.goto(`${local.origin}/console/search`)
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').textContent()).toBe('Skip to the content')
    await page.selectOption('#person-purpose', 'lawfulness')
    await page.fill('#given', 'Anton')
    await page.fill('#family', 'Beispiel')
    await page.fill('#birthDate', '1979-03-14')
    await page.press('#birthDate', 'Enter')
    expect(page.url()).not.toMatch(/Anton|Beispiel|1979/)
    await page.locator('table a').first().press('Enter')
    expect(await page.locator('main').textContent()).toContain('Why: every law that applied')
    await page.getByRole('button', { name: 'Decide again' }).press('Enter')
    expect(await page.locator('main').textContent()).toContain('it comes out the same')
    // Once they are sealed.
    await expect
      .poll(
        async () => {
          await page.goto(`${local.origin}/console/looks?purpose=self-monitoring`)
          return page.locator('main').textContent()
        },
        { timeout: 30_000, interval: 500 },
      )
      .toMatch(/decided again[\s\S]*one entry[\s\S]*whom or which case to search/)
    expect(said).toEqual([])
    await close()
  }, 120_000)

  test('shows, at an address that was kept, whether the log grew from it', async () => {
    const { page, close } = await visit('Olive Auditor', 1280, 'light')
    await page.goto(`${local.origin}/console/health`)
    // The log of looks has one of its own, once somebody looked.
    const link = page.getByRole('link', { name: 'Keep this address' }).first()
    const kept = String(await link.getAttribute('href'))
    await local.send('FR-SPOC', 'officer-7', {
      method: 'POST',
      path: '/v1/access-requests',
      body: examples[0]?.request,
    })
    await page.goto(`${local.origin}${searched}`)
    await page.goto(local.origin + kept)
    expect(await page.locator('main').textContent()).toContain('the log grew from it')
    await page.goto(local.origin + kept.replace(/.$/, (last) => (last === '0' ? '1' : '0')))
    expect(await page.locator('main').textContent()).toContain('THE LOG DID NOT GROW FROM IT')
    await close()
  }, 120_000)
})
