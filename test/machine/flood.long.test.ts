/** Agencies are answered while 64 connections that signed nothing are as busy as they may be. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { examples } from '../../functions/demo/demonstration.ts'
import { freshJti, removeFolders } from '../demo/process.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { problemOf } from '../world.ts'
import { bodies, copiedKey, flood } from './flood.ts'
import { type Served, type Site, startSite } from './site.ts'

let store: Store
let site: Site
beforeAll(async () => {
  store = await startDynalite()
  site = await startSite(store.client, { COMITY_DYNAMODB_ENDPOINT: store.endpoint })
}, 120_000)
afterAll(async () => {
  await site.close()
  await store.close()
  await removeFolders()
})

const [connections, calls] = [64, 24]

/**
 * How often a call is sent whose entry the store was too slow for. The store shares this process with the flood: on a
 * busy machine it stalls, and then calls are answered 503 (`not-durable`) where nobody floods, too. What the door refuses
 * it refuses with 429, and a flood that kept answers from being in time would do so to each of these.
 */
const triesMax = 3

/** Whether it is the store that a call was too late for. */
const isStoreSlow = async (response: Response): Promise<boolean> =>
  response.status === 503 && (await problemOf(response.clone())).code === 'not-durable'

/** The statuses of signed calls, four at once. */
async function ask(machine: Served) {
  const statuses: number[] = []
  const one = examples[0]
  if (one === undefined) throw new Error('no example')
  const { agency, officer, request: body } = one
  const client = async () => {
    while (statuses.length < calls) {
      const call = { method: 'POST', path: '/v1/access-requests', body, jti: freshJti() }
      let response = await machine.send(agency, officer, call)
      for (let tries = 1; tries < triesMax && (await isStoreSlow(response)); tries++)
        response = await machine.send(agency, officer, call)
      // Of a retry, the first answer was the entry's.
      statuses.push(response.status === 200 ? 201 : response.status)
    }
  }
  await Promise.all(Array.from({ length: 4 }, client))
  return statuses
}

// Everybody in these tests calls from one address: a flood of the agency's own network is the worst.
test.each([
  ['on their own connections', { COMITY_PROXIES: '[]' }],
  ['by a proxy that names nobody', {}],
])(
  'None is refused beside a flood of their own network, %s',
  async (_, more) => {
    const machine = await site.start(more)
    try {
      const kinds = Object.entries(bodies(await copiedKey(site.data, 'FR-SPOC')))
      for (const [kind, unsigned] of kinds) {
        const stop = flood(machine.port, connections, unsigned)
        const statuses = await ask(machine)
        const answered = await stop()
        expect([kind, statuses.filter((each) => each !== 201)]).toEqual([kind, []])
        // The flood was one: it was answered, too, but for what never ends.
        if (unsigned.body !== 'never-ends') expect(answered).toBeGreaterThan(connections)
      }
    } finally {
      await machine.end('SIGTERM')
    }
  },
  // An answer that the store was too late for takes half a minute.
  300_000,
)
