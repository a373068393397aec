/** What sealing costs of a store, counted by the store itself (`ReturnConsumedCapacity`). */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAny } from '../../functions/answer/entries/reader.ts'
import { lookupRows } from '../../functions/sealing/lookup-rows.ts'
import { seal } from '../../functions/sealing/seal.ts'
import { countUnits, type Units } from '../adapters/watched.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { answered } from '../world.ts'
import { startSealing, type TestSealing } from './sealed-log.ts'

let sealing: TestSealing
let units: Units
beforeAll(async () => {
  sealing = await startSealing()
  units = countUnits(sealing.gateway.store.client)
  for (let i = 0; i < people; i++)
    await sealing.gateway.putRecord('DE-POL', personOf(`R-${i}`, [itemOf('name')]))
})
afterAll(() => sealing.close())

const people = 50
const log = 'comity.test/de/2026'

/** Asks so many times, each officer for another person and case, and seals all at once; units for each. */
async function sealedTogether(count: number) {
  const eids: string[] = []
  for (let i = 0; i < count; i++) {
    const request = requestOf({
      subject: { recordId: `R-${i % people}` },
      caseReference: `CASE-${count}-${i}`,
    })
    eids.push(
      (await answered(await sealing.gateway.ask('GB-POL', `officer-${i % 10}`, request))).id,
    )
  }
  await seal(log, [], sealing.world())
  const before = { ...units }
  const { sealed } = await seal(log, eids, sealing.world())
  expect(sealed).toBe(count)
  return {
    eids,
    write: (units.write - before.write) / count,
    read: (units.read - before.read) / count,
  }
}

describe('Sealing an entry, with its rows, lists, notes, marks and manifest', () => {
  // An open denial tells two offices, and the clock, and is remembered. Kills: a line for each key of an entry; lists of one entry each; an entry
  // read again; an event for each duty, or one that leads to the log with each.
  test('takes a few units of writing, and an entry is read once, if fifty are sealed together', async () => {
    const { write, read } = await sealedTogether(50)
    expect(write).toBeLessThan(10)
    expect(read).toBeLessThan(8)
  })

  // Kills: lists that cost a quiet log more than the rows that there were before.
  test('takes no more than a row for each key, and its tags, if it is sealed alone', async () => {
    const { write, eids } = await sealedTogether(1)
    const { gateway } = sealing
    const [entry] = await gateway.world.ledger.readAll(eids).then((all) => [...all.values()])
    if (entry === undefined) throw new Error('it is not there')
    const opened = await openAny(entry, gateway.world)
    const keys = lookupRows(entry, opened, gateway.world.secrets.pseudonym).length
    expect(write).toBeLessThanOrEqual(keys + 11)
  })
})
