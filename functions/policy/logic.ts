/**
 * Our dialect of JSON Logic, with three answers.
 *
 * Ordinary JSON Logic fails open: with a fact missing, `!==`, `!`, `<` and `none` are true. Here a condition
 * that rests on an unknown fact is `unanswerable`. Where every fact is known and typed, the answer is that of
 * json-logic-js for the same rule and data.
 */

import jsonLogic from 'json-logic-js'
import { type FactValue, factTypes, isOfItem, isRecordFact } from './fact-types.ts'
import type { Logic } from './policy.ts'

/** The three answers of a condition. */
export type Truth = 'holds' | 'fails' | 'unanswerable'

/**
 * Known facts by dotted name. Absent means unknown.
 * Shared lists are in it as `lists.<id>`; one that is not in force is unknown, not empty.
 */
export type Known = {
  get(name: string): FactValue | undefined
  /** Values by `placeOf` their names, so that a condition finds what it reads without looking for a name. */
  readonly values: Values
  /** Works out a fact that is not among the values. */
  readonly follow: (name: string) => FactValue | undefined
}
type Values = readonly (FactValue | undefined)[]

/** Something is known: these values, by `placeOf`, and what `follow` works out from them. */
export const knowing = (values: Values, follow: Known['follow'] = nothing): Known => ({
  get: (name) => {
    const place = places.get(name)
    return (place === undefined ? undefined : values[place]) ?? follow(name)
  },
  values,
  follow,
})

const nothing = () => undefined

/** The same with some values changed, on which no other facts depend. */
export function changing(
  { values, follow }: Known,
  changes: Iterable<readonly [string, FactValue | undefined]>,
): Known {
  const changed = values.slice()
  for (const [name, value] of changes) changed[placeOf(name)] = value
  return knowing(changed, follow)
}

/** Where the value of a fact or list stands among all values. */
export function placeOf(name: string): number {
  const before = places.get(name)
  if (before !== undefined) return before
  places.set(name, places.size)
  return places.size - 1
}

const places = new Map(Object.keys(factTypes).map((name, i) => [name, i]))

/** The values of shared lists, to which those of facts are added. */
export function listed(lists: Readonly<Record<string, readonly string[]>>): Values {
  const before = listedOf.get(lists)
  if (before !== undefined) return before
  const values = new Array<FactValue | undefined>(places.size).fill(undefined)
  for (const [id, members] of Object.entries(lists)) values[placeOf(`lists.${id}`)] = members
  listedOf.set(lists, values)
  return values
}

const listedOf = new WeakMap<object, Values>()

/** A condition that passed the checks of the dialect and the vocabulary. */
export type Condition = {
  readonly logic: Logic
  /** Every name it reads: facts, and shared lists as `lists.<id>`. */
  readonly reads: readonly string[]
  readonly facts: readonly string[]
  /** Ids of the shared lists. */
  readonly lists: readonly string[]
  /** Whether it reads anything that may differ from item to item. */
  readonly readsRecord: boolean
  /** Whether it reads anything of the record besides `item.class` and what follows from it. */
  readonly readsItem: boolean
}

/** What a condition, checked before, names; it is compiled once it is first asked (`testOf`). */
export function ready(logic: Logic): Condition {
  const reads = [...new Set(namesOf(logic))]
  const facts = reads.filter((name) => !isList(name))
  return {
    logic,
    reads,
    facts,
    lists: reads.filter(isList).map((name) => name.slice('lists.'.length)),
    readsRecord: facts.some(isOfItem),
    readsItem: facts.some((name) => isRecordFact(name) && name !== 'item.class'),
  }
}

/** Evaluates a condition on what is known. */
export const holds = ({ logic }: Condition, known: Known): Truth => walk(logic, known)

/** `holds` for whoever asks a condition often: it is looked up once, when it is first asked. */
export function testFor({ logic }: Condition): Test {
  let test: Test | undefined
  return (known) => {
    test ??= testOf(logic)
    return test(known)
  }
}

/** Three-valued (Kleene) evaluation of a checked condition, whether or not its facts are known. */
export const walk = (logic: Logic, known: Known): Truth => testOf(logic)(known)

/** A condition that is ready to be asked. */
export type Test = (known: Known) => Truth

function testOf(logic: Logic): Test {
  if (typeof logic !== 'object') return logic === true ? () => 'holds' : () => 'fails'
  const before = tests.get(logic)
  if (before !== undefined) return before
  const made = compile(logic)
  tests.set(logic, made)
  return made
}

const tests = new WeakMap<object, Test>()

function compile(logic: Logic): Test {
  const [operator, operands] = application(logic)
  if (operator === 'and') return deciding('fails', operands.map(testOf))
  if (operator === 'or') return deciding('holds', operands.map(testOf))
  if (operator === '!') {
    const of = testOf(operands[0] ?? false)
    return (known) => not(of(known))
  }
  const [name, ...others] = namesOf(logic)
  if (name === undefined) return () => answer(logic, nothing)
  const [, right] = operands
  if (others.length === 0 && !ordering.includes(operator))
    return fromTable(
      name,
      tableOf(operator === 'var' ? [true] : [right].flat(), (value) =>
        answer(logic, () => value as FactValue),
      ),
    )
  const list = others[0]
  if (operator === 'in' && list !== undefined && isList(list)) return among(name, list)
  return ({ get }) => {
    if (get(name) === undefined) return 'unanswerable'
    if (others.some((each) => get(each) === undefined)) return 'unanswerable'
    return answer(logic, get)
  }
}

/** A connective: the first decisive answer decides, wherever it stands. */
function deciding(decisive: Truth, tests: readonly Test[]): Test {
  const otherwise = not(decisive)
  return (known) => {
    let truth = otherwise
    for (const test of tests) {
      const answered = test(known)
      if (answered === decisive) return decisive
      if (answered === 'unanswerable') truth = answered
    }
    return truth
  }
}

// An equality has few answers: one for each value that is written in it, and one for any other. json-logic-js
// is asked for each of them once, when it is first needed.

/** The answer of a condition on one fact, by its value. */
type Table = (value: unknown) => Truth

function tableOf(values: readonly unknown[], answerTo: (value: unknown) => Truth): Table {
  const named = new Map<unknown, Truth | undefined>(values.map((each) => [each, undefined]))
  let other: Truth | undefined
  return (value) => {
    const before = named.get(value)
    if (before !== undefined) return before
    if (!named.has(value)) {
      // Longer than any of them, it is none of them.
      other ??= answerTo(`${values.join()}?`)
      return other
    }
    const made = answerTo(value)
    named.set(value, made)
    return made
  }
}

function fromTable(name: string, answerOf: Table): Test {
  const place = placeOf(name)
  return ({ values, follow }) => {
    const value = values[place] ?? follow(name)
    return value === undefined ? 'unanswerable' : answerOf(value)
  }
}

/** Whether a fact is on a shared list. */
function among(name: string, list: string): Test {
  const [place, listPlace] = [placeOf(name), placeOf(list)]
  return ({ values, follow }) => {
    const value = values[place] ?? follow(name)
    const members = values[listPlace]
    if (value === undefined || !Array.isArray(members)) return 'unanswerable'
    return onList(members)(value)
  }
}

/** The answers for one list, remembered for as long as it is in force. */
function onList(members: readonly string[]): Table {
  const before = lists.get(members)
  if (before !== undefined) return before
  const made = tableOf(members, (value) => answer({ in: [value as string, members] }, nothing))
  lists.set(members, made)
  return made
}

const lists = new WeakMap<readonly string[], Table>()

const ordering = ['<', '<=', '>', '>=']

const answer = (logic: Logic, get: Known['get']): Truth =>
  jsonLogic.apply(asked(logic) as never, { get }) === true ? 'holds' : 'fails'

/** json-logic-js's own `var` splits a name at its dots; this reads the name as it is. */
jsonLogic.add_operation('fact', function (this: Pick<Known, 'get'>, name: string) {
  return this.get(name) ?? null
})

/** A comparison that reads its facts by name. */
function asked(logic: Logic): Logic {
  if (typeof logic !== 'object' || Array.isArray(logic)) return logic
  const made = byName.get(logic)
  if (made !== undefined) return made
  const name = variable(logic)
  const [operator, operands] = application(logic)
  const all = name === undefined ? { [operator]: operands.map(asked) } : { fact: name }
  byName.set(logic, all)
  return all
}

const byName = new WeakMap<object, Logic>()

/** The opposite answer; `unanswerable` stays. */
export const not = (truth: Truth): Truth =>
  truth === 'holds' ? 'fails' : truth === 'fails' ? 'holds' : 'unanswerable'

/** The operator and operands of a node; a literal has the operator `''`. */
export function application(logic: Logic): readonly [string, readonly Logic[]] {
  if (typeof logic !== 'object' || Array.isArray(logic)) return ['', []]
  // Without a list of its names: a start asks this of each node of all law.
  for (const operator in logic) {
    const operands = (logic as { readonly [operator: string]: Logic })[operator]
    return [operator, Array.isArray(operands) ? operands : [operands]]
  }
  return ['', []]
}

/** The name in a `{"var": …}`; undefined for other nodes. */
export function variable(logic: Logic | undefined): string | undefined {
  if (logic === undefined) return undefined
  const [operator, [name]] = application(logic)
  return operator === 'var' && typeof name === 'string' ? name : undefined
}

/** Every name that a node reads, facts and lists alike. */
export function namesOf(logic: Logic): readonly string[] {
  const names: string[] = []
  const look = (each: Logic): void => {
    if (typeof each !== 'object') return
    const [operator, operands] = Array.isArray(each) ? ['', each] : application(each)
    const [name] = operands
    if (operator === 'var' && typeof name === 'string') names.push(name)
    else operands.forEach(look)
  }
  look(logic)
  return names
}

/** Whether a name is a shared list's. */
export const isList = (name: string) => name.startsWith('lists.')
