/** What the only reader of entries takes for one. */

import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { open, openAny } from '../../../functions/answer/entries/reader.ts'
import { valueSchemas } from '../../../functions/answer/entries/values.ts'
import { type EntryKind, makeEntry } from '../../../functions/ledger/entry.ts'
import type { World } from '../../../functions/ports.ts'

const kek = randomBytes(32)
const keyOf = async () => kek
// A cast: opening an entry asks for its key, and for nothing else.
const world = { subjectKeys: { open: keyOf, openToAct: keyOf } as unknown as World['subjectKeys'] }

const entryOf = (t: EntryKind, values: Readonly<Record<string, unknown>>) =>
  makeEntry(
    {
      ...{ t, log: 'comity.test/de/2026', eid: 'an-entry', ts: '2026-11-25T09:00:00.000Z' },
      ...{ hj: 'DE', aj: 'DE', eng: 'test', req: 'test' },
    },
    values,
    { jws: 'a.b.c', body: '{}' },
    { kid: 'k', kek },
    'attempt',
    randomBytes,
  )
const call = {
  agency: 'DE-POL',
  officer: 'officer-1',
  method: 'PUT',
  url: 'https://x/',
  body: null,
}
const subject = { asked: 'nobody' }
const put = { call, subject, act: { what: 'put', recordId: 'r-1' } }

describe('An entry', () => {
  test('is opened as what its kind says', async () => {
    expect(await openAny(entryOf('record', put), world)).toEqual({
      kind: 'record',
      values: put,
      evidence: { jws: 'a.b.c', body: '{}' },
    })
  })

  // Kills: a reader that believes the kind in the leaf, and casts what it finds.
  test.each(Object.keys(valueSchemas) as EntryKind[])(
    'that calls itself %s and says something else is changed, and stops its log',
    async (kind) => {
      await expect(openAny(entryOf(kind, { note: 'x' }), world)).rejects.toMatchObject({
        code: 'changed',
        message: `couldn’t open entry an-entry: it is no ${kind}`,
      })
    },
  )

  test('of another kind is no decision, whatever it says', async () => {
    expect(await open(entryOf('record', put), world)).toBeUndefined()
  })

  test('keeps what a later version says beside', async () => {
    const opened = await openAny(entryOf('record', { ...put, later: { by: 'format 9' } }), world)
    expect(opened?.values).toHaveProperty('later', { by: 'format 9' })
  })
})
