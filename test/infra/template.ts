/** A template as AWS would see it once it is deployed: references are names. */

import type { Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import * as z from 'zod'

/** The account and region that templates are read for. */
export const account = '111122223333'
export const region = 'eu-central-1'

/** A resource with its properties. */
export type Resource = {
  readonly type: string
  readonly properties: Readonly<Record<string, unknown>>
  /** What becomes of it when the stack is deleted. */
  readonly deletionPolicy: string | undefined
}
/** Resources by logical id. */
export type Resources = ReadonlyMap<string, Resource>

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
})

/**
 * The resources of a stack. A name is its resource's logical id, an ARN is `arn:` and that; the ARN of
 * an alias is its function's, `:` and its name.
 */
export const resourcesOf = (stack: Stack): Resources =>
  resourcesIn(Template.fromStack(stack).toJSON())

/** The resources of a template, in the same way. */
export function resourcesIn(template: object): Resources {
  const { Resources } = z
    .object({ Resources: z.record(z.string(), resourceSchema) })
    .parse(resolved(withAliases(template)))
  return new Map(
    Object.entries(Resources).map(([id, { Type, Properties, DeletionPolicy }]) => [
      id,
      { type: Type, properties: Properties, deletionPolicy: DeletionPolicy },
    ]),
  )
}

/** The logical id that CDK gave a construct: its own id and eight digits. */
export function idOf(resources: Resources, construct: string): string {
  const id = [...resources.keys()].find((each) =>
    new RegExp(`^${construct}[0-9A-F]{8}$`).test(each),
  )
  if (id === undefined) throw new Error(`the stack has no ${construct}`)
  return id
}

/** A resource by the id of its construct. */
export function resourceOf(resources: Resources, construct: string): Resource {
  const resource = resources.get(idOf(resources, construct))
  if (resource === undefined) throw new Error(`the stack has no ${construct}`)
  return resource
}

/** Every resource of a type. */
export const ofType = (resources: Resources, type: string): readonly Resource[] =>
  [...resources.values()].filter((each) => each.type === type)

const pseudo: Readonly<Record<string, string>> = {
  'AWS::AccountId': account,
  'AWS::Partition': 'aws',
  'AWS::Region': region,
  'AWS::StackName': 'Comity-dev',
  'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/Comity-dev/a-b-c-d-e`,
}

const aliasSchema = z.object({
  Type: z.literal('AWS::Lambda::Alias'),
  Properties: z.looseObject({ FunctionName: z.object({ Ref: z.string() }), Name: z.string() }),
})

/** The template in which the ARN of each alias is written out, wherever it is referred to. */
function withAliases(template: object): unknown {
  const { Resources } = z.object({ Resources: z.record(z.string(), z.unknown()) }).parse(template)
  let json = JSON.stringify(template)
  for (const [id, resource] of Object.entries(Resources)) {
    const { data } = aliasSchema.safeParse(resource)
    if (data === undefined) continue
    const { FunctionName, Name } = data.Properties
    json = json.replaceAll(`{"Ref":"${id}"}`, JSON.stringify(`arn:${FunctionName.Ref}:${Name}`))
  }
  return JSON.parse(json)
}

/** The value with every intrinsic function worked out. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved)
  if (typeof value !== 'object' || value === null) return value
  const [[name, argument] = ['', undefined], ...more] = Object.entries(value)
  if (more.length === 0 && name === 'Ref') return pseudo[String(argument)] ?? argument
  if (more.length === 0 && name === 'Fn::GetAtt') return attribute(argument)
  if (more.length === 0 && name === 'Fn::Join') return joined(argument)
  if (more.length === 0 && name === 'Fn::Select') return selected(argument)
  if (more.length === 0 && name === 'Fn::GetStackOutput') return outputOf(argument)
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolved(each)]))
}

function attribute(argument: unknown): string {
  const [id, name] = z.tuple([z.string(), z.string()]).parse(argument)
  if (name === 'ApiEndpoint') return `https://${id.toLowerCase()}.example`
  if (name === 'StreamArn') return `arn:${id}/stream/label`
  return name === 'Arn' ? `arn:${id}` : `${id}.${name}`
}

/** An output of another stack, perhaps in another Region. */
function outputOf(argument: unknown): string {
  const { StackName, Region, OutputName } = z
    .object({ StackName: z.string(), Region: z.string(), OutputName: z.string() })
    .parse(argument)
  return `${Region}/${StackName}/${OutputName}`
}

/** One part of a text: all that is ever selected here. */
function selected(argument: unknown): string | undefined {
  const [place, { 'Fn::Split': split }] = z
    .tuple([z.coerce.number(), z.object({ 'Fn::Split': z.tuple([z.string(), z.unknown()]) })])
    .parse(argument)
  return String(resolved(split[1])).split(split[0])[place]
}

function joined(argument: unknown): string {
  const [separator, parts] = z.tuple([z.string(), z.array(z.unknown())]).parse(argument)
  return parts.map((part) => String(resolved(part))).join(separator)
}
