/** The line that each call leaves: what operators count and find calls by, and nothing of whom it is about. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../answer/people.ts'
import { answered, freshJti } from '../world.ts'
import { type Audited, startAudited } from './audit-gateway.ts'

let gateway: Audited
beforeAll(async () => {
  gateway = await startAudited()
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
})
afterAll(() => gateway.close())

const route = '/v1/access-requests'
const last = () => gateway.answers.at(-1)

describe('A call leaves one line', () => {
  // Kills: a line of decisions alone; a status that is said before the answer is there.
  test('that says how it went, and of a decision what was told', async () => {
    const before = gateway.answers.length
    await answered(await gateway.ask('FR-SPOC', 'officer-1', requestOfMember()))
    await gateway.ask('ES-SPOC', 'officer-1', requestOfMember({ holder: 'GB-POL' }))
    const line = { event: 'answered', method: 'POST', route, status: 201 }
    expect(gateway.answers.slice(before)).toMatchObject([
      { ...line, outcome: 'release' },
      { ...line, outcome: 'deny' },
    ])
    for (const { ms } of gateway.answers) expect(ms).toBeGreaterThanOrEqual(0)
  })

  // Kills: the address in place of the route; `/:id` for a route of its own that it covers, too.
  test('with the route as the API has it, never the address or what was asked', async () => {
    const jti = freshJti()
    const { id } = await answered(
      await gateway.ask('FR-SPOC', 'officer-1', requestOfMember(), { jti }),
    )
    const calls = [
      [`${route}/${id}`, `${route}/:id`],
      [`${route}/${id}/proof`, `${route}/:id/proof`],
      [`${route}?jti=${jti}`, route],
      ['/v1/no-such-thing/Anton-Beispiel', '*'],
    ] as const
    for (const [path, said] of calls) {
      await gateway.call('FR-SPOC', { path })
      expect(last()?.route).toBe(said)
      for (const secret of [id, jti, 'FR-SPOC', 'officer', 'Anton'])
        expect(JSON.stringify(last())).not.toContain(secret)
    }
    await gateway.get('DE-DPA', '/v1/decisions/count?purpose=lawfulness')
    expect(gateway.auditAnswers.at(-1)).toMatchObject({
      route: '/v1/decisions/count',
      status: 200,
    })
  })

  test('where nothing answers, without a word of what was called', async () => {
    await gateway.app.request('/Anton-Beispiel', { method: 'PROPFIND' })
    const { traceId: _, ms: __, ...line } = last() ?? {}
    expect(line).toEqual({
      event: 'answered',
      method: '*',
      route: '*',
      status: 404,
      code: 'not-found',
    })
  })

  // Kills: a second id beside that of the trace.
  test('under the id of the caller’s trace, which a refusal has, too, and its answer', async () => {
    const traceId = 'ab'.repeat(16)
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, authorization: 'Bearer x' }
    const response = await gateway.call('FR-SPOC', { path: route, headers })
    const line = { event: 'answered', method: 'GET', route, status: 401, code: 'unauthorized' }
    expect(last()).toMatchObject({ ...line, traceId })
    expect(gateway.events.at(-1)).toMatchObject({ event: 'call-refused', traceId })
    expect(z.looseObject({ traceId: z.string() }).parse(await response.json()).traceId).toBe(
      traceId,
    )
  })
})
