/** The world of a sealer that has its signer in the same process. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamodbLookups } from '../adapters/lookups-dynamodb.ts'
import { dynamodbMemory } from '../adapters/memory-dynamodb.ts'
import { dynamodbSealing, dynamodbSweep } from '../adapters/sealing-dynamodb.ts'
import type { TableNames } from '../adapters/tables.ts'
import { verifierKey, writeVkey } from '../ledger/note.ts'
import type { Archive, LogPlace, Sealing, SealWorld, Signer, Witness } from '../log-ports.ts'
import type { SigningKey, World } from '../ports.ts'
import { sign } from '../sealing/sign.ts'

/** Most places to remember. */
const placesMax = 100_000

/** What a log is kept with: where it is archived, who signs its checkpoints and who cosigns them. */
export type KeptLog = {
  readonly archive: Archive
  /** The key of the checkpoints. */
  readonly key: SigningKey
  readonly witnesses: readonly Witness[]
  readonly quorum: number
}

/** The world of a sealer over these tables. `refused` is told when the signer refuses a checkpoint. */
export function sealWorld(
  world: World,
  client: DynamoDBClient,
  tables: Pick<TableNames, 'signatures' | 'sealing' | 'decisions' | 'lookups'>,
  { archive, key, witnesses, quorum }: KeptLog,
  refused: (log: string, why: string) => void = () => undefined,
): SealWorld {
  return {
    ...world,
    archive,
    signer: signerOf(client, tables.signatures, key, refused),
    vkey: vkeyOf(key),
    sealing: remembering(dynamodbSealing(client, tables.sealing)),
    sweep: dynamodbSweep(client, tables.decisions),
    lookups: dynamodbLookups(client, tables.lookups),
    witnesses,
    quorum,
  }
}

/** The verifier key of each log under one key. */
export const vkeyOf =
  ({ publicKey }: Pick<SigningKey, 'publicKey'>) =>
  (log: string): string =>
    writeVkey(verifierKey(log, 1, publicKey))

function signerOf(
  client: DynamoDBClient,
  table: string,
  key: SigningKey,
  refused: (log: string, why: string) => void,
): Signer {
  const memory = dynamodbMemory(client, table, 'signer')
  return {
    async sign(extension) {
      const signing = await sign(extension, { memory, key })
      if (signing.kind === 'refused') refused(extension.log, signing.why)
      return signing
    },
  }
}

/** Remembers the places of entries, which never change once they are known. */
function remembering(sealing: Sealing): Sealing {
  const known = new Map<string, LogPlace>()
  return {
    ...sealing,
    async placesOf(eids) {
      const found = await sealing.placesOf(eids.filter((eid) => !known.has(eid)))
      const places = eids.flatMap((eid) => {
        const place = known.get(eid) ?? found.get(eid)
        return place === undefined ? [] : [[eid, place] as const]
      })
      if (known.size + found.size > placesMax) known.clear()
      for (const [eid, place] of found) known.set(eid, place)
      return new Map(places)
    },
  }
}
