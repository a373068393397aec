/**
 * Under which key an answer is entered: one that stands when the entry is made, whatever happened to the
 * person's keys while the answer was worked out.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { World } from '../../../functions/ports.ts'
import { answered, freshJti, type Gateway, startGateway } from '../../world.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../people.ts'

/** What happens before the next record is fetched, and what while it is read for the last time. */
let meanwhile: (() => Promise<unknown>) | undefined
let atLast: (() => Promise<unknown>) | undefined

const interrupted = (world: World): World => ({
  ...world,
  holder: {
    ...world.holder,
    async find(...of) {
      const act = meanwhile
      meanwhile = undefined
      await act?.()
      const found = await world.holder.find(...of)
      const last = atLast
      atLast = undefined
      await last?.()
      return found
    },
  },
})

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ change: interrupted })
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
})
afterAll(() => gateway.close())

const ask = async (jti = freshJti(), changes = {}) =>
  answered(await gateway.ask('FR-SPOC', 'officer-7', requestOfMember(changes), { jti }))
const kidOf = async (id: string) => String((await gateway.world.ledger.read(id))?.kid)

describe('An answer is entered under a key that still stands', () => {
  // Kills: a key that was looked for before the record was fetched. What was released could never be accounted
  // for, since its entry is erased with the key, though the erasure came first (LED art. 25).
  test('if the person was erased while the record was fetched', async () => {
    const before = await kidOf((await ask()).id)
    meanwhile = () => gateway.world.subjectKeys.shred(before)
    const jti = freshJti()
    const answer = await ask(jti)
    expect(answer.records).toHaveLength(1)
    expect(await kidOf(answer.id)).not.toBe(before)
    expect((await ask(jti)).records).toEqual(answer.records)
  })

  // Kills: the same. What is new about a restricted person is no part of what was restricted (LED art. 16(3)).
  test('if the person was restricted while the record was fetched', async () => {
    const before = await kidOf((await ask()).id)
    meanwhile = () => gateway.world.subjectKeys.restrict(before, 'act-1')
    const jti = freshJti()
    const answer = await ask(jti)
    expect(await kidOf(answer.id)).not.toBe(before)
    expect((await ask(jti)).records).toEqual(answer.records)
  })
})

// Kills: a key that was seen while a store was slow with the record, and is gone for long; a clock set back meanwhile,
// by which it was seen just now.
test.each([4_000, -4_000])(
  'An answer %i ms after its record was asked for is entered under a key that stands then',
  async (ms) => {
    const before = await kidOf((await ask()).id)
    atLast = async () => {
      gateway.clock.pass(ms)
      await pause(20)
      await gateway.world.subjectKeys.shred(before)
    }
    const jti = freshJti()
    const answer = await ask(jti)
    expect(answer.records).toHaveLength(1)
    expect(await kidOf(answer.id)).not.toBe(before)
    expect((await ask(jti)).records).toEqual(answer.records)
  },
)

// Kills: the way to a key that is written while the record is fetched.
test('A request that fails leaves no row about the person, which no erasure would find', async () => {
  const rows = async () => (await gateway.store.rows.keys.everything()).length
  const before = await rows()
  meanwhile = async () => {
    await pause(50)
    throw new Error('away')
  }
  const subject = { recordId: 'R-NEW' }
  const failed = await gateway.ask('FR-SPOC', 'officer-7', requestOfMember({ subject }))
  expect(failed.status).toBe(500)
  expect(await rows()).toBe(before)
})
