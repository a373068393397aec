/** The clock of alarms as it is deployed: the function for auditors looks, with no further right, and tells their office. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { examples } from '../../functions/demo/demonstration.ts'
import { type Deployed, deploy } from './deployed.ts'
import type { Instance } from './runtime.ts'
import { itemOf, streamOf, tick } from './stream.ts'

let deployed: Deployed
let [audit, access, seal, sign]: Instance[] = []
beforeAll(async () => {
  deployed = await deploy(['access', 'audit', 'seal', 'sign'])
  access = await deployed.start('access')
  audit = await deployed.start('audit')
  seal = await deployed.start('seal')
  sign = await deployed.start('sign')
}, 120_000)
afterAll(async () => {
  await Promise.all([audit, access, seal, sign].map((each) => each?.stop()))
  await deployed.end()
})

const running = (instance: Instance | undefined): Instance => {
  if (instance === undefined) throw new Error('it does not run')
  return instance
}
const purpose = 'self-monitoring'
const lineSchema = z.object({ event: z.literal('watched') }).loose()

/** What the last round said. */
async function watched() {
  const before = lines().length
  expect(await running(audit).send({ watch: true })).toBeNull()
  await expect.poll(() => lines().length).toBeGreaterThan(before)
  return lineSchema.parse(JSON.parse(lines().at(-1) ?? ''))
}
const lines = () =>
  running(audit)
    .lines()
    .filter((line) => line.includes('"watched"'))

// Kills: the clock's event taken for a call of the API; a right that the function lacks; a second entry in the next round.
test('An alarm that goes off in the cloud is entered once, and told to the office that set it', async () => {
  expect(await watched()).toMatchObject({ looked: 0, entered: 0, failed: 0, left: false })
  const asked = async (caseReference: string) => {
    const body = { ...examples[0]?.request, caseReference }
    const call = { path: '/v1/access-requests', body }
    const answer = await deployed.call(running(access), 'FR-SPOC', call)
    return z.looseObject({ id: z.string() }).parse(await answer.json()).id
  }
  const ids: string[] = []
  for (let i = 0; i < 5; i += 1) ids.push(await asked(`C-${i}`))
  const alarm = { purpose, agency: 'FR-SPOC', by: 'decisions', days: 30, over: 4 }
  const call = { path: '/v1/alarms', body: alarm }
  const set = await deployed.call(running(audit), 'DE-DPA', call, deployed.origins.audit)
  expect(set.status).toBe(200)
  await running(seal).send(streamOf(await Promise.all(ids.map((eid) => itemOf(deployed, eid)))))
  await running(seal).send(tick)
  expect(await watched()).toMatchObject({ looked: 1, entered: 1, failed: 0, left: false })
  expect(await watched()).toMatchObject({ looked: 1, entered: 0, failed: 0 })
  await running(seal).send(tick)
  const told = await deployed.call(running(access), 'DE-DPA', { method: 'GET', path: '/v1/events' })
  const { events } = z
    .looseObject({ events: z.array(z.looseObject({ kind: z.string(), to: z.string() })) })
    .parse(await told.json())
  expect(events).toMatchObject([{ kind: 'alarm', to: 'DE-DPA' }])
}, 120_000)
