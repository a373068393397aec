/** What every function has in common: how it runs, its log, and rights that are written out one by one. */

import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Alias,
  Architecture,
  Code,
  type IFunction,
  type IVersion,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { type TableName, tables } from '../functions/adapters/tables.ts'
import type { Bundle } from './bundle.ts'
import type { Settings } from './settings.ts'

/** Every table of the deployment, by its role. */
export type Stores = Readonly<Record<TableName, TableV2>>

/**
 * What a function does with tables: the actions that its adapters call, and nothing else; where it has to
 * do with some items alone, only with keys that begin so.
 */
export type Uses = Readonly<Partial<Record<TableName, readonly string[] | Some>>>
type Some = { readonly actions: readonly string[]; readonly keys: readonly string[] }

/** What differs from one function to another. */
export type Made = {
  readonly says: string
  readonly role: Role
  readonly bundle: Bundle
  /** What goes out before it; a new version of those makes a new one of it, too, which is watched. */
  readonly after: readonly Live[]
  readonly timeoutSeconds: number
  /** Most instances at a time. */
  readonly instancesMax: number
  readonly stores: Stores
  readonly uses: Uses
  /** Rights beside those over tables. */
  readonly rights: readonly PolicyStatement[]
  readonly environment: Readonly<Record<string, string>>
}

/** The role of a function: made first, since the policies of keys, tables and the archive name it. */
export const functionRole = (scope: Construct, id: string): Role =>
  new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })

/** What all callers call: the version that is out, or for some minutes two of them. */
export const aliasName = 'live'
export type Live = Alias & IFunction

/** Deploys a function with its rights and its log; returns its alias. */
export function makeFunction(scope: Construct, id: string, made: Made): Live {
  const log = logGroup(scope, `${id}Log`)
  const rights = new Policy(scope, `${id}Rights`, {
    roles: [made.role],
    statements: [
      // A cast, since `Object.entries` forgets the names of the keys.
      ...(Object.entries(made.uses) as [TableName, readonly string[] | Some][]).map(
        ([name, uses]) => {
          const { node, tableArn } = made.stores[name]
          const { actions, keys } = 'actions' in uses ? uses : { actions: uses, keys: undefined }
          const right = allow(`Use${node.id}`, 'dynamodb', actions, tableArn)
          if (keys !== undefined)
            right.addCondition('ForAllValues:StringLike', {
              'dynamodb:LeadingKeys': keys.map((each) => `${each}*`),
            })
          return right
        },
      ),
      ...made.rights,
      allow('WriteLog', 'logs', ['CreateLogStream', 'PutLogEvents'], log.logGroupArn),
    ],
  })
  const { folder, digest } = made.bundle
  const after = made.after.map(
    ({ lambda, version }) => `; after ${lambda.node.id} ${version.version}`,
  )
  const deployed = new LambdaFunction(scope, id, {
    description: `${made.says}; build ${digest}${after.join('')}`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: Code.fromAsset(folder, { assetHash: digest }),
    handler: 'index.handler',
    memorySize: 512,
    timeout: Duration.seconds(made.timeoutSeconds),
    reservedConcurrentExecutions: made.instancesMax,
    role: made.role,
    environment: made.environment,
    logGroup: log,
    loggingFormat: LoggingFormat.JSON,
    // Earlier versions stay, for whoever must go back. One that was not let out goes: Lambda would not
    // publish the same code again.
    currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
  })
  deployed.node.addDependency(rights)
  // Casts, since CDK's classes and its interfaces disagree on what `undefined` is.
  const version = deployed.currentVersion as IVersion
  const live = new Alias(scope, `${id}Live`, { aliasName, version }) as Live
  live.node.addDependency(...made.after)
  return live
}

/** A statement that allows actions of a service on resources. */
export const allow = (
  sid: string,
  service: string,
  actions: readonly string[],
  ...resources: readonly string[]
): PolicyStatement =>
  new PolicyStatement({
    sid,
    actions: actions.map((action) => `${service}:${action}`),
    resources: [...resources],
  })

/** The variables by which a function knows whose statements count in the register. */
export const rootsOf = ({
  registrars,
  registerFloor,
  environment,
}: Pick<Settings, 'registrars' | 'registerFloor' | 'environment'>): Readonly<
  Record<string, string>
> => ({
  COMITY_REGISTRARS: JSON.stringify(registrars),
  ...(registerFloor === undefined ? {} : { COMITY_REGISTER_FLOOR: JSON.stringify(registerFloor) }),
  COMITY_ENVIRONMENT: environment,
})

/** The variables by which a door knows whose records it serves. */
export const holdsOf = ({
  holds,
  holdsAgreed,
}: Pick<Settings, 'holds' | 'holdsAgreed'>): Readonly<Record<string, string>> => ({
  ...(holds === undefined ? {} : { COMITY_HOLDS: holds.join() }),
  ...(holdsAgreed === undefined ? {} : { COMITY_HOLDS_AGREED: holdsAgreed }),
})

/** The variables that name tables to a function. */
export const namesOf = (
  stores: Stores,
  // A cast, since `Object.keys` forgets the names of the keys.
  names = Object.keys(tables) as readonly TableName[],
): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [tables[name].variable, stores[name].tableName]))

/** A year of lines, long enough to look into an incident. */
export const logGroup = (scope: Construct, id: string): LogGroup =>
  new LogGroup(scope, id, {
    retention: RetentionDays.ONE_YEAR,
    removalPolicy: RemovalPolicy.RETAIN,
  })
