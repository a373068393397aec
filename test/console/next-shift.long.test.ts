/** What one officer left, the next of the same office finds, and goes on with; what an office said is doubted or taken back. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { homicide } from '../answer/homicide.ts'
import { attestAll, benign, inThisCase, itemOf, personOf } from '../answer/people.ts'
import { passkeyOf } from '../identity/authenticator.ts'
import { stateByItself } from '../identity/entered-passkey.ts'
import { answered, done, origin } from '../world.ts'
import { type Browser, type Seen, type Site, startConsole, tokenIn } from './browsing.ts'
import { fieldsIn, formTo, signedBy } from './signing.ts'

let site: Site
/** The first shift and the next of GB-POL, and who asks. */
let peter: Browser
let nora: Browser
let sam: Browser
const passkeys = {
  peter: ['GB-POL', passkeyOf('officer-1', 'ES256', origin)],
  nora: ['GB-POL', passkeyOf('officer-2', 'ES256', origin)],
  sam: ['US-POL', passkeyOf('agent-12', 'ES256', origin)],
} as const

beforeAll(async () => {
  site = await startConsole()
  site.clock.now = new Date(Date.now() - 120_000)
  for (const [id, { entered }] of Object.values(passkeys))
    await stateByItself(
      site,
      id,
      { act: 'add-passkey', key: entered, why: 'They act here.' },
      site.data,
    )
  site.clock.now = new Date()
  await site.putRecord('GB-POL', personOf('R-1', [itemOf('name'), itemOf('conviction')]))
  const usual = { 'request.offence.deathPenaltyAvailable': true }
  const found = { ...benign, ...usual, 'transfer.assessment': 'safeguards-found' }
  await attestAll(site, 'GB-POL', { kind: 'general', requester: 'US' }, found)
  ;[peter, nora, sam] = [site.browser(), site.browser(), site.browser()]
  await peter.logIn('p-1004')
  await nora.logIn('p-1008')
  await sam.logIn('p-1006')
})
afterAll(() => site.close())

const pageOf = (id: string) => `/console/inbox/${id}`
const said = Object.fromEntries(
  inThisCase.map(({ fact, value }) => [`fact:${fact}`, String(value)]),
)
const ask = async (more: object = {}) => {
  const body = { ...homicide(), ...more }
  const { id } = await answered(await site.ask('US-POL', 'agent-12', body))
  await site.fileAll([id])
  return { id, body }
}
const again = async ({ id, body }: Awaited<ReturnType<typeof ask>>) => {
  site.clock.pass(1000)
  return answered(await site.ask('US-POL', 'agent-12', { ...body, previous: id }))
}
const assure = (matter: string) =>
  site.attest('GB-MIN', {
    ...{ holder: 'GB-POL', fact: 'assurance.deathPenalty', value: 'given-and-verified' },
    scope: { kind: 'matter', matter },
  })
/** Fills a form of a request's page, and signs what it leads to. */
async function act(by: Browser, key: keyof typeof passkeys, from: Seen, to: string, more: object) {
  const page = await by.post(to, { ...fieldsIn(from, formTo(to)), ...more })
  expect(page.status).toBe(200)
  return by.post('/console/acts', signedBy(page, passkeys[key][1]))
}
async function release(by: Browser, key: keyof typeof passkeys, id: string) {
  const shown = await act(by, key, await by.get(pageOf(id)), `${pageOf(id)}/look`, said)
  return act(by, key, shown, `${pageOf(id)}/release`, { ground: 'Weighed, by the file.' })
}
/** The part of a page on which nothing is to be done any more. */
const doneOn = ({ text }: Seen) =>
  text.split('Said, and waits for others')[1]?.split(standing)[0] ?? ''
const standing = 'What stands by your office’s word'
const dutiesOn = ({ text }: Seen) => text.split('Said, and waits for others')[0] ?? ''
/** The choice of a form by what it says. */
const choiceOf = ({ text }: Seen, words: RegExp) =>
  [...text.matchAll(/name="attestation" value="([\w-]{43})"[^>]*>(.*?)<\/label>/g)].find(
    ([, , label = '']) => words.test(label),
  )?.[1] ?? ''

describe('The next officer of the same office', () => {
  // Kills: a list of duties with what the office has done.
  test('finds what the last has said apart from what is to do, and by whom it was said', async () => {
    const asked = await ask()
    const { caseReference } = asked.body
    // Until when, and whom to phone.
    const row = new RegExp(`${pageOf(asked.id)}">${caseReference}</a>.*data-head="Phone"><div>[^<]`)
    expect((await nora.get('/console/handover')).text).toMatch(row)
    expect(dutiesOn(await nora.get('/console/inbox'))).toContain(caseReference)
    await assure(asked.id)
    expect((await release(peter, 'peter', asked.id)).text).toContain('What you said is entered')
    for (const path of ['/console/inbox', '/console/handover']) {
      const page = await nora.get(path)
      expect(dutiesOn(page), path).not.toContain(caseReference)
      expect(doneOn(page), path).toContain(caseReference)
      expect(doneOn(page), path).toContain('GB-POL, officer-1')
    }
    // An agency's own system is told of no duty, either.
    const inbox = await (await site.call('GB-POL', { path: '/v1/inbox' })).text()
    expect(inbox).not.toContain(asked.id)
    const page = await nora.get(pageOf(asked.id))
    expect(page.text).toContain('Your office has said its part')
    expect(page.text).not.toContain(`action="${pageOf(asked.id)}/refuse"`)
  })

  // Kills: a release by an officer who went home, which nobody in the office can take back.
  test('takes back what the last has said, and then it is to do again', async () => {
    const asked = await ask()
    await assure(asked.id)
    await release(peter, 'peter', asked.id)
    const page = await nora.get(pageOf(asked.id))
    const attestation = choiceOf(page, /officer-1/)
    const taken = await act(nora, 'nora', page, `${pageOf(asked.id)}/take-back`, { attestation })
    expect(taken.text).toContain('It is taken back')
    expect(dutiesOn(await nora.get('/console/inbox'))).toContain(asked.body.caseReference)
    expect((await again(asked)).outcome).toBe('deny')
  })

  test('releases what the last left open, and it leaves', async () => {
    const asked = await ask()
    await assure(asked.id)
    await peter.get(pageOf(asked.id))
    await release(nora, 'nora', asked.id)
    const { id, ...answer } = await again(asked)
    expect(answer).toMatchObject({ decidedBy: { kind: 'officer', office: 'GB-POL' } })
    // Asked again, it waits for nobody, once that is sealed.
    await site.fileAll([id])
    expect(doneOn(await nora.get('/console/inbox'))).not.toContain(asked.body.caseReference)
    // Kills: a release that leaves to each who asks again for three days, which no page takes back since it left once.
    // Kills: a release that is found by who knows the address of its request alone.
    const standingNow = async () =>
      (await peter.get('/console/inbox')).text.split(standing)[1] ?? ''
    const link = `<a href="${pageOf(asked.id)}">${asked.body.caseReference}</a>`
    expect(await standingNow()).toContain(link)
    const page = await peter.get(pageOf(asked.id))
    expect(page.text).toContain('What your office said still counts')
    const attestation = choiceOf(page, /^GB-POL, officer-2, .*release/)
    const to = `${pageOf(asked.id)}/take-back`
    const shown = await peter.post(to, { ...fieldsIn(page, formTo(to)), attestation })
    expect(shown.text).toContain('<dt>What is meant</dt><dd>GB-POL, officer-2')
    expect((await again(asked)).outcome).not.toBe('deny')
    const taken = await peter.post('/console/acts', signedBy(shown, passkeys.peter[1]))
    expect(taken.text).toContain('It is taken back')
    expect(await standingNow()).not.toContain(link)
    expect((await again(asked)).outcome).toBe('deny')
    // As of what never waited.
    expect((await sam.get(pageOf(asked.id))).status).toBe(403)
    expect((await peter.get(pageOf('A'.repeat(43)))).status).toBe(404)
  })
})

describe('A refusal', () => {
  const ground = { text: 'This office will not say what is missing.' }

  // Kills: a wrong key that denies for ever, since no page leads to it any more.
  test('is taken back by a colleague, on the page of the request, and then it is to do again', async () => {
    const asked = await ask()
    const to = (does: string) => `${pageOf(asked.id)}/${does}`
    const { caseReference } = asked.body
    const done = await act(peter, 'peter', await peter.get(pageOf(asked.id)), to('refuse'), ground)
    // Whoever erred is told so at once.
    expect(formTo(to('take-back')).test(done.text)).toBe(true)
    const list = await nora.get('/console/inbox')
    expect(dutiesOn(list)).not.toContain(caseReference)
    expect(doneOn(list)).toMatch(new RegExp(`${caseReference}.*GB-POL, .*refused it`))
    const page = await nora.get(pageOf(asked.id))
    expect(page.text).toContain('Your office has refused it.')
    const attestation = choiceOf(page, /refused it/)
    const fields = fieldsIn(page, formTo(to('take-back')))
    const shown = await nora.post(to('take-back'), { ...fields, attestation })
    expect(shown.text).toContain('The denial waits for your office again.')
    const taken = await nora.post('/console/acts', signedBy(shown, passkeys.nora[1]))
    expect(taken.text).toContain('It is taken back')
    expect(dutiesOn(await nora.get('/console/inbox'))).toContain(caseReference)
    // Whoever asked reads both beside the answer.
    const answer = await sam.get(`/console/answers/${asked.id}`)
    expect(answer.text).toContain(ground.text)
    expect(answer.text).toContain('the office refuses it no more')
  })
})

describe('An objection', () => {
  // Kills: an objection for which an officer must know an id that no page shows.
  test('is made to what an office said, in words, and while it stands nothing leaves', async () => {
    const asked = await ask()
    const assurance = await assure(asked.id)
    await release(peter, 'peter', asked.id)
    const page = await nora.get(pageOf(asked.id))
    expect(choiceOf(page, /^GB-MIN, .*death/)).toBe(assurance)
    const to = `${pageOf(asked.id)}/object`
    const more = { attestation: assurance, text: 'The assurance names another person.' }
    const shown = await nora.post(to, { ...fieldsIn(page, formTo(to)), ...more })
    expect(shown.text).toMatch(/<dt>What is meant<\/dt><dd>GB-MIN, /)
    const stands = await nora.post('/console/acts', signedBy(shown, passkeys.nora[1]))
    expect(stands.text).toContain('Your objection stands')
    expect((await again(asked)).outcome).toBe('deny')
  })

  test('is ended by a colleague of who made it, and then it leaves', async () => {
    const asked = await ask()
    const attestation = await assure(asked.id)
    await release(peter, 'peter', asked.id)
    const to = (does: string) => `${pageOf(asked.id)}/${does}`
    const text = 'The assurance names another person.'
    const page = await nora.get(pageOf(asked.id))
    await act(nora, 'nora', page, to('object'), { attestation, text })
    const back = await peter.get(pageOf(asked.id))
    const doubt = choiceOf(back, /^GB-POL, officer-2, .*doubts/)
    // Kills: an objection that somebody takes back to tidy up, and data that then leaves.
    const fields = fieldsIn(back, formTo(to('take-back')))
    const shown = await peter.post(to('take-back'), { ...fields, attestation: doubt })
    expect(shown.text).toContain('It keeps data back. Once it is taken back, that data may leave.')
    const released = choiceOf(back, /^GB-POL, officer-1, /)
    const other = await peter.post(to('take-back'), { ...fields, attestation: released })
    expect(other.text).toContain('<dt>What is meant</dt><dd>GB-POL, officer-1')
    expect(other.text).not.toContain('It keeps data back')
    await act(peter, 'peter', back, to('take-back'), { attestation: doubt })
    expect((await again(asked)).outcome).not.toBe('deny')
  })
})

describe('A denial', () => {
  test('is put before a person by who asked, answered by the holder, and each sees that on their page', async () => {
    const { id, body } = await ask()
    const answer = `/console/answers/${id}`
    const page = await sam.get(answer)
    expect(page.text).toContain('Object to this denial')
    const short = await sam.post(`${answer}/review`, {
      ...fieldsIn(page, formTo(`${answer}/review`)),
      ground: 'No.',
    })
    expect(short.status).toBe(422)
    expect(short.text).toContain('<a href="#ground">')
    const ground = 'The conduct is not punished by death in this state.'
    const sign = await sam.post(`${answer}/review`, {
      ...fieldsIn(page, formTo(`${answer}/review`)),
      ground,
    })
    expect(sign.text).toContain(`<dt>The denial</dt><dd>GB-POL: ${body.caseReference} <code>${id}`)
    const put = await act(sam, 'sam', page, `${answer}/review`, { ground })
    expect(put.text).toContain('The review is entered')
    expect((await sam.get(answer)).text).toContain('nobody has looked yet')
    expect((await sam.get(answer)).text).not.toContain('Object to this denial')
    const waits = await nora.get('/console/inbox')
    expect(dutiesOn(waits)).toContain(body.caseReference)
    expect(waits.text).toContain('the requester put the denial before a person')
    // Kills: a review by whoever never reads why it was asked for, which the requester was told that they would.
    const objected = await nora.get(pageOf(id))
    expect(objected.text).toMatch(/<dt>Why they object<\/dt><dd>agent-12, <time/)
    expect(objected.text).toContain(ground)
    expect(waits.text).not.toContain(ground)
    const found = 'Read again: the law of the state allows it.'
    await act(nora, 'nora', objected, `${pageOf(id)}/review`, { text: found })
    expect((await nora.get(pageOf(id))).text).not.toContain(ground)
    const told = await sam.get(answer)
    expect(told.text).toContain('an officer of GB-POL looked')
    expect(told.text).not.toContain(found)
  })

  // Kills: another's denial that somebody puts before a person by its address.
  test('of another agency is put before nobody', async () => {
    const { id } = await ask()
    const fleur = site.browser()
    await fleur.logIn('p-1005')
    expect((await fleur.get(`/console/answers/${id}`)).status).toBe(404)
    const call = { method: 'POST', path: `/v1/access-requests/${id}/review` }
    const body = { ground: 'We want to know more.' }
    expect((await site.call('FR-SPOC', { ...call, body, officer: 'officer-7' })).status).toBe(404)
    await done(await site.call('US-POL', { ...call, body, officer: 'agent-12' }))
  })
})

// The register names officers for duties, and for no single matter: what is of one matter is a passkey's reach.
// Last, since it takes duties from one of them.
describe('An officer whom the agency named to attest alone', () => {
  // Kills: a colleague's release that ends by whoever has a passkey of the office.
  test('neither looks at what would leave nor takes back a release, whoever of the office made it', async () => {
    const asked = await ask()
    await assure(asked.id)
    await release(peter, 'peter', asked.id)
    const toPeter = await peter.get(pageOf(asked.id))
    const iss = site.logins[0]?.settings.iss ?? ''
    const officers = [{ id: 'officer-2', may: ['attest' as const], login: { iss, sub: 'p-1008' } }]
    const act = { act: 'name-officers', officers, why: 'She releases no more.' } as const
    await stateByItself(site, 'GB-POL', act, site.data)
    site.clock.pass(61_000)
    const page = await nora.get(pageOf(asked.id))
    expect((await nora.get('/console/inbox')).text).not.toContain(
      'What stands by your office’s word',
    )
    expect(page.text).not.toContain(`action="${pageOf(asked.id)}/look"`)
    const to = `${pageOf(asked.id)}/take-back`
    // She reads it, and is offered nothing that the gateway would refuse.
    expect(page.text).toContain('What a colleague said')
    expect(page.text).not.toContain(`action="${to}"`)
    expect(page.text).toMatch(/<li>GB-POL, officer-1, .*?release/)
    const token = { token: tokenIn(page) }
    const look = await nora.post(`${pageOf(asked.id)}/look`, { ...token, ...said })
    expect(look.text).toContain('has not named you for this')
    const signing = await nora.post(to, { ...token, attestation: choiceOf(toPeter, /officer-1/) })
    const refused = await nora.post('/console/acts', signedBy(signing, passkeys.nora[1]))
    expect(refused.text).toContain('Nothing was done')
    expect((await again(asked)).outcome).not.toBe('deny')
  })

  test('opens no request of another office by its address', async () => {
    const german = { holder: 'DE-POL', caseReference: 'US-DE' }
    const { id } = await ask(german)
    const page = await nora.get(pageOf(id))
    expect(page.status).toBe(404)
    expect(page.text).not.toContain('US-DE')
  })
})
