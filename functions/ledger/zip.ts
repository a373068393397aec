/**
 * Zip files without any choice: files sorted by name, uncompressed, all with the same time. So the same files
 * give the same bytes, and what a reader unpacks is never larger than the zip.
 */

import { crc32 } from 'node:zlib'
import { ComityError } from '../failure.ts'

const names = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/

/** Most files that a reader takes. */
const filesMax = 2000

/** Bytes by path. */
export type Files = ReadonlyMap<string, Uint8Array>

/** The bytes of a zip. Throws if a name is not letters, digits, dots, hyphens and slashes. */
export function writeZip(files: Files): Uint8Array {
  const locals: Uint8Array[] = []
  const central: Uint8Array[] = []
  let offset = 0
  for (const [name, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!names.test(name))
      throw new ComityError(`couldn’t write the zip: \`${name}\` is no name for it`)
    const shared = headerOf(name, bytes)
    const local = Buffer.concat([u32(0x04034b50), shared, ascii(name)])
    const place = Buffer.concat([u16(0), u16(0), u16(0), u32(0), u32(offset)])
    central.push(Buffer.concat([u32(0x02014b50), u16(version), shared, place, ascii(name)]))
    locals.push(local, bytes)
    offset += local.length + bytes.length
  }
  const directory = Buffer.concat(central)
  const count = u16(files.size)
  const end = [u32(0x06054b50), u32(0), count, count, u32(directory.length), u32(offset), u16(0)]
  return Buffer.concat([...locals, directory, ...end])
}

/**
 * The files of a zip that `writeZip` made, or what is wrong with it. `oddAt` is the first byte that
 * `writeZip` would write differently, such as the check sum of a changed file.
 */
export function readZip(
  bytes: Uint8Array,
): { readonly files: Files; readonly oddAt?: number } | { readonly wrong: string } {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = view.length - 22
  if (end < 0 || view.readUInt32LE(end) !== 0x06054b50)
    return { wrong: 'it is not a whole zip file' }
  const count = view.readUInt16LE(end + 10)
  if (count > filesMax) return { wrong: `it has more than ${filesMax} files` }
  const files = new Map<string, Uint8Array>()
  let [at, total] = [view.readUInt32LE(end + 16), 0]
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.readUInt32LE(at) !== 0x02014b50)
      return { wrong: `its list of files is broken at byte ${at}` }
    const length = view.readUInt32LE(at + 24)
    const name = view.toString('latin1', at + 46, at + 46 + view.readUInt16LE(at + 28))
    const start = view.readUInt32LE(at + 42) + 30 + name.length
    if (!names.test(name)) return { wrong: 'a name in it is not one of a file of evidence' }
    if (files.has(name)) return { wrong: `\`${name}\` is in it twice` }
    if (view.readUInt16LE(at + 10) !== 0)
      return { wrong: `\`${name}\` is compressed: it was packed anew` }
    total += length
    if (start + length > end || total > end) return { wrong: `\`${name}\` is cut off` }
    files.set(name, view.subarray(start, start + length))
    at += 46 + name.length
  }
  const exact = writeZip(files)
  if (Buffer.compare(exact, view) === 0) return { files }
  const oddAt = view.findIndex((byte, each) => byte !== exact[each])
  return { files, oddAt: oddAt === -1 ? view.length : oddAt }
}

/**
 * The fields that a local header and the directory share: version 2.0, names in UTF-8, stored, 1 January
 * 1980.
 */
const version = 20
const headerOf = (name: string, bytes: Uint8Array): Uint8Array =>
  Buffer.concat([
    ...[version, 0x0800, 0, 0, 0x0021].map(u16),
    ...[crc32(bytes), bytes.length, bytes.length].map(u32),
    ...[name.length, 0].map(u16),
  ])

function u16(value: number): Uint8Array {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}
function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1')
