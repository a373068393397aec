/**
 * Attached signatures: a person signs a statement's text in a program of their own, by the key of a certificate, in
 * the form that EN 319 122-1 calls CAdES (B-B) and RFC 5652 signed data. Whose certificate counts is said by who
 * registered it, byte for byte; nobody is asked over a network, and no list of providers is read.
 */

import { createHash } from 'node:crypto'
import {
  type Certificate,
  digests,
  importedKey,
  isForStatements,
  isSignedBy,
  pss,
  readCertificate,
  type Scheme,
} from './certificate.ts'
import { namesIn } from './certificate-names.ts'
import {
  attributeOids,
  isOver,
  namesCertificate,
  readSignedData,
  type SignedData,
  schemeOf,
} from './cms.ts'
import { type Der, oidOf, partsOf, tags, timeOf } from './der.ts'

/** Longest signature that is read, bytes: certificates, time stamps and answers on revocation may be within. */
export const attachedBytesMax = 65_535

/** Who may sign by a certificate: its DER in base64. */
export type Certified = { readonly certificate?: string | undefined }

/** A signature that holds: by whom, by which certificate, and when by the signer's word. */
export type Attached<By> = {
  readonly by: By
  readonly certificate: Certificate
  /** RFC 3339, UTC, in whole seconds. */
  readonly at: string
}

/** Content that is just bytes (RFC 5652 §4). */
const data = '1.2.840.113549.1.7.1'

/**
 * Who of these signed exactly this text, or why nobody did. `signature` is DER in base64. What is not signed, such as
 * a time stamp that was added, counts for nothing.
 */
export function attachedBy<By extends Certified>(
  text: string,
  signature: string,
  signers: readonly By[],
): Attached<By> | { readonly wrong: string } {
  const bytes = Buffer.from(signature, 'base64')
  if (bytes.length > attachedBytesMax)
    return { wrong: `it is longer than ${attachedBytesMax} bytes` }
  const signed = readSignedData(bytes)
  if ('wrong' in signed) return signed
  const content = Buffer.from(text)
  const { kind, attributes, signer } = signed
  if (digests[signer.digest] === undefined)
    return { wrong: `it is over a digest of ${nameOf(signer.digest)}; ${taken}` }
  if (!attributes.has(attributeOids.signingCertificateV2))
    return { wrong: 'it does not name its certificate by a digest of SHA-2: sign as CAdES' }
  const named = signers
    .map((by) => ({ by, certificate: certificateIn(by.certificate) }))
    .find(({ certificate }) => certificate && namesCertificate(signed, certificate.bytes))
  if (named?.certificate === undefined) return { wrong: byAnother(signed, signers) }
  const { by, certificate } = named
  const scheme = schemeOf(signer) ?? pssOf(signer)
  if (scheme === undefined)
    return { wrong: `it is made by ${nameOf(oidOf(signer.algorithm?.parts[0]))}; ${taken}` }
  const isSame = signed.content === undefined || content.equals(signed.content)
  if (kind !== data || !isSame || !isOver(signed, content))
    return { wrong: 'it signs another text than this statement' }
  if (!isSignedBy(scheme, signer.bytes, signer.signature, certificate.key))
    return { wrong: 'the key of its certificate did not sign this: it was changed, or forged' }
  return whenOf(signed, certificate, by)
}

/** Most certificates that a refusal names. */
const namedMax = 4

/** Which certificate the signature names, if that is within, and which are registered. */
function byAnother(signed: SignedData, signers: readonly Certified[]): string {
  const found = signed.certificates
    .map(readCertificate)
    .find((each) => each !== undefined && namesCertificate(signed, each.bytes))
  const own = signers.flatMap(({ certificate }) => certificateIn(certificate) ?? [])
  const more = own.length > namedMax ? [`${own.length - namedMax} more`] : []
  const registered = [...own.slice(0, namedMax).map(whichOf), ...more].join('; ')
  return [
    'it is by another certificate than those that `sealers.json` lets sign this:',
    `by ${found === undefined ? 'one that is not within it' : whichOf(found)}.`,
    `Registered: ${registered === '' ? 'none' : registered}`,
  ].join(' ')
}

/** A certificate by what tells it from others of the same person: its end, and the start of its fingerprint. */
function whichOf(certificate: Certificate): string {
  const digest = createHash('sha256').update(certificate.bytes).digest('hex')
  return `${namesIn(certificate)}, until ${momentOf(certificate.until)}, SHA-256 ${digest.slice(0, 16)}…`
}

/** The time that the signer states, at which the certificate must be valid. */
function whenOf<By>({ attributes }: SignedData, certificate: Certificate, by: By) {
  const ms = timeOf(attributes.get(attributeOids.signingTime))
  if (ms === undefined)
    return { wrong: 'it does not say when it was made (signing-time): sign as CAdES B-B' }
  const { from, until } = certificate
  if (ms < from || ms > until)
    return {
      wrong: `its certificate is valid from ${momentOf(from)} until ${momentOf(until)}, and it was made at ${momentOf(ms)}`,
    }
  return { by, certificate, at: momentOf(ms) }
}

/** Why a certificate cannot be registered for one who signs; undefined if it can. */
export function faultOfCertificate(encoded: string): string | undefined {
  const certificate = certificateIn(encoded)
  if (certificate === undefined) return 'it is no certificate: DER in base64, of the person alone'
  if (importedKey(certificate.key) === undefined)
    return 'its key is none of P-256, P-384, P-521 and RSA of 2048 bits or more'
  return isForStatements(certificate) ? undefined : 'its key may not be used for signatures'
}

/** The key of a certificate, by which two certificates of one person's card are one; empty if it has none. */
export const keyIn = (encoded: string): string =>
  Buffer.from(certificateIn(encoded)?.key.bytes ?? []).toString('base64')

/** Certificates as read, remembered because one person signs hundreds of files. */
const read = new Map<string, Certificate | undefined>()

function certificateIn(encoded: string | undefined): Certificate | undefined {
  if (encoded === undefined) return undefined
  if (!read.has(encoded)) read.set(encoded, readCertificate(Buffer.from(encoded, 'base64')))
  return read.get(encoded)
}

const momentOf = (ms: number): string =>
  new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z')

const taken = 'taken are SHA-256, SHA-384 and SHA-512, with ECDSA, RSA (PKCS #1 v1.5) or RSASSA-PSS'

/** Names of algorithms that are refused. */
const refused: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.5': 'MD5',
  '1.3.14.3.2.26': 'SHA-1',
  '1.2.840.113549.1.1.5': 'RSA with SHA-1',
  '1.2.840.10045.4.1': 'ECDSA with SHA-1',
  '1.2.840.10040.4.3': 'DSA with SHA-1',
  '1.3.101.112': 'Ed25519',
  [pss]: 'RSASSA-PSS with other parameters',
}
const nameOf = (algorithm: string): string => refused[algorithm] ?? `the algorithm ${algorithm}`

const mgf1 = '1.2.840.113549.1.1.8'

/** RSASSA-PSS (RFC 4055 §3.1), with one digest for all; undefined for anything else. What is left out is SHA-1. */
function pssOf({ algorithm }: SignedData['signer']): Scheme | undefined {
  const [of, parameters] = algorithm?.parts ?? []
  if (oidOf(of) !== pss || parameters?.tag !== tags.sequence) return undefined
  const member = (n: number): Der | undefined => {
    const own = parameters.parts.find(({ tag }) => tag === tags.context(n))
    // An empty one is itself no digest and no number: what is there is not as if it were left out.
    return own?.parts[0] ?? own
  }
  const [digest] = partsOf(member(0), tags.sequence, tags.oid) ?? []
  const [mask, masked] = partsOf(member(1), tags.sequence, tags.oid, tags.sequence) ?? []
  const [salt, trailer] = [member(2), member(3)]
  const name = digests[oidOf(digest)]
  const isOne = oidOf(mask) === mgf1 && oidOf(masked?.parts[0]) === oidOf(digest)
  const isUsual =
    trailer === undefined || (trailer.content.length === 1 && trailer.content[0] === 1)
  if (name === undefined || !isOne || !isUsual || (salt && salt.tag !== tags.integer))
    return undefined
  const [first = 0xff, ...more] = salt?.content ?? [20]
  const saltBytes = more.length === 0 ? first : first * 256 + (more[0] ?? 0)
  return more.length > 1 || first > 0x7f ? undefined : { kind: 'rsa', digest: name, saltBytes }
}
