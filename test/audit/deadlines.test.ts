/** What is due, as an auditor sees it. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { dynamodbLookups } from '../../functions/adapters/lookups-dynamodb.ts'
import { readDeadlines } from '../../functions/audit/deadlines.ts'
import type { Asker } from '../../functions/audit/look.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { hourMs, post, startTelling } from '../answer/sealed-union.ts'
import { answered, done } from '../world.ts'

let at: Awaited<ReturnType<typeof startTelling>>
beforeAll(async () => {
  at = await startTelling()
})
afterAll(() => at.close())

async function deadlines(office = 'DE-DPA') {
  const { gateway, sealing } = at
  const agency = await gateway.world.register.agency(office)
  if (agency === undefined) throw new Error(`there is no ${office}`)
  const asker: Asker = { ...agency, officer: 'auditor-1', action: 'read-deadlines' }
  const { client, tables } = gateway.store
  const lookups = dynamodbLookups(client, tables.lookups)
  const world = { ...sealing.world(), ...gateway.world, lookups, witnessVkeys: [], quorum: 0 }
  const read = await readDeadlines({ purpose: 'self-monitoring' }, asker, world)
  if (!('answer' in read) || read.answer === undefined) throw new Error('nothing was read')
  return read.answer
}

// Kills: a denial that was asked again and waits no more; one of another state's holder.
test('An open denial is due, then overdue, and gone once it was asked again', async () => {
  await at.gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  const request = requestOf({ caseReference: 'DUE-1', subject: { recordId: 'R-1' } })
  const denied = await answered(await at.gateway.ask('GB-POL', 'officer-1', request))
  expect([denied.outcome, denied.standing]).toEqual(['deny', 'open'])
  await at.turn()
  expect((await deadlines()).denials).toEqual([
    expect.objectContaining({
      id: denied.id,
      holder: 'DE-POL',
      requester: 'GB-POL',
      overdue: false,
    }),
  ])
  expect((await deadlines('GB-DPA')).denials).toEqual([])
  const { due } = (await deadlines()).denials[0] ?? { due: '' }
  at.wait(Date.parse(due) - at.gateway.clock.now.getTime() + hourMs)
  expect((await deadlines()).denials).toEqual([expect.objectContaining({ overdue: true })])
  const again = { ...request, previous: denied.id }
  await answered(await at.gateway.ask('GB-POL', 'officer-1', again))
  await at.turn()
  expect((await deadlines()).denials.map(({ id }) => id)).not.toContain(denied.id)
})

// Kills: an answer that counts for whoever else was told; a correction that is never overdue.
test('A correction waits for each who was told, until they say that they acted', async () => {
  await at.vouch()
  await at.gateway.putRecord('DE-POL', personOf('R-2', [itemOf('name')]))
  await at.ask('FR-SPOC', 'R-2')
  await at.ask('NL-POL', 'R-2')
  at.wait(hourMs)
  await done(await at.change('R-2', [{ id: 'name', value: 'Antonia Beispiel' }]))
  await at.turn()
  const waiting = (await deadlines()).told
  expect(waiting.map(({ to, what, overdue }) => [to, what, overdue]).sort()).toEqual([
    ['FR-SPOC', 'corrected', false],
    ['NL-POL', 'corrected', false],
  ])
  const [event] = await at.toldTo('FR-SPOC')
  await done(
    await at.gateway.call(
      'FR-SPOC',
      post(`/v1/notices/${event?.entry}/done`, { did: 'corrected' }),
    ),
  )
  at.wait(8 * 24 * hourMs)
  const { told } = await deadlines()
  expect(told.map(({ to, did, overdue }) => [to, did, overdue]).sort()).toEqual([
    ['FR-SPOC', 'corrected', false],
    ['NL-POL', undefined, true],
  ])
  expect(JSON.stringify(told)).not.toMatch(/Anton|Beispiel/)
})
