/** Keys that never leave KMS: the key that wraps secrets, and the key that signs checkpoints. */

import {
  DecryptCommand,
  EncryptCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
} from '@aws-sdk/client-kms'
import type { ClientAuth } from 'openid-client'
import { ComityError, faultOf } from '../failure.ts'
import { plainSignature } from '../policy/der.ts'
import type { SigningKey } from '../ports.ts'
import { poster } from './aws-post.ts'
import { handlerBy } from './dynamodb-direct.ts'
import type { Wrapper } from './secrets.ts'

/** How long we wait for KMS, ms. */
const timeoutsMs = { connectionTimeout: 1000, requestTimeout: 3000 }

const kmsClient = (): KMSClient =>
  new KMSClient({
    // A cast: of a call's parts it reads six. A bundle's own client reads the times.
    requestHandler: { ...timeoutsMs, ...handlerBy(poster(timeoutsMs)) } as never,
  })

/** The bytes before the 32 bytes of an Ed25519 key in DER (RFC 8410 §4). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/**
 * The signing key with this id or alias, of key spec `ECC_NIST_EDWARDS25519`. Asks KMS for the public half
 * once, and throws if it is not an Ed25519 key. KMS signs at most 4,096 bytes as they are; a checkpoint has
 * fewer than 300.
 */
export async function kmsCheckpointKey(key: string, client = kmsClient()): Promise<SigningKey> {
  const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: key }))
  const spki = Buffer.from(PublicKey ?? [])
  if (spki.length !== 44 || !spki.subarray(0, 12).equals(spkiPrefix))
    throw new ComityError('couldn’t use the checkpoint key: KMS has no Ed25519 key of this id')
  return {
    publicKey: Uint8Array.from(spki.subarray(12)),
    sign(bytes) {
      // Plain Ed25519, over the bytes and not over their digest (RFC 8032 §5.1).
      return signed(client, key, bytes, 'ED25519_SHA_512')
    },
  }
}

/** The signature of KMS over a message. */
async function signed(
  client: KMSClient,
  KeyId: string,
  Message: Uint8Array,
  SigningAlgorithm: 'ED25519_SHA_512' | 'ECDSA_SHA_256',
): Promise<Uint8Array> {
  const command = new SignCommand({ KeyId, Message, MessageType: 'RAW', SigningAlgorithm })
  const { Signature } = await client.send(command)
  if (Signature === undefined) throw new ComityError('couldn’t sign: KMS gave nothing back')
  return Signature
}

/**
 * Proves to a login provider who asks (RFC 7523 §2.2), by a signing key of key spec `ECC_NIST_P256`: no secret is
 * shared with the provider, and no private key leaves KMS. One call of KMS for each login.
 */
export const kmsProof =
  (key: string, random: (bytes: number) => Uint8Array, client = kmsClient()): ClientAuth =>
  async ({ issuer }, { client_id }, body) => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      ...{ iss: client_id, sub: client_id, aud: issuer },
      ...{ iat: now, nbf: now, exp: now + 60 },
      jti: Buffer.from(random(16)).toString('base64url'),
    }
    const text = `${part({ alg: 'ES256' })}.${part(claims)}`
    // JOSE has the two numbers alone (RFC 7518 §3.4).
    const plain = plainSignature(await signed(client, key, Buffer.from(text), 'ECDSA_SHA_256'))
    if (plain === undefined)
      throw new ComityError('couldn’t sign: KMS gave no ECDSA signature over P-256')
    const signature = Buffer.from(plain).toString('base64url')
    body.set('client_id', client_id)
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    body.set('client_assertion', `${text}.${signature}`)
  }

/** The context that wrapped secrets are bound to. The key's policy lets the gateway use it with no other. */
export const secretsContext = { purpose: 'comity secrets' } as const

/** Wraps with a symmetric KMS key, at most 4,096 bytes. */
export function kmsWrapper(key: string, client = kmsClient()): Wrapper {
  const bound = { KeyId: key, EncryptionContext: secretsContext }
  return {
    async wrap(bytes) {
      const command = new EncryptCommand({ ...bound, Plaintext: bytes })
      const { CiphertextBlob } = await client.send(command).catch((error: unknown) => {
        // A failed start is logged as it is, and KMS's own error could quote what we tried to wrap.
        throw new ComityError(`couldn’t wrap: ${faultOf(error)}`)
      })
      if (CiphertextBlob === undefined)
        throw new ComityError('couldn’t wrap: KMS gave nothing back')
      return CiphertextBlob
    },
    async unwrap(bytes) {
      const command = new DecryptCommand({ ...bound, CiphertextBlob: bytes })
      const { Plaintext } = await client.send(command)
      if (Plaintext === undefined) throw new ComityError('couldn’t unwrap: KMS gave nothing back')
      return Plaintext
    },
  }
}

/** Unwraps only, for functions that must not make the gateway's secrets. */
export const kmsOpener = (key: string): Wrapper => ({
  ...kmsWrapper(key),
  async wrap() {
    throw new ComityError(
      'couldn’t start: there are no secrets yet; the access API makes them at its start',
    )
  },
})
