/**
 * Conditions and changes of items, as far as the adapters write them: a store that is not DynamoDB has to know what
 * they mean. Values are those of DynamoDB's JSON, where bytes are base64. Whatever is not known here is refused.
 */

import { ComityError } from '../failure.ts'

/** A value in DynamoDB's JSON: `{ "S": "text" }`. */
export type WireValue = Readonly<Record<string, unknown>>
/** An item in DynamoDB's JSON. */
export type WireItem = Readonly<Record<string, WireValue>>

/** What the names and values in an expression stand for. */
export type Meant = {
  readonly names: Readonly<Record<string, string>>
  readonly values: WireItem
}

/** What a test compares: an attribute by its name, or a value. */
type Operand = { readonly name: string } | { readonly value: WireValue }

/** A test of one attribute. */
export type WireTest = { readonly op: string; readonly of: readonly Operand[] }

/** A condition. */
export type WireCondition =
  | WireTest
  | { readonly op: 'AND' | 'OR' | 'NOT'; readonly all: readonly WireCondition[] }

/** One change of an attribute. */
type Change = {
  readonly how: 'SET' | 'REMOVE' | 'ADD' | 'DELETE'
  readonly name: string
  readonly value: WireValue
  /** Only if there is no such attribute. */
  readonly ifNone?: true
}

const token = /\s*(#?[A-Za-z_]\w*|:\w+|<>|<=|>=|[=<>(),])/y
const comparisons = ['=', '<>', '<', '<=', '>', '>=']
const tests = ['attribute_exists', 'attribute_not_exists', 'begins_with', 'contains']

/** Reads an expression word by word. */
function reader(text: string, { names, values }: Meant) {
  const words: string[] = []
  token.lastIndex = 0
  for (let at = 0; at < text.trimEnd().length; at = token.lastIndex) {
    const [, word] = token.exec(text) ?? []
    if (word === undefined) throw unknown(text)
    words.push(word)
  }
  const next = (): string => words.shift() ?? ''
  const take = (word: string): boolean => {
    if (words[0] !== word) return false
    words.shift()
    return true
  }
  const expect = (word: string): void => {
    if (!take(word)) throw unknown(text)
  }
  const named = (): string => {
    const word = next()
    const name = word.startsWith('#') ? names[word] : word
    if (name === undefined || !/^[#A-Za-z_]/.test(word)) throw unknown(text)
    return name
  }
  const valued = (): WireValue => {
    const value = values[next()]
    if (value === undefined) throw unknown(text)
    return value
  }
  const operand = (): Operand =>
    words[0]?.startsWith(':') ? { value: valued() } : { name: named() }
  return { words, next, take, expect, named, valued, operand, wrong: () => unknown(text) }
}

const unknown = (text: string) => new ComityError(`couldn’t read the expression \`${text}\``)

/** Reads a condition. Throws if it has what no adapter writes. */
export function conditionIn(text: string, meant: Meant): WireCondition {
  const { words, take, expect, next, operand, wrong } = reader(text, meant)
  const either = (): WireCondition => {
    const all = [both()]
    while (take('OR')) all.push(both())
    return all.length === 1 && all[0] ? all[0] : { op: 'OR', all }
  }
  const both = (): WireCondition => {
    const all = [one()]
    while (take('AND')) all.push(one())
    return all.length === 1 && all[0] ? all[0] : { op: 'AND', all }
  }
  const one = (): WireCondition => {
    if (take('NOT')) return { op: 'NOT', all: [one()] }
    if (take('(')) {
      const inner = either()
      expect(')')
      return inner
    }
    if (tests.includes(words[0] ?? '')) {
      const op = next()
      expect('(')
      const of = [operand()]
      if (take(',')) of.push(operand())
      expect(')')
      return { op, of }
    }
    const left = operand()
    if (take('BETWEEN')) {
      const from = operand()
      expect('AND')
      return { op: 'BETWEEN', of: [left, from, operand()] }
    }
    const op = next()
    if (!comparisons.includes(op)) throw wrong()
    return { op, of: [left, operand()] }
  }
  const condition = either()
  if (words.length > 0) throw wrong()
  return condition
}

/** Whether a condition holds of an item. What is not there equals nothing, and stands in no order. */
export function holds(condition: WireCondition, item: WireItem): boolean {
  if ('all' in condition) {
    const each = (one: WireCondition) => holds(one, item)
    if (condition.op === 'NOT') return !condition.all.some(each)
    return condition.op === 'AND' ? condition.all.every(each) : condition.all.some(each)
  }
  const { op, of } = condition
  const [a, b, c] = of.map((each) => ('name' in each ? item[each.name] : each.value))
  switch (op) {
    case 'attribute_exists':
      return a !== undefined
    case 'attribute_not_exists':
      return a === undefined
    case 'begins_with':
      return typeof a?.S === 'string' && typeof b?.S === 'string' && a.S.startsWith(b.S)
    case 'contains':
      return isIn(a, b)
    case 'BETWEEN':
      return ordered(a, b, (order) => order >= 0) && ordered(a, c, (order) => order <= 0)
    case '<>':
      return a === undefined || b === undefined || !ordered(a, b, (order) => order === 0)
    default:
      return ordered(a, b, (order) => isOrder(op, order))
  }
}

const isOrder = (op: string, order: number): boolean =>
  (op.startsWith('<') && order < 0) ||
  (op.startsWith('>') && order > 0) ||
  (op.endsWith('=') && order === 0)

/** Whether a set has a text, or a text has another in it. */
function isIn(a: WireValue | undefined, b: WireValue | undefined): boolean {
  if (typeof b?.S !== 'string') return false
  return typeof a?.S === 'string' ? a.S.includes(b.S) : textsIn(a).includes(b.S)
}

/** Whether two values of one type stand in an order: texts and bytes by their bytes, numbers by their size. */
function ordered(
  a: WireValue | undefined,
  b: WireValue | undefined,
  is: (order: number) => boolean,
): boolean {
  const [type] = Object.keys(a ?? {})
  if (a === undefined || b === undefined || type === undefined || !(type in b)) return false
  const [left, right] = [String(a[type]), String(b[type])]
  if (type === 'S') return is(Buffer.compare(Buffer.from(left), Buffer.from(right)))
  if (type === 'N') return is(Number(left) - Number(right))
  if (type === 'B')
    return is(Buffer.compare(Buffer.from(left, 'base64'), Buffer.from(right, 'base64')))
  if (type === 'BOOL') return is(left === right ? 0 : 1)
  throw new ComityError(`couldn’t compare values of the type ${type}`)
}

/** Reads a change. Throws if it has what no adapter writes. */
export function changesIn(text: string, meant: Meant): readonly Change[] {
  const { words, take, expect, next, named, valued, wrong } = reader(text, meant)
  const changes: Change[] = []
  while (words.length > 0) {
    const how = next()
    if (how !== 'SET' && how !== 'REMOVE' && how !== 'ADD' && how !== 'DELETE') throw wrong()
    do {
      const name = named()
      if (how === 'SET') expect('=')
      if (how === 'REMOVE') changes.push({ how, name, value: {} })
      else if (how === 'SET' && take('if_not_exists')) {
        expect('(')
        if (named() !== name) throw wrong()
        expect(',')
        changes.push({ how, name, value: valued(), ifNone: true })
        expect(')')
      } else changes.push({ how, name, value: valued() })
    } while (take(','))
  }
  return changes
}

/** An item after changes. */
export function changed(item: WireItem, changes: readonly Change[]): WireItem {
  const made: Record<string, WireValue> = { ...item }
  for (const { how, name, value, ifNone } of changes) {
    const before = made[name]
    if (how === 'SET') made[name] = ifNone && before !== undefined ? before : value
    else if (how === 'REMOVE') delete made[name]
    else {
      const given = textsIn(value)
      if (given.length === 0) throw new ComityError('couldn’t change a set: it is not one of texts')
      const rest = textsIn(before).filter((each) => !given.includes(each))
      const set = how === 'ADD' ? [...rest, ...given] : rest
      if (set.length > 0) made[name] = { SS: set }
      else delete made[name]
    }
  }
  return made
}

const textsIn = (value: WireValue | undefined): readonly string[] =>
  Array.isArray(value?.SS) ? value.SS.map(String) : []
