import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  commitment,
  type Entry,
  entryId,
  type Leaf,
  leafBytesMax,
  leafHash,
  logOf,
  makeEntry,
  openEntry,
  requestDigest,
  wrongOpenings,
} from '../../functions/ledger/entry.ts'

const kek = randomBytes(32)
const evidence = { jws: 'header.payload.signature', body: '{"holder":"DE-POL"}' }
const headerOf = (jti: string, rest: Partial<Leaf> = {}): Omit<Leaf, 'v' | 'd'> => ({
  t: 'decision',
  log: 'comity.test/de/2026',
  eid: entryId('FR-SPOC', jti),
  ts: '2026-11-24T22:25:46.123Z',
  hj: 'DE',
  aj: 'FR',
  pol: [],
  lists: [],
  eng: 'e',
  req: 'r',
  ...rest,
})
const make = (
  values: Readonly<Record<string, unknown>>,
  jti = 'one',
  key: Uint8Array = kek,
  rest: Partial<Leaf> = {},
): Entry =>
  makeEntry(headerOf(jti, rest), values, evidence, { kid: 'k', kek: key }, 'attempt', randomBytes)

/** Values of every kind that JSON has, with any character that UTF-8 can write. */
const json = fc.jsonValue({ stringUnit: 'binary', maxDepth: 3 })
const values = fc.record({ call: json, subject: json, decision: json })

/** RFC 8785 in six lines, for comparison. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(',')}}`
}
const sha256 = (...parts: readonly Uint8Array[]) =>
  createHash('sha256').update(Buffer.concat(parts)).digest()

describe('An entry', () => {
  // Kills: an opening that lacks a value; a commitment to something else.
  test('opens with its key to the values it was made of, each fitting its commitment', () => {
    const property = fc.property(values, (all) => {
      const { leaf, ciphertext } = make(all)
      const opened = openEntry(leaf, ciphertext, kek)
      expect(opened.evidence).toEqual(evidence)
      expect(wrongOpenings(leaf, opened.openings)).toEqual([])
      for (const [name, value] of Object.entries(all))
        expect(canonical(opened.openings[name]?.value)).toBe(canonical(value))
    })
    fc.assert(property, { numRuns: 500 })
  })

  // Kills: 0x00 or 0x02 left out or swapped; bytes that are not canonical.
  test('has canonical bytes, their RFC 6962 hash, and commitments by the formula', () => {
    const property = fc.property(values, (all) => {
      const { leaf, leafBytes, leafHash: hash, ciphertext } = make(all)
      expect(Buffer.from(leafBytes).toString('utf8')).toBe(canonical(leaf))
      expect(Buffer.from(hash).equals(sha256(Uint8Array.of(0), leafBytes))).toBe(true)
      const { openings } = openEntry(leaf, ciphertext, kek)
      for (const [name, { salt, value }] of Object.entries(openings)) {
        const bytes = [
          Uint8Array.of(2),
          Buffer.from(salt, 'base64url'),
          Buffer.from(canonical(value)),
        ]
        expect(leaf.d[name]).toBe(sha256(...bytes).toString('base64url'))
      }
    })
    fc.assert(property, { numRuns: 300 })
  })

  // Kills: a value in the leaf; a value in clear beside it.
  test('shows nothing of its values or of the evidence without the key', () => {
    const { leafBytes, ciphertext } = make({ subject: { name: 'Kowalski-Mustermann' } })
    for (const bytes of [leafBytes, ciphertext])
      expect(Buffer.from(bytes).toString('latin1')).not.toMatch(
        /Kowalski|Mustermann|DE-POL|signature/,
      )
  })

  // Kills: no salt, or one salt for all: equal values would show that they are equal.
  test('commits to equal values in different ways each time', () => {
    const entries = [make({ a: 'x', b: 'x' }), make({ a: 'x', b: 'x' })]
    expect(new Set(entries.flatMap(({ leaf }) => Object.values(leaf.d))).size).toBe(4)
    expect(
      new Set(entries.map(({ ciphertext }) => Buffer.from(ciphertext).toString('hex'))).size,
    ).toBe(2)
  })

  // Kills: a name without a value that still has a commitment.
  test('leaves out what has no value', () => {
    const { leaf, ciphertext } = make({ here: null, absent: undefined })
    expect(Object.keys(leaf.d)).toEqual(['here'])
    expect(Object.keys(openEntry(leaf, ciphertext, kek).openings)).toEqual(['here'])
  })

  // Kills: no limit.
  test('is not made if its leaf would be too long, nor of what JSON cannot say', () => {
    const pol = Array.from({ length: 200 }, (_, i) => ({
      id: `${i}`,
      version: 'v',
      digest: 'd'.repeat(64),
    }))
    expect(() => make({}, 'one', kek, { pol })).toThrow(/its leaf has \d+ bytes/)
    const padded = make({}, 'one', kek, { eng: '' }).leafBytes.length
    const longest = make({}, 'one', kek, { eng: 'e'.repeat(leafBytesMax - padded) })
    expect(longest.leafBytes).toHaveLength(leafBytesMax)
    expect(() => make({}, 'one', kek, { eng: 'e'.repeat(leafBytesMax - padded + 1) })).toThrow()
    // A lone surrogate has no UTF-8: two different ones would commit to the same bytes.
    for (const value of ['\ud800', Number.NaN, 1n, () => 1]) expect(() => make({ value })).toThrow()
  })
})

describe('The ciphertext of an entry', () => {
  // Kills: a mode without authentication; a nonce or tag that is not checked.
  test('does not open when any one of its bits is another', () => {
    const { leaf, ciphertext } = make({ call: 'x' })
    for (let i = 0; i < ciphertext.length * 8; i++) {
      const flipped = Buffer.from(ciphertext)
      flipped.writeUInt8(flipped.readUInt8(i >> 3) ^ (1 << (i & 7)), i >> 3)
      expect(() => openEntry(leaf, flipped, kek)).toThrow()
    }
  })

  test('does not open when it is cut, or when more is added', () => {
    const { leaf, ciphertext } = make({ call: 'x' })
    for (let length = 0; length < ciphertext.length; length++)
      expect(() => openEntry(leaf, ciphertext.subarray(0, length), kek)).toThrow()
    expect(() => openEntry(leaf, Buffer.concat([ciphertext, Uint8Array.of(0)]), kek)).toThrow()
  })

  // Kills: one data key for all entries of a subject; no AAD; an AAD without the log.
  test('does not open with another subject’s key, nor as another entry’s, nor in another log', () => {
    const property = fc.property(fc.string(), fc.string(), (a, b) => {
      fc.pre(a !== b)
      const { leaf, ciphertext } = make({ call: 'x' }, a)
      expect(() => openEntry(leaf, ciphertext, randomBytes(32))).toThrow()
      expect(() => openEntry(make({ call: 'x' }, b).leaf, ciphertext, kek)).toThrow()
      expect(() => openEntry({ ...leaf, log: 'comity.test/fr/2026' }, ciphertext, kek)).toThrow()
    })
    fc.assert(property, { numRuns: 200 })
  })

  // Kills: openings that are not compared, or only those that the leaf names, or only the given.
  test('is found out when an opening was changed, taken away, added or swapped', () => {
    const { leaf, ciphertext } = make({ call: 'x', subject: 'y' })
    const { openings } = openEntry(leaf, ciphertext, kek)
    const { call, subject } = openings
    if (call === undefined || subject === undefined) throw new Error('not opened')
    expect(wrongOpenings(leaf, { ...openings, call: { ...call, value: 'z' } })).toEqual(['call'])
    expect(wrongOpenings(leaf, { ...openings, call: { ...call, salt: subject.salt } })).toEqual([
      'call',
    ])
    expect(wrongOpenings(leaf, { call })).toEqual(['subject'])
    expect(wrongOpenings(leaf, { ...openings, more: call })).toEqual(['more'])
    expect(wrongOpenings(leaf, { call: subject, subject: call })).toEqual(['call', 'subject'])
  })
})

describe('The id of an entry', () => {
  test('is the same for every retry, and of no other call', () => {
    expect(entryId('FR-SPOC', 'one')).toBe(entryId('FR-SPOC', 'one'))
    const ids = [entryId('FR-SPOC', 'one'), entryId('FR-SPOC', 'two'), entryId('FR-PJ', 'one')]
    expect(new Set(ids).size).toBe(3)
    // Without a separator these two would be one.
    expect(entryId('FR-SPO', 'Cone')).not.toBe(entryId('FR-SPOC', 'one'))
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  test('goes with a log of the holder’s jurisdiction and the year in UTC', () => {
    expect(logOf('gw', 'DE', '2026-12-31T23:59:59.999Z')).toBe('gw/de/2026')
    expect(logOf('gw', 'INTERPOL', '2027-01-01T00:00:00.000Z')).toBe('gw/interpol/2027')
  })

  // printf abc | openssl dgst -sha256 -binary | base64
  test('and the digest of what was signed, are plain SHA-256', () => {
    expect(requestDigest('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')
    expect(leafHash(Buffer.from('abc')).equals(sha256(Buffer.from('\0abc')))).toBe(true)
    expect(commitment({ salt: '', value: 1 })).toBe(
      sha256(Buffer.from('\u00021')).toString('base64url'),
    )
  })
})
