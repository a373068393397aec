/**
 * A time-stamping authority (RFC 3161) of a test, which stamps at whatever time it is told, and errs as it is
 * told. It writes its own DER, so that what reads it is not held to itself; OpenSSL checks one of its tokens.
 *
 *     const authority = makeAuthority()
 *     authority.stamp(bytes, '2026-11-25T09:00:00Z')         // a token
 *     authority.trusted                                      // for a trust file
 */

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

type Bytes = Uint8Array

/** An element of DER. */
export function der(tag: number, ...parts: readonly Bytes[]): Bytes {
  const content = Buffer.concat(parts)
  const { length } = content
  const bytes = Buffer.from(length.toString(16).padStart(length > 255 ? 4 : 2, '0'), 'hex')
  const written = length < 0x80 ? [length] : [0x80 + bytes.length, ...bytes]
  return Buffer.concat([Uint8Array.from([tag, ...written]), content])
}
export const sequence = (...parts: readonly Bytes[]) => der(0x30, ...parts)
export const set = (...parts: readonly Bytes[]) => der(0x31, ...parts)
export const octets = (bytes: Bytes) => der(0x04, bytes)
export const integer = (bytes: Bytes) => der(0x02, bytes)
export const small = (value: number) => integer(Uint8Array.of(value))
export const time = (iso: string) =>
  der(0x18, Buffer.from(iso.replaceAll(/[-:T]/g, '').replace('.000Z', 'Z')))

/** An object identifier from its dots. */
export function oid(dots: string): Bytes {
  const [top = 0, second = 0, ...arcs] = dots.split('.').map(Number)
  const bytes = [top * 40 + second, ...arcs].flatMap((arc) => {
    const digits = [arc & 0x7f]
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
      digits.unshift((rest & 0x7f) | 0x80)
    return digits
  })
  return der(0x06, Uint8Array.from(bytes))
}

export const digestOids = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const
export type Digest = keyof typeof digestOids
const signatureOids = {
  rsa: { sha1: '1.1.5', sha256: '1.1.11', sha384: '1.1.12', sha512: '1.1.13' },
  ec: { sha1: '4.1', sha256: '4.3.2', sha384: '4.3.3', sha512: '4.3.4' },
} as const

export type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
export const kinds = {
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  'P-521': () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  secp256k1: () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  RSA: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'RSA-1024': () => generateKeyPairSync('rsa', { modulusLength: 1024 }),
} satisfies Readonly<Record<string, () => Pair>>
/** Kinds of keys. */
export type Kind = keyof typeof kinds

export const algorithm = ({ privateKey }: Pair, digest: Digest) =>
  privateKey.asymmetricKeyType === 'rsa'
    ? sequence(oid(`1.2.840.113549.${signatureOids.rsa[digest]}`), der(0x05))
    : sequence(oid(`1.2.840.10045.${signatureOids.ec[digest]}`))

export const named = (name: string) =>
  sequence(set(sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(name)))))

/** What a certificate says beside whose key it is. */
export type Says = {
  readonly from?: string
  readonly until?: string
  readonly extensions?: readonly Bytes[]
  readonly digest?: Digest
  readonly serial?: Bytes
}

export const extension = (dots: string, value: Bytes, isCritical = true) =>
  sequence(oid(dots), ...(isCritical ? [der(0x01, Uint8Array.of(0xff))] : []), octets(value))

export const stamping = '1.3.6.1.5.5.7.3.8'
/** Extended key usage. */
export const uses = (all: readonly string[], isCritical = true) =>
  extension('2.5.29.37', sequence(...all.map(oid)), isCritical)
/** Basic constraints of a CA, with no more CAs below than said. */
export const ca = (below?: number) =>
  extension(
    '2.5.29.19',
    sequence(der(0x01, Uint8Array.of(0xff)), ...(below === undefined ? [] : [small(below)])),
  )
/** Key usage, as the first byte of its bits: 0x80 signs, 0x04 issues. */
export const usage = (bits: number) => extension('2.5.29.15', der(0x03, Uint8Array.of(0, bits)))

export function certify(
  subject: string,
  { publicKey }: Pair,
  issuer: string,
  by: Pair,
  { from = '2020-01-01T00:00:00Z', until = '2040-01-01T00:00:00Z', ...says }: Says,
): Bytes {
  const { extensions = [], digest = 'sha256', serial = Uint8Array.of(1, ...randomBytes(8)) } = says
  const tbs = sequence(
    der(0xa0, small(2)),
    integer(serial),
    algorithm(by, digest),
    named(issuer),
    sequence(time(from), time(until)),
    named(subject),
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(...extensions)),
  )
  const signature = sign(digest, tbs, by.privateKey)
  return sequence(tbs, algorithm(by, digest), der(0x03, Uint8Array.of(0), signature))
}

/** How an authority is made. */
export type Made = {
  readonly kind?: Kind
  readonly rootKind?: Kind
  readonly own?: Says
  readonly root?: Says
  /** A CA between both; without it, the root certifies the authority. */
  readonly between?: Says
  /** How many of them, one above the other; one unless said. */
  readonly cas?: number
  readonly policy?: string
}

/** How a token errs. */
export type Errs = {
  readonly digest?: Digest
  readonly imprint?: Bytes
  readonly nonce?: Bytes
  readonly policy?: string
  /** Elements of `Accuracy`. */
  readonly accuracy?: readonly Bytes[]
  /** Which certificates come with it. */
  readonly certificates?: readonly Bytes[]
  /** How it names its certificate. */
  readonly names?: 'v1' | 'v2' | 'both' | 'none' | 'another' | 'another by v1'
  readonly contentType?: string
  readonly messageDigest?: Bytes
  readonly version?: number
  readonly signers?: number
  /** Attributes that are signed beside those that must be. */
  readonly further?: readonly Bytes[]
  /** Whose key signs. */
  readonly by?: Pair
  /** Whether RSA is named without its digest, as many authorities do. */
  readonly isPlain?: boolean
}

/** An authority, and the CA that certified it. */
export function makeAuthority(made: Made = {}) {
  const pair: Pair = kinds[made.kind ?? 'P-256']()
  const rootPair: Pair = kinds[made.rootKind ?? 'P-256']()
  const { between } = made
  const rootName = 'Invented Root'
  const root = certify(rootName, rootPair, rootName, rootPair, {
    extensions: [ca(), usage(0x04)],
    ...made.root,
  })
  const middles = Array.from({ length: made.cas ?? 1 }, (_, i) => ({
    name: i === 0 ? 'Invented CA' : `Invented CA ${i}`,
    pair: kinds['P-256'](),
  }))
  const top = { name: rootName, pair: rootPair }
  const cas = middles.map(({ name, pair: of }, i) => {
    const above = middles[i + 1] ?? top
    return certify(name, of, above.name, above.pair, { extensions: [ca()], ...between })
  })
  const [{ pair: middle } = top] = middles
  const serial = Uint8Array.of(1, ...randomBytes(8))
  const own = certify(
    'Invented Authority',
    pair,
    between ? 'Invented CA' : rootName,
    between ? middle : rootPair,
    { serial, extensions: [uses([stamping]), usage(0x80)], ...made.own },
  )
  const certificates = between ? [own, ...cas] : [own]

  /** A token over bytes, at a time such as `2026-11-25T09:00:00Z`. */
  const stamp = (bytes: Bytes, at: string, errs: Errs = {}): Bytes => {
    const { digest = 'sha256', names = 'v2', by = pair, nonce } = errs
    const hash = (of: Digest, data: Bytes) => createHash(of).update(data).digest()
    const info = sequence(
      small(errs.version ?? 1),
      oid(errs.policy ?? made.policy ?? '1.2.3.4.1'),
      sequence(
        sequence(oid(digestOids.sha256), der(0x05)),
        octets(errs.imprint ?? hash('sha256', bytes)),
      ),
      small(7),
      time(at),
      ...(errs.accuracy ? [sequence(...errs.accuracy)] : []),
      ...(nonce ? [integer(nonce)] : []),
    )
    const attribute = (dots: string, value: Bytes) => sequence(oid(dots), set(value))
    const namedOne = names === 'another' ? root : own
    const v1 = attribute(
      '1.2.840.113549.1.9.16.2.12',
      sequence(sequence(sequence(octets(hash('sha1', namedOne))))),
    )
    const v2 = attribute(
      '1.2.840.113549.1.9.16.2.47',
      sequence(sequence(sequence(octets(hash('sha256', namedOne))))),
    )
    const mixed = attribute(
      '1.2.840.113549.1.9.16.2.12',
      sequence(sequence(sequence(octets(hash('sha1', root))))),
    )
    const which = {
      ...{ v1: [v1], v2: [v2], both: [v1, v2], none: [], another: [v2] },
      'another by v1': [mixed, v2],
    }
    const infoType = '1.2.840.113549.1.9.16.1.4'
    const attributes = [
      attribute('1.2.840.113549.1.9.3', oid(errs.contentType ?? infoType)),
      attribute('1.2.840.113549.1.9.4', octets(errs.messageDigest ?? hash(digest, info))),
      ...which[names],
      ...(errs.further ?? []),
    ]
    const signature = sign(digest, set(...attributes), by.privateKey)
    const sid = sequence(named(between ? 'Invented CA' : rootName), integer(serial))
    const plain = sequence(oid('1.2.840.113549.1.1.1'), der(0x05))
    const signer = sequence(
      small(1),
      sid,
      sequence(oid(digestOids[digest])),
      der(0xa0, ...attributes),
      errs.isPlain ? plain : algorithm(by, digest),
      octets(signature),
    )
    const signed = sequence(
      small(3),
      set(sequence(oid(digestOids[digest]))),
      sequence(oid(infoType), der(0xa0, octets(info))),
      der(0xa0, ...(errs.certificates ?? certificates)),
      set(...Array<Bytes>(errs.signers ?? 1).fill(signer)),
    )
    return sequence(oid('1.2.840.113549.1.7.2'), der(0xa0, signed))
  }
  return {
    own,
    root,
    ca: cas[0] ?? root,
    /** The root’s key under another name. */
    alias: certify('Another Root', rootPair, 'Another Root', rootPair, { extensions: [ca()] }),
    stamp,
    /** As it stands in a trust file: by its CA, or by its own certificate. */
    trusted: { name: 'Invented Authority', certificate: Buffer.from(root).toString('base64') },
    trustedItself: { name: 'Invented Authority', certificate: Buffer.from(own).toString('base64') },
  }
}

/** An answer (TimeStampResp) with a token, or with a status alone. */
export const answerOf = (token: Bytes | undefined, status = 0): Bytes =>
  sequence(sequence(small(status)), ...(token ? [token] : []))
