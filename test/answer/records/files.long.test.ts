/** Files of records: what a holder sends, what is kept of it, and who gets it, when, and how often. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../../functions/answer/entries/reader.ts'
import { disclosuresPageSchema } from '../../../functions/answer/messages/disclosures.ts'
import { takeAgain } from '../../../functions/answer/upkeep/restoration.ts'
import { keptFileSchema } from '../../../functions/decision/record.ts'
import { entryId } from '../../../functions/ledger/entry.ts'
import { fileDigest } from '../../../functions/ledger/file.ts'
import { exif, picture, secrets, telling, withSegments } from '../../picture/pictures.ts'
import { answered, type Call, done, freshJti, type Gateway, problemOf } from '../../world.ts'
import { itemOf, personOf, requestOfMember } from '../people.ts'
import { hourMs, post, startTelling } from '../sealed-union.ts'

let at: Awaited<ReturnType<typeof startTelling>>
let gateway: Gateway
beforeAll(async () => {
  at = await startTelling()
  gateway = at.gateway
})
afterAll(() => at.close())

const face = { element: 'nc:PersonDigitalImage', class: 'identification' } as const
const announced = (type: 'image/jpeg' | 'image/png' = 'image/jpeg') =>
  itemOf('name', { id: 'face', ...face, value: { type } })
const photograph = withSegments(picture('baseline'), ...telling())

/** The holder sends the content of an item. */
const send = (record: string, body: Uint8Array = photograph, rest: Partial<Call> = {}) =>
  gateway.call('DE-POL', {
    ...{ method: 'PUT', path: `/v1/records/${record}/files/face`, body },
    ...{ headers: { 'content-type': 'image/jpeg' }, ...rest },
  })
const taken = async (response: Response) => {
  expect(response.status).toBe(201)
  return keptFileSchema.parse(((await response.json()) as { value: unknown }).value)
}
/** A record with a name and a face, the face's content sent. */
async function withFace(record: string, changes = {}) {
  await gateway.putRecord(
    'DE-POL',
    personOf(record, [itemOf('name'), { ...announced(), ...changes }]),
  )
  return taken(await send(record))
}
const fetchOf = (id: string, rest: Partial<Call> & { agency?: string; item?: string } = {}) =>
  gateway.call(rest.agency ?? 'FR-SPOC', {
    ...{ path: `/v1/access-requests/${id}/files/${rest.item ?? 'face'}`, officer: 'officer-7' },
    ...rest,
  })
let cases = 0
const ask = async (record: string, changes = {}) =>
  answered(
    await gateway.ask(
      'FR-SPOC',
      'officer-7',
      requestOfMember({
        ...{ subject: { recordId: record }, caseReference: `FACE-${++cases}` },
        ...changes,
      }),
    ),
  )
const itemsOf = ({ records }: Awaited<ReturnType<typeof ask>>) =>
  Object.fromEntries((records[0]?.items ?? []).map(({ id, value }) => [id, value]))
/** Every row about the contents of a record. */
const rowsOf = (pk: string) => gateway.store.rows.records.all(pk)

describe('A photograph with the place where it was taken', () => {
  test('is kept and given without, by an answer that says by a commitment which file it is', async () => {
    const value = await withFace('R-1')
    const answer = await ask('R-1')
    expect(answer.outcome).toBe('release')
    expect(itemsOf(answer).face).toEqual(value)
    const response = await fetchOf(answer.id)
    expect(response.status).toBe(200)
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(bytes).toEqual(picture('baseline'))
    for (const secret of secrets) expect(bytes.includes(secret, 0, 'latin1'), secret).toBe(false)
    expect(value).toMatchObject({ type: 'image/jpeg', length: bytes.length })
    // As FORMAT.md has it: the requester needs its answer and the bytes.
    expect(fileDigest(value.salt, bytes)).toBe(value.digest)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      ...{ 'content-type': 'image/jpeg', 'cache-control': 'no-store' },
      ...{ 'x-content-type-options': 'nosniff' },
      'content-disposition': 'attachment; filename="face.jpg"',
      'comity-duties': expect.stringContaining('O-USE'),
      link: `</v1/access-requests/${answer.id}>; rel="describedby"`,
    })
  })

  // Kills: bytes that lie in the table as they came; an entry that keeps a photograph.
  test('lies in the table encrypted, and in no entry', async () => {
    const jti = freshJti()
    await gateway.putRecord('DE-POL', personOf('R-2', [announced()]))
    const { digest } = await taken(await send('R-2', photograph, { jti }))
    const rows = [...(await rowsOf('F#DE-POL#R-2')), ...(await rowsOf(`F#DE-POL#R-2#${digest}`))]
    expect(rows).toHaveLength(3)
    for (const { bytes } of rows)
      expect(Buffer.from(bytes?.B ?? []).includes(picture('baseline').subarray(20, 60))).toBe(false)
    const stored = await gateway.world.ledger.read(entryId('DE-POL', jti))
    const opened = stored && (await openAny(stored, gateway.world))
    expect(opened).toMatchObject({
      values: {
        act: { what: 'file', recordId: 'R-2', file: { item: 'face', digest } },
        call: { method: 'PUT', body: expect.any(String) },
      },
      evidence: { body: '' },
    })
  })

  test('of a larger size comes in parts, and is whole again', async () => {
    const noise = Buffer.from(Array.from({ length: 900_000 }, (_, i) => (i * 7919) % 251))
    const jpeg = picture('baseline')
    const large = Buffer.concat([jpeg.subarray(0, -2), noise, jpeg.subarray(-2)])
    await gateway.putRecord('DE-POL', personOf('R-3', [announced()]))
    const { digest, length } = await taken(await send('R-3', large))
    expect(length).toBe(large.length)
    expect(await rowsOf(`F#DE-POL#R-3#${digest}`)).toHaveLength(3)
    const { id } = await ask('R-3')
    expect(Buffer.from(await (await fetchOf(id)).arrayBuffer())).toEqual(large)
  })
})

test('A picture that is to be turned still says so when it is given', async () => {
  await gateway.putRecord('DE-POL', personOf('R-60', [announced()]))
  const { length } = await taken(await send('R-60', withSegments(picture('baseline'), exif(6))))
  expect(length).toBe(picture('baseline').length + 36)
})

describe('A file that is not as it should be', () => {
  test('is refused with what to do, and its item is withheld until one comes', async () => {
    await gateway.putRecord('DE-POL', personOf('R-10', [itemOf('name'), announced()]))
    const refusals = [
      [photograph.subarray(0, -2), /ends before its picture does; send all of it/],
      [Buffer.from('%PDF-1.7'), /none of image\/jpeg, image\/png/],
    ] as const
    for (const [bytes, detail] of refusals)
      expect(await problemOf(await send('R-10', bytes))).toMatchObject({
        ...{ status: 422, code: 'invalid-request' },
        errors: [{ pointer: '', detail: expect.stringMatching(detail) }],
      })
    const headers = { 'content-type': 'image/png' }
    expect(await problemOf(await send('R-10', photograph, { headers }))).toMatchObject({
      errors: [{ detail: expect.stringContaining('it is image/jpeg by its first bytes') }],
    })
    const other = { 'content-type': 'application/pdf' }
    expect((await problemOf(await send('R-10', photograph, { headers: other }))).code).toBe(
      'unsupported-media-type',
    )
    const large = Buffer.concat([photograph, Buffer.alloc(2 * 1024 * 1024)])
    expect(await problemOf(await send('R-10', large))).toMatchObject({ status: 413 })
    const answer = await ask('R-10')
    expect(Object.keys(itemsOf(answer))).toEqual(['name'])
    // Kills: a reason that shows that there is a photograph.
    const { outcome, reasons } = await ask('R-1', { subject: { recordId: 'R-10' } })
    expect([outcome, reasons]).toEqual([answer.outcome, answer.reasons])
    expect((await fetchOf(answer.id)).status).toBe(404)
  })

  // Kills: an entry whose call no verifier takes for the one of a file, since its address has a query.
  test('has no query in its address', async () => {
    const value = await withFace('R-17')
    const path = '/v1/records/R-17/files/face?x=1'
    const jti = freshJti()
    const refused = await problemOf(await send('R-17', picture('grey'), { path, jti }))
    expect(refused).toMatchObject({ status: 400, code: 'invalid-json' })
    expect(await gateway.world.ledger.read(entryId('DE-POL', jti))).toBeUndefined()
    const listed = await gateway.world.files.list('DE-POL', 'R-17')
    expect(listed.map(({ digest }) => digest)).toEqual([value.digest])
  })

  test('has no place under an element that holds no image, nor in another’s record', async () => {
    await gateway.putRecord('DE-POL', personOf('R-11', [itemOf('name', { id: 'face' })]))
    expect(await problemOf(await send('R-11'))).toMatchObject({
      errors: [{ detail: 'the element of the item holds text, and no file' }],
    })
    expect((await problemOf(await send('R-404'))).code).toBe('not-found')
    const foreign = { method: 'PUT', path: '/v1/records/R-11/files/face', body: photograph }
    const headers = { 'content-type': 'image/jpeg' }
    expect((await gateway.call('FR-SPOC', { ...foreign, headers })).status).toBe(403)
    // An item that says so anyway is withheld, and its holder is warned.
    const warned = await gateway.call('DE-POL', {
      ...{ method: 'PUT', path: '/v1/records/R-12' },
      body: keptBody(personOf('R-12', [itemOf('name', { value: { type: 'image/png' } })])),
    })
    expect(((await warned.json()) as { warnings: unknown[] }).warnings).toHaveLength(2)
    expect((await ask('R-12')).outcome).toBe('deny')
  })

  // Kills: a record that names a content which another record, or nobody, has sent.
  test('cannot be named by a record before its content came', async () => {
    const value = await withFace('R-13')
    const body = keptBody(personOf('R-14', [{ ...announced(), value }]))
    const put = { method: 'PUT', path: '/v1/records/R-14', body }
    expect(await problemOf(await gateway.call('DE-POL', put))).toMatchObject({
      status: 422,
      errors: [{ pointer: '/items/0/value/digest' }],
    })
    const longer = { ...value, length: value.length + 1 }
    const change = at.change('R-13', [{ id: 'face', value: longer }])
    expect(await problemOf(await change)).toMatchObject({
      errors: [{ pointer: '/items/0/value/digest' }],
    })
    // The whole record again, with the file that it has, keeps it.
    await gateway.putRecord('DE-POL', personOf('R-13', [{ ...announced(), value }]))
    expect((await fetchOf((await ask('R-13')).id)).status).toBe(200)
  })
})

const keptBody = ({ id: _, ...body }: ReturnType<typeof personOf>) => body

describe('Whoever fetches a file', () => {
  test('does so as often as needed for a quarter of an hour, each time as an entry first', async () => {
    const { digest, length } = await withFace('R-20')
    const { id } = await ask('R-20')
    const jtis = [freshJti(), freshJti()]
    for (const jti of jtis) expect((await fetchOf(id, { jti })).status).toBe(200)
    // A retry is the same entry.
    expect((await fetchOf(id, { jti: jtis[0] ?? '' })).status).toBe(200)
    for (const jti of jtis) {
      const stored = await gateway.world.ledger.read(entryId('FR-SPOC', jti))
      expect(stored?.leaf).toMatchObject({ t: 'file', hj: 'DE', aj: 'FR', previous: id })
      const opened = stored && (await openAny(stored, gateway.world))
      expect(opened?.values).toMatchObject({
        file: { item: 'face', digest, length, type: 'image/jpeg' },
        inCase: { requester: 'FR-SPOC' },
      })
    }
    await at.sealed()
    const page = await gateway.call('DE-POL', { path: '/v1/disclosures' })
    const { disclosures } = disclosuresPageSchema.parse(await page.json())
    const left = disclosures.find(({ request }) => request === id)
    expect(left?.files?.map(({ item, entry }) => [item, entry]).sort()).toEqual(
      jtis.map((jti) => ['face', entryId('FR-SPOC', jti)]).sort(),
    )
    const now = gateway.clock.now
    gateway.clock.now = new Date(now.getTime() + 15 * 60_000)
    expect((await fetchOf(id)).status).toBe(200)
    gateway.clock.now = new Date(now.getTime() + 15 * 60_000 + 1)
    expect(await problemOf(await fetchOf(id))).toMatchObject({ status: 410, code: 'too-late' })
    gateway.clock.now = now
  })

  // Kills: another agency's, or another officer's, look at what was given to one.
  test('is the officer who asked; to all others it is as if there were none', async () => {
    await withFace('R-21')
    const { id } = await ask('R-21')
    const nothing = JSON.stringify(await problemOf(await fetchOf('x'.repeat(43))))
    const others: readonly Parameters<typeof fetchOf>[1][] = [
      ...['GB-POL', 'DE-POL', 'DE-MIN', 'FR-DPA', 'NL-POL'].map((agency) => ({ agency })),
      ...[{ officer: 'officer-8' }, { item: 'name' }, { item: 'other' }, { item: 'face.jpg' }],
    ]
    for (const each of others)
      expect(JSON.stringify(await problemOf(await fetchOf(id, each))), JSON.stringify(each)).toBe(
        nothing,
      )
    expect(nothing).toContain('not-found')
  })

  // Kills: a file that is found by asking for one, hit or no hit.
  test('of a denial learns nothing of a photograph that there is', async () => {
    await gateway.putRecord('DE-POL', personOf('R-22', [{ ...announced(), status: 'blocked' }]))
    await taken(await send('R-22'))
    const bodies = await Promise.all(
      ['R-22', 'R-404'].map(async (record) => {
        const { id, outcome } = await ask(record)
        expect(outcome).toBe('deny')
        return JSON.stringify(await problemOf(await fetchOf(id)))
      }),
    )
    expect(bodies[0]).toBe(bodies[1])
    expect(bodies[0]).toContain('not-found')
  })

  test('of a dry run, or of an item that did not leave whole, gets none', async () => {
    await withFace('R-23', { element: 'biom:FaceImage', class: 'biometric' })
    const dry = await ask('R-23', { dryRun: true })
    expect((await fetchOf(dry.id)).status).toBe(404)
    const { id, outcome } = await ask('R-23', { classes: ['identification', 'biometric'] })
    expect(outcome).not.toBe('release')
    expect((await fetchOf(id)).status).toBe(404)
  })
})

describe('What becomes of a file', () => {
  test('another content is a correction, which whoever got the one before is told', async () => {
    const before = await withFace('R-30')
    const { id } = await ask('R-30')
    expect((await fetchOf(id)).status).toBe(200)
    at.wait(hourMs)
    const jti = freshJti()
    const { id: late } = await ask('R-30')
    const after = await taken(await send('R-30', picture('grey'), { jti }))
    expect(await problemOf(await fetchOf(late))).toMatchObject({ code: 'record-changed' })
    expect(await rowsOf(`F#DE-POL#R-30#${before.digest}`)).toEqual([])
    expect(await rowsOf(`F#DE-POL#R-30#${after.digest}`)).toHaveLength(1)
    await at.turn()
    const events = (await at.toldTo('FR-SPOC')).filter(
      ({ cause }) => cause === entryId('DE-POL', jti),
    )
    expect(events.map(({ kind, items }) => [kind, items])).toContainEqual(['corrected', ['face']])
    // Kills: a first content, of which nobody had any, that is told as a correction.
    await gateway.putRecord('DE-POL', personOf('R-31', [itemOf('name'), announced()]))
    await ask('R-31')
    at.wait(hourMs)
    const first = freshJti()
    await taken(await send('R-31', photograph, { jti: first }))
    await at.turn()
    expect(
      (await at.toldTo('FR-SPOC')).filter(({ cause }) => cause === entryId('DE-POL', first)),
    ).toEqual([])
  })

  test('the same call again keeps the same file; another picture under it is another call', async () => {
    await gateway.putRecord('DE-POL', personOf('R-32', [announced()]))
    const jti = freshJti()
    const value = await taken(await send('R-32', photograph, { jti }))
    const again = await send('R-32', photograph, { jti })
    expect(again.status).toBe(200)
    expect(((await again.json()) as { value: unknown }).value).toEqual(value)
    expect(await rowsOf(`F#DE-POL#R-32#${value.digest}`)).toHaveLength(1)
    expect((await problemOf(await send('R-32', picture('grey'), { jti }))).code).toBe('jti-reused')
  })

  // Kills: a content that was replaced while another was on its way, and still opens.
  test('of two contents at once one is kept, and the other is destroyed with its key', async () => {
    const { files } = gateway.world
    const { put } = files
    const before = await withFace('R-42')
    let between: (() => Promise<void>) | undefined = async () => {
      between = undefined
      await taken(await send('R-42', picture('grey')))
    }
    Object.assign(files, {
      put: async (...given: Parameters<typeof put>) => {
        await put(...given)
        await between?.()
      },
    })
    const kept = await taken(await send('R-42')).finally(() => Object.assign(files, { put }))
    expect(kept.digest).not.toBe(before.digest)
    const left = await files.list('DE-POL', 'R-42')
    expect(left.map(({ digest }) => digest)).toEqual([kept.digest])
  })

  test('of a record that is restricted, corrected, erased or recalled, nothing leaves any more', async () => {
    const changes: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['R-33', async () => done(await at.change('R-33', [{ id: 'face', status: 'blocked' }]))],
      ['R-34', async () => done(await at.change('R-34', [{ id: 'name', value: 'Antonia' }]))],
      ['R-35', () => gateway.putRecord('DE-POL', personOf('R-35', [itemOf('name')]))],
      [
        'R-36',
        async () =>
          done(await gateway.call('DE-POL', { method: 'DELETE', path: '/v1/records/R-36' })),
      ],
      ['R-37', () => recalled('R-37')],
    ]
    for (const [record, change] of changes) {
      await withFace(record)
      const { id } = await ask(record)
      expect((await fetchOf(id)).status).toBe(200)
      await change()
      const gone = await problemOf(await fetchOf(id))
      expect(gone, record).toMatchObject({ status: 409, code: 'record-changed' })
    }
    for (const record of ['R-35', 'R-36']) expect(await rowsOf(`F#DE-POL#${record}`)).toEqual([])
  })

  const recalled = async (record: string) => {
    const wrong = { cause: { record }, ask: 'erased', ground: 'It is another person.' }
    const id = await done(await gateway.call('DE-POL', post('/v1/recalls', wrong)))
    await done(await gateway.call('DE-DPO', post(`/v1/recalls/${id}/signatures`)))
    await at.turn()
  }

  // Kills: bytes that leave on an assurance that was taken back since.
  test('of an answer that rested on an assurance, nothing leaves once that is taken back', async () => {
    await withFace('R-38', { originator: 'BE' })
    const { id: previous } = await ask('R-38')
    const { caseReference } = requestOfMember({ caseReference: `FACE-${cases}` })
    const consent = { holder: 'DE-POL', fact: 'item.originConsent', originator: 'BE' }
    const scope = { kind: 'matter', matter: previous } as const
    const given = await gateway.attest('BE-POL', { ...consent, value: 'given', scope })
    const answer = await ask('R-38', { previous, caseReference })
    expect(Object.keys(itemsOf(answer))).toContain('face')
    expect((await fetchOf(answer.id)).status).toBe(200)
    const path = `/v1/attestations/${given}`
    await done(await gateway.call('BE-POL', { method: 'DELETE', path }))
    expect(await problemOf(await fetchOf(answer.id))).toMatchObject({ code: 'record-changed' })
  })

  test('of a person whose entries are kept as evidence alone, nothing leaves', async () => {
    await withFace('R-39')
    const { id } = await ask('R-39')
    const { kid } = (await gateway.entry(id)).stored
    await gateway.world.subjectKeys.restrict(kid, 'act')
    expect((await problemOf(await fetchOf(id))).code).toBe('record-changed')
    // To others it is as before: nothing.
    expect((await fetchOf(id, { agency: 'NL-POL' })).status).toBe(404)
  })

  // Kills: a key that is destroyed in the table, while a copy of the row still opens with another.
  test('once its key is destroyed, no copy of its rows opens it, and that is said', async () => {
    const { digest } = await withFace('R-40')
    const { id } = await ask('R-40')
    const kid = (await gateway.world.files.list('DE-POL', 'R-40'))[0]?.kid ?? ''
    await gateway.world.subjectKeys.restrict(kid, 'act')
    expect(await problemOf(await fetchOf(id))).toMatchObject({ code: 'record-changed' })
    await gateway.world.subjectKeys.lift(kid, 'act')
    const place = { holder: 'DE-POL', record: 'R-40', digest }
    const copy = await gateway.world.files.get(place)
    const kek = await gateway.world.subjectKeys.open(kid)
    expect(copy && kek && copy.open(kek)).toBeDefined()
    expect(await gateway.world.subjectKeys.shred(kid)).toBe('shredded')
    expect(await gateway.world.subjectKeys.open(kid)).toBeUndefined()
    expect(() => copy?.open(new Uint8Array(32))).toThrow(/decrypt/)
    expect(await problemOf(await fetchOf(id))).toMatchObject({ status: 410, code: 'file-gone' })
  })

  // Kills: a restored record that names a content which the restore did not bring back.
  test('after its record was restored, its entry gives it back if its content is there', async () => {
    const jti = freshJti()
    const person = personOf('R-41', [announced()])
    await gateway.putRecord('DE-POL', person)
    const value = await taken(await send('R-41', photograph, { jti }))
    const eid = entryId('DE-POL', jti)
    const agency = await gateway.world.register.agency('DE-POL')
    if (agency === undefined) throw new Error('no DE-POL')
    const restore = async () => {
      const Key = { pk: { S: 'R#DE-POL#R-41' }, sk: { S: 'record' } }
      await gateway.store.rows.records.remove(Key)
      await gateway.world.holder.put(agency, person, '2026-01-01T00:00:00.000Z')
    }
    const now = async () => (await gateway.world.holder.get(agency, 'R-41'))?.items[0]?.value
    await restore()
    expect(await now()).toEqual({ type: 'image/jpeg' })
    expect(await takeAgain([eid], gateway.world)).toEqual({ done: 1, closed: [], failed: [] })
    expect(await now()).toEqual(value)
    await restore()
    const place = { holder: 'DE-POL', record: 'R-41', digest: value.digest }
    const [{ kid } = { kid: '' }] = await gateway.world.files.list('DE-POL', 'R-41')
    await gateway.world.files.remove(place, kid)
    expect(await takeAgain([eid], gateway.world)).toEqual({ done: 0, closed: [], failed: [eid] })
    expect(await now()).toEqual({ type: 'image/jpeg' })
  })
})

describe('A file of an answer that does not leave here', () => {
  test('is given to the officer of the holder who sends it, and not to whoever asked', async () => {
    await withFace('R-50')
    const answer = await ask('R-50', { deliverBy: 'siena' })
    expect(answer.records).toEqual([])
    expect((await fetchOf(answer.id)).status).toBe(404)
    const path = `/v1/access-requests/${answer.id}/package`
    const pack = await gateway.call('DE-POL', { method: 'POST', path })
    expect(itemsOf(await answered(pack)).face).toMatchObject({ type: 'image/jpeg' })
    const page = await gateway.call('DE-POL', {
      ...{ method: 'POST', path, headers: { accept: 'text/html' } },
    })
    expect(await page.text()).toContain('a file beside this page')
    at.wait(hourMs)
    expect((await fetchOf(answer.id, { agency: 'DE-POL', officer: 'o' })).status).toBe(200)
    expect((await fetchOf(answer.id, { agency: 'GB-POL' })).status).toBe(404)
  })

  test('and one that was provided unasked to its recipient, for as long as it can be collected', async () => {
    await withFace('R-51')
    const { subject, classes, purpose, caseReference, instrument, channel } = requestOfMember({
      ...{ subject: { recordId: 'R-51' }, caseReference: 'GIVEN-1' },
    })
    const body = {
      ...{ holder: 'DE-POL', to: 'FR-SPOC', subject, classes, purpose, instrument, channel },
      ...{ caseReference, urgency: 'none', ground: 'They look for him.' },
      offence: { category: 'ordinary' },
    }
    const shown = (await (await gateway.call('DE-POL', post('/v1/provisions', body))).json()) as {
      shown: string
    }
    const given = await answered(
      await gateway.call('DE-POL', post('/v1/provisions', { ...body, shown: shown.shown })),
    )
    expect(given.outcome).toBe('release')
    at.wait(20 * hourMs)
    const jti = freshJti()
    expect((await fetchOf(given.id, { officer: 'any', jti })).status).toBe(200)
    // Kills: a restore after which whoever has the file is told nothing of what becomes of it.
    const Key = { pk: { S: `O#told#${given.id}` }, sk: { S: 'collected' } }
    await gateway.store.rows.attestations.remove(Key)
    expect(await gateway.world.messages.isCollected(given.id)).toBe(false)
    await takeAgain([entryId('FR-SPOC', jti)], gateway.world)
    expect(await gateway.world.messages.isCollected(given.id)).toBe(true)
    for (const agency of ['DE-POL', 'NL-POL'])
      expect((await fetchOf(given.id, { agency })).status).toBe(404)
    at.wait(14 * 24 * hourMs)
    expect(await problemOf(await fetchOf(given.id))).toMatchObject({ code: 'too-late' })
  })
})
