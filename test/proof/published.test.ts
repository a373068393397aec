/** A log held to what it publishes: its newest checkpoint and tiles, by a reader's keys and what the reader saw before. */

import { generateKeyPairSync, hash, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkpointText } from '../../functions/ledger/checkpoint.ts'
import { frontierOf, type Hash, rootOf } from '../../functions/ledger/merkle.ts'
import {
  cosignText,
  signText,
  type VerifierKey,
  verifierKey,
  writeNote,
  writeVkey,
} from '../../functions/ledger/note.ts'
import { grownTiles } from '../../functions/ledger/tiles.ts'
import { checkPublished } from '../../functions/proof/verify-published.ts'
import { trustFile } from '../../functions/proof/verify-trust.ts'

const log = 'comity.test/de/2026'
function keyed(name: string, type: 1 | 4) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  const key = verifierKey(name, type, Buffer.from(x, 'base64url'))
  return { key, sign: async (bytes: Uint8Array) => sign(null, bytes, privateKey) }
}
const [own, witness, stranger] = [keyed(log, 1), keyed('witness.test', 4), keyed(log, 1)]
const trustIn = (logs: readonly VerifierKey[]) =>
  trustFile.parse({
    ...{ v: 1, logs: logs.map(writeVkey), witnesses: [writeVkey(witness.key)], quorum: 1 },
    receipts: { keys: [] },
    sources: [{ from: 'paper', what: 'handed over', on: '2026-11-26' }],
  })
const trust = trustIn([own.key])

const leaves = (count: number): readonly Buffer[] =>
  Array.from({ length: count }, (_, i) => hash('sha256', `leaf ${i}`, 'buffer'))
const treeOf = (of: readonly Hash[]) => ({ size: of.length, root: rootOf(frontierOf(of)) })

/** What a gateway publishes of a log of these leaves, signed and witnessed; what is changed of it. */
async function publishing(
  of: readonly Hash[],
  change: Readonly<Record<string, Uint8Array | undefined>> = {},
) {
  const text = checkpointText({ origin: log, ...treeOf(of) })
  const signatures = [
    await signText(text, own.key, own.sign),
    await cosignText(text, witness.key, 1_780_000_000, witness.sign),
  ]
  const tiles = await grownTiles(0, of, async () => undefined)
  const files: Record<string, Uint8Array | undefined> = {
    ...Object.fromEntries(tiles.map(({ path, bytes }) => [path, bytes])),
    checkpoint: Buffer.from(writeNote({ text, signatures })),
    ...change,
  }
  return async (path: string) => files[path]
}
const codes = async (...of: Parameters<typeof checkPublished>) =>
  (await checkPublished(...of)).faults.map(({ code }) => code)

// Over one tile and over one level of tiles.
const [before, now] = [leaves(200), leaves(300)]
const seen = treeOf(before)

test('a log that grew from what was seen holds, by whose word is said, and each leaf at its place', async () => {
  const get = await publishing(now)
  for (const index of [0, 199, 255, 256, 299]) {
    const leaf = { hash: now[index] ?? new Uint8Array(), index }
    const { faults, head, keys, cosigners } = await checkPublished(log, get, { trust, seen, leaf })
    expect(faults).toEqual([])
    expect(head?.size).toBe(300)
    expect(keys.map(({ use, word }) => [use, word])).toEqual([
      ['log', 'paper'],
      ['witness', 'paper'],
    ])
    expect(cosigners).toEqual([{ name: 'witness.test', seconds: 1_780_000_000 }])
  }
})

test('a log that was rolled back, emptied or forked is caught, though it is signed and whole', async () => {
  const back = await publishing(leaves(150))
  expect(await codes(log, back, { trust, seen })).toEqual(['rolled-back'])
  expect(await codes(log, async () => undefined, { trust, seen })).toEqual(['no-checkpoint'])
  const [first = Buffer.alloc(32), ...others] = now
  const forked = await publishing([hash('sha256', 'another', 'buffer'), ...others, first])
  expect(await codes(log, forked, { trust, seen })).toEqual(['forked'])
  // Kills: two logs of the same size, compared by their size alone.
  const same = await publishing([hash('sha256', 'another', 'buffer'), ...before.slice(1)])
  expect(await codes(log, same, { trust, seen })).toEqual(['forked'])
  // Without what was seen, nothing shows it.
  expect(await codes(log, forked, { trust })).toEqual([])
})

test('a tile that was changed, cut or removed is found', async () => {
  const [top, full] = ['tile/1/000.p/1', 'tile/0/000']
  const good = await publishing(now)
  const changed = Uint8Array.from((await good(top)) ?? [])
  changed[0] = (changed[0] ?? 0) ^ 1
  const leaf = { hash: now[7] ?? new Uint8Array(), index: 7 }
  expect(await codes(log, await publishing(now, { [top]: changed }), { trust })).toEqual(['tiles'])
  const cut = await publishing(now, { [top]: changed.subarray(1) })
  expect(await codes(log, cut, { trust })).toEqual(['tiles'])
  const gone = await publishing(now, { [full]: undefined })
  expect(await codes(log, gone, { trust, leaf })).toEqual(['tiles'])
  // Below a tile of a higher level, nothing but the path of the leaf itself shows it.
  const low = Uint8Array.from((await good(full)) ?? [])
  low[6 * 32] = (low[6 * 32] ?? 0) ^ 1
  const sibling = await publishing(now, { [full]: low })
  expect(await codes(log, sibling, { trust, leaf })).toEqual(['not-in-log'])
})

test('an entry that was changed, or stands elsewhere, is not in the log', async () => {
  const get = await publishing(now)
  const changed = { hash: hash('sha256', 'another', 'buffer'), index: 7 }
  expect(await codes(log, get, { trust, leaf: changed })).toEqual(['not-in-log'])
  const moved = { hash: now[7] ?? new Uint8Array(), index: 8 }
  expect(await codes(log, get, { trust, leaf: moved })).toEqual(['not-in-log'])
  const beyond = { hash: now[7] ?? new Uint8Array(), index: 300 }
  expect(await codes(log, get, { trust, leaf: beyond })).toEqual(['not-in-log'])
})

test('a trust file of another log, another key, or a witness that is missing is told apart', async () => {
  const get = await publishing(now)
  const other = trustIn([keyed('comity.other/de/2026', 1).key])
  expect(await codes(log, get, { trust: other })).toEqual(['unknown-key'])
  expect(await codes(log, get, { trust: trustIn([stranger.key]) })).toEqual(['signature'])
  expect(await codes(log, get, { trust: { ...trust, quorum: 2 } })).toEqual(['signature'])
  // A checkpoint of another log, where nobody brings keys.
  expect(await codes('comity.test/fr/2026', get, {})).toEqual(['signature'])
})

test('without a trust file it is nobody’s word, and what was seen still counts', async () => {
  const { faults, keys } = await checkPublished(log, await publishing(now), { seen })
  expect([faults, keys]).toEqual([[], []])
  expect(await codes(log, await publishing(leaves(150)), { seen })).toEqual(['rolled-back'])
})
