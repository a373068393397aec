/** A log in which something stored is not what it was: sealing halts, and nothing more is signed. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { leafHash } from '../../functions/ledger/entry.ts'
import { seal } from '../../functions/sealing/seal.ts'
import { freshLog, type Step, startSealing, type TestSealing } from './sealed-log.ts'

let sealing: TestSealing
beforeAll(async () => {
  sealing = await startSealing()
})
afterAll(() => sealing.close())

const rowsOf = (pk: string) => {
  const { rows } = sealing.gateway.store
  return pk.startsWith('D#') ? rows.decisions : rows.sealing
}
type Key = { readonly pk: string; readonly sk?: string }
const keyOf = ({ pk, sk }: Key) => ({
  pk: { S: pk },
  ...(sk === undefined ? {} : { sk: { S: sk } }),
})

/** Changes the bytes of an attribute where they are kept. */
async function change(key: Key, name: string, by: (bytes: Buffer) => Buffer): Promise<void> {
  const rows = rowsOf(key.pk)
  const item = await rows.get(keyOf(key))
  const B = by(Buffer.from(item?.[name]?.B ?? []))
  await rows.put({ ...item, [name]: { B } })
}
const remove = (key: Key) => rowsOf(key.pk).remove(keyOf(key))
const flipped = (at: number) => (bytes: Buffer) => {
  const copy = Buffer.from(bytes)
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at)
  return copy
}
const fileOf = (log: string, path: string) => join(sealing.folder, 'log', log, path)
const changeFile = (log: string, path: string, at: number) =>
  writeFileSync(fileOf(log, path), flipped(at)(readFileSync(fileOf(log, path))))

/** A log of three sealed entries, and two more that wait. */
async function logWithTwoWaiting() {
  const log = freshLog()
  const three = await sealing.append(log, 3)
  await seal(log, three, sealing.world())
  return { log, three, two: [...(await sealing.append(log, 2))].sort() }
}

/** The same, with the two in a manifest, by a process that ended there. */
async function logWithManifest() {
  const made = await logWithTwoWaiting()
  const ends: Step = async (name, act) => {
    const result = await act()
    if (name === 'sealing.propose') throw new Error('the process ended')
    return result
  }
  await expect(seal(made.log, made.two, sealing.world(ends))).rejects.toThrow('ended')
  return made
}
const manifest = (log: string) => ({ pk: `BATCH#${log}`, sk: '000000000003' })

/** Sealing halts with these words, again and again, and what is signed and published stays. */
async function halts(log: string, hints: readonly string[], words: RegExp): Promise<void> {
  const before = { signed: sealing.signed.length, files: sealing.filesOf(log).sort() }
  for (let again = 0; again < 2; again++)
    await expect(seal(log, hints, sealing.world())).rejects.toThrow(words)
  expect({ signed: sealing.signed.length, files: sealing.filesOf(log).sort() }).toEqual(before)
}

describe('An entry that was changed', () => {
  // Kills: taking the hash that stands beside the leaf.
  test('is not sealed while it waits', async () => {
    const { log, two } = await logWithTwoWaiting()
    await change({ pk: `D#${two[0]}` }, 'leaf', flipped(5))
    await halts(log, two, /was changed, its leaf has another hash/)
  })

  // Kills: no look at the entry once it is in a manifest.
  test('does not fit its manifest, though its own hash fits', async () => {
    const { log, two } = await logWithManifest()
    const [eid] = two
    const other = (bytes: Buffer) =>
      Buffer.from(bytes.toString('utf8').replace('"eng":"test"', '"eng":"tess"'))
    await change({ pk: `D#${eid}` }, 'leaf', other)
    const { leafBytes } = await readUnchecked(String(eid))
    await change({ pk: `D#${eid}` }, 'lh', () => leafHash(leafBytes))
    await halts(log, two, new RegExp(`entry ${eid} is not what its manifest says`))
  })

  test('is missed once it is in a manifest and gone', async () => {
    const { log, two } = await logWithManifest()
    await remove({ pk: `D#${two[1]}` })
    await halts(log, two, new RegExp(`entry ${two[1]} of its manifest is not there`))
  })
})

async function readUnchecked(eid: string) {
  const item = await sealing.gateway.store.rows.decisions.get(keyOf({ pk: `D#${eid}` }))
  return { leafBytes: Buffer.from(item?.leaf?.B ?? []) }
}

describe('A manifest that was changed', () => {
  test.each([
    { what: 'an id', by: flipped(7), words: /of its manifest is not there/ },
    { what: 'a hash', by: flipped(40), words: /is not what its manifest says/ },
    { what: 'a part of it', by: (b: Buffer) => b.subarray(0, 100), words: /not pieces of 64/ },
    { what: 'all of it', by: () => Buffer.alloc(0), words: /manifest at 3 was changed/ },
  ])('is seen: $what', async ({ by, words }) => {
    const { log, two } = await logWithManifest()
    await change(manifest(log), 'placed', by)
    await halts(log, two, words)
  })

  // Kills: marks from a manifest that nobody compared.
  test('is seen, too, if its entries are in the tree and only the marks are missing', async () => {
    const log = freshLog()
    const eids = await sealing.append(log, 2)
    const ends: Step = (name, act) =>
      name === 'lookups.put' ? Promise.reject(new Error('the process ended')) : act()
    await expect(seal(log, eids, sealing.world(ends))).rejects.toThrow('ended')
    const key = { pk: `BATCH#${log}`, sk: '000000000000' }
    await change(key, 'placed', flipped(40))
    await halts(log, eids, /is not what its manifest says/)
    await remove(key)
    await halts(log, eids, /manifest at 0 was changed/)
  })
})

describe('A file of the archive that was changed', () => {
  // Kills: tiles that are grown from the last ones unseen; a bundle that nobody hashes again.
  test.each([
    { path: 'tile/0/000.p/3', at: 0, words: /tiles give another root/ },
    { path: 'tile/0/000.p/3', at: 95, words: /tiles give another root/ },
    { path: 'checkpoint', at: 30, words: /couldn’t read the published checkpoint/ },
  ])('stops the log before anything grows from it: $path', async ({ path, at, words }) => {
    const { log, two } = await logWithTwoWaiting()
    changeFile(log, path, at)
    if (path === 'checkpoint') await expect(seal(log, two, sealing.world())).rejects.toThrow(words)
    await halts(log, two, words)
    if (path === 'checkpoint') return
    // Mended, it goes on: nothing wrong was written where it would stay.
    changeFile(log, path, at)
    await seal(log, two, sealing.world())
    await sealing.check(log)
  })

  // Kills: a bundle that nobody hashes again once it gets full, and that nobody could repair then.
  test.each([
    { at: 0, words: /couldn’t read tile\/entries\/000.p\/5/ },
    { at: 9, words: /tile\/0\/000 and its entries do not fit/ },
  ])(
    'stops the log before its bundle gets full: byte $at of what it gained',
    async ({ at, words }) => {
      const { log, two } = await logWithTwoWaiting()
      changeFile(log, 'tile/entries/000.d/0-3', at)
      await seal(log, two, sealing.world())
      const others = await sealing.append(log, 251)
      await halts(log, others, words)
      changeFile(log, 'tile/entries/000.d/0-3', at)
      await seal(log, others, sealing.world())
      await sealing.check(log)
    },
  )

  // Kills: a head that moves, or a signature, on the word of a write alone.
  test('is seen when it is read back', async () => {
    const { log, two } = await logWithTwoWaiting()
    const rots: Step = async (name, act) => {
      const result = await act()
      return name === 'archive.get' && result instanceof Uint8Array && result.length === 160
        ? flipped(150)(Buffer.from(result))
        : result
    }
    const before = sealing.signed.length
    await expect(seal(log, two, sealing.world(rots))).rejects.toThrow(
      /tile\/0\/000.p\/5 is not as it was written/,
    )
    expect(sealing.signed).toHaveLength(before)
    expect(await sealing.sealing.head(log)).toMatchObject({ size: 3 })
  })

  // Kills: writing over (F17).
  test('stops the log where other bytes stand already, and not where the same do', async () => {
    const { log, two } = await logWithTwoWaiting()
    const { archive } = sealing
    await archive.put(`${log}/tile/0/000.p/5`, Buffer.alloc(160))
    await expect(seal(log, two, sealing.world())).rejects.toThrow(/other bytes are there/)
    expect(await sealing.sealing.head(log)).toMatchObject({ size: 3 })
  })

  // Kills: signing the root that the head says, of a tree that cannot be read.
  test('is seen before a signature that is made up for', async () => {
    const log = freshLog()
    const eids = await sealing.append(log, 2)
    const ends: Step = (name, act) =>
      name === 'signer.sign' ? Promise.reject(new Error('the process ended')) : act()
    await expect(seal(log, eids, sealing.world(ends))).rejects.toThrow('ended')
    changeFile(log, 'tile/0/000.p/2', 40)
    await halts(log, eids, /tiles give another root/)
  })
})

describe('A head that was changed', () => {
  test.each([
    { name: 'root', more: 0 },
    { name: 'frontier', more: 1 },
  ])('signs nothing: its $name', async ({ name, more }) => {
    const log = freshLog()
    const eids = await sealing.append(log, 2)
    const ends: Step = (at, act) =>
      at === 'signer.sign' ? Promise.reject(new Error('the process ended')) : act()
    await expect(seal(log, eids, sealing.world(ends))).rejects.toThrow('ended')
    await change({ pk: `HEAD#${log}`, sk: 'head' }, name, flipped(3))
    const hints = [...eids, ...(await sealing.append(log, more))]
    await halts(log, hints, /tiles give another root/)
  })

  // Kills: a head that is trusted; a root that is looked up instead of worked out.
  test('and was put back to nothing is made again out of the manifests', async () => {
    const { log, two } = await logWithTwoWaiting()
    await remove({ pk: `HEAD#${log}`, sk: 'head' })
    await seal(log, two, sealing.world())
    await sealing.check(log)
  })
})
