/** Every problem that the API knows, met by a call that has it. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { dynamodbLedger } from '../../functions/adapters/ledger-dynamodb.ts'
import { identifierOf } from '../../functions/decision/record.ts'
import { type ProblemCode, problemSchema, problems } from '../../functions/http/problem.ts'
import type { World } from '../../functions/ports.ts'
import { attestAll, benign, itemOf, personOf, released, requestOf } from '../answer/people.ts'
import { picture } from '../picture/pictures.ts'
import { answered, freshJti, type Gateway, origin, startGateway } from '../world.ts'

/** Stands in everything that is sent; no answer may contain it. */
const canary = 'Kanarienvogel'

/** What is away, for the problems of a gateway whose outside fails. */
let away: 'nothing' | 'attestations' | 'ledger' = 'nothing'
let gateway: Gateway

const failing = (world: World): World => {
  const nobody = dynamodb('http://127.0.0.1:1')
  const ledger = dynamodbLedger(nobody, 'comity-decisions')
  return {
    ...world,
    ledger: {
      ...world.ledger,
      append: (entry) => (away === 'ledger' ? ledger : world.ledger).append(entry),
      read: (eid) => world.ledger.read(eid),
    },
    attestations: {
      ...world.attestations,
      // An outside that quotes what it was asked.
      about: (...of) =>
        away === 'attestations'
          ? Promise.reject(new Error(`there is nothing about ${canary}`))
          : world.attestations.about(...of),
    },
  }
}

beforeAll(async () => {
  gateway = await startGateway({ change: failing })
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name', { value: canary })]))
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'GB' }, benign)
})
afterAll(() => gateway.close())

const body = requestOf({
  necessity: { statement: canary, strictlyNecessaryClasses: [] },
  caseReference: canary,
})
const ask = (of: unknown = body, jti = freshJti()) => gateway.ask('GB-POL', canary, of, { jti })
const path = '/v1/access-requests'

const provision = {
  ...{ holder: 'DE-POL', to: 'GB-POL', subject: body.subject, classes: body.classes },
  ...{ purpose: body.purpose, instrument: 'none', channel: 'bilateral', urgency: 'none' },
  ...{ offence: { category: 'ordinary' }, ground: canary, caseReference: canary },
}

const attestation = {
  holder: 'DE-POL',
  fact: 'necessity.case',
  value: 'necessary',
  scope: { kind: 'case', requester: 'GB-POL', caseReference: canary, persons: ['A'.repeat(43)] },
  ground: `It is ${canary}.`,
  from: '2026-11-25T00:00:00Z',
  until: '2026-11-26T00:00:00Z',
  decidedBy: 'GB-POL',
}

/** Those of the audit API, of two builds beside one another, of a body that drips, of what came late and of an erasure overtaken are met in tests of their own. */
type OfOthers =
  | 'held'
  | 'newer-build'
  | 'order-needed'
  | 'not-erased'
  | 'not-your-role'
  | 'served-elsewhere'
  | 'body-too-slow'
  | 'too-late'

const meeting: Readonly<Record<Exclude<ProblemCode, OfOthers>, () => Promise<Response>>> = {
  unauthorized: async () =>
    gateway.app.request(`${origin}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${canary}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  'may-not-attest': () =>
    gateway.call('GB-POL', { method: 'POST', path: '/v1/attestations', body: attestation }),
  'not-a-holder': () => {
    const { id: _, ...record } = personOf(canary, [itemOf('name', { value: canary })])
    return gateway.call('FR-SPOC', { method: 'PUT', path: `/v1/records/${canary}`, body: record })
  },
  'not-found': () => gateway.call('GB-POL', { path: `${path}/${canary}` }),
  'not-sealed': async () => {
    const { id } = await answered(await ask())
    return gateway.call('GB-POL', { path: `${path}/${id}/proof` })
  },
  'invalid-json': () => ask(Buffer.from(`{"holder": "${canary}",}`)),
  'record-changed': async () => {
    const jti = freshJti()
    const again = await released(gateway, 'GB-POL', body, canary)
    await answered(await ask(again, jti))
    await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name', { value: `${canary} 2` })]))
    return ask(again, jti)
  },
  erased: async () => {
    const jti = freshJti()
    const subject = { recordId: 'R-2' }
    await answered(await ask({ ...body, subject }, jti))
    await erase(gateway.world.secrets.pseudonym('DE', identifierOf(subject)))
    return ask({ ...body, subject }, jti)
  },
  'file-gone': async () => {
    const face = { element: 'nc:PersonDigitalImage', value: { type: 'image/jpeg' } } as const
    const { id: _, ...record } = personOf('R-9', [itemOf('name', { id: 'face', ...face })])
    await gateway.call('DE-POL', { method: 'PUT', path: '/v1/records/R-9', body: record })
    const headers = { 'content-type': 'image/jpeg' }
    const file = { method: 'PUT', path: '/v1/records/R-9/files/face', headers }
    await gateway.call('DE-POL', { ...file, body: picture('baseline') })
    const { id } = await answered(
      await ask(
        await released(gateway, 'GB-POL', { ...body, subject: { recordId: 'R-9' } }, canary),
      ),
    )
    for (const { kid } of await gateway.world.files.list('DE-POL', 'R-9'))
      await gateway.world.subjectKeys.shred(kid)
    return gateway.call('GB-POL', { path: `${path}/${id}/files/face`, officer: canary })
  },
  'already-reviewed': async () => {
    const { id } = await answered(await ask({ ...body, purpose: 'immigration' }))
    const review = {
      method: 'POST',
      path: `${path}/${id}/review`,
      body: { ground: `It is ${canary}.` },
    }
    await gateway.call('GB-POL', review)
    return gateway.call('GB-POL', review)
  },
  'not-as-shown': () =>
    gateway.call('DE-POL', {
      ...{ method: 'POST', path: '/v1/provisions', body: { ...provision, shown: canary } },
    }),
  'already-done': async () => {
    const { id } = await answered(await ask({ ...body, caseReference: `${canary} 3` }))
    const response = {
      method: 'POST',
      path: `${path}/${id}/responses`,
      body: { what: 'refuse', text: `It is ${canary}.` },
    }
    await gateway.call('DE-POL', response)
    return gateway.call('DE-POL', response)
  },
  'body-too-large': () => ask({ ...body, caseReference: canary.repeat(2000) }),
  'unsupported-media-type': () =>
    gateway.call('GB-POL', { method: 'POST', path, body, headers: { 'content-type': canary } }),
  'invalid-request': () => ask({ ...body, purpose: canary, holder: canary, subject: canary }),
  'jti-reused': async () => {
    const jti = freshJti()
    await ask(body, jti)
    return ask({ ...body, caseReference: `${canary} 2` }, jti)
  },
  'rate-limited': async () => {
    await gateway.change('GB-POL', { requestsPerMinute: 1 })
    gateway.clock.now = new Date('2026-11-25T09:10:42Z')
    await ask()
    const response = await ask()
    await gateway.change('GB-POL', {})
    return response
  },
  internal: async () => {
    away = 'attestations'
    return ask()
  },
  'not-durable': async () => {
    away = 'ledger'
    return ask()
  },
}

/** What erasure does to a subject's key: its row stays, without the key. */
const erase = (pseudonym: string) =>
  gateway.store.rows.keys.update(
    { pk: { S: `K#DE#${pseudonym}` }, sk: { S: '000001' } },
    'SET #state = :erased REMOVE #wrapped',
    {
      names: { '#state': 'state', '#wrapped': 'wrapped' },
      values: { ':erased': { S: 'erased' } },
    },
  )

const retryAfter: Partial<Record<ProblemCode, string>> = {
  'not-sealed': '60',
  'rate-limited': '18',
  'not-durable': '1',
}

test.each(Object.entries(meeting))(
  'A call that meets `%s` is told so, in the one form of problems, and nothing is echoed',
  async (code, meet) => {
    gateway.events.length = 0
    gateway.answers.length = 0
    const response = await meet().finally(() => {
      away = 'nothing'
    })
    const text = await response.text()
    const problem = problemSchema.parse(JSON.parse(text))
    const [status, title] = problems[problem.code]
    expect(problem).toMatchObject({
      code,
      status,
      title,
      type: `https://comity.invalid/problems/${code}`,
    })
    expect(response.status).toBe(status)
    const headers = Object.fromEntries(response.headers)
    expect(headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'request-id': problem.traceId,
    })
    expect(headers['retry-after']).toBe(retryAfter[problem.code])
    expect(headers['www-authenticate']).toBe(code === 'unauthorized' ? 'Bearer' : undefined)
    const { traceId } = problem
    expect(gateway.answers.at(-1)).toMatchObject({ event: 'answered', traceId, status, code })
    // Of a refusal, the log says as little as the answer.
    const lines = JSON.stringify([gateway.events, gateway.answers])
    for (const said of [text, JSON.stringify(headers), lines]) expect(said).not.toContain(canary)
  },
)
