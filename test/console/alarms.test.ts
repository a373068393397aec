/** How an auditor ranks an agency's officers, and the alarms that an office sets on them. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openidProvider } from '../../functions/adapters/login-openid.ts'
import { dynamodbSessions } from '../../functions/adapters/sessions-dynamodb.ts'
import { alarmsSubject } from '../../functions/audit/alarms.ts'
import { consolePages } from '../../functions/console/console.ts'
import { alarmsHtml, rankingHtml } from '../../functions/console/officers.ts'
import type { CallLine } from '../../functions/lines.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { answered, origin } from '../world.ts'
import { type Browser, browserOf, type Site, startConsole, tokenIn } from './browsing.ts'

let site: Site
let germany: Browser
beforeAll(async () => {
  site = await startConsole()
  await site.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  const { id } = await answered(await site.ask('FR-SPOC', 'officer-7', requestOf()))
  await site.fileAll([id])
  germany = site.browser()
  await germany.logIn('p-1001')
})
afterAll(() => site.close())

const lawfully = 'purpose=lawfulness'

test('Officers are ranked, and an alarm is set, looked at and taken back; each is an entry', async () => {
  const looks = site.looks.length
  const period = 'agency=FR-SPOC&by=atNight&from=2026-01-01&until=2099-01-01'
  const { text } = await germany.get(`/console/officers?${lawfully}&${period}`)
  expect(text).toContain('Nobody is ranked: with fewer than five officers')
  const form = { purpose: 'lawfulness', agency: 'FR-SPOC', by: 'decisions', days: '30' }
  const { text: before } = await germany.get('/console/health')
  expect(before).toContain('Your office has set none.')
  const token = tokenIn(await germany.get('/console/alarms'))
  const few = await germany.post('/console/alarms', { ...form, token, over: '1' })
  expect(few.text).toContain('4 or more')
  const set = await germany.post('/console/alarms', { ...form, token, over: '4' })
  expect(set.text).toContain('shows here once its entry is in the log')
  // Filed as any entry is, and then it stands.
  await site.fileAll(site.looks)
  expect(set.status).toBe(200)
  const { text: health } = await germany.get('/console/health')
  expect(health).toContain('All requests: more than 4 in 30 days, FR-SPOC')
  expect(health).toContain('for nobody')
  // Another site may lead here, and not have an officer look at officers.
  site.clock.pass(61_000)
  const led = { headers: { 'sec-fetch-site': 'cross-site' } }
  const unled = site.looks.length
  const byItself = await (await germany.step(`${origin}/console/health`, led)).text()
  expect(byItself).toContain('href="/console/health">Go on')
  expect(site.looks.length).toBe(unled)
  site.clock.now = new Date()
  await germany.post('/console/alarms', { ...form, token, off: '' })
  await site.fileAll(site.looks)
  expect((await germany.get('/console/health')).text).toContain('Your office has set none.')
  expect(site.looks.length - looks).toBeGreaterThanOrEqual(4)
  expect((await germany.post('/console/alarms', { purpose: 'lawfulness' })).status).toBe(403)
})

// Kills: what an office said of its alarms, and cannot be read, that takes the health of its log from every auditor.
test('Where alarms cannot be read, the health page says so, and shows the logs', async () => {
  const { auditWorld, store, logins } = site
  const { lookups, secrets } = auditWorld
  const broken = secrets.pseudonym('DE', alarmsSubject('DE-DPA'))
  const list: typeof lookups.list = async (key, ...more) => {
    if (key.value === broken) throw new Error('a row is not as it was written')
    return lookups.list(key, ...more)
  }
  const lines: CallLine[] = []
  const pages = consolePages(
    {
      ...{ ...auditWorld, lookups: { ...lookups, list } },
      sessions: dynamodbSessions(store.client, store.tables.sessions),
      providers: logins.map(({ settings }) => openidProvider(settings, true)),
    },
    (line) => lines.push(line),
  )
  const auditor = browserOf(origin, (url, init) => pages.request(url, init))
  await auditor.logIn('p-1001')
  const { status, text } = await auditor.get('/console/health')
  expect(status).toBe(200)
  expect(text).toContain('could not be read')
  expect(text).toContain('No entry of DE is in the log yet')
  expect(lines.map(({ event }) => event)).toContain('failed')
})

// Kills: an alarm of which only the newest entries were read, and which says that it stands for nobody.
test('An alarm that could not be counted says so, and never that it went off for nobody', () => {
  const of = { id: 'a'.repeat(43), agency: 'FR-SPOC', by: 'atNight' } as const
  const alarm = { ...of, days: 30, over: 4, complete: false } as const
  const nobody = alarmsHtml([{ ...alarm, officers: [] }], 'lawfulness', 'x').write('en')
  expect(nobody).toContain('could not be counted')
  expect(nobody).not.toContain('for nobody')
  const officers = [{ officer: 'o-1', count: 9 }]
  expect(alarmsHtml([{ ...alarm, officers }], 'lawfulness', 'x').write('en')).toContain(
    'o-1: 9 at least',
  )
})

// Kills: a median of the newest entries that passes for that of the period; a page of officers that nobody scrolls through.
test('A ranking says if not all was read, and shows fifty officers and that there are more', () => {
  const each = (count: number) => ({
    ...{ aloneInCase: count, repeatedSubjects: count, atNight: count },
    ...{ denials: count, quickReleases: count, decisions: count },
  })
  const ranked = Array.from({ length: 60 }, (_, i) => ({ officer: `o-${i}`, counts: each(9) }))
  const ranking = {
    ...{ agency: 'FR-SPOC', by: 'atNight', from: '2026-01-01', until: '2027-01-01' },
    ...{ timeZone: 'Europe/Paris', officers: 60, erased: 0, restricted: 0, complete: false },
    ...{ ranked, median: each(1) },
    part: { counted: 1000, since: '2026-10-01T00:00:00.000Z', total: 20_000, more: true as const },
  }
  const [first = '', rest = ''] = rankingHtml(ranking, (id) => `/one/${id}`)
    .write('en')
    .split('<details>')
  expect(first).toContain(
    'Not all was read:</strong> only the newest 1000 of more than 20000 decisions of this period are counted, those since 2026-10-01',
  )
  expect([first.match(/\/one\//g)?.length, rest.match(/\/one\//g)?.length]).toEqual([50, 10])
  expect(rest).toContain('10 further officers')
  const { part: _, ...whole } = ranking
  expect(rankingHtml({ ...whole, complete: true }, String).write('en')).not.toContain(
    'Not all was read',
  )
})
