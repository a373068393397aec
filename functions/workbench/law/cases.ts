/** Test files of policies: cases that a lawyer states, and whether the policies answer them so. */

import * as z from 'zod'
import { type Decision, decide } from '../../decision/decide.ts'
import { type Facts, type Item, unattested, unattestedOfItem } from '../../decision/facts.ts'
import { arrangementsOn, byPrecedence } from '../../policy/arrangement.ts'
import type { InForce } from '../../policy/history.ts'
import { arrangementSchema } from '../../policy/policy.ts'

// The schema for editors knows these parts by these names.
const facts = z.record(z.string(), z.unknown()).meta({ id: 'facts' })
const itemFacts = z.record(z.string(), z.unknown()).meta({ id: 'itemFacts' })
const item = z.looseObject({ id: z.string() }).meta({ id: 'item' })
const names = z.array(z.string())
/** Arrangements that a case imagines: they are in force on any day, in place of those on the list. */
const arrangements = z.array(arrangementSchema).max(20).optional()

/** One case: what differs from `given`, and what the law wants. */
export const caseSchema = z.strictObject({
  /** The guarantee, as a sentence. */
  name: z.string().min(8),
  /** What the expectation rests on. */
  note: z.string().optional(),
  asOf: z.iso.date().optional(),
  /** What differs from `given`; null makes a fact unknown. */
  facts: facts.optional(),
  items: z.array(item).optional(),
  arrangements,
  expect: z.strictObject({
    outcome: z.enum(['release', 'redact', 'deny']),
    standing: z.enum(['open', 'final']).optional(),
    /** Rules, reason codes, articles, duties and missing facts that must be among the answer's. */
    because: names.optional(),
    codes: names.optional(),
    cites: names.optional(),
    obligations: names.optional(),
    missing: names.optional(),
    /** Rules, articles and duties that must not be among the answer's. */
    notBecause: names.optional(),
    notCites: names.optional(),
    notObligations: names.optional(),
    /** Duties in full: each must be among the answer's, with the fields that are stated here. */
    duties: z
      .array(
        z.strictObject({
          code: z.string(),
          value: z.string().optional(),
          due: z.string().optional(),
          cites: names.optional(),
        }),
      )
      .optional(),
    /** The deadline for an answer, as a duration: `PT8H`. */
    answerBy: z.string().optional(),
    /** Treatment by item id. */
    items: z.record(z.string(), z.string()).optional(),
  }),
})

/** A test file: facts that all cases share, and the cases. */
export const caseFileSchema = z.strictObject({
  $schema: z.string().optional(),
  /** The version that the cases are about; absent in a scenario across policies. */
  about: z.string().optional(),
  asOf: z.iso.date(),
  /** Facts that every case shares; an item's keys are its `item.*` facts. */
  given: z.strictObject({ facts, item: itemFacts, arrangements }),
  cases: z.array(caseSchema),
})
export type CaseFile = z.infer<typeof caseFileSchema>
/** One case. */
export type Case = CaseFile['cases'][number]

/** An item of a file (`{ id, class, role, … }`) with its keys as `item.*` facts. */
export function itemOf(stated: Readonly<Record<string, unknown>>): Item {
  const { id, ...rest } = stated
  return {
    id: String(id),
    facts: {
      ...unattestedOfItem,
      ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [`item.${key}`, value])),
    },
  }
}

/** What a case states: facts, items, and any arrangements that it imagines. */
type CaseInput = {
  readonly asOf: string
  readonly facts: Facts
  readonly items: readonly Item[]
  readonly arrangements?: z.infer<typeof arrangements>
}

/** The facts and items of a case. */
export function inputOf(file: CaseFile, each: Case): CaseInput {
  const asOf = each.asOf ?? file.asOf
  return {
    asOf,
    facts: { asOf, ...unattested, ...file.given.facts, ...each.facts },
    items: (each.items ?? [{ id: '1' }]).map((item) => itemOf({ ...file.given.item, ...item })),
    arrangements: each.arrangements ?? file.given.arrangements,
  }
}

/**
 * Decides what a case states. An item that names its `element` keeps its class only if that day's field
 * dictionary gives the element such a class, as with a fetched record.
 */
export function decideCase(
  now: InForce,
  { facts, items, arrangements: imagined }: Omit<CaseInput, 'asOf'>,
): Decision {
  const classed = items.map((item): Item => {
    const { 'item.element': name, ...rest } = item.facts
    if (typeof name !== 'string') return item
    const element = Object.hasOwn(now.elements, name) ? now.elements[name] : undefined
    const known = element?.classes.includes(String(rest['item.class']))
    return { ...item, facts: known ? rest : { ...rest, 'item.class': undefined } }
  })
  return decide(imagining(now, imagined), facts, classed)
}

/** What is in force, with the arrangements that a case imagines in place of those on the list. */
export function imagining(now: InForce, imagined: CaseInput['arrangements']): InForce {
  if (imagined === undefined) return now
  const isGood = () => true
  const listed = arrangementsOn(imagined, isGood, (list) => now.lists[list])
  return { ...now, arrangements: listed.toSorted(byPrecedence) }
}

/** What a case expected and did not get, one sentence each; empty if it passes. */
export function failures(each: Case, decision: Decision): readonly string[] {
  const { expect } = each
  const wrong: string[] = []
  if (decision.outcome !== expect.outcome)
    wrong.push(`the outcome is ${decision.outcome}, not ${expect.outcome}`)
  if (expect.standing !== undefined && decision.standing !== expect.standing)
    wrong.push(`the standing is ${decision.standing ?? 'none'}, not ${expect.standing}`)
  if (expect.answerBy !== undefined && decision.answerBy !== expect.answerBy)
    wrong.push(`the deadline is ${decision.answerBy ?? 'none'}, not ${expect.answerBy}`)
  const among = (what: string, got: readonly string[], wanted: readonly string[] = []) => {
    for (const name of wanted)
      if (!got.includes(name)) wrong.push(`${what} \`${name}\` is not among ${list(got)}`)
  }
  const absent = (what: string, got: readonly string[], unwanted: readonly string[] = []) => {
    for (const name of unwanted) if (got.includes(name)) wrong.push(`${what} \`${name}\` is there`)
  }
  const rules = decision.reasons.map(({ rule }) => rule)
  const articles = decision.reasons.flatMap(({ cites }) => cites)
  const duties = decision.obligations.map(({ code }) => code)
  among('the rule', rules, expect.because)
  absent('the rule', rules, expect.notBecause)
  among(
    'the reason',
    decision.reasons.map(({ code }) => code),
    expect.codes,
  )
  among('the article', articles, expect.cites)
  const ofDuties = decision.obligations.flatMap(({ cites }) => cites)
  absent('the article', [...articles, ...ofDuties], expect.notCites)
  among('the duty', duties, expect.obligations)
  absent('the duty', duties, expect.notObligations)
  among('the missing fact', decision.missing, expect.missing)
  for (const { code, value, due, cites = [] } of expect.duties ?? []) {
    const same = decision.obligations.some(
      (each) =>
        each.code === code &&
        (value === undefined || each.value === value) &&
        (due === undefined || each.due === due) &&
        cites.every((cite) => each.cites.includes(cite)),
    )
    const wanted = [code, value, due, ...cites].filter((each) => each !== undefined)
    const got = decision.obligations
      .filter((each) => each.code === code)
      .map((each) => [each.code, each.value, each.due, ...each.cites].filter(Boolean).join(', '))
    if (!same) wrong.push(`the duty \`${wanted.join(', ')}\` is not among ${list(got)}`)
  }
  for (const [id, treatment] of Object.entries(expect.items ?? {})) {
    const got = decision.items.find((item) => item.id === id)?.treatment.kind ?? 'not asked'
    if (got !== treatment) wrong.push(`item ${id}: the treatment is ${got}, not ${treatment}`)
  }
  return wrong
}

const list = (names: readonly string[]) =>
  names.length === 0 ? 'none' : [...new Set(names)].map((name) => `\`${name}\``).join(', ')

/** A request for one item, on a day. */
type Start = { readonly asOf: string; readonly facts: Facts; readonly item: Facts }

/** Police in the United States ask for one item on a suspect, in an ordinary, necessary matter. */
export const benignStart = (holder: string, asOf: string): Start => ({
  asOf,
  facts: {
    'holder.agency': `${holder}-POL`,
    'holder.jurisdiction': holder,
    'requester.jurisdiction': 'US',
    'requester.agency': 'US-POL',
    'requester.authorityType': 'police',
    'requester.cannotHonour': [],
    'request.channel': 'bilateral',
    'request.instrument': 'none',
    'request.manyPersons': false,
    'request.redescribed': false,
    'request.unasked': false,
    'request.restsOn': [],
    'request.purpose': 'investigation',
    'request.notice': 'none',
    'request.noticeStatus': 'active',
    'arrangement.unlisted': 'not-asked',
    'request.urgency': 'none',
    'request.stage': 'suspect',
    'request.offence.category': 'ordinary',
    'request.offence.maxCustodyMonthsRequester': 60,
    'request.offence.character': 'ordinary',
    'request.offence.isOffenceForHolder': true,
    'request.offence.maxCustodyMonthsHolder': 60,
    'request.offence.deathPenaltyAvailable': false,
    'threat.publicSecurity': 'none',
    'threat.life': 'none',
    'necessity.case': 'necessary',
    'use.compatible': 'not-asked',
    'necessity.strictClasses': [],
    'necessity.victimIdentity': false,
    'assurance.deathPenalty': 'none',
    'assurance.reciprocity': 'none',
    'assurance.specialty': 'none',
    'approval.minister': 'not-asked',
    'approval.court': 'not-asked',
    'consent.person': 'not-asked',
    'match.confirmation': 'none',
    'transfer.assessment': 'none',
    'transfer.derogation': 'none',
    'transfer.rightsOverride': 'not-weighed',
    'transfer.caseCheck': 'clean',
    'discretion.waived': [],
    'release.decision': 'release',
    'risk.torture': 'none',
    'risk.mitigation': 'not-determined',
    'risk.persecution': 'none',
    'risk.unfairTrial': 'none',
  },
  item: {
    'item.class': 'identification',
    'item.redescribed': false,
    'item.foundAgainst': false,
    'item.role': 'suspect',
    'item.minor': false,
    'item.ageAtEvent': 35,
    'item.origin': 'holder',
    'item.originConsent': 'own-data',
    'item.system': 'national',
    'item.obtainedUnder': 'none',
    'item.indicatesOffence': 'yes',
    'item.quality': 'verified',
    'item.status': 'active',
    'item.youthRecord': 'none',
    'item.yearsSinceEvent': 1,
    'item.yearsSinceValidation': 1,
  },
})
