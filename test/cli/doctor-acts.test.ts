/** The doctor's look at what offices said. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TableItem } from '../../functions/adapters/dynamodb.ts'
import { checkActs } from '../../functions/cli/doctor/acts.ts'
import { homicide, startHomicide } from '../answer/homicide.ts'
import { done } from '../world.ts'

let at: Awaited<ReturnType<typeof startHomicide>>
beforeAll(async () => {
  at = await startHomicide()
})
afterAll(() => at.gateway.close())

const rows = () => at.gateway.store.rows
/** As the doctor does, which has compared nothing before. */
const look = () => {
  const { world, store } = at.gateway
  return checkActs(store, { ...world, register: { ...world.register } })
}
const refuse = (id: string) =>
  at.gateway.attest('GB-MIN', {
    ...{ holder: 'GB-POL', fact: 'approval.minister', value: 'refused' },
    scope: { kind: 'matter', matter: id },
  })
const attestations = () => rows().attestations.everything()
/** Puts the table of attestations back to what it was. */
async function putBack(were: readonly TableItem[]): Promise<void> {
  for (const { pk = { S: '' }, sk = { S: '' } } of await attestations())
    await rows().attestations.remove({ pk, sk })
  await rows().attestations.putAll(were)
}

// Kills: a look at rows alone, which finds nothing where a row and its mark are gone.
test('What an office said is named if it is in no row, its mark gone with it or not', async () => {
  const { id } = await at.ask(homicide())
  expect(await look()).toMatchObject({ mark: 'ok' })
  const were = await attestations()
  const refusal = await refuse(id)
  expect(await look()).toMatchObject({ mark: 'ok' })
  const now = await attestations()
  await putBack(were)
  // It might be about to have a row.
  expect(await look()).toMatchObject({ mark: 'ok' })
  at.gateway.clock.pass(61_000)
  const named = { mark: 'fault', found: `1 act not in the table as entered: ${refusal}` }
  expect(await look()).toMatchObject(named)
  for (const { pk = { S: '' }, mark } of await rows().decisions.everything())
    if (mark?.S?.includes(refusal)) await rows().decisions.remove({ pk })
  expect(await look()).toMatchObject(named)
  await putBack(now)
  expect(await look()).toMatchObject({ mark: 'ok' })
})

// Kills: a row that is compared with the entry of its own call alone.
test('and if it was taken back since, and its row says otherwise; or says another thing than its entry', async () => {
  const { id } = await at.ask(homicide())
  const attestation = await at.assure(id)
  const were = await attestations()
  await done(await at.takeBack('GB-MIN', attestation))
  expect(await look()).toMatchObject({ mark: 'ok' })
  await putBack(were)
  at.gateway.clock.pass(61_000)
  const named = { mark: 'fault', found: expect.stringContaining(attestation) }
  expect(await look()).toMatchObject(named)
  await done(await at.takeBack('GB-MIN', attestation))
  const row = (await attestations()).find(
    ({ attestation: said, withdrawn }) => withdrawn && said?.S?.includes(attestation),
  )
  const other = { S: row?.attestation?.S?.replace('given-and-verified', 'given') ?? '' }
  await rows().attestations.put({ ...row, attestation: other })
  expect(await look()).toMatchObject(named)
})

// Kills: a fault for what an erasure closed; one that is looked for in rows alone.
test('and if a person was added since, and its row does not say so; but not what an erasure closed', async () => {
  const body = homicide()
  const [one, other] = [await at.ask(body), await at.ask({ ...body, subject: { recordId: 'R-5' } })]
  const { caseReference } = body
  const refusal = await at.gateway.attest('GB-MIN', {
    ...{ holder: 'GB-POL', fact: 'approval.minister', value: 'refused' },
    scope: { kind: 'case', requester: 'US-POL', caseReference, persons: [one.id] },
  })
  const were = await attestations()
  const path = `/v1/attestations/${refusal}/persons`
  const added = await done(
    await at.gateway.call('GB-MIN', { method: 'POST', path, body: { request: other.id } }),
  )
  at.gateway.clock.pass(61_000)
  await putBack(were)
  expect((await look()).found).toContain(refusal)
  const shred = async (eid: string) => {
    const entry = await at.gateway.world.ledger.read(eid)
    await at.gateway.world.subjectKeys.shred(entry?.kid ?? '', undefined)
  }
  await shred(added)
  await shred(refusal)
  expect((await look()).found).not.toContain(refusal)
})
