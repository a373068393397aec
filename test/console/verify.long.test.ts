/**
 * Verified in this browser, in a real Chromium on what `npm start` runs: an auditor brings keys, and whoever runs the
 * gateway serves what he likes. Attacks are on the wire, signed with the gateway's own keys where he has those.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileCheckpointKey } from '../../functions/adapters/key-files.ts'
import { checkpointText, parseCheckpoint } from '../../functions/ledger/checkpoint.ts'
import {
  canonicalBytes,
  fingerprintOf,
  makeBundle,
  paths,
} from '../../functions/ledger/evidence.ts'
import { frontierOf, rootOf } from '../../functions/ledger/merkle.ts'
import {
  cosignText,
  parseVkey,
  signText,
  verifierKey,
  writeNote,
  writeVkey,
} from '../../functions/ledger/note.ts'
import { grownTiles } from '../../functions/ledger/tiles.ts'
import { readZip } from '../../functions/ledger/zip.ts'
import { requestOfMember } from '../answer/people.ts'
import { atEntry, log, searched, trustFile, verified } from './verifying.ts'
import { isSound, looksOfPages, startVisits, type Visits } from './visit.ts'

let visits: Visits | undefined
beforeAll(async () => {
  visits = await startVisits()
}, 120_000)
afterAll(() => visits?.close())

/** What the health page says of the log of Germany, once it has looked. */
async function grown(page: Page, of: Visits): Promise<string> {
  await page.goto(`${of.local.origin}/console/health`)
  const says = page.locator(`[data-log="${log}"]`)
  await expect.poll(() => says.textContent(), { timeout: 30_000 }).toMatch(/^[✓◐✕] (?!Checking)/)
  return String(await says.textContent())
}

const tilesOf = `**/log/${log}/tile/**`
const newest = `**/log/${log}/checkpoint`
const fetchedFrom = async (of: Visits, path: string) =>
  Buffer.from(await (await fetch(`${of.local.origin}/log/${log}/${path}`)).arrayBuffer())

/** The tree that is published, by its leaves' hashes. */
async function published(of: Visits) {
  const note = (await fetchedFrom(of, 'checkpoint')).toString()
  const read = parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1))
  if ('wrong' in read) throw new Error(read.wrong)
  const { size } = read.checkpoint
  const hashes: Buffer[] = []
  for (let at = 0; at * 256 < size; at += 1) {
    const width = Math.min(256, size - at * 256)
    const name = String(at).padStart(3, '0') + (width === 256 ? '' : `.p/${width}`)
    const bytes = await fetchedFrom(of, `tile/0/${name}`)
    for (let i = 0; i < width; i += 1) hashes.push(bytes.subarray(i * 32, i * 32 + 32))
  }
  return { note, size, hashes }
}

/** A log of these leaves, signed with the keys of this gateway and of its witness, in place of its own. */
async function serveInstead(page: Page, of: Visits, hashes: readonly Buffer[]) {
  const files = new Map<string, Buffer>()
  const made = await grownTiles(0, hashes, async () => undefined)
  for (const { path, bytes } of made) files.set(`/log/${log}/${path}`, Buffer.from(bytes))
  const root = rootOf(frontierOf(hashes))
  const text = checkpointText({ origin: log, size: hashes.length, root })
  const [own, witness] = ['checkpoint.pem', 'witness.pem'].map((name) =>
    fileCheckpointKey(join(of.local.data, name)),
  )
  if (own === undefined || witness === undefined) throw new Error('there is no key')
  const signatures = [
    await signText(text, verifierKey(log, 1, own.publicKey), own.sign),
    await cosignText(
      text,
      verifierKey('witness.local', 4, witness.publicKey),
      Math.floor(Date.now() / 1000),
      witness.sign,
    ),
  ]
  await page.route(newest, (route) => route.fulfill({ body: writeNote({ text, signatures }) }))
  await page.route(tilesOf, (route) => {
    const body = files.get(new URL(route.request().url()).pathname)
    return body === undefined ? route.fulfill({ status: 404 }) : route.fulfill({ body })
  })
}

describe('One decision, verified in this browser', () => {
  test('holds by the keys that the auditor brings, each with whose word it is, and they are kept here alone', async (c) => {
    if (visits === undefined) return c.skip()
    const { page, said, close } = await atEntry(visits)
    const { verdict, says } = await verified(page, trustFile(visits))
    expect(verdict).toMatch(/^✓ This entry holds: every key .* in another way/)
    expect(says).toContain('decided again, the same')
    expect(says).toMatch(new RegExp(`in the newest tree of ${log}, \\d+ entries, by its tiles`))
    expect(says).toMatch(/the log’s key .+: had on paper/)
    expect(says).toMatch(/the witness’s key .+: had on paper/)
    expect(says).toMatch(/the agency’s key .+: had on paper/)
    expect(says).toMatch(/witness\.local saw it at \d{4}-/)
    // What is kept is asked for no second time, and goes nowhere.
    await page.reload()
    expect(await page.locator('#kept-trust').textContent()).toMatch(
      /keeps your keys of \d+ logs? and \d+ witness(es)?\./,
    )
    expect((await verified(page)).verdict).toMatch(/^✓/)
    await page.getByRole('button', { name: 'Forget them' }).click()
    expect((await verified(page)).verdict).toMatch(/^◐ It agrees with itself.*you brought no keys/)
    expect(said).toEqual([])
    await close()
  }, 120_000)

  test('is entered as a look for evidence, once for its purpose and question', async (c) => {
    if (visits === undefined) return c.skip()
    const { page, close } = await atEntry(visits)
    // The same checkpoint, so that it is the same question.
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST') asked.push(new URL(request.url()).pathname)
    })
    const id = String(new URL(page.url()).pathname.split('/').at(-1))
    await verified(page, trustFile(visits))
    expect(asked).toEqual([`/console/entries/${id}/evidence`])
    const looks = page.locator('tr', { hasText: 'evidence' })
    const count = async () => {
      await page.goto(`${visits?.local.origin}/console/looks?purpose=self-monitoring`)
      return looks.count()
    }
    await expect.poll(count, { timeout: 30_000, interval: 1000 }).toBeGreaterThan(0)
    expect(await looks.first().textContent()).toContain('lawfulness of processing')
    await close()
  }, 120_000)

  // Kills: a look that does not hold, since its log is served to nobody.
  test('may be a look: it holds by its evidence alone, and its log is asked for by nobody', async (c) => {
    if (visits === undefined) return c.skip()
    const { page, close } = await atEntry(visits)
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    const button = page.getByRole('button', { name: 'Verify in this browser' })
    const { origin } = visits.local
    const atOldest = async () => {
      await page.goto(`${origin}/console/looks?purpose=self-monitoring`)
      const last = page.locator('table a[href*="/entries/"]').last()
      if ((await last.count()) === 0) return 0
      await page.goto(origin + (await last.getAttribute('href')))
      return button.count()
    }
    await expect.poll(atOldest, { timeout: 30_000, interval: 1000 }).toBe(1)
    expect(await page.locator('#verify-entry').getAttribute('data-log')).toContain('/de/looks-')
    const { verdict, says } = await verified(page, trustFile(visits))
    expect(verdict).toMatch(/^✓ This entry holds: every key .* in another way/)
    expect(says).toContain('not whether its log grew, which is served to nobody')
    expect(says).not.toContain('the witness’s key')
    expect(asked.filter((path) => path.startsWith('/log/'))).toEqual([])
    await close()
  }, 120_000)

  test('does not hold if the entry was changed, whoever signs it anew', async (c) => {
    if (visits === undefined) return c.skip()
    const { page, close } = await atEntry(visits)
    const id = String(new URL(page.url()).pathname.split('/').at(-1))
    const key = fileCheckpointKey(join(visits.local.data, 'forger.pem'))
    await page.route('**/evidence', async (route) => {
      const read = readZip(await (await route.fetch()).body())
      if ('wrong' in read) throw new Error(read.wrong)
      const files = new Map(read.files)
      const text = (path: string) => Buffer.from(files.get(path) ?? '').toString()
      const entry = JSON.parse(text(paths.entry(id)))
      const leaf = JSON.parse(Buffer.from(entry.leaf, 'base64url').toString())
      const changed = canonicalBytes({ ...leaf, out: leaf.out === 'deny' ? 'release' : 'deny' })
      const kept = { ...entry, leaf: Buffer.from(changed).toString('base64url') }
      files.set(paths.entry(id), canonicalBytes(kept))
      const { v: _, kind: __, files: ___, ...parts } = JSON.parse(text(paths.manifest))
      files.delete(paths.manifest)
      files.delete(paths.signature)
      await route.fulfill({
        contentType: 'application/zip',
        body: Buffer.from(await makeBundle(parts, files, key)),
      })
    })
    const evidence = [fingerprintOf(key.publicKey)]
    const { verdict, says } = await verified(page, trustFile(visits, { evidence }))
    expect(verdict).toBe('✕ This entry does NOT hold:')
    expect(says).toContain('the path does not lead from this leaf at index')
    await close()
  }, 120_000)

  test('does not hold if a tile was changed, or is not there', async (c) => {
    if (visits === undefined) return c.skip()
    const { page, close } = await atEntry(visits)
    await page.route(tilesOf, async (route) => {
      const body = await (await route.fetch()).body()
      body[3] = (body[3] ?? 0) ^ 1
      await route.fulfill({ body })
    })
    const changed = await verified(page, trustFile(visits))
    expect(changed.verdict).toBe('✕ DOES NOT HOLD')
    expect(changed.says).toMatch(/the tiles of .+ do not make up the root that it signed/)
    await page.unroute(tilesOf)
    await page.route(tilesOf, (route) => route.fulfill({ status: 404 }))
    expect((await verified(page)).says).toMatch(/couldn’t read tile\/.+: it is not there/)
    await close()
  }, 120_000)

  test('does not hold by a trust file of another log, or with another key of this one', async (c) => {
    if (visits === undefined) return c.skip()
    const { page, close } = await atEntry(visits)
    const own = JSON.parse(readFileSync(trustFile(visits), 'utf8'))
    const others = own.logs.map((each: string) => {
      const read = parseVkey(each)
      if ('wrong' in read) throw new Error(read.wrong)
      const { name, publicKey } = read.key
      return writeVkey(verifierKey(name.replace('local', 'other'), 1, publicKey))
    })
    const other = await verified(page, trustFile(visits, { logs: others }))
    expect(other.verdict).toMatch(/^✕/)
    expect(other.says).toMatch(/the trust file has no key of|it is of another log/)
    const { publicKey } = fileCheckpointKey(join(visits.local.data, 'stranger.pem'))
    const wrong = await verified(
      page,
      trustFile(visits, { logs: [writeVkey(verifierKey(log, 1, publicKey))] }),
    )
    expect(wrong.verdict).toMatch(/^✕/)
    expect(wrong.says).toContain(`the log ${log} did not sign the checkpoint`)
    await close()
  }, 120_000)

  test('says without scripts what one can do instead', async (c) => {
    if (visits === undefined) return c.skip()
    const { page, said, close } = await atEntry(visits, 360, false)
    const main = String(await page.locator('main').textContent())
    expect(main).toContain('It takes a script, and scripts are off. Instead, take the evidence')
    expect(await page.getByRole('button', { name: 'Verify in this browser' }).isVisible()).toBe(
      false,
    )
    await page.goto(`${visits.local.origin}/console/health`)
    expect(await page.locator('main').textContent()).toContain('Not checked: that takes a script.')
    expect(said).toEqual([])
    await close()
  }, 120_000)
})

describe('What this browser saw last of a log', () => {
  test('is where it grew from, from one visit to the next', async (c) => {
    if (visits === undefined) return c.skip()
    const { page, said, close } = await visits.visit('Paula Prüfer', 1280, 'light', true)
    const first = page.locator(`[data-log="${log}"]`)
    await expect
      .poll(() => first.textContent(), { timeout: 30_000 })
      .toMatch(/^◐ Seen for the first time.*By nobody’s word/)
    await page.goto(`${visits.local.origin}/console/health`)
    await page.setInputFiles('#trust', trustFile(visits))
    await page.getByRole('button', { name: 'Check again' }).click()
    const says = page.locator(`[data-log="${log}"]`)
    await expect
      .poll(() => says.textContent(), { timeout: 30_000 })
      .toMatch(/^✓ It (grew from|is what)/)
    // To look is to let another log grow, which nobody sees.
    const call = {
      method: 'POST',
      path: '/v1/access-requests',
      body: requestOfMember({ subject: { recordId: 'DE-POL-0001' } }),
    } as const
    const sent = await visits.local.send('FR-SPOC', 'officer-7', call)
    expect(await sent.text()).toContain('"outcome"')
    const grows = () => grown(page, visits as Visits)
    await expect
      .poll(grows, { timeout: 60_000, interval: 2000 })
      .toMatch(/^✓ It grew from the \d+ entries that this browser saw on .*had on paper/)
    expect(said).toEqual([])
    await close()
  }, 120_000)

  test('catches a log that was rolled back, by a checkpoint that the log did sign', async (c) => {
    if (visits === undefined) return c.skip()
    const { page, close } = await atEntry(visits)
    await grown(page, visits)
    const { size, hashes } = await published(visits)
    await serveInstead(page, visits, hashes.slice(0, size - 3))
    const says = await grown(page, visits)
    expect(says).toMatch(new RegExp(`^✕ DOES NOT HOLD.*has ${size - 3} entries, and had \\d+`))
    expect(says).toContain('it was rolled back')
    // It stays caught: what was seen is not replaced by what does not hold.
    expect(await grown(page, visits)).toContain('it was rolled back')
    await page.getByRole('button', { name: 'Forget what it saw' }).click()
    await expect
      .poll(() => page.locator(`[data-log="${log}"]`).textContent())
      .toContain('Seen for the first time')
    await close()
  }, 120_000)

  // Kills: a log that was emptied, or is of another year, and so stands on no page that would be checked.
  test('catches a log that was rolled back and that the page leaves out', async (c) => {
    if (visits === undefined) return c.skip()
    const { page, said, close } = await atEntry(visits, 360)
    await grown(page, visits)
    const { size, hashes } = await published(visits)
    await serveInstead(page, visits, hashes.slice(0, size - 3))
    await page.route('**/console/health', async (route) => {
      const answer = await route.fetch()
      const body = (await answer.text()).replace(/<section><h2>.*?<\/section>/gs, '')
      await route.fulfill({ response: answer, body })
    })
    expect(await grown(page, visits)).toContain('it was rolled back')
    const others = page.locator('#other-logs')
    expect(await others.textContent()).toMatch(new RegExp(`^${log}✕ DOES NOT HOLD`))
    await isSound(page, 360)
    await page.unroute(newest)
    await page.route(newest, (route) => route.fulfill({ status: 404 }))
    expect(await grown(page, visits)).toContain('publishes no checkpoint')
    await page.getByRole('button', { name: 'Forget what it saw' }).click()
    expect(await others.textContent()).toBe('')
    expect(said.filter((line) => !line.includes('404'))).toEqual([])
    await close()
  }, 120_000)

  test('catches a log that forked, though it grew, is whole in itself, signed and witnessed', async (c) => {
    if (visits === undefined) return c.skip()
    const { page, close } = await atEntry(visits)
    await verified(page, trustFile(visits))
    const { hashes } = await published(visits)
    const [first = Buffer.alloc(32), ...others] = hashes
    await serveInstead(page, visits, [first.map((byte) => byte ^ 1) as Buffer, ...others, first])
    const says = await grown(page, visits)
    expect(says).toMatch(/^✕ DOES NOT HOLD/)
    expect(says).toMatch(
      /does not show that it grew from the \d+ entries that were seen: it has forked/,
    )
    await close()
  }, 120_000)
})

describe('The pages with the check', () => {
  test('have no fault of accessibility while they say what came of it', async (c) => {
    if (visits === undefined) return c.skip()
    for (const [width, scheme] of looksOfPages) {
      const { page, said, close } = await visits.visit('Paula Prüfer', width, scheme, true)
      await grown(page, visits)
      await isSound(page, width)
      await page.goto(visits.local.origin + searched)
      await page.locator('table a').first().click()
      await page.waitForURL('**/console/entries/**')
      await verified(page, trustFile(visits))
      await isSound(page, width)
      expect(said).toEqual([])
      await close()
    }
  }, 240_000)
})
