/** The same call again: one decision for one request, however often it is sent. */

import canonicalize from 'canonicalize'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AnswerBody } from '../../../functions/answer/reply/reply-schema.ts'
import type { RecordItem } from '../../../functions/decision/record.ts'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import type { World } from '../../../functions/ports.ts'
import { answered, freshJti, type Gateway, problemOf, startGateway } from '../../world.ts'
import {
  attestAll,
  benignOfMember,
  itemOf,
  personOf,
  requestOf,
  requestOfMember,
  subjectsOf,
} from '../people.ts'

let gateway: Gateway
let records = 0

beforeAll(async () => {
  gateway = await startGateway()
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
})
afterAll(() => gateway.close())

const keep = (id: string, items: readonly RecordItem[]) =>
  gateway.putRecord('DE-POL', personOf(id, items))

/** A French request for a German record of its own, kept with these items. */
async function asking(items: readonly RecordItem[], changes: Partial<AccessRequest> = {}) {
  records += 1
  const id = `R-${records}`
  await keep(id, items)
  const body = requestOfMember({
    subject: { recordId: id },
    classes: ['identification', 'criminal-history', 'case'],
    ...changes,
  })
  const jti = freshJti()
  const send = () => gateway.ask('FR-SPOC', 'officer-7', body, { jti })
  return { id, body, jti, send }
}

const later = (hours: number) => gateway.clock.pass(hours * 3_600_000)

/** An answer with what its receipt says instead of the receipt, whose signature is new each time. */
const saying = ({ receipt, ...rest }: AnswerBody) => ({ ...rest, receipt: decodeJwt(receipt) })

const entries = async ({ store }: Gateway = gateway) =>
  (await store.rows.decisions.everything()).length

describe('A request sent again', () => {
  test('an hour later and signed anew gets the same decision and the same data', async () => {
    const { send } = await asking([itemOf('name'), itemOf('report', { status: 'blocked' })])
    const first = await send()
    const before = await entries()
    later(1)
    const second = await send()
    expect([first.status, second.status]).toEqual([201, 200])
    const [one, other] = [await answered(first), await answered(second)]
    expect(one.records).toHaveLength(1)
    expect(saying(other)).toEqual(saying(one))
    expect(await entries()).toBe(before)
  })

  test('gets the same refusal, whatever has been attested or kept since', async () => {
    const { send, id, body } = await asking([itemOf('report', { status: 'blocked' })])
    const first = await answered(await send())
    expect(first.outcome).toBe('deny')
    await keep(id, [itemOf('name')])
    later(1)
    const again = await send()
    expect(again.status).toBe(200)
    expect(saying(await answered(again))).toEqual(saying(first))
    const anew = await answered(await gateway.ask('FR-SPOC', 'officer-7', body))
    expect(anew.outcome).toBe('release')
  })

  // Kills: data given again on the word of an office that has taken it back, and then refused.
  test('gets the decision alone once what was attested is taken back', async () => {
    const { send, body } = await asking([itemOf('name')], {
      holder: 'DE-POL',
      caseReference: 'FR-2',
    })
    const { id: person } = await answered(await gateway.ask('FR-SPOC', 'officer-7', body))
    const persons = [person]
    const scope = { kind: 'case' as const, requester: 'FR-SPOC', caseReference: 'FR-2', persons }
    const fact = 'necessity.case'
    const necessary = { holder: 'DE-POL', fact, value: 'necessary', scope }
    const id = await gateway.attest('DE-POL', necessary)
    const first = await answered(await send())
    expect(saying(await answered(await send()))).toEqual(saying(first))
    await gateway.call('DE-POL', { method: 'DELETE', path: `/v1/attestations/${id}` })
    await gateway.attest('DE-POL', { ...necessary, value: 'not-necessary' })
    await holdsBack(await send(), first)
    const anew = await answered(await gateway.ask('FR-SPOC', 'officer-7', body))
    expect(anew.reasons.map(({ code }) => code)).toContain('necessity')
  })

  // Kills: a call that would be refused by now, and gives its data for having been answered once.
  test('gets the decision alone while the holder is suspended; a new one is not answered', async () => {
    const { send, body } = await asking([itemOf('name')])
    const first = await answered(await send())
    await gateway.change('DE-POL', { status: 'suspended' })
    try {
      await holdsBack(await send(), first)
      expect(await problemOf(await gateway.ask('FR-SPOC', 'officer-7', body))).toMatchObject({
        code: 'invalid-request',
        errors: [{ pointer: '/holder' }],
      })
    } finally {
      await gateway.change('DE-POL', {})
    }
    expect(saying(await answered(await send()))).toEqual(saying(first))
  })

  // Kills: a refusal of the call as it is now that stops nothing, since the call was answered once.
  test('gets the decision alone once its key is of another channel', async () => {
    const { send } = await asking([itemOf('name')])
    const first = await answered(await send())
    const { keys = [] } = (await gateway.world.register.agency('FR-SPOC')) ?? {}
    await gateway.change('FR-SPOC', {
      channels: ['siena', 'interpol'],
      keys: keys.map((key) => ({ ...key, channel: 'interpol' })),
    })
    await holdsBack(await send(), first)
    await gateway.change('FR-SPOC', {})
    expect(saying(await answered(await send()))).toEqual(saying(first))
  })

  test('by another agency with the same jti is another request', async () => {
    const { send, body, jti } = await asking([itemOf('name')])
    const first = await answered(await send())
    const other = await gateway.ask('ES-SPOC', 'officer-7', body, { jti })
    expect(other.status).toBe(201)
    expect((await answered(other)).id).not.toBe(first.id)
  })
})

// Kills: comparing less than agency, officer, method, address and body in `isCallOf`.
describe('One jti for two calls', () => {
  const attestation = {
    holder: 'GB-POL',
    fact: 'necessity.case',
    value: 'necessary',
    scope: { kind: 'general', requester: 'US' },
    ground: 'Judged for this test.',
    from: '2026-11-25T00:00:00Z',
    until: '2026-11-26T00:00:00Z',
    decidedBy: 'GB-POL',
  }
  const { id: _, ...kept } = personOf('R-JTI', [itemOf('name')])
  const record = { method: 'PUT', path: '/v1/records/R-JTI', body: kept }

  const refused = { status: 422, code: 'jti-reused', errors: [] }

  test('is refused when the body, the officer or the address is another', async () => {
    const [body, jti] = [requestOf(), freshJti()]
    const send = () => gateway.ask('GB-POL', 'officer-7', body, { jti })
    const first = await answered(await send())
    const path = '/v1/access-requests'
    const before = await entries()
    for (const call of [
      { path, body: { ...body, caseReference: 'CASE-2' }, officer: 'officer-7' },
      { path, body: Buffer.from(`${JSON.stringify(body)} `), officer: 'officer-7' },
      { path, body, officer: 'officer-8' },
      { path: `${path}?again`, body, officer: 'officer-7' },
      { path: '/v1/attestations', body: attestation, officer: 'officer-7' },
    ]) {
      const response = await gateway.call('GB-POL', { method: 'POST', jti, ...call })
      expect(await problemOf(response)).toEqual(refused)
      expect(gateway.events.at(-1)).toMatchObject({ event: 'jti-reused' })
    }
    expect(await problemOf(await gateway.call('GB-POL', { ...record, jti }))).toEqual(refused)
    expect(await entries()).toBe(before)
    expect(saying(await answered(await send()))).toEqual(saying(first))
  })

  test('is refused when the method or the record is another, and changes no record', async () => {
    const jti = freshJti()
    expect((await gateway.call('GB-POL', { ...record, jti })).status).toBe(201)
    for (const call of [
      { method: 'DELETE', path: record.path },
      { ...record, method: 'DELETE' },
      { ...record, path: '/v1/records/R-JTI-2' },
      { ...record, method: 'PATCH', body: { items: [{ id: 'name', quality: 'doubtful' }] } },
    ])
      expect(await problemOf(await gateway.call('GB-POL', { ...call, jti }))).toEqual(refused)
    const holder = await gateway.world.register.agency('GB-POL')
    if (holder === undefined) throw new Error('no holder')
    expect(await gateway.world.holder.get(holder, 'R-JTI')).toEqual({ id: 'R-JTI', ...kept })
    expect(await gateway.world.holder.get(holder, 'R-JTI-2')).toBeUndefined()
    expect((await gateway.call('GB-POL', { ...record, jti })).status).toBe(200)
  })

  test('is refused for a request after an act, and for an act after another', async () => {
    const jti = freshJti()
    const attest = { method: 'POST', path: '/v1/attestations', body: attestation, jti }
    expect((await gateway.call('GB-POL', attest)).status).toBe(201)
    const ask = { method: 'POST', path: '/v1/access-requests', body: requestOf(), jti }
    expect(await problemOf(await gateway.call('GB-POL', ask))).toEqual(refused)
    expect(await problemOf(await gateway.call('GB-POL', { ...record, jti }))).toEqual(refused)
    expect((await gateway.call('GB-POL', attest)).status).toBe(200)
  })
})

const values = ['Anton Beispiel', 'Anton B. Beispiel', 'fraud, 2021']

/** The decision and the receipt, and nothing of the record, old or new. */
async function holdsBack(response: Response, first: AnswerBody) {
  const text = await response.clone().text()
  expect(await problemOf(response)).toMatchObject({ status: 409, code: 'record-changed' })
  const { decision, receipt, ...rest } = JSON.parse(text)
  const { receipt: given, records: _, ...reply } = first
  expect(decision).toEqual(reply)
  expect(decodeJwt(receipt)).toEqual(decodeJwt(given))
  expect(Object.keys(rest).sort()).toEqual(['code', 'status', 'title', 'traceId', 'type'])
  for (const value of values) expect(text).not.toContain(value)
}

// Kills: giving what the record holds now, without comparing it with the commitment in the entry.
describe('A record that changed since', () => {
  test.each([
    ['corrected', [itemOf('name', { value: 'Anton B. Beispiel' }), itemOf('conviction')]],
    ['reduced', [itemOf('name')]],
    ['given another handling code', [itemOf('name', { handling: ['H2'] }), itemOf('conviction')]],
  ] as const)(
    'by being %s is not given again; the decision and the receipt are',
    async (_, items) => {
      const { send, id } = await asking([itemOf('name'), itemOf('conviction')])
      const first = await answered(await send())
      expect(first.records[0]?.items).toHaveLength(2)
      await keep(id, items)
      await holdsBack(await send(), first)
      // As it was, it may be given as before.
      await keep(id, [itemOf('name'), itemOf('conviction')])
      expect(saying(await answered(await send()))).toEqual(saying(first))
    },
  )

  test('by being erased is not given again; the decision and the receipt are', async () => {
    const { send, id } = await asking([itemOf('name'), itemOf('conviction')])
    const first = await answered(await send())
    await gateway.call('DE-POL', { method: 'DELETE', path: `/v1/records/${id}` })
    await holdsBack(await send(), first)
  })

  // Kills: another record that has the same items, taken for the one of which they left.
  test('by another in its place is not given again, though it has the same items', async () => {
    const { document: subject } = subjectsOf(`R-${records + 1}`)
    const { send, id } = await asking([itemOf('name')], { subject })
    const first = await answered(await send())
    expect(first.records).toHaveLength(1)
    await gateway.call('DE-POL', { method: 'DELETE', path: `/v1/records/${id}` })
    await gateway.putRecord('DE-POL', { ...personOf(id, [itemOf('name')]), id: `${id}-B` })
    await holdsBack(await send(), first)
  })

  test('by an item being restricted is not given again', async () => {
    const { send, id } = await asking([itemOf('name'), itemOf('conviction')])
    const first = await answered(await send())
    await gateway.call('DE-POL', {
      method: 'PATCH',
      path: `/v1/records/${id}`,
      body: { items: [{ id: 'name', status: 'blocked' }] },
    })
    await holdsBack(await send(), first)
  })

  test('in what was kept back all the same is given as before', async () => {
    const kept = itemOf('report', { status: 'blocked' })
    const { send, id } = await asking([itemOf('name'), kept])
    const first = await answered(await send())
    await keep(id, [itemOf('name'), { ...kept, value: 'another report' }])
    const again = await send()
    expect(again.status).toBe(200)
    expect(saying(await answered(again))).toEqual(saying(first))
  })
})

/** Remembers what was read, so that a thousand calls spend their time on what they race for. */
function remembering({ attestations, holder, subjectKeys, ...world }: World): World {
  return {
    ...world,
    attestations: { ...attestations, about: remembered(attestations.about) },
    holder: { ...holder, find: remembered(holder.find), get: remembered(holder.get) },
    subjectKeys: { ...subjectKeys, openToAct: remembered(subjectKeys.openToAct) },
  }
}

function remembered<In extends readonly unknown[], Out>(read: (...of: In) => Promise<Out>) {
  const known = new Map<string, Promise<Out>>()
  return (...of: In): Promise<Out> => {
    const name = JSON.stringify(of)
    const answer = known.get(name) ?? read(...of)
    known.set(name, answer)
    // What is not there yet may come.
    void answer.then((found) => found ?? known.delete(name))
    return answer
  }
}

/** As many at once as fit; a thousand in all where there is time. */
const sends = process.env.COMITY_RUNS === undefined ? 100 : 1000

// Kills: an unconditional write of the entry, and an answer of the loser's own decision.
test(`${sends} sends of one request at once make one entry, and all get its decision`, async () => {
  const busy = await startGateway({ change: remembering })
  await busy.putRecord('DE-POL', personOf('R-1', [itemOf('name'), itemOf('conviction')]))
  await attestAll(busy, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  const ask = { method: 'POST', path: '/v1/access-requests', body: requestOfMember() }
  const send = await busy.prepare('FR-SPOC', ask)
  const before = await entries(busy)
  const statuses: number[] = []
  const said = new Set<string | undefined>()
  for (let sent = 0; sent < sends; sent += 50) {
    for (const response of await Promise.all(Array.from({ length: 50 }, send))) {
      statuses.push(response.status)
      const { receipt, ...rest } = JSON.parse(await response.text())
      said.add(canonicalize({ ...rest, receipt: decodeJwt(receipt) }))
    }
    // A decision made anew would be of another moment.
    busy.clock.pass(1000)
  }
  expect(statuses.filter((status) => status === 201)).toHaveLength(1)
  expect(statuses.filter((status) => status === 200)).toHaveLength(sends - 1)
  expect([...said]).toEqual([expect.stringContaining('Anton Beispiel')])
  expect(await entries(busy)).toBe(before + 1)
  await busy.close()
}, 120_000)
