/** An administrator who has every right on the table of the register, and no registrar's key. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readChain } from '../../functions/adapters/chains-dynamodb.ts'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { dynamodbRegister } from '../../functions/adapters/register-dynamodb.ts'
import { enrol, registrarKeys } from '../../functions/demo/enrol.ts'
import type { Agency } from '../../functions/identity/register.ts'
import { demonstrationRegistrars, type Succession } from '../../functions/identity/registrars.ts'
import { type AgencyStatement, type Body, chainOf } from '../../functions/identity/statements.ts'
import type { Tip } from '../../functions/policy/chain.ts'
import { requestOf } from '../answer/people.ts'
import { putStatement, removeStatement } from '../chain-rows.ts'
import { keyOf, type Pair, pairOf, stated, succeeded, tipOf } from '../identity/registering.ts'
import { type Gateway, removeChain, startGateway } from '../world.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

const thief = pairOf('thief', 'P-256')
const helper = pairOf('helper')
/** Names of registrars with keys of the thief's own. */
const forgers = demonstrationRegistrars.map(({ kid }) => pairOf(kid))

const rowsOf = async (id: string) =>
  (await readChain(
    gateway.store.client,
    gateway.store.tables.register,
    chainOf(id),
  )) as readonly AgencyStatement[]

/** Writes over what is there, as an administrator can. */
const write = (chain: string, number: number, statement: unknown) =>
  putStatement(gateway.store, chain, number, JSON.stringify(statement))
const remove = (chain: string, number: number) => removeStatement(gateway.store, chain, number)

/** An instance that has just started, or one that goes on. */
const instance = () =>
  dynamodbRegister(
    gateway.store.client,
    gateway.store.tables.register,
    () => gateway.clock.now,
    demonstrationRegistrars,
  )
const later = (seconds = 61) => gateway.clock.pass(seconds * 1000)

/** Whom a fresh instance takes for what, and of whom it says that what is stated does not hold. */
async function found() {
  const malformed: string[] = []
  const all = await instance().all((id) => malformed.push(id))
  return { malformed, all: new Map(all.map((each) => [each.id, each])) }
}

/** Does something to an agency, looks, and puts back what was there. */
async function spoiling(id: string, spoil: () => Promise<unknown>, look: () => Promise<void>) {
  const before = await rowsOf(id)
  try {
    await spoil()
    await look()
  } finally {
    await removeChain(gateway.store, chainOf(id))
    for (const statement of before) await write(chainOf(id), statement.number, statement)
  }
}

/** The agency does not hold; everybody else is who they were. */
async function harmsAlone(id: string, before: ReadonlyMap<string, Agency>): Promise<void> {
  const { malformed, all } = await found()
  expect(malformed).toEqual([id])
  expect(all).toEqual(new Map([...before].filter(([each]) => each !== id)))
  await expect(instance().agency(id)).rejects.toThrow(/^couldn’t read agency/)
}

const change = async (id: string, changes: Partial<Agency>): Promise<Body> => {
  const [first] = await rowsOf(id)
  if (first?.body.act !== 'join') throw new Error(`${id} has not joined`)
  const agency = { ...first.body.agency, ...changes }
  return { act: 'change', agency, why: first.body.why }
}

describe('Whoever can write to the table alone', () => {
  test.each<[string, string, (id: string) => Promise<unknown>]>([
    [
      'a key, in the row that two registrars signed',
      'FR-SPOC',
      async (id) => {
        const [first] = await rowsOf(id)
        if (first?.body.act !== 'join') throw new Error('no such row')
        const keys = [...first.body.keys, keyOf(thief)]
        await write(chainOf(id), 1, { ...first, body: { ...first.body, keys } })
      },
    ],
    [
      'a key, in a statement of its own with two signatures by names of registrars',
      'FR-SPOC',
      async (id) => {
        const before = await rowsOf(id)
        const planted = stated(
          before,
          { act: 'add-key', key: keyOf(thief) },
          forgers.slice(0, 2),
          id,
        )
        const late = { ...planted, statedAt: gateway.clock.now.toISOString() }
        await write(chainOf(id), 2, late)
      },
    ],
    [
      'a right to attest',
      'NL-POL',
      async (id) => {
        const attests = [{ holder: 'DE-POL', facts: ['*'] }]
        const body = await change(id, { attests })
        await write(chainOf(id), 2, stated(await rowsOf(id), body, forgers.slice(0, 2), id))
      },
    ],
    [
      'another’s statement, replayed',
      'NL-POL',
      async (id) => write(chainOf(id), 2, (await rowsOf('BE-POL'))[0]),
    ],
  ])('plants %s: nothing comes of it but a finding', async (_, id, plant) => {
    const { all } = await found()
    await spoiling(
      id,
      () => plant(id),
      () => harmsAlone(id, all),
    )
    expect((await found()).malformed).toEqual([])
  })

  test('plants both approvers: neither is one', async () => {
    const { all: before } = await found()
    for (const id of ['DE-ONE', 'DE-TWO']) {
      const [first] = await rowsOf('DE-DPO')
      if (first?.body.act !== 'join') throw new Error('no such row')
      const agency = { ...first.body.agency, id }
      const join = { act: 'join' as const, agency, keys: [keyOf(thief)] }
      await write(chainOf(id), 1, stated([], join, forgers.slice(0, 2), id))
    }
    const { malformed, all } = await found()
    expect([...malformed].sort()).toEqual(['DE-ONE', 'DE-TWO'])
    expect(all).toEqual(before)
    for (const id of malformed) await removeChain(gateway.store, chainOf(id))
  })

  test('swaps the rows of two agencies: neither is the other', async () => {
    const [one, two] = [await rowsOf('ES-SPOC'), await rowsOf('FR-SPOC')]
    await write(chainOf('ES-SPOC'), 1, two[0])
    await write(chainOf('FR-SPOC'), 1, one[0])
    expect((await found()).malformed.sort()).toEqual(['ES-SPOC', 'FR-SPOC'])
    await write(chainOf('ES-SPOC'), 1, one[0])
    await write(chainOf('FR-SPOC'), 1, two[0])
  })

  test('puts registrars in: then nobody is believed, and each agency is named', async () => {
    const { all } = await found()
    const set = [thief, helper, pairOf('third')].map(({ open: { kid } }) => pairOf(kid))
    await write('register', 1, succeeded([], set, {}, forgers.slice(0, 2)))
    await expect(instance().agency('FR-SPOC')).rejects.toThrow(/^couldn’t read the registrars/)
    const after = await found()
    expect(after.all.size).toBe(0)
    expect(after.malformed.sort()).toEqual([...all.keys()].sort())
    await remove('register', 1)
    expect((await found()).all).toEqual(all)
  })

  test('calls with a planted key: it is not answered, and others are', async () => {
    const asking = (agency: string) => gateway.ask(agency, 'officer-1', requestOf())
    await spoiling(
      'FR-SPOC',
      async () => {
        const before = await rowsOf('FR-SPOC')
        const key = keyOf(thief)
        const planted = stated(before, { act: 'add-key', key }, forgers.slice(0, 2), 'FR-SPOC')
        await write(chainOf('FR-SPOC'), 2, planted)
        later()
      },
      async () => {
        const refused = await asking('FR-SPOC')
        expect([refused.status, await refused.text()]).toEqual([
          500,
          expect.not.stringContaining('planted'),
        ])
        expect(gateway.events.at(-1)?.why).toMatch(/^couldn’t read agency `FR-SPOC`: statement 2/)
        expect((await asking('ES-SPOC')).status).toBe(201)
      },
    )
  })
})

describe('An instance that has seen what was stated', () => {
  test('refuses a row that was put back or taken out, and says so', async () => {
    const { client, tables } = gateway.store
    const running = instance()
    const now = await running.agency('CH-POL')
    if (now === undefined) throw new Error('CH-POL is not there')
    const keys = now.keys.map((key, i) => (i === 0 ? { ...key, status: 'revoked' as const } : key))
    const revoked = { ...now, keys }
    await enrol(client, tables.register, [revoked], gateway.clock.now)
    later()
    expect((await running.agency('CH-POL'))?.keys[0]?.status).toBe('revoked')

    const rows = await rowsOf('CH-POL')
    await remove(chainOf('CH-POL'), 2)
    later()
    await expect(running.agency('CH-POL')).rejects.toThrow(/shorter/)
    // The limit that is said of it: whoever starts now does not know what there was.
    expect((await instance().agency('CH-POL'))?.keys[0]?.status).toBe('active')

    await remove(chainOf('CH-POL'), 1)
    later()
    await expect(running.agency('CH-POL')).rejects.toThrow(/shorter/)
    expect(await instance().agency('CH-POL')).toBeUndefined()
    for (const row of rows) await write(chainOf('CH-POL'), row.number, row)
    later()
    expect((await running.agency('CH-POL'))?.keys[0]?.status).toBe('revoked')
  })

  test('goes by a revocation within a minute, wherever it was stated', async () => {
    const { client, tables } = gateway.store
    const running = instance()
    const now = await running.agency('JP-NCB')
    if (now === undefined) throw new Error('JP-NCB is not there')
    const keys = now.keys.map((key) => ({ ...key, status: 'revoked' as const }))
    await enrol(client, tables.register, [{ ...now, keys }], gateway.clock.now)
    expect((await instance().agency('JP-NCB'))?.keys[0]?.status).toBe('revoked')
    later(60)
    expect((await running.agency('JP-NCB'))?.keys[0]?.status).toBe('revoked')
  })
})

describe('Registrars who take over', () => {
  const successions: Succession[] = []
  let clerks: readonly Pair[] = registrarKeys().map((secret) => ({ secret, open: secret as never }))

  /** Others take over from those who are there; gives both. */
  async function takeOver() {
    const tips: Record<string, Tip> = {}
    for (const id of (await found()).all.keys()) tips[id] = tipOf(chainOf(id), await rowsOf(id))
    const outgoing = clerks
    const incoming = ['anna', 'bert', 'cleo'].map((kid) => pairOf(kid))
    const succession = succeeded(successions, incoming, tips, outgoing.slice(0, 2))
    await write('register', succession.number, succession)
    successions.push(succession)
    clerks = incoming
    return { outgoing, incoming }
  }
  const suspend = async (id: string, by: readonly Pair[]) => {
    const before = await rowsOf(id)
    await write(chainOf(id), before.length + 1, stated(before, { act: 'suspend' }, by, id))
  }

  // Kills: a verdict by registrars of a minute ago that stands for the next one.
  test('are believed at once by an instance that read before who they are', async () => {
    const running = instance()
    await running.agency('BE-POL')
    later(30)
    const { incoming } = await takeOver()
    await suspend('NL-POL', incoming.slice(0, 1))
    expect((await running.agency('NL-POL'))?.status).toBe('suspended')
    expect((await running.agency('BE-POL'))?.status).toBe('active')
  })

  // Kills: an instance that has just started and takes whatever it finds.
  test('leave a floor: who starts afterwards takes no table from before, though it has seen nothing', async () => {
    await suspend('ES-SPOC', clerks.slice(0, 1))
    await takeOver()
    const floor = tipOf('register', successions)
    const started = () =>
      dynamodbRegister(
        gateway.store.client,
        gateway.store.tables.register,
        () => gateway.clock.now,
        demonstrationRegistrars,
        floor,
      )
    expect((await started().agency('ES-SPOC'))?.status).toBe('suspended')
    const rows = await rowsOf('ES-SPOC')
    // The suspension alone is taken out; then the registrars' own word of it, too.
    await remove(chainOf('ES-SPOC'), rows.length)
    await expect(started().agency('ES-SPOC')).rejects.toThrow(/shorter/)
    await remove('register', floor.number)
    await expect(started().agency('ES-SPOC')).rejects.toThrow(/^couldn’t read the registrars/)
    expect((await instance().agency('ES-SPOC'))?.status).toBe('active')
    await write('register', floor.number, successions.at(-1))
    await write(chainOf('ES-SPOC'), rows.length, rows.at(-1))
  })

  // Kills: registrars that are read once and never again.
  test('end within a minute what those who left can do', async () => {
    const running = instance()
    await running.agency('BE-POL')
    const { outgoing } = await takeOver()
    const rows = await rowsOf('BE-POL')
    later(61)
    await suspend('BE-POL', outgoing.slice(0, 1))
    await expect(running.agency('BE-POL')).rejects.toThrow(/of nobody who may sign it$/)
    await remove(chainOf('BE-POL'), rows.length + 1)
    later(61)
    expect((await running.agency('BE-POL'))?.status).toBe('active')
  })

  // Kills: an answer of the store that took long, and then looks like rows that were taken out.
  test('are not taken for gone by a read that began before and ended after', async () => {
    const held = Promise.withResolvers<void>()
    let isHolding = false
    const client = dynamodb(gateway.store.endpoint)
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args)
        if (isHolding && JSON.stringify(args.input).includes('"register"')) {
          isHolding = false
          await held.promise
        }
        return result
      },
      { step: 'initialize' },
    )
    const running = dynamodbRegister(
      client,
      gateway.store.tables.register,
      () => gateway.clock.now,
      demonstrationRegistrars,
    )
    await running.agency('BE-POL')
    later(61)
    isHolding = true
    const slow = running.agency('BE-POL')
    while (isHolding) await new Promise((resolve) => setTimeout(resolve, 5))
    await takeOver()
    // Whoever asks for the same agency meanwhile waits for the same read.
    expect((await running.agency('FR-SPOC'))?.status).toBe('active')
    held.resolve()
    expect((await slow)?.status).toBe('active')
    expect((await running.agency('BE-POL'))?.status).toBe('active')
    client.destroy()
  })
})
