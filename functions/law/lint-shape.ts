/** What is wrong with the members of a file, in the words of people who write policies. */

import type * as z from 'zod'
import { listSchema } from '../policy/policy.ts'
import { suggest } from '../policy/suggest.ts'
import { at, type Note } from './finding.ts'

type Issue = z.core.$ZodIssue

/** What a member that is missing may look like. */
const examples: Readonly<Record<string, string>> = {
  title: '"title": "Police data leaving for third countries"',
  instrument: '"instrument": { "name": "Directive (EU) 2016/680 (LED)" }',
  notice: '"notice": "An engineering reading, not legal advice."',
  change: '"change": "First version."',
  owner: '"owner": "Legal team"',
  timeZone: '"timeZone": "Europe/Berlin"',
  says: '"says": "Data that is wrong is withheld."',
  cites: '"cites": ["LED art. 7(2)"]',
  confidence: '"confidence": "M?"',
  nature: '"nature": "mandatory"',
  when: '"when": { "===": [{ "var": "item.quality" }, "known-wrong"] }',
  byRule: '"byRule": [], or each alternative that lets an item go without an officer',
  effect: '"effect": "deny"',
  code: '"code": "quality"',
  from: '"from": "2026-11-24"',
}

/** Notes every fault of a value's shape. */
export function lintShape(schema: z.ZodType, value: unknown, note: Note): void {
  const result = schema.safeParse(value)
  if (!result.success) for (const issue of result.error.issues) noteIssue(issue, [], value, note)
}

function noteIssue(issue: Issue, above: readonly PropertyKey[], root: unknown, note: Note): void {
  const path = [...above, ...issue.path]
  const pointer = at(...path)
  const value = valueAt(root, path)
  const name = String(path.at(-1) ?? 'the file')
  if (value === undefined && issue.code !== 'custom' && path.length > 0) {
    const example = examples[name]
    const fix = example === undefined ? `add \`"${name}"\`` : `add ${example}`
    const code = path.includes('tell') ? 'tell' : name === 'cites' ? 'citation' : 'missing'
    return void note(pointer, code, `\`${name}\` is missing`, fix)
  }
  switch (issue.code) {
    case 'unrecognized_keys':
      return void noteUnknown(issue.keys, path, note)
    case 'invalid_value':
      return void noteValue(pointer, value, issue.values.map(String), note)
    case 'invalid_union':
      return void noteUnion(issue, path, root, note)
    case 'invalid_type':
      return void note(
        pointer,
        'type',
        `\`${name}\` is no ${words(issue.expected)}`,
        `write ${asA(issue.expected)}`,
      )
    case 'too_small':
    case 'too_big':
      return void noteSize(issue, path, note)
    case 'invalid_format':
      return void noteFormat(issue, pointer, value, name, note)
    default:
      return void note(pointer, 'shape', issue.message, 'see FORMAT.md for how it is written')
  }
}

function noteUnknown(keys: readonly string[], path: readonly PropertyKey[], note: Note): void {
  for (const key of keys) {
    const known = membersOf(path)
    const fix = asFix(suggest(key, known)) ?? 'take it away; FORMAT.md lists what may stand here'
    note(at(...path, key), 'unknown-member', `there is no \`${key}\` here`, fix, { part: 'name' })
  }
}

const expectable = [
  ...['outcome', 'standing', 'because', 'codes', 'cites', 'obligations', 'duties', 'missing'],
  ...['notBecause', 'notCites', 'notObligations', 'answerBy', 'items'],
]

/** The members that may stand in a place, for suggestions. */
function membersOf(path: readonly PropertyKey[]): readonly string[] {
  const [place] = path.filter((step) => typeof step === 'string').slice(-1)
  const source = ['cites', 'confidence', 'says', 'when']
  const byPlace = new Map([
    ['rules', [...source, 'id', 'nature', 'relies', 'unless', 'testedElsewhere', 'then']],
    ['testedElsewhere', ['words', 'by']],
    ['unless', [...source, 'obligations']],
    ['applies', source],
    ['otherwise', [...source, 'code', 'tell']],
    ['automation', ['says', 'cites', 'nature', 'confidence', 'byRule']],
    ['byRule', [...source, 'nature']],
    ['then', ['effect', 'code', 'treatment', 'keepLast', 'obligations', 'tell']],
    ['obligations', ['code', 'within', 'value']],
    ['instrument', ['name', 'url']],
    ['tell', ['cites']],
    ['relies', ['cites']],
    ['members', ['value', 'membersOf', 'from', 'until', 'cites', 'confidence']],
    ['elements', ['value', 'class', 'holds']],
    ['arrangements', Object.keys(listSchema.shape.arrangements.unwrap().element.shape)],
    ['parties', ['value', 'agencies', 'membersOf', 'except', 'from', 'until']],
    ['suspensions', ['from', 'until', 'cites']],
    ['routineUses', ['agency', 'system', 'use', 'from', 'until', 'cites', 'confidence']],
    ['cases', ['name', 'note', 'asOf', 'facts', 'items', 'arrangements', 'expect']],
    ['expect', expectable],
    ['given', ['facts', 'item', 'arrangements']],
    ['duties', ['code', 'value', 'due', 'cites']],
  ])
  const head = ['title', 'instrument', 'kind', 'notice', 'change', 'owner', 'timeZone', 'unchecked']
  const rest = ['repealed', 'transposes', 'applies', 'otherwise', 'automation', 'rules', 'says']
  return (
    byPlace.get(String(place)) ?? [
      ...head,
      ...rest,
      'members',
      'elements',
      'arrangements',
      'routineUses',
      'about',
      'asOf',
      '$schema',
    ]
  )
}

function noteValue(pointer: string, value: unknown, known: readonly string[], note: Note): void {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const some = known.slice(0, 12).map((each) => `\`${each}\``)
  const fix =
    asFix(suggest(text, known)) ?? `write ${known.length > 1 ? 'one of ' : ''}${some.join(', ')}`
  note(pointer, 'value', `\`${text}\` is not allowed here`, fix)
}

function noteUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: readonly PropertyKey[],
  root: unknown,
  note: Note,
): void {
  const value = valueAt(root, path)
  if (issue.errors.length === 0) {
    const effects = ['permit', 'deny', 'redact', 'oblige']
    if (path.at(-1) === 'effect') return void noteValue(at(...path), value, effects, note)
    const named = at(...path, 'effect')
    return void note(named, 'missing', '`effect` is missing', `add ${examples.effect}`)
  }
  if (path.includes('when')) {
    const [steps, wrong] = notLogic(value) ?? [[], value]
    const message = `\`${JSON.stringify(wrong)}\` is no part of a condition`
    return void note(
      at(...path, ...steps),
      'shape',
      message,
      'compare a fact: see FORMAT.md, Tests',
    )
  }
  // A list entry is a value or the members of another list: the faults of what it tries to be.
  const other = typeof value === 'object' && value !== null && 'membersOf' in value
  for (const inner of issue.errors[other ? 1 : 0] ?? []) noteIssue(inner, path, root, note)
}

/** The first part of a condition that is no JSON Logic at all: null. */
function notLogic(value: unknown): readonly [readonly PropertyKey[], unknown] | undefined {
  if (value === null) return [[], value]
  if (typeof value !== 'object') return undefined
  for (const [key, each] of Object.entries(value as object)) {
    const found = notLogic(each)
    if (found !== undefined) return [[key, ...found[0]], found[1]]
  }
  return undefined
}

function noteSize(
  issue: Extract<Issue, { code: 'too_small' | 'too_big' }>,
  path: readonly PropertyKey[],
  note: Note,
): void {
  const pointer = at(...path)
  const name = String(path.findLast((step) => typeof step === 'string') ?? 'this')
  const isFew = issue.code === 'too_small'
  if (isFew && name === 'cites') {
    const isTold = path.includes('tell')
    const why = isTold ? 'nothing is told without an article' : 'no article is cited'
    return void note(pointer, isTold ? 'tell' : 'citation', why, `name it: ${examples.cites}`)
  }
  const unit =
    issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' entries' : ''
  const bound = isFew ? `at least ${issue.minimum}${unit}` : `at most ${issue.maximum}${unit}`
  note(pointer, 'size', `\`${name}\` has ${bound}`, `write ${bound}`)
}

function noteFormat(
  issue: Extract<Issue, { code: 'invalid_format' }>,
  pointer: string,
  value: unknown,
  name: string,
  note: Note,
): void {
  if (issue.format === 'date')
    return void note(
      pointer,
      'day',
      `\`${String(value)}\` is no day of the calendar`,
      `write a day such as ${nearDay(String(value))}`,
    )
  if (issue.format === 'url')
    return void note(
      pointer,
      'value',
      `\`${String(value)}\` is no address`,
      'write a link that begins with https://',
    )
  const fixes: Readonly<Record<string, string>> = {
    says: 'end it with a full stop',
    change: 'end it with a full stop',
    within: 'write hours as PT8H or days as P7D',
  }
  const fix =
    fixes[name] ??
    (issue.message.includes('full stop')
      ? 'end it with a full stop'
      : `write it as \`${kebab(String(value))}\``)
  note(pointer, 'value', `\`${name}\` is not written as it must be: ${issue.message}`, fix)
}

const kebab = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'a-name'

/** The nearest day of the calendar: the last of the month, or today's form. */
export function nearDay(text: string): string {
  const [, year, month] = /^(\d{4})-(\d{2})-\d{2}$/.exec(text) ?? []
  const isMonth = month !== undefined && Number(month) >= 1 && Number(month) <= 12
  if (year === undefined || !isMonth) return '2026-11-24'
  const last = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  return `${year}-${month}-${last}`
}

/** `did you mean …?` from `; did you mean …?`. */
export const asFix = (suggestion: string): string | undefined =>
  suggestion === '' ? undefined : suggestion.replace(/^; /, '')

const words = (type: string): string =>
  ({ string: 'text', array: 'list', int: 'whole number', record: 'object' })[type] ?? type
const asA = (type: string): string =>
  ({
    string: 'a text between "quotes"',
    array: 'a list: [ … ]',
    object: 'an object: { … }',
    record: 'an object: { … }',
    boolean: 'true or false',
    int: 'a whole number',
    number: 'a number',
  })[type] ?? `a ${type}`

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce(
    (each: unknown, step) => (each as Record<PropertyKey, unknown> | null | undefined)?.[step],
    root,
  )
}
