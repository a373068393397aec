/** Attacks on what is taken for granted between a request and what leaves. */

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { codesOf } from '../answer/homicide.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../answer/people.ts'
import { answered, type Gateway, problemOf, proposed, startGateway } from '../world.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
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
    const seen = await proposed(await gateway.propose('DE-POL', denial.id))
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

// LED art. 11 with recital 38; `eu/led-data/minors-decided`: nothing of a minor leaves by rule alone.
test('Nothing leaves by rule alone of whom the record calls an adult of fifteen', async () => {
  const path = '/v1/records/R-AGE'
  const items = [itemOf('name', { minor: false, ageAtEvent: 15 })]
  const { id: _, ...body } = personOf('R-AGE', items)
  const put = await gateway.call('DE-POL', { method: 'PUT', path, body })
  expect((await put.json()).warnings).toMatchObject([{ pointer: '/items/0/minor' }])
  const request = { subject: { recordId: 'R-AGE' }, caseReference: 'AGE' }
  const denial = await asked(request)
  expect(denial).toMatchObject({ outcome: 'deny', records: [] })
  await gateway.releaseBy('DE-POL', denial.id)
  expect((await asked({ ...request, previous: denial.id })).records).toHaveLength(1)
  const grown = [itemOf('name', { minor: false, ageAtEvent: 18 })]
  await gateway.putRecord('DE-POL', personOf('R-AGE', grown))
  expect((await asked({ ...request, caseReference: 'GROWN' })).outcome).toBe('release')
})

// Dir. (EU) 2023/977 art. 5(1): the time begins with the reception of the request.
describe('The time of a request that came by another way', () => {
  const digest = createHash('sha256').update('a message').digest('base64url')
  const dueOf = async (receivedAt: string, number: string) => {
    const from = {
      name: 'PJ',
      jurisdiction: 'PT',
      authorityType: 'police',
      cannotHonour: [],
    } as const
    const receivedBy = { way: 'siena', number, receivedAt, digest, from: { ...from } } as const
    const body = requestOfMember({ receivedBy, caseReference: number, urgency: 'urgent' })
    return (await answered(await gateway.ask('DE-POL', 'officer-1', body))).answerBy
  }
  // Kills: a time that begins once somebody enters it; one that is put off by a date to come.
  test('began when it came', async () => {
    expect(await dueOf('2026-11-25T05:30:00Z', 'N-1')).toBe('2026-11-25T13:30:00.000Z')
    expect(await dueOf('2026-12-24T09:00:00Z', 'N-2')).toBe('2026-11-25T17:00:00.000Z')
  })
})

describe('A key of which no channel is known', () => {
  // Kills: `channel !== undefined &&`, by which not knowing was looser.
  test('collects nothing that was provided for a channel', async () => {
    const subject = { recordId: 'R-CHANNEL' }
    await gateway.putRecord('DE-POL', personOf('R-CHANNEL', [itemOf('name')]))
    const provision = {
      ...{ holder: 'DE-POL', to: 'FR-SPOC', subject, classes: ['identification'] },
      ...{ purpose: 'investigation', instrument: 'EU-2023/977', channel: 'siena' },
      ...{ urgency: 'none', offence: { category: 'ordinary' }, caseReference: 'OWN' },
      ground: 'He was seen with the suspects of their case.',
    }
    const path = '/v1/provisions'
    const { shown } = await proposed(
      await gateway.call('DE-POL', { method: 'POST', path, body: provision }),
    )
    const body = { ...provision, shown }
    const { id } = await answered(await gateway.call('DE-POL', { method: 'POST', path, body }))
    const collect = () => gateway.call('FR-SPOC', { path: `${path}/${id}` })
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
