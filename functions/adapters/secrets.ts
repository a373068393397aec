/**
 * The secrets of this gateway: the key that signs receipts, and a master key, from which the keys of
 * jurisdictions and the key that signs evidence derive. They are made once, kept wrapped, and opened once in
 * each running instance.
 */

import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import type { Question } from '../decision/question.ts'
import { ComityError, errorWords } from '../failure.ts'
import { signAs } from '../ledger/receipt.ts'
import { readOnce } from '../policy/json.ts'
import { thumbprintOf } from '../policy/signed.ts'
import type { Secrets } from '../ports.ts'
import { bytesOf, itemKey, newestOf, rowsIn, type TableItem, textOf } from './dynamodb.ts'
import { kinds, rowKey } from './rows.ts'

/** Guards the secrets at rest: with a file on one machine, with KMS in the cloud. */
export type Wrapper = {
  wrap(bytes: Uint8Array): Promise<Uint8Array>
  /** Throws if the bytes were changed, or another key wrapped them. */
  unwrap(bytes: Uint8Array): Promise<Uint8Array>
}

/** The secrets, with what only adapters need. */
export type OpenSecrets = Secrets & {
  /** The key that wraps the keys of a jurisdiction's subjects. */
  wrapKey(jurisdiction: string): Uint8Array
  /** Signs a question to a holder's own system, by the key of receipts. */
  question(payload: Question): Promise<string>
}

const receiptJwk = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
})
type ReceiptJwk = z.infer<typeof receiptJwk>

const secretsSchema = z.strictObject({
  v: z.literal(1),
  /** base64url of 32 bytes. */
  master: z.base64url().length(43),
  /** The first key signs; all are published. */
  receipts: z.array(receiptJwk).min(1),
})

/**
 * Opens the secrets in the keys table, and makes them at the first start. A caller that may make them names
 * `copies`, a table with a copy of them. Lost secrets are restored from it and never made a second time, since
 * nothing kept so far would open with new ones.
 */
export async function openSecrets(
  client: DynamoDBClient,
  table: string,
  wrapper: Wrapper,
  copies?: string,
): Promise<OpenSecrets> {
  const [there, copy] = await Promise.all([
    newestOf(client, table, pk),
    copies === undefined ? undefined : newestOf(client, copies, pk),
  ])
  const isLost = copy !== undefined && isLater(copy, there)
  if (isLost) await putNew(client, table, copy)
  else if (there === undefined) await make(client, table, wrapper)
  // Even the maker reads them again: if two start at once, only one has made them.
  const item = isLost || there === undefined ? await newestOf(client, table, pk) : there
  if (item === undefined) throw new ComityError('couldn’t open the secrets: they are not there')
  if (copies !== undefined && isLater(item, copy)) await putNew(client, copies, item)
  const { master, receipts } = read(await unwrap(wrapper, bytesOf(item, 'wrapped')))
  const [first, ...retired] = receipts.map(receiptKey)
  if (first === undefined) throw new ComityError('couldn’t open the secrets: no key signs receipts')
  const derive = derived(Buffer.from(master, 'base64url'))
  const evidence = evidenceKey(derive('evidence'))
  // As a KeyObject: given bytes, Node would make one for each pseudonym, at five times the cost.
  const hmacKeys = new Map<string, KeyObject>()
  const hmacKey = (jurisdiction: string): KeyObject => {
    const key = hmacKeys.get(jurisdiction) ?? createSecretKey(derive('pseudonym', jurisdiction))
    hmacKeys.set(jurisdiction, key)
    return key
  }
  return {
    pseudonym: (jurisdiction, identifier) =>
      createHmac('sha256', hmacKey(jurisdiction))
        .update(identifier, 'utf8')
        .digest()
        .subarray(0, 16)
        .toString('base64url'),
    receipt: (payload) => signAs('receipt', payload, first),
    question: (payload) => signAs('question', payload, first),
    evidence: evidence.key,
    jwks: { keys: [...[first, ...retired].map(({ published }) => published), evidence.published] },
    wrapKey: (jurisdiction) => derive('wrap', jurisdiction),
  }
}

/** Whether one of these tables has secrets, or a copy of them. */
export const haveSecrets = async (
  client: DynamoDBClient,
  inTables: readonly string[],
): Promise<boolean> =>
  (await Promise.all(inTables.map((each) => newestOf(client, each, pk)))).some(Boolean)

/** Whether the newest secrets open by this key, or there are none. */
export async function areWrappedBy(
  client: DynamoDBClient,
  table: string,
  wrapper: Wrapper,
): Promise<boolean> {
  const item = await newestOf(client, table, pk)
  if (item === undefined) return true
  return wrapper.unwrap(bytesOf(item, 'wrapped')).then(
    () => true,
    () => false,
  )
}

/** Derives keys by HKDF (RFC 5869), once for each purpose and jurisdiction. */
function derived(master: Uint8Array) {
  const keys = new Map<string, Uint8Array>()
  return (...of: ['pseudonym' | 'wrap', jurisdiction: string] | ['evidence']): Uint8Array => {
    const info = ['comity', ...of].join(' ')
    const key = keys.get(info) ?? Buffer.from(hkdfSync('sha256', master, '', info, 32))
    keys.set(info, key)
    return key
  }
}

const pk = rowKey(kinds.secrets)

/** Whether generation `one` is later than `other`, or there is no other. */
const isLater = (one: TableItem, other: TableItem | undefined): boolean =>
  other === undefined || textOf(one, 'sk') > textOf(other, 'sk')

/** Puts a generation; false if it is already there. A generation is never replaced. */
const putNew = (client: DynamoDBClient, table: string, item: TableItem): Promise<boolean> =>
  rowsIn(client, table).putNew(item)

async function make(client: DynamoDBClient, table: string, wrapper: Wrapper): Promise<void> {
  const master = randomBytes(32).toString('base64url')
  await putNew(client, table, await wrapped(1, master, [freshJwk()], wrapper))
}

/**
 * Makes a new generation of the secrets, in which a fresh key signs receipts, and returns the key's id. Each
 * instance uses it from its next start on. Earlier keys stay published, so that their receipts still verify.
 */
export async function renewReceiptKey(
  client: DynamoDBClient,
  table: string,
  wrapper: Wrapper,
): Promise<{ readonly kid: string }> {
  const item = await newestOf(client, table, pk)
  if (item === undefined)
    throw new ComityError('couldn’t renew the receipt key: there are no secrets')
  const { master, receipts } = read(await unwrap(wrapper, bytesOf(item, 'wrapped')))
  const generation = 1 + Number(textOf(item, 'sk'))
  const jwk = freshJwk()
  const next = await wrapped(generation, master, [jwk, ...receipts], wrapper)
  if (await putNew(client, table, next)) return { kid: receiptKey(jwk).kid }
  throw new ComityError('couldn’t renew the receipt key: another did at the same time')
}

function freshJwk(): ReceiptJwk {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return receiptJwk.parse(privateKey.export({ format: 'jwk' }))
}

async function wrapped(
  generation: number,
  master: string,
  receipts: ReceiptJwk[],
  wrapper: Wrapper,
): Promise<TableItem> {
  const secrets: z.infer<typeof secretsSchema> = { v: 1, master, receipts }
  const bytes = await wrapper.wrap(Buffer.from(JSON.stringify(secrets), 'utf8'))
  return { ...itemKey(pk, String(generation).padStart(6, '0')), wrapped: { B: bytes } }
}

const unwrap = (wrapper: Wrapper, wrapped: Uint8Array): Promise<Uint8Array> =>
  wrapper.unwrap(wrapped).catch((error: unknown) => {
    throw new ComityError(`couldn’t open the secrets: ${errorWords(error)}`, 'failed', {
      cause: error,
    })
  })

/** Reads unwrapped secrets. The error does not quote them. */
function read(bytes: Uint8Array): z.infer<typeof secretsSchema> {
  try {
    return secretsSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')), readOnce)
  } catch {
    throw new ComityError('couldn’t open the secrets: they have another form')
  }
}

function receiptKey(jwk: ReceiptJwk) {
  const { d: _, ...open } = jwk
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  const kid = thumbprintOf(open)
  return { kid, key, published: { ...open, kid, alg: 'ES256', use: 'sig' } }
}

/** The start of an Ed25519 private key in PKCS #8 (RFC 8410), up to its 32 bytes. */
const ed25519 = Buffer.from('302e020100300506032b657004220420', 'hex')

function evidenceKey(seed: Uint8Array) {
  const der = Buffer.concat([ed25519, seed])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  const open = { kty: 'OKP', crv: 'Ed25519', x } as const
  const published = { ...open, kid: thumbprintOf(open), alg: 'EdDSA', use: 'sig' }
  return {
    published,
    key: {
      publicKey: new Uint8Array(Buffer.from(x, 'base64url')),
      sign: async (bytes: Uint8Array) => sign(null, bytes, key),
    },
  }
}
