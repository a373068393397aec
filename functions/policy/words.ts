/**
 * Conditions in English. Every condition that the dialect allows has words, and conditions that answer
 * differently have different words: what people read here is what is decided.
 */

import { application, variable } from './logic.ts'
import type { Logic } from './policy.ts'
import { type Fact, vocabulary } from './vocabulary.ts'

/** Titles of the shared lists by id. */
export type Titles = Readonly<Record<string, string>>

/**
 * One statement, or a numbered group of them. It says `of`, or with `affirmed` false that it does not hold.
 */
export type Wording = { readonly of: Logic; readonly affirmed: boolean } & (
  | { readonly kind: 'statement'; readonly text: string }
  | { readonly kind: 'group'; readonly head: string; readonly parts: readonly Wording[] }
)

/** A condition in words, with its structure. With `affirmed` false, its opposite. */
export function wording(logic: Logic, titles: Titles, affirmed = true): Wording {
  const state = (text: string): Wording => ({ kind: 'statement', text, of: logic, affirmed })
  if (typeof logic === 'boolean') return state(logic === affirmed ? 'always' : 'never')
  const [operator, operands] = application(logic)
  if (operator === '!') return wording(operands[0] ?? false, titles, !affirmed)
  if (operator === 'and' || operator === 'or') {
    const [only] = operands
    if (operands.length === 1 && only !== undefined) return wording(only, titles, affirmed)
    const heads = operator === 'and' ? ['all', 'not all'] : ['at least one', 'none']
    const head = `${heads[affirmed ? 0 : 1]} of the following`
    const parts = operands.map((each) => wording(each, titles))
    return { kind: 'group', head, parts, of: logic, affirmed }
  }
  if (operator === 'var') return state(yesOrNo(String(operands[0]), affirmed))
  return state(compared(operator, operands, titles, affirmed))
}

/** A condition in one line: `all of the following: (a) …; (b) at least one of …: (b1) …; (b2) …`. */
export const inWords = (logic: Logic, titles: Titles): string => inline(wording(logic, titles), '')

function inline(words: Wording, path: string): string {
  if (words.kind === 'statement') return words.text
  const parts = words.parts.map((part, i) => {
    const label = path + mark(path, i)
    return `(${label}) ${inline(part, label)}`
  })
  return `${words.head}: ${parts.join('; ')}`
}

/** A condition line by line, its groups indented by four spaces for each level. */
export const wordLines = (logic: Logic, titles: Titles): readonly string[] =>
  lines(wording(logic, titles), '')

function lines(words: Wording, path: string): readonly string[] {
  if (words.kind === 'statement') return [words.text]
  const indent = ' '.repeat(4)
  const parts = words.parts.flatMap((part, i) => {
    const label = path + mark(path, i)
    const [first = '', ...rest] = lines(part, label)
    return [`(${label}) ${first}`, ...rest.map((line) => indent + line)]
  })
  return [`${words.head}:`, ...parts]
}

/** Labels alternate letters and numbers, so that each tells its whole path: `b`, `b1`, `b1a`. */
export function mark(path: string, i: number): string {
  if (/[a-z]$/.test(path)) return String(i + 1)
  const letter = String.fromCharCode(97 + (i % 26))
  return i < 26 ? letter : mark(path, Math.floor(i / 26) - 1) + letter
}

const orders: Readonly<Record<string, { integer: string; day: string; opposite: string }>> = {
  '<': { integer: 'less than', day: 'before', opposite: '>=' },
  '<=': { integer: 'at most', day: 'on or before', opposite: '>' },
  '>': { integer: 'more than', day: 'after', opposite: '<=' },
  '>=': { integer: 'at least', day: 'on or after', opposite: '<' },
}

function compared(
  operator: string,
  [left, right = false]: readonly Logic[],
  titles: Titles,
  affirmed: boolean,
): string {
  const name = variable(left) ?? ''
  const fact = vocabulary[name]
  const other = variable(right)
  const order = orders[operator]
  if (order !== undefined) {
    const { integer, day } = (affirmed ? order : orders[order.opposite]) ?? order
    const than = other === undefined ? valueWords(name, right) : subject(other)
    return `${subject(name)} is ${fact?.type === 'day' ? day : integer} ${than}`
  }
  if (operator !== 'in') {
    const same = (operator === '===') === affirmed
    if (other === undefined) return among(name, [right], same)
    return `${subject(name)} is ${same ? '' : 'not '}the same as ${subject(other)}`
  }
  if (other === undefined) return among(name, Array.isArray(right) ? right : [right], affirmed)
  const where = other.startsWith('lists.')
    ? `on the list ${titleOf(other.slice('lists.'.length), titles)}`
    : `among ${subject(other)}`
  return `${subject(name)} is ${affirmed ? '' : 'not '}${where}`
}

/** `is A`, `is A, B or C`, `is not A`, `is neither A nor B`, `is none of A, B and C`. */
function among(name: string, values: readonly Logic[], affirmed: boolean): string {
  const all = [...new Set(values)]
  const [only] = all
  if (all.length === 1 && typeof only === 'boolean' && vocabulary[name]?.type === 'boolean')
    return yesOrNo(name, only === affirmed)
  if (only === undefined) return `${subject(name)} is ${affirmed ? '' : 'not '}on an empty list`
  if (all.length === 1)
    return `${subject(name)} is ${affirmed ? '' : 'not '}${valueWords(name, only)}`
  const words = all.map((value) => valueWords(name, value, 'in a row'))
  const last = words.at(-1)
  const row = words.slice(0, -1).join(', ')
  if (affirmed) return `${subject(name)} is ${row} or ${last}`
  return `${subject(name)} is ${all.length === 2 ? `neither ${row} nor` : `none of ${row} and`} ${last}`
}

function yesOrNo(name: string, yes: boolean): string {
  const fact = vocabulary[name]
  if (fact?.type !== 'boolean') return `${name} is ${yes ? 'yes' : 'no'}`
  return yes ? fact.label : fact.denied
}

/** A fact as the subject of a sentence. */
export function subject(name: string): string {
  const fact: Fact | undefined = vocabulary[name]
  if (fact === undefined) return name
  return fact.type === 'boolean' ? `the answer to whether ${fact.label}` : fact.label
}

/** A title in quotes, with the list's id if the title alone is ambiguous. */
function titleOf(id: string, titles: Titles): string {
  const title = titles[id]
  if (title === undefined) return `\`${id}\``
  const shared = Object.values(titles).filter((each) => each === title).length > 1
  return shared || /[“”]/.test(title) ? `“${title}” (\`${id}\`)` : `“${title}”`
}

/** A fact with its value: `the purpose: investigation`, `the person was no minor at the event`. */
export const factWords = (name: string, value: unknown): string =>
  typeof value === 'boolean' && vocabulary[name]?.type === 'boolean'
    ? yesOrNo(name, value)
    : `${subject(name)}: ${valueWords(name, value)}`

/** Whose law a folder holds: `Germany (DE)`, `INTERPOL`, `Council of Europe`. */
export const folderWords = (folder: string): string =>
  folders[folder]?.label ?? valueWords('holder.jurisdiction', folder.toUpperCase())

/** Whether a folder is of law that binds states, and of nobody who holds records. */
export const holdsNothing = (folder: string): boolean => folders[folder]?.holdsNothing === true

/** The folders that need a word of their own, or are of no holder. */
const folders: Readonly<Record<string, { readonly label?: string; readonly holdsNothing?: true }>> =
  {
    agreements: { label: 'Agreements', holdsNothing: true },
    coe: { label: 'Council of Europe', holdsNothing: true },
    eu: { holdsNothing: true },
    europol: { label: 'Europol' },
    un: { holdsNothing: true },
  }

const countries = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })

/** A value of a fact in words: `12 months`, `Germany (DE)`, `31 December 2020`, `a court`. */
export function valueWords(name: string, value: unknown, where?: 'in a row'): string {
  const fact: Fact | undefined = vocabulary[name]
  if (value === null || value === undefined) return 'not known'
  if (Array.isArray(value))
    return value.length === 0
      ? 'none'
      : value.map((each) => valueWords(name, each, 'in a row')).join(', ')
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') {
    const unit = fact?.type === 'integer' ? fact.unit : ''
    return `${value} ${value === 1 ? unit.replace(/s$/, '') : unit}`.trim()
  }
  const text = String(value)
  if ((fact?.type === 'enum' || fact?.type === 'list') && fact.values !== undefined) {
    const label = Object.hasOwn(fact.values, text) ? fact.values[text] : undefined
    if (label !== undefined) return clear(label, where)
  }
  if (fact?.type === 'day') return dayWords(text)
  if (name === 'item.origin' && text === 'holder') return 'the holder itself'
  if (/jurisdiction$|^item\.origin$/.test(name) && /^[A-Z]{2}$/.test(text)) {
    const country = countries.of(text)
    return country === undefined ? text : clear(`${country} (${text})`, where)
  }
  return /^[A-Za-z0-9][\w/.-]*$/.test(text) ? clear(text, where) : JSON.stringify(text)
}

/** Quotes a label that could be read as part of the sentence: “none”, “not asked”, “a or b”. */
const clear = (label: string, where?: 'in a row'): string =>
  /^(no|not|none|never|neither)\b/.test(label) || (where && /,| n?or | and /.test(label))
    ? `“${label}”`
    : label

const months =
  'January February March April May June July August September October November December'.split(' ')

/** `31 December 2020`; anything that is not a date is quoted as is. */
export function dayWords(day: string): string {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? []
  const name = months[Number(month) - 1]
  return name === undefined ? JSON.stringify(day) : `${Number(date)} ${name} ${year}`
}

/** How many of something: `1 witness`, `2 witnesses`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`
