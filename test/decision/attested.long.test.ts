/** Which attestations count for a matter: held to a second reading of the design. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { attested } from '../../functions/decision/attested.ts'
import { knownValue } from '../../functions/policy/fact-types.ts'
import { vocabulary } from '../../functions/policy/vocabulary.ts'
import { vouching } from '../../functions/policy/vouching.ts'
import { mutants } from './attested-mutants.ts'
import { attestable, type Found, shouldCount } from './attested-oracle.ts'
import { type World, worlds } from './attested-worlds.ts'
import { patience, runs } from './runs.ts'

/** What a matcher found, in the oracle's form. */
const found = ({ acts, doubts, asking, at }: World, match = attested): Found =>
  Object.fromEntries(
    [...match(acts as never, doubts as never, asking, at)].map(([key, { value, ids, restsOn }]) => [
      key,
      { value: (value ?? null) as never, ids: [...ids], restsOn: [...restsOn].sort() },
    ]),
  )

const wanted = ({ acts, doubts, asking, at }: World): Found => shouldCount(acts, doubts, asking, at)

test('the oracle and the vocabulary agree on facts, offices, scopes and refusals', () => {
  for (const [name, own] of Object.entries(attestable)) {
    const { attester, open } = vocabulary[name] ?? {}
    const { scopes, against, lifeAndLimb, generalIfPresumed } = vouching[name] ?? {}
    expect(
      { attester, scopes, against: against ?? [], open: open ?? [], lifeAndLimb },
      name,
    ).toEqual({
      ...{ attester: own.office, scopes: own.scopes, against: own.against, open: own.notYet },
      lifeAndLimb: own.lifeAndLimb,
    })
    expect(generalIfPresumed, name).toBe(own.presumed)
    for (const value of own.values) expect(knownValue(name, value), name).toBeDefined()
  }
})

// Killed: what `attested-mutants.ts` lists.
test(
  'what counts for a matter is what a naive reading of the design counts',
  () => {
    fc.assert(
      fc.property(worlds, (world) => {
        expect(found(world)).toEqual(wanted(world))
      }),
      { numRuns: runs(3000) },
    )
  },
  patience,
)

/** The matcher with one thing broken, as a module of its own. */
async function broken(from: string, to: string, i: number): Promise<typeof attested> {
  const text = readFileSync(join(rooms, 'decision/attested.ts'), 'utf8')
  expect(text.split(from).length, from).toBeGreaterThan(1)
  const file = join(folder, `attested-${i}.ts`)
  const near = (path: string) => pathToFileURL(join(rooms, path)).href
  writeFileSync(
    file,
    text
      .replace(from, to)
      .replaceAll("'../policy/", `'${near('policy')}/`)
      .replaceAll("'./", `'${near('decision')}/`),
  )
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)).attested
}

const rooms = join(import.meta.dirname, '../../functions')
const folder = mkdtempSync(join(tmpdir(), 'comity-mutants-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('each comparison of the matcher, broken, is found', async () => {
  const all = fc.sample(worlds, 6000).map((world) => ({ world, should: wanted(world) }))
  const survivors: string[] = []
  for (const [i, [what, from, to]] of mutants.entries()) {
    const match = await broken(from, to, i)
    const isFound = all.some(({ world, should }) => !isDeepStrictEqual(found(world, match), should))
    if (!isFound) survivors.push(what)
  }
  expect(survivors).toEqual([])
})

test('the generated acts count often, and of each fact', () => {
  const all = fc.sample(worlds, 2000).map(wanted)
  expect(all.filter((each) => Object.keys(each).length > 0).length).toBeGreaterThan(600)
  for (const name of Object.keys(attestable))
    expect(
      all.filter((each) => Object.keys(each).some((key) => key.startsWith(name))).length,
      name,
    ).toBeGreaterThan(20)
})

// Killed: the narrowest of one office's answers alone (attested.ts, `answerOf`).
test('an office that does not know yet of a matter hides no refusal that it gave of the country', () => {
  const { asking, at } = fc.sample(worlds, 1)[0] as World
  const act = {
    ...{ holder: 'DE-BKA', attester: 'DE-MIN', decidedBy: 'DE-MIN', as: 'holder-ministry' },
    ...{ fact: 'assurance.specialty', enteredAt: '2026-11-01T00:00:00Z' },
    ...{ from: '2026-11-01T00:00:00Z', until: '2027-01-01T00:00:00Z' },
  }
  const signatures = [{ agency: 'DE-DSB', as: 'data-protection' }]
  const country = { kind: 'general', requester: 'US' } as const
  const refused = { ...act, id: 'wide', value: 'refused', scope: country, signatures }
  const open = { ...act, id: 'near', value: 'none', scope: { kind: 'matter', matter: asking.id } }
  const said = found({ acts: [refused, open as never], doubts: [], asking, at })
  expect(said['assurance.specialty']).toMatchObject({ value: 'refused', ids: ['wide'] })
})
