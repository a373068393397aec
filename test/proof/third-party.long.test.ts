/**
 * A third party's own code proves the logs: the packages of Go's checksum database (golang.org/x/mod/sumdb), which know
 * nothing of Comity. On Debian: golang-go and golang-golang-x-mod-dev.
 */

import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leafHash, readLeaf } from '../../functions/ledger/entry.ts'
import type { Durable, Stored } from '../../functions/ports.ts'
import { seal } from '../../functions/sealing/seal.ts'
import { memoryLog } from '../sealing/memory-log.ts'
import { exportLogs } from './exported.ts'

const packages = '/usr/share/gocode'
const isThere =
  existsSync(join(packages, 'src/golang.org/x/mod/sumdb/tlog')) &&
  spawnSync('go', ['version']).status === 0
if (!isThere) console.error('SKIPPED: logs proved by Go, since it or golang.org/x/mod is not here')

const folder = mkdtempSync(join(tmpdir(), 'comity-third-'))
afterAll(() => rmSync(folder, { recursive: true }))

const program = join(folder, 'verify_log')
/** How the program ends, and what it says of the logs under these keys. */
const verify = (files: string, keys: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(program, [files, ...keys], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

/** A log of entries of every format, each as it was stored then, in a folder. */
async function logOfAllFormats() {
  const log = 'comity.test/de/2026'
  const corpus = join(import.meta.dirname, '../ledger/corpus')
  const lines = readdirSync(corpus)
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => readFileSync(join(corpus, name), 'utf8').trimEnd().split('\n'))
  const versions = new Set<unknown>()
  const entries = new Map<string, Durable>()
  for (const line of lines) {
    const leafBytes = new Uint8Array(Buffer.from(JSON.parse(line).leaf, 'base64url'))
    const leaf = readLeaf(leafBytes)
    if (typeof leaf === 'string' || leaf.log !== log) continue
    versions.add(leaf.v)
    const beside = { attempt: 'one', kid: 'erased', ciphertext: new Uint8Array(32) }
    const stored: Stored = { leaf, leafBytes, leafHash: leafHash(leafBytes), ...beside }
    // A cast: nothing leaves by it.
    entries.set(leaf.eid, stored as Durable)
  }
  const { world, files } = memoryLog(entries)
  const eids = [...entries.keys()]
  // Grown in two steps, as a log grows.
  await seal(log, eids.slice(0, 30), world)
  await seal(log, eids, world)
  const out = join(folder, 'all-formats')
  // An export writes what a bundle gained as the bundle that it gave.
  const partial = `${log}/tile/entries/000.p/${entries.size}`
  files.set(partial, (await world.archive.get(partial)) ?? new Uint8Array())
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(out, path)), { recursive: true })
    writeFileSync(join(out, path), bytes)
  }
  return { out, log, keys: [world.vkey(log)], versions, count: entries.size }
}

describe.skipIf(!isThere)('Packages of Go that know nothing of Comity', () => {
  beforeAll(() => {
    const environment = { ...process.env, GO111MODULE: 'off', GOPATH: packages, GOFLAGS: '' }
    const cache = { GOCACHE: join(folder, 'cache') }
    const source = join(import.meta.dirname, 'verify_log.go')
    const built = spawnSync('go', ['build', '-o', program, source], {
      ...{ env: { ...environment, ...cache }, encoding: 'utf8' },
    })
    expect(built.stderr).toBe('')
  }, 300_000)

  // Kills: a checkpoint, bundle, tile or proof that only our own verifiers can read.
  test('prove every entry and every checkpoint of an exported log', async () => {
    const exported = await exportLogs()
    try {
      const { logs } = exported.keys
      expect(verify(exported.exportFolder, logs)).toEqual({
        status: 0,
        stderr: '',
        stdout: `${exported.de}: 9 entries proved, 4 checkpoints\n${exported.gb}: 3 entries proved, 3 checkpoints\n`,
      })
      const other = join(exported.exportFolder, exported.de, 'tile/entries/000.p/9')
      const bytes = readFileSync(other)
      bytes[20] = (bytes[20] ?? 0) ^ 1
      writeFileSync(other, bytes)
      expect(verify(exported.exportFolder, logs)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('do not give its checkpoint'),
      })
    } finally {
      await exported.close()
    }
  })

  test('prove a log with entries of every format that there ever was', async () => {
    const { out, log, keys, versions, count } = await logOfAllFormats()
    expect([...versions].sort()).toEqual([1, 2, 3, 4])
    expect(verify(out, keys)).toEqual({
      status: 0,
      stderr: '',
      // Both that were kept, and the newest again.
      stdout: `${log}: ${count} entries proved, 3 checkpoints\n`,
    })
  })
})
