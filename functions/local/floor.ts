/** The floor of a trial: the first law that ran on this data, stated with the demonstration keys. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { readFloors, stateFloor } from '../adapters/floor-dynamodb.ts'
import { demonstrationReleaseKeys } from '../adapters/policies-files.ts'
import type { Runnable } from '../policy/carried.ts'
import { floorOf } from '../policy/floor.ts'

/** States a floor where none is, if demonstration keys sign here; a release does it elsewhere. */
export async function demonstrationFloor(
  client: DynamoDBClient,
  table: string,
  policies: string,
  { set, releaseKeys }: Runnable,
): Promise<void> {
  const keys = demonstrationReleaseKeys(policies, releaseKeys)
  const floors = await readFloors(client, table, releaseKeys)
  if (keys === undefined || 'fault' in floors || floors.floor !== undefined) return
  const at = new Date().toISOString()
  await stateFloor(client, table, floorOf(set, floors.tip, at, undefined, keys))
}
