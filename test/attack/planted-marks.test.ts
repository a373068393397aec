/**
 * Somebody may write to the table of sealing, and plants marks: they say that an entry was sealed that is in no log.
 * What the gateway then takes for entered, nobody would ever find.
 */

import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodbMarks } from '../../functions/adapters/chains-dynamodb.ts'
import { dynamodbLedger } from '../../functions/adapters/ledger-dynamodb.ts'
import { dynamodbRegister } from '../../functions/adapters/register-dynamodb.ts'
import { statementId } from '../../functions/answer/entries/statements.ts'
import { accessApi } from '../../functions/http/access-api.ts'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { makeEntry } from '../../functions/ledger/entry.ts'
import type { World } from '../../functions/ports.ts'
import { requestOf } from '../answer/people.ts'
import { copyOf, putBack } from '../drills/tables.ts'
import { startSealed } from '../proof/exported.ts'
import { answered, problemOf } from '../world.ts'

const log = 'comity.test/gb/2026'
/** The first statement on GB-POL, which this log has before the first entry that rests on a call of that agency. */
const first = statementId(log, 'register/GB-POL', 1)

let sealed: Awaited<ReturnType<typeof startSealed>>
beforeAll(async () => {
  sealed = await startSealed()
})
afterAll(() => sealed.close())

/** Asks an instance that has just started, and knows nothing yet; and what that said of a failure. */
async function askAnew(
  archive: Pick<World['sealed'], 'get'> = sealed.world.archive,
  agency = 'GB-POL',
  body = requestOf(),
) {
  const { store, clock, world } = sealed.gateway
  const { client, tables } = store
  const said: unknown[] = []
  const started: World = {
    ...world,
    register: dynamodbRegister(
      ...([client, tables.register, () => clock.now, demonstrationRegistrars] as const),
      ...([undefined, dynamodbMarks(client, tables.decisions)] as const),
    ),
    ledger: dynamodbLedger(client, tables.decisions),
    sealed: { ...world.sealed, get: archive.get },
  }
  const app = accessApi(started, (line) => said.push(line))
  const call = { method: 'POST', path: '/v1/access-requests', body }
  const response = await (await sealed.gateway.prepare(agency, call, app))()
  const whys = said.flatMap((each) =>
    typeof each === 'object' && each !== null && 'why' in each ? [String(each.why)] : [],
  )
  return { response, whys }
}

/** Asks with this in the tables, and leaves them as they were. */
async function during(plant: () => Promise<unknown>, archive?: Pick<World['sealed'], 'get'>) {
  const { store } = sealed.gateway
  const { decisions, sealing } = store.tables
  const before = [await copyOf(store, decisions), await copyOf(store, sealing)] as const
  await plant()
  const asked = await askAnew(archive)
  const entered = entriesIn(await copyOf(store, decisions)) - entriesIn(before[0])
  await putBack(store, decisions, before[0])
  await putBack(store, sealing, before[1])
  return { ...asked, entered }
}

/** How many entries there are, beside the marks of what instances have seen. */
const entriesIn = (items: Awaited<ReturnType<typeof copyOf>>): number =>
  items.filter(({ pk }) => pk?.S?.startsWith('D#')).length

const refused = async (
  asked: Promise<{ response: Response; whys: readonly string[]; entered: number }>,
  why: string,
) => {
  const { response, whys, entered } = await asked
  expect(await problemOf(response)).toMatchObject({ status: 503, code: 'not-durable' })
  expect(whys).toEqual([expect.stringContaining(why)])
  // Nothing rests on what is not there: no entry of the call, either.
  expect(entered).toBe(0)
}

describe('A planted mark of a statement', () => {
  // Kills: a mark that is believed: an entry that rests on a statement that its log never has.
  test('in a log without a checkpoint has no call answered that rests on the statement', () =>
    refused(
      during(() => sealed.world.sealing.mark(log, 0, [first])),
      `${first} is marked as in the log, at 0 of ${log}, which no published checkpoint covers`,
    ))

  // Kills: any entry at that place, taken for the one that was marked.
  test('at the place of another entry has none answered either', async () => {
    await sealed.append('GB', 3)
    await sealed.seal()
    await refused(
      during(() => sealed.world.sealing.mark(log, 1, [first])),
      `${first} is marked as in the log, at 1 of ${log}, where the log has something else`,
    )
  })

  test('beyond the checkpoint, in a log of elsewhere, or with no archive at hand, neither', async () => {
    const plant = (where: string, index: number) => () =>
      sealed.world.sealing.mark(where, index, [first])
    await refused(during(plant(log, 3)), 'which no published checkpoint covers')
    for (const where of ['comity.test/de/2026', '../comity.test/gb/2026', `${log}/../../de/2026`])
      await refused(during(plant(where, 0)), 'in a log that it can’t be in')
    await refused(
      during(plant(log, 0), { get: async () => undefined }),
      'which no published checkpoint covers',
    )
  })

  // Kills: a refusal of whatever is marked.
  test('that is true, of an entry that the ledger has lost, has calls answered as before', async () => {
    const { store } = sealed.gateway
    await answered((await askAnew()).response)
    await sealed.seal()
    const all = await copyOf(store, store.tables.decisions)
    const without = all.filter(({ pk }) => pk?.S !== `D#${first}`)
    expect(without).toHaveLength(all.length - 1)
    await putBack(store, store.tables.decisions, without)
    const { response, entered } = await during(async () => undefined)
    expect(response.status).toBe(201)
    // The call's own alone: the statement is in no second entry.
    expect(entered).toBe(1)
    await putBack(store, store.tables.decisions, all)
  })
})

describe('A planted entry under the id of a statement', () => {
  // Kills: an entry that is believed for its id alone.
  test('is not taken for the statement, in the ledger or, lost there, in the log', async () => {
    const { store, clock, world } = sealed.gateway
    const [fr, ts] = ['comity.test/fr/2026', clock.now.toISOString()]
    const eid = statementId(fr, 'register/FR-SPOC', 1)
    const header = {
      t: 'statement',
      log: fr,
      eid,
      ts,
      hj: 'FR',
      aj: 'FR',
      eng: '',
      req: '',
    } as const
    const stated = { chain: 'register/FR-SPOC', number: 1, digest: 'another' }
    const key = { kid: 'of nobody', kek: randomBytes(32) }
    const none = { jws: '', body: '' }
    await world.ledger.append(
      makeEntry({ ...header, stated }, {}, none, key, randomUUID(), randomBytes),
    )
    const asking = () => askAnew(undefined, 'FR-SPOC', requestOf({ holder: 'DE-POL' }))
    const why = `${eid} is not statement 1 of register/FR-SPOC, of which it has the id`
    const { response, whys } = await asking()
    expect(await problemOf(response)).toMatchObject({ status: 503, code: 'not-durable' })
    expect(whys).toEqual([expect.stringContaining(why)])

    await sealed.append('FR', 1)
    await sealed.seal()
    const all = await copyOf(store, store.tables.decisions)
    const without = all.filter(({ pk }) => pk?.S !== `D#${eid}`)
    await putBack(store, store.tables.decisions, without)
    const lost = await asking()
    expect(await problemOf(lost.response)).toMatchObject({ status: 503, code: 'not-durable' })
    expect(lost.whys).toEqual([expect.stringContaining('where the log has something else')])
  })
})
