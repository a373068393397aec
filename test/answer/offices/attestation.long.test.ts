/** Whose word counts: each office speaks for itself, all concerned may doubt, and nobody loosens. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AttestationBody } from '../../../functions/decision/attestation.ts'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import { done, type Gateway, problemOf, startGateway } from '../../world.ts'
import { acts, homicide, startHomicide } from '../homicide.ts'
import { attestAll, benign, directive, itemOf, personOf, requestOf } from '../people.ts'

let at: Awaited<ReturnType<typeof startHomicide>>
let gateway: Gateway
beforeAll(async () => {
  at = await startHomicide()
  gateway = at.gateway
})
afterAll(() => gateway.close())

const assurance = 'assurance.deathPenalty'
const given = 'given-and-verified'
const digest = 'D'.repeat(43)
const notFound = { status: 404, code: 'not-found' }

/** A homicide with an assurance for it, and what is known of it now. */
async function assured() {
  const body = homicide()
  const { id } = await at.ask(body)
  const attestation = await at.assure(id)
  const known = (fact = assurance) => knownOf(body, id, fact)
  return { body, id, attestation, known }
}
const knownOf = async (body: AccessRequest, previous: string, fact: string) =>
  at.factIn((await at.ask({ ...body, previous })).id, fact)

/** The police say of a fact that they judge what it is in a matter. */
const police = (matter: string, rest: Partial<AttestationBody> = {}) => ({
  holder: 'GB-POL',
  fact: 'necessity.case',
  value: 'necessary',
  scope: { kind: 'matter', matter } as const,
  ...rest,
})

describe('The word of an office', () => {
  // Kills: `withdraw` by whoever may attest, or by the holder.
  test('is taken back by that office and its successor, and by nobody else', async () => {
    const { attestation, known } = await assured()
    for (const agency of ['GB-POL', 'US-POL', 'DE-MIN', 'DE-POL', 'GB-DPO', 'GB-DPA'])
      expect(await problemOf(await at.takeBack(agency, attestation)), agency).toMatchObject(
        notFound,
      )
    expect(await known()).toBe(given)
    await gateway.change('DE-MIN', { succeeds: ['GB-MIN'] })
    expect((await at.takeBack('DE-MIN', attestation)).status).toBe(201)
    await gateway.change('DE-MIN', {})
    expect(await known()).toBe('none')
  })

  // Kills: a fact of the ministry's taken from police, by whatever they write beside it.
  test('is its own: the police vouch for no fact of the ministry, whoever they say decided', async () => {
    const { id } = await at.ask(homicide())
    const facts = [
      [assurance, given],
      ['approval.minister', 'given'],
      ['risk.mitigation', 'possible'],
    ] as const
    for (const [fact, value] of facts)
      for (const more of [
        {},
        { decidedBy: 'GB-MIN' },
        { decidedBy: 'GB-MIN', documentDigest: digest },
      ])
        expect(
          await problemOf(await at.post('GB-POL', police(id, { fact, value, ...more }))),
        ).toMatchObject({ status: 403, code: 'may-not-attest' })
    // Nor beside a fact of theirs.
    const also = [{ fact: assurance, value: given }]
    expect(await problemOf(await at.post('GB-POL', police(id, { also })))).toMatchObject({
      code: 'may-not-attest',
    })
  })

  // Kills: `*` read as every fact; a kind of office that the register alone decides.
  test('is of its kind, even where the register gives it every fact', async () => {
    const { id } = await at.ask(homicide())
    for (const agency of ['GB-POL', 'DE-MIN', 'DE-POL'])
      await gateway.change(agency, { attests: [{ holder: 'GB-POL', facts: ['*'] }] })
    try {
      const ofMinistry = police(id, { fact: assurance, value: given })
      for (const agency of ['GB-POL', 'DE-MIN', 'DE-POL'])
        expect(await problemOf(await at.post(agency, ofMinistry)), agency).toMatchObject({
          code: 'may-not-attest',
        })
      for (const agency of ['DE-MIN', 'DE-POL'])
        expect(await problemOf(await at.post(agency, police(id))), agency).toMatchObject({
          code: 'may-not-attest',
        })
      expect((await at.post('GB-POL', police(id))).status).toBe(201)
    } finally {
      for (const agency of ['GB-POL', 'DE-MIN', 'DE-POL']) await gateway.change(agency, {})
    }
  })
})

describe('The word of a court', () => {
  const approved = { fact: 'approval.court', value: 'given' }
  /** The Dutch police play an authority that the register gives every fact of the British police. */
  const play = (more: object) =>
    gateway.change('NL-POL', { attests: [{ holder: 'GB-POL', facts: ['*'] }], ...more })

  // Kills: the unit that holds the records approves itself; a court of another country.
  test('is taken from a court of that country and from its central authority, never from police', async () => {
    const { id } = await at.ask(homicide())
    const post = (agency: string, body: object = approved) => at.post(agency, police(id, body))
    const refused = { status: 403, code: 'may-not-attest' }
    try {
      expect(await problemOf(await post('GB-POL'))).toMatchObject(refused)
      await play({ jurisdiction: 'NL', authorityType: 'court' })
      expect(await problemOf(await post('NL-POL'))).toMatchObject(refused)
      await play({ jurisdiction: 'GB', authorityType: 'court' })
      expect((await post('NL-POL')).status).toBe(201)
      // A court approves; it is no ministry.
      const minister = { fact: 'approval.minister', value: 'given' }
      expect(await problemOf(await post('NL-POL', minister))).toMatchObject(refused)
      expect((await post('GB-MIN')).status).toBe(201)
    } finally {
      await gateway.change('NL-POL', {})
    }
  })
})

describe('The word of another office, entered for it', () => {
  /** The Dutch police play a second one of the United Kingdom. */
  const play = (more: object = {}) =>
    gateway.change('NL-POL', {
      jurisdiction: 'GB',
      attests: [{ holder: 'GB-POL', facts: ['*'] }],
      ...more,
    })
  beforeAll(() => play())
  afterAll(() => gateway.change('NL-POL', {}))

  // Kills: any word of an office that it has not signed.
  test('counts once that office has signed it, and for nobody else’s signature', async () => {
    const body = homicide()
    const { id } = await at.ask(body)
    const known = () => knownOf(body, id, 'necessity.case')
    const attestation = await gateway.attest('NL-POL', police(id, { decidedBy: 'GB-POL' }))
    expect(await known()).toBe('not-asked')
    for (const agency of ['GB-MIN', 'US-POL', 'DE-POL', 'DE-DPO', 'NL-POL'])
      expect(await problemOf(await gateway.sign(agency, attestation)), agency).toMatchObject(
        notFound,
      )
    // The data protection officer signs for herself, which makes it nobody’s word but hers.
    await done(await gateway.sign('GB-DPO', attestation))
    expect(await known()).toBe('not-asked')
    await done(await gateway.sign('GB-POL', attestation))
    expect(await known()).toBe('necessary')
  })

  // Kills: a signature that asks who the office is, and not what it may still vouch for.
  test('counts no more by the signature of an office that may not say so any longer', async () => {
    const { id } = await at.ask(homicide())
    const attestation = await gateway.attest('NL-POL', police(id, { decidedBy: 'GB-POL' }))
    await gateway.change('GB-POL', { attests: [] })
    try {
      expect(await problemOf(await gateway.sign('GB-POL', attestation))).toMatchObject(notFound)
    } finally {
      await gateway.change('GB-POL', {})
    }
    await done(await gateway.sign('GB-POL', attestation))
  })

  test('needs the digest of its document where the register lets the signer enter it', async () => {
    await play({ entersFor: ['GB-POL'] })
    const body = homicide()
    const { id } = await at.ask(body)
    const entered = police(id, { decidedBy: 'GB-POL' })
    expect(await problemOf(await at.post('NL-POL', entered))).toMatchObject({
      status: 422,
      errors: [{ pointer: '/documentDigest' }],
    })
    await gateway.attest('NL-POL', { ...entered, documentDigest: digest })
    expect(await knownOf(body, id, 'necessity.case')).toBe('necessary')
    // What the register lets it enter later makes nothing count that was entered before.
    await play()
    const other = homicide()
    const { id: before } = await at.ask(other)
    await gateway.attest('NL-POL', police(before, { decidedBy: 'GB-POL', documentDigest: digest }))
    await play({ entersFor: ['GB-POL'] })
    expect(await knownOf(other, before, 'necessity.case')).toBe('not-asked')
    await play()
  })

  // Kills: life and limb by a document.
  test('on life and limb counts by its own signature alone, document or not', async () => {
    await play({ entersFor: ['GB-POL'] })
    const body = homicide()
    const { id } = await at.ask(body)
    const risk = { fact: 'risk.torture', value: 'substantial', documentDigest: digest } as const
    const attestation = await gateway.attest('NL-POL', police(id, { ...risk, decidedBy: 'GB-POL' }))
    expect(await knownOf(body, id, 'risk.torture')).toBe('none')
    await done(await gateway.sign('GB-POL', attestation))
    expect(await knownOf(body, id, 'risk.torture')).toBe('substantial')
    await play()
  })

  test('is refused where no such office may decide it', async () => {
    const { id } = await at.ask(homicide())
    for (const decidedBy of ['GB-NOBODY', 'US-POL', 'GB-MIN', 'GB-DPO'])
      expect(
        await problemOf(await at.post('NL-POL', police(id, { decidedBy }))),
        decidedBy,
      ).toMatchObject({ status: 422, errors: [{ pointer: '/decidedBy' }] })
    expect(
      await problemOf(await at.post('NL-POL', police(id, { decidedBy: 'officer-2' }))),
    ).toMatchObject({ status: 422, errors: [{ pointer: '/decidedBy' }] })
  })
})

describe('The originator’s refusal', () => {
  let de: Gateway
  let on: ReturnType<typeof acts>
  beforeAll(async () => {
    de = await startGateway()
    on = acts(de)
    await de.putRecord('DE-POL', personOf('R-1', [itemOf('report', { originator: 'BE' })]))
    await attestAll(de, 'DE-POL', { kind: 'general', requester: 'FR' }, benign)
  })
  afterAll(() => de.close())

  const consent = (value: string, scope: AttestationBody['scope']) => ({
    holder: 'DE-POL',
    fact: 'item.originConsent',
    originator: 'BE',
    value,
    scope,
  })

  // Kills: the narrower word of another office that hides a refusal; one that hides the holder's own.
  test.each([
    ['case', 'case'],
    ['case', 'matter'],
    ['matter', 'case'],
    ['matter', 'matter'],
  ] as const)(
    'for a %s counts although the holder says for a %s that there was no time to ask',
    async (ofBelgium, ofHolder) => {
      const body = requestOf({
        ...directive,
        classes: ['case'],
        caseReference: `FR-${ofBelgium}-${ofHolder}`,
      })
      const { id } = await on.ask(body, 'FR-SPOC')
      const scopes = {
        case: {
          kind: 'case',
          requester: 'FR-SPOC',
          caseReference: body.caseReference,
          persons: [id],
        },
        matter: { kind: 'matter', matter: id },
      } satisfies Record<string, AttestationBody['scope']>
      const known = async () => {
        await attestAll(de, 'DE-POL', scopes.matter, { 'necessity.case': 'necessary' })
        await de.releaseBy('DE-POL', id)
        const answer = await on.ask({ ...body, previous: id }, 'FR-SPOC')
        const { opened } = await de.entry(answer.id)
        return opened.items.map(({ facts }) => facts['item.originConsent'])
      }
      await de.attest('DE-POL', consent('unobtainable-in-time', scopes[ofHolder]))
      expect(await known()).toEqual(['unobtainable-in-time'])
      await de.attest('BE-POL', consent('refused', scopes[ofBelgium]))
      expect(await known()).toEqual(['refused'])
    },
  )

  test('is nobody else’s to give, and the holder says no more than that there is no time', async () => {
    const { id } = await on.ask(requestOf({ ...directive, caseReference: 'FR-1' }), 'FR-SPOC')
    const scope = { kind: 'matter', matter: id } as const
    for (const value of ['given', 'refused'])
      for (const agency of ['DE-POL', 'DE-MIN', 'FR-SPOC'])
        expect(await problemOf(await on.post(agency, consent(value, scope)))).toMatchObject({
          code: 'may-not-attest',
        })
    expect((await on.post('DE-POL', consent('unobtainable-in-time', scope))).status).toBe(201)
  })
})

describe('An objection', () => {
  // Kills: an objection that is not looked at; one that reaches further than its scope.
  test('of the holder, or of whoever may attest it, makes the fact unknown where it reaches', async () => {
    for (const agency of ['GB-POL', 'GB-MIN']) {
      const { id, attestation, known } = await assured()
      const other = await assured()
      const scope = { kind: 'matter', matter: id }
      await done(await at.object(agency, attestation, { scope }))
      expect(await known()).toBeUndefined()
      expect(await other.known()).toBe(given)
    }
  })

  test('with a narrower scope leaves the rest of what was vouched for', async () => {
    const fact = 'risk.persecution'
    const general = await gateway.attestGenerally('GB-POL', {
      holder: 'GB-POL',
      fact,
      value: 'none',
      scope: { kind: 'general', requester: 'US' },
    })
    const [one, other] = [homicide(), homicide()]
    const [{ id }, { id: second }] = [await at.ask(one), await at.ask(other)]
    await done(await at.object('GB-POL', general, { scope: { kind: 'matter', matter: id } }))
    expect(await knownOf(one, id, fact)).toBeUndefined()
    expect(await knownOf(other, second, fact)).toBe('none')
  })

  test('is not the requester’s, nor a stranger’s: to them there is no such thing', async () => {
    const { attestation, known } = await assured()
    for (const agency of ['US-POL', 'FR-SPOC', 'DE-POL', 'DE-MIN', 'GB-DPO', 'GB-DPA'])
      expect(await problemOf(await at.object(agency, attestation)), agency).toMatchObject(notFound)
    expect(await known()).toBe(given)
  })

  // Kills: a refusal or a risk that an objection makes unknown.
  test('loosens nothing: a refusal and a risk that was found stay what they are', async () => {
    const body = homicide()
    const { id } = await at.ask(body)
    const { opened } = await gateway.entry(id)
    expect(opened.facts.facts['risk.torture']).toBe('none')
    const say = (agency: string, fact: string, value: AttestationBody['value']) =>
      gateway.attest(agency, {
        holder: 'GB-POL',
        fact,
        value,
        scope: { kind: 'matter', matter: id },
      })
    const refused = [
      ['GB-POL', 'risk.torture', 'real'],
      ['GB-MIN', 'approval.minister', 'refused'],
      ['GB-POL', 'transfer.caseCheck', 'concerns'],
      ['GB-POL', 'request.offence.isOffenceForHolder', false],
    ] as const
    for (const [agency, fact, value] of refused) {
      const attestation = await say(agency, fact, value)
      await done(await at.object('GB-POL', attestation))
      expect(await knownOf(body, id, fact), fact).toBe(value)
    }
  })

  // Kills: an objection that anybody ends, or that ends the attestation with it.
  test('is ended by whoever made it, or its successor, and by nobody else', async () => {
    const { attestation, known } = await assured()
    const objection = await done(await at.object('GB-POL', attestation))
    expect(await known()).toBeUndefined()
    for (const agency of ['GB-MIN', 'US-POL', 'DE-POL'])
      expect(await problemOf(await at.takeBack(agency, objection)), agency).toMatchObject(notFound)
    expect(await known()).toBeUndefined()
    expect((await at.takeBack('GB-POL', objection)).status).toBe(201)
    expect(await known()).toBe(given)
    const again = await done(await at.object('GB-POL', attestation))
    await gateway.change('GB-MIN', { succeeds: ['GB-POL'] })
    expect((await at.takeBack('GB-MIN', again)).status).toBe(201)
    await gateway.change('GB-MIN', {})
    expect(await known()).toBe(given)
  })

  test('outlives what it was made against: the same word of another office is doubted, too', async () => {
    const { id, attestation, known } = await assured()
    await done(await at.object('GB-POL', attestation))
    await at.takeBack('GB-MIN', attestation)
    await at.assure(id)
    expect(await known()).toBeUndefined()
  })

  test('names an attestation, or there is no such thing', async () => {
    for (const id of ['A'.repeat(43), (await at.ask(homicide())).id])
      expect(await problemOf(await at.object('GB-POL', id))).toMatchObject(notFound)
  })
})
