/** Every attack on every route of the audit API: nothing is shown, and nothing is entered. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditApi } from '../../functions/http/audit-api.ts'
import { signCall } from '../../functions/identity/sign.ts'
import type { Ledger } from '../../functions/ports.ts'
import { type Call, freshJti, origin, problemOf } from '../world.ts'
import { type Audience, offices, routes, startAudience } from './audit-calls.ts'
import { type ApiDocument, asked, behind, documentAt, operationsIn } from './document.ts'

let audience: Audience
let served: ApiDocument
beforeAll(async () => {
  audience = await startAudience()
  served = await documentAt(audience.gateway.audit, '/audit/openapi.json')
  for (const office of Object.values(offices))
    await audience.gateway.change(office, { requestsPerMinute: 100_000 })
})
afterAll(() => audience.gateway.stop())

const entries = async () => (await audience.gateway.store.rows.decisions.everything()).length

/** Whatever no answer to an attack may hold: parts of what the good call is answered. */
const secrets = ['outcome', 'forTheSubject', 'measures', 'counts', 'checkpoint"', 'certificate']

/** All of an answer but its span. */
async function whole(response: Response) {
  const headers = [...response.headers].filter(([name]) => name !== 'traceparent')
  return { status: response.status, headers, body: await response.text() }
}

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const bytesOf = (body: unknown) =>
  body === undefined
    ? undefined
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))

type Forged = Partial<{
  /** Whose key signs; that of the office unless said. */
  key: string
  audience: string
  iat: number
  exp: number
  jti: string
  /** What is signed, where that is not what is sent. */
  signs: Partial<{ method: string; path: string; body: unknown }>
  headers: Readonly<Record<string, string>>
}>

/** Sends a call as `office`, with something about its signature forged. */
async function send(office: string, call: Call, forged: Forged = {}): Promise<Response> {
  const { gateway } = audience
  const now = Math.floor(gateway.clock.now.getTime() / 1000)
  const { method = 'GET', path, body, jti = freshJti(), officer = 'auditor-1' } = call
  const signs = { method, path, body, ...forged.signs }
  const key = gateway.keys.get(forged.key ?? office)
  if (key === undefined) throw new Error(`there is no key of ${forged.key ?? office}`)
  const authorization = await signCall(
    { method: signs.method, url: `${origin}${signs.path}`, body: bytesOf(signs.body) },
    key,
    { agency: office, officer, audience: origin, iat: now, jti, ...forged },
  )
  return gateway.audit.request(`${origin}${path}`, {
    method,
    headers: {
      authorization,
      traceparent,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...forged.headers,
    },
    ...(body === undefined ? {} : { body: new Uint8Array(bytesOf(body) ?? []) }),
  })
}

describe.each(Object.entries(routes))('%s', (name, route) => {
  const [method = '', address = ''] = name.split(' ')
  const office = offices[route.role]
  const good = async (): Promise<Call> => route.call(audience)
  const isOfOne = address.includes('{id}')

  // Kills: a route outside the guard, or a guard that is kinder to it.
  test('answers whoever is not the signer of this very call with 401, and strangers alike', async () => {
    const { gateway } = audience
    const call = await good()
    const now = Math.floor(gateway.clock.now.getTime() / 1000)
    const before = await entries()
    const { path, body } = call
    const init = {
      method,
      headers: { traceparent, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    }
    const unsigned = await whole(await gateway.audit.request(`${origin}${path}`, init))
    expect(unsigned.status).toBe(401)
    expect(unsigned.headers).toContainEqual(['www-authenticate', 'Bearer'])
    const other = path.includes('purpose=')
      ? path.replace('lawfulness', 'self-monitoring')
      : '/v1/x'
    const forgeries: Readonly<Record<string, Forged>> = {
      'of another office’s key': { key: 'GB-DPA' },
      'of an agency’s key': { key: 'GB-POL' },
      'for another gateway': { audience: 'https://other.example' },
      'of yesterday': { iat: now - 86_400 },
      'of a day from now': { iat: now + 86_400 },
      'that lasts a day': { exp: now + 86_400 },
      'of another method': { signs: { method: method === 'GET' ? 'POST' : 'GET' } },
      'of another address': { signs: { path: other } },
      'of the address without its query': { signs: { path: `${path.split('?')[0]}#` } },
      'of another body': { signs: { body: { ...Object(body), purpose: 'self-monitoring' } } },
      'of no body': body ? { signs: { body: undefined } } : { signs: { body: {} } },
      'that is none': { headers: { authorization: 'Bearer e30.e30.e30' } },
      'of another scheme': { headers: { authorization: `Basic ${btoa('DE-DPA:x')}` } },
    }
    for (const [says, forged] of Object.entries(forgeries)) {
      const answer = await whole(await send(office, call, forged))
      // Whoever holds the office's own key is told which claim to mend, and nobody else is.
      const isOfOwnKey = forged.key === undefined && forged.headers === undefined
      if (!isOfOwnKey) expect(answer, `a token ${says}`).toEqual(unsigned)
      expect(answer.status, `a token ${says}`).toBe(401)
      const { code, errors = [] } = JSON.parse(answer.body)
      expect({ code, errors: errors.length }, `a token ${says}`).toEqual({
        code: JSON.parse(unsigned.body).code,
        errors: isOfOwnKey ? 1 : 0,
      })
    }
    expect(await entries()).toBe(before)
  })

  // Kills: a route without its check, or with that of another role; the office of another country.
  test('is taken by its own role alone', async () => {
    const before = await entries()
    for (const [role, other] of Object.entries(offices)) {
      if (role === route.role) continue
      const response = await send(other, await good())
      const text = await response.clone().text()
      expect(await problemOf(response), role).toMatchObject(
        isOfOne ? { status: 404, code: 'not-found' } : { status: 403, code: 'not-your-role' },
      )
      for (const secret of secrets) expect(text).not.toContain(secret)
    }
    expect(await entries()).toBe(before)
  })

  // Kills: a second answer for the jti of another act; a look by another officer taken for the same.
  test('answers a call that is sent again alike, and enters another call of its jti or refuses it', async () => {
    const call = { ...(await good()), jti: freshJti() }
    if (name === 'POST /v1/subject-acts') Object.assign(call, await good())
    const first = await send(office, call)
    expect(first.status).toBe(name === 'POST /v1/subject-acts' ? 201 : 200)
    const before = await entries()
    const again = await send(office, call)
    expect(again.status).toBe(200)
    // Each receipt is signed anew, and no two signatures of ES256 are alike.
    const said = async (response: Response) =>
      Buffer.from(await response.arrayBuffer())
        .toString('latin1')
        .replaceAll(/("receipt":"[^."]+\.[^."]+\.)[^"]+/g, '$1')
    expect(await said(again)).toBe(await said(first))
    const other = await send(office, { ...call, officer: 'auditor-2' })
    if (name === 'POST /v1/subject-acts') {
      expect(await problemOf(other)).toMatchObject({ status: 422, code: 'jti-reused' })
      expect(await entries()).toBe(before)
    } else {
      expect(other.status).toBe(200)
      expect(await entries()).toBe(before + 1)
    }
  })

  // INVARIANT (no look unseen). Kills: an answer made before its entry, or in spite of it.
  test('shows nothing while its entry cannot be made', async () => {
    const { gateway } = audience
    const append: Ledger['append'] = async () => ({ kind: 'unavailable', why: 'away' })
    const { ledger } = gateway.auditWorld
    const world = {
      ...gateway.auditWorld,
      ledger: { append, read: ledger.read.bind(ledger), readAll: ledger.readAll.bind(ledger) },
    }
    const away = auditApi(world, () => {}, gateway.acts)
    const response = await (await gateway.prepareAudit(office, await good(), away))()
    const text = await response.clone().text()
    expect(response.headers.get('retry-after')).toBe('1')
    expect(await problemOf(response)).toMatchObject({ status: 503, code: 'not-durable' })
    for (const secret of secrets) expect(text).not.toContain(secret)
  })

  test('is not taken by an office that was suspended', async () => {
    const { gateway } = audience
    const call = await good()
    await gateway.change(office, { status: 'suspended' })
    const { status } = await send(office, call)
    await gateway.change(office, { requestsPerMinute: 100_000 })
    expect(status).toBe(401)
  })

  // Kills: a parameter that is read without its schema, one that goes before the other of its name.
  test('refuses every parameter that its document refuses, by its place, and echoes none', async () => {
    const before = await entries()
    const all = mutations(name, await good())
    expect(all.length).toBeGreaterThan(15)
    for (const [says, call, place] of all) {
      const response = await send(office, call)
      const text = await response.clone().text()
      const { status, code, errors } = await problemOf(response)
      expect([says, status, code]).toEqual([says, 422, 'invalid-request'])
      const pointers = errors.map(({ pointer }) => pointer)
      const isThere = (pointer: string) =>
        `${place}/`.startsWith(`${pointer}/`) || `${pointer}/`.startsWith(`${place}/`)
      expect(pointers.filter(isThere), `${says}: ${pointers}`).not.toEqual([])
      expect(text).not.toContain(long.slice(0, 50))
      for (const { detail } of errors) expect(detail).toMatch(/^[^A-Z]/)
    }
    expect(await entries()).toBe(before)
  })

  test('has nothing at an address that is nearly its own', async () => {
    const before = await entries()
    const call = await good()
    const [path = '', query] = call.path.split('?')
    const steps = path.split('/')
    const others = address
      .split('/')
      .flatMap((step, at) =>
        /^\{/.test(step)
          ? ['x', `${steps[at]}x`, `..%2F${steps[at]}`, `${steps[at]}%00`, '%F0', long].map(
              (other) => steps.with(at, other).join('/'),
            )
          : [],
      )
    for (const other of [...others, `${path}/`, `${path}%20`, `/${path}`, path.toUpperCase()]) {
      const at = query === undefined ? other : `${other}?${query}`
      expect((await send(office, { ...call, path: at })).status, at.slice(0, 80)).toBe(404)
    }
    expect(await entries()).toBe(before)
  })

  if (method === 'POST')
    test('reads a body as JSON of its size alone', async () => {
      const before = await entries()
      const call = await good()
      const text = JSON.stringify(call.body)
      const type = (contentType: string) => ({ headers: { 'content-type': contentType } })
      const bodies: readonly (readonly [status: number, body: unknown, forged?: Forged])[] = [
        [413, `${text}${' '.repeat(16_385)}`],
        [415, text, type('text/plain')],
        [415, text, type('application/json; charset=latin1')],
        [415, text, type('multipart/form-data')],
        [400, text.slice(0, -1)],
        [400, `${text}x`],
        [400, text.replace('{', '{"purpose":"lawfulness","purpose":"self-monitoring",')],
        [400, text.replace('{', '{"__proto__":{},')],
        [400, text.replace('{', '{"constructor":{},')],
        [400, `${'['.repeat(5000)}${']'.repeat(5000)}`],
        [422, 'null'],
        [422, '[]'],
        [422, `[${text}]`],
        [422, '"lawfulness"'],
      ]
      for (const [status, body, forged] of bodies) {
        const response = await send(office, { ...call, body }, forged)
        expect([String(body).slice(0, 60), response.status]).toEqual([
          String(body).slice(0, 60),
          status,
        ])
      }
      expect(await entries()).toBe(before)
    })

  if (isPaged(name))
    test('takes a cursor from whom it was given to, for its question', async () => {
      const { path } = await good()
      const own = await cursorOf(name, office)
      const stranger = route.role === 'auditor' ? 'GB-DPA' : 'GB-LEGAL'
      const foreign = [await cursorOf(name, stranger)]
      for (const [other, { role }] of Object.entries(routes))
        if (isPaged(other) && other !== name) foreign.push(await cursorOf(other, offices[role]))
      const use = (cursor: string, as: string = office, at = path) =>
        send(as, { path: `${at}&cursor=${encodeURIComponent(cursor)}` })
      expect((await use(own)).status).toBe(200)

      const before = await entries()
      const [place, mac] = own.split('.')
      const forged = [
        own.slice(1),
        own.slice(0, -1),
        `${own}A`,
        own.replace('.', ''),
        `${place}.`,
        `.${mac}`,
        '',
        own.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
        own.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
        'A'.repeat(200),
        long,
      ]
      const refused = [
        use(own, stranger),
        use(own, office, path.replace('lawfulness', 'self-monitoring')),
        ...[...foreign, ...forged].map((each) => use(each)),
      ]
      for (const response of await Promise.all(refused))
        expect((await problemOf(response)).errors).toMatchObject([{ pointer: '/cursor' }])
      expect(await entries()).toBe(before)
    })
})

/** Longer than anything that a parameter may be, and short enough that its signature is read at all. */
const long = 'x'.repeat(700)

type Mutation = readonly [says: string, call: Call, place: string]

/** The good call with one thing wrong, as the document says it. */
function mutations(name: string, call: Call): readonly Mutation[] {
  return call.body === undefined ? inQuery(name, call) : inBody(name, call)
}

function inQuery(name: string, call: Call): readonly Mutation[] {
  const [path = '', query = ''] = call.path.split('?')
  const parameters = operationsIn(served).get(name)?.parameters ?? []
  const changed = (change: (query: URLSearchParams) => void): Call => {
    const changing = new URLSearchParams(query)
    change(changing)
    return { ...call, path: [path, ...(changing.size === 0 ? [] : [changing])].join('?') }
  }
  const values = [
    '',
    long,
    "' OR 1=1",
    'a\u0000b',
    '../..',
    '#',
    '-1',
    '1e2',
    '{"$ne":1}',
    '%',
    '~',
  ]
  const known = parameters.filter(({ in: place }) => place === 'query')
  return [
    ...known.flatMap(({ name: each, required, schema }): readonly Mutation[] => [
      ...values
        .filter((value) => !asked(schema).safeParse(value).success)
        .map(
          (value): Mutation => [
            `${each}=${value.slice(0, 20)}`,
            changed((query) => query.set(each, value)),
            `/${each}`,
          ],
        ),
      [
        `${each} twice`,
        changed((query) => {
          const value = query.get(each) ?? 'x'
          query.delete(each)
          query.append(each, value)
          query.append(each, value)
        }),
        `/${each}`,
      ],
      ...(required
        ? [[`no ${each}`, changed((query) => query.delete(each)), `/${each}`] as const]
        : []),
    ]),
    ...['jurisdiction', 'office', 'side', '__proto__', 'Purpose'].map(
      (each): Mutation => [`${each}=DE`, changed((query) => query.set(each, 'DE')), `/${each}`],
    ),
  ]
}

function inBody(name: string, call: Call): readonly Mutation[] {
  const schema = operationsIn(served).get(name)?.requestBody?.content['application/json']?.schema
  const isGood = (body: unknown) => asked(behind(schema ?? {}, served)).safeParse(body).success
  if (!isGood(call.body)) throw new Error(`the document refuses the good call of ${name}`)
  const values = [undefined, null, '', long, 'a\u0000b', '../..', {}, [], [null], -1, 1e21, true]
  return placesIn(call.body)
    .flatMap(({ place, isObject }) => [
      ...values.map((value) => [place, value] as const),
      ...(isObject
        ? ['jurisdiction', 'office'].map((each) => [[...place, each], 'DE'] as const)
        : []),
    ])
    .filter(([place]) => place.length > 0)
    .map(([place, value]) => [place, value, withValue(call.body, place, value)] as const)
    .filter(([, , body]) => !isGood(body))
    .map(([place, value, body]) => [
      `${place.join('/')}: ${JSON.stringify(value)?.slice(0, 20)}`,
      { ...call, body },
      `/${place.join('/')}`,
    ])
}

type Place = readonly string[]

/** Every place of a JSON value, and whether an object is there. */
const placesIn = (
  value: unknown,
  at: Place = [],
): readonly { readonly place: Place; readonly isObject: boolean }[] => [
  { place: at, isObject: typeof value === 'object' && !Array.isArray(value) },
  ...(typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, each]) => placesIn(each, [...at, name]))
    : []),
]

/** A copy with another value at a place; undefined takes it out. */
function withValue(value: unknown, [first, ...rest]: Place, put: unknown): unknown {
  if (first === undefined) return put
  if (Array.isArray(value))
    return value.flatMap((each, at) => {
      const changed = String(at) === first ? withValue(each, rest, put) : each
      return changed === undefined ? [] : [changed]
    })
  const members = new Map(Object.entries(value as object))
  members.set(first, withValue(members.get(first), rest, put))
  return Object.fromEntries(members)
}

/** Whether a route comes in pages of one question. A pull of events goes on in a log, whatever it is for. */
const isPaged = (name: string): boolean =>
  ['GET /v1/decisions', 'GET /v1/facts', 'GET /v1/reports/{year}'].includes(name)

/** A cursor that the gateway gives an office for the good call of a route. */
async function cursorOf(name: string, office: string): Promise<string> {
  const { gateway, id } = audience
  const { lookups } = gateway.auditWorld
  const [line] = await lookups.list({ jurisdiction: 'DE', by: 'all', value: '' }, {}, 1)
  if (line === undefined) throw new Error('there is no line')
  const hj = office.slice(0, 2)
  const list: typeof lookups.list = async (_, __, limit) =>
    Array.from({ length: limit }, (_, at) => ({
      ...line,
      hj,
      id: `${id.slice(0, 38)}${10_000 + at}`,
    }))
  const endless = auditApi({ ...gateway.auditWorld, lookups: { ...lookups, list } }, () => {})
  const call = await routes[name]?.call(audience)
  const response = await (await gateway.prepareAudit(office, call ?? { path: '/' }, endless))()
  return String(JSON.parse(await response.text()).next)
}

test('What comes in pages is known here', () => {
  const paged = [...operationsIn(served)].flatMap(([name, { parameters = [] }]) =>
    parameters.some((each) => each.name === 'cursor') ? [name] : [],
  )
  expect(paged.filter((each) => !isPaged(each))).toEqual(['GET /v1/decision-events'])
})
