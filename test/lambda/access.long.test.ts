/**
 * What is deployed, run as Lambda runs it: the bundle, AWS's runtime client, events of an HTTP API,
 * the environment of the template, and a store that grants what the template grants.
 */

import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { type CryptoKey, importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { lawFile } from '../../functions/adapters/carried-law.ts'
import { dynamodbInbox } from '../../functions/adapters/inbox-dynamodb.ts'
import { lawToRun } from '../../functions/adapters/policies-files.ts'
import { dynamodbSealing } from '../../functions/adapters/sealing-dynamodb.ts'
import { answerSchema } from '../../functions/answer/reply/reply-schema.ts'
import { generalAttestations } from '../../functions/demo/attestations.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { recordsOf } from '../../functions/demo/records.ts'
import { beatMs } from '../../functions/http/trace.ts'
import { readReceipt } from '../../functions/ledger/receipt.ts'
import { inForce } from '../../functions/policy/history.ts'
import { run } from '../../functions/policy/read-book.ts'
import { copyOf, putBack } from '../drills/tables.ts'
import { picture } from '../picture/pictures.ts'
import {
  type AgencyCall,
  type Deployed,
  deploy,
  freshJti,
  making,
  vouchForFrance,
} from './deployed.ts'
import { received } from './fed.ts'
import { grantedTo, usedBy } from './rights.ts'
import type { Instance } from './runtime.ts'
import { itemOf, streamOf } from './stream.ts'

let deployed: Deployed
let instance: Instance

beforeAll(async () => {
  deployed = await deploy(['access', 'audit', 'seal', 'sign'], 'GB-POL')
  instance = await deployed.start('access')
  await furnish()
}, 120_000)

afterAll(async () => {
  await instance.stop()
  await deployed.end()
})

const call = (agency: string, what: AgencyCall) => deployed.call(instance, agency, what)
const make = making(call)

const request = examples.find(({ file }) => file === 'release.json')?.request
const ask = (jti = freshJti()): AgencyCall => ({ path: '/v1/access-requests', body: request, jti })
const [record] = recordsOf('DE-POL')
const keep = (id: string): AgencyCall => {
  const { id: _, ...body } = record ?? {}
  return { method: 'PUT', path: `/v1/records/${id}`, body }
}
/** A record, and what its holder vouches for, entered as agencies enter them. */
async function furnish(): Promise<void> {
  await make('DE-POL', keep('DE-POL-0001'))
  await vouchForFrance(make)
}

/** Seals an entry, and files it. */
async function sealed(id: string): Promise<void> {
  const [seal, sign] = [await deployed.start('seal'), await deployed.start('sign')]
  const told = await seal.send(streamOf([await itemOf(deployed, id)]))
  await Promise.all([seal, sign].map((each) => each.stop()))
  expect(told).toEqual({ batchItemFailures: [] })
}

const jwksOf = async (from: Instance, keys = 2) =>
  z
    .object({ keys: z.array(z.looseObject({ kid: z.string() })).length(keys) })
    .parse(await (await deployed.get(from, '/.well-known/jwks.json')).json())

/** Corrects an item that left; the clock has the function find who got it, and tell them. */
async function corrected(): Promise<void> {
  await make('DE-POL', keep('DE-POL-TOLD'))
  const subject = { recordId: 'DE-POL-TOLD' }
  const body = { ...request, subject, caseReference: 'TOLD-1' }
  const got = await call('FR-SPOC', { path: '/v1/access-requests', body })
  const { id, records } = answerSchema.parse(await got.json())
  const [item] = records.flatMap(({ items }) => items)
  const change = { items: [{ id: item?.id, value: 'Antonia Beispiel' }] }
  const path = '/v1/records/DE-POL-TOLD'
  await sealed(id)
  await sealed(await make('DE-POL', { method: 'PATCH', path, body: change }))
  expect(await instance.send({ tick: true })).toBeNull()
  const ticked = () => instance.lines().filter((line) => line.includes('"ticked"'))
  await expect
    .poll(() => JSON.parse(ticked().at(-1) ?? ''))
    .toMatchObject({ entered: 1, failed: 0 })
}

/** Keeps a record with a photograph. */
async function withPhotograph(id: string): Promise<void> {
  const face = { id: 'face', element: 'nc:PersonDigitalImage', class: 'identification' }
  const { id: _, ...body } = record ?? {}
  const items = [{ ...record?.items[0], ...face, value: { type: 'image/jpeg' } }]
  await make('DE-POL', { method: 'PUT', path: `/v1/records/${id}`, body: { ...body, items } })
  const path = `/v1/records/${id}/files/face`
  const bytes = Buffer.from(picture('baseline'))
  await make('DE-POL', { method: 'PUT', path, body: bytes, type: 'image/jpeg' })
}

describe('The deployed function', () => {
  test('says that it is well, and which build it is', async () => {
    const response = await deployed.get(instance, '/healthz')
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'ok', build: deployed.made.access.digest })
  })

  test('describes itself under the address that callers sign for', async () => {
    const response = await deployed.get(instance, '/openapi.json')
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toMatchObject({ servers: [{ url: deployed.origins.access }] })
  })

  test('carries the law in force: the policies beside it are sealed', async () => {
    const response = await deployed.get(instance, '/v1/policies')
    const { policies } = z
      .object({ policies: z.array(z.looseObject({ id: z.string(), sealedAt: z.string() })) })
      .parse(await response.json())
    const now = new Date().toISOString()
    const { book } = run(lawToRun(join(import.meta.dirname, '../../policies')))
    expect(policies.map(({ id }) => id).toSorted()).toEqual(
      inForce(book, now, now)
        .policies.map(({ id }) => id)
        .toSorted(),
    )
  })

  test('refuses a call that is not signed, and logs that without the caller', async () => {
    const response = await deployed.get(instance, '/v1/access-requests/anything')
    expect(response.status).toBe(401)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    const { code, traceId } = z
      .object({ code: z.string(), traceId: z.string() })
      .parse(await response.json())
    expect(code).toBe('unauthorized')
    const answered = {
      event: 'answered',
      method: 'GET',
      route: '/v1/access-requests/:id',
      status: 401,
      code: 'unauthorized',
    }
    // The line comes by a pipe of its own, and may come after the answer.
    const logged = () =>
      instance
        .lines()
        .filter((line) => line.includes(traceId))
        .map((line) => JSON.parse(line))
    await expect.poll(logged).toEqual([
      { event: 'call-refused', why: 'credentials-missing', traceId },
      { ...answered, traceId, ms: expect.any(Number) },
    ])
  })

  // Kills: a door that was put together without the beat.
  test('lets no answer to a call go before the beat', async () => {
    for (let i = 0; i < 5; i++) {
      const before = performance.now()
      await deployed.get(instance, '/v1/access-requests/anything')
      // Timers count whole milliseconds.
      expect(performance.now() - before).toBeGreaterThan(beatMs - 1)
    }
  })

  test('answers a signed request with a decision, data and a receipt signed by its key', async () => {
    const response = await call('FR-SPOC', ask())
    expect(response.status).toBe(201)
    const answer = answerSchema.parse(await response.json())
    expect(answer.outcome).toBe('release')
    expect(answer.records[0]?.items.map(({ value }) => value)).toContain('Anton Beispiel')
    const [key = {}] = (await jwksOf(instance)).keys
    // A cast, since `importJWK` gives bytes for keys of another kind.
    const receipt = await readReceipt(answer.receipt, (await importJWK(key, 'ES256')) as CryptoKey)
    expect(receipt).toMatchObject({ eid: answer.id, out: 'release', ts: answer.decidedAt })
  })

  test('answers a retry with the same decision and data, from another instance, too', async () => {
    const asked = ask()
    const told = async (response: Response) => {
      const { receipt: _, ...rest } = answerSchema.parse(await response.json())
      return { status: response.status, ...rest }
    }
    const first = await told(await call('FR-SPOC', asked))
    const another = await deployed.start('access')
    try {
      expect(await jwksOf(another)).toEqual(await jwksOf(instance))
      for (const each of [instance, another]) {
        const again = await told(await deployed.call(each, 'FR-SPOC', asked))
        expect(again).toEqual({ ...first, status: 200 })
      }
    } finally {
      await another.stop()
    }
  })

  test('releases nothing if it has no right to write an entry', async () => {
    const { cloud } = deployed
    cloud.guard(({ action, on }) => !(action === 'dynamodb:PutItem' && on === 'Decisions'))
    try {
      const response = await call('FR-SPOC', ask())
      expect(response.status).toBe(503)
      expect(await response.text()).not.toContain('Beispiel')
      await expect
        .poll(() => instance.lines().join())
        .toContain('couldn’t append entry: AccessDeniedException')
    } finally {
      cloud.guard(() => true)
    }
  })

  test('needs every right that it is given, and no other', async () => {
    const item = { items: [{ id: '1', quality: 'known-wrong' }] }
    const path = '/v1/records/DE-POL-0002'
    await make('DE-POL', keep('DE-POL-0002'))
    await make('DE-POL', { method: 'PATCH', path, body: item })
    await make('DE-POL', { method: 'DELETE', path })
    await withPhotograph('DE-POL-0004')
    await make('DE-POL', { method: 'DELETE', path: '/v1/records/DE-POL-0004' })
    const until = new Date(Date.now() + 86_400_000).toISOString()
    const body = { ...generalAttestations[0], from: new Date().toISOString(), until }
    const id = await make('DE-POL', { path: '/v1/attestations', body })
    await make('DE-POL', { method: 'DELETE', path: `/v1/attestations/${id}` })
    expect((await call('DE-POL', { method: 'GET', path: '/v1/attestations' })).status).toBe(200)
    const decided = await make('FR-SPOC', ask())
    const looked = { method: 'GET', path: `/v1/access-requests/${decided}` } as const
    expect((await call('FR-SPOC', looked)).status).toBe(200)
    const proof = { method: 'GET', path: `${looked.path}/proof` } as const
    const unproved = await call('FR-SPOC', proof)
    expect([unproved.status, unproved.headers.get('retry-after')]).toEqual([404, '60'])

    // Marked, but no checkpoint of it is published.
    const sealing = dynamodbSealing(deployed.store.client, deployed.names.sealing)
    await sealing.mark(`${deployed.gateway}/de/${new Date().getUTCFullYear()}`, 0, [decided])
    expect((await call('FR-SPOC', proof)).status).toBe(404)

    // What an officer refused waits no more; a row that ended before yesterday goes when the inbox is read.
    const foreign = { ...request, instrument: 'none', channel: 'bilateral' }
    const matter = await make('GB-POL', { path: '/v1/access-requests', body: foreign })
    // Once it is filed, whoever decides is shown whether the person was refused before.
    await sealed(matter)
    const look = { path: `/v1/access-requests/${matter}/proposal`, body: {} }
    expect((await call('DE-POL', look)).status).toBe(200)
    const refusal = { fact: 'release.decision', value: 'refuse', scope: { kind: 'matter', matter } }
    await make('DE-POL', { path: '/v1/attestations', body: { ...body, ...refusal } })
    const rows = dynamodbInbox(deployed.store.client, deployed.names.attestations)
    for (const row of await rows.list('DE-POL', 'holder-officer', 10))
      await rows.end({ ...row, eid: 'A'.repeat(43) }, '2026-01-01T00:00:00.000Z')
    const inbox = await call('DE-POL', { method: 'GET', path: '/v1/inbox' })
    expect(await inbox.json()).toEqual({ open: [] })

    // Whoever asked by another way may be an agency that joined: all that there are of its state are looked up.
    await make('DE-POL', { path: received.path, body: received.body })

    await corrected()
    expect([...usedBy(deployed, 'access')].sort()).toEqual(grantedTo(deployed, 'access'))
  })

  // How the log fares when things go wrong is in `log.long.test.ts`.
  test('makes entries that are sealed, signed and shown, each by a function of its own', async () => {
    const id = await make('FR-SPOC', ask())
    await sealed(id)
    const proof = await call('FR-SPOC', { method: 'GET', path: `/v1/access-requests/${id}/proof` })
    expect(proof.status).toBe(200)
    const audit = await deployed.start('audit')
    try {
      const path = `/log/${deployed.gateway}/de/${new Date().getUTCFullYear()}/checkpoint`
      const shown = await deployed.get(audit, path, deployed.origins.audit)
      expect(shown.status).toBe(200)
      expect(await proof.text()).toContain(await shown.text())
    } finally {
      await audit.stop()
    }
  })
})

describe('The clock, each minute,', () => {
  // Kills: a tick that is taken for a call of the API; one for which the function lacks a right.
  test('has it look at an open denial whose time has come, once', async () => {
    // Nobody has vouched for such an offence.
    const offence = { category: 'terrorism', maxCustodyMonths: 60 }
    const body = { ...request, urgency: 'urgent', offence, caseReference: 'CLOCK-1' }
    const told = await call('FR-SPOC', { path: '/v1/access-requests', body })
    expect(answerSchema.parse(await told.json())).toMatchObject({ standing: 'open', dueBy: 'law' })
    const ticked = () =>
      instance
        .lines()
        .filter((line) => line.includes('"ticked"'))
        .map((line) => JSON.parse(line))
    // The denials of other tests have their time, too.
    for (const looked of [expect.any(Number), 0]) {
      expect(await instance.send({ tick: true })).toBeNull()
      await expect
        .poll(() => ticked().at(-1))
        .toMatchObject({ event: 'ticked', looked, failed: 0, left: false })
    }
    expect(ticked().some(({ looked }) => looked > 0)).toBe(true)
  })
})

describe('An operator who calls the function itself', () => {
  // Kills: an order that is taken for a call of the API; one that is taken and not carried out.
  test('has entries take effect again, after records were put back to an earlier moment', async () => {
    const { store, names } = deployed
    const path = '/v1/records/DE-POL-0003'
    await make('DE-POL', keep('DE-POL-0003'))
    const earlier = await copyOf(store, names.records)
    const id = await make('DE-POL', { method: 'DELETE', path })
    await putBack(store, names.records, earlier)
    const order = { takeAgain: [id, 'A'.repeat(43)] }
    const done = { done: 1, closed: [], failed: ['A'.repeat(43)] }
    expect(await instance.send(order)).toEqual(done)
    const left = await copyOf(store, names.records)
    expect(left.find(({ pk }) => pk?.S === 'R#DE-POL#DE-POL-0003')?.held).toBeUndefined()
  })

  // The console may call the function by its alias. Kills: an order that it could give, too.
  test('is heard by a version alone, and by no alias that others may call', async () => {
    for (const order of [{ renew: 'receipt-key' }, { takeAgain: ['A'.repeat(43)] }])
      await expect(instance.send(order, undefined, 'live')).rejects.toThrow(
        'couldn’t carry out an order by an alias',
      )
  })

  // Kills: a copy of the secrets that no start makes, or that none comes back from.
  test('has a new key sign receipts from the next start on, though the secrets are lost after it', async () => {
    const before = (await jwksOf(instance)).keys.map(({ kid }) => kid)
    const { kid } = z
      .object({ kid: z.string() })
      .parse(await instance.send({ renew: 'receipt-key' }))
    for (const isLost of [false, true]) {
      if (isLost) await putBack(deployed.store, deployed.names.keys, [])
      const next = await deployed.start('access')
      try {
        expect((await jwksOf(next, 3)).keys.map((each) => each.kid)).toEqual([kid, ...before])
      } finally {
        await next.stop()
      }
    }
  })
})

describe('A function that cannot start', () => {
  test('says which setting is missing', async () => {
    const started = deployed.start('access', {
      COMITY_ORIGIN: undefined,
      COMITY_GATEWAY: undefined,
    })
    await expect(started).rejects.toThrow(/couldn’t start: .*COMITY_GATEWAY.*COMITY_ORIGIN/)
  })

  test('says that the law is not there', async () => {
    const law = join(deployed.made.access.folder, lawFile)
    renameSync(law, `${law}.away`)
    try {
      await expect(deployed.start('access')).rejects.toThrow(lawFile)
    } finally {
      renameSync(`${law}.away`, law)
    }
  })
})
