/** Rows and tags of entries of which less is left: what stays is never absent, and what others have stays as it is. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { dynamodb } from '../../functions/adapters/dynamodb.ts'
import { dynamodbLookups } from '../../functions/adapters/lookups-dynamodb.ts'
import type { Tagged } from '../../functions/ledger/tags.ts'
import type { AuditLine, LookupRow, Lookups } from '../../functions/log-ports.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import { freshId } from './make.ts'
import { beforeCall } from './watched.ts'

let store: Store
let lookups: Lookups
beforeAll(async () => {
  store = await startDynalite()
  lookups = dynamodbLookups(store.client, store.tables.lookups)
})
afterAll(() => store.close())

const at = '2026-11-25T09:00:00.000Z'
const lineOf = (id: string, log: string): AuditLine => ({
  ...{ id, ts: at, kind: 'decision', side: 'holder', log, hj: 'DE', aj: 'FR' },
  ...{ outcome: 'deny', rules: [], policies: [] },
})
const rowOf = (line: AuditLine, value: string, jurisdiction = 'DE'): LookupRow => ({
  key: { jurisdiction, by: 'subject', value },
  line,
})
const seal = 'ab'.repeat(8)

/** Three entries that were filed together; of the first, less is left: what was asked, on both sides. */
async function filed(log: string) {
  const [first = '', ...others] = [freshId(), freshId(), freshId()]
  const line = lineOf(first, log)
  const left = [rowOf(line, `asked-${log}`), rowOf(line, `asked-${log}`, 'FR')]
  const found = rowOf(line, `found-${log}`)
  const rows = [...left, found, ...others.map((id) => rowOf(lineOf(id, log), `other-${id}`))]
  const tagged = [first, ...others].map(
    (eid, index): Tagged => ({ eid, index, tags: ['00000001', `0000000${index + 2}`], seal }),
  )
  await lookups.file(rows, tagged)
  const now: Tagged = { eid: first, index: 0, tags: ['00000001'], seal }
  const stands = async (row: LookupRow) =>
    (await lookups.list(row.key, {}, 10)).some(({ id }) => id === row.line.id)
  const look = async () => ({
    left: await Promise.all(left.map(stands)),
    others: (await lookups.tags(log, 3)).filter(({ index }) => index > 0),
    isTagged: (await lookups.tags(log, 3)).every(({ tags }) => tags?.includes('00000001')),
  })
  return { first, left, found, now, stands, look, tagged }
}

// Kills: an entry that is unfiled and filed again; tags of others, which were kept with its own, written over.
test('All that stays is there before each write, and after one that was cut off', async () => {
  for (let index = 0; index < 12; index++) {
    const log = `comity.test/de/20${30 + index}`
    const { left, found, now, stands, look, tagged } = await filed(log)
    const before = await look()
    expect(before).toMatchObject({ left: [true, true], isTagged: true })
    expect(before.others.map(({ tags }) => tags)).toEqual(tagged.slice(1).map(({ tags }) => tags))
    const client = dynamodb(store.endpoint)
    beforeCall(client, index, async () => {
      throw new Error('cut off')
    })
    const cut = dynamodbLookups(client, store.tables.lookups)
    await cut.replace(left, [now]).catch(() => undefined)
    client.destroy()
    expect(await look()).toEqual(before)
    await lookups.replace(left, [now])
    expect(await look()).toEqual(before)
    expect(await stands(found)).toBe(false)
    expect((await lookups.tags(log, 3)).find((each) => each.index === 0)?.tags).toEqual([
      '00000001',
    ])
    // Once its key is gone, too, nothing of it is left.
    await lookups.unfile([now.eid], at)
    expect((await look()).left).toEqual([false, false])
    expect((await lookups.tags(log, 3)).find((each) => each.index === 0)?.tags).toBeUndefined()
  }
})
