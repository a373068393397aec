/**
 * Whole requests over HTTP: what one costs the gateway, beside the least that it could cost and beside Cerbos.
 * All of them are started first and loaded in turn, so that a machine that grows slower does so for all.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCerbos } from './cerbos.ts'
import { percentile } from './figures.ts'
import { origin, type Ready, type Used, type Variant } from './gateway-process.ts'
import { load, type Measured, type Prepared, path, signedCalls } from './load.ts'
import { child, end, message } from './processes.ts'

/** One line of the table: medians over the rounds, the worst of all, and the memory at the end in MB. */
export type Line = {
  readonly variant: Variant | 'cerbos'
  readonly connections: number
  readonly requests: number
  readonly perSecond: number
  readonly cpuMs: number
  readonly p50: number
  readonly p99: number
  readonly worst: number
  readonly memory: number
  /** CPU ms of an answer at most connections in the first seconds of a process, before it was warmed up. */
  readonly first?: number
  /** What an answer allocates of the heap, KB, most of which is garbage at once; absent where it is not known. */
  readonly allocated?: number
}

/** A server under load. */
export type Loaded = {
  readonly variant: Line['variant']
  readonly url: string
  calls(count: number): Promise<readonly Prepared[]>
  used(): Promise<Used>
  /** Bytes of the heap allocated since it was last asked; asking begins to count. */
  allocated?(): Promise<number>
  end(): Promise<void>
}

const connectionsMax = 64
const levels = [1, 16, connectionsMax] as const
const secondsEach = 2
/**
 * Answers of each server before it is measured, and how long they are asked for at once, s. Until then V8 still compiles
 * what answers run: a gateway takes a quarter more CPU for its first thousands than for all that come after.
 */
const [warmUpAnswers, warmUpSeconds] = [15_000, 3] as const
/** More than is answered in that time. */
const callsMax = { floor: 24_000, memory: 8000, store: 2500, cerbos: 20_000 } as const

/**
 * Measures these variants, and Cerbos if it is installed, at every number of connections. `profile` is a folder
 * for CPU profiles.
 */
export async function requestLines(
  variants: readonly Variant[],
  profile?: string,
  rounds = 3,
): Promise<readonly Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'comity-load-'))
  const servers: Loaded[] = []
  try {
    for (const variant of variants) servers.push(await startGateway(variant, profile))
    const cerbos = await startCerbos(folder)
    if (cerbos !== undefined) servers.push(cerbos)
    const once = async (server: Loaded, connections: number, seconds = secondsEach) => {
      const calls = await server.calls(callsMax[server.variant])
      const before = await server.used()
      const measured = await load(server.url, calls, connections, seconds, folder)
      const { cpuMs, memory } = await server.used()
      return { ...measured, cpuMs: (cpuMs - before.cpuMs) / measured.requests, memory }
    }
    const first = new Map<Line['variant'], number>()
    for (const server of servers)
      for (let answers = 0; answers < warmUpAnswers; ) {
        const { requests, cpuMs } = await once(server, connectionsMax, warmUpSeconds)
        if (answers === 0) first.set(server.variant, cpuMs)
        answers += requests
      }
    const found = new Map<string, Round[]>()
    for (let round = 0; round < rounds; round++)
      for (const connections of levels)
        for (const server of servers) {
          const key = `${server.variant} ${connections}`
          found.set(key, [...(found.get(key) ?? []), await once(server, connections)])
        }
    // Last, since the samples take time and room.
    const garbage = new Map<Line['variant'], number>()
    for (const server of servers) {
      if (server.allocated === undefined) continue
      await server.allocated()
      const { requests } = await once(server, 16)
      garbage.set(server.variant, (await server.allocated()) / 1000 / requests)
    }
    return servers.flatMap(({ variant }) =>
      levels.map((connections) => {
        const allocated = garbage.get(variant)
        const atFirst = connections === connectionsMax ? first.get(variant) : undefined
        return {
          ...lineOf(variant, connections, found.get(`${variant} ${connections}`) ?? []),
          ...(atFirst !== undefined && { first: atFirst }),
          ...(allocated !== undefined && { allocated }),
        }
      }),
    )
  } finally {
    for (const server of servers) await server.end()
    rmSync(folder, { recursive: true })
  }
}

type Round = Measured & Used

function lineOf(variant: Line['variant'], connections: number, rounds: readonly Round[]): Line {
  const median = (of: (round: Round) => number) => percentile(rounds.map(of), 0.5)
  return {
    ...{ variant, connections, requests: rounds.reduce((all, each) => all + each.requests, 0) },
    perSecond: median(({ requests, seconds }) => requests / seconds),
    cpuMs: median((each) => each.cpuMs),
    p50: median((each) => each.p50),
    p99: median((each) => each.p99),
    worst: Math.max(...rounds.map((each) => each.worst)),
    memory: Math.max(...rounds.map((each) => each.memory)),
  }
}

/** With what `npm run serve` starts a gateway: V8's bounds, and the compile cache. */
function serveOptions(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const [, ...options] = String(scripts.serve).split(' ').slice(0, -1)
  return options.map((each) => (each.startsWith('./') ? join(root, each) : each))
}

const root = join(import.meta.dirname, '../..')

async function startGateway(variant: Variant, profile: string | undefined): Promise<Loaded> {
  const store = variant === 'store' ? child('store-process.ts', []) : undefined
  const endpoint = store === undefined ? [] : [String(await message(store))]
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const options = [...serveOptions(), ...profiling]
  const gateway = child('gateway-process.ts', [variant, ...endpoint], options)
  const { port, keys } = (await message(gateway)) as Ready
  return {
    variant,
    url: `http://127.0.0.1:${port}${path}`,
    calls: (count) => signedCalls(count, new Map(keys), origin),
    async used() {
      gateway.send('used')
      return (await message(gateway)) as Used
    },
    async allocated() {
      gateway.send('allocated')
      return Number(await message(gateway))
    },
    async end() {
      for (const each of [gateway, store]) await end(each)
    },
  }
}
