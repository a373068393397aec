/** Writes law for an archive and for a bundle, and reads it with its seals, which are checked. */

import {
  between,
  type CheckedLaw,
  compiled,
  expectKeys,
  type RunLaw,
  type Runnable,
  type Standing,
  standingOn,
} from './carried.ts'
import { judge } from './check-seals.ts'

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
