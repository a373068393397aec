/**
 * An officer's hour at the screen, in a real Chromium over `npm start`: a passkey of their own, what would leave, an item
 * taken out, the rest released, and the requester's system has it. Each page on a desk and on a phone, light and dark.
 */

import { gzipSync } from 'node:zlib'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerSchema } from '../../functions/answer/reply/reply-schema.ts'
import { requestOf } from '../answer/people.ts'
import { enterPasskey, giveAuthenticator, logIn, sign, visit } from '../browser/acting.ts'
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

/** Looks at the page that is open, at both widths and in both schemes. */
async function look(page: Page, what: string): Promise<void> {
  expect(gzipSync(await page.content()).length, what).toBeLessThan(20_000)
  await page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
  for (const width of [1280, 360])
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: 800 })
      await page.emulateMedia({ colorScheme })
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
      const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze()
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
      expect(found, `${what}, ${width} px, ${colorScheme}`).toEqual([])
      const wide = await page.evaluate('document.documentElement.scrollWidth')
      expect(wide, `${what}, ${width} px`).toBeLessThanOrEqual(width)
    }
}

describe.skipIf(browser === undefined)('An officer of the holder in Chromium', () => {
  test('looks at one matter, takes an item out, releases exactly the rest, and it leaves', async () => {
    if (browser === undefined) return
    const { page, said, close } = await visit(browser, local, 'Peter Sample')
    await giveAuthenticator(page)
    await look(page, 'your office')
    await enterPasskey(page, local, 'GB-POL')
    await look(page, 'your passkey')
    await logIn(page, local.origin, 'Peter Sample')
    const body = requestOf({ holder: 'GB-POL', subject: { recordId: 'GB-POL-0001' } })
    const asked = {
      method: 'POST',
      path: '/v1/access-requests',
      body: { ...body, caseReference: 'DE-1' },
    }
    await local.send('DE-POL', 'officer-1', asked)
    await page.goto(`${local.origin}/console/inbox`)
    await page.locator('h2 a', { hasText: 'DE-1' }).click()
    await page.waitForURL('**/console/inbox/*')
    const request = page.url().split('/').at(-1) ?? ''
    await look(page, 'what waits')
    await page.locator('select[name="fact:necessity.case"]').first().selectOption('necessary')
    await page.getByRole('button', { name: 'Show what would leave' }).click()
    await look(page, 'what is signed')
    await sign(page)
    await page.getByRole('heading', { name: 'What would leave' }).waitFor()
    await look(page, 'what would leave')
    const [first] = await page.locator('input[name=takenOut]').all()
    const item = String(await first?.getAttribute('value'))
    await first?.check()
    await page.getByRole('button', { name: 'without what is ticked' }).click()
    await sign(page)
    await page.getByText('You took out').waitFor()
    await page.getByLabel('Why you release it').fill('Needed to find the suspect.')
    await page.getByRole('button', { name: 'Release exactly this' }).click()
    await sign(page)
    await page.getByText('What you said is entered').waitFor()
    await look(page, 'what is done')
    const again = { ...asked, body: { ...asked.body, previous: request } }
    const answer = answerSchema.parse(await (await local.send('DE-POL', 'officer-1', again)).json())
    const left = answer.records.flatMap(({ items }) => items.map(({ id }) => id))
    expect(left.length).toBeGreaterThan(0)
    expect(left).not.toContain(item)
    expect(answer.decidedBy).toMatchObject({ kind: 'officer', office: 'GB-POL' })
    expect(said.filter((line) => !line.includes('pubKeyCredParams'))).toEqual([])
    await close()
  }, 240_000)

  test('reads everything with scripts off, and is told that signing needs its script', async () => {
    if (browser === undefined) return
    const { page, close } = await visit(browser, local, 'Peter Sample', {
      scripts: false,
      width: 360,
    })
    await page.goto(`${local.origin}/console/inbox`)
    await page.locator('h2 a').first().click()
    await page.getByRole('button', { name: 'Show what would leave' }).click()
    const main = String(await page.locator('main').textContent())
    expect(main).toContain('To sign, this page needs its script')
    await close()
  }, 120_000)
})
