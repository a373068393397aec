/** An act by a person’s document, and whoever asked by the name and was told nothing: what was found goes, what they were told stays. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEntry } from '../../functions/ledger/entry.ts'
import { itemOf, personOf, subjectsOf } from '../answer/people.ts'
import { bodyOf, idsOf } from '../http/audit-gateway.ts'
import { type Evidencing, startEvidencing } from './evidencing.ts'

let log: Evidencing
beforeAll(async () => {
  log = await startEvidencing()
})
afterAll(() => log.stop())

let people = 0
/** A person of whom nothing may be told, asked for by name; the entry of that, sealed. */
async function hidden() {
  const id = `R-HIDDEN-${++people}`
  await log.putRecord('DE-POL', personOf(id, [itemOf('name', { status: 'blocked' })]))
  const { name, document } = subjectsOf(id)
  const entry = await log.askFor(name)
  await log.sealLogs()
  return { id, entry, name, document }
}
const lookedUp = async (entry: string) => {
  const response = await log.call('FR-SPOC', { path: `/v1/access-requests/${entry}` })
  const { receipt: _, ...told } = JSON.parse(await response.text())
  return { status: response.status, told }
}
const audited = async (office: string, entry: string) => {
  const { receipt: _, ...shown } = await bodyOf(
    await log.get(office, `/v1/decisions/${entry}?purpose=lawfulness`),
  )
  return shown
}
const replayed = async (entry: string) =>
  JSON.parse(await (await log.post('/v1/replays', { entries: [entry] })).text())
const act = (act: 'erase' | 'restrict', subject: Parameters<Evidencing['pseudonym']>[0]) =>
  log.act({ act, subjects: [log.pseudonym(subject)] })

describe('An erasure by the document', () => {
  // Kills: a key that is destroyed whole; one that is not destroyed at all; rows that still lead there.
  test('destroys what was found, and leaves whoever asked by the name what they were told', async () => {
    const { entry, document } = await hidden()
    const before = await lookedUp(entry)
    const own = await audited('FR-DPA', entry)
    const stored = await log.world.ledger.read(entry)
    if (stored === undefined) throw new Error('there is no entry')
    const { entries, keys } = await act('erase', document)

    expect(await lookedUp(entry)).toEqual(before)
    expect(await audited('FR-DPA', entry)).toEqual(own)
    // The holder's own act by which the record came; neither number counts who asked.
    expect({ entries, keys }).toEqual({ entries: 1, keys: 1 })
    const { opened } = await log.entry(entry)
    expect(opened).toMatchObject({ items: [], told: { recordId: null, decided: [] } })
    expect(opened.subject).toEqual({ asked: expect.any(String), match: 'none', found: [] })
    const key = await log.world.subjectKeys.open(stored.kid)
    const bare = Uint8Array.from(key ?? [])
    expect(bare).toHaveLength(32)
    expect(() => openEntry(stored.leaf, stored.ciphertext, bare)).toThrow()
    const whole = await audited('DE-DPA', entry)
    expect(whole).toMatchObject({ erased: true })
    for (const name of ['subject', 'items', 'facts', 'decision'])
      expect(whole).not.toHaveProperty(name)
    expect(await replayed(entry)).toMatchObject({ erased: 1, same: 0, differs: [] })
    const path = `/v1/decisions?purpose=lawfulness&subject=${log.pseudonym(document)}`
    expect(await idsOf(await log.get('DE-DPA', path))).not.toContain(entry)
    const rows = await log.store.rows.lookups.everything()
    const under = rows.filter(({ pk }) => pk?.S?.includes(log.pseudonym(document)))
    expect(JSON.stringify(under)).not.toContain(entry)
  })

  test('leaves the evidence that auditors of whoever asked may have, and it holds', async () => {
    const { entry, document } = await hidden()
    await act('erase', document)
    await log.sealLogs()
    const checked = await log.check(await log.evidence({ entries: [entry] }, 'FR-DPA'))
    expect(checked.findings).toEqual([])
  })

  test('goes on with what is asked, and a retry is answered as before', async () => {
    const { id, entry, document, name } = await hidden()
    await act('erase', document)
    const again = await log.askFor(name)
    const { opened } = await log.entry(again)
    expect(opened.subject.match).toBe('one')
    expect(again).not.toBe(entry)
    await log.sealLogs()
    await act('erase', subjectsOf(id).document)
    expect((await log.entry(again)).opened.subject.match).toBe('none')
    expect((await lookedUp(again)).status).toBe(200)
  })

  // Kills: an entry that fails whoever opens it, so that its log stands still for ever.
  test('leaves an entry that was made just while the key was replaced as if it were erased', async () => {
    const { document, name } = await hidden()
    const { subjectKeys } = log.world
    const { replace } = subjectKeys
    let late = ''
    const racing: typeof replace = async (...of) => {
      late = await log.askFor(name)
      return replace(...of)
    }
    Object.assign(subjectKeys, { replace: racing })
    try {
      await act('erase', document)
    } finally {
      Object.assign(subjectKeys, { replace })
    }
    expect((await lookedUp(late)).status).toBe(404)
    const next = await log.askFor(subjectsOf('R-NEXT').document)
    await log.sealLogs()
    for (const entry of [late, next]) expect(await log.world.sealed.placeOf(entry)).toBeDefined()
    expect(await audited('DE-DPA', late)).toMatchObject({ erased: true })
  })

  // Kills: a second try that finds no rows of what it left, and so leaves nothing.
  test('that was cut off just before it filed again what it left leaves the same by its retry', async () => {
    const { entry, document } = await hidden()
    const before = await lookedUp(entry)
    const body = { act: 'erase', subjects: [log.pseudonym(document)] } as const
    const { subjectKeys } = log.world
    const { openEach, replace } = subjectKeys
    const { send } = await log.prepare(body)
    // Once what was found is destroyed and its rows are gone, nothing opens what is to be filed again.
    const replacing: typeof replace = async (...of) => {
      const isDone = await replace(...of)
      Object.assign(subjectKeys, { openEach: () => Promise.reject(new Error('cut off')) })
      return isDone
    }
    Object.assign(subjectKeys, { replace: replacing })
    expect((await send()).status).toBe(500)
    Object.assign(subjectKeys, { openEach, replace })
    expect((await send()).status).toBe(200)
    expect(await lookedUp(entry)).toEqual(before)
    expect((await log.entry(entry)).opened.subject.match).toBe('none')
  })

  test('takes all once the name is given, too', async () => {
    const { entry, document, name } = await hidden()
    await act('erase', document)
    await log.act({ act: 'erase', subjects: [log.pseudonym(document), log.pseudonym(name)] })
    expect((await lookedUp(entry)).status).toBe(404)
    expect(await audited('FR-DPA', entry)).toMatchObject({ erased: true })
    const rows = JSON.stringify(await log.store.rows.keys.everything())
    expect(rows).not.toContain(entry)
  })

  test('takes what was told, by whatever it was asked', async () => {
    const id = 'R-TOLD'
    await log.keepPerson(id)
    const entry = await log.askFor(subjectsOf(id).name)
    await log.sealLogs()
    const { entries } = await act('erase', subjectsOf(id).document)
    // With the holder's own act by which the record came.
    expect(entries).toBe(2)
    expect((await lookedUp(entry)).status).toBe(404)
  })

  // Kills: a sentence that is there only if there was such an entry.
  test('says in the same words what stays, whether there is any or not', async () => {
    const { document, id } = await hidden()
    const saysOf = async (subject: Parameters<typeof act>[1]) =>
      (await act('erase', subject)).says.filter((each) => each.startsWith('Whoever asked by'))
    const [said, ...more] = await saysOf(document)
    expect(more).toEqual([])
    expect(await saysOf(subjectsOf(`${id}-NOBODY`).document)).toEqual([said])
  })
})

describe('A hold by the document', () => {
  // Kills: evidence that goes since the act that holds it reached it through what was found alone.
  test('keeps what was found, for an erasure by the document and by the name', async () => {
    const { entry, document, name } = await hidden()
    const { id } = await log.act({ act: 'hold', subjects: [log.pseudonym(document)] })
    for (const subject of [document, name]) {
      const response = await log.send({ act: 'erase', subjects: [log.pseudonym(subject)] })
      expect(response.status).toBe(409)
    }
    expect((await log.entry(entry)).opened.subject.match).toBe('one')
    await log.act({ act: 'lift', ends: id })
    await act('erase', document)
    expect((await log.entry(entry)).opened.subject.match).toBe('none')
  })
})

describe('A restriction by the document', () => {
  test('keeps what was found as evidence, and nothing of what was told, until it is lifted', async () => {
    const { entry, document } = await hidden()
    const before = await lookedUp(entry)
    const own = await audited('FR-DPA', entry)
    const { id } = await act('restrict', document)
    expect(await lookedUp(entry)).toEqual(before)
    expect(await audited('FR-DPA', entry)).toEqual(own)
    expect(await audited('DE-DPA', entry)).toMatchObject({ restricted: true })
    await log.act({ act: 'lift', ends: id })
    expect(await audited('DE-DPA', entry)).toMatchObject({ subject: { match: 'one' } })
  })
})
