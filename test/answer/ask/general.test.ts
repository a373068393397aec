/** What is said of a country as a rule: how long, by whose signatures, and what a claim may choose of it. */

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { AttestationBody } from '../../../functions/decision/attestation.ts'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import { seed } from '../../../functions/demo/seed.ts'
import { claimsThatBind } from '../../../functions/policy/fact-types.ts'
import { vouching } from '../../../functions/policy/vouching.ts'
import { freshId } from '../../adapters/make.ts'
import { done, type Gateway, origin, problemOf, startGateway } from '../../world.ts'
import { acts, codesOf } from '../homicide.ts'
import { attestAll, benign, inThisCase, itemOf, personOf, requestOf } from '../people.ts'

let gateway: Gateway
let at: ReturnType<typeof acts>
beforeAll(async () => {
  gateway = await startGateway()
  at = acts(gateway)
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
})
afterAll(() => gateway.close())

const dayMs = 86_400_000
const lifeAndLimb = Object.keys(vouching).filter(
  (fact) => vouching[fact]?.lifeAndLimb && vouching[fact]?.scopes.includes('general'),
)
const judgedInTheCase = Object.keys(vouching).filter(
  (fact) => !vouching[fact]?.scopes.includes('general'),
)
const inDays = (days: number, after = gateway.clock.now) =>
  new Date(after.getTime() + days * dayMs).toISOString()
const general = (fact: string, value: AttestationBody['value'], rest: object = {}) => ({
  holder: 'DE-POL',
  fact,
  value,
  scope: { kind: 'general', requester: 'US' } as const,
  ...rest,
})
const askUs = (changes: Partial<AccessRequest> = {}) => at.ask(requestOf(changes), 'US-POL')

/** A row of before: as older gateways wrote it, past every check of today. */
async function putOld(rest: object, requester = 'US') {
  const id = freshId()
  const attestation = {
    holder: 'DE-POL',
    fact: 'risk.torture',
    value: 'none',
    scope: { kind: 'standing', requester },
    ground: 'Judged before.',
    from: inDays(-30),
    until: inDays(30),
    decidedBy: 'officer-2',
    id,
    attester: 'DE-POL',
    enteredBy: 'officer-1',
    enteredAt: inDays(-30),
    ...rest,
  }
  const { scope } = attestation as { scope: { kind: string; request?: string } }
  const place = scope.kind === 'request' ? `request#${scope.request}` : `standing#${requester}`
  const Item = {
    pk: { S: `A#DE-POL#${place}` },
    sk: { S: id },
    attestation: { S: JSON.stringify(attestation) },
  }
  await gateway.store.rows.attestations.put(Item)
  return id
}

describe('An attestation for a country', () => {
  // Kills: the second signature not asked; that of any office taken for it.
  test('counts once data protection of the holder has signed it, and not before', async () => {
    const fact = 'request.offence.character'
    const id = await gateway.attest('DE-POL', general(fact, 'ordinary'))
    const known = async () => at.factIn((await askUs()).id, fact)
    expect(await known()).toBeUndefined()
    for (const agency of ['GB-DPO', 'DE-DPA', 'DE-MIN', 'DE-LEGAL', 'US-POL'])
      expect(await problemOf(await gateway.sign(agency, id)), agency).toMatchObject({
        code: 'not-found',
      })
    // Its own office may sign what is its own already; that is no second pair of eyes.
    await done(await gateway.sign('DE-POL', id))
    expect(await known()).toBeUndefined()
    await done(await gateway.sign('DE-DPO', id))
    expect(await known()).toBe('ordinary')
  })

  // Kills: a limit of years; one day too many.
  test('lasts a year at most', async () => {
    const fact = 'request.offence.character'
    const long = (days: number) =>
      at.post('DE-POL', general(fact, 'ordinary', { until: inDays(days) }))
    expect((await long(366)).status).toBe(201)
    expect(await problemOf(await long(367))).toEqual({
      status: 422,
      code: 'invalid-request',
      errors: [
        { pointer: '/until', detail: 'what is said of a case or a country lasts a year at most' },
      ],
    })
  })

  // Kills: years chained to one another (`aheadDaysMax`); a day too many.
  test('begins within 31 days, so that none is there for the year after next', async () => {
    const fact = 'request.offence.character'
    const ahead = (days: number) =>
      at.post('DE-POL', general(fact, 'ordinary', { from: inDays(days), until: inDays(days + 1) }))
    expect((await ahead(31)).status).toBe(201)
    expect(await problemOf(await ahead(32))).toEqual({
      status: 422,
      code: 'invalid-request',
      errors: [{ pointer: '/from', detail: 'what is said of a country begins within 31 days' }],
    })
  })

  test.each(judgedInTheCase)(
    'cannot be had for %s, which is judged in the single case',
    async (fact) => {
      const { scopes = [] } = vouching[fact] ?? {}
      const response = await at.post('DE-POL', general(fact, 'clean'))
      expect((await problemOf(response)).errors).toContainEqual({
        pointer: '/scope/kind',
        detail: `\`${fact}\` is judged in the single case: its scope is ${scopes.join(' or ')}`,
      })
    },
  )

  // Kills: necessity as a rule where nobody presumes it.
  test('on necessity counts only where the law of both presumes it', async () => {
    await gateway.attestGenerally('DE-POL', general('necessity.case', 'necessary'))
    expect(await at.factIn((await askUs()).id, 'necessity.case')).toBe('not-asked')
  })

  // Kills: a list of another's; one taken back; one that ends later.
  test('is listed to its office and its holder for thirty days before it ends', async () => {
    const listed = async (agency: string) => {
      const response = await gateway.call(agency, { path: '/v1/attestations' })
      const { ending } = z
        .object({ ending: z.array(z.looseObject({ id: z.string(), until: z.string() })) })
        .parse(await response.json())
      return ending.map(({ id }) => id)
    }
    const of = (days: number) =>
      gateway.attest('DE-POL', general('risk.persecution', 'none', { until: inDays(days) }))
    const [late, soon, taken] = [await of(31), await of(29), await of(20)]
    await at.takeBack('DE-POL', taken)
    expect(await listed('DE-POL')).toContain(soon)
    for (const id of [late, taken]) expect(await listed('DE-POL')).not.toContain(id)
    for (const agency of ['GB-POL', 'US-POL', 'DE-DPO'])
      expect(await listed(agency)).not.toContain(soon)
    const before = gateway.clock.now
    gateway.clock.now = new Date(before.getTime() + 2 * dayMs)
    expect(await listed('DE-POL')).toContain(late)
    gateway.clock.now = before
  })
})

describe('Life and limb', () => {
  // Kills: a limit of purpose or category on what nobody's words may choose.
  test.each(lifeAndLimb)('hangs on no claim: %s is said of the country alone', async (fact) => {
    const value = fact === 'request.offence.deathPenaltyAvailable' ? false : 'none'
    for (const limit of [{ offenceCategory: 'ordinary' }, { purpose: 'investigation' }]) {
      const scope = { kind: 'general', requester: 'US', ...limit }
      expect(await problemOf(await at.post('DE-POL', { ...general(fact, value), scope }))).toEqual({
        status: 422,
        code: 'invalid-request',
        errors: [
          {
            pointer: '/scope',
            detail: `\`${fact}\` is about life and limb: in general it is said of the country alone`,
          },
        ],
      })
    }
  })

  // Kills: the rows of before that count as they did.
  test('is not chosen by an old row for a category, whatever the requester writes', async () => {
    for (const fact of lifeAndLimb)
      await putOld(
        {
          fact,
          value: fact === 'request.offence.deathPenaltyAvailable' ? false : 'none',
          scope: { kind: 'standing', requester: 'JP', offenceCategory: 'ordinary' },
          signatures: [{ agency: 'DE-DPO', officer: 'dpo-1', as: 'data-protection' }],
        },
        'JP',
      )
    for (const category of ['ordinary', 'terrorism'] as const) {
      const offence = { category, maxCustodyMonths: 60 }
      const { id } = await at.ask(requestOf({ channel: 'interpol', offence }), 'JP-NCB')
      for (const fact of lifeAndLimb) expect(await at.factIn(id, fact), fact).toBeUndefined()
    }
  })
})

describe('An attestation of before', () => {
  // Kills: a request that is not read as its matter; a row that lets something go though it is nobody's signed word.
  test('for one request counts in its matter against a disclosure, and lets nothing go without its entry', async () => {
    const body = requestOf({ caseReference: 'US-OLD' })
    const { id } = await at.ask(body, 'US-POL')
    const known = async (fact: string, changes: Partial<AccessRequest>) =>
      at.factIn((await at.ask({ ...body, ...changes }, 'US-POL')).id, fact)
    const scope = { kind: 'request', request: id }
    await putOld({ fact: 'necessity.case', value: 'necessary', scope })
    expect(await known('necessity.case', { previous: id })).toBe('not-asked')
    await putOld({ fact: 'necessity.case', value: 'not-necessary', scope })
    expect(await known('necessity.case', { previous: id })).toBe('not-necessary')
    expect(await known('necessity.case', {})).toBe('not-asked')
  })

  test('that another office signed for a fact of the ministry counts no more: nobody knows as what', async () => {
    const body = requestOf({ caseReference: 'US-OLD-2' })
    const { id } = await at.ask(body, 'US-POL')
    const scope = { kind: 'request', request: id }
    await putOld({ fact: 'assurance.deathPenalty', value: 'given-and-verified', scope })
    await putOld({
      fact: 'assurance.deathPenalty',
      value: 'given-and-verified',
      scope,
      attester: 'DE-MIN',
    })
    const again = await at.ask({ ...body, previous: id }, 'US-POL')
    expect(await at.factIn(again.id, 'assurance.deathPenalty')).toBe('none')
  })

  // Kills: a row for a country that counts without the second signature, or for ever.
  test('for a country counts no more without the signature of data protection', async () => {
    await putOld({ fact: 'risk.unfairTrial', scope: { kind: 'standing', requester: 'BR' } }, 'BR')
    await putOld(
      {
        fact: 'risk.unfairTrial',
        until: '9999-01-01T00:00:00Z',
        scope: { kind: 'standing', requester: 'BR' },
      },
      'BR',
    )
    const { id } = await at.ask(requestOf({ channel: 'mla-central' }), 'BR-PROS')
    expect(await at.factIn(id, 'risk.unfairTrial')).toBeUndefined()
  })
})

describe('A claim that counted', () => {
  const purpose = 'investigation'
  /** A British request that an officer released; what of it was chosen by a claim is said of the category. */
  async function released(caseReference: string) {
    const body = requestOf({ caseReference, purpose })
    const { id } = await at.ask(body, 'GB-POL')
    await gateway.releaseBy('DE-POL', id, { facts: inThisCase })
    return at.ask({ ...body, previous: id }, 'GB-POL')
  }
  beforeAll(async () => {
    const { 'request.offence.character': character = 'ordinary', ...rest } = benign
    await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'GB' }, rest)
    const scope = { kind: 'general', requester: 'GB', offenceCategory: 'ordinary' } as const
    await attestAll(gateway, 'DE-POL', scope, { 'request.offence.character': character })
  })

  // Kills: a duty without its value; one for every claim, or for none.
  test('leaves as a duty with its value', async () => {
    const answer = await released('STATED-1')
    expect(answer.outcome).toBe('release')
    const stated = answer.obligations.filter(({ code }) => code === 'O-STATED')
    expect(stated.map(({ value }) => value)).toContain('request.offence.category = ordinary')
    expect(stated.every(({ onWhom }) => onWhom === 'requester')).toBe(true)
  })

  // Kills: a duty that nobody must be able to keep.
  test('keeps everything where the requester’s law forbids it to be bound by what it says', async () => {
    await gateway.change('GB-POL', { cannotHonour: ['O-STATED'] })
    try {
      const answer = await released('STATED-2')
      expect(answer).toMatchObject({ outcome: 'deny', records: [] })
      expect(codesOf(answer)).toContain('condition-unaccepted')
    } finally {
      await gateway.change('GB-POL', {})
    }
  })
})

describe('On the facts of the demonstration', () => {
  let seeded: Gateway
  let on: ReturnType<typeof acts>
  beforeAll(async () => {
    seeded = await startGateway()
    on = acts(seeded)
    await seed(seeded.app, origin, seeded.keys, seeded.clock.now)
  }, 60_000)
  afterAll(() => seeded.close())

  const claims = fc.record({
    purpose: fc.constantFrom('prevention', 'investigation', 'prosecution', 'missing-person'),
    instrument: fc.constantFrom('none', 'EU-2023/977', 'EU-US-MLA', 'EU-UK-TCA'),
    stage: fc.constantFrom('unknown', 'suspect', 'charged', 'convicted'),
    urgency: fc.constantFrom('none', 'urgent', 'imminent-threat-to-life'),
    caseReference: fc.constantFrom('A', 'B'),
    category: fc.constantFrom('ordinary', 'terrorism', 'political', 'fiscal'),
    maxCustodyMonths: fc.constantFrom(0, 12, 60, 1200),
  })
  const asked = ({ category, maxCustodyMonths, ...rest }: Record<string, unknown>) =>
    requestOf({
      subject: { recordId: 'DE-POL-0001' },
      offence: { category, maxCustodyMonths },
      ...rest,
    } as Partial<AccessRequest>)

  // Kills: any claim that chooses life and limb; a chosen attestation whose claim is not named.
  test('no claim chooses what is known of life and limb, and what a claim chose is named', async () => {
    await fc.assert(
      fc.asyncProperty(
        claims,
        claims,
        fc.constantFrom('US-POL', 'GB-POL'),
        async (one, other, agency) => {
          const known = await Promise.all(
            [one, other].map(async (each) => {
              const { id } = await on.ask(asked(each), agency)
              return (await seeded.entry(id)).opened.facts
            }),
          )
          const [first, second] = known
          for (const fact of lifeAndLimb)
            expect(first?.facts[fact], fact).toEqual(second?.facts[fact])
          // What is vouched for one and not for the other was chosen by a claim, which is named.
          const differing = Object.keys(first?.sources ?? {}).filter(
            (fact) =>
              first?.sources[fact]?.source === 'attestation' &&
              JSON.stringify(first?.facts[fact]) !== JSON.stringify(second?.facts[fact]),
          )
          const named = known.flatMap(({ facts }) => facts['request.restsOn'] ?? [])
          for (const fact of differing)
            expect(named, fact).toEqual(expect.arrayContaining(['request.offence.category']))
          expect(claimsThatBind).toEqual(expect.arrayContaining(named as string[]))
        },
      ),
      { numRuns: 25 },
    )
  }, 60_000)
})
