/** A log served as files: C2SP tlog-tiles. */

import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { fileArchive } from '../../functions/adapters/archive-files.ts'
import { auditApi } from '../../functions/http/audit-api.ts'
import { bundlePath, tilePath } from '../../functions/ledger/tiles.ts'
import type { CallLine } from '../../functions/lines.ts'
import type { AuditWorld } from '../../functions/log-ports.ts'
import { keyOf, leavesOf, noteOf, writeTiles } from '../adapters/signed-log.ts'
import { problemOf } from '../world.ts'

const folder = mkdtempSync(join(tmpdir(), 'comity-log-'))
afterAll(() => rmSync(folder, { recursive: true }))
const archive = fileArchive(folder, randomUUID)
const gateway = 'comity.test'
const log = keyOf('comity.test/de/2026', 1)
const [five, many] = [leavesOf(5), leavesOf(300)]
const notes = [await noteOf(log, five), await noteOf(log, many)]
await writeTiles(archive, log.key.name, 0, five)
await archive.publish(log.key.name, 5, notes[0] ?? '')
await writeTiles(archive, log.key.name, 5, many)
await archive.publish(log.key.name, 300, notes[1] ?? '')
await archive.put(`${log.key.name}/${bundlePath(0, 5)}`, Buffer.from('leaves'))

const asked: string[] = []
const lines: CallLine[] = []
function serving(get: AuditWorld['archive']['get']) {
  const archived = { gateway, random: randomBytes, archive: { get }, isStoreAway: () => false }
  const world: Partial<AuditWorld> = archived
  // A cast: for these files the API needs no more of the world.
  return auditApi(world as AuditWorld, (line) => lines.push(line))
}
const app = serving((path) => {
  asked.push(path)
  return archive.get(path)
})
const get = (path: string) => app.request(`/log/${path}`)
const prefix = `log/${log.key.name}`
const forEver = 'public, max-age=31536000, immutable'

describe('A log that is served', () => {
  // Kills: a newest checkpoint that a cache may keep; a tile that none may.
  test('gives its checkpoints as text, the newest to nobody’s cache', async () => {
    const newest = await app.request(`/${prefix}/checkpoint`)
    expect(await newest.text()).toBe(notes[1])
    expect(newest.headers.get('cache-control')).toBe('no-store')
    expect(newest.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    for (const [i, size] of [5, 300].entries()) {
      const kept = await app.request(`/${prefix}/checkpoints/${size}`)
      expect(await kept.text()).toBe(notes[i])
      expect(kept.headers.get('cache-control')).toBe(forEver)
      expect(kept.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    }
  })

  test('gives every tile of every published size as bytes, for ever', async () => {
    const tiles = ['tile/0/000.p/5', 'tile/0/000', 'tile/0/001.p/44', 'tile/1/000.p/1']
    for (const path of tiles) {
      const tile = await app.request(`/${prefix}/${path}`)
      const bytes = Buffer.from(await tile.arrayBuffer())
      expect([path, tile.status]).toEqual([path, 200])
      expect(bytes).toEqual(Buffer.from((await archive.get(`${log.key.name}/${path}`)) ?? []))
      expect(tile.headers.get('cache-control')).toBe(forEver)
      expect(tile.headers.get('content-type')).toBe('application/octet-stream')
    }
    const first = await app.request(`/${prefix}/tile/0/000.p/5`)
    expect(Buffer.from(await first.arrayBuffer())).toEqual(Buffer.concat(five))
  })

  // Kills: an absence that a cache keeps, so that a tile is not seen once it is there.
  test('says of what is not there that it is not, and lets nobody keep that', async () => {
    for (const path of [
      'tile/0/002',
      'tile/0/x001/x234/067.p/255',
      'tile/63/000',
      'checkpoints/6',
    ]) {
      const answer = await app.request(`/${prefix}/${path}`)
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(await problemOf(answer)).toMatchObject({ status: 404, code: 'not-found' })
      expect(asked.at(-1)).toBe(`${log.key.name}/${path}`)
    }
  })

  // Kills: leaves to anyone; a path of another form that reaches the archive.
  test('gives no leaves, and lets no other path reach the archive', async () => {
    const before = asked.length
    const name = log.key.name
    const paths = [
      `${name}/tile/entries/000.p/5`,
      `${name}/tile/entries/000`,
      `${name}`,
      `${name}/`,
      `${name}/tile`,
      `${name}/tile/0/000.p/5/`,
      `${name}/tile/0/0`,
      `${name}/tile/0/0000`,
      `${name}/tile/0/x000/001`,
      `${name}/tile/0/001/002`,
      `${name}/tile/0/x01/002`,
      `${name}/tile/0/000.p/0`,
      `${name}/tile/0/000.p/256`,
      `${name}/tile/0/000.p/05`,
      `${name}/tile/0/000.p/`,
      `${name}/tile/00/000`,
      `${name}/tile/64/000`,
      `${name}/tile/-1/000`,
      `${name}/tile/0/000.tmp`,
      `${name}/checkpoints/05`,
      `${name}/checkpoints/`,
      `${name}/checkpoints/5.0`,
      `${name}/checkpoints/9007199254740993`,
      `${name}/checkpoint/`,
      `${name}/checkpoint%00`,
      `${name}/checkpoint%2e`,
      `${name}/%2e%2e/fr/2026/checkpoint`,
      `other.test/de/2026/checkpoint`,
      `comity.test.evil/de/2026/checkpoint`,
      `comity.test/DE/2026/checkpoint`,
      `comity.test/de/26/checkpoint`,
      `comity.test/checkpoint`,
      '.unfinished/x',
      '..%2f..%2fcheckpoint.pem',
    ]
    for (const path of paths) expect([path, (await get(path)).status]).toEqual([path, 404])
    expect(asked.length).toBe(before)
    expect((await app.request(`/${prefix}/checkpoint`, { method: 'POST' })).status).toBe(404)
  })

  // Kills: a log that everybody sees grow whenever an officer looks.
  test('gives nothing of a log of looks, whatever the archive has of it', async () => {
    const looks = keyOf('comity.test/de/looks-2026', 1)
    await writeTiles(archive, looks.key.name, 0, five)
    await archive.publish(looks.key.name, 5, await noteOf(looks, five))
    expect(await archive.get(`${looks.key.name}/checkpoint`)).toBeDefined()
    const before = asked.length
    const files = ['checkpoint', 'checkpoints/5', 'tile/0/000.p/5', 'tile/entries/000.p/5']
    for (const name of [looks.key.name, looks.key.name.replace('-', '%2d')])
      for (const file of files)
        expect([file, (await get(`${name}/${file}`)).status]).toEqual([file, 404])
    expect(asked.length).toBe(before)
  })

  // Kills: a form of tile paths of our own.
  test('asks for a tile under the one path that the specification gives it', async () => {
    const part = fc.constantFrom(
      'tile',
      '0',
      '1',
      '63',
      '000',
      '001',
      'x001',
      'x234',
      '067',
      '.p',
      '/',
      '5',
      '255',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
        const before = asked.length
        await get(`${log.key.name}/tile/${parts.join('')}`)
        for (const path of asked.slice(before)) {
          const [, level = '', place = '', width = '256'] =
            /\/tile\/(\d+)\/([^.]+)(?:\.p\/(\d+))?$/.exec(path) ?? []
          const index = Number(place.replaceAll(/\D/g, ''))
          expect(path).toBe(`${log.key.name}/${tilePath(Number(level), index, Number(width))}`)
        }
      }),
      { numRuns: 300 },
    )
  })

  // Kills: an error of the archive told to whoever asks.
  test('says no more than that it failed when the archive is away', async () => {
    lines.length = 0
    const away = serving(() => Promise.reject(new TypeError('a secret of the bucket')))
    const answer = await away.request(`/${prefix}/checkpoint`)
    expect(await answer.clone().text()).not.toContain('secret')
    expect(await problemOf(answer)).toMatchObject({ status: 500, code: 'internal' })
    const route = '/log/:gateway/:jurisdiction/:year/checkpoint'
    expect(lines).toMatchObject([
      { event: 'failed', why: 'TypeError' },
      { event: 'answered', route, status: 500, code: 'internal' },
    ])
  })
})
