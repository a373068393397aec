/** The clauses of a policy or list as texts, by name: what people compare. */

import type { CompiledRule, List, Policy } from '../../policy/book.ts'
import type { RoutineUse } from '../../policy/history.ts'
import { isLanguage, languageName, type Translations } from '../../policy/language.ts'
import { duties } from '../../policy/obligations.ts'
import type {
  ArrangementEntry,
  Automation,
  ListFile,
  PolicyFile,
  PolicyObligation,
  RetentionYears,
  Rule,
} from '../../policy/policy.ts'
import { confidences } from '../../policy/sentence.ts'
import { vocabulary } from '../../policy/vocabulary.ts'
import { dayWords, inWords, type Titles, valueWords } from '../../policy/words.ts'

/** Texts by the name of the clause. */
export type Texts = Readonly<Record<string, string>>

/** A part of a file: its texts, what an answer can depend on, and all of it. */
export type Part = { readonly texts: Texts; readonly decides: unknown; readonly whole: unknown }

/** What a policy applies to. */
export const scopeOf = ({ applies, file, translations }: Policy, titles: Titles): Part => ({
  texts: saidTexts(file.applies, translations, inWords(applies.logic, titles)),
  decides: inWords(applies.logic, titles),
  whole: [file.applies, applies.logic],
})

/** What a ground's silence means. */
export const silenceOf = ({ file: { otherwise }, translations }: Policy): Part | undefined =>
  otherwise && {
    texts: {
      ...saidTexts(otherwise, translations),
      consequence: otherwiseWords(otherwise).join(' '),
    },
    decides: [otherwise.code, otherwise.tell],
    whole: otherwise,
  }

/**
 * What leaves by rule alone under a ground. Each alternative keeps the number that it has in `alternatives`.
 */
export const automationOf = (
  { file: { automation }, translations }: Policy,
  alternatives: readonly (ByRule | undefined)[],
  titles: Titles,
): Part | undefined =>
  automation && {
    texts: {
      ...saidTexts(automation, translations),
      nature: ownerWords(automation),
      ...numbered('by rule alone', alternatives, (each) => ({
        ...saidTexts(each, translations, inWords(each.when, titles)),
        nature: ownerWords(each),
      })),
      consequence: automationWords(automation).join(' '),
    },
    decides: automation.byRule.map(({ when }) => inWords(when, titles)),
    whole: automation,
  }

/** One alternative by which an item leaves without an officer. */
export type ByRule = Automation['byRule'][number]

/** What a policy says about itself. */
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

/** What a list says about itself. */
export const listHead = ({ file, translations }: List): Texts => ({
  title: file.title,
  ...sentenceTexts(file.says, translations),
  instrument: file.instrument ?? 'none',
  ...commonHead(file),
})

const commonHead = (file: ListFile | Policy['file']): Texts => ({
  'what changed': file.change,
  owner: file.owner,
  'time zone': file.timeZone,
  'to be checked': (file.unchecked ?? []).join(' '),
  ...Object.fromEntries(
    Object.entries(file.translated ?? {}).flatMap(([tag, mark]) =>
      isLanguage(tag) ? [[`its ${languageName(tag)} sentences`, confidenceWords(mark)]] : [],
    ),
  ),
})

/** The texts of a rule. An exception keeps its number in `exceptions` even where an earlier one is absent. */
export function ruleTexts(
  { rule, when, readsRecord }: CompiledRule,
  exceptions: readonly (Excepted | undefined)[],
  titles: Titles,
  translations: Translations | undefined,
): Texts {
  return {
    ...saidTexts(rule, translations, inWords(when.logic, titles)),
    ...numbered('exception', exceptions, (each) => exceptionTexts(each, titles, translations)),
    consequence: thenWords(rule, readsRecord).join(' '),
    nature: natureWords(rule),
    ...(rule.testedElsewhere && { 'tested elsewhere': elsewhereWords(rule).join(' ') }),
    ...(rule.relies === undefined
      ? {}
      : { 'relies on what the requester says by': rule.relies.cites.join('; ') }),
  }
}

function exceptionTexts(
  { exception, when }: Excepted,
  titles: Titles,
  translations: Translations | undefined,
): Texts {
  const { obligations = [] } = exception
  return {
    ...saidTexts(exception, translations, inWords(when.logic, titles)),
    ...(obligations.length === 0 ? {} : { duties: obligations.map(dutyWords).join(' ') }),
  }
}

/**
 * `exception 2, condition`: the texts of several parts. A part keeps its number even where another is absent.
 */
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

type Clause = Pick<Rule, 'says' | 'cites' | 'confidence'>

const saidTexts = (
  { says, cites, confidence }: Clause,
  translations: Translations | undefined,
  condition?: string,
): Texts => ({
  ...sentenceTexts(says, translations),
  ...(condition === undefined ? {} : { condition }),
  articles: `${cites.join('; ')} (${confidenceWords(confidence)})`,
})

/** A sentence, and in which other languages it stands. */
const sentenceTexts = (says: string, translations: Translations | undefined): Texts => ({
  sentence: says,
  ...Object.fromEntries(
    Object.entries(translations?.get(says) ?? {}).flatMap(([tag, text]) =>
      isLanguage(tag) && text !== undefined ? [[`sentence in ${languageName(tag)}`, text]] : [],
    ),
  ),
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

/** `kept for 1 year`, `kept for 3 years at least, by choice`: whole years after the year of an entry. */
export function keptWords({ yearsMin, yearsMax, nature }: RetentionYears): string {
  const years = yearsMin === yearsMax || yearsMax === undefined ? yearsMin : yearsMax
  const from = years === yearsMin ? '' : `${yearsMin} to `
  const least = yearsMax === undefined ? ' at least' : ''
  const by = nature === 'choice' ? ', by choice' : ''
  return `kept for ${from}${years} ${years === 1 ? 'year' : 'years'}${least}${by}`
}

/** Who a party of an arrangement is: one state or body, or all on another list. */
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

/** What a rule does, sentence by sentence. */
export function thenWords(rule: Rule, readsRecord: boolean): readonly string[] {
  const { then } = rule
  const owed = (then.obligations ?? []).map(dutyWords)
  if (then.effect === 'oblige') return owed
  const told = 'tell' in then ? then.tell : undefined
  const refuses = then.effect !== 'permit'
  const silent = refuses && readsRecord && told === undefined
  return [
    `${effectWords(then)} [${then.code}]`,
    ...owed,
    ...(told === undefined ? [] : [`The requester may be told: ${told.cites.join('; ')}.`]),
    ...(silent ? ['The requester is not told, since it would show something of the record.'] : []),
  ]
}

function effectWords(then: Exclude<Rule['then'], { readonly effect: 'oblige' }>): string {
  if (then.effect === 'permit') return 'This is a reason to release.'
  if (then.effect === 'deny') return 'This is refused.'
  switch (then.treatment) {
    case 'withhold':
      return 'The item is withheld.'
    case 'generalise':
      return 'The item is made general, such as a date to its year.'
    case 'mask':
      return `The item is masked but for its last ${then.keepLast ?? 0} characters.`
    case 'pseudonymise':
      return 'The item is replaced by a pseudonym.'
  }
}

/** A duty, who has it, and within what time. */
export function dutyWords({ code, within, value }: PolicyObligation): string {
  const duty = duties[code]
  const text = duty?.text ?? code
  const valued = text.includes('{value}')
    ? text.replace('{value}', () => value ?? 'not stated')
    : text + (value === undefined ? '' : ` (${value})`)
  const time = within === undefined ? '' : ` Within ${durationWords(within)}.`
  return `Duty of the ${duty?.onWhom ?? 'requester'}: ${valued}${time} [${code}]`
}

function durationWords(duration: string): string {
  const number = Number.parseInt(duration.replace(/\D+/g, ''), 10)
  return `${number} ${duration.endsWith('D') ? 'day' : 'hour'}${number === 1 ? '' : 's'}`
}

/** What tests those words of a rule that its own condition does not test. */
export const elsewhereWords = ({ testedElsewhere = [] }: Rule): readonly string[] =>
  testedElsewhere.map(({ words, by }) => {
    const fact = Object.hasOwn(vocabulary, by) ? vocabulary[by] : undefined
    return `“${words}” is tested by ${fact?.label ?? by}.`
  })

/** Whether the law leaves a choice. */
export function natureWords({ nature, then }: Rule): string {
  const refuses = then.effect === 'deny' || then.effect === 'redact'
  return nature === 'discretionary' && refuses
    ? 'discretionary: the holder may waive it'
    : ownerWords({ nature })
}

/** Whether the law says so, or the owner of the policy chose it. */
export const ownerWords = ({ nature }: Pick<Rule, 'nature'>): string =>
  nature === 'choice' ? 'a choice of the owner, not of the law' : nature

/** How well the articles were checked. */
export const confidenceWords = (confidence: Rule['confidence']): string => confidences[confidence]

/** What a ground's silence does. */
export const otherwiseWords = ({
  code,
  tell,
}: NonNullable<PolicyFile['otherwise']>): readonly string[] => [
  `The item stays. [${code}]`,
  ...(tell === undefined ? [] : [`The requester may be told: ${tell.cites.join('; ')}.`]),
]

/**
 * What a ground does with items that no alternative lets leave by rule; also for a version that does not say.
 */
export const automationWords = (said: Automation | undefined): readonly string[] => [
  said === undefined
    ? 'It does not say what may leave by rule alone, so nothing does.'
    : said.byRule.length === 0
      ? 'Nothing leaves by rule alone.'
      : 'Nothing else leaves by rule alone.',
  'A named officer of the holder decides on the items that he is shown. [human-decision]',
]
