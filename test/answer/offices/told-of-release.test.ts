/** An officer releases what was told to be no hit: whoever asked hears of it, and nobody is said to have no time. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventsPageSchema } from '../../../functions/answer/messages/events.ts'
import { inboxPageSchema } from '../../../functions/answer/offices/inbox.ts'
import { wouldLeaveViewSchema } from '../../../functions/answer/offices/would-leave-view.ts'
import { reminderId } from '../../../functions/answer/reminders/reminder.ts'
import { seal } from '../../../functions/sealing/seal.ts'
import { startSealing, type TestSealing } from '../../sealing/sealed-log.ts'
import { answered, type Gateway } from '../../world.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../people.ts'

let sealing: TestSealing
let gateway: Gateway
beforeAll(async () => {
  sealing = await startSealing()
  gateway = sealing.gateway
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
  const twins = ['TWIN-1', 'TWIN-2'].map((id) => ({
    ...personOf(id, [itemOf('name')]),
    names: [{ given: 'Anna', family: 'Zweimal' }],
  }))
  for (const twin of twins) await gateway.putRecord('DE-POL', twin)
})
afterAll(() => sealing.close())

const subject = { name: { given: 'Anna', family: 'Zweimal' }, birthDate: '1979-03-14' }
const log = 'comity.test/de/2026'
// Eight hours, as for every threat to life.
const due = '2026-11-25T17:00:00.000Z'
const urgency = 'imminent-threat-to-life'
const kindsTo = async (agency: string, id: string) => {
  const page = await gateway.call(agency, { path: '/v1/events' })
  const { events } = eventsPageSchema.parse(await page.json())
  return events.flatMap((each) => ('request' in each && each.request === id ? [each.kind] : []))
}

// Kills: a release that is told of open denials alone (`tellIfAnswerable`); a row without a time (`dueAtHolder`).
test('two persons fit, a life is threatened: from the question to what was released and told', async () => {
  const ask = (previous = {}) =>
    gateway.ask('FR-SPOC', 'officer-7', requestOfMember({ subject, urgency, ...previous }))
  const first = await answered(await ask())
  expect(first).toMatchObject({ outcome: 'deny', standing: 'final', todo: [] })
  await seal(log, [first.id], sealing.world())

  const response = await gateway.call('DE-POL', { path: '/v1/inbox' })
  const waiting = inboxPageSchema.parse(await response.json()).open
  expect(waiting.find(({ request }) => request === first.id)).toMatchObject({
    ...{ because: ['ambiguous-subject'], answerBy: due, dueBy: 'holder' },
  })
  const look = async (body: object) =>
    wouldLeaveViewSchema.parse(
      await (
        await gateway.call('DE-POL', {
          ...{ method: 'POST', path: `/v1/access-requests/${first.id}/proposal`, body },
        })
      ).json(),
    )
  expect((await look({})).tells).toBeUndefined()
  const { tells, obligations } = await look({ record: 'TWIN-1' })
  expect(tells).toBe(true)
  // Kills: a duty to answer, shown as one that goes with the answer (`viewOf`).
  expect(obligations.map(({ code }) => code)).not.toContain('O-ANSWER')

  const path = `/v1/access-requests/${first.id}`
  const standing = async () => (await gateway.call('FR-SPOC', { path })).json()
  expect(await standing()).not.toHaveProperty('cured')
  expect(await kindsTo('FR-SPOC', first.id)).toEqual([])
  await gateway.releaseBy('DE-POL', first.id, { record: 'TWIN-1' })
  expect(await standing()).toMatchObject({ outcome: 'deny', standing: 'final', cured: true })
  const notice = reminderId(first.id, { what: 'answerable', to: 'FR-SPOC' }, due)
  await seal(log, [notice], sealing.world())
  expect(await kindsTo('FR-SPOC', first.id)).toEqual(['answerable'])

  gateway.clock.pass(1000)
  const second = await answered(await ask({ previous: first.id }))
  expect(second.outcome).toBe('release')
  await seal(log, [second.id], sealing.world())
  expect(await standing()).not.toHaveProperty('cured')
})
