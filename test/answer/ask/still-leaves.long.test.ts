/**
 * INVARIANT (no more than would leave now): whatever stops an answer stops each way of opening it again, and none of
 * them says which it was.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keyOfItem, textOf } from '../../../functions/adapters/dynamodb.ts'
import { sendAgain } from '../../../functions/answer/answer.ts'
import { wouldLeaveViewSchema } from '../../../functions/answer/offices/would-leave-view.ts'
import type { AnswerBody } from '../../../functions/answer/reply/reply-schema.ts'
import { withoutPermits } from '../../../functions/policy/law.ts'
import type { World } from '../../../functions/ports.ts'
import { picture } from '../../picture/pictures.ts'
import { answered, done, freshJti, type Gateway, problemOf } from '../../world.ts'
import { itemOf, personOf, requestOfMember, subjectsOf } from '../people.ts'
import { post, startTelling } from '../sealed-union.ts'

let at: Awaited<ReturnType<typeof startTelling>>
let gateway: Gateway
beforeAll(async () => {
  at = await startTelling()
  gateway = at.gateway
})
afterAll(() => at.close())

const minuteMs = 60_000
const officer = 'officer-7'
const photo = { element: 'nc:PersonDigitalImage', value: { type: 'image/jpeg' } } as const
const face = itemOf('name', { id: 'face', originator: 'BE', ...photo })

let scenes = 100
/**
 * A photograph that left by the word of its originator, three times: in answer, by another way, and unasked. All are of
 * one case, whose person was asked for once before.
 */
async function setScene() {
  const id = `R-${++scenes}`
  await gateway.putRecord('DE-POL', personOf(id, [face]))
  const body = picture('baseline')
  const headers = { 'content-type': 'image/jpeg' }
  const put = { method: 'PUT', path: `/v1/records/${id}/files/face`, body, headers }
  expect((await gateway.call('DE-POL', put)).status).toBe(201)
  const caseReference = `STILL-${id}`
  const subject = subjectsOf(id).document
  const request = requestOfMember({ subject, caseReference })
  const ask = (changes: object = {}, jti = freshJti()) =>
    gateway.ask('FR-SPOC', officer, { ...request, ...changes }, { jti })
  const first = await answered(await ask())
  expect(first.outcome).toBe('deny')
  const scope = { kind: 'case' as const, requester: 'FR-SPOC', caseReference, persons: [first.id] }
  const say = (agency: string, fact: string, value: string, more = {}) =>
    gateway.attest(agency, { holder: 'DE-POL', fact, value, scope, ...more })
  const until = new Date(gateway.clock.now.getTime() + 10 * minuteMs).toISOString()
  const ofBelgium = { originator: 'BE', until }
  const consent = await say('BE-POL', 'item.originConsent', 'given', ofBelgium)
  const { purpose, instrument, channel, urgency, classes } = request
  const provision = {
    ...{ purpose, instrument, channel, urgency, classes, subject, caseReference },
    ...{ holder: 'DE-POL', to: 'FR-SPOC', offence: { category: 'ordinary' } },
    ground: 'He was seen with the suspects of their case.',
  }
  const provide = async (changes: object = {}) => {
    const whole = { ...provision, ...changes }
    const looked = await gateway.call('DE-POL', post('/v1/provisions', whole))
    const { shown } = wouldLeaveViewSchema.parse(await looked.json())
    return gateway.call('DE-POL', post('/v1/provisions', { ...whole, shown }))
  }
  const jti = freshJti()
  const asked = await answered(await ask({}, jti))
  const sent = await answered(await ask({ deliverBy: 'siena' }))
  const given = await answered(await provide())
  const all = { asked, sent, given }
  return { id, request, jti, ask, provide, say, consent, ...all, all: Object.values(all) }
}
type Scene = Awaited<ReturnType<typeof setScene>>

const fileOf = ({ id }: AnswerBody, agency: string) =>
  gateway.call(agency, { path: `/v1/access-requests/${id}/files/face`, officer })

/** Every way of opening an answer again, and by which agency. */
const ways = {
  'the call again': ['FR-SPOC', ({ ask, jti }) => ask({}, jti)],
  'a file of the answer': ['FR-SPOC', ({ asked }) => fileOf(asked, 'FR-SPOC')],
  'a package': [
    'DE-POL',
    ({ sent }) => gateway.call('DE-POL', post(`/v1/access-requests/${sent.id}/package`)),
  ],
  'a file beside a package': ['DE-POL', ({ sent }) => fileOf(sent, 'DE-POL')],
  'a collection': [
    'FR-SPOC',
    ({ given }) => gateway.call('FR-SPOC', { path: `/v1/provisions/${given.id}`, officer }),
  ],
  'a file of a provision': ['FR-SPOC', ({ given }) => fileOf(given, 'FR-SPOC')],
} as const satisfies Readonly<
  Record<string, readonly [agency: string, open: (scene: Scene) => Promise<Response>]>
>
const wayNames = Object.keys(ways) as readonly (keyof typeof ways)[]

/** What data an answer has. */
async function dataOf(response: Response): Promise<string> {
  expect([200, 201]).toContain(response.status)
  if (response.headers.get('content-type') === 'image/jpeg')
    return Buffer.from(await response.arrayBuffer()).toString('base64')
  const { records } = (await response.json()) as Pick<AnswerBody, 'records'>
  expect(records).toHaveLength(1)
  return JSON.stringify(records)
}

/** Has the law say something else for as long as something is looked at. */
type Law = Awaited<ReturnType<World['law']['now']>>
async function underLaw(change: (law: Law) => Law) {
  const law = gateway.world.law as { now: World['law']['now'] }
  const { now } = law
  law.now = async () => change(await now())
  return () => {
    law.now = now
  }
}
const ofPolice = (law: Law, change: (policy: Law['book']['policies'][number]) => object): Law => ({
  ...law,
  book: {
    ...law.book,
    policies: law.book.policies.map((each) =>
      each.id === 'de/police' ? { ...each, ...change(each) } : each,
    ),
  },
})

/** What stops an answer; it gives how to undo what would stop all others as well. */
type Stop = (scene: Scene) => Promise<unknown>
const changed = (agency: string, changes: Parameters<Gateway['change']>[1]) => async () => {
  await gateway.change(agency, changes)
  return () => gateway.change(agency, {})
}
const stops: Readonly<Record<string, Stop>> = {
  'an office takes back its word': async ({ consent }) =>
    done(await gateway.call('BE-POL', { method: 'DELETE', path: `/v1/attestations/${consent}` })),
  'the word of an office ends': async () => {
    gateway.clock.pass(11 * minuteMs)
  },
  'an office refuses': ({ say }) =>
    say('BE-POL', 'item.originConsent', 'refused', { originator: 'BE' }),
  'an office finds a risk': ({ say }) => say('DE-POL', 'risk.torture', 'real'),
  'an office doubts another’s word': async ({ consent }) => {
    const body = { ground: 'We know better by now.' }
    return done(await gateway.call('DE-POL', post(`/v1/attestations/${consent}/objections`, body)))
  },
  'an officer of the holder refuses': async ({ all }) => {
    for (const { matter = '' } of all)
      await gateway.attest('DE-POL', {
        ...{ holder: 'DE-POL', fact: 'release.decision', value: 'refuse' },
        scope: { kind: 'matter', matter },
      })
  },
  'the row of an office’s word is lost': async ({ consent }) => {
    const { attestations } = gateway.store.rows
    for (const item of await attestations.everything())
      if (textOf(item, 'sk').endsWith(consent)) await attestations.remove(keyOfItem(item))
  },
  'the row of an office’s word is not what it signed': async ({ consent }) => {
    const { attestations } = gateway.store.rows
    for (const item of await attestations.everything()) {
      if (!textOf(item, 'sk').endsWith(consent) || item.attestation?.S === undefined) continue
      const said = { ...JSON.parse(item.attestation.S), until: '2027-01-01T00:00:00.000Z' }
      await attestations.put({ ...item, attestation: { S: JSON.stringify(said) } })
    }
  },
  'others had the key of an office': async () => {
    const { keys = [] } = (await gateway.world.register.agency('BE-POL')) ?? {}
    const since = new Date(gateway.clock.now.getTime() - 60 * minuteMs).toISOString()
    const compromised = { status: 'revoked', compromisedSince: since } as const
    return changed('BE-POL', { keys: keys.map((key) => ({ ...key, ...compromised })) })()
  },
  'a policy is suspended': () => {
    const suspensions = [{ from: gateway.clock.now.toISOString() }]
    return underLaw((law) => ofPolice(law, () => ({ suspensions })))
  },
  // As `comity policy stop` has it, of whatever statement it is read.
  'everything is stopped': () => underLaw(withoutPermits),
  'the law lays a duty on it': () =>
    underLaw((law) =>
      ofPolice(law, ({ rules }) => ({
        rules: rules.map((each) => {
          const { then } = each.rule
          const obligations = [...(then.obligations ?? []), { code: 'O-CONF' }]
          return { ...each, rule: { ...each.rule, then: { ...then, obligations } } }
        }),
      })),
    ),
  'the holder is suspended': changed('DE-POL', { status: 'suspended' }),
  'whoever asked is suspended': changed('FR-SPOC', { status: 'suspended' }),
  'it is recalled': async ({ id }) => {
    const wrong = { cause: { record: id }, ask: 'erased', ground: 'It is another person.' }
    const recall = await done(await gateway.call('DE-POL', post('/v1/recalls', wrong)))
    await done(await gateway.call('DE-DPO', post(`/v1/recalls/${recall}/signatures`)))
    await at.turn()
  },
  'an item is corrected': async ({ id }) =>
    done(await at.change(id, [{ id: 'face', quality: 'doubtful' }])),
  'an item is restricted': async ({ id }) =>
    done(await at.change(id, [{ id: 'face', status: 'blocked' }])),
  'its record may not be kept any more': async ({ id }) =>
    done(await at.change(id, [{ id: 'face', retentionUntil: '2026-11-01' }])),
  'its record is erased': async ({ id }) =>
    done(await gateway.call('DE-POL', { method: 'DELETE', path: `/v1/records/${id}` })),
  'another record fits': ({ id }) =>
    gateway.putRecord('DE-POL', { ...personOf(`${id}-B`, []), ...documentsOf(id) }),
  'what the log says of the person is kept as evidence only': async ({ all }) => {
    for (const { id } of all)
      await gateway.world.subjectKeys.restrict((await gateway.entry(id)).stored.kid, 'act')
  },
  'the matter is decided again': async ({ asked, sent, given, ask, provide }) => {
    at.wait(1000)
    await answered(await ask({ previous: asked.id }))
    await answered(await ask({ previous: sent.id, deliverBy: 'siena' }))
    await answered(await provide({ previous: given.id }))
    await at.sealed()
  },
}
const documentsOf = (id: string) => ({ documents: personOf(id, []).documents })

/** Of which stops whoever is refused knows why: they are its own, or said by the holder’s officer to itself. */
const known: Readonly<Record<string, readonly string[]>> = {
  // Nobody of that agency is answered at all.
  'whoever asked is suspended': ['FR-SPOC'],
  'the holder is suspended': ['DE-POL'],
}
/** After which of them a new call gives more: these stop what was given alone. */
const onlyOfBefore = [
  'it is recalled',
  'the matter is decided again',
  'the law lays a duty on it',
  'what the log says of the person is kept as evidence only',
]

/** What is told of a stop: all of it, but for what is of this answer and call alone. */
async function toldOf(response: Response): Promise<string> {
  const { status, headers } = response
  const text = await response.text()
  const one = text
    .replaceAll(/eyJ[\w.-]+/g, (found) => `<receipt ${found.length}>`)
    .replaceAll(/STILL-R-\d+/g, '<case>')
    .replaceAll(/(?<=")[\w-]{43}(?=")/g, '<id>')
    .replaceAll(/(?<=")[0-9a-f]{32}(?=")/g, '<trace>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
  const names = [...headers.keys()].sort().join()
  return [status, text.length, names, headers.get('content-type'), one].join('\n')
}

describe('What left by an answer is opened again', () => {
  let before: Record<string, string> = {}
  let scene: Scene
  const undo: unknown[] = []
  beforeEach(async () => {
    for (const each of undo.splice(0)) if (typeof each === 'function') await each()
    // What is vouched for lasts a day.
    scene = await setScene()
    before = {}
  })
  afterAll(async () => {
    for (const each of undo.splice(0)) if (typeof each === 'function') await each()
  })

  test('by each way, as it left, as long as nothing has changed', async () => {
    const opened = async () => {
      const all: Record<string, string> = {}
      for (const way of wayNames) all[way] = await dataOf(await ways[way][1](scene))
      return all
    }
    before = await opened()
    expect(before['the call again']).toBe(JSON.stringify(scene.asked.records))
    gateway.clock.pass(9 * minuteMs)
    expect(await opened()).toEqual(before)
  })

  const told = new Map<string, Map<string, string>>()

  // Kills: a way that looks at less than the others; a stop that one of them does not know.
  test.each(Object.keys(stops))('by none once %s, and no way says so', async (name) => {
    for (const way of wayNames) await dataOf(await ways[way][1](scene))
    undo.push(await stops[name]?.(scene))
    for (const way of wayNames) {
      const [agency, open] = ways[way]
      const response = await open(scene)
      if (known[name]?.includes(agency)) {
        expect(response.status, way).toBeGreaterThanOrEqual(400)
        continue
      }
      expect(await problemOf(response.clone()), way).toMatchObject({
        ...{ status: 409, code: 'record-changed' },
      })
      const same = told.get(way) ?? new Map()
      told.set(way, same.set(name, await toldOf(response)))
      expect(same.get(name), way).toBe([...same.values()][0])
    }
    // And a new call gets no more.
    if (onlyOfBefore.includes(name)) return
    const fresh = await scene.ask()
    if (fresh.ok) expect((await answered(fresh)).records).toEqual([])
  })
})

/** Where data is read or decided on, and what asks there whether it leaves, or why nothing is opened again by it. */
const readers: Readonly<Record<string, { readonly ways: readonly string[] } | string>> = {
  'answer/ask/retry.ts': { ways: ['the call again'] },
  'answer/handovers/delivery.ts': { ways: ['a package'] },
  'answer/handovers/provision.ts': { ways: ['a collection'] },
  'answer/handovers/file.ts': {
    ways: ['a file of the answer', 'a file beside a package', 'a file of a provision'],
  },
  'answer/offices/picture.ts':
    'an officer’s own look again, decided anew: `test/console/picture.test.ts`',
  'answer/offices/would-leave.ts': 'an officer’s look, decided anew each time',
  'answer/answer.ts': 'the first answer; and what is given again takes a `StillLeaves`',
  'answer/ask/still-leaves.ts': 'the one place',
  'answer/ask/consideration.ts': 'decides anew',
  'answer/ask/decision.ts': 'decides anew',
  'answer/ask/holder.ts': 'reads the record for whoever decides anew',
  'answer/ask/questions.ts': 'takes what a holder’s own system answers, and gives nothing',
  'answer/messages/corrections.ts': 'tells that something changed, and of which items',
  'answer/records/contents.ts': 'the holder’s own act on its record',
  'answer/records/file.ts': 'the holder’s own act on its record',
  'answer/records/records.ts': 'the holder’s own act on its record',
}
const reads =
  /\b(holder|records|files)\??\.(get|find|last)\(|\bquestions\??\.answered\(|\b(consider|considerLook|disclose|sendAgain|stillLeaves)\(/

describe('Whatever reads what may leave', () => {
  // Kills: a way of opening data again that asks nobody whether it still leaves, and is tried above by no stop.
  test('is a way that is tried, or says why it opens nothing again', () => {
    const functions = join(import.meta.dirname, '../../../functions')
    const textOfFile = (file: string) => readFileSync(join(functions, file), 'utf8')
    const files = ['answer', 'audit', 'console', 'http', 'machine', 'sealing'].flatMap((room) =>
      readdirSync(join(functions, room), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => `${room}/${file}`),
    )
    expect(files.filter((file) => reads.test(textOfFile(file))).sort()).toEqual(
      Object.keys(readers).sort(),
    )
    const tried: string[] = []
    for (const [file, reader] of Object.entries(readers))
      if (typeof reader !== 'string') {
        expect(textOfFile(file), file).toMatch(/\bstillLeaves\(/)
        tried.push(...reader.ways)
      }
    expect(tried.sort()).toEqual([...wayNames].sort())
  })

  // Kills: an answer that is put together again from anything but what still leaves.
  test('cannot be sent again by types unless the one place was asked', () => {
    const found = { kind: 'leaves', disclosure: { items: [], handling: [], held: [] } } as const
    // @ts-expect-error: only `stillLeaves` makes one.
    expect(() => sendAgain({} as never, found, {} as never, gateway.world)).toBeDefined()
  })
})
