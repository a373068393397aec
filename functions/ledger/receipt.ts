/** The gateway's signed word that an entry is durable. */

import { type KeyObject, sign } from 'node:crypto'
import { type CryptoKey, compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose'
import * as z from 'zod'
import { type Question, questionSchema } from '../decision/question.ts'
import { ofJws } from '../policy/signed.ts'
import type { Leaf } from './entry.ts'

/** The time from an entry until a receipt says that it is sealed, ms. */
const sealWithinMs = 60_000

/** When an entry is to be sealed by. */
export const sealedBy = (ts: string): string =>
  new Date(Date.parse(ts) + sealWithinMs).toISOString()

const payloadSchema = z.strictObject({
  v: z.literal(1),
  log: z.string(),
  eid: z.string(),
  /** base64url of the RFC 6962 leaf hash. */
  lh: z.string(),
  out: z.string().optional(),
  ts: z.string(),
  /** From this time on, a receipt without a proof is evidence against the gateway. */
  sealBy: z.string(),
  req: z.string(),
})
export type ReceiptPayload = z.infer<typeof payloadSchema>

/** The private key that signs receipts, and its id in the JWK Set. */
type ReceiptKey = { readonly kid: string; readonly key: KeyObject }

/** What a receipt says of an entry. */
export const receiptPayload = (leaf: Leaf, leafHash: Uint8Array): ReceiptPayload => ({
  v: 1,
  log: leaf.log,
  eid: leaf.eid,
  lh: Buffer.from(leafHash).toString('base64url'),
  ...(leaf.out === undefined ? {} : { out: leaf.out }),
  ts: leaf.ts,
  sealBy: sealedBy(leaf.ts),
  req: leaf.req,
})

/** What the key of receipts signs, each with a `typ` of its own (RFC 8725 §3.11). */
type SignedPayload = { readonly receipt: ReceiptPayload; readonly question: Question }

/** A compact JWS (RFC 7515), ES256, `typ` `comity-receipt+jwt` or `comity-question+jwt`. */
export async function signAs<T extends keyof SignedPayload>(
  what: T,
  payload: SignedPayload[T],
  { kid, key }: ReceiptKey,
): Promise<string> {
  const header = { alg: 'ES256', typ: `comity-${what}+jwt`, kid }
  const input = [header, payload].map((part) => base64url(JSON.stringify(part))).join('.')
  // On this thread: to have another do it costs as much again.
  const signature = sign('sha256', Buffer.from(input), ofJws(key))
  return `${input}.${signature.toString('base64url')}`
}

const base64url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url')

/** What a receipt says, if the key signed it; throws otherwise. */
export async function readReceipt(receipt: string, key: CryptoKey): Promise<ReceiptPayload> {
  const { payload, protectedHeader } = await compactVerify(receipt, key, { algorithms: ['ES256'] })
  if (protectedHeader.typ !== 'comity-receipt+jwt') throw new Error('not a receipt of Comity')
  return payloadSchema.parse(JSON.parse(Buffer.from(payload).toString('utf8')))
}

/** A question to a holder's own system, if one of the keys signed it; throws otherwise. */
export async function readQuestion(signed: string, keys: JSONWebKeySet): Promise<Question> {
  const jwks = createLocalJWKSet(keys)
  const { payload, protectedHeader } = await compactVerify(signed, jwks, { algorithms: ['ES256'] })
  if (protectedHeader.typ !== 'comity-question+jwt') throw new Error('not a question of Comity')
  return questionSchema().parse(JSON.parse(Buffer.from(payload).toString('utf8')))
}
