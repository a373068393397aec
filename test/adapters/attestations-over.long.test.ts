/** What counts no longer stays where it was written: it costs a request nothing once it is over, and never counts again. */

import { createHash } from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodbAttestations } from '../../functions/adapters/attestations-dynamodb.ts'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import type { Scope } from '../../functions/decision/attestation.ts'
import { againstInCase } from '../../functions/decision/attested.ts'
import type { Attestations, KeptAttestation } from '../../functions/ports.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { freshId } from './make.ts'
import {
  actMarksIn,
  attestationOf,
  by,
  countedIn,
  general,
  holderOf,
  idsOf,
  inCase,
  matter,
  now,
  objectionTo,
  putRowIn,
} from './vouched.ts'
import { beforeCall, countUnits } from './watched.ts'

let store: Store
let attestations: Attestations
beforeAll(async () => {
  store = await startDynalite()
  attestations = dynamodbAttestations(
    store.client,
    store.tables.attestations,
    actMarksIn(store.client, store.tables),
  )
})
afterAll(() => store.close())
const countedFor = countedIn(() => attestations)
const putRow = putRowIn(() => store)

/** Adapters through a client of their own, with what to do to that client. */
const through = (watch: (client: DynamoDBClient) => void): Attestations => {
  const client = dynamodb(store.endpoint)
  watch(client)
  clients.push(client)
  return dynamodbAttestations(client, store.tables.attestations, actMarksIn(client, store.tables))
}
const clients: DynamoDBClient[] = []
afterAll(() => {
  for (const each of clients) each.destroy()
})
const rowsWith = async (text: string) =>
  (await store.rows.attestations.everything()).filter((item) => JSON.stringify(item).includes(text))
const ofPerson = (holder: string, changes: Partial<KeptAttestation> = {}) =>
  attestationOf(holder, inCase, { persons: ['pseudonym-1', 'pseudonym-2'], ...changes })

/** Some days later, when what ended before is over by every clock. */
const later = '2026-11-29T00:00:00.000Z'
const until = '2026-11-24T23:45:00Z'
const aboutLater = (holder: string) => attestations.about(holder, matter, later)

describe('What counts no longer', () => {
  // Kills: a query of all that was ever said in a place (105 units for 1,000 rows).
  test('costs a request nothing once it is over, however much of it there is', async () => {
    const holder = holderOf()
    const standing = [attestationOf(holder, general), attestationOf(holder, inCase)]
    for (const each of standing) await attestations.put(each)
    const unitsOf = async (at: string) => {
      let units = { read: 0 }
      const counting = through((client) => {
        units = countUnits(client)
      })
      // An instance reads each mark once: what it costs is what it costs from then on.
      await counting.about(holder, matter, at)
      const first = units.read
      const found = await counting.about(holder, matter, at)
      expect(found.attestations).toEqual(expect.arrayContaining(standing))
      return units.read - first
    }
    const before = await unitsOf(now)
    const others = Array.from({ length: 60 }, (_, i) =>
      attestationOf(holder, i % 2 === 0 ? general : inCase, { until }),
    )
    await Promise.all(others.map((each) => attestations.put(each)))
    for (const each of others.slice(0, 30)) await attestations.takeBack(each, by)
    expect(await unitsOf(now)).toBeGreaterThan(before + 4)
    expect(await unitsOf(later)).toBe(before)
    expect(await attestations.get(others[40]?.id ?? '')).toEqual(others[40])
  })

  // By another clock it may not have ended; a request that was answered then is looked at by its own time.
  // Kills: what ended by our clock alone left out.
  test('is read until it is over by every clock, and for whatever was answered before', async () => {
    const holder = holderOf()
    const said = attestationOf(holder, general, { until })
    await attestations.put(said)
    const readAt = async (at: string) =>
      idsOf((await attestations.about(holder, matter, at)).attestations)
    expect(await readAt('2026-11-25T23:44:59.000Z')).toEqual([said.id])
    expect(await readAt('2026-11-25T23:45:01.000Z')).toEqual([])
    expect(await readAt(now)).toEqual([said.id])
  })

  // Kills: the first rows alone, among which the one that refuses may not be.
  test('is not left out for being too much: a request that cannot read all fails', async () => {
    const holder = holderOf()
    const row = (id: string) => ({ pk: { S: `A#${holder}#standing#FR` }, sk: { S: id } })
    const all = Array.from({ length: 10_000 }, () => row(freshId()))
    await store.rows.attestations.putAll(all)
    await countedFor(holder)
    await attestations.put(attestationOf(holder, general))
    await expect(countedFor(holder)).rejects.toThrow('more than 10000')
  })

  // Kills: an effect after the withdrawal; a put that brings it back.
  test('counts never again, wherever its withdrawal was cut off', async () => {
    // It looks twice for marks, and marks it: from then on it counts no more.
    const [marked, calls] = [3, 5]
    for (let cut = 0; cut <= calls; cut++) {
      const attestation = ofPerson(holderOf())
      await attestations.put(attestation)
      let seen = 0
      const cutOff = through((client) =>
        client.middlewareStack.add(
          (next) => async (args) => {
            if (seen++ >= cut) throw new Error('cut off')
            return next(args)
          },
          { step: 'initialize' },
        ),
      )
      const withdrawal = cutOff.takeBack(attestation, by)
      await (cut === calls ? withdrawal : expect(withdrawal).rejects.toThrow('cut off'))
      expect(await countedFor(attestation.holder)).toHaveLength(cut >= marked ? 0 : 1)
      expect((await attestations.get(attestation.id))?.persons).toHaveLength(2)
      await attestations.put(attestation)
      await attestations.takeBack(attestation, by)
      await attestations.put(attestation)
      expect(await countedFor(attestation.holder)).toEqual([])
      expect(await attestations.get(attestation.id)).toMatchObject({
        ...{ ...attestation, persons: expect.arrayContaining(['pseudonym-1', 'pseudonym-2']) },
        uses: [{ did: 'withdraw', ...by }],
      })
    }
  })

  // A function may be frozen between any two of its calls, for as long as it likes.
  // Kills: a row filled over a withdrawal.
  test('is not brought back by a put that was frozen meanwhile', async () => {
    for (let index = 0; index < 12; index++) {
      const attestation = attestationOf(holderOf(), general)
      const late = through((client) =>
        beforeCall(client, index, async () => {
          await attestations.put(attestation)
          await attestations.takeBack(attestation, by)
        }),
      )
      await late.put(attestation)
      if ((await attestations.get(attestation.id))?.uses === undefined) continue
      expect(await countedFor(attestation.holder)).toEqual([])
    }
  })

  // Kills: a signature that stays behind; a mark that brings a row back, with whom it named.
  test('has what is done to it while it is taken back, and nobody who is erased', async () => {
    for (let index = 0; index < 3; index++) {
      const attestation = ofPerson(holderOf(), { persons: [`erased-${index}`, 'pseudonym-2'] })
      const alone = ofPerson(attestation.holder, {
        persons: [`erased-${index}`],
        scope: { kind: 'matter', matter: freshId() },
        inCase: { requester: 'FR-SPOC', caseReference: 'K #1/2026' },
      })
      for (const each of [attestation, alone]) await attestations.put(each)
      const office = { agency: 'DE-MIN', officer: 'minister-1', as: 'office' } as const
      for (const each of [attestation, alone]) {
        const slow = through((client) =>
          beforeCall(client, index, async () => {
            if (each === attestation) await attestations.sign(each, office, by)
            await attestations.forget(`erased-${index}`, by.at)
          }),
        )
        await slow.takeBack(each, by)
      }
      await attestations.forget(`erased-${index}`, by.at)
      expect(await rowsWith(`erased-${index}`)).toEqual([])
      expect(await countedFor(attestation.holder)).toEqual([])
      const kept = await attestations.get(attestation.id)
      expect(kept?.persons).toEqual(['pseudonym-2'])
      if (index < 2) expect(kept?.signatures).toEqual([office])
    }
  })

  // Kills: a row filled with whom it named, after the last row that leads there was removed.
  test('names nobody who was erased while it was put, wherever that was frozen', async () => {
    for (let index = 0; index < 10; index++) {
      const person = `erased-while-put-${index}`
      const attestation = ofPerson(holderOf(), { persons: [person, 'pseudonym-2'] })
      const alone = ofPerson(holderOf(), {
        persons: [person],
        scope: { kind: 'matter', matter: freshId() },
        inCase: { requester: 'FR-SPOC', caseReference: 'K #1/2026' },
      })
      for (const each of [attestation, alone]) {
        const slow = through((client) =>
          beforeCall(client, index, () => attestations.forget(person, by.at)),
        )
        await slow.put(each)
      }
      // Once something leads there, the erasure has found it.
      if (index === 6 || index === 7) expect(await rowsWith(person)).toEqual([])
      await attestations.forget(person, by.at)
      expect(await rowsWith(person)).toEqual([])
    }
  })

  // Kills: a refusal that an erasure takes along while it is put, and whose mark then stops its case for ever.
  test('but what stands against a disclosure is there, wherever that was frozen', async () => {
    for (let index = 0; index < 10; index++) {
      const person = `erased-while-refused-${index}`
      const refusal = ofPerson(holderOf(), { value: 'real', persons: [person] })
      const slow = through((client) =>
        beforeCall(client, index, () => attestations.forget(person, by.at)),
      )
      await slow.put(refusal)
      const found = await attestations.about(refusal.holder, matter, now)
      expect([idsOf(found.attestations), found.missing], String(index)).toEqual([[refusal.id], []])
    }
  })

  // Kills: a release of before that counts again, since the one that replaced it is nowhere to be seen.
  test('is read while it holds back an earlier release, or an objection reaches by it', async () => {
    const holder = holderOf()
    const release = { shown: 'A'.repeat(22) }
    const scope: Scope = { kind: 'matter', matter: matter.id }
    const released = attestationOf(holder, scope, {
      ...{ fact: 'release.decision', value: 'release', release, until },
      inCase: { requester: 'FR-SPOC', caseReference: 'K #1/2026' },
    })
    const doubted = ofPerson(holder, { until })
    for (const each of [released, doubted]) await attestations.put(each)
    const objection = objectionTo(doubted)
    await attestations.object(objection)
    await attestations.takeBack(released, by)
    const takenBackAt = async (at: string) =>
      idsOf((await attestations.about(holder, matter, at)).takenBack)
    // An earlier one may last for 72 hours, and a day by another clock.
    expect(await takenBackAt('2026-11-28T22:25:46.000Z')).toEqual([released.id])
    expect(await takenBackAt('2026-11-28T22:25:47.000Z')).toEqual([])
    expect(idsOf((await aboutLater(holder)).attestations)).toEqual([doubted.id])
    // Ended, it may stand again, if others had the key.
    await attestations.endObjection(objection, { ...by, at: later })
    const { attestations: over, ended } = await aboutLater(holder)
    expect([idsOf(over), idsOf(ended)]).toEqual([[doubted.id], [objection.id]])
  })

  // Since spellings of a case are one, what is said of it goes to another place than before.
  test('is read where only rows of before are, since objections to it are elsewhere', async () => {
    const holder = holderOf()
    const hash = createHash('sha256').update(inCase.caseReference, 'utf8').digest('base64url')
    const doubted = ofPerson(holder, { until })
    await putRow(`A#${doubted.id}`, 'attestation', JSON.stringify(doubted))
    await putRow(`A#${holder}#case#FR-SPOC#${hash}`, doubted.id, JSON.stringify(doubted))
    const objection = { ...objectionTo(doubted), persons: ['pseudonym-1'] }
    await attestations.object(objection)
    const { attestations: all, objections } = await aboutLater(holder)
    expect(idsOf(all)).toEqual([doubted.id])
    const [against] = againstInCase(all, objections, { ...matter, holder }, later)
    expect(against?.persons).toContain('pseudonym-2')
  })

  // Kills: requests that an objection reaches by, lost since what names them was over before anybody objected.
  test('is read for whoever objects to it later, with whom was added to it', async () => {
    const holder = holderOf()
    const over = ofPerson(holder, { until })
    await attestations.put(over)
    await attestations.addPerson(over, 'pseudonym-3', 'request-3', by)
    expect((await aboutLater(holder)).attestations).toEqual([])
    const objection = objectionTo(over)
    await attestations.object(objection)
    const { attestations: all, objections } = await aboutLater(holder)
    const against = againstInCase(all, objections, { ...matter, holder }, later)
    // By that request, we know other names of the person.
    expect(against).toMatchObject([{ id: objection.id, added: ['request-3'] }])
    expect(against[0]?.persons).toContain('pseudonym-3')
    await attestations.takeBack(over, { ...by, at: later })
    expect((await aboutLater(holder)).attestations).toEqual([])
  })
})

/** An earlier build moved rows away from their place once they were taken back or had ended. */
describe('What an earlier build put away', () => {
  const putAway = async (said: KeptAttestation, persons: readonly string[] = []) => {
    const place = `A#${said.holder}#standing#FR`
    const [id, attestation] = [{ S: said.id }, { S: JSON.stringify(said) }]
    const at = { S: `${place}#gone` }
    const use = { did: 'withdraw', ...by }
    const marks = {
      withdrawn: { BOOL: true },
      'use#withdraw##DE-BMI#key-1': { S: JSON.stringify(use) },
    }
    const byKey = { 'by#DE-BMI#key-1': { S: by.at } }
    await store.rows.attestations.putAll([
      { pk: { S: `A#${said.id}` }, sk: { S: 'attestation' }, attestation, at },
      { pk: at, sk: id, attestation, ...marks },
      { pk: { S: place }, sk: { S: 'withdrawn-by' }, ...byKey },
      ...persons.map((person) => ({
        ...{ pk: { S: `P#${person}` }, sk: id, at: { S: place }, isAlone: { BOOL: false } },
      })),
    ])
  }

  // If others had the key, what is against a disclosure stands again.
  // Kills: rows that only the build that moved them could find.
  test('is found with what was taken back, by which key, and counts no more', async () => {
    const old = attestationOf(holderOf(), general, { fact: 'risk.torture', value: 'found' })
    await putAway(old)
    const { takenBack, attestations: standing } = await attestations.about(
      old.holder,
      matter,
      later,
    )
    expect(standing).toEqual([])
    expect(takenBack).toEqual([{ ...old, uses: [{ did: 'withdraw', ...by }] }])
    expect((await attestations.get(old.id))?.uses).toHaveLength(1)
    await attestations.put(old)
    expect(await countedFor(old.holder)).toEqual([])
  })

  test('names nobody who is erased', async () => {
    const old = attestationOf(holderOf(), general, { persons: [] })
    await putAway(old, ['erased-of-old'])
    await store.rows.attestations.put({
      ...{ pk: { S: `A#${old.holder}#standing#FR#gone` }, sk: { S: old.id } },
      ...{
        attestation: { S: JSON.stringify(old) },
        'person#erased-of-old': { S: 'erased-of-old' },
      },
    })
    await attestations.forget('erased-of-old', by.at)
    expect(await rowsWith('erased-of-old')).toEqual([])
  })

  // While a deployment changes over, either build may be asked to take back what the other put.
  // Kills: a withdrawal under the id alone that nobody reads.
  test('is taken back and signed by such a build, too', async () => {
    const said = attestationOf(holderOf(), general)
    await attestations.put(said)
    const office = { agency: 'DE-MIN', officer: 'minister-1', as: 'office' }
    const mark = { pk: { S: `A#${said.holder}#standing#FR` }, sk: { S: said.id } }
    const signed = { 'signature#office#DE-MIN': { S: JSON.stringify(office) } }
    await store.rows.attestations.put({ ...mark, ...signed })
    expect(await countedFor(said.holder)).toEqual([{ ...said, signatures: [office] }])
    await store.rows.attestations.put({ ...mark, ...signed, withdrawn: { BOOL: true } })
    expect(await countedFor(said.holder)).toEqual([])
  })
})
