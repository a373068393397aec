/**
 * `npm run bench`: what a decision and a whole request cost on this machine, and what it costs to seal
 * the log, to prove what is in it, to look into it and to replay it. CPU and memory of requests are those of
 * the gateway's process alone, started as `npm run serve` starts one; the load and the store are other processes. Writes
 * `results.json`; of a run of some parts, the other figures stay in it.
 *
 *     COMITY_BENCH_PROFILE=FOLDER npm run bench     also writes CPU profiles, and the figures are slower
 *     npm run bench -- --only requests              one part alone: decisions, requests, units, cold, sealing,
 *                                                   archive, proofs, pages, impact
 *     npm run bench -- --without pages,proofs       all but these
 *     npm run bench -- --only timing [PAIRS]        what can be told by time
 *
 * On two cores that do nothing else it takes eight minutes.
 */

import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { beatMs } from '../../functions/http/trace.ts'
import { auditFigures } from './audit.ts'
import { coldStarts, rounds } from './cold-start.ts'
import { conditionsPerCase, decisionRates, decisionTimes, scenarioInputs } from './decisions.ts'
import { impactRates, replayed } from './impact.ts'
import { client } from './load.ts'
import { leafCount, logFigures } from './merkle.ts'
import { overviewAimMs, overviewFigures } from './overview.ts'
import { type Line, requestLines } from './requests.ts'
import { results } from './results.ts'
import { archivedEntries, archiveGigabytes, sealingFigures } from './sealing.ts'
import { storeMs, timings } from './timing.ts'
import { atOnce, million, unitLines } from './units.ts'

const whole = (value: number) => Math.round(value).toLocaleString('en')
const tenths = (value: number) => value.toFixed(1)
const hundredths = (value: number) => value.toFixed(2)

const [cpu] = cpus()
console.log(`${cpu?.model.trim()}, ${cpus().length} cores; Node ${process.versions.node}`)
console.log(`${new Date().toISOString().slice(0, 10)}\n`)

const [, , flag, only, pairs = '2500'] = process.argv
const read = (file: string) => JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8'))
const cerbos = '@cerbos/cerbos-linux-x64'
const { begin, figure, write } = results({
  node: process.versions.node,
  load: client,
  dynalite: read('../../package.json').devDependencies.dynalite,
  [cerbos]: read('package.json').optionalDependencies[cerbos],
})
/** What a whole request may take, µs of CPU at 64 connections. */
const aims = { floor: undefined, memory: 900, store: 2800, cerbos: undefined } as const
/** Most memory under load without a store, MB. */
const memoryMax = 275
/** Most that an answer of each kind may write, in units and bytes. */
const unitAims: Readonly<Record<string, { readonly write: number; readonly bytes?: number }>> = {
  release: { write: 8, bytes: 6144 },
  redaction: { write: 8, bytes: 6144 },
  'open denial': { write: 8, bytes: 5120 },
  'release, the first about the person': { write: 10 },
  'redaction, the first about the person': { write: 10 },
  'open denial, the first about the person': { write: 10 },
  'sealing of one in 50': { write: 6 },
}
/** Fewest decisions in a second of CPU. */
const rateAims: Readonly<Record<string, number>> = {
  'the same as a request runs it: before the fetch, in full, as told': 20_000,
  'the same, asked by an agency that asked the same before': 30_000,
}
/** Most that a million releases may cost, US$. */
const dollarsMax = 15
/** Most that a million entries may take up in the archive, sealed one by one, GB. */
const gigabytesMax = 15
/** How well a caller may tell two kinds of answers apart by the time they take. */
const aucMax = 0.55
/** How long a start and a first answer of the access API may take, in those of its libraries; and its KB. */
const startAims = { ready: 1.3, answer: 1.5, kilobytes: 450 } as const

const parts: Readonly<Record<string, () => void | Promise<void>>> = {
  decisions: printDecisions,
  requests: printRequests,
  units: printUnits,
  timing: () => printTimings(Number(pairs)),
  cold: printColdStarts,
  sealing: printSealing,
  archive: printArchive,
  proofs: printProofs,
  pages: printPages,
  impact: printImpact,
}
const named = only?.split(',') ?? []
if (
  flag !== undefined &&
  (!/^--(only|without)$/.test(flag) || !named.every((each) => each in parts))
) {
  console.error(
    `npm run bench -- [--only PART | --without PART,…]: ${Object.keys(parts).join(', ')}`,
  )
  process.exit(flag === '--help' ? 0 : 2)
}
for (const [name, part] of Object.entries(parts)) {
  if (flag === '--only' && !named.includes(name)) continue
  if (flag === '--without' && named.includes(name)) continue
  const start = performance.now()
  begin(name)
  await part()
  console.error(`${name}: ${whole((performance.now() - start) / 1000)} s`)
}
write(new Date(), flag !== undefined)
process.exit()

function printDecisions() {
  const inputs = scenarioInputs()
  console.log(
    `Decisions: ${inputs.length} cases of policies/scenarios, ${whole(conditionsPerCase(inputs))} conditions each`,
  )
  const decisions = table(['', 'in a second of CPU', 'µs each'])
  for (const { name, perCpuSecond } of decisionRates(inputs)) {
    decisions.push([name, whole(perCpuSecond), tenths(1e6 / perCpuSecond)])
    figure(`decisions, ${name}`, perCpuSecond, 'in a second of CPU', rateAims[name], true)
  }
  console.log(`${decisions}`)
  const times = table(['', 'it takes', 'aim at most'])
  for (const { name, value, unit, aim } of decisionTimes(inputs)) {
    times.push([
      name,
      `${unit === '×' ? hundredths(value) : whole(value)} ${unit}`,
      `${aim} ${unit}`,
    ])
    figure(`decisions, ${name}`, value, unit, aim)
  }
  console.log(`${times}\n`)
}

async function printRequests() {
  const lines = await requestLines(['floor', 'memory', 'store'], process.env.COMITY_BENCH_PROFILE)
  console.log('Whole requests over HTTP: signature checked, decided, logged, receipt signed')
  const head = ['connections', 'requests/s', 'CPU ms', 'of the floor', 'at first']
  const requests = table(['', ...head, 'p50 ms', 'p99 ms', 'worst ms', 'MB', 'KB each'])
  const names = {
    floor: 'the floor: an empty decision, no store',
    memory: 'whole, without the store’s client',
    store: 'whole, with the store’s client',
    cerbos: 'Cerbos, with its audit file',
  } as const
  for (const line of lines) {
    const { variant, connections } = line
    const floor = lines.find((each) => each.variant === 'floor' && each.connections === connections)
    requests.push([names[variant], ...columns(line, floor?.cpuMs ?? 0)])
    const of = `request, ${variant}, ${connections} connections`
    const aim = connections === 64 ? aims[variant] : undefined
    figure(`${of}: CPU`, line.cpuMs * 1000, 'µs', aim)
    if (line.first !== undefined)
      figure(`${of}: CPU in the first seconds of a process`, line.first * 1000, 'µs')
    for (const part of ['p50', 'p99', 'worst'] as const) figure(`${of}: ${part}`, line[part], 'ms')
    if (connections === 64 && line.allocated !== undefined)
      figure(`${of}: allocated for each answer`, line.allocated, 'KB')
    if (connections === 64)
      figure(`${of}: memory`, line.memory, 'MB', variant === 'memory' ? memoryMax : undefined)
  }
  console.log(`${requests}`)
  console.log(
    [
      `Loaded by ${client}, each in turn, once it is warm; "at first" is CPU ms of the first seconds of a process.`,
      'The floor is the same server, signature check, body check and receipt.',
      'The store is dynalite in another process on the same cores: requests/s and latencies with it are its own',
      lines.some(({ variant }) => variant === 'cerbos')
        ? 'more than ours. Cerbos checks no signature, and makes no entry first, no redaction and no receipt.\n'
        : 'more than ours. Cerbos is not installed here, or does not run.\n',
    ].join('\n'),
  )
}

async function printUnits() {
  console.log('What is written and read, in DynamoDB’s units, its index included')
  const lines = table(['', 'calls', 'written', 'read', 'bytes of the entry'])
  const all = await unitLines()
  for (const { name, calls, write: written, read, bytes } of all) {
    const shown = bytes === undefined ? '' : whole(bytes)
    lines.push([name, tenths(calls), tenths(written), tenths(read), shown])
    figure(`${name}: calls of the store`, calls, 'calls')
    figure(`${name}: written`, written, 'write units', unitAims[name]?.write)
    figure(`${name}: read`, read, 'read units')
    if (bytes !== undefined) figure(`${name}: entry`, bytes, 'bytes', unitAims[name]?.bytes)
  }
  console.log(`${lines}`)
  const [released, sealed] = ['release', `sealing of one in ${atOnce}`].map((wanted) =>
    all.find(({ name }) => name === wanted),
  )
  if (released === undefined || sealed === undefined) return
  const dollars = million(released, sealed)
  figure('a million releases, sealed in fifties', dollars, 'US$', dollarsMax)
  console.log(`A million releases, sealed in fifties: US$ ${hundredths(dollars)}\n`)
}

async function printColdStarts() {
  const cold = await coldStarts()
  const libraries = cold[1]
  console.log(
    `Cold starts under Lambda’s own runtime client, on the whole of this machine’s cores: medians of ${rounds}`,
  )
  const starts = table(['', 'KB', 'law KB', 'KB later', 'ready ms', '', 'first answer ms', ''])
  for (const { name, bytes, readyMs, answerMs } of cold) {
    const [ready, answer] = [
      readyMs / (libraries?.readyMs ?? 0),
      answerMs / (libraries?.answerMs ?? 0),
    ]
    starts.push([
      name,
      ...[bytes.start, bytes.law, bytes.later].map((each) => whole(each / 1000)),
      ...[whole(readyMs), `${hundredths(ready)} ×`, whole(answerMs), `${hundredths(answer)} ×`],
    ])
    const aim = name.startsWith('access') ? startAims : undefined
    figure(`start, ${name}: ready`, ready, 'of the libraries', aim?.ready)
    figure(`start, ${name}: first answer`, answer, 'of the libraries', aim?.answer)
    figure(`start, ${name}: code and law`, (bytes.start + bytes.law) / 1000, 'KB', aim?.kilobytes)
  }
  console.log(`${starts}`)
  console.log(
    'Compared with the libraries, which decide nothing: they write one item and read one. AWS’s services are\nthis process, and their time is in all of it.\n',
  )
}

async function printSealing() {
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
  figure('sealing, without a store', tree, 'µs of CPU an entry')
  figure('sealing, its rows made', rows, 'µs of CPU an entry')
  figure('sealing, with the store', sealed.micros, 'µs of CPU an entry')
  console.log(`${sealing}`)
  console.log('The store is dynalite in this process: its CPU is counted, and is most of it.\n')
}

async function printArchive() {
  const gigabytes = await archiveGigabytes()
  figure('archive of a million entries, sealed one by one', gigabytes, 'GB', gigabytesMax)
  const of = `calculated from the last half of ${whole(archivedEntries)}`
  console.log(`A million entries, sealed one by one: ${tenths(gigabytes)} GB of archive, ${of}\n`)
}

async function printProofs() {
  console.log(`Proofs, in a log of ${whole(leafCount)} entries`)
  const proofs = table(['', 'CPU'])
  for (const { name, micros } of await logFigures()) {
    proofs.push([name, span(micros)])
    figure(`proofs, ${name}`, micros, 'µs')
  }
  console.log(`${proofs}\n`)
}

async function printPages() {
  console.log(
    'Look-ups: the decisions of one agency before a moment by chance, 400 of each in turn',
  )
  const audit = table(['', 'entries', 'p50 ms', 'p99 ms'])
  for (const { name, entries, p50, p99 } of await auditFigures()) {
    audit.push([name, whole(entries), tenths(p50), tenths(p99)])
    figure(`look-ups, ${name}, ${entries} entries: p50`, p50, 'ms')
    figure(`look-ups, ${name}, ${entries} entries: p99`, p99, 'ms')
  }
  const [server, ...others] = await overviewFigures()
  for (const each of [server, ...others]) {
    if (each === undefined) continue
    audit.push([`overview: ${each.name}`, whole(50_000), tenths(each.p50), tenths(each.p99)])
    const aim = each === server ? overviewAimMs : undefined
    figure(`overview of 50000 decisions, ${each.name}: p50`, each.p50, 'ms', aim)
  }
  console.log(`${audit}`)
  console.log(
    'The store is dynalite on disk, in another process. Entries were sealed in fifties, all under the\nagency that is asked for; what is not read here was left out. Each page is itself logged.\n',
  )
}

function printImpact() {
  console.log(`Impact of a draft on ${whole(replayed)} logged decisions, read from a file`)
  const impact = table(['', 'in a second of CPU', `s for ${whole(replayed)}`])
  for (const { name, perCpuSecond } of impactRates()) {
    impact.push([name, whole(perCpuSecond), tenths(replayed / perCpuSecond)])
    figure(`impact, ${name}`, perCpuSecond, 'in a second of CPU')
  }
  console.log(`${impact}`)
}

async function printTimings(rounds: number) {
  console.log(`What time tells: ${whole(rounds)} of each, CPU ms of this process for each call`)
  const lines = table(['', 'AUC', '± (95 %)', 'median', 'and', 'AUC on the beat'])
  for (const { name, auc, within, medians, aucOnTheBeat } of await timings(rounds)) {
    lines.push([name, ...[auc, within, ...medians, aucOnTheBeat].map((value) => value.toFixed(3))])
    figure(`time tells, ${name}`, auc, 'AUC')
    // Whichever of the two is the faster.
    figure(
      `time tells, ${name}, on the beat`,
      Math.max(aucOnTheBeat, 1 - aucOnTheBeat),
      'AUC',
      aucMax,
    )
  }
  console.log(`${lines}`)
  console.log(
    [
      'AUC 0.5: by time the two cannot be told apart. The first line shows what can be seen.',
      `On the beat: answers leave every ${beatMs} ms alone, and a store takes ${storeMs.join(' to ')} ms of it.\n`,
    ].join('\n'),
  )
}

function columns({ connections, perSecond, cpuMs, ...line }: Line, least: number) {
  return [
    connections,
    whole(perSecond),
    hundredths(cpuMs),
    `${hundredths(cpuMs / least)} ×`,
    line.first === undefined ? '' : hundredths(line.first),
    ...[line.p50, line.p99, line.worst].map(tenths),
    whole(line.memory),
    line.allocated === undefined ? '' : whole(line.allocated),
  ]
}

/** A time in the unit that suits it. */
function span(micros: number): string {
  if (micros >= 1e6) return `${tenths(micros / 1e6)} s`
  return micros >= 1000 ? `${hundredths(micros / 1000)} ms` : `${tenths(micros)} µs`
}

/** Rows under their heads, figures to the right. */
function table(head: readonly string[]) {
  const rows: (readonly unknown[])[] = [head]
  const write = () => {
    const texts = rows.map((row) => row.map(String))
    const widths = head.map((_, at) => Math.max(...texts.map((row) => row[at]?.length ?? 0)))
    const inColumn = (cell: string, at: number) =>
      at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)
    return texts.map((row) => row.map(inColumn).join('  ')).join('\n')
  }
  return { push: (...more: (readonly unknown[])[]) => rows.push(...more), toString: write }
}
