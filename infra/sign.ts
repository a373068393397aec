/** The signer: a function that alone may sign checkpoints, and its memory of what it signed last. */

import type { Role } from 'aws-cdk-lib/aws-iam'
import type { Key } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import type { Bundle } from './bundle.ts'
import { type Live, makeFunction, namesOf, type Stores, type Uses } from './function.ts'
import type { Settings } from './settings.ts'

/** What the function works with; what it may do with the key, the key's own policy says. */
export type Means = {
  readonly role: Role
  readonly bundle: Bundle
  readonly stores: Stores
  readonly checkpointKey: Key
}

const uses = { signatures: ['GetItem', 'PutItem'] } as const satisfies Uses

/** Longest a signature may take, s: the sealer waits as long. */
const timeoutSeconds = 10

/** Deploys the signer. One instance at a time: it is asked a few times a minute. */
export function signer(scope: Construct, { gateway }: Settings, means: Means): Live {
  const { role, bundle, stores, checkpointKey } = means
  return makeFunction(scope, 'Sign', {
    says: 'Signs checkpoints of logs that only grew',
    role,
    bundle,
    after: [],
    timeoutSeconds,
    instancesMax: 1,
    stores,
    uses,
    rights: [],
    environment: {
      ...namesOf(stores, ['signatures']),
      COMITY_GATEWAY: gateway,
      COMITY_CHECKPOINT_KEY: checkpointKey.keyArn,
    },
  })
}
