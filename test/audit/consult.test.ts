/** A look at the log leaves an entry of its own, before its answer leaves. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../functions/answer/opened.ts'
import type { SignedCall } from '../../functions/answer/signed-call.ts'
import { consult, type Look } from '../../functions/audit/consult.ts'
import { requestDigest } from '../../functions/ledger/entry.ts'
import { freshJti, type Gateway, origin, startGateway } from '../world.ts'

let gateway: Gateway
let away = false
beforeAll(async () => {
  gateway = await startGateway({
    change: (world) => ({
      ...world,
      ledger: {
        ...world.ledger,
        append: async (entry) =>
          away ? { kind: 'unavailable', why: 'away' } : world.ledger.append(entry),
      },
    }),
  })
})
afterAll(() => gateway.close())

/** A call of the German authority, as the guard hands it on. */
async function callOf(changes: Partial<SignedCall> = {}): Promise<SignedCall> {
  const agency = await gateway.world.register.agency('DE-DPA')
  if (agency === undefined) throw new Error('there is no DE-DPA')
  return {
    agency,
    officer: 'auditor-1',
    kid: 'k',
    jti: freshJti(),
    iat: 0,
    exp: 300,
    bodyDigest: undefined,
    signingInput: 'header.payload',
    jws: 'header.payload.signature',
    method: 'GET',
    url: `${origin}/v1/decisions?purpose=lawfulness`,
    body: '',
    ...changes,
  }
}

const look = (changes: Partial<Look> = {}): Look => ({
  purpose: 'lawfulness',
  question: { action: 'list-entries', outcome: 'deny' },
  shown: ['A'.repeat(43), 'B'.repeat(43)],
  ...changes,
})

describe('A look', () => {
  // LED art. 25(1): justification, date and time, who consulted; here also what was shown.
  test('is an entry that says who looked, when, why, for what, and what was shown', async () => {
    const call = await callOf()
    const consulted = await consult(call, 'DE', look(), gateway.world)
    if (consulted.kind !== 'recorded') throw new Error(consulted.kind)
    const stored = await gateway.world.ledger.read(consulted.id)
    if (stored === undefined) throw new Error('there is no entry')
    expect(stored.leaf).toMatchObject({
      t: 'consultation',
      ts: gateway.clock.now.toISOString(),
      hj: 'DE',
      aj: 'DE',
      req: requestDigest(call.signingInput),
    })
    const opened = await openAny(stored, gateway.world)
    expect(opened).toMatchObject({ kind: 'consultation' })
    expect(opened?.values).toEqual({
      consultation: look(),
      call: expect.objectContaining({ agency: 'DE-DPA', officer: 'auditor-1' }),
      subject: { asked: expect.any(String) },
    })
  })

  test('sent again is the same look if it shows the same entries', async () => {
    const call = await callOf()
    const first = await consult(call, 'DE', look(), gateway.world)
    const again = await consult(call, 'DE', look(), gateway.world)
    expect(first).toMatchObject({ kind: 'recorded' })
    expect(again).toMatchObject({ ...first, receipt: expect.any(String) })
  })

  // Kills: comparing the number of entries shown, or not comparing them.
  test.each([
    ['other entries', ['C'.repeat(43), 'B'.repeat(43)]],
    ['fewer entries', ['A'.repeat(43)]],
    ['one entry more', [...look().shown, 'C'.repeat(43)]],
    ['another order', look().shown.toReversed()],
  ])('sent again is refused if it would show %s', async (_, shown) => {
    const call = await callOf()
    await consult(call, 'DE', look(), gateway.world)
    expect(await consult(call, 'DE', look({ shown }), gateway.world)).toEqual({
      kind: 'result-changed',
    })
  })

  test('with the id of another call is refused', async () => {
    const call = await callOf()
    await consult(call, 'DE', look(), gateway.world)
    const other = { ...call, url: `${call.url}&outcome=deny` }
    expect(await consult(other, 'DE', look(), gateway.world)).toEqual({ kind: 'jti-reused' })
  })

  test('that cannot be entered is no look', async () => {
    away = true
    const consulted = await consult(await callOf(), 'DE', look(), gateway.world)
    away = false
    expect(consulted).toEqual({ kind: 'unavailable', why: 'away' })
  })

  // Kills: keeping every look under one key, so that erasing a person leaves their name in a look.
  test('at one person is kept under the key of that person, others under that of the office', async () => {
    const kidOf = async (changes: Partial<Look>) => {
      const consulted = await consult(await callOf(), 'DE', look(changes), gateway.world)
      if (consulted.kind !== 'recorded') throw new Error(consulted.kind)
      return (await gateway.world.ledger.read(consulted.id))?.kid
    }
    const person = gateway.world.secrets.pseudonym('DE', 'record:R-1')
    const { kid } = await gateway.world.subjectKeys.keyFor('DE', person, '2026-11-25T09:00:00.000Z')
    expect(await kidOf({ subject: 'record:R-1' })).toBe(kid)
    const office = await kidOf({})
    expect(office).not.toBe(kid)
    expect(await kidOf({})).toBe(office)
  })
})
