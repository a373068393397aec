/** An office that refused an open denial takes that back: it waits for the office again, and whoever asked is told. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keptKey, rowsIn } from '../../../functions/adapters/dynamodb.ts'
import { reminderKinds } from '../../../functions/answer/entries/values.ts'
import { eventsPageSchema } from '../../../functions/answer/messages/events.ts'
import { reminderId } from '../../../functions/answer/reminders/reminder.ts'
import { tick } from '../../../functions/answer/upkeep/clock.ts'
import { takeAgain } from '../../../functions/answer/upkeep/restoration.ts'
import { seal } from '../../../functions/sealing/seal.ts'
import { bodyOf } from '../../http/audit-gateway.ts'
import { startSealing, type TestSealing } from '../../sealing/sealed-log.ts'
import { done } from '../../world.ts'
import { acts, homicide } from '../homicide.ts'
import { attestAll, benign, itemOf, personOf } from '../people.ts'

let sealing: TestSealing
let at: ReturnType<typeof acts>
beforeAll(async () => {
  sealing = await startSealing()
  at = acts(sealing.gateway)
  await sealing.gateway.putRecord('GB-POL', personOf('R-1', [itemOf('name'), itemOf('conviction')]))
  const usual = { 'request.offence.deathPenaltyAvailable': true }
  const found = { ...benign, ...usual, 'transfer.assessment': 'safeguards-found' }
  await attestAll(sealing.gateway, 'GB-POL', { kind: 'general', requester: 'US' }, found)
})
afterAll(() => sealing.close())

const text = 'This ministry will not ask for an assurance here.'
const respond = (by: string, id: string, what: 'refuse' | 'ask-back' = 'refuse') =>
  sealing.gateway.call(by, {
    method: 'POST',
    path: `/v1/access-requests/${id}/responses`,
    body: { what, text },
  })
const refuse = async (id: string) => done(await respond('GB-MIN', id))
/** What an agency is told of an entry, once it is sealed. */
async function toldOf(agency: string, entry: string) {
  await seal('comity.test/gb/2026', [entry], sealing.world())
  const response = await sealing.gateway.call(agency, { path: '/v1/events' })
  const { events } = eventsPageSchema.parse(await response.json())
  return events.filter((each) => each.entry === entry).map(({ id: _, at: __, ...each }) => each)
}

describe('An office that refused by mistake', () => {
  // Kills: a wrong key that denies for ever, unless whoever asked asks anew.
  test('takes its refusal back, and the denial waits for it again', async () => {
    const { id } = await at.ask(homicide())
    const refusal = await refuse(id)
    expect(await at.waiting('GB-MIN')).not.toContain(id)
    await done(await at.takeBack('GB-MIN', refusal))
    expect(await at.waiting('GB-MIN')).toContain(id)
    // What was told stands, and so does that it was taken back.
    expect((await at.look(id)).responses).toEqual([
      {
        ...{ what: 'refuse', office: 'GB-MIN', text, at: expect.any(String) },
        takenBackAt: expect.any(String),
      },
    ])
  })

  test('is told to whoever asked, and to nobody else', async () => {
    const { id: request } = await at.ask(homicide())
    const entry = await done(await at.takeBack('GB-MIN', await refuse(request)))
    expect(await toldOf('US-POL', entry)).toEqual([
      { kind: 'taken-back', entry, request, office: 'GB-MIN' },
    ])
    for (const other of ['GB-MIN', 'GB-POL', 'DE-POL'])
      expect(await toldOf(other, entry), other).toEqual([])
  })

  // Kills: a second refusal, once the office has decided, that the first one's row hides.
  test('may refuse again, once, and take that back, too', async () => {
    const { id } = await at.ask(homicide())
    await done(await at.takeBack('GB-MIN', await refuse(id)))
    const second = await refuse(id)
    expect(await at.waiting('GB-MIN')).not.toContain(id)
    expect((await respond('GB-MIN', id)).status).toBe(409)
    await done(await at.takeBack('GB-MIN', second))
    expect(await at.waiting('GB-MIN')).toContain(id)
    const { responses = [] } = await at.look(id)
    expect(responses.map(({ takenBackAt }) => takenBackAt !== undefined)).toEqual([true, true])
  })

  const saysOf = async (response: Response) => String((await bodyOf(response)).says)
  test('is told that the denial waits for it again', async () => {
    const { id } = await at.ask(homicide())
    expect(await saysOf(await at.takeBack('GB-MIN', await refuse(id)))).toMatch(
      /^The denial waits for your office again/,
    )
  })

  // Kills: an officer who looks for a denial that waits for nothing any more.
  test('is told that it waits for whoever asked alone, once all that was missing is said', async () => {
    const body = homicide()
    const { id } = await at.ask(body)
    const refusal = await refuse(id)
    await at.assure(id)
    await at.release(id)
    expect(await saysOf(await at.takeBack('GB-MIN', refusal))).toMatch(
      /^All that was missing is said by now/,
    )
    expect(await at.waiting('GB-MIN')).not.toContain(id)
    expect((await at.ask({ ...body, previous: id })).outcome).toBe('release')
  })

  // Kills: an officer who waits for a denial that another answer has replaced.
  test('is told that it was asked, and decided, anew since, and changes nothing of that', async () => {
    const body = homicide()
    const first = await at.ask(body)
    const refusal = await refuse(first.id)
    sealing.gateway.clock.pass(1000)
    const next = await at.ask({ ...body, previous: first.id })
    await seal('comity.test/gb/2026', [next.id], sealing.world())
    const response = await at.takeBack('GB-MIN', refusal)
    expect(await saysOf(response)).toMatch(/^The same was asked again since, and decided anew/)
    const waiting = await at.waiting('GB-MIN')
    expect([waiting.includes(first.id), waiting.includes(next.id)]).toEqual([false, true])
  })

  // Kills: a call that is answered as done, and has no entry of its own to show for it.
  test('takes it back by two officers at once: who is told so has an entry, and whoever asked reads of it once', async () => {
    const { id } = await at.ask(homicide())
    const refusal = await refuse(id)
    const both = await Promise.all(
      ['officer-1', 'officer-2'].map((officer) =>
        sealing.gateway.call('GB-MIN', {
          ...{ method: 'DELETE', path: `/v1/attestations/${refusal}`, officer },
        }),
      ),
    )
    // Whoever comes once the other is through is told that nothing is left to take back.
    const told = both.filter(({ status }) => status !== 404)
    expect(told.length).toBeGreaterThan(0)
    const ids = await Promise.all(told.map(done))
    expect(new Set(ids).size).toBe(told.length)
    for (const each of ids) expect(await sealing.gateway.world.ledger.read(each)).toBeDefined()
    const { responses = [] } = await at.look(id)
    expect(responses.map(({ takenBackAt }) => takenBackAt !== undefined)).toEqual([true])
  })

  test('takes it back once', async () => {
    const { id } = await at.ask(homicide())
    const refusal = await refuse(id)
    await done(await at.takeBack('GB-MIN', refusal))
    expect((await at.takeBack('GB-MIN', refusal)).status).toBe(404)
  })

  // Kills: an end that whoever asked is told of, again and again, while the office's other refusal stands.
  test('ends one that stands: not the other of two that were sent at once', async () => {
    const { id } = await at.ask(homicide())
    const lost = await refuse(id)
    const { client, tables } = sealing.gateway.store
    const rows = rowsIn(client, tables.attestations)
    // As where each was read before the other was put.
    await rows.remove(keptKey(`R#${id}`, 'response#GB-MIN#refuse'))
    const stands = await refuse(id)
    expect((await at.takeBack('GB-MIN', lost)).status).toBe(404)
    expect(await at.waiting('GB-MIN')).not.toContain(id)
    await done(await at.takeBack('GB-MIN', stands))
    expect(await at.waiting('GB-MIN')).toContain(id)
  })

  test('takes back one that a crash kept from being put, once', async () => {
    const { id } = await at.ask(homicide())
    const refusal = await refuse(id)
    const { client, tables } = sealing.gateway.store
    await rowsIn(client, tables.attestations).remove(keptKey(`R#${id}`, 'response#GB-MIN#refuse'))
    await done(await at.takeBack('GB-MIN', refusal))
    expect((await at.takeBack('GB-MIN', refusal)).status).toBe(404)
  })

  // Kills: a turn that never ends, each time told to whoever asked and read with each answer.
  test('refuses ten times at most', async () => {
    const { id } = await at.ask(homicide())
    const { responses } = sealing.gateway.world
    for (let i = 0; i < 10; i += 1) {
      const refusal = String(i).repeat(43)
      const moment = { id: refusal, at: new Date(0).toISOString() }
      await responses.put(id, { what: 'refuse', office: 'GB-MIN', ...moment })
      await responses.takeBack(id, { refusal, ...moment })
    }
    expect((await respond('GB-MIN', id)).status).toBe(409)
  })
})

describe('A refusal is taken back by nobody', () => {
  // Kills: whoever learns the id of the entry, and has another's office asked again.
  test('of another office, nor by whoever asked', async () => {
    const { id } = await at.ask(homicide())
    const refusal = await refuse(id)
    for (const other of ['GB-POL', 'US-POL', 'DE-POL', 'FR-SPOC'])
      expect((await at.takeBack(other, refusal)).status, other).toBe(404)
    expect(await at.waiting('GB-MIN')).not.toContain(id)
  })

  test('whose question it is: what was asked back stays asked', async () => {
    const { id } = await at.ask(homicide())
    const question = await done(await respond('GB-MIN', id, 'ask-back'))
    expect((await at.takeBack('GB-MIN', question)).status).toBe(404)
  })
})

// Kills: a clock that reminds nobody, since somebody once refused.
test('The clock reminds an office again that took its refusal back, and no other that refused', async () => {
  const urgent = () => at.ask(homicide({ urgency: 'imminent-threat-to-life' }))
  const [mended, refused] = [await urgent(), await urgent()]
  await refuse(refused.id)
  await done(await at.takeBack('GB-MIN', await refuse(mended.id)))
  const { world } = sealing.gateway
  const later = new Date(world.now().getTime() + 30 * 3_600_000)
  await tick({ ...world, now: () => later }, new Date(later.getTime() + 3_600_000))
  const isTold = async ({ id, answerBy = '' }: typeof mended) => {
    const ids = reminderKinds.map((what) => reminderId(id, { what, to: 'GB-MIN' }, answerBy))
    return (await world.ledger.readAll(ids)).size > 0
  }
  expect([await isTold(mended), await isTold(refused)]).toEqual([true, false])
})

// Kills: a restore after which a refusal stands that was taken back.
test('After a restore, a refusal that was taken back stays taken back, in whatever order', async () => {
  const { id } = await at.ask(homicide())
  const refusal = await refuse(id)
  const ended = await done(await at.takeBack('GB-MIN', refusal))
  const { world } = sealing.gateway
  for (const order of [[ended], [refusal], [refusal, ended]]) {
    const kept = new Map<string, unknown>()
    const responses = {
      ...world.responses,
      takeBack: async (_: string, by: { refusal: string }) => void kept.set(by.refusal, by),
    }
    expect(await takeAgain(order, { ...world, responses })).toMatchObject({
      failed: [],
      closed: [],
    })
    expect(kept.has(refusal)).toBe(order.includes(ended))
  }
  await takeAgain([refusal], world)
  expect(await at.waiting('GB-MIN')).toContain(id)
})

// Kills: a refusal that a restore loses without a word, since the one before was not yet taken back again.
test('After a restore, a second refusal that comes before the end of the first is said to have failed, and stands once all are repeated', async () => {
  const { id } = await at.ask(homicide())
  const first = await refuse(id)
  const ended = await done(await at.takeBack('GB-MIN', first))
  const second = await refuse(id)
  const { store, world } = sealing.gateway
  const rows = rowsIn(store.client, store.tables.attestations)
  for (const row of ['response#GB-MIN#refuse', 'response#GB-MIN#refuse#1', `taken-back#${first}`])
    await rows.remove(keptKey(`R#${id}`, row))
  expect((await takeAgain([first], world)).failed).toEqual([])
  expect((await takeAgain([second], world)).failed).toEqual([second])
  expect((await takeAgain([ended], world)).failed).toEqual([])
  expect((await takeAgain([first, ended, second], world)).failed).toEqual([])
  expect(await at.waiting('GB-MIN')).not.toContain(id)
})
