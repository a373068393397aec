/** A passkey belongs to a channel, as any key does: what a form says that it would get by one, it gets. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { attestAll, benignOfMember, itemOf, personOf } from '../answer/people.ts'
import { passkeyOf } from '../identity/authenticator.ts'
import { stateByItself } from '../identity/entered-passkey.ts'
import { onDay } from '../on-day.ts'
import { origin } from '../world.ts'
import { type Browser, type Site, startConsole, tokenIn } from './browsing.ts'
import { signedBy } from './signing.ts'

// From 2027-06-12 on, members of the Union ask each other by SIENA alone.
onDay('2026-11-25T09:00:00Z')
let site: Site
let officer: Browser
const passkey = passkeyOf('officer-7', 'ES256', origin)
const onSiena = passkeyOf('officer-7', 'EdDSA', origin)
beforeAll(async () => {
  site = await startConsole()
  await site.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await attestAll(site, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  officer = site.browser()
  await officer.logIn('p-1005')
})
afterAll(() => site.close())

/** States something of the agency. What the register says counts within a minute. */
async function state(body: Parameters<typeof stateByItself>[2]): Promise<void> {
  await stateByItself(site, 'FR-SPOC', body, site.data)
  site.clock.pass(61_000)
}
const filled = {
  ...{ holder: 'DE-POL', channel: 'siena', 'subject.recordId': 'R-1', classes: 'identification' },
  ...{ purpose: 'investigation', 'offence.category': 'ordinary', 'offence.maxCustodyMonths': '60' },
  ...{ stage: 'suspect', urgency: 'none', instrument: 'EU-2023/977', caseReference: 'FR-CHANNEL' },
  ...{ 'necessity.statement': 'To find the suspect.', 'suppose.role': 'suspect' },
}
const sent = async (step: 'check' | 'send') => {
  const page = await officer.get('/console/ask')
  return officer.post('/console/ask', { ...filled, step, token: tokenIn(page) })
}
/** A duty of INTERPOL's channel, which is owed where nobody knows that the request came by another. */
const ofInterpol = 'Before any coercive measure, check with the holder'

test('Without a passkey, a form says what the agency’s own system would be told', async () => {
  const { text } = await sent('check')
  expect(text).toContain('it would be given, by rule alone')
  expect(text).not.toContain(ofInterpol)
})

// Kills: a form that answers by the channel of another key, beside an answer to what is sent by a passkey of none.
test('By a passkey of no channel, a form says what is then told, and why', async () => {
  await state({ act: 'add-passkey', key: passkey.entered, why: 'She asks in a browser.' })
  const [tried, shown] = [await sent('check'), await sent('send')]
  expect(tried.text).toContain(ofInterpol)
  for (const { text } of [tried, shown]) {
    expect(text).toContain('None of your passkeys is of this one')
    expect(text).toContain('<a href="/console/passkey">Your passkey</a> says how you get one')
  }
  const { text } = await officer.post('/console/acts', signedBy(shown, passkey))
  expect(text).toContain(ofInterpol)
})

test('By one of the channel, it says what comes by that', async () => {
  const { entered } = onSiena
  const named = { ...entered.passkey, name: 'Phone, SIENA' }
  const key = { ...entered, channel: 'siena' as const, passkey: named }
  await state({ act: 'add-passkey', key, why: 'She asks by SIENA.' })
  const { text } = await sent('check')
  expect(text).toContain('it would be given, by rule alone')
  expect(text).not.toContain('None of your passkeys')
  expect(text).not.toContain(ofInterpol)
})

const formOf = (credential: string) => `data-credential="${credential}"`

// Kills: two buttons of which one is refused; ids that nobody tells apart.
test('Of two passkeys a request is signed by that of its channel alone, under the name that its officer chose', async () => {
  const { text } = await sent('send')
  expect(text).toContain('with your passkey <strong>Phone, SIENA</strong>')
  expect(text).toContain(formOf(onSiena.entered.passkey.credential))
  expect(text).not.toContain(formOf(passkey.entered.passkey.credential))
  expect(text).not.toContain('With another passkey')
})

// Kills: an order that is never that of this browser (`noteSigned`).
test('Where each of two would do, that by which this browser signed last stands first, the other behind a fold', async () => {
  const sentNow = await officer.post('/console/acts', signedBy(await sent('send'), onSiena))
  expect(sentNow.status).toBe(200)
  const path = `/console/answers/${'A'.repeat(43)}/review`
  const token = tokenIn(await officer.get('/console/ask'))
  const { text } = await officer.post(path, { token, ground: 'She needs all of it.' })
  const [first, second] = [onSiena, passkey].map(({ entered }) =>
    text.indexOf(formOf(entered.passkey.credential)),
  )
  const fold = text.indexOf('With another passkey')
  expect(first).toBeGreaterThan(0)
  expect([first, fold, second]).toEqual([first, fold, second].toSorted((a = 0, b = 0) => a - b))
})

// Kills: a file whose channel nobody chose; one of a channel that the agency has not.
test('Who makes a passkey names it and chooses its channel', async () => {
  const page = await officer.get('/console/passkey')
  expect(page.text).toContain('The channel that it signs on')
  const { entered } = passkeyOf('officer-7', 'ES256', origin)
  const made = {
    ...{ credential: entered.passkey.credential, alg: 'ES256', jwk: JSON.stringify(entered.jwk) },
    ...{ token: tokenIn(page), as: 'file', name: 'Desk, left', channel: 'siena' },
  }
  const { text } = await officer.post('/console/passkey', made)
  expect(JSON.parse(text)).toMatchObject({ channel: 'siena', passkey: { name: 'Desk, left' } })
  for (const wrong of [
    { name: '' },
    { name: '<b>' },
    { channel: 'by-pigeon' },
    { channel: 'mla-central' },
  ])
    expect((await officer.post('/console/passkey', { ...made, ...wrong })).status).toBe(422)
})
