/** The signer: a function that alone may sign checkpoints, and its memory of what it signed last. */

import type { Role } from 'aws-cdk-lib/aws-iam'
import type { Key } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import type { Bundle } from './bundle.ts'
import { type Live, makeFunction, namesOf, type Stores, sizeOf, type Uses } from './function.ts'
import type { Settings } from './settings.ts'

/** What the function works with; what it may do with the key, the key's own policy says. */
export type Means = {
  readonly role: Role
  readonly bundle: Bundle
  readonly stores: Stores
  readonly checkpointKey: Key
}

const uses = { signatures: ['GetItem', 'PutItem'] } as const satisfies Uses

/** Deploys the signer. */
export function signer(scope: Construct, settings: Settings, means: Means): Live {
  const { role, bundle, stores, checkpointKey } = means
  return makeFunction(scope, 'Sign', {
    says: 'Signs checkpoints of logs that only grew',
    role,
    bundle,
    after: [],
    size: sizeOf(settings, 'sign'),
    stores,
    uses,
    rights: [],
    environment: {
      ...namesOf(stores, ['signatures']),
      COMITY_GATEWAY: settings.gateway,
      COMITY_CHECKPOINT_KEY: checkpointKey.keyArn,
    },
  })
}
