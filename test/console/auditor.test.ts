/** An auditor's pages: what they show, to whom, and that nothing is shown without its entry. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodbSessions } from '../../functions/adapters/sessions-dynamodb.ts'
import { openAny } from '../../functions/answer/entries/reader.ts'
import { consolePages } from '../../functions/console/console.ts'
import { lookWords } from '../../functions/console/looks.ts'
import type { ConsoleWorld } from '../../functions/console-ports.ts'
import { lookAddresses } from '../../functions/ledger/agency-call.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { answered, origin } from '../world.ts'
import { type Browser, type Site, startConsole, tokenIn } from './browsing.ts'

let site: Site
let germany: Browser
let britain: Browser
let asked: string
let foreign: string
const reference = 'FR-1 <b>"bold"</b>'
beforeAll(async () => {
  site = await startConsole()
  await site.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  const ask = async (holder: string, who: string, officer: string) => {
    const request = requestOf({ holder, caseReference: reference })
    return (await answered(await site.ask(who, officer, request))).id
  }
  asked = await ask('DE-POL', 'FR-SPOC', 'officer-7')
  foreign = await ask('GB-POL', 'FR-SPOC', 'officer-8')
  await site.fileAll([asked, foreign])
  germany = site.browser()
  await germany.logIn('p-1001')
  britain = site.browser()
  await britain.logIn('p-1002')
})
afterAll(() => site.close())

const lawfully = 'purpose=lawfulness'
/** How many looks are entered by what is done. */
async function looksBy(act: () => Promise<unknown>): Promise<number> {
  const before = site.looks.length
  await act()
  return site.looks.length - before
}
const said = async (id: string) => {
  const stored = await site.world.ledger.read(id)
  return stored && (await openAny(stored, site.world))
}

describe('Nothing is looked at', () => {
  test('before somebody says what for; the page asks', async () => {
    for (const path of ['/console/search', '/console/looks', `/console/entries/${asked}`]) {
      const looks = await looksBy(async () => {
        const { text, status } = await germany.get(path)
        expect(status).toBe(200)
        expect(text).toContain('What you look for')
        expect(text).not.toContain('officer-7')
      })
      expect(looks).toBe(0)
    }
  })

  test('by a question with a fault: it says which field, and leads to it', async () => {
    const seen = await germany.get(
      `/console/search?${lawfully}&officer=${encodeURIComponent('a b')}`,
    )
    expect(seen.status).toBe(422)
    expect(seen.text).toContain('<a href="#officer">Officer: ')
    expect(seen.text).toContain('<div class="faults" role="alert"')
  })

  // Kills: an id of an address that is written into a header as it came.
  test('by an id that is none: it leads to a page that asks what for', async () => {
    const answer = await germany.step(`${origin}/console/entries/a%0d%0aX:1/proof`)
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/console/entries/a%0D%0AX%3A1')
  })

  // Kills: a look that another site has an officer make, for a purpose that they never said.
  test('by a link of another site, which leads to the question what for', async () => {
    const link = `${origin}/console/search?purpose=criminal-proceedings&requester=FR-SPOC`
    for (const from of ['cross-site', 'same-site']) {
      const headers = { 'sec-fetch-site': from }
      const looks = await looksBy(async () => {
        const answer = await germany.step(link, { headers })
        expect(answer.headers.get('location')).toBe('/console/search')
      })
      expect(looks).toBe(0)
    }
    // A bookmark, and what somebody types, is their own.
    const typed = { 'sec-fetch-site': 'none' }
    expect((await germany.step(link, { headers: typed })).status).toBe(200)
  })

  // Kills: a page that is not behind the table of rights.
  test('by an officer who is no auditor', async () => {
    const officer = site.browser()
    await officer.logIn('p-1003')
    for (const path of [`/console/search?${lawfully}`, `/console/looks?${lawfully}`])
      expect((await officer.get(path)).status).toBe(403)
    expect((await officer.get(`/console/entries/${asked}?${lawfully}`)).status).toBe(404)
    expect((await officer.get('/console/health')).status).toBe(403)
  })
})

describe('A search', () => {
  // Kills: a page that shows what no entry says was shown.
  test('shows who asked whom, counts, and is entered once for each of the two', async () => {
    const path = `/console/search?${lawfully}&requester=FR-SPOC`
    const looks = await looksBy(async () => {
      const { text } = await germany.get(path)
      expect(text).toContain('1 found: 1 denied')
      expect(text).toContain(`/console/entries/${asked}?${lawfully}`)
      expect(text).not.toContain(foreign)
      await germany.get(path)
    })
    expect(looks).toBe(2)
    const list = await said(String(site.looks.at(-2)))
    expect(list?.evidence).toEqual({ jws: '', body: '' })
    expect(list?.values).toMatchObject({
      call: { agency: 'DE-DPA', officer: 'auditor-1', url: `${origin}/console/search` },
      consultation: {
        purpose: 'lawfulness',
        question: { action: 'list-entries', requester: 'FR-SPOC' },
        shown: [asked],
      },
    })
  })

  // Kills: a name in an address, which histories, logs and referrers keep.
  test('for a person leads on by a pseudonym; no address and no line has the name', async () => {
    const token = tokenIn(await germany.get('/console/search'))
    const person = { recordId: '', given: 'Zacharias', family: 'Geheim', birthDate: '1979-03-14' }
    const seen = await germany.post('/console/search', { token, purpose: 'lawfulness', ...person })
    expect(seen.url).toMatch(/\/console\/search\?purpose=lawfulness&subject=[\w-]{22}&kind=any$/)
    expect(seen.text).toContain('0 found.')
    for (const text of [seen.url, seen.text, JSON.stringify(site.lines)])
      expect(text).not.toMatch(/Zacharias|Geheim|1979-/)

    const byCase = { caseReference: reference, caseAgency: 'FR-SPOC' }
    const found = await germany.post('/console/search', { token, purpose: 'lawfulness', ...byCase })
    expect(found.text).toContain(`/console/entries/${asked}`)
    const faulty = await germany.post('/console/search', {
      token,
      purpose: 'lawfulness',
      given: 'A',
    })
    expect(faulty.status).toBe(422)
  })

  test('is a file, too, for a spreadsheet or a program', async () => {
    const csv = await germany.step(`${origin}/console/search.csv?${lawfully}`)
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="comity-log.csv"')
    expect(await csv.text()).toContain(`${asked},`)
    const ndjson = await germany.step(`${origin}/console/search.ndjson?${lawfully}`)
    expect(JSON.parse(String((await ndjson.text()).split('\n')[0]))).toMatchObject({ id: asked })
  })
})

describe('An entry', () => {
  const entry = (browser: Browser, id: string) => browser.get(`/console/entries/${id}?${lawfully}`)

  test('says in sentences, facts and rules why it was decided so', async () => {
    const { text } = await entry(germany, asked)
    expect(text).toContain('FR-SPOC, officer-7')
    expect(text).toContain('Why: every law that applied')
    expect(text).toMatch(/<span aria-hidden="true">✓<\/span> held/)
    expect(text).toMatch(/<span aria-hidden="true">\?<\/span> unknown/)
    expect(text).toContain('the requester&#39;s country: France (FR)')
    expect(text).toMatch(/href="\/console\/law\/de\/police@20/)
    // What somebody wrote stays what it is: text.
    expect(text).toContain('FR-1 &#60;b&#62;&#34;bold&#34;&#60;/b&#62;')
    expect(text).not.toContain('<b>')
  })

  // Kills: a page that tells what is there from what is not, or shows another state's part.
  test('of another jurisdiction is the same page as one that does not exist', async () => {
    const plain = (text: string) => text.replace(/Request [0-9a-f]{32}/, '')
    const [theirs, none] = await Promise.all([
      entry(germany, foreign),
      entry(germany, 'A'.repeat(43)),
    ])
    expect([theirs.status, none.status]).toEqual([404, 404])
    expect(plain(theirs.text)).toBe(plain(none.text))
    const looks = await looksBy(() => entry(britain, asked))
    expect(looks).toBe(0)
    expect((await entry(britain, foreign)).text).toContain('Why: every law that applied')
    expect((await germany.get(`/console/entries/x?${lawfully}`)).status).toBe(404)
  })

  test('is decided again, as a look of its own', async () => {
    const token = tokenIn(await entry(germany, asked))
    const path = `/console/entries/${asked}/replay`
    const looks = await looksBy(async () => {
      const { text } = await germany.post(path, { token, purpose: 'lawfulness' })
      expect(text).toContain('it comes out the same')
    })
    expect(looks).toBe(1)
    expect((await germany.post(path, { purpose: 'lawfulness' })).status).toBe(403)
  })
})

test('Figures count what was decided, and an officer is compared; each is a look', async () => {
  const period = 'from=2026-01-01&until=2099-01-01'
  const links: RegExpExecArray[] = []
  const looks = await looksBy(async () => {
    const { text } = await germany.get(`/console/figures?${lawfully}&${period}`)
    expect(text).toContain('1 decision; 0 dry runs')
    expect(text).toContain('<strong>Not to be published.</strong>')
    // Under the head of a table, which a browser prints on each sheet.
    expect(text).toMatch(
      /<table class="sheets"[^>]*><thead><tr><td>Figures, not to be published\. /,
    )
    expect(text).toContain('href="/console/law/de/police@')
    const officer = 'agency=FR-SPOC&officer=officer-7&from=2026-01-01&until=2099-01-01'
    const profile = await germany.get(`/console/officer?${lawfully}&${officer}`)
    expect(profile.text).toContain('officer-7 of FR-SPOC')
    expect(profile.text).toContain('fewer than five officers')
    links.push(...profile.text.matchAll(/href="(\/console\/search\?[^"]+)"/g))
  })
  expect(looks).toBe(2)
  // It leads to what was counted; sent once more, the form asks for the same period.
  const { text: found } = await germany.get(String(links[0]?.[1]).replaceAll('&#38;', '&'))
  expect(found).toContain('1 found: 1 denied')
  expect(found).toContain('name="from" type="datetime-local" value="2026-01-01T00:00"')
  expect(found).toContain('name="until" type="datetime-local" value="2099-01-01T00:00"')
  expect(found).toContain('as NDJSON</a>, all of them')
  const csv = await germany.get(`/console/figures.csv?${lawfully}&${period}`)
  expect(csv.text).toContain('holders,DE-POL,1\r\n')
  const toPublish = await germany.get(`/console/figures?${lawfully}&${period}&publish=yes`)
  expect(toPublish.text).toContain('Only whole months (UTC) may be published')
  expect(toPublish.text).not.toContain('DE-POL,')
  // Kills: what is published, and names the auditor who printed it. The head of the page itself stays off paper.
  const [, sheet = ''] =
    /<table class="sheets"[^>]*><thead>(.*?)<\/table>/s.exec(toPublish.text) ?? []
  expect(sheet).toMatch(/^<tr><td>Figures to publish\. .+\. Made 20\d\d-\d\d-\d\d \d\d:\d\d UTC\.</)
  expect(sheet).not.toMatch(/auditor-1|DE-DPA|Number/)
  expect((await germany.get('/console/paper.css')).text).toContain('footer,.who{display:none}')
  const file = await germany.get(`/console/figures.csv?${lawfully}&${period}&publish=yes`)
  expect(file.text).toBe('month,table,rows,decisions\r\n')
  const faulty = await germany.get(`/console/figures?${lawfully}&from=2026-02-01&until=2026-01-01`)
  expect(faulty.text).toContain('<a href="#until">')
  expect((await germany.get(`/console/officer?${lawfully}&agency=x`)).status).toBe(422)
})

// Kills: a page of which the navigation says that it is nowhere.
test('The navigation marks the page below which an entry, one officer and the alarms stand', async () => {
  for (const [path, under] of [
    [`/console/entries/${asked}`, 'Search'],
    ['/console/officer', 'Officers'],
    ['/console/alarms', 'Officers'],
  ]) {
    const { text } = await germany.get(`${path}`)
    expect(text.match(/aria-current="[a-z]+">[^<]*/g), path).toEqual([
      `aria-current="true">${under}`,
    ])
  }
  const { text } = await germany.get('/console/officers')
  expect(text).toContain('aria-current="page">Officers')
})

test('Deadlines show what waits and until when, to the auditor of the holder alone', async () => {
  const looks = await looksBy(async () => {
    const { text, status } = await germany.get(`/console/deadlines?${lawfully}`)
    expect(status).toBe(200)
    expect(text).toContain('Open denials: ')
  })
  expect(looks).toBe(1)
})

test('Looks show who looked, what for, and how many entries they were shown', async () => {
  await site.fileAll(site.looks)
  const { text } = await germany.get(`/console/looks?${lawfully}`)
  const rows = [...text.matchAll(/<tr role="row">(.*?)<\/tr>/gs)].map(([, row = '']) =>
    row.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' '),
  )
  expect(rows.join('\n')).toMatch(/DE-DPA, auditor-1 lawfulness of processing entries, listed 1 /)
  expect(rows.join('\n')).toMatch(/DE-DPA, auditor-1 lawfulness of processing one entry 1 /)
  for (const name of Object.keys(lookAddresses)) expect(lookWords).toHaveProperty(name)
  // Another state's looks are in its own log.
  expect(text).not.toContain('GB-DPA')
})

// Kills: an address that was kept for years, and says nothing once its log is older than the last year's.
test('A head that was noted of a log of long ago is compared, too', async () => {
  const { text } = await germany.get(`/console/health?2019=9:${'0'.repeat(64)}`)
  expect(text).toContain('comity.test/de/2019')
  expect(text).toContain('THE LOG DID NOT GROW FROM IT')
})

// Kills: a log of looks that nobody can watch, or that says that its witnesses are away; a script that asks for it in vain.
test('The log of looks stands beside the other, seen by no witness and asked for by no browser', async () => {
  const noted = `looks-2019=9:${'0'.repeat(64)}`
  const { text } = await germany.get(`/console/health?${noted}`)
  const [, looks = ''] = /<h2>comity\.test\/de\/looks-2019<\/h2>(.*?)<\/section>/s.exec(text) ?? []
  expect(looks).toContain('by nobody: whoever saw it grow would see that somebody looked')
  expect(looks).toContain('THE LOG DID NOT GROW FROM IT')
  expect(looks).not.toContain('data-log')
})

test('Every page keeps to its policy, and is kept by no browser', async () => {
  for (const path of [
    '/console/health',
    `/console/search?${lawfully}`,
    `/console/entries/${asked}?${lawfully}`,
  ]) {
    const answer = await germany.step(`${origin}${path}`)
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; /)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.text()).not.toMatch(/<style|\sstyle=|<script/)
  }
})

// Kills: a page that only says that the gateway failed, of an entry that somebody changed in the store.
test('An entry that was changed in the store is not shown, and the page says what to do', async () => {
  const changed = (await answered(await site.ask('FR-SPOC', 'officer-7', requestOf()))).id
  const key = { pk: { S: `D#${changed}` } }
  const leaf = Buffer.from((await site.store.rows.decisions.get(key))?.leaf?.B ?? [])
  leaf[leaf.length - 3] = (leaf[leaf.length - 3] ?? 0) ^ 1
  const values = { ':leaf': { B: leaf } }
  await site.store.rows.decisions.update(key, 'SET leaf = :leaf', { values })
  const { status, text } = await germany.get(`/console/entries/${changed}?${lawfully}`)
  expect(status).toBe(500)
  expect(text).toContain('What the store has is not what was written there')
  expect(text).toContain('comity log verify')
  expect(text).not.toContain('officer-7')
})

// Kills: a link to the law of a decision that leads nowhere where the pages have an address of their own, as on AWS.
test('The law of a decision is read where the API for agencies is, and nowhere else', async () => {
  const call = async () => new Response()
  const api = { origin: 'https://api.example', call, picture: async () => ({ kind: 'not-found' }) }
  const { client, tables } = site.store
  const sessions = dynamodbSessions(client, tables.sessions)
  // A cast: what a picture is found by is not asked for.
  const world = { ...site.auditWorld, sessions, providers: [], api } as unknown as ConsoleWorld
  const ledTo = async (path: string) =>
    (await consolePages(world, () => undefined).request(origin + path)).headers.get('location')
  expect(await ledTo('/console/law/de/police@2026-02-14')).toBe(
    'https://api.example/v1/policies/de/police%402026-02-14',
  )
  expect(await ledTo('/console/law/%2F%2Fevil.example/..%2F..')).toBe(
    'https://api.example/v1/policies/%2F%2Fevil.example/..%2F..',
  )
})
