/**
 * Reads files of law that nobody has checked yet: each whole, with every fault of its shape and its conditions. Writes
 * law for an archive and for a bundle, and reads it with its seals, which are checked.
 */

import type * as z from 'zod'
import { ComityError } from '../failure.ts'
import {
  type Book,
  compile,
  type Fault,
  isVersionPath,
  type List,
  nameOf,
  type Policy,
  type SourceFile,
  type TakeFault,
} from './book.ts'
import {
  between,
  type CheckedLaw,
  compiled,
  expectKeys,
  type RunLaw,
  type Runnable,
  refusalOf,
  type Standing,
  standingOn,
} from './carried.ts'
import { judge } from './check-seals.ts'
import { condition } from './dialect.ts'
import { parseJson, placeOf } from './json-fault.ts'
import { spoken } from './language.ts'
import { type Condition, ready } from './logic.ts'
import { type ListFile, type Logic, listSchema, policySchema } from './policy.ts'
import type { SuspendedSpan } from './suspension.ts'

/** Checks every file of the set as `check` does for its author. Throws on any fault. */
export function run(law: RunLaw): Runnable {
  const { stands, ...rest } = standing(law, false)
  const { book, faults } = readBook(rest.files, stands.sealedAt, undefined, stands.retiredAt)
  const refusal = refusalOf(faults)
  if (refusal !== undefined) throw new ComityError(refusal)
  return { ...rest, book }
}

/**
 * Opens law as `opened` does, which another build may have checked: what this one does not know of it, it would not
 * miss, such as a refusal of a new kind. Throws on any fault.
 */
export function openedWhole(...carried: Parameters<typeof opened>): Runnable {
  const law = opened(...carried)
  const refusal = refusalOf(readBook(law.files, () => undefined).faults)
  if (refusal !== undefined) throw new ComityError(refusal)
  return law
}

/**
 * Reads all files at once, since policies name lists.
 * `sealedAt` gives the time of a path's seal, or undefined for a draft; `retiredAt` gives the time of its
 * end.
 * Leaves out a file that has a fault, and returns every fault.
 */
export function readBook(
  files: readonly SourceFile[],
  sealedAt: (path: string, digest: string) => string | undefined,
  suspensionsOf: (path: string, digest: string) => readonly SuspendedSpan[] = () => [],
  retiredAt: (path: string, digest: string) => string | undefined = () => undefined,
): { readonly book: Book; readonly faults: readonly Fault[] } {
  const faults: Fault[] = []
  const versions = files
    .filter(({ path }) => isVersionPath(path))
    .map((file) => ({ ...file, named: nameOf(file, { sealedAt, suspensionsOf, retiredAt }) }))
  const listIds = new Set(
    versions.filter(({ named }) => named.folder === 'lists').map(({ named }) => named.listId),
  )
  const lists: List[] = []
  const policies: Policy[] = []
  for (const { path, text, named } of versions) {
    const fault: TakeFault = (place, code, message, fix) =>
      void faults.push({ path, place, code, message, ...(fix === undefined ? {} : { fix }) })
    const { folder, listId, ...own } = named
    const parsed = parseJson(text, 48)
    if ('fault' in parsed) {
      const { line, column } = placeOf(text, parsed.fault.offset)
      fault(`${line}:${column}`, 'json', parsed.fault.message)
      continue
    }
    const before = faults.length
    const { translations } = spoken(parsed.value)
    const version = translations === undefined ? own : { ...own, translations }
    if (folder === 'lists') {
      const file = shaped(listSchema, parsed.value, fault)
      if (file === undefined) continue
      for (const [i, member] of (file.members ?? []).entries())
        if ('membersOf' in member && !listIds.has(member.membersOf))
          fault(`/members/${i}/membersOf`, 'list', `there is no list \`${member.membersOf}\``)
      for (const [i, { id, parties }] of (file.arrangements ?? []).entries()) {
        for (const [j, party] of parties.entries())
          if ('membersOf' in party && !listIds.has(party.membersOf))
            fault(
              `/arrangements/${i}/parties/${j}/membersOf`,
              'list',
              `there is no list \`${party.membersOf}\``,
            )
        if (isTaken(id, i, file, lists, listId))
          fault(`/arrangements/${i}/id`, 'id', `there is an arrangement \`${id}\` already`)
      }
      const rival = lists.find(
        ({ id, file: { instrument } }) =>
          instrument !== undefined && instrument === file.instrument && id !== listId,
      )
      if (rival !== undefined)
        fault('/instrument', 'instrument', `the list \`${rival.id}\` is of this instrument already`)
      if (faults.length === before) lists.push({ ...version, id: listId, file })
      continue
    }
    const file = shaped(policySchema, parsed.value, fault)
    if (file === undefined) continue
    const policy = compile({ ...version, folder, file }, asker(listIds, fault), fault)
    if (faults.length === before) policies.push(policy)
  }
  return { book: { policies, lists }, faults }
}

/** Whether another entry of this list, or another list, has an arrangement with this id. */
const isTaken = (
  id: string,
  at: number,
  { arrangements = [] }: ListFile,
  lists: readonly List[],
  listId: string,
): boolean =>
  arrangements.findIndex((each) => each.id === id) < at ||
  lists.some(
    (other) => other.id !== listId && other.file.arrangements?.some((each) => each.id === id),
  )

/** Checks each condition and compiles it. */
export const asker =
  (listIds: ReadonlySet<string>, fault: TakeFault) =>
  (logic: Logic, place: string): Condition => {
    const result = condition(logic, listIds)
    if ('condition' in result) return result.condition
    for (const { pointer, code, message, fix } of result.faults)
      fault(place + pointer, code, message, fix)
    return ready(false)
  }

/** A value as its schema wants it; undefined once its faults are noted. */
export function shaped<T>(schema: z.ZodType<T>, value: unknown, fault: TakeFault): T | undefined {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  for (const issue of result.error.issues)
    fault(`/${issue.path.map(String).join('/')}`, 'shape', issue.message)
  return undefined
}

/** Writes as text the law that `run` would run, with its seals. */
export function carry(law: RunLaw): string {
  const { files, set } = standing(law, false)
  const { seals, sealers, releaseKeys } = law
  const heads = Object.entries(set.folders)
  const untilHead = heads.map(([folder, { head }]) => [
    folder,
    // A cast: it was judged.
    (seals[folder] as readonly unknown[]).slice(0, head.number),
  ])
  return JSON.stringify({
    ...{ files, seals: Object.fromEntries(untilHead) },
    ...{ sealers, releaseKeys, set },
  } satisfies RunLaw)
}

/**
 * Writes the same law with what was sealed in place of the seals, which are checked here for the last time. Files
 * follow word for word, so that nobody has to read them twice.
 */
export function carryChecked(law: RunLaw): string {
  const { files, set, folders } = standing(law, false)
  const { sealers, releaseKeys } = law
  const sealed = Object.entries(set.folders).map(([folder, { head }]) => [
    folder,
    folders
      .get(folder)
      ?.counted.filter(({ number }) => number <= head.number)
      .map(({ statedAt, body: { sha256: _, ...body }, countsAt }) => ({
        statedAt,
        body,
        countsAt,
      })),
  ])
  const header: CheckedLaw = {
    ...{ paths: files.map(({ path }) => path), sealed: Object.fromEntries(sealed) },
    ...{ sealers, releaseKeys, set },
  }
  return [JSON.stringify(header), ...files.map(({ text }) => text)].join(between)
}

/**
 * Reads the text of `carry`, if it is exactly a set signed with the pinned keys, and sealed by its sealers.
 * Outside a trial, the demonstration's keys are refused. The content of files is not checked again: their bytes
 * are those that were checked when they were sealed, if by a build that knows no more than this one (`openedWhole`).
 */
export function opened(text: string, pinnedKeys: string, isTrial: boolean): Runnable {
  const law = JSON.parse(text) as RunLaw
  expectKeys(law, pinnedKeys, isTrial)
  return compiled(standing(law, true))
}

/** The files that count, and what the seals say of them. Throws on any fault. */
export function standing(law: RunLaw, exactly: boolean): Standing {
  const judged = judge(law, exactly)
  return standingOn(law, judged.folders, judged)
}
