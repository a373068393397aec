/** A log of a million leaves: its root from the leaves' bytes, and a proof from its tiles. */

import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { leafHash } from '../../functions/ledger/entry.ts'
import {
  append,
  emptyFrontier,
  type Hash,
  proveInclusion,
  rootOf,
  verifyInclusion,
} from '../../functions/ledger/merkle.ts'
import { grownTiles, tileReader, tileWidth } from '../../functions/ledger/tiles.ts'
import { cpuMs } from './figures.ts'

/** Something that was done to a log, and the CPU that it took once, µs. */
export type LogFigure = { readonly name: string; readonly micros: number }

/** Leaves in the log of the figures. */
export const leafCount = 1_000_000
/** A typical leaf, bytes. */
const leafBytes = 800
/** Proofs that the figure of one is the mean of. */
const proofs = 500

/** What a log of 1,000,000 leaves costs an auditor, the sealer and whoever checks a proof. */
export async function logFigures(): Promise<readonly LogFigure[]> {
  const files = new Map<string, Uint8Array>()
  const get = async (path: string) => files.get(path)
  const figures: LogFigure[] = []
  const measured = async <T>(name: string, times: number, work: () => Promise<T>): Promise<T> => {
    const before = cpuMs()
    const result = await work()
    figures.push({ name, micros: ((cpuMs() - before) * 1000) / times })
    return result
  }

  const root = await measured('the root, worked out again from every leaf', 1, async () => {
    let frontier = emptyFrontier
    for (let at = 0; at < leafCount; at += tileWidth) frontier = append(frontier, hashesFrom(at))
    return rootOf(frontier)
  })
  await measured('its tiles, for each leaf that is added', leafCount, async () => {
    // In batches, as the sealer takes them.
    for (let at = 0; at < leafCount; at += 4096) {
      const batch = Array.from({ length: 16 }, (_, part) =>
        hashesFrom(at + part * tileWidth),
      ).flat()
      for (const { path, bytes } of await grownTiles(at, batch, get)) files.set(path, bytes)
    }
  })
  const places = Array.from({ length: proofs }, (_, at) => (at * 7919 * 257) % leafCount)
  const paths = await measured(
    'a proof that an entry is in it, made from the tiles',
    proofs,
    async () => {
      const made: (readonly Hash[])[] = []
      for (const index of places)
        made.push(await proveInclusion(index, leafCount, tileReader(leafCount, get)))
      return made
    },
  )
  const good = await measured('the same proof, checked', proofs, async () =>
    places.every((index, at) =>
      verifyInclusion(leafHash(leafAt(index)), index, leafCount, paths[at] ?? [], root),
    ),
  )
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const signature = sign(null, root, privateKey)
  const signed = await measured(
    'an Ed25519 signature, checked, and nothing else',
    proofs,
    async () => places.every(() => verify(null, root, publicKey, signature)),
  )
  if (!good || !signed) throw new Error('couldn’t measure the log: a proof does not verify')
  return figures
}

const leaf = Buffer.alloc(leafBytes, 'x')
function leafAt(index: number): Uint8Array {
  leaf.writeUInt32BE(index)
  return leaf
}

const hashesFrom = (start: number): readonly Hash[] =>
  Array.from({ length: Math.max(0, Math.min(tileWidth, leafCount - start)) }, (_, at) =>
    leafHash(leafAt(start + at)),
  )
