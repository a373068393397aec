/** What a condition may say: a small part of JSON Logic, in which nothing fails open. */

import { application, type Condition, isList, ready } from './logic.ts'
import type { Logic } from './policy.ts'
import { suggest } from './suggest.ts'
import { isDay, vocabulary } from './vocabulary.ts'

/** What is wrong with a condition. */
type LogicFault = {
  /** JSON Pointer inside the condition. */
  readonly pointer: string
  readonly code: 'operator' | 'fact' | 'type' | 'shape' | 'limit'
  readonly message: string
}

/** Limits on one condition: as linted, and again as loaded. */
export const limits = { depth: 32, nodes: 512, bytes: 32 * 1024 } as const

const connectives = ['and', 'or', '!'] as const
const comparisons = ['===', '!==', '<', '<=', '>', '>=', 'in'] as const
const operators: readonly string[] = [...connectives, ...comparisons, 'var']

/**
 * Checks a condition against the dialect, and makes it ready to be asked.
 * `lists` are the ids of the shared lists that exist.
 */
export function condition(
  logic: Logic,
  lists: ReadonlySet<string>,
): { readonly condition: Condition } | { readonly faults: readonly LogicFault[] } {
  const faults = faultsOf(logic, lists)
  return faults.length > 0 ? { faults } : { condition: ready(logic) }
}

function faultsOf(logic: Logic, lists: ReadonlySet<string>): readonly LogicFault[] {
  const faults: LogicFault[] = []
  const fault = (pointer: string, code: LogicFault['code'], message: string) =>
    faults.push({ pointer, code, message })
  let nodes = 0

  if (Buffer.byteLength(JSON.stringify(logic), 'utf8') > limits.bytes) {
    fault('', 'limit', `a condition has at most ${limits.bytes} bytes`)
    return faults
  }

  function count(more: number, pointer: string): void {
    const before = nodes
    nodes += more
    if (before <= limits.nodes && nodes > limits.nodes)
      fault(pointer, 'limit', `more than ${limits.nodes} nodes`)
  }

  /** A node that answers yes or no. */
  function test(node: Logic, pointer: string, depth: number): void {
    count(1, pointer)
    if (depth > limits.depth) return void fault(pointer, 'limit', `deeper than ${limits.depth}`)
    if (nodes > limits.nodes || typeof node === 'boolean') return
    if (typeof node !== 'object' || Array.isArray(node) || Object.keys(node).length !== 1)
      return void fault(pointer, 'shape', 'expected true, false or an object with one operator')
    const [operator, operands] = application(node)
    const at = `${pointer}/${operator.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (!operators.includes(operator))
      return void fault(
        pointer,
        'operator',
        `\`${operator}\` is not an operator${suggest(operator, operators)}`,
      )
    if (operator === 'var') {
      checkBoolean(node, pointer)
      return
    }
    if (!Array.isArray((node as Readonly<Record<string, Logic>>)[operator]))
      return void fault(at, 'shape', `the operands of \`${operator}\` are written as a list`)
    if (operator === 'and' || operator === 'or') {
      if (operands.length === 0) fault(at, 'shape', `\`${operator}\` needs at least one condition`)
      for (const [i, each] of operands.entries()) test(each, `${at}/${i}`, depth + 1)
    } else if (operator === '!') {
      if (operands.length !== 1) fault(at, 'shape', '`!` takes one condition')
      else test(operands[0] ?? false, `${at}/0`, depth + 1)
    } else compare(operator, operands, at)
  }

  function checkBoolean(node: Logic, pointer: string): void {
    const name = checkName(node, pointer)
    if (name !== undefined && vocabulary[name]?.type !== 'boolean')
      fault(pointer, 'type', `\`${name}\` is not a yes-or-no fact; compare it with a value`)
  }

  /** A declared name, or undefined after a fault was noted. */
  function checkName(node: Logic, pointer: string): string | undefined {
    const [, operands] = application(node)
    const [name] = operands
    if (Object.keys(node).length !== 1 || operands.length !== 1 || typeof name !== 'string') {
      fault(pointer, 'shape', '`var` takes the name of one fact')
      return undefined
    }
    if (isList(name) ? lists.has(name.slice('lists.'.length)) : Object.hasOwn(vocabulary, name))
      return name
    const names = [...Object.keys(vocabulary), ...[...lists].map((id) => `lists.${id}`)]
    fault(pointer, 'fact', `there is no fact \`${name}\`${suggest(name, names)}`)
    return undefined
  }

  function compare(operator: string, operands: readonly Logic[], at: string): void {
    const [left, right] = operands
    count(operands.length, at)
    if (operands.length !== 2 || left === undefined || right === undefined)
      return void fault(at, 'shape', `\`${operator}\` compares two values`)
    const isVar = (node: Logic) => application(node)[0] === 'var'
    if (!isVar(left)) return void fault(`${at}/0`, 'shape', 'the left side names a fact')
    const name = checkName(left, `${at}/0`)
    if (name === undefined) return
    const fact = vocabulary[name]
    if (fact === undefined)
      return void fault(`${at}/0`, 'type', 'a list stands on the right of `in`')
    if (fact.type === 'list')
      return void fault(`${at}/0`, 'type', `\`${name}\` is a list; look into it with \`in\``)
    if (operator === 'in') {
      if (Array.isArray(right)) {
        for (const [i, each] of (right as readonly Logic[]).entries())
          literal(name, each, `${at}/1/${i}`)
        return
      }
      const list = isVar(right) ? checkName(right, `${at}/1`) : undefined
      if (isVar(right) && (fact.type === 'integer' || fact.type === 'boolean'))
        fault(`${at}/0`, 'type', `\`${name}\` is no text, and lists hold texts`)
      if (!isVar(right)) fault(`${at}/1`, 'type', '`in` looks only into lists')
      else if (list !== undefined && !isList(list) && vocabulary[list]?.type !== 'list')
        fault(`${at}/1`, 'type', `\`${list}\` is not a list`)
      return
    }
    const ordered = fact.type === 'integer' || fact.type === 'day'
    if (operator.length < 3 && !ordered)
      fault(at, 'type', `\`${name}\` has no order; use \`===\` or \`in\``)
    if (isVar(right)) {
      const other = checkName(right, `${at}/1`)
      if (other !== undefined && vocabulary[other]?.type !== fact.type)
        fault(`${at}/1`, 'type', `\`${other}\` and \`${name}\` are not of one type`)
    } else literal(name, right, `${at}/1`)
  }

  function literal(name: string, value: Logic, pointer: string): void {
    const fact = vocabulary[name]
    if (fact === undefined) return
    if (fact.type === 'enum') {
      if (typeof value === 'string' && Object.hasOwn(fact.values, value)) return
      const known = Object.keys(fact.values)
      return void fault(
        pointer,
        'type',
        `\`${name}\` is never \`${String(value)}\`${suggest(String(value), known)}`,
      )
    }
    if (fact.type === 'day' && !isDay(value))
      return void fault(
        pointer,
        'type',
        `a day is written like 2026-11-24, not \`${String(value)}\``,
      )
    const type = fact.type === 'integer' ? 'number' : fact.type === 'boolean' ? 'boolean' : 'string'
    if (typeof value !== type)
      fault(pointer, 'type', `\`${name}\` is compared with a ${type}, not \`${String(value)}\``)
  }

  test(logic, '', 1)
  return faults
}
