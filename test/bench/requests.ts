/** Whole requests over HTTP: what one costs the gateway, beside the least that it could cost. */

import type { ChildProcess } from 'node:child_process'
import { percentile } from './figures.ts'
import { origin, type Ready, type Variant } from './gateway-process.ts'
import { load, signedCalls } from './load.ts'
import { child, end, message } from './processes.ts'

/** One line of the table. */
export type Line = {
  readonly variant: Variant
  readonly connections: number
  readonly requests: number
  readonly perSecond: number
  readonly cpuMs: number
  readonly p50: number
  readonly p99: number
}

const levels = [1, 16, 64] as const
const callsMax = 1500
const warmUpCalls = 1000
const msMax = 3000

/** Measures one variant at every number of connections. `profile` is a folder for CPU profiles. */
export async function requestLines(variant: Variant, profile?: string): Promise<readonly Line[]> {
  const store = variant === 'store' ? child('store-process.ts', []) : undefined
  const endpoint = store === undefined ? [] : [String(await message(store))]
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const gateway = child('gateway-process.ts', [variant, ...endpoint], profiling)
  try {
    const { port, keys } = (await message(gateway)) as Ready
    const signed = (count: number) => signedCalls(count, new Map(keys), origin)
    await load(port, await signed(warmUpCalls), 16, msMax)
    const lines: Line[] = []
    for (const connections of levels) {
      const calls = await signed(callsMax)
      const before = await cpuOf(gateway)
      const { seconds, latenciesMs } = await load(port, calls, connections, msMax)
      const requests = latenciesMs.length
      lines.push({
        variant,
        connections,
        requests,
        perSecond: requests / seconds,
        cpuMs: ((await cpuOf(gateway)) - before) / requests,
        p50: percentile(latenciesMs, 0.5),
        p99: percentile(latenciesMs, 0.99),
      })
    }
    return lines
  } finally {
    for (const each of [gateway, store]) await end(each)
  }
}

async function cpuOf(gateway: ChildProcess): Promise<number> {
  gateway.send('cpu')
  return Number(await message(gateway))
}
