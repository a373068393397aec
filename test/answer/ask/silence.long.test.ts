/** INVARIANT (a refusal tells nothing): no hit, and a record of which nothing may be told, are one. */

import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventsPageSchema } from '../../../functions/answer/messages/events.ts'
import { kindsJudged } from '../../../functions/decision/combine.ts'
import type { HeldRecord, RecordItem } from '../../../functions/decision/record.ts'
import type { AccessRequest } from '../../../functions/decision/request.ts'
import type { Book, CompiledRule } from '../../../functions/policy/book.ts'
import { ready } from '../../../functions/policy/logic.ts'
import type { Law, World } from '../../../functions/ports.ts'
import { fileRows } from '../../../functions/sealing/lookup-rows.ts'
import { patience, runs } from '../../decision/runs.ts'
import { type Audited, startAudited } from '../../http/audit-gateway.ts'
import { answered } from '../../world.ts'
import {
  attestAll,
  benign,
  directive,
  inThisCase,
  itemOf,
  personOf,
  requestOf,
  subjectsOf,
} from '../people.ts'

/** Who asks, and whether an officer of the holder must let it go. */
const pairs = {
  'France asks Germany': { agency: 'FR-SPOC', way: directive, byOfficer: false },
  'the Netherlands ask Germany': { agency: 'NL-POL', way: directive, byOfficer: false },
  'Britain asks Germany, and an officer let it go': {
    agency: 'GB-POL',
    way: {},
    byOfficer: true,
  },
} as const
type Pair = keyof typeof pairs

let gateway: Audited
/** Every way in which the records were looked into. */
const looks: string[] = []
/** Every command that the store was sent, with its table. */
const commands: string[] = []
/** How often a subject's key was opened, a receipt signed, and a kind of items judged. */
const counts = { keys: 0, signatures: 0, judged: 0 }

const counting = ({ holder, subjectKeys, secrets, law }: World): Partial<World> => ({
  holder: {
    ...holder,
    find(agency, subject) {
      looks.push('find')
      return holder.find(agency, subject)
    },
    get(agency, id) {
      looks.push('get')
      return holder.get(agency, id)
    },
  },
  subjectKeys: {
    ...subjectKeys,
    keyFor(...of) {
      counts.keys += 1
      return subjectKeys.keyFor(...of)
    },
    look(...of) {
      counts.keys += 1
      return subjectKeys.look(...of)
    },
    open(kid) {
      counts.keys += 1
      return subjectKeys.open(kid)
    },
    openToAct(kid) {
      counts.keys += 1
      return subjectKeys.openToAct(kid)
    },
  },
  secrets: {
    ...secrets,
    receipt(payload) {
      counts.signatures += 1
      return secrets.receipt(payload)
    },
  },
  law: meteredLaw(law),
})

function meteredLaw(law: Law): Law {
  const books = new Map<Book, Book>()
  const now = async () => {
    const { book } = await law.now()
    const known = books.get(book) ?? metered(book)
    books.set(book, known)
    return { book: known }
  }
  return { ...law, now, anew: now }
}

/**
 * The law, and a rule without any effect that counts how often it is asked of an item. It holds whatever an item's
 * status is, so that each time its exceptions are looked at, of which it has none.
 */
function metered(book: Book): Book {
  const status = { var: 'item.status' }
  const when = ready({
    or: [{ '===': [status, 'current'] }, { '!': [{ '===': [status, 'current'] }] }],
  })
  const meter = (rule: CompiledRule): CompiledRule => ({
    ...rule,
    id: 'eu/data/metered',
    ...{ when, reads: when.reads, readsRecord: true, readsItem: true, waivable: false },
    rule: { ...rule.rule, then: { effect: 'oblige', obligations: [] } },
    get unless() {
      // The search for remedies reads them, too, and judges nothing.
      if (new Error().stack?.includes('evaluate.ts')) counts.judged += 1
      return []
    },
  })
  return {
    ...book,
    policies: book.policies.map((policy) =>
      policy.id === 'eu/data'
        ? { ...policy, rules: [...policy.rules, ...policy.rules.slice(0, 1).map(meter)] }
        : policy,
    ),
  }
}

beforeAll(async () => {
  gateway = await startAudited({
    change: (world) => ({
      ...world,
      ...counting(world),
      // What is filed here counts as sealed at once.
      sealed: { ...world.sealed, marked: async () => Number.MAX_SAFE_INTEGER },
    }),
  })
  gateway.store.client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        const { TableName = '' } = args.input as { readonly TableName?: string }
        commands.push(`${commandName} ${TableName}`)
        return next(args)
      },
    { step: 'initialize' },
  )
  const members = { ...benign, 'necessity.case': 'necessary' }
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'GB' }, benign)
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, members)
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'NL' }, members)
})
afterAll(() => gateway.close())

let people = 0
const freshId = () => {
  people += 1
  return `R-${String(people).padStart(5, '0')}`
}

const allClasses = [
  'identification',
  'criminal-history',
  'financial',
  'location',
  'case',
  'victim-witness',
  'special',
  'health',
  'biometric',
  'communications-content',
] as const

const request = (pair: Pair, changes: Partial<AccessRequest>) =>
  requestOf({ ...pairs[pair].way, classes: [...allClasses], ...changes })

/** The trace that every call of a comparison carries, so that answers say the same one. */
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const headers = { traceparent }

/** Who may look at an inbox and must learn nothing: the requester, ministries, third agencies. */
const others = ['DE-MIN', 'GB-MIN', 'BE-POL', 'JP-NCB'] as const

let entries = 0
/** Where each reader has read its events to. */
const cursors = new Map<string, string>()

/** What an agency is told anew, without what only names it: ids and cursors, which say how long they are. */
async function toldAnew(agency: string): Promise<unknown> {
  const cursor = cursors.get(agency)
  const path = `/v1/events${cursor === undefined ? '' : `?after=${cursor}`}`
  const page = await (await gateway.call(agency, { path, headers })).json()
  const { events, hints, next, more } = eventsPageSchema.parse(page)
  cursors.set(agency, next)
  const unnamed = events.map(({ id, entry, request, matter, ...said }) => ({
    ...said,
    names: [id, entry, request, matter].map((name) => name?.length),
  }))
  return { events: unnamed, hints, more }
}

/** Everything that anybody but the holder can see of an answer, with only what names it taken out. */
async function seen(pair: Pair, changes: Partial<AccessRequest>) {
  const { agency, byOfficer } = pairs[pair]
  const path = '/v1/access-requests'
  const body = request(pair, changes)
  const names: string[] = []
  if (byOfficer) {
    const denial = await answered(await gateway.call(agency, { method: 'POST', path, body }))
    const decision = await gateway.releaseBy('DE-POL', denial.id, { facts: inThisCase })
    names.push(denial.id, decision)
    Object.assign(body, { previous: denial.id })
  }
  const response = await gateway.call(agency, { method: 'POST', path, body, headers })
  const text = await response.clone().text()
  const { id, receipt } = await answered(response)
  names.push(id, receipt)
  const lookedUp = await gateway.call(agency, { path: `${path}/${id}`, headers })
  const lookedUpText = await lookedUp.text()
  names.push(String(JSON.parse(lookedUpText).receipt))
  const stored = await gateway.world.ledger.read(id)
  if (stored === undefined) throw new Error('there is no entry')
  for (const office of [agency, ...others]) await toldAnew(office)
  const places = new Map([[id, entries++]])
  await fileRows([stored], gateway.auditWorld, { ...gateway.world, places })
  // Digests of random bytes say nothing; what is kept behind `kept` is encrypted.
  const {
    eid: _eid,
    req: _req,
    pay: _pay,
    kept: _kept,
    previous: _previous,
    d,
    ...leaf
  } = stored.leaf
  const { eid: _id, lh: _lh, req: _digest, ...receiptSays } = decodeJwt(receipt)
  const inboxes = [agency, ...others].map(async (office) =>
    (await gateway.call(office, { path: '/v1/inbox', headers })).text(),
  )
  const auditor = `${agency.slice(0, 2)}-DPA`
  const asked = `/v1/decisions/${id}?purpose=lawfulness`
  const asAudited = gateway.keys.has(auditor)
    ? await (await gateway.get(auditor, asked, { headers })).text()
    : '{}'
  names.push(JSON.parse(asAudited).receipt ?? id)
  return {
    id,
    shows: {
      status: [response.status, lookedUp.status],
      headers: [headersOf(response), headersOf(lookedUp)],
      body: nameless(text, names),
      bodyLength: text.length,
      lookedUp: nameless(lookedUpText, names),
      lookedUpLength: lookedUpText.length,
      leaf: { ...leaf, d: Object.keys(d) },
      receiptSays,
      inboxes: (await Promise.all(inboxes)).map((page) => nameless(page, names)),
      told: await Promise.all([agency, ...others].map(toldAnew)),
      // The digest of what was sent, which names the request that it asks again.
      asAudited: nameless(asAudited, names).replace(/"body":"[^"]*"/, ''),
    },
  }
}

const headersOf = (response: Response) =>
  [...response.headers].map(([name, value]) => [
    name,
    // The span id is of this call alone.
    name === 'traceparent' ? value.replace(/-[0-9a-f]{16}-/, '-span-') : value,
  ])

const nameless = (text: string, names: readonly string[]) =>
  names.reduce((all, name) => all.replaceAll(name, name.replace(/[^.]/g, '*')), text)

/** What keeps an item back without a word, whoever asks. */
const withoutWord: fc.Arbitrary<Partial<RecordItem>> = fc.oneof(
  fc.record({
    status: fc.constantFrom('review-overdue', 'cancelled', 'expired', 'blocked', 'under-review'),
  }),
  fc.record({ retentionUntil: fc.constantFrom('2026-11-24', '2020-02-29') }),
  fc.constant<Partial<RecordItem>>({ role: 'informant' }),
)

/** A person decides on what is kept of a minor, which the record alone says. */
const ofMinor: Partial<RecordItem> = { minor: true, ageAtEvent: 17 }

const untoldByRule = fc.oneof(withoutWord, fc.constant(ofMinor))

/** Of a class that a person decides on: once an officer has, it may go. */
const intercepted: Partial<RecordItem> = {
  element: 'ext:CommunicationContentText',
  class: 'communications-content',
  value: 'call 12',
}
/** Of classes that the question alone refuses: nobody looks for them. */
const sensitive: readonly Partial<RecordItem>[] = [
  { element: 'nc:PersonMedicalCondition', class: 'health', value: 'none stated' },
  { element: 'nc:PersonReligionText', class: 'special', value: 'none stated' },
  { element: 'biom:FingerprintImage', class: 'biometric', value: 'set 7F-0031' },
]

/** Outside the Union no article lets a reason be told, and on minors the officer has decided. */
const untoldAbroad = fc.oneof(
  withoutWord,
  fc.record({ originator: fc.constantFrom('NL', 'US') }),
  fc.record({ quality: fc.constantFrom('doubtful', 'known-wrong') }),
)

const kinds = fc.constantFrom('name', 'birthDate', 'conviction', 'account', 'address', 'report')
const handling = fc.array(fc.constantFrom('H1', 'H2'), { maxLength: 2 })

/** Items that must be kept back, each for a reason that must not be told; or none at all. */
const untold = (
  why: fc.Arbitrary<Partial<RecordItem>>,
  refused: readonly Partial<RecordItem>[],
): fc.Arbitrary<readonly RecordItem[]> =>
  fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: fc.tuple(kinds, why, handling).map(kept) },
        fc.constantFrom(...refused).map((each) => itemOf('report', each)),
        fc.constant(itemOf('informant')),
      ),
      { maxLength: 4 },
    )
    .map((items) => items.map((each, i) => ({ ...each, id: String(i + 1) })))

function kept([kind, why, codes]: readonly [
  Parameters<typeof itemOf>[0],
  Partial<RecordItem>,
  string[],
]): RecordItem {
  return itemOf(kind, { ...why, handling: codes })
}

// Kills: telling the full decision; telling the standing, missing facts, duties, policies, classes or
// handling codes of untold items; another status, header or length for one of the two; the full
// outcome or standing in the leaf or receipt; `found` or `items` left out of the leaf where there are none.
/** Each run makes a dozen calls and files them: more of them would take hours. */
const runsMax = 100

/** Each way to ask is a case of its own; one asks for what a person decides on, too. */
const asking = (id: string, subject: AccessRequest['subject'], way: number) => ({
  subject,
  caseReference: `${id}-${way}`,
  ...(way === 0 ? {} : { classes: [...allClasses.slice(0, 6)] }),
})

describe('Nobody learns whether a record is held of which nothing may be told', () => {
  test.each(Object.keys(pairs) as Pair[])(
    'when %s',
    async (pair) => {
      await fc.assert(
        fc.asyncProperty(
          pairs[pair].byOfficer
            ? untold(untoldAbroad, sensitive)
            : untold(untoldByRule, [intercepted, ...sensitive]),
          async (items) => {
            const id = freshId()
            const subjects = Object.values(subjectsOf(id))
            const before: Awaited<ReturnType<typeof seen>>[] = []
            for (const [i, subject] of subjects.entries())
              before.push(await seen(pair, asking(id, subject, i)))
            await gateway.putRecord('DE-POL', personOf(id, items))
            for (const [i, subject] of subjects.entries()) {
              const after = await seen(pair, asking(id, subject, i))
              const { opened } = await gateway.entry(after.id)
              expect(opened.subject.match).toBe('one')
              expect(after.shows).toEqual(before[i]?.shows)
              // Of classes that somebody could still open, a denial is open whatever is held.
              const standing = i === 0 ? 'open' : 'final'
              expect(after.shows.leaf.standing).toBe(standing)
            }
          },
        ),
        {
          numRuns: Math.min(runs(pairs[pair].byOfficer ? 1 : 2), runsMax),
          examples: pairs[pair].byOfficer ? [] : [[[itemOf('name', ofMinor)]]],
          endOnFailure: true,
        },
      )
    },
    patience,
  )

  test('when two people match', async () => {
    const pair = 'France asks Germany'
    const [one, other] = [freshId(), freshId()]
    const { name } = subjectsOf(one)
    const before = await seen(pair, { subject: name })
    const first = personOf(one, [itemOf('name')])
    const second: HeldRecord = { ...personOf(other, [itemOf('name')]), names: first.names }
    await gateway.putRecord('DE-POL', first)
    await gateway.putRecord('DE-POL', second)
    const after = await seen(pair, { subject: name })
    expect(after.shows).toEqual(before.shows)
    const { opened } = await gateway.entry(after.id)
    expect(opened.subject.match).toBe('several')
    expect(opened.subject.found).toHaveLength(2)
    expect(opened.decision.reasons.map(({ code }) => code)).toEqual(['ambiguous-subject'])
    // Each alone may be told: it was their likeness that kept them back.
    const alone = await seen(pair, { subject: { recordId: one } })
    expect(alone.shows.body).toContain('Anton Beispiel')
    // The holder's own officers are asked to tell them apart.
    const rows = await gateway.world.inbox.list('DE-POL', 'holder-officer', 2000)
    expect(rows.map(({ eid }) => eid)).toContain(after.id)
  })

  // Kills: `byRecord` told (consideration.ts); an item's redescription told (reserved.ts, `reserved`).
  test('when the record alone says that the same person was asked for before', async () => {
    const pair = 'France asks Germany'
    const [held, none] = [freshId(), freshId()]
    await gateway.putRecord('DE-POL', personOf(held, [itemOf('name')]))
    const askedTwice = async (id: string) => {
      const { name, recordId } = subjectsOf(id)
      const of = { caseReference: 'TWICE' }
      const first = await seen(pair, { ...of, subject: name, classes: ['case'] })
      const offence = { category: 'ordinary', maxCustodyMonths: 48 } as const
      const again = { ...of, subject: recordId, classes: ['identification' as const], offence }
      const { id: second, shows } = await seen(pair, again)
      const { opened } = await gateway.entry(second)
      return { opened, shows: JSON.stringify([first.shows, shows]).replaceAll(id, '') }
    }
    const nothing = await askedTwice(none)
    const { shows, opened } = await askedTwice(held)
    expect(shows).toBe(nothing.shows)
    expect(opened.decision.reasons.map(({ code }) => code)).toEqual(['human-decision'])
    // In another case it leaves: it was the other description that kept it back.
    const elsewhere = await seen(pair, { subject: { recordId: held }, caseReference: 'ANOTHER' })
    expect(elsewhere.shows.body).toContain('Anton Beispiel')
  })

  // Kills: a key made only where there is a record; an early return after no hit; no padding
  // (record.ts, `judgeBeside`); each item judged for itself (combine.ts, `judge`).
  const ways = Object.keys(subjectsOf('')) as (keyof ReturnType<typeof subjectsOf>)[]
  test.each(ways)('by the work that it makes, when asked by %s', async (way) => {
    const pair = 'France asks Germany'
    const stale = Array.from({ length: 40 }, (_, i) =>
      itemOf((['name', 'account', 'report'] as const)[i % 3] ?? 'name', {
        id: `${i}`,
        status: i % 2 === 0 ? 'blocked' : 'review-overdue',
      }),
    )
    const [few, many, none, twin, other] = Array.from({ length: 5 }, freshId)
    await gateway.putRecord('DE-POL', personOf(few ?? '', stale.slice(0, 2)))
    await gateway.putRecord('DE-POL', personOf(many ?? '', stale))
    const first = personOf(twin ?? '', [itemOf('name')])
    await gateway.putRecord('DE-POL', first)
    await gateway.putRecord('DE-POL', { ...first, id: other ?? '' })
    const work = async (id = '', changes: Partial<AccessRequest> = {}) => {
      commands.length = 0
      Object.assign(counts, { keys: 0, signatures: 0, judged: 0 })
      const subject = subjectsOf(id)[way]
      const body = {
        ...request(pair, { subject, ...changes }),
        classes: ['identification', 'financial', 'case'],
      }
      const { reasons } = await answered(await gateway.ask('FR-SPOC', 'officer-1', body))
      expect(reasons.map(({ code }) => code)).toEqual(['nothing-transmissible'])
      return { commands: [...commands].sort(), ...counts }
    }
    // The first call of this process may read the register anew.
    await work(freshId())
    const least = await work(none)
    expect(least).toMatchObject({ keys: 1, signatures: 1 })
    expect(least.judged).toBeGreaterThanOrEqual(kindsJudged)
    expect(await work(few)).toEqual(least)
    expect(await work(many)).toEqual(least)
    // Nor by what is known of a person by another name: a refusal, and what an office found.
    const known = freshId()
    await gateway.putRecord('DE-POL', personOf(known, [itemOf('name')]))
    const [otherWay = 'name'] = ways.filter((each) => each !== way)
    const before = request(pair, {
      subject: subjectsOf(known)[otherWay],
      ...{ classes: ['case'], caseReference: 'KNOWN', stage: 'charged' },
    })
    const { id: refused } = await answered(await gateway.ask('FR-SPOC', 'officer-1', before))
    const scope = { kind: 'matter', matter: refused } as const
    const risk = { holder: 'DE-POL', fact: 'risk.torture', value: 'real', scope }
    await gateway.attest('DE-POL', risk)
    const inCase = { caseReference: 'KNOWN' }
    // What was said in a case is compared with its entries once, whoever is asked for.
    await work(freshId(), inCase)
    expect(await work(known, inCase)).toEqual(await work(freshId(), inCase))
    // Of two that fit by name or document, only the holder's own table is read once more.
    if (way !== 'recordId') {
      const { commands: read, ...rest } = await work(twin)
      expect(rest).toEqual({ ...least, commands: undefined })
      expect(read.length).toBeLessThanOrEqual(least.commands.length + 2)
    }
  })
})

describe('The record is not looked into', () => {
  const lookingAt = async (body: AccessRequest) => {
    looks.length = 0
    const answer = await answered(await gateway.ask('FR-SPOC', 'officer-1', body))
    return { answer, looks: [...looks] }
  }

  const { id: _, element: _element, value: _value, eventDate: _day, ...known } = itemOf('name')
  const { handling: _codes, retentionUntil: _until, ...facts } = known
  const supposed = {
    ...facts,
    origin: 'holder',
    originConsent: 'own-data',
    yearsSinceEvent: 1,
  } as const

  // Kills: a fetch before the look at `dryRun`.
  test('for a dry run, whatever is held', async () => {
    const id = freshId()
    await gateway.putRecord('DE-POL', personOf(id, [itemOf('name')]))
    for (const recordId of [id, freshId()]) {
      const body = requestOf({
        ...directive,
        subject: { recordId },
        dryRun: true,
        hypotheses: [supposed],
      })
      const { answer, looks: made } = await lookingAt(body)
      // Of each class it says what would be, as its outcome does.
      const classes = { identification: 'released' }
      expect(answer).toMatchObject({ dryRun: true, outcome: 'release', classes, records: [] })
      expect(made).toEqual([])
    }
  })

  // Kills: a fetch before `beforeFetch`.
  test('when the request is refused whatever it holds; otherwise once', async () => {
    const id = freshId()
    await gateway.putRecord('DE-POL', personOf(id, [itemOf('name')]))
    const body = requestOf({ ...directive, subject: { recordId: id } })
    const another = { purpose: 'immigration', caseReference: 'ANOTHER' } as const
    const refused = await lookingAt({ ...body, ...another })
    expect(refused.answer.reasons.map(({ rule }) => rule)).toContain('eu/data/purpose')
    expect(refused.looks).toEqual([])
    const given = await lookingAt(body)
    expect(given.answer.outcome).toBe('release')
    expect(given.looks).toEqual(['find'])
  })
})
