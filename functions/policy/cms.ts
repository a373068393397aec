/**
 * Signed data of CMS (RFC 5652 §5), as time stamps and attached signatures have it: one signer, who signed
 * attributes. What is read is not believed yet.
 */

import { createHash } from 'node:crypto'
import { digests, type Scheme, schemes } from './certificate.ts'
import { type Der, oidOf, partsOf, readDer, tags } from './der.ts'

/** One signer's signed data. */
export type SignedData = {
  /** The kind of content, an object identifier; and the content, unless it is kept elsewhere. */
  readonly kind: string
  readonly content: Uint8Array | undefined
  /** Each certificate that is within, not read. */
  readonly certificates: readonly Uint8Array[]
  /** The value of each attribute that was signed. */
  readonly attributes: ReadonlyMap<string, Der>
  readonly signer: {
    /** What was signed: the attributes. */
    readonly bytes: Uint8Array
    /** The algorithm that digested the content, an object identifier. */
    readonly digest: string
    /** An `AlgorithmIdentifier`. */
    readonly algorithm: Der | undefined
    readonly signature: Uint8Array
  }
}

/** Attributes that a signer signs (RFC 5652 §11, RFC 2634 §5.4, RFC 5035 §3). */
export const attributeOids = {
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const

const signedData = '1.2.840.113549.1.7.2'
/** Plain RSA, whose digest the signer names separately. */
const plainRsa = '1.2.840.113549.1.1.1'

/** Reads signed data in DER, or says why it cannot be taken for that of one signer. */
export function readSignedData(bytes: Uint8Array): SignedData | { readonly wrong: string } {
  const outer = partsOf(readDer(bytes), tags.sequence, tags.oid, tags.context(0))
  const wanted = [tags.integer, tags.set, tags.sequence]
  const parts = partsOf(outer?.[1]?.parts[0], tags.sequence, ...wanted)
  const signers = parts?.at(-1)
  const [kind, within] = partsOf(parts?.[2], tags.sequence, tags.oid) ?? []
  const content = within && partsOf(within, tags.context(0), tags.octets)?.[0]
  const isWhole = kind !== undefined && (within === undefined || content !== undefined)
  if (oidOf(outer?.[0]) !== signedData || signers?.tag !== tags.set || !isWhole)
    return { wrong: 'it is no signature in CMS' }
  const [signer, ...others] = signers.parts
  if (signer === undefined || others.length > 0)
    return { wrong: `it has ${signers.parts.length} signers, and one signs alone` }
  const [, , digest, signed, algorithm, signature] = signer.parts
  if (signed?.tag !== tags.context(0)) return { wrong: 'its signer signed no attributes' }
  const attributes = attributesOf(signed)
  if (attributes === undefined || signature?.tag !== tags.octets)
    return { wrong: 'its attributes, or its signature, are of another form' }
  // They were signed as a SET, whatever tag they have here (RFC 5652 §5.4).
  const message = Uint8Array.from(signed.bytes)
  message[0] = tags.set
  const certificates = parts?.find(({ tag }) => tag === tags.context(0))?.parts ?? []
  return {
    ...{ kind: oidOf(kind), content: content?.content, attributes },
    certificates: certificates.map((each) => each.bytes),
    signer: {
      ...{ bytes: message, digest: oidOf(digest?.parts[0]), algorithm },
      signature: signature.content,
    },
  }
}

/**
 * The same with its signed attributes in the order of DER (X.690 §11.6), in which a signer digests them whatever the
 * order is in which its program writes them (RFC 5652 §5.4).
 */
export function sortAttributes(bytes: Uint8Array): Uint8Array {
  const sorted = Uint8Array.from(bytes)
  const signers = readDer(sorted)?.parts[1]?.parts[0]?.parts.at(-1)
  const attributes = signers?.parts[0]?.parts[3]
  if (attributes?.tag === tags.context(0))
    attributes.content.set(
      Buffer.concat(attributes.parts.map((each) => each.bytes).toSorted(Buffer.compare)),
    )
  return sorted
}

/** How the signer's key signed, but for RSASSA-PSS; undefined if the algorithm is not known here. */
export function schemeOf({ digest, algorithm }: SignedData['signer']): Scheme | undefined {
  const of = oidOf(algorithm?.parts[0])
  const hashed = digests[digest]
  if (of === plainRsa) return hashed === undefined ? undefined : { kind: 'rsa', digest: hashed }
  return schemes[of]
}

/** Whether the signer signed the digest of exactly this content, as of this kind. */
export function isOver({ attributes, kind, signer }: SignedData, content: Uint8Array): boolean {
  const digest = digests[signer.digest]
  if (digest === undefined || oidOf(attributes.get(attributeOids.contentType)) !== kind)
    return false
  return isSame(attributes.get(attributeOids.messageDigest)?.content, hashed(digest, content))
}

/** The single value of each attribute; undefined if one occurs twice. */
function attributesOf(der: Der): ReadonlyMap<string, Der> | undefined {
  const attributes = new Map<string, Der>()
  for (const each of der.parts) {
    const [type, values] = partsOf(each, tags.sequence, tags.oid, tags.set) ?? []
    const value = values?.parts[0]
    const of = oidOf(type)
    if (value === undefined || values?.parts.length !== 1 || of === '' || attributes.has(of))
      return undefined
    attributes.set(of, value)
  }
  return attributes
}

/** Whether every attribute by which the signer names a certificate (RFC 5816) has this one's digest. */
export function namesCertificate({ attributes }: SignedData, bytes: Uint8Array): boolean {
  const old = attributes.get(attributeOids.signingCertificate)
  const now = attributes.get(attributeOids.signingCertificateV2)
  const first = (der: Der | undefined) => der?.parts[0]?.parts[0]?.parts ?? []
  const [oldHash] = first(old)
  const [algorithm, ...rest] = first(now)
  const isDefault = algorithm?.tag === tags.octets
  const digest = isDefault ? 'sha256' : digests[oidOf(algorithm?.parts[0])]
  const isOld = old === undefined || isSame(oldHash?.content, hashed('sha1', bytes))
  const nowHash = isDefault ? algorithm : rest[0]
  const isNow =
    now === undefined || (digest !== undefined && isSame(nowHash?.content, hashed(digest, bytes)))
  return isOld && isNow && (old ?? now) !== undefined
}

const hashed = (algorithm: string, bytes: Uint8Array): Uint8Array =>
  createHash(algorithm).update(bytes).digest()

const isSame = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && Buffer.compare(a, b) === 0
