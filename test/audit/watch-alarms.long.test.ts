/** The gateway looks by itself whether alarms of auditors went off. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../functions/answer/entries/reader.ts'
import { eventsAfter } from '../../functions/answer/messages/events.ts'
import {
  alarmsOf,
  alarmsSchema,
  alarmsSubject,
  lookAtAlarms,
  setAlarm as setAlarmOf,
  standingAlarms,
} from '../../functions/audit/alarms.ts'
import { watchAlarms } from '../../functions/audit/watch-alarms.ts'
import { localLog } from '../../functions/demo/sealing.ts'
import { actorOf, asOffice } from '../../functions/identity/authorize.ts'
import type { AuditLine, AuditWorld, LookupKey } from '../../functions/log-ports.ts'
import { sealAll } from '../../functions/sealing/sweep.ts'
import { attestAll, benign, itemOf, personOf, requestOf } from '../answer/people.ts'
import { localSealWorld } from '../demo/seal-world.ts'
import { type Audited, bodyOf, startAudited } from '../http/audit-gateway.ts'
import { withoutIds } from '../without-ids.ts'
import { answered } from '../world.ts'

const folder = mkdtempSync(join(tmpdir(), 'comity-alarms-'))
let audited: Audited
let archive: ReturnType<typeof localLog>
/** The notices that were entered, the first one first. */
const notices: string[] = []
/** What the store does to the next notice. */
let fault: 'fails' | 'fails after persisting' | undefined

beforeAll(async () => {
  archive = localLog(folder)
  audited = await startAudited({
    now: '2026-11-27T05:00:00.000Z',
    changeAudit: (world): AuditWorld => ({
      ...world,
      ledger: {
        ...world.ledger,
        async append(entry) {
          if (entry.leaf.t !== 'notice') return world.ledger.append(entry)
          const [now, cut] = [fault, 'the connection was cut']
          fault = undefined
          if (now === 'fails') throw new Error(cut)
          const appended = await world.ledger.append(entry)
          if (appended.kind === 'durable') notices.push(entry.leaf.eid)
          if (now !== undefined) throw new Error(cut)
          return appended
        },
      },
    }),
  })
  await audited.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await attestAll(audited, 'DE-POL', { kind: 'general', requester: 'FR' }, benign)
  for (const officer of ['o-1', 'o-2'])
    for (let i = 0; i < 5; i += 1) await ask(officer, `2026-11-28T02:0${i}:00Z`)
  await ask('o-3', '2026-11-28T02:09:00Z')
  await setAlarm('DE-DPA', { by: 'atNight', days: 7, over: 4 })
}, 60_000)
afterAll(async () => {
  await audited.close()
  rmSync(folder, { recursive: true })
})

const seal = () => sealAll(localSealWorld(audited.world, audited.store.client, archive, [], 0))
async function ask(officer: string, at: string): Promise<void> {
  audited.clock.now = new Date(at)
  const request = requestOf({ caseReference: `${officer} ${at}`, subject: { recordId: 'R-1' } })
  await answered(await audited.ask('FR-SPOC', officer, request))
  await seal()
}
async function setAlarm(office: string, alarm: object): Promise<void> {
  audited.clock.pass(1000)
  const body = { purpose: 'self-monitoring', agency: 'FR-SPOC', ...alarm }
  await bodyOf(await audited.callAudit(office, { path: '/v1/alarms', method: 'POST', body }))
  await seal()
}
const watch = (ms = 60_000, failed?: (why: unknown) => void) =>
  watchAlarms(audited.auditWorld, new Date(audited.clock.now.getTime() + ms), failed)
const at = (moment: string) => {
  audited.clock.now = new Date(moment)
}
/** What the feed of an office has by now. */
async function eventsOf(office: string) {
  await seal()
  const agency = await audited.world.register.agency(office)
  const page = agency && (await eventsAfter(agency, undefined, audited.world))
  return page && 'events' in page ? page.events.filter(({ kind }) => kind === 'alarm') : []
}

describe('An alarm that nobody looks at', () => {
  // Kills: an entry for each round; a second one after a crash; an officer who goes over it later and is not told of.
  test('makes one entry for each officer who is over it, and none in a later round', async () => {
    at('2026-11-28T03:00:00Z')
    fault = 'fails'
    const why: unknown[] = []
    expect(await watch(60_000, (error) => why.push(error))).toMatchObject({ entered: 0, failed: 1 })
    expect(String(why)).toContain('the connection was cut')
    // It is there, and the gateway does not know: it crashed before it heard.
    fault = 'fails after persisting'
    expect(await watch()).toMatchObject({ failed: 1 })
    expect(notices).toHaveLength(1)
    expect(await watch()).toEqual({ looked: 1, entered: 1, failed: 0, left: false })
    const both = await Promise.all([watch(), watch()])
    expect(both.map(({ entered }) => entered)).toEqual([0, 0])
    at('2026-11-28T09:00:00Z')
    expect(await watch()).toMatchObject({ looked: 1, entered: 0 })
    expect(new Set(notices).size).toBe(2)
  })

  test('says for whom it went off, how many they had and in which time, under the key of the alarms', async () => {
    const stored = await audited.world.ledger.read(notices[0] ?? '')
    const opened = stored && (await openAny(stored, audited.world))
    expect(opened?.kind).toBe('notice')
    expect(opened?.values).toMatchObject({
      notice: {
        ...{ what: 'alarm', to: 'DE-DPA', agency: 'FR-SPOC', by: 'atNight', days: 7, over: 4 },
        ...{ officer: 'o-1', count: 5, until: '2026-11-28T03:00:00.000Z' },
      },
    })
    expect(stored?.leaf).toMatchObject({ hj: 'DE', aj: 'DE' })
  })

  // Kills: a name in a feed; an event for whoever was watched, or for another office.
  test('is told to the office that set it, by ids alone, and to nobody else', async () => {
    const told = { kind: 'alarm', to: 'DE-DPA', cause: audited.looks[0] }
    const events = await eventsOf('DE-DPA')
    expect(events).toMatchObject([told, told])
    expect(new Set(events.map(({ entry }) => entry))).toEqual(new Set(notices))
    expect(withoutIds(JSON.stringify(events))).not.toContain('o-1')
    for (const other of ['DE-POL', 'FR-SPOC', 'FR-DPA', 'GB-DPA'])
      expect(await eventsOf(other)).toEqual([])
  })

  // Kills: notices, which come by themselves, that push what an office said of its alarms out of what is read of it.
  test('stands however many notices it made', async () => {
    const { lookups, secrets } = audited.auditWorld
    const value = secrets.pseudonym('DE', alarmsSubject('DE-DPA'))
    const key = { jurisdiction: 'DE', by: 'subject', value } as const
    expect((await lookups.list(key, {}, 50)).map(({ kind }) => kind)).toEqual(['consultation'])
  })

  // Kills: a round that ends with the first office whose alarms cannot be read.
  test('goes off where what another office said of its own cannot be read', async () => {
    const { lookups, secrets } = audited.auditWorld
    const broken = secrets.pseudonym('GB', alarmsSubject('GB-DPA'))
    const list: typeof lookups.list = async (key, ...asked) => {
      if (key.value === broken) throw new Error('a row is not as it was written')
      return lookups.list(key, ...asked)
    }
    const why: unknown[] = []
    const world = { ...audited.auditWorld, lookups: { ...lookups, list } }
    const round = watchAlarms(world, new Date('2027-01-01'), (error) => why.push(error))
    expect(await round).toEqual({ looked: 1, entered: 0, failed: 1, left: false })
    expect(String(why)).toContain('a row is not as it was written')
  })

  // Kills: a period by the calendar, in which who was told of on Sunday is told of again on Monday.
  test('is told once more after as many days as it counts, if somebody is over it again', async () => {
    const before = notices.length
    at('2026-12-04T01:00:00Z')
    for (let i = 0; i < 5; i += 1) await ask('o-1', `2026-12-04T02:0${i}:00Z`)
    expect(await watch()).toMatchObject({ looked: 1, entered: 0 })
    at('2026-12-06T01:00:00Z')
    await watch()
    await watch()
    expect(notices.length - before).toBe(1)
    // Days later nobody is.
    at('2026-12-12T01:00:00Z')
    expect(await watch()).toMatchObject({ looked: 1, entered: 0 })
  })

  // Kills: a notice by what an alarm counts alone, so that one set anew stays silent for as long as the old one would; one
  // that is taken back and set within a quarter of an hour, and taken for the look that it was before.
  test('that is set anew is told anew, at once', async () => {
    at('2026-12-10T03:00:00Z')
    for (const _ of ['once', 'and once more']) {
      await setAlarm('DE-DPA', { by: 'atNight', days: 7, over: null })
      expect(await watch()).toMatchObject({ looked: 0 })
      await setAlarm('DE-DPA', { by: 'atNight', days: 7, over: 4 })
      expect(await watch()).toMatchObject({ looked: 1, entered: 1 })
      expect(await watch()).toMatchObject({ looked: 1, entered: 0 })
    }
    at('2026-12-18T01:00:00Z')
  })

  // Kills: a round that goes on for as long as there are alarms; the same alarms left out each time.
  test('waits for the next round where there is no time, which begins with another one', async () => {
    // One is looked at in any case. Kills: a round whose time is over once it has read which alarms there are.
    expect(await watch(0)).toEqual({ looked: 1, entered: 0, failed: 0, left: false })
    for (const days of [8, 9, 10]) await setAlarm('DE-DPA', { by: 'atNight', days, over: 4 })
    expect(await watch(0)).toEqual({ looked: 1, entered: 0, failed: 0, left: true })
    const looked = new Set<number>()
    for (let round = 0; round < 4; round += 1) {
      at(new Date(Date.parse('2026-12-18T02:00:00Z') + round * 15 * 60_000).toISOString())
      const end = new Date(audited.clock.now.getTime() + 1)
      // The clock jumps once an alarm was looked at.
      let isLate = false
      const { lookups } = audited.auditWorld
      const list: typeof lookups.list = async (key, range, limit) => {
        const lines = await lookups.list(key, range, limit)
        if (key.by === 'agency') {
          isLate = true
          looked.add(Math.round((end.getTime() - Date.parse(range.from ?? '')) / 86_400_000))
        }
        return lines
      }
      const now = () => (isLate ? end : audited.clock.now)
      const world = { ...audited.auditWorld, now, lookups: { ...lookups, list } }
      expect(await watchAlarms(world, end)).toMatchObject({ looked: 1, left: true })
    }
    expect([...looked].sort((a, b) => a - b)).toEqual([7, 8, 9, 10])
  })

  test('is nobody’s once the office took it back, or is no auditor any more', async () => {
    for (const days of [7, 8, 9, 10]) await setAlarm('DE-DPA', { by: 'atNight', days, over: null })
    expect(await watch()).toMatchObject({ looked: 0, entered: 0 })
  })

  // Kills: looks of an agency's officers, each of which is a line, that hide what one of them asked at night; dry runs of
  // her own that do.
  test.each([
    ['others of the agency looked at', { kind: 'consultation', officer: 'o-9' }],
    ['she tried without asking', { kind: 'decision', officer: 'o-1', dryRun: true }],
  ] as const)('goes off however much %s since', async (_, kind) => {
    await setAlarm('DE-DPA', { by: 'atNight', days: 25, over: 4 })
    const world = withLines(kind, 6_000)
    expect(await watchAlarms(world, new Date('2027-01-01'))).toMatchObject({ looked: 1, failed: 0 })
    expect(await lastNotices(2)).toMatchObject([
      { officer: 'o-1', count: 10 },
      { officer: 'o-2', count: 5 },
    ])
    await setAlarm('DE-DPA', { by: 'atNight', days: 25, over: null })
  })

  // Kills: an alarm of which not all was read, and which says that it did not go off.
  test.each([
    ['atNight', 20_001],
    ['aloneInCase', 1001],
  ] as const)('that counts %s and cannot read all goes off as not counted', async (by, many) => {
    const set = { agency: 'FR-SPOC', by, days: 21, over: 99 }
    await setAlarm('DE-DPA', set)
    const world = withLines({ kind: 'decision', officer: 'o-9' }, many)
    expect(await watchAlarms(world, new Date('2027-01-01'))).toMatchObject({ entered: 1 })
    expect(await lastNotices(1)).toMatchObject([{ ...set, officer: null, count: many - 1 }])
    const asker = { ...actorOf({ agency: asOffice(await officeOf('DE-DPA')), officer: 'd' }) }
    const looked = await lookAtAlarms(
      { purpose: 'self-monitoring' },
      { ...asker, action: 'read-alarms' },
      world,
    )
    expect(looked.answer).toMatchObject({ alarms: [{ ...set, officers: [], complete: false }] })
    await setAlarm('DE-DPA', { ...set, over: null })
  })

  // Kills: an old alarm that stands, and falls out of what is read of an office once it said much.
  test('stands however often the office set others, and says when no more can be set', async () => {
    await setAlarm('DE-DPA', { by: 'denials', days: 90, over: 50 })
    const office = await officeOf('DE-DPA')
    const asker = { ...actorOf({ agency: asOffice(office), officer: 'd' }), action: 'set-alarm' }
    const world = withStatements(949)
    expect(await alarmsOf(office, world)).toMatchObject([{ by: 'denials' }])
    const other = { purpose: 'self-monitoring', agency: 'FR-SPOC', by: 'denials' } as const
    expect(await setAlarmOf({ ...other, days: 5, over: 9 }, asker, world)).toMatchObject({
      ...{ kind: 'invalid', pointer: '/over' },
      detail: expect.stringContaining('nothing set until the oldest leave the log'),
    })
    audited.clock.now = new Date(audited.clock.now.getTime() + 1000)
    const back = await setAlarmOf({ ...other, days: 90, over: null }, asker, world)
    expect(back).toMatchObject({ answer: { alarms: [] } })
    // Kills: alarms that nobody can read any more, since more were set while nothing was sealed.
    expect(await alarmsOf(office, withStatements(4_000))).toMatchObject([{ by: 'denials' }])
    // More than can be made is a fault, and never “none stands”.
    await expect(alarmsOf(office, withStatements(6_000))).rejects.toThrow(/read all/)
    const why: unknown[] = []
    const round = watchAlarms(withStatements(6_000), new Date('2027-01-01'), (e) => why.push(e))
    expect(await round).toMatchObject({ failed: 1 })
    expect(String(why)).toContain('couldn’t read all that DE-DPA said of alarms')
  })
})

describe('Of machines whose clocks differ', () => {
  const alarm = { by: 'denials', days: 60, over: 70 } as const
  const office = () => officeOf('GB-DPA')
  const standing = async () => alarmsOf(await office(), audited.auditWorld)

  const say = async (more: object) => {
    const body = { purpose: 'self-monitoring', agency: 'FR-SPOC', ...alarm, ...more }
    return audited.callAudit('GB-DPA', { path: '/v1/alarms', method: 'POST', body })
  }
  const secondsLater = (seconds: number) => {
    audited.clock.now = new Date(audited.clock.now.getTime() + seconds * 1000)
  }

  // Kills: an alarm that stands, though it was taken back after it was set, by a clock that was behind.
  test('one that is behind takes an alarm back, since it says which', async () => {
    at('2026-12-20T10:00:30Z')
    await setAlarm('GB-DPA', alarm)
    secondsLater(-20)
    await bodyOf(await say({ over: null }))
    await seal()
    expect(await standing()).toEqual([])
  })

  // Kills: an order by clocks of what nobody had sealed when it was taken back.
  test('one that is behind takes an alarm back before it is sealed, by its id', async () => {
    at('2026-12-20T11:00:30Z')
    const { alarms } = alarmsSchema.parse(await bodyOf(await say({})))
    secondsLater(-20)
    await bodyOf(await say({ over: null, id: alarms[0]?.id }))
    await seal()
    expect(await standing()).toEqual([])
  })

  // Kills: an alarm that is set anew, and falls with the one that was taken back before.
  test('an alarm that one behind sets anew stands, whatever the clock of what was taken back', async () => {
    at('2026-12-20T12:00:30Z')
    await setAlarm('GB-DPA', alarm)
    secondsLater(1)
    await bodyOf(await say({ over: null }))
    secondsLater(-20)
    await bodyOf(await say({ over: 71 }))
    await seal()
    expect(await standing()).toMatchObject([{ over: 71 }])
    await bodyOf(await say({ over: null }))
    await seal()
    expect(await standing()).toEqual([])
  })

  // Kills: an alarm that is taken back by the id of another, which its officer meant, and which stands.
  test('one is not taken back by the id of another', async () => {
    at('2026-12-20T12:15:00Z')
    await setAlarm('GB-DPA', { ...alarm, days: 63 })
    await setAlarm('GB-DPA', { ...alarm, days: 64 })
    const all = await standingAlarms(await office(), audited.auditWorld)
    const meant = all.alarms.find((each) => each.alarm.days === 64)?.id
    const back = await say({ over: null, days: 63, id: meant })
    expect([back.status, await back.text()]).toEqual([422, expect.stringContaining('/id')])
    await seal()
    expect((await standing()).map(({ days }) => days).toSorted()).toEqual([63, 64])
    for (const days of [63, 64]) await setAlarm('GB-DPA', { ...alarm, days, over: null })
    expect(await standing()).toEqual([])
  })

  // Kills: a call that set an alarm or took one back, and that ends what was set since where it is sent again.
  test('a call that is sent again says nothing more than before', async () => {
    at('2026-12-20T12:30:00Z')
    const of = { agency: 'FR-SPOC', by: 'denials', days: 62 } as const
    const call = (body: object) =>
      audited.prepareAudit('GB-DPA', {
        ...{ path: '/v1/alarms', method: 'POST' },
        body: { purpose: 'self-monitoring', ...of, ...body },
      })
    const first = await call({ over: 70 })
    await bodyOf(await first())
    await seal()
    secondsLater(1)
    const back = await call({ over: null })
    await bodyOf(await back())
    await seal()
    expect(await standing()).toEqual([])
    secondsLater(1)
    await bodyOf(await (await call({ over: 71 }))())
    await seal()
    secondsLater(1)
    for (const again of [back, first]) {
      expect(await bodyOf(await again())).toMatchObject({ alarms: [{ over: 71 }] })
      await seal()
      expect(await standing()).toMatchObject([{ over: 71 }])
    }
    await bodyOf(await (await call({ over: null }))())
    await seal()
  })

  // As an earlier build took back, or whoever names nothing of what is not sealed: by the clock alone.
  test('one that is behind sets no alarm before another was taken back by its time: it says when it can', async () => {
    at('2026-12-20T13:00:30Z')
    await bodyOf(await say({ over: null, days: 61 }))
    await seal()
    const back = audited.clock.now
    secondsLater(-20)
    const early = await say({ days: 61 })
    expect(early.status).toBe(422)
    expect(await early.text()).toContain(`at ${back.toISOString()}, by a clock that is ahead`)
  })

  // Kills: a period before the first one, in which somebody is told of, and again in the first.
  test('an alarm that one set which is ahead tells once', async () => {
    at('2026-12-21T10:00:30Z')
    const ahead = { by: 'atNight', days: 60, over: 4 }
    await setAlarm('DE-DPA', ahead)
    const set = audited.clock.now
    audited.clock.now = new Date(set.getTime() - 20_000)
    const before = notices.length
    await watch()
    const told = notices.length - before
    expect(told).toBeGreaterThan(0)
    audited.clock.now = new Date(set.getTime() + 60_000)
    await watch()
    expect(notices.length - before).toBe(told)
    await setAlarm('DE-DPA', { ...ahead, over: null })
  })
})

/** What the last notices say. */
async function lastNotices(count: number): Promise<readonly unknown[]> {
  const each = notices.slice(-count).map(async (id) => {
    const stored = await audited.world.ledger.read(id)
    const opened = stored && (await openAny(stored, audited.world))
    return opened?.kind === 'notice' ? opened.values.notice : undefined
  })
  return Promise.all(each)
}

async function officeOf(id: string) {
  const office = await audited.world.register.agency(id)
  if (office === undefined) throw new Error(`there is no ${id}`)
  return office
}

const place = ({ ts, id }: AuditLine) => `${ts}#${id}`
const of = { side: 'holder', log: 'l', hj: 'DE', aj: 'FR', rules: [], policies: [] } as const

/** The world, where the agency has so many lines more, by day. */
function withLines(more: Partial<AuditLine>, count: number): AuditWorld {
  const lines = Array.from({ length: count }, (_, i): AuditLine => {
    const ts = new Date(Date.parse('2026-12-10T09:00:00Z') + i * 1000).toISOString()
    return { ...of, kind: 'decision', agency: 'FR-SPOC', ...more, id: `line-${i}`, ts }
  }).toReversed()
  return listing(({ by }) => by === 'agency', lines)
}

/** The world, where an office said so much more of its alarms, of which nothing is known any more. */
function withStatements(count: number): AuditWorld {
  const lines = Array.from({ length: count }, (_, i): AuditLine => {
    const ts = new Date(Date.parse('2026-12-28T09:00:00Z') + i * 1000).toISOString()
    return { ...of, kind: 'consultation', agency: 'DE-DPA', id: `line-${i}`, ts }
  }).toReversed()
  const { secrets } = audited.auditWorld
  const own = secrets.pseudonym('DE', alarmsSubject('DE-DPA'))
  return listing(({ value }) => value === own, lines)
}

/** The world, where these lists have these lines, too; they are in the order of lists, the newest first. */
function listing(has: (key: LookupKey) => boolean, more: readonly AuditLine[]): AuditWorld {
  const { lookups } = audited.auditWorld
  const places = more.map(place)
  const list: typeof lookups.list = async (key, range, limit) => {
    const lines = await lookups.list(key, range, limit)
    if (!has(key)) return lines
    const upTo = range.before ?? range.until ?? '~'
    const first = places.findIndex((each) => each < upTo)
    const some = first < 0 ? [] : more.slice(first, first + limit)
    return [...lines, ...some].toSorted((a, b) => (place(a) < place(b) ? 1 : -1)).slice(0, limit)
  }
  return { ...audited.auditWorld, lookups: { ...lookups, list } }
}
