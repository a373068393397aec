/** Suspensions in the chain of the law: who may start, confirm and end them, and what nobody can undo by taking away. */

import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inForce } from '../../functions/policy/history.ts'
import {
  emptyLaw,
  followLaw,
  type LawBody,
  type LawKeys,
  type LawStatement,
  versionKey,
} from '../../functions/policy/law-chain.ts'
import { readBook } from '../../functions/policy/read-book.ts'
import type { Sealer } from '../../functions/policy/sealers.ts'
import type { SealingKey } from '../../functions/policy/signed.ts'
import { covers, spanAt, spanOf } from '../../functions/policy/suspension.ts'
import { fileOf, permit } from '../decision/write.ts'
import { releaseKeys, statedLaw } from './sealing.ts'

type Role = Sealer['role']
let made = 0
function keyOf(role: Role, folders = ['*']): { sealer: Sealer; key: SealingKey } {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const jwk = { kty: 'OKP', crv: 'Ed25519', x } as const
  made += 1
  const kid = `${role}-${made}`
  return { sealer: { kid, name: kid, role, folders, jwk }, key: { kid, jwk: { ...jwk, d } } }
}
const legal = keyOf('legal')
const dataProtection = keyOf('data-protection')
const elsewhere = keyOf('legal', ['gb'])
const keys: LawKeys = {
  sealers: [legal, dataProtection, elsewhere].map(({ sealer }) => sealer),
  releaseKeys: releaseKeys.map(({ kid, jwk: { kty, crv, x } }) => ({
    ...{ kid, name: kid },
    jwk: { kty, crv, x },
  })),
}

const path = 'de/own/2020-01-01.json'
const sha256 = 'a'.repeat(64)
const why = 'A court has stayed it.'
type Said = readonly [LawBody, keys: readonly SealingKey[], at?: string]
const suspend = (at: string, ...by: readonly SealingKey[]): Said => [
  { act: 'suspend', path, sha256, why },
  by,
  at,
]
const lift = (at: string, ...by: readonly SealingKey[]): Said => [
  { act: 'lift', path, sha256, why },
  by,
  at,
]
const confirm = (of: 'suspend' | 'lift', at: string, ...by: readonly SealingKey[]): Said => [
  { act: 'confirm', of, path, sha256 },
  by,
  at,
]
const [l, d] = [legal.key, dataProtection.key]
const first = '2026-12-01T10:00:00Z'

/** Whether the version is suspended at each of these moments. */
function suspendedAt(said: readonly Said[], ...moments: readonly string[]) {
  const { state, broken } = followLaw(statedLaw(...said), keys)
  expect(broken).toBeUndefined()
  const own = state.suspensions.get(versionKey(path, sha256)) ?? []
  return moments.map((at) => own.some((each) => covers(spanOf(each), at)))
}

describe('A suspension', () => {
  // Kills: one signature that suspends without end (suspension.ts, `suspended`).
  test('by one person starts at once and lapses after seven days', () => {
    const moments = ['2026-12-01T09:59:59Z', first, '2026-12-08T09:59:59Z', '2026-12-08T10:00:00Z']
    expect(suspendedAt([suspend(first, l)], ...moments)).toEqual([false, true, true, false])
  })

  test('that a second person confirms lasts until it is lifted by two', () => {
    const confirmed = [suspend(first, l), confirm('suspend', '2026-12-08T09:59:59Z', d)]
    expect(suspendedAt(confirmed, '2027-12-01T00:00:00Z')).toEqual([true])
    const ended = [lift('2027-01-01T00:00:00Z', l), confirm('lift', '2027-01-02T00:00:00Z', d)]
    const moments = ['2027-01-01T12:00:00Z', '2027-01-02T00:00:00Z']
    expect(suspendedAt([...confirmed, ...ended], ...moments)).toEqual([true, false])
    const both = [suspend(first, l, d), lift('2027-01-01T00:00:00Z', d, l)]
    expect(suspendedAt(both, '2026-12-31T00:00:00Z', '2027-01-01T00:00:00Z')).toEqual([true, false])
  })

  // Kills: a lift that counts with one signature (suspension.ts, `lifted`).
  test('is not lifted by one person', () => {
    const said = [suspend(first, l, d), lift('2027-01-01T00:00:00Z', l)]
    expect(suspendedAt(said, '2027-02-01T00:00:00Z')).toEqual([true])
  })

  test('may follow one that lapsed', () => {
    const again = '2026-12-20T00:00:00Z'
    const both = [suspend(first, l), suspend(again, l)]
    expect(suspendedAt(both, '2026-12-15T00:00:00Z', again)).toEqual([false, true])
  })

  test('is of one version in its bytes', () => {
    const { state } = followLaw(statedLaw(suspend(first, l)), keys)
    expect([...state.suspensions.keys()]).toEqual([versionKey(path, sha256)])
  })
})

describe('A statement does not count', () => {
  const whyNot = (...said: readonly Said[]) => followLaw(statedLaw(...said), keys).broken
  const untrusted = 'a signature is not of a sealer trusted here for it'
  const roles = 'it needs two people, a legal and a data-protection sealer, with two different keys'

  test('with a signature of nobody who is trusted for that folder', () => {
    for (const by of [[elsewhere.key], [elsewhere.key, d], [keyOf('legal').key, l], releaseKeys])
      expect(whyNot(suspend(first, ...by))).toEqual({ at: 1, why: untrusted })
  })

  // Kills: a payload that is not compared with what is stated (signed.ts, `signerOf`).
  test('once a word of it was changed', () => {
    const [statement] = statedLaw(suspend(first, l)) as [LawStatement]
    for (const change of [
      { statedAt: '2026-12-02T10:00:00Z' },
      { body: { ...statement.body, act: 'lift' } },
      { body: { ...statement.body, why: 'Something else is said.' } },
      { body: { ...statement.body, sha256: 'b'.repeat(64) } },
      { body: { ...statement.body, path: 'de/own/2024-01-01.json' } },
    ])
      expect(followLaw([{ ...statement, ...change }], keys).broken).toEqual({
        at: 1,
        why: untrusted,
      })
  })

  test('with two signatures of one role, or by the same person twice', () => {
    expect(whyNot(suspend(first, l, l))).toEqual({ at: 1, why: roles })
    expect(whyNot(suspend(first, l), confirm('suspend', first, l))).toEqual({ at: 2, why: roles })
    expect(whyNot(suspend(first, l, d), lift(first, l), confirm('lift', first, l))).toEqual({
      at: 3,
      why: roles,
    })
  })

  test('if it confirms what has lapsed, or what waits for nobody', () => {
    expect(whyNot(suspend(first, l), confirm('suspend', '2026-12-08T10:00:00Z', d))?.why).toBe(
      'it is not suspended',
    )
    const nothing = 'nothing of it waits for a second signature'
    expect(whyNot(suspend(first, l, d), confirm('suspend', first, d))?.why).toBe(nothing)
    expect(whyNot(suspend(first, l, d), confirm('lift', first, d))?.why).toBe(nothing)
  })

  test('if it is older than the one before it', () => {
    expect(whyNot(suspend('2026-12-20T00:00:00Z', l), suspend(first, l))?.why).toBe(
      'it was made before the statement that it follows',
    )
  })

  test('on what is suspended already, or to lift what is not', () => {
    expect(whyNot(suspend(first, l), suspend(first, l))?.why).toBe('it is suspended already')
    expect(whyNot(lift(first, l, d))?.why).toBe('it is not suspended')
  })
})

describe('Whoever may write to the table', () => {
  const floor: LawBody = { act: 'floor', set: 'e'.repeat(64), heads: {} }
  const rows = statedLaw(
    [floor, releaseKeys, '2026-11-01T00:00:00Z'],
    suspend(first, l, d),
    [{ ...floor, set: 'f'.repeat(64) }, releaseKeys, '2026-12-02T00:00:00Z'],
    lift('2026-12-03T00:00:00Z', l),
  )
  const seen = followLaw(rows, keys).state

  // Kills: a chain that may end before what was seen of it (law-chain.ts, `isMet`); a row that is passed over.
  test('lifts nothing by deleting, changing, moving or repeating rows', () => {
    const meddled = fc.oneof(
      fc.subarray([...rows]),
      fc.shuffledSubarray([...rows]),
      fc.array(fc.constantFrom(...rows), { maxLength: 8 }),
      fc
        .tuple(fc.nat(rows.length - 1), fc.anything())
        .map(([at, odd]) => rows.map((each, i) => (i === at ? odd : each))),
    )
    fc.assert(
      fc.property(meddled, (read) => {
        const { state, broken } = followLaw(read, keys, seen)
        const last = spanOf(
          state.suspensions.get(versionKey(path, sha256))?.at(-1) ?? { from: '', ends: [] },
        )
        expect(broken !== undefined || last).toEqual(
          broken !== undefined ? true : { from: first, ends: [{ number: 2 }] },
        )
        // Whoever starts knows nothing, and permits nothing by a chain that lacks a row before another.
        const started = followLaw(read, keys)
        const whole = rows.slice(0, started.state.tip.number)
        if (started.broken === undefined) expect(started.state.statements).toEqual(whole)
      }),
    )
  })

  test('is seen at once where the last row seen is gone, or another', () => {
    expect(followLaw(rows.slice(0, 3), keys, seen).broken).toEqual({
      at: 4,
      why: 'it is not the chain that was seen before, or a shorter one',
    })
    const [one, two, three] = rows
    const [other] = statedLaw(lift('2026-12-03T00:00:00Z', d)).slice(-1)
    expect(followLaw([one, two, three, other], keys, seen).broken?.why).toContain('seen before')
    expect(followLaw(rows.slice(3), keys, seen)).toEqual({ state: seen, last: 4 })
  })
})

describe('Two release keys', () => {
  const lost = statedLaw(suspend(first, l, d), lift('2026-12-02T00:00:00Z', l, d))
  const seen = followLaw(lost, keys).state
  const anchor: LawBody = {
    ...{ act: 'anchor', set: 'e'.repeat(64), heads: {}, why: 'The table was restored.' },
    suspended: [{ path, sha256, from: first }],
  }
  const anew = (at: number, by = releaseKeys) => {
    const [statement] = statedLaw([anchor, by, '2026-12-05T00:00:00Z']) as [LawStatement]
    return at === 1 ? statement : statedAfter(at - 1, by)
  }
  const statedAfter = (number: number, by: readonly SealingKey[]): LawStatement =>
    statedLaw(
      ...Array.from(
        { length: number },
        (_, i): Said => [
          { act: 'floor', set: 'e'.repeat(64), heads: {}, why: 'To count, and for nothing else.' },
          releaseKeys,
          `2026-11-0${i + 1}T00:00:00Z`,
        ],
      ),
      [anchor, by, '2026-12-05T00:00:00Z'],
    ).at(-1) as LawStatement

  test('begin a chain anew whose rows are lost, and say what is suspended', () => {
    const { state, broken } = followLaw([anew(3)], keys, seen)
    expect(broken).toBeUndefined()
    expect(state).toMatchObject({ begins: 3, tip: { number: 3 } })
    expect(spanOf(state.suspensions.get(versionKey(path, sha256))?.at(-1) as never)).toEqual({
      from: first,
      ends: [{ number: 3 }],
    })
    // The same to whoever starts, and finds nothing but it.
    expect(followLaw([anew(3)], keys).broken).toBeUndefined()
  })

  // Kills: an anchor that one key signs; one of before, put back (law-chain.ts, `isAnew`).
  test('must be two, and after all that was seen', () => {
    for (const by of [releaseKeys.slice(0, 1), [l, d], [releaseKeys[0], releaseKeys[0]]])
      expect(followLaw([anew(3, by as SealingKey[])], keys, seen).broken).toBeDefined()
    for (const at of [1, 2]) expect(followLaw([anew(at)], keys, seen).broken).toBeDefined()
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

  // Kills: a suspension that is read as it is known now, of an entry that names an earlier statement.
  test('is as it was known by a statement: an end that came later is none yet', () => {
    const { state } = followLaw(
      statedLaw(
        suspend(first, l),
        confirm('suspend', '2026-12-02T00:00:00Z', d),
        lift('2026-12-03T00:00:00Z', l, d),
      ),
      keys,
    )
    const own = state.suspensions.get(versionKey(path, sha256))?.[0]
    const known = [0, 1, 2, 3].map((number) => own && spanAt(own, number)?.until)
    expect(own && spanAt(own, 0)).toBeUndefined()
    expect(known).toEqual([
      undefined,
      '2026-12-08T10:00:00.000Z',
      undefined,
      '2026-12-03T00:00:00Z',
    ])
  })

  test('starts with nothing stated, and nothing suspended', () => {
    expect(followLaw([], keys)).toEqual({ state: emptyLaw, last: 0 })
  })
})
