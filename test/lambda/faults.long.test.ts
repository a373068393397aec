/**
 * What goes wrong around a function: events that are no calls, and instances that end in the middle of
 * their work, as they do when their time is over or their machine is gone.
 */

import type { APIGatewayProxyEventV2 as ApiEvent } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { dynamodbLedger } from '../../functions/adapters/ledger-dynamodb.ts'
import { dynamodbSealing } from '../../functions/adapters/sealing-dynamodb.ts'
import { answerSchema } from '../../functions/answer/reply/reply-schema.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { recordsOf } from '../../functions/demo/records.ts'
import { callAs } from '../../functions/demo/seed.ts'
import { signApproval } from '../../functions/identity/approval.ts'
import { openCheckpoint } from '../../functions/ledger/checkpoint.ts'
import { entryId } from '../../functions/ledger/entry.ts'
import { verifyProof } from '../../functions/ledger/log-proof.ts'
import type { Door } from '../../infra/bundle.ts'
import { order } from '../audit/acting.ts'
import { type AgencyCall, type Deployed, deploy, freshJti, vouchForFrance } from './deployed.ts'
import { eventOf, responseOf, resultSchema } from './event.ts'
import type { Instance } from './runtime.ts'
import { itemOf, streamOf } from './stream.ts'

let deployed: Deployed
const running = new Map<Door, Instance>()

/** Starts an instance of a door, as Lambda does for the next event after one has ended. */
async function start(door: Door): Promise<void> {
  running.set(door, await deployed.start(door))
}

beforeAll(async () => {
  deployed = await deploy(['access', 'audit', 'seal', 'sign'])
  await start('access')
  await Promise.all([start('audit'), start('seal'), start('sign')])
  await furnish()
}, 120_000)

afterAll(async () => {
  await Promise.all([...running.values()].map((each) => each.stop()))
  await deployed.end()
})

function instanceOf(door: Door): Instance {
  const instance = running.get(door)
  if (instance === undefined) throw new Error(`${door} does not run`)
  return instance
}

const request = examples[0]?.request
const ask = (jti = freshJti()): AgencyCall => ({ path: '/v1/access-requests', body: request, jti })
const call = (agency: string, what: AgencyCall) => deployed.call(instanceOf('access'), agency, what)
const keep = (id: string, jti = freshJti()): AgencyCall => {
  const [record] = recordsOf('DE-POL')
  const { id: _, ...body } = record ?? {}
  return { method: 'PUT', path: `/v1/records/${id}`, body, jti }
}

/** A record, and what its holder vouches for, so that something may leave. */
async function furnish(): Promise<void> {
  const make = async (agency: string, what: AgencyCall) => {
    const response = await call(agency, what)
    expect(response.status).toBe(201)
    return z.object({ id: z.string() }).parse(await response.json()).id
  }
  await make('DE-POL', keep('DE-POL-0001'))
  await vouchForFrance(make)
}

/** The event of a call that an agency signed, to be changed on its way. */
async function signed(
  agency: string,
  { method = 'POST', jti = freshJti(), ...what }: AgencyCall,
  origin = deployed.origins.access,
): Promise<ApiEvent> {
  const events: ApiEvent[] = []
  const catcher = {
    async request(url: string, init: RequestInit) {
      events.push(await eventOf(new Request(url, init)))
      return new Response()
    },
  }
  const asked = { ...what, method, jti }
  await callAs(catcher, origin, deployed.keys, agency, 'officer-1', asked, new Date())
  const [event] = events
  if (event === undefined) throw new Error('nothing was sent')
  return event
}

const answerTo = async (door: Door, event: unknown): Promise<Response> =>
  responseOf(resultSchema.parse(await instanceOf(door).send(event)))
const problemSchema = z.looseObject({
  code: z.string(),
  traceId: z.string(),
  errors: z.array(z.looseObject({ pointer: z.string(), detail: z.string() })).default([]),
})
const problemOf = async (response: Response) => problemSchema.parse(await response.json())

describe('An event of an HTTP API', () => {
  // Kills: bytes taken for text, or text for bytes.
  test('may bring its body in base64, and is the same call as with the body as text', async () => {
    const asked = await signed('FR-SPOC', ask())
    const first = await answerTo('access', asked)
    const body = Buffer.from(asked.body ?? '').toString('base64')
    const again = await answerTo('access', { ...asked, body, isBase64Encoded: true })
    expect([first.status, again.status]).toEqual([201, 200])
    expect(answerSchema.parse(await again.json()).id).toBe(
      answerSchema.parse(await first.json()).id,
    )
  })

  test('may bring cookies and headers in any script, which nobody reads', async () => {
    const asked = await signed('FR-SPOC', ask())
    const headers = { ...asked.headers, 'x-office': 'Полиция \ud83d \u0007' }
    const cookies = ['session=invented', 'Ünicode=\u0000']
    expect((await answerTo('access', { ...asked, headers, cookies })).status).toBe(201)
  })

  // Kills: one of two values chosen, where two readers could choose differently.
  test('that names a parameter twice is refused, though it was signed so', async () => {
    const path = '/v1/decisions?purpose=lawfulness&purpose=integrity-and-security'
    const asked = await signed('DE-DPA', { method: 'GET', path }, deployed.origins.audit)
    const response = await answerTo('audit', asked)
    expect(response.status).toBe(422)
    expect((await problemOf(response)).errors.map(({ pointer }) => pointer)).toEqual(['/purpose'])
  })

  test.each(['access', 'audit'] as const)(
    'of another stage than ours is nobody’s address: %s',
    async (door) => {
      const asked = await signed('FR-SPOC', ask(), deployed.origins[door])
      const response = await answerTo(door, { ...asked, rawPath: `/prod${asked.rawPath}` })
      expect([response.status, (await problemOf(response)).code]).toEqual([404, 'not-found'])
    },
  )

  test('with a content type and no body is told that this is no JSON', async () => {
    const asked = await signed('FR-SPOC', { path: '/v1/access-requests' })
    const headers = { ...asked.headers, 'content-type': 'application/json' }
    const response = await answerTo('access', { ...asked, headers })
    expect([response.status, (await problemOf(response)).code]).toEqual([400, 'invalid-json'])
  })

  // Kills: a `Request` that refuses the body, and so the call.
  test('may bring a body to a GET, which means nothing', async () => {
    const asked = await signed('DE-POL', { method: 'GET', path: '/v1/attestations' })
    expect((await answerTo('access', { ...asked, body: 'anything' })).status).toBe(200)
  })

  test.each(['access', 'audit'] as const)(
    'with the largest body that Lambda carries is refused for its size, before its signature: %s',
    async (door) => {
      const asked = await signed('FR-SPOC', ask(), deployed.origins[door])
      const body = Buffer.alloc(4_300_000, 7).toString('base64')
      // Whatever its length is said to be.
      for (const length of ['3', '4300000']) {
        const headers = { ...asked.headers, 'content-length': length }
        const response = await answerTo(door, { ...asked, headers, body, isBase64Encoded: true })
        expect([response.status, (await problemOf(response)).code]).toEqual([413, 'body-too-large'])
      }
    },
  )
})

describe.each(['access', 'audit'] as const)(
  'Whoever invokes %s with no event of an API',
  (door) => {
    const mark = 'Kanarienvogel'
    const event = async () => signed('FR-SPOC', ask(), deployed.origins[door])
    const changed: Readonly<Record<string, (event: ApiEvent) => unknown>> = {
      nothing: () => null,
      'a number': () => 7,
      'a text': () => mark,
      'a list': () => [mark],
      'an empty object': () => ({}),
      'an event of the stream': () => ({ Records: [{ dynamodb: { NewImage: mark } }] }),
      'an event in format 1.0': ({ headers }) => ({
        version: '1.0',
        path: `/${mark}`,
        httpMethod: 'GET',
        headers: { ...headers, host: `${mark} ${mark}` },
        requestContext: {},
      }),
      'an event of a load balancer': ({ headers }) => ({
        requestContext: { elb: { targetGroupArn: mark } },
        httpMethod: 'GET',
        path: `/${mark}`,
        headers,
        body: '',
        isBase64Encoded: false,
      }),
      'a method that no request has': (event) => ({
        ...event,
        requestContext: {
          ...event.requestContext,
          http: { ...event.requestContext.http, method: `${mark} /` },
        },
      }),
      'a header whose name is none': (event) => ({
        ...event,
        headers: { ...event.headers, [`${mark}\n`]: mark },
      }),
      'a domain that is none': (event) => ({
        ...event,
        requestContext: { ...event.requestContext, domainName: `${mark} ${mark}` },
      }),
    }

    // Kills: an error of the runtime for it, which quotes what was sent; an instance that ends with it.
    test.each(Object.keys(changed))(
      'is refused and told why, and no more is said: %s',
      async (what) => {
        const made = changed[what]?.(await event())
        const response = await answerTo(door, made)
        expect(response.status).toBe(422)
        const { code, errors, traceId } = await problemOf(response)
        const detail = 'it is no event of an HTTP API (payload format 2.0); call the API'
        expect([code, errors]).toEqual(['invalid-request', [{ pointer: '', detail }]])
        const lines = () =>
          instanceOf(door)
            .lines()
            .filter((line) => line.includes(traceId))
            .map((line) => JSON.parse(line))
        await expect
          .poll(lines)
          .toEqual([{ event: 'call-refused', why: 'event-malformed', traceId }])
        expect(instanceOf(door).said()).not.toContain(mark)
        expect((await answerTo(door, await event())).status).not.toBe(422)
      },
    )
  },
)

/**
 * Ends an instance where it uses something: before the store is asked, or once it has done what it was
 * asked and has not said so. The next event finds another instance.
 */
async function endingAt(
  door: Door,
  use: string,
  when: 'before' | 'after',
  run: () => Promise<unknown>,
): Promise<void> {
  const instance = instanceOf(door)
  const state = { hasEnded: false }
  const isIt = (each: { signer: string; action: string; on: string }) =>
    !state.hasEnded &&
    each.signer === `ASIA${door.toUpperCase()}` &&
    `${each.action} ${each.on}` === use
  const end = async () => {
    state.hasEnded = true
    await instance.kill()
  }
  deployed.cloud.guard(
    async (each) => {
      if (when === 'after' || !isIt(each)) return true
      await end()
      return false
    },
    (each) => (when === 'after' && isIt(each) ? end() : undefined),
  )
  try {
    await run()
  } finally {
    deployed.cloud.guard(() => true)
  }
  expect(state.hasEnded, `${door} used ${use}`).toBe(true)
  await start(door)
}
const ended = /^the instance ended/

describe('A call whose instance ends before it is answered', () => {
  // Kills: an entry that the retry writes anew; a retry that is told of another decision.
  test('gets by its retry the decision that was entered, and nothing is entered twice', async () => {
    const { jti = '', ...what } = ask()
    const asked = { ...what, jti }
    const eid = entryId('FR-SPOC', jti)
    await endingAt('access', 'dynamodb:PutItem Decisions', 'after', () =>
      expect(call('FR-SPOC', asked)).rejects.toThrow(ended),
    )
    const entered = await itemOf(deployed, eid)
    const again = await call('FR-SPOC', asked)
    expect(again.status).toBe(200)
    const { id, outcome, records } = answerSchema.parse(await again.json())
    expect([id, outcome, records.length]).toEqual([eid, 'release', 1])
    expect(await itemOf(deployed, eid)).toEqual(entered)
  })

  // Kills: an answer that does not wait for the entry.
  test('has released nothing if its time is over before the entry is durable', async () => {
    const jti = freshJti()
    const event = await signed('FR-SPOC', ask(jti))
    const held = Promise.withResolvers<boolean>()
    deployed.cloud.guard(({ action, on }) =>
      action === 'dynamodb:PutItem' && on === 'Decisions' ? held.promise : true,
    )
    // Shorter than the store is waited for.
    await expect(instanceOf('access').send(event, 1500)).rejects.toThrow('timed out after 1500 ms')
    deployed.cloud.guard(() => true)
    held.resolve(false)
    await start('access')
    await expect(itemOf(deployed, entryId('FR-SPOC', jti))).rejects.toThrow('no entry')
    const again = await answerTo('access', event)
    expect(again.status).toBe(201)
    expect(answerSchema.parse(await again.json()).outcome).toBe('release')
  })

  // Kills: an end for each call to the store alone, so that two in a row outlast the instance; a fault of ours told.
  test('is told in time that the store is away if one table hangs after another, and releases nothing', async () => {
    await enter()
    const event = await signed('FR-SPOC', ask())
    const held = Promise.withResolvers<boolean>()
    const hangs = ({ action, on }: { action: string; on: string }) =>
      on === 'Records' || (on === 'Decisions' && action === 'dynamodb:PutItem')
    deployed.cloud.guard((use) => !hangs(use) || held.promise)
    const began = performance.now()
    const sent = responseOf(resultSchema.parse(await instanceOf('access').send(event, 15_000)))
    expect(performance.now() - began).toBeLessThan(15_000)
    expect([sent.status, sent.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await problemOf(sent)).toMatchObject({ code: 'not-durable' })
    deployed.cloud.guard(() => true)
    held.resolve(false)
    expect((await answerTo('access', event)).status).toBe(201)
  }, 30_000)

  // Kills: a retry that finds its entry, and leaves it at that.
  test('takes effect by its retry, if it was entered and had none yet', async () => {
    const kept = keep('DE-POL-0003')
    const found = async () => {
      const body = { ...request, subject: { recordId: 'DE-POL-0003' } }
      const response = await call('FR-SPOC', { path: '/v1/access-requests', body })
      return answerSchema.parse(await response.json()).records.length
    }
    await endingAt('access', 'dynamodb:PutItem Decisions', 'after', () =>
      expect(call('DE-POL', kept)).rejects.toThrow(ended),
    )
    expect(await found()).toBe(0)
    expect((await call('DE-POL', kept)).status).toBe(200)
    expect(await found()).toBe(1)
  })
})

const log = () => `${deployed.gateway}/de/${new Date().getUTCFullYear()}`
const sealing = () => dynamodbSealing(deployed.store.client, deployed.names.sealing)
/** Makes an entry of the German log; gives its id. */
const enter = async (): Promise<string> => {
  const response = await call('FR-SPOC', ask())
  const text = await response.text()
  expect(response.status, text).toBe(201)
  return answerSchema.parse(JSON.parse(text)).id
}
const tell = async (eid: string) => instanceOf('seal').send(streamOf([await itemOf(deployed, eid)]))

/** Whether an entry is in the log as the newest checkpoint has it, and that is all of the log. */
async function expectSealed(eid: string): Promise<void> {
  const path = `/v1/access-requests/${eid}/proof`
  const response = await call('FR-SPOC', { method: 'GET', path })
  expect(response.status).toBe(200)
  const proof = await response.text()
  const stored = await dynamodbLedger(deployed.store.client, deployed.names.decisions).read(eid)
  const leaf = stored?.leafHash ?? new Uint8Array()
  const { size } = await sealing().head(log())
  const verified = verifyProof(proof, leaf, deployed.logKey(log()), [], 0)
  expect(verified).toMatchObject({ checkpoint: { origin: log(), size } })
  // What was handed in while others failed is there once, and nothing was left out.
  const note = String(deployed.bucket.objects.get(`${log()}/checkpoint`))
  expect(openCheckpoint(note, deployed.logKey(log()))).toMatchObject({ checkpoint: { size } })
}

describe('The log, if an instance ends in the middle of sealing', () => {
  const all = { batchItemFailures: [] }

  // Kills: an entry that is sealed twice; places that nobody keeps after a crash.
  test.each([
    ['before its order is kept', 'dynamodb:PutItem Sealing', 'before'],
    ['once its order is kept', 'dynamodb:PutItem Sealing', 'after'],
    ['once a file is in the archive', 's3:PutObject Archive', 'after'],
    ['before its places are kept', 'dynamodb:BatchWriteItem Sealing', 'before'],
    ['once a checkpoint is signed', 'lambda:InvokeFunction Sign', 'after'],
  ] as const)('is sealed by the next one: %s', async (_, use, when) => {
    const eid = await enter()
    const { size } = await sealing().head(log())
    await endingAt('seal', use, when, () => expect(tell(eid)).rejects.toThrow(ended))
    expect(await tell(eid)).toEqual(all)
    expect((await sealing().head(log())).size).toBe(size + 1)
    await expectSealed(eid)
  })

  // Kills: a signer that refuses a tree head which it remembers, and did not sign.
  test('is signed by the next signer, if the one before remembered and did not answer', async () => {
    const eid = await enter()
    await endingAt('sign', 'dynamodb:PutItem Signatures', 'after', () => tell(eid))
    expect(await tell(eid)).toEqual(all)
    await expectSealed(eid)
  })
})

describe('An erasure', () => {
  const ofHolder = (path: string, body: unknown, jti = freshJti()) =>
    deployed.call(instanceOf('audit'), 'DE-POL', { path, body, jti }, deployed.origins.audit)
  const looked = (eid: string) =>
    call('FR-SPOC', { method: 'GET', path: `/v1/access-requests/${eid}` })

  /** Erases the person that is asked for; the same again is a retry. */
  async function erasing(): Promise<() => Promise<Response>> {
    const asked = { purpose: 'self-monitoring', subjects: [request?.subject] }
    const { subjects } = z
      .object({ subjects: z.array(z.string()) })
      .parse(await (await ofHolder('/v1/subject-pseudonyms', asked)).json())
    const key = deployed.keys.get('DE-DPO')
    if (key === undefined) throw new Error('DE-DPO has no key')
    const jti = freshJti()
    const ground = 'The person asked for it.'
    const act = { act: 'erase', subjects, order, ground, cites: [], jti }
    const iat = Math.floor(Date.now() / 1000)
    const approval = await signApproval(act, key, { agency: 'DE-DPO', officer: 'dpo-1', iat })
    return () => ofHolder('/v1/subject-acts', { ...act, approval }, jti)
  }

  // Kills: a sweep of no log that is taken for one of all.
  test('is not done while the sealer cannot tell which logs there are', async () => {
    const eid = await enter()
    const erase = await erasing()
    deployed.cloud.guard(({ action, on }) => !(action === 'dynamodb:Scan' && on === 'Register'))
    try {
      expect((await erase()).status).toBe(500)
    } finally {
      deployed.cloud.guard(() => true)
    }
    expect((await looked(eid)).status).toBe(200)
  })

  // Kills: a retry that finds its entry, and leaves it at that.
  test('whose instance ended in the middle is done by its retry, which gets the certificate', async () => {
    const eid = await enter()
    const erase = await erasing()
    await endingAt('audit', 'dynamodb:PutItem Decisions', 'after', () =>
      expect(erase()).rejects.toThrow(ended),
    )
    expect((await looked(eid)).status).toBe(200)
    expect((await erase()).status).toBe(200)
    expect((await looked(eid)).status).toBe(404)
  })
})
