/** The manifests of a log: the place of each entry. */

import { tileWidth } from '../ledger/tiles.ts'
import { type ExportFiles, manifestLine, readExactly } from '../ledger/verify-files.ts'
import type { Report } from './verify-findings.ts'

/** Bytes of one place: the id of an entry and its leaf hash. */
const placeBytes = 64

/** What a manifest says of one index. */
export type ManifestPlace = {
  readonly line: number
  /** Its offset in the manifest, bytes. */
  readonly at: number
  readonly eid: string
  readonly hash: Uint8Array
}

/** Every manifest of a log. */
type Manifests = {
  /** One past the last index with a place. */
  readonly end: number
  /** Sizes that the log had: the end of each manifest that begins where the one before ends. */
  readonly sizes: readonly number[]
  /** What the manifests say of each index in a block of 256; a hole where they say nothing. */
  placesOf(block: number): readonly (ManifestPlace | undefined)[]
}

type Manifest = { readonly line: number; readonly start: number; readonly placed: Buffer }

/**
 * Reads the manifests. One that ends beyond everything placed or signed is reported and left out: its start
 * was changed.
 */
export async function readManifests(
  files: ExportFiles,
  log: string,
  signedSize: number,
  report: Report,
): Promise<Manifests> {
  const file = `${log}/manifests.ndjson`
  const all: Manifest[] = []
  const sizes: number[] = []
  let [line, expected] = [0, 0]
  for await (const text of files.lines(file)) {
    line += 1
    const read = readExactly(text, manifestLine)
    if (read === undefined) {
      report('form', { file, line }, 'the line is not a manifest')
      continue
    }
    const manifest = { line, ...read }
    all.push(manifest)
    if (read.start === expected) sizes.push(endOf(manifest))
    else
      report(
        'manifest-gap',
        { file, line, index: expected },
        `it starts at ${read.start}, where ${expected} comes next`,
      )
    expected = endOf(manifest)
  }
  const total = all.reduce((sum, { placed }) => sum + placed.length / placeBytes, 0)
  const placed = all.filter((each) => endOf(each) <= Math.max(total, signedSize))
  const blocks = byBlock(placed)
  return {
    end: Math.max(0, ...placed.map(endOf)),
    sizes,
    placesOf: (block) => placesIn(block, blocks.get(block) ?? []),
  }
}

const endOf = ({ start, placed }: Manifest): number => start + placed.length / placeBytes

function byBlock(manifests: readonly Manifest[]): ReadonlyMap<number, readonly Manifest[]> {
  const blocks = new Map<number, Manifest[]>()
  for (const manifest of manifests)
    for (let at = blockOf(manifest.start); at <= blockOf(endOf(manifest) - 1); at += 1)
      blocks.set(at, [...(blocks.get(at) ?? []), manifest])
  return blocks
}

const blockOf = (index: number): number => Math.floor(index / tileWidth)

function placesIn(
  block: number,
  manifests: readonly Manifest[],
): readonly (ManifestPlace | undefined)[] {
  const places: (ManifestPlace | undefined)[] = []
  const first = block * tileWidth
  for (const { line, start, placed } of manifests)
    for (let index = Math.max(start, first); index < first + tileWidth; index += 1) {
      const at = (index - start) * placeBytes
      if (at >= placed.length) break
      // If two claim an index, the first counts.
      places[index - first] ??= {
        line,
        at,
        eid: placed.toString('base64url', at, at + 32),
        hash: placed.subarray(at + 32, at + placeBytes),
      }
    }
  return places
}
