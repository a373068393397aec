/** The floor of a trial: the first law that ran on this data, stated with the demonstration keys. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { readLawChain, stateInLawChain } from '../adapters/law-dynamodb.ts'
import { demonstrationReleaseKeys } from '../adapters/policies-files.ts'
import type { Runnable } from '../policy/carried.ts'
import { floorOf } from '../policy/floor.ts'
import { stateLaw } from '../policy/law-chain.ts'

/** States a floor where none is, if demonstration keys sign here; a release does it elsewhere. */
export async function demonstrationFloor(
  client: DynamoDBClient,
  table: string,
  policies: string,
  law: Runnable,
): Promise<void> {
  const keys = demonstrationReleaseKeys(policies, law.releaseKeys)
  const { state, broken } = await readLawChain(client, table, law)
  if (keys === undefined || broken !== undefined || state.floor !== undefined) return
  const at = new Date().toISOString()
  await stateInLawChain(client, table, stateLaw(state.tip, at, floorOf(law.set), keys))
}
