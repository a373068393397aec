/** The law as a gateway runs it and a bundle carries it: exactly the files of one signed set. */

import * as z from 'zod'
import { ComityError } from '../failure.ts'
import {
  type Book,
  compile,
  type Fault,
  type List,
  nameOf,
  type Policy,
  readBook,
  type SourceFile,
  saying,
} from './book.ts'
import { isDemonstrationKey } from './demonstration.ts'
import type { LawKeys } from './law-chain.ts'
import { ready } from './logic.ts'
import { type ListFile, type PolicyFile, releaseKeySchema, sealerSchema } from './policy.ts'
import type { FolderSeals } from './seal.ts'
import { digestOfKeys, type FoundLaw, judge, type LawSet, setSchema } from './set.ts'

/** The law that a gateway starts on. */
export type RunLaw = FoundLaw & { readonly releaseKeys: unknown }

/** Why no gateway may start on a law; undefined if it may. */
export function refusalOf(faults: readonly Fault[]): string | undefined {
  const [first] = faults
  if (first === undefined) return undefined
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  return `couldn’t load policies: ${first.path}${first.place}: ${saying(first)}${more}`
}

/** A law that a gateway may start on, unless its set is below the floor. */
export type Runnable = LawKeys & {
  readonly book: Book
  /** Its files, word for word. */
  readonly files: readonly SourceFile[]
  readonly set: LawSet
  readonly folders: ReadonlyMap<string, FolderSeals>
}

/** Checks every file of the set as `check` does for its author. Throws on any fault. */
export function run(law: RunLaw): Runnable {
  const { stands, ...rest } = standing(law, false)
  const { book, faults } = readBook(rest.files, stands.sealedAt, undefined, stands.retiredAt)
  const refusal = refusalOf(faults)
  if (refusal !== undefined) throw new ComityError(refusal)
  return { ...rest, book }
}

/** Writes as text the law that `run` would run. */
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
 * Reads the text of `carry`, if it is exactly a set signed with the pinned keys. Outside a trial, the
 * demonstration's keys are refused. The content of files is not checked again: their bytes are those that
 * were checked when they were carried.
 */
export function opened(text: string, pinnedKeys: string, isTrial: boolean): Runnable {
  const law = JSON.parse(text) as RunLaw
  if (digestOfKeys(law) !== pinnedKeys)
    throw new ComityError(
      'couldn’t load policies: the keys of sealers and releases are not those that the deployment pins; deploy the bundle with its own stack',
    )
  const { stands, ...rest } = standing(law, true)
  const trusted = [...rest.sealers, ...rest.releaseKeys]
  const known = trusted.find(({ jwk }) => isDemonstrationKey(jwk.x))
  if (!isTrial && known !== undefined)
    throw new ComityError(
      `couldn’t load policies: everybody has the private key of \`${known.kid}\`: only \`dev\` takes it`,
    )
  const policies: Policy[] = []
  const lists: List[] = []
  for (const each of rest.files) {
    const { folder, listId, ...version } = nameOf(each, stands)
    const file: unknown = JSON.parse(each.text)
    // Casts: a file with another shape has another digest.
    if (folder === 'lists') lists.push({ ...version, id: listId, file: file as ListFile })
    else policies.push(compile({ ...version, folder, file: file as PolicyFile }, ready, ignore))
  }
  return { ...rest, book: { policies, lists } }
}

/** The files that count, and what the seals say of them. Throws on any fault. */
function standing(law: RunLaw, exactly: boolean) {
  const { faults, folders, counting, sealedAt, retiredAt } = judge(law, exactly)
  const refusal = refusalOf(faults)
  if (refusal !== undefined) throw new ComityError(refusal)
  return {
    files: law.files.filter(({ path }) => counting.has(path)),
    stands: { sealedAt, retiredAt, suspensionsOf: () => [] },
    folders,
    // All three were judged.
    set: setSchema.parse(law.set),
    sealers: z.array(sealerSchema).parse(law.sealers),
    releaseKeys: z.array(releaseKeySchema).parse(law.releaseKeys),
  }
}

const ignore = () => {}
