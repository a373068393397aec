/** Seals: two people's signatures that make a policy file count, in one chain for each folder. */

import * as z from 'zod'
import { type Fault, withoutLetter } from './book.ts'
import {
  breakWords,
  digestOfLink,
  emptyTip,
  followChain,
  type Link,
  nextLink,
  type Tip,
  textOfLink,
} from './chain.ts'
import { type Seal, type SealBody, type Sealer, sealerSchema, sealSchema } from './sealers.ts'
import {
  checkSignatures,
  later,
  type SealingKey,
  type SignedBoth,
  signStatement,
} from './signed.ts'

/** The name of a folder's chain. */
export const sealChain = (folder: string): string => `seals/${folder}`

/** The folder that a path is in. */
export const folderOf = (path: string): string => path.split('/')[0] ?? ''

/** The file of a folder's chain. */
export const sealsFile = (folder: string): string => `${folder}/seals.json`

/** Signs a statement of a folder. The second signer gives the time in `signedAt`. */
export const signSeal = (link: Link<SealBody>, key: SealingKey, signedAt?: string): string =>
  signStatement(kind, textOfLink(link), key, signedAt)

/** A file that two people sealed: its bytes, since when it counts, and until when if retired. */
export type SealedFile = {
  readonly sha256: string
  readonly sealedAt: string
  readonly retiredAt?: string
}

/** A statement that only one person has signed, which does not count yet. */
export type Waiting = SignedBoth & { readonly seal: Seal }

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

/** The result of one folder's chain. */
export type FolderSeals = SealedFolder & {
  /** Its statements, if they are well formed. */
  readonly links: readonly Seal[]
  /** The waiting statements at the end of the chain, in order. */
  readonly waiting: readonly Waiting[]
  readonly faults: readonly Fault[]
}

/** The result of all folders' chains. */
export type Seals = {
  readonly folders: ReadonlyMap<string, FolderSeals>
  readonly faults: readonly Fault[]
}

/** Checks the chain of each folder against the sealers that a deployment trusts. */
export function checkSeals(seals: Readonly<Record<string, unknown>>, sealers: unknown): Seals {
  const { data: known } = z.array(sealerSchema).safeParse(sealers)
  const folders = new Map(
    Object.entries(seals).map(([folder, links]) => [
      folder,
      checkChain(folder, links, known ?? []),
    ]),
  )
  const notTrusted: Fault = {
    path: 'sealers.json',
    place: '',
    code: 'sealers',
    message: 'it is not a list of sealers',
    fix: 'restore the file from the last commit',
  }
  return {
    folders,
    faults: [
      ...(known === undefined ? [notTrusted] : []),
      ...[...folders.values()].flatMap(({ faults }) => faults),
    ],
  }
}

/**
 * Follows the chain of a folder. A statement counts from the moment of its second signature; it needs those
 * of a legal and a data-protection sealer, with two different keys, both registered for the folder. None
 * counts behind one that waits. Of several drafts for one day, only one can be sealed. A retired file counts
 * until its end, and stays in `sealed` for deciding earlier requests again.
 */
export function checkChain(
  folder: string,
  stated: unknown,
  sealers: readonly Sealer[],
): FolderSeals {
  const path = sealsFile(folder)
  const faults: Fault[] = []
  const fix = 'restore the file from the last commit, and seal with `comity policy seal`'
  const fault = (at: number, message: string) =>
    faults.push({ path, place: `/${at}`, code: 'seal', message, fix })
  const parsed = z.array(sealSchema).safeParse(stated)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    faults.push({
      path,
      place: issue === undefined ? '' : `/${issue.path.map(String).join('/')}`,
      code: 'seals',
      message: 'it is not a chain of seals',
      fix,
    })
  }
  const links = parsed.data ?? []
  const { tips, broken } = followChain(sealChain(folder), links)
  const sealed = new Map<string, SealedFile>()
  const counted: CountedSeal[] = []
  const waiting: Waiting[] = []
  let head = emptyTip
  for (const [at, tip] of tips.entries()) {
    const seal = links[at] as Seal
    const { statedAt: began, signatures, body } = seal
    const said = { text: textOfLink(seal), folder, began }
    const signed = checkSignatures(kind, said, signatures, sealers)
    const [open] = waiting
    if ('wrong' in signed)
      fault(at, `the statement on ${body.path} does not count: ${signed.wrong}`)
    else if (folderOf(body.path) !== folder)
      fault(at, `the statement on ${body.path} does not count: it is not of the folder ${folder}`)
    else if (signed.completeAt === undefined) waiting.push({ ...signed, seal })
    else if (open !== undefined)
      fault(at, `the statement on ${body.path} follows that on ${open.seal.body.path}, which waits`)
    else {
      const { signatures: _, ...link } = seal
      const own = { ...link, countsAt: signed.completeAt }
      const wrong = counts(own, sealed)
      if (wrong !== undefined) fault(at, wrong)
      else {
        head = tip
        counted.push(own)
      }
    }
  }
  if (broken !== undefined) fault(broken.at, `the chain breaks here: ${breakWords[broken.why]}`)
  return { links, tips, head, counted, sealed, waiting, faults }
}

/** The statement that seals exactly this file, and who signed it so far; undefined if nobody has. */
export function sealOn(
  folder: string,
  { links }: Pick<FolderSeals, 'links'>,
  { path, sha256 }: { readonly path: string; readonly sha256: string },
  sealers: readonly Sealer[],
): Waiting | undefined {
  const seal = links.findLast(
    ({ body }) => body.act === 'seal' && body.path === path && body.sha256 === sha256,
  )
  if (seal === undefined) return undefined
  const said = { text: textOfLink(seal), folder, began: seal.statedAt }
  const signed = checkSignatures(kind, said, seal.signatures, sealers)
  return 'wrong' in signed ? undefined : { ...signed, seal }
}

/**
 * The same of a chain that was checked before, which has no signatures any more. If anything of it was changed
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
export const sealedUntil = ({ counted }: SealedFolder, number: number): SealedFolder['sealed'] =>
  sealedBy(counted.filter((each) => each.number <= number))

function sealedBy(counted: readonly CountedSeal[]): SealedFolder['sealed'] {
  const sealed = new Map<string, SealedFile>()
  for (const each of counted) counts(each, sealed)
  return sealed
}

/** Makes a statement count, or says why it cannot. */
function counts(
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
  const rival = [...sealed].find(
    ([other, { retiredAt }]) =>
      withoutLetter(other) === withoutLetter(path) &&
      (retiredAt === undefined || Date.parse(countsAt) < Date.parse(retiredAt)),
  )
  if (rival !== undefined) return `${path} cannot be sealed: ${rival[0]} is, for the same day`
  sealed.set(path, { sha256, sealedAt: countsAt })
  return undefined
}

const kind = 'comity-seal+jws'
