/**
 * Signed notes: the examples of C2SP signed-note and tlog-cosignature, the vectors of the first
 * implementation (golang.org/x/mod/sumdb/note), and what must not pass.
 */

import { createHash, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  checkSignature,
  cosignText,
  fromBase64,
  type Note,
  noteBytesMax,
  openNote,
  parseNote,
  parseVkey,
  signatureLine,
  signaturesMax,
  signText,
  verifierKey,
  writeNote,
  writeVkey,
} from '../../functions/ledger/note.ts'
import { logSigner, signerOf, witnessSigner } from './note-keys.ts'

const keyOf = (vkey: string) => {
  const read = parseVkey(vkey)
  if ('wrong' in read) return expect.fail(read.wrong)
  return read.key
}

const peterVkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const enochVkey = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop'
const [peter, enoch] = [keyOf(peterVkey), keyOf(enochVkey)]
const text =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n"
const peterLine =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'
const enochLine =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n'

/** Peter's private key as Go writes it: its type and its seed. */
const peterSigner = signerOf(
  'PeterNeumann',
  1,
  Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1),
)

describe('The examples of the specifications', () => {
  test('open: the message that example.com/foo signed', () => {
    const foo = keyOf('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k')
    const note =
      'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n'
    expect(openNote(note, [foo])).toEqual({
      text: 'This is an example message.\n',
      signed: [{ key: foo }],
    })
  })

  test('open: a text with an empty line in it, which signatures do not begin', () => {
    const poem =
      'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n'
    const note = `${poem}\n— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n`
    expect(parseNote(note)).toMatchObject({
      note: {
        text: poem,
        signatures: [{ name: 'quasimodo.example/salvatore', keyId: '367ba04b' }],
      },
    })
  })

  test('hold a cosignature that says when: 1679315147', () => {
    const note =
      'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n' +
      '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n' +
      '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n'
    const read = parseNote(note)
    const cosignature = 'note' in read ? read.note.signatures[1] : undefined
    expect(cosignature).toMatchObject({ name: 'witness.example.com/w1', keyId: '8d66cf3f' })
    const bytes = Buffer.from(cosignature?.bytes ?? [])
    expect(bytes.length).toBe(72)
    expect(bytes.readBigUInt64BE()).toBe(1_679_315_147n)
  })
})

describe('The vectors of Go', () => {
  // Kills: a signature that another program would not take; a key id made of other bytes.
  test('come out the same when Peter signs', async () => {
    expect(writeVkey(peterSigner.key)).toBe(peterVkey)
    const signature = await signText(text, peterSigner.key, peterSigner.sign)
    expect(signatureLine(signature)).toBe(peterLine)
    expect(writeNote({ text, signatures: [signature] })).toBe(`${text}\n${peterLine}`)
  })

  test('open for the keys that are known, and for no other', () => {
    const note = `${text}\n${peterLine}${enochLine}`
    expect(openNote(note, [peter])).toEqual({ text, signed: [{ key: peter }] })
    expect(openNote(note, [enoch, peter])).toEqual({
      text,
      signed: [{ key: peter }, { key: enoch }],
    })
    expect(openNote(note, [])).toEqual({ wrong: 'no known key signed the note' })
    expect(openNote(note, [{ ...peter, name: 'Peter' }])).toEqual({
      wrong: 'no known key signed the note',
    })
    expect(openNote(note, [{ ...peter, keyId: enoch.keyId }])).toEqual({
      wrong: 'no known key signed the note',
    })
  })

  // Kills: one bad signature passed over because another is good.
  test('do not open when a known key’s signature fails, whoever else signed', () => {
    const bad = peterLine.replace('x08go/Z', 'x08go/Y')
    for (const note of [`${text}\n${bad}${enochLine}`, `${text}\n${enochLine}${peterLine}${bad}`])
      expect(openNote(note, [peter, enoch])).toEqual({
        wrong: 'the signature of PeterNeumann does not fit the text',
      })
    expect(openNote(`${text}\n${bad}${enochLine}`, [enoch])).toMatchObject({
      signed: [{ key: enoch }],
    })
    const longer = `${peterLine.slice(0, 60)}ABCD${peterLine.slice(60)}`
    expect(openNote(`${text}\n${longer}`, [peter])).toEqual({
      wrong: 'the signature of PeterNeumann has 67 bytes',
    })
  })

  test('that are malformed are refused with the reason', () => {
    const wrong: Readonly<Record<string, string>> = {
      [text]: 'the note has no empty line before signatures',
      [`${text}\n`]: 'the note ends in no signature line',
      [`${text}\n${peterLine.slice(0, -1)}`]: 'the note ends in no signature line',
      [`\u0001${text}\n${peterLine}`]: 'the note has control characters',
      [`\ud800${text}\n${peterLine}`]: 'the note is not Unicode',
      [`${text}\n${peterLine.replace('Peter', 'Peter ')}`]: 'signature line 1 is malformed',
      [`${text}\n${peterLine}Unexpected line.\n`]: 'signature line 2 is malformed',
    }
    for (const [note, why] of Object.entries(wrong))
      expect(openNote(note, [peter])).toEqual({ wrong: why })
  })

  test('of a key do not survive any mangling', () => {
    for (let from = 0; from < peterVkey.length; from += 1)
      for (let to = from + 1; to <= peterVkey.length; to += 1)
        if (to - from < peterVkey.length)
          expect(parseVkey(peterVkey.slice(from, to))).toHaveProperty('wrong')
    for (let at = 0; at < peterVkey.length; at += 1) {
      const next = String.fromCharCode(peterVkey.charCodeAt(at) + 1)
      const mangled = `${peterVkey.slice(0, at)}${next}${peterVkey.slice(at + 1)}`
      expect(parseVkey(mangled)).toHaveProperty('wrong')
    }
    // Of another length, and of an unknown type, with ids to match.
    expect(
      parseVkey('PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY=='),
    ).toEqual({ wrong: 'the key is not <name>+<8 hex digits>+<base64>' })
    const longer = Buffer.concat([Uint8Array.of(1), peter.publicKey, Uint8Array.of(0)])
    expect(parseVkey(`PeterNeumann+c74f20a3+${longer.toString('base64')}`)).toEqual({
      wrong: 'the key PeterNeumann is not an Ed25519 key',
    })
    expect(parseVkey('PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')).toEqual(
      { wrong: 'the key PeterNeumann is not of type 0x01 or 0x04' },
    )
    expect(parseVkey(peterVkey.replace('c74f', 'c74e'))).toEqual({
      wrong: 'the id of the key PeterNeumann is not c74e20a3',
    })
    expect(parseVkey(peterVkey.replace('c74f', 'C74F'))).toEqual({
      wrong: 'the key is not <name>+<8 hex digits>+<base64>',
    })
  })
})

describe('A signed note', () => {
  const log = logSigner('comity.local/de/2026')

  test('has at most 32 signatures, of at least 16, and at most 131,072 bytes', () => {
    const many = (count: number) => `${text}\n${peterLine.repeat(count)}`
    expect(openNote(many(16), [peter])).toHaveProperty('signed')
    expect(openNote(many(signaturesMax), [peter])).toHaveProperty('signed')
    expect(openNote(many(signaturesMax + 1), [peter])).toEqual({
      wrong: 'the note has more than 32 signatures',
    })
    const mlDsa = `— a ${Buffer.alloc(4 + 8 + 2420).toString('base64')}\n`
    expect(openNote(`${text}\n${peterLine}${mlDsa.repeat(15)}`, [peter])).toHaveProperty('signed')
    const signed = `\n${peterLine}`
    const fill = noteBytesMax - Buffer.byteLength(signed) - 1
    expect(parseNote(`${'x'.repeat(fill)}\n${signed}`)).toHaveProperty('note')
    expect(parseNote(`${'x'.repeat(fill + 1)}\n${signed}`)).toEqual({
      wrong: 'the note is longer than 131072 bytes',
    })
    expect(parseNote(`${'è'.repeat(fill - 1)}\n${signed}`)).toEqual({
      wrong: 'the note is longer than 131072 bytes',
    })
  })

  test('names keys without spaces of any kind, and without a plus', () => {
    const base64 = peterLine.split(' ')[2]
    for (const space of ['\u0020', '\u00a0', '\u2003', '\u2028', '\u3000', '\u0085', '+']) {
      expect(parseNote(`${text}\n— a${space}b ${base64}`)).toEqual({
        wrong: 'signature line 1 is malformed',
      })
      expect(() => verifierKey(`a${space}b`, 1, new Uint8Array(32))).toThrow(
        'couldn’t make a key: its name has a space or a plus',
      )
    }
    expect(() => verifierKey('', 1, new Uint8Array(32))).toThrow('couldn’t make a key')
    expect(() => verifierKey('a', 1, new Uint8Array(31))).toThrow(
      'couldn’t make the key a: it has 31 bytes, not 32',
    )
  })

  test('holds signatures in padded standard base64 only, each longer than its key’s id', () => {
    for (const base64 of ['AAAAAA', 'AAAAAAA', 'AAAAA_A=', 'AAAAAAB=', 'AAAA AAA=', '', 'AAAAAA=='])
      expect(parseNote(`${text}\n— a ${base64}\n`)).toEqual({
        wrong: 'signature line 1 is malformed',
      })
    expect(parseNote(`${text}\n— a AAAAAAA=\n`)).toHaveProperty('note')
    expect(fromBase64('AA==')).toEqual(Buffer.alloc(1))
    expect(fromBase64('AB==')).toBeUndefined()
  })

  // Kills: a parser that loses or moves text between the text and the signatures, or throws.
  test('is read from any text as what writes it again, or not at all', () => {
    const piece = fc.constantFrom(
      '\n',
      '\n\n',
      '— ',
      'a',
      ' ',
      'AAAAAAA=',
      peterLine,
      text,
      '\r',
      '\ud800',
    )
    const pieces = fc.array(piece, { maxLength: 9 }).map((all) => all.join(''))
    const property = fc.property(fc.oneof(pieces, fc.string({ unit: 'binary' })), (written) => {
      const read = parseNote(written)
      if ('note' in read) expect(writeNote(read.note)).toBe(written)
      expect(() => openNote(written, [peter])).not.toThrow()
    })
    fc.assert(property, { numRuns: 3000 })
  })

  test('is not written if it would not read back the same', async () => {
    const signature = await signText('a\n', log.key, log.sign)
    const cases: readonly (readonly [Note, string])[] = [
      [{ text: 'a', signatures: [signature] }, 'the note has no empty line before signatures'],
      [{ text: 'a\n', signatures: [] }, 'the note ends in no signature line'],
      [{ text: 'a\tb\n', signatures: [signature] }, 'the note has control characters'],
      [
        { text: 'a\n', signatures: [{ ...signature, name: 'a b' }] },
        'signature line 1 is malformed',
      ],
      [
        { text: `a\n\n${signatureLine(signature).trimEnd()}`, signatures: [signature] },
        'its text does not end in a newline',
      ],
    ]
    for (const [note, why] of cases)
      expect(() => writeNote(note)).toThrow(`couldn’t write the note: ${why}`)
  })

  test('is not signed by a key that is not the one it names', async () => {
    const other = logSigner('comity.local/fr/2026')
    await expect(signText('a\n', log.key, other.sign)).rejects.toThrow(
      'couldn’t sign the note: the signature of comity.local/de/2026 does not fit the text',
    )
    await expect(signText('a\n', log.key, async () => new Uint8Array(63))).rejects.toThrow(
      'couldn’t sign the note: the signature of comity.local/de/2026 has 63 bytes',
    )
    const away = async () => Promise.reject(new Error('the key is away'))
    await expect(signText('a\n', log.key, away)).rejects.toThrow('the key is away')
    const witness = witnessSigner('witness.example/one')
    await expect(signText('a\n', witness.key, witness.sign)).rejects.toThrow('has 64 bytes')
    await expect(cosignText('a\n', log.key, 1, log.sign)).rejects.toThrow('has 72 bytes')
  })
})

describe('A cosignature', () => {
  const { key, sign } = witnessSigner('witness.example/one')
  const body =
    'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'

  test('is over the header, the time and the text, and says the time before it', async () => {
    const messages: string[] = []
    const { bytes, keyId } = await cosignText(body, key, 1_679_315_147, (message) => {
      messages.push(Buffer.from(message).toString())
      return sign(message)
    })
    // The example of C2SP tlog-cosignature.
    expect(messages).toEqual([`cosignature/v1\ntime 1679315147\n${body}`])
    expect(Buffer.from(bytes).toString('hex').slice(0, 16)).toBe('00000000641850cb')
    const id = createHash('sha256')
      .update('witness.example/one\n')
      .update(Uint8Array.of(4))
      .update(key.publicKey)
      .digest('hex')
    expect(keyId).toBe(id.slice(0, 8))
    const x = Buffer.from(key.publicKey).toString('base64url')
    const jwk = { key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' } as const
    expect(verify(null, Buffer.from(messages[0] ?? ''), jwk, bytes.subarray(8))).toBe(true)
  })

  // Kills: a time that is not signed; a signature of the text alone taken for a cosignature.
  test('of another time, another text, another key or another kind does not count', async () => {
    const made = await cosignText(body, key, 7, sign)
    expect(checkSignature(body, made, key)).toEqual({ signed: { key, seconds: 7 } })
    const later = { ...made, bytes: made.bytes.map((byte, at) => (at === 7 ? 8 : byte)) }
    const wrong = { wrong: 'the signature of witness.example/one does not fit the text' }
    expect(checkSignature(body, later, key)).toEqual(wrong)
    expect(checkSignature(`${body}more\n`, made, key)).toEqual(wrong)
    const plain = Buffer.concat([made.bytes.subarray(0, 8), await sign(Buffer.from(body))])
    expect(checkSignature(body, { ...made, bytes: plain }, key)).toEqual(wrong)
    const other = witnessSigner('witness.example/two')
    expect(checkSignature(body, made, other.key)).toEqual({
      wrong: 'this is not witness.example/two’s key',
    })
    // The same key as one that signs texts has another id.
    const asLog = verifierKey(key.name, 1, key.publicKey)
    expect(asLog.keyId).not.toBe(key.keyId)
    expect(checkSignature(body, { ...made, keyId: asLog.keyId }, asLog)).toEqual({
      wrong: 'the signature of witness.example/one has 72 bytes',
    })
  })

  test('has a time that is a plain number', async () => {
    const latest = await cosignText(body, key, Number.MAX_SAFE_INTEGER, sign)
    expect(checkSignature(body, latest, key)).toHaveProperty('signed')
    for (const time of ['0020000000000000', '7fffffffffffffff', 'ffffffffffffffff']) {
      const bytes = Buffer.concat([Buffer.from(time, 'hex'), latest.bytes.subarray(8)])
      expect(checkSignature(body, { ...latest, bytes }, key)).toEqual({
        wrong: 'the cosignature of witness.example/one has an impossible time',
      })
    }
    for (const seconds of [-1, 1.5, Number.NaN])
      await expect(cosignText(body, key, seconds, sign)).rejects.toThrow(RangeError)
  })

  // Kills: any bit of a signature line that is not looked at.
  test('with any one bit changed no longer counts', async () => {
    const made = await cosignText(body, key, 1_800_000_000, sign)
    for (let bit = 0; bit < made.bytes.length * 8; bit += 1) {
      const bytes = made.bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
      expect(checkSignature(body, { ...made, bytes }, key)).toHaveProperty('wrong')
    }
  })
})

test('A verifier key is read as it was written, whatever its name', () => {
  const name = fc.string({ minLength: 1, unit: 'grapheme' })
  const property = fc.property(
    name,
    fc.constantFrom(1 as const, 4 as const),
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    (text, type, publicKey) => {
      fc.pre(!/[+\s\u0085]/u.test(text))
      const key = verifierKey(text, type, publicKey)
      expect(parseVkey(writeVkey(key))).toEqual({ key })
    },
  )
  fc.assert(property)
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (any) => void parseVkey(any)))
})
