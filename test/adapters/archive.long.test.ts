/** What both archives promise, each over the real thing: a folder, and S3's protocol on loopback. */

import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { fileArchive } from '../../functions/adapters/archive-files.ts'
import { s3Archive } from '../../functions/adapters/archive-s3.ts'
import { isStoreAway } from '../../functions/adapters/dynamodb.ts'
import type { Archive } from '../../functions/log-ports.ts'
import { type Fault, startBucket } from './s3.ts'
import { keyOf, leavesOf, noteOf } from './signed-log.ts'

const top = mkdtempSync(join(tmpdir(), 'comity-archive-'))
const bucket = await startBucket()
afterAll(async () => {
  rmSync(top, { recursive: true })
  await bucket.close()
})

const freshLog = () => `comity.test/${randomUUID()}/2026`
const bytes = (text: string) => Buffer.from(text)
const textAt = async (archive: Pick<Archive, 'get'>, path: string) => {
  const there = await archive.get(path)
  return there && Buffer.from(there).toString()
}

const archives: readonly (readonly [string, () => Archive])[] = [
  ['a folder', () => fileArchive(join(top, 'shared'), randomUUID)],
  ['S3', () => s3Archive(bucket.name, bucket.client)],
]

describe.each(archives)('An archive in %s', (_, open) => {
  test('gives back what was put, and nothing where nothing was', async () => {
    const [archive, log] = [open(), freshLog()]
    await archive.put(`${log}/tile/0/000`, bytes('one'))
    await archive.put(`${log}/tile/0/000.p/5`, bytes('five'))
    expect(await textAt(archive, `${log}/tile/0/000`)).toBe('one')
    expect(await textAt(open(), `${log}/tile/0/000.p/5`)).toBe('five')
    for (const path of ['tile/0/001', 'tile/0', 'tile', 'tile/0/000/1'])
      expect(await archive.get(`${log}/${path}`)).toBeUndefined()
  })

  // Kills: a put over what is there; a conflict that is passed over; one that equal bytes make.
  test('is written once: the same bytes again are one write, others a conflict', async () => {
    const [archive, path] = [open(), `${freshLog()}/tile/0/000`]
    await archive.put(path, bytes('one'))
    await archive.put(path, bytes('one'))
    const conflict = archive.put(path, bytes('another'))
    await expect(conflict).rejects.toThrow(`couldn’t write ${path}: other bytes are there`)
    await expect(archive.put(path, bytes(''))).rejects.toMatchObject({ code: 'conflict' })
    expect(await textAt(archive, path)).toBe('one')
  })

  // Kills: a look before an unconditional write.
  test('lets one of many that write at once win, and tells the others', async () => {
    const [archive, path] = [open(), `${freshLog()}/tile/0/000`]
    const writes = ['a', 'b', 'c', 'd', 'e', 'f'].map((each) => archive.put(path, bytes(each)))
    const results = await Promise.allSettled(writes)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const failures = results.filter((each) => each.status === 'rejected')
    for (const { reason } of failures) expect(reason).toMatchObject({ code: 'conflict' })
    const winner = results.findIndex(({ status }) => status === 'fulfilled')
    expect(await textAt(archive, path)).toBe('abcdef'[winner])
  })

  // Kills: a tile that is taken for a bundle; a size that is as large; a bundle of later entries; widths as text.
  test('says which is the smallest tree that has the next entry', async () => {
    const [archive, log] = [open(), freshLog()]
    expect(await archive.grownFrom(log, 0)).toBeUndefined()
    for (const path of ['tile/0/000', 'tile/entries/001.p/9', 'tile/entries/000.p/3'])
      await archive.put(`${log}/${path}`, bytes('x'))
    expect(await archive.grownFrom(log, 0)).toBe(3)
    expect(await archive.grownFrom(log, 3)).toBeUndefined()
    await archive.put(`${log}/tile/entries/000`, bytes('x'))
    await archive.put(`${log}/tile/entries/000.p/20`, bytes('x'))
    expect(await archive.grownFrom(log, 3)).toBe(20)
    expect(await archive.grownFrom(log, 20)).toBe(256)
    expect(await archive.grownFrom(log, 256)).toBe(265)
    expect(await archive.grownFrom(log, 265)).toBeUndefined()
    expect(await archive.grownFrom(`${log}x`, 0)).toBeUndefined()
  })

  // Kills: a leaf that is kept once for each time that the log grew; a part that is missing passed over; parts of
  // another bundle; a partial bundle of an earlier build that nothing can follow.
  test('puts a partial bundle together from what it gained, and from what an earlier build wrote whole', async () => {
    const [archive, log] = [open(), freshLog()]
    const put = (path: string, text: string) =>
      archive.put(`${log}/tile/entries/${path}`, bytes(text))
    const at = (path: string) => textAt(archive, `${log}/tile/entries/${path}`)
    for (const [path, text] of [
      ['000.d/0-3', 'abc'],
      ['000.d/3-4', 'd'],
      ['000.d/4-20', 'e'],
      ['001.p/3', 'xyz'],
      ['001.d/3-10', 'u'],
      ['x001/000.d/2-4', 'no beginning'],
      ['x001/000.d/5-5', 'nothing'],
    ] as const)
      await put(path, text)
    expect(await at('000.p/3')).toBe('abc')
    expect(await at('000.p/4')).toBe('abcd')
    expect(await at('000.p/20')).toBe('abcde')
    expect(await at('001.p/3')).toBe('xyz')
    expect(await at('001.p/10')).toBe('xyzu')
    for (const path of ['000.p/5', '000', '002.p/1', 'x001/000.p/4', 'x001/000.p/5'])
      expect(await at(path), path).toBeUndefined()
    expect(await archive.grownFrom(log, 4)).toBe(20)
    expect(await archive.grownFrom(log, 259)).toBe(266)
    expect(await archive.grownFrom(log, 266)).toBeUndefined()
  })

  // Kills: a path that is joined to the folder as it comes.
  test('leads nowhere but to its own places', async () => {
    const archive = open()
    const hostile = [
      '',
      '/',
      '..',
      '../outside',
      'a/../../outside',
      'a/./b',
      '/etc/passwd',
      'a//b',
      'a/',
      '.hidden',
      'a/.unfinished/x',
      'a\\..\\b',
      'a\0b',
      'a b',
      'a%2e%2e',
      'ä',
      'x'.repeat(513),
    ]
    for (const path of hostile) {
      await expect(archive.get(path)).rejects.toThrow('couldn’t use a path of the archive')
      await expect(archive.put(path, bytes('x'))).rejects.toThrow(
        'couldn’t use a path of the archive',
      )
      await expect(archive.publish(path, 1, 'x')).rejects.toThrow('couldn’t ')
    }
    expect(existsSync(join(top, 'outside'))).toBe(false)
  })

  test('publishes each checkpoint as the newest, and keeps every one', async () => {
    const [archive, key] = [open(), keyOf(freshLog(), 1)]
    const log = key.key.name
    const three = await noteOf(key, leavesOf(3))
    const five = await noteOf(key, leavesOf(5))
    await archive.publish(log, 3, three)
    expect(await textAt(archive, `${log}/checkpoint`)).toBe(three)
    await archive.publish(log, 5, five)
    await archive.publish(log, 5, five)
    expect(await textAt(archive, `${log}/checkpoint`)).toBe(five)
    expect(await textAt(archive, `${log}/checkpoints/3`)).toBe(three)
    expect(await textAt(archive, `${log}/checkpoints/5`)).toBe(five)
  })

  // Kills: a publication that replaces whatever is there, so that a slow sealer undoes a quick one.
  test('never publishes less than it did', async () => {
    const [archive, key] = [open(), keyOf(freshLog(), 1)]
    const log = key.key.name
    const sizes = [1, 2, 3, 4, 5, 6]
    const notes = await Promise.all(sizes.map((size) => noteOf(key, leavesOf(size))))
    // At once, and the largest first.
    const all = sizes.toReversed().map((size) => archive.publish(log, size, notes[size - 1] ?? ''))
    await Promise.all(all)
    expect(await textAt(archive, `${log}/checkpoint`)).toBe(notes[5])
    await archive.publish(log, 2, notes[1] ?? '')
    expect(await textAt(archive, `${log}/checkpoint`)).toBe(notes[5])
    for (const size of sizes)
      expect(await textAt(archive, `${log}/checkpoints/${size}`)).toBe(notes[size - 1])
  })

  // Kills: a conflict when the same tree was cosigned anew; the second note as the newest.
  test('lets the first note of a tree stand when a sealer that crashed gets new cosignatures', async () => {
    const [archive, key] = [open(), keyOf(freshLog(), 1)]
    const log = key.key.name
    const first = await noteOf(key, leavesOf(3))
    const line = `— witness.test/w1 ${Buffer.alloc(76, 7).toString('base64')}\n`
    await archive.put(`${log}/checkpoints/3`, bytes(first))
    await archive.publish(log, 3, `${first}${line}`)
    expect(await textAt(archive, `${log}/checkpoint`)).toBe(first)
    expect(await textAt(archive, `${log}/checkpoints/3`)).toBe(first)
  })

  // Kills: any note of the size taken for the one that stands.
  test('publishes no second tree of one size, and nothing that is no checkpoint of it', async () => {
    const [archive, key] = [open(), keyOf(freshLog(), 1)]
    const log = key.key.name
    const note = await noteOf(key, leavesOf(3))
    await archive.publish(log, 3, note)
    const fork = archive.publish(log, 3, await noteOf(key, leavesOf(3, 'b')))
    await expect(fork).rejects.toMatchObject({ code: 'conflict' })
    const wrong = 'the note is of another log or size'
    await expect(archive.publish(log, 4, note)).rejects.toThrow(wrong)
    const other = await noteOf(key, leavesOf(4), 'comity.test/other')
    await expect(archive.publish(log, 4, other)).rejects.toThrow(wrong)
    await expect(archive.publish(log, 4, 'a note')).rejects.toThrow('the note is no checkpoint')
    expect(await textAt(archive, `${log}/checkpoint`)).toBe(note)
  })

  // Kills: a checkpoint replaced although nobody can say what stood there.
  test('replaces nothing that it cannot read', async () => {
    const [archive, key] = [open(), keyOf(freshLog(), 1)]
    const log = key.key.name
    await archive.put(`${log}/checkpoint`, bytes('changed by somebody'))
    const published = archive.publish(log, 3, await noteOf(key, leavesOf(3)))
    await expect(published).rejects.toThrow(`couldn’t publish: ${log}/checkpoint is no checkpoint`)
  })

  test('keeps any bytes as they are', async () => {
    const archive = open()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 9000 }), async (any) => {
        const path = `${freshLog()}/tile/entries/000`
        await archive.put(path, any)
        expect(Buffer.from((await archive.get(path)) ?? [])).toEqual(Buffer.from(any))
      }),
      { numRuns: 20 },
    )
  })
})

describe('A folder after a crash', () => {
  // Kills: an object that is written under its own name, so that a crash leaves half of it there.
  test('holds nothing unfinished under the name of an object', async () => {
    const folder = join(top, 'crashed')
    const log = freshLog()
    const archive = fileArchive(folder, randomUUID)
    await archive.put(`${log}/tile/0/000.p/1`, bytes('one'))
    // As a crash would leave it: half of an object, on the way.
    writeFileSync(join(folder, '.unfinished', 'half'), 'ha')
    const after = fileArchive(folder, randomUUID)
    expect(await after.get(`${log}/tile/0/000`)).toBeUndefined()
    await after.put(`${log}/tile/0/000`, bytes('whole'))
    expect(await textAt(after, `${log}/tile/0/000`)).toBe('whole')
    expect(readdirSync(join(folder, '.unfinished'))).toEqual(['half'])
    expect(readdirSync(join(folder, log, 'tile/0')).toSorted()).toEqual(['000', '000.p'])
  })

  // Kills: what is under way left behind when the disk refuses it.
  test('keeps nothing of a write that failed', async () => {
    const folder = join(top, 'failed')
    const log = freshLog()
    const archive = fileArchive(folder, randomUUID)
    mkdirSync(join(folder, log, 'tile/0/000'), { recursive: true })
    await expect(archive.put(`${log}/tile/0/000`, bytes('x'))).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(readdirSync(join(folder, '.unfinished'))).toEqual([])
  })
})

describe('S3 over a bad line', () => {
  const faults: readonly Fault[] = ['dropped', 'answer-lost', 'failed', 'failed-applied', 'busy']

  // Kills: a write whose own success is taken for another's; a refusal before anything is there taken
  // for a conflict.
  test.each(faults)('writes and publishes once, whatever call is %s', async (fault) => {
    const key = keyOf('comity.test/de/2026', 1)
    const log = key.key.name
    const note = await noteOf(key, leavesOf(3))
    // Each of the six calls of the story in turn.
    for (const index of [0, 1, 2, 3, 4, 5]) {
      const bad = await startBucket((call) => {
        const isBad = call.index === index && !(fault === 'busy' && call.method === 'GET')
        return isBad ? fault : 'none'
      })
      try {
        const archive = s3Archive(bad.name, bad.client)
        await archive.put(`${log}/tile/0/000`, bytes('one'))
        await archive.publish(log, 3, note)
        await expect(archive.put(`${log}/tile/0/000`, bytes('two'))).rejects.toMatchObject({
          code: 'conflict',
        })
        expect(bad.objects.get(`${log}/tile/0/000`)?.toString()).toBe('one')
        expect(bad.objects.get(`${log}/checkpoint`)?.toString()).toBe(note)
        expect(bad.objects.get(`${log}/checkpoints/3`)?.toString()).toBe(note)
        expect(bad.calls.length).toBeGreaterThanOrEqual(6)
      } finally {
        await bad.close()
      }
    }
  })

  // Kills: a checkpoint that is put without the condition that it is the one that was read.
  test('publishes the larger of two that meet between reading and writing', async () => {
    const key = keyOf('comity.test/de/2026', 1)
    const log = key.key.name
    const [two, three, five] = await Promise.all([2, 3, 5].map((n) => noteOf(key, leavesOf(n))))
    let isMeeting = false
    const busy = await startBucket(async ({ method, path }): Promise<Fault> => {
      if (isMeeting && method === 'PUT' && path === `${log}/checkpoint`) {
        isMeeting = false
        await s3Archive(busy.name, busy.client).publish(log, 5, five ?? '')
      }
      return 'none'
    })
    const archive = s3Archive(busy.name, busy.client)
    await archive.publish(log, 2, two ?? '')
    isMeeting = true
    await archive.publish(log, 3, three ?? '')
    expect(busy.objects.get(`${log}/checkpoint`)?.toString()).toBe(five)
    await busy.close()
  })

  // INVARIANT (tiles before head). Kills: what nobody answered, taken for written, for empty or for not there.
  test('takes an answer that S3 did not give for none', async () => {
    const between = await startBucket(() => 'answered-nothing')
    const archive = s3Archive(between.name, between.client)
    const log = 'comity.test/de/2026'
    for (const act of [
      () => archive.put(`${log}/tile/0/000`, bytes('x')),
      () => archive.get(`${log}/tile/0/000`),
      () => archive.grownFrom(log, 2),
      async () => archive.publish(log, 2, await noteOf(keyOf(log, 1), leavesOf(2))),
    ]) {
      const error = await act().catch((each: unknown) => each)
      expect([String(act), error instanceof Error, isStoreAway(error)]).toEqual([
        ...[String(act), true, true],
      ])
    }
    await between.close()
  })

  // Kills: an outage taken for an object that is not there; endless attempts.
  test('says so when S3 is away or always busy, and never that nothing is there', async () => {
    const away = await startBucket(() => 'failed')
    await expect(s3Archive(away.name, away.client).get('a/b')).rejects.toMatchObject({
      $metadata: { httpStatusCode: 500 },
    })
    await away.close()
    const busy = await startBucket(({ method }) => (method === 'PUT' ? 'busy' : 'none'))
    const put = s3Archive(busy.name, busy.client).put('a/b', bytes('x'))
    await expect(put).rejects.toThrow('couldn’t write a/b: S3 refused it 5 times')
    await expect(put).rejects.not.toMatchObject({ code: 'conflict' })
    await busy.close()
  })
})
