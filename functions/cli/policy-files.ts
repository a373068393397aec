/** Which files of the policies folder a person means. */

import { isAbsolute, relative, resolve } from 'node:path'
import { suggest } from '../policy/suggest.ts'
import { exitCodes, Failure } from './exit.ts'

/**
 * Whether a path, relative to the folder, is among the files that were named: by the file, by its
 * test beside it, by a folder, with or without `policies/`. Without names all are.
 */
export function chosen(
  folder: string,
  files: readonly string[],
  known: readonly string[],
): (path: string) => boolean {
  if (files.length === 0) return () => true
  const wanted = files.map((file) => {
    const path = relativeTo(folder, file)
    if (path === '' || known.some((each) => isMeant(each, path))) return path
    throw new Failure(
      `there is no policy, list or test \`${path}\`${suggest(path, known)}`,
      exitCodes.usage,
    )
  })
  return (path) => wanted.some((each) => each === '' || isMeant(path, each))
}

const isMeant = (path: string, named: string): boolean =>
  stem(path) === stem(named) || path.startsWith(`${named}/`)

const stem = (path: string): string => path.replace(/(\.test)?\.json$/, '')

function relativeTo(folder: string, file: string): string {
  const inside = relative(folder, resolve(file)).replaceAll('\\', '/')
  if (!inside.startsWith('..') && !isAbsolute(inside)) return inside
  return file.replace(/^(\.\/)?(policies(\/|$))?/, '').replace(/\/$/, '')
}
