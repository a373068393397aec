/**
 * Door: auditors, legal editors, holders that act on what the log keeps, and verifiers of the log (Lambda).
 */

import { join } from 'node:path'
import * as z from 'zod'
import { answerEndsMs } from './adapters/answer-ends.ts'
import { lazyArchive } from './adapters/archive-lazy.ts'
import { endingWithin } from './adapters/aws-post.ts'
import { buildDigest } from './adapters/build-digest.ts'
import { lawFile, lawFrom, readLaw } from './adapters/carried-law.ts'
import { dynamodbMarks } from './adapters/chains-dynamodb.ts'
import { dynamodb } from './adapters/dynamodb.ts'
import { kmsCheckpointKey, kmsOpener } from './adapters/kms.ts'
import { runningLaw } from './adapters/law-dynamodb.ts'
import { lazyStores } from './adapters/lazy-ports.ts'
import { dynamodbLookups } from './adapters/lookups-dynamodb.ts'
import { once } from './adapters/once.ts'
import { dynamodbSealing } from './adapters/sealing-dynamodb.ts'
import { dynamodbEarlierKeys } from './adapters/subject-keys-dynamodb.ts'
import { tables } from './adapters/tables.ts'
import { makeWorld } from './adapters/world.ts'
import { readAuditConfig } from './config.ts'
import { ComityError, whyOf } from './failure.ts'
import { eventHandler } from './http/api-event.ts'
import { type ActPorts, auditApi } from './http/audit-api.ts'
import { verifierKey, writeVkey } from './ledger/note.ts'
import { say } from './lines.ts'
import type { AuditWorld } from './log-ports.ts'

const config = readAuditConfig(process.env)
const client = dynamodb(config.COMITY_DYNAMODB_ENDPOINT)
const archive = lazyArchive(config.COMITY_ARCHIVE)
const { publicKey } = await kmsCheckpointKey(config.COMITY_CHECKPOINT_KEY)
const isTrial = config.COMITY_ENVIRONMENT === 'dev'
const law = readLaw(join(import.meta.dirname, lawFile), config.COMITY_LAW_KEYS, isTrial)
const running = await runningLaw({
  ...{ client, table: config.COMITY_REGISTER_TABLE, now: () => new Date(), law },
  marks: dynamodbMarks(client, config.COMITY_DECISIONS_TABLE),
  unheld: (why) => say({ event: 'law-unheld', why }),
  fetch: lawFrom(archive, config.COMITY_LAW_KEYS, isTrial),
})
const world: AuditWorld = {
  ...(await makeWorld(config, {
    law: running,
    wrapper: kmsOpener(config.COMITY_KMS_KEY),
    build: buildDigest(import.meta.dirname),
    stores: lazyStores,
    client,
    archive,
  })),
  lookups: dynamodbLookups(client, config.COMITY_LOOKUPS_TABLE),
  sealing: dynamodbSealing(client, config.COMITY_SEALING_TABLE),
  archive,
  vkey: (log) => writeVkey(verifierKey(log, 1, publicKey)),
  witnessVkeys: config.COMITY_WITNESSES.map(({ vkey }) => vkey),
  quorum: config.COMITY_QUORUM,
}
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
