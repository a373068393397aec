/** `comity policy diff`: what differs between two versions, in words and by a case for each change. */

import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Command } from 'commander'
import { readPolicies } from '../adapters/policies-files.ts'
import { unattested } from '../decision/facts.ts'
import { benignStart } from '../law/benign.ts'
import { caseFileSchema, itemOf } from '../law/cases.ts'
import {
  lawWithList,
  lawWithPolicy,
  memberQuestion,
  policyQuestion,
} from '../law/change-question.ts'
import { type Change, type Difference, diffLists, diffPolicies } from '../law/diff.ts'
import { findDifference, type LawOn, type Question, type Start } from '../law/difference.ts'
import type { Book, List, Policy } from '../policy/book.ts'
import { type Chosen, choose, titlesOf } from './choose.ts'
import { screen } from './columns.ts'
import type { Compared, Searched } from './diff-lines.ts'
import { diffJson, diffLines } from './diff-lines.ts'
import { exitCodes, Failure } from './exit.ts'
import { readJson } from './files.ts'

/** How long all searches together may take, ms. */
const searchMs = 20_000

/** Adds `diff` to `comity policy`. */
export function addPolicyDiff(policy: Command, folder: string): void {
  policy
    .command('diff')
    .description('Say what differs between two versions, with a case for each change.')
    .argument('<before>', 'a file, or an id such as de/bkag@2018-05-25')
    .argument('<after>', 'a file, or an id such as de/bkag@2026-02-14')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `
Words that went stand in [-…-], words that came in {+…+}. Each case is looked for by trying the
values that the changed conditions tell apart, from what the tests beside the file take as given.`,
    )
    .action((first: string, second: string, options: { readonly json?: true }) => {
      const now = new Date().toISOString()
      const end = Date.now() + searchMs
      const compared = compare(folder, first, second, now, () => Date.now() > end)
      if (options.json) console.log(JSON.stringify(diffJson(compared), null, 2))
      else console.log(diffLines(compared, screen()).join('\n'))
    })
}

/** Compares two versions; `stop` ends the search for cases early. */
export function compare(
  folder: string,
  first: string,
  second: string,
  now: string,
  stop: () => boolean,
): Compared {
  const guess = choose(folder, first, now, choose(folder, second, now))
  const after = choose(folder, second, now, guess)
  const before = guess
  const book = asIfSealed(readPolicies(folder).book)
  const titles = {
    ...titlesOf(book),
    ...Object.fromEntries(
      [before, after].flatMap(({ kind, version }) =>
        kind === 'list' ? [[version.id, version.file.title]] : [],
      ),
    ),
  }
  const { start, given } = startOf(folder, before, after)
  const shared = { before, after, start, ...(given === undefined ? {} : { given }) }
  const search = (
    { changes, unchanged }: Difference,
    ask: (change: Change) => Question | undefined,
  ) => ({
    ...shared,
    unchanged,
    changes: changes.map((change): Searched => {
      const question = ask(change)
      return question === undefined
        ? { change }
        : { change, found: findDifference(start, question, stop) }
    }),
  })
  if (before.kind === 'policy' && after.kind === 'policy') {
    const id = after.version.id
    const law = once((policy: Policy) => lawWithPolicy(book, { ...policy, id }, now))
    return search(diffPolicies(before.version, after.version, titles), (change) =>
      policyQuestion(change, before.version, after.version, start, law),
    )
  }
  if (before.kind === 'list' && after.kind === 'list') {
    const { id } = after.version
    const law = once((list: List) => lawWithList(book, { ...list, id }, now))
    return search(diffLists(before.version, after.version, titles), (change) =>
      memberQuestion(change, before.version, after.version, start, law),
    )
  }
  throw new Failure(
    `\`${before.name}\` is a ${before.kind} and \`${after.name}\` a ${after.kind}`,
    exitCodes.usage,
  )
}

function once<T extends object>(make: (version: T) => LawOn): (version: T) => LawOn {
  const made = new WeakMap<T, LawOn>()
  return (version) => {
    const law = made.get(version) ?? make(version)
    made.set(version, law)
    return law
  }
}

/** A policy or list of which nothing is sealed yet counts as its tests count it: as if it were. */
function asIfSealed(book: Book): Book {
  const known = <T extends { readonly id: string; readonly sealedAt?: string }>(
    all: readonly T[],
  ) => {
    const sealed = new Set(all.filter((each) => each.sealedAt !== undefined).map(({ id }) => id))
    return all.map((each) =>
      sealed.has(each.id) ? each : { ...each, sealedAt: '0001-01-01T00:00:00Z' },
    )
  }
  return { policies: known(book.policies), lists: known(book.lists) }
}

/** What the tests beside the newer file take as given, or the older, or a benign request. */
function startOf(folder: string, before: Chosen, after: Chosen): { start: Start; given?: string } {
  const asOf =
    [before, after]
      .map(({ version }) => version.day)
      .sort()
      .at(-1) ?? ''
  for (const { name, version } of [after, before])
    for (const path of [
      name.replace(/\.json$/, '.test.json'),
      join(folder, version.id, `${version.version}.test.json`),
    ]) {
      if (!path.endsWith('.test.json') || !existsSync(path)) continue
      const file = readJson(path, caseFileSchema)
      const item = itemOf({ id: '1', ...file.given.item }).facts
      const day = [file.asOf, asOf].sort().at(-1) ?? asOf
      const given = `${version.id}/${basename(path)}`
      return { start: { asOf: day, facts: { ...unattested, ...file.given.facts }, item }, given }
    }
  const jurisdiction = after.kind === 'policy' ? after.version.folder : ''
  const holder =
    /^[a-z]{2}$/.test(jurisdiction) && !['eu', 'un'].includes(jurisdiction) ? jurisdiction : 'de'
  return { start: benignStart(holder.toUpperCase(), asOf) }
}
