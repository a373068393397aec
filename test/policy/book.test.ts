/** A file with a fault is left out, and every fault says where it lies. */

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isVersionPath, type SourceFile } from '../../functions/policy/book.ts'
import { readBook } from '../../functions/policy/read-book.ts'
import {
  deny,
  fileOf,
  is,
  isNot,
  type Json,
  listOf,
  oblige,
  permit,
  redact,
  sealed,
  type WrittenPolicy,
  type WrittenRule,
} from '../decision/write.ts'

const ground = (
  rules: readonly WrittenRule[],
  over: Partial<WrittenPolicy> = {},
): WrittenPolicy => ({
  id: 'de/own',
  kind: 'ground',
  rules,
  ...over,
})

const read = (...files: readonly SourceFile[]) => readBook(files, () => sealed)

/** `code at place` of each fault. */
const faultsIn = (...policies: readonly WrittenPolicy[]): readonly string[] =>
  read(...policies.map((each) => fileOf(each))).faults.map(
    ({ code, place }) => `${code} at ${place}`,
  )

/** The file with one change to its JSON. */
function changed(policy: WrittenPolicy, change: (file: Record<string, Json>) => void): SourceFile {
  const { path, text } = fileOf(policy)
  const file = JSON.parse(text) as Record<string, Json>
  change(file)
  return { path, text: JSON.stringify(file) }
}

const claim = is('request.urgency', 'urgent')
const purpose = is('request.purpose', 'prosecution')
const record = is('item.class', 'case')

test('a sound policy is read, and named by where it lies', () => {
  const file = fileOf(ground([permit('always', true)]))
  const { book, faults } = read(file)
  expect(faults).toEqual([])
  expect(book.policies).toMatchObject([
    {
      id: 'de/own',
      folder: 'de',
      day: '2020-01-01',
      version: '2020-01-01',
      revision: 1,
      sealedAt: sealed,
      digest: createHash('sha256').update(file.text).digest('hex'),
    },
  ])
  expect(book.policies[0]?.rules.map(({ id }) => id)).toEqual(['de/own/always'])
})

test('a revision is named by its number', () => {
  const { text } = fileOf(ground([permit('always', true)]))
  const { book } = read({ path: 'de/own/2020-01-01.r2.json', text })
  expect(book.policies[0]).toMatchObject({ version: '2020-01-01.r2', revision: 2 })
})

test('only versions are read, not their tests, schemas, seals or keys', () => {
  expect(isVersionPath('de/own/2020-01-01.json')).toBe(true)
  expect(isVersionPath('lists/eu-members/2018-05-06.json')).toBe(true)
  expect(isVersionPath('de/own/2020-01-01.r2.json')).toBe(true)
  const others = ['de/own/2020-01-01.r1.json', 'de/own/2020-01-01.test.json', 'seals.json']
  for (const path of [
    ...others,
    'policy.schema.json',
    'scenarios/a.test.json',
    'de/2020-01-01.json',
  ])
    expect(isVersionPath(path), path).toBe(false)
})

describe('a claim of the requester switches no law off', () => {
  test('what a policy applies to may not read it', () => {
    expect(faultsIn(ground([], { applies: claim }))).toEqual(['claim at /applies/when'])
  })
  test('a permit may not read it, whatever it relies on', () => {
    const relies = { relies: { cites: ['art. 2'] } }
    expect(faultsIn(ground([permit('a', claim)]))).toEqual(['claim at /rules/0/when'])
    expect(faultsIn(ground([permit('a', claim, relies)]))).toEqual(['claim at /rules/0/when'])
  })
  test('an exception may not read it, whatever the rule relies on', () => {
    const rule = deny('a', true, { unless: [{ when: claim }], relies: { cites: ['art. 2'] } })
    expect(faultsIn(ground([rule]))).toEqual(['claim at /rules/0/unless/0/when'])
  })
  test('a denial, a redaction and a duty may read it where an article lets the holder rely on it', () => {
    const relies = { relies: { cites: ['art. 2'] } }
    const rules = (rest: object) => [
      deny('a', claim, rest),
      redact('b', claim, 'generalise', rest),
      oblige('c', claim, [{ code: 'O-LOG' }], rest),
    ]
    expect(faultsIn(ground(rules(relies)))).toEqual([])
    expect(faultsIn(ground(rules({})))).toEqual([0, 1, 2].map((i) => `claim at /rules/${i}/when`))
  })
  test('the purpose may be read everywhere, since use limitation answers it', () => {
    const rule = permit('a', purpose, { unless: [{ when: purpose }] })
    expect(faultsIn(ground([rule], { applies: purpose }))).toEqual([])
  })
  test('the fault says which fact the requester merely says', () => {
    const { faults } = read(fileOf(ground([permit('a', claim)])))
    expect(faults[0]?.message).toBe(
      'a permit may not read `request.urgency`, which the requester merely says',
    )
  })
})

test('what a policy applies to may not depend on the record', () => {
  expect(faultsIn(ground([], { applies: record }))).toEqual(['record at /applies/when'])
  expect(faultsIn(ground([permit('a', record)]))).toEqual([])
})

describe('each fault has its place', () => {
  const faultsOfFile = (file: SourceFile) =>
    read(file).faults.map(({ code, place }) => `${code} at ${place}`)

  test('text that is no JSON, by line and column', () => {
    const path = 'de/own/2020-01-01.json'
    expect(faultsOfFile({ path, text: '{\n  "title": "x",\n}' })).toEqual(['json at 3:1'])
    expect(faultsOfFile({ path, text: '{"a":1,\n "a":2}' })).toEqual(['json at 2:2'])
  })
  test('an id that stands twice', () => {
    expect(faultsIn(ground([permit('a', true), deny('a', false)]))).toEqual(['id at /rules/1/id'])
  })
  test('an undeclared fact, deep in a condition', () => {
    const when = { and: [true, { '!': [isNot('item.clas', 'case')] }] }
    expect(faultsIn(ground([permit('a', when)]))).toEqual([
      'fact at /rules/0/when/and/1/!/0/!==/0/var',
    ])
  })
  test('a list that does not exist', () => {
    const when = { in: [{ var: 'requester.jurisdiction' }, { var: 'lists.nowhere' }] }
    expect(faultsIn(ground([permit('a', when)]))).toEqual(['fact at /rules/0/when/in/1/var'])
  })
  test('a mask that does not say what it keeps, and another treatment that does', () => {
    const rules = [redact('a', true, 'mask'), redact('b', true, 'generalise', {}, { keepLast: 2 })]
    expect(faultsIn(ground(rules))).toEqual(['shape at /rules/0/then', 'shape at /rules/1/then'])
  })
  test('an unknown key, and a sentence that is none', () => {
    const file = changed(ground([permit('a', true)]), (json) => {
      json.colour = 'red'
      json.change = 'changed'
    })
    expect(faultsOfFile(file)).toEqual(expect.arrayContaining(['shape at /change', 'shape at /']))
  })
  test('an unknown duty and an unknown effect', () => {
    const rules = [permit('a', true, {}, { obligations: [{ code: 'O-NONE' }] })]
    expect(faultsIn(ground(rules))).toEqual(['shape at /rules/0/then/obligations/0/code'])
  })
  test('a ground that does not say what its silence means', () => {
    const file = changed(ground([]), (json) => {
      delete json.otherwise
    })
    expect(faultsOfFile(file)).toEqual(['shape at /otherwise'])
  })
  test('a member of a list that does not exist', () => {
    const members = [{ membersOf: 'nowhere', from: '2020-01-01', cites: 'art. 1', confidence: 'V' }]
    expect(faultsOfFile(listOf('some', [], { members }))).toEqual(['list at /members/0/membersOf'])
  })
})

test('a file with a fault is left out, the others are read, and every fault is returned', () => {
  const broken = fileOf(ground([permit('a', claim), deny('a', false)]))
  const sound = fileOf({ id: 'eu/b', kind: 'limit', rules: [] })
  const { book, faults } = read(broken, sound, { path: 'eu/c/2020-01-01.json', text: '{' })
  expect(book.policies.map(({ id }) => id)).toEqual(['eu/b'])
  expect(faults.map(({ path, code }) => `${code} in ${path}`)).toEqual([
    'claim in de/own/2020-01-01.json',
    'id in de/own/2020-01-01.json',
    'json in eu/c/2020-01-01.json',
  ])
})

test('a rule is waivable where it refuses and its nature is discretionary', () => {
  const discretionary = { nature: 'discretionary' }
  const { book } = read(
    fileOf(
      ground([
        deny('a', true, discretionary),
        redact('b', true, 'generalise', discretionary),
        permit('c', true, discretionary),
        deny('d', true),
      ]),
    ),
  )
  expect(book.policies[0]?.rules.map(({ waivable }) => waivable)).toEqual([
    true,
    true,
    false,
    false,
  ])
})

test('a rule reads the record where its condition or one of its exceptions does', () => {
  const rules = [
    deny('a', record),
    deny('b', true, { unless: [{ when: record }] }),
    deny('c', true),
  ]
  const { book } = read(fileOf(ground(rules)))
  expect(book.policies[0]?.rules.map(({ readsRecord }) => readsRecord)).toEqual([true, true, false])
})
