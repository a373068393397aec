/** Door: agency systems, in the cloud (Lambda). */

import { handle } from 'hono/aws-lambda'
import { buildDigest } from './adapters/build-digest.ts'
import type { Wrapper } from './adapters/secrets.ts'
import { makeWorld } from './adapters/world.ts'
import { fileWrapper } from './adapters/wrapper-file.ts'
import { kmsWrapper } from './adapters/wrapper-kms.ts'
import { type Config, readConfig } from './config.ts'
import { accessApi } from './http/access-api.ts'

// At once, not at the first call: while an instance starts, Lambda gives it a whole processor, and
// says of a fault that it was one of the start.
const config = readConfig(process.env)
const world = await makeWorld(config, {
  wrapper: wrapperOf(config),
  build: buildDigest(import.meta.dirname),
})
const app = accessApi(world, (event) => process.stdout.write(`${JSON.stringify(event)}\n`))

/** Answers an event of an HTTP API (payload format 2.0). */
export const handler = handle(app)

function wrapperOf({ COMITY_KMS_KEY, COMITY_KEY_FILE }: Config): Wrapper {
  if (COMITY_KMS_KEY !== undefined) return kmsWrapper(COMITY_KMS_KEY)
  if (COMITY_KEY_FILE !== undefined) return fileWrapper(COMITY_KEY_FILE)
  throw new Error(
    'couldn’t start: neither COMITY_KMS_KEY nor COMITY_KEY_FILE says what wraps secrets',
  )
}
