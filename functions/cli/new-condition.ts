/** A condition made of one fact, one comparison and one value, each checked as it is given. */

import type { Logic, Rule } from '../policy/policy.ts'
import { suggest } from '../policy/suggest.ts'
import { type Fact, isDay, vocabulary } from '../policy/vocabulary.ts'
import { subject } from '../policy/words.ts'
import type { Ask } from './ask.ts'
import { type Checked, type Choices, one, put, several } from './questions.ts'

const equal: Choices = { '===': 'is', '!==': 'is not', in: 'is one of' }
const ordered: Choices = {
  '>=': 'is at least, or on or after',
  '>': 'is more than, or after',
  '<=': 'is at most, or on or before',
  '<': 'is less than, or before',
  '===': 'is',
  '!==': 'is not',
}

/** Asks for the condition of a rule with this effect. */
export async function conditionFor(ask: Ask, effect: Rule['then']['effect']): Promise<Logic> {
  const name = await put(
    ask,
    'What does it depend on? Name one fact, or a word to look for.',
    'request.offence.maxCustodyMonthsHolder, or custody',
    (answer) => factNamed(answer, effect),
  )
  const fact = vocabulary[name]
  if (fact?.type === 'boolean') {
    const choices = { yes: fact.label, no: fact.denied }
    const answer = await one(ask, 'When does the rule hold?', choices)
    return answer === 'yes' ? { var: name } : { '!': [{ var: name }] }
  }
  const isOrdered = fact?.type === 'integer' || fact?.type === 'day'
  const operator = await one(ask, `${subject(name)} …`, isOrdered ? ordered : equal)
  const value = await compared(ask, name, fact, operator === 'in')
  return { [operator]: [{ var: name }, value] }
}

/** The name of a fact that such a rule may read, or the facts that were perhaps meant. */
function factNamed(answer: string, effect: Rule['then']['effect']): Checked<string> {
  const facts = Object.entries(vocabulary).filter(
    ([name, { type, source }]) =>
      type !== 'list' && (source !== 'claim' || name === 'request.purpose'),
  )
  const fact = Object.hasOwn(vocabulary, answer) ? vocabulary[answer] : undefined
  if (fact?.type === 'list')
    return { wrong: `\`${answer}\` is a list; FORMAT.md says how to read it` }
  if (fact?.source === 'claim' && answer !== 'request.purpose')
    return { wrong: `the requester merely says \`${answer}\`; name a fact that is checked` }
  if (fact?.source === 'clock' && effect === 'permit')
    return { wrong: 'a permit needs more than a day; the day in force says that already' }
  if (fact !== undefined) return { value: answer }
  const word = answer.toLowerCase()
  const near = facts.filter(
    ([name, { label }]) => word.length > 2 && `${name} ${label}`.toLowerCase().includes(word),
  )
  if (near.length === 0)
    return {
      wrong: `there is no fact \`${answer}\`${suggest(
        answer,
        facts.map(([name]) => name),
      )}`,
    }
  return {
    wrong: ['name one of these:', ...near.map(([name, { label }]) => `    ${name}: ${label}`)].join(
      '\n',
    ),
  }
}

async function compared(
  ask: Ask,
  name: string,
  fact: Fact | undefined,
  isMany: boolean,
): Promise<Logic> {
  const question = `With what is ${subject(name)} compared?`
  if (fact?.type === 'enum')
    return isMany
      ? [...(await several(ask, question, fact.values))]
      : await one(ask, question, fact.values)
  if (fact?.type === 'day')
    return put(ask, question, '2027-01-01', (answer) =>
      isDay(answer) ? { value: answer } : { wrong: 'write a day of the calendar like 2027-01-01' },
    )
  if (fact?.type === 'integer')
    return put(ask, `${question} In ${fact.unit}.`, '36', (answer) =>
      /^\d{1,6}$/.test(answer) ? { value: Number(answer) } : { wrong: 'write a whole number' },
    )
  return put(ask, question, isMany ? 'US, CA' : 'US', (answer): Checked<Logic> => {
    const all = answer.split(',').map((word) => word.trim())
    if (all.some((each) => !/^[A-Za-z0-9][\w/-]{0,79}$/.test(each)))
      return { wrong: 'write a code such as US, or several with commas' }
    return isMany ? { value: all } : all.length === 1 ? { value: answer } : { wrong: 'write one' }
  })
}
