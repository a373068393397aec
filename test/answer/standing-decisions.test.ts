/** What stands by an office's word: its decisions on releases, found without knowing the request of any. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { itemKey, keyOfItem, rowsIn } from '../../functions/adapters/dynamodb.ts'
import { endingsSchema } from '../../functions/answer/ending.ts'
import { takeAgain } from '../../functions/answer/take-again.ts'
import { done, type Gateway } from '../world.ts'
import { homicide, startHomicide } from './homicide.ts'

let at: Awaited<ReturnType<typeof startHomicide>>
let gateway: Gateway
beforeAll(async () => {
  at = await startHomicide()
  gateway = at.gateway as Gateway
})
afterAll(() => at.gateway.close())

const decisionsOf = async (agency: string) => {
  const response = await gateway.call(agency, { path: '/v1/attestations' })
  return endingsSchema.parse(await response.json()).decisions
}
const hoursOn = (hours: number) => {
  gateway.clock.now = new Date(gateway.clock.now.getTime() + hours * 3_600_000)
}

// Kills: a release that leaves to each who asks again, and that its office finds by no list once it left.
test('A release stands on the list of its office from when it is made until it is taken back', async () => {
  const body = homicide()
  const { id: matter } = await at.ask(body)
  await at.assure(matter)
  const id = await at.release(matter)
  expect((await at.ask({ ...body, previous: matter })).outcome).toBe('release')
  const [stands, ...others] = await decisionsOf('GB-POL')
  expect(others).toEqual([])
  expect(stands).toMatchObject({
    ...{ id, matter, value: 'release', holder: 'GB-POL', decidedBy: 'GB-POL' },
    ...{ requester: 'US-POL', caseReference: body.caseReference, officer: expect.any(String) },
  })
  // The assurance is no decision; and no other agency reads that something was released.
  for (const other of ['GB-MIN', 'US-POL', 'DE-POL', 'GB-DPO'])
    expect(await decisionsOf(other), other).toEqual([])
  await done(await at.withdraw('GB-POL', id))
  expect(await decisionsOf('GB-POL')).toEqual([])
})

// Kills: a refusal that denies for ninety days and is on no list.
test('A decision to refuse stands there, too, and each goes once its time is over', async () => {
  const { id: matter } = await at.ask(homicide())
  const until = new Date(gateway.clock.now.getTime() + 48 * 3_600_000).toISOString()
  const id = await gateway.attest('GB-POL', {
    ...{ holder: 'GB-POL', fact: 'release.decision', value: 'refuse', until },
    scope: { kind: 'matter', matter },
  })
  expect(await decisionsOf('GB-POL')).toMatchObject([{ id, value: 'refuse' }])
  hoursOn(49)
  expect(await decisionsOf('GB-POL')).toEqual([])
})

// Kills: a release that its office's successor may take back, and finds by no list.
test('It stands on the list of the office that took over, which takes it back', async () => {
  const { id: matter } = await at.ask(homicide())
  await at.assure(matter)
  const id = await at.release(matter)
  await gateway.change('GB-MIN', { succeeds: ['GB-POL'] })
  const mine = (await decisionsOf('GB-MIN')).filter((each) => each.id === id)
  expect(mine).toMatchObject([{ decidedBy: 'GB-POL', officer: expect.any(String) }])
  await done(await at.withdraw('GB-MIN', id))
  expect((await decisionsOf('GB-MIN')).map((each) => each.id)).not.toContain(id)
  await gateway.change('GB-MIN', { succeeds: [] })
})

test('Rows of what ended long ago go when the next is made', async () => {
  hoursOn(24 * 4)
  const { id: matter } = await at.ask(homicide())
  await at.assure(matter)
  const id = await at.release(matter)
  const { client, tables } = gateway.store
  const rows = await rowsIn(client, tables.attestations).all('E#GB-POL#decisions')
  expect(rows.map(({ sk }) => sk?.S?.split('#')[1])).toEqual([id])
  // Nothing of the person or the case is in it.
  expect(Object.keys(rows[0] ?? {}).sort()).toEqual(['pk', 'sk'])
})

// Kills: a decision from before there were such rows, which taking its entry again does not list.
test('One without a row by its end is listed once its entry is taken again', async () => {
  const { id: matter } = await at.ask(homicide())
  await at.assure(matter)
  const id = await at.release(matter)
  const { client, tables } = gateway.store
  const rows = rowsIn(client, tables.attestations)
  const isListed = async () => (await decisionsOf('GB-POL')).some((each) => each.id === id)
  for (const each of await rows.all('E#GB-POL#decisions')) await rows.remove(keyOfItem(each))
  expect(await isListed()).toBe(false)
  expect(await takeAgain([id], gateway.world)).toMatchObject({ failed: [] })
  expect(await isListed()).toBe(true)
  await done(await at.withdraw('GB-POL', id))
})

// Kills: a bound that what was erased, or another office decided, uses up: a release that nobody finds, and nobody is told so.
test('A decision stands on the list however many others end before it, and the list says where it is not all', async () => {
  const { id: matter } = await at.ask(homicide())
  await at.assure(matter)
  const id = await at.release(matter)
  const { client, tables } = gateway.store
  const rows = rowsIn(client, tables.attestations)
  const soon = new Date(gateway.clock.now.getTime() + 60_000).toISOString()
  const put = async (from: number, to: number) => {
    for (let i = from; i < to; i += 50)
      await Promise.all(
        Array.from({ length: 50 }, (_, one) =>
          rows.putNew(itemKey('E#GB-POL#decisions', `${soon}#erased-${i + one}`)),
        ),
      )
  }
  await put(0, 250)
  const read = async () =>
    endingsSchema.parse(await (await gateway.call('GB-POL', { path: '/v1/attestations' })).json())
  const all = await read()
  expect(all.decisions.map((each) => each.id)).toContain(id)
  expect(all.complete).toBe(true)
  await put(250, 2000)
  expect(await read()).toMatchObject({ decisions: [], complete: false })
  await done(await at.withdraw('GB-POL', id))
}, 60_000)
