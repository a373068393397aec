/** What a person names on the command line: a file, or an id such as `de/bkag@2026-02-14`. */

import { existsSync, statSync } from 'node:fs'
import { basename, isAbsolute, join, relative, resolve } from 'node:path'
import { readPolicies, versionFiles } from '../../adapters/policies-files.ts'
import {
  type Book,
  type Fault,
  isVersionPath,
  type List,
  lawId,
  lawPath,
  oldestFirst,
  type Policy,
  saying,
} from '../../policy/book.ts'
import { inForce } from '../../policy/history.ts'
import { readBook } from '../../policy/read-book.ts'
import { suggest } from '../../policy/suggest.ts'
import type { Titles } from '../../policy/words.ts'
import { exitCodes, Failure, misuse } from '../../terminal/exit.ts'
import { readText } from '../../terminal/files.ts'

/** A version of a policy or list. Its name says where it came from. */
export type Chosen = { readonly name: string } & (
  | { readonly kind: 'policy'; readonly version: Policy }
  | { readonly kind: 'list'; readonly version: List }
)

/** A folder of law as it was read, once for all that a command asks of it. */
export type LawRead = ReturnType<typeof readPolicies> & { readonly folder: string }

/** Reads a folder of law, with its faults. */
export const readLaw = (folder: string): LawRead => ({ folder, ...readPolicies(folder) })

/** Every policy and list of a folder. Throws a Failure that names every fault. */
export function wholeBook({ book, faults }: LawRead): Book {
  if (faults.length > 0) throw invalid(faults)
  return book
}

/** What to say where nothing has the name that was given. */
export const noSuch = (what: string, name: string, known: readonly string[]): Failure =>
  misuse(`there is no ${what} \`${name}\`${suggest(name, known)}`)

/** What to say where files have faults. */
export const invalid = (faults: readonly Fault[]): Failure =>
  new Failure(
    faults.map((each) => `${each.path}:${each.place}: ${saying(each)}`).join('\n'),
    exitCodes.invalidPolicy,
  )

/** The newest title of each list. */
export const titlesOf = ({ lists }: Book): Titles =>
  Object.fromEntries(lists.toSorted(oldestFirst).map((each) => [each.id, each.file.title]))

/**
 * A version by file or by id. An id without a version means the one in force at `now` (an instant),
 * or else the newest. A file whose path does not say which policy it is counts as a version of the
 * policy `like`, and without one as a draft of its own.
 */
export function choose(law: LawRead, name: string, now: string, like?: Chosen): Chosen {
  const { folder } = law
  const file = [name, join(folder, name), join(folder, '..', name)].find(
    (path) => existsSync(path) && statSync(path).isFile(),
  )
  if (file === undefined) return byId(law, name, now)
  const inside = relative(resolve(folder), resolve(file)).replaceAll('\\', '/')
  if (isVersionPath(inside)) return byId(law, inside.replace(/\/([^/]*)\.json$/, '@$1'), now)
  const tail = resolve(file).replaceAll('\\', '/').split('/').slice(-3).join('/')
  const draft = `draft/${basename(file, '.json')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')}/${now.slice(0, 10)}.json`
  const path = isVersionPath(tail) ? tail : like === undefined ? draft : lawPath(like.version)
  return fromText(folder, name, path, readText(file))
}

function byId({ book, faults }: LawRead, name: string, now: string): Chosen {
  const [id = '', wanted] = name.split('@')
  const all = [
    ...book.policies.map((version) => ({ kind: 'policy' as const, id: lawId(version), version })),
    ...book.lists.map((version) => ({ kind: 'list' as const, id: lawId(version), version })),
  ]
  const versions = all
    .filter((each) => each.id === id)
    .toSorted((a, b) => oldestFirst(a.version, b.version))
  const found =
    wanted === undefined
      ? (versions.find((each) => isInForce(book, each.version, now)) ?? versions.at(-1))
      : versions.find((each) => each.version.version === wanted)
  if (found !== undefined) return { ...found, name: `${id}@${found.version.version}` }
  const broken = faults.filter(({ path }) =>
    wanted === undefined ? path.startsWith(`${id}/`) : path === `${id}/${wanted}.json`,
  )
  if (broken.length > 0) throw invalid(broken)
  if (versions.length === 0)
    throw noSuch('file and no policy or list', id, [...new Set(all.map((each) => each.id))])
  const known = versions.map((each) => each.version.version).join(', ')
  throw misuse(`there is no version \`${wanted}\` of \`${id}\`; there is ${known}`)
}

function isInForce(book: Book, version: Policy | List, now: string): boolean {
  const { policies, listVersions } = inForce(book, now, now)
  return [...policies, ...listVersions].some((each) => each === version)
}

/** A file outside the folder, read with the folder's lists. */
function fromText(folder: string, name: string, path: string, text: string): Chosen {
  const lists = versionFiles(folder).filter((each) => each.path.startsWith('lists/'))
  const { book, faults } = readBook(
    [...lists.filter((each) => each.path !== path), { path, text }],
    () => undefined,
  )
  const wrong = faults.filter((each) => each.path === path)
  if (wrong.length > 0) throw invalid(wrong.map((each) => ({ ...each, path: name })))
  const [policy] = book.policies
  if (policy !== undefined) return { name, kind: 'policy', version: policy }
  const list = book.lists.find((version) => lawPath(version) === path)
  if (list !== undefined) return { name, kind: 'list', version: list }
  throw new Failure(`\`${name}\` is no policy and no list`, exitCodes.invalidPolicy)
}

/**
 * Whether a path, relative to the folder, was named: as a file, by its test or by a folder, with or without
 * `policies/`. Without names, every path is.
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
    throw noSuch('policy, list or test', path, known)
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
