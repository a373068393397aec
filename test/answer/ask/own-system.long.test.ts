/** A holder's own system, which fetches the gateway's questions and answers them, well or badly. */

import { createHash } from 'node:crypto'
import { compactVerify, createLocalJWKSet, decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { wouldLeaveViewSchema } from '../../../functions/answer/offices/would-leave-view.ts'
import { tick } from '../../../functions/answer/upkeep/clock.ts'
import { type Question, questionSchema } from '../../../functions/decision/question.ts'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import type { World } from '../../../functions/ports.ts'
import type { Questions } from '../../../functions/question-ports.ts'
import {
  answered,
  type Call,
  freshJti,
  type Gateway,
  problemOf,
  startGateway,
  wouldLeaveIn,
} from '../../world.ts'
import {
  attestAll,
  benignOfMember,
  itemOf,
  personOf,
  requestOfMember,
  subjectsOf,
} from '../people.ts'

/** What the entry of an officer's look says. */
type Looked = { readonly consultation: { readonly exchange: { readonly question: string } } }

/** What the system answers to a question; undefined if it stays silent. */
type Manner = (question: Question, digest: string) => unknown
type Fetched = Question & { readonly signed: string }

let gateway: Gateway
let isOver = false
let serving: Promise<void>
const manners = new Map<string, Manner>()
/** What was fetched, and how the gateway took each answer, by record id. */
const fetched: Fetched[] = []
const taken = new Map<string, Response>()

beforeAll(async () => {
  gateway = await startGateway({
    change: (world) => ({
      ...world,
      questions: hasty(world.questions),
    }),
  })
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  await gateway.change('DE-POL', { system: {} })
  serving = serve()
})
afterEach(() => {
  fetched.length = 0
})
afterAll(async () => {
  isOver = true
  await serving
  await gateway.close()
})

/** Questions that the system is done with, by id: whether it answered or not, nothing else comes. */
const settled = new Set<string>()
/** Records of which a test answers the question itself. */
const byHand = ['H-11', 'H-13']

/** A holder that stays silent is not waited for, however busy this machine is. */
function hasty(questions: World['questions']): Questions {
  if (questions === undefined) throw new Error('the gateway asks no holder')
  const { answered: found } = questions
  return {
    ...questions,
    async answered(holder, id, ms) {
      const end = performance.now() + ms
      for (;;) {
        const isLast = settled.has(id) || performance.now() >= end
        const answer = await found(holder, id, 0)
        if (answer !== undefined || isLast) return answer
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
  }
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('base64url')

/** The questions that wait; none if the clock was moved while the call was under way. */
const fetchQuestions = async (wait = 0): Promise<readonly string[]> => {
  const response = await gateway.call('DE-POL', { path: `/v1/questions?wait=${wait}` })
  return response.ok ? JSON.parse(await response.text()).questions : []
}

const reply = (id: string, body: unknown, agency = 'DE-POL', jti = freshJti()): Promise<Response> =>
  gateway.call(agency, { method: 'POST', path: `/v1/questions/${id}`, body, jti })

/** What the subject of a question is called here. */
const nameOf = ({ subject }: Pick<Question, 'subject'>): string =>
  'recordId' in subject ? subject.recordId : JSON.stringify(subject)

async function serve(): Promise<void> {
  const known = new Set<string>()
  while (!isOver) {
    const fresh = (await fetchQuestions()).filter((each) => !known.has(each))
    await Promise.all(fresh.map((each) => serveOne(known.add(each) && each)))
    // The clock stands still, so that what is not answered waits on.
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function serveOne(signed: string): Promise<void> {
  const question = questionSchema().parse(decodeJwt(signed))
  fetched.push({ ...question, signed })
  const body = manners.get(nameOf(question))?.(question, digestOf(signed))
  if (body !== undefined) taken.set(nameOf(question), await reply(question.id, body))
  if (!byHand.includes(nameOf(question))) settled.add(question.id)
}

const one =
  (...items: Parameters<typeof itemOf>[0][]): Manner =>
  ({ subject }, question) => ({
    question,
    found: 'one',
    record: personOf(
      'recordId' in subject ? subject.recordId : 'R-0',
      items.map((each) => itemOf(each)),
    ),
  })

/** A French request for a record of the holder's own system. */
function asking(id: string, changes: Partial<AccessRequest> = {}) {
  const body = requestOfMember({ subject: { recordId: id }, caseReference: `FR-${id}`, ...changes })
  const jti = freshJti()
  return () => gateway.ask('FR-SPOC', 'officer-7', body, { jti })
}

const ask = async (id: string, manner: Manner, changes: Partial<AccessRequest> = {}) => {
  manners.set(changes.subject === undefined ? id : JSON.stringify(changes.subject), manner)
  return answered(await asking(id, changes)())
}

describe('A holder’s own system', () => {
  test('is asked by a signed question that names whom, which classes and the entry, and no more', async () => {
    const answer = await ask('R-1', one('name'))
    expect(answer).toMatchObject({
      outcome: 'release',
      records: [{ items: [{ value: 'Anton Beispiel' }] }],
    })
    const [{ signed, ...question } = { signed: '' }] = fetched
    const jwks = createLocalJWKSet(
      JSON.parse(await (await gateway.app.request('/.well-known/jwks.json')).text()),
    )
    const { protectedHeader } = await compactVerify(signed, jwks)
    expect(protectedHeader.typ).toBe('comity-question+jwt')
    expect(question).toEqual({
      ...{ v: 1, id: expect.stringContaining(answer.id), iss: gateway.world.origin, aud: 'DE-POL' },
      ...{
        entry: answer.id,
        nonce: expect.any(String),
        iat: expect.any(Number),
        exp: expect.any(Number),
      },
      ...{ subject: { recordId: 'R-1' }, classes: ['identification'] },
    })
  })

  // Kills: a provision of what the system answered once, and has erased since; one that is kept for minutes alone.
  test('is asked again when what it provides is collected', async () => {
    manners.set('H-20', one('name'))
    const body = {
      ...{ holder: 'DE-POL', to: 'FR-SPOC', subject: { recordId: 'H-20' }, urgency: 'none' },
      ...{ classes: ['identification'], purpose: 'investigation', caseReference: 'OWN 20' },
      ...{ instrument: 'EU-2023/977', channel: 'siena', offence: { category: 'ordinary' } },
      ground: 'He was seen with the suspects of their case.',
    }
    const path = '/v1/provisions'
    const post = (more: object) =>
      gateway.call('DE-POL', { method: 'POST', path, body: { ...body, ...more } })
    const { shown } = wouldLeaveViewSchema.parse(await (await post({})).json())
    const { id } = await answered(await post({ shown }))
    const now = gateway.clock.now
    gateway.clock.now = new Date(now.getTime() + 20 * 60_000)
    const collect = () => gateway.call('FR-SPOC', { path: `${path}/${id}` })
    expect((await collect()).status).toBe(200)
    manners.set('H-20', (_, question) => ({ question, found: 'none' }))
    expect(await problemOf(await collect())).toMatchObject({ code: 'record-changed' })
    gateway.clock.now = new Date(now.getTime() + 40 * 60_000)
    await tick(gateway.world, new Date(gateway.clock.now.getTime() + 60_000))
    gateway.clock.now = now
  })

  // Kills: an entry without either signature, with which one side could deny what it said.
  test('and the gateway each prove by the entry what the other signed', async () => {
    const { id } = await ask('R-2', one('name'))
    const { opened } = await gateway.entry(id)
    const { question = '', answer = '' } = opened.subject.exchange ?? {}
    expect(question).toBe(fetched[0]?.signed)
    const { publicJwk } = await keyOfHolder()
    await compactVerify(answer, publicJwk)
    const body = JSON.stringify(
      one('name')(questionSchema().parse(decodeJwt(question)), digestOf(question)),
    )
    expect(decodeJwt(answer)).toMatchObject({
      ...{ iss: 'DE-POL', aud: gateway.world.origin, request_body_sha256: digestOf(body) },
      htu: `${gateway.world.origin}/v1/questions/${fetched[0]?.id}`,
    })
  })

  test('that has nothing, and one that has nothing that may leave, are told apart by nobody', async () => {
    const none = await ask('R-3', (_, question) => ({ question, found: 'none' }))
    const classes = ['identification' as const]
    const blocked = personOf('R-4', [itemOf('name', { status: 'blocked' })])
    const hit = await ask('R-4', (_, question) => ({ question, found: 'one', record: blocked }), {
      classes,
    })
    const { id: _a, matter: _b, decidedAt: _c, receipt: _d, ...told } = none
    expect(hit).toMatchObject(told)
    expect(told.reasons.map(({ code }) => code)).toEqual(['nothing-transmissible'])
  })

  test('that is away makes an open denial and no error, and the entry shows what was asked', async () => {
    const send = asking('R-5')
    const answer = await answered(await send())
    expect(answer).toMatchObject({ outcome: 'deny', standing: 'open', records: [] })
    expect(answer.reasons.map(({ code }) => code)).toEqual(['holder-away'])
    const { opened } = await gateway.entry(answer.id)
    expect(opened.subject).toMatchObject({
      match: 'away',
      exchange: { question: fetched[0]?.signed },
    })
    expect(opened.subject.exchange).not.toHaveProperty('answer')
    expect((await answered(await send())).id).toBe(answer.id)
    expect(fetched).toHaveLength(1)
  })

  // Kills: a retry that asks the holder a second time, or that gives what the holder has become since.
  test('is not asked again for a retry, which gives the same for a quarter of an hour, and then no data', async () => {
    manners.set('R-6', one('name'))
    const send = asking('R-6')
    const first = await answered(await send())
    manners.set('R-6', one('account'))
    const again = await answered(await send())
    expect(again.records).toEqual(first.records)
    const now = gateway.clock.now
    gateway.clock.now = new Date(now.getTime() + 15 * 60_000)
    const late = await send()
    expect(await problemOf(late)).toMatchObject({ status: 409, code: 'record-changed' })
    gateway.clock.now = now
    expect(fetched).toHaveLength(1)
  })

  test('is asked for nothing by a dry run, and for no class that the law refuses beforehand', async () => {
    await answered(await asking('R-7', { dryRun: true })())
    expect(fetched).toEqual([])
    const classes = ['identification', 'communications-content'] as AccessRequest['classes']
    const answer = await ask('R-7', one('name'), { classes })
    expect(answer.classes['communications-content']).toBe('not released')
    expect(fetched.map((each) => each.classes)).toEqual([['identification']])
  })

  test('finds several for a name; an officer picks one, which is then asked for by its id', async () => {
    const { name: subject } = subjectsOf('R-8')
    const several: Manner = (_, question) => ({ question, found: 'several', ids: ['R-8', 'R-9'] })
    const denial = await ask('R-8', several, { subject })
    expect(denial.outcome).toBe('deny')
    manners.set('R-8', one('name'))
    const look = await wouldLeaveIn(
      await gateway.seeWouldLeave('DE-POL', denial.id, { record: 'R-8' }),
    )
    expect(look.items.map(({ value }) => value)).toEqual(['Anton Beispiel'])
    const { consultation } = (await gateway.entry(look.id)).opened as unknown as Looked
    expect(fetched.map((each) => each.signed)).toContain(consultation.exchange.question)
    await gateway.releaseBy('DE-POL', denial.id, { record: 'R-8' })
    const body = requestOfMember({ subject, caseReference: 'FR-R-8', previous: denial.id })
    const jti = freshJti()
    const send = () => gateway.ask('FR-SPOC', 'officer-7', body, { jti })
    const answer = await answered(await send())
    expect(answer).toMatchObject({
      outcome: 'release',
      records: [{ items: [{ value: 'Anton Beispiel' }] }],
    })
    expect((await answered(await send())).records).toEqual(answer.records)
    // Kills: an entry that proves that several fit, and nothing of what left.
    const { exchange } = (await gateway.entry(answer.id)).opened.subject
    const saidOf = (signed = '') => decodeJwt(signed).request_body_sha256
    const question = decodeJwt(exchange?.picked?.question ?? '')
    expect(question).toMatchObject({ subject: { recordId: 'R-8' }, entry: answer.id })
    const said = one('name')(question as never, digestOf(exchange?.picked?.question ?? ''))
    expect(saidOf(exchange?.picked?.answer)).toBe(digestOf(JSON.stringify(said)))
    expect(saidOf(exchange?.answer)).not.toBe(saidOf(exchange?.picked?.answer))
  })

  // Kills: a picked record that is held to its id alone, under which the system has somebody else.
  test('cannot give another person’s data under the id that an officer picked', async () => {
    const { name: subject } = subjectsOf('R-13')
    const several: Manner = (_, question) => ({ question, found: 'several', ids: ['R-13', 'R-14'] })
    const denial = await ask('R-13', several, { subject })
    const record = { ...personOf('R-99', [itemOf('name')]), id: 'R-13' }
    manners.set('R-13', (_, question) => ({ question, found: 'one', record }))
    await gateway.releaseBy('DE-POL', denial.id, { record: 'R-13' })
    const again = { subject, caseReference: 'FR-R-13', previous: denial.id }
    const answer = await ask('R-13', several, again)
    expect(answer).toMatchObject({ outcome: 'deny', records: [] })
  })

  // Kills: a denial for good, although the officer released what could only not be fetched.
  test('that is away when the picked record is asked for makes an open denial', async () => {
    const { name: subject } = subjectsOf('R-16')
    const several: Manner = (_, question) => ({ question, found: 'several', ids: ['R-16', 'R-17'] })
    const denial = await ask('R-16', several, { subject })
    manners.set('R-16', one('name'))
    await gateway.releaseBy('DE-POL', denial.id, { record: 'R-16' })
    manners.delete('R-16')
    const again = { subject, caseReference: 'FR-R-16', previous: denial.id }
    const away = await ask('R-16', several, again)
    expect(away).toMatchObject({ outcome: 'deny', standing: 'open', records: [] })
    expect(away.reasons.map(({ code }) => code)).toEqual(['holder-away'])
    manners.set('R-16', one('name'))
    expect(await ask('R-16', several, again)).toMatchObject({ outcome: 'release' })
  })

  test('keeps no records here, where nobody would look at them', async () => {
    const { id, ...body } = personOf('R-10', [itemOf('name')])
    const put = await gateway.call('DE-POL', { method: 'PUT', path: `/v1/records/${id}`, body })
    expect(await problemOf(put)).toMatchObject({ status: 403, code: 'not-a-holder' })
  })

  // Kills: answers that stay after they can be given again, until somebody asks that holder anew.
  test('leaves nothing in the gateway once a retry can no longer be given', async () => {
    await ask('R-11', one('name'))
    gateway.clock.pass(16 * 60_000)
    await tick(gateway.world, new Date(gateway.clock.now.getTime() + 60_000))
    const items = await gateway.store.rows.records.everything()
    expect(items.filter(({ pk }) => pk?.S?.startsWith('Q#'))).toEqual([])
  })
})

describe('A holder’s system that answers badly', () => {
  const other =
    (changes: object): Manner =>
    (question, digest) => ({
      ...(one('name')(question, digest) as object),
      ...changes,
    })
  const record = (id: string, changes: object = {}) => ({
    ...personOf(id, [itemOf('name')]),
    ...changes,
  })
  const hostile: readonly (readonly [string, string, Manner, object])[] = [
    ['huge', 'H-1', other({ more: 'x'.repeat(262_144) }), { status: 413, code: 'body-too-large' }],
    ['malformed', 'H-2', () => Buffer.from('{"found":'), { status: 400, code: 'invalid-json' }],
    ['of another form', 'H-3', other({ found: 'perhaps' }), { status: 422 }],
    [
      ...(['about somebody else', 'H-4', other({ record: record('H-99') })] as const),
      { status: 422, errors: [{ pointer: '/record' }] },
    ],
    [
      ...(['replayed', 'H-5', other({ question: 'r'.repeat(43) })] as const),
      { status: 422, errors: [{ pointer: '/question' }] },
    ],
    [
      ...([
        'of a class that was not asked for',
        'H-6',
        other({ record: record('H-6', { items: [itemOf('account')] }) }),
      ] as const),
      { status: 422, errors: [{ pointer: '/record/items/0/class' }] },
    ],
    [
      ...([
        'with two items of one id',
        'H-7',
        other({ record: record('H-7', { items: [itemOf('name'), itemOf('name')] }) }),
      ] as const),
      { status: 422, errors: [{ pointer: '/record/items/1/id' }] },
    ],
    [
      ...([
        'of several records for one id',
        'H-8',
        (_: Question, question: string) => ({ question, found: 'several', ids: ['H-8', 'H-9'] }),
      ] as const),
      { status: 422, errors: [{ pointer: '/found' }] },
    ],
  ]

  // Kills, each for its row: a limit, the schema, the subject, the digest, the classes or the ids unchecked.
  test('is told why, and nothing is released', async () => {
    const answers = await Promise.all(hostile.map(([, id, manner]) => ask(id, manner)))
    for (const [i, [name, id, , wanted]] of hostile.entries()) {
      const response = taken.get(id)
      expect(response && (await problemOf(response)), name).toMatchObject(wanted)
      expect(
        answers[i]?.reasons.map(({ code }) => code),
        name,
      ).toEqual(['holder-away'])
      expect(answers[i]?.records, name).toEqual([])
    }
  })

  // Kills: a class taken by the holder's word, whatever the element is.
  test('lies about a class, and the item is withheld as of an unknown class', async () => {
    const lied = { ...itemOf('account'), class: 'identification' as const }
    const answer = await ask('H-10', other({ record: record('H-10', { items: [lied] }) }))
    expect(answer).toMatchObject({ outcome: 'deny', records: [] })
  })

  test('cannot answer twice, nor late, and nobody answers for it', async () => {
    manners.delete('H-11')
    const asked = asking('H-11')()
    const question = await waitingFor('H-11')
    const body = one('name')(question, digestOf(question.signed))
    const foreign = await reply(question.id, body, 'GB-POL')
    expect(await problemOf(foreign)).toMatchObject({ status: 403, code: 'not-your-role' })
    const jti = freshJti()
    expect((await reply(question.id, body, 'DE-POL', jti)).status).toBe(201)
    expect((await reply(question.id, body, 'DE-POL', jti)).status).toBe(200)
    const second = await reply(question.id, { question: digestOf(question.signed), found: 'none' })
    expect(await problemOf(second)).toMatchObject({ status: 404, code: 'not-found' })
    expect((await answered(await asked)).outcome).toBe('release')

    const racing = asking('H-13')()
    const raced = await waitingFor('H-13')
    const none = { question: digestOf(raced.signed), found: 'none' }
    const hit = one('name')(raced, digestOf(raced.signed))
    const both = await Promise.all([reply(raced.id, hit), reply(raced.id, none)])
    expect(both.map(({ status }) => status).toSorted()).toEqual([201, 404])
    expect((await answered(await racing)).records).toHaveLength(both[0].status === 201 ? 1 : 0)

    const away = await answered(await asking('H-12')())
    const late = fetched.find((each) => nameOf(each) === 'H-12')
    gateway.clock.pass(10_000)
    const after = await reply(
      late?.id ?? '',
      one('name')(late as Question, digestOf(late?.signed ?? '')),
    )
    expect(await problemOf(after)).toMatchObject({ status: 404 })
    expect(away.reasons.map(({ code }) => code)).toEqual(['holder-away'])
  })

  test('and an agency with no system of its own fetches no questions', async () => {
    const refused = await gateway.call('FR-SPOC', { path: '/v1/questions?wait=1' })
    expect(await problemOf(refused)).toMatchObject({ status: 403, code: 'not-your-role' })
  })
})

async function waitingFor(name: string): Promise<Fetched> {
  for (;;) {
    const found = fetched.find((each) => nameOf(each) === name)
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function keyOfHolder() {
  const { d: _, ...publicJwk } = gateway.keys.get('DE-POL')?.privateJwk ?? { d: '' }
  return { publicJwk: publicJwk as Call & Parameters<typeof compactVerify>[1] }
}
