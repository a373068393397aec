/**
 * What would turn a refusal into something looser: computed from the rules, stated by none.
 *
 * A cure is a smallest set of attestations on facts that are still open. A risk that was found and a
 * no that was answered are not open. Each cure offered was tried.
 */

import { application, type Known, type Truth, variable, walk } from '../policy/logic.ts'
import type { Logic } from '../policy/policy.ts'
import { type Attester, type Fact, type FactValue, vocabulary } from '../policy/vocabulary.ts'
import { type Blocker, isOwnGround, type Judged, type Judgement, judgeChanged } from './combine.ts'
import type { Finding } from './evaluate.ts'
import { assume } from './facts.ts'
import { join, outcomeOf, release } from './treatment.ts'

/** One attestation that a cure needs. */
export type Attestable = {
  readonly fact: string
  readonly to: FactValue
  readonly by: Attester
}

/** A set of attestations that, all together, loosen a refusal. */
export type Cure = readonly Attestable[]

/** Bounds on the search; a cure beyond them is not found, and none is offered untried. */
const searchMax = { alternatives: 48, tried: 64, offered: 6 } as const

/** Which blockers count: all of them in the ledger, the told ones in an answer. */
export type Counts = (blocker: Blocker) => boolean

/**
 * The cures of a refusal, smallest first; none if nothing that may still be attested loosens it.
 * `items` are those that the refusal is about.
 */
export function curesOf(
  judgement: Judgement,
  items: readonly Judged[],
  counts: Counts,
): readonly Cure[] {
  const candidates = new Map<string, Changes>()
  for (const { blockers, known } of items) {
    const counting = blockers.filter(counts)
    // Redactions of one kind may stay; two kinds withhold together, so all but one must be lifted.
    const kinds = new Set(counting.map(({ treatment }) => treatment.kind))
    for (const kept of [...kinds, undefined])
      for (const changes of alternatives(
        counting.filter(({ treatment: { kind } }) => kind === 'withhold' || kind !== kept),
        judgement,
        known,
      ))
        candidates.set(keyOf(changes), changes)
  }
  const ids = new Set(items.map(({ id }) => id))
  const isCure = (changes: Changes) => loosens(judgement, changes, ids, counts)
  const working: Changes[] = []
  for (const changes of [...candidates.values()].sort(bySize).slice(0, searchMax.tried)) {
    if (working.some((smaller) => contains(changes, smaller)) || !isCure(changes)) continue
    const smallest = withoutNeedless(changes, isCure)
    if (!working.some((smaller) => contains(smallest, smaller))) working.push(smallest)
  }
  const minimal = working.filter(
    (each) => !working.some((other) => other !== each && contains(each, other)),
  )
  return minimal.sort(bySize).slice(0, searchMax.offered).map(toCure)
}

/** New values by fact. */
type Changes = Readonly<Record<string, FactValue>>

/**
 * The changes without those that the cure works without. Once one is gone another may be needless,
 * too, since a fact can lift one rule and raise another: so all are tried again.
 */
function withoutNeedless(changes: Changes, isCure: (changes: Changes) => boolean): Changes {
  for (const name of Object.keys(changes)) {
    const { [name]: _, ...rest } = changes
    if (Object.keys(rest).length > 0 && isCure(rest)) return withoutNeedless(rest, isCure)
  }
  return changes
}

/** Ways to lift every one of the blockers at once. */
function alternatives(
  blockers: readonly Blocker[],
  judgement: Judgement,
  known: Known,
): readonly Changes[] {
  let all: readonly Changes[] = [{}]
  for (const blocker of blockers) {
    all = product(all, waysToLift(blocker, judgement, known))
    if (all.length === 0) return []
  }
  return all.filter((changes) => Object.keys(changes).length > 0)
}

function waysToLift(blocker: Blocker, judgement: Judgement, known: Known): readonly Changes[] {
  switch (blocker.because) {
    case 'rule':
      return waysToStop(blocker.finding, known)
    case 'duty':
      // A marking stays, whoever asks.
      return blocker.owed
        .map(({ finding }) => (finding === undefined ? [] : waysToStop(finding, known)))
        .reduce(product, [{}])
    case 'silence':
      return [
        ...waysToMake(blocker.policy.applies.logic, 'fails', known),
        ...blocker.permits.flatMap(({ rule }) =>
          [
            waysToMake(rule.when.logic, 'holds', known),
            ...rule.unless.map(({ when }) => waysToMake(when.logic, 'fails', known)),
          ].reduce(product, [{}]),
        ),
      ]
    case 'suspended':
      return waysToMake(blocker.policy.applies.logic, 'fails', known)
    case 'no-policy':
      return judgement.applicable.flatMap(({ policy }) =>
        isOwnGround(policy, known) ? waysToMake(policy.applies.logic, 'holds', known) : [],
      )
    case 'unknown-class':
      return []
    case 'reserved':
      return isOpen('release.decision', known) ? [{ 'release.decision': 'release' }] : []
  }
}

/** Ways to make a rule fail: its policy does not apply, it does not, or an exception to it does. */
function waysToStop({ policy, rule }: Finding, known: Known): readonly Changes[] {
  const name = 'discretion.waived'
  const waived = known.get(name)
  const others = Array.isArray(waived) ? waived : []
  return [
    ...waysToMake(rule.when.logic, 'fails', known),
    ...rule.unless.flatMap(({ when }) => waysToMake(when.logic, 'holds', known)),
    ...waysToMake(policy.applies.logic, 'fails', known),
    ...(rule.waivable && isOpen(name, known) ? [{ [name]: [...others, rule.id] }] : []),
  ]
}

/** Changes to open facts that give a condition the wanted answer; `[{}]` where it has it already. */
function waysToMake(logic: Logic, want: 'holds' | 'fails', known: Known): readonly Changes[] {
  if (walk(logic, known) === want) return [{}]
  const [operator, operands] = application(logic)
  if (operator === '!')
    return waysToMake(operands[0] ?? false, want === 'holds' ? 'fails' : 'holds', known)
  if (operator === 'and' || operator === 'or') {
    const parts = operands.map((each) => waysToMake(each, want, known))
    const allNeeded = (operator === 'and') === (want === 'holds')
    return allNeeded ? parts.reduce(product, [{}]) : parts.flat().slice(0, searchMax.alternatives)
  }
  return waysToChange(logic, want, known)
}

/** Values of the one fact in a comparison that give the wanted answer, if the fact is open. */
function waysToChange(logic: Logic, want: Truth, known: Known): readonly Changes[] {
  const [operator, [left, right]] = application(logic)
  const members = operator === 'in' ? variable(right) : undefined
  const name =
    operator === 'var' ? variable(logic) : isOpen(members, known) ? members : variable(left)
  const fact = name === undefined ? undefined : vocabulary[name]
  if (name === undefined || fact === undefined || !isOpen(name, known)) return []
  return valuesToTry(fact, name, left, right, known)
    .filter((value) => !(fact.open ?? []).includes(value as string))
    .filter((value) => walk(logic, assume(known, name, value)) === want)
    .slice(0, fact.type === 'integer' ? 1 : undefined)
    .map((value) => ({ [name]: value }))
}

/** An attestable fact that is unknown, or whose value says that nobody has answered yet. */
function isOpen(name: string | undefined, known: Known): boolean {
  const fact = name === undefined ? undefined : vocabulary[name]
  if (name === undefined || fact?.attester === undefined) return false
  const value = known.get(name)
  if (value === undefined) return true
  if (Array.isArray(value)) return fact.open !== undefined
  return typeof value === 'string' && (fact.open ?? []).includes(value)
}

function valuesToTry(
  fact: Fact,
  name: string,
  left: Logic | undefined,
  right: Logic | undefined,
  known: Known,
): readonly FactValue[] {
  switch (fact.type) {
    case 'boolean':
      return [true, false]
    case 'enum':
      return fact.sought ?? fact.attestable ?? Object.keys(fact.values)
    case 'integer':
      return typeof right === 'number' ? [right, right + 1, Math.max(0, right - 1)] : []
    case 'list': {
      const sought = known.get(variable(left) ?? '')
      const present = known.get(name)
      if (typeof sought !== 'string') return []
      return [[...(Array.isArray(present) ? present : []), sought]]
    }
    case 'code':
    case 'day':
      return []
  }
}

/** Whether the refusal is gone once the changes are attested: judged again, on everything. */
function loosens(
  judgement: Judgement,
  changes: Changes,
  ids: ReadonlySet<string>,
  counts: Counts,
): boolean {
  const treatments = judgeChanged(judgement, Object.entries(changes), isOpen)
    .filter(({ id }) => ids.has(id))
    .map(({ blockers }) =>
      blockers.filter(counts).reduce((all, { treatment }) => join(all, treatment), release),
    )
  return outcomeOf(treatments) !== 'deny'
}

function product(as: readonly Changes[], bs: readonly Changes[]): readonly Changes[] {
  const all = as.flatMap((a) => bs.filter((b) => agree(a, b)).map((b) => ({ ...a, ...b })))
  const distinct = [...new Map(all.map((changes) => [keyOf(changes), changes])).values()]
  return distinct.sort(bySize).slice(0, searchMax.alternatives)
}

const agree = (a: Changes, b: Changes) =>
  Object.keys(a).every((name) => !(name in b) || String(a[name]) === String(b[name]))
const bySize = (a: Changes, b: Changes) => Object.keys(a).length - Object.keys(b).length
const contains = (larger: Changes, smaller: Changes) =>
  Object.keys(smaller).every((name) => String(larger[name]) === String(smaller[name]))
const keyOf = (changes: Changes) =>
  JSON.stringify(Object.entries(changes).sort(([a], [b]) => (a < b ? -1 : 1)))

const toCure = (changes: Changes): Cure =>
  Object.entries(changes)
    .map(([fact, to]) => ({ fact, to, by: vocabulary[fact]?.attester ?? 'holder-officer' }))
    .sort((a, b) => (a.fact < b.fact ? -1 : 1))
