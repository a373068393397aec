/** A CloudFormation template as it will be once it is deployed, with names that are not known yet. */

import * as z from 'zod'

/** A resource. In its properties, references are texts: `<Keys4E30B592>` is a name that AWS will give. */
export type Resource = {
  readonly id: string
  readonly type: string
  readonly properties: Readonly<Record<string, unknown>>
}
/** Resources by logical id. */
export type Resources = ReadonlyMap<string, Resource>

const templateSchema = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
  /** What a transform makes of a template, only AWS knows. */
  Transform: z.unknown().optional(),
})

/** What `aws cloudformation get-template` prints. */
const gotSchema = z.looseObject({ TemplateBody: z.union([z.string(), z.looseObject({})]) })

/** Reads a template, or says why it is none. */
export function readTemplate(
  value: unknown,
): { readonly resources: Resources; readonly transformed: boolean } | { readonly wrong: string } {
  const got = gotSchema.safeParse(value).data?.TemplateBody
  if (typeof got === 'string') {
    try {
      return readTemplate(JSON.parse(got))
    } catch {
      return { wrong: 'its TemplateBody is not JSON' }
    }
  }
  const template = templateSchema.safeParse(got ?? value)
  if (!template.success) return { wrong: 'it is not a CloudFormation template' }
  const { Resources, Transform } = template.data
  const resolve = resolver(new Map(Object.entries(Resources)))
  const resources = Object.entries(Resources).map(([id, { Type, Properties }]): Resource => {
    // A cast: what is resolved is an object as before.
    return { id, type: Type, properties: resolve(Properties) as Resource['properties'] }
  })
  return {
    resources: new Map(resources.map((each) => [each.id, each])),
    transformed: Transform !== undefined,
  }
}

const partition = '<AWS::Partition>'
const here = '<AWS::Region>:<AWS::AccountId>'
const account = '<AWS::AccountId>'

/** The account itself, as a principal: whoever IAM lets. */
export const accountRoot = `arn:${partition}:iam::${account}:root`

/** What an ARN begins with, by type; the name follows. */
const beforeName: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Alarm': `arn:${partition}:cloudwatch:${here}:alarm:`,
  'AWS::DynamoDB::GlobalTable': `arn:${partition}:dynamodb:${here}:table/`,
  'AWS::DynamoDB::Table': `arn:${partition}:dynamodb:${here}:table/`,
  'AWS::Events::Rule': `arn:${partition}:events:${here}:rule/`,
  'AWS::IAM::ManagedPolicy': `arn:${partition}:iam::${account}:policy/`,
  'AWS::IAM::Role': `arn:${partition}:iam::${account}:role/`,
  'AWS::KMS::Key': `arn:${partition}:kms:${here}:key/`,
  'AWS::KMS::ReplicaKey': `arn:${partition}:kms:${here}:key/`,
  'AWS::Lambda::Function': `arn:${partition}:lambda:${here}:function:`,
  'AWS::Logs::LogGroup': `arn:${partition}:logs:${here}:log-group:`,
  'AWS::S3::Bucket': `arn:${partition}:s3:::`,
  'AWS::SNS::Topic': `arn:${partition}:sns:${here}:`,
  'AWS::SQS::Queue': `arn:${partition}:sqs:${here}:`,
}

/** The ARN of a resource, without what a service adds; undefined for types that are not known here. */
export const arnOf = (id: string, type: string | undefined): string | undefined => {
  const before = beforeName[type ?? '']
  return before === undefined ? undefined : `${before}<${id}>`
}

/** A function by what a template names it with: its name or its ARN. */
export const functionArn = (name: string): string =>
  name.startsWith('arn:') ? name : `arn:${partition}:lambda:${here}:function:${name}`

const aliasSchema = z.looseObject({ FunctionName: z.string(), Name: z.string().optional() })

type Raw = ReadonlyMap<string, { readonly Type: string; readonly Properties: unknown }>

/** What another stack gives out, perhaps in another Region. */
function outputOf(argument: unknown): string | undefined {
  const of = z.looseObject({ StackName: z.string(), OutputName: z.string() })
  const { success, data } = of.safeParse(argument)
  return success ? `<${data.StackName}/${data.OutputName}>` : undefined
}

/** Puts texts in the place of references; what is not understood stays as it is. */
function resolver(raw: Raw): (value: unknown) => unknown {
  return resolve

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
    const [[name, argument] = ['', undefined]] = entries
    const text = entries.length === 1 ? textOf(name, argument) : undefined
    return text ?? Object.fromEntries(entries.map(([key, each]) => [key, resolve(each)]))
  }

  function textOf(name: string, argument: unknown): string | undefined {
    if (name === 'Ref' && typeof argument === 'string') return reference(argument)
    if (name === 'Fn::GetAtt') {
      const path = typeof argument === 'string' ? argument.split('.') : argument
      const [id, ...rest] = z.array(z.string()).safeParse(path).data ?? []
      return id === undefined ? undefined : attribute(id, rest.join('.'))
    }
    if (name === 'Fn::Join') return joined(argument)
    if (name === 'Fn::ImportValue' && typeof argument === 'string') return `<${argument}>`
    if (name === 'Fn::GetStackOutput') return outputOf(argument)
    if (name === 'Fn::Sub' && typeof argument === 'string' && !argument.includes('${!'))
      return argument.replaceAll(/\$\{([^}.]+)(?:\.([^}]+))?\}/g, (_, id: string, of?: string) =>
        of === undefined ? reference(id) : attribute(id, of),
      )
    return undefined
  }

  /** What `Ref` gives: a name, but for some types an ARN. */
  function reference(id: string): string {
    const { Type, Properties } = raw.get(id) ?? {}
    if (Type === 'AWS::Lambda::Alias' || Type === 'AWS::Lambda::Version') {
      const of = aliasSchema.safeParse(resolve(Properties)).data
      if (of !== undefined) return `${functionArn(of.FunctionName)}:${of.Name ?? `<${id}.Version>`}`
    }
    const isArn = Type === 'AWS::SNS::Topic' || Type === 'AWS::IAM::ManagedPolicy'
    return (isArn ? arnOf(id, Type) : undefined) ?? `<${id}>`
  }

  function attribute(id: string, name: string): string {
    const type = raw.get(id)?.Type
    const arn = arnOf(id, type)
    if (arn === undefined) return `<${id}.${name}>`
    if (name === 'StreamArn') return `${arn}/stream/<${id}.StreamLabel>`
    // A log group's ARN takes in its streams.
    if (name === 'Arn') return type === 'AWS::Logs::LogGroup' ? `${arn}:*` : arn
    if (name === 'TopicArn') return arn
    return name === 'QueueName' || name === 'TopicName' ? `<${id}>` : `<${id}.${name}>`
  }

  function joined(argument: unknown): string | undefined {
    const read = z.tuple([z.string(), z.array(z.unknown())]).safeParse(argument).data
    const parts = read?.[1].map(resolve)
    return parts?.every((part) => typeof part === 'string') ? parts.join(read?.[0]) : undefined
  }
}
