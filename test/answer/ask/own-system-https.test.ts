/** A holder's own system that the gateway asks at its address, over HTTPS: an honest one, and a hostile one. */

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createPlain } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { httpsSystems } from '../../../functions/adapters/systems-https.ts'
import { type Question, questionSchema } from '../../../functions/decision/question.ts'
import { agencySchema } from '../../../functions/identity/register.ts'
import { signCall } from '../../../functions/identity/sign.ts'
import type { HolderSystem } from '../../../functions/question-ports.ts'
import { ca, cert, key } from '../../partners/tls.ts'
import { answered, freshJti, type Gateway, origin, startGateway } from '../../world.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../people.ts'

const host = 'records.holder.example'
/** What the system sends; `redirect` is a place, `silent` says nothing. */
type Manner = (question: Question, digest: string) => Promise<Sent>
type Sent =
  | { readonly body: string | Buffer; readonly signature?: string }
  | { readonly redirect: string }
  | { readonly silent: true }
  /** Exactly these bytes. */
  | { readonly raw: string | Buffer }

let gateway: Gateway
let server: Server
let system: HolderSystem
const manners = new Map<string, Manner>()
let calls = 0
/** Where the name leads: at the first look-up, and ever after. */
let leads = ['127.0.0.1']
let lookUps = 0

beforeAll(async () => {
  const asked = httpsSystems(async (name) => {
    expect(name).toBe(host)
    lookUps += 1
    return leads.map((address) => ({ address }))
  })
  gateway = await startGateway({
    change: (world) => ({
      ...world,
      systems: {
        ask: (of, question, ms) => asked.ask(of, question, isSlow(question) ? 500 : ms),
      },
    }),
  })
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  server = createServer({ cert, key }, async (request, response) => {
    calls += 1
    const { question: signed } = JSON.parse(await text(request))
    const question = questionSchema().parse(decodeJwt(signed))
    const name = 'recordId' in question.subject ? question.subject.recordId : ''
    const sent = (await manners.get(name)?.(question, digestOf(signed))) ?? { silent: true }
    if ('silent' in sent) return
    if ('raw' in sent) return void request.socket.end(sent.raw)
    if ('redirect' in sent) response.writeHead(307, { location: sent.redirect }).end()
    else {
      const { body, signature } = sent
      response.writeHead(200, signature === undefined ? {} : { 'comity-signature': signature })
      response.end(body)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  system = { address: `https://${host}:${port}`, ca, network: ['127.0.0.0/8'] }
  await gateway.change('DE-POL', { system } as Parameters<Gateway['change']>[1])
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await gateway.close()
})

/** Only the one that stays silent is waited for less long, so that a busy machine makes no other late. */
const isSlow = (question: string) =>
  JSON.stringify(decodeJwt(question).subject) === '{"recordId":"H-1"}'

const digestOf = (of: string) => createHash('sha256').update(of).digest('base64url')

/** Signs an answer as the call that it stands for. */
async function signedAs(
  agency: string,
  { id }: Pick<Question, 'id'>,
  body: string | Buffer,
): Promise<Sent> {
  const pair = gateway.keys.get(agency)
  if (pair === undefined) throw new Error(`no key of ${agency}`)
  const iat = Math.floor(gateway.clock.now.getTime() / 1000)
  const claims = { agency, officer: 'system-1', audience: origin, iat, jti: freshJti() }
  const call = {
    method: 'POST',
    url: `${origin}/v1/questions/${id}`,
    body: Buffer.from(body as string),
  }
  return { body, signature: (await signCall(call, pair, claims)).slice('Bearer '.length) }
}

const found = (id: string, question: string, items = [itemOf('name')]) =>
  JSON.stringify({ question, found: 'one', record: personOf(id, items) })

const honest: Manner = (question, digest) => {
  const { subject } = question
  return signedAs('DE-POL', question, found('recordId' in subject ? subject.recordId : '', digest))
}

async function ask(id: string, manner: Manner = honest) {
  manners.set(id, manner)
  const body = requestOfMember({ subject: { recordId: id }, caseReference: `FR-${id}` })
  const jti = freshJti()
  const send = () => gateway.ask('FR-SPOC', 'officer-7', body, { jti })
  const answer = await answered(await send())
  const { exchange } = (await gateway.entry(answer.id)).opened.subject
  return { answer, exchange, send }
}

describe('A holder’s own system at an address', () => {
  test('is asked once, and what it signed is in the entry', async () => {
    const { answer, exchange, send } = await ask('A-1')
    expect(answer).toMatchObject({
      outcome: 'release',
      records: [{ items: [{ value: 'Anton Beispiel' }] }],
    })
    expect(decodeJwt(exchange?.answer ?? '')).toMatchObject({ iss: 'DE-POL', sub: 'system-1' })
    const before = calls
    expect((await answered(await send())).records).toEqual(answer.records)
    expect(calls).toBe(before)
  })

  // Kills: a second look-up by whoever connects, which a name that moves in between leads elsewhere.
  test('is reached at the address that was checked, although its name leads to another by then', async () => {
    const elsewhere: unknown[] = []
    const { port } = server.address() as AddressInfo
    const other = createPlain((request) => void elsewhere.push(request.url)).listen(
      port,
      '127.0.0.2',
    )
    await once(other, 'listening')
    lookUps = 0
    manners.set('A-2', async (question, digest) => {
      leads = ['127.0.0.2']
      return honest(question, digest)
    })
    const { answer } = await ask('A-2')
    leads = ['127.0.0.1']
    other.close()
    expect(answer.outcome).toBe('release')
    expect(lookUps).toBe(1)
    expect(elsewhere).toEqual([])
  })
})

describe('A hostile system', () => {
  const other =
    (change: (id: string, digest: string) => string): Manner =>
    (question, digest) =>
      signedAs(
        'DE-POL',
        question,
        change('recordId' in question.subject ? question.subject.recordId : '', digest),
      )
  const elsewhere: unknown[] = []
  const trap = createPlain((request) => void elsewhere.push(request.url)).listen(0, '127.0.0.1')
  afterAll(() => void trap.close())

  const hostile: readonly (readonly [how: string, refused: string, manner: Manner])[] = [
    ['is slow', 'late', async () => ({ silent: true })],
    ['sends too much', 'too-large', other((_, digest) => digest + 'x'.repeat(262_144))],
    ['sends no JSON', 'malformed', other(() => '{"found":')],
    [
      'sends another form',
      'malformed',
      other((_, question) => JSON.stringify({ question, found: 1 })),
    ],
    ['speaks of somebody else', '/record', other((_, digest) => found('X-99', digest))],
    ['answers another question', '/question', other((id) => found(id, 'r'.repeat(43)))],
    [
      'sends a class that was not asked for',
      '/record/items/0/class',
      other((id, digest) => found(id, digest, [itemOf('account')])),
    ],
    [
      'sends what it signed before',
      'address-wrong',
      (question, digest) => signedAs('DE-POL', { id: `${question.id}x` }, found('H-8', digest)),
    ],
    [
      'sends what another agency signed',
      'agency-unknown',
      (question, digest) => signedAs('GB-POL', question, found('H-9', digest)),
    ],
    [
      'changes what it signed',
      'digest-wrong',
      async (question, digest) => ({
        ...(await signedAs('DE-POL', question, '{}')),
        body: found('H-10', digest),
      }),
    ],
    ['does not sign', 'not-signed', async (_, digest) => ({ body: found('H-11', digest) })],
    [
      'redirects',
      'redirected',
      async () => ({ redirect: `http://127.0.0.1:${(trap.address() as AddressInfo).port}/` }),
    ],
    [
      'signs bytes that are no text',
      'not-utf-8',
      (question, digest) => {
        const text = found('H-13', digest, [itemOf('name', { value: 'Anton \u00ff' })])
        return signedAs('DE-POL', question, Buffer.from(text, 'latin1'))
      },
    ],
    [
      'changes protocols',
      'status-101',
      async () => ({
        raw: 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
      }),
    ],
  ]

  // Kills, each for its row: what it names, unchecked.
  test('is refused with its reason, and nothing is released', async () => {
    const all = await Promise.all(hostile.map(([, , manner], i) => ask(`H-${i + 1}`, manner)))
    for (const [i, [how, refused]] of hostile.entries()) {
      expect(all[i]?.exchange, how).toMatchObject({ refused })
      expect(all[i]?.answer, how).toMatchObject({ outcome: 'deny', standing: 'open', records: [] })
      expect(
        all[i]?.answer.reasons.map(({ code }) => code),
        how,
      ).toEqual(['holder-away'])
    }
    expect(elsewhere).toEqual([])
  })

  const at = (changes: Partial<HolderSystem>, addresses: readonly string[] = ['127.0.0.1']) =>
    httpsSystems(async () => addresses.map((address) => ({ address }))).ask(
      { ...system, ...changes },
      'question',
      800,
    )

  // Kills: a list that lacks a range; a check of the first address alone.
  test.each([
    ...[
      '127.0.0.1',
      '10.1.2.3',
      '169.254.169.254',
      '192.168.1.1',
      '172.31.0.1',
      '100.64.0.1',
      '0.0.0.0',
    ],
    ...[
      '::1',
      '::',
      'fe80::1',
      'fc00::1',
      '::ffff:127.0.0.1',
      '::ffff:a9fe:a9fe',
      '64:ff9b::7f00:1',
    ],
  ])('is not reached at %s, unless the register names that network', async (address) => {
    const before = calls
    expect(await at({ network: undefined }, [address])).toEqual({ refused: 'address' })
    expect(await at({ network: undefined }, ['9.9.9.9', address])).toEqual({ refused: 'address' })
    expect(calls).toBe(before)
  })

  // Kills: a network of everybody that names this machine too.
  test.each([
    ['127.0.0.1', '0.0.0.0/0'],
    ['127.0.0.1', '126.0.0.0/7'],
    ['169.254.169.254', '168.0.0.0/6'],
    ['::1', '::/0'],
    ['::ffff:127.0.0.1', '::ffff:0:0/96'],
  ])('is not reached at %s by a network as wide as %s', async (address, network) => {
    expect(await at({ network: [network] }, [address])).toEqual({ refused: 'address' })
  })

  // Kills: an address of which a part is dropped without a word, such as a path that is never asked.
  test.each([
    'https://a.example/',
    'https://a.example/v2',
    'https://u:p@a.example',
    'http://a.example',
  ])('cannot be registered at %s', (address) => {
    const { system: registered } = agencySchema.shape
    expect(registered.safeParse({ address }).success).toBe(false)
    expect(registered.safeParse({ address: 'https://a.example:8443' }).success).toBe(true)
  })

  test('outside the networks that the register names is not reached, public or not', async () => {
    expect(await at({ network: ['9.9.9.0/24'] })).toEqual({ refused: 'address' })
    expect(await at({}, ['9.9.9.9'])).toEqual({ refused: 'address' })
    expect(await at({}, [])).toEqual({ refused: 'no-such-name' })
  })

  test('whose certificate is of another name, or of a CA that the register does not name, is not asked', async () => {
    const { port } = server.address() as AddressInfo
    const before = calls
    const named = await at({ address: `https://other.holder.example:${port}` })
    expect(named).toEqual({ refused: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    const unknown = await at({ ca: undefined })
    expect(unknown).toEqual({ refused: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
    expect(calls).toBe(before)
  })
})
