/** An open denial says when it is due, by whose time, whom to phone, and whether somebody has opened it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../../functions/answer/entries/reader.ts'
import { entryId } from '../../../functions/ledger/entry.ts'
import { freshJti } from '../../world.ts'
import { homicide, startHomicide } from '../homicide.ts'
import { directive, itemOf, personOf, requestOf, requestOfMember } from '../people.ts'

let at: Awaited<ReturnType<typeof startHomicide>>
beforeAll(async () => {
  at = await startHomicide()
  await at.gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
})
afterAll(() => at.gateway.close())

const due = ({ answerBy, dueBy, dueUnder }: Awaited<ReturnType<typeof at.ask>>) => ({
  answerBy,
  dueBy,
  dueUnder,
})
const wait = (hours: number) => at.gateway.clock.pass(hours * 3_600_000)
/** When the tests begin: a Wednesday. */
const nine = '2026-11-25T09:00:00.000Z'

describe('An open denial is due', () => {
  test('when the law says, with its article', async () => {
    const urgent = requestOfMember({ urgency: 'urgent' })
    expect(due(await at.ask(urgent, 'FR-SPOC'))).toEqual({
      answerBy: '2026-11-25T17:00:00.000Z',
      dueBy: 'law',
      dueUnder: ['EU art. 5(1)'],
    })
    const ordinary = await at.ask(requestOfMember({ caseReference: 'CASE-2' }), 'FR-SPOC')
    // Seven days by Reg. 1182/71 art. 3: to the end of the seventh day in Berlin.
    expect(due(ordinary)).toMatchObject({ answerBy: '2026-12-02T23:00:00.000Z', dueBy: 'law' })
    expect(ordinary.todo.map((step) => step.due)).toEqual(
      ordinary.todo.map(() => '2026-12-02T23:00:00.000Z'),
    )
  })

  // Kills: a duty of seven days that ends ten hours before the answer that is due in seven days.
  test('by one rule with the duties that it lays on the holder', async () => {
    const denial = await at.ask(requestOfMember({ caseReference: 'CASE-3' }), 'FR-SPOC')
    const reasons = denial.obligations.filter(({ code }) => code === 'O-REASONS')
    expect(reasons.map((each) => each.due)).toEqual([denial.answerBy])
  })

  // Kills: no time where no law names one; such a time told as the law's.
  test('by the holder’s own time where no law names one, and no article is told for it', async () => {
    const answers = ['imminent-threat-to-life', 'urgent', 'none'] as const
    const told = await Promise.all(
      answers.map(async (urgency) => due(await at.ask(homicide({ urgency })))),
    )
    expect(told).toEqual([
      { answerBy: '2026-11-25T17:00:00.000Z', dueBy: 'holder', dueUnder: undefined },
      { answerBy: '2026-11-28T09:00:00.000Z', dueBy: 'holder', dueUnder: undefined },
      // Ten working days, to the end of the tenth in London.
      { answerBy: '2026-12-10T00:00:00.000Z', dueBy: 'holder', dueUnder: undefined },
    ])
  })

  test('when its register row says, if the holder has set a time', async () => {
    await at.gateway.change('GB-POL', {
      answerWithin: { urgent: { hours: 5 }, none: { workingDays: 3 } },
      holidays: ['2026-11-27'],
    })
    const urgent = await at.ask(homicide({ urgency: 'urgent' }))
    expect(due(urgent)).toMatchObject({ answerBy: '2026-11-25T14:00:00.000Z', dueBy: 'holder' })
    // Thursday, Monday, Tuesday: Friday is a holiday.
    const ordinary = await at.ask(homicide())
    expect(due(ordinary)).toMatchObject({ answerBy: '2026-12-02T00:00:00.000Z', dueBy: 'holder' })
  })

  // Kills: a time that begins anew each time the client asks.
  test('no later for being asked again, and sooner if it has become urgent', async () => {
    const body = homicide({ urgency: 'urgent' })
    const first = await at.ask(body)
    wait(2)
    const again = await at.ask({ ...body, previous: first.id })
    expect(due(again)).toEqual(due(first))
    const threat = await at.ask({ ...body, previous: again.id, urgency: 'imminent-threat-to-life' })
    expect(due(threat)).toEqual(due(first))
    const slow = homicide()
    const { id } = await at.ask(slow)
    const sooner = await at.ask({ ...slow, previous: id, urgency: 'urgent' })
    expect(sooner.answerBy).toBe('2026-11-25T16:00:00.000Z')
  })
})

describe('What was answered', () => {
  test('is due no more: a final denial names no time, a release no duty to answer', async () => {
    const final = await at.ask(
      requestOf({ purpose: 'immigration', caseReference: 'CASE-3' }),
      'FR-SPOC',
    )
    expect(final).toMatchObject({ outcome: 'deny', standing: 'final' })
    expect(due(final)).toEqual({ answerBy: undefined, dueBy: undefined, dueUnder: undefined })
    expect(final.offices).toBeUndefined()
  })
})

describe('An open denial says whom to phone', () => {
  test('for each step: the office by name, its number, its languages, and whether somebody is there', async () => {
    at.gateway.clock.now = new Date(nine)
    const denial = await at.ask(homicide())
    expect(denial.offices).toEqual([
      { id: 'GB-POL', name: 'Invented National Police of the United Kingdom', ...desk('1', true) },
      { id: 'GB-MIN', name: 'Invented Ministry of the United Kingdom', ...desk('2', true) },
    ])
    const ofMinistry = denial.todo.filter(({ by }) => by === 'holder-ministry')
    expect(ofMinistry.length).toBeGreaterThan(0)
    for (const step of ofMinistry) expect(step.ask).toEqual(['GB-MIN'])
    wait(14)
    const atNight = await at.ask(homicide())
    expect(atNight.offices?.map(({ id, onDuty }) => [id, onDuty])).toEqual([
      ['GB-POL', true],
      ['GB-MIN', false],
    ])
  })

  const desk = (last: string, onDuty: boolean) => ({
    telephone: `+44207946000${last}`,
    languages: ['en'],
    onDuty,
  })

  test('alike for a hit and for no hit', async () => {
    const hit = await at.ask(homicide())
    const none = await at.ask(homicide({ subject: { recordId: 'NOBODY' } }))
    expect([none.todo, none.offices, due(none)]).toEqual([hit.todo, hit.offices, due(hit)])
  })

  test('though what the register says of one office does not hold', async () => {
    const { gateway } = at
    await gateway.change('GB-POL', { offices: ['GB-NONE', 'GB-MIN'] })
    const denial = await at.ask(homicide())
    expect(denial.offices?.map(({ id }) => id)).toEqual(['GB-POL', 'GB-MIN'])
  })
})

describe('The requester learns since when an office has had a denial before it', () => {
  // Kills: the last time; a time before anybody looked; a time told of whoever was not told of.
  test('from its own look-up alone, from the first look on', async () => {
    const { id } = await at.ask(homicide())
    const opened = async () => (await at.look(id)).offices?.map((each) => [each.id, each.openedAt])
    expect(await opened()).toEqual([
      ['GB-POL', undefined],
      ['GB-MIN', undefined],
    ])
    wait(1)
    const first = at.gateway.clock.now.toISOString()
    await at.inbox('GB-MIN')
    wait(1)
    await at.inbox('GB-MIN')
    expect(await opened()).toEqual([
      ['GB-POL', undefined],
      ['GB-MIN', first],
    ])
    await at.gateway.seeWouldLeave('GB-POL', id)
    expect(await opened()).toEqual([
      ['GB-POL', at.gateway.clock.now.toISOString()],
      ['GB-MIN', first],
    ])
  })

  // Kills: a look that is told and in no log; an entry of each look; a look that is told though it was not entered.
  test('and that look is an entry, which names the denial; further ones are none', async () => {
    const { gateway } = at
    const { id } = await at.ask(homicide())
    const lookBy = async () => {
      const jti = freshJti()
      await gateway.call('GB-MIN', { path: '/v1/inbox', jti })
      const stored = await gateway.world.ledger.read(entryId('GB-MIN', jti))
      return stored && openAny(stored, gateway.world)
    }
    const openedBy = async () =>
      (await at.look(id)).offices?.find((each) => each.id === 'GB-MIN')?.openedAt
    const { append } = gateway.world.ledger
    const ledger = gateway.world.ledger as { append: typeof append }
    ledger.append = async () => ({ kind: 'unavailable', why: 'the store is away' })
    expect(await lookBy()).toBeUndefined()
    ledger.append = append
    expect(await openedBy()).toBeUndefined()
    expect(await lookBy()).toMatchObject({
      kind: 'consultation',
      values: {
        call: { agency: 'GB-MIN' },
        consultation: { question: { action: 'see-inbox' }, shown: [id] },
      },
    })
    expect(await openedBy()).toBe(gateway.clock.now.toISOString())
    expect(await lookBy()).toBeUndefined()
  })

  // INVARIANT (a refusal tells nothing): the holder's officer has a row of more than was told.
  test('of those that it was told of alone, which are the same for a hit and for no hit', async () => {
    const kept = personOf('R-3', [itemOf('name', { minor: true, ageAtEvent: 15 })])
    await at.gateway.putRecord('DE-POL', kept)
    const of = { ...directive, subject: { recordId: 'R-3' }, caseReference: 'C-5' }
    const hit = await at.ask(requestOfMember(of), 'FR-SPOC')
    const none = await at.ask(
      requestOfMember({ ...of, subject: { recordId: 'NOBODY' } }),
      'FR-SPOC',
    )
    await at.inbox('DE-POL')
    const told = async (id: string) => (await at.look(id, 'FR-SPOC')).offices
    expect(await told(hit.id)).toEqual(await told(none.id))
    expect((await told(hit.id))?.map(({ id }) => id)).toEqual(['DE-POL'])
  })
})
