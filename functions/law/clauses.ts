/** The clauses of a policy or list as texts, by name: what people compare. */

import type { CompiledRule, Policy } from '../policy/book.ts'
import type { RoutineUse } from '../policy/history.ts'
import type {
  ArrangementEntry,
  Automation,
  ListFile,
  RetentionYears,
  Rule,
} from '../policy/policy.ts'
import { dayWords, inWords, type Titles, valueWords } from '../policy/words.ts'
import {
  automationWords,
  confidenceWords,
  dutyWords,
  elsewhereWords,
  natureWords,
  otherwiseWords,
  ownerWords,
  thenWords,
} from './rule-words.ts'

/** Texts by the name of the clause. */
export type Texts = Readonly<Record<string, string>>

/** A part of a file: its texts, what of it decides, and the whole of it. */
export type Part = { readonly texts: Texts; readonly decides: unknown; readonly whole: unknown }

/** What a policy applies to. */
export const scopeOf = ({ applies, file }: Policy, titles: Titles): Part => ({
  texts: saidTexts(file.applies, inWords(applies.logic, titles)),
  decides: inWords(applies.logic, titles),
  whole: [file.applies, applies.logic],
})

/** What a ground's silence means. */
export const silenceOf = ({ file: { otherwise } }: Policy): Part | undefined =>
  otherwise && {
    texts: { ...saidTexts(otherwise), consequence: otherwiseWords(otherwise).join(' ') },
    decides: [otherwise.code, otherwise.tell],
    whole: otherwise,
  }

/** What a ground lets go by rule alone, each alternative at its number where another has it. */
export const automationOf = (
  { file: { automation } }: Policy,
  alternatives: readonly (ByRule | undefined)[],
  titles: Titles,
): Part | undefined =>
  automation && {
    texts: {
      ...saidTexts(automation),
      nature: ownerWords(automation),
      ...numbered('by rule alone', alternatives, (each) => ({
        ...saidTexts(each, inWords(each.when, titles)),
        nature: ownerWords(each),
      })),
      consequence: automationWords(automation).join(' '),
    },
    decides: automation.byRule.map(({ when }) => inWords(when, titles)),
    whole: automation,
  }

/** One alternative by which an item leaves without an officer. */
export type ByRule = Automation['byRule'][number]

/** What a policy says of itself. */
export function headOf({ file }: Policy): Texts {
  const { transposes = {} } = file
  return {
    title: file.title,
    instrument: [file.instrument.name, file.instrument.url].filter(Boolean).join(' '),
    kind: file.repealed ? `a ${file.kind}, repealed` : `a ${file.kind}`,
    ...commonHead(file),
    ...Object.fromEntries(
      Object.entries(transposes).flatMap(([policy, articles]) =>
        Object.entries(articles).map(([rule, cites]) => [
          `its articles for ${policy}/${rule}`,
          cites.join('; '),
        ]),
      ),
    ),
  }
}

/** What a list says of itself. */
export const listHead = (file: ListFile): Texts => ({
  title: file.title,
  sentence: file.says,
  instrument: file.instrument ?? 'none',
  ...commonHead(file),
})

const commonHead = (file: ListFile | Policy['file']): Texts => ({
  'what changed': file.change,
  owner: file.owner,
  'time zone': file.timeZone,
  'to be checked': (file.unchecked ?? []).join(' '),
})

/** A rule with these exceptions, which keep their number where one of them is not there. */
export function ruleTexts(
  { rule, when, readsRecord }: CompiledRule,
  exceptions: readonly (Excepted | undefined)[],
  titles: Titles,
): Texts {
  return {
    ...saidTexts(rule, inWords(when.logic, titles)),
    ...numbered('exception', exceptions, (each) => exceptionTexts(each, titles)),
    consequence: thenWords(rule, readsRecord).join(' '),
    nature: natureWords(rule),
    ...(rule.testedElsewhere && { 'tested elsewhere': elsewhereWords(rule).join(' ') }),
    ...(rule.relies === undefined
      ? {}
      : { 'relies on what the requester says by': rule.relies.cites.join('; ') }),
  }
}

function exceptionTexts({ exception, when }: Excepted, titles: Titles): Texts {
  const { obligations = [] } = exception
  return {
    ...saidTexts(exception, inWords(when.logic, titles)),
    ...(obligations.length === 0 ? {} : { duties: obligations.map(dutyWords).join(' ') }),
  }
}

/** `exception 2, condition`: the texts of several parts, which keep their number where one is not there. */
const numbered = <T>(
  what: string,
  parts: readonly (T | undefined)[],
  textsOf: (part: T) => Texts,
): Texts =>
  Object.fromEntries(
    parts.flatMap((part, i) =>
      part === undefined
        ? []
        : Object.entries(textsOf(part)).map(([name, text]) => [`${what} ${i + 1}, ${name}`, text]),
    ),
  )

type Said = Pick<Rule, 'says' | 'cites' | 'confidence'>

const saidTexts = ({ says, cites, confidence }: Said, condition?: string): Texts => ({
  sentence: says,
  ...(condition === undefined ? {} : { condition }),
  articles: `${cites.join('; ')} (${confidenceWords(confidence)})`,
})

/** An exception with its condition checked. */
type Excepted = CompiledRule['unless'][number]

/** An entry of a list. */
export type Member = NonNullable<ListFile['members']>[number]

/** Who an entry is about. */
export const memberKey = (member: Member): string =>
  'value' in member ? member.value : `members of ${member.membersOf}`

/** `United Kingdom (GB)`, or all on another list. */
export const whoWords = (member: Member, titles: Titles): string =>
  'value' in member
    ? valueWords('requester.jurisdiction', member.value)
    : `all on the list “${titles[member.membersOf] ?? member.membersOf}”`

/** `United Kingdom (GB), from 28 June 2021 until 27 June 2025 (Decision …; read at the source)`. */
export function memberWords(member: Member, titles: Titles): string {
  const until = member.until === undefined ? '' : ` until ${dayWords(member.until)}`
  const source = `${member.cites}; ${confidenceWords(member.confidence)}`
  const kept = 'value' in member && member.kept !== undefined ? `, ${keptWords(member.kept)}` : ''
  return `${whoWords(member, titles)}, from ${dayWords(member.from)}${until}${kept} (${source})`
}

/** `kept for 1 year`, `kept for 3 years at least, by choice`: whole years after that of an entry. */
export function keptWords({ yearsMin, yearsMax, nature }: RetentionYears): string {
  const years = yearsMin === yearsMax || yearsMax === undefined ? yearsMin : yearsMax
  const from = years === yearsMin ? '' : `${yearsMin} to `
  const least = yearsMax === undefined ? ' at least' : ''
  const by = nature === 'choice' ? ', by choice' : ''
  return `kept for ${from}${years} ${years === 1 ? 'year' : 'years'}${least}${by}`
}

/** Of whom a party of an arrangement is: one state or body, or all on another list. */
const partyWords = (party: ArrangementEntry['parties'][number], titles: Titles): string => {
  const who = 'value' in party ? valueWords('requester.jurisdiction', party.value) : ''
  const agencies = 'agencies' in party && party.agencies ? ` (${party.agencies.join(', ')})` : ''
  const others = 'membersOf' in party ? `all on the list “${titles[party.membersOf]}”` : ''
  const except = 'except' in party && party.except ? ` but ${party.except.join(', ')}` : ''
  return who + agencies + others + except + spanWords(party)
}

const spanWords = ({ from, until }: { from?: string | undefined; until?: string | undefined }) =>
  (from === undefined ? '' : `, from ${dayWords(from)}`) +
  (until === undefined ? '' : `${from === undefined ? ',' : ''} until ${dayWords(until)}`)

/** What an arrangement covers, line by line. */
export function arrangementTexts(entry: ArrangementEntry, titles: Titles): Texts {
  const { channels, authorities, purposes, classes, excludes, threshold, suspensions } = entry
  const row = (name: string, values: readonly string[]) => valueWords(name, values)
  return {
    title: entry.title,
    kind: [
      entry.kind,
      entry.multilateral ? 'each party to each other' : entry.direction,
      entry.binding ? 'binding' : 'not binding',
      `safeguards: ${valueWords('arrangement.safeguards', entry.safeguards)}`,
    ].join('; '),
    parties: entry.parties.map((each) => partyWords(each, titles)).join('; '),
    channels: row('request.channel', channels),
    authorities: row('requester.authorityType', authorities),
    purposes: row('request.purpose', purposes),
    data: [
      classes === undefined ? 'all' : row('item.class', classes),
      ...(excludes === undefined ? [] : [`not ${row('item.class', excludes)}`]),
    ].join('; '),
    ...(threshold && {
      threshold: `${threshold.maxCustodyMonthsRequester} months where it is asked from`,
    }),
    duties: entry.duties.map((code) => dutyWords({ code })).join(' '),
    days: `in force${spanWords(entry)}`,
    ...(suspensions && { suspended: suspensions.map(spanWords).join('; ') }),
    articles: `${entry.cites} (${confidenceWords(entry.confidence)})`,
  }
}

/** What a holder's notice lets it give: `US-FBI, a national system: …, from 1 August 2001 (…)`. */
export const routineUseWords = (each: RoutineUse): string =>
  `${each.agency}, ${valueWords('item.system', each.system)}: ${valueWords('item.routineUse', each.use)}` +
  `${spanWords(each)} (${each.cites}; ${confidenceWords(each.confidence)})`

/** A field that a record may have. */
type Element = NonNullable<ListFile['elements']>[number]

/** `nc:PersonFullName: identification data, holding text`. */
export const elementWords = (element: Element): string =>
  `${element.value}: ${element.class.map((each) => valueWords('item.class', each)).join(' or ')}, holding ${element.holds}`
