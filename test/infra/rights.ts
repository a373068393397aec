/** The statements about rights in a template, wherever they stand, each as a line for people. */

import * as z from 'zod'
import { type Statement, statementsIn } from './iam.ts'
import { account, type Resource, type Resources } from './template.ts'

/** What the template says of rights, and the types of resources that say nothing of them. */
export type Rights = { readonly statements: readonly string[]; readonly others: readonly string[] }

/** Reads every resource; a statement that cannot be put into words throws rather than being passed over. */
export function rightsIn(resources: Resources): Rights {
  const read = [...resources].map(([id, resource]) => ({
    type: resource.type,
    lines: linesOf(id, resource),
  }))
  return {
    statements: [...new Set(read.flatMap(({ lines }) => lines))].map(plain).sort(),
    others: [
      ...new Set(read.filter(({ lines }) => lines.length === 0).map(({ type }) => type)),
    ].sort(),
  }
}

/** Without the digits that CDK appends, and by the names of the doors. */
const plain = (line: string) =>
  line
    .replace(/\b([A-Z]\w*?)[0-9A-F]{8}\b/g, '$1')
    .replace(/arn:(\w+)Role\b/g, '$1')
    .replace(/arn:(?=[A-Z])/g, '')

const attachedSchema = z.strictObject({
  PolicyDocument: z.unknown(),
  PolicyName: z.string().optional(),
  Roles: z.array(z.string()),
})
const roleSchema = z.strictObject({
  AssumeRolePolicyDocument: z.unknown(),
  Description: z.string().optional(),
  RoleName: z.string().optional(),
})
const permissionSchema = z.strictObject({
  Action: z.string(),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
})

function linesOf(id: string, { type, properties }: Resource): readonly string[] {
  switch (type) {
    case 'AWS::IAM::Policy': {
      const { Roles, PolicyDocument } = attachedSchema.parse(properties)
      const statements = statementsIn(PolicyDocument)
      return Roles.flatMap((role) =>
        statements.flatMap((each) => linesOfStatement(each, [`arn:${role}`], [])),
      )
    }
    case 'AWS::IAM::Role':
      return linesOfPolicy(roleSchema.parse(properties).AssumeRolePolicyDocument, `role arn:${id}`)
    case 'AWS::Lambda::Permission': {
      const { Action, FunctionName, Principal, SourceArn } = permissionSchema.parse(properties)
      const onBehalf = SourceArn === undefined ? '' : ` if on behalf of ${SourceArn}`
      return [`${Principal} may ${Action} → ${FunctionName}${onBehalf}`]
    }
    default:
      return policiesWithin(properties).flatMap((each) => linesOfPolicy(each, `arn:${id}`))
  }
}

/** Policies at whatever depth: those of keys, tables, buckets, queues and topics. */
function policiesWithin(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return []
  if ('Statement' in value) return [value]
  return Object.values(value).flatMap(policiesWithin)
}

const linesOfPolicy = (document: unknown, on: string): readonly string[] =>
  statementsIn(document).flatMap((each) => linesOfStatement(each, principalsOf(each), [on]))

const principalsOf = ({ Principal = {} }: Statement): readonly string[] =>
  Object.entries(Principal).flatMap(([kind, names]) =>
    names.map((name) => {
      if (name === '*') return 'anybody'
      if (name === `arn:aws:iam::${account}:root`) return 'the account, as IAM lets it,'
      return ['AWS', 'Service'].includes(kind) ? name : `${kind} ${name}`
    }),
  )

/** A line for each of those who are named, and for each thing. */
function linesOfStatement(
  statement: Statement,
  who: readonly string[],
  itself: readonly string[],
): readonly string[] {
  const { Effect, Action, Resource, NotResource, Condition } = statement
  const verb = Effect === 'Allow' ? 'may' : 'MAY NEVER'
  const things = NotResource === undefined ? Resource : [`all but ${NotResource.join(' and ')}`]
  // In the policy of a key or table, `*` is the thing itself.
  const on = things.length === 0 || things.every((each) => each === '*') ? itself : things
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => `${operator} ${key} ${values.join(', ')}`),
  )
  const only = conditions.length === 0 ? '' : ` if ${conditions.sort().join(' and ')}`
  return who.flatMap((each) =>
    (on.length === 0 ? ['*'] : on).map(
      (thing) => `${each} ${verb} ${[...Action].sort().join(', ')} → ${thing}${only}`,
    ),
  )
}
