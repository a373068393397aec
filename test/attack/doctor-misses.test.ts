/** What was put back together with its mark: the doctor finds it from the log. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TableItem } from '../../functions/adapters/dynamodb.ts'
import { checkActs } from '../../functions/cli/doctor/acts.ts'
import { homicide, startHomicide } from '../answer/homicide.ts'
import { type Call, done } from '../world.ts'

let at: Awaited<ReturnType<typeof startHomicide>>
beforeAll(async () => {
  at = await startHomicide()
})
afterAll(() => at.gateway.close())

const rows = () => at.gateway.store.rows
/** Of a doctor who has just come: no row was compared before. */
const look = () => {
  const { world, store } = at.gateway
  return checkActs(store, { ...world, register: { ...world.register } })
}
const attestations = () => rows().attestations.everything()
const marks = async () => (await rows().decisions.everything()).filter(({ mark }) => mark)
const say = (agency: string, fact: string, value: string, scope: object) =>
  at.gateway.attest(agency, { holder: 'GB-POL', fact, value, scope: scope as never })

/** Puts rows of attestations, and with them the marks, back to what they were. */
async function putBack(were: readonly TableItem[], known: readonly TableItem[]): Promise<void> {
  for (const { pk = { S: '' }, sk = { S: '' } } of await attestations())
    await rows().attestations.remove({ pk, sk })
  await rows().attestations.putAll(were)
  const names = new Set(known.map(({ pk }) => pk?.S))
  for (const { pk = { S: '' } } of await marks())
    if (!names.has(pk.S)) await rows().decisions.remove({ pk })
}
const named = (id: string) => ({ mark: 'fault', found: expect.stringContaining(id) })

// Kills: a look at withdrawals alone, of all that is done with what was said.
test('A person who was added to a refusal, and is in its row no more, is named', async () => {
  const body = homicide()
  const { id } = await at.ask(body)
  const other = await at.ask({ ...body, subject: { recordId: 'R-8' } })
  const { caseReference } = body
  const scope = { kind: 'case', requester: 'US-POL', caseReference, persons: [other.id] }
  const refusal = await say('GB-MIN', 'approval.minister', 'refused', scope)
  const [were, known] = [await attestations(), await marks()]
  const path = `/v1/attestations/${refusal}/persons`
  const add = { method: 'POST', path, body: { request: id } } as Call
  await done(await at.gateway.call('GB-MIN', add))
  await putBack(were, known)
  at.gateway.clock.pass(61_000)
  expect(await look()).toMatchObject(named(refusal))
  await done(await at.takeBack('GB-MIN', refusal))
})

test('So is a risk whose second signature is in its row no more', async () => {
  const risk = await say('GB-POL', 'risk.persecution', 'real', { kind: 'general', requester: 'US' })
  const [were, known] = [await attestations(), await marks()]
  await done(await at.gateway.sign('GB-DPO', risk))
  await putBack(were, known)
  at.gateway.clock.pass(61_000)
  expect(await look()).toMatchObject(named(risk))
  await done(await at.takeBack('GB-POL', risk))
})
