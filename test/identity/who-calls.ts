/** How each act of `who-may.ts` is done over HTTP, on a gateway where everything is there to be acted on. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AttestationBody } from '../../functions/decision/attestation.ts'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { localLog } from '../../functions/demo/sealing.ts'
import { signApproval } from '../../functions/identity/approval.ts'
import type { AuditWorld } from '../../functions/log-ports.ts'
import { sealAll } from '../../functions/sealing/sweep.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOf } from '../answer/people.ts'
import { localSealWorld } from '../demo/seal-world.ts'
import { type Audited, startAudited } from '../http/audit-gateway.ts'
import { picture } from '../picture/pictures.ts'
import { answered, type Call, done, freshJti } from '../world.ts'
import { beside, changed, registeredAs } from './who-cast.ts'
import type { Row, Who } from './who-may.ts'

const purpose = 'lawfulness'
const post = (path: string, body?: object): Call => ({
  method: 'POST',
  path,
  ...(body && { body }),
})

/** A face whose content comes by a call of its own. */
const face = itemOf('name', {
  ...{ id: 'face', element: 'nc:PersonDigitalImage', value: { type: 'image/jpeg' } },
})
const fileOf = (record: string): Call => ({
  ...{ method: 'PUT', path: `/v1/records/${record}/files/face` },
  ...{ headers: { 'content-type': 'image/jpeg' }, body: picture('baseline') },
})

const recall = post('/v1/recalls', {
  ...{ cause: { record: 'R-1' }, ask: 'erased', ground: 'It is another person.' },
})

/** Everything there is to act on, by whose it is. */
export type Stage = Awaited<ReturnType<typeof setStage>>

/** Starts a gateway with a thing of everybody’s. */
export async function setStage() {
  const folder = mkdtempSync(join(tmpdir(), 'comity-who-may-'))
  const later: { archive?: AuditWorld['archive']; vkey?: AuditWorld['vkey'] } = {}
  const archive: AuditWorld['archive'] = { get: async (path) => later.archive?.get(path) }
  const gateway = await startAudited({
    beside,
    change: (world) => ({ ...world, sealed: { ...world.sealed, ...archive } }),
    changeAudit: (world) => ({ ...world, archive, vkey: (log) => later.vkey?.(log) ?? '' }),
  })
  const log = localLog(folder)
  Object.assign(later, log)
  for (const [id, changes] of Object.entries(changed)) await gateway.change(id, changes)
  const kept = await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name'), face]))
  await done(await gateway.call('DE-POL', fileOf('R-1')))
  const recalled = await done(await gateway.call('DE-POL', recall))

  const things = await makeThings(gateway)
  // The requester’s state has a log of its own only since its auditor looked at something.
  await gateway.callAudit('US-OIG', { path: `/v1/decisions/count?purpose=${purpose}` })
  await sealAll(localSealWorld(gateway.world, gateway.store.client, log, [], 0), {
    what: 'new',
  })
  return {
    gateway,
    kept,
    recalled,
    ...things,
    async stop() {
      await gateway.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Requests, attestations and objections of everybody who may make one. */
async function makeThings(gateway: Audited) {
  const owners = new Map<string, Who>()
  const ask = async (who: Who, name: string, holder = 'DE-POL') => {
    const body = requestAs(who, { holder, caseReference: `CASE-${who}-${name}` })
    const jti = freshJti()
    const { id } = await answered(await gateway.ask(who, 'officer-1', body, { jti }))
    owners.set(id, who)
    return { id, body, jti }
  }
  const requests = {
    'the requester’s': await ask('US-POL', 'first'),
    'the requester’s, to the foreign police': await ask('US-POL', 'foreign', 'GB-POL'),
    'the stranger’s': await ask('NL-POL', 'first'),
    'the holder’s own, of another state': await ask('DE-POL', 'own', 'GB-POL'),
  }
  const { 'the requester’s': first, 'the requester’s, to the foreign police': foreign } = requests
  const reviewed = { DE: await ask('US-POL', 'reviewed'), GB: await ask('US-POL', 'r', 'GB-POL') }
  for (const { id } of Object.values(reviewed))
    await done(await gateway.call('US-POL', post(`/v1/access-requests/${id}/review`, { ground })))

  const enter = async (holder: Who) =>
    (await answered(await gateway.ask(holder, 'officer-1', receivedAs(holder)))).id
  const received = { DE: await enter('DE-POL'), GB: await enter('GB-POL') }

  const give = async (more = {}) => {
    const send = (also: object) =>
      gateway.call('DE-POL', post('/v1/provisions', { ...unaskedBy('DE-POL'), ...more, ...also }))
    const { shown } = (await (await send({})).json()) as { shown: string }
    return (await answered(await send({ shown }))).id
  }
  const previous = await give()
  await attestAll(gateway, 'DE-POL', { kind: 'matter', matter: previous }, benignOfMember)
  const given = await give({ previous })

  const ofCase = (of: typeof first): AttestationBody['scope'] => ({
    kind: 'case',
    requester: 'US-POL',
    caseReference: of.body.caseReference,
    persons: [of.id],
  })
  const attest = (who: Who, body: Partial<AttestationBody>, of = first) =>
    gateway.attest(who, { holder: of.body.holder, scope: ofCase(of), ...body })
  const said = {
    risk: await attest('DE-POL', torture),
    assurance: await attest('DE-MIN', death),
    otherAssurance: await attest('DE-JUST', death),
    foreignAssurance: await attest('GB-MIN', death, foreign),
    consent: await attest('BE-POL', consentOf('BE')),
    noConsent: await attest('DE-POL', consentOf('BE', 'unobtainable-in-time')),
    forOther: await attest('DE-MIN', { ...death, decidedBy: 'DE-JUST' }),
  }
  const object = async (who: Who, id: string) =>
    done(await gateway.call(who, post(`/v1/attestations/${id}/objections`, { ground })))
  const objections = {
    'the police': await object('DE-POL', said.assurance),
    'the ministry': await object('DE-MIN', said.assurance),
    Belgium: await object('BE-POL', said.noConsent),
    'the foreign police': await object('GB-POL', said.foreignAssurance),
  }
  const general = (who: Who, body: Partial<AttestationBody>) =>
    gateway.attest(who, { scope: { kind: 'general', requester: 'US' }, ...body })
  const ending = {
    'the police’s': await general('DE-POL', { holder: 'DE-POL', ...torture }),
    'the ministry’s': await general('DE-MIN', { holder: 'DE-POL', ...reciprocity }),
    'the foreign police’s': await general('GB-POL', { holder: 'GB-POL', ...torture }),
  }
  return {
    owners,
    requests,
    reviewed,
    received,
    given,
    said,
    objections,
    ending,
    waiting: await waiting(gateway),
  }
}

/** A request of an authority that has not joined, as a holder enters it. */
const receivedAs = (holder: string): AccessRequest =>
  requestOf({
    holder,
    caseReference: 'CASE-received',
    receivedBy: {
      way: 'letter',
      number: 'L-1',
      receivedAt: '2026-11-25T08:00:00Z',
      digest: 'd'.repeat(43),
      from: {
        name: 'Polícia Judiciária',
        jurisdiction: 'PT',
        authorityType: 'police',
        cannotHonour: [],
      },
    },
  })

/** What a holder would give the stranger unasked. */
const unaskedBy = (holder: string) => ({
  ...{ holder, to: 'NL-POL', subject: { recordId: 'R-1' }, classes: ['identification'] },
  ...{ purpose: 'investigation', instrument: 'EU-2023/977', urgency: 'none' },
  channel: holder === 'DE-POL' ? 'siena' : 'bilateral',
  ...{ offence: { category: 'ordinary' }, ground: 'Seen there.', caseReference: 'CASE-given' },
})

/** Denials that wait for every kind of office. */
async function waiting(gateway: Audited) {
  const denied = async (holder: string) => {
    const body = requestAs('US-POL', { holder, caseReference: `CASE-waiting-${holder}` })
    return (await answered(await gateway.ask('US-POL', 'officer-1', body))).id
  }
  const ids = { 'DE-POL': await denied('DE-POL'), 'GB-POL': await denied('GB-POL') }
  const audiences = ['holder-officer', 'holder-ministry', 'originator:BE', 'originator:FR']
  for (const [holder, eid] of Object.entries(ids))
    for (const audience of audiences) {
      const ts = gateway.clock.now.toISOString()
      const row = { holder, audience, eid, ts, requester: 'US-POL', urgent: false }
      await gateway.world.inbox.put(row)
    }
  return ids
}

const ground = 'Judged for this test.'
const torture = { fact: 'risk.torture', value: 'real' }
const death = { fact: 'assurance.deathPenalty', value: 'given-and-verified' }
const reciprocity = { fact: 'assurance.reciprocity', value: 'given' }
const refusal = { fact: 'release.decision', value: 'refuse' }
const consentOf = (originator: string, value = 'given') => ({
  fact: 'item.originConsent',
  value,
  originator,
})

/** A request on the channel that the caller is on. */
function requestAs(who: Who, changes: Partial<AccessRequest>): AccessRequest {
  const [channel = 'bilateral'] = registeredAs(who).channels
  return requestOf({ channel: channel as AccessRequest['channel'], ...changes })
}

/** Does an act as somebody; gives the status with its code, or what was seen. */
export async function answerOf(who: Who, row: Row, stage: Stage): Promise<string> {
  const way = ways[row.act]
  if (way === undefined) throw new Error(`nobody said how to ${row.act}`)
  return way(who, row.whose, stage)
}

type Way = (who: Who, whose: string, stage: Stage) => Promise<string>

async function statusOf(response: Response): Promise<string> {
  const text = await response.text()
  if (response.ok) return String(response.status)
  return `${response.status} ${JSON.parse(text).code}`
}
const onAccess =
  (call: (who: Who, whose: string, stage: Stage) => Call): Way =>
  async (who, whose, stage) =>
    statusOf(await stage.gateway.call(who, call(who, whose, stage)))
const onAudit =
  (call: (whose: string, stage: Stage) => Call): Way =>
  async (who, whose, stage) =>
    statusOf(await stage.gateway.callAudit(who, call(whose, stage)))

/** What of the things is named so; throws if nothing is. */
function named<T>(things: Readonly<Record<string, T>>, name: string): T {
  const found = things[name]
  if (found === undefined) throw new Error(`there is no thing: ${name}`)
  return found
}

const asked: Readonly<Record<string, string>> = {
  'the police’s records': 'DE-POL',
  'the foreign police’s records': 'GB-POL',
  'the records of a ministry, which has none': 'DE-MIN',
  'the records of a suspended police': 'DE-GONE',
  'the records of an auditor': 'DE-BOTH',
}

const request = ({ requests }: Stage, whose: string) => named(requests, whose)
const ofHolder = (whose: string) => (whose.includes('foreign') ? 'GB-POL' : 'DE-POL')

/** Who vouches for what, in words. */
const vouched: Readonly<Record<string, Partial<AttestationBody>>> = {
  'a risk': torture,
  'a refusal to release': refusal,
  'an assurance': death,
  'a foreign risk': torture,
  'a foreign assurance': death,
  'Belgium’s consent': consentOf('BE'),
  'France’s consent': consentOf('FR'),
  'that Belgium’s consent cannot be had in time': consentOf('BE', 'unobtainable-in-time'),
  'a risk and an assurance in one act': { ...torture, also: [death] },
}

const saidBy = ({ said }: Stage, whose: string): string =>
  named(
    {
      'the police’s': said.risk,
      'the ministry’s': said.assurance,
      'the other ministry’s': said.otherAssurance,
      'the other ministry’s decision': said.forOther,
      'the foreign ministry’s': said.foreignAssurance,
      'the police’s risk': said.risk,
      'the ministry’s assurance': said.assurance,
      'Belgium’s consent': said.consent,
      'the police’s word on Belgium’s consent': said.noConsent,
      'the foreign ministry’s assurance': said.foreignAssurance,
    },
    whose,
  )

const entryIn = ({ requests, said }: Stage, whose: string): string =>
  named(
    {
      'what the requester asked the police': requests['the requester’s'].id,
      'what the requester asked the foreign police':
        requests['the requester’s, to the foreign police'].id,
      'what the police asked the foreign police': requests['the holder’s own, of another state'].id,
      'what the police’s state did alone': said.risk,
    },
    whose,
  )

const logs: Readonly<Record<string, string>> = {
  'the holder’s log': 'comity.test/de/2026',
  'the foreign log': 'comity.test/gb/2026',
  // Nobody asked that state for anything: only its auditors looked.
  'the requester’s log': 'comity.test/us/looks-2026',
}
const day = '2026-11-25'

/** How each act is done. */
const ways: Readonly<Record<string, Way>> = {
  ask: onAccess((who, whose) =>
    post('/v1/access-requests', requestAs(who, { holder: named(asked, whose) })),
  ),
  'look at the answer': onAccess((_, whose, stage) => ({
    path: `/v1/access-requests/${request(stage, whose).id}`,
  })),
  'look it up by its jti': onAccess((_, whose, stage) => ({
    path: `/v1/access-requests?jti=${request(stage, whose).jti}`,
  })),
  'have the proof': onAccess((_, whose, stage) => ({
    path: `/v1/access-requests/${request(stage, whose).id}/proof`,
  })),
  'ask again': onAccess((who, whose, stage) => {
    const { id, body } = request(stage, whose)
    const { channel } = requestAs(who, {})
    return post('/v1/access-requests', { ...body, channel, previous: id })
  }),
  'put before a person': async (who, whose, stage) => {
    const { id, body } = request(stage, whose)
    const { call, ask } = stage.gateway
    // Once it was put before a person, its holder may answer: the others are asked of one that was not.
    const own = stage.owners.get(id) === who ? await answered(await ask(who, 'o', body)) : { id }
    return statusOf(await call(who, post(`/v1/access-requests/${own.id}/review`, { ground })))
  },
  'see what would leave': onAccess((_, whose, { waiting }) => {
    const body = whose.includes('supposing') ? { facts: [death] } : {}
    return post(`/v1/access-requests/${waiting[ofHolder(whose)]}/proposal`, body)
  }),
  'enter what came by another way': onAccess((_, whose) =>
    post('/v1/access-requests', receivedAs(ofHolder(whose))),
  ),
  'give unasked': onAccess((_, whose) => post('/v1/provisions', unaskedBy(ofHolder(whose)))),
  'collect what was given': onAccess((_, __, { given }) => ({ path: `/v1/provisions/${given}` })),
  'fetch a file that was given': onAccess((_, __, { given }) => ({
    path: `/v1/access-requests/${given}/files/face`,
  })),
  'fetch a file of': onAccess((_, whose, stage) => ({
    path: `/v1/access-requests/${request(stage, whose).id}/files/face`,
  })),
  'make the package of': onAccess((_, whose, { received }) =>
    post(`/v1/access-requests/${received[ofHolder(whose) === 'GB-POL' ? 'GB' : 'DE']}/package`),
  ),
  'say how it left': onAccess((_, whose, { received }) => {
    const id = received[ofHolder(whose) === 'GB-POL' ? 'GB' : 'DE']
    const sent = { by: 'letter', number: 'L-2', sentAt: `${day}T09:00:00Z` }
    return post(`/v1/access-requests/${id}/delivery`, sent)
  }),
  'answer a review': onAccess((_, whose, { reviewed }) => {
    const { id } = reviewed[ofHolder(whose) === 'GB-POL' ? 'GB' : 'DE']
    return post(`/v1/access-requests/${id}/review`, { ground })
  }),
  'read the inbox': async (who, whose, { gateway, waiting }) => {
    const response = await gateway.call(who, { path: '/v1/inbox' })
    if (!response.ok) return statusOf(response)
    const { open } = (await response.json()) as { open: { request: string; todo: Todo }[] }
    const row = open.find(({ request: id }) => id === waiting[ofHolder(whose)])
    return row !== undefined && isFor(whose, row.todo, who) ? 'shown' : 'not shown'
  },
  'fetch questions': onAccess(() => ({ path: '/v1/questions' })),
  'answer a question': onAccess(() =>
    post('/v1/questions/one', { question: 'q'.repeat(43), found: 'none' }),
  ),
  recall: onAccess(() => recall),
  'sign a recall of': onAccess((_, __, { recalled }) => post(`/v1/recalls/${recalled}/signatures`)),
  'see whom a recall reached': onAccess((_, __, { recalled }) => ({
    path: `/v1/recalls/${recalled}`,
  })),
  'see whom a change reached': onAccess((_, __, { kept }) => ({ path: `/v1/corrections/${kept}` })),
  'say what became of': onAccess(() =>
    post('/v1/corrections', { record: 'R-1', became: 'erased' }),
  ),
  'say that it did': onAccess((_, __, { waiting }) =>
    post(`/v1/notices/${waiting['DE-POL']}/done`, { did: 'erased' }),
  ),
  'read events': onAccess(() => ({ path: '/v1/events' })),
  'see what left': onAccess(() => ({ path: '/v1/disclosures' })),
  'say that a duty is done': onAccess((_, whose, { waiting }) =>
    post(`/v1/disclosures/${waiting[ofHolder(whose)]}/duties`, { code: 'O-LOG' }),
  ),
  'answer the denial of': onAccess((_, whose, { waiting }) => {
    const words = { what: 'ask-back', text: ground }
    return post(`/v1/access-requests/${waiting[ofHolder(whose)]}/responses`, words)
  }),
  vouch: onAccess((who, whose, { requests }) => {
    const isForeign = whose.includes('foreign')
    const of = requests[isForeign ? 'the requester’s, to the foreign police' : 'the requester’s']
    const now = Date.parse(`${day}T09:00:00Z`)
    return post('/v1/attestations', {
      holder: of.body.holder,
      scope: { kind: 'matter', matter: of.id },
      decidedBy: who,
      ground,
      from: new Date(now).toISOString(),
      until: new Date(now + 3_600_000).toISOString(),
      ...named(vouched, whose),
    })
  }),
  sign: onAccess((_, whose, stage) => post(`/v1/attestations/${saidBy(stage, whose)}/signatures`)),
  'add a person to': onAccess((_, whose, stage) => {
    const isForeign = whose.includes('foreign')
    const { requests } = stage
    const { id } =
      requests[isForeign ? 'the requester’s, to the foreign police' : 'the requester’s']
    return post(`/v1/attestations/${saidBy(stage, whose)}/persons`, { request: id })
  }),
  'take back': onAccess((_, whose, stage) => ({
    method: 'DELETE',
    path: `/v1/attestations/${saidBy(stage, whose)}`,
  })),
  'object to': onAccess((_, whose, stage) =>
    post(`/v1/attestations/${saidBy(stage, whose)}/objections`, { ground }),
  ),
  'end the objection of': onAccess((_, whose, { objections }) => ({
    method: 'DELETE',
    path: `/v1/attestations/${named(objections, whose)}`,
  })),
  'see what ends': async (who, whose, { gateway, ending }) => {
    const response = await gateway.call(who, { path: '/v1/attestations' })
    if (!response.ok) return statusOf(response)
    return (await response.text()).includes(named(ending, whose)) ? 'shown' : 'not shown'
  },
  'keep a record': onAccess(recordOf),
  'send a file': async (who, _, { gateway }) => {
    const { path, body } = recordOf(who)
    const items = [face]
    await gateway.call(who, { method: 'PUT', path, body: { ...Object(body), items } })
    return statusOf(await gateway.call(who, { ...fileOf('x'), path: `${path}/files/face` }))
  },
  'erase a record': async (who, _, { gateway }) => {
    const { path } = recordOf(who)
    await gateway.call(who, recordOf(who))
    return statusOf(await gateway.call(who, { method: 'DELETE', path }))
  },
  correct: onAccess(() => ({
    method: 'PATCH',
    path: '/v1/records/R-1',
    body: { items: [{ id: 'name', value: 'Anton Beispiel' }] },
  })),
  'see the entry of': onAudit((whose, stage) => ({
    path: `/v1/decisions/${entryIn(stage, whose)}?purpose=${purpose}`,
  })),
  'prove the entry of': onAudit((whose, stage) => ({
    path: `/v1/decisions/${entryIn(stage, whose)}/proof?purpose=${purpose}`,
  })),
  find: async (who, whose, stage) => {
    const kind = whose.includes('alone') ? 'attestation' : 'decision'
    const path = `/v1/decisions?purpose=${purpose}&kind=${kind}&limit=200`
    const response = await stage.gateway.callAudit(who, { path })
    if (response.status === 401) return statusOf(response)
    return (await response.text()).includes(entryIn(stage, whose)) ? 'shown' : 'not shown'
  },
  'have evidence of': onAudit((whose, stage) =>
    post('/v1/evidence', { purpose, entries: [entryIn(stage, whose)] }),
  ),
  replay: onAudit((whose, stage) =>
    post('/v1/replays', { purpose, entries: [entryIn(stage, whose)] }),
  ),
  sample: onAudit((whose) => ({
    path: `/v1/samples?purpose=${purpose}&log=${named(logs, whose)}&n=1`,
  })),
  'pull the decisions of': onAudit((whose) => ({
    path: `/v1/decision-events?purpose=${purpose}&log=${named(logs, whose)}`,
  })),
  'count entries': onAudit(() => ({ path: `/v1/decisions/count?purpose=${purpose}` })),
  'make a pseudonym': onAudit(() => post('/v1/pseudonyms', { purpose, subject })),
  'report on a person': onAudit(() => post('/v1/subject-reports', { purpose, subject })),
  'profile an officer': onAudit(() =>
    post('/v1/officer-profiles', {
      purpose,
      agency: 'US-POL',
      officer: 'officer-1',
      from: day,
      until: '2026-12-01',
    }),
  ),
  'rank the officers of an agency': onAudit(() =>
    post('/v1/officer-rankings', { purpose, agency: 'US-POL', from: day, until: '2026-12-01' }),
  ),
  'set an alarm': onAudit(() =>
    post('/v1/alarms', { purpose, agency: 'US-POL', by: 'atNight', days: 30, over: 20 }),
  ),
  'look at alarms': onAudit(() => ({ path: `/v1/alarms?purpose=${purpose}` })),
  'look at what is due': onAudit(() => ({ path: `/v1/deadlines?purpose=${purpose}` })),
  'count a period': onAudit(() => ({
    path: `/v1/figures?purpose=${purpose}&from=${day}&until=2026-12-01`,
  })),
  'report on a year': onAudit(() => ({ path: `/v1/reports/2026?purpose=${purpose}` })),
  'read facts': onAudit(() => ({ path: `/v1/facts?purpose=${purpose}` })),
  'name a person for an act': onAudit(() =>
    post('/v1/subject-pseudonyms', { purpose, subjects: [subject] }),
  ),
  'hold a person’s entries, approved by': async (who, whose, { gateway }) => {
    const jti = freshJti()
    const subjects = [gateway.world.secrets.pseudonym('DE', 'nobody')]
    const act = { act: 'hold', subjects, ground, cites: ['LED 16(3)'], jti } as const
    const key = gateway.keys.get(whose)
    if (key === undefined) throw new Error(`there is no key of ${whose}`)
    const iat = Math.floor(gateway.clock.now.getTime() / 1000)
    const by = { agency: whose, officer: 'dpo-1', iat }
    // A cast: lists of an act are mutable.
    const approval = await signApproval(
      act as unknown as Parameters<typeof signApproval>[0],
      key,
      by,
    )
    const call = { ...post('/v1/subject-acts', { ...act, approval }), jti }
    return statusOf(await gateway.callAudit(who, call))
  },
}

const subject = { recordId: 'R-1' }

function recordOf(who: Who): Call {
  const { id, ...body } = personOf(`R-${who}`, [itemOf('name')])
  return { method: 'PUT', path: `/v1/records/${id}`, body }
}

type Todo = readonly { readonly fact: string }[]
/** Whether what an office was shown is what the row is about; a consent is waited for by whoever has the row. */
function isFor(whose: string, todo: Todo, who: Who): boolean {
  const has = (start: string) => todo.some(({ fact }) => fact.startsWith(start))
  if (whose.includes('Belgium')) return who.startsWith('BE')
  if (whose.includes('France')) return who.startsWith('FR')
  return whose.includes('ministry') ? has('assurance') || has('approval') : has('release')
}
