/** Calls that must not get in: each gets the very same answer, but for claims that a registered key signed. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claimFixes } from '../../functions/identity/claims.ts'
import type { CallRefusal } from '../../functions/identity/signature.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { castAt, pairs } from '../identity/cast.ts'
import { callsOf } from '../identity/counted-crypto.ts'
import { honestClaims, honestHeader, type Stage, signed } from '../identity/forge.ts'
import { hostileCalls } from '../identity/hostile.ts'
import { origin } from '../world.ts'
import { type Audited, startAudited } from './audit-gateway.ts'

const start = '2026-11-25T09:00:00.000Z'
const now = Date.parse(start) / 1000
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

let gateway: Audited
beforeAll(async () => {
  const holder = { holdsRecords: true } as const
  const strangers = castAt(now).map((each) => ({ ...each, ...holder }))
  gateway = await startAudited({ now: start, strangers })
})
afterAll(() => gateway.close())

const { id: _, ...record } = personOf('R-1', [itemOf('name')])
const look = { purpose: 'lawfulness', subject: { recordId: 'R-1' } }

/** A call of either API; the honest agency may not look at the log, but it is told so. */
type Door = Stage & { readonly api: 'app' | 'audit'; readonly status: number }
const doors: readonly Door[] = (
  [
    ['POST', '/v1/access-requests', requestOf(), 'app', 201],
    ['PUT', '/v1/records/R-1', record, 'app', 201],
    ['POST', '/v1/pseudonyms', look, 'audit', 403],
  ] as const
).map(([method, path, body, api, status]) => ({
  audience: origin,
  now,
  method,
  url: `${origin}${path}`,
  body: Buffer.from(JSON.stringify(body)),
  api,
  status,
}))

const send = (
  { method, url, api }: Door,
  authorization: string | undefined,
  body: Uint8Array | undefined,
) =>
  gateway[api].request(url, {
    method,
    headers: {
      'content-type': 'application/json',
      traceparent,
      ...(authorization === undefined ? {} : { authorization }),
    },
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  })

/** All of an answer but the span, which is of the call alone. */
const whole = async (response: Response) => ({
  status: response.status,
  headers: [...response.headers].filter(([name]) => name !== 'traceparent'),
  body: await response.text(),
})

const entries = async () => (await gateway.store.rows.decisions.everything()).length

/** Whether a registered key signed: then the claims are read, and the caller is told which is wrong. */
const isTold = (code: CallRefusal): boolean =>
  code !== 'issuer-malformed' && Object.hasOwn(claimFixes, code)

// Kills: letting any of them in, and any hint (a detail, a header, another status) of what was wrong.
describe.each(doors)('$method $url', (stage) => {
  const hostile = hostileCalls(stage).filter(({ sendable }) => sendable)

  test('answers with the same 401 until a registered key has signed, and enters none', async () => {
    const before = await entries()
    const unsigned = await whole(await send(stage, undefined, stage.body))
    expect(unsigned.status).toBe(401)
    expect(unsigned.headers).toContainEqual(['www-authenticate', 'Bearer'])
    expect(Object.keys(JSON.parse(unsigned.body)).sort()).toEqual([
      'code',
      'status',
      'title',
      'traceId',
      'type',
    ])
    expect(hostile.length).toBeGreaterThan(200)
    for (const { says, code, authorization, body } of hostile) {
      const answer = await whole(await send(stage, authorization, body))
      if (!isTold(code)) {
        expect(answer, says).toEqual(unsigned)
        continue
      }
      expect(answer.status, says).toBe(401)
      expect(JSON.parse(answer.body).errors, says).toHaveLength(1)
    }
    expect(await entries()).toBe(before)
  })

  test('says why in the security log alone, without the token', async () => {
    const events = stage.api === 'app' ? gateway.events : gateway.auditEvents
    for (const { says, code, authorization, body } of hostile) {
      events.length = 0
      await send(stage, authorization, body)
      expect(events, says).toHaveLength(1)
      expect(events[0]).toMatchObject({ event: 'call-refused' })
      // A client trims white space around a header, so some arrive as another fault.
      if (authorization === authorization?.trim()) expect(events[0]?.why, says).toBe(code)
      expect(Object.keys(events[0] ?? {}).sort()).toEqual(['event', 'traceId', 'why'])
    }
  })

  test('lets the honest call in', async () => {
    const claims = { ...honestClaims(stage), jti: stage.method.padEnd(22, '0') }
    const response = await send(stage, `Bearer ${signed(honestHeader, claims)}`, stage.body)
    expect(response.status).toBe(stage.status)
  })
})

describe('Whoever counts what a name costs', () => {
  // Kills: a name that is looked up for each call since nobody has it, or not verified since nobody signed.
  test('learns nothing: registered or not, one read in a minute, and one verification each time', async () => {
    const [stage] = doors
    if (stage === undefined) throw new Error('no door')
    let reads = 0
    gateway.store.client.middlewareStack.add(
      (next) => (args) => {
        const { TableName } = { TableName: '', ...args.input }
        if (TableName === gateway.store.tables.register) reads += 1
        return next(args)
      },
      { step: 'initialize', name: 'counts' },
    )
    const verify = callsOf('verify')
    // Of calls alone: statements of the register are signed with Ed25519.
    const verified = () => verify.mock.calls.filter(([digest]) => digest === 'sha256').length
    const costOf = async (iss: string) => {
      const before = [reads, verified()] as const
      const claims = { ...honestClaims(stage), iss }
      const bearer = `Bearer ${signed(honestHeader, claims, pairs.nobody)}`
      expect((await send(stage, bearer, stage.body)).status).toBe(401)
      return [reads - before[0], verified() - before[1]]
    }
    const costs = async (iss: string) => [await costOf(iss), await costOf(iss), await costOf(iss)]
    // Nobody has been asked for in this minute.
    gateway.clock.pass(61_000)
    // Who states what of agencies is read with the first of them.
    await costs('FR-TESTNY')
    const registered = await costs('FR-TESTPJ')
    const unknown = await costs('FR-TESTNO')
    gateway.store.client.middlewareStack.remove('counts')
    expect(registered).toEqual([
      [1, 1],
      [0, 1],
      [0, 1],
    ])
    expect(unknown).toEqual(registered)
  })
})
