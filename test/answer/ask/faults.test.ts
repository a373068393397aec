/** INVARIANT (no entry, no release), and the rest of what holds when something outside is away. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodb } from '../../../functions/adapters/dynamodb.ts'
import { dynamodbLedger } from '../../../functions/adapters/ledger-dynamodb.ts'
import { dynamodbRecords } from '../../../functions/adapters/records-dynamodb.ts'
import { dynamodbSubjectKeys } from '../../../functions/adapters/subject-keys-dynamodb.ts'
import type { World } from '../../../functions/ports.ts'
import { type Fault, startFaults } from '../../adapters/faults.ts'
import { answered, freshJti, type Gateway, problemOf, startGateway } from '../../world.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../people.ts'

/** What is away now. */
let away: 'nothing' | 'ledger' | 'records' | 'keys' = 'nothing'

/** What the line to the ledger does to each next call, and then nothing. */
let faults: Fault[] = []

/** A world of which parts can go away: a port where nobody listens, and a line that drops. */
const unreliable = (world: World): World => {
  const nobody = dynamodb('http://127.0.0.1:1')
  const lost = {
    ledger: dynamodbLedger(nobody, 'comity-decisions'),
    records: dynamodbRecords(nobody, 'comity-records', world.secrets.pseudonym),
    keys: dynamodbSubjectKeys(nobody, 'comity-keys', () => new Uint8Array(32)),
  }
  return {
    ...world,
    ledger: {
      ...world.ledger,
      append: (entry) => (away === 'ledger' ? lost.ledger : world.ledger).append(entry),
      read: (eid) => (away === 'ledger' ? lost.ledger : world.ledger).read(eid),
    },
    holder: {
      ...world.holder,
      find: (...of) => (away === 'records' ? lost.records : world.holder).find(...of),
    },
    subjectKeys: {
      ...world.subjectKeys,
      keyFor: (...of) => (away === 'keys' ? lost.keys : world.subjectKeys).keyFor(...of),
      look: (...of) => (away === 'keys' ? lost.keys : world.subjectKeys).look(...of),
    },
  }
}

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ change: unreliable })
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
})
afterAll(() => gateway.close())

/** Does something while a part is away. */
async function without<T>(part: typeof away, act: () => Promise<T>): Promise<T> {
  away = part
  return act().finally(() => {
    away = 'nothing'
  })
}

const ask = (body: unknown = requestOfMember(), jti = freshJti()) =>
  gateway.ask('FR-SPOC', 'officer-1', body, { jti })

// Kills: an answer that does not wait for `append`, or that treats `unavailable` as done.
describe('While the ledger is away', () => {
  test('nothing is released; once it is back, the same call gets its answer', async () => {
    const jti = freshJti()
    const response = await without('ledger', () => ask(requestOfMember(), jti))
    expect(response.headers.get('retry-after')).toBe('1')
    const text = await response.clone().text()
    expect(await problemOf(response)).toMatchObject({ status: 503, code: 'not-durable' })
    expect(text).not.toContain('Anton')
    expect(gateway.events.at(-1)).toMatchObject({
      event: 'failed',
      why: 'couldn’t append entry: ECONNREFUSED',
    })
    const again = await ask(requestOfMember(), jti)
    expect(again.status).toBe(201)
    expect((await answered(again)).outcome).toBe('release')
  })

  test('a refusal is no answer either', async () => {
    const body = requestOfMember({ purpose: 'immigration', caseReference: 'ANOTHER' })
    const response = await without('ledger', () => ask(body))
    expect(await problemOf(response)).toMatchObject({ code: 'not-durable' })
  })

  test('no record is changed and no attestation counts', async () => {
    const { id: _, ...changed } = personOf('R-1', [itemOf('name', { value: 'Nobody' })])
    const path = '/v1/records/R-1'
    const { id: person } = await answered(await ask())
    const attestation = {
      holder: 'DE-POL',
      fact: 'necessity.case',
      value: 'not-necessary',
      scope: { kind: 'case', requester: 'FR-SPOC', caseReference: 'CASE-1', persons: [person] },
      ground: 'Judged for this test.',
      from: '2026-11-25T00:00:00Z',
      until: '2026-11-26T00:00:00Z',
      decidedBy: 'DE-POL',
    }
    for (const call of [
      { method: 'PUT', path, body: changed },
      { method: 'PATCH', path, body: { items: [{ id: 'name', value: 'Nobody' }] } },
      { method: 'DELETE', path },
      { method: 'POST', path: '/v1/attestations', body: attestation },
    ]) {
      const response = await without('ledger', () => gateway.call('DE-POL', call))
      expect(await problemOf(response), call.method).toMatchObject({ code: 'not-durable' })
    }
    const { records } = await answered(await ask())
    expect(records[0]?.items[0]?.value).toBe('Anton Beispiel')
  })
})

describe('When the answer of the ledger is lost on the way', () => {
  let unsure: Gateway
  let line: Awaited<ReturnType<typeof startFaults>>
  beforeAll(async () => {
    unsure = await startGateway({
      change: (world) => {
        const lossy = () => dynamodbLedger(dynamodb(line.endpoint), 'comity-decisions')
        return { ...world, ledger: { ...world.ledger, append: (entry) => lossy().append(entry) } }
      },
    })
    line = await startFaults(unsure.store.endpoint, () => faults.shift() ?? 'none')
    await unsure.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
    await attestAll(unsure, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  })
  afterAll(async () => {
    await line.cut()
    await unsure.close()
  })

  test('the entry that was written is found, and the call is answered as the first', async () => {
    faults = ['answer-lost']
    const response = await unsure.ask('FR-SPOC', 'officer-1', requestOfMember())
    expect(response.status).toBe(201)
    expect((await answered(response)).records).toHaveLength(1)
  })

  // Kills: answering from the decision of an attempt of which it is not known what became.
  test('and cannot be asked for, nothing leaves; the retry gets the decision that stands', async () => {
    const jti = freshJti()
    faults = ['answer-lost', ...Array.from({ length: 16 }, () => 'dropped' as const)]
    const response = await unsure.ask('FR-SPOC', 'officer-1', requestOfMember(), { jti })
    expect(await problemOf(response)).toMatchObject({ status: 503, code: 'not-durable' })
    faults = []
    const first = unsure.clock.now.toISOString()
    unsure.clock.pass(60_000)
    const again = await unsure.ask('FR-SPOC', 'officer-1', requestOfMember(), { jti })
    expect(again.status).toBe(200)
    expect(await answered(again)).toMatchObject({ outcome: 'release', decidedAt: first })
  })
})

describe('While the holder is away', () => {
  // Kills: an error, a final denial, the answer of no hit, and a look at who is asked for.
  test('the denial is open and says so, alike for those it knows and those it does not', async () => {
    const replies = []
    for (const recordId of ['R-1', 'R-2']) {
      const response = await without('records', () =>
        ask(requestOfMember({ subject: { recordId } })),
      )
      expect(response.status).toBe(201)
      const { id, matter: _, receipt, ...reply } = await answered(response)
      expect(reply).toMatchObject({ outcome: 'deny', standing: 'open', records: [], todo: [] })
      expect(reply.reasons).toEqual([
        {
          code: 'holder-away',
          rule: 'comity/holder-away',
          says: 'The holder could not be asked in time; ask again.',
          cites: [],
          confidence: 'V',
        },
      ])
      const { opened } = await gateway.entry(id)
      expect(opened.subject).toMatchObject({ match: 'away', found: [] })
      expect(opened.decision.reasons.map(({ code }) => code)).toEqual(['holder-away'])
      replies.push(reply)
    }
    expect(replies[1]).toEqual(replies[0])
  })

  test('it can be asked again once it is back; the denial stays what it was', async () => {
    const jti = freshJti()
    const first = await answered(await without('records', () => ask(requestOfMember(), jti)))
    expect(await answered(await ask(requestOfMember(), jti))).toMatchObject({
      id: first.id,
      outcome: 'deny',
      records: [],
    })
    const anew = await answered(await ask(requestOfMember({ previous: first.id })))
    expect(anew.outcome).toBe('release')
  })
})

test('While no key can be made for the entry, nothing is released', async () => {
  const response = await without('keys', () => ask())
  const text = await response.clone().text()
  // Kills: a store that is away taken for a fault of the gateway, after which nobody tries again.
  expect(response.headers.get('retry-after')).toBe('1')
  expect(await problemOf(response)).toMatchObject({ status: 503, code: 'not-durable' })
  expect(text).not.toContain('Anton')
})
