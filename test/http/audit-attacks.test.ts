/** Attacks on the audit API: ids of others, cursors of others, parameters of another form. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lineOf } from '../../functions/journeys/lookup-rows.ts'
import { attestAll, benign, itemOf, personOf, requestOf } from '../journeys/people.ts'
import { answered, problemOf } from '../world.ts'
import { type Audited, bodyOf, startAudited } from './audit-gateway.ts'

let audited: Audited
let id: string
let away = false
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
  await attestAll(audited, 'DE-POL', { kind: 'standing', requester: 'GB' }, benign)
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
    const line = lineOf(stored, { values: opened, evidence: opened.evidence }, side)
    await audited.auditWorld.lookups.put([
      { key: { jurisdiction: 'FR', by: 'all', value: '' }, line },
    ])
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
    ['rule', 'de/bkag/x\u0000'],
    ['rule', "de/bkag/' OR 1=1"],
    ['policy', 'de/bkag@'],
    ['policy', 'de/bkag#0'],
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

describe('An office', () => {
  type Route = readonly [
    role: 'auditor' | 'legal-editor',
    method: string,
    path: string,
    body?: object,
  ]
  /** Every route that needs a role: who may take it. A new route fails until it has a row here. */
  const rows: Readonly<Record<string, Route>> = {
    'GET /v1/decisions': ['auditor', 'GET', list],
    'GET /v1/decisions/count': ['auditor', 'GET', '/v1/decisions/count?purpose=lawfulness'],
    'GET /v1/decisions/:id': ['auditor', 'GET', '/v1/decisions/ID?purpose=lawfulness'],
    'GET /v1/decisions/:id/proof': ['auditor', 'GET', '/v1/decisions/ID/proof?purpose=lawfulness'],
    'POST /v1/pseudonyms': [
      'auditor',
      'POST',
      '/v1/pseudonyms',
      { purpose: 'lawfulness', subject: { recordId: 'R-1' } },
    ],
    'GET /v1/facts': ['legal-editor', 'GET', '/v1/facts?purpose=self-monitoring'],
  }
  const offices = {
    'DE-DPA': 'auditor',
    'DE-LEGAL': 'legal-editor',
    'DE-DPO': 'approver',
    'DE-POL': undefined,
    'CH-POL': undefined,
  } as const

  const answerTo = async (office: string, [, method, path, body]: Route) =>
    audited.callAudit(office, {
      method,
      path: path.replace('ID', id),
      ...(body === undefined ? {} : { body }),
    })

  test('has a row for every route', () => {
    const routes = audited.audit.routes
      .filter(({ path, method }) => path.startsWith('/v1/') && method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`)
    expect(new Set(routes)).toEqual(new Set(Object.keys(rows)))
  })

  // Kills: a route without its check, or with that of another role.
  test.each(
    Object.entries(rows).flatMap(([route, row]) =>
      Object.entries(offices).map(([office, role]) => [route, office, role, row] as const),
    ),
  )('takes %s if it is of the role: %s', async (route, office, role, row) => {
    const response = await answerTo(office, row)
    const may = role === row[0]
    const isOfOne = route.includes(':id')
    if (may) expect([200, 404]).toContain(response.status)
    if (may && response.status === 404)
      expect(await problemOf(response)).toMatchObject({ code: 'not-sealed' })
    if (!may)
      expect(await problemOf(response)).toMatchObject(
        isOfOne ? { status: 404, code: 'not-found' } : { status: 403, code: 'not-your-role' },
      )
  })

  test('that is suspended, or does not sign, is not let in by any route', async () => {
    await audited.change('US-OIG', { status: 'suspended' })
    audited.clock.now = new Date(audited.clock.now.getTime() + 61_000)
    for (const row of Object.values(rows)) {
      expect((await answerTo('US-OIG', row)).status).toBe(401)
      const [, method, path] = row
      expect((await audited.audit.request(path, { method })).status).toBe(401)
    }
  })

  // INVARIANT (no look unseen). Kills: an answer made before its entry, or in spite of it.
  test('is shown nothing while its look cannot be entered', async () => {
    for (const row of Object.values(rows)) {
      away = true
      const response = await answerTo(row[0] === 'auditor' ? 'DE-DPA' : 'DE-LEGAL', row)
      away = false
      const text = await response.clone().text()
      expect(await problemOf(response)).toMatchObject({ status: 503, code: 'not-durable' })
      for (const word of ['outcome', 'total', 'subject', 'GB-POL']) expect(text).not.toContain(word)
    }
  })

  test('is answered what nobody may keep', async () => {
    for (const [office, path] of [
      ['DE-DPA', list],
      ['DE-DPA', `/v1/decisions/${id}?purpose=lawfulness`],
      ['FR-DPA', `/v1/decisions/${id}?purpose=lawfulness`],
      ['DE-POL', list],
    ] as const)
      expect((await audited.get(office, path)).headers.get('cache-control')).toBe('no-store')
  })
})
