/**
 * `npm run bench`: what a decision and a whole request cost on this machine. CPU is that of the
 * gateway's process alone; the load and the store are other processes.
 *
 *     COMITY_BENCH_PROFILE=FOLDER npm run bench     also writes CPU profiles, and the figures are slower
 */

import { cpus } from 'node:os'
import Table from 'cli-table3'
import { conditionsPerCase, decisionRates, scenarioInputs } from './decisions.ts'
import { type Line, requestLines } from './requests.ts'

const whole = (value: number) => Math.round(value).toLocaleString('en')
const tenths = (value: number) => value.toFixed(1)
const hundredths = (value: number) => value.toFixed(2)

const [cpu] = cpus()
console.log(`${cpu?.model.trim()}, ${cpus().length} cores; Node ${process.versions.node}`)
console.log(`${new Date().toISOString().slice(0, 10)}\n`)

const inputs = scenarioInputs()
console.log(
  `Decisions: ${inputs.length} cases of policies/scenarios, ${whole(conditionsPerCase(inputs))} conditions each`,
)
const decisions = table(['', 'in a second of CPU', 'µs each'])
for (const { name, perCpuSecond } of decisionRates(inputs))
  decisions.push([name, whole(perCpuSecond), tenths(1e6 / perCpuSecond)])
console.log(`${decisions}\n`)

const profile = process.env.COMITY_BENCH_PROFILE
const floor = await requestLines('floor', profile)
const memory = await requestLines('memory', profile)
const store = await requestLines('store', profile)

console.log('Whole requests over HTTP: signature checked, decided, logged, receipt signed')
const requests = table([
  '',
  'connections',
  'requests/s',
  'CPU ms',
  'of the floor',
  'p50 ms',
  'p99 ms',
])
const names = {
  floor: 'the floor: an empty decision, no store',
  memory: 'whole, without the store’s client',
  store: 'whole, with the store’s client',
} as const
for (const line of [...floor, ...memory, ...store]) {
  const least = floor.find(({ connections }) => connections === line.connections)?.cpuMs ?? 0
  requests.push([names[line.variant], ...figures(line, least)])
}
console.log(`${requests}`)
console.log(
  'The floor is the same server, signature check, body check and receipt. The store is dynalite in\nanother process on the same cores: requests/s and latencies with it are its own more than ours.',
)

function figures({ connections, perSecond, cpuMs, p50, p99 }: Line, least: number) {
  return [
    connections,
    whole(perSecond),
    hundredths(cpuMs),
    `${hundredths(cpuMs / least)} ×`,
    tenths(p50),
    tenths(p99),
  ]
}

function table(head: readonly string[]) {
  return new Table({
    head: [...head],
    colAligns: ['left', ...head.slice(1).map(() => 'right' as const)],
    style: { head: [], border: [], compact: true },
  })
}
