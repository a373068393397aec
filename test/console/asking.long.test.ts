/** Pages of officers who ask, in a real Chromium: on a desk, on a phone and on paper, light and dark, without scripts. */

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { isSound, looksOfPages, startVisits, type Visits } from './visit.ts'

let visits: Visits | undefined
beforeAll(async () => {
  visits = await startVisits()
  if (visits === undefined) return
  // What was asked at the start is sealed soon.
  const { page, close } = await visits.visit('Sam Placeholder', 1280, 'light')
  const isThere = async () => expect(await answerOn(page)).toBeTruthy()
  await vi.waitFor(isThere, { timeout: 60_000, interval: 500 })
  await close()
}, 120_000)
afterAll(() => visits?.close())

/** The address of the first answer of an officer's own. */
async function answerOn(page: Page): Promise<string | null> {
  await page.goto(new URL('/console/requests', page.url()).href)
  const links = page.locator('main a[href^="/console/answers/"]')
  return (await links.count()) === 0 ? null : links.first().getAttribute('href')
}

test.each(looksOfPages)(
  'Each page for officers who ask is sound at %i px, %s, and loads nothing from elsewhere',
  async (width, scheme) => {
    if (visits === undefined) return
    const { origin } = visits.local
    for (const who of ['Fleur Exemple', 'Sam Placeholder']) {
      const { page, said, close } = await visits.visit(who, width, scheme, true)
      const answer = String(await answerOn(page))
      for (const path of ['/console/requests', answer, '/console/handover']) {
        await page.goto(origin + path)
        await isSound(page, width)
      }
      expect(said).toEqual([])
      await close()
    }
  },
  240_000,
)

test('From the first page a telephone number is a click away, by keyboard and without scripts', async () => {
  if (visits === undefined) return
  const { page, close } = await visits.visit('Sam Placeholder', 360, 'light')
  await page.goto(`${visits.local.origin}/console`)
  await page.keyboard.press('Tab')
  expect(await page.locator(':focus').textContent()).toBe('Skip to the content')
  await page.getByRole('link', { name: 'My requests' }).press('Enter')
  expect(await page.locator('a[href^="tel:+44"]').count()).toBeGreaterThan(0)
  await page.getByRole('link', { name: 'GB-POL: US-2026-0009' }).press('Enter')
  expect(await page.locator('h1').textContent()).toBe('Answer of GB-POL: US-2026-0009')
  await close()
}, 120_000)

// Kills: a head that is printed once, and a page that its sheets do not count.
test('A printed answer says on each of its sheets whose it is, when it was printed, its number, and which sheet', async () => {
  if (visits === undefined) return
  const { page, close } = await visits.visit('Sam Placeholder', 1280, 'light')
  await page.goto(new URL(String(await answerOn(page)), page.url()).href)
  const head = page.locator('.sheets > thead')
  expect(await head.isVisible()).toBe(false)
  await page.emulateMedia({ media: 'print' })
  expect(await head.textContent()).toMatch(
    /Answer of GB-POL: US-2026-0009\. For agent-12 of US-POL, printed [\d-]+ [\d:]+ UTC\. Number [\w-]{43}/,
  )
  const display = (selector: string) =>
    page.evaluate(`getComputedStyle(document.querySelector('${selector}')).display`)
  expect(await display('.sheets > thead')).toBe('table-header-group')
  expect(await display('nav')).toBe('none')
  // A6 is a sheet on which it does not fit.
  const paper = await page.pdf({ format: 'A6' })
  const sheets = paper.toString('latin1').match(/\/Type\s*\/Page\b/g) ?? []
  expect(sheets.length).toBeGreaterThan(3)
  await close()
}, 120_000)
