/**
 * Door: officers and auditors who look by a browser, in the cloud (Lambda). What an officer’s passkey signed on a page
 * goes to the function that answers agencies, which checks it as it does any call: here is no right to do it.
 */

import { join } from 'node:path'
import { answerEndsMs } from './adapters/answer-ends.ts'
import { lazyArchive } from './adapters/archive-lazy.ts'
import { endingWithin } from './adapters/aws-post.ts'
import { buildDigest } from './adapters/build-digest.ts'
import { lawFile, lawFrom, readLaw } from './adapters/carried-law.ts'
import { dynamodbMarks } from './adapters/chains-dynamodb.ts'
import { dynamodb } from './adapters/dynamodb.ts'
import { kmsCheckpointKey, kmsOpener, kmsProof } from './adapters/kms.ts'
import { lambdaDoor } from './adapters/lambda.ts'
import { runningLaw } from './adapters/law-dynamodb.ts'
import { lazyStores } from './adapters/lazy-ports.ts'
import { openidProvider } from './adapters/login-openid.ts'
import { dynamodbLookups } from './adapters/lookups-dynamodb.ts'
import { dynamodbSealing } from './adapters/sealing-dynamodb.ts'
import { dynamodbSessions } from './adapters/sessions-dynamodb.ts'
import { shippedScript } from './adapters/verify-script.ts'
import { makeWorld } from './adapters/world.ts'
import { pictureFrom } from './answer/offices/picture-call.ts'
import { readConsoleConfig } from './config.ts'
import { consolePages } from './console/console.ts'
import type { ConsoleWorld } from './console-ports.ts'
import { appBehind, eventHandler } from './http/api-event.ts'
import { verifierKey, writeVkey } from './ledger/note.ts'
import { say } from './lines.ts'

const config = readConsoleConfig(process.env)
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
const base = await makeWorld(config, {
  law: running,
  wrapper: kmsOpener(config.COMITY_KMS_KEY),
  build: buildDigest(import.meta.dirname),
  stores: lazyStores,
  client,
  archive,
})
const proof = kmsProof(config.COMITY_LOGIN_KEY, base.random)
const access = lambdaDoor(config.COMITY_ACCESS_FUNCTION)
const world: ConsoleWorld = {
  ...base,
  lookups: dynamodbLookups(client, config.COMITY_LOOKUPS_TABLE),
  sealing: dynamodbSealing(client, config.COMITY_SEALING_TABLE),
  archive,
  vkey: (log) => writeVkey(verifierKey(log, 1, publicKey)),
  witnessVkeys: config.COMITY_WITNESSES.map(({ vkey }) => vkey),
  quorum: config.COMITY_QUORUM,
  sessions: dynamodbSessions(client, config.COMITY_SESSIONS_TABLE),
  verifyScript: shippedScript(import.meta.dirname),
  providers: config.COMITY_LOGINS.map((each) => openidProvider({ ...each, proof }, isTrial)),
  api: {
    origin: config.COMITY_ACCESS_ORIGIN,
    call: appBehind(access),
    picture: (call, asked) => pictureFrom(access, call, asked),
  },
}

const answer = eventHandler(consolePages(world, say), world.random, say)

/** Answers an event of an HTTP API (payload format 2.0). */
export const handler = (event: unknown) => endingWithin(answerEndsMs.console, () => answer(event))
