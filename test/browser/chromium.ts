/**
 * A Chromium for tests that look at pages. Where there is none, `launch` says so and returns undefined, and the test
 * must be skipped.
 */

import { existsSync } from 'node:fs'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as playwright } from 'playwright-core'

/** Starts a browser; `COMITY_CHROME` names one that is installed. */
export async function launch(): Promise<Browser | undefined> {
  try {
    const installed = process.env.COMITY_CHROME
    const executablePath = installed ?? (await chromium.executablePath())
    if (!existsSync(executablePath)) throw new Error(`there is no ${executablePath}`)
    // In a single process, the browser would end with its first page.
    const own = chromium.args.filter((each) => each !== '--single-process')
    const args = installed === undefined ? own : []
    return await playwright.launch({ executablePath, args, headless: true })
  } catch (error) {
    console.warn(`SKIPPED: no browser starts here (${String(error).split('\n')[0]})`)
    return undefined
  }
}
