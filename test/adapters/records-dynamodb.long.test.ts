import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { dynamodbRecords } from '../../functions/adapters/records-dynamodb.ts'
import { type HeldRecord, identifiersOf, type Subject } from '../../functions/decision/record.ts'
import type { Records } from '../../functions/ports.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { type Fault, startFaults } from './faults.ts'
import { agencyOf, recordOf } from './make.ts'

const pseudonym = (jurisdiction: string, identifier: string) =>
  createHash('sha256').update(`${jurisdiction} ${identifier}`).digest('base64url').slice(0, 22)

let store: Store
let records: Records
beforeAll(async () => {
  store = await startDynalite()
  records = dynamodbRecords(store.client, store.tables.records, pseudonym)
})
afterAll(() => store.close())

/** A holder of its own for each test: nobody else's records are in the way. */
let holders = 0
const holderOf = () => agencyOf(`DE-H${++holders}A`)
type Holder = ReturnType<typeof holderOf>

const at = (second: number) => `2026-11-24T22:25:${String(second).padStart(2, '0')}.000Z`
const person = (given: string, family: string, birthDate = '1990-01-31'): Subject => ({
  name: { given, family },
  birthDate,
})
const document = (number: string, country = 'DE'): Subject => ({ document: { number, country } })
const named = (given: string, family: string) => ({ names: [{ given, family }] })

const itemsOf = async ({ id }: Holder) => {
  const items = await store.rows.records.everything()
  return items.filter(({ pk }) => pk?.S?.startsWith(`R#${id}#`) || pk?.S?.startsWith(`X#${id}#`))
}
const rowsOf = async (holder: Holder) =>
  (await itemsOf(holder))
    .filter(({ pk }) => pk?.S?.startsWith('X#'))
    .map(({ pk, sk }) => `${pk?.S} ${sk?.S}`)
    .sort()
const waysOf = (holder: Holder, record: HeldRecord) =>
  identifiersOf(record).map((each) => `X#${holder.id}#${pseudonym('DE', each)}`)

/** Every way to a record that stands, and no other. */
async function expectClean(holder: Holder, standing: readonly HeldRecord[]): Promise<void> {
  const rows = standing.flatMap((each) => waysOf(holder, each).map((way) => `${way} ${each.id}`))
  expect(await rowsOf(holder)).toEqual([...new Set(rows)].sort())
  for (const item of await itemsOf(holder)) {
    if (item.sk?.S !== 'record') continue
    const record = standing.find(({ id }) => item.pk?.S === `R#${holder.id}#${id}`)
    expect(new Set(item.ways?.SS)).toEqual(new Set(record && waysOf(holder, record)))
  }
}

/** INVARIANT (no record hides). */
async function expectFound(holder: Holder, record: HeldRecord): Promise<void> {
  const subjects: readonly Subject[] = [
    { recordId: record.id },
    ...record.documents.map((each) => ({ document: each })),
    ...record.names.flatMap((name) => record.birthDates.map((birthDate) => ({ name, birthDate }))),
  ]
  for (const subject of subjects)
    expect(await records.find(holder, subject)).toEqual({ kind: 'one', record })
}

describe('A record', () => {
  test('is found by its id, each document, and each name with each birth date', async () => {
    const holder = holderOf()
    const record = recordOf('r1', {
      names: [
        { given: 'Jan', family: 'Kowalski' },
        { given: 'Johann', family: 'Schmied' },
      ],
      birthDates: ['1990-01-31', '1990-01-30'],
    })
    await records.put(holder, record, at(0))
    await expectFound(holder, record)
    expect(await records.get(holder, 'r1')).toEqual(record)
    await expectClean(holder, [record])
  })

  // Kills: a look-up that leaves out the holder.
  test('is not found for another holder, nor by what is not its own', async () => {
    const holder = holderOf()
    await records.put(holder, recordOf('r1'), at(0))
    const none = { kind: 'none' }
    expect(await records.find(holderOf(), { recordId: 'r1' })).toEqual(none)
    expect(await records.find(holderOf(), person('Jan', 'Kowalski'))).toEqual(none)
    expect(await records.find(holder, person('Jan', 'Kowalski', '1990-01-30'))).toEqual(none)
    expect(await records.find(holder, person('Kowalski', 'Jan'))).toEqual(none)
    expect(await records.find(holder, document('C01X00T47', 'FR'))).toEqual(none)
    expect(await records.find(holder, { recordId: 'none' })).toEqual(none)
  })

  // Kills: personal data in keys, beyond the record's own id.
  test('shows no name and no document number in a key', async () => {
    const holder = holderOf()
    await records.put(holder, recordOf('r1', named('Zbigniew', 'Brzęczyszczykiewicz')), at(0))
    const keys = (await itemsOf(holder)).map(({ pk, sk }) => `${pk?.S} ${sk?.S}`).join('\n')
    expect(keys).not.toMatch(/zbigniew|brz[eę]c|C01X00T47|1990/i)
  })

  // Kills: rows of dropped names that stay; a record that is still found by them.
  test('is no longer found by a name that was corrected', async () => {
    const holder = holderOf()
    const [before, after] = [recordOf('r1'), recordOf('r1', named('Jan', 'Nowak'))]
    await records.put(holder, before, at(0))
    await records.put(holder, after, at(1))
    expect(await records.find(holder, person('Jan', 'Kowalski'))).toEqual({ kind: 'none' })
    await expectFound(holder, after)
    await expectClean(holder, [after])
  })

  // Kills: an erasure that leaves a row, `ways` or the record.
  test('is gone once it was erased, with every way to find it; only times stay', async () => {
    const holder = holderOf()
    await records.put(holder, recordOf('r1'), at(0))
    expect(await records.erase(holder, 'r1', at(1))).toBe(true)
    expect(await records.get(holder, 'r1')).toBeUndefined()
    expect(await records.find(holder, document('C01X00T47'))).toEqual({ kind: 'none' })
    const key = { pk: { S: `R#${holder.id}#r1` }, sk: { S: 'record' } }
    const times = { ts: { S: at(1) }, erasedTs: { S: at(1) } }
    expect(await itemsOf(holder)).toEqual([{ ...key, ...times }])
  })

  // Kills: a put or an erasure that does not look at the time of what stands.
  test('is left as it is by a late retry of something older', async () => {
    const holder = holderOf()
    const [old, now] = [recordOf('r1'), recordOf('r1', named('Jan', 'Nowak'))]
    await records.put(holder, now, at(2))
    await records.put(holder, old, at(1))
    // Kills: an erasure that says it is done, whatever stands.
    expect(await records.erase(holder, 'r1', at(1))).toBe(false)
    expect(await records.last(holder, 'r1')).toMatchObject({
      ts: at(2),
      putTs: at(2),
      isHeld: true,
    })
    await expectFound(holder, now)
    await expectClean(holder, [now])
    expect(await records.erase(holder, 'r1', at(3))).toBe(true)
    await records.put(holder, now, at(2))
    expect(await records.last(holder, 'r1')).toMatchObject({
      ...{ ts: at(3), erasedTs: at(3), corrected: [], isHeld: false },
    })
    // Of two changes of one instant, the erasure stands.
    await records.put(holder, now, at(3))
    expect(await records.get(holder, 'r1')).toBeUndefined()
    await expectClean(holder, [])
    await records.put(holder, now, at(4))
    // Kills: the retry of an erasure that was done, told that it was not since a record was put after it.
    expect(await records.erase(holder, 'r1', at(3))).toBe(true)
    expect(await records.erase(holder, 'r1', at(2))).toBe(true)
    await expectFound(holder, now)
  })

  test('erased before it was ever put stays away', async () => {
    const holder = holderOf()
    await records.erase(holder, 'r1', at(1))
    await records.put(holder, recordOf('r1'), at(0))
    expect(await records.get(holder, 'r1')).toBeUndefined()
    await expectClean(holder, [])
  })
})

describe('A subject', () => {
  // Kills: folding that leaves out one of these.
  test.each([
    ['Groß', 'Weiß', 'GROSS', 'WEISS'],
    ['Işıl', 'Yıldız', 'isil', 'YILDIZ'],
    ['İpek', 'Çelik', 'IPEK', 'celik'],
    ['Νίκος', 'Παπαδόπουλος', 'ΝΙΚΟΣ', 'ΠΑΠΑΔΟΠΟΥΛΟΣ'],
    ['Νικοσ', 'Παπαδοπουλοσ', 'Νίκος', 'Παπαδόπουλος'],
    ['Jeﬀrey', 'Steﬃn', 'JEFFREY', 'Steffin'],
    ['Ame\u0301lie', 'Lefe\u0300vre', 'Am\u00e9lie', 'LEFEVRE'],
    ['Jean-Luc', "O'Neill", 'Jean Luc', 'ONEILL'],
    ['Jean\u2010Luc', 'O\u2019Neill', 'JEANLUC', 'o’neill'],
    ['Ｊａｎ', 'Ｋｏｗａｌｓｋｉ', 'Jan', 'Kowalski'],
  ])('%s %s is found as %s %s', async (given, family, asGiven, asFamily) => {
    const holder = holderOf()
    await records.put(holder, recordOf('r1', named(given, family)), at(0))
    expect(await records.find(holder, person(asGiven, asFamily))).toMatchObject({ kind: 'one' })
  })

  // Kills: a look-up by the name as it is written alone; rows that an erasure leaves.
  test.each([
    ['Jörg', 'Müller', 'JOERG', 'MUELLER'],
    ['Jörg', 'Müller', 'Jorg', 'Muller'],
    ['Joerg', 'Mueller', 'Jörg', 'Müller'],
    ['Søren', 'Weiß', 'SOEREN', 'WEISS'],
  ])(
    '%s %s is found once as %s %s, and not once erased',
    async (given, family, asGiven, asFamily) => {
      const holder = holderOf()
      const record = recordOf('r1', named(given, family))
      await records.put(holder, record, at(0))
      expect(await records.find(holder, person(asGiven, asFamily))).toEqual({ kind: 'one', record })
      await expectClean(holder, [record])
      await records.erase(holder, 'r1', at(1))
      expect(await records.find(holder, person(asGiven, asFamily))).toEqual({ kind: 'none' })
      await expectClean(holder, [])
    },
  )

  // Kills: the first form that leads somewhere taken for all of them.
  test('that is one person as written and another as a passport has it fits both', async () => {
    const holder = holderOf()
    await records.put(holder, recordOf('r1', named('Jan', 'Müller')), at(0))
    await records.put(holder, recordOf('r2', named('Jan', 'Mueller')), at(0))
    const several = { kind: 'several', ids: ['r1', 'r2'] }
    expect(await records.find(holder, person('Jan', 'Müller'))).toEqual(several)
    expect(await records.find(holder, person('Jan', 'Mueller'))).toEqual(several)
    expect(await records.find(holder, person('Jan', 'Muller'))).toMatchObject({ kind: 'one' })
  })

  // Kills: folding that makes different people one.
  test.each([
    ['Jan', 'Kowalski', 'Jana', 'Kowalski'],
    ['Jan', 'Kowalski', 'Kowalski', 'Jan'],
    ['Anna', 'Maria Lopez', 'Anna Maria', 'Lopez'],
    ['Иван', 'Петров', 'Ivan', 'Petrov'],
  ])('%s %s is not found as %s %s', async (given, family, asGiven, asFamily) => {
    const holder = holderOf()
    await records.put(holder, recordOf('r1', named(given, family)), at(0))
    expect(await records.find(holder, person(asGiven, asFamily))).toEqual({ kind: 'none' })
  })

  test('is found by a document number in any case and spacing', async () => {
    const holder = holderOf()
    await records.put(holder, recordOf('r1'), at(0))
    for (const number of ['c01x00t47', 'C01 X00 T47', 'C01-X00-T47', 'Ｃ０１Ｘ００Ｔ４７'])
      expect(await records.find(holder, document(number))).toMatchObject({ kind: 'one' })
    expect(await records.find(holder, document('C01X00T48'))).toEqual({ kind: 'none' })
  })

  // Kills: the first of two given.
  test('that fits two records gives several, not one of them', async () => {
    const holder = holderOf()
    await records.put(holder, recordOf('r2'), at(0))
    await records.put(holder, recordOf('r1'), at(0))
    const several = { kind: 'several', ids: ['r1', 'r2'] }
    expect(await records.find(holder, person('Jan', 'Kowalski'))).toEqual(several)
    expect(await records.find(holder, { recordId: 'r1' })).toMatchObject({ kind: 'one' })
    await records.erase(holder, 'r2', at(1))
    expect(await records.find(holder, person('Jan', 'Kowalski'))).toMatchObject({ kind: 'one' })
  })

  // Kills: a hit that is not checked against the record.
  test('is not found by an index row that leads to somebody else, or to nobody', async () => {
    const holder = holderOf()
    await records.put(holder, recordOf('r1'), at(0))
    const [, way = ''] = waysOf(
      holder,
      recordOf('r9', { documents: [{ number: 'X1', country: 'DE' }] }),
    )
    for (const id of ['r1', 'gone']) {
      const Item = { pk: { S: way }, sk: { S: id }, ts: { S: at(0) } }
      await store.rows.records.put(Item)
    }
    expect(await records.find(holder, document('X1'))).toEqual({ kind: 'none' })
    const [, toRecord = ''] = waysOf(holder, recordOf('r1'))
    const Item = { pk: { S: toRecord }, sk: { S: 'gone' }, ts: { S: at(0) } }
    await store.rows.records.put(Item)
    expect(await records.find(holder, document('C01X00T47'))).toMatchObject({ kind: 'one' })
  })

  // Kills: no limit; a limit that makes the rest of the rows say `none` or `one`.
  test('with more rows than are read is several or away, never none or one', async () => {
    const holder = holderOf()
    const [, way = ''] = waysOf(holder, recordOf('any'))
    for (let i = 0; i < 26; i++) {
      const Item = { pk: { S: way }, sk: { S: `gone-${i}` }, ts: { S: at(0) } }
      await store.rows.records.put(Item)
    }
    await records.put(holder, recordOf('zz'), at(0))
    expect(await records.find(holder, document('C01X00T47'))).toEqual({ kind: 'away' })
    await records.put(holder, recordOf('a1'), at(0))
    expect(await records.find(holder, document('C01X00T47'))).toEqual({ kind: 'away' })
    await records.put(holder, recordOf('a2'), at(0))
    const several = { kind: 'several', ids: ['a1', 'a2'] }
    expect(await records.find(holder, document('C01X00T47'))).toEqual(several)
  })

  // Kills: an early way out where nothing was found.
  test('that is not found takes as many calls as one that is', async () => {
    const holder = holderOf()
    await records.put(holder, recordOf('r1'), at(0))
    const callsFor = async (subject: Subject) => {
      const line = await startFaults(store.endpoint, () => 'none')
      const client = dynamodb(line.endpoint)
      await dynamodbRecords(client, store.tables.records, pseudonym).find(holder, subject)
      client.destroy()
      await line.cut()
      expect(line.calls.every(({ body }) => body.ConsistentRead === true)).toBe(true)
      return line.calls.map(({ operation }) => operation)
    }
    const hit = await callsFor(person('Jan', 'Kowalski'))
    expect(hit).toEqual(['Query', 'GetItem'])
    expect(await callsFor(person('Nobody', 'Known'))).toEqual(hit)
    expect(await callsFor({ recordId: 'r1' })).toEqual(await callsFor({ recordId: 'r2' }))
    // Of several forms, one leads to the record; the others cost the same.
    await records.put(holder, recordOf('r3', named('Jan', 'Sørensen')), at(0))
    const both = ['Query', 'Query', 'GetItem']
    expect(await callsFor(person('Jan', 'Sørensen'))).toEqual(both)
    expect(await callsFor(person('Jan', 'Østergård'))).toEqual(both)
  })
})

describe('When the store fails', () => {
  // Kills: an exception, or `none`, where the holder could not say.
  test.each<Fault>(['dropped', 'throttled', 'failed', 'hangs'])(
    '%s: a holder that cannot say is away, whichever of its reads it was',
    async (fault) => {
      const holder = holderOf()
      await records.put(holder, recordOf('r1'), at(0))
      const findWithout = async (broken: string) => {
        const line = await startFaults(store.endpoint, ({ operation }) =>
          operation === broken ? fault : 'none',
        )
        const client = dynamodb(line.endpoint)
        const through = dynamodbRecords(client, store.tables.records, pseudonym)
        expect(await through.find(holder, person('Jan', 'Kowalski'))).toEqual({ kind: 'away' })
        client.destroy()
        await line.cut()
      }
      await Promise.all(['Query', 'GetItem'].map(findWithout))
    },
  )

  // Kills: a record whose text nobody can read taken for a store that is away, or for none.
  test('a record of another form is an error that quotes nothing of it', async () => {
    const holder = holderOf()
    await records.put(holder, recordOf('r1'), at(0))
    const [item] = (await itemsOf(holder)).filter(({ sk }) => sk?.S === 'record')
    for (const held of ['{"id":"r1","names":"Kowalski"}', 'Kowalski']) {
      const Item = { ...item, held: { S: held } }
      await store.rows.records.put(Item)
      const fault = await records.find(holder, { recordId: 'r1' }).catch(String)
      expect(fault).toMatch(/^ComityError: couldn’t read/)
      expect(fault).not.toContain('Kowalski')
    }
  })

  // Kills: a rule of today that hides a record of yesterday, or stops every request for it.
  test('a record whose items share an id, or whose text turns around, is read as it is kept', async () => {
    const holder = holderOf()
    const [item] = recordOf('r1').items
    if (item === undefined) throw new Error('no item')
    const old = recordOf('r1', {
      ...named('Jan\u202e', 'Nowak'),
      items: [item, { ...item, class: 'biometric', value: 'a\u202eb' }],
    })
    await records.put(holder, old, at(0))
    expect(await records.get(holder, 'r1')).toEqual(old)
    expect(await records.find(holder, person('Jan', 'Nowak'))).toEqual({ kind: 'one', record: old })
  })

  const [v1, v2] = [
    recordOf('r1'),
    recordOf('r1', { ...named('Jan', 'Nowak'), documents: [{ number: 'X9', country: 'PL' }] }),
  ]
  const changes = {
    create: {
      change: (to: Records, holder: Holder) => to.put(holder, v1, at(1)),
      stands: [v1],
      steps: 6,
    },
    replace: {
      change: (to: Records, holder: Holder) => to.put(holder, v2, at(1)),
      stands: [v2],
      steps: 9,
    },
    erase: {
      change: (to: Records, holder: Holder) => to.erase(holder, 'r1', at(1)),
      stands: [],
      steps: 6,
    },
  } as const

  // Kills: rows after the record instead of before; rows removed before it; `ways` written after
  // the rows, so that nobody finds those; `ways` that never shrink.
  test.each(['create', 'replace', 'erase'] as const)(
    '%s: a crash at any step hides no record; a retry or an erasure leaves nothing behind',
    async (what) => {
      const { change, stands, steps } = changes[what]
      const crash = async (step: number, last: Fault, then: 'retry' | 'erase') => {
        const holder = holderOf()
        if (what !== 'create') await records.put(holder, v1, at(0))
        const line = await startFaults(store.endpoint, ({ index }) =>
          index < step ? 'none' : index === step ? last : 'dropped',
        )
        const client = dynamodb(line.endpoint)
        const through = dynamodbRecords(client, store.tables.records, pseudonym)
        const crashed = await change(through, holder).then(
          () => false,
          () => true,
        )
        const between = await records.get(holder, 'r1')
        if (between !== undefined) await expectFound(holder, between)
        if (then === 'retry') {
          await change(records, holder)
          for (const record of stands) await expectFound(holder, record)
          await expectClean(holder, stands)
        }
        await records.erase(holder, 'r1', at(2))
        await expectClean(holder, [])
        client.destroy()
        await line.cut()
        return crashed
      }
      for (const last of ['dropped', 'answer-lost'] as const) {
        const all = Array.from({ length: steps }, (_, step) => step)
        const crashed = await Promise.all(all.map((step) => crash(step, last, 'retry')))
        await Promise.all(all.map((step) => crash(step, last, 'erase')))
        // From the first step to beyond the last.
        expect([crashed[0], crashed.at(-1)]).toEqual([true, false])
      }
    },
  )
})

describe('A change that a later one overtakes', () => {
  const [older, newer] = [recordOf('r1'), recordOf('r1', named('Jan', 'Nowak'))]
  const overtakers = {
    put: { change: (holder: Holder) => records.put(holder, newer, at(2)), stands: [newer] },
    erasure: { change: (holder: Holder) => records.erase(holder, 'r1', at(2)), stands: [] },
  } as const

  // Kills: rows of the one that lost, left behind; rows of the one that stands, taken away.
  test.each(['put', 'erasure'] as const)(
    'by a %s, at any step, leaves no way of its own',
    async (by) => {
      const { change, stands } = overtakers[by]
      for (let step = 0; step < 6; step++) {
        const holder = holderOf()
        const line = await startFaults(store.endpoint, async ({ index }): Promise<Fault> => {
          if (index === step) await change(holder)
          return 'none'
        })
        const client = dynamodb(line.endpoint)
        const through = dynamodbRecords(client, store.tables.records, pseudonym)
        await through.put(holder, older, at(1))
        if (line.calls.length <= step) await change(holder)
        expect(await records.get(holder, 'r1')).toEqual(stands[0])
        for (const record of stands) await expectFound(holder, record)
        await expectClean(holder, stands)
        client.destroy()
        await line.cut()
      }
    },
  )
})

describe('However changes of one record fall together', () => {
  const family = fc.constantFrom('Kowalski', 'Nowak', 'Schmied')
  const change = fc.oneof(
    { weight: 3, arbitrary: fc.uniqueArray(family, { minLength: 1 }) },
    { weight: 1, arbitrary: fc.constant('erase' as const) },
  )
  const recordWith = (families: readonly string[]) =>
    recordOf('r1', { names: families.map((each) => ({ given: 'Jan', family: each })) })

  // Kills: rows without a time; a removal that does not look at it; the last writer wins.
  test('the latest stands, with every way to find it and no other', async () => {
    const property = fc.asyncProperty(
      fc.array(change, { minLength: 2, maxLength: 5 }),
      fc.infiniteStream(fc.nat()),
      async (all, order) => {
        const holder = holderOf()
        const calls = all.flatMap((each, i) => {
          const act = () =>
            each === 'erase'
              ? records.erase(holder, 'r1', at(i))
              : records.put(holder, recordWith(each), at(i))
          return [act, act]
        })
        const shuffled = calls
          .map((call) => ({ call, rank: order.next().value ?? 0 }))
          .sort((a, b) => a.rank - b.rank)
        await Promise.all(shuffled.map(({ call }) => call()))
        const last = all.at(-1)
        const stands = last === undefined || last === 'erase' ? [] : [recordWith(last)]
        expect(await records.get(holder, 'r1')).toEqual(stands[0])
        for (const record of stands) await expectFound(holder, record)
        await expectClean(holder, stands)
      },
    )
    await fc.assert(property, { numRuns: 40 })
  })
})
