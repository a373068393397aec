/** AES-256-GCM (NIST SP 800-38D): 12 bytes of random nonce, the ciphertext, 16 bytes of tag. */

import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { ComityError } from '../failure.ts'

/** Encrypts, bound to `context`: only the same context decrypts. */
export function seal(key: Uint8Array, plain: Uint8Array, context: string): Uint8Array {
  const nonce = randomBytes(12)
  // A key made of them: Node takes longer to see what bytes are than to make it.
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce)
  cipher.setAAD(Buffer.from(context, 'utf8'))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Decrypts. Throws if the key, bytes or context are not those of the encryption. */
export function unseal(key: Uint8Array, sealed: Uint8Array, context: string): Uint8Array {
  try {
    const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), sealed.subarray(0, 12), {
      // Without this, a shorter tag would pass, which is easier to guess.
      authTagLength: 16,
    })
    decipher.setAAD(Buffer.from(context, 'utf8')).setAuthTag(sealed.subarray(12).subarray(-16))
    return Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()])
  } catch {
    throw new ComityError(
      'couldn’t decrypt: the key, the bytes or their place are not the right ones',
    )
  }
}
