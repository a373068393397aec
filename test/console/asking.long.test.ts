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

/** Fills the form by which somebody asks Germany. */
async function fill(page: Page): Promise<void> {
  const field = (name: string) => page.locator(`[id="${name}"]`)
  const chosen = {
    ...{ holder: 'DE-POL', channel: 'bilateral', purpose: 'investigation', stage: 'suspect' },
    ...{ 'offence.category': 'ordinary', urgency: 'none' },
  }
  for (const [name, value] of Object.entries(chosen)) await field(name).selectOption(value)
  const written = {
    ...{ 'subject.document.number': 'DEC04X00T47', 'subject.document.country': 'DE' },
    ...{ 'offence.maxCustodyMonths': '60', instrument: 'none', caseReference: 'CASE-1' },
    'necessity.statement': 'To find the suspect.',
  }
  for (const [name, value] of Object.entries(written)) await field(name).fill(value)
  await page.locator('input[name=classes][value=identification]').check()
}

test.each(looksOfPages)(
  'Each page for officers who ask is sound at %i px, %s, and loads nothing from elsewhere',
  async (width, scheme) => {
    if (visits === undefined) return
    const { origin } = visits.local
    for (const who of ['Fleur Exemple', 'Sam Placeholder']) {
      const { page, said, close } = await visits.visit(who, width, scheme, true)
      const answer = String(await answerOn(page))
      for (const path of ['/console/requests', answer, '/console/handover', '/console/ask']) {
        await page.goto(origin + path)
        await isSound(page, width)
      }
      await page.getByRole('button', { name: 'See what you would be told' }).click()
      expect(await page.locator('.faults li').count()).toBeGreaterThan(5)
      await isSound(page, width)
      await fill(page)
      await page.getByRole('button', { name: 'See what you would be told' }).click()
      expect(await page.locator('h1').textContent()).toBe('What you would be told')
      await isSound(page, width)
      // The browser itself notes the form that was not whole.
      expect(said.filter((each) => !each.includes('422'))).toEqual([])
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

test('A form is filled, tried and changed by keyboard and without scripts; no address has the person', async () => {
  if (visits === undefined) return
  const { page, said, close } = await visits.visit('Fleur Exemple', 360, 'dark')
  await page.getByRole('link', { name: 'Ask', exact: true }).press('Enter')
  await fill(page)
  await page.locator('[id="instrument"]').fill('EU-2023/977')
  await page.locator('[id="channel"]').selectOption('siena')
  await page.getByRole('button', { name: 'See what you would be told' }).press('Enter')
  const main = await page.locator('main').textContent()
  expect(main).toContain(': it would be given, by rule alone')
  expect(main).toContain('document DEC04X00T47 of DE')
  expect(page.url()).toMatch(/\/console\/ask$/)
  await page.getByRole('button', { name: 'Change the answers' }).press('Enter')
  expect(await page.locator('[id="caseReference"]').inputValue()).toBe('CASE-1')
  expect(await page.locator('input[name=classes]:checked').count()).toBe(1)
  expect(said).toEqual([])
  await close()
}, 120_000)

test.each(looksOfPages)(
  'The exercise needs no login, is sound at %i px, %s, and counts in the browser alone',
  async (width, scheme) => {
    if (visits === undefined) return
    const { page, said, close } = await visits.open(width, scheme, true)
    await page.goto(`${visits.local.origin}/console/training`)
    await isSound(page, width)
    await page.getByRole('link', { name: 'What Austria gave' }).click()
    await isSound(page, width)
    await page.getByLabel('Nothing yet').check()
    await page.getByRole('button', { name: 'See what the law says' }).click()
    const counted = (text: string) =>
      expect.poll(() => page.locator('#tally').textContent()).toContain(text)
    await counted('1 of 1 decided as the law does')
    await isSound(page, width)
    // A second thought does not count.
    await page.goto(`${visits.local.origin}/console/training?case=4&answer=release`)
    await counted('1 of 1')
    await page.goto(`${visits.local.origin}/console/training?case=5&answer=release`)
    await counted('1 of 2')
    expect(await page.context().cookies()).toEqual([])
    expect(said).toEqual([])
    await close()
  },
  120_000,
)
