/** Attacks where the chain of the law meets the log, the clock, the year and replays. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lawFrom, lawPath } from '../../functions/adapters/carried-law.ts'
import { dynamodbMarks } from '../../functions/adapters/chains-dynamodb.ts'
import { readLawChain, runningLaw } from '../../functions/adapters/law-dynamodb.ts'
import { packLaw } from '../../functions/adapters/policies-files.ts'
import { dynamodbEarlierKeys } from '../../functions/adapters/subject-keys-dynamodb.ts'
import { lawEntriesOf } from '../../functions/answer/entries/law.ts'
import { expire } from '../../functions/audit/expiry.ts'
import { replay } from '../../functions/audit/replay.ts'
import { accessApi } from '../../functions/http/access-api.ts'
import type { Runnable } from '../../functions/policy/carried.ts'
import { digestOfLink, emptyTip, type Tip } from '../../functions/policy/chain.ts'
import { floorOf } from '../../functions/policy/floor.ts'
import { type LawBody, type LawStatement, stateLaw } from '../../functions/policy/law-chain.ts'
import { digestOfKeys, digestOfSet } from '../../functions/policy/set.ts'
import type { SealingKey } from '../../functions/policy/signed.ts'
import type { World } from '../../functions/ports.ts'
import { next } from '../../functions/workbench/commands/law-chain.ts'
import {
  attestAll,
  benignOfMember,
  itemOf,
  personOf,
  requestOf,
  requestOfMember,
} from '../answer/people.ts'
import { putStatement, removeStatement } from '../chain-rows.ts'
import { type Audited, startAudited } from '../http/audit-gateway.ts'
import { releaseKeys } from '../policy/sealing.ts'
import { freshJti } from '../world.ts'
import { both, found, french, law, version, why, without } from './signed-law.ts'

let gateway: Audited
let tip: Tip
let rows: LawStatement[]
const begin = async (at: string, floor: Runnable = law) => {
  gateway = await startAudited({ now: at })
  tip = emptyTip
  rows = []
  await state(floorOf(floor.set), releaseKeys)
  await vouch()
  await gateway.putRecord('DE-POL', personOf('D-1', [itemOf('name'), itemOf('birthDate')]))
}
beforeEach(() => begin('2026-12-10T10:00:00.000Z'))
afterEach(() => gateway.close())

/** Offices vouch anew: what they say lasts a few days. */
const vouch = () =>
  attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
const pass = (ms: number) => gateway.clock.pass(ms)
const now = () => gateway.clock.now
const put = (number: number, statement: unknown) =>
  putStatement(gateway.store, 'law', number, JSON.stringify(statement))
const remove = (number: number) => removeStatement(gateway.store, 'law', number)

/** States something after the tip, or after another; as of now, or as whoever signs says. */
async function state(
  body: LawBody,
  keys: readonly SealingKey[],
  { at = now().toISOString(), after = tip }: { at?: string; after?: Tip } = {},
): Promise<LawStatement> {
  const statement = stateLaw(after, at, body, keys)
  await put(statement.number, statement)
  tip = { number: statement.number, digest: digestOfLink(statement) }
  rows.push(statement)
  return statement
}
const suspend = (keys: readonly SealingKey[] = both) =>
  state({ act: 'suspend', ...version, why }, keys)
const anchor = (suspended: Extract<LawBody, { act: 'anchor' }>['suspended'], of: Runnable = law) =>
  ({
    ...floorOf(of.set),
    act: 'anchor' as const,
    why: 'The table was emptied by mistake.',
    suspended,
  }) satisfies LawBody

/** An instance that has just started, with nothing in its memory. */
async function start(
  own: Runnable = law,
  fetch?: ReturnType<typeof lawFrom>,
  append: World['ledger']['append'] = gateway.world.ledger.append,
) {
  const { client, tables } = gateway.store
  const running = await runningLaw({
    ...{ client, table: tables.register, now, law: own, unheld: () => undefined },
    marks: dynamodbMarks(client, tables.decisions),
    ...(fetch && { fetch }),
  })
  const world: World = {
    ...gateway.world,
    ledger: { ...gateway.world.ledger, append },
    law: running,
  }
  const app = accessApi(world, () => undefined)
  const send = async (jti = freshJti()) => {
    const body = requestOfMember({ subject: { recordId: 'D-1' }, caseReference: 'FR-1' })
    const call = { method: 'POST', path: '/v1/access-requests', body, jti }
    return gateway.prepare('FR-SPOC', call, app)
  }
  const told = async (response: Response) => {
    const json = (await response.json()) as {
      id: string
      outcome?: string
      standing?: string
      reasons?: { code: string }[]
    }
    const { reasons = [], ...rest } = json
    return { ...rest, status: response.status, codes: reasons.map(({ code }) => code) }
  }
  return {
    world,
    app,
    told,
    ask: async () => told(await (await send())()),
  }
}
type Instance = Awaited<ReturnType<typeof start>>

const released = { status: 201, outcome: 'release' }
const stopped = { status: 201, outcome: 'deny', standing: 'open', codes: ['policy-suspended'] }
const same = { kind: 'same' }

const replayed = async (id: string, by: Instance) => {
  const stored = await gateway.world.ledger.read(id)
  return stored && replay(stored, by.world)
}

describe('A chain that was begun anew', () => {
  // Promise: each decision replays alike afterwards.
  test('lets what was decided before be decided again as it was, though the chain held until then', async () => {
    const one = await start()
    await suspend()
    pass(60_000)
    const denied = await one.ask()
    expect(denied).toMatchObject(stopped)
    await state(anchor([{ ...version, from: rows[1]?.statedAt ?? '' }]), releaseKeys)
    pass(60_000)
    expect(await one.ask()).toMatchObject(stopped)
    expect(await replayed(denied.id, one)).toEqual(same)
    expect(await replayed(denied.id, await start())).toEqual(same)
  })

  test('lets what was decided before be decided again by whoever starts after the rows were lost', async () => {
    const one = await start()
    await suspend()
    pass(60_000)
    const denied = await one.ask()
    expect(denied).toMatchObject(stopped)
    await remove(1)
    await remove(2)
    await state(anchor([{ ...version, from: rows[1]?.statedAt ?? '' }]), releaseKeys)
    pass(60_000)
    // The log has every statement still.
    expect(await replayed(denied.id, await start())).toEqual(same)
  })

  // Promise: tip replayed: never lifted. `policy anchor` takes the number after the highest that any row bears.
  test('is not cut to what was before it, where its number is not the next', async () => {
    await (await start()).ask()
    // Whoever may write to the table alone puts a row of any number there, and the chain is broken.
    await put(2, { ...rows[0], number: 9, signatures: ['x'] })
    const { client, tables } = gateway.store
    const { last } = await readLawChain(client, tables.register, law)
    await state(anchor([]), releaseKeys, { after: { ...tip, number: last } })
    await suspend()
    pass(60_000)
    expect(await (await start()).ask()).toMatchObject(stopped)
    await remove(2)
    await remove(10)
    await remove(11)
    expect((await (await start()).ask()).outcome).toBe('deny')
  })

  // Promise (releaseKeySchema): of a key that signs no more, the floors that it signed before stand.
  test('is not begun by release keys that have left, whatever day they write', async () => {
    const left = '2026-12-11T00:00:00.000Z'
    const leaving: Runnable = {
      ...law,
      releaseKeys: law.releaseKeys.map((each) => ({ ...each, leftAt: left })),
    }
    const one = await start(leaving)
    pass(2 * 86_400_000)
    await vouch()
    await suspend()
    pass(60_000)
    expect(await one.ask()).toMatchObject(stopped)
    await state(anchor([]), releaseKeys, { at: '2026-12-10T12:00:00.000Z' })
    pass(60_000)
    expect((await one.ask()).outcome).toBe('deny')
  })
})

describe('A new year', () => {
  // Promise: its row deleted, by whoever may write to the register's table alone: never lifted.
  test('does not lift a suspension in an instance that starts on a chain that was cut', async () => {
    await gateway.close()
    await begin('2026-12-31T12:00:00.000Z')
    const one = await start()
    await suspend()
    pass(60_000)
    expect(await one.ask()).toMatchObject(stopped)
    await remove(2)
    expect((await (await start()).ask()).outcome).toBe('deny')
    pass(12 * 3_600_000)
    expect(now().getUTCFullYear()).toBe(2027)
    expect((await (await start()).ask()).outcome).toBe('deny')
  })
})

describe('A correction that is to be taken everywhere', () => {
  const kept = new Map([[lawPath(digestOfSet(law.set)), packLaw(found)]])
  const archive = { get: async (path: string) => kept.get(path) }
  const fetch = lawFrom(archive, digestOfKeys(found), true)
  // Promise: a correction is a set that all who run take by its digest.
  test('is taken though another floor was stated before an instance looked', async () => {
    await gateway.close()
    const before = without(1)
    await begin('2026-12-10T10:00:00.000Z', before)
    const one = await start(before, fetch)
    await one.ask()
    await state(floorOf(law.set, { everywhere: true }), releaseKeys)
    pass(20_000)
    await state(floorOf(law.set), releaseKeys)
    pass(60_000)
    const { id } = await one.ask()
    expect((await gateway.world.ledger.read(id))?.leaf.law?.set).toBe(digestOfSet(law.set))
  })
})

describe('Two instances that have read at different times', () => {
  // Promise: each decision replays alike; a retry gets its answer.
  test('answer a retry once both have read', async () => {
    const late = await start()
    await late.ask()
    await state(floorOf(law.set), releaseKeys)
    pass(30_000)
    await late.ask()
    const renewed = await start()
    const body = requestOfMember({ subject: { recordId: 'D-1' }, caseReference: 'FR-1' })
    const call = { method: 'POST', path: '/v1/access-requests', body, jti: freshJti() }
    const [first, retry] = await Promise.all(
      [renewed, late].map(({ app }) => gateway.prepare('FR-SPOC', call, app)),
    )
    const sendFirst = first as () => Promise<Response>
    const answer = await renewed.told(await sendFirst())
    expect(answer).toMatchObject(released)
    const again = () => (retry as () => Promise<Response>)().then(({ status }) => status)
    // It has not read since: it may say so.
    await again()
    pass(61_000)
    await late.ask()
    expect(await again()).toBe((await sendFirst()).status)
    expect(await replayed(answer.id, late)).toEqual(same)
  })
})

describe('A clock', () => {
  // Promise: one key starts a suspension at once.
  test('of a sealer of another folder that is a month ahead keeps nobody from suspending', async () => {
    const ahead = new Date(now().getTime() + 30 * 86_400_000).toISOString()
    await state({ act: 'suspend', ...french, why }, both.slice(0, 1), { at: ahead })
    const { client, tables } = gateway.store
    const { state: then } = await readLawChain(client, tables.register, law)
    // As `comity policy suspend` does.
    const body = { act: 'suspend' as const, ...version, why }
    const { statement } = next(then, body, both, law, now().toISOString())
    await put(statement.number, statement)
    pass(60_000)
    expect(await (await start()).ask()).toMatchObject(stopped)
  })

  test('of a sealer that is an hour ahead does not put off what he suspends', async () => {
    const one = await start()
    const ahead = new Date(now().getTime() + 3_600_000).toISOString()
    await state({ act: 'suspend', ...version, why }, both, { at: ahead })
    pass(60_000)
    expect(await one.ask()).toMatchObject(stopped)
  })
})

describe('A log', () => {
  // Promise (entered before it decides): an entry names no set and no statement that its log has not.
  test('of a new year has the law of the first decision in it, though the year began meanwhile', async () => {
    await gateway.close()
    await begin('2026-12-31T23:59:59.500Z')
    const { ledger } = gateway.world
    const one = await start(law, undefined, async (entry) => {
      const appended = await ledger.append(entry)
      if (entry.leaf.t === 'set') pass(1000)
      return appended
    })
    const { id } = await one.ask()
    const leaf = (await ledger.read(id))?.leaf
    if (leaf === undefined) throw new Error('nothing was entered')
    for (const eid of lawEntriesOf(leaf)) expect(await ledger.read(eid)).toBeDefined()
  })

  // Promise: its row deleted, by whoever may write to the register's table alone: never lifted.
  test('of one state has what was suspended, and that of another, where nobody has asked since, too', async () => {
    const one = await start()
    await one.ask()
    await suspend()
    pass(60_000)
    const body = requestOf({ holder: 'GB-POL', subject: { recordId: 'D-1' } })
    const call = { method: 'POST', path: '/v1/access-requests', body }
    expect((await (await gateway.prepare('FR-SPOC', call, one.app))()).status).toBe(201)
    await remove(2)
    expect((await (await start()).ask()).outcome).toBe('deny')
  })

  // Promise: each decision replays alike afterwards.
  test('lets a denial be decided again that was made while the chain was another than the log has', async () => {
    const one = await start()
    const floor = tip
    await suspend()
    pass(60_000)
    await one.ask()
    await remove(2)
    // Somebody states something on the chain as it was cut, in good faith.
    await state({ act: 'suspend', ...french, why }, both.slice(0, 1), { after: floor })
    const denied = await (await start()).ask()
    expect(denied).toMatchObject({ outcome: 'deny', standing: 'open' })
    await put(2, rows[1])
    pass(60_000)
    expect(await replayed(denied.id, await start())).toEqual(same)
  })

  // Promise (entered before it decides): an entry names no set that its log has not.
  test('has the set of a denial on a chain that was cut', async () => {
    await gateway.close()
    const before = without(1)
    await begin('2026-12-10T10:00:00.000Z', before)
    const one = await start(before)
    await suspend()
    pass(60_000)
    await one.ask()
    await remove(2)
    const canary = await start(law)
    const denied = await canary.ask()
    expect(denied).toMatchObject({ outcome: 'deny', standing: 'open' })
    await put(2, rows[1])
    const leaf = (await gateway.world.ledger.read(denied.id))?.leaf
    expect(leaf?.law?.broken).toBe(true)
    for (const eid of leaf === undefined ? [] : lawEntriesOf(leaf))
      expect(await gateway.world.ledger.read(eid)).toBeDefined()
  })

  // Promise: each decision replays alike afterwards.
  test('has the set of a later quarter’s decisions, though the quarter expired in which it was entered', async () => {
    await gateway.close()
    const [first, second] = [without(2), without(1)]
    await begin('2026-07-10T10:00:00.000Z', first)
    const canary = await start(second)
    await canary.ask()
    gateway.clock.now = new Date('2026-11-28T10:00:00.000Z')
    await vouch()
    const decided = await canary.ask()
    expect(decided.status).toBe(201)
    const auditor = () => start(law)
    expect(await replayed(decided.id, await auditor())).toEqual(same)
    gateway.clock.now = new Date('2037-10-02T10:00:00.000Z')
    const earlierKeys = dynamodbEarlierKeys(gateway.store.client, gateway.store.tables.keys)
    await expire('DE', '2026-Q4', { ...gateway.auditWorld, earlierKeys }, () => false)
    expect(await replayed(decided.id, await auditor())).toEqual(same)
  })
})
