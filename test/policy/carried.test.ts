/** The law as an archive carries it, with its seals, and as a bundle does, without. */

import { describe, expect, test } from 'vitest'
import { lawFrom } from '../../functions/adapters/carried-law.ts'
import { packLaw } from '../../functions/adapters/policies-files.ts'
import { openedChecked, type RunLaw, type Runnable } from '../../functions/policy/carried.ts'
import { belowFloor, floorOf } from '../../functions/policy/floor.ts'
import { carry, carryChecked, opened, readBook, run } from '../../functions/policy/read-book.ts'
import { digestOfKeys } from '../../functions/policy/set.ts'
import { deny, fileOf, is, listOf, permit } from '../decision/write.ts'
import { chainOf, lawOf, releaseKeys, sealOf, setIn } from './sealing.ts'

const sealedAt = '2026-01-01T00:00:00Z'

const excepted = deny('b', is('requester.jurisdiction', 'FR'), { unless: [{ when: false }] })
const { path, text } = fileOf({
  ...{ id: 'de/own', kind: 'ground' },
  rules: [permit('a', true), excepted],
})
const transposes = { 'eu/other': { rule: ['art. 1'] } }
const german = { en: 'The law says so.', de: 'So steht es im Gesetz.' }
const own = {
  path: path.replace('.json', '.r2.json'),
  text: JSON.stringify({ ...(JSON.parse(text) as object), transposes }).replace(
    '"The law says so."',
    JSON.stringify(german),
  ),
}
const law = lawOf([own, listOf('states', [])], sealedAt)
const keys = digestOfKeys(law)

/** A bundle has bytes. */
const openedBundle = (text: string, ...trusted: [keys: string, isTrial: boolean]) =>
  openedChecked(Buffer.from(text), ...trusted)

describe.each([
  { as: 'in an archive', write: carry, open: opened },
  { as: 'in a bundle', write: carryChecked, open: openedBundle },
])('The law $as', ({ write, open }) => {
  // Kills: a sentence that stays in several languages, or loses the others, where a bundle is read late.
  test('decides in English, and has each sentence in the other languages beside it', () => {
    const [policy] = open(write(law), keys, true).book.policies
    expect(policy?.file.applies.says).toBe(german.en)
    expect(policy?.translations?.get(german.en)).toEqual({ de: german.de })
  })

  // Kills: a file in two languages that is taken for one in English, since its author or his editor wrote it otherwise.
  test.each([
    ['"says" : {', '"says":{'],
    ['"says"\n:\t{', '"says":{'],
    ['"s\\u0061ys":{', '"says":{'],
  ])('reads what is written as %j', (written, usual) => {
    expect(own.text).toContain(usual)
    const other = lawOf([{ ...own, text: own.text.replaceAll(usual, written) }], sealedAt)
    const [policy] = open(write(other), digestOfKeys(other), true).book.policies
    expect(policy?.file.applies.says).toBe(german.en)
    expect(policy?.translations?.get(german.en)).toEqual({ de: german.de })
  })

  // Kills: seals, revisions or others’ articles left out; a list left out; an exception that no remedy is looked for in.
  test('is the law that was checked, with its seals and whose articles it names', () => {
    const { book, faults } = readBook(law.files, () => sealedAt)
    expect(faults).toEqual([])
    const { book: again } = open(write(law), keys, true)
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
    expect(write(more)).toBe(write(law))
    expect(run(more).book).toEqual(run(law).book)
    expect(run({ ...more, set: setIn(more) }).book.policies).toHaveLength(2)
  })

  // Kills: keys that the bundle itself names (carried.ts, `expectKeys`).
  test('is not opened with other keys than those that are pinned', () => {
    expect(() => open(write(law), '0'.repeat(64), true)).toThrow(
      'couldn’t load policies: the keys of sealers and releases are not those that the deployment pins',
    )
  })

  // Kills: keys that are known by their names, or refused at synthesis alone (carried.ts, `expectKeys`).
  test('is not opened outside a trial with a key of the demonstration, whatever it is called', () => {
    const named = (key: { readonly kid: string }) => ({ ...key, kid: `ministry-${key.kid}` })
    const ours = (law.releaseKeys as readonly { readonly kid: string }[]).map(named)
    const set = setIn(law, releaseKeys.map(named) as typeof releaseKeys)
    const renamed: RunLaw = { ...law, releaseKeys: ours, set }
    const text = write(renamed)
    expect(open(text, digestOfKeys(renamed), true).book.policies).toHaveLength(1)
    expect(() => open(text, digestOfKeys(renamed), false)).toThrow(
      /^couldn’t load policies: everybody has the private key of `demonstration-legal-2026`: only `dev` takes it$/,
    )
    const sealers = (law.sealers as readonly object[]).map((each) => ({
      ...each,
      jwk: { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) },
    }))
    const empty = { ...renamed, sealers, files: [], seals: {} }
    const only = { ...empty, set: setIn(empty, releaseKeys.map(named) as typeof releaseKeys) }
    expect(() => open(write(only), digestOfKeys(only), false)).toThrow(
      'the private key of `ministry-demonstration-release-1-2026`',
    )
  })
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
])('in an archive is not opened with %s put in', (_, change, why) => {
  const text = JSON.stringify(change(JSON.parse(carry(law)) as RunLaw))
  expect(() => opened(text, keys, true)).toThrow(why)
})

/** A law with what a set can have: a file for later, one that ended, and two signatures on different days. */
const retired = listOf('gone', [])
const late = '2026-01-03T00:00:00Z'
const varied = lawOf([own, listOf('states', []), retired], sealedAt)
const retiring = {
  statedAt: late,
  body: {
    ...sealOf(retired, late).body,
    ...{ act: 'retire' as const, from: '2026-02-01T00:00:00Z', why: 'Its time is over.' },
  },
}
const lists = [listOf('states', []), retired].map((each) => sealOf(each, sealedAt))
const unsigned = {
  ...varied,
  seals: { ...varied.seals, lists: chainOf('lists', [...lists, retiring]) },
}
const ended: RunLaw = { ...unsigned, set: setIn(unsigned) }

describe('The law in a bundle', () => {
  const text = carryChecked(ended)

  // Kills: a moment at which nothing ends; a chain of which the floor finds nothing.
  test('counts as its seals say, though it has none', () => {
    const bundled = openedBundle(text, keys, true)
    expect(text).not.toContain(
      'signatures":["eyJhbGciOiJFZERTQSIsImtpZCI6ImRlbW9uc3RyYXRpb24tbGVnYWw',
    )
    expect(bundled.book).toEqual(run(ended).book)
    expect(bundled.book.lists.map(({ id, retiredAt }) => [id, retiredAt])).toEqual([
      ['states', undefined],
      ['gone', '2026-02-01T00:00:00Z'],
    ])
    for (const floor of [ended, law].map(({ set }) => floorOf(set as never)))
      expect(belowFloor(bundled, floor)).toBe(belowFloor(run(ended), floor))
  })

  // Kills: a seal that nobody checks any more: neither when the bundle is made, nor at its start.
  test('is not made of a law that one sealed, or somebody else', () => {
    const [one, two] = ended.seals.de as readonly { readonly signatures: readonly string[] }[]
    expect(two).toBeUndefined()
    const signatures = one?.signatures ?? []
    for (const made of [signatures.slice(1), [signatures[0], signatures[0]?.replace(/.$/, 'A')]])
      expect(() =>
        carryChecked({ ...ended, seals: { ...ended.seals, de: [{ ...one, signatures: made }] } }),
      ).toThrow('couldn’t load policies: de/seals.json')
  })

  // Kills: a bundle's law that is taken from an archive, where nobody checked it.
  test('is not opened where seals are asked for', () => {
    expect(() => opened(text, keys, true)).toThrow()
  })

  // Kills: a part of it that neither the set nor the pinned keys hold: a text, a moment, an order (`moment`).
  test('is not opened with anything of it changed', () => {
    const wanted = run(ended).book
    const [header = '', ...texts] = text.split('\0')
    const harmless: string[] = []
    const whole = () => ({ ...JSON.parse(header), texts: [...texts] })
    for (const path of partsOf(whole()))
      for (const how of ['gone', 'twice', 'longer', 'other', 'empty'] as const) {
        const changed = whole()
        if (!changedAt(changed, path, how)) continue
        const { texts: files = [], ...before } = changed
        const found = ifOpen(() =>
          openedBundle([JSON.stringify(before), ...files].join('\0'), keys, true),
        )
        if (found === undefined) continue
        expect(found, `${path} ${how}`).toEqual(wanted)
        harmless.push(`${path} ${how}`)
      }
    // A signature in other letters (RFC 4648 §3.5) or twice; a path without a text, and a text without a path (the
    // last two files have the same).
    for (const each of harmless)
      expect(each).toMatch(
        /^(set,signatures,\d (twice|longer|other)|paths,2 twice|texts,[12] twice)$/,
      )
  })
})

const ifOpen = (open: () => Runnable) => {
  try {
    return open().book
  } catch {
    return undefined
  }
}

type Change = 'gone' | 'twice' | 'longer' | 'other' | 'empty'
type Path = readonly (string | number)[]

/** The path of every value within one. */
const partsOf = (value: unknown): readonly Path[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, each]) => {
        const key = Array.isArray(value) ? Number(name) : name
        return [[key], ...partsOf(each).map((path) => [key, ...path])]
      })
    : []

/** Changes the value at a path; false if it cannot be changed so. */
function changedAt(whole: unknown, path: Path, how: Change): boolean {
  // Casts: the path was found in it.
  const within = path
    .slice(0, -1)
    .reduce((at, key) => (at as Record<string, unknown>)[key] as object, whole) as Record<
    string,
    unknown
  >
  const key = path.at(-1) ?? ''
  const value = within[key]
  if (how === 'gone') {
    if (Array.isArray(within)) within.splice(Number(key), 1)
    else delete within[key]
    return true
  }
  if (how === 'twice') {
    if (Array.isArray(within)) within.splice(Number(key), 0, value)
    return Array.isArray(within)
  }
  if (typeof value === 'number') within[key] = how === 'empty' ? 0 : value + 1
  else if (typeof value !== 'string' || value === '') return false
  else if (how === 'longer') within[key] = `${value} `
  else
    within[key] = how === 'empty' ? '' : value.replace(/.$/, (last) => (last === '1' ? '2' : '1'))
  return true
}

// Kills: law that a newer build wrote, of which this one silently leaves out what it does not know: a refusal, or a condition.
describe('Law that a newer build checked', () => {
  const newer = (change: (rule: Record<string, unknown>) => object) => {
    const file = JSON.parse(own.text) as { rules: Record<string, unknown>[] }
    const rules = file.rules.map((rule) => ({ ...rule, ...change(rule) }))
    return lawOf([{ ...own, text: JSON.stringify({ ...file, rules }) }], sealedAt)
  }

  test.each([
    ['an effect', newer(() => ({ then: { effect: 'hold', code: 'new' } })), /then\/effect/],
    ['a member of a rule', newer(() => ({ onlyIf: false })), /Unrecognized key: "onlyIf"/],
    ['an operator', newer(() => ({ when: { '!=': [{ var: 'asOf' }, ''] } })), /`!=` is not/],
  ])('is not taken from an archive with %s that is not known here', async (_, law, why) => {
    const pinned = digestOfKeys(law)
    expect(opened(carry(law), pinned, true).files).toHaveLength(1)
    const archive = { get: async () => packLaw(law) }
    const taken = await lawFrom(archive, pinned, true)('any')
    expect(taken).toEqual({ refused: expect.stringMatching(why) })
  })

  test('is taken where all of it is', async () => {
    const taken = await lawFrom({ get: async () => packLaw(law) }, keys, true)('any')
    expect(taken).toMatchObject({ book: run(law).book })
  })
})
