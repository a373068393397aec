/**
 * The audit API is what its document says.
 *
 * The document is pinned in `audit-openapi.golden.json`, so that a change of it is seen in review.
 * Renew it:
 *
 *     COMITY_RENEW_GOLDEN=1 npx vitest run test/http/audit-openapi.test.ts
 *     npx biome format --write test/http/audit-openapi.golden.json
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { isAuditPath } from '../../functions/http/audit-api.ts'
import { attestAll, benign, itemOf, personOf, requestOf } from '../journeys/people.ts'
import { answered, type Call, origin } from '../world.ts'
import { type Audited, startAudited } from './audit-gateway.ts'

const golden = join(import.meta.dirname, 'audit-openapi.golden.json')

const content = z.record(z.string(), z.strictObject({ schema: z.looseObject({}) }))
const documentSchema = z.looseObject({
  openapi: z.literal('3.1.0'),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        security: z.array(z.unknown()),
        responses: z.record(
          z.string(),
          z.strictObject({ description: z.string(), content: content.optional() }),
        ),
      }),
    ),
  ),
})

let audited: Audited
let served: z.infer<typeof documentSchema>
let id: string
beforeAll(async () => {
  audited = await startAudited()
  await audited.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await attestAll(audited, 'DE-POL', { kind: 'standing', requester: 'GB' }, benign)
  id = (await answered(await audited.ask('GB-POL', 'officer-1', requestOf()))).id
  await audited.fileAll([id])
  const response = await audited.audit.request(`${origin}/audit/openapi.json`)
  served = documentSchema.parse(await response.json())
})
afterAll(() => audited.close())

test('The document is the one that was agreed', () => {
  if (process.env.COMITY_RENEW_GOLDEN !== undefined)
    writeFileSync(golden, `${JSON.stringify(served, null, 2)}\n`)
  expect(served).toEqual(JSON.parse(readFileSync(golden, 'utf8')))
})

test('Every route is in the document, and everything in it is a route', () => {
  const routes = audited.audit.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  const described = Object.entries(served.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(new Set(routes)).toEqual(new Set(described))
})

test('Real answers are of a type and a form that the document states', async () => {
  const of = 'purpose=lawfulness'
  const body = { purpose: 'lawfulness', subject: { recordId: 'R-1' } }
  const csv = { accept: 'text/csv' }
  const calls: readonly (readonly [operation: string, office: string, call: Call])[] = [
    ['GET /v1/decisions', 'DE-DPA', { path: `/v1/decisions?${of}` }],
    ['GET /v1/decisions', 'DE-DPA', { path: `/v1/decisions?${of}`, headers: csv }],
    ['GET /v1/decisions', 'DE-POL', { path: `/v1/decisions?${of}` }],
    ['GET /v1/decisions', 'DE-DPA', { path: '/v1/decisions' }],
    ['GET /v1/decisions/count', 'DE-DPA', { path: `/v1/decisions/count?${of}` }],
    ['GET /v1/decisions/{id}', 'DE-DPA', { path: `/v1/decisions/${id}?${of}` }],
    ['GET /v1/decisions/{id}', 'GB-DPA', { path: `/v1/decisions/${id}?${of}` }],
    ['GET /v1/decisions/{id}', 'FR-DPA', { path: `/v1/decisions/${id}?${of}` }],
    ['GET /v1/decisions/{id}/proof', 'DE-DPA', { path: `/v1/decisions/${id}/proof?${of}` }],
    ['POST /v1/pseudonyms', 'DE-DPA', { method: 'POST', path: '/v1/pseudonyms', body }],
    ['GET /v1/facts', 'DE-LEGAL', { path: `/v1/facts?${of}` }],
    ['GET /audit/openapi.json', 'DE-DPA', { path: '/audit/openapi.json' }],
  ]
  for (const [operation, office, call] of calls) {
    const [method = '', path = ''] = operation.split(' ')
    const response = await audited.callAudit(office, call)
    const stated = served.paths[path]?.[method.toLowerCase()]?.responses[response.status]
    expect(stated, `${response.status} ${operation}`).toBeDefined()
    const type = response.headers.get('content-type') ?? ''
    const schema = stated?.content?.[type]?.schema
    expect(schema, `${type} of ${operation}`).toBeDefined()
    const text = await response.text()
    if (type === 'application/json') {
      const { error } = z.fromJSONSchema(schema ?? {}).safeParse(JSON.parse(text))
      expect(error?.issues ?? [], operation).toEqual([])
    }
    if (type === 'application/problem+json')
      expect(stated?.description).toContain(`${JSON.parse(text).code}: `)
  }
})

test('A door can tell the addresses of the two APIs apart', () => {
  const isAudit = isAuditPath(audited.audit)
  for (const path of ['/v1/decisions', '/v1/decisions/count', '/v1/decisions/x/proof', '/v1/facts'])
    expect(isAudit(path), path).toBe(true)
  for (const { path } of audited.app.routes) expect(isAudit(path), path).toBe(false)
  for (const path of ['/', '/v1', '/v1/', '/v1/decisionsx', '/v1/access-requests', '/audit'])
    expect(isAudit(path), path).toBe(false)
})
