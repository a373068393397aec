/** What counts no longer leaves the place that every request reads, and never comes back. */

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
  attestationOf,
  by,
  countedIn,
  general,
  holderOf,
  idsOf,
  inCase,
  matter,
  objectionTo,
  putRowIn,
} from './vouched.ts'
import { beforeCall, countUnits } from './watched.ts'

let store: Store
let attestations: Attestations
beforeAll(async () => {
  store = await startDynalite()
  attestations = dynamodbAttestations(store.client, store.tables.attestations)
})
afterAll(() => store.close())
const countedFor = countedIn(() => attestations)
const putRow = putRowIn(() => store)

/** Adapters through a client of their own, with what to do to that client. */
const through = (watch: (client: DynamoDBClient) => void): Attestations => {
  const client = dynamodb(store.endpoint)
  watch(client)
  clients.push(client)
  return dynamodbAttestations(client, store.tables.attestations)
}
const clients: DynamoDBClient[] = []
afterAll(() => {
  for (const each of clients) each.destroy()
})
const rowsWith = async (text: string) =>
  (await store.rows.attestations.everything()).filter((item) => JSON.stringify(item).includes(text))
const ofPerson = (holder: string, changes: Partial<KeptAttestation> = {}) =>
  attestationOf(holder, inCase, { persons: ['pseudonym-1', 'pseudonym-2'], ...changes })

describe('What counts no longer', () => {
  // Kills: rows that stay where every request reads them (105 units for 1,000 of them).
  test('costs a request nothing, however much of it there is', async () => {
    const holder = holderOf()
    const standing = [attestationOf(holder, general), attestationOf(holder, inCase)]
    for (const each of standing) await attestations.put(each)
    const unitsOf = async () => {
      let units = { read: 0 }
      const counting = through((client) => {
        units = countUnits(client)
      })
      expect(await countedFor(holder, {}, counting)).toEqual(expect.arrayContaining(standing))
      return units.read
    }
    const before = await unitsOf()
    const others = Array.from({ length: 60 }, (_, i) =>
      attestationOf(holder, i % 2 === 0 ? general : inCase),
    )
    await Promise.all(others.map((each) => attestations.put(each)))
    const meanwhile = await unitsOf()
    for (const each of others) await attestations.withdraw(each, by)
    expect(meanwhile).toBeGreaterThan(before + 4)
    expect(await unitsOf()).toBe(before)
    expect(await attestations.get(others[0]?.id ?? '')).toMatchObject(others[0] ?? {})
  })

  // Kills: a row left behind that was withdrawn by a build of before, or whose move was cut off.
  test('leaves when somebody attests there, some of it each time', async () => {
    const holder = holderOf()
    const until = '2026-11-23T00:00:00Z'
    const over = Array.from({ length: 30 }, () => attestationOf(holder, general, { until }))
    const today = attestationOf(holder, general, { until: '2026-11-24T22:00:00Z' })
    for (const each of [...over, today]) {
      await putRow(`A#${each.id}`, 'attestation', JSON.stringify(each))
      await putRow(`A#${holder}#standing#FR`, each.id, JSON.stringify(each))
    }
    const left: number[] = []
    for (let act = 0; act < 2; act++) {
      await attestations.put(attestationOf(holder, general))
      left.push((await countedFor(holder)).length)
    }
    expect(left).toEqual([7, 3])
    // What ended within a day may not have ended by another clock.
    expect(idsOf(await countedFor(holder))).toContain(today.id)
    expect(await attestations.get(over[0]?.id ?? '')).toMatchObject({ until })
  })

  // Kills: an effect after the row has left; a row that is in neither place; a put that brings it back.
  test('counts never again, wherever its withdrawal was cut off', async () => {
    const calls = 10
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
      const withdrawal = cutOff.withdraw(attestation, by)
      await (cut === calls ? withdrawal : expect(withdrawal).rejects.toThrow('cut off'))
      const counted = await countedFor(attestation.holder)
      if (cut < 2) expect(counted).toHaveLength(1)
      else expect(counted).toEqual([])
      expect((await attestations.get(attestation.id))?.persons).toHaveLength(2)
      await attestations.put(attestation)
      await attestations.withdraw(attestation, by)
      await attestations.put(attestation)
      expect(await countedFor(attestation.holder)).toEqual([])
      expect(await attestations.get(attestation.id)).toMatchObject({
        ...{ ...attestation, persons: expect.arrayContaining(['pseudonym-1', 'pseudonym-2']) },
        uses: [{ did: 'withdraw', ...by }],
      })
      // What is left where requests read is by which keys something was withdrawn, and nothing else.
      const here = (await rowsWith(`A#${attestation.holder}#case`)).filter(
        ({ pk }) => pk?.S?.startsWith('A#') && !pk.S.endsWith('#gone'),
      )
      const names = here.flatMap((row) => Object.keys(row).filter((name) => name !== 'at'))
      expect(names.sort()).toEqual(['attestation', 'by#DE-BMI#key-1', 'pk', 'pk', 'sk', 'sk'])
    }
  })

  // A function may be frozen between any two of its calls, for as long as it likes.
  // Kills: a row filled without a claim, or by a claim that another made.
  test('is not brought back by a put that was frozen meanwhile', async () => {
    for (let index = 0; index < 12; index++) {
      const attestation = attestationOf(holderOf(), general)
      const late = through((client) =>
        beforeCall(client, index, async () => {
          await attestations.put(attestation)
          await attestations.withdraw(attestation, by)
        }),
      )
      await late.put(attestation)
      if ((await attestations.get(attestation.id))?.uses === undefined) continue
      expect(await countedFor(attestation.holder)).toEqual([])
    }
  })

  // Kills: a copy made from what was read before the erasure; a signature that stays behind.
  test('takes along what is done to it while it leaves, and nobody who is erased', async () => {
    for (let index = 0; index < 10; index++) {
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
        await slow.withdraw(each, by)
      }
      await attestations.forget(`erased-${index}`, by.at)
      expect(await rowsWith(`erased-${index}`)).toEqual([])
      expect(await countedFor(attestation.holder)).toEqual([])
      const kept = await attestations.get(attestation.id)
      expect(kept?.persons).toEqual(['pseudonym-2'])
      expect(kept?.signatures).toEqual([office])
    }
  })

  // Kills: what was done in the place that it had left meanwhile, and a row of its own there.
  test('has what was done to it by one that was frozen meanwhile', async () => {
    for (let index = 0; index < 3; index++) {
      const attestation = attestationOf(holderOf(), inCase)
      await attestations.put(attestation)
      const slow = through((client) =>
        beforeCall(client, index, () => attestations.withdraw(attestation, by)),
      )
      const office = { agency: 'DE-MIN', officer: 'minister-1', as: 'office' } as const
      await slow.sign(attestation, office, by)
      expect((await attestations.get(attestation.id))?.signatures).toEqual([office])
      const here = await rowsWith(`A#${attestation.holder}#case`)
      expect(here.filter(({ pk }) => pk?.S?.startsWith(`A#${attestation.holder}`))).toHaveLength(2)
    }
  })

  // Kills: a release of before that counts again, since the one that replaced it is nowhere to be seen.
  test('stays while it holds back an earlier release, or an objection reaches by it', async () => {
    const holder = holderOf()
    const release = { shown: 'A'.repeat(22) }
    const scope: Scope = { kind: 'matter', matter: matter.id }
    const changes = { fact: 'release.decision', value: 'release', release, inCase } as const
    const released = attestationOf(holder, scope, {
      ...{ ...changes, inCase: { requester: 'FR-SPOC', caseReference: 'K #1/2026' } },
    })
    const doubted = ofPerson(holder, { until: '2026-11-24T22:00:00Z' })
    for (const each of [released, doubted]) await attestations.put(each)
    const objection = objectionTo(doubted)
    await attestations.object(objection)
    await attestations.withdraw(released, by)
    expect(idsOf((await attestations.about(holder, matter)).takenBack)).toEqual([released.id])
    expect(idsOf(await countedFor(holder))).toEqual([doubted.id])
    const later = '2026-11-29T00:00:00Z'
    const renewed = attestationOf(holder, inCase, { enteredAt: later })
    await attestations.put(renewed)
    expect((await attestations.about(holder, matter)).takenBack).toEqual([])
    expect(idsOf(await countedFor(holder))).toEqual(idsOf([doubted, renewed]))
    await attestations.endObjection(objection, { ...by, at: later })
    await attestations.put(attestationOf(holder, inCase, { ...renewed, id: freshId() }))
    expect(idsOf(await countedFor(holder))).not.toContain(doubted.id)
    expect(idsOf((await attestations.gone(holder, matter)).attestations)).toEqual([doubted.id])
  })

  // Since spellings of a case are one, what is said of it goes to another place than before.
  // Kills: objections sought only where the attestation is (attestation-places.ts, `mayLeave`).
  test('stays where only rows of before are, since objections to it are elsewhere', async () => {
    const holder = holderOf()
    const hash = createHash('sha256').update(inCase.caseReference, 'utf8').digest('base64url')
    const doubted = ofPerson(holder, { until: '2026-11-24T22:00:00Z' })
    const withdrawn = ofPerson(holder)
    for (const each of [doubted, withdrawn]) {
      await putRow(`A#${each.id}`, 'attestation', JSON.stringify(each))
      await putRow(`A#${holder}#case#FR-SPOC#${hash}`, each.id, JSON.stringify(each))
    }
    const objection = { ...objectionTo(doubted), persons: ['pseudonym-1'] }
    await attestations.object(objection)
    const later = '2026-11-29T00:00:00Z'
    await attestations.withdraw(withdrawn, { ...by, at: later })
    const { attestations: all, objections } = await attestations.about(holder, matter)
    expect(idsOf(all)).toEqual([doubted.id])
    const [against] = againstInCase(all, objections, { ...matter, holder }, later)
    expect(against?.persons).toContain('pseudonym-2')
  })

  // Kills: requests that an objection reaches by, lost since what names them left before anybody objected.
  test('stays if persons were added to it, for whoever objects to it later', async () => {
    const holder = holderOf()
    const over = ofPerson(holder, { until: '2026-11-24T22:00:00Z' })
    await attestations.put(over)
    await attestations.addPerson(over, 'pseudonym-3', 'request-3', by)
    const later = '2026-11-29T00:00:00Z'
    await attestations.put(ofPerson(holder, { enteredAt: later }))
    const objection = objectionTo(over)
    await attestations.object(objection)
    const { attestations: all, objections } = await attestations.about(holder, matter)
    const against = againstInCase(all, objections, { ...matter, holder }, later)
    // By that request, we know other names of the person.
    expect(against).toMatchObject([{ id: objection.id, added: ['request-3'] }])
    await attestations.endObjection(objection, by)
    await attestations.withdraw(over, { ...by, at: later })
    expect(idsOf(await countedFor(holder))).not.toContain(over.id)
  })

  // If others had the key, what is against a disclosure stands again: requests must know to look.
  test('is known by the keys that withdrew it, each at its latest', async () => {
    const holder = holderOf()
    const all = Array.from({ length: 3 }, () => attestationOf(holder, general))
    for (const each of all) await attestations.put(each)
    const [one = by, two = by, other = by] = [
      { ...by, at: '2026-11-25T02:00:00.000Z' },
      { ...by, at: '2026-11-25T01:00:00.000Z' },
      { agency: 'DE-MIN', kid: 'k#2', at: '2026-11-25T00:00:00.000Z' },
    ]
    for (const [i, key] of [one, two, other].entries())
      await attestations.withdraw(all[i] ?? attestationOf(holder, general), key)
    const { withdrawals, takenBack } = await attestations.about(holder, matter)
    expect(takenBack).toEqual([])
    expect(withdrawals).toHaveLength(2)
    expect(withdrawals).toEqual(
      expect.arrayContaining([
        { did: 'withdraw', ...one },
        { did: 'withdraw', ...other },
      ]),
    )
    expect(idsOf((await attestations.gone(holder, matter)).takenBack)).toEqual(idsOf(all))
  })
})
