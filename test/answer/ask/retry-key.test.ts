/** A retry is of the key that signed the call: another key of the agency gets nothing again by it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wouldLeaveViewSchema } from '../../../functions/answer/offices/would-leave-view.ts'
import type { AgencyKeyFile } from '../../../functions/demo/keys.ts'
import { registered } from '../../../functions/demo/keys.ts'
import { signCall } from '../../../functions/identity/sign.ts'
import { readCall } from '../../../functions/ledger/agency-call.ts'
import { removeFolders, temporaryFolder } from '../../demo/process.ts'
import { enteredPasskey } from '../../identity/entered-passkey.ts'
import { picture } from '../../picture/pictures.ts'

import {
  answered,
  type Call,
  done,
  freshJti,
  type Gateway,
  origin,
  problemOf,
  startGateway,
} from '../../world.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../people.ts'

const refused = { status: 422, code: 'jti-reused', errors: [] }
const since = '2000-01-01T00:00:00Z'
let gateway: Gateway
/** The second key of each agency, which others may have stolen: one that the tests made for an agency elsewhere. */
const seconds = { 'FR-SPOC': 'ES-SPOC', 'DE-POL': 'NL-POL' } as const
type TwoKeys = keyof typeof seconds

beforeAll(async () => {
  gateway = await startGateway()
  for (const agency of ['FR-SPOC', 'DE-POL'] as const) {
    const { keys = [] } = (await gateway.world.register.agency(agency)) ?? {}
    const second = registered(keyOf(seconds[agency]), since, 'siena')
    await gateway.change(agency, { keys: [...keys, second] })
  }
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  const face = { element: 'nc:PersonDigitalImage', value: { type: 'image/jpeg' as const } }
  const items = [itemOf('name'), itemOf('name', { ...face, id: 'face' })]
  await gateway.putRecord('DE-POL', personOf('R-1', items))
  await done(await gateway.call('DE-POL', sendFace()))
})
afterAll(async () => {
  await gateway.close()
  await removeFolders()
})

function keyOf(agency: string): AgencyKeyFile {
  const key = gateway.keys.get(agency)
  if (key === undefined) throw new Error(`there is no key of ${agency}`)
  return key
}

/** Calls with the second key of the agency. */
async function withSecond(agency: TwoKeys, { method = 'GET', path, ...of }: Call) {
  const { body: sent, officer = 'officer-1', jti = freshJti(), headers = {} } = of
  const bytes = sent instanceof Uint8Array ? sent : Buffer.from(JSON.stringify(sent ?? null))
  const has = sent === undefined ? {} : { body: new Uint8Array(bytes) }
  const url = `${origin}${path}`
  const iat = Math.floor(gateway.clock.now.getTime() / 1000)
  const claims = { agency, officer, audience: origin, iat, jti }
  const authorization = await signCall({ method, url, ...has }, keyOf(seconds[agency]), claims)
  const type = { 'content-type': 'application/json' }
  return gateway.app.request(url, {
    ...{ method, ...has },
    headers: { authorization, ...(sent === undefined ? {} : type), ...headers },
  })
}

const sendFace = (): Call => ({
  ...{ method: 'PUT', path: '/v1/records/R-1/files/face', body: picture('grey') },
  headers: { 'content-type': 'image/jpeg' },
})
const asking = (jti = freshJti()) =>
  ({
    ...{ method: 'POST', path: '/v1/access-requests', officer: 'officer-7', jti },
    body: requestOfMember(),
  }) satisfies Call
const entries = async () => (await gateway.store.rows.decisions.everything()).length

/** The same call by the second key: it is refused, and tells and enters nothing. */
async function isRefusedToAnother(agency: TwoKeys, of: Call): Promise<void> {
  const before = await entries()
  const response = await withSecond(agency, of)
  const text = await response.clone().text()
  expect(await problemOf(response)).toEqual(refused)
  expect(Object.keys(JSON.parse(text)).sort()).toEqual([
    'code',
    'status',
    'title',
    'traceId',
    'type',
  ])
  expect(await entries()).toBe(before)
}

// Kills: leaving the key out of what makes two calls one.
describe('Another key of the agency', () => {
  test('gets no answer again that another key asked for; under an id of its own it asks anew', async () => {
    const ask = asking()
    const first = await answered(await gateway.call('FR-SPOC', ask))
    expect(first.records[0]?.items.map(({ value }) => value)).toContain('Anton Beispiel')
    await isRefusedToAnother('FR-SPOC', ask)
    const own = await answered(await withSecond('FR-SPOC', asking()))
    const { opened } = await gateway.entry(own.id)
    expect(readCall(opened.evidence.jws)?.head.kid).toBe(keyOf('ES-SPOC').kid)
    // The key that asked still gets it, from the same entry.
    const again = await gateway.call('FR-SPOC', ask)
    expect(again.status).toBe(200)
    expect((await answered(again)).records).toEqual(first.records)
  })

  test('gets none either while the one that asked may not sign any more', async () => {
    const ask = asking()
    await done(await gateway.call('FR-SPOC', ask))
    const { keys = [] } = (await gateway.world.register.agency('FR-SPOC')) ?? {}
    const revoked = { status: 'revoked' } as const
    await gateway.change('FR-SPOC', {
      keys: keys.map((key) => (key.kid === keyOf('FR-SPOC').kid ? { ...key, ...revoked } : key)),
    })
    await isRefusedToAnother('FR-SPOC', ask)
    await gateway.change('FR-SPOC', { keys })
  })

  test('gets none of an answer that is kept as evidence only', async () => {
    const ask = asking()
    const { id } = await answered(await gateway.call('FR-SPOC', ask))
    const { stored } = await gateway.entry(id)
    await gateway.world.subjectKeys.restrict(stored.kid, id)
    try {
      expect(await problemOf(await gateway.call('FR-SPOC', ask))).toMatchObject({ status: 409 })
      await isRefusedToAnother('FR-SPOC', ask)
    } finally {
      await gateway.world.subjectKeys.lift(stored.kid, id)
    }
  })

  test('gets no file again that another key fetched; its own fetch is an entry', async () => {
    const { id } = await answered(await gateway.call('FR-SPOC', asking()))
    const fetch = {
      ...{ path: `/v1/access-requests/${id}/files/face`, officer: 'officer-7', jti: freshJti() },
    }
    expect((await gateway.call('FR-SPOC', fetch)).status).toBe(200)
    await isRefusedToAnother('FR-SPOC', fetch)
    const before = await entries()
    expect((await withSecond('FR-SPOC', { ...fetch, jti: freshJti() })).status).toBe(200)
    expect(await entries()).toBe(before + 1)
  })

  test('gets no receipt of what another key provided unasked', async () => {
    const { stage: _, necessity: __, ...asked } = requestOfMember()
    const body = { ...asked, to: 'FR-SPOC', offence: { category: 'ordinary' }, ground: 'Seen.' }
    const provide = { method: 'POST', path: '/v1/provisions' }
    const look = await gateway.call('DE-POL', { ...provide, body })
    const { shown } = wouldLeaveViewSchema.parse(await look.json())
    const call = { ...provide, body: { ...body, shown }, jti: freshJti() }
    await done(await gateway.call('DE-POL', call))
    await isRefusedToAnother('DE-POL', call)
    expect((await gateway.call('DE-POL', call)).status).toBe(200)
  })

  test.each([
    [
      'a record',
      {
        method: 'PUT',
        path: '/v1/records/R-2',
        body: { names: [], birthDates: [], documents: [], items: [] },
      },
    ],
    ['a file', sendFace()],
    [
      'an attestation',
      {
        ...{ method: 'POST', path: '/v1/attestations' },
        body: {
          ...{ holder: 'DE-POL', fact: 'necessity.case', value: 'necessary' },
          scope: { kind: 'general', requester: 'ES' },
          ...{ ground: 'Judged for this test.', decidedBy: 'DE-POL' },
          ...{ from: '2026-11-25T00:00:00Z', until: '2026-11-26T00:00:00Z' },
        },
      },
    ],
  ] satisfies [string, Call][])('gets no receipt again of %s', async (_, act) => {
    const call = { ...act, jti: freshJti() }
    await done(await gateway.call('DE-POL', call))
    await isRefusedToAnother('DE-POL', call)
    expect((await gateway.call('DE-POL', call)).status).toBe(200)
  })
})

// Kills: looking at keys of agencies alone.
test('What an officer asked by a passkey no key of the agency gets again', async () => {
  await gateway.change('FR-SPOC', {})
  const folder = temporaryFolder()
  const byPasskey = await enteredPasskey(gateway, 'FR-SPOC', 'officer-7', folder)
  const body = requestOfMember()
  const response = await gateway.app.request(...byPasskey('POST', '/v1/access-requests', body))
  const { id } = await answered(response)
  const { opened } = await gateway.entry(id)
  const jti = readCall(opened.evidence.jws)?.claims.jti ?? ''
  const before = await entries()
  expect(await problemOf(await gateway.call('FR-SPOC', asking(jti)))).toEqual(refused)
  expect(await entries()).toBe(before)
})
