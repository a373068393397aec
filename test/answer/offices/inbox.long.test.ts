/** The inbox of those who could change a denial: nobody’s denials hide another’s. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Audited, startAudited } from '../../http/audit-gateway.ts'
import { acts, denied, homicide, startHomicide } from '../homicide.ts'
import { attestAll, benign, directive, inThisCase, itemOf, personOf, requestOf } from '../people.ts'

describe('With a hundred and five denials of one agency and a threat to life of another', () => {
  let at: Awaited<ReturnType<typeof startHomicide>>
  const many: string[] = []
  let threat = ''
  beforeAll(async () => {
    at = await startHomicide()
    const tick = () => at.gateway.clock.pass(1000)
    const early = homicide({ channel: 'mla-central', urgency: 'imminent-threat-to-life' })
    threat = (await at.ask(early, 'BR-PROS')).id
    for (let i = 0; i < 105; i += 1) {
      tick()
      many.push((await at.ask(homicide())).id)
    }
  }, 120_000)
  afterAll(() => at.gateway.close())

  // Kills: the newest first, whoever asks; the newest hundred alone; a page that repeats or skips.
  test('the ministry sees the threat first, though it is the oldest, and reaches every one', async () => {
    const found = await at.waiting('GB-MIN')
    expect(found[0]).toBe(threat)
    expect(found).toHaveLength(106)
    expect(new Set(found)).toEqual(new Set([threat, ...many]))
    expect((await at.inbox('GB-MIN')).open[0]).toMatchObject({
      requester: 'BR-PROS',
      urgency: 'imminent-threat-to-life',
    })
  })

  test('an ordinary denial of another agency is not behind all of the many', async () => {
    const { id } = await at.ask(homicide({ channel: 'interpol' }), 'JP-NCB')
    at.gateway.clock.pass(1000)
    for (let i = 0; i < 3; i += 1) many.push((await at.ask(homicide())).id)
    const { open, next } = await at.inbox('GB-MIN')
    expect(open.map(({ request }) => request).indexOf(id)).toBeLessThan(3)
    expect(open).toHaveLength(50)
    const { open: further } = await at.inbox('GB-MIN', next)
    const first = open.map(({ request }) => request)
    expect(further).toHaveLength(50)
    expect(further.filter(({ request }) => first.includes(request))).toEqual([])
  })

  // Kills: denials that are shown when what they waited for was vouched for.
  test('what is done is shown no more, and the rest is still reached', async () => {
    const rows = (audience: string) => at.gateway.world.inbox.list('GB-POL', audience, 500)
    const before = await at.waiting('GB-MIN')
    const [one = '', other = ''] = many
    await at.assure(one)
    await at.release(one)
    // Its own part is done: what is left is for the police.
    const scope = { kind: 'matter', matter: other } as const
    await at.assure(other)
    const approved = { fact: 'approval.minister', value: 'given' }
    await at.gateway.attest('GB-MIN', { holder: 'GB-POL', scope, ...approved })
    const after = await at.waiting('GB-MIN')
    for (const id of [one, other]) expect(after).not.toContain(id)
    expect(after).toHaveLength(before.length - 2)
    // The rows stay: what was said may be taken back.
    const eids = async (audience: string) => (await rows(audience)).map(({ eid }) => eid)
    expect(await eids('holder-ministry')).toContain(one)
    expect(await at.waiting('GB-POL')).toContain(other)
  })
})

describe('An originator', () => {
  let gateway: Audited
  let at: ReturnType<typeof acts>
  beforeAll(async () => {
    gateway = await startAudited()
    at = acts(gateway)
    const consent = [{ holder: 'DE-POL', facts: ['item.originConsent'] }]
    for (const agency of ['NL-POL', 'ES-SPOC']) await gateway.change(agency, { attests: consent })
    await attestAll(gateway, 'DE-POL', { kind: 'general', requester: 'FR' }, benign)
  })
  afterAll(() => gateway.close())

  /** A denial of a record that others gave, and no more that is missing than their consent. */
  async function waitsFor(id: string, originators: readonly (string | undefined)[]) {
    const items = originators.map((originator, i) => ({
      ...itemOf('report', originator === undefined ? {} : { originator }),
      id: `item-${i}`,
    }))
    await gateway.putRecord('DE-POL', personOf(id, items))
    const body = requestOf({
      ...directive,
      subject: { recordId: id },
      classes: ['case'],
      caseReference: id,
    })
    const first = await at.ask(body, 'FR-SPOC')
    const scope = { kind: 'matter', matter: first.id } as const
    const facts = Object.fromEntries(inThisCase.map(({ fact, value }) => [fact, value]))
    await attestAll(gateway, 'DE-POL', scope, facts)
    await gateway.releaseBy('DE-POL', first.id)
    gateway.clock.pass(1000)
    const answer = await at.ask({ ...body, previous: first.id }, 'FR-SPOC')
    // What rests on the record comes with the sealing.
    expect(await at.waiting('BE-POL')).not.toContain(answer.id)
    await gateway.fileAll([answer.id])
    return answer
  }

  // Kills: rows by the fact alone, whosever consent it is.
  test('sees what waits for its own consent, and nothing that waits for another’s', async () => {
    const { id: belgian } = await waitsFor('R-BE', ['BE'])
    const { id: dutch } = await waitsFor('R-NL', ['NL'])
    const { id: german } = await waitsFor('R-DE', [undefined])
    const { id: both } = await waitsFor('R-BOTH', ['BE', 'NL', undefined])
    const sees = async (agency: string) => {
      const found = await at.waiting(agency)
      return [belgian, dutch, german, both].map((id) => found.includes(id))
    }
    expect(await sees('BE-POL')).toEqual([true, false, false, true])
    expect(await sees('NL-POL')).toEqual([false, true, false, true])
    expect(await sees('ES-SPOC')).toEqual([false, false, false, false])
    const row = (await at.inbox('BE-POL')).open.find(({ request }) => request === belgian)
    expect(row?.todo.every(({ fact }) => fact === 'item.originConsent')).toBe(true)
  })

  // Kills: a row that never leaves, one that leaves with the consent of another; a remedy that is half.
  test('has no row once it has answered, while another still waits to', async () => {
    const answer = await waitsFor('R-ANSWERED', ['BE', 'NL'])
    expect(answer).toMatchObject(denied)
    const say = (agency: string, value: string) =>
      gateway.attest(agency, {
        holder: 'DE-POL',
        fact: 'item.originConsent',
        originator: agency.slice(0, 2),
        value,
        scope: { kind: 'matter', matter: answer.id },
      })
    const waits = async (agency: string) => (await at.waiting(agency)).includes(answer.id)
    const cured = async () => (await at.look(answer.id, 'FR-SPOC')).cured
    await say('BE-POL', 'given')
    expect([await waits('BE-POL'), await waits('NL-POL'), await cured()]).toEqual([
      false,
      true,
      false,
    ])
    await say('NL-POL', 'refused')
    expect([await waits('NL-POL'), await cured()]).toEqual([false, false])
  })

  test('has a row for what stayed of an answer that released the rest, until it says', async () => {
    const { id, outcome } = await waitsFor('R-PART', ['BE', undefined])
    expect(outcome).not.toBe('deny')
    expect(await at.waiting('BE-POL')).toContain(id)
    await gateway.attest('BE-POL', {
      holder: 'DE-POL',
      fact: 'item.originConsent',
      originator: 'BE',
      value: 'refused',
      scope: { kind: 'matter', matter: id },
    })
    expect(await at.waiting('BE-POL')).not.toContain(id)
  })

  test('sees no request that is denied before the record is looked at', async () => {
    await gateway.putRecord(
      'DE-POL',
      personOf('R-UNSEEN', [itemOf('report', { originator: 'BE' })]),
    )
    const body = requestOf({ ...directive, subject: { recordId: 'R-UNSEEN' }, classes: ['case'] })
    const answer = await at.ask(body, 'FR-SPOC')
    expect(answer).toMatchObject(denied)
    expect(await at.waiting('BE-POL')).not.toContain(answer.id)
  })
})
