/**
 * The console: a function of its own behind the auditors' API, since it looks and never erases. An act on a page is a
 * signed call, which it hands to the function that answers agencies: it may do none of that itself.
 */

import { CfnOutput } from 'aws-cdk-lib'
import { HttpRoute, HttpRouteKey } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import type { Role } from 'aws-cdk-lib/aws-iam'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { readArchive } from './archive.ts'
import { lettersOf } from './borders.ts'
import type { Bundle } from './bundle.ts'
import {
  aliasName,
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
import type { OpenDoor } from './http-door.ts'
import { loginKey } from './key.ts'
import type { Settings } from './settings.ts'

/** What the function works with. */
export type Means = {
  readonly role: Role
  readonly bundle: Bundle
  readonly stores: Stores
  readonly archive: Bucket
  /** Where acts go: the address that they are signed for, and what answers there. */
  readonly access: OpenDoor
  readonly after: readonly Live[]
  readonly log: Readonly<Record<string, string>>
}

/** A look is an entry. Beside those it writes sessions, and that an office has seen what waits for it. */
const uses = {
  decisions: ['BatchGetItem', 'GetItem', 'PutItem'],
  keys: ['GetItem', 'PutItem', 'Query'],
  attestations: ['GetItem', 'Query'],
  register: ['Query', 'Scan'],
  sealing: ['GetItem'],
  lookups: ['BatchGetItem', 'Query'],
  sessions: ['DeleteItem', 'GetItem', 'PutItem', 'UpdateItem'],
} as const satisfies Uses

/** Rows of inboxes, and no other of their table: nothing is vouched for here. */
function noteInInboxes({ attestations: { tableArn } }: Stores) {
  const right = allow('NoteInInboxes', 'dynamodb', ['PutItem'], tableArn)
  return onlyWith(right, lettersOf('attestations', 'console', 'writes'))
}

/** Deploys the console at `/console` of the auditors' address. */
export function consoleDoor(
  scope: Construct,
  settings: Settings,
  { origin, api }: OpenDoor,
  { role, bundle, stores, archive, access, after, log }: Means,
): OpenDoor {
  const { gateway, logins } = settings
  const key = loginKey(scope, role)
  // By its name: whatever shifts callers of the alias waits for this function, which may not wait for the alias.
  const acts = `${access.live.lambda.functionArn}:${aliasName}`
  const live = makeFunction(scope, 'Console', {
    says: 'Shows pages to auditors and officers, and hands on what they sign',
    role,
    bundle,
    after,
    size: sizeOf(settings, 'console'),
    stores,
    uses,
    rights: [
      ...readArchive(archive),
      noteInInboxes(stores),
      allow('HandOnActs', 'lambda', ['InvokeFunction'], acts),
    ],
    environment: {
      ...namesOf(stores),
      ...rootsOf(settings),
      ...holdsOf(settings),
      ...log,
      COMITY_ORIGIN: origin,
      COMITY_GATEWAY: gateway,
      COMITY_LAW_KEYS: bundle.keys.digest,
      COMITY_LOGINS: JSON.stringify(logins),
      COMITY_LOGIN_KEY: key.keyArn,
      COMITY_ACCESS_ORIGIN: access.origin,
      COMITY_ACCESS_FUNCTION: acts,
    },
  })
  const integration = new HttpLambdaIntegration('ConsoleIntegration', live)
  for (const [id, path] of [
    ['ConsoleRoute', '/console'],
    ['ConsolePagesRoute', '/console/{page+}'],
  ] as const)
    new HttpRoute(scope, id, { httpApi: api, routeKey: HttpRouteKey.with(path), integration })
  new CfnOutput(scope, 'ConsoleUrl', { value: `${origin}/console` })
  new CfnOutput(scope, 'LoginKeyArn', {
    value: key.keyArn,
    description: 'Login providers are told its public half',
  })
  return { origin, api, live }
}
