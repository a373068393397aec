/** What a run of the bench found: `results.json`, which README.md and infra/README.md quote. */

import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'

/** One figure. `aim` is what it should be: at most that, or at least if more is better. */
type Figure = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly aim?: number
  readonly met?: boolean
}

/** A whole run: on which machine, when, with which versions of what was run. */
type Results = {
  readonly machine: string
  readonly date: string
  readonly versions: Readonly<Record<string, string>>
  readonly figures: readonly Figure[]
}

const file = join(import.meta.dirname, 'results.json')

/** Takes figures down, and writes them in the end. */
export function results(versions: Readonly<Record<string, string>>) {
  const figures: Figure[] = []
  return {
    /** Takes a figure down; with `atLeast`, more of it is better. */
    figure(name: string, value: number, unit: string, aim?: number, atLeast = false) {
      const rounded = Number(value.toPrecision(value >= 1000 ? 4 : 3))
      const met = aim === undefined ? {} : { aim, met: atLeast ? value >= aim : value <= aim }
      figures.push({ name, value: rounded, unit, ...met })
    },
    /** Writes the file. */
    write(now: Date) {
      const [cpu] = cpus()
      const machine = `${cpu?.model.trim()}, ${cpus().length} cores`
      const date = now.toISOString().slice(0, 10)
      const all = { machine, date, versions, figures } satisfies Results
      writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`)
    },
  }
}
