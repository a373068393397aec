/** INVARIANT (a refusal tells nothing): no hit, and a record of which nothing may be told, are one. */

import fc from 'fast-check'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HeldRecord, RecordItem } from '../../functions/decision/record.ts'
import type { AccessRequest } from '../../functions/decision/request.ts'
import type { World } from '../../functions/ports.ts'
import { answered, type Gateway, startGateway } from '../world.ts'
import { attestAll, benign, itemOf, personOf, requestOf, subjectsOf } from './people.ts'

/** Who asks whom. */
const pairs = {
  'Britain asks Germany': ['GB-POL', 'DE-POL'],
  'France asks Germany': ['FR-SPOC', 'DE-POL'],
  'France asks Britain': ['FR-SPOC', 'GB-POL'],
} as const
type Pair = keyof typeof pairs

let gateway: Gateway
/** Every way in which the records were looked into. */
const looks: string[] = []
/** Every command that the store was sent. */
const commands: string[] = []

const counting = ({ holder }: World): Partial<World> => ({
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
})

beforeAll(async () => {
  gateway = await startGateway({ change: (world) => ({ ...world, ...counting(world) }) })
  gateway.store.client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        commands.push(String(commandName))
        return next(args)
      },
    { step: 'initialize' },
  )
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'GB' }, benign)
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benign)
  await attestAll(gateway, 'GB-POL', { kind: 'general', requester: 'FR' }, benign)
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
  'biometric',
] as const

const request = (pair: Pair, subject: AccessRequest['subject']) =>
  requestOf({ holder: pairs[pair][1], subject, classes: [...allClasses], caseReference: 'ONE' })

/** The trace that every call of a comparison carries, so that answers say the same one. */
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

/** Everything that can be seen of an answer, with only what names it taken out. */
async function seen(pair: Pair, subject: AccessRequest['subject']) {
  const [agency] = pairs[pair]
  const path = '/v1/access-requests'
  const call = { method: 'POST', path, body: request(pair, subject), headers: { traceparent } }
  const response = await gateway.call(agency, call)
  const text = await response.clone().text()
  const { id, receipt } = await answered(response)
  const lookedUp = await gateway.call(agency, { path: `${path}/${id}`, headers: { traceparent } })
  const lookedUpText = await lookedUp.text()
  const stored = await gateway.world.ledger.read(id)
  // Digests of random bytes say nothing; what is kept behind `kept` is encrypted.
  const { eid: _eid, req: _req, pay: _pay, kept: _kept, d, ...leaf } = stored?.leaf ?? { d: {} }
  const { eid: _id, lh: _lh, req: _digest, ...receiptSays } = decodeJwt(receipt)
  return {
    id,
    shows: {
      status: [response.status, lookedUp.status],
      headers: [headersOf(response), headersOf(lookedUp)],
      body: nameless(text, id, receipt),
      bodyLength: text.length,
      lookedUp: nameless(lookedUpText, id, String(JSON.parse(lookedUpText).receipt)),
      lookedUpLength: lookedUpText.length,
      leaf: { ...leaf, d: Object.keys(d) },
      receiptSays,
    },
  }
}

const headersOf = (response: Response) =>
  [...response.headers].map(([name, value]) => [
    name,
    // The span id is of this call alone.
    name === 'traceparent' ? value.replace(/-[0-9a-f]{16}-/, '-span-') : value,
  ])

const nameless = (text: string, id: string, receipt: string) =>
  text.replace(id, '*'.repeat(id.length)).replace(receipt, receipt.replace(/[^.]/g, '*'))

/** What keeps an item back without a word, in every pair. */
const everywhere: fc.Arbitrary<Partial<RecordItem>> = fc.oneof(
  fc.record({
    status: fc.constantFrom('review-overdue', 'cancelled', 'expired', 'blocked', 'under-review'),
  }),
  fc.record({ retentionUntil: fc.constantFrom('2026-11-24', '2020-02-29') }),
  fc.constant<Partial<RecordItem>>({ role: 'informant' }),
)

/** What keeps an item back without a word where no article says that it may be told. */
const whereNobodyIsTold: fc.Arbitrary<Partial<RecordItem>> = fc.oneof(
  everywhere,
  fc.record({ quality: fc.constantFrom('doubtful', 'known-wrong') }),
  fc.record({ originator: fc.constantFrom('BE', 'US', 'INTERPOL') }),
  fc.record({ element: fc.constantFrom('ext:Horoscope', 'nc:VehicleIdentification') }),
)

const ofGermany = fc.oneof(
  whereNobodyIsTold,
  fc.constant<Partial<RecordItem>>({ system: 'SIS' }),
  fc.constant<Partial<RecordItem>>({ minor: true, ageAtEvent: 12, eventDate: '2023-05-04' }),
)

const reasons: Readonly<Record<Pair, fc.Arbitrary<Partial<RecordItem>>>> = {
  'Britain asks Germany': ofGermany,
  'France asks Germany': everywhere,
  'France asks Britain': whereNobodyIsTold,
}

const kinds = fc.constantFrom('name', 'birthDate', 'conviction', 'account', 'address', 'report')

/** Items that must be kept back, each for a reason that must not be told; or none at all. */
const untold = (pair: Pair): fc.Arbitrary<readonly RecordItem[]> => {
  const kept = fc
    .tuple(kinds, reasons[pair], fc.array(fc.constantFrom('H1', 'H2'), { maxLength: 2 }))
    .map(([kind, why, handling]) => itemOf(kind, { ...why, handling }))
  const sensitive = fc
    .constantFrom('religion', 'fingerprints')
    .map((kind) => itemOf(kind as 'religion'))
  const item =
    pair === 'France asks Germany' ? kept : fc.oneof({ weight: 4, arbitrary: kept }, sensitive)
  return fc
    .array(fc.oneof(item, fc.constant(itemOf('informant'))), { maxLength: 4 })
    .map((items) => items.map((each, i) => ({ ...each, id: String(i + 1) })))
}

// Kills: telling the full decision; telling the standing, missing facts, duties, policies, classes or
// handling codes of untold items; another status, header or length for one of the two; the full
// outcome in the leaf or receipt; `found` or `items` left out of the leaf where there are none.
describe('Nobody learns whether a record is held of which nothing may be told', () => {
  test.each(Object.keys(pairs) as Pair[])('when %s', async (pair) => {
    await fc.assert(
      fc.asyncProperty(untold(pair), async (items) => {
        const id = freshId()
        const subjects = Object.values(subjectsOf(id))
        const before = await Promise.all(subjects.map((subject) => seen(pair, subject)))
        await gateway.putRecord(pairs[pair][1], personOf(id, items))
        const after = await Promise.all(subjects.map((subject) => seen(pair, subject)))
        for (const [i, { shows, id: answer }] of after.entries()) {
          const { opened } = await gateway.entry(answer)
          expect(opened.subject.match).toBe('one')
          expect(shows).toEqual(before[i]?.shows)
        }
      }),
      { numRuns: 12, endOnFailure: true },
    )
  })

  test('when two people match', async () => {
    const pair = 'Britain asks Germany'
    const [one, other] = [freshId(), freshId()]
    const { name } = subjectsOf(one)
    const before = await seen(pair, name)
    const first = personOf(one, [itemOf('name')])
    const second: HeldRecord = { ...personOf(other, [itemOf('name')]), names: first.names }
    await gateway.putRecord('DE-POL', first)
    await gateway.putRecord('DE-POL', second)
    const after = await seen(pair, name)
    expect(after.shows).toEqual(before.shows)
    const { opened } = await gateway.entry(after.id)
    expect(opened.subject.match).toBe('several')
    expect(opened.subject.found).toHaveLength(2)
    expect(opened.decision.reasons.map(({ code }) => code)).toEqual(['ambiguous-subject'])
    // Each alone may be told: it was their likeness that kept them back.
    const alone = await seen(pair, { recordId: one })
    expect(alone.shows.body).toContain('Anton Beispiel')
  })

  // Kills: an early return after no hit, and a key made only where there is a record.
  test.each(Object.keys(subjectsOf('')) as (keyof ReturnType<typeof subjectsOf>)[])(
    'by the work that it makes, when asked by %s',
    async (way) => {
      const [held, none] = [freshId(), freshId()]
      await gateway.putRecord('DE-POL', personOf(held, [itemOf('report', { system: 'SIS' })]))
      const work = async (id: string) => {
        commands.length = 0
        await gateway.ask(
          'GB-POL',
          'officer-1',
          request('Britain asks Germany', subjectsOf(id)[way]),
        )
        return [...commands].sort()
      }
      // The first call of this process may read the register anew.
      await work(freshId())
      expect(await work(held)).toEqual(await work(none))
    },
  )
})

describe('The record is not looked into', () => {
  const lookingAt = async (body: AccessRequest) => {
    looks.length = 0
    const answer = await answered(await gateway.ask('GB-POL', 'officer-1', body))
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
      const body = requestOf({ subject: { recordId }, dryRun: true, hypotheses: [supposed] })
      const { answer, looks: made } = await lookingAt(body)
      expect(answer).toMatchObject({ dryRun: true, outcome: 'release', records: [] })
      expect(made).toEqual([])
    }
  })

  // Kills: a fetch before `decideUnseen`.
  test('when the request is refused whatever it holds; otherwise once', async () => {
    const id = freshId()
    await gateway.putRecord('DE-POL', personOf(id, [itemOf('name')]))
    const body = requestOf({ subject: { recordId: id } })
    const refused = await lookingAt({ ...body, purpose: 'immigration' })
    expect(refused.answer.reasons.map(({ rule }) => rule)).toContain('eu/led-data/purpose')
    expect(refused.looks).toEqual([])
    const given = await lookingAt(body)
    expect(given.answer.outcome).toBe('release')
    expect(given.looks).toEqual(['find'])
  })
})
