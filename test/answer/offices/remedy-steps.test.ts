/** A refusal that takes several steps to lift, and the state whose word it needs. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { standingReplySchema } from '../../../functions/answer/look-up.ts'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import { answered, type Gateway, problemOf, startGateway } from '../../world.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOf } from '../people.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('report', { originator: 'BE' })]))
})
afterAll(() => gateway.close())

const ask = async (body: AccessRequest) => answered(await gateway.ask('FR-SPOC', 'officer-7', body))

const look = async (id: string) => {
  const response = await gateway.call('FR-SPOC', { path: `/v1/access-requests/${id}` })
  return standingReplySchema.parse(await response.json())
}

describe('A refusal that is remedied step by step', () => {
  const investigate = (changes: Partial<AccessRequest> = {}) =>
    requestOf({
      classes: ['case'],
      instrument: 'EU-2023/977',
      channel: 'siena',
      caseReference: 'FR-STEPS',
      ...changes,
    })

  test('keeps what was attested for each earlier asking', async () => {
    const { 'request.offence.isOffenceForHolder': isOffence, ...rest } = benignOfMember
    const { id: matter } = await ask(investigate())
    await attestAll(gateway, 'DE-POL', { kind: 'matter', matter }, rest)
    const first = await ask(investigate({ previous: matter }))
    expect(first).toMatchObject({
      standing: 'open',
      missing: ['request.offence.isOffenceForHolder'],
    })
    await gateway.attest('DE-POL', {
      holder: 'DE-POL',
      fact: 'request.offence.isOffenceForHolder',
      value: isOffence ?? true,
      scope: { kind: 'matter', matter: first.id },
    })

    const second = await ask(investigate({ previous: first.id }))
    expect(second).toMatchObject({ standing: 'open' })
    expect(new Set(second.reasons.map(({ code }) => code))).toEqual(new Set(['origin-consent']))
    await gateway.attest('BE-POL', {
      holder: 'DE-POL',
      fact: 'item.originConsent',
      originator: 'BE',
      value: 'given',
      scope: { kind: 'matter', matter: second.id },
    })
    expect((await look(second.id)).cured).toBe(true)
    expect((await ask(investigate({ previous: second.id }))).outcome).toBe('release')
  })

  // Kills: a remedy of one step out of two.
  test('is remedied by all steps of one way together, and by none of them alone', async () => {
    const { 'risk.torture': _torture, 'risk.persecution': _persecution, ...rest } = benignOfMember
    const caseReference = 'FR-TOGETHER'
    const { id: matter } = await ask(investigate({ caseReference }))
    const scope = { kind: 'matter', matter } as const
    await attestAll(gateway, 'DE-POL', scope, rest)
    const { id, todo } = await ask(investigate({ caseReference, previous: matter }))
    const facts = todo.filter(({ alternative }) => alternative === 1).map(({ fact }) => fact)
    expect(facts).toEqual(['risk.persecution', 'risk.torture'])
    for (const fact of facts) {
      expect((await look(id)).cured).toBe(false)
      await gateway.attest('DE-POL', { holder: 'DE-POL', fact, value: 'none', scope })
    }
    expect((await look(id)).cured).toBe(true)
  })

  test.each([
    ['consent', 'given'],
    ['say that there is no time to ask', 'unobtainable-in-time'],
  ])('needs the state that gave the data: Belgium cannot %s for France', async (_, value) => {
    const response = await gateway.call('BE-POL', {
      method: 'POST',
      path: '/v1/attestations',
      body: {
        holder: 'DE-POL',
        fact: 'item.originConsent',
        originator: 'FR',
        value,
        scope: { kind: 'matter', matter: 'A'.repeat(43) },
        ground: 'It is all one Union.',
        from: '2026-11-25T00:00:00Z',
        until: '2026-11-26T00:00:00Z',
        decidedBy: 'BE-POL',
      },
    })
    expect(await problemOf(response)).toMatchObject({ status: 403, code: 'may-not-attest' })
  })
})
