/** Door: agency systems, in the cloud (Lambda). */

import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import * as z from 'zod'
import { answerEndsMs } from './adapters/answer-ends.ts'
import { lazyArchive } from './adapters/archive-lazy.ts'
import { endingWithin } from './adapters/aws-post.ts'
import { buildDigest } from './adapters/build-digest.ts'
import { lawFile, lawFrom, readLaw } from './adapters/carried-law.ts'
import { dynamodbMarks } from './adapters/chains-dynamodb.ts'
import { dynamodb } from './adapters/dynamodb.ts'
import { ephemeralKey } from './adapters/ephemeral-key.ts'
import { kmsWrapper } from './adapters/kms.ts'
import { runningLaw } from './adapters/law-dynamodb.ts'
import { lazyStores } from './adapters/lazy-ports.ts'
import { renewReceiptKey } from './adapters/secrets.ts'
import { makeWorld } from './adapters/world.ts'
import { readAccessConfig } from './config.ts'
import { entryIdSchema } from './decision/request.ts'
import { ComityError, errorWords, whyOf } from './failure.ts'
import { accessApi } from './http/access-api.ts'
import { eventHandler } from './http/api-event.ts'
import { rehearse } from './http/rehearsal.ts'
import { runtimePause } from './http/trace.ts'
import { say } from './lines.ts'
import { warm } from './policy/history.ts'
import type { Law } from './ports.ts'

// Loaded at start, not at the first call: while an instance starts, Lambda gives it a whole processor, and
// reports a fault as one of the start.
const config = readAccessConfig(process.env)
const client = dynamodb(config.COMITY_DYNAMODB_ENDPOINT)
const wrapper = kmsWrapper(config.COMITY_KMS_KEY)
const isTrial = config.COMITY_ENVIRONMENT === 'dev'
const archive = config.COMITY_ARCHIVE === undefined ? undefined : lazyArchive(config.COMITY_ARCHIVE)
const world = await makeWorld(config, {
  law: runLaw,
  wrapper,
  client,
  secretsCopy: config.COMITY_ATTESTATIONS_TABLE,
  build: buildDigest(import.meta.dirname),
  stores: lazyStores,
  rehearse: (own) => rehearse(own, ephemeralKey()),
  rowChanged: (eid) => say({ event: 'row-changed', eid }),
  ...(archive && { archive }),
})

/** Reads and checks the law, and does what the first call would wait for, while the stores answer. */
async function runLaw(): Promise<Law> {
  // What was asked before goes out first.
  await turn()
  const law = readLaw(join(import.meta.dirname, lawFile), config.COMITY_LAW_KEYS, isTrial)
  const running = runningLaw({
    ...{ client, table: config.COMITY_REGISTER_TABLE, now: () => new Date(), law },
    marks: dynamodbMarks(client, config.COMITY_DECISIONS_TABLE),
    unheld: (why) => say({ event: 'law-unheld', why }),
    ...(archive && { fetch: lawFrom(archive, config.COMITY_LAW_KEYS, isTrial) }),
  })
  await Promise.all([running, turn().then(() => warm(law.book, new Date().toISOString()))])
  return running
}

/** Longest a call may wait for an event, ms: an instance that waits answers nobody else, and lives 15 s a call. */
const waitMs = 10_000
const answer = eventHandler(accessApi(world, say, runtimePause, waitMs), world.random, say)

/** What an operator asks for by calling the function directly; `infra/DRILLS.md` says when. */
const drillSchema = z.union([
  z.strictObject({ renew: z.literal('receipt-key') }),
  z.strictObject({ takeAgain: z.array(entryIdSchema).max(100) }),
])

/** What the console asks for in the name of an officer who looks; the look that they signed is the right to it. */
const lookSchema = z.strictObject({ picture: z.unknown() })

/** What the clock asks for each minute. */
const tickSchema = z.strictObject({ tick: z.literal(true) })

/** Longest that a tick begins to look at further denials, ms: it ends before its call does. */
const tickMs = 8_000

/** What Lambda says of a call: by which name the function was called. */
type Called = { readonly invokedFunctionArn: string }

/** Answers an event of an HTTP API (payload format 2.0), the clock, an operator, or the console. */
export const handler = (event: unknown, called: Called) =>
  endingWithin(answerEndsMs.access, () => handled(event, called))

async function handled(event: unknown, { invokedFunctionArn }: Called) {
  if (tickSchema.safeParse(event).success) return lookAtClocks()
  const { data: look } = lookSchema.safeParse(event)
  const { data: drill } = drillSchema.safeParse(event)
  try {
    return await (drill
      ? carryOut(drill, invokedFunctionArn)
      : look
        ? lookAt(look.picture, event)
        : answer(event))
  } catch (error) {
    // Lambda logs what is thrown, and a store may quote the record that it refused.
    throw new ComityError(errorWords(error))
  }
}

// What follows is read once it is asked, since hardly any instance is.

/** By an alias others may call the function: an operator, who may call any, calls a version of it. */
const byAlias = /:function:[^:]+:(?!\d+$|\$LATEST$)/

async function carryOut(drill: z.infer<typeof drillSchema>, calledBy: string) {
  if (byAlias.test(calledBy))
    throw new ComityError(
      'couldn’t carry out an order by an alias: call a version of the function, as `order` of infra/DRILLS.md does',
    )
  if ('takeAgain' in drill) {
    const { takeAgain } = await import('./answer/upkeep/restoration.ts')
    return takeAgain(drill.takeAgain, world)
  }
  return renewReceiptKey(client, config.COMITY_KEYS_TABLE, wrapper)
}

async function lookAt(picture: unknown, event: unknown) {
  const { lookedPictureSchema, pictureOf } = await import('./answer/offices/picture-call.ts')
  const { data } = lookedPictureSchema.safeParse(picture)
  return data === undefined ? answer(event) : pictureOf(data, world)
}

/** Looks at the denials whose time has come, and prints how many. */
async function lookAtClocks(): Promise<void> {
  const until = new Date(world.now().getTime() + tickMs)
  const notLooked = (error: unknown) =>
    say({ event: 'not-looked-at', why: whyOf('couldn’t look at a denial', error) })
  try {
    const { tick } = await import('./answer/upkeep/clock.ts')
    say({ event: 'ticked', ...(await tick(world, until, notLooked)) })
  } catch (error) {
    // Lambda logs what is thrown, and a store may quote the row that it refused.
    throw new ComityError(whyOf('couldn’t look at what is due', error))
  }
}
