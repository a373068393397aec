/** Each condition of a permit matters: without it, a case fails or the lint asks for it. */

import { describe, expect, test } from 'vitest'
import { type Book, oldestFirst, type Policy } from '../functions/policy/book.ts'
import { readBook } from '../functions/policy/read-book.ts'
import { vocabulary } from '../functions/policy/vocabulary.ts'
import type { CaseFile } from '../functions/workbench/law/cases.ts'
import { changesOf, type Ran, runAll, tryChanges } from '../functions/workbench/law/coverage.ts'
import { lawsOf } from '../functions/workbench/law/law.ts'
import { lintSays } from '../functions/workbench/law/lint-says.ts'
import { law, laws, testFiles } from './decision/law.ts'
import { day, deny, fileOf, is, permit, quiet, sealed } from './decision/write.ts'

/** The last version of each policy: earlier ones are history. */
const newestOf = ({ policies }: Book): readonly Policy[] =>
  [...Map.groupBy(policies, ({ id }) => id).values()].flatMap((all) =>
    all.toSorted(oldestFirst).slice(-1),
  )
const newest = newestOf(law.book)

let remembered: readonly Ran[] | undefined
/** Every shipped case, run once. */
function shipped(): readonly Ran[] {
  remembered ??= runAll(
    testFiles.map(({ path, read }) => ({ path, file: read() })),
    laws,
  )
  return remembered
}

const policyChangesOf = (book: Book) =>
  changesOf({ ...book, policies: newestOf(book) }).filter(({ kind }) => kind === 'policy')

/** What the lint asks of a policy. */
function asked(policy: Policy): readonly string[] {
  const found: string[] = []
  lintSays(policy, policy.file.rules, { ...law.book, policies: newest }, 'error', (place, code) =>
    found.push(`${code} ${place}`),
  )
  return found
}

test('of twenty shipped permits, each without one of its conditions, a case or the lint finds all', () => {
  const changes = policyChangesOf(law.book).filter(
    ({ says, pointer }) =>
      /^\/rules\/\d+\/when\/and\/\d+$/.test(pointer) && says.endsWith('is dropped'),
  )
  const permits = newest.flatMap((policy) =>
    policy.rules.flatMap(({ rule }, i) => {
      const all = changes.filter(
        ({ of, pointer }) => of === policy && pointer.startsWith(`/rules/${i}/when/`),
      )
      return rule.then.effect !== 'permit' || all.length === 0 ? [] : [all]
    }),
  )
  const every = Math.floor(permits.length / 20)
  const chosen = permits
    .filter((_, i) => i % every === 0)
    .slice(0, 20)
    .flatMap((all, i) => all[i % all.length] ?? [])
  expect(chosen).toHaveLength(20)
  expect(new Set(chosen.map(({ of }) => of.id)).size).toBeGreaterThan(12)
  const missed = [...tryChanges(law.book, chosen, shipped(), sealed)].filter(
    ({ change, noticedBy }) =>
      noticedBy === undefined &&
      change.kind === 'policy' &&
      asked(change.to).length <= asked(change.of).length,
  )
  expect(missed.map(({ change }) => `${change.rule}: ${change.says}`)).toEqual([])
}, 120_000)

/** What a file says is tested elsewhere, and no case fails without the rule or the fact that it names. */
function unproved(book: Book, ran: readonly Ran[]): readonly string[] {
  const changes = policyChangesOf(book)
  return newestOf(book).flatMap((policy) =>
    policy.rules.flatMap(({ id, rule: { testedElsewhere = [] } }, i) =>
      testedElsewhere
        .filter(({ by }) => {
          const rule = by.includes('/') ? by : `${policy.id}/${by}`
          const proofs = Object.hasOwn(vocabulary, by)
            ? changes.filter(
                ({ of, pointer, says }) =>
                  of === policy &&
                  (pointer.startsWith(`/rules/${i}/when`) || pointer.startsWith('/applies/when')) &&
                  (says.includes(by) || says.endsWith('always holds')),
              )
            : changes.filter((each) => each.rule === rule && each.says === 'the rule is dropped')
          const tried = [...tryChanges(book, proofs, ran, sealed)]
          return tried.length === 0 || tried.some(({ noticedBy }) => noticedBy === undefined)
        })
        .map(({ words, by }) => `${id}: “${words}” by ${by}`),
    ),
  )
}

describe('What a file says is tested elsewhere', () => {
  test('is: in all that is shipped, a case fails without the rule or the fact', () => {
    expect(unproved(law.book, shipped())).toEqual([])
  }, 120_000)

  // Kills: a proof by any case, or by none (`unproved`).
  test('is not where no case fails without it', () => {
    const police = is('requester.authorityType', 'police')
    const { path, text } = fileOf({
      id: 'de/own',
      kind: 'ground',
      rules: [
        permit('treaty', { and: [police, is('approval.minister', 'given')] }),
        deny('none', is('request.notice', 'blue')),
      ],
    })
    const json = JSON.parse(text)
    json.rules[0].testedElsewhere = [
      { words: 'treaty', by: 'none' },
      { words: 'minister', by: 'approval.minister' },
    ]
    const { book, faults } = readBook([{ path, text: JSON.stringify(json) }], () => sealed)
    expect(faults).toEqual([])
    const laws = lawsOf(book, sealed)
    const facts = {
      'holder.jurisdiction': 'DE',
      'requester.authorityType': 'police',
      'requester.cannotHonour': [],
      ...quiet,
      'request.notice': 'none',
      'approval.minister': 'given',
    }
    const run = (...cases: CaseFile['cases']) => {
      const file: CaseFile = {
        asOf: day,
        given: { facts, item: { class: 'case', originConsent: 'own-data' } },
        cases,
      }
      const ran = runAll([{ path: 'a.test.json', file }], laws)
      expect(ran.flatMap(({ failures }) => failures)).toEqual([])
      return ran
    }
    const plain = { name: 'It leaves', expect: { outcome: 'release' as const } }
    const unasked = {
      name: 'Nobody approved it',
      facts: { 'approval.minister': 'not-asked' },
      expect: { outcome: 'deny' as const },
    }
    const refused = {
      name: 'It was refused',
      facts: { 'request.notice': 'blue' },
      expect: { outcome: 'deny' as const },
    }
    const both = [
      'de/own/treaty: “treaty” by none',
      'de/own/treaty: “minister” by approval.minister',
    ]
    expect(unproved(book, run(plain))).toEqual(both)
    expect(unproved(book, run(plain, refused))).toEqual(both.slice(1))
    expect(unproved(book, run(plain, refused, unasked))).toEqual([])
  })
})
