/** The floor: which sets of the law may start, by statements that anybody may have meddled with. */

import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { SourceFile } from '../../functions/policy/book.ts'
import { digestOfLink } from '../../functions/policy/chain.ts'
import { belowFloor, floorOf } from '../../functions/policy/floor.ts'
import { followLaw, type LawStatement, stateLaw } from '../../functions/policy/law-chain.ts'
import { run } from '../../functions/policy/read-book.ts'
import type { LawSet } from '../../functions/policy/set.ts'
import { fileOf, permit } from '../decision/write.ts'
import { day, lawOf, releaseKeys, sealingKeys, setIn, statedLaw } from './sealing.ts'

const version = (id: string): SourceFile =>
  fileOf({ id, kind: 'ground', rules: [permit('a', true)] })
const files = ['de/a', 'de/b', 'de/c', 'fr/a'].map(version)
/** Last month's law, this month's, and next month's. */
const [old, now, next] = [
  lawOf([files[0], files[3]] as SourceFile[], '2026-09-01T00:00:00Z'),
  lawOf([files[0], files[1], files[3]] as SourceFile[], '2026-09-01T00:00:00Z'),
  lawOf(files, '2026-09-01T00:00:00Z'),
].map(run) as [Runs, Runs, Runs]
type Runs = ReturnType<typeof run>
const keys = now.releaseKeys

/** The chain in which these sets were the floor, one after the other. */
const stated = (...all: readonly (readonly [LawSet, why?: string])[]): readonly LawStatement[] =>
  statedLaw(...all.map(([set, why]) => [floorOf(set, { why }), releaseKeys] as const))
const why = (rows: readonly unknown[], law = now, trusted = keys) => {
  const { state, broken } = followLaw(rows, { sealers: now.sealers, releaseKeys: trusted })
  return broken === undefined
    ? belowFloor(law, state.floor)
    : `statement ${broken.at} of \`law\` does not count: ${broken.why}`
}
const last = 'The last set denied too much.'

describe('A set of the law', () => {
  // Kills: `belowFloor` that compares numbers alone, the last statement not taken, or the folder's chain looked at.
  test('starts at the floor or above, and not below, where the folder is named', () => {
    const floor = stated([old.set], [now.set])
    expect(why(floor)).toBeUndefined()
    expect(why(floor, next)).toBeUndefined()
    expect(why(floor, old)).toBe(
      'the law is older than may start, or the floor of this store belongs to other chains of seals: the set has come to seal 1 of de/seals.json, and the floor is seal 2 of `de`; start a newer set, start on another store (`COMITY_DATA`), or let two release keys move the floor to this law: `comity policy floor --why "…"`',
    )
    // The folder has come further, and the set is that of before.
    expect(why(floor, { ...now, set: old.set })).toContain('come to seal 1')
  })

  test('of another history than the floor’s does not start, however far it has come', () => {
    const other = run(
      lawOf([files[3], files[1], files[0], files[2]] as SourceFile[], '2026-09-02T00:00:00Z'),
    )
    expect(why(stated([now.set]), other)).toBe(
      'the floor of this store belongs to other chains of seals than this law: the floor is seal 2 of `de`, which is another here; start the law by which the store ran, start on another store (`COMITY_DATA`), or let two release keys move the floor to this law: `comity policy floor --why "…"`',
    )
  })

  // Kills: a folder that has come less far, told instead of the one which shows that the chains are others.
  test('of which one folder is shorter and another is of another history belongs to other chains', () => {
    const other = run(
      lawOf(
        [files[0], { ...files[3], text: `${files[3]?.text} ` }] as SourceFile[],
        '2026-09-02T00:00:00Z',
      ),
    )
    expect(why(stated([now.set]), other)).toContain('the floor is seal 1 of `fr`, which is another')
  })

  test('that lacks a folder of the floor does not start', () => {
    const { fr: _, ...folders } = now.set.folders
    expect(why(stated([now.set]), { ...now, set: { ...now.set, folders } })).toContain(
      'seal 1 of `fr`',
    )
  })

  // Kills: none stated taken for none needed.
  test('does not start where no floor was ever stated', () => {
    expect(why([])).toBe('no floor is stated; a release states one: `comity policy floor`')
  })

  test('of before starts again once two keys lowered the floor, with a reason', () => {
    expect(why(stated([now.set], [old.set, last]), old)).toBeUndefined()
    expect(why(stated([now.set], [old.set]), old)).toContain(
      'statement 2 of `law` does not count: it lowers the floor, and does not say why',
    )
  })
})

describe('Whatever is done to the statements of the floor', () => {
  const [one, two] = stated([old.set], [now.set]) as [LawStatement, LawStatement]
  const forged = (set: LawSet, by: typeof releaseKeys) =>
    stateLaw({ number: 2, digest: digestOfLink(two) }, day(3), floorOf(set, { why: last }), by)
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const foreign = { kid: keys[0]?.kid ?? '', jwk: { kty: 'OKP', crv: 'Ed25519', x, d } } as const
  const [first, second] = releaseKeys
  if (first === undefined || second === undefined) throw new Error('there are no keys')

  // Kills: each check of `followLaw` left out.
  test.each<[string, readonly unknown[], string]>([
    [
      'the first row is deleted',
      [two],
      'statement 1 of `law` does not count: its number is not the next one',
    ],
    [
      'a row says something else',
      [one, { ...two, body: { ...two.body, heads: {} } }],
      'it needs the signatures of two',
    ],
    [
      'an old row stands again',
      [one, two, one],
      'statement 3 of `law` does not count: its number is not',
    ],
    [
      'a row is no statement',
      [one, two, { number: 3 }],
      'statement 3 of `law` does not count: it is not a statement of this form',
    ],
    ['one key lowers it', [one, two, forged(old.set, [first])], 'it needs the signatures of two'],
    [
      'one key lowers it, twice',
      [one, two, forged(old.set, [first, first])],
      'it needs the signatures of two different',
    ],
    [
      'a stranger lowers it',
      [one, two, forged(old.set, [first, foreign])],
      'it needs the signatures of two different',
    ],
    [
      'a stranger signs, too',
      [one, two, forged(old.set, [first, second, foreign])],
      'it needs the signatures of two different',
    ],
    [
      'sealers lower it',
      [one, two, forged(old.set, sealingKeys)],
      'it needs the signatures of two different',
    ],
    [
      'a row of another chain is put in',
      [one, two, { ...forged(old.set, releaseKeys), chain: 'seals/de' }],
      'it belongs to another chain',
    ],
  ])('%s: nothing starts', (_, rows, message) => {
    for (const law of [old, now, next]) expect(why(rows, law)).toContain(message)
  })

  // Kills: a folder left out, or another history of one, taken for no lowering (law-chain.ts, `isLower`).
  test('no folder is left out of it, and none is another, without a reason', () => {
    const { fr: _, ...left } = now.set.folders
    const de = { ...now.set.folders.de, head: { number: 2, digest: 'f'.repeat(64) } }
    for (const folders of [left, { ...now.set.folders, de }])
      expect(why(stated([now.set], [{ ...now.set, folders } as LawSet]))).toContain(
        'it lowers the floor, and does not say why',
      )
  })

  // Kills: a key that left and still lowers; one that left and takes what it said with it.
  test('who left signs no further floor, and no set; what they said before holds', () => {
    const left = keys.map((each, i) => (i === 0 ? { ...each, leftAt: day(2) } : each))
    expect(why([one, two], now, left)).toBeUndefined()
    expect(why([one, two, forged(old.set, releaseKeys)], old, left)).toContain('two different')
    const law = lawOf(files, '2026-09-01T00:00:00Z')
    expect(() => run({ ...law, releaseKeys: left, set: setIn(law) })).toThrow('set.json: it needs')
  })
})
