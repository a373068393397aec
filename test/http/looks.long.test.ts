/** Every row of the table of looks: it has its entry or shows nothing, its own role, and its place in the document. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Look } from '../../functions/audit/look.ts'
import { looks } from '../../functions/audit/looks.ts'
import { auditApi } from '../../functions/http/audit-api.ts'
import { lookAddresses } from '../../functions/ledger/agency-call.ts'
import type { Appended } from '../../functions/ports.ts'
import { type Call, problemOf } from '../world.ts'
import { type Audience, offices, routes, startAudience } from './audit-calls.ts'
import { type ApiDocument, documentAt, operationsIn } from './document.ts'

const quarterMs = 15 * 60_000
let audience: Audience
let served: ApiDocument
beforeAll(async () => {
  audience = await startAudience()
  served = await documentAt(audience.gateway.audit, '/audit/openapi.json')
  for (const office of Object.values(offices))
    await audience.gateway.change(office, { requestsPerMinute: 100_000 })
})
afterAll(() => audience.gateway.stop())
beforeEach(() => {
  const { clock } = audience.gateway
  clock.now = new Date(Math.ceil((clock.now.getTime() + 1) / quarterMs) * quarterMs)
})

const rows = Object.values<Look>(looks).map(
  (look) => [`${look.method} ${look.path}`, look] as const,
)

/** Its good call, by whom, and what an answer to it says that a refusal must not. */
async function goodCall(name: string) {
  const route = routes[name]
  if (route === undefined) throw new Error(`there is no ${name}`)
  return { route, office: offices[route.role], call: await route.call(audience) }
}

/** What is entered by what is done. */
async function enteredBy(act: () => Promise<unknown>): Promise<number> {
  const { looks } = audience.gateway
  const before = looks.length
  await act()
  return looks.length - before
}

test.each(rows)('%s shows nothing of what it read while its entry cannot be made', async (name) => {
  const { gateway } = audience
  const { office, call } = await goodCall(name)
  const shown = await (await gateway.callAudit(office, call)).arrayBuffer()
  expect(shown.byteLength).toBeGreaterThan(0)
  const attempts: string[] = []
  const append = async ({ leaf }: { readonly leaf: { readonly t: string } }): Promise<Appended> => {
    attempts.push(leaf.t)
    return { kind: 'unavailable', why: 'away' }
  }
  const ledger = { ...gateway.auditWorld.ledger, append }
  const away = auditApi({ ...gateway.auditWorld, ledger }, () => {}, gateway.acts)
  const refused = await (await gateway.prepareAudit(office, call, away))()
  expect(await problemOf(refused)).toEqual({ status: 503, code: 'not-durable', errors: [] })
  expect(attempts).toEqual(['consultation'])
})

/** What sets an alarm is said anew by each call: one that is set, taken back and set again is set. */
const isSaid = (name: string) => name === 'POST /v1/alarms'

test.each(rows)('%s is one entry however often it is asked, and another later', async (name) => {
  const { gateway } = audience
  const { office, call } = await goodCall(name)
  const look = async (changes: Partial<Call> = {}) => {
    const { status } = await gateway.callAudit(office, { ...call, ...changes })
    expect(status).toBe(200)
  }
  const inPurpose = (purpose: string): Partial<Call> =>
    call.body === undefined
      ? { path: call.path.replace('purpose=lawfulness', `purpose=${purpose}`) }
      : { body: { ...Object(call.body), purpose } }
  expect(await enteredBy(look)).toBe(1)
  expect(await enteredBy(look)).toBe(isSaid(name) ? 1 : 0)
  expect(await enteredBy(() => look({ officer: 'auditor-2' }))).toBe(1)
  expect(await enteredBy(() => look(inPurpose('self-monitoring')))).toBe(1)
  gateway.clock.pass(quarterMs)
  expect(await enteredBy(look)).toBe(1)
})

test.each(rows)(
  '%s is refused to other offices, and is no entry then',
  async (name, { isOfOne }) => {
    const { route, call } = await goodCall(name)
    for (const [role, office] of Object.entries(offices)) {
      if (role === route.role) continue
      const entered = await enteredBy(async () =>
        expect(await problemOf(await audience.gateway.callAudit(office, call)), role).toMatchObject(
          isOfOne ? { status: 404, code: 'not-found' } : { status: 403, code: 'not-your-role' },
        ),
      )
      expect(entered).toBe(0)
    }
  },
)

// Kills: a look that no verifier knows, so that its evidence would not hold; an address that is no look’s.
test('every row, and nothing else, is a look to whoever verifies', () => {
  const named = rows.map(([, { right, action = right, method, path }]) => [action, [method, path]])
  expect(lookAddresses).toEqual(Object.fromEntries(named))
})

test.each(rows)('%s is in the document, with its question and every problem', (name, look) => {
  const operation = operationsIn(served).get(name)
  expect(operation?.summary).toBe(look.summary)
  expect(operation?.requestBody !== undefined).toBe(look.method === 'POST')
  const said = Object.values(operation?.responses ?? {}).map(({ description }) => description)
  for (const code of ['invalid-request', 'not-durable', ...look.problems])
    expect(said.join('; ')).toContain(`${code}: `)
})
