/** The policies of this repository and the cases that lawyers state for them. */

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isVersionPath } from '../../functions/policy/book.ts'
import { type InForce, inForce } from '../../functions/policy/history.ts'
import { parseJson } from '../../functions/policy/json-fault.ts'
import { readBook } from '../../functions/policy/read-book.ts'
import { type Case, type CaseFile, caseFileSchema } from '../../functions/workbench/law/cases.ts'
import { lawsOf } from '../../functions/workbench/law/law.ts'
import { correctionOf } from '../shipped.ts'
import { sealed } from './write.ts'

const folder = join(import.meta.dirname, '../../policies')
const textOf = (path: string) => readFileSync(join(folder, path), 'utf8')
const paths = globSync('**/*.json', { cwd: folder })
  .map((path) => path.replaceAll('\\', '/'))
  .sort()

/** Every version under `policies/`, drafts as if they were sealed. */
export const law = readBook(
  paths.filter(isVersionPath).map((path) => ({ path, text: textOf(path) })),
  () => sealed,
)

const byDay = new Map<string, InForce>()

/** What is in force on a day, as known when everything was sealed. */
export function lawOn(day: string): InForce {
  const now = byDay.get(day) ?? inForce(law.book, day, sealed)
  byDay.set(day, now)
  return now
}

/** The same as cases about a version see it: the cases of a corrected one see no later correction. */
export const laws = lawsOf(law.book, sealed)

export type TestFile = { readonly path: string; readonly read: () => CaseFile }

/** The test files, each read when it is asked for, so that a fault in one is its own. */
export const testFiles: readonly TestFile[] = paths
  .filter((path) => path.endsWith('.test.json'))
  .map((path) => ({ path, read: () => readCases(path) }))

function readCases(path: string): CaseFile {
  const parsed = parseJson(textOf(path), 48)
  if ('fault' in parsed) throw new Error(`${path}: ${parsed.fault.message}`)
  return caseFileSchema.parse(parsed.value)
}

const isCorrected = (path: string): boolean => paths.includes(correctionOf(path))

/**
 * The cases of all files that can be read; the others fail in `policies.test.ts`. Those of a version that
 * was corrected stand again beside its correction.
 */
export const cases: readonly { readonly file: CaseFile; readonly each: Case }[] = testFiles.flatMap(
  ({ path, read }) => {
    if (isCorrected(path)) return []
    try {
      const file = read()
      return file.cases.map((each) => ({ file, each }))
    } catch {
      return []
    }
  },
)
