/** What is denied to somebody, and which conditions hold since it is known who asks. */

import { covers, meets } from './pattern.ts'
import type { Conditions, Statement } from './statements.ts'

/** Who may do something: a role of the template, or somebody of the account whom IAM lets do everything. */
export type Principal = { readonly arn: string; readonly own: readonly Statement[] }

/** What a statement denies: these actions, where a scope takes it in and no exception does. */
export type Ban = {
  readonly actions: readonly string[]
  readonly scope: readonly string[]
  readonly except: readonly string[]
  readonly conditions: Conditions
  readonly place: string
}

/** Whether a principal of a policy is the whole account of the template. */
export const isAccount = (principal: string): boolean =>
  /^(arn:[^:]*(::Partition>)?:iam::)?<AWS::AccountId>(:root)?$/.test(principal)

/** Whether it is a whole account, which may be that of the template. */
export const mayBeAccount = (principal: string): boolean =>
  isAccount(principal) || /^(arn:[^:]*(::Partition>)?:iam::)?\d{12}(:root)?$/.test(principal)

/** Whether the policy of a resource speaks of somebody by name, or of everybody. */
export const names = ({ principals }: Statement, { arn }: Principal): boolean =>
  (principals.AWS ?? []).some((each) => each === '*' || each === arn)

/** All that is denied to a principal: by its own statements, and by the policies of resources. */
export function bansOn(
  principal: Principal,
  ofResources: readonly { readonly arn: string; readonly statement: Statement }[],
): readonly Ban[] {
  const own = principal.own.map((statement) => ({ arn: undefined, statement }))
  const others = ofResources.filter(
    ({ statement }) =>
      names(statement, principal) || (statement.principals.AWS ?? []).some(isAccount),
  )
  return [...own, ...others].flatMap(({ arn, statement }) => {
    const conditions = decided(statement.conditions, principal.arn)
    if (statement.effect === 'Allow' || conditions === undefined) return []
    return [{ ...banOf(statement, arn), conditions }]
  })
}

/** What a statement that denies denies; with the ARN of the resource whose policy it is of. */
export function banOf(statement: Statement, arn: string | undefined): Ban {
  const { actions, resources, notResources = [], conditions, place } = statement
  const whole = arn === undefined ? '*' : `${arn}*`
  const named = resources?.map((each) => (each === '*' ? whole : each)) ?? [whole]
  // A bucket and all that is in it.
  const isWhole = arn !== undefined && named.includes(arn) && named.includes(`${arn}/*`)
  const scope = isWhole ? [whole] : named
  return { actions, scope, except: notResources, conditions, place }
}

/** Whether a ban denies something of a right. */
export const touches = (
  { actions, scope, except }: Ban,
  action: string,
  resource: string,
): boolean =>
  actions.some((each) => meetsAction(each, action)) &&
  scope.some((each) => meets(each, resource)) &&
  !except.some((each) => covers(each, resource))

/** Whether a ban denies all of a right, always. */
export const forbidsAll = (ban: Ban, action: string, resource: string): boolean =>
  Object.keys(ban.conditions).length === 0 &&
  ban.actions.some((each) => coversAction(each, action)) &&
  ban.scope.some((each) => covers(each, resource)) &&
  !ban.except.some((each) => meets(each, resource))

/** Whether there may be an action that both patterns take in; actions are compared without case. */
export const meetsAction = (one: string, other: string) =>
  meets(one.toLowerCase(), other.toLowerCase())
const coversAction = (one: string, other: string) => covers(one.toLowerCase(), other.toLowerCase())

/** Operators that compare who asks, and whether they ask for another. */
const comparesPrincipal: Readonly<Record<string, boolean>> = {
  ArnEquals: true,
  ArnLike: true,
  StringEquals: true,
  StringLike: true,
  ArnNotEquals: false,
  ArnNotLike: false,
  StringNotEquals: false,
  StringNotLike: false,
}

/** The conditions without those on who asks, since that is known; undefined if one never holds. */
export function decided(conditions: Conditions, arn: string): Conditions | undefined {
  const left: Record<string, Record<string, readonly string[]>> = {}
  for (const [operator, keys] of Object.entries(conditions))
    for (const [key, values] of Object.entries(keys)) {
      const wanted = comparesPrincipal[operator]
      const isWho = key.toLowerCase() === 'aws:principalarn' && wanted !== undefined
      const isOne = isWho ? isOneOf(arn, values) : undefined
      if (isOne === undefined) left[operator] = { ...left[operator], [key]: values }
      else if (isOne !== wanted) return undefined
    }
  return left
}

/** Whether an ARN is one of these; undefined if that depends on names that are not known. */
const isOneOf = (arn: string, values: readonly string[]): boolean | undefined =>
  values.some((each) => covers(each, arn))
    ? true
    : values.some((each) => meets(each, arn))
      ? undefined
      : false
