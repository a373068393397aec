/** A person is erased just while an office says something against a disclosure of them. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Call } from '../world.ts'
import { beforeEachCommand, concerns, startTwo, type Two } from './two-people.ts'

let two: Two
beforeAll(async () => {
  two = await startTwo()
})
afterAll(() => two.acting.close())

// Kills: a mark that outlives its row and its entry, and stops a case for ever.
test.each(['refusal', 'objection'])('No %s stops the case of another for ever', async (what) => {
  const { acting, people, say, object, erase, asks } = two
  const { one, two: other, ofOne } = await people()
  const said = await say({ scope: ofOne })
  let [isErased, fills] = [false, 0]
  const end = beforeEachCommand(acting, async ({ name, input }) => {
    // The person leads to the row by scope, which is filled after that by id, and is not filled yet.
    const { ConditionExpression: condition = '' } = input as { ConditionExpression?: string }
    if (
      name !== 'UpdateItemCommand' ||
      !/^attribute_not_exists\((attestation|objection)\)/.test(condition)
    )
      return
    fills += 1
    if (isErased || fills < 2) return
    isErased = true
    await erase(one.pseudonym)
  })
  const from = acting.clock.now.toISOString()
  const until = new Date(acting.clock.now.getTime() + 86_400_000).toISOString()
  const response =
    what === 'objection'
      ? await object(said, { scope: ofOne })
      : await acting.call('DE-POL', {
          ...{ method: 'POST', path: '/v1/attestations' },
          body: {
            ...{ ...concerns, holder: 'DE-POL', decidedBy: 'DE-POL', scope: ofOne, from, until },
            ground: 'Judged for this test.',
          },
        } as Call)
  end()
  expect(isErased).toBe(true)
  expect(response.status).toBe(201)
  acting.clock.pass(what === 'objection' ? 30 * 86_400_000 : 0)
  expect(await asks(other.body)).toMatchObject({ status: 201 })
})
