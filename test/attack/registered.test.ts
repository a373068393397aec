/** An administrator takes back what was stated of an agency, and starts an instance that has seen nothing. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dynamodbMarks, putStatement, readChain } from '../../functions/adapters/chains-dynamodb.ts'
import { dynamodbRegister } from '../../functions/adapters/register-dynamodb.ts'
import { registrarKeys } from '../../functions/demo/enrol.ts'
import { accessApi } from '../../functions/http/access-api.ts'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { type AgencyStatement, chainOf } from '../../functions/identity/statements.ts'
import { leafIn } from '../../functions/proof/verify-entries.ts'
import { requestOf } from '../answer/people.ts'
import { removeStatement } from '../chain-rows.ts'
import { keyOf, type Pair, pairOf, stated } from '../identity/registering.ts'
import { type Gateway, startGateway } from '../world.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())
beforeEach(() => pass(120_000))

const agency = 'GB-POL'
const pass = (ms: number) => gateway.clock.pass(ms)
const rows = async () =>
  (await readChain(
    gateway.store.client,
    gateway.store.tables.register,
    chainOf(agency),
  )) as readonly AgencyStatement[]
const clerks: readonly Pair[] = registrarKeys().map((secret) => ({ secret, open: secret as never }))
const state = async (body: Parameters<typeof stated>[1]) => {
  const statement = stated(await rows(), body, clerks.slice(0, 2), agency)
  await putStatement(gateway.store.client, gateway.store.tables.register, statement)
  return statement
}
const takeAway = (number: number) => removeStatement(gateway.store, chainOf(agency), number)

/** An instance that has just started. */
function start() {
  const { client, tables } = gateway.store
  const register = dynamodbRegister(
    client,
    tables.register,
    () => gateway.clock.now,
    demonstrationRegistrars,
    undefined,
    dynamodbMarks(client, tables.decisions),
  )
  const app = accessApi({ ...gateway.world, register }, () => undefined)
  return async (path = '/v1/access-requests') => {
    const body = requestOf({ subject: { recordId: 'D-1' } })
    const call = { method: 'POST', path, body }
    return (await (await gateway.prepare(agency, call, app))()).status
  }
}

const entered = async () => {
  const items = await gateway.store.rows.decisions.everything()
  return items
    .flatMap(({ leaf }) => (leaf?.B === undefined ? [] : (leafIn(leaf.B) ?? [])))
    .filter(({ stated: of }) => of?.chain === chainOf(agency))
    .map(({ log, stated: of }) => [log.split('/')[1], of?.number])
    .sort()
}

const spare = keyOf(pairOf('spare'))

// Kills: a statement that is no entry of any log (registered.ts); a log that is not looked at (statements.ts).
test('what was stated is an entry before the agency’s next act, and who knows less lets nothing go', async () => {
  const one = start()
  expect(await one()).toBe(201)
  expect(await entered()).toEqual([['gb', 1]])
  const given = await state({ act: 'add-key', key: spare })
  const revoked = await state({ act: 'revoke-key', kid: spare.kid })
  pass(61_000)
  expect(await one()).toBe(201)
  expect(await entered()).toEqual([
    ['gb', 1],
    ['gb', given.number],
    ['gb', revoked.number],
  ])
  await takeAway(revoked.number)
  const two = start()
  for (let i = 0; i < 2; i += 1) expect(await two()).toBeGreaterThanOrEqual(500)
  // Once the row is back, it is known that the key was revoked, and what the others sign is answered.
  await putStatement(gateway.store.client, gateway.store.tables.register, revoked)
  pass(61_000)
  expect(await two()).toBe(201)
})

test('an instance that only read too early goes on as soon as it has read anew', async () => {
  const [early, late] = [start(), start()]
  expect([await early(), await late()]).toEqual([201, 201])
  pass(61_000)
  expect(await early()).toBe(201)
  await state({ act: 'add-key', key: keyOf(pairOf('day')) })
  const fresh = start()
  expect(await fresh()).toBe(201)
  pass(30_000)
  // It learns from the log that it is behind: this once nothing is answered, then by what it reads now.
  const statuses = []
  for (let i = 0; i < 3; i += 1) {
    pass(31_000)
    statuses.push(await early())
  }
  expect(statuses.at(-1)).toBe(201)
  expect(statuses.filter((each) => each !== 201 && each !== 503)).toEqual([])
})
