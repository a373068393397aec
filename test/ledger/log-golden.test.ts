/** A log as another program made it, from FORMAT.md alone: the same files, the same notes, the same proofs. */

import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { checkpointText } from '../../functions/ledger/checkpoint.ts'
import { leafHash } from '../../functions/ledger/entry.ts'
import { verifyProof, writeProof } from '../../functions/ledger/log-proof.ts'
import { proveInclusion, readFrontier, rootOf } from '../../functions/ledger/merkle.ts'
import {
  cosignText,
  parseVkey,
  signText,
  writeNote,
  writeVkey,
} from '../../functions/ledger/note.ts'
import { grownBundles, grownTiles, tileReader } from '../../functions/ledger/tiles.ts'
import golden from './golden/log.json' with { type: 'json' }
import { logSigner, witnessSigner } from './note-keys.ts'
import { withPartials } from './partials.ts'

const leafAt = (at: number) => Buffer.from(at === 0 ? '' : `leaf ${at} `.repeat(1 + (at % 3)))
const leaves = Array.from({ length: golden.size }, (_, at) => leafAt(at))
const log = logSigner('comity.example/de/2026')
const witnesses = [witnessSigner('witness.example/one'), witnessSigner('witness.example/two')]
const keys = golden.vkeys.map((each) => {
  const read = parseVkey(each)
  return 'key' in read ? read.key : expect.fail(read.wrong)
})

/** Everything ever written, and what a tree of a size has of it. */
async function grownTo(sizes: readonly number[]) {
  const files = new Map<string, Uint8Array>()
  const get = async (path: string) => files.get(path)
  let from = 0
  for (const size of sizes) {
    const some = leaves.slice(from, size)
    const written = [
      ...(await grownTiles(from, some.map(leafHash), get)),
      ...(await withPartials(await grownBundles(from, some, get), get)),
    ]
    for (const { path, bytes } of written) files.set(path, bytes)
    from = size
  }
  return { files, get }
}

// Kills: every change to the bytes of a tile, a bundle, a checkpoint, a cosignature or a proof.
test('A log has the files that FORMAT.md says, byte for byte', async () => {
  const { files } = await grownTo([golden.size])
  const digest = createHash('sha256')
  for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    digest.update(path).update(Uint8Array.of(0)).update(length).update(bytes)
  }
  expect(files.size).toBe(golden.files)
  expect(digest.digest('hex')).toBe(golden.filesDigest)
})

test('Its checkpoints and proofs are written as FORMAT.md says, and verify', async () => {
  expect([log, ...witnesses].map(({ key }) => writeVkey(key))).toEqual(golden.vkeys)
  const { get } = await grownTo([...new Set(golden.proofs.map(({ size }) => size))])
  const [logKey = log.key, ...witnessKeys] = keys
  for (const { index, size, text } of golden.proofs) {
    const read = tileReader(size, get)
    const root = rootOf(await readFrontier(size, read))
    const body = checkpointText({ origin: log.key.name, size, root })
    const signatures = [
      await signText(body, log.key, log.sign),
      ...(await Promise.all(
        witnesses.map(({ key, sign }, at) => cosignText(body, key, golden.noon + at, sign)),
      )),
    ]
    const checkpoint = writeNote({ text: body, signatures })
    const path = await proveInclusion(index, size, read)
    expect(writeProof({ index, path, checkpoint })).toBe(text)
    expect(verifyProof(text, leafHash(leafAt(index)), logKey, witnessKeys, 2)).toMatchObject({
      index,
      checkpoint: { size, root },
    })
  }
})
