/** The stop: one release key stops all that is permitted, and two let it go on, whatever else is stated meanwhile. */

import { describe, expect, test } from 'vitest'
import { floorOf } from '../../functions/policy/floor.ts'
import { followLaw, type LawBody } from '../../functions/policy/law-chain.ts'
import { run } from '../../functions/policy/read-book.ts'
import { fileOf, permit } from '../decision/write.ts'
import { lawOf, releaseKeys, sealingKeys, statedLaw } from './sealing.ts'

const law = run(
  lawOf(
    [fileOf({ id: 'de/a', kind: 'ground', rules: [permit('a', true)] })],
    '2026-09-01T00:00:00Z',
  ),
)
const [one, two] = releaseKeys
if (one === undefined || two === undefined) throw new Error('no release keys')
const why = 'A key of the gateway was found on a market.'
const floor: Stated = [floorOf(law.set, {}), releaseKeys]
const stop: Stated = [{ act: 'stop', why }, [one]]
const resume = (keys = releaseKeys): Stated => [{ act: 'resume', why }, keys]
type Stated = readonly [LawBody, typeof releaseKeys]
const follow = (...all: readonly Stated[]) => followLaw(statedLaw(...all), law)

describe('A stop', () => {
  test('takes one release key, and stands until two resume', () => {
    expect(follow(floor, stop)).toMatchObject({ state: { stop: { number: 2, body: { why } } } })
    expect(follow(floor, stop).broken).toBeUndefined()
    const resumed = follow(floor, stop, resume())
    expect([resumed.broken, resumed.state.stop]).toEqual([undefined, undefined])
  })

  // Kills: a resumption by whoever stopped; one key that signs twice.
  test.each([
    ['one', [one]],
    ['one, twice', [one, one]],
  ])('is not ended by %s', (_, keys) => {
    const { state, broken } = follow(floor, stop, resume(keys))
    expect(state.stop).toBeDefined()
    expect(broken).toMatchObject({ at: 3, why: expect.stringContaining('two different') })
  })

  // Kills: a stop that a floor, a second stop or an anchor takes along.
  test('stands through whatever else is stated', () => {
    const { set, heads } = floorOf(law.set, { why })
    const anchor: Stated = [{ act: 'anchor', set, heads, suspended: [], why }, releaseKeys]
    const again: Stated = [floorOf(law.set, { why }), releaseKeys]
    for (const other of [again, stop, anchor])
      expect(follow(floor, stop, other).state.stop?.number).toBe(2)
  })

  // Kills: a stop by whoever seals a folder, or by nobody.
  test('counts by no other key', () => {
    const sealer = Object.values(sealingKeys).flat()[0]
    if (sealer === undefined) throw new Error('no sealer')
    expect(follow(floor, [{ act: 'stop', why }, [sealer]]).broken).toMatchObject({ at: 2 })
  })
})
