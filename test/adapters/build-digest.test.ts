import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildDigest } from '../../functions/adapters/build-digest.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'comity-'))
  mkdirSync(join(folder, 'a/b'), { recursive: true })
  for (const [file, text] of Object.entries({
    'z.ts': 'z',
    'a/b/c.ts': 'c',
    'a-b.ts': '-',
    'a/B.ts': 'B',
  }))
    writeFileSync(join(folder, file), text)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('The digest of a build', () => {
  test('of a bundle is its SHA-256', () => {
    const digest = '594e519ae499312b29433b7dd8a97ff068defcba9755b6d5d00e84c524d67b06'
    expect(buildDigest(join(folder, 'z.ts'))).toBe(digest)
  })

  // Kills: another order, other names, a folder among the files.
  test('of a folder is what anyone can compute with sha256sum', () => {
    const command = 'find * -type f | LC_ALL=C sort | xargs sha256sum | sha256sum'
    const theirs = execFileSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' })
    expect(`${buildDigest(folder)}  -\n`).toBe(theirs)
  })

  // Kills: names that do not count.
  test('is another when a file has another byte, or another name', () => {
    const before = buildDigest(folder)
    writeFileSync(join(folder, 'a/B.ts'), 'b')
    const changed = buildDigest(folder)
    renameSync(join(folder, 'z.ts'), join(folder, 'y.ts'))
    expect(new Set([before, changed, buildDigest(folder)]).size).toBe(3)
  })
})
