/** What a condition may say: a small part of JSON Logic, in which nothing fails open. */

import { factTypes, isDay } from './fact-types.ts'
import { application, type Condition, isList, ready } from './logic.ts'
import type { Logic } from './policy.ts'
import { didYouMean } from './suggest.ts'

/** What is wrong with a condition. */
type LogicFault = {
  /** JSON Pointer inside the condition. */
  readonly pointer: string
  readonly code: 'operator' | 'fact' | 'type' | 'shape' | 'limit'
  readonly message: string
  /** What to do about it, if the code does not say enough. */
  readonly fix?: string
}

/** Limits on one condition, checked by lint and again when it is loaded. */
export const limits = { depth: 32, nodes: 512, bytes: 32 * 1024 } as const

const connectives = ['and', 'or', '!'] as const
const comparisons = ['===', '!==', '<', '<=', '>', '>=', 'in'] as const
const operators: readonly string[] = [...connectives, ...comparisons, 'var']

/** What people write instead of our operators. */
const meant: Readonly<Record<string, string>> = {
  '=': '===',
  '==': '===',
  '!=': '!==',
  '<>': '!==',
  '=>': '>=',
  '=<': '<=',
  not: '!',
  '!!': 'var',
  all: 'and',
  any: 'or',
  some: 'or',
}

/** How a value of a type is written. */
const asWritten = {
  number: 'write a number, without quotes',
  boolean: 'write true or false, without quotes',
  string: 'write a text, in quotes',
} as const

/**
 * Checks a condition against the dialect, and compiles it.
 * `lists` are the ids of the shared lists that exist.
 */
export function condition(
  logic: Logic,
  lists: ReadonlySet<string>,
): { readonly condition: Condition } | { readonly faults: readonly LogicFault[] } {
  const faults = faultsOf(logic, lists)
  return faults.length > 0 ? { faults } : { condition: ready(logic) }
}

/** The state of checking: collects faults and counts nodes. */
type Checking = {
  readonly lists: ReadonlySet<string>
  fault(pointer: string, code: LogicFault['code'], message: string, fix?: string): void
  /** Counts `more` nodes, and tells whether there are too many by now. */
  isFull(more: number, pointer: string): boolean
}

function faultsOf(logic: Logic, lists: ReadonlySet<string>): readonly LogicFault[] {
  const faults: LogicFault[] = []
  const fault: Checking['fault'] = (pointer, code, message, fix) =>
    void faults.push({ pointer, code, message, ...(fix === undefined ? {} : { fix }) })
  if (Buffer.byteLength(JSON.stringify(logic), 'utf8') > limits.bytes) {
    fault('', 'limit', `a condition has at most ${limits.bytes} bytes`)
    return faults
  }
  let nodes = 0
  const isFull: Checking['isFull'] = (more, pointer) => {
    const before = nodes
    nodes += more
    if (before <= limits.nodes && nodes > limits.nodes)
      fault(pointer, 'limit', `more than ${limits.nodes} nodes`)
    return nodes > limits.nodes
  }
  checkTest(logic, '', 1, { lists, fault, isFull })
  return faults
}

/** A node that answers yes or no. */
function checkTest(node: Logic, pointer: string, depth: number, checking: Checking): void {
  const { fault } = checking
  const isFull = checking.isFull(1, pointer)
  if (depth > limits.depth) return void fault(pointer, 'limit', `deeper than ${limits.depth}`)
  if (isFull || typeof node === 'boolean') return
  if (typeof node !== 'object' || Array.isArray(node) || Object.keys(node).length !== 1)
    return void fault(pointer, 'shape', 'expected true, false or an object with one operator')
  const [operator, operands] = application(node)
  const at = `${pointer}/${operator.replaceAll('~', '~0').replaceAll('/', '~1')}`
  if (!operators.includes(operator)) {
    const own = Object.hasOwn(meant, operator) ? meant[operator] : undefined
    const fix = own === undefined ? didYouMean(operator, operators) : `did you mean \`${own}\`?`
    return void fault(at, 'operator', `\`${operator}\` is not an operator`, fix)
  }
  if (operator === 'var') return void checkBoolean(node, pointer, checking)
  if (!Array.isArray((node as Readonly<Record<string, Logic>>)[operator]))
    return void fault(
      at,
      'shape',
      `the operands of \`${operator}\` are written as a list`,
      'put them between [ and ]',
    )
  if (operator === 'and' || operator === 'or') {
    if (operands.length === 0) fault(at, 'shape', `\`${operator}\` needs at least one condition`)
    for (const [i, each] of operands.entries()) checkTest(each, `${at}/${i}`, depth + 1, checking)
  } else if (operator === '!') {
    if (operands.length !== 1) fault(at, 'shape', '`!` takes one condition')
    else checkTest(operands[0] ?? false, `${at}/0`, depth + 1, checking)
  } else compare(operator, operands, at, checking)
}

function checkBoolean(node: Logic, pointer: string, checking: Checking): void {
  const name = checkName(node, pointer, checking)
  if (name !== undefined && factTypes[name]?.type !== 'boolean')
    checking.fault(
      pointer,
      'type',
      `\`${name}\` is not a yes-or-no fact`,
      'compare it with a value',
    )
}

/** A declared name, or undefined after a fault was noted. */
function checkName(node: Logic, pointer: string, { lists, fault }: Checking): string | undefined {
  const [, operands] = application(node)
  const [name] = operands
  if (Object.keys(node).length !== 1 || operands.length !== 1 || typeof name !== 'string') {
    fault(pointer, 'shape', '`var` takes the name of one fact')
    return undefined
  }
  if (isList(name) ? lists.has(name.slice('lists.'.length)) : Object.hasOwn(factTypes, name))
    return name
  const names = [...Object.keys(factTypes), ...[...lists].map((id) => `lists.${id}`)]
  fault(`${pointer}/var`, 'fact', `there is no fact \`${name}\``, didYouMean(name, names))
  return undefined
}

const isVar = (node: Logic): boolean => application(node)[0] === 'var'

function compare(
  operator: string,
  operands: readonly Logic[],
  at: string,
  checking: Checking,
): void {
  const { fault, isFull } = checking
  const [left, right] = operands
  isFull(operands.length, at)
  if (operands.length !== 2 || left === undefined || right === undefined)
    return void fault(at, 'shape', `\`${operator}\` compares two values`)
  if (!isVar(left)) return void fault(`${at}/0`, 'shape', 'the left side names a fact')
  const name = checkName(left, `${at}/0`, checking)
  if (name === undefined) return
  const fact = factTypes[name]
  if (fact === undefined) return void fault(`${at}/0`, 'type', 'a list stands on the right of `in`')
  if (fact.type === 'list')
    return void fault(`${at}/0`, 'type', `\`${name}\` is a list`, 'look into it with `in`')
  if (operator === 'in') return void checkIn(name, right, at, checking)
  const ordered = fact.type === 'integer' || fact.type === 'day'
  if (operator.length < 3 && !ordered)
    fault(at, 'type', `\`${name}\` has no order`, 'use `===` or `in`')
  if (!isVar(right)) return void checkLiteral(name, right, `${at}/1`, checking)
  const other = checkName(right, `${at}/1`, checking)
  if (other !== undefined && factTypes[other]?.type !== fact.type)
    fault(`${at}/1`, 'type', `\`${other}\` and \`${name}\` are not of one type`)
}

/** Checks `in`: its list is written out, shared, or a fact. */
function checkIn(name: string, right: Logic, at: string, checking: Checking): void {
  const { fault } = checking
  if (Array.isArray(right)) {
    for (const [i, each] of (right as readonly Logic[]).entries())
      checkLiteral(name, each, `${at}/1/${i}`, checking)
    return
  }
  if (!isVar(right)) return void fault(`${at}/1`, 'type', '`in` looks only into lists')
  const list = checkName(right, `${at}/1`, checking)
  const type = factTypes[name]?.type
  if (type === 'integer' || type === 'boolean')
    fault(`${at}/0`, 'type', `\`${name}\` is no text, and lists hold texts`)
  if (list !== undefined && !isList(list) && factTypes[list]?.type !== 'list')
    fault(`${at}/1`, 'type', `\`${list}\` is not a list`)
}

function checkLiteral(name: string, value: Logic, pointer: string, { fault }: Checking): void {
  const fact = factTypes[name]
  if (fact === undefined) return
  const said = String(value)
  if (fact.type === 'enum') {
    if (typeof value === 'string' && fact.values.includes(value)) return
    const known = fact.values
    const all = known.map((each) => `\`${each}\``).join(', ')
    const fix = didYouMean(said, known) ?? `write one of ${all}`
    return void fault(pointer, 'type', `\`${name}\` is never \`${said}\``, fix)
  }
  if (fact.type === 'day' && !isDay(value))
    return void fault(pointer, 'type', `a day is written like 2026-11-24, not \`${said}\``)
  const type = fact.type === 'integer' ? 'number' : fact.type === 'boolean' ? 'boolean' : 'string'
  if (typeof value !== type)
    fault(
      pointer,
      'type',
      `\`${name}\` is compared with a ${type}, not \`${said}\``,
      asWritten[type],
    )
}
