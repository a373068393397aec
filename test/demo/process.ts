/**
 * The local gateway as a developer starts it: a process of its own, on a free port of 127.0.0.1,
 * with its data in a folder of the test.
 *
 *     const data = temporaryFolder()
 *     const gateway = await startLocal({ data })      // resolves once it says that it is ready
 *     await gateway.send('FR-SPOC', 'officer-7', { method: 'POST', path, body })
 *     await gateway.interrupt()                       // Ctrl-C; gives how it ended
 *     removeFolders()                                 // in `afterAll`
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgencyKeyFile } from '../../functions/demo/keys.ts'
import { signCall } from '../../functions/identity/sign.ts'

/** The project's root. */
export const root = join(import.meta.dirname, '../..')

/** The environment of a process whose words a test reads: no colours, and nothing of the test runner. */
export const plainEnvironment: NodeJS.ProcessEnv = {
  ...process.env,
  NODE_OPTIONS: '',
  NO_COLOR: '1',
  FORCE_COLOR: undefined,
  // Tests start many processes; what they compile is kept, by its content.
  NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/comity-tests'),
}

/** How a process ended. */
export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null }

/** Longest we wait for a gateway to start, ms. */
const startMsMax = 55_000

/** What differs from one start to another. */
export type Options = {
  readonly data: string
  readonly port?: number
  /** The folder of the project: a copy, where a test changed something. */
  readonly folder?: string
}

/** A call as an agency makes it. */
export type Call = {
  readonly method?: string
  readonly path: string
  readonly body?: unknown
  /** The same for a retry; fresh unless said. */
  readonly jti?: string
}

/** A gateway in a process. */
export type Local = Awaited<ReturnType<typeof startLocal>>

/** Starts a gateway; rejects with what it wrote if it ends, or is not ready in time. */
export async function startLocal(options: Options, msMax = startMsMax) {
  const port = options.port ?? (await freePort())
  const { child, ended, output } = run(options, port)
  const gateway = {
    port,
    pid: child.pid ?? 0,
    origin: `http://localhost:${port}`,
    data: options.data,
    output,
    ended,
    /** Signs a call with the key that the gateway made for the agency, and sends it. */
    send: (agency: string, officer: string, call: Call) =>
      send(`http://localhost:${port}`, port, options.data, agency, officer, call),
    interrupt: () => end(child, 'SIGINT'),
    terminate: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
  }
  const ready = `Comity is ready on ${gateway.origin}`
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${why}\n${output.stdout}\n${output.stderr}`))
    const late = setTimeout(() => {
      child.kill('SIGKILL')
      fail(`not ready after ${msMax} ms`)
    }, msMax)
    child.stdout?.on('data', () => {
      if (!output.stdout.includes(ready)) return
      clearTimeout(late)
      resolve()
    })
    ended.then(({ code, signal }) => {
      clearTimeout(late)
      fail(`ended with ${code ?? signal}`)
    })
  })
  return gateway
}

/** Starts a gateway that is not expected to come up; gives how it ended and what it wrote. */
export async function failToStart(options: Options) {
  const port = options.port ?? (await freePort())
  const { ended, output } = run(options, port)
  return { ...(await ended), ...output }
}

const run = ({ data, folder = root }: Options, port: number) =>
  runDoor(['functions/local.ts'], { PORT: String(port), COMITY_DATA: data }, folder)

/** Starts a door in a process, and keeps what it writes. */
export function runDoor(door: readonly string[], env: NodeJS.ProcessEnv, folder = root) {
  const child = spawn(process.execPath, [...nodeOptions(door), ...door], {
    cwd: folder,
    env: { ...plainEnvironment, ...env },
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk
    })
  const ended = once(child, 'close').then(
    ([code, signal]): Ended => ({ code: code as number | null, signal: signal as Ended['signal'] }),
  )
  running.add(child)
  ended.then(() => running.delete(child))
  return { child, ended, output }
}

/** What `npm start` and `npm run serve` tell Node before the door; otherwise what every door needs. */
function nodeOptions([door]: readonly string[]): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>
  }
  const script = Object.values(scripts).find((each) => each.endsWith(` ${door}`))
  return script?.split(' ').slice(1, -1) ?? ['--import', './functions/runtime.mjs']
}

/** Ends a process by a signal, and waits until it has ended. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill(signal)
  await closed
}

const running = new Set<ChildProcess>()

/** Signs a call to a gateway by the key in a data folder, and sends it to a port of this machine. */
export async function send(
  origin: string,
  port: number,
  data: string,
  agency: string,
  officer: string,
  { method = 'GET', path, body, jti = freshJti() }: Call,
): Promise<Response> {
  const key = keyOf(join(data, 'agencies', `${agency}.json`))
  const isFile = body instanceof Uint8Array
  const bytes = body === undefined ? undefined : Buffer.from(isFile ? body : JSON.stringify(body))
  const type = isFile ? 'image/jpeg' : 'application/json'
  const url = `${origin}${path}`
  const iat = Math.floor(Date.now() / 1000)
  const claims = { agency, officer, audience: origin, iat, jti }
  const authorization = await signCall({ method, url, body: bytes }, key, claims)
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization, ...(bytes && { 'content-type': type }) },
    ...(bytes && { body: bytes }),
  })
}

/** A key file, read once: jose imports each key once, as long as it is the same object. */
function keyOf(file: string): AgencyKeyFile {
  const key = keys.get(file) ?? (JSON.parse(readFileSync(file, 'utf8')) as AgencyKeyFile)
  keys.set(file, key)
  return key
}

const keys = new Map<string, AgencyKeyFile>()

/** An id for one call and its retries. */
export const freshJti = (): string => randomBytes(16).toString('base64url')

/** Ports below those that systems hand out themselves, so many for each worker of the test runner. */
const [firstPort, portsOfWorker] = [20_000, 1500]
const worker = Number(process.env.VITEST_POOL_ID ?? 0) % 8
let handedOut = randomInt(portsOfWorker)

/**
 * A port of this machine that nobody uses. Nor does anybody get it before the process that it is for: another worker
 * has others, and whoever asks the system for any port gets a higher one.
 */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < portsOfWorker; tried += 1) {
    handedOut = (handedOut + 1) % portsOfWorker
    const port = firstPort + worker * portsOfWorker + handedOut
    if (await isFree(port)) return port
  }
  throw new Error('no port')
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer().once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

const folders: string[] = []

/** An empty folder; `removeFolders` removes it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'comity-'))
  folders.push(folder)
  return folder
}

/** Ends what still runs and removes every folder of this file's tests. */
export async function removeFolders(): Promise<void> {
  await Promise.all([...running].map((child) => end(child, 'SIGKILL')))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

/** A copy of the program and the law, to change something in; its dependencies are the same. */
export function copyOfProject(): string {
  const copy = temporaryFolder()
  for (const each of ['functions', 'policies', 'package.json'])
    cpSync(join(root, each), join(copy, each), { recursive: true })
  // On Windows a junction needs no rights.
  symlinkSync(realpathSync(join(root, 'node_modules')), join(copy, 'node_modules'), 'junction')
  return copy
}
