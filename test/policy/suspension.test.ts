/** What a list of signed suspensions comes to, moment by moment. */

import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { readBook } from '../../functions/policy/book.ts'
import { inForce } from '../../functions/policy/history.ts'
import type { Suspension } from '../../functions/policy/policy.ts'
import { signStatement } from '../../functions/policy/signed.ts'
import { checkSuspensions, covers, suspending } from '../../functions/policy/suspension.ts'
import { fileOf, permit } from '../decision/write.ts'

const keyOf = (role: 'legal' | 'data-protection', folders = ['*']) => {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const jwk = { kty: 'OKP', crv: 'Ed25519', x } as const
  const sealer = { kid: `${role}-${folders}`, name: 'Somebody', role, folders, jwk }
  return { sealer, key: { kid: sealer.kid, jwk: { ...jwk, d } } }
}
type Pair = ReturnType<typeof keyOf>
const legal = keyOf('legal')
const dataProtection = keyOf('data-protection')
const elsewhere = keyOf('legal', ['gb'])
const sealers = [legal, dataProtection, elsewhere].map(({ sealer }) => sealer)

const path = 'de/own/2020-01-01.json'
const sha256 = 'a'.repeat(64)

/** A statement of the first key, and of the second at its moment. */
function statement(
  act: Suspension['act'],
  from: string,
  second?: string,
  [one, two]: readonly [Pair, Pair] = [legal, dataProtection],
): Suspension {
  const content = { act, path, sha256, from, why: 'A court has stayed it.' }
  const kind = 'comity-suspension+jws'
  const signatures = [
    signStatement(kind, suspending(content), one.key),
    ...(second === undefined ? [] : [signStatement(kind, suspending(content), two.key, second)]),
  ]
  return { ...content, signatures }
}

const first = '2026-12-01T10:00:00Z'

/** Whether the version is suspended at each of these moments. */
function suspendedAt(statements: readonly Suspension[], ...moments: readonly string[]) {
  const { suspensionsOf, faults } = checkSuspensions(statements, sealers)
  expect(faults).toEqual([])
  return moments.map((at) => suspensionsOf(path, sha256).some((span) => covers(span, at)))
}

const faultsOf = (statements: unknown) =>
  checkSuspensions(statements, sealers).faults.map(({ place, message }) => `${place} ${message}`)

describe('A suspension', () => {
  // Kills: one signature that suspends without end (suspension.ts, `added`).
  test('by one person starts at once and lapses after seven days', () => {
    const moments = ['2026-12-01T09:59:59Z', first, '2026-12-08T09:59:59Z', '2026-12-08T10:00:00Z']
    expect(suspendedAt([statement('suspend', first)], ...moments)).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  test('that a second person confirms lasts until it is lifted by two', () => {
    const confirmed = statement('suspend', first, '2026-12-08T09:59:59Z')
    expect(suspendedAt([confirmed], '2027-12-01T00:00:00Z')).toEqual([true])
    const lift = statement('lift', '2027-01-01T00:00:00Z', '2027-01-02T00:00:00Z')
    const moments = ['2027-01-01T12:00:00Z', '2027-01-02T00:00:00Z']
    expect(suspendedAt([confirmed, lift], ...moments)).toEqual([true, false])
  })

  // Kills: a lift that counts with one signature (suspension.ts, `added`).
  test('is not lifted by one person', () => {
    const confirmed = statement('suspend', first, first)
    const lift = statement('lift', '2027-01-01T00:00:00Z')
    expect(suspendedAt([confirmed, lift], '2027-02-01T00:00:00Z')).toEqual([true])
  })

  test('may follow one that lapsed', () => {
    const again = '2026-12-20T00:00:00Z'
    const both = [statement('suspend', first), statement('suspend', again)]
    expect(suspendedAt(both, '2026-12-15T00:00:00Z', again)).toEqual([false, true])
  })

  test('is of one version in its bytes', () => {
    const { suspensionsOf } = checkSuspensions([statement('suspend', first)], sealers)
    expect(suspensionsOf(path, 'b'.repeat(64))).toEqual([])
    expect(suspensionsOf('de/own/2024-01-01.json', sha256)).toEqual([])
  })
})

describe('A statement does not count', () => {
  const why = (all: readonly Suspension[]) => faultsOf(all).map((each) => each.split(': ')[1])

  test('with a signature of nobody who is trusted for that folder', () => {
    const untrusted = 'a signature is not of a sealer trusted here for it'
    const foreign = statement('suspend', first, undefined, [elsewhere, dataProtection])
    expect(why([foreign])).toEqual([untrusted])
    expect(why([statement('suspend', first, undefined, [keyOf('legal'), legal])])).toEqual([
      untrusted,
    ])
  })

  // Kills: a payload that is not compared with what is stated (signed.ts, `signatureOf`).
  test('once a word of it was changed', () => {
    const signed = statement('suspend', first)
    const changes: readonly Partial<Suspension>[] = [
      { act: 'lift' },
      { from: '2026-12-02T10:00:00Z' },
      { why: 'Something else.' },
      { sha256: 'b'.repeat(64) },
      { path: 'de/own/2024-01-01.json' },
    ]
    for (const change of changes)
      expect(why([{ ...signed, ...change }])).toEqual([
        'a signature is not of a sealer trusted here for it',
      ])
  })

  test('with a signature that was given to a seal', () => {
    const { signatures: _, ...content } = statement('suspend', first)
    const forged = signStatement('comity-seal+jws', suspending(content), legal.key)
    expect(why([{ ...content, signatures: [forged] }])).toHaveLength(1)
  })

  test('with two signatures of one role', () => {
    expect(why([statement('suspend', first, first, [legal, legal])])).toEqual([
      'it needs a legal and a data-protection sealer, with two different keys',
    ])
  })

  test('if it was confirmed after it had lapsed, or before it was made', () => {
    expect(why([statement('suspend', first, '2026-12-08T10:00:00Z')])).toEqual([
      'it was confirmed after it had lapsed',
    ])
    expect(why([statement('suspend', first, '2026-11-30T00:00:00Z')])).toEqual([
      'a signature is older than what it signs',
    ])
  })

  test('if it is older than the one before it', () => {
    const all = [statement('suspend', '2026-12-20T00:00:00Z'), statement('suspend', first)]
    expect(why(all)).toEqual(['it is older than the one before it'])
  })

  test('on what is suspended already, or to lift what is not', () => {
    expect(why([statement('suspend', first), statement('suspend', first)])).toEqual([
      'it is suspended already',
    ])
    expect(why([statement('lift', first, first)])).toEqual(['it is not suspended'])
  })

  test('in a file that is missing or no list', () => {
    for (const odd of [undefined, {}, [{}]])
      expect(faultsOf(odd)).toEqual([
        ' it is missing or no list of suspensions; `[]` says that there is none',
      ])
  })
})

describe('What is in force', () => {
  const file = fileOf({ id: 'de/own', kind: 'ground', rules: [permit('a', true)] })
  const span = { from: first, until: '2026-12-08T10:00:00Z' }
  const { book } = readBook(
    [file],
    () => '2026-01-01T00:00:00Z',
    () => [span],
  )
  const suspended = (asOf: string, asKnown: string) =>
    [...inForce(book, asOf, asKnown).suspended].map(({ id }) => id)

  // Kills: what was in force remembered beyond the start of a suspension (history.ts, `momentsOf`).
  test('is marked while it is known to be suspended, within one quarter of an hour too', () => {
    expect(suspended('2026-12-01T09:59:00Z', '2026-12-01T10:00:00Z')).toEqual(['de/own'])
    expect(suspended('2026-12-01T09:59:00Z', '2026-12-01T09:59:00Z')).toEqual([])
    expect(suspended('2026-12-08T10:00:00Z', '2026-12-08T09:59:59Z')).toEqual(['de/own'])
    expect(suspended('2026-12-08T10:00:00Z', '2026-12-08T10:00:00Z')).toEqual([])
  })

  test('stays in force: no older version comes back in its place', () => {
    const { policies } = inForce(book, '2026-12-02', '2026-12-02T00:00:00Z')
    expect(policies.map(({ version }) => version)).toEqual(['2020-01-01'])
  })
})
