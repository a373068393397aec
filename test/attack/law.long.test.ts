/** Attacks on what is suspended: two instances run on the law as it is signed, and somebody may write to every table. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lawFrom, lawPath } from '../../functions/adapters/carried-law.ts'
import { dynamodbMarks } from '../../functions/adapters/chains-dynamodb.ts'
import { runningLaw, stateInLawChain } from '../../functions/adapters/law-dynamodb.ts'
import { packLaw } from '../../functions/adapters/policies-files.ts'
import { replay } from '../../functions/audit/replay.ts'
import { accessApi } from '../../functions/http/access-api.ts'
import type { Runnable } from '../../functions/policy/carried.ts'
import { digestOfLink, emptyTip, type Tip } from '../../functions/policy/chain.ts'
import { floorOf, headsOf } from '../../functions/policy/floor.ts'
import { lawThen } from '../../functions/policy/law.ts'
import {
  emptyLaw,
  type LawBody,
  type LawStatement,
  stateLaw,
} from '../../functions/policy/law-chain.ts'
import { run } from '../../functions/policy/read-book.ts'
import { digestOfKeys, digestOfSet } from '../../functions/policy/set.ts'
import type { SealingKey } from '../../functions/policy/signed.ts'
import type { World } from '../../functions/ports.ts'
import { leafIn } from '../../functions/proof/verify-entries.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../answer/people.ts'
import { putStatement, removeStatement } from '../chain-rows.ts'
import { type Audited, startAudited } from '../http/audit-gateway.ts'
import { releaseKeys, setIn } from '../policy/sealing.ts'
import { both, found, law, version, why } from './signed-law.ts'

const [legal, dataProtection] = both as [SealingKey, SealingKey]

let gateway: Audited
let tip: Tip
let rows: LawStatement[]
beforeEach(async () => {
  gateway = await startAudited({ now: '2026-12-10T10:00:00.000Z' })
  tip = emptyTip
  rows = []
  await state(floorOf(law.set), releaseKeys)
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  await gateway.putRecord('DE-POL', personOf('D-1', [itemOf('name'), itemOf('birthDate')]))
})
afterEach(() => gateway.close())

const pass = (ms: number) => gateway.clock.pass(ms)
const now = () => gateway.clock.now

/** States something, as those who sign do, whatever any gateway knows. */
async function state(body: LawBody, keys: readonly SealingKey[]): Promise<void> {
  const statement = stateLaw(tip, now().toISOString(), body, keys)
  expect(
    await stateInLawChain(gateway.store.client, gateway.store.tables.register, statement),
  ).toBe(true)
  tip = { number: statement.number, digest: digestOfLink(statement) }
  rows.push(statement)
}
const suspend = () => state({ act: 'suspend', ...version, why }, [legal])

/** An instance that has just started. */
async function start(own: Runnable = law, fetch?: ReturnType<typeof lawFrom>) {
  const { client, tables } = gateway.store
  const running = await runningLaw({
    ...{
      client,
      table: tables.register,
      now,
      law: own,
      unheld: () => undefined,
      marks: dynamodbMarks(client, tables.decisions),
    },
    ...(fetch && { fetch }),
  })
  const world: World = { ...gateway.world, law: running }
  const app = accessApi(world, () => undefined)
  return {
    world,
    async ask() {
      const body = requestOfMember({ subject: { recordId: 'D-1' }, caseReference: 'FR-1' })
      const call = { method: 'POST', path: '/v1/access-requests', body }
      const response = await (await gateway.prepare('FR-SPOC', call, app))()
      // A cast: what the answer to a request is.
      const json = (await response.json()) as {
        id: string
        outcome?: string
        standing?: string
        reasons?: { code: string }[]
      }
      const { outcome, standing, reasons = [] } = json
      return {
        status: response.status,
        id: json.id,
        outcome,
        standing,
        codes: reasons.map((each) => each.code),
      }
    },
  }
}
type Instance = Awaited<ReturnType<typeof start>>

const released = { status: 201, outcome: 'release' }
const stopped = { status: 201, outcome: 'deny', standing: 'open', codes: ['policy-suspended'] }

const remove = (number: number) => removeStatement(gateway.store, 'law', number)
const put = (number: number, statement: unknown) =>
  putStatement(gateway.store, 'law', number, JSON.stringify(statement))

/** Decides an entry again, as an auditor’s instance does that started now. */
const replayed = async (id: string, by: Instance) => {
  const stored = await gateway.world.ledger.read(id)
  return stored && replay(stored, by.world)
}

describe('A suspension', () => {
  // Kills: a chain that is read at the start alone (law-dynamodb.ts, `isFresh`).
  test('counts within a minute in two instances that run, and the denial is open', async () => {
    const both = [await start(), await start()]
    for (const each of both) expect(await each.ask()).toMatchObject(released)
    await suspend()
    pass(60_000)
    for (const each of both) expect(await each.ask()).toMatchObject(stopped)
    pass(7 * 86_400_000)
    await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
    for (const each of both) expect(await each.ask()).toMatchObject(released)
  })

  test('goes on until two have lifted it', async () => {
    const one = await start()
    await state({ act: 'suspend', ...version, why }, [legal, dataProtection])
    await state({ act: 'lift', ...version, why: 'The stay has ended.' }, [legal])
    pass(60_000)
    expect(await one.ask()).toMatchObject(stopped)
    await state({ act: 'confirm', of: 'lift', ...version }, [dataProtection])
    pass(60_000)
    expect(await one.ask()).toMatchObject(released)
  })

  // Kills: an entry that names no set or statement (answer.ts); one that names what its log has not (law.ts).
  test('is an entry of the log before the first answer by it, as is the set, and each entry names both', async () => {
    const one = await start()
    const before = await one.ask()
    await suspend()
    pass(60_000)
    const after = await one.ask()
    const leaves = await leavesInOrder()
    const named = (id: string) => leaves.find(({ eid }) => eid === id)?.law
    const set = digestOfSet(law.set)
    const tips = rows.map((row) => ({ number: row.number, digest: digestOfLink(row) }))
    expect(named(before.id)).toEqual({ set, tip: tips[0] })
    expect(named(after.id)).toEqual({ set, tip: tips[1] })
    // The set and the floor, then the suspension; at most as late as what was decided by them.
    const own = leaves.filter(({ stated }) => stated?.chain === 'law')
    expect(own.map(({ stated }) => stated?.number)).toEqual([1, 2])
    expect(leaves.filter(({ t }) => t === 'set').map(({ law: of }) => of?.set)).toEqual([set])
    const decidedAt = (id: string) => leaves.find(({ eid }) => eid === id)?.ts ?? ''
    for (const { stated, ts } of own)
      expect(ts < decidedAt(stated?.number === 1 ? before.id : after.id)).toBe(true)
  })

  // Kills: a replay by the law of now, or by the moment of a statement that was not known yet (law.ts, `lawThen`).
  test('lets each decision be decided again as it was, by whichever instance', async () => {
    const [one, late] = [await start(), await start()]
    const before = await one.ask()
    pass(61_000)
    await late.ask()
    await suspend()
    pass(30_000)
    // It has not read the chain since: it answers by what it knew, and says so.
    const unknowing = await late.ask()
    expect(unknowing).toMatchObject(released)
    const meanwhile = await one.ask()
    expect(meanwhile).toMatchObject(stopped)
    await state({ act: 'confirm', of: 'suspend', ...version }, [dataProtection])
    await state({ act: 'lift', ...version, why: 'The stay has ended.' }, [legal, dataProtection])
    pass(60_000)
    const after = await one.ask()
    expect(after).toMatchObject(released)
    const fresh = await start()
    for (const { id } of [before, unknowing, meanwhile, after])
      for (const by of [one, late, fresh]) expect(await replayed(id, by)).toEqual({ kind: 'same' })
  })
})

/** Every leaf of the decisions table, in the order of its time. */
async function leavesInOrder() {
  const items = await gateway.store.rows.decisions.everything()
  return items
    .flatMap(({ leaf }) => (leaf?.B === undefined ? [] : (leafIn(leaf.B) ?? [])))
    .sort((a, b) => (a.ts < b.ts ? -1 : 1))
}

describe('Whoever may write to every table', () => {
  let one: Instance
  beforeEach(async () => {
    one = await start()
    await suspend()
    await state({ act: 'confirm', of: 'suspend', ...version }, [dataProtection])
    pass(60_000)
    expect(await one.ask()).toMatchObject(stopped)
  })
  const denied = { status: 201, outcome: 'deny', standing: 'open' }

  // Kills: a chain that may be shorter than this instance saw it.
  test('lifts nothing in an instance that runs by deleting rows of the chain, one or all', async () => {
    for (const gone of [[3], [2, 3], [2], [1, 2, 3]]) {
      for (const number of gone) await remove(number)
      pass(60_000)
      expect((await one.ask()).outcome).toBe('deny')
      for (const number of gone) await put(number, rows[number - 1])
      pass(60_000)
      expect(await one.ask()).toMatchObject(stopped)
    }
  })

  test('lifts nothing by putting an old end in its place, another statement, or none', async () => {
    for (const row of [
      rows[0],
      { ...rows[2], body: { act: 'lift', ...version, why } },
      'x',
      null,
    ]) {
      await put(3, row)
      pass(60_000)
      expect(await one.ask()).toMatchObject(denied)
    }
    const entry = await one.ask()
    await put(3, rows[2])
    pass(60_000)
    expect(await one.ask()).toMatchObject(stopped)
    // Denied by a chain that did not hold: decided again, it is denied again.
    expect(await replayed(entry.id, await start())).toEqual({ kind: 'same' })
  })

  // Kills: an instance that starts and believes a chain that was cut cleanly (answer/entries/law.ts, `next`).
  test('lifts nothing in one that starts on a chain that was cut: the log knows more', async () => {
    await remove(3)
    await remove(2)
    const started = await start()
    expect(await started.ask()).toMatchObject({ ...denied, codes: ['policy-suspended'] })
    // Nor by a statement of before in the place of what was cut.
    await put(
      2,
      stateLaw(
        { number: 1, digest: digestOfLink(rows[0] as LawStatement) },
        now().toISOString(),
        floorOf(law.set, { why: 'To go on as if nothing had been.' }),
        releaseKeys,
      ),
    )
    expect((await (await start()).ask()).outcome).toBe('deny')
    await put(2, rows[1])
    await put(3, rows[2])
    pass(60_000)
    expect(await started.ask()).toMatchObject(stopped)
  })

  // Kills: an answer by what was read more than a minute ago.
  test('gets no answer at all by taking the table away for more than a minute', async () => {
    const { client } = gateway.store
    const send = client.send.bind(client)
    const away = (command: { input: { TableName?: string } }) =>
      command.input.TableName === gateway.store.tables.register
        ? Promise.reject(Object.assign(new Error('away'), { $metadata: {} }))
        : send(command as never)
    client.send = away as typeof client.send
    try {
      pass(59_000)
      expect(await one.ask()).toMatchObject(stopped)
      pass(2_000)
      expect((await one.ask()).status).toBe(503)
    } finally {
      client.send = send
    }
    expect(await one.ask()).toMatchObject(stopped)
  })

  test('is undone by two release keys, who begin the chain anew and say what is suspended', async () => {
    for (const number of [1, 2, 3]) await remove(number)
    pass(60_000)
    expect(await one.ask()).toMatchObject(denied)
    const anchor = {
      ...{ ...floorOf(law.set), act: 'anchor' as const },
      why: 'The table was emptied.',
    }
    tip = { number: 3, digest: digestOfLink(rows[2] as LawStatement) }
    await state({ ...anchor, suspended: [{ ...version, from: now().toISOString() }] }, releaseKeys)
    pass(60_000)
    expect(await one.ask()).toMatchObject(stopped)
    expect(await (await start()).ask()).toMatchObject(stopped)
    await state({ act: 'lift', ...version, why: 'The stay has ended.' }, [legal, dataProtection])
    pass(60_000)
    expect(await one.ask()).toMatchObject(released)
  })
})

describe('A correction', () => {
  /** The law as it was before its last seal of `de`, and the set of that. */
  const before = (() => {
    const links = found.seals.de as readonly { body: { path: string } }[]
    const last = links.at(-1)?.body.path ?? ''
    const older = {
      ...found,
      files: found.files.filter(({ path }) => path !== last),
      seals: { ...found.seals, de: links.slice(0, -1) },
    }
    return run({ ...older, set: setIn(older) })
  })()
  const kept = new Map([[lawPath(digestOfSet(law.set)), packLaw(found)]])
  const archive = { get: async (path: string) => kept.get(path) }
  const fetch = lawFrom(archive, digestOfKeys(found), true)

  // Kills: a set that is taken at the start alone; one that is taken unasked; replays by the set of now.
  test('is taken by whoever runs on less, within a minute and by its digest', async () => {
    await remove(1)
    tip = emptyTip
    await state(floorOf(before.set), releaseKeys)
    const one = await start(before, fetch)
    const old = await one.ask()
    await state(floorOf(law.set, { everywhere: true }), releaseKeys)
    pass(60_000)
    const fresh = await one.ask()
    const sets = (await leavesInOrder()).flatMap((leaf) =>
      leaf.t === 'decision' ? [leaf.law?.set] : [],
    )
    expect(sets).toEqual([digestOfSet(before.set), digestOfSet(law.set)])
    // What is deployed with the law of before starts on that of now.
    const started = await start(before, fetch)
    for (const { id } of [old, fresh]) expect(await replayed(id, started)).toEqual({ kind: 'same' })
    // The law of before cannot say what was decided by a law that it has not.
    expect(
      await replayed(fresh.id, {
        world: { ...one.world, law: (await start(law)).world.law },
      } as Instance),
    ).toEqual({ kind: 'same' })
  })

  test('that is not where sets are kept lets nobody go on with less', async () => {
    await remove(1)
    tip = emptyTip
    await state(floorOf(before.set), releaseKeys)
    const one = await start(before, async () => undefined)
    expect(await one.ask()).toMatchObject(released)
    await state(floorOf(law.set, { everywhere: true }), releaseKeys)
    pass(60_000)
    expect(await one.ask()).toMatchObject({ outcome: 'deny', standing: 'open' })
    // One that starts does the same.
    const other = await start(before, async () => undefined)
    expect(await other.ask()).toMatchObject({ outcome: 'deny', standing: 'open' })
  })

  // A canary: two sets run side by side, and an auditor's instance of either decides all of it again.
  test('runs beside the law of before, and comes back after an alarm: nobody is refused', async () => {
    await remove(1)
    tip = emptyTip
    await state(floorOf(before.set), releaseKeys)
    const [stays, canary] = [await start(before), await start(law)]
    const ids = [await stays.ask(), await canary.ask(), await stays.ask()].map(({ id }) => id)
    const decisions = (await leavesInOrder()).filter(({ t }) => t === 'decision')
    expect(new Set(decisions.map(({ law: named }) => named?.set)).size).toBe(2)
    for (const id of ids) expect(await replayed(id, canary)).toEqual({ kind: 'same' })
    const [, ofCanary = ''] = ids
    expect(await replayed(ofCanary, stays)).toMatchObject({
      kind: 'unknown',
      why: expect.stringMatching(
        /^seal \d+ of `de`, which its set has, is not here: start a newer law$/,
      ),
    })
    // Kills: a log that names law that never was, told as one that a gateway with newer law can decide.
    const asOf = async () => ({ why: 'it is not here' })
    const world = { ...stays.world, law: { ...stays.world.law, asOf } }
    expect(await replayed(ofCanary, { ...stays, world })).toMatchObject({ kind: 'differs' })
    const heads = headsOf(law.set)
    const { de: own } = heads
    const ref = { set: digestOfSet(law.set), tip: emptyTip }
    const then = (head: typeof own, of = ref) =>
      lawThen(law, emptyLaw, of, { ...heads, ...(head && { de: head }) })
    const digest = '0'.repeat(64)
    expect(then(own)).not.toHaveProperty('why')
    expect(then({ number: (own?.number ?? 0) + 1, digest })).toMatchObject({ isNewer: true })
    expect(then({ number: own?.number ?? 0, digest })).toEqual({
      why: expect.stringContaining('is not the one here'),
    })
    expect(then(own, { ...ref, tip: { number: 1, digest } })).toEqual({
      why: expect.stringContaining('is not the one here'),
    })
  })
})
