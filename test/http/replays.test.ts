/** `POST /v1/replays`: logged decisions decided again, by whoever audits the log. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../functions/answer/entries/reader.ts'
import { auditApi } from '../../functions/http/audit-api.ts'
import { entryId, leafHash } from '../../functions/ledger/entry.ts'
import { readBook } from '../../functions/policy/read-book.ts'
import { subjectsOf } from '../answer/people.ts'
import { type Evidencing, startEvidencing } from '../audit/evidencing.ts'
import { fixedLaw } from '../fixed-law.ts'
import { freshJti, problemOf } from '../world.ts'
import { bodyOf } from './audit-gateway.ts'

const log = 'comity.test/de/2026'
let gateway: Evidencing
let eids: readonly string[]
let size = 0
beforeAll(async () => {
  gateway = await startEvidencing()
  await gateway.keepPerson('R-1')
  await gateway.keepPerson('R-2')
  eids = [
    await gateway.askFor(subjectsOf('R-1').recordId),
    await gateway.askFor(subjectsOf('R-2').recordId),
    await gateway.askFor(subjectsOf('R-2').name),
  ]
  await gateway.sealLogs()
  size = (await gateway.auditWorld.sealing.head(log)).size
})
afterAll(() => gateway.stop())

const replay = async (body: object, office?: string) =>
  bodyOf(await gateway.post('/v1/replays', { ...body }, office))
const whole = () => replay({ log, from: 0, until: size })

describe('Replaying a log', () => {
  test('decides every decision again, by place or by id, and counts what is none', async () => {
    // Eight attestations, each signed, and two records beside the three requests.
    const all = { same: 3, erased: 0, notDecisions: 18, differs: [], unknown: [] }
    expect(await whole()).toEqual(all)
    expect(await replay({ entries: eids })).toEqual({ ...all, notDecisions: 0 })
    const places = await Promise.all(eids.map((eid) => gateway.auditWorld.sealing.placeOf(eid)))
    const indices = places.map((place) => place?.index)
    expect(await replay({ log, indices })).toEqual({ ...all, notDecisions: 0 })
  })

  test('is an entry, which names what did not come out the same', async () => {
    const jti = freshJti()
    await bodyOf(await gateway.post('/v1/replays', { log, from: 0, until: 2 }, 'DE-DPA', jti))
    const stored = await gateway.world.ledger.read(gateway.looks.at(-1) ?? '')
    const opened = stored && (await openAny(stored, gateway.world))
    expect(Object(opened?.values).consultation).toEqual({
      purpose: 'lawfulness',
      question: { action: 'replay', log, from: 0, until: 2 },
      shown: [],
    })
  })

  // Kills: a law that is not compared with the digests of the leaf.
  test('says that the law is not the one that decided, once a file was changed', async () => {
    const { auditWorld: world } = gateway
    const changed = world.law.files().map(({ path, text }) => ({
      path,
      text: path.startsWith('de/police/') ? `${text} ` : text,
    }))
    const { book } = readBook(changed, () => '2026-11-25T00:00:00Z')
    const law = fixedLaw(book, changed)
    const app = auditApi({ ...world, law }, () => undefined)
    const body = { purpose: 'lawfulness', entries: eids }
    const call = { method: 'POST', path: '/v1/replays', body }
    const came = await bodyOf(await (await gateway.prepareAudit('DE-DPA', call, app))())
    const why = `de/police@2026-02-14 is not the version that decided`
    expect(came).toEqual({
      same: 0,
      erased: 0,
      notDecisions: 0,
      differs: eids.map((id) => ({ id, index: null, why })),
      unknown: [],
    })
    // Nor is evidence made with another law than decided.
    const evidence = { ...call, path: '/v1/evidence' }
    const refused = await (await gateway.prepareAudit('DE-DPA', evidence, app))()
    expect(await problemOf(refused)).toMatchObject({ status: 500, code: 'internal' })
  })

  test('is for auditors of the holder, and for logs and places that there are', async () => {
    const codes = async (body: object, office?: string) =>
      (await problemOf(await gateway.post('/v1/replays', { ...body }, office))).code
    const range = { log, from: 0, until: 1 }
    expect(await codes(range, 'GB-DPA')).toBe('not-found')
    expect(await codes({ entries: eids }, 'GB-DPA')).toBe('not-found')
    for (const office of ['DE-POL', 'DE-DPO', 'DE-LEGAL'])
      expect(await codes(range, office)).toBe('not-your-role')
    expect(await codes({ ...range, until: 501 })).toBe('invalid-request')
    expect(await codes({ ...range, from: 1 })).toBe('invalid-request')
    expect(await codes({ log, indices: [size] })).toBe('not-found')
    expect(await codes({ ...range, log: 'comity.test/de/2025' })).toBe('not-found')
    expect(await codes({ ...range, log: 'other.test/de/2026' })).toBe('not-found')
    expect(await codes({ entries: [entryId('GB-POL', 'x')] })).toBe('not-found')
  })

  // Kills: erased entries counted as wrong, or as right; a change that stops the rest.
  test('counts what was erased, and names what was changed', async () => {
    await gateway.act({
      act: 'erase',
      subjects: [gateway.pseudonym(subjectsOf('R-1').recordId)],
    })
    expect(await whole()).toMatchObject({ same: 2, erased: 1, differs: [] })
    const [, other = ''] = eids
    await gateway.store.rows.decisions.update({ pk: { S: `D#${other}` } }, 'SET ev = :ev', {
      values: { ':ev': { B: new Uint8Array(60) } },
    })
    const place = await gateway.auditWorld.sealing.placeOf(other)
    expect(await whole()).toMatchObject({
      same: 1,
      erased: 1,
      differs: [{ id: other, index: place?.index, why: 'it is gone, or it was changed' }],
    })
  })

  // Kills: entries believed that no signed tree has.
  test('holds every entry against the signed tree', async () => {
    const { auditWorld: world } = gateway
    // Of the three, this one is as it was; their order in the log is by chance.
    const { index = 0 } = (await world.sealing.placeOf(eids[2] ?? '')) ?? {}
    const forged: typeof world.archive = {
      get: async (path) => {
        const bytes = await world.archive.get(path)
        return path.includes('/tile/0/') && bytes ? bytes.map((byte) => byte ^ 1) : bytes
      },
    }
    const app = auditApi({ ...world, archive: forged }, () => undefined)
    const body = { purpose: 'lawfulness', log, from: index, until: index + 1 }
    const call = { method: 'POST', path: '/v1/replays', body }
    expect(await bodyOf(await (await gateway.prepareAudit('DE-DPA', call, app))())).toMatchObject({
      differs: [{ index, why: 'its proof does not hold: the log was changed' }],
    })
  })
})

describe('An entry that was put in the place of a sealed one', () => {
  // Kills: an outcome that somebody changed in the ledger, hash and all, shown with a receipt that the gateway signs for it.
  test('is not shown, and gets no receipt', async () => {
    const [, , id = ''] = eids
    const show = () => gateway.get('DE-DPA', `/v1/decisions/${id}?purpose=lawfulness`)
    expect((await show()).status).toBe(200)
    const { decisions } = gateway.store.rows
    const key = { pk: { S: `D#${id}` } }
    const before = (await decisions.get(key)) ?? key
    const { leafBytes } = (await gateway.entry(id)).stored
    const leaf = Buffer.from(Buffer.from(leafBytes).toString().replace('"ts":"2', '"ts":"3'))
    await decisions.put({ ...before, leaf: { B: leaf }, lh: { B: leafHash(leaf) } })
    const seen = await show()
    await decisions.put(before)
    expect(seen.status).toBe(500)
    expect(await seen.text()).toContain('somebody or something changed it')
  })
})
