/** Proofs of entries that a gateway sealed, checked by our verifier and by plain hashing. */

import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { prove } from '../../../functions/answer/look-up.ts'
import { verifyProof } from '../../../functions/ledger/log-proof.ts'
import { parseVkey } from '../../../functions/ledger/note.ts'
import { seal } from '../../../functions/sealing/seal.ts'
import { freshLog, startSealing } from '../../sealing/sealed-log.ts'

const sealing = await startSealing()
afterAll(() => sealing.close())
const { ledger } = sealing.gateway.world
const world = { ledger, sealed: { ...sealing.sealing, get: sealing.archive.get } }

const vkeyOf = (log: string) => {
  const read = parseVkey(sealing.vkey(log))
  if ('wrong' in read) throw new Error(read.wrong)
  return read.key
}
const proofOf = async (eid: string): Promise<string> => {
  const proved = await prove(eid, world)
  if (proved.kind !== 'proved') throw new Error(proved.kind)
  return proved.text
}
const leafOf = async (eid: string): Promise<Uint8Array> => {
  const stored = await ledger.read(eid)
  if (stored === undefined) throw new Error('no entry')
  return stored.leafBytes
}

const sha256 = (...parts: readonly Uint8Array[]) =>
  createHash('sha256').update(Buffer.concat(parts)).digest()
/** RFC 6962 §2.1, word for word: MTH over leaves, and PATH (§2.1.1). */
const split = (n: number) => 2 ** (Math.ceil(Math.log2(n)) - 1)
const mth = (leaves: readonly Uint8Array[]): Buffer => {
  const [only, ...others] = leaves
  if (only === undefined) return sha256()
  if (others.length === 0) return sha256(Buffer.of(0), only)
  const k = split(leaves.length)
  return sha256(Buffer.of(1), mth(leaves.slice(0, k)), mth(leaves.slice(k)))
}
const pathTo = (m: number, leaves: readonly Uint8Array[]): readonly Buffer[] => {
  if (leaves.length < 2) return []
  const k = split(leaves.length)
  return m < k
    ? [...pathTo(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...pathTo(m - k, leaves.slice(k)), mth(leaves.slice(0, k))]
}

describe('The proof of an entry', () => {
  // Kills: tiles of another size than the checkpoint's; a path that leaves something out.
  test('is what RFC 6962 says, in the form of C2SP tlog-proof, for each entry of a log', async () => {
    const log = freshLog()
    // Three sealings, so that partial tiles of earlier sizes lie beside those of the last.
    for (const count of [3, 255, 45])
      await seal(log, await sealing.append(log, count), sealing.world())
    const eids = await placed(log)
    const leaves = await Promise.all(eids.map(leafOf))
    const root = mth(leaves).toString('base64')
    const property = fc.asyncProperty(fc.nat(eids.length - 1), async (index) => {
      const text = await proofOf(eids[index] ?? '')
      const hashes = pathTo(index, leaves).map((hash) => `${hash.toString('base64')}\n`)
      const head = `c2sp.org/tlog-proof@v1\nindex ${index}\n${hashes.join('')}\n${log}\n303\n${root}\n\n— ${log} `
      expect(text.startsWith(head)).toBe(true)
      const leafHash = sha256(Buffer.of(0), leaves[index] ?? Buffer.of())
      const verified = verifyProof(text, leafHash, vkeyOf(log), [], 0)
      expect(verified).toMatchObject({ index, checkpoint: { origin: log, size: 303 } })
      const other = sha256(Buffer.of(0), leaves[(index + 1) % 303] ?? Buffer.of())
      expect(verifyProof(text, other, vkeyOf(log), [], 0)).toHaveProperty('wrong')
    })
    const examples: [number][] = [[0], [2], [3], [255], [256], [257], [258], [302]]
    await fc.assert(property, { numRuns: 30, examples })
  })

  // Kills: a proof for an entry that the checkpoint does not cover; one from the head instead.
  test('is there once a published checkpoint covers the entry, and not before', async () => {
    const log = freshLog()
    const [first = ''] = await sealing.append(log, 1)
    expect(await prove(first, world)).toEqual({ kind: 'not-sealed' })
    const unpublished = sealing.world(undefined, { quorum: 1 })
    expect(await seal(log, [first], unpublished)).toMatchObject({ size: 1, published: 0 })
    expect(await prove(first, world)).toEqual({ kind: 'not-sealed' })
    await seal(log, [], sealing.world())
    const text = await proofOf(first)
    const [second = ''] = await sealing.append(log, 1)
    await seal(log, [second], unpublished)
    expect(await prove(second, world)).toEqual({ kind: 'not-sealed' })
    expect(await proofOf(first)).toBe(text)
    await seal(log, [], sealing.world())
    expect(await proofOf(second)).toContain(`\n\n${log}\n2\n`)
    expect(await prove('A'.repeat(43), world)).toEqual({ kind: 'no-such-entry' })
  })

  test('stays good when the log goes on', async () => {
    const log = freshLog()
    const [first = ''] = await sealing.append(log, 1)
    await seal(log, [first], sealing.world())
    const text = await proofOf(first)
    await seal(log, await sealing.append(log, 6), sealing.world())
    const leafHash = sha256(Buffer.of(0), await leafOf(first))
    for (const each of [text, await proofOf(first)])
      expect(verifyProof(each, leafHash, vkeyOf(log), [], 0)).toHaveProperty('index')
  })

  // Kills: a proof that leaves unchecked.
  test('is not given if a tile or the checkpoint was changed, or is gone', async () => {
    const log = freshLog()
    const [eid = '', ...more] = await sealing.append(log, 5)
    await seal(log, [eid, ...more], sealing.world())
    const change = async (path: string, to: Uint8Array | undefined) => {
      const file = join(sealing.folder, 'log', log, path)
      const before = readFileSync(file)
      writeFileSync(file, to ?? before.toReversed())
      const proof = prove(eid, world)
      await proof.catch(() => undefined)
      writeFileSync(file, before)
      return proof
    }
    const changed = `couldn’t prove ${eid}: the tiles of ${log} do not lead to its checkpoint`
    await expect(change('tile/0/000.p/5', undefined)).rejects.toThrow(changed)
    await expect(change('tile/0/000.p/5', Buffer.of())).rejects.toThrow(
      'couldn’t read tile/0/000.p/5',
    )
    await expect(change('checkpoint', undefined)).rejects.toThrow(
      `couldn’t read ${log}/checkpoint: `,
    )
    const [other = ''] = await sealing.append(freshLog(), 1)
    await sealing.sealing.mark(log, 1, [other])
    await expect(prove(other, world)).rejects.toThrow(
      `couldn’t prove ${other}: it has a place in another log`,
    )
    expect(await prove(eid, world)).toHaveProperty('kind', 'proved')
  })
})

/** The entries of a log, in their order, as the manifests have it. */
async function placed(log: string): Promise<readonly string[]> {
  const eids: string[] = []
  for (;;) {
    const manifest = await sealing.sealing.manifest(log, eids.length)
    if (manifest === undefined) return eids
    eids.push(...manifest.map(({ eid }) => eid))
  }
}
