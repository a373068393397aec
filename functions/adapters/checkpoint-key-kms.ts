/** A checkpoint key that never leaves KMS: of key spec `ECC_NIST_EDWARDS25519`, for signing. */

import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { ComityError } from '../failure.ts'
import type { SigningKey } from '../ports.ts'

/** Longest we wait for KMS, ms. */
const timeoutsMs = { connectionTimeout: 1000, requestTimeout: 3000 }

/** What precedes the 32 bytes of an Ed25519 key in its DER (RFC 8410 §4). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/**
 * The key of an id or alias. KMS is asked for the public half once; throws if it is no Ed25519 key.
 * KMS signs at most 4,096 bytes as they are; a checkpoint has fewer than 300.
 */
export async function kmsCheckpointKey(
  key: string,
  client = new KMSClient({ requestHandler: { ...timeoutsMs, throwOnRequestTimeout: true } }),
): Promise<SigningKey> {
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
