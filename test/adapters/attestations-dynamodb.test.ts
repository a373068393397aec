import { PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  dynamodbAttestations,
  dynamodbInbox,
} from '../../functions/adapters/attestations-dynamodb.ts'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import {
  type Attestation,
  attestationSchema,
  type Matter,
  type Scope,
} from '../../functions/decision/attestation.ts'
import type { Attestations, Inbox } from '../../functions/ports.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { startFaults } from './faults.ts'
import { freshId } from './make.ts'

let store: Store
let attestations: Attestations
let inbox: Inbox
beforeAll(async () => {
  store = await startDynalite()
  attestations = dynamodbAttestations(store.client, store.tables.attestations)
  inbox = dynamodbInbox(store.client, store.tables.attestations)
})
afterAll(() => store.close())

/** A holder of its own for each test. */
let holders = 0
const holderOf = () => `DE-H${++holders}A`

const attestationOf = (holder: string, scope: Scope): Attestation => ({
  ...attestationSchema.parse({
    holder,
    fact: 'risk.torture',
    value: 'none',
    scope,
    ground: 'Checked with the ministry.',
    from: '2026-01-01T00:00:00Z',
    until: '2027-01-01T00:00:00Z',
    decidedBy: 'officer-1',
  }),
  id: freshId(),
  attester: 'DE-BMI',
  enteredBy: 'officer-2',
  enteredAt: '2026-11-24T22:25:46.123Z',
})
const standing: Scope = { kind: 'standing', requester: 'FR' }
const inCase: Scope = { kind: 'case', requester: 'FR-SPOC', caseReference: 'K #1/2026' }
const matter: Matter = {
  request: [],
  requester: 'FR-SPOC',
  requesterJurisdiction: 'FR',
  caseReference: 'K #1/2026',
  purpose: 'investigation',
  offenceCategory: 'other',
}
const idsOf = (found: readonly Attestation[]) => found.map(({ id }) => id).sort()

describe('An attestation', () => {
  // Kills: a scope that is not asked for; one that is asked for too widely.
  test('counts for the matters of its scope, and for no other', async () => {
    const holder = holderOf()
    const request = freshId()
    const rule = attestationOf(holder, standing)
    const ofCase = attestationOf(holder, inCase)
    const ofRequest = attestationOf(holder, { kind: 'request', request })
    for (const each of [rule, ofCase, ofRequest]) await attestations.put(each)
    const all = await attestations.about(holder, { ...matter, request: [request] })
    expect(idsOf(all)).toEqual(idsOf([rule, ofCase, ofRequest]))
    expect(all).toContainEqual(ofCase)
    const about = async (changes: Partial<Matter>, of = holder) =>
      idsOf(await attestations.about(of, { ...matter, ...changes }))
    expect(await about({})).toEqual(idsOf([rule, ofCase]))
    expect(await about({ caseReference: 'K #2/2026' })).toEqual([rule.id])
    expect(await about({ requester: 'FR-PJ' })).toEqual([rule.id])
    expect(await about({ requesterJurisdiction: 'ES' })).toEqual([ofCase.id])
    expect(await about({}, holderOf())).toEqual([])
  })

  test('is found by its id, and only once however often it was put', async () => {
    const attestation = attestationOf(holderOf(), standing)
    await Promise.all(Array.from({ length: 10 }, () => attestations.put(attestation)))
    expect(await attestations.get(attestation.id)).toEqual(attestation)
    expect(await attestations.about(attestation.holder, matter)).toEqual([attestation])
    expect(await attestations.get(freshId())).toBeUndefined()
  })

  // Kills: a put that replaces; a withdrawal that deletes, so that a late retry brings it back.
  test('counts no more once it was withdrawn, whatever is retried after that', async () => {
    const attestation = attestationOf(holderOf(), inCase)
    await attestations.put(attestation)
    await attestations.withdraw(attestation)
    expect(await attestations.about(attestation.holder, matter)).toEqual([])
    await attestations.put(attestation)
    await attestations.withdraw(attestation)
    expect(await attestations.about(attestation.holder, matter)).toEqual([])
    // A retry of the withdrawal finds what it is about.
    expect(await attestations.get(attestation.id)).toEqual(attestation)
  })

  // Kills: the row that counts written before the row that it can be withdrawn by.
  test('can be withdrawn as soon as it counts, wherever its put was cut off', async () => {
    for (const cut of [0, 1, 2]) {
      const attestation = attestationOf(holderOf(), standing)
      const line = await startFaults(store.endpoint, ({ index }) =>
        index < cut ? 'none' : 'dropped',
      )
      const client = dynamodb(line.endpoint)
      const through = dynamodbAttestations(client, store.tables.attestations)
      const put = through.put(attestation)
      await (cut === 2 ? put : expect(put).rejects.toThrow())
      const counts = await attestations.about(attestation.holder, matter)
      if (counts.length > 0) expect(await attestations.get(attestation.id)).toEqual(attestation)
      // Withdrawn before the retry of its put: it never counts.
      await attestations.withdraw(attestation)
      await attestations.put(attestation)
      expect(await attestations.about(attestation.holder, matter)).toEqual([])
      client.destroy()
      await line.cut()
    }
  })

  // Kills: the first page alone.
  test('is not lost behind a page of a megabyte', async () => {
    const holder = holderOf()
    const all = Array.from({ length: 5 }, () => attestationOf(holder, standing))
    for (const attestation of all) {
      const Item = {
        pk: { S: `A#${holder}#standing#FR` },
        sk: { S: attestation.id },
        attestation: { S: JSON.stringify(attestation) },
        filling: { S: 'x'.repeat(350_000) },
      }
      await store.client.send(new PutItemCommand({ TableName: store.tables.attestations, Item }))
    }
    expect(idsOf(await attestations.about(holder, matter))).toEqual(idsOf(all))
  })

  // Kills: leaving out what cannot be read, which could let the other of two that disagree stand.
  test('of another form is an error that quotes nothing of it', async () => {
    const attestation = attestationOf(holderOf(), standing)
    for (const text of [JSON.stringify({ ...attestation, ground: 7 }), 'Checked with']) {
      const Item = {
        pk: { S: `A#${attestation.holder}#standing#FR` },
        sk: { S: attestation.id },
        attestation: { S: text },
      }
      await store.client.send(new PutItemCommand({ TableName: store.tables.attestations, Item }))
      const fault = await attestations.about(attestation.holder, matter).catch(String)
      expect(fault).toMatch(/^Error: couldn’t read an/)
      expect(fault).not.toMatch(/Checked|officer/)
    }
  })

  // Kills: an older view.
  test('is looked for among what was last written', async () => {
    const line = await startFaults(store.endpoint, () => 'none')
    const client = dynamodb(line.endpoint)
    const through = dynamodbAttestations(client, store.tables.attestations)
    await through.about('DE-POL', { ...matter, request: [freshId()] })
    await through.get(freshId())
    await dynamodbInbox(client, store.tables.attestations).list('DE-POL', 1)
    expect(line.calls.map(({ body }) => body.ConsistentRead)).toEqual(Array(5).fill(true))
    client.destroy()
    await line.cut()
  })

  // Kills: a case by its own name in a key.
  test('shows no case in a key', async () => {
    const attestation = attestationOf(holderOf(), inCase)
    await attestations.put(attestation)
    const keys: string[] = []
    const TableName = store.tables.attestations
    for await (const { Items = [] } of paginateScan({ client: store.client }, { TableName }))
      keys.push(...Items.map(({ pk, sk }) => `${pk?.S} ${sk?.S}`))
    const mine = keys.filter((key) => key.includes(`${attestation.holder}#case#FR-SPOC#`))
    expect(mine).toHaveLength(1)
    expect(mine[0]).not.toMatch(/K #1|2026/)
  })
})

describe('An inbox', () => {
  // Kills: the oldest first; no limit; one row for each put.
  test('gives a holder’s open denials, each once, the newest first, and no more than asked', async () => {
    const holder = holderOf()
    const all = [3, 1, 2].map((second) => ({
      eid: freshId(),
      ts: `2026-11-24T22:25:0${second}.000Z`,
    }))
    for (const { eid, ts } of all) await inbox.put(holder, eid, ts)
    for (const { eid, ts } of all) await inbox.put(holder, eid, ts)
    const [third, first, second] = all
    expect(await inbox.list(holder, 10)).toEqual([third, second, first])
    expect(await inbox.list(holder, 2)).toEqual([third, second])
    expect(await inbox.list(holderOf(), 10)).toEqual([])
  })
})
