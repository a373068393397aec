/** `comity policy test`: the cases of the policies, and the changes of the law that none notices. */

import { globSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { foundLaw } from '../adapters/policies-files.ts'
import { caseFileSchema } from '../law/cases.ts'
import type { Change } from '../law/changes.ts'
import { changesOf, lawsOf, runAll, type TestFile, tryChanges } from '../law/coverage.ts'
import { type Place, placesOf } from '../law/places.ts'
import { lookInto } from '../law/witness.ts'
import { type Book, readBook, type Version } from '../policy/book.ts'
import { judge } from '../policy/set.ts'
import { exitCodes, Failure } from './exit.ts'
import { readJson } from './files.ts'
import { chosen } from './policy-files.ts'
import type { Gap, Tested } from './tested-lines.ts'
import { testedJson, testedLines } from './tested-lines.ts'

/** Every file counts as sealed at this moment: cases are there before the seal. */
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
      if (options.json) console.log(JSON.stringify(testedJson(tested), null, 2))
      else console.log(testedLines(tested, folder, seconds).join('\n'))
      if (!isGood(tested)) process.exitCode = exitCodes.testsFailed
    })
}

const isGood = ({ ran, coverage }: Tested): boolean =>
  ran.every((each) => each.failures.length === 0) && (coverage?.gaps ?? []).length === 0

/** One line on a terminal that is written anew; nothing elsewhere. */
function progress(): (done: number, of: number) => void {
  const { stderr } = process
  if (!stderr.isTTY) return () => undefined
  let shown = 0
  return (done, of) => {
    if (done < of && performance.now() - shown < 100) return
    shown = performance.now()
    stderr.write(done === of ? '\r\u001b[K' : `\r${done} of ${of} changes tried`)
  }
}

/** Runs the cases of a folder; with files, those cases and the changes of those versions only. */
export function testPolicies(
  folder: string,
  files: readonly string[],
  withCoverage: boolean,
  onProgress: (done: number, of: number) => void = () => undefined,
): Tested {
  const law = foundLaw(folder)
  const standing = judge(law)
  const isRetired = (path: string) => standing.sealed.get(path)?.retiredAt !== undefined
  const sources = law.files.filter(({ path }) => !isRetired(path))
  const { book, faults } = readBook(sources, () => asIfSealed)
  const [fault] = faults
  if (fault !== undefined)
    throw new Failure(
      `${fault.path}: ${fault.message}; \`comity policy check\` says more`,
      exitCodes.invalidPolicy,
    )
  const tests = testFiles(folder).filter(({ path }) => !isRetired(path.replace('.test.', '.')))
  const isChosen = chosen(
    folder,
    files,
    [...sources, ...tests].map(({ path }) => path),
  )
  const laws = lawsOf(book, asIfSealed)
  const all = runAll(tests, laws)
  const ran = all.filter(({ path }) => isChosen(path))
  const changed = standing.faults.filter(({ code }) => code === 'changed').map(({ path }) => path)
  if (!withCoverage) return { changed, ran }
  const changes = changesOf(book).filter(({ path, of }) => isChosen(path) && !isCorrected(of, book))
  const gaps: Gap[] = []
  const cannotMatter: { change: Change; place: Place }[] = []
  let done = 0
  for (const { change, noticedBy } of tryChanges(book, changes, all, asIfSealed)) {
    onProgress(++done, changes.length)
    if (noticedBy !== undefined) continue
    const text = sources.find(({ path }) => path === change.path)?.text ?? ''
    const place = placesOf(text)(change.pointer)
    const found = lookInto(book, change, all, laws, asIfSealed)
    if (found.verdict === 'cannot-matter') cannotMatter.push({ change, place })
    else gaps.push({ change, place, ...found })
  }
  const noticed = changes.length - gaps.length - cannotMatter.length
  return { changed, ran, coverage: { noticed, gaps, cannotMatter } }
}

/** Whether a correction took the place of a version: its cases are run, but no request is decided by it. */
const isCorrected = ({ id, day, revision }: Version, { policies, lists }: Book): boolean =>
  [...policies, ...lists].some(
    (each) => each.id === id && each.day === day && each.revision > revision,
  )

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
