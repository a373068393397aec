/** `comity policy prove`: proves sentences about all of the law, or shows the case that breaks one. */

import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { sealedPolicies } from '../../adapters/policies-files.ts'
import type { Book } from '../../policy/book.ts'
import { dayAfter, type FactValue } from '../../policy/fact-types.ts'
import { datedIn, inForce } from '../../policy/history.ts'
import { vocabulary } from '../../policy/vocabulary.ts'
import { day } from '../../terminal/arguments.ts'
import { printed, screen, wrap } from '../../terminal/columns.ts'
import { exitCodes } from '../../terminal/exit.ts'
import { paint } from '../../terminal/say.ts'
import { holderLaws } from '../prover/holder-law.ts'
import { type Found, isProved, type Proof, prove } from '../prover/proof.ts'
import { readStatements } from '../prover/statement.ts'
import { invalid, noSuch } from './choose.ts'

type Options = { readonly asOf?: string; readonly out?: string; readonly json?: true }

/** Adds `prove` to `comity policy`. */
export function addPolicyProve(policy: Command, folder: string): void {
  policy
    .command('prove')
    .description('Prove the statements about all of the law, or show what breaks one.')
    .argument('[id...]', 'statements, by the names of their files; all without any')
    .option(
      '--as-of <day>',
      'of this day alone; else of today and each later day with new law',
      day,
    )
    .option(
      '--out <file>',
      'write there the facts of the first case that breaks one, for `explain --facts`',
    )
    .option('--json', 'print as JSON')
    .addHelpText('after', help)
    .action((ids: readonly string[], { asOf, out, json }: Options) => {
      const book = sealedPolicies(folder)
      const statements = statementsIn(folder, book, ids)
      const known = new Date().toISOString()
      const days = asOf === undefined ? daysOf(book, known.slice(0, 10)) : [asOf]
      const proofs = days.flatMap((each) => {
        const laws = holderLaws(inForce(book, each, known), statements)
        return statements.map((statement) => prove(statement, laws, each))
      })
      const broken = proofs.filter((each) => !isProved(each))
      const [first] = broken.flatMap(({ found }) => found.flatMap(against))
      if (out !== undefined && first !== undefined)
        writeFileSync(out, `${JSON.stringify(first.file, null, 2)}\n`)
      printed(json, proofs.map(asData), () => linesOf(proofs, days, screen()))
      if (broken.length > 0) process.exitCode = exitCodes.integrityFailed
    })
}

const help = `
A statement is a file \`statements/<id>.json\` beside the policies. What is proved is proved of the rules as they are
written, for all facts and everybody who asks, of whatever leaves, by whom and under which duties; not that what
offices vouch for is true. Each proof is followed step by step by a second program, and each case against a statement
is answered by the engine itself before it is shown; \`comity policy explain --facts\` shows it again.`

/** The statements of a folder, or those of them that are named. Throws a Failure that names every fault. */
export function statementsIn(folder: string, book: Book, ids: readonly string[]) {
  const files = globSync('statements/*.json', { cwd: folder })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))
  const { statements, faults } = readStatements(files, book)
  if (faults.length > 0) throw invalid(faults)
  const known = statements.map(({ id }) => id)
  const unknown = ids.find((id) => !known.includes(id))
  if (unknown !== undefined) throw noSuch('statement', unknown, known)
  return statements.filter(({ id }) => ids.length === 0 || ids.includes(id))
}

/** A day, and each later one on which sealed law or an entry of a list starts or ends. */
export function daysOf({ policies, lists }: Book, today: string): readonly string[] {
  const sealed = [...policies, ...lists].filter(({ sealedAt }) => sealedAt !== undefined)
  const spans = lists.flatMap(({ file }) => datedIn(file))
  const changes = [
    ...sealed.map((each) => each.day),
    ...spans.flatMap(({ from, until }) => [from, until && dayAfter(until, 1)]),
  ]
  const later = changes.filter((each) => each !== undefined && each > today)
  return [...new Set([today, ...later.map(String)])].sort()
}

const against = (found: Found) => (found.result === 'broken' ? [found.against] : [])

const asData = ({ statement, asOf, found, idle, over }: Proof) => ({
  ...{ id: statement.id, asOf, proved: found.filter(({ result }) => result === 'proved').length },
  saysNothing: holdersOf(found, 'vacuous'),
  nothingLeaves: holdersOf(found, 'nothing-leaves'),
  broken: found.flatMap((each) =>
    each.result === 'broken'
      ? [{ holder: each.holder, differs: differing(each), facts: each.against.file }]
      : [],
  ),
  ...(idle.length > 0 && { acceptedForNothing: idle }),
  ...(over.length > 0 && { acceptedTooLong: over }),
})

const holdersOf = (found: readonly Found[], wanted: Found['result']): readonly string[] =>
  found.flatMap(({ holder, result }) => (result === wanted ? [holder] : []))

const differing = ({ against: { differs } }: Found & { result: 'broken' }) =>
  Object.fromEntries([...differs].map(([name, value]) => [name, value ?? null]))

function linesOf(proofs: readonly Proof[], days: readonly string[], width: number) {
  const lines = proofs.flatMap((proof) => {
    const { statement, asOf, found, idle, over } = proof
    const proved = found.filter(({ result }) => result === 'proved').length
    const silent = holdersOf(found, 'vacuous')
    const stands = isProved(proof)
    const fault = saysNothing(proof) ? 'not proved: it says nothing' : 'not so'
    const word = stands ? paint('green', 'proved') : paint('red', fault)
    return [
      `${word} ${paint('bold', statement.id)} ${paint('dim', `as of ${asOf}, of ${proved} holders`)}`,
      `  ${statement.file.says}`,
      ...(silent.length > 0 ? [`  It says nothing of ${silent.join(', ')}.`] : []),
      ...found.flatMap((each) => (each.result === 'broken' ? [`  - ${inWords(each)}`] : [])),
      ...idle.map((i) => `  - What it accepts in /knownAgainst/${i} is nowhere so: take it out.`),
      ...over.map((i) => `  - What it accepts in /knownAgainst/${i} was accepted until then only.`),
    ].flatMap((line) => wrap(line, width))
  })
  const broken = proofs.filter((each) => !isProved(each)).length
  const said = `${proofs.length - broken} of ${proofs.length} proved, on ${days.length} days`
  return [
    ...lines,
    '',
    ...nothingLeaves(proofs, days).flatMap((line) => wrap(line, width)),
    broken === 0 ? said : `${said}; ${broken} not proved`,
  ]
}

/** Whether a statement has nothing against it, and is of nobody: whom it binds, nothing that it speaks of can leave. */
const saysNothing = ({ found, idle, over }: Proof): boolean =>
  idle.length + over.length === 0 &&
  found.every(({ result }) => result === 'vacuous' || result === 'nothing-leaves')

/** Of whom nothing is proved, since nothing leaves of them; with the day where it is not so on all. */
function nothingLeaves(proofs: readonly Proof[], days: readonly string[]): readonly string[] {
  const byDay = days.map((day) => {
    const all = proofs.filter(({ asOf }) => asOf === day)
    const holders = new Set(all.flatMap(({ found }) => holdersOf(found, 'nothing-leaves')))
    const [count, names] = [holders.size, [...holders].sort().join(', ')]
    return count === 0
      ? ''
      : `nothing leaves of ${count} ${count === 1 ? 'holder' : 'holders'}: ${names}`
  })
  const isAlways = new Set(byDay).size === 1
  const lines = isAlways
    ? byDay.slice(0, 1)
    : byDay.map((line, i) => line && `${line} (${days[i]})`)
  return lines.filter((line) => line !== '')
}

/** The holder, and how the case differs from an ordinary request. */
export function inWords({
  holder,
  against: { differs },
}: Pick<Found & { result: 'broken' }, 'holder' | 'against'>): string {
  const facts = [...differs].map(([name, value]) => `${nameOf(name)}: ${asText(value)}`)
  return `${holder}: ${facts.length === 0 ? 'an ordinary request' : facts.join('; ')}`
}

const nameOf = (name: string): string => vocabulary[name]?.label ?? name
const asText = (value: FactValue | undefined): string =>
  value === undefined ? 'not known' : Array.isArray(value) ? value.join(', ') : String(value)
