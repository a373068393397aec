/**
 * What an auditor opens first, health of the log and a first page of the search, on 50,000 decisions: time of the
 * server, with the look's own entry, and of the store behind it.
 *
 *     node --import ./functions/runtime.mjs test/bench/overview.ts [COUNT]
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { dynamodbLookups } from '../../functions/adapters/lookups-dynamodb.ts'
import { dynamodbSealing } from '../../functions/adapters/sealing-dynamodb.ts'
import { dynamodbSessions } from '../../functions/adapters/sessions-dynamodb.ts'
import { localTableNames } from '../../functions/adapters/tables.ts'
import { consolePages } from '../../functions/console/console.ts'
import { madeAt } from './audit-store-process.ts'
import { cpuMs, percentile } from './figures.ts'
import { keyedAgencies, origin, storeWorld } from './gateway-process.ts'
import { child, end, message } from './processes.ts'

/** What both pages together may take, ms of the server's CPU at the median. */
export const overviewAimMs = 100
const [calls, warmUpCalls, usual] = [60, 10, 50_000]

/** How long both pages took of the server, and with its store. */
export type OverviewFigure = { readonly name: string; readonly p50: number; readonly p99: number }

/** Opens both pages over so many decisions, again and again; the CPU of the server comes first. */
export async function overviewFigures(entries = usual): Promise<readonly OverviewFigure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'comity-bench-'))
  const store = child('audit-store-process.ts', [folder, String(entries)])
  try {
    const endpoint = String(await message(store))
    await countDays(endpoint, entries)
    const browse = await loggedIn(endpoint)
    const taken = { cpu: [] as number[], whole: [] as number[], search: [] as number[] }
    for (let i = 0; i < calls + warmUpCalls; i += 1) {
      const [start, used] = [performance.now(), cpuMs()]
      await browse('/console/health')
      const between = performance.now()
      const text = await browse('/console/search?purpose=lawfulness')
      if (!text.includes('/console/entries/'))
        throw new Error('couldn’t measure: nothing was found')
      if (i < warmUpCalls) continue
      taken.cpu.push(cpuMs() - used)
      taken.whole.push(performance.now() - start)
      taken.search.push(performance.now() - between)
    }
    const of = (name: string, all: readonly number[]): OverviewFigure => ({
      ...{ name, p50: percentile(all, 0.5), p99: percentile(all, 0.99) },
    })
    return [
      of('health and first page: CPU of the server', taken.cpu),
      of('the same, with what the store takes', taken.whole),
      of('of that, the first page of the search', taken.search),
    ]
  } finally {
    await end(store)
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.main) {
  const entries = Number(process.argv[2] ?? usual)
  const figures = await overviewFigures(entries)
  console.log(`${entries.toLocaleString('en')} decisions`)
  for (const { name, p50, p99 } of figures)
    console.log(`${name.padEnd(44)} p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`)
  const isKept = (figures[0]?.p50 ?? Number.NaN) <= overviewAimMs
  console.log(`aim: ${overviewAimMs} ms of CPU at the median, ${isKept ? 'kept' : 'NOT kept'}`)
  process.exitCode = isKept ? 0 : 1
}

/** Counts the days that are over, as the sealer's clock does: so many at once, until nothing is left. */
async function countDays(endpoint: string, entries: number): Promise<void> {
  const lookups = dynamodbLookups(dynamodb(endpoint), localTableNames().lookups)
  const at = new Date(madeAt(entries, entries)).toISOString()
  for (let i = 0; i < 10; i += 1) await lookups.tally('DE', at)
}

/** The console over a store, for an auditor with a session; gives the text of a page. */
async function loggedIn(endpoint: string): Promise<(path: string) => Promise<string>> {
  const client = dynamodb(endpoint)
  const names = localTableNames()
  const login = { iss: 'https://login.bench', sub: 'p-1' }
  const officer = { id: 'auditor-1', may: ['audit' as const], login }
  const { registered } = await keyedAgencies()
  const agencies = registered.map((each) =>
    each.id === 'DE-DPA' ? { ...each, officers: [officer] } : each,
  )
  const world = await storeWorld(endpoint, registered)
  const { register } = world
  const sessions = dynamodbSessions(client, names.sessions)
  const office = { agency: 'DE-DPA', officer: officer.id }
  const pages = consolePages(
    {
      ...world,
      // Who is named for a login is the register's to say; here it names one more.
      register: {
        ...register,
        agency: async (id) => agencies.find((each) => each.id === id) ?? register.agency(id),
      },
      lookups: dynamodbLookups(client, names.lookups),
      sealing: dynamodbSealing(client, names.sealing),
      archive: { get: async () => undefined },
      vkey: (log) => log,
      witnessVkeys: [],
      quorum: 0,
      sessions,
      providers: [],
    },
    (line) => line.event !== 'answered' && console.error(JSON.stringify(line)),
  )
  let sent = 0
  return async (path) => {
    // A session may open 120 pages a minute; each of these is opened by another.
    sent += 1
    const own = Buffer.alloc(32, sent % 256).toString('base64url')
    const at = Date.now()
    await sessions.put(own, { login, ...office, provedAt: at, since: at, usedAt: at, former: [] })
    const response = await pages.request(`${origin}${path}`, {
      headers: { cookie: `__Host-comity=${own}` },
    })
    const text = await response.text()
    if (response.status !== 200) throw new Error(`couldn’t measure ${path}: ${response.status}`)
    return text
  }
}
