/** What an office answered with no is heard, though no rule reads it: an officer decides, and nobody else learns of it. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { inboxPageSchema } from '../../../functions/answer/offices/inbox.ts'
import { wouldLeaveViewSchema } from '../../../functions/answer/offices/would-leave-view.ts'
import { replay } from '../../../functions/audit/replay.ts'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import { seal } from '../../../functions/sealing/seal.ts'
import { startSealing, type TestSealing } from '../../sealing/sealed-log.ts'
import { answered, type Gateway } from '../../world.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../people.ts'

let sealing: TestSealing
let gateway: Gateway
beforeAll(async () => {
  sealing = await startSealing()
  gateway = sealing.gateway
  for (const requester of ['FR', 'ES'])
    await attestAll(gateway, 'DE-POL', { kind: 'general', requester }, benignOfMember)
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
})
afterAll(() => sealing.close())

const ask = async (changes: Partial<AccessRequest> = {}, agency = 'FR-SPOC') =>
  answered(await gateway.ask(agency, 'officer-7', requestOfMember(changes)))
const inboxOf = async (agency: string) => {
  const response = await gateway.call(agency, { path: '/v1/inbox' })
  return inboxPageSchema.parse(await response.json()).open
}

// Kills: an answered no that counts only where a rule of this holder reads it (`blockersByNo`).
test('a use was found incompatible: what left by rule stays, the officer hears of it and may let it go', async () => {
  const first = await ask()
  expect(first.outcome).toBe('release')
  await gateway.attest('DE-POL', {
    ...{ holder: 'DE-POL', fact: 'use.compatible', value: 'no' },
    scope: { kind: 'matter', matter: first.id },
  })

  const second = await ask()
  const noHit = await ask({ subject: { recordId: 'nobody' } })
  const told = ({ outcome, standing, reasons, todo, records }: typeof second) => ({
    ...{ outcome, standing, reasons, todo, records },
  })
  expect(second).toMatchObject({ outcome: 'deny', standing: 'final', todo: [] })
  expect(told(second)).toEqual(told(noHit))

  // What the requester is not told of is filed once it is sealed, as every entry is.
  await seal('comity.test/de/2026', [second.id], sealing.world())
  const row = (await inboxOf('DE-POL')).find(({ request }) => request === second.id)
  expect(row?.because).toEqual(['answered-no'])
  await gateway.releaseBy('DE-POL', second.id, {})
  expect((await ask({ previous: second.id })).outcome).toBe('release')

  for (const { id } of [first, second]) {
    const { stored } = await gateway.entry(id)
    expect(stored.leaf.v).toBe(5)
    expect(await replay(stored, gateway.world)).toEqual({ kind: 'same' })
  }
  // Another state's agency, in a case of its own, is answered by rule.
  expect((await ask({}, 'ES-SPOC')).outcome).toBe('release')
})

test('a dry run tells nothing of it, and is decided the same again', async () => {
  const caseReference = 'CASE-2'
  const { id: matter } = await ask({ caseReference })
  const supposed = {
    ...({ class: 'identification', role: 'suspect', minor: false, ageAtEvent: 35 } as const),
    ...({ origin: 'holder', originConsent: 'own-data', system: 'national' } as const),
    ...({
      quality: 'verified',
      status: 'active',
      youthRecord: 'none',
      yearsSinceEvent: 1,
    } as const),
  }
  const dry = { caseReference, dryRun: true, hypotheses: [supposed] } as never
  const before = await ask(dry)
  expect(before.outcome).toBe('release')
  await gateway.attest('DE-POL', {
    ...{ holder: 'DE-POL', fact: 'match.confirmation', value: 'refuted' },
    scope: { kind: 'matter', matter },
  })
  expect((await ask({ caseReference })).outcome).toBe('deny')
  const after = await ask(dry)
  expect([after.outcome, after.reasons]).toEqual([before.outcome, before.reasons])
  const { stored } = await gateway.entry(after.id)
  expect(await replay(stored, gateway.world)).toEqual({ kind: 'same' })
})

const refuteMatch = (matter: string) =>
  gateway.attest('DE-POL', {
    ...{ holder: 'DE-POL', fact: 'match.confirmation', value: 'refuted' },
    scope: { kind: 'matter', matter },
  })

// Kills: an officer's release that stands whatever was answered since (`shownOf`).
test('an officer released what he was shown: a no answered since needs his word anew', async () => {
  const caseReference = 'CASE-3'
  const first = await ask({ caseReference })
  await gateway.attest('DE-POL', {
    ...{ holder: 'DE-POL', fact: 'use.compatible', value: 'no' },
    scope: { kind: 'matter', matter: first.id },
  })
  const { id: previous } = await ask({ caseReference })
  await gateway.releaseBy('DE-POL', previous, {})
  expect((await ask({ caseReference, previous })).outcome).toBe('release')

  await refuteMatch(previous)
  const since = await ask({ caseReference, previous })
  expect(since).toMatchObject({ outcome: 'deny', standing: 'final', todo: [] })
  await gateway.releaseBy('DE-POL', previous, {})
  expect((await ask({ caseReference, previous })).outcome).toBe('release')
})

// Kills: what was provided, collected whatever was answered since (`stillLeaves`).
test('what an officer provided is not collected once a no was answered since', async () => {
  const provision = {
    ...{ holder: 'DE-POL', to: 'FR-SPOC', subject: { recordId: 'R-1' } },
    ...{ classes: ['identification'], purpose: 'investigation', instrument: 'EU-2023/977' },
    ...{ channel: 'siena', urgency: 'none', offence: { category: 'ordinary' } },
    ...{ ground: 'He was seen with the suspects of their case.', caseReference: 'OWN-1' },
  }
  const post = (body: object) =>
    gateway.call('DE-POL', { method: 'POST', path: '/v1/provisions', body, officer: 'officer-1' })
  const { shown } = wouldLeaveViewSchema.parse(await (await post(provision)).json())
  const { id } = await answered(await post({ ...provision, shown }))
  const collect = async () =>
    (await gateway.call('FR-SPOC', { path: `/v1/provisions/${id}` })).status
  expect(await collect()).toBe(200)
  await refuteMatch(id)
  expect(await collect()).toBe(409)
})
