/** A refusal has ended, and then its person is erased, as the law has it: nobody else of the case is refused for it. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { concerns, startTwo, type Two } from './two-people.ts'

let two: Two
beforeAll(async () => {
  two = await startTwo()
})
afterAll(() => two.acting.close())

const hourMs = 3_600_000

// Kills: a mark that counts for a day longer than an erasure keeps its row.
test.each([1, 23])(
  '%i hours after it ended, whoever else is of the case is answered',
  async (hours) => {
    const { acting, people, say, erase, asks } = two
    const { two: other, one, ofOne } = await people()
    const until = new Date(acting.clock.now.getTime() + hourMs).toISOString()
    await say({ ...concerns, scope: ofOne, until })
    acting.clock.pass(hourMs + hours * hourMs - 60_000)
    await erase(one.pseudonym)
    expect(await asks(other.body)).toEqual({ status: 201, told: [], known: 'not-checked' })
  },
)
