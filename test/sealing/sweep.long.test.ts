/** Sweeping: what is entered is sealed without hints, filed for auditors, and never missed for good. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identifierOf } from '../../functions/decision/record.ts'
import { looksLogOf } from '../../functions/ledger/looks-log.ts'
import type { Dimension, SealWorld } from '../../functions/log-ports.ts'
import { caseIdentifier } from '../../functions/sealing/lookup-rows.ts'
import { seal } from '../../functions/sealing/seal.ts'
import { type Swept, sealAll } from '../../functions/sealing/sweep.ts'
import { agencyOf } from '../adapters/make.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { answered } from '../world.ts'
import { freshLog, type Step, startSealing, type TestSealing } from './sealed-log.ts'

let sealing: TestSealing
beforeAll(async () => {
  sealing = await startSealing()
})
afterAll(() => sealing.close())

const asIs: Step = (_, act) => act()
/** A world whose only agency is of the log’s jurisdiction, at a time. */
function worldOf(log: string, now = '2026-11-25T09:00:00.000Z', step = asIs): SealWorld {
  const jurisdiction = log.split('/')[1]?.toUpperCase() ?? ''
  const register = {
    agency: async () => undefined,
    all: async () => [agencyOf('XX-POL', { jurisdiction })],
  }
  return sealing.world(step, { register, now: () => new Date(now) })
}
const nothingAt = (log: string) => ({
  log,
  sealed: 0,
  size: 0,
  published: 0,
  left: 0,
  unsealedSeconds: 0,
})
/** What is sealed of a log, and nothing of the log of looks beside it. */
const alone = (log: string, sealed: number) => ({ [log]: sealed, [looksLogOf(log)]: 0 })
/** Logs and those of looks beside them. */
const withLooks = (...logs: readonly string[]) => [...logs, ...logs.map(looksLogOf)]
const sealedOf = (swept: readonly Swept[]) =>
  Object.fromEntries(swept.map((each) => [each.log, 'sealed' in each ? each.sealed : each.error]))

describe('A row of the register that nobody can read', () => {
  // Kills: one mistyped row that stops every log; the log of that agency left out.
  test('stops no log, not even that of its own agency', async () => {
    const log = freshLog()
    const world = worldOf(log)
    const register: SealWorld['register'] = {
      ...world.register,
      async all(malformed = () => undefined) {
        malformed('ZZ-POL')
        malformed('no agency at all')
        return world.register.all()
      },
    }
    const told: string[] = []
    const notBelieved = (id: string) => told.push(id)
    const swept = (await sealAll({ ...world, register }, { notBelieved })).map((each) => each.log)
    // Those who run it are told: the alarm is read off that.
    expect(told).toEqual(['ZZ-POL', 'no agency at all'])
    expect(swept).toContain(log)
    expect(swept.filter((each) => each.includes('/zz/'))).not.toEqual([])
    expect(swept.some((each) => each.includes('no agency'))).toBe(false)
  })
})

describe('What is left of the erased', () => {
  const clearing = (clear: SealWorld['lookups']['clear']): SealWorld => {
    const world = worldOf(freshLog())
    return { ...world, lookups: { ...world.lookups, clear } }
  }

  // Kills: a clearing that nobody calls; one while a sealer may be filing still; one batch of many.
  test('is cleared by the clock, an hour after its key went, to the last batch', async () => {
    const asked: string[] = []
    const world = clearing(async (before) => asked.push(before) === 3)
    await sealAll(world)
    expect(asked).toEqual(Array(3).fill('2026-11-25T08:00:00.000Z'))
    // An act on a person waits for its own logs, and for nothing else.
    await sealAll(world, { what: 'act', jurisdiction: 'DE' })
    expect(asked).toHaveLength(3)
  })

  test('waits for the next sweep once time is up', async () => {
    let asked = 0
    const world = clearing(async () => ++asked < 0)
    await sealAll(world, { until: world.now() })
    expect(asked).toBe(1)
  })

  // Kills: a failure that nobody hears of; one that keeps the logs from being sealed.
  test('is told to be left still if the store is away, and every log is sealed all the same', async () => {
    const error = new Error('the store is away')
    const world = clearing(() => Promise.reject(error))
    const [log = '', ...others] = (await sealAll(world)).map((each) => each.log)
    expect(log).toMatch(/^comity\.test\//)
    expect(await sealAll(world)).toContainEqual({ log: 'comity.test', error })
    expect(others).toContain('comity.test')
  })
})

describe('A sweep of a gateway', () => {
  test('seals what agencies did, and files it for the auditors of both sides', async () => {
    const { gateway, lookups } = sealing
    await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
    const { id } = await answered(await gateway.ask('GB-POL', 'officer-7', requestOf()))
    const swept = await sealAll(sealing.world())
    expect(sealedOf(swept)).toMatchObject({ 'comity.test/de/2026': 2, 'comity.test/gb/2026': 0 })
    expect(swept.map(({ log }) => log)).toContain('comity.test/us/2026')

    const under = async (jurisdiction: string, by: Dimension, value: string) =>
      (await lookups.list({ jurisdiction, by, value }, {}, 100)).filter((line) => line.id === id)
    const { pseudonym } = gateway.world.secrets
    for (const jurisdiction of ['DE', 'GB']) {
      const person = pseudonym(jurisdiction, identifierOf({ recordId: 'R-1' }))
      const { opened } = await gateway.entry(id)
      const asked = jurisdiction === 'DE' ? opened.subject.asked : person
      const found = {
        all: await under(jurisdiction, 'all', ''),
        agency: await under(jurisdiction, 'agency', 'GB-POL'),
        officer: await under(jurisdiction, 'officer', 'GB-POL/officer-7'),
        case: await under(
          jurisdiction,
          'case',
          pseudonym(jurisdiction, caseIdentifier('GB-POL', 'CASE-1')),
        ),
        subject: await under(jurisdiction, 'subject', asked),
      }
      for (const [by, lines] of Object.entries(found))
        expect([jurisdiction, by, lines.map((line) => line.side)]).toEqual([
          jurisdiction,
          by,
          [jurisdiction === 'DE' ? 'holder' : 'requester'],
        ])
    }
    expect(await under('FR', 'all', '')).toEqual([])
  })

  // Kills: sealing that needs hints; a log of which only the manifest exists passed over.
  test('finds a manifest whose process ended before the head, though the index shows nothing', async () => {
    const log = freshLog()
    const eids = await sealing.append(log, 3)
    const ends: Step = async (name, act) => {
      const result = await act()
      if (name === 'sealing.propose') throw new Error('the process ended')
      return result
    }
    await expect(seal(log, eids, sealing.world(ends))).rejects.toThrow('ended')
    const blind = { ...worldOf(log), sweep: { since: async () => [] } }
    expect(sealedOf(await sealAll(blind))).toEqual(alone(log, 3))
    await sealing.check(log)
  })

  // Kills: an index taken for the truth (F24).
  test('seals later what the index shows late, and nothing twice for an index that is behind', async () => {
    const log = freshLog()
    const eids = await sealing.append(log, 3)
    const world = worldOf(log)
    const old = await world.sweep.since(log, '0', 10)
    const behind: SealWorld = { ...world, sweep: { since: async () => old.slice(0, 2) } }
    expect(sealedOf(await sealAll(behind))).toEqual(alone(log, 2))
    expect(sealedOf(await sealAll(behind))).toEqual(alone(log, 0))
    expect(sealedOf(await sealAll(world))).toEqual(alone(log, 1))
    expect(eids).toHaveLength(3)
    await sealing.check(log)
  })

  // Kills: a log of looks that only hints seal; one that waits for witnesses, who would see it grow.
  test('seals and publishes what was looked at, and asks no witness', async () => {
    const log = freshLog()
    const looks = looksLogOf(log)
    await sealing.append(looks, 2)
    const asked: string[] = []
    const witness: SealWorld['witnesses'][number] = {
      vkey: sealing.vkey('witness.example'),
      async add(_, __, note) {
        asked.push(note)
        return { kind: 'refused', why: 'it is away' }
      },
    }
    const world = { ...worldOf(log), witnesses: [witness], quorum: 1 }
    expect(await sealAll(world)).toEqual([
      nothingAt(log),
      { ...nothingAt(looks), sealed: 2, size: 2, published: 2 },
    ])
    await sealing.check(looks)
    expect(asked).toEqual([])
    // The log beside it waits for its witnesses, as ever.
    await sealing.append(log, 1)
    expect((await sealAll(world))[0]).toMatchObject({ size: 1, published: 0 })
    expect(asked).toHaveLength(1)
  })

  // Kills: one log's trouble that keeps the others back.
  test('goes on with the other logs if one is not what it was', async () => {
    const [good, bad] = [freshLog(), freshLog()]
    await sealing.append(good, 1)
    await sealing.append(bad, 1)
    await sealing.archive.put(`${bad}/tile/0/000.p/1`, Buffer.alloc(32))
    const agencies = [good, bad].map((log) => {
      const jurisdiction = log.split('/')[1]?.toUpperCase() ?? ''
      return agencyOf(`${jurisdiction.slice(0, 2)}-POL`, { jurisdiction })
    })
    const world = worldOf(good)
    const register = { ...world.register, all: async () => agencies }
    const found = sealedOf(await sealAll({ ...world, register }))
    expect(found[good]).toBe(1)
    expect(String(found[bad])).toMatch(/tile\/0\/000.p\/1: other bytes are there/)
  })

  // Kills: a year that is over at midnight; a last year that is swept for ever.
  test('looks at the last year’s log in January, and not before or after', async () => {
    const log = freshLog()
    const next = log.replace('2026', '2027')
    const last = log.replace('2026', '2025')
    const swept = async (now: string) => (await sealAll(worldOf(log, now))).map((each) => each.log)
    expect(await swept('2026-12-31T23:59:59.999Z')).toEqual(withLooks(log))
    expect(await swept('2027-01-01T00:00:00.000Z')).toEqual(withLooks(log, next))
    expect(await swept('2027-01-20T00:00:00.000Z')).toEqual(withLooks(log, next))
    expect(await swept('2027-02-02T00:00:00.000Z')).toEqual(withLooks(next))
    expect(await swept('2026-01-02T00:00:00.000Z')).toEqual(withLooks(last, log))
    expect(await sealAll(worldOf(log))).toEqual(withLooks(log).map(nothingAt))
  })
})

describe('How far a sweep looks back', () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 25, 9, minute)).toISOString()
  const sweptUntil = async (log: string) => (await sealing.sealing.head(log)).sweptUntil

  // Kills: a place that moves past what is not sealed, or is younger than the margin, or moves back.
  test('moves only past what was seen sealed and is an hour old', async () => {
    const log = freshLog()
    for (const minute of [0, 10, 20]) await sealing.append(log, 1, at(minute))
    await sealAll(worldOf(log, at(30)))
    expect(await sweptUntil(log)).toBe(at(-30))
    await sealAll(worldOf(log, at(75)))
    expect(await sweptUntil(log)).toBe(at(15))
    await sealing.append(log, 1, at(16))
    await sealAll(worldOf(log, at(200)))
    expect(await sweptUntil(log)).toBe(at(16))
    await sealAll(worldOf(log, at(200)))
    expect(await sweptUntil(log)).toBe(at(140))
    // A clock that is behind by more than clocks differ cannot be told from one that was ahead.
    await sealAll(worldOf(log, at(145)))
    expect(await sweptUntil(log)).toBe(at(140))
    await sealing.check(log)
  })

  // Kills: no margin, so that an entry of a slow clock is never found.
  test('is an hour more than that, for an entry that shows late', async () => {
    const log = freshLog()
    for (const minute of [0, 120]) await sealing.append(log, 1, at(minute))
    for (let i = 0; i < 2; i++) await sealAll(worldOf(log, at(240)))
    expect(await sweptUntil(log)).toBe(at(180))
    await sealing.append(log, 1, at(121))
    expect(sealedOf(await sealAll(worldOf(log, at(240))))).toEqual(alone(log, 1))
    await sealing.check(log)
  })

  const fromsOf = (log: string, now: string) => {
    const froms: string[] = []
    const world = worldOf(log, now)
    const sweep: SealWorld['sweep'] = {
      async since(of, from, limit) {
        if (of !== looksLogOf(log)) froms.push(from)
        return world.sweep.since(of, from, limit)
      },
    }
    return { world: { ...world, sweep }, froms }
  }

  // Kills: hours that are read again each minute; a minute before now, whatever the last sweep left; what shows
  // late that is never found.
  test('is a minute, and a quarter of an hour later everything again', async () => {
    const log = freshLog()
    await sealing.append(log, 1, at(0))
    const swept: string[] = []
    for (const minute of [61, 62, 63, 75, 76]) {
      const { world, froms } = fromsOf(log, at(minute))
      await sealing.append(log, 1, at(minute - 1))
      await sealAll(world, { what: 'new' })
      swept.push(...froms)
    }
    expect(swept).toEqual(['0', at(60), at(61), at(-60), at(74)])
    await sealing.check(log)
  })

  // Kills: a sweep that was slow, or failed, and is taken for one that left nothing; its end for its beginning.
  test('is all the time since the last sweep that left nothing, however long that took', async () => {
    const log = freshLog()
    await sealing.append(log, 1, at(0))
    await sealAll(worldOf(log, at(1)))
    await sealing.append(log, 2, at(2))
    const world = worldOf(log, at(3))
    const away = { ...world.archive, put: () => Promise.reject(new Error('it is away')) }
    await sealAll({ ...world, archive: away }, { what: 'new' })
    // This one takes ten minutes, in which an entry is made.
    let now = at(5)
    const slow = { ...worldOf(log), now: () => new Date(now) }
    const sweep: SealWorld['sweep'] = {
      async since(of, from, limit) {
        const found = await slow.sweep.since(of, from, limit)
        now = at(13)
        return found
      },
    }
    await sealAll({ ...slow, sweep }, { what: 'new' })
    const last = fromsOf(log, at(14))
    await sealing.append(log, 1, at(6))
    await sealAll(last.world, { what: 'new' })
    expect(last.froms).toEqual([at(4)])
    await sealing.check(log)
  })

  // Kills: a clock that is ahead, for whose sake others look at nothing.
  test('is not what a clock says that is ahead', async () => {
    const log = freshLog()
    await sealing.append(log, 1, at(0))
    await sealAll(worldOf(log, at(30)))
    await sealing.append(log, 1, at(10))
    expect(sealedOf(await sealAll(worldOf(log, at(11)), { what: 'new' }))).toEqual(alone(log, 1))
  })

  // Kills: what a clock noted that was hours ahead, taken for true until that time has come: what an outage left, of which
  // no hint came, would be sealed by nobody, and an act on a person would go ahead without it.
  test.each(['new', 'act'] as const)(
    'is all there is (%s), if the last was by a clock hours ahead, and is noted anew',
    async (what) => {
      const log = freshLog()
      const jurisdiction = log.split('/')[1]?.toUpperCase() ?? ''
      await sealing.append(log, 1, at(0))
      for (const ahead of [180, 181]) await sealAll(worldOf(log, at(ahead)))
      await sealing.append(log, 1, at(5))
      const swept = await sealAll(worldOf(log, at(40)), { what, jurisdiction })
      expect(sealedOf(swept)).toEqual(alone(log, 1))
      const then = fromsOf(log, at(41))
      await sealAll(then.world, { what: 'new' })
      expect(then.froms).toEqual([at(39)])
      expect((await then.world.sealing.head(log)).sweptUntil).toBe(at(-20))
    },
  )

  // Kills: an erasure, a hold or a restriction that misses what shows late, or waits for other logs.
  test('is ten minutes more for an act on a person, in the logs of its jurisdiction alone', async () => {
    const [log, other] = [freshLog(), freshLog()]
    const agencies = [log, other].map((each) => {
      const jurisdiction = each.split('/')[1]?.toUpperCase() ?? ''
      return agencyOf(`${jurisdiction.slice(0, 2)}-POL`, { jurisdiction })
    })
    const act = fromsOf(log, at(30))
    const register = { ...act.world.register, all: async () => agencies }
    for (const each of [log, other]) {
      await sealing.append(each, 1, at(20))
      await sealAll(worldOf(each, at(29)))
      await sealing.append(each, 1, at(20))
    }
    const jurisdiction = agencies[0]?.jurisdiction ?? ''
    const swept = await sealAll({ ...act.world, register }, { what: 'act', jurisdiction })
    expect(sealedOf(swept)).toEqual(alone(log, 1))
    expect(act.froms).toEqual([at(19)])
  })

  // Kills: nothing left, where time was up before all was looked at: an act on a person would miss what waits there.
  test('says that something is left, if its time ends between two pages', async () => {
    const log = freshLog()
    await sealing.append(log, 1, at(0))
    const later = await sealing.append(log, 3, at(10))
    let now = at(60)
    const world = worldOf(log, now)
    const slow: SealWorld = {
      ...world,
      now: () => new Date(now),
      atOnce: { manifest: 512, step: 200, page: 2 },
      sweep: {
        async since(...of) {
          const page = await world.sweep.since(...of)
          if (page.some(({ eid }) => eid === later.at(-1))) now = at(90)
          return page
        },
      },
    }
    const [swept] = await sealAll(slow, { what: 'act', until: new Date(at(80)) })
    expect(swept).toMatchObject({ log })
    expect(swept).not.toMatchObject({ left: 0 })
    now = at(95)
    expect(await sealAll(slow, { what: 'act' })).toMatchObject(
      withLooks(log).map((each) => ({ log: each, left: 0 })),
    )
  })

  // Kills: a sweep that begins each time where the last whole one did, and reads what is sealed until its time is up: a
  // sealer that was away for a while would seal nothing more, ever.
  test('gets past what is sealed, however little time each sweep has', async () => {
    const log = freshLog()
    const old = await sealing.append(log, 1, at(0))
    for (let minute = 1; minute < 6; minute++)
      old.push(...(await sealing.append(log, 1, at(minute))))
    const late = await sealing.append(log, 2, at(20))
    const world = { ...worldOf(log, at(40)), atOnce: { manifest: 512, step: 200, page: 2 } }
    await seal(log, old, world)
    await world.sealing.look(log, at(0))
    const bounds = { what: 'new', until: world.now() } as const
    for (let round = 0; round < 10; round++) await sealAll(world, bounds)
    expect((await world.sealing.placesOf(late)).size).toBe(2)
  })

  // Kills: a page taken for all; a page of one instant that is asked for again for ever.
  test('covers more entries of one instant than a page has', async () => {
    const log = 'comity.test/pg/2026'
    const rows = Array.from({ length: 3500 }, (_, i) => ({
      eid: `id-${String(i).padStart(4, '0')}`,
      ts: i < 200 ? at(0) : at(1),
    }))
    const asked = new Set<string>()
    const world: SealWorld = {
      ...worldOf(log),
      sweep: {
        since: async (_, from, limit) => rows.filter(({ ts }) => ts >= from).slice(0, limit),
      },
    }
    const places: SealWorld['sealing'] = {
      ...world.sealing,
      async placesOf(eids) {
        for (const eid of eids) asked.add(eid)
        return new Map(eids.map((eid) => [eid, { log, index: 0 }]))
      },
    }
    await sealAll({ ...world, sealing: places })
    expect(asked.size).toBe(3500)
  })
})

describe('How long an entry has waited', () => {
  const at = (seconds: number) => new Date(Date.UTC(2026, 10, 25, 9, 0, seconds)).toISOString()
  const agesOf = (swept: readonly Swept[]) => swept.map((each) => each.unsealedSeconds)

  // Kills: the age of the newest; of what was sealed just now; none where sealing fails.
  test('is said of the oldest that a sweep could not seal, and is 0 once all are sealed', async () => {
    const log = freshLog()
    await sealing.append(log, 1, at(0))
    await sealAll(worldOf(log, at(5)))
    for (const second of [40, 20, 30]) await sealing.append(log, 1, at(second))
    const world = worldOf(log, at(90))
    const error = new Error('no right to write')
    const closed = { ...world.archive, put: () => Promise.reject(error) }
    const [swept] = await sealAll({ ...world, archive: closed })
    expect(swept).toEqual({ log, error, unsealedSeconds: 70 })
    expect(agesOf(await sealAll(world))).toEqual([0, 0])
    await sealing.check(log)
  })

  // Kills: `left` passed over, so that a backlog looks sealed.
  test('is said of a backlog that one sweep has no time for', async () => {
    const log = freshLog()
    const [first = ''] = await sealing.append(log, 1, at(0))
    await sealing.append(log, 1, at(10))
    const world = worldOf(log, at(60))
    const stored = await world.ledger.read(first)
    const placed = [{ eid: first, leafHash: stored?.leafHash ?? new Uint8Array() }]
    // Another sealer began a manifest and ended: that comes first, and then time is up.
    await world.sealing.propose(log, 0, placed)
    expect(agesOf(await sealAll(world, { until: world.now() }))).toEqual([50, 0])
  })

  // Kills: 0 where nobody could look.
  test('is not said where it is not known', async () => {
    const world = worldOf(freshLog(), at(90))
    const away = () => Promise.reject(new Error('the index is away'))
    expect(agesOf(await sealAll({ ...world, sweep: { since: away } }))).toEqual([
      undefined,
      undefined,
    ])
  })

  test('is none if its clock is ahead of ours', async () => {
    const log = freshLog()
    await sealing.append(log, 1, at(50))
    const world = worldOf(log, at(0))
    const closed = { ...world.archive, put: () => Promise.reject(new Error('no')) }
    expect(agesOf(await sealAll({ ...world, archive: closed }))).toEqual([0, 0])
  })
})

describe('Rows of a person whose key is erased', () => {
  /** Destroys the one key of the test's person, and puts it back. */
  const erased = (log: string, from: 'the start' | 'the rows') => {
    let gone = from === 'the start'
    const world = sealing.world(async (name, act) => {
      if (name === 'lookups.put') gone = true
      return act()
    })
    const subjectKeys: SealWorld['subjectKeys'] = {
      ...world.subjectKeys,
      openEach: async (kids) => (gone ? new Map() : world.subjectKeys.openEach(kids)),
    }
    return { log, world: { ...world, subjectKeys } }
  }

  test('are not written, and the entry is sealed and found all the same', async () => {
    const log = freshLog()
    const eids = await sealing.append(log, 2)
    await seal(log, eids, erased(log, 'the start').world)
    await sealing.check(log)
    expect(await sealing.rowsOf(log)).toEqual({ lines: [...eids].sort(), person: [] })
  })

  // Kills: rows that are written after the key went, and stay.
  test('go with it if it is erased while they are written', async () => {
    const log = freshLog()
    const eids = await sealing.append(log, 2)
    await seal(log, eids, erased(log, 'the rows').world)
    await sealing.check(log)
    expect(await sealing.rowsOf(log)).toEqual({ lines: [...eids].sort(), person: [] })
  })

  test('stay if it is not', async () => {
    const log = freshLog()
    const eids = await sealing.append(log, 2)
    await seal(log, eids, sealing.world())
    expect(await sealing.rowsOf(log)).toEqual({ lines: [...eids].sort(), person: [...eids].sort() })
  })
})
