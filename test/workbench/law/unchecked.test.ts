/** What counsel must check has an owner and a day, and what has not is found. */

import { describe, expect, test } from 'vitest'
import type { SourceFile } from '../../../functions/policy/book.ts'
import { readBook } from '../../../functions/policy/read-book.ts'
import { notesOn } from '../../../functions/workbench/law/finding.ts'
import { lintPlans, plannedFor } from '../../../functions/workbench/law/unchecked.ts'
import { deny, fileOf, is } from '../../decision/write.ts'

const day = '2026-11-28'
const rule = deny('police', is('requester.authorityType', 'police'))
/** A version with two sentences and one rule that counsel must check. */
const unsure = (id: string): SourceFile => {
  const { path, text } = fileOf({ id, kind: 'limit', rules: [rule] })
  const json = JSON.parse(text)
  json.rules[0].confidence = 'M'
  json.unchecked = ['The day was not read.', 'The letters were not read.']
  return { path, text: JSON.stringify(json) }
}
const version = unsure('de/own')
const path = version.path

/** `severity path code: message`. */
function said(plan: unknown, asOf = day): readonly string[] {
  const { policies, lists } = readBook([version], () => undefined).book
  const all: ReturnType<typeof notesOn>[] = []
  const plans = new Map(plan === undefined ? [] : [['de', plan]])
  lintPlans([...policies, ...lists], plans, asOf, (of) => {
    const notes = notesOn(of)
    all.push(notes)
    return notes.note
  })
  return all
    .flatMap(({ found }) => found)
    .map(({ severity, path: of, code, message }) => `${severity} ${of} ${code}: ${message}`)
}
const owner = 'Counsel for Germany'
const all = { of: 'de', owner, by: '2027-12-31' }

describe('What counsel must check', () => {
  // Kills: a plan that is looked for only where there is one; a row of one item that stands for all.
  test('is found where nobody checks it by a day', () => {
    const none = `warning ${path} unowned: 3 of 3 things that counsel must check have no owner and no day`
    expect(said(undefined)).toEqual([none])
    expect(said([{ of: 'de/own', place: 'police', owner, by: '2027-01-31' }])).toEqual([
      none.replace('3 of 3', '2 of 3'),
    ])
    expect(said([{ ...all, of: 'fr' }])).toEqual([none])
  })

  test('is checked by who has the folder, or the policy, or the item itself: the nearest counts', () => {
    expect(said([all])).toEqual([])
    const policy = { ...all, of: 'de/own', by: '2027-06-30' }
    const item = { ...policy, place: 'police', by: '2027-01-31' }
    expect(plannedFor([all, policy, item], 'de/own', 'police')).toBe(item)
    expect(plannedFor([all, policy, item], 'de/own', 'otherwise')).toBe(policy)
    expect(plannedFor([all, policy, item], 'de/other', 'police')).toBe(all)
  })

  // Kills: a day that is past and found by nobody; the last day itself, called late.
  test('is found once its day is past', () => {
    expect(said([{ ...all, by: '2026-11-28' }])).toEqual([])
    expect(said([{ ...all, by: '2026-11-27' }])).toEqual([
      `warning ${path} overdue: ${owner} was to check it by 2026-11-27`,
    ])
  })

  test('that is checked by now is named in the plan, and a plan that is none is refused', () => {
    expect(said([all, { ...all, of: 'de/own', place: 'gone' }])).toEqual([
      'note de/unchecked.json plan: `gone` of de/own need not be checked any more',
    ])
    const [refused] = said([{ ...all, by: 'soon' }])
    expect(refused).toBe('error de/unchecked.json plan: it does not say who checks what by when')
  })
})
