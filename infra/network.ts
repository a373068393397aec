/**
 * A private network for functions, if the settings name one: where they run, the ways from there to what they call
 * of AWS, and a proxy for what lies beyond.
 */

import type { Stack } from 'aws-cdk-lib'
import { CfnVPCEndpoint } from 'aws-cdk-lib/aws-ec2'
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda'
import type { Settings } from './settings.ts'

/** A private network that is there already, and that others look after. */
export type Network = NonNullable<Settings['network']>

/** What functions call of AWS: all but DynamoDB and S3 by an address within the network. */
const services = { Gateway: ['dynamodb', 's3'], Interface: ['kms', 'lambda'] } as const

/** Makes the ways to AWS, unless the network has them. */
export function endpoints(stack: Stack, network: Network | undefined): void {
  if (network?.endpoints !== true) return
  const { vpc, subnets, securityGroups, routeTables } = network
  const make = (service: string, how: object) =>
    new CfnVPCEndpoint(stack, `WayTo${service.toUpperCase()}`, {
      vpcId: vpc,
      serviceName: `com.amazonaws.${stack.region}.${service}`,
      ...how,
    })
  for (const service of services.Gateway)
    make(service, { vpcEndpointType: 'Gateway', routeTableIds: routeTables })
  for (const service of services.Interface)
    make(service, {
      ...{ vpcEndpointType: 'Interface', privateDnsEnabled: true },
      ...{ subnetIds: subnets, securityGroupIds: securityGroups },
    })
}

/** Where a function runs. */
export const placeIn = ({ subnets, securityGroups }: Network): CfnFunction['vpcConfig'] => ({
  subnetIds: [...subnets],
  securityGroupIds: [...securityGroups],
})

/**
 * The variables by which Node sends what `fetch` calls through the proxy. AWS is reached without it, and holders’ own
 * systems, too: a connection there goes to the address that was checked.
 */
export const proxyOf = ({ proxy }: Network): Readonly<Record<string, string>> =>
  proxy === undefined
    ? {}
    : {
        NODE_USE_ENV_PROXY: '1',
        HTTPS_PROXY: proxy,
        NO_PROXY: 'localhost,127.0.0.1,.amazonaws.com',
      }

/** What Lambda does in the role of a function before its code runs there; IAM knows no resource for it. */
const interfaces = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
]

/** The rights to be in a network: Lambda’s alone, and never those of the code. */
export const networkRights = (): readonly PolicyStatement[] => [
  new PolicyStatement({ sid: 'BeInNetwork', actions: interfaces, resources: ['*'] }),
  new PolicyStatement({
    sid: 'NotByCode',
    effect: Effect.DENY,
    actions: interfaces,
    resources: ['*'],
    // A call that the function’s code makes says of which function; one that Lambda makes does not.
    conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
  }),
]
