/**
 * The API is what its document says.
 *
 * The document is pinned in `openapi.golden.json`, so that a change of it is seen in review. Renew it:
 *
 *     COMITY_RENEW_GOLDEN=1 npx vitest run test/http/openapi.test.ts
 *     npx biome format --write test/http/openapi.golden.json
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { problems } from '../../functions/http/problem.ts'
import { attestAll, benign, itemOf, personOf, requestOf } from '../journeys/people.ts'
import { type Call, done, freshJti, type Gateway, origin, startGateway } from '../world.ts'

const golden = join(import.meta.dirname, 'openapi.golden.json')

const content = z.record(z.string(), z.strictObject({ schema: z.looseObject({}) }))
const operationSchema = z.looseObject({
  summary: z.string(),
  security: z.array(z.unknown()),
  responses: z.record(
    z.string(),
    z.strictObject({ description: z.string(), content: content.optional() }),
  ),
})
const documentSchema = z.looseObject({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.looseObject({ schemas: z.record(z.string(), z.looseObject({})) }),
})

let gateway: Gateway
let served: z.infer<typeof documentSchema>
beforeAll(async () => {
  gateway = await startGateway()
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await attestAll(gateway, 'DE-POL', { kind: 'standing', requester: 'GB' }, benign)
  const response = await gateway.app.request(`${origin}/openapi.json`)
  served = documentSchema.parse(await response.json())
})
afterAll(() => gateway.close())

test('The document is the one that was agreed', () => {
  if (process.env.COMITY_RENEW_GOLDEN !== undefined)
    writeFileSync(golden, `${JSON.stringify(served, null, 2)}\n`)
  expect(served).toEqual(JSON.parse(readFileSync(golden, 'utf8')))
})

test('Every route is in the document, and everything in it is a route', () => {
  const routes = gateway.app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  const described = Object.entries(served.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(new Set(routes)).toEqual(new Set(described))
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
  const attest = {
    method: 'POST',
    path: '/v1/attestations',
    body: {
      holder: 'DE-POL',
      fact: 'threat.life',
      value: 'none',
      scope: { kind: 'standing', requester: 'GB' },
      ground: 'Judged for this test.',
      from: '2026-11-25T00:00:00Z',
      until: '2026-11-26T00:00:00Z',
      decidedBy: 'officer-2',
    },
    jti: freshJti(),
  }
  const attested = await done(await gateway.call('DE-POL', { ...attest, jti: freshJti() }))
  const withdraw = { method: 'DELETE', path: `/v1/attestations/${attested}`, jti: freshJti() }
  const sent = await gateway.call('GB-POL', ask)
  const own = `/v1/access-requests/${await done(sent)}`
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
    [404, 'GET /v1/access-requests/{id}/proof', 'GB-POL', { path: `${own}/proof` }],
    [201, 'POST /v1/attestations', 'DE-POL', attest],
    [200, 'POST /v1/attestations', 'DE-POL', attest],
    [403, 'POST /v1/attestations', 'GB-POL', attest],
    [200, 'GET /v1/attestations', 'DE-POL', { path: '/v1/attestations' }],
    [201, 'DELETE /v1/attestations/{id}', 'DE-POL', withdraw],
    [200, 'DELETE /v1/attestations/{id}', 'DE-POL', withdraw],
    [404, 'DELETE /v1/attestations/{id}', 'GB-POL', withdraw],
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
    [200, 'GET /v1/policies', 'GB-POL', { path: '/v1/policies' }],
    [200, 'GET /v1/policies/{folder}/{name}', 'GB-POL', { path: law }],
    [404, 'GET /v1/policies/{folder}/{name}', 'GB-POL', { path: '/v1/policies/de/none' }],
    [200, 'GET /v1/vocabulary', 'GB-POL', { path: '/v1/vocabulary' }],
    [200, 'GET /openapi.json', 'GB-POL', { path: '/openapi.json' }],
    [200, 'GET /.well-known/jwks.json', 'GB-POL', { path: '/.well-known/jwks.json' }],
    [200, 'GET /healthz', 'GB-POL', { path: '/healthz' }],
  ]
}

describe('Real answers', () => {
  const met = new Set<string>()
  const read = new Map<unknown, z.ZodType>()

  /** The schema of a media type in the document. */
  const schemaOf = (schema: Record<string, unknown>): z.ZodType => {
    const target = schema.$ref === '#/components/schemas/Problem' ? 'Problem' : undefined
    const found = target === undefined ? schema : (served.components.schemas[target] ?? {})
    const known = read.get(found) ?? z.fromJSONSchema(found)
    read.set(found, known)
    return known
  }

  /** What is wrong with an answer by the document, if anything. */
  async function wrongWith(visit: Visit, response: Response): Promise<readonly unknown[]> {
    const [status, operation] = visit
    const [method = '', path = ''] = operation.split(' ')
    const stated = served.paths[path]?.[method.toLowerCase()]?.responses[status]
    if (response.status !== status) return [`was answered ${response.status}`]
    if (stated === undefined) return ['its status is not in the document']
    const type = response.headers.get('content-type') ?? ''
    const media = stated.content?.[type]
    if (media === undefined) return [`its type ${type} is not in the document`]
    const body = JSON.parse(await response.text())
    const { error } = schemaOf(media.schema).safeParse(body)
    const isStated = body.code === undefined || stated.description.includes(`${body.code}: `)
    return [...(error?.issues ?? []), ...(isStated ? [] : [`${body.code} is not in the document`])]
  }

  test('are of a status, a type and a form that the document states', async () => {
    const wrong: unknown[] = []
    for (const visit of await tour()) {
      const [status, operation, agency, call] = visit
      met.add(`${status} ${operation}`)
      for (const each of await wrongWith(visit, await gateway.call(agency, call)))
        wrong.push([`${status} ${operation}`, each])
    }
    expect(wrong).toEqual([])
  })

  test('were met of every kind that is no problem', () => {
    const statuses = new Set(Object.values(problems).map(([status]) => String(status)))
    const stated = Object.entries(served.paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { responses }]) =>
        Object.keys(responses)
          .filter((status) => !statuses.has(status))
          .map((status) => `${status} ${method.toUpperCase()} ${path}`),
      ),
    )
    expect(stated.filter((each) => !met.has(each))).toEqual([])
  })
})
