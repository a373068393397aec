/** A page of an auditor, its own entry included, from a small log and from a large one. */

import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb'
import { dynamodb, keptKey } from '../../functions/adapters/dynamodb.ts'
import { dynamodbLookups } from '../../functions/adapters/lookups-dynamodb.ts'
import { dynamodbSealing } from '../../functions/adapters/sealing-dynamodb.ts'
import { localTableNames } from '../../functions/adapters/tables.ts'
import { auditApi } from '../../functions/http/audit-api.ts'
import { signCall } from '../../functions/identity/sign.ts'
import { asked, askedKey, lineAt, madeAt } from './audit-store-process.ts'
import { percentile } from './figures.ts'
import { keyedAgencies, origin, storeWorld } from './gateway-process.ts'
import { child, end, message } from './processes.ts'

/** How long something took with so many entries in the store. */
export type AuditFigure = {
  readonly name: string
  readonly entries: number
  readonly p50: number
  readonly p99: number
}

const sizes = [10_000, 1_000_000] as const
/** Calls that are measured, and those before them that are not. */
const calls = 400
const warmUpCalls = 50
const pageLines = 50

/**
 * A page of an agency's decisions before a day by chance, from a log of 10,000 entries and from one of
 * 1,000,000; and beside it, one bare call for as many items. They take turns, so that whatever else the
 * machine does falls upon all.
 */
export async function auditFigures(): Promise<readonly AuditFigure[]> {
  const logs = await Promise.all(sizes.map(startLog))
  try {
    for (const { check } of logs) await check()
    for (let i = 0; i < warmUpCalls; i++) for (const log of logs) await log.measure()
    const taken = logs.map(({ entries }) => ({
      entries,
      items: [] as number[],
      page: [] as number[],
    }))
    for (let i = 0; i < calls; i++)
      for (const [at, { measure }] of logs.entries()) {
        const { items, page } = await measure()
        taken[at]?.items.push(items)
        taken[at]?.page.push(page)
      }
    return (['items', 'page'] as const).flatMap((what) =>
      taken.map(({ entries, [what]: all }) => ({
        name: names[what],
        entries,
        p50: percentile(all, 0.5),
        p99: percentile(all, 0.99),
      })),
    )
  } finally {
    for (const { end } of logs) await end()
  }
}

const names = {
  items: 'one bare call for 50 items',
  page: 'GET /v1/decisions: a page of 50, checked and logged',
}

/** A store with a log of so many entries, and the audit API over it. */
async function startLog(entries: number) {
  const folder = mkdtempSync(join(tmpdir(), 'comity-bench-'))
  const store = child('audit-store-process.ts', [folder, String(entries)])
  const endpoint = String(await message(store))
  const client = dynamodb(endpoint)
  const { keys, registered } = await keyedAgencies()
  const tables = localTableNames()
  const lookups = dynamodbLookups(client, tables.lookups)
  const app = auditApi(
    {
      ...(await storeWorld(endpoint, registered)),
      lookups,
      sealing: dynamodbSealing(client, tables.sealing),
      archive: { get: async () => undefined },
      vkey: (log) => log,
      witnessVkeys: [],
      quorum: 0,
    },
    (event) => console.error(JSON.stringify(event)),
  )

  const page = async (until: string): Promise<number> => {
    const url = `${origin}/v1/decisions?purpose=lawfulness&agency=${asked}&until=${until}`
    const iat = Math.floor(Date.now() / 1000)
    const key = keys.get('DE-DPA')
    if (key === undefined) throw new Error('the auditor has no key')
    const claims = { agency: 'DE-DPA', officer: 'auditor-1', audience: origin, iat }
    const authorization = await signCall({ method: 'GET', url }, key, {
      ...claims,
      jti: randomUUID(),
    })
    const start = performance.now()
    const response = await app.request(url, { headers: { authorization } })
    const text = await response.text()
    const took = performance.now() - start
    const found = response.ok ? JSON.parse(text).entries.length : text
    if (found !== pageLines) throw new Error(`couldn’t measure a page: ${found}`)
    return took
  }

  const items = async (): Promise<number> => {
    const first = Math.floor(Math.random() * (entries - pageLines))
    const Keys = Array.from({ length: pageLines }, (_, i) =>
      keptKey(`NOTE#${lineAt(first + i, entries).id}`, 'note'),
    )
    const command = new BatchGetItemCommand({
      RequestItems: { [tables.lookups]: { Keys, ConsistentRead: true } },
    })
    const start = performance.now()
    const { Responses = {} } = await client.send(command)
    const found = Responses[tables.lookups]?.length
    if (found !== pageLines) throw new Error(`couldn’t measure items: ${found}`)
    return performance.now() - start
  }

  return {
    entries,
    /** Throws unless the store, asked as ever, has the first, the last and a hundred more. */
    async check() {
      for (let k = 0; k <= 100; k++) {
        const i = Math.floor((k / 100) * (entries - 1))
        const from = new Date(madeAt(i, entries)).toISOString()
        const [line] = await lookups.list(askedKey, { from, until: `${from}~` }, 1)
        if (JSON.stringify(line) !== JSON.stringify(lineAt(i, entries)))
          throw new Error(`couldn’t measure pages: entry ${i} of ${entries} is not in the store`)
      }
    },
    /** ms. Items and page are of moments of their own, so that neither reads what the other has. */
    measure: async () => ({
      items: await items(),
      page: await page(moment(entries)),
    }),
    async end() {
      client.destroy()
      await end(store)
      rmSync(folder, { recursive: true })
    },
  }
}

/** By chance, in the last nine tenths of the year: there is a page before it. */
const moment = (entries: number): string =>
  new Date(madeAt(Math.floor((0.1 + 0.9 * Math.random()) * entries), entries)).toISOString()
