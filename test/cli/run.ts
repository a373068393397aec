/**
 * The command line as people use it: outside this process.
 *
 *     const { code, stdout, stderr } = await comity(['policy', 'explain', '--facts', file])
 */

import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { plainEnvironment, root, temporaryFolder } from '../demo/process.ts'
import type { Command } from './commands.ts'

/** What a command came to. */
export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** Where a command finds its gateway; what is piped in, and the folder of the project if it is not ours. */
export type Options = {
  readonly port?: number
  readonly data?: string
  readonly profile?: string
  readonly folder?: string
  readonly stdin?: string
}

/** Runs `comity …`; in a process of its own where something is piped in, or the project is another. */
export function comity(args: readonly string[], options: Options = {}): Promise<Ran> {
  const { port, data, profile, folder, stdin } = options
  const env = {
    ...(port && { PORT: String(port) }),
    ...(data && { COMITY_DATA: data }),
    ...(profile && { COMITY_PROFILE: profile }),
  }
  if (folder !== undefined || stdin !== undefined) return alone({ args, env }, folder, stdin)
  const ran = last.then(() => afterOthers({ args, env }))
  last = ran.catch(() => undefined)
  return ran
}

async function alone({ args, env }: Command, folder = root, stdin = ''): Promise<Ran> {
  const child = spawn(process.execPath, ['functions/comity.mjs', ...args], {
    cwd: folder,
    env: { ...plainEnvironment, ...env },
  })
  child.stdin.end(stdin)
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code: code as number | null, stdout, stderr }
}

let last: Promise<unknown> = Promise.resolve()
let others: ChildProcess | undefined

/** To start for each of a hundred commands took most of what they take. */
async function afterOthers(command: Command): Promise<Ran> {
  others ??= fork(join(import.meta.dirname, 'commands.ts'), {
    cwd: root,
    env: plainEnvironment,
    execArgv: ['--import', './functions/runtime.mjs'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  }).once('exit', () => {
    others = undefined
  })
  const child = others
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error(`\`comity ${command.args.join(' ')}\` ended its process`))
    child.once('exit', ended)
    child.once('message', (ran: Ran) => {
      child.off('exit', ended)
      resolve(ran)
    })
    child.send(command)
  })
}

/** A file with a text, or with a value as JSON; gives its path. */
export function fileOf(content: unknown): string {
  const file = join(temporaryFolder(), 'file.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
  return file
}
