/** What offices said expires with the law’s period for the log, and the doctor finds nothing in that. */

import { expect, test } from 'vitest'
import { certificateOf } from '../audit/acting.ts'
import { startTwo } from './two-people.ts'

// Kills: a fault for each key that the law's period ended, for ever.
test('The doctor finds nothing once what was said has expired', async () => {
  const { acting, people, say, look } = await startTwo()
  const { ofOne } = await people()
  await say({ scope: ofOne })
  await acting.seal()
  acting.clock.now = new Date('2028-01-02T00:00:00.000Z')
  await certificateOf(await acting.send({ act: 'expire', before: '2027-Q1' }))
  expect(await look()).toMatchObject({ mark: 'ok' })
  await acting.close()
})
