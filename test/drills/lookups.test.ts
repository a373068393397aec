/** Drill: the look-up table, which has no backup, is lost, and is filed again (`infra/DRILLS.md`). */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { destroy } from '../../functions/audit/act-on-subject.ts'
import { entriesAbout } from '../../functions/audit/entries-about.ts'
import { identifierOf } from '../../functions/decision/record.ts'
import type { AuditLine, Dimension, LookupKey, SealWorld } from '../../functions/log-ports.ts'
import { refile } from '../../functions/sealing/lookup-rows.ts'
import { seal } from '../../functions/sealing/seal.ts'
import { sealAll } from '../../functions/sealing/sweep.ts'
import { itemOf, personOf, requestOf } from '../answer/people.ts'
import { memoryLog, smallEntries } from '../sealing/memory-log.ts'
import { startSealing, type TestSealing } from '../sealing/sealed-log.ts'
import { answered } from '../world.ts'
import { copyOf, putBack } from './tables.ts'

let sealing: TestSealing
beforeAll(async () => {
  sealing = await startSealing()
})
afterAll(() => sealing.close())

const late = new Date('2099-01-01T00:00:00Z')
const table = () => sealing.gateway.store.tables.lookups
/** The items of the table: which keys there are, and under which keys every line is listed. */
async function filed() {
  const items = (await copyOf(sealing.gateway.store, table())).filter(
    ({ pk }) => !/^(NOTE|UNFILED)#/.test(pk?.S ?? ''),
  )
  const places = items.map(({ pk, sk }) => `${pk?.S} ${sk?.S}`).sort()
  const keys = new Map(
    places.flatMap((place) => {
      const [jurisdiction = '', by = '', value = ''] = place.split('#')
      const key = { jurisdiction, by: by as Dimension, value }
      return by === 'count' ? [] : [[JSON.stringify(key), key] as const]
    }),
  )
  const lines: { readonly key: LookupKey; readonly line: AuditLine }[] = []
  for (const key of keys.values())
    lines.push(...(await sealing.lookups.list(key, {}, 100)).map((line) => ({ key, line })))
  return { places, lines }
}
const lose = () => putBack(sealing.gateway.store, table(), [])
const subjectRow = (id: string) => `DE#subject#${pseudonymOf(id)}#`
const pseudonymOf = (recordId: string) =>
  sealing.gateway.world.secrets.pseudonym('DE', identifierOf({ recordId }))

describe('The look-up table', () => {
  // Kills: entries that no longer open, passed over.
  test('is filed again from the log, row by row, and nothing of an erased person comes back', async () => {
    const { gateway, lookups } = sealing
    for (const id of ['R-1', 'R-2'])
      await gateway.putRecord('DE-POL', { ...personOf(id, [itemOf('name')]), documents: [] })
    for (const recordId of ['R-1', 'R-2', 'R-2'])
      await answered(await gateway.ask('GB-POL', 'officer-7', requestOf({ subject: { recordId } })))
    const world = sealing.world()
    await sealAll(world)
    const about = await entriesAbout('DE', [pseudonymOf('R-2')], { ...gateway.world, lookups })
    if (about === undefined) throw new Error('nothing is about them')
    await destroy('DE', about.about, undefined, { ...gateway.world, lookups })
    const before = await filed()
    expect(before.places.filter((row) => row.startsWith(subjectRow('R-1')))).toHaveLength(1)
    expect(before.places.filter((row) => row.startsWith(subjectRow('R-2')))).toEqual([])

    // Filed again though nothing is lost, it is no different; then all is lost.
    for (const isLost of [false, true]) {
      if (isLost) await lose()
      if (isLost) expect(await filed()).toEqual({ places: [], lines: [] })
      for (const log of ['comity.test/de/2026', 'comity.test/gb/2026'])
        expect(await refile(log, 0, world, late)).toBeUndefined()
    }
    const after = await filed()
    const erased = new Set(about.about.entries)
    const ofOthers = ({ lines }: typeof after) => lines.filter(({ line }) => !erased.has(line.id))
    expect(after.places).toEqual(before.places)
    expect(ofOthers(after)).toEqual(ofOthers(before))
    // Of an erased entry comes back what its leaf says: that there is one.
    const ofErased = after.lines.filter(({ line }) => erased.has(line.id))
    expect(ofErased).not.toEqual([])
    for (const { key, line } of ofErased) {
      expect(key.by).toMatch(/^(all|outcome|policy)$/)
      expect([line.agency, line.officer, line.purpose]).toEqual([undefined, undefined, undefined])
    }
    const counts = (await lookups.count('DE', {})) ?? []
    expect(counts.filter(({ kind }) => kind === 'decision')).toMatchObject([{ count: 3 }])
  })

  // Kills: a log that must be filed in one go; a place to go on from that leaves some out.
  test('is filed in as many goes as there is time for, while sealing goes on', async () => {
    const log = 'comity.test/de/2026'
    const all = smallEntries(log, 259)
    const [last = '', ...eids] = all.keys()
    const filed: string[] = []
    const { world: made } = memoryLog(all)
    const lookups: SealWorld['lookups'] = {
      ...made.lookups,
      put: async (rows) => void filed.push(...rows.map(({ line }) => line.id)),
    }
    const world = { ...made, lookups }
    await seal(log, eids.slice(2), world)
    await seal(log, eids.slice(0, 2), world)
    filed.length = 0
    expect(await refile(log, 0, world, new Date(0))).toBe(0)
    expect(filed).toEqual([])
    let looks = 0
    const next = await refile(log, 0, { ...world, now: () => new Date(looks++) }, new Date(1))
    expect([next, new Set(filed).size]).toEqual([256, 256])
    await seal(log, [last], made)
    expect(await refile(log, next ?? 0, world, late)).toBeUndefined()
    expect(new Set(filed)).toEqual(new Set(all.keys()))
  })
})
