/**
 * What a legal editor may see of a logged decision: what the rules read, and nothing that tells whom it is
 * about. One line of `GET /v1/facts`.
 */

import * as z from 'zod'
import type { Book } from '../policy/book.ts'
import {
  type FactValue,
  factTypes,
  isRecordFact,
  isWorkedOut,
  knownValue,
  partyPattern,
} from '../policy/fact-types.ts'
import { duties } from '../policy/obligations.ts'
import type { Decision, PolicyRef } from './decide.ts'
import type { Facts, Item } from './facts.ts'
import { markings } from './markings.ts'
import { agencyId, entryIdSchema } from './request.ts'

/** Longest line, bytes: a record of 100 items takes about half of it. */
export const lineBytesMax = 64 * 1024

const isShort = (value: unknown): boolean => typeof value === 'string' && value.length <= 160

/** The limits on any value. As elsewhere, a value outside the vocabulary counts as unknown. */
const isValue = (value: unknown): boolean =>
  typeof value === 'boolean' ||
  Number.isSafeInteger(value) ||
  (Array.isArray(value) ? value.length <= 100 && value.every(isShort) : isShort(value))

const facts = z
  .looseObject({})
  .refine((all) => Object.keys(all).length <= 100 && Object.values(all).every(isValue), {
    message: 'facts by name: texts of 160 characters, whole numbers, true or false, lists of texts',
  })
const ref = z.string().regex(/^[a-z0-9-]+(\/[a-z0-9-]+)?@\d{4}-\d{2}-\d{2}(\.[a-z0-9]{1,3}){0,2}$/)

/** One line: a decision as the rules saw it, in full and not as it was told. */
export const loggedDecisionSchema = z.strictObject({
  id: entryIdSchema,
  ts: z.iso.datetime(),
  facts,
  /** Empty if no record was examined or none was found. */
  items: z
    .array(
      z.strictObject({
        facts,
        cannot: z
          .array(z.enum(['generalise', 'mask']))
          .max(2)
          .optional(),
        markings: z
          .array(z.enum(Object.keys(markings)))
          .max(8)
          .optional(),
      }),
    )
    .max(100),
  outcome: z.enum(['release', 'redact', 'deny']),
  standing: z.enum(['open', 'final']).optional(),
  /** The versions that applied, and the lists of the day: `de/bkag@2026-02-14`, `led-states@2018-05-06`. */
  policies: z.array(ref).max(100),
  lists: z.array(ref).max(100),
})
export type LoggedDecision = z.infer<typeof loggedDecisionSchema>

/** The instruments and rules of a book. A line names no others. */
export type NamesInBook = {
  readonly instruments: ReadonlySet<string>
  readonly rules: ReadonlySet<string>
}

/** Every instrument and rule of every version. */
export const namesIn = ({ policies, lists }: Book): NamesInBook => ({
  instruments: new Set(
    lists.flatMap(({ file: { instrument, arrangements = [] } }) => [
      ...(instrument === undefined ? [] : [instrument]),
      ...arrangements.map(({ id }) => id),
    ]),
  ),
  rules: new Set(policies.flatMap(({ rules }) => rules.map(({ id }) => id))),
})

/** The opened content of an entry. `decision` is the full one, not the told one. */
export type LoggedEntry = {
  readonly id: string
  readonly ts: string
  readonly facts: Facts
  readonly items: readonly Item[]
  readonly decision: Pick<Decision, 'outcome' | 'standing'>
  readonly policies: readonly PolicyRef[]
  readonly lists: readonly PolicyRef[]
}

/**
 * The line of an entry. INVARIANT (an editor sees no person): a fact passes if the vocabulary declares it and
 * its values are our words: yes and no, a value of an enumeration, a bounded number, a day, a country, an
 * agency, a name of our rules, duties or instruments. Anything else that a request, a record or an officer
 * wrote is left out, ids of items too. Derived facts are left out, to be derived again.
 */
export const loggedFactsOf = (entry: LoggedEntry, names: NamesInBook): LoggedDecision => ({
  id: entry.id,
  ts: entry.ts,
  facts: passing(entry.facts, ofRequest, names),
  items: entry.items.map((item) => ({
    facts: passing(item.facts, ofItem, names),
    ...(item.cannot === undefined ? {} : { cannot: [...item.cannot] }),
    ...(item.markings === undefined ? {} : { markings: [...item.markings] }),
  })),
  outcome: entry.decision.outcome,
  ...(entry.decision.standing === undefined ? {} : { standing: entry.decision.standing }),
  policies: entry.policies.map(named),
  lists: entry.lists.map(named),
})

const named = ({ id, version }: PolicyRef): string => `${id}@${version}`

const passes = Object.keys(factTypes).filter((name) => !isWorkedOut(name))
const ofItem = passes.filter(isRecordFact)
const ofRequest = passes.filter((name) => !isRecordFact(name))

function passing(all: Facts, of: readonly string[], names: NamesInBook): Facts {
  const passed: Record<string, FactValue> = {}
  for (const name of of) {
    const value = knownValue(name, all[name])
    const shown = value === undefined ? undefined : shownValue(name, value, names)
    if (shown !== undefined) passed[name] = shown
  }
  return passed
}

type Shown = FactValue | undefined

function shownValue(name: string, value: FactValue, names: NamesInBook): Shown {
  const fact = factTypes[name]
  const open = Object.hasOwn(openValues, name) ? openValues[name] : undefined
  if (open !== undefined) return open(value, names)
  switch (fact?.type) {
    case 'boolean':
    case 'enum':
      return value
    case 'integer':
      return Math.min(Math.max(Number(value), 0), numberMax[fact.unit] ?? 0)
    case 'list':
      // A list whose members are not declared does not pass, unless `openValues` names it.
      return fact.values === undefined ? undefined : value
    default:
      return undefined
  }
}

/**
 * Larger numbers are given as these: a very high age tells whose it is.
 * Source: 45 CFR 164.514(b)(2)(i)(C) for the years; the longest sentence that a request may state.
 */
const numberMax: Readonly<Record<string, number>> = { years: 90, months: 1200 }

const party = (value: FactValue): Shown =>
  partyPattern.test(String(value)) ? String(value) : undefined

const agency = (value: FactValue): Shown =>
  agencyId.safeParse(value).success ? String(value) : undefined

const only =
  (isOurs: (each: string, names: NamesInBook) => boolean) =>
  (value: FactValue, names: NamesInBook): Shown =>
    Array.isArray(value) ? value.filter((each) => isOurs(each, names)) : undefined

/** An instrument on no list binds nobody, so its name does not pass. */
function listed(value: FactValue, { instruments }: NamesInBook): Shown {
  return value === 'none' || instruments.has(String(value)) ? String(value) : 'unlisted'
}

/** An alert of the Schengen system by its article, as policies name it; no list has its parties. */
const alert = /^SIS-(26|32|34|36|38|40)$/

/** Facts whose type does not bound their values, and what passes of each. Other such facts are left out. */
const openValues: Readonly<Record<string, (value: FactValue, names: NamesInBook) => Shown>> = {
  asOf: String,
  'holder.agency': agency,
  'holder.jurisdiction': party,
  'requester.agency': agency,
  'requester.jurisdiction': party,
  'item.origin': (value) => (value === 'holder' ? value : party(value)),
  'request.instrument': listed,
  'item.obtainedUnder': (value, names) =>
    alert.test(String(value)) ? String(value) : listed(value, names),
  'requester.cannotHonour': only((code) => Object.hasOwn(duties, code)),
  'discretion.waived': only((rule, { rules }) => rules.has(rule)),
}
