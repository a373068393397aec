/** Entries as another program wrote them, of every version: they are read for ever. */

import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dynamodbLedger, shardOf } from '../../functions/adapters/ledger-dynamodb.ts'
import { dynamodbSubjectKeys } from '../../functions/adapters/subject-keys-dynamodb.ts'
import {
  entryId,
  type Leaf,
  makeEntry,
  named,
  openEntry,
  wrongOpenings,
} from '../../functions/ledger/entry.ts'
import { readReceipt, receiptPayload } from '../../functions/ledger/receipt.ts'
import { type Store, startDynalite } from '../dynalite.ts'
import first from './golden/entry-v1.json' with { type: 'json' }
import second from './golden/entry-v2.json' with { type: 'json' }
import third from './golden/entry-v3.json' with { type: 'json' }
import fourth from './golden/entry-v4.json' with { type: 'json' }
import golden from './golden/entry-v5.json' with { type: 'json' }

const bytes = (hex: string) => Buffer.from(hex, 'hex')
const hex = (value: Uint8Array | undefined) => value && Buffer.from(value).toString('hex')
const { agency, jti, header, values, evidence, attempt, eid, subjectKey } = golden
const kek = bytes(golden.kek)

let store: Store
beforeAll(async () => {
  store = await startDynalite()
})
afterAll(() => store.close())

/** Fresh bytes that anyone can make again: 1, 1, 1, … at the first call, then 2, 2, 2, … */
const counted = () => {
  let calls = 0
  return (length: number) => new Uint8Array(length).fill(++calls)
}

const itemOf = (golden: Pick<typeof first, 'leafBytes' | 'leafHash' | 'sealed' | 'shard'>) => ({
  pk: { S: `D#${eid}` },
  leaf: { B: bytes(golden.leafBytes) },
  lh: { B: bytes(golden.leafHash) },
  log: { S: header.log },
  att: { S: attempt },
  ev: { B: bytes(golden.sealed) },
  kid: { S: subjectKey.kid },
  ts: { S: header.ts },
  logShard: { S: `${header.log}#${golden.shard}` },
})
const item = itemOf(golden)
const inHex = (fields: Readonly<Record<string, AttributeValue>>) =>
  Object.fromEntries(Object.entries(fields).map(([name, { S, B }]) => [name, S ?? hex(B)]))

describe('An entry', () => {
  // Kills: every change to the bytes of a leaf, to a commitment, or to how its salt is derived.
  test('has byte for byte the leaf that FORMAT.md says, and that it had in 2026', () => {
    expect(entryId(agency, jti)).toBe(eid)
    // The compiler takes `t` of a JSON file for any text.
    const written = header as Omit<Leaf, 'v' | 'd' | 'kept'>
    const key = { kid: subjectKey.kid, kek }
    const entry = makeEntry(written, values, evidence, key, attempt, counted())
    // Two programs deflate the same text to different bytes, and so differ in the digest of what they kept.
    const { kept } = entry.leaf
    const leaf = bytes(golden.leafBytes).toString()
    const ours = Buffer.from(entry.leafBytes).toString()
    expect(ours.replace(`"kept":"${kept}"`, '')).toBe(leaf.replace(/"kept":"[^"]{43}"/, ''))
    expect(entry.ciphertext).toHaveLength(bytes(golden.sealed).length)
    expect(shardOf(eid)).toBe(golden.shard)
  })

  // Kills: a digest of the law that has other names, or another order.
  test('has the digest of the law that FORMAT.md says', () => {
    const { pol, lists } = second.header
    expect(named({ pol, lists })).toEqual({ pol: header.pol, refs: header.refs })
  })

  // Kills: a digest remembered by the lists alone, or by names without the digests of the files.
  test('has another digest for other policies, and for other bytes of one, beside the same lists', () => {
    const { pol, lists } = second.header
    const [first] = pol
    if (first === undefined) throw new Error('there is no policy')
    const other = { ...first, digest: 'f'.repeat(64) }
    const digests = [pol, [], [other], [...pol, { ...other, id: 'eu/led' }], pol].map(
      (each) => named({ pol: each, lists }).refs,
    )
    expect(new Set(digests).size).toBe(4)
    expect(digests.at(-1)).toBe(header.refs)
  })

  // Kills: an item that has another field, or another value in one.
  test('is written to the table as FORMAT.md says', async () => {
    const written = header as Omit<Leaf, 'v' | 'd' | 'kept'>
    const key = { kid: subjectKey.kid, kek }
    const entry = makeEntry(written, values, evidence, key, attempt, counted())
    await dynamodbLedger(store.client, store.tables.decisions).append(entry)
    const Key = { pk: item.pk }
    const kept = await store.rows.decisions.get(Key)
    const own = {
      leaf: { B: entry.leafBytes },
      lh: { B: entry.leafHash },
      ev: { B: entry.ciphertext },
    }
    expect(inHex(kept ?? {})).toEqual(inHex({ ...item, ...own }))
    await store.rows.decisions.remove(Key)
  })

  // Kills: items that are read by other names; a program that forgot the version before.
  test.each([
    ['1', first],
    ['2', second],
    ['3', third],
    ['4', fourth],
    ['5', golden],
  ])(
    'of version %s is read from the table, and opened with the subject’s key from its table',
    async (_, golden) => {
      const item = itemOf(golden)
      await store.rows.decisions.put({ ...item })
      await store.rows.keys.put({
        pk: { S: subjectKey.pk },
        sk: { S: subjectKey.sk },
        kid: { S: item.kid.S },
        state: { S: 'active' },
        wrapped: { B: bytes(subjectKey.wrapped) },
      })
      await store.rows.keys.put({
        pk: { S: `KID#${item.kid.S}` },
        sk: { S: 'way' },
        of: { S: subjectKey.pk },
        generation: { S: subjectKey.sk },
        hj: { S: 'DE' },
      })
      const stored = await dynamodbLedger(store.client, store.tables.decisions).read(eid)
      if (stored === undefined) throw new Error('not read')
      const wrapKey = () => bytes(subjectKey.wrapKey)
      const keys = dynamodbSubjectKeys(store.client, store.tables.keys, wrapKey)
      expect(hex(stored.leafHash)).toBe(golden.leafHash)
      const key = await keys.open(stored.kid)
      if (key === undefined) throw new Error('not opened')
      expect(hex(key)).toBe(golden.kek)
      const opened = openEntry(stored.leaf, stored.ciphertext, key)
      expect(wrongOpenings(stored.leaf, opened.openings)).toEqual([])
      expect(opened.evidence).toEqual(evidence)
      const found = Object.entries(opened.openings).map(([name, { value }]) => [name, value])
      expect(Object.fromEntries(found)).toEqual(values)
    },
  )

  // Kills: every change to what a receipt says, or to how it is signed.
  test('has a receipt that still verifies', async () => {
    const key = await importJWK(golden.jwk, 'ES256')
    if (key instanceof Uint8Array) throw new Error('not a key')
    const says = await readReceipt(golden.receipt, key)
    expect(says).toEqual(golden.receiptSays)
    const leaf = JSON.parse(bytes(golden.leafBytes).toString()) as Leaf
    expect(receiptPayload(leaf, bytes(golden.leafHash))).toEqual(says)
  })
})

describe('A receipt', () => {
  test('of an act that decides nothing has no outcome', () => {
    const { out, ...leaf } = JSON.parse(bytes(golden.leafBytes).toString()) as Leaf
    expect(out).toBe('redact')
    expect(
      receiptPayload({ ...leaf, t: 'attestation' }, bytes(golden.leafHash)),
    ).not.toHaveProperty('out')
  })

  test('lets the sealing take a minute, over the end of a year too', () => {
    const leaf = JSON.parse(bytes(golden.leafBytes).toString()) as Leaf
    const last = { ...leaf, ts: '2026-12-31T23:59:59.999Z' }
    expect(receiptPayload(last, bytes(golden.leafHash)).sealBy).toBe('2027-01-01T00:00:59.999Z')
  })
})
