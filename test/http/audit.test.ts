/** What auditors find in the log, and what they see of one entry. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../functions/answer/entries/reader.ts'
import { linesCountedMax } from '../../functions/audit/list-decisions.ts'
import { identifierOf } from '../../functions/decision/record.ts'
import type { AccessRequest } from '../../functions/decision/request.ts'
import { auditApi } from '../../functions/http/audit-api.ts'
import {
  attestAll,
  benign,
  granted,
  itemOf,
  personOf,
  requestOf,
  subjectsOf,
} from '../answer/people.ts'
import { withoutIds } from '../without-ids.ts'
import { answered, freshJti, problemOf } from '../world.ts'
import { type Audited, bodyOf, idsOf, startAudited } from './audit-gateway.ts'

let audited: Audited
/** Ids of decisions by what they are. */
let ids: Readonly<Record<'release' | 'deny' | 'dryRun' | 'ofGermany' | 'otherCase', string>>

beforeAll(async () => {
  audited = await startAudited()
  const items = [itemOf('name'), itemOf('informant')]
  await audited.putRecord('DE-POL', personOf('R-1', items))
  await audited.putRecord('GB-POL', personOf('R-9', [itemOf('name')]))
  await attestAll(audited, 'DE-POL', { kind: 'general', requester: 'GB' }, benign)
  const ask = async (agency: string, changes = {}, officer = 'officer-1') => {
    audited.clock.pass(60_000)
    return (await answered(await audited.ask(agency, officer, requestOf(changes)))).id
  }
  const release = async (changes: Partial<AccessRequest> = {}) => {
    audited.clock.pass(60_000)
    return (await granted(audited, 'GB-POL', requestOf(changes))).id
  }
  ids = {
    release: await release(),
    deny: await ask('US-POL', {}, 'officer-7'),
    dryRun: await ask('GB-POL', { dryRun: true }),
    ofGermany: await ask('DE-POL', { holder: 'GB-POL', subject: { recordId: 'R-9' } }),
    otherCase: await release({ caseReference: asWritten, subject: subjectsOf('R-1').name }),
  }
  await audited.fileAll(Object.values(ids))
})
afterAll(() => audited.close())

/** The reference of CASE-2, as its agency happened to write it. */
const asWritten = ' case-2\u200b'

const list = async (office: string, query = '', headers = {}) =>
  audited.get(office, `/v1/decisions?purpose=lawfulness${query}`, { headers })
const found = async (office: string, query = '') => {
  const names = new Map(Object.entries(ids).map(([name, id]) => [id, name]))
  return (await idsOf(await list(office, query))).map((id) => names.get(id) ?? id)
}

describe('An auditor finds', () => {
  test('what agencies of the own jurisdiction decided or asked, the newest first', async () => {
    expect(await found('DE-DPA')).toEqual(['otherCase', 'ofGermany', 'dryRun', 'deny', 'release'])
    expect(await found('GB-DPA')).toEqual(['otherCase', 'ofGermany', 'dryRun', 'release'])
    expect(await found('US-OIG')).toEqual(['deny'])
    expect(await found('FR-DPA')).toEqual([])
  })

  test.each([
    ['&holder=DE', ['otherCase', 'dryRun', 'deny', 'release']],
    ['&holder=GB-POL', ['ofGermany']],
    ['&requester=US', ['deny']],
    ['&requester=GB-POL', ['otherCase', 'dryRun', 'release']],
    ['&agency=DE-POL', ['otherCase', 'ofGermany', 'dryRun', 'deny', 'release']],
    ['&agency=US-POL', ['deny']],
    ['&requester=US-POL&officer=officer-7', ['deny']],
    ['&officer=officer-7', ['deny']],
    ['&requester=GB-POL&officer=officer-7', []],
    ['&outcome=deny&requester=US', ['deny']],
    ['&standing=open&requester=US', ['deny']],
    ['&dryRun=true', ['dryRun']],
    ['&dryRun=false&requester=GB', ['otherCase', 'release']],
    ['&policy=de/police&requester=US', ['deny']],
    [`&policy=de/police@2026-02-14&requester=US`, ['deny']],
    ['&policy=de/police@2025-01-01', []],
    ['&policy=de/bka', []],
    ['&policy=de/bka&requester=US-POL', []],
    ['&rule=de/police/no-such-rule', []],
    ['&from=2026-11-25T09:03:00Z&until=2026-11-25T09:05:00Z', ['ofGermany', 'dryRun']],
    ['&from=2026-11-26', []],
    ['&until=2026-11-25', []],
    ['&kind=erasure', []],
  ])('by %s', async (query, expected) => {
    expect(await found('DE-DPA', query)).toEqual(expected)
  })

  // Kills: rows of the jurisdiction that a parameter names.
  test('by another country no more than the own side of it', async () => {
    expect(await found('GB-DPA', '&holder=DE')).toEqual(['otherCase', 'dryRun', 'release'])
    expect(await found('DE-DPA', '&holder=GB')).toEqual(['ofGermany'])
    const lines = await bodyOf(await list('GB-DPA', '&holder=DE'))
    expect(lines.entries).toEqual(Array(3).fill(expect.objectContaining({ side: 'requester' })))
  })

  test('the rule that decided, by its name', async () => {
    const { opened } = await audited.entry(ids.deny)
    const [rule] = opened.decision.reasons.map((reason) => reason.rule)
    expect(await found('DE-DPA', `&rule=${rule}&requester=US`)).toEqual(['deny'])
  })

  test('a case and a person by their pseudonyms, which differ from country to country', async () => {
    const pseudonyms = async (office: string, of: object) =>
      bodyOf(
        await audited.callAudit(office, {
          method: 'POST',
          path: '/v1/pseudonyms',
          body: { purpose: 'lawfulness', ...of },
        }),
      )
    const ofCase = { case: { agency: 'GB-POL', caseReference: 'CASE-2' } }
    const german = await pseudonyms('DE-DPA', ofCase)
    expect(german).toEqual({ case: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/) })
    expect(await found('DE-DPA', `&case=${german.case}`)).toEqual(['otherCase'])
    const written = { case: { agency: 'GB-POL', caseReference: asWritten } }
    const asIs = await pseudonyms('DE-DPA', written)
    expect(await found('DE-DPA', `&case=${asIs.case}`)).toEqual(['otherCase'])
    const british = await pseudonyms('GB-DPA', ofCase)
    expect(british.case).not.toBe(german.case)
    expect(await found('GB-DPA', `&case=${british.case}`)).toEqual(['otherCase'])
    expect(await found('GB-DPA', `&case=${german.case}`)).toEqual([])

    // The holder's side knows that two names are of one person; the requester's side does not.
    const byName = { subject: subjectsOf('R-1').name }
    const inGermany = await pseudonyms('DE-DPA', byName)
    expect(await found('DE-DPA', `&subject=${inGermany.subject}`)).toEqual(['otherCase', 'release'])
    const inBritain = await pseudonyms('GB-DPA', byName)
    expect(await found('GB-DPA', `&subject=${inBritain.subject}`)).toEqual(['otherCase'])
  })

  test('page after page all there is, each once', async () => {
    const seen: string[] = []
    let next = ''
    for (let pages = 0; pages < 4; pages++) {
      const page = await bodyOf(await list('DE-DPA', `&limit=2${next}`))
      seen.push(...(page.entries as { id: string }[]).map(({ id }) => id))
      if (page.next === undefined) break
      next = `&cursor=${page.next}`
    }
    expect(seen).toEqual(await idsOf(await list('DE-DPA')))
  })
})

describe('A list', () => {
  test('is an entry that says what was asked and shown, before it leaves', async () => {
    const jti = freshJti()
    const path = '/v1/decisions?purpose=self-monitoring&outcome=deny'
    const response = await audited.get('US-OIG', path, { jti, officer: 'auditor-3' })
    expect(await idsOf(response)).toEqual([ids.deny])
    const stored = await audited.world.ledger.read(audited.looks.at(-1) ?? '')
    if (stored === undefined) throw new Error('the look is no entry')
    expect(stored.leaf).toMatchObject({ t: 'consultation', hj: 'US', aj: 'US' })
    const opened = await openAny(stored, audited.world)
    expect(opened?.values).toMatchObject({
      call: { agency: 'US-OIG', officer: 'auditor-3' },
      consultation: {
        purpose: 'self-monitoring',
        question: { action: 'list-entries', outcome: 'deny' },
        shown: [ids.deny],
      },
    })
  })

  test('leaves as NDJSON and as CSV with the way to the next page', async () => {
    const accept = (type: string) => list('DE-DPA', '&limit=2', { accept: type })
    const ndjson = await accept('application/x-ndjson')
    expect(ndjson.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = (await ndjson.text()).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).id)).toEqual([ids.otherCase, ids.ofGermany])
    const csv = await accept('text/csv')
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
    const rows = (await csv.text()).split('\r\n')
    expect(rows[0]).toMatch(
      /^id,ts,kind,side,log,hj,aj,holder,agency,requester,officer,purpose,outcome,/,
    )
    expect(rows).toHaveLength(4)
    for (const { headers } of [ndjson, csv]) {
      const [, address = ''] = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '') ?? []
      expect(await idsOf(await audited.get('DE-DPA', address))).toEqual([ids.dryRun, ids.deny])
    }
  })

  test('says nothing of the person and nothing of the case', async () => {
    const text = withoutIds(await (await list('DE-DPA')).text())
    for (const word of ['Anton', 'Beispiel', 'R-1', 'CASE-1', 'CASE-2'])
      expect(text).not.toContain(word)
  })

  // Kills: answering a retry anew, so that more is seen than the entry of the look says.
  test('that shows more when it is sent again is an entry of its own', async () => {
    const send = await audited.prepareAudit('US-OIG', {
      path: '/v1/decisions?purpose=lawfulness',
    })
    expect(await idsOf(await send())).toEqual([ids.deny])
    expect(await idsOf(await send())).toEqual([ids.deny])
    const { id } = await answered(await audited.ask('US-POL', 'officer-1', requestOf()))
    await audited.fileAll([id])
    const before = audited.looks.length
    expect(await idsOf(await send())).toEqual([id, ids.deny])
    expect(audited.looks.length).toBe(before + 1)
    const stored = await audited.world.ledger.read(audited.looks.at(-1) ?? '')
    const opened = stored && (await openAny(stored, audited.world))
    expect(opened?.values).toMatchObject({ consultation: { shown: [id, ids.deny] } })
  })
})

describe('A count', () => {
  const count = async (office: string, query = '') =>
    bodyOf(await audited.get(office, `/v1/decisions/count?purpose=self-monitoring${query}`))

  test('says how many, by outcome and standing, of what the office may see', async () => {
    expect(await count('GB-DPA')).toEqual({
      total: 4,
      outcomes: { release: 2, deny: 2 },
      standings: { open: 2 },
      complete: true,
    })
    expect(await count('GB-DPA', '&outcome=release&dryRun=false')).toMatchObject({ total: 2 })
    expect(await count('FR-DPA')).toMatchObject({ total: 0, complete: true })
  })

  // Kills: counting what was read as all there is.
  test('says so when it was cut', async () => {
    const line = {
      id: 'x',
      ts: '2020-01-01T00:00:00.000Z',
      kind: 'decision',
      side: 'holder',
      log: 'comity.test/es/2020',
      hj: 'ES',
      aj: 'ES',
      rules: [],
      policies: [],
    } as const
    let left = linesCountedMax + 1
    const endless = await startAudited({
      changeAudit: (world) => ({
        ...world,
        lookups: {
          ...world.lookups,
          count: async () => undefined,
          list: async (_, __, limit) => {
            const lines = Array.from({ length: Math.min(limit, left) }, () => ({
              ...line,
              hj: 'DE',
            }))
            left -= lines.length
            return lines
          },
        },
      }),
    })
    const path = '/v1/decisions/count?purpose=lawfulness'
    expect(await bodyOf(await endless.get('DE-DPA', path))).toMatchObject({
      total: linesCountedMax,
      complete: false,
    })
    expect(left).toBe(1)
    await endless.close()
  })
})

describe('One entry', () => {
  const see = (office: string, id: string, purpose = 'lawfulness') =>
    audited.get(office, `/v1/decisions/${id}?purpose=${purpose}`)

  test('is seen whole by the auditor of the holder’s jurisdiction', async () => {
    const { opened, stored } = await audited.entry(ids.release)
    const entry = await bodyOf(await see('DE-DPA', ids.release))
    expect(entry).toMatchObject({
      id: ids.release,
      side: 'holder',
      outcome: 'release',
      agency: 'GB-POL',
      officer: 'officer-1',
      place: null,
      leaf: { ...stored.leaf },
      call: opened.call,
      request: JSON.parse(opened.evidence.body),
      subject: opened.subject,
      matter: opened.matter,
      facts: opened.facts,
      items: opened.items,
      decision: opened.decision,
      told: opened.told.reply,
      treatments: opened.told.decided,
      recordId: 'R-1',
    })
    // Values of the record are nowhere in the ledger; the salt would let them be guessed.
    const text = JSON.stringify(entry)
    expect(text).not.toContain('Anton')
    expect(text).not.toContain(opened.told.paySalt)
  })

  // Kills: any member of the holder's side among those of the requester's.
  test('is seen by the auditor of the requester’s jurisdiction as its agency knows it', async () => {
    const { opened } = await audited.entry(ids.release)
    const { receipt, ...entry } = await bodyOf(await see('GB-DPA', ids.release))
    expect(String(receipt).split('.')).toHaveLength(3)
    expect(entry).toEqual({
      id: ids.release,
      ts: opened.told.reply.decidedAt,
      kind: 'decision',
      side: 'requester',
      log: 'comity.test/de/2026',
      hj: 'DE',
      aj: 'GB',
      holder: 'DE-POL',
      agency: 'GB-POL',
      officer: 'officer-1',
      purpose: 'investigation',
      outcome: 'release',
      rules: [...new Set(opened.told.reply.reasons.map(({ rule }) => rule))],
      policies: opened.told.reply.policies.map(({ id, version }) => `${id}@${version}`),
      place: null,
      call: opened.call,
      request: JSON.parse(opened.evidence.body),
      told: opened.told.reply,
    })
  })

  test('that is restricted shows its personal part to courts only', async () => {
    const { stored } = await audited.entry(ids.deny)
    const restricting = startRestricting([stored.kid])
    const at = (purpose: string) =>
      restricting(`/v1/decisions/${ids.deny}?purpose=${purpose}`).then(bodyOf)
    const restricted = await at('lawfulness')
    expect(restricted).toMatchObject({ id: ids.deny, outcome: 'deny', restricted: true })
    for (const member of ['call', 'request', 'facts', 'items', 'decision', 'told', 'officer'])
      expect(restricted).not.toHaveProperty(member)
    for (const purpose of ['criminal-proceedings', 'proceedings-on-lawfulness']) {
      const proceedings = await at(purpose)
      expect(proceedings).toMatchObject({ agency: 'US-POL', request: requestOf() })
      expect(proceedings).not.toHaveProperty('restricted')
    }
  })

  test('that is erased shows its leaf, and that it was erased', async () => {
    const subject = { recordId: 'R-5' }
    const { id } = await answered(await audited.ask('GB-POL', 'officer-1', requestOf({ subject })))
    const { stored } = await audited.entry(id)
    await erase(audited.world.secrets.pseudonym('DE', identifierOf(subject)))
    for (const office of ['DE-DPA', 'GB-DPA']) {
      const entry = await bodyOf(await see(office, id))
      expect(entry).toMatchObject({ erased: true, leaf: { eid: id, d: stored.leaf.d } })
      expect(entry).not.toHaveProperty('request')
      expect(entry).not.toHaveProperty('officer')
    }
  })

  test('of another kind is seen, too: an auditor’s own look, and whom it showed', async () => {
    const jti = freshJti()
    await audited.get('DE-DPA', '/v1/decisions?purpose=lawfulness&requester=US', { jti })
    const look = await bodyOf(await see('DE-DPA', audited.looks.at(-1) ?? ''))
    expect(look).toMatchObject({
      kind: 'consultation',
      request: null,
      consultation: { purpose: 'lawfulness', shown: expect.arrayContaining([ids.deny]) },
    })
  })

  test('has no proof yet while it is not sealed, and says when to come back', async () => {
    const response = await audited.get(
      'GB-DPA',
      `/v1/decisions/${ids.release}/proof?purpose=integrity-and-security`,
    )
    expect(response.headers.get('retry-after')).toBe('60')
    expect(await problemOf(response)).toMatchObject({ status: 404, code: 'not-sealed' })
  })
})

describe('A legal editor', () => {
  const facts = (office: string, query = '') =>
    audited.get(office, `/v1/facts?purpose=self-monitoring${query}`)

  test('sees what the rules read of the own jurisdiction’s decisions, and no person', async () => {
    const response = await facts('DE-LEGAL')
    const text = await response.text()
    const page = JSON.parse(text)
    const seen = page.facts.map(({ id }: { id: string }) => id)
    expect(seen).toEqual(expect.arrayContaining([ids.otherCase, ids.deny, ids.release]))
    expect(seen).not.toContain(ids.dryRun)
    expect(seen).not.toContain(ids.ofGermany)
    const deny = page.facts.find(({ id }: { id: string }) => id === ids.deny)
    expect(deny).toMatchObject({
      outcome: 'deny',
      standing: 'open',
      facts: { 'requester.jurisdiction': 'US', 'request.purpose': 'investigation' },
      policies: expect.arrayContaining(['de/police@2026-02-14']),
    })
    for (const word of ['Anton', 'R-1', 'CASE-1', 'officer-', 'find the suspect'])
      expect(withoutIds(text)).not.toContain(word)
  })

  test('comes from page to page', async () => {
    const first = JSON.parse(await (await facts('DE-LEGAL', '&limit=1')).text())
    const second = JSON.parse(
      await (await facts('DE-LEGAL', `&limit=1&cursor=${first.next}`)).text(),
    )
    expect(first.facts).toHaveLength(1)
    expect(second.facts).toHaveLength(1)
    expect(second.facts[0].ts <= first.facts[0].ts).toBe(true)
    expect(second.facts[0].id).not.toBe(first.facts[0].id)
  })

  test('does not see what is restricted', async () => {
    const { stored } = await audited.entry(ids.deny)
    const restricting = startRestricting([stored.kid])
    const text = await (await restricting('/v1/facts?purpose=self-monitoring', 'DE-LEGAL')).text()
    expect(text).not.toContain(ids.deny)
    expect(text).toContain(ids.otherCase)
  })
})

/** The same store, seen by a gateway to which these keys are restricted. */
function startRestricting(kids: readonly string[]) {
  const { auditWorld } = audited
  const isRestricted = async (kid: string) => kids.includes(kid)
  const openToAct = async (kid: string) =>
    kids.includes(kid) ? undefined : auditWorld.subjectKeys.openToAct(kid)
  const subjectKeys = { ...auditWorld.subjectKeys, isRestricted, openToAct }
  const app = auditApi({ ...auditWorld, subjectKeys }, () => {})
  return async (path: string, office = 'DE-DPA') =>
    (await audited.prepareAudit(office, { path }, app))()
}

/** What erasure does to a subject's key: its row stays, without the key. */
const erase = (pseudonym: string) =>
  audited.store.rows.keys.update(
    { pk: { S: `K#DE#${pseudonym}` }, sk: { S: '000001' } },
    'SET #state = :erased REMOVE #wrapped',
    {
      names: { '#state': 'state', '#wrapped': 'wrapped' },
      values: { ':erased': { S: 'erased' } },
    },
  )
