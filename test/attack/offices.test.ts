/** Attacks on the word of offices: who speaks for whom, of whom, and for how long. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { acts, homicide, startHomicide } from '../answer/homicide.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../answer/people.ts'
import { done, type Gateway, problemOf, startGateway } from '../world.ts'

let at: Awaited<ReturnType<typeof startHomicide>>
let gateway: Gateway
beforeAll(async () => {
  at = await startHomicide()
  gateway = at.gateway
})
afterAll(() => gateway.close())

const fact = 'assurance.deathPenalty'
const given = 'given-and-verified'

/** Two people of one case; the assurance can be given for the first. */
async function twoPeople() {
  const one = homicide()
  const two: AccessRequest = { ...one, subject: { recordId: 'R-STRANGER' } }
  const [first, second] = [await at.ask(one), await at.ask(two)]
  const { caseReference } = one
  const persons = [first.id]
  const scope = { kind: 'case' as const, requester: 'US-POL', caseReference, persons }
  const ask = async (body: AccessRequest, previous: string) =>
    at.factIn((await at.ask({ ...body, previous })).id, fact)
  return {
    scope,
    second: second.id,
    ofFirst: () => ask(one, first.id),
    ofSecond: () => ask(two, second.id),
  }
}
const add = (agency: string, id: string, request: string) =>
  gateway.call(agency, {
    method: 'POST',
    path: `/v1/attestations/${id}/persons`,
    body: { request },
  })
const asOtherMinistry = () =>
  gateway.change('NL-POL', {
    jurisdiction: 'GB',
    authorityType: 'central-authority',
    attests: [{ holder: 'GB-POL', facts: ['*'] }],
  })

describe('A person added to an assurance', () => {
  // DESIGN 5: if another office decided it signs too, and for life and limb only its signature counts.
  test('of an office that signed for another person is not that office’s word', async () => {
    await asOtherMinistry()
    const { scope, second, ofFirst, ofSecond } = await twoPeople()
    const said = { holder: 'GB-POL', fact, value: given, scope, decidedBy: 'GB-MIN' }
    const id = await gateway.attest('NL-POL', said)
    await done(await gateway.sign('GB-MIN', id))
    expect(await ofFirst()).toBe(given)
    expect(await problemOf(await add('NL-POL', id, second))).toMatchObject({ code: 'not-found' })
    expect(await ofSecond()).toBe('none')
    await gateway.change('NL-POL', {})
  })

  test('is added by no office whose right to vouch has ended', async () => {
    const { scope, second, ofSecond } = await twoPeople()
    const id = await at.assure(scope)
    await gateway.change('GB-MIN', { attests: [] })
    expect(await problemOf(await add('GB-MIN', id, second))).toMatchObject({ code: 'not-found' })
    await gateway.change('GB-MIN', {})
    expect(await ofSecond()).toBe('none')
  })

  // The register: a successor may take back what was vouched for. That it vouches is another right.
  test('is added by no successor that may not vouch itself', async () => {
    const { scope, second, ofSecond } = await twoPeople()
    const id = await at.assure(scope)
    await gateway.change('FR-SPOC', { succeeds: ['GB-MIN'] })
    expect(await problemOf(await add('FR-SPOC', id, second))).toMatchObject({ code: 'not-found' })
    await gateway.change('FR-SPOC', {})
    expect(await ofSecond()).toBe('none')
  })

  // DESIGN 5: while an objection stands the fact is unknown; it was made as far as the attestation.
  test('is not helped while the assurance as a whole is doubted', async () => {
    const { scope, second, ofFirst, ofSecond } = await twoPeople()
    const id = await at.assure(scope)
    await done(await at.object('GB-POL', id))
    expect(await ofFirst()).toBeUndefined()
    await done(await add('GB-MIN', id, second))
    expect(await ofSecond()).not.toBe(given)
  })
})

test('An office whose right to vouch has ended signs nothing that then counts', async () => {
  await asOtherMinistry()
  const body = homicide()
  const { id: matter } = await at.ask(body)
  const scope = { kind: 'matter', matter } as const
  const said = { holder: 'GB-POL', fact, value: given, scope, decidedBy: 'GB-MIN' }
  const id = await gateway.attest('NL-POL', said)
  await gateway.change('GB-MIN', { attests: [] })
  expect(await problemOf(await gateway.sign('GB-MIN', id))).toMatchObject({ code: 'not-found' })
  await gateway.change('GB-MIN', {})
  await gateway.change('NL-POL', {})
  expect(await at.factIn((await at.ask({ ...body, previous: matter })).id, fact)).toBe('none')
})

// DESIGN 2: no claim, the case among them, chooses an attestation on life and limb.
describe('That a theft of one person is not punished by death, and he is not tortured for it', () => {
  test.each([
    ['request.offence.deathPenaltyAvailable', false, true],
    ['risk.torture', 'none', 'substantial'],
    ['risk.persecution', 'none', 'substantial'],
  ] as const)(
    'says nothing (%s) of a stranger’s homicide in the same case',
    async (name, value, country) => {
      const requester = 'JP'
      await attestAll(gateway, 'GB-POL', { kind: 'general', requester }, { [name]: country })
      const channel = 'interpol'
      const theft = homicide({ channel, offence: { category: 'ordinary', maxCustodyMonths: 60 } })
      await at.ask(theft, 'JP-NCB')
      const { caseReference } = theft
      const scope = { kind: 'case', requester: 'JP-NCB', caseReference } as const
      // It may be refused without persons; if it is taken, it must not count for a stranger.
      await at.post('GB-POL', { holder: 'GB-POL', fact: name, value, scope })
      const murder = homicide({
        channel,
        subject: { recordId: 'R-STRANGER' },
        caseReference,
        offence: { category: 'terrorism', description: 'a homicide', maxCustodyMonths: 1200 },
      })
      const elsewhere = { ...murder, caseReference: `${caseReference}-ELSEWHERE` }
      const known = async (body: AccessRequest) =>
        at.factIn((await at.ask(body, 'JP-NCB')).id, name)
      expect(await known(murder)).toBe(await known(elsewhere))
    },
  )
})

// DESIGN 5: dual criminality is judged by conduct; a case may be about several.
test('That a theft is an offence here says nothing of another conduct in the same case', async () => {
  const name = 'request.offence.isOffenceForHolder'
  const channel = 'mla-central'
  const theft = homicide({ channel, offence: { category: 'ordinary', maxCustodyMonths: 60 } })
  const { caseReference } = theft
  await at.ask(theft, 'BR-PROS')
  const scope = { kind: 'case', requester: 'BR-PROS', caseReference } as const
  await at.post('GB-POL', { holder: 'GB-POL', fact: name, value: true, scope })
  const other = { category: 'religious', description: 'blasphemy', maxCustodyMonths: 60 } as const
  const { id } = await at.ask({ ...theft, offence: other }, 'BR-PROS')
  expect(await at.factIn(id, name)).toBeUndefined()
})

// register.ts: `*` stands for every fact that an office of its kind may vouch for, and for no other.
test('A ministry with every fact of its kind decides nothing that officers decide, and sees no record', async () => {
  const { id: matter } = await at.ask(homicide())
  await gateway.change('GB-MIN', { attests: [{ holder: 'GB-POL', facts: ['*'] }] })
  const seen = await gateway.seeWouldLeave('GB-MIN', matter)
  const scope = { kind: 'matter', matter } as const
  const said = { holder: 'GB-POL', fact: 'necessity.case', value: 'necessary', scope }
  const posted = await at.post('GB-MIN', said)
  await gateway.change('GB-MIN', {})
  expect(await problemOf(seen)).toMatchObject({ code: 'not-found' })
  expect(await problemOf(posted)).toMatchObject({ code: 'may-not-attest' })
})

describe('Belgium’s consent to give one person’s report in a case', () => {
  let german: Gateway
  beforeAll(async () => {
    german = await startGateway()
    await attestAll(german, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
    for (const id of ['R-1', 'R-2'])
      await german.putRecord('DE-POL', personOf(id, [itemOf('report', { originator: 'BE' })]))
  })
  afterAll(() => german.close())

  // DESIGN 5: consent to *this disclosure* is judged in the single case.
  test('lets no stranger’s report go that the requester asks for under the same reference', async () => {
    const on = acts(german)
    const asking = (id: string) =>
      requestOfMember({ subject: { recordId: id }, classes: ['case'], caseReference: 'FR-1' })
    await on.ask(asking('R-1'), 'FR-SPOC')
    await on.post('BE-POL', {
      holder: 'DE-POL',
      fact: 'item.originConsent',
      originator: 'BE',
      value: 'given',
      scope: { kind: 'case', requester: 'FR-SPOC', caseReference: 'FR-1' },
    })
    expect(await on.ask(asking('R-2'), 'FR-SPOC')).toMatchObject({ outcome: 'deny', records: [] })
  })
})
