/**
 * A JPEG (ITU-T T.81) without what it says besides the picture: no EXIF but which way is up, no XMP, no comment, no
 * thumbnail, no colour profile, nothing after its end.
 */

import { joined, type Stripped, saysAt, twoBytes, wrongSize } from './limits.ts'

/** Markers of T.81, table B.1: the second byte, after 0xFF. */
const [soi, eoi, sos, dqt, dht, dri] = [0xd8, 0xd9, 0xda, 0xdb, 0xc4, 0xdd]
const [app0, app1, app14, app15, comment] = [0xe0, 0xe1, 0xee, 0xef, 0xfe]
/** Frames that are Huffman coded, 8 bits deep: baseline, extended and progressive. */
const frames = [0xc0, 0xc1, 0xc2]

/** Most scans. Ours: each is decoded over the whole picture, and encoders make about ten. */
const scansMax = 32

/** A segment: what follows its length, and the place after it. */
type Segment = { readonly marker: number; readonly body: Uint8Array; readonly end: number }

/** The same picture with the segments that it needs alone, in their order. Its pixels stay what they are. */
export function strippedJpeg(bytes: Uint8Array): Stripped {
  const kept: Uint8Array[] = []
  const said = new Map<number, Uint8Array>()
  let [at, scans, isFramed] = [2, 0, false]
  for (;;) {
    const segment = segmentAt(bytes, at)
    if ('wrong' in segment) return segment
    const { marker, body, end } = segment
    if (marker === eoi) break
    at = end
    if (marker >= app0 && marker <= app15) {
      const own = shortened(marker, body)
      if (own !== undefined && !said.has(marker)) said.set(marker, own)
      continue
    }
    if (marker === comment) continue
    const wrong = wrongSegment(marker, body, { isFramed, scans })
    if (wrong !== undefined) return { wrong }
    isFramed ||= frames.includes(marker)
    kept.push(withLength(marker, body))
    if (marker !== sos) continue
    scans += 1
    const scanEnd = endOfScan(bytes, at)
    if (scanEnd === undefined) return cutOff
    kept.push(bytes.subarray(at, scanEnd))
    at = scanEnd
  }
  if (scans === 0) return { wrong: 'it has no picture in it; save it anew' }
  const first = [app0, app1, app14].flatMap((each) => said.get(each) ?? [])
  return {
    bytes: joined([Uint8Array.of(0xff, soi), ...first, ...kept, Uint8Array.of(0xff, eoi)]),
  }
}

const cutOff = { wrong: 'it ends before its picture does; send all of it' } as const

/** The segment that begins at a place. */
function segmentAt(bytes: Uint8Array, from: number): Segment | { readonly wrong: string } {
  let at = from
  if (bytes[at] !== 0xff && bytes[at] !== undefined)
    return { wrong: 'between its parts are bytes that belong to none; save it anew' }
  while (bytes[at] === 0xff) at += 1
  const marker = bytes[at]
  if (marker === undefined) return cutOff
  if (marker === eoi) return { marker, body: new Uint8Array(), end: at + 1 }
  const length = twoBytes(bytes, at + 1)
  const end = at + 1 + length
  if (length < 2 || end > bytes.length)
    return { wrong: 'one of its parts says another length than it has; save it anew' }
  return { marker, body: bytes.subarray(at + 3, end), end }
}

/** What is wrong with a segment that is neither of an application nor a comment. */
function wrongSegment(
  marker: number,
  body: Uint8Array,
  { isFramed, scans }: { readonly isFramed: boolean; readonly scans: number },
): string | undefined {
  const malformed = 'one of its tables is malformed; save it anew'
  if (frames.includes(marker)) return isFramed ? malformed : wrongFrame(body)
  switch (marker) {
    case dqt:
      return isTables(body, (at) => (((body[at] ?? 0) >> 4) + 1) * 64) ? undefined : malformed
    case dht:
      return isTables(body, (at) => codesIn(body, at)) ? undefined : malformed
    case dri:
      return body.length === 2 ? undefined : malformed
    case sos:
      if (scans >= scansMax) return `it has more than ${scansMax} scans; save it anew`
      return isFramed && body.length === 4 + 2 * (body[0] ?? 0) ? undefined : malformed
    default:
      return 'it is coded in a way that few programs read; save it as baseline or progressive'
  }
}

/** What is wrong with the frame: 8 bits deep, of a size in bounds, with 1, 3 or 4 components. */
function wrongFrame(body: Uint8Array): string | undefined {
  const [depth, height, width, components] = [
    body[0],
    twoBytes(body, 1),
    twoBytes(body, 3),
    body[5] ?? 0,
  ]
  if (depth !== 8 || ![1, 3, 4].includes(components) || body.length !== 6 + 3 * components)
    return 'it is neither grey nor in colours of 8 bits; save it so'
  return wrongSize(width, height)
}

/** Whether a body is whole tables: one byte each that says which, and then as many as `lengthAt` says. */
function isTables(body: Uint8Array, lengthAt: (at: number) => number): boolean {
  let at = 0
  while (at < body.length) {
    const [kind, slot] = [(body[at] ?? 0) >> 4, (body[at] ?? 0) & 15]
    if (kind > 1 || slot > 3) return false
    at += 1 + lengthAt(at)
  }
  return at === body.length && at > 0
}

/** How long a Huffman table is: 16 counts, and as many codes as they add up to. */
const codesIn = (body: Uint8Array, at: number): number =>
  16 + body.subarray(at + 1, at + 17).reduce((sum, count) => sum + count, 0)

/** Where the coded data from a place on ends: at the first marker that is no restart. */
function endOfScan(bytes: Uint8Array, from: number): number | undefined {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]
    if (next === undefined) return undefined
    const isData = next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7)
    if (!isData) return at
  }
  return undefined
}

/** What is kept of what an application said, written anew; undefined if nothing is. */
function shortened(marker: number, body: Uint8Array): Uint8Array | undefined {
  // How many pixels there are to the inch (T.871, 10.1), without the thumbnail: a print is measured by it.
  if (marker === app0 && saysAt(body, 0, 'JFIF\0') && body.length >= 14)
    return withLength(app0, joined([body.subarray(0, 12), new Uint8Array(2)]))
  // How its colours are coded: red, green and blue, or by brightness.
  if (marker === app14 && saysAt(body, 0, 'Adobe') && body.length >= 12) {
    const transform = Math.min(body[11] ?? 0, 2)
    return withLength(
      app14,
      joined([body.subarray(0, 5), Uint8Array.of(0, 100, 0, 0, 0, 0, transform)]),
    )
  }
  const turned = marker === app1 ? turnedIn(body) : undefined
  return turned === undefined ? undefined : withLength(app1, exifTurned(turned))
}

/** The tag of EXIF by which a picture is to be turned. */
const orientation = 0x0112

/** Which way a picture is to be turned, 2 to 8, as its EXIF says; undefined if it is not. */
function turnedIn(body: Uint8Array): number | undefined {
  const tiff = body.subarray(6)
  const isLittle = saysAt(tiff, 0, 'II')
  if (!saysAt(body, 0, 'Exif\0\0') || tiff.length < 14 || (!isLittle && !saysAt(tiff, 0, 'MM')))
    return undefined
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  const directory = view.getUint32(4, isLittle)
  if (directory + 2 > tiff.length) return undefined
  const entries = view.getUint16(directory, isLittle)
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + 12 * i
    if (at + 12 > tiff.length) return undefined
    if (view.getUint16(at, isLittle) !== orientation) continue
    const turned = view.getUint16(at + 8, isLittle)
    return turned >= 2 && turned <= 8 ? turned : undefined
  }
  return undefined
}

/** EXIF with one entry: a number of two bytes, which way the picture is to be turned. */
const exifTurned = (turned: number): Uint8Array => {
  const header = [...'Exif\0\0MM\0*'].map((each) => each.charCodeAt(0))
  const entry = [...[0, 0, 0, 8], ...[0, 1], ...[1, 0x12], ...[0, 3], ...[0, 0, 0, 1]]
  return Uint8Array.from([...header, ...entry, 0, turned, 0, 0, 0, 0, 0, 0])
}

/** A segment with its marker and length. */
const withLength = (marker: number, body: Uint8Array): Uint8Array => {
  const length = body.length + 2
  return joined([Uint8Array.of(0xff, marker, length >> 8, length & 255), body])
}
