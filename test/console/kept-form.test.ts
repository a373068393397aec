/** What an officer typed stays over a login: whoever took longer than five minutes, or was logged out, types it once. */

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { formersMax } from '../../functions/identity/session.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { passkeyOf } from '../identity/authenticator.ts'
import { stateByItself } from '../identity/entered-passkey.ts'
import { answered, origin } from '../world.ts'
import { type Browser, type Site, startConsole, tokenIn } from './browsing.ts'
import { fieldsIn, formTo, signedBy, signForm } from './signing.ts'

let site: Site
let asked: string
const passkey = passkeyOf('officer-1', 'ES256', origin)
const text = 'Which of the two accounts of Anna Muster do you need?'
const again = '/console/login?by=0&anew&next=/console/logged-in'
let start: number

beforeAll(async () => {
  site = await startConsole()
  start = Date.now()
  site.clock.now = new Date(start - 120_000)
  for (const [agency, { entered: key }] of [
    ['DE-POL', passkey],
    ['FR-SPOC', passkeyOf('officer-7', 'ES256', origin)],
  ] as const) {
    const act = { act: 'add-passkey', key, why: 'They act here.' } as const
    await stateByItself(site, agency, act, site.data)
  }
  minutes(0)
  await site.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  const request = requestOf({ holder: 'DE-POL', caseReference: 'FR-31' })
  asked = (await answered(await site.ask('FR-SPOC', 'officer-7', request))).id
  await site.fileAll([asked])
})
afterAll(async () => {
  vi.useRealTimers()
  await site.close()
})

/** So many minutes after the start, by the gateway's clock and by the login provider's. */
function minutes(n: number): void {
  const now = new Date(start + n * 60_000)
  vi.useFakeTimers({ now, toFake: ['Date'] })
  site.clock.now = now
}
/** Frieda at a browser, who filled in a form of what waits. */
async function typing(): Promise<{ frieda: Browser; path: string; fields: object }> {
  const frieda = site.browser()
  await frieda.logIn('p-1003')
  const path = `/console/inbox/${asked}/ask-back`
  const page = await frieda.get(`/console/inbox/${asked}`)
  return { frieda, path, fields: { ...fieldsIn(page, formTo(path)), text } }
}

describe('An officer who typed a question', () => {
  // Kills: a way to the login that leads to an empty form; a form that counts in its own session alone.
  test('for longer than a login lasts to act logs in in another tab, goes on, and signs what was typed', async () => {
    minutes(0)
    const { frieda, path, fields } = await typing()
    minutes(6)
    const stopped = await frieda.post(path, { ...fields })
    expect(stopped.text).toContain('within the last five minutes')
    expect(stopped.text).toContain('target="_blank"')
    expect(stopped.text).not.toContain('data-credential')
    expect((await frieda.logIn('p-1003', again)).text).toContain('Close this tab')
    const kept = fieldsIn(stopped, formTo(path))
    expect(kept).toMatchObject({ text })
    const shown = await frieda.post(path, kept)
    expect(fieldsIn(shown, signForm).body).toContain(text)
    const done = await frieda.post('/console/acts', signedBy(shown, passkey))
    expect(done.text).toContain('Your office has answered')
  })

  test('and signed it too late gets to it again', async () => {
    minutes(10)
    const { frieda, path, fields } = await typing()
    const shown = await frieda.post(path, { ...fields })
    minutes(16)
    const late = await frieda.post('/console/acts', signedBy(shown, passkey))
    expect(late.text).toContain('it took too long')
    await frieda.logIn('p-1003', again)
    const kept = fieldsIn(late, formTo(path))
    expect(fieldsIn(await frieda.post(path, kept), signForm).body).toContain(text)
  })

  test('and was logged out meanwhile has it after the next login', async () => {
    minutes(20)
    const { frieda, path, fields } = await typing()
    minutes(36)
    const out = await frieda.post(path, { ...fields })
    expect(out.status).toBe(403)
    expect(out.text).toContain('Your session has ended')
    await frieda.logIn('p-1003', again)
    const shown = await frieda.post(path, fieldsIn(out, formTo(path)))
    expect(fieldsIn(shown, signForm).body).toContain(text)
  })

  test('changes it before it is signed, and a form with faults stays to be mended when it is late', async () => {
    minutes(40)
    const { frieda, path, fields } = await typing()
    const shown = await frieda.post(path, { ...fields })
    const change = fieldsIn(shown, formTo(path))
    const edited = await frieda.post(path, { ...change, step: 'edit' })
    expect(edited.status).toBe(200)
    expect(edited.text).toContain(`${text}</textarea>`)
    expect(edited.text).not.toContain('There is a problem')
    minutes(46)
    const wrong = await frieda.post(path, { ...fields, text: 'Which?' })
    expect(wrong.status).toBe(422)
    expect(wrong.text).toContain('Which?</textarea>')
  })

  test('for a request of their own finds the whole form again, after login and before signing', async () => {
    minutes(50)
    const fleur = site.browser()
    await fleur.logIn('p-1005')
    const token = tokenIn(await fleur.get('/console/ask'))
    const filled = {
      ...{ token, step: 'send', holder: 'DE-POL', channel: 'bilateral', purpose: 'investigation' },
      ...{ stage: 'suspect', urgency: 'none', instrument: 'none', caseReference: 'CASE-7' },
      ...{ 'subject.recordId': 'R-1', classes: 'identification' },
      ...{ 'offence.category': 'ordinary', 'offence.maxCustodyMonths': '60' },
      ...{ 'necessity.statement': 'To find the suspect.', 'suppose.role': 'suspect' },
    }
    minutes(56)
    const stopped = await fleur.post('/console/ask', filled)
    await fleur.logIn('p-1005', again)
    const shown = await fleur.post('/console/ask', fieldsIn(stopped, formTo('/console/ask')))
    expect(JSON.parse(fieldsIn(shown, signForm).body ?? '')).toMatchObject({
      ...{ holder: 'DE-POL', subject: { recordId: 'R-1' }, caseReference: 'CASE-7' },
    })
  })
})

describe('A form of a former session does nothing', () => {
  const refused = 'This form is not of your session'

  // Kills: a form that goes on by the browser alone, whoever logged in there.
  test('once somebody else logged in with the same browser', async () => {
    minutes(60)
    const { frieda, path, fields } = await typing()
    const peter = site.browser()
    for (const [name, value] of frieda.cookies) peter.cookies.set(name, value)
    expect((await peter.logIn('p-1004', again)).text).toContain('GB-POL')
    const seen = await peter.post(path, { ...fields })
    expect([seen.status, seen.text.includes(refused)]).toEqual([403, true])
    // Nor once the first is back: what stood between was not hers.
    const back = site.browser()
    for (const [name, value] of peter.cookies) back.cookies.set(name, value)
    await back.logIn('p-1003', again)
    expect((await back.post(path, { ...fields })).status).toBe(403)
  })

  test('in another browser of the same officer, or after logging out', async () => {
    minutes(62)
    const { frieda, path, fields } = await typing()
    const other = site.browser()
    await other.logIn('p-1003', again)
    expect((await other.post(path, { ...fields })).status).toBe(403)
    const token = tokenIn(await frieda.get('/console/office'))
    await frieda.post('/console/logout', { token })
    await frieda.logIn('p-1003', again)
    expect((await frieda.post(path, { ...fields })).status).toBe(403)
  })

  test('after its end, if another site sends it: it is not even shown', async () => {
    minutes(64)
    const { frieda, path, fields } = await typing()
    minutes(80)
    const seen = await frieda.post(path, { ...fields }, { origin: 'https://evil.example' })
    expect([seen.status, seen.text.includes(text)]).toEqual([403, false])
    const untold = await frieda.post(path, { ...fields, token: 'x' })
    expect([untold.status, untold.text.includes(text)]).toEqual([403, false])
  })
})

test('What was typed is in no table of sessions, nor is a token of a form', async () => {
  minutes(90)
  const { frieda, path, fields } = await typing()
  minutes(96)
  const stopped = await frieda.post(path, { ...fields })
  await frieda.logIn('p-1003', again)
  const sessions = JSON.stringify(await site.store.rows.sessions.everything())
  expect(sessions).toContain('"former"')
  for (const secret of ['Muster', tokenIn(stopped)]) expect(sessions).not.toContain(secret)
  expect(JSON.stringify(site.lines)).not.toContain('Muster')
})

// Kills: a way back that sends once more what was signed, and is refused as too late.
// Kills: a session that keeps a token of every login before, all shift long.
test('A form counts through eight logins after it, and a session knows of no more', async () => {
  minutes(98)
  const { frieda, path, fields } = await typing()
  for (let i = 0; i < formersMax; i += 1) await frieda.logIn('p-1003', again)
  expect((await frieda.post(path, { ...fields })).text).toContain(text)
  await frieda.logIn('p-1003', again)
  expect((await frieda.post(path, { ...fields })).text).toContain('not of your session')
})

test('An officer who was logged out while the passkey was asked has what was typed after the next login', async () => {
  minutes(100)
  const { frieda, path, fields } = await typing()
  const shown = await frieda.post(path, { ...fields })
  minutes(116)
  const out = await frieda.post('/console/acts', signedBy(shown, passkey))
  expect(out.text).toContain('Your session has ended')
  await frieda.logIn('p-1003', again)
  const anew = await frieda.post(path, fieldsIn(out, formTo(path)))
  expect(fieldsIn(anew, signForm).body).toContain(text)
})
