/**
 * Drill: the state of sealing, the signer’s memory or a part of the archive is lost, or put back to an
 * earlier moment (`infra/DRILLS.md`). Whatever is lost, no entry gets a second place and no second tree
 * is signed.
 */

import { randomUUID } from 'node:crypto'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileArchive } from '../../functions/adapters/archive-files.ts'
import { keptKey } from '../../functions/adapters/dynamodb.ts'
import { leafHash } from '../../functions/ledger/entry.ts'
import { writeVkey } from '../../functions/ledger/note.ts'
import type { SealWorld } from '../../functions/log-ports.ts'
import { seal } from '../../functions/sealing/seal.ts'
import { sign } from '../../functions/sealing/sign.ts'
import { keyOf } from '../adapters/signed-log.ts'
import { freshLog, type Step, startSealing, type TestSealing } from '../sealing/sealed-log.ts'
import { copyOf, putBack } from './tables.ts'

let sealing: TestSealing
const folders: string[] = []
beforeAll(async () => {
  sealing = await startSealing()
})
afterAll(async () => {
  await sealing.close()
  for (const folder of folders) rmSync(folder, { recursive: true })
})

/** Appends and seals, one wave after the other. */
async function grow(log: string, ...waves: readonly number[]): Promise<readonly string[]> {
  const all: string[] = []
  for (const wave of waves) {
    const eids = await sealing.append(log, wave)
    await seal(log, eids, sealing.world())
    all.push(...eids)
  }
  return all
}
const bytesOf = (log: string, path: string, folder = join(sealing.folder, 'log')) =>
  readFileSync(join(folder, log, path), 'hex')
/** Every object of a log, by path. */
const objectsOf = (log: string) =>
  new Map(
    sealing
      .filesOf(log)
      .filter((path) => statSync(join(sealing.folder, 'log', log, path)).isFile())
      .map((path) => [path, bytesOf(log, path)]),
  )
const tables = () => sealing.gateway.store.tables
const state = () => copyOf(sealing.gateway.store, tables().sealing)
const putStateBack = (items: Awaited<ReturnType<typeof state>>) =>
  putBack(sealing.gateway.store, tables().sealing, items)
/** The ledger loses an entry. */
const lose = (eid: string) => sealing.gateway.store.rows.decisions.remove({ pk: { S: `D#${eid}` } })
const endsAt =
  (point: string): Step =>
  (name, act) =>
    name === point ? Promise.reject(new Error('the process ended')) : act()
const orderOf = async (log: string) => {
  const order: string[] = []
  for (;;) {
    const manifest = await sealing.sealing.manifest(log, order.length)
    if (manifest === undefined) return order
    order.push(...manifest.map(({ eid }) => eid))
  }
}

describe('The state of sealing', () => {
  // Kills: an order that is made anew where the archive has one, which would stop the log for good.
  test('that is lost as a whole comes back from the archive, every entry in its old place', async () => {
    const log = freshLog()
    const eids = await grow(log, 3, 2, 260, 4)
    const [before, order] = [objectsOf(log), await orderOf(log)]
    await putStateBack([])
    expect(await sealing.sealing.head(log)).toMatchObject({ size: 0 })
    await seal(log, eids, sealing.world())
    expect(await orderOf(log)).toEqual(order)
    expect(objectsOf(log)).toEqual(before)
    await sealing.check(log)
  })

  // Kills: an archive of before the change that nothing can follow, or whose order nobody finds.
  test('that is lost comes back from an archive of an earlier build, and both grow on', async () => {
    const log = freshLog()
    const eids = await grow(log, 3, 2)
    // As it was written then: each partial bundle whole, and no file of what it gained.
    const entries = join(sealing.folder, 'log', log, 'tile/entries')
    const [three, two] = ['0-3', '3-5'].map((each) => readFileSync(join(entries, '000.d', each)))
    for (const each of ['0-3', '3-5']) rmSync(join(entries, '000.d', each))
    mkdirSync(join(entries, '000.p'))
    writeFileSync(join(entries, '000.p/3'), three ?? '')
    writeFileSync(
      join(entries, '000.p/5'),
      Buffer.concat([three ?? Buffer.of(), two ?? Buffer.of()]),
    )
    const order = await orderOf(log)
    await putStateBack([])
    await seal(log, eids, sealing.world())
    expect(await orderOf(log)).toEqual(order)
    await grow(log, 1, 260)
    await sealing.check(log)
  })

  // Kills: entries that wait put before those that the archive has.
  test('that is put back to an earlier moment is brought up to the archive before anything new', async () => {
    const log = freshLog()
    await grow(log, 3)
    const earlier = await state()
    const since = await grow(log, 2, 3)
    const order = await orderOf(log)
    await putStateBack(earlier)
    const [first = ''] = await sealing.append(log, 1)
    await seal(log, [first, ...since], sealing.world())
    expect(await orderOf(log)).toEqual([...order, first])
    await sealing.check(log)
  })

  // Kills: a look at what is published alone: what was signed and not published yet would fork.
  test('finds what was archived and signed, though no checkpoint of it was published', async () => {
    const log = freshLog()
    await grow(log, 3)
    const earlier = await state()
    const two = await sealing.append(log, 2)
    await expect(seal(log, two, sealing.world(endsAt('archive.publish')))).rejects.toThrow('ended')
    const order = await orderOf(log)
    await putStateBack(earlier)
    const more = await sealing.append(log, 2)
    await seal(log, [...more, ...two], sealing.world())
    expect((await orderOf(log)).slice(0, 5)).toEqual(order)
    await sealing.check(log)
  })

  // Kills: a log that ends at the first entry that is lost; one that files it as if it had been erased.
  test('comes back though the ledger has lost entries, as far as they were published', async () => {
    const log = freshLog()
    const eids = await grow(log, 3, 2)
    const [before, order] = [objectsOf(log), await orderOf(log)]
    const [lost = '', ...others] = eids
    await lose(lost)
    await putStateBack([])
    await seal(log, others, sealing.world())
    expect(await orderOf(log)).toEqual(order)
    expect(objectsOf(log)).toEqual(before)
    const [next = ''] = await sealing.append(log, 1)
    expect(await seal(log, [next], sealing.world())).toMatchObject({ size: 6, published: 6 })
    expect(await sealing.sealing.placeOf(lost)).toEqual({ log, index: order.indexOf(lost) })
    // What auditors find of it stays: nobody erased it.
    const { lines, person } = await sealing.rowsOf(log)
    expect([lines.includes(next), person.includes(lost)]).toEqual([true, true])
  })

  // Kills: an entry that is taken from the archive though nobody signed it.
  test('stands still at an entry that the ledger has lost and no checkpoint has', async () => {
    const log = freshLog()
    await grow(log, 3)
    const earlier = await state()
    const two = await sealing.append(log, 2)
    await expect(seal(log, two, sealing.world(endsAt('archive.publish')))).rejects.toThrow('ended')
    const [first = '', second = ''] = two
    await lose(first)
    await putStateBack(earlier)
    await expect(seal(log, [second], sealing.world())).rejects.toThrow(
      `entry ${first} of its manifest is not there`,
    )
    expect(await sealing.sealing.manifest(log, 3)).toBeUndefined()
  })

  // Kills: an archived order that is put before anybody looked whether the ledger has these entries.
  test('takes from the archive nothing but entries of the ledger, and stands still otherwise', async () => {
    const log = freshLog()
    await grow(log, 3)
    const invented = Buffer.from('{"eid":"nobody"}')
    const length = Buffer.of(0, invented.length)
    const kept = await sealing.archive.get(`${log}/tile/entries/000.p/3`)
    const path = `${log}/tile/entries/000.p/4`
    await sealing.archive.put(path, Buffer.concat([kept ?? Buffer.alloc(0), length, invented]))
    const one = await sealing.append(log, 1)
    await expect(seal(log, one, sealing.world())).rejects.toThrow(/^couldn’t seal .* is not there/)
    expect(await sealing.sealing.manifest(log, 3)).toBeUndefined()
  })
})

describe('The signer’s memory', () => {
  const forget = (log: string) =>
    sealing.gateway.store.rows.signatures.remove({ pk: { S: `signer#${log}` } })

  test('that was put back catches up with the tree that there is', async () => {
    const log = freshLog()
    await grow(log, 3)
    const earlier = await copyOf(sealing.gateway.store, tables().signatures)
    await grow(log, 2)
    await putBack(sealing.gateway.store, tables().signatures, earlier)
    await grow(log, 1)
    expect(await sealing.memory.last(log)).toMatchObject({ size: 6 })
    await sealing.check(log)
  })

  // Kills: publishing on the signer’s word: one that forgot signs a second tree, and it would replace the first.
  test('that was put back signs no second tree that would ever be published', async () => {
    const log = freshLog()
    const three = await grow(log, 3)
    const earlier = await state()
    await grow(log, 2)
    const published = bytesOf(log, 'checkpoint')
    await putStateBack(earlier)
    await forget(log)
    // Somebody writes another order, of as many entries as no tree had: nothing in the archive is in its way.
    const other = await sealing.append(log, 4)
    const entries = await sealing.gateway.world.ledger.readAll(other)
    const placed = other.map((eid) => ({
      eid,
      leafHash: leafHash(entries.get(eid)?.leafBytes ?? new Uint8Array()),
    }))
    await sealing.sealing.propose(log, three.length, placed)
    await expect(seal(log, other, sealing.world())).rejects.toThrow(
      'its first 5 entries are not those that were published',
    )
    expect(bytesOf(log, 'checkpoint')).toBe(published)
    expect(await sealing.memory.last(log)).toBeUndefined()
  })
})

describe('The key of the checkpoints', () => {
  // Kills: a log that goes on under a key that nobody pinned.
  test('cannot be replaced under a log that was published: it stands still, and the checkpoint stays', async () => {
    const log = freshLog()
    await grow(log, 3)
    const published = bytesOf(log, 'checkpoint')
    const { key, signing } = keyOf(log, 1)
    const signer: SealWorld['signer'] = {
      sign: (extension) => sign(extension, { memory: sealing.memory, key: signing }),
    }
    const world = sealing.world(undefined, { vkey: () => writeVkey(key), signer })
    const one = await sealing.append(log, 1)
    await expect(seal(log, one, world)).rejects.toThrow(
      `couldn’t read the published checkpoint of ${log}`,
    )
    expect(bytesOf(log, 'checkpoint')).toBe(published)
    await seal(log, one, sealing.world())
    await sealing.check(log)
  })
})

describe('Another region', () => {
  /** The tables as they are, and a copy of the archive that lacks some files. */
  const archiveWithout = (log: string, lacks: RegExp) => {
    const folder = mkdtempSync(join(tmpdir(), 'comity-region-'))
    folders.push(folder)
    const from = join(sealing.folder, 'log')
    cpSync(join(from, log), join(folder, log), {
      recursive: true,
      filter: (path) => !lacks.test(path),
    })
    return { folder, world: sealing.world(undefined, { archive: fileArchive(folder, randomUUID) }) }
  }

  // Kills: a file that has not come yet, taken for an empty one.
  test('whose copy of the archive lags stands still, and goes on once the files have come', async () => {
    const log = freshLog()
    await grow(log, 3, 2)
    const { folder, world } = archiveWithout(log, /\.p\/5$|checkpoints?(\/5)?$/)
    const one = await sealing.append(log, 1)
    const signed = sealing.signed.length
    await expect(seal(log, one, world)).rejects.toThrow(/^couldn’t read tile\/.*it is not there$/)
    expect(sealing.signed).toHaveLength(signed)
    cpSync(join(sealing.folder, 'log', log), join(folder, log), { recursive: true })
    expect(await seal(log, one, world)).toMatchObject({ size: 6, published: 6 })
    expect(bytesOf(log, 'tile/0/000.p/6', folder)).toHaveLength(6 * 64)
  })

  // Kills: files that are written by nobody but the sealer that put their manifest.
  test('that lost files for good makes them again, once the head is taken away', async () => {
    const log = freshLog()
    await grow(log, 3, 2)
    const { folder, world } = archiveWithout(log, /\.[pd]\/[\d-]+$|checkpoints?(\/\d+)?$/)
    const one = await sealing.append(log, 1)
    await expect(seal(log, one, world)).rejects.toThrow(/it is not there$/)
    await sealing.gateway.store.rows.sealing.remove(keptKey(`HEAD#${log}`, 'head'))
    expect(await seal(log, one, world)).toMatchObject({ size: 6, published: 6 })
    for (const path of ['tile/0/000.p/3', 'tile/entries/000.d/0-3', 'tile/0/000.p/5'])
      expect(bytesOf(log, path, folder)).toBe(bytesOf(log, path))
    const [, , root] = readFileSync(join(folder, log, 'checkpoint'), 'utf8').split('\n')
    expect(root).toBe(Buffer.from((await sealing.sealing.head(log)).root).toString('base64'))
  })
})
