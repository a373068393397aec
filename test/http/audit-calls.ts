/** A good call of every route of the audit API, on a log that is sealed: for tests of all of them. */

import { subjectsOf } from '../answer/people.ts'
import { type Evidencing, startEvidencing } from '../audit/evidencing.ts'
import type { Call } from '../world.ts'

/** The log of it all. */
export const log = 'comity.test/de/2026'
const purpose = 'lawfulness'
const subject = subjectsOf('R-1').recordId

/** A gateway with entries about a person, sealed. */
export type Audience = {
  readonly gateway: Evidencing
  /** Of a decision that is sealed. */
  readonly id: string
  readonly size: number
}

/** Starts it. */
export async function startAudience(): Promise<Audience> {
  const gateway = await startEvidencing()
  await gateway.keepPerson('R-1')
  const id = await gateway.askFor(subject)
  await gateway.askFor(subjectsOf('R-1').name)
  await gateway.askFor(subjectsOf('R-1').document)
  await gateway.sealLogs()
  const { size } = await gateway.auditWorld.sealing.head(log)
  return { gateway, id, size }
}

/** A route: who may take it, and how. */
export type Route = {
  readonly role: 'auditor' | 'legal-editor' | 'holder'
  readonly call: (audience: Audience) => Call | Promise<Call>
}

const get =
  (path: string): Route['call'] =>
  ({ id }) => ({ path: path.replace('ID', id) })
const post =
  (path: string, body: (audience: Audience) => object): Route['call'] =>
  (audience) => ({ method: 'POST', path, body: { purpose, ...body(audience) } })

/**
 * Every route behind the guard, as the document names it. A route that is not here is missed by
 * `audit-openapi.test.ts`.
 */
export const routes: Readonly<Record<string, Route>> = {
  'GET /v1/decisions': { role: 'auditor', call: get(`/v1/decisions?purpose=${purpose}`) },
  'GET /v1/decisions/count': {
    role: 'auditor',
    call: get(`/v1/decisions/count?purpose=${purpose}`),
  },
  'GET /v1/decisions/{id}': { role: 'auditor', call: get(`/v1/decisions/ID?purpose=${purpose}`) },
  'GET /v1/decisions/{id}/proof': {
    role: 'auditor',
    call: get(`/v1/decisions/ID/proof?purpose=${purpose}`),
  },
  'POST /v1/pseudonyms': { role: 'auditor', call: post('/v1/pseudonyms', () => ({ subject })) },
  'GET /v1/facts': { role: 'legal-editor', call: get(`/v1/facts?purpose=${purpose}`) },
  'POST /v1/subject-reports': {
    role: 'auditor',
    call: post('/v1/subject-reports', () => ({ subject })),
  },
  'POST /v1/officer-profiles': {
    role: 'auditor',
    call: post('/v1/officer-profiles', () => ({
      agency: 'GB-POL',
      officer: 'officer-7',
      from: '2026-11-01',
      until: '2026-12-01',
    })),
  },
  'POST /v1/officer-rankings': {
    role: 'auditor',
    call: post('/v1/officer-rankings', () => ({
      agency: 'GB-POL',
      from: '2026-11-01',
      until: '2026-12-01',
    })),
  },
  'POST /v1/alarms': {
    role: 'auditor',
    call: post('/v1/alarms', () => ({ agency: 'GB-POL', by: 'atNight', days: 30, over: 20 })),
  },
  'GET /v1/alarms': { role: 'auditor', call: get(`/v1/alarms?purpose=${purpose}`) },
  'GET /v1/deadlines': { role: 'auditor', call: get(`/v1/deadlines?purpose=${purpose}`) },
  'GET /v1/figures': {
    role: 'auditor',
    call: get(`/v1/figures?purpose=${purpose}&from=2026-11-01&until=2026-12-01`),
  },
  'GET /v1/reports/{year}': { role: 'auditor', call: get(`/v1/reports/2026?purpose=${purpose}`) },
  'GET /v1/samples': {
    role: 'auditor',
    call: get(`/v1/samples?purpose=${purpose}&log=${log}&n=3`),
  },
  'GET /v1/decision-events': {
    role: 'auditor',
    call: get(`/v1/decision-events?purpose=${purpose}&log=${log}`),
  },
  'POST /v1/evidence': {
    role: 'auditor',
    call: post('/v1/evidence', ({ id }) => ({ entries: [id] })),
  },
  'POST /v1/replays': {
    role: 'auditor',
    call: post('/v1/replays', ({ id }) => ({ entries: [id] })),
  },
  'POST /v1/subject-pseudonyms': {
    role: 'holder',
    call: post('/v1/subject-pseudonyms', () => ({ subjects: [subject] })),
  },
  'POST /v1/subject-acts': {
    role: 'holder',
    call: async ({ gateway }) => {
      const subjects = [gateway.pseudonym(subject)]
      return (await gateway.prepare({ act: 'hold', subjects })).call
    },
  },
}

/** Offices of Germany by their role; the last one has none. */
export const offices = {
  auditor: 'DE-DPA',
  'legal-editor': 'DE-LEGAL',
  approver: 'DE-DPO',
  holder: 'DE-POL',
  none: 'DE-MIN',
} as const
