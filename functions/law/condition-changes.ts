/** Every small change of a condition: one part dropped, turned round, or moved by one. */

import { application, variable } from '../policy/logic.ts'
import type { Logic } from '../policy/policy.ts'
import { vocabulary } from '../policy/vocabulary.ts'
import { dayAfter } from './values.ts'

/** A changed condition: what was changed, where in it, and the whole of it after. */
export type LogicChange = {
  readonly pointer: string
  readonly says: string
  readonly logic: Logic
}

const opposite: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
}

/** The changes of a condition; the pointers lead into it. */
export function logicChanges(logic: Logic): readonly LogicChange[] {
  const [operator, operands] = application(logic)
  const inside = (i: number): readonly LogicChange[] =>
    logicChanges(operands[i] ?? false).map(({ pointer, says, logic: changed }) => ({
      pointer: `/${operator}/${i}${pointer}`,
      says,
      logic: { [operator]: operands.with(i, changed) },
    }))
  switch (operator) {
    case '':
      return []
    case 'and':
    case 'or':
      return operands.flatMap((each, i) => [
        {
          pointer: `/${operator}/${i}`,
          says: `the condition \`${written(each)}\` is dropped`,
          logic:
            operands.length === 1 ? operator === 'and' : { [operator]: operands.toSpliced(i, 1) },
        },
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
  const to = (at: string, says: string, changed: Logic): LogicChange => ({
    pointer: at === '' ? '' : `/${operator}/1${at}`,
    says,
    logic: changed,
  })
  const negated = turned === undefined ? { '!': [logic] } : { [turned]: operands }
  return [
    to('', `\`${written(logic)}\` is turned into \`${written(negated)}\``, negated),
    ...(operator === 'in' && Array.isArray(right)
      ? (right as readonly Logic[]).map((each, i) =>
          to(`/${i}`, `${JSON.stringify(each)} is dropped from \`${written(logic)}\``, {
            in: [left, (right as readonly Logic[]).toSpliced(i, 1)],
          }),
        )
      : []),
    ...nearby(variable(left), right).map((value) =>
      to(
        '/',
        `${JSON.stringify(right)} becomes ${JSON.stringify(value)} in \`${written(logic)}\``,
        {
          [operator]: [left, value],
        },
      ),
    ),
  ].map((each) => ({ ...each, pointer: each.pointer.replace(/\/$/, '') }))
}

/** A threshold less and plus one: a number, or a day. */
function nearby(fact: string | undefined, value: Logic | undefined): readonly Logic[] {
  if (typeof value === 'number') return [value - 1, value + 1]
  const isDay = typeof value === 'string' && vocabulary[fact ?? '']?.type === 'day'
  return isDay ? [dayAfter(value, -1), dayAfter(value, 1)] : []
}

/** A condition as people who know it from FORMAT.md read it. */
export function written(logic: Logic): string {
  const name = variable(logic)
  if (name !== undefined) return name
  const [operator, operands] = application(logic)
  if (operator === '') return JSON.stringify(logic)
  if (operator === '!') return `not (${operands.map(written).join('')})`
  if (operator === 'and' || operator === 'or')
    return operands.map((each) => `(${written(each)})`).join(` ${operator} `)
  return operands.map(written).join(` ${operator} `)
}
