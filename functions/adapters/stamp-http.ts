/** Asks a time-stamping authority over HTTP (RFC 3161 §3.4), and believes only what it signed. */

import { createHash, randomBytes } from 'node:crypto'
import { ComityError } from '../failure.ts'
import { fromBase64 } from '../ledger/note.ts'
import { isBy, stampOf, stampRequest, tokenBytesMax, tokenIn } from '../ledger/time-stamp.ts'
import type { Authority } from '../log-ports.ts'
import { readCertificate } from '../policy/certificate.ts'
import { post } from './post.ts'

/** How long we wait for an authority, ms: nothing waits for us. */
const timeoutMs = 5000
/** Longest answer, bytes: a token and a status. */
const answerBytesMax = tokenBytesMax + 1024

/** An authority's address, its certificate or that of a CA above it (base64, DER), and its policy. */
export type AuthorityConfig = {
  readonly url: string
  readonly certificate: string
  readonly policy?: string | undefined
}

/** An authority over HTTP. Throws if `certificate` is not a certificate. */
export function httpAuthority({ url, certificate, policy }: AuthorityConfig): Authority {
  const trusted = readCertificate(fromBase64(certificate) ?? new Uint8Array())
  if (trusted === undefined)
    throw new ComityError(
      'couldn’t use a time-stamping authority: its certificate is none in base64',
    )
  return {
    async stamp(note) {
      const nonce = freshNonce()
      const imprint = createHash('sha256').update(note).digest()
      const asked = await post(url, {
        body: stampRequest(imprint, nonce, policy),
        type: 'application/timestamp-query',
        timeoutMs,
        bytesMax: answerBytesMax,
      })
      if ('why' in asked) return { kind: 'away', why: asked.why }
      const refused = (why: string) => ({ kind: 'refused', why }) as const
      if (asked.status !== 200) return refused(`it answered ${asked.status}`)
      const answer = tokenIn(asked.bytes)
      const read = 'wrong' in answer ? answer : stampOf(answer.token, note)
      if ('wrong' in answer) return refused(answer.wrong)
      if ('wrong' in read) return refused(read.wrong)
      if (Buffer.compare(read.stamp.nonce, nonce) !== 0)
        return refused('its token answers another request')
      if (!isBy({ certificate: trusted, policy }, read.stamp))
        return refused('its token is not by the authority that is expected')
      return { kind: 'stamped', token: answer.token, ms: read.stamp.ms }
    },
  }
}

/** A random positive integer of eight bytes, as DER writes it. */
function freshNonce(): Uint8Array {
  const nonce = randomBytes(8)
  nonce[0] = 0x40 | ((nonce[0] ?? 0) & 0x3f)
  return nonce
}
