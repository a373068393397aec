/**
 * The API is what its document says.
 *
 * The document is pinned in `openapi.golden.json`, so that a change of it is seen in review. Renew it:
 *
 *     COMITY_RENEW_GOLDEN=1 npx vitest run test/http/openapi.test.ts
 *     npx biome format --write test/http/openapi.golden.json
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { problems } from '../../functions/http/problem.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { type Evidencing, startEvidencing } from '../audit/evidencing.ts'
import { type Call, done, freshJti, origin } from '../world.ts'
import {
  type ApiDocument,
  documentAt,
  expectAgreed,
  operationsIn,
  routesOf,
  undocumented,
} from './document.ts'

let gateway: Evidencing
let served: ApiDocument
beforeAll(async () => {
  gateway = await startEvidencing()
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  served = await documentAt(gateway.app, '/openapi.json')
})
afterAll(() => gateway.stop())

test('The document is the one that was agreed', () => {
  expectAgreed(served, 'openapi.golden.json')
})

test('Every route is in the document, and everything in it is a route', () => {
  expect(routesOf(gateway.app)).toEqual(new Set(operationsIn(served).keys()))
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
  const fresh = `/v1/access-requests/${await done(await gateway.call('GB-POL', { ...ask, jti: freshJti() }))}`
  const law = '/v1/policies/de/bkag@2026-02-14'
  return [
    [201, 'POST /v1/access-requests', 'GB-POL', { ...ask, jti: freshJti() }],
    [201, 'POST /v1/access-requests', 'US-POL', { ...ask, jti: freshJti() }],
    [200, 'POST /v1/access-requests', 'GB-POL', ask],
    [422, 'POST /v1/access-requests', 'GB-POL', { ...ask, body: {} }],
    [422, 'POST /v1/access-requests', 'GB-POL', { ...ask, body: requestOf({ holder: 'DE-NO' }) }],
    [400, 'POST /v1/access-requests', 'GB-POL', { ...ask, body: Buffer.from('{') }],
    [200, 'GET /v1/access-requests', 'GB-POL', { path: `/v1/access-requests?jti=${ask.jti}` }],
    [404, 'GET /v1/access-requests', 'GB-POL', { path: '/v1/access-requests' }],
    [200, 'GET /v1/access-requests/{id}', 'GB-POL', { path: own }],
    [404, 'GET /v1/access-requests/{id}', 'FR-SPOC', { path: own }],
    [200, 'GET /v1/access-requests/{id}/proof', 'GB-POL', { path: `${own}/proof` }],
    [404, 'GET /v1/access-requests/{id}/proof', 'GB-POL', { path: `${fresh}/proof` }],
    ...(await tourOfOfficers(own)),
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
  const withdraw = { method: 'DELETE', path: at, jti: freshJti() }
  const sign = post(`${at}/signatures`)
  const add = post(`${at}/persons`, { request })
  const object = post(`${at}/objections`, { ground: 'There is reason to doubt it.' })
  const propose = post(`${own}/proposal`, {})
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
    [200, 'POST /v1/access-requests/{id}/proposal', 'DE-POL', propose],
    [404, 'POST /v1/access-requests/{id}/proposal', 'GB-POL', propose],
    [201, 'POST /v1/access-requests/{id}/review', 'GB-POL', review],
    [200, 'POST /v1/access-requests/{id}/review', 'GB-POL', review],
    [409, 'POST /v1/access-requests/{id}/review', 'GB-POL', { ...review, jti: freshJti() }],
    [404, 'POST /v1/access-requests/{id}/review', 'FR-SPOC', review],
    [201, 'DELETE /v1/attestations/{id}', 'DE-POL', withdraw],
    [200, 'DELETE /v1/attestations/{id}', 'DE-POL', withdraw],
    [404, 'DELETE /v1/attestations/{id}', 'GB-POL', withdraw],
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
