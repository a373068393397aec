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
const aimMs = 100
const [calls, warmUpCalls, usual] = [60, 10, 50_000]

const entries = Number(process.argv[2] ?? usual)
const folder = mkdtempSync(join(tmpdir(), 'comity-bench-'))
const store = child('audit-store-process.ts', [folder, String(entries)])
try {
  const endpoint = String(await message(store))
  await countDays(endpoint)
  const browse = await loggedIn(endpoint)
  const pages = {
    health: '/console/health',
    search: '/console/search?purpose=lawfulness',
  } as const
  const taken = { cpu: [] as number[], whole: [] as number[], search: [] as number[] }
  for (let i = 0; i < calls + warmUpCalls; i += 1) {
    const [start, used] = [performance.now(), cpuMs()]
    await browse(pages.health)
    const between = performance.now()
    const text = await browse(pages.search)
    if (!text.includes('/console/entries/')) throw new Error('couldn’t measure: nothing was found')
    if (i < warmUpCalls) continue
    taken.cpu.push(cpuMs() - used)
    taken.whole.push(performance.now() - start)
    taken.search.push(performance.now() - between)
  }
  const line = (name: string, all: readonly number[]) =>
    console.log(
      `${name.padEnd(44)} p50 ${percentile(all, 0.5).toFixed(1)} ms, p99 ${percentile(all, 0.99).toFixed(1)} ms`,
    )
  console.log(`${entries.toLocaleString('en')} decisions`)
  line('health and first page: CPU of the server', taken.cpu)
  line('the same, with what the store takes', taken.whole)
  line('of that, the first page of the search', taken.search)
  const isKept = percentile(taken.cpu, 0.5) <= aimMs
  console.log(`aim: ${aimMs} ms of CPU at the median, ${isKept ? 'kept' : 'NOT kept'}`)
  process.exitCode = isKept ? 0 : 1
} finally {
  await end(store)
  rmSync(folder, { recursive: true })
}

/** Counts the days that are over, as the sealer's clock does: so many at once, until nothing is left. */
async function countDays(endpoint: string): Promise<void> {
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
    await sessions.put(own, { login, ...office, provedAt: at, since: at, usedAt: at })
    const response = await pages.request(`${origin}${path}`, {
      headers: { cookie: `__Host-comity=${own}` },
    })
    const text = await response.text()
    if (response.status !== 200) throw new Error(`couldn’t measure ${path}: ${response.status}`)
    return text
  }
}
