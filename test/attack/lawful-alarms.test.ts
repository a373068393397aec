/** Lives that the law has, after which nobody is to be called: neither by an alarm of a changed row nor by the doctor. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { done } from '../world.ts'
import { concerns, startTwo, type Two } from './two-people.ts'

let two: Two
beforeAll(async () => {
  two = await startTwo()
})
afterAll(() => two.acting.close())

type People = Awaited<ReturnType<Two['people']>>
const lives: Readonly<Record<string, (people: People) => Promise<string>>> = {
  'a refusal stands': ({ ofOne }) => two.say({ ...concerns, scope: ofOne }),
  'a refusal was taken back': async ({ ofOne }) => {
    const said = await two.say({ ...concerns, scope: ofOne })
    await done(await two.takeBack(said))
    return said
  },
  'a doubt was taken back': async ({ ofOne }) => {
    const doubt = await done(await two.object(await two.say({ scope: ofOne })))
    await done(await two.takeBack(doubt))
    return doubt
  },
  'something was said of them alone, in a case': ({ one, ofCase }) =>
    two.say({ scope: ofCase([one.id]) }),
}

describe.each(Object.entries(lives))('After an erasure of somebody of whom %s', (_, live) => {
  let said: string
  let of: People
  beforeAll(async () => {
    of = await two.people()
    said = await live(of)
    await two.erase(of.one.pseudonym)
  })

  // Kills: an alarm for what an erasure closed.
  test('no alarm rings', async () => {
    expect(await two.asks(of.two.body)).toMatchObject({ status: 201, told: [] })
  })

  // Kills: a doctor who compares what an erasure closed.
  test('the doctor does not name it', async () => {
    expect((await two.look()).found).not.toContain(said)
  })
})
