/**
 * Door: auditors, legal editors, holders that act on what the log keeps, and verifiers of the log (Lambda).
 */

import * as z from 'zod'
import { answerEndsMs } from './adapters/answer-ends.ts'
import { endingWithin } from './adapters/aws-post.ts'
import { logWorld } from './adapters/log-world.ts'
import { once } from './adapters/once.ts'
import { dynamodbEarlierKeys } from './adapters/subject-keys-dynamodb.ts'
import { tables } from './adapters/tables.ts'
import { readAuditConfig } from './config.ts'
import { ComityError, whyOf } from './failure.ts'
import { eventHandler } from './http/api-event.ts'
import { type ActPorts, auditApi } from './http/audit-api.ts'
import { say } from './lines.ts'

const config = readAuditConfig(process.env)
const { world, client } = await logWorld(config, import.meta.dirname, (why) =>
  say({ event: 'law-unheld', why }),
)
const acts: ActPorts = {
  seal: lateSealer(config.COMITY_SEAL_FUNCTION),
  earlierKeys: dynamodbEarlierKeys(client, config.COMITY_KEYS_TABLE),
  // Of what an erasure removes, backups keep only attestations.
  remains: { purge: async () => undefined, backupDays: tables.attestations.backupDays },
}

const answer = eventHandler(auditApi(world, say, acts), world.random, say)

/** What the clock asks for each quarter of an hour. */
const watchSchema = z.strictObject({ watch: z.literal(true) })

/** Longest that a round begins to look at further alarms, ms: it ends before its call does. */
const roundMs = 8_000

/** Answers an event of an HTTP API (payload format 2.0), or the clock. */
export const handler = (event: unknown) =>
  endingWithin(answerEndsMs.audit, () =>
    watchSchema.safeParse(event).success ? lookAtAlarms() : answer(event),
  )

/** Looks whether alarms went off, and prints how many were looked at. */
async function lookAtAlarms(): Promise<void> {
  const until = new Date(world.now().getTime() + roundMs)
  const notLooked = (error: unknown) =>
    say({ event: 'not-looked-at', why: whyOf('couldn’t look at an alarm', error) })
  try {
    const { watchAlarms } = await import('./audit/watch-alarms.ts')
    say({ event: 'watched', ...(await watchAlarms(world, until, notLooked)) })
  } catch (error) {
    // Lambda logs what is thrown, and a store may quote the row that it refused.
    throw new ComityError(whyOf('couldn’t look at alarms', error))
  }
}

/** Loads the client of Lambda when somebody acts on a person: no other call needs its 280 KB. */
function lateSealer(name: string): ActPorts['seal'] {
  const sealer = once(async () => (await import('./adapters/lambda.ts')).lambdaSealer(name))
  return async (jurisdiction) => (await sealer())(jurisdiction)
}
