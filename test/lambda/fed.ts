/** A call of every operation of both APIs in which all that may be anything is a mark. */

import { signApproval } from '../../functions/identity/approval.ts'
import { signCall } from '../../functions/identity/sign.ts'
import { benignOfMember, itemOf, requestOf } from '../answer/people.ts'
import { picture, segment, withSegments } from '../picture/pictures.ts'
import { type Deployed, freshJti } from './deployed.ts'
import { eventOf, responseOf, resultSchema } from './event.ts'
import type { Instance } from './runtime.ts'

/** An API. */
export type Api = 'access' | 'audit'

/** What a police officer would not want to read in a log. None of it has a piece that is ordinary. */
export const marks = {
  given: 'Wendelgard',
  family: 'Zwölf"quitten\\baum',
  birthDate: '1913-07-19',
  document: 'QX77401ZK93',
  record: 'Rohrdommel.0815',
  item: 'Zaunkönig, Tännicht 44',
  case: 'AZ Zwetschge/4711',
  statement: 'Haselmaus sah Gartenrotschwanz',
  description: 'Brachvogeldiebstahl',
  ground: 'Steinschmätzer bürgt dafür',
  officer: 'kiebitz.77-uhu',
  note: 'Mauersegler%20& Trauerfliege',
} as const

/** A call as it is sent. */
export type Sent = {
  /** Who signs; nobody if it is open. */
  readonly agency?: string
  readonly officer?: string
  readonly method: string
  readonly path: string
  /** Texts and bytes are sent as they are. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly jti?: string
  /** Another than the true signature. */
  readonly authorization?: string
}

/** Headers that a call may bring along, each with a mark. */
const markedHeaders = {
  'user-agent': `${marks.given}/1.0`,
  'request-id': marks.officer,
  cookie: `session=${marks.record}; name=${marks.given}`,
  'x-forwarded-for': marks.document,
  referer: `https://agency.example/${marks.record}`,
} as const

/** Sends a call; gives back the answer and its text. */
export async function send(deployed: Deployed, api: Api, instance: Instance, sent: Sent) {
  const { agency, officer = marks.officer, method, jti = freshJti() } = sent
  const { body: given, headers = {} } = sent
  const origin = deployed.origins[api]
  const url = `${origin}${sent.path}`
  const body = given === undefined ? undefined : bytesOf(given)
  const key = deployed.keys.get(agency ?? '')
  const iat = Math.floor(Date.now() / 1000)
  const authorization =
    sent.authorization ??
    (key &&
      (await signCall({ method, url, body }, key, {
        agency: agency ?? '',
        officer,
        audience: origin,
        iat,
        jti,
      })))
  const request = new Request(url, {
    method,
    headers: {
      ...markedHeaders,
      ...(authorization === undefined ? {} : { authorization }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  })
  const response = responseOf(resultSchema.parse(await instance.send(await eventOf(request))))
  return { status: response.status, text: await response.text() }
}

const bytesOf = (given: unknown): Buffer =>
  Buffer.isBuffer(given)
    ? given
    : Buffer.from(typeof given === 'string' ? given : JSON.stringify(given))

const subject = {
  name: { given: marks.given, family: marks.family },
  birthDate: marks.birthDate,
} as const
const item = itemOf('name', { value: marks.item })
/** An item whose content comes by a call of its own, and that content: a picture that says more than it shows. */
const face = itemOf('name', {
  ...{ id: 'face', element: 'nc:PersonDigitalImage', class: 'identification' },
  value: { type: 'image/jpeg' },
})
const said = [segment(0xfe, Buffer.from(marks.note)), segment(0xe1, Buffer.from(marks.statement))]
const sendFace: Sent = {
  ...{ agency: 'DE-POL', method: 'PUT', path: `/v1/records/${marks.record}/files/face` },
  body: withSegments(picture('baseline'), ...said),
  headers: { 'content-type': 'image/jpeg' },
}
const record = {
  names: [subject.name],
  birthDates: [marks.birthDate],
  documents: [{ number: marks.document, country: 'DE' }],
  items: [item, itemOf('address', { value: { street: marks.item, country: 'DE' } }), face],
}
const request = requestOf({
  subject,
  instrument: 'EU-2023/977',
  channel: 'siena',
  offence: { category: 'ordinary', description: marks.description, maxCustodyMonths: 60 },
  urgency: 'imminent-threat-to-life',
  necessity: { statement: marks.statement, strictlyNecessaryClasses: [] },
  assurances: { reciprocity: 'given' },
  caseReference: marks.case,
})
const attestation = (fact: string, value: unknown, scope: object) => ({
  holder: 'DE-POL',
  fact,
  value,
  scope,
  ground: marks.ground,
  from: new Date(Date.now() - 60_000).toISOString(),
  until: new Date(Date.now() + 300 * 86_400_000).toISOString(),
  decidedBy: 'DE-POL',
})

/**
 * What is entered first: a record with a file, and what its holder vouches for of the country as a rule, which
 * data protection then signs, so that something leaves.
 */
export const furniture: readonly Sent[] = [
  { agency: 'DE-POL', method: 'PUT', path: `/v1/records/${marks.record}`, body: record },
  sendFace,
  ...Object.entries(benignOfMember).map(([fact, value]) => ({
    agency: 'DE-POL',
    method: 'POST',
    path: '/v1/attestations',
    body: attestation(fact, value, { kind: 'general', requester: 'FR' }),
  })),
]
/** Data protection signs an attestation. */
export const signing = (id: string): Sent => ({
  agency: 'DE-DPO',
  method: 'POST',
  path: `/v1/attestations/${id}/signatures`,
})
/** A request from outside the Union: a person must decide, and none has. */
export const toBeDecided: Sent = {
  agency: 'GB-POL',
  method: 'POST',
  path: '/v1/access-requests',
  body: { ...request, instrument: 'none', channel: 'bilateral' },
}

/** A request that came by another way, as an officer of the holder enters it. */
export const received: Sent = {
  agency: 'DE-POL',
  method: 'POST',
  path: '/v1/access-requests',
  body: {
    ...request,
    receivedBy: {
      way: 'siena',
      number: marks.record,
      receivedAt: new Date(Date.now() - 60_000).toISOString(),
      digest: 'd'.repeat(43),
      from: { name: marks.note, jurisdiction: 'PT', authorityType: 'police', cannotHonour: [] },
    },
  },
}

/** What the holder would give unasked. */
export const provision = {
  ...{ holder: 'DE-POL', to: 'FR-SPOC', subject, classes: request.classes },
  ...{ purpose: request.purpose, instrument: request.instrument, channel: 'bilateral' },
  ...{ urgency: request.urgency, caseReference: marks.case, ground: marks.ground },
  offence: { category: 'ordinary', description: marks.description },
}

/** What the calls are about: entries that there are, and what stands for people in the log. */
export type About = {
  /**
   * A decision, one that a person may still change, one of a request that came by another way, and attestations: in
   * general, and of the case.
   */
  readonly decided: string
  readonly denied: string
  readonly entered: string
  readonly general: string
  readonly attested: string
  /** The person's pseudonyms, and that of the case. */
  readonly subjects: readonly string[]
  readonly case: string
  readonly log: string
}

const open = (path: string): Sent => ({ method: 'GET', path })
const purpose = 'lawfulness'
const during = { from: '2026-01-01T00:00:00Z', until: '2099-01-01T00:00:00Z' }

/** A well-formed call of each operation, by the name that its document gives it. */
export const fed: Readonly<
  Record<Api, Readonly<Record<string, (of: About, deployed: Deployed) => Sent | Promise<Sent>>>>
> = {
  access: {
    'POST /v1/access-requests': () => asking('/v1/access-requests', request),
    'GET /v1/access-requests': () => asking(`/v1/access-requests?jti=${marks.officer}`),
    'GET /v1/access-requests/{id}': ({ decided }) => asking(`/v1/access-requests/${decided}`),
    'GET /v1/access-requests/{id}/proof': ({ decided }) =>
      asking(`/v1/access-requests/${decided}/proof`),
    'POST /v1/access-requests/{id}/proposal': ({ denied }) =>
      holding('POST', `/v1/access-requests/${denied}/proposal`, {
        facts: [{ fact: 'transfer.caseCheck', value: 'clean' }],
        takenOut: ['address'],
      }),
    'POST /v1/access-requests/{id}/review': ({ denied }) => ({
      ...asking(`/v1/access-requests/${denied}/review`, { ground: marks.ground }),
      agency: 'GB-POL',
    }),
    'POST /v1/access-requests/{id}/package': ({ entered }) =>
      holding('POST', `/v1/access-requests/${entered}/package`),
    'POST /v1/access-requests/{id}/delivery': ({ entered }) =>
      holding('POST', `/v1/access-requests/${entered}/delivery`, {
        by: 'siena',
        number: marks.record,
        sentAt: new Date().toISOString(),
      }),
    'POST /v1/access-requests/{id}/responses': ({ denied }) =>
      holding('POST', `/v1/access-requests/${denied}/responses`, {
        ...{ what: 'refuse', text: marks.ground },
      }),
    'GET /v1/access-requests/{id}/files/{item}': ({ decided }) =>
      asking(`/v1/access-requests/${decided}/files/face`),
    'POST /v1/provisions': () => holding('POST', '/v1/provisions', provision),
    'GET /v1/provisions/{id}': ({ decided }) => asking(`/v1/provisions/${decided}`),
    'GET /v1/disclosures': () => holding('GET', '/v1/disclosures'),
    'POST /v1/disclosures/{id}/duties': ({ decided }) =>
      holding('POST', `/v1/disclosures/${decided}/duties`, { code: 'O-LOG' }),
    'POST /v1/corrections': () => ({
      ...holding('POST', '/v1/corrections', { record: marks.record, became: 'erased' }),
      agency: 'GB-POL',
    }),
    'GET /v1/corrections/{id}': ({ decided }) => holding('GET', `/v1/corrections/${decided}`),
    'POST /v1/recalls': () =>
      holding('POST', '/v1/recalls', {
        ...{ cause: { record: marks.record }, ask: 'erased', ground: marks.ground },
      }),
    'GET /v1/recalls/{id}': ({ decided }) => holding('GET', `/v1/recalls/${decided}`),
    'POST /v1/recalls/{id}/signatures': ({ decided }) => ({
      ...{ agency: 'DE-DPO', method: 'POST', path: `/v1/recalls/${decided}/signatures` },
    }),
    'POST /v1/notices/{id}/done': ({ decided }) =>
      asking(`/v1/notices/${decided}/done`, { did: 'erased' }),
    'GET /v1/inbox': () => holding('GET', '/v1/inbox'),
    'GET /v1/events': () => holding('GET', '/v1/events'),
    'GET /v1/questions': () => ({ ...holding('GET', '/v1/questions'), agency: 'GB-POL' }),
    'POST /v1/questions/{id}': ({ decided }) => ({
      ...holding('POST', `/v1/questions/${decided}`, {
        ...{ question: decided, found: 'one', record: { id: marks.record, ...record } },
      }),
      agency: 'GB-POL',
    }),
    'POST /v1/attestations': ({ decided }) =>
      holding(
        'POST',
        '/v1/attestations',
        attestation('transfer.derogation', 'vital-interests', {
          ...{ kind: 'case', requester: 'FR-SPOC', caseReference: marks.case },
          persons: [decided],
        }),
      ),
    'POST /v1/attestations/{id}/signatures': ({ general }) => signing(general),
    'POST /v1/attestations/{id}/persons': ({ attested, decided }) =>
      holding('POST', `/v1/attestations/${attested}/persons`, { request: decided }),
    'POST /v1/attestations/{id}/objections': ({ attested }) =>
      holding('POST', `/v1/attestations/${attested}/objections`, { ground: marks.ground }),
    'GET /v1/attestations': () => holding('GET', '/v1/attestations'),
    'DELETE /v1/attestations/{id}': ({ attested }) =>
      holding('DELETE', `/v1/attestations/${attested}`),
    'PUT /v1/records/{id}': () => holding('PUT', `/v1/records/${marks.record}`, record),
    'PATCH /v1/records/{id}': () =>
      holding('PATCH', `/v1/records/${marks.record}`, {
        items: [{ id: 'name', value: marks.note }],
      }),
    'PUT /v1/records/{id}/files/{item}': () => sendFace,
    // Another record than the one that is asked for.
    'DELETE /v1/records/{id}': () => holding('DELETE', `/v1/records/${marks.record}-2`),
    'GET /v1/policies': () => open('/v1/policies'),
    'GET /v1/policies/{folder}/{name}': () => open(`/v1/policies/${marks.record}/${marks.given}@1`),
    'GET /v1/vocabulary': () => open('/v1/vocabulary'),
    'GET /openapi.json': () => open('/openapi.json'),
    'GET /.well-known/jwks.json': () => open('/.well-known/jwks.json'),
    'GET /healthz': () => open('/healthz'),
  },
  audit: {
    'GET /v1/decisions': ({ subjects: [subject] }) =>
      looking(`/v1/decisions?${stated}&officer=${marks.officer}&subject=${subject}`),
    'GET /v1/decisions/count': (of) => looking(`/v1/decisions/count?${stated}&case=${of.case}`),
    'GET /v1/decisions/{id}': ({ decided }) => looking(`/v1/decisions/${decided}?${stated}`),
    'GET /v1/decisions/{id}/proof': ({ decided }) =>
      looking(`/v1/decisions/${decided}/proof?${stated}`),
    'POST /v1/pseudonyms': () => looking('/v1/pseudonyms', { purpose, subject }),
    'GET /v1/facts': () => ({
      ...looking('/v1/facts?purpose=self-monitoring'),
      agency: 'DE-LEGAL',
    }),
    'POST /v1/subject-reports': () => looking('/v1/subject-reports', { purpose, subject }),
    'POST /v1/officer-profiles': () =>
      looking('/v1/officer-profiles', {
        ...{ purpose, agency: 'FR-SPOC', officer: marks.officer },
        ...during,
      }),
    'POST /v1/officer-rankings': () =>
      looking('/v1/officer-rankings', { purpose, agency: 'FR-SPOC', ...during }),
    'POST /v1/alarms': () =>
      looking('/v1/alarms', { purpose, agency: 'FR-SPOC', by: 'atNight', days: 30, over: 20 }),
    'GET /v1/alarms': () => looking(`/v1/alarms?${stated}`),
    'GET /v1/deadlines': () => looking(`/v1/deadlines?${stated}`),
    'GET /v1/figures': () =>
      looking(`/v1/figures?${stated}&from=${during.from}&until=${during.until}`),
    'GET /v1/reports/{year}': () => looking(`/v1/reports/2026?${stated}`),
    'GET /v1/samples': ({ log }) =>
      looking(`/v1/samples?${stated}&n=5&log=${encodeURIComponent(log)}`),
    'GET /v1/decision-events': ({ log }) =>
      looking(`/v1/decision-events?${stated}&log=${encodeURIComponent(log)}`),
    'POST /v1/evidence': ({ subjects: [subject] }) => looking('/v1/evidence', { purpose, subject }),
    'POST /v1/replays': ({ decided }) => looking('/v1/replays', { purpose, entries: [decided] }),
    'POST /v1/subject-pseudonyms': () =>
      holding('POST', '/v1/subject-pseudonyms', { purpose, subjects: [subject] }),
    'POST /v1/subject-acts': ({ subjects }, deployed) => acting(subjects, deployed),
    'GET /log/{gateway}/{jurisdiction}/{year}/checkpoint': ({ log }) =>
      open(`/log/${log}/checkpoint`),
    'GET /log/{gateway}/{jurisdiction}/{year}/checkpoints/{size}': ({ log }) =>
      open(`/log/${log}/checkpoints/1`),
    'GET /log/{gateway}/{jurisdiction}/{year}/tile/{level}/{index}': ({ log }) =>
      open(`/log/${log}/tile/0/000.p/1`),
    'GET /audit/openapi.json': () => open('/audit/openapi.json'),
  },
}

const stated = `purpose=${purpose}`

const asking = (path: string, body?: unknown): Sent => ({
  agency: 'FR-SPOC',
  method: body === undefined ? 'GET' : 'POST',
  path,
  body,
})
const holding = (method: string, path: string, body?: unknown): Sent => ({
  agency: 'DE-POL',
  method,
  path,
  body,
})
const looking = (path: string, body?: unknown): Sent => ({
  ...asking(path, body),
  agency: 'DE-DPA',
})

/** A hold, which a second office approved: an act that leaves all as it is. */
async function acting(subjects: readonly string[], { keys }: Deployed): Promise<Sent> {
  const key = keys.get('DE-DPO')
  if (key === undefined) throw new Error('DE-DPO has no key')
  const jti = freshJti()
  const act = { act: 'hold', subjects, ground: marks.ground, cites: [marks.note], jti }
  const iat = Math.floor(Date.now() / 1000)
  const approval = await signApproval(act, key, { agency: 'DE-DPO', officer: 'dpo-1', iat })
  return { ...holding('POST', '/v1/subject-acts', { ...act, approval }), jti }
}
