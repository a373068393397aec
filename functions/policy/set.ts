/**
 * The law as a whole: a set states which sealed files there are, so that none is missing and none is extra.
 */

import { hash } from 'node:crypto'
import canonicalize from 'canonicalize'
import * as z from 'zod'
import { type Fault, isVersionPath, type SourceFile } from './book.ts'
import { reaches, tipSchema } from './chain.ts'
import { isDemonstration } from './demonstration.ts'
import { readOnce } from './json.ts'
import { type SealedFile, type SealedFolder, sealedUntil, sealsFile } from './seal.ts'
import { releaseKeySchema } from './sealers.ts'
import { keysOf, type SealingKey, signaturesOver, signStatement } from './signed.ts'

/** What a set says of a folder: its last seal, and every file sealed in it, for whatever day. */
const contentSchema = z.strictObject({
  head: tipSchema,
  files: z.int().nonnegative(),
  /** SHA-256 over one line for each file: its SHA-256, path, and from when (until when) it counts. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
})

/** `policies/set.json`: generated, and signed with two release keys of the deployment. */
export const setSchema = z.strictObject({
  madeAt: z.iso.datetime(),
  folders: z.record(z.string().regex(/^[a-z0-9-]+$/), contentSchema),
  signatures: z.array(z.string()).min(2).max(4),
})
/** A set as written, with the signatures it has so far. */
export type LawSet = z.infer<typeof setSchema>
type Unsigned = Omit<LawSet, 'signatures'>

const textOfSet = ({ madeAt, folders }: Unsigned): string => canonicalize({ madeAt, folders }) ?? ''

/** SHA-256 of a set without its signatures, in hex: its name. */
export const digestOfSet = (set: Unsigned): string => hash('sha256', textOfSet(set), 'hex')

/** The set of everything that counts in these folders. */
export const setOf = (folders: ReadonlyMap<string, SealedFolder>, madeAt: string): Unsigned => ({
  madeAt,
  folders: Object.fromEntries(
    [...folders]
      .filter(([, { sealed }]) => sealed.size > 0)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([folder, seals]) => [folder, contentOf(seals)]),
  ),
})

const contentOf = ({
  head,
  sealed,
}: Pick<SealedFolder, 'head' | 'sealed'>): z.infer<typeof contentSchema> => ({
  head,
  files: sealed.size,
  digest: hash(
    'sha256',
    [...sealed]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, { sha256, sealedAt, retiredAt = '' }]) =>
        `${sha256}  ${path}  ${sealedAt} ${retiredAt}`.trimEnd(),
      )
      .join('\n'),
    'hex',
  ),
})

/** Adds the signatures of these release keys to a set; each key signs once. */
export const signSet = (set: Unsigned & Partial<LawSet>, keys: readonly SealingKey[]): LawSet => {
  const added = keys.map((key) => signStatement(kind, textOfSet(set), key))
  return { ...set, signatures: [...new Set([...(set.signatures ?? []), ...added])] }
}

/** The law as found: its files, their seals and sealers, and the set that they should match. */
export type FoundLaw = {
  readonly files: readonly SourceFile[]
  /** The content of each folder's `seals.json`. */
  readonly seals: Readonly<Record<string, unknown>>
  readonly sealers: unknown
  /** The keys that sign a set, and the set; absent if none is required. */
  readonly releaseKeys?: unknown
  readonly set?: unknown
}

/** SHA-256, in hex, over the keys that a deployment trusts for its law: the pin of those keys. */
export const digestOfKeys = ({
  sealers,
  releaseKeys,
}: Pick<FoundLaw, 'sealers' | 'releaseKeys'>): string =>
  hash('sha256', canonicalize({ sealers, releaseKeys }) ?? '', 'hex')

/** The judgment on what is sealed. If there is any fault, no gateway may start on it. */
export type SealedLaw = {
  readonly faults: readonly Fault[]
  /** Every sealed file, by path. */
  readonly sealed: ReadonlyMap<string, SealedFile>
  /** The files that count: those of the set, or all if no set is required. */
  readonly counting: ReadonlyMap<string, SealedFile>
  readonly sealedAt: (path: string, digest: string) => string | undefined
  readonly retiredAt: (path: string, digest: string) => string | undefined
}

/** SHA-256 of each file, in hex, by path. */
export const digestsOf = (files: readonly SourceFile[]): ReadonlyMap<string, string> =>
  new Map(files.map(({ path, text }) => [path, hash('sha256', text, 'hex')]))

/** The same, but for the seals: what they say was checked. `files` are the digests of all files. */
export function judgeSealed(
  found: Omit<FoundLaw, 'seals'>,
  folders: ReadonlyMap<string, SealedFolder>,
  exactly: boolean,
  files: ReadonlyMap<string, string>,
): SealedLaw {
  const faults: Fault[] = [...twice(found.files)]
  const sealed = new Map([...folders.values()].flatMap((each) => [...each.sealed]))
  const inSet = found.releaseKeys === undefined ? sealed : judgeSet(found, folders, faults)
  const mend = isDemonstration(found.sealers) ? sealAnew : 'undo the change, or write a new version'
  for (const each of sealed) faults.push(...faultsOf(...each, files, mend))
  if (exactly) faults.push(...surplus(found, folders, inSet))
  const standing = (path: string, digest: string): SealedFile | undefined => {
    const own = inSet.get(path)
    return own?.sha256 === digest ? own : undefined
  }
  return {
    faults,
    sealed,
    counting: inSet,
    sealedAt: (path, digest) => standing(path, digest)?.sealedAt,
    retiredAt: (path, digest) => standing(path, digest)?.retiredAt,
  }
}

/** Adds the faults of the set, and returns its files. */
function judgeSet(
  { set, releaseKeys }: Omit<FoundLaw, 'seals'>,
  folders: ReadonlyMap<string, SealedFolder>,
  faults: Fault[],
): ReadonlyMap<string, SealedFile> {
  const fault = (path: string, message: string, fix: string) =>
    faults.push({ path, place: '', code: 'set', message, fix })
  const { data: known } = z.array(releaseKeySchema).safeParse(releaseKeys, readOnce)
  const keys = known?.filter(({ leftAt }) => leftAt === undefined)
  const { data: stated } = setSchema.safeParse(set, readOnce)
  if (keys === undefined)
    fault(
      'release-keys.json',
      'it is not a list of release keys',
      'restore it from the last commit',
    )
  if (stated === undefined) {
    fault('set.json', 'there is no signed set of the law', 'make one with `comity policy set`')
    return new Map()
  }
  const { madeAt, signatures } = stated
  const good = signaturesOver(kind, textOfSet(stated), madeAt, signatures, keys ?? [])
  if (good.length < signatures.length || keysOf(good).size < 2)
    fault(
      'set.json',
      'it needs the signatures of two different release keys, and no others',
      'sign it with `comity policy set`',
    )
  const files = new Map<string, SealedFile>()
  for (const [folder, content] of Object.entries(stated.folders)) {
    const path = sealsFile(folder)
    const whole = folders.get(folder)
    const { head } = content
    const asIn = 'put the folder back as it was when the set was signed, or sign a new set'
    if (whole === undefined || whole.head.number < head.number)
      fault(
        path,
        `the set names seal ${head.number} of \`${folder}\`, and the folder has come to ${whole?.head.number ?? 0}: it is older than the set, or cut`,
        asIn,
      )
    else if (!reaches(whole.tips, head))
      fault(path, `seal ${head.number} of \`${folder}\` is another than the set names`, asIn)
    else {
      const sealed = sealedUntil(whole, head.number)
      const { files: count, digest } = contentOf({ head, sealed })
      if (count !== content.files || digest !== content.digest)
        fault(
          path,
          `what is sealed in \`${folder}\` is not what the set says: ${count} files, and in the set ${content.files}`,
          asIn,
        )
      for (const each of sealed) files.set(...each)
    }
  }
  return files
}

/** What mends a sealed file that was changed, while demonstration keys alone seal. */
const sealAnew = 'undo the change, or seal it anew: `comity policy seal` with both keys'

/** The fault of a sealed file that is missing or changed; `mend` says what to do with one that changed. */
function faultsOf(
  path: string,
  { sha256, retiredAt }: SealedFile,
  files: ReadonlyMap<string, string>,
  mend: string,
): readonly Fault[] {
  const digest = files.get(path)
  if (digest === sha256) return []
  const fault = { path, place: '' }
  if (digest !== undefined)
    return [
      {
        ...fault,
        code: 'changed',
        message: 'the file changed after it was sealed',
        fix:
          retiredAt === undefined
            ? mend
            : 'undo the change: it is retired, and decides what was asked before',
      },
    ]
  const moved = [...files].find(([, each]) => each === sha256)?.[0]
  return [
    {
      ...fault,
      code: 'gone',
      message: 'it is sealed and not there',
      fix:
        moved === undefined
          ? 'restore it from the last commit, and end it with `comity policy retire`'
          : `its text lies at \`${moved}\`: move it back`,
    },
  ]
}

/** Faults for paths that occur twice. */
function twice(files: readonly SourceFile[]): readonly Fault[] {
  const seen = new Set<string>()
  return files
    .filter(({ path }) => seen.size === seen.add(path).size)
    .map(({ path }) => ({
      path,
      place: '',
      code: 'twice',
      message: 'it stands twice',
      fix: 'take one away',
    }))
}

/** Faults for whatever is not in the set. */
function surplus(
  { files, set }: Omit<FoundLaw, 'seals'>,
  folders: ReadonlyMap<string, SealedFolder>,
  inSet: ReadonlyMap<string, SealedFile>,
): readonly Fault[] {
  const { data } = setSchema.safeParse(set, readOnce)
  const fault = (path: string, message: string, fix: string): Fault => ({
    ...{ path, place: '', code: 'set' },
    ...{ message, fix },
  })
  return [
    ...files
      .filter(({ path }) => isVersionPath(path) && !inSet.has(path))
      .map(({ path }) => fault(path, 'it is not in the signed set', 'take it away')),
    ...[...folders]
      .filter(([folder, { tips }]) => tips.length !== data?.folders[folder]?.head.number)
      .map(([folder]) =>
        fault(
          sealsFile(folder),
          'it goes further than the signed set',
          'cut it at the head that the set names',
        ),
      ),
  ]
}

const kind = 'comity-set+jws'
