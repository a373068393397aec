/**
 * A second, naive reading of the design, to hold against the engine. It shares no code with it:
 * truth is a number (0 fails, ½ unanswerable, 1 holds), facts are judged by the table below, and the
 * combination is written down as the design says it.
 */

import type { Json } from './write.ts'

export type Facts = Readonly<Record<string, unknown>>

/** A fact of the small world that generated policies speak of. */
export type WorldFact = {
  readonly type: 'enum' | 'boolean' | 'integer' | 'code' | 'day' | 'list'
  /** Values that it may have; of a list, its members. */
  readonly values: readonly (string | number | boolean)[]
  /** A claim, which only a rule that relies on an article may read. */
  readonly claim?: true
  /** Whether somebody may still attest it while it is unknown. */
  readonly attestable?: true
  /** The values which nobody has answered yet. */
  readonly open?: readonly string[]
  /** The values that nobody vouches for. */
  readonly unattested?: readonly string[]
}

const classes = ['identification', 'health', 'genetic', 'case']

export const world: Readonly<Record<string, WorldFact>> = {
  asOf: { type: 'day', values: ['2019-05-01', '2026-11-24'] },
  'holder.jurisdiction': { type: 'code', values: ['DE', 'DE', 'DE', 'DE', 'DE', 'FR'] },
  'requester.jurisdiction': { type: 'code', values: ['US', 'JP', 'FR'] },
  'requester.authorityType': { type: 'enum', values: ['police', 'court', 'intelligence'] },
  'requester.cannotHonour': { type: 'list', values: ['O-DP', 'O-DEL', 'O-STATED'] },
  'request.purpose': { type: 'enum', values: ['investigation', 'immigration'] },
  'request.instrument': { type: 'code', values: ['treaty-a', 'treaty-b', 'none'], claim: true },
  'request.offence.category': { type: 'enum', values: ['ordinary', 'political'], claim: true },
  'request.caseReference': { type: 'code', values: ['K-1', 'K-2'], claim: true },
  'request.manyPersons': { type: 'boolean', values: [false, false, false, false, true] },
  'request.unasked': { type: 'boolean', values: [false, false, false, false, true] },
  'request.redescribed': { type: 'boolean', values: [false, false, false, false, true] },
  'request.restsOn': { type: 'list', values: ['request.purpose', 'request.caseReference'] },
  'request.offence.isOffenceForHolder': {
    type: 'boolean',
    values: [true, false],
    attestable: true,
  },
  'request.offence.maxCustodyMonthsHolder': {
    type: 'integer',
    values: [0, 6, 12],
    attestable: true,
  },
  'risk.torture': { type: 'enum', values: ['none', 'substantial', 'real'], attestable: true },
  'assurance.deathPenalty': {
    type: 'enum',
    values: ['none', 'given', 'given-and-verified'],
    attestable: true,
    open: ['none', 'given'],
  },
  'approval.minister': {
    type: 'enum',
    values: ['not-asked', 'given', 'refused'],
    attestable: true,
    open: ['not-asked'],
  },
  'necessity.strictClasses': { type: 'list', values: classes, attestable: true, open: [] },
  'discretion.waived': {
    type: 'list',
    values: ['eu/a/r0', 'de/b/r1'],
    attestable: true,
    open: [],
  },
  'release.decision': {
    type: 'enum',
    values: ['none', 'release', 'refuse'],
    attestable: true,
    open: ['none'],
    unattested: ['refuse'],
  },
  'item.class': { type: 'enum', values: classes },
  'item.redescribed': { type: 'boolean', values: [false, false, false, false, true] },
  'item.foundAgainst': { type: 'boolean', values: [false, false, false, false, true] },
  'item.role': { type: 'enum', values: ['suspect', 'victim'] },
  'item.minor': { type: 'boolean', values: [true, false] },
  'item.ageAtEvent': { type: 'integer', values: [12, 17, 40] },
  'item.originConsent': {
    type: 'enum',
    values: ['own-data', 'not-asked', 'given', 'refused'],
    attestable: true,
    open: ['not-asked'],
    unattested: ['own-data'],
  },
}

/** The shared lists, and which of them name the parties of an instrument. */
export const worldLists: Readonly<Record<string, readonly string[]>> = {
  partners: ['US', 'FR'],
  'treaty-a-parties': ['DE', 'US', 'FR'],
  'treaty-b-parties': ['JP'],
}
export const instruments: Readonly<Record<string, string>> = {
  'treaty-a': 'treaty-a-parties',
  'treaty-b': 'treaty-b-parties',
}
/** Duties of the small world that are the requester's to keep. */
export const requesterDuties = ['O-USE', 'O-DP', 'O-DEL', 'O-STATED']
/** What a requester merely says that may loosen an answer: a duty with its value, where it counted. */
export const statable = [
  'request.purpose',
  'request.offence.category',
  'request.caseReference',
  'request.instrument',
]

/** Whether a value counts as known. */
export function isKnown(name: string, value: unknown): boolean {
  const fact = world[name]
  if (fact === undefined) return false
  switch (fact.type) {
    case 'boolean':
      return value === true || value === false
    case 'integer':
      return Number.isInteger(value)
    case 'day':
      return typeof value === 'string' && value.length === 10 && value[4] === '-'
    case 'code':
      return typeof value === 'string' && value.length > 0
    case 'enum':
      return (fact.values as readonly unknown[]).includes(value)
    case 'list':
      return (
        Array.isArray(value) &&
        value.every((each) =>
          // Ids of rules, whatever they are.
          name === 'discretion.waived'
            ? typeof each === 'string'
            : (fact.values as readonly unknown[]).includes(each),
        )
      )
  }
}

/** What a name stands for, or undefined where it is unknown. */
export function read(facts: Facts, name: string): unknown {
  if (name.startsWith('lists.')) return worldLists[name.slice(6)]
  if (name !== 'instrument.inForce') return isKnown(name, facts[name]) ? facts[name] : undefined
  const claimed = read(facts, 'request.instrument')
  if (claimed === 'none' || claimed === undefined) return claimed
  const parties = ['holder.jurisdiction', 'requester.jurisdiction'].map((side) => read(facts, side))
  if (parties.includes(undefined)) return undefined
  const bound: readonly unknown[] = worldLists[instruments[String(claimed)] ?? ''] ?? []
  return parties.every((party) => bound.includes(party)) ? claimed : 'none'
}

/** 1 holds, 0 fails, ½ cannot be said. */
export function kleene(node: Json, facts: Facts): number {
  if (typeof node === 'boolean') return Number(node)
  const [[operator, right] = ['', null]] = Object.entries(node as Readonly<Record<string, Json>>)
  const operands = Array.isArray(right) ? (right as readonly Json[]) : [right]
  const truths = () => operands.map((each) => kleene(each, facts))
  if (operator === 'and') return Math.min(...truths())
  if (operator === 'or') return Math.max(...truths())
  if (operator === '!') return 1 - kleene(operands[0] ?? false, facts)
  if (operator === 'var') return Number(read(facts, String(right)) ?? 0.5)
  const [a, b] = operands.map((each) => side(each, facts))
  if (a === undefined || b === undefined) return 0.5
  return Number(compare(operator, a, b))
}

function side(node: Json, facts: Facts): unknown {
  if (node === null || typeof node !== 'object' || Array.isArray(node)) return node
  return read(facts, String((node as { readonly var?: Json }).var))
}

function compare(operator: string, a: unknown, b: unknown): boolean {
  const [x, y] = [a as number, b as number]
  switch (operator) {
    case '===':
      return a === b
    case '!==':
      return !(a === b)
    case '<':
      return x < y
    case '<=':
      return x <= y
    case '>':
      return x > y
    case '>=':
      return x >= y
    case 'in':
      return (b as readonly unknown[]).includes(a)
    default:
      throw new Error(`no such operator: ${operator}`)
  }
}
