/** The digest of a build. Entries name by it the code that decided. */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * SHA-256, in hex, of a bundle file. For a folder, it is the digest of the lines that `sha256sum` prints for
 * its files in the order of their names, so that anyone can check it without this code: `cd <folder> && find
 * * -type f | LC_ALL=C sort | xargs sha256sum | sha256sum`.
 */
export const buildDigest = (path: string): string =>
  statSync(path).isDirectory() ? sha256(linesOf(path)) : sha256(readFileSync(path))

const linesOf = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(join(folder, file)).isFile())
    .map((file) => file.replaceAll('\\', '/'))
    .sort()
    .map((file) => `${sha256(readFileSync(join(folder, file)))}  ${file}\n`)
    .join('')

const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex')
