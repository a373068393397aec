/** `comity policy seal` and `retire`: what two people state about policy files, each with a signature. */

import { createHash } from 'node:crypto'
import { isAbsolute, join, relative } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import * as z from 'zod'
import { foundLaw } from '../adapters/policies-files.ts'
import { notesOn } from '../law/finding.ts'
import { lintRelease } from '../law/lint-release.ts'
import { lintSays } from '../law/lint-says.ts'
import { type Book, type SourceFile, saying, withoutLetter } from '../policy/book.ts'
import { readBook } from '../policy/read-book.ts'
import { type FolderSeals, folderOf } from '../policy/seal.ts'
import { type SealBody, type Sealer, whySchema } from '../policy/sealers.ts'
import { judge, type StandingLaw } from '../policy/set.ts'
import { missingRole, signedBy } from '../policy/signed.ts'
import { confirm } from './ask.ts'
import { exitCodes, Failure } from './exit.ts'
import { counted } from './log-export.ts'
import { refuseCopied, unnoticedIn } from './seal-cases.ts'
import { readChain, type Stating, stated, waitingOn, withdrawn, writeChain } from './seal-chain.ts'
import { type Key, keysFor, refused, sealersOf, signedLines } from './signing.ts'

type Options = {
  readonly key: readonly string[]
  readonly why?: string
  readonly unnoticed?: string
  readonly yes?: true
}

/** Adds `seal` to the policy commands. */
export function addPolicySeal(policy: Command, folder: string): void {
  policy
    .command('seal')
    .description('Sign files with a key: once two people have, the files count.')
    .argument('<files...>', 'files below policies/, such as de/bkag/2026-02-14.json')
    .requiredOption('--key <file...>', 'your private key; or those of both who sign')
    .option('--why <sentence>', 'why the files are sealed; the first of two says it')
    .option(
      '--unnoticed <sentence>',
      'why changes may stay that no case notices; the first says it',
    )
    .option('--yes', 'sign without being asked to type the version')
    .addHelpText(
      'after',
      `
One person of the legal team and one for data protection sign, in either order, each on their own
machine. The first leaves a seal that does not count yet; the second adds theirs to the same bytes.
The cases of a file must pass. What of it no case notices is listed in the seal, with the reason.`,
    )
    .action((files: string[], options: Options) => signAll(folder, 'seal', files, options))
}

/** Adds `withdraw` to the policy commands. */
export function addPolicyWithdraw(policy: Command, folder: string): void {
  policy
    .command('withdraw')
    .description('Take back what waits for a second signature, and what waits behind it.')
    .argument('<files...>', 'files that one person has signed')
    .action((files: string[]) => console.log(withdraw(folder, files).join('\n')))
}

type Retiring = Options & { readonly from?: string }

/** Adds `retire` to the policy commands. */
export function addPolicyRetire(policy: Command, folder: string): void {
  policy
    .command('retire')
    .description('Let sealed files count no longer; two people sign it.')
    .argument('<files...>', 'sealed files; they stay where they are, for earlier decisions')
    .requiredOption('--key <file...>', 'your private key; or those of both who sign')
    .option('--why <sentence>', 'why; the first of two says it')
    .option('--from <moment>', 'from when on, such as 2027-01-01T00:00:00Z; else at once', moment)
    .option('--yes', 'sign without being asked to type the version')
    .addHelpText(
      'after',
      `
The version before it counts again, as if this one had never been sealed. If the law itself is gone,
write a version with \`"repealed": true\` instead.`,
    )
    .action((files: string[], options: Retiring) => signAll(folder, 'retire', files, options))
}

const moment = (value: string): string => {
  if (z.iso.datetime().safeParse(value).success) return value
  throw new InvalidArgumentError('a moment is written like 2027-01-01T00:00:00Z.')
}

/** One statement that was made; `since` is when its first signer made it. */
export type SaidSeal = {
  readonly stating: Stating
  readonly body: SealBody
  readonly since: string
}

/** What the signers say beside their signatures, and who they are. */
export type Signing = Pick<Retiring, 'why' | 'unnoticed' | 'from'> & {
  readonly keysOn: (path: string, sealers: readonly Sealer[]) => readonly Key[]
}

/** What would be written: the chains with the new statements. */
export type ReadySeals = {
  readonly said: readonly SaidSeal[]
  readonly chains: ReadonlyMap<string, FolderSeals>
}

/** Shows what is signed, asks, and writes it; refuses all files if one is refused. */
async function signAll(
  folder: string,
  act: SealBody['act'],
  files: readonly string[],
  options: Retiring,
): Promise<void> {
  const now = new Date().toISOString()
  const keysOn: Signing['keysOn'] = (path, sealers) => keysFor(path, options.key, sealers)
  const ready = readySeals(folder, act, files, { ...options, keysOn }, now)
  for (const { stating, body, since } of ready.said) {
    const who = since === now ? '' : `, as whoever signed first said on ${since}`
    const lines = [
      ...signedLines(folder, stating.path, stating.sha256, now),
      ...(body.act === 'retire' ? [`It counts until ${body.from}, and no longer.`] : []),
      ...(body.act === 'seal' ? unnoticedLines(body) : []),
      `Why${who}: ${body.why}`,
      '',
    ]
    console.log(lines.join('\n'))
  }
  const names = ready.said.map(({ body }) => body.path.replace(/^.*\/(.+)\.json$/, '$1'))
  await confirm(names, options.yes ?? false)
  console.log(writeSeals(folder, ready).join('\n'))
}

/** Signs files, and writes nothing yet; refuses all of them if one is refused. */
export function readySeals(
  folder: string,
  act: SealBody['act'],
  files: readonly string[],
  signing: Signing,
  now: string,
): ReadySeals {
  const law = foundLaw(folder)
  const found: Found = {
    law: judge(law),
    files: law.files,
    ...readBook(law.files, () => undefined),
  }
  const chains = new Map<string, FolderSeals>()
  const said = files.map((file): SaidSeal => {
    const path = pathIn(folder, file)
    const name = folderOf(path)
    const sealers = sealersOf(folder)
    const before = chains.get(name) ?? readChain(folder, name, sealers)
    const source = sourceOf(found, act, path)
    const keys = signing.keysOn(path, sealers)
    const sha256 = createHash('sha256').update(source.text).digest('hex')
    const stating: Stating = { act, path, sha256, keys, now, why: signing.why }
    if (act === 'seal') {
      refuseUnsaid(source, found.book)
      refuseCopied(path, found.book)
    }
    const body =
      act === 'seal'
        ? sealing(
            stating,
            unnoticedIn(folder, path),
            waitingOn(before, stating)?.seal.body,
            signing,
          )
        : () => retiring(stating, signing)
    const after = stated(before, stating, sealers, body)
    chains.set(name, after)
    const made = after.links.findLast((each) => each.body.path === path && each.body.act === act)
    if (made === undefined) throw new Error('nothing was said')
    return { stating, body: made.body, since: made.statedAt }
  })
  return { said, chains }
}

type Found = ReturnType<typeof readBook> & {
  readonly law: StandingLaw
  readonly files: readonly SourceFile[]
}

const pathIn = (folder: string, file: string): string =>
  relative(
    folder,
    isAbsolute(file) ? file : join(folder, file.replace(/^policies\//, '')),
  ).replaceAll('\\', '/')

/** The file; refuses one that is missing, has a fault, or cannot be sealed or retired. */
function sourceOf({ law, files, faults }: Found, act: SealBody['act'], path: string): SourceFile {
  const [bad] = law.faults
  if (bad !== undefined) throw refused(`couldn’t ${act}: ${bad.path}${bad.place}: ${saying(bad)}`)
  const source = files.find((each) => each.path === path)
  if (source === undefined)
    throw refused(`couldn’t ${act}: there is no policy or list file \`${path}\``)
  const fault = faults.find((each) => each.path === path)
  if (fault !== undefined) throw refused(`couldn’t ${act}: ${path}${fault.place}: ${saying(fault)}`)
  const own = law.sealed.get(path)
  if (act === 'seal') refuseSealed(path, law)
  else if (own === undefined)
    throw refused(`couldn’t retire: \`${path}\` is a draft, and counts for nothing`)
  else if (own.retiredAt !== undefined)
    throw refused(`couldn’t retire: \`${path}\` is retired already, from ${own.retiredAt} on`)
  return source
}

/**
 * Refuses a policy that does not say who decides, that makes a duty of what must be done before data leaves,
 * or that names a condition which it does not test.
 */
function refuseUnsaid({ path, text }: SourceFile, book: Book): void {
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
function refuseSealed(path: string, { sealed }: StandingLaw): void {
  const correct = `correct it by a file \`.r2.json\` beside it`
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
  { path, sha256, why }: Stating,
  changes: readonly string[],
  waiting: SealBody | undefined,
  { unnoticed: reason }: Pick<Options, 'unnoticed'>,
): () => SealBody {
  const same = waiting?.act === 'seal' && waiting.sha256 === sha256 ? waiting : undefined
  const open = changes.filter((each) => !same?.unnoticed?.changes.includes(each))
  const found = `couldn’t seal: no case notices ${counted(open.length, 'change')} of \`${path}\`, such as ${open[0]}`
  if (open.length > 0 && same !== undefined)
    throw refused(
      `${found}, and whoever signed first did not list that; take the seal back (\`comity policy withdraw ${path}\`), and sign anew`,
    )
  if (open.length > 0 && reason === undefined)
    throw refused(
      `${found}; add a case (\`comity policy test ${path}\` shows one), or say why it may stay: --unnoticed "…"`,
    )
  return () => ({
    ...{ act: 'seal', path, sha256, why: sentence('seal', '--why', why) },
    ...(changes.length === 0
      ? {}
      : { unnoticed: { why: sentence('seal', '--unnoticed', reason), changes: [...changes] } }),
  })
}

const retiring = (
  { path, sha256, why, now }: Stating,
  { from = now }: Pick<Retiring, 'from'>,
): SealBody => ({
  ...{ act: 'retire', path, sha256, from, why: sentence('retire', '--why', why) },
})

function sentence(act: string, option: string, given: string | undefined): string {
  const said = whySchema.safeParse(given)
  if (said.success) return said.data
  throw new Failure(
    `couldn’t ${act}: say why in a full sentence: ${option} "The threshold is corrected."`,
    exitCodes.usage,
  )
}

const unnoticedLines = ({ unnoticed }: SealBody & { readonly act: 'seal' }): readonly string[] =>
  unnoticed === undefined
    ? []
    : [
        'No case notices these changes of it:',
        ...unnoticed.changes.map((each) => `- ${each}`),
        `Why they may stay: ${unnoticed.why}`,
      ]

/** Writes the chains; says what came of each statement, and which statements were taken back. */
export function writeSeals(folder: string, { said, chains }: ReadySeals): readonly string[] {
  const lost = [...chains].flatMap(([name, after]) => {
    const { waiting } = readChain(folder, name, sealersOf(folder))
    writeChain(folder, name, after)
    return waiting.filter(
      ({ seal: { body } }) => !after.links.some((each) => each.body.path === body.path),
    )
  })
  return [
    ...said.map(({ stating }) => {
      const { act, path } = stating
      const after = chains.get(folderOf(path))
      const open = after === undefined ? undefined : waitingOn(after, stating)
      if (open === undefined) return `${act === 'seal' ? 'sealed' : 'retired'} ${path}`
      const done = act === 'seal' ? 'sealed' : 'retired'
      return `signed ${path}: ${done} by ${signedBy(open)}, waits for ${missingRole(open)}`
    }),
    ...lost.map((each) => `taken back ${each.seal.body.path}: let ${signedBy(each)} sign it anew`),
  ]
}

/** Takes back the statements that wait on files, and those that wait behind them. */
function withdraw(folder: string, files: readonly string[]): readonly string[] {
  return files.flatMap((file) => {
    const path = pathIn(folder, file)
    const name = folderOf(path)
    const before = readChain(folder, name, sealersOf(folder))
    const after = withdrawn(before, path, sealersOf(folder))
    writeChain(folder, name, after)
    return before.links.slice(after.links.length).map(({ body }) => `taken back ${body.path}`)
  })
}
