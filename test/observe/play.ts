/** Plays a life in one world, and collects what each party sees of it. */

import { rowsIn } from '../../functions/adapters/dynamodb.ts'
import { kinds, type RowKind } from '../../functions/adapters/rows.ts'
import { tick } from '../../functions/answer/upkeep/clock.ts'
import { entryId } from '../../functions/ledger/entry.ts'
import { startMetrics } from '../../functions/machine/metrics.ts'
import { itemOf, requestOfMember } from '../answer/people.ts'
import type { Call } from '../world.ts'
import { namesOf, textOf } from './declared.ts'
import type { Step } from './life.ts'
import {
  agencies,
  agencyLooks,
  auditorLooks,
  auditors,
  type Known,
  type Looking,
  openLooks,
  pageLooks,
  publicFiles,
  withoutRight,
} from './observers.ts'
import {
  asker,
  beforeOf,
  byDocument,
  holder,
  type Scene,
  type Side,
  type StateName,
  startScene,
  stateOf,
} from './scene.ts'

/** One sight of a party: at which step, of what, and what it was, in the form that is compared. */
export type Sight = { readonly step: string; readonly what: string; readonly seen: string }

/** What a play came to. */
export type Played = {
  /** By party, in order. */
  readonly seen: ReadonlyMap<string, readonly Sight[]>
  /** Calls, looks and kinds of events that somebody saw, and kinds of rows that were there. */
  readonly visited: ReadonlySet<string>
}

/** What is planted into a world to see whether the harness finds it. */
export type Planted = {
  readonly world?: Parameters<typeof startScene>[1]
  /** Changes what a party is answered, as a gateway that leaks would. */
  readonly answer?: (
    of: { readonly party: string; readonly name: string; readonly step: string },
    text: string,
    scene: Scene,
  ) => Promise<string> | string
}

const minuteMs = 60_000

/** Plays it. The same seed and steps make the same calls in each world. */
export async function play(
  { seed, state, side, steps }: Playing,
  planted: Planted = {},
): Promise<Played> {
  const scene = await startScene(seed, planted.world)
  try {
    const playing = stage(scene, planted)
    await playing.before(state, side)
    for (const [i, step] of steps.entries()) await playing.take(i, step)
    return { seen: playing.seen, visited: playing.visited }
  } finally {
    await scene.stop()
  }
}

/** Which life, in which world. */
export type Playing = {
  readonly seed: number
  readonly state: StateName
  readonly side: Side
  readonly steps: readonly Step[]
}

/** The stage of one play. */
function stage(scene: Scene, planted: Planted) {
  const seen = new Map<string, Sight[]>()
  const names = new Map<string, ReturnType<typeof namesOf>>()
  const visited = new Set<string>()
  const known: Known = { requests: [], acts: [], notices: [] }
  const bodies: { agency: string; body: object; jti: string }[] = []
  const attested: { agency: string; id: string }[] = []
  const lifts: string[] = []
  const lines = { read: 0, audit: 0, events: 0, auditEvents: 0 }
  const metrics = startMetrics('test')
  let at = ''
  let calls = 0
  let looked = 0

  const note = async (party: string, what: string, text: string): Promise<void> => {
    const leaked = planted.answer
      ? await planted.answer({ party, name: what, step: at }, text, scene)
      : text
    const name = names.get(party) ?? namesOf()
    names.set(party, name)
    const list = seen.get(party) ?? []
    seen.set(party, list)
    list.push({ step: at, what, seen: name(leaked, list.length) })
  }

  const taken = async (party: string, name: string, path: string, response: Response) => {
    visited.add(name)
    const type = response.headers.get('content-type') ?? ''
    const bytes = new Uint8Array(await response.clone().arrayBuffer())
    const headers = [...response.headers].map(([key, value]) => `${key}: ${value}`).join('\n')
    const text = textOf(bytes, type)
    const isArchive = type.startsWith('application/zip')
    // The length of an archive follows from its files, whose opaque words deflate differently.
    const length = isArchive ? '' : ` ${bytes.length}`
    if (name === 'GET /v1/events')
      for (const [, kind] of text.matchAll(/"kind":"([a-z-]+)"/g)) visited.add(`event ${kind}`)
    // Where a path has the name of something opaque, it is compared as everything else is.
    await note(party, name, `${path}\n${response.status}${length}\n${headers}\n${text}`)
    return response
  }

  /** The same id in both worlds: of the call, and so of its entry. */
  const freshJti = () => `call-${String(++calls).padStart(4, '0')}-${'x'.repeat(20)}`
  /** Of an officer who looks at what waits: how often hangs on what was found, and no id of another call on that. */
  const lookJti = () => `look-${String(++looked).padStart(4, '0')}-${'x'.repeat(20)}`
  const acting = async (party: string, name: string, call: Call, jti = freshJti()) => {
    const response = await scene.call(party, { ...call, jti })
    await taken(party, name, call.path, response)
    return { id: entryId(party, jti), jti, response }
  }
  const post = (path: string, body: object): Call => ({ method: 'POST', path, body })
  const request = (of: number) => {
    const found = known.requests[of % known.requests.length]
    if (found === undefined) throw new Error('nothing was asked')
    return found
  }

  const asking = async (agency: string, body: object, jti?: string) => {
    const call = { ...post('/v1/access-requests', body), officer: asker.officer }
    const made = await acting(agency, 'POST /v1/access-requests', call, jti)
    if (jti === undefined) {
      known.requests.push({ id: made.id, jti: made.jti, agency })
      bodies.push({ agency, body, jti: made.jti })
    }
    return made
  }
  const bodyAt = (of: number) => {
    const found = bodies[of % bodies.length]
    if (found === undefined) throw new Error('nothing was asked')
    return found
  }

  /** A party looks; `by` is whose call it is, where the party is one of its officers. */
  const lookAs = async (
    party: string,
    { name, path, method, body, headers }: Looking,
    by?: { readonly of: string; readonly officer: string },
  ) => {
    // Looks of one moment are in the order of their ids, which are drawn.
    scene.clock.pass(1)
    const call = {
      path,
      ...(method && { method }),
      ...(body && { body }),
      ...(headers && { headers }),
    }
    const isAuditor = name in auditorLooks
    const own = isAuditor ? 'auditor-1' : party === asker.agency ? asker.officer : 'officer-1'
    const { of, officer } = by ?? { of: party, officer: own }
    const made = { ...call, officer, jti: freshJti() }
    const response = isAuditor ? await scene.callAudit(of, made) : await scene.call(of, made)
    await taken(party, name, path, response)
  }
  const openAs = async ({ name, path }: Looking) => {
    const app = name === 'log' ? scene.audit : scene.app
    await taken(
      'the public',
      name,
      path,
      await app.request(`https://gateway.comity.example${path}`),
    )
  }

  const seal = async () => {
    scene.clock.pass(2000)
    await note('operators', 'swept', JSON.stringify(await scene.sealNow()))
  }

  /** A short look of those whom a step may have told something. */
  async function glance() {
    for (const { id, agency } of known.requests)
      await lookAs(agency, {
        name: 'GET /v1/access-requests/:id',
        path: `/v1/access-requests/${id}`,
      })
    for (const party of ['FR-SPOC', 'DE-MIN'])
      for (const path of ['/v1/inbox', '/v1/events'])
        await lookAs(party, { name: `GET ${path}`, path })
    for (const file of (await publicFiles(scene)).slice(0, 1)) await openAs(file)
    await operators()
  }

  /** The lines that operators read since the last time, and what is counted of them. */
  async function operators() {
    for (const line of [
      ...scene.answers.slice(lines.read),
      ...scene.auditAnswers.slice(lines.audit),
    ])
      metrics.take(line)
    const fresh = {
      answers: scene.answers.slice(lines.read),
      audit: scene.auditAnswers.slice(lines.audit),
      events: scene.events.slice(lines.events),
      auditEvents: scene.auditEvents.slice(lines.auditEvents),
    }
    lines.read = scene.answers.length
    lines.audit = scene.auditAnswers.length
    lines.events = scene.events.length
    lines.auditEvents = scene.auditEvents.length
    await note('operators', 'lines', JSON.stringify(fresh))
    const counted = metrics
      .text()
      .split('\n')
      .filter((line) => /^comity_(answers|decisions|events|sealed)_total/.test(line))
    await note('operators', 'metrics', counted.join('\n'))
  }

  /** Which kinds of rows there are now. */
  async function rows() {
    const { tables, client } = scene.store
    for (const table of Object.keys(tables) as (keyof typeof tables)[]) {
      const ofTable = Object.entries<RowKind>(kinds).filter(([, kind]) => kind.table === table)
      for await (const page of rowsIn(client, tables[table]).scan())
        for (const { pk } of page)
          for (const [name, kind] of ofTable)
            if (isOfKind(kind, pk?.S ?? '')) visited.add(`row ${name}`)
    }
  }

  /** Everything that every party can look at. */
  async function everything() {
    await rows()
    await glance()
    // Who asked nothing names one request of another's: of the others it is told no more.
    const one: Known = {
      ...known,
      requests: known.requests.slice(0, 1),
      acts: known.acts.slice(-1),
    }
    for (const party of agencies)
      for (const looksOf of Object.values(agencyLooks))
        for (const look of looksOf(party === asker.agency ? known : one)) await lookAs(party, look)
    for (const party of auditors)
      for (const looksOf of Object.values(auditorLooks))
        for (const look of looksOf(party === asker.auditor ? known : one)) await lookAs(party, look)
    for (const [party, { tries, ...by }] of Object.entries(withoutRight))
      for (const look of tries(one)) await lookAs(party, look, by)
    for (const [name, looksOf] of Object.entries(pageLooks)) {
      const shown = await looksOf(known, scene)
      visited.add(`page ${name}`)
      await note(asker.agency, `page ${name}`, JSON.stringify(shown))
    }
    for (const [name, path] of Object.entries(openLooks)) await openAs({ name, path })
    await published()
    await seal()
    for (const file of await publicFiles(scene)) await openAs(file)
  }

  /** What auditors of the holder’s state may publish of whole months: whoever reads it. */
  async function published() {
    const path = '/v1/figures?from=2026-11-01&until=2027-03-01&purpose=lawfulness'
    const call = { path, officer: 'auditor-1', jti: freshJti() }
    const figures = JSON.parse(await (await scene.callAudit('DE-DPA', call)).text())
    await note('the public', 'published figures', JSON.stringify(figures.published ?? figures))
  }

  async function act(step: Extract<Step, { do: 'act' }>) {
    const jti = freshJti()
    const subjects = [scene.pseudonym(byDocument(step.record))]
    const given =
      step.act === 'expire'
        ? ({ act: 'expire', before: '2027-Q1' } as const)
        : { act: step.act, subjects }
    const response = await scene.send(given, { jti })
    await note(holder, `act ${step.act}`, `${response.status}\n${await response.text()}`)
    const id = entryId(holder, jti)
    known.acts.push(id)
    if (step.act === 'hold' || step.act === 'restrict') lifts.push(id)
  }

  async function take(step: Step): Promise<unknown> {
    switch (step.do) {
      case 'ask':
        return asking(step.agency, step.request)
      case 'again': {
        const { agency, body } = bodyAt(step.of)
        const previous = known.requests.findLast((each) => each.agency === agency)?.id
        const { previous: _, dryRun: __, ...rest } = body as Record<string, unknown>
        return asking(agency, { ...rest, ...(previous && { previous: request(step.of).id }) })
      }
      case 'retry': {
        const { agency, body, jti } = bodyAt(step.of)
        return asking(agency, body, jti)
      }
      case 'dryRun': {
        const { agency, body } = bodyAt(step.of)
        const { previous: _, ...rest } = body as Record<string, unknown>
        return asking(agency, { ...rest, dryRun: true })
      }
      case 'look':
        return acting(
          holder,
          'POST /v1/access-requests/:id/proposal',
          post(`/v1/access-requests/${request(step.of).id}/proposal`, {}),
        )
      case 'lookAtWaiting': {
        const call = { path: '/v1/inbox' }
        const inbox = await acting(holder, 'GET /v1/inbox', call, lookJti())
        const { open } = JSON.parse(await inbox.response.text()) as { open: { request: string }[] }
        for (const { request: id } of open)
          await acting(
            holder,
            'POST /v1/access-requests/:id/proposal',
            post(`/v1/access-requests/${id}/proposal`, {}),
            lookJti(),
          )
        return
      }
      case 'attest':
      case 'refuse': {
        const said =
          step.do === 'attest'
            ? { fact: step.fact, value: step.value }
            : { fact: 'release.decision', value: 'refuse' }
        const scope = { kind: 'matter', matter: request(step.of).id }
        const body = { holder, ...said, scope, ...decided() }
        const made = await acting(holder, 'POST /v1/attestations', post('/v1/attestations', body))
        attested.push({ agency: holder, id: made.id })
        return acting('DE-DPO', 'POST /v1/attestations/:id/signatures', {
          method: 'POST',
          path: `/v1/attestations/${made.id}/signatures`,
        })
      }
      case 'doubt': {
        const id = attested.at(-1)?.id
        if (id === undefined) return
        const body = { ground: 'We are not so sure of it.' }
        const path = `/v1/attestations/${id}/objections`
        const made = await acting(holder, 'POST /v1/attestations/:id/objections', post(path, body))
        return attested.push({ agency: holder, id: made.id })
      }
      case 'withdraw': {
        const last = attested.pop()
        if (last === undefined) return
        const call = { method: 'DELETE', path: `/v1/attestations/${last.id}` }
        return acting(last.agency, 'DELETE /v1/attestations/:id', call)
      }
      case 'respond': {
        const { id } = request(step.of)
        const body = { what: step.what, text: 'We need to know more of this.' }
        const path = `/v1/access-requests/${id}/responses`
        const made = await acting(
          holder,
          'POST /v1/access-requests/:id/responses',
          post(path, body),
        )
        return attested.push({ agency: holder, id: made.id })
      }
      case 'review':
      case 'reviewed': {
        const { id, agency } = request(step.of)
        const party = step.do === 'review' ? agency : holder
        const path = `/v1/access-requests/${id}/review`
        const body = { ground: 'A person is to look at this again.' }
        return acting(party, 'POST /v1/access-requests/:id/review', post(path, body))
      }
      case 'act':
        return act(step)
      case 'lift': {
        const ends = lifts.pop()
        if (ends === undefined) return
        const response = await scene.send({ act: 'lift', ends }, { jti: freshJti() })
        return note(holder, 'act lift', `${response.status}\n${await response.text()}`)
      }
      case 'keep':
        return acting(holder, 'PUT /v1/records/:id', put(state(step.record)))
      case 'correct':
      case 'block': {
        const item = step.do === 'block' ? { status: 'blocked' } : { value: 'Anton Bericht' }
        const body = { items: [{ id: 'name', ...item }] }
        const call = { method: 'PATCH', path: `/v1/records/${step.record}`, body }
        return known.acts.push((await acting(holder, 'PATCH /v1/records/:id', call)).id)
      }
      case 'remove': {
        const call = { method: 'DELETE', path: `/v1/records/${step.record}` }
        return known.acts.push((await acting(holder, 'DELETE /v1/records/:id', call)).id)
      }
      case 'recall': {
        const body = {
          cause: { record: step.record },
          ask: 'restricted',
          ground: 'What was kept there is wrong.',
        }
        const { id } = await acting(holder, 'POST /v1/recalls', post('/v1/recalls', body))
        known.acts.push(id)
        return acting('DE-DPO', 'POST /v1/recalls/:id/signatures', {
          method: 'POST',
          path: `/v1/recalls/${id}/signatures`,
        })
      }
      case 'tellDone': {
        // Whoever got something reads in its own events what it is to do.
        const page = await (
          await scene.call(asker.agency, { path: '/v1/events', jti: freshJti() })
        ).json()
        const { events } = page as { events: readonly { kind: string; entry: string }[] }
        const told = events.find(({ kind }) => kind === 'recalled' || kind === 'corrected')
        if (told === undefined) return
        return acting(
          asker.agency,
          'POST /v1/notices/:id/done',
          post(`/v1/notices/${told.entry}/done`, { did: 'erased' }),
        )
      }
      case 'pass':
        return passing(step.hours)
      case 'see':
        return everything()
    }
  }

  async function passing(hours: number) {
    scene.clock.pass(hours * 60 * minuteMs)
    for (let ticks = 0; ticks < 3; ticks++) {
      scene.clock.pass(minuteMs)
      const ticked = await tick(scene.world, new Date(scene.clock.now.getTime() + minuteMs))
      await note('operators', 'ticked', JSON.stringify(ticked))
      await seal()
    }
  }

  const decided = () => ({
    ground: 'Judged for this test.',
    decidedBy: holder,
    from: scene.clock.now.toISOString(),
    until: new Date(scene.clock.now.getTime() + 86_400_000).toISOString(),
  })
  let kept: ReturnType<typeof stateOf> = []
  const state = (id: string) => {
    const record = kept.find((each) => each.id === id) ?? plainRecord
    return record
  }
  const put = ({ id, ...body }: ReturnType<typeof state>): Call => ({
    method: 'PUT',
    path: `/v1/records/${id}`,
    body,
  })

  return {
    seen,
    visited,
    /** What was before anybody asked by the name. */
    async before(name: StateName, side: Side): Promise<void> {
      at = 'before'
      scene.clock.pass(1000)
      kept = stateOf(name, side)
      for (const record of [...kept, plainRecord]) {
        await acting(holder, 'PUT /v1/records/:id', put(record))
        scene.clock.pass(1000)
      }
      const before = beforeOf(name)
      const remove = (id: string) =>
        acting(holder, 'DELETE /v1/records/:id', { method: 'DELETE', path: `/v1/records/${id}` })
      if (before === 'erase') await remove('R-1')
      if (before === 'merge') await remove('R-2')
      if (before === 'risk') {
        await take({
          ...{ do: 'ask', by: 'document', agency: 'NL-POL' },
          request: riskRequest,
        })
        await take({ do: 'attest', of: 0, fact: 'risk.torture', value: 'real' })
      }
      await seal()
    },
    async take(i: number, step: Step): Promise<void> {
      at = `${i} ${step.do}${'act' in step ? ` ${step.act} ${step.record}` : ''}`
      scene.clock.pass(1000)
      await take(step)
      await seal()
      if (step.do !== 'see') await glance()
    },
  }
}

/** Whether a partition key is of a kind: it has as many parts, and what does not vary is the same. */
function isOfKind({ pk }: RowKind, key: string): boolean {
  const form = pk.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/<[^>]*>/g, '.+')
  return new RegExp(`^${form}$`).test(key)
}

const plainRecord = {
  id: 'R-3',
  names: [{ given: 'Carla', family: 'Offen' }],
  birthDates: ['1970-05-05'],
  documents: [{ number: 'DOC R-3', country: 'DE' }],
  items: [itemOf('name'), itemOf('conviction')],
}

const riskRequest = requestOfMember({
  holder,
  subject: byDocument('R-1'),
  caseReference: 'NL CASE',
})
