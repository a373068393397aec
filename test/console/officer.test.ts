/** An officer's pages, to look only: what waits for the office, and whom to phone. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAny } from '../../functions/answer/entries/reader.ts'
import { standingReplySchema } from '../../functions/answer/look-up.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { stateByItself } from '../identity/entered-passkey.ts'
import { answered, origin } from '../world.ts'
import { type Browser, type Site, startConsole, tokenIn } from './browsing.ts'

let site: Site
let holder: Browser
let asked: string
let elsewhere: string
beforeAll(async () => {
  site = await startConsole()
  await site.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  asked = await ask('DE-POL')
  elsewhere = await ask('GB-POL')
  await site.fileAll([asked, elsewhere])
  holder = site.browser()
  await holder.logIn('p-1003')
})
afterAll(() => site.close())

const ask = async (of: string, caseReference = 'FR-9', by = 'FR-SPOC') =>
  (await answered(await site.ask(by, 'officer-7', requestOf({ holder: of, caseReference })))).id

test('An officer sees at once what waits for the office, until when, and what would help', async () => {
  const { url, text } = await holder.get('/console')
  expect(url).toMatch(/\/console\/inbox$/)
  expect(text).toContain('FR-9')
  expect(text).toContain(`<a href="/console/inbox/${asked}">`)
  expect(text).toMatch(/<dt>Due<\/dt><dd><time datetime="\d{4}-/)
  expect(text).toContain('the risk of torture or inhuman treatment: “none found”')
  expect(text).toMatch(/<a href="tel:\+\d+">\+\d+<\/a>, speaks fr, en; .*somebody is there now/)
})

// Kills: a look by a session that whoever asked is told of, and that is in no log.
test('The first look at a denial is an entry of the session, and then its requester is told', async () => {
  const path = `/v1/access-requests/${asked}`
  const told = standingReplySchema.parse(await (await site.call('FR-SPOC', { path })).json())
  const openedAt = told.offices?.find(({ id }) => id === 'DE-POL')?.openedAt
  const looks = await Promise.all(
    site.looks.map(async (id) => {
      const stored = await site.world.ledger.read(id)
      return stored && { ts: stored.leaf.ts, ...(await openAny(stored, site.world)) }
    }),
  )
  expect(looks).toMatchObject([
    {
      ts: openedAt,
      values: {
        call: { officer: 'officer-1', session: { iss: expect.any(String) } },
        consultation: { question: { action: 'see-inbox' }, shown: [asked] },
      },
    },
  ])
})

// Kills: an inbox that is read for whoever asks.
test('Nobody sees what waits for another office', async () => {
  expect((await holder.get('/console/inbox')).text).not.toContain(elsewhere)
  const auditor = site.browser()
  await auditor.logIn('p-1001')
  const { status, text } = await auditor.get('/console/inbox')
  expect(status).toBe(403)
  expect(text).not.toContain('FR-9')
})

// Kills: pages by the agency, whatever it named the officer for; a requester told that somebody has it who may not act.
test('An officer sees the pages of what the agency named them for, and no others', async () => {
  const [iss = ''] = site.logins.map(({ settings }) => settings.iss)
  const login = { iss, sub: 'p-1006' }
  const officers = [{ id: 'officer-2', may: ['ask' as const], login }]
  const why = 'He asks by a browser.'
  await stateByItself(site, 'DE-POL', { act: 'name-officers', officers, why }, site.data)
  site.clock.pass(61_000)
  const asker = site.browser()
  await asker.logIn('p-1006')
  const token = tokenIn(await asker.get('/console/office'))
  await asker.post('/console/office', { agency: 'DE-POL', officer: 'officer-2', token })
  // Logged in anew to act, he has the office that he chose. Kills: an act of the agency that is named first.
  const anew = await asker.logIn('p-1006', '/console/login?by=0&anew&next=/console/office')
  expect(anew.text).toMatch(/\(DE-POL\), as officer-2, for: ask\. You are here/)
  const looks = site.looks.length
  for (const path of ['/console/inbox', `/console/inbox/${asked}`]) {
    const { status, text } = await asker.get(path)
    expect(status).toBe(403)
    expect(text).not.toContain('FR-9')
  }
  const handover = await asker.get('/console/handover')
  expect(handover.text).not.toContain('FR-9')
  expect(handover.text).not.toContain('/console/inbox')
  // Their own requests, which the login showed already.
  expect(site.looks.length).toBe(looks)
  for (const path of ['/console/ask', '/console/requests', `/console/answers/${asked}`])
    expect((await holder.get(path)).status).toBe(403)
  const own = await holder.get('/console/handover')
  expect(own.text).toContain('FR-9')
  expect(own.text).not.toContain('/console/requests')
})

// Kills: an entry in an officer's name, and a requester told that somebody has it, by a window that another site opened.
test('A link of another site asks first and enters nothing, but for the redirect of a login', async () => {
  const browser = site.browser()
  await browser.logIn('p-1003', '/console/login?by=0&next=/console/office')
  const led = (path: string) =>
    browser
      .step(`${origin}${path}`, { headers: { 'sec-fetch-site': 'cross-site' } })
      .then((answer) => answer.text())
  expect(await led('/console/inbox')).toContain('FR-9')
  site.clock.pass(61_000)
  const looks = site.looks.length
  for (const path of ['/console/inbox', `/console/inbox/${asked}`, '/console/handover']) {
    const text = await led(path)
    expect(text).toContain(`href="${path}">Go on`)
    expect(text).not.toContain('FR-9')
  }
  expect(site.looks.length).toBe(looks)
})

// Kills: an act behind a session.
test('No form of a session acts: those of a request lead to a page that says what would be signed', async () => {
  const { text } = await holder.get('/console/inbox')
  const forms = [...text.matchAll(/<form[^>]+action="([^"]+)"/g)].map(([, action]) => action)
  expect(forms).toEqual(['/console/logout'])
  const posts = site.pages.routes.filter(({ method }) => method === 'POST').map(({ path }) => path)
  // What is posted to `/console/acts` is signed by a passkey: `acts-signed.long.test.ts`.
  expect([...new Set(posts)].sort()).toEqual([
    '/console/acts',
    // A question that is asked again: setting one is a look, and changes nothing for anybody.
    '/console/alarms',
    // Leads to a page that is signed, as those of the inbox do.
    '/console/answers/:id/review',
    // A dry run, which is a look.
    '/console/ask',
    '/console/entries/:id/evidence',
    '/console/entries/:id/replay',
    '/console/inbox/:id/:does',
    '/console/logout',
    '/console/office',
    '/console/passkey',
    // As `/console/ask`, of what came by another way.
    '/console/received',
    '/console/search',
  ])
})

test('A link to a further page that has ended leads to the first', async () => {
  expect((await holder.get('/console/inbox?after=nonsense')).url).toMatch(/\/console\/inbox$/)
})

test('An officer reads that nobody left a number for who asks', async () => {
  await site.fileAll([await ask('DE-POL', 'ES-9', 'ES-SPOC')])
  const { text } = await holder.get('/console/inbox')
  expect(text.slice(text.indexOf('ES-9'))).toContain('the register has no number')
})
