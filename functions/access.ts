/** Door: agency systems, in the cloud (Lambda). */

import { handle } from 'hono/aws-lambda'
import { buildDigest } from './adapters/build-digest.ts'
import { makeWorld } from './adapters/world.ts'
import { fileWrapper } from './adapters/wrapper-file.ts'
import { readConfig } from './config.ts'
import { accessApi } from './http/access-api.ts'

// Before the first call: then Lambda gives a starting instance a whole processor, and a fault is
// reported as one of the start.
const config = readConfig(process.env)
const world = await makeWorld(config, {
  wrapper: fileWrapper(config.COMITY_KEY_FILE ?? ''),
  build: buildDigest(import.meta.dirname),
})
const app = accessApi(world, (event) => process.stdout.write(`${JSON.stringify(event)}\n`))

/** Answers an event of an HTTP API (payload format 2.0). */
export const handler = handle(app)
