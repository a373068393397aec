/** A PostgreSQL server of the machine's own packages, in a folder of the test, on a socket there alone. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { end } from './demo/process.ts'

/** Where the server's programs are; undefined if this machine has none. */
export const postgresPrograms: string | undefined = globSync('/usr/lib/postgresql/*/bin')
  .sort()
  .findLast((folder) => existsSync(join(folder, 'initdb')))

/** The server refuses to run as root. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const startMsMax = 20_000

/** Starts a server, `more` of whose settings are as given, and gives its address. */
export async function startPostgres(programs: string, more: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'comity-pg-'))
  if (nobody.uid !== undefined) chownSync(folder, nobody.uid, nobody.gid)
  const data = join(folder, 'data')
  const options = { ...nobody, cwd: folder, stdio: 'ignore' } as const
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'comity', '-A', 'trust'], options)
  const own = ['listen_addresses=', `unix_socket_directories=${folder}`, ...more]
  const settings = own.flatMap((each) => ['-c', each])
  const start = (): ChildProcess =>
    spawn(join(programs, 'postgres'), ['-D', data, ...settings], options)
  let server = start()
  const ready = async () => {
    const asked = ['-h', folder, '-U', 'comity']
    for (const until = Date.now() + startMsMax; Date.now() < until; await pause(50)) {
      try {
        execFileSync(join(programs, 'pg_isready'), asked, options)
        return
      } catch {}
    }
    throw new Error('PostgreSQL did not start')
  }
  await ready()
  return {
    address: `postgresql:///postgres?host=${folder}&user=comity`,
    /** Kills it, so that it has to recover, and starts it again. */
    async crash() {
      await end(server, 'SIGQUIT')
      server = start()
      await ready()
    },
    async close() {
      await end(server, 'SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
