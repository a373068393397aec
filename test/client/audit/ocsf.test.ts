/** What a gateway prints, as OCSF: in the published schema's own names, and about nobody. */

import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ocsfOf } from '../../../functions/client/audit/ocsf.ts'
import { itemOf, personOf, requestOfMember } from '../../answer/people.ts'
import { withoutIds } from '../../without-ids.ts'
import { type Gateway, startGateway } from '../../world.ts'

/**
 * Class and objects as published, github.com/ocsf/ocsf-schema at v1.8.0 (3dcb905d), `events/application/api_activity.json`
 * with what it extends: which attributes there are (`!` required), and of which at least one must be there.
 */
const published: Readonly<Record<string, { names: string; oneOf?: string }>> = {
  '': {
    names:
      'activity_id activity_name actor! api! category_name category_uid! class_name class_uid! count dst_endpoint ' +
      'duration end_time enrichments http_request http_response message metadata! observables raw_data resources ' +
      'severity severity_id! src_endpoint! start_time status status_code status_detail status_id time! ' +
      'timezone_offset type_name type_uid! unmapped',
  },
  metadata: { names: 'correlation_uid event_code labels log_name product! uid version!' },
  'metadata.product': { names: 'feature name uid vendor_name version', oneOf: 'name uid' },
  api: { names: 'group operation! request response service token version' },
  'api.response': { names: 'code data error error_message flags message' },
  'api.service': { names: 'labels name uid version', oneOf: 'name uid' },
  actor: {
    names: 'app_name app_uid authorizations idp invoked_by process session user',
    oneOf: 'process user invoked_by session app_name app_uid',
  },
  src_endpoint: {
    names: 'hostname ip name port svc_name type uid',
    oneOf: 'ip uid name hostname svc_name instance_uid interface_uid interface_name domain',
  },
  http_request: { names: 'args body_length http_method uid url user_agent version' },
  http_response: { names: 'body_length code! content_type latency length message status' },
}
const activities = ['Unknown', 'Create', 'Read', 'Update', 'Delete']
const severities = ['Unknown', 'Informational', 'Low', 'Medium', 'High', 'Critical', 'Fatal']
const statuses = ['Unknown', 'Success', 'Failure']

type Event = Readonly<Record<string, unknown>>

/** Holds an event to the schema. */
function check(event: Event | undefined, at = ''): void {
  const { names = '', oneOf } = published[at] ?? {}
  const all = names.split(' ')
  const given = Object.keys(event ?? {})
  expect(
    all.map((each) => each.replace('!', '')),
    at,
  ).toEqual(expect.arrayContaining(given))
  const required = all.filter((each) => each.endsWith('!')).map((each) => each.slice(0, -1))
  expect(given, at).toEqual(expect.arrayContaining(required))
  if (oneOf !== undefined) expect(oneOf.split(' ').some((each) => given.includes(each))).toBe(true)
  for (const [name, value] of Object.entries(event ?? {}))
    if (typeof value === 'object') check(value as Event, at === '' ? name : `${at}.${name}`)
}

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.close())

// Kills: an attribute under a name of our own; one that the class demands, left out; a person, a case or an agency.
test('Each call is an event of the class API Activity, and says nothing of a person', async () => {
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await gateway.ask('FR-SPOC', 'officer-7', requestOfMember())
  await gateway.ask('FR-SPOC', 'officer-7', { ...requestOfMember(), purpose: 'curiosity' } as never)
  await gateway.call('FR-SPOC', { path: '/v1/access-requests/nothing' })
  await gateway.app.request('/v1/inbox')
  const lines = [...gateway.answers, ...gateway.events]
  expect(lines.length).toBeGreaterThan(5)
  const now = Date.now()
  const events = lines.map((line) => ocsfOf(JSON.stringify(line), now))
  for (const event of events) {
    check(event)
    const { activity_id, severity_id, status_id } = event as Record<string, number>
    expect(event).toMatchObject({
      ...{ category_uid: 6, class_uid: 6003, type_uid: 600_300 + Number(activity_id), time: now },
      activity_name: activities[Number(activity_id)] ?? 'Other',
      severity: severities[Number(severity_id)],
      status: statuses[Number(status_id)],
    })
  }
  const text = withoutIds(JSON.stringify(events))
  for (const each of ['Beispiel', 'R-1', 'CASE', 'officer-7', 'FR-SPOC', 'DE-POL', 'release'])
    expect(text).not.toContain(each)
  expect(events).toContainEqual(
    expect.objectContaining({
      activity_name: 'Create',
      status_code: '422',
      severity: 'Low',
      api: expect.objectContaining({ operation: 'POST /v1/access-requests' }),
    }),
  )
  expect(events).toContainEqual(expect.objectContaining({ status_code: '401', severity: 'Medium' }))
  expect(events).toContainEqual(
    expect.objectContaining({ status_code: 'call-refused', status_detail: expect.any(String) }),
  )
})

test('Lines of a journal and of CloudWatch keep their time; what is about no call is left out', () => {
  const line = {
    ...{ event: 'answered', traceId: 't', method: 'GET', route: '/healthz', status: 503, ms: 1.4 },
  }
  const message = JSON.stringify(line)
  const cloud = ocsfOf(JSON.stringify({ timestamp: 1_764_000_000_123, message }), 0)
  const journal = { __REALTIME_TIMESTAMP: '1764000000123456', MESSAGE: message }
  const own = ocsfOf(JSON.stringify(journal), 0)
  expect([cloud?.time, own?.time]).toEqual([1_764_000_000_123, 1_764_000_000_123])
  expect(cloud).toMatchObject({
    severity: 'High',
    status: 'Failure',
    http_response: { latency: 1 },
  })
  for (const other of ['', 'words', '{', '{"event":"swept","sealed":3}', '[]'])
    expect(ocsfOf(other, 0)).toBeUndefined()
})

test('The command reads them from standard input, a line for each', () => {
  const line = { event: 'answered', traceId: 't', method: 'GET', route: '*', status: 404, ms: 1 }
  const args = ['functions/cli.ts', 'log', 'events', '--ocsf', '-']
  const input = `${JSON.stringify(line)}\n{"event":"swept","sealed":3}\n`
  const { stdout, status } = spawnSync(process.execPath, args, { input, encoding: 'utf8' })
  expect([
    status,
    stdout
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each).class_uid),
  ]).toEqual([0, [6003]])
})
