/** Verifying the log of a gateway that answers, seals, erases and is killed meanwhile. */

import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTables } from '../../functions/adapters/create-tables.ts'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { postgresAt, postgresClient } from '../../functions/adapters/postgres.ts'
import { localTableNames } from '../../functions/adapters/tables.ts'
import { identifierOf, subjectSchema } from '../../functions/decision/record.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { signApproval } from '../../functions/identity/approval.ts'
import type { Verdict } from '../../functions/proof/verify-log.ts'
import { freshJti, removeFolders } from '../demo/process.ts'
import { startDynalite } from '../dynalite.ts'
import { postgresPrograms, startPostgres } from '../postgres.ts'
import { type Served, type Site, startSite } from './site.ts'

/** How often the log is verified meanwhile, and how many ask all the time. */
const [looks, clients] = [8, 4]
const subject = subjectSchema.parse(examples[0]?.request.subject)
/** Without one, an erasure of what the log has to keep is refused. */
const order = { by: 'court' as const, reference: 'K 12/26', documentDigest: 'A'.repeat(43) }

const startStore = async () => {
  if (postgresPrograms === undefined) {
    const { endpoint, close } = await startDynalite()
    return {
      client: dynamodb(endpoint),
      close,
      environment: { COMITY_DYNAMODB_ENDPOINT: endpoint },
    }
  }
  const { address, close } = await startPostgres(postgresPrograms)
  const database = postgresAt(address)
  const client = postgresClient(database)
  await createTables(client, localTableNames())
  return {
    client,
    environment: { COMITY_POSTGRES: address },
    async close() {
      await database.end()
      await close()
    },
  }
}

describe('While a gateway answers, seals, erases and is killed, its log', () => {
  let store: Awaited<ReturnType<typeof startStore>>
  let site: Site
  const machines: Served[] = []
  beforeAll(async () => {
    store = await startStore()
    site = await startSite(store.client, store.environment, { isWitnessed: true })
    machines.push(...(await Promise.all([site.start(), site.start()])))
  }, 120_000)
  afterAll(async () => {
    await Promise.all(machines.map((each) => each.end('SIGTERM')))
    await site.close()
    await store.close()
    await removeFolders()
  })

  /** Sends a call until somebody answers it. */
  async function sent(agency: string, officer: string, path: string, body: object, jti: string) {
    for (let attempt = 0; attempt < 60; attempt++) {
      const call = { method: 'POST', path, body, jti }
      const machine = machines[attempt % machines.length]
      const response = await machine?.send(agency, officer, call).catch(() => undefined)
      if (response !== undefined && response.status < 500) return response
      await pause(500)
    }
    throw new Error(`nobody answered ${path}`)
  }

  /** Erases the person whom everybody asks for: what they asked before can then be read by nobody. */
  async function erase() {
    const key = site.keys.get('DE-DPO')
    if (key === undefined) throw new Error('no key')
    const jti = freshJti()
    const subjects = [site.world.secrets.pseudonym('DE', identifierOf(subject))]
    const act = {
      ...{ act: 'erase' as const, subjects, order, jti },
      ...{ ground: 'The person asked for it.', cites: ['LED 16(2)'] },
    }
    const iat = Math.floor(Date.now() / 1000)
    const approval = await signApproval(act, key, { agency: 'DE-DPO', officer: 'dpo-1', iat })
    const body = { ...act, approval }
    return (await sent('DE-POL', 'officer-1', '/v1/subject-acts', body, jti)).status
  }

  // Kills: an export that reads heads before marks, or entries before manifests; a mark of an entry that is not
  // exported; an erasure, a machine killed while it seals, or a file half written, taken for a fault of the log.
  test('has nothing found at any look that is not so, and is whole in the end', async () => {
    let isOn = true
    let answered = 0
    const erased: number[] = []
    const busy = Array.from({ length: clients }, async () => {
      while (isOn) {
        const body = examples[0]?.request ?? {}
        await sent('FR-SPOC', 'officer-7', '/v1/access-requests', body, freshJti())
        answered += 1
      }
    })
    const killing = (async () => {
      for (let at = 0; isOn; at = 1 - at) {
        await pause(4000)
        await machines[at]?.end('SIGKILL')
        machines[at] = await site.start()
      }
    })()
    const erasing = (async () => {
      while (isOn) {
        await pause(3000)
        erased.push(await erase())
      }
    })()
    const verdicts: Verdict[] = []
    for (let look = 0; look < looks; look++) {
      await pause(1500)
      verdicts.push(await site.verifyNow())
    }
    isOn = false
    await Promise.all([...busy, killing, erasing])
    for (const { findings } of verdicts) expect(findings).toEqual([])
    const entries = verdicts.map(({ logs }) => logs.reduce((sum, { size }) => sum + size, 0))
    // It did grow between looks, and was looked at while entries waited.
    expect(new Set(entries).size).toBeGreaterThan(2)
    expect(answered).toBeGreaterThan(20)
    // 200 is what a retry is told whose first answer went with its machine.
    expect(erased.length).toBeGreaterThan(0)
    expect(erased.filter((each) => each !== 201 && each !== 200)).toEqual([])
    const { findings, whole, logs } = await site.verify()
    expect([findings, whole]).toEqual([[], true])
    console.log(
      `${answered} answered, ${erased.length} erasures, sizes at each look: ${entries.join(', ')}; in the end ${logs.map(({ size }) => size).join(' + ')}`,
    )
  }, 900_000)
})
