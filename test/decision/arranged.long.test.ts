/** What a listed arrangement covers: held to a second reading of the entries. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import * as arranged from '../../functions/decision/arranged.ts'
import { decide } from '../../functions/decision/decide.ts'
import { derive, known, withItem } from '../../functions/decision/facts.ts'
import * as arrangement from '../../functions/policy/arrangement.ts'
import { claimsThatBind } from '../../functions/policy/fact-types.ts'
import { vocabulary } from '../../functions/policy/vocabulary.ts'
import { mutants } from './arranged-mutants.ts'
import { domain, type Entry, possible, type World } from './arranged-oracle.ts'
import { unknownLeague, worlds } from './arranged-worlds.ts'
import { patience, runs } from './runs.ts'
import {
  deny,
  fileOf,
  is,
  isNot,
  type Json,
  listOf,
  nowOf,
  permit,
  quiet,
  quietItem,
} from './write.ts'

type Read = Pick<typeof arranged, 'coveredBy' | 'safeguardsOf'> &
  Pick<typeof arrangement, 'arrangementsOn' | 'byPrecedence'>

/** What the code answers: id and safeguards, null where it cannot say. */
function found(
  { entries, league, day, facts }: World,
  read: Read = { ...arranged, ...arrangement },
) {
  const isGood = ({ from, until }: arrangement.Days) =>
    from <= day && (until === undefined || day <= until)
  const all = read.arrangementsOn(entries as never, isGood, () => league)
  const sorted = all.toSorted(read.byPrecedence)
  const asked = { get: (name: string) => facts[name] }
  const covering = read.coveredBy(sorted, asked)
  return {
    covers: typeof covering === 'object' ? covering.entry.id : (covering ?? null),
    safeguards: read.safeguardsOf(sorted, asked) ?? null,
  }
}

/** What is wrong with an answer, if anything is; `answers` are those that are possible. */
function wrong(world: World, answers = possible(world), read?: Read): string | undefined {
  const { covers, safeguards } = found(world, read)
  if (answers.length === 1 && world.league !== undefined && isWhole(world))
    return covers === answers[0]?.covers && safeguards === answers[0]?.safeguards
      ? undefined
      : `${covers}, ${safeguards} instead of ${JSON.stringify(answers[0])}`
  if (covers !== null && answers.some((each) => each.covers !== covers))
    return `says ${covers} where it cannot be known`
  if (safeguards !== null && answers.some((each) => each.safeguards !== safeguards))
    return `says ${safeguards} safeguards where it cannot be known`
  const parties = ['holder', 'requester'].map((who) => world.facts[`${who}.jurisdiction`])
  const isNone = answers.every((each) => each.covers === 'none')
  if (isNone && !parties.includes(undefined) && world.league !== undefined && covers !== 'none')
    return 'does not say that nothing covers, whatever is not known'
  return undefined
}

const isWhole = ({ facts }: World) => Object.keys(domain).every((name) => facts[name] !== undefined)

describe('What covers', () => {
  // Killed: what `arranged-mutants.ts` lists.
  test(
    'where all is known it is what a naive reading of the entries covers',
    () => {
      fc.assert(
        fc.property(worlds(0), (world) => {
          expect(wrong(world)).toBeUndefined()
        }),
        { numRuns: runs(1200) },
      )
    },
    patience,
  )

  test(
    'where something is not known, nothing is said that could turn out otherwise',
    () => {
      expect(wrong(unknownLeague)).toBeUndefined()
      fc.assert(
        fc.property(worlds(2), (world) => {
          expect(wrong(world)).toBeUndefined()
        }),
        { numRuns: runs(700) },
      )
    },
    patience,
  )

  test('each comparison, broken, is found', async () => {
    const seed = fc.readConfigureGlobal()?.seed ?? Date.now()
    const drawn: { readonly world: World; readonly answers: ReturnType<typeof possible> }[] = [
      { world: unknownLeague, answers: possible(unknownLeague) },
    ]
    /** Drawn as far as the hardest to find has wanted so far. */
    function* all() {
      for (let i = 0; i < 34_000; i++) {
        if (i === drawn.length)
          for (const [unknown, numRuns] of [
            [0, 300],
            [2, 40],
          ] as const)
            for (const world of fc.sample(worlds(unknown), { seed: seed + i, numRuns }))
              drawn.push({ world, answers: possible(world) })
        const next = drawn[i]
        if (next !== undefined) yield next
      }
    }
    const survivors: string[] = []
    for (const [i, [what, file, from, to]] of mutants.entries()) {
      const read = await broken(file, from, to, i)
      let isFound = false
      for (const { world, answers } of all())
        if (wrong(world, answers, read) !== undefined) {
          isFound = true
          break
        }
      if (!isFound) survivors.push(what)
    }
    expect(survivors).toEqual([])
  }, 120_000)

  test('the generated entries cover often, and each strength of safeguards comes up', () => {
    const all = fc.sample(worlds(0), 4000).map((world) => possible(world)[0])
    expect(all.filter((each) => each?.covers !== 'none').length).toBeGreaterThan(150)
    for (const strength of ['use-limits', 'binding'])
      expect(all.filter((each) => each?.safeguards === strength).length).toBeGreaterThan(30)
  })
})

/** Both modules, one of them with one thing broken. */
async function broken(file: string, from: string, to: string, i: number): Promise<Read> {
  const text = readFileSync(join(rooms, file), 'utf8')
  expect(text.split(from).length, from).toBeGreaterThan(1)
  const path = join(folder, `${i}.ts`)
  const near = (room: string) => pathToFileURL(join(rooms, room)).href
  const room = file.split('/')[0] ?? ''
  writeFileSync(
    path,
    text
      .replace(from, to)
      .replaceAll("'../policy/", `'${near('policy')}/`)
      .replaceAll("'./", `'${near(room)}/`),
  )
  const module = await import(/* @vite-ignore */ pathToFileURL(path).href)
  return { ...arranged, ...arrangement, ...module }
}

const rooms = join(import.meta.dirname, '../../functions')
const folder = mkdtempSync(join(tmpdir(), 'comity-mutants-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The law of a state that gives what an arrangement covers, with the entries of a world. */
function lawOf({ entries, league }: World) {
  const days = { from: '2020-01-01', cites: 'art. 1', confidence: 'V' }
  const members = (league ?? []).map((value) => ({ value, ...days }))
  return (day: string) =>
    nowOf(
      [
        ...['aa', 'bb', 'cc', 'dd'].map((folder) =>
          fileOf({
            id: `${folder}/own`,
            kind: 'ground',
            applies: is('holder.jurisdiction', folder.toUpperCase()),
            rules: [permit('arranged', isNot('arrangement.covers', 'none'))],
          }),
        ),
        listOf('agreed', [], { members: undefined, arrangements: entries }),
        ...(league === undefined ? [] : [listOf('league', [], { members })]),
      ],
      day,
    )
}

describe('What a requester says', () => {
  const claims = Object.keys(vocabulary).filter((name) => vocabulary[name]?.source === 'claim')
  const closed = ['request.purpose', 'request.offence.maxCustodyMonthsRequester']

  test('of all its claims only purpose and penalty are read, and both leave as a duty', () => {
    const follows = vocabulary['arrangement.covers']?.follows ?? []
    expect(follows.filter((name) => claims.includes(name))).toEqual(closed)
    expect(claimsThatBind).toEqual(expect.arrayContaining(closed))
    expect(vocabulary['arrangement.safeguards']?.follows).toEqual(follows)
    expect(follows.filter((name) => vocabulary[name]?.source === 'attestation')).toEqual([])
  })

  test(
    'no other claim, and no word on the arrangement itself, changes what covers',
    () => {
      const others = claims.filter((name) => !closed.includes(name))
      const said = fc.record(
        Object.fromEntries(others.map((name) => [name, fc.constantFrom('E0', 'E1', 'none', 24)])),
      )
      const bold = fc.constantFrom('E0', 'none', undefined)
      fc.assert(
        fc.property(worlds(1), said, bold, (world, more, id) => {
          const now = lawOf({ ...world, league: world.league ?? [] })(world.day)
          const { 'item.class': of, ...facts } = world.facts
          const ask = (all: object, own: object) =>
            withItem(
              known(derive(all as never, now), now.lists),
              { id: '1', facts: own as never },
              now,
            )
          const plain = ask(facts, { 'item.class': of })
          const insisting = ask(
            { ...facts, ...more, 'arrangement.covers': id, 'arrangement.safeguards': 'binding' },
            { 'item.class': of, 'arrangement.covers': id, 'arrangement.safeguards': 'binding' },
          )
          for (const name of ['arrangement.covers', 'arrangement.safeguards'])
            expect(insisting.get(name)).toEqual(plain.get(name))
        }),
        { numRuns: runs(300) },
      )
    },
    patience,
  )

  test(
    'what leaves by an arrangement leaves with its duties, the purpose, and the penalty where it asks for one',
    () => {
      let left = 0
      fc.assert(
        fc.property(worlds(0), (world) => {
          const decision = decisionOn(world)
          const answer = possible(world)[0]
          expect(decision.outcome).toBe(answer?.covers === 'none' ? 'deny' : 'release')
          const entry = world.entries.find(({ id }) => id === answer?.covers)
          if (entry === undefined) return
          left += 1
          expect(decision.obligations.map(({ code, value }) => [code, value ?? null])).toEqual(
            dutiesOf(entry, world),
          )
        }),
        { numRuns: runs(400) },
      )
      expect(left).toBeGreaterThan(0)
    },
    patience,
  )

  // Kills: the duties of the arrangement that covers alone, while another may (reserved.ts, `stated`).
  test(
    'a fact that is not known takes no duty away',
    () => {
      const always = { ...permit('always', true) }
      fc.assert(
        fc.property(worlds(0), fc.constantFrom(...Object.keys(domain)), (world, name) => {
          if (/jurisdiction|class|purpose|maxCustody/.test(name)) return
          const { [name]: _, ...less } = world.facts
          const [whole, unknown] = [world.facts, less].map((facts) =>
            decisionOn({ ...world, facts }, [always]).obligations.map(({ code }) => code),
          )
          expect(unknown).toEqual(expect.arrayContaining(whole ?? []))
        }),
        { numRuns: runs(400) },
      )
    },
    patience,
  )
})

/** A condition on what is arranged, of any shape. */
const atom = fc.constantFrom<Json>(
  isNot('arrangement.covers', 'none'),
  is('arrangement.covers', 'none'),
  is('arrangement.covers', 'E0'),
  is('arrangement.safeguards', 'binding'),
  isNot('arrangement.safeguards', 'none'),
  is('request.channel', 'bilateral'),
)
const condition = fc.oneof(
  atom,
  fc.tuple(atom, atom).map((and): Json => ({ and })),
  fc.tuple(atom, atom).map((or): Json => ({ or })),
  atom.map((one): Json => ({ '!': [one] })),
)

// Kills: an arrangement that covers while one before it may (arranged.ts, `coveredBy`).
test(
  'whatever rules make of arrangements, a fact that is not known lets no more go',
  () => {
    const order = ['release', 'withhold']
    fc.assert(
      fc.property(
        worlds(0),
        fc.constantFrom(...Object.keys(domain)),
        condition,
        condition,
        (world, name, permits, refuses) => {
          const { [name]: _, ...less } = world.facts
          const rules = [permit('some', permits), deny('other', refuses)]
          const [whole, unknown] = [world.facts, less].map((facts) => {
            const kind = decisionOn({ ...world, facts }, rules).items[0]?.treatment.kind
            return order.indexOf(kind ?? '')
          })
          expect(unknown).toBeGreaterThanOrEqual(whole ?? 0)
        },
      ),
      { numRuns: runs(700) },
    )
  },
  patience,
)

function decisionOn(world: World, more: readonly ReturnType<typeof permit>[] = []) {
  const { 'item.class': of, ...facts } = world.facts
  const league = world.league ?? []
  const holder = String(facts['holder.jurisdiction'] ?? 'AA').toLowerCase()
  const now =
    more.length === 0
      ? lawOf({ ...world, league })(world.day)
      : nowOf(
          [
            fileOf({
              id: `${holder}/own`,
              kind: 'ground',
              rules: [
                ...(more.length > 1
                  ? []
                  : [permit('arranged', isNot('arrangement.covers', 'none'))]),
                ...more,
              ],
            }),
            listOf('agreed', [], { members: undefined, arrangements: world.entries }),
            listOf('league', league),
          ],
          world.day,
        )
  const asked = { ...quiet, ...facts, 'requester.cannotHonour': [], 'release.decision': 'none' }
  return decide(now, { ...asked, 'discretion.waived': [] }, [
    { id: '1', facts: { ...quietItem, 'item.class': of } },
  ])
}

function dutiesOf({ duties, threshold }: Entry, { facts }: World) {
  const said = [
    ...(threshold === undefined ? [] : ['request.offence.maxCustodyMonthsRequester']),
    'request.purpose',
  ].map((claim) => ['O-STATED', `${claim} = ${facts[claim]}`])
  return [...duties.map((code) => [code, null]), ...said].toSorted(([a, v], [b, w]) =>
    `${a} ${v ?? ''}` < `${b} ${w ?? ''}` ? -1 : 1,
  )
}
