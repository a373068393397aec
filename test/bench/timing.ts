/**
 * What can be told by time: two kinds of calls in pairs by turns, each timed by the CPU that this
 * process uses for it, and by the beat on which its answer leaves. AUC is how often one of the second kind takes longer than one of the first: 0.5
 * where time tells nothing, 1 where it tells all.
 */

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { versionFiles } from '../../functions/adapters/policies-files.ts'
import { dynamodbRegister } from '../../functions/adapters/register-dynamodb.ts'
import type { RecordItem } from '../../functions/decision/record.ts'
import { statementsFor } from '../../functions/demo/enrol.ts'
import { seed } from '../../functions/demo/seed.ts'
import { accessApi } from '../../functions/http/access-api.ts'
import { beatMs } from '../../functions/http/trace.ts'
import type { Agency } from '../../functions/identity/register.ts'
import { demonstrationRegistrars } from '../../functions/identity/registrars.ts'
import { signCall } from '../../functions/identity/sign.ts'
import { readBook } from '../../functions/policy/read-book.ts'
import type { Durable, Ledger, World } from '../../functions/ports.ts'
import { directive, itemOf, personOf, requestOf, subjectsOf } from '../answer/people.ts'
import { fixedLaw } from '../fixed-law.ts'
import { cpuMs, percentile } from './figures.ts'
import { keyedAgencies, origin } from './gateway-process.ts'
import { memoryWorld } from './memory-world.ts'

/** Two kinds of calls compared: what nobody should be able to tell apart, unless it is `planted`. */
export type Compared = {
  readonly name: string
  readonly auc: number
  /** Half of its 95 % interval (Hanley and McNeil, 1982). */
  readonly within: number
  /** AUC of what a caller sees: the beat on which an answer leaves, with a store that takes `storeMs`. */
  readonly aucOnTheBeat: number
  /** Medians of the two, CPU ms. */
  readonly medians: readonly [number, number]
}

const plantedMs = 0.3
/** What the calls of a store take together, by chance between these: the one here takes no time. */
export const storeMs = [5, 45] as const
const warmUpRounds = 300

/** A call: made ready, and then sent, which alone is timed. */
type Call = () => Promise<() => Promise<void>>
type App = ReturnType<typeof accessApi>

/** Compares the pairs of which we promise that time does not tell, and one with a delay planted. */
export async function timings(rounds: number): Promise<readonly Compared[]> {
  const calls = await callsToCompare()
  const names = Object.keys(calls) as (keyof typeof calls)[]
  const taken = new Map(names.map((name) => [name, [] as number[]]))
  for (let round = 0; round < rounds + warmUpRounds; round++) {
    // By chance, so that none always follows the same.
    for (const name of shuffled(names)) {
      const send = await calls[name]()
      const start = cpuMs()
      await send()
      if (round >= warmUpRounds) taken.get(name)?.push(cpuMs() - start)
    }
  }
  const compare = (name: string, first: (typeof names)[number], second: (typeof names)[number]) =>
    compared(name, taken.get(first) ?? [], taken.get(second) ?? [])
  return [
    compare(`no hit, and no hit with ${plantedMs} ms planted`, 'none', 'planted'),
    compare('no hit, and no hit again', 'none', 'again'),
    compare('no hit, and 4 items held of which nothing is told', 'none', 'few'),
    compare('no hit, and 4 items of a minor, for a person to decide', 'none', 'minor'),
    compare('no hit, and 65 such items, of 8 kinds', 'none', 'many'),
    compare('no hit, and 65 such items, no two alike', 'none', 'unlike'),
    compare('no hit, and two people who fit', 'none', 'twins'),
    compare('what nobody asked lately, and what another agency has just asked', 'cold', 'warm'),
    compare('an agency that is not registered, and one that is', 'stranger', 'known'),
    compare('an inbox where nothing waits, and where 40 wait for others', 'empty', 'full'),
  ]
}

async function callsToCompare() {
  const { keys, registered } = await keyedAgencies()
  const made = { ...(await memoryWorld(origin, registered)), law: fixedLaw(bookOfToday()) }
  await seed(
    accessApi(made, () => undefined),
    origin,
    keys,
    new Date(),
  )
  await putRecords(made)
  const world = { ...made, register: registerOf(registered), ledger: forgetting }
  const app = accessApi(world, () => undefined)
  const call = (
    to: App,
    agency: string,
    signer: string,
    path: string,
    body?: unknown,
    status = body === undefined ? 200 : 201,
  ): Call => {
    const key = keys.get(signer)
    if (key === undefined) throw new Error(`there is no key of ${signer}`)
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
    const method = bytes === undefined ? 'GET' : 'POST'
    return async () => {
      const authorization = await signCall({ method, url: `${origin}${path}`, body: bytes }, key, {
        agency,
        officer: 'officer-1',
        audience: origin,
        iat: Math.floor(Date.now() / 1000),
        jti: randomUUID(),
      })
      const headers = { authorization, 'content-type': 'application/json' }
      return async () => {
        const init = { method, headers, ...(bytes === undefined ? {} : { body: bytes }) }
        const answer = await to.request(`${origin}${path}`, init)
        await answer.text()
        // Time tells nothing of calls that all fail.
        if (answer.status !== status) throw new Error(`${path}: ${answer.status}, not ${status}`)
      }
    }
  }
  const ask = (person: string) => call(app, 'FR-SPOC', 'FR-SPOC', requests, requestAbout(person))
  let months = 0
  /** A question that its agency has long forgotten; `other` asks it first, if there is one. */
  const anew = (other?: string): Call => {
    return async () => {
      months = (months % monthsMax) + 1
      const offence = { category: 'ordinary', maxCustodyMonths: months } as const
      const body = { ...requestAbout('T-NONE'), offence }
      if (other !== undefined) await (await call(app, other, other, requests, body)())()
      return call(app, 'FR-SPOC', 'FR-SPOC', requests, body)()
    }
  }
  const unsigned = (agency: string) =>
    call(app, agency, 'ES-SPOC', requests, requestAbout('T-NONE'), 401)
  const inbox = (to: App) => call(to, 'BE-POL', 'BE-POL', '/v1/inbox')
  const other = await memoryWorld(origin, registered)
  for (let i = 0; i < 40; i++)
    for (const audience of ['holder-officer', 'holder-ministry', 'originator:NL'])
      await other.inbox.put({ ...row, audience, eid: `${i}`.padStart(43, '0') })
  const busy = accessApi({ ...world, inbox: other.inbox }, () => undefined)
  return {
    none: ask('T-NONE'),
    again: ask('T-NON2'),
    planted: slower(ask('T-NON3')),
    few: ask('T-FEWS'),
    minor: ask('T-MINO'),
    many: ask('T-MANY'),
    unlike: ask('T-DIFF'),
    twins: ask('T-TWIN'),
    cold: anew(),
    warm: anew('ES-SPOC'),
    stranger: unsigned('FR-SPOT'),
    known: unsigned('FR-SPOC'),
    empty: inbox(app),
    full: inbox(busy),
  }
}

const requests = '/v1/access-requests'
/** More penalties than an agency's questions are remembered. */
const monthsMax = 1000

/** The law as it lies here, drafts among it. */
const bookOfToday = () =>
  readBook(versionFiles(join(import.meta.dirname, '../../policies')), () => '2026-11-25T01:00:00Z')
    .book

const row = {
  holder: 'DE-POL',
  ts: '2026-11-25T09:00:00.000Z',
  requester: 'FR-SPOC',
  urgent: false,
} as const

/** A request for all that an item of the records could be, by a name of one length. */
const requestAbout = (person: string) =>
  requestOf({
    ...directive,
    subject: subjectsOf(person).name,
    classes: ['identification', 'criminal-history', 'location', 'case'],
  })

/** One item of which nothing is told; `kind` says of which it is. */
function untold(i: number, kind: number): RecordItem {
  const class_ = (['name', 'conviction', 'address', 'report'] as const)[kind % 4] ?? 'name'
  const status = (['review-overdue', 'blocked'] as const)[Math.floor(kind / 4) % 2] ?? 'blocked'
  return itemOf(class_, { id: String(i), status, ageAtEvent: 20 + Math.floor(kind / 8) })
}

const untoldItems = (count: number, kinds: number) =>
  Array.from({ length: count }, (_, i) => untold(i, i % kinds))

async function putRecords({ register, holder }: World): Promise<void> {
  const keeper = await register.agency('DE-POL')
  if (keeper === undefined) throw new Error('there is no holder')
  const twin = personOf('T-TWIN', untoldItems(4, 4))
  for (const record of [
    personOf('T-FEWS', untoldItems(4, 4)),
    personOf(
      'T-MINO',
      untoldItems(4, 4).map((each) => ({ ...each, status: 'active' as const, minor: true })),
    ),
    personOf('T-MANY', untoldItems(65, 8)),
    personOf('T-DIFF', untoldItems(65, 65)),
    twin,
    { ...twin, id: 'T-TWI2' },
  ])
    await holder.put(keeper, record, row.ts)
}

/** A ledger that forgets at once, so that a long run has no more to keep than a short one. */
const forgetting: Ledger = {
  append: async (made) => ({ kind: 'durable', entry: made as Durable }),
  read: async () => undefined,
  readAll: async () => new Map(),
}

/** The gateway's own register with its memory, over a table that is at hand. */
function registerOf(registered: readonly Agency[]): World['register'] {
  const at = new Date()
  const rows = new Map(
    registered.map((agency) => [
      `register/${agency.id}`,
      statementsFor(agency, at).map((each) => ({ statement: { S: JSON.stringify(each) } })),
    ]),
  )
  type Query = { readonly ExpressionAttributeValues: { readonly ':pk': { readonly S: string } } }
  // A real one, since whoever reads page by page asks for one; the register reads by this command alone.
  const client = Object.assign(new DynamoDBClient({ region: 'none' }), {
    send: async ({ input }: { readonly input: Query }) => ({
      Items: rows.get(input.ExpressionAttributeValues[':pk'].S) ?? [],
    }),
  })
  return dynamodbRegister(client, 'register', () => new Date(), demonstrationRegistrars)
}

const slower =
  (call: Call): Call =>
  async () => {
    const send = await call()
    return async () => {
      await send()
      const start = cpuMs()
      while (cpuMs() - start < plantedMs);
    }
  }

function shuffled<T>(all: readonly T[]): readonly T[] {
  return all
    .map((each) => ({ each, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ each }) => each)
}

/** AUC with its interval, by ranks; equal times share a rank. */
function compared(name: string, first: readonly number[], second: readonly number[]): Compared {
  const auc = aucOf(first, second)
  const [q1, q2] = [auc / (2 - auc), (2 * auc ** 2) / (1 + auc)]
  const [n, m] = [first.length, second.length]
  const variance =
    (auc * (1 - auc) + (m - 1) * (q1 - auc ** 2) + (n - 1) * (q2 - auc ** 2)) / (n * m)
  const medians = [percentile(first, 0.5), percentile(second, 0.5)] as const
  return {
    name,
    auc,
    within: 1.96 * Math.sqrt(variance),
    aucOnTheBeat: aucOf(first.map(beatOf), second.map(beatOf)),
    medians,
  }
}

function beatOf(ms: number): number {
  const [least, most] = storeMs
  return Math.ceil((ms + least + (most - least) * Math.random()) / beatMs)
}

function aucOf(first: readonly number[], second: readonly number[]): number {
  const all = [...first.map((ms) => ({ ms, of: 0 })), ...second.map((ms) => ({ ms, of: 1 }))]
  all.sort((a, b) => a.ms - b.ms)
  let ranks = 0
  for (let i = 0; i < all.length; ) {
    let end = i
    while (end < all.length && all[end]?.ms === all[i]?.ms) end += 1
    ranks += all.slice(i, end).filter(({ of }) => of === 1).length * ((i + 1 + end) / 2)
    i = end
  }
  const m = second.length
  return (ranks - (m * (m + 1)) / 2) / (first.length * m)
}
