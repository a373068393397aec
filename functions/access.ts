/** Door: agency systems, in the cloud (Lambda). */

import { join } from 'node:path'
import { buildDigest } from './adapters/build-digest.ts'
import { lawFile, readLaw } from './adapters/carried-law.ts'
import { makeWorld } from './adapters/world.ts'
import { kmsWrapper } from './adapters/wrapper-kms.ts'
import { readAccessConfig } from './config.ts'
import { accessApi } from './http/access-api.ts'
import { eventHandler } from './http/api-event.ts'
import { say } from './lines.ts'
import type { Archive } from './log-ports.ts'

// At once, not at the first call: while an instance starts, Lambda gives it a whole processor, and
// says of a fault that it was one of the start.
const config = readAccessConfig(process.env)
const world = await makeWorld(config, {
  book: readLaw(join(import.meta.dirname, lawFile)),
  wrapper: kmsWrapper(config.COMITY_KMS_KEY),
  build: buildDigest(import.meta.dirname),
  ...(config.COMITY_ARCHIVE === undefined ? {} : { archive: archiveIn(config.COMITY_ARCHIVE) }),
})

/** Answers an event of an HTTP API (payload format 2.0). */
export const handler = eventHandler(accessApi(world, say), world.random, say)

/** The client of S3 is loaded once a proof is asked for: no other call needs its 129 KB. */
function archiveIn(bucket: string): Pick<Archive, 'get'> {
  let loading: Promise<Archive> | undefined
  return {
    async get(path) {
      loading ??= import('./adapters/archive-s3.ts').then(({ s3Archive }) => s3Archive(bucket))
      return (await loading).get(path)
    },
  }
}
