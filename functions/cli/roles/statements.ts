/** Every statement of a template that gives or denies a right, and where it stands. */

import * as z from 'zod'
import { mayGrant, policiesOf } from './held.ts'
import { arnOf, type Resource, type Resources } from './template.ts'

/** Without variables of IAM (`${aws:username}`), which differ from call to call. */
const text = z.string().refine((each) => !each.includes('$'))
const several = z.union([text.transform((each) => [each]), z.array(text)])
const plain = z.union([text, z.number(), z.boolean()]).transform(String)
const values = z.union([plain.transform((each) => [each]), z.array(plain)])

/** By operator, then by key. All of it must hold. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>

/** A statement as IAM has it. One that says anything else is not understood. */
const statementSchema = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(['Allow', 'Deny']),
    Action: several,
    Resource: several.optional(),
    NotResource: several.optional(),
    Principal: z
      .union([
        z.literal('*').transform(() => ({ AWS: ['*'] })),
        z.partialRecord(z.enum(['AWS', 'Service', 'Federated']), several),
      ])
      .optional(),
    Condition: z.record(z.string(), z.record(z.string(), values)).default({}),
  })
  // All but some: what that gives, nobody can read off it.
  .refine(({ Effect, NotResource }) => Effect === 'Deny' || NotResource === undefined)

/** A statement, and where it stands. */
export type Statement = {
  readonly effect: 'Allow' | 'Deny'
  readonly actions: readonly string[]
  readonly resources?: readonly string[] | undefined
  readonly notResources?: readonly string[] | undefined
  /** Whom it is about; nobody in the policy of a role, which is about the role. */
  readonly principals: Readonly<Partial<Record<'AWS' | 'Service' | 'Federated', readonly string[]>>>
  readonly conditions: Conditions
  readonly sid: string | undefined
  /** The logical id of the policy, or of the resource that has it. */
  readonly place: string
  /** As it stands in the template. */
  readonly raw: unknown
}

/** What could not be read as a right, with its place, word for word. */
export type Unread = { readonly place: string; readonly raw: unknown }

/** Statements that were read, and the others. */
export type Read = { readonly statements: readonly Statement[]; readonly unread: readonly Unread[] }

/** All that a template says about rights. */
export type Rights = {
  /** By the logical id of the role. */
  readonly roles: ReadonlyMap<string, RoleSaid>
  /** The policies of resources, by the ARN of the resource. */
  readonly ofResources: ReadonlyMap<string, readonly Statement[]>
  readonly unread: readonly Unread[]
}

/** What a template says about one role. */
export type RoleSaid = {
  readonly own: readonly Statement[]
  /** Who may take it. */
  readonly trust: readonly Statement[]
  /** Policies that are not in the template, by their ARN. */
  readonly elsewhere: readonly string[]
}

const documentSchema = z.looseObject({ Statement: z.unknown() })

/** The statements of a document, each by itself, so that one which is not understood hides no other. */
function read(place: string, document: unknown): Read {
  const found = documentSchema.safeParse(document).data?.Statement
  if (found === undefined) return { statements: [], unread: [{ place, raw: document }] }
  const all = [found].flat().map((raw) => ({ raw, parsed: statementSchema.safeParse(raw).data }))
  return {
    statements: all.flatMap(({ raw, parsed }) =>
      parsed === undefined
        ? []
        : [
            {
              effect: parsed.Effect,
              actions: parsed.Action,
              resources: parsed.Resource,
              notResources: parsed.NotResource,
              principals: parsed.Principal ?? {},
              conditions: parsed.Condition,
              sid: parsed.Sid,
              place,
              raw,
            },
          ],
    ),
    unread: all.flatMap(({ raw, parsed }) => (parsed === undefined ? [{ place, raw }] : [])),
  }
}

/** Finds every statement. */
export function rightsIn(resources: Resources): Rights {
  const unread: Unread[] = []
  const ofResources = new Map<string, Statement[]>()
  const all = [...resources.values()]
  const roles = new Map<string, { own: Statement[]; trust: Statement[]; elsewhere: string[] }>(
    all
      .filter(({ type }) => type === 'AWS::IAM::Role')
      .map(({ id }) => [id, { own: [], trust: [], elsewhere: [] }]),
  )
  for (const each of all) take(each)
  return { roles, ofResources, unread }

  function statementsOf(place: string, document: unknown): readonly Statement[] {
    const { statements, unread: more } = read(place, document)
    unread.push(...more)
    return statements
  }

  function take(resource: Resource): void {
    const { id, type, properties } = resource
    if (type === 'AWS::IAM::Role') takeRole(id, properties)
    else if (type in attachedTypes) attach(id, properties)
    else takeHeld(resource)
  }

  function takeHeld(resource: Resource): void {
    const { id, type, properties } = resource
    const held = policiesOf(resource)
    if (held === undefined && mayGrant(type, properties))
      unread.push({ place: id, raw: properties })
    for (const { on, document } of held ?? [])
      if (on === undefined) unread.push({ place: id, raw: properties })
      else ofResources.set(on, [...(ofResources.get(on) ?? []), ...statementsOf(id, document)])
  }

  function takeRole(id: string, properties: Resource['properties']): void {
    const role = roles.get(id)
    const said = roleSchema.safeParse(properties).data
    if (role === undefined || said === undefined) {
      unread.push({ place: id, raw: properties })
      return
    }
    role.trust.push(...statementsOf(id, said.AssumeRolePolicyDocument))
    for (const { PolicyDocument } of said.Policies)
      role.own.push(...statementsOf(id, PolicyDocument))
    for (const arn of said.ManagedPolicyArns) {
      // Those of the template are attached where they stand.
      const own = all.find((each) => arnOf(each.id, each.type) === arn)
      if (own === undefined) role.elsewhere.push(arn)
      else role.own.push(...statementsOf(own.id, own.properties.PolicyDocument))
    }
    if (said.PermissionsBoundary !== undefined)
      unread.push({ place: id, raw: { PermissionsBoundary: said.PermissionsBoundary } })
  }

  function attach(id: string, properties: Resource['properties']): void {
    const said = attachedSchema.safeParse(properties).data
    if (said === undefined) {
      unread.push({ place: id, raw: properties })
      return
    }
    const own = statementsOf(id, said.PolicyDocument)
    const names = [...said.Roles, ...(said.RoleName === undefined ? [] : [said.RoleName])]
    for (const name of names) {
      const role = roles.get(name.replace(/^<(.+)>$/, '$1'))
      if (role === undefined) unread.push({ place: id, raw: properties })
      else role.own.push(...own)
    }
    // Rights of people, who are no part of a gateway.
    if (said.Users.length + said.Groups.length > 0) unread.push({ place: id, raw: properties })
  }
}

const roleSchema = z.looseObject({
  AssumeRolePolicyDocument: z.unknown(),
  Policies: z.array(z.looseObject({ PolicyDocument: z.unknown() })).default([]),
  ManagedPolicyArns: z.array(z.string()).default([]),
  PermissionsBoundary: z.unknown().optional(),
})

/** Policies that say themselves to whom they are attached. */
const attachedTypes = {
  'AWS::IAM::Policy': true,
  'AWS::IAM::RolePolicy': true,
  'AWS::IAM::ManagedPolicy': true,
} as const
const attachedSchema = z.looseObject({
  PolicyDocument: z.unknown(),
  RoleName: z.string().optional(),
  Roles: z.array(z.string()).default([]),
  Users: z.array(z.unknown()).default([]),
  Groups: z.array(z.unknown()).default([]),
})
