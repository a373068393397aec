/** Looking at decisions: one's own, and nobody else's. */

import { compactVerify, createLocalJWKSet, decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { standingReplySchema } from '../../functions/answer/look-up.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../answer/people.ts'
import { answered, freshJti, type Gateway, origin, problemOf, startGateway } from '../world.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
})
afterAll(() => gateway.close())

const path = '/v1/access-requests'
const get = (agency: string, address: string, headers = {}) =>
  gateway.call(agency, { path: address, headers })

describe('A decision', () => {
  test('is found again by its id and by its jti, without the data', async () => {
    const jti = freshJti()
    const answer = await answered(
      await gateway.ask('FR-SPOC', 'officer-1', requestOfMember(), { jti }),
    )
    const { records, receipt, ...reply } = answer
    expect(records[0]?.items[0]?.value).toBe('Anton Beispiel')
    for (const address of [`${path}/${answer.id}`, `${path}?jti=${jti}`]) {
      const response = await get('FR-SPOC', address)
      expect(response.status).toBe(200)
      const text = await response.text()
      const { receipt: again, ...found } = standingReplySchema.parse(JSON.parse(text))
      expect(found).toEqual(reply)
      expect(decodeJwt(again)).toEqual(decodeJwt(receipt))
      expect(text).not.toContain('Anton')
    }
  })

  test('is found by any officer of the agency that asked', async () => {
    const { id } = await answered(await gateway.ask('FR-SPOC', 'officer-1', requestOfMember()))
    const response = await gateway.call('FR-SPOC', { path: `${path}/${id}`, officer: 'officer-2' })
    expect(response.status).toBe(200)
  })

  // Kills: any difference between another's and none, such as 403, a title, or a look at `jti` alone.
  test('of another agency is byte for byte like one that does not exist', async () => {
    const jti = freshJti()
    const { id } = await answered(
      await gateway.ask('FR-SPOC', 'officer-1', requestOfMember(), { jti }),
    )
    const attestation = await gateway.attest('DE-POL', {
      holder: 'DE-POL',
      fact: 'threat.life',
      value: 'none',
      scope: { kind: 'matter', matter: id },
    })
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    const whole = async (agency: string, address: string) => {
      const response = await get(agency, address, { traceparent })
      const headers = [...response.headers].filter(([name]) => name !== 'traceparent')
      return { status: response.status, headers, body: await response.text() }
    }
    const none = await whole('ES-SPOC', `${path}/${'A'.repeat(43)}`)
    expect(none).toMatchObject({ status: 404 })
    for (const address of [
      `${path}/${id}`,
      `${path}/${id}/proof`,
      `${path}?jti=${jti}`,
      `${path}/${attestation}`,
      `${path}/${'A'.repeat(43)}/proof`,
      `${path}/too-short`,
      `${path}?jti=${'A'.repeat(32)}`,
    ]) {
      expect(await whole('ES-SPOC', address), address).toEqual(none)
      // The holder that decided is no exception: it has its own way to the log.
      expect(await whole('DE-POL', address), address).toEqual(none)
    }
    expect(await whole('DE-POL', `${path}/${attestation}`)).toEqual(none)
  })

  test('is not sealed yet, and says when to come back for the proof', async () => {
    const { id } = await answered(await gateway.ask('FR-SPOC', 'officer-1', requestOfMember()))
    const response = await get('FR-SPOC', `${path}/${id}/proof`)
    expect(response.headers.get('retry-after')).toBe('60')
    expect(await problemOf(response)).toMatchObject({ status: 404, code: 'not-sealed' })
  })
})

describe('A receipt', () => {
  const keys = z.array(z.looseObject({ kid: z.string(), kty: z.string() }))
  const jwks = async () => {
    const response = await gateway.app.request(`${origin}/.well-known/jwks.json`)
    return z.strictObject({ keys }).parse(await response.json())
  }

  test('is signed by a key that the gateway publishes, and names the durable entry', async () => {
    const { id, receipt } = await answered(
      await gateway.ask('FR-SPOC', 'officer-1', requestOfMember()),
    )
    const published = await jwks()
    expect(JSON.stringify(published)).not.toMatch(/"(d|p|q|k)":/)
    const { payload, protectedHeader } = await compactVerify(receipt, createLocalJWKSet(published))
    expect(protectedHeader).toEqual({
      alg: 'ES256',
      typ: 'comity-receipt+jwt',
      kid: published.keys[0]?.kid,
    })
    const { stored } = await gateway.entry(id)
    expect(JSON.parse(Buffer.from(payload).toString())).toEqual({
      v: 1,
      log: 'comity.test/de/2026',
      eid: id,
      lh: Buffer.from(stored.leafHash).toString('base64url'),
      out: 'release',
      ts: '2026-11-25T09:00:00.000Z',
      sealBy: '2026-11-25T09:01:00.000Z',
      req: stored.leaf.req,
    })
  })

  test('is not good for another entry', async () => {
    const { receipt } = await answered(await gateway.ask('FR-SPOC', 'officer-1', requestOfMember()))
    const published = await jwks()
    const [header, payload = '', signature] = receipt.split('.')
    const says = Buffer.from(payload, 'base64url').toString().replace('release', 'deny')
    const forged = [header, Buffer.from(says).toString('base64url'), signature].join('.')
    await expect(compactVerify(forged, createLocalJWKSet(published))).rejects.toThrow()
  })
})

describe('A dry run', () => {
  const hypotheses = [
    {
      class: 'identification',
      role: 'suspect',
      minor: false,
      ageAtEvent: 35,
      origin: 'holder',
      originConsent: 'own-data',
      system: 'national',
      quality: 'verified',
      status: 'active',
      youthRecord: 'none',
      yearsSinceEvent: 1,
    } as const,
  ]

  test('says what would be, discloses nothing, and is logged as a dry run', async () => {
    const body = requestOfMember({ dryRun: true, hypotheses })
    const answer = await answered(await gateway.ask('FR-SPOC', 'officer-1', body))
    expect(answer).toMatchObject({
      dryRun: true,
      outcome: 'release',
      records: [],
      // What would leave; nothing does.
      classes: { identification: 'released' },
    })
    const { stored, opened } = await gateway.entry(answer.id)
    expect(stored.leaf.dryRun).toBe(true)
    expect(opened.subject).toMatchObject({ match: 'unseen', found: [] })
    expect(opened.told.recordId).toBeNull()
    const real = await answered(await gateway.ask('FR-SPOC', 'officer-1', requestOfMember()))
    expect((await gateway.entry(real.id)).stored.leaf).not.toHaveProperty('dryRun')
  })

  test('explains what would be kept back, since nothing of a record is told', async () => {
    const supposed = { ...hypotheses[0], class: 'identification', status: 'blocked' } as const
    const body = requestOfMember({ dryRun: true, hypotheses: [supposed] })
    const answer = await answered(await gateway.ask('FR-SPOC', 'officer-1', body))
    expect(answer).toMatchObject({ outcome: 'deny', records: [] })
    expect(answer.reasons.map(({ rule }) => rule)).toContain('eu/data/retention')
  })
})
