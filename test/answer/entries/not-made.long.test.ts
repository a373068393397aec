/**
 * A change of a record whose entry was made, and which was then refused or never came to be: nobody who got an item is
 * told of it (Dir. (EU) 2016/680 art. 16(5) and (6): of what was rectified, erased or restricted, not of what was asked).
 */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { entryId } from '../../../functions/ledger/entry.ts'
import type { World } from '../../../functions/ports.ts'
import { done, freshJti, type Gateway, problemOf } from '../../world.ts'
import { itemOf, personOf } from '../people.ts'
import { hourMs, startTelling } from '../sealed-union.ts'

/** What happens, once, to a record that was read for a change and is not changed yet. */
let between: (() => Promise<unknown>) | undefined
const meanwhile = async () => {
  const happens = between
  between = undefined
  await happens?.()
}

let at: Awaited<ReturnType<typeof startTelling>>
let gateway: Gateway
beforeAll(async () => {
  at = await startTelling({
    change: ({ holder, ...rest }) => ({
      ...rest,
      holder: {
        ...holder,
        put: (...args) => meanwhile().then(() => holder.put(...args)),
        correct: (...args) => meanwhile().then(() => holder.correct(...args)),
        erase: (...args) => meanwhile().then(() => holder.erase(...args)),
      },
    }),
  })
  gateway = at.gateway
})
afterAll(() => at.close())
beforeEach(() => at.vouch())

/** A record with two items, which FR got a while ago. */
async function given(id: string): Promise<string> {
  await gateway.putRecord('DE-POL', personOf(id, [itemOf('name'), itemOf('birthDate')]))
  const { id: request } = await at.ask('FR-SPOC', id)
  at.wait(hourMs)
  return request
}
const put = (id: string, name: object, jti = freshJti()) => {
  const { id: _, ...body } = personOf(id, [itemOf('name', name), itemOf('birthDate')])
  return gateway.call('DE-POL', { method: 'PUT', path: `/v1/records/${id}`, body, jti })
}
/** What FR was told of an answer: how, of which items, and because of which change. */
async function told(request: string) {
  const events = await at.toldTo('FR-SPOC')
  const mine = events.filter((each) => each.request === request)
  return mine.map(({ kind, items, cause }) => ({ kind, items, cause }))
}
const refused = async (response: Response) =>
  expect(await problemOf(response)).toMatchObject({ status: 409, code: 'record-changed' })

// Kills: a change that is told as its entry says it, whatever became of it.
test('a PUT that another change overtook is told to nobody; what overtook it is', async () => {
  const request = await given('N-1')
  let cause = ''
  between = async () => {
    at.wait(10)
    cause = await done(await at.change('N-1', [{ id: 'birthDate', value: '1984-05-02' }]))
  }
  await refused(await put('N-1', { value: 'Antonia' }))
  await at.turn()
  expect(await told(request)).toEqual([{ kind: 'corrected', items: ['birthDate'], cause }])
  // Nor later, once another change hides what the record shows of it.
  at.wait(10)
  const next = await done(await put('N-1', { value: 'Berta' }))
  at.wait(2 * hourMs)
  await at.turn()
  expect((await told(request)).map((each) => each.cause).sort()).toEqual([cause, next].sort())
})

test('a correction of a record that went meanwhile is told to nobody, nor an erasure of one that came', async () => {
  const request = await given('N-2')
  between = () => gateway.call('DE-POL', { method: 'DELETE', path: '/v1/records/N-2' })
  await refused(await at.change('N-2', [{ id: 'name', value: 'Antonia' }]))
  const other = await given('N-3')
  between = async () => {
    at.wait(10)
    await done(await put('N-3', { value: 'Berta' }))
  }
  const kept = await gateway.call('DE-POL', { method: 'DELETE', path: '/v1/records/N-3' })
  expect((await problemOf(kept)).status).toBe(409)
  await at.turn()
  expect((await told(request)).map(({ kind }) => kind)).toEqual(['erased'])
  expect((await told(other)).map(({ kind, items }) => [kind, items])).toEqual([
    ['corrected', ['name']],
  ])
})

// Kills: a refusal that stands after its retry was made, so that nobody is told of what is so.
test('a PUT that was refused, and whose retry is made, is told', async () => {
  const request = await given('N-4')
  const jti = freshJti()
  between = () => at.change('N-4', [{ id: 'birthDate', value: '1984-05-02' }])
  await refused(await put('N-4', { value: 'Antonia' }, jti))
  expect((await put('N-4', { value: 'Antonia' }, jti)).status).toBe(200)
  const cause = entryId('DE-POL', jti)
  // Another change hides what the record shows of it.
  at.wait(10)
  const hiding = await done(await put('N-4', { value: 'Berta' }))
  await at.turn()
  const causes = (await told(request)).map((each) => each.cause)
  expect(causes).toHaveLength(3)
  expect(causes).toEqual(expect.arrayContaining([cause, hiding]))
})

// Kills: a change told between its entry and its effect; one that is given up when a retry makes it an hour later.
test('a change whose call died after its entry is told once a retry made it, and not before', async () => {
  const request = await given('N-5')
  const jti = freshJti()
  between = () => Promise.reject(new Error('the process died'))
  expect((await put('N-5', { value: 'Antonia' }, jti)).status).toBe(500)
  await at.turn()
  expect(await told(request)).toEqual([])
  at.wait(hourMs)
  await at.turn()
  expect(await told(request)).toEqual([])
  expect((await put('N-5', { value: 'Antonia' }, jti)).status).toBe(200)
  at.wait(hourMs)
  await at.turn()
  const cause = entryId('DE-POL', jti)
  expect(await told(request)).toEqual([{ kind: 'corrected', items: ['name'], cause }])
})

// Kills: a retry that makes the change after the last look at it, so that nobody is told; one that is told as if it had
// been made when it was entered, so that whoever asked in between is not. `told-after-death.long.test.ts` has all steps.
test('a change that a retry makes two days later is told to whoever asked before, in between too, once', async () => {
  const request = await given('N-7')
  const jti = freshJti()
  between = () => Promise.reject(new Error('the process died'))
  expect((await put('N-7', { value: 'Antonia' }, jti)).status).toBe(500)
  at.wait(hourMs)
  const { id: later } = await at.ask('FR-SPOC', 'N-7')
  for (const hours of [0, 24, 24]) {
    at.wait(hours * hourMs)
    await at.turn()
  }
  expect([await told(request), await told(later)]).toEqual([[], []])
  await at.vouch()
  expect((await put('N-7', { value: 'Antonia' }, jti)).status).toBe(200)
  at.wait(hourMs)
  const { id: after } = await at.ask('FR-SPOC', 'N-7')
  for (const hours of [0, 2, 26]) {
    at.wait(hours * hourMs)
    await at.turn()
  }
  const is = [{ kind: 'corrected', items: ['name'], cause: entryId('DE-POL', jti) }]
  expect([await told(request), await told(later), await told(after)]).toEqual([is, is, []])
})

// Kills: a look each hour for ever.
test('a change that nobody makes any more is looked for during a day, and then no more', async () => {
  await given('N-6')
  between = () => Promise.reject(new Error('the process died'))
  await put('N-6', { value: 'Antonia' })
  const looks = async (world: World = gateway.world) => (await at.turn(world)).looked
  await looks()
  at.wait(hourMs)
  expect(await looks()).toBeGreaterThan(0)
  at.wait(25 * hourMs)
  await looks()
  at.wait(2 * hourMs)
  expect(await looks()).toBe(0)
})
