/** `comity policy compare`: one matter across jurisdictions and bodies, side by side. */

import type { Command } from 'commander'
import type { CompiledRule, Policy } from '../../policy/book.ts'
import { type InForce, inForce } from '../../policy/history.ts'
import type { Rule } from '../../policy/policy.ts'
import { confidences } from '../../policy/sentence.ts'
import { dayWords, folderWords, inWords, type Titles, wordLines } from '../../policy/words.ts'
import { beside, printed, screen, wrap } from '../../terminal/columns.ts'
import { paint } from '../../terminal/say.ts'
import { dutyWords } from '../law/clauses.ts'
import { readLaw, titlesOf, wholeBook } from './choose.ts'

type Topic = {
  readonly title: string
  /** A rule is about the topic if it has one of these reason codes, facts or duties. */
  readonly codes: readonly string[]
  readonly facts: readonly string[]
  readonly duties: readonly string[]
}

const topics: Readonly<Record<string, Topic>> = {
  'death-penalty': {
    title: 'The death penalty',
    codes: ['death-penalty'],
    facts: ['request.offence.deathPenaltyAvailable', 'assurance.deathPenalty'],
    duties: ['O-DP'],
  },
  minors: {
    title: 'Minors',
    codes: ['minor'],
    facts: ['item.minor', 'item.ageAtEvent', 'item.youthRecord'],
    duties: ['O-MINOR'],
  },
  'onward-transfer': {
    title: "Onward transfer: by the recipient, and of another state's data",
    codes: ['origin-consent'],
    facts: ['item.originConsent', 'item.origin'],
    duties: ['O-ONWARD'],
  },
  'special-categories': {
    title: 'Special categories of data',
    codes: ['special-category'],
    facts: ['necessity.strictClasses'],
    duties: [],
  },
  seriousness: {
    title: 'Seriousness of the offence',
    codes: ['seriousness'],
    facts: [
      'request.offence.maxCustodyMonthsHolder',
      'request.offence.maxCustodyMonthsRequester',
      'request.offence.isOffenceForHolder',
    ],
    duties: [],
  },
}

/** Adds `compare` to `comity policy`. */
export function addPolicyCompare(policy: Command, folder: string): void {
  policy
    .command('compare')
    .description('Show what each jurisdiction and body says on one matter, as of today.')
    .addArgument(policy.createArgument('<topic>', 'the matter').choices(Object.keys(topics)))
    .option('--json', 'print as JSON')
    .action((name: string, options: { readonly json?: true }) => {
      const topic = topics[name]
      if (topic === undefined) return
      const book = wholeBook(readLaw(folder))
      const now = new Date().toISOString()
      const voices = voicesOn(topic, inForce(book, now, now))
      const titles = titlesOf(book)
      printed(options.json, compareJson(name, voices, titles, now), () =>
        compareLines(topic, voices, titles, now, screen()),
      )
    })
}

/** What one folder says: its own rules, and its own articles for rules of others. */
type Voice = {
  readonly folder: string
  readonly rules: readonly CompiledRule[]
  readonly transposed: readonly { readonly rule: CompiledRule; readonly cites: readonly string[] }[]
}

/** Every jurisdiction and body with a policy in force, whether or not it has a rule on the topic. */
function voicesOn(topic: Topic, { policies }: InForce): readonly Voice[] {
  const about = policies.flatMap(({ rules }) => rules.filter((rule) => isAbout(topic, rule)))
  return [...Map.groupBy(policies, ({ folder }) => folder)].map(([folder, own]) => ({
    folder,
    rules: own.flatMap(({ rules }) => rules.filter((rule) => about.includes(rule))),
    transposed: own.flatMap((each) => transposedBy(each, about)),
  }))
}

function isAbout(topic: Topic, { rule, when, unless }: CompiledRule): boolean {
  const { then } = rule
  const facts = [when, ...unless.map((each) => each.when)].flatMap((each) => each.facts)
  const owed = [
    then.obligations ?? [],
    ...(rule.unless ?? []).map((each) => each.obligations ?? []),
  ]
  return (
    ('code' in then && topic.codes.includes(then.code)) ||
    facts.some((fact) => topic.facts.includes(fact)) ||
    owed.flat().some(({ code }) => topic.duties.includes(code))
  )
}

function transposedBy({ file }: Policy, about: readonly CompiledRule[]): Voice['transposed'] {
  const articles = Object.entries(file.transposes ?? {})
  return about.flatMap((rule) =>
    articles.flatMap(([policy, byRule]) => {
      const cites = rule.id === `${policy}/${rule.rule.id}` ? byRule[rule.rule.id] : undefined
      return cites === undefined ? [] : [{ rule, cites }]
    }),
  )
}

/** Rules with the same conditions and the same effect, in whatever words. */
type Alike = { readonly first: CompiledRule; readonly rules: readonly CompiledRule[] }

function compareLines(
  topic: Topic,
  voices: readonly Voice[],
  titles: Titles,
  now: string,
  width: number,
) {
  const alike = Map.groupBy(
    voices.flatMap(({ rules }) => rules),
    ({ rule }) =>
      JSON.stringify([effectWords(rule), rule.when, rule.unless?.map(({ when }) => when)]),
  )
  const silent = voices.filter(({ rules, transposed }) => rules.length + transposed.length === 0)
  const unsaid = silent.map(({ folder }) => folderWords(folder)).join(', ')
  const marks = Object.entries(confidences).map(([mark, meaning]) => `${mark} ${meaning}`)
  return [
    `${paint('bold', topic.title)}${paint('dim', `, as of ${dayWords(now.slice(0, 10))}`)}`,
    ...[...alike.values()].flatMap((rules) => {
      const [first] = rules
      return first === undefined ? [] : ['', ...alikeLines({ first, rules }, voices, titles, width)]
    }),
    '',
    ...(silent.length === 0 ? [] : wrap(`Nothing is said by: ${unsaid}.`, width)),
    ...[
      `Beside the articles: ${marks.join('; ')}.`,
      'An engineering reading, not legal advice.',
    ].flatMap((line) => wrap(line, width).map((each) => paint('dim', each))),
  ]
}

/** What the rules say, under which condition, who has them, and with which articles. */
function alikeLines(
  { first, rules }: Alike,
  voices: readonly Voice[],
  titles: Titles,
  width: number,
): readonly string[] {
  const { rule, unless } = first
  const rows = [
    { label: 'when', texts: wordLines(rule.when, titles) },
    ...unless.map(({ exception }) => ({
      label: 'unless',
      texts: wordLines(exception.when, titles),
    })),
    { label: effectWords(rule), texts: rules.flatMap((each) => whoLines(each, voices)) },
  ]
  const label = Math.max(...rows.map((row) => row.label.length))
  return [
    ...wrap(rule.says, width).map((line) => paint('bold', line)),
    ...rows.flatMap((row) =>
      beside([[row.label], row.texts], [label, width - label - 5]).map((line) => `  ${line}`),
    ),
  ]
}

/** Whose rule it is, and who has articles of its own for it. */
function whoLines({ id, rule }: CompiledRule, voices: readonly Voice[]): readonly string[] {
  const [folder = '', policy = ''] = id.split('/')
  const theirs = voices.flatMap(({ folder: other, transposed }) =>
    transposed
      .filter((each) => each.rule.id === id)
      .map(({ cites }) => `${folderWords(other)}: ${cites.join('; ')}`),
  )
  return [
    `${folderWords(folder)}, ${policy}, ${rule.nature}: ${rule.cites.join('; ')} (${rule.confidence})`,
    ...(theirs.length === 0 ? [] : [`  by their own articles: ${theirs.join(' · ')}`]),
  ]
}

function effectWords({ then }: Rule): string {
  switch (then.effect) {
    case 'permit':
      return 'permits'
    case 'deny':
      return 'refuses'
    case 'redact':
      return {
        withhold: 'withholds',
        generalise: 'makes general',
        mask: 'masks',
        pseudonymise: 'pseudonymises',
      }[then.treatment]
    case 'oblige':
      return `a duty (${then.obligations.map(({ code }) => code).join(', ')})`
  }
}

/** The comparison as programs read it. */
function compareJson(topic: string, voices: readonly Voice[], titles: Titles, now: string) {
  return {
    topic,
    asOf: now.slice(0, 10),
    voices: voices.map(({ folder, rules, transposed }) => ({
      folder,
      silent: rules.length + transposed.length === 0,
      rules: rules.map(({ id, rule }) => ({
        id,
        says: rule.says,
        cites: rule.cites,
        nature: rule.nature,
        confidence: rule.confidence,
        effect: rule.then.effect,
        words: inWords(rule.when, titles),
        unless: (rule.unless ?? []).map(({ says, cites, confidence, when }) => ({
          says,
          cites,
          confidence,
          words: inWords(when, titles),
        })),
        duties: (rule.then.obligations ?? []).map(dutyWords),
      })),
      transposes: transposed.map(({ rule, cites }) => ({ rule: rule.id, cites })),
    })),
  }
}
