/**
 * A person who signs in a program of their own, by the key of a certificate (CAdES, ETSI EN 319 122-1): an invented
 * one, at whatever time it is told, and who errs as told. It writes its own DER, as the authority of
 * `ledger/authority.ts` does, so that what reads it is not held to itself.
 *
 *     const erika = makeSigner('Erika Muster')
 *     erika.sign(text, '2026-11-25T09:00:00Z')               // the file of a signature
 *     erika.certificate                                      // for `sealers.json`
 */

import { constants, createHash, randomBytes, sign as signWith } from 'node:crypto'
import {
  algorithm,
  certify,
  type Digest,
  der,
  digestOids,
  integer,
  type Kind,
  kinds,
  named,
  octets,
  oid,
  type Pair,
  type Says,
  sequence,
  set,
  small,
  time,
  usage,
} from '../ledger/authority.ts'

type Bytes = Uint8Array
const { RSA_PKCS1_PSS_PADDING } = constants

/** How a signature errs. */
export type Errs = {
  readonly digest?: Digest
  /** What is digested instead of the text. */
  readonly over?: string
  /** Whose certificate is named, in DER. */
  readonly names?: Bytes
  /** Attributes that are left out, by the names below. */
  readonly without?: readonly ('contentType' | 'messageDigest' | 'signingTime' | 'certificate')[]
  /** Attributes that are written in another order than that of DER, in which they are signed. */
  readonly unsorted?: boolean
  /** Attributes that are signed twice. */
  readonly twice?: boolean
  /** Attributes that nobody signed, in place of those that somebody must. */
  readonly isUnsigned?: boolean
  readonly contentType?: string
  readonly content?: string
  readonly signers?: number
  readonly by?: Pair
  /** Further attributes. */
  readonly and?: readonly Bytes[]
  /** An `AlgorithmIdentifier`, in place of that of the key; and the salt with which it signs, of RSASSA-PSS. */
  readonly algorithm?: Bytes
  readonly saltLength?: number
  /** What was signed in place of the attributes. */
  readonly signs?: Bytes
}

/** A person with a certificate that an invented CA issued. */
export function makeSigner(name: string, kind: Kind = 'P-256', says: Says = {}, own?: Pair) {
  const pair: Pair = own ?? kinds[kind]()
  const serial = Uint8Array.of(1, ...randomBytes(8))
  const made = certify(name, pair, issuer, kinds['P-256'](), {
    serial,
    extensions: [usage(0x40)],
    ...says,
  })
  /** A signature over a text. */
  const sign = (text: string, at: string, errs: Errs = {}): Bytes => {
    const { digest = 'sha256', by = pair, without = [] } = errs
    const hash = (of: Digest, data: Bytes) => createHash(of).update(data).digest()
    const attribute = (dots: string, value: Bytes) => sequence(oid(dots), set(value))
    const content = Buffer.from(errs.over ?? text)
    const all = {
      contentType: attribute('1.2.840.113549.1.9.3', oid(errs.contentType ?? data)),
      signingTime: attribute('1.2.840.113549.1.9.5', time(at)),
      messageDigest: attribute('1.2.840.113549.1.9.4', octets(hash(digest, content))),
      certificate: attribute(
        '1.2.840.113549.1.9.16.2.47',
        sequence(sequence(sequence(octets(hash('sha256', errs.names ?? made))))),
      ),
    }
    const kept = Object.entries(all).flatMap(([key, value]) =>
      without.some((each) => each === key) ? [] : errs.twice ? [value, value] : [value],
    )
    const unsigned = errs.isUnsigned ? kept : []
    const attributes = [...(errs.isUnsigned ? [all.certificate] : kept), ...(errs.and ?? [])]
    const { saltLength } = errs
    const pss = saltLength === undefined ? {} : { padding: RSA_PKCS1_PSS_PADDING, saltLength }
    const signer = sequence(
      small(1),
      sequence(named(issuer), integer(serial)),
      sequence(oid(digestOids[digest])),
      der(0xa0, ...(errs.unsorted ? attributes.toReversed() : attributes)),
      errs.algorithm ?? algorithm(by, digest),
      octets(signWith(digest, errs.signs ?? set(...attributes), { key: by.privateKey, ...pss })),
      ...(unsigned.length === 0 ? [] : [der(0xa1, ...unsigned)]),
    )
    const within = errs.content === undefined ? [] : [der(0xa0, octets(Buffer.from(errs.content)))]
    const signed = sequence(
      small(1),
      set(sequence(oid(digestOids[digest]))),
      sequence(oid(errs.contentType ?? data), ...within),
      der(0xa0, made),
      set(...Array<Bytes>(errs.signers ?? 1).fill(signer)),
    )
    return sequence(oid('1.2.840.113549.1.7.2'), der(0xa0, signed))
  }
  return { made, pair, sign, certificate: Buffer.from(made).toString('base64') }
}

const issuer = 'Invented Trust'
const data = '1.2.840.113549.1.7.1'
