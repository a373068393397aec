/** INVARIANT (a refusal tells nothing), for every party and through a whole life: `test/README.md` says how. */

import { expect, test } from 'vitest'
import { kinds } from '../../functions/adapters/rows.ts'
import { looks } from '../../functions/audit/looks.ts'
import { ownLooks } from '../../functions/audit/own-requests.ts'
import { openCalls, signedCalls } from '../../functions/http/routes.ts'
import { leaksOf, saysOf } from './compare.ts'
import { differences, namesOf } from './declared.ts'
import { lifeOf } from './life.ts'
import {
  agencyLooks,
  auditorLooks,
  madeByLife,
  openLooks,
  pageLooks,
  rowSights,
  unobservedCalls,
} from './observers.ts'
import { play } from './play.ts'
import { stateNames } from './scene.ts'

// Kills: a call, look or kind of row that is added and that nobody holds to silence.
test('Whatever can be seen of a gateway is looked at, or a reason says why not', () => {
  const tables = [agencyLooks, openLooks, unobservedCalls].flatMap((table) => Object.keys(table))
  expect([...tables, ...madeByLife].sort()).toEqual([...signedCalls, ...openCalls].sort())
  expect(Object.keys(auditorLooks).sort()).toEqual(Object.keys(looks).sort())
  expect(Object.keys(pageLooks).sort()).toEqual(Object.keys(ownLooks).sort())
  expect(Object.keys(rowSights).sort()).toEqual(Object.keys(kinds).sort())
})

// Kills: a difference that is declared so widely that it hides a word.
test('Words, codes and counts are no difference that is declared', () => {
  const said =
    '{"outcome":"deny","standing":"open","code":"nothing-transmissible","at":"2026-11-25T09:00:00.000Z",' +
    '"classes":{"communications-content":"not released"},"count":12,"officer":"officer-7",' +
    '"metric":"comity_decisions_total","look":"subject-report-of-one"}'
  expect(namesOf()(said, 1)).toBe(said)
  for (const { why } of differences) expect(why.length).toBeGreaterThan(20)
})

const seed = Number(process.env.COMITY_SEED ?? (process.env.CI ? 20261125 : Date.now() % 1e6))

test(`Nobody but the holder can tell a hit that is not told from none (seed ${seed})`, async () => {
  const state = stateNames[seed % stateNames.length] ?? 'hidden'
  const of = { seed, state, steps: lifeOf(seed) }
  const hit = await play({ ...of, side: 'hit' })
  const none = await play({ ...of, side: 'none' })
  expect(saysOf(leaksOf(hit, none)), `npm run observe -- --seed ${seed} --seeds 1`).toBe('')
}, 300_000)
