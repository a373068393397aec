/** The questions that make a policy file, from the instrument to the first rule. */

import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { isTimeZone, timeZones } from '../law/time-zone.ts'
import type { Book } from '../policy/book.ts'
import type { Logic, PolicyFile, Rule } from '../policy/policy.ts'
import { suggest } from '../policy/suggest.ts'
import { isDay, vocabulary } from '../policy/vocabulary.ts'
import type { Ask } from './ask.ts'
import { exitCodes, Failure } from './exit.ts'
import { askWhoDecides } from './new-automation.ts'
import { conditionFor } from './new-condition.ts'
import { type Checked, cited, one, put, several, textLike } from './questions.ts'

/** A policy that was asked for, and where its file goes. */
export type Made = {
  /** `fr/procedure/2027-01-01`, below the policies folder and without an ending. */
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

/** Asks for a whole policy with one rule. Refuses a day for which there is a file. */
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
  /^[a-z]{2}$/.test(code) &&
  !['eu', 'un'].includes(code) &&
  countries.of(code.toUpperCase()) !== undefined

function jurisdiction(answer: string, folder: string): Checked<string> {
  const code = answer.toLowerCase()
  const bodies = globSync('*/*/*.json', { cwd: folder })
    .map((path) => path.split(/[\\/]/)[0] ?? '')
    .filter((each) => each !== 'lists')
  if (isCountry(code) || bodies.includes(code)) return { value: code }
  return { wrong: `there is no country \`${answer}\`, and no folder of such a body` }
}

/** The zone of the other files of the folder; asked for where there is none. */
async function timeZoneOf(ask: Ask, own: string, { policies }: Book): Promise<string> {
  const other = policies.find((each) => each.folder === own)
  if (other !== undefined) return other.file.timeZone
  return put(ask, 'In which time zone does its day begin?', 'Europe/Paris', (answer) =>
    isTimeZone(answer)
      ? { value: answer }
      : { wrong: `there is no time zone \`${answer}\`${suggest(answer, timeZones())}` },
  )
}

/** What the policy applies to: the holder, where it is a country’s law, the requesters and purposes. */
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

/** Several conditions as one; none stays none. */
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
