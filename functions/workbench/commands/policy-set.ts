/** `comity policy set`: the set of the law that a gateway may start on, signed with two release keys. */

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import * as z from 'zod'
import { foundLaw } from '../../adapters/policies-files.ts'
import type { Book } from '../../policy/book.ts'
import { type RunLaw, refusalOf } from '../../policy/carried.ts'
import { judge } from '../../policy/check-seals.ts'
import { run } from '../../policy/read-book.ts'
import { type ReleaseKey, releaseKeySchema } from '../../policy/sealers.ts'
import { digestOfSet, type LawSet, setOf, setSchema, signSet } from '../../policy/set.ts'
import { type SealingKey, sealingKeySchema } from '../../policy/signed.ts'
import { confirm } from '../../terminal/ask.ts'
import { counted } from '../../terminal/counted.ts'
import { readJson } from '../../terminal/files.ts'
import { brokenBy, type LawChange, refuseBroken } from './breaches.ts'
import { asJson, type SigningOptions, telling } from './law-act.ts'
import { refused } from './signing.ts'

/** Adds `set` to the policy commands. */
export function addPolicySet(policy: Command, folder: string): void {
  policy
    .command('set')
    .description('Sign the set of all that is sealed: a gateway starts on exactly this.')
    .requiredOption('--key <file...>', 'a private release key; or both')
    .option('--out <file>', 'where to write it; else set.json beside the policies')
    .option('--running <file>', 'the signed set that runs now; else the one that is written over')
    .option('--yes', 'sign without being asked to type the name of the set')
    .option(...asJson)
    .addHelpText(
      'after',
      `
Two release keys sign, together or one after the other on the same file. Drafts, and what waits for a
second seal, are never part of it. What is sealed later needs a new set; until then it disturbs nobody.

Whoever signs last is refused a set that breaks a statement about all of the law, unless it is proved to let nothing
more go than the set before.`,
    )
    .action(
      async ({
        key,
        out = join(folder, 'set.json'),
        running,
        yes,
        json,
      }: SigningOptions & { readonly out?: string; readonly running?: string }) => {
        const law = foundLaw(folder)
        const releaseKeys = readJson(join(folder, 'release-keys.json'), z.array(releaseKeySchema))
        const keys = key.map((file) => releaseKeyIn(file, releaseKeys))
        const standing = judge(law)
        const wrong = refusalOf(standing.faults)
        if (wrong !== undefined) throw refused(wrong)
        const begun = existsSync(out) ? readJson(out, writtenSchema) : undefined
        const now = new Date().toISOString()
        const unsigned = setOf(standing.folders, begun?.madeAt ?? now)
        const goesOn = begun !== undefined && digestOfSet(begun) === digestOfSet(unsigned)
        const set = signSet(goesOn ? begun : { ...unsigned, madeAt: now }, keys)
        const name = digestOfSet(set).slice(0, 12)
        const { show, end } = telling(json)
        show([...setLines(set, begun), `Its name: ${name}`])
        // The last signer signs only what a gateway can start on, and what keeps the statements.
        if (set.signatures.length > 1) {
          const { book } = startable(() => run({ ...law, releaseKeys, set }))
          const known = running === undefined ? begun : readJson(running, setSchema)
          const earlier = known && earlierBook({ ...law, releaseKeys, set: known })
          show(keptBy(folder, { ...(earlier && { before: earlier }), after: book }, now))
        }
        await confirm([name], yes ?? false)
        writeFileSync(out, `${JSON.stringify(set, null, 2)}\n`)
        const isWhole = set.signatures.length > 1
        const waits = isWhole ? {} : { waitsFor: 'another release key' }
        const of = [{ set: digestOfSet(set), counts: isWhole, ...waits }]
        end({ act: 'set', done: true, of }, [
          isWhole
            ? `signed the set ${name}: ${out}`
            : `signed the set ${name} with one key; it waits for another: ${out}`,
        ])
      },
    )
}

/** What a set keeps broken that the one before had broken; refuses one that breaks a statement itself. */
const keptBy = (folder: string, books: Pick<LawChange, 'before' | 'after'>, now: string) =>
  refuseBroken('sign the set', brokenBy(folder, { ...books, from: now.slice(0, 10) }, now))

/** The law of a set that was signed before; undefined if no gateway could start on it, as on one without its keys. */
function earlierBook(law: RunLaw): Book | undefined {
  try {
    return run(law).book
  } catch {
    return undefined
  }
}

/** A set in its file, where one signature may be missing. */
const writtenSchema = setSchema.extend({ signatures: z.array(z.string()).max(4) })

/** A private key in a file; refuses one that may not sign sets here. */
export function releaseKeyIn(file: string, trusted: readonly ReleaseKey[]): SealingKey {
  const key = readJson(file, sealingKeySchema)
  const own = trusted.find(({ kid, jwk }) => kid === key.kid && jwk.x === key.jwk.x)
  if (own?.leftAt !== undefined)
    throw refused(`couldn’t use ${file}: \`${key.kid}\` signs no more, since ${own.leftAt}`)
  if (own === undefined)
    throw refused(`couldn’t use ${file}: release-keys.json names no such key \`${key.kid}\``)
  return key
}

/** Runs `start`; refuses with its message if it fails. */
export function startable<T>(start: () => T): T {
  try {
    return start()
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error))
  }
}

/** What is in a set, and how it differs from the set before. */
function setLines(set: LawSet, before: LawSet | undefined): readonly string[] {
  const all = Object.entries(set.folders)
  const gone = Object.keys(before?.folders ?? {}).filter((each) => set.folders[each] === undefined)
  const files = all.reduce((sum, [, each]) => sum + each.files, 0)
  return [
    `${counted(files, 'sealed file')} of ${counted(all.length, 'folder')}`,
    ...all
      .filter(([folder, { head }]) => head.digest !== before?.folders[folder]?.head.digest)
      .map(([folder, { head, files: count }]) => {
        const then = before?.folders[folder]?.head.number
        const since = then === undefined ? 'new' : `seal ${then} before`
        return `- ${folder}: seal ${head.number}, ${counted(count, 'file')} (${since})`
      }),
    ...gone.map((folder) => `- ${folder}: gone; the set before had it`),
  ]
}
