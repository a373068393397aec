/** A row that an erasure took is put back: an instance that had compared it before must not believe it. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyOf, putBack } from '../drills/tables.ts'
import { startTwo, type Two } from './two-people.ts'

let two: Two
beforeAll(async () => {
  two = await startTwo()
})
afterAll(() => two.acting.close())

// Kills: a row that is believed for its digest after the key of its entry is gone.
test('What was said of somebody who was erased lets nothing go, in any instance', async () => {
  const { acting, people, say, erase, asks } = two
  const { one, ofCase } = await people()
  await say({ scope: ofCase([one.id]) })
  const [warm, table] = [acting.world, acting.store.tables.attestations]
  expect(await asks(one.body, warm)).toMatchObject({ known: 'clean' })
  const were = await copyOf(acting.store, table)
  await erase(one.pseudonym)
  await putBack(acting.store, table, were)
  // It reads the entries of who is named again each minute.
  acting.clock.pass(60_000)
  // One that has just started knows better.
  expect(await asks(one.body)).toMatchObject({ known: 'not-checked' })
  expect(await asks(one.body, warm)).toMatchObject({ known: 'not-checked' })
})
