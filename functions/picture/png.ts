/**
 * A PNG (W3C PNG, third edition) without what it says besides the picture: no text, no time, no EXIF, no colour
 * profile, nothing within or after its data that is not the picture.
 */

import { crc32, createInflate } from 'node:zlib'
import { joined, type Stripped, saysAt, twoBytes, unpackedBytesMax, wrongSize } from './limits.ts'

/** What a PNG begins with (5.2). */
export const pngSignature = '\x89PNG\r\n\x1a\n'

type Chunk = { readonly type: string; readonly data: Uint8Array }

/** How long a chunk that is kept is, by its type; of the others one may be dropped if its name says so (5.4). */
const lengths: Readonly<Record<string, (length: number) => boolean>> = {
  PLTE: (length) => length > 0 && length <= 768 && length % 3 === 0,
  tRNS: (length) => length > 0 && length <= 256,
  gAMA: (length) => length === 4,
  cHRM: (length) => length === 32,
  sRGB: (length) => length === 1,
  // How many pixels there are to the metre: a print is measured by it.
  pHYs: (length) => length === 9,
}

/** The same picture with the chunks that it needs alone. Its pixels stay what they are. */
export async function strippedPng(bytes: Uint8Array): Promise<Stripped> {
  const chunks = chunksOf(bytes)
  if ('wrong' in chunks) return chunks
  const [header, ...rest] = chunks
  if (header?.type !== 'IHDR' || header.data.length !== 13)
    return { wrong: 'it does not begin as a PNG does; save it anew' }
  const frame = frameIn(header.data)
  if ('wrong' in frame) return frame
  const before: Chunk[] = []
  const packed: Uint8Array[] = []
  for (const [i, chunk] of rest.entries()) {
    const { type, data } = chunk
    if (type === 'IDAT') {
      if (packed.length > 0 && rest[i - 1]?.type !== 'IDAT') return malformed
      packed.push(data)
      continue
    }
    if (type === 'acTL') return { wrong: 'it moves; send a picture that does not' }
    const fits = Object.hasOwn(lengths, type) ? lengths[type] : undefined
    // A small first letter says that the picture can be read without it.
    if (fits === undefined && /^[A-Z]/.test(type)) return malformed
    if (fits === undefined) continue
    const isTwice = before.some((each) => each.type === type)
    if (!fits(data.length) || isTwice || packed.length > 0) return malformed
    before.push(chunk)
  }
  if (frame.isOfPalette && !before.some(({ type }) => type === 'PLTE')) return malformed
  const own = await pictureIn(joined(packed), frame)
  if ('wrong' in own) return own
  const kept = [header, ...before, { type: 'IDAT', data: own.data }, { type: 'IEND', data: none }]
  const signature = Uint8Array.from(pngSignature, (each) => each.charCodeAt(0))
  return { bytes: joined([signature, ...kept.map(withCheck)]) }
}

const none = new Uint8Array()
const malformed = {
  wrong: 'one of its chunks is malformed, or not where it belongs; save it anew',
} as const

/** Every chunk before the end, each whole and with a right check sum. */
function chunksOf(bytes: Uint8Array): readonly Chunk[] | { readonly wrong: string } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const chunks: Chunk[] = []
  for (let at = pngSignature.length; ; ) {
    if (at + 12 > bytes.length) return { wrong: 'it ends before its picture does; send all of it' }
    const length = view.getUint32(at)
    if (length > bytes.length - at - 12)
      return { wrong: 'one of its chunks says another length than it has; save it anew' }
    const named = bytes.subarray(at + 4, at + 8 + length)
    const type = String.fromCharCode(...named.subarray(0, 4))
    if (!/^[A-Za-z]{4}$/.test(type) || crc32(named) !== view.getUint32(at + 8 + length))
      return { wrong: 'the check sum of one of its chunks is wrong; send it anew' }
    if (type === 'IEND') return length === 0 ? chunks : malformed
    chunks.push({ type, data: named.subarray(4) })
    at += 12 + length
  }
}

/** The size of a picture, how many bits a pixel has, and whether it comes in seven passes (11.2.1). */
type Frame = {
  readonly width: number
  readonly height: number
  readonly bits: number
  readonly isInPasses: boolean
  readonly isOfPalette: boolean
}

/** How many samples a pixel has, and how deep each may be, by colour type. */
const colours: Readonly<Record<number, readonly [samples: number, depths: readonly number[]]>> = {
  0: [1, [1, 2, 4, 8, 16]],
  2: [3, [8, 16]],
  3: [1, [1, 2, 4, 8]],
  4: [2, [8, 16]],
  6: [4, [8, 16]],
}

function frameIn(header: Uint8Array): Frame | { readonly wrong: string } {
  const sizeAt = (at: number) => twoBytes(header, at) * 65_536 + twoBytes(header, at + 2)
  const [width, height] = [sizeAt(0), sizeAt(4)]
  const [depth = 0, colour = -1, compression, filter, interlace = 2] = header.subarray(8)
  const [samples, depths] = colours[colour] ?? [0, []]
  if (!depths.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1)
    return malformed
  const wrong = wrongSize(width, height)
  if (wrong !== undefined) return { wrong }
  const bits = samples * depth
  return { width, height, bits, isInPasses: interlace === 1, isOfPalette: colour === 3 }
}

/** Where the seven passes of an interlaced picture begin, and in which steps they go (Adam7, 8.1). */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

/** The rows of a picture as they are packed: how many of which length, each with a byte for its filter. */
function rowsOf({ width, height, bits, isInPasses }: Frame) {
  const ones = isInPasses ? passes : ([[0, 0, 1, 1]] as const)
  return ones.flatMap(([left, top, across, down]) => {
    const [columns, rows] = [Math.ceil((width - left) / across), Math.ceil((height - top) / down)]
    return columns <= 0 || rows <= 0 ? [] : [{ rows, bytes: 1 + Math.ceil((columns * bits) / 8) }]
  })
}

/** Where each row begins in the unpacked picture, with the byte that says its filter. */
function* startsOf(rows: ReturnType<typeof rowsOf>): Generator<number, undefined> {
  let at = 0
  for (const { rows: count, bytes } of rows)
    for (let row = 0; row < count; row++, at += bytes) yield at
}

/** How much of a picture is unpacked at once, bytes. */
const unpackedAtOnce = 256 * 1024

/**
 * The packed picture without what follows it there, if it unpacks to just the rows that the header says. It is unpacked
 * on another thread, a part at a time, and no part is kept: a large picture neither holds up other calls nor takes memory.
 */
async function pictureIn(
  packed: Uint8Array,
  frame: Frame,
): Promise<{ data: Uint8Array } | { wrong: string }> {
  const rows = rowsOf(frame)
  const length = rows.reduce((sum, each) => sum + each.rows * each.bytes, 0)
  if (length > unpackedBytesMax)
    return {
      wrong: `it has more than ${unpackedBytesMax} bytes once it is unpacked; send a smaller one`,
    }
  const other = { wrong: 'its data is not the picture that its header says; save it anew' }
  const starts = startsOf(rows)
  let start = starts.next().value
  let at = 0
  const unpacking = createInflate({ chunkSize: unpackedAtOnce })
  unpacking.end(packed)
  try {
    for await (const part of unpacking as AsyncIterable<Uint8Array>) {
      if (at + part.length > length) return other
      for (; start !== undefined && start < at + part.length; start = starts.next().value)
        if ((part[start - at] ?? 5) > 4) return other
      at += part.length
    }
  } catch {
    return other
  }
  return at === length ? { data: packed.subarray(0, unpacking.bytesWritten) } : other
}

/** A chunk with its length and check sum. */
function withCheck({ type, data }: Chunk): Uint8Array {
  const chunk = new Uint8Array(12 + data.length)
  const view = new DataView(chunk.buffer)
  view.setUint32(0, data.length)
  chunk.set(
    Uint8Array.from(type, (each) => each.charCodeAt(0)),
    4,
  )
  chunk.set(data, 8)
  view.setUint32(8 + data.length, crc32(chunk.subarray(4, 8 + data.length)))
  return chunk
}

/** Whether bytes begin as a PNG does. */
export const isPng = (bytes: Uint8Array): boolean => saysAt(bytes, 0, pngSignature)
