/** Tiles and entry bundles, beside the examples and the formula of C2SP tlog-tiles and RFC 6962's own definition. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leafHash } from '../../functions/ledger/entry.ts'
import {
  frontierOf,
  proveConsistency,
  proveInclusion,
  readFrontier,
  rootOf,
} from '../../functions/ledger/merkle.ts'
import {
  bundleOf,
  bundlePath,
  grownBundles,
  grownTiles,
  type LogFile,
  leavesOf,
  readBundle,
  tilePath,
  tileReader,
  tilesBetween,
} from '../../functions/ledger/tiles.ts'
import { withPartials } from './partials.ts'
import { sha256, treeOf } from './tree-oracle.ts'

const leafAt = (at: number) => Buffer.from(at === 0 ? '' : `leaf ${at}`.repeat((at % 3) + 1))
const leaves = Array.from({ length: 70_000 }, (_, at) => leafAt(at))
const leafHashes = leaves.map(leafHash)
const tree = treeOf(leafHashes)

/** Files that are written once: other bytes under the same path fail. */
function writeOnce() {
  const files = new Map<string, Uint8Array>()
  return {
    files,
    get: async (path: string) => files.get(path),
    put: (written: readonly LogFile[]) => {
      for (const { path, bytes } of written) {
        const there = files.get(path)
        if (there !== undefined && !Buffer.from(there).equals(bytes))
          expect.fail(`${path} was written twice`)
        files.set(path, bytes)
      }
    },
  }
}
type Files = ReturnType<typeof writeOnce>

/** Lets a log grow to a size, as the sealer does. Gives the paths that were written. */
async function grow(log: Files, from: number, to: number): Promise<readonly string[]> {
  const tiles = await grownTiles(from, leafHashes.slice(from, to), log.get)
  const gained = await grownBundles(from, leaves.slice(from, to), log.get)
  const bundles = await withPartials(gained, log.get)
  log.put(tiles)
  log.put(bundles)
  return [...tiles, ...bundles].map(({ path }) => path)
}

const pathsBetween = (from: number, to: number) => {
  const tiles = tilesBetween(from, to)
  return [
    ...tiles.map(({ level, index, width }) => tilePath(level, index, width)),
    ...tiles.filter(({ level }) => level === 0).map(({ index, width }) => bundlePath(index, width)),
  ]
}

/** Sizes where tiles end, and some where they do not. */
const step = fc.oneof(
  fc.integer({ min: 0, max: 700 }),
  fc.constantFrom(1, 255, 256, 257, 511, 512, 1024),
)
const steps = fc.array(step, { minLength: 1, maxLength: 6 })

describe('The path of a tile', () => {
  test('groups the digits of its index by three', () => {
    // The example of C2SP tlog-tiles.
    expect(tilePath(0, 1_234_067, 256)).toBe('tile/0/x001/x234/067')
    expect(bundlePath(1_234_067, 256)).toBe('tile/entries/x001/x234/067')
    expect(tilePath(3, 0, 256)).toBe('tile/3/000')
    expect(tilePath(0, 999, 256)).toBe('tile/0/999')
    expect(tilePath(0, 1000, 256)).toBe('tile/0/x001/000')
    expect(tilePath(0, 2 ** 45, 256)).toBe('tile/0/x035/x184/x372/x088/832')
  })

  test('says the width of a partial one', () => {
    expect(tilePath(1, 273, 112)).toBe('tile/1/273.p/112')
    expect(bundlePath(12_345, 1)).toBe('tile/entries/x012/345.p/1')
    expect(tilePath(0, 0, 255)).toBe('tile/0/000.p/255')
  })
})

describe('The tiles of a tree', () => {
  test('of 70,000 and of 256 leaves are those that the specification counts', () => {
    const counted = (size: number) =>
      Object.entries(Object.groupBy(tilesBetween(0, size), ({ level }) => level)).map(
        ([level, tiles = []]) => ({
          level: Number(level),
          full: tiles.filter(({ width }) => width === 256).length,
          partial: tiles.filter(({ width }) => width < 256).map(({ width }) => width),
        }),
      )
    expect(counted(70_000)).toEqual([
      { level: 0, full: 273, partial: [112] },
      { level: 1, full: 1, partial: [17] },
      { level: 2, full: 0, partial: [1] },
    ])
    expect(counted(256)).toEqual([
      { level: 0, full: 1, partial: [] },
      { level: 1, full: 0, partial: [1] },
    ])
    expect(counted(0)).toEqual([])
  })

  // Kills: a tile written though nothing in it is new, or not written though something is.
  test('that a growth must write are those that the smaller tree lacks', () => {
    const size = fc.integer({ min: 0, max: 200_000 })
    const property = fc.property(size, size, (a, b) => {
      const [small, large] = [Math.min(a, b), Math.max(a, b)]
      const had = new Set(pathsBetween(0, small))
      const missing = pathsBetween(0, large).filter((path) => !had.has(path))
      expect(pathsBetween(small, large).toSorted()).toEqual(missing.toSorted())
    })
    fc.assert(property, { numRuns: 30 })
  })

  // Kills: a hash tile that holds a partial tile's root, or hashes of another level or place.
  test('hold the hashes of the formula, at each level', async () => {
    const log = writeOnce()
    await grow(log, 0, 65_000)
    await grow(log, 65_000, 70_000)
    for (const { level, index, width } of tilesBetween(0, 70_000)) {
      const span = 256 ** level
      const hashes = Array.from({ length: width }, (_, at) => {
        const start = (index * 256 + at) * span
        return treeOf(leafHashes.slice(start, start + span)).root(span)
      })
      const bytes = log.files.get(tilePath(level, index, width))
      expect(Buffer.concat(hashes).equals(bytes ?? Buffer.alloc(0))).toBe(true)
    }
  })
})

describe('A log that grows by any steps', () => {
  // Kills: a partial tile not taken up, or taken up twice; a hash read from a tile of another width.
  test('writes only files that it lacked, and proves from them what RFC 6962 defines', async () => {
    const property = fc.asyncProperty(steps, fc.infiniteStream(fc.nat()), async (all, choose) => {
      const log = writeOnce()
      let size = 0
      for (const each of all) {
        const before = size
        size += each
        const written = await grow(log, before, size)
        expect(written.toSorted()).toEqual(pathsBetween(before, size).toSorted())
        const read = tileReader(size, log.get)
        expect(await readFrontier(size, read)).toEqual(frontierOf(leafHashes.slice(0, size)))
        const from = Math.min(before, size)
        expect(await proveConsistency(from, size, read)).toEqual(tree.proof(from, size))
        if (size === 0) continue
        const index = choose.next().value % size
        expect(await proveInclusion(index, size, read)).toEqual(tree.path(index, size))
        const bundle = Math.floor(index / 256)
        const width = Math.min(256, size - bundle * 256)
        expect((await readBundle(bundle, width, log.get))[index % 256]).toEqual(leafAt(index))
      }
    })
    await fc.assert(property, { numRuns: 40 })
  })

  test('proves every leaf and every earlier size of 600', async () => {
    const log = writeOnce()
    await grow(log, 0, 600)
    const read = tileReader(600, log.get)
    for (let at = 0; at < 600; at += 1) {
      if (!same(await proveInclusion(at, 600, read), tree.path(at, 600))) expect.fail(`${at}`)
      if (!same(await proveConsistency(at, 600, read), tree.proof(at, 600))) expect.fail(`${at}`)
    }
  })

  test('has the root of 70,000 leaves, on three levels of tiles', async () => {
    const log = writeOnce()
    await grow(log, 0, 65_535)
    await grow(log, 65_535, 65_537)
    await grow(log, 65_537, 70_000)
    const read = tileReader(70_000, log.get)
    expect(rootOf(await readFrontier(70_000, read))).toEqual(tree.root(70_000))
    expect(await proveInclusion(65_536, 70_000, read)).toEqual(tree.path(65_536, 70_000))
    expect(await proveConsistency(65_537, 70_000, read)).toEqual(tree.proof(65_537, 70_000))
    expect(log.files.has('tile/2/000.p/1')).toBe(true)
  })
})

describe('A reader of tiles', () => {
  const grown = async (size: number) => {
    const log = writeOnce()
    await grow(log, 0, size)
    return log
  }

  test('reads each tile once for a proof', async () => {
    const log = await grown(600)
    const asked: string[] = []
    const read = tileReader(600, (path) => {
      asked.push(path)
      return log.get(path)
    })
    await proveInclusion(300, 600, read)
    // Siblings in its own tile, the first tile's root, and the partial tile at the end.
    expect(asked.toSorted()).toEqual(['tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2'])
  })

  // Kills: a full tile, or one of another width, read where the size asks for a partial one.
  test('asks for the width of its size only, and names what is missing', async () => {
    const log = await grown(600)
    await expect(proveInclusion(599, 599, tileReader(599, log.get))).rejects.toThrow(
      'couldn’t prove leaf 599: the tree has 599',
    )
    await expect(proveInclusion(590, 599, tileReader(599, log.get))).rejects.toThrow(
      'couldn’t read tile/0/002.p/87: it is not there',
    )
    log.files.delete('tile/1/000.p/2')
    await expect(proveInclusion(599, 600, tileReader(600, log.get))).rejects.toThrow(
      'couldn’t read tile/1/000.p/2: it is not there',
    )
  })

  test('refuses a tile that has another length than its width says', async () => {
    for (const length of [0, 1, 31, 87 * 32, 88 * 32 - 1, 88 * 32 + 32, 8192]) {
      const log = await grown(600)
      log.files.set('tile/0/002.p/88', Buffer.alloc(length))
      await expect(proveInclusion(599, 600, tileReader(600, log.get))).rejects.toThrow(
        `couldn’t read tile/0/002.p/88: it has ${length} bytes, not 2816`,
      )
      await expect(grownTiles(600, leafHashes.slice(600, 601), log.get)).rejects.toThrow(
        `couldn’t read tile/0/002.p/88: it has ${length} bytes, not 2816`,
      )
    }
  })

  test('gives no hash of a subtree that the tree has not', async () => {
    const read = tileReader(600, (await grown(600)).get)
    await expect(read(0, 600)).rejects.toThrow(
      'couldn’t read hash 600 of level 0: the tree has 600 leaves',
    )
    await expect(read(9, 1)).rejects.toThrow(
      'couldn’t read hash 1 of level 9: the tree has 600 leaves',
    )
    expect(await read(9, 0)).toEqual(tree.root(512))
  })

  test('rejects as the store does', async () => {
    const away = async () => Promise.reject(new Error('the store is away'))
    await expect(proveInclusion(3, 9, tileReader(9, away))).rejects.toThrow('the store is away')
  })
})

describe('An entry bundle', () => {
  const leaf = fc.uint8Array({ maxLength: 40 })
  const some = fc.array(leaf, { maxLength: 256 })

  test('has the length of each leaf before it, in two bytes', () => {
    const long = Buffer.alloc(65_535, 7)
    expect(Buffer.from(bundleOf([Buffer.from('a'), Buffer.alloc(0)])).toString('hex')).toBe(
      '0001610000',
    )
    expect(bundleOf([long]).subarray(0, 3)).toEqual(Buffer.from([0xff, 0xff, 7]))
    expect(leavesOf(bundleOf([long]), 1)).toEqual({ leaves: [long] })
    expect(() => bundleOf([Buffer.alloc(65_536)])).toThrow(
      'couldn’t bundle a leaf of 65536 bytes: at most 65,535 fit',
    )
  })

  // Kills: a parser that drops what is cut off, or takes fewer or more leaves than the width.
  test('gives back its leaves, and nothing when cut or lengthened', () => {
    const property = fc.property(some, fc.nat(), (all, at) => {
      const bytes = bundleOf(all)
      expect(leavesOf(bytes, all.length)).toEqual({ leaves: all.map((each) => Buffer.from(each)) })
      expect(leavesOf(bytes, all.length + 1)).toEqual({
        wrong: `it holds ${all.length} leaves, not ${all.length + 1}`,
      })
      expect(leavesOf(Buffer.concat([bytes, Buffer.alloc(2)]), all.length)).toEqual({
        wrong: `it holds more than ${all.length} leaves`,
      })
      if (bytes.length > 0)
        expect(leavesOf(bytes.subarray(0, at % bytes.length), all.length)).toHaveProperty('wrong')
    })
    fc.assert(property)
  })

  test('is read from any bytes as what they are written from, or not at all', () => {
    const short = fc.array(fc.constantFrom(0, 1, 2, 3, 255), { maxLength: 20 })
    const property = fc.property(short, fc.nat({ max: 8 }), (bytes, width) => {
      const read = leavesOf(Uint8Array.from(bytes), width)
      if ('wrong' in read) return
      expect(read.leaves.length).toBe(width)
      expect([...bundleOf(read.leaves)]).toEqual(bytes)
    })
    fc.assert(property, { numRuns: 2000 })
  })

  test('that is missing or malformed is named by its path', async () => {
    await expect(readBundle(1000, 256, async () => undefined)).rejects.toThrow(
      'couldn’t read tile/entries/x001/000: it is not there',
    )
    const cut = async () => Uint8Array.of(0, 3, 1)
    await expect(readBundle(0, 1, cut)).rejects.toThrow(
      'couldn’t read tile/entries/000.p/1: leaf 0 is cut off',
    )
    const others = Array.from({ length: 255 }, () => Buffer.from('b'))
    await expect(grownBundles(1, others, cut)).rejects.toThrow(
      'couldn’t read tile/entries/000.p/1: leaf 0 is cut off',
    )
    await expect(readBundle(0, 1, async () => Uint8Array.of(9))).rejects.toThrow(
      'couldn’t read tile/entries/000.p/1: a length is cut off',
    )
  })
})

test('Each leaf of a bundle hashes to its place in the tile of level 0', async () => {
  const log = writeOnce()
  await grow(log, 0, 300)
  const bundle = await readBundle(1, 44, log.get)
  const hashes = bundle.map((leaf) => sha256(Uint8Array.of(0), leaf))
  expect(Buffer.concat(hashes)).toEqual(log.files.get('tile/0/001.p/44'))
})

function same(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && Buffer.concat(a).equals(Buffer.concat(b))
}
