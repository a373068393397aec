/** The archive in an S3 bucket, for functions that read it now and then. */

import type { Archive } from '../log-ports.ts'
import { once } from './once.ts'

/** Loads the client of S3 when it is first asked, and not at a start: no other call needs its 250 KB. */
export function lazyArchive(bucket: string): Pick<Archive, 'get'> {
  const archive = once(async () => (await import('./archive-s3.ts')).s3Archive(bucket))
  return { get: async (path) => (await archive()).get(path) }
}
