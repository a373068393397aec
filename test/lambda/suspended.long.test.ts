/** A suspension in two functions that run, as they are deployed, by the clock that they have. */

import { setTimeout as passed } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowsIn } from '../../functions/adapters/dynamodb.ts'
import { readLawChain, stateInLawChain } from '../../functions/adapters/law-dynamodb.ts'
import { lawToRun } from '../../functions/adapters/policies-files.ts'
import { answerSchema } from '../../functions/answer/reply/reply-schema.ts'
import { examples } from '../../functions/demo/demonstration.ts'
import { recordsOf } from '../../functions/demo/records.ts'
import { type LawBody, type LawStatement, stateLaw } from '../../functions/policy/law-chain.ts'
import { run } from '../../functions/policy/read-book.ts'
import { keyOfStatement } from '../chain-rows.ts'
import { demonstrationKey } from '../policy/sealing.ts'
import { type AgencyCall, type Deployed, deploy, freshJti, vouchForFrance } from './deployed.ts'
import type { Instance } from './runtime.ts'

let deployed: Deployed
let instances: readonly Instance[]
let table: string
beforeAll(async () => {
  deployed = await deploy(['access'])
  instances = [await deployed.start('access'), await deployed.start('access')]
  table = deployed.names.register
  const [one] = instances as [Instance, Instance]
  const make = async (agency: string, what: AgencyCall) => {
    const response = await deployed.call(one, agency, what)
    expect(response.status).toBe(201)
    // A cast: what is made has an id.
    return ((await response.json()) as { id: string }).id
  }
  const { id, ...body } = recordsOf('DE-POL')[0] ?? { id: '' }
  await make('DE-POL', { method: 'PUT', path: `/v1/records/${id}`, body })
  await vouchForFrance(make)
}, 120_000)
afterAll(async () => {
  for (const each of instances) await each.stop()
  await deployed.end()
})

const law = run(lawToRun(`${import.meta.dirname}/../../policies`))
/** A ground of the holder in force, whichever is shipped. */
const ground = law.book.policies.findLast(
  ({ folder, file }) => folder === 'de' && file.kind === 'ground',
)
const version = {
  path: `${ground?.id}/${ground?.version}.json`,
  sha256: ground?.digest ?? '',
}
const both = ['legal', 'data-protection'].map(demonstrationKey)

/** States something after what is there, as those who sign do. */
async function state(body: LawBody): Promise<LawStatement> {
  const { client } = deployed.store
  const { state: before } = await readLawChain(client, table, law)
  const statement = stateLaw(before.tip, new Date().toISOString(), body, both)
  await stateInLawChain(client, table, statement)
  return statement
}

/** What each instance answers to a request that the law releases. */
const answers = () =>
  Promise.all(
    instances.map(async (each) => {
      const body = examples.find(({ file }) => file === 'release.json')?.request
      const call = { path: '/v1/access-requests', body, jti: freshJti() }
      const response = await deployed.call(each, 'FR-SPOC', call)
      const { outcome, standing } = answerSchema.parse(await response.json())
      return standing === undefined ? outcome : `${outcome}, ${standing}`
    }),
  )
/** A minute is what is promised; the clock of a machine is what measures it. */
const minute = () => passed(60_500)

// Kills: a chain that an instance reads when it starts and never again, or believes when it is shorter.
test('a suspension counts within a minute in both, and is lifted by no row that is gone', async () => {
  expect(await answers()).toEqual(['release', 'release'])
  const { number } = await state({ act: 'suspend', ...version, why: 'A court has stayed it.' })
  await minute()
  expect(await answers()).toEqual(['deny, open', 'deny, open'])
  await rowsIn(deployed.store.client, table).remove(keyOfStatement('law', number))
  await minute()
  expect(await answers()).toEqual(['deny, open', 'deny, open'])
  // A third one, which has seen nothing: the log has.
  const fresh = await deployed.start('access')
  instances = [...instances, fresh]
  expect(await answers()).toEqual(['deny, open', 'deny, open', 'deny, open'])
}, 240_000)
