/** `comity policy check`: every fault of every file, with its place and how to mend it. */

import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { foundLaw, sealsIn, versionFiles } from '../../adapters/policies-files.ts'
import { isVersionPath, lawPath, type SourceFile } from '../../policy/book.ts'
import { judge } from '../../policy/check-seals.ts'
import { placeOf } from '../../policy/json-fault.ts'
import { readBook } from '../../policy/read-book.ts'
import { day } from '../../terminal/arguments.ts'
import { exitCodes, Failure } from '../../terminal/exit.ts'
import { paint } from '../../terminal/say.ts'
import { caseFileSchema } from '../law/cases.ts'
import {
  type Flaw,
  notesOn,
  placesOf,
  type Severity,
  type TakeNote,
  type TextPlace,
} from '../law/finding.ts'
import { lint } from '../law/lint.ts'
import { lintCases, namesOf } from '../law/lint-cases.ts'
import { readText } from '../law/lint-file.ts'
import { lintPlans } from '../law/unchecked.ts'
import { whyNotAsItWas } from './as-it-was.ts'
import { brokenBy, brokenFix, brokenWords, changeBy, placeOfBreach } from './breaches.ts'
import { chosen } from './choose.ts'

/** A flaw with its place in the text. */
export type PlacedFlaw = Flaw & TextPlace & { readonly text: string }

/** What was found, and in how many files. */
type CheckedFiles = { readonly findings: readonly PlacedFlaw[]; readonly files: number }

type Options = { readonly format: 'text' | 'json' | 'github'; readonly asOf: string }

/** Adds `check` to the policy commands. */
export function addCheck(policy: Command, folder: string): void {
  policy
    .command('check')
    .description('Find every fault of policies, lists, tests and seals, and say how to mend it.')
    .argument('[files...]', 'policies, lists, tests or folders of them; all without')
    .addOption(
      new Option('--format <format>', 'how to print')
        .choices(['text', 'json', 'github'])
        .default('text'),
    )
    .option('--as-of <day>', 'the day on which list entries must be good', day, today())
    .action((files: string[], options: Options) => {
      const { findings, files: count } = checkPolicies(folder, files, options.asOf)
      const broken = lintStatements(folder, files, options.asOf)
      const checked = { findings: [...findings, ...broken], files: count }
      console.log(print[options.format](checked))
      if (checked.findings.some(({ severity }) => severity === 'error'))
        process.exitCode = exitCodes.invalidPolicy
    })
}

const today = (): string => new Date().toISOString().slice(0, 10)

/**
 * Checks a folder; with files, gives only what is found in those. `instead` is text by path that counts in place of
 * what the folder has there, or as a version that is not there yet.
 */
export function checkPolicies(
  folder: string,
  files: readonly string[],
  asOf: string,
  instead: Readonly<Record<string, string>> = {},
): CheckedFiles {
  const asGiven = ({ path, text }: SourceFile) => ({ path, text: instead[path] ?? text })
  const there = [...versionFiles(folder), ...strays(folder)].map(asGiven)
  const added = Object.entries(instead).flatMap(([path, text]) =>
    isVersionPath(path) && !there.some((each) => each.path === path) ? [{ path, text }] : [],
  )
  const versions = [...there, ...added]
  const tests = read(folder, '**/*.test.json').map(asGiven)
  const sealing = {
    seals: sealsIn(folder),
    sealers: json(folder, 'sealers.json'),
    // A missing set is no fault: only a gateway that starts on the folder needs one.
    ...(existsSync(join(folder, 'set.json'))
      ? { releaseKeys: json(folder, 'release-keys.json') ?? null, set: json(folder, 'set.json') }
      : {}),
  }
  const isChosen = chosen(
    folder,
    files,
    [...versions, ...tests].map(({ path }) => path),
  )
  // What is sealed was held to its promise when it was signed, and is not written anew.
  const { sealed } = judge({ files: versions.filter(isLaw), ...sealing })
  const isPromising = (path: string) => isChosen(path) && !sealed.has(path)
  const findings = [
    ...lint(versions, sealing, asOf),
    ...lintTests(
      versions,
      tests.filter(({ path }) => isChosen(path)),
    ),
    ...lintChecks(folder, versions, asOf),
    ...lintPromises(versions.filter(isLaw), tests, isPromising, asOf),
  ]
  const texts = new Map([...versions, ...tests].map(({ path, text }) => [path, text]))
  const textOf = (path: string) =>
    texts.get(path) ??
    (existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : '')
  return {
    findings: placed(
      findings.filter(({ path }) => isChosen(path)),
      textOf,
    ),
    files: [...texts.keys()].filter(isChosen).length,
  }
}

const read = (
  folder: string,
  pattern: string | readonly string[],
  isWanted: (path: string) => boolean = () => true,
): readonly SourceFile[] =>
  globSync(pattern, { cwd: folder })
    .map((path) => path.replaceAll('\\', '/'))
    .filter(isWanted)
    .sort()
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))

/** JSON in the folders of versions, or named by a day elsewhere, whose names are not those of versions or tests. */
const strays = (folder: string): readonly SourceFile[] =>
  read(
    folder,
    ['**/*.json*', '**/*.JSON*'],
    (path) =>
      (path.split('/').length === 3 || /(^|\/)\d{4}-\d\d-\d\d[^/]*$/.test(path)) &&
      !path.endsWith('.test.json') &&
      !isVersionPath(path),
  )

function json(folder: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8'))
  } catch {
    return undefined
  }
}

const isLaw = ({ path }: SourceFile): boolean => isVersionPath(path)

/** What is found of drafts that say that what they decide stays as it was. */
function lintPromises(
  versions: readonly SourceFile[],
  tests: readonly SourceFile[],
  isPromising: (path: string) => boolean,
  asOf: string,
): readonly Flaw[] {
  const known = `${asOf}T12:00:00Z`
  const { book } = readBook(versions, () => '0001-01-01T00:00:00Z')
  const cases = tests.flatMap(({ path, text }) => {
    const file = caseFileSchema.safeParse(readText(text, () => undefined)?.value).data
    return file === undefined ? [] : [{ path, file }]
  })
  return [...book.policies, ...book.lists].flatMap((version) => {
    const path = lawPath(version)
    const why = isPromising(path) ? whyNotAsItWas(book, version, cases, known) : undefined
    if (why === undefined) return []
    const { note, found } = notesOn(path)
    const message = `what it decides does not stay as it was: ${why}`
    note('/change', 'change', message, 'say in `change` what it decides otherwise')
    return found
  })
}

/** The statements about all of the law that chosen drafts would break, were they sealed. */
function lintStatements(
  folder: string,
  files: readonly string[],
  asOf: string,
): readonly PlacedFlaw[] {
  const law = foundLaw(folder)
  const standing = judge(law)
  const all = law.files.map(({ path }) => path)
  const isChosen = chosen(folder, files, [...all, ...read(folder, '**/*.test.json').map(pathOf)])
  const paths = all.filter((path) => isChosen(path) && !standing.sealed.has(path))
  const change = changeBy(law.files, standing, { act: 'seal', paths }, asOf)
  const { policies, lists } = change.after
  const drafts = [...policies, ...lists].filter((each) => paths.includes(lawPath(each)))
  if (drafts.length === 0) return []
  const found: Flaw[] = []
  const noteOn = (path: string, pointer: string, says: string, fix: string, isOthers = false) => {
    const notes = notesOn(path)
    notes.note(pointer, 'statement', says, fix, isOthers ? 'warning' : 'error')
    found.push(...notes.found)
  }
  try {
    for (const each of brokenBy(folder, change, `${asOf}T12:00:00Z`)) {
      const { path, pointer } = placeOfBreach(each, drafts)
      noteOn(path, pointer, brokenWords(each), brokenFix(each), each.isOthers)
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    noteOn(paths[0] ?? '', '', error.message, 'mend that first: no statement was proved')
  }
  return placed(found, (path) => law.files.find((each) => each.path === path)?.text ?? '')
}

const pathOf = ({ path }: SourceFile): string => path

/** What is found about who checks by when what counsel must check. */
function lintChecks(
  folder: string,
  versions: readonly SourceFile[],
  asOf: string,
): readonly Flaw[] {
  const { policies, lists } = readBook(versions, () => undefined).book
  const plans = read(folder, '*/unchecked.json').map(
    ({ path }) => [path.split('/')[0] ?? '', json(folder, path)] as const,
  )
  const found: Flaw[][] = []
  const noteOn = (path: string): TakeNote => {
    const notes = notesOn(path)
    found.push(notes.found)
    return notes.note
  }
  lintPlans([...policies, ...lists], new Map(plans), asOf, noteOn)
  return found.flat()
}

function lintTests(versions: readonly SourceFile[], tests: readonly SourceFile[]): readonly Flaw[] {
  const { policies } = readBook(versions, () => undefined).book
  // A file with a fault still counts as there, so that its fault is reported only once.
  const versionOf = (path: string) => path.replace(/\/([^/]*?)(\.test)?\.json$/, '@$1')
  const names = {
    ...namesOf(policies, []),
    versions: versions
      .map(({ path }) => path)
      .filter(isVersionPath)
      .map(versionOf),
  }
  return tests.flatMap(({ path, text }) => {
    const { note, found } = notesOn(path)
    const value = readText(text, note)?.value
    if (value !== undefined) lintCases(value, names, note, versionOf(path))
    return found
  })
}

/** Flaws with their places, in the order of the files and lines. */
function placed(
  findings: readonly Flaw[],
  textOf: (path: string) => string,
): readonly PlacedFlaw[] {
  const byPath = Map.groupBy(findings, ({ path }) => path)
  return [...byPath]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([path, found]) => {
      const text = textOf(path)
      const places = placesOf(text)
      return found
        .map((finding): PlacedFlaw => {
          const { offset, pointer, part } = finding
          const place =
            offset === undefined
              ? places(pointer, part)
              : { ...placeOf(text, offset), length: quoted(text, offset) }
          return { ...finding, ...place, text }
        })
        .toSorted((a, b) => a.line - b.line || a.column - b.column)
    })
}

/** The length of the quoted text that starts at `offset`; 1 for anything else. */
const quoted = (text: string, offset: number): number =>
  /^"[^"\n]*"/.exec(text.slice(offset, offset + 200))?.[0].length ?? 1

const print: Readonly<Record<Options['format'], (checked: CheckedFiles) => string>> = {
  text: (checked) => checkedLines(checked).join('\n'),
  json: ({ findings, files }) =>
    JSON.stringify(
      {
        files,
        findings: findings.map(({ path, line, column, severity, code, message, fix, pointer }) => ({
          ...{ path, line, column, severity, code, message, fix },
          ...(pointer === '' ? {} : { pointer }),
        })),
      },
      null,
      2,
    ),
  github: ({ findings }) => findings.map(githubLine).join('\n'),
}

const colours = { error: 'red', warning: 'yellow', note: 'dim' } as const

/** What was found, as people read it: every finding, then their count by severity. */
export function checkedLines({ findings, files }: CheckedFiles): readonly string[] {
  const count = (severity: Severity) => findings.filter((each) => each.severity === severity).length
  const many = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`
  const summary = [
    many(count('error'), 'error'),
    many(count('warning'), 'warning'),
    many(count('note'), 'note'),
  ].join(', ')
  const good = count('error') === 0
  return [
    ...findings.flatMap(findingLines),
    paint(good ? 'green' : 'red', `${summary} in ${many(files, 'file')}`),
  ]
}

function findingLines({
  path,
  line,
  column,
  length,
  severity,
  code,
  message,
  fix,
  text,
}: PlacedFlaw) {
  const head = `policies/${path}:${line}:${column}  ${paint(colours[severity], severity)}  ${message}  ${paint('dim', `[${code}]`)}`
  const source = text.split(/\r?\n/)[line - 1]?.replaceAll('\t', ' ') ?? ''
  const number = String(line).padStart(5)
  const [shown, start] = cut(source, column - 1)
  const frame = [
    paint('dim', `${number} │ `) + shown,
    paint('dim', '      │ ') +
      ' '.repeat(start) +
      '^'.repeat(Math.max(1, Math.min(length, shown.length - start))),
  ]
  return [head, ...(source.trim() === '' ? [] : frame), `        ${fix}`, '']
}

/** Cuts a long line around a column, and gives the column in the cut line. */
function cut(source: string, column: number): readonly [string, number] {
  if (source.length <= 110) return [source, column]
  const from = Math.max(0, Math.min(column - 40, source.length - 110))
  return [source.slice(from, from + 110), column - from]
}

/** A workflow command of GitHub Actions, which shows the finding beside the line. */
function githubLine({ path, line, column, severity, code, message, fix }: PlacedFlaw): string {
  const kind = severity === 'note' ? 'notice' : severity
  const data = (text: string) =>
    text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
  const file = property(`policies/${path}`)
  return `::${kind} file=${file},line=${line},col=${column},title=${property(code)}::${data(`${message}; ${fix}`)}`
}
