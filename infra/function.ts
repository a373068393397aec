/** What every function has in common: how it runs, its log, and rights that are written out one by one. */

import { Aws, Duration, Fn, RemovalPolicy } from 'aws-cdk-lib'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Alias,
  Architecture,
  CfnFunction,
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
import { usualInstances } from '../functions/cli/doctor/usual-instances.ts'
import type { Bundle, Door } from './bundle.ts'
import { type Network, networkRights, placeIn, proxyOf } from './network.ts'
import type { Settings } from './settings.ts'

/** Every table of the deployment, by its role. */
export type Stores = Readonly<Record<TableName, TableV2>>

/**
 * What a function does with tables: the actions that its adapters call, and nothing else; where it has to
 * do with some items alone, only with keys that begin so.
 */
export type Uses = Readonly<Partial<Record<TableName, readonly string[] | Some>>>
type Some = {
  /** What it does with every item. */
  readonly all?: readonly string[]
  readonly actions: readonly string[]
  readonly keys: readonly string[]
}

/** How large a function is and where it runs; nothing is reserved for it, and it is in no network, if undefined. */
export type Size = {
  readonly memoryMb: number
  readonly timeoutSeconds: number
  readonly reserved: number | undefined
  readonly provisioned: number
  readonly network: Network | undefined
}

/** The size of a door's function by the settings. Of the signer, there is one instance. */
export function sizeOf({ functions, reserveInstances, network }: Settings, door: Door): Size {
  const size = { instancesMax: usualInstances.sign, provisioned: 0, ...functions[door] }
  return { ...size, network, reserved: reserveInstances ? size.instancesMax : undefined }
}

/** What differs from one function to another. */
export type Made = {
  readonly says: string
  readonly role: Role
  readonly bundle: Bundle
  /** What goes out before it; a new version of those makes a new one of it, too, which is watched. */
  readonly after: readonly Live[]
  readonly size: Size
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

/** Has a right reach only items whose partition keys begin so. */
export function onlyWith(right: PolicyStatement, keys: readonly string[]): PolicyStatement {
  const begin = keys.map((each) => `${each}*`)
  right.addCondition('ForAllValues:StringLike', { 'dynamodb:LeadingKeys': begin })
  return right
}

/** The rights over a table: what may be done with every item, and what with some alone. */
function rightsOver(
  { node, tableArn }: TableV2,
  { all = [], actions = [], keys = [] }: Partial<Some>,
): readonly PolicyStatement[] {
  const some = onlyWith(allow(`UseSome${node.id}`, 'dynamodb', actions, tableArn), keys)
  const whole = allow(`Use${node.id}`, 'dynamodb', all, tableArn)
  return [...(all.length > 0 ? [whole] : []), ...(actions.length > 0 ? [some] : [])]
}

/** Deploys a function with its rights and its log; returns its alias. */
export function makeFunction(scope: Construct, id: string, made: Made): Live {
  const log = logGroup(scope, `${id}Log`)
  const rights = new Policy(scope, `${id}Rights`, {
    roles: [made.role],
    statements: [
      // A cast, since `Object.entries` forgets the names of the keys.
      ...(Object.entries(made.uses) as [TableName, readonly string[] | Some][]).flatMap(
        ([name, uses]) => rightsOver(made.stores[name], 'actions' in uses ? uses : { all: uses }),
      ),
      ...made.rights,
      ...(made.size.network === undefined ? [] : networkRights()),
      allow('WriteLog', 'logs', ['CreateLogStream', 'PutLogEvents'], log.logGroupArn),
    ],
  })
  const { size } = made
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
    memorySize: size.memoryMb,
    timeout: Duration.seconds(size.timeoutSeconds),
    ...(size.reserved === undefined ? {} : { reservedConcurrentExecutions: size.reserved }),
    role: made.role,
    environment: { ...made.environment, ...(size.network && proxyOf(size.network)) },
    logGroup: log,
    loggingFormat: LoggingFormat.JSON,
    // Earlier versions stay, for whoever must go back. One that was not let out goes: Lambda would not
    // publish the same code again.
    currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE },
  })
  deployed.node.addDependency(rights)
  const { defaultChild } = deployed.node
  // CDK would want to look the network up in the account.
  if (size.network !== undefined && defaultChild instanceof CfnFunction)
    defaultChild.vpcConfig = placeIn(size.network)
  // Casts, since CDK's classes and its interfaces disagree on what `undefined` is.
  const version = deployed.currentVersion as IVersion
  const live = new Alias(scope, `${id}Live`, {
    ...{ aliasName, version },
    ...(size.provisioned === 0 ? {} : { provisionedConcurrentExecutions: size.provisioned }),
  }) as Live
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

/**
 * A year of lines, long enough to look into an incident. API Gateway writes to groups that begin with
 * `/aws/vendedlogs/` by one rule of the account; for any other name it adds one to a policy that holds few
 * of them. The last part of the stack's id keeps a name from being taken by what an earlier stack left.
 */
export const logGroup = (scope: Construct, id: string): LogGroup =>
  new LogGroup(scope, id, {
    logGroupName: `/aws/vendedlogs/${Aws.STACK_NAME}/${id}-${lastOf(Aws.STACK_ID)}`,
    retention: RetentionDays.ONE_YEAR,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  })

/** Of `arn:…:stack/name/51af3dc0-da77-11e4-872e-1234567db123`, the last digits. */
const lastOf = (stackId: string): string =>
  Fn.select(4, Fn.split('-', Fn.select(2, Fn.split('/', stackId))))
