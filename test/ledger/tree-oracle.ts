/** RFC 6962 §2.1 word for word, to compare with: nothing here is shared with the ledger's own tree. */

import { createHash } from 'node:crypto'

/** SHA-256 of the parts, one after the other. */
export const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest()

/** MTH, PATH and PROOF over leaves whose hashes these are. */
export function treeOf(leafHashes: readonly Uint8Array[]) {
  const known = new Map<number, Uint8Array>()
  /** MTH(D[start:end]), remembered. */
  const hashOf = (start: number, end: number): Uint8Array => {
    const n = end - start
    if (n === 0) return sha256()
    if (n === 1) return leafHashes[start] ?? new Uint8Array()
    const place = start * (leafHashes.length + 1) + end
    const k = largestPowerBelow(n)
    const hash =
      known.get(place) ?? sha256(Uint8Array.of(1), hashOf(start, start + k), hashOf(start + k, end))
    known.set(place, hash)
    return hash
  }
  /** PATH(m, D[start:end]) */
  const path = (m: number, start: number, end: number): readonly Uint8Array[] => {
    const n = end - start
    if (n === 1) return []
    const k = largestPowerBelow(n)
    return m < k
      ? [...path(m, start, start + k), hashOf(start + k, end)]
      : [...path(m - k, start + k, end), hashOf(start, start + k)]
  }
  /** SUBPROOF(m, D[start:end], b) */
  const subproof = (m: number, start: number, end: number, b: boolean): readonly Uint8Array[] => {
    const n = end - start
    if (m === n) return b ? [] : [hashOf(start, end)]
    const k = largestPowerBelow(n)
    return m <= k
      ? [...subproof(m, start, start + k, b), hashOf(start + k, end)]
      : [...subproof(m - k, start + k, end, false), hashOf(start, start + k)]
  }
  return {
    root: (size: number) => hashOf(0, size),
    path: (index: number, size: number) => path(index, 0, size),
    proof: (oldSize: number, newSize: number) =>
      oldSize === 0 ? [] : subproof(oldSize, 0, newSize, true),
    /** Gives the roots of complete subtrees of a tree of a size, and rejects all else. */
    reader: (size: number) => async (level: number, index: number) => {
      const width = 2 ** level
      if ((index + 1) * width > size)
        throw new Error(`no complete subtree ${level}/${index} in ${size}`)
      return hashOf(index * width, (index + 1) * width)
    },
  }
}

/** Leaf hashes that differ. */
export const someLeafHashes = (count: number): readonly Uint8Array[] =>
  Array.from({ length: count }, (_, at) => sha256(Uint8Array.of(0), Buffer.from(`leaf ${at}`)))

function largestPowerBelow(n: number): number {
  let k = 1
  while (k * 2 < n) k *= 2
  return k
}
