/**
 * Who looks at what: everything that a party of a world can see of it, by the tables of the gateway. A call, look, kind
 * of row or kind of event that is in none of these tables fails `observe.test.ts`, and so does one that no party saw.
 */

import type { kinds } from '../../functions/adapters/rows.ts'
import { openLook, type PageLook } from '../../functions/audit/look.ts'
import type { looks } from '../../functions/audit/looks.ts'
import { ownLooks } from '../../functions/audit/own-requests.ts'
import type { CallName } from '../../functions/http/routes.ts'
import type { eventKinds } from '../../functions/inbox-ports.ts'
import { requestOfMember } from '../answer/people.ts'
import { asked, asker, holder, type Scene } from './scene.ts'

/** What a life has come to: whatever a party may name in a call. All of it is the same in both worlds. */
export type Known = {
  /** Requests, and who made each. */
  readonly requests: { readonly id: string; readonly jti: string; readonly agency: string }[]
  /** Entries of changes, recalls and provisions: of any of them a party may ask. */
  readonly acts: string[]
  readonly notices: string[]
}

/** A call that a party makes: its name, and what it sends. */
export type Looking = {
  readonly name: string
  readonly path: string
  readonly method?: 'GET' | 'POST'
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Parties that may know nothing but what they are told: who asks, third agencies, ministries, offices of theirs, and
 * another body of the holder’s state that keeps records.
 */
export const agencies = ['FR-SPOC', 'NL-POL', 'BE-POL', 'DE-MIN', 'GB-POL', 'DE-LKA'] as const
/** Auditors of the side that asks. */
export const auditors = ['FR-DPA', 'GB-DPA'] as const

/** Who may know, and is not compared but for what `withoutRight` has. */
export const mayKnow = {
  'DE-POL': 'the holder’s own officers: it is their record, and its inbox is the whole office’s',
  'DE-DPO': 'approves the holder’s acts on the person',
  'DE-DPA':
    'auditors of the holder’s state see entries whole; only what they may publish is compared',
  'DE-LEGAL': 'legal editors of the holder’s state see what rules read of its decisions, of nobody',
} as const

/** Who sees, from then on, that the holder’s officer looked at what waits for him: he may know, and looks where there is a hit. */
export const seesLooks = {
  operators: 'they run the gateway: each call is a line of theirs, and each entry is counted',
} as const

const idsOf = ({ requests }: Known) => requests.map(({ id }) => id)
const each = (name: string, ids: readonly string[], path: (id: string) => string): Looking[] =>
  ids.map((id) => ({ name, path: path(id) }))

/** What each agency looks at, by call. */
export const agencyLooks: Partial<
  Readonly<Record<CallName, (known: Known) => readonly Looking[]>>
> = {
  'GET /v1/access-requests': ({ requests }) =>
    requests.map(({ jti }) => ({
      name: 'GET /v1/access-requests',
      path: `/v1/access-requests?jti=${jti}`,
    })),
  'GET /v1/access-requests/:id': (known) =>
    each('GET /v1/access-requests/:id', idsOf(known), (id) => `/v1/access-requests/${id}`),
  'GET /v1/access-requests/:id/proof': (known) =>
    each(
      'GET /v1/access-requests/:id/proof',
      idsOf(known),
      (id) => `/v1/access-requests/${id}/proof`,
    ),
  'GET /v1/access-requests/:id/files/:item': (known) =>
    each(
      'GET /v1/access-requests/:id/files/:item',
      idsOf(known).slice(0, 1),
      (id) => `/v1/access-requests/${id}/files/name`,
    ),
  'GET /v1/provisions/:id': ({ acts }) =>
    each('GET /v1/provisions/:id', acts.slice(0, 1), (id) => `/v1/provisions/${id}`),
  'GET /v1/attestations': () => [{ name: 'GET /v1/attestations', path: '/v1/attestations' }],
  'GET /v1/inbox': () => [{ name: 'GET /v1/inbox', path: '/v1/inbox' }],
  'GET /v1/events': () => [{ name: 'GET /v1/events', path: '/v1/events' }],
  'GET /v1/disclosures': () => [{ name: 'GET /v1/disclosures', path: '/v1/disclosures' }],
  'GET /v1/corrections/:id': ({ acts }) =>
    each('GET /v1/corrections/:id', acts, (id) => `/v1/corrections/${id}`),
  'GET /v1/recalls/:id': ({ acts }) =>
    each('GET /v1/recalls/:id', acts, (id) => `/v1/recalls/${id}`),
  'GET /v1/questions': () => [{ name: 'GET /v1/questions', path: '/v1/questions?wait=0' }],
}

/** Calls that are acts: the life makes them, and what they answer to whoever may know nothing is compared, too. */
export const madeByLife: readonly CallName[] = [
  'POST /v1/access-requests',
  'POST /v1/attestations',
  'DELETE /v1/attestations/:id',
  'POST /v1/attestations/:id/signatures',
  'POST /v1/attestations/:id/objections',
  'POST /v1/access-requests/:id/proposal',
  'POST /v1/access-requests/:id/responses',
  'POST /v1/access-requests/:id/review',
  'PUT /v1/records/:id',
  'PATCH /v1/records/:id',
  'DELETE /v1/records/:id',
  'POST /v1/recalls',
  'POST /v1/recalls/:id/signatures',
  'POST /v1/notices/:id/done',
]

/** What everybody may read without a signature. */
export const openLooks: Partial<Readonly<Record<CallName, string>>> = {
  'GET /v1/policies': '/v1/policies',
  'GET /v1/policies/:folder/:name': '/v1/policies/eu/data@2018-05-25',
  'GET /v1/vocabulary': '/v1/vocabulary',
  'GET /openapi.json': '/openapi.json',
  'GET /.well-known/jwks.json': '/.well-known/jwks.json',
  'GET /healthz': '/healthz',
}

/** Calls that nobody makes here, and why nothing of the record could be in them. */
export const unobservedCalls: Partial<Readonly<Record<CallName, string>>> = {
  'POST /v1/questions/:id': 'answers of a holder’s own system: records of this life are kept here',
  'POST /v1/corrections': 'the same',
  'POST /v1/provisions': 'unasked: nobody asks, so nobody is refused',
  'POST /v1/attestations/:id/persons': 'names a request that its caller names, hit or none',
  'POST /v1/access-requests/:id/package': 'of an answer by another way, by the holder’s officer',
  'POST /v1/access-requests/:id/delivery': 'the same',
  'POST /v1/disclosures/:id/duties': 'of what left, by the holder’s officer',
  'PUT /v1/records/:id/files/:item': 'the holder’s own act on a record',
}

/** What offices and officers on the holder’s side try without the right to it: they are refused alike. */
export const withoutRight: Readonly<Record<string, Trying>> = {
  'DE-POL, an officer not named': {
    of: 'DE-POL',
    officer: 'officer-9',
    tries: (known) => idsOf(known).flatMap(decisionsOn),
  },
  'DE-LKA, on what is not its own': {
    of: 'DE-LKA',
    officer: 'officer-1',
    tries: (known) => idsOf(known).flatMap(decisionsOn),
  },
  'DE-LDA, an auditor not named': {
    of: 'DE-LDA',
    officer: 'auditor-1',
    tries: (known) => [...allOf(auditorLooks, known), ...allOf(agencyLooks, known)],
  },
  'DE-DPA, as an agency': {
    of: 'DE-DPA',
    officer: 'auditor-1',
    tries: (known) => [...allOf(agencyLooks, known), ...idsOf(known).flatMap(decisionsOn)],
  },
  'DE-DPO, as an auditor': {
    of: 'DE-DPO',
    officer: 'dpo-1',
    tries: (known) => [
      ...allOf(auditorLooks, known),
      // Whoever signs a recall sees what it reached.
      ...allOf(agencyLooks, known).filter(({ name }) => name !== 'GET /v1/recalls/:id'),
    ],
  },
  'DE-LEGAL, as an auditor': {
    of: 'DE-LEGAL',
    officer: 'editor-1',
    tries: (known) =>
      [...allOf(auditorLooks, known), ...allOf(agencyLooks, known)].filter(
        ({ name }) => name !== 'facts',
      ),
  },
}

/** An office, one of its officers, and what they try. */
type Trying = {
  readonly of: string
  readonly officer: string
  readonly tries: (known: Known) => readonly Looking[]
}

const allOf = (
  table: Partial<Readonly<Record<string, (known: Known) => readonly Looking[]>>>,
  known: Known,
): readonly Looking[] => Object.values(table).flatMap((looksOf) => looksOf?.(known) ?? [])

/** To see what would leave, and to refuse it. */
const decisionsOn = (id: string): readonly Looking[] => [
  {
    name: 'POST /v1/access-requests/:id/proposal',
    path: `/v1/access-requests/${id}/proposal`,
    method: 'POST',
    body: {},
  },
  {
    name: 'POST /v1/access-requests/:id/responses',
    path: `/v1/access-requests/${id}/responses`,
    method: 'POST',
    body: { what: 'refuse', text: 'We need to know more of this.' },
  },
]

const purpose = 'lawfulness'
const [from, until] = ['2026-11-01', '2027-02-01']
const moment = (day: string) => `${day}T00:00:00.000Z`
const get = (name: string, path: string): Looking => ({
  name,
  path: `${path}${path.includes('?') ? '&' : '?'}purpose=${purpose}`,
})
const post = (name: string, path: string, body: object): Looking => ({
  ...{ name, path, method: 'POST', body: { purpose, ...body } },
})

/** What each auditor looks at, by look of the table. */
export const auditorLooks: Readonly<
  Record<keyof typeof looks, (known: Known) => readonly Looking[]>
> = {
  list: () => [
    get('list', '/v1/decisions?agency=FR-SPOC'),
    get('list', '/v1/decisions'),
    { ...get('list', '/v1/decisions'), headers: { accept: 'text/csv' } },
  ],
  count: () => [get('count', '/v1/decisions/count')],
  entry: (known) => [
    ...idsOf(known).map((id) => get('entry', `/v1/decisions/${id}`)),
    ...known.acts.map((id) => get('entry', `/v1/decisions/${id}`)),
  ],
  proof: (known) => idsOf(known).map((id) => get('proof', `/v1/decisions/${id}/proof`)),
  pseudonym: () => [post('pseudonym', '/v1/pseudonyms', { subject: asked })],
  facts: () => [get('facts', '/v1/facts')],
  subjectReport: () => [post('subjectReport', '/v1/subject-reports', { subject: asked })],
  officerProfile: () => [
    post('officerProfile', '/v1/officer-profiles', {
      agency: asker.agency,
      officer: asker.officer,
      from: moment(from),
      until: moment(until),
    }),
  ],
  officerRanking: () => [
    post('officerRanking', '/v1/officer-rankings', {
      agency: asker.agency,
      from: moment(from),
      until: moment(until),
    }),
  ],
  setAlarm: () => [
    post('setAlarm', '/v1/alarms', { agency: asker.agency, by: 'atNight', days: 30, over: 4 }),
  ],
  alarms: () => [get('alarms', '/v1/alarms')],
  deadlines: () => [get('deadlines', '/v1/deadlines')],
  figures: () => [get('figures', `/v1/figures?from=${from}&until=${until}`)],
  yearReport: () => [get('yearReport', '/v1/reports/2026')],
  sample: () => [get('sample', `/v1/samples?log=comity.test/de/2026&n=3`)],
  decisionEvents: () => [get('decisionEvents', '/v1/decision-events?log=comity.test/de/2026')],
  evidence: (known) =>
    idsOf(known)
      .slice(0, 2)
      .map((id) => post('evidence', '/v1/evidence', { entries: [id] })),
  replays: (known) => [post('replays', '/v1/replays', { entries: idsOf(known).slice(0, 3) })],
  subjectPseudonyms: () => [
    post('subjectPseudonyms', '/v1/subject-pseudonyms', { subjects: [asked] }),
  ],
}

/** What an officer who asks sees on pages, by look. */
export const pageLooks: Readonly<
  Record<keyof typeof ownLooks, (known: Known, scene: Scene) => Promise<readonly unknown[]>>
> = {
  requests: async (_, scene) => [
    await onPage(scene, ownLooks.requests as PageLook, { of: 'mine' }),
    await onPage(scene, ownLooks.requests as PageLook, { of: 'office' }),
  ],
  answer: (known, scene) =>
    Promise.all(idsOf(known).map((id) => onPage(scene, ownLooks.answer as PageLook, { id }))),
  dryRun: async (_, scene) => [
    await onPage(scene, ownLooks.dryRun as PageLook, {
      request: requestOfMember({ holder, subject: asked, caseReference: 'FR-PAGE' }),
    }),
  ],
}

/** What an officer of the asking agency is shown on a page. */
async function onPage(scene: Scene, look: PageLook, question: object): Promise<unknown> {
  const agency = await scene.world.register.agency(asker.agency)
  if (agency === undefined) throw new Error('who asks is not registered')
  const provedAt = scene.clock.now.toISOString()
  const session = { iss: 'https://login.example', provedAt }
  const page = { method: 'GET', url: 'https://gateway.comity.example/requests', session }
  const asking = { purpose: 'own-work', ...question } as const
  return openLook(look, { agency, officer: asker.officer, ...page }, asking, scene.auditWorld)
}

/** The files that a log publishes, to anybody. */
export async function publicFiles(scene: Scene): Promise<readonly Looking[]> {
  const files: Looking[] = []
  for (const log of ['comity.test/de/2026', 'comity.test/fr/2026']) {
    const { size } = await scene.auditWorld.sealing.head(log)
    const at = (path: string) => files.push({ name: 'log', path: `/log/${log}/${path}` })
    at('checkpoint')
    at(`checkpoints/${size}`)
    at(size < 256 ? `tile/0/000.p/${size}` : 'tile/0/000')
  }
  // Of a log of looks whatever is asked for is not there; its size would be the holder’s own.
  for (const file of ['checkpoint', 'checkpoints/1', 'tile/0/000.p/1'])
    files.push({ name: 'log', path: `/log/comity.test/de/looks-2026/${file}` })
  return files
}

/** Where each kind of row comes to a party’s sight, or why it never does. */
export type RowSight =
  | { readonly in: CallName | keyof typeof looks | 'log' }
  | { readonly unseen: string }

const [lookedUp, listed] = [
  { in: 'GET /v1/access-requests/:id' },
  { in: 'list' },
] as const satisfies RowSight[]
const ofHolder = { unseen: 'the holder’s own: no other party has a call that reads it' } as const
const ofKeys = { unseen: 'a key: what it opens is what others look at' } as const
const never = {
  unseen: 'this world has none: no own system, no files, no pages by a browser',
} as const

const ofManyPersons = {
  unseen: 'written where the law asks how many an officer asked for',
} as const

/** By kind of row. */
export const rowSights: Readonly<Record<keyof typeof kinds, RowSight>> = {
  entry: lookedUp,
  mark: { unseen: 'of the law and the register: of no request' },
  actMark: { unseen: 'of what offices said and did: of nothing that was found' },
  subjectKey: ofKeys,
  fileKey: ofKeys,
  wayToKey: ofKeys,
  left: lookedUp,
  secrets: ofKeys,
  record: { in: 'POST /v1/access-requests' },
  identifier: { in: 'POST /v1/access-requests' },
  file: never,
  filePart: never,
  fileChange: never,
  question: never,
  questionAnswer: never,
  questionEnd: never,
  saidById: { in: 'GET /v1/inbox' },
  saidOfCountry: { in: 'POST /v1/access-requests' },
  saidOfCase: { in: 'POST /v1/access-requests' },
  saidOfMatter: { unseen: 'of older builds' },
  ending: { in: 'GET /v1/attestations' },
  decisionEnding: { in: 'GET /v1/attestations' },
  namedIn: ofHolder,
  asked: ofManyPersons,
  askedIn: ofManyPersons,
  after: lookedUp,
  waiting: { in: 'GET /v1/inbox' },
  waitingBefore: { unseen: 'of older builds' },
  urgent: { in: 'GET /v1/events' },
  due: { in: 'GET /v1/events' },
  seen: lookedUp,
  told: { in: 'GET /v1/recalls/:id' },
  event: { in: 'GET /v1/events' },
  again: lookedUp,
  refusal: { in: 'POST /v1/access-requests' },
  statement: { unseen: 'of the law and the register: of no request' },
  head: { in: 'log' },
  place: { in: 'proof' },
  manifest: { in: 'log' },
  signed: { in: 'log' },
  line: listed,
  list: listed,
  day: { in: 'count' },
  note: listed,
  tags: { in: 'evidence' },
  unfiled: listed,
  begun: never,
  session: never,
}

/** Kinds of events that this life never has, and why nothing of the record could be in them. */
export const unobservedEvents: Partial<Readonly<Record<(typeof eventKinds)[number], string>>> = {
  'answer-to-send': 'of requests by another way, to the holder alone',
  provided: 'of what is provided unasked: nobody is refused',
  'acted-by-passkey': 'of an officer’s passkey, to the officer’s own agency',
  'duty-due': 'of a duty of the holder, to the holder alone',
  disclosed: 'to the holder alone',
  'review-asked': 'to the holder’s officers alone',
  objected: 'to the office whose word is doubted and to the holder: here both are the holder’s',
  answerable:
    'once offices supplied all that was told to be missing, made of what was told alone; or an officer let something go, which tells of it',
  escalation: 'to who is above an office, of the same denial as `overdue`',
  alarm: 'of the number and time of an agency’s own calls',
}
