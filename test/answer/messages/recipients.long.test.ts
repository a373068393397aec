/** That exactly those are told who got what changed, whatever is killed, and that nobody learns of a hit by it. */

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import '../../seed.ts'
import { tick } from '../../../functions/answer/upkeep/clock.ts'
import type { World } from '../../../functions/ports.ts'
import { seal } from '../../../functions/sealing/seal.ts'
import { done, type Gateway } from '../../world.ts'
import { itemOf, personOf } from '../people.ts'
import { hourMs, startTelling } from '../sealed-union.ts'

let at: Awaited<ReturnType<typeof startTelling>>
let gateway: Gateway
beforeAll(async () => {
  at = await startTelling()
  gateway = at.gateway
})
afterAll(() => at.close())

/** A world whose process ends after so many writes. */
function dying(writes: number): World {
  let left = writes
  const killed =
    <A extends readonly unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (left-- <= 0) throw new Error('the process ended')
      return act(...args)
    }
  const { world } = gateway
  return {
    ...world,
    isStoreAway: () => true,
    ledger: { ...world.ledger, append: killed(world.ledger.append) },
    messages: { ...world.messages, keepSearch: killed(world.messages.keepSearch) },
  }
}

// Kills: a place that is kept before what it passes is entered; a search that begins anew and tells twice.
test('The work of telling goes on where it was killed, and tells everybody once', async () => {
  await gateway.putRecord('DE-POL', personOf('R-7', [itemOf('name')]))
  const got: string[] = []
  for (let i = 0; i < 60; i++) got.push((await at.ask('NL-POL', 'R-7')).id)
  at.wait(hourMs)
  const cause = await done(await at.change('R-7', [{ id: 'name', value: 'Antonia Beispiel' }]))
  await at.sealed()
  const isOver = () =>
    at.turn(dying(7)).then(
      () => true,
      () => false,
    )
  while (!(await isOver()));
  await at.turn()
  const told = (await at.toldTo('NL-POL')).filter((each) => each.cause === cause)
  expect(told.map(({ request }) => request).sort()).toEqual(got.sort())
  expect((await at.listed(cause)).complete).toBe(true)
}, 60_000)

describe('The work of telling', () => {
  // Kills: a search that ends before what was on its way is filed.
  test('finds an answer that was filed late', async () => {
    await gateway.putRecord('DE-POL', personOf('R-8', [itemOf('name')]))
    const { id } = await at.ask('NL-POL', 'R-8')
    at.wait(hourMs)
    const cause = await done(await at.change('R-8', [{ id: 'name', value: 'Antonia Beispiel' }]))
    // The sealer has the change, and not yet the answer.
    await seal('comity.test/de/2026', [cause], at.sealing.world())
    await tick(gateway.world, new Date(gateway.clock.now.getTime() + hourMs))
    const told = async () => (await at.toldTo('NL-POL')).filter((each) => each.cause === cause)
    expect(await told()).toEqual([])
    await at.turn()
    expect(await told()).toEqual([])
    at.wait(hourMs)
    await at.turn()
    expect(await told()).toMatchObject([{ request: id, items: ['name'] }])
  })

  test('tells nobody of an answer that was erased, and still of one that is kept as evidence', async () => {
    await gateway.putRecord('DE-POL', personOf('R-9', [itemOf('name')]))
    await gateway.putRecord('DE-POL', personOf('R-10', [itemOf('name')]))
    const [erased, kept] = [await at.ask('FR-SPOC', 'R-9'), await at.ask('FR-SPOC', 'R-10')]
    at.wait(hourMs)
    await at.sealed()
    const { subjectKeys } = gateway.world
    await subjectKeys.shred((await gateway.entry(erased.id)).stored.kid)
    await subjectKeys.restrict((await gateway.entry(kept.id)).stored.kid, 'act')
    for (const record of ['R-9', 'R-10'])
      await done(await at.change(record, [{ id: 'name', value: 'Antonia Beispiel' }]))
    await at.turn()
    const requests = (await at.toldTo('FR-SPOC')).map(({ request }) => request)
    expect([requests.includes(erased.id), requests.includes(kept.id)]).toEqual([false, true])
  })
})

/** What a holder does with its records and others get of them, between two looks of the clock. */
const ids = ['name', 'birthDate', 'conviction'] as const
const classOf = {
  name: 'identification',
  birthDate: 'identification',
  conviction: 'criminal-history',
} as const
const asked = fc.record({
  who: fc.constantFrom('FR-SPOC', 'NL-POL', 'BE-POL'),
  record: fc.constantFrom('A', 'B'),
  classes: fc.constantFrom(
    ['identification'] as const,
    ['identification', 'criminal-history'] as const,
  ),
})
const changed = fc.record({
  record: fc.constantFrom('A', 'B'),
  how: fc.constantFrom('correct', 'block', 'put', 'erase'),
  item: fc.constantFrom(...ids),
})
const blocks = fc.array(
  fc.record({
    before: fc.array(asked, { maxLength: 3 }),
    change: changed,
    after: fc.array(asked, { maxLength: 2 }),
    isKilled: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
)

type Held = Record<string, { value: unknown; status: string }>

// Kills: telling who received another item; missing a retry after a kill; telling the item's value; telling who got
// what stands now.
test('Whatever is given and changed, exactly those are told who got what changed', async () => {
  let runs = 0
  await fc.assert(
    fc.asyncProperty(blocks, async (all) => {
      runs += 1
      const held = new Map<string, Held>()
      let values = 0
      const fresh = () => `value ${runs} ${values++}`
      const name = (record: string) => `R-${runs}-${record}`
      const put = async (record: string, items: Held) => {
        held.set(record, items)
        const kept = Object.entries(items).map(([id, each]) =>
          itemOf(id as (typeof ids)[number], { value: String(each.value), status: 'active' }),
        )
        return gateway.putRecord('DE-POL', personOf(name(record), kept))
      }
      for (const record of ['A', 'B'])
        await put(
          record,
          Object.fromEntries(
            ids.map((id) => [id, { value: dated(id, fresh()), status: 'active' }]),
          ),
        )
      const left: { request: string; who: string; record: string; items: readonly string[] }[] = []
      const got = async (asks: readonly Ask[]) => {
        for (const { who, record, classes } of asks) {
          const answer = await at.ask(who, name(record), [...classes])
          const items = answer.records.flatMap((each) => each.items.map(({ id }) => id))
          left.push({ request: answer.id, who, record, items })
        }
      }
      const expected: unknown[] = []
      for (const { before, change, after, isKilled } of all) {
        await got(before)
        const { record, how, item } = change
        const items = held.get(record)
        if (items === undefined) continue
        const past = left.filter((each) => each.record === record)
        let cause: string
        let became: readonly (readonly [string, readonly string[]])[]
        if (how === 'erase') {
          const path = `/v1/records/${name(record)}`
          cause = await done(await gateway.call('DE-POL', { method: 'DELETE', path }))
          became = [['erased', ids]]
          held.delete(record)
        } else if (how === 'put') {
          const { [item]: _, ...others } = items
          const corrected = Object.keys(others).slice(0, 1)
          for (const id of corrected) others[id] = { value: dated(id, fresh()), status: 'active' }
          const restored = Object.keys(others).filter((id) => items[id]?.status !== 'active')
          cause = await put(
            record,
            Object.fromEntries(
              Object.entries(others).map(([id, each]) => [id, { ...each, status: 'active' }]),
            ),
          )
          became = [
            ['corrected', [...new Set([...corrected, ...restored])]],
            ['erased', item in items ? [item] : []],
          ]
        } else {
          const of = items[item]
          if (of === undefined) continue
          const isBlocked = how === 'block'
          const next = isBlocked
            ? { ...of, status: 'blocked' }
            : { ...of, value: dated(item, fresh()) }
          const fields = isBlocked ? { status: next.status } : { value: next.value }
          cause = await done(await at.change(name(record), [{ id: item, ...fields }]))
          became =
            isBlocked && of.status === 'blocked'
              ? []
              : [[isBlocked ? 'restricted' : 'corrected', [item]]]
          items[item] = next
        }
        for (const each of past)
          for (const [kind, of] of became) {
            const items = each.items.filter((id) => of.includes(id))
            if (items.length > 0) expected.push([each.who, each.request, cause, kind, items.sort()])
          }
        await got(after)
        if (isKilled) await at.turn(dying(1)).catch(() => undefined)
        await at.turn()
        at.wait(60_001)
      }
      const events = await Promise.all(
        ['FR-SPOC', 'NL-POL', 'BE-POL', 'DE-POL', 'GB-POL', 'US-POL'].map(async (who) =>
          (await at.toldTo(who)).map((each) => [who, each] as const),
        ),
      )
      const requests = new Set(left.map(({ request }) => request))
      const told = events
        .flat()
        .filter(([, { request = '' }]) => requests.has(request))
        .map(([who, { request, cause, kind, items = [] }]) => [
          who,
          request,
          cause,
          kind,
          [...items].sort(),
        ])
      expect(told.map((each) => JSON.stringify(each)).sort()).toEqual(
        expected.map((each) => JSON.stringify(each)).sort(),
      )
      expect(JSON.stringify(events)).not.toMatch(/value \d|19\d\d-/)
    }),
    // Each run reads the feeds from their beginning.
    { numRuns: Math.min(Number(process.env.COMITY_RUNS ?? 8), 25) },
  )
}, 240_000)

type Ask = {
  readonly who: string
  readonly record: string
  readonly classes: readonly (typeof classOf)[keyof typeof classOf][]
}
/** A value of an item, which of a birth date is a day. */
const dated = (id: string, value: string): string =>
  id === 'birthDate' ? `19${String(10 + (Number(value.split(' ')[2]) % 80))}-01-01` : value
