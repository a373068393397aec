/** Finds what is wrong with a file as text and in its members, in the words of people who write policies. */

import {
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'
import type * as z from 'zod'
import { parseJson } from '../../policy/json-fault.ts'
import type { Logic } from '../../policy/policy.ts'
import { sentenceEnd } from '../../policy/sentence.ts'
import { didYouMean } from '../../policy/suggest.ts'
import { at, type TakeNote } from './finding.ts'

const syntax: Readonly<Record<string, readonly [message: string, fix: string]>> = {
  InvalidSymbol: [
    'this is not JSON',
    'put text between "quotes"; or write true, false or a number',
  ],
  InvalidNumberFormat: ['this is no number', 'write a number such as 12'],
  PropertyNameExpected: [
    'a name is missing here',
    'write a "name", or take away the comma before it',
  ],
  ValueExpected: ['a value is missing here', 'write a value, or take away the comma before it'],
  ColonExpected: ['a colon is missing here', 'put `:` between the name and its value'],
  CommaExpected: ['a comma is missing before this', 'put `,` between the two'],
  CloseBraceExpected: ['an object is not closed', 'put `}` where it ends'],
  CloseBracketExpected: ['a list is not closed', 'put `]` where it ends'],
  EndOfFileExpected: ['the file goes on after its end', 'take away what follows the last `}`'],
  InvalidCommentToken: ['JSON has no comments', 'take the comment away, or say it in `unchecked`'],
  UnexpectedEndOfComment: ['a comment is not closed', 'take the comment away'],
  UnexpectedEndOfString: ['a text is not closed', 'put `"` where it ends'],
  UnexpectedEndOfNumber: ['a number is not finished', 'write the whole number'],
  InvalidUnicode: ['this is no character', 'write `\\u` with four hexadecimal digits'],
  InvalidEscapeCharacter: ['this is no escape', 'write `\\\\` for a backslash'],
  InvalidCharacter: ['a text holds a line break or tab', 'write it in one line'],
}

/** What shows that a file was not saved as UTF-8, and where; undefined if nothing does. */
export function notUtf8(text: string) {
  const offset = text.search(/[\0\ufffd]/)
  const message = 'a character is lost: the file is not UTF-8'
  return offset < 0 ? undefined : { offset, message, fix: 'write it anew, and save as UTF-8' }
}

/**
 * The value of a text; undefined if too little of it can be read. Comments and trailing commas are faults,
 * but they hide nothing else.
 */
export function readText(saved: string, note: TakeNote): { readonly value: unknown } | undefined {
  const lost = notUtf8(saved)
  if (lost !== undefined) {
    note('', 'encoding', lost.message, lost.fix, { offset: lost.offset })
    // UTF-16, of which every line would have faults.
    if (saved.includes('\0')) return undefined
  }
  if (saved.startsWith('\ufeff'))
    note('', 'encoding', 'a byte order mark stands before the text', 'save it as UTF-8 without', {
      offset: 0,
    })
  const text = saved.replace(/^\ufeff/, ' ')
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false })
  for (const [i, { error, offset }] of errors.entries()) {
    const before = errors[i - 1]
    const kind = printParseErrorCode(error)
    // One slip is one fault: the parser's next error at the same place is an echo of it.
    if (before?.offset === offset) continue
    if (before !== undefined && isEcho(printParseErrorCode(before.error), kind)) continue
    const [message, fix] = syntax[kind] ?? ['this is not JSON', 'mend it']
    note('', 'json', message, fix, { offset })
  }
  if (root === undefined) {
    if (errors.length === 0) note('', 'json', 'the file is empty', 'write a policy or list')
    return undefined
  }
  const before = errors.length + duplicates(root, note)
  const strict = parseJson(text, 48)
  if ('fault' in strict && before === 0)
    note('', 'json', strict.fault.message, 'take it away', { offset: strict.fault.offset })
  const grave: ParseError[] = []
  parseTree(text, grave, { disallowComments: false, allowTrailingComma: true })
  // A clone, because the parser's objects have no prototype, and so cannot be turned into text.
  return grave.length > 0 ? undefined : { value: structuredClone(getNodeValue(root)) }
}

const isEcho = (before: string, kind: string): boolean =>
  before === 'InvalidSymbol' && kind === 'ValueExpected'

/** Notes every name that stands twice in one object, and returns how many there are. */
function duplicates(node: Node, note: TakeNote): number {
  const children = node.children ?? []
  let count = 0
  if (node.type === 'object') {
    const seen = new Set<string>()
    for (const { children: [name] = [] } of children) {
      if (name === undefined) continue
      if (seen.has(name.value)) {
        count += 1
        const message = `the name \`${name.value}\` stands twice in one object`
        note('', 'twice', message, 'keep one of the two', { offset: name.offset })
      }
      seen.add(name.value)
    }
  }
  return children.reduce((sum, child) => sum + duplicates(child, note), count)
}

type Json = Readonly<Record<string, unknown>>

/** The members of an object; none for any other value. */
export const objectOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}

/** The entries of a list; none for any other value. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** A text; empty for any other value. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Whether a value is JSON Logic at all. */
export const isLogic = (value: unknown): value is Logic =>
  typeof value === 'object'
    ? value !== null && Object.values(value).every(isLogic)
    : ['boolean', 'number', 'string'].includes(typeof value)

/** An example of each member that may be missing. */
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

type Issue = z.core.$ZodIssue
/** A file being checked: its schema, its value, and who notes the faults. */
type Looked = { readonly schema: z.ZodType; readonly root: unknown; readonly note: TakeNote }

/** Notes every fault of a value's shape. */
export function lintShape(schema: z.ZodType, root: unknown, note: TakeNote): void {
  for (const issue of schema.safeParse(root).error?.issues ?? [])
    noteIssue(issue, [], { schema, root, note })
}

function noteIssue(issue: Issue, above: readonly PropertyKey[], looked: Looked): void {
  const { root, note } = looked
  const path = [...above, ...issue.path]
  const pointer = at(...path)
  const value = valueAt(root, path)
  const name = String(path.at(-1) ?? 'the file')
  if (value === undefined && issue.code !== 'custom' && path.length > 0) {
    const example = examples[name]
    const code = path.includes('tell') ? 'tell' : name === 'cites' ? 'citation' : 'missing'
    return void note(pointer, code, `\`${name}\` is missing`, `add ${example ?? `\`"${name}"\``}`)
  }
  switch (issue.code) {
    case 'unrecognized_keys':
      return void noteUnknown(issue.keys, path, looked)
    case 'invalid_value':
      return void noteValue(pointer, value, issue.values.map(String), note)
    case 'invalid_union':
      return void noteUnion(issue, path, looked)
    case 'invalid_type': {
      const { noun = issue.expected, write = `a ${issue.expected}` } = types[issue.expected] ?? {}
      return void note(pointer, 'type', `\`${name}\` is no ${noun}`, `write ${write}`)
    }
    case 'too_small':
    case 'too_big':
      return void noteSize(issue, path, note)
    case 'invalid_format':
      return void noteFormat(issue, pointer, value, name, note)
    default:
      return void note(pointer, 'shape', issue.message, 'see FORMAT.md for how it is written')
  }
}

const types: Readonly<Record<string, { readonly noun?: string; readonly write: string }>> = {
  string: { noun: 'text', write: 'a text between "quotes"' },
  array: { noun: 'list', write: 'a list: [ … ]' },
  object: { write: 'an object: { … }' },
  record: { noun: 'object', write: 'an object: { … }' },
  boolean: { write: 'true or false' },
  int: { noun: 'whole number', write: 'a whole number' },
}

function noteUnknown(keys: readonly string[], path: readonly PropertyKey[], looked: Looked): void {
  const known = schemasAt(looked.schema as z.core.$ZodType, path).flatMap(membersOf)
  for (const key of keys) {
    const fix = didYouMean(key, known) ?? 'take it away; FORMAT.md lists what may stand here'
    looked.note(at(...path, key), 'unknown-member', `there is no \`${key}\` here`, fix, {
      part: 'name',
    })
  }
}

const defOf = (schema: z.core.$ZodType) => (schema as z.core.$ZodTypes)._zod.def

const membersOf = (schema: z.core.$ZodType): readonly string[] => {
  const def = defOf(schema)
  return def.type === 'object' ? Object.keys(def.shape) : []
}

/** The schemas for what stands at a path: of a union, every option. */
function schemasAt(
  schema: z.core.$ZodType,
  path: readonly PropertyKey[],
): readonly z.core.$ZodType[] {
  const def = defOf(schema)
  const [step, ...rest] = path
  if (def.type === 'optional') return schemasAt(def.innerType, path)
  if (def.type === 'pipe') return schemasAt(def.in, path)
  if (def.type === 'union') return def.options.flatMap((each) => schemasAt(each, path))
  if (step === undefined) return [schema]
  if (def.type === 'array') return schemasAt(def.element, rest)
  if (def.type === 'record') return schemasAt(def.valueType, rest)
  const member = def.type === 'object' ? def.shape[String(step)] : undefined
  return member === undefined ? [] : schemasAt(member, rest)
}

function noteValue(
  pointer: string,
  value: unknown,
  known: readonly string[],
  note: TakeNote,
): void {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const some = known.slice(0, 12).map((each) => `\`${each}\``)
  const fix =
    didYouMean(text, known) ?? `write ${known.length > 1 ? 'one of ' : ''}${some.join(', ')}`
  note(pointer, 'value', `\`${text}\` is not allowed here`, fix)
}

function noteUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: readonly PropertyKey[],
  looked: Looked,
): void {
  const { root, note } = looked
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
  // A list entry is a value or the members of another list, and a sentence a text or several: note the faults of
  // the one it tries to be.
  const isObject = typeof value === 'object' && value !== null
  const other = isObject && (path.at(-1) === 'says' || 'membersOf' in value)
  for (const inner of issue.errors[other ? 1 : 0] ?? []) noteIssue(inner, path, looked)
}

/** The first part of a condition that is not JSON Logic at all, which is a null. */
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
  note: TakeNote,
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
  note: TakeNote,
): void {
  const text = String(value)
  const { format, message, pattern } = issue
  if (format === 'date') {
    const near = `write a day such as ${nearDay(text)}`
    return void note(pointer, 'day', `\`${text}\` is no day of the calendar`, near)
  }
  if (format === 'url')
    return void note(
      pointer,
      'value',
      `\`${text}\` is no address`,
      'write a link that begins with https://',
    )
  const fix =
    pattern === String(sentenceEnd)
      ? 'end it with a full stop'
      : name === 'within'
        ? 'write hours as PT8H or days as P7D'
        : `write it as \`${kebab(text)}\``
  note(pointer, 'value', `\`${name}\` is not written as it must be: ${message}`, fix)
}

const kebab = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'a-name'

/** A day of the calendar: the last of the month that `text` names, or an example if it names none. */
export function nearDay(text: string): string {
  const [, year, month] = /^(\d{4})-(\d{2})-\d{2}$/.exec(text) ?? []
  const isMonth = month !== undefined && Number(month) >= 1 && Number(month) <= 12
  if (year === undefined || !isMonth) return '2026-11-24'
  const last = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  return `${year}-${month}-${last}`
}

const valueAt = (root: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce(
    (each: unknown, step) => (each as Record<PropertyKey, unknown> | null | undefined)?.[step],
    root,
  )
