/** Bodies that the API does not take: what is said of them, and where the fault is. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { itemOf, personOf, requestOfMember } from '../answer/people.ts'
import { type Call, done, type Gateway, origin, problemOf, startGateway } from '../world.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

const path = '/v1/access-requests'
const send = (body: unknown, more: Partial<Call> = {}) =>
  gateway.call('FR-SPOC', { method: 'POST', path, body, ...more })
const text = (body: unknown) => Buffer.from(JSON.stringify(body))

describe('A body of more than 16 KB', () => {
  const padded = (bytes: number) => {
    const body = text(requestOfMember())
    return Buffer.concat([body, Buffer.alloc(bytes - body.length, ' ')])
  }

  test('is too large, signed or not; one of 16 KB is read', async () => {
    const large = { status: 413, code: 'body-too-large', errors: [] }
    expect(await problemOf(await send(padded(16_385)))).toEqual(large)
    const unsigned = { method: 'POST', body: padded(16_385) }
    expect(await problemOf(await gateway.app.request(`${origin}${path}`, unsigned))).toEqual(large)
    expect((await send(padded(16_384))).status).toBe(201)
  })

  test('is not read if it says how large it is', async () => {
    const headers = { 'content-length': '16385' }
    const response = await gateway.app.request(`${origin}${path}`, { method: 'POST', headers })
    expect(await problemOf(response)).toMatchObject({ status: 413, code: 'body-too-large' })
  })
})

describe('The type of a body', () => {
  test.each(['text/plain', 'application/jsonp', 'application/json; charset=latin1', ''])(
    'is not `%s`',
    async (type) => {
      const response = await send(requestOfMember(), { headers: { 'content-type': type } })
      expect(await problemOf(response)).toMatchObject({
        status: 415,
        code: 'unsupported-media-type',
      })
    },
  )

  test.each(['application/json', 'Application/JSON;charset=UTF-8'])('is `%s`', async (type) => {
    const headers = { 'content-type': type }
    expect((await send(requestOfMember(), { headers })).status).toBe(201)
  })
})

describe('A body that is not JSON as this gateway reads it', () => {
  test.each([
    ['nothing at all', undefined, 'at character 0'],
    ['a half', '{"holder": ', 'at character 11'],
    ['a trailing comma', '{"holder": "DE-POL",}', 'at character 20'],
    ['a comment', '{} // done', 'at character 3'],
    ['one name twice', '{"holder": 1, "holder": 2}', 'at character 14'],
    ['a name that reaches a prototype', '{"__proto__": {}}', 'at character 1'],
    ['nesting without end', '['.repeat(40) + ']'.repeat(40), 'at character 32'],
    ['a byte order mark', '\ufeff{}', 'at character 0'],
  ])('is refused for %s, with the place', async (_, body, place) => {
    const headers = { 'content-type': 'application/json' }
    const sent = body === undefined ? undefined : Buffer.from(body)
    const problem = await problemOf(await send(sent, { headers }))
    expect(problem).toMatchObject({ status: 400, code: 'invalid-json', errors: [{ pointer: '' }] })
    expect(problem.errors[0]?.detail).toMatch(new RegExp(`^${place}: `))
  })

  // What is kept as evidence is text, and must be the bytes that were signed.
  test('is refused for bytes that are not UTF-8', async () => {
    const body = text(requestOfMember({ caseReference: 'CASE-?' }))
    body.writeUInt8(0xff, body.indexOf('CASE-?') + 5)
    expect(await problemOf(await send(body))).toMatchObject({ status: 400, code: 'invalid-json' })
  })

  test('is refused for half a character', async () => {
    for (const half of ['\\ud800', '\\udc00x']) {
      const body = JSON.stringify(requestOfMember({ caseReference: 'CASE-?' })).replace('?', half)
      const { status } = await problemOf(await send(Buffer.from(body)))
      expect([400, 422]).toContain(status)
    }
  })
})

describe('A request with faults', () => {
  test('is told all of them at once, each with its place', async () => {
    const { status, code, errors } = await problemOf(
      await send({
        ...requestOfMember(),
        holder: 'nobody',
        subject: { recordId: 'R 1' },
        classes: ['identification', 'horoscope'],
        purpose: undefined,
        offence: { category: 'ordinary', maxCustodyMonths: -1, 'a/b~c': 1 },
        necessity: { statement: '', strictlyNecessaryClasses: [7] },
        caseReference: 'two\nlines',
        dryRun: false,
        previous: 'short',
        wish: 'please',
      }),
    )
    expect([status, code]).toEqual([422, 'invalid-request'])
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/caseReference',
      '/classes/1',
      '/dryRun',
      '/holder',
      '/necessity/statement',
      '/necessity/strictlyNecessaryClasses/0',
      '/offence/a~1b~0c',
      '/offence/maxCustodyMonths',
      '/previous',
      '/purpose',
      '/subject/recordId',
      '/wish',
    ])
    for (const { detail } of errors) expect(detail.length).toBeGreaterThan(3)
    const unknown = errors.filter(({ pointer }) => ['/wish', '/offence/a~1b~0c'].includes(pointer))
    for (const { detail } of unknown)
      expect(detail).toBe('nothing has this name here; leave it out')
  })

  test('is told when hypotheses come without a dry run', async () => {
    const body = { ...requestOfMember(), hypotheses: [{ class: 'identification' }] }
    expect(await problemOf(await send(body))).toEqual({
      status: 422,
      code: 'invalid-request',
      errors: [
        {
          pointer: '/hypotheses',
          detail: 'hypotheses go with a dry run; leave them out, or set `dryRun` to true',
        },
      ],
    })
  })

  test('is told when the holder is unknown, is gone, or keeps no records here', async () => {
    for (const holder of ['DE-NOBODY', 'FR-SPOC'])
      expect(await problemOf(await send(requestOfMember({ holder }))), holder).toEqual({
        status: 422,
        code: 'invalid-request',
        errors: [{ pointer: '/holder', detail: 'no agency of this id keeps records here' }],
      })
  })

  test('makes no entry, so that its jti is free for the request without them', async () => {
    const jti = 'a-jti-of-its-own-000001'
    expect((await send({ ...requestOfMember(), purpose: 'fun' }, { jti })).status).toBe(422)
    expect((await send(requestOfMember(), { jti })).status).toBe(201)
  })
})

describe('An attestation with faults', () => {
  const ofCase = { kind: 'case', requester: 'FR-SPOC', caseReference: 'CASE-1' }
  const attestation = {
    holder: 'DE-POL',
    fact: 'risk.torture',
    value: 'none',
    scope: { kind: 'matter', matter: 'A'.repeat(43) },
    ground: 'Judged for this test.',
    from: '2026-11-25T00:00:00Z',
    until: '2026-11-26T00:00:00Z',
    decidedBy: 'DE-POL',
  }
  const attest = (changes: object) =>
    gateway.call('DE-POL', {
      method: 'POST',
      path: '/v1/attestations',
      body: { ...attestation, ...changes },
    })

  test.each([
    ['a value that the fact cannot have', { value: 'a little' }, '/value'],
    ['a fact that nobody may attest', { fact: 'request.purpose' }, '/fact'],
    ['an end before its beginning', { until: '2026-11-24T00:00:00Z' }, '/until'],
    ['an originator where none belongs', { originator: 'BE' }, '/originator', 'leave it out'],
    [
      'no originator where one belongs',
      { fact: 'item.originConsent', value: 'given' },
      '/originator',
      'name whose consent',
    ],
    ['a scope of no kind', { scope: { kind: 'world' } }, '/scope/kind'],
    ['a decider that is no office', { decidedBy: 'officer-2' }, '/decidedBy'],
    [
      'a scope wider than the fact may have',
      { fact: 'transfer.caseCheck', value: 'clean', scope: { kind: 'general', requester: 'FR' } },
      '/scope/kind',
    ],
    [
      'a case without its people',
      { fact: 'transfer.caseCheck', value: 'clean', scope: ofCase },
      '/scope/persons',
    ],
    [
      'what lets data go for whatever offence a case is about',
      { scope: { ...ofCase, persons: ['A'.repeat(43)] } },
      '/scope/kind',
      'is not said of a case: its scope is matter or general',
    ],
    [
      'a case for longer than a year',
      {
        ...{ fact: 'transfer.caseCheck', value: 'clean', until: '2027-11-27T00:00:00Z' },
        scope: { ...ofCase, persons: ['A'.repeat(43)] },
      },
      '/until',
      'a year at most',
    ],
    [
      'consent to the holder’s own data',
      { fact: 'item.originConsent', value: 'own-data', originator: 'BE' },
      '/value',
    ],
  ])('is refused for %s', async (_, changes, pointer, fix = '') => {
    const problem = await problemOf(await attest(changes))
    const errors = [{ pointer, detail: expect.stringContaining(fix) }]
    expect(problem).toMatchObject({ status: 422, code: 'invalid-request', errors })
    expect(problem.errors).toHaveLength(1)
  })
})

describe('A record with faults', () => {
  test('is told the place in the item; a name of another form is not an address here', async () => {
    const { id: _, ...record } = personOf('R-1', [itemOf('name'), itemOf('account')])
    const items = [record.items[0], { ...record.items[1], status: 'lost', value: '' }]
    const body = { ...record, items }
    const put = (to: string, of: object) =>
      gateway.call('DE-POL', { method: 'PUT', path: `/v1/records/${to}`, body: of })
    const { code, errors } = await problemOf(await put('R-1', body))
    expect(code).toBe('invalid-request')
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/items/1/status',
      '/items/1/value',
    ])
    expect(await problemOf(await put('R%201', record))).toMatchObject({ code: 'not-found' })
    await done(await put('R-1', record))
  })
})
