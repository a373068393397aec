/** What one officer asked, the next shift of the same office asks again, and answers what an office asked back. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { attestAll, benign, inThisCase, itemOf, personOf, requestOf } from '../answer/people.ts'
import { passkeyOf } from '../identity/authenticator.ts'
import { stateByItself } from '../identity/entered-passkey.ts'
import { onDay } from '../on-day.ts'
import { answered, done, origin } from '../world.ts'
import { type Browser, type Seen, type Site, startConsole } from './browsing.ts'
import { signedBy } from './signing.ts'

const passkey = passkeyOf('officer-8', 'ES256', origin)
// From 2027-06-12 on, members of the Union ask each other by SIENA alone.
onDay('2026-11-25T09:00:00Z')
let site: Site
/** Colette, officer-8 of FR-SPOC: what officer-7 asked is hers to go on with. */
let colette: Browser
let asked: string
beforeAll(async () => {
  site = await startConsole()
  site.clock.now = new Date(Date.now() - 120_000)
  const act = { act: 'add-passkey', key: passkey.entered, why: 'She asks here.' } as const
  await stateByItself(site, 'FR-SPOC', act, site.data)
  site.clock.now = new Date()
  await site.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  const body = requestOf({ caseReference: 'FR-SHIFT' })
  asked = (await answered(await site.ask('FR-SPOC', 'officer-7', body))).id
  const path = `/v1/access-requests/${asked}/responses`
  const response = { what: 'ask-back', text: 'Which of the two brothers do you mean?' }
  await done(
    await site.call('DE-POL', { method: 'POST', path, body: response, officer: 'officer-1' }),
  )
  await site.fileAll([asked])
  colette = site.browser()
  await colette.logIn('p-1007')
})
afterAll(() => site.close())

/** What a browser sends of the form of a request as it stands, and what is written over it. */
function filledIn({ text }: Seen, over: Readonly<Record<string, string>>) {
  const [form = ''] = /<form id="ask"[\s\S]*?<\/form>/.exec(text) ?? []
  const given = (of: RegExp) =>
    [...form.matchAll(of)].map(([, name = '', value = '']) => [name, value] as const)
  const chosen = [...form.matchAll(/<select[^>]*name="([^"]+)"[\s\S]*?<\/select>/g)].map(
    ([select, name = '']) => [name, /value="([^"]*)" selected/.exec(select)?.[1] ?? ''] as const,
  )
  return Object.fromEntries([
    ...given(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g),
    ...given(/<input id="[^"]*" name="([^"]+)" value="([^"]*)"/g),
    ...given(/<input type="checkbox" name="([^"]+)" value="([^"]*)" checked/g),
    ...given(/<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</g),
    ...chosen,
    ...Object.entries(over),
  ])
}
const send = async (over: Readonly<Record<string, string>> = {}) => {
  const form = await colette.get(`/console/ask?previous=${asked}`)
  expect(form.status).toBe(200)
  const page = await colette.post('/console/ask', filledIn(form, { ...over, step: 'send' }))
  expect(page.text).toContain('Send the request')
  return colette.post('/console/acts', signedBy(page, passkey))
}
const numberIn = ({ text }: Seen) => /Number ([\w-]{43})/.exec(text)?.[1] ?? ''

test('The next shift finds the question in the handover and reads it at the answer', async () => {
  const handover = await colette.get('/console/handover')
  expect(handover.text).toContain('FR-SHIFT')
  expect(handover.text).toContain('by officer-7')
  expect(handover.text).toContain('DE-POL asked back: answer it.')
  expect(handover.text).toContain('What is asked cannot be taken back')
  const answer = await colette.get(`/console/answers/${asked}`)
  expect(answer.text).toContain('Which of the two brothers do you mean?')
  expect(answer.text).toContain(`href="/console/ask?previous=${asked}">Ask again`)
})

// Kills: a matter that ends with the shift of who began it.
test('The next shift answers a question by asking again, in its own name and in the same matter', async () => {
  const statement = 'The elder of the two is meant: he was seen.'
  site.clock.pass(1000)
  const page = await send({ 'necessity.statement': statement })
  const again = numberIn(page)
  const { opened } = await site.entry(again)
  expect(opened.call).toMatchObject({ agency: 'FR-SPOC', officer: 'officer-8' })
  expect(opened.matter).toMatchObject({ id: asked, caseReference: 'FR-SHIFT' })
  expect(JSON.parse(opened.evidence.body)).toMatchObject({
    previous: asked,
    necessity: { statement },
  })
  await site.fileAll([again])
  // The holder has the new one before it, and no longer the old.
  const inbox = await (await site.call('DE-POL', { path: '/v1/inbox' })).text()
  expect(inbox).toContain(`"request":"${again}"`)
  expect(inbox).not.toContain(`"request":"${asked}"`)
  expect((await colette.get(`/console/answers/${asked}`)).text).toContain(
    'It was asked again since',
  )
})

test('The next shift gets what was released to the last', async () => {
  await attestAll(site, 'DE-POL', { kind: 'general', requester: 'FR' }, benign)
  const { id } = await answered(
    await site.ask('FR-SPOC', 'officer-7', requestOf({ caseReference: 'FR-GIVEN' })),
  )
  await site.fileAll([id])
  await site.releaseBy('DE-POL', id, { facts: inThisCase })
  asked = id
  site.clock.pass(1000)
  const page = await send()
  expect(page.status).toBe(200)
  const { opened, stored } = await site.entry(numberIn(page))
  expect(opened.call).toMatchObject({ officer: 'officer-8' })
  expect([stored.leaf.out, page.text.includes('Anton Beispiel')]).toEqual(['release', true])
})
