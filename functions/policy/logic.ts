/**
 * Our dialect of JSON Logic, and its three answers.
 *
 * Ordinary JSON Logic fails open: with a fact missing, `!==`, `!`, `<` and `none` are true. Here a
 * condition that rests on an unknown fact is `unanswerable`. Where every fact is known and typed, the
 * answer is json-logic-js's own on the same rule and data.
 */

import jsonLogic from 'json-logic-js'
import type { Logic } from './policy.ts'
import { suggest } from './suggest.ts'
import { type FactValue, isRecordFact, vocabulary } from './vocabulary.ts'

/** The three answers of a condition. */
export type Truth = 'holds' | 'fails' | 'unanswerable'

/**
 * Known facts by dotted name, and nested as json-logic-js reads them. Absent means unknown.
 * Shared lists stand beside them as `lists.<id>`; one that is not in force is unknown, not empty.
 */
export type Known = {
  readonly flat: Readonly<Record<string, FactValue | undefined>>
  readonly nested: Readonly<Record<string, unknown>>
}

/** A condition that was checked against the dialect and the vocabulary. */
export type Condition = {
  readonly logic: Logic
  /** Every name it reads: facts, and shared lists as `lists.<id>`. */
  readonly reads: readonly string[]
  readonly facts: readonly string[]
  /** Ids of the shared lists. */
  readonly lists: readonly string[]
  readonly readsRecord: boolean
}

/** What is wrong with a condition. */
export type LogicFault = {
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

/** The answer of a condition on what is known. */
export function holds(condition: Condition, known: Known): Truth {
  for (const name of condition.reads) {
    if (known.flat[name] === undefined) return walk(condition.logic, known)
  }
  return answer(condition.logic, known)
}

/** Three-valued (Kleene) evaluation of a checked condition, whether or not its facts are known. */
export function walk(logic: Logic, known: Known): Truth {
  const [operator, operands] = application(logic)
  if (operator === 'and' || operator === 'or') {
    const decisive: Truth = operator === 'and' ? 'fails' : 'holds'
    const answers = operands.map((each) => walk(each, known))
    if (answers.includes(decisive)) return decisive
    if (answers.includes('unanswerable')) return 'unanswerable'
    return operator === 'and' ? 'holds' : 'fails'
  }
  if (operator === '!') return not(walk(operands[0] ?? false, known))
  const unknown = (each: Logic) => {
    const name = variable(each)
    return name !== undefined && known.flat[name] === undefined
  }
  const rests = operator === 'var' ? unknown(logic) : operands.some(unknown)
  return rests ? 'unanswerable' : answer(logic, known)
}

const answer = (logic: Logic, known: Known): Truth =>
  jsonLogic.apply(logic as never, known.nested) === true ? 'holds' : 'fails'

/** The opposite answer; what cannot be answered stays so. */
export const not = (truth: Truth): Truth =>
  truth === 'holds' ? 'fails' : truth === 'fails' ? 'holds' : 'unanswerable'

/** Operator and operands of a node; a literal has the operator `''`. */
export function application(logic: Logic): readonly [string, readonly Logic[]] {
  if (typeof logic !== 'object' || Array.isArray(logic)) return ['', []]
  const [entry] = Object.entries(logic as { readonly [operator: string]: Logic })
  if (entry === undefined) return ['', []]
  const [operator, operands] = entry
  return [operator, Array.isArray(operands) ? (operands as readonly Logic[]) : [operands]]
}

/** The name in a `{"var": …}`, if it is one. */
export function variable(logic: Logic | undefined): string | undefined {
  if (logic === undefined) return undefined
  const [operator, [name]] = application(logic)
  return operator === 'var' && typeof name === 'string' ? name : undefined
}

/** Every name that a node reads, facts and lists alike. */
function namesOf(logic: Logic): readonly string[] {
  const name = variable(logic)
  if (name !== undefined) return [name]
  if (Array.isArray(logic)) return (logic as readonly Logic[]).flatMap(namesOf)
  const [, operands] = application(logic)
  return operands.flatMap(namesOf)
}

const isList = (name: string) => name.startsWith('lists.')

/**
 * Checks a condition against the dialect, and makes it ready to be asked.
 * `lists` are the ids of the shared lists that exist.
 */
export function condition(
  logic: Logic,
  lists: ReadonlySet<string>,
): { readonly condition: Condition } | { readonly faults: readonly LogicFault[] } {
  const faults = faultsOf(logic, lists)
  if (faults.length > 0) return { faults }
  const names = [...new Set(namesOf(logic))]
  const facts = names.filter((name) => !isList(name))
  return {
    condition: {
      logic,
      reads: names,
      facts,
      lists: names.filter(isList).map((name) => name.slice('lists.'.length)),
      readsRecord: facts.some(isRecordFact),
    },
  }
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
    const type = fact.type === 'integer' ? 'number' : fact.type === 'boolean' ? 'boolean' : 'string'
    if (typeof value !== type)
      fault(pointer, 'type', `\`${name}\` is compared with a ${type}, not \`${String(value)}\``)
  }

  test(logic, '', 1)
  return faults
}
