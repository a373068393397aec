/**
 * Seals: what two people state makes a policy file count, in one chain for each folder. `check-seals.ts` checks their
 * signatures, which a bundle no longer has.
 */

import { withoutLetter } from './book.ts'
import { digestOfLink, emptyTip, type Link, nextLink, type Tip } from './chain.ts'
import type { SealBody } from './sealers.ts'
import { later } from './signed.ts'

/** The name of a folder's chain. */
export const sealChain = (folder: string): string => `seals/${folder}`

/** The folder that a path is in. */
export const folderOf = (path: string): string => path.split('/')[0] ?? ''

/** The file of a folder's chain. */
export const sealsFile = (folder: string): string => `${folder}/seals.json`

/** A file that two people sealed: its bytes, since when it counts, and until when if retired. */
export type SealedFile = {
  readonly sha256: string
  readonly sealedAt: string
  readonly retiredAt?: string
}

/** A statement that counts, and from when: the moment of its second signature. */
export type CountedSeal = Link<SealBody> & { readonly countsAt: string }

/** What is sealed in a folder. */
export type SealedFolder = {
  /** The tip after each statement, as far as the chain holds. */
  readonly tips: readonly Tip[]
  /** The last statement that counts. */
  readonly head: Tip
  readonly counted: readonly CountedSeal[]
  /** By path, including retired files. */
  readonly sealed: ReadonlyMap<string, SealedFile>
}

/**
 * A chain that was checked before (`checkChain`), which has no signatures any more. If anything of it was changed
 * since but `countsAt`, its head is another.
 */
export function checkedBefore(
  folder: string,
  stated: readonly Pick<CountedSeal, 'statedAt' | 'body' | 'countsAt'>[],
): SealedFolder {
  const tips: Tip[] = []
  const counted = stated.map(({ statedAt, body, countsAt }): CountedSeal => {
    const link = nextLink(sealChain(folder), tips.at(-1) ?? emptyTip, statedAt, body)
    tips.push({ number: link.number, digest: digestOfLink(link) })
    return { ...link, countsAt }
  })
  return { tips, head: tips.at(-1) ?? emptyTip, counted, sealed: sealedBy(counted) }
}

/** What was sealed in a folder by the statement of this number. */
export const sealedUntil = (
  { counted, sealed }: SealedFolder,
  number: number,
): SealedFolder['sealed'] =>
  counted.every((each) => each.number <= number)
    ? sealed
    : sealedBy(counted.filter((each) => each.number <= number))

function sealedBy(counted: readonly CountedSeal[]): SealedFolder['sealed'] {
  const sealed = new Map<string, SealedFile>()
  for (const each of counted) counts(each, sealed)
  return sealed
}

/** Makes a statement count, or says why it cannot. */
export function counts(
  { body, statedAt, countsAt }: CountedSeal,
  sealed: Map<string, SealedFile>,
): string | undefined {
  const { act, path, sha256 } = body
  const own = sealed.get(path)
  if (act === 'retire') {
    if (own?.sha256 !== sha256) return `${path} cannot be retired: it is not sealed like this`
    if (own.retiredAt !== undefined) return `${path} is retired twice`
    if (Date.parse(body.from) < Date.parse(statedAt))
      return `${path} cannot be retired: nothing ends before that is said`
    sealed.set(path, { ...own, retiredAt: later(body.from, countsAt) })
    return undefined
  }
  if (own !== undefined) return `${path} is sealed twice`
  const day = withoutLetter(path)
  const rival = [...sealed].find(
    ([other, { retiredAt }]) =>
      withoutLetter(other) === day &&
      (retiredAt === undefined || Date.parse(countsAt) < Date.parse(retiredAt)),
  )
  if (rival !== undefined) return `${path} cannot be sealed: ${rival[0]} is, for the same day`
  sealed.set(path, { sha256, sealedAt: countsAt })
  return undefined
}
