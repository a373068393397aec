/** How often an answer waits for the store: what can go out at once does, and nothing that may not yet. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodbMarks } from '../../../functions/adapters/chains-dynamodb.ts'
import { dynamodbLedger } from '../../../functions/adapters/ledger-dynamodb.ts'
import { dynamodbRegister } from '../../../functions/adapters/register-dynamodb.ts'
import { examples } from '../../../functions/demo/demonstration.ts'
import { seed } from '../../../functions/demo/seed.ts'
import { accessApi } from '../../../functions/http/access-api.ts'
import { demonstrationRegistrars } from '../../../functions/identity/registrars.ts'
import { traceTrips } from '../../adapters/watched.ts'
import { answered, freshJti, type Gateway, origin, startGateway } from '../../world.ts'
import { itemOf, personOf } from '../people.ts'

let gateway: Gateway
let trips: ReturnType<typeof traceTrips>
beforeAll(async () => {
  gateway = await startGateway()
  await seed(gateway.app, origin, gateway.keys, gateway.clock.now)
  trips = traceTrips(gateway.store.client, gateway.store.tables)
  // The register is read, and the key for receipts opened, once a minute or once for all.
  for (const each of examples) await ask(each, {})
})
afterAll(() => gateway.close())

let cases = 0
/** Asks in a case of its own; gives the outcome and the calls, row by row. */
async function ask({ agency, officer, request }: (typeof examples)[number], changes: object) {
  trips.rows()
  const caseReference = `TRIPS-${++cases}`
  const body = { ...request, caseReference, ...changes }
  const { outcome } = await answered(await gateway.ask(agency, officer, body))
  return { outcome, rows: trips.rows() }
}
const [release, redact, deny] = examples
if (release === undefined || redact === undefined || deny === undefined)
  throw new Error('no example')

/** What was said of country and case, with its marks, and refused in the case. */
const marks = ['BatchGetItem decisions', 'BatchGetItem decisions']
const known = [...marks, ...Array<string>(3).fill('Query attestations')]
const fetched = [['Query records'], ['GetItem records', 'GetItem sealing', 'Query keys']]
/** The key is looked for alone where nothing was fetched, with which it would have been. */
const keyed = ['GetItem sealing', 'Query keys']
const entered = ['PutItem decisions']
/** What is kept back is remembered before anybody knows of it, at once with the row of an office. */
const refused = ['PutItem attestations']
const refusedAndWaiting = [...refused, ...refused]

describe('An answer waits for the store', () => {
  // Kills: a key that is looked for before the record is read, so that an erasure in between does not count.
  test('four times if it releases: what is known, the way to the record, the record and the key, the entry', async () => {
    expect(await ask(release, {})).toEqual({
      outcome: 'release',
      rows: [known, ...fetched, entered],
    })
  })

  // Kills: an answer that is given before what it refused is remembered.
  test('once more if it is told that something is kept back, which is remembered once it is entered', async () => {
    expect(await ask(redact, {})).toEqual({
      outcome: 'redact',
      rows: [known, ...fetched, entered, refused],
    })
  })

  // INVARIANT (a refusal tells nothing). Kills: a record looked for before the law lets us.
  test('for no record that it may not look for; offices hear of it once it is entered, the clock once it is sealed', async () => {
    expect(await ask(deny, {})).toEqual({
      outcome: 'deny',
      rows: [known, keyed, entered, refusedAndWaiting],
    })
  })

  // Kills: the row by which a threat to life is hinted at once, put after the office's own.
  test('no longer where a life is in danger, of which each office hears by two rows', async () => {
    const { outcome, rows } = await ask(deny, { urgency: 'imminent-threat-to-life' })
    // Of two offices; and one row for the clock, which looks before the entry is sealed.
    const puts = Array<string>(5).fill('PutItem attestations')
    expect(outcome).toBe('deny')
    expect(rows).toEqual([known, ['GetItem sealing', 'Query keys'], entered, puts])
  })

  test('as often for nobody as for somebody of whom nothing may be told', async () => {
    const of = (recordId: string) => ({ subject: { recordId } })
    const [one, nobody] = [of('R-EMPTY'), of('NOBODY')]
    await gateway.putRecord('DE-POL', personOf('R-EMPTY', []))
    for (const each of [one, nobody]) await ask(release, each)
    const hit = await ask(release, one)
    expect(hit.rows).toEqual([known, fetched[1], entered, refused])
    expect(await ask(release, nobody)).toEqual(hit)
  })

  // Kills: an entry that is longer where somebody was found, of whom nothing may be told.
  test('with as much written for nobody as for somebody with items of all classes asked for', async () => {
    const kinds = ['name', 'conviction', 'account', 'address', 'report', 'religion'] as const
    const items = kinds.flatMap((kind) =>
      [1, 2, 3, 4].map((i) => itemOf(kind, { id: `${kind}-${i}`, status: 'blocked' })),
    )
    await gateway.putRecord('DE-POL', personOf('R-BLOCKED', items))
    const classes = items.map((item) => item.class)
    const written = async (recordId: string) => {
      const body = { subject: { recordId }, classes: [...new Set(classes)], caseReference: 'WIDE' }
      const { id } = await answered(
        await gateway.ask('FR-SPOC', 'officer-7', { ...release.request, ...body }),
      )
      const entry = await gateway.world.ledger.read(id)
      return [entry?.leaf.out, entry?.leafBytes.length, entry?.ciphertext.length]
    }
    const one = await written('R-BLOCKED')
    expect(one[0]).toBe('deny')
    expect(await written('NOBODY')).toEqual(one)
  })

  // The key is made before the entry, and the way to it before the key.
  test('twice more if it is the first about somebody', async () => {
    const subject = { name: { given: 'No', family: 'Body' }, birthDate: '1980-01-01' }
    const made = [['PutItem keys'], ['PutItem keys']]
    expect(await ask(release, { subject })).toEqual({
      outcome: 'deny',
      rows: [known, ...fetched, ...made, entered, refused],
    })
  })

  // Kills: a stop that is told by the time it takes, as it is looked at before the others.
  test('twelve times if it is sent again: as a first call, for its entry, and for what would leave now, whatever stops that', async () => {
    const { messages, inbox, subjectKeys } = gateway.world
    const stops: readonly ((id: string) => Promise<unknown>)[] = [
      async () => undefined,
      messages.keepIn,
      (id) => inbox.decidedAgain(id, '2026-12-25T00:00:00.000Z'),
      async (id) => subjectKeys.restrict((await gateway.entry(id)).stored.kid, 'act'),
    ]
    const entry = [['GetItem decisions'], ['GetItem keys'], ['GetItem keys']]
    const stopped = ['GetItem attestations', 'GetItem attestations', 'GetItem keys']
    const rows = [
      ...[known, ...fetched, entered, ...entry],
      // What was said of the matter, too, which a first call begins.
      ...[
        [...marks.slice(1), ...known, 'Query attestations'],
        ['Query records'],
        ['GetItem records'],
      ],
      ...[stopped, ['GetItem keys']],
    ]
    for (const [i, stop] of stops.entries()) {
      const { agency, officer, request } = release
      const [body, jti] = [{ ...request, caseReference: `TRIPS-AGAIN-${i}` }, freshJti()]
      const send = () => gateway.ask(agency, officer, body, { jti })
      const { id } = await answered(await send())
      await stop(id)
      // A restricted person has a further key from the next call on.
      await send()
      trips.rows()
      expect((await send()).status).toBe(i === 0 ? 200 : 409)
      expect(trips.rows()).toEqual(rows)
    }
  })

  // Kills: what anybody has seen of a chain, read mark by mark; what a log has of one, read chain by chain.
  test('of an instance that has just started, once for each chain, once for its marks, once for the log, and thrice for what offices signed', async () => {
    // What nobody saw before, and what no log has yet, is written first.
    await askAnew('TRIPS-BEFORE')
    const chain = [['Query register'], ['BatchGetItem decisions']]
    const statements = ['BatchGetItem decisions']
    // Who asks, and then the holder; an office that vouched, once it is known what it vouched for.
    expect(await askAnew('TRIPS-FIRST')).toEqual([
      ...[...chain, ...chain, statements, known],
      // What offices vouched for is compared with its entries, which one key opens here.
      ...[['BatchGetItem decisions'], ['GetItem keys'], ['GetItem keys']],
      ...[...chain, ...fetched, entered],
    ])
  })
})

/** Asks an instance that has just started; gives its calls, row by row. */
async function askAnew(caseReference: string) {
  const { store, clock, world } = gateway
  const { client, tables } = store
  const register = dynamodbRegister(
    ...([client, tables.register, () => clock.now, demonstrationRegistrars] as const),
    ...([undefined, dynamodbMarks(client, tables.decisions)] as const),
  )
  // As a start does.
  await register.agency('XX-NONE')
  const ledger = dynamodbLedger(client, tables.decisions)
  const app = accessApi({ ...world, register, ledger }, () => undefined)
  const body = { ...release?.request, caseReference }
  const call = { method: 'POST', path: '/v1/access-requests', body } as const
  const send = await gateway.prepare('FR-SPOC', call, app)
  trips.rows()
  await answered(await send())
  return trips.rows()
}
