/** What is kept of a picture: the picture, and nothing that it says besides; what cannot be stripped is refused. */

import { deflateSync, inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { fileBytesMax } from '../../functions/picture/limits.ts'
import { stripped } from '../../functions/picture/picture.ts'
import {
  chunk,
  chunksIn,
  data,
  exif,
  header,
  picture,
  pngOf,
  rows,
  secrets,
  segment,
  telling,
  withSegments,
} from './pictures.ts'

const kept = async (bytes: Uint8Array, type = 'image/jpeg'): Promise<Buffer> => {
  const picture = await stripped(bytes, type)
  if ('wrong' in picture) throw new Error(picture.wrong)
  expect(picture.type).toBe(type)
  return Buffer.from(picture.bytes)
}
const refusal = async (bytes: Uint8Array, type = 'image/jpeg'): Promise<string> => {
  const picture = await stripped(bytes, type)
  return 'wrong' in picture ? picture.wrong : 'kept'
}

/** The markers of a JPEG, up to its coded data. */
function markersOf(jpeg: Buffer): readonly number[] {
  const markers: number[] = []
  for (let at = 2; ; at += 2 + jpeg.readUInt16BE(at + 2)) {
    const marker = jpeg[at + 1] ?? 0
    markers.push(marker)
    if (marker === 0xda) return markers
  }
}

const zip = Buffer.from('PK\x03\x04 a document that nobody asked for', 'latin1')

describe('A photograph', () => {
  // Kills: a marker that is kept because nobody thought of it; a picture that ends where its file does.
  test.each(['baseline', 'progressive', 'grey'] as const)(
    'loses its place, its maker, its comments and what is hidden after it (%s)',
    async (kind) => {
      const plain = picture(kind)
      const bytes = Buffer.concat([withSegments(plain, ...telling()), zip])
      for (const secret of secrets) expect(bytes.includes(secret, 0, 'latin1')).toBe(true)
      const left = await kept(bytes)
      for (const secret of secrets) expect(left.includes(secret, 0, 'latin1'), secret).toBe(false)
      // Byte for byte the picture without all that, so that its pixels are the same.
      expect(left).toEqual(await kept(plain))
      expect(markersOf(left).filter((each) => each > 0xe0 || each === 0xfe)).toEqual([])
    },
  )

  test('keeps its tables and coded data as they were', async () => {
    for (const kind of ['baseline', 'progressive', 'grey'] as const) {
      const plain = picture(kind)
      expect(await kept(plain)).toEqual(plain)
    }
  })

  // Kills: a thumbnail, in which the person is still seen after the picture was cut.
  test('loses the thumbnail, and keeps how many pixels there are to the inch', async () => {
    const jfif = Buffer.from('JFIF\0\x01\x02\x01\x01\xf4\x01\xf4\x02\x02', 'latin1')
    const thumbnail = Buffer.alloc(12, 0xab)
    const plain = picture('baseline')
    const without = Buffer.concat([plain.subarray(0, 2), plain.subarray(20)])
    const own = segment(0xe0, Buffer.concat([jfif, thumbnail]))
    const left = await kept(withSegments(without, own, segment(0xe0, 'JFXX\0\x10 a thumbnail')))
    expect(left.includes(thumbnail)).toBe(false)
    expect(left.subarray(2, 20).toString('latin1')).toBe(
      '\xff\xe0\x00\x10JFIF\0\x01\x02\x01\x01\xf4\x01\xf4\x00\x00',
    )
  })

  test('still says which way is up, and nothing else of its EXIF', async () => {
    const left = await kept(withSegments(picture('baseline'), exif(6)))
    const at = left.indexOf('Exif')
    expect(left.readUInt16BE(at - 2)).toBe(34)
    expect(left.subarray(at, at + 32).toString('hex')).toBe(
      `${Buffer.from('Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06', 'latin1').toString('hex')}000000000000`,
    )
    expect(left.includes('GPS')).toBe(false)
    // Stripping what is stripped changes nothing.
    expect(await kept(left)).toEqual(left)
    expect(await kept(withSegments(picture('baseline'), exif(9)))).toEqual(
      await kept(picture('baseline')),
    )
  })

  test('still says how its colours are coded', async () => {
    const adobe = segment(0xee, 'Adobe\0\x64 \x01\x02\x03\x00 and more')
    const left = await kept(withSegments(picture('baseline'), adobe))
    expect(left.includes('Adobe\0\x64\0\0\0\0\0', 0, 'latin1')).toBe(true)
    expect(left.includes('and more')).toBe(false)
  })

  test('that is cut off, or lies about its lengths, is refused with what to do', async () => {
    const plain = picture('baseline')
    expect(await refusal(plain.subarray(0, plain.length - 2))).toMatch(
      /ends before its picture does/,
    )
    for (let length = 3; length < plain.length - 1; length += 7)
      expect(await refusal(plain.subarray(0, length)), String(length)).not.toBe('kept')
    const lying = Buffer.from(withSegments(plain, segment(0xfe, 'abc')))
    lying.writeUInt16BE(60_000, 4)
    expect(await refusal(lying)).toMatch(/another length/)
    lying.writeUInt16BE(1, 4)
    expect(await refusal(lying)).toMatch(/another length/)
    // A comment that ends where a segment should begin: whatever is there belongs to none.
    lying.writeUInt16BE(4, 4)
    expect(await refusal(lying)).toMatch(/belong to none/)
  })

  test('with more pixels than a reader has room for is refused', async () => {
    const bomb = Buffer.from(picture('baseline'))
    const frame = bomb.indexOf(Buffer.from([0xff, 0xc0]))
    bomb.writeUInt16BE(60_000, frame + 5)
    bomb.writeUInt16BE(60_000, frame + 7)
    expect(await refusal(bomb)).toMatch(/60000 × 60000 pixels/)
    bomb.writeUInt16BE(0, frame + 5)
    expect(await refusal(bomb)).toMatch(/48|0 pixels/)
    const scans = picture('progressive')
    const scan = scans.lastIndexOf(Buffer.from([0xff, 0xda]))
    const many = Array.from({ length: 40 }, () => scans.subarray(scan, scans.length - 2))
    expect(
      await refusal(Buffer.concat([scans.subarray(0, scan), ...many, scans.subarray(-2)])),
    ).toMatch(/more than 32 scans/)
  })

  test('that is coded as few programs read it is refused', async () => {
    const other = Buffer.from(picture('baseline'))
    const frame = other.indexOf(Buffer.from([0xff, 0xc0]))
    for (const marker of [0xc3, 0xc9, 0xdc, 0x01]) {
      other[frame + 1] = marker
      expect(await refusal(other), String(marker)).not.toBe('kept')
    }
    expect(await refusal(withSegments(picture('baseline'), segment(0xdb, 'not a table')))).toMatch(
      /table/,
    )
    expect(await refusal(Buffer.from([0xff, 0xd8, 0xff, 0xd9]))).toMatch(/no picture/)
  })
})

describe('A picture as PNG', () => {
  const plain = pngOf(header(), data(), chunk('IEND'))

  // Kills: a chunk that is kept because nobody thought of it.
  test('loses its texts, its time, its EXIF and what is hidden after it', async () => {
    const told = [
      chunk('tEXt', 'Author\0officer 7'),
      chunk('iTXt', 'XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta/>'),
      chunk('zTXt', 'Comment\0\0'),
      chunk('eXIf', exif(1).subarray(10)),
      chunk('tIME', Buffer.from([7, 234, 11, 28, 9, 30, 0])),
      chunk('iCCP', 'name of the maker\0\0'),
      chunk('prVt', 'private'),
    ]
    const bytes = Buffer.concat([
      pngOf(header(), ...told, data(), chunk('tEXt', 'Title\0x'), chunk('IEND')),
      zip,
    ])
    const left = await kept(bytes, 'image/png')
    expect(left).toEqual(await kept(plain, 'image/png'))
    expect(chunksIn(left).map(([type]) => type)).toEqual(['IHDR', 'IDAT', 'IEND'])
  })

  test('keeps its palette, its colours and its measure, and its pixels', async () => {
    const pixels = chunk('pHYs', Buffer.from([0, 0, 0x4c, 0xe6, 0, 0, 0x4c, 0xe6, 1]))
    const own = pngOf(header(), chunk('sRGB', Buffer.of(0)), pixels, data(), chunk('IEND'))
    expect(await kept(own, 'image/png')).toEqual(own)
    const palette = picture('palette')
    const before = Object.fromEntries(chunksIn(palette))
    const after = Object.fromEntries(chunksIn(await kept(palette, 'image/png')))
    expect(after.PLTE).toEqual(before.PLTE)
    expect(inflateSync(after.IDAT ?? '')).toEqual(inflateSync(before.IDAT ?? ''))
  })

  // Kills: what is hidden within the data, after the packed picture.
  test('loses what follows the packed picture within its data', async () => {
    const [packed, hidden] = [deflateSync(rows), Buffer.from('hidden')]
    const bytes = pngOf(
      header(),
      chunk('IDAT', packed.subarray(0, 9)),
      chunk('IDAT', Buffer.concat([packed.subarray(9), hidden])),
      chunk('IDAT', hidden),
      chunk('IEND'),
    )
    const left = await kept(bytes, 'image/png')
    expect(left.includes('hidden')).toBe(false)
    expect(Object.fromEntries(chunksIn(left)).IDAT).toEqual(packed)
  })

  test('whose data is not the picture that its header says is refused', async () => {
    const wrong = /not the picture that its header says/
    const of = (...parts: readonly Buffer[]) => refusal(pngOf(...parts, chunk('IEND')), 'image/png')
    expect(await of(header(), data(Buffer.concat([rows, rows])))).toMatch(wrong)
    expect(await of(header(), data(rows.subarray(0, 20)))).toMatch(wrong)
    expect(await of(header(), data(Buffer.from(rows).fill(9, 0, 1)))).toMatch(wrong)
    expect(await of(header(), chunk('IDAT', 'no packed data'))).toMatch(wrong)
    // It unpacks to a hundred megabytes, of which no more than the header says is ever unpacked.
    expect(await of(header(), data(Buffer.alloc(100_000_000)))).toMatch(wrong)
    expect(await of(header({ width: 100_000, height: 100_000 }), data())).toMatch(/pixels/)
    expect(await of(header({ width: 4096, height: 4096, depth: 16 }), data())).toMatch(/smaller/)
  })

  // By hand from section 8.1: of 4 × 3 pixels, the passes have 1, 0, 0, 1, 2, 4 and 4 of them.
  test('that comes in seven passes is held to the rows of each', async () => {
    const of = (length: number) =>
      pngOf(header({ interlace: 1 }), data(Buffer.alloc(length)), chunk('IEND'))
    expect(await kept(of(4 + 4 + 7 + 2 * 7 + 13), 'image/png')).toEqual(of(42))
    expect(await refusal(of(rows.length), 'image/png')).toMatch(/not the picture/)
  })

  test('with a wrong check sum or length, a chunk out of place or an unknown one that counts is refused', async () => {
    const flipped = Buffer.from(plain)
    flipped[20] = 99
    expect(await refusal(flipped, 'image/png')).toMatch(/check sum/)
    const lying = Buffer.from(plain)
    lying.writeUInt32BE(0x7fffffff, 33)
    expect(await refusal(lying, 'image/png')).toMatch(/another length/)
    expect(await refusal(plain.subarray(0, plain.length - 12), 'image/png')).toMatch(/ends before/)
    const of = (...parts: readonly Buffer[]) => refusal(pngOf(...parts, chunk('IEND')), 'image/png')
    const malformed = /malformed, or not where it belongs/
    expect(await of(header(), chunk('HIDE', 'x'), data())).toMatch(malformed)
    expect(await of(header(), data(), chunk('sRGB', Buffer.of(0)))).toMatch(malformed)
    expect(await of(header(), chunk('sRGB', 'a text'), data())).toMatch(malformed)
    expect(await of(header(), data(), chunk('tEXt', 'a\0b'), data())).toMatch(malformed)
    expect(await of(header({ colour: 3 }), data())).toMatch(malformed)
    expect(await of(header({ depth: 3 }), data())).toMatch(malformed)
    expect(await of(data())).toMatch(/does not begin/)
    expect(await of(header(), chunk('acTL', Buffer.alloc(8)), data())).toMatch(/moves/)
  })
})

describe('A picture that is large once it is unpacked', () => {
  // Kills: one that is unpacked as a whole, while everybody else waits.
  test('is looked at while others are answered', async () => {
    const [width, height] = [4000, 4000]
    const many = data(Buffer.alloc(height * (1 + width * 3)))
    const bytes = pngOf(header({ width, height, colour: 2, depth: 8 }), many, chunk('IEND'))
    let turns = 0
    const others = setInterval(() => (turns += 1), 1)
    expect(await kept(bytes, 'image/png')).toEqual(bytes)
    clearInterval(others)
    expect(turns).toBeGreaterThan(2)
  })
})

describe('A file', () => {
  test('is what its own first bytes say, and no other type is kept', async () => {
    expect(await refusal(picture('baseline'), 'image/png')).toMatch(
      /it is image\/jpeg by its first bytes/,
    )
    for (const bytes of ['%PDF-1.7', 'GIF89a', 'PK\x03\x04', '<svg xmlns="…">', ''])
      expect(await refusal(Buffer.from(bytes, 'latin1'))).toMatch(/none of image\/jpeg, image\/png/)
    // A file that is a ZIP to one reader and a picture to another.
    expect(await refusal(Buffer.concat([zip, picture('baseline')]))).toMatch(/none of/)
    expect(await refusal(Buffer.concat([picture('baseline'), Buffer.alloc(fileBytesMax)]))).toMatch(
      /longer/,
    )
  })
})
