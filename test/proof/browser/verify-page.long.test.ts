/** `verify.html` as a court opens it: from a file, in a real browser, without a network. */

import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseCheckpoint } from '../../../functions/ledger/checkpoint.ts'
import { verifierKey, writeVkey } from '../../../functions/ledger/note.ts'
import { buildVerifyPage, sha256Of } from '../../../functions/proof/browser/build.ts'
import { subjectsOf } from '../../answer/people.ts'
import { type Evidencing, manifestOf, startEvidencing } from '../../audit/evidencing.ts'
import { launch } from '../../browser/chromium.ts'
import { removeFolders, temporaryFolder } from '../../demo/process.ts'

const folder = temporaryFolder()
const fileOf = (name: string, content: string | Uint8Array): string => {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}
const verifyHtml = buildVerifyPage()
const html = fileOf('verify.html', verifyHtml)

let browser: Browser | undefined
let evidencing: Evidencing
let zip: Uint8Array
beforeAll(async () => {
  evidencing = await startEvidencing()
  await evidencing.keepPerson('R-1')
  await evidencing.askFor(subjectsOf('R-1').recordId)
  await evidencing.sealLogs()
  const subject = evidencing.pseudonym(subjectsOf('R-1').recordId)
  zip = await evidencing.evidence({ subject, purpose: 'criminal-proceedings' })
  browser = await launch()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await evidencing.stop()
  await removeFolders()
})

/** A trust file of all keys with which the bundle was made, had on paper; what is changed of it. */
const trustWith = (change: object = {}): string => {
  const { keys } = manifestOf(zip)
  const trust = {
    v: 1,
    logs: keys.logs.map(writeVkey),
    witnesses: keys.witnesses.map(writeVkey),
    quorum: keys.quorum,
    receipts: keys.receipts,
    agencies: keys.agencies.map(({ id, keys: all }) => ({ id, keys: all })),
    evidence: [evidencing.fingerprint],
    sources: [{ from: 'paper', what: 'read by the clerk of the court', on: '2026-11-26' }],
    ...change,
  }
  return fileOf('trust.json', JSON.stringify(trust))
}

type Given = {
  zip?: Uint8Array
  name?: string
  trust?: string
  seen?: string
  fingerprint?: string
}

/** What the page says of a bundle, and everything that it did beside. */
async function check(
  given: Given,
): Promise<{ verdict: string; says: string; odd: readonly string[] }> {
  const page: Page = await (browser as Browser).newPage()
  const odd: string[] = []
  page.on('console', (message) => odd.push(message.text()))
  page.on('pageerror', (error) => odd.push(String(error)))
  page.on('request', (request) => {
    if (request.url() !== pathToFileURL(html).href) odd.push(request.url())
  })
  await page.goto(pathToFileURL(html).href)
  await page.setInputFiles('#evidence', fileOf(given.name ?? 'evidence.zip', given.zip ?? zip))
  if (given.trust !== undefined) await page.setInputFiles('#trust', given.trust)
  if (given.seen !== undefined) await page.setInputFiles('#seen', given.seen)
  if (given.fingerprint !== undefined) await page.fill('#fingerprint', given.fingerprint)
  await page.click('button')
  await page.waitForSelector('.verdict:not(:text("Checking"))')
  const verdict = (await page.locator('.verdict').textContent()) ?? ''
  const says = (await page.locator('#result').textContent()) ?? ''
  await page.close()
  return { verdict, says, odd }
}

test('the same code gives the same page, so that its digest can be compared', () => {
  expect(sha256Of(buildVerifyPage())).toBe(sha256Of(verifyHtml))
  const [, policy = ''] = /Content-Security-Policy" content="([^"]+)"/.exec(verifyHtml) ?? []
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
})

describe('In a browser, from a file', () => {
  test('good evidence holds by the keys that the reader brings, each with whose word it is', async (c) => {
    if (browser === undefined) return c.skip()
    const { verdict, says, odd } = await check({ trust: trustWith() })
    expect(verdict).toMatch(/^✓ evidence\.zip holds: every key .* in another way/)
    expect(says).toContain('decided again, the same')
    expect(says).toMatch(/the log’s key .+: had on paper/)
    expect(says).toMatch(/the agency’s key .+: had on paper/)
    expect(odd).toEqual([])
  })

  test('keys that the gateway alone vouches for are told to be its own word', async (c) => {
    if (browser === undefined) return c.skip()
    const sources = [{ from: 'gateway', what: 'its own page', on: '2026-11-26' }]
    const { verdict, says } = await check({ trust: trustWith({ sources }) })
    expect(verdict).toMatch(/^◐ .*by its own word/)
    expect(says).toMatch(/the log’s key .+: had from the gateway/)
  })

  test('evidence without any key of the reader’s shows nothing of whom it is from', async (c) => {
    if (browser === undefined) return c.skip()
    expect((await check({})).verdict).toMatch(/^◐ .*agrees with itself, which anyone can/)
    const { verdict } = await check({ fingerprint: evidencing.fingerprint })
    expect(verdict).toMatch(/^◐ /)
  })

  test('one changed byte is found, wherever it is', async (c) => {
    if (browser === undefined) return c.skip()
    for (const at of [200, zip.length >> 1, zip.length - 40]) {
      const changed = Uint8Array.from(zip)
      changed[at] = (changed[at] ?? 0) ^ 1
      const { verdict } = await check({ zip: changed, trust: trustWith() })
      expect(verdict, String(at)).toMatch(/^✕ evidence\.zip does NOT hold/)
    }
  })

  // Kills: a name that has the verdict after it read backwards (Unicode UAX #9).
  test('a file whose name turns what follows around is named as it is', async (c) => {
    if (browser === undefined) return c.skip()
    const { verdict } = await check({ name: 'evidence\u202e.zip', zip: zip.subarray(1) })
    expect(verdict).toMatch(/^✕ evidence\\u202e\.zip does NOT hold/)
  })

  test('evidence that another key signed, or of a log by another key, does not hold', async (c) => {
    if (browser === undefined) return c.skip()
    const other = 'A'.repeat(43)
    const signer = await check({ fingerprint: other })
    expect(signer.verdict).toMatch(/^✕/)
    expect(signer.says).toContain('it is signed with another key')
    const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
    const [log] = manifestOf(zip).keys.logs
    const wrong = verifierKey(log?.name ?? '', 1, Buffer.from(x, 'base64url'))
    const { verdict } = await check({ trust: trustWith({ logs: [writeVkey(wrong)] }) })
    expect(verdict).toMatch(/^✕/)
  })

  test('a log that was rolled back behind what the reader saw, or forked, is found', async (c) => {
    if (browser === undefined) return c.skip()
    const [[log = '', note = ''] = []] = Object.entries(manifestOf(zip).checkpoints)
    const read = parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1))
    if ('wrong' in read) throw new Error(read.wrong)
    const { size, root } = read.checkpoint
    const seenWith = (change: object) => {
      const own = { log, size, root: Buffer.from(root).toString('base64url'), ...change }
      const at = '2026-11-27T00:00:00.000Z'
      return fileOf('seen.json', JSON.stringify({ v: 1, at, logs: [own] }))
    }
    const same = await check({ trust: trustWith(), seen: seenWith({}) })
    expect(same.verdict).toMatch(/^✓/)
    const back = await check({ trust: trustWith(), seen: seenWith({ size: size + 5 }) })
    expect(back.verdict).toMatch(/^✕/)
    expect(back.says).toContain('it was rolled back')
    const forked = await check({ trust: trustWith(), seen: seenWith({ root: 'A'.repeat(43) }) })
    expect(forked.says).toContain('another root')
    // Kills: a file of what was seen that is of other logs, and is passed over.
    const other = await check({
      trust: trustWith(),
      seen: seenWith({ log: 'comity.other/de/2026' }),
    })
    expect(other.verdict).toMatch(/^◐/)
    expect(other.says).toContain(
      `Not seen before, so that nothing shows whether it was rolled back: ${log}`,
    )
  })

  test('a trust file that is none is named, and nothing is checked by it', async (c) => {
    if (browser === undefined) return c.skip()
    const { verdict } = await check({ trust: fileOf('trust.json', '{"v": 2}') })
    expect(verdict).toMatch(/^✕ trust\.json cannot be used/)
  })
})
