/** The harness of silence itself: that it sees what can be seen, and finds what is planted; and ten lives more. */

import { beforeAll, describe, expect, test } from 'vitest'
import { kinds } from '../../functions/adapters/rows.ts'
import { looks } from '../../functions/audit/looks.ts'
import { ownLooks } from '../../functions/audit/own-requests.ts'
import { openCalls, signedCalls } from '../../functions/http/routes.ts'
import { eventKinds } from '../../functions/inbox-ports.ts'
import { leaksOf, saysOf } from './compare.ts'
import { lifeOf, lifeWithLook, shortLife, tour } from './life.ts'
import { rowSights, unobservedCalls, unobservedEvents } from './observers.ts'
import { planted } from './planted.ts'
import { type Played, play } from './play.ts'
import { stateNames } from './scene.ts'

const patience = 300_000

describe('A life that has each kind of step', () => {
  let hit: Played
  let none: Played
  beforeAll(async () => {
    const of = { seed: 1, state: 'hidden', steps: tour() } as const
    hit = await play({ ...of, side: 'hit' })
    none = await play({ ...of, side: 'none' })
  }, patience)

  test('tells nobody whether there was a hit', () => {
    expect(saysOf(leaksOf(hit, none))).toBe('')
  })

  // Kills: an output that a table names and that no party ever saw.
  test('has every call, look, event and row that is not excused', () => {
    const visited = new Set([...hit.visited, ...none.visited])
    const excused: Readonly<Record<string, string>> = { ...unobservedCalls, ...unobservedEvents }
    const all = [
      ...[...signedCalls, ...openCalls].filter((name) => !(name in excused)),
      ...Object.keys(looks),
      ...Object.keys(ownLooks).map((name) => `page ${name}`),
      ...eventKinds.filter((kind) => !(kind in excused)).map((kind) => `event ${kind}`),
      ...Object.keys(kinds).flatMap((name) =>
        'unseen' in rowSights[name as keyof typeof kinds] ? [] : [`row ${name}`],
      ),
    ]
    expect(all.filter((name) => !visited.has(name))).toEqual([])
    const seenIn = Object.values(rowSights).flatMap((sight) => ('in' in sight ? [sight.in] : []))
    expect(seenIn.filter((name) => !visited.has(name))).toEqual([])
  })
})

describe('A leak that is planted is found:', () => {
  const of = { seed: 2, state: 'hidden', steps: shortLife() } as const
  let none: Played
  beforeAll(async () => {
    none = await play({ ...of, side: 'none' })
  }, patience)

  test('none, where nothing is planted', async () => {
    expect(saysOf(leaksOf(await play({ ...of, side: 'hit' }), none))).toBe('')
    expect(saysOf(leaksOf(await play({ ...of, side: 'none' }), none))).toBe('')
  })

  test.each(Object.keys(planted))(
    '%s',
    async (name) => {
      const hit = await play({ ...of, side: 'hit' }, planted[name]?.())
      expect(leaksOf(hit, none)).not.toEqual([])
    },
    patience,
  )
})

// Kills: a look that the log of everybody shows, by its size.
test(
  'An officer who looks at what waits because of the record leaves nothing that anybody else sees',
  async () => {
    const of = { seed: 3, state: 'several', steps: lifeWithLook() } as const
    const hit = await play({ ...of, side: 'hit' })
    const none = await play({ ...of, side: 'none' })
    expect(saysOf(leaksOf(hit, none))).toBe('')
  },
  patience,
)

test.each(Array.from({ length: 10 }, (_, i) => 100 + i))(
  'Nobody but the holder can tell a hit from none (seed %i)',
  async (seed) => {
    const state = stateNames[seed % stateNames.length] ?? 'hidden'
    const of = { seed, state, steps: lifeOf(seed) }
    const hit = await play({ ...of, side: 'hit' })
    const none = await play({ ...of, side: 'none' })
    expect(saysOf(leaksOf(hit, none))).toBe('')
  },
  patience,
)
