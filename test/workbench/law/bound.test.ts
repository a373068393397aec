/** An answer names no article that does not bind who holds the data. */

import { describe, expect, test } from 'vitest'
import type { SourceFile } from '../../../functions/policy/book.ts'
import { doesNotBind } from '../../../functions/workbench/law/bound.ts'
import { lint } from '../../../functions/workbench/law/lint.ts'
import { deny, fileOf, is, listOf } from '../../decision/write.ts'

const lists = {
  'eu-members': ['DE', 'IE'],
  'led-states': ['DE', 'IE', 'CH'],
  'eu-2014-41': ['DE'],
  cat: ['DE', 'CA'],
}

describe('An article', () => {
  // By LED art. 64 and the Schengen association, by recital 44 of Dir. 2014/41/EU, and by who joined.
  test.each([
    ['LED art. 35(1)(e)', 'DE', true],
    ['LED art. 35(1)(e)', 'CH', true],
    ['LED art. 35(1)(e)', 'US', false],
    ['LED recital 71', 'EUROPOL', true],
    ['Dir. 2014/41/EU art. 11(1)(b)', 'DE', true],
    ['Dir. 2014/41/EU art. 11(1)(b)', 'IE', false],
    ['Reg. (EU) 2018/1725 art. 74', 'EUROPOL', true],
    ['Regulation (EU) 2019/816 art. 1(a)', 'US', false],
    ['Umbrella Agreement art. 7', 'US', true],
    ['Umbrella Agreement art. 7', 'CH', false],
    ['CAT art. 3', 'CA', true],
    ['CAT art. 3', 'IN', false],
  ])('%s binds %s: %s', (cite, holder, binds) => {
    expect(doesNotBind(cite, holder, lists)).toBe(!binds)
  })

  // Kills: a state’s own law, or an instrument without a list, that is said not to bind.
  test.each([
    'BKAG § 27(1)',
    'Decision of the court 1/2020',
    'UNTOC art. 18(19)',
    'ETS 30 art. 15',
  ])('%s is not said not to bind, since no list tells', (cite) =>
    expect(doesNotBind(cite, 'US', lists)).toBe(false),
  )
})

describe('A state’s own file', () => {
  const rule = deny('police', is('requester.authorityType', 'police'))
  const members = listOf('cat', ['CA'])
  /** A file of a state that names an article, drafted. */
  const file = (id: string, holder: string, cite: string): SourceFile => {
    const written = fileOf({
      id,
      kind: 'limit',
      applies: is('holder.jurisdiction', holder),
      rules: [rule],
    })
    return { ...written, text: written.text.replaceAll('art. 1', cite) }
  }
  const said = (own: SourceFile) =>
    lint([own, members], { seals: {}, sealers: [] }, '2026-11-24')
      .filter(({ code }) => code === 'bound')
      .map(({ severity, pointer, message }) => `${severity} ${pointer} ${message}`)

  // Kills: articles that are looked at in `applies` alone, or in rules alone.
  test('that names what does not bind the state is refused, with each place', () => {
    expect(said(file('in/own', 'IN', 'CAT art. 3'))).toEqual([
      'error /applies/cites/0 `CAT art. 3` does not bind IN',
      'error /rules/0/cites/0 `CAT art. 3` does not bind IN',
    ])
    expect(said(file('ca/own', 'CA', 'CAT art. 3'))).toEqual([])
  })

  test('that speaks of a body, and not of one state, is left to its cases', () => {
    expect(said(file('un/own', 'CA', 'CAT art. 99'))).toEqual([])
  })
})
