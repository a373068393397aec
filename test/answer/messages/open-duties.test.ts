/** What an agency still owes: it stands until somebody says that it was done, and nobody else sees it. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDuties } from '../../../functions/answer/messages/open-duties.ts'
import { done } from '../../world.ts'
import { itemOf, personOf } from '../people.ts'
import { hourMs, post, startTelling } from '../sealed-union.ts'

let at: Awaited<ReturnType<typeof startTelling>>
beforeAll(async () => {
  at = await startTelling()
})
afterAll(() => at.close())

/** What an agency owes, from the beginning. */
async function owedBy(id: string) {
  const { world } = at.gateway
  const agency = await world.register.agency(id)
  const found = agency && (await openDuties(agency, undefined, world))
  if (found === undefined || 'kind' in found) throw new Error(`nothing was found for ${id}`)
  return found.owed
}

// Kills: a notice that is owed by whoever it is not addressed to, and one that stays after it was answered.
test('An answer on a correction is owed by whoever was told, with the officer who asked, until it is given', async () => {
  await at.gateway.putRecord('DE-POL', personOf('R-1', [itemOf('name')]))
  const { id } = await at.ask('FR-SPOC', 'R-1')
  at.wait(hourMs)
  await done(await at.change('R-1', [{ id: 'name', value: 'Antonia Beispiel' }]))
  expect(await owedBy('FR-SPOC')).toEqual([])
  await at.turn()
  const [owed, ...others] = await owedBy('FR-SPOC')
  expect(others).toEqual([])
  expect(owed).toEqual({
    ...{ kind: 'notice', notice: expect.any(String), what: 'corrected', holder: 'DE-POL' },
    ...{ request: id, items: ['name'], officer: expect.any(String) },
    due: new Date(at.gateway.clock.now.getTime() + 168 * hourMs).toISOString(),
  })
  expect(await owedBy('NL-POL')).toEqual([])
  expect((await owedBy('DE-POL')).filter(({ kind }) => kind === 'notice')).toEqual([])
  if (owed?.kind !== 'notice') throw new Error('it is no notice')
  const said = post(`/v1/notices/${owed.notice}/done`, { did: 'corrected' })
  await done(await at.gateway.call('FR-SPOC', said))
  expect(await owedBy('FR-SPOC')).toEqual([])
})

// Kills: a duty that stays owed after the holder said that it did it.
test('A holder owes its dated duties by what it answered, until it says that they are done', async () => {
  const denied = await at.ask('FR-SPOC', 'R-404', ['special'])
  await at.turn()
  const duties = (await owedBy('DE-POL')).filter(({ request }) => request === denied.id)
  const own = denied.obligations.filter(({ onWhom, due }) => onWhom === 'holder' && due)
  expect(own.length).toBeGreaterThan(0)
  expect(duties.map((each) => [each.kind, each.due])).toEqual(own.map(({ due }) => ['duty', due]))
  for (const { code, value } of own) {
    const body = { code, ...(value && { value }) }
    await done(await at.gateway.call('DE-POL', post(`/v1/disclosures/${denied.id}/duties`, body)))
  }
  expect((await owedBy('DE-POL')).filter(({ request }) => request === denied.id)).toEqual([])
  expect((await owedBy('FR-SPOC')).filter(({ kind }) => kind === 'duty')).toEqual([])
})

test('A place of another agency is no place of this one', async () => {
  const { world } = at.gateway
  const agency = async (id: string) => {
    const found = await world.register.agency(id)
    if (found === undefined) throw new Error(`there is no ${id}`)
    return found
  }
  const first = await openDuties(await agency('FR-SPOC'), undefined, world)
  const next = 'next' in first ? first.next : ''
  expect(await openDuties(await agency('NL-POL'), next, world)).toEqual({ kind: 'wrong-cursor' })
  expect(await openDuties(await agency('FR-SPOC'), next, world)).toMatchObject({ owed: [] })
})
