/**
 * The tree over a log's leaves: RFC 6962 §2.1 (the same as RFC 9162 §2.1) with SHA-256.
 * Sizes and indices are safe integers, so a log may have up to 2^53 − 1 leaves.
 */

import { hash } from 'node:crypto'
import { ComityError } from '../failure.ts'

/** A SHA-256 digest, 32 bytes. */
export type Hash = Uint8Array

/**
 * Gives the root of a complete subtree: of the 2^level leaves from index · 2^level on; level 0 has the leaf
 * hashes. Rejects if it lacks the hash, and never gives another one.
 */
export type ReadHash = (level: number, index: number) => Promise<Hash>

/**
 * Everything of a tree that it needs to grow: its size, and the roots of its complete subtrees, the largest
 * (leftmost) first, one for each 1 in the size's binary digits.
 */
export type Frontier = { readonly size: number; readonly hashes: readonly Hash[] }

/** The root of a tree without leaves: SHA-256 of nothing. */
export const emptyRoot: Hash = hash('sha256', '', 'buffer')

/** The frontier of a tree without leaves. */
export const emptyFrontier: Frontier = { size: 0, hashes: [] }

const one = Uint8Array.of(1)

/** RFC 6962 §2.1: the hash of two neighbours, SHA-256 of 0x01, the left and the right. */
export const nodeHash = (left: Hash, right: Hash): Hash =>
  hash('sha256', Buffer.concat([one, left, right]), 'buffer')

/** The frontier of a tree of these leaf hashes. */
export const frontierOf = (leafHashes: readonly Hash[]): Frontier =>
  append(emptyFrontier, leafHashes)

/** The frontier after these leaf hashes are added. Throws if the frontier lacks hashes for its size. */
export function append({ size, hashes }: Frontier, leafHashes: readonly Hash[]): Frontier {
  const roots = [...hashes]
  let grown = size
  for (const leafHash of leafHashes) {
    let root = leafHash
    for (let rest = grown; rest % 2 === 1; rest = half(rest)) {
      const left = roots.pop()
      if (left === undefined)
        throw new ComityError(
          `couldn’t append to a tree of ${size}: its frontier has ${hashes.length}`,
        )
      root = nodeHash(left, root)
    }
    roots.push(root)
    grown += 1
  }
  return { size: grown, hashes: roots }
}

/** The root of the tree. */
export const rootOf = ({ hashes }: Frontier): Hash => folded(hashes)

/** The frontier of the first `size` leaves of a log. Rejects if `read` does. */
export const readFrontier = async (size: number, read: ReadHash): Promise<Frontier> => ({
  size,
  hashes: await readSubtrees([0, size], read),
})

/**
 * The inclusion proof of a leaf in the first `size` leaves, from its sibling up (RFC 6962 §2.1.1).
 * Rejects if there is no such leaf, or if `read` does.
 */
export async function proveInclusion(
  index: number,
  size: number,
  read: ReadHash,
): Promise<readonly Hash[]> {
  if (!isSize(size) || !isSize(index) || index >= size)
    throw new ComityError(`couldn’t prove leaf ${index}: the tree has ${size}`)
  return readRanges(inclusionRanges(index, [0, size]), read)
}

/**
 * The proof that a tree of `oldSize` is the beginning of one of `newSize` (RFC 6962 §2.1.2); empty if
 * the old one is empty or as large. Rejects if the old one is larger, or if `read` does.
 */
export async function proveConsistency(
  oldSize: number,
  newSize: number,
  read: ReadHash,
): Promise<readonly Hash[]> {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize)
    throw new ComityError(`couldn’t prove that a tree of ${oldSize} begins one of ${newSize}`)
  return oldSize === 0 ? [] : readRanges(consistencyRanges(oldSize, [0, newSize], true), read)
}

/** Whether the path leads from the leaf at the index to the root (RFC 9162 §2.1.3.2). */
export function verifyInclusion(
  leafHash: Hash,
  index: number,
  size: number,
  path: readonly Hash[],
  root: Hash,
): boolean {
  if (!isSize(index) || !isSize(size) || index >= size) return false
  if (![leafHash, ...path].every(isHash)) return false
  let [node, last, hash] = [index, size - 1, leafHash]
  for (const sibling of path) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash)
      // A left edge has no sibling on these levels.
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)]
    } else hash = nodeHash(hash, sibling)
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 && same(hash, root)
}

/**
 * Whether the path shows that the new tree begins with the old one (RFC 9162 §2.1.4.2). Every tree begins
 * with the empty one and with itself; the path must then be empty.
 */
export function verifyConsistency(
  oldSize: number,
  oldRoot: Hash,
  newSize: number,
  newRoot: Hash,
  path: readonly Hash[],
): boolean {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) return false
  if (![oldRoot, newRoot, ...path].every(isHash)) return false
  if (oldSize === newSize)
    return path.length === 0 && same(oldRoot, newRoot) && (newSize > 0 || same(newRoot, emptyRoot))
  if (oldSize === 0) return path.length === 0 && same(oldRoot, emptyRoot)

  // RFC 9162 leaves the old root out of the path when it is itself a complete subtree.
  const [start, ...rest] = isPowerOfTwo(oldSize) && path.length > 0 ? [oldRoot, ...path] : path
  if (start === undefined) return false
  let [node, last] = [oldSize - 1, newSize - 1]
  while (node % 2 === 1) [node, last] = [half(node), half(last)]
  let [old, grown] = [start, start]
  for (const sibling of rest) {
    if (last === 0) return false
    if (node % 2 === 1 || node === last) {
      old = nodeHash(sibling, old)
      grown = nodeHash(sibling, grown)
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)]
    } else grown = nodeHash(grown, sibling)
    ;[node, last] = [half(node), half(last)]
  }
  return last === 0 && same(old, oldRoot) && same(grown, newRoot)
}

/** Leaves from the first number up to, not including, the second. */
type Range = readonly [start: number, end: number]

/** PATH of RFC 6962 §2.1.1, as the ranges whose hashes make it up. */
function inclusionRanges(index: number, [start, end]: Range): readonly Range[] {
  if (end - start === 1) return []
  const middle = start + below(end - start)
  return index < middle
    ? [...inclusionRanges(index, [start, middle]), [middle, end]]
    : [...inclusionRanges(index, [middle, end]), [start, middle]]
}

/** SUBPROOF of RFC 6962 §2.1.2, as ranges; `known` while the old root is that of the range. */
function consistencyRanges(oldSize: number, [start, end]: Range, known: boolean): readonly Range[] {
  if (oldSize === end) return known ? [] : [[start, end]]
  const middle = start + below(end - start)
  return oldSize <= middle
    ? [...consistencyRanges(oldSize, [start, middle], known), [middle, end]]
    : [...consistencyRanges(oldSize, [middle, end], false), [start, middle]]
}

const readRanges = (ranges: readonly Range[], read: ReadHash): Promise<readonly Hash[]> =>
  Promise.all(ranges.map(async (range) => folded(await readSubtrees(range, read))))

const folded = (subtrees: readonly Hash[]): Hash =>
  subtrees.length === 0 ? emptyRoot : subtrees.reduceRight((right, left) => nodeHash(left, right))

/** The roots of the complete subtrees that make up a range, the largest first. */
function readSubtrees([start, end]: Range, read: ReadHash): Promise<readonly Hash[]> {
  const hashes: Promise<Hash>[] = []
  for (let at = start; at < end; ) {
    let level = 0
    while (2 ** (level + 1) <= end - at) level += 1
    hashes.push(read(level, at / 2 ** level))
    at += 2 ** level
  }
  return Promise.all(hashes)
}

/** The largest power of two below n, for n above 1: where RFC 6962 splits a tree of n. */
function below(n: number): number {
  let power = 1
  while (power * 2 < n) power *= 2
  return power
}

// Not `>>`, which truncates to 32 bits.
const half = (n: number): number => Math.floor(n / 2)
const isPowerOfTwo = (n: number): boolean => n === 1 || below(n) * 2 === n
const isSize = (n: number): boolean => Number.isSafeInteger(n) && n >= 0
const isHash = (bytes: Uint8Array): boolean => bytes.length === 32
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
