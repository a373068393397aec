/** Sealing entries: one place for each, whoever seals and whatever crashes (faults by the numbers of test/simulation/README.md). */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { entryId, logOf } from '../../functions/ledger/entry.ts'
import { seal } from '../../functions/sealing/seal.ts'
import { memoryLog, smallEntries } from './memory-log.ts'
import { freshLog, rootOver, type Step, startSealing, type TestSealing } from './sealed-log.ts'

let sealing: TestSealing
beforeAll(async () => {
  sealing = await startSealing()
})
afterAll(() => sealing.close())

const shuffled = <T>(all: readonly T[], by: number): readonly T[] =>
  [...all]
    .map((each, i) => [(i * 7919 + by * 31) % 101, each] as const)
    .sort(([a], [b]) => a - b)
    .map(([, each]) => each)

describe('A sealer', () => {
  test('gives each entry one place, and publishes a checkpoint of them all', async () => {
    const log = freshLog()
    const first = await sealing.append(log, 3)
    expect(await seal(log, first, sealing.world())).toEqual({
      log,
      sealed: 3,
      size: 3,
      published: 3,
      left: 0,
    })
    await sealing.check(log)
    const more = await sealing.append(log, 260)
    expect(await seal(log, more, sealing.world())).toMatchObject({ sealed: 260, published: 263 })
    await sealing.check(log)
  })

  test('does nothing where nothing is new, and nothing for a log without entries', async () => {
    const log = freshLog()
    const nothing = { log, sealed: 0, size: 0, published: 0, left: 0 }
    expect(await seal(log, [], sealing.world())).toEqual(nothing)
    const eids = await sealing.append(log, 2)
    await seal(log, eids, sealing.world())
    const before = sealing.signed.length
    const again = await seal(log, eids, sealing.world())
    expect(again).toEqual({ ...nothing, size: 2, published: 2 })
    expect(sealing.signed).toHaveLength(before)
  })

  // Kills: trusting hints (F11, F12, F13).
  test('takes hints in any order, any number of times, of no entry, and of another log’s', async () => {
    const [log, other] = [freshLog(), freshLog()]
    const [mine, theirs] = [await sealing.append(log, 20), await sealing.append(other, 3)]
    const invented = [entryId('FR-SPOC', 'never-sent'), 'x', '']
    const hints = [...mine, ...theirs, ...invented, ...mine]
    expect(await seal(log, shuffled(hints, 1), sealing.world())).toMatchObject({ sealed: 20 })
    await sealing.check(log)
    expect(await seal(other, hints, sealing.world())).toMatchObject({ sealed: 3 })
    await sealing.check(other)
  })

  // Kills: the log of the clock, or of whoever brought the hint (F34).
  test('goes by the log that the leaf says, also in the last millisecond of a year', async () => {
    const ts = '2026-12-31T23:59:59.999Z'
    const [old, young] = ['2026', '2027'].map((year) => logOf('comity.test', 'YR', `${year}-01-01`))
    const last = await sealing.append(String(old), 1, ts)
    const next = await sealing.append(String(young), 1, '2027-01-01T00:00:00.000Z')
    for (const log of [String(young), String(old)]) {
      await seal(log, [...last, ...next], sealing.world())
      await sealing.check(log)
    }
  })

  // Kills: a lock that some sealer holds; a manifest that is written over (F14).
  test.each([2, 6])('is one of %i at once, and no entry gets two places', async (count) => {
    const log = freshLog()
    const eids = await sealing.append(log, 40)
    const all = await Promise.all(
      Array.from({ length: count }, (_, i) =>
        seal(log, shuffled(eids, i).slice(i, 30 + i), sealing.world()),
      ),
    )
    await seal(log, eids, sealing.world())
    await sealing.check(log)
    for (const each of all) expect(each.published).toBeLessThanOrEqual(40)
  })

  // Kills: hints that are forgotten with the manifest that lost.
  test('seals its own after all when another’s manifest came first', async () => {
    const log = freshLog()
    const [mine, theirs] = [await sealing.append(log, 2), await sealing.append(log, 2)]
    let isFirst = true
    const slow: Step = async (name, act) => {
      if (name === 'sealing.propose' && isFirst) {
        isFirst = false
        await seal(log, theirs, sealing.world())
      }
      return act()
    }
    expect(await seal(log, mine, sealing.world(slow))).toMatchObject({ size: 4, published: 4 })
    await sealing.check(log)
  })

  // Kills: a manifest of any size; one that ends within a tile; a bound of time that leaves unsigned what was
  // begun (F33).
  test('puts at most 512 entries into a manifest, which ends where a tile does', async () => {
    const log = 'comity.test/de/2026'
    const entries = smallEntries(log, 1100)
    const { world, files } = memoryLog(entries)
    const eids = [...entries.keys()]
    expect(await seal(log, eids.slice(0, 300), world)).toMatchObject({ size: 300, left: 0 })
    const late = await seal(log, eids, world, new Date(0))
    // In the tree and signed, but filed and marked only in one step.
    expect(late).toMatchObject({ sealed: 212, size: 512, published: 512, left: 162 + 588 })
    expect(await seal(log, eids, world)).toMatchObject({ size: 1100, published: 1100, left: 0 })
    const sizes = [0, 300, 512, 1024].map(
      async (at) => (await world.sealing.manifest(log, at))?.length,
    )
    expect(await Promise.all(sizes)).toEqual([300, 212, 512, 76])
    const bundles = [...files.keys()].filter((path) => path.includes('entries'))
    expect(bundles.map((path) => path.split('/entries/')[1])).toEqual([
      ...['000', '001.d/0-44', '001', '002', '003', '004.d/0-76'],
    ])
    const places = await world.sealing.placesOf(eids)
    expect(new Set([...places.values()].map(({ index }) => index)).size).toBe(1100)
    const hashes = eids.map((eid) => Buffer.from(entries.get(eid)?.leafHash ?? []))
    const { root } = await world.sealing.head(log)
    const inOrder = eids.map((eid, i) => [places.get(eid)?.index ?? 0, hashes[i] ?? root] as const)
    const sorted = inOrder.sort(([x], [y]) => x - y).map(([, hash]) => Buffer.from(hash))
    expect(Buffer.from(root)).toEqual(rootOver(sorted))
  })

  // Kills: newer entries sealed before older ones that wait.
  test('seals first what it is told of first', async () => {
    const log = 'comity.test/de/2026'
    const entries = smallEntries(log, 700)
    const { world } = memoryLog(entries)
    const eids = shuffled([...entries.keys()], 3)
    await seal(log, eids, world)
    const first = await world.sealing.manifest(log, 0)
    expect(first?.map(({ eid }) => eid)).toEqual(eids.slice(0, 512).sort())
  })
})

describe('A backlog', () => {
  /** A log whose tree has so many entries of one manifest that nobody has marked. */
  async function unmarked(count: number) {
    const log = 'comity.test/de/2026'
    const entries = smallEntries(log, count)
    const { world } = memoryLog(entries)
    const eids = [...entries.keys()]
    const placed = eids.map((eid) => {
      const leafHash = entries.get(eid)?.leafHash ?? new Uint8Array()
      return { eid, leafHash }
    })
    await world.sealing.propose(log, 0, placed)
    return { log, world, eids }
  }

  // Kills: a manifest that is marked as a whole or not at all, so that a large one of an earlier build never ends.
  test('of any size leaves less after every call that has no time at all, until nothing is left', async () => {
    const { log, world, eids } = await unmarked(4096)
    const lefts: number[] = []
    for (let left = 1; left > 0; lefts.push(left)) {
      const sealed = await seal(log, eids, world, new Date(0))
      left = sealed.left
      expect(sealed.published).toBe(4096)
    }
    expect(lefts).toEqual(lefts.toSorted((a, b) => b - a))
    expect(new Set(lefts).size).toBe(lefts.length)
    expect(await world.sealing.placesOf(eids)).toHaveProperty('size', 4096)
  })

  // Kills: filing that goes on from the first entry of a manifest each time.
  test('is filed once, from where the call before it stopped', async () => {
    const { log, world, eids } = await unmarked(1000)
    const read: string[] = []
    const ledger: typeof world.ledger = {
      ...world.ledger,
      async readAll(all) {
        if (all.length <= 100) read.push(...all)
        return world.ledger.readAll(all)
      },
    }
    for (let left = 1; left > 0; )
      left = (await seal(log, eids, { ...world, ledger }, new Date(0))).left
    // The first step has what the tree was made of.
    expect(read.length).toBe(new Set(read).size)
    expect(read.length).toBeGreaterThanOrEqual(800)
  })

  // Kills: steps of 200 whatever they take, so that a call of few seconds is ended in each and the backlog never ends.
  test.each([
    [1, [50, 100, 200, 200, 200, 200, 50]],
    [30, [50, 50, 50]],
  ])('is marked in steps that end in time, where an entry takes %i ms', async (each, steps) => {
    const { log, world, eids } = await unmarked(1000)
    const begun = Date.parse('2026-11-25T09:00:00.000Z')
    let now = begun
    const made: number[] = []
    const sealingState: typeof world.sealing = {
      ...world.sealing,
      async mark(of, start, marked) {
        now += marked.length * each
        made.push(marked.length)
        await world.sealing.mark(of, start, marked)
      },
    }
    const slow = { ...world, sealing: sealingState, now: () => new Date(now) }
    // Of 5 s, no step is begun after two thirds.
    await seal(log, eids, slow, new Date(begun + 3333))
    expect(made).toEqual(steps)
    expect(now - begun).toBeLessThan(5000)
  })

  // Kills: two sealers that do the same work; a lock that somebody must give back.
  test('is marked by one sealer while it goes on, and by any other once that one ended', async () => {
    const { log, world, eids } = await unmarked(1000)
    let now = new Date('2026-11-25T09:00:00.000Z')
    const taken = new Map<number, { readonly by: string; readonly until: Date }>()
    const sealingState: typeof world.sealing = {
      ...world.sealing,
      async take(_log, start, by, from, until) {
        const is = taken.get(start)
        if (is !== undefined && is.by !== by && is.until >= from) return false
        taken.set(start, { by, until })
        return true
      },
    }
    const as = (sealer: string) => ({ ...world, sealing: sealingState, sealer, now: () => now })
    const dies = {
      ...as('one'),
      lookups: { ...world.lookups, file: () => Promise.reject(new Error('it ended')) },
    }
    await expect(seal(log, eids, dies)).rejects.toThrow('it ended')
    expect(await seal(log, eids, as('two'))).toMatchObject({ sealed: 0, left: 2000 })
    // One that does not ask marks all the same: nothing rests on it.
    expect(await seal(log, [], { ...world, now: () => now }, now)).toMatchObject({ left: 950 })
    now = new Date('2026-11-25T09:00:20.000Z')
    expect(await seal(log, eids, as('two'))).toMatchObject({ left: 0 })
    expect(await world.sealing.placesOf(eids)).toHaveProperty('size', 1000)
  })
})

const crashed = 'the process ended'

/** A process that ends at its step `k`, before or after it took effect, and does nothing any more. */
function endsAt(k: number, when: 'before' | 'after') {
  let [steps, at] = [0, '']
  const step: Step = async (name, act) => {
    steps += 1
    if (steps > k) throw new Error(crashed)
    if (steps === k) at = name
    if (steps === k && when === 'before') throw new Error(crashed)
    const result = await act()
    if (steps >= k) throw new Error(crashed)
    return result
  }
  return { step, hasEnded: () => steps >= k, at: () => at }
}

describe('A crash at every single step (F6 to F10, F18, F19)', () => {
  // Kills: entries looked for before all are marked; marks before rows; a head before its tiles; a
  // signature only after something was sealed; tiles that must not be there yet.
  test('and at the same step again, after it took effect, loses nothing and doubles nothing', async () => {
    const seen = new Set<string>()
    for (let k = 1; ; k++) {
      const log = freshLog()
      const eids = await sealing.append(log, 2)
      const [before, after] = [endsAt(k, 'before'), endsAt(k, 'after')]
      for (const { step, hasEnded, at } of [before, after]) {
        const outcome = await seal(log, eids, sealing.world(step)).catch((error: Error) => error)
        if (outcome instanceof Error) expect(outcome.message).toContain(crashed)
        else expect(hasEnded()).toBe(false)
        seen.add(at())
        const rows = await sealing.rowsOf(log)
        for (const eid of eids)
          if ((await sealing.sealing.placeOf(eid)) !== undefined)
            expect([at(), rows.lines.includes(eid)]).toEqual([at(), true])
      }
      const more = await sealing.append(log, 1)
      await seal(log, [...more, ...eids], sealing.world())
      await sealing.check(log)
      if (!before.hasEnded()) break
    }
    expect([...seen].filter((name) => name !== '').sort()).toEqual([
      'archive.get',
      'archive.grownFrom',
      'archive.publish',
      'archive.put',
      'key.sign',
      'ledger.readAll',
      'lookups.file',
      'lookups.put',
      'lookups.recount',
      'lookups.unfile',
      'memory.advance',
      'memory.last',
      'sealing.advance',
      'sealing.head',
      'sealing.manifest',
      'sealing.mark',
      'sealing.placesOf',
      'sealing.propose',
      'signer.sign',
      'subjectKeys.openEach',
    ])
  })

  // Kills: signing only what was sealed just now (the tail that nobody signs then).
  test('leaves no tail unsigned, though nothing is left to seal and nobody hints', async () => {
    const log = freshLog()
    const eids = await sealing.append(log, 2)
    const dies: Step = (name, act) =>
      name === 'signer.sign' ? Promise.reject(new Error(crashed)) : act()
    await expect(seal(log, eids, sealing.world(dies))).rejects.toThrow(crashed)
    expect(await seal(log, [], sealing.world())).toMatchObject({ sealed: 0, published: 2 })
    await sealing.check(log)
  })
})

describe('A sealer that sleeps at any one step while others go on (F15)', () => {
  // Kills: an overwritten manifest; a head that is put back; looking for places before the marks are
  // complete; dedup from a view that is older than the manifest that it ends in.
  test('wakes up to find each of its effects refused or already there', async () => {
    for (let k = 1; ; k++) {
      const log = freshLog()
      const eids = await sealing.append(log, 2)
      let steps = 0
      const sleeps: Step = async (_, act) => {
        steps += 1
        if (steps === k) {
          // It sleeps here; meanwhile one seals what it saw, and one what came later.
          await seal(log, eids.slice(0, 1), sealing.world())
          await seal(log, [...eids, ...(await sealing.append(log, 1))], sealing.world())
        }
        return act()
      }
      const late = await seal(log, eids, sealing.world(sleeps))
      // Kills: a false alarm, where another was only faster.
      expect(late.why).toBeUndefined()
      await seal(log, [], sealing.world())
      await sealing.check(log)
      if (steps < k) break
    }
  })
})
