/** An HTTP API before a function: its address, its one route, a limit on calls and a log of them. */

import { CfnOutput } from 'aws-cdk-lib'
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
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { logGroup } from './function.ts'
import type { Settings } from './settings.ts'

/** What differs from one door to another. */
export type HttpDoor = {
  readonly name: string
  /** Before the ids of its constructs. */
  readonly prefix: string
  readonly domain: string | undefined
  readonly certificate: string | undefined
  /** Makes the function, which knows the address that callers sign for. */
  readonly function: (origin: string) => LambdaFunction
}

/** Deploys the door; returns its address. */
export function httpDoor(
  scope: Construct,
  { callsPerSecond, callsAtOnce }: Settings,
  door: HttpDoor,
): string {
  const { name, prefix, domain } = door
  const own = ownDomain(scope, door)
  // Without a route yet: the function knows the address of the API, so the API comes first.
  const api = new HttpApi(scope, `${prefix}Api`, {
    apiName: name,
    createDefaultStage: false,
    disableExecuteApiEndpoint: own !== undefined,
  })
  const origin = own === undefined ? api.apiEndpoint : `https://${domain}`
  const integration = new HttpLambdaIntegration(`${prefix}Integration`, door.function(origin))
  const route = { httpApi: api, routeKey: HttpRouteKey.DEFAULT, integration }
  new HttpRoute(scope, `${prefix}Route`, route)
  new HttpStage(scope, `${prefix}Stage`, {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: callsPerSecond, burstLimit: callsAtOnce },
    accessLogSettings: {
      destination: new LogGroupLogDestination(logGroup(scope, `${prefix}CallLog`)),
      format: AccessLogFormat.custom(JSON.stringify(logLine)),
    },
    ...(own === undefined ? {} : { domainMapping: { domainName: own } }),
  })
  return origin
}

function ownDomain(
  scope: Construct,
  { prefix, domain, certificate }: HttpDoor,
): DomainName | undefined {
  if (domain === undefined || certificate === undefined) return undefined
  const own = new DomainName(scope, `${prefix}Domain`, {
    domainName: domain,
    certificate: Certificate.fromCertificateArn(scope, `${prefix}Certificate`, certificate),
  })
  const value = own.regionalDomainName
  new CfnOutput(scope, `${prefix}DomainTarget`, { value, description: 'For DNS' })
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
