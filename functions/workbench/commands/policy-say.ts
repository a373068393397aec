/** `comity policy say`: each rule as a sentence, its condition in words and its articles. */

import type { Command } from 'commander'
import type { List, Policy } from '../../policy/book.ts'
import { inForce } from '../../policy/history.ts'
import { inOwners, lacking } from '../../policy/language.ts'
import type { Logic } from '../../policy/policy.ts'
import type { Confidence } from '../../policy/sentence.ts'
import { inWords, type Titles, wordLines } from '../../policy/words.ts'
import { beside, printed, screen, wrap } from '../../terminal/columns.ts'
import { misuse } from '../../terminal/exit.ts'
import { paint, section } from '../../terminal/say.ts'
import {
  automationWords,
  confidenceWords,
  dutyWords,
  elsewhereWords,
  natureWords,
  otherwiseWords,
  ownerWords,
  thenWords,
} from '../law/clauses.ts'
import { type Chosen, choose, noSuch, readLaw, titlesOf, wholeBook } from './choose.ts'

/** Adds `say` to `comity policy`. */
export function addPolicySay(policy: Command, folder: string): void {
  policy
    .command('say')
    .description('Read policies in words: the sentence, the condition and the articles.')
    .argument('[policies...]', 'files, or ids such as de/bkag or de/bkag@2026-02-14')
    .option('--rule <id>', 'only this rule')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nWithout a name it says every policy that is in force today.')
    .action((names: string[], options: { readonly rule?: string; readonly json?: true }) => {
      const now = new Date().toISOString()
      const law = readLaw(folder)
      const book = names.length === 0 ? wholeBook(law) : law.book
      const all =
        names.length === 0
          ? inForce(book, now, now).policies
          : names.map((name) => policyOf(choose(law, name, now)))
      const titles = titlesOf(book)
      const chosen = all.map((each) => onlyRule(each, options.rule)).filter(({ keep }) => keep)
      const known = all.flatMap((policy) => policy.rules.map(({ rule }) => rule.id))
      if (chosen.length === 0) throw noSuch('rule', options.rule ?? '', known)
      const said = chosen.map((each) => sayJson(each, titles))
      printed(options.json, said, () =>
        chosen.flatMap((each, i) => [
          ...(i > 0 ? ['', ''] : []),
          ...sayLines(each, titles, screen()),
        ]),
      )
    })
}

type Part = { readonly policy: Policy; readonly rules: Policy['rules']; readonly whole: boolean }

function policyOf(chosen: Chosen): Policy {
  if (chosen.kind === 'policy') return chosen.version
  throw misuse(
    `\`${chosen.name}\` is a list; \`comity policy timeline\` shows who is on it, and when`,
  )
}

function onlyRule(policy: Policy, id: string | undefined): Part & { readonly keep: boolean } {
  if (id === undefined) return { policy, rules: policy.rules, whole: true, keep: true }
  const rules = policy.rules.filter(({ rule }) => rule.id === id)
  return { policy, rules, whole: false, keep: rules.length > 0 }
}

/** One policy as people read it, in `width` columns. */
export function sayLines({ policy, rules, whole }: Part, titles: Titles, width: number) {
  const { file } = policy
  const row = (said: Row) => rowLines(said, policy, titles, width)
  const lines = (all: readonly string[]) => all.flatMap((line) => wrap(line, width))
  const sealed =
    policy.sealedAt === undefined ? 'a draft' : `sealed ${policy.sealedAt.slice(0, 10)}`
  const head = [
    paint('bold', file.title),
    paint('dim', `${policy.id}@${policy.version}, a ${file.kind}, ${sealed}`),
  ]
  if (!whole)
    return [...head, ...rules.flatMap((each) => ['', ...ruleLines(each, policy, titles, width)])]
  return [
    ...head,
    ...lines([file.instrument.name, `What changed: ${file.change}`]),
    ...(file.repealed ? ['Repealed: it grounds nothing and limits nothing from its day on.'] : []),
    '',
    paint('bold', 'applies'),
    ...row(file.applies),
    ...rules.flatMap((each) => ['', ...ruleLines(each, policy, titles, width)]),
    ...(file.otherwise === undefined
      ? []
      : [
          '',
          paint('bold', 'where no rule permits'),
          ...row(file.otherwise),
          ...lines(otherwiseWords(file.otherwise).map((line) => `  → ${line}`)),
          '',
          ...automationLines(policy, titles, width),
        ]),
    '',
    ...section(
      'To be checked by counsel',
      lines((file.unchecked ?? []).map((each) => `- ${each}`)),
    ),
    ...lines([
      'Where a fact is not known, a refusal counts, and a permission or an exception does not.',
      file.notice,
    ]).map((line) => paint('dim', line)),
  ]
}

/** What a ground lets go by rule alone, and what it reserves to a person. */
function automationLines(policy: Policy, titles: Titles, width: number) {
  const said = policy.file.automation
  return [
    `${paint('bold', 'who decides')}${said === undefined ? '' : ` ${paint('dim', `(${ownerWords(said)})`)}`}`,
    ...(said === undefined ? [] : rowLines(said, policy, titles, width)),
    ...(said?.byRule ?? []).flatMap((each) => [
      `  ${paint('bold', 'by rule alone')} ${paint('dim', `(${ownerWords(each)})`)}`,
      ...rowLines(each, policy, titles, width),
    ]),
    ...automationWords(said).flatMap((line) => wrap(`  → ${line}`, width)),
  ]
}

function ruleLines(
  { rule, unless, readsRecord }: Part['rules'][number],
  policy: Policy,
  titles: Titles,
  width: number,
) {
  const arrows = (all: readonly string[]) => all.flatMap((line) => wrap(`  → ${line}`, width))
  return [
    `${paint('bold', rule.id)} ${paint('dim', `(${natureWords(rule)})`)}`,
    ...rowLines(rule, policy, titles, width),
    ...(rule.relies === undefined
      ? []
      : arrows([`It relies on what the requester says, by ${rule.relies.cites.join('; ')}.`])),
    ...arrows(elsewhereWords(rule)),
    ...arrows(thenWords(rule, readsRecord)),
    ...unless.flatMap(({ exception }) => [
      paint('bold', '  unless'),
      ...rowLines(exception, policy, titles, width),
      ...arrows((exception.obligations ?? []).map(dutyWords)),
    ]),
  ]
}

type Row = {
  readonly says: string
  readonly cites: readonly string[]
  readonly confidence: Confidence
  readonly when?: Logic
}

/** Sentence, condition and articles side by side; below each other on a narrow screen. */
function rowLines(
  { says, when, cites, confidence }: Row,
  policy: Policy,
  titles: Titles,
  width: number,
) {
  const sentence = sentenceLines(says, policy)
  const condition = when === undefined ? [] : wordLines(when, titles)
  const articles = [...cites, `(${confidenceWords(confidence)})`]
  if (width < 80)
    return [
      sentence,
      condition.map((line) => `  ${line}`),
      [`  ${cites.join('; ')} (${confidenceWords(confidence)})`],
    ].flatMap((cell) => cell.flatMap((line) => wrap(`  ${line}`, width)))
  const left = Math.floor((width - 8) * 0.28)
  const right = Math.floor((width - 8) * 0.25)
  const widths = [left, width - 8 - left - right, right]
  return beside([sentence, condition, articles], widths).map((line) => `  ${line}`)
}

/** A sentence in its owner's language, if it stands in it, and then in English. */
export function sentenceLines(says: string, version: Policy | List): readonly string[] {
  const own = inOwners(says, version)
  const none = lacking(says, version)
  return [...(own ? [own.says] : []), says, ...(none ? [`(${none})`] : [])]
}

/** One policy as programs read it. */
export function sayJson({ policy, rules }: Part, titles: Titles) {
  const { file } = policy
  const row = <T extends Row & { readonly when: Logic }>({ says, cites, confidence, when }: T) => ({
    says,
    ...(policy.translations && { translations: policy.translations.get(says) ?? {} }),
    cites,
    confidence,
    words: inWords(when, titles),
  })
  return {
    id: policy.id,
    version: policy.version,
    sealedAt: policy.sealedAt ?? null,
    title: file.title,
    kind: file.kind,
    instrument: file.instrument,
    change: file.change,
    unchecked: file.unchecked ?? [],
    applies: row(file.applies),
    rules: rules.map(({ rule, readsRecord }) => ({
      id: rule.id,
      ...row(rule),
      nature: rule.nature,
      unless: (rule.unless ?? []).map((each) => ({
        ...row(each),
        duties: (each.obligations ?? []).map(dutyWords),
      })),
      ...(rule.testedElsewhere && { testedElsewhere: rule.testedElsewhere }),
      consequence: rule.then,
      consequences: thenWords(rule, readsRecord),
    })),
    ...(file.otherwise === undefined ? {} : { otherwise: file.otherwise }),
    ...(file.automation === undefined
      ? {}
      : {
          automation: {
            ...file.automation,
            byRule: file.automation.byRule.map((each) => ({ ...row(each), nature: each.nature })),
          },
        }),
  }
}
