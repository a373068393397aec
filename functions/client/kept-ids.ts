/** The ids of calls, on disk before the calls are sent, so that what is sent again is the same call. */

import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { misuse } from '../terminal/exit.ts'
import { writeWhole } from '../terminal/files.ts'
import { freshJti } from './send.ts'
import type { ToSend } from './until-answered.ts'

/** How long an id is kept, ms: 30 days. What is asked again later is a new call. */
const keptMs = 30 * 24 * 3_600_000

/** The ids of calls, each in a file of its own, which holds digests and no content. One process uses a folder. */
export function keptIds(folder: string) {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
  const fileOf = (name: string) => join(folder, digest(name))
  return {
    /** The id of a call, durable once it returns; undefined if its name was given to another call. */
    idOf({ name, officer, method, path, body = Buffer.of() }: ToSend): string | undefined {
      const jti = freshJti()
      if (name === undefined) return jti
      const call = digest(JSON.stringify([officer, method, path]), body)
      if (!fs.existsSync(fileOf(name))) writeWhole(fileOf(name), `${jti} ${call}`)
      const [kept, of] = fs.readFileSync(fileOf(name), 'utf8').split(' ')
      return of === call ? kept : undefined
    },
    /** Removes ids that are too old, and nothing else that is there. */
    sweep(): void {
      const named = fs.readdirSync(folder).filter((name) => /^[A-Za-z0-9_-]{43}$/.test(name))
      for (const each of named.map((name) => join(folder, name)))
        if (Date.now() - fs.statSync(each).mtimeMs > keptMs) fs.rmSync(each)
    },
  }
}

/** A digest of what must tell calls apart and is not to be read. */
export const digest = (...parts: readonly (string | Buffer)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('base64url')

/**
 * Takes a state folder for this process, until it ends. Throws a Failure if another that runs has it: both would
 * give one question two ids. A process that was killed leaves its number, which nobody runs under.
 */
export function lockState(state: string): void {
  const lock = join(state, 'lock')
  const owner = fs.existsSync(lock) ? Number(fs.readFileSync(lock, 'utf8')) : undefined
  // In a container every process may have the same number.
  if (owner !== undefined && owner !== process.pid && isRunning(owner))
    throw misuse(
      `another bridge (process ${owner}) uses \`${state}\`; name another folder with --state, or end that one`,
    )
  fs.rmSync(lock, { force: true })
  try {
    fs.writeFileSync(lock, String(process.pid), { flag: 'wx', mode: 0o600 })
  } catch {
    throw misuse(`another bridge is starting with \`${state}\``)
  }
  process.once('exit', () => fs.rmSync(lock, { force: true }))
}

function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
