/** What checking evidence needs of `node:zlib`, in a browser: the check sum of a zip file (ISO 3309, §3.6.2). */

const table = Uint32Array.from({ length: 256 }, (_, i) => {
  let sum = i
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xed_b8_83_20 : sum >>> 1
  return sum
})

/** The CRC-32 of bytes. */
export function crc32(bytes: Uint8Array): number {
  let sum = 0xff_ff_ff_ff
  for (const byte of bytes) sum = (sum >>> 8) ^ (table[(sum ^ byte) & 0xff] ?? 0)
  return (sum ^ 0xff_ff_ff_ff) >>> 0
}

/** What no check of evidence does. */
const elsewhere = (): never => {
  throw new Error('a page inflates nothing')
}

export { elsewhere as deflateRawSync, elsewhere as inflateRawSync }
