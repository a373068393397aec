/**
 * The only place where the desk writes: drafts and cases below the policies folder. A sealed version is never
 * written; its cases are, since a seal does not cover them.
 */

import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { applyEdits, type JSONPath, modify } from 'jsonc-parser'
import { foundLaw } from '../../adapters/policies-files.ts'
import { isVersionPath, type List, lawId, lawPath, type Policy } from '../../policy/book.ts'
import { judge } from '../../policy/check-seals.ts'
import { isDay } from '../../policy/fact-types.ts'
import { valueIn } from '../../policy/json.ts'
import { misuse } from '../../terminal/exit.ts'
import { writeWhole } from '../../terminal/files.ts'
import { caseFileSchema, caseSchema } from '../law/cases.ts'

/** A file that may be written, as it was read. */
export type OpenFile = {
  readonly path: string
  readonly text: string
  /** SHA-256 of the text, by which a later change is noticed. */
  readonly digest: string
}

/** Reads a draft or cases. Throws a Failure for anything else. */
export function openFile(folder: string, path: string): OpenFile {
  const text = readFileSync(placeOf(folder, path), 'utf8')
  return { path, text, digest: digestOf(text) }
}

/**
 * Writes a draft or cases, whole or not at all, if the file still is as it was read. Returns false, and writes
 * nothing, if somebody changed it meanwhile.
 */
export function saveFile(folder: string, { path, text, digest }: OpenFile): boolean {
  const file = placeOf(folder, path)
  if (digestOf(readFileSync(file, 'utf8')) !== digest) return false
  writeWhole(file, text, lstatSync(file).mode & 0o777)
  return true
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Where a file is that may be written. Throws a Failure that says why it may not. */
function placeOf(folder: string, path: string): string {
  const version = path.replace(/\.test\.json$/, '.json')
  const file = join(folder, path)
  if (!isVersionPath(version) || !existsSync(file))
    throw misuse(`there is no policy, list or test \`${path}\``)
  // By another path a sealed version would not be known as one.
  const isWhereItSays = realpathSync(dirname(file)) === join(realpathSync(folder), dirname(path))
  if (!isWhereItSays || !lstatSync(file).isFile())
    throw misuse(`\`${path}\` leads out of the policies`)
  if (path === version && judge(foundLaw(folder)).sealed.has(path))
    throw misuse(`\`${path}\` is sealed, so nothing changes it: start a draft of it`)
  return file
}

/** What a new draft is: a version from a day on, or a correction of the version that it copies. */
export type NewDraft = {
  readonly day: string | undefined
  /** What it changes, as a full sentence. */
  readonly change: string
}

/** Copies a version and its cases to a new draft; returns its path. Throws a Failure if there is such a file. */
export function startDraft(
  folder: string,
  from: Policy | List,
  others: readonly (Policy | List)[],
  { day, change }: NewDraft,
): string {
  if (day !== undefined && !isDay(day))
    throw misuse(`\`${day}\` is no day: write one such as 2027-01-01`)
  const last = Math.max(
    ...others.filter((each) => each.day === from.day).map((each) => each.revision),
  )
  const name = day ?? `${from.day}.r${last + 1}`
  const path = `${lawId(from)}/${name}.json`
  if (!isVersionPath(path)) throw misuse(`no version can be called \`${name}\``)
  const source = lawPath(from)
  const text = readFileSync(join(folder, source), 'utf8')
  const cases = join(folder, testOf(source))
  const made = existsSync(cases)
    ? [[testOf(path), casesOf(readFileSync(cases, 'utf8'), `${lawId(from)}@${name}`, day)] as const]
    : []
  const files = [[path, set(text, ['change'], change)] as const, ...made]
  for (const [each] of files)
    if (existsSync(join(folder, each))) throw misuse(`\`${each}\` is there already`)
  for (const [each, content] of files) createFile(join(folder, each), content)
  return path
}

/** Adds a case, under the name that somebody gave it, at the end of a test file. Throws a Failure for what is none. */
export function addCase(folder: string, path: string, written: string, name: string): void {
  const open = openFile(folder, path)
  const file = caseFileSchema.safeParse(valueIn(open.text))
  const each = caseSchema.safeParse({ ...Object(valueIn(written)), name })
  if (!path.endsWith('.test.json') || !file.success) throw misuse(`\`${path}\` holds no cases`)
  if (!each.success) throw misuse('say in a sentence what the law wants of this case')
  if (file.data.cases.some((other) => other.name === name))
    throw misuse('a case has this name: say what is different in this one')
  const at = file.data.cases.length
  const text = set(open.text, ['cases', at], each.data, true)
  if (!saveFile(folder, { ...open, text }))
    throw misuse(`somebody changed \`${path}\` meanwhile: try again`)
}

/** The path of the cases of a version. */
export const testOf = (path: string): string => path.replace(/\.json$/, '.test.json')

/** Cases as they are copied: about the new version, and of a day on which it is in force. */
function casesOf(text: string, about: string, day: string | undefined): string {
  const asOf: unknown = JSON.parse(text).asOf
  const named = set(text, ['about'], about)
  return day === undefined || (typeof asOf === 'string' && asOf >= day)
    ? named
    : set(named, ['asOf'], day)
}

/** A JSON text with one value changed, and all else as it was written. */
const set = (text: string, at: JSONPath, value: unknown, isArrayInsertion = false): string =>
  applyEdits(
    text,
    modify(text, at, value, {
      isArrayInsertion,
      formattingOptions: { insertSpaces: true, tabSize: 2 },
    }),
  )

/** Writes a new file; never one that is there. */
export function createFile(file: string, text: string): void {
  const opened = openSync(file, 'wx', 0o644)
  try {
    writeSync(opened, text)
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}
