/** `comity policy seal` and `retire`: what two people state about policy files, each with a signature. */

import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { faultOf } from '../../failure.ts'
import type { FolderSeals } from '../../policy/check-seals.ts'
import { folderOf } from '../../policy/seal.ts'
import type { SealBody } from '../../policy/sealers.ts'
import { instant } from '../../terminal/arguments.ts'
import { confirm } from '../../terminal/ask.ts'
import { misuse } from '../../terminal/exit.ts'
import { readBytes } from '../../terminal/files.ts'
import type { Brought } from './attached.ts'
import { certificateWords } from './certificate-words.ts'
import { asJson, type SigningOptions, telling } from './law-act.ts'
import { chainBefore, readChain, writeChains } from './seal-chain.ts'
import {
  pathIn,
  readySeals,
  type SealStatement,
  signedIn,
  statementOn,
  withAttached,
  withKeys,
  writeSeals,
} from './seal-ready.ts'
import { sealersOf, signedLines } from './signing.ts'

type Options = Partial<SigningOptions> & {
  readonly statement?: string
  readonly cms?: string
  readonly unnoticed?: string
}

const byStatement = [
  '--statement <file>',
  'what you sign in a program of your own: written, or with --cms as it was signed',
] as const
const byCms = ['--cms <file>', 'the signature that your program made (CAdES, detached)'] as const

/** Adds `seal` to the policy commands. */
export function addPolicySeal(policy: Command, folder: string): void {
  policy
    .command('seal')
    .description('Sign files: once two people have, the files count.')
    .argument('<files...>', 'files below policies/, such as de/bkag/2026-02-14.json')
    .option('--key <file...>', 'your private key; or those of both who sign')
    .option(...byStatement)
    .option(...byCms)
    .option('--why <sentence>', 'why the files are sealed; the first of two says it')
    .option(
      '--unnoticed <sentence>',
      'why changes may stay that no case notices; the first says it',
    )
    .option('--yes', 'sign without being asked to type the version')
    .option(...asJson)
    .addHelpText(
      'after',
      `
One person of the legal team and one for data protection sign, in either order, each on their own
machine. The first leaves a seal that does not count yet; the second adds theirs to the same bytes.
The cases of a file must pass. What of it no case notices is listed in the seal, with the reason.

While demonstration keys alone seal, a sealed file that was changed is sealed anew, with both keys at once: the chain of
its folder begins anew. Once a deployment has begun its own (\`comity policy begin\`), a sealed file never changes, and
a correction is a file \`<day>.r2.json\` beside it.

Who signs by a certificate, in a program of their own, does so in two steps: \`--statement FILE\` writes what
is signed, and \`--statement FILE --cms FILE.p7s\` attaches what the program made of it.`,
    )
    .action((files: string[], options: Options) => signAll(folder, 'seal', files, options))
}

/** Adds `withdraw` to the policy commands. */
export function addPolicyWithdraw(policy: Command, folder: string): void {
  policy
    .command('withdraw')
    .description('Take back what waits for a second signature, and what waits behind it.')
    .argument('<files...>', 'files that one person has signed')
    .option(...asJson)
    .action((files: string[], { json }: Pick<Options, 'json'>) => {
      const taken = takeBack(folder, files)
      const of = taken.map(({ path, sha256 }) => ({ path, sha256, counts: false }))
      const lines = taken.map(({ path }) => `taken back ${path}`)
      telling(json).end({ act: 'withdraw', done: true, of }, lines)
    })
}

type Retiring = Options & { readonly from?: string }

/** Adds `retire` to the policy commands. */
export function addPolicyRetire(policy: Command, folder: string): void {
  policy
    .command('retire')
    .description('Let sealed files count no longer; two people sign it.')
    .argument('<files...>', 'sealed files; they stay where they are, for earlier decisions')
    .option('--key <file...>', 'your private key; or those of both who sign')
    .option(...byStatement)
    .option(...byCms)
    .option('--why <sentence>', 'why; the first of two says it')
    .option('--from <moment>', 'from when on, such as 2027-01-01T00:00:00Z; else at once', instant)
    .option('--yes', 'sign without being asked to type the version')
    .option(...asJson)
    .addHelpText(
      'after',
      `
The version before it counts again, as if this one had never been sealed. If the law itself is gone,
write a version with \`"repealed": true\` instead.`,
    )
    .action((files: string[], options: Retiring) => signAll(folder, 'retire', files, options))
}

/** Shows what is signed, asks, and writes it; refuses all files if one is refused. */
async function signAll(
  folder: string,
  act: SealBody['act'],
  files: readonly string[],
  options: Retiring,
): Promise<void> {
  const now = new Date().toISOString()
  const { key, statement, cms } = options
  if (key !== undefined && (statement ?? cms) !== undefined)
    throw misuse('sign with a key, or in a program of your own: not both')
  if (key === undefined && files.length > 1)
    throw misuse('one statement is signed at a time: name one file')
  if (key === undefined && cms === undefined) return writeDown(folder, act, files, options, now)
  const signersOn =
    key === undefined ? withAttached(broughtIn(cms ?? '', statement)) : withKeys(key)
  const ready = readySeals(folder, act, files, { ...options, signersOn }, now)
  const { show, end } = telling(options.json)
  for (const each of ready.said) show(shownLines(folder, each, now))
  show(ready.broken)
  const names = ready.said.map(({ body }) => body.path.replace(/^.*\/(.+)\.json$/, '$1'))
  await confirm(names, options.yes ?? false)
  end({ act, done: true, of: signedIn(ready) }, writeSeals(folder, ready))
}

const broughtIn = (file: string, statement: string | undefined): Brought => ({
  ...{ file, cms: readBytes(file) },
  ...(statement === undefined ? {} : { text: readBytes(statement).toString('utf8') }),
})

/** Writes a statement down, to be signed in a program of the signer's own. */
function writeDown(
  folder: string,
  act: SealBody['act'],
  files: readonly string[],
  options: Retiring,
  now: string,
): void {
  const { statement } = options
  const [file] = files
  if (statement === undefined || file === undefined)
    throw misuse('say how you sign: --key FILE, or --statement FILE for a program of your own')
  const said = statementOn(folder, act, file, options, now)
  const { show, end } = telling(options.json)
  show(shownLines(folder, said, now))
  writeNew(statement, said.text)
  const { path, sha256 } = said.body
  end({ act, done: false, of: [{ path, sha256, counts: false }] }, [
    `wrote ${statement}: sign it as it is (CAdES, detached), and attach what you get:`,
    `comity policy ${act} ${path} --statement ${statement} --cms ${statement}.p7s`,
  ])
}

/** Writes a file that is not there yet, so that no option given by mistake takes a policy's place. */
function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' })
  } catch (error) {
    throw misuse(`couldn’t write \`${file}\`: ${faultOf(error)}`)
  }
}

/** What is signed, in words. */
function shownLines(
  folder: string,
  { stating, body, since, instead }: SealStatement,
  now: string,
): readonly string[] {
  const isWritten = stating.prepared !== undefined
  const who = isWritten
    ? `, as it was written on ${since}`
    : since === now
      ? ''
      : `, as whoever signed first said on ${since}`
  return [
    ...signedLines(folder, stating, now, instead !== undefined),
    ...(instead === undefined
      ? []
      : [
          `It takes the place of what was sealed on ${instead.sealedAt} with the SHA-256 ${instead.sha256}.`,
        ]),
    ...(body.act === 'retire' ? [`It counts until ${body.from}, and no longer.`] : []),
    ...(body.act === 'seal' ? unnoticedLines(body) : []),
    `Why${who}: ${body.why}`,
    ...stating.signers.flatMap(({ by, certificate }) =>
      certificate === undefined ? [] : [`${by.name} signed it ${certificateWords(certificate)}.`],
    ),
    '',
  ]
}

const unnoticedLines = ({ unnoticed }: SealBody & { readonly act: 'seal' }): readonly string[] =>
  unnoticed === undefined
    ? []
    : [
        'No case notices these changes of it:',
        ...unnoticed.changes.map((each) => `- ${each}`),
        `Why they may stay: ${unnoticed.why}`,
      ]

/** Takes back the statements that wait on files, and those that wait behind them; none if one file has none. */
function takeBack(folder: string, files: readonly string[]): readonly SealBody[] {
  const chains = new Map<string, FolderSeals>()
  const taken: SealBody[] = []
  for (const file of files) {
    const path = pathIn(folder, file)
    // It waited behind one that is taken back.
    if (taken.some((each) => each.path === path)) continue
    const name = folderOf(path)
    const before = chains.get(name) ?? readChain(folder, name, sealersOf(folder))
    const after = chainBefore(before, path, sealersOf(folder))
    chains.set(name, after)
    taken.push(...before.links.slice(after.links.length).map(({ body }) => body))
  }
  writeChains(folder, chains)
  return taken
}
