/** `comity policy seal`: the signatures of two people over the bytes of policy files. */

import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import type { Command } from 'commander'
import { versionFiles } from '../adapters/policies-files.ts'
import { type Book, readBook, type SourceFile, withoutLetter } from '../policy/book.ts'
import { notesOn } from '../policy/finding.ts'
import { lintRelease } from '../policy/lint-release.ts'
import { lintSays } from '../policy/lint-says.ts'
import { type Seal, sealSchema } from '../policy/policy.ts'
import { checkSeals, type Seals, sealed, type Waiting } from '../policy/seal.ts'
import { missingRole, signedBy, signStatement } from '../policy/signed.ts'
import { confirm } from './ask.ts'
import { exitCodes, Failure } from './exit.ts'
import { type Key, keysFor, readStatements, refused, sealersOf, signedLines } from './signing.ts'

type Options = { readonly key: readonly string[]; readonly why?: string; readonly yes?: true }

/** Adds `seal` to the policy commands. */
export function addPolicySeal(policy: Command, folder: string): void {
  policy
    .command('seal')
    .description('Sign files with a key: once two people have, the files count.')
    .argument('<files...>', 'files below policies/, such as de/bkag/2026-02-14.json')
    .requiredOption('--key <file...>', 'your private key; or those of both who sign')
    .option('--why <sentence>', 'why the files are sealed; the first of two says it')
    .option('--yes', 'sign without being asked to type the version')
    .addHelpText(
      'after',
      `
One person of the legal team and one for data protection sign, in either order, each on their own
machine. The first leaves a seal that does not count yet; the second adds theirs to the same bytes.`,
    )
    .action(async (files: string[], options: Options) => {
      const now = new Date().toISOString()
      const all = planSeals(folder, files, options, now)
      for (const { path, sha256, sealedAt, why } of all) {
        const who = sealedAt === now ? '' : `, as whoever signed first said on ${sealedAt}`
        console.log([...signedLines(folder, path, sha256, now), `Why${who}: ${why}`, ''].join('\n'))
      }
      const names = all.map(({ path }) => path.replace(/^.*\/(.+)\.json$/, '$1'))
      await confirm(names, options.yes ?? false)
      console.log(writeSeals(folder, all).join('\n'))
    })
}

/** The seals as they will be; refuses all if one is refused. */
function planSeals(
  folder: string,
  files: readonly string[],
  { key, why }: Options,
  now: string,
): readonly Seal[] {
  const sources = versionFiles(folder)
  const sealers = sealersOf(folder)
  const seals = checkSeals(readSeals(folder), sealers)
  const { book, faults } = readBook(sources, seals.sealedAt)
  const [bad] = seals.faults
  if (bad !== undefined) throw refused(`couldn’t seal: ${bad.path}${bad.place}: ${bad.message}`)
  return files.map((file) => {
    const path = relative(
      folder,
      isAbsolute(file) ? file : join(folder, file.replace(/^policies\//, '')),
    ).replaceAll('\\', '/')
    const source = sources.find((each) => each.path === path)
    if (source === undefined)
      throw refused(`couldn’t seal: there is no policy or list file \`${path}\``)
    const fault = faults.find((each) => each.path === path)
    if (fault !== undefined) throw refused(`couldn’t seal: ${path}${fault.place}: ${fault.message}`)
    refuseUnsaid(source, book)
    refuseSealed(source, sources, seals)
    const keys = keysFor(path, key, sealers)
    const seal = sealOf(source, keys, why, now, seals.waiting.get(path))
    const [wrong] = checkSeals([seal], sealers).faults
    if (wrong !== undefined) throw refused(`couldn’t seal: ${wrong.message}`)
    return seal
  })
}

/**
 * Refuses a policy that leaves open who decides, or demands it of what has left already, and one that
 * names a condition which it does not test.
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

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Refuses a file that is sealed, and one for whose day another is. */
function refuseSealed({ path }: SourceFile, all: readonly SourceFile[], { sealedAt }: Seals): void {
  const other = all.find(
    (each) =>
      withoutLetter(each.path) === withoutLetter(path) &&
      sealedAt(each.path, digestOf(each.text)) !== undefined,
  )
  const correct = `correct it by a file \`.r2.json\` beside it`
  if (other?.path === path)
    throw refused(`couldn’t seal: \`${path}\` is sealed already; ${correct}`)
  if (other !== undefined)
    throw refused(
      `couldn’t seal: \`${path}\` is superseded, since \`${other.path}\` is sealed; ${correct}`,
    )
}

/** A new seal, or the one that waits with the signature that it lacked. */
function sealOf(
  { path, text }: SourceFile,
  keys: readonly Key[],
  why: string | undefined,
  now: string,
  waiting: Waiting | undefined,
): Seal {
  const sha256 = digestOf(text)
  const isFirst = ({ by }: Key) => waiting?.signatures.some((each) => each.by.role === by.role)
  if (waiting === undefined || (waiting.seal.sha256 !== sha256 && keys.some(isFirst))) {
    const stated = { path, sha256, sealedAt: now, why: sentence(why) }
    return {
      ...stated,
      signatures: keys.map(({ key }) => signStatement(kind, sealed(stated), key)),
    }
  }
  const { seal } = waiting
  const first = signedBy(waiting)
  if (seal.sha256 !== sha256)
    throw refused(
      `couldn’t seal: \`${path}\` changed since ${first} signed it; let ${first} sign it anew, then sign`,
    )
  const added = keys.filter((key) => !isFirst(key))
  if (added.length === 0)
    throw refused(
      `couldn’t seal: ${first} has signed \`${path}\` already; it waits for ${missingRole(waiting)}`,
    )
  if (why !== undefined && why !== seal.why)
    throw refused(`couldn’t seal: ${first} said why: “${seal.why}”; leave --why away`)
  if (Date.parse(now) < Date.parse(seal.sealedAt))
    throw refused(
      `couldn’t seal: ${first} signed \`${path}\` at ${seal.sealedAt}, which is later than this machine’s clock`,
    )
  const signatures = added.map(({ key }) => signStatement(kind, sealed(seal), key, now))
  return { ...seal, signatures: [...seal.signatures, ...signatures] }
}

const kind = 'comity-seal+jws'

function sentence(why: string | undefined): string {
  const stated = sealSchema.shape.why.safeParse(why)
  if (stated.success) return stated.data
  throw new Failure(
    'couldn’t seal: say why in a full sentence: --why "The threshold is corrected."',
    exitCodes.usage,
  )
}

const readSeals = (folder: string): readonly Seal[] =>
  readStatements(join(folder, 'seals.json'), sealSchema)

/** Writes the seals, and the digests of those that are whole; says what came of each. */
function writeSeals(folder: string, changed: readonly Seal[]): readonly string[] {
  const before = readSeals(folder)
  const kept = before.map((seal) => changed.find(({ path }) => path === seal.path) ?? seal)
  const seals = [...kept, ...changed.filter((seal) => !kept.includes(seal))]
  const { waiting } = checkSeals(seals, sealersOf(folder))
  const whole = seals.filter(({ path }) => !waiting.has(path))
  writeFileSync(join(folder, 'seals.json'), `${JSON.stringify(seals, null, 2)}\n`)
  const digests = whole.map(({ sha256, path }) => `${sha256}  ${path}\n`)
  writeFileSync(join(folder, 'seals.sha256'), digests.join(''))
  return changed.map(({ path }) => {
    const open = waiting.get(path)
    return open === undefined
      ? `sealed ${path}`
      : `signed ${path}: sealed by ${signedBy(open)}, waits for ${missingRole(open)}`
  })
}
