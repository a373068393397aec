/** What the doors share that look at the log, in the cloud: the law, and what the log is read and proved by. */

import { join } from 'node:path'
import type { LookConfig } from '../config.ts'
import { verifierKey, writeVkey } from '../ledger/note.ts'
import { lazyArchive } from './archive-lazy.ts'
import { buildDigest } from './build-digest.ts'
import { lawFile, lawFrom, readLaw } from './carried-law.ts'
import { dynamodbMarks } from './chains-dynamodb.ts'
import { dynamodb } from './dynamodb.ts'
import { kmsCheckpointKey, kmsOpener } from './kms.ts'
import { runningLaw } from './law-dynamodb.ts'
import { lazyStores } from './lazy-ports.ts'
import { dynamodbLookups } from './lookups-dynamodb.ts'
import { dynamodbSealing } from './sealing-dynamodb.ts'
import { makeWorld } from './world.ts'

/** The world of a door that looks; `folder` is that of its bundle, and `unheld` is told when the law does not hold. */
export async function logWorld(config: LookConfig, folder: string, unheld: (why: string) => void) {
  const client = dynamodb(config.COMITY_DYNAMODB_ENDPOINT)
  const archive = lazyArchive(config.COMITY_ARCHIVE)
  const { publicKey } = await kmsCheckpointKey(config.COMITY_CHECKPOINT_KEY)
  const isTrial = config.COMITY_ENVIRONMENT === 'dev'
  const law = readLaw(join(folder, lawFile), config.COMITY_LAW_KEYS, isTrial)
  const running = await runningLaw({
    ...{ client, table: config.COMITY_REGISTER_TABLE, now: () => new Date(), law },
    marks: dynamodbMarks(client, config.COMITY_DECISIONS_TABLE),
    unheld,
    fetch: lawFrom(archive, config.COMITY_LAW_KEYS, isTrial),
  })
  const base = await makeWorld(config, {
    law: running,
    wrapper: kmsOpener(config.COMITY_KMS_KEY),
    build: buildDigest(folder),
    stores: lazyStores,
    client,
    archive,
  })
  const world = {
    ...base,
    lookups: dynamodbLookups(client, config.COMITY_LOOKUPS_TABLE),
    sealing: dynamodbSealing(client, config.COMITY_SEALING_TABLE),
    archive,
    vkey: (log: string) => writeVkey(verifierKey(log, 1, publicKey)),
    witnessVkeys: config.COMITY_WITNESSES.map(({ vkey }) => vkey),
    quorum: config.COMITY_QUORUM,
  }
  return { world, client, isTrial }
}
