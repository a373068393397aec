/** Rights and statements in sentences that are true to them. */

import { type Ban, banOf, isAccount } from './bans.ts'
import { covers } from './pattern.ts'
import type { Idle, Right } from './rights.ts'
import type { Conditions, Statement } from './statements.ts'
import { arnOf, type Resources } from './template.ts'
import {
  conditionWords,
  listed,
  nameOf,
  objectOf,
  outside,
  serviceName,
  verbsOf,
  type Words,
} from './words.ts'

/**
 * A sentence; one that is not understood holds what the template says, word for word. Sentences that
 * differ in their object alone can be said as one.
 */
export type Sentence = Words & {
  readonly before: string
  readonly object: string
  readonly after: string
  /** What stands before the last of several objects. */
  readonly last: 'and' | 'or'
}

/** `Access` of `AccessRoleEC309AE6`. */
export const roleName = (id: string): string => nameOf(id).replace(/(.)(Service)?Role$/, '$1')

const known = (says: string): Words => ({ says, understood: true })

const sentence = (
  parts: readonly Words[],
  before: string,
  object: Words,
  after: string,
  last: Sentence['last'] = 'and',
): Sentence => ({
  says: `${before} ${object.says}${after}`,
  understood: [...parts, object].every(({ understood }) => understood),
  before,
  object: object.says,
  after,
  last,
})

/** The words of one template. */
export function wordsOf(resources: Resources) {
  return { may, idle, takes, policy }

  function may(who: string, { actions, on, resource, only, never }: Right): Sentence {
    const verb = verbsOf(actions)
    const conditions = only.map(conditionWords)
    const bans = never.map((ban) => banWords(ban, actions, on, resource))
    const onlyIf = conditions.length === 0 ? '' : `, only ${texts(conditions).join(' and only ')}`
    const butNever = bans.length === 0 ? '' : `, but never ${texts(bans).join(', and never ')}`
    return sentence(
      [verb, ...conditions, ...bans],
      `${who} may ${verb.says}`,
      objectIn(on, resource, actions),
      `${onlyIf}${butNever}.`,
    )
  }

  function idle(who: string, { actions, on, resource, against }: Idle): Sentence {
    const verb = verbsOf(actions)
    return sentence(
      [verb],
      `${who} is granted to no effect to ${verb.says}`,
      objectIn(on, resource, actions),
      `: ${nameOf(against)} is against it.`,
    )
  }

  function takes({ effect, actions, principals, conditions }: Statement): Sentence {
    const verb = verbsOf(actions)
    const [who, where] = [whoIs(principals), conditionWords(conditions)]
    const may = effect === 'Allow' ? 'may' : 'may never'
    const before = `${who.says} ${may} ${verb.says}`
    return sentence([verb, who, where], before, known('this role'), `${only(where)}.`)
  }

  /** A statement in the policy of a resource. */
  function policy(arn: string, statement: Statement): Sentence {
    const { actions } = statement
    const { who, everybody, rest } = whoOf(statement)
    const denies = statement.effect === 'Deny'
    const last = denies ? 'or' : 'and'
    const verb = verbsOf(actions, last)
    const { scope, except } = banOf(statement, arn)
    const objects = scope.map((each) => ownedBy(arn, each, actions))
    const object = {
      says: listed([...new Set(texts(objects))], last),
      understood: objects.every(({ understood }) => understood),
    }
    const where = conditionWords(rest)
    const may = denies && !everybody ? 'may never' : 'may'
    const unless = [...otherThan(except, arn), where.says].filter(String).map((each) => ` ${each}`)
    const after = denies
      ? `${unless.join('')}${everybody ? ', an administrator included' : ''}.`
      : `${only(where)}.`
    return sentence([who, verb, where], `${who.says} ${may} ${verb.says}`, object, after, last)
  }

  /** Whom a statement is about, and the conditions that do not say so. */
  function whoOf({ effect, principals, conditions }: Statement): {
    readonly who: Words
    readonly everybody: boolean
    readonly rest: Conditions
  } {
    if (principals.AWS?.includes('*') !== true)
      return { who: whoIs(principals), everybody: false, rest: conditions }
    const { operator, named, rest } = principalIn(conditions)
    if (operator !== undefined && operator !== 'ArnNotEquals')
      return { who: whoIs({ AWS: named }), everybody: false, rest }
    if (effect === 'Allow') return { who: whoIs(principals), everybody: true, rest: conditions }
    const but = named.length === 0 ? '' : ` but ${listed(named.map(personName), 'and')}`
    return { who: known(`Nobody${but}`), everybody: true, rest }
  }

  /** A resource, or what of it, by the resource whose policy speaks of it. */
  function ownedBy(arn: string, resource: string, actions: readonly string[]): Words {
    const own = [...resources.values()].find(({ id, type }) => {
      const its = arnOf(id, type)
      return its !== undefined && resource.startsWith(its) && arn.startsWith(its)
    })
    return objectIn(own?.id, resource, actions)
  }

  function objectIn(on: string | undefined, resource: string, actions: readonly string[]): Words {
    const found = on === undefined ? undefined : resources.get(on)
    if (found === undefined) return known(outside(resource, actions))
    const { id, type } = found
    const arn = arnOf(id, type) ?? ''
    return objectOf(id, type, resource.startsWith(arn) ? resource.slice(arn.length) : resource)
  }

  /** What is denied of a right: actions where not all are, a part where it is not the whole. */
  function banWords(
    { actions: denied, scope, except, conditions }: Ban,
    actions: readonly string[],
    on: string | undefined,
    resource: string,
  ): Words {
    const isAll = actions.every((action) =>
      denied.some((each) => covers(each.toLowerCase(), action.toLowerCase())),
    )
    const verb = isAll ? known('') : verbsOf(denied, 'or')
    const parts = scope.some((each) => covers(each, resource))
      ? []
      : scope.map((each) => objectIn(on, each, denied))
    const arn = arnOf(on ?? '', resources.get(on ?? '')?.type) ?? ''
    const where = conditionWords(conditions)
    const says = [
      ...(isAll
        ? []
        : [parts.length > 0 ? verb.says : `${verb.says} ${isMany(on) ? 'them' : 'it'}`]),
      ...(parts.length > 0 ? [listed(texts(parts), 'or')] : []),
      where.says,
      ...otherThan(except, arn),
    ]
    return {
      says: says.filter(String).join(' '),
      understood: [verb, ...parts, where].every(({ understood }) => understood),
    }
  }

  /** Whether a resource is spoken of by what is in it. */
  function isMany(on: string | undefined): boolean {
    return /Table$|Bucket$/.test(resources.get(on ?? '')?.type ?? '')
  }

  function whoIs({ AWS = [], Service = [], Federated = [] }: Statement['principals']): Words {
    const names = [
      ...AWS.map(personName),
      ...Service.map(serviceName),
      ...Federated.map((each) => `\`${each}\``),
    ]
    return { says: listed(names, 'and'), understood: Federated.length === 0 && names.length > 0 }
  }

  function personName(arn: string): string {
    if (arn === '*') return 'Anybody, in whatever account,'
    if (isAccount(arn)) return 'Whoever IAM lets in this account'
    const id = /:role\/<(\w+)>$/.exec(arn)?.[1]
    return id !== undefined && resources.has(id) ? roleName(id) : `\`${arn}\``
  }
}

const texts = (words: readonly Words[]): readonly string[] => words.map(({ says }) => says)
const only = ({ says }: Words): string => (says === '' ? '' : `, only ${says}`)

/** Parts of a resource that a statement excepts. */
const otherThan = (except: readonly string[], arn: string): readonly string[] =>
  except.length === 0
    ? []
    : [
        `(other than ${listed(
          except.map((each) => `\`${each.slice(arn.length + 1)}\``),
          'and',
        )})`,
      ]

/** Those whom a condition on the principal names, and the other conditions. */
function principalIn(conditions: Conditions): {
  readonly operator: string | undefined
  readonly named: readonly string[]
  readonly rest: Conditions
} {
  const operator = ['ArnNotEquals', 'ArnEquals', 'StringEquals'].find(
    (each) => conditions[each]?.['aws:PrincipalArn'] !== undefined,
  )
  if (operator === undefined) return { operator, named: [], rest: conditions }
  const { 'aws:PrincipalArn': named = [], ...keys } = conditions[operator] ?? {}
  const { [operator]: _, ...others } = conditions
  const rest = Object.keys(keys).length === 0 ? others : { ...others, [operator]: keys }
  return { operator, named, rest }
}
