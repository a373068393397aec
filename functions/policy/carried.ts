/**
 * The law as a gateway runs it, and as an archive and a bundle carry it: exactly the files of one signed set. In the
 * cloud `openedChecked` loads it. Where files are read anew, `read-book.ts` does: by `openedWhole` from an archive and on
 * machines of one's own, and by `run` from a folder.
 */

import { hash } from 'node:crypto'
import * as z from 'zod'
import { ComityError } from '../failure.ts'
import {
  type Book,
  compile,
  conditionsIn,
  type Fault,
  type List,
  nameOf,
  type Policy,
  type SourceFile,
  saying,
  type Version,
} from './book.ts'
import { isDemonstrationKey } from './demonstration.ts'
import { readOnce } from './json.ts'
import { spoken } from './language.ts'
import type { LawKeys } from './law-chain.ts'
import { type Condition, ready } from './logic.ts'
import type { ListFile, Logic, PolicyFile } from './policy.ts'
import { type CountedSeal, checkedBefore, type SealedFolder } from './seal.ts'
import { releaseKeySchema, type SealBody, sealerSchema } from './sealers.ts'
import {
  digestOfKeys,
  type FoundLaw,
  judgeSealed,
  type LawSet,
  type SealedLaw,
  setSchema,
} from './set.ts'

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
  readonly folders: ReadonlyMap<string, SealedFolder>
}

/** A statement that counts, without what the files themselves say: its body has no digest. */
type Sealed = Pick<CountedSeal, 'statedAt' | 'countsAt'> & { readonly body: object }

/** What stands before the files of a law that was checked: their paths, and what was sealed in place of the seals. */
export type CheckedLaw = Omit<RunLaw, 'files' | 'seals'> & {
  readonly paths: readonly string[]
  readonly sealed: Readonly<Record<string, readonly Sealed[]>>
}

/** What no text of JSON has in it, and so parts them. */
export const between = '\0'

/**
 * Reads the bytes of `carryChecked`, if they are exactly a set signed with the pinned keys; outside a trial, the
 * demonstration's keys are refused. The signatures of sealers were checked before: the signed set names every
 * statement, file and moment: nothing of what was checked can be otherwise without two release keys. All bytes are
 * hashed, and become text once a file is read.
 */
export function openedChecked(carried: Uint8Array, pinnedKeys: string, isTrial: boolean): Runnable {
  const [header = Buffer.of(), ...contents] = parted(carried)
  const { paths, sealed, ...trusted } = JSON.parse(header.toString('utf8')) as CheckedLaw
  expectKeys(trusted, pinnedKeys, isTrial)
  const files = contents.map((content, i): SourceFile & { readonly content: Buffer } => ({
    path: paths[i] ?? '',
    content,
    get text() {
      return content.toString('utf8')
    },
  }))
  const law = { ...trusted, files }
  const digests = new Map(files.map(({ path, content }) => [path, hash('sha256', content, 'hex')]))
  const folders = new Map(
    Object.entries(sealed).map(([folder, stated]) => [
      folder,
      checkedBefore(
        folder,
        stated.map((each) => withDigest(each, digests)),
      ),
    ]),
  )
  return compiled(standingOn(law, folders, judgeSealed(law, folders, true, digests)), digests)
}

/** The parts between zero bytes, which no UTF-8 of a text of JSON has in it. */
function parted(bytes: Uint8Array): readonly Buffer[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: Buffer[] = []
  for (let from = 0; from <= all.length; ) {
    const end = all.indexOf(between, from)
    const upTo = end < 0 ? all.length : end
    parts.push(all.subarray(from, upTo))
    from = upTo + 1
  }
  return parts
}

/** A statement with the digest of its file. Casts: one that says something else has another digest itself. */
function withDigest({ statedAt, body, countsAt }: Sealed, digests: ReadonlyMap<string, string>) {
  const said = body as Omit<SealBody, 'sha256'>
  return {
    statedAt,
    body: { ...said, sha256: digests.get(said.path) } as SealBody,
    // The set's digest has it in a line of text, where one of another form could be read otherwise.
    countsAt: moment.parse(countsAt),
  }
}

const moment = z.iso.datetime()

/** Throws unless the keys of a law are those that are pinned, and outside a trial nobody else has. */
export function expectKeys(
  law: Pick<RunLaw, 'sealers' | 'releaseKeys'>,
  pinnedKeys: string,
  isTrial: boolean,
): void {
  if (digestOfKeys(law) !== pinnedKeys)
    throw new ComityError(
      'couldn’t load policies: the keys of sealers and releases are not those that the deployment pins; deploy the bundle with its own stack',
    )
  const { sealers, releaseKeys } = trustedIn(law)
  const known = [...sealers, ...releaseKeys].find(({ jwk }) => isDemonstrationKey(jwk?.x))
  if (!isTrial && known !== undefined)
    throw new ComityError(
      `couldn’t load policies: everybody has the private key of \`${known.kid}\`: only \`dev\` takes it`,
    )
}

/** The book of files whose content was checked when they were sealed. */
export function compiled(
  { stands, ...rest }: Standing,
  digests?: ReadonlyMap<string, string>,
): Runnable {
  const policies: Policy[] = []
  const lists: List[] = []
  for (const each of rest.files) {
    const { folder, listId, ...version } = nameOf(each, stands, digests?.get(each.path))
    if (folder !== 'lists') policies.push(compiledLate({ ...version, folder }, each))
    // Not a copy of what is read late, which would read it.
    else lists.push(Object.assign(readLate<ListFile>(each), version, { id: listId }))
  }
  return { ...rest, book: { policies, lists } }
}

/** What a file says. A cast: a file with another shape has another digest. */
function read<File>(text: string) {
  const value: unknown = JSON.parse(text)
  // Most files are in English alone, and a start reads them all. JSON lets space stand before a colon, and a name be
  // written by the numbers of its characters.
  const { english, translations } = /"says"\s*:\s*\{|\\u/.test(text)
    ? spoken(value)
    : { english: value, translations: undefined }
  return { file: english as File, translations }
}

/** A file that is read when it is first asked: half of all versions are never in force again. */
function readLate<File>(source: SourceFile) {
  let said: ReturnType<typeof read<File>> | undefined
  const says = () => (said ??= read<File>(source.text))
  return {
    get file() {
      return says().file
    },
    get translations() {
      return says().translations
    },
  }
}

/** A policy that is read, and then compiled, when it is first asked: of most nothing but their scope ever is. */
function compiledLate(version: Version & Pick<Policy, 'folder'>, source: SourceFile): Policy {
  let scope: Condition | undefined
  let made: Policy | undefined
  const says = readLate<PolicyFile>(source)
  const file = () => says.file
  const applies = () => (scope ??= ready(file().applies.when))
  const policy = (): Policy => {
    const ask = (logic: Logic, place: string) =>
      place === '/applies/when' ? applies() : ready(logic)
    made ??= compile({ ...version, file: file() }, ask, ignore)
    return made
  }
  return {
    ...version,
    get file() {
      return file()
    },
    get translations() {
      return says.translations
    },
    get applies() {
      return applies()
    },
    get rules() {
      return policy().rules
    },
    get conditions() {
      return conditionsIn(file())
    },
    get byRule() {
      return policy().byRule
    },
    get claims() {
      return policy().claims
    },
    get readsArrangements() {
      return policy().readsArrangements
    },
    get transposes() {
      return policy().transposes
    },
  }
}

/** A law without a fault: its files that count, and what the seals say of them. */
export type Standing = ReturnType<typeof standingOn>

/** The files that count, and what the seals say of them. Throws on any fault. */
export function standingOn(
  law: Omit<RunLaw, 'seals'>,
  folders: Runnable['folders'],
  { faults, counting, sealedAt, retiredAt }: SealedLaw,
) {
  const refusal = refusalOf(faults)
  if (refusal !== undefined) throw new ComityError(refusal)
  return {
    files: law.files.filter(({ path }) => counting.has(path)),
    stands: { sealedAt, retiredAt, suspensionsOf: () => [] },
    folders,
    // Both were judged.
    set: setSchema.parse(law.set, readOnce),
    ...trustedIn(law),
  }
}

/** Whose signatures count. */
const trustedIn = ({ sealers, releaseKeys }: Pick<RunLaw, 'sealers' | 'releaseKeys'>): LawKeys => ({
  sealers: z.array(sealerSchema).parse(sealers, readOnce),
  releaseKeys: z.array(releaseKeySchema).parse(releaseKeys, readOnce),
})

const ignore = () => {}
