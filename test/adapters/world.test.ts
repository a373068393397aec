/** What a deployment makes of its configuration. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { lazy } from '../../functions/adapters/lazy-ports.ts'
import { rareStores } from '../../functions/adapters/rare-stores.ts'
import { tables } from '../../functions/adapters/tables.ts'
import { makeWorld } from '../../functions/adapters/world.ts'
import { readConfig } from '../../functions/config.ts'
import { agencies, testPartners } from '../../functions/demo/agencies.ts'
import { enrol } from '../../functions/demo/enrol.ts'
import { registeredAgencies } from '../../functions/demo/seed.ts'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { readBook } from '../../functions/policy/read-book.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { fixedLaw } from '../fixed-law.ts'
import { origin } from '../world.ts'

let store: Store
beforeAll(async () => {
  store = await startDynalite()
  const all = registeredAgencies(new Map(), '2026-01-01T00:00:00Z', [
    ...agencies.slice(0, 1),
    ...testPartners,
  ])
  await enrol(store.client, store.tables.register, all, new Date())
})
afterAll(() => store.close())

const names = Object.fromEntries(
  Object.values(tables).map(({ variable, localName }) => [variable, localName]),
)
const config = readConfig({
  ...names,
  COMITY_ORIGIN: origin,
  COMITY_GATEWAY: 'comity.test',
  COMITY_REGISTRARS: JSON.stringify(demonstrationRegistrars),
  COMITY_ENVIRONMENT: 'dev',
})

async function opened(environment: string, stores = rareStores) {
  const wrapper = {
    wrap: async (bytes: Uint8Array) => bytes,
    unwrap: async (bytes: Uint8Array) => bytes,
  }
  const { book } = readBook([], () => undefined)
  const around = {
    law: fixedLaw(book),
    wrapper,
    build: 'test',
    stores,
    client: store.client,
  }
  return makeWorld({ ...config, COMITY_ENVIRONMENT: environment }, around)
}

async function known(environment: string) {
  const { register } = await opened(environment)
  const one = async (id: string) => (await register.agency(id))?.id
  const all = (await register.all()).map(({ id }) => id).toSorted()
  return { all, each: await Promise.all(['DE-POL', 'DE-TEST', 'DE-TEST-AWAY'].map(one)) }
}

// Kills: a register of `prod` in which somebody who plays a holder is one.
test('A gateway of prod knows no test partner, though two registrars signed that it joins', async () => {
  expect(await known('prod')).toEqual({ all: ['DE-POL'], each: ['DE-POL', undefined, undefined] })
  const everybody = ['DE-POL', 'DE-TEST', 'DE-TEST-AWAY']
  for (const environment of ['dev', 'staging'])
    expect(await known(environment)).toEqual({ all: everybody, each: everybody })
})

// Kills: a store that every entry asks, and that is read with the first answer all the same.
test('Whether an entry was sealed is asked without the stores that are read later', async () => {
  const unread = () => lazy<ReturnType<typeof rareStores>>(() => Promise.reject(new Error('read')))
  const { sealed } = await opened('dev', unread)
  expect(await sealed.placeOf('x'.repeat(43))).toBeUndefined()
  expect(await sealed.marked('comity.test/DE/2026')).toBe(0)
})
