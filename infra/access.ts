/** The door for agency systems: an HTTP API, the function behind it, and what that may do. */

import { Duration } from 'aws-cdk-lib'
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as Target } from 'aws-cdk-lib/aws-events-targets'
import type { Role } from 'aws-cdk-lib/aws-iam'
import type { Key } from 'aws-cdk-lib/aws-kms'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { kinds } from '../functions/adapters/rows.ts'
import { openCalls } from '../functions/http/routes.ts'
import { readArchive } from './archive.ts'
import { patternOf } from './borders.ts'
import type { Bundle } from './bundle.ts'
import {
  holdsOf,
  type Live,
  makeFunction,
  namesOf,
  rootsOf,
  type Stores,
  sizeOf,
  type Uses,
} from './function.ts'
import { httpDoor, type OpenDoor } from './http-door.ts'
import type { Settings } from './settings.ts'

/** The routes of what agencies' API answers without a signature. */
export const openRoutes = openCalls.map((each) => each.replaceAll(/:(\w+)/g, '{$1}'))

/** What the function works with. */
export type Means = {
  readonly role: Role
  readonly bundle: Bundle
  readonly stores: Stores
  readonly archive: Bucket
  readonly secretsKey: Key
  readonly after: readonly Live[]
}

const uses = {
  decisions: ['BatchGetItem', 'GetItem', 'PutItem'],
  // It makes keys, and destroys those of files alone.
  keys: {
    all: ['GetItem', 'PutItem', 'Query'],
    actions: ['UpdateItem'],
    keys: [patternOf(kinds.fileKey)],
  },
  records: ['DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
  attestations: ['DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
  register: ['Query', 'Scan'],
  sealing: ['GetItem'],
  // The clock finds by it who got what has changed since.
  lookups: ['BatchGetItem', 'Query'],
} as const satisfies Uses

/** Deploys the door. */
export function accessDoor(scope: Construct, settings: Settings, means: Means): OpenDoor {
  const { role, bundle, stores, archive, secretsKey, after } = means
  const { environment, gateway, domain, certificate, truststore, matterDays } = settings
  const door = httpDoor(scope, settings, {
    name: `comity-${environment}`,
    prefix: '',
    domain,
    certificate,
    truststore,
    documents: openRoutes,
    function: (origin) =>
      makeFunction(scope, 'Access', {
        says: 'Answers agency systems',
        role,
        bundle,
        after,
        size: sizeOf(settings, 'access'),
        stores,
        uses,
        rights: readArchive(archive),
        environment: {
          ...namesOf(stores),
          ...rootsOf(settings),
          ...holdsOf(settings),
          COMITY_ORIGIN: origin,
          COMITY_GATEWAY: gateway,
          COMITY_LAW_KEYS: bundle.keys.digest,
          COMITY_MATTER_DAYS: String(matterDays),
          COMITY_KMS_KEY: secretsKey.keyArn,
          COMITY_ARCHIVE: archive.bucketName,
        },
      }),
  })
  // It enters notices under the same rights and law by which calls are answered. The next minute is another try.
  new Rule(scope, 'DueClock', {
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [
      new Target(door.live, {
        event: RuleTargetInput.fromObject({ tick: true }),
        retryAttempts: 0,
        maxEventAge: Duration.minutes(1),
      }),
    ],
  })
  return door
}
