/**
 * A policy command in this process, on a copy of the policies.
 *
 *     const { code, stdout } = await run(addCheck, folder, ['check', 'de/bkag'])
 */

import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { Command } from 'commander'
import { vi } from 'vitest'
import { idsLast } from '../../functions/cli/arguments.ts'
import { Failure } from '../../functions/cli/exit.ts'
import type { Seal } from '../../functions/policy/sealers.ts'
import { chainOf, type Said } from '../policy/sealing.ts'

const shipped = join(import.meta.dirname, '../../policies')
const folders: string[] = []

/** The law of two holders, and what binds both: enough for most questions, and read in little time. */
const fewStates = [
  /^coe\/echr\//,
  /^de\//,
  /^eu\/(2023-977|charter|led-data|led-transfers|sis)\//,
  /^gb\//,
  /^interpol\//,
  /^lists\/(cat|cets-224|echr|elements|eu-2023-977|eu-members|eu-us-mla)\//,
  /^lists\/(gb-approved|iccpr|led-adequacy|led-states|log-retention|refugee-convention|un-cybercrime)\//,
  // Their cases ask law that is left out.
  /^lists\/(arrangements|asean-mlat|ets-30|europol-agreements|siena-duty)\/[^/]*(?<!\.test)\.json$/,
  /^scenarios\/(eu-to-germany|member-states|third-states-to-germany|to-britain)\./,
  /^un\/human-rights-floor\//,
]
const isOfFew = (path: string) => fewStates.some((each) => each.test(path))

/** What of it binds several states: more than half. */
const international = /^(eu|interpol|scenarios)\/(?!to-britain)/

/** A copy of the policies that a test may spoil: of a few states, unless `all` are meant, or their own alone. */
export function copyOfPolicies(which: 'all' | 'few' | 'own' = 'few'): string {
  const folder = mkdtempSync(join(tmpdir(), 'comity-policies-'))
  folders.push(folder)
  if (which === 'all') cpSync(shipped, folder, { recursive: true })
  else
    for (const [path, bytes] of fewFiles())
      if (which === 'few' || !international.test(path)) put(join(folder, path), bytes)
  return folder
}

let few: ReadonlyMap<string, Buffer> | undefined

/** The files of a few states; their chains are signed once. */
function fewFiles(): ReadonlyMap<string, Buffer> {
  if (few !== undefined) return few
  const folder = copyOfPolicies('all')
  keepFewStates(folder)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  few = new Map(
    files.map((file) => [relative(folder, file).replaceAll('\\', '/'), readFileSync(file)]),
  )
  return few
}

function put(file: string, bytes: string | Buffer): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, bytes)
}

/** Takes away the law of all but a few states. */
export function keepFewStates(folder: string): void {
  for (const path of globSync(['*/*/*.json', 'scenarios/*.json'], { cwd: folder }))
    if (!isOfFew(path.replaceAll('\\', '/'))) rmSync(join(folder, path))
  // The deepest first, so that what holds an empty folder alone is empty in its turn.
  for (const path of [...globSync('*/*', { cwd: folder }), ...globSync('*', { cwd: folder })]) {
    const each = join(folder, path)
    if (statSync(each).isDirectory() && readdirSync(each).length === 0) rmdirSync(each)
  }
  for (const name of globSync('*/seals.json', { cwd: folder }).map(dirname))
    sealAgain(folder, name, (said) => said.filter(({ body }) => isOfFew(body.path)))
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

/** A file as it is shipped. */
export const readShipped = (path: string): string => readFileSync(join(shipped, path), 'utf8')

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
