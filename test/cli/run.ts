/**
 * The command line as people use it: a process of its own.
 *
 *     const { code, stdout, stderr } = await comity(['policy', 'explain', '--facts', file])
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { plainEnvironment, root, temporaryFolder } from '../local/process.ts'

/** What a command came to. */
export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** Where a command finds its gateway, and the folder of the project if it is not ours. */
export type Options = {
  readonly port?: number
  readonly data?: string
  readonly folder?: string
  readonly stdin?: string
}

/** Runs `comity …`. */
export async function comity(args: readonly string[], options: Options = {}): Promise<Ran> {
  const { port, data, folder = root, stdin = '' } = options
  const child = spawn(process.execPath, ['functions/comity.mjs', ...args], {
    cwd: folder,
    env: {
      ...plainEnvironment,
      ...(port && { PORT: String(port) }),
      ...(data && { COMITY_DATA: data }),
    },
  })
  child.stdin.end(stdin)
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code: code as number | null, stdout, stderr }
}

/** A file with a text, or with a value as JSON; gives its path. */
export function fileOf(content: unknown): string {
  const file = join(temporaryFolder(), 'file.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
  return file
}
