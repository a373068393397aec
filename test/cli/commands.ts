/**
 * The command line in a process that runs many commands, one after the other: the door itself is read anew
 * for each, and what it imports once. A process of `run.ts`, told what to run by messages.
 */

import type { Ran } from './run.ts'

/** A command, and what its environment has beside the rest. */
export type Command = {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const { log, error } = console
const environment = { ...process.env }
let count = 0

async function run({ args, env }: Command): Promise<Ran> {
  process.argv.splice(2, process.argv.length, ...args)
  process.env = { ...environment, ...env }
  process.exitCode = undefined
  // The door guards what it finds here.
  Object.assign(console, { log, error })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].removeAllListeners('error')
    process[name].write = (text: unknown, ...rest: unknown[]) => {
      said[name] += text
      const done = rest.at(-1)
      if (typeof done === 'function') done()
      return true
    }
  }
  count += 1
  await import(`../../functions/cli.ts?${count}`)
  return { code: Number(process.exitCode ?? 0), ...said }
}

process.on('message', async (command: Command) => void process.send?.(await run(command)))
process.on('disconnect', () => process.exit())
