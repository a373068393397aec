/** The policies that resources have, whatever form CloudFormation gives them. */

import * as z from 'zod'
import { arnOf, functionArn, type Resource } from './template.ts'

/** A policy, and the ARN of the resource that it is of; undefined if that is not understood. */
export type Held = { readonly on: string | undefined; readonly document: unknown }

const policySchema = z.looseObject({ PolicyDocument: z.unknown() })
const tableSchema = z.looseObject({
  ResourcePolicy: policySchema.optional(),
  StreamSpecification: z.looseObject({ ResourcePolicy: policySchema.optional() }).optional(),
  ReplicaStreamSpecification: z.looseObject({ ResourcePolicy: policySchema.optional() }).optional(),
})

/** The policies of a table and of its stream. */
const said = (table: z.infer<typeof tableSchema> | undefined): readonly unknown[] =>
  [
    table?.ResourcePolicy,
    table?.StreamSpecification?.ResourcePolicy,
    table?.ReplicaStreamSpecification?.ResourcePolicy,
  ].map((each) => each?.PolicyDocument)

/** The policies that a resource has or is; undefined for one of another type. */
export function policiesOf({ id, type, properties }: Resource): readonly Held[] | undefined {
  const own = arnOf(id, type)
  const named = (before: string, name: unknown) =>
    typeof name !== 'string' ? undefined : name.startsWith('arn:') ? name : `${before}${name}`
  const listed = (names: unknown, arn: (name: unknown) => string | undefined): readonly Held[] =>
    [names].flat().map((name) => ({ on: arn(name), document: properties.PolicyDocument }))
  const idIn = (name: unknown) =>
    typeof name === 'string' ? /<(\w+)>$/.exec(name)?.[1] : undefined
  switch (type) {
    case 'AWS::DynamoDB::GlobalTable':
    case 'AWS::DynamoDB::Table': {
      const tables = z.array(tableSchema).safeParse(properties.Replicas ?? [properties]).data
      // What is forbidden in one Region only is not forbidden.
      const [table, ...others] = tables ?? []
      const isAlike = others.every(
        (each) => JSON.stringify(said(each)) === JSON.stringify(said(table)),
      )
      if (table === undefined || !isAlike) return [{ on: undefined, document: properties }]
      const [ofTable, ...ofStreams] = said(table)
      const stream = `${own}/stream/<${id}.StreamLabel>`
      return [
        { on: own, document: ofTable },
        ...ofStreams.map((document) => ({ on: stream, document })),
      ].filter(({ document }) => document !== undefined)
    }
    case 'AWS::KMS::Key':
    case 'AWS::KMS::ReplicaKey':
      return [{ on: own, document: properties.KeyPolicy }]
    case 'AWS::S3::BucketPolicy':
      return listed(properties.Bucket, (name) => named('arn:<AWS::Partition>:s3:::', name))
    case 'AWS::SQS::QueuePolicy':
      return listed(properties.Queues, (name) => arnOf(idIn(name) ?? '', 'AWS::SQS::Queue'))
    case 'AWS::SNS::TopicPolicy':
      return listed(properties.Topics, (name) => named('', name))
    case 'AWS::Lambda::Permission':
      return [permitted(properties)]
    default:
      return undefined
  }
}

const permissionSchema = z.strictObject({
  Action: z.string(),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  SourceAccount: z.string().optional(),
})

/** A permission of Lambda as the statement that Lambda makes of it. */
function permitted(properties: Resource['properties']): Held {
  const said = permissionSchema.safeParse(properties).data
  if (said === undefined) return { on: undefined, document: properties }
  const { Action, FunctionName, Principal, SourceArn, SourceAccount } = said
  const kind = Principal.endsWith('.amazonaws.com') ? 'Service' : 'AWS'
  const Condition = {
    ...(SourceArn === undefined ? {} : { ArnLike: { 'aws:SourceArn': SourceArn } }),
    ...(SourceAccount === undefined
      ? {}
      : { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
  }
  const on = functionArn(FunctionName)
  const statement = {
    Effect: 'Allow',
    Principal: { [kind]: Principal },
    Action,
    Resource: on,
    Condition,
  }
  return { on, document: { Statement: statement } }
}

/** Whether a resource of another type could give rights, too. */
export function mayGrant(type: string, properties: unknown): boolean {
  if (
    /^AWS::IAM::|Permission$|^AWS::CloudFormation::(Stack|Macro)$|^AWS::Serverless::|^Custom::/.test(
      type,
    )
  )
    return true
  return holdsStatement(properties)
}

function holdsStatement(value: unknown): boolean {
  if (typeof value === 'string') return /"Statement"/.test(value)
  if (typeof value !== 'object' || value === null) return false
  return 'Statement' in value || Object.values(value).some(holdsStatement)
}
