/** What the log keeps of people expires when the holder's law says so, and not a day before. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tick } from '../../functions/answer/upkeep/clock.ts'
import { subjectsOf } from '../answer/people.ts'
import { copyOf } from '../drills/tables.ts'
import { done, problemOf } from '../world.ts'
import { type Acting, certificateOf, startActing } from './acting.ts'

/** The last moment of 2026, and when the year after it is over (DE § 76(4)). */
const lastOf2026 = '2026-12-31T23:59:00.000Z'
const lastOf2027 = '2027-12-31T12:00:00.000Z'
const firstOf2028 = '2028-01-01T12:00:00.000Z'

/** What comes before a key is destroyed, and after. */
let beforeShred: (kid: string) => Promise<unknown> = async () => {}
let afterShred: (kid: string) => Promise<unknown> = async () => {}
/** What comes before rows are written again. */
let beforeFile: (ids: readonly string[]) => void = () => {}
/** Whether time flies: each look at the clock is a minute later. */
let hurry = false
let looks = 0

let acting: Acting
let people = 0
/** Somebody who was asked for at a moment, and the entries of it. */
async function askedAt(moment: string, id = `X-${++people}`) {
  acting.clock.now = new Date(moment)
  await acting.keepPerson(id)
  const eids = [await acting.askFor(subjectsOf(id).recordId)]
  await acting.seal()
  return { id, eids, subjects: [acting.pseudonym(subjectsOf(id).recordId)] }
}
const expireAt = async (moment: string, before = '2027-Q1', by = {}) => {
  acting.clock.now = new Date(moment)
  return acting.send({ act: 'expire', before, ground: 'The period is over.' }, by)
}

beforeAll(async () => {
  acting = await startActing({
    now: lastOf2026,
    changeAudit: (world) => ({
      ...world,
      now: () => new Date(world.now().getTime() + (hurry ? 60_000 * ++looks : 0)),
      lookups: {
        ...world.lookups,
        file: async (rows, tagged) => {
          beforeFile(rows.map(({ line }) => line.id))
          return world.lookups.file(rows, tagged)
        },
      },
      subjectKeys: {
        ...world.subjectKeys,
        shred: async (kid) => {
          await beforeShred(kid)
          const shredded = await world.subjectKeys.shred(kid)
          await afterShred(kid)
          return shredded
        },
      },
    }),
  })
})
afterAll(() => acting.close())

describe('German entries of 2026', () => {
  // Kills: a period counted in days from the entry; one that ends a year early; no period at all.
  test('stay until the end of 2027, and expire then, officers and all', async () => {
    const old = await askedAt(lastOf2026)
    const young = await askedAt('2027-01-01T00:01:00.000Z')
    const rows = await acting.rowsOf(old.eids)
    const before = await acting.world.ledger.readAll(old.eids)

    const early = await problemOf(await expireAt(lastOf2027))
    expect(early).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/before' }] })
    expect(await acting.readable(old.eids)).toEqual(old.eids)

    const certificate = await certificateOf(await expireAt(firstOf2028))
    expect(certificate).toMatchObject({ act: 'expire' })
    expect(certificate.keys).toBeGreaterThan(2)
    expect(certificate.says[0]).toContain('entries before 2027-Q1 has expired by DE § 76(4)')
    expect(await acting.readable([...old.eids, ...young.eids])).toEqual(young.eids)
    expect(await acting.world.ledger.readAll(old.eids)).toEqual(before)

    // What auditors still find is what the leaf says.
    const left = await acting.standing(rows)
    expect(new Set(left.map(({ key }) => key.by))).toEqual(new Set(['all', 'outcome', 'policy']))
    const all = { jurisdiction: 'DE', by: 'all', value: '' } as const
    const lines = await acting.auditWorld.lookups.list(all, {}, 1000)
    const line = lines.find(({ id }) => id === old.eids[0])
    expect(line).toMatchObject({ outcome: 'release' })
    expect([line?.agency, line?.officer, line?.purpose]).toEqual([undefined, undefined, undefined])
  })

  // Kills: looking for what a key opens only up to the quarter in which it was made: what is told later of an answer is under
  // its key, and would lead to the person for ever; after a crash, too, if the answer goes before it.
  test.each([false, true])(
    'take what was told of them later with them (a crash between: %s)',
    async (isCrash) => {
      const { id, eids } = await askedAt(lastOf2026)
      acting.clock.now = new Date('2027-01-05T12:00:00.000Z')
      const path = `/v1/records/${id}`
      const body = { items: [{ id: 'name', value: 'Antonia Beispiel' }] }
      await done(await acting.call('DE-POL', { method: 'PATCH', path, body }))
      await acting.seal()
      await tick(acting.world, new Date(acting.clock.now.getTime() + 3_600_000))
      await acting.seal()
      const value = acting.pseudonym({ recordId: id })
      const subject = { jurisdiction: 'DE', by: 'subject', value } as const
      const lines = await acting.auditWorld.lookups.list(subject, {}, 1000)
      const told = lines.flatMap((line) => (line.kind === 'notice' ? [line.id] : []))
      expect(told).toHaveLength(1)
      const rows = await acting.rowsOfPeople([...eids, ...told])
      expect(new Set(rows.map(({ line }) => line.id)).size).toBe(2)

      acting.clock.now = new Date(firstOf2028)
      const { send } = await acting.prepare({ act: 'expire', before: '2027-Q1' })
      let isFirst = true
      if (isCrash)
        beforeFile = (ids) => {
          if (![...eids, ...told].some((each) => ids.includes(each))) return
          if (!isFirst) throw new Error('the process died')
          isFirst = false
        }
      expect((await send()).ok).toBe(!isCrash)
      beforeFile = () => {}
      if (isCrash) expect((await send()).ok).toBe(true)
      expect(await acting.readable([...eids, ...told])).toEqual([])
      expect(await acting.standing(rows)).toEqual([])
    },
  )

  // Kills: what offices vouched for in a matter, with the id of the record, that stays once all of the person has expired; or
  // that goes while a later request of theirs may rest on it.
  test('take what offices vouched for with them, once nothing younger is kept of the person', async () => {
    const rows = async () =>
      JSON.stringify(await copyOf(acting.store, acting.store.tables.attestations))
    const { id, eids, subjects } = await askedAt(lastOf2026)
    await acting.attest('DE-POL', {
      ...{ holder: 'DE-POL', fact: 'release.decision', value: 'release' },
      scope: { kind: 'matter', matter: eids[0] ?? '' },
      release: { shown: 'A'.repeat(22), record: id },
    })
    const young = await askedAt('2027-01-02T12:00:00.000Z', id)
    expect((await expireAt(firstOf2028)).status).toBe(201)
    expect(await acting.readable([...eids, ...young.eids])).toEqual(young.eids)
    for (const each of [id, ...subjects]) expect(await rows()).toContain(each)
    expect((await expireAt('2029-01-01T12:00:00.000Z', '2027-Q2')).status).toBe(201)
    for (const each of [id, ...subjects]) expect(await rows()).not.toContain(each)
  })

  test('do not expire while they are held', async () => {
    const held = await askedAt('2026-12-31T23:59:00.000Z')
    const hold = await acting.act({ act: 'hold', subjects: held.subjects })
    const rows = await acting.rowsOf(held.eids)
    expect((await expireAt(firstOf2028)).status).toBe(201)
    expect(await acting.readable(held.eids)).toEqual(held.eids)
    expect(await acting.standing(rows)).toEqual(rows)
    await acting.act({ act: 'lift', ends: hold.id })
    expect((await expireAt(firstOf2028)).status).toBe(201)
    expect(await acting.readable(held.eids)).toEqual([])
  })

  // Kills: rows that are lost when a hold comes while its key is about to expire.
  test('keep all their rows if a hold comes at the last moment', async () => {
    const { eids } = await askedAt(lastOf2026)
    const rows = await acting.rowsOf(eids)
    const kid = (await acting.world.ledger.read(eids[0] ?? ''))?.kid ?? ''
    beforeShred = async (each) => {
      if (each === kid) await acting.world.subjectKeys.hold(kid, 'another-act')
    }
    expect((await expireAt(firstOf2028)).status).toBe(201)
    beforeShred = async () => {}
    expect(await acting.readable(eids)).toEqual(eids)
    expect(await acting.standing(rows)).toEqual(rows)
  })
})

describe('An expiry that dies once a key is destroyed', () => {
  const kidOf = async (eid = '') => (await acting.world.ledger.read(eid))?.kid ?? ''
  const dieAfter = (kid: string) => {
    afterShred = async (each) => {
      if (each !== kid) return
      afterShred = async () => {}
      throw new Error('the process died')
    }
  }
  const noteOf = (eid: string) =>
    acting.store.rows.lookups.get({ pk: { S: `NOTE#${eid}` }, sk: { S: 'note' } })

  // Kills: rows and notes that only the key leads to; a way that is left; officers that stay.
  test('is completed by the same call, rows, notes and all', async () => {
    const { eids } = await askedAt(lastOf2026)
    const rows = await acting.rowsOf(eids)
    const kid = await kidOf(eids[0])
    acting.clock.now = new Date(firstOf2028)
    const { send } = await acting.prepare({ act: 'expire', before: '2027-Q1' })
    dieAfter(kid)
    expect((await send()).ok).toBe(false)
    expect(await acting.readable(eids)).toEqual([])
    expect((await certificateOf(await send())).keys).toBeGreaterThan(0)
    const left = await acting.standing(rows)
    expect(new Set(left.map(({ key }) => key.by))).toEqual(new Set(['all', 'outcome', 'policy']))
    expect(left.length).toBeGreaterThan(0)
    const Key = { pk: { S: `KID#${kid}` }, sk: { S: 'way' } }
    expect(await acting.store.rows.keys.get(Key)).toBeUndefined()
    await acting.auditWorld.lookups.clear('2028-02-01T00:00:00.000Z')
    expect(Object.keys((await noteOf(eids[0] ?? '')) ?? {}).sort()).toEqual(['pk', 'shown', 'sk'])
  })

  // Kills: rows that go before it is known whether the key is held.
  test('takes nothing of what was held at the last moment', async () => {
    const { eids } = await askedAt(lastOf2026)
    const rows = await acting.rowsOf(eids)
    const kid = await kidOf(eids[0])
    beforeShred = async (each) => {
      if (each === kid) await acting.world.subjectKeys.hold(kid, 'another-act')
    }
    dieAfter(kid)
    expect((await expireAt(firstOf2028)).ok).toBe(false)
    beforeShred = async () => {}
    expect(await acting.readable(eids)).toEqual(eids)
    expect(await acting.standing(rows)).toEqual(rows)
  })

  // Kills: looking for entries only before the key is destroyed.
  test('or is overtaken by a sealer before, leaves nothing of what that filed', async () => {
    const { eids } = await askedAt(lastOf2026)
    const rows = await acting.rowsOfPeople(eids)
    const kid = await kidOf(eids[0])
    await acting.auditWorld.lookups.unfile(eids, firstOf2028)
    beforeShred = async (each) => {
      if (each === kid) await acting.fileAll(eids)
    }
    expect((await expireAt(firstOf2028)).ok).toBe(true)
    beforeShred = async () => {}
    expect(await acting.standing(rows)).toEqual([])
  })
})

describe('An expiry', () => {
  // Kills: a default where the law is not known.
  test('has no period but one that is written down: none for Britain', async () => {
    const british = { holder: 'GB-POL', office: 'GB-DPO' }
    expect(await problemOf(await expireAt(firstOf2028, '2020-Q1', british))).toMatchObject({
      errors: [{ pointer: '/before' }],
    })
  })

  // Kills: every list of a day read again for each key, and each of those reads overtaken by the next key's.
  test('counts no day anew, whose lists stay as they are', async () => {
    await askedAt(lastOf2026)
    const days = () => acting.store.rows.lookups.all('DE#days')
    const before = await days()
    expect((await certificateOf(await expireAt(firstOf2028))).keys).toBeGreaterThan(0)
    expect(await days()).toEqual(before)
  })

  test('needs a second office, as any act', async () => {
    const response = await expireAt(firstOf2028, '2027-Q1', { office: 'GB-DPO' })
    expect(await problemOf(response)).toMatchObject({ errors: [{ pointer: '/approval' }] })
  })

  test('may be sent again, and finds nothing more', async () => {
    acting.clock.now = new Date(firstOf2028)
    const { send } = await acting.prepare({ act: 'expire', before: '2027-Q1' })
    await send()
    const again = await send()
    expect([again.status, (await certificateOf(again)).keys]).toEqual([200, 0])
  })

  // Kills: work without an end in one call; an end that is not told.
  test('that has no time left says so, and the same call goes on', async () => {
    const { eids } = await askedAt(lastOf2026)
    acting.clock.now = new Date(firstOf2028)
    const { send } = await acting.prepare({ act: 'expire', before: '2027-Q1' })
    hurry = true
    const first = await certificateOf(await send())
    hurry = false
    expect(first).toMatchObject({ incomplete: true, keys: 0 })
    expect(await acting.readable(eids)).toEqual(eids)
    const second = await certificateOf(await send())
    expect(second.incomplete).toBeUndefined()
    expect(await acting.readable(eids)).toEqual([])
  })
})
