/** What every agency system may rely on: traces, caching, rates, and the law to read. */

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { duties } from '../../functions/policy/obligations.ts'
import { confidences } from '../../functions/policy/sentence.ts'
import { vocabulary } from '../../functions/policy/vocabulary.ts'
import { requestOf } from '../answer/people.ts'
import { answered, type Gateway, origin, problemOf, startGateway } from '../world.ts'
import { worldLaw } from '../world-law.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

const open = (path: string, headers: Record<string, string> = {}) =>
  gateway.app.request(`${origin}${path}`, { headers })

describe('A trace', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'

  test('that a caller began goes on, in headers and in problems', async () => {
    for (const path of ['/healthz', '/v1/access-requests/none', '/nowhere']) {
      const response = await open(path, { traceparent: `00-${traceId}-00f067aa0ba902b7-01` })
      const [version, id, span, flags] = response.headers.get('traceparent')?.split('-') ?? []
      expect([version, id, flags]).toEqual(['00', traceId, '01'])
      expect(span).toMatch(/^[0-9a-f]{16}$/)
      expect(span).not.toBe('00f067aa0ba902b7')
      expect(response.headers.get('request-id')).toBe(traceId)
      if (!response.ok) expect(await response.json()).toMatchObject({ traceId })
    }
  })

  test.each([
    ['none', ''],
    ['one of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['one in capitals', `00-${traceId.toUpperCase()}-00f067aa0ba902b7-01`],
    ['a short one', '00-4bf92f35-00f067aa0ba902b7-01'],
    ['a script', '<script>alert(1)</script>'],
  ])('is begun anew for %s', async (_, traceparent) => {
    const response = await open('/healthz', { traceparent })
    expect(response.headers.get('traceparent')).toMatch(
      /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/,
    )
    expect(response.headers.get('request-id')).toMatch(/^[0-9a-f]{32}$/)
    expect(response.headers.get('request-id')).not.toBe(traceId)
  })
})

test('No answer is kept by any cache on the way', async () => {
  const answers = [
    await open('/healthz'),
    await open('/v1/policies'),
    await open('/nowhere'),
    await open('/v1/access-requests'),
    await gateway.ask('FR-SPOC', 'officer-1', requestOf()),
    await gateway.ask('FR-SPOC', 'officer-1', {}),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 401, 201, 422])
  for (const { headers } of answers) expect(headers.get('cache-control')).toBe('no-store')
})

describe('An agency that calls too often', () => {
  const ask = (agency = 'BE-POL') => gateway.ask(agency, 'officer-1', requestOf())

  // Kills: counting before the signature is checked, for all agencies together, or for ever.
  test('waits until the next minute; others and forgers do not spend its calls', async () => {
    await gateway.change('BE-POL', { requestsPerMinute: 3 })
    await gateway.change('NL-POL', { requestsPerMinute: 1 })
    gateway.clock.now = new Date('2026-11-25T09:30:17.500Z')
    for (let forged = 0; forged < 5; forged++) {
      const headers = { authorization: 'Bearer e30.e30.e30' }
      expect((await gateway.call('BE-POL', { path: '/v1/attestations', headers })).status).toBe(401)
    }
    for (let asked = 0; asked < 3; asked++) expect((await ask()).status).toBe(201)
    const response = await ask()
    expect(response.headers.get('retry-after')).toBe('43')
    expect(await problemOf(response)).toMatchObject({ status: 429, code: 'rate-limited' })
    expect(gateway.events.at(-1)).toMatchObject({ event: 'rate-limited', why: 'BE-POL' })
    expect((await ask('NL-POL')).status).toBe(201)
    gateway.clock.now = new Date('2026-11-25T09:30:59.999Z')
    expect((await ask()).status).toBe(429)
    gateway.clock.now = new Date('2026-11-25T09:31:00.000Z')
    expect((await ask()).status).toBe(201)
  })
})

describe('The law', () => {
  const versions = z.array(
    z.looseObject({ id: z.string(), version: z.string(), digest: z.string() }),
  )
  const inForce = z.strictObject({ asOf: z.string(), policies: versions, lists: versions })
  const text = (of: string) => worldLaw.find(({ path }) => path === of)?.text ?? ''
  const sha256 = (of: string) => createHash('sha256').update(of).digest('hex')

  test('in force can be read without a signature, in sentences, with the digests of the files', async () => {
    const response = await open('/v1/policies')
    const { asOf, policies, lists } = inForce.parse(await response.json())
    expect(asOf).toBe(gateway.clock.now.toISOString())
    expect(policies.map(({ id }) => id)).toContain('de/police')
    for (const { id, version, digest } of policies)
      expect(digest, id).toBe(sha256(text(`${id}/${version}.json`)))
    for (const { id, version, digest } of lists)
      expect(digest, id).toBe(sha256(text(`lists/${id}/${version}.json`)))
    const police = policies.filter(({ id }) => id === 'de/police')
    expect(police).toMatchObject([
      {
        version: '2026-02-14',
        says: expect.arrayContaining(['Police of the union is answered.']),
      },
    ])
  })

  // Kills: counting drafts, and what was sealed later.
  test('that nobody has sealed yet is no law: nothing is in force, and nothing leaves', async () => {
    const later = gateway.clock.now
    gateway.clock.now = new Date('2026-11-24T23:00:00.000Z')
    try {
      const { policies, lists } = inForce.parse(await (await open('/v1/policies')).json())
      expect([policies, lists]).toEqual([[], []])
      const answer = await answered(await gateway.ask('FR-SPOC', 'officer-1', requestOf()))
      expect(answer).toMatchObject({ outcome: 'deny', standing: 'final', policies: [] })
      expect(answer.reasons.map(({ code }) => code)).toEqual(['no-policy'])
    } finally {
      gateway.clock.now = later
    }
  })

  test('of another day can be read, version by version, as it stands in its file', async () => {
    for (const version of ['2018-05-25', '2026-02-14']) {
      const response = await open(`/v1/policies/de/police@${version}`)
      expect(response.status).toBe(200)
      expect(await response.json()).toMatchObject({
        id: 'de/police',
        version,
        policy: { title: JSON.parse(text(`de/police/${version}.json`)).title },
      })
    }
    for (const path of [
      'de/police@2018-05-26',
      'de/police',
      'de/none@2018-05-25',
      '..%2Fde/police@x',
    ])
      expect(await problemOf(await open(`/v1/policies/${path}`)), path).toMatchObject({
        status: 404,
        code: 'not-found',
      })
  })

  test('uses facts, duties and marks that can be read, too', async () => {
    const response = await open('/v1/vocabulary')
    const { facts, ...said } = JSON.parse(await response.text())
    expect(said).toEqual(JSON.parse(JSON.stringify({ duties, confidences })))
    expect(Object.keys(facts)).toEqual(Object.keys(vocabulary))
    for (const [name, fact] of Object.entries(vocabulary))
      expect(facts[name], name).toMatchObject(JSON.parse(JSON.stringify(fact)))
  })

  // Kills: facts without what is to be known of vouching for them (policies-api.ts).
  test('says of each fact that an office vouches for what it is about, and in which scopes', async () => {
    const { facts } = JSON.parse(await (await open('/v1/vocabulary')).text())
    expect(facts['assurance.deathPenalty']).toMatchObject({
      attester: 'holder-ministry',
      vouching: { about: 'person', scopes: ['matter', 'case'], lifeAndLimb: true },
    })
    for (const [name, { attester }] of Object.entries(vocabulary))
      expect(facts[name].vouching?.scopes?.length > 0, name).toBe(attester !== undefined)
  })
})

test('Whether it runs can be asked by anyone', async () => {
  expect(await (await open('/healthz')).json()).toEqual({ status: 'ok', build: 'test' })
})

test('A person who opens the address is told where to go on', async () => {
  const response = await gateway.app.request(`${origin}/`)
  const page = await response.text()
  expect(response.headers.get('content-type')).toMatch(/^text\/html/)
  const links = [...page.matchAll(/href="([^"]+)"/g)].map(([, path = '']) => path)
  expect(links).toContain('/openapi.json')
  // The other doors of this address.
  const others = /^\/(audit|console)(\/|$)/
  for (const path of links.filter((each) => !others.test(each)))
    expect((await gateway.app.request(`${origin}${path}`)).status, path).toBe(200)
})
