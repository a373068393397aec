/** Checks seals: whether two people signed each statement of a folder's chain, and what of the law then stands. */

import * as z from 'zod'
import { attachedBy, faultOfCertificate, keyIn } from './attached.ts'
import type { Fault } from './book.ts'
import { breakWords, emptyTip, followChain, type Link, textOfLink } from './chain.ts'
import { demonstrationSealers, isDemonstration } from './demonstration.ts'
import {
  type CountedSeal,
  counts,
  folderOf,
  type SealedFile,
  type SealedFolder,
  sealChain,
  sealsFile,
} from './seal.ts'
import {
  type Seal,
  type SealBody,
  type Sealer,
  type SealSignature,
  sealerSchema,
  sealSchema,
} from './sealers.ts'
import { digestsOf, type FoundLaw, judgeSealed, type SealedLaw } from './set.ts'
import {
  isByBoth,
  later,
  notByBoth,
  type SealingKey,
  type Signature,
  type SignedBoth,
  signerOf,
  signStatement,
} from './signed.ts'

/** Signs a statement of a folder. The second signer gives the time in `signedAt`. */
export const signSeal = (link: Link<SealBody>, key: SealingKey, signedAt?: string): string =>
  signStatement(kind, textOfLink(link), key, signedAt)

/** A statement that only one person has signed, which does not count yet. */
export type Waiting = SignedBoth & { readonly seal: Seal }

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
  return {
    folders,
    faults: [...faultsOfSealers(known), ...[...folders.values()].flatMap(({ faults }) => faults)],
  }
}

/**
 * The faults of the list of sealers. No key of a certificate is of two people, or of one person in two roles. Who
 * renews a certificate stands there twice: by the old one, what it signed still counts.
 */
export function faultsOfSealers(sealers: readonly Sealer[] | undefined): readonly Fault[] {
  const fault = (place: string, message: string, fix: string): Fault => ({
    ...{ path: 'sealers.json', place, code: 'sealers', message, fix },
  })
  if (sealers === undefined)
    return [fault('', 'it is not a list of sealers', 'restore the file from the last commit')]
  const firstBy = new Map<string, Sealer>()
  return sealers.flatMap((sealer, at) => {
    const { certificate, name, role } = sealer
    if (certificate === undefined) return []
    const place = `/${at}/certificate`
    const wrong = faultOfCertificate(certificate)
    if (wrong !== undefined)
      return [fault(place, wrong, 'put the certificate there with which this person signs')]
    const key = keyIn(certificate)
    const first = firstBy.get(key) ?? sealer
    firstBy.set(key, first)
    const message = `its key is that of \`${first.kid}\`, whose name or role is another`
    return first.name === name && first.role === role
      ? []
      : [fault(place, message, 'let each person sign in one role, by a certificate of their own')]
  })
}

/**
 * Follows the chain of a folder. A statement counts from the moment of its second signature; it needs those
 * of a legal and a data-protection sealer, two people with different keys, both registered for the folder. None
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
  const fault = (at: number, message: string, mend = fix) =>
    faults.push({ path, place: `/${at}`, code: 'seal', message, fix: mend })
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
    const signed = checkSignatures(said, signatures, sealers)
    const [open] = waiting
    if ('wrong' in signed) {
      const isShipped =
        !isDemonstration(sealers) &&
        !('wrong' in checkSignatures(said, signatures, demonstrationSealers))
      const mend = isShipped ? 'seal with keys of your own: `comity policy begin`' : fix
      fault(at, `the statement on ${body.path} does not count: ${signed.wrong}`, mend)
    } else if (folderOf(body.path) !== folder)
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

/**
 * Checks the signatures on a statement of a folder that was first signed at `began`. Each must be by a sealer
 * trusted for that folder; two or more must include a legal and a data-protection sealer, two people with
 * different keys.
 */
function checkSignatures(
  said: { readonly text: string; readonly folder: string; readonly began: string },
  given: readonly SealSignature[],
  sealers: readonly Sealer[],
): SignedBoth | { readonly wrong: string } {
  const { text, folder, began } = said
  const trusted = sealersFor(folder, sealers)
  const signatures: Signature[] = []
  for (const each of given) {
    const signed = typeof each === 'string' ? signerOf(kind, text, each, trusted) : undefined
    const own =
      typeof each === 'string'
        ? signed && { by: signed.by, at: signed.at ?? began }
        : attachedTo(text, began, each.cms, trusted)
    if (own === undefined) return { wrong: 'a signature is not of a sealer trusted here for it' }
    if ('wrong' in own) return { wrong: `of a signature that was attached: ${own.wrong}` }
    if (Date.parse(own.at) < Date.parse(began))
      return { wrong: 'a signature is older than what it signs' }
    signatures.push(own)
  }
  if (signatures.length < 2) return { signatures }
  if (!isByBoth(signatures)) return { wrong: notByBoth }
  return { signatures, completeAt: signatures.map(({ at }) => at).reduce(later) }
}

/** Who may seal in a folder. */
export const sealersFor = (folder: string, sealers: readonly Sealer[]): readonly Sealer[] =>
  sealers.filter(({ folders }) => folders.includes('*') || folders.includes(folder))

/** The same as `attachedBy`; a program states whole seconds, so what it signed within one is not older. */
export function attachedTo(text: string, began: string, cms: string, sealers: readonly Sealer[]) {
  const signed = attachedBy(text, cms, sealers)
  if ('wrong' in signed) return signed
  const isWithin = Date.parse(signed.at) + 1000 > Date.parse(began)
  return { ...signed, at: isWithin ? later(signed.at, began) : signed.at }
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
  const signed = checkSignatures(said, seal.signatures, sealers)
  return 'wrong' in signed ? undefined : { ...signed, seal }
}

/** The judgment on the law, with its seals. */
export type StandingLaw = SealedLaw & {
  readonly folders: ReadonlyMap<string, FolderSeals>
  /** By path. */
  readonly waiting: ReadonlyMap<string, Waiting>
}

/**
 * The one judgment on a folder of law, shared by start, bundle and `check`. Each sealed file must be there,
 * once and unchanged; each folder's chain must hold. With a set, each folder must have reached the seal that
 * the set names, and up to it be exactly what the set says. Drafts and later seals are ignored, unless
 * `exactly` is set, which refuses them: a bundle is read so.
 */
export function judge(found: FoundLaw, exactly = false): StandingLaw {
  const { folders, faults } = checkSeals(found.seals, found.sealers)
  const own = judgeSealed(found, folders, exactly, digestsOf(found.files))
  return {
    ...own,
    faults: [...faults, ...own.faults],
    folders,
    waiting: new Map(
      [...folders.values()]
        .flatMap(({ waiting }) => waiting)
        .map((each) => [each.seal.body.path, each]),
    ),
  }
}

const kind = 'comity-seal+jws'
