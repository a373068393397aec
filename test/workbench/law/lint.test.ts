/** Every fault of every file at once, each where it lies and with what to do about it. */

import { describe, expect, test } from 'vitest'
import type { SourceFile } from '../../../functions/policy/book.ts'
import type { Flaw } from '../../../functions/workbench/law/finding.ts'
import { lint } from '../../../functions/workbench/law/lint.ts'
import {
  deny,
  fileOf,
  is,
  type Json,
  listOf,
  oblige,
  permit,
  redact,
  type WrittenPolicy,
  type WrittenRule,
} from '../../decision/write.ts'

const day = '2026-11-24'
const nobody = { seals: {}, sealers: [] }

/** A limit with these rules. */
const limit = (rules: readonly WrittenRule[], over: Partial<WrittenPolicy> = {}): SourceFile =>
  fileOf({ id: 'de/own', kind: 'limit', rules, ...over })

/** A file with one change to its JSON. */
function changed(file: SourceFile, change: (json: Record<string, Json>) => void): SourceFile {
  const json = JSON.parse(file.text) as Record<string, Json>
  change(json)
  return { path: file.path, text: JSON.stringify(json, null, 2) }
}

const findings = (files: readonly SourceFile[], asOf = day): readonly Flaw[] =>
  lint(files, nobody, asOf).filter(({ code }) => code !== 'draft')

/** `severity code at pointer: message → fix`, errors without their severity. */
const said = (...files: readonly SourceFile[]): readonly string[] =>
  findings(files).map(
    ({ severity, code, pointer, message, fix }) =>
      `${severity === 'error' ? '' : `${severity} `}${code} at ${pointer}: ${message} → ${fix}`,
  )

const years = { '>=': [{ var: 'item.yearsSinceEvent' }, 5] }
const health = is('item.class', 'health')

test('a sound file is a draft until it is sealed, and nothing else', () => {
  expect(lint([limit([deny('a', health)])], nobody, day)).toEqual([
    {
      path: 'de/own/2020-01-01.json',
      pointer: '',
      severity: 'note',
      code: 'draft',
      message: 'it is a draft: no request is decided by it',
      fix: 'seal it with two keys: `comity policy seal`',
    },
  ])
})

describe('text that is no JSON', () => {
  const path = 'de/own/2020-01-01.json'
  const places = (text: string) =>
    findings([{ path, text }]).map(({ code, offset, fix }) => `${code} at ${offset}: ${fix}`)

  test('every fault of the text is named at once', () => {
    expect(places('{ "a": tru, "a": 1 "b": 2 }')).toEqual([
      'json at 7: put text between "quotes"; or write true, false or a number',
      'json at 19: put `,` between the two',
      'twice at 12: keep one of the two',
    ])
  })
  test('an empty file is no policy', () => {
    expect(places('')).toEqual(['json at 0: write a value, or take away the comma before it'])
  })
  // Kills: letters that an editor lost, such as the § of an article, in law that is signed as it stands.
  test('a file that was saved in another encoding is named once, at the first letter that is lost', () => {
    const { text } = limit([deny('a', health)])
    const cited = text.replace('art. 1', '§ 1, Straße')
    const ansi = Buffer.from(cited, 'latin1').toString('utf8')
    const anew = 'write it anew, and save as UTF-8'
    expect(places(cited)).toEqual([])
    expect(places(ansi)).toContain(`encoding at ${cited.indexOf('§')}: ${anew}`)
    const utf16 = Buffer.from(`\ufeff${cited}`, 'utf16le').toString('utf8')
    expect(places(utf16)).toEqual([`encoding at 0: ${anew}`])
    expect(places(`\ufeff${cited}`)).toContain('encoding at 0: save it as UTF-8 without')
  })
  test('a comment and a trailing comma hide no other fault', () => {
    const { text } = limit([deny('a', is('item.clas', 'health'))])
    const found = findings([{ path, text: `// draft\n${text.slice(0, -1)},}` }])
    expect(found.map(({ code }) => code)).toEqual(['json', 'json', 'fact'])
  })
})

describe('what stands around the rules', () => {
  const sound = limit([deny('a', health)])
  const cited = { says: 'The law says so.', cites: ['art. 1'], confidence: 'V' }
  const cases: readonly [string, (json: Record<string, Json>) => void, string][] = [
    [
      'a misspelled member',
      (json) => {
        json.titel = 'x'
      },
      'unknown-member at /titel: there is no `titel` here → did you mean `title`?',
    ],
    [
      'a misspelled kind',
      (json) => {
        json.kind = 'limt'
      },
      'value at /kind: `limt` is not allowed here → did you mean `limit`?',
    ],
    [
      'a missing sentence',
      (json) => {
        delete json.change
      },
      'missing at /change: `change` is missing → add "change": "First version."',
    ],
    [
      'a sentence without its full stop',
      (json) => {
        json.change = 'First version'
      },
      'value at /change: `change` is not written as it must be: a full sentence, ending with a full stop → end it with a full stop',
    ],
    [
      'a title that is a number',
      (json) => {
        json.title = 7
      },
      'type at /title: `title` is no text → write a text between "quotes"',
    ],
    [
      'a title that is too short',
      (json) => {
        json.title = 'x'
      },
      'size at /title: `title` has at least 3 characters → write at least 3 characters',
    ],
    [
      'a time zone that nobody has',
      (json) => {
        json.timeZone = 'Europe/Pari'
      },
      'time-zone at /timeZone: there is no time zone `Europe/Pari` → did you mean `Europe/Paris`?',
    ],
    [
      'an address that is none',
      (json) => {
        json.instrument = { name: 'An act', url: 'eur-lex' }
      },
      'value at /instrument/url: `eur-lex` is no address → write a link that begins with https://',
    ],
    [
      'a ground without its silence',
      (json) => {
        json.kind = 'ground'
        json.automation = { ...cited, nature: 'choice', byRule: [] }
      },
      'shape at /otherwise: a ground says what its silence means in `otherwise`; a limit has none → see FORMAT.md for how it is written',
    ],
    [
      'a scope without an article',
      (json) => {
        json.applies = { says: 'It always applies.', confidence: 'V', when: true }
      },
      'citation at /applies/cites: `cites` is missing → add "cites": ["LED art. 7(2)"]',
    ],
    [
      'a transposed policy that is not there',
      (json) => {
        json.transposes = { 'de/ow': { a: ['§ 1'] } }
      },
      'transposes at /transposes/de~1ow: there is no policy `de/ow` → did you mean `de/own`?',
    ],
    [
      'a transposed exception that is not there',
      (json) => {
        json.transposes = { 'de/own': { 'a/unless': ['§ 1'] } }
      },
      'transposes at /transposes/de~1own/a~1unless: `de/own` has no rule `a/unless` → name a rule of de/own: a',
    ],
  ]
  test.each(cases)('%s', (_, change, finding) => {
    expect(said(changed(sound, change))).toEqual([finding])
  })
})

describe('what stands in a rule', () => {
  const first = (rule: WrittenRule, change: (json: Record<string, Json>) => void = () => {}) =>
    said(
      changed(limit([rule]), (json) => {
        change((json.rules as Record<string, Json>[])[0] ?? {})
      }),
    )

  test('an operator that people mean otherwise', () => {
    const when = { '=>': [{ var: 'item.yearsSinceEvent' }, 5] }
    expect(first(deny('a', when))).toEqual([
      'operator at /rules/0/when/=>: `=>` is not an operator → did you mean `>=`?',
    ])
  })
  test('a fact that is misspelled', () => {
    expect(first(deny('a', is('item.clas', 'health')))).toEqual([
      'fact at /rules/0/when/===/0/var: there is no fact `item.clas` → did you mean `item.class`?',
    ])
  })
  test('a value that is misspelled, and one that is nothing like any', () => {
    expect(first(deny('a', is('item.class', 'helth')))).toEqual([
      'type at /rules/0/when/===/1: `item.class` is never `helth` → did you mean `health`?',
    ])
    expect(first(deny('a', is('item.youthRecord', 'x')))).toEqual([
      'type at /rules/0/when/===/1: `item.youthRecord` is never `x` → write one of `none`, `open`, `closed`',
    ])
  })
  test('a number in quotes', () => {
    expect(first(deny('a', { '>': [{ var: 'item.ageAtEvent' }, '14'] }))).toEqual([
      'type at /rules/0/when/>/1: `item.ageAtEvent` is compared with a number, not `14` → write a number, without quotes',
    ])
  })
  test('operands that are no list', () => {
    expect(first(deny('a', { and: health }))).toEqual([
      'shape at /rules/0/when/and: the operands of `and` are written as a list → put them between [ and ]',
    ])
  })
  test('a null in a condition', () => {
    expect(first(deny('a', is('item.class', null)))).toEqual([
      'shape at /rules/0/when/===/1: `null` is no part of a condition → compare a fact: see FORMAT.md, Tests',
    ])
  })
  test('a condition that is too long', () => {
    const when = { or: Array.from({ length: 300 }, () => health) }
    expect(first(deny('a', when))[0]).toMatch(/^limit at .* → say it in two rules$/)
  })
  test('an effect and a duty that are misspelled', () => {
    const rule = redact('a', health, 'withhold', {}, { obligations: [{ code: 'O-DELL' }] })
    expect(first(rule)).toEqual([
      'value at /rules/0/then/obligations/0/code: `O-DELL` is not allowed here → did you mean `O-DEL`?',
    ])
    const change = (json: Record<string, Json>) =>
      Object.assign(json.then as object, { effect: 'denny' })
    expect(first(deny('a', health), change)).toEqual([
      'value at /rules/0/then/effect: `denny` is not allowed here → did you mean `deny`?',
    ])
  })
  test('a rule that cites nothing', () => {
    const change = (json: Record<string, Json>) => Object.assign(json, { cites: [] })
    expect(first(deny('a', health), change)).toEqual([
      'citation at /rules/0/cites: no article is cited → name it: "cites": ["LED art. 7(2)"]',
    ])
  })
  test('a rule that tells of the record without an article', () => {
    const change = (tell: Json) => (json: Record<string, Json>) =>
      Object.assign(json.then as object, { tell })
    expect(first(deny('a', health), change({ cites: [] }))).toEqual([
      'tell at /rules/0/then/tell/cites: nothing is told without an article → name it: "cites": ["LED art. 7(2)"]',
    ])
    expect(first(deny('a', health), change({}))[0]).toMatch(/^tell at /)
  })
  test('a claim where none may be read, with the fact to read instead', () => {
    const urgent = is('request.urgency', 'urgent')
    expect(first(deny('a', urgent))).toEqual([
      'claim at /rules/0/when: this rule may not read `request.urgency`, which the requester merely says → read `threat.life`, or name the article in `relies`',
    ])
    expect(first(deny('a', health, { unless: [{ when: urgent }] }))).toEqual([
      'claim at /rules/0/unless/0/when: an exception may not read `request.urgency`, which the requester merely says → read `threat.life`',
    ])
  })
  test('a scope that reads the record', () => {
    expect(said(limit([], { applies: health }))).toEqual([
      'record at /applies/when: what a policy applies to may not depend on the record → read the record in the rules',
    ])
  })
  test('two rules of one name', () => {
    expect(said(limit([deny('a', health), deny('a', years)]))).toEqual([
      'id at /rules/1/id: the id `a` stands twice → give each rule an id of its own',
    ])
  })
  test('a mask that does not say what it keeps', () => {
    expect(first(redact('a', health, 'mask'))).toEqual([
      'shape at /rules/0/then: `keepLast` goes with the treatment `mask` → with `mask` write `"keepLast": 4`; without it take `keepLast` away',
    ])
  })
  test('a list that does not exist', () => {
    const when = { in: [{ var: 'requester.jurisdiction' }, { var: 'lists.eu-member' }] }
    expect(said(limit([deny('a', when)]), listOf('eu-members', ['FR']))).toEqual([
      'fact at /rules/0/when/in/1/var: there is no fact `lists.eu-member` → did you mean `lists.eu-members`?',
      'warning unused at : no rule and no list reads it → read it in a rule, or take it away',
    ])
    // The gateway itself asks of whom the law presumes a necessity, and how long a log is kept.
    expect(said(listOf('necessity-presumed', ['FR']))).toEqual([])
  })
})

describe('a condition that says nothing', () => {
  const rules = (...all: readonly WrittenRule[]) => said(limit(all))
  const onList = { in: [{ var: 'requester.jurisdiction' }, { var: 'lists.some' }] }

  test('it is always true', () => {
    const either = { or: [health, { '!==': [{ var: 'item.class' }, 'health'] }] }
    expect(rules(deny('a', { and: [years, either] }))).toEqual([
      'always-true at /rules/0/when/and/1: `item.class === "health" or item.class !== "health"` is always true → correct it, or drop it',
    ])
  })
  test('whichever country it names, others are thought of', () => {
    for (const country of ['BR', 'JP', 'ZZ'])
      expect(
        rules(deny('a', { '===': [{ var: 'requester.jurisdiction' }, country] })),
        country,
      ).toEqual([])
  })
  test('it is never true', () => {
    expect(rules(deny('a', { in: [{ var: 'item.class' }, []] }))).toEqual([
      'never-true at /rules/0/when: `item.class in []` is never true → correct it, or drop it',
    ])
    expect(rules(deny('a', false))).toEqual([
      'never-true at /rules/0/when: the rule never holds → say when it holds, or drop the rule',
    ])
  })
  test('it contradicts itself, whoever is on the lists', () => {
    expect(rules(deny('a', { and: [health, is('item.class', 'case')] }))).toEqual([
      'contradiction at /rules/0/when: the conditions contradict one another → they cannot hold together: item.class === "health" and item.class === "case"',
    ])
    const young = { '<': [{ var: 'item.yearsSinceEvent' }, 5] }
    expect(rules(deny('a', { and: [years, young] }))[0]).toMatch(/^contradiction at /)
    const both = { and: [onList, { '!': [onList] }] }
    expect(said(limit([deny('a', both)]), listOf('some', []))[0]).toMatch(/^contradiction at /)
  })
  test('who is on a list today proves nothing', () => {
    const french = { and: [is('requester.jurisdiction', 'FR'), onList] }
    const other = { and: [is('requester.jurisdiction', 'FR'), { '!': [onList] }] }
    expect(said(limit([deny('a', french), deny('b', other)]), listOf('some', ['FR']))).toEqual([])
  })
  test('it never holds where the policy applies', () => {
    const german = is('holder.jurisdiction', 'DE')
    const file = limit([deny('a', is('holder.jurisdiction', 'FR'))], { applies: german })
    expect(said(file)).toEqual([
      'never-true at /rules/0/when: the rule never holds where the policy applies → compare it with `applies`; one of the two is wrong',
    ])
  })
  test('an exception can never lift its rule, or always does', () => {
    const never = deny('a', health, { unless: [{ when: is('item.class', 'case') }] })
    expect(rules(never)).toEqual([
      'exception-never at /rules/0/unless/0/when: the exception can never lift its rule → the rule holds only where item.class === "health"; say an exception to that, or drop it',
    ])
    const medical = { in: [{ var: 'item.class' }, ['health', 'genetic']] }
    expect(rules(deny('a', health, { unless: [{ when: medical }] }))).toEqual([
      'exception-always at /rules/0/unless/0/when: the exception lifts its rule always, so the rule does nothing → narrow the exception, or drop the rule',
    ])
  })
  test('a duty may hold always, a refusal with exceptions too; a bare refusal may not', () => {
    const duty = oblige('a', true, [{ code: 'O-LOG' }])
    expect(rules(duty, deny('b', true, { unless: [{ when: years }] }))).toEqual([])
    expect(rules(deny('a', true))).toEqual([
      'warning always-true at /rules/0/when: the rule always holds: it is no condition to deny → say when it holds; what concerns every request belongs in `applies`',
    ])
  })
  test('a rule is contained in another with the same effect', () => {
    const wide = { in: [{ var: 'item.class' }, ['health', 'genetic']] }
    expect(rules(deny('a', wide), deny('b', { and: [health, years] }))).toEqual([
      'warning contained at /rules/1/id: `a` holds wherever `b` does, with the same effect → drop it, or say what it adds',
    ])
    expect(rules(deny('a', health), deny('b', health))).toHaveLength(1)
  })
  test('a rule that brings a duty, another treatment or no waiver is not contained', () => {
    const duty = { obligations: [{ code: 'O-DEL' }] }
    expect(rules(deny('a', health), deny('b', health, {}, duty))).toHaveLength(1)
    const [first] = rules(deny('a', health), deny('b', health, {}, duty))
    expect(first).toMatch(/^warning contained at \/rules\/0/)
    expect(rules(redact('a', health, 'pseudonymise'), redact('b', health, 'withhold'))).toEqual([])
    const waivable = deny('a', { or: [health, years] }, { nature: 'discretionary' })
    expect(rules(waivable, deny('b', health))).toEqual([])
  })
})

describe('days', () => {
  const member = (from: string, until?: string, value = 'GB') => ({
    ...{ value, from, cites: 'art. 1', confidence: 'V' },
    ...(until === undefined ? {} : { until }),
  })
  const list = (members: readonly Json[]) => listOf('some', [], { members, instrument: 'X' })
  const on = (asOf: string, ...members: readonly Json[]) =>
    findings([list(members)], asOf).map(
      ({ severity, code, pointer, message }) => `${severity} ${code} at ${pointer}: ${message}`,
    )

  test('a day that is not in the calendar', () => {
    expect(said(list([member('2026-02-30')]))).toEqual([
      'day at /members/0/from: `2026-02-30` is no day of the calendar → write a day such as 2026-02-28',
    ])
  })
  test('a file whose name is no day, or no name of a version', () => {
    const { text } = limit([deny('a', health)])
    expect(said({ path: 'de/own/2026-02-30.json', text })).toEqual([
      'day at : the name `2026-02-30.json` is no day of the calendar → name it `2026-02-28.json`',
    ])
    expect(said({ path: 'de/own/2026-2-3.json', text })).toEqual([
      'name at : no policy or list has such a name: it is never read → name it `<day>.json` or `<day>.r2.json` in `<folder>/<policy>/`',
    ])
  })
  test('entries of one member that overlap, with a day between, or without a gap', () => {
    const first = member('2020-01-01', '2020-12-31')
    expect(on(day, first, member('2020-12-31'))).toEqual([
      'warning overlap at /members/1/from: two entries of GB overlap: one runs until 2020-12-31',
    ])
    expect(on(day, first, member('2021-01-02'))).toEqual([
      'warning gap at /members/1/from: GB is off the list from 2021-01-01 to 2021-01-01',
    ])
    expect(on(day, first, member('2021-01-01'))).toEqual([])
    // A later instrument may extend an earlier one before its end.
    expect(on(day, first, { ...member('2020-12-01'), cites: 'art. 2' })).toEqual([
      'note overlap at /members/1/from: two entries of GB overlap: one runs until 2020-12-31',
    ])
    expect(on(day, first, member('2022-01-01', undefined, 'FR'))).toHaveLength(1)
  })
  test('an entry that ends before it starts', () => {
    expect(on(day, member('2020-01-02', '2020-01-01'))[0]).toBe(
      'error day at /members/0/until: it ends on 2020-01-01, before it starts',
    )
  })
  test('a member whose time is up is a warning for a year, then history', () => {
    const entry = member('2020-01-01', '2025-12-27')
    expect(on('2025-12-27', entry)).toEqual([])
    expect(on('2025-12-28', entry)).toEqual([
      'warning expired at /members/0/until: GB is off the list since 2025-12-27',
    ])
    expect(on('2026-12-27', entry)[0]).toMatch(/^note expired/)
  })
  test('what a newer list says counts, not the older one', () => {
    const members = [member('2020-01-01', '2020-12-31')]
    const older = list(members)
    const newer = { ...list([]), path: 'lists/some/2021-01-01.json' }
    expect(findings([older, newer])).toEqual([])
  })
  test('a correction of a file that is not there', () => {
    const { text } = limit([deny('a', health)])
    expect(said({ path: 'de/own/2020-01-01.r2.json', text })).toEqual([
      'order at : it corrects a file that is not there → name it `2020-01-01.json`',
    ])
  })
})

test('all faults of one file come at once, and none hides another', () => {
  const broken = changed(
    limit([
      deny('a', { '=>': [{ var: 'item.ageAtEvent' }, 3] }),
      deny('b', { and: [health, is('item.class', 'case')] }),
      deny('c', is('item.clas', 'health')),
    ]),
    (json) => {
      json.titel = 'x'
      delete json.change
    },
  )
  const other = { path: 'eu/x/2020-01-01.json', text: '{' }
  expect(findings([broken, other]).map(({ path, code }) => `${path.slice(0, 2)} ${code}`)).toEqual([
    'de missing',
    'de unknown-member',
    'de operator',
    'de fact',
    'de contradiction',
    'eu json',
  ])
})

test('a permit may not read what the requester claims, whatever else is wrong in the file', () => {
  const file = fileOf({
    id: 'de/own',
    kind: 'ground',
    rules: [permit('a', is('request.stage', 'charged'))],
  })
  const broken = changed(file, (json) => {
    json.kind = 'grond'
  })
  expect(findings([broken]).map(({ code }) => code)).toEqual(['value', 'claim'])
})
