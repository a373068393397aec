/**
 * A Chromium for tests that look at pages. Where there is none, `launch` says so and returns undefined, and the test
 * must be skipped.
 */

import { existsSync } from 'node:fs'
import chromium from '@sparticuz/chromium'
import { type Browser, chromium as playwright } from 'playwright-core'

/**
 * What the package would set, and nobody has: in a single process the browser would end with its first page, and
 * without its web security it says of no form from where it comes.
 */
const unlikePeoples = [
  '--single-process',
  '--disable-web-security',
  '--disable-site-isolation-trials',
  '--allow-running-insecure-content',
]

/** Starts a browser; `COMITY_CHROME` names one that is installed. */
export async function launch(): Promise<Browser | undefined> {
  try {
    const installed = process.env.COMITY_CHROME
    const executablePath = installed ?? (await chromium.executablePath())
    if (!existsSync(executablePath)) throw new Error(`there is no ${executablePath}`)
    const own = chromium.args.filter((each) => !unlikePeoples.includes(each))
    const args = installed === undefined ? own : []
    return await playwright.launch({ executablePath, args, headless: true })
  } catch (error) {
    console.warn(`SKIPPED: no browser starts here (${String(error).split('\n')[0]})`)
    return undefined
  }
}
