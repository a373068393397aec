/** Any denial can be put before a person, once: he may vouch, or say why; it lifts no rule by itself. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../../functions/answer/entries/reader.ts'
import { done, freshJti, problemOf } from '../../world.ts'
import { denied, homicide, startHomicide } from '../homicide.ts'

let at: Awaited<ReturnType<typeof startHomicide>>
beforeAll(async () => {
  at = await startHomicide()
})
afterAll(() => at.gateway.close())

const review = (
  agency: string,
  id: string,
  ground = 'The person died in March; see the register.',
  jti = freshJti(),
) =>
  at.gateway.call(agency, {
    method: 'POST',
    path: `/v1/access-requests/${id}/review`,
    body: { ground },
    jti,
  })
const final = () => at.ask(homicide({ purpose: 'immigration' }))
const rowOf = async (id: string) =>
  (await at.inbox('GB-POL')).open.find(({ request }) => request === id)

describe('A denial', () => {
  // Kills: reviews of open denials alone; a row that a final denial has none of.
  test('even a final one, is put before the holder’s officer by whoever asked', async () => {
    const { id, standing } = await final()
    expect(standing).toBe('final')
    expect(await rowOf(id)).toBeUndefined()
    const asked = await done(await review('US-POL', id))
    expect((await rowOf(id))?.because).toEqual(['review'])
    expect((await at.look(id)).review).toEqual({
      askedAt: at.gateway.clock.now.toISOString(),
      askedBy: expect.any(String),
    })
    const stored = await at.gateway.world.ledger.read(asked)
    expect(stored?.leaf).toMatchObject({ t: 'review', hj: 'GB', aj: 'US', previous: id })
  })

  // Kills: a second review; a retry that is taken for one.
  test('is so once: again is refused, the same call again is not', async () => {
    const { id } = await final()
    const jti = freshJti()
    const ground = 'There is news.'
    expect((await review('US-POL', id, ground, jti)).status).toBe(201)
    expect((await review('US-POL', id, ground, jti)).status).toBe(200)
    expect(await problemOf(await review('US-POL', id))).toMatchObject({
      status: 409,
      code: 'already-reviewed',
    })
  })

  test('is put before him by its requester alone: to all others there is no such request', async () => {
    const { id } = await final()
    for (const agency of ['JP-NCB', 'GB-MIN', 'GB-POL', 'DE-POL', 'GB-DPO', 'GB-DPA'])
      expect(await problemOf(await review(agency, id)), agency).toMatchObject({
        status: 404,
        code: 'not-found',
      })
    expect((await at.look(id)).review).toBeUndefined()
  })

  test('that was a dry run, or no denial, or nothing at all, is no such request', async () => {
    const body = homicide()
    const first = await at.ask(body)
    await at.assure(first.id)
    await at.release(first.id)
    const released = await at.ask({ ...body, previous: first.id })
    const dryRun = await at.ask(homicide({ dryRun: true }))
    for (const id of [released.id, dryRun.id, 'A'.repeat(43)])
      expect(await problemOf(await review('US-POL', id))).toMatchObject({ code: 'not-found' })
  })

  // Kills: an answer of anybody; a second answer; words of the officer told to the requester.
  test('is answered by the holder’s officer, once; the requester learns that he looked, no more', async () => {
    const { id } = await final()
    await done(await review('US-POL', id))
    const why = 'The purpose is not one that the law allows.'
    for (const agency of ['GB-MIN', 'DE-POL', 'JP-NCB'])
      expect(await problemOf(await review(agency, id, why)), agency).toMatchObject({
        code: 'not-found',
      })
    const jti = freshJti()
    const answer = await done(await review('GB-POL', id, why, jti))
    expect((await review('GB-POL', id, why, jti)).status).toBe(200)
    expect(await problemOf(await review('GB-POL', id, why))).toMatchObject({
      status: 409,
      code: 'already-reviewed',
    })
    const seen = await at.look(id)
    const now = at.gateway.clock.now.toISOString()
    expect(seen.review).toMatchObject({ askedAt: now, answeredAt: now, by: 'GB-POL' })
    expect(seen).toMatchObject({ outcome: 'deny', standing: 'final' })
    expect(JSON.stringify(seen)).not.toContain(why)
    expect(await rowOf(id)).toBeUndefined()
    const stored = await at.gateway.world.ledger.read(answer)
    const opened = stored && (await openAny(stored, at.gateway.world))
    expect(opened?.values).toMatchObject({ review: { ground: why } })
  })

  // Kills: a review that itself lets something go.
  test('lifts no rule by being looked at; what he vouches for counts as it always does', async () => {
    const body = homicide()
    const { id } = await at.ask(body)
    await done(await review('US-POL', id))
    await done(await review('GB-POL', id, 'I have looked at it.'))
    expect(await at.ask({ ...body, previous: id })).toMatchObject(denied)
    await at.assure(id)
    await at.release(id)
    expect((await at.ask({ ...body, previous: id })).outcome).toBe('release')
  })

  test('needs a ground of its own, in a line or more', async () => {
    const { id } = await final()
    expect(await problemOf(await review('US-POL', id, 'short'))).toMatchObject({
      status: 422,
      errors: [{ pointer: '/ground' }],
    })
  })
})
