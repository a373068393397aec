/** Once an agency has named officers, nobody else decides for it; whoever its keys sign for still asks. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodbStatements } from '../../../functions/adapters/register-statements.ts'
import { wouldLeaveViewSchema } from '../../../functions/answer/offices/would-leave-view.ts'
import { registrarKeys } from '../../../functions/demo/enrol.ts'
import type { Officer } from '../../../functions/identity/officers.ts'
import { demonstrationRegistrars, signed } from '../../../functions/identity/registrars.ts'
import { type Body, chainOf } from '../../../functions/identity/statements.ts'
import { nextLink } from '../../../functions/policy/chain.ts'
import type { StatementKey } from '../../../functions/policy/signed.ts'
import { type Audited, startAudited } from '../../http/audit-gateway.ts'
import { holding, keyOf, pairOf } from '../../identity/registering.ts'
import { answered, type Call, done, problemOf } from '../../world.ts'
import { acts, homicide } from '../homicide.ts'
import {
  attestAll,
  benign,
  benignOfMember,
  inThisCase,
  itemOf,
  personOf,
  requestOfMember,
} from '../people.ts'

let gateway: Audited
let at: ReturnType<typeof acts>
beforeAll(async () => {
  gateway = await startAudited()
  at = acts(gateway)
  await gateway.putRecord('GB-POL', personOf('R-1', [itemOf('name'), itemOf('conviction')]))
  await attestAll(
    gateway,
    'GB-POL',
    { kind: 'general', requester: 'US' },
    { ...benign, 'transfer.assessment': 'safeguards-found' },
  )
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
})
afterAll(() => gateway.close())

/** States something of an agency; a minute later the gateway goes by it. */
async function state(id: string, body: Body, keys: readonly StatementKey[]): Promise<void> {
  const { client, tables } = gateway.store
  const register = dynamodbStatements(client, tables.register, demonstrationRegistrars)
  const { verdict: registrars } = await register.registrars()
  const { verdict } = await register.chain(id, holding(registrars))
  const link = nextLink(chainOf(id), holding(verdict).tip, gateway.clock.now.toISOString(), body)
  expect(await register.enter(signed(link, keys))).toBe(true)
  gateway.clock.pass(61_000)
  await gateway.world.register.agency(id)
}

const why = 'Their letter of 20 November asks for it.'
const seconds = new Map<string, StatementKey>()

/** An agency names officers, with the key that it signs calls with, and with a second one of its own. */
async function name(id: string, officers: Officer[]): Promise<void> {
  const own = gateway.keys.get(id)
  if (own === undefined) throw new Error(`${id} has no key`)
  let second = seconds.get(id)
  if (second === undefined) {
    const pair = pairOf(`${id}-second`)
    const channel = (await gateway.world.register.agency(id))?.channels[0]
    const key = { ...keyOf(pair), ...(channel === undefined ? {} : { channel }) }
    await state(id, { act: 'add-key', key, why }, registrarKeys().slice(0, 2))
    second = pair.secret
    seconds.set(id, second)
  }
  const keys = [{ kid: own.kid, jwk: own.privateJwk }, second]
  await state(id, { act: 'name-officers', officers, why }, keys)
}
const end = (id: string, officers: string[]) => {
  const second = seconds.get(id)
  if (second === undefined) throw new Error(`${id} has named nobody`)
  return state(id, { act: 'end-officers', officers, why }, [second])
}

const mayNot = { status: 403, code: 'may-not-attest' }
const notFound = { status: 404, code: 'not-found' }
const decision = { fact: 'release.decision', value: 'release' } as const

describe('Of an agency that has named nobody', () => {
  test('each officer whom its keys sign for decides', async () => {
    const { id } = await at.ask(homicide())
    const looked = await gateway.seeWouldLeave('GB-POL', id, {}, { officer: 'officer-44' })
    expect(looked.status).toBe(200)
  })
})

describe('Of an agency that has named officers', () => {
  const inCase = (matter: string) => ({
    holder: 'GB-POL',
    fact: 'necessity.case',
    value: 'necessary',
    scope: { kind: 'matter' as const, matter },
  })
  const post = async (officer: string, body: object, agency = 'GB-POL') =>
    gateway.call(agency, {
      method: 'POST',
      path: '/v1/attestations',
      officer,
      body: {
        ground: 'Judged for this test.',
        decidedBy: agency,
        from: gateway.clock.now.toISOString(),
        until: new Date(gateway.clock.now.getTime() + 3_600_000).toISOString(),
        ...body,
      },
    })
  beforeAll(() =>
    name('GB-POL', [
      { id: 'releasing-1', may: ['release'] },
      { id: 'vouching-1', may: ['attest'] },
      { id: 'both-1', may: ['release', 'attest'] },
    ]),
  )

  // Kills: an officer who is not looked for; one who is looked for by the name of another.
  test('nobody else looks at what would leave, or releases it', async () => {
    const { id } = await at.ask(homicide())
    for (const officer of ['officer-1', 'RELEASING-1', 'releasing', 'vouching-1'])
      expect(
        await problemOf(await gateway.seeWouldLeave('GB-POL', id, {}, { officer })),
        officer,
      ).toMatchObject(notFound)
    expect((await gateway.seeWouldLeave('GB-POL', id, {}, { officer: 'releasing-1' })).status).toBe(
      200,
    )
    for (const officer of ['officer-1', 'vouching-1'])
      expect(
        await problemOf(
          await post(officer, {
            ...{ holder: 'GB-POL', ...decision, release: { shown: 'S'.repeat(22) } },
            scope: { kind: 'matter', matter: id },
          }),
        ),
        officer,
      ).toMatchObject(mayNot)
  })

  test('who releases and finds something beside it was named for both', async () => {
    const { id } = await at.ask(homicide())
    const facts = { facts: inThisCase }
    expect(
      await problemOf(await gateway.seeWouldLeave('GB-POL', id, facts, { officer: 'releasing-1' })),
    ).toMatchObject(mayNot)
    await at.release(id, { officer: 'both-1' })
  })

  test('nobody else vouches for facts, doubts them or takes them back', async () => {
    const { id } = await at.ask(homicide())
    for (const officer of ['officer-1', 'releasing-1'])
      expect(await problemOf(await post(officer, inCase(id))), officer).toMatchObject(mayNot)
    const attestation = await done(await post('vouching-1', inCase(id)))
    const acting = (
      method: string,
      path: string,
      officer: string,
      body?: object,
    ): Promise<Response> =>
      gateway.call('GB-POL', {
        ...{ method, path: `/v1/attestations/${attestation}${path}`, officer },
        ...(body === undefined ? {} : { body }),
      } satisfies Call)
    const ground = { ground: 'There is reason to doubt it.' }
    for (const officer of ['officer-1', 'releasing-1']) {
      for (const response of [
        await acting('POST', '/objections', officer, ground),
        await acting('POST', '/signatures', officer),
        await acting('DELETE', '', officer),
      ])
        expect(await problemOf(response), officer).toMatchObject(notFound)
    }
    const objection = await done(await acting('POST', '/objections', 'vouching-1', ground))
    const ended = (officer: string) =>
      gateway.call('GB-POL', { method: 'DELETE', path: `/v1/attestations/${objection}`, officer })
    expect(await problemOf(await ended('officer-1'))).toMatchObject(notFound)
    await done(await ended('vouching-1'))
    await done(await acting('DELETE', '', 'vouching-1'))
  })

  test('whoever its keys sign for asks, is asked, and keeps records', async () => {
    const asking = homicide({ holder: 'DE-POL' })
    const { id } = await answered(await gateway.ask('GB-POL', 'officer-44', asking))
    const looked = await gateway.call('GB-POL', { path: `/v1/access-requests/${id}` })
    expect(looked.status).toBe(200)
    await gateway.putRecord('GB-POL', personOf('R-2', [itemOf('name')]))
    expect((await at.ask(homicide())).outcome).toBe('deny')
  })

  // Kills: a request of whomever an officer likes, entered by whom nobody named for anything.
  test('nobody else enters a request that came by another way', async () => {
    const from = { jurisdiction: 'US', authorityType: 'police' }
    const receivedBy = {
      way: 'letter' as const,
      number: 'L-1',
      receivedAt: '2026-11-25T08:00:00Z',
      digest: 'd'.repeat(43),
      from: { name: 'Sheriff of Example County', ...from, cannotHonour: [] },
    }
    const enter = (officer: string) => gateway.ask('GB-POL', officer, homicide({ receivedBy }))
    for (const officer of ['officer-1', 'releasing-1'])
      expect(await problemOf(await enter(officer)), officer).toMatchObject({
        code: 'not-your-role',
      })
    expect((await enter('vouching-1')).status).toBe(201)
  })

  test('nobody acts on a person’s part of the log who was not named for that', async () => {
    const act = (officer: string) =>
      gateway.callAudit('GB-POL', {
        method: 'POST',
        path: '/v1/subject-pseudonyms',
        officer,
        body: { purpose: 'lawfulness', subjects: [{ recordId: 'R-1' }] },
      })
    expect(await problemOf(await act('both-1'))).toMatchObject({ code: 'not-your-role' })
    await name('GB-POL', [{ id: 'archivist-1', may: ['act-on-subjects'] }])
    expect((await act('archivist-1')).status).toBe(200)
  })

  // Kills: a right that stays with whoever had it a minute ago; nobody left, read as nobody named.
  test('whose right was ended decides no more, and none is left where all were ended', async () => {
    const { id } = await at.ask(homicide())
    await end('GB-POL', ['vouching-1'])
    expect(await problemOf(await post('vouching-1', inCase(id)))).toMatchObject(mayNot)
    expect((await post('both-1', inCase(id))).status).toBe(201)
    await end('GB-POL', ['both-1', 'releasing-1', 'archivist-1'])
    for (const officer of ['both-1', 'officer-1'])
      expect(await problemOf(await post(officer, inCase(id)))).toMatchObject(mayNot)
  })
})

describe('Of an office of data protection, or of auditors, that has named officers', () => {
  test('nobody else signs what is said of a country', async () => {
    await name('DE-DPO', [{ id: 'dpo-7', may: ['approve'] }])
    const id = await gateway.attest('DE-POL', {
      ...{ holder: 'DE-POL', fact: 'risk.torture', value: 'none' },
      scope: { kind: 'general', requester: 'US' },
    })
    expect(
      await problemOf(await gateway.sign('DE-DPO', id, { officer: 'officer-1' })),
    ).toMatchObject(notFound)
    await done(await gateway.sign('DE-DPO', id, { officer: 'dpo-7' }))
  })

  test('nobody else looks into the log', async () => {
    await name('DE-DPA', [{ id: 'inspector-1', may: ['audit'] }])
    const count = (officer: string) =>
      gateway.callAudit('DE-DPA', { path: '/v1/decisions/count?purpose=lawfulness', officer })
    expect(await problemOf(await count('officer-1'))).toMatchObject({ code: 'not-your-role' })
    expect((await count('inspector-1')).status).toBe(200)
    const { id } = await answered(
      await gateway.ask('GB-POL', 'officer-1', homicide({ holder: 'DE-POL' })),
    )
    const see = (officer: string) =>
      gateway.callAudit('DE-DPA', { path: `/v1/decisions/${id}?purpose=lawfulness`, officer })
    expect(await problemOf(await see('officer-1'))).toMatchObject(notFound)
    expect((await see('inspector-1')).status).toBe(200)
  })
})

describe('What is provided unasked', () => {
  // Kills: an officer without the right whose word releases.
  test('waits for an officer who may release, where a person decides and its own may not', async () => {
    await gateway.putRecord('DE-POL', personOf('R-given', [itemOf('name')]))
    // The recipient was refused this person in a case of this name: then a person decides.
    const caseReference = 'REFUSED 1'
    const refused = requestOfMember({
      ...{ caseReference, purpose: 'immigration', subject: { recordId: 'R-given' } },
    })
    await answered(await gateway.ask('FR-SPOC', 'officer-7', refused))
    await name('DE-POL', [
      { id: 'clerk-1', may: ['attest'] },
      { id: 'chief-1', may: ['attest', 'release'] },
    ])
    const body = {
      ...{ holder: 'DE-POL', to: 'FR-SPOC', subject: { recordId: 'R-given' }, caseReference },
      ...{
        classes: ['identification'],
        purpose: 'investigation',
        offence: { category: 'ordinary' },
      },
      ...{ instrument: 'EU-2023/977', channel: 'siena', urgency: 'none', ground: 'Seen there.' },
    }
    const provide = (changes: object, officer = 'clerk-1') =>
      gateway.call('DE-POL', {
        ...{ method: 'POST', path: '/v1/provisions', body: { ...body, ...changes }, officer },
      })
    const look = async (changes: object = {}, officer = 'clerk-1') =>
      wouldLeaveViewSchema.parse(await (await provide(changes, officer)).json())
    const mine = await look()
    expect(mine.reasons.map(({ code }) => code)).toContain('human-decision')
    expect(mine.items).toEqual([])
    const { id: previous, outcome } = await answered(await provide({ shown: mine.shown }))
    expect(outcome).toBe('deny')
    await gateway.releaseBy('DE-POL', previous, { officer: 'chief-1', facts: inThisCase })
    const { shown } = await look({ previous })
    const by = { kind: 'officer', office: 'DE-POL' }
    const released = await answered(await provide({ previous, shown }))
    expect(released).toMatchObject({ outcome: 'release', decidedBy: by })
    // By one who may release, it is decided in the one call; and what one was shown is not another's.
    const view = await look({}, 'chief-1')
    expect(await problemOf(await provide({ shown: view.shown }))).toMatchObject({
      code: 'not-as-shown',
    })
    const given = await answered(await provide({ shown: view.shown }, 'chief-1'))
    expect(given).toMatchObject({ outcome: 'release', decidedBy: { ...by, attestation: given.id } })
  })
})
