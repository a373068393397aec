/**
 * What the log says of a restricted person is kept as evidence only (LED art. 16(3)): nobody who asks, decides
 * or looks after requests is given it again, and no answer is looser for it.
 */

import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { problemSchema, problems } from '../../functions/http/problem.ts'
import { acts, codesOf, denied } from '../answer/homicide.ts'
import { requestOfMember, subjectsOf } from '../answer/people.ts'
import { answered, done, freshJti, problemOf } from '../world.ts'
import { type Acting, startActing } from './acting.ts'

let acting: Acting
let at: ReturnType<typeof acts>
beforeAll(async () => {
  acting = await startActing()
  at = acts(acting)
})
afterAll(() => acting.close())

let people = 0
/** A person of whom there is a record, and a request for it. */
async function someone(changes: Partial<AccessRequest> = {}) {
  const id = `R-${++people}`
  await acting.keepPerson(id)
  const subject = { recordId: id }
  return requestOfMember({ subject, caseReference: `FR-${id}`, ...changes })
}
const send = (body: AccessRequest, jti = freshJti()) =>
  acting.ask('FR-SPOC', 'officer-7', body, { jti })
const ask = async (body: AccessRequest, jti?: string) => answered(await send(body, jti))
const see = (path: string) => acting.call('FR-SPOC', { path: `/v1/access-requests${path}` })

/** Restricts what there is of the person by now; how to end it. */
async function restrict({ subject }: AccessRequest) {
  await acting.seal()
  const subjects = [acting.pseudonym(subject)]
  const { id } = await acting.act({ act: 'restrict', subjects })
  return () => acting.act({ act: 'lift', ends: id })
}

describe('The call that was answered before', () => {
  // Kills: data, or what was told of them, in a retry; a receipt of another entry.
  test('gets no data, but its decision and the receipt, as of whatever else stops it', async () => {
    const body = await someone()
    const jti = freshJti()
    const { receipt, records: _, ...decision } = await ask(body, jti)
    await restrict(body)
    const again = await send(body, jti)
    expect(again.status).toBe(409)
    const problem = problemSchema.parse(await again.json())
    expect(problem).toEqual({
      type: 'https://comity.invalid/problems/record-changed',
      title: problems['record-changed'][1],
      status: 409,
      code: 'record-changed',
      traceId: expect.any(String),
      decision,
      receipt: expect.any(String),
    })
    expect(decodeJwt(String(problem.receipt))).toEqual(decodeJwt(receipt))
  })

  test('gets them again once the restriction was lifted', async () => {
    const body = await someone()
    const jti = freshJti()
    const { records } = await ask(body, jti)
    const lift = await restrict(body)
    expect((await send(body, jti)).status).toBe(409)
    await lift()
    expect((await ask(body, jti)).records).toEqual(records)
  })
})

describe('A decision of before', () => {
  // Kills: `open` that opens what is restricted (reader.ts), for each who uses it.
  test('is to its requester like one that was erased: no look-up, proof, review or asking again', async () => {
    const body = await someone({ purpose: 'immigration' })
    const jti = freshJti()
    const { id, outcome } = await ask(body, jti)
    expect(outcome).toBe('deny')
    await restrict(body)
    for (const path of [`/${id}`, `?jti=${jti}`, `/${id}/proof`])
      expect(await problemOf(await see(path)), path).toMatchObject({ code: 'not-found' })
    const review = { method: 'POST', path: `/v1/access-requests/${id}/review` }
    const reviewed = await acting.call('FR-SPOC', { ...review, body: { ground: 'There is news.' } })
    expect(await problemOf(reviewed)).toMatchObject({ code: 'not-found' })
    expect(await problemOf(await send({ ...body, previous: id }))).toMatchObject({
      errors: [{ pointer: '/previous' }],
    })
  })

  test('waits in no inbox and is shown to no officer, until that is lifted', async () => {
    // From outside the Union, nothing attested.
    const body = await someone({ instrument: 'none', channel: 'bilateral' })
    const denial = await at.ask(body, 'GB-POL')
    expect(denial).toMatchObject(denied)
    const look = () => acting.seeWouldLeave('DE-POL', denial.id)
    expect(await at.waiting('DE-POL')).toContain(denial.id)
    expect((await look()).status).toBe(200)
    const lift = await restrict(body)
    expect(await at.waiting('DE-POL')).not.toContain(denial.id)
    expect(await problemOf(await look())).toMatchObject({ status: 404, code: 'not-found' })
    await lift()
    expect(await at.waiting('DE-POL')).toContain(denial.id)
    expect((await look()).status).toBe(200)
  })
})

describe('A new request for a restricted person', () => {
  // Kills: a new entry under the key that was restricted (subject-keys-dynamodb.ts, `keyFor`).
  test('is answered, looked up and repeated as any other', async () => {
    const body = await someone()
    await ask(body)
    await restrict(body)
    const jti = freshJti()
    const { id, records } = await ask(body, jti)
    expect(records).toHaveLength(1)
    expect((await ask(body, jti)).records).toEqual(records)
    expect((await see(`/${id}`)).status).toBe(200)
  })

  // Kills: refusals of before that are not opened (matter.ts, `describedOtherwise`).
  test('is still held against what was refused of them before', async () => {
    const { name } = subjectsOf(`R-${people + 1}`)
    const body = await someone({ subject: name, purpose: 'immigration' })
    const { outcome } = await ask(body)
    expect(outcome).toBe('deny')
    await restrict(body)
    const again = await ask({ ...body, purpose: 'investigation' })
    expect(codesOf(again)).toEqual(['human-decision'])
  })

  // Kills: an office that cannot say whom it means by a request that is restricted (attestation.ts, `requestOf`).
  test('is kept back by a risk that an office finds, whichever request it names them by', async () => {
    const body = await someone()
    const { id } = await ask(body)
    await restrict(body)
    const { caseReference } = body
    await done(
      await at.post('DE-POL', {
        holder: 'DE-POL',
        fact: 'risk.torture',
        value: 'real',
        scope: { kind: 'case', requester: 'FR-SPOC', caseReference, persons: [id] },
      }),
    )
    expect(await ask(body)).toMatchObject({ outcome: 'deny', records: [] })
  })
})
