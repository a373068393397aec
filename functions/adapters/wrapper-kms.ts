/** A wrapper whose key never leaves KMS. */

import { DecryptCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { ComityError, faultOf } from '../failure.ts'
import type { Wrapper } from './secrets.ts'

/** What a wrapped secret is bound to; the key's policy lets the gateway use it with this alone. */
export const secretsContext = { purpose: 'comity secrets' } as const

/** Longest we wait for KMS, ms; it is asked once when an instance starts. */
const timeoutsMs = { connectionTimeout: 1000, requestTimeout: 3000 }

/** Wraps with a symmetric KMS key, at most 4,096 bytes. */
export function kmsWrapper(
  key: string,
  client = new KMSClient({ requestHandler: { ...timeoutsMs, throwOnRequestTimeout: true } }),
): Wrapper {
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
