/** A holder keeps its records: creates, corrects, restricts and erases them, each by an entry. */

import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { openAny } from '../../functions/answer/entries/reader.ts'
import type { HeldRecord, RecordItem } from '../../functions/decision/record.ts'
import { entryId } from '../../functions/ledger/entry.ts'
import {
  attestAll,
  benignOfMember,
  itemOf,
  personOf,
  requestOfMember,
  subjectsOf,
} from '../answer/people.ts'
import { answered, done, freshJti, type Gateway, problemOf, startGateway } from '../world.ts'

/** What happens once an erasure is entered, before it takes effect. */
let beforeErasing: () => Promise<unknown> = async () => {}

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({
    change: ({ holder, ...rest }) => ({
      ...rest,
      holder: {
        ...holder,
        erase: async (...args) => {
          await beforeErasing()
          return holder.erase(...args)
        },
      },
    }),
  })
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
})
afterAll(() => gateway.close())

let records = 0
const freshId = () => {
  records += 1
  return `R-${records}`
}

const put = ({ id, ...body }: HeldRecord, jti = freshJti()) =>
  gateway.call('DE-POL', { method: 'PUT', path: `/v1/records/${id}`, body, jti })
const patch = (id: string, items: readonly Partial<RecordItem>[], jti = freshJti()) =>
  gateway.call('DE-POL', { method: 'PATCH', path: `/v1/records/${id}`, body: { items }, jti })
const erase = (id: string, jti = freshJti()) =>
  gateway.call('DE-POL', { method: 'DELETE', path: `/v1/records/${id}`, jti })

const saidSchema = z.looseObject({
  id: z.string(),
  receipt: z.string(),
  warnings: z.array(z.unknown()).optional(),
})
const saidIn = async (response: Response) => saidSchema.parse(await response.json())

const tick = () => gateway.clock.pass(1000)

const later = <T>(act: () => Promise<T>): Promise<T> => {
  tick()
  return act()
}

/** The values that France gets of a record, however it names the person. */
async function given(id: string, subject: keyof ReturnType<typeof subjectsOf> = 'recordId') {
  const classes = ['identification', 'criminal-history'] as const
  const body = requestOfMember({ subject: subjectsOf(id)[subject], classes: [...classes] })
  const { records: found } = await answered(await gateway.ask('FR-SPOC', 'officer-1', body))
  return found.flatMap(({ items }) => items.map(({ value }) => value))
}

describe('A record', () => {
  test('is kept and found by each of its names; corrected and erased, each by an entry of its own', async () => {
    const id = freshId()
    const acts = [
      ['put', await put(personOf(id, [itemOf('name')]))],
      ['correct', await later(() => patch(id, [{ id: 'name', value: 'Anton B. Beispiel' }]))],
    ] as const
    for (const way of ['recordId', 'document', 'name'] as const)
      expect(await given(id, way)).toEqual(['Anton B. Beispiel'])
    for (const [what, response] of [...acts, ['erase', await later(() => erase(id))] as const]) {
      expect(response.status).toBe(201)
      const stored = await gateway.world.ledger.read(await done(response))
      if (stored === undefined) throw new Error('no entry')
      expect(stored.leaf).toMatchObject({ t: 'record', hj: 'DE', aj: 'DE' })
      const opened = await openAny(stored, gateway.world)
      const changed = [{ how: 'corrected', items: ['name'] }]
      expect(Object(opened?.values).act).toEqual({
        ...{ what, recordId: id },
        ...(what === 'correct' && { changed }),
      })
      // The leaf stays when the key is destroyed.
      expect(JSON.stringify(stored.leaf)).not.toContain('Anton')
      expect(JSON.stringify(stored.leaf)).not.toContain(id)
    }
    for (const way of ['recordId', 'document', 'name'] as const)
      expect(await given(id, way)).toEqual([])
  })

  test('is restricted item by item: what is blocked does not leave, the rest does', async () => {
    const id = freshId()
    await done(await put(personOf(id, [itemOf('name'), itemOf('conviction')])))
    await done(await patch(id, [{ id: 'conviction', status: 'blocked' }]))
    expect(await given(id)).toEqual(['Anton Beispiel'])
    await done(await patch(id, [{ id: 'conviction', status: 'reviewed' }]))
    expect(await given(id)).toEqual(['Anton Beispiel', 'fraud, 2021'])
  })

  test('keeps both of two corrections that come at once', async () => {
    const id = freshId()
    await done(await put(personOf(id, [itemOf('name'), itemOf('conviction')])))
    tick()
    const both = await Promise.all([
      patch(id, [{ id: 'name', status: 'blocked' }]),
      patch(id, [{ id: 'conviction', value: 'fraud, 2022' }]),
    ])
    for (const response of both) await done(response)
    expect(await given(id)).toEqual(['fraud, 2022'])
  })

  test('that is not there, or another holder’s, cannot be corrected; an item that is not, neither', async () => {
    const id = freshId()
    await done(await put(personOf(id, [itemOf('name')])))
    const items = [{ id: 'name', status: 'blocked' }]
    const path = `/v1/records/${id}`
    const others = await gateway.call('GB-POL', { method: 'PATCH', path, body: { items } })
    expect(await problemOf(others)).toMatchObject({ status: 404, code: 'not-found' })
    expect(await problemOf(await patch(freshId(), [{ id: 'name' }]))).toMatchObject({
      status: 404,
      code: 'not-found',
    })
    expect(await problemOf(await patch(id, [{ id: 'name' }, { id: 'shoe' }]))).toEqual({
      status: 422,
      code: 'invalid-request',
      errors: [{ pointer: '/items/1/id', detail: 'the record has no item of this id' }],
    })
    const erasure = await gateway.call('GB-POL', { method: 'DELETE', path })
    expect(await problemOf(erasure)).toMatchObject({ status: 404, code: 'not-found' })
    expect(await given(id)).toEqual(['Anton Beispiel'])
  })

  // Kills: an entry and a receipt that say that something was erased which never was.
  test('that never was is not erased: nothing is entered, and the jti is free', async () => {
    const [id, jti] = [freshId(), freshJti()]
    expect(await problemOf(await erase(id, jti))).toMatchObject({ status: 404, code: 'not-found' })
    expect(await gateway.world.ledger.read(entryId('DE-POL', jti))).toBeUndefined()
    await done(await put(personOf(id, [itemOf('name')]), jti))
    tick()
    await done(await erase(id))
    tick()
    // By another call it is no longer there; the same call is answered as it was.
    expect((await erase(id)).status).toBe(404)
  })

  // Kills: a retry that is told that there is no such record, of which it alone has the receipt.
  test('that was erased gives the same receipt to the same call, and to no other', async () => {
    const [id, jti] = [freshId(), freshJti()]
    await done(await put(personOf(id, [itemOf('name')])))
    tick()
    const [first, again] = [await erase(id, jti), await erase(id, jti)]
    expect([first.status, again.status]).toEqual([201, 200])
    const [one, two] = [await saidIn(first), await saidIn(again)]
    expect(two.id).toBe(one.id)
    expect(decodeJwt(two.receipt)).toEqual(decodeJwt(one.receipt))
    const other = await gateway.call('DE-POL', { method: 'DELETE', path: '/v1/records/R-0', jti })
    expect(await problemOf(other)).toMatchObject({ code: 'jti-reused' })
  })

  // Kills: an erasure that must first read what it erases.
  test('that nobody can read can still be erased', async () => {
    const id = freshId()
    await done(await put(personOf(id, [itemOf('name')])))
    tick()
    const key = { pk: { S: `R#DE-POL#${id}` }, sk: { S: 'record' } }
    const values = { ':held': { S: '{}' } }
    await gateway.store.rows.records.update(key, 'SET held = :held', { values })
    expect((await erase(id)).status).toBe(201)
    expect(await given(id)).toEqual([])
  })

  describe('as it is put', () => {
    const warningsOf = async (items: readonly RecordItem[]) => {
      const response = await put(personOf(freshId(), items))
      expect(response.status).toBe(201)
      return (await saidIn(response)).warnings
    }

    test('is kept without a word where all of it may leave', async () => {
      expect(await warningsOf([itemOf('name'), itemOf('conviction')])).toEqual([])
      expect(await warningsOf([itemOf('name', { originator: 'BE' })])).toEqual([])
    })

    // Kills: a place that is another item's; no word of any of the three.
    test('is said to hold what will not leave: where, why, and what to do', async () => {
      const items = [
        itemOf('name'),
        itemOf('name', { id: 'two', element: 'ext:Horoscope' }),
        itemOf('name', { id: 'three', class: 'genetic' }),
        itemOf('name', { id: 'four', originator: 'DE' }),
        itemOf('name', { id: 'five', element: 'toString', originator: 'DE' }),
        itemOf('name', { id: 'six', system: 'SIS' }),
        itemOf('name', { id: 'seven', system: 'SIS', originator: 'DE' }),
        itemOf('name', { id: 'eight', system: 'SIS', originator: 'FR' }),
        itemOf('name', {
          id: 'nine',
          system: 'customs',
          originator: 'FR',
          obtainedUnder: 'SIS-36',
        }),
      ]
      const unknown =
        'the list of elements in force has no such element; the item will be withheld from every answer'
      const unsaid =
        'what others gave lies in that system, too; the item will be withheld from others, unless you say who gave it, such as DE for data of your own'
      expect(await warningsOf(items)).toEqual([
        { pointer: '/items/1/element', detail: unknown },
        {
          pointer: '/items/2/class',
          detail:
            'its element has no such class, but identification; the item will be withheld from every answer',
        },
        { pointer: '/items/4/element', detail: unknown },
        { pointer: '/items/5/originator', detail: unsaid },
        {
          pointer: '/items/8/obtainedUnder',
          detail:
            'what came under SIS-36 lies in no system customs; the item will be withheld from others, until you say which of the two is so',
        },
      ])
    })

    // Kills: warnings of the first answer alone.
    test('is told the same when it is sent again', async () => {
      const [record, jti] = [personOf(freshId(), [itemOf('name', { system: 'SIS' })]), freshJti()]
      const [first, again] = [await put(record, jti), await put(record, jti)]
      expect([first.status, again.status]).toEqual([201, 200])
      const { warnings } = await saidIn(first)
      expect(warnings).toHaveLength(1)
      expect((await saidIn(again)).warnings).toEqual(warnings)
    })
  })

  // Kills: items of one id, of which what may leave is decided for one and done to both.
  test('has no two items of one id, neither as it is put nor as it is corrected', async () => {
    const id = freshId()
    const [one, other] = [itemOf('name'), itemOf('conviction')]
    const twice = {
      status: 422,
      code: 'invalid-request',
      errors: [
        {
          pointer: '/items/2/id',
          detail: 'an item before it has this id; give each an id of its own',
        },
      ],
    }
    const items = [one, other, { ...other, id: one.id }]
    expect(await problemOf(await put(personOf(id, items)))).toEqual(twice)
    expect((await patch(id, [{ id: one.id }])).status).toBe(404)
    await done(await put(personOf(id, [one, other])))
    const corrections = [
      { id: one.id, value: 'A' },
      { id: other.id, value: 'B' },
      { id: one.id, value: 'C' },
    ]
    expect(await problemOf(await patch(id, corrections))).toEqual(twice)
    expect(await given(id)).toEqual(['Anton Beispiel', 'fraud, 2021'])
  })

  // Kills: a correction of which nobody can say which item it is of.
  test('of before ids were distinct is corrected only by putting it anew', async () => {
    const id = freshId()
    const holder = await gateway.world.register.agency('DE-POL')
    if (holder === undefined) throw new Error('no holder')
    const old = personOf(id, [itemOf('name'), { ...itemOf('conviction'), id: 'name' }])
    await gateway.world.holder.put(holder, old, gateway.clock.now.toISOString())
    tick()
    const problem = await problemOf(await patch(id, [{ id: 'name', status: 'blocked' }]))
    expect(problem).toMatchObject({ status: 422, errors: [{ pointer: '/items' }] })
    expect(problem.errors[0]?.detail).toMatch(/^items of the record share an id.*put the whole/)
    await done(await put(personOf(id, [itemOf('name'), itemOf('conviction')])))
    tick()
    await done(await patch(id, [{ id: 'name', status: 'blocked' }]))
    expect(await given(id)).toEqual(['fraud, 2021'])
  })

  test('is no business of an agency that holds none', async () => {
    const { id, ...body } = personOf(freshId(), [itemOf('name')])
    const path = `/v1/records/${id}`
    for (const call of [
      { method: 'PUT', path, body },
      { method: 'PATCH', path, body: { items: [{ id: 'name' }] } },
      { method: 'DELETE', path },
    ])
      expect(await problemOf(await gateway.call('ES-SPOC', call))).toEqual({
        status: 403,
        code: 'not-a-holder',
        errors: [],
      })
  })
})

// Kills: a retry that takes effect at the time of the retry, or without looking at what stands.
describe('A change that is sent again', () => {
  test('is not made again: it undoes nothing newer', async () => {
    const id = freshId()
    const [first, second] = [freshJti(), freshJti()]
    const old = personOf(id, [itemOf('name')])
    const one = await put(old, first)
    tick()
    await done(await put(personOf(id, [itemOf('name', { value: 'Anton the Second' })])))
    tick()
    const again = await put(old, first)
    expect([one.status, again.status]).toEqual([201, 200])
    expect(await done(again)).toBe(await done(one))
    expect(await given(id)).toEqual(['Anton the Second'])

    await done(await patch(id, [{ id: 'name', value: 'Anton the Third' }], second))
    tick()
    await done(await put(personOf(id, [itemOf('name', { value: 'Anton the Fourth' })])))
    tick()
    expect((await patch(id, [{ id: 'name', value: 'Anton the Third' }], second)).status).toBe(200)
    expect(await given(id)).toEqual(['Anton the Fourth'])
  })

  test('lifts no restriction that came after it, were it delayed or repeated', async () => {
    const id = freshId()
    const keeping = freshJti()
    const record = personOf(id, [itemOf('name'), itemOf('conviction')])
    await done(await put(record, keeping))
    tick()
    await done(await patch(id, [{ id: 'name', status: 'blocked' }]))
    tick()
    expect((await put(record, keeping)).status).toBe(200)
    expect(await given(id)).toEqual(['fraud, 2021'])

    // Entered before the next restriction, and taking effect after it.
    const holder = await gateway.world.register.agency('DE-POL')
    if (holder === undefined) throw new Error('no holder')
    const entered = gateway.clock.now.toISOString()
    tick()
    await done(await patch(id, [{ id: 'conviction', status: 'blocked' }]))
    await gateway.world.holder.put(holder, record, entered)
    expect(await given(id)).toEqual([])
  })

  test('erases what was only corrected before it took effect', async () => {
    const id = freshId()
    await done(await put(personOf(id, [itemOf('name')])))
    tick()
    const holder = await gateway.world.register.agency('DE-POL')
    if (holder === undefined) throw new Error('no holder')
    const entered = gateway.clock.now.toISOString()
    tick()
    await done(await patch(id, [{ id: 'name', value: 'Anton B. Beispiel' }]))
    await gateway.world.holder.erase(holder, id, entered)
    expect(await given(id)).toEqual([])
    expect(await given(id, 'name')).toEqual([])
  })

  test('is not made again: a correction does not come back over a later one', async () => {
    const id = freshId()
    const first = freshJti()
    await done(await put(personOf(id, [itemOf('name')])))
    tick()
    await done(await patch(id, [{ id: 'name', status: 'reviewed' }], first))
    tick()
    await done(await patch(id, [{ id: 'name', status: 'blocked' }]))
    tick()
    expect((await patch(id, [{ id: 'name', status: 'reviewed' }], first)).status).toBe(200)
    expect(await given(id)).toEqual([])
  })

  test('brings nothing back that was erased, and erases nothing that was kept since', async () => {
    const id = freshId()
    const [first, erasing] = [freshJti(), freshJti()]
    const record = personOf(id, [itemOf('name')])
    await done(await put(record, first))
    tick()
    await done(await erase(id, erasing))
    tick()
    expect((await put(record, first)).status).toBe(200)
    expect(await given(id)).toEqual([])
    expect(await given(id, 'name')).toEqual([])
    await done(await put(record))
    tick()
    expect((await erase(id, erasing)).status).toBe(200)
    expect(await given(id)).toEqual(['Anton Beispiel'])
  })
})

describe('At an instance whose clock is behind', () => {
  /** A record that an instance has put whose clock is 20 s ahead of the one that is called from now on. */
  async function putAhead() {
    const id = freshId()
    const { now } = gateway.clock
    gateway.clock.now = new Date(now.getTime() + 20_000)
    await done(await put(personOf(id, [itemOf('name'), itemOf('conviction')])))
    gateway.clock.now = now
    return id
  }

  // Kills: an erasure that loses to the time of what it erases, and says that it is done.
  test('an erasure takes what stands, by each name, and by the same call again', async () => {
    const [id, jti] = [await putAhead(), freshJti()]
    expect((await erase(id, jti)).status).toBe(201)
    for (const way of ['recordId', 'document', 'name'] as const)
      expect(await given(id, way)).toEqual([])
    expect((await erase(id, jti)).status).toBe(200)
    expect(await given(id)).toEqual([])
  })

  // Kills: the order of a change in memory alone, so that one that died takes effect by its own clock.
  test('an erasure that dies once it is entered is completed by the same call', async () => {
    const [id, jti] = [await putAhead(), freshJti()]
    beforeErasing = async () => {
      beforeErasing = async () => {}
      throw new Error('the process died')
    }
    expect((await erase(id, jti)).status).toBe(500)
    expect(await given(id)).not.toEqual([])
    expect((await erase(id, jti)).status).toBe(200)
    expect(await given(id)).toEqual([])
  })

  // Kills: the same for what is put or corrected: a restriction that is lost, a record that is not kept.
  test('a restriction restricts, and a record that is put again is kept', async () => {
    const id = await putAhead()
    await done(await patch(id, [{ id: 'conviction', status: 'blocked' }]))
    expect(await given(id)).toEqual(['Anton Beispiel'])
    await done(await put(personOf(id, [itemOf('name', { value: 'Anton the Second' })])))
    expect(await given(id)).toEqual(['Anton the Second'])
    await done(await erase(id))
    await done(await put(personOf(id, [itemOf('name', { value: 'Anton the Third' })])))
    expect(await given(id)).toEqual(['Anton the Third'])
  })
})

describe('An erasure that a record overtakes which was put meanwhile', () => {
  // Kills: an answer that does not look whether it was erased.
  test('says that it did not erase, with the receipt of its entry; the next one does', async () => {
    const [id, jti] = [freshId(), freshJti()]
    const record = personOf(id, [itemOf('name')])
    await done(await put(record))
    tick()
    beforeErasing = async () => {
      beforeErasing = async () => {}
      tick()
      await done(await put(record))
    }
    const [first, again] = [await erase(id, jti), await erase(id, jti)]
    expect([first.status, again.status]).toEqual([409, 409])
    const eid = entryId('DE-POL', jti)
    const problem = z.looseObject({ receipt: z.string() }).parse(await again.json())
    expect(problem).toMatchObject({ code: 'not-erased', id: eid })
    expect(decodeJwt(problem.receipt)).toMatchObject({ eid })
    expect(await given(id)).toEqual(['Anton Beispiel'])
    await done(await erase(id))
    expect(await given(id)).toEqual([])
  })
})
