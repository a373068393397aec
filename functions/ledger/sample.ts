/** A random sample of a log that anyone can draw again: its randomness is a checkpoint's root. */

import { createHash } from 'node:crypto'
import type { Hash } from './merkle.ts'

/**
 * `count` different indices below `size`, in the order drawn; all of them if there are no more. A shorter
 * sample of the same checkpoint is the beginning of a longer one.
 *
 * The i-th draw (from 0) takes one of the remaining indices, each equally likely: it swaps place i with place
 * i + r, where r is the next number of the stream below size − i. The stream is the first 8 bytes,
 * big-endian, of SHA-256(root ‖ counter), the counter 8 bytes, big-endian, from 0. A number that would make
 * small remainders likelier than others is skipped.
 */
export function sampleOf(root: Hash, size: number, count: number): readonly number[] {
  const numbers = stream(root)
  const swapped = new Map<number, number>()
  const at = (place: number) => swapped.get(place) ?? place
  return Array.from({ length: Math.min(size, count) }, (_, i) => {
    const place = i + below(size - i, numbers)
    const drawn = at(place)
    swapped.set(place, at(i))
    return drawn
  })
}

function* stream(root: Hash): Generator<bigint, never> {
  for (let counter = 0n; ; counter++) {
    const count = Buffer.alloc(8)
    count.writeBigUInt64BE(counter)
    yield createHash('sha256').update(root).update(count).digest().readBigUInt64BE()
  }
}

const all = 1n << 64n

function below(limit: number, numbers: Generator<bigint, never>): number {
  const fair = all - (all % BigInt(limit))
  for (;;) {
    const { value } = numbers.next()
    if (value < fair) return Number(value % BigInt(limit))
  }
}
