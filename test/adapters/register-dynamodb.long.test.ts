/** The register in its table: what an instance remembers, and what it never does. */

import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endingWithin } from '../../functions/adapters/aws-post.ts'
import { dynamodbMarks } from '../../functions/adapters/chains-dynamodb.ts'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { dynamodbRegister } from '../../functions/adapters/register-dynamodb.ts'
import { enrol } from '../../functions/demo/enrol.ts'
import type { Agency } from '../../functions/identity/register.ts'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { chainOf } from '../../functions/identity/statements.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { removeChain } from '../world.ts'
import { type Fault, type Line, startFaults } from './faults.ts'
import { agencyOf } from './make.ts'

let store: Store
beforeAll(async () => {
  store = await startDynalite()
})
afterAll(() => store.close())

const startMs = Date.parse('2026-11-24T22:25:46.123Z')
const agency = agencyOf('FR-SPOC')
const suspended = agencyOf('FR-SPOC', { status: 'suspended' })
/** By another process than the one whose register is looked at. */
const enrolElsewhere = (...all: readonly Agency[]) =>
  enrol(store.client, store.tables.register, all, new Date(startMs))

/** A register whose clock and line the test holds. */
async function withRegister(
  run: (
    register: ReturnType<typeof dynamodbRegister>,
    set: (seconds: number, fault?: Fault) => void,
    line: Line,
  ) => Promise<void>,
): Promise<void> {
  let [ms, fault]: [number, Fault] = [startMs, 'none']
  const line = await startFaults(store.endpoint, () => fault)
  const client = dynamodb(line.endpoint)
  const register = dynamodbRegister(
    client,
    store.tables.register,
    () => new Date(ms),
    demonstrationRegistrars,
  )
  await enrolElsewhere(agency)
  await run(
    register,
    (seconds, next = 'none') => {
      ;[ms, fault] = [startMs + seconds * 1000, next]
    },
    line,
  )
  client.destroy()
  await line.cut()
}

describe('The register', () => {
  test('gives an agency as two registrars signed it, and none of which they said nothing', () =>
    withRegister(async (register) => {
      expect(await register.agency('FR-SPOC')).toEqual(agency)
      expect(await register.agency('FR-NONE')).toBeUndefined()
    }))

  // Kills: a read for each of those who ask at once.
  test('is read once by all who ask for an agency at once', () =>
    withRegister(async (register, _, line) => {
      await register.agency('FR-NONE')
      const before = line.calls.length
      const asked = await Promise.all(Array.from({ length: 8 }, () => register.agency('FR-SPOC')))
      expect(asked).toEqual(Array.from({ length: 8 }, () => agency))
      expect(line.calls).toHaveLength(before + 1)
    }))

  // Kills: a memory of more than a minute, or of none; a clock set back that keeps it for ever.
  test('is at most a minute old', () =>
    withRegister(async (register, set, line) => {
      await register.agency('FR-SPOC')
      const before = line.calls.length
      await enrolElsewhere(suspended)
      set(59.999)
      expect(await register.agency('FR-SPOC')).toEqual(agency)
      expect(line.calls).toHaveLength(before)
      set(60)
      expect(await register.agency('FR-SPOC')).toEqual(suspended)
      await enrolElsewhere(agency)
      set(-1)
      expect(await register.agency('FR-SPOC')).toEqual(agency)
    }))

  // Kills: what was read once and is used for as long as the store is away.
  test('answers nothing from a read of more than a minute ago, and says that the store is away', () =>
    withRegister(async (register, set) => {
      await register.agency('FR-SPOC')
      set(59.999, 'failed')
      expect(await register.agency('FR-SPOC')).toEqual(agency)
      set(60, 'failed')
      await expect(register.agency('FR-SPOC')).rejects.toThrow()
      await expect(register.agency('FR-SPOC')).rejects.not.toThrow(/^couldn’t/)
      await expect(register.agency('FR-PJ')).rejects.toThrow()
      set(61)
      expect(await register.agency('FR-SPOC')).toEqual(agency)
    }))

  // Kills: a name that is looked up again for each call since nobody has it; one that is for ever unknown.
  test('remembers for a minute who is not in it; whoever joins counts then', () =>
    withRegister(async (register, set, line) => {
      await register.agency('FR-SPOC')
      const before = line.calls.length
      expect(await register.agency('ES-NEW')).toBeUndefined()
      await enrolElsewhere(agencyOf('ES-NEW'))
      set(59.999)
      expect(await register.agency('ES-NEW')).toBeUndefined()
      expect(line.calls).toHaveLength(before + 1)
      set(60)
      expect(await register.agency('ES-NEW')).toEqual(agencyOf('ES-NEW'))
    }))

  // Kills: a memory of known and unknown names alike that either can empty; one that grows for ever.
  test('cannot be filled, nor emptied of its agencies, by a thousand names that nobody has', () =>
    withRegister(async (register, _, line) => {
      const callsFor = async (id: string) => {
        const before = line.calls.length
        await register.agency(id)
        return line.calls.length - before
      }
      await register.agency('FR-SPOC')
      const invented = Array.from({ length: 1001 }, (_, i) => `XX-N${i}`)
      for (const id of invented.slice(0, 2)) expect(await callsFor(id)).toBe(1)
      for (let i = 2; i < invented.length; i += 20)
        await Promise.all(invented.slice(i, i + 20).map((id) => register.agency(id)))
      expect(await callsFor('FR-SPOC')).toBe(0)
      expect(await callsFor('XX-N1000')).toBe(0)
      // The second is now the oldest of a thousand; the first was forgotten.
      expect(await callsFor('XX-N1')).toBe(0)
      expect(await callsFor('XX-N0')).toBe(1)
      expect(await callsFor('XX-N1')).toBe(1)
    }))

  // Kills: an agency that somebody took out of the table and that nobody misses.
  test('does not take an agency for unknown that it has seen', () =>
    withRegister(async (register, set) => {
      const gone = agencyOf('FR-GONE')
      await enrolElsewhere(gone)
      expect(await register.agency('FR-GONE')).toEqual(gone)
      await removeChain(store, chainOf('FR-GONE'))
      set(61)
      await expect(register.agency('FR-GONE')).rejects.toThrow(/^couldn’t read agency `FR-GONE`/)
      set(61.5)
      await expect(register.agency('FR-GONE')).rejects.toThrow(/shorter/)
      const malformed: string[] = []
      await register.all((id) => malformed.push(id))
      expect(malformed).toContain('FR-GONE')
      // It is what it was, once the very statements are back.
      await enrolElsewhere(gone)
      set(122)
      expect(await register.agency('FR-GONE')).toEqual(gone)
    }))

  // Kills: one answer of the store taken for all; agencies as they were a minute ago.
  test('names every agency as last written, though the store gives one row at a time', async () => {
    const client = dynamodb(store.endpoint)
    client.middlewareStack.add(
      (next) => (args) => next({ ...args, input: { ...args.input, Limit: 1 } }),
      { step: 'initialize' },
    )
    const fresh = () =>
      dynamodbRegister(
        client,
        store.tables.register,
        () => new Date(startMs),
        demonstrationRegistrars,
      )
    const register = fresh()
    const all = ['FR-SPOC', 'ES-PN', 'DE-POL'].map((id) => agencyOf(id))
    await enrolElsewhere(...all)
    await register.all()
    await enrolElsewhere(suspended)
    const found = await register.all()
    expect(found).toEqual(expect.arrayContaining([suspended, ...all.slice(1)]))
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length)
    // Kills: one mistyped row that takes all agencies away.
    for (const text of ['{}', 'no JSON']) {
      const row = { pk: { S: chainOf('ES-PN') }, sk: { S: '000002' }, statement: { S: text } }
      await store.rows.register.put(row)
      const malformed: string[] = []
      const left = await register.all((id) => malformed.push(id))
      expect(malformed).toEqual(['ES-PN'])
      expect(left).toHaveLength(found.length - 1)
      expect(left.map(({ id }) => id)).toEqual(expect.arrayContaining(['DE-POL', 'FR-SPOC']))
      await expect(fresh().agency('ES-PN')).rejects.toThrow(
        /^couldn’t read agency `ES-PN`: statement 2 does not count/,
      )
      expect(await fresh().agency('FR-SPOC')).toEqual(suspended)
    }
    client.destroy()
  })
})

describe('An instance that has just started', () => {
  const started = (endpoint = store.endpoint) =>
    dynamodbRegister(
      ...([dynamodb(endpoint), store.tables.register] as const),
      ...([() => new Date(startMs), demonstrationRegistrars, undefined] as const),
      dynamodbMarks(dynamodb(endpoint), store.tables.decisions),
    )
  const after = async (id: string, last: number) => {
    const sk = { S: String(last).padStart(6, '0') }
    await store.rows.register.remove({ pk: { S: chainOf(id) }, sk })
  }

  // INVARIANT (forward). Kills: a look at all agencies that asks for no marks, and gives what it read to whoever asks for one.
  test('misses a statement that another saw, though it looked at all agencies first', async () => {
    const own = agencyOf('FR-PJ')
    await enrolElsewhere(own)
    await enrolElsewhere({ ...own, status: 'suspended' })
    expect(await started().agency('FR-PJ')).toMatchObject({ status: 'suspended' })
    await after('FR-PJ', 2)
    const register = started()
    const malformed: string[] = []
    const all = await register.all((id) => malformed.push(id))
    expect(all.map(({ id }) => id)).not.toContain('FR-PJ')
    expect(malformed).toContain('FR-PJ')
    await expect(register.agency('FR-PJ')).rejects.toThrow(/shorter/)
  })

  // Kills: a statement that counts, and that no other instance ever misses, since its mark failed once.
  test.each(['agency', 'all'] as const)(
    'takes no statement that it could not mark as seen (%s)',
    async (by) => {
      const id = by === 'all' ? 'FR-MARK' : 'FR-UNMARKED'
      const own = agencyOf(id)
      await enrolElsewhere(own)
      let fault: Fault = 'failed'
      const line = await startFaults(store.endpoint, ({ operation }) =>
        operation === 'PutItem' ? fault : 'none',
      )
      const register = started(line.endpoint)
      for (let i = 0; i < 2; i++) {
        if (by === 'all') await expect(register.all()).rejects.toThrow('as the plan says')
        await expect(register.agency(id)).rejects.toThrow('as the plan says')
      }
      fault = 'none'
      expect(await register.agency(id)).toEqual(own)
      await after(id, 1)
      await expect(started().agency(id)).rejects.toThrow(/shorter/)
      await line.cut()
    },
  )

  // Kills: a read that ends for all who share it when the time is up of the call that began it.
  test('reads once more for whoever has time left, if who began it has none', async () => {
    await enrolElsewhere(agency)
    const line = await startFaults(store.endpoint, () => pause<Fault>(200, 'none'))
    const register = started(line.endpoint)
    const first = endingWithin(100, () => register.agency('FR-SPOC').catch((each: Error) => each))
    const second = endingWithin(10_000, () => register.agency('FR-SPOC'))
    expect(await first).toBeInstanceOf(Error)
    expect(await second).toMatchObject({ id: 'FR-SPOC' })
    await line.cut()
  })
})
