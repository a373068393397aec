/** A refusal that somebody can still lift: who sees it, who may lift it, and how it is asked again. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { AttestationBody } from '../../functions/decision/attestation.ts'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { standingReplySchema } from '../../functions/journeys/look-up.ts'
import { answered, type Gateway, problemOf, startGateway } from '../world.ts'
import { attestAll, benign, itemOf, personOf, requestOf } from './people.ts'

let gateway: Gateway
let cases = 0

beforeAll(async () => {
  gateway = await startGateway()
  await gateway.putRecord('GB-POL', personOf('R-1', [itemOf('name'), itemOf('conviction')]))
  await attestAll(
    gateway,
    'GB-POL',
    { kind: 'standing', requester: 'US' },
    {
      ...benign,
      'request.offence.deathPenaltyAvailable': true,
      'transfer.assessment': 'safeguards-found',
    },
  )
})
afterAll(() => gateway.close())

/** A homicide that the United States prosecute; a case of its own unless said. */
const homicide = (changes: Partial<AccessRequest> = {}): AccessRequest => {
  cases += 1
  return requestOf({
    holder: 'GB-POL',
    classes: ['identification', 'criminal-history'],
    purpose: 'prosecution',
    stage: 'charged',
    caseReference: `US-${cases}`,
    ...changes,
  })
}

const ask = async (body: AccessRequest) => answered(await gateway.ask('US-POL', 'agent-12', body))

const look = async (id: string) => {
  const response = await gateway.call('US-POL', { path: `/v1/access-requests/${id}` })
  return standingReplySchema.parse(await response.json())
}

const inboxSchema = z.strictObject({
  open: z.array(z.looseObject({ request: z.string(), todo: z.array(z.looseObject({})) })),
})

const inboxOf = async (agency: string) => {
  const response = await gateway.call(agency, { path: '/v1/attestations' })
  return inboxSchema.parse(await response.json()).open
}

const assured = (scope: AttestationBody['scope'], value = 'given-and-verified') => ({
  holder: 'GB-POL',
  fact: 'assurance.deathPenalty',
  value,
  scope,
})

const withdraw = (agency: string, id: string) =>
  gateway.call(agency, { method: 'DELETE', path: `/v1/attestations/${id}` })

const denied = { outcome: 'deny', standing: 'open', records: [] }

describe('A refusal for the death penalty', () => {
  test('is open, and says what would lift it, who may, and nothing of the record', async () => {
    const answer = await ask(homicide())
    expect(answer).toMatchObject(denied)
    expect(answer.reasons.map(({ code }) => code)).toEqual(['death-penalty'])
    expect(answer.todo).toContainEqual({
      alternative: 1,
      fact: 'assurance.deathPenalty',
      to: 'given-and-verified',
      by: 'holder-ministry',
    })
    expect((await look(answer.id)).cured).toBe(false)
  })

  test('is in the inbox of the ministry that may lift it, with the part that it may lift', async () => {
    const body = homicide()
    const { id, decidedAt } = await ask(body)
    const found = (await inboxOf('GB-MIN')).find(({ request }) => request === id)
    expect(found).toMatchObject({
      holder: 'GB-POL',
      requester: 'US-POL',
      caseReference: body.caseReference,
      purpose: 'prosecution',
      decidedAt,
    })
    const facts = found?.todo.map(({ fact }) => fact)
    expect(facts).toContain('assurance.deathPenalty')
    // What only the police may find is not for the ministry to do.
    expect(facts).not.toContain('transfer.derogation')
  })

  test('is in nobody else’s inbox, and nobody else may lift it', async () => {
    const { id } = await ask(homicide())
    for (const agency of ['DE-MIN', 'DE-POL', 'FR-SPOC', 'US-POL']) {
      expect((await inboxOf(agency)).map(({ request }) => request)).not.toContain(id)
      const response = await gateway.call(agency, {
        method: 'POST',
        path: '/v1/attestations',
        body: {
          ...assured({ kind: 'request', request: id }),
          ground: 'It would suit us.',
          from: '2026-11-25T00:00:00Z',
          until: '2026-11-26T00:00:00Z',
          decidedBy: 'officer-2',
        },
      })
      expect(await problemOf(response), agency).toMatchObject({
        status: 403,
        code: 'may-not-attest',
      })
    }
    expect((await look(id)).cured).toBe(false)
    expect(await ask(homicide({ previous: id }))).toMatchObject(denied)
  })

  test('is cured by the assurance; asked again, the data leaves with the duty that it carries', async () => {
    const body = homicide()
    const first = await ask(body)
    await gateway.attest('GB-MIN', assured({ kind: 'request', request: first.id }))
    expect((await look(first.id)).cured).toBe(true)
    expect((await inboxOf('GB-MIN')).map(({ request }) => request)).not.toContain(first.id)
    // The decision that was made stands as it was.
    expect(await look(first.id)).toMatchObject({ outcome: 'deny', standing: 'open' })

    const again = await ask({ ...body, previous: first.id })
    expect(again.outcome).toBe('release')
    expect(again.obligations.map(({ code }) => code)).toContain('O-DP')
    expect(again.reasons.map(({ rule }) => rule)).toContain('gb/osja/death-penalty/unless')
    expect(again.records.flatMap(({ items }) => items)).toHaveLength(2)
    expect((await gateway.entry(again.id)).stored.leaf.previous).toBe(first.id)
  })

  test('comes back when the assurance is withdrawn; whoever may not give it cannot take it', async () => {
    const body = homicide()
    const scope = { kind: 'case', requester: 'US-POL', caseReference: body.caseReference } as const
    const first = await ask(body)
    const id = await gateway.attest('GB-MIN', assured(scope))
    expect((await ask(body)).outcome).toBe('release')

    expect(await problemOf(await withdraw('DE-MIN', id))).toMatchObject({ code: 'not-found' })
    expect((await ask(body)).outcome).toBe('release')

    expect((await withdraw('GB-MIN', id)).status).toBe(201)
    expect(await ask(body)).toMatchObject(denied)
    expect((await look(first.id)).cured).toBe(false)
  })
})

describe('An assurance', () => {
  test('for one request counts for that request asked again, and for no other', async () => {
    const body = homicide()
    const [one, other] = [await ask(body), await ask(body)]
    await gateway.attest('GB-MIN', assured({ kind: 'request', request: one.id }))
    expect(await ask(body)).toMatchObject(denied)
    expect(await ask({ ...body, previous: other.id })).toMatchObject(denied)
    expect((await ask({ ...body, previous: one.id })).outcome).toBe('release')
  })

  test('for one case counts for every request in it, of that agency alone', async () => {
    const body = homicide()
    const { caseReference } = body
    await gateway.attest('GB-MIN', assured({ kind: 'case', requester: 'US-POL', caseReference }))
    expect((await ask(body)).outcome).toBe('release')
    expect(await ask(homicide())).toMatchObject(denied)
    const elsewhere = { kind: 'case', requester: 'JP-NCB', caseReference: 'JP-1' } as const
    await gateway.attest('GB-MIN', assured(elsewhere))
    expect(await ask(homicide({ caseReference: 'JP-1' }))).toMatchObject(denied)
  })

  test('for a country counts for its purpose; two that disagree leave it unknown', async () => {
    const standing = { kind: 'standing', requester: 'US', purpose: 'execution-of-penalty' } as const
    const ofThat = { purpose: 'execution-of-penalty', stage: 'convicted' } as const
    const first = await gateway.attest('GB-MIN', assured(standing))
    expect((await ask(homicide(ofThat))).outcome).toBe('release')
    expect(await ask(homicide())).toMatchObject(denied)

    const second = await gateway.attest('GB-MIN', assured(standing, 'given'))
    const unsure = await ask(homicide(ofThat))
    expect(unsure).toMatchObject(denied)
    const { opened } = await gateway.entry(unsure.id)
    expect(opened.facts.facts).not.toHaveProperty('assurance.deathPenalty')
    expect(opened.facts.sources['assurance.deathPenalty']).toEqual({
      source: 'attestation',
      attestations: [first, second].sort(),
    })

    // The narrower word goes before the wider ones.
    const body = homicide(ofThat)
    const { caseReference } = body
    await gateway.attest('GB-MIN', assured({ kind: 'case', requester: 'US-POL', caseReference }))
    expect((await ask(body)).outcome).toBe('release')

    await withdraw('GB-MIN', second)
    expect((await ask(homicide(ofThat))).outcome).toBe('release')
    await withdraw('GB-MIN', first)
    expect(await ask(homicide(ofThat))).toMatchObject(denied)
  })

  test('counts from its first instant to its last, and not a moment longer', async () => {
    const body = homicide()
    const { caseReference } = body
    const times = { from: '2026-11-25T10:00:00Z', until: '2026-11-25T11:00:00Z' }
    const scope = { kind: 'case', requester: 'US-POL', caseReference } as const
    await gateway.attest('GB-MIN', { ...assured(scope), ...times })
    const before = gateway.clock.now
    try {
      for (const [at, outcome] of [
        ['2026-11-25T09:59:59.999Z', 'deny'],
        ['2026-11-25T10:00:00.000Z', 'release'],
        ['2026-11-25T10:59:59.999Z', 'release'],
        ['2026-11-25T11:00:00.000Z', 'deny'],
      ] as const) {
        gateway.clock.now = new Date(at)
        expect((await ask(body)).outcome, at).toBe(outcome)
      }
    } finally {
      gateway.clock.now = before
    }
  })
})

describe('Asking again', () => {
  test('takes an open denial of one’s own; anything else is as if it did not exist', async () => {
    const { id: others } = await answered(
      await gateway.ask('JP-NCB', 'officer-1', homicide({ channel: 'interpol' })),
    )
    const { id: final } = await ask(homicide({ purpose: 'immigration' }))
    const attestation = await gateway.attest(
      'GB-MIN',
      assured({ kind: 'request', request: others }, 'given'),
    )
    for (const previous of [others, final, attestation, 'A'.repeat(43)]) {
      const response = await gateway.ask('US-POL', 'agent-12', homicide({ previous }))
      expect(await problemOf(response)).toEqual({
        status: 422,
        code: 'invalid-request',
        errors: [{ pointer: '/previous', detail: 'no open denial of your agency has this id' }],
      })
    }
  })
})
