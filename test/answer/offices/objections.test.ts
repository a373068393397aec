/** Whoever may vouch for a fact may doubt it, whatever else was said with it. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { answered, done, type Gateway, problemOf, startGateway } from '../../world.ts'
import { requestOf } from '../people.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

const objectTo = (agency: string, id: string) =>
  gateway.call(agency, {
    method: 'POST',
    path: `/v1/attestations/${id}/objections`,
    body: { ground: 'We were never asked.' },
  })

// Kills: an objection that needs a right to every fact of an act.
test('An originator objects to what the holder says of its consent, in whatever act it says so', async () => {
  const asked = await answered(await gateway.ask('US-POL', 'agent-1', requestOf()))
  const id = await gateway.attest('DE-POL', {
    holder: 'DE-POL',
    fact: 'risk.torture',
    value: 'none',
    also: [{ fact: 'item.originConsent', value: 'unobtainable-in-time' }],
    originator: 'BE',
    scope: { kind: 'matter', matter: asked.id },
  })
  const byBelgium = await done(await objectTo('BE-POL', id))
  // It doubts what it may vouch for, and nothing else.
  expect((await gateway.world.attestations.objection(byBelgium))?.facts).toEqual([
    'item.originConsent',
  ])
  const byHolder = await done(await objectTo('DE-POL', id))
  expect((await gateway.world.attestations.objection(byHolder))?.facts).toEqual([
    'risk.torture',
    'item.originConsent',
  ])
  expect(await problemOf(await objectTo('DE-MIN', id))).toMatchObject({ code: 'not-found' })
})

// Kills: the row of an objection read as an attestation.
test('Whoever objected ends it, and then the fact is known again', async () => {
  const caseReference = 'CASE-2'
  const body = requestOf({ caseReference })
  const { id: matter } = await answered(await gateway.ask('US-POL', 'agent-1', body))
  const scope = { kind: 'matter', matter } as const
  const said = { holder: 'DE-POL', fact: 'assurance.deathPenalty', value: 'given-and-verified' }
  const id = await gateway.attest('DE-MIN', { ...said, scope })
  const objection = await done(await objectTo('DE-POL', id))
  const end = (agency: string) =>
    gateway.call(agency, { method: 'DELETE', path: `/v1/attestations/${objection}` })
  expect(await problemOf(await end('DE-MIN'))).toMatchObject({ code: 'not-found' })
  const standing = async () => {
    const asking = { id: matter, requester: 'US-POL', requesterJurisdiction: 'US' }
    const about = { ...asking, caseReference, holder: 'DE-POL' }
    // A cast: these are what rows are found by.
    const at = gateway.clock.now.toISOString()
    const found = await gateway.world.attestations.about('DE-POL', about as never, at)
    return found.objections.map((each) => each.id)
  }
  expect(await standing()).toEqual([objection])
  await done(await end('DE-POL'))
  expect(await standing()).toEqual([])
})
