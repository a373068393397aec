/** How a time stamp of a checkpoint is kept beside it in the archive. */

import { createHash } from 'node:crypto'
import * as z from 'zod'
import { count, lineOf, readExactly } from './verify-files.ts'

const b64 = z.base64url()

/**
 * `stamps/<day>`: the size of the checkpoint, and the token (RFC 3161). The authority signed only part of
 * the token, so its digest stands beside it: a byte that was changed anywhere in it is seen.
 */
const stampFile = z.strictObject({
  v: z.literal(1),
  size: count,
  token: b64,
  digest: b64.length(43),
})

/** A stamp as it is kept. Nothing of the token is checked. */
export type KeptStamp = { readonly size: number; readonly token: Uint8Array }

/** The bytes of the file. */
export function writeStamp({ size, token }: KeptStamp): Uint8Array {
  const written = { v: 1, size, token: Buffer.from(token).toString('base64url') }
  return Buffer.from(`${JSON.stringify({ ...written, digest: digestOf(token) })}\n`)
}

/** Reads the file; undefined if it could be written otherwise, or its token was changed. */
export function readStampFile(bytes: Uint8Array): KeptStamp | undefined {
  const read = readExactly(lineOf(bytes), stampFile)
  const token = Buffer.from(read?.token ?? '', 'base64url')
  const isExact = token.toString('base64url') === read?.token && digestOf(token) === read.digest
  return read !== undefined && isExact ? { size: read.size, token } : undefined
}

/** Where the stamp of a log that says a time, ms, is kept: at most one a day (UTC). */
export const stampPath = (log: string, ms: number): string => `${log}/stamps/${dayOf(ms)}`

/** The day of a time, ms: `2026-11-27`. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

const digestOf = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('base64url')
