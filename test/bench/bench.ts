/**
 * `npm run bench`: what a decision and a whole request cost on this machine, and what it costs to seal
 * the log, to prove what is in it, to look into it and to replay it. CPU of requests is that of the
 * gateway's process alone; the load and the store are other processes.
 *
 *     COMITY_BENCH_PROFILE=FOLDER npm run bench     also writes CPU profiles, and the figures are slower
 *     npm run bench -- --only timing [PAIRS]        what can be told by time, and nothing else
 */

import { cpus } from 'node:os'
import Table from 'cli-table3'
import { beatMs } from '../../functions/http/trace.ts'
import { auditFigures } from './audit.ts'
import { coldStarts, rounds } from './cold-start.ts'
import { conditionsPerCase, decisionRates, scenarioInputs } from './decisions.ts'
import { impactRates, replayed } from './impact.ts'
import { leafCount, logFigures } from './merkle.ts'
import { type Line, requestLines } from './requests.ts'
import { sealingFigures } from './sealing.ts'
import { storeMs, timings } from './timing.ts'

const whole = (value: number) => Math.round(value).toLocaleString('en')
const tenths = (value: number) => value.toFixed(1)
const hundredths = (value: number) => value.toFixed(2)

const [cpu] = cpus()
console.log(`${cpu?.model.trim()}, ${cpus().length} cores; Node ${process.versions.node}`)
console.log(`${new Date().toISOString().slice(0, 10)}\n`)

const [, , flag, only, pairs = '5000'] = process.argv
if (flag === '--only' && only === 'timing') {
  await printTimings(Number(pairs))
  process.exit()
}

const inputs = scenarioInputs()
console.log(
  `Decisions: ${inputs.length} cases of policies/scenarios, ${whole(conditionsPerCase(inputs))} conditions each`,
)
const decisions = table(['', 'in a second of CPU', 'µs each'])
for (const { name, perCpuSecond } of decisionRates(inputs))
  decisions.push([name, whole(perCpuSecond), tenths(1e6 / perCpuSecond)])
console.log(`${decisions}\n`)

console.error('requests …')
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
  'The floor is the same server, signature check, body check and receipt. The store is dynalite in\nanother process on the same cores: requests/s and latencies with it are its own more than ours.\n',
)

await printTimings(Number(pairs))

console.error('cold starts …')
const cold = await coldStarts()
const libraries = cold[1]
console.log(
  `Cold starts under Lambda’s own runtime client, on the whole of this machine’s cores: medians of ${rounds}`,
)
const starts = table(['', 'KB', 'law KB', 'KB later', 'ready ms', '', 'first answer ms', ''])
for (const { name, bytes, readyMs, answerMs } of cold)
  starts.push([
    name,
    whole(bytes.start / 1000),
    whole(bytes.law / 1000),
    whole(bytes.later / 1000),
    whole(readyMs),
    `${hundredths(readyMs / (libraries?.readyMs ?? 0))} ×`,
    whole(answerMs),
    `${hundredths(answerMs / (libraries?.answerMs ?? 0))} ×`,
  ])
console.log(`${starts}`)
console.log(
  'Compared with the libraries, which decide nothing: they write one item and read one. AWS’s services are\nthis process, and their time is in all of it.\n',
)

console.error('sealing …')
const { hash, tree, rows, put, sealed } = await sealingFigures()
console.log('Sealing: each entry put into manifest, tree, tiles and bundles, and its log signed')
const sealing = table(['', 'CPU µs an entry', 'entries/s'])
sealing.push(
  ['SHA-256 of its leaf, and nothing else', tenths(hash), ''],
  ['sealed, without a store', tenths(tree), ''],
  ['opened, and its rows for auditors made, without a store', tenths(rows), ''],
  ['one conditional write of it to the store', whole(put.micros), whole(put.perSecond)],
  ['sealed and its rows filed, with the store', whole(sealed.micros), whole(sealed.perSecond)],
)
console.log(`${sealing}`)
console.log('The store is dynalite in this process: its CPU is counted, and is most of it.\n')

console.error('a log of a million entries …')
console.log(`Proofs, in a log of ${whole(leafCount)} entries`)
const proofs = table(['', 'CPU'])
for (const { name, micros } of await logFigures()) proofs.push([name, span(micros)])
console.log(`${proofs}\n`)

console.error('pages of auditors …')
console.log('Look-ups: the decisions of one agency before a moment by chance, 400 of each in turn')
const audit = table(['', 'entries', 'p50 ms', 'p99 ms'])
for (const { name, entries, p50, p99 } of await auditFigures())
  audit.push([name, whole(entries), tenths(p50), tenths(p99)])
console.log(`${audit}`)
console.log(
  'The store is dynalite on disk, in another process. It has one row for each entry, under the agency\nthat is asked for; the rows that are not read here were left out. Each page is itself logged.\n',
)

console.error('replays …')
console.log(`Impact of a draft on ${whole(replayed)} logged decisions, read from a file`)
const impact = table(['', 'in a second of CPU', `s for ${whole(replayed)}`])
for (const { name, perCpuSecond } of impactRates())
  impact.push([name, whole(perCpuSecond), tenths(replayed / perCpuSecond)])
console.log(`${impact}`)

async function printTimings(rounds: number) {
  console.error('what time tells …')
  console.log(`What time tells: ${whole(rounds)} of each, CPU ms of this process for each call`)
  const lines = table(['', 'AUC', '± (95 %)', 'median', 'and', 'AUC on the beat'])
  for (const { name, auc, within, medians, aucOnTheBeat } of await timings(rounds))
    lines.push([name, ...[auc, within, ...medians, aucOnTheBeat].map((value) => value.toFixed(3))])
  console.log(`${lines}`)
  console.log(
    [
      'AUC 0.5: by time the two cannot be told apart. The first line shows what can be seen.',
      `On the beat: answers leave every ${beatMs} ms alone, and a store takes ${storeMs.join(' to ')} ms of it.\n`,
    ].join('\n'),
  )
}

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

/** A time in the unit that suits it. */
function span(micros: number): string {
  if (micros >= 1e6) return `${tenths(micros / 1e6)} s`
  return micros >= 1000 ? `${hundredths(micros / 1000)} ms` : `${tenths(micros)} µs`
}

function table(head: readonly string[]) {
  return new Table({
    head: [...head],
    colAligns: ['left', ...head.slice(1).map(() => 'right' as const)],
    style: { head: [], border: [], compact: true },
  })
}
