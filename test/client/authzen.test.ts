/** AuthZEN through the bridge, with a real gateway behind it; what is asked is the specification's own, or a dry run. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { evaluations } from '../../functions/client/authzen.ts'
import { startBridge } from '../../functions/client/bridge.ts'
import { keptIds } from '../../functions/client/kept-ids.ts'
import { accessApi } from '../../functions/http/access-api.ts'
import { attestAll, benignOfMember } from '../answer/people.ts'
import { freePort } from '../demo/process.ts'
import { serving } from '../serving.ts'
import { type Gateway, startGateway } from '../world.ts'

let gateway: Gateway
let server: Awaited<ReturnType<typeof serving>>
let at: string
let stop = () => {}
const state = mkdtempSync(join(tmpdir(), 'comity-authzen-'))
beforeAll(async () => {
  let app: ReturnType<typeof accessApi>
  server = await serving((request) => app.fetch(request))
  const { url } = server
  const now = new Date().toISOString()
  gateway = await startGateway({ now })
  app = accessApi({ ...gateway.world, origin: url }, () => {})
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  const key = gateway.keys.get('FR-SPOC')
  if (key === undefined) throw new Error('no key')
  const port = await freePort()
  const sending = { agency: 'FR-SPOC', url, key, ids: keptIds(state), log: () => {}, forMs: 5000 }
  stop = await startBridge(sending, 'officer-7', `127.0.0.1:${port}`, undefined)
  at = `http://127.0.0.1:${port}`
})
afterAll(async () => {
  stop()
  await server.close()
  await gateway.close()
  rmSync(state, { recursive: true })
})

const evaluate = async (body: unknown, headers: Record<string, string> = {}) => {
  const sent = typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body)
  const type = { 'content-type': 'application/json' }
  const call = { method: 'POST', headers: { ...type, ...headers }, body: sent }
  const response = await fetch(`${at}/access/v1/evaluation`, call)
  const text = await response.text()
  const id = response.headers.get('x-request-id')
  const isJson = response.headers.get('content-type') === 'application/json'
  return { status: response.status, id, text, ...(isJson && JSON.parse(text)) }
}

/** What an officer of France would ask. */
const question = (changes: { classes?: string[]; context?: object; action?: object } = {}) => ({
  subject: { type: 'officer', id: 'officer-7' },
  action: {
    name: 'investigation',
    properties: {
      ...{ instrument: 'EU-2023/977', channel: 'siena', stage: 'suspect', urgency: 'none' },
      offence: { category: 'ordinary', maxCustodyMonths: 60 },
      necessity: { statement: 'To find the suspect.', strictlyNecessaryClasses: [] },
    },
    ...changes.action,
  },
  resource: {
    type: 'holder',
    id: 'DE-POL',
    properties: {
      subject: { recordId: 'R-1' },
      classes: changes.classes ?? ['identification'],
      hypotheses: (changes.classes ?? ['identification']).map((each) => ({
        ...{
          class: each,
          role: 'suspect',
          minor: false,
          origin: 'holder',
          originConsent: 'own-data',
          system: 'national',
        },
        ...{ quality: 'verified', status: 'active', youthRecord: 'none', yearsSinceEvent: 1 },
      })),
    },
  },
  context: changes.context ?? { caseReference: 'FR-1' },
})

// Kills: `true` for a caller who does not know the duties that travel with the data.
test('It is a yes only to whoever can honour every duty, and says which are missing', async () => {
  const without = await evaluate(question())
  expect(without).toMatchObject({ status: 200, decision: false, context: { outcome: 'release' } })
  const { cannotHonour: all, obligations } = without.context
  expect(all.length).toBeGreaterThan(1)
  expect(obligations.map(({ code }: { code: string }) => code)).toEqual(expect.arrayContaining(all))
  const [one, ...others] = all
  const some = await evaluate(question({ context: { caseReference: 'FR-1', canHonour: others } }))
  expect([some.decision, some.context.cannotHonour]).toEqual([false, [one]])
  const whole = await evaluate(question({ context: { caseReference: 'FR-1', canHonour: all } }))
  expect([whole.decision, whole.context.cannotHonour]).toEqual([true, []])
})

// Kills: `true` where nothing was supposed of a class that is asked for.
test('A class of which nothing is supposed is a no', async () => {
  const { cannotHonour: canHonour } = (await evaluate(question())).context
  const asked = question({ context: { caseReference: 'FR-1', canHonour } })
  asked.resource.properties.classes = ['identification', 'location']
  expect((await evaluate(asked)).decision).toBe(false)
})

// Kills: `true` for an answer of which a class stays behind.
test('A part is a no, with reasons for administrators and for users', async () => {
  const { cannotHonour: canHonour } = (await evaluate(question())).context
  const context = { caseReference: 'FR-1', canHonour }
  const { decision, context: told } = await evaluate(
    question({ classes: ['identification', 'biometric'], context }),
  )
  expect(decision).toBe(false)
  expect(told.outcome).toBe('redact')
  for (const { id, reason_admin, reason_user } of told.reasons)
    expect([id, reason_admin.en, reason_user.en].map((each) => typeof each)).toEqual(
      Array(3).fill('string'),
    )
  expect(JSON.stringify(told.reasons)).toContain('human-decision')
})

test('It is asked as the officer, leaves an entry as a dry run, and fetches nothing', async () => {
  const { context } = await evaluate(question())
  const path = `/v1/access-requests/${context.id}`
  const found = await gateway.call('FR-SPOC', { path })
  expect(await found.json()).toMatchObject({ dryRun: true, holder: 'DE-POL' })
  // No caller can make it a request for data.
  const told = await evaluate(question({ action: { properties: { dryRun: false } } }))
  expect([told.status, told.text.includes('dryRun')]).toEqual([400, false])
})

// The examples of the specification, sections 6.1 and 10.1.
test('What another service would be asked is a no, and what is no evaluation is an error', async () => {
  const example = {
    subject: { type: 'user', id: 'alice@acmecorp.com' },
    resource: { type: 'account', id: '123' },
    action: { name: 'can_read', properties: { method: 'GET' } },
    context: { time: '1985-10-26T01:22-07:00' },
  }
  const headers = { 'x-request-id': 'bfe9eb29-ab87-4ca3-be83-a1d5d8305716' }
  expect(await evaluate(example, headers)).toMatchObject({
    ...{ status: 200, decision: false, id: headers['x-request-id'] },
    context: { reasons: [{ id: '0' }] },
  })
  for (const member of ['subject', 'resource', 'action'] as const) {
    const { [member]: _, ...rest } = example
    const missing = await evaluate(rest, headers)
    expect(missing).toMatchObject({ status: 400, id: headers['x-request-id'] })
    expect(missing.text).toBe(`/${member}`)
  }
  expect(await evaluate('{')).toMatchObject({ status: 400 })
  expect(await evaluate('['.repeat(10_000))).toMatchObject({ status: 400 })
  expect(await evaluate(' '.repeat(20_000))).toMatchObject({ status: 413 })
})

test('A fault in the question is an error that names the place', async () => {
  const told = await evaluate(question({ action: { name: 'curiosity' } }))
  expect([told.status, told.text]).toEqual([400, expect.stringContaining('/purpose')])
})

// Kills: an evaluation about somebody else, since an old system writes names in another encoding.
test('A question that is not UTF-8 is an error', async () => {
  const subject = { name: { given: 'Jörg', family: 'Größe' }, birthDate: '1979-03-14' }
  const text = JSON.stringify(
    question({ action: { name: 'investigation', properties: { subject } } }),
  )
  const told = await evaluate(new Blob([Buffer.from(text, 'latin1')]))
  expect([told.status, told.text]).toEqual([400, 'the body is not UTF-8'])
})

test('A page in a browser evaluates nothing', async () => {
  expect(await evaluate(question(), { origin: 'https://evil.example' })).toMatchObject({
    status: 403,
  })
})

// Kills: a batch that goes on for forty minutes while the gateway is away, its caller long gone.
test('A batch begins no further evaluation once two minutes are over', async () => {
  let [ms, asked] = [0, 0]
  const ask = async () => {
    asked += 1
    ms += 50_000
    return { status: 504, type: 'application/problem+json', body: '{}' }
  }
  const batch = JSON.stringify({ evaluations: Array.from({ length: 20 }, () => question()) })
  const { evaluations: told } = JSON.parse((await evaluations(batch, ask, () => ms)).body)
  expect(asked).toBe(3)
  expect(told).toHaveLength(20)
  for (const each of told)
    expect(each).toMatchObject({ decision: false, context: { error: { status: 504 } } })
})

// Kills: a body of any type, taken for a question.
test('A question is JSON by its content type, too', async () => {
  const told = await evaluate(question(), { 'content-type': 'text/plain' })
  expect([told.status, told.text]).toEqual([400, 'the content type is not application/json'])
  expect(
    (await evaluate(question(), { 'content-type': 'application/json; charset=utf-8' })).status,
  ).toBe(200)
})

test('The metadata says where evaluations are asked', async () => {
  const response = await fetch(`${at}/.well-known/authzen-configuration`)
  expect([response.headers.get('content-type'), await response.json()]).toEqual([
    'application/json',
    {
      policy_decision_point: at,
      access_evaluation_endpoint: `${at}/access/v1/evaluation`,
      access_evaluations_endpoint: `${at}/access/v1/evaluations`,
    },
  ])
})

const evaluateAll = async (body: object) => {
  const headers = { 'content-type': 'application/json' }
  const call = { method: 'POST', headers, body: JSON.stringify(body) }
  const response = await fetch(`${at}/access/v1/evaluations`, call)
  const text = await response.text()
  return { status: response.status, text, ...(response.ok && JSON.parse(text)) }
}

// Kills: an answer that is given to another evaluation; defaults that are lost; one failure that fails all.
test('A batch is answered in its order, each by defaults and its own, and a fault is a no with its reason', async () => {
  const { cannotHonour: canHonour } = (await evaluate(question())).context
  const { resource, ...common } = question({ context: { caseReference: 'FR-1', canHonour } })
  const other = { ...resource, properties: { ...resource.properties, classes: ['biometric'] } }
  const all = [
    { resource },
    { resource: other },
    { resource, action: { name: 'curiosity' } },
    { resource, subject: { type: 'user', id: 'alice' } },
    {},
  ]
  const told = await evaluateAll({ ...common, evaluations: all })
  expect(told.decision).toBeUndefined()
  expect(told.evaluations).toMatchObject([
    { decision: true, context: { outcome: 'release' } },
    { decision: false },
    { decision: false, context: { error: { status: 400, message: expect.stringContaining('/') } } },
    { decision: false, context: { reasons: [{ id: '0' }] } },
    { decision: false, context: { error: { status: 400, message: '/resource' } } },
  ])
})

// The specification, section 7.1.2.1.
test('A batch ends at the first no, or the first yes, where that is asked for', async () => {
  const { cannotHonour: canHonour } = (await evaluate(question())).context
  const { resource, ...common } = question({ context: { caseReference: 'FR-1', canHonour } })
  const no = { resource: { ...resource, type: 'account' } }
  const decisions = async (of: object[], evaluations_semantic?: string) => {
    const asked = { ...common, evaluations: of, options: { evaluations_semantic, other: 1 } }
    const told = await evaluateAll(asked)
    return told.evaluations?.map(({ decision }: { decision: boolean }) => decision) ?? told.status
  }
  const yes = { resource }
  expect(await decisions([yes, no, yes])).toEqual([true, false, true])
  expect(await decisions([yes, no, yes], 'execute_all')).toEqual([true, false, true])
  expect(await decisions([yes, no, yes], 'deny_on_first_deny')).toEqual([true, false])
  expect(await decisions([no, yes, no], 'permit_on_first_permit')).toEqual([false, true])
  expect(await decisions([yes, no], 'whatever')).toBe(400)
  // Without any, it is a single evaluation (section 7.1).
  expect(await evaluateAll({ ...common, resource })).toMatchObject({ decision: true })
  expect(await evaluateAll({ ...common, resource, evaluations: [] })).toMatchObject({
    decision: true,
  })
})
