/** The questions that make a policy file, from the instrument to the first rule. */

import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { isTimeZone, timeZones } from '../law/lint.ts'
import type { Book } from '../policy/book.ts'
import type { Automation, Logic, PolicyFile, Rule } from '../policy/policy.ts'
import { suggest } from '../policy/suggest.ts'
import { type Fact, isDay, vocabulary } from '../policy/vocabulary.ts'
import { holdsNothing, subject } from '../policy/words.ts'
import type { Ask } from './ask.ts'
import { exitCodes, Failure } from './exit.ts'
import { type Checked, type Choices, cited, one, put, several, textLike } from './questions.ts'

/** A policy that was asked for, and where its file goes. */
type Made = {
  /** Its path below the policies folder, without an ending: `fr/procedure/2027-01-01`. */
  readonly stem: string
  readonly day: string
  readonly file: PolicyFile
}

const kebab = textLike(
  2,
  40,
  /^[a-z0-9]+(-[a-z0-9]+)*$/,
  'write lower-case letters, digits and hyphens',
)
const anything = (max: number) => textLike(3, max, /./, '')

/** Asks for a whole policy with one rule. Refuses a day that has a file already. */
export async function askForPolicy(ask: Ask, folder: string, book: Book): Promise<Made> {
  const own = await put(
    ask,
    'Whose law is it? A country’s code, or the folder of a body.',
    'fr, or interpol',
    (answer) => jurisdiction(answer, folder),
  )
  const name = await put(ask, 'A short name of the law, for its folder.', 'procedure-code', kebab)
  const day = await put(ask, 'From which day is our reading in force?', '2027-01-01', (answer) =>
    isDay(answer) ? { value: answer } : { wrong: 'write a day of the calendar like 2027-01-01' },
  )
  const stem = `${own}/${name}/${day}`
  if (existsSync(join(folder, `${stem}.json`)) || existsSync(join(folder, `${stem}.test.json`)))
    throw new Failure(
      `couldn’t make policies/${stem}.json: it is there already; copy it to a new day, or to ${day}.b.json`,
      exitCodes.usage,
    )
  const timeZone = await timeZoneOf(ask, own, book)
  const law = await put(ask, 'The law by its full name.', 'Code de procédure pénale', anything(240))
  const url = await put(
    ask,
    'A link to it; Enter for none.',
    'https://www.legifrance.gouv.fr/',
    (answer): Checked<string> =>
      answer === '' || (URL.canParse(answer) && /^https?:/.test(answer))
        ? { value: answer }
        : { wrong: 'write an address that begins with https://' },
  )
  const title = await put(
    ask,
    'What shall people call this policy?',
    'The police give data abroad',
    anything(160),
  )
  const kind = await one(ask, 'What kind of law is it?', {
    ground: 'it gives a reason to release',
    limit: 'it only takes away',
  })
  const when = await scope(ask, own, book)
  const applies = {
    ...(await cited(ask, 'Say in one sentence to what it applies.', 'France holds the data.')),
    when,
  }
  const otherwise =
    kind === 'ground'
      ? {
          code: 'no-basis',
          ...(await cited(
            ask,
            'What does it mean, by law, that none of its permissions holds?',
            'Without a legal basis nothing is given.',
          )),
        }
      : undefined
  const automation = kind === 'ground' ? await askWhoDecides(ask) : undefined
  const rule = await ruleOf(ask, kind === 'ground')
  const file: PolicyFile = {
    $schema: '../../policy.schema.json',
    title,
    instrument: { name: law, ...(url === '' ? {} : { url }) },
    kind: kind as PolicyFile['kind'],
    notice: 'An engineering reading, not legal advice.',
    change: 'First version.',
    owner: 'Legal team',
    timeZone,
    unchecked: ['Only a first rule is written; counsel has checked nothing yet.'],
    applies,
    ...(otherwise === undefined ? {} : { otherwise }),
    ...(automation === undefined ? {} : { automation }),
    rules: [rule],
  }
  return { stem, day, file }
}

const countries = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })

const isCountry = (code: string): boolean =>
  /^[a-z]{2}$/.test(code) && !holdsNothing(code) && countries.of(code.toUpperCase()) !== undefined

function jurisdiction(answer: string, folder: string): Checked<string> {
  const code = answer.toLowerCase()
  const bodies = globSync('*/*/*.json', { cwd: folder })
    .map((path) => path.split(/[\\/]/)[0] ?? '')
    .filter((each) => each !== 'lists')
  if (isCountry(code) || bodies.includes(code)) return { value: code }
  return { wrong: `there is no country \`${answer}\`, and no folder of such a body` }
}

/** The time zone of the folder's other files; asks for it if there are none. */
async function timeZoneOf(ask: Ask, own: string, { policies }: Book): Promise<string> {
  const other = policies.find((each) => each.folder === own)
  if (other !== undefined) return other.file.timeZone
  return put(ask, 'In which time zone does its day begin?', 'Europe/Paris', (answer) =>
    isTimeZone(answer)
      ? { value: answer }
      : { wrong: `there is no time zone \`${answer}\`${suggest(answer, timeZones())}` },
  )
}

/** What the policy applies to: holders (of a country’s law, that country), requesters and purposes. */
async function scope(ask: Ask, own: string, { lists }: Book): Promise<Logic> {
  const groups = Object.fromEntries(
    lists
      .filter(({ file }) => file.elements === undefined && file.instrument === undefined)
      .map(({ id, file }) => [id, file.title]),
  )
  const code = (word: string) =>
    /^[A-Za-z]{2}$/.test(word) && isCountry(word.toLowerCase()) ? word.toUpperCase() : undefined
  const party = async (question: string, fact: string) => {
    const chosen = await several(ask, `${question} A list, or codes of countries.`, groups, code)
    const named = chosen.filter((each) => !Object.hasOwn(groups, each))
    const parts: Logic[] = [
      ...chosen
        .filter((each) => Object.hasOwn(groups, each))
        .map((id): Logic => ({ in: [{ var: fact }, { var: `lists.${id}` }] })),
      ...(named.length === 0 ? [] : [among(fact, named)]),
    ]
    return joined('or', parts)
  }
  const holder = isCountry(own)
    ? [among('holder.jurisdiction', [own.toUpperCase()])]
    : await party('Whose data does it speak of?', 'holder.jurisdiction')
  const requester = await party('Who asks?', 'requester.jurisdiction')
  const { 'request.purpose': purpose } = vocabulary
  const purposes = await several(
    ask,
    'For which purposes?',
    purpose?.type === 'enum' ? purpose.values : {},
  )
  const asked = purposes.length === 0 ? [] : [among('request.purpose', purposes)]
  return joined('and', [...holder, ...requester, ...asked])[0] ?? true
}

const among = (fact: string, values: readonly string[]): Logic =>
  values.length === 1 && values[0] !== undefined
    ? { '===': [{ var: fact }, values[0]] }
    : { in: [{ var: fact }, values] }

/** Joins conditions into one; an empty list stays empty. */
const joined = (operator: 'and' | 'or', parts: readonly Logic[]): readonly Logic[] =>
  parts.length < 2 ? parts : [{ [operator]: parts }]

async function ruleOf(ask: Ask, isGround: boolean): Promise<Rule> {
  const said = await cited(
    ask,
    'The first rule, in one sentence of law.',
    'Data is given where the act carries three years or more.',
  )
  const id = await put(ask, 'A short name for it.', 'serious-offence', kebab)
  const effect = await one(ask, 'What follows where it holds?', {
    ...(isGround ? { permit: 'a reason to release' } : {}),
    deny: 'the item stays',
    redact: 'the item is made less precise',
  })
  const then = await thenOf(ask, effect, id)
  const when = await conditionFor(ask, then.effect)
  return { id, ...said, nature: 'mandatory', when, then }
}

async function thenOf(ask: Ask, effect: string, code: string): Promise<Rule['then']> {
  if (effect === 'permit' || effect === 'deny') return { effect, code }
  const treatment = await one(ask, 'How?', {
    generalise: 'a date to its year, an address to its town',
    pseudonymise: 'a pseudonym in its place',
    withhold: 'not at all',
  })
  return { effect: 'redact', treatment: treatment as 'generalise', code }
}

/** Asks what may leave under a ground without an officer, and by which articles. */
async function askWhoDecides(ask: Ask): Promise<Automation> {
  const what = await one(ask, 'What may leave by rule alone, without an officer?', {
    nothing: 'an officer decides on all of it',
    classes: 'data of some classes',
    everything: 'all that a rule permits',
  })
  const when = what === 'classes' ? await classes(ask) : true
  const byRule =
    what === 'nothing'
      ? []
      : [
          {
            ...(await said(ask, 'Say in one sentence what does.', 'What is asked daily goes.')),
            when,
          },
        ]
  const reserved = await said(
    ask,
    byRule.length === 0 ? 'Say in one sentence who decides.' : 'And who decides on the rest?',
    'An officer decides on what leaves.',
  )
  return { ...reserved, byRule }
}

async function said(ask: Ask, question: string, example: string) {
  const sentence = await cited(ask, question, example)
  const nature = await one(ask, 'Whose word is it?', {
    mandatory: 'the law says so',
    choice: 'it is our choice',
  })
  return { ...sentence, nature: nature as Automation['nature'] }
}

async function classes(ask: Ask): Promise<Logic> {
  const { 'item.class': fact } = vocabulary
  const values = fact?.type === 'enum' ? fact.values : {}
  return { in: [{ var: 'item.class' }, await several(ask, 'Of which classes?', values)] }
}

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
async function conditionFor(ask: Ask, effect: Rule['then']['effect']): Promise<Logic> {
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

/** The name of a fact, if a rule with this effect may read it; else the facts that were perhaps meant. */
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
