/** Attacks on inboxes: what they tell, what they hide, and what leaves them for good. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acts, homicide, startHomicide } from '../answer/homicide.ts'
import { attestAll, benignOfMember, itemOf, personOf, requestOfMember } from '../answer/people.ts'
import { type Audited, startAudited } from '../http/audit-gateway.ts'
import { answered, done, freshJti, problemOf } from '../world.ts'

describe('An agency that asks, and keeps records itself', () => {
  let audited: Audited
  let at: ReturnType<typeof acts>
  beforeAll(async () => {
    audited = await startAudited()
    at = acts(audited)
    await attestAll(audited, 'DE-POL', { kind: 'general', requester: 'FR' }, benignOfMember)
    // A French agency that is a holder, too, and whose officers decide on its own requests.
    await audited.change('FR-SPOC', {
      holdsRecords: true,
      attests: [{ holder: 'FR-SPOC', facts: ['*'] }],
    })
    for (const id of ['R-1', 'R-2']) {
      const names = [{ given: 'Anna', family: 'Doppel' }]
      await audited.putRecord('DE-POL', { ...personOf(id, [itemOf('name')]), names })
    }
  })
  afterAll(() => audited.close())

  // DESIGN 2, "a refusal tells nothing": Germany holds two that fit, and told what no hit is told.
  test('learns nothing of Germany’s records by putting Germany’s denial into its own inbox', async () => {
    const jti = freshJti()
    const subject = { name: { given: 'Anna', family: 'Doppel' }, birthDate: '1979-03-14' }
    const body = requestOfMember({ subject, caseReference: 'FR-JTI' })
    const denial = await answered(await audited.ask('FR-SPOC', 'officer-7', body, { jti }))
    expect(denial.reasons.map(({ code }) => code)).toEqual(['nothing-transmissible'])
    // The same jti for a request to itself: refused, but its row was written before.
    const own = await audited.ask('FR-SPOC', 'officer-7', { ...body, holder: 'FR-SPOC' }, { jti })
    expect(await problemOf(own)).toMatchObject({ code: 'jti-reused' })
    expect((await at.inbox('FR-SPOC')).open).toEqual([])
  })
})

describe('The inbox of a ministry', () => {
  let at: Awaited<ReturnType<typeof startHomicide>>
  beforeAll(async () => {
    at = await startHomicide()
  })
  afterAll(() => at.gateway.close())
  const pass = () => at.gateway.clock.pass(1000)

  // A row is removed once all is attested; whoever takes it back finds nobody waiting.
  test('shows a denial again once the word that had helped it was taken back', async () => {
    const { id } = await at.ask(homicide())
    const assurance = await at.assure(id)
    await at.release(id)
    expect(await at.waiting('GB-MIN')).not.toContain(id)
    await done(await at.takeBack('GB-MIN', assurance))
    expect(await at.look(id)).toMatchObject({ standing: 'open', cured: false })
    expect(await at.waiting('GB-MIN')).toContain(id)
  })

  test('shows the officer a denial again once his decision to release is taken back', async () => {
    const { id } = await at.ask(homicide())
    await at.assure(id)
    const decision = await at.release(id)
    expect(await at.waiting('GB-POL')).not.toContain(id)
    await done(await at.takeBack('GB-POL', decision))
    expect(await at.waiting('GB-POL')).toContain(id)
  })

  // Each row counts against the two thousand that are read.
  test('has one row of a request, however often the same call is sent', async () => {
    const jti = freshJti()
    const body = homicide()
    const rows = async () =>
      (await at.gateway.world.inbox.list('GB-POL', 'holder-ministry', 500)).length
    const before = await rows()
    for (let i = 0; i < 3; i += 1) {
      await answered(await at.gateway.ask('US-POL', 'agent-12', body, { jti }))
      pass()
    }
    expect(await rows()).toBe(before + 1)
  })

  // The order is by turn; what leaves a requester's turns moves the rest before the cursor.
  test('skips no denial where others were done between two pages', async () => {
    const all: string[] = []
    for (let i = 0; i < 30; i += 1) {
      for (const agency of ['BR-PROS', 'US-POL']) {
        const channel = agency === 'US-POL' ? 'bilateral' : 'mla-central'
        all.push((await at.ask(homicide({ channel }), agency)).id)
        pass()
      }
    }
    const first = await at.inbox('GB-MIN')
    const shown = first.open.map(({ request }) => request)
    // Of the one whose denial is not the cursor.
    const last = first.open.at(-1)?.requester
    const others = first.open.filter(({ requester }) => requester !== last).slice(0, 10)
    for (const { request } of others) {
      await at.assure(request)
      await at.release(request)
    }
    // A colleague looks, so that what is done leaves.
    await at.inbox('GB-MIN')
    const { open } = await at.inbox('GB-MIN', first.next)
    const found = new Set([...shown, ...open.map(({ request }) => request)])
    expect(all.filter((id) => !found.has(id))).toEqual([])
  }, 60_000)

  // REVIEW A9: no agency's denials hide another's. "Urgent" is the requester's own word.
  test('shows a threat to life of one agency behind two thousand of another', async () => {
    const threat = homicide({ channel: 'mla-central', urgency: 'imminent-threat-to-life' })
    const { id } = await at.ask(threat, 'BR-PROS')
    const since = at.gateway.clock.now.getTime()
    for (let i = 0; i < 2000; i += 1)
      await at.gateway.world.inbox.put({
        holder: 'GB-POL',
        audience: 'holder-ministry',
        eid: `F${i}`.padEnd(43, 'x'),
        ts: new Date(since + 1000 + i).toISOString(),
        requester: 'JP-NCB',
        urgent: true,
      })
    expect(await at.waiting('GB-MIN')).toContain(id)
  }, 60_000)
})
