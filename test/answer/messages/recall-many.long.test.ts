/**
 * Many disclosures are recalled, while the clock and the sealer die at any step: everybody is told of each once, and
 * reminded of what they have not done. `COMITY_RECALLED=10000` recalls as many; 400 unless said.
 */

import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAny } from '../../../functions/answer/entries/reader.ts'
import { shortFormOf } from '../../../functions/answer/entries/short-form.ts'
import { tick } from '../../../functions/answer/upkeep/clock.ts'
import { entryId, makeEntry } from '../../../functions/ledger/entry.ts'
import type { World } from '../../../functions/ports.ts'
import { done } from '../../world.ts'
import { itemOf, personOf } from '../people.ts'
import { hourMs, post, startTelling } from '../sealed-union.ts'

const many = Number(process.env.COMITY_RECALLED ?? 400)
let at: Awaited<ReturnType<typeof startTelling>>
beforeAll(async () => {
  at = await startTelling()
})
afterAll(() => at.close())

/** Seals until nothing is left to seal. */
async function sealed(): Promise<void> {
  for (let isLeft = true; isLeft; ) {
    const swept = await at.sealed()
    isLeft = swept.some((each) => 'error' in each || each.left > 0 || each.sealed > 0)
  }
}

/**
 * As many answers as one, each under an id of its own, and of a time of its own: the store of tests tells entries of
 * one log and millisecond apart by 24 bits, and would lose one of ten thousand.
 */
async function again(eid: string, count: number): Promise<readonly string[]> {
  const { world } = at.gateway
  const stored = await world.ledger.read(eid)
  const opened = stored && (await openAny(stored, world))
  if (stored === undefined || opened?.kind !== 'decision') throw new Error('no decision')
  const { subjectKeys, ledger } = world
  const key = await subjectKeys.keyFor('DE', opened.values.subject.asked, stored.leaf.ts, true)
  const { kept: _, d: __, ...leaf } = stored.leaf as typeof stored.leaf & { kept?: unknown }
  const ids: string[] = []
  for (let i = 0; i < count; i += 50)
    await Promise.all(
      Array.from({ length: Math.min(50, count - i) }, async (_, at) => {
        const own = entryId('NL-POL', randomUUID())
        ids.push(own)
        const said = shortFormOf(opened.values)
        const ts = new Date(Date.parse(leaf.ts) - i - at).toISOString()
        const made = { ...leaf, eid: own, ts } as Parameters<typeof makeEntry>[0]
        await ledger.append(makeEntry(made, said, opened.evidence, key, randomUUID(), randomBytes))
      }),
    )
  return ids
}

/** A world whose time goes on with each look at the clock. */
function going(): World {
  const { world, clock } = at.gateway
  let ms = 0
  return { ...world, now: () => new Date(clock.now.getTime() + ms++) }
}

/** The same, whose process ends at some write, before or after that has taken effect. */
function dying(): World {
  const world = going()
  let left = randomInt(5, Math.max(60, many / 10))
  const isAfter = randomInt(2) === 1
  const killed =
    <A extends readonly unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      left -= 1
      if (left > 0) return act(...args)
      if (left === 0 && isAfter) await act(...args)
      throw new Error('the process ended')
    }
  return {
    ...world,
    isStoreAway: () => true,
    ledger: { ...world.ledger, append: killed(world.ledger.append) },
    messages: {
      ...world.messages,
      put: killed(world.messages.put),
      keepSearch: killed(world.messages.keepSearch),
    },
    inbox: {
      ...world.inbox,
      watch: killed(world.inbox.watch),
      unwatch: killed(world.inbox.unwatch),
    },
  }
}

// Kills: a place that is kept before what it passes; a notice under another id after a kill; a reminder that is lost.
test('All are told once, and reminded, though the clock dies again and again', async () => {
  const { gateway } = at
  await gateway.change('NL-POL', { requestsPerMinute: 1_000_000 })
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  const first = await at.ask('NL-POL', 'R-1')
  const began = performance.now()
  const minutes = () => `${((performance.now() - began) / 60_000).toFixed(1)} min`
  const given = [first.id, ...(await again(first.id, many - 1))]
  console.log(`${many} answers entered: ${minutes()}`)
  await sealed()
  console.log(`sealed: ${minutes()}`)
  at.wait(hourMs)
  const policy = first.policies.find(({ id }) => id === 'de/police')
  const cause = { policy: `${policy?.id}@${policy?.version}` }
  const body = { cause, ask: 'erased', ground: 'That version was wrong.' }
  const recalled = await done(await gateway.call('DE-POL', post('/v1/recalls', body)))
  await done(await gateway.call('DE-DPO', post(`/v1/recalls/${recalled}/signatures`)))

  const until = () => new Date(gateway.clock.now.getTime() + hourMs)
  let deaths = 0
  const turn = async (): Promise<'died' | 'left' | 'over'> => {
    // The first die for sure; then some get through.
    const world = deaths < 4 || randomInt(3) > 0 ? dying() : going()
    const ended = await tick(world, until()).catch(() => undefined)
    gateway.clock.pass(60_000)
    if (ended === undefined) {
      deaths += 1
      return 'died'
    }
    return ended.left || ended.entered > 0 ? 'left' : 'over'
  }
  let [turns, quiet] = [0, 0]
  while (quiet < 3) {
    const came = await turn()
    turns += 1
    quiet = came === 'over' ? quiet + 1 : 0
  }
  console.log(`all told: ${minutes()}, ${turns} minutes of the clock, ${deaths} deaths`)
  await sealed()
  const told = (await at.toldTo('NL-POL')).filter((each) => each.cause === recalled)
  expect(told.map(({ request }) => request).sort()).toEqual([...given].sort())
  const ids = new Set(told.map(({ id }) => id))
  expect(ids.size).toBe(many)
  console.log(`read: ${minutes()}`)

  // Half of the seven days later each is reminded, by no more turns of the clock than it has minutes.
  at.wait(4 * 24 * hourMs)
  ;[turns, quiet] = [0, 0]
  while (quiet < 3) {
    quiet = (await turn()) === 'over' ? quiet + 1 : 0
    turns += 1
  }
  await sealed()
  const all = (await at.toldTo('NL-POL')).filter((each) => each.cause === recalled)
  const reminded = all.filter(({ kind }) => kind === 'reminder').map(({ request }) => request)
  expect(reminded.sort()).toEqual([...given].sort())
  expect(all.filter(({ kind }) => kind === 'recalled').map(({ id }) => id)).toEqual(
    told.map(({ id }) => id),
  )
  console.log(`all reminded: ${minutes()}, ${turns} minutes of the clock`)
  // Few are told by few turns: a clock may be lucky.
  if (many >= 400) expect(deaths).toBeGreaterThan(0)
}, 3_000_000)
