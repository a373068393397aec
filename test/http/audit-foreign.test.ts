/** Attacks on the audit API: ids of others, cursors of others, parameters of another form. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lineOf } from '../../functions/sealing/lookup-rows.ts'
import { attestAll, benign, itemOf, personOf, requestOf } from '../answer/people.ts'
import { answered, problemOf } from '../world.ts'
import { type Audited, bodyOf, startAudited } from './audit-gateway.ts'

let audited: Audited
let id: string
const away = false
beforeAll(async () => {
  audited = await startAudited({
    change: (world) => ({
      ...world,
      ledger: {
        ...world.ledger,
        append: async (entry) =>
          away ? { kind: 'unavailable', why: 'away' } : world.ledger.append(entry),
        // The adapter's own methods are not of the object that is spread.
        read: (eid) => world.ledger.read(eid),
        readAll: (eids) => world.ledger.readAll(eids),
      },
    }),
  })
  await audited.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await attestAll(audited, 'DE-POL', { kind: 'general', requester: 'GB' }, benign)
  const ids: string[] = []
  for (let asked = 0; asked < 3; asked++)
    ids.push((await answered(await audited.ask('GB-POL', 'officer-1', requestOf()))).id)
  await audited.fileAll(ids)
  id = ids[0] ?? ''
})
afterAll(() => audited.close())

const none = 'A'.repeat(43)
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const list = '/v1/decisions?purpose=lawfulness'

/** All of an answer but its span. */
async function whole(office: string, path: string) {
  const response = await audited.get(office, path, { headers: { traceparent } })
  const headers = [...response.headers].filter(([name]) => name !== 'traceparent')
  return { status: response.status, headers, body: await response.text() }
}

describe('Of an entry that is not theirs to see', () => {
  // Kills: any difference between a foreign id and none, such as 403, a header, or `not-sealed`.
  test.each([
    ['an auditor of another country', 'FR-DPA'],
    ['the agency that asked', 'GB-POL'],
    ['the agency that answered', 'DE-POL'],
    ['the legal editor of the holder', 'DE-LEGAL'],
    ['the approver of the holder', 'DE-DPO'],
    ['the agency of a third country', 'JP-NCB'],
  ])('%s learns nothing, byte for byte', async (_, office) => {
    for (const [suffix, purpose] of [
      ['', 'lawfulness'],
      ['/proof', 'integrity-and-security'],
      ['', 'criminal-proceedings'],
    ] as const) {
      const nothing = await whole(office, `/v1/decisions/${none}${suffix}?purpose=${purpose}`)
      expect(nothing.status).toBe(404)
      for (const other of [id, `${id}x`, id.slice(1), `..%2F${id}`, `${id}%00`])
        expect(
          await whole(office, `/v1/decisions/${other}${suffix}?purpose=${purpose}`),
          other,
        ).toEqual(nothing)
    }
  })

  test('no list and no count of theirs speaks, whatever it asks for', async () => {
    for (const query of ['', '&holder=DE', '&holder=DE-POL', '&agency=GB-POL', '&requester=GB']) {
      const page = await bodyOf(await audited.get('FR-DPA', `${list}${query}`))
      expect(page).toEqual({ entries: [] })
      const count = await audited.get('FR-DPA', `/v1/decisions/count?purpose=lawfulness${query}`)
      expect(await bodyOf(count)).toMatchObject({ total: 0 })
    }
  })
})

// Kills: a list that believes the place of a row, and not the line.
test('A row that is filed in the wrong country is shown to nobody there', async () => {
  const { stored, opened } = await audited.entry(id)
  for (const side of ['holder', 'requester'] as const) {
    const line = lineOf(
      stored,
      { kind: 'decision', values: opened, evidence: opened.evidence },
      side,
    )
    const rows = [{ key: { jurisdiction: 'FR', by: 'all', value: '' }, line }] as const
    await audited.auditWorld.lookups.file(rows)
    await audited.auditWorld.lookups.put(rows)
    expect(await bodyOf(await audited.get('FR-DPA', list))).toEqual({ entries: [] })
  }
})

describe('A cursor', () => {
  const cursorOf = async (office: string, query = '') =>
    String((await bodyOf(await audited.get(office, `${list}${query}&limit=1`))).next)
  const use = (office: string, cursor: string, query = '') =>
    audited.get(office, `${list}${query}&limit=1&cursor=${encodeURIComponent(cursor)}`)
  const isRefused = async (response: Response) =>
    expect(await problemOf(response)).toEqual({
      status: 422,
      code: 'invalid-request',
      errors: [
        { pointer: '/cursor', detail: expect.stringContaining('that your office was given') },
      ],
    })

  test('goes on for the office that was given it, whatever the length of the page', async () => {
    const cursor = await cursorOf('DE-DPA')
    expect((await use('DE-DPA', cursor)).status).toBe(200)
    expect((await audited.get('DE-DPA', `${list}&limit=7&cursor=${cursor}`)).status).toBe(200)
  })

  // Kills: a cursor bound to nothing, to the filter alone, or to the office alone.
  test('is of no use to another office, or for another question', async () => {
    const cursor = await cursorOf('DE-DPA')
    await isRefused(await use('GB-DPA', cursor))
    for (const query of [
      '&holder=DE',
      '&outcome=release',
      '&kind=consultation',
      '&from=2026-11-01',
    ])
      await isRefused(await use('DE-DPA', cursor, query))
    const ofFilter = await cursorOf('DE-DPA', '&holder=DE')
    await isRefused(await use('DE-DPA', ofFilter))
    await isRefused(
      await audited.get('DE-DPA', `/v1/decisions?purpose=self-monitoring&cursor=${cursor}`),
    )
  })

  // Kills: checking a part of it, comparing a prefix, decoding before the check.
  test('with any one character changed, added or left out is refused', async () => {
    const cursor = await cursorOf('DE-DPA')
    const forged = [
      ...Array.from(cursor, (was, at) => {
        const other = was === 'A' ? 'B' : 'A'
        return `${cursor.slice(0, at)}${other}${cursor.slice(at + 1)}`
      }),
      cursor.slice(1),
      cursor.slice(0, -1),
      `${cursor}A`,
      `${cursor}.`,
      `${cursor}=`,
      `${cursor}\n`,
      cursor.replace('.', ''),
      '.',
      '',
      '~',
    ]
    await audited.change('DE-DPA', { requestsPerMinute: 10_000 })
    for (const each of forged) await isRefused(await use('DE-DPA', each))
  })
})

describe('A parameter', () => {
  test.each([
    ['holder', 'DE#all##0'],
    ['holder', 'DE-POL#0'],
    ['holder', 'de'],
    ['requester', 'GB-POL\u001fx'],
    ['agency', 'DE'],
    ['agency', 'DE-POL\n'],
    ['officer', 'officer-1#0'],
    ['officer', 'GB-POL/officer-1'],
    ['outcome', 'deny#0'],
    ['outcome', 'DENY'],
    ['standing', ''],
    ['rule', 'de/police/x\u0000'],
    ['rule', "de/police/' OR 1=1"],
    ['policy', 'de/other@'],
    ['policy', 'de/police#0'],
    ['case', `${'A'.repeat(21)}#`],
    ['case', 'CASE-1'],
    ['subject', 'A'.repeat(23)],
    ['subject', 'Anton Beispiel'],
    ['kind', 'everything'],
    ['dryRun', '1'],
    ['from', '2026-13-01'],
    ['from', 'yesterday'],
    ['until', '2026-11-25T08:00:00+01:00'],
    ['until', '~'],
    ['limit', '0'],
    ['limit', '201'],
    ['limit', '1e2'],
    ['limit', '-1'],
    ['purpose', 'curiosity'],
    ['jurisdiction', 'GB'],
    ['side', 'holder'],
    ['__proto__', 'x'],
  ])('`%s` of another form is refused by its name, and not echoed: %j', async (name, value) => {
    const query = new URLSearchParams({ purpose: 'lawfulness' })
    query.set(name, value)
    for (const path of ['/v1/decisions', '/v1/decisions/count']) {
      const response = await audited.get('DE-DPA', `${path}?${query}`)
      const { status, code, errors } = await problemOf(response)
      expect({ status, code }).toEqual({ status: 422, code: 'invalid-request' })
      expect(errors.map(({ pointer }) => pointer)).toContain(`/${name}`)
      if (value.length > 3) expect(JSON.stringify(errors)).not.toContain(value)
    }
  })

  test('given twice is refused, as is a question without a purpose', async () => {
    for (const [path, pointer] of [
      [`${list}&purpose=lawfulness`, '/purpose'],
      [`${list}&requester=US&requester=GB`, '/requester'],
      ['/v1/decisions', '/purpose'],
      [`/v1/decisions/${id}`, '/purpose'],
      [`/v1/decisions/${id}/proof`, '/purpose'],
      [`${list}&case=${'A'.repeat(22)}&subject=${'A'.repeat(22)}`, '/case'],
    ] as const) {
      const { status, errors } = await problemOf(await audited.get('DE-DPA', path))
      expect({ status, pointers: errors.map((each) => each.pointer) }).toEqual({
        status: 422,
        pointers: [pointer],
      })
    }
  })

  test('of a person or a case is taken in a body alone, and only well formed', async () => {
    const post = (body: unknown) =>
      audited.callAudit('DE-DPA', { method: 'POST', path: '/v1/pseudonyms', body })
    for (const body of [
      {},
      { subject: { recordId: 'R-1' } },
      { purpose: 'lawfulness' },
      { purpose: 'lawfulness', subject: { recordId: 'R-1\u001f' } },
      { purpose: 'lawfulness', subject: { recordId: 'R-1' }, jurisdiction: 'GB' },
      { purpose: 'lawfulness', case: { agency: 'GB-POL', caseReference: 'a\u001fb' } },
      { purpose: 'lawfulness', case: { agency: 'GB', caseReference: 'C' } },
    ])
      expect((await post(body)).status).toBe(422)
  })
})
