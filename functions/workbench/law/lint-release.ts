/** Checks that a policy names the person who decides in a condition, never in a duty: that is too late. */

import type { Policy } from '../../policy/book.ts'
import { namesOf } from '../../policy/logic.ts'
import { duties } from '../../policy/obligations.ts'
import type { Logic } from '../../policy/policy.ts'
import { at, type NoteOn, type Severity, type TakeNote } from './finding.ts'
import { sometimes } from './lint-conditions.ts'
import { isLogic, listOf, objectOf, textOf } from './lint-file.ts'

const example =
  '"automation": { "says": "An officer decides on what leaves.", "cites": ["LED art. 11(1)"], ' +
  '"nature": "mandatory", "confidence": "V", "byRule": [] }'

/**
 * Notes what a policy leaves open about who decides. Versions sealed before this check existed stay readable.
 */
export function lintRelease(value: unknown, isSealed: boolean, note: TakeNote): void {
  const { kind, repealed, automation, applies, rules, unchecked } = objectOf(value)
  const severity: Severity = isSealed ? 'warning' : 'error'
  if (kind === 'ground' && repealed !== true && automation === undefined)
    note(
      at('automation'),
      'automation',
      'a ground says what may leave by rule alone, and what an officer decides',
      `add ${example}; until then nothing leaves without an officer`,
      severity,
    )
  notePromised(listOf(unchecked).map(textOf), listOf(rules), severity, note)
  const decided = (when: unknown, who: string, ...place: readonly PropertyKey[]) => {
    if (isLogic(when) && namesOf(when).includes('release.decision'))
      note(
        at(...place, 'when'),
        'decision-read',
        `${who} may not read \`release.decision\`: what an officer decides gives no basis`,
        'reserve by `automation`, or deny where it is not `release`',
      )
  }
  decided(objectOf(applies).when, 'what a policy applies to', 'applies')
  for (const [i, each] of listOf(objectOf(automation).byRule).entries()) {
    const { when, nature, cites } = objectOf(each)
    decided(when, 'what leaves by rule alone', 'automation', 'byRule', i)
    if (when === true && nature !== 'choice' && !listOf(cites).some(isArticle))
      note(
        at('automation', 'byRule', i),
        'automation',
        'everything leaves by rule alone, and no article says so',
        'cite the article that lets it go, or write `"nature": "choice"`',
      )
  }
  for (const [i, each] of listOf(rules).entries()) {
    const { says, when, unless, then } = objectOf(each)
    const { effect, obligations } = objectOf(then)
    if (effect === 'permit') decided(when, 'a permit', 'rules', i)
    if (effect !== 'deny')
      noteEarly(listOf(obligations), at('rules', i, 'then', 'obligations'), severity, note)
    for (const [j, exception] of listOf(unless).entries()) {
      const own = at('rules', i, 'unless', j, 'obligations')
      noteEarly(listOf(objectOf(exception).obligations), own, severity, note)
    }
    if (effect === 'oblige' && typeof says === 'string' && isEarly(says))
      note(
        at('rules', i, 'says'),
        'too-late',
        'a duty lies on what has left already: this has to come before',
        asCondition,
        severity,
      )
  }
}

/**
 * Notes where `unchecked` names a rule that is not there, or says that an officer decides by one that does not wait for
 * him. No other words are read: what a line means is for counsel.
 */
function notePromised(
  lines: readonly string[],
  rules: readonly unknown[],
  severity: Severity,
  note: TakeNote,
): void {
  for (const [i, line] of lines.entries())
    for (const sentence of line.split(/(?<=[.;])\s/))
      for (const [, id = ''] of sentence.matchAll(/\(rule ([a-z\d-]+)\)/g)) {
        const rule = rules.map(objectOf).find((each) => each.id === id)
        const place = at('unchecked', i)
        if (rule === undefined)
          note(place, 'promised', `there is no rule \`${id}\` here`, 'name one that is', severity)
        else if (
          /\bofficers?\b.*\bdecides?\b/i.test(sentence) &&
          !(isLogic(rule.when) && namesOf(rule.when).includes('release.decision'))
        )
          note(
            place,
            'promised',
            `an officer decides, it says, and \`${id}\` does not wait for him`,
            'deny by it where `release.decision` is not `release`, or say what is so',
            severity,
          )
      }
}

const asCondition =
  'make it a condition: deny unless the fact that says so is attested, such as `release.decision`'

/** Notes the duties that can only be kept before anything leaves. */
function noteEarly(
  owed: readonly unknown[],
  place: string,
  severity: Severity,
  note: TakeNote,
): void {
  for (const [i, each] of owed.entries()) {
    const code = textOf(objectOf(each).code)
    if (Object.hasOwn(duties, code) && duties[code]?.before)
      note(
        `${place}${at(i)}`,
        'too-late',
        `\`${code}\` has to be done before anything leaves, and a duty lies on what has left already`,
        asCondition,
        severity,
      )
  }
}

const isArticle = (cite: unknown): boolean => /\d/.test(textOf(cite))

const office =
  '(?:officer|official|person|staff|holder|minister|ministry|judge|court|prosecutor|authority)'
const early = [
  new RegExp(`\\b${office}s?\\b[^.;]*\\b(?:confirm|approve|decide|authorise|release)s?\\b`, 'i'),
  new RegExp(
    `\\b(?:confirmed|approved|decided|authorised) by (?:an?|the) (?:\\w+ )?${office}`,
    'i',
  ),
  /\bbefore\b[^.;]*\b(?:leaves?|released?|given|sent|disclos|transfer|transmi|provided)/i,
  /\bonly (?:after|once)\b/i,
  /\bfirst\b/i,
]

/** Whether a sentence demands what must come before data leaves. */
const isEarly = (says: string): boolean => early.some((each) => each.test(says))

/** A list all of whose members are on another. */
export type Within = { readonly inner: string; readonly outer: string }

/** Notes a choice that another policy, which binds the holder, does not allow. */
export function lintChoices(
  policies: readonly Policy[],
  within: readonly Within[],
  noteOn: NoteOn,
): void {
  for (const own of policies)
    for (const [i, { logic }] of own.byRule.entries()) {
      if (own.file.automation?.byRule[i]?.nature !== 'choice') continue
      const other = policies.find(
        (each) => each.id !== own.id && reserves(each, own, logic, within),
      )
      if (other === undefined) continue
      noteOn(`${own.id}/${own.version}.json`)(
        at('automation', 'byRule', i, 'nature'),
        'choice',
        `\`${other.id}\` reserves this to an officer by law: no choice lets it go`,
        'narrow it to what the other lets go by rule, too',
        'warning',
      )
    }
}

/** Whether, for some request to which both policies apply, the law of one reserves what `own` lets leave. */
function reserves(
  { applies, byRule, rules, file }: Policy,
  own: Policy,
  lets: Logic,
  within: readonly Within[],
): boolean {
  const read = new Set([...own.applies.facts, ...applies.facts])
  const lists = new Set([own.applies.logic, applies.logic, lets].flatMap(namesOf))
  const nested = within
    .filter(({ inner, outer }) => lists.has(`lists.${inner}`) && lists.has(`lists.${outer}`))
    .flatMap((each) =>
      states.filter((state) => read.has(state)).map((state) => isNested(state, each)),
    )
  const both = [{ and: [own.applies.logic, ...nested] }, applies.logic, lets]
  const isKept = (answers: readonly boolean[]) => answers.slice(0, 3).every(Boolean)
  const isGround = file.automation?.nature === 'mandatory'
  if (
    isGround &&
    sometimes(
      [...both, ...byRule.map(({ logic }) => logic)],
      (answers) => isKept(answers) && !answers.slice(3).includes(true),
    )
  )
    return true
  return rules
    .filter(({ rule, reads }) => rule.nature === 'mandatory' && reads.includes('release.decision'))
    .some(({ when }) => sometimes([...both, when.logic], (all) => all.every(Boolean)))
}

const states = ['requester.jurisdiction', 'holder.jurisdiction'] as const

/** The condition that a state on the inner list is on the outer one, too. */
const isNested = (state: string, { inner, outer }: Within): Logic => {
  const isOn = (list: string): Logic => ({ in: [{ var: state }, { var: `lists.${list}` }] })
  return { or: [{ '!': [isOn(inner)] }, isOn(outer)] }
}
