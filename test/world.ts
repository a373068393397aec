/**
 * A whole gateway in memory: the real app over a real store, with the invented agencies registered,
 * keys made on the spot, and a clock that stands still until a test moves it.
 *
 *     const gateway = await startGateway()
 *     await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
 *     const answer = await answered(await gateway.ask('FR-SPOC', 'officer-7', requestOf()))
 *     ...
 *     await gateway.close()                          // in `afterAll`
 *
 * Starting takes about 200 ms; start one for each file of tests and put in what the file needs.
 */

import { randomBytes } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import * as z from 'zod'
import { seal, unseal } from '../functions/adapters/aes-gcm.ts'
import { rareStores } from '../functions/adapters/rare-stores.ts'
import { dynamodbRegister } from '../functions/adapters/register-dynamodb.ts'
import type { Wrapper } from '../functions/adapters/secrets.ts'
import { tables } from '../functions/adapters/tables.ts'
import { makeWorld } from '../functions/adapters/world.ts'
import { type Opened, openAny } from '../functions/answer/entries/reader.ts'
import { type AnswerBody, answerSchema } from '../functions/answer/reply/reply-schema.ts'
import { readConfig } from '../functions/config.ts'
import type { AttestationBody } from '../functions/decision/attestation.ts'
import type { HeldRecord } from '../functions/decision/record.ts'
import { agencies } from '../functions/demo/agencies.ts'
import { enrol } from '../functions/demo/enrol.ts'
import { type AgencyKeyFile, registered as registeredKey } from '../functions/demo/keys.ts'
import { registeredAgencies } from '../functions/demo/seed.ts'
import { accessApi } from '../functions/http/access-api.ts'
import type { BodyFault } from '../functions/http/faults.ts'
import { type ProblemCode, problemSchema } from '../functions/http/problem.ts'
import type { Agency } from '../functions/identity/register.ts'
import { demonstrationRegistrars } from '../functions/identity/registrars.ts'
import { signCall } from '../functions/identity/sign.ts'
import { chainOf } from '../functions/identity/statements.ts'
import type { AnsweredLine, SecurityEvent } from '../functions/lines.ts'
import type { Book, SourceFile } from '../functions/policy/book.ts'
import { readBook } from '../functions/policy/read-book.ts'
import type { Durable, Law, World } from '../functions/ports.ts'
import { type Store, startDynalite } from './dynalite.ts'
import { fixedLaw } from './fixed-law.ts'
import { worldLaw } from './world-law.ts'

/** Where callers sign for, and when it is unless a test says otherwise: soon after the sealing. */
export const origin = 'https://gateway.comity.example'
const start = '2026-11-25T09:00:00.000Z'
const lawSince = '2026-11-25T01:00:00.000Z'

/** What differs from one gateway of the tests to another. */
export type Options = {
  readonly now?: string
  /**
   * Every version of the law counts as sealed then, its corrections too; soon before the clock starts
   * unless said, so that a test need not know when each was signed.
   */
  readonly sealedSince?: string
  /** The files of the law; those of `world-law.ts` unless a test speaks of other law. */
  readonly law?: readonly SourceFile[]
  /** Agencies beside the invented ones, which have no key to sign with here. */
  readonly strangers?: readonly Agency[]
  /** Further ones, each with a key made here. */
  readonly beside?: readonly Omit<Agency, 'keys'>[]
  /** Puts something in front of the outside: to count calls, or to take a part away. */
  readonly change?: (world: World) => World
  /** Gives the id of each call that names none; random unless said. */
  readonly fresh?: () => string
}

/** A call as an agency makes it. */
export type Call = {
  readonly method?: string
  readonly path: string
  /** A value to be sent as JSON, or the exact bytes. */
  readonly body?: unknown
  readonly officer?: string
  /** The same for a retry; fresh unless said. */
  readonly jti?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A gateway with its outside. */
export type Gateway = Awaited<ReturnType<typeof startGateway>>

/** Starts a gateway in memory. */
export async function startGateway(options: Options = {}) {
  const { fresh = freshJti } = options
  const clock = {
    now: new Date(options.now ?? start),
    /** Lets so many milliseconds pass. */
    pass(ms: number): void {
      clock.now = new Date(clock.now.getTime() + ms)
    },
  }
  const store = await startDynalite()
  const freshRegister = () =>
    dynamodbRegister(store.client, store.tables.register, () => clock.now, demonstrationRegistrars)
  let register = freshRegister()
  const made: World = {
    ...(await worldOver(store, () => clock.now, lawOf(options))),
    register: { agency: (id) => register.agency(id), all: (malformed) => register.all(malformed) },
  }
  const world = { ...made, ...options.change?.(made) }
  const { beside = [] } = options
  const keys = await keysOf([...agencies, ...beside].map(({ id }) => id))
  const since = '2000-01-01T00:00:00Z'
  const withKey = (agency: Omit<Agency, 'keys'>, key = keys.get(agency.id)): Agency => ({
    ...agency,
    keys: key === undefined ? [] : [registeredKey(key, since, agency.channels[0])],
  })
  const further = await keysOf(
    agencies.flatMap(({ id, channels: [, ...others] }) => others.map((each) => `${id} ${each}`)),
  )
  // A key belongs to one channel, so an agency has one for each that it is on.
  const ofChannels = ({ id, channels: [, ...others] }: Agency) =>
    others.flatMap((channel) => {
      const key = further.get(`${id} ${channel}`)
      return key === undefined ? [] : [registeredKey(key, since, channel)]
    })
  const registered = [
    ...registeredAgencies(keys, since).map((each) => ({
      ...each,
      keys: [...each.keys, ...ofChannels(each)],
    })),
    ...beside.map((each) => withKey(each)),
  ]
  const enter = (...all: readonly Agency[]) =>
    enrol(store.client, store.tables.register, all, clock.now)
  await enter(...registered, ...(options.strangers ?? []))
  const events: SecurityEvent[] = []
  const answers: AnsweredLine[] = []
  const app = accessApi(world, (line) =>
    line.event === 'answered' ? answers.push(line) : events.push(line),
  )

  /** Signs a call with the agency's key for its channel; what it gives sends the same bytes each time. */
  const prepare = async (
    agency: string,
    { method = 'GET', path, ...rest }: Call,
    to: Pick<typeof app, 'request'> = app,
  ) => {
    const { body, officer = 'officer-1', jti = fresh(), headers = {} } = rest
    const channel = Object(body).channel
    const key = further.get(`${agency} ${channel}`) ?? keys.get(agency)
    if (key === undefined) throw new Error(`there is no key of ${agency}`)
    const bytes = bytesOf(body)
    const url = `${origin}${path}`
    const iat = Math.floor(clock.now.getTime() / 1000)
    const claims = { agency, officer, audience: origin, iat, jti }
    const authorization = await signCall({ method, url, body: bytes }, key, claims)
    const type = bytes === undefined ? {} : { 'content-type': 'application/json' }
    const init = {
      method,
      headers: { authorization, ...type, ...headers },
      ...(bytes === undefined ? {} : { body: bytes }),
    }
    return async () => to.request(url, init)
  }
  const call = async (agency: string, of: Call) => (await prepare(agency, of))()

  /** An officer vouches for a fact, for a day from now unless said; gives the id. */
  const attest = async (
    agency: string,
    body: Partial<AttestationBody>,
    officer = 'officer-1',
  ): Promise<string> => {
    const from = clock.now.toISOString()
    const until = new Date(clock.now.getTime() + dayMs).toISOString()
    const decided = { ground: 'Judged for this test.', decidedBy: agency, from, until }
    const whole = { ...decided, ...body }
    return done(
      await call(agency, { method: 'POST', path: '/v1/attestations', body: whole, officer }),
    )
  }

  /** Signs an attestation as another office. */
  const sign = (agency: string, id: string, rest: Partial<Call> = {}) =>
    call(agency, { method: 'POST', path: `/v1/attestations/${id}/signatures`, ...rest })

  /** An office vouches for a country as a rule, and data protection signs it, so that it counts. */
  const attestGenerally = async (agency: string, body: Partial<AttestationBody>) => {
    const id = await attest(agency, body)
    await done(await sign(`${body.holder?.slice(0, 2)}-DPO`, id))
    return id
  }

  /** An officer of the holder looks at what would leave on a request. */
  const seeWouldLeave = (
    agency: string,
    id: string,
    body: unknown = {},
    rest: Partial<Call> = {},
  ) => call(agency, { method: 'POST', path: `/v1/access-requests/${id}/proposal`, body, ...rest })

  /**
   * An officer of the holder looks at what would leave and releases it, with what he finds beside it in
   * the same act. Gives the id of his decision; the requester may ask again with `previous`.
   */
  const releaseBy = async (agency: string, id: string, of: Release = {}): Promise<string> => {
    const { facts = [], record, takenOut, officer = 'officer-1' } = of
    const chosen = { ...(record && { record }), ...(takenOut && { takenOut }) }
    const found = facts.length === 0 ? undefined : [...facts]
    const look = { ...chosen, ...(found && { facts: found }) }
    const { holder, matter, shown } = await wouldLeaveIn(
      await seeWouldLeave(agency, id, look, { officer }),
    )
    const also = found && { also: found }
    const release = { shown, ...chosen }
    return attest(agency, { holder, ...decisionOn(matter), release, ...also }, officer)
  }

  return {
    app,
    world,
    store,
    clock,
    events,
    answers,
    keys,
    prepare,
    call,

    ask: (agency: string, officer: string, body: unknown, rest: Pick<Call, 'jti'> = {}) =>
      call(agency, { method: 'POST', path: '/v1/access-requests', body, officer, ...rest }),

    attest,
    attestGenerally,
    sign,
    seeWouldLeave,
    releaseBy,

    async putRecord(holder: string, { id, ...body }: HeldRecord): Promise<string> {
      return done(await call(holder, { method: 'PUT', path: `/v1/records/${id}`, body }))
    },

    /** The entry of a decision, and what is behind its commitments. */
    async entry(id: string): Promise<{ readonly stored: Durable; readonly opened: Opened }> {
      const stored = await world.ledger.read(id)
      const any = stored && (await openAny(stored, world))
      // A cast: most tests look at decisions; the others look at what their kind says.
      const opened = any && ({ ...any.values, evidence: any.evidence } as Opened)
      if (stored === undefined || opened === undefined) throw new Error(`no entry ${id}`)
      return { stored, opened }
    },

    /** An agency is other than it was: as if it had joined so, whatever was stated of it before. */
    async change(id: string, changes: Partial<Agency>): Promise<void> {
      const agency = registered.find((each) => each.id === id)
      if (agency === undefined) throw new Error(`no agency ${id}`)
      await removeChain(store, chainOf(id))
      await enter({ ...agency, ...changes })
      // An instance that has just started, since one that has seen the other chain refuses this one.
      register = freshRegister()
    },

    close: () => store.close(),
  }
}

/** Takes the rows of a chain away, as an administrator of the table can. */
export async function removeChain({ rows }: Store, chain: string): Promise<void> {
  const { register } = rows
  for (const { pk = { S: '' }, sk = { S: '' } } of await register.all(chain))
    await register.remove({ pk, sk })
}

const dayMs = 86_400_000

/** What an officer decides beside the release: facts of the matter, items taken out, the record picked. */
export type Release = {
  readonly facts?: NonNullable<AttestationBody['also']>
  readonly record?: string
  readonly takenOut?: string[]
  readonly officer?: string
}

/** The decision of an officer to release a matter, without what he was shown. */
export const decisionOn = (matter: string) =>
  ({ fact: 'release.decision', value: 'release', scope: { kind: 'matter', matter } }) as const

const wouldLeaveSchema = z.looseObject({
  id: z.string(),
  matter: z.string(),
  holder: z.string(),
  match: z.string(),
  outcome: z.string(),
  candidates: z.array(z.string()),
  items: z.array(z.looseObject({ id: z.string(), value: z.unknown() })),
  kept: z.array(z.looseObject({ id: z.string(), treatment: z.string(), value: z.unknown() })),
  against: z.array(
    z.looseObject({ id: z.string(), facts: z.array(z.looseObject({ fact: z.string() })) }),
  ),
  earlier: z.array(z.looseObject({ request: z.string(), asked: z.looseObject({}) })),
  reasons: z.array(z.looseObject({ code: z.string() })),
  todo: z.array(z.looseObject({ fact: z.string() })),
  shown: z.string(),
  receipt: z.string(),
})

/** What an officer is shown; throws with the problem if nothing is. */
export async function wouldLeaveIn(response: Response): Promise<z.infer<typeof wouldLeaveSchema>> {
  const text = await response.text()
  if (!response.ok) throw new Error(`answered ${response.status}: ${text}`)
  return wouldLeaveSchema.parse(JSON.parse(text))
}

/** An id for one call and its retries. */
export const freshJti = (): string => randomBytes(16).toString('base64url')

const bytesOf = (body: unknown): Uint8Array<ArrayBuffer> | undefined =>
  body === undefined
    ? undefined
    : new Uint8Array(body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body)))

/** The answer to an access request; throws with the problem if there is none. */
export async function answered(response: Response): Promise<AnswerBody> {
  const text = await response.text()
  if (!response.ok) throw new Error(`answered ${response.status}: ${text}`)
  return answerSchema.parse(JSON.parse(text))
}

/** The problem in an answer; throws if it is none. */
export async function problemOf(response: Response): Promise<{
  readonly status: number
  readonly code: ProblemCode
  readonly errors: readonly BodyFault[]
}> {
  const text = await response.text()
  if (response.headers.get('content-type') !== 'application/problem+json')
    throw new Error(`answered ${response.status}: ${text}`)
  const { status, code, errors = [] } = problemSchema.parse(JSON.parse(text))
  if (status !== response.status) throw new Error(`says ${status} but is ${response.status}`)
  return { status, code, errors }
}

/** The id that an act was given. */
export async function done(response: Response): Promise<string> {
  const text = await response.text()
  if (!response.ok) throw new Error(`answered ${response.status}: ${text}`)
  return String(JSON.parse(text).id)
}

async function worldOver(store: Store, now: () => Date, law: Law): Promise<World> {
  const config = readConfig({
    ...Object.fromEntries(
      Object.values(tables).map(({ variable, localName }) => [variable, localName]),
    ),
    COMITY_ORIGIN: origin,
    COMITY_GATEWAY: 'comity.test',
    COMITY_DYNAMODB_ENDPOINT: store.endpoint,
    COMITY_REGISTRARS: JSON.stringify(demonstrationRegistrars),
    COMITY_ENVIRONMENT: 'dev',
  })
  const { client } = store
  return makeWorld(config, {
    law,
    wrapper: inMemory(),
    build: 'test',
    stores: rareStores,
    now,
    client,
  })
}

const lawOf = ({ law = worldLaw, sealedSince = lawSince }: Options): Law =>
  fixedLaw(bookOf(law, sealedSince), law)

const books = new WeakMap<readonly SourceFile[], Map<string, Book>>()

/** The law as if every version had been sealed at one moment; read once, since most files ask for the same. */
function bookOf(law: readonly SourceFile[], moment: string): Book {
  const read = books.get(law) ?? new Map<string, Book>()
  books.set(law, read)
  const known = read.get(moment)
  if (known !== undefined) return known
  const { book, faults } = readBook(law, () => moment)
  if (faults.length > 0)
    throw new Error(`the law of tests has faults: ${JSON.stringify(faults[0])}`)
  read.set(moment, book)
  return book
}

function inMemory(): Wrapper {
  const key = randomBytes(32)
  return {
    wrap: async (bytes) => seal(key, bytes, 'test'),
    unwrap: async (bytes) => unseal(key, bytes, 'test'),
  }
}

const keysOf = async (ids: readonly string[]): Promise<ReadonlyMap<string, AgencyKeyFile>> =>
  new Map(await Promise.all(ids.map(async (id) => [id, await keyOf()] as const)))

async function keyOf(): Promise<AgencyKeyFile> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const { kty = '', crv = '', x = '', y = '', d = '' } = await exportJWK(privateKey)
  const privateJwk = { kty, crv, x, y, d }
  return { kid: await calculateJwkThumbprint({ kty, crv, x, y }), alg: 'ES256', privateJwk }
}
