/** `comity policy test`: runs the cases of the policies, and finds changes of the law that none notices. */

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { foundLaw } from '../../adapters/policies-files.ts'
import { type Book, lawId, lawPath, saying } from '../../policy/book.ts'
import { judge } from '../../policy/check-seals.ts'
import { readBook } from '../../policy/read-book.ts'
import { printed } from '../../terminal/columns.ts'
import { exitCodes, Failure } from '../../terminal/exit.ts'
import { readJson } from '../../terminal/files.ts'
import { paint } from '../../terminal/say.ts'
import { type CaseFile, caseFileSchema } from '../law/cases.ts'
import type { SmallChange } from '../law/changes.ts'
import { changesOf, type Ran, runAll, type TestFile, tryChanges } from '../law/coverage.ts'
import { lookInto, type MissingCase } from '../law/example.ts'
import { placesOf, type TextPlace } from '../law/finding.ts'
import { lawsOf } from '../law/law.ts'
import { dayUnseen } from '../law/lint-cases.ts'
import { allSteps, type Progress, progressWords } from '../law/steps.ts'
import { chosen } from './choose.ts'
import { jsonLines } from './json-lines.ts'

/** Every file counts as sealed at this moment, since cases are written before the seal. */
export const asIfSealed = '9999-01-01T00:00:00Z'

type Options = { readonly json?: true; readonly coverage: boolean }

/** Adds `test` to the policy commands. */
export function addTest(policy: Command, folder: string): void {
  policy
    .command('test')
    .description('Run the cases, then change the law bit by bit to see that a case notices.')
    .argument('[files...]', 'test files, policies, lists or folders of them; all without')
    .option('--json', 'print everything as JSON, also the changes that cannot matter')
    .option('--no-coverage', 'run the cases only')
    .action((files: string[], options: Options) => {
      const started = performance.now()
      const tested = testPolicies(folder, files, options.coverage, progress())
      const seconds = (performance.now() - started) / 1000
      printed(options.json, testedJson(tested), () => testedLines(tested, folder, seconds))
      if (!isGood(tested)) process.exitCode = exitCodes.testsFailed
    })
}

const isGood = ({ ran, coverage }: Tested): boolean =>
  ran.every((each) => each.failures.length === 0) && (coverage?.gaps ?? []).length === 0

/** Rewrites one line on a terminal; prints nothing elsewhere. */
function progress(): (progress: Progress) => void {
  const { stderr } = process
  if (!stderr.isTTY) return () => undefined
  let shown = 0
  return (progress) => {
    const isDone = progress.done === progress.of
    if (!isDone && performance.now() - shown < 100) return
    shown = performance.now()
    stderr.write(isDone ? '\r\u001b[K' : `\r${progressWords(progress)}\u001b[K`)
  }
}

/** Runs the cases of a folder; with files, only those cases and the changes of those versions. */
export function testPolicies(
  folder: string,
  files: readonly string[],
  withCoverage: boolean,
  onProgress: (progress: Progress) => void = () => undefined,
): Tested {
  return allSteps(testInSteps(folder, files, withCoverage), onProgress)
}

/** The same, one file of cases or one change of the law with each step. */
export function* testInSteps(
  folder: string,
  files: readonly string[],
  withCoverage: boolean,
): Generator<Progress, Tested> {
  const { standing, sources, tests, book, faults } = lawTested(folder)
  const [fault] = faults
  if (fault !== undefined)
    throw new Failure(
      `${fault.path}: ${saying(fault)}; \`comity policy check\` says more`,
      exitCodes.invalidPolicy,
    )
  const isChosen = chosen(
    folder,
    files,
    [...sources, ...tests].map(({ path }) => path),
  )
  const laws = lawsOf(book, asIfSealed)
  // Without coverage, no case is run that nobody asked about.
  const asked = withCoverage ? tests : tests.filter(({ path }) => isChosen(path))
  const all: Ran[] = []
  for (const [i, each] of asked.entries()) {
    all.push(...runAll([each], laws))
    yield { done: i + 1, of: asked.length, what: 'files of cases run' }
  }
  const ran = all.filter(({ path }) => isChosen(path))
  const changed = standing.faults.filter(({ code }) => code === 'changed').map(({ path }) => path)
  if (!withCoverage) return { changed, ran }
  const corrected = correctedIn(book)
  const changes = changesOf(book).filter(({ path }) => isChosen(path) && !corrected.has(path))
  const counting = countingIn(book, all)
  const gaps: Gap[] = []
  const cannotMatter: { change: SmallChange; place: TextPlace }[] = []
  let done = 0
  for (const { change, noticedBy } of tryChanges(book, changes, counting, asIfSealed)) {
    done += 1
    yield { done, of: changes.length, what: 'changes of the law tried' }
    if (noticedBy !== undefined) continue
    const text = sources.find(({ path }) => path === change.path)?.text ?? ''
    const place = placesOf(text)(change.pointer)
    const found = lookInto(book, change, counting, laws, asIfSealed)
    if (found.verdict === 'cannot-matter') cannotMatter.push({ change, place })
    else gaps.push({ change, place, ...found })
  }
  const noticed = changes.length - gaps.length - cannotMatter.length
  const replaced = correctedIn(book, (path) => standing.sealed.has(path))
  const skipped = [...corrected]
    .filter(([path]) => isChosen(path) && !replaced.has(path))
    .map(([path, draft]) => ({ path, draft }))
  return { changed, ran, coverage: { noticed, gaps, cannotMatter, skipped } }
}

/** The law of a folder as if all of it were sealed, without what was retired, and the files of its cases. */
export function lawTested(folder: string) {
  const law = foundLaw(folder)
  const standing = judge(law)
  const isRetired = (path: string) => standing.sealed.get(path)?.retiredAt !== undefined
  const sources = law.files.filter(({ path }) => !isRetired(path))
  const tests = testFiles(folder).filter(({ path }) => !isRetired(path.replace('.test.', '.')))
  return { standing, sources, tests, ...readBook(sources, () => asIfSealed) }
}

/**
 * The cases that may notice a change. Those of a corrected version see the law as it was before, so they show nothing
 * of the law that decides. `corrects` says which versions do.
 */
export function countingIn(
  book: Book,
  ran: readonly Ran[],
  corrects?: (path: string) => boolean,
): readonly Ran[] {
  const corrected = correctedIn(book, corrects)
  return ran.filter(({ file: { about = '' } }) => !corrected.has(pathOf(about)))
}

/**
 * The paths of versions that a correction replaced, each with that of the newest: their cases are run, but no request is
 * decided by them.
 */
function correctedIn(
  { policies, lists }: Book,
  corrects: (path: string) => boolean = () => true,
): ReadonlyMap<string, string> {
  const all = [...policies, ...lists]
  const replacing = all
    .filter((each) => each.revision > 1 && corrects(lawPath(each)))
    .sort((a, b) => b.revision - a.revision)
  const replaced = all.flatMap((each): [string, string][] => {
    const by = replacing.find(
      (other) =>
        lawId(other) === lawId(each) && other.day === each.day && other.revision > each.revision,
    )
    return by === undefined ? [] : [[lawPath(each), lawPath(by)]]
  })
  return new Map(replaced)
}

/** `de/bkag/2026-02-14.json`, of `de/bkag@2026-02-14`. */
const pathOf = (name: string): string => `${name.replace('@', '/')}.json`

/** Every test file below a folder. */
export function testFiles(folder: string): readonly TestFile[] {
  const read = (path: string) => readJson(join(folder, path), caseFileSchema)
  return globSync('**/*.test.json', { cwd: folder })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => {
      try {
        return { path, file: read(path) }
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        throw new Failure(why, exitCodes.invalidPolicy)
      }
    })
}

/** A change that no case notices, where it stands, and a case that would notice it. */
type Gap = {
  readonly change: SmallChange
  readonly place: TextPlace
  readonly example?: MissingCase
  readonly tried: number
}

/** What the cases show about the policies. */
export type Tested = {
  /** Files that changed after they were sealed. */
  readonly changed: readonly string[]
  readonly ran: readonly Ran[]
  readonly coverage?: {
    readonly noticed: number
    readonly gaps: readonly Gap[]
    readonly cannotMatter: readonly { readonly change: SmallChange; readonly place: TextPlace }[]
    /** Versions that decide today, and of which no change was tried, since a draft corrects them. */
    readonly skipped: readonly { readonly path: string; readonly draft: string }[]
  }
}

/** How many unnoticed changes are shown with a case: more at once help nobody. */
const explainedMax = 10

/** The result as people read it. */
export function testedLines(
  { changed, ran, coverage }: Tested,
  folder: string,
  seconds: number,
): readonly string[] {
  const failing = ran.filter((each) => each.failures.length > 0)
  const passed = `${ran.length - failing.length} of ${ran.length} cases passed`
  return [
    ...failing.flatMap((each) => failingLines(each, folder)),
    ...(coverage?.gaps ?? []).slice(0, explainedMax).flatMap(gapLines),
    ...(coverage?.gaps ?? []).slice(explainedMax).map(gapLine),
    ...[...new Map(ran.map(({ path, file }) => [path, file]))].flatMap(unseenLines),
    ...(coverage?.skipped ?? []).map(({ path, draft }) =>
      paint('yellow', skippedSays(path, draft)),
    ),
    ...changed.map((path) => paint('yellow', `policies/${path} was changed after it was sealed`)),
    failing.length === 0 ? paint('green', passed) : paint('red', passed),
    ...(coverage === undefined ? [] : [coverageLine(coverage, failing.length > 0)]),
    paint('dim', `${seconds.toFixed(1)} s`),
  ]
}

/** Why no change of a version was tried. */
export const skippedSays = (path: string, draft: string): string =>
  `policies/${path}: no change of it was tried, since the draft policies/${draft} corrects it`

function failingLines({ path, file, each, failures }: Ran, folder: string): readonly string[] {
  const places = placesOf(readFileSync(join(folder, path), 'utf8'))
  const { line } = places(`/cases/${file.cases.indexOf(each)}`)
  return [
    `${paint('red', 'failed')}  policies/${path}:${line}  ${each.name}`,
    ...failures.map((failure) => `    ${failure}`),
    '',
  ]
}

/** Warns of cases of a day before their version starts, since they notice nothing of it. */
function unseenLines([path, file]: readonly [string, CaseFile]): readonly string[] {
  const day = dayUnseen(file)
  if (day === undefined) return []
  const why = `its cases are of ${file.asOf}, before their version starts: write ${day} after \`asOf\``
  return [paint('yellow', `policies/${path}: ${why}`)]
}

function gapLine({ change, place }: Gap): string {
  const at = `policies/${change.path}:${place.line}:${place.column}`
  return `${paint('yellow', 'unnoticed')}  ${at}  ${change.rule}: ${change.says}`
}

function gapLines(gap: Gap): readonly string[] {
  const { example, tried } = gap
  const head = gapLine(gap)
  if (example === undefined)
    return [head, `    no case that would notice it was found among ${tried} tried`, '']
  const { asOf, facts, items, expect } = example.each
  const written = jsonLines(
    {
      name: 'Say here what the law wants',
      ...(asOf === undefined ? {} : { asOf }),
      ...(facts === undefined ? {} : { facts }),
      ...(items === undefined ? {} : { items: items.map(({ id, ...item }) => ({ id, ...item })) }),
      expect,
    },
    84,
  )
  return [
    head,
    `    a case in policies/${example.path} that would notice it, if the law is as it stands:`,
    ...written.map((line) => `      ${line}`),
    '',
  ]
}

function coverageLine(
  { noticed, gaps, cannotMatter }: NonNullable<Tested['coverage']>,
  failing: boolean,
): string {
  const all = noticed + gaps.length
  const percent = (Math.floor((noticed / Math.max(1, all)) * 1000) / 10).toFixed(1)
  const text =
    `coverage ${all === 0 ? '100.0' : percent} % (${gaps.length} of ${all} changes unnoticed` +
    `${cannotMatter.length === 0 ? '' : `; ${cannotMatter.length} more cannot matter`})`
  const part = failing ? '; cases that fail notice nothing' : ''
  return paint(gaps.length === 0 ? 'green' : 'yellow', text + part)
}

/** The result as programs read it. */
const testedJson = ({ changed, ran, coverage }: Tested) => ({
  changed,
  cases: ran.map(({ path, each, failures }) => ({ path, name: each.name, failures })),
  ...(coverage === undefined
    ? {}
    : {
        coverage: {
          changes: coverage.noticed + coverage.gaps.length + coverage.cannotMatter.length,
          noticed: coverage.noticed,
          unnoticed: coverage.gaps.map(({ change, place, example }) => ({
            ...stated(change, place),
            ...(example === undefined ? {} : { witness: example }),
          })),
          cannotMatter: coverage.cannotMatter.map(({ change, place }) => stated(change, place)),
          skipped: coverage.skipped,
        },
      }),
})

const stated = ({ path, pointer, rule, says }: SmallChange, { line, column }: TextPlace) => ({
  path,
  line,
  column,
  pointer,
  rule,
  says,
})
