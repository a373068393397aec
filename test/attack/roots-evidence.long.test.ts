/** Bundles of evidence about decisions by a law that was suspended, begun anew, or one of two that ran side by side. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { dynamodbMarks } from '../../functions/adapters/chains-dynamodb.ts'
import { runningLaw, stateInLawChain } from '../../functions/adapters/law-dynamodb.ts'
import { accessApi } from '../../functions/http/access-api.ts'
import { auditApi } from '../../functions/http/audit-api.ts'
import type { Runnable } from '../../functions/policy/carried.ts'
import { digestOfLink, emptyTip, type Tip } from '../../functions/policy/chain.ts'
import { floorOf } from '../../functions/policy/floor.ts'
import { type LawBody, stateLaw } from '../../functions/policy/law-chain.ts'
import type { SealingKey } from '../../functions/policy/signed.ts'
import { itemOf, personOf, requestOfMember } from '../answer/people.ts'
import { type Evidencing, manifestOf, startEvidencing } from '../audit/evidencing.ts'
import { releaseKeys } from '../policy/sealing.ts'
import { answered } from '../world.ts'
import { both, law, version, why, without } from './signed-law.ts'

let evidencing: Evidencing
let tip: Tip
beforeEach(async () => {
  evidencing = await startEvidencing()
  evidencing.clock.now = new Date('2026-11-28T10:00:00.000Z')
  tip = emptyTip
  await evidencing.putRecord('DE-POL', personOf('D-1', [itemOf('name'), itemOf('birthDate')]))
})
afterEach(() => evidencing.stop())

const now = () => evidencing.clock.now
const pass = (ms: number) => {
  evidencing.clock.now = new Date(now().getTime() + ms)
}
async function state(body: LawBody, keys: readonly SealingKey[]) {
  const { client, tables } = evidencing.store
  const statement = stateLaw(tip, now().toISOString(), body, keys)
  expect(await stateInLawChain(client, tables.register, statement)).toBe(true)
  tip = { number: statement.number, digest: digestOfLink(statement) }
  return statement
}

/** An instance that has just started: it answers, and makes evidence. */
async function start(own: Runnable = law) {
  const { client, tables } = evidencing.store
  const running = await runningLaw({
    ...{ client, table: tables.register, now, law: own, unheld: () => undefined },
    marks: dynamodbMarks(client, tables.decisions),
  })
  const ledger = { ...evidencing.world.ledger }
  const app = accessApi({ ...evidencing.world, ledger, law: running }, () => undefined)
  const audit = auditApi({ ...evidencing.auditWorld, ledger, law: running }, () => undefined)
  return {
    async ask() {
      const body = requestOfMember({ subject: { recordId: 'D-1' }, caseReference: 'FR-1' })
      const call = { method: 'POST', path: '/v1/access-requests', body }
      return answered(await (await evidencing.prepareAudit('FR-SPOC', call, app))())
    },
    async evidence(entries: readonly string[], at?: Readonly<Record<string, number>>) {
      const body = { purpose: 'lawfulness', entries, ...(at && { at }) }
      const call = { method: 'POST', path: '/v1/evidence', body }
      const response = await (await evidencing.prepareAudit('DE-DPA', call, audit))()
      if (!response.ok) throw new Error(`answered ${response.status}: ${await response.text()}`)
      return new Uint8Array(await response.arrayBuffer())
    },
  }
}
const findingsIn = async (zip: Uint8Array) => (await evidencing.check(zip)).findings

describe('Evidence', () => {
  // Promise: each decision replays alike afterwards, also in bundles of evidence.
  test('of two sets that ran side by side holds for what each of them decided', async () => {
    const before = without(3, 'eu')
    await state(floorOf(before.set), releaseKeys)
    const [stays, canary] = [await start(before), await start(law)]
    const [first, second] = [await stays.ask(), await canary.ask()]
    await evidencing.sealLogs()
    for (const id of [first.id, second.id])
      expect(await findingsIn(await canary.evidence([id]))).toEqual([])
    expect(await findingsIn(await canary.evidence([first.id, second.id]))).toEqual([])
  })

  // The same promise.
  test('of a denial by a suspended version holds once the chain was begun anew', async () => {
    await state(floorOf(law.set), releaseKeys)
    const { statedAt } = await state({ act: 'suspend', ...version, why }, both)
    const one = await start()
    const { id, outcome } = await one.ask()
    expect(outcome).toBe('deny')
    await evidencing.sealLogs()
    expect(await findingsIn(await one.evidence([id]))).toEqual([])
    const suspended = [{ ...version, from: statedAt }]
    await state({ ...floorOf(law.set), act: 'anchor', suspended, why }, releaseKeys)
    pass(61_000)
    expect(await findingsIn(await one.evidence([id]))).toEqual([])
  })

  // Promise (evidence.ts): the same question as of the same checkpoints gives the same bytes.
  test('of a denial by a suspended version has the same bytes once it was lifted', async () => {
    await state(floorOf(law.set), releaseKeys)
    await state({ act: 'suspend', ...version, why }, both)
    const one = await start()
    const { id } = await one.ask()
    await evidencing.sealLogs()
    const zip = await one.evidence([id])
    const notes = Object.entries(manifestOf(zip).checkpoints)
    const at = Object.fromEntries(notes.map(([log, note]) => [log, Number(note.split('\n')[1])]))
    expect(await one.evidence([id], at)).toEqual(zip)
    await state({ act: 'lift', ...version, why: 'The stay has ended.' }, both)
    pass(61_000)
    expect(manifestOf(await one.evidence([id], at)).law).toEqual(manifestOf(zip).law)
  })

  test('of a denial while the chain did not hold holds afterwards', async () => {
    await state(floorOf(law.set), releaseKeys)
    const one = await start()
    await one.ask()
    const { client, tables } = evidencing.store
    const sound = tip
    await stateInLawChain(client, tables.register, {
      ...stateLaw(tip, now().toISOString(), { act: 'suspend', ...version, why }, both),
      signatures: ['x'],
    })
    pass(61_000)
    const { id, outcome } = await one.ask()
    expect(outcome).toBe('deny')
    await evidencing.sealLogs()
    expect(await findingsIn(await one.evidence([id]))).toEqual([])
    tip = { ...sound, number: 2 }
    await state({ ...floorOf(law.set), act: 'anchor', suspended: [], why }, releaseKeys)
    pass(61_000)
    expect(await findingsIn(await (await start()).evidence([id]))).toEqual([])
  })

  // Promise (canary): an auditor may ask whichever of two instances answers.
  test('of what the newer of two sets decided is made by an instance of the older one, or refused in words', async () => {
    const before = without(1, 'de')
    await state(floorOf(before.set), releaseKeys)
    const [stays, canary] = [await start(before), await start(law)]
    const { id } = await canary.ask()
    await evidencing.sealLogs()
    await expect(stays.evidence([id])).rejects.not.toThrow(/answered 500/)
  })
})
