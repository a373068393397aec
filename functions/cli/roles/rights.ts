/** What a principal may do by a template, as IAM decides it: a statement allows it, and none denies it. */

import {
  type Ban,
  bansOn,
  decided,
  forbidsAll,
  mayBeAccount,
  meetsAction,
  names,
  type Principal,
  touches,
} from './bans.ts'
import { covers, meets, narrower } from './pattern.ts'
import type { Conditions, Rights, Statement } from './statements.ts'
import { accountRoot, arnOf, type Resources } from './template.ts'

/** Somebody of the account whom IAM lets do everything. */
export const administrator: Principal = {
  arn: accountRoot.replace(':root', ':role/<an administrator>'),
  own: [
    {
      effect: 'Allow',
      actions: ['*'],
      resources: ['*'],
      principals: {},
      conditions: {},
      sid: undefined,
      place: '',
      raw: undefined,
    },
  ],
}

/** Actions on a resource. Patterns have the stars of IAM. */
export type Right = {
  readonly actions: readonly string[]
  /** The logical id of the resource; none if it is not in the template. */
  readonly on: string | undefined
  /** Its ARN, or what of it. */
  readonly resource: string
  /** All of these must hold, */
  readonly only: readonly Conditions[]
  /** and none of these. */
  readonly never: readonly Ban[]
  /** The policy that gives it. */
  readonly place: string
}

/** What a statement allows to no effect, and the policy that is against it. */
export type Idle = Omit<Right, 'only' | 'never'> & { readonly against: string }

/** What somebody may do, and what they are granted to no effect. */
export type Allowed = { readonly rights: readonly Right[]; readonly idle: readonly Idle[] }

type Known = { readonly id: string; readonly arn: string; readonly service: string }
type Target = { readonly on: Known | undefined; readonly resource: string }

/** The service that an ARN is of. Names that are not known have colons of their own. */
const serviceOf = (arn: string): string => arn.replaceAll(/<[^>]*>/g, '').split(':')[2] ?? ''

/** Works out what a principal may do. */
export function allowedTo(principal: Principal, resources: Resources, said: Rights): Allowed {
  const known = [...resources.values()].flatMap(({ id, type }): readonly Known[] => {
    const arn = arnOf(id, type)
    return arn === undefined ? [] : [{ id, arn, service: serviceOf(arn) }]
  })
  const ofResources = [...said.ofResources].flatMap(([arn, statements]) =>
    statements.map((statement) => ({ arn, statement })),
  )
  const bans = bansOn(principal, ofResources)
  const rights: Right[] = []
  const idle: Idle[] = []
  for (const statement of principal.own.filter(({ effect }) => effect === 'Allow'))
    for (const action of statement.actions)
      for (const pattern of statement.resources ?? [])
        for (const target of targetsOf(pattern, action)) give(statement, action, target)
  for (const { arn, statement } of ofResources)
    if (statement.effect === 'Allow' && names(statement, principal))
      for (const action of statement.actions)
        for (const resource of scopeOf(arn, statement))
          addTo({ on: known.find((each) => resource.startsWith(each.arn)), resource }, action, [
            statement,
          ])
  return { rights: together(rights), idle: together(idle) }

  /** What the principal's own statement gives: of a key, only as far as its policy lets IAM decide. */
  function give(statement: Statement, action: string, target: Target): void {
    if (target.on?.service !== 'kms') {
      addTo(target, action, [statement])
      return
    }
    const lets = (said.ofResources.get(target.on.arn) ?? []).filter(
      ({ effect, principals }) => effect === 'Allow' && principals.AWS?.some(mayBeAccount),
    )
    let isLet = false
    for (const each of lets)
      for (const delegated of each.actions) {
        const both = narrower(delegated.toLowerCase(), action.toLowerCase())
        if (both === undefined) continue
        isLet = true
        addTo(target, both === action.toLowerCase() ? action : delegated, [statement, each])
      }
    const { resource, on } = target
    if (!isLet)
      idle.push({ actions: [action], on: on.id, resource, place: statement.place, against: on.id })
  }

  function addTo({ on, resource }: Target, every: string, by: readonly Statement[]): void {
    const conditions = by.map((each) => decided(each.conditions, principal.arn))
    const only = conditions.filter((each) => each !== undefined)
    // A condition that never holds for this principal.
    if (only.length < conditions.length) return
    const action = every === '*' && on !== undefined ? `${on.service}:*` : every
    const [{ place } = { place: '' }] = by
    const against = bans
      .filter((ban) => touches(ban, action, resource))
      // What is denied of the template's own is nothing to others.
      .filter(({ scope }) => on !== undefined || !scope.every((each) => isOfTemplate(each)))
    const forbids = against.find((ban) => forbidsAll(ban, action, resource))
    const right = { actions: [action], on: on?.id, resource, place }
    if (forbids !== undefined) idle.push({ ...right, against: forbids.place })
    else
      rights.push({
        ...right,
        only: only.filter((each) => Object.keys(each).length > 0),
        never: against.map((ban) => ({
          ...ban,
          actions: ban.actions.filter((each) => meetsAction(each, action)),
        })),
      })
  }

  function isOfTemplate(resource: string): boolean {
    return known.some(({ arn }) => resource.startsWith(arn))
  }

  /** The resources of the template that a pattern takes in, and the pattern if it takes in others. */
  function targetsOf(pattern: string, action: string): readonly Target[] {
    const own = known.find(
      ({ arn }) =>
        pattern === arn || pattern.startsWith(`${arn}/`) || pattern.startsWith(`${arn}:`),
    )
    if (own !== undefined) return [{ on: own, resource: pattern }]
    const within = known
      .filter(({ service }) => meetsAction(action, `${service}:*`))
      .filter(({ arn, service }) => meets(pattern, withParts.has(service) ? `${arn}*` : arn))
    return [
      ...within.map((on): Target => ({ on, resource: partOf(pattern, on) })),
      { on: undefined, resource: pattern },
    ]
  }
}

/** Services whose resources have parts with ARNs of their own: indexes, files, versions, streams. */
const withParts = new Set(['dynamodb', 'lambda', 'logs', 's3'])

/** What of a resource a pattern takes in; the pattern itself if that cannot be told. */
function partOf(pattern: string, { arn, service }: Known): string {
  const parts = withParts.has(service) ? [`${arn}*`, arn, `${arn}/*`] : [arn]
  return parts.find((each) => covers(pattern, each)) ?? pattern
}

/** In the policy of a resource, `*` is the resource with all that is part of it. */
const scopeOf = (arn: string, { resources = [] }: Statement): readonly string[] =>
  resources.map((each) => (each === '*' ? `${arn}*` : each))

/** Rights that differ in their actions alone, as one. */
function together<T extends { readonly actions: readonly string[] }>(
  all: readonly T[],
): readonly T[] {
  const groups = Map.groupBy(all, ({ actions: _, ...rest }) => JSON.stringify(rest))
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    return [{ ...first, actions: [...new Set(group.flatMap(({ actions }) => actions))].sort() }]
  })
}
