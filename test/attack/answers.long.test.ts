/** Attacks on what is taken for granted between a request and what leaves. */

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccessRequest } from '../../functions/decision/request.ts'
import type { Agency } from '../../functions/identity/register.ts'
import { codesOf } from '../answer/homicide.ts'
import {
  attestAll,
  benignOfMember,
  itemOf,
  personOf,
  requestOfMember,
  subjectsOf,
} from '../answer/people.ts'
import { picture } from '../picture/pictures.ts'
import { answered, done, type Gateway, problemOf, startGateway, wouldLeaveIn } from '../world.ts'

let gateway: Gateway
/** What agencies or registrars said of agencies since, and the agencies as they then stand in the register. */
const since = new Map<string, Partial<Agency>>()
const stated = new WeakMap<Partial<Agency>, Agency>()
/** What happens while a holder's system waits for questions. */
let meanwhile = async () => undefined as unknown
beforeAll(async () => {
  gateway = await startGateway({
    change: (world) => ({
      ...world,
      register: {
        ...world.register,
        async agency(id: string) {
          const [own, changes] = [await world.register.agency(id), since.get(id)]
          if (own === undefined || changes === undefined) return own
          const agency = stated.get(changes) ?? { ...own, ...changes }
          stated.set(changes, agency)
          return agency
        },
      },
      ...(world.questions && {
        questions: { ...world.questions, waiting: async () => [String(await meanwhile())] },
      }),
    }),
  })
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
})
afterAll(() => gateway.close())

const ask = (body: AccessRequest) => gateway.ask('FR-SPOC', 'officer-7', body)
const asked = async (changes: Partial<AccessRequest>) =>
  answered(await ask(requestOfMember(changes)))

// A vowel sign or a voiced sound is no accent: these are two people, often born on one day.
describe.each([
  ['राम', 'रमा', 'शर्मा'],
  ['すきた', 'すぎた', 'やまだ'],
  ['মালা', 'মিলা', 'দাস'],
])('Who is asked for as %s, while the record says %s', (one, other, family) => {
  const birthDate = '1979-03-14'
  const id = `R-${Buffer.from(one).toString('hex')}`
  const subject = (given: string) => ({ name: { given, family }, birthDate })
  const caseReference = `NAMED ${one}`
  beforeAll(async () => {
    const names = [{ given: other, family }]
    await gateway.putRecord('DE-POL', { ...personOf(id, [itemOf('name')]), names })
  })

  // Kills: `isSurelyAbout` of `findRecord`.
  test('gets nothing of it, as if none fitted, until an officer says that it is theirs', async () => {
    const denial = await asked({ subject: subject(one), caseReference })
    expect(denial).toMatchObject({ outcome: 'deny', records: [] })
    expect(codesOf(denial)).toEqual(['nothing-transmissible'])
    const seen = await wouldLeaveIn(await gateway.seeWouldLeave('DE-POL', denial.id))
    expect(seen).toMatchObject({ match: 'several', candidates: [id], items: [] })
    await gateway.releaseBy('DE-POL', denial.id, { record: id })
    const again = await asked({ subject: subject(one), caseReference, previous: denial.id })
    expect(again.records).toHaveLength(1)
  })

  // Kills: `identifierOf` in place of `spellingOf`: what was said of the one counts for the other.
  test('begins another matter than the other', async () => {
    const { id: previous } = await asked({ subject: subject(one), caseReference: `TWO ${one}` })
    const body = { subject: subject(other), caseReference: `TWO ${one}`, previous }
    const { errors } = await problemOf(await ask(requestOfMember(body)))
    expect(errors).toMatchObject([{ pointer: '/previous' }])
  })

  test('is found by the name of the record', async () => {
    const exact = { subject: subject(other), caseReference: `EXACT ${one}` }
    expect((await asked(exact)).outcome).toBe('release')
  })
})

// INTERPOL’s rules bind what goes by I-24/7, whatever channel the request names.
test('An answer leaves by no other channel than that whose law was asked', async () => {
  const by = (deliverBy: AccessRequest['deliverBy']) =>
    ask(requestOfMember({ deliverBy, caseReference: `BY ${deliverBy}` }))
  for (const way of ['i-24-7', 'sirene'] as const)
    expect(await problemOf(await by(way)), way).toMatchObject({
      status: 422,
      errors: [{ pointer: '/channel' }],
    })
  for (const way of ['siena', 'letter'] as const) expect((await by(way)).status).toBe(201)
})

// LED art. 11 with recital 38; `eu/data/minors-decided`: nothing of a minor leaves by rule alone.
test('Nothing leaves by rule alone of whom the record calls an adult of fifteen', async () => {
  const path = '/v1/records/R-AGE'
  const items = [itemOf('name', { minor: false, ageAtEvent: 15 })]
  const { id: _, ...body } = personOf('R-AGE', items)
  const put = await gateway.call('DE-POL', { method: 'PUT', path, body })
  expect(await put.json()).toMatchObject({ warnings: [{ pointer: '/items/0/minor' }] })
  const request = { subject: { recordId: 'R-AGE' }, caseReference: 'AGE' }
  const denial = await asked(request)
  expect(denial).toMatchObject({ outcome: 'deny', records: [] })
  await gateway.releaseBy('DE-POL', denial.id)
  expect((await asked({ ...request, previous: denial.id })).records).toHaveLength(1)
  const grown = [itemOf('name', { minor: false, ageAtEvent: 18 })]
  await gateway.putRecord('DE-POL', personOf('R-AGE', grown))
  expect((await asked({ ...request, caseReference: 'GROWN' })).outcome).toBe('release')
})

// Kills: birth dates that nobody reads; 18 on the day taken for 17; one of two birth dates for both.
test.each([
  [['2007-02-12'], 'suspect', 'deny'],
  [['2007-02-11'], 'suspect', 'release'],
  [['2007-02-12', '1979-03-14'], 'suspect', 'release'],
  [[], 'suspect', 'release'],
  // Of a source in the file of a child nothing is known by the child's birth date.
  [['2007-02-12'], 'contact', 'release'],
] as const)(
  'nor of whom, born on %j, the record calls an adult %s on 11 February 2025',
  async (birthDates, role, outcome) => {
    const id = `R-BORN-${birthDates.join('-')}-${role}`
    const { ageAtEvent: _, ...item } = itemOf('name', { role, minor: false })
    const record = { ...personOf(id, [item]), birthDates: [...birthDates] }
    await gateway.putRecord('DE-POL', record)
    expect((await asked({ subject: { recordId: id }, caseReference: id })).outcome).toBe(outcome)
  },
)

// Dir. (EU) 2023/977 art. 5(1): the time begins with the reception of the request.
describe('The time of a request that came by another way', () => {
  const digest = createHash('sha256').update('a message').digest('base64url')
  const dueOf = async (receivedAt: string, number: string) => {
    const receivedBy: NonNullable<AccessRequest['receivedBy']> = {
      ...{ way: 'siena', number, receivedAt, digest },
      from: { name: 'PJ', jurisdiction: 'PT', authorityType: 'police', cannotHonour: [] },
    }
    const body = requestOfMember({ receivedBy, caseReference: number, urgency: 'urgent' })
    return (await answered(await gateway.ask('DE-POL', 'officer-1', body))).answerBy
  }
  // Kills: a time that begins once somebody enters it; one that is put off by a date to come.
  test('began when it came', async () => {
    expect(await dueOf('2026-11-25T05:30:00Z', 'N-1')).toBe('2026-11-25T13:30:00.000Z')
    expect(await dueOf('2026-12-24T09:00:00Z', 'N-2')).toBe('2026-11-25T17:00:00.000Z')
  })
})

/** Provides a record unasked; what is given collects it. */
const provided = async (recordId: string) => {
  await gateway.putRecord('DE-POL', personOf(recordId, [itemOf('name')]))
  const provision = {
    ...{ holder: 'DE-POL', to: 'FR-SPOC', subject: { recordId }, classes: ['identification'] },
    ...{ purpose: 'investigation', instrument: 'EU-2023/977', channel: 'siena' },
    ...{ urgency: 'none', offence: { category: 'ordinary' }, caseReference: `OWN ${recordId}` },
    ground: 'He was seen with the suspects of their case.',
  }
  const path = '/v1/provisions'
  const post = (body: object) => gateway.call('DE-POL', { method: 'POST', path, body })
  const { shown } = await wouldLeaveIn(await post(provision))
  const { id } = await answered(await post({ ...provision, shown }))
  return () => gateway.call('FR-SPOC', { path: `${path}/${id}` })
}

describe('A key of which no channel is known', () => {
  // Kills: `channel !== undefined &&`, by which not knowing was looser.
  test('collects nothing that was provided for a channel', async () => {
    const collect = await provided('R-CHANNEL')
    const fr = await gateway.world.register.agency('FR-SPOC')
    const keys = (fr?.keys ?? []).map(({ channel: _, ...key }) => key)
    await gateway.change('FR-SPOC', { channels: ['siena', 'interpol'], keys })
    expect(await problemOf(await collect())).toMatchObject({
      status: 422,
      errors: [{ pointer: '/channel' }],
    })
    await gateway.change('FR-SPOC', {})
    expect((await answered(await collect())).records).toHaveLength(1)
  })
})

// One signature of a registrar takes everything away at once: what has not left yet, does not.
describe('Nothing leaves any more', () => {
  // Kills: `ask` of `mayStillDeal`.
  test('to an agency that was suspended after it was answered, by the package of the holder', async () => {
    const subject = { recordId: 'R-SENT' }
    await gateway.putRecord('DE-POL', personOf('R-SENT', [itemOf('name')]))
    const { id, outcome } = await asked({ subject, caseReference: 'SENT', deliverBy: 'siena' })
    expect(outcome).toBe('release')
    const path = `/v1/access-requests/${id}/package`
    const pack = () => gateway.call('DE-POL', { method: 'POST', path })
    await gateway.change('FR-SPOC', { status: 'suspended' })
    expect(await problemOf(await pack())).toMatchObject({ status: 409, code: 'record-changed' })
    await gateway.change('FR-SPOC', {})
    expect((await answered(await pack())).records).toHaveLength(1)
  })

  // Kills: `answer-requests` of `mayStillDeal`.
  test('of a holder that was suspended after it answered, by a file', async () => {
    const face = { element: 'nc:PersonDigitalImage', value: { type: 'image/jpeg' } } as const
    await gateway.putRecord('DE-POL', personOf('R-FACE', [itemOf('name', { id: 'face', ...face })]))
    const body = picture('baseline')
    const headers = { 'content-type': 'image/jpeg' }
    const put = { method: 'PUT', path: '/v1/records/R-FACE/files/face', body, headers }
    expect((await gateway.call('DE-POL', put)).status).toBe(201)
    const { id } = await asked({ subject: { recordId: 'R-FACE' }, caseReference: 'FACE' })
    const path = `/v1/access-requests/${id}/files/face`
    const fetched = () => gateway.call('FR-SPOC', { path, officer: 'officer-7' })
    await gateway.change('DE-POL', { status: 'suspended' })
    expect(await problemOf(await fetched())).toMatchObject({ status: 409, code: 'record-changed' })
    await gateway.change('DE-POL', {})
    expect((await fetched()).status).toBe(200)
  })
})

// A question names a person.
test('Who waits for questions gets none once its key was revoked, or it was suspended', async () => {
  const poll = () => gateway.call('GB-POL', { path: '/v1/questions?wait=8' })
  const system = {}
  const gb = await gateway.world.register.agency('GB-POL')
  const revoked = (gb?.keys ?? []).map((key) => ({ ...key, status: 'revoked' as const }))
  for (const changes of [{ status: 'suspended' as const }, { keys: revoked }, {}]) {
    await gateway.change('GB-POL', { system })
    meanwhile = () => gateway.change('GB-POL', { system, ...changes })
    expect((await poll()).status).toBe(Object.keys(changes).length === 0 ? 200 : 403)
  }
  await gateway.change('GB-POL', {})
})

// TLP 2.0 writes its labels in capitals; a system that holds them otherwise means the same.
test('A marking binds the recipient however it is written', async () => {
  const handling = ['tlp: red', 'Interpol  Restricted']
  await gateway.putRecord('DE-POL', personOf('R-MARK', [itemOf('name', { handling })]))
  const { obligations } = await asked({ subject: { recordId: 'R-MARK' }, caseReference: 'MARK' })
  const duties = obligations.map(({ code, value }) => (code === 'O-MARK' ? value : code))
  for (const duty of ['TLP:RED', 'INTERPOL RESTRICTED', 'O-CONF', 'O-ONWARD'])
    expect(duties).toContain(duty)
})

// An act that releases and takes out is a decision on both (the guide for officers, “A denial, and an officer who decides”).
test('What an officer took out does not leave by rule alone, once the same is asked a little otherwise', async () => {
  const items = [itemOf('name'), itemOf('birthDate')]
  await gateway.putRecord('DE-POL', personOf('R-OUT', items))
  const body = requestOfMember({ subject: { recordId: 'R-OUT' }, caseReference: 'OUT' })
  const askOf = async (changes: Partial<AccessRequest>) =>
    answered(await gateway.ask('ES-SPOC', 'officer-3', { ...body, ...changes }))
  const left = async (changes: Partial<AccessRequest>) =>
    (await askOf(changes)).records.flatMap((each) => each.items.map(({ id }) => id))
  const denial = await askOf({})
  expect(denial).toMatchObject({ outcome: 'deny', standing: 'open' })
  const facts = Object.entries(benignOfMember).map(([fact, value]) => ({ fact, value }))
  await gateway.releaseBy('DE-POL', denial.id, { facts, takenOut: ['birthDate'] })
  const previous = denial.id
  expect(await left({ previous })).toEqual(['name'])
  expect(await left({ previous, urgency: 'urgent' })).toEqual(['name'])
  // Kills: a refusal of an item that whoever asks sheds by beginning another matter, or by another way to name the person.
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'ES' }, benignOfMember)
  expect(await left({})).toEqual(['name'])
  expect(await left({ subject: subjectsOf('R-OUT').document })).toEqual(['name'])
  expect(await left({ caseReference: 'OTHER' })).toEqual(['name', 'birthDate'])
  await gateway.putRecord(
    'DE-POL',
    personOf('R-OUT', [itemOf('name', { value: 'A. B.' }), ...items.slice(1)]),
  )
  expect(await left({ previous })).toEqual(['name'])
  await gateway.putRecord('DE-POL', personOf('R-OTHER', items))
  expect(await left({ subject: { recordId: 'R-OTHER' } })).toEqual(['name', 'birthDate'])
  // Only while the decision stands: it is replaced, taken back, or over.
  const decide = (more: object) => {
    gateway.clock.pass(1000)
    return gateway.releaseBy('DE-POL', previous, { facts, ...more })
  }
  gateway.clock.pass(1000)
  const compromisedSince = gateway.clock.now.toISOString()
  await decide({})
  expect(await left({})).toEqual(['name', 'birthDate'])
  // Kills: a decision by which whoever stole a key lets out what an officer kept.
  const own = await gateway.world.register.agency('DE-POL')
  const leftOnceStolen = async (compromisedSince: string) => {
    since.set('DE-POL', {
      keys: (own?.keys ?? []).map((key) => ({ ...key, compromisedSince })),
    })
    const ids = await left({})
    since.clear()
    return ids
  }
  expect(await leftOnceStolen(compromisedSince)).toEqual(['name'])
  const act = await decide({ takenOut: ['birthDate'] })
  expect(await left({})).toEqual(['name'])
  gateway.clock.pass(1000)
  const stolenAt = gateway.clock.now.toISOString()
  await done(await gateway.call('DE-POL', { method: 'DELETE', path: `/v1/attestations/${act}` }))
  expect(await left({})).toEqual(['name', 'birthDate'])
  expect(await leftOnceStolen(stolenAt)).toEqual(['name'])
  await decide({ takenOut: ['birthDate'] })
  gateway.clock.pass(25 * 3_600_000)
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'ES' }, benignOfMember)
  expect(await left({})).toEqual(['name', 'birthDate'])
})

// What is said of a country for a year, and what is recalled, takes two people.
describe('One person in two offices', () => {
  const login = { iss: 'https://login.example', sub: 'one' }
  const officers = (may: 'attest' | 'approve', own = login) => [
    { id: 'officer-1', may: [may], login: own },
  ]
  const said = { holder: 'DE-POL', fact: 'risk.torture', value: 'none' } as const
  const scope = { kind: 'general', requester: 'PT' } as const
  const recall = async () => {
    const body = { cause: { record: 'R-OUT' }, ask: 'erased', ground: 'It was never true.' }
    return done(await gateway.call('DE-POL', { method: 'POST', path: '/v1/recalls', body }))
  }
  const both = async () => {
    const path = `/v1/recalls/${await recall()}/signatures`
    const signed = await gateway.call('DE-DPO', { method: 'POST', path })
    const attested = await gateway.attest('DE-POL', { ...said, scope })
    return [signed.status, (await gateway.sign('DE-DPO', attested)).status]
  }

  // Kills: two accounts of one login taken for two people.
  test('signs nothing for data protection that they entered themselves, by one login', async () => {
    since.set('DE-POL', { officers: officers('attest') })
    since.set('DE-DPO', { officers: officers('approve') })
    expect(await both()).toEqual([403, 403])
    since.set('DE-DPO', { officers: officers('approve', { ...login, sub: 'two' }) })
    expect(await both()).toEqual([201, 201])
    since.clear()
  })

  // Kills: one key in the register of both taken for two.
  test('nor by a key that both offices have', async () => {
    const [of, dpo] = await Promise.all(
      ['DE-POL', 'DE-DPO'].map((id) => gateway.world.register.agency(id)),
    )
    const shared = (dpo?.keys ?? []).map((key) => ({ ...key, kid: 'shared' }))
    expect(await both()).toEqual([201, 201])
    await gateway.change('DE-POL', { keys: [...(of?.keys ?? []), ...shared] })
    expect(await both()).toEqual([403, 403])
    await gateway.change('DE-POL', {})
  })
})
