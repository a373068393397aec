/** Keys that never leave KMS: the one under which secrets are wrapped, and the one that signs checkpoints. */

import {
  DecryptCommand,
  EncryptCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
} from '@aws-sdk/client-kms'
import { ComityError, faultOf } from '../failure.ts'
import type { SigningKey } from '../ports.ts'
import type { Wrapper } from './secrets.ts'

/** Longest we wait for KMS, ms. */
const timeoutsMs = { connectionTimeout: 1000, requestTimeout: 3000 }

const kmsClient = (): KMSClient =>
  new KMSClient({ requestHandler: { ...timeoutsMs, throwOnRequestTimeout: true } })

/** What precedes the 32 bytes of an Ed25519 key in its DER (RFC 8410 §4). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/**
 * The key of an id or alias, of key spec `ECC_NIST_EDWARDS25519`, for signing. KMS is asked for the public half once; throws if it is no Ed25519 key.
 * KMS signs at most 4,096 bytes as they are; a checkpoint has fewer than 300.
 */
export async function kmsCheckpointKey(key: string, client = kmsClient()): Promise<SigningKey> {
  const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: key }))
  const spki = Buffer.from(PublicKey ?? [])
  if (spki.length !== 44 || !spki.subarray(0, 12).equals(spkiPrefix))
    throw new ComityError('couldn’t use the checkpoint key: KMS has no Ed25519 key of this id')
  return {
    publicKey: Uint8Array.from(spki.subarray(12)),
    async sign(bytes) {
      const { Signature } = await client.send(
        new SignCommand({
          KeyId: key,
          Message: bytes,
          // Ed25519 itself, of the bytes and not of their digest (RFC 8032 §5.1).
          MessageType: 'RAW',
          SigningAlgorithm: 'ED25519_SHA_512',
        }),
      )
      if (Signature === undefined) throw new ComityError('couldn’t sign: KMS gave nothing back')
      return Signature
    },
  }
}

/** What a wrapped secret is bound to; the key's policy lets the gateway use it with this alone. */
export const secretsContext = { purpose: 'comity secrets' } as const

/** Wraps with a symmetric KMS key, at most 4,096 bytes. */
export function kmsWrapper(key: string, client = kmsClient()): Wrapper {
  const bound = { KeyId: key, EncryptionContext: secretsContext }
  return {
    async wrap(bytes) {
      const command = new EncryptCommand({ ...bound, Plaintext: bytes })
      const { CiphertextBlob } = await client.send(command).catch((error: unknown) => {
        // A start that fails is written down as it is, and this could quote what it was to wrap.
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

/** Opens what a gateway wrapped, and wraps nothing: for functions that must not make its secrets. */
export const kmsOpener = (key: string): Wrapper => ({
  ...kmsWrapper(key),
  async wrap() {
    throw new ComityError(
      'couldn’t start: there are no secrets yet; the access API makes them at its start',
    )
  },
})
