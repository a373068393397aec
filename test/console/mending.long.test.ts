/** What officers typed stays where a form has faults; and an act whose answer is lost says what became of it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openidProvider } from '../../functions/adapters/login-openid.ts'
import { dynamodbSessions } from '../../functions/adapters/sessions-dynamodb.ts'
import { answerSchema } from '../../functions/answer/reply/reply-schema.ts'
import { consolePages } from '../../functions/console/console.ts'
import { doneBy } from '../../functions/console/results.ts'
import type { Visitor } from '../../functions/console/visitor.ts'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { problem } from '../../functions/http/problem.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { answered, origin } from '../world.ts'
import { type Browser, browserOf, type Seen, type Site, startConsole } from './browsing.ts'
import { fieldsIn, formTo, passkeyAt, signedBy, signForm } from './signing.ts'

let site: Site
let frieda: Browser
let asked: string
let passkey: Awaited<ReturnType<typeof passkeyAt>>
beforeAll(async () => {
  site = await startConsole()
  passkey = await passkeyAt(site)
  await site.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  asked = await ask('FR-21')
  frieda = site.browser()
  await frieda.logIn('p-1003')
})
afterAll(() => site.close())

async function ask(caseReference: string): Promise<string> {
  const request = requestOf({ holder: 'DE-POL', caseReference })
  const { id } = await answered(await site.ask('FR-SPOC', 'officer-7', request))
  await site.fileAll([id])
  return id
}
const unchecked = (reason: object) => ({ ...reason, confidence: 'M' })
const pageOf = (id: string) => `/console/inbox/${id}`
const begun = async (does: string, more: Record<string, string>, of = frieda, id = asked) => {
  const page = await of.get(pageOf(id))
  const fields = fieldsIn(page, formTo(`${pageOf(id)}/${does}`))
  return of.post(`${pageOf(id)}/${does}`, { ...fields, ...more })
}

describe('A form with faults', () => {
  // Kills: a page of faults alone, from which what was typed is gone.
  test('comes back as it was filled, open, with each fault first and at its field', async () => {
    const { status, text } = await begun('refuse', { text: 'Not us.' })
    expect(status).toBe(422)
    expect(text).toContain('There is a problem')
    expect(text).toContain('<a href="#refuse.text">')
    expect(text).toMatch(/<details open><summary>Refuse<\/summary>/)
    expect(text).toMatch(/id="refuse.text"[^>]* aria-invalid="true"[^>]*>Not us\.<\/textarea>/)
    expect(text).not.toMatch(/id="ask-back.text"[^>]* aria-invalid/)
  })

  test('says that nothing was chosen, and keeps why', async () => {
    const { status, text } = await begun('vouch', { text: 'By the file of the case.' })
    expect(status).toBe(422)
    expect(text).toContain('Say one of these at least')
    expect(text).toContain('By the file of the case.</textarea>')
  })

  test('does not object to nothing, and says where to choose, before anything is signed', async () => {
    const given = { fact: 'assurance.deathPenalty', value: 'given-and-verified' }
    await site.attest('DE-MIN', {
      ...{ holder: 'DE-POL', ...given, scope: { kind: 'matter', matter: asked } },
    })
    const ground = 'We were never asked about it.'
    const { status, text } = await begun('object', { text: ground })
    expect(status).toBe(422)
    expect(text).toContain('<a href="#object.attestation">')
    expect(text).toContain(`${ground}</textarea>`)
  })

  // Kills: a number that is no number, vouched for as if it were; and one that cannot be said at all.
  test('takes a number where a fact is one, and refuses what is none', async () => {
    const months = { 'fact:request.offence.maxCustodyMonthsHolder': 'five years' }
    const wrong = await begun('vouch', { ...months, text: 'By § 242 of the code.' })
    expect(wrong.status).toBe(422)
    expect(wrong.text).toContain('this is no value of it')
    const right = { 'fact:request.offence.maxCustodyMonthsHolder': '60' }
    const shown = await begun('vouch', { ...right, text: 'By § 242 of the code.' })
    expect(shown.status).toBe(200)
    expect(shown.text).toContain('60 months')
    const { body = '' } = fieldsIn(shown, /<form[^>]*data-credential[\s\S]*?<\/form>/)
    expect(JSON.parse(body)).toMatchObject({
      ...{ fact: 'request.offence.maxCustodyMonthsHolder', value: 60 },
    })
  })

  // Kills: an end of a line, which whoever writes in a field of three makes, refused as a control character.
  test('takes what was written over several lines as one, as it is then signed', async () => {
    const shown = await begun('ask-back', { text: 'Which of the two cars?\r\n\r\n\tThe red one?' })
    expect(shown.status).toBe(200)
    const { body = '' } = fieldsIn(shown, signForm)
    expect(JSON.parse(body)).toMatchObject({ text: 'Which of the two cars? The red one?' })
  })

  // Kills: what an officer only supposed, to see what would leave, vouched for by the act that releases nothing.
  test('that releases nothing vouches for nothing that a look supposed', async () => {
    const supposed = { 'fact:request.offence.maxCustodyMonthsHolder': '60' }
    const look = await frieda.post(
      '/console/acts',
      signedBy(await begun('look', supposed), passkey),
    )
    const signed = async (does: string) => {
      const to = `${pageOf(asked)}/${does}`
      const carried = fieldsIn(look, formTo(to))
      expect(carried).toMatchObject(supposed)
      return frieda.post(to, { ...carried, ground: 'It is not needed there.' })
    }
    const declined = await signed('decline')
    const { body = '' } = fieldsIn(declined, signForm)
    expect(JSON.parse(body)).toMatchObject({ fact: 'release.decision', value: 'refuse' })
    expect(JSON.parse(body)).not.toHaveProperty('also')
    // Kills: a refusal that ends with the hours of a release, after which what a rule lets go leaves by the rule.
    const { from, until } = JSON.parse(body)
    expect(Date.parse(until) - Date.parse(from)).toBe(90 * 86_400_000)
    expect(declined.text).not.toContain('You vouch that')
  })

  // Kills: “whoever asked is told”, said of a decision of which nobody is told, so that nobody phones them.
  test('that releases nothing says that whoever asked is not told, which they are not', async () => {
    const id = await ask('FR-27')
    const look = await frieda.post(
      '/console/acts',
      signedBy(await begun('look', {}, frieda, id), passkey),
    )
    expect(look.text).toContain('FR-SPOC is not told')
    const decline = `${pageOf(id)}/decline`
    const ground = 'It is not needed there.'
    const shown = await frieda.post(decline, { ...fieldsIn(look, formTo(decline)), ground })
    const done = await frieda.post('/console/acts', signedBy(shown, passkey))
    expect(done.text).toContain('Whoever asked is not told of it')
    expect(done.text).not.toContain('is told that')
    const path = `/v1/access-requests/${id}`
    const answer = await site.call('FR-SPOC', { path, officer: 'officer-7' })
    const { responses, cured } = Object(await answer.json())
    expect([responses ?? [], cured]).toEqual([[], false])
  })

  // Kills: a look that hides how the matter was described when it was refused, and shows one statement of both.
  test('is on the matter as it is described, beside how it was described before', async () => {
    const same = { holder: 'DE-POL', classes: ['identification' as const], caseReference: 'FR-28' }
    const described = async (offence: AccessRequest['offence']) => {
      const { id } = await answered(
        await site.ask('FR-SPOC', 'officer-7', requestOf({ ...same, offence })),
      )
      await site.fileAll([id])
      return id
    }
    await described({ category: 'terrorism', description: 'a bombing', maxCustodyMonths: 600 })
    const description = 'theft of a bicycle'
    const id = await described({ category: 'ordinary', description, maxCustodyMonths: 60 })
    const sign = await begun('look', {}, frieda, id)
    const { text } = await frieda.post('/console/acts', signedBy(sign, passkey))
    const [now = '', before = ''] = text.split('The matter was described otherwise before')
    expect(now).toContain(`${description}), up to 60 months; suspicion`)
    expect(before).toContain('a bombing), up to 600 months')
    // Kills: a sentence of a rule without a word of it that counsel has not checked its articles.
    const seen = await site.seeWouldLeave('DE-POL', id)
    const view = Object(await seen.json())
    const marked = { ...view, reasons: view.reasons.map(unchecked), items: [], candidates: [] }
    const path = `/v1/access-requests/${id}/proposal`
    const of = { at: site.clock.now.toISOString(), path, body: {}, typed: new URLSearchParams() }
    // A cast: whose look it is.
    const visitor = { agency: {}, officer: {}, secret: '' } as unknown as Visitor
    const page = doneBy('POST', path)?.main(marked, visitor, of)
    expect(page?.write('en')).toContain('from memory, to be checked by counsel')
  })

  test('below a look carries on what was looked at', async () => {
    const look = await frieda.post('/console/acts', signedBy(await begun('look', {}), passkey))
    const decline = `${pageOf(asked)}/decline`
    const fields = fieldsIn(look, formTo(decline))
    const again = await frieda.post(decline, { ...fields, ground: 'No.' })
    expect(again.status).toBe(422)
    expect(again.text).toContain('>No.</textarea>')
    const kept = fieldsIn(again, formTo(decline))
    expect(kept).toMatchObject({ shown: fields.shown, matter: fields.matter })
    const mended = await frieda.post(decline, { ...kept, ground: 'It is not needed there.' })
    expect(mended.text).toContain('data-credential')
  })
})

describe('An act whose answer is lost', () => {
  /** A console before whose API something happens. */
  const over = (call: (signed: Request) => Promise<Response>): Browser => {
    const { client, tables } = site.store
    const pages = consolePages(
      {
        ...site.auditWorld,
        sessions: dynamodbSessions(client, tables.sessions),
        providers: site.logins.map(({ settings }) => openidProvider(settings, true)),
        api: { origin, call, picture: async () => ({ kind: 'not-found' }) },
      },
      () => undefined,
    )
    return browserOf(origin, (url, init) => pages.request(url, init))
  }
  const entries = async (id: string) => (await site.world.responses.of(id)).length
  const text = 'Which of the two accounts do you need?'

  // Kills: a fault of ours that reads as if nothing had been done, after which the officer does it twice.
  test('on the way back says that it is not known, and the same sent again counts once', async () => {
    const id = await ask('FR-22')
    let isLost = true
    const officer = over(async (signed) => {
      const answer = await site.app.fetch(signed)
      if (!isLost) return answer
      throw new Error('the line broke')
    })
    await officer.logIn('p-1003')
    const form = signedBy(await begun('ask-back', { text }, officer, id), passkey)
    const lost = await officer.post('/console/acts', form)
    expect(lost.status).toBe(503)
    expect(lost.text).toContain('It is not known whether it was done')
    expect(await entries(id)).toBe(1)
    isLost = false
    const again = await officer.post('/console/acts', fieldsIn(lost, formTo('/console/acts')))
    expect(again.text).toContain('Your office has answered')
    expect(await entries(id)).toBe(1)
  })

  /** An act that is sent a second time, so many minutes after the first. */
  const late = async (officer: Browser, form: Record<string, string>, minutes: number) => {
    const before = site.clock.now
    site.clock.now = new Date(before.getTime() + minutes * 60_000)
    const seen = await officer.post('/console/acts', form)
    site.clock.now = before
    return seen
  }
  // Past the five minutes in which one may act, and past the end of the session.
  const tooLate = [7, 30] as const

  // Kills: “nothing was done”, said of an act that stands, to whoever loads the page that says so anew, or goes back to it.
  test('once it was seen to be done says that it was done, however late its page is loaded anew', async () => {
    const id = await ask('FR-25')
    const frieda = site.browser()
    await frieda.logIn('p-1003')
    const form = signedBy(await begun('ask-back', { text }, frieda, id), passkey)
    const done = await frieda.post('/console/acts', form)
    expect(done.text).toContain('Your office has answered')
    for (const minutes of tooLate) {
      const seen = await late(frieda, form, minutes)
      expect(seen.status).toBe(200)
      expect(seen.text).toContain('It was done before')
      expect(seen.text).not.toContain('Nothing was done')
      // Nor is it led to a form by which it would be done twice.
      expect(seen.text).not.toContain(text)
    }
    expect(await entries(id)).toBe(1)
  })

  // Kills: an entry that is looked up by the agency that the form names, whoever sends it.
  test('is not looked up for an officer of another agency, who sends the same form', async () => {
    const id = await ask('FR-26')
    const frieda = site.browser()
    await frieda.logIn('p-1003')
    const form = signedBy(await begun('ask-back', { text }, frieda, id), passkey)
    await frieda.post('/console/acts', form)
    const peter = site.browser()
    await peter.logIn('p-1004')
    const fields = fieldsIn(await peter.get('/console/office'), formTo('/console/logout'))
    const seen = await late(peter, { ...form, token: fields.token ?? '' }, 30)
    expect(seen.text).not.toContain('It was done before')
  })

  // Kills: “nothing was done”, said of an act that was entered when it was first sent: an officer does it twice.
  test('and that is sent again too late says that it was done, or else that it is not known', async () => {
    for (const isEntered of [true, false]) {
      const id = await ask(`FR-24-${isEntered}`)
      const officer = over(async (signed) => {
        if (isEntered) await site.app.fetch(signed)
        throw new Error('the line broke')
      })
      await officer.logIn('p-1003')
      const form = signedBy(await begun('ask-back', { text }, officer, id), passkey)
      const lost = fieldsIn(await officer.post('/console/acts', form), formTo('/console/acts'))
      expect(await entries(id)).toBe(isEntered ? 1 : 0)
      const says = isEntered ? 'It was done before' : 'It is not known whether it was done'
      for (const minutes of tooLate) {
        const seen = await late(officer, lost, minutes)
        expect(seen.text).toContain(says)
        expect(seen.text).not.toContain('Nothing was done')
      }
      // As long as it counts, the signature may be refused, too: its passkey was revoked, or its time is over.
      const refusing = over(async () => problem('0'.repeat(32), 'unauthorized'))
      await refusing.logIn('p-1003')
      const token = fieldsIn(await refusing.get('/console/office'), formTo('/console/logout')).token
      const refused = await refusing.post('/console/acts', { ...lost, token: token ?? '' })
      expect(refused.text).toContain(says)
    }
  })

  test('because the API failed says the same', async () => {
    const officer = over(async () => Response.json({ title: 'x' }, { status: 503 }))
    await officer.logIn('p-1003')
    const form = signedBy(await begun('ask-back', { text }, officer), passkey)
    expect((await officer.post('/console/acts', form)).text).toContain('It is not known')
  })

  // Kills: a page that fails after the act took effect, and says so as if it had not.
  test('in a form that this page does not know says that it was done, and by which entry', async () => {
    const id = await ask('FR-23')
    const officer = over(async (signed) => {
      const answer = await site.app.fetch(signed)
      const { id: entry, receipt } = answerSchema
        .pick({ id: true, receipt: true })
        .loose()
        .parse(await answer.json())
      return Response.json({ id: entry, receipt, says: 5 }, { status: 201 })
    })
    await officer.logIn('p-1003')
    const form = signedBy(await begun('ask-back', { text }, officer, id), passkey)
    const seen: Seen = await officer.post('/console/acts', form)
    expect(seen.status).toBe(200)
    expect(seen.text).toContain('It was done')
    expect(seen.text).toMatch(/<dt>Entry<\/dt><dd><code>[\w-]{43}<\/code>/)
    expect(seen.text).toContain('do not do it again')
  })
})
