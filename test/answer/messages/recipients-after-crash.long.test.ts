/**
 * A call that changes a record dies somewhere, and is sent again much later. Whoever got an item before it was really
 * changed is told of that, once (Dir. (EU) 2016/680 art. 16(5) and (6)); of what was given as it is now, nobody is.
 */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { entryId } from '../../../functions/ledger/entry.ts'
import type { World } from '../../../functions/ports.ts'
import { type Call, freshJti, type Gateway } from '../../world.ts'
import { itemOf, personOf } from '../people.ts'
import { hourMs, startTelling } from '../sealed-union.ts'

/** How many steps outside a call may still make before its process dies; undefined: it lives. */
let left: number | undefined
const mortal = async <T>(act: () => Promise<T>): Promise<T> => {
  if (left === undefined) return act()
  if (left <= 0) throw new Error('the process died')
  left -= 1
  return act()
}
/** A port of which each call is a step. */
const steps = <T extends object>(port: T): T =>
  Object.fromEntries(
    Object.entries(port).map(([member, value]) => [
      member,
      typeof value === 'function'
        ? (...args: readonly unknown[]) => mortal(async () => value(...args))
        : value,
    ]),
    // A cast: the same members, all of whose functions give promises.
  ) as T

let at: Awaited<ReturnType<typeof startTelling>>
let gateway: Gateway
beforeAll(async () => {
  const change = (world: World): World => ({
    ...world,
    ...{ holder: steps(world.holder), ledger: steps(world.ledger) },
    ...{ messages: steps(world.messages), inbox: steps(world.inbox) },
  })
  at = await startTelling({ change })
  gateway = at.gateway
})
afterAll(() => at.close())

const path = (id: string) => `/v1/records/${id}`
const correction = (id: string): Call => ({
  ...{ method: 'PATCH', path: path(id), body: { items: [{ id: 'name', value: 'Antonia' }] } },
})
const replacement = (id: string): Call => {
  const { id: _, ...body } = personOf(id, [
    itemOf('name', { value: 'Antonia' }),
    itemOf('birthDate'),
  ])
  return { method: 'PUT', path: path(id), body }
}
const erasure = (id: string): Call => ({ method: 'DELETE', path: path(id) })

/** What FR was told of these answers because of a change. */
async function told(cause: string, requests: readonly string[]) {
  const events = (await at.toldTo('FR-SPOC')).filter((each) => each.cause === cause)
  return requests.map((request) =>
    events
      .filter((each) => each.request === request)
      .map(({ kind, items }) => `${kind} ${items?.toSorted()}`),
  )
}

/** Sends a call that dies after so many steps; whether it lived. */
async function dying(call: Call, steps: number): Promise<boolean> {
  left = steps
  const response = await gateway.call('DE-POL', call)
  const isOver = left > 0
  left = undefined
  return isOver || response.ok
}

/** A record that FR got, and gets again an hour after the change was first tried, and a day later. */
async function tried(id: string, call: Call, steps: number) {
  await at.vouch()
  await gateway.putRecord('DE-POL', personOf(id, [itemOf('name'), itemOf('birthDate')]))
  const { id: before } = await at.ask('FR-SPOC', id)
  at.wait(hourMs)
  const jti = freshJti()
  const lived = await dying({ ...call, jti }, steps)
  at.wait(hourMs)
  const { id: between, records } = await at.ask('FR-SPOC', id)
  return { lived, jti, before, between, hadOld: JSON.stringify(records).includes('Anton Beispiel') }
}

/** All looks at whatever waits to be told, for a day and more. */
async function days() {
  for (const hours of [0, 2, 26]) {
    at.wait(hours * hourMs)
    await at.turn()
  }
}

const changes = [
  ['correction', 'PATCH', correction, 'corrected name'],
  ['replacement', 'PUT', replacement, 'corrected name'],
  ['erasure', 'DELETE', erasure, 'erased birthDate,name'],
] as const

// Kills: a retry that makes the change after the last look at it, so that nobody is told; one that is looked for as if
// it had been made when it was first tried, so that whoever asked in between has what is wrong, and is not told.
test.each(changes)(
  'A %s that died anywhere, made by a %s a day later, is told to each who has the old, once',
  async (what, _, call, is) => {
    const wrong: unknown[] = []
    let lived = false
    for (let steps = 1; !lived; steps++) {
      const id = `${what}-${steps}`
      const first = await tried(id, call(id), steps)
      lived = first.lived
      await days()
      const again = { ...call(id), jti: first.jti }
      // Its retry dies somewhere, too.
      await dying(again, steps % 7)
      at.wait(hourMs)
      const { status } = await gateway.call('DE-POL', again)
      await days()
      const cause = entryId('DE-POL', first.jti)
      const expected = [[is], first.hadOld ? [is] : []]
      const found = await told(cause, [first.before, first.between])
      if (JSON.stringify(found) !== JSON.stringify(expected))
        wrong.push({ id, status, hadOld: first.hadOld, found })
    }
    expect(wrong).toEqual([])
  },
  120_000,
)
