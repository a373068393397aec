/**
 * The API is what its document says.
 *
 * The document is pinned in `openapi.golden.json`, so that no change breaks a client
 * of before. What is only added passes; agree to it when a version is tagged:
 *
 *     COMITY_RENEW_GOLDEN=1 npm run test:long -- test/http/openapi.long.test.ts
 *     npx biome format --write test/http/openapi.golden.json
 */

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { recipientsPageSchema } from '../../functions/answer/messages/recipients.ts'
import { tick } from '../../functions/answer/upkeep/clock.ts'
import { problems } from '../../functions/http/problem.ts'
import {
  attestAll,
  benignOfMember,
  itemOf,
  personOf,
  requestOf,
  requestOfMember,
} from '../answer/people.ts'
import { type Evidencing, startEvidencing } from '../audit/evidencing.ts'
import { picture } from '../picture/pictures.ts'
import { shippedLaw } from '../shipped.ts'
import { answered, type Call, done, freshJti, origin, startGateway } from '../world.ts'
import {
  type ApiDocument,
  documentAt,
  expectAgreed,
  operationsIn,
  routesOf,
  undocumented,
  unexplained,
} from './document.ts'

let gateway: Evidencing
let served: ApiDocument
beforeAll(async () => {
  gateway = await startEvidencing()
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  served = await documentAt(gateway.app, '/openapi.json')
})
afterAll(() => gateway.stop())

test('The document keeps what it promised, and may say more', () => {
  expectAgreed(served, 'openapi.golden.json')
})

test('Every field is described, and every operation has an id, a tag and an example', () => {
  expect(unexplained(served)).toEqual([])
})

test('Every example of a body is one that the gateway reads, under the law that is shipped', async () => {
  const shipped = await startGateway({ law: shippedLaw })
  onTestFinished(() => shipped.close())
  await shipped.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  for (const [name, { requestBody }] of operationsIn(served)) {
    const [method = '', path = ''] = name.split(' ')
    const body = requestBody?.content['application/json']?.example
    if (body === undefined) continue
    const response = await shipped.call('DE-POL', {
      method,
      path: path.replace('{id}', 'R-1'),
      body,
    })
    const { code, errors = [] } = (await response.json()) as { code?: string; errors?: unknown[] }
    // Whose matter it is, no example can know.
    const faults = errors.filter((each) => !/has this id/.test(JSON.stringify(each)))
    expect([name, code?.startsWith('invalid-') ? faults : []]).toEqual([name, []])
  }
})

test('Every route but the page for people is in the document, and everything in it is a route', () => {
  const documented = [...operationsIn(served).keys()]
  expect(routesOf(gateway.app)).toEqual(new Set(['GET /', ...documented]))
})

test('Whatever needs a signature says so, and nothing else', async () => {
  for (const [path, operations] of Object.entries(served.paths))
    for (const [method, { security, responses }] of Object.entries(operations)) {
      const address = `${origin}${path.replaceAll(/\{\w+\}/g, 'x')}`
      const response = await gateway.app.request(address, { method: method.toUpperCase() })
      expect(response.status === 401, path).toBe(security.length > 0)
      expect('401' in responses, path).toBe(security.length > 0)
    }
})

type Visit = readonly [status: number, operation: string, agency: string, call: Call]

/** Calls that together meet every answer of every operation, and problems where one may expect them. */
async function tour(): Promise<readonly Visit[]> {
  const ask = { method: 'POST', path: '/v1/access-requests', body: requestOf(), jti: freshJti() }
  const { id, ...record } = personOf('R-2', [itemOf('name')])
  const put = { method: 'PUT', path: `/v1/records/${id}`, body: record, jti: freshJti() }
  const items = [{ id: 'name', status: 'blocked' }]
  const patch = { method: 'PATCH', path: `/v1/records/${id}`, body: { items }, jti: freshJti() }
  const erase = { method: 'DELETE', path: `/v1/records/${id}`, jti: freshJti() }
  const sent = await gateway.call('GB-POL', ask)
  const own = `/v1/access-requests/${await done(sent)}`
  await gateway.sealLogs()
  const changes = await tourOfChanges()
  const fresh = `/v1/access-requests/${await done(await gateway.call('GB-POL', { ...ask, jti: freshJti() }))}`
  const law = '/v1/policies/de/police@2026-02-14'
  return [
    [201, 'POST /v1/access-requests', 'GB-POL', { ...ask, jti: freshJti() }],
    [201, 'POST /v1/access-requests', 'US-POL', { ...ask, jti: freshJti() }],
    [200, 'POST /v1/access-requests', 'GB-POL', ask],
    [422, 'POST /v1/access-requests', 'GB-POL', { ...ask, body: {} }],
    [422, 'POST /v1/access-requests', 'GB-POL', { ...ask, body: requestOf({ holder: 'DE-NO' }) }],
    [400, 'POST /v1/access-requests', 'GB-POL', { ...ask, body: Buffer.from('{') }],
    [200, 'GET /v1/access-requests', 'GB-POL', { path: `/v1/access-requests?jti=${ask.jti}` }],
    [404, 'GET /v1/access-requests', 'GB-POL', { path: '/v1/access-requests?jti=none' }],
    [422, 'GET /v1/access-requests', 'GB-POL', { path: '/v1/access-requests' }],
    [200, 'GET /v1/access-requests/{id}', 'GB-POL', { path: own }],
    [404, 'GET /v1/access-requests/{id}', 'FR-SPOC', { path: own }],
    [200, 'GET /v1/access-requests/{id}/proof', 'GB-POL', { path: `${own}/proof` }],
    [404, 'GET /v1/access-requests/{id}/proof', 'GB-POL', { path: `${fresh}/proof` }],
    ...(await tourOfOfficers(own)),
    ...(await tourOfDelivery()),
    ...(await tourOfProvisions()),
    ...(await tourOfFiles()),
    ...(await tourOfQuestions()),
    ...(await tourOfWords()),
    ...changes,
    [201, 'PUT /v1/records/{id}', 'DE-POL', put],
    [200, 'PUT /v1/records/{id}', 'DE-POL', put],
    [403, 'PUT /v1/records/{id}', 'FR-SPOC', put],
    [404, 'PUT /v1/records/{id}', 'DE-POL', { ...put, path: '/v1/records/a%20b' }],
    [201, 'PATCH /v1/records/{id}', 'DE-POL', patch],
    [200, 'PATCH /v1/records/{id}', 'DE-POL', patch],
    [404, 'PATCH /v1/records/{id}', 'GB-POL', patch],
    [201, 'DELETE /v1/records/{id}', 'DE-POL', erase],
    [200, 'DELETE /v1/records/{id}', 'DE-POL', erase],
    [403, 'DELETE /v1/records/{id}', 'FR-SPOC', erase],
    [404, 'DELETE /v1/records/{id}', 'GB-POL', erase],
    [200, 'GET /v1/policies', 'GB-POL', { path: '/v1/policies' }],
    [200, 'GET /v1/policies/{folder}/{name}', 'GB-POL', { path: law }],
    [404, 'GET /v1/policies/{folder}/{name}', 'GB-POL', { path: '/v1/policies/de/none' }],
    [200, 'GET /v1/vocabulary', 'GB-POL', { path: '/v1/vocabulary' }],
    [200, 'GET /openapi.json', 'GB-POL', { path: '/openapi.json' }],
    [200, 'GET /.well-known/jwks.json', 'GB-POL', { path: '/.well-known/jwks.json' }],
    [200, 'GET /healthz', 'GB-POL', { path: '/healthz' }],
  ]
}

/** A file goes in, and out to whom it left; not once another has come. */
async function tourOfFiles(): Promise<readonly Visit[]> {
  const fetched = await fileOf('R-face-1')
  const changed = await fileOf('R-face-2')
  const { put } = changed
  const [sent, given] = [
    'PUT /v1/records/{id}/files/{item}',
    'GET /v1/access-requests/{id}/files/{item}',
  ]
  return [
    [200, sent, 'DE-POL', put],
    [201, sent, 'DE-POL', { ...put, jti: freshJti() }],
    [403, sent, 'FR-SPOC', put],
    [422, sent, 'DE-POL', { ...put, body: Buffer.from('no picture') }],
    [415, sent, 'DE-POL', { ...put, headers: {} }],
    [200, given, 'FR-SPOC', { path: fetched.path }],
    [404, given, 'DE-POL', { path: fetched.path }],
    [409, given, 'FR-SPOC', { path: changed.path }],
  ]
}

/** The call that sent the face of a record, and where it is fetched by whom it left to. */
async function fileOf(record: string) {
  const face = { element: 'nc:PersonDigitalImage', value: { type: 'image/jpeg' } } as const
  await gateway.putRecord('DE-POL', personOf(record, [itemOf('name', { id: 'face', ...face })]))
  const put = {
    ...{ method: 'PUT', path: `/v1/records/${record}/files/face`, body: picture('baseline') },
    ...{ headers: { 'content-type': 'image/jpeg' }, jti: freshJti() },
  }
  await done(await gateway.call('DE-POL', put))
  const ask = requestOfMember({ subject: { recordId: record }, caseReference: record })
  const { id } = await answered(await gateway.ask('FR-SPOC', 'officer-1', ask))
  return { put, path: `/v1/access-requests/${id}/files/face` }
}

/** What a holder's own system does with a question that waits. */
async function tourOfQuestions(): Promise<readonly Visit[]> {
  const { world } = gateway
  await gateway.change('US-POL', { holdsRecords: true, system: {} })
  const now = Math.floor(world.now().getTime() / 1000)
  const subject = { recordId: 'US-1' }
  const asked = { subject, classes: [], entry: 'e', nonce: 'n', iat: now, exp: now + 4 }
  const question = { v: 1 as const, id: 'e.s', iss: world.origin, aud: 'US-POL', ...asked }
  const signed = (await world.questions?.ask(question)) ?? ''
  const digest = createHash('sha256').update(signed).digest('base64url')
  const path = '/v1/questions/e.s'
  const answer = {
    method: 'POST',
    path,
    body: { found: 'none', question: digest },
    jti: freshJti(),
  }
  return [
    [200, 'GET /v1/questions', 'US-POL', { path: '/v1/questions' }],
    [403, 'GET /v1/questions', 'FR-SPOC', { path: '/v1/questions' }],
    [422, 'GET /v1/questions', 'US-POL', { path: '/v1/questions?wait=9' }],
    [422, 'POST /v1/questions/{id}', 'US-POL', { ...answer, body: {} }],
    [201, 'POST /v1/questions/{id}', 'US-POL', answer],
    [200, 'POST /v1/questions/{id}', 'US-POL', answer],
    [404, 'POST /v1/questions/{id}', 'US-POL', { ...answer, path: `${path}x` }],
  ]
}

/** What officers do with a request that came by another way. */
async function tourOfDelivery(): Promise<readonly Visit[]> {
  const from = { name: 'Polícia Judiciária', jurisdiction: 'PT', authorityType: 'police' }
  const receivedBy = {
    ...{ way: 'letter', number: 'L-1', receivedAt: '2026-11-25T08:00:00Z' },
    ...{ digest: 'd'.repeat(43), from: { ...from, cannotHonour: [] } },
  }
  const enter = { ...requestOf(), caseReference: 'NUIPC 1/26', receivedBy }
  const path = '/v1/access-requests'
  const post = (to: string, body?: unknown): Call => ({
    ...{ method: 'POST', path: to, jti: freshJti() },
    ...(body === undefined ? {} : { body }),
  })
  const own = `${path}/${await done(await gateway.call('DE-POL', post(path, enter)))}`
  const sent = { by: 'letter', number: 'L-2', sentAt: '2026-11-25T09:00:00Z' }
  const deliver = post(`${own}/delivery`, sent)
  return [
    [403, 'POST /v1/access-requests', 'FR-SPOC', post(path, enter)],
    [200, 'POST /v1/access-requests/{id}/package', 'DE-POL', post(`${own}/package`)],
    [404, 'POST /v1/access-requests/{id}/package', 'FR-SPOC', post(`${own}/package`)],
    [201, 'POST /v1/access-requests/{id}/delivery', 'DE-POL', deliver],
    [200, 'POST /v1/access-requests/{id}/delivery', 'DE-POL', deliver],
    [404, 'POST /v1/access-requests/{id}/delivery', 'FR-SPOC', { ...deliver, jti: freshJti() }],
  ]
}

/** What a holder gives unasked, and its recipient collects. */
async function tourOfProvisions(): Promise<readonly Visit[]> {
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  await gateway.putRecord('DE-POL', personOf('R-given', [itemOf('name')]))
  const subject = { recordId: 'R-given' }
  const { classes, purpose, instrument, channel, urgency } = requestOfMember()
  const provision = {
    ...{ holder: 'DE-POL', to: 'FR-SPOC', subject, classes, purpose, instrument, channel, urgency },
    ...{ offence: { category: 'ordinary' }, ground: 'Seen there.', caseReference: 'OWN-1' },
  }
  const post = (body: object): Call => ({
    ...{ method: 'POST', path: '/v1/provisions', body, jti: freshJti() },
  })
  const seen = await gateway.call('DE-POL', post(provision))
  const { shown } = (await seen.json()) as { shown: string }
  const give = post({ ...provision, shown })
  const path = `/v1/provisions/${await done(await gateway.call('DE-POL', give))}`
  return [
    [200, 'POST /v1/provisions', 'DE-POL', post(provision)],
    [201, 'POST /v1/provisions', 'DE-POL', post({ ...provision, shown })],
    [200, 'POST /v1/provisions', 'DE-POL', give],
    [403, 'POST /v1/provisions', 'FR-SPOC', post(provision)],
    [409, 'POST /v1/provisions', 'DE-POL', post({ ...provision, shown: 'other' })],
    [200, 'GET /v1/provisions/{id}', 'FR-SPOC', { path }],
    [404, 'GET /v1/provisions/{id}', 'DE-POL', { path }],
  ]
}

/** What offices say beside what they vouch for: that a duty is done, that they refuse. */
async function tourOfWords(): Promise<readonly Visit[]> {
  const post = (path: string, body: unknown): Call => ({
    ...{ method: 'POST', path, body, jti: freshJti() },
  })
  const ask = async (agency: string, body: unknown) =>
    answered(await gateway.ask(agency, 'officer-7', body))
  const denied = await ask('GB-POL', requestOf({ caseReference: 'CASE-words' }))
  await gateway.putRecord('DE-POL', personOf('R-words', [itemOf('name')]))
  const ofWords = { subject: { recordId: 'R-words' }, caseReference: 'CASE-words' }
  const owing = await ask('FR-SPOC', requestOfMember(ofWords))
  const refuse = post(`/v1/access-requests/${denied.id}/responses`, {
    ...{ what: 'refuse', text: 'It is not for us to say.' },
  })
  const [owed] = owing.obligations.filter(({ onWhom }) => onWhom === 'holder')
  const did = post(`/v1/disclosures/${owing.id}/duties`, { code: owed?.code })
  const anew = (call: Call) => ({ ...call, jti: freshJti() })
  const [answer, duty] = ['/v1/access-requests/{id}/responses', '/v1/disclosures/{id}/duties']
  return [
    [201, `POST ${answer}`, 'DE-POL', refuse],
    [200, `POST ${answer}`, 'DE-POL', refuse],
    [409, `POST ${answer}`, 'DE-POL', anew(refuse)],
    [404, `POST ${answer}`, 'FR-SPOC', anew(refuse)],
    [201, `POST ${duty}`, 'DE-POL', did],
    [200, `POST ${duty}`, 'DE-POL', did],
    [409, `POST ${duty}`, 'DE-POL', anew(did)],
    [404, `POST ${duty}`, 'FR-SPOC', anew(did)],
  ]
}

/** What is told of a change to what left, and what whoever got it says. */
async function tourOfChanges(): Promise<readonly Visit[]> {
  const { call, clock, world } = gateway
  await gateway.putRecord('DE-POL', personOf('R-told', [itemOf('name')]))
  const body = requestOfMember({ subject: { recordId: 'R-told' }, caseReference: 'CASE-told' })
  await answered(await gateway.ask('FR-SPOC', 'officer-7', body))
  const change = { method: 'PATCH', path: '/v1/records/R-told' }
  const items = [{ id: 'name', value: 'Antonia Beispiel' }]
  const path = `/v1/corrections/${await done(await call('DE-POL', { ...change, body: { items } }))}`
  await gateway.sealLogs()
  await tick(world, new Date(clock.now.getTime() + 3_600_000))
  await gateway.sealLogs()
  const { told } = recipientsPageSchema.parse(await (await call('DE-POL', { path })).json())
  const post = (to: string, of: unknown, jti = freshJti()): Call => ({
    ...{ method: 'POST', path: to, body: of, jti },
  })
  const did = post(`/v1/notices/${told[0]?.id}/done`, { did: 'corrected' })
  const said = post('/v1/corrections', { record: 'US-1', became: 'erased' })
  const [notice, changed] = ['POST /v1/notices/{id}/done', 'POST /v1/corrections']
  const wrong = { cause: { record: 'R-told' }, ask: 'erased', ground: 'It is another person.' }
  const recall = post('/v1/recalls', wrong)
  const recalled = `/v1/recalls/${await done(await call('DE-POL', post('/v1/recalls', wrong)))}`
  const sign = { method: 'POST', path: `${recalled}/signatures`, jti: freshJti() }
  return [
    [201, notice, 'FR-SPOC', did],
    [200, notice, 'FR-SPOC', did],
    [409, notice, 'FR-SPOC', { ...did, jti: freshJti() }],
    [404, notice, 'GB-POL', did],
    [200, 'GET /v1/corrections/{id}', 'DE-POL', { path }],
    [404, 'GET /v1/corrections/{id}', 'FR-SPOC', { path }],
    [422, 'GET /v1/corrections/{id}', 'DE-POL', { path: `${path}?after=x` }],
    [201, changed, 'US-POL', said],
    [200, changed, 'US-POL', said],
    [403, changed, 'DE-POL', said],
    [201, 'POST /v1/recalls', 'DE-POL', recall],
    [200, 'POST /v1/recalls', 'DE-POL', recall],
    [403, 'POST /v1/recalls', 'FR-SPOC', recall],
    [201, 'POST /v1/recalls/{id}/signatures', 'DE-DPO', sign],
    [200, 'POST /v1/recalls/{id}/signatures', 'DE-DPO', sign],
    [404, 'POST /v1/recalls/{id}/signatures', 'DE-POL', sign],
    [200, 'GET /v1/recalls/{id}', 'DE-POL', { path: recalled }],
    [404, 'GET /v1/recalls/{id}', 'FR-SPOC', { path: recalled }],
  ]
}

/** What officers do on a request, and on what they vouched for. */
async function tourOfOfficers(own: string): Promise<readonly Visit[]> {
  const post = (path: string, body?: unknown): Call => ({
    ...{ method: 'POST', path, jti: freshJti() },
    ...(body === undefined ? {} : { body }),
  })
  const request = own.replace('/v1/access-requests/', '')
  const attest = post('/v1/attestations', {
    holder: 'DE-POL',
    fact: 'transfer.caseCheck',
    value: 'clean',
    scope: { kind: 'case', requester: 'GB-POL', caseReference: 'CASE-1', persons: [request] },
    ground: 'Judged for this test.',
    from: '2026-11-25T00:00:00Z',
    until: '2026-11-26T00:00:00Z',
    decidedBy: 'DE-POL',
  })
  const made = await done(await gateway.call('DE-POL', { ...attest, jti: freshJti() }))
  const at = `/v1/attestations/${made}`
  const takeBack = { method: 'DELETE', path: at, jti: freshJti() }
  const sign = post(`${at}/signatures`)
  const add = post(`${at}/persons`, { request })
  const object = post(`${at}/objections`, { ground: 'There is reason to doubt it.' })
  const look = post(`${own}/proposal`, {})
  const review = post(`${own}/review`, { ground: 'There is news of this person.' })
  return [
    [201, 'POST /v1/attestations', 'DE-POL', attest],
    [200, 'POST /v1/attestations', 'DE-POL', attest],
    [403, 'POST /v1/attestations', 'GB-POL', attest],
    [200, 'GET /v1/attestations', 'DE-POL', { path: '/v1/attestations' }],
    [201, 'POST /v1/attestations/{id}/signatures', 'DE-DPO', sign],
    [200, 'POST /v1/attestations/{id}/signatures', 'DE-DPO', sign],
    [404, 'POST /v1/attestations/{id}/signatures', 'GB-DPO', sign],
    [201, 'POST /v1/attestations/{id}/persons', 'DE-POL', add],
    [200, 'POST /v1/attestations/{id}/persons', 'DE-POL', add],
    [404, 'POST /v1/attestations/{id}/persons', 'GB-POL', add],
    [201, 'POST /v1/attestations/{id}/objections', 'DE-POL', object],
    [200, 'POST /v1/attestations/{id}/objections', 'DE-POL', object],
    [404, 'POST /v1/attestations/{id}/objections', 'GB-POL', object],
    [200, 'GET /v1/inbox', 'DE-POL', { path: '/v1/inbox' }],
    [422, 'GET /v1/inbox', 'DE-POL', { path: '/v1/inbox?after=x' }],
    [200, 'GET /v1/disclosures', 'DE-POL', { path: '/v1/disclosures' }],
    [422, 'GET /v1/disclosures', 'DE-POL', { path: '/v1/disclosures?after=x' }],
    [200, 'GET /v1/events', 'DE-POL', { path: '/v1/events' }],
    [422, 'GET /v1/events', 'DE-POL', { path: '/v1/events?after=x' }],
    [200, 'POST /v1/access-requests/{id}/proposal', 'DE-POL', look],
    [404, 'POST /v1/access-requests/{id}/proposal', 'GB-POL', look],
    [201, 'POST /v1/access-requests/{id}/review', 'GB-POL', review],
    [200, 'POST /v1/access-requests/{id}/review', 'GB-POL', review],
    [409, 'POST /v1/access-requests/{id}/review', 'GB-POL', { ...review, jti: freshJti() }],
    [404, 'POST /v1/access-requests/{id}/review', 'FR-SPOC', review],
    [201, 'DELETE /v1/attestations/{id}', 'DE-POL', takeBack],
    [200, 'DELETE /v1/attestations/{id}', 'DE-POL', takeBack],
    [404, 'DELETE /v1/attestations/{id}', 'GB-POL', takeBack],
  ]
}

describe('Real answers', () => {
  const met = new Set<string>()

  test('are of a status, a type and a form that the document states', async () => {
    const wrong: unknown[] = []
    for (const [status, operation, agency, call] of await tour()) {
      met.add(`${status} ${operation}`)
      const response = await gateway.call(agency, call)
      expect([operation, response.status]).toEqual([operation, status])
      for (const each of await undocumented(served, operation, response))
        wrong.push([`${status} ${operation}`, each])
    }
    expect(wrong).toEqual([])
  })

  test('were met of every kind that is no problem', () => {
    const statuses = new Set(Object.values(problems).map(([status]) => String(status)))
    const stated = [...operationsIn(served)].flatMap(([operation, { responses }]) =>
      Object.keys(responses)
        .filter((status) => !statuses.has(status))
        .map((status) => `${status} ${operation}`),
    )
    expect(stated.filter((each) => !met.has(each))).toEqual([])
  })
})
