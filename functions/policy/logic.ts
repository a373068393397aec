/**
 * Our dialect of JSON Logic, with three answers.
 *
 * Ordinary JSON Logic fails open: with a fact missing, `!==`, `!`, `<` and `none` are true. Here a condition
 * that rests on an unknown fact is `unanswerable`. Where every fact is known and typed, the answer is that of
 * json-logic-js for the same rule and data.
 */

import jsonLogic from 'json-logic-js'
import type { Logic } from './policy.ts'
import { type FactValue, isOfItem, isRecordFact } from './vocabulary.ts'

/** The three answers of a condition. */
export type Truth = 'holds' | 'fails' | 'unanswerable'

/**
 * Known facts by dotted name. Absent means unknown.
 * Shared lists are in it as `lists.<id>`; one that is not in force is unknown, not empty.
 */
export type Known = { get(name: string): FactValue | undefined }

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

/** Compiles a condition that was checked before. */
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
export function holds(condition: Condition, known: Known): Truth {
  for (const name of condition.reads) {
    if (known.get(name) === undefined) return walk(condition.logic, known)
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
    return name !== undefined && known.get(name) === undefined
  }
  const rests = operator === 'var' ? unknown(logic) : operands.some(unknown)
  return rests ? 'unanswerable' : answer(logic, known)
}

const answer = (logic: Logic, known: Known): Truth =>
  jsonLogic.apply(asked(logic) as never, known) === true ? 'holds' : 'fails'

/** json-logic-js's own `var` splits a name at its dots; this reads the name as it is. */
jsonLogic.add_operation('fact', function (this: Known, name: string) {
  return this.get(name) ?? null
})

/** A condition that reads its facts by name, made once. */
function asked(logic: Logic): Logic {
  if (typeof logic !== 'object') return logic
  const made = byName.get(logic)
  if (made !== undefined) return made
  const name = variable(logic)
  const [operator, operands] = application(logic)
  const all = Array.isArray(logic)
    ? logic
    : name === undefined
      ? { [operator]: operands.map(asked) }
      : { fact: name }
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
  const [entry] = Object.entries(logic as { readonly [operator: string]: Logic })
  if (entry === undefined) return ['', []]
  const [operator, operands] = entry
  return [operator, Array.isArray(operands) ? (operands as readonly Logic[]) : [operands]]
}

/** The name in a `{"var": …}`; undefined for other nodes. */
export function variable(logic: Logic | undefined): string | undefined {
  if (logic === undefined) return undefined
  const [operator, [name]] = application(logic)
  return operator === 'var' && typeof name === 'string' ? name : undefined
}

/** Every name that a node reads, facts and lists alike. */
export function namesOf(logic: Logic): readonly string[] {
  const name = variable(logic)
  if (name !== undefined) return [name]
  if (Array.isArray(logic)) return (logic as readonly Logic[]).flatMap(namesOf)
  const [, operands] = application(logic)
  return operands.flatMap(namesOf)
}

/** Whether a name is a shared list's. */
export const isList = (name: string) => name.startsWith('lists.')
