/** The other processes of a bench: each tells its parent when it is ready, and ends with it. */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Starts a file of this folder as a process of its own. */
export const child = (
  file: string,
  args: readonly string[],
  execArgv: readonly string[] = [],
): ChildProcess => fork(join(import.meta.dirname, file), args, { execArgv: [...execArgv] })

/** The next message of a process; throws if it ends before. */
export async function message(from: ChildProcess): Promise<unknown> {
  const heard = new AbortController()
  const { signal } = heard
  const ended = once(from, 'exit', { signal }).then(([code]) => {
    throw new Error(`a process of the bench ended (${code})`)
  })
  try {
    const [said] = await Promise.race([once(from, 'message', { signal }), ended])
    return said
  } finally {
    heard.abort()
  }
}

/** Ends a process that was started here; returns once it is gone. */
export async function end(process: ChildProcess | undefined): Promise<void> {
  if (process === undefined || process.exitCode !== null) return
  const exited = once(process, 'exit')
  process.disconnect()
  await exited
}
