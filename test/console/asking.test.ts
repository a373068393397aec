/** Pages of officers who ask: their requests with clocks and numbers, what they owe, one answer, and the handover. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerHtml } from '../../functions/console/answer.ts'
import { keptFileSchema } from '../../functions/decision/record.ts'
import {
  attestAll,
  benignOfMember,
  itemOf,
  personOf,
  requestOf,
  requestOfMember,
} from '../answer/people.ts'
import { assertionOver, passkeyOf } from '../identity/authenticator.ts'
import { stateByItself } from '../identity/entered-passkey.ts'
import { answered, origin } from '../world.ts'
import { type Browser, type Seen, type Site, startConsole, tokenIn } from './browsing.ts'

let site: Site
let officer: Browser
let open: string
let given: string
let colleagues: string
beforeAll(async () => {
  site = await startConsole()
  await site.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  const ask = async (by: string, body: ReturnType<typeof requestOf>) =>
    (await answered(await site.ask('FR-SPOC', by, body))).id
  open = await ask('officer-7', requestOf({ caseReference: 'FR-OPEN' }))
  colleagues = await ask('officer-8', requestOf({ caseReference: 'FR-OTHER' }))
  await attestAll(site, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  given = await ask('officer-7', requestOfMember({ caseReference: 'FR-GIVEN' }))
  await site.fileAll([open, given, colleagues])
  officer = site.browser()
  await officer.logIn('p-1005')
})
afterAll(() => site.close())

/** How many looks a page made. */
async function looksBy(act: () => Promise<unknown>): Promise<number> {
  const before = site.looks.length
  await act()
  return site.looks.length - before
}

test('Whoever asks sees first what is open, until when, whom to phone, and that nobody has opened it', async () => {
  const { url, text } = await officer.get('/console')
  expect(url).toMatch(/\/console\/requests$/)
  expect(text).toContain('DE-POL: FR-OPEN')
  expect(text).toMatch(/<dt>Answer due<\/dt><dd><time datetime="\d{4}-[^"]+">[^<]+<\/time>, in \d+/)
  expect(text).toContain('<a href="tel:+493023125001">+493023125001</a>')
  expect(text).toContain('nobody has opened it')
  expect(text).not.toContain('Anton')
})

test('It says since when somebody there has had it before them', async () => {
  const holder = site.browser()
  await holder.logIn('p-1003')
  expect((await holder.get('/console/inbox')).text).toContain('FR-OPEN')
  expect((await officer.get('/console/requests')).text).toMatch(/opened \d+ s ago/)
})

// Kills: a list by the agency, whoever of it looks.
test('An officer’s own page has his own requests; the handover has those of the office', async () => {
  expect((await officer.get('/console/requests')).text).not.toContain('FR-OTHER')
  const office = await officer.get('/console/handover')
  expect(office.text).toMatch(/FR-OPEN[\s\S]*FR-OTHER|FR-OTHER[\s\S]*FR-OPEN/)
  const mine = await officer.get('/console/handover?of=mine')
  expect(mine.text).toContain('FR-OPEN')
  expect(mine.text).not.toContain('FR-OTHER')
})

test('An answer stands on one page: who was asked for, what was given, why, and the duties with their articles', async () => {
  const { status, text } = await officer.get(`/console/answers/${given}`)
  expect(status).toBe(200)
  expect(text).toContain('the record R-1')
  expect(text).toContain('Your duties')
  expect(text).toContain('Use the data only for the stated purpose and case')
  expect(text).toContain('[O-USE]')
  expect(text).toContain(`Number ${given}`)
  expect(text).toContain('officer-7 of FR-SPOC, printed')
})

// A session looks: what left was given to a signed call. Kills: data on a page of a session.
test('No value of the record is on a page of a session', async () => {
  for (const path of ['/console/requests', `/console/answers/${given}`, '/console/handover'])
    expect((await officer.get(path)).text).not.toContain('Anton Beispiel')
})

test('A refusal on paper says why, in sentences with articles, and what would help', async () => {
  const { text } = await officer.get(`/console/answers/${open}`)
  expect(text).toContain('What would help')
  expect(text).toMatch(/<ol><li>[A-Z][^<]+\. <span class="soft">[^<]*(art|§|Art)/)
  expect(text).toContain('+493023125001')
})

// DESIGN: looking at the log is itself logged. Kills: a page that reads without an entry.
test('Each look is an entry, and the same look within a quarter of an hour is one', async () => {
  const other = site.browser()
  // The login leads to it.
  expect(await looksBy(() => other.logIn('p-1006'))).toBe(1)
  const { opened } = await site.entry(String(site.looks.at(-1)))
  expect(await looksBy(() => other.get('/console/requests'))).toBe(0)
  // Of whoever runs no shift, the handover has the same requests.
  expect(await looksBy(() => other.get('/console/handover'))).toBe(0)
  expect(opened).toMatchObject({
    call: { agency: 'US-POL', officer: 'agent-12', session: { iss: expect.any(String) } },
    consultation: { purpose: 'own-work', question: { action: 'own-requests', of: 'mine' } },
  })
})

// Kills: an answer that is shown to whoever knows its number.
test('Another agency’s answer is not found, as one that does not exist', async () => {
  const other = site.browser()
  await other.logIn('p-1006')
  const [theirs, nobodys] = await Promise.all(
    [given, given.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))].map((id) =>
      other.get(`/console/answers/${id}`),
    ),
  )
  expect([theirs?.status, nobodys?.status]).toEqual([404, 404])
  const plain = (text = '') => text.replaceAll(/[0-9a-f]{32}/g, '')
  expect(plain(theirs?.text)).toBe(plain(nobodys?.text))
})

test('An auditor has no page of requests', async () => {
  const auditor = site.browser()
  await auditor.logIn('p-1001')
  expect((await auditor.get('/console/requests')).status).toBe(403)
  expect((await auditor.get('/console')).text).not.toContain('My requests')
})

test('A link to a further page that has ended leads to the first', async () => {
  for (const query of ['cursor=nonsense', 'owedAfter=nonsense'])
    expect((await officer.get(`/console/requests?${query}`)).url).toMatch(/\/console\/requests$/)
})

/** The fields of a form that an officer fills for an ordinary request. */
const filled = {
  ...{ holder: 'DE-POL', channel: 'siena', 'subject.recordId': 'R-1', classes: 'identification' },
  ...{ purpose: 'investigation', 'offence.category': 'ordinary', 'offence.maxCustodyMonths': '60' },
  ...{ stage: 'suspect', urgency: 'none', instrument: 'EU-2023/977', caseReference: 'FR-FORM' },
  ...{ 'necessity.statement': 'To find the suspect.', 'suppose.role': 'suspect' },
}
const send = (fields: Record<string, string>, by = officer) =>
  by
    .get('/console/ask')
    .then((page) => by.post('/console/ask', { step: 'check', ...fields, token: tokenIn(page) }))

test('A form is filled with what may be chosen: holders, the own channels, and every word of the vocabulary', async () => {
  const { text } = await officer.get('/console/ask')
  for (const label of [
    'The purpose',
    'The stage of the proceedings',
    'The urgency',
    'Classes of data',
  ])
    expect(text).toContain(label)
  for (const value of ['imminent-threat-to-life', 'DE-POL', 'siena', 'criminal-history'])
    expect(text).toContain(`value="${value}"`)
  expect(text).not.toContain('value="mla-central"')
})

// Kills: a dry run that is shown without its entry, and one that fetches a record.
test('A dry run says whether one may have it, and is an entry with what was asked; the record is not read', async () => {
  const { status, text } = await send(filled)
  expect(status).toBe(200)
  expect(text).toContain(': it would be given, by rule alone')
  // Kills: a page that says yes, and beside each class that it would not be given.
  expect(text).toContain('identification data: <span class="mark good">')
  const withHealth = { ...filled, classes: 'health' }
  expect((await send(withHealth)).text).toContain('health data: <span class="mark bad">')
  expect(text).toContain('Check your answers')
  expect(text).toContain('the record R-1')
  const { opened } = await site.entry(String(site.looks.at(-1)))
  expect(opened).toMatchObject({
    call: { agency: 'FR-SPOC', officer: 'officer-7', body: null, session: {} },
    consultation: {
      purpose: 'own-work',
      question: { action: 'dry-run', request: { caseReference: 'FR-FORM', dryRun: true } },
      shown: [],
    },
  })
  // A person of whom nothing is held gets the same.
  const plain = (page: string) => page.replaceAll(/R-(1|404)|[0-9a-f]{32}|value="[^"]{43}"/g, '')
  expect(plain((await send({ ...filled, 'subject.recordId': 'R-404' })).text)).toBe(plain(text))
})

test('A dry run decides as the dry run of the API does', async () => {
  const ordinary: NonNullable<ReturnType<typeof requestOf>['hypotheses']>[number] = {
    ...{ class: 'identification', role: 'suspect', minor: false, ageAtEvent: 35 },
    ...{ origin: 'holder', originConsent: 'own-data', system: 'national', quality: 'verified' },
    ...{ status: 'active', youthRecord: 'none', obtainedUnder: 'none' },
    ...{ yearsSinceEvent: 1, yearsSinceValidation: 1 },
  }
  const body = requestOfMember({
    caseReference: 'FR-FORM',
    dryRun: true,
    hypotheses: [ordinary],
  })
  const denied = { ...filled, holder: 'GB-POL', instrument: 'none', channel: 'bilateral' }
  const same = [
    [body, filled],
    [{ ...body, holder: 'GB-POL', instrument: 'none', channel: 'bilateral' as const }, denied],
  ] as const
  for (const [asked, fields] of same) {
    const told = await answered(await site.ask('FR-SPOC', 'officer-7', asked))
    const { text } = await send(fields)
    for (const { rule } of told.reasons) expect(text).toContain(`[${rule}]`)
    expect(text.includes(': it would be given')).toBe(told.outcome === 'release')
    expect(text.includes('Not yet')).toBe(told.standing === 'open')
  }
})

test('What a form lacks is said first, each with a link to its field, and nothing is entered', async () => {
  const before = site.looks.length
  const { status, text } = await send({ classes: 'health', 'subject.name.given': 'Anton' })
  expect(status).toBe(422)
  expect(text).toContain('There is a problem')
  for (const [field, fix] of [
    ['holder', 'Choose: The holder'],
    ['purpose', 'Choose: The purpose'],
    ['subject.name.family', 'Enter: Family name'],
    ['subject.birthDate', 'Enter: Day of birth'],
    ['necessity.statement', 'Enter: Why you need it'],
  ]) {
    expect(text).toContain(`<a href="#${field}">${fix}</a>`)
    expect(text).toContain(`id="${field}"`)
  }
  // What must be entered is not said to be left out as well.
  expect(text).not.toMatch(/if any<[^<]*<br><span class="bad">/)
  expect(text).toContain('Number of a document <span class="hint">if any')
  // What was filled stays.
  expect(text).toMatch(/value="health" checked/)
  expect(text).toContain('value="Anton"')
  expect(site.looks.length).toBe(before)
})

test('A wrong field is said at its place, and a person only in one way', async () => {
  const wrong = { ...filled, 'offence.maxCustodyMonths': 'five years' }
  expect((await send(wrong)).text).toContain('<a href="#offence.maxCustodyMonths">')
  const both = { ...filled, 'subject.document.number': 'X1' }
  expect((await send(both)).text).toContain('Say whom you mean in one way')
  const nobody = { ...filled, holder: 'XX-NOBODY' }
  expect((await send(nobody)).text).toContain('no agency of this id keeps records here')
})

test('An open denial is asked again from its answer: the form has it, and the dry run counts what was said since', async () => {
  const page = await officer.get(`/console/ask?previous=${open}`)
  expect(page.text).toContain('value="FR-OPEN"')
  expect(page.text).toContain(`name="previous" value="${open}"`)
  expect(page.text).toContain('<button form="ask" name="step" value="send">Send it again as it is')
  const other = await officer.get(
    `/console/ask?previous=${open.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'))}`,
  )
  expect(other.status).toBe(404)
  // What is signed says it in words, and a first request does not.
  const again = await send({ ...filled, previous: open, step: 'send' })
  expect(again.text).toContain('Send the request again')
  expect(again.text).toMatch(/<dt>It asks again<\/dt><dd>what <a href="\/console\/answers\//)
  expect((await send({ ...filled, step: 'send' })).text).not.toContain('It asks again')
})

// Kills: a login that leads to an empty form, by which the same is asked as if nobody had said anything of it.
test('What is asked again is still asked again after a login, or where another site led to it', async () => {
  const path = `/console/ask?previous=${open}`
  const later = site.browser()
  const led = await later.step(`${origin}${path}`)
  const login = new URL(led.headers.get('location') ?? '', origin)
  expect(login.searchParams.get('next')).toBe(path)
  const page = await later.logIn('p-1005', `${login.pathname}${login.search}&by=0`)
  expect(page.text).toContain(`name="previous" value="${open}"`)
  // Nothing else of an address is gone back to: it would say what somebody looks for, which is entered in their name.
  for (const other of ['purpose=lawfulness', `previous=${open}&x=1`, 'previous=x'])
    expect(
      (await site.browser().step(`${origin}/console/ask?${other}`)).headers.get('location'),
    ).toBe('/console/login?next=%2Fconsole%2Fask')
  site.clock.now = new Date(site.clock.now.getTime() + 120_000)
  const headers = { 'sec-fetch-site': 'cross-site' }
  const asked = await later.go(`${origin}${path}`, { headers })
  expect(asked.text).toContain(`href="${path}">Go on`)
})

test('An auditor asks nothing', async () => {
  const auditor = site.browser()
  await auditor.logIn('p-1001')
  expect((await send(filled, auditor)).status).toBe(403)
})

describe('A request that is sent from the form', () => {
  const passkey = passkeyOf('officer-7', 'ES256', origin)
  const decoded = (text = '') =>
    text.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
  const hidden = (text: string) =>
    Object.fromEntries(
      [...text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [
        decoded(name),
        decoded(value),
      ]),
    )
  let page: Seen
  beforeAll(async () => {
    site.clock.now = new Date(Date.now() - 120_000)
    const key = { ...passkey.entered, channel: 'siena' as const }
    await stateByItself(
      site,
      'FR-SPOC',
      { act: 'add-passkey', key, why: 'She asks in a browser.' },
      site.data,
    )
    site.clock.now = new Date()
    officer = site.browser()
    await officer.logIn('p-1005')
    page = await send({ ...filled, caseReference: 'FR-SENT', step: 'send' })
  })

  test('is shown in words and as it is signed', () => {
    expect(page.text).toContain('Send the request')
    expect(page.text).toContain('the record R-1')
    expect(page.text).toContain(`POST ${origin}/v1/access-requests`)
    const body = JSON.parse(hidden(page.text).body ?? '')
    expect(body).toEqual({
      ...requestOfMember({ caseReference: 'FR-SENT' }),
      instrument: 'EU-2023/977',
    })
  })

  // The same path as a call of the agency's system. Kills: an answer for a session, and one without its signature.
  test('is answered as any signed call is: with the data, in the name of the officer, by the passkey’s signature', async () => {
    const fields = hidden(page.text)
    const part = assertionOver(fields.signed ?? '', passkey.pair, { origin })
    const act = { ...fields, assertion: Buffer.from(part, 'base64url').toString() }
    const { status, text } = await officer.post('/console/acts', act)
    expect(status).toBe(200)
    expect(text).toContain('Anton Beispiel')
    expect(text).toContain('Your duties')
    const [, id = ''] = /Number ([\w-]{43})/.exec(text) ?? []
    const { opened, stored } = await site.entry(id)
    expect(stored.leaf).toMatchObject({ t: 'decision', out: 'release' })
    expect(opened.call).toMatchObject({ agency: 'FR-SPOC', officer: 'officer-7' })
    expect(opened.evidence.jws.startsWith(fields.signed ?? '?')).toBe(true)
    await site.fileAll([id])
    // Later, a session shows that it was given, and not the data.
    const later = await officer.get(`/console/answers/${id}`)
    expect(later.text).toContain('FR-SENT')
    expect(later.text).not.toContain('Anton Beispiel')
  })

  // What the API takes as JSON is longer as a form. Kills: a form as long as a call, and no longer.
  test('is sent in any script, as long as the API takes it', async () => {
    const long = {
      'necessity.statement': 'ეჭვმიტანილის საპოვნელად. '.repeat(79),
      'offence.description': 'ყაჩაღობა. '.repeat(36),
    }
    const fields = hidden((await send({ ...filled, ...long, step: 'send' })).text)
    const part = assertionOver(fields.signed ?? '', passkey.pair, { origin })
    const act = { ...fields, assertion: Buffer.from(part, 'base64url').toString() }
    expect((await officer.post('/console/acts', act)).text).toContain('Anton Beispiel')
    const tooLong = { ...filled, 'necessity.statement': 'x'.repeat(128 * 1024) }
    expect((await send(tooLong)).status).toBe(413)
  })

  // Kills: a form that signs by another’s passkey.
  test('is not sent by the passkey of somebody else', async () => {
    const fields = hidden(
      (await send({ ...filled, caseReference: 'FR-STOLEN', step: 'send' })).text,
    )
    const stranger = passkeyOf('nobody', 'ES256', origin)
    const part = assertionOver(fields.signed ?? '', stranger.pair, { origin })
    const act = { ...fields, assertion: Buffer.from(part, 'base64url').toString() }
    const { status, text } = await officer.post('/console/acts', act)
    expect(status).toBe(422)
    expect(text).toContain('Nothing was done')
  })
})

test('A file on an answer says how it is fetched, and by when', async () => {
  const told = await answered(
    await site.ask('FR-SPOC', 'officer-7', requestOfMember({ caseReference: 'FR-FILE' })),
  )
  const { records, ...standing } = told
  const [item] = records[0]?.items ?? []
  if (item === undefined) throw new Error('nothing was given')
  const value = { type: 'image/jpeg', length: 48_211, digest: 'd'.repeat(43), salt: 's'.repeat(43) }
  const file = { ...item, id: '7', value: keptFileSchema.parse(value) }
  const answer = { standing, request: requestOfMember(), officer: 'officer-7', askedAgain: false }
  const html = answerHtml(
    { ...answer, records: [{ items: [file] }] },
    { who: 'officer-7 of FR-SPOC', at: told.decidedAt },
  ).write('en')
  expect(html).toContain('a file, image/jpeg, 48211 bytes')
  expect(html).toContain('within 15 minutes')
  expect(html).toContain(`comity request file ${told.id} --item 7`)
  expect(html).not.toContain('s'.repeat(43))
  // Kills: an answer in part that leaves it to its reader to miss what was not given.
  expect(html).not.toContain('Not given')
  const both = { identification: 'released', location: 'not released' } as const
  const asked = requestOfMember({ classes: ['identification', 'location'] })
  const inPart = { ...answer, request: asked, standing: { ...standing, classes: both } }
  const part = answerHtml(
    { ...inPart, records },
    { who: 'officer-7 of FR-SPOC', at: told.decidedAt },
  )
  expect(part.write('en')).toContain('Not given</span>: location data.')
})
