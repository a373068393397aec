/** A photograph on the screen of the officer who decides on it: who sees it, how long, and that each sight is an entry. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { attestAll, benign, inThisCase, itemOf, personOf, requestOf } from '../answer/people.ts'
import { picture, telling, withSegments } from '../picture/pictures.ts'
import { answered, done, origin } from '../world.ts'
import { type Browser, type Site, startConsole } from './browsing.ts'
import { fieldsIn, formTo, passkeyAt, signedBy } from './signing.ts'

let site: Site
let frieda: Browser
let request: string
let src: string
let page: string
let passkey: Awaited<ReturnType<typeof passkeyAt>>
beforeAll(async () => {
  site = await startConsole()
  passkey = await passkeyAt(site)
  const face = { element: 'nc:PersonDigitalImage', class: 'identification' } as const
  const announced = itemOf('name', { id: 'face', ...face, value: { type: 'image/jpeg' } })
  await site.putRecord('DE-POL', personOf('R-1', [itemOf('name'), announced]))
  const sent = await site.call('DE-POL', {
    ...{ method: 'PUT', path: '/v1/records/R-1/files/face' },
    ...{ body: withSegments(picture('baseline'), ...telling()) },
    headers: { 'content-type': 'image/jpeg' },
  })
  expect(sent.status).toBe(201)
  const asked = requestOf({ holder: 'DE-POL', caseReference: 'GB-31' })
  request = (await answered(await site.ask('GB-POL', 'officer-7', asked))).id
  await site.fileAll([request])
  await attestAll(site, 'DE-POL', { kind: 'matter', matter: request }, benign)
  frieda = site.browser()
  await frieda.logIn('p-1003')
  const at = `/console/inbox/${request}`
  const found = Object.fromEntries(
    inThisCase.map(({ fact, value }) => [`fact:${fact}`, String(value)]),
  )
  const fields = fieldsIn(await frieda.get(at), formTo(`${at}/look`))
  const shown = await frieda.post(`${at}/look`, { ...fields, ...found })
  page = (await frieda.post('/console/acts', signedBy(shown, passkey))).text
  src = /<img class="picture" src="([^"]+)"/.exec(page)?.[1] ?? ''
})
afterAll(() => site.close())

const looksNow = () => site.looks.length

test('The look shows the photograph that would leave, with its digest in small', () => {
  expect(src).toMatch(new RegExp(`^/console/inbox/${request}/pictures/[\\w-]{43}/face/[\\w-]{43}$`))
  expect(page).toMatch(/alt="nc:PersonDigitalImage, as it would leave"/)
  expect(page).toMatch(/<small class="soft">\d+ bytes, <code>[\w-]{43}<\/code>/)
  // Kills: a salt on a page, by which whoever prints it could have a picture recognised.
  expect(page).not.toContain('salt')
})

// Kills: a picture that a browser keeps, that another site shows, or that is seen without an entry.
test('It is the picture as it would leave, which no browser keeps, and its sight is an entry', async () => {
  const before = looksNow()
  const answer = await frieda.step(`${origin}${src}`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('image/jpeg')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin')
  expect(answer.headers.get('content-security-policy')).toContain("img-src 'self'")
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect(bytes.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]))
  expect(bytes.toString('latin1')).not.toContain('Exif')
  expect(looksNow()).toBe(before + 1)
  const { opened } = await site.entry(String(site.looks.at(-1)))
  expect(opened).toMatchObject({
    call: { agency: 'DE-POL', officer: 'officer-1', session: { iss: expect.any(String) } },
    consultation: { question: { action: 'see-picture', id: request, item: 'face' } },
  })
  expect(JSON.stringify(opened)).not.toContain(src.split('/').at(-1))
  // The page looked at again shows it again, by the same entry.
  expect((await frieda.step(`${origin}${src}`)).status).toBe(200)
  expect(looksNow()).toBe(before + 1)
})

// Kills: a session that is enough to see a person, whoever has taken it; and a function that may name any officer and look.
test('Nobody else sees it, nor another item, request or look', async () => {
  const peter = site.browser()
  await peter.logIn('p-1004')
  expect((await peter.get(src)).status).toBe(404)
  const [, look = ''] = /pictures\/([\w-]{43})/.exec(src) ?? []
  const other = 'A'.repeat(43)
  const { opened } = await site.entry(look)
  const [, pass = ''] = /face\/(.*)$/.exec(src) ?? []
  // Whoever reads the log has the digest of what opens the pictures of a look, and nothing that opens them.
  const { pass: digest } = Object(opened).consultation.question
  expect(JSON.stringify(opened)).not.toContain(pass)
  for (const path of [
    src.replace('face', 'name'),
    src.replace(request, other),
    src.replace(look, other),
    src.replace(pass, other),
    src.replace(pass, digest),
    src.replace(`/${pass}`, ''),
    // An entry of the office, and no look.
    src.replace(look, request),
  ])
    expect((await frieda.get(path)).status, path).toBe(404)
})

test('A quarter of an hour after the look it is to be looked at anew', async () => {
  const before = site.clock.now
  site.clock.now = new Date(before.getTime() + 14 * 60_000)
  expect((await frieda.get(src)).status).toBe(200)
  site.clock.now = new Date(before.getTime() + 16 * 60_000)
  expect((await frieda.get(src)).status).toBe(404)
  site.clock.now = before
})

// Kills: a picture that is seen for a quarter of an hour, whatever was found or restricted since the look.
test('Once it would not leave any more, it is seen no more', async () => {
  const change = (status: string) =>
    site.call('DE-POL', {
      ...{ method: 'PATCH', path: '/v1/records/R-1' },
      body: { items: [{ id: 'face', status }] },
    })
  expect((await frieda.get(src)).status).toBe(200)
  await done(await change('blocked'))
  expect((await frieda.get(src)).status).toBe(404)
  await done(await change('active'))
  expect((await frieda.get(src)).status).toBe(200)
  const scope = { kind: 'matter', matter: request } as const
  const risk = { holder: 'DE-POL', fact: 'risk.torture', value: 'real', scope }
  const found = await site.attest('DE-POL', risk)
  expect((await frieda.get(src)).status).toBe(404)
  await done(await site.call('DE-POL', { method: 'DELETE', path: `/v1/attestations/${found}` }))
  expect((await frieda.get(src)).status).toBe(200)
})

test('Once another picture took its place, the old one is seen no more', async () => {
  const sent = await site.call('DE-POL', {
    ...{ method: 'PUT', path: '/v1/records/R-1/files/face', body: picture('baseline') },
    headers: { 'content-type': 'image/jpeg' },
  })
  expect(sent.status).toBe(201)
  expect((await frieda.get(src)).status).toBe(404)
})
