/** Signatures that people make in programs of their own: which are taken, for whose, and what is wrong with others. */

import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { attachedBy, type Certified, faultOfCertificate } from '../../functions/policy/attached.ts'
import { derIn, derOf } from '../../functions/policy/ber.ts'
import { type Certificate, readCertificate } from '../../functions/policy/certificate.ts'
import { sortAttributes } from '../../functions/policy/cms.ts'
import { plainSignature, readDer } from '../../functions/policy/der.ts'
import { certificateWords } from '../../functions/workbench/commands/certificate-words.ts'
import { patience, runs } from '../decision/runs.ts'
import {
  der,
  digestOids,
  integer,
  kinds,
  oid,
  sequence,
  set,
  small,
  usage,
} from '../ledger/authority.ts'
import { startSecond } from '../proof/second.ts'
import { type Errs, makeSigner } from './signer.ts'

const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, 'golden/openssl-attached.json'), 'utf8'),
) as {
  text: string
  certificates: Record<string, string>
  signatures: Record<string, string>
}
const people = Object.entries(golden.certificates).map(([name, certificate]) => ({
  name,
  certificate,
}))

const b64 = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('base64')

const second = startSecond<{ by: number | null; at?: number }>('seals.py')
afterAll(second.stop)

/** What both verifiers say of a signature over a text: the second knows nothing of the first. */
async function judge<By extends Certified>(text: string, cms: string, signers: readonly By[]) {
  const mine = attachedBy(text, cms, signers)
  const certificates = signers.map(({ certificate }) => certificate ?? '')
  const theirs = await second.ask({ text, cms, certificates })
  expect(theirs, 'wrong' in mine ? mine.wrong : mine.at).toEqual(
    'wrong' in mine ? { by: null } : { by: signers.indexOf(mine.by), at: Date.parse(mine.at) },
  )
  return mine
}

test('An ECDSA signature is two numbers of 32 bytes, of which each has one form', () => {
  const read = (...bytes: number[]) => plainSignature(new Uint8Array(bytes))
  const plain = read(48, 7, 2, 1, 5, 2, 2, 0, 200)
  expect([plain?.length, plain?.[31], plain?.[63]]).toEqual([64, 5, 200])
  expect(read(48, 6, 2, 1, 1, 3, 1, 1)).toBeUndefined()
  expect(read(48, 3, 2, 1, 5)).toBeUndefined()
  expect(read(48, 9, 2, 1, 5, 2, 1, 5, 2, 1, 5)).toBeUndefined()
  expect(read(48, 8, 2, 2, 0, 5, 2, 2, 0, 200)).toBeUndefined()
  expect(read(48, 6, 2, 1, 0, 2, 1, 5)).toBeUndefined()
  expect(read(48, 6, 2, 1, 200, 2, 1, 5)).toBeUndefined()
})

describe('A signature that OpenSSL made', () => {
  const judged = (name: string) => {
    const der = derIn(Buffer.from(golden.signatures[name] ?? '', 'base64'))
    return judge(golden.text, b64(der), people)
  }

  // Kills: an algorithm, an encoding or a salt that is not read (attached.ts, `pssOf`; ber.ts).
  test.each([
    ['RSA with SHA-256', 'rsa'],
    ['RSA with SHA-512', 'rsa'],
    ['RSASSA-PSS with SHA-384', 'rsa'],
    ['RSASSA-PSS with SHA-256 and the longest salt', 'rsa'],
    ['RSASSA-PSS by a key for that alone', 'pss'],
    ['ECDSA on P-256', 'p256'],
    ['ECDSA on P-384', 'p384'],
    ['ECDSA on P-521', 'p521'],
    ['BER in pieces', 'p256'],
    ['the text within', 'p256'],
    ['the text within, in pieces', 'p256'],
    ['no certificate within', 'p256'],
    ['PEM', 'p256'],
  ])('with %s is that of the person whose certificate it names', async (name, whose) => {
    expect(await judged(name)).toMatchObject({
      by: { name: whose },
      at: expect.stringMatching(/^2026-11-29T02:\d\d:\d\dZ$/),
    })
  })

  test.each([
    ['SHA-1', 'it is over a digest of SHA-1; taken are SHA-256'],
    ['MD5', 'it is over a digest of MD5; taken are SHA-256'],
    ['RSASSA-PSS with a mask of SHA-1', 'it is made by RSASSA-PSS with other parameters; taken'],
    ['RSASSA-PSS named as RSA', 'the key of its certificate did not sign this'],
    ['no name of its certificate', 'sign as CAdES'],
    ['no attributes', 'its signer signed no attributes'],
    ['two signers', 'it has 2 signers, and one signs alone'],
  ])('with %s is refused by name', async (name, wrong) => {
    expect(await judged(name)).toEqual({ wrong: expect.stringContaining(wrong) })
  })

  test('names who signed, who issued the certificate, and what the issuer claims', async () => {
    const signed = await judged('ECDSA on P-256')
    if ('wrong' in signed) throw new Error(signed.wrong)
    expect(certificateWords(signed.certificate)).toBe(
      'by the certificate of “Erika Muster p256”, issued by “Example Trust Signature CA”; its issuer calls it qualified for electronic signatures, with its key in a qualified device',
    )
  })

  test('is of another text once a letter of it is changed', async () => {
    const other = golden.text.replace('invented', 'Invented')
    expect(await judge(other, golden.signatures['ECDSA on P-256'] ?? '', people)).toEqual({
      wrong: 'it signs another text than this statement',
    })
  })

  // Kills: an unsigned byte that is read as if it were signed; a reader that throws.
  test.each(['ECDSA on P-256', 'RSA with SHA-256', 'RSASSA-PSS with SHA-384', 'the text within'])(
    'with %s and any byte changed is of the same person at the same time, or of nobody',
    async (name) => {
      const { text, signatures } = golden
      const own = Buffer.from(signatures[name] ?? '', 'base64')
      const before = await judge(text, b64(own), people)
      await fc.assert(
        fc.asyncProperty(
          fc.nat({ max: own.length - 1 }),
          fc.integer({ min: 1, max: 255 }),
          async (at, change) => {
            const bytes = Uint8Array.from(own)
            bytes[at] = (bytes[at] ?? 0) ^ change
            const after = await judge(text, b64(bytes), people)
            if (!('wrong' in after)) expect(after).toEqual(before)
          },
        ),
        { numRuns: runs(100) },
      )
    },
    patience,
  )
})

const text = 'what an invented sealer signs'
const at = '2026-11-25T09:00:00Z'
const erika = makeSigner('Erika Muster')
const max = makeSigner('Max Muster')
const trusted = [
  { kid: 'erika', certificate: erika.certificate },
  { kid: 'max', certificate: max.certificate },
]
const said = (signature: Uint8Array, signers: readonly { certificate?: string }[] = trusted) =>
  judge(text, b64(signature), signers)

describe('A signature', () => {
  test('is of whoever registered the certificate, at the time that it states', async () => {
    expect(await said(erika.sign(text, at))).toMatchObject({ by: { kid: 'erika' }, at })
    expect(await said(max.sign(text, at, { content: text }))).toMatchObject({
      by: { kid: 'max' },
      at,
    })
  })

  const otherText = 'it signs another text than this statement'
  const changed = 'the key of its certificate did not sign this: it was changed, or forged'
  // Kills: each comparison of `attachedBy` and `readSignedData` left out.
  test.each<[string, Errs, string]>([
    ['over another text', { over: 'another' }, otherText],
    ['over this text, with another within', { content: 'another' }, otherText],
    ['that names another person’s certificate', { names: max.made }, changed],
    ['that names nobody’s certificate', { names: sequence() }, 'by another certificate'],
    ['by another key', { by: kinds['P-256']() }, changed],
    ['over other attributes than it has', { signs: Buffer.from('another') }, changed],
    ['whose attributes have no digest of the text', { without: ['messageDigest'] }, otherText],
    ['whose attributes do not say what was signed', { without: ['contentType'] }, otherText],
    ['over content of another kind', { contentType: '1.2.3.4' }, otherText],
    ['that does not say when it was made', { without: ['signingTime'] }, 'B-B'],
    ['that names no certificate', { without: ['certificate'] }, 'sign as CAdES'],
    ['whose digest nobody signed', { isUnsigned: true }, otherText],
    ['that says a thing twice', { twice: true }, 'of another form'],
    ['of two who signed alike', { signers: 2 }, 'it has 2 signers'],
    ['of nobody', { signers: 0 }, 'it has 0 signers'],
    ['with SHA-1', { digest: 'sha1' }, 'a digest of SHA-1'],
  ])('%s counts for nobody', async (_, errs, wrong) => {
    expect(await said(erika.sign(text, at, errs))).toEqual({
      wrong: expect.stringContaining(wrong),
    })
  })

  // Kills: attributes that are sorted by their values alone, or not at all (cms.ts, `sortAttributes`).
  test('whose program wrote its attributes unsorted holds once they are in the order of DER', async () => {
    const unsorted = erika.sign(text, at, { unsorted: true })
    expect(await said(unsorted)).toEqual({ wrong: changed })
    expect(b64(sortAttributes(unsorted))).not.toBe(b64(unsorted))
    expect(await said(sortAttributes(unsorted))).toMatchObject({ by: { kid: 'erika' }, at })
    // What is in order stays as it is, and so does what is no signature.
    for (const bytes of [erika.sign(text, at), Buffer.from('3003020101', 'hex')])
      expect(b64(sortAttributes(bytes))).toBe(b64(bytes))
  })

  // Kills: a refusal that leaves people guessing which card they took, or that a name of a stranger goes on.
  test('by another certificate says by which, and which are registered', async () => {
    const forged = makeSigner('Erika”, issued by “X\n\u202e')
    const { wrong } = (await said(forged.sign(text, at))) as { wrong: string }
    expect(wrong).toMatch(
      /: by “Erika', issued by 'X {2}”, issued by “Invented Trust”, until [\d-]+T[\d:]+Z, SHA-256 [0-9a-f]{16}…\. Registered: “Erika Muster”, issued by .+; “Max Muster”, .+…$/,
    )
    const many = Array.from({ length: 6 }, () => ({ certificate: max.certificate }))
    expect(await said(forged.sign(text, at), many)).toEqual({
      wrong: expect.stringMatching(/…; 2 more$/),
    })
    expect(await said(forged.sign(text, at, { names: sequence() }), [{}])).toEqual({
      wrong: expect.stringMatching(/by one that is not within it\. Registered: none$/),
    })
  })

  const identified = (...bytes: number[]) => der(0x06, Uint8Array.from(bytes))
  const uuid = (last: number) => identified(0x69, ...Array<number>(17).fill(0xff), last)
  const long = (bytes: number) => identified(...Array<number>(bytes - 1).fill(0xff), 1)
  const strange = 'its attributes, or its signature, are of another form'
  // Kills: identifiers that are read in two ways, so that one verifier takes what another refuses (der.ts, `oidOf`).
  test.each<[string, readonly Uint8Array[], string | undefined]>([
    ['no identifier', [identified()], strange],
    ['an identifier that does not end', [identified(0x2a, 0x83)], strange],
    ['an identifier with zeros before', [identified(0x2a, 0x80, 0x03)], strange],
    ['one identifier twice', [uuid(1), uuid(1)], strange],
    ['an identifier that is as long as it may be', [long(128)], undefined],
    ['a longer one, which takes as long as its square', [long(129)], strange],
    ['one that takes seconds', [long(30_000)], strange],
    ['two that differ in the last digit alone', [uuid(1), uuid(2)], undefined],
  ])(
    'with further attributes of %s is taken by both verifiers, or by none',
    async (_, of, wrong) => {
      const and = of.map((each) => sequence(each, set(small(1))))
      expect(await said(erika.sign(text, at, { and }))).toMatchObject(
        wrong === undefined ? { by: { kid: 'erika' } } : { wrong },
      )
    },
  )

  const member = (n: number, ...values: readonly Uint8Array[]) => der(0xa0 + n, ...values)
  const sha256 = sequence(oid(digestOids.sha256))
  const pss = (...more: readonly Uint8Array[]) =>
    sequence(
      oid('1.2.840.113549.1.1.10'),
      sequence(
        member(0, sha256),
        member(1, sequence(oid('1.2.840.113549.1.1.8'), sha256)),
        ...more,
      ),
    )
  // Kills: a parameter that is there and empty, read as if it were left out (attached.ts, `pssOf`).
  test.each<[string, readonly Uint8Array[], number, boolean]>([
    ['its salt left out', [], 20, true],
    ['its salt', [member(2, small(32))], 32, true],
    ['no salt', [member(2, small(0))], 0, true],
    ['another salt than it has', [member(2, small(32))], 0, false],
    ['a salt of no number', [member(2, integer(new Uint8Array()))], 20, false],
    ['nothing where its salt is said', [member(2)], 20, false],
    ['nothing where its trailer is said', [member(3)], 20, false],
    ['another trailer', [member(3, small(2))], 20, false],
  ])('of RSASSA-PSS that names %s is taken by both, or by none', async (_, more, salt, holds) => {
    const ruth = makeSigner('Ruth Muster', 'RSA')
    const signers = [{ kid: 'ruth', certificate: ruth.certificate }]
    const signed = ruth.sign(text, at, { algorithm: pss(...more), saltLength: salt })
    expect('by' in (await said(signed, signers))).toBe(holds)
  })

  // Kills: a second verifier that forgets what a key itself says of how it signs (RFC 4055 §3.3).
  test.each([
    ['sha256', 20, true],
    ['sha256', 48, false],
    ['sha512', 20, false],
  ] as const)(
    'of a key for RSASSA-PSS with %s and a salt of %i bytes is made so',
    async (hash, saltLength, holds) => {
      // A number, whatever the types of Node call it.
      const salt: object = { saltLength }
      const of = { hashAlgorithm: hash, mgf1HashAlgorithm: hash, modulusLength: 2048, ...salt }
      const { publicKey, privateKey } = generateKeyPairSync('rsa-pss', of)
      // The same key without what it says of itself signs as it should not.
      const free = readDer(privateKey.export({ format: 'der', type: 'pkcs8' }))?.parts[2]?.content
      const key = createPrivateKey({ key: Buffer.from(free ?? []), format: 'der', type: 'pkcs1' })
      const rita = makeSigner('Rita Muster', 'RSA', {}, { publicKey, privateKey: key })
      const algorithm = pss(member(2, small(32)))
      const signed = rita.sign(text, at, { algorithm, saltLength: 32 })
      const signers = [{ kid: 'rita', certificate: rita.certificate }]
      expect('by' in (await said(signed, signers))).toBe(holds)
    },
  )

  test('made when its certificate was not valid counts for nobody, and says from when until when', async () => {
    const short = { from: '2026-11-01T00:00:00Z', until: '2026-11-30T23:59:59Z' }
    const person = makeSigner('Erika Muster', 'P-256', { ...short, extensions: [usage(0x40)] })
    const signers = [{ kid: 'erika', certificate: person.certificate }]
    const made = (when: string) => said(person.sign(text, when), signers)
    expect(await made('2026-11-01T00:00:00Z')).toMatchObject({ at: '2026-11-01T00:00:00Z' })
    expect(await made('2026-11-30T23:59:59Z')).toMatchObject({ at: '2026-11-30T23:59:59Z' })
    for (const when of ['2026-10-31T23:59:59Z', '2026-12-01T00:00:00Z'])
      expect(await made(when)).toEqual({
        wrong: `its certificate is valid from ${short.from} until ${short.until}, and it was made at ${when}`,
      })
  })

  test('longer than it may be is not read', async () => {
    expect(await said(new Uint8Array(65_536))).toEqual({ wrong: 'it is longer than 65535 bytes' })
    expect(await said(new Uint8Array(65_535))).toEqual({ wrong: 'it is no signature in CMS' })
  })
})

describe('A certificate', () => {
  test.each([
    ['P-384', usage(0x80), undefined],
    ['RSA', usage(0x40), undefined],
    ['RSA-1024', usage(0x40), 'its key is none of'],
    ['secp256k1', usage(0x40), 'its key is none of'],
    ['P-256', usage(0x20), 'its key may not be used for signatures'],
  ] as const)('of %s is registered as what it is for', (kind, extension, wrong) => {
    const { certificate } = makeSigner('Erika Muster', kind, { extensions: [extension] })
    const fault = faultOfCertificate(certificate)
    if (wrong === undefined) expect(fault).toBeUndefined()
    else expect(fault).toContain(wrong)
  })

  test('is registered as a certificate, and as nothing else', () => {
    expect(faultOfCertificate(b64(Buffer.from(erika.certificate)))).toContain('no certificate')
  })

  test('of whose issuer nothing is claimed is told without a claim', async () => {
    const signed = await said(erika.sign(text, at))
    if ('wrong' in signed) throw new Error(signed.wrong)
    expect(certificateWords(signed.certificate)).toBe(
      'by the certificate of “Erika Muster”, issued by “Invented Trust”',
    )
  })

  // Kills: a name that goes on as if it were what the issuer, or Comity, says (certificate-words.ts).
  test('whose name says more than a name is told in quotes, on one line, as it is written', () => {
    const words = (name: string) =>
      certificateWords(readCertificate(makeSigner(name).made) as Certificate)
    expect(words('Erika”, issued by “A; its issuer calls it qualified')).toBe(
      "by the certificate of “Erika', issued by 'A; its issuer calls it qualified”, issued by “Invented Trust”",
    )
    expect(words(`Erika\n\u202eretsuM\u2028${'x'.repeat(10_000)}`)).toBe(
      `by the certificate of “Erika  retsuM ${'x'.repeat(186)}”, issued by “Invented Trust”`,
    )
  })
})

describe('BER', () => {
  /** The same DER with each constructed element in indefinite length, and each length longer than it need be. */
  function loosened(bytes: Uint8Array): Uint8Array {
    const out: Uint8Array[] = []
    for (let i = 0; i < bytes.length; ) {
      const [tag = 0, first = 0] = bytes.subarray(i)
      const long = first < 0x80 ? 0 : first & 0x7f
      const start = i + 2 + long
      const length =
        long === 0
          ? first
          : Number.parseInt(Buffer.from(bytes.subarray(i + 2, start)).toString('hex'), 16)
      const content = bytes.subarray(start, start + length)
      const size = Buffer.alloc(4)
      size.writeUInt32BE(length)
      out.push(
        tag & 0x20
          ? Buffer.concat([Uint8Array.of(tag, 0x80), loosened(content), Uint8Array.of(0, 0)])
          : Buffer.concat([Uint8Array.of(tag, 0x84), size, content]),
      )
      i = start + length
    }
    return Buffer.concat(out)
  }

  test('of any signature is rewritten as its DER, byte for byte', () => {
    for (const encoded of Object.values(golden.signatures)) {
      const der = derIn(Buffer.from(encoded, 'base64'))
      if (der === undefined) throw new Error('it is not read')
      expect(b64(derOf(der))).toBe(b64(der))
      expect(b64(derOf(loosened(der)))).toBe(b64(der))
    }
  })

  // Kills: an end that is not looked for; a part that ends behind what it is in.
  test('of whatever bytes is refused, or rewritten once for all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const der = derOf(bytes)
        if (der !== undefined) expect(derOf(der)).toEqual(der)
      }),
    )
  })

  test.each([
    ['nothing', ''],
    ['a part that ends behind the whole', '3003040500'],
    ['a whole without an end', '3080040100'],
    ['a primitive without a length', '04800000'],
    ['something behind it', '0401000401'],
    ['octets in pieces of another kind', '2403020100'],
    ['a length of more bytes than there are', '0484ffffffff00'],
  ])('with %s is refused', (_, hex) => {
    expect(derOf(Buffer.from(hex, 'hex'))).toBeUndefined()
  })

  test('is read up to the length that DER is written in', () => {
    const octets = (length: number) =>
      Buffer.concat([Buffer.from([0x04, 0x82, length >> 8, length & 0xff]), Buffer.alloc(length)])
    expect(derOf(octets(65_531))).toEqual(octets(65_531))
    expect(derOf(octets(65_532))).toBeUndefined()
  })

  test('nested deeper than anybody signs is refused', () => {
    expect(derOf(Buffer.from('3080'.repeat(30_000), 'hex'))).toBeUndefined()
  })
})
