/** Ten thousand events, sealers that die at any step, and a reader that dies before it has kept its cursor. */

import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventsPageSchema } from '../../../functions/answer/messages/events.ts'
import type { Events } from '../../../functions/inbox-ports.ts'
import { entryId, makeEntry } from '../../../functions/ledger/entry.ts'
import { seal } from '../../../functions/sealing/seal.ts'
import { startSealing, type TestSealing } from '../../sealing/sealed-log.ts'

let sealing: TestSealing
beforeAll(async () => {
  sealing = await startSealing()
})
afterAll(() => sealing.close())

const [events, atOnce] = [10_000, 500]
const logs = ['comity.test/de/2026', 'comity.test/gb/2026', 'comity.test/gb/2027'] as const

/** Entries by which an office tells the same agency something, in logs by chance. */
async function append(count: number, round: number): Promise<ReadonlyMap<string, string[]>> {
  const { gateway, subject, subjectKey } = sealing
  const ids = new Map<string, string[]>(logs.map((log) => [log, []]))
  const entries = Array.from({ length: count }, () => {
    const log = logs[randomInt(logs.length)] ?? logs[0]
    const eid = entryId('GB-MIN', randomUUID())
    ids.get(log)?.push(eid)
    const ts = new Date(Date.parse('2026-11-25T09:00:00.000Z') + round * 1000).toISOString()
    const hj = log.slice(12, 14).toUpperCase()
    return makeEntry(
      { ...{ t: 'response', log, eid, ts, hj, aj: 'GB', eng: 'test', req: 'test' } },
      {
        call: { agency: 'GB-MIN', officer: 'officer-1' },
        subject,
        response: { what: 'refuse', text: 'Not in this case.', to: 'US-POL' },
      },
      { jws: 'a.b.c', body: '{}' },
      subjectKey,
      randomUUID(),
      randomBytes,
    )
  })
  for (let i = 0; i < entries.length; i += 50)
    await Promise.all(entries.slice(i, i + 50).map((each) => gateway.world.ledger.append(each)))
  return ids
}

/** A sealer that dies at some step, before or after that has taken effect; it files events in any order. */
function dying() {
  let left = randomInt(1, 40)
  const isAfter = randomInt(2) === 1
  const step = async (_: string, act: () => Promise<unknown>) => {
    left -= 1
    if (left > 0) return act()
    if (left === 0 && isAfter) await act()
    throw new Error('died')
  }
  const file: Events['file'] = async (rows) => {
    const shuffled = [...rows].sort(() => randomInt(3) - 1)
    for (let i = 0; i < shuffled.length; i += 20)
      await step('events.file', () => sealing.gateway.world.events.file(shuffled.slice(i, i + 20)))
  }
  return sealing.world(step, { events: { file } })
}

/** Seals what waits, by sealers that die and one at last that does not; returns how many died. */
async function sealThrough(log: string, eids: readonly string[]): Promise<number> {
  let deaths = 0
  for (let i = 0; i < 4; i++) {
    const sealers = [seal(log, eids, dying()), seal(log, eids, dying())]
    const [, ...ends] = await Promise.allSettled([follow(), ...sealers])
    deaths += ends.filter(({ status }) => status === 'rejected').length
    await follow()
    // What a dead sealer had taken is free again.
    sealing.gateway.clock.pass(20_000)
  }
  await seal(log, eids, sealing.world())
  return deaths
}

/** Every id under which an entry was told, and how often it came. */
const told = new Map<string, { readonly ids: Set<string>; times: number }>()
let cursor: string | undefined

/** Reads on; now and then it dies before it has kept where it is, and reads the same again. */
async function follow(): Promise<void> {
  for (let more = true; more; ) {
    const path = `/v1/events${cursor === undefined ? '' : `?after=${cursor}`}`
    const response = await sealing.gateway.call('US-POL', { path })
    const page = eventsPageSchema.parse(await response.json())
    for (const { id, entry } of page.events) {
      const known = told.get(entry) ?? { ids: new Set(), times: 0 }
      told.set(entry, { ids: known.ids.add(id), times: known.times + 1 })
    }
    if (randomInt(5) > 0) cursor = page.next
    more = page.more
  }
}

// Kills: rows that are filed after the mark; a reader that goes by the last row that is there.
test('none is lost, and each has one id, though sealers and the reader are killed', async () => {
  await sealing.gateway.change('US-POL', { requestsPerMinute: 1_000_000 })
  const made: string[] = []
  let deaths = 0
  for (let round = 0; made.length < events; round++) {
    for (const [log, eids] of await append(atOnce, round)) {
      made.push(...eids)
      deaths += await sealThrough(log, eids)
    }
  }
  await follow()
  expect(deaths).toBeGreaterThan(100)
  expect(made.filter((eid) => !told.has(eid))).toEqual([])
  expect(told.size).toBe(events)
  expect([...told.values()].filter(({ ids }) => ids.size !== 1)).toEqual([])
  // Were nothing told twice, the reader would not have died.
  expect([...told.values()].some(({ times }) => times > 1)).toBe(true)
}, 600_000)
