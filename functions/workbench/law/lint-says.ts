/**
 * A permit must test what it says. If its sentence or its articles name a condition, its `when` tests that
 * condition, or the file says what else does.
 */

import type { CompiledRule, List, Policy } from '../../policy/book.ts'
import { application, namesOf, variable } from '../../policy/logic.ts'
import type { Logic, Rule } from '../../policy/policy.ts'
import { didYouMean } from '../../policy/suggest.ts'
import { vocabulary } from '../../policy/vocabulary.ts'
import { at, type Severity, type TakeNote } from './finding.ts'
import { sometimes } from './lint-conditions.ts'
import { listOf, objectOf, textOf } from './lint-file.ts'

/** Words that name a condition, and what tests it. */
type Named = {
  readonly words: RegExp
  /** Facts of which any one tests it; `lists` means any shared list. */
  readonly tests: readonly string[]
  /** Matches the title or sentence of the shared lists that test it. */
  readonly lists?: RegExp
  /** By fact: when it is lacking, so that the permit may not hold by this fact. */
  readonly lacking?: Readonly<Record<string, Logic>>
  /** Whether the words count only if no other words are found beside them. */
  readonly unlessNamed?: true
  /** Whether refusals are checked, too. */
  readonly anyRule?: true
}

const isOne = (name: string, ...values: readonly string[]): Logic => ({
  in: [{ var: name }, values],
})

const numbers =
  'one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|fifty|hundred'

const direct = { 'request.channel': isOne('request.channel', 'bilateral') }

const named: readonly Named[] = [
  {
    words:
      /\b(?:arrangements?|agreements?|treat(?:y|ies)|conventions?|protocols?|memorand(?:um|a))\b/gi,
    tests: ['arrangement.covers', 'arrangement.safeguards', 'arrangement.unlisted'],
    lists: /\b(?:agreements?|treat(?:y|ies)|conventions?)\b/i,
    lacking: {
      'arrangement.covers': isOne('arrangement.covers', 'none'),
      'arrangement.safeguards': isOne('arrangement.safeguards', 'none'),
      'arrangement.unlisted': isOne('arrangement.unlisted', 'not-asked', 'refused'),
    },
  },
  {
    words: /\b(?:through|INTERPOL|SIENA|SIRENE|channels?)\b/gi,
    tests: ['request.channel', 'holder.agency'],
    lacking: { ...direct, 'holder.agency': isOne('holder.agency', 'ZZ-OTHER') },
  },
  {
    words: /\b(?:approv\w+|authori[sz]ed?\b(?! by (?:law|another))|granted|agreed|consent\w*)/gi,
    tests: [
      'approval.minister',
      'approval.court',
      'consent.person',
      'item.originConsent',
      'request.offence.character',
    ],
    lists: /\bapproved\b/i,
    lacking: {
      'approval.minister': isOne('approval.minister', 'not-asked', 'refused'),
      'approval.court': isOne('approval.court', 'not-asked', 'refused'),
      'consent.person': isOne('consent.person', 'not-asked', 'refused'),
      'item.originConsent': isOne('item.originConsent', 'not-asked', 'refused'),
    },
  },
  {
    words: /\bin (?:this|the single|the individual|an individual|each) case\b/gi,
    tests: [
      ...['transfer.derogation', 'transfer.rightsOverride', 'transfer.caseCheck'],
      ...['arrangement.unlisted', 'item.indicatesOffence'],
    ],
  },
  {
    words: /\broutine uses?\b/gi,
    tests: ['item.routineUse'],
    lacking: { 'item.routineUse': isOne('item.routineUse', 'none') },
  },
  {
    words: /\bunder (?:an?|the|its|their) \w+/gi,
    tests: [
      ...['arrangement.covers', 'arrangement.unlisted', 'item.routineUse', 'request.channel'],
      ...['instrument.inForce', 'approval.minister', 'approval.court', 'lists'],
    ],
    unlessNamed: true,
  },
  {
    words: new RegExp(`\\b(?:\\d+|${numbers})[ -](?:years?|months?)\\b`, 'gi'),
    tests: Object.keys(vocabulary).filter((name) =>
      ['integer', 'day'].includes(vocabulary[name]?.type ?? ''),
    ),
    anyRule: true,
  },
]

/** Text to remove before looking for words: to say that something is not needed names no condition. */
const unneeded =
  /\bwith an? \w+ or without one\b|\bwithout (?:an?|any|one)\b[^,.;:]*|\bbeyond\b[^,.;:]*/gi

/** What the words of a file are held against. */
type InForceToCome = {
  /** The newest version of each policy, and of each list. */
  readonly policies: readonly Policy[]
  readonly lists: readonly Pick<List, 'id' | 'file'>[]
}

/** Notes each condition that a rule names and does not test. `texts` are the rules as they are written. */
export function lintSays(
  policy: Policy,
  texts: readonly unknown[],
  known: InForceToCome,
  severity: Severity,
  note: TakeNote,
): void {
  for (const [i, rule] of policy.rules.entries()) {
    const { effect } = rule.rule.then
    const said = objectOf(texts[i])
    const says = textOf(said.says)
    const cites = listOf(said.cites).map(textOf)
    const elsewhere = listOf(said.testedElsewhere)
      .map(objectOf)
      .map(({ words, by }) => ({ words: textOf(words), by: textOf(by) }))
    lintElsewhere(elsewhere, [says, ...cites], policy, i, known, note)
    const covered = elsewhere.map(({ words }) => words.toLowerCase())
    const places = [
      { text: says, place: at('rules', i, 'says') },
      // The articles of a refusal name why it refuses, not what it waits for.
      ...(effect === 'permit'
        ? cites.map((text, j) => ({ text, place: at('rules', i, 'cites', j) }))
        : []),
    ]
    const hits = ({ words }: Named) =>
      places.flatMap(({ text, place }) =>
        wordsIn(text, words).map((each) => ({ words: each, place })),
      )
    const isNamed = named.some((each) => !each.unlessNamed && hits(each).length > 0)
    for (const each of named) {
      if (effect === 'oblige' || (effect !== 'permit' && !each.anyRule)) continue
      const hit = hits(each).find(
        ({ words }) => !covered.some((all) => all.includes(words.toLowerCase())),
      )
      if (hit === undefined || isTested(rule, each, known.lists)) continue
      if (each.unlessNamed && isNamed) continue
      note(
        hit.place,
        'untested',
        `\`${hit.words}\` names a condition that \`when\` does not test`,
        `test ${each.tests.slice(0, 3).map(quoted).join(' or ')}; ${orSay}`,
        severity,
      )
    }
    if (effect === 'permit' && isByClaim(rule.when.logic))
      note(
        at('rules', i, 'when'),
        'by-instrument',
        'that an instrument is claimed and binds both lets this go, whatever it covers',
        'test `arrangement.covers`; an instrument in force may displace a rule or bring a duty',
        severity,
      )
  }
}

const orSay = 'or say in `testedElsewhere` which rule or fact does'
const quoted = (name: string): string => `\`${name}\``

const wordsIn = (text: string, words: RegExp): readonly string[] =>
  [...text.replace(unneeded, '').matchAll(words)].map(([each]) => each)

/**
 * Whether a rule reads a fact that tests the named condition, and cannot hold where all such facts are
 * lacking. Words may name alternatives (“over INTERPOL, or with consent”), so all are lacking together.
 */
function isTested(
  { when, reads }: CompiledRule,
  { tests, lists, lacking = {} }: Named,
  all: InForceToCome['lists'],
): boolean {
  const ofLists = when.lists.filter(
    (id) =>
      tests.includes('lists') ||
      all.some(({ id: own, file }) => own === id && lists?.test(`${file.title} ${file.says}`)),
  )
  if (ofLists.length > 0) return true
  if (!tests.some((name) => reads.includes(name))) return false
  if (!when.facts.some((name) => Object.hasOwn(lacking, name))) return true
  const nothing = named.flatMap((each) =>
    Object.entries(each.lacking ?? {}).flatMap(([name, logic]) =>
      when.facts.includes(name) ? [logic] : [],
    ),
  )
  return !sometimes([when.logic, ...nothing], (answers) => answers.every(Boolean))
}

/** Whether a condition holds only because an instrument is in force, with nothing arranged. */
function isByClaim(when: Logic): boolean {
  const names = namesOf(when)
  if (!names.includes('instrument.inForce')) return false
  const arranged = named[0]?.lacking ?? {}
  const read = Object.entries(arranged).filter(([name]) => names.includes(name))
  if (read.length === 0) return true
  return sometimes(
    [when, withoutInstrument(when), ...read.map(([, logic]) => logic)],
    ([holds, holdsAnyway, ...lacking]) => holds === true && !holdsAnyway && lacking.every(Boolean),
  )
}

/** A condition as it reads where no instrument is in force between the two countries. */
function withoutInstrument(logic: Logic): Logic {
  const [operator, operands] = application(logic)
  const [left, right] = operands
  if (operator === 'and' || operator === 'or' || operator === '!')
    return { [operator]: operands.map(withoutInstrument) }
  if (variable(left) !== 'instrument.inForce') return logic
  if (operator === 'in') return [right].flat().includes('none')
  return (operator === '===') === (right === 'none')
}

/** Notes a `testedElsewhere` whose words are not in the rule, or whose rule or fact does not test them. */
function lintElsewhere(
  elsewhere: NonNullable<Rule['testedElsewhere']>,
  texts: readonly string[],
  policy: Policy,
  i: number,
  { policies }: InForceToCome,
  note: TakeNote,
): void {
  for (const [j, { words, by }] of elsewhere.entries()) {
    const place = (name: string) => at('rules', i, 'testedElsewhere', j, name)
    if (!texts.some((text) => text.toLowerCase().includes(words.toLowerCase())))
      note(
        place('words'),
        'tested-elsewhere',
        `\`${words}\` stands neither in the sentence nor in the articles`,
        'write the words as they stand there, or take this away',
      )
    if (Object.hasOwn(vocabulary, by)) {
      const own = [policy.applies, ...(policy.rules[i]?.when ? [policy.rules[i].when] : [])]
      if (!own.some(({ facts }) => facts.includes(by)))
        note(
          place('by'),
          'tested-elsewhere',
          `neither \`applies\` nor \`when\` reads \`${by}\``,
          'name a fact that one of them reads, or a rule that refuses without it',
        )
      continue
    }
    const refusals = [policy, ...policies.filter(({ id }) => id !== policy.id)].flatMap(
      ({ id, rules }) =>
        rules
          .filter(({ rule }) => rule.then.effect === 'deny' || rule.then.effect === 'redact')
          .flatMap(({ rule }) => [`${id}/${rule.id}`, ...(id === policy.id ? [rule.id] : [])]),
    )
    if (!refusals.includes(by))
      note(
        place('by'),
        'tested-elsewhere',
        `\`${by}\` is no fact, and no rule that refuses`,
        didYouMean(by, [...refusals, ...Object.keys(vocabulary)]) ??
          'name a rule of this file, another as `eu/led-data/quality`, or a fact',
      )
  }
}
