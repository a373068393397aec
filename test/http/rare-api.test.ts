/** Calls that an instance reads once one of them comes. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { CallRow, CallRows } from '../../functions/http/calls.ts'
import { rareCalls } from '../../functions/http/rare-api.ts'
import { openCalls, type RareCall, signedCalls } from '../../functions/http/routes.ts'
import { type Gateway, problemOf, startGateway } from '../world.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

// Kills: a route that nothing answers and no document has; a row that no door leads to.
test('A route without a row does not compile, nor a row without a route', () => {
  const { 'GET /v1/inbox': inbox, ...others } = rareCalls
  // @ts-expect-error: no row says what takes a call of the inbox, and how it is described.
  const withoutRow: Readonly<Record<RareCall, CallRow>> = others
  // @ts-expect-error: no route leads to it.
  const withoutRoute: CallRows = { 'GET /v1/nowhere': inbox }
  expect([withoutRow, withoutRoute]).toHaveLength(2)
  const routes = new Set<string>([...signedCalls, ...openCalls])
  expect(Object.keys(rareCalls).filter((call) => !routes.has(call))).toEqual([])
})

// Kills: a call that is read later and passes no guard; a guard before what needs no signature.
test('A call that is read later needs a signature where its route says so', async () => {
  for (const [routes, isOpen] of [
    [['GET /', ...openCalls], true],
    [signedCalls, false],
  ] as const)
    for (const route of routes) {
      const [method = '', path = ''] = route.replaceAll(/:\w+/g, 'x').split(' ')
      const { status } = await gateway.app.request(path, { method })
      expect([route, status === 401]).toEqual([route, !isOpen])
    }
})

// Kills: a failure of such a call that says what failed, or has no line.
test('A call that is read later fails as every other does', async () => {
  const broken = await startGateway({
    change: (world) => ({
      ...world,
      inbox: { ...world.inbox, list: async () => Promise.reject(new Error('of a secret')) },
    }),
  })
  try {
    const response = await broken.call('DE-POL', { path: '/v1/inbox' })
    expect(await response.clone().text()).not.toContain('secret')
    expect(await problemOf(response)).toMatchObject({ status: 500, code: 'internal' })
    expect(broken.events.filter(({ event }) => event === 'failed')).toHaveLength(1)
    expect(broken.answers.at(-1)).toMatchObject({
      route: '/v1/inbox',
      status: 500,
      code: 'internal',
    })
  } finally {
    await broken.close()
  }
})

// Kills: code that could not be read once, and then fails every call of its instance but to ask.
test('Calls that could not be read are read with the next of them', async () => {
  const path = '../../functions/http/rare-api.ts'
  const fresh = await startGateway()
  try {
    vi.doMock(path, () => Promise.reject(new Error('EMFILE: too many open files')))
    expect((await fresh.app.request('/v1/vocabulary')).status).toBe(500)
    vi.doUnmock(path)
    expect((await fresh.app.request('/v1/vocabulary')).status).toBe(200)
  } finally {
    vi.doUnmock(path)
    await fresh.close()
  }
})
