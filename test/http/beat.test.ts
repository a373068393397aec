/** Answers leave on a beat: whatever was found, held back or refused. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accessApi } from '../../functions/http/access-api.ts'
import { beatMs } from '../../functions/http/trace.ts'
import { signCall } from '../../functions/identity/sign.ts'
import type { World } from '../../functions/ports.ts'
import { directive, itemOf, personOf, requestOf, subjectsOf } from '../answer/people.ts'
import { freshJti, type Gateway, origin, startGateway } from '../world.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
})
afterAll(() => gateway.close())

/** When answers were ready, and when they would leave, ms. */
type Held = { readonly readyAt: number; readonly leavesAt: number }

function heldBy(change: Partial<World> = {}) {
  const held: Held[] = []
  const app = accessApi(
    { ...gateway.world, ...change },
    () => undefined,
    async (ms) => {
      const readyAt = performance.now()
      held.push({ readyAt, leavesAt: readyAt + ms })
    },
  )
  return { app, held }
}

async function signed(person: string, agency = 'FR-SPOC') {
  const body = Buffer.from(
    JSON.stringify(requestOf({ ...directive, subject: subjectsOf(person).name })),
  )
  const key = gateway.keys.get(agency)
  if (key === undefined) throw new Error(`${agency} has no key here`)
  const url = `${origin}/v1/access-requests`
  const authorization = await signCall({ method: 'POST', url, body }, key, {
    agency,
    officer: 'officer-1',
    audience: origin,
    iat: Math.floor(gateway.clock.now.getTime() / 1000),
    jti: freshJti(),
  })
  return { method: 'POST', body, headers: { authorization, 'content-type': 'application/json' } }
}

describe('An answer', () => {
  // Kills: only refusals held back; failures that leave at once; a pause before the work.
  test.each([
    ['that finds somebody', 201, async () => [heldBy(), await signed('R-1')] as const],
    ['that finds nobody', 201, async () => [heldBy(), await signed('R-NONE')] as const],
    ['to a call that nobody signed', 401, async () => [heldBy(), { method: 'POST' }] as const],
    [
      'that could not be entered',
      503,
      async () => {
        const away = Object.assign(new Error('away'), { $metadata: {} })
        const ledger = { ...gateway.world.ledger, append: () => Promise.reject(away) }
        return [heldBy({ ledger, isStoreAway: () => true }), await signed('R-1')] as const
      },
    ],
  ])('%s leaves a whole number of beats after its call was read', async (_, status, made) => {
    const [{ app, held }, init] = await made()
    const before = performance.now()
    const response = await app.request(`${origin}/v1/access-requests`, init)
    expect(response.status).toBe(status)
    expect(held).toHaveLength(1)
    const [{ readyAt, leavesAt }] = held as [Held]
    expect(leavesAt).toBeGreaterThan(readyAt)
    expect(leavesAt - readyAt).toBeLessThanOrEqual(beatMs)
    // It was read between `before` and `readyAt`, so a beat later it is not too early to leave.
    expect(leavesAt).toBeGreaterThanOrEqual(before + beatMs)
  })

  // Kills: a beat that begins with the call: whoever sends slowly would choose where in it the work ends.
  test('to a body that came slowly leaves a beat after its end', async () => {
    const { app, held } = heldBy()
    const { body, ...init } = await signed('R-1')
    let sentAt = 0
    const slow = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(new Uint8Array(body.subarray(0, 10)))
        await new Promise((resolve) => setTimeout(resolve, beatMs / 5))
        sentAt = performance.now()
        controller.enqueue(new Uint8Array(body.subarray(10)))
        controller.close()
      },
    })
    const streamed: RequestInit & { duplex: 'half' } = { ...init, body: slow, duplex: 'half' }
    const response = await app.request(`${origin}/v1/access-requests`, streamed)
    expect(response.status).toBe(201)
    expect(held[0]?.leavesAt).toBeGreaterThanOrEqual(sentAt + beatMs)
  })

  test('to what everybody may read leaves at once', async () => {
    const { app, held } = heldBy()
    for (const path of ['/healthz', '/openapi.json', '/.well-known/jwks.json', '/v1/policies'])
      expect((await app.request(`${origin}${path}`)).status).toBe(200)
    expect(held).toEqual([])
  })
})
