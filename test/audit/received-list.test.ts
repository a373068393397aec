/** Auditors find a request that came by another way: by who asked, and by the officer who entered it. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { type Audited, idsOf, startAudited } from '../http/audit-gateway.ts'
import { answered } from '../world.ts'

let audited: Audited
let id: string
let from: string
beforeAll(async () => {
  audited = await startAudited()
  await audited.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  const receivedBy = {
    way: 'letter' as const,
    number: 'L-1',
    receivedAt: '2026-11-25T08:00:00Z',
    digest: 'd'.repeat(43),
    from: { name: 'Zeta', jurisdiction: 'PT', authorityType: 'police', cannotHonour: [] },
  }
  const body = requestOf({ receivedBy: { ...receivedBy, from: { ...receivedBy.from } } })
  const answer = await answered(await audited.ask('DE-POL', 'officer-1', body))
  id = answer.id
  from = answer.receivedBy?.from.id ?? ''
  await audited.fileAll([id])
})
afterAll(() => audited.close())

// Kills: an officer looked for under whoever asked; a state that is the one that entered it.
test.each([
  ['requester=PT', true],
  ['requester=PT&officer=officer-1', true],
  ['officer=officer-1', true],
  ['requester=DE', false],
  ['requester=PT&officer=officer-2', false],
])('%s', async (query, isFound) => {
  const list = await audited.get('DE-DPA', `/v1/decisions?purpose=lawfulness&${query}`)
  expect(await idsOf(list)).toEqual(isFound ? [id] : [])
})

test('the id that was made for whoever asked, alone and with the officer', async () => {
  for (const query of [`requester=${from}`, `requester=${from}&officer=officer-1`]) {
    const list = await audited.get('DE-DPA', `/v1/decisions?purpose=lawfulness&${query}`)
    expect(await idsOf(list), query).toEqual([id])
  }
})
