/** The tree of a log, beside RFC 6962's own definition, the vectors of Certificate Transparency, and forgeries. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leafHash } from '../../functions/ledger/entry.ts'
import {
  append,
  emptyFrontier,
  emptyRoot,
  frontierOf,
  type Hash,
  nodeHash,
  proveConsistency,
  proveInclusion,
  readFrontier,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../functions/ledger/merkle.ts'
import { runs } from '../decision/runs.ts'
import { sha256, someLeafHashes, treeOf } from './tree-oracle.ts'

/** Past a tile’s half; the long run goes past a full one. */
const sizeMax = Math.min(runs(66), 300)
const leaves = someLeafHashes(sizeMax)
const tree = treeOf(leaves)
const leafAt = (index: number): Hash => leaves[index] ?? new Uint8Array()
const sizes = Array.from({ length: sizeMax }, (_, at) => at + 1)
const upTo = (n: number) => Array.from({ length: n }, (_, at) => at)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const stranger = sha256(Buffer.from('stranger'))

/** One bit of one byte the other way; which, told by a number. */
const flipped = (hash: Hash, at: number): Hash =>
  hash.map((byte, place) => (place === at % 32 ? byte ^ (1 << (at % 8)) : byte))

/** Paths that are not the path: cut, lengthened, each hash with a wrong bit or gone. */
const forgeries = (path: readonly Hash[]): readonly (readonly Hash[])[] => [
  [...path, stranger],
  [stranger, ...path],
  ...path.map((hash, at) => path.with(at, flipped(hash, at * 7 + path.length))),
  ...path.map((_, at) => path.toSpliced(at, 1)),
]

/** The vectors of the first Certificate Transparency implementation, which others took over. */
const vectors = {
  leaves: [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ].map((each) => leafHash(Buffer.from(each, 'hex'))),
  roots: [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ],
  inclusion: [
    {
      index: 0,
      path: [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    },
    {
      index: 5,
      path: [
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    },
  ],
  consistency: [
    { from: 1, to: 1, path: [] },
    {
      from: 6,
      to: 8,
      path: [
        '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    },
    {
      from: 2,
      to: 5,
      path: [
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    },
  ],
}

describe('The vectors of Certificate Transparency', () => {
  test('give the roots, the inclusion proofs and the consistency proofs that are published', async () => {
    const roots = vectors.roots.map((_, size) =>
      hex(rootOf(frontierOf(vectors.leaves.slice(0, size)))),
    )
    expect(roots).toEqual(vectors.roots)
    const { reader } = treeOf(vectors.leaves)
    for (const { index, path } of vectors.inclusion)
      expect((await proveInclusion(index, 8, reader(8))).map(hex)).toEqual(path)
    for (const { from, to, path } of vectors.consistency)
      expect((await proveConsistency(from, to, reader(to))).map(hex)).toEqual(path)
  })
})

describe('The root of a tree', () => {
  // Kills: leaves hashed as nodes; left and right changed round; a frontier that keeps too much.
  test('is what RFC 6962 defines, however the leaves came in', () => {
    let grown = emptyFrontier
    expect(rootOf(grown)).toEqual(sha256())
    for (const size of sizes) {
      grown = append(grown, [leafAt(size - 1)])
      expect(rootOf(grown)).toEqual(tree.root(size))
      expect(frontierOf(leaves.slice(0, size))).toEqual(grown)
      expect(grown.hashes.length).toBe(size.toString(2).replaceAll('0', '').length)
    }
  })

  test('is the same, one leaf or many at a time', () => {
    const property = fc.property(fc.array(fc.nat({ max: 40 }), { maxLength: 6 }), (steps) => {
      let grown = emptyFrontier
      for (const step of steps)
        grown = append(grown, leaves.slice(grown.size, Math.min(sizeMax, grown.size + step)))
      expect(rootOf(grown)).toEqual(tree.root(grown.size))
    })
    fc.assert(property)
  })

  test('can be read back from complete subtrees at every size', async () => {
    for (const size of [0, ...sizes])
      expect(await readFrontier(size, tree.reader(size))).toEqual(frontierOf(leaves.slice(0, size)))
  })

  test('does not come of a frontier that lost a hash', () => {
    const { hashes } = frontierOf(leaves.slice(0, 7))
    expect(() => append({ size: 7, hashes: hashes.slice(1) }, [stranger])).toThrow(
      'couldn’t append to a tree of 7: its frontier has 2',
    )
  })
})

describe('An inclusion proof', () => {
  // Kills: any other path than PATH(m, D[n]); a verifier that takes a path of another length, another
  // order or with a wrong bit; one that does not look at the index.
  test(`is RFC 6962’s and verifies, and no forgery does, for every leaf of every tree up to ${sizeMax}`, async () => {
    let tried = 0
    for (const size of sizes) {
      const read = tree.reader(size)
      const root = tree.root(size)
      for (const index of upTo(size)) {
        const path = await proveInclusion(index, size, read)
        const leaf = leafAt(index)
        if (!sameHashes(path, tree.path(index, size))) expect.fail(`path of ${index} in ${size}`)
        if (!verifyInclusion(leaf, index, size, path, root)) expect.fail(`${index} in ${size}`)
        const others = size <= 20 ? upTo(size) : [index - 1, index + 1, index ^ 1, 0, size - 1]
        // The same way up, were the index not looked at beyond the path's length.
        for (const other of [...others, index + 2 ** path.length])
          if (other !== index && verifyInclusion(leaf, other, size, path, root))
            expect.fail(`${index} in ${size} passed for ${other}`)
        for (const forged of forgeries(path))
          if (verifyInclusion(leaf, index, size, forged, root))
            expect.fail(`a forged path of ${index} in ${size}`)
        if (verifyInclusion(flipped(leaf, index), index, size, path, root))
          expect.fail(`another leaf at ${index} in ${size}`)
        tried += 1
      }
    }
    expect(tried).toBe((sizeMax * (sizeMax + 1)) / 2)
  })

  test('is of a leaf in the tree, of whole numbers and of 32-byte hashes, or nothing', async () => {
    const read = tree.reader(8)
    const path = await proveInclusion(3, 8, read)
    const root = tree.root(8)
    expect(verifyInclusion(leafAt(3), 3, 8, path, root)).toBe(true)
    for (const [index, size] of [
      [8, 8],
      [3, 0],
      [0, 0],
      [-1, 8],
      [3.5, 8],
      [3, 8.5],
      [Number.NaN, 8],
      [3, Number.POSITIVE_INFINITY],
      [3, 2 ** 53],
    ] as const) {
      expect(verifyInclusion(leafAt(3), index, size, path, root)).toBe(false)
      await expect(proveInclusion(index, size, read)).rejects.toThrow(
        `couldn’t prove leaf ${index}: the tree has ${size}`,
      )
    }
    // A leaf and its sibling cut elsewhere hash to the same node.
    const [sibling = stranger, ...rest] = path
    const joined = Buffer.concat([sibling, leafAt(3)])
    expect(
      verifyInclusion(joined.subarray(31), 3, 8, [joined.subarray(0, 31), ...rest], root),
    ).toBe(false)
    expect(verifyInclusion(root, 0, 1, [], root)).toBe(true)
    expect(verifyInclusion(Buffer.alloc(0), 0, 1, [], Buffer.alloc(0))).toBe(false)
  })
})

describe('A consistency proof', () => {
  // Kills: any other path than PROOF(m, D[n]); a verifier that compares one root only, forgets that a
  // power of two leaves the old root out, or takes a path of another length.
  test(`is RFC 6962’s and verifies, and no forgery does, for every pair of sizes up to ${sizeMax}`, async () => {
    let tried = 0
    for (const newSize of sizes) {
      const read = tree.reader(newSize)
      const newRoot = tree.root(newSize)
      for (const oldSize of upTo(newSize + 1)) {
        const path = await proveConsistency(oldSize, newSize, read)
        const oldRoot = tree.root(oldSize)
        const pair = `${oldSize} in ${newSize}`
        if (!sameHashes(path, tree.proof(oldSize, newSize))) expect.fail(`path of ${pair}`)
        if (!verifyConsistency(oldSize, oldRoot, newSize, newRoot, path)) expect.fail(pair)
        for (const forged of forgeries(path))
          if (verifyConsistency(oldSize, oldRoot, newSize, newRoot, forged))
            expect.fail(`a forged path of ${pair}`)
        if (verifyConsistency(oldSize, flipped(oldRoot, oldSize), newSize, newRoot, path))
          expect.fail(`another old root for ${pair}`)
        // Every tree begins with the empty one, whatever its root.
        if (
          oldSize > 0 &&
          verifyConsistency(oldSize, oldRoot, newSize, flipped(newRoot, newSize), path)
        )
          expect.fail(`another new root for ${pair}`)
        for (const other of [oldSize - 1, oldSize + 1])
          if (verifyConsistency(other, oldRoot, newSize, newRoot, path))
            expect.fail(`${pair} passed for ${other}`)
        tried += 1
      }
    }
    expect(tried).toBe((sizeMax * (sizeMax + 3)) / 2)
  })

  test('goes from a smaller tree to a larger one, of whole numbers and 32-byte hashes', async () => {
    const read = tree.reader(8)
    const path = await proveConsistency(6, 8, read)
    for (const [from, to] of [
      [8, 6],
      [-1, 8],
      [5.5, 8],
      [Number.NaN, 8],
      [6, 2 ** 53],
    ] as const) {
      expect(verifyConsistency(from, tree.root(6), to, tree.root(8), path)).toBe(false)
      await expect(proveConsistency(from, to, read)).rejects.toThrow(
        `couldn’t prove that a tree of ${from} begins one of ${to}`,
      )
    }
    const short = Buffer.alloc(31)
    expect(verifyConsistency(6, short, 6, short, [])).toBe(false)
  })

  test('of the empty tree is empty, and the empty tree has one root only', () => {
    expect(verifyConsistency(0, emptyRoot, 8, tree.root(8), [])).toBe(true)
    expect(verifyConsistency(0, emptyRoot, 8, tree.root(8), [stranger])).toBe(false)
    expect(verifyConsistency(0, stranger, 8, tree.root(8), [])).toBe(false)
    expect(verifyConsistency(0, emptyRoot, 0, emptyRoot, [])).toBe(true)
    expect(verifyConsistency(0, stranger, 0, stranger, [])).toBe(false)
  })
})

describe('A tree too large to hold', () => {
  /** All leaves alike: a complete subtree has one hash for each level, and a tree one for each size. */
  const levels = [stranger]
  while (levels.length < 54) {
    const below = levels.at(-1) ?? stranger
    levels.push(sha256(Uint8Array.of(1), below, below))
  }
  const read = async (level: number) => levels[level] ?? new Uint8Array()
  const rootOfSize = (size: number): Uint8Array => {
    let [power, level] = [1, 0]
    while (power * 2 < size) [power, level] = [power * 2, level + 1]
    if (size === 1) return stranger
    return sha256(Uint8Array.of(1), levels[level] ?? new Uint8Array(), rootOfSize(size - power))
  }
  const size = fc.oneof(
    fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    fc
      .tuple(fc.integer({ min: 1, max: 53 }), fc.integer({ min: -2, max: 2 }))
      .map(([power, more]) => Math.min(Number.MAX_SAFE_INTEGER, Math.max(1, 2 ** power + more))),
  )
  const pair = fc.tuple(size, size).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)

  // Kills: sizes cut to 32 bits by an operator, a power of two told by a rounded logarithm.
  test('has the root, the inclusion proofs and the consistency proofs of its size', async () => {
    const property = fc.asyncProperty(pair, async ([small, large]) => {
      const root = rootOfSize(large)
      const frontier = await readFrontier(large, read)
      expect(rootOf(frontier)).toEqual(root)
      expect(append(await readFrontier(large - 1, read), [stranger])).toEqual(frontier)
      const path = await proveInclusion(small - 1, large, read)
      expect(verifyInclusion(stranger, small - 1, large, path, root)).toBe(true)
      expect(verifyInclusion(emptyRoot, small - 1, large, path, root)).toBe(false)
      const proof = await proveConsistency(small, large, read)
      expect(verifyConsistency(small, rootOfSize(small), large, root, proof)).toBe(true)
      for (const forged of forgeries(proof))
        expect(verifyConsistency(small, rootOfSize(small), large, root, forged)).toBe(false)
    })
    await fc.assert(property, { numRuns: 50, examples: [[[3, 2 ** 40]]] })
  })
})

test('A node is the hash of 0x01 and its two children', () => {
  expect(nodeHash(leafAt(0), leafAt(1))).toEqual(sha256(Uint8Array.of(1), leafAt(0), leafAt(1)))
})

function sameHashes(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && Buffer.concat(a).equals(Buffer.concat(b))
}
