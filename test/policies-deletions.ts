/** Every policy and list of this repository with one thing deleted from its text. */

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isVersionPath, type SourceFile } from '../functions/policy/book.ts'
import { caseFileSchema } from '../functions/workbench/law/cases.ts'
import type { TestFile } from '../functions/workbench/law/coverage.ts'

const folder = join(import.meta.dirname, '../policies')
const paths = globSync('**/*.json', { cwd: folder })
  .map((path) => path.replaceAll('\\', '/'))
  .sort()
const read = (path: string) => readFileSync(join(folder, path), 'utf8')

export const filesOfTheLaw = (): readonly SourceFile[] =>
  paths.filter(isVersionPath).map((path) => ({ path, text: read(path) }))

export const testsOfTheLaw = (): readonly TestFile[] =>
  paths
    .filter((path) => path.endsWith('.test.json'))
    .map((path) => ({ path, file: caseFileSchema.parse(JSON.parse(read(path))) }))

/** A file without one thing, and which. */
export type Deletion = SourceFile & { readonly what: string }

/** Each entry of these lists is a thing that can be deleted: rules, exceptions, members, operands. */
const deletable = ['rules', 'unless', 'members', 'elements', 'and', 'or']

export const deletions = (files: readonly SourceFile[]): readonly Deletion[] =>
  files.flatMap(({ path, text }) =>
    deletablesIn(JSON.parse(text), '').map((pointer) => ({
      path,
      text: JSON.stringify(without(JSON.parse(text), pointer.split('/').slice(1))),
      what: `${path}${pointer}`,
    })),
  )

function deletablesIn(value: unknown, pointer: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => {
    const at = `${pointer}/${key}`
    const isList = Array.isArray(each) && each.length > 0
    const isLiterals = key === '1' && pointer.endsWith('/in') && isList
    const own =
      isLiterals || (deletable.includes(key) && isList) ? each.map((_, i) => `${at}/${i}`) : []
    return [...own, ...deletablesIn(each, at)]
  })
}

function without(value: unknown, steps: readonly string[]): unknown {
  const [step = '', ...rest] = steps
  if (Array.isArray(value)) {
    const i = Number(step)
    return rest.length === 0 ? value.toSpliced(i, 1) : value.with(i, without(value[i], rest))
  }
  const members = value as Readonly<Record<string, unknown>>
  return { ...members, [step]: without(members[step], rest) }
}
