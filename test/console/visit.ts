/**
 * The console in a real Chromium, as `npm start` runs it.
 *
 *     const visits = await startVisits()              // undefined where no browser starts
 *     const { page, said, close } = await visits.visit('Paula Prüfer', 1280, 'light')
 */

import { gzipSync } from 'node:zlib'
import { AxeBuilder } from '@axe-core/playwright'
import type { Page, Request } from 'playwright-core'
import { expect } from 'vitest'
import { launch } from '../browser/chromium.ts'
import { removeFolders, startLocal, temporaryFolder } from '../demo/process.ts'

/** Widths and colours in which each page must hold. */
export const looksOfPages = [
  [1280, 'light'],
  [1280, 'dark'],
  [360, 'light'],
  [360, 'dark'],
] as const

/** Whether a browser ended what it fetched, since its reader went on to another page. */
export const isAborted = (request: Request): boolean =>
  request.failure()?.errorText === 'net::ERR_ABORTED'

/** A running gateway and a browser. */
export type Visits = NonNullable<Awaited<ReturnType<typeof startVisits>>>

/** Starts both. */
export async function startVisits() {
  const browser = await launch()
  if (browser === undefined) return undefined
  const local = await startLocal({ data: temporaryFolder() })

  /** A page of whoever has not logged in, and all that the browser had to say of it. */
  async function open(width: number, colorScheme: 'light' | 'dark', scripts = false) {
    const context = await browser?.newContext({
      viewport: { width, height: 800 },
      colorScheme,
      javaScriptEnabled: scripts,
    })
    if (context === undefined) throw new Error('the browser is gone')
    const page = await context.newPage()
    const said: string[] = []
    page.on('console', (line) => said.push(line.text()))
    page.on('pageerror', (error) => said.push(String(error)))
    page.on(
      'requestfailed',
      (request) => isAborted(request) || said.push(`failed: ${request.url()}`),
    )
    page.on('request', (request) => {
      const { hostname } = new URL(request.url())
      if (hostname !== 'localhost') said.push(`elsewhere: ${request.url()}`)
    })
    return { page, said, close: () => context.close() }
  }
  return {
    local,
    open,
    /** A page of somebody who logged in. */
    async visit(who: string, width: number, colorScheme: 'light' | 'dark', scripts = false) {
      const opened = await open(width, colorScheme, scripts)
      const { page } = opened
      await page.goto(`${local.origin}/console`)
      await page.getByRole('button', { name: who }).click()
      // Whole, so that whoever goes on at once does not end it.
      await page.waitForURL(/\/console\/(health|inbox|requests)/)
      return opened
    },
    async close() {
      await browser.close()
      await local.interrupt()
      await removeFolders()
    },
  }
}

/**
 * WCAG 2.2 A and AA, as far as a machine can tell; not wider than the window; under 20 KB as it is sent. Kills: a
 * colour too faint, a field without a name, a page too wide.
 */
export async function isSound(page: Page, width: number): Promise<void> {
  // With its style: without it, colours are others.
  await page.waitForLoadState('load')
  const path = new URL(page.url()).pathname
  expect(gzipSync(await page.content()).length, path).toBeLessThan(20_000)
  await page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
  const { violations, passes } = await new AxeBuilder({ page }).withTags(tags).analyze()
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    path,
  ).toEqual([])
  expect(passes.length, path).toBeGreaterThan(5)
  expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(
    width,
  )
}
