/**
 * `npm run simulate`: plays whole runs of the gateway and its log in one process, with whatever can go
 * wrong, and looks after each step whether what they promise still holds. README.md says what that is.
 */

import { cpus } from 'node:os'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { type Cores, startCores } from './cores.ts'
import { type Mutant, type MutantName, mutants } from './mutants.ts'
import { pieceNames, playPiece } from './pairs.ts'
import { runSeed } from './random.ts'
import type { Outcome } from './run.ts'
import { faults } from './scheduler.ts'
import { add, emptyTally, type Job, jobsOf, readFaults, type Tally } from './search.ts'

type Options = {
  readonly seeds?: number
  readonly from: number
  readonly pairs?: true
  readonly mutants?: true
  readonly mutant?: MutantName
  readonly seed?: number
  readonly faults?: NonNullable<ReturnType<typeof readFaults>>
  readonly json?: true
}

/** Runs of random seeds unless somebody says how many. */
const seedsDefault = 20_000
/** Seeds in which each mutant is counted, and in how many more one is looked for that is in none of them. */
const [seedsOfMutant, seedsOfRareMutant] = [400, 10_000]
/** Seeds that one core does in one go. */
const atOnce = 50

const mutantNames = Object.keys(mutants) as MutantName[]
const started = performance.now()

const number = (text: string): number => {
  if (/^\d+$/.test(text) && Number(text) <= 0xffffffff) return Number(text)
  throw new InvalidArgumentError('it is a whole number of 32 bits at most.')
}
const faultsIn = (text: string) => {
  const read = readFaults(text)
  if (read !== undefined) return read
  throw new InvalidArgumentError(
    `it is written like ${pieceNames[0]}:3=lost,20=away; there are ${faults.join(', ')}.`,
  )
}

const program = new Command('npm run simulate --')
  .description(
    'Plays the gateway and its log with whatever can go wrong, and looks after each step whether what they promise still holds.',
  )
  .addOption(
    new Option(
      '--seeds <count>',
      'play random runs: 20000, and all pairs, if nothing is asked for',
    ).argParser(number),
  )
  .addOption(new Option('--from <seed>', 'their first seed').argParser(number).default(0))
  .option(
    '--pairs',
    'play pieces with every fault, every two not far apart, and every process put aside',
  )
  .addOption(new Option('--mutant <name>', 'with a fault built in').choices(mutantNames))
  .addOption(
    new Option('--mutants', 'with one fault after the other built in').conflicts([
      'seeds',
      'pairs',
      'mutant',
      'seed',
      'faults',
    ]),
  )
  .addOption(
    new Option('--seed <seed>', 'play one run again, step by step')
      .argParser(number)
      .conflicts(['seeds', 'pairs', 'faults']),
  )
  .addOption(
    new Option('--faults <list>', 'play a piece again, step by step')
      .argParser(faultsIn)
      .conflicts(['seeds', 'pairs']),
  )
  .option('--json', 'print what it came to as JSON')
  .allowExcessArguments(false)
  .showHelpAfterError('(add --help for what it takes)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Exit codes: 0 nothing was found, 1 something was, 2 wrong usage. With --mutants, 0 says that what was
built in was found, but for what is harmless.`,
  )

/** Does what is asked for; whether it found what should not be. */
async function simulate(options: Options): Promise<boolean> {
  const { seed, faults: given, mutant } = options
  const mutate = mutant === undefined ? {} : mutants[mutant]
  const trace: string[] = []
  if (seed !== undefined) return replayed(await runSeed(seed, mutate, trace), trace, options)
  if (given !== undefined)
    return replayed(await playPiece(given.piece, given.faults, mutate, trace), trace, options)
  const cores = startCores()
  const isFound = options.mutants
    ? await huntAll(cores, options)
    : report(await play(await jobsIn(options), cores), cores, options)
  await cores.end()
  return isFound
}

/** Prints each step of one run, and what it came to. */
function replayed(outcome: Outcome, trace: readonly string[], { json }: Options): boolean {
  const { wrong, steps, hash } = outcome
  if (json)
    console.log(JSON.stringify({ ...outcome, tried: Object.fromEntries(outcome.tried), trace }))
  else {
    console.log(trace.join('\n'))
    console.log(wrong ?? `Nothing is wrong after ${steps} steps (hash ${hash}).`)
  }
  return wrong !== undefined
}

/** What is to be played. */
async function jobsIn({ seeds, from, pairs, mutant }: Options): Promise<readonly Job[]> {
  const isAll = seeds === undefined && !pairs
  const random = isAll ? seedsDefault : (seeds ?? 0)
  return [
    ...jobsOfSeeds(from, random, mutant),
    ...(pairs || isAll ? await jobsOfPairs(mutant) : []),
  ]
}

const jobsOfSeeds = (from: number, seeds: number, mutant?: MutantName): readonly Job[] =>
  Array.from({ length: Math.ceil(seeds / atOnce) }, (_, at) => ({
    from: from + at * atOnce,
    seeds: Math.min(atOnce, seeds - at * atOnce),
    mutant,
  }))
async function jobsOfPairs(mutant?: MutantName): Promise<readonly Job[]> {
  const jobs: Job[] = []
  for (const piece of pieceNames) jobs.push(...(await jobsOf(piece, mutant)))
  return jobs
}

/** Does jobs, and says on the way how far it is; unless it is to count, up to the first that finds. */
async function play(
  jobs: readonly Job[],
  cores: Cores,
  { isCounting = false, isQuiet = false } = {},
): Promise<Tally> {
  const tallies: Tally[] = []
  let done = 0
  await cores.work(jobs, (tally, at) => {
    tallies[at] = tally
    done += 1
    if (
      !isQuiet &&
      Math.floor((done * 10) / jobs.length) > Math.floor(((done - 1) * 10) / jobs.length)
    )
      console.error(`${Math.floor((done * 100) / jobs.length)} % after ${secondsSince()} s`)
    return tally.failed > 0 && !isCounting ? 'stop' : undefined
  })
  const sum = emptyTally()
  // In their order, so that what was found first is that of the first job.
  for (const tally of tallies) if (tally !== undefined) add(sum, tally)
  return sum
}

/** Prints what runs came to; whether something was found. */
function report(tally: Tally, cores: Cores, { mutant, json }: Options): boolean {
  const { first, runs, steps, crashes, faults: all } = tally
  const replay = first && `npm run simulate -- ${mutant ? `--mutant ${mutant} ` : ''}${first.again}`
  const least = leastEnded(tally)
  if (json)
    console.log(
      JSON.stringify({
        found: first && { ...first, replay },
        runs,
        steps,
        crashes,
        faults: all,
        tried: Object.fromEntries(tally.tried),
        seconds: secondsSince(),
        machine: machine(cores),
        on: today(),
      }),
    )
  else {
    if (first !== undefined) {
      if (mutant !== undefined) console.log(mutants[mutant].says)
      console.log(`${first.wrong}\nPlay it again: ${replay}`)
    }
    console.log(
      `${first === undefined ? 'Nothing found' : 'Found one'} in ${said(runs)} runs: ${said(steps)} steps, ${said(all)} faults, ${said(crashes)} crashes${least}; ${secondsSince()} s on ${machine(cores)}, ${today()}.`,
    )
  }
  return first !== undefined
}

/** Builds in one fault after the other; whether one is not found, or one that is harmless is. */
async function huntAll(cores: Cores, { json }: Options): Promise<boolean> {
  const hunted: { readonly name: MutantName; readonly where?: string; readonly wrong?: string }[] =
    []
  let isWrong = false
  for (const name of mutantNames) {
    const { says, harmless }: Mutant = mutants[name]
    const where = await hunt(name, harmless === undefined, cores)
    isWrong ||= (where === undefined) === (harmless === undefined)
    hunted.push({ name, ...where })
    if (json) console.error(name)
    else
      console.log(
        `${name.padEnd(Math.max(...mutantNames.map(({ length }) => length)))}  ${where?.where ?? `not found in ${seedsOfMutant} seeds`}${harmless === undefined ? '' : ' (harmless)'}\n    ${says}\n    ${where?.wrong ?? harmless ?? ''}`,
      )
  }
  const found = hunted.filter(({ where }) => where !== undefined).length
  if (json)
    console.log(
      JSON.stringify({ hunted, seconds: secondsSince(), machine: machine(cores), on: today() }),
    )
  else
    console.log(
      `${found} of ${hunted.length} mutants found, ${isWrong ? 'which is not as it should be' : 'the others harmless'}; ${secondsSince()} s on ${machine(cores)}, ${today()}.`,
    )
  return isWrong
}

/** Where a mutant is found; undefined if it is not. */
async function hunt(name: MutantName, isEverywhere: boolean, cores: Cores) {
  const quiet = { isQuiet: true }
  const counted = await play(jobsOfSeeds(0, seedsOfMutant, name), cores, {
    ...quiet,
    isCounting: true,
  })
  const { failed, first } = counted
  if (first !== undefined)
    return {
      where: `found in ${failed} of ${seedsOfMutant} seeds (${first.again})`,
      wrong: first.wrong,
    }
  if (!isEverywhere) return undefined
  const further = [
    ...jobsOfSeeds(seedsOfMutant, seedsOfRareMutant, name),
    ...(await jobsOfPairs(name)),
  ]
  const { first: rare } = await play(further, cores, quiet)
  return rare && { where: `found by ${rare.again}`, wrong: rare.wrong }
}

/** How often the operation that ended its process least did so. */
function leastEnded({ tried }: Tally): string {
  const ended = new Map<string, number>()
  for (const [what, times] of tried) {
    const [operation = '', fault = ''] = what.split(' ')
    ended.set(operation, (ended.get(operation) ?? 0) + (fault.startsWith('crash') ? times : 0))
  }
  const least = Math.min(...ended.values())
  return least > 0 ? `, ${said(least)} or more at each of ${ended.size} operations` : ''
}

function machine(cores: Cores): string {
  const [cpu] = cpus()
  return `${cores.count} cores of ${cpu?.model.trim()}, Node ${process.versions.node}`
}

const said = (value: number): string => value.toLocaleString('en')
const secondsSince = (): number => Math.round((performance.now() - started) / 100) / 10
const today = (): string => new Date().toISOString().slice(0, 10)

try {
  const isFound = await simulate(program.parse().opts<Options>())
  process.exitCode = isFound ? 1 : 0
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : 2
}
