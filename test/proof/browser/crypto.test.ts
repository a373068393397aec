/** What `verify.html` has in place of Node's own cryptography: it must say of everything what Node says. */

import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Buffer as PageBuffer } from '../../../functions/proof/browser/buffer.ts'
import * as page from '../../../functions/proof/browser/crypto.ts'
import { crc32 as pageCrc32 } from '../../../functions/proof/browser/zlib.ts'

const bytes = fc.uint8Array({ maxLength: 300 })

test('digests and check sums are those of Node', () => {
  fc.assert(
    fc.property(bytes, (data) => {
      for (const name of ['sha1', 'sha256', 'sha384', 'sha512']) {
        const [own, node] = [page, { createHash }].map((each) =>
          each.createHash(name).update(data).update('more').digest('hex'),
        )
        expect(own).toBe(node)
        expect(page.hash(name, data)).toBe(hash(name, data))
      }
      expect(pageCrc32(data)).toBe(crc32(data))
    }),
  )
})

// Kills: the alphabet of base64 in place of that of URLs; padding that stays.
test('bytes are written and read as Node does, in every encoding', () => {
  const encodings = ['base64url', 'base64', 'hex', 'latin1', 'utf8'] as const
  fc.assert(
    fc.property(bytes, fc.string(), (data, text) => {
      for (const encoding of encodings) {
        const written = Buffer.from(data).toString(encoding)
        expect(PageBuffer.from(data).toString(encoding)).toBe(written)
        expect([...PageBuffer.from(written, encoding)]).toEqual([...Buffer.from(written, encoding)])
        // What is no such text must not be taken for one: readers write it again, and compare.
        const isExact = (from: typeof Buffer) =>
          from.from(text, encoding).toString(encoding) === text
        expect(isExact(PageBuffer)).toBe(isExact(Buffer))
      }
    }),
  )
})

const pairs = {
  Ed25519: generateKeyPairSync('ed25519'),
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
}

const read = (key: KeyObject) =>
  page.createPublicKey({ format: 'der', key: key.export({ format: 'der', type: 'spki' }) })

// Kills: a digest that is not that of the data; padding that is not compared; a signature that wraps around.
test.each(['P-256', 'P-384', 'RSA'] as const)('a signature of %s holds as for Node', (name) => {
  const { publicKey, privateKey } = pairs[name]
  const own = read(publicKey)
  fc.assert(
    fc.property(bytes, fc.nat(), fc.integer({ min: 0, max: 255 }), (data, at, change) => {
      const signature = sign('sha256', data, privateKey)
      const place = at % signature.length
      signature[place] = (signature[place] ?? 0) ^ change
      const expected = verify('sha256', data, publicKey, signature)
      expect(page.verify('sha256', data, own, signature)).toBe(expected)
      expect(page.verify('sha256', Buffer.concat([data, Buffer.of(1)]), own, signature)).toBe(false)
    }),
    { numRuns: 20 },
  )
})

test('a signature of Ed25519 holds as for Node, and by no other key', () => {
  const { publicKey, privateKey } = pairs.Ed25519
  const own = page.createPublicKey({ format: 'jwk', key: publicKey.export({ format: 'jwk' }) })
  const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  fc.assert(
    fc.property(
      bytes,
      fc.nat({ max: 63 }),
      fc.integer({ min: 0, max: 255 }),
      (data, at, change) => {
        const signature = sign(null, data, privateKey)
        signature[at] = (signature[at] ?? 0) ^ change
        expect(page.verify(null, data, own, signature)).toBe(
          verify(null, data, publicKey, signature),
        )
        const wrong = page.createPublicKey({ format: 'jwk', key: other })
        expect(page.verify(null, data, wrong, signature)).toBe(false)
      },
    ),
    { numRuns: 30 },
  )
})

test('a key that is none is refused, as by Node', () => {
  for (const key of [
    { kty: 'OKP', crv: 'Ed25519', x: 'AAAA' },
    { kty: 'OKP', crv: 'X25519', x: 'A' },
  ]) {
    expect(() => page.createPublicKey({ format: 'jwk', key })).toThrow()
    expect(() => createPublicKey({ format: 'jwk', key })).toThrow()
  }
})
