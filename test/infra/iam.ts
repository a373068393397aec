/** What IAM would answer, worked out from the statements of a template. */

import * as z from 'zod'
import { account, idOf, ofType, type Resources } from './template.ts'

const several = z
  .union([z.string(), z.array(z.string())])
  .transform((each) => (typeof each === 'string' ? [each] : each))

/** A number stands for its text. */
const values = z.union([several, z.number().transform((each) => [String(each)])])

/** A statement; one that says anything else is not understood, and so a fault. */
const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: several,
  Resource: several.default([]),
  NotResource: several.optional(),
  Principal: z
    .union([z.record(z.string(), several), z.literal('*').transform(() => ({ AWS: ['*'] }))])
    .optional(),
  Condition: z.record(z.string(), z.record(z.string(), values)).default({}),
})
export type Statement = z.infer<typeof statementSchema>

const documentSchema = z.looseObject({ Statement: z.array(statementSchema) })
/** The statements of a policy; one that is not understood throws. */
export const statementsIn = (document: unknown) => documentSchema.parse(document).Statement

/** Who asks, with the statements of its own. */
export type Principal = { readonly arn: string; readonly statements: readonly Statement[] }

/** What is asked for: an action on a resource, and what IAM knows of the call. */
export type Ask = {
  readonly action: string
  /** Id of the resource's construct, and what of it, if not all: an object, an index, a stream. */
  readonly on: string
  readonly path?: string
  readonly context?: Readonly<Record<string, string | readonly string[]>>
}

/** A role of the template, with all that is attached to it. */
export function roleOf(resources: Resources, construct: string): Principal {
  const id = idOf(resources, construct)
  const { ManagedPolicyArns, Policies } = resources.get(id)?.properties ?? {}
  if (ManagedPolicyArns !== undefined || Policies !== undefined)
    throw new Error(`${construct} has policies that are not read here`)
  const attached = [
    ...ofType(resources, 'AWS::IAM::Policy'),
    ...ofType(resources, 'AWS::IAM::ManagedPolicy'),
  ].filter(({ properties }) => z.array(z.string()).parse(properties.Roles).includes(id))
  return {
    arn: `arn:${id}`,
    statements: attached.flatMap(({ properties }) => statementsIn(properties.PolicyDocument)),
  }
}

/** Somebody of the account whom IAM lets do everything. */
export const administrator: Principal = {
  arn: `arn:aws:iam::${account}:role/Administrator`,
  statements: [{ Effect: 'Allow', Action: ['*'], Resource: ['*'], Condition: {} }],
}

/** The statements in the policy of a resource. */
export function policyOf(resources: Resources, construct: string): readonly Statement[] {
  const { properties } = resources.get(idOf(resources, construct)) ?? {}
  if (properties?.KeyPolicy !== undefined) return statementsIn(properties.KeyPolicy)
  const attached = ofType(resources, 'AWS::S3::BucketPolicy').filter(
    (each) => each.properties.Bucket === idOf(resources, construct),
  )
  if (attached.length > 0)
    return attached.flatMap((each) => statementsIn(each.properties.PolicyDocument))
  const replica = z.looseObject({
    ResourcePolicy: z.looseObject({ PolicyDocument: z.unknown() }).optional(),
  })
  return z
    .array(replica)
    .default([])
    .parse(properties?.Replicas)
    .flatMap(({ ResourcePolicy }) =>
      ResourcePolicy === undefined ? [] : statementsIn(ResourcePolicy.PolicyDocument),
    )
}

/** Whether IAM would let it happen: a statement allows it, and none denies it. */
export function may(principal: Principal, ask: Ask, resources: Resources): boolean {
  const id = idOf(resources, ask.on)
  const arn = `arn:${id}${ask.path ?? ''}`
  const said = { ...ask.context, 'aws:PrincipalArn': principal.arn }
  const speaks = (each: Statement) => speaksOf(each, ask.action, arn, said)
  const own = principal.statements.filter(speaks)
  const ofResource = policyOf(resources, ask.on).filter(speaks)
  const named = (who: string) =>
    ofResource.filter(({ Principal }) => (Principal?.AWS ?? []).includes(who))
  const direct = [...named('*'), ...named(principal.arn)]
  if ([...own, ...direct].some(({ Effect }) => Effect === 'Deny')) return false
  if (direct.some(({ Effect }) => Effect === 'Allow')) return true
  // The account in a policy lets IAM decide; without it, IAM has no say over a key.
  const delegated = named(`arn:aws:iam::${account}:root`).length > 0
  const isKey = resources.get(id)?.type === 'AWS::KMS::Key'
  return own.some(({ Effect }) => Effect === 'Allow') && (delegated || !isKey)
}

const speaksOf = (
  statement: Statement,
  action: string,
  arn: string,
  context: NonNullable<Ask['context']>,
): boolean =>
  statement.Action.some((each) => matches(each, action)) &&
  (statement.NotResource === undefined
    ? statement.Resource.some((each) => matches(each, arn))
    : !statement.NotResource.some((each) => matches(each, arn))) &&
  Object.entries(statement.Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => holds(operator, values, context[key])),
  )

function holds(
  operator: string,
  values: readonly string[],
  said: string | readonly string[] | undefined,
): boolean {
  switch (operator) {
    case 'StringEquals':
      return typeof said === 'string' && values.includes(said)
    case 'ArnNotEquals':
      return typeof said !== 'string' || !values.includes(said)
    case 'Null':
      return values.includes(String(said === undefined))
    case 'Bool':
      return typeof said === 'string' && values.includes(said)
    case 'NumericLessThan':
      return typeof said === 'string' && values.every((each) => Number(said) < Number(each))
    case 'ForAllValues:StringEquals':
      return [said ?? []].flat().every((each) => values.includes(each))
    case 'ForAllValues:StringLike':
      return [said ?? []].flat().every((each) => values.some((one) => matches(one, each)))
    default:
      throw new Error(`the operator ${operator} is not understood here`)
  }
}

/** `*` stands for any text; actions are compared without case. */
const matches = (pattern: string, text: string): boolean =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    'i',
  ).test(text)
