/**
 * A file with all that is wrong around its conditions made right, so that the conditions can be
 * checked whatever else is wrong. Places stay what they were.
 */

import { duties } from '../policy/obligations.ts'
import type { Logic } from '../policy/policy.ts'

type Json = Readonly<Record<string, unknown>>

const cited = { cites: ['art. 1'], confidence: 'V' } as const
const said = { says: 'The law says so.', ...cited } as const
const head = {
  title: 'A policy',
  notice: 'An engineering reading, not legal advice.',
  change: 'First version.',
  owner: 'Legal team',
  timeZone: 'UTC',
} as const

/** The repaired text of a policy. */
export function repairedPolicy(value: unknown): string {
  const file = objectOf(value)
  const kind = file.kind === 'limit' ? 'limit' : 'ground'
  const scope = objectOf(file.applies).when
  return JSON.stringify({
    ...head,
    instrument: { name: 'An instrument' },
    kind,
    applies: { ...said, when: isLogic(scope) ? scope : true },
    ...(kind === 'ground' ? { otherwise: { code: 'no-basis', ...said } } : {}),
    ...(kind === 'ground' && file.automation !== undefined
      ? { automation: automationOf(objectOf(file.automation)) }
      : {}),
    rules: listOf(file.rules).slice(0, 64).map(ruleOf),
  })
}

const automationOf = ({ nature, byRule }: Json): Json => ({
  ...said,
  nature: natureOf(nature),
  byRule: listOf(byRule)
    .slice(0, 8)
    .map(objectOf)
    .map((each, i) => ({
      ...said,
      nature: natureOf(each.nature),
      when: logicOf(each.when, 80 + i),
    })),
})

const natureOf = (nature: unknown) => (nature === 'choice' ? nature : 'mandatory')

/** The repaired text of a list: which other lists it takes members from, and the ids in it. */
export function repairedList(value: unknown): string {
  const file = objectOf(value)
  const source = { from: '2020-01-01', cites: 'art. 1', confidence: 'V' }
  const taken = (each: unknown): Json => {
    const { membersOf } = objectOf(each)
    return typeof membersOf === 'string' ? { membersOf } : { value: 'XX' }
  }
  const members = listOf(file.members).map((each) => ({ ...taken(each), ...source }))
  const arrangements = listOf(file.arrangements).map((each, i) => {
    const { id, parties } = objectOf(each)
    const isId = typeof id === 'string' && /^[A-Z0-9]+(-[A-Z0-9]+)*$/.test(id)
    return {
      ...bound,
      ...source,
      id: isId ? id : `ENTRY-${i}`,
      parties: [{ value: 'XX' }, ...listOf(parties).slice(0, 79).map(taken)].slice(
        listOf(parties).length === 0 ? 0 : 1,
      ),
    }
  })
  return JSON.stringify({ ...head, says: 'It is on the list.', members, arrangements })
}

/** An arrangement in which nothing is wrong. */
const bound = {
  title: 'An arrangement',
  kind: 'channel',
  multilateral: true,
  direction: 'both',
  binding: false,
  safeguards: 'none',
  channels: [],
  authorities: [],
  purposes: [],
  duties: [],
} as const

function ruleOf(value: unknown, i: number): Json {
  const { id, nature, relies, when, unless, ...rule } = objectOf(value)
  const isId = typeof id === 'string' && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)
  const exceptions = listOf(unless)
    .slice(0, 6)
    .map((each) => {
      const { when: excepted, obligations } = objectOf(each)
      return { ...said, when: logicOf(excepted, 89), obligations: dutiesOf(obligations) }
    })
  return {
    ...said,
    id: isId ? id : `rule-${i}`,
    nature: nature === 'discretionary' ? nature : 'mandatory',
    ...(relies === undefined ? {} : { relies: { cites: cited.cites } }),
    when: logicOf(when, i),
    ...(exceptions.length === 0 ? {} : { unless: exceptions }),
    then: thenOf(objectOf(rule.then)),
  }
}

function thenOf({ effect, treatment, keepLast, tell, ...then }: Json): Json {
  const obligations = dutiesOf(then.obligations)
  const rest = {
    code: 'a-code',
    ...(obligations.length === 0 ? {} : { obligations }),
    ...(tell === undefined || effect === 'permit' ? {} : { tell: { cites: cited.cites } }),
  }
  if (effect === 'permit' || effect === 'deny') return { effect, ...rest }
  if (effect === 'oblige')
    return { effect, obligations: obligations.length === 0 ? [{ code: 'O-LOG' }] : obligations }
  const isKnown = ['generalise', 'mask', 'pseudonymise', 'withhold'].includes(String(treatment))
  const isCount = Number.isInteger(keepLast) && Number(keepLast) >= 0 && Number(keepLast) <= 8
  return {
    effect: 'redact',
    ...rest,
    treatment: isKnown ? treatment : 'withhold',
    ...(keepLast === undefined || !isKnown ? {} : { keepLast: isCount ? keepLast : 1 }),
  }
}

/** The duties that are stated well. */
const dutiesOf = (value: unknown): readonly Json[] =>
  listOf(value)
    .map(objectOf)
    .filter(({ code }) => Object.hasOwn(duties, String(code)))
    .map(({ code, within, value: stated }) => ({
      code,
      ...(/^P(T\d{1,4}H|\d{1,4}D)$/.test(String(within)) ? { within } : {}),
      ...(typeof stated === 'string' && stated !== '' ? { value: stated.slice(0, 80) } : {}),
    }))
    .slice(0, 12)

/** Whether a value is JSON Logic at all. */
export const isLogic = (value: unknown): value is Logic =>
  typeof value === 'object'
    ? value !== null && Object.values(value).every(isLogic)
    : ['boolean', 'number', 'string'].includes(typeof value)

/** A condition that can be anything, and is contained in no other of another place. */
export const standIn = (place: number): Logic => ({
  '===': [{ var: 'asOf' }, `19${10 + (place % 90)}-01-01`],
})

const logicOf = (value: unknown, place = 0): Logic => (isLogic(value) ? value : standIn(place))

/** The members of an object; of anything else none. */
export const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}

/** The entries of a list; of anything else none. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
