/** Pictures of nobody (48 × 32 pixels of a made-up gradient), and what a file may say besides its picture. */

import { crc32, deflateSync } from 'node:zlib'

const coded = {
  baseline: [
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEEx',
    'NDk7Pj4+JS5ESUM8SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7',
    'Ozs7Ozs7Ozs7Ozs7Ozv/wAARCAAgADADASIAAhEBAxEB/8QAGQABAAMBAQAAAAAAAAAAAAAABAECAwUA/8QAJxAAAgECBQME',
    'AwAAAAAAAAAAAQIRAAMEEiExQRQiYQUTUXEVgaH/xAAZAQACAwEAAAAAAAAAAAAAAAADBAACBgX/xAAeEQACAgMAAwEAAAAA',
    'AAAAAAABAgADBBEhEhQxIv/aAAwDAQACEQMRAD8Ax6u1lhllt5AqPyRtDMhb5mvdCFUsZ13UCqNhcy5SRxBzRNQNjHan7NI2',
    'UrHol39UZgC8mIINbW8X7qwqxmHNA6B84TODLQQu9MtYNrRVSJjzQnpr+gdh0yFH5EbZuMSCZI2nmkqDEzA4PzQrVw22BRJE',
    '7jSmLisiANaXu2I3pVqu7AlWuZPomrrZJKkGRyI0oOMsAr2PBHKis09QyKAwDDXU6Vi2Jh8wMjbLTIx7FILCZP3VbhgWaLpB',
    'J7ToRpJpNvGOEAcMfpam+uHvH3IIddY80iwGuIqXVBWOK64VWq3qD9vR5Jwl625BAK+CIH3XVtWbd3Uv5gRp+q5VzAuO+2FK',
    'iJnf+VCXmw5gkidaWFVdh0vI82WfDYaf/9k=',
  ].join(''),
  progressive: [
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEEx',
    'NDk7Pj4+JS5ESUM8SDc9Pjv/2wBDAQoLCw4NDhwQEBw7KCIoOzs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7Ozs7',
    'Ozs7Ozs7Ozs7Ozs7Ozv/wgARCAAgADADASIAAhEBAxEB/8QAGAABAAMBAAAAAAAAAAAAAAAAAwABAgT/xAAZAQACAwEAAAAA',
    'AAAAAAAAAAACAwABBQT/2gAMAwEAAhADEAAAAcVKmlewYDZQZVbDOG5IJadYzr5It/8A/8QAHBAAAgMAAwEAAAAAAAAAAAAA',
    'AAECERIQEyFB/9oACAEBAAEFAtI7KO0UrE+MGTAoUJ0aPCaPqmRaEkzsNDyxejgXk//EABoRAQEAAwEBAAAAAAAAAAAAAAEA',
    'AxMxAiH/2gAIAQMBAT8BcoxkOT7S3DbZy/O3/8QAGxEAAwACAwAAAAAAAAAAAAAAAAECETEDEhP/2gAIAQIBAT8Bzx6HEjk8',
    '6WzCcnWa0f/EABkQAAIDAQAAAAAAAAAAAAAAAAAhEBEwMf/aAAgBAQAGPwLPmNjFH//EAB0QAAMBAAIDAQAAAAAAAAAAAAAB',
    'ESExQWGRocH/2gAIAQEAAT8hy1adyo2fJFi5HCMq/B2p+l2XvoZCKMQpWpo1xMcfob9Bk2+h7wdoKFuj1fgvlItEkwbzEE4/',
    '/9oADAMBAAIAAwAAABBjO8FOn//EABcRAQEBAQAAAAAAAAAAAAAAAAEAITH/2gAIAQMBAT8QQ0iYuiXI2XJdk//EABgRAQEB',
    'AQEAAAAAAAAAAAAAAAEAESEx/9oACAECAQE/EBdXt7A7ddCECI0chmcX/8QAHhABAQACAgMBAQAAAAAAAAAAAREAITFBUWFx',
    'gaH/2gAIAQEAAT8Q41OVDKNfK4QNsiOaaEd4hFqcXvAy2HT5yEV3yDNgTqOlzXm2E5YyhZ7xgbl5NZDPCJzjFQ07JrBeGnYy',
    'DFdtJquBIV8wyIPokPubl94TX5koAN7dZGTTjDGibp7whZjrA6kJbz/MYipd5//Z',
  ].join(''),
  grey: [
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAoHBwgHBgoICAgLCgoLDhgQDg0NDh0VFhEYIx8lJCIfIiEmKzcvJik0KSEiMEEx',
    'NDk7Pj4+JS5ESUM8SDc9Pjv/wAALCAAgADABAREA/8QAGQABAQEBAQEAAAAAAAAAAAAABAMFAQAC/8QAJhAAAgEDAwQDAAMA',
    'AAAAAAAAAQIRAAMSBCExBRNBUSNhcSKBkf/aAAgBAQAAPwDNGstYhWUljvIFdHVO0MkLe59V651UtjmCYghqtb1ffTFVgMP9',
    'pllyWBMkcTG9JVWInIKPDDzWUOnoqliDJ5UA81J9DKQSOBBygGoDpz59suploIXml29C9kquOQH3SbN7tEFbcieRtT7erUIu',
    'Vld+COaTct2ciCDPsAbfVC11lSn8XIPhlAmsRmAvEEmVYwRIk0q3rGVAHVj+LV9Jet3CCAU24Igfta9jTW7oln8TAjb1tQk1',
    '4RRkquNzJ2qL6kB8l3HGJqOot6a/8mJFxd48TSNOrui27yApHINfN3pzj5LYUqIknmf6rlu42lMbid+a/9k=',
  ].join(''),
  palette: [
    'iVBORw0KGgoAAAANSUhEUgAAADAAAAAgCAMAAABjCgsuAAAAGFBMVEXcYWaqVmqnlZWzkWytXpBoh3ZkaaBekqAHxnsdAAAB',
    'h0lEQVQ4y5WT7bqCMAyDt36s93/HNuk2BvJD85yjoHlJWrA1qLcp0fa7+h9e2K0A+5Pp/YcoM/xDvUTstau2Zb0Ae2MOwuxB',
    'tP6eQ7ui+JM4VJM9Ji1Zf/FXnK3ys9Ii7J1IQy4vu6iuGXr3FWAPc+dO6F6qSs7lHEtaTdhZO6++AZwvbAO1sM3wdhWQ3ygB',
    'XdPXPGhuy88DEUU7YwQACGE1iSqHup6vPMY8TQw3AxlslCwXoGICQNbTY3wVa4qfAC7urt4V49uolYnU4ioj/1RyrZLEFAj3',
    'QdkYkoCidkaK1Jlgw3m4AR8TAGPmmYGhsorUlgTAkeGXfwyezHJbBDbhdwL2gVFuAN/Kn+9PApDYuAEcohjsZXwB+Vmclcpc',
    'IXJePzZgV6sCUqh/mzpSZwqwDGruGFrCqYOIEnLmb0WGRDT6lp8KPwHzcg8ExALoiw1UlyA02zKYQNAC/wnEWSsfmP0AJDB1',
    'ulk9dqsMyRsxL7KBycSe9RDd9dVo40nUDKedhNSa4wNoLBHQ0AlTgwAAAABJRU5ErkJggg==',
  ].join(''),
} as const

/** A picture by its kind. */
export const picture = (kind: keyof typeof coded): Buffer => Buffer.from(coded[kind], 'base64')

/** A segment of a JPEG. */
export const segment = (marker: number, body: Uint8Array | string): Buffer => {
  const bytes = Buffer.from(body as string, 'latin1')
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(bytes.length + 2, 2)
  return Buffer.concat([head, bytes])
}

/** A JPEG with bytes put in after its beginning. */
export const withSegments = (jpeg: Buffer, ...segments: readonly Buffer[]): Buffer =>
  Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)])

/** EXIF of a camera, with the place and the way up: TIFF, little-endian, one directory and one for the GPS. */
export function exif(turned: number): Buffer {
  const tiff = Buffer.alloc(128)
  tiff.write('II*\0', 0, 'latin1')
  tiff.writeUInt32LE(8, 4)
  tiff.writeUInt16LE(2, 8)
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    tiff.writeUInt16LE(tag, at)
    tiff.writeUInt16LE(type, at + 2)
    tiff.writeUInt32LE(count, at + 4)
    tiff.writeUInt32LE(value, at + 8)
  }
  entry(10, 0x0112, 3, 1, turned)
  entry(22, 0x8825, 4, 1, 40)
  tiff.writeUInt16LE(1, 40)
  entry(42, 0x0002, 5, 3, 64)
  for (const [i, part] of [48, 1, 8, 1, 13, 1].entries()) tiff.writeUInt32LE(part, 64 + 4 * i)
  tiff.write('GPS 48 8 13', 96, 'latin1')
  return segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]))
}

/** What no file may still say; each is in `telling` somewhere. */
export const secrets = [
  'GPS 48 8 13',
  'xmp:CreatorTool',
  'taken by officer 7',
  'PK\x03\x04',
  'ICC_PROFILE',
]

/** What files say besides their picture, as segments of a JPEG. */
export const telling = (turned = 1): readonly Buffer[] => [
  exif(turned),
  segment(
    0xe1,
    'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><xmp:CreatorTool>Camera</xmp:CreatorTool>',
  ),
  segment(0xe2, 'ICC_PROFILE\0\x01\x01 a profile with the name of its maker'),
  segment(0xed, 'Photoshop 3.0\0 a caption'),
  segment(0xfe, 'taken by officer 7'),
]

/** A chunk of a PNG. */
export function chunk(type: string, data: Uint8Array | string = ''): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), Buffer.from(data as string, 'latin1')])
  const made = Buffer.alloc(named.length + 8)
  made.writeUInt32BE(named.length - 4)
  named.copy(made, 4)
  made.writeUInt32BE(crc32(named), named.length + 4)
  return made
}

/** The chunks of a PNG, by type and data. */
export function chunksIn(png: Uint8Array): readonly (readonly [type: string, data: Buffer])[] {
  const bytes = Buffer.from(png)
  const found: (readonly [string, Buffer])[] = []
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    found.push([type, bytes.subarray(at + 8, at + 8 + length)])
    at += 12 + length
  }
  return found
}

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

/** A PNG of these chunks, without one for the end unless it is among them. */
export const pngOf = (...chunks: readonly Buffer[]): Buffer => Buffer.concat([signature, ...chunks])

/** The header of a PNG: by default 4 × 3 pixels in colours of 8 bits. */
export function header({
  width = 4,
  height = 3,
  depth = 8,
  colour = 2,
  interlace = 0,
} = {}): Buffer {
  const data = Buffer.alloc(13)
  data.writeUInt32BE(width)
  data.writeUInt32BE(height, 4)
  data.set([depth, colour, 0, 0, interlace], 8)
  return chunk('IHDR', data)
}

/** Rows of 4 × 3 pixels in colours of 8 bits, each with its filter. */
export const rows = Buffer.from(
  [0, 1, 2].flatMap((row) => [0, ...Array.from({ length: 12 }, (_, i) => (row * 12 + i) * 7)]),
)

/** The data of a PNG: its rows, packed. */
export const data = (unpacked: Uint8Array = rows): Buffer => chunk('IDAT', deflateSync(unpacked))
