import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { dynamodbRegister } from '../../functions/adapters/register-dynamodb.ts'
import { type Store, startDynalite } from '../dynalite.ts'
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
const put = (Item: object) =>
  store.client.send(new PutItemCommand({ TableName: store.tables.register, Item: { ...Item } }))
const putElsewhere = (changed: typeof agency) =>
  put({ pk: { S: `AGENCY#${changed.id}` }, agency: { S: JSON.stringify(changed) } })

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
  const register = dynamodbRegister(client, store.tables.register, () => new Date(ms))
  await register.put(agency)
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
  test('gives an agency as it was put, and none that was not', () =>
    withRegister(async (register) => {
      expect(await register.agency('FR-SPOC')).toEqual(agency)
      expect(await register.agency('FR-NONE')).toBeUndefined()
      await register.put(suspended)
      // Whoever changed it sees it at once.
      expect(await register.agency('FR-SPOC')).toEqual(suspended)
    }))

  // Kills: a cache of more than a minute, or of none; a clock set back that keeps it for ever.
  test('is at most a minute old', () =>
    withRegister(async (register, set, line) => {
      await register.agency('FR-SPOC')
      const before = line.calls.length
      await putElsewhere(suspended)
      set(59.999)
      expect(await register.agency('FR-SPOC')).toEqual(agency)
      expect(line.calls).toHaveLength(before)
      set(60)
      expect(await register.agency('FR-SPOC')).toEqual(suspended)
      await putElsewhere(agency)
      set(-1)
      expect(await register.agency('FR-SPOC')).toEqual(agency)
    }))

  // Kills: an agency that was taken out and is still remembered while the store is away.
  test('forgets at once what it sees is no longer there', () =>
    withRegister(async (register, set) => {
      await register.agency('FR-SPOC')
      const Key = { pk: { S: 'AGENCY#FR-SPOC' } }
      await store.client.send(new DeleteItemCommand({ TableName: store.tables.register, Key }))
      set(61)
      expect(await register.agency('FR-SPOC')).toBeUndefined()
      set(62, 'failed')
      expect(await register.agency('FR-SPOC')).toBeUndefined()
    }))

  // Kills: no such allowance; an allowance without an end.
  test('is up to ten minutes old while the store is away, and no older', () =>
    withRegister(async (register, set) => {
      await register.agency('FR-SPOC')
      set(599.999, 'failed')
      expect(await register.agency('FR-SPOC')).toEqual(agency)
      set(600, 'failed')
      await expect(register.agency('FR-SPOC')).rejects.toThrow()
      await expect(register.agency('FR-PJ')).rejects.toThrow()
    }))

  // Kills: a name that is looked up again for each call since nobody has it; one that is for ever unknown.
  test('remembers for a minute who is not in it; whoever joins counts then', () =>
    withRegister(async (register, set, line) => {
      const before = line.calls.length
      expect(await register.agency('ES-NEW')).toBeUndefined()
      await putElsewhere(agencyOf('ES-NEW'))
      set(59.999)
      expect(await register.agency('ES-NEW')).toBeUndefined()
      expect(line.calls).toHaveLength(before + 1)
      set(60)
      expect(await register.agency('ES-NEW')).toEqual(agencyOf('ES-NEW'))
    }))

  // Kills: a name that stays unknown to the one who registers it.
  test('knows at once whom it registers itself, were the name asked for before', () =>
    withRegister(async (register) => {
      expect(await register.agency('ES-OWN')).toBeUndefined()
      await register.put(agencyOf('ES-OWN'))
      expect(await register.agency('ES-OWN')).toEqual(agencyOf('ES-OWN'))
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

  // Kills: no check on read; a malformed agency taken for a store that is away.
  test('refuses an agency of another form, or of another’s row', () =>
    withRegister(async (register, set) => {
      await register.agency('FR-SPOC')
      const rows = [
        JSON.stringify({ ...agency, requestsPerMinute: 0 }),
        '{',
        JSON.stringify(agencyOf('ES-PN')),
      ]
      for (const text of rows) {
        await put({ pk: { S: 'AGENCY#FR-SPOC' }, agency: { S: text } })
        set(61)
        await expect(register.agency('FR-SPOC')).rejects.toThrow(/^couldn’t read/)
      }
    }))

  // Kills: one answer of the store taken for all; agencies as they were a minute ago.
  test('names every agency as last written, though the store gives one at a time', async () => {
    const client = dynamodb(store.endpoint)
    client.middlewareStack.add(
      (next) => (args) => next({ ...args, input: { ...args.input, Limit: 1 } }),
      { step: 'initialize' },
    )
    const register = dynamodbRegister(client, store.tables.register, () => new Date(startMs))
    const all = ['FR-SPOC', 'ES-PN', 'DE-POL'].map((id) => agencyOf(id))
    for (const each of all) await putElsewhere(each)
    await register.all()
    await putElsewhere(suspended)
    const found = await register.all()
    expect(found).toEqual(expect.arrayContaining([suspended, ...all.slice(1)]))
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length)
    // Kills: one mistyped row that takes all agencies away.
    for (const text of ['{}', 'no JSON']) {
      await put({ pk: { S: 'AGENCY#ES-PN' }, agency: { S: text } })
      const malformed: string[] = []
      const left = await register.all((id) => malformed.push(id))
      expect(malformed).toEqual(['ES-PN'])
      expect(left).toHaveLength(found.length - 1)
      expect(left.map(({ id }) => id)).toEqual(expect.arrayContaining(['DE-POL', 'FR-SPOC']))
      const fresh = dynamodbRegister(client, store.tables.register, () => new Date(startMs))
      await expect(fresh.agency('ES-PN')).rejects.toThrow(/^couldn’t read agency `ES-PN`/)
    }
    client.destroy()
  })
})
