/**
 * Tokens of time-stamping authorities (RFC 3161): what both verifiers take for one, and whose it is. Some are
 * OpenSSL’s, the others those of an authority that errs in one thing at a time.
 */

import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  isBy,
  readStamp,
  stampOf,
  stampRequest,
  tokenIn,
} from '../../functions/ledger/time-stamp.ts'
import { readCertificate } from '../../functions/policy/certificate.ts'
import { runs } from '../decision/runs.ts'
import { startSecond } from '../proof/second.ts'
import {
  answerOf,
  ca,
  der,
  type Errs,
  extension,
  type Made,
  makeAuthority,
  oid,
  sequence,
  stamping,
  usage,
  uses,
} from './authority.ts'

const second = startSecond<{ stamp: 'named' | 'unnamed' | null; ms?: number }>('stamps.py')
afterAll(second.stop)

const note = Buffer.from('comity.test/de/2026\n3\nroot\n\n— comity.test/de/2026 AAAA\n')
const at = '2026-11-25T09:00:00Z'
const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

/** What both verifiers say of a token: `named`, `unnamed`, or what is wrong with it. */
async function judge(
  token: Uint8Array,
  certificate: Uint8Array,
  policy?: string,
  bytes: Uint8Array = note,
): Promise<{ says: string; ms?: number }> {
  const mine = stampOf(token, bytes)
  const read = readCertificate(certificate)
  const by =
    'stamp' in mine && read !== undefined && isBy({ certificate: read, policy }, mine.stamp)
  const theirs = await second.ask({
    token: b64(token),
    bytes: b64(bytes),
    certificate: b64(certificate),
    policy,
  })
  const says = 'wrong' in mine ? mine.wrong : by ? 'named' : 'unnamed'
  expect(theirs.stamp, says).toBe('wrong' in mine ? null : says)
  expect(theirs.ms).toBe('stamp' in mine ? mine.stamp.ms : undefined)
  return { says, ...('stamp' in mine && { ms: mine.stamp.ms }) }
}

describe('A token of OpenSSL', () => {
  const golden = JSON.parse(
    readFileSync(join(import.meta.dirname, 'golden/openssl-stamps.json'), 'utf8'),
  ) as {
    note: string
    stamps: {
      name: string
      at: string
      answer: string
      root: string
      ca: string
      authority: string
    }[]
  }
  test.each(golden.stamps)(
    'by $name leads to its root, its CA and its own certificate',
    async (of) => {
      const answer = tokenIn(Buffer.from(of.answer, 'base64'))
      if ('wrong' in answer) throw new Error(answer.wrong)
      const bytes = Buffer.from(golden.note)
      for (const certificate of [of.root, of.ca, of.authority]) {
        const { says, ms } = await judge(
          answer.token,
          Buffer.from(certificate, 'base64'),
          undefined,
          bytes,
        )
        // It may be wrong by 1.5001 s, of which a part of a millisecond counts as one.
        const accuracy = of.name === 'rsa3072-accuracy' ? 1501 : 0
        expect([says, ms]).toEqual(['named', Date.parse(of.at) + accuracy])
      }
      const [other] = golden.stamps.filter(({ name }) => name !== of.name)
      const root = Buffer.from(other?.root ?? '', 'base64')
      expect((await judge(answer.token, root, undefined, bytes)).says).toBe('unnamed')
      expect((await judge(answer.token, root, undefined, note)).says).toMatch(/stamped other bytes/)
    },
  )
})

describe('An authority of a test', () => {
  const found = spawnSync('openssl', ['version']).status === 0
  if (!found) console.warn('SKIPPED: there is no openssl to check the authority of these tests by')
  test.skipIf(!found)('makes tokens that OpenSSL takes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'comity-stamp-'))
    const authority = makeAuthority({ between: {} })
    const file = (name: string, bytes: Uint8Array | string) => {
      writeFileSync(join(folder, name), bytes)
      return join(folder, name)
    }
    const pem = (bytes: Uint8Array) =>
      `-----BEGIN CERTIFICATE-----\n${b64(bytes)
        .match(/.{1,64}/g)
        ?.join('\n')}\n-----END CERTIFICATE-----\n`
    const { status, stderr } = spawnSync(
      'openssl',
      [
        ...['ts', '-verify', '-token_in', '-in', file('token', authority.stamp(note, at))],
        ...['-data', file('note', note), '-CAfile', file('root.pem', pem(authority.root))],
      ],
      { encoding: 'utf8' },
    )
    rmSync(folder, { recursive: true })
    expect(status, stderr).toBe(0)
  })
})

describe('A token', () => {
  // Kills: an algorithm that one of both verifiers lacks.
  test.each([
    ['P-256', 'sha256', {}],
    ['P-384', 'sha384', {}],
    ['P-521', 'sha512', {}],
    ['RSA', 'sha256', {}],
    ['RSA', 'sha512', { isPlain: true }],
    ['P-256', 'sha256', { names: 'v1' }],
    ['P-256', 'sha256', { names: 'both' }],
  ] as const)('counts that is signed by %s with %s %o', async (kind, digest, errs: Errs) => {
    const authority = makeAuthority({ kind, rootKind: kind })
    const token = authority.stamp(note, at, { digest, ...errs })
    expect(await judge(token, authority.root)).toEqual({ says: 'named', ms: Date.parse(at) })
  })

  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const wrong: readonly (readonly [what: string, why: RegExp, errs: Errs, made: Made])[] = [
    ['of other bytes', /stamped other bytes/, { imprint: Buffer.alloc(32) }, {}],
    ['of another digest than SHA-256', /no time stamp/, { imprint: Buffer.alloc(20) }, {}],
    ['of another version', /no time stamp/, { version: 2 }, {}],
    ['of two signers', /no time stamp/, { signers: 2 }, {}],
    ['of nobody', /no time stamp/, { signers: 0 }, {}],
    [
      'that says something twice',
      /no time stamp/,
      { further: [sequence(oid('1.2.840.113549.1.9.3'), der(0x31, oid('1.2.3')))] },
      {},
    ],
    ['that names two certificates', /names is not in it/, { names: 'another by v1' }, {}],
    ['with too many certificates', /no time stamp/, {}, { between: {}, cas: 8 }],
    ['signed by another key', /signature of its authority does not hold/, { by: other }, {}],
    [
      'that says it is something else',
      /something else/,
      { contentType: '1.2.840.113549.1.7.1' },
      {},
    ],
    [
      'whose content is not what was signed',
      /something else/,
      { messageDigest: Buffer.alloc(32) },
      {},
    ],
    ['that names no certificate', /names is not in it/, { names: 'none' }, {}],
    ['that names a certificate of another', /names is not in it/, { names: 'another' }, {}],
    ['without its certificate', /names is not in it/, { certificates: [] }, {}],
    ['signed with SHA-1', /something else/, { digest: 'sha1' }, {}],
    ['of a short RSA key', /does not hold/, {}, { kind: 'RSA-1024' }],
    ['of another curve', /does not hold/, {}, { kind: 'secp256k1' }],
    ['whose certificate is for nothing', /not for time stamps/, {}, { own: { extensions: [] } }],
    [
      'whose certificate is for more than time stamps',
      /not for time stamps alone/,
      {},
      { own: { extensions: [uses([stamping, '1.3.6.1.5.5.7.3.3'])] } },
    ],
    [
      'whose certificate is for servers',
      /not for time stamps alone/,
      {},
      { own: { extensions: [uses(['1.3.6.1.5.5.7.3.1'])] } },
    ],
    [
      'whose certificate does not insist on that',
      /not for time stamps alone/,
      {},
      { own: { extensions: [uses([stamping], false)] } },
    ],
    [
      'whose key is for issuing certificates',
      /not for time stamps alone/,
      {},
      { own: { extensions: [uses([stamping]), usage(0x04)] } },
    ],
  ]
  // Kills: each check of a token dropped, one at a time.
  test.each(wrong)('is none %s', async (_, why, errs, made) => {
    const authority = makeAuthority(made)
    // Its own certificate is trusted, too: what is wrong is wrong whoever made it.
    for (const certificate of [authority.root, authority.own])
      expect((await judge(authority.stamp(note, at, errs), certificate)).says).toMatch(why)
  })

  const unnamed: readonly (readonly [what: string, made: Made, policy: string | undefined])[] = [
    ['made before its certificate was good', { own: { from: '2026-11-25T09:00:01Z' } }, undefined],
    ['made after its certificate was good', { own: { until: '2026-11-25T08:59:59Z' } }, undefined],
    ['made after that of its CA was good', { root: { until: '2026-11-25T08:59:59Z' } }, undefined],
    ['under other rules than are expected', { policy: '1.2.3.4.2' }, '1.2.3.4.1'],
    ['certified by what is no CA', { root: { extensions: [usage(0x04)] } }, undefined],
    [
      'certified by a CA that may not issue',
      { root: { extensions: [ca(), usage(0x80)] } },
      undefined,
    ],
    [
      'certified by a CA for servers',
      { root: { extensions: [ca(), uses(['1.3.6.1.5.5.7.3.1'])] } },
      undefined,
    ],
    ['below one CA too many', { between: {}, root: { extensions: [ca(0)] } }, undefined],
    ['below too many CAs', { between: {}, cas: 4 }, undefined],
    ['below what is no CA', { between: { extensions: [] } }, undefined],
    [
      'whose certificate has what nobody here understands',
      { own: { extensions: [uses([stamping]), extension('1.2.3.4', der(0x05))] } },
      undefined,
    ],
    [
      'certified with SHA-1',
      { own: { extensions: [uses([stamping])], digest: 'sha1' } },
      undefined,
    ],
  ]
  // Kills: each check of a chain dropped, one at a time.
  test.each(unnamed)('is of nobody whom one names, %s', async (_, made, policy) => {
    const authority = makeAuthority(made)
    const { says } = await judge(authority.stamp(note, at), authority.root, policy)
    expect(says).toBe('unnamed')
  })

  test('is of the one whose own certificate is trusted, though nobody knows its CA', async () => {
    const [authority, stranger] = [makeAuthority({ between: {} }), makeAuthority()]
    const token = authority.stamp(note, at)
    for (const known of [authority.root, authority.ca, authority.own])
      expect((await judge(token, known)).says).toBe('named')
    for (const unknown of [stranger.root, stranger.own])
      expect((await judge(token, unknown)).says).toBe('unnamed')
    expect((await judge(authority.stamp(note, at), authority.root, '1.2.3.4.1')).says).toBe('named')
  })

  // Kills: a CA of the same name that signed nothing; a certificate that the token brings with it and is trusted.
  test('is of nobody where its CA only has the name of one that is trusted', async () => {
    const [authority, namesake] = [makeAuthority(), makeAuthority()]
    const brought = authority.stamp(note, at, { certificates: [authority.own, authority.root] })
    expect((await judge(brought, namesake.root)).says).toBe('unnamed')
    expect((await judge(brought, authority.root)).says).toBe('named')
    expect((await judge(authority.stamp(note, at), authority.alias)).says).toBe('unnamed')
  })

  test('leads to its root over three CAs, and is read up to the year 3000', async () => {
    const authority = makeAuthority({ between: { until: '4000-01-01T00:00:00Z' }, cas: 3 })
    expect((await judge(authority.stamp(note, at), authority.root)).says).toBe('named')
    const says = async (when: string) =>
      (await judge(authority.stamp(note, when), authority.root)).says
    expect(await says('2999-12-31T23:59:59Z')).toBe('unnamed')
    expect(await says('3000-01-01T00:00:00Z')).toMatch(/no time stamp/)
  })

  test('says the latest time that it may mean', async () => {
    const authority = makeAuthority()
    const number = (tag: number, value: number) => der(tag, Uint8Array.of(value))
    const ms = async (when: string, errs: Errs = {}) =>
      ((await judge(authority.stamp(note, when, errs), authority.root)).ms ?? 0) - Date.parse(at)
    expect(await ms('2026-11-25T09:00:00.25Z')).toBe(250)
    expect(await ms('2026-11-25T09:00:00.2500001Z')).toBe(251)
    expect(await ms(at, { accuracy: [number(0x02, 2)] })).toBe(2000)
    expect(await ms(at, { accuracy: [number(0x80, 3), number(0x81, 1)] })).toBe(4)
  })

  // Kills: bytes of a token that one verifier reads and the other does not.
  test('with a byte changed is read by both verifiers alike', async () => {
    const authority = makeAuthority({ between: {} })
    const token = authority.stamp(note, at)
    let unread = 0
    const every = Math.max(1, Math.floor(token.length / runs(250)))
    for (let i = 0; i < token.length; i += every) {
      const changed = Uint8Array.from(token)
      changed[i] = (changed[i] ?? 0) ^ (1 << (i % 8))
      const { says } = await judge(changed, authority.root)
      if (!['named', 'unnamed'].includes(says)) unread += 1
    }
    expect(unread).toBeGreaterThan(token.length / every / 3)
    for (const length of [0, 1, 2, 100, token.length - 1])
      expect((await judge(token.subarray(0, length), authority.root)).says).toMatch(/no time stamp/)
    const longer = Buffer.concat([token, Uint8Array.of(0)])
    expect((await judge(longer, authority.root)).says).toMatch(/no time stamp/)
    expect((await judge(Buffer.alloc(40_000), authority.root)).says).toMatch(
      /longer than one can be/,
    )
  })
})

describe('A request', () => {
  test('is for a digest, with a number of its own and the certificate', () => {
    const request = Buffer.from(
      stampRequest(Buffer.alloc(32, 7), Uint8Array.of(0, 0xf0, 0xa1), '1.2.3.4.1'),
    )
    // TimeStampReq of RFC 3161 §2.4.1, byte by byte.
    expect(request.toString('hex')).toBe(
      `30440201013031300d060960864801650304020105000420${'07'.repeat(32)}06042a030401020300f0a10101ff`,
    )
  })

  test.each([
    ['no answer', Buffer.from('<html>'), 'its answer is no time stamp'],
    ['a refusal', answerOf(undefined, 2), 'it refused, with status 2'],
    ['a yes without a token', answerOf(undefined), 'its answer has no token'],
  ])('is not granted by %s', (_, answer, wrong) => {
    expect(tokenIn(answer)).toEqual({ wrong })
  })

  test('is granted by a token, with changes or without', () => {
    const token = makeAuthority().stamp(note, at)
    for (const status of [0, 1]) {
      const read = tokenIn(answerOf(token, status))
      expect('token' in read && b64(read.token)).toBe(b64(token))
    }
    expect(readStamp(token)).toHaveProperty('stamp')
  })
})
