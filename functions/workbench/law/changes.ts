/**
 * Every small change of a policy or list that its cases should notice: a rule dropped, a condition turned
 * round, a day moved. Each is made on the compiled form, so that nothing else is read again.
 */

import type { CompiledRule, List, Policy } from '../../policy/book.ts'
import { readBy, readIn } from '../../policy/book.ts'
import { condition } from '../../policy/dialect.ts'
import { dayAfter } from '../../policy/fact-types.ts'
import { application, type Condition, variable } from '../../policy/logic.ts'
import type { Automation, Logic, PolicyObligation, Rule } from '../../policy/policy.ts'
import { vocabulary } from '../../policy/vocabulary.ts'
import type { PolicyPart } from './decides.ts'

/** One small change. */
export type SmallChange = {
  /** The file, relative to the policies folder. */
  readonly path: string
  /** JSON Pointer to what is changed; empty for the day in the file's name. */
  readonly pointer: string
  /** `eu/led-transfers/adequate`, `eu/led-transfers/applies`, or `lists/eu-members`. */
  readonly rule: string
  /** What is changed, in words. */
  readonly says: string
} & (
  | {
      readonly kind: 'policy'
      readonly of: Policy
      readonly to: Policy
      readonly part: PolicyPart
      /** Set if the version starts on another day. */
      readonly moved?: true
    }
  | { readonly kind: 'list'; readonly of: List; readonly to: List }
)

/** A change of a policy. */
export type PolicyChange = Extract<SmallChange, { readonly kind: 'policy' }>

type Small = Pick<PolicyChange, 'pointer' | 'rule' | 'says' | 'part' | 'to'>

/** The changes of one version of a policy. `lists` are the ids of the shared lists that exist. */
export function policyChanges(policy: Policy, lists: ReadonlySet<string>): readonly PolicyChange[] {
  const ask = (logic: Logic): Condition => {
    const result = condition(logic, lists)
    if ('condition' in result) return result.condition
    throw new Error(`a change made a fault: ${JSON.stringify(result.faults)}`)
  }
  const all = [
    ...appliesChanges(policy, ask),
    ...automationChanges(policy, ask),
    ...policy.rules.flatMap((rule, i) => ruleChanges(policy, rule, i, ask)),
    ...transposesChanges(policy),
  ]
  const path = `${policy.id}/${policy.version}.json`
  return [
    ...all.map(
      ({ to, ...each }): PolicyChange => ({
        ...each,
        to: { ...to, ...readBy(to) },
        path,
        kind: 'policy',
        of: policy,
      }),
    ),
    // A correction starts with the version that it corrects, so its day does not move.
    ...(policy.revision > 1 ? [] : [-1, 1]).map(
      (days): PolicyChange => ({
        path,
        pointer: '',
        part: { of: 'head' },
        rule: policy.id,
        says: `it starts a day ${days < 0 ? 'earlier' : 'later'}`,
        kind: 'policy',
        of: policy,
        to: { ...policy, day: dayAfter(policy.day, days) },
        moved: true,
      }),
    ),
  ]
}

type Ask = (logic: Logic) => Condition

function appliesChanges(policy: Policy, ask: Ask): readonly Small[] {
  const { when } = policy.file.applies
  return conditionChanges(when, 'it', 'applies').map(({ pointer, says, logic }) => ({
    pointer: `/applies/when${pointer}`,
    part: { of: 'applies' },
    rule: `${policy.id}/applies`,
    says,
    to: { ...policy, applies: ask(logic) },
  }))
}

/** Changes of what leaves by rule alone under a ground: less, more, or nothing said at all. */
function automationChanges(policy: Policy, ask: Ask): readonly Small[] {
  const { automation, ...silent } = policy.file
  if (automation === undefined) return []
  const { byRule, ...rest } = automation
  const small = (pointer: string, says: string, to: Policy): Small => ({
    pointer: `/automation${pointer}`,
    part: { of: 'automation' },
    rule: `${policy.id}/automation`,
    says,
    to,
  })
  const changed = (pointer: string, says: string, letting: Automation['byRule']) =>
    small(pointer, says, {
      ...policy,
      file: { ...policy.file, automation: { ...automation, byRule: letting } },
      byRule: letting.map(({ when }) => ask(when)),
    })
  const everything = { ...rest, when: true }
  return [
    small('', 'it does not say what leaves by rule alone', { ...policy, file: silent, byRule: [] }),
    ...(byRule.length > 0
      ? []
      : [changed('/byRule', 'everything leaves by rule alone', [everything])]),
    ...byRule.flatMap((each, i) => [
      changed(`/byRule/${i}`, 'the alternative is dropped', byRule.toSpliced(i, 1)),
      ...conditionChanges(each.when, 'it', 'lets go by rule').map(({ pointer, says, logic }) =>
        changed(`/byRule/${i}/when${pointer}`, says, byRule.with(i, { ...each, when: logic })),
      ),
    ]),
  ]
}

/** A condition that always holds, one that never holds, and every small change of it. */
const conditionChanges = (logic: Logic, who: string, does: string): readonly LogicChange[] => [
  ...[true, false]
    .filter((truth) => truth !== logic)
    .map((truth) => changed('', `${who} ${truth ? 'always' : 'never'} ${does}`, truth)),
  ...logicChanges(logic),
]

function ruleChanges(
  policy: Policy,
  compiled: CompiledRule,
  i: number,
  ask: Ask,
): readonly Small[] {
  const at = `/rules/${i}`
  const { rule } = compiled
  const small = (pointer: string, says: string, changed: readonly CompiledRule[]): Small => ({
    pointer: at + pointer,
    part: { of: 'rule', id: rule.id },
    rule: compiled.id,
    says,
    to: { ...policy, rules: policy.rules.toSpliced(i, 1, ...changed) },
  })
  const rewritten = (pointer: string, says: string, changed: Partial<CompiledRule>): Small => {
    const next = { ...compiled, ...changed }
    return small(pointer, says, [{ ...next, ...readIn(next) }])
  }
  const doing = (changed: Rule['then']) => ({ rule: { ...rule, then: changed } })
  return [
    small('', 'the rule is dropped', []),
    ...conditionChanges(rule.when, 'it', 'holds').map(({ pointer, says, logic }) =>
      rewritten(`/when${pointer}`, says, { when: ask(logic) }),
    ),
    ...exceptionChanges(compiled, ask).map(({ pointer, says, unless }) =>
      rewritten(pointer, says, { unless }),
    ),
    ...dutyChanges(rule.then.obligations ?? []).map(({ pointer, says, obligations }) =>
      rewritten(`/then/obligations${pointer}`, says, doing({ ...rule.then, obligations } as never)),
    ),
    ...treatmentChanges(rule.then).map(({ says, to }) => rewritten('/then', says, doing(to))),
    ...(compiled.waivable
      ? [rewritten('/nature', 'nobody may waive it', { waivable: false })]
      : []),
  ]
}

type Unless = CompiledRule['unless']

function exceptionChanges(
  { unless }: CompiledRule,
  ask: Ask,
): readonly { pointer: string; says: string; unless: Unless }[] {
  return unless.flatMap((each, j) => {
    const at = `/unless/${j}`
    const { exception } = each
    const changed = (pointer: string, says: string, to: readonly Unless[number][]) => ({
      pointer: at + pointer,
      says,
      unless: unless.toSpliced(j, 1, ...to),
    })
    return [
      changed('', 'the exception is dropped', []),
      ...conditionChanges(exception.when, 'the exception', 'holds').map(
        ({ pointer, says, logic }) =>
          changed(`/when${pointer}`, says, [{ ...each, when: ask(logic) }]),
      ),
      ...dutyChanges(exception.obligations ?? []).map(({ pointer, says, obligations }) =>
        changed(`/obligations${pointer}`, says, [
          { ...each, exception: { ...exception, obligations: [...obligations] } },
        ]),
      ),
    ]
  })
}

function dutyChanges(
  duties: readonly PolicyObligation[],
): readonly { pointer: string; says: string; obligations: readonly PolicyObligation[] }[] {
  return duties.flatMap((duty, i) => {
    const { code, within } = duty
    const to = (says: string, ...changed: readonly PolicyObligation[]) => ({
      pointer: `/${i}`,
      says,
      obligations: duties.toSpliced(i, 1, ...changed),
    })
    const { value: _, ...valueless } = duty
    return [
      to(`the duty ${code} is dropped`),
      ...(duty.value === undefined ? [] : [to(`${code} says no value`, valueless)]),
      ...(within === undefined ? [] : [-1, 1]).map((by) => {
        const moved = (within ?? '').replace(/\d+/, (n) => String(Number(n) + by))
        return to(`${code} is due within ${moved}, not ${within}`, { ...duty, within: moved })
      }),
    ]
  })
}

function treatmentChanges(then: Rule['then']): readonly { says: string; to: Rule['then'] }[] {
  if (then.effect !== 'redact') return []
  const { keepLast, ...rest } = then
  const other = then.treatment === 'withhold' ? 'pseudonymise' : 'withhold'
  return [
    { says: `the treatment is ${other}, not ${then.treatment}`, to: { ...rest, treatment: other } },
    ...(keepLast === undefined ? [] : [-1, 1]).map((by) => ({
      says: `it keeps ${(keepLast ?? 0) + by} characters, not ${keepLast}`,
      to: { ...then, keepLast: (keepLast ?? 0) + by },
    })),
  ]
}

function transposesChanges(policy: Policy): readonly Small[] {
  const { transposes = {} } = policy.file
  return Object.entries(transposes).flatMap(([id, byRule]) =>
    Object.keys(byRule).map((name) => {
      const { [name]: dropped, ...rest } = byRule
      const all = new Map(policy.transposes)
      all.delete(`${id}/${name}`)
      return {
        pointer: `/transposes/${escaped(id)}/${escaped(name)}`,
        part: { of: 'head' },
        rule: policy.id,
        says: `${dropped?.join(', ')} no longer stands beside ${id}/${name}`,
        to: {
          ...policy,
          file: { ...policy.file, transposes: { ...transposes, [id]: rest } },
          transposes: all,
        },
      }
    }),
  )
}

const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

/** A changed condition: where it changed, what changed, and the whole condition after. */
type LogicChange = {
  readonly pointer: string
  readonly says: string
  readonly logic: Logic
}
const changed = (pointer: string, says: string, logic: Logic): LogicChange => ({
  ...{ pointer, says, logic },
})

const opposite: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
}

/** The changes of a condition; the pointers lead into it. */
function logicChanges(logic: Logic): readonly LogicChange[] {
  const [operator, operands] = application(logic)
  const inside = (i: number): readonly LogicChange[] =>
    logicChanges(operands[i] ?? false).map(({ pointer, says, logic: to }) =>
      changed(`/${operator}/${i}${pointer}`, says, { [operator]: operands.with(i, to) }),
    )
  switch (operator) {
    case '':
      return []
    case 'and':
    case 'or':
      return operands.flatMap((each, i) => [
        changed(
          `/${operator}/${i}`,
          `the condition \`${written(each)}\` is dropped`,
          operands.length === 1 ? operator === 'and' : { [operator]: operands.toSpliced(i, 1) },
        ),
        ...inside(i),
      ])
    case '!':
      return inside(0)
    default:
      return leafChanges(logic, operator, operands)
  }
}

function leafChanges(
  logic: Logic,
  operator: string,
  operands: readonly Logic[],
): readonly LogicChange[] {
  const [left = '', right] = operands
  const turned = opposite[operator]
  const at = `/${operator}/1`
  const negated = turned === undefined ? { '!': [logic] } : { [turned]: operands }
  return [
    changed('', `\`${written(logic)}\` is turned into \`${written(negated)}\``, negated),
    ...(operator === 'in' && Array.isArray(right)
      ? (right as readonly Logic[]).map((each, i) =>
          changed(`${at}/${i}`, `${JSON.stringify(each)} is dropped from \`${written(logic)}\``, {
            in: [left, (right as readonly Logic[]).toSpliced(i, 1)],
          }),
        )
      : []),
    ...nearby(variable(left), right).map((value) =>
      changed(
        at,
        `${JSON.stringify(right)} becomes ${JSON.stringify(value)} in \`${written(logic)}\``,
        { [operator]: [left, value] },
      ),
    ),
  ]
}

/** A threshold minus one and plus one: a number, or a day. */
function nearby(fact: string | undefined, value: Logic | undefined): readonly Logic[] {
  if (typeof value === 'number') return [value - 1, value + 1]
  const isDay = typeof value === 'string' && vocabulary[fact ?? '']?.type === 'day'
  return isDay ? [dayAfter(value, -1), dayAfter(value, 1)] : []
}

/** A condition in the terms of FORMAT.md. */
function written(logic: Logic): string {
  const name = variable(logic)
  if (name !== undefined) return name
  const [operator, operands] = application(logic)
  if (operator === '') return JSON.stringify(logic)
  if (operator === '!') return `not (${operands.map(written).join('')})`
  if (operator === 'and' || operator === 'or')
    return operands.map((each) => `(${written(each)})`).join(` ${operator} `)
  return operands.map(written).join(` ${operator} `)
}
