/** An HTTP API before a function: its address, its routes, limits on calls and a log of them. */

import { CfnOutput } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  CfnRoute,
  type CfnStage,
  DomainName,
  HttpApi,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { type Live, logGroup } from './function.ts'
import type { Settings, Truststore } from './settings.ts'

/** What differs from one door to another. */
export type HttpDoor = {
  readonly name: string
  /** Before the ids of its constructs. */
  readonly prefix: string
  readonly domain: string | undefined
  readonly certificate: string | undefined
  readonly truststore: Truststore | undefined
  /** The routes of documents that anybody may ask for, as the API writes them: `GET /openapi.json`. */
  readonly documents: readonly string[]
  /** Makes the function, which knows the address that callers sign for. */
  readonly function: (origin: string) => Live
}

/** What was deployed: the address that callers sign for, the API there and what answers. */
export type OpenDoor = { readonly origin: string; readonly api: HttpApi; readonly live: Live }

/** Deploys the door. */
export function httpDoor(
  scope: Construct,
  { callsPerSecond, callsAtOnce }: Settings,
  door: HttpDoor,
): OpenDoor {
  const { name, prefix, domain, documents } = door
  const own = ownDomain(scope, door)
  // Without a route yet: the function knows the address of the API, so the API comes first.
  const api = new HttpApi(scope, `${prefix}Api`, {
    apiName: name,
    createDefaultStage: false,
    disableExecuteApiEndpoint: own !== undefined,
  })
  const origin = own === undefined ? api.apiEndpoint : `https://${domain}`
  const live = door.function(origin)
  const integration = new HttpLambdaIntegration(`${prefix}Integration`, live)
  const route = { httpApi: api, routeKey: HttpRouteKey.DEFAULT, integration }
  const all = new HttpRoute(scope, `${prefix}Route`, route)
  // A cast: a route is made of one. Its integration, and the right to call the function, serve those of documents, too.
  const { target } = all.node.defaultChild as CfnRoute
  const open = documents.map(
    (routeKey) =>
      new CfnRoute(scope, `${prefix}Route ${routeKey}`, {
        ...{ apiId: api.apiId, routeKey },
        ...(target !== undefined && { target }),
      }),
  )
  const stage = new HttpStage(scope, `${prefix}Stage`, {
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
  // Limits are kept for each route. Whoever signs nothing uses up a tenth at most, and nothing of what signed calls have.
  const limits = {
    ThrottlingRateLimit: Math.ceil(callsPerSecond / 10),
    ThrottlingBurstLimit: Math.ceil(callsAtOnce / 10),
  }
  // A cast: a stage is made of one. It names routes, which must be there.
  const made = stage.node.defaultChild as CfnStage
  made.routeSettings = Object.fromEntries(documents.map((each) => [each, limits]))
  stage.node.addDependency(...open)
  return { origin, api, live }
}

function ownDomain(
  scope: Construct,
  { prefix, domain, certificate, truststore }: HttpDoor,
): DomainName | undefined {
  if (domain === undefined || certificate === undefined) return undefined
  const own = new DomainName(scope, `${prefix}Domain`, {
    domainName: domain,
    certificate: Certificate.fromCertificateArn(scope, `${prefix}Certificate`, certificate),
    securityPolicy: SecurityPolicy.TLS_1_2,
    ...(truststore === undefined ? {} : { mtls: mutualTls(scope, prefix, truststore) }),
  })
  const value = own.regionalDomainName
  new CfnOutput(scope, `${prefix}DomainTarget`, { value, description: 'For DNS' })
  return own
}

const mutualTls = (scope: Construct, prefix: string, { bucket, key, version }: Truststore) => ({
  bucket: Bucket.fromBucketName(scope, `${prefix}Truststore`, bucket),
  key,
  version,
})

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
  // Why the API answered in place of the function: a word of its own, and nothing of the call.
  refused: '$context.error.responseType',
}
