/** Whose answers an officer sees: their own; of the whole office, whoever runs the shift. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { requestOf } from '../answer/people.ts'
import { stateByItself } from '../identity/entered-passkey.ts'
import { answered, origin } from '../world.ts'
import { type Browser, type Site, startConsole } from './browsing.ts'

let site: Site
let fleur: Browser
let own: string
let colleagues: string
beforeAll(async () => {
  site = await startConsole()
  const ask = async (by: string, caseReference: string) =>
    (await answered(await site.ask('FR-SPOC', by, requestOf({ caseReference })))).id
  own = await ask('officer-7', 'FR-OWN')
  colleagues = await ask('officer-8', 'FR-OTHER')
  await site.fileAll([own, colleagues])
  fleur = site.browser()
  await fleur.logIn('p-1005')
})
afterAll(() => site.close())

test('Whoever runs the shift sees what the office asked, and hands it over', async () => {
  expect((await fleur.get('/console/handover')).text).toContain('FR-OTHER')
  // Kills: a next shift whose first page says that nothing waits, and leads to nothing that does.
  expect((await fleur.get('/console/requests')).text).toContain('What your whole office asked')
  expect((await fleur.get(`/console/answers/${colleagues}`)).status).toBe(200)
})

// Kills: a look at a person's answer that another site has an officer make, by a link to ask it again.
test('A link of another site to ask again enters nothing before its officer goes on', async () => {
  site.clock.pass(61_000)
  const looks = site.looks.length
  const led = await fleur.step(`${origin}/console/ask?previous=${own}`, {
    headers: { 'sec-fetch-site': 'cross-site' },
  })
  const text = await led.text()
  // Whoever goes on asks again, and not anew, which would drop what offices said of it.
  expect(text).toContain(`href="/console/ask?previous=${own}">Go on`)
  expect(text).not.toContain('FR-OWN')
  expect(site.looks.length).toBe(looks)
})

// Kills: an answer about a person that each officer of the agency may open, whoever asked.
test('Another officer sees their own answers alone, and a colleague’s is as one that does not exist', async () => {
  const iss = site.logins[0]?.settings.iss ?? ''
  const login = { iss, sub: 'p-1005' }
  const officers = [{ id: 'officer-7', may: ['ask' as const], login }]
  const act = { act: 'name-officers', officers, why: 'She runs no shift now.' } as const
  await stateByItself(site, 'FR-SPOC', act, site.data)
  site.clock.pass(61_000)
  expect((await fleur.get(`/console/answers/${own}`)).status).toBe(200)
  const none = await fleur.get(`/console/answers/${'A'.repeat(43)}`)
  const theirs = await fleur.get(`/console/answers/${colleagues}`)
  expect([theirs.status, none.status]).toEqual([404, 404])
  expect((await fleur.get(`/console/ask?previous=${colleagues}`)).status).toBe(404)
  const handover = await fleur.get('/console/handover')
  expect(handover.text).toContain('FR-OWN')
  expect(handover.text).not.toContain('FR-OTHER')
  expect(handover.text).toContain('whoever runs the shift hands over')
  expect((await fleur.get('/console/requests')).text).not.toContain('whole office')
})
