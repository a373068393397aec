/**
 * Time stamps (RFC 3161): tokens by which an authority states that some bytes existed at a time. Requests,
 * answers, and what a token proves by itself.
 */

import { createHash } from 'node:crypto'
import * as z from 'zod'
import {
  type Certificate,
  isForStamps,
  isSignedBy,
  leadsTo,
  readCertificate,
} from '../policy/certificate.ts'
import { isOver, namesCertificate, readSignedData, schemeOf } from '../policy/cms.ts'
import {
  type Der,
  oidOf,
  partsOf,
  readDer,
  tags,
  timeOf,
  writeDer,
  writeOid,
} from '../policy/der.ts'
import { count, lineOf, readExactly } from './verify-files.ts'

/** A token whose signature fits its own certificate. `isBy` checks whose certificate that is. */
export type Stamp = {
  /** SHA-256 of what was stamped. */
  readonly imprint: Uint8Array
  /** The time by which the bytes existed, ms: the stated time plus its accuracy. */
  readonly ms: number
  /** The authority's policy for it, an object identifier. */
  readonly policy: string
  /** The request's nonce; empty if it has none. */
  readonly nonce: Uint8Array
  readonly certificate: Certificate
  /** Further certificates of the token. */
  readonly others: readonly Certificate[]
}

/** An expected authority: its own certificate or that of a CA above it, and its policy. */
export type ExpectedStamp = {
  readonly certificate: Certificate
  readonly policy?: string | undefined
}

const sha256 = '2.16.840.1.101.3.4.2.1'
const stampInfo = '1.2.840.113549.1.9.16.1.4'

/** Longest token that is read, bytes; and most certificates in it: the authority's and a few CAs'. */
export const tokenBytesMax = 32_768
const certificatesMax = 8
/** No stamp is of the year 3000 or later. */
const latestMs = Date.UTC(3000)

/**
 * A request (TimeStampReq, §2.4.1) for bytes with this SHA-256, asking for the certificate in the answer.
 * `nonce` is a whole number in DER.
 */
export const stampRequest = (imprint: Uint8Array, nonce: Uint8Array, policy?: string): Uint8Array =>
  writeDer(
    tags.sequence,
    writeDer(tags.integer, Uint8Array.of(1)),
    writeDer(
      tags.sequence,
      writeDer(tags.sequence, writeOid(sha256), writeDer(tags.null)),
      writeDer(tags.octets, imprint),
    ),
    ...(policy === undefined ? [] : [writeOid(policy)]),
    writeDer(tags.integer, nonce),
    writeDer(tags.boolean, Uint8Array.of(0xff)),
  )

/** The token of an answer (TimeStampResp, §2.4.2), or why there is none. */
export function tokenIn(
  answer: Uint8Array,
): { readonly token: Uint8Array } | { readonly wrong: string } {
  const parts = partsOf(readDer(answer), tags.sequence, tags.sequence)
  const [status] = partsOf(parts?.[0], tags.sequence, tags.integer) ?? []
  if (status === undefined) return { wrong: 'its answer is no time stamp' }
  const [code = -1] = status.content
  // Granted, or granted with changes, which the token shows.
  if (status.content.length !== 1 || code > 1) return { wrong: `it refused, with status ${code}` }
  const token = parts?.[1]?.bytes
  return token === undefined ? { wrong: 'its answer has no token' } : { token }
}

/** Reads a token (TimeStampToken), and checks everything that does not depend on whose it is. */
export function readStamp(
  token: Uint8Array,
): { readonly stamp: Stamp } | { readonly wrong: string } {
  if (token.length > tokenBytesMax) return { wrong: 'its token is longer than one can be' }
  const signed = readSignedData(token)
  if ('wrong' in signed || signed.kind !== stampInfo || signed.content === undefined)
    return { wrong: 'its token is no time stamp' }
  const info = infoOf(signed.content)
  const certificates = signed.certificates.map(readCertificate).filter((each) => each !== undefined)
  if (info === undefined || certificates.length > certificatesMax)
    return { wrong: 'its token is no time stamp' }
  if (!isOver(signed, signed.content)) return { wrong: 'its authority signed something else' }
  const certificate = certificates.find(({ bytes }) => namesCertificate(signed, bytes))
  if (certificate === undefined)
    return { wrong: 'the certificate that its authority names is not in it' }
  const { bytes, signature } = signed.signer
  const scheme = schemeOf(signed.signer)
  if (scheme === undefined || !isSignedBy(scheme, bytes, signature, certificate.key))
    return { wrong: 'the signature of its authority does not hold' }
  if (!isForStamps(certificate))
    return { wrong: 'the certificate of its authority is not for time stamps alone' }
  const others = certificates.filter((each) => each !== certificate)
  return { stamp: { ...info, certificate, others } }
}

/** Whether a stamp is by the expected authority, with a certificate that was valid when it stamped. */
export const isBy = (
  { certificate, policy }: ExpectedStamp,
  { certificate: own, others, policy: under, ms }: Stamp,
): boolean => (policy === undefined || policy === under) && leadsTo(certificate, own, others, ms)

type Info = Pick<Stamp, 'imprint' | 'ms' | 'policy' | 'nonce'>

/** The content of a token (TSTInfo, §2.4.2). */
function infoOf(bytes: Uint8Array): Info | undefined {
  const wanted = [tags.integer, tags.oid, tags.sequence, tags.integer, tags.time]
  const parts = partsOf(readDer(bytes), tags.sequence, ...wanted)
  if (parts === undefined) return undefined
  const [version, policy, imprint, , time, ...rest] = parts
  const [algorithm, hashed] = partsOf(imprint, tags.sequence, tags.sequence, tags.octets) ?? []
  const ms = timeOf(time)
  if (version?.content.length !== 1 || version.content[0] !== 1 || ms === undefined)
    return undefined
  if (oidOf(algorithm?.parts[0]) !== sha256 || hashed?.content.length !== 32) return undefined
  const accuracy = rest.find(({ tag }) => tag === tags.sequence)
  const nonce = rest.find(({ tag }) => tag === tags.integer)
  const latest = ms + accuracyMs(accuracy)
  if (!(latest < latestMs)) return undefined
  return {
    imprint: hashed.content,
    ms: latest,
    policy: oidOf(policy),
    nonce: nonce?.content ?? new Uint8Array(),
  }
}

/** How far the stated time may be from the true one, ms, fractions rounded up; 0 if it does not say. */
function accuracyMs(accuracy: Der | undefined): number {
  const value = (tag: number) => {
    const content = accuracy?.parts.find((each) => each.tag === tag)?.content ?? []
    return content.length > 2 ? Number.NaN : Number(`0x0${Buffer.from(content).toString('hex')}`)
  }
  // `[0]` and `[1]` are primitive.
  return value(tags.integer) * 1000 + value(0x80) + Math.ceil(value(0x81) / 1000)
}

/** Reads the stamp of a note, without checking whose it is. */
export function stampOf(
  token: Uint8Array,
  note: Uint8Array,
): { readonly stamp: Stamp } | { readonly wrong: string } {
  const read = readStamp(token)
  if ('wrong' in read) return read
  const digest = createHash('sha256').update(note).digest()
  return Buffer.compare(read.stamp.imprint, digest) === 0
    ? read
    : { wrong: 'its authority stamped other bytes than this checkpoint' }
}

// The file in which the archive keeps a checkpoint's time stamp.

const b64 = z.base64url()

/**
 * `stamps/<day>`: the size of the checkpoint, and the token (RFC 3161). The authority signed only part of the
 * token, so the file has its digest too: any changed byte is detected.
 */
const stampFile = z.strictObject({
  v: z.literal(1),
  size: count,
  token: b64,
  digest: b64.length(43),
})

/** A stamp as kept. The token is not checked. */
export type KeptStamp = { readonly size: number; readonly token: Uint8Array }

/** The bytes of the file. */
export function writeStamp({ size, token }: KeptStamp): Uint8Array {
  const written = { v: 1, size, token: Buffer.from(token).toString('base64url') }
  return Buffer.from(`${JSON.stringify({ ...written, digest: digestOf(token) })}\n`)
}

/** Reads the file; undefined if it could be written in another way, or its token was changed. */
export function readStampFile(bytes: Uint8Array): KeptStamp | undefined {
  const read = readExactly(lineOf(bytes), stampFile)
  const token = Buffer.from(read?.token ?? '', 'base64url')
  const isExact = token.toString('base64url') === read?.token && digestOf(token) === read.digest
  return read !== undefined && isExact ? { size: read.size, token } : undefined
}

/** The path of a log's stamp for the time `ms`: at most one a day (UTC). */
export const stampPath = (log: string, ms: number): string => `${log}/stamps/${dayOf(ms)}`

/** The day of a time, ms: `2026-11-27`. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

const digestOf = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('base64url')
