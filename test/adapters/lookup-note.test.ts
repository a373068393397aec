/** The note of an entry: where its rows and tags are, from which whoever erases the entry finds them. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { rowsIn } from '../../functions/adapters/dynamodb.ts'
import { noteMore, noteOf, placesIn } from '../../functions/adapters/lookup-note.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { freshId } from './make.ts'

let store: Store
beforeAll(async () => {
  store = await startDynalite()
})
afterAll(() => store.close())

// Kills: a note that is written over what somebody else added meanwhile, so that an erasure misses it.
test('keeps every place that several add at once', async () => {
  const rows = rowsIn(store.client, store.tables.lookups)
  const eid = freshId()
  const places = Array.from({ length: 12 }, (_, i) => [`partition-${i}`, 'row'] as [string, string])
  await Promise.all(places.map((place) => noteMore(rows, eid, [place])))
  const note = await rows.get(noteOf(eid))
  expect(note && placesIn(note).toSorted()).toEqual(places.toSorted())
})
