/** What a verifier saw before is what it has against whoever runs the log: both verifiers hold to it. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { remember } from '../../functions/proof/verify-memory.ts'
import { type Exported, startAttacked } from './exported.ts'
import {
  type Item,
  itemsOf,
  linesIn,
  linesOf,
  type Resealing,
  resealedBy,
  swappedAt,
} from './forge.ts'

let attacked: Awaited<ReturnType<typeof startAttacked>>
let exported: Exported
let verify: typeof attacked.verify
let found: typeof attacked.found
/** The log that is attacked, its items in order, and where its batches end. */
let log: string
let items: readonly Item[]
const ends = [3, 5, 9]
beforeAll(async () => {
  attacked = await startAttacked()
  ;({ exported, verify, found, log } = attacked)
  items = itemsOf(exported.files, log)
})
afterAll(() => attacked.stop())

const resealed = (...of: Resealing) => resealedBy(exported, log, ends, ...of)
const swapped = (at: number) => swappedAt(items, at)

describe('What was seen before', () => {
  /** The state of a verifier that saw both logs whole. */
  const seen = async () => {
    const { at, logs } = await verify({})
    return { name: 'state', seen: remember(at ?? '', logs) }
  }
  const kept = (file: string) => ({
    name: file,
    text: Buffer.from(exported.files.get(`${log}/${file}`) ?? []).toString(),
  })
  /** Store, archive and witnesses together, as they were with five entries. */
  const back = async () => ({
    changes: await resealed(items, [], { to: [3, 5] }),
    now: exported.now,
  })
  /** The same, with another entry in the place of the last, cosigned anew by every witness. */
  const forked = async () => ({ changes: await resealed(swapped(7)) })

  test('is still there: nothing is found, by the state and by every checkpoint', async () => {
    const checkpoints = ['checkpoint', 'checkpoints/3', 'checkpoints/5'].map(kept)
    expect(await found({ since: await seen(), checkpoints })).toEqual([])
  })

  // Kills: a state or a checkpoint that is not held against the tree; a size that is not compared.
  test.each(['state', 'checkpoint'] as const)(
    'shows by a %s that store, archive and witnesses were put back together',
    async (by) => {
      const without = await back()
      const before = await found(without)
      const held = by === 'state' ? { since: await seen() } : { checkpoints: [kept('checkpoint')] }
      expect(await found({ ...without, ...held })).toEqual([...before, `truncated ${by} at 5`])
      // Of what was seen earlier than that, it says nothing.
      expect(await found({ ...without, checkpoints: [kept('checkpoints/5')] })).toEqual(before)
    },
  )

  // Kills: a root that is not compared.
  test.each(['state', 'checkpoint'] as const)(
    'shows by a %s that others were shown another log, though every witness cosigned both',
    async (by) => {
      const held = by === 'state' ? { since: await seen() } : { checkpoints: [kept('checkpoint')] }
      expect(await found(await forked())).toEqual([])
      expect(await found({ ...(await forked()), ...held })).toEqual([`two-views ${by}`])
    },
  )

  // Kills: a log that is not missed; one that was empty before and is missed.
  test('misses a log that it saw, though no key of it is pinned any more', async () => {
    const [logs] = linesOf<Record<string, unknown>>(exported.files, 'logs.json')
    const left = { 'logs.json': linesIn([{ ...logs, logs: [exported.gb] }]) }
    const keys = { ...exported.keys, logs: exported.keys.logs.slice(1) }
    expect(await found({ changes: left, keys })).toEqual([])
    const since = await seen()
    expect(await found({ changes: left, keys, since })).toEqual(['log-missing  state'])
    const [checkpoint] = [kept('checkpoint')]
    expect(await found({ changes: left, keys, checkpoints: [checkpoint] })).toEqual([
      'log-missing  checkpoint',
    ])
    const none = {
      ...since.seen,
      logs: since.seen.logs.map((each) => (each.log === log ? { ...each, size: 0 } : each)),
    }
    expect(await found({ changes: left, keys, since: { ...since, seen: none } })).toEqual([])
  })

  // Kills: a checkpoint that anybody may have written.
  test('counts as a checkpoint only if the log signed it', async () => {
    const { name, text } = kept('checkpoint')
    for (const other of ['', 'a checkpoint', text.replace('\n9\n', '\n8\n')])
      expect(await found({ checkpoints: [{ name, text: other }] })).toEqual([
        expect.stringMatching(/^checkpoint-signature +checkpoint$/),
      ])
  })

  // Kills: no logs, and logs of nothing, called whole.
  test('or not: a gateway whose logs are all empty is never whole', async () => {
    const gone = Object.fromEntries(
      [...exported.files.keys()]
        .filter((path) => path.startsWith('comity.test/'))
        .map((path) => [path, undefined]),
    )
    expect(await found({ changes: gone })).toEqual(['empty  logs.json'])
    expect(await found({ changes: gone, since: await seen() })).toEqual(
      expect.arrayContaining(['empty  logs.json', 'truncated state at 0']),
    )
    const [logs] = linesOf<Record<string, unknown>>(exported.files, 'logs.json')
    const none = { ...gone, 'logs.json': linesIn([{ ...logs, logs: [] }]) }
    const keys = { ...exported.keys, logs: [] }
    expect(await found({ changes: none, keys })).toEqual(['empty  logs.json'])
  })
})
