/** Offices of Germany and of France read in their own language why an answer is as it is. */

import { describe, expect, test } from 'vitest'
import { dutyTranslations } from '../functions/answer/reply/duty-words.ts'
import { inLanguages, type SpokenAnswer } from '../functions/answer/reply/languages.ts'
import type { Policy } from '../functions/policy/book.ts'
import { claimLabels } from '../functions/policy/fact-types.ts'
import { duties } from '../functions/policy/obligations.ts'
import { vocabulary } from '../functions/policy/vocabulary.ts'
import { runAll } from '../functions/workbench/law/coverage.ts'
import { lawOn, laws, testFiles } from './decision/law.ts'

const offices = { DE: 'de', FR: 'fr' } as const
const today = '2026-11-01'
/** Whose law it is that German and French offices meet most: their own, and what binds both. */
const shared = /^(de|fr|eu|europol|un|coe|interpol|agreements)\//

/** Every sentence of a policy: to what it applies, why something goes or stays, and each duty. */
const sentences = ({ file: { applies, rules, otherwise, automation } }: Policy) =>
  [
    applies,
    ...(otherwise === undefined ? [] : [otherwise]),
    ...(automation === undefined ? [] : [automation, ...automation.byRule]),
    ...rules.flatMap((rule) => [rule, ...(rule.unless ?? [])]),
  ].map(({ says }) => says)

test.each(Object.values(offices))(
  'each sentence of the law that both read stands in `%s`',
  (tag) => {
    const { policies } = lawOn(today)
    const read = policies.filter(({ id }) => shared.test(id))
    expect(read.length).toBeGreaterThan(20)
    const missing = read.flatMap((policy) =>
      sentences(policy)
        .filter((says) => policy.translations?.get(says)?.[tag] === undefined)
        .map((says) => `${policy.id}: ${says}`),
    )
    expect(missing).toEqual([])
  },
)

test('each translation is said to be one that counsel must still check', () => {
  const spoken = lawOn(today).policies.filter(({ translations }) => translations !== undefined)
  expect(spoken.length).toBeGreaterThan(2)
  for (const { id, file } of spoken)
    expect([...new Set(Object.values(file.translated ?? {}))], id).toEqual(['M'])
})

describe('A duty of an answer', () => {
  const said = (code: string, text: string) => dutyTranslations(code, text).get(text)

  // Kills: a duty that is added in English alone; a value that its German or French loses.
  test.each(Object.values(offices))('stands in `%s`, each of them, with its value', (tag) => {
    const lacking = Object.entries(duties).filter(([code, { text }]) => {
      const stated = text.replace('{value}', 'TLP:RED')
      const own = said(code, stated)?.[tag]
      return own === undefined || own.includes('TLP:RED') !== stated.includes('TLP:RED')
    })
    expect(lacking).toEqual([])
  })

  test('has its value in that language, too, where it is a word and no name', () => {
    expect(said('O-NOTIFY-SA', 'Inform the supervisory authority (of this transfer).')).toEqual({
      de: 'Die Aufsichtsbehörde unterrichten (über diese Übermittlung).',
      fr: 'Informer l’autorité de contrôle (de ce transfert).',
    })
    const words = duties['O-NOTIFY-SA']?.scales?.flat() ?? []
    for (const each of words)
      expect(said('O-NOTIFY-SA', `Inform the supervisory authority (${each}).`)?.de).not.toContain(
        each,
      )
  })

  // Kills: a claim, or a value of one, that is added in English alone.
  test.each(Object.entries(claimLabels))(
    'has `%s`, which the requester stated, too',
    (name, label) => {
      const fact = vocabulary[name]
      const stated = (each: string) =>
        said('O-STATED', duties['O-STATED']?.text.replace('{value}', `${label} (${each})`) ?? '')
      const german = (each: string) => stated(each)?.de ?? label
      for (const each of fact?.type === 'enum' ? Object.keys(fact.values) : [])
        expect(german(each)).not.toMatch(new RegExp(`${label}|\\(${each}\\)`))
      expect(german('DE-2026/7')).toContain(' (DE-2026/7). ')
      expect(german('DE-2026/7')).not.toContain(label)
      expect(stated('DE-2026/7')?.fr).toContain(' (DE-2026/7). ')
    },
  )

  // Kills: the German of today beside what an old answer said.
  test('of an old answer, which said it otherwise, is in English alone', () => {
    expect(said('O-USE', 'Use the data for the case.')).toBeUndefined()
    expect(said('O-GONE', 'A duty of before.')).toBeUndefined()
  })
})

/** Who asks whom in the scenarios of today, and the reasons that lack a sentence in the language of such an office. */
function flows() {
  const files = testFiles.filter(({ path }) => path.startsWith('scenarios/'))
  const ran = runAll(
    files.map(({ path, read }) => ({ path, file: read() })),
    laws,
  )
  const found = new Map<string, { cases: number; lacking: readonly string[] }>()
  for (const { input, decision, now } of ran) {
    const [asks, holds] = ['requester', 'holder'].map((side) =>
      String(input.facts[`${side}.jurisdiction`]),
    )
    const tags = Object.entries(offices).flatMap(([state, tag]) =>
      state === asks || state === holds ? [tag] : [],
    )
    // The law of before stays as it was sealed.
    if (input.asOf < today || tags.length === 0) continue
    const lacking = tags.flatMap((tag) =>
      inLanguages<SpokenAnswer>(decision, now, [tag]).reasons.flatMap(({ rule, translation }) =>
        translation !== undefined && 'none' in translation ? [rule] : [],
      ),
    )
    const flow = `${asks} → ${holds}`
    const before = found.get(flow) ?? { cases: 0, lacking: [] }
    found.set(flow, { cases: before.cases + 1, lacking: [...before.lacking, ...lacking] })
  }
  return [...found].toSorted(([, a], [, b]) => b.cases - a.cases)
}

// Kills: a sentence of the gateway’s own that is looked for in a policy; one that no rule says, but its silence.
test('of the scenarios, the twelve commonest among those that they hold for lack no sentence', () => {
  const held = flows().filter(([flow]) => /(DE|FR)$/.test(flow))
  expect(held.slice(0, 12).map(([flow]) => flow)).toEqual(
    expect.arrayContaining(['FR → DE', 'GB → DE', 'US → DE', 'GB → FR', 'US → FR']),
  )
  // Why a treaty binds nobody yet stands in the list of its parties, in English alone.
  const treaty = 'comity/instrument-not-in-force'
  for (const [flow, { lacking }] of held.slice(0, 12))
    expect(
      [...new Set(lacking)].filter((rule) => rule !== treaty),
      flow,
    ).toEqual([])
})

test('whomever they ask, what they lack is the law of a third alone', () => {
  const lacking = flows().flatMap(([, each]) => each.lacking)
  expect(lacking.length).toBeGreaterThan(0)
  expect([...new Set(lacking)].filter((rule) => shared.test(rule))).toEqual([])
})
