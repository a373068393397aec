/** An auditor at a decision, in a real browser, who verifies it. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Visits } from './visit.ts'

/** Where decisions are searched. */
export const searched = '/console/search?purpose=lawfulness'
/** The log of Germany. */
export const log = `comity.local/de/${new Date().getUTCFullYear()}`

/** A trust file of this gateway as an auditor may have it, its keys had on paper; what is changed of it. */
export function trustFile({ local }: Visits, change: object = {}): string {
  const own = JSON.parse(readFileSync(join(local.data, 'trust.json'), 'utf8'))
  const sources = [{ from: 'paper', what: 'handed over in an envelope', on: '2026-11-26' }]
  const file = join(local.data, `trust-${Math.random().toString(36).slice(2)}.json`)
  writeFileSync(file, JSON.stringify({ ...own, sources, ...change }))
  return file
}

/** The page of the newest decision, or of the one with this id, for an auditor with scripts. */
export async function atEntry(of: Visits, width = 1280, scripts = true, id = '') {
  const opened = await of.visit('Paula Prüfer', width, 'light', scripts)
  const { page } = opened
  const link = page.locator(`table a[href*="/entries/${id}"]`).first()
  await expect
    .poll(
      async () => {
        await page.goto(of.local.origin + searched)
        return link.count()
      },
      { timeout: 30_000, interval: 500 },
    )
    .toBeGreaterThan(0)
  await link.click()
  await page.waitForURL('**/console/entries/**')
  return opened
}

/** What the page says once the button was pressed; of no trust file, if none is given. */
export async function verified(page: Page, trust?: string) {
  if (trust !== undefined) await page.setInputFiles('#trust', trust)
  await page.getByRole('button', { name: 'Verify in this browser' }).click()
  const verdict = page.locator('#result .verdict')
  await expect.poll(() => verdict.textContent(), { timeout: 30_000 }).not.toContain('Checking')
  return {
    verdict: String(await verdict.textContent()),
    says: String(await page.locator('#result').textContent()),
  }
}
