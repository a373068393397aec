/** Names as they are written, and as they stand in a machine-readable zone. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type HeldRecord,
  identifierOf,
  identifiersFor,
  identifiersOf,
  isSurelyAbout,
  repeatedIds,
} from '../../functions/decision/record.ts'

const birthDate = '1990-01-31'
const named = (family: string, given = 'Jan') => ({ name: { given, family }, birthDate })
const recordOf = (family: string, given = 'Jan'): HeldRecord => ({
  id: 'r1',
  names: [{ given, family }],
  birthDates: [birthDate],
  documents: [],
  items: [],
})
const finds = (asked: ReturnType<typeof named>, held: HeldRecord) =>
  identifiersFor(asked).some((each) => identifiersOf(held).includes(each))

/**
 * ICAO Doc 9303-3 (eighth edition, 2021), section 6.A, every row: the letters, and what they become.
 * Where it gives several, all but `NXX` and `UXX`, which nobody looks for.
 */
const rows: readonly (readonly [letters: string, ...becomes: string[]])[] = [
  ['ÀÁÂÃĀĂĄ', 'A'],
  ['Ä', 'AE', 'A'],
  ['Å', 'AA', 'A'],
  ['Æ', 'AE'],
  ['ÇĆĈĊČ', 'C'],
  ['ÐĎĐ', 'D'],
  ['ÈÉÊËĒĔĖĘĚ', 'E'],
  ['ĜĞĠĢ', 'G'],
  ['ĤĦ', 'H'],
  ['ÌÍÎÏĨĪĬĮİı', 'I'],
  ['Ĳ', 'IJ'],
  ['Ĵ', 'J'],
  ['Ķ', 'K'],
  ['ĹĻĽĿŁ', 'L'],
  ['ÑŃŅŇŊ', 'N'],
  ['ÒÓÔÕŌŎŐ', 'O'],
  ['Ö', 'OE', 'O'],
  ['ØŒ', 'OE'],
  ['ŔŖŘ', 'R'],
  ['ŚŜŞŠ', 'S'],
  ['ŢŤŦ', 'T'],
  ['Þ', 'TH'],
  ['ÙÚÛŨŪŬŮŰŲ', 'U'],
  ['Ü', 'UE', 'U'],
  ['Ŵ', 'W'],
  ['ÝŶŸ', 'Y'],
  ['ŹŻŽ', 'Z'],
  ['ẞ', 'SS'],
]

describe('A name from a machine-readable zone', () => {
  test('knows every row of the table', () => {
    expect([...rows.map(([letters]) => letters).join('')]).toHaveLength(95)
  })

  // Kills: any letter left out of the transliterations, or given another one; a look-up without them.
  test.each(rows)('finds whoever is written with one of %s', (letters, ...becomes) => {
    for (const letter of letters)
      for (const zone of becomes)
        for (const written of [letter, letter.toLowerCase(), letter.normalize('NFD')]) {
          const says = `${written} as ${zone}`
          expect(finds(named(`B${zone}N`), recordOf(`B${written}n`)), says).toBe(true)
          // And the other way round: the record was made from a passport.
          expect(finds(named(`B${written}n`), recordOf(`B${zone}N`)), says).toBe(true)
        }
  })

  test.each([
    ['Mueller', 'Müller'],
    ['MUELLER', 'mu\u0308ller'],
    ['Muller', 'Müller'],
    ['Oesterreich', 'Österreich'],
    ['Strasse', 'Straße'],
    ['Soerensen', 'Sørensen'],
    ['Aakjaer', 'Åkjær'],
  ])('%s finds %s, and is found by it', (zone, written) => {
    expect(finds(named(zone), recordOf(written))).toBe(true)
    expect(finds(named(written), recordOf(zone))).toBe(true)
  })

  // Kills: forms of both names at once alone.
  test('is found though only one of its names came from there', () => {
    expect(finds(named('Müller', 'Joerg'), recordOf('Mueller', 'Jörg'))).toBe(true)
    expect(finds(named('Mueller', 'Jörg'), recordOf('Müller', 'Joerg'))).toBe(true)
  })

  // Kills: transliteration in place of folding, or of what only looks alike.
  test.each([
    ['Muller', 'Mueller'],
    ['Sorensen', 'Soerensen'],
    ['Meier', 'Mayer'],
    ['Петров', 'Petrov'],
  ])('%s does not find %s', (one, other) => {
    expect(finds(named(one), recordOf(other))).toBe(false)
    expect(finds(named(other), recordOf(one))).toBe(false)
  })
})

describe('What is looked for', () => {
  const word = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 })
  const given = fc.constantFrom('Jörg', 'Åse', 'Þór', 'Jan', 'Łukasz')

  // Kills: forms in place of the identifier by which all there is was entered; more forms than these.
  test('is the identifier itself, first, and at most three more', () => {
    fc.assert(
      fc.property(fc.oneof(word, given), fc.oneof(word, given), (family, first) => {
        const asked = named(family, first)
        const forms = identifiersFor(asked)
        expect(forms[0]).toBe(identifierOf(asked))
        expect(forms.length).toBeLessThanOrEqual(4)
        expect(new Set(forms).size).toBe(forms.length)
      }),
    )
  })

  // Kills: a change of `identifierOf`, by which the entries that there are would no longer be found.
  test('keeps the identifier that entries have since ever', () => {
    expect(identifierOf(named('Müller-Lüdenscheidt', "O'Ñandú"))).toBe(
      'person:MULLERLUDENSCHEIDT ONANDU:1990-01-31',
    )
    expect(identifierOf(named('Sørensen', 'Łukasz'))).toBe('person:SØRENSEN ŁUKASZ:1990-01-31')
    expect(identifiersFor({ recordId: 'r1' })).toEqual(['record:r1'])
    expect(identifiersFor({ document: { number: 'c01 x', country: 'DE' } })).toEqual([
      'document:DE:C01X',
    ])
  })
})

describe('Whether a record that is found is of the one who is asked for', () => {
  // Kills: marks that are no accents dropped as if they were; accents or points that are kept.
  test.each([
    ['राम', 'रमा', false],
    ['सिह', 'सिंह', false],
    ['すきた', 'すぎた', false],
    ['すぎた', 'すき\u3099た', true],
    ['ｽｷﾞﾀ', 'スギタ', true],
    ['มานี', 'มานา', false],
    ['محمد', 'مُحَمَّد', true],
    ['שלום', 'שָׁלוֹם', true],
    ['Muller', 'Müller', true],
    ['Андреи', 'Андрей', true],
    ['Ελενη', 'Ελένη', true],
  ])('is sure or not by how %s and %s are spelt', (one, other, isSure) => {
    expect(isSurelyAbout(recordOf(other), named(one))).toBe(isSure)
    expect(isSurelyAbout(recordOf(other), named(other))).toBe(true)
  })
})

describe('Ids of items', () => {
  test('are repeated if more than one item has them', () => {
    const items = ['a', 'b', 'a', 'c', 'b', 'a'].map((id) => ({ id }))
    expect(repeatedIds(items)).toEqual(new Set(['a', 'b']))
    expect(repeatedIds([{ id: 'a' }, { id: 'A' }])).toEqual(new Set())
  })
})
