/** The salted commitment to a file, by which whoever gets it sees that it is the one that was released. */

import { createHash } from 'node:crypto'

/** base64url SHA-256 of 0x04, the salt and the bytes of the file. FORMAT.md, *A file*. */
export const fileDigest = (salt: string, bytes: Uint8Array): string =>
  createHash('sha256')
    .update(Uint8Array.of(4))
    .update(Buffer.from(salt, 'base64url'))
    .update(bytes)
    .digest('base64url')

/** What the entry of a look has of what opens its pictures, so that nobody who reads the log can open them. */
export const passDigest = (pass: string): string =>
  createHash('sha256').update(`comity pictures\u001f${pass}`).digest('base64url')
