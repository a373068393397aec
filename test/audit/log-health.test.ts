/** How a log stands, by what it published, and whether it grew from what somebody noted. */

import { afterAll, beforeAll, expect, test } from 'vitest'
import { healthOf } from '../../functions/audit/log-health.ts'
import { checkpointText } from '../../functions/ledger/checkpoint.ts'
import { parseVkey, signText, writeNote } from '../../functions/ledger/note.ts'
import { eidOf, startSealed } from '../proof/exported.ts'

let sealed: Awaited<ReturnType<typeof startSealed>>
beforeAll(async () => {
  sealed = await startSealed()
})
afterAll(() => sealed.close())

const log = 'comity.test/de/2026'
const health = (noted?: Parameters<typeof healthOf>[1]) => {
  const { world, witnesses } = sealed
  return healthOf(log, noted, {
    ...world,
    witnessVkeys: witnesses.map(({ vkey }) => vkey),
    quorum: 1,
  })
}

// Kills: a root that is not compared; a tree that is compared with itself; a longer one that passes for grown.
test('A log says how far it is sealed and witnessed, and whether it grew from a head that was noted', async () => {
  expect(await health()).toEqual({ log, size: 0, filed: 0, sweptUntil: '' })
  await sealed.ask('DE-POL')
  await sealed.seal()
  const first = await health()
  expect(first.published?.size).toBe(first.size)
  expect(first.filed).toBe(first.size)
  expect(first.published?.witnesses.map(({ name }) => name)).toContain('witness.example/one')
  const { size = 0, root = '' } = first.published ?? {}

  sealed.pass(60)
  const last = eidOf(await sealed.ask('DE-POL'))
  await sealed.seal()
  const then = await health({ size, root })
  expect(then.size).toBeGreaterThan(size)
  expect(then.grewFromNoted).toBe(true)
  const entry = await sealed.world.ledger.read(last)
  expect(then.newest).toBe(entry?.leaf.ts)

  const other = `${root.startsWith('0') ? '1' : '0'}${root.slice(1)}`
  expect((await health({ size, root: other })).grewFromNoted).toBe(false)
  expect((await health({ size: then.size + 1, root })).grewFromNoted).toBe(false)
  expect((await health({ size: then.size, root })).grewFromNoted).toBe(false)
})

// Kills: tiles that begin as noted, beside a checkpoint that was signed of another tree.
test('A checkpoint of another tree did not grow from what was noted, whatever the tiles are', async () => {
  const { size = 0, root = '' } = (await health()).published ?? {}
  const key = parseVkey(sealed.world.vkey(log))
  if ('wrong' in key) throw new Error(key.wrong)
  await sealed.ask('DE-POL')
  await sealed.seal()
  const then = (await health({ size, root })).published?.size ?? 0
  const text = checkpointText({ origin: log, size: then, root: Buffer.alloc(32, 7) })
  const signature = await signText(text, key.key, sealed.logKey.sign)
  const forged = Buffer.from(writeNote({ text, signatures: [signature] }))
  const { archive } = sealed.world
  const get = async (path: string) => (path === `${log}/checkpoint` ? forged : archive.get(path))
  const none = { witnessVkeys: [], quorum: 0 }
  const { grewFromNoted } = await healthOf(
    log,
    { size, root },
    { ...sealed.world, archive: { ...archive, get }, ...none },
  )
  expect(grewFromNoted).toBe(false)
})

test('A log that is not there did not grow from anything', async () => {
  const { world } = sealed
  const noted = { size: 3, root: '0'.repeat(64) }
  const gone = await healthOf('comity.test/xx/2026', noted, {
    ...world,
    ...{ witnessVkeys: [], quorum: 0 },
  })
  expect(gone).toMatchObject({ size: 0, grewFromNoted: false })
})
