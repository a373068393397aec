/** The zip of evidence: other programs open it, and nothing in it is left to choose. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readZip, writeZip } from '../../functions/ledger/zip.ts'

const text = (value: string) => new Uint8Array(Buffer.from(value))
const files = new Map([
  ['page.html', text('<p>§</p>')],
  ['entries/a.json', text('{}')],
  ['empty.txt', text('')],
])
const zip = writeZip(files)
const python = process.platform === 'win32' ? 'python' : 'python3'
const changed = (at: number, byte = 0xff) => {
  const bytes = Uint8Array.from(zip)
  bytes[at] = (bytes[at] ?? 0) ^ byte
  return bytes
}

describe('A zip of evidence', () => {
  // Kills: a wrong check sum, offset or length. The second reader is Python's zipfile.
  test('opens in another program, every check sum right', () => {
    const folder = mkdtempSync(join(tmpdir(), 'comity-zip-'))
    writeFileSync(join(folder, 'a.zip'), zip)
    const script = `
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print([(i.filename, z.read(i).decode(), i.CRC, i.date_time[:3]) for i in z.infolist()])`
    const out = execFileSync(python, ['-c', script, join(folder, 'a.zip')]).toString()
    rmSync(folder, { recursive: true })
    const day = '(1980, 1, 1)'
    expect(out.trim()).toBe(
      `[('empty.txt', '', 0, ${day}), ('entries/a.json', '{}', ${crc32('{}')}, ${day}), ('page.html', '<p>§</p>', ${crc32('<p>§</p>')}, ${day})]`,
    )
  })

  test('has the same bytes in whatever order its files are given, and gives them back', () => {
    expect(writeZip(new Map([...files].reverse()))).toEqual(zip)
    const read = readZip(zip)
    if ('wrong' in read) throw new Error(read.wrong)
    expect(read.oddAt).toBeUndefined()
    expect([...read.files].map(([name, bytes]) => [name, Buffer.from(bytes).toString()])).toEqual([
      ['empty.txt', ''],
      ['entries/a.json', '{}'],
      ['page.html', '<p>§</p>'],
    ])
  })

  // Kills: no comparison with what would have been written; the wrong byte named.
  test('names any byte that was changed, and nothing it says makes the reader fail', () => {
    for (let at = 0; at < zip.length; at++) {
      const read = readZip(changed(at))
      if ('wrong' in read) continue
      // Of a byte within a file, it is the check sum before it that no longer fits.
      const named = read.oddAt ?? zip.length
      expect(named, `byte ${at}`).toBeLessThanOrEqual(at)
    }
    for (const at of [4, 6, 10, 12, 28]) expect(readZip(changed(at))).toMatchObject({ oddAt: at })
    const longer = Buffer.concat([zip.subarray(0, -22), Buffer.of(0), zip.subarray(-22)])
    expect(readZip(longer)).toMatchObject({ oddAt: zip.length - 22 })
  })

  test('is refused cut off, compressed, with a name twice, or one that leaves its folder', () => {
    const said = (bytes: Uint8Array) => {
      const read = readZip(bytes)
      return 'wrong' in read ? read.wrong : ''
    }
    expect(said(zip.subarray(0, -1))).toBe('it is not a whole zip file')
    expect(said(new Uint8Array(3))).toBe('it is not a whole zip file')
    const named = (from: string, to: string) =>
      said(Buffer.from(Buffer.from(zip).toString('latin1').replaceAll(from, to), 'latin1'))
    expect(named('entries/a.json', '../../../a.jsn')).toContain('a name in it is not one')
    expect(named('entries/a.json', '/etc/a/a/.json')).toContain('a name in it is not one')
    const twice = writeZip(
      new Map([
        ['a', text('1')],
        ['b', text('2')],
      ]),
    )
    const doubled = Buffer.from(
      Buffer.from(twice).toString('latin1').replaceAll('b', 'a'),
      'latin1',
    )
    expect(said(doubled)).toBe('`a` is in it twice')
    const directory = Buffer.from(zip).indexOf(Buffer.from('PK\u0001\u0002', 'latin1'))
    expect(said(changed(directory + 10, 8))).toBe('`empty.txt` is compressed: it was packed anew')
    expect(() => writeZip(new Map([['../a', text('')]]))).toThrow('is no name for it')
  })

  // Kills: no bound on the sum of lengths: files that lie over one another.
  test('never gives back more than it holds', () => {
    const many = new Map<string, Uint8Array>([['a', new Uint8Array(5000)]])
    for (let i = 0; i < 30; i++) many.set(`b${i}`, new Uint8Array(0))
    const bomb = Buffer.from(writeZip(many))
    for (let at = bomb.readUInt32LE(bomb.length - 6); at < bomb.length - 22; ) {
      bomb.writeUInt32LE(5000, at + 24)
      bomb.writeUInt32LE(0, at + 42)
      at += 46 + bomb.readUInt16LE(at + 28)
    }
    expect(readZip(bomb)).toEqual({ wrong: '`b0` is cut off' })
  })
})
