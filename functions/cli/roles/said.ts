/** All that a template says about rights, as programs and people read it. */

import { type Allowed, administrator, allowedTo, type Idle, type Right } from './rights.ts'
import { roleName, type Sentence, wordsOf } from './sentences.ts'
import { type Rights, rightsIn, type Statement, type Unread } from './statements.ts'
import { arnOf, type Resources } from './template.ts'
import { listed, lockOf, nameOf, type Words } from './words.ts'

/** What one principal may do. Programs may rely on these names. */
export type Holder = {
  readonly name: string
  /** Who may take the role. */
  readonly takenBy: readonly Sentence[]
  readonly may: readonly (Sentence & Right)[]
  /** What is granted to no effect. */
  readonly idle: readonly (Sentence & Idle)[]
  /** Policies that are attached and not in the template. */
  readonly elsewhere: readonly string[]
}

/** All that a template says about rights. Programs may rely on these names. */
export type Said = {
  readonly roles: readonly Holder[]
  readonly administrator: Holder
  /** What the policies of resources say to everybody. */
  readonly policies: readonly Sentence[]
  readonly locks: readonly Words[]
  readonly unread: readonly Unread[]
}

/** Puts a template into sentences. */
export function said(resources: Resources): Said {
  const rights = rightsIn(resources)
  const words = wordsOf(resources)
  const holder = (name: string, { rights: may, idle }: Allowed) => ({
    name,
    may: may.map((right) => ({ ...words.may(name, right), ...right })),
    idle: idle.map((each) => ({ ...words.idle(name, each), ...each })),
  })
  const roles = [...rights.roles].map(([id, { own, trust, elsewhere }]): Holder => {
    const arn = arnOf(id, 'AWS::IAM::Role') ?? ''
    const allowed = allowedTo({ arn, own }, resources, rights)
    return { ...holder(roleName(id), allowed), takenBy: trust.map(words.takes), elsewhere }
  })
  const everybody = holder('An administrator', allowedTo(administrator, resources, rights))
  return {
    roles,
    administrator: { ...everybody, takenBy: [], elsewhere: [] },
    policies: [...rights.ofResources].flatMap(([arn, statements]) =>
      statements.filter((each) => !isOfRoles(each, rights)).map((each) => words.policy(arn, each)),
    ),
    locks: [...resources.values()].flatMap(({ id, type, properties }) =>
      type === 'AWS::S3::Bucket' ? [lockOf(nameOf(id), properties)] : [],
    ),
    unread: rights.unread,
  }
}

/** Whether a statement gives something to roles of the template alone: it is said of each of them. */
function isOfRoles({ effect, principals }: Statement, { roles }: Rights): boolean {
  const { AWS = [], Service = [], Federated = [] } = principals
  const arns = [...roles.keys()].map((id) => arnOf(id, 'AWS::IAM::Role'))
  const others = [...Service, ...Federated, ...AWS.filter((each) => !arns.includes(each))]
  return effect === 'Allow' && others.length === 0
}

/** Sentences that differ in their object alone, as one, if there are so many. */
export const merged = (sentences: readonly Sentence[], least = 2): readonly Words[] =>
  [
    ...Map.groupBy(sentences, ({ before, after, understood }) =>
      JSON.stringify([before, after, understood]),
    ).values(),
  ].flatMap((group): readonly Words[] => {
    const [first] = group
    if (first === undefined || group.length < least) return group
    const objects = listed([...new Set(group.map(({ object }) => object))], first.last)
    return [{ says: `${first.before} ${objects}${first.after}`, understood: first.understood }]
  })
