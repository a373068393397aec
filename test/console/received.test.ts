/** What came by SIENA or a letter, from the screen: the holder's officer enters it, prints what may be given, and says by which number it left. */

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attestAll, benignOfMember, itemOf, personOf } from '../answer/people.ts'
import { picture } from '../picture/pictures.ts'
import { type Browser, type Seen, type Site, startConsole, tokenIn } from './browsing.ts'
import { fieldsIn, formTo, passkeyAt, signedBy, signForm } from './signing.ts'

let site: Site
let frieda: Browser
let passkey: Awaited<ReturnType<typeof passkeyAt>>
const letter = createHash('sha256').update('Please identify …')
const hex = letter.copy().digest('hex')
beforeAll(async () => {
  site = await startConsole()
  passkey = await passkeyAt(site)
  const face = { element: 'nc:PersonDigitalImage', class: 'identification' } as const
  const announced = itemOf('name', { id: 'face', ...face, value: { type: 'image/jpeg' } })
  await site.putRecord('DE-POL', personOf('R-1', [itemOf('name'), announced]))
  const sent = await site.call('DE-POL', {
    ...{ method: 'PUT', path: '/v1/records/R-1/files/face', body: picture('baseline') },
    headers: { 'content-type': 'image/jpeg' },
  })
  expect(sent.status).toBe(201)
  frieda = site.browser()
  await frieda.logIn('p-1003')
})
afterAll(() => site.close())

const filled = {
  ...{ 'receivedBy.way': 'siena', 'receivedBy.number': 'R-26/4', channel: 'siena' },
  ...{ 'receivedBy.receivedAt': '2026-11-25T08:40', 'receivedBy.digest': hex },
  ...{ 'receivedBy.from.name': 'Polícia Judiciária', 'receivedBy.from.jurisdiction': 'PT' },
  ...{ 'receivedBy.from.authorityType': 'police', 'receivedBy.from.cannotHonour': 'none' },
  ...{ 'subject.recordId': 'R-1', classes: 'identification', purpose: 'investigation' },
  ...{ 'offence.category': 'ordinary', 'offence.maxCustodyMonths': '60', stage: 'suspect' },
  ...{ urgency: 'none', instrument: 'EU-2023/977', caseReference: 'NUIPC 7/26' },
  'necessity.statement': 'To find the suspect.',
}
const send = async (fields: Record<string, string>, step = 'send'): Promise<Seen> => {
  const token = tokenIn(await frieda.get('/console/received'))
  return frieda.post('/console/received', { token, step, ...fields })
}
const enter = async (fields: Record<string, string>): Promise<string> => {
  const done = await frieda.post('/console/acts', signedBy(await send(fields), passkey))
  const [, id = ''] = /Number ([\w-]{43})/.exec(done.text) ?? []
  expect(done.text).toContain('It waits in your inbox')
  await site.fileAll([id])
  return id
}

describe('What came by another way', () => {
  test('is entered by whoever may, and has a form of its own in the navigation', async () => {
    const page = await frieda.get('/console/received')
    expect(page.text).toContain('How it came')
    expect(page.text).toContain('aria-current="page">Enter a request')
    const fleur = site.browser()
    await fleur.logIn('p-1005')
    expect((await fleur.get('/console/received')).status).toBe(403)
    expect((await fleur.get('/console/requests')).text).not.toContain('/console/received')
  })

  test('with faults keeps what was typed, and says of each field what to mend', async () => {
    const { 'receivedBy.from.cannotHonour': _, ...unsaid } = filled
    const shown = await send({ ...unsaid, 'receivedBy.digest': 'the letter' }, 'check')
    expect(shown.status).toBe(422)
    expect(shown.text).toContain('<a href="#receivedBy.digest">')
    // Not knowing is not none. Kills: a field left empty that reads as if it were known.
    expect(shown.text).toContain('<a href="#receivedBy.from.cannotHonour">')
    expect(shown.text).toContain('value="Polícia Judiciária"')
  })

  // Kills: an hour of the wall clock in Berlin, entered as one of UTC: it came an hour after it was answered.
  test('did not come, or leave, at a time that is still to come', async () => {
    const soon = new Date(site.clock.now.getTime() + 3_600_000).toISOString().slice(0, 16)
    for (const step of ['check', 'send']) {
      const shown = await send({ ...filled, 'receivedBy.receivedAt': soon }, step)
      expect(shown.status).toBe(422)
      expect(shown.text).toContain(
        '<a href="#receivedBy.receivedAt">When it came, UTC: it is still',
      )
    }
  })

  test('is shown as a dry run of what they would be told, and as it is signed', async () => {
    const checked = await send(filled, 'check')
    expect(checked.text).toContain('What they would be told')
    expect(checked.text).toContain('Polícia Judiciária, Portugal (PT)')
    const shown = await send(filled)
    const { body = '' } = fieldsIn(shown, signForm)
    expect(JSON.parse(body)).toMatchObject({
      ...{ holder: 'DE-POL', channel: 'siena' },
      receivedBy: {
        ...{ way: 'siena', number: 'R-26/4', receivedAt: '2026-11-25T08:40:00.000Z' },
        digest: letter.copy().digest('base64url'),
        from: { name: 'Polícia Judiciária', jurisdiction: 'PT', cannotHonour: [] },
      },
    })
  })

  // Kills: a form by which an officer asks in the name of another agency than the one that is asked.
  test('came to the officer’s own agency, whatever the form says', async () => {
    const { body = '' } = fieldsIn(await send({ ...filled, holder: 'GB-POL' }), signForm)
    expect(JSON.parse(body)).toMatchObject({ holder: 'DE-POL' })
    const token = tokenIn(await frieda.get('/console/received'))
    const own = { token, step: 'send', caseReference: 'X' }
    expect((await frieda.post('/console/received', own)).status).toBe(422)
  })

  test('is judged, entered again, packed to be printed, and left by its number', async () => {
    const first = await enter(filled)
    const waits = await frieda.get(`/console/inbox/${first}`)
    expect(waits.text).toContain(`/console/received?previous=${first}`)
    // Kills: a question that nobody reads, of which the page says that the requester does.
    expect(waits.text).toContain('Polícia Judiciária does not read it here')
    expect(waits.text).not.toContain('The requester reads it')
    await attestAll(site, 'DE-POL', { kind: 'matter', matter: first }, benignOfMember)
    const again = await frieda.get(`/console/received?previous=${first}`)
    expect(again.text).toContain('You enter it again')
    expect(again.text).toContain('value="2026-11-25T08:40"')
    const id = await enter({ ...filled, previous: first })
    const at = `/console/inbox/${id}`
    const begun = async (does: string, more: Record<string, string> = {}) => {
      const fields = fieldsIn(await frieda.get(at), formTo(`${at}/${does}`))
      const shown = await frieda.post(`${at}/${does}`, { ...fields, ...more })
      return frieda.post('/console/acts', signedBy(shown, passkey))
    }
    const ready = await frieda.get(at)
    expect(ready.text).toContain('<details open><summary>Make the package')
    expect(ready.text).not.toContain('Enter it again')
    const packed = await begun('package')
    expect(packed.text).toContain('Polícia Judiciária, PT, your no. R-26/4')
    expect(packed.text).toContain('Anton Beispiel')
    // Kills: paper with a salt, by which whoever has it could have a picture recognised; and with the holder's own duties.
    expect(packed.text).toContain('a file beside this, image/jpeg')
    expect(packed.text).toContain(`comity request file ${id} --item ITEM`)
    expect(packed.text).not.toContain('salt')
    expect(packed.text).toContain('Your duties')
    expect(packed.text).not.toContain('[O-LOG]')
    const sent = { by: 'siena', number: '12 O 3/26', sentAt: '2026-11-28T10:00' }
    const soon = new Date(site.clock.now.getTime() + 3_600_000).toISOString().slice(0, 16)
    const form = fieldsIn(await frieda.get(at), formTo(`${at}/delivery`))
    const ahead = await frieda.post(`${at}/delivery`, { ...form, ...sent, sentAt: soon })
    expect(ahead.status).toBe(422)
    expect(ahead.text).toContain('When it left: it is still to come')
    expect((await begun('delivery', sent)).text).toContain('Its number is entered')
    // Kills: a way back that ends before a wall; a page that says of what has left that it waits.
    const left = await frieda.get(at)
    expect(left.status).toBe(200)
    expect(left.text).toContain('It waits no more.')
    expect(left.text).toContain('Take back what your office said')
    expect(left.text).toContain('aria-label="Main"')
    const standing = await frieda.get(`/console/answers/${id}`)
    expect(standing.status).toBe(403)
  })
})
