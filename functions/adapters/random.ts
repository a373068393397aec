/** Random bytes of the system, drawn many at a time: to draw a few costs as much as to draw some thousands. */

import { randomBytes } from 'node:crypto'

/** Bytes that are drawn at once: what some forty answers take. */
const drawnBytes = 4096

/** A source of random bytes. It gives each byte that it drew once. */
export function drawing(): (bytes: number) => Uint8Array {
  let left: Uint8Array = new Uint8Array()
  return (bytes) => {
    if (bytes > left.length) left = randomBytes(Math.max(bytes, drawnBytes))
    const given = left.subarray(0, bytes)
    left = left.subarray(bytes)
    return given
  }
}
