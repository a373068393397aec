/** Attacks where the register's chains meet the log, the year, and whose word an answer rests on. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodbMarks, putStatement, readChain } from '../../functions/adapters/chains-dynamodb.ts'
import { dynamodbRegister } from '../../functions/adapters/register-dynamodb.ts'
import { enterRegistered } from '../../functions/answer/entries/statements.ts'
import { registrarKeys } from '../../functions/demo/enrol.ts'
import { accessApi } from '../../functions/http/access-api.ts'
import { demonstrationRegistrars, signed } from '../../functions/identity/registrars.ts'
import { type AgencyStatement, type Body, chainOf } from '../../functions/identity/statements.ts'
import { nextLink } from '../../functions/policy/chain.ts'
import type { StatementKey } from '../../functions/policy/signed.ts'
import { leafIn } from '../../functions/proof/verify-entries.ts'
import { homicide, startHomicide } from '../answer/homicide.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { removeStatement } from '../chain-rows.ts'
import { keyOf, pairOf, tipOf, why } from '../identity/registering.ts'
import type { Gateway } from '../world.ts'

let at: Awaited<ReturnType<typeof startHomicide>>
let gateway: Gateway
beforeAll(async () => {
  at = await startHomicide({ now: '2026-12-31T12:00:00.000Z' })
  gateway = at.gateway
})
afterAll(() => gateway.close())

const pass = (ms: number) => gateway.clock.pass(ms)
const clerks = registrarKeys().slice(0, 2)
const rowsOf = async (id: string) =>
  (await readChain(
    gateway.store.client,
    gateway.store.tables.register,
    chainOf(id),
  )) as readonly AgencyStatement[]

type WithoutWhy<T> = T extends unknown ? Omit<T, 'why'> : never
/** States something of an agency; as of now, or as whoever signs says. */
async function state(
  id: string,
  body: WithoutWhy<Body>,
  keys: readonly StatementKey[] = clerks,
  statedAt = gateway.clock.now.toISOString(),
) {
  const tip = tipOf(chainOf(id), await rowsOf(id))
  const link = nextLink(chainOf(id), tip, statedAt, { ...body, why } as Body)
  const statement = signed(link, keys)
  await putStatement(gateway.store.client, gateway.store.tables.register, statement)
  return statement
}
const takeAway = ({ chain, number }: AgencyStatement) =>
  removeStatement(gateway.store, chain, number)

/** An instance that has just started, with nothing in its memory. */
function start() {
  const { client, tables } = gateway.store
  const now = () => gateway.clock.now
  const register = dynamodbRegister(
    client,
    tables.register,
    now,
    demonstrationRegistrars,
    undefined,
    dynamodbMarks(client, tables.decisions),
  )
  const world = { ...gateway.world, ledger: { ...gateway.world.ledger }, register }
  const app = accessApi(world, () => undefined)
  return {
    world,
    async ask(agency: string, body: object) {
      const call = { method: 'POST', path: '/v1/access-requests', body }
      const response = await (await gateway.prepare(agency, call, app))()
      const json = (await response.json()) as { id: string }
      return { status: response.status, id: json.id }
    },
  }
}

const assurance = 'assurance.deathPenalty'

describe('A key that others had', () => {
  // Promise: nor behind what the log of the agency’s jurisdiction has; an instance that knows less lets nothing go.
  test('lets nothing go by its office’s word in an instance that starts once its revocation was deleted', async () => {
    const own = keyOf(pairOf('ministry-2'))
    await state('GB-MIN', { act: 'add-key', key: own })
    const body = homicide()
    const { id } = await start().ask('US-POL', body)
    pass(60_000)
    const [before] = await rowsOf('GB-MIN')
    const stolen = before?.body.act === 'join' ? before.body.keys[0]?.kid : undefined
    if (stolen === undefined) throw new Error('GB-MIN has no key')
    const since = gateway.clock.now.toISOString()
    pass(1000)
    await at.assure(id)
    const known = async (by: ReturnType<typeof start>) => {
      const answer = await by.ask('US-POL', { ...body, previous: id })
      return answer.status === 201 ? at.factIn(answer.id, assurance) : answer.status
    }
    expect(await known(start())).toBe('given-and-verified')
    const revoked = await state('GB-MIN', {
      act: 'revoke-key',
      kid: stolen,
      compromisedSince: since,
    })
    pass(61_000)
    const one = start()
    expect(await known(one)).toBe('none')
    // The next act of the ministry, with the key that it has still: the log has the revocation from then on.
    const ministry = await one.world.register.agency('GB-MIN')
    if (ministry === undefined) throw new Error('GB-MIN is not there')
    expect(
      await enterRegistered([ministry], gateway.clock.now.toISOString(), one.world),
    ).toBeUndefined()
    await takeAway(revoked)
    try {
      expect(await known(start())).not.toBe('given-and-verified')
    } finally {
      await putStatement(gateway.store.client, gateway.store.tables.register, revoked)
    }
  })

  // The same promise.
  test('does not sign in a new year in an instance that starts once its revocation was deleted', async () => {
    const body = requestOf({ subject: { recordId: 'D-1' } })
    await state('ES-SPOC', { act: 'add-key', key: keyOf(pairOf('thief')) })
    const revoked = await state('ES-SPOC', { act: 'revoke-key', kid: 'thief' })
    pass(61_000)
    expect((await start().ask('ES-SPOC', body)).status).toBe(201)
    await takeAway(revoked)
    expect((await start().ask('ES-SPOC', body)).status).toBeGreaterThanOrEqual(500)
    gateway.clock.now = new Date('2027-01-01T00:00:10.000Z')
    const later = start()
    expect((await later.ask('ES-SPOC', body)).status).toBeGreaterThanOrEqual(500)
  })

  // Promise (registered.ts): what came since the call was verified: nothing is entered on what was believed before.
  test('signs no entry after that of its own revocation, which was read while its call was answered', async () => {
    const body = requestOf({ subject: { recordId: 'D-1' } })
    const keys = (await gateway.world.register.agency('FR-SPOC'))?.keys ?? []
    const one = start()
    expect((await one.ask('FR-SPOC', body)).status).toBe(201)
    pass(1000)
    for (const { kid } of keys) await state('FR-SPOC', { act: 'revoke-key', kid })
    pass(58_500)
    // Verified by what was read 59 seconds ago; a second passes before its entry is made.
    const { register } = one.world
    let isSlow = true
    const agency: typeof register.agency = async (id) => {
      const found = await register.agency(id)
      if (id !== 'FR-SPOC') return found
      if (isSlow) pass(1000)
      isSlow = false
      return found
    }
    const app = accessApi({ ...one.world, register: { ...register, agency } }, () => undefined)
    const call = { method: 'POST', path: '/v1/access-requests', body }
    const response = await (await gateway.prepare('FR-SPOC', call, app))()
    const items = await gateway.store.rows.decisions.everything()
    const entered = items.flatMap(({ leaf }) => (leaf?.B ? (leafIn(leaf.B) ?? []) : []))
    const own = entered.filter(({ stated }) => stated?.chain === chainOf('FR-SPOC'))
    // Nor is the revocation there: nothing is entered on what was believed before.
    expect([own.length, response.status]).toEqual([1, 503])
  })
})

describe('Whoever signs a statement', () => {
  const [one, two] = [pairOf('fr-1'), pairOf('fr-2', 'P-256')]

  // Promise: what a compromised key named is not named.
  test('with two keys that were stolen names nobody, whatever day they write', async () => {
    for (const pair of [one, two]) await state('GB-MIN', { act: 'add-key', key: keyOf(pair) })
    const instance = start()
    const agency = await instance.world.register.agency('GB-MIN')
    expect(agency?.officers).toBeUndefined()
    const backdated = gateway.clock.now.toISOString()
    pass(7 * 86_400_000)
    const since = gateway.clock.now.toISOString()
    expect((await instance.world.register.agency('GB-MIN'))?.officers).toBeUndefined()
    pass(86_400_000)
    await state(
      'GB-MIN',
      { act: 'name-officers', officers: [{ id: 'thief', may: ['attest'] }] },
      [one.secret, two.secret],
      backdated,
    )
    for (const { kid } of [one.open, two.open])
      await state('GB-MIN', { act: 'revoke-key', kid, compromisedSince: since })
    pass(61_000)
    const officers = (await instance.world.register.agency('GB-MIN'))?.officers ?? []
    expect(officers.map(({ id }) => id)).not.toContain('thief')
  })

  // INVARIANT (two give, one takes): what one signature does can be undone by two.
  test('with a stolen key that ends itself does not end for ever what it vouched for before it was stolen', async () => {
    const stolen = pairOf('stolen')
    await state('JP-NCB', { act: 'add-key', key: keyOf(stolen) })
    pass(7 * 86_400_000)
    const taken = gateway.clock.now.toISOString()
    const body = { act: 'revoke-key', kid: 'stolen' } as const
    await state('JP-NCB', { ...body, compromisedSince: '1970-01-01T00:00:00Z' }, [stolen.secret])
    pass(60_000)
    await state('JP-NCB', { ...body, compromisedSince: taken })
    pass(61_000)
    const agency = await start().world.register.agency('JP-NCB')
    expect(agency?.keys.find(({ kid }) => kid === 'stolen')?.compromisedSince).toBe(taken)
  })
})

describe('A deployment that serves fewer states than before', () => {
  // Promise: what was kept of another state before stays in its tables until its holder has it erased.
  test('lets a holder that it serves no longer have its records erased', async () => {
    await gateway.putRecord('DE-POL', personOf('R-9', [itemOf('name')]))
    await gateway.putRecord('DE-POL', personOf('R-10', [itemOf('name')]))
    const erase = async (id: string, holds: readonly string[]) => {
      const app = accessApi({ ...gateway.world, holds }, () => undefined)
      const call = { method: 'DELETE', path: `/v1/records/${id}` }
      return (await (await gateway.prepare('DE-POL', call, app))()).status
    }
    expect(await erase('R-9', ['DE', 'GB'])).toBe(201)
    expect(await erase('R-10', ['GB'])).toBe(201)
  })
})
