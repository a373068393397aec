/** Acts from the screen: what an officer's passkey signed is done, as any signed call is; nothing else is, whoever sends it. */

import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { doneBy } from '../../functions/console/results.ts'
import type { Visitor } from '../../functions/console/visitor.ts'
import { passkeyType } from '../../functions/policy/passkey.ts'
import {
  attestAll,
  benign,
  benignOfMember,
  inThisCase,
  itemOf,
  personOf,
  requestOf,
  requestOfMember,
} from '../answer/people.ts'
import { assertionOver, type Doing, passkeyOf } from '../identity/authenticator.ts'
import { stateByItself } from '../identity/entered-passkey.ts'
import { answered, origin } from '../world.ts'
import { type Browser, type Seen, type Site, startConsole, tokenIn } from './browsing.ts'
import { fieldsIn, formTo, signedBy as signedOn, signForm } from './signing.ts'

let site: Site
let frieda: Browser
let asked: string
const passkey = passkeyOf('officer-1', 'ES256', origin)
const stranger = passkeyOf('nobody', 'ES256', origin)
const dataOfPeter = { data: passkeyOf('officer-1-of-GB', 'ES256', origin) }
/** The passkey of Peter Sample, officer-1 of GB-POL. */
const peters = {
  ...dataOfPeter.data,
  entered: {
    ...dataOfPeter.data.entered,
    passkey: { ...dataOfPeter.data.entered.passkey, officer: 'officer-1' },
  },
}
const why = 'They act in a browser.'

beforeAll(async () => {
  site = await startConsole()
  site.clock.now = new Date(Date.now() - 120_000)
  for (const [id, { entered }] of [
    ['DE-POL', passkey],
    ['GB-POL', peters],
  ] as const)
    await stateByItself(site, id, { act: 'add-passkey', key: entered, why }, site.data)
  site.clock.now = new Date()
  await site.putRecord('DE-POL', personOf('R-1', [itemOf('name'), itemOf('account')]))
  asked = await ask('FR-9')
  frieda = site.browser()
  await frieda.logIn('p-1003')
})
afterAll(() => site.close())
afterEach(() => vi.useRealTimers())

/** A request that waits for an officer of DE-POL. */
async function ask(caseReference: string, requester = 'FR-SPOC'): Promise<string> {
  const request = requestOf({
    holder: 'DE-POL',
    classes: ['identification', 'financial'],
    caseReference,
  })
  const { id } = await answered(await site.ask(requester, 'officer-7', request))
  await site.fileAll([id])
  return id
}

const pageOf = (id: string) => `/console/inbox/${id}`
/** What the browser sends once the passkey was used. */
const signedBy = (page: Seen, of: Pick<typeof passkey, 'pair'> = passkey, doing: Doing = {}) =>
  signedOn(page, of, doing)
const begun = async (does: string, more: Record<string, string>, id = asked, by = frieda) => {
  const page = await by.get(pageOf(id))
  const fields = fieldsIn(page, formTo(`${pageOf(id)}/${does}`))
  return by.post(`${pageOf(id)}/${does}`, { ...fields, ...more })
}
const text = 'Which of the two accounts do you need?'

describe('An officer of the holder', () => {
  test('sees what waits, and what would be signed, in words and as it is', async () => {
    const page = await frieda.get(pageOf(asked))
    expect(page.text).toContain('What would leave')
    const shown = await begun('ask-back', { text })
    expect(shown.text).toContain('Your question, as the requester reads it')
    expect(shown.text).toContain(text)
    // Which one, in words: with two tabs open, the text alone says it of either.
    expect(shown.text).toContain('<dt>Case</dt><dd>FR-9, asked by FR-SPOC</dd>')
    expect(shown.text).toContain(`${origin}/v1/access-requests/${asked}/responses`)
    const { signed = '', body = '' } = fieldsIn(shown, signForm)
    const [head, claims] = signed
      .split('.')
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
    expect(head).toEqual({ alg: 'ES256', typ: passkeyType, kid: passkey.entered.kid })
    const digest = createHash('sha256').update(body).digest('base64url')
    expect(claims).toMatchObject({ iss: 'DE-POL', sub: 'officer-1', request_body_sha256: digest })
    expect(JSON.parse(body)).toEqual({ what: 'ask-back', text })
  })

  test('asks back, and the requester reads it; the entry has what the passkey signed', async () => {
    const form = signedBy(await begun('ask-back', { text }))
    const done = await frieda.post('/console/acts', form)
    expect(done.text).toContain('Your office has answered')
    // Where it leads back to is where it stands.
    expect(done.text).toContain('<a href="/console/inbox" aria-current="true">Inbox')
    const [, id = ''] = /<code>([\w-]{43})<\/code>/.exec(done.text) ?? []
    const { opened, stored } = await site.entry(id)
    expect(stored.leaf.t).toBe('response')
    expect(opened.evidence.jws.startsWith(form.signed ?? '?')).toBe(true)
    expect(opened.call).toMatchObject({ agency: 'DE-POL', officer: 'officer-1' })
    const answer = await site.call('FR-SPOC', {
      path: `/v1/access-requests/${asked}`,
      officer: 'officer-7',
    })
    expect(await answer.text()).toContain(text)
    // Sent once more, it is the same act.
    const again = await frieda.post('/console/acts', form)
    expect(again.text).toContain(id)
  })

  test('sees what would leave beside why, takes an item out, and releases exactly the rest', async () => {
    const id = await ask('GB-10', 'GB-POL')
    await attestAll(site, 'DE-POL', { kind: 'matter', matter: id }, benign)
    const found = Object.fromEntries(
      inThisCase.map(({ fact, value }) => [`fact:${fact}`, String(value)]),
    )
    const first = await frieda.post('/console/acts', signedBy(await begun('look', found, id)))
    expect(first.text).toContain('What would leave, as it would leave')
    expect(first.text).toMatch(/Why it may/)
    // On paper each sheet says whose look it was, of when, and its entry.
    const head =
      /What would leave: GB-10\. For officer-1 of DE-POL, printed [\d-]+ [\d:]+ UTC\. Number /
    expect(first.text).toMatch(head)
    const path = `${pageOf(id)}/look`
    const [, item = ''] = /name="takenOut" value="([^"]+)"/.exec(first.text) ?? []
    const without = await frieda.post(path, { ...fieldsIn(first, formTo(path)), takenOut: item })
    const second = await frieda.post('/console/acts', signedBy(without))
    // By what it is, and not by its id alone: whoever has two accounts must know which.
    const named = 'nc:PersonFullName, identification data: '
    expect(without.text).toContain(`<dt>Without</dt><dd>${named}`)
    expect(second.text).toContain(`<p>You took out:</p><ul><li>${named}`)
    expect(second.text).toContain('<dt>About</dt><dd>the record R-1</dd>')
    // A look vouches for nothing yet. Kills: a page on which an officer is said to have vouched.
    expect(without.text).toContain('As if you vouched that')
    expect(without.text).not.toContain('You vouch that')
    const release = `${pageOf(id)}/release`
    const fields = fieldsIn(second, formTo(release))
    const ground = 'Needed for the offence in question.'
    const page = await frieda.post(release, { ...fields, ground })
    expect(page.text).toMatch(
      new RegExp(`<dt>What you took out</dt><dd>${named}.*\\(item ${item}\\)`),
    )
    const done = await frieda.post('/console/acts', signedBy(page))
    expect(done.text).toContain('What you said is entered')
    const again = await site.ask('GB-POL', 'officer-7', {
      ...requestOf({ holder: 'DE-POL', classes: ['identification', 'financial'] }),
      ...{ caseReference: 'GB-10', previous: id },
    })
    const { records } = await answered(again)
    const left = records.flatMap(({ items }) => items.map((each) => each.id))
    expect(left.length).toBeGreaterThan(0)
    expect(left).not.toContain(item)
    // Whoever erred takes it back from where they said it.
    const takeBack = `${pageOf(id)}/take-back`
    const erred = await frieda.post(takeBack, fieldsIn(done, formTo(takeBack)))
    const taken = await frieda.post('/console/acts', signedBy(erred))
    expect(taken.text).toContain('It is taken back')
  })

  // Kills: sheets with data of a person that say neither who printed them, nor when, nor which they are.
  test('prints a package whose every sheet says of whom, when, and under which number', async () => {
    const receivedBy = {
      ...{ way: 'siena' as const, number: '2026-1-1', receivedAt: '2026-11-25T08:40:00Z' },
      ...{ digest: createHash('sha256').update('letter').digest('base64url') },
      from: {
        ...{ name: 'Polícia Judiciária', jurisdiction: 'PT', authorityType: 'police' },
        cannotHonour: [],
      },
    }
    const enter = async (previous?: string) =>
      answered(
        await site.ask('DE-POL', 'officer-1', {
          ...requestOfMember({ receivedBy, caseReference: 'NUIPC 1/26' }),
          ...(previous === undefined ? {} : { previous }),
        }),
      )
    const { id: previous } = await enter()
    await attestAll(site, 'DE-POL', { kind: 'matter', matter: previous }, benignOfMember)
    const whole = await enter(previous)
    const { id } = whole
    const done = await frieda.post('/console/acts', signedBy(await begun('package', {}, id)))
    expect(done.text).toContain(`Answer of DE-POL. By officer-1 of DE-POL, printed`)
    expect(done.text).toMatch(new RegExp(`<thead><tr><td>[^<]+Number ${id}`))
    expect(done.text).toContain('/console/paper.css')
    expect(done.text).toContain('data-head="How"><div>as it is held</div>')
    // Kills: paper on which a pseudonym reads as a name, and an article that nobody looked up as one that was.
    const [record] = whole.records
    const items = (record?.items ?? []).map((each) => ({ ...each, treatment: 'pseudonymise' }))
    const reasons = whole.reasons.map((each) => ({ ...each, confidence: 'M' }))
    const path = `/v1/access-requests/${id}/package`
    const page = doneBy('POST', path)?.main(
      { ...whole, records: [{ ...record, items }], reasons },
      // A cast: whose names stand on the paper.
      { agency: { id: 'DE-POL' }, officer: { id: 'officer-1' } } as unknown as Visitor,
      { at: whole.decidedAt, path, body: undefined, typed: new URLSearchParams() },
    )
    expect(page?.write('en')).toContain('a pseudonym for this case')
    expect(page?.write('en')).toContain('from memory, to be checked by counsel')
  })

  test('is told what is wrong with a form, and nothing is signed', async () => {
    const shown = await begun('refuse', { text: 'No.' })
    expect(shown.status).toBe(422)
    expect(shown.text).toContain('<a href="#refuse.text">')
    expect(shown.text).not.toContain('data-credential')
  })

  test('without a passkey in the register sees how one is entered', async () => {
    const paula = site.browser()
    await paula.logIn('p-1001')
    const page = await paula.get('/console/passkey')
    expect(page.text).toContain('The register has none of yours')
    const { jwk } = stranger.entered
    const made = { credential: stranger.entered.passkey.credential, alg: 'ES256', name: 'Phone' }
    const fields = { token: tokenIn(page), ...made, jwk: JSON.stringify(jwk) }
    const shown = await paula.post('/console/passkey', fields)
    expect(shown.text).toContain(`comity agency passkey add DE-DPA ${stranger.entered.kid}.json`)
    const file = JSON.parse((await paula.post('/console/passkey', { ...fields, as: 'file' })).text)
    expect(file.passkey).toEqual({
      ...{ ...stranger.entered.passkey, officer: 'auditor-1', name: 'Phone' },
    })
  })
})

describe('Nothing is done', () => {
  const isNothing = async (form: Record<string, string>, by = frieda) => {
    const seen = await by.post('/console/acts', form)
    expect(seen.status).toBeGreaterThanOrEqual(400)
    const made = await site.world.responses.of(waiting)
    expect(made).toEqual([])
    return seen
  }
  let waiting: string
  beforeAll(async () => {
    waiting = await ask('FR-11')
  })
  const shown = () => begun('refuse', { text: 'This office will not say so.' }, waiting)

  // Each kills a check of `takeAct`, of `visitors`, or of `verifyCall` behind it.
  test('by a session alone, with no passkey used', async () => {
    const fields = fieldsIn(await shown(), signForm)
    await isNothing(fields)
    await isNothing({ ...fields, assertion: '{}' })
  })

  test.each([
    ['whose person was not verified', { flags: 0x01 }],
    ['on pages of another site', { origin: 'https://evil.example' }],
    ['over another text', { challenge: createHash('sha256').update('x').digest('base64url') }],
  ])('by a passkey %s', async (_, doing) => {
    expect((await isNothing(signedBy(await shown(), passkey, doing))).status).toBe(422)
  })

  test('by a text that no browser sends, which is refused and is no fault of ours', async () => {
    const form = signedBy(await shown())
    for (const tail of ['\n', 'é', '.x'])
      expect((await isNothing({ ...form, signed: `${form.signed}${tail}` })).status).toBe(404)
  })

  test('by a key that an operator made, who has every page and no passkey', async () => {
    await isNothing(signedBy(await shown(), stranger))
  })

  test('where what is sent is not what was signed', async () => {
    const form = signedBy(await shown())
    await isNothing({ ...form, body: form.body?.replace('will not', 'may well') ?? '' })
    const [head = '', payload = ''] = form.signed?.split('.') ?? []
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const other = { ...claims, htu: `${origin}/v1/access-requests/${asked}/responses` }
    const changed = Buffer.from(JSON.stringify(other)).toString('base64url')
    await isNothing({ ...form, signed: `${head}.${changed}` })
  })

  // Kills: an act that counts because its signature does, whoever is at the screen.
  test('where another officer’s session sends what somebody signed', async () => {
    const form = signedBy(await shown())
    const peter = site.browser()
    await peter.logIn('p-1004')
    const token = tokenIn(await peter.get('/console/office'))
    expect((await isNothing({ ...form, token }, peter)).status).toBe(404)
  })

  test('where an officer signs in the name of another agency, with a passkey of his own', async () => {
    const form = fieldsIn(await shown(), signForm)
    const [head = '', payload = ''] = form.signed?.split('.') ?? []
    const signed = [
      Buffer.from(
        JSON.stringify({
          ...JSON.parse(Buffer.from(head, 'base64url').toString()),
          kid: peters.entered.kid,
        }),
      ).toString('base64url'),
      payload,
    ].join('.')
    const part = assertionOver(signed, peters.pair, { origin })
    await isNothing({
      ...form,
      signed,
      assertion: Buffer.from(part, 'base64url').toString(),
    })
  })

  test('from a page of another site, or without the session’s token', async () => {
    const form = signedBy(await shown())
    const foreign = await frieda.post('/console/acts', form, { origin: 'https://evil.example' })
    expect(foreign.status).toBe(403)
    expect((await isNothing({ ...form, token: 'A'.repeat(43) })).status).toBe(403)
  })

  test('with the cookie of a session that was logged out', async () => {
    const browser = site.browser()
    await browser.logIn('p-1003')
    const kept = new Map(browser.cookies)
    const form = signedBy(
      await begun('refuse', { text: 'This office will not say so.' }, waiting, browser),
    )
    await browser.post('/console/logout', { token: form.token ?? '' })
    for (const [name, value] of kept) browser.cookies.set(name, value)
    expect((await isNothing(form, browser)).status).toBe(403)
  })

  // Kills: a page that takes any call that a passkey signed.
  test('that no page of the console has an officer sign, however well it is signed', async () => {
    const form = fieldsIn(await shown(), signForm)
    const [head = '', payload = ''] = form.signed?.split('.') ?? []
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const other = { ...claims, htu: `${origin}/v1/records/R-1`, htm: 'DELETE' }
    const signed = `${head}.${Buffer.from(JSON.stringify(other)).toString('base64url')}`
    const part = assertionOver(signed, passkey.pair, { origin })
    const assertion = Buffer.from(part, 'base64url').toString()
    expect((await isNothing({ ...form, signed, assertion })).status).toBe(404)
  })

  test('once the login is older than five minutes, until the officer logs in again', async () => {
    const form = signedBy(await shown())
    const before = site.clock.now
    site.clock.now = new Date(before.getTime() + 5 * 60_000 + 61_000)
    try {
      expect((await isNothing(form)).text).toContain('more than five minutes ago')
      const page = await frieda.get(pageOf(waiting))
      expect(page.text).toContain('within the last five minutes')
      expect(page.text).toContain(
        `/console/login?anew&#38;next=${pageOf(waiting)}`.replace('&#38;', '&amp;'),
      )
      expect(formTo(`${pageOf(waiting)}/refuse`).test(page.text)).toBe(false)
    } finally {
      site.clock.now = before
    }
  })

  test('once the agency ended the passkey', async () => {
    const form = signedBy(await shown())
    const ending = { act: 'revoke-key', kid: passkey.entered.kid, why } as const
    await stateByItself(site, 'DE-POL', ending, site.data)
    site.clock.pass(61_000)
    expect((await isNothing(form)).text).toContain('Nothing was done')
    expect((await frieda.get(pageOf(waiting))).text).toContain('You have no passkey here')
  })
})

// Kills: a login to act that takes any login of the last twelve hours, since the browser sends what the provider reads.
test('A login to act is refused if the person proved who they are long ago, whatever the provider was asked', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const browser = site.browser()
  await browser.logIn('p-1004')
  vi.setSystemTime(Date.now() + 6 * 60_000)
  site.clock.now = new Date()
  const url = new URL((await browser.go(`${origin}/console/login?by=0&anew`, {}, /localhost/)).url)
  // As a browser may change it on the way.
  url.searchParams.delete('prompt')
  url.searchParams.set('max_age', '43200')
  const back = await browser.go(url.href)
  expect(back.url).toMatch(/\/console\/login\/0\/return/)
  expect(back.status).toBe(403)
  // Without it, the same login is good to look.
  const look = await browser.go(`${origin}/console/login?by=0`)
  expect(look.status).toBe(200)
})

// Kills: a login of the future, which lets its browser act once that has come, without a login of then.
test('A login is refused if the provider says that it will have been', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  vi.setSystemTime(Date.now() + 10 * 60_000)
  site.clock.now = new Date(Date.now() - 10 * 60_000)
  const seen = await site.browser().logIn('p-1003')
  expect(seen.status).toBe(403)
  expect(site.lines).toContainEqual(expect.objectContaining({ why: 'login-ahead' }))
})

// Kills: a form of what the officer is not named for, which ends in a signature that does not count.
test('An officer who is named for something else is told so, and nothing is signed', async () => {
  site.clock.now = new Date()
  const [iss = ''] = site.logins.map(({ settings }) => settings.iss)
  const login = { iss, sub: 'p-1004' }
  const officers = [{ id: 'officer-1', may: ['release' as const], login }]
  await stateByItself(site, 'GB-POL', { act: 'name-officers', officers, why }, site.data)
  site.clock.pass(61_000)
  const peter = site.browser()
  await peter.logIn('p-1004')
  const token = tokenIn(await peter.get('/console/office'))
  const signing = (does: string) => peter.post(`${pageOf(asked)}/${does}`, { token })
  const shown = await signing('package')
  expect(shown.text).toContain('has not named you for this')
  expect(shown.text).not.toContain('data-credential')
  expect((await signing('look')).text).toContain('data-credential')
})
