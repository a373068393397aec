/**
 * Two machines over one store, under load for as long as one likes, while they are killed in turn:
 *
 *     npm run soak -- --minutes 60 [--rate 25] [--stop 600] [--store dynamodb]
 *
 * Steady decisions, a burst to saturation each minute, an erasure every ten seconds, a kill or a restart every
 * twenty, and a crash of the store (PostgreSQL) every two minutes. Then nobody seals for `--stop` seconds under load,
 * and one catches up. The last line is a sentence with the figures; exit code 0 only if all of it held. Times, disk
 * and memory are judged from ten minutes on: before, one step of the heap or of the archive is most of the figure.
 */

import { randomBytes } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createTables } from '../../functions/adapters/create-tables.ts'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { postgresAt, postgresClient } from '../../functions/adapters/postgres.ts'
import { localTableNames } from '../../functions/adapters/tables.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { signApproval } from '../../functions/identity/approval.ts'
import { freshJti, removeFolders } from '../demo/process.ts'
import { startDynalite } from '../dynalite.ts'
import { postgresPrograms, startPostgres } from '../postgres.ts'
import { type Served, type Site, startSite } from './site.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '25' },
    stop: { type: 'string', default: '60' },
    store: { type: 'string', default: postgresPrograms === undefined ? 'dynamodb' : 'postgres' },
  },
})
const [minutes, rate, stopSeconds] = [values.minutes, values.rate, values.stop].map(Number)

/** From when on times and sizes are judged, minutes; and what must hold then. */
const judgedFrom = 10
const limits = { unsealedSeconds: 60, catchUp: 4, erasureMs: 29_000, growth: 1.3, memory: 1.3 }
/** How many ask at once in a burst, and for how long, ms. */
const [burstClients, burstMs] = [32, 5000]
/** How often a call that was not answered is made again, with the same jti, ms apart. */
const [attemptsMax, againMs] = [30, 500]

type Answered = { readonly id: string; readonly number: number }

const site = { machines: [] as Served[] }
const answered: Answered[] = []
const lost: string[] = []
const erasures: { ms: number; status: number }[] = []
const faults = { kills: 0, restarts: 0, crashes: 0 }
const seen = { unsealed: 0, samples: [] as { count: number; memory: number; disk: number }[] }
let number = 0

async function main(): Promise<boolean> {
  const store = await storeOf()
  const made = await startSite(store.client, store.environment)
  site.machines = await Promise.all([made.start(), made.start()])
  const end = Date.now() + (minutes ?? 0) * 60_000
  const isOn = () => Date.now() < end
  await Promise.all([
    steady(isOn),
    every(60_000, isOn, () => burst()),
    every(10_000, isOn, () => erase(made)),
    every(20_000, isOn, () => disturb(made)),
    every(120_000, isOn, async () => {
      if (store.crash === undefined) return
      faults.crashes += 1
      await store.crash()
    }),
    every(5000, isOn, () => sample(made, store.disk)),
    every(60_000, isOn, async () => console.error(progress())),
  ])
  const caughtUp = await catchUp(made)
  const missing = await missingOf()
  const { whole, late, findings } = await made.verify()
  await Promise.all(site.machines.map((each) => each.end('SIGTERM')))
  await store.close()
  await removeFolders()
  return report({ caughtUp, missing, whole, late, findings: findings.length })
}

/** The store, how many bytes it keeps, and how it crashes, if it can. */
async function storeOf() {
  if (values.store === 'dynamodb') {
    const { endpoint, close } = await startDynalite()
    const environment = { COMITY_DYNAMODB_ENDPOINT: endpoint }
    return { client: dynamodb(endpoint), environment, close, disk: undefined, crash: undefined }
  }
  if (postgresPrograms === undefined) throw new Error('there is no PostgreSQL on this machine')
  const { address, close, crash } = await startPostgres(postgresPrograms)
  const database = postgresAt(address)
  const client = postgresClient(database)
  await createTables(client, localTableNames())
  return {
    ...{ client, crash, environment: { COMITY_POSTGRES: address } },
    disk: async () => {
      const { rows } = await database.query('SELECT pg_database_size(current_database()) AS bytes')
      return Number(rows[0]?.bytes)
    },
    async close() {
      await database.end()
      await close()
    },
  }
}

/** Does something again and again, as long as it is on; a failure of it is told and does no harm. */
async function every(ms: number, isOn: () => boolean, act: () => Promise<unknown>): Promise<void> {
  for (let next = Date.now() + ms; isOn(); await pause(50)) {
    if (Date.now() < next) continue
    next = Date.now() + ms
    await act().catch((error: unknown) => console.error(String(error)))
  }
}

/** Asks so often a second, however long answers take. */
async function steady(isOn: () => boolean): Promise<void> {
  const asked: Promise<void>[] = []
  for (let next = Date.now(); isOn(); next += 1000 / (rate ?? 1)) {
    await pause(Math.max(0, next - Date.now()))
    asked.push(ask())
  }
  await Promise.all(asked)
}

async function burst(): Promise<void> {
  const until = Date.now() + burstMs
  const client = async () => {
    while (Date.now() < until) await ask()
  }
  await Promise.all(Array.from({ length: burstClients }, client))
}

/** Asks a machine, and another with the same jti if that does not answer. */
async function ask(): Promise<void> {
  const mine = number++
  const jti = freshJti()
  const { agency, officer, request } = exampleAt(mine)
  const body = { ...request, caseReference: `CASE-${mine}` }
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const call = { method: 'POST', path: '/v1/access-requests', body, jti }
    const response = await sent(mine + attempt, agency, officer, call)
    if (response?.status === 201 || response?.status === 200) {
      const { id } = (await response.json()) as { id: string }
      answered.push({ id, number: mine })
      return
    }
    await pause(againMs)
  }
  lost.push(jti)
}

function exampleAt(at: number) {
  const example = examples[at % examples.length]
  if (example === undefined) throw new Error('no example')
  return example
}

const sent = (at: number, ...call: Parameters<Served['send']>): Promise<Response | undefined> => {
  const { machines } = site
  return Promise.resolve(machines[at % machines.length]?.send(...call)).catch(() => undefined)
}

/** Erases somebody about whom nothing is kept: all that waits has to be sealed and looked at first. */
async function erase({ keys }: Site): Promise<void> {
  const began = performance.now()
  const jti = freshJti()
  const key = keys.get('DE-DPO')
  if (key === undefined) throw new Error('no key')
  const act = {
    ...{ act: 'erase' as const, subjects: [randomBytes(16).toString('base64url')], jti },
    ...{ ground: 'The person asked for it.', cites: ['LED 16(2)'] },
  }
  const claims = { agency: 'DE-DPO', officer: 'dpo-1', iat: Math.floor(Date.now() / 1000) }
  const body = { ...act, approval: await signApproval(act, key, claims) }
  for (let attempt = 0; ; attempt++) {
    const call = { method: 'POST', path: '/v1/subject-acts', body, jti }
    const status = (await sent(attempt, 'DE-POL', 'officer-1', call))?.status ?? 0
    if ((status >= 200 && status < 500) || attempt === attemptsMax) {
      erasures.push({ ms: performance.now() - began, status })
      return
    }
    await pause(againMs)
  }
}

/** Kills a machine, or ends it in order, and starts another in its place. */
async function disturb({ start }: Site): Promise<void> {
  const at = (faults.kills + faults.restarts) % 2
  const isKill = faults.kills <= faults.restarts
  if (isKill) faults.kills += 1
  else faults.restarts += 1
  await site.machines[at]?.end(isKill ? 'SIGKILL' : 'SIGTERM')
  site.machines[at] = await started(start)
}

/** Starts a machine, again and again where the store is away, as whatever looks after services does. */
async function started(start: Site['start']): Promise<Served> {
  for (let attempt = 1; attempt < attemptsMax; attempt++) {
    const machine = await start().catch(() => undefined)
    if (machine !== undefined) return machine
    await pause(againMs)
  }
  return start()
}

/** A machine that was just killed has none. */
const metricsOf = (machine: Served): Promise<string> => machine.metrics().catch(() => '')

const unsealedOf = async (machine: Served | undefined): Promise<number | undefined> => {
  const text = machine === undefined ? '' : await metricsOf(machine)
  const [, seconds] = /\ncomity_unsealed_seconds (\d+)/.exec(text) ?? []
  return seconds === undefined ? undefined : Number(seconds)
}

async function sample({ config }: Site, diskOf: (() => Promise<number>) | undefined) {
  const memories = await Promise.all(
    site.machines.map(async (each) => memoryOf(await metricsOf(each))),
  )
  const waits = await Promise.all(site.machines.map(unsealedOf))
  seen.unsealed = Math.max(seen.unsealed, ...waits.map((each) => each ?? 0))
  const disk = bytesIn(config.COMITY_ARCHIVE) + ((await diskOf?.()) ?? 0)
  seen.samples.push({ count: answered.length, memory: Math.max(...memories), disk })
}

/** How it goes so far, for whoever watches a long run. */
function progress(): string {
  const { count = 0, memory = 0, disk = 0 } = seen.samples.at(-1) ?? {}
  const slowest = Math.max(0, ...erasures.map(({ ms }) => ms))
  return (
    `${new Date().toISOString()} ${count} decisions, ${lost.length} lost, longest wait ${seen.unsealed} s, ` +
    `${erasures.length} erasures in ${seconds(slowest)} s at most, ${Math.round(memory)} MB, ${Math.round(disk / 1e6)} MB on disk`
  )
}

const memoryOf = (metrics: string): number =>
  Number(/\nprocess_resident_memory_bytes (\d+)/.exec(metrics)?.[1] ?? 0) / 1e6

const bytesIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => statSync(join(folder, path), { throwIfNoEntry: false }))
    .reduce((sum, each) => sum + (each?.isFile() ? each.size : 0), 0)

/** Nobody seals for a while under load; then one does, and it goes on. Gives the rates of both, a second. */
async function catchUp({ start, config: _ }: Site) {
  await Promise.all(site.machines.map((each) => each.end('SIGTERM')))
  site.machines = [await start({ COMITY_SEALS: 'no' })]
  let isOn = true
  const began = { at: Date.now(), count: answered.length }
  const load = steady(() => isOn)
  await pause((stopSeconds ?? 0) * 1000)
  const sealer = await start()
  const resumed = { at: Date.now(), count: answered.length }
  const backlog = resumed.count - began.count
  const arriving = backlog / ((resumed.at - began.at) / 1000)
  // It is there once the oldest that waits is of the last two rounds.
  let told = 0
  for (const until = Date.now() + 600_000; Date.now() < until; await pause(250)) {
    const unsealed = await unsealedOf(sealer)
    if (unsealed !== undefined) told = Math.max(told, unsealed)
    if (unsealed !== undefined && unsealed <= 2) break
  }
  const seconds = (Date.now() - resumed.at) / 1000
  const sealing = (backlog + answered.length - resumed.count) / seconds
  isOn = false
  await load
  site.machines.push(sealer)
  return { backlog, seconds, told, times: sealing / Math.max(1, arriving) }
}

/** The decisions that are not there any more. */
async function missingOf(): Promise<number> {
  const left = [...answered]
  let missing = 0
  const client = async () => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      const { agency, officer } = exampleAt(one.number)
      const path = `/v1/access-requests/${one.id}`
      const found = await sent(one.number, agency, officer, { path })
      if (found?.status !== 200) missing += 1
    }
  }
  await Promise.all(Array.from({ length: burstClients }, client))
  return missing
}

type Result = {
  readonly caughtUp: Awaited<ReturnType<typeof catchUp>>
  readonly missing: number
  readonly whole: boolean
  readonly late: number
  readonly findings: number
}

/** Says what came of it, each failure in a line, and the sentence last. */
function report({ caughtUp, missing, whole, late, findings }: Result): boolean {
  // Whoever asks again after a fault is told what was done before: 200.
  const unerased = erasures
    .map(({ status }) => status)
    .filter((each) => each !== 201 && each !== 200)
  const told = erasures.filter(({ status }) => status === 200).length
  const slowest = Math.max(0, ...erasures.map(({ ms }) => ms))
  const [growth, memory] = [growthOf('disk'), growthOf('memory')]
  const perDecision = bytesPerDecision(seen.samples)
  const isJudged = (minutes ?? 0) >= judgedFrom
  const faultsFound = [
    [lost.length > 0, `${lost.length} calls had no answer`],
    [missing > 0, `${missing} answers are lost`],
    [!whole, `the log is not whole: ${findings} findings`],
    [late > 0, `${late} entries are late, and no fault explains it`],
    [unerased.length > 0, `erasures were not answered: ${unerased.join(', ')}`],
    [isJudged && seen.unsealed > limits.unsealedSeconds, `an entry waited ${seen.unsealed} s`],
    [isJudged && slowest > limits.erasureMs, `an erasure took ${seconds(slowest)} s`],
    [
      isJudged && growth > limits.growth,
      `a decision takes ${growth.toFixed(2)} times the disk it took at first`,
    ],
    [
      isJudged && memory > limits.memory,
      `a machine takes ${memory.toFixed(2)} times the memory it took at first`,
    ],
    [
      isJudged && caughtUp.times < limits.catchUp,
      `it catches up at ${caughtUp.times.toFixed(1)} times the load`,
    ],
  ].flatMap(([isSo, why]) => (isSo === true ? [String(why)] : []))
  for (const each of faultsFound) console.log(`FAILED: ${each}`)
  const memories = seen.samples.map((each) => each.memory)
  console.log(
    `${faultsFound.length === 0 ? 'All held' : 'NOT all held'}: ${minutes} min on ${values.store}, ${answered.length} decisions, ${lost.length + missing} lost, ` +
      `${faults.kills} kills, ${faults.restarts} restarts and ${faults.crashes} crashes of the store, ` +
      `${late} late, longest wait ${seen.unsealed} s, ${erasures.length} erasures in ${seconds(slowest)} s at most (${told} told again after a fault), ` +
      `${Math.round(Math.max(0, ...memories))} MB, ${(perDecision / 1000).toFixed(1)} KB a decision; ` +
      `a backlog of ${caughtUp.backlog} sealed in ${caughtUp.seconds.toFixed(1)} s, ${caughtUp.times.toFixed(1)} times the load.`,
  )
  return faultsFound.length === 0
}

const seconds = (ms: number): string => (ms / 1000).toFixed(1)

/** Bytes for each decision over some samples; 0 if there are too few. */
function bytesPerDecision(samples: typeof seen.samples): number {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined || last.count === first.count) return 0
  return (last.disk - first.disk) / (last.count - first.count)
}

/** How the second half compares with the first: bytes for each decision, or the most memory. */
function growthOf(what: 'disk' | 'memory'): number {
  const { samples } = seen
  const middle = Math.floor(samples.length / 2)
  const [before, after] = [samples.slice(0, middle + 1), samples.slice(middle)]
  const most = (some: typeof samples) => Math.max(1, ...some.map(({ memory }) => memory))
  if (what === 'memory') return most(after) / most(before)
  return bytesPerDecision(after) / Math.max(1, bytesPerDecision(before))
}

process.exit((await main()) ? 0 : 1)
