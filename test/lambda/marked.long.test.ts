/**
 * Nobody's name, words, tokens or secrets are in any line: whatever is sent to a function, whatever a
 * store says or holds, and whatever fails. All that instances say is searched, and every problem that
 * is answered.
 */

import { isDeepStrictEqual } from 'node:util'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { KMSClient } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { bytesOf, newestOf, rowsIn } from '../../functions/adapters/dynamodb.ts'
import { kmsWrapper } from '../../functions/adapters/kms.ts'
import { dynamodbSealing } from '../../functions/adapters/sealing-dynamodb.ts'
import { type TableName, tables } from '../../functions/adapters/tables.ts'
import type { Door } from '../../infra/bundle.ts'
import { removeFolders } from '../demo/process.ts'
import { everything } from '../dynalite.ts'
import { constructOf } from '../infra/deployment.ts'
import { resourceOf } from '../infra/template.ts'
import { logInBoth, startPages } from './browsed.ts'
import { type Deployed, deploy, freshJti } from './deployed.ts'
import {
  type About,
  type Api,
  fed,
  furniture,
  marks,
  received,
  type Sent,
  send,
  signing,
  toBeDecided,
} from './fed.ts'
import { searchFor } from './marks.ts'
import { type Instance, NotStarted } from './runtime.ts'
import { itemOf, streamOf, tick } from './stream.ts'
import { markedAs, wrongBodies, wrongTypes } from './wrong-bodies.ts'

let deployed: Deployed
let about: About
let site: Awaited<ReturnType<typeof startPages>>
let people: Awaited<ReturnType<typeof logInBoth>>
const running = new Map<Door, Instance>()
/** What starts that failed have said, and every problem that was answered. */
const unstarted: string[] = []
const problems: string[] = []

/** A name of a body or a query that nothing has, of the environment, and of what guards it. */
const ofNames = { key: 'Pfeifengras-Seggenried' } as const
const ofMachine = { secretKey: 'Moorfrosch7/Knoblauchkröte', session: 'Wechselkröte==Gelbbauch' }
/** All of them; of what cannot be read, errors quote the first few letters. */
const everyMark = [marks.document, ...Object.values({ ...marks, ...ofNames })].join(' ')

const apis = ['access', 'audit'] as const
const guarding = {
  AWS_SECRET_ACCESS_KEY: ofMachine.secretKey,
  AWS_SESSION_TOKEN: ofMachine.session,
}
const start = async (door: Door, changed: Readonly<Record<string, string>> = {}) =>
  deployed.start(door, { ...guarding, ...changed })
function instanceOf(door: Door): Instance {
  const instance = running.get(door)
  if (instance === undefined) throw new Error(`${door} does not run`)
  return instance
}

beforeAll(async () => {
  deployed = await deploy(['access', 'audit', 'console', 'seal', 'sign'], 'GB-POL')
  await failToStart('access', 'kms:Encrypt')
  running.set('access', await start('access'))
  for (const door of ['audit', 'seal', 'sign'] as const) running.set(door, await start(door))
  // Of agencies that call nothing else: whoever names officers has no others.
  site = await startPages(deployed, guarding, ['GB-DPA', 'US-POL'])
  running.set('console', site.pages)
  about = await learn(await furnish())
  people = await logInBoth(site.browser, about.denied)
}, 120_000)

afterAll(async () => {
  await Promise.all([...running.values()].map((each) => each.stop()))
  await site?.login.stop()
  await deployed.end()
  await removeFolders()
})

/** Sends a call, and keeps what it is told if that is a problem. */
async function call(api: Api, sent: Sent) {
  const answer = await send(deployed, api, instanceOf(api), sent)
  if (answer.status >= 300) problems.push(answer.text)
  return answer
}

/** Looks at pages of the console, which read every table; keeps what they say if that is a problem. */
async function browse(): Promise<readonly number[]> {
  const seen = await people.look()
  problems.push(...seen.filter(({ status }) => status >= 300).map(({ text }) => text))
  return seen.map(({ status }) => status)
}

/** Every status of a call of auditors, and of the pages. */
async function isWell(): Promise<readonly number[]> {
  const { status } = await call('audit', await wellFormed('audit', 'GET /v1/alarms'))
  return [...new Set([status, ...(await browse())])]
}

/** Starts a door that is denied something, or whose environment is wrong. */
async function failToStart(door: Door, denied: string, changed = {}): Promise<void> {
  deployed.cloud.guard(({ action }) => action !== denied)
  const why: unknown = await start(door, changed).catch((error: unknown) => error)
  deployed.cloud.guard(() => true)
  if (!(why instanceof NotStarted)) throw new Error(`${door} started`)
  unstarted.push(why.said)
}

const idIn = (text: string): string => z.looseObject({ id: z.string() }).parse(JSON.parse(text)).id
const made = async (api: Api, name: string): Promise<string> => {
  const answer = await call(api, await wellFormed(api, name))
  expect(answer.status, `${name}: ${answer.text}`).toBeLessThan(300)
  return answer.text
}

/** Enters what must be there; gives the id of something that is vouched for in general. */
async function furnish(): Promise<string> {
  let general = ''
  for (const each of furniture) {
    const { status, text } = await call('access', each)
    expect(status, text).toBe(201)
    if (each.path !== '/v1/attestations') continue
    general = idIn(text)
    expect((await call('access', signing(general))).status).toBe(201)
  }
  return general
}

/** Makes a decision that is sealed, and asks by what auditors find it. */
async function learn(general: string): Promise<About> {
  about = {
    ...{ decided: '', denied: '', entered: '', general, attested: '' },
    ...{ subjects: [], case: '', log: '' },
  }
  const answered = await made('access', 'POST /v1/access-requests')
  // Otherwise nothing would leave that could be said by mistake.
  expect(JSON.parse(answered)).toMatchObject({ outcome: 'release' })
  const decided = idIn(answered)
  const refused = (await call('access', toBeDecided)).text
  expect(JSON.parse(refused)).toMatchObject({ outcome: 'deny', standing: 'open' })
  const denied = idIn(refused)
  const entered = idIn((await call('access', received)).text)
  about = { ...about, decided, denied, entered }
  const attested = idIn(await made('access', 'POST /v1/attestations'))
  await instanceOf('seal').send(tick)
  const { subjects } = z
    .object({ subjects: z.array(z.string()).min(1) })
    .parse(JSON.parse(await made('audit', 'POST /v1/subject-pseudonyms')))
  const pseudonym = await wellFormed('audit', 'POST /v1/pseudonyms')
  const ofCase = { agency: 'FR-SPOC', caseReference: marks.case }
  const named = await call('audit', { ...pseudonym, body: { purpose: 'lawfulness', case: ofCase } })
  const log = `${deployed.gateway}/de/${new Date().getUTCFullYear()}`
  return {
    ...{ decided, denied, entered, general, attested, subjects, log },
    case: z.object({ case: z.string() }).parse(JSON.parse(named.text)).case,
  }
}

async function wellFormed(api: Api, name: string): Promise<Sent> {
  const make = fed[api][name]
  if (make === undefined) throw new Error(`nothing is fed to ${name} of ${api}`)
  return make(about, deployed)
}
/** A fresh call of every operation. */
const everyCall = (api: Api): Promise<readonly Sent[]> =>
  Promise.all(Object.keys(fed[api]).map((name) => wellFormed(api, name)))

type Guard = Parameters<Deployed['cloud']['guard']>[0]
/** Runs something while the cloud is guarded. */
async function guarded(before: Guard, run: () => Promise<unknown>): Promise<void> {
  deployed.cloud.guard(before)
  try {
    await run()
  } finally {
    deployed.cloud.guard(() => true)
  }
}

/** By which credentials the cloud knows a door. */
const signerOf = (door: Door): string => `ASIA${door.toUpperCase()}`

/** What somebody uses while something runs. */
async function usesOf(signer: string, run: () => Promise<unknown>): Promise<Set<string>> {
  const uses = new Set<string>()
  const note: Guard = (use) => {
    if (use.signer === signer) uses.add(`${use.action} ${use.on}`)
    return true
  }
  await guarded(note, run)
  return uses
}

const denying = (signer: string, denied: string, run: () => Promise<unknown>): Promise<void> =>
  guarded((use) => use.signer !== signer || `${use.action} ${use.on}` !== denied, run)

/** The item of a new entry. */
const fresh = async () => itemOf(deployed, idIn(await made('access', 'POST /v1/access-requests')))

/** What each call uses, as it was seen: rights by the name of the operation. */
const usesOfCalls: Readonly<Record<Api, Map<string, ReadonlySet<string>>>> = {
  access: new Map(),
  audit: new Map(),
}

/** The calls that read from something; an act has every log swept, and so is left out. */
const readersOf = (on: string): readonly (readonly [Api, string])[] =>
  apis.flatMap((api) =>
    [...usesOfCalls[api]]
      .filter(([name, uses]) => {
        const reads = [...uses].some((use) => /Get|Query|Scan/.test(use) && use.endsWith(` ${on}`))
        return reads && name !== 'POST /v1/subject-acts'
      })
      .map(([name]) => [api, name] as const),
  )

describe('Marks', () => {
  // Kills: an operation that nobody feeds.
  test.each(apis)('are fed to every operation that the document of %s has', async (api) => {
    const address = { access: '/openapi.json', audit: '/audit/openapi.json' }[api]
    const { text } = await call(api, { method: 'GET', path: address })
    const { paths } = z
      .looseObject({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
      .parse(JSON.parse(text))
    const named = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(Object.keys(fed[api]).sort()).toEqual(named.sort())
    for (const name of named) {
      const uses = await usesOf(signerOf(api), async () => {
        const { status, text } = await call(api, await wellFormed(api, name))
        expect([200, 201, 404], `${name}: ${text}`).toContain(status)
      })
      usesOfCalls[api].set(name, uses)
    }
  })
})

describe('What is stored and was changed', () => {
  // Kills: an error that quotes what is stored.
  test.each(Object.keys(tables) as readonly TableName[])(
    'in the table of %s',
    async (name) => {
      const rows = rowsIn(deployed.store.client, deployed.names[name])
      const items = await everything(rows)
      const asked = await extension()
      expect(items.length).toBeGreaterThan(0)
      for (const change of changes) {
        const changed = items.map((each) => changedItem(each, change))
        if (isDeepStrictEqual(changed, items)) continue
        await Promise.all(changed.map((each) => rows.put(each)))
        for (const [api, operation] of readersOf(constructOf(name)))
          await call(api, await wellFormed(api, operation))
        // An agency that no instance has read yet.
        for (const api of apis)
          await call(api, { agency: 'GB-DPA', method: 'GET', path: '/v1/decisions' })
        await browse()
        // Only where what was begun was changed: otherwise it would be done.
        if (name === 'sessions') problems.push((await people.endLogin()).text)
        await attempt('seal', streamOf(items.filter(({ leaf }) => leaf !== undefined).slice(0, 5)))
        if (['register', 'sealing'].includes(name)) await attempt('seal', tick)
        await attempt('sign', asked)
      }
      await Promise.all(items.map((each) => rows.put(each)))
      // A register that does not hold is believed not to for a minute.
      await expect.poll(isWell, { timeout: 100_000, interval: 5000 }).toEqual([200])
    },
    200_000,
  )

  test('in the archive', async () => {
    const { objects } = deployed.bucket
    const before = new Map(objects)
    for (const path of before.keys()) objects.set(path, Buffer.from(everyMark))
    for (const [api, operation] of readersOf('Archive'))
      await call(api, await wellFormed(api, operation))
    await attempt('seal', streamOf([await fresh()]))
    for (const [path, bytes] of before) objects.set(path, bytes)
  })

  test('in what the stream tells', async () => {
    const [real] = streamOf([await fresh()]).Records
    const S = everyMark
    const image = { ...real?.dynamodb.NewImage, more: { S }, kid: { S }, ev: { B: S } }
    const like = (changed: Readonly<Record<string, unknown>>, eventName = 'INSERT') => ({
      ...real,
      eventID: S,
      eventName,
      dynamodb: { ...real?.dynamodb, NewImage: { ...image, ...changed }, OldImage: image },
    })
    const records = [
      like({}),
      like({ pk: { S } }),
      like({ pk: { S: `D#${'A'.repeat(43)}` } }),
      like({ log: { S } }),
      like({}, 'MODIFY'),
      like({}, 'REMOVE'),
      like({}, S),
      { ...like({}), dynamodb: S },
      S,
    ]
    expect(JSON.stringify(await attempt('seal', { Records: records }))).not.toContain(marks.given)
  })

  test('in what the signer is asked', async () => {
    const asked = await extension()
    const wrong: readonly unknown[] = [
      marks,
      markedAs(asked),
      { ...asked, [ofNames.key]: marks.given },
      { ...asked, log: `${deployed.gateway}/${marks.given}/2026` },
      { ...asked, proof: [marks.given] },
      { ...asked, size: 1 },
      everyMark,
    ]
    for (const each of wrong) {
      const told = await instanceOf('sign').send(each)
      expect(told).toMatchObject({ kind: 'refused' })
      problems.push(JSON.stringify(told))
    }
  })
})

type Item = Readonly<Record<string, AttributeValue>>

/** What becomes of a value that is not of a key: JSON with marks of JSON, and marks of text and of bytes. */
const changes: readonly ((value: AttributeValue) => AttributeValue)[] = [
  (value) => (/^[[{]/.test(value.S ?? '') ? { S: JSON.stringify(marks) } : value),
  (value) => (value.S === undefined ? value : { S: everyMark }),
  (value) => (value.B === undefined ? value : { B: Buffer.from(everyMark) }),
]

const changedItem = (item: Item, change: (typeof changes)[number]): Item =>
  Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      name === 'pk' || name === 'sk' ? value : change(value),
    ]),
  )

describe('Marks in calls', () => {
  test('leave in an answer, as they should', async () => {
    expect(await made('access', 'POST /v1/access-requests')).toContain(marks.item)
  })

  // Kills: a token, or what it claims, in the line of a refusal.
  test.each(apis)('with signatures that are none: %s', async (api) => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const header = { alg: 'ES256', typ: 'comity-request+jwt', kid: marks.officer }
    const claims = { iss: 'FR-SPOC', sub: marks.officer, jti: marks.document, htu: marks.note }
    const authorizations = [
      `Bearer ${part(marks)}.${part(marks)}.${part(marks)}`,
      `Bearer ${part(header)}.${part(claims)}.${part(marks.document)}`,
      `Basic ${Buffer.from(`${marks.officer}:${marks.document}`).toString('base64')}`,
      `Bearer ${marks.document.repeat(300)}`,
      `${marks.given} ${marks.document}`,
    ]
    const signed = (await everyCall(api)).filter(({ agency }) => agency !== undefined)
    for (const [at, sent] of signed.entries()) {
      const authorization = authorizations[at % authorizations.length] ?? ''
      expect((await call(api, { ...sent, authorization })).status).toBe(401)
    }
  })

  // Kills: an address or a query in the line of a call.
  test.each(apis)('in addresses and queries: %s', async (api) => {
    const marked = encodeURIComponent(marks.note)
    for (const sent of await everyCall(api)) {
      // It would be done, which takes a sweep of every log.
      if (sent.path === '/v1/subject-acts') continue
      const [path = '', query = ''] = sent.path.split('?')
      const values = query.replaceAll(/=[^&]*/g, `=${marked}`)
      for (const other of [
        `${path.split('/').slice(0, -1).join('/')}/${marked}?${query}`,
        `${path}?${ofNames.key}=${marked}&${values}`,
      ])
        expect((await call(api, { ...sent, path: other })).status).toBeLessThan(500)
    }
  })

  // Kills: a body, or a piece of it, in the line or the problem that says what is wrong with it.
  test.each(apis)('in bodies that are wrong in every way: %s', async (api) => {
    for (const sent of await everyCall(api)) {
      const { body } = sent
      if (typeof body !== 'object' || body === null) continue
      for (const each of wrongBodies(body, ofNames.key)) {
        const { status } = await call(api, { ...sent, body: each, jti: freshJti() })
        expect([400, 413, 422]).toContain(status)
      }
      for (const [type, given, status] of wrongTypes(body)) {
        const headers = { 'content-type': type }
        expect((await call(api, { ...sent, body: given, headers })).status).toBe(status)
      }
    }
  })

  test.each(apis)('under the id of another call: %s', async (api) => {
    const jti = freshJti()
    const problemsBefore = problems.length
    const entering = [...usesOfCalls[api]]
      .filter(([, uses]) => uses.has('dynamodb:PutItem Decisions'))
      .slice(0, 6)
    for (const [name] of entering) await call(api, { ...(await wellFormed(api, name)), jti })
    // A look has an id of its own, of what was asked and answered: none is in the way of another.
    const reused = problems.slice(problemsBefore).join().includes('"code":"jti-reused"')
    expect(reused).toBe(api === 'access')
  })
})

describe('Stores that quote what they were asked', () => {
  // Kills: an error of a store, word for word, in a line.
  test.each(apis)('deny each right that calls use: %s', async (api) => {
    const denied = new Set<string>()
    for (const [name, uses] of usesOfCalls[api])
      for (const use of uses) {
        if (denied.has(use)) continue
        denied.add(use)
        await denying(signerOf(api), use, async () => call(api, await wellFormed(api, name)))
      }
    expect(denied.size).toBeGreaterThan(8)
    expect(instanceOf(api).said()).toContain('"event":"failed"')
  })

  test('deny each right that pages use', async () => {
    const uses = await usesOf(signerOf('console'), browse)
    expect(uses.size).toBeGreaterThan(8)
    for (const use of uses) await denying(signerOf('console'), use, browse)
    expect(instanceOf('console').said()).toContain('"event":"failed"')
  })

  test.each(['seal', 'sign'] as const)('deny each right that it uses: %s', async (door) => {
    const denied = new Set<string>()
    for (const event of [streamOf([await fresh()]), tick]) {
      const uses = await usesOf(signerOf(door), () => instanceOf('seal').send(event))
      for (const use of uses) {
        if (denied.has(use)) continue
        denied.add(use)
        await fresh()
        await denying(signerOf(door), use, () => attempt('seal', event))
      }
    }
    expect(denied.size).toBeGreaterThan(2)
    expect(instanceOf('seal').said()).toContain('"event":"failed"')
  })

  test('deny each right that an operator uses', async () => {
    const kept = idIn(await made('access', 'PUT /v1/records/{id}'))
    const takeAgain = [kept, about.attested, about.decided]
    for (const event of [{ takeAgain }, { renew: 'receipt-key' }]) {
      const uses = await usesOf(signerOf('access'), () => instanceOf('access').send(event))
      expect(uses.size).toBeGreaterThan(2)
      for (const use of uses) await denying(signerOf('access'), use, () => attempt('access', event))
    }
  })

  // Kills: an error that quotes what it could not read, or that leaves a function as it is.
  test('fail, and answer what nobody can read', async () => {
    const failing = [
      'dynamodb:PutItem',
      'dynamodb:Query',
      'dynamodb:Scan',
      's3:GetObject',
      'kms:Sign',
    ]
    for (const each of failing)
      await guarded(
        ({ action }) => {
          if (action === each) throw Object.assign(new Error(everyMark), { name: '' })
          return true
        },
        async () => {
          const entered = streamOf([await itemOf(deployed, about.decided)])
          await Promise.all([
            ...(
              await Promise.all([
                wellFormed('access', 'POST /v1/access-requests'),
                wellFormed('access', 'GET /v1/access-requests/{id}/proof'),
              ])
            ).map((sent) => call('access', sent)),
            wellFormed('audit', 'GET /v1/decisions').then((sent) => call('audit', sent)),
            attempt('seal', entered),
            attempt('seal', tick),
            attempt('sign', await extension()),
          ])
        },
      )
  }, 60_000)
})

/** Lets something be done that may fail. */
const attempt = (door: Door, event: unknown): Promise<unknown> =>
  instanceOf(door)
    .send(event)
    .catch(() => undefined)

/** What the sealer asks of the signer: the head as it is. */
async function extension() {
  const { size, root } = await dynamodbSealing(deployed.store.client, deployed.names.sealing).head(
    about.log,
  )
  return { log: about.log, size, root: Buffer.from(root).toString('base64url'), from: 0, proof: [] }
}

// Kills: an error of a start that says what the environment, or who keeps the secrets, was asked.
describe('A start that fails', () => {
  const witness = { vkey: everyMark, url: 'https://witness.example' }
  test.each([
    ['access', 'secrets that do not open', 'kms:Decrypt', {}],
    ['sign', 'no checkpoint key', 'kms:GetPublicKey', {}],
    ['seal', 'witnesses that are no JSON', '', { COMITY_WITNESSES: everyMark }],
    [
      'seal',
      'a witness with more than it may have',
      '',
      { COMITY_WITNESSES: JSON.stringify([{ ...witness, [ofNames.key]: 1 }]) },
    ],
    ['seal', 'a key that is none', '', { COMITY_WITNESSES: JSON.stringify([witness]) }],
    ['audit', 'two wrong settings', '', { COMITY_QUORUM: everyMark, COMITY_ORIGIN: everyMark }],
  ] as const)('of %s: %s', (door, _, denied, changed) => failToStart(door, denied, changed))
})

describe('Of all this', () => {
  /** What nobody fed, but must not be said: pseudonyms, the gateway's secrets, and any token. */
  async function others() {
    const { client } = deployed.store
    const item = await newestOf(client, deployed.names.keys, 'SECRETS')
    if (item === undefined) throw new Error('there are no secrets')
    const { Variables } = z
      .looseObject({ Variables: z.looseObject({ COMITY_KMS_KEY: z.string() }) })
      .parse(resourceOf(deployed.resources, 'Access').properties.Environment)
    const kms = new KMSClient({
      endpoint: deployed.cloud.endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'ASIAACCESS', secretAccessKey: 'invented' },
    })
    const bytes = await kmsWrapper(Variables.COMITY_KMS_KEY, kms).unwrap(bytesOf(item, 'wrapped'))
    const { master, receipts } = z
      .looseObject({ master: z.string(), receipts: z.array(z.looseObject({ d: z.string() })) })
      .parse(JSON.parse(Buffer.from(bytes).toString()))
    return {
      master,
      ...Object.fromEntries(receipts.map(({ d }, at) => [`receipts ${at}`, d])),
      ...Object.fromEntries(about.subjects.map((each, at) => [`subject ${at}`, each])),
      case: about.case,
      // What every secret and every token of ours begins with.
      secrets: '{"v":1,"master":"',
      token: '{"alg":"ES256",',
    }
  }

  test('no line, and nothing that Lambda is told, has a piece of it', async () => {
    const search = searchFor({ ...marks, ...ofNames, ...ofMachine, ...(await others()) })
    await Promise.all([...running.values()].map((each) => each.stop()))
    const said = [...unstarted, ...[...running.values()].map((each) => each.said())]
    const lines = [...new Set(said.flatMap((each) => each.split('\n')))]
    expect(lines.length).toBeGreaterThan(500)
    expect(lines.filter((line) => search(line).length > 0)).toEqual([])
  })

  // A name that nothing has is said back, to whoever sent it.
  test('no problem says back what was sent, but for names that nothing has', () => {
    const search = searchFor({ ...marks, ...ofMachine })
    expect(problems.length).toBeGreaterThan(300)
    expect(problems.filter((text) => search(text).length > 0)).toEqual([])
  })
})
