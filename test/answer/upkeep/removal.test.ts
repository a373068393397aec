/** What agencies were told, and whom officers asked for, is removed once the law's period for the log is over. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventsPageSchema } from '../../../functions/answer/messages/events.ts'
import { forgetFor } from '../../../functions/answer/upkeep/removal.ts'
import { periodOf } from '../../../functions/policy/retention.ts'
import { answered } from '../../world.ts'
import { itemOf, personOf, requestOfMember } from '../people.ts'
import { startTelling } from '../sealed-union.ts'

let at: Awaited<ReturnType<typeof startTelling>>
beforeAll(async () => {
  at = await startTelling()
  await at.gateway.change('DE-POL', { personsPerCase: 5 })
})
afterAll(() => at.close())

/** Keys of rows that begin so. */
async function rowsOf(prefix: string): Promise<readonly string[]> {
  const items = await at.gateway.store.rows.attestations.everything()
  return items.flatMap(({ pk, sk }) => (pk?.S?.startsWith(prefix) ? [`${pk.S} ${sk?.S}`] : []))
}
const eventsOf = async (agency: string) => {
  const response = await at.gateway.call(agency, { path: '/v1/events' })
  return eventsPageSchema.parse(await response.json()).events
}
const forget = async () => {
  const { world, clock } = at.gateway
  const until = new Date(clock.now.getTime() + 1)
  for (const id of ['DE-POL', 'FR-SPOC']) {
    const agency = await world.register.agency(id)
    if (agency !== undefined) await forgetFor(agency, world, until)
  }
}

// Kills: what is removed while an office may still have been away; what is never removed.
test('Events and persons asked for stay as long as the law keeps the log, and no longer', async () => {
  const { gateway } = at
  const { clock, world } = gateway
  await gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  await answered(await gateway.ask('FR-SPOC', 'officer-7', requestOfMember()))
  await at.sealed()
  const start = clock.now.toISOString()
  const { yearsMax } = periodOf((await world.law.now()).book, 'DE', start) ?? {}
  if (yearsMax === undefined) throw new Error('the list sets no period')
  const told = await eventsOf('DE-POL')
  expect(told.length).toBeGreaterThan(0)
  const persons = await rowsOf('N#DE-POL')
  expect(persons).toHaveLength(2)

  const later = (years: number) => {
    clock.now = new Date(`${Number(start.slice(0, 4)) + years}${start.slice(4)}`)
  }
  later(yearsMax)
  await forget()
  expect(await rowsOf('O#events#agency#DE-POL')).not.toEqual([])
  expect(await rowsOf('N#DE-POL')).toEqual(persons)
  // One who is asked for again counts from then.
  await gateway.ask('FR-SPOC', 'officer-7', requestOfMember())
  later(yearsMax + 1)
  await forget()
  expect(await rowsOf('O#events#agency#DE-POL')).toEqual([])
  expect(await rowsOf('N#DE-POL')).toHaveLength(2)
  later(2 * yearsMax + 1)
  await forget()
  expect(await rowsOf('N#DE-POL')).toEqual([])
  await forget()
})
