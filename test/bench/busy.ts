/**
 * A local gateway that is kept busy: `node test/bench/busy.ts [minutes]`, two unless said. Every five seconds it
 * prints how many requests were answered, how long the last sample took until it was sealed, and what memory and
 * disk the gateway has; at the end, how long it took to stop.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { dynamodbSealing } from '../../functions/adapters/sealing-dynamodb.ts'
import { localTableNames } from '../../functions/adapters/tables.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { removeFolders, startLocal, temporaryFolder } from '../demo/process.ts'

/** Requests under way at once, and how long between two lines, ms. */
const [atOnce, lineMs] = [8, 5000]

const end = Date.now() + Number(process.argv[2] ?? 2) * 60_000
const data = temporaryFolder()
const gateway = await startLocal({ data }, 300_000)
const { endpoint } = z
  .object({ endpoint: z.string() })
  .parse(JSON.parse(readFileSync(join(data, 'store.json'), 'utf8')))
const sealing = dynamodbSealing(dynamodb(endpoint), localTableNames().sealing)

let [answered, failed, newest] = [0, 0, '']
async function ask(): Promise<void> {
  while (Date.now() < end) {
    const call = { method: 'POST', path: '/v1/access-requests', body: examples[0]?.request }
    const response = await gateway.send('FR-SPOC', 'officer-7', call)
    const { data: answer } = z.looseObject({ id: z.string() }).safeParse(await response.json())
    if (answer === undefined) failed += 1
    else {
      answered += 1
      newest = answer.id
    }
  }
}

const megabytes = () => {
  const status = readFileSync(`/proc/${gateway.pid}/status`, 'utf8')
  const files = readdirSync(data, { recursive: true, withFileTypes: true })
  const sizes = files.map(
    (each) => statSync(join(each.parentPath, each.name), { throwIfNoEntry: false })?.size ?? 0,
  )
  return [
    Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024),
    Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1e6),
  ]
}

/** How long the newest entry takes until it is sealed, s. */
async function sealedAfter(): Promise<number> {
  const [eid, start] = [newest, performance.now()]
  while (eid !== '' && (await sealing.placeOf(eid)) === undefined) await pause(100)
  return Math.round((performance.now() - start) / 100) / 10
}

const asking = Array.from({ length: atOnce }, ask)
while (Date.now() < end) {
  const before = answered
  await pause(lineMs)
  const perSecond = ((answered - before) * 1000) / lineMs
  const seconds = await sealedAfter()
  const [memory, disk] = megabytes()
  console.log(
    `${answered} answered, ${failed} failed, ${perSecond} a second; sealed after ${seconds} s; ${memory} MB of memory, ${disk} MB on disk`,
  )
}
await Promise.all(asking)
const stopping = performance.now()
await gateway.interrupt()
console.log(`stopped after ${Math.round(performance.now() - stopping)} ms`)
await removeFolders()
