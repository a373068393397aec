/** Attacks by the same call, sent again when what it got may leave no more. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../answer/people.ts'
import { answered, freshJti, type Gateway, startGateway } from '../world.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
  await vouch()
})
/** What lets it leave, for a day. */
const vouch = () =>
  attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
afterAll(() => gateway.close())

// Dir. (EU) 2016/680 art. 5, 16(2): after the last day on which the holder may keep it, nothing of it is given.
test('The same call again gets nothing that the holder may keep no more', async () => {
  const item = itemOf('name', { retentionUntil: '2026-11-26' })
  await gateway.putRecord('DE-POL', personOf('R-OLD', [item]))
  const jti = freshJti()
  const body = requestOfMember({ subject: { recordId: 'R-OLD' }, caseReference: 'FR-OLD' })
  const send = () => gateway.ask('FR-SPOC', 'officer-7', body, { jti })
  expect((await answered(await send())).records).toHaveLength(1)
  // 23:30 in Berlin on that day, and 00:30 on the next.
  gateway.clock.now = new Date('2026-11-26T22:30:00.000Z')
  await vouch()
  expect((await answered(await send())).records).toHaveLength(1)
  gateway.clock.now = new Date('2026-11-26T23:30:00.000Z')
  const late = await send()
  expect(await late.text()).not.toContain('Anton')
  expect(late.status).toBe(409)
  // Kills: a last day that is left to the law, of which some has no rule about it.
  const law = gateway.world.law as { now: typeof gateway.world.law.now }
  const { now } = law
  const { book, ...rest } = await now()
  const policies = book.policies.map((policy) => ({
    ...policy,
    rules: policy.rules.filter(({ rule }) => !JSON.stringify(rule).includes('item.status')),
  }))
  law.now = async () => ({ ...rest, book: { ...book, policies } })
  expect((await answered(await gateway.ask('FR-SPOC', 'officer-7', body))).records).toHaveLength(1)
  expect((await send()).status).toBe(409)
  law.now = now
})
