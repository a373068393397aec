/** How far an officer's passkey reaches: one matter, and what the register names that officer for. */

import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeFolders, temporaryFolder } from '../../demo/process.ts'
import { enteredPasskey } from '../../identity/entered-passkey.ts'
import { answered, done, type Gateway, problemOf, startGateway } from '../../world.ts'
import { requestOf, requestOfMember } from '../people.ts'

let gateway: Gateway
let byPasskey: (method: string, path: string, body?: object) => Promise<Response>
let matter: string
beforeAll(async () => {
  gateway = await startGateway()
  const signed = await enteredPasskey(gateway, 'DE-POL', 'officer-1', temporaryFolder())
  byPasskey = async (...of) => gateway.app.request(...signed(...of))
  matter = (await answered(await gateway.ask('US-POL', 'agent-1', requestOf()))).id
})
afterAll(async () => {
  await gateway.close()
  await removeFolders()
})

const vouched = (fact: string, value: string, scope: object) => ({
  ...{ holder: 'DE-POL', fact, value, scope, ground: 'By the file.', decidedBy: 'DE-POL' },
  from: gateway.clock.now.toISOString(),
  until: new Date(gateway.clock.now.getTime() + 86_400_000).toISOString(),
})

// Kills: a key in somebody's pocket that says of a whole country what two offices are to say.
test('An officer vouches by passkey in one matter, and never for a case or a country', async () => {
  const post = (body: object) => byPasskey('POST', '/v1/attestations', body)
  const general = vouched('risk.torture', 'none', { kind: 'general', requester: 'US' })
  expect(await problemOf(await post(general))).toMatchObject({ code: 'may-not-attest' })
  const { caseReference } = requestOf()
  const persons = { kind: 'case', requester: 'US-POL', caseReference, persons: [matter] }
  expect(await problemOf(await post(vouched('consent.person', 'given', persons)))).toMatchObject({
    code: 'may-not-attest',
  })
  const one = vouched('risk.torture', 'none', { kind: 'matter', matter })
  expect((await post(one)).status).toBe(201)
  // The agency's own key says it of a country, as before.
  const byKey = await gateway.call('DE-POL', {
    method: 'POST',
    path: '/v1/attestations',
    body: general,
  })
  expect(byKey.status).toBe(201)
})

// Kills: doubt that an officer can raise and not end, and one that ends for a country by the same key.
test('What an officer said by passkey of one matter, they take back by it', async () => {
  const said = { holder: 'DE-POL', fact: 'assurance.deathPenalty', value: 'given-and-verified' }
  const id = await gateway.attest('DE-MIN', { ...said, scope: { kind: 'matter', matter } })
  const path = `/v1/attestations/${id}/objections`
  const objection = await done(await byPasskey('POST', path, { ground: 'We were not asked.' }))
  const end = (each: string) => byPasskey('DELETE', `/v1/attestations/${each}`)
  expect((await end(objection)).status).toBe(201)
  const country = { kind: 'general', requester: 'US' } as const
  const warning = await gateway.attest('DE-POL', {
    ...{ holder: 'DE-POL', fact: 'risk.torture', value: 'real', scope: country },
  })
  expect(await problemOf(await end(warning))).toMatchObject({ code: 'may-not-attest' })
})

// Kills: one officer's doubt, by a key in a pocket, that has every request of a country denied, and cannot be ended by it.
test('An officer objects by passkey in one matter, and never for all that an attestation reaches', async () => {
  const country = { kind: 'general', requester: 'US' } as const
  const said = { holder: 'DE-POL', fact: 'risk.torture', value: 'none', scope: country }
  const path = `/v1/attestations/${await gateway.attest('DE-POL', said)}/objections`
  const ground = 'We were not asked.'
  const { caseReference } = requestOf()
  const inCase = { kind: 'case', requester: 'US-POL', caseReference, persons: [matter] }
  for (const body of [{ ground }, { ground, scope: country }, { ground, scope: inCase }])
    expect(await problemOf(await byPasskey('POST', path, body))).toMatchObject({
      code: 'may-not-attest',
    })
  const one = await byPasskey('POST', path, { ground, scope: { kind: 'matter', matter } })
  expect(one.status).toBe(201)
  // The agency's own key doubts it for the country, as before.
  const byKey = await gateway.call('DE-POL', { method: 'POST', path, body: { ground } })
  expect(byKey.status).toBe(201)
})

// Kills: a passkey for what the path lets two kinds of officers call, whoever of them holds it.
test('An officer who is named to attest enters what came by another way, and asks nothing', async () => {
  const ask = (body: object) => byPasskey('POST', '/v1/access-requests', body)
  const own = requestOf({ holder: 'GB-POL' })
  expect(await problemOf(await ask(own))).toMatchObject({ code: 'not-your-role' })
  const receivedBy = {
    ...{ way: 'letter' as const, number: 'R-26/4', receivedAt: '2026-11-25T08:40:00Z' },
    digest: createHash('sha256').update('letter').digest('base64url'),
    from: {
      ...{ name: 'Polícia Judiciária', jurisdiction: 'PT', authorityType: 'police' },
      cannotHonour: [],
    },
  }
  const body = requestOfMember({ receivedBy, caseReference: 'NUIPC 1/26' })
  const entered = await answered(await ask(body))
  expect(entered).toMatchObject({ outcome: 'deny', receivedBy: { from: { jurisdiction: 'PT' } } })
})
