/** What a run of the bench found: `results.json`, which README.md and infra/README.md quote. */

import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'

/** One figure. `aim` is what it should be: at most that, or at least if more is better. */
type Figure = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly aim?: number
  readonly met?: boolean
  /** When it was found, if not with the others. */
  readonly date?: string
  /** The part of the bench that finds it. */
  readonly part: string
}

/** A whole run: on which machine, when, with which versions of what was run. */
export type Results = {
  readonly machine: string
  readonly date: string
  readonly versions: Readonly<Record<string, string>>
  readonly figures: readonly Figure[]
}

const file = join(import.meta.dirname, 'results.json')

/** Takes figures down, and writes them in the end. */
export function results(versions: Readonly<Record<string, string>>) {
  const figures: Figure[] = []
  const parts: string[] = []
  return {
    /** What is taken down from now on is of this part. */
    begin(part: string) {
      parts.push(part)
    },
    /** Takes a figure down; with `atLeast`, more of it is better. */
    figure(name: string, value: number, unit: string, aim?: number, atLeast = false) {
      const rounded = Number(value.toPrecision(value >= 1000 ? 4 : 3))
      const met = aim === undefined ? {} : { aim, met: atLeast ? value >= aim : value <= aim }
      figures.push({ name, value: rounded, unit, ...met, part: parts.at(-1) ?? '' })
    },
    /** Writes the file anew; of a run of some parts, what is `kept` of the file stays. */
    write(now: Date, kept: boolean) {
      const [cpu] = cpus()
      const machine = `${cpu?.model.trim()}, ${cpus().length} cores`
      const date = now.toISOString().slice(0, 10)
      const found: Results = { machine, date, versions, figures }
      // A cast: it is what an earlier run wrote.
      const before = () => JSON.parse(readFileSync(file, 'utf8')) as Results
      const all = kept ? merged(before(), found, parts) : found
      writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`)
    },
  }
}

/**
 * Results with the figures of a later run of some parts in place of theirs, or at the end. What one of the parts no
 * longer finds goes; what stays keeps its day. Throws if the later run was on another machine, or with other versions:
 * its figures would not compare.
 */
export function merged(before: Results, found: Results, parts: readonly string[]): Results {
  for (const part of ['machine', 'versions'] as const)
    if (JSON.stringify(before[part]) !== JSON.stringify(found[part]))
      throw new Error(`\`results.json\` is of another run, by its ${part}: run the whole bench`)
  const { date } = found
  const isFound = (name: string) => found.figures.find((each) => each.name === name)
  const known = new Set(before.figures.map(({ name }) => name))
  const stays = (figure: Figure): Figure => {
    const day = figure.date ?? before.date
    return day === date ? figure : { ...figure, date: day }
  }
  return {
    ...found,
    figures: [
      ...before.figures.flatMap(
        (figure) => isFound(figure.name) ?? (parts.includes(figure.part) ? [] : stays(figure)),
      ),
      ...found.figures.filter(({ name }) => !known.has(name)),
    ],
  }
}
