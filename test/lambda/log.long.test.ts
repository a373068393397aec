/**
 * The log as it is deployed: requests come in by one function, their entries are sealed by a second, signed by a
 * third and shown by a fourth, each under Lambda's own runtime client and with the rights of the template.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { keptKey, rowsIn } from '../../functions/adapters/dynamodb.ts'
import { dynamodbLedger, shardOf } from '../../functions/adapters/ledger-dynamodb.ts'
import { dynamodbMemory } from '../../functions/adapters/memory-dynamodb.ts'
import { dynamodbSealing } from '../../functions/adapters/sealing-dynamodb.ts'
import { dynamodbSubjectKeys } from '../../functions/adapters/subject-keys-dynamodb.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { recordsOf } from '../../functions/demo/records.ts'
import { openCheckpoint } from '../../functions/ledger/checkpoint.ts'
import { verifyProof } from '../../functions/ledger/log-proof.ts'
import { tilePath } from '../../functions/ledger/tiles.ts'
import { copyOf, putBack } from '../drills/tables.ts'
import { readOff } from '../infra/filter-pattern.ts'
import { startAuthority } from '../ledger/authority-server.ts'
import {
  type AgencyCall,
  type Deployed,
  deploy,
  making,
  subjectAct,
  vouchForFrance,
  vouchForPerson,
} from './deployed.ts'
import { grantedTo, usedBy } from './rights.ts'
import type { Instance } from './runtime.ts'
import { changeOf, itemOf, sequenceOf, streamOf, tick } from './stream.ts'

let deployed: Deployed
let [access, seal, sign, audit]: Instance[] = []
let early: unknown

beforeAll(async () => {
  deployed = await deploy(['access', 'audit', 'seal', 'sign'])
  early = await deployed.start('seal').catch((error: unknown) => error)
  access = await deployed.start('access')
  ;[seal, sign, audit] = await Promise.all([
    deployed.start('seal'),
    deployed.start('sign'),
    deployed.start('audit'),
  ])
}, 120_000)

afterAll(async () => {
  await Promise.all([access, seal, sign, audit].map((each) => each?.stop()))
  await deployed.end()
})

const running = (instance: Instance | undefined): Instance => {
  if (instance === undefined) throw new Error('it does not run')
  return instance
}
const logOf = (jurisdiction: string) => deployed.logOf(jurisdiction)
const idSchema = z.looseObject({ id: z.string() })

const ask = (what: AgencyCall, agency: string) => deployed.call(running(access), agency, what)
/** Makes an entry in the German log, or in the British one; gives its id. */
async function enter(jurisdiction: 'de' | 'gb' = 'de'): Promise<string> {
  const [record] = recordsOf('GB-POL')
  const { id = '', ...body } = record ?? {}
  const response = await (jurisdiction === 'de'
    ? ask({ path: '/v1/access-requests', body: examples[0]?.request }, 'FR-SPOC')
    : ask({ method: 'PUT', path: `/v1/records/${id}`, body }, 'GB-POL'))
  expect(response.status).toBeLessThan(300)
  return idSchema.parse(await response.json()).id
}
const tell = async (eids: readonly string[], withinMs?: number) =>
  running(seal).send(
    streamOf(await Promise.all(eids.map((eid) => itemOf(deployed, eid)))),
    withinMs,
  )
const all = { batchItemFailures: [] }
const failedAt = (...places: readonly number[]) => ({
  batchItemFailures: places.map((at) => ({ itemIdentifier: sequenceOf(at) })),
})
const proofOf = (eid: string) =>
  ask({ method: 'GET', path: `/v1/access-requests/${eid}/proof` }, 'FR-SPOC')
const sealing = () => dynamodbSealing(deployed.store.client, deployed.names.sealing)
const isSealed = async (eid: string) => (await sealing().placeOf(eid)) !== undefined
/** What an instance has said of an event, in its own words. */
const said = (instance: Instance | undefined, event: string) =>
  running(instance)
    .lines()
    .filter((line) => line.includes(`"event":"${event}"`))
    .map((line): unknown => JSON.parse(line))
/** A line comes by a pipe of its own, and may come after the answer. */
const expectSaid = (instance: Instance | undefined, event: string) =>
  expect.poll(() => said(instance, event))
const publishedSize = (log: string) => deployed.publishedSize(log)

describe('An entry', () => {
  test('is sealed as the stream tells of it, and its proof leads to a signed checkpoint', async () => {
    const eid = await enter()
    expect((await proofOf(eid)).status).toBe(404)
    expect(await tell([eid])).toEqual(all)
    const response = await proofOf(eid)
    expect(response.status).toBe(200)
    const proof = await response.text()
    const stored = await dynamodbLedger(deployed.store.client, deployed.names.decisions).read(eid)
    const log = logOf('de')
    expect(stored?.leaf.log).toBe(log)
    const leaf = stored?.leafHash ?? new Uint8Array()
    expect(verifyProof(proof, leaf, deployed.logKey(log), [], 0)).toMatchObject({
      index: 0,
      checkpoint: { origin: log, size: 1 },
    })
    // Anybody gets the same checkpoint, unsigned for, at the address for auditors.
    const path = `/log/${log}/checkpoint`
    const published = await deployed.get(running(audit), path, deployed.origins.audit)
    expect(proof).toContain(await published.text())
  })

  // Kills: logs that ask the one instance of the signer at once.
  test('of which no stream told is found by the clock, in whichever log it is', async () => {
    const [eid, other] = [await enter('de'), await enter('gb')]
    expect(await running(seal).send(tick)).toEqual([])
    expect((await proofOf(eid)).status).toBe(200)
    expect(await isSealed(other)).toBe(true)
    expect(deployed.cloud.throttled()).toBe(0)
    // Both were sealed before the tick was over, so that none waits; how many one tick seals is its own.
    const sealed = expect.any(Number)
    await expectSaid(seal, 'swept').toEqual([{ event: 'swept', sealed, unsealedSeconds: 0 }])
  })

  // Kills: a stream of new entries alone; a batch that fails for it, so that it comes again for an hour.
  test('that is overwritten or removed is told of by the stream, and people are told which', async () => {
    const [one, two, fresh] = [await enter(), await enter(), await enter()]
    const [modified, removed] = [await itemOf(deployed, one), await itemOf(deployed, two)]
    const Records = [
      ...changeOf('MODIFY', modified).Records,
      ...changeOf('REMOVE', removed).Records,
      ...streamOf([await itemOf(deployed, fresh)]).Records,
    ]
    expect(await running(seal).send({ Records })).toEqual(all)
    const overwritten = (eid: string) => ({ event: 'overwritten', eid })
    await expectSaid(seal, 'overwritten').toEqual([overwritten(one), overwritten(two)])
    // What is new in the same batch is sealed; what is not is no hint.
    const sealed = await Promise.all([one, two, fresh].map(isSealed))
    expect(sealed).toEqual([false, false, true])
    expect(await tell([one, two])).toEqual(all)
  })

  // Kills: hints believed; a malformed record that fails a batch.
  test('is not made up: malformed and invented records are passed over, and change nothing', async () => {
    const eid = await enter()
    const real = streamOf([await itemOf(deployed, eid)]).Records[0]
    const like = (pk: string, log: string, SequenceNumber: unknown = '1') => ({
      ...real,
      dynamodb: { SequenceNumber, NewImage: { pk: { S: pk }, log: { S: log } } },
    })
    const before = deployed.bucket.objects.size
    const Records = [
      ...[null, 7, 'INSERT', {}, { dynamodb: null }, { dynamodb: { NewImage: {} } }],
      like(`D#${'A'.repeat(43)}`, logOf('de')),
      like(`D#${eid}`, logOf('fr')),
      like(`D#${eid}`, 'comity.elsewhere/de/2026'),
      like(`D#${eid}`, '../../de/2026'),
      like('D#short', logOf('de')),
      like(`D#${eid}`, logOf('de'), 5),
    ]
    expect(await running(seal).send({ Records })).toEqual(all)
    expect(await isSealed(eid)).toBe(false)
    expect(deployed.bucket.objects.size).toBe(before)
  })
})

describe('The sealer', () => {
  test('cannot start before the access function has made the secrets, and says so', () => {
    expect(String(early)).toContain('couldn’t start: there are no secrets yet')
  })

  // Kills: a batch that fails as a whole; a fault that is taken for a store that is away.
  test('brings back the records of the log that failed, and of no other', async () => {
    const [german, british] = [await enter('de'), await enter('gb')]
    const item = await itemOf(deployed, british)
    const { put } = rowsIn(deployed.store.client, deployed.names.decisions)
    await put({ ...item, att: { S: 'another' } })
    const before = publishedSize(logOf('gb'))
    expect(await tell([german, british])).toEqual(failedAt(1))
    expect([await isSealed(german), await isSealed(british)]).toEqual([true, false])
    const why = `couldn’t read entry ${british}: it was changed, beside its leaf`
    await expectSaid(seal, 'halted').toEqual([{ event: 'halted', log: logOf('gb'), why }])
    await put(item)
    expect(await tell([german, british])).toEqual(all)
    expect(publishedSize(logOf('gb'))).toBe(before + 1)
  })

  // Kills: other bytes in the archive that are taken for a store that is away.
  test('stands still where other bytes are in the archive than it would write', async () => {
    const [log, eid] = [logOf('gb'), await enter('gb')]
    const { size } = await sealing().head(log)
    const path = `${log}/${tilePath(0, 0, size + 1)}`
    deployed.bucket.objects.set(path, Buffer.from('something else'))
    expect(await tell([eid])).toEqual(failedAt(0))
    const why = `couldn’t write ${path}: other bytes are there`
    await expectSaid(seal, 'halted').toContainEqual({ event: 'halted', log, why })
    deployed.bucket.objects.delete(path)
    expect(await tell([eid])).toEqual(all)
  })

  test('says in one line, without anybody’s data, that it was not let do something', async () => {
    const eid = await enter()
    deployed.cloud.guard(({ action }) => action !== 's3:PutObject')
    try {
      expect(await tell([eid])).toEqual(failedAt(0))
      expect(await running(seal).send(tick)).toMatchObject([{ log: logOf('de'), away: false }])
    } finally {
      deployed.cloud.guard(() => true)
    }
    const why = `couldn’t seal ${logOf('de')}: AccessDenied`
    await expectSaid(seal, 'failed').toContainEqual({ event: 'failed', log: logOf('de'), why })
    expect(await tell([eid])).toEqual(all)
  })

  // Kills: 0 s, or the age in the other logs, where one could not be looked at.
  test('does not say how long entries have waited if it could not look', async () => {
    const before = said(seal, 'swept').length
    deployed.cloud.guard(({ action, path }) => !(action === 'dynamodb:Query' && path !== undefined))
    try {
      expect(await running(seal).send(tick)).not.toEqual([])
    } finally {
      deployed.cloud.guard(() => true)
    }
    await expectSaid(seal, 'swept').toHaveLength(before + 1)
    expect(said(seal, 'swept').at(-1)).toEqual({ event: 'swept', sealed: 0 })
  })

  test('takes back what it filed of a person who is erased meanwhile', async () => {
    const eid = await enter()
    const { kid } = await itemOf(deployed, eid)
    const keys = dynamodbSubjectKeys(deployed.store.client, deployed.names.keys, () => noKey)
    deployed.cloud.guard(async ({ signer, action, on }) => {
      if (signer === 'ASIASEAL' && action === 'dynamodb:BatchWriteItem' && on === 'Lookups')
        await keys.shred(String(kid?.S))
      return true
    })
    try {
      expect(await tell([eid])).toEqual(all)
    } finally {
      deployed.cloud.guard(() => true)
    }
    expect(usedBy(deployed, 'seal')).toContain('dynamodb:DeleteItem Lookups')
  })
})

const noKey = new Uint8Array(32)

describe('After a table was lost, the sealer', () => {
  // Kills: a look at the archive that the function has no right to.
  test('finds the order of the log in the archive, and goes on from there', async () => {
    const { store, names } = deployed
    const log = logOf('de')
    await enter()
    await running(seal).send(tick)
    const places = async () =>
      (await copyOf(store, names.sealing)).filter(({ log: of }) => of?.S === log).length
    const [before, size] = [await places(), publishedSize(log)]
    await putBack(store, names.sealing, [])
    const next = await enter()
    expect(await running(seal).send(tick)).toEqual([])
    expect(await places()).toBe(before + 1)
    expect([await isSealed(next), publishedSize(log)]).toEqual([true, size + 1])
  })

  // Kills: an order that is taken for the clock’s.
  test('files a log again, as an operator says, from where it is told to where it says', async () => {
    const { store, names } = deployed
    const rows = async () => (await copyOf(store, names.lookups)).length
    await putBack(store, names.lookups, [])
    const eid = await enter()
    await tell([eid])
    const few = await rows()
    const order = { refile: logOf('de'), from: 0 }
    expect(await running(seal).send(order)).toEqual({ next: null })
    expect(await rows()).toBeGreaterThan(few)
  })
})

describe('The signer', () => {
  const extension = async (changed: Readonly<Record<string, unknown>> = {}) => {
    const log = logOf('de')
    const { size, root } = await sealing().head(log)
    return {
      log,
      size,
      root: Buffer.from(root).toString('base64url'),
      from: 0,
      proof: [],
      ...changed,
    }
  }

  test('signs the same tree head again, in the same bytes', async () => {
    const signed = await running(sign).send(await extension())
    expect(signed).toEqual(await running(sign).send(await extension()))
    const { note } = z.object({ kind: z.literal('signed'), note: z.string() }).parse(signed)
    expect(openCheckpoint(note, deployed.logKey(logOf('de')))).toHaveProperty('checkpoint')
  })

  test('says from where it must be shown that the log grew', async () => {
    const { size, root } = await extension()
    const grown = await extension({ size: size + 1, root })
    expect(await running(sign).send(grown)).toEqual({ kind: 'stale', size })
  })

  // Kills: a signer that believes whoever calls it.
  test('refuses a tree with another root, and says so to people', async () => {
    const other = await extension({ root: Buffer.alloc(32, 7).toString('base64url') })
    expect(await running(sign).send(other)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('another root'),
    })
    await expectSaid(sign, 'signature-refused').toContainEqual(
      expect.objectContaining({ log: logOf('de') }),
    )
  })

  test.each([
    ['nothing', null],
    ['a log of another gateway', { log: 'comity.elsewhere/de/2026' }],
    ['a log whose name is a path', { log: 'comity.dev/de/2026/../../x' }],
    ['a size that is no number of entries', { size: -1 }],
    ['a root that is too short', { root: 'AAAA' }],
    ['a proof without end', { proof: Array(65).fill('A'.repeat(43)) }],
    ['more than an extension has', { key: 'another' }],
  ])('refuses %s', async (_, changed) => {
    const event = changed === null ? null : await extension(changed)
    expect(await running(sign).send(event)).toMatchObject({
      kind: 'refused',
      why: expect.stringMatching(/^the extension is malformed: /),
    })
  })

  // Kills: a refusal that is taken for a delay.
  test('stops a log that would be signed with fewer entries, and the sealer says so', async () => {
    const log = logOf('gb')
    const memory = dynamodbMemory(deployed.store.client, deployed.names.signatures, 'signer')
    const last = await memory.last(log)
    await memory.advance(log, last?.size ?? 0, { size: 99, root: Buffer.alloc(32, 9) })
    const before = publishedSize(log)
    const eid = await enter('gb')
    expect(await tell([eid])).toEqual(all)
    expect(await isSealed(eid)).toBe(true)
    expect(publishedSize(log)).toBe(before)
    await expectSaid(seal, 'halted').toContainEqual(
      expect.objectContaining({ log, why: expect.stringContaining('the signer refused') }),
    )
    // As it was, for the tests that follow.
    const signatures = rowsIn(deployed.store.client, deployed.names.signatures)
    await signatures.remove({ pk: { S: `signer#${log}` } })
    await memory.advance(log, 0, last ?? { size: 0, root: noKey })
  })
})

describe('Auditors and holders', () => {
  const look = (agency: string, path: string, body?: unknown) =>
    deployed.call(
      running(audit),
      agency,
      { method: body === undefined ? 'GET' : 'POST', path, body, officer: 'auditor-1' },
      deployed.origins.audit,
    )
  const purpose = 'lawfulness'

  test('find what was sealed, with its proof and as evidence', async () => {
    const eid = await enter()
    await tell([eid])
    const listed = await look('DE-DPA', `/v1/decisions?purpose=${purpose}`)
    expect(listed.status).toBe(200)
    const { entries } = z.looseObject({ entries: z.array(idSchema) }).parse(await listed.json())
    expect(entries.map(({ id }) => id)).toContain(eid)
    const own = `/v1/decisions/${eid}`
    expect((await look('DE-DPA', `${own}?purpose=${purpose}`)).status).toBe(200)
    expect((await look('DE-DPA', `${own}/proof?purpose=${purpose}`)).status).toBe(200)
    expect((await look('DE-LEGAL', `/v1/facts?purpose=self-monitoring`)).status).toBe(200)
    const evidence = await look('DE-DPA', '/v1/evidence', { purpose, entries: [eid] })
    expect(evidence.headers.get('content-type')).toBe('application/zip')
    const zip = Buffer.from(await evidence.arrayBuffer())
    expect(zip.subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004')
  })

  test('are told what the API can do, under the address that they sign for', async () => {
    const { audit: origin } = deployed.origins
    const response = await deployed.get(running(audit), '/audit/openapi.json', origin)
    const { servers, paths } = z
      .looseObject({ servers: z.unknown(), paths: z.record(z.string(), z.unknown()) })
      .parse(await response.json())
    expect(servers).toEqual([{ url: origin }])
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/v1/evidence', '/v1/replays', '/v1/subject-acts']),
    )
  })

  test('find no file of a log in which there is nothing yet', async () => {
    const path = `/log/${logOf('se')}/checkpoint`
    expect((await deployed.get(running(audit), path, deployed.origins.audit)).status).toBe(404)
  })

  test('cannot be called with what was signed for the access API', async () => {
    const path = `/v1/decisions?purpose=${purpose}`
    const response = await deployed.call(running(audit), 'DE-DPA', { method: 'GET', path })
    expect(response.status).toBe(401)
  })

  const act = async (given: Readonly<Record<string, string | readonly string[]>>) => {
    const call = await subjectAct(deployed.keys.get('DE-DPO'), given)
    return deployed.call(running(audit), 'DE-POL', call, deployed.origins.audit)
  }
  const made = making((agency, call) => ask(call, agency))
  const asked = examples[0]?.request.subject
  const subjectsOf = async (...subjects: readonly unknown[]) => {
    const body = { purpose: 'self-monitoring', subjects }
    const named = await look('DE-POL', '/v1/subject-pseudonyms', body)
    return z.object({ subjects: z.array(z.string()) }).parse(await named.json()).subjects
  }

  // Kills: an erasure that has no right to what is vouched for beside the ledger.
  test('erase a person: what no stream told of is sealed first, then the key is gone', async () => {
    const eid = await enter()
    await vouchForPerson(made, eid)
    const path = `/v1/access-requests/${eid}`
    expect((await ask({ method: 'GET', path }, 'FR-SPOC')).status).toBe(200)
    const response = await act({ act: 'erase', subjects: await subjectsOf(asked) })
    expect(response.status).toBe(201)
    expect(await isSealed(eid)).toBe(true)
    // Nobody can tell any more whose it was; that it is in the log, the proof still shows.
    expect((await ask({ method: 'GET', path }, 'FR-SPOC')).status).toBe(404)
    const proof = await look('DE-DPA', `/v1/decisions/${eid}/proof?purpose=${purpose}`)
    expect(proof.status).toBe(200)
  })

  // Kills: an erasure that does not wait for the sealer; a store that is away taken for a fault.
  test('erase nothing while entries cannot be sealed, and are told to come again', async () => {
    const eid = await enter()
    const subjects = await subjectsOf(asked)
    deployed.cloud.guard(({ action }) => {
      if (action === 's3:PutObject') throw new Error('S3 is away')
      return true
    })
    try {
      const response = await act({ act: 'erase', subjects })
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    } finally {
      deployed.cloud.guard(() => true)
    }
    await expectSaid(seal, 'store-away').not.toEqual([])
    const path = `/v1/access-requests/${eid}`
    expect((await ask({ method: 'GET', path }, 'FR-SPOC')).status).toBe(200)
  })

  // Kills: a look for which the function has no right; whoever got what is gone, not told or not listed.
  test('are shown who got what was erased, until they say that they acted', async () => {
    const { id: _, ...record } = { ...recordsOf('DE-POL')[0] }
    const subject = { recordId: 'DE-POL-GONE' }
    await made('DE-POL', { method: 'PUT', path: '/v1/records/DE-POL-GONE', body: record })
    await vouchForFrance(made)
    const request = { ...examples[0]?.request, subject, caseReference: 'GONE-1' }
    await made('FR-SPOC', { path: '/v1/access-requests', body: request })
    expect((await act({ act: 'erase', subjects: await subjectsOf(subject) })).status).toBe(201)
    expect(await running(seal).send(tick)).toEqual([])
    const deadlines = await look('DE-DPA', `/v1/deadlines?purpose=${purpose}`)
    expect(await deadlines.json()).toMatchObject({ told: [{ to: 'FR-SPOC', overdue: false }] })
  })

  test('keep what a hold came upon meanwhile', async () => {
    const eid = await enter()
    const { kid } = await itemOf(deployed, eid)
    const keys = dynamodbSubjectKeys(deployed.store.client, deployed.names.keys, () => noKey)
    const subjects = await subjectsOf(asked)
    deployed.cloud.guard(async ({ signer, action, on }) => {
      if (signer === 'ASIAAUDIT' && action === 'dynamodb:UpdateItem' && on === 'Keys')
        await keys.hold(String(kid?.S), 'a-court')
      return true
    })
    try {
      expect((await act({ act: 'erase', subjects })).status).toBe(201)
    } finally {
      deployed.cloud.guard(() => true)
    }
    const path = `/v1/access-requests/${eid}`
    expect((await ask({ method: 'GET', path }, 'FR-SPOC')).status).toBe(200)
  })

  test('let what is old expire', async () => {
    const eid = await enter()
    await tell([eid])
    await makeOld(eid, (await subjectsOf(asked))[0] ?? '')
    expect((await act({ act: 'expire', before: '2001-Q2' })).status).toBe(201)
    const path = `/v1/access-requests/${eid}`
    expect((await ask({ method: 'GET', path }, 'FR-SPOC')).status).toBe(404)
  })

  /** As if it were of 2001: its key, and the row by which it is found. */
  async function makeOld(eid: string, subject: string): Promise<void> {
    const { client } = deployed.store
    const { kid } = await itemOf(deployed, eid)
    const keys = rowsIn(client, deployed.names.keys)
    for (const row of (await keys.all(`K#DE#${subject}`)).filter(
      (each) => each.kid?.S === kid?.S,
    )) {
      // Without what the tests before hold.
      const { heldBy: _, ...free } = row
      await keys.put({ ...free, quarter: { S: '2001-Q1' } })
    }
    const key = keptKey(`DE#subject#${subject}#${shardOf(eid)}`, `2001-01-05T00:00:00.000Z#${eid}`)
    await rowsIn(client, deployed.names.lookups).put(key)
  }
})

describe('A time-stamping authority', () => {
  // Kills: a bundle that cannot stamp; a right that it lacks; a line that the alarm does not read.
  test('stamps the day’s checkpoints where the sealer knows it, and is missed where it is away', async () => {
    const authority = await startAuthority()
    const stamper = await deployed.start('seal', { COMITY_STAMPS: authority.settings })
    const stamp = () => stamper.send({ stamp: true })
    const log = logOf('de')
    const kept = () =>
      [...deployed.bucket.objects.keys()].filter((path) => path.startsWith(`${log}/stamps/`))
    try {
      // Without an authority, the clock is heard and nothing is done.
      await running(seal).send({ stamp: true })
      await stamp()
      await expectSaid(stamper, 'unstamped').toEqual([
        { event: 'unstamped', log, why: 'it answered 503' },
      ])
      expect(kept()).toEqual([])
      const size = publishedSize(log)
      authority.stamps(deployed.bucket.objects.get(`${log}/checkpoints/${size}`))
      await stamp()
      expect(kept()).toHaveLength(1)
    } finally {
      await stamper.stop()
      authority.close()
    }
  })
})

describe('Each function of the log', () => {
  // Kills: a line that the filters, written for what we think is said, do not match.
  test('has said in this file what alarms are made of, as the filters of the template read it', () => {
    const readOf = (instance: Instance | undefined, log: string) => {
      const lines = running(instance).lines()
      const read = lines.flatMap((line) => Object.keys(readOff(deployed.resources, log, line)))
      return [...new Set(read)].sort()
    }
    const ofSealer = ['Halted', 'Overwritten', 'SealingFailed', 'UnsealedSeconds']
    expect(readOf(seal, 'SealLog')).toEqual(ofSealer)
    expect(readOf(sign, 'SignLog')).toEqual(['SignatureRefused'])
    expect(readOf(audit, 'AuditLog')).toEqual(['CallsRefused', 'NotDurable'])
  })
  test.each(['audit', 'seal', 'sign'] as const)(
    'used every right that it was given by now, and no other: %s',
    (door) => {
      expect([...usedBy(deployed, door)].sort()).toEqual(grantedTo(deployed, door))
    },
  )
})
