/** The signers' keys, and the words in which a version is shown to them. */

import { join } from 'node:path'
import * as z from 'zod'
import { type List, lawId, type Policy, saying } from '../../policy/book.ts'
import { faultsOfSealers } from '../../policy/check-seals.ts'
import { inForce } from '../../policy/history.ts'
import type { ListFile, PolicyFile, Rule } from '../../policy/policy.ts'
import { type Sealer, sealerSchema } from '../../policy/sealers.ts'
import { type SealingKey, sealingKeySchema } from '../../policy/signed.ts'
import { screen, wrap } from '../../terminal/columns.ts'
import { exitCodes, Failure } from '../../terminal/exit.ts'
import { readJson } from '../../terminal/files.ts'
import { paint } from '../../terminal/say.ts'
import { keptWords, type Member, memberKey } from '../law/clauses.ts'
import { choose, readLaw } from './choose.ts'
import { compare, diffLines } from './policy-diff.ts'

/** A private key, and whose it is by `sealers.json`. */
export type Key = { readonly key: SealingKey; readonly by: Sealer }

/** A refusal to sign, with the place and what to do. */
export const refused = (message: string): Failure => new Failure(message, exitCodes.invalidPolicy)

/** Who may sign in a folder of policies. */
export function sealersOf(folder: string): readonly Sealer[] {
  const sealers = readJson(join(folder, 'sealers.json'), z.array(sealerSchema))
  const [bad] = faultsOfSealers(sealers)
  if (bad !== undefined) throw refused(`couldn’t sign: ${bad.path}${bad.place}: ${saying(bad)}`)
  return sealers
}

/** The keys in these files; refuses one that may not sign for a path. */
export const keysFor = (
  path: string,
  files: readonly string[],
  sealers: readonly Sealer[],
): readonly Key[] =>
  files.map((file) => keyFor(path, file, readJson(file, sealingKeySchema), sealers))

/** A key that may sign for a path; refuses any other. `file` is what the reader calls it. */
export function keyFor(
  path: string,
  file: string,
  key: SealingKey,
  sealers: readonly Sealer[],
): Key {
  const by = sealers.find(({ kid }) => kid === key.kid)
  const own = path.split('/')[0] ?? ''
  if (by === undefined)
    throw refused(`couldn’t use ${file}: sealers.json names no key \`${key.kid}\``)
  if (by.jwk === undefined)
    throw refused(
      `couldn’t use ${file}: \`${key.kid}\` signs by a certificate (--cms), and has no key in sealers.json`,
    )
  if (by.jwk.x !== key.jwk.x)
    throw refused(`couldn’t use ${file}: sealers.json names another key as \`${key.kid}\``)
  if (!by.folders.includes('*') && !by.folders.includes(own))
    throw refused(
      `couldn’t use ${file}: \`${key.kid}\` may sign for ${by.folders.join(', ')}, not for ${own}`,
    )
  return { key, by }
}

/** A member of a list, with what the list says about it. */
const signedMember = (member: Member): string =>
  'value' in member && member.kept !== undefined
    ? `${memberKey(member)} (${keptWords(member.kept)})`
    : memberKey(member)

/** The names of everything on a list. */
const namesOn = ({ members = [], arrangements = [], routineUses = [] }: ListFile) => [
  ...members.map(signedMember),
  ...arrangements.map(({ id }) => id),
  ...routineUses.map(({ agency, system }) => `${agency} (${system})`),
]

/** A sentence of a version, and what it is of the one before it, if it is no rule of its own. */
type Sentence = readonly [says: string, as?: string]

const saidBy = ({ says, unless = [] }: Pick<Rule, 'says' | 'unless'>): readonly Sentence[] => [
  [says],
  ...unless.map((each) => [each.says, 'unless: '] as const),
]

function saidIn(file: PolicyFile): readonly Sentence[] {
  const { applies, rules, otherwise, automation } = file
  return [
    [applies.says],
    ...rules.flatMap(saidBy),
    ...(otherwise === undefined ? [] : [[otherwise.says] as const]),
    ...(automation === undefined
      ? []
      : [
          [automation.says] as const,
          ...automation.byRule.map(({ says }) => [says, 'by rule: '] as const),
        ]),
  ]
}

/** What a version says, sentence by sentence, exceptions with it, each in every language in which it stands. */
export function signedSentences({ file, translations }: Policy | List): readonly string[] {
  const said: readonly Sentence[] = 'rules' in file ? saidIn(file) : [[file.says]]
  return said.flatMap(([says, as = '']) => [
    `${as}${says}`,
    ...Object.entries(translations?.get(says) ?? {}).map(([tag, text]) => `${tag}: ${text}`),
  ])
}

/**
 * What a version says, sentence by sentence, and how it differs from the version that it follows. `isAgain` if it takes
 * the place of what was sealed under its own name.
 */
export function signedLines(
  folder: string,
  { path, sha256: digest }: { readonly path: string; readonly sha256: string },
  now: string,
  isAgain: boolean,
) {
  const law = readLaw(folder)
  const chosen = choose(law, join(folder, path), now)
  const { name, kind, version } = chosen
  const { policies, listVersions } = inForce(law.book, version.day, now)
  const rivals = [...policies, ...listVersions].filter((each) => lawId(each) === lawId(version))
  const before = rivals.find(({ digest: other }) => other !== digest)
  const width = screen()
  const sentences = [
    ...signedSentences(version),
    ...(chosen.kind === 'list' ? [`On it: ${namesOn(chosen.version.file).join(', ')}`] : []),
  ]
  return [
    paint('bold', version.file.title),
    paint('dim', `${name}, from ${version.day} on`),
    `SHA-256 ${digest}`,
    ...sentences.flatMap((each) => wrap(`- ${each}`, width)),
    ...(before === undefined
      ? isAgain
        ? []
        : ['It follows no version that is in force.']
      : diffLines(compare(law, `${lawId(before)}@${before.version}`, name, now), width).slice(1)),
    `Every condition and article: comity policy ${kind === 'list' ? `timeline ${lawId(version)}` : `say ${name}`}`,
  ]
}
