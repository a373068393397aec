/** What files say of one another: transposed rules that are not there, and lists that nobody reads. */

import type { Policy } from '../policy/book.ts'
import { retentionList } from '../policy/retention.ts'
import { suggest } from '../policy/suggest.ts'
import { presumedList } from '../policy/vouching.ts'
import type { Read } from './finding.ts'
import { at, type Note } from './finding.ts'
import { listOf, objectOf } from './lint-repair.ts'
import { asFix } from './lint-shape.ts'

/** What no rule has to name: the gateway itself asks them. */
const readByGateway = [retentionList, presumedList].map((list) => `lists/${list}`)

/** Notes links that lead nowhere. `policies` are those whose conditions can be read. */
export function lintLinks(
  read: readonly Read[],
  policies: readonly Policy[],
  noteOn: (path: string) => Note,
): void {
  const names = namesOf(policies)
  for (const { path, value, folder } of read)
    if (folder !== 'lists')
      lintTransposes(objectOf(objectOf(value).transposes), names, noteOn(path))
  const used = usedLists(read, policies)
  for (const { path, value, id } of read) {
    if (!id.startsWith('lists/') || used.has(id.slice('lists/'.length))) continue
    const { instrument, elements, arrangements, routineUses } = objectOf(value)
    const isRead = [instrument, elements, arrangements, routineUses].some(
      (each) => each !== undefined,
    )
    if (!isRead && !readByGateway.includes(id))
      noteOn(path)(
        '',
        'unused',
        'no rule and no list reads it',
        'read it in a rule, or take it away',
        {
          severity: 'warning',
        },
      )
  }
}

/** What may be transposed: `quality`, `quality/unless`, `otherwise`, `automation`, by policy. */
function namesOf(policies: readonly Policy[]): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>()
  for (const { id, rules, file } of policies) {
    const known = names.get(id) ?? new Set()
    for (const { rule, unless } of rules) {
      known.add(rule.id)
      if (unless.length > 0) known.add(`${rule.id}/unless`)
    }
    if (file.otherwise !== undefined) known.add('otherwise')
    if (file.automation !== undefined) known.add('automation')
    names.set(id, known)
  }
  return names
}

function lintTransposes(
  transposes: Readonly<Record<string, unknown>>,
  names: ReadonlyMap<string, ReadonlySet<string>>,
  note: Note,
): void {
  for (const [policy, rules] of Object.entries(transposes)) {
    const known = names.get(policy)
    if (known === undefined) {
      const fix =
        asFix(suggest(policy, [...names.keys()])) ??
        'name a policy by its folders, as `eu/led-data`'
      note(at('transposes', policy), 'transposes', `there is no policy \`${policy}\``, fix, {
        part: 'name',
      })
      continue
    }
    for (const rule of Object.keys(objectOf(rules))) {
      if (known.has(rule)) continue
      const fix =
        asFix(suggest(rule, [...known])) ?? `name a rule of ${policy}: ${[...known].join(', ')}`
      note(
        at('transposes', policy, rule),
        'transposes',
        `\`${policy}\` has no rule \`${rule}\``,
        fix,
        {
          part: 'name',
        },
      )
    }
  }
}

/** Lists that a condition reads, or that give their members to another. */
function usedLists(read: readonly Read[], policies: readonly Policy[]): ReadonlySet<string> {
  const used = new Set<string>()
  for (const { applies, byRule, rules } of policies) {
    const conditions = rules.flatMap(({ when, unless }) => [
      when,
      ...unless.map((each) => each.when),
    ])
    for (const { lists } of [applies, ...byRule, ...conditions])
      for (const id of lists) used.add(id)
  }
  for (const { value } of read) {
    const { members, arrangements } = objectOf(value)
    const parties = listOf(arrangements).flatMap((each) => listOf(objectOf(each).parties))
    for (const each of [...listOf(members), ...parties]) {
      const { membersOf } = objectOf(each)
      if (typeof membersOf === 'string') used.add(membersOf)
    }
  }
  return used
}
