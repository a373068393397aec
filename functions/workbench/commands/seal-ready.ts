/** What people state about policy files, made ready: which files may be sealed or retired, and in which words. */

import { createHash } from 'node:crypto'
import { isAbsolute, join, relative } from 'node:path'
import { foundLaw } from '../../adapters/policies-files.ts'
import { type Book, type SourceFile, saying, withoutLetter } from '../../policy/book.ts'
import { textOfLink } from '../../policy/chain.ts'
import type { FolderSeals, Waiting } from '../../policy/check-seals.ts'
import { judge, type StandingLaw } from '../../policy/check-seals.ts'
import { isDemonstration } from '../../policy/demonstration.ts'
import { readBook } from '../../policy/read-book.ts'
import { folderOf, type SealedFile } from '../../policy/seal.ts'
import { type SealBody, type Sealer, whySchema } from '../../policy/sealers.ts'
import { missingRole, signedBy } from '../../policy/signed.ts'
import { counted } from '../../terminal/counted.ts'
import { misuse } from '../../terminal/exit.ts'
import { notesOn } from '../law/finding.ts'
import { notUtf8 } from '../law/lint-file.ts'
import { lintRelease } from '../law/lint-release.ts'
import { lintSays } from '../law/lint-says.ts'
import { attachedSigner, type Brought } from './attached.ts'
import { brokenBy, changeBy, refuseBroken } from './breaches.ts'
import { refuseCopied, refuseUnlike, unnoticedIn } from './seal-cases.ts'
import {
  keySigner,
  readChain,
  type Stating,
  stated,
  toSign,
  waitingOn,
  withoutSeal,
  writeChains,
} from './seal-chain.ts'
import { keysFor, refused, sealersOf } from './signing.ts'

/** One statement that was made; `since` is when its first signer made it. */
export type SealStatement = {
  readonly stating: Stating
  readonly body: SealBody
  readonly since: string
  /** The seal whose place it takes, if demonstration keys seal a changed file anew. */
  readonly instead?: SealedFile
}

/** What the signers say beside their signatures. */
export type Says = {
  readonly why?: string
  readonly unnoticed?: string
  /** From when on a file counts no longer. */
  readonly from?: string
}

/** What the signers say, and who they are: nobody, if a statement is only written down. */
export type Signing = Says & {
  readonly signersOn: (
    stating: Stating,
    before: FolderSeals,
    sealers: readonly Sealer[],
  ) => Pick<Stating, 'signers' | 'prepared'>
}

/** Those who sign with these keys. */
export const withKeys =
  (files: readonly string[]): Signing['signersOn'] =>
  ({ path }, _, sealers) => ({ signers: keysFor(path, files, sealers).map(keySigner) })

/** The one who signed in a program of their own. */
export const withAttached =
  (brought: Brought): Signing['signersOn'] =>
  (stating, before, sealers) => {
    const { prepared, signer } = attachedSigner(brought, stating, before, sealers)
    return { prepared, signers: [signer] }
  }

/** What would be written: the chains with the new statements. */
export type ReadySeals = {
  readonly said: readonly SealStatement[]
  readonly chains: ReadonlyMap<string, FolderSeals>
  /** Of the statements about all of the law, what stays broken although nothing more leaves by these files. */
  readonly broken: readonly string[]
}

/** Signs files, and writes nothing yet; refuses all of them if one is refused. */
export function readySeals(
  folder: string,
  act: SealBody['act'],
  files: readonly string[],
  signing: Signing,
  now: string,
): ReadySeals {
  const paths = files.map((file) => pathIn(folder, file))
  const sealers = sealersOf(folder)
  const { found, changed } = withoutChanged(findIn(folder), act, paths, sealers)
  const chains = new Map<string, FolderSeals>()
  const said = paths.map((path): SealStatement => {
    const name = folderOf(path)
    const held = chains.get(name) ?? readChain(folder, name, sealers)
    const { stating, body } = beginning(folder, found, { act, path, now }, signing, held)
    const instead = changed.get(path)
    const before = instead === undefined ? held : withoutSeal(held, stating, sealers)
    const after = stated(before, stating, sealers, body)
    chains.set(name, after)
    const made = after.links.findLast((each) => each.body.path === path && each.body.act === act)
    if (made === undefined) throw new Error('nothing was said')
    return { stating, body: made.body, since: made.statedAt, ...(instead && { instead }) }
  })
  // The last signer signs only what keeps the statements about all of the law.
  const whole = said.filter(({ stating }) => waitsIn(chains, stating) === undefined)
  const counting = { act, paths: whole.map(({ stating }) => stating.path) }
  const { before, ...change } = changeBy(found.files, found.law, counting, now.slice(0, 10))
  const known = { ...change, ...(changed.size === 0 && { before }) }
  const broken = whole.length === 0 ? [] : refuseBroken(act, brokenBy(folder, known, now))
  return { said, chains, broken }
}

/** A statement as somebody signs it elsewhere: `text`, byte for byte. Nothing is written. */
export function statementOn(
  folder: string,
  act: SealBody['act'],
  file: string,
  says: Says,
  now: string,
): SealStatement & { readonly text: string } {
  const path = pathIn(folder, file)
  const signing = { ...says, signersOn: () => ({ signers: [] }) }
  const before = readChain(folder, folderOf(path), sealersOf(folder))
  const { stating, body } = beginning(folder, findIn(folder), { act, path, now }, signing, before)
  const link = toSign(before, stating, body)
  return { stating, body: link.body, since: link.statedAt, text: textOfLink(link) }
}

function findIn(folder: string): Found {
  const law = foundLaw(folder)
  return { law: judge(law), files: law.files, ...readBook(law.files, () => undefined) }
}

/**
 * The law without the seals of those files that were changed since and are to be sealed anew, and these seals by path.
 * There are none but where demonstration keys alone seal: elsewhere a sealed file never changes.
 */
function withoutChanged(
  found: Found,
  act: SealBody['act'],
  paths: readonly string[],
  sealers: readonly Sealer[],
): { readonly found: Found; readonly changed: ReadonlyMap<string, SealedFile> } {
  const { faults, sealed } = found.law
  const changed = new Map(
    act === 'seal' && isDemonstration(sealers)
      ? [...sealed].filter(
          ([path, { retiredAt }]) =>
            retiredAt === undefined &&
            paths.includes(path) &&
            faults.some((each) => each.code === 'changed' && each.path === path),
        )
      : [],
  )
  const law = {
    ...found.law,
    faults: faults.filter((each) => each.code !== 'changed' || !changed.has(each.path)),
    sealed: new Map([...sealed].filter(([path]) => !changed.has(path))),
  }
  return { found: { ...found, law }, changed }
}

/** What is stated on a file and by whom; refuses a file that cannot be sealed or retired. */
function beginning(
  folder: string,
  found: Found,
  on: Pick<Stating, 'act' | 'path' | 'now'>,
  signing: Signing,
  before: FolderSeals,
): { readonly stating: Stating; readonly body: () => SealBody } {
  const { act, path } = on
  const sealers = sealersOf(folder)
  const source = sourceOf(found, act, path, sealers)
  const sha256 = createHash('sha256').update(source.text).digest('hex')
  const plain: Stating = { ...on, sha256, why: signing.why, signers: [] }
  const stating = { ...plain, ...signing.signersOn(plain, before, sealers) }
  const { prepared } = stating
  if (prepared !== undefined && !isOn(prepared.body, stating))
    throw refused(
      `couldn’t ${act}: the statement is on another file than \`${path}\` as it is now; write it anew (--statement), and sign that`,
    )
  if (act === 'retire') return { stating, body: () => prepared?.body ?? retiring(stating, signing) }
  refuseUnsaid(source, found.book)
  refuseCopied(path, found.book)
  refuseUnlike(folder, path)
  const first = prepared?.body ?? waitingOn(before, stating)?.seal.body
  return { stating, body: sealing(stating, unnoticedIn(folder, path), first, signing) }
}

const isOn = (body: SealBody, { act, path, sha256 }: Stating): boolean =>
  body.act === act && body.path === path && body.sha256 === sha256

type Found = ReturnType<typeof readBook> & {
  readonly law: StandingLaw
  readonly files: readonly SourceFile[]
}

/** The path of a file below the policies, however it was named. */
export const pathIn = (folder: string, file: string): string =>
  relative(
    folder,
    isAbsolute(file) ? file : join(folder, file.replace(/^policies\//, '')),
  ).replaceAll('\\', '/')

/** The file; refuses one that is missing, has a fault, or cannot be sealed or retired. */
function sourceOf(
  { law, files, faults }: Found,
  act: SealBody['act'],
  path: string,
  sealers: readonly Sealer[],
): SourceFile {
  const [bad] = law.faults
  if (bad !== undefined) throw refused(`couldn’t ${act}: ${bad.path}${bad.place}: ${saying(bad)}`)
  const source = files.find((each) => each.path === path)
  if (source === undefined)
    throw refused(`couldn’t ${act}: there is no policy or list file \`${path}\``)
  const fault = faults.find((each) => each.path === path)
  if (fault !== undefined) throw refused(`couldn’t ${act}: ${path}${fault.place}: ${saying(fault)}`)
  const own = law.sealed.get(path)
  if (act === 'seal') refuseSealed(path, law, isDemonstration(sealers))
  else if (own === undefined)
    throw refused(`couldn’t retire: \`${path}\` is a draft, and counts for nothing`)
  else if (own.retiredAt !== undefined)
    throw refused(`couldn’t retire: \`${path}\` is retired already, from ${own.retiredAt} on`)
  return source
}

/**
 * Refuses a policy that does not say who decides, that makes a duty of what must be done before data leaves,
 * that names a condition which it does not test, or that has lost characters.
 */
function refuseUnsaid({ path, text }: SourceFile, book: Book): void {
  // Its digest would be that of another text than the file's.
  const lost = notUtf8(text)
  if (lost !== undefined) throw refused(`couldn’t seal: ${path}: ${lost.message}; ${lost.fix}`)
  const { note, found } = notesOn(path)
  lintRelease(JSON.parse(text), false, note)
  const policy = book.policies.find((each) => `${each.id}/${each.version}.json` === path)
  if (policy !== undefined) lintSays(policy, policy.file.rules, book, 'error', note)
  const [wrong] = found
  if (wrong === undefined) return
  const { pointer, message, fix } = wrong
  throw refused(`couldn’t seal: ${path}${pointer}: ${message}; ${fix}`)
}

/** Refuses a file that is sealed, or for whose day another file is sealed. */
function refuseSealed(path: string, { sealed }: StandingLaw, isTrial: boolean): void {
  const correct = isTrial
    ? 'correct the file itself, and seal it anew'
    : `correct it by a file \`.r2.json\` beside it`
  if (sealed.has(path)) throw refused(`couldn’t seal: \`${path}\` is sealed already; ${correct}`)
  const other = [...sealed].find(
    ([each, { retiredAt }]) =>
      retiredAt === undefined && withoutLetter(each) === withoutLetter(path),
  )
  if (other !== undefined)
    throw refused(
      `couldn’t seal: \`${path}\` is superseded, since \`${other[0]}\` is sealed; ${correct}`,
    )
}

/** What the first signer states; refuses changes that no case notices, without a signed reason for them. */
function sealing(
  { path, sha256, why, prepared }: Stating,
  changes: readonly string[],
  waiting: SealBody | undefined,
  { unnoticed: reason }: Says,
): () => SealBody {
  const same = waiting?.act === 'seal' && waiting.sha256 === sha256 ? waiting : undefined
  const open = changes.filter((each) => !same?.unnoticed?.changes.includes(each))
  const anew =
    prepared === undefined
      ? `whoever signed first did not list that; take the seal back (\`comity policy withdraw ${path}\`), and sign anew`
      : 'the statement does not list that; write it anew (--statement), and sign that'
  const found = `couldn’t seal: no case notices ${counted(open.length, 'change')} of \`${path}\`, such as ${open[0]}`
  if (open.length > 0 && same !== undefined) throw refused(`${found}, and ${anew}`)
  if (open.length > 0 && reason === undefined)
    throw refused(
      `${found}; add a case (\`comity policy test ${path}\` shows one), or say why it may stay: --unnoticed "…"`,
    )
  if (prepared !== undefined) return () => prepared.body
  return () => ({
    ...{ act: 'seal', path, sha256, why: sentence('seal', '--why', why) },
    ...(changes.length === 0
      ? {}
      : { unnoticed: { why: sentence('seal', '--unnoticed', reason), changes: [...changes] } }),
  })
}

const retiring = ({ path, sha256, why, now }: Stating, { from = now }: Says): SealBody => ({
  ...{ act: 'retire', path, sha256, from, why: sentence('retire', '--why', why) },
})

function sentence(act: string, option: string, given: string | undefined): string {
  const said = whySchema.safeParse(given)
  if (said.success) return said.data
  throw misuse(
    `couldn’t ${act}: say why in a full sentence: ${option} "The threshold is corrected."`,
  )
}

/** What waits on a file for its second signature, once this is signed; undefined if it counts. */
function waitsIn(chains: ReadySeals['chains'], stating: Stating): Waiting | undefined {
  const after = chains.get(folderOf(stating.path))
  return after === undefined ? undefined : waitingOn(after, stating)
}

/** Each file that is signed, whether it counts then, and else whose signature is missing. */
export const signedIn = ({ said, chains }: ReadySeals) =>
  said.map(({ stating }) => {
    const { path, sha256 } = stating
    const open = waitsIn(chains, stating)
    const waits =
      open === undefined ? { counts: true } : { counts: false, waitsFor: missingRole(open) }
    return { path, sha256, ...waits }
  })

/** Writes the chains; says what came of each statement, and which statements were taken back. */
export function writeSeals(
  folder: string,
  { said, chains, broken }: ReadySeals,
): readonly string[] {
  const lost = [...chains].flatMap(([name, after]) => {
    const { waiting } = readChain(folder, name, sealersOf(folder))
    return waiting.filter(
      ({ seal: { body } }) => !after.links.some((each) => each.body.path === body.path),
    )
  })
  writeChains(folder, chains)
  return [
    ...said.map(({ stating, instead }) => {
      const { act, path } = stating
      const open = waitsIn(chains, stating)
      if (instead !== undefined)
        return `sealed ${path} anew; the chain of \`${folderOf(path)}\` begins anew`
      if (open === undefined) return `${act === 'seal' ? 'sealed' : 'retired'} ${path}`
      const done = act === 'seal' ? 'sealed' : 'retired'
      return `signed ${path}: ${done} by ${signedBy(open)}, waits for ${missingRole(open)}`
    }),
    ...broken,
    ...lost.map((each) => `taken back ${each.seal.body.path}: let ${signedBy(each)} sign it anew`),
  ]
}
