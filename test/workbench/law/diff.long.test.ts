/** What differs between two versions, in words. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { List, Policy } from '../../../functions/policy/book.ts'
import { readBook } from '../../../functions/policy/read-book.ts'
import { policyChanges } from '../../../functions/workbench/law/changes.ts'
import {
  type ClauseChange,
  diffLists,
  diffPolicies,
  markedText,
  marksOf,
} from '../../../functions/workbench/law/diff.ts'
import { runs } from '../../decision/runs.ts'
import { fileOf, is, permit, type WrittenPolicy } from '../../decision/write.ts'
import { own as law, readOwn } from '../../own-law.ts'

const titles = Object.fromEntries(law.book.lists.map(({ id, file }) => [id, file.title]))
const lists = new Set(law.book.lists.map(({ id }) => id))
type Json = Record<string, never>
const jsonOf = (path: string): Json => JSON.parse(readOwn(path))

const others = law.book.lists.map(({ id, version }) => `lists/${id}/${version}.json`)
function readAs(path: string, json: unknown): Policy | List {
  const files = others
    .filter((each) => each !== path)
    .map((each) => ({ path: each, text: readOwn(each) }))
  const { book, faults } = readBook(
    [...files, { path, text: JSON.stringify(json) }],
    () => undefined,
  )
  const wrong = faults.filter((each) => each.path === path)
  if (wrong.length > 0) throw new Error(JSON.stringify(wrong))
  const named = (each: { id: string; version: string }) => `${each.id}/${each.version}.json`
  const found =
    book.policies.find((each) => named(each) === path) ??
    book.lists.find((each) => `lists/${named(each)}` === path)
  if (found === undefined) throw new Error(`${path} is not there`)
  return found
}

const directive = 'eu/exchange/2024-12-12.json'
// biome-ignore lint/suspicious/noExplicitAny: a lawyer edits any part of the file.
type Edited = any
/** The directive as it is, and as somebody edits it. */
function edited(edit: (json: Edited) => void): readonly ClauseChange[] {
  const json = jsonOf(directive)
  edit(json)
  const after = readAs(directive, json) as Policy
  return diffPolicies(readAs(directive, jsonOf(directive)) as Policy, after, titles).changes
}
const ruleOf = (json: Edited, id: string) => json.rules.find((rule: Edited) => rule.id === id)
const said = (changes: readonly ClauseChange[]) =>
  changes.map(({ title, kind, answers, clauses }) => [
    title,
    kind,
    answers,
    ...clauses.map(({ name, marks }) => `${name}: ${markedText(marks)}`),
  ])

describe('a lawyer sees', () => {
  test('a threshold that was raised, and nothing else', () => {
    const changes = edited((json) => {
      ruleOf(json, 'seriousness').when.or[1]['<='][1] = 24
    })
    expect(said(changes)).toEqual([
      [
        'rule seriousness',
        'changed',
        true,
        "condition: at least one of the following: (a) the conduct is no offence under the holder's " +
          "law; (b) the maximum custody under the holder's law is at most [-12-]{+24+} months",
      ],
    ])
  })

  test('a rule that came and one that went, and how many stayed', () => {
    const before = readAs(directive, jsonOf(directive)) as Policy
    const json: Edited = jsonOf(directive)
    const gone = json.rules.pop()
    json.rules.unshift({ ...gone, id: 'newcomer' })
    const { changes, unchanged } = diffPolicies(before, readAs(directive, json) as Policy, titles)
    expect(changes.map(({ title, kind }) => [title, kind])).toEqual([
      [`rule ${gone.id}`, 'removed'],
      ['rule newcomer', 'added'],
    ])
    expect(unchanged).toBe(before.rules.length - 1)
  })

  test('who may waive it, what the requester is told, and by when a duty is due', () => {
    const changes = edited((json) => {
      ruleOf(json, 'seriousness').nature = 'mandatory'
      delete ruleOf(json, 'quality').then.tell
      ruleOf(json, 'eight-hours').then.obligations[0].within = 'PT4H'
    })
    const texts = said(changes).flat().join('\n')
    expect(texts).toContain('nature: [-discretionary: the holder may waive it-]{+mandatory+}')
    expect(texts).toContain('{+is not told, since it would show something of the record.+}')
    expect(texts).toContain('Within [-8-]{+4+} hours.')
    expect(changes.map(({ answers }) => answers)).toEqual([true, true, true])
  })

  test('an exception that came, clause by clause', () => {
    const changes = edited((json) => {
      ruleOf(json, 'seriousness').unless = [
        {
          says: 'A life is in danger.',
          cites: ['Dir. 2023/977 art. 6(3)'],
          confidence: 'M',
          when: { '===': [{ var: 'threat.life' }, 'imminent'] },
        },
      ]
    })
    expect(said(changes)[0]).toEqual([
      'rule seriousness',
      'changed',
      true,
      'exception 1, sentence: {+A life is in danger.+}',
      'exception 1, condition: {+the threat to life is imminent+}',
      'exception 1, articles: {+Dir. 2023/977 art. 6(3) (from memory, to be checked by counsel)+}',
    ])
  })

  test('a sentence that was polished changes no answer', () => {
    const changes = edited((json) => {
      ruleOf(json, 'seriousness').says = 'Petty matters may be refused.'
      ruleOf(json, 'seriousness').cites = ['Dir. 2023/977 art. 6(1)']
    })
    expect(changes.map(({ title, answers }) => [title, answers])).toEqual([
      ['rule seriousness', false],
    ])
  })

  test('what is written differently and says the same', () => {
    const changes = edited((json) => {
      const either = ruleOf(json, 'seriousness').when.or
      either[1] = { '!': [{ '>': either[1]['<='] }] }
    })
    expect(said(changes)).toEqual([['rule seriousness', 'rewritten', false]])
  })

  // Kills: a change of who decides that no answer depends on (clauses.ts, `automationOf`).
  test('what leaves by rule alone that came, went or was reworded', () => {
    const own = (automation: WrittenPolicy['automation'], change?: (json: Edited) => void) => {
      const { path, text } = fileOf({
        ...{ id: 'de/own', kind: 'ground', rules: [permit('a', true)] },
        ...(automation === undefined ? {} : { automation }),
      })
      const json = JSON.parse(text)
      change?.(json)
      return readAs(path, json) as Policy
    }
    const changes = (before: Policy, after: Policy) =>
      said(diffPolicies(before, after, titles).changes)
    const object = is('item.class', 'object')
    const who = 'what leaves by rule alone'
    expect(changes(own([object]), own([is('item.class', 'case')]))).toEqual([
      [
        who,
        'changed',
        true,
        'by rule alone 1, condition: the class of the item is [-data on an object-]{+case data+}',
      ],
    ])
    expect(changes(own([]), own([object]))[0]).toEqual(
      expect.arrayContaining([
        true,
        'by rule alone 1, sentence: {+The law says so.+}',
        'by rule alone 1, condition: {+the class of the item is data on an object+}',
      ]),
    )
    expect(changes(own('unsaid'), own([])).map((each) => each.slice(0, 3))).toEqual([
      [who, 'added', true],
    ])
    const reworded = own([object], (json) => {
      json.automation.nature = 'mandatory'
    })
    expect(changes(own([object]), reworded)).toEqual([
      [who, 'changed', false, 'nature: [-a choice of the owner, not of the law-]{+mandatory+}'],
    ])
  })

  test('members of a list that came, went or moved, with their days and sources', () => {
    const path = 'lists/led-adequacy/2021-06-28.json'
    const json: Edited = jsonOf(path)
    json.members[2].until = '2029-12-27'
    json.members.splice(1, 1)
    json.members.push({ value: 'JP', from: '2026-01-01', cites: 'Decision 1', confidence: 'M' })
    const before = readAs(path, jsonOf(path)) as List
    const { changes, unchanged } = diffLists(before, readAs(path, json) as List, titles)
    expect(said(changes)).toEqual([
      [
        'United Kingdom (GB)',
        'removed',
        true,
        'entry: [-United Kingdom (GB), from 28 June 2025 until 27 December 2025 (Implementing ' +
          'Decision (EU) 2025/1225; read at the source)-]',
      ],
      [
        'United Kingdom (GB)',
        'changed',
        true,
        'entry: United Kingdom (GB), from 19 December 2025 until 27 December [-2031-]{+2029+} ' +
          '(Decision (EU) 2025/2571; read in a secondary source)',
      ],
      [
        'Japan (JP)',
        'added',
        true,
        'entry: {+Japan (JP), from 1 January 2026 (Decision 1; from memory, to be checked by counsel)+}',
      ],
    ])
    expect(unchanged).toBe(1)
  })
})

test('an entry whose source is corrected is still the same entry', () => {
  const path = 'lists/led-adequacy/2021-06-28.json'
  const json: Edited = jsonOf(path)
  json.members.shift()
  json.members[1].cites = 'Implementing Decision (EU) 2025/2571'
  const before = readAs(path, jsonOf(path)) as List
  expect(said(diffLists(before, readAs(path, json) as List, titles).changes)[1]).toEqual([
    'United Kingdom (GB)',
    'changed',
    true,
    'entry: United Kingdom (GB), from 19 December 2025 until 27 December 2031 ' +
      '[-(Decision-]{+(Implementing Decision+} (EU) 2025/2571; read in a secondary source)',
  ])
})

test('nothing differs between a version and itself', () => {
  for (const policy of law.book.policies)
    expect(diffPolicies(policy, policy, titles)).toEqual({
      changes: [],
      unchanged: policy.rules.length,
    })
  for (const list of law.book.lists) expect(diffLists(list, list, titles).changes).toEqual([])
})

test('every small change of every policy is named, once, and only an answer can depend on it', () => {
  // Kills: a clause that is not compared, a condition compared by its file only, a change named twice.
  let count = 0
  // The last version of each policy: what it replaced is read in the same way. Of the policies a
  // sample; the long run takes them all.
  const newest = [...new Map(law.book.policies.map((each) => [each.id, each])).values()]
  const every = Math.max(1, Math.floor(newest.length / runs(25)))
  for (const policy of newest.filter((_, i) => i % every === 0))
    for (const { to, pointer, says, ...change } of policyChanges(policy, lists)) {
      if ('moved' in change || pointer.endsWith('/nature')) continue
      const { changes } = diffPolicies(policy, to as Policy, titles)
      const where = `${policy.id}@${policy.version}${pointer}: ${says}`
      expect([where, changes.length]).toEqual([where, 1])
      const [, part = ''] = /^\/(transposes|applies|automation)/.exec(pointer) ?? []
      const subject = part === 'transposes' ? 'head' : part || 'rule'
      expect([where, changes[0]?.subject.of]).toEqual([where, subject])
      expect([where, changes[0]?.answers]).toEqual([where, subject !== 'head'])
      count += 1
    }
  expect(count).toBeGreaterThan(800 / every / 2)
})

/** Every text, number and yes-or-no of a file, by its place. */
function leaves(json: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof json !== 'object' || json === null) return [[...path]]
  return Object.entries(json).flatMap(([key, each]) =>
    leaves(each, [...path, Array.isArray(json) ? Number(key) : key]),
  )
}

test('no word of a file changes unseen', () => {
  // Kills: owner, time zone, url, unchecked, confidence, relies or transposes left out.
  let count = 0
  for (const path of [directive, 'de/police/2026-02-14.json', 'lists/eu-members/2018-05-06.json']) {
    const before = readAs(path, jsonOf(path))
    for (const place of leaves(jsonOf(path))) {
      if (place[0] === '$schema' || place[0] === 'notice') continue
      const json: Edited = jsonOf(path)
      const last = place.at(-1) ?? ''
      const at = place.slice(0, -1).reduce((below: Edited, step) => below[step], json)
      const was = at[last]
      at[last] =
        typeof was === 'number' ? was + 1 : last === 'from' ? '2019-01-02' : `X${String(was)}`
      if (last === 'confidence') at[last] = was === 'M' ? 'V' : 'M'
      if (last === 'url') at[last] = `${was}x`
      if (last === 'id') at[last] = `x${was}`
      let after: Policy | List
      try {
        after = readAs(path, json)
      } catch {
        continue
      }
      const difference =
        'rules' in before
          ? diffPolicies(before, after as Policy, titles)
          : diffLists(before, after as List, titles)
      expect([path, place, difference.changes.length > 0]).toEqual([path, place, true])
      count += 1
    }
  }
  expect(count).toBeGreaterThan(150)
})

test('marks give back both texts, and mark nothing where nothing differs', () => {
  // Kills: a word that is lost or doubled where a single word between two changes goes with them.
  const words = fc.array(fc.constantFrom('a', 'b', 'c', 'the', ''), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(words, words, (one, two) => {
      const [before, after] = [one.join(' '), two.join(' ')]
      const marks = marksOf(before, after)
      const of = (kind: string) =>
        marks
          .filter((mark) => mark.kind !== kind)
          .map(({ text }) => text)
          .join(' ')
      expect(of('added')).toBe(before)
      expect(of('removed')).toBe(after)
      if (before === after) expect(marks.map(({ kind }) => kind)).toEqual(['same'])
    }),
    { numRuns: runs(500) },
  )
})
