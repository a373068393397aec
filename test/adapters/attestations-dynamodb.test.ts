import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodbAttestations } from '../../functions/adapters/attestations-dynamodb.ts'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { dynamodbInbox, dynamodbReviews } from '../../functions/adapters/inbox-dynamodb.ts'
import type { Scope } from '../../functions/decision/attestation.ts'
import type { Matter } from '../../functions/decision/attested.ts'
import type { Inbox, InboxRow } from '../../functions/inbox-ports.ts'
import type { Attestations } from '../../functions/ports.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { startFaults } from './faults.ts'
import { freshId } from './make.ts'
import {
  actMarksIn,
  attestationOf,
  by,
  countedIn,
  general,
  holderOf,
  idsOf,
  inCase,
  matter,
  now,
  objectionTo,
  putRowIn,
} from './vouched.ts'

let store: Store
let attestations: Attestations
let inbox: Inbox
beforeAll(async () => {
  store = await startDynalite()
  attestations = dynamodbAttestations(
    store.client,
    store.tables.attestations,
    actMarksIn(store.client, store.tables),
  )
  inbox = dynamodbInbox(store.client, store.tables.attestations)
})
afterAll(() => store.close())

const caseHash = (reference: string) =>
  createHash('sha256').update(reference, 'utf8').digest('base64url')

const countedFor = countedIn(() => attestations)
const putRow = putRowIn(() => store)

describe('An attestation', () => {
  // Kills: a scope that is not asked for; one that is asked for too widely.
  test('counts for the matters of its scope, and for no other', async () => {
    const holder = holderOf()
    const id = freshId()
    const rule = attestationOf(holder, general)
    const ofCase = attestationOf(holder, inCase)
    const ofMatter = attestationOf(holder, { kind: 'matter', matter: id })
    for (const each of [rule, ofCase, ofMatter]) await attestations.put(each)
    const all = await countedFor(holder, { id })
    expect(idsOf(all)).toEqual(idsOf([rule, ofCase, ofMatter]))
    expect(all).toContainEqual(ofCase)
    const about = async (changes: Partial<Matter>, of = holder) =>
      idsOf(await countedFor(of, changes))
    expect(await about({})).toEqual(idsOf([rule, ofCase]))
    expect(await about({ caseReference: 'K #2/2026' })).toEqual([rule.id])
    expect(await about({ requester: 'FR-PJ' })).toEqual([rule.id])
    expect(await about({ requesterJurisdiction: 'ES' })).toEqual([ofCase.id])
    expect(await about({}, holderOf())).toEqual([])
  })

  test('is found by its id, and only once however often it was put', async () => {
    const attestation = attestationOf(holderOf(), general)
    await Promise.all(Array.from({ length: 10 }, () => attestations.put(attestation)))
    expect(await attestations.get(attestation.id)).toEqual(attestation)
    expect(await countedFor(attestation.holder)).toEqual([attestation])
    expect(await attestations.get(freshId())).toBeUndefined()
  })

  // Kills: a put that replaces; a withdrawal that deletes, so that a late retry brings it back.
  test('counts no more once it was taken back, whatever is retried after that', async () => {
    const attestation = attestationOf(holderOf(), inCase)
    await attestations.put(attestation)
    await attestations.takeBack(attestation, by)
    expect(await countedFor(attestation.holder)).toEqual([])
    await attestations.put(attestation)
    await attestations.takeBack(attestation, by)
    await attestations.sign(attestation, { agency: 'DE-DPO', officer: 'dpo-1', as: 'office' }, by)
    expect(await countedFor(attestation.holder)).toEqual([])
    // A retry of the withdrawal finds what it is about.
    expect(await attestations.get(attestation.id)).toMatchObject(attestation)
  })

  // Kills: the row that counts written before the row that it can be taken back by.
  test('can be taken back as soon as it counts, wherever its put was cut off', async () => {
    for (const cut of [0, 1, 2, 3, 4]) {
      const attestation = attestationOf(holderOf(), general)
      const line = await startFaults(store.endpoint, ({ index }) =>
        index < cut ? 'none' : 'dropped',
      )
      const client = dynamodb(line.endpoint)
      const through = dynamodbAttestations(
        client,
        store.tables.attestations,
        actMarksIn(client, store.tables),
      )
      const put = through.put(attestation)
      await (cut === 4 ? put : expect(put).rejects.toThrow())
      const counts = await countedFor(attestation.holder)
      if (counts.length > 0) expect(await attestations.get(attestation.id)).toEqual(attestation)
      // Taken back before the retry of its put: it never counts.
      await attestations.takeBack(attestation, by)
      await attestations.put(attestation)
      expect(await countedFor(attestation.holder)).toEqual([])
      client.destroy()
      await line.cut()
    }
  })

  // A build of before reads these two strictly, and over every attribute that it does not know.
  test('keeps which key signed apart from the signature and the person', async () => {
    const attestation = attestationOf(holderOf(), inCase, { kid: 'key-1', persons: [] })
    await attestations.put(attestation)
    const signature = { agency: 'DE-MIN', officer: 'minister-1', as: 'office' } as const
    await attestations.sign(attestation, signature, by)
    await attestations.addPerson(attestation, 'pseudonym-2', 'request-1', by)
    await attestations.takeBack(attestation, by)
    const rows = await store.rows.attestations.everything()
    const row = rows.find(
      ({ sk, attestation: said }) => sk?.S?.endsWith(attestation.id) && said !== undefined,
    )
    const { kid, ...before } = JSON.parse(row?.attestation?.S ?? '')
    expect(kid).toBe('key-1')
    expect(Object.keys(before).sort()).toEqual(
      Object.keys(attestation)
        .filter((name) => name !== 'kid')
        .sort(),
    )
    const marks = Object.entries(row ?? {}).filter(([name]) => name.includes('#'))
    expect(Object.fromEntries(marks.map(([name, { S }]) => [name, S]))).toEqual({
      'signature#office#DE-MIN': JSON.stringify(signature),
      'person#pseudonym-2': 'pseudonym-2',
      'request#request-1': 'request-1',
      ...Object.fromEntries(
        [
          { did: 'sign', agency: 'DE-MIN', kid: 'key-1', at: by.at, of: 'office', entry: by.entry },
          { did: 'add-person', ...by, of: 'request-1' },
          { did: 'withdraw', ...by },
        ].map((use) => [
          `use#${use.did}#${'of' in use ? use.of : ''}#${use.agency}#key-1`,
          JSON.stringify(use),
        ]),
      ),
    })
    expect((await attestations.get(attestation.id))?.uses).toHaveLength(3)
  })

  // Kills: one signature that replaces another; a signature lost to a late retry of the put.
  test('keeps each signature and each person that was added, once, whatever is retried', async () => {
    const attestation = attestationOf(holderOf(), inCase, { persons: ['pseudonym-1'] })
    await attestations.put(attestation)
    const office = { agency: 'DE-MIN', officer: 'minister-1', as: 'office' } as const
    const protection = { agency: 'DE-DPO', officer: 'dpo-1', as: 'data-protection' } as const
    for (const signature of [office, protection, office])
      await attestations.sign(attestation, signature, by)
    for (const person of ['pseudonym-2', 'pseudonym-3', 'pseudonym-2'])
      await attestations.addPerson(attestation, person, 'request-1', by)
    await attestations.put(attestation)
    const [found] = await countedFor(attestation.holder)
    expect(found?.signatures).toHaveLength(2)
    expect(found?.signatures).toEqual(expect.arrayContaining([office, protection]))
    expect(found?.persons?.toSorted()).toEqual(['pseudonym-1', 'pseudonym-2', 'pseudonym-3'])
  })

  // Kills: the first page alone.
  test('is not lost behind a page of a megabyte', async () => {
    const holder = holderOf()
    const all = Array.from({ length: 5 }, () => attestationOf(holder, general))
    for (const each of all)
      await putRow(`A#${holder}#standing#FR`, each.id, JSON.stringify(each), 'x'.repeat(350_000))
    expect(idsOf(await countedFor(holder))).toEqual(idsOf(all))
  })

  // Kills: leaving out what cannot be read, which could let the other of two that disagree stand.
  test('of another form is an error that quotes nothing of it', async () => {
    const attestation = attestationOf(holderOf(), general)
    for (const text of [JSON.stringify({ ...attestation, from: 7 }), 'Checked with']) {
      await putRow(`A#${attestation.holder}#standing#FR`, attestation.id, text)
      const fault = await countedFor(attestation.holder).catch(String)
      expect(fault).toMatch(/^ComityError: couldn’t read an/)
      expect(fault).not.toMatch(/Checked|officer/)
    }
  })

  // Kills: what was said of a matter looked for under that matter alone; a case by one spelling.
  test('of a matter is found for all of its case, however that is written', async () => {
    const holder = holderOf()
    const ofMatter = attestationOf(
      holder,
      { kind: 'matter', matter: freshId() },
      {
        persons: ['pseudonym-1'],
        inCase: { requester: 'FR-SPOC', caseReference: 'k #1/\u200b2026 ' },
      },
    )
    const ofCase = attestationOf(holder, { ...inCase, caseReference: 'K#1\u2009/2026' })
    for (const each of [ofMatter, ofCase]) await attestations.put(each)
    expect(idsOf(await countedFor(holder))).toEqual(idsOf([ofMatter, ofCase]))
    expect(await attestations.get(ofMatter.id)).toEqual(ofMatter)
    expect(await countedFor(holder, { caseReference: 'K #2/2026' })).toEqual([])
    expect(await countedFor(holder, { requester: 'FR-PJ' })).toEqual([])
    for (const each of [ofMatter, ofCase]) await attestations.takeBack(each, by)
    expect(await countedFor(holder)).toEqual([])
  })

  // Kills: a place worked out anew, so that what was taken back counts elsewhere, or what counts is signed elsewhere.
  test.each([
    ['a matter', `request#${matter.id}`, { kind: 'matter', matter: matter.id } as const],
    ['a case', `case#FR-SPOC#${caseHash('K #1/2026')}`, inCase],
  ])('of %s from before stays where it is', async (_, place, scope) => {
    const holder = holderOf()
    const old = attestationOf(holder, scope, { persons: ['pseudonym-1'] })
    await putRow(`A#${old.id}`, 'attestation', JSON.stringify(old))
    await putRow(`A#${holder}#${place}`, old.id, JSON.stringify(old))
    const inIts = { requester: 'FR-SPOC', caseReference: 'K #1/2026' }
    await attestations.put({ ...old, ...(scope.kind === 'matter' && { inCase: inIts }) })
    expect(await countedFor(holder)).toEqual([old])
    await attestations.addPerson(old, 'pseudonym-2', 'request-2', by)
    expect((await countedFor(holder))[0]?.persons).toEqual(['pseudonym-1', 'pseudonym-2'])
    await attestations.takeBack(old, by)
    expect(await countedFor(holder)).toEqual([])
  })

  // Kills: a scope of before that is not read, or read as another; a ground that is handed on.
  test('of before matters had ids is read as what it was, without its ground', async () => {
    const holder = holderOf()
    const id = freshId()
    const before = { ground: 'Checked with the ministry.', decidedBy: 'officer-2' }
    const { scope: _, ...rest } = attestationOf(holder, general)
    const old = [
      [`A#${holder}#request#${id}`, { kind: 'request', request: id }],
      [`A#${holder}#standing#FR`, { kind: 'general', requester: 'FR', purpose: 'investigation' }],
    ] as const
    for (const [place, scope] of old) {
      const own = freshId()
      await putRow(place, own, JSON.stringify({ ...rest, ...before, id: own, scope }))
    }
    const found = await countedFor(holder, { id })
    expect(found.map(({ scope }) => scope)).toEqual([
      { kind: 'general', requester: 'FR', purpose: 'investigation' },
      { kind: 'matter', matter: id },
    ])
    for (const each of found) {
      expect(each).not.toHaveProperty('ground')
      expect(each).toMatchObject({ decidedBy: 'officer-2', attester: 'DE-BMI' })
    }
  })

  // Kills: an older view.
  test('is looked for among what was last written', async () => {
    const line = await startFaults(store.endpoint, () => 'none')
    const client = dynamodb(line.endpoint)
    const through = dynamodbAttestations(
      client,
      store.tables.attestations,
      actMarksIn(client, store.tables),
    )
    await through.about('DE-POL', matter, now)
    await through.get(freshId())
    await through.objection(freshId())
    await through.ending('DE-POL', '2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z')
    const rows = dynamodbInbox(client, store.tables.attestations)
    await rows.list('DE-POL', 'holder-officer', 1)
    await rows.lastDecided(freshId())
    await dynamodbReviews(client, store.tables.attestations).get(freshId())
    // Of marks, by the table.
    const isConsistent = ({ body }: (typeof line.calls)[number]) =>
      body.ConsistentRead ??
      Object.values(Object(body.RequestItems)).every((each) => Object(each).ConsistentRead)
    expect(line.calls.map(isConsistent)).toEqual(Array(16).fill(true))
    client.destroy()
    await line.cut()
  })

  // Kills: a case by its own name in a key.
  test('shows no case in a key', async () => {
    const attestation = attestationOf(holderOf(), inCase)
    await attestations.put(attestation)
    const rows = await store.rows.attestations.everything()
    const keys = rows.map(({ pk, sk }) => `${pk?.S} ${sk?.S}`)
    const mine = keys.filter((key) => key.includes(`${attestation.holder}#case#FR-SPOC#`))
    expect(mine).toHaveLength(1)
    expect(mine[0]).not.toMatch(/K #1|2026/)
  })
})

describe('An objection', () => {
  // Kills: an objection that is looked for in another scope; an end that a late retry undoes.
  test('is found where it reaches until it is ended, whatever is retried after that', async () => {
    const attestation = attestationOf(holderOf(), general)
    const objection = { ...objectionTo(attestation), scope: inCase }
    await attestations.put(attestation)
    await attestations.object(objection)
    const doubted = async (changes: Partial<Matter> = {}) =>
      (await attestations.about(attestation.holder, { ...matter, ...changes }, now)).objections
    expect(await doubted()).toEqual([objection])
    expect(await doubted({ caseReference: 'K #2/2026' })).toEqual([])
    expect(await attestations.objection(objection.id)).toEqual(objection)
    // By its id it is no attestation, nor is that one.
    expect(await attestations.get(objection.id)).toBeUndefined()
    expect(await attestations.objection(attestation.id)).toBeUndefined()
    expect(await attestations.get(attestation.id)).toEqual(attestation)
    await attestations.endObjection(objection, by)
    await attestations.object(objection)
    expect(await doubted()).toEqual([])
    expect(await countedFor(attestation.holder)).toEqual([attestation])
  })
})

describe('General attestations that end soon', () => {
  // Kills: a case listed as a rule; one after the end; one that was taken back.
  test('are listed by when they end, those taken back and those of a case left out', async () => {
    const holder = holderOf()
    const ending = (until: string, scope: Scope = general) =>
      attestationOf(holder, scope, { until })
    const [late, soon, taken] = [
      ending('2026-12-20T00:00:00Z'),
      ending('2026-12-01T00:00:00Z'),
      ending('2026-12-02T00:00:00Z'),
    ]
    const others = [ending('2027-01-20T00:00:00Z'), ending('2026-12-03T00:00:00Z', inCase)]
    for (const each of [late, soon, taken, ...others]) await attestations.put(each)
    await attestations.takeBack(taken, by)
    const signature = { agency: 'DE-DPO', officer: 'dpo-1', as: 'data-protection' } as const
    await attestations.sign(soon, signature, by)
    const found = await attestations.ending(
      holder,
      '2026-11-25T00:00:00.000Z',
      '2026-12-25T00:00:00.000Z',
    )
    const uses = [{ ...by, did: 'sign', agency: 'DE-DPO', of: 'data-protection' }]
    expect(found).toEqual([{ ...soon, signatures: [signature], uses }, late])
  })
})

describe('An inbox', () => {
  const rowOf = (holder: string, second: number, changes: Partial<InboxRow> = {}): InboxRow => ({
    holder,
    audience: 'holder-ministry',
    eid: freshId(),
    ts: `2026-11-24T22:25:0${second}.000Z`,
    requester: 'US-POL',
    urgent: false,
    ...changes,
  })

  // Kills: the oldest first; no limit; one row for each put; urgent ones behind the others’ limit.
  test('gives of one requester threats to life, then the newest, each once, and no more of each than asked', async () => {
    const holder = holderOf()
    const [third, first, second, urgent] = [
      rowOf(holder, 3),
      rowOf(holder, 1),
      rowOf(holder, 2),
      rowOf(holder, 0, { urgent: true }),
    ]
    const all = [third, first, second, urgent]
    for (const row of [...all, ...all]) await inbox.put(row)
    expect(await inbox.list(holder, 'holder-ministry', 10)).toEqual([urgent, third, second, first])
    expect(await inbox.list(holder, 'holder-ministry', 2)).toEqual([urgent, third, second])
    expect(await inbox.list(holderOf(), 'holder-ministry', 10)).toEqual([])
  })

  // Kills: a limit for all together; a requester that is passed over, or begun anew, after a long one.
  test('gives of each requester as many, however many another has', async () => {
    const holder = holderOf()
    const count = (requester: string, urgent: boolean, rows: number) =>
      Array.from({ length: rows }, (_, i) => rowOf(holder, i, { requester, urgent }))
    const few = [
      ...count('US-POL', false, 2),
      ...count('AA-SPOC', true, 1),
      ...count('JP-NCB-2', false, 1),
    ]
    for (const each of [...few, ...count('JP-NCB', true, 8), ...count('JP-NCB', false, 7)])
      await inbox.put(each)
    const found = await inbox.list(holder, 'holder-ministry', 3)
    const of = (wanted: string, isUrgent: boolean) =>
      found.filter(({ requester, urgent }) => requester === wanted && urgent === isUrgent)
    const secondsOf = (rows: readonly InboxRow[]) => rows.map(({ ts }) => ts.slice(17, 19))
    expect(secondsOf(of('JP-NCB', true))).toEqual(['07', '06', '05'])
    expect(secondsOf(of('JP-NCB', false))).toEqual(['06', '05', '04'])
    expect(found).toHaveLength(6 + few.length)
    expect(found).toEqual(expect.arrayContaining(few))
  })

  // Kills: an end that a late put undoes; one that is another's.
  test('says since when a row has ended, whatever is put after that', async () => {
    const holder = holderOf()
    const [row, other] = [rowOf(holder, 1), rowOf(holder, 2)]
    for (const each of [row, other]) await inbox.put(each)
    const ended = '2026-11-25T00:00:00.000Z'
    await inbox.end(row, ended)
    await inbox.put(row)
    expect(await inbox.list(holder, 'holder-ministry', 10)).toEqual([other, { ...row, ended }])
  })

  test('knows when a matter was last decided, whatever is filed late', async () => {
    const matter = freshId()
    expect(await inbox.lastDecided(matter)).toBeUndefined()
    for (const second of [1, 3, 2])
      await inbox.decidedAgain(matter, `2026-11-25T00:00:0${second}.000Z`)
    expect(await inbox.lastDecided(matter)).toBe('2026-11-25T00:00:03.000Z')
    expect(await inbox.lastDecided(freshId())).toBeUndefined()
  })

  // Kills: one part for all kinds of office; a row that cannot be removed.
  test('is of one kind of office, and what leaves it is gone from that one alone', async () => {
    const holder = holderOf()
    const row = rowOf(holder, 1)
    const officers = { ...row, audience: 'holder-officer' }
    for (const each of [row, officers]) await inbox.put(each)
    await inbox.remove(row)
    expect(await inbox.list(holder, 'holder-ministry', 10)).toEqual([])
    expect(await inbox.list(holder, 'holder-officer', 10)).toEqual([officers])
    expect(await inbox.list(holder, 'originator:BE', 10)).toEqual([])
  })

  // Kills: a row for each of both, or one that one of them does not see, or that ends for one alone.
  test('has one row of a denial for both kinds of offices of its holder, which ends and goes for both', async () => {
    const holder = holderOf()
    const both = rowOf(holder, 2, { audience: 'holder', urgent: true })
    const own = rowOf(holder, 1)
    for (const each of [both, both, own]) await inbox.put(each)
    const listed = (audience: string) => inbox.list(holder, audience, 10)
    const one = (audience: string) => ({ ...both, audience, isOfBoth: true })
    expect(await listed('holder-ministry')).toEqual([own, one('holder-ministry')])
    expect(await listed('holder-officer')).toEqual([one('holder-officer')])
    expect(await listed('originator:BE')).toEqual([])
    for (const audience of ['holder-officer', 'holder-ministry'])
      expect(await inbox.urgent(holder, audience, '2026', 10)).toEqual([{ ...both, audience }])
    const ended = '2026-11-25T00:00:00.000Z'
    await inbox.end({ ...both, audience: 'holder-ministry', isOfBoth: true }, ended)
    await inbox.put(both)
    expect(await listed('holder-officer')).toEqual([{ ...one('holder-officer'), ended }])
    await inbox.remove({ ...both, audience: 'holder-officer', isOfBoth: true })
    expect(await listed('holder-ministry')).toEqual([own])
    for (const audience of ['holder-officer', 'holder-ministry'])
      expect(await inbox.urgent(holder, audience, '2026', 10)).toEqual([])
  })

  // Kills: a bound for each part of a list, so that a look reads twice as many.
  test('gives no more of one requester where rows are of one kind of office and of both', async () => {
    const holder = holderOf()
    const all = [1, 2, 3, 4].map((second) =>
      rowOf(holder, second, { audience: second % 2 === 0 ? 'holder' : 'holder-ministry' }),
    )
    for (const each of all) await inbox.put(each)
    const found = await inbox.list(holder, 'holder-ministry', 3)
    expect(found.map(({ eid }) => eid)).toEqual(
      all
        .slice(1)
        .reverse()
        .map(({ eid }) => eid),
    )
  })
})

describe('A denial that was put before a person', () => {
  // Kills: a second asking that replaces the first; an answer that replaces one.
  test('was so once, and is answered once', async () => {
    const reviews = dynamodbReviews(store.client, store.tables.attestations)
    const eid = freshId()
    expect(await reviews.get(eid)).toBeUndefined()
    const at = '2026-11-24T22:25:46.123Z'
    const first = { id: freshId(), at }
    expect(await reviews.ask(eid, first)).toEqual(first)
    expect(await reviews.ask(eid, { id: freshId(), at })).toEqual(first)
    const answer = { id: freshId(), office: 'GB-POL', at }
    await reviews.answer(eid, answer)
    await reviews.answer(eid, { ...answer, id: freshId() })
    expect(await reviews.get(eid)).toEqual({ ...first, answer })
  })
})
