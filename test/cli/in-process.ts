/**
 * A policy command in this process, on a copy of the policies.
 *
 *     const { code, stdout } = await run(addCheck, folder, ['check', 'de/police'])
 */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { vi } from 'vitest'
import type { Seal } from '../../functions/policy/sealers.ts'
import { idsLast } from '../../functions/terminal/arguments.ts'
import { Failure } from '../../functions/terminal/exit.ts'
import { writeOwnLaw } from '../own-law.ts'
import { chainOf, type Said } from '../policy/sealing.ts'

const folders: string[] = []

/** The law that tests own, in a folder that a test may spoil: all of it, or that of the states alone. */
export function copyOfPolicies(which: 'all' | 'own' = 'all'): string {
  const folder = temporaryPolicies()
  writeOwnLaw(folder, which)
  return folder
}

/** A copy of the law that is shipped, for what is said of it. */
export function copyOfShipped(): string {
  const folder = temporaryPolicies()
  cpSync(join(import.meta.dirname, '../../policies'), folder, { recursive: true })
  return folder
}

function temporaryPolicies(): string {
  const folder = mkdtempSync(join(tmpdir(), 'comity-policies-'))
  folders.push(folder)
  return folder
}

function put(file: string, bytes: string | Buffer): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, bytes)
}

/** Lets a folder's chain say something else, signed by the same two; nothing of it is left if it says nothing. */
export function sealAgain(
  folder: string,
  name: string,
  change: (said: readonly Seal[]) => readonly Said[],
): void {
  const before: readonly Seal[] = JSON.parse(readFileSync(join(folder, name, 'seals.json'), 'utf8'))
  const said = change(before)
  if (said.length === 0) {
    rmSync(join(folder, name), { recursive: true })
    return
  }
  rewrite(folder, `${name}/seals.json`, () => JSON.stringify(chainOf(name, said), null, 2))
  rewrite(folder, `${name}/seals.sha256`, () =>
    said.map(({ body }) => `${body.sha256}  ${body.path}\n`).join(''),
  )
}

/** Takes the copies away. */
export const removeCopies = (): void => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
}

/** Writes a file, with what it said before at hand. */
export function rewrite(folder: string, path: string, change: (text: string) => string): void {
  const file = join(folder, path)
  let before = ''
  try {
    before = readFileSync(file, 'utf8')
  } catch {}
  put(file, change(before))
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
    await policy.parseAsync(idsLast(args, policy), { from: 'user' })
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
