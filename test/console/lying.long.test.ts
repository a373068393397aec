/**
 * A page that lies around a true entry: whoever serves it changes what it says, and leaves evidence, log and script as they
 * are. What was checked is shown beside it.
 */

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerSchema } from '../../functions/answer/reply/reply-schema.ts'
import { requestOfMember } from '../answer/people.ts'
import { atEntry, searched, trustFile, verified } from './verifying.ts'
import { startVisits, type Visits } from './visit.ts'

let visits: Visits | undefined
beforeAll(async () => {
  visits = await startVisits()
}, 120_000)
afterAll(() => visits?.close())

/** What the page says of a term. */
const saidOn = async (page: Page, name: string) =>
  String(await page.locator(`[data-said="${name}"]`).textContent())

/** The page once more, as its server makes it from the true one. */
async function servedAs(page: Page, change: (text: string) => string): Promise<void> {
  const address = page.url()
  await page.route('**/console/entries/**', async (route) => {
    const answer = await route.fetch()
    const isPage = String(answer.headers()['content-type']).startsWith('text/html')
    return isPage
      ? route.fulfill({ response: answer, body: change(await answer.text()) })
      : route.fulfill({ response: answer })
  })
  await page.goto(address)
}

describe('The check of an entry', () => {
  test('says itself who asked whom, what came of it, by which rules and where it stands', async (c) => {
    if (visits === undefined) return c.skip()
    const { page, said, close } = await atEntry(visits)
    const names = ['kind', 'when', 'who', 'holder', 'case', 'outcome', 'place', 'id'] as const
    const shown = await Promise.all(names.map((name) => saidOn(page, name)))
    const { verdict, says } = await verified(page, trustFile(visits))
    expect(verdict).toMatch(/^✓ This entry holds/)
    expect(says).toContain('What this entry itself says, from what was checked:')
    for (const each of shown) expect(says).toContain(`: ${each}`)
    expect(says).toMatch(/By the rules: [a-z]+\/[a-z0-9-]+\//)
    expect(says).toMatch(/Law that applied: .*[a-z]+\/[a-z0-9-]+@\d{4}-/)
    expect(says).toMatch(/Decided by: rules/)
    expect(said).toEqual([])
    await close()
  }, 120_000)

  // Kills: a verdict on the entry alone, beside a page that says that somebody else asked, or that all was denied.
  test('shows what is true where the page says that another officer asked and something else came of it', async (c) => {
    if (visits === undefined) return c.skip()
    const { page, close } = await atEntry(visits)
    const [who, outcome] = [await saidOn(page, 'who'), await saidOn(page, 'outcome')]
    await servedAs(page, (text) =>
      text
        .replace(`data-said="who">${who}`, 'data-said="who">US-POL, agent-99')
        .replace(`data-said="outcome">${outcome}`, 'data-said="outcome">released, by mistake'),
    )
    expect(await saidOn(page, 'who')).toBe('US-POL, agent-99')
    const { verdict, says } = await verified(page, trustFile(visits))
    expect(verdict).toBe('✕ THIS PAGE SAYS SOMETHING ELSE than the entry that was checked:')
    expect(says).toContain('Who called: the page says “US-POL, agent-99”')
    expect(says).toContain('Outcome, as told: the page says “released, by mistake”')
    expect(says).toContain(`Who called: ${who}`)
    expect(says).toContain(`Outcome, as told: ${outcome}`)
    await close()
  }, 120_000)

  // Kills: a page called a liar over spaces that no reader of it sees.
  test('calls no page a liar whose case has two spaces, which a browser shows as one', async (c) => {
    if (visits === undefined) return c.skip()
    const body = requestOfMember({
      caseReference: 'FR  2026   17 ',
      subject: { recordId: 'DE-POL-0001' },
    })
    const sent = { method: 'POST', path: '/v1/access-requests', body }
    const { id } = answerSchema.parse(
      await (await visits.local.send('FR-SPOC', 'officer-7', sent)).json(),
    )
    const { page, close } = await atEntry(visits, 1280, true, id)
    const { verdict } = await verified(page, trustFile(visits))
    expect(verdict).toMatch(/^✓ This entry holds/)
    await close()
  }, 120_000)

  // Kills: whoever was logged out in another tab told that the gateway hides evidence.
  test('says to log in again, once the session has ended', async (c) => {
    if (visits === undefined) return c.skip()
    const { page, close } = await atEntry(visits)
    await page.context().clearCookies()
    const { verdict, says } = await verified(page, trustFile(visits))
    expect(verdict).toContain('The gateway gives no evidence of this entry: it answered with 403.')
    expect(says).toContain('Log in again')
    await close()
  }, 120_000)

  // Kills: another true entry checked in place of the one that the address names.
  test('is of the entry of the address, or says that it is not', async (c) => {
    if (visits === undefined) return c.skip()
    const { page, close } = await atEntry(visits)
    const own = String(new URL(page.url()).pathname.split('/').at(-1))
    const address = page.url()
    await page.goto(visits.local.origin + searched)
    const links = await page.locator('table a').evaluateAll((all) => all.map(String))
    const ids = links.map((each) => String(new URL(each).pathname.split('/').at(-1)))
    const other = String(ids.find((id) => id !== own && id.length === own.length))
    await page.goto(address)
    await servedAs(page, (text) =>
      text
        .replace(`data-entry="${own}"`, `data-entry="${other}"`)
        .replace(
          `data-evidence="/console/entries/${own}/`,
          `data-evidence="/console/entries/${other}/`,
        ),
    )
    const { verdict, says } = await verified(page, trustFile(visits))
    expect(verdict).toMatch(/^✕ THIS PAGE SAYS SOMETHING ELSE/)
    expect(says).toContain('it is not the entry of this page’s address')
    expect(says).toContain(`Id: ${other}`)
    await close()
  }, 120_000)
})
