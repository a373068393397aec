/** The door for agency systems: an HTTP API, the function behind it, and what that may do. */

import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  DomainName,
  HttpApi,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { Policy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam'
import type { Key } from 'aws-cdk-lib/aws-kms'
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { type TableName, tables } from '../functions/adapters/tables.ts'
import type { Bundle } from './bundle.ts'
import type { Settings } from './settings.ts'

/** What the function works with. */
export type Means = {
  readonly role: Role
  readonly stores: Readonly<Record<TableName, TableV2>>
  readonly secretsKey: Key
}

/**
 * What the function does with each table: what its adapters call, and nothing else. A test runs it
 * with these rights alone, and sees that it needs every one of them.
 */
const uses = {
  decisions: ['GetItem', 'PutItem'],
  keys: ['GetItem', 'PutItem', 'Query'],
  records: ['DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'],
  attestations: ['GetItem', 'PutItem', 'Query', 'UpdateItem'],
  register: ['GetItem'],
  sealing: ['GetItem'],
  signatures: [],
  lookups: [],
} as const satisfies Readonly<Record<TableName, readonly string[]>>

/** Longest a call may take, s: longer than the store is waited for, shorter than the API waits. */
const timeoutSeconds = 15

/** Deploys the door; returns the address that callers sign for. */
export function accessDoor(scope: Construct, settings: Settings, code: Bundle, means: Means) {
  const own = ownDomain(scope, settings)
  // Without a route yet: the function knows the address of the API, so the API comes first.
  const api = new HttpApi(scope, 'Api', {
    apiName: `comity-${settings.environment}`,
    createDefaultStage: false,
    disableExecuteApiEndpoint: own !== undefined,
  })
  const origin = own === undefined ? api.apiEndpoint : `https://${settings.domain}`
  const integration = new HttpLambdaIntegration(
    'Access',
    accessFunction(scope, settings, code, means, origin),
  )
  new HttpRoute(scope, 'Route', { httpApi: api, routeKey: HttpRouteKey.DEFAULT, integration })
  new HttpStage(scope, 'Stage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: settings.callsPerSecond, burstLimit: settings.callsAtOnce },
    accessLogSettings: {
      destination: new LogGroupLogDestination(logGroup(scope, 'CallLog')),
      format: AccessLogFormat.custom(JSON.stringify(logLine)),
    },
    ...(own === undefined ? {} : { domainMapping: { domainName: own } }),
  })
  return origin
}

function ownDomain(scope: Construct, { domain, certificate }: Settings): DomainName | undefined {
  if (domain === undefined || certificate === undefined) return undefined
  const own = new DomainName(scope, 'Domain', {
    domainName: domain,
    certificate: Certificate.fromCertificateArn(scope, 'Certificate', certificate),
  })
  new CfnOutput(scope, 'DomainTarget', { value: own.regionalDomainName, description: 'For DNS' })
  return own
}

/** A line for each call, with nothing personal: no address, path, agent or body of a caller. */
const logLine = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  method: '$context.httpMethod',
  status: '$context.status',
  bytes: '$context.responseLength',
  ms: '$context.responseLatency',
  functionStatus: '$context.integration.status',
  functionMs: '$context.integration.latency',
}

/** A year of lines, long enough to look into an incident. */
const logGroup = (scope: Construct, id: string): LogGroup =>
  new LogGroup(scope, id, {
    retention: RetentionDays.ONE_YEAR,
    removalPolicy: RemovalPolicy.RETAIN,
  })

function accessFunction(
  scope: Construct,
  { gateway, instancesMax }: Settings,
  { folder, digest }: Bundle,
  { role, stores, secretsKey }: Means,
  origin: string,
): LambdaFunction {
  const log = logGroup(scope, 'AccessLog')
  const rights = new Policy(scope, 'AccessRights', {
    roles: [role],
    statements: [
      ...Object.entries(uses)
        .filter(([, actions]) => actions.length > 0)
        .map(([name, actions]) => {
          // A cast, since `Object.entries` forgets the names of the keys.
          const { node, tableArn } = stores[name as TableName]
          return allow(`Use${node.id}`, 'dynamodb', actions, tableArn)
        }),
      allow('WriteLog', 'logs', ['CreateLogStream', 'PutLogEvents'], log.logGroupArn),
    ],
  })
  const answers = new LambdaFunction(scope, 'Access', {
    description: `Answers agency systems; build ${digest}`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: Code.fromAsset(folder, { assetHash: digest }),
    handler: 'index.handler',
    memorySize: 512,
    timeout: Duration.seconds(timeoutSeconds),
    reservedConcurrentExecutions: instancesMax,
    role,
    environment: {
      ...namesIn(stores),
      COMITY_ORIGIN: origin,
      COMITY_GATEWAY: gateway,
      // Beside the code, which is where Lambda starts it.
      COMITY_POLICIES: 'policies',
      COMITY_KMS_KEY: secretsKey.keyArn,
    },
    logGroup: log,
    loggingFormat: LoggingFormat.JSON,
  })
  answers.node.addDependency(rights)
  return answers
}

const allow = (sid: string, service: string, actions: readonly string[], resource: string) =>
  new PolicyStatement({
    sid,
    actions: actions.map((action) => `${service}:${action}`),
    resources: [resource],
  })

const namesIn = (stores: Means['stores']): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(tables).map(([name, { variable }]) => [
      variable,
      stores[name as TableName].tableName,
    ]),
  )
