/** An answer is lost on its way, and its retry comes to another instance, whose clock is a second behind. */

import { expect, test } from 'vitest'
import { homicide, startHomicide } from '../answer/homicide.ts'
import { answered, freshJti } from '../world.ts'

// Kills: an answer that is given again only by clocks that are not behind that which decided.
test('A retry at a clock that is a second behind gets what left', async () => {
  const at = await startHomicide()
  const { gateway } = at
  const body = homicide()
  const denial = await at.ask(body)
  await at.assure(denial.id)
  await at.release(denial.id)
  const again = { ...body, previous: denial.id }
  const jti = freshJti()
  const ask = () => gateway.ask('US-POL', 'agent-12', again, { jti })
  const first = await answered(await ask())
  expect(first.records).toHaveLength(1)
  gateway.clock.pass(-1000)
  const second = await ask()
  expect(second.status).toBe(200)
  expect((await answered(second)).records).toEqual(first.records)
  await gateway.close()
})
