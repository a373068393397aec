/** The law as a bundle carries it. */

import { expect, test } from 'vitest'
import { readBook } from '../../functions/policy/book.ts'
import { carry, opened, type RunLaw, run } from '../../functions/policy/carried.ts'
import { digestOfKeys } from '../../functions/policy/set.ts'
import { fileOf, listOf, permit } from '../decision/write.ts'
import { chainOf, lawOf, releaseKeys, sealOf, setIn } from './sealing.ts'

const sealedAt = '2026-01-01T00:00:00Z'

const { path, text } = fileOf({ id: 'de/own', kind: 'ground', rules: [permit('a', true)] })
const transposes = { 'eu/other': { rule: ['art. 1'] } }
const own = {
  path: path.replace('.json', '.r2.json'),
  text: JSON.stringify({ ...(JSON.parse(text) as object), transposes }),
}
const law = lawOf([own, listOf('states', [])], sealedAt)
const keys = digestOfKeys(law)

// Kills: seals, revisions or others’ articles left out; a list left out.
test('is the law that was checked, with its seals and whose articles it names', () => {
  const { book, faults } = readBook(law.files, () => sealedAt)
  expect(faults).toEqual([])
  const { book: again } = opened(carry(law), keys, true)
  expect(again).toMatchObject(book)
  expect(again).toEqual(run(law).book)
  const [policy] = again.policies
  expect(policy).toMatchObject({ revision: 2 })
  expect(policy?.transposes.get('eu/other/rule')).toEqual(['art. 1'])
  expect(again.lists).toHaveLength(1)
})

// Kills: a draft, or what was sealed since, that is carried (carried.ts, `standing` and `carry`).
test('leaves drafts, and what was sealed after the set, where they are', () => {
  const draft = fileOf({ id: 'de/draft', kind: 'ground', rules: [permit('a', true)] })
  const fresh = fileOf({ id: 'de/fresh', kind: 'ground', rules: [permit('a', true)] })
  const said = [own, fresh].map((each) => sealOf(each, sealedAt))
  const broken = { ...draft, text: '{' }
  const more: RunLaw = {
    ...law,
    files: [...law.files, broken, fresh],
    seals: { ...law.seals, de: chainOf('de', said) },
  }
  expect(carry(more)).toBe(carry(law))
  expect(run(more).book).toEqual(run(law).book)
  expect(run({ ...more, set: setIn(more) }).book.policies).toHaveLength(2)
})

// Kills: keys that the bundle itself names (carried.ts, `opened`).
test('is not opened with other keys than those that are pinned', () => {
  expect(() => opened(carry(law), '0'.repeat(64), true)).toThrow(
    'couldn’t load policies: the keys of sealers and releases are not those that the deployment pins',
  )
})

// Kills: keys that are known by their names, or refused at synthesis alone (carried.ts, `opened`).
test('is not opened outside a trial with a key of the demonstration, whatever it is called', () => {
  const named = (key: { readonly kid: string }) => ({ ...key, kid: `ministry-${key.kid}` })
  const ours = (law.releaseKeys as readonly { readonly kid: string }[]).map(named)
  const set = setIn(law, releaseKeys.map(named) as typeof releaseKeys)
  const renamed: RunLaw = { ...law, releaseKeys: ours, set }
  const text = carry(renamed)
  expect(opened(text, digestOfKeys(renamed), true).book.policies).toHaveLength(1)
  expect(() => opened(text, digestOfKeys(renamed), false)).toThrow(
    /^couldn’t load policies: everybody has the private key of `demonstration-legal-2026`: only `dev` takes it$/,
  )
  const sealers = (law.sealers as readonly object[]).map((each) => ({
    ...each,
    jwk: { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) },
  }))
  const empty = { ...renamed, sealers, files: [], seals: {} }
  const only = { ...empty, set: setIn(empty, releaseKeys.map(named) as typeof releaseKeys) }
  expect(() => opened(JSON.stringify(only), digestOfKeys(only), false)).toThrow(
    'the private key of `ministry-demonstration-release-1-2026`',
  )
})

// Kills: `exactly` that lets something be (set.ts, `surplus`).
test.each([
  [
    'a draft',
    (json: RunLaw) => ({
      ...json,
      files: [...json.files, { ...own, path: 'de/x/2020-01-01.json' }],
    }),
    'de/x/2020-01-01.json: it is not in the signed set; take it away',
  ],
  [
    'a seal that came later',
    (json: RunLaw) => {
      const said = [own, { ...own, path: 'de/x/2020-01-01.json' }]
      return {
        ...json,
        seals: {
          ...json.seals,
          de: chainOf(
            'de',
            said.map((each) => sealOf(each, sealedAt)),
          ),
        },
      }
    },
    'de/x/2020-01-01.json: it is sealed and not there',
  ],
  ['no set', ({ set: _, ...json }: RunLaw) => json, 'set.json: there is no signed set of the law'],
])('is not opened with %s put in', (_, change, why) => {
  const text = JSON.stringify(change(JSON.parse(carry(law)) as RunLaw))
  expect(() => opened(text, keys, true)).toThrow(why)
})
