/** The sealer of the gateway on this machine, with its signer in the same process. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { localTableNames } from '../../functions/adapters/tables.ts'
import type { localLog } from '../../functions/demo/sealing.ts'
import type { SealWorld, Witness } from '../../functions/log-ports.ts'
import { sealWorld } from '../../functions/machine/seal-world.ts'
import type { World } from '../../functions/ports.ts'

/** The world of this machine's sealer. */
export const localSealWorld = (
  world: World,
  client: DynamoDBClient,
  log: ReturnType<typeof localLog>,
  witnesses: readonly Witness[],
  quorum: number,
): SealWorld => sealWorld(world, client, localTableNames(), { ...log, witnesses, quorum })
