/** Everything that is left to chance in a run: a stream of numbers that one seed gives. */

/** A stream of numbers. */
export type Chance = {
  /** From 0 up to, not including, `n`. */
  below(n: number): number
  oneIn(n: number): boolean
  pick<T>(from: readonly T[]): T
  shuffled<T>(all: readonly T[]): T[]
  bytes(length: number): Uint8Array
}

/** The stream of a seed (mulberry32): the same seed gives the same numbers on every machine. */
export function chanceOf(seed: number): Chance {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (n: number): number => next() % n
  return {
    below,
    oneIn: (n) => below(n) === 0,
    pick(from) {
      if (from.length === 0) throw new Error('couldn’t pick from nothing')
      // A cast: the index is of a list that is not empty.
      return from[below(from.length)] as (typeof from)[number]
    },
    shuffled(all) {
      const list = [...all]
      for (let at = list.length - 1; at > 0; at--) {
        const other = below(at + 1)
        // A cast: both indices are in the list.
        ;[list[at], list[other]] = [list[other], list[at]] as [(typeof list)[0], (typeof list)[0]]
      }
      return list
    },
    bytes(length) {
      const bytes = Buffer.alloc(Math.ceil(length / 4) * 4)
      for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(next(), at)
      return bytes.subarray(0, length)
    },
  }
}
