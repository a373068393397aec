/** The door for auditors and for what holders do to the log: an HTTP API of its own, and its function. */

import { Duration } from 'aws-cdk-lib'
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as Target } from 'aws-cdk-lib/aws-events-targets'
import type { Role } from 'aws-cdk-lib/aws-iam'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { readArchive } from './archive.ts'
import { lettersOf } from './borders.ts'
import type { Bundle } from './bundle.ts'
import {
  allow,
  holdsOf,
  type Live,
  makeFunction,
  namesOf,
  onlyWith,
  rootsOf,
  type Stores,
  sizeOf,
  type Uses,
} from './function.ts'
import { httpDoor, type OpenDoor } from './http-door.ts'
import type { Settings } from './settings.ts'

/** What the function works with. */
export type Means = {
  readonly role: Role
  readonly bundle: Bundle
  readonly stores: Stores
  readonly archive: Bucket
  readonly sealer: Live
  readonly after: readonly Live[]
  /** What it is told of the log: its keys, its archive, its witnesses. */
  readonly log: Readonly<Record<string, string>>
}

/** A look at the log is an entry, too, so that it writes them; and it alone erases keys. */
const uses = {
  decisions: ['BatchGetItem', 'GetItem', 'PutItem'],
  keys: ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'Scan', 'UpdateItem'],
  // What names an erased person: whom it leads to, and what it says.
  attestations: {
    actions: ['DeleteItem', 'Query', 'UpdateItem'],
    keys: lettersOf('attestations', 'audit', 'writes'),
  },
  register: ['Query', 'Scan'],
  sealing: ['GetItem'],
  lookups: ['BatchGetItem', 'BatchWriteItem', 'DeleteItem', 'GetItem', 'Query', 'UpdateItem'],
} as const satisfies Uses

/** What is due, and who was told: rows of inboxes, and no other of their table. */
function readInboxes({ attestations: { tableArn } }: Stores) {
  const right = allow('ReadInboxes', 'dynamodb', ['GetItem', 'Query'], tableArn)
  return onlyWith(right, lettersOf('attestations', 'audit', 'reads'))
}

/** Deploys the door. */
export function auditDoor(scope: Construct, settings: Settings, means: Means): OpenDoor {
  const { role, bundle, stores, archive, sealer, after, log } = means
  const { environment, gateway, auditDomain, auditCertificate, auditTruststore } = settings
  const door = httpDoor(scope, settings, {
    name: `comity-audit-${environment}`,
    prefix: 'Audit',
    domain: auditDomain,
    certificate: auditCertificate,
    truststore: auditTruststore,
    documents: ['GET /audit/openapi.json'],
    function: (origin) =>
      makeFunction(scope, 'Audit', {
        says: 'Answers auditors, and acts on what the log keeps',
        role,
        bundle,
        after,
        size: sizeOf(settings, 'audit'),
        stores,
        uses,
        rights: [
          ...readArchive(archive),
          readInboxes(stores),
          allow('HaveAllSealed', 'lambda', ['InvokeFunction'], sealer.functionArn),
        ],
        environment: {
          ...namesOf(stores),
          ...rootsOf(settings),
          ...holdsOf(settings),
          ...log,
          COMITY_ORIGIN: origin,
          COMITY_GATEWAY: gateway,
          COMITY_LAW_KEYS: bundle.keys.digest,
          COMITY_SEAL_FUNCTION: sealer.functionArn,
        },
      }),
  })
  // It looks at alarms as the office that set them could. The next quarter of an hour is another try.
  new Rule(scope, 'AlarmClock', {
    schedule: Schedule.rate(Duration.minutes(15)),
    targets: [
      new Target(door.live, {
        event: RuleTargetInput.fromObject({ watch: true }),
        retryAttempts: 0,
        maxEventAge: Duration.minutes(1),
      }),
    ],
  })
  return door
}
