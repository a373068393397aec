/** The sealer’s stamps: one a day of each log, whoever is away. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readStampFile, stampOf } from '../../functions/ledger/time-stamp.ts'
import type { Authority } from '../../functions/log-ports.ts'
import { stampAll } from '../../functions/sealing/stamp.ts'
import { makeAuthority } from '../ledger/authority.ts'
import { filesIn, startSealed } from '../proof/exported.ts'

let sealed: Awaited<ReturnType<typeof startSealed>>
beforeAll(async () => {
  sealed = await startSealed()
  await sealed.ask('DE-POL')
  await sealed.ask('GB-POL')
  await sealed.seal()
})
afterAll(() => sealed.close())

const made = makeAuthority()
const [de, gb] = ['comity.test/de/2026', 'comity.test/gb/2026']
let asked: number
/** How the authority answers. */
let answers: (note: Uint8Array) => Awaited<ReturnType<Authority['stamp']>>
const isoNow = () => `${sealed.gateway.clock.now.toISOString().slice(0, 19)}Z`
const stamps = (note: Uint8Array, at = isoNow()) =>
  ({ kind: 'stamped', token: made.stamp(note, at), ms: Date.parse(at) }) as const
beforeEach(() => {
  asked = 0
  answers = stamps
})
const authority: Authority = {
  stamp: async (note) => {
    asked += 1
    return answers(note)
  },
}

/** What became of the logs that have anything. */
const round = async (archive = sealed.world.archive) =>
  (await stampAll({ ...sealed.world, archive, authority })).filter(
    (each) => !('kind' in each) || each.kind !== 'empty',
  )
const dayAfter = () => sealed.pass(86_400)
const kept = (log: string) => sealed.world.archive.get(`${log}/stamps/${isoNow().slice(0, 10)}`)

describe('A day’s stamps', () => {
  // Kills: a second stamp a day; a stamp of something else than the newest checkpoint’s bytes.
  test('are one for each log that has a checkpoint, of the newest', async () => {
    await sealed.ask('DE-POL')
    await sealed.seal()
    expect(await round()).toEqual([
      { log: de, kind: 'stamped' },
      { log: gb, kind: 'stamped' },
    ])
    const stamp = readStampFile((await kept(de)) ?? new Uint8Array())
    expect(stamp?.size).toBe(2)
    const note = await sealed.world.archive.get(`${de}/checkpoints/2`)
    expect(stampOf(stamp?.token ?? new Uint8Array(), note ?? new Uint8Array())).toHaveProperty(
      'stamp',
    )
    expect(asked).toBe(2)
    await sealed.ask('DE-POL')
    await sealed.seal()
    expect(await round()).toEqual([
      { log: de, kind: 'stands' },
      { log: gb, kind: 'stands' },
    ])
    expect(asked).toBe(2)
  })

  test('come again the next day, and whoever exports the log has them', async () => {
    dayAfter()
    expect((await round()).map((each) => 'kind' in each && each.kind)).toEqual([
      'stamped',
      'stamped',
    ])
    const files = filesIn(await sealed.export())
    const days = [...files.keys()].filter((path) => path.startsWith(`${de}/stamps/`))
    expect(days.map((path) => path.slice(-10)).sort()).toEqual(['2026-11-25', '2026-11-26'])
  })

  // Kills: two sealers of whom one fails, or whose stamps are both kept.
  test('are one where two stamp at the same time', async () => {
    dayAfter()
    const both = await Promise.all([round(), round()])
    const kinds = both.flat().map((each) => ('kind' in each ? each.kind : each.error))
    expect(kinds.filter((kind) => kind === 'stamped')).toHaveLength(2)
    expect(kinds.filter((kind) => kind === 'stands')).toHaveLength(2)
  })
})

describe('An authority', () => {
  // Kills: an authority that is away and asked for each log, so that a round takes minutes.
  test('that is away is asked once a round, and again in the next', async () => {
    dayAfter()
    answers = () => ({ kind: 'away', why: 'no answer within 5000 ms' })
    expect(await round()).toEqual([
      { log: de, kind: 'unstamped', why: 'no answer within 5000 ms', isAway: true },
    ])
    expect(asked).toBe(1)
    expect(await kept(de)).toBeUndefined()
    answers = stamps
    expect((await round()).map((each) => 'kind' in each && each.kind)).toEqual([
      'stamped',
      'stamped',
    ])
  })

  test('that refuses one log may stamp the next', async () => {
    dayAfter()
    answers = (note) =>
      Buffer.from(note).toString().startsWith(de)
        ? { kind: 'refused', why: 'it refused, with status 2' }
        : stamps(note)
    expect(await round()).toEqual([
      { log: de, kind: 'unstamped', why: 'it refused, with status 2', isAway: false },
      { log: gb, kind: 'stamped' },
    ])
  })

  // Kills: a stamp that is kept though its time is not ours, under a day that is over or to come.
  test.each([-61, 61])('whose clock is %i s from ours stamps nothing', async (seconds) => {
    dayAfter()
    const { now } = sealed.gateway.clock
    const at = `${new Date(now.getTime() + seconds * 1000).toISOString().slice(0, 19)}Z`
    answers = (note) => stamps(note, at)
    const [first] = await round()
    expect(first).toMatchObject({
      log: de,
      kind: 'unstamped',
      why: expect.stringMatching(/^it says that it is 2026-/),
    })
    expect(await kept(de)).toBeUndefined()
  })

  test('that is there helps nothing where the archive is away', async () => {
    dayAfter()
    const archive = {
      ...sealed.world.archive,
      put: async () => {
        throw new Error('away')
      },
    }
    expect(await round(archive)).toEqual([
      { log: de, error: new Error('away') },
      { log: gb, error: new Error('away') },
    ])
  })
})
