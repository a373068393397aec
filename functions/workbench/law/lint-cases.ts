/** Finds what is wrong with a test file: a name that means nothing makes a case that proves nothing. */

import type { Policy } from '../../policy/book.ts'
import { isWorkedOut, knownValue } from '../../policy/fact-types.ts'
import { duties } from '../../policy/obligations.ts'
import { didYouMean } from '../../policy/suggest.ts'
import { vocabulary } from '../../policy/vocabulary.ts'
import { type CaseFile, caseFileSchema } from './cases.ts'
import { at, type TakeNote } from './finding.ts'
import { lintShape } from './lint-file.ts'

/** What a case may name: versions of policies and lists, and the rules of all versions. */
type Names = {
  readonly versions: readonly string[]
  readonly rules: ReadonlySet<string>
}

/** The names that the policies give. `lists` are `lists/<id>@<version>`. */
export const namesOf = (policies: readonly Policy[], lists: readonly string[]): Names => ({
  versions: [...policies.map(({ id, version }) => `${id}@${version}`), ...lists],
  rules: new Set([
    ...policies.flatMap(({ id }) => [`${id}/otherwise`, `${id}/automation`, `${id}/unasked`]),
    ...policies.flatMap(({ rules }) => rules.flatMap(({ id }) => [id, `${id}/unless`])),
  ]),
})

const dutyNames: ReadonlySet<string> = new Set(Object.keys(duties))
const factNames: ReadonlySet<string> = new Set(Object.keys(vocabulary))

/** Notes the faults of a test file. `beside` is the version that it lies beside, as `id@version`. */
export function lintCases(value: unknown, names: Names, note: TakeNote, beside?: string): void {
  lintShape(caseFileSchema, value, note)
  const { data: file } = caseFileSchema.safeParse(value)
  if (file === undefined) return
  const { about, given, cases } = file
  if (about !== undefined && !names.versions.includes(about))
    note('/about', 'about', `there is no version \`${about}\``, fixOf(about, names.versions))
  else if (beside !== undefined && names.versions.includes(beside)) lintBeside(file, beside, note)
  lintFacts(given.facts, at('given', 'facts'), '', note)
  lintFacts(given.item, at('given', 'item'), 'item.', note)
  const seen = new Set<string>()
  for (const [i, { name, facts = {}, items = [], expect }] of cases.entries()) {
    if (seen.has(name))
      note(
        at('cases', i, 'name'),
        'twice',
        'two cases have one name',
        'say what differs',
        'warning',
      )
    seen.add(name)
    lintFacts(facts, at('cases', i, 'facts'), '', note)
    for (const [j, { id: _, ...item }] of items.entries())
      lintFacts(item, at('cases', i, 'items', j), 'item.', note)
    const ids = items.length === 0 ? ['1'] : items.map(({ id }) => id)
    const inside = (field: string) => at('cases', i, 'expect', field)
    lintNames(Object.keys(expect.items ?? {}), new Set(ids), inside('items'), 'item', note, true)
    for (const field of ['because', 'notBecause'] as const)
      lintNames(
        (expect[field] ?? []).filter((each) => !each.startsWith('comity/')),
        names.rules,
        inside(field),
        'rule',
        note,
      )
    for (const field of ['obligations', 'notObligations'] as const)
      lintNames(expect[field] ?? [], dutyNames, inside(field), 'duty', note)
    lintNames(
      (expect.missing ?? []).filter((each) => !each.startsWith('lists.')),
      factNames,
      inside('missing'),
      'fact',
      note,
    )
  }
}

/**
 * The first day of the version that the cases are about, if they are of an earlier day and so do not see it.
 */
export function dayUnseen({ about, asOf }: CaseFile): string | undefined {
  const day = about?.replace(/^.*@/, '').slice(0, 10)
  return day !== undefined && asOf < day ? day : undefined
}

/** Notes a file that was copied to a new day but still speaks of the old one: its cases test nothing new. */
function lintBeside(file: CaseFile, beside: string, note: TakeNote): void {
  const { about, asOf } = file
  const day = dayUnseen(file)
  if (about !== beside)
    note(
      '/about',
      'about',
      `it lies beside \`${beside}\`, and its cases are about another version`,
      `write \`${beside}\``,
    )
  else if (day !== undefined)
    note(
      '/asOf',
      'day',
      `the version starts on ${day}: on ${asOf} its cases do not see it`,
      `write ${day} or later`,
      'warning',
    )
}

function lintFacts(
  facts: Readonly<Record<string, unknown>>,
  pointer: string,
  prefix: string,
  note: TakeNote,
): void {
  for (const [key, value] of Object.entries(facts)) {
    const name = prefix + key
    if (name === 'item.element') continue
    const place = `${pointer}${at(key)}`
    const fact = Object.hasOwn(vocabulary, name) ? vocabulary[name] : undefined
    if (fact === undefined) {
      const names = Object.keys(vocabulary).filter((each) => each.startsWith(prefix))
      const fix = fixOf(name, names).replace(`\`${prefix}`, '`')
      note(place, 'fact', `there is no fact \`${name}\``, fix, { part: 'name' })
    } else if (isWorkedOut(name))
      note(
        place,
        'worked-out',
        `\`${name}\` is worked out: what is stated of it is not read`,
        `state what it follows from: ${(fact.follows ?? []).map((each) => `\`${each}\``).join(', ')}`,
        { part: 'name' },
      )
    else if (value !== null && knownValue(name, value) === undefined) {
      const values = 'values' in fact ? Object.keys(fact.values ?? {}) : []
      const near = didYouMean(String(value), values)
      note(
        place,
        'type',
        `\`${name}\` is never \`${JSON.stringify(value)}\`: it counts as unknown`,
        near ?? 'write null where it is meant to be unknown',
        near === undefined ? 'warning' : 'error',
      )
    }
  }
}

function lintNames(
  stated: readonly string[],
  known: ReadonlySet<string>,
  pointer: string,
  what: string,
  note: TakeNote,
  isObject = false,
): void {
  for (const [i, each] of stated.entries())
    if (!known.has(each))
      note(
        `${pointer}${at(isObject ? each : i)}`,
        what,
        `there is no ${what} \`${each}\``,
        fixOf(each, [...known]),
        isObject ? { part: 'name' } : {},
      )
}

const fixOf = (word: string, known: readonly string[]): string =>
  didYouMean(word, known) ??
  (known.length <= 12
    ? `write one of ${known.map((each) => `\`${each}\``).join(', ')}`
    : 'take it away, or write a name that is there')
