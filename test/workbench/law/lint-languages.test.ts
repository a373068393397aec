/** A sentence in several languages: what is checked of it, how a change of it reads, and that it decides nothing. */

import { describe, expect, test } from 'vitest'
import type { Policy } from '../../../functions/policy/book.ts'
import {
  inOwners,
  lacking,
  languagesOf,
  noneYet,
  spoken,
} from '../../../functions/policy/language.ts'
import { readBook } from '../../../functions/policy/read-book.ts'
import { diffPolicies } from '../../../functions/workbench/law/diff.ts'
import { lint } from '../../../functions/workbench/law/lint.ts'
import { uncheckedIn } from '../../../functions/workbench/law/unchecked.ts'
import { fileOf, permit, sealed } from '../../decision/write.ts'

/** A German ground whose first rule says this, and what its head says of translations. */
function saying(says: unknown, translated: unknown = { de: 'M' }) {
  const { path, text } = fileOf({ id: 'de/own', kind: 'ground', rules: [permit('one', true)] })
  const json = JSON.parse(text)
  json.rules[0].says = says
  if (translated !== null) json.translated = translated
  return { path, text: JSON.stringify(json) }
}

const found = (says: unknown, translated?: unknown): readonly string[] =>
  lint([saying(says, translated)], { seals: {}, sealers: [] }, '2026-11-24')
    .filter(({ pointer, code }) => /says|translated/.test(pointer) && code !== 'untested')
    .map(({ severity, code, pointer, message }) => `${severity} ${code} at ${pointer}: ${message}`)

const en = 'Data on a child is withheld after two years.'
const de = 'Daten über ein Kind werden nach zwei Jahren zurückgehalten.'

describe('a translation', () => {
  test.each([
    ['in the words of its law', { en, de }, undefined, []],
    ['with the number in digits', { en, de: de.replace('zwei', '2') }, undefined, []],
    [
      'in which a number of several words stands in digits',
      { en: 'It is answered within ninety days.', fr: 'Il y est répondu dans les 90 jours.' },
      { fr: 'M' },
      [],
    ],
    [
      'with another number',
      { en, de: de.replace('zwei', 'drei') },
      undefined,
      [
        'error translation at /rules/0/says/de: it names other numbers than the English sentence: without 2; with 3',
      ],
    ],
    [
      'without a name in capitals',
      { en: 'Police are answered over SIENA.', de: 'Polizeien wird geantwortet.' },
      undefined,
      [
        'warning translation at /rules/0/says/de: it does not name `SIENA`, which the English sentence names',
      ],
    ],
    [
      'that is the English sentence',
      { en, de: en },
      undefined,
      ['error translation at /rules/0/says/de: it is the English sentence'],
    ],
    [
      'that nobody marked',
      { en, de },
      {},
      [
        'error translated at /translated: it says nowhere how well its German sentences were checked',
      ],
    ],
    [
      'that is marked and not there',
      en,
      { de: 'M' },
      ['error translated at /translated/de: no sentence stands in German'],
    ],
    [
      'in a language that is not on the list',
      { en, ger: de },
      {},
      ['error unknown-member at /rules/0/says/ger: there is no `ger` here'],
    ],
    [
      'that is no full sentence',
      { en, de: 'Nach zwei Jahren' },
      undefined,
      [
        'error value at /rules/0/says/de: `de` is not written as it must be: a full sentence, ending with a full stop',
      ],
    ],
    [
      'without the English sentence',
      { de },
      undefined,
      ['error missing at /rules/0/says/en: `en` is missing'],
    ],
  ])('%s', (_, says, translated, expected) => {
    expect(found(says, translated)).toEqual(expected)
  })

  test('has room for 600 characters, since another language may need more words', () => {
    const long = (length: number) =>
      `${de.slice(0, -1)}${' und so weiter'.repeat(50)}`.slice(0, length - 1)
    expect(found({ en, de: `${long(600)}.` })).toEqual([])
    expect(found({ en, de: `${long(601)}.` })).toEqual([
      'error size at /rules/0/says/de: `de` has at most 600 characters',
    ])
  })
})

const read = (says: unknown, translated?: unknown): Policy => {
  const { book, faults } = readBook([saying(says, translated)], () => sealed)
  const [policy] = book.policies
  if (policy === undefined) throw new Error(JSON.stringify(faults))
  return policy
}

describe('another language', () => {
  // Kills: of a sentence that stands twice, the translations of the last place alone.
  test('of a sentence that stands twice counts wherever it is written', () => {
    const fr = 'Les données relatives à un enfant sont retenues après deux ans.'
    const rules = [permit('one', true), permit('two', true)]
    const { path, text } = fileOf({ id: 'de/own', kind: 'ground', rules })
    const json = JSON.parse(text)
    json.rules[0].says = { en, de }
    json.rules[1].says = { en, fr }
    json.translated = { de: 'M', fr: 'M' }
    const { translations } = spoken(json)
    expect(translations?.get(en)).toEqual({ de, fr })
    json.rules[1].says = { en, de: de.replace('zwei', '2') }
    const twice = lint(
      [{ path, text: JSON.stringify({ ...json, translated: { de: 'M' } }) }],
      { seals: {}, sealers: [] },
      '2026-11-24',
    )
    expect(twice.map(({ pointer, message }) => `${pointer}: ${message}`)).toContain(
      '/rules/1/says/de: the same English sentence stands above with another German one',
    )
  })

  // Kills: reading the English of a file into the file itself, which then has lost what it says in other languages.
  test('stays in the file that is read', () => {
    const json = JSON.parse(
      fileOf({ id: 'de/own', kind: 'ground', rules: [permit('one', true)] }).text,
    )
    json.rules[0].says = { en, de }
    const before = structuredClone(json)
    const { english } = spoken(json)
    expect(json).toEqual(before)
    expect(english).toEqual({ ...before, rules: [{ ...before.rules[0], says: en }] })
    expect(spoken(english).english).toBe(english)
  })

  // Kills: a translation that reaches what decides, and so findings, digests of them and replays.
  test('changes nothing of what decides', () => {
    const [plain, spoken] = [read(en, null), read({ en, de })]
    const { translated: _, ...file } = spoken.file
    expect(file).toEqual(plain.file)
    expect(JSON.stringify(spoken.rules)).toBe(JSON.stringify(plain.rules))
    expect(spoken.translations?.get(en)).toEqual({ de })
  })

  test('is a change of its own, which no answer depends on', () => {
    const { changes } = diffPolicies(
      read({ en, de }),
      read({ en, de: `${de.slice(0, -1)}, immer.` }),
      {},
    )
    expect(changes).toMatchObject([
      {
        title: 'rule one',
        kind: 'changed',
        answers: false,
        clauses: [{ name: 'sentence in German' }],
      },
    ])
    expect(diffPolicies(read({ en, de }), read({ en, de }), {}).changes).toEqual([])
  })

  test('that is new is a change, with the mark of its language', () => {
    const { changes } = diffPolicies(read(en, null), read({ en, de }), {})
    expect(changes.flatMap(({ clauses }) => clauses.map(({ name }) => name))).toEqual([
      'its German sentences',
      'sentence in German',
    ])
  })

  test('is to be checked until counsel has read it', () => {
    const items = (mark: string) =>
      uncheckedIn(read({ en, de }, { de: mark })).map(({ place, confidence }) => [
        place,
        confidence,
      ])
    expect(items('M')).toEqual([['translated/de', 'M']])
    expect(items('V')).toEqual([])
  })

  test('comes first where its owner speaks it; a missing one is said', () => {
    const policy = read({ en, de })
    expect(inOwners(en, policy)).toEqual({ language: 'de', says: de })
    expect(inOwners('The law says so.', policy)).toBeUndefined()
    expect(inOwners(en, { ...policy, folder: 'fr' })).toBeUndefined()
    expect(noneYet(languagesOf('de'))).toBe('no German sentence yet')
    expect(noneYet(languagesOf('be'))).toBe('no Dutch, French, or German sentence yet')
    expect(languagesOf('gb')).toEqual([])
    expect(lacking('The law says so.', policy)).toBe('no German sentence yet')
    // Kills: a body that is said to lack a sentence in no language.
    expect(lacking('The law says so.', { ...policy, folder: 'eu' })).toBeUndefined()
  })
})
