/** How long a denial waits in an inbox: as long as somebody could still help it, and not a look longer. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openAny } from '../../../functions/answer/entries/reader.ts'
import { fileInInbox } from '../../../functions/answer/reminders/inbox-rows.ts'
import { done, freshJti, problemOf } from '../../world.ts'
import { denied, homicide, startHomicide } from '../homicide.ts'

let at: Awaited<ReturnType<typeof startHomicide>>
beforeEach(async () => {
  at = await startHomicide()
})
afterEach(() => at.gateway.close())

const pass = (hours: number) => at.gateway.clock.pass(hours * 3_600_000)
const offices = ['GB-MIN', 'GB-POL'] as const
/** Which of the two offices an entry waits for. */
const waitsFor = async (id: string) => {
  const found = await Promise.all(offices.map((office) => at.waiting(office)))
  return offices.filter((_, i) => found[i]?.includes(id))
}
/** As the sealer does. */
async function file(id: string) {
  const { world } = at.gateway
  const stored = await world.ledger.read(id)
  if (stored === undefined) throw new Error('there is no entry')
  await fileInInbox(stored, await openAny(stored, world), world)
}
const rowsOf = async (id: string) => {
  const items = await at.gateway.store.rows.attestations.everything()
  return items.filter(({ pk, sk }) => pk?.S?.startsWith('O#GB-POL#') && sk?.S?.endsWith(id))
}

describe('A denial of which all was said', () => {
  test('waits again once a word has ended', async () => {
    const { id } = await at.ask(homicide())
    await at.assure(id)
    await at.release(id)
    expect(await waitsFor(id)).toEqual([])
    pass(73)
    expect(await at.look(id)).toMatchObject({ outcome: 'deny', cured: false })
    expect(await waitsFor(id)).toEqual([...offices])
  })

  test('waits again while somebody objects', async () => {
    const { id } = await at.ask(homicide())
    const assurance = await at.assure(id)
    await at.release(id)
    const objection = await done(await at.object('GB-POL', assurance))
    expect(await waitsFor(id)).toContain('GB-MIN')
    await done(await at.takeBack('GB-POL', objection))
    expect(await waitsFor(id)).toEqual([])
  })

  test('waits for nobody while it stands refused, and again once that is taken back', async () => {
    const { id } = await at.ask(homicide())
    const scope = { kind: 'matter', matter: id } as const
    const refusal = { holder: 'GB-POL', scope, fact: 'release.decision', value: 'refuse' }
    const refused = await at.gateway.attest('GB-POL', refusal)
    expect(await waitsFor(id)).toEqual([])
    await done(await at.takeBack('GB-POL', refused))
    expect(await waitsFor(id)).toEqual([...offices])
  })
})

describe('A denial whose matter was decided once more', () => {
  // Kills: an earlier denial that waits again when the words lapse by which a later one was answered.
  test('waits no more, by whichever denial it was asked again', async () => {
    const body = homicide()
    const first = await at.ask(body)
    pass(1)
    const second = await at.ask({ ...body, previous: first.id })
    expect(second).toMatchObject(denied)
    await at.assure(first.id)
    await at.release(first.id)
    pass(1)
    const third = await at.ask({ ...body, previous: first.id })
    expect(third.outcome).toBe('release')
    await file(third.id)
    pass(73)
    for (const { id } of [first, second, third]) expect(await waitsFor(id)).toEqual([])
    // Filed again, late: nothing comes back.
    for (const { id } of [second, first]) {
      await file(id)
      expect(await waitsFor(id)).toEqual([])
    }
  })

  test('is replaced by the later one, which waits', async () => {
    const body = homicide()
    const first = await at.ask(body)
    pass(1)
    const second = await at.ask({ ...body, previous: first.id })
    await file(second.id)
    expect(await waitsFor(first.id)).toEqual([])
    expect(await waitsFor(second.id)).toEqual([...offices])
  })

  // Kills: a second look that is lost because the same was asked again.
  test('still waits for the officer whom the requester asked to look at it', async () => {
    const body = homicide()
    const { id } = await at.ask(body)
    const path = `/v1/access-requests/${id}/review`
    const review = { method: 'POST', path, body: { ground: 'There is news of him.' } }
    await done(await at.gateway.call('US-POL', review))
    pass(1)
    await file((await at.ask({ ...body, previous: id })).id)
    expect(await waitsFor(id)).toEqual(['GB-POL'])
    await done(await at.gateway.call('GB-POL', review))
    expect(await waitsFor(id)).toEqual([])
  })
})

describe('A denial that can be asked again no more', () => {
  // Kills: rows that are kept for ever; one that goes at once, and its turn with it.
  test('has ended, and its rows go by a look on the next day', async () => {
    const { id } = await at.ask(homicide())
    pass(90 * 24 + 1)
    expect(await waitsFor(id)).toEqual([])
    expect((await rowsOf(id)).map(({ ended }) => ended?.S)).toEqual([
      at.gateway.clock.now.toISOString(),
    ])
    pass(23)
    expect(await waitsFor(id)).toEqual([])
    expect(await rowsOf(id)).toHaveLength(1)
    pass(2)
    expect(await waitsFor(id)).toEqual([])
    expect(await rowsOf(id)).toEqual([])
  })
})

describe('A request', () => {
  test('that is sent ten times at once has one row before each office', async () => {
    const jti = freshJti()
    const body = homicide()
    await Promise.all(
      Array.from({ length: 10 }, () => {
        at.gateway.clock.pass(1)
        return at.gateway.ask('US-POL', 'agent-12', body, { jti })
      }),
    )
    const { id } = await at.ask(homicide())
    const sent = (await at.inbox('GB-MIN')).open.filter(
      ({ caseReference }) => caseReference === body.caseReference,
    )
    expect(sent).toHaveLength(1)
    expect(await rowsOf(String(sent[0]?.request))).toHaveLength(1)
    await file(id)
    expect(await rowsOf(id)).toHaveLength(1)
  })
})

describe('A row that was written before requesters had parts of their own', () => {
  const putEarlier = (id: string, ts: string, urgent: boolean) =>
    at.gateway.store.rows.attestations.put({
      pk: { S: `O#GB-POL#holder-ministry#${urgent ? 'urgent' : 'ordinary'}` },
      sk: { S: `${ts}#${id}` },
      requester: { S: 'US-POL' },
    })

  test('is still read, ends as any other, and goes', async () => {
    for (const urgent of [true, false]) {
      const urgency = urgent ? 'imminent-threat-to-life' : 'none'
      const { id, decidedAt } = await at.ask(homicide({ urgency }))
      for (const row of await at.gateway.world.inbox.list('GB-POL', 'holder-ministry', 10))
        if (row.eid === id) await at.gateway.world.inbox.remove(row)
      expect(await at.waiting('GB-MIN')).not.toContain(id)
      await putEarlier(id, decidedAt, urgent)
      expect(await at.waiting('GB-MIN')).toContain(id)
      // By the sealer it is put as rows are now: it is one all the same.
      await file(id)
      expect((await at.waiting('GB-MIN')).filter((each) => each === id)).toHaveLength(1)
      pass(90 * 24 + 1)
      expect(await at.waiting('GB-MIN')).not.toContain(id)
      pass(25)
      await at.waiting('GB-MIN')
      const left = (await rowsOf(id)).map(({ pk }) => pk?.S)
      expect(left).toEqual([])
    }
  })
})

describe('The place where a page ended', () => {
  const pageOf = (office: string, after: string) =>
    at.gateway.call(office, { path: `/v1/inbox?after=${after}` })

  // Kills: a cursor of whoever holds it; one that is read as it comes; one for ever.
  test('is of one office, as it was given, for a day', async () => {
    for (let i = 0; i < 51; i += 1) await at.ask(homicide())
    const { next = '' } = await at.inbox('GB-MIN')
    expect((await pageOf('GB-MIN', next)).status).toBe(200)
    const wrong = async (office: string, after: string) =>
      expect(await problemOf(await pageOf(office, after))).toMatchObject({
        status: 422,
        errors: [{ pointer: '/after' }],
      })
    await wrong('GB-POL', next)
    await wrong('GB-MIN', `A${next}`)
    await wrong('GB-MIN', 'x')
    pass(25)
    await wrong('GB-MIN', next)
  })
})
