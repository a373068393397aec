/** The desk as a lawyer reads and tries the law on it. */

import { afterAll, describe, expect, test } from 'vitest'
import { caseFileSchema } from '../../../functions/workbench/law/cases.ts'
import { copyOfPolicies, edit, removeCopies, rewrite } from '../../cli/in-process.ts'
import { newestOwn, readOwn } from '../../own-law.ts'
import { atDesk } from './browser.ts'

const police = newestOwn('de/police')
const folder = copyOfPolicies()
afterAll(removeCopies)
rewrite(folder, 'gb/assistance/2027-01-01.json', () => readOwn('gb/assistance/2017-01-01.json'))
// biome-ignore lint/suspicious/noExplicitAny: a lawyer edits any part of the file.
edit(folder, 'gb/assistance/2027-01-01.json', (json: any) => {
  json.change = 'A draft <b>that</b> is not sealed.'
})
const desk = atDesk(folder)

test('the first page shows every policy by whose law it is, what is in force, and drafts', async () => {
  const { status, text, html } = await desk.get('/')
  expect(status).toBe(200)
  expect(text).toMatch(
    /Germany \(DE\) .*The BKA gives data abroad de\/police ground 20\d\d-\d\d-\d\d/,
  )
  expect(html).toContain('<a href="/law/gb/assistance/2027-01-01">2027-01-01</a>')
})

describe('a version', () => {
  test('stands in four columns: its law, sentence, condition in words, and cases', async () => {
    const { status, text, html } = await desk.get('/law/eu/exchange/2024-12-12')
    expect(status).toBe(200)
    expect(html).toMatch(/href="http:\/\/data\.europa\.eu|href="https:\/\/eur-lex/)
    const [, rule = ''] = /id="seriousness">(.*?)<\/section>/s.exec(html) ?? []
    expect(rule).toContain('Dir. 2023/977 art. 6')
    expect(rule).toContain('the maximum custody under the holder&#39;s law is at most 12 months')
    expect(rule).toContain('This is refused. [seriousness]')
    expect(rule).toMatch(/passes<\/span> <a href="\/try\?case=eu%2Fexchange/)
    expect(text).toMatch(/all \d+ pass/)
  })

  // Kills: a draft of a version that was corrected since, signed without the corrections.
  test('says before a draft of it that a newer one is sealed; a draft is none', async () => {
    const newer = 'There is a newer one'
    const { html } = await desk.get('/law/eu/exchange/2024-12-12')
    expect(html).toContain(`${newer}</span>: <a href="/law/${newestOwn('eu/exchange').page}">`)
    expect((await desk.get(`/law/${police.page}`)).text).not.toContain(newer)
    // Of gb/assistance/2017-01-01 there is a newer draft, which counts for nothing yet.
    const { page } = newestOwn('gb/assistance')
    expect((await desk.get(`/law/${page}`)).text).not.toContain(newer)
  })

  test('names what counsel must still check, and each clause not read at the source', async () => {
    const { text } = await desk.get(`/law/${police.page}`)
    expect(text).toContain('That a child is a person under 14 (JGG § 1(2))')
    const all = await desk.get(`/unchecked/plan?file=${police.path}`)
    expect(all.text).toContain('The BKA answers EU and Schengen police')
    expect((await desk.get('/unchecked')).text).toMatch(
      /The BKA gives data abroad de\/police \d+ 0 Counsel for Germany, 2027-/,
    )
    expect(all.text).toContain('read in a secondary source')
  })

  test('has each sentence in its owner’s language first, and says whose word that is', async () => {
    const { html, text } = await desk.get(`/law/${police.page}`)
    expect(html).toContain(
      '<span lang="de">Die Daten sind in Deutschland gespeichert.</span> <span class="soft" lang="en">Germany holds the data.</span>',
    )
    expect(text).toContain('Languages English; German (translation, to be checked by counsel)')
    // Kills: a language that is said to be whole where some sentences lack it.
    expect((await desk.get('/law/de/police/2026-02-14.r2')).text).toMatch(
      /; French, \d+ of \d+ sentences \(translation, to be checked by counsel\)/,
    )
    expect((await desk.get('/law/de/police/2026-02-14')).text).toContain(
      'Languages English; no German sentence yet',
    )
    expect((await desk.get('/law/gb/assistance/2017-01-01')).text).not.toContain('Languages')
  })

  test('shows what its file says as text, never as marks of the page', async () => {
    const { html, text } = await desk.get('/law/gb/assistance/2027-01-01')
    expect(html).not.toContain('<b>that</b>')
    expect(text).toContain('A draft <b>that</b> is not sealed.')
  })

  test('of a list shows each entry with its days and source', async () => {
    const { text } = await desk.get('/law/lists/led-adequacy')
    expect(text).toBe('')
    const { headers } = await desk.get('/law/lists/led-adequacy')
    const page = await desk.get(headers.get('Location') ?? '')
    expect(page.text).toMatch(/United Kingdom \(GB\), from 28 June 2021/)
  })

  test('that does not exist is said not to', async () => {
    expect((await desk.get('/law/de/police/1999-01-01')).status).toBe(404)
    expect((await desk.get('/law/de/polcie')).text).toContain('did you mean `de/police`')
  })
})

test('the timeline draws each version, and says it in words and a table', async () => {
  const { html, text } = await desk.get('/timeline?folder=de')
  expect(html).toMatch(
    /aria-label="de\/police: 2018-05-25: past, from 2018-05-25 until 2026-02-13;/,
  )
  expect(text).toContain('2018-05-25 2018-05-25 2026-02-13 past')
  expect(text).not.toContain('gb/')
})

test('the facts are those that a rule may read', async () => {
  const { text } = await desk.get('/facts')
  expect(text).toContain('request.urgency the urgency How urgent the requester says that it is.')
})

describe('a case', () => {
  const { cases } = caseFileSchema.parse(JSON.parse(readOwn(police.cases)))
  const numberOf = (name: string) => cases.findIndex((each) => each.name.startsWith(name)) + 1
  const tried = async (number: number, path = 'gb/assistance/2017-01-01.test.json') => {
    const { status, headers } = await desk.get(`/try?case=${path}&n=${number}`)
    expect(status).toBe(303)
    return new URL(headers.get('Location') ?? '', 'http://desk').searchParams
  }
  const decide = (query: URLSearchParams) => desk.get(`/try?${query}`)
  const asked = async () => {
    const query = new URLSearchParams({
      'holder.jurisdiction': 'DE',
      'requester.jurisdiction': 'US',
      ordinary: '1',
    })
    const { html } = await desk.get(`/try?${query}`)
    return new URLSearchParams(fieldsIn(html))
  }
  /** The fields of a form as a browser sends them. */
  const fieldsIn = (html: string): [string, string][] => [
    ...[...html.matchAll(/<input id="([^"]+)" name="[^"]+" value="([^"]*)"/g)].map(
      ([, name = '', value = '']): [string, string] => [name, value],
    ),
    ...[...html.matchAll(/<select id="([^"]+)".*?<\/select>/gs)].map(
      ([all, name = '']): [string, string] => [
        name,
        /<option value="([^"]*)" selected>/.exec(all)?.[1] ?? '',
      ],
    ),
    ...[...html.matchAll(/type="checkbox" name="([^"]+)" value="([^"]*)" checked/g)].map(
      ([, name = '', value = '']): [string, string] => [name, value],
    ),
    ['decide', '1'],
  ]

  test('of a test file is tried with its facts, and answered as the file expects', async () => {
    const query = await tried(numberOf('A French contact point'), police.cases)
    expect(query.get('holder.jurisdiction')).toBe('DE')
    const { text, html } = await decide(query)
    expect(text).toContain('Released')
    expect(text).toContain('The BKA answers EU and Schengen police and contact points')
    expect(html).toContain('name="requester.jurisdiction" value="FR"')
    // The form sends again what it was given.
    const again = await decide(new URLSearchParams(fieldsIn(html)))
    expect(again.text.split('The case')[0]).toBe(text.split('The case')[0])
  })

  test('in which nobody has judged the risk of torture is denied, and says who could help', async () => {
    const query = await asked()
    query.set('risk.torture', '')
    const { text } = await decide(query)
    expect(text).toContain('Not decided yet : somebody can still supply what is missing')
    expect(text).toMatch(/Not known .*risk\.torture/)
    expect(text).toMatch(/What would help .*torture.*: “none found”, by the holder’s officer/)
    expect(text).toMatch(/unknown .*torture/)
  })

  test('shows of each condition what held, failed, was unknown or was not needed', async () => {
    const { text, html } = await decide(await asked())
    expect(text).toMatch(/applies The BKA gives data abroad/)
    expect(text).toMatch(/✓ held \(b\) .*the requester's country/)
    expect(text).toMatch(/✕ failed .*the requester's country: United States \(US\)/)
    expect(html).toContain('not needed')
  })

  test('with a value that is none is not decided, and each fault leads to its field', async () => {
    const query = await asked()
    query.set('request.offence.maxCustodyMonthsHolder', 'five years')
    query.set('risk.torture', 'perhaps')
    query.set('asOf', '2026-02-30')
    const { text, html } = await decide(query)
    expect(text).toContain('There is a problem')
    expect(html).toContain('<a href="#request.offence.maxCustodyMonthsHolder">')
    expect(html).toContain('<a href="#risk.torture">')
    expect(html).toContain('<a href="#asOf">')
    expect(text).not.toMatch(/Released|Denied/)
  })

  test('is decided as if on another day, and with a draft as if sealed', async () => {
    edit(folder, 'gb/assistance/2027-01-01.json', (json: { repealed?: true }) => {
      json.repealed = true
    })
    const query = await tried(1)
    query.set('asOf', '2027-06-01')
    expect((await decide(query)).text).toContain('gb/assistance@2017-01-01, a limit')
    query.set('with', 'gb/assistance@2027-01-01')
    expect((await decide(query)).text).not.toContain('gb/assistance@2017-01-01, a limit')
  })
})
