/** A refusal that somebody can still lift: who sees it, who may lift it, and how it is asked again. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { problemOf } from '../../world.ts'
import { codesOf, denied, homicide, startHomicide } from '../homicide.ts'
import { requestOf } from '../people.ts'

type Setting = Awaited<ReturnType<typeof startHomicide>>
let at: Setting

beforeAll(async () => {
  at = await startHomicide()
})
afterAll(() => at.gateway.close())

/** A case of the requester’s with the person of one of its requests. */
const caseOf = (caseReference: string, ...persons: string[]) =>
  ({ kind: 'case', requester: 'US-POL', caseReference, persons }) as const

describe('A refusal for the death penalty', () => {
  test('is open, and says what would lift it, who may, and nothing of the record', async () => {
    const answer = await at.ask(homicide())
    expect(answer).toMatchObject(denied)
    expect(codesOf(answer)).toContain('death-penalty')
    expect(answer.todo).toContainEqual(
      expect.objectContaining({
        fact: 'assurance.deathPenalty',
        to: 'given-and-verified',
        by: 'holder-ministry',
      }),
    )
    expect(answer.todo).toContainEqual(
      expect.objectContaining({ fact: 'release.decision', to: 'release', by: 'holder-officer' }),
    )
    expect((await at.look(answer.id)).cured).toBe(false)
  })

  test('is in the inbox of the ministry that may lift it, with the part that it may lift', async () => {
    const body = homicide()
    const { id, decidedAt } = await at.ask(body)
    const found = (await at.inbox('GB-MIN')).open.find(({ request }) => request === id)
    expect(found).toMatchObject({
      matter: id,
      holder: 'GB-POL',
      requester: 'US-POL',
      caseReference: body.caseReference,
      purpose: 'prosecution',
      offence: 'ordinary',
      classes: ['identification', 'criminal-history'],
      urgency: 'none',
      decidedAt,
      because: [],
    })
    // What only the police may find is not for the ministry to do.
    const ofMinistry = found?.todo.map(({ fact }) => fact)
    expect(ofMinistry).toContain('assurance.deathPenalty')
    expect(ofMinistry).not.toContain('release.decision')
    const ofPolice = (await at.inbox('GB-POL')).open.find(({ request }) => request === id)
    expect(ofPolice?.because).toEqual(['human-decision'])
    expect(ofPolice?.todo.map(({ fact }) => fact)).not.toContain('assurance.deathPenalty')
  })

  test('is in nobody else’s inbox, and nobody else may lift it', async () => {
    const { id } = await at.ask(homicide())
    for (const agency of ['DE-MIN', 'DE-POL', 'FR-SPOC', 'US-POL']) {
      expect(await at.waiting(agency)).not.toContain(id)
      const response = await at.post(agency, {
        holder: 'GB-POL',
        fact: 'assurance.deathPenalty',
        value: 'given-and-verified',
        scope: { kind: 'matter', matter: id },
      })
      expect(await problemOf(response), agency).toMatchObject({
        status: 403,
        code: 'may-not-attest',
      })
    }
    expect((await at.look(id)).cured).toBe(false)
    expect(await at.ask(homicide())).toMatchObject(denied)
  })

  test('is remedied by assurance and decision; asked again, the data leaves with its duty', async () => {
    const body = homicide()
    const first = await at.ask(body)
    await at.assure(first.id)
    expect((await at.look(first.id)).cured).toBe(false)
    const decision = await at.release(first.id)
    expect((await at.look(first.id)).cured).toBe(true)
    expect(await at.waiting('GB-MIN')).not.toContain(first.id)
    // The decision that was made stands as it was.
    expect(await at.look(first.id)).toMatchObject({ outcome: 'deny', standing: 'open' })

    const again = await at.ask({ ...body, previous: first.id })
    expect(again).toMatchObject({
      outcome: 'release',
      matter: first.id,
      decidedBy: { kind: 'officer', office: 'GB-POL', attestation: decision },
    })
    expect(again.obligations.map(({ code }) => code)).toContain('O-DP')
    expect(again.reasons.map(({ rule }) => rule)).toContain('gb/death-penalty/death-penalty/unless')
    expect(again.records.flatMap(({ items }) => items)).toHaveLength(2)
    expect((await at.gateway.entry(again.id)).stored.leaf.previous).toBe(first.id)
  })

  test('comes back when the assurance is taken back; whoever may not give it cannot take it', async () => {
    const body = homicide()
    const first = await at.ask(body)
    const again = { ...body, previous: first.id }
    const id = await at.assure(caseOf(body.caseReference, first.id))
    await at.release(first.id)
    expect((await at.ask(again)).outcome).toBe('release')

    expect(await problemOf(await at.takeBack('DE-MIN', id))).toMatchObject({ code: 'not-found' })
    expect((await at.ask(again)).outcome).toBe('release')

    expect((await at.takeBack('GB-MIN', id)).status).toBe(201)
    const back = await at.ask(again)
    expect(back).toMatchObject(denied)
    expect(codesOf(back)).toContain('death-penalty')
    expect((await at.look(first.id)).cured).toBe(false)
  })
})

describe('An assurance', () => {
  const known = async (body: Parameters<Setting['ask']>[0], agency?: string) =>
    at.factIn((await at.ask(body, agency)).id, 'assurance.deathPenalty')

  test('for one request counts for that request asked again, and for no other', async () => {
    const body = homicide()
    const [one, other] = [await at.ask(body), await at.ask(body)]
    await at.assure(one.id)
    expect(await known(body)).toBe('none')
    expect(await known({ ...body, previous: other.id })).toBe('none')
    expect(await known({ ...body, previous: one.id })).toBe('given-and-verified')
  })

  test('for one case counts for every request in it for that person, of that agency alone', async () => {
    const body = homicide()
    const { caseReference } = body
    const { id } = await at.ask(body)
    await at.assure(caseOf(caseReference, id))
    expect(await known(body)).toBe('given-and-verified')
    // Another of the case, until it is named by a request in which it was asked for.
    const other = homicide({ caseReference, subject: { recordId: 'R-2' } })
    expect(await known(other)).toBe('none')
    expect(await known(homicide())).toBe('none')
    expect(await known({ ...body, channel: 'interpol' }, 'JP-NCB')).toBe('none')
  })

  test('for a case counts for a person whom its office adds by a request, and for nobody else', async () => {
    const body = homicide()
    const { caseReference } = body
    const attestation = await at.assure(caseOf(caseReference, (await at.ask(body)).id))
    const other = homicide({ caseReference, subject: { recordId: 'R-2' } })
    const { id } = await at.ask(other)
    const elsewhere = await at.ask(homicide({ subject: { recordId: 'R-3' } }))
    const add = (agency: string, request: string) =>
      at.gateway.call(agency, {
        method: 'POST',
        path: `/v1/attestations/${attestation}/persons`,
        body: { request },
      })
    expect(await problemOf(await add('GB-POL', id))).toMatchObject({ code: 'not-found' })
    expect(await problemOf(await add('GB-MIN', elsewhere.id))).toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: '/request' }],
    })
    expect(await known(other)).toBe('none')
    expect((await add('GB-MIN', id)).status).toBe(201)
    expect(await known(other)).toBe('given-and-verified')
    expect(await known({ ...other, subject: { recordId: 'R-3' } })).toBe('none')
  })

  test('is judged in the single case: for a country it is refused, with the scopes that it may have', async () => {
    const response = await at.post('GB-MIN', {
      holder: 'GB-POL',
      fact: 'assurance.deathPenalty',
      value: 'given-and-verified',
      scope: { kind: 'general', requester: 'US' },
    })
    expect(await problemOf(response)).toEqual({
      status: 422,
      code: 'invalid-request',
      errors: [
        {
          pointer: '/scope/kind',
          detail:
            '`assurance.deathPenalty` is judged in the single case: its scope is matter or case',
        },
      ],
    })
  })

  test('that is given but not verified hides no other, and is all that is known without it', async () => {
    const body = homicide()
    const { id } = await at.ask(body)
    const scope = caseOf(body.caseReference, id)
    const first = await at.assure(scope)
    await at.assure(scope, 'given')
    expect(await known(body)).toBe('given-and-verified')
    await at.takeBack('GB-MIN', first)
    expect(await known(body)).toBe('given')
  })

  test('counts from its first instant to its last, and not a moment longer', async () => {
    const body = homicide()
    const { id } = await at.ask(body)
    const times = { from: '2026-11-25T10:00:00Z', until: '2026-11-25T11:00:00Z' }
    await at.assure(id, 'given-and-verified', times)
    const before = at.gateway.clock.now
    try {
      for (const [now, value] of [
        ['2026-11-25T09:59:59.999Z', 'none'],
        ['2026-11-25T10:00:00.000Z', 'given-and-verified'],
        ['2026-11-25T10:59:59.999Z', 'given-and-verified'],
        ['2026-11-25T11:00:00.000Z', 'none'],
      ] as const) {
        at.gateway.clock.now = new Date(now)
        expect(await known({ ...body, previous: id }), now).toBe(value)
      }
    } finally {
      at.gateway.clock.now = before
    }
  })

  test('names a request of its holder and case, or it is refused at that place', async () => {
    const { id } = await at.ask(homicide())
    const inGermany = await at.ask(requestOf())
    const dryRun = await at.ask(homicide({ dryRun: true }))
    const post = (scope: object) =>
      at.post('GB-MIN', {
        holder: 'GB-POL',
        fact: 'assurance.deathPenalty',
        value: 'given-and-verified',
        scope,
      })
    const detail = 'no request of this holder and case has this id'
    for (const matter of [inGermany.id, dryRun.id, 'A'.repeat(43)])
      expect(await problemOf(await post({ kind: 'matter', matter }))).toMatchObject({
        status: 422,
        errors: [{ pointer: '/scope/matter', detail }],
      })
    for (const persons of [[id], [inGermany.id]])
      expect(await problemOf(await post(caseOf('US-OTHER', ...persons)))).toMatchObject({
        status: 422,
        errors: [{ pointer: '/scope/persons/0', detail }],
      })
    const { persons: _, ...nobody } = caseOf('US-OTHER', id)
    expect(await problemOf(await post(nobody))).toMatchObject({
      status: 422,
      errors: [{ pointer: '/scope/persons' }],
    })
  })
})

// Kills: the newest, or the first, of two that disagree.
test('Two words of one office that disagree leave the fact unknown; the narrower word goes first', async () => {
  const body = homicide()
  const { id } = await at.ask(body)
  const fact = 'request.offence.maxCustodyMonthsHolder'
  const how = { holder: 'GB-POL', fact }
  const country = { kind: 'general', requester: 'US' } as const
  const second = await at.gateway.attestGenerally('GB-POL', { ...how, value: 240, scope: country })
  const unsure = await at.ask(body)
  const { opened } = await at.gateway.entry(unsure.id)
  expect(opened.facts.facts).not.toHaveProperty(fact)
  const { attestations } = opened.facts.sources[fact] ?? {}
  expect(attestations).toContain(second)
  expect(attestations).toHaveLength(2)
  const scope = { kind: 'matter', matter: id } as const
  await at.gateway.attest('GB-POL', { ...how, value: 180, scope })
  expect(await at.factIn((await at.ask({ ...body, previous: id })).id, fact)).toBe(180)
  expect(await at.factIn((await at.ask(body)).id, fact)).toBeUndefined()
  // What was said first of the country counts again, once nothing disagrees.
  await at.takeBack('GB-POL', second)
  expect(await at.factIn((await at.ask(body)).id, fact)).toBe(60)
})
