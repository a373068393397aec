import { createCipheriv, createHash, type KeyObject, randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonical } from '../../functions/ledger/canonical.ts'
import usual3 from '../../functions/ledger/dictionary-v3.json' with { type: 'json' }
import usual from '../../functions/ledger/dictionary-v4.json' with { type: 'json' }
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
import { partBytesMax, partKeys } from '../../functions/ledger/parts.ts'

const kek = randomBytes(32)
const evidence = { jws: 'header.payload.signature', body: '{"holder":"DE-POL"}' }
const headerOf = (jti: string, rest: Partial<Leaf> = {}): Omit<Leaf, 'v' | 'd'> => ({
  t: 'decision',
  log: 'comity.test/de/2026',
  eid: entryId('FR-SPOC', jti),
  ts: '2026-11-24T22:25:46.123Z',
  hj: 'DE',
  aj: 'FR',
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
function plainly(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plainly).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, each]) => `${JSON.stringify(name)}:${plainly(each)}`).join(',')}}`
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
        expect(plainly(opened.openings[name]?.value)).toBe(plainly(value))
    })
    fc.assert(property, { numRuns: 500 })
  })

  // Kills: 0x00 or 0x02 left out or swapped; bytes that are not canonical.
  test('has canonical bytes, their RFC 6962 hash, and commitments by the formula', () => {
    const property = fc.property(values, (all) => {
      const { leaf, leafBytes, leafHash: hash, ciphertext } = make(all)
      expect(Buffer.from(leafBytes).toString('utf8')).toBe(plainly(leaf))
      expect(Buffer.from(hash).equals(sha256(Uint8Array.of(0), leafBytes))).toBe(true)
      const { openings } = openEntry(leaf, ciphertext, kek)
      for (const [name, { salt, value }] of Object.entries(openings)) {
        const bytes = [
          Uint8Array.of(2),
          Buffer.from(salt, 'base64url'),
          Buffer.from(plainly(value)),
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

  // Kills: no salt, or one for all: equal values would show that they are equal; a salt that leaves out the
  // entry's id, or the key.
  test('commits to equal values in different ways each time', () => {
    const entries = [make({ a: 'x', b: 'x' }), make({ a: 'x', b: 'x' }, 'two')]
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

describe('Canonical JSON', () => {
  const names = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('10', '9', '1a', 'toJSON'))
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(
        null,
        true,
        0,
        -0,
        1e21,
        1e-7,
        5e-324,
        Number.NaN,
        '\\ud800',
        '\ud800',
        '\u2028',
      ),
      fc.double(),
      fc.string({ unit: 'binary' }),
      fc.constant(undefined),
      fc.array(tie('any')),
      fc.dictionary(names, tie('any')),
      // As many names as are sorted in place, and more.
      fc.dictionary(names, fc.nat(), { minKeys: 28, maxKeys: 36 }),
    ),
  })).any
  const of = (write: (value: unknown) => string | undefined, value: unknown) => {
    try {
      return write(value)
    } catch {
      return undefined
    }
  }

  // Kills: names in another order, or in that of numbers; a lone surrogate, NaN or an infinity that is written.
  test('is what the library writes, or nothing where it writes nothing', () => {
    const property = fc.property(value, (any) => {
      expect(of(canonical, any)).toBe(of(canonicalize, any))
    })
    fc.assert(property, { numRuns: 2000 })
  })

  test('is the example of RFC 8785 section 3.2.3', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6']
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33']
    const text = canonical(Object.fromEntries(names.map((name) => [name, 0])))
    expect(text).toBe(`{${sorted.map((name) => `${JSON.stringify(name)}:0`).join(',')}}`)
  })
})

describe('The ciphertext of an entry', () => {
  // Kills: no filling: its length would show how much was found, or how long the caller's text was.
  test('has whole kilobytes for what the caller wrote and for what was found, whatever they are', () => {
    const property = fc.property(json, json, (call, found) => {
      const { ciphertext } = make({ call, found })
      expect((ciphertext.length - 2) % 1024).toBe(0)
    })
    fc.assert(property)
    const sizes = ['', 'x', 'xy'.repeat(400)].map((found) => make({ found }).ciphertext.length)
    expect(new Set(sizes)).toEqual(new Set([3074]))
    // Kills: two kilobytes for what has but a line.
    expect(make({ found: '' }, 'one', kek, { t: 'record' }).ciphertext).toHaveLength(2050)
  })

  // Kills: room that a record of many classes outgrows, so that a length says that somebody was found.
  test.each([
    [1, 2],
    [2, 2],
    [3, 3],
    [8, 4],
    [15, 7],
  ])('has, for a decision on %s classes, %s kilobytes of what was found', (count, kilobytes) => {
    const matter = { classes: Array<string>(count).fill('case') }
    const bytes = 2 + 1024 * (1 + kilobytes)
    for (const found of ['', randomBytes(500 * (kilobytes - 1)).toString('hex')])
      expect(make({ found, matter }).ciphertext).toHaveLength(bytes)
  })

  // Kills: one text for both: where the caller repeats what was found, it would get shorter.
  test('is as long whether or not the caller wrote what was found', () => {
    const secret = randomBytes(1500).toString('hex')
    const other = randomBytes(1500).toString('hex')
    const of = (body: string) =>
      makeEntry(headerOf('one'), { secret }, { jws: '', body }, { kid: 'k', kek }, 'a', randomBytes)
    expect(of(secret).ciphertext).toHaveLength(of(other).ciphertext.length)
  })

  // Kills: no limit on what comes out.
  test('is neither made nor opened beyond a megabyte', () => {
    expect(() => make({ found: 'x'.repeat(partBytesMax) })).toThrow(/a part has 1048588 bytes/)
    const { leaf } = make({ found: 'x' })
    const keys = partKeys(kek, leaf.eid, 1)
    // As a writer without the limit would make it.
    const part = (key: KeyObject, name: 'caller' | 'findings') => {
      const bomb = deflateRawSync('y'.repeat(2 * partBytesMax), {
        dictionary: Buffer.from(canonical(usual[name])),
      })
      const plain = Buffer.alloc(Math.ceil((bomb.length + 32) / 1024) * 1024 - 28)
      plain.writeUInt32BE(bomb.length)
      bomb.copy(plain, 4)
      const cipher = createCipheriv('aes-256-gcm', key, Buffer.alloc(12))
      cipher.setAAD(Buffer.from(`${leaf.eid}\u001f${leaf.log}\u001f${name}`))
      const closed = [cipher.update(plain), cipher.final(), cipher.getAuthTag()]
      return Buffer.concat([Buffer.alloc(12), ...closed])
    }
    const caller = part(keys.caller, 'caller')
    const blocks = Buffer.from([0, caller.length / 1024])
    const ciphertext = Buffer.concat([blocks, caller, part(keys.findings, 'findings')])
    expect(() => openEntry(leaf, ciphertext, kek)).toThrow(/larger than 1048576 bytes/)
  })

  // Kills: a changed dictionary: nothing that was written before would open.
  test('is deflated with dictionaries that never change', () => {
    const digests = [usual3, usual.caller, usual.findings].map((each) =>
      createHash('sha256').update(canonical(each)).digest('hex'),
    )
    expect(digests).toEqual([
      '92455dd6fd0aa0335e1e0c028a08a4780a789ce057467c1ff882d095db097b70',
      '104b2da02f8132e800085724c4afaba855c12bb4ae16640303a9a82a0232e8bc',
      '1a1c3c8660d6d83b1dd87a767aa93f65dd1267b87404d4e12cbb20a6ffb080c5',
    ])
  })

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
