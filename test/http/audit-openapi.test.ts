/**
 * The audit API is what its document says.
 *
 * The document is pinned in `audit-openapi.golden.json`, so that no change breaks a client
 * of before. What is only added passes; agree to it when a version is tagged:
 *
 *     COMITY_RENEW_GOLDEN=1 npx vitest run test/http/audit-openapi.test.ts
 *     npx biome format --write test/http/audit-openapi.golden.json
 */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { isAuditPath } from '../../functions/http/audit-api.ts'
import { problems } from '../../functions/http/problem.ts'
import type { Call } from '../world.ts'
import { type Audience, log, offices, routes, startAudience } from './audit-calls.ts'
import {
  type ApiDocument,
  documentAt,
  expectAgreed,
  operationsIn,
  routesOf,
  undocumented,
  unexplained,
} from './document.ts'

let audience: Audience
let served: ApiDocument
beforeAll(async () => {
  audience = await startAudience()
  served = await documentAt(audience.gateway.audit, '/audit/openapi.json')
})
afterAll(() => audience.gateway.stop())

test('The document keeps what it promised, and may say more', () => {
  expectAgreed(served, 'audit-openapi.golden.json')
})

test('Every field is described, and every operation has an id, a tag and an example', () => {
  expect(unexplained(served)).toEqual([])
})

test('Every route is in the document, and everything in it is a route', () => {
  expect(routesOf(audience.gateway.audit)).toEqual(new Set(operationsIn(served).keys()))
})

// Kills: a route without the guard, or a description that says of a call that it needs no signature.
test('Whatever needs a signature says so and has a good call here, and nothing else', async () => {
  const guarded: string[] = []
  for (const [name, { security, responses }] of operationsIn(served)) {
    const [method = '', path = ''] = name.split(' ')
    const address = path.replaceAll(/\{\w+\}/g, 'x')
    const { status } = await audience.gateway.audit.request(address, { method })
    expect([name, status === 401]).toEqual([name, security.length > 0])
    expect([name, '401' in responses]).toEqual([name, security.length > 0])
    if (security.length > 0) guarded.push(name)
  }
  expect(new Set(guarded)).toEqual(new Set(Object.keys(routes)))
})

test('Every parameter of a path is described, and every problem that a guard or a look can have', () => {
  for (const [name, { parameters = [], responses, security }] of operationsIn(served)) {
    const inPath = parameters.flatMap((each) => (each.in === 'path' ? [each.name] : []))
    expect([name, inPath]).toEqual([name, [...name.matchAll(/\{(\w+)\}/g)].map(([, of]) => of)])
    const said = Object.values(responses).flatMap(({ description }) => description.split('; '))
    const ofGuard = [
      'unauthorized',
      'body-too-slow',
      'body-too-large',
      'invalid-json',
      'rate-limited',
      'not-durable',
    ]
    const isAct = name === 'POST /v1/subject-acts'
    const ofEntry = ['invalid-request', ...(isAct ? ['erased', 'jti-reused'] : [])]
    for (const code of security.length > 0 ? [...ofGuard, ...ofEntry, 'internal'] : [])
      expect([name, code, said.filter((each) => each.startsWith(`${code}: `)).length]).toEqual([
        name,
        code,
        1,
      ])
  }
})

/** Calls that meet every answer that is no problem, and one who may not take the route. */
async function tour(): Promise<readonly (readonly [name: string, office: string, call: Call])[]> {
  const good = await Promise.all(
    Object.entries(routes).map(
      async ([name, { role, call }]) => [name, role, await call(audience)] as const,
    ),
  )
  const again = await goodCall('POST /v1/subject-acts')
  const path = '/v1/decisions?purpose=lawfulness&limit=1'
  const forms = ['application/x-ndjson', 'text/csv'].map(
    (accept) => ['GET /v1/decisions', 'DE-DPA', { path, headers: { accept } }] as const,
  )
  const pull = '/v1/decision-events?purpose=lawfulness&log=comity.test/de/2026'
  const accept = { accept: 'application/x-ndjson' }
  const csv = { accept: 'text/csv' }
  const pulls = [['GET /v1/decision-events', 'DE-DPA', { path: pull, headers: accept }] as const]
  return [
    ...pulls,
    ...good.map(([name, role, call]) => [name, offices[role], call] as const),
    ...good.map(
      ([name, role, call]) =>
        [name, offices[role === 'auditor' ? 'legal-editor' : 'auditor'], call] as const,
    ),
    ...forms,
    ['GET /v1/figures', 'DE-DPA', { ...(await goodCall('GET /v1/figures')), headers: csv }],
    ['POST /v1/subject-acts', 'DE-POL', again],
    ['POST /v1/subject-acts', 'DE-POL', again],
    ['GET /v1/decisions/{id}', 'GB-DPA', await goodCall('GET /v1/decisions/{id}')],
    ['GET /v1/decisions/{id}', 'FR-DPA', await goodCall('GET /v1/decisions/{id}')],
  ]
}

const goodCall = async (name: string): Promise<Call> => {
  const route = routes[name]
  if (route === undefined) throw new Error(`there is no ${name}`)
  return route.call(audience)
}

// Kills: an answer, a problem or a form of the page that the document does not have, or not so.
test('Real answers are of a status, a type and a form that the document states', async () => {
  const met = new Set<string>()
  const wrong: unknown[] = []
  const { gateway, size } = audience
  for (const [name, office, call] of await tour()) {
    const response = await gateway.callAudit(office, call)
    met.add(`${response.status} ${response.headers.get('content-type')} ${name}`)
    wrong.push(...(await undocumented(served, name, response)).map((each) => [name, each]))
  }
  const files = [
    [`/log/${log}/checkpoint`, 'checkpoint'],
    [`/log/${log}/checkpoints/${size}`, 'checkpoints/{size}'],
    [`/log/${log}/tile/0/000.p/${size}`, 'tile/{level}/{index}'],
    [`/log/${log}/tile/0/x001/000`, 'tile/{level}/{index}'],
    ['/audit/openapi.json', undefined],
  ] as const
  for (const [address, file] of files) {
    const name =
      file === undefined ? `GET ${address}` : `GET /log/{gateway}/{jurisdiction}/{year}/${file}`
    const response = await gateway.audit.request(address)
    met.add(`${response.status} ${response.headers.get('content-type')} ${name}`)
    wrong.push(...(await undocumented(served, name, response)).map((each) => [address, each]))
  }
  expect(wrong).toEqual([])

  const statuses = new Set(Object.values(problems).map(([status]) => String(status)))
  const stated = [...operationsIn(served)].flatMap(([name, { responses }]) =>
    Object.entries(responses)
      .filter(([status]) => !statuses.has(status))
      .flatMap(([status, { content }]) =>
        Object.keys(content).map((type) => `${status} ${type} ${name}`),
      ),
  )
  expect(stated.filter((each) => !met.has(each))).toEqual([])
})

test('A door can tell the addresses of the two APIs apart', () => {
  const isAudit = isAuditPath(audience.gateway.audit)
  for (const path of [
    '/v1/decisions',
    '/v1/decisions/count',
    '/v1/decisions/x/proof',
    '/v1/facts',
    '/v1/subject-acts',
    '/v1/reports/2026',
    `/log/${log}/checkpoint`,
    '/audit/openapi.json',
  ])
    expect(isAudit(path), path).toBe(true)
  for (const { path } of audience.gateway.app.routes) expect(isAudit(path), path).toBe(false)
  for (const path of [
    '/',
    '/v1',
    '/v1/',
    '/v1/decisionsx',
    '/v1/access-requests',
    '/audit',
    '/logs',
  ])
    expect(isAudit(path), path).toBe(false)
})
