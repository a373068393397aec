/** The rows by which auditors find entries, in the stores of a run. */

import { isPersonal } from '../../functions/adapters/lookup-lists.ts'
import type { LookupRow, Lookups } from '../../functions/log-ports.ts'
import type { Ask } from './ports.ts'
import { rowKey, type Stores } from './stores.ts'

export function lookupsOf(ask: Ask, { rows, notes, unfiled, tags }: Stores): Lookups {
  const put: Lookups['put'] = async (all) => {
    // A batch is not one write: it may end in the middle.
    const half = Math.ceil(all.length / 2)
    for (const some of [all.slice(0, half), all.slice(half)].filter(({ length }) => length > 0))
      await ask('lookups.put', () => {
        for (const row of some) rows.set(rowKey(row), row)
      })
  }
  const putShared: Lookups['put'] = (all) => put(all.filter((row) => !isPersonal(row)))
  const noteOn = async (all: readonly LookupRow[]) => {
    for (const [eid, some] of Map.groupBy(all, ({ line }) => line.id))
      await ask('lookups.note', () => notes.set(eid, { places: some.map(rowKey) }))
  }
  const removeNoted = async (eid: string) => {
    const note = await ask('lookups.get', () => notes.get(eid))
    for (const place of note?.places ?? []) await ask('lookups.remove', () => rows.delete(place))
    if (note !== undefined)
      await ask('lookups.untag', () => {
        const kept = tags.get(eid)
        if (kept !== undefined) tags.set(eid, { ...kept, tags: undefined })
      })
    return note
  }
  return {
    put: putShared,
    note: noteOn,
    async file(all, tagged = []) {
      await noteOn(all.filter(isPersonal))
      // What is shown of an entry is in its note, for all its rows; here each row has it.
      await put(all.filter((row) => isPersonal(row) || rows.get(rowKey(row)) !== undefined))
      for (const each of tagged) await ask('lookups.tag', () => tags.set(each.eid, each))
    },
    async unfile(eids, at) {
      for (const eid of eids) await ask('lookups.unfiled', () => unfiled.set(`${at}#${eid}`, true))
      await Promise.all(eids.map(removeNoted))
    },
    async replace(all, tagged) {
      const kept = new Set(all.map(rowKey))
      await put(all.filter((row) => isPersonal(row) || rows.get(rowKey(row)) !== undefined))
      const own = Map.groupBy(all.filter(isPersonal), ({ line }) => line.id)
      for (const eid of new Set(all.map(({ line }) => line.id))) {
        const note = await ask('lookups.get', () => notes.get(eid))
        const going = (note?.places ?? []).filter((place) => !kept.has(place))
        for (const place of going) await ask('lookups.remove', () => rows.delete(place))
        const places = (own.get(eid) ?? []).map(rowKey)
        await ask('lookups.note', () => notes.set(eid, { places }))
      }
      for (const each of tagged) await ask('lookups.tag', () => tags.set(each.eid, each))
    },
    async clear(before) {
      const due = await ask('lookups.due', () =>
        [...unfiled.rows.keys()].filter((each) => each < before).slice(0, 3),
      )
      await Promise.all(
        due.map(async (each) => {
          const eid = each.split('#')[1] ?? ''
          for (;;) {
            const note = await removeNoted(eid)
            if (note === undefined) break
            // Another's note is another object, though it says the same.
            await ask('lookups.forget', () => {
              if (notes.get(eid) === note) notes.delete(eid)
            })
          }
          await ask('lookups.done', () => unfiled.delete(each))
        }),
      )
      return due.length < 3
    },
    count: async () => undefined,
    tags: (_, size) =>
      ask('lookups.tags', () => [...tags.rows.values()].filter(({ index }) => index < size)),
    tally: async () => undefined,
    recount: async () => undefined,
    list: (key, { from = '0', until, before }, limit) =>
      ask('lookups.list', () => {
        const upTo = before ?? until ?? '~'
        const under = rowKey({ key, line: { ts: '', id: '' } as never }).slice(0, -1)
        return [...rows.rows]
          .filter(([each]) => each.startsWith(under))
          .map(([each, row]) => ({ place: each.slice(under.length), row }))
          .filter(({ place }) => place >= from && place < upTo)
          .sort((a, b) => (a.place < b.place ? 1 : -1))
          .slice(0, limit)
          .map(({ row }) => row.line)
      }),
  }
}
