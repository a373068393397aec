/** Every command that a page names is there, with every option that it names: of `comity`, of npm, of this project. */

import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { programOf } from '../functions/cli/program.ts'
import { commandsIn } from './page-commands.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const pages = globSync(['*.md', '{functions,infra,policies,test}/**/*.md'], { cwd: root })
const { scripts } = JSON.parse(read('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>
}
const nobody = async () => {
  throw new Error('no command is run here')
}
const program = programOf({
  ...{ policies: 'policies', version: '0.0.0', data: '.comity', url: 'http://localhost:8787' },
  ...{ openStore: nobody, openDesk: nobody, makeKey: nobody },
})

/** A command without what a shell has before it: a keyword, variables. */
const bare = (command: string) =>
  command.replace(/^(?:(?:until|while|if|then|!|time|[A-Z_]+=(?:'[^']*'|\S*)) +)*/, '')
const isOption = (word: string) => /^--?[a-z][\w-]*/.test(word)
const optionsIn = (words: readonly string[]) =>
  words.filter(isOption).map((each) => each.replace(/[=,.)].*$/, ''))
/** What stands for something else, or says that more follows: `ID`, `<file>`, `…`. */
const isPlaceholder = (word: string) => /^[A-Z<[.…'"]/.test(word)

/** The command of `comity` that the words begin with, and what is left of them. */
function resolved(words: readonly string[]): readonly [Command, readonly string[]] {
  let command: Command = program
  let left = words
  for (;;) {
    const next = command.commands.find((each) => each.name() === left[0])
    if (next === undefined) return [command, left]
    command = next
    left = left.slice(1)
  }
}

/** What is wrong with the words after `comity`; empty if nothing is. */
function faultsOf(words: readonly string[]): readonly string[] {
  const [command, left] = resolved(words)
  const next = left[0] ?? '…'
  if (command.commands.length > 0 && !isOption(next) && !isPlaceholder(next))
    return [`${next}: no such command`]
  const known = [program, command].flatMap(({ options }) =>
    options.flatMap(({ long, short }) => [long, short]),
  )
  return optionsIn(left).filter((each) => !['--help', ...known].includes(each))
}

const texts = new Map<string, string>()
/** The text of all files of a folder, read once. */
function textBeside(folder: string): string {
  const text = texts.get(folder) ?? globSync(`${folder}/*.ts`, { cwd: root }).map(read).join('\n')
  texts.set(folder, text)
  return text
}

/** Whether a program of ours takes an option: it stands in its file, or in one beside it. */
function takes(script: string, option: string): boolean {
  const [entry = ''] = /[\w/]+\.ts\b/.exec(script) ?? []
  const text = textBeside(dirname(entry))
  return new RegExp(`'${option}[' ]|\\b${option.slice(2)}: \\{ type: '`).test(text)
}

/** What is wrong with `npm …`: a script that there is not, or an option that its program does not take. */
function npmFaultsOf(words: readonly string[]): readonly string[] {
  const [verb = '', ...rest] = words.filter((each) => each !== '--silent')
  if (['ci', 'install', 'pack', 'audit'].includes(verb)) return []
  const [name = '', ...left] = verb === 'run' ? rest : [verb, ...rest]
  const script = scripts[name.replace(/[.,)]$/, '')]
  if (script === undefined) return [`${name}: no such script`]
  return optionsIn(left)
    .filter((each) => each !== '--help' && !script.startsWith('vitest'))
    .filter((each) => !takes(script, each))
}

/** Every command of `comity`, at any depth. */
const below = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(below),
]
const optionsOfAny = new Set(
  below(program).flatMap(({ options }) => options.map(({ long }) => long ?? '')),
)
/** Options of other programs, by the program. `test/infra/steps.test.ts` checks those of CDK. */
const ofOthers = { '--list-mechanisms': 'pkcs11-tool', '--no-rollback': 'cdk deploy' }

/** Whether an option that stands alone is one of some command, of a program of ours, or of another. */
const isOfAny = (option: string) =>
  option === '--help' ||
  optionsOfAny.has(option) ||
  option in ofOthers ||
  Object.values(scripts).some((script) => takes(script, option))

/** What is wrong with a command; nothing with one of another program. */
function wrongIn(command: string): readonly string[] {
  const words = bare(command).split(/\s+/)
  const [first = '', second = ''] = words
  if (first.startsWith('--')) return optionsIn(words).filter((each) => !isOfAny(each))
  if (/^(?:\S*\/)?comity$/.test(first)) return faultsOf(words.slice(1))
  if (first === 'npm') return npmFaultsOf(words.slice(1))
  if (first === 'npx' && second === 'comity') return faultsOf(words.slice(2))
  if (first === 'npx' && /^\w/.test(second))
    return existsSync(join(root, 'node_modules/.bin', second)) ? [] : [`${second}: not installed`]
  // What is said of a command that was named before: `agency sign`, `log verify --since`.
  const group = program.commands.find((each) => each.name() === first && each.commands.length > 0)
  if (group?.commands.some((each) => each.name() === second)) return faultsOf(words)
  return []
}

describe.each(pages)('%s', (page) => {
  // Kills: a command or an option that was renamed, which fails on the day that it is needed.
  test('names commands that there are, with options that they take', () => {
    const wrong = commandsIn(read(page)).flatMap((command) =>
      wrongIn(command).map((fault) => `${command}: ${fault}`),
    )
    expect(wrong).toEqual([])
  })
})

// Kills: a reading of pages that finds none of their commands.
test('Commands are found in the pages', () => {
  const found = pages.flatMap((page) => commandsIn(read(page)).map(bare))
  const count = (start: RegExp) => found.filter((each) => start.test(each)).length
  expect(count(/^(npx )?comity \w/)).toBeGreaterThan(200)
  expect(count(/^npm (run )?\w/)).toBeGreaterThan(40)
  expect(wrongIn('npx comity log verify --wait 60 --nonesuch')).toEqual(['--nonesuch'])
  expect(wrongIn('npx comity log nonesuch')).toEqual(['nonesuch: no such command'])
  expect(wrongIn('npm run nonesuch')).toEqual(['nonesuch: no such script'])
  expect(wrongIn('npm run serve -- --nonesuch')).toEqual(['--nonesuch'])
})
