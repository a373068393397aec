/**
 * Finds faults in the conditions of a policy, whatever else is wrong in the file, and conditions that say
 * nothing: always true, never true, an exception that never lifts its rule, a rule that another one contains.
 * This tries every value of the facts; where there are too many values it claims nothing.
 */

import { type CompiledRule, compile, type Policy, type TakeFault } from '../../policy/book.ts'
import { condition } from '../../policy/dialect.ts'
import {
  application,
  type Condition,
  type Known,
  ready,
  variable,
  walk,
} from '../../policy/logic.ts'
import { duties } from '../../policy/obligations.ts'
import type { Logic, PolicyFile } from '../../policy/policy.ts'
import { vocabulary } from '../../policy/vocabulary.ts'
import { type NoteOn, noteFault, type ReadFile, type TakeNote } from './finding.ts'
import { isLogic, listOf, objectOf, textOf } from './lint-file.ts'
import { combinationsMax, everyKnown, type Space, spaceOf } from './values.ts'

/**
 * Notes the faults of every condition, whatever else is wrong in its file, and conditions that say nothing.
 * Returns the policies as far as they can be read.
 */
export function lintRules(read: readonly ReadFile[], noteOn: NoteOn): readonly Policy[] {
  const lists = new Set(
    read.filter(({ folder }) => folder === 'lists').map(({ id }) => id.slice('lists/'.length)),
  )
  return read
    .filter(({ folder }) => folder !== 'lists')
    .map((file) => policyIn(file, lists, noteOn(file.path)))
}

/** A policy in which each faulty condition is replaced by one that no other contains. */
function policyIn(
  { path, value, ...named }: ReadFile,
  lists: ReadonlySet<string>,
  note: TakeNote,
): Policy {
  const faulty: string[] = []
  const take: TakeFault = (place, code, message, fix) => {
    faulty.push(place)
    noteFault({ place, code, message, ...(fix === undefined ? {} : { fix }) }, note)
  }
  const ask = (logic: unknown, place: string): Condition => {
    const checked = isLogic(logic) ? condition(logic, lists) : { faults: [] }
    if ('condition' in checked) return checked.condition
    for (const { pointer, code, message, fix } of checked.faults)
      take(place + pointer, code, message, fix)
    return ready(place.startsWith('/applies') ? true : standIn(place))
  }
  const version = path.replace(/^.*\/|\.json$/g, '')
  const policy = compile({ ...named, version, file: readable(value) }, ask, take)
  lintConditions(policy, (pointer, ...rest) => {
    const where = pointer.replace(/\/id$/, '/when')
    if (!faulty.some((place) => place.startsWith(where))) note(pointer, ...rest)
  })
  return policy
}

/** A condition that may hold or fail, and that no condition of another place contains. */
function standIn(place: string): Logic {
  const [, rule = '89'] = /^\/rules\/(\d+)\/when/.exec(place) ?? []
  const [, alternative] = /^\/automation\/byRule\/(\d+)/.exec(place) ?? []
  const number = alternative === undefined ? Number(rule) : 80 + Number(alternative)
  return { '===': [{ var: 'asOf' }, `19${10 + (number % 90)}-01-01`] }
}

/** The parts of a file that are needed to read its conditions. The rest is assumed to be right. */
function readable(value: unknown): PolicyFile {
  const { kind, applies, automation, rules } = objectOf(value)
  const isGround = kind !== 'limit'
  // A cast: the fields left out have no part in conditions.
  return {
    kind: isGround ? 'ground' : 'limit',
    applies: objectOf(applies),
    ...(isGround && { otherwise: {} }),
    ...(isGround && automation !== undefined && { automation: automationIn(objectOf(automation)) }),
    rules: listOf(rules).slice(0, 64).map(objectOf).map(ruleIn),
  } as unknown as PolicyFile
}

type Json = Readonly<Record<string, unknown>>

const natureIn = (nature: unknown) => (nature === 'choice' ? nature : 'mandatory')

const automationIn = ({ nature, byRule }: Json) => ({
  nature: natureIn(nature),
  byRule: listOf(byRule)
    .slice(0, 8)
    .map(objectOf)
    .map((each) => ({ nature: natureIn(each.nature), when: each.when })),
})

function ruleIn({ id, nature, relies, when, unless, then }: Json, i: number) {
  const isId = typeof id === 'string' && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)
  return {
    id: isId ? id : `rule-${i}`,
    nature: nature === 'discretionary' ? nature : natureIn(nature),
    ...(relies === undefined ? {} : { relies }),
    when,
    unless: listOf(unless)
      .slice(0, 6)
      .map(objectOf)
      .map((each) => ({ when: each.when, obligations: dutiesIn(each.obligations) })),
    then: thenIn(objectOf(then)),
  }
}

const treatments = ['generalise', 'mask', 'pseudonymise', 'withhold']

function thenIn({ effect, treatment, keepLast, tell, obligations }: Json): Json {
  const owed = dutiesIn(obligations)
  const rest = {
    // Without any duty the rule would count as contained in others that oblige.
    obligations: effect === 'oblige' && owed.length === 0 ? [{ code: 'O-LOG' }] : owed,
    ...(tell === undefined || effect === 'permit' ? {} : { tell }),
  }
  if (['permit', 'deny', 'oblige'].includes(textOf(effect))) return { effect, ...rest }
  const isKnown = treatments.includes(textOf(treatment))
  return {
    effect: 'redact',
    treatment: isKnown ? treatment : 'withhold',
    ...(keepLast === undefined || !isKnown ? {} : { keepLast }),
    ...rest,
  }
}

/** The duties that exist, each with its time and value. */
const dutiesIn = (value: unknown): readonly Json[] =>
  listOf(value)
    .map(objectOf)
    .filter(({ code }) => Object.hasOwn(duties, textOf(code)))

/** Notes what the conditions of a policy can never say. */
function lintConditions(policy: Policy, note: TakeNote): void {
  const { applies, byRule, rules } = policy
  noteNever(applies.logic, '/applies/when', note)
  for (const [i, { logic }] of byRule.entries())
    noteNever(logic, `/automation/byRule/${i}/when`, note)
  for (const [i, { when, unless }] of rules.entries()) {
    noteNever(when.logic, `/rules/${i}/when`, note)
    for (const [j, each] of unless.entries())
      noteNever(each.when.logic, `/rules/${i}/unless/${j}/when`, note)
  }
  noteConstants(applies.logic, '/applies/when', note)
  for (const [i, { logic }] of byRule.entries())
    noteConstants(logic, `/automation/byRule/${i}/when`, note)
  const sound = rules.filter((rule) =>
    lintRule(policy, rule, `/rules/${rules.indexOf(rule)}`, note),
  )
  for (const [i, rule] of rules.entries()) {
    if (!sound.includes(rule)) continue
    const others = sound.filter(
      (other) => other !== rule && (rules.indexOf(other) < i || !contains(rule, other)),
    )
    // A permit that does not read it says nothing of what is given unasked.
    const speaksToo = (other: CompiledRule) =>
      other.reads.includes('request.unasked') || !rule.reads.includes('request.unasked')
    const container = others.find((other) => speaksToo(other) && contains(other, rule))
    if (container !== undefined)
      note(
        `/rules/${i}/id`,
        'contained',
        `\`${container.rule.id}\` holds wherever \`${rule.rule.id}\` does, with the same effect`,
        'drop it, or say what it adds',
        'warning',
      )
  }
}

/** Notes each value that a fact never has: a rule that waits for it never fires, and nobody would notice. */
function noteNever(logic: Logic, pointer: string, note: TakeNote): void {
  const [operator, operands] = application(logic)
  if (operator === 'var') return
  const at = `${pointer}/${operator}`
  const name = variable(operands[0]) ?? ''
  const fact = Object.hasOwn(vocabulary, name) ? vocabulary[name] : undefined
  if (fact?.type === 'code' && fact.pattern !== undefined) {
    for (const value of operands.slice(1).flat())
      if (typeof value === 'string' && !fact.pattern.test(value))
        note(at, 'never', `\`${name}\` is never \`${value}\``, `it is: ${fact.meaning}`)
  } else for (const [i, each] of operands.entries()) noteNever(each, `${at}/${i}`, note)
}

/** Notes what one rule can never say. Returns false if all or part of its condition is constant. */
function lintRule(policy: Policy, compiled: CompiledRule, at: string, note: TakeNote): boolean {
  const { rule, when, unless } = compiled
  const { effect } = rule.then
  if (when.logic === false)
    note(`${at}/when`, 'never-true', 'the rule never holds', 'say when it holds, or drop the rule')
  if (when.logic === true && effect !== 'oblige' && unless.length === 0)
    note(
      `${at}/when`,
      'always-true',
      `the rule always holds: it is no condition to ${effect}`,
      'say when it holds; what concerns every request belongs in `applies`',
      'warning',
    )
  if (noteConstants(when.logic, `${at}/when`, note) > 0 || when.logic === false) return false
  if (never([policy.applies.logic, when.logic], all))
    note(
      `${at}/when`,
      'never-true',
      'the rule never holds where the policy applies',
      'compare it with `applies`; one of the two is wrong',
    )
  for (const [j, { when: excepted }] of unless.entries()) {
    const place = `${at}/unless/${j}/when`
    if (noteConstants(excepted.logic, place, note) > 0) continue
    const logics = [when.logic, excepted.logic]
    if (excepted.logic === false || never(logics, all))
      note(
        place,
        'exception-never',
        'the exception can never lift its rule',
        contradiction(when.logic),
      )
    else if (never(logics, ([rules, lifts]) => rules === true && lifts !== true))
      note(
        place,
        'exception-always',
        'the exception lifts its rule always, so the rule does nothing',
        'narrow the exception, or drop the rule',
      )
  }
  return true
}

const all = (answers: readonly boolean[]): boolean => answers.every(Boolean)

const contradiction = (when: Logic): string =>
  `the rule holds only where ${text(when)}; say an exception to that, or drop it`

/** Notes the smallest parts that always or never hold, and returns how many there are. */
function noteConstants(logic: Logic, at: string, note: TakeNote): number {
  if (typeof logic === 'boolean') return 0
  const [operator, operands] = application(logic)
  if (operator === 'and' || operator === 'or' || operator === '!') {
    const inside = operands.map((each, i) => noteConstants(each, `${at}/${operator}/${i}`, note))
    const count = inside.reduce((sum, each) => sum + each, 0)
    if (count > 0) return count
  }
  const isNever = never([logic], all)
  if (!isNever && !never([logic], ([answer]) => answer === false)) return 0
  const isGroup = operator === 'and' && operands.length > 1
  if (isNever)
    note(
      at,
      isGroup ? 'contradiction' : 'never-true',
      isGroup ? 'the conditions contradict one another' : `\`${text(logic)}\` is never true`,
      isGroup ? `they cannot hold together: ${text(logic)}` : 'correct it, or drop it',
    )
  else note(at, 'always-true', `\`${text(logic)}\` is always true`, 'correct it, or drop it')
  return 1
}

/** Whether one rule holds wherever another does, and does the same. */
function contains(outer: CompiledRule, inner: CompiledRule): boolean {
  const [a, b] = [outer.rule.then, inner.rule.then]
  if (a.effect !== b.effect || (outer.waivable && !inner.waivable)) return false
  if (
    'treatment' in a &&
    'treatment' in b &&
    (a.treatment !== b.treatment || a.keepLast !== b.keepLast)
  )
    return false
  const duties = (a.obligations ?? []).map((each) => JSON.stringify(each))
  if (!(b.obligations ?? []).every((each) => duties.includes(JSON.stringify(each)))) return false
  if ('tell' in b && b.tell !== undefined && !('tell' in a && a.tell !== undefined)) return false
  const logics = [inner, outer].map(({ when, unless }): Logic => {
    const lifted: Logic[] = unless.map((each) => ({ '!': [each.when.logic] }))
    return lifted.length === 0 ? when.logic : { and: [when.logic, ...lifted] }
  })
  const hasDutiesOfExceptions = inner.unless.some(
    ({ exception }) => exception.obligations !== undefined,
  )
  return !hasDutiesOfExceptions && never(logics, ([is, isToo]) => is === true && isToo !== true)
}

/** Whether no values of the facts give such answers; false if there are too many to try. */
const never = (logics: readonly Logic[], such: Such): boolean => found(logics, such) === false

/** Whether some values of the facts give such answers; false if there are too many to try. */
export const sometimes = (logics: readonly Logic[], such: Such): boolean =>
  found(logics, such) === true

type Such = (answers: readonly boolean[]) => boolean

function found(logics: readonly Logic[], such: Such): boolean | undefined {
  const worlds = worldsOf(logics)
  if (worlds.reduce((sum, { space }) => sum + space.size, 0) > combinationsMax) return undefined
  for (const { space, lists } of worlds)
    for (const known of everyKnown(space, lists)) if (such(answersOf(logics, known))) return true
  return false
}

const answersOf = (logics: readonly Logic[], known: Known): readonly boolean[] =>
  logics.map((logic) => (typeof logic === 'boolean' ? logic : walk(logic, known) === 'holds'))

type World = { readonly space: Space; readonly lists: Readonly<Record<string, readonly string[]>> }

/**
 * Every way to fill the shared lists that the conditions can tell apart. Lists change, so no finding may rest
 * on who is on them today.
 */
function worldsOf(logics: readonly Logic[]): readonly World[] {
  const lists = [...new Set(logics.flatMap(listsIn))].slice(0, 4)
  const values = [...new Set(logics.flatMap(valuesIn))].slice(0, lists.length === 0 ? 0 : 4)
  const pairs = lists.flatMap((id) => values.map((value) => ({ id, value })))
  if (pairs.length > 6) return [{ space: { facts: new Map(), size: Infinity }, lists: {} }]
  return Array.from({ length: 2 ** pairs.length }, (_, bits) => {
    const filled = lists.map((id, i): [string, readonly string[]] => [
      id,
      [
        ...Array.from({ length: 2 ** lists.length }, (_each, mask) => mask)
          .filter((mask) => mask & (2 ** i))
          .map((mask) => `somebody ${mask}`),
        ...pairs.flatMap((pair, at) => (pair.id === id && bits & (2 ** at) ? [pair.value] : [])),
      ],
    ])
    const world = Object.fromEntries(filled)
    return { space: spaceOf(logics, world), lists: world }
  })
}

const listsIn = (logic: Logic): readonly string[] => {
  const name = variable(logic)
  if (name !== undefined) return name.startsWith('lists.') ? [name.slice('lists.'.length)] : []
  return application(logic)[1].flatMap((each) => (Array.isArray(each) ? [] : listsIn(each)))
}

/** The codes that a condition compares a jurisdiction with. */
const valuesIn = (logic: Logic): readonly string[] => {
  const [operator, operands] = application(logic)
  if (operator === 'var' || operator === '') return []
  if (operator === 'and' || operator === 'or' || operator === '!') return operands.flatMap(valuesIn)
  return isCode(variable(operands[0]))
    ? operands
        .slice(1)
        .flat()
        .filter((each): each is string => typeof each === 'string')
    : []
}

const isCode = (name: string | undefined): boolean => name?.endsWith('.jurisdiction') ?? false

/** A condition in one line. */
function text(logic: Logic): string {
  const name = variable(logic)
  if (name !== undefined) return name
  const [operator, operands] = application(logic)
  if (operator === '') return JSON.stringify(logic)
  if (operator === '!') return `not (${operands.map(text).join('')})`
  return operands.map(text).join(` ${operator} `)
}
