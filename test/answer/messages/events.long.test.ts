/** What agencies are told without asking: every event, once it is sealed, and none that they may not see. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toAgency, toOffice } from '../../../functions/answer/messages/event-kinds.ts'
import {
  eventsAfter,
  eventsCursorMax,
  eventsPageSchema,
} from '../../../functions/answer/messages/events.ts'
import type { EventRow } from '../../../functions/inbox-ports.ts'
import { entryId } from '../../../functions/ledger/entry.ts'
import { seal } from '../../../functions/sealing/seal.ts'
import { freshLog, startSealing, type TestSealing } from '../../sealing/sealed-log.ts'
import { answered, type Gateway, problemOf } from '../../world.ts'
import { acts, homicide } from '../homicide.ts'
import { attestAll, benign, benignOfMember, itemOf, personOf, requestOfMember } from '../people.ts'

let sealing: TestSealing
let gateway: Gateway
let at: ReturnType<typeof acts>
beforeAll(async () => {
  sealing = await startSealing()
  gateway = sealing.gateway
  at = acts(gateway)
  await gateway.putRecord('GB-POL', personOf('R-1', [itemOf('name'), itemOf('conviction')]))
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  const death = { 'request.offence.deathPenaltyAvailable': true }
  const scope = { kind: 'general', requester: 'US' } as const
  await attestAll(gateway, 'GB-POL', scope, { ...benign, ...death })
  await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
})
afterAll(() => sealing.close())

const [german, british] = ['comity.test/de/2026', 'comity.test/gb/2026']
const sealAs = (log: string, ids: readonly string[]) => seal(log, ids, sealing.world())
const tick = () => gateway.clock.pass(1000)

async function read(agency: string, after?: string) {
  const path = `/v1/events${after === undefined ? '' : `?after=${after}`}`
  return eventsPageSchema.parse(await (await gateway.call(agency, { path })).json())
}
/** The cursor after everything that an agency has been told by now. */
async function nextOf(agency: string): Promise<string> {
  let page = await read(agency)
  while (page.more) page = await read(agency, page.next)
  return page.next
}
const deny = async (changes = {}) => {
  tick()
  return (await at.ask(homicide(changes))).id
}
const release = async () => {
  tick()
  const body = requestOfMember({ caseReference: `FR-${gateway.clock.now.getTime()}` })
  return answered(await gateway.ask('FR-SPOC', 'officer-7', body))
}

describe('A holder', () => {
  test('is told what left, to whom, and under which duties of its own; the requester is not', async () => {
    const [before, asker] = [await nextOf('DE-POL'), await nextOf('FR-SPOC')]
    const answer = await release()
    expect(answer.outcome).toBe('release')
    await sealAs(german, [answer.id])
    const { events } = await read('DE-POL', before)
    const own = answer.obligations.filter(({ onWhom }) => onWhom === 'holder')
    expect(own.length).toBeGreaterThan(0)
    expect(events).toEqual([
      {
        id: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
        kind: 'disclosed',
        entry: answer.id,
        at: answer.decidedAt,
        request: answer.id,
        matter: answer.matter,
        holder: 'DE-POL',
        requester: 'FR-SPOC',
        classes: ['identification'],
        duties: own.map(({ code, value, due }) => ({
          code,
          ...(value && { value }),
          ...(due && { due }),
        })),
      },
    ])
    expect((await read('FR-SPOC', asker)).events).toEqual([])
  })

  // Kills: an event with the case or the purpose, which are about the person.
  test('is told codes and ids alone, and nothing of the person', async () => {
    const answer = await release()
    await sealAs(german, [answer.id])
    const text = await (await gateway.call('DE-POL', { path: '/v1/events' })).text()
    expect(text).toContain(answer.id)
    for (const word of ['Anton', 'Beispiel', 'R-1', 'FR-17', 'investigation'])
      expect(text).not.toContain(word)
  })
})

describe('A denial', () => {
  test('tells the holder what it owes by it, and by when', async () => {
    const before = await nextOf('DE-POL')
    tick()
    const asked = requestOfMember({ subject: { recordId: 'R-9' }, caseReference: 'NL-1' })
    const answer = await answered(await gateway.ask('NL-POL', 'officer-7', asked))
    const [own] = answer.obligations.filter(({ onWhom }) => onWhom === 'holder')
    await sealAs(german, [answer.id])
    expect((await read('DE-POL', before)).events).toContainEqual(
      expect.objectContaining({
        kind: 'duty-due',
        request: answer.id,
        duties: [{ code: 'O-REASONS', due: own?.due }],
      }),
    )
  })

  test('is told to each office in whose inbox it is, under an id that stays', async () => {
    const offices = ['GB-MIN', 'GB-POL']
    const before = await Promise.all(offices.map(nextOf))
    const id = await deny()
    await sealAs(british, [id])
    const first = await Promise.all(offices.map((each, i) => read(each, before[i])))
    const again = await Promise.all(offices.map((each, i) => read(each, before[i])))
    expect(again).toEqual(first)
    for (const { events } of first)
      expect(events).toEqual([
        expect.objectContaining({ kind: 'denial-to-decide', request: id, requester: 'US-POL' }),
      ])
    const [ministry, police] = first.map(({ events }) => events[0]?.id)
    expect(ministry).not.toBe(police)
    for (const other of ['US-POL', 'DE-POL', 'BE-POL'])
      expect(JSON.stringify(await read(other))).not.toContain(id)
  })

  // Kills: events by the register of the day when the entry was sealed.
  test('is told to whoever is the office when it reads, and to nobody who was', async () => {
    const id = await deny()
    await sealAs(british, [id])
    const attests = [{ holder: 'GB-POL', facts: ['assurance.deathPenalty'] }]
    await gateway.change('GB-MIN', { attests: [] })
    expect((await read('GB-MIN')).events).toEqual([])
    await gateway.change('GB-MIN', { attests })
    const told = JSON.stringify([
      await read('GB-MIN'),
      await read('GB-MIN', await nextOf('GB-MIN')),
    ])
    expect(told).toContain(id)
  })
})

describe('The feed', () => {
  // Kills: reading to the last row that is there; a cursor by time.
  test('skips nothing: what was filed and not marked comes once it is', async () => {
    const before = await nextOf('DE-POL')
    const [slow, quick] = [await release(), await release()]
    // The second dies after it has filed its rows, before they are marked; the first is not even begun.
    const dying = sealing.world((name, act) =>
      name === 'sealing.mark' ? Promise.reject(new Error('died')) : act(),
    )
    await expect(seal(german, [quick.id], dying)).rejects.toThrow('died')
    const page = await read('DE-POL', before)
    expect(page.events).toEqual([])
    await sealAs(german, [slow.id])
    const { events } = await read('DE-POL', page.next)
    expect(events.map(({ request }) => request).sort()).toEqual([slow.id, quick.id].sort())
    await sealAs(german, [slow.id, quick.id])
    expect((await read('DE-POL', before)).events).toEqual(events)
  })

  // Kills: entries sealed together in the order of their ids.
  test('tells of entries that are sealed together in the order in which they were made', async () => {
    const before = await nextOf('DE-POL')
    const made: string[] = []
    for (let i = 0; i < 8; i++) made.push((await release()).id)
    await sealAs(german, made)
    const { events } = await read('DE-POL', before)
    expect(events.map(({ request }) => request)).toEqual(made)
  })

  test('gives no more than a hundred, and the rest with the cursor, each once', async () => {
    const before = await nextOf('BE-POL')
    const log = freshLog()
    const made = await sealing.append(log, 130)
    await sealAs(log, made)
    const manifest = await sealing.sealing.manifest(log, 0)
    const sealed = manifest?.map(({ eid }) => eid) ?? []
    await gateway.world.events.file(
      sealed.map((entry, index) => ({
        ...{ to: toAgency('BE-POL'), log, index },
        event: { kind: 'disclosed', entry, at: '2026-11-25T09:00:00.000Z' },
      })),
    )
    const first = await read('BE-POL', before)
    expect([first.events.length, first.more]).toEqual([100, true])
    const second = await read('BE-POL', first.next)
    expect([second.events.length, second.more]).toEqual([30, false])
    expect([...first.events, ...second.events].map(({ entry }) => entry)).toEqual(sealed)
    const third = await read('BE-POL', second.next)
    expect([third.events, third.next]).toEqual([[], second.next])
  })

  test('takes no cursor that was given to another agency, or to a page of its inbox', async () => {
    const foreign = await nextOf('GB-POL')
    for (const after of [foreign, `${foreign}x`, 'x.y']) {
      const response = await gateway.call('DE-POL', { path: `/v1/events?after=${after}` })
      expect(await problemOf(response)).toMatchObject({
        status: 422,
        errors: [{ pointer: '/after', detail: expect.stringContaining('ask without it') }],
      })
    }
  })
})

describe('A threat to life', () => {
  // Kills: a hint under another id; a hint that is given until it is sealed, so that no call ever waits.
  test('is hinted at once, before it is sealed, and comes later under the same id', async () => {
    const before = await nextOf('GB-MIN')
    const ordinary = await deny()
    const id = await deny({ urgency: 'imminent-threat-to-life' })
    const page = await read('GB-MIN', before)
    expect(page.events).toEqual([])
    expect(page.hints).toEqual([
      expect.objectContaining({ kind: 'denial-to-decide', request: id, urgent: true }),
    ])
    expect((await read('GB-MIN', page.next)).hints).toEqual([])
    await sealAs(british, [id, ordinary])
    const { events, hints } = await read('GB-MIN', page.next)
    expect(hints).toEqual([])
    expect(events.map(({ request }) => request)).toEqual([ordinary, id])
    expect(events[1]).toMatchObject(page.hints[0] ?? {})
    // Who begins anew is not told twice.
    expect((await read('GB-MIN')).hints).toEqual([])
  })
})

describe('A hint', () => {
  // Kills: a hint to decide what is to be sent, under an id that no event has.
  test('of an answer to send is of the kind and the id of its event', async () => {
    const before = await nextOf('DE-POL')
    tick()
    const body = requestOfMember({
      caseReference: 'FR-HINT',
      urgency: 'imminent-threat-to-life',
      deliverBy: 'siena',
    })
    const { id } = await answered(await gateway.ask('FR-SPOC', 'officer-7', body))
    const { hints } = await read('DE-POL', before)
    expect(hints).toMatchObject([{ kind: 'answer-to-send', request: id }])
    await sealAs(german, [id])
    expect((await read('DE-POL', before)).events.map((each) => each.id)).toContain(hints[0]?.id)
  })

  // Kills: threats that are sealed already, which take the place of the one that is not.
  test('comes however many threats to life were sealed within the hour', async () => {
    const ids: string[] = []
    for (let i = 0; i < 21; i++) ids.push(await deny({ urgency: 'imminent-threat-to-life' }))
    await sealAs(british, ids)
    const after = await nextOf('GB-MIN')
    const id = await deny({ urgency: 'imminent-threat-to-life' })
    expect((await read('GB-MIN', after)).hints.map(({ request }) => request)).toEqual([id])
    await sealAs(british, [id])
  })
})

// Kills: a cursor that outgrows its own bound in the second year of an agency that asks all others.
test('A cursor over the logs of 26 holders in five years is taken again', async () => {
  const states = 'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES'
  const holders = states.split(' ').map((state) => `${state}-POL`)
  const rows = holders.flatMap((holder, i) =>
    [2026, 2027, 2028, 2029, 2030].flatMap((year) =>
      [toAgency('BE-POL'), toOffice(holder, 'originator:BE')].map((to): EventRow => {
        const log = `comity.test/${holder.slice(0, 2).toLowerCase()}/${year}`
        const entry = entryId(to, log)
        const index = 100_000 + ((i * 7919 * year) % 800_000)
        return { to, log, index, event: { kind: 'refused', entry, at: '2026-11-25T09:00:00.000Z' } }
      }),
    ),
  )
  const { world } = gateway
  await world.events.file(rows)
  const belgian = await world.register.agency('BE-POL')
  const keeper = await world.register.agency('DE-POL')
  if (belgian === undefined || keeper === undefined) throw new Error('it is not registered')
  const attests = holders.map((holder) => ({ holder, facts: ['item.originConsent'] }))
  const years = {
    ...world,
    register: { ...world.register, agency: async (id: string) => ({ ...keeper, id }) },
    sealed: { ...world.sealed, marked: async () => 1_000_000 },
  }
  const seen: string[] = []
  let after: string | undefined
  for (let isMore = true; isMore; ) {
    const page = await eventsAfter({ ...belgian, attests }, after, years)
    if ('kind' in page) throw new Error(page.kind)
    seen.push(...page.events.map(({ entry }) => entry))
    expect(page.next.length).toBeLessThanOrEqual(eventsCursorMax)
    after = page.next
    isMore = page.more
  }
  const all = rows.map(({ event }) => event.entry)
  expect(seen.filter((each) => all.includes(each)).sort()).toEqual(all.sort())
})

describe('A call that waits', () => {
  const waited = async (agency: string, path: string) => {
    const began = performance.now()
    const response = await gateway.call(agency, { path })
    const page = eventsPageSchema.parse(await response.json())
    return { page, ms: performance.now() - began }
  }

  test('ends as soon as there is something', async () => {
    const before = await nextOf('GB-MIN')
    const waiting = waited('GB-MIN', `/v1/events?after=${before}&wait=20`)
    const id = await deny({ urgency: 'imminent-threat-to-life' })
    const { page, ms } = await waiting
    expect(page.hints.map(({ request }) => request)).toEqual([id])
    expect(ms).toBeLessThan(5000)
    await sealAs(british, [id])
  })

  test('waits no longer than it says, and not at all unless it says so', async () => {
    const before = await nextOf('BE-POL')
    expect((await waited('BE-POL', `/v1/events?after=${before}`)).ms).toBeLessThan(5000)
    const { page, ms } = await waited('BE-POL', `/v1/events?after=${before}&wait=1`)
    expect([page.events, page.hints]).toEqual([[], []])
    expect(ms).toBeGreaterThan(990)
    expect(ms).toBeLessThan(5000)
    const tooLong = await gateway.call('BE-POL', { path: '/v1/events?wait=21' })
    expect(await problemOf(tooLong)).toMatchObject({ status: 422, errors: [{ pointer: '/wait' }] })
  })

  // Kills: an agency as it was when its call began.
  test('is told nothing once its agency is suspended', async () => {
    const before = await nextOf('GB-MIN')
    const path = `/v1/events?after=${before}&wait=5`
    const waiting = gateway.call('GB-MIN', { path })
    await new Promise((resolve) => setTimeout(resolve, 300))
    await gateway.change('GB-MIN', { status: 'suspended' })
    const id = await deny({ urgency: 'imminent-threat-to-life' })
    expect(await problemOf(await waiting)).toMatchObject({ status: 403, code: 'not-your-role' })
    await gateway.change('GB-MIN', {})
    await sealAs(british, [id])
  })
})
