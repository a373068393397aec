/** A request that came by another way: entered by an officer of the holder, answered by the same way. */

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../../functions/answer/entries/reader.ts'
import { inboxPageSchema } from '../../../functions/answer/offices/inbox.ts'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import { entryId } from '../../../functions/ledger/entry.ts'
import { answered, done, freshJti, type Gateway, problemOf, startGateway } from '../../world.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../people.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name'), itemOf('account')]))
})
afterAll(() => gateway.close())

/** What a contact point that has not joined sends by SIENA. */
const message = Buffer.from('SIENA 2026-4711: please identify the bearer of …')
const receivedBy: NonNullable<AccessRequest['receivedBy']> = {
  way: 'siena',
  number: '2026-4711-1',
  receivedAt: '2026-11-25T08:40:00Z',
  digest: createHash('sha256').update(message).digest('base64url'),
  from: {
    name: 'Polícia Judiciária, UCI',
    jurisdiction: 'PT',
    authorityType: 'police',
    cannotHonour: [],
  },
}
let cases = 0
const letter = (changes: Partial<AccessRequest> = {}): AccessRequest =>
  requestOfMember({ receivedBy, caseReference: `NUIPC ${cases}/26`, ...changes })

const enter = (body: AccessRequest, agency = 'DE-POL', jti = freshJti()) =>
  gateway.ask(agency, 'officer-1', body, { jti })

/** Entered, judged by the officer, and asked again, so that it is answered as the law lets it. */
async function judged(changes: Partial<AccessRequest> = {}) {
  // What was refused in a case is described otherwise there only with a person's leave.
  cases += 1
  const { id: previous } = await answered(await enter(letter(changes)))
  await attestAll(gateway, 'DE-POL', { kind: 'matter', matter: previous }, benignOfMember)
  return answered(await enter(letter({ ...changes, previous })))
}

const pack = (agency: string, id: string, accept = 'application/json') =>
  gateway.call(agency, {
    method: 'POST',
    path: `/v1/access-requests/${id}/package`,
    headers: { accept },
  })
const sent = { by: 'siena', number: '2026-4711-2', sentAt: '2026-11-25T09:00:00Z' } as const
const deliver = (agency: string, id: string, body: object = sent) =>
  gateway.call(agency, { method: 'POST', path: `/v1/access-requests/${id}/delivery`, body })
const rowOf = async (id: string) => {
  const page = inboxPageSchema.parse(
    await (await gateway.call('DE-POL', { path: '/v1/inbox' })).json(),
  )
  return page.open.find(({ request }) => request === id)
}

describe('A request that came by another way', () => {
  test('is answered by the same law as a call, of whom the officer says it is', async () => {
    const { outcome, receivedBy: by, records, reasons } = await judged()
    expect(outcome).toBe('release')
    expect(records[0]?.items.map(({ id }) => id)).toEqual(['name'])
    expect(reasons.map(({ rule }) => rule)).toContain('eu/exchange/request')
    expect(by).toMatchObject({ way: 'siena', number: '2026-4711-1', from: { jurisdiction: 'PT' } })
  })

  // Kills: an entry that names the holder as the requester, or whose word it is nowhere.
  test('is in the entry as the word of the officer, who signed for it', async () => {
    const { id, receivedBy: by } = await judged()
    const { stored, opened } = await gateway.entry(id)
    expect(stored.leaf).toMatchObject({ hj: 'DE', aj: 'DE', out: 'release' })
    expect(opened.call).toMatchObject({ agency: 'DE-POL', officer: 'officer-1' })
    expect(opened.facts.facts).toMatchObject({
      'requester.agency': by?.from.id,
      'requester.jurisdiction': 'PT',
      'request.channel': 'siena',
    })
    expect(JSON.parse(opened.evidence.body).receivedBy).toEqual(receivedBy)
  })

  // Kills: a requester who enters his own request as received, as of whomever he likes.
  test('is entered by the holder that is asked, and by nobody else', async () => {
    for (const agency of ['FR-SPOC', 'GB-POL', 'DE-MIN'])
      expect(await problemOf(await enter(letter(), agency)), agency).toMatchObject({
        status: 403,
        code: 'not-your-role',
      })
    expect((await enter(letter({ holder: 'GB-POL' }))).status).toBe(403)
  })

  test('names the channel by which it came', async () => {
    const problem = await problemOf(await enter(letter({ channel: 'bilateral' })))
    expect(problem).toMatchObject({ status: 422, errors: [{ pointer: '/channel' }] })
  })

  // Kills: a case that another authority joins; an id that differs with capitals or spaces.
  test('belongs to the case of the authority that asks, however its name is written', async () => {
    const { id: previous } = await answered(await enter(letter()))
    const from = { ...receivedBy.from, name: 'POLÍCIA  JUDICIÁRIA, UCI' }
    const same = await enter(letter({ previous, receivedBy: { ...receivedBy, from } }))
    expect((await answered(same)).matter).toBe(previous)
    // Kills: a release for the police that an officer's colleague uses for a secret service of that name.
    const kind = { ...from, authorityType: 'intelligence' } as const
    const unlike = await enter(letter({ previous, receivedBy: { ...receivedBy, from: kind } }))
    expect((await problemOf(unlike)).errors).toMatchObject([{ pointer: '/previous' }])
    const other = { ...from, name: 'Guarda Nacional' }
    const another = await enter(letter({ previous, receivedBy: { ...receivedBy, from: other } }))
    expect((await problemOf(another)).errors).toMatchObject([{ pointer: '/previous' }])
    const joined = await gateway.ask('FR-SPOC', 'officer-7', requestOfMember({ previous }))
    expect((await problemOf(joined)).errors).toMatchObject([{ pointer: '/previous' }])
  })

  test('is of an authority that has a name', async () => {
    for (const name of ['⠀⠀', '…', 'ㅤ']) {
      const from = { ...receivedBy.from, name }
      const problem = await problemOf(await enter(letter({ receivedBy: { ...receivedBy, from } })))
      expect(problem).toMatchObject({
        status: 422,
        errors: [{ pointer: '/receivedBy/from/name' }],
      })
    }
  })

  // Kills: a duty that the other side cannot keep, and that is not asked for.
  test('is denied what needs a duty that the authority cannot keep', async () => {
    const from = { ...receivedBy.from, cannotHonour: ['O-USE'] }
    const { outcome, records } = await judged({ receivedBy: { ...receivedBy, from } })
    expect({ outcome, records }).toEqual({ outcome: 'deny', records: [] })
  })

  test('is answered alike on a retry', async () => {
    const jti = freshJti()
    const { id: previous } = await answered(await enter(letter()))
    await attestAll(gateway, 'DE-POL', { kind: 'matter', matter: previous }, benignOfMember)
    const body = letter({ previous })
    const first = await answered(await enter(body, 'DE-POL', jti))
    const again = await enter(body, 'DE-POL', jti)
    expect(again.status).toBe(200)
    expect({ ...(await answered(again)), receipt: '' }).toEqual({ ...first, receipt: '' })
  })
})

describe('The package of an answer', () => {
  test('has the data, its duties and the receipt', async () => {
    const { id, receipt: _, ...told } = await judged()
    const packed = await answered(await pack('DE-POL', id))
    expect(packed).toMatchObject({ id, ...told })
    const page = await pack('DE-POL', id, 'text/html')
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    const html = await page.text()
    for (const each of [
      'Anton Beispiel',
      'Polícia Judiciária, UCI',
      '2026-4711-1',
      'NUIPC',
      'Duties',
    ])
      expect(html).toContain(each)
  })

  // Kills: a package that leaves no trace.
  test('is an entry once made: who made it, of which request', async () => {
    const { id } = await judged()
    const jti = freshJti()
    const path = `/v1/access-requests/${id}/package`
    await gateway.call('DE-POL', { method: 'POST', path, jti })
    const { stored, opened } = await gateway.entry(entryId('DE-POL', jti))
    expect(stored.leaf.t).toBe('consultation')
    expect(opened).toMatchObject({
      consultation: { question: { action: 'make-package', id }, shown: [id] },
    })
  })

  test('says a refusal in words, with the articles', async () => {
    const { id } = await judged({ purpose: 'immigration' })
    const html = await (await pack('DE-POL', id, 'text/html')).text()
    expect(html).toContain('Nothing can be given')
    expect(html).toContain('<h2>Why</h2>')
    expect(html).not.toContain('<h2>Data</h2>')
  })

  test('says whose word on what would change an open refusal', async () => {
    const { id, standing } = await answered(await enter(letter()))
    expect(standing).toBe('open')
    const html = await (await pack('DE-POL', id, 'text/html')).text()
    expect(html).toContain('Ask again once all of one of these lists is attested.')
    expect(html).toMatch(/<li>the risk of persecution: [^<]+; from an officer of the holder, by 20/)
    expect(html).toMatch(/Your request 2026-4711-1, by SIENA/)
  })

  // Kills: markup of a requester in the page.
  test('shows what others wrote as text', async () => {
    const from = { ...receivedBy.from, name: '<img src=x onerror=alert(1)> & co' }
    const { id } = await judged({ receivedBy: { ...receivedBy, from } })
    const html = await (await pack('DE-POL', id, 'text/html')).text()
    expect(html).not.toContain('<img')
    expect(html).toContain('&#60;img src=x')
  })

  // Kills: a package of an ordinary answer, which already left; of another holder's; of a dry run.
  test('is made by its holder, of what leaves by another way alone', async () => {
    const { id } = await judged()
    for (const agency of ['FR-SPOC', 'GB-POL', 'DE-MIN', 'DE-DPA'])
      expect((await pack(agency, id)).status, agency).toBe(404)
    const { id: ordinary } = await answered(
      await gateway.ask('FR-SPOC', 'officer-7', requestOfMember()),
    )
    expect((await pack('DE-POL', ordinary)).status).toBe(404)
    const { id: dry } = await answered(await enter(letter({ dryRun: true })))
    expect((await pack('DE-POL', dry)).status).toBe(404)
  })

  // Kills: data that nobody decided on.
  test('is none once the record has changed', async () => {
    await gateway.putRecord('DE-POL', personOf('R-2', [itemOf('name')]))
    const { id, outcome } = await judged({ subject: { recordId: 'R-2' } })
    expect(outcome).toBe('release')
    await gateway.putRecord('DE-POL', personOf('R-2', [itemOf('name', { value: 'Other Name' })]))
    expect(await problemOf(await pack('DE-POL', id))).toMatchObject({
      status: 409,
      code: 'record-changed',
    })
  })
})

describe('What would not leave any more', () => {
  // Kills: a package of what was decided days ago, whatever was found since.
  test('is in no package: the request is to be asked anew', async () => {
    const { id, matter = '' } = await judged()
    await gateway.attest('DE-POL', {
      holder: 'DE-POL',
      fact: 'risk.torture',
      value: 'real',
      scope: { kind: 'matter', matter },
    })
    expect(await problemOf(await pack('DE-POL', id))).toMatchObject({
      status: 409,
      code: 'record-changed',
    })
  })
})

describe('The number by which an answer left', () => {
  test('is an entry, is shown beside the answer, and takes the row out of the inbox', async () => {
    const { id } = await judged()
    const { because, receivedFrom } = (await rowOf(id)) ?? {}
    expect({ because, receivedFrom }).toEqual({
      because: ['delivery'],
      receivedFrom: receivedBy.from.name,
    })
    const entry = await done(await deliver('DE-POL', id))
    const stored = await gateway.world.ledger.read(entry)
    const opened = stored && (await openAny(stored, gateway.world))
    expect(stored?.leaf).toMatchObject({ t: 'delivery', previous: id })
    expect(opened).toMatchObject({ kind: 'delivery', values: { delivery: sent } })
    const shown = await gateway.call('DE-POL', { path: `/v1/access-requests/${id}` })
    expect(await shown.json()).toMatchObject({ delivery: sent })
    expect(await rowOf(id)).toBeUndefined()
  })

  test('is entered by its holder, in a form that says what is wrong', async () => {
    const { id } = await judged()
    expect((await deliver('FR-SPOC', id)).status).toBe(404)
    const wrong = await problemOf(await deliver('DE-POL', id, { ...sent, by: 'pigeon' }))
    expect(wrong).toMatchObject({ status: 422, errors: [{ pointer: '/by' }] })
  })
})

describe('An agency that joined and must be answered by another way', () => {
  const asked = () => requestOfMember({ deliverBy: 'siena' })

  // Kills: data in the answer, or on a retry.
  test('is told the decision; the data leaves in the package of the holder alone', async () => {
    const { id: previous } = await answered(await gateway.ask('FR-SPOC', 'officer-7', asked()))
    await attestAll(gateway, 'DE-POL', { kind: 'matter', matter: previous }, benignOfMember)
    const jti = freshJti()
    const body = { ...asked(), previous }
    for (const status of [201, 200]) {
      const response = await gateway.ask('FR-SPOC', 'officer-7', body, { jti })
      expect(response.status).toBe(status)
      const told = await answered(response)
      expect(told).toMatchObject({ outcome: 'release', deliverBy: 'siena', records: [] })
    }
    const id = (await answered(await gateway.ask('FR-SPOC', 'officer-7', body, { jti }))).id
    expect((await rowOf(id))?.because).toEqual(['delivery'])
    const packed = await answered(await pack('DE-POL', id))
    expect(packed.records[0]?.items.map(({ value }) => value)).toEqual(['Anton Beispiel'])
    await done(await deliver('DE-POL', id))
    const shown = await gateway.call('FR-SPOC', { path: `/v1/access-requests/${id}` })
    expect(await shown.json()).toMatchObject({ delivery: sent })
    // Kills: what was decided for one way leaves by another.
    const { deliverBy: _, ...without } = body
    const otherwise = await gateway.ask('FR-SPOC', 'officer-7', { ...without, previous: id })
    expect((await problemOf(otherwise)).errors).toMatchObject([{ pointer: '/previous' }])
  })
})

describe('Whoever was refused in a case', () => {
  // Kills: a memory of refusals by the id that a name gives; names that differ by a dot or an accent.
  test.each([
    'Préfecture de Police, Brigade B',
    'Prefecture de Police, brigade B.',
    'A name that nobody heard before',
  ])('does not escape what its state was refused in the case: %s', async (name) => {
    cases += 1
    const caseReference = `RIDE ${cases}`
    const ask = (changes: Partial<AccessRequest>) =>
      gateway.ask('FR-SPOC', 'officer-7', requestOfMember({ caseReference, ...changes }))
    // Then the state is vouched for, so that nothing else stands against it.
    expect((await answered(await ask({ purpose: 'immigration' }))).outcome).toBe('deny')
    await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
    const from = { ...receivedBy.from, jurisdiction: 'FR', name }
    const otherwise = { offence: { category: 'ordinary', maxCustodyMonths: 120 } } as const
    const body = letter({ caseReference, receivedBy: { ...receivedBy, from }, ...otherwise })
    const { opened } = await gateway.entry((await answered(await enter(body))).id)
    expect(opened.facts.facts['request.redescribed']).toBe(true)
  })

  // Kills: a refusal by letter that a call does not know of.
  test('and its state does not escape by a call what was refused to it', async () => {
    cases += 1
    const caseReference = `RIDE ${cases}`
    const from = { ...receivedBy.from, jurisdiction: 'FR', name: 'Brigade C' }
    const refused = { purpose: 'immigration', receivedBy: { ...receivedBy, from } } as const
    await answered(await enter(letter({ caseReference, ...refused })))
    await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
    const otherwise = { offence: { category: 'ordinary', maxCustodyMonths: 120 } } as const
    const body = requestOfMember({ caseReference, ...otherwise })
    const { id } = await answered(await gateway.ask('FR-SPOC', 'officer-7', body))
    expect((await gateway.entry(id)).opened.facts.facts['request.redescribed']).toBe(true)
  })
})
