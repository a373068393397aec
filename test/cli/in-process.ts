/**
 * A policy command in this process, on a copy of the policies.
 *
 *     const { code, stdout } = await run(addCheck, folder, ['check', 'de/bkag'])
 */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { vi } from 'vitest'
import { Failure } from '../../functions/cli/exit.ts'

const shipped = join(import.meta.dirname, '../../policies')
const folders: string[] = []

/** A copy of the policies that a test may spoil. */
export function copyOfPolicies(): string {
  const folder = mkdtempSync(join(tmpdir(), 'comity-policies-'))
  folders.push(folder)
  cpSync(shipped, folder, { recursive: true })
  return folder
}

/** A file as it is shipped. */
export const readShipped = (path: string): string => readFileSync(join(shipped, path), 'utf8')

/** Takes the copies away. */
export const removeCopies = (): void => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
}

/** Writes a file, with what it said before at hand. */
export function rewrite(folder: string, path: string, change: (text: string) => string): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  let before = ''
  try {
    before = readFileSync(file, 'utf8')
  } catch {}
  writeFileSync(file, change(before))
}

/** Changes a JSON file. */
export const edit = <T>(folder: string, path: string, change: (json: T) => void): void =>
  rewrite(folder, path, (text) => {
    const json = JSON.parse(text) as T
    change(json)
    return `${JSON.stringify(json, null, 2)}\n`
  })

/** Runs a command as the command line does. */
export async function run(
  add: (policy: Command, folder: string) => void,
  folder: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((text: string) => void lines.push(text))
  const before = process.exitCode
  process.exitCode = 0
  let stderr = ''
  try {
    const policy = new Command('policy')
    add(policy, folder)
    await policy.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    stderr = error.message
    process.exitCode = error.exitCode
  } finally {
    log.mockRestore()
  }
  const code = Number(process.exitCode)
  process.exitCode = before
  return { code, stdout: lines.join('\n'), stderr }
}
