/** The floor of the law in DynamoDB, beside the register: a row for each statement. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Runnable } from '../policy/carried.ts'
import { belowFloor, type Floor, type Floors, followFloors, lawChain } from '../policy/floor.ts'
import type { ReleaseKey } from '../policy/policy.ts'
import { putStatement, readChain } from './statements-dynamodb.ts'

/** The floors that were stated, and which holds. */
export const readFloors = async (
  client: DynamoDBClient,
  table: string,
  keys: readonly ReleaseKey[],
): Promise<Floors> => followFloors(await readChain(client, table, lawChain), keys)

/** States a floor, durably; false if another statement was made meanwhile. */
export const stateFloor = (client: DynamoDBClient, table: string, floor: Floor): Promise<boolean> =>
  putStatement(client, table, floor)

/** Throws unless the law stands on the floor or above: then nothing may start on it. */
export async function standOnFloor(
  client: DynamoDBClient,
  table: string,
  law: Runnable,
): Promise<void> {
  const why = belowFloor(law, await readFloors(client, table, law.releaseKeys))
  if (why !== undefined) throw new Error(`couldn’t load policies: ${why}`)
}
