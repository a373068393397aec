/** An auditor's own system pulls decisions as CloudEvents. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { subjectsOf } from '../answer/people.ts'
import { freshJti, problemOf } from '../world.ts'
import { type Evidencing, startEvidencing } from './evidencing.ts'

const log = 'comity.test/de/2026'
const subject = subjectsOf('R-1').recordId
let gateway: Evidencing
const asked: string[] = []
beforeAll(async () => {
  gateway = await startEvidencing()
  await gateway.keepPerson('R-1')
  for (let i = 0; i < 3; i++) asked.push(await gateway.askFor(subject))
  await gateway.sealLogs()
})
afterAll(() => gateway.stop())

type Event = { readonly id: string; readonly sequence: string } & Record<string, unknown>
type Pull = { readonly events: readonly Event[]; readonly next: string; readonly more: boolean }

const call = (office: string, query: object, headers = {}) => {
  const path = `/v1/decision-events?${new URLSearchParams({ purpose: 'lawfulness', log, ...query })}`
  return gateway.callAudit(office, { path, headers, jti: freshJti() })
}
const pull = async (cursor?: string) =>
  (await (await call('DE-DPA', cursor === undefined ? {} : { cursor })).json()) as Pull

/** What CloudEvents 1.0 requires of an event (section 3.1), and of the names of attributes. */
function wrongIn(event: Event): readonly string[] {
  const required = ['id', 'source', 'specversion', 'type']
  const missing = required.filter((name) => typeof event[name] !== 'string' || event[name] === '')
  const named = Object.keys(event).filter((name) => !/^[a-z0-9]{1,20}$/.test(name))
  const isTime = event.time === undefined || !Number.isNaN(Date.parse(String(event.time)))
  return [...missing, ...named, ...(isTime ? [] : ['time'])]
}

// Kills: a cursor that skips, repeats or reads beyond what is published.
test('Every decision comes once, in the order of the log, and then those that came since', async () => {
  const first = await pull()
  expect(first.events.flatMap(wrongIn)).toEqual([])
  const before = first.events.map(({ id }) => id)
  expect(before).toEqual(expect.arrayContaining(asked))
  expect(new Set(before).size).toBe(before.length)
  const places = first.events.map(({ sequence }) => Number(sequence))
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  const later = await gateway.askFor(subject)
  // It is durable, and not sealed yet.
  expect((await pull(first.next)).events).toEqual([])
  await gateway.sealLogs()
  const second = await pull(first.next)
  expect(second.events.map(({ id }) => id)).toEqual([later])
  expect((await pull(second.next)).events).toEqual([])
})

test('It says what came of it and by which rules, and names no person, case or officer', async () => {
  const { events } = await pull()
  const text = JSON.stringify(events)
  expect(events.at(-1)).toMatchObject({
    type: 'comity.decision',
    data: { log, hj: 'DE', rules: expect.any(Array), policies: expect.any(Array) },
  })
  expect(text).not.toMatch(/officer-|Beispiel|CASE|1979-03-14|R-1"/)
})

test('Each pull is a look with its purpose, and shows what its entry names', async () => {
  const before = gateway.looks.length
  gateway.clock.pass(3_600_000)
  const { events } = await pull()
  expect(gateway.looks.length).toBe(before + 1)
  const { opened } = await gateway.entry(String(gateway.looks.at(-1)))
  expect(opened).toMatchObject({
    consultation: {
      ...{ purpose: 'lawfulness', question: { action: 'pull-decisions', log, from: 0 } },
      shown: events.map(({ id }) => id),
    },
  })
  expect(events.length).toBeGreaterThan(0)
})

test('As lines of JSON, with where to go on', async () => {
  const response = await call('DE-DPA', {}, { accept: 'application/x-ndjson' })
  const lines = (await response.text()).trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).id)).toEqual(
    (await pull()).events.map(({ id }) => id),
  )
  expect(response.headers.get('link')).toMatch(/cursor=.+; rel="next"/)
})

test('Another jurisdiction’s log, a log that is none and another’s cursor show nothing', async () => {
  expect((await problemOf(await call('GB-DPA', {}))).code).toBe('not-found')
  expect((await problemOf(await call('DE-DPA', { log: 'comity.test/xx' }))).code).toBe('not-found')
  const { next } = await pull()
  const other = await call('GB-DPA', { log: 'comity.test/gb/2026', cursor: next })
  expect(await problemOf(other)).toMatchObject({ code: 'invalid-request' })
})
