/** The archive in an S3 bucket, for functions that read it now and then. */

import type { Archive } from '../log-ports.ts'

/** Loads the client of S3 when it is first asked, and not at a start: no other call needs its 250 KB. */
export function lateArchive(bucket: string): Pick<Archive, 'get'> {
  let loading: Promise<Archive> | undefined
  return {
    async get(path) {
      loading ??= import('./archive-s3.ts').then(({ s3Archive }) => s3Archive(bucket))
      return (await loading).get(path)
    },
  }
}
