/**
 * A backlog of one log that no call has time for, at the memory of the template. `COMITY_BACKLOG` says how many entries
 * wait, `COMITY_CALL_MS` how long a call may take.
 */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { dynamodbLedger } from '../../functions/adapters/ledger-dynamodb.ts'
import { dynamodbSealing } from '../../functions/adapters/sealing-dynamodb.ts'
import { functionOf } from '../infra/deployment.ts'
import { resourceOf } from '../infra/template.ts'
import { smallEntries } from '../sealing/memory-log.ts'
import { type Deployed, deploy } from './deployed.ts'
import type { Instance } from './runtime.ts'
import { itemOf, streamOf, tick } from './stream.ts'

const backlog = Number(process.env.COMITY_BACKLOG ?? 10_000)
const callMs = Number(process.env.COMITY_CALL_MS ?? 5000)
/** How long a sealer has what it took for itself, ms, so that another waits for one that was ended. */
const takenMs = 15_000
/** How many entries come in a second, and how many of them are written at once here. */
const [perSecond, atOnce] = [20, 25]

let deployed: Deployed
let [signer, sealer]: (Instance | undefined)[] = []

beforeAll(async () => {
  deployed = await deploy(['access', 'seal', 'sign'])
  // It makes the secrets.
  await (await deployed.start('access')).stop()
  signer = await deployed.start('sign')
}, 120_000)

afterAll(async () => {
  await Promise.all([signer?.stop(), sealer?.stop()])
  await deployed.end()
})

/** A sealer with a heap as Lambda gives it to a function of that memory. */
function startSealer(): Promise<Instance> {
  const { MemorySize } = resourceOf(deployed.resources, functionOf.seal).properties
  return deployed.start('seal', {
    NODE_OPTIONS: `--max-old-space-size=${Math.floor(Number(MemorySize) * 0.9)}`,
  })
}

async function fill(log: string): Promise<readonly string[]> {
  const ledger = dynamodbLedger(deployed.store.client, deployed.names.decisions)
  const end = Date.now()
  const came = (i: number) => new Date(end - ((backlog - i) * 1000) / perSecond).toISOString()
  const entries = smallEntries(log, backlog, came)
  const waiting = [...entries.values()]
  for (let i = 0; i < backlog; i += atOnce)
    await Promise.all(waiting.slice(i, i + atOnce).map((each) => ledger.append(each)))
  return [...entries.keys()]
}

/** How long the sealer took between two puts of a log’s head, or of who marks it, ms: for each step. */
function watchSteps(log: string): readonly number[] {
  const steps: number[] = []
  let last = performance.now()
  const isOfHead = (keys: unknown) => Array.isArray(keys) && keys.includes(`HEAD#${log}`)
  deployed.cloud.guard(
    () => true,
    ({ signer, action, context }) => {
      if (signer !== 'ASIASEAL' || !isOfHead(context?.['dynamodb:LeadingKeys'])) return
      const now = performance.now()
      if (action === 'dynamodb:PutItem') steps.push(now - last)
      last = now
    },
  )
  return steps
}

// Kills: a manifest that is marked whole or not at all, so that a backlog never ends; `left` passed over.
test('A sealer ends with a backlog that no call has time for, a part of it in each', async () => {
  const log = deployed.logOf('gb')
  const sealing = dynamodbSealing(deployed.store.client, deployed.names.sealing)
  const eids = await fill(log)
  const streamed = eids.slice(0, 500)
  const stream = streamOf(await Promise.all(streamed.map((eid) => itemOf(deployed, eid))))
  const steps = watchSteps(log)
  const calls: Call[] = []
  sealer = await startSealer()
  let [sealed, endedAt] = [0, 0]
  while (sealed < backlog) {
    const begun = performance.now()
    // A stream is sent again until what came by it is sealed; then its call has nothing to do.
    const isStream =
      calls.length % 2 === 1 && (await sealing.placesOf(streamed)).size < streamed.length
    const answer = await sealer
      .send(isStream ? stream : tick, callMs)
      .catch(async (error: unknown) => {
        if (!String(error).includes('Timedout')) throw error
        // On a machine that others keep busy, a step may take longer than a call: as Lambda does, another begins anew.
        await sealer?.kill()
        sealer = await startSealer()
        endedAt = performance.now()
      })
    const isEnded = answer === undefined
    const now = (await sealing.placesOf(eids)).size
    calls.push({ sealed: now - sealed, ms: Math.round(performance.now() - begun), isEnded })
    const all = JSON.stringify({ calls, steps: steps.map(Math.round) })
    // Whatever was ended in the middle, nothing is lost that was done.
    expect(now, all).toBeGreaterThanOrEqual(sealed)
    // A call gets further, but for the time that what an ended one took for itself is not free.
    if (now === sealed && !isEnded)
      expect(performance.now() - endedAt, all).toBeLessThan(takenMs + callMs)
    if (calls.length === 1) expect(now).toBeLessThan(backlog)
    // Lambda sends again what of a stream is not sealed.
    const isLeft = (await sealing.placesOf(streamed)).size < streamed.length
    if (isStream && !isEnded && isLeft)
      expect(answer).toEqual({ batchItemFailures: expect.arrayContaining([expect.anything()]) })
    sealed = now
  }
  console.log(told(calls, steps))
  expect(deployed.publishedSize(log)).toBe(backlog)
})

/** What a call sealed, how long it took, and whether it was ended in the middle. */
type Call = { readonly sealed: number; readonly ms: number; readonly isEnded: boolean }

function told(calls: readonly Call[], steps: readonly number[]): string {
  const gone = calls.filter(({ sealed }) => sealed > 0)
  return [
    `${backlog} entries, ${callMs} ms a call: ${calls.length} calls, of which ${gone.length} sealed something`,
    `(${gone.map(({ sealed }) => sealed).join(', ')}), ${calls.filter(({ isEnded }) => isEnded).length} ended in the middle;`,
    `longest step ${Math.round(Math.max(...steps))} ms`,
  ].join(' ')
}
