/** A hold keeps a person's part of the log from erasure; a restriction keeps it for evidence only. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { subjectsOf } from '../answer/people.ts'
import { freshJti, problemOf } from '../world.ts'
import { type Acting, certificateOf, startActing } from './acting.ts'

/** Comes between what is checked and what is done, once. */
let between: () => Promise<unknown> = async () => {}

/** How many entries of the German log a sealer has no time for. */
let left = 0

let acting: Acting
beforeAll(async () => {
  acting = await startActing({
    swept: () => [
      { log: 'comity.test/fr/2026', sealed: 0, size: 9, published: 9, left: 4 },
      { log: 'comity.test/de/2026', sealed: 0, size: 9, published: 9, left },
    ],
    changeAudit: (world) => ({
      ...world,
      ledger: {
        ...world.ledger,
        append: async (entry) => {
          const appended = await world.ledger.append(entry)
          const now = between
          between = async () => {}
          await now()
          return appended
        },
      },
    }),
  })
})
afterAll(() => acting.close())

let people = 0
async function asked() {
  const id = `H-${++people}`
  await acting.keepPerson(id)
  const { recordId, document } = subjectsOf(id)
  const eids = [await acting.askFor(recordId), await acting.askFor(document)]
  await acting.seal()
  return { id, eids, subjects: [acting.pseudonym(recordId)], document }
}
const kidOf = async (eid = '') => (await acting.world.ledger.read(eid))?.kid ?? ''

describe('A held person', () => {
  // Kills: holding the keys of the identifiers given alone; erasing what is not held.
  test('is not erased, not even in part, until the hold is lifted', async () => {
    const { eids, subjects, document } = await asked()
    const rows = await acting.rowsOfPeople(eids)
    const hold = await acting.act({ act: 'hold', subjects })
    expect(hold).toMatchObject({ act: 'hold', entries: 3, keys: 3 })
    expect(hold.backupsLapse).toBeUndefined()

    const refused = await acting.send({ act: 'erase', subjects: [acting.pseudonym(document)] })
    expect(await problemOf(refused)).toMatchObject({ status: 409, code: 'held' })
    expect(await acting.readable(eids)).toEqual(eids)
    expect(await acting.standing(rows)).toEqual(rows)

    await acting.act({ act: 'lift', ends: hold.id })
    expect(await acting.act({ act: 'erase', subjects })).toMatchObject({ keys: 3 })
    expect(await acting.readable(eids)).toEqual([])
  })

  // Kills: a hold or an erasure that misses entries which nobody had time to file.
  test('is held only once every entry of its jurisdiction is filed: until then, come again', async () => {
    const { eids, subjects } = await asked()
    left = 3
    for (const act of ['hold', 'restrict', 'erase'] as const) {
      const response = await acting.send({ act, subjects })
      expect(response.headers.get('Retry-After')).toBeTruthy()
      expect(await problemOf(response)).toMatchObject({ status: 503, code: 'not-durable' })
    }
    expect(await acting.readable(eids)).toEqual(eids)
    left = 0
    expect(await acting.act({ act: 'hold', subjects })).toMatchObject({ entries: 3 })
  })

  // Kills: a lift that ends every hold; a hold that counts twice when it is sent twice.
  test('stays held while another hold stands, however often the first was sent', async () => {
    const { subjects } = await asked()
    const { send } = await acting.prepare({ act: 'hold', subjects })
    const first = await certificateOf(await send())
    expect((await send()).status).toBe(200)
    const second = await acting.act({ act: 'hold', subjects })
    await acting.act({ act: 'lift', ends: first.id })
    expect((await acting.send({ act: 'erase', subjects })).status).toBe(409)
    // The first hold comes once more, late: it was lifted and stays so.
    expect(await certificateOf(await send())).toMatchObject({ keys: 0 })
    await acting.act({ act: 'lift', ends: second.id })
    expect((await acting.send({ act: 'erase', subjects })).status).toBe(201)
  })

  test('may be asked for, and the answer is as it was', async () => {
    const { id, subjects } = await asked()
    await acting.act({ act: 'hold', subjects })
    expect(await acting.askFor(subjectsOf(id).recordId)).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })
})

describe('A hold that comes while an erasure is under way', () => {
  // Kills: an erasure that trusts what it checked; one that loses the rows of what it had to keep.
  test('keeps what it came in time for, and the certificate says so', async () => {
    const { eids, subjects } = await asked()
    const rows = await acting.rowsOfPeople(eids)
    const [first = '', second = ''] = eids
    between = async () => acting.world.subjectKeys.hold(await kidOf(first), 'another-act')
    const { send } = await acting.prepare({ act: 'erase', subjects })
    const { receipt: _, ...certificate } = await certificateOf(await send())
    const { keys, says } = certificate
    expect(keys).toBe(2)
    expect(says.join(' ')).toContain('1 key was kept, since a hold came first')
    expect(await acting.readable([first, second])).toEqual([first])
    const kept = rows.filter(({ line }) => line.id === first)
    expect(kept.length).toBeGreaterThan(0)
    expect(await acting.standing(rows)).toEqual(kept)
    // Kills: a retry that is checked as if it were new, and refused for the hold that it lost to.
    expect(await certificateOf(await send())).toMatchObject(certificate)
  })

  test('and an erasure that comes first leaves nothing to hold', async () => {
    const { eids, subjects } = await asked()
    between = async () => acting.world.subjectKeys.shred(await kidOf(eids[0]))
    const { keys, says } = await acting.act({ act: 'hold', subjects })
    expect(keys).toBe(2)
    expect(says.join(' ')).toContain('1 key was not: erased before')
  })
})

describe('A restricted person', () => {
  // Kills: restricting the keys of the identifiers given alone; a restriction that cannot end.
  test('is kept as evidence only, by every identifier, until that is lifted', async () => {
    const { eids, subjects } = await asked()
    const restricted = async () =>
      Promise.all(eids.map(async (eid) => acting.world.subjectKeys.isRestricted(await kidOf(eid))))
    expect(await restricted()).toEqual([false, false])
    const { id, keys } = await acting.act({ act: 'restrict', subjects })
    expect([keys, await restricted()]).toEqual([3, [true, true]])
    expect(await acting.readable(eids)).toEqual(eids)
    await acting.act({ act: 'lift', ends: id })
    expect(await restricted()).toEqual([false, false])
  })
})

describe('A lift', () => {
  test('is an entry of its own that names what it ends', async () => {
    const { subjects } = await asked()
    const hold = await acting.act({ act: 'hold', subjects })
    const lift = await acting.act({ act: 'lift', ends: hold.id })
    const { stored } = await acting.entry(lift.id)
    expect(stored.leaf).toMatchObject({ t: 'lift', previous: hold.id, hj: 'DE' })
  })

  // Kills: lifting whatever an id names: an erasure, a request, or another jurisdiction's hold.
  test('ends nothing but a hold or restriction of the same jurisdiction', async () => {
    const { eids, subjects } = await asked()
    const hold = await acting.act({ act: 'hold', subjects })
    const british = { holder: 'GB-POL', office: 'GB-DPO' }
    for (const [ends, by] of [
      [eids[0], {}],
      [freshJti().padEnd(43, 'A'), {}],
      [hold.id, british],
    ] as const) {
      const response = await acting.send({ act: 'lift', ends: String(ends) }, by)
      expect(await problemOf(response)).toMatchObject({
        status: 422,
        errors: [{ pointer: '/ends' }],
      })
    }
    expect((await acting.send({ act: 'erase', subjects })).status).toBe(409)
  })
})
