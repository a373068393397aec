/** What a rule does, in English: its consequence, its duties, its nature and how sure it is. */

import { duties } from '../policy/obligations.ts'
import {
  type Automation,
  confidences,
  type PolicyFile,
  type PolicyObligation,
  type Rule,
} from '../policy/policy.ts'
import { vocabulary } from '../policy/vocabulary.ts'

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
    ? text.replace('{value}', value ?? 'not stated')
    : text + (value === undefined ? '' : ` (${value})`)
  const time = within === undefined ? '' : ` Within ${durationWords(within)}.`
  return `Duty of the ${duty?.onWhom ?? 'requester'}: ${valued}${time} [${code}]`
}

function durationWords(duration: string): string {
  const number = Number.parseInt(duration.replace(/\D+/g, ''), 10)
  return `${number} ${duration.endsWith('D') ? 'day' : 'hour'}${number === 1 ? '' : 's'}`
}

/** What else tests words of a rule that its own condition does not. */
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

/** Whether the law says so, or whoever wrote the policy. */
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

/** What a ground does with what none of its alternatives lets go; a version that does not say, too. */
export const automationWords = (said: Automation | undefined): readonly string[] => [
  said === undefined
    ? 'It does not say what may leave by rule alone, so nothing does.'
    : said.byRule.length === 0
      ? 'Nothing leaves by rule alone.'
      : 'Nothing else leaves by rule alone.',
  'A named officer of the holder decides on the items that he is shown. [human-decision]',
]
